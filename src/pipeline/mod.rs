//! One document through all the stages, as a pure function: bytes, profile, cross-reference and date in, a decision out.
//!
//! - [`amounts`]: what the lines of a document come to
//! - [`process`]: the stages in order, on one screen
//! - [`decide`]: what policy makes of the outcomes
//! - [`preview`]: an order under two cross-references
//! - [`change`]: what a change makes of an order, and why it may have to wait
//! - [`duplicates`]: what a second order with the same number differs in
//! - [`check`]: what a person is told of a document, outside any night
//! - [`release`]: an order that waits, judged once more
//! - [`returned`]: what a partner says of a group that we sent
//! - `causes`: findings that have one cause, as one
//! - [`bill`]: posted invoices and accepted orders to invoices that balance

#![deny(clippy::disallowed_methods)]

pub mod amounts;
pub mod bill;
mod causes;
pub mod change;
pub mod check;
pub mod decide;
pub mod duplicates;
pub mod preview;
pub mod process;
pub mod release;
pub mod returned;
