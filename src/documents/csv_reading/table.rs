//! CSV files with the contract's own columns, as the ERP and the shop drop them: comma, point, ISO dates.

use super::{Dialect, Found, Header, Row, RowReader, values};
use crate::domain::diagnostic::{Diagnostic, Location, Rule, Severity};
use crate::domain::money::parse_decimal;
use crate::domain::rules::csv as rules;
use crate::domain::{Date, Decimal, Text};
use std::io::{self, Read};

/// A column of the contract. A file without a required one is refused.
#[derive(Debug, Clone, Copy)]
pub struct ColumnDef {
    pub name: &'static str,
    pub required: bool,
}

/// A file whose columns are known.
#[derive(Debug)]
pub struct Table<R> {
    reader: RowReader<R>,
    row: Row,
    header: Header,
    /// Name, and its column where the file has it.
    columns: Vec<(&'static str, Option<usize>)>,
}

impl<R: Read> Table<R> {
    /// Reads the header. An error among the findings means that the file cannot be used.
    pub fn open(input: R, defs: &[ColumnDef]) -> io::Result<(Self, Vec<Diagnostic>)> {
        let mut reader = RowReader::new(input, Dialect::default())?;
        let mut row = Row::default();
        let big_endian = reader.is_utf16_big_endian();
        let found = reader.read(&mut row)?;
        let header = if found { Header::new(&row) } else { Header::default() };
        let mut findings = if found { header.findings(&row) } else { Vec::new() };
        if big_endian {
            findings.push(Diagnostic::new(&rules::ENCODING_UNSUPPORTED, Location::default()));
        } else if !found {
            findings.push(Diagnostic::new(&rules::HEADER_MISSING, Location::default()));
        }
        let usable = findings.iter().all(|finding| finding.severity < Severity::Error);
        let mut columns = Vec::new();
        for def in defs {
            let (column, finding) = find(&header, def, &row);
            findings.extend(finding.filter(|_| usable));
            columns.push((def.name, column));
        }
        Ok((Self { reader, row, header, columns }, findings))
    }

    /// The next row that is not blank.
    pub fn next_row(&mut self) -> io::Result<Option<Cells<'_>>> {
        if !self.reader.read(&mut self.row)? {
            return Ok(None);
        }
        let Self { row, header, columns, .. } = self;
        Ok(Some(Cells::new(row, header, columns)))
    }
}

fn find(header: &Header, def: &ColumnDef, row: &Row) -> (Option<usize>, Option<Diagnostic>) {
    match header.find(def.name) {
        Found::Once(column) => (Some(column), None),
        Found::Twice(column) => {
            let at = row.at_column(header, Some(column));
            (None, Some(Diagnostic::new(&rules::COLUMN_TWICE, at).detail(format!("for {}", def.name))))
        }
        Found::No if def.required => {
            let names = header.names().join(", ");
            let finding = Diagnostic::new(&rules::COLUMN_MISSING, row.at()).found(&names).detail(def.name);
            (None, Some(finding))
        }
        Found::No => (None, None),
    }
}

/// One row, its cells by the contract's names, and what was found wrong in it so far.
#[derive(Debug)]
pub struct Cells<'t> {
    row: &'t Row,
    header: &'t Header,
    columns: &'t [(&'static str, Option<usize>)],
    findings: Vec<Diagnostic>,
}

impl<'t> Cells<'t> {
    /// Of a row that came by name.
    pub(in crate::documents) fn by_name(
        row: &'t Row,
        header: &'t Header,
        columns: &'t [(&'static str, Option<usize>)],
    ) -> Self {
        Self { row, header, columns, findings: Vec::new() }
    }

    /// Fields that may have slipped, and bytes that were lost, make the row unsound.
    fn new(row: &'t Row, header: &'t Header, columns: &'t [(&'static str, Option<usize>)]) -> Self {
        let mut findings = Vec::new();
        let wide = row.is_too_wide(header);
        row.findings(header, |mut finding| {
            let slipped = finding.rule == &rules::ROW_RAGGED && wide;
            if slipped || finding.rule == &rules::QUOTE_OPEN || finding.rule == &rules::NUL_BYTE {
                finding.severity = Severity::Error;
            }
            findings.push(finding);
        });
        Self { row, header, columns, findings }
    }

    pub fn row(&self) -> &Row {
        self.row
    }

    pub fn is_sound(&self) -> bool {
        self.findings.iter().all(|finding| finding.severity < Severity::Error)
    }

    pub fn into_findings(self) -> Vec<Diagnostic> {
        self.findings
    }

    /// What stands in a column; empty where the file does not have it.
    pub fn get(&self, name: &str) -> &'t str {
        self.row.get(self.column(name))
    }

    pub fn text(&self, name: &str) -> Text {
        self.get(name).into()
    }

    /// A cell that must not be empty.
    pub fn required(&mut self, name: &str) -> &'t str {
        let value = self.get(name);
        if value.is_empty() && !self.row.too_long {
            self.find(&rules::VALUE_MISSING, name, "");
        }
        value
    }

    /// An ISO date, None where the cell is empty.
    pub fn date(&mut self, name: &str) -> Option<Date> {
        self.parse(name, "a date such as 2026-11-20", values::iso_date)
    }

    /// A plain decimal, None where the cell is empty.
    pub fn decimal(&mut self, name: &str) -> Option<Decimal> {
        self.parse(name, "a number such as 1234.50", parse_decimal)
    }

    /// [`Cells::decimal`] that is not below zero.
    pub fn amount(&mut self, name: &str) -> Option<Decimal> {
        let value =
            |text: &str| parse_decimal(text).filter(|value| !value.is_sign_negative() || value.is_zero());
        self.parse(name, "a number that is not below 0", value)
    }

    /// What `read` makes of a cell, None where it is empty or where that is None, which is a finding.
    pub fn parse<T>(&mut self, name: &str, expected: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = self.get(name);
        if text.is_empty() {
            return None;
        }
        let value = read(text);
        if value.is_none() {
            self.find(&rules::VALUE_UNREADABLE, name, format!("expected {expected}"));
        }
        value
    }

    /// A finding about a cell.
    pub fn find(&mut self, rule: &'static Rule, name: &str, detail: impl Into<String>) {
        let at = self.row.at_column(self.header, self.column(name));
        self.findings.push(Diagnostic::new(rule, at).found(self.get(name)).detail(detail));
    }

    fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().find(|(column, _)| *column == name).and_then(|(_, column)| *column)
    }
}
