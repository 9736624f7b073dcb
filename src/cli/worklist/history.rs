//! `worklist history`: what happened to each cause that waited: when it came up, who decided what and why, how it ended.

use crate::cli::worklist::file::protected;
use crate::cli::xref::{instant, open, standard};
use crate::cli::{Format, Shell, render};
use crate::domain::{Date, Text};
use crate::store::Micros;
use crate::store::audit::{AuditEvent, AuditFilter};
use anyhow::{Context as _, Result};
use serde_json::{Value, json};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct HistoryArgs {
    /// A cause, as the worklist has it; all if you say nothing.
    #[arg(value_name = "CAUSE")]
    cause: Option<Text>,
    /// Only what happened on this day or later.
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,
    /// Only what happened on this day or before.
    #[arg(long, value_name = "DATE")]
    to: Option<Date>,
    /// Only causes about which this person decided something.
    #[arg(long, value_name = "NAME")]
    by: Option<Text>,
    /// The form of the result.
    #[arg(long = "as", value_enum, default_value_t = Form::Table)]
    form: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// A table that fits the terminal.
    Table,
    /// For spreadsheets.
    Csv,
    Json,
}

/// A column: its name, and what stands in it.
type Column = (&'static str, fn(&AuditEvent) -> String);

const COLUMNS: [Column; 12] = [
    ("at", |event| standard(event.at)),
    ("event", |event| event.event.to_string()),
    ("cause", |event| event.cause.to_string()),
    ("kind", |event| event.kind.to_string()),
    ("partner", |event| event.partner.to_string()),
    ("customer", |event| event.customer.to_string()),
    ("exceptions", |event| if event.exceptions == 0 { String::new() } else { event.exceptions.to_string() }),
    ("run_id", |event| event.run_id.to_string()),
    ("what", |event| event.what.to_string()),
    ("terms", |event| event.terms.to_string()),
    ("decided_by", |event| event.decided_by.to_string()),
    ("reason", |event| event.reason.to_string()),
];

/// Those that a terminal has room for.
const SHOWN: [Column; 6] = [
    ("when", |event| instant::readable(event.at)),
    ("cause", |event| event.cause.to_string()),
    ("event", |event| event.event.replace('_', " ")),
    ("what", said),
    ("by", |event| event.decided_by.to_string()),
    ("why", |event| event.reason.to_string()),
];

/// So many rows are shown on a terminal.
const SHOWN_MAX: usize = 1_000;

pub(super) fn history(shell: &Shell, args: &HistoryArgs) -> Result<u8> {
    let filter = AuditFilter {
        cause: args.cause.clone(),
        from: args.from.map(instant::start_of),
        to: args.to.map(end_of).transpose()?,
        by: args.by.clone(),
    };
    let mut store = open(shell)?;
    let mut work = store.read()?;
    match (shell.format, args.form) {
        (Format::Json, _) | (_, Form::Json) => {
            let mut events = Vec::new();
            work.each_audit_event(&filter, &mut |event| {
                events.push(as_json(&event));
                Ok(())
            })?;
            shell.json(&events)?;
        }
        (_, Form::Csv) => {
            let mut out = csv::Writer::from_writer(Vec::new());
            out.write_record(COLUMNS.map(|(name, _)| name))?;
            work.each_audit_event(&filter, &mut |event| {
                out.write_record(COLUMNS.map(|(_, cell)| protected(&cell(&event)).into_owned()))?;
                Ok(())
            })?;
            shell.bytes(&out.into_inner().context("the rows are in memory")?)?;
        }
        (_, Form::Table) => {
            let (mut rows, mut count) = (Vec::new(), 0usize);
            work.each_audit_event(&filter, &mut |event| {
                count += 1;
                if rows.len() < SHOWN_MAX {
                    rows.push(SHOWN.map(|(_, cell)| render::harmless(&cell(&event))).to_vec());
                }
                Ok(())
            })?;
            shell.print(&as_text(&rows, count))?;
        }
    }
    Ok(0)
}

fn as_text(rows: &[Vec<String>], count: usize) -> String {
    if rows.is_empty() {
        return "nothing of the kind happened\n".to_owned();
    }
    let mut text = render::simple(&SHOWN.map(|(name, _)| name), rows, &[], render::terminal_width());
    if count > rows.len() {
        text += &format!("and {} rows more; --as csv or --as json has them all\n", count - rows.len());
    }
    text
}

/// `3 in run 20261120-001`, `map: item I-1`, `ordered by run 20261121-001`.
fn said(event: &AuditEvent) -> String {
    let AuditEvent { exceptions, run_id, what, terms, .. } = event;
    match event.event.as_str() {
        "came_up" => format!("{exceptions} in run {run_id}"),
        "ended" => format!("{exceptions} {what} by run {run_id}"),
        _ if terms.is_empty() => what.to_string(),
        _ => format!("{what}: {terms}"),
    }
}

fn as_json(event: &AuditEvent) -> Value {
    json!({
        "at": standard(event.at),
        "event": event.event,
        "cause": event.cause,
        "kind": event.kind,
        "partner": event.partner,
        "customer": event.customer,
        "exceptions": event.exceptions,
        "run_id": event.run_id,
        "what": event.what,
        "terms": event.terms,
        "decided_by": event.decided_by,
        "reason": event.reason,
    })
}

/// The last instant of a day.
fn end_of(day: Date) -> Result<Micros> {
    Ok(instant::start_of(day.tomorrow().with_context(|| format!("{day} has no end"))?) - 1)
}
