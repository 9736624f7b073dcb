//! The header of a CSV file: which column is meant by a name.

use super::Row;
use crate::domain::Text;
use crate::domain::diagnostic::{Diagnostic, Severity};
use crate::domain::rules::csv as rules;

/// The names over the columns, as the file has them, without surrounding blanks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Header {
    names: Vec<Text>,
    folded: Vec<Text>,
}

/// What a header says of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    No,
    /// The column, from 0.
    Once(usize),
    /// Over two columns and more: nobody knows which is meant. The second of them.
    Twice(usize),
}

impl Header {
    /// From the first row of a file; columns without a name at the end count for nothing.
    pub fn new(row: &Row) -> Self {
        let mut names: Vec<Text> = (0..row.len()).map(|column| row.field(column).into()).collect();
        while names.last().is_some_and(Text::is_empty) {
            names.pop();
        }
        let folded = names.iter().map(Text::to_lowercase).collect();
        Self { names, folded }
    }

    /// Of names that no file has: what is said by name.
    pub fn of_names<'n>(names: impl Iterator<Item = &'n str>) -> Self {
        let names: Vec<Text> = names.map(Text::from).collect();
        let folded = names.iter().map(Text::to_lowercase).collect();
        Self { names, folded }
    }

    /// What is wrong with the row that the header was made from. NUL bytes or an open quote in it are errors: the file is
    /// in another encoding, or its columns cannot be known.
    pub fn findings(&self, row: &Row) -> Vec<Diagnostic> {
        let mut findings = Vec::new();
        row.findings(self, |mut finding| {
            if finding.rule == &rules::NUL_BYTE || finding.rule == &rules::QUOTE_OPEN {
                finding.severity = Severity::Error;
            }
            findings.push(finding);
        });
        findings
    }

    pub fn len(&self) -> usize {
        self.names.len()
    }

    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The name over a column from 0; empty where there is none.
    pub fn name(&self, column: usize) -> &str {
        self.names.get(column).map_or("", Text::as_str)
    }

    pub fn names(&self) -> &[Text] {
        &self.names
    }

    /// The column with exactly this name, else with this name in other case.
    pub fn find(&self, wanted: &str) -> Found {
        let wanted = wanted.trim();
        let exact = self.names.iter().enumerate().filter(|(_, name)| name.as_str() == wanted);
        match pick(exact.map(|(column, _)| column)) {
            Found::No => {
                let folded = wanted.to_lowercase();
                pick(self.folded.iter().enumerate().filter(|(_, n)| **n == folded).map(|(column, _)| column))
            }
            found => found,
        }
    }
}

fn pick(mut columns: impl Iterator<Item = usize>) -> Found {
    match (columns.next(), columns.next()) {
        (None, _) => Found::No,
        (Some(column), None) => Found::Once(column),
        (Some(_), Some(second)) => Found::Twice(second),
    }
}
