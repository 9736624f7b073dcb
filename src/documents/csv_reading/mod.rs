//! CSV with its places: rows of any encoding, each with its row, line, column, header and byte.
//!
//! The splitting is our own because the findings need exact lines and bytes in every encoding, because memory must stay
//! bounded, and because a quote that is never closed must not swallow the rest of a file: such a quote is taken as a
//! letter and the rows after it stay rows.

pub mod header;
pub mod rows;
mod split;
pub mod table;
#[cfg(test)]
pub(in crate::documents) mod tests;
pub mod values;

pub use header::{Found, Header};
pub use rows::{Row, RowReader, Rows};

use crate::domain::diagnostic::{Diagnostic, Location};
use crate::domain::partner::Encoding;
use crate::domain::rules::csv::MORE_FINDINGS;

/// How the bytes of one file become rows and fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    pub delimiter: u8,
    pub encoding: Encoding,
    /// Rows end with a lone CR, as old Macintosh programs write them. [`RowReader`] finds this out from the header.
    pub lone_cr: bool,
    /// A row that has not ended after so many bytes is broken.
    pub row_bytes_max: usize,
}

impl Default for Dialect {
    fn default() -> Self {
        Self { delimiter: b',', encoding: Encoding::Utf8, lone_cr: false, row_bytes_max: 1 << 20 }
    }
}

impl Dialect {
    /// Bytes of one code unit.
    pub fn unit(&self) -> usize {
        match self.encoding {
            Encoding::Utf8 | Encoding::Windows1252 => 1,
            Encoding::Utf16Le => 2,
        }
    }
}

/// Collects findings up to a limit; then one finding says how many were left out.
#[derive(Debug)]
pub struct Findings {
    kept: Vec<Diagnostic>,
    max: usize,
    left_out: u64,
}

impl Findings {
    pub fn new(max: usize) -> Self {
        Self { kept: Vec::new(), max, left_out: 0 }
    }

    pub fn push(&mut self, diagnostic: Diagnostic) {
        if self.kept.len() < self.max {
            self.kept.push(diagnostic);
        } else {
            self.left_out += 1;
        }
    }

    /// Those kept so far.
    pub fn kept(&self) -> &[Diagnostic] {
        &self.kept
    }

    pub fn into_vec(mut self) -> Vec<Diagnostic> {
        if self.left_out > 0 {
            let at = self.kept.last().map_or_else(Location::default, |last| last.at.clone());
            self.kept.push(
                Diagnostic::new(&MORE_FINDINGS, at).detail(format!("{} more are not shown", self.left_out)),
            );
        }
        self.kept
    }
}
