//! What a run came to: for the terminal, and as reports/run-<id>.json.

use crate::domain::{Date, Text};
use crate::run::counts::Counts;
use crate::run::night::{Night, publish};
use crate::run::retention;
use crate::store::{ExceptionRow, SyncCounts};
use anyhow::{Context as _, Result, bail};
use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// So many of the things that wait are listed; the counts say how many there are.
const WAITING_MAX: u32 = 200;

/// A run that has ended.
#[derive(Debug, Serialize)]
pub struct Summary {
    pub run_id: Text,
    pub date: Date,
    /// An earlier run was interrupted and this one ended it.
    pub resumed: bool,
    /// 0: nothing waits; 1: something of this run's inputs waits for a person.
    pub exit_code: u8,
    /// Masters files that had changed, and in how many rows.
    pub masters: BTreeMap<Text, SyncCounts>,
    #[serde(flatten)]
    pub counts: Counts,
    /// Entries of the ledger that `reports/ledger.csv` is about; none where the run wrote no reports.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ledger_entries: Option<u64>,
    /// What waits, the first so many.
    pub waiting: Vec<Waiting>,
    /// What the masters had to say.
    pub notes: Vec<String>,
}

/// Something of this run's inputs that waits for a person.
#[derive(Debug, Serialize)]
pub struct Waiting {
    pub kind: Text,
    /// The root cause; one cause may have many lines.
    pub cause: Text,
    #[serde(skip_serializing_if = "Text::is_empty")]
    pub partner: Text,
    #[serde(skip_serializing_if = "Text::is_empty")]
    pub customer: Text,
    #[serde(skip_serializing_if = "Text::is_empty")]
    pub po_number: Text,
    #[serde(skip_serializing_if = "is_zero")]
    pub line: u32,
    pub detail: Box<RawValue>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's skip_serializing_if passes a reference")]
fn is_zero(line: &u32) -> bool {
    *line == 0
}

/// Sums the units, proves the balance of the whole run, writes its summary and ends it.
pub(crate) fn end(mut night: Night<'_>, resumed: bool) -> Result<Summary> {
    publish(night.store.as_mut(), night.folders, &night.run)?;
    let mut tx = night.store.begin()?;
    let mut counts = Counts::default();
    for unit in tx.units(&night.run.run_id)? {
        let one: Counts =
            serde_json::from_str(&unit.counts).with_context(|| format!("counts of unit {}", unit.unit))?;
        counts.add(&one);
    }
    if let Some(sum) = counts.imbalance() {
        bail!("run {} does not balance: {sum}", night.run.run_id);
    }
    let waiting: Result<Vec<Waiting>> =
        tx.run_exceptions(&night.run.run_id, WAITING_MAX)?.into_iter().map(Waiting::from_row).collect();
    let exit_code = u8::from(counts.waits());
    let summary = Summary {
        run_id: night.run.run_id.clone(),
        date: night.run.date,
        resumed,
        exit_code,
        masters: std::mem::take(&mut night.synced.masters),
        counts,
        ledger_entries: night.ledger_entries,
        waiting: waiting?,
        notes: [std::mem::take(&mut night.synced.notes), std::mem::take(&mut night.notes)].concat(),
    };
    let json = serde_json::to_string_pretty(&summary)? + "\n";
    night.folders.replace(&format!("reports/run-{}.json", night.run.run_id), json.as_bytes())?;
    tx.end_run(&night.run.run_id, jiff::Timestamp::now().as_microsecond(), exit_code, &json)?;
    tx.commit()?;
    for file in night.folders.remove_all_work()? {
        tracing::warn!(file, "left over from a run that has ended; no run will take it");
    }
    tracing::info!(run = %summary.run_id, exit_code, "run ends");
    retention::after_run(&mut night);
    Ok(summary)
}

impl Waiting {
    fn from_row(row: ExceptionRow) -> Result<Self> {
        let ExceptionRow { kind, cause, partner, customer, po_number, line, detail, .. } = row;
        Ok(Self { kind, cause, partner, customer, po_number, line, detail: RawValue::from_string(detail)? })
    }
}
