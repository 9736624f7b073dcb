//! A section's table as HTML: readable without any script, and marked up so that the page's script can sort and filter it.

use crate::markup::Page;
use crate::report::html::figures::{Figures, grouped, heading};
use crate::report::page::Section;
use crate::report::table::{Cell, Column, Kind, Table};

/// Rows of one section that stand in the page; the others are in the files that the same report gives.
const ROWS_MAX: usize = 400;
/// Characters of text that is not broken into lines.
const SHORT_MAX: usize = 18;
/// The same of one word, as numbers of items are.
const WORD_MAX: usize = 34;

/// The table, in a box that scrolls alone; or the sentence that says why there is none.
pub(super) fn table(page: &mut Page, report: &str, section: &Section) {
    let table = &section.table;
    if table.rows.is_empty() {
        let sentence = if table.empty.is_empty() { "No rows." } else { &table.empty };
        page.element("p", &[("class", "empty")], sentence);
        return;
    }
    page.start("div", &[("class", "table")]);
    let label = format!("Table: {}", section.title);
    let rows = table.rows.len().to_string();
    page.start("div", &[("class", "box"), ("role", "region"), ("tabindex", "0"), ("aria-label", &label)]);
    page.start("table", &[("data-name", &format!("{report}-{}", section.id))]);
    page.element("caption", &[("class", "unseen")], &section.title);
    let figures: Vec<Figures> = (0..table.columns.len())
        .map(|at| Figures::of(table.rows.iter().chain(&table.totals).filter_map(|row| row.get(at))))
        .collect();
    head(page, &table.columns, &figures);
    body(page, table, &figures);
    page.end();
    page.end();
    if table.rows.len() > ROWS_MAX {
        page.element(
            "p",
            &[("class", "small")],
            &format!(
                "The first {} of {} rows are here; sorting, filter and CSV are about these. All of them: itembridge report {report} \
                 --section {} --as csv, with the parameters above.",
                grouped(&ROWS_MAX.to_string(), 0),
                grouped(&rows, 0),
                section.id
            ),
        );
    }
    page.end();
}

fn head(page: &mut Page, columns: &[Column], figures: &[Figures]) {
    page.start("thead", &[]);
    page.start("tr", &[]);
    for (column, figures) in columns.iter().zip(figures) {
        let class = class(column, *figures);
        page.element(
            "th",
            &[("scope", "col"), ("class", class), ("data-name", column.name)],
            &heading(column),
        );
    }
    page.end();
    page.end();
}

fn body(page: &mut Page, table: &Table, figures: &[Figures]) {
    page.start("tbody", &[]);
    for row in table.rows.iter().take(ROWS_MAX) {
        cells(page, table, row, figures);
    }
    page.end();
    if !table.totals.is_empty() {
        page.start("tfoot", &[]);
        for row in &table.totals {
            cells(page, table, row, figures);
        }
        page.end();
    }
}

/// What names the row is its head, so that a screen reader says it with each figure. Most cells are figures: they have no class.
fn cells(page: &mut Page, table: &Table, row: &[Cell], figures: &[Figures]) {
    page.start("tr", &[]);
    for (at, ((cell, column), figures)) in row.iter().zip(&table.columns).zip(figures).enumerate() {
        let text = figures.text(cell);
        let class = match class(column, *figures) {
            "n" => Vec::new(),
            "n p" => vec![("class", "p")],
            text => vec![("class", text)],
        };
        if at == 0 && column.kind == Kind::Text {
            page.inline("th", &[&[("scope", "row")], class.as_slice()].concat(), &text);
        } else {
            page.inline("td", &class, &text);
        }
    }
    page.end();
}

/// Text, number, percentage; what is short (`s`) is never broken into lines: a number or a code that is, is hard to read and to compare.
fn class(column: &Column, figures: Figures) -> &'static str {
    let short = figures.longest <= SHORT_MAX || (!figures.words && figures.longest <= WORD_MAX);
    match column.kind {
        Kind::Text if short => "s",
        Kind::Text => "t",
        Kind::Count | Kind::Decimal => "n",
        Kind::Percent => "n p",
    }
}
