//! `status`: the last runs, what waits for a person, what partners rejected or did not acknowledge, who has gone quiet.

use crate::cli::outbox::watch::{Moment, is_overdue, now, parse, waits_for};
use crate::cli::{Format, Shell, render};
use crate::domain::partner::PartnerProfile;
use crate::domain::sent::SentState;
use crate::domain::{Date, Text};
use crate::site::partner_profile;
use crate::store::sent::{SentFilter, SentOnly};
use crate::store::{ExceptionRow, RunRow, Transaction};
use anyhow::Result;
use serde::Serialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

const RUNS: u32 = 10;

#[derive(Debug, clap::Args)]
pub(super) struct StatusArgs {
    /// The moment by which ignored, overdue and quiet are judged, YYYY-MM-DD (its end) or YYYY-MM-DDTHH:MM, instead of now.
    #[arg(long, value_name = "MOMENT", value_parser = parse)]
    date: Option<Moment>,
}

/// What is open.
#[derive(Debug, Default)]
struct Waiting {
    /// Root causes: how many things wait for each, and the run that saw it first.
    causes: BTreeMap<Text, (usize, Text)>,
    /// Causes that a person has put off to a later day.
    ignored: usize,
    /// Causes of which every line is mapped or rejected and waits for a release.
    decided: usize,
}

impl Waiting {
    fn read(tx: &mut dyn Transaction, today: Date) -> Result<Self> {
        let mut waiting = Self::default();
        for ExceptionRow { cause, run_id, .. } in tx.undecided_exceptions(today)? {
            waiting.causes.entry(cause).or_insert((0, run_id)).0 += 1;
        }
        let open: BTreeSet<Text> = tx.open_exceptions()?.into_iter().map(|row| row.cause).collect();
        for cause in open.iter().filter(|cause| !waiting.causes.contains_key(*cause)) {
            let ignored = tx.cause_decision(cause)?.is_some_and(|last| last.decision == "ignore");
            *(if ignored { &mut waiting.ignored } else { &mut waiting.decided }) += 1;
        }
        Ok(waiting)
    }

    fn as_text(&self) -> String {
        let mut out = String::new();
        if self.causes.is_empty() {
            out += "nothing waits for a person\n";
        } else {
            let cells = |(cause, (count, run_id)): (&Text, &(usize, Text))| {
                vec![cause.to_string(), count.to_string(), run_id.to_string()]
            };
            let rows: Vec<Vec<String>> = self.causes.iter().map(cells).collect();
            out += "\nwaiting for a person, one row a root cause:\n";
            out += &render::simple(&["cause", "times", "first seen in run"], &rows, &[1], None);
        }
        let causes = |count: usize| if count == 1 { "1 cause".to_owned() } else { format!("{count} causes") };
        if self.ignored > 0 {
            out += &format!("ignored until a later day: {}\n", causes(self.ignored));
        }
        if self.decided > 0 {
            out += &format!("decided, to go with the next release: {}\n", causes(self.decided));
        }
        out
    }
}

/// Documents of one kind that a partner rejected, or did not answer in time.
#[derive(Debug, Default, Serialize)]
struct Unsettled {
    partner: Text,
    #[serde(rename = "type")]
    kind: Text,
    documents: u64,
    /// Where there are several, the first of them.
    file: Text,
    files: u64,
    /// The day on which the first went out, or was sent again.
    since: Option<Date>,
    /// Of those that are overdue: how long the first is waited for.
    #[serde(skip_serializing_if = "Option::is_none")]
    hours: Option<i64>,
}

/// A partner from whom nothing comes any more.
#[derive(Debug, Serialize)]
struct Quiet {
    partner: Text,
    /// None: nothing came ever.
    last_heard: Option<Date>,
    days: i32,
}

struct Status {
    runs: Vec<RunRow>,
    waiting: Waiting,
    rejected: Vec<Unsettled>,
    overdue: Vec<Unsettled>,
    quiet: Vec<Quiet>,
}

pub(super) fn status(shell: &Shell, args: &StatusArgs) -> Result<u8> {
    let profiles = partner_profile::load(&shell.site)?;
    let at = args.date.unwrap_or_else(now);
    let mut store = shell.open_store()?;
    let mut tx = store.read()?;
    let status = Status {
        runs: tx.last_runs(RUNS)?,
        waiting: Waiting::read(tx.as_mut(), at.date())?,
        rejected: rejected(tx.as_mut(), at)?,
        overdue: overdue(tx.as_mut(), &profiles, at)?,
        quiet: quiet(tx.as_mut(), &profiles, at)?,
    };
    match shell.format {
        Format::Json => shell.json(&as_json(&status))?,
        Format::Text => shell.print(&as_text(&status))?,
    }
    Ok(0)
}

/// What partners rejected and nobody has settled: the exception about it is open, and not ignored for now.
fn rejected(tx: &mut dyn Transaction, at: Moment) -> Result<Vec<Unsettled>> {
    let open: BTreeSet<Text> = tx
        .undecided_exceptions(at.date())?
        .into_iter()
        .filter(|row| row.kind == "acknowledgment")
        .map(|row| row.order_id)
        .collect();
    let mut found = BTreeMap::new();
    let filter = SentFilter { only: Some(SentOnly::Rejected), ..SentFilter::default() };
    tx.each_sent(&filter, &mut |row| {
        if open.contains(&row.path) {
            let states = row.groups.iter().flat_map(|group| &group.states);
            let count = states.filter(|state| **state == SentState::Rejected).count();
            add(&mut found, (&row.partner, &row.kind), (&row.path, row.last_sent().0), count, None);
        }
        Ok(())
    })?;
    Ok(found.into_values().collect())
}

