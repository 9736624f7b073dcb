//! Customer items as a table, as CSV, JSON and Parquet, with a column for each extra field of the types.

use crate::cli::{Format, Shell, render};
use crate::domain::customer_item::{CustomerItem, CustomerItemType, EventKind};
use crate::domain::{Date, Text, money};
use crate::report::table::{Cell, Column, Kind, Table};
use crate::site::folders::Replacement;
use anyhow::Result;
use serde::Serialize;
use std::borrow::Cow;
use std::io::{BufWriter, ErrorKind, Stdout, Write};
use std::path::{Path, PathBuf};

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
    /// A table that fits the terminal: the first 2,000 rows.
    Table,
    Csv,
    Json,
    Parquet,
}

/// So many rows a table for people shows; what programs read has all.
const TABLE_ROWS_MAX: usize = 2_000;

/// Rows of a group of a Parquet file: so many are in memory at a time.
const GROUP_ROWS: usize = 20_000;

/// Takes customer items as they come.
pub(super) type Take<'t> = dyn FnMut(Vec<CustomerItem>) -> Result<()> + 't;

/// Writes what `produce` gives, as it comes and in its order: beside it no more is in memory than one group of rows.
pub(super) fn stream(
    shell: &Shell,
    args: &FormArgs,
    types: &[CustomerItemType],
    empty: &str,
    produce: impl FnOnce(&mut Take<'_>) -> Result<()>,
) -> Result<()> {
    let form = args.form(shell);
    let mut out = Out::of(args.out.as_deref())?;
    let rows = match form {
        Form::Json => json(&mut out, produce)?,
        Form::Csv => csv(&mut out, types, produce)?,
        Form::Parquet => parquet(&mut out, types, produce)?,
        Form::Table => {
            let (text, rows) = first_rows(args, empty, produce)?;
            out.write_all(harmless(&text).as_bytes())?;
            rows
        }
    };
    out.finish()?;
    args.said(shell, rows)
}

/// What a person can read, and how many more there are.
fn first_rows(
    args: &FormArgs,
    empty: &str,
    produce: impl FnOnce(&mut Take<'_>) -> Result<()>,
) -> Result<(String, usize)> {
    let (mut first, mut rows) = (Vec::new(), 0);
    produce(&mut |items| {
        rows += items.len();
        let room = TABLE_ROWS_MAX.saturating_sub(first.len());
        first.extend(items.into_iter().take(room));
        Ok(())
    })?;
    let table = Table { empty: empty.to_owned(), ..people(&first) };
    let mut text = shown(&table, args.width());
    if rows > first.len() {
        text += &format!("and {} more: --as csv, json and parquet have every row\n", rows - first.len());
    }
    Ok((text, rows))
}

fn csv(
    out: impl Write,
    types: &[CustomerItemType],
    produce: impl FnOnce(&mut Take<'_>) -> Result<()>,
) -> Result<usize> {
    let fields = fields(types);
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(headed(&fields).columns.iter().map(|column| column.name))?;
    let mut rows = 0;
    produce(&mut |items| {
        for item in &items {
            writer.write_record(row(item, &fields).iter().map(|cell| cell.plain().into_owned()))?;
        }
        rows += items.len();
        Ok(())
    })?;
    writer.flush()?;
    Ok(rows)
}

/// An array as `serde_json` writes it in full. A control character, which only stands inside a text there, is escaped.
fn json(mut out: impl Write, produce: impl FnOnce(&mut Take<'_>) -> Result<()>) -> Result<usize> {
    let mut rows = 0;
    produce(&mut |items| {
        for item in &items {
            let text = serde_json::to_string_pretty(item)?.replace('\n', "\n  ");
            let before = if rows == 0 { "[" } else { "," };
            write!(out, "{before}\n  {}", escaped_controls(&text))?;
            rows += 1;
        }
        Ok(())
    })?;
    out.write_all(if rows == 0 { b"[]\n" } else { b"\n]\n" })?;
    Ok(rows)
}

fn escaped_controls(json: &str) -> Cow<'_, str> {
    let steers = |c: char| c.is_control() && c != '\n';
    if !json.contains(steers) {
        return Cow::Borrowed(json);
    }
    let one = |c: char| if steers(c) { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() };
    Cow::Owned(json.chars().map(one).collect())
}

fn parquet(
    out: impl Write,
    types: &[CustomerItemType],
    produce: impl FnOnce(&mut Take<'_>) -> Result<()>,
) -> Result<usize> {
    let fields = fields(types);
    let mut group = headed(&fields);
    let mut groups = group.row_groups(out)?;
    let mut rows = 0;
    produce(&mut |items| {
        rows += items.len();
        for item in &items {
            group.rows.push(row(item, &fields));
            if group.rows.len() == GROUP_ROWS {
                groups.add(&group)?;
                group.rows.clear();
            }
        }
        Ok(())
    })?;
    if !group.rows.is_empty() {
        groups.add(&group)?;
    }
    groups.finish()?;
    Ok(rows)
}

/// Standard output, or a file that is there when it is whole.
enum Out {
    Standard(BufWriter<Stdout>),
    /// Whoever read it went away, which is no error.
    Gone,
    File(Replacement, PathBuf),
}

impl Out {
    fn of(path: Option<&Path>) -> Result<Self> {
        Ok(match path {
            Some(path) => Self::File(Replacement::of(path)?, path.to_owned()),
            None => Self::Standard(BufWriter::with_capacity(1 << 16, std::io::stdout())),
        })
    }

    fn finish(mut self) -> Result<()> {
        self.flush()?;
        match self {
            Self::File(file, _) => file.finish(),
            Self::Standard(_) | Self::Gone => Ok(()),
        }
    }
}

/// An error that says which file could not be written.
fn named(path: &Path, error: &std::io::Error) -> std::io::Error {
    std::io::Error::new(error.kind(), format!("write {}: {error}", path.display()))
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = match self {
            Self::Standard(out) => out.write(bytes),
            Self::Gone => return Ok(bytes.len()),
            Self::File(file, path) => return file.write(bytes).map_err(|error| named(path, &error)),
        };
        match written {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                *self = Self::Gone;
                Ok(bytes.len())
            }
            written => written,
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Self::Standard(out) => match out.flush() {
                Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
                flushed => flushed,
            },
            Self::Gone => Ok(()),
            Self::File(file, path) => file.flush().map_err(|error| named(path, &error)),
        }
    }
}

impl FormArgs {
    fn form(&self, shell: &Shell) -> Form {
        if shell.format == Format::Json { Form::Json } else { self.form }
    }

    fn width(&self) -> Option<u16> {
        if self.out.is_some() { None } else { render::terminal_width() }
    }

    /// Where the answer went, if that is a file.
    fn said(&self, shell: &Shell, rows: usize) -> Result<()> {
        let Some(path) = &self.out else { return Ok(()) };
        shell.print(&format!("{}: {rows} rows\n", path.display()))
    }
}

/// Writes an answer that is small: `values` as JSON, else `table`.
pub(super) fn write<V: Serialize>(shell: &Shell, args: &FormArgs, values: &[V], table: &Table) -> Result<()> {
    let bytes = match args.form(shell) {
        Form::Json => {
            (escaped_controls(&serde_json::to_string_pretty(values)?).into_owned() + "\n").into_bytes()
        }
        Form::Csv => table.csv_exact()?,
        Form::Parquet => table.parquet()?,
        Form::Table => harmless(&shown(table, args.width())).into_bytes(),
    };
    let mut out = Out::of(args.out.as_deref())?;
    out.write_all(&bytes)?;
    out.finish()?;
    args.said(shell, values.len())
}

/// A stranger's text cannot steer the terminal.
fn harmless(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { ' ' } else { c }).collect()
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
    let numbers: Vec<usize> = table
        .columns
        .iter()
        .enumerate()
        .filter(|(_, column)| column.kind != Kind::Text)
        .map(|(at, _)| at)
        .collect();
    render::simple(&header, &rows, &numbers, width)
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

/// The extra fields of all types, by name.
fn fields(types: &[CustomerItemType]) -> Vec<Text> {
    let mut fields: Vec<Text> =
        types.iter().flat_map(|kind| &kind.fields).map(|field| field.name.clone()).collect();
    fields.sort_unstable();
    fields.dedup();
    fields
}

/// The columns of everything that is known of each, as yet without rows.
fn headed(fields: &[Text]) -> Table {
    let mut columns = columns(ALL);
    // a table's columns have names for as long as the program runs, and it ends with this answer
    let names = fields.iter().map(|name| Column { name: String::leak(name.to_string()), kind: Kind::Text });
    columns.extend(names);
    Table { columns, ..Table::default() }
}

fn row(item: &CustomerItem, fields: &[Text]) -> Vec<Cell> {
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
    cells.extend(fields.iter().map(|name| text(item.extra.get(name).map_or("", Text::as_str))));
    cells
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
fn people(items: &[CustomerItem]) -> Table {
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
    Table { rows: rows.collect(), columns: columns(&names), ..Table::default() }
}
