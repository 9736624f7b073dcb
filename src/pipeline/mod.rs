//! pipeline.

#![deny(clippy::disallowed_methods)]
