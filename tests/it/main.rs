//! The one integration-test binary.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod acknowledgments;
mod billing_property;
mod books;
mod check;
mod corpus;
mod corpus_depth;
mod coverage;
mod errors;
mod golden;
mod inbox;
mod interrupted;
mod mapping;
mod nights;
mod preflight;
mod release_property;
mod releases;
mod store_promises;
mod tidy;
mod worklist;
mod x12_grammar;
mod x12_oracle;
mod x12_reading;
mod x12_types_oracle;
mod x12_types_orders;
mod xref_asked;
mod xrefs;
