//! A CSV file that a person made or edited: read whole, its columns found by name, its rows as they stand.

use crate::documents::csv_reading::{Dialect, Header, Row, RowReader};
use anyhow::{Context as _, Result, bail};
use std::fs::File;
use std::path::Path;

/// The last column of a file of refused rows, which is read over when the file comes back.
pub(super) use crate::site::masters::xref_file::PROBLEM;

/// More than any file has that a person edits; it is read whole.
const BYTES_MAX: usize = 256 << 20;

/// What a file is to look like.
pub(super) struct Layout {
    pub(super) columns: &'static [&'static str],
    /// Those of the columns that must be there.
    pub(super) required: &'static [&'static str],
    /// Whether a column that is none of these may stand twice.
    pub(super) others_may_repeat: bool,
    pub(super) rows_max: usize,
    /// What to say of a file with more rows.
    pub(super) too_many: &'static str,
    /// Takes off what guards a cell from spreadsheets.
    pub(super) bare: fn(&str) -> &str,
}

/// A row as it stands in the file.
#[derive(Debug, Clone, Default)]
pub(super) struct FileRow {
    /// The record, the first after the header = 1.
    pub(super) number: u64,
    /// All its cells, under [`EditedFile::header`].
    pub(super) cells: Vec<String>,
    /// What is wrong with it whatever it says.
    pub(super) problem: Option<&'static str>,
}

/// A whole file.
#[derive(Debug, Default)]
pub(super) struct EditedFile {
    /// As it stands, without the problems of a file of refused rows that comes back.
    pub(super) header: Vec<String>,
    pub(super) rows: Vec<FileRow>,
    pub(super) delimiter: u8,
}

impl EditedFile {
    /// Finds the delimiter (comma, semicolon, tab, bar) and reads every row. Fails for what has not the columns.
    pub(super) fn read(path: &Path, layout: &Layout) -> Result<Self> {
        let name = path.display().to_string();
        let reading = || format!("read {name}");
        let open = || File::open(path).with_context(|| format!("open {name}"));
        let mut best: Option<(usize, Dialect)> = None;
        for delimiter in [b',', b';', b'\t', b'|'] {
            let dialect = Dialect { delimiter, ..Dialect::default() };
            let mut row = Row::default();
            RowReader::new(open()?, dialect).with_context(reading)?.read(&mut row).with_context(reading)?;
            let known = Header::new(&row).names().iter().filter(|name| layout.has(name)).count();
            if best.is_none_or(|(most, _)| known > most) {
                best = Some((known, dialect));
            }
        }
        let dialect = best.map(|(_, dialect)| dialect).unwrap_or_default();
        let mut reader = RowReader::new(open()?, dialect).with_context(reading)?;
        if reader.is_utf16_big_endian() {
            bail!("{name} is UTF-16 big-endian: save it as UTF-8");
        }
        let mut row = Row::default();
        reader.read(&mut row).with_context(reading)?;
        let header = Header::new(&row);
        let names = layout.names(&header, &name)?;
        let (mut rows, mut characters) = (Vec::new(), 0);
        while reader.read(&mut row).with_context(reading)? {
            if rows.len() == layout.rows_max {
                bail!("{name} has more than {} rows: {}", layout.rows_max, layout.too_many);
            }
            let kept = layout.row(&row, &header, names.len());
            characters += kept.cells.iter().map(String::len).sum::<usize>();
            if characters > BYTES_MAX {
                bail!("{name} has more than {BYTES_MAX} bytes in its cells: {}", layout.too_many);
            }
            rows.push(kept);
        }
        Ok(Self { header: names, rows, delimiter: dialect.delimiter })
    }

    /// The cell of a row under a name; empty where the file has no such column.
    pub(super) fn cell<'r>(&self, row: &'r FileRow, column: &str) -> &'r str {
        let at = self.header.iter().position(|name| is(name, column));
        at.and_then(|at| row.cells.get(at)).map_or("", |cell| cell.trim())
    }
}

impl Layout {
    /// Whether it is the name of a column.
    pub(super) fn has(&self, name: &str) -> bool {
        self.columns.iter().any(|column| is(name, column))
    }

    fn names(&self, header: &Header, file: &str) -> Result<Vec<String>> {
        let mut names: Vec<String> = header.names().iter().map(ToString::to_string).collect();
        if names.last().is_some_and(|last| is(last, PROBLEM)) {
            names.pop();
        }
        for column in self.required {
            if !names.iter().any(|name| is(name, column)) {
                bail!("{file} has no column {column}; its header is {:?}", names.join(", "));
            }
        }
        let counts = |name: &str| !name.trim().is_empty() && (!self.others_may_repeat || self.has(name));
        let twice = |name: &String| names.iter().filter(|other| is(other, name)).nth(1).is_some();
        if let Some(name) = names.iter().find(|name| counts(name) && twice(name)) {
            bail!("two columns of {file} are {name}");
        }
        Ok(names)
    }

    fn row(&self, row: &Row, header: &Header, columns: usize) -> FileRow {
        let problem = if row.too_long {
            Some("the row is too long to be one; a line end may be lost")
        } else if row.quote_open {
            Some("a quotation mark is not closed")
        } else if row.is_too_wide(header) {
            Some("more values than headers: a value may hold the delimiter")
        } else {
            None
        };
        let cells = (0..columns).map(|column| (self.bare)(row.field(column)).to_owned()).collect();
        FileRow { number: row.number, cells, problem }
    }
}

/// Whether a header names this column.
pub(super) fn is(name: &str, column: &str) -> bool {
    name.trim().eq_ignore_ascii_case(column.trim())
}
