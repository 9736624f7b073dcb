//! The cross-reference: a customer's number to an item of ours.

#![deny(clippy::disallowed_methods)]

pub mod index;
pub mod resolve;
