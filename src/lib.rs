//! `itembridge`: customer purchase orders in, internal orders, acknowledgments and invoices out.
//!
//! The modules in reading order. Arrows go one way; `tests/it/tidy.rs` holds the table.
//!
//! - [`domain`]: the words of the trade as plain data
//! - [`x12`]: bytes to segments, envelopes and trees, and back; usable alone, with three examples of how
//! - [`documents`]: trees and CSV rows to orders, invoices and acknowledgments, and back
//! - [`xref`]: a customer's number to an item of ours
//! - [`ledger`]: invoices and sales to customer items
//! - [`pipeline`]: one document through all of the above, as a pure function
//! - `markup`: a page of HTML, which the shell's documents and reports are written with
//! - [`site`], [`store`], [`facts`], [`report`], [`run`], [`cli`]: the shell, which alone touches the world, through [`world`]

pub mod cli;
pub mod documents;
pub mod domain;
pub mod facts;
pub mod ledger;
mod markup;
pub mod pipeline;
pub mod report;
pub mod run;
pub mod site;
pub mod store;
pub mod world;
pub mod x12;
pub mod xref;
