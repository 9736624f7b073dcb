//! `outbox list`: every interchange that went out, and what its partner says of it.

use crate::cli::outbox::watch::{Moment, is_expected, is_overdue, now, parse, waits_for};
use crate::cli::{Format, Shell, render};
use crate::domain::partner::PartnerProfile;
use crate::domain::sent::SentState;
use crate::domain::{Date, Text};
use crate::report::table::{Cell, Column, Kind, Table};
use crate::site::partner_profile;
use crate::store::Transaction;
use crate::store::sent::{ResendRow, SentFilter, SentOnly, SentRow};
use anyhow::Result;
use serde_json::json;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ListArgs {
    /// Only what went to this partner.
    #[arg(long, value_name = "PARTNER")]
    partner: Option<Text>,
    /// Only what was sent on this day or later.
    #[arg(long, value_name = "DATE")]
    since: Option<Date>,
    /// Only what is in one of these states.
    #[arg(long = "state", value_enum, value_name = "STATE")]
    states: Vec<Wanted>,
    /// Only documents of these kinds: 997, 855, 810, ta1.
    #[arg(long = "type", value_name = "TYPE")]
    kinds: Vec<Text>,
    /// Only the interchanges that have the document with this number, or of this purchase order.
    #[arg(long, value_name = "NUMBER")]
    number: Option<Text>,
    /// The moment by which overdue is judged, YYYY-MM-DD (its end) or YYYY-MM-DDTHH:MM, instead of now.
    #[arg(long, value_name = "MOMENT", value_parser = parse)]
    date: Option<Moment>,
    /// The form of the result on standard output.
    #[arg(long = "as", value_enum, default_value_t = Form::Table)]
    form: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// A table that fits the terminal.
    Table,
    Csv,
    Json,
}

/// What `--state` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Wanted {
    /// Nothing came back, whether it is waited for or not.
    Sent,
    /// An answer is waited for.
    Unacknowledged,
    /// It is waited for longer than the partner may take.
    Overdue,
    Accepted,
    #[value(name = "accepted_with_errors")]
    AcceptedWithErrors,
    #[value(name = "partially_accepted")]
    PartiallyAccepted,
    /// A document of it is rejected, or all are.
    Rejected,
}

impl Wanted {
    fn holds(self, row: &SentRow, profile: Option<&PartnerProfile>, at: Moment) -> bool {
        let state = row.state();
        match self {
            Self::Sent => state == SentState::Sent,
            Self::Unacknowledged => row.waits() && is_expected(row, profile),
            Self::Overdue => is_overdue(row, profile, at),
            Self::Accepted => state == SentState::Accepted,
            Self::AcceptedWithErrors => state == SentState::AcceptedWithErrors,
            Self::PartiallyAccepted => state == SentState::PartiallyAccepted,
            Self::Rejected => has_rejected(row),
        }
    }

    /// The states for which the store need not read everything.
    fn only(wanted: &[Self]) -> Option<SentOnly> {
        match wanted {
            [] => None,
            all if all.iter().all(|one| matches!(one, Self::Unacknowledged | Self::Overdue)) => {
                Some(SentOnly::Waiting)
            }
            _ => None,
        }
    }
}

/// Whether a document of it, or the interchange itself, is rejected.
pub(super) fn has_rejected(row: &SentRow) -> bool {
    let rejected = |states: &[SentState]| states.contains(&SentState::Rejected);
    row.state() == SentState::Rejected || row.groups.iter().any(|group| rejected(&group.states))
}

/// An interchange with what a person asks about it.
struct Listed {
    row: SentRow,
    expected: bool,
    waits_hours: Option<i64>,
    overdue: bool,
    in_outbox: bool,
    resends: Vec<ResendRow>,
}

pub(super) fn list(shell: &Shell, args: &ListArgs) -> Result<u8> {
    let profiles = partner_profile::load(&shell.site)?;
    let at = args.date.unwrap_or_else(now);
    let mut store = shell.open_store()?;
    let mut tx = store.read()?;
    let mut listed = Vec::new();
    let filter = SentFilter {
        partner: args.partner.clone().unwrap_or_default(),
        since: args.since,
        only: Wanted::only(&args.states),
        ..SentFilter::default()
    };
    tx.each_sent(&filter, &mut |row| {
        let profile = profiles.iter().find(|profile| *profile.id() == row.partner);
        let state =
            args.states.is_empty() || args.states.iter().any(|wanted| wanted.holds(&row, profile, at));
        let kind = args.kinds.is_empty() || args.kinds.contains(&row.kind);
        if state && kind && args.number.as_ref().is_none_or(|number| has_number(&row, number)) {
            listed.push(Listed {
                expected: is_expected(&row, profile),
                waits_hours: waits_for(&row, profile, at),
                overdue: is_overdue(&row, profile, at),
                in_outbox: shell.site.join(&*row.path).exists(),
                resends: Vec::new(),
                row,
            });
        }
        Ok(())
    })?;
    show(shell, args, tx.as_mut(), listed)?;
    Ok(0)
}

