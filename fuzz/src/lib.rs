//! What must hold for any input, on the core alone: the same sources as the package's, without its shell.
#![allow(dead_code, unused_imports, reason = "the core is compiled without what uses it")]

#[path = "../../src/documents/mod.rs"]
pub mod documents;
#[path = "../../src/domain/mod.rs"]
pub mod domain;
#[path = "../../src/ledger/mod.rs"]
pub mod ledger;
#[path = "../../src/pipeline/mod.rs"]
pub mod pipeline;
#[path = "../../src/x12/mod.rs"]
pub mod x12;
#[path = "../../src/xref/mod.rs"]
pub mod xref;

pub mod changes;
pub mod csv_target;
pub mod night;
pub mod round_trip_target;
pub mod x12_target;
