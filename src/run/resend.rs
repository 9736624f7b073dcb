//! The same document again, unchanged: from the bytes that are kept, through the same staging, commit and rename as before.

use crate::domain::sent::SentState;
use crate::domain::{Date, Text};
use crate::run::Source;
use crate::run::night::move_outputs;
use crate::site::folders::Folders;
use crate::store::sent::{ResendRow, SentRow};
use crate::store::{Closing, Micros, OutputRow, Store};
use anyhow::{Context as _, Result, ensure};
use std::path::Path;

/// The folder below state/work/ in which resends are staged.
const WORK: &str = "resend";

/// Who sends something again, why, and from when on an answer is waited for.
#[derive(Debug, Clone, Default)]
pub struct Signature {
    pub by: Text,
    pub reason: Text,
    pub date: Date,
    /// `HHMM`.
    pub time: Text,
    pub now: Micros,
}

/// Whether an interchange can be sent again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readiness {
    /// Its bytes are at this place, relative to the site.
    Ready(Text),
    /// It stands in the outbox still: the transport has not taken it.
    InOutbox,
    /// Why not.
    Refused(String),
}

/// Looks for the bytes of an interchange as they were sent.
pub fn readiness(folders: &Folders, row: &SentRow) -> Result<Readiness> {
    let path = folders.path(&row.path)?;
    if path.exists() {
        return Ok(if has_digest(&path, &row.digest)? {
            Readiness::InOutbox
        } else {
            Readiness::Refused(format!(
                "{} is another file than the one that was sent; move it away",
                row.path
            ))
        });
    }
    if row.kept.is_empty() {
        let why =
            "it was sent by an itembridge that kept no copy, and its file is not in the outbox any more";
        return Ok(Readiness::Refused(why.to_owned()));
    }
    let kept = folders.path(&row.kept)?;
    Ok(if !kept.exists() {
        Readiness::Refused(format!("its bytes, kept as {}, are not there any more", row.kept))
    } else if has_digest(&kept, &row.digest)? {
        Readiness::Ready(row.kept.clone())
    } else {
        Readiness::Refused(format!("its bytes, kept as {}, are not those that were sent", row.kept))
    })
}

fn has_digest(path: &Path, digest: &str) -> Result<bool> {
    let source = Source::open(path)?;
    Ok(source.digest(0, source.length)? == digest)
}

/// Finishes what a resend that was stopped had committed, and removes what it had not. The site must be locked.
pub fn finish(store: &mut dyn Store, folders: &Folders) -> Result<()> {
    let outputs = move_outputs(store, folders).context("publish what was left")?;
    if !outputs.is_empty() {
        let mut tx = store.begin()?;
        for output in &outputs {
            tx.mark_published(&output.run_id, output.unit)?;
        }
        tx.commit()?;
    }
    folders.remove_work(WORK).map(|_| ())
}

/// Sends interchanges again, all or none, each from the place that [`readiness`] found. What was not accepted of them waits for
/// an answer anew, and what was open about them is closed. The site must be locked, and [`finish`] called before.
pub fn resend(
    store: &mut dyn Store,
    folders: &Folders,
    rows: &[(SentRow, Text)],
    by: &Signature,
) -> Result<()> {
    let staged = folders.begin_unit(WORK, 1)?;
    let mut outputs = Vec::new();
    for (row, from) in rows {
        let source = Source::open(&folders.path(from)?)?;
        let mut writer = staged.writer(&row.path)?;
        let digest = source.copy(0, source.length, &mut writer)?;
        ensure!(digest == row.digest, "{from} changed while it was copied");
        outputs.push(OutputRow {
            run_id: row.run_id.clone(),
            unit: row.unit,
            staged: writer.finish()?.into(),
            path: row.path.clone(),
            kind: "resend".into(),
            partner: row.partner.clone(),
            control: row.control.clone(),
            digest: row.digest.clone(),
        });
    }
    staged.sync()?;
    let mut tx = store.begin()?;
    for ((row, _), output) in rows.iter().zip(&outputs) {
        tx.stage_output(output)?;
        tx.add_resend(&ResendRow {
            sent_id: row.sent_id,
            date: by.date,
            time: by.time.clone(),
            decided_by: by.by.clone(),
            reason: by.reason.clone(),
            recorded: by.now,
        })?;
        tx.update_sent(&waiting_again(row))?;
        tx.close_exceptions(&Closing {
            kind: "acknowledgment",
            order_id: &row.path,
            line: 0,
            run_id: "resend",
            closed_as: "resent",
            now: by.now,
        })?;
    }
    tx.commit().context("commit a resend")?;
    finish(store, folders)
}

/// What was accepted stays so: the partner has it, and an answer of the same kind says nothing new.
fn waiting_again(row: &SentRow) -> SentRow {
    let mut row = row.clone();
    (row.ta1, row.ta1_note) = (Text::default(), Text::default());
    for group in &mut row.groups {
        for (place, state) in group.states.iter_mut().enumerate() {
            if !matches!(state, SentState::Accepted | SentState::AcceptedWithErrors) {
                *state = SentState::Sent;
                group.notes.retain(|(other, _)| *other != place);
            }
        }
    }
    row
}
