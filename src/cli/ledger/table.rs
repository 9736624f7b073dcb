//! Customer items as a table, as CSV, JSON and Parquet, with a column for each extra field of the types.

use crate::cli::{Format, Shell, render};
use crate::domain::customer_item::{CustomerItem, CustomerItemType, EventKind};
use crate::domain::{Date, Text, money};
pub(super) use crate::report::table::Table;
use crate::report::table::{Cell, Column, Kind};
use crate::site::folders::Replacement;
use anyhow::{Context as _, Result};
use serde::Serialize;
use std::io::Write as _;
use std::path::PathBuf;

/// How an answer is written, and where to.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct FormArgs {
    /// The form of the result.
    #[arg(long = "as", value_enum, default_value_t = Form::Table)]
    form: Form,
    /// Into this file instead of standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// A table that fits the terminal.
    Table,
    Csv,
    Json,
    Parquet,
}

/// Writes an answer: `values` as JSON, of `table` for files and `people` for the terminal the one that is asked for.
pub(super) fn write<V: Serialize>(
    shell: &Shell,
    args: &FormArgs,
    values: &[V],
    table: impl Fn() -> Table,
    people: impl Fn() -> Table,
) -> Result<()> {
    let form = if shell.format == Format::Json { Form::Json } else { args.form };
    let bytes = match form {
        Form::Json => (serde_json::to_string_pretty(values)? + "\n").into_bytes(),
        Form::Csv => table().csv()?,
        Form::Parquet => table().parquet()?,
        Form::Table => {
            let width = if args.out.is_some() { None } else { render::terminal_width() };
            shown(&people(), width).into_bytes()
        }
    };
    let Some(path) = &args.out else {
        return match form {
            Form::Table | Form::Json => shell.print(&String::from_utf8_lossy(&bytes)),
            Form::Csv | Form::Parquet => shell.bytes(&bytes),
        };
    };
    let mut out = Replacement::of(path)?;
    out.write_all(&bytes).with_context(|| format!("write {}", path.display()))?;
    out.finish()?;
    shell.print(&format!("{}: {} rows\n", path.display(), values.len()))
}

/// Without a mark for what is empty: most things have not ended.
fn shown(table: &Table, width: Option<u16>) -> String {
    if table.rows.is_empty() {
        return format!("{}\n", table.empty);
    }
    let header: Vec<String> = table.columns.iter().map(|column| column.name.replace('_', " ")).collect();
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let rows: Vec<Vec<String>> =
        table.rows.iter().map(|row| row.iter().map(|cell| cell.plain().into_owned()).collect()).collect();
    render::simple(&header, &rows, &[], width)
}

pub(super) fn text(value: impl AsRef<str>) -> Cell {
    Cell::Text(value.as_ref().into())
}

pub(super) fn day(date: Option<Date>) -> Cell {
    Cell::Text(date.map(|date| date.to_string()).unwrap_or_default().into())
}

/// Millionths; the ledger takes nothing in that has more decimals.
pub(super) fn quantity(value: crate::domain::Decimal) -> Cell {
    Cell::Decimal(money::to_micros_rounded(value).unwrap_or_default().into())
}

pub(super) fn columns(names: &[(&'static str, Kind)]) -> Vec<Column> {
    names.iter().map(|(name, kind)| Column { name, kind: *kind }).collect()
}

const ALL: &[(&str, Kind)] = &[
    ("customer", Kind::Text),
    ("item", Kind::Text),
    ("type", Kind::Text),
    ("serial", Kind::Text),
    ("quantity", Kind::Decimal),
    ("unit", Kind::Text),
    ("owned_from", Kind::Text),
    ("purchase_date", Kind::Text),
    ("source", Kind::Text),
    ("document", Kind::Text),
    ("line", Kind::Count),
    ("po_number", Kind::Text),
    ("kit", Kind::Text),
    ("unit_price", Kind::Text),
    ("warranty_start", Kind::Text),
    ("warranty_end", Kind::Text),
    ("last_service", Kind::Text),
    ("service_due", Kind::Text),
    ("status", Kind::Text),
    ("ended", Kind::Text),
    ("ended_as", Kind::Text),
    ("origin", Kind::Text),
    ("successor", Kind::Text),
    ("key", Kind::Text),
];

/// Everything that is known of each, and every extra field that a type has.
pub(super) fn all(items: &[CustomerItem], types: &[CustomerItemType]) -> Table {
    let mut fields: Vec<&Text> =
        types.iter().flat_map(|kind| &kind.fields).map(|field| &field.name).collect();
    fields.sort_unstable();
    fields.dedup();
    let rows = items.iter().map(|item| {
        let mut cells = vec![
            text(&item.customer),
            text(&item.item),
            text(&item.customer_item_type),
            text(&item.serial),
            quantity(item.quantity),
            text(&item.unit),
            day(Some(item.owned_from)),
            day(Some(item.purchase_date)),
            text(&item.source),
            text(&item.document),
            Cell::Count(item.document_line.into()),
            text(&item.po_number),
            text(&item.kit),
            text(money::plain_or_empty(item.unit_price)),
            day(item.warranty_start),
            day(item.warranty_end),
            day(item.last_service),
            day(item.service_due),
            text(item.status.as_str()),
            day(item.ended),
            text(item.ended_as.map_or("", EventKind::as_str)),
            text(&item.origin),
            text(&item.successor),
            text(&item.key),
        ];
        cells.extend(fields.iter().map(|name| text(item.extra.get(*name).map_or("", Text::as_str))));
        cells
    });
    let mut columns = columns(ALL);
    // a table's columns have names for as long as the program runs, and it ends with this answer
    let names = fields.iter().map(|name| Column { name: String::leak(name.to_string()), kind: Kind::Text });
    let rows = rows.collect();
    columns.extend(names);
    Table { columns, rows, totals: Vec::new(), empty: "no customer items".to_owned() }
}

/// `invoice 4711/1`; without what is not known.
pub(super) fn document(source: &str, number: &str, line: u32) -> String {
    match (number, line) {
        ("", _) => source.to_owned(),
        (number, 0) => format!("{source} {number}"),
        (number, line) => format!("{source} {number}/{line}"),
    }
}

/// What a person wants to see first.
pub(super) fn people(items: &[CustomerItem]) -> Table {
    let names = [
        ("customer", Kind::Text),
        ("item", Kind::Text),
        ("type", Kind::Text),
        ("serial", Kind::Text),
        ("quantity", Kind::Decimal),
        ("purchased", Kind::Text),
        ("document/line", Kind::Text),
        ("warranty_to", Kind::Text),
        ("service_due", Kind::Text),
        ("ended", Kind::Text),
    ];
    let rows = items.iter().map(|item| {
        let how = item.ended_as.map_or(String::new(), |kind| kind.as_str().replace('_', " "));
        let ended = item.ended.map_or(String::new(), |date| format!("{how} {date}"));
        vec![
            text(&item.customer),
            text(&item.item),
            text(&item.customer_item_type),
            text(&item.serial),
            quantity(item.quantity),
            day(Some(item.purchase_date)),
            text(document(&item.source, &item.document, item.document_line)),
            day(item.warranty_end),
            day(item.service_due),
            text(ended),
        ]
    });
    Table {
        rows: rows.collect(),
        columns: columns(&names),
        totals: Vec::new(),
        empty: "no customer items".to_owned(),
    }
}
