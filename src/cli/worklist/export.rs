//! `worklist export`: the causes as a table, as JSON, or as CSV with columns for decisions.

use crate::cli::worklist::file::{COLUMNS, protected};
use crate::cli::worklist::suggest::{SCORE_MIN, Wanted, for_causes, parse_score};
use crate::cli::xref::{instant, open};
use crate::cli::{Format, Shell, render};
use crate::domain::{Date, Text, money};
use crate::report::causes::{Cause, gather};
use crate::site::folders::Replacement;
use crate::xref::suggest::Suggestion;
use anyhow::{Context as _, Result};
use serde_json::{Map, Value, json};
use std::io::Write;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ExportArgs {
    /// Where to, as CSV; standard output if you say nothing.
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// Only what waits of this customer.
    #[arg(long, value_name = "CUSTOMER")]
    customer: Option<Text>,
    /// Also what is decided and waits for a release, or is ignored for now.
    #[arg(long)]
    all: bool,
    /// The day that counts for what is ignored, instead of today.
    #[arg(long, value_name = "DATE")]
    date: Option<Date>,
    /// Leave the suggestions out.
    #[arg(long, conflicts_with = "min_score")]
    no_suggestions: bool,
    /// Only suggestions with this score or more.
    #[arg(long, value_name = "SCORE", default_value = SCORE_MIN, value_parser = parse_score)]
    min_score: u32,
    /// The form of the result on standard output.
    #[arg(long = "as", value_enum, default_value_t = Form::Table)]
    form: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// A table that fits the terminal.
    Table,
    /// For spreadsheets, with columns for decisions.
    Csv,
    Json,
}

pub(super) fn export(shell: &Shell, args: &ExportArgs) -> Result<u8> {
    let rows = rows(shell, args)?;
    if let Some(path) = &args.file {
        let mut out = Replacement::of(path)?;
        write_csv(&rows, &mut out).with_context(|| format!("write {}", path.display()))?;
        out.finish()?;
        match shell.format {
            Format::Json => shell.json(&json!({"file": path, "rows": rows.len()}))?,
            Format::Text => shell.print(&format!("{}: {} rows\n", path.display(), rows.len()))?,
        }
        return Ok(0);
    }
    match (shell.format, args.form) {
        (Format::Json, _) | (_, Form::Json) => {
            shell.json(&rows.iter().map(as_json).collect::<Vec<_>>())?;
        }
        (_, Form::Csv) => {
            let mut bytes = Vec::new();
            write_csv(&rows, &mut bytes)?;
            shell.bytes(&bytes)?;
        }
        (_, Form::Table) => shell.print(&as_text(&rows))?,
    }
    Ok(0)
}

/// A cause with the best suggestion for it.
type ExportRow = (Cause, Option<Suggestion>);

fn rows(shell: &Shell, args: &ExportArgs) -> Result<Vec<ExportRow>> {
    let mut store = open(shell)?;
    let mut work = store.read()?;
    let today = args.date.unwrap_or_else(|| instant::now().1);
    let mut open = if args.all { work.open_exceptions()? } else { work.undecided_exceptions(today)? };
    if let Some(customer) = &args.customer {
        open.retain(|row| row.customer == *customer);
    }
    let masters = work.masters_without_xrefs(None)?;
    let causes = gather(&mut *work, &open, &masters.customers)?;
    if args.no_suggestions {
        return Ok(causes.into_iter().map(|cause| (cause, None)).collect());
    }
    let profiles = crate::site::load(&shell.site)?.partners;
    let wanted = Wanted { most: 1, score_min: args.min_score, today };
    let best = for_causes(&mut *work, masters, &causes, &profiles, wanted)?;
    Ok(causes.into_iter().zip(best).map(|(cause, best)| (cause, best.into_iter().next())).collect())
}

