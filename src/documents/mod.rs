//! Documents: trees and CSV rows to plain values of the trade, and values back to documents.

#![deny(clippy::disallowed_methods)]

pub mod acknowledgment;
pub mod ca865;
pub mod change_rows;
pub mod csv_order;
pub mod csv_reading;
pub mod fa997;
pub mod in810;
pub mod internal_order;
pub mod message;
pub(crate) mod outbound;
pub mod pc860;
pub mod po850;
pub mod pos_sale;
pub mod posted_invoice;
pub mod pr855;
pub mod sent;
pub mod ta1;

#[cfg(test)]
mod round_trip;
#[cfg(test)]
pub(crate) mod testing;
