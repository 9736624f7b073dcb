//! A part of the ledger's entries that were recorded before, looked at again: what was changed or lost since is told.

use super::{Desk, exception, finding};
use crate::domain::money::plain;
use crate::domain::rules::ledger::LEDGER_ALTERED;
use crate::domain::{Date, Text};
use crate::run::counts::tick;
use crate::run::night::Night;
use crate::site::config::ProveAgain;
use crate::store::{AlteredEntry, ExceptionRow, ProvenEntries, Transaction};
use anyhow::Result;

const KIND: &str = "ledger_entry";

/// Whether there is something to tell. A part that is all as it was recorded is noted here, without the masters and without a
/// unit, because it is so each night.
pub(super) fn glance(night: &mut Night<'_>) -> Result<bool> {
    let (date, part) = (night.run.date, night.settings.prove_again);
    let mut work = night.store.begin()?;
    let Some(proven) = look(&mut *work, date, part)? else { return Ok(false) };
    if proven.altered.is_empty() {
        work.commit()?;
    }
    Ok(!proven.altered.is_empty())
}

/// Today's part, once a date: None if it was looked at, or there is nothing.
fn look(work: &mut dyn Transaction, date: Date, part: ProveAgain) -> Result<Option<ProvenEntries>> {
    let (after, looked) = work.ledger_round()?;
    let recorded = work.ledger_entries_recorded()?;
    if recorded == 0 || looked == Some(date) {
        return Ok(None);
    }
    let limit = part.part(recorded);
    let proven = work.prove_ledger_entries(after, limit)?;
    let last = if proven.last == 0 { i64::MAX } else { proven.last };
    work.seal_ledger_entries(after, last)?;
    work.set_ledger_round(proven.last, date)?;
    Ok(Some(proven))
}

impl Desk<'_> {
    /// What is as it was again closes itself; what is found is told once.
    pub(super) fn again(&mut self) -> Result<()> {
        let waiting: Vec<Text> = self.open.of(KIND).iter().map(|row| row.order_id.clone()).collect();
        for key in waiting {
            if self.unit.tx.altered_ledger_entry(&key)?.is_none() {
                self.close(KIND, &key, 0)?;
            }
        }
        let Some(proven) = look(&mut *self.unit.tx, self.unit.run.date, self.unit.settings.prove_again)?
        else {
            return Ok(());
        };
        for entry in proven.altered {
            self.changed = true;
            if self.open.has(KIND, &entry.key, 0) {
                continue;
            }
            let finding = finding(&LEDGER_ALTERED, &entry.key, words(&entry));
            let row = exception(KIND, (&entry.key, 0), &finding, &entry.key);
            let customer = entry.now.map(|now| now.customer).unwrap_or_default();
            tick(&mut self.unit.counts.ledger, "altered");
            self.unit.add_exception(ExceptionRow { customer, ..row })?;
        }
        Ok(())
    }
}

/// What an entry says that is not as it was recorded.
pub(crate) fn words(entry: &AlteredEntry) -> String {
    let Some(now) = &entry.now else { return "it is not there any more".to_owned() };
    let serial = if now.serial.is_empty() { String::new() } else { format!(" {}", now.serial) };
    format!(
        "it is not as it was recorded, and says now: {} {}{serial} x{} of {} on {}",
        now.kind.as_str().replace('_', " "),
        now.item,
        plain(now.quantity),
        now.customer,
        now.date
    )
}
