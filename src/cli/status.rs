//! `status`: the last runs, and what waits for a person.

use crate::cli::xref::instant;
use crate::cli::{Format, Shell, render};
use crate::domain::{Date, Text};
use crate::store::{ExceptionRow, RunRow, Transaction};
use anyhow::Result;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

const RUNS: u32 = 10;

#[derive(Debug, clap::Args)]
pub(super) struct StatusArgs {
    /// The day that counts for what is ignored, instead of today.
    #[arg(long, value_name = "DATE")]
    date: Option<Date>,
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
    fn read(work: &mut dyn Transaction, today: Date) -> Result<Self> {
        let mut waiting = Self::default();
        for ExceptionRow { cause, run_id, .. } in work.undecided_exceptions(today)? {
            waiting.causes.entry(cause).or_insert((0, run_id)).0 += 1;
        }
        let open: BTreeSet<Text> = work.open_exceptions()?.into_iter().map(|row| row.cause).collect();
        for cause in open.iter().filter(|cause| !waiting.causes.contains_key(*cause)) {
            let ignored = work.cause_decision(cause)?.is_some_and(|last| last.decision == "ignore");
            *(if ignored { &mut waiting.ignored } else { &mut waiting.decided }) += 1;
        }
        Ok(waiting)
    }

    /// What is open and waits for nobody today.
    fn rest(&self) -> String {
        let causes = |count: usize| if count == 1 { "1 cause".to_owned() } else { format!("{count} causes") };
        let mut out = String::new();
        if self.ignored > 0 {
            out += &format!("ignored until a later day: {}\n", causes(self.ignored));
        }
        if self.decided > 0 {
            out += &format!("decided, to go with the next release: {}\n", causes(self.decided));
        }
        out
    }
}

pub(super) fn status(shell: &Shell, args: &StatusArgs) -> Result<u8> {
    let mut store = shell.open_store()?;
    let mut work = store.read()?;
    let runs = work.last_runs(RUNS)?;
    let waiting = Waiting::read(&mut *work, args.date.unwrap_or_else(|| instant::now().1))?;
    match shell.format {
        Format::Json => shell.json(&as_json(&runs, &waiting))?,
        Format::Text => shell.print(&as_text(&runs, &waiting))?,
    }
    Ok(0)
}

fn as_json(runs: &[RunRow], waiting: &Waiting) -> serde_json::Value {
    let runs: Vec<_> = runs
        .iter()
        .map(|run| json!({"run_id": run.run_id, "date": run.date, "ended": run.ended.is_some(), "exit_code": run.exit_code}))
        .collect();
    let causes: Vec<_> = waiting
        .causes
        .iter()
        .map(|(cause, (count, run_id))| json!({"cause": cause, "count": count, "first_run_id": run_id}))
        .collect();
    json!({"runs": runs, "waiting": causes, "ignored": waiting.ignored, "decided": waiting.decided})
}

fn as_text(runs: &[RunRow], waiting: &Waiting) -> String {
    let rows: Vec<Vec<String>> = runs
        .iter()
        .map(|run| {
            let state = match (run.ended, run.exit_code) {
                (None, _) => "interrupted: the next run goes on with it",
                (_, Some(0)) => "done",
                (_, Some(2)) => "came to nothing",
                _ => "done, something waits",
            };
            vec![run.run_id.to_string(), run.date.to_string(), state.to_owned()]
        })
        .collect();
    let mut out = render::simple(&["run", "date", "state"], &rows, &[], None);
    if waiting.causes.is_empty() {
        return out + "nothing waits for a person\n" + &waiting.rest();
    }
    let rows: Vec<Vec<String>> = waiting
        .causes
        .iter()
        .map(|(cause, (count, run_id))| vec![cause.to_string(), count.to_string(), run_id.to_string()])
        .collect();
    out += "\nwaiting for a person, one row a root cause:\n";
    out += &render::simple(&["cause", "times", "first seen in run"], &rows, &[1], None);
    out + &waiting.rest()
}
