//! CSV purchase orders by the partner's layout: first the index of a file, then one order after the other.
//!
//! [`scan`] goes over a file once and remembers where the rows of each order stand, so that memory does not depend on
//! the file's size and rows of one order that are apart still make one order. [`read`] reads one order from the bytes of
//! its runs. Both see the same rows: the places that [`scan`] found decide how they are split.

mod layout;
mod read;
mod scan;
#[cfg(test)]
mod tests;

pub use layout::{Columns, Field};
pub use read::read;
pub use scan::scan;

use crate::documents::csv_reading::{Dialect, Header};
use crate::domain::Text;
use crate::domain::diagnostic::Diagnostic;

/// What stands in a CSV file of orders.
#[derive(Debug, Clone, Default)]
pub struct CsvIndex {
    pub header: CsvHeader,
    /// In the order in which they first appear.
    pub orders: Vec<CsvOrder>,
    /// Rows that belong to no order: without PO number, or too long to be read. They count as quarantined lines.
    pub bad_rows: Vec<RowRun>,
    /// All rows after the header; blank ones count for nothing.
    pub rows: u64,
    /// The length of the file.
    pub length: u64,
    /// About the file and its bad rows.
    pub diagnostics: Vec<Diagnostic>,
    /// The orders' runs, those of one order together.
    runs: Vec<RowRun>,
    sound: bool,
}

impl CsvIndex {
    /// Whether the file's orders may be processed. If not, all its rows are quarantined: `orders` is empty.
    pub fn is_sound(&self) -> bool {
        self.sound
    }

    /// Where the rows of an order stand, in the order of the file.
    pub fn runs(&self, order: &CsvOrder) -> &[RowRun] {
        self.runs.get(order.runs.0 as usize..order.runs.1 as usize).unwrap_or_default()
    }

    /// Rows that belong to no order, or all rows of a file that may not be processed.
    pub fn quarantined_rows(&self) -> u64 {
        if self.sound { self.bad_rows.iter().map(|run| u64::from(run.rows)).sum() } else { self.rows }
    }
}

/// What [`read`] must know of the file.
#[derive(Debug, Clone, Default)]
pub struct CsvHeader {
    pub names: Header,
    pub columns: Columns,
    /// As it was found: a byte order mark overrules the layout.
    pub dialect: Dialect,
    /// How many findings [`read`] gives for one order before it only counts them.
    pub diagnostics_max: usize,
}

/// One order of a file: its key, and how much of it there is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CsvOrder {
    pub customer: Text,
    pub po_number: Text,
    pub release: Text,
    pub rows: u32,
    /// Bytes of its runs together.
    pub bytes: u64,
    /// From and to in the index's runs.
    runs: (u32, u32),
}

/// Rows that follow each other, with their place in the file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RowRun {
    /// The first row's number (the first after the header = 1) and line.
    pub first_row: u64,
    pub first_line: u64,
    /// Bytes of the file, line ends included.
    pub offset: u64,
    pub length: u64,
    pub rows: u32,
    /// Index of the order.
    order: u32,
}

/// What a stranger may not make grow without bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CsvLimits {
    pub row_bytes_max: usize,
    pub orders_per_file_max: usize,
    /// Runs of rows: one an order where each order's rows stand together.
    pub runs_per_file_max: usize,
    pub lines_per_order_max: u32,
    pub order_bytes_max: u64,
    /// For the file, and for each order.
    pub diagnostics_max: usize,
}

impl Default for CsvLimits {
    fn default() -> Self {
        Self {
            row_bytes_max: 1 << 20,
            orders_per_file_max: 1_000_000,
            runs_per_file_max: 4_000_000,
            lines_per_order_max: 200_000,
            order_bytes_max: 64 << 20,
            diagnostics_max: 100,
        }
    }
}
