//! A file of what was sold before: its columns, found by name, and its rows as they are.

use crate::cli::edited::{EditedFile, FileRow, Layout, PROBLEM, is};
use crate::documents::csv_reading::values::{iso_date, line_number, list};
use crate::domain::money::parse_decimal;
use crate::domain::{Date, Decimal, Text};
use crate::report::table::guarded;
use std::borrow::Cow;

/// The columns that a file may have beside extra fields.
const COLUMNS: [&str; 16] = [
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

/// What it looks like.
pub(super) const LAYOUT: Layout = Layout {
    columns: &COLUMNS,
    required: &["customer", "item", "date"],
    others_may_repeat: false,
    rows_max: ROWS_MAX,
    too_many: "import it in parts",
    bare,
};

/// Names that are neither ours nor among `fields`.
pub(super) fn passed_over<'f>(file: &'f EditedFile, fields: &[Text]) -> Vec<&'f str> {
    let known = |name: &str| LAYOUT.has(name) || fields.iter().any(|field| is(name, field));
    file.header.iter().map(String::as_str).filter(|name| !name.trim().is_empty() && !known(name)).collect()
}

/// The cell without the apostrophe that guards it from spreadsheets.
fn bare(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if matches!(guarded(rest), Cow::Owned(_)) => rest,
        _ => cell,
    }
}

/// The values of a row, read one by one; what cannot be read is said.
pub(super) struct Values<'f> {
    file: &'f EditedFile,
    row: &'f FileRow,
    pub(super) problems: Vec<String>,
}

impl<'f> Values<'f> {
    pub(super) fn of(file: &'f EditedFile, row: &'f FileRow) -> Self {
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
