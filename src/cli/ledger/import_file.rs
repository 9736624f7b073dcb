//! A file of what was sold before: its columns, found by name, and its rows as they are.

use crate::documents::csv_reading::values::{iso_date, line_number, list};
use crate::documents::csv_reading::{Dialect, Header, Row, RowReader};
use crate::domain::money::parse_decimal;
use crate::domain::{Date, Decimal, Text};
use crate::report::table::guarded;
use anyhow::{Context as _, Result, bail};
use std::borrow::Cow;
use std::fs::File;
use std::path::Path;

/// The last column of a file of refused rows.
pub(super) const PROBLEM: &str = "problem";

/// The columns that a file may have beside extra fields; the first three it must have.
pub(super) const COLUMNS: [&str; 16] = [
    "customer",
    "item",
    "date",
    "serial",
    "serials",
    "quantity",
    "document",
    "line",
    "purchase_date",
    "ship_date",
    "po_number",
    "unit_price",
    "warranty_start",
    "warranty_end",
    "service_due",
    PROBLEM,
];

/// More rows than one file should be applied with at once.
const ROWS_MAX: usize = 500_000;

/// A row as it stands in the file.
#[derive(Debug, Clone, Default)]
pub(super) struct FileRow {
    /// The record, the first after the header = 1.
    pub(super) number: u64,
    pub(super) cells: Vec<String>,
    /// What is wrong with it whatever it says.
    pub(super) problem: Option<&'static str>,
}

/// A whole file.
#[derive(Debug, Default)]
pub(super) struct SoldFile {
    /// As it stands, without the problems of a file of refused rows that comes back.
    pub(super) header: Vec<String>,
    pub(super) rows: Vec<FileRow>,
    pub(super) delimiter: u8,
}

impl SoldFile {
    /// Finds the delimiter (comma, semicolon, tab, bar) and reads every row. Fails for what has not the columns.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        let reading = || format!("read {name}");
        let mut best: Option<(usize, Dialect)> = None;
        for delimiter in [b',', b';', b'\t', b'|'] {
            let dialect = Dialect { delimiter, ..Dialect::default() };
            let mut row = Row::default();
            let file = File::open(path).with_context(|| format!("open {name}"))?;
            RowReader::new(file, dialect).with_context(reading)?.read(&mut row).with_context(reading)?;
            let known = Header::new(&row).names().iter().filter(|name| is_column(name)).count();
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
        let names = column_names(&header, &name)?;
        let mut rows = Vec::new();
        while reader.read(&mut row).with_context(reading)? {
            if rows.len() == ROWS_MAX {
                bail!("{name} has more than {ROWS_MAX} rows: import it in parts");
            }
            rows.push(file_row(&row, &header, names.len()));
        }
        Ok(Self { header: names, rows, delimiter: dialect.delimiter })
    }

    /// The cell of a row under a name; empty where the file has no such column.
    pub(super) fn cell<'r>(&self, row: &'r FileRow, column: &str) -> &'r str {
        let at = self.header.iter().position(|name| is(name, column));
        at.and_then(|at| row.cells.get(at)).map_or("", |cell| cell.trim())
    }

    /// Names that are neither ours nor among `fields`.
    pub(super) fn passed_over(&self, fields: &[Text]) -> Vec<&str> {
        let known = |name: &str| is_column(name) || fields.iter().any(|field| is(name, field));
        self.header
            .iter()
            .map(String::as_str)
            .filter(|name| !name.trim().is_empty() && !known(name))
            .collect()
    }
}

fn column_names(header: &Header, file: &str) -> Result<Vec<String>> {
    let mut names: Vec<String> = header.names().iter().map(ToString::to_string).collect();
    if names.last().is_some_and(|last| is(last, PROBLEM)) {
        names.pop();
    }
    for column in COLUMNS.iter().take(3) {
        if !names.iter().any(|name| is(name, column)) {
            bail!("{file} has no column {column}; its header is {:?}", names.join(", "));
        }
    }
    let twice = |name: &String| names.iter().filter(|other| is(other, name)).nth(1).is_some();
    if let Some(name) = names.iter().find(|name| !name.trim().is_empty() && twice(name)) {
        bail!("two columns of {file} are {name}");
    }
    Ok(names)
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

/// The cell without the apostrophe that guards it from spreadsheets.
fn bare(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if matches!(guarded(rest), Cow::Owned(_)) => rest,
        _ => cell,
    }
}

fn is(name: &str, column: &str) -> bool {
    name.trim().eq_ignore_ascii_case(column)
}

fn is_column(name: &str) -> bool {
    COLUMNS.iter().any(|column| is(name, column))
}

/// The values of a row, read one by one; what cannot be read is said.
pub(super) struct Values<'f> {
    file: &'f SoldFile,
    row: &'f FileRow,
    pub(super) problems: Vec<String>,
}

impl<'f> Values<'f> {
    pub(super) fn of(file: &'f SoldFile, row: &'f FileRow) -> Self {
        Self { file, row, problems: row.problem.map(str::to_owned).into_iter().collect() }
    }

    pub(super) fn text(&self, column: &str) -> Text {
        self.file.cell(self.row, column).into()
    }

    pub(super) fn required(&mut self, column: &str) -> Text {
        let text = self.text(column);
        if text.is_empty() {
            self.problems.push(format!("{column} is missing"));
        }
        text
    }

    pub(super) fn serials(&self) -> Vec<Text> {
        let serials = list(self.file.cell(self.row, "serials"));
        if serials.is_empty() { list(self.file.cell(self.row, "serial")) } else { serials }
    }

    pub(super) fn date(&mut self, column: &str) -> Option<Date> {
        self.parse(column, "a date such as 2026-11-20", iso_date)
    }

    pub(super) fn amount(&mut self, column: &str) -> Option<Decimal> {
        let value = |text: &str| parse_decimal(text).filter(|value| *value >= Decimal::ZERO);
        self.parse(column, "a number that is not below 0", value)
    }

    pub(super) fn line(&mut self) -> Option<u32> {
        self.parse("line", "a line number from 1", line_number)
    }

    fn parse<T>(&mut self, column: &str, expected: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = self.file.cell(self.row, column);
        if text.is_empty() {
            return None;
        }
        let value = read(text);
        if value.is_none() {
            self.problems.push(format!("{column} is {text:?}, expected {expected}"));
        }
        value
    }
}
