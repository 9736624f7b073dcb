//! X12: bytes to segments, envelopes and trees, and back to bytes. Usable alone.
//!
//! - [`lexer`]: separators and segments, borrowed from the bytes, with their places
//! - [`envelope`]: one pass over a file: interchanges, groups and sets with byte ranges, counts and control numbers, as
//!   events in bounded memory or as an index
//! - [`grammar`]: the transaction sets and the element dictionary as tables
//! - [`structure`]: segments placed by a grammar table
//! - [`elements`]: each placed element against the dictionary
//! - [`validate`]: structure and elements in one, in document order, within limits
//! - [`writer`]: documents back to bytes
//! - [`excerpt`]: the piece of the file that a person is shown
//! - [`foreign`]: what a file is that is neither X12 nor CSV

#![deny(clippy::disallowed_methods)]

pub mod elements;
pub mod envelope;
pub mod excerpt;
pub mod foreign;
pub mod grammar;
pub mod lexer;
pub mod structure;
pub mod validate;
pub mod writer;
