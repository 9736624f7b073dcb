//! cli.

pub mod render;
