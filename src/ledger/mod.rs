//! The customer-items ledger: invoices and sales to events, events to customer items.

#![deny(clippy::disallowed_methods)]

pub mod change;
pub mod kits;
pub mod post;
pub mod reconcile;
pub mod serials;
pub mod state;
pub mod taken;
pub mod warranty;