/// The cells of a cause under [`COLUMNS`]; those for a decision are empty.
fn cells((cause, best): &ExportRow) -> [String; COLUMNS.len()] {
    let listed = |texts: &mut dyn Iterator<Item = String>| texts.collect::<Vec<_>>().join("; ");
    let day = |date: Option<Date>| date.map_or(String::new(), |date| date.to_string());
    let best = best.as_ref();
    let ship_to = match (cause.ship_tos.len(), cause.ship_tos.first()) {
        (1, Some(one)) => one.to_string(),
        _ => String::new(),
    };
    let lines = if cause.kind == "line" { cause.lines.to_string() } else { String::new() };
    let orders = if cause.orders.is_empty() { String::new() } else { cause.orders.len().to_string() };
    let known = [
        cause.id.to_string(),
        cause.kind.to_string(),
        cause.outcome.to_string(),
        cause.customer.to_string(),
        cause.customer_name.to_string(),
        cause.number.qualifier.to_string(),
        cause.number.value.to_string(),
        cause.description.to_string(),
        listed(&mut cause.units.iter().map(ToString::to_string)),
        lines,
        orders,
        listed(&mut cause.values.values().map(|value| money::plain(*value))),
        listed(&mut cause.values.keys().map(ToString::to_string)),
        day(cause.first_seen),
        day(cause.oldest_requested),
        ship_to,
        best.map_or_else(String::new, |best| best.item.to_string()),
        best.map_or_else(String::new, |best| render::thousandths(best.score)),
        best.map_or_else(String::new, |best| best.evidence.join("; ")),
    ];
    let mut cells = [const { String::new() }; COLUMNS.len()];
    for (cell, known) in cells.iter_mut().zip(known) {
        *cell = known;
    }
    cells
}

fn write_csv(rows: &[ExportRow], out: &mut impl Write) -> Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(COLUMNS).context("write the header")?;
    for row in rows {
        let cells = cells(row);
        csv.write_record(cells.iter().map(|cell| protected(cell).into_owned())).context("write a row")?;
    }
    csv.flush().context("write the last rows")
}

fn as_json(exported: &ExportRow) -> Value {
    let (cause, best) = exported;
    let mut row: Map<String, Value> = Map::new();
    for (name, cell) in COLUMNS.iter().zip(cells(exported)).take(COLUMNS_KNOWN) {
        row.insert((*name).to_owned(), cell.into());
    }
    row.insert("lines".to_owned(), cause.lines.into());
    row.insert("orders".to_owned(), cause.orders.len().into());
    row.insert("times".to_owned(), cause.times.into());
    row.insert("held".to_owned(), cause.held.into());
    row.insert("ordered_unit".to_owned(), json!(cause.units));
    row.insert("ship_to".to_owned(), json!(cause.ship_tos));
    let values = cause.values.iter().map(|(currency, value)| (currency, money::plain(*value)));
    row.remove("currency");
    for column in ["suggestion_score", "suggestion_evidence"] {
        row.remove(column);
    }
    row.insert("suggestion".to_owned(), best.as_ref().map_or(Value::Null, suggestion_as_json));
    row.insert("value_waiting".to_owned(), json!(values.collect::<std::collections::BTreeMap<_, _>>()));
    Value::Object(row)
}

/// The columns that are filled in here, the others are for decisions.
const COLUMNS_KNOWN: usize = 19;

/// A suggestion for programs.
pub(in crate::cli) fn suggestion_as_json(suggestion: &Suggestion) -> Value {
    json!({
        "item": suggestion.item,
        "description": suggestion.description,
        "score": render::thousandths(suggestion.score),
        "evidence": suggestion.evidence,
    })
}

fn as_text(causes: &[ExportRow]) -> String {
    if causes.is_empty() {
        return "nothing waits for a decision\n".to_owned();
    }
    let rows: Vec<Vec<String>> = causes
        .iter()
        .map(|(cause, best)| {
            let values = cause.values.iter();
            let values: Vec<_> =
                values.map(|(currency, value)| format!("{} {currency}", money::plain(*value))).collect();
            vec![
                if cause.kind == "line" { cause.outcome.to_string() } else { cause.id.to_string() },
                cause.customer.to_string(),
                cause.number.value.to_string(),
                cause.description.to_string(),
                cause.times.to_string(),
                values.join(" + "),
                cause.first_seen.map_or(String::new(), |date| date.to_string()),
                cause.oldest_requested.map_or(String::new(), |date| date.to_string()),
                best.as_ref().map_or(String::new(), |best| {
                    format!("{} ({})", best.item, render::thousandths(best.score))
                }),
            ]
        })
        .collect();
    let header = [
        "what",
        "customer",
        "Customer Item#",
        "description",
        "times",
        "value waiting",
        "first seen",
        "oldest due",
        "suggestion",
    ];
    render::simple(&header, &rows, &[4, 5], render::terminal_width())
}
