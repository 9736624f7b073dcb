//! `status`: the last runs, and what waits for a person.

use crate::cli::{Format, Shell, render};
use crate::domain::Text;
use crate::store::{ExceptionRow, RunRow};
use anyhow::Result;
use serde_json::json;
use std::collections::BTreeMap;

const RUNS: u32 = 10;

/// A root cause: how many things wait for it, and the run that saw it first.
type Causes = BTreeMap<Text, (usize, Text)>;

pub(super) fn status(shell: &Shell) -> Result<u8> {
    let mut store = shell.open_store()?;
    let mut tx = store.read()?;
    let runs = tx.last_runs(RUNS)?;
    let mut causes = Causes::new();
    for ExceptionRow { cause, run_id, .. } in tx.open_exceptions()? {
        causes.entry(cause).or_insert((0, run_id)).0 += 1;
    }
    match shell.format {
        Format::Json => shell.json(&as_json(&runs, &causes))?,
        Format::Text => shell.print(&as_text(&runs, &causes))?,
    }
    Ok(0)
}

fn as_json(runs: &[RunRow], causes: &Causes) -> serde_json::Value {
    let runs: Vec<_> = runs
        .iter()
        .map(|run| json!({"run_id": run.run_id, "date": run.date, "ended": run.ended.is_some(), "exit_code": run.exit_code}))
        .collect();
    let waiting: Vec<_> = causes
        .iter()
        .map(|(cause, (count, run_id))| json!({"cause": cause, "count": count, "first_run_id": run_id}))
        .collect();
    json!({"runs": runs, "waiting": waiting})
}

fn as_text(runs: &[RunRow], causes: &Causes) -> String {
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
    if causes.is_empty() {
        return out + "nothing waits for a person\n";
    }
    let rows: Vec<Vec<String>> = causes
        .iter()
        .map(|(cause, (count, run_id))| vec![cause.to_string(), count.to_string(), run_id.to_string()])
        .collect();
    out += "\nwaiting for a person, one row a root cause:\n";
    out + &render::simple(&["cause", "times", "first seen in run"], &rows, &[1], None)
}
