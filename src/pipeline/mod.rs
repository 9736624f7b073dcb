//! pipeline.

#![deny(clippy::disallowed_methods)]

pub mod bill;
