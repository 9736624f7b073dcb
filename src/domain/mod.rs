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

/// Marks that turn the direction of the text around them, or break lines where nobody sees a line end. With the control
/// characters they are what could steer a terminal, or forge a line of it.
pub fn steers_text(c: char) -> bool {
    matches!(
        c,
        '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}
