//! The cross-reference: a customer's number to an item of ours.
//!
//! - [`index`]: everything a line is looked up in, built once a run by [`build`], read by all threads
//! - [`resolve`]: the chain from an order line to its outcome, with the trace of every candidate
//! - [`import`], [`clash`], [`health`]: a row of an import file against what is known; rows that would make a line
//!   ambiguous; what is wrong with the rows that are there
//! - [`suggest`]: what a number that leads nowhere may mean, scored, with the evidence
//! - `judge`: which of the rows for one number counts
//! - [`desk`]: bare questions, many at once, for those who want no trace
//! - `units`, `succession`, `forms`, `names`, `slots`: unit conversion, supersession, match forms, texts as numbers, the
//!   table from a scope's number to its rows

#![deny(clippy::disallowed_methods)]

pub mod build;
pub mod clash;
pub mod desk;
pub mod health;
pub mod import;
pub mod index;
pub mod resolve;
pub mod suggest;

mod forms;
mod judge;
mod names;
mod slots;
mod succession;
mod units;

pub use forms::match_form;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
