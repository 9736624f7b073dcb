//! The masters stage: files that changed since the last run are synced into the store, others cost a digest.

use crate::domain::Text;
use crate::domain::customer_item::CustomerItemType;
use crate::run::night::Night;
use crate::site::config::Settings;
use crate::site::masters::{self, MasterFile};
use crate::store::{Micros, RunRow, SyncCounts, Transaction};
use crate::xref::index::XrefIndex;
use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// What the syncs of a run changed and had to say: kept with each of them, so that a run that was interrupted still knows.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Synced {
    /// Files that had changed.
    pub masters: BTreeMap<Text, SyncCounts>,
    pub notes: Vec<String>,
}

impl Synced {
    /// What a run taken up again had done; nothing for a new one.
    pub(crate) fn of(run: &RunRow) -> Result<Self> {
        if run.summary.is_empty() {
            return Ok(Self::default());
        }
        serde_json::from_str(&run.summary).with_context(|| format!("the note of run {}", run.run_id))
    }

    fn say(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}

pub(crate) fn sync(night: &mut Night<'_>) -> Result<()> {
    night.watch.stage("masters", MasterFile::ALL.len() as u64);
    for master in MasterFile::ALL {
        sync_one(night, master)?;
        night.watch.advance(1);
    }
    Ok(())
}

/// The index of the masters as their files are now. They are in the transaction too, which is not to be committed: that
/// is the masters stage's.
pub(crate) fn index_for_a_look(
    tx: &mut dyn Transaction,
    site: &Path,
    settings: &Settings,
    now: Micros,
) -> Result<XrefIndex> {
    for master in MasterFile::ALL {
        sync_file(tx, site, &settings.customer_item_types, master, now)?;
    }
    let masters = tx.masters(None).context("load the masters")?;
    Ok(XrefIndex::build(masters, settings.customer_item_types.clone()).0)
}

fn sync_one(night: &mut Night<'_>, master: MasterFile) -> Result<()> {
    let mut tx = night.store.begin()?;
    let types = &night.settings.customer_item_types;
    let file = sync_file(tx.as_mut(), night.folders.root(), types, master, night.run.started)?;
    for note in file.notes {
        night.synced.say(note);
    }
    let Some(counts) = file.counts else { return Ok(()) };
    night.synced.masters.insert(master.name().into(), counts);
    tx.note_run(&night.run.run_id, &serde_json::to_string(&night.synced)?)?;
    tx.commit()
}

/// What the sync of one file came to.
#[derive(Debug, Default)]
pub(crate) struct SyncedFile {
    /// None for a file that had not changed, or is gone.
    pub counts: Option<SyncCounts>,
    pub notes: Vec<String>,
}

/// Brings the store up to the file, if that changed; the transaction stays open.
pub(crate) fn sync_file(
    tx: &mut dyn Transaction,
    site: &Path,
    types: &[CustomerItemType],
    master: MasterFile,
    now: Micros,
) -> Result<SyncedFile> {
    let digest = masters::digest(site, master)?;
    let known = tx.master_digest(master.name())?;
    let mut synced = SyncedFile::default();
    let Some(digest) = digest else {
        if known.is_some() {
            // A file that need not be there and is gone may have been lost: its rows stay until an empty one says otherwise.
            synced.notes.push(format!("{} is gone; its rows are kept", master.path()));
        }
        return Ok(synced);
    };
    if known.as_ref().is_some_and(|known| *known == digest) {
        return Ok(synced);
    }
    let read = masters::read(site, master, types)?;
    let counts = tx
        .sync_master(master.name(), &digest, &read.rows, now)
        .with_context(|| format!("sync {}", master.path()))?;
    let file = master.path();
    synced.notes.extend(read.diagnostics.iter().map(|found| format!("{file}: {found}")));
    if read.left_out > 0 {
        let note = format!("{file}: {} rows with {} findings are left out", read.left_out, read.findings);
        synced.notes.push(note);
    }
    synced.counts = Some(counts);
    Ok(synced)
}