/// What is waited for longer than the partner may take.
fn overdue(tx: &mut dyn Transaction, profiles: &[PartnerProfile], at: Moment) -> Result<Vec<Unsettled>> {
    let mut found = BTreeMap::new();
    let filter = SentFilter { only: Some(SentOnly::Waiting), ..SentFilter::default() };
    tx.each_sent(&filter, &mut |row| {
        let profile = profiles.iter().find(|profile| *profile.id() == row.partner);
        if is_overdue(&row, profile, at) {
            let states = row.groups.iter().flat_map(|group| &group.states);
            let count = states.filter(|state| **state == SentState::Sent).count();
            let hours = waits_for(&row, profile, at);
            add(&mut found, (&row.partner, &row.kind), (&row.path, row.last_sent().0), count, hours);
        }
        Ok(())
    })?;
    Ok(found.into_values().collect())
}

fn add(
    found: &mut BTreeMap<(Text, Text), Unsettled>,
    (partner, kind): (&Text, &Text),
    (path, since): (&Text, Date),
    documents: usize,
    hours: Option<i64>,
) {
    let one = found.entry((partner.clone(), kind.clone())).or_default();
    (one.partner, one.kind) = (partner.clone(), kind.clone());
    one.documents += documents as u64;
    one.files += 1;
    if one.since.is_none_or(|first| since < first) {
        (one.since, one.file) = (Some(since), path.clone());
    }
    one.hours = one.hours.max(hours);
}

/// Partners of whom no file came for longer than their profile says; one that was never heard counts from the first run.
fn quiet(tx: &mut dyn Transaction, profiles: &[PartnerProfile], at: Moment) -> Result<Vec<Quiet>> {
    let first_run = tx.first_run()?;
    let mut quiet = Vec::new();
    for partner in
        profiles.iter().map(|profile| &profile.partner).filter(|partner| partner.quiet_after_days > 0)
    {
        let last_heard = tx.last_heard(&partner.id)?;
        let Some(since) = last_heard.or(first_run) else { continue };
        let days = at.date().since(since).map_or(0, |span| span.get_days());
        if i64::from(days) > i64::from(partner.quiet_after_days) {
            quiet.push(Quiet { partner: partner.id.clone(), last_heard, days });
        }
    }
    quiet.sort_by(|a, b| a.partner.cmp(&b.partner));
    Ok(quiet)
}

fn as_json(status: &Status) -> serde_json::Value {
    let Status { runs, waiting, rejected, overdue, quiet } = status;
    let runs: Vec<_> = runs
        .iter()
        .map(|run| json!({"run_id": run.run_id, "date": run.date, "ended": run.ended.is_some(), "exit_code": run.exit_code}))
        .collect();
    let causes: Vec<_> = waiting
        .causes
        .iter()
        .map(|(cause, (count, run_id))| json!({"cause": cause, "count": count, "first_run_id": run_id}))
        .collect();
    json!({
        "runs": runs, "waiting": causes, "ignored": waiting.ignored, "decided": waiting.decided,
        "rejected": rejected, "overdue": overdue, "quiet": quiet,
    })
}

fn as_text(status: &Status) -> String {
    let Status { runs, waiting, rejected, overdue, quiet } = status;
    let rows: Vec<Vec<String>> = runs.iter().map(run_cells).collect();
    let mut out = render::simple(&["run", "date", "state"], &rows, &[], None);
    out += &waiting.as_text();
    if !rejected.is_empty() {
        out += "\nrejected by partners (`outbox list --state rejected` has the reasons):\n";
        out += &unsettled(rejected, "sent");
    }
    if !overdue.is_empty() {
        out += "\nacknowledgments overdue (`outbox list --state overdue`):\n";
        out += &unsettled(overdue, "waited for since");
    }
    if !quiet.is_empty() {
        let day = |date: Option<Date>| date.map_or_else(|| "never".to_owned(), |date| date.to_string());
        let rows: Vec<Vec<String>> = quiet
            .iter()
            .map(|one| vec![one.partner.to_string(), day(one.last_heard), one.days.to_string()])
            .collect();
        out += "\npartners gone quiet:\n";
        out += &render::simple(&["partner", "last heard", "days"], &rows, &[2], None);
    }
    out
}

fn run_cells(run: &RunRow) -> Vec<String> {
    let state = match (run.ended, run.exit_code) {
        (None, _) => "interrupted: the next run goes on with it",
        (_, Some(0)) => "done",
        (_, Some(2)) => "came to nothing",
        _ => "done, something waits",
    };
    vec![run.run_id.to_string(), run.date.to_string(), state.to_owned()]
}

fn unsettled(rows: &[Unsettled], since: &str) -> String {
    let timed = rows.iter().any(|one| one.hours.is_some());
    let cells = |one: &Unsettled| {
        let mut cells = vec![
            one.partner.to_string(),
            one.kind.to_string(),
            one.documents.to_string(),
            one.files.to_string(),
            one.since.map_or_else(String::new, |date| date.to_string()),
            one.file.to_string(),
        ];
        cells.extend(one.hours.map(|hours| hours.to_string()));
        cells
    };
    let cells: Vec<Vec<String>> = rows.iter().map(cells).collect();
    let mut header = vec!["partner", "type", "documents", "files", since, "the first of them"];
    if timed {
        header.push("hours");
    }
    render::simple(&header, &cells, &[2, 3, 6], None)
}
