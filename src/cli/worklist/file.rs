//! A worklist as a file: its columns, what a spreadsheet must not take for a formula, and how it comes back.

use crate::documents::csv_reading::{Dialect, Header, Row, RowReader};
use crate::report::table::guarded;
use crate::site::masters::xref_file::PROBLEM;
use anyhow::{Context as _, Result, bail};
use std::borrow::Cow;
use std::fs::File;
use std::path::Path;

/// The columns of the file, in its order.
pub(super) const COLUMNS: [&str; 28] = [
    "cause",
    "kind",
    "outcome",
    "customer",
    "customer_name",
    "qualifier",
    "customer_item",
    "description",
    "ordered_unit",
    "lines",
    "orders",
    "value_waiting",
    "currency",
    "first_seen",
    "oldest_requested",
    "ship_to",
    "suggestion",
    "suggestion_score",
    "suggestion_evidence",
    "decision",
    "item",
    "unit",
    "unit_factor",
    "scope",
    "valid_from",
    "ignore_until",
    "decided_by",
    "reason",
];

/// More rows than any worklist has: it is another file.
const ROWS_MAX: usize = 200_000;

/// A cell that a spreadsheet would run as a formula begins with an apostrophe, and so does one that looks so already, so that
/// [`bare`] gives every cell back as it was.
pub(super) fn protected(cell: &str) -> Cow<'_, str> {
    let behind = cell.trim_start_matches('\'');
    match guarded(behind) {
        Cow::Owned(_) => Cow::Owned(format!("'{cell}")),
        Cow::Borrowed(_) => Cow::Borrowed(cell),
    }
}

/// The cell without the apostrophe that [`protected`] put there.
pub(super) fn bare(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if matches!(guarded(rest.trim_start_matches('\'')), Cow::Owned(_)) => rest,
        _ => cell,
    }
}

/// A row as it stands in the file.
#[derive(Debug, Clone, Default)]
pub(super) struct FileRow {
    /// The record, the first after the header = 1.
    pub(super) number: u64,
    /// All its cells, under [`WorklistFile::header`].
    pub(super) cells: Vec<String>,
    /// What is wrong with it whatever it says.
    pub(super) problem: Option<&'static str>,
}

/// A whole file.
#[derive(Debug, Default)]
pub(super) struct WorklistFile {
    /// Without the problems of a file of refused rows that comes back.
    pub(super) header: Vec<String>,
    pub(super) rows: Vec<FileRow>,
    pub(super) delimiter: u8,
}

impl WorklistFile {
    /// Finds the delimiter (comma, semicolon, tab, bar) and reads every row. Fails for what is no worklist.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        let reading = || format!("read {name}");
        let mut best: Option<(usize, Dialect)> = None;
        for delimiter in [b',', b';', b'\t', b'|'] {
            let dialect = Dialect { delimiter, ..Dialect::default() };
            let mut row = Row::default();
            let file = File::open(path).with_context(|| format!("open {name}"))?;
            RowReader::new(file, dialect).with_context(reading)?.read(&mut row).with_context(reading)?;
            let header = Header::new(&row);
            let known =
                header.names().iter().filter(|name| COLUMNS.iter().any(|column| is(name, column))).count();
            if best.is_none_or(|(most, _)| known > most) {
                best = Some((known, dialect));
            }
        }
        let dialect = best.map(|(_, dialect)| dialect).unwrap_or_default();
        let file = File::open(path).with_context(|| format!("open {name}"))?;
        let mut reader = RowReader::new(file, dialect).with_context(reading)?;
        if reader.is_utf16_big_endian() {
            bail!("{name} is UTF-16 big-endian: save it as UTF-8");
        }
        let mut row = Row::default();
        reader.read(&mut row).with_context(reading)?;
        let header = Header::new(&row);
        let mut names: Vec<String> = header.names().iter().map(ToString::to_string).collect();
        if names.last().is_some_and(|last| is(last, PROBLEM)) {
            names.pop();
        }
        for column in ["cause", "decision"] {
            if !names.iter().any(|name| is(name, column)) {
                bail!("{name} has no column {column}; its header is {:?}", names.join(", "));
            }
        }
        let twice =
            COLUMNS.iter().find(|column| names.iter().filter(|name| is(name, column)).nth(1).is_some());
        if let Some(twice) = twice {
            bail!("two columns of {name} are {twice}");
        }
        let mut rows = Vec::new();
        while reader.read(&mut row).with_context(reading)? {
            if rows.len() == ROWS_MAX {
                bail!("{name} has more than {ROWS_MAX} rows: is it the right file?");
            }
            rows.push(file_row(&row, &header, names.len()));
        }
        Ok(Self { header: names, rows, delimiter: dialect.delimiter })
    }

    /// The cell of a row in a column of [`COLUMNS`]; empty where the file has no such column.
    pub(super) fn cell<'r>(&self, row: &'r FileRow, column: &str) -> &'r str {
        let at = self.header.iter().position(|name| is(name, column));
        at.and_then(|at| row.cells.get(at)).map_or("", |cell| cell.trim())
    }
}

fn file_row(row: &Row, header: &Header, columns: usize) -> FileRow {
    let problem = if row.too_long {
        Some("the row is too long to be one; a line end may be lost")
    } else if row.quote_open {
        Some("a quotation mark is not closed")
    } else if row.is_too_wide(header) {
        Some("more values than headers: a value may hold the delimiter")
    } else {
        None
    };
    let cells = (0..columns).map(|column| bare(row.field(column)).to_owned()).collect();
    FileRow { number: row.number, cells, problem }
}

fn is(name: &str, column: &str) -> bool {
    name.trim().eq_ignore_ascii_case(column)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_protected_and_nothing_else() {
        for (cell, shown) in [
            ("=1+1", "'=1+1"),
            ("-5", "'-5"),
            ("@x", "'@x"),
            ("+x", "'+x"),
            ("\tx", "'\tx"),
            ("'=x", "''=x"),
            ("'x", "'x"),
            ("A-1", "A-1"),
            ("", ""),
        ] {
            assert_eq!(protected(cell), shown, "{cell:?}");
        }
    }

    proptest! {
        #[test]
        fn every_cell_comes_back_as_it_was(cell in "['=+@a\t-]{0,5}") {
            let shown = protected(&cell);
            prop_assert_eq!(bare(&shown), &cell);
        }
    }
}
