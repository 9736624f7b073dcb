//! The words of the trade as plain data; this module uses nothing else of the crate.

#![deny(clippy::disallowed_methods)]

pub mod arithmetic;
pub mod catalog;
pub mod change;
pub mod customer_item;
pub mod diagnostic;
pub mod fact;
pub mod gtin;
pub mod invoice;
pub mod item;
pub mod money;
pub mod order;
pub mod partner;
pub mod resolution;
pub mod rules;
pub mod sent;
pub mod unit;

/// Text of the trade: a number, a code, a name. Up to 24 bytes stand inline, so that an order line costs no
/// allocation for each element. Never a number type: leading zeros are part of an item number.
pub use compact_str::CompactString as Text;
/// A calendar date without a zone, as X12 and the masters carry it.
pub use jiff::civil::Date;
/// An exact decimal: money and quantities are never floats.
pub use rust_decimal::Decimal;
