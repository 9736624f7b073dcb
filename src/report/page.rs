//! What a report says before it has a form: its parameters and its sections, each a table that a chart may show too.

use crate::report::table::Table;

/// One report as it was asked for. The first section is what `--as table|csv|parquet|json` give when no other is named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// As the command line names it: `coverage`.
    pub name: &'static str,
    pub title: String,
    /// What was asked, as people read it, defaults too: `("from", "2026-10-24")`.
    pub params: Vec<(&'static str, String)>,
    /// Sentences that a reader must know before the figures.
    pub notes: Vec<String>,
    /// Columns of the first section of which a page shows the sums before everything else.
    pub key: Vec<&'static str>,
    pub sections: Vec<Section>,
}

/// One table of a report, and how it is drawn where there is a page to draw on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Lower case with hyphens, once in a report; stable, because `--section` and links name it.
    pub id: &'static str,
    pub title: String,
    /// One sentence: what a row is and how its figures are reckoned.
    pub about: String,
    pub table: Table,
    pub chart: Option<Chart>,
}

/// A drawing of a section's table. Names are columns of that table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chart {
    /// Values over time: one line for each column of `values`, or, with `by`, one for each value of that column.
    Trend { period: &'static str, values: Vec<&'static str>, by: Option<&'static str> },
    /// One bar a row, the greatest first, and the share of the whole that the rows so far make: the column `share`, because a table
    /// may have the first rows alone; without it, of the rows. With `by`, a drawing for each value of that column.
    Pareto {
        label: Vec<&'static str>,
        value: &'static str,
        share: Option<&'static str>,
        by: Option<&'static str>,
    },
    /// One bar a row, in the order of `value`. With `by`, a drawing for each value of that column: amounts of two currencies are
    /// not compared.
    Bars { label: Vec<&'static str>, value: &'static str, by: Option<&'static str> },
    /// One cell for each pair of row and column.
    HeatMap { row: &'static str, column: &'static str, value: &'static str },
}