fn show(shell: &Shell, args: &ListArgs, tx: &mut dyn Transaction, mut listed: Vec<Listed>) -> Result<()> {
    match (shell.format, args.form) {
        (Format::Json, _) | (_, Form::Json) => {
            for one in listed.iter_mut().filter(|one| one.row.resends > 0) {
                one.resends = tx.resends(one.row.sent_id)?;
            }
            shell.json(&listed.iter().map(as_json).collect::<Vec<_>>())
        }
        (_, Form::Csv) => shell.bytes(&table(&listed, usize::MAX).csv()?),
        (_, Form::Table) => shell.print(&render::table(&table(&listed, NUMBERS), render::terminal_width())),
    }
}

fn has_number(row: &SentRow, number: &Text) -> bool {
    let mut documents = row.groups.iter().flat_map(|group| &group.documents);
    documents.any(|document| document.number == *number || document.po_number == *number)
}

/// So many numbers of an interchange stand in a table for people.
const NUMBERS: usize = 3;

fn table(listed: &[Listed], numbers: usize) -> Table {
    const TEXTS: [&str; 5] = ["file", "sent", "state", "since", "numbers"];
    let text = |name| Column { name, kind: Kind::Text };
    let count = |name| Column { name, kind: Kind::Count };
    let [file, sent, state, since, named] = TEXTS.map(text);
    Table {
        columns: vec![
            file,
            sent,
            count("documents"),
            state,
            since,
            count("resends"),
            text("in_outbox"),
            named,
        ],
        rows: listed.iter().map(|one| cells(one, numbers)).collect(),
        totals: Vec::new(),
        empty: "nothing was sent".to_owned(),
    }
}

fn cells(one: &Listed, numbers: usize) -> Vec<Cell> {
    let Listed { row, .. } = one;
    let all: Vec<&str> = row
        .groups
        .iter()
        .flat_map(|group| &group.documents)
        .map(|document| document.number.as_str())
        .collect();
    let more = all.len().saturating_sub(numbers);
    let shown: Vec<&str> = all.into_iter().take(numbers).collect();
    let shown = shown.join(" ") + &if more > 0 { format!(" and {more} more") } else { String::new() };
    vec![
        Cell::Text(row.path.strip_prefix("outbox/").unwrap_or(&row.path).into()),
        Cell::Text(moment(row.date, &row.time)),
        Cell::Count(row.documents() as u64),
        Cell::Text(row.state().as_str().replace('_', " ").into()),
        Cell::Text(waits(one).into()),
        Cell::Count(row.resends.into()),
        Cell::Text(if one.in_outbox { "yes" } else { "no" }.into()),
        Cell::Text(shown.into()),
    ]
}

/// What is waited for.
fn waits(one: &Listed) -> String {
    match one.waits_hours {
        Some(hours) if one.overdue => format!("overdue, {hours} h"),
        Some(hours) => format!("{hours} h"),
        None => String::new(),
    }
}

/// `2026-11-20 08:00`.
pub(super) fn moment(date: Date, time: &str) -> Text {
    match time.get(..2).zip(time.get(2..4)) {
        Some((hours, minutes)) => format!("{date} {hours}:{minutes}").into(),
        None => date.to_string().into(),
    }
}

fn as_json(one: &Listed) -> serde_json::Value {
    let Listed { row, expected, waits_hours, overdue, in_outbox, resends } = one;
    let documents = row.groups.iter().flat_map(|group| {
        let placed = group.documents.iter().zip(&group.states).enumerate();
        placed.map(|(place, (document, state))| {
            let reasons =
                group.notes.iter().find(|(other, _)| *other == place).map(|(_, notes)| notes.as_slice());
            json!({
                "group": group.control, "set": format!("{:04}", place + 1), "number": document.number,
                "po_number": document.po_number, "state": state, "reasons": reasons.unwrap_or_default(),
            })
        })
    });
    let resends: Vec<_> = resends
        .iter()
        .map(|resend| {
            json!({"sent": moment(resend.date, &resend.time), "by": resend.decided_by, "reason": resend.reason})
        })
        .collect();
    json!({
        "file": row.path, "type": row.kind, "partner": row.partner, "control": row.control, "run_id": row.run_id,
        "sent": moment(row.date, &row.time), "state": row.state(), "expected": expected, "waits_hours": waits_hours,
        "overdue": overdue, "ta1": row.ta1, "in_outbox": in_outbox, "documents": documents.collect::<Vec<_>>(),
        "resends": resends,
    })
}
