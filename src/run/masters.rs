//! The masters stage: files that changed since the last run are synced into the store, others cost a digest.

use crate::domain::Text;
use crate::run::night::Night;
use crate::site::masters::{self, MasterFile};
use crate::store::SyncCounts;
use anyhow::{Context as _, Result};

/// A masters file, and what its sync changed; None: the file is as it was.
pub(crate) type Synced = (Text, Option<SyncCounts>);

pub(crate) fn sync(night: &mut Night<'_>) -> Result<Vec<Synced>> {
    night.watch.stage("masters", MasterFile::ALL.len() as u64);
    let mut synced = Vec::new();
    for master in MasterFile::ALL {
        synced.push((Text::from(master.name()), sync_one(night, master)?));
        night.watch.advance(1);
    }
    Ok(synced)
}

fn sync_one(night: &mut Night<'_>, master: MasterFile) -> Result<Option<SyncCounts>> {
    let site = night.folders.root();
    let digest = masters::digest(site, master)?;
    let mut tx = night.store.begin()?;
    let known = tx.master_digest(master.name())?;
    let Some(digest) = digest else {
        if known.is_some() {
            // A file that need not be there and is gone may have been lost: its rows stay until an empty one says otherwise.
            night.notes.push(format!("{} is gone; its rows are kept", master.path()));
        }
        return Ok(None);
    };
    if known.as_ref().is_some_and(|known| *known == digest) {
        return Ok(None);
    }
    let read = masters::read(site, master, &night.settings.customer_item_types)?;
    let counts = tx
        .sync_master(master.name(), &digest, &read.rows, night.run.started)
        .with_context(|| format!("sync {}", master.path()))?;
    tx.commit()?;
    let file = master.path();
    night.notes.extend(read.diagnostics.into_iter().map(|found| format!("{file}: {found}")));
    if read.left_out > 0 {
        night
            .notes
            .push(format!("{file}: {} rows with {} findings are left out", read.left_out, read.findings));
    }
    Ok(Some(counts))
}
