//! Retention: files of old runs that nothing needs any more are taken away, and the store says so.
//!
//! A file is noted in the store before it goes, so that a program that is stopped between the two takes it away the next
//! time. Rows of the store are never taken away.

use crate::domain::partner::PartnerProfile;
use crate::domain::{Date, Text};
use crate::run::night::Night;
use crate::run::x12_orders::days_before;
use crate::site::config::{Retention, Settings};
use crate::site::folders::Folders;
use crate::store::Store;
use crate::store::proof::{FileKind, OldFile};
use anyhow::{Context as _, Result};
use serde::Serialize;
use std::collections::BTreeMap;

/// So many files are noted and taken away together.
const CHUNK: u32 = 1_000;

/// So many files are named.
const NAMED_MAX: usize = 1_000;

/// So many files that could not be taken away are told.
const KEPT_TOLD: usize = 20;

/// What retention took away, or would.
#[derive(Debug, Default, Serialize)]
pub struct Pruned {
    /// The day from which the days are counted.
    pub date: Date,
    pub dry_run: bool,
    /// By kind of file: `archive`, `facts`, `sent`, `reports`, `quarantine`; a kind that is kept for ever is not there.
    pub kinds: BTreeMap<&'static str, OfKind>,
    /// The first so many, by kind and path.
    pub files: Vec<Text>,
    pub files_left_out: u64,
    /// What should have gone and could not be taken away, with the reason.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub kept: BTreeMap<Text, String>,
}

#[derive(Debug, Default, Serialize)]
pub struct OfKind {
    /// Files of runs before this day.
    pub before: Date,
    pub files: u64,
    pub bytes: u64,
    /// Sent interchanges that are as old and wait for their acknowledgment.
    pub waiting: u64,
}

impl Pruned {
    pub fn files(&self) -> u64 {
        self.kinds.values().map(|kind| kind.files).sum()
    }
}

/// Takes away what was noted. What cannot be taken away comes to `kept`, with the reason: the next run tries it again, and whoever
/// has it in `kept` does not. The site must be locked.
pub(crate) fn finish(
    store: &mut dyn Store,
    folders: &Folders,
    kept: &mut BTreeMap<Text, String>,
) -> Result<()> {
    let mut going = store.read()?.removing()?;
    going.retain(|path| !kept.contains_key(path));
    if going.is_empty() {
        return Ok(());
    }
    let paths: Vec<&str> = going.iter().map(Text::as_str).collect();
    kept.extend(folders.remove_files(&paths).context("take away what retention had noted")?.kept);
    let still: Vec<Text> = kept.keys().cloned().collect();
    let mut tx = store.begin()?;
    tx.mark_removed(&still)?;
    tx.commit()
}

/// A sentence about each thing that could not be taken away, the first few of them.
pub(crate) fn told(kept: &BTreeMap<Text, String>) -> Vec<String> {
    let tell = |(path, why): (&Text, &String)| {
        format!("retention could not take {path} away, and each run tries again: {why}")
    };
    let mut notes: Vec<String> = kept.iter().take(KEPT_TOLD).map(tell).collect();
    if let Some(more) = kept.len().checked_sub(KEPT_TOLD).filter(|more| *more > 0) {
        notes.push(format!("retention could not take {more} files more away"));
    }
    notes
}

/// Takes away, or only lists, what is older than the site wants to keep it. The site must be locked, unless it is a dry run.
pub fn prune(
    store: &mut dyn Store,
    folders: &Folders,
    (settings, profiles): (&Settings, &[PartnerProfile]),
    (today, dry_run): (Date, bool),
) -> Result<Pruned> {
    let mut pruned = Pruned { date: today, dry_run, ..Pruned::default() };
    if !dry_run {
        finish(store, folders, &mut pruned.kept)?;
    }
    for kind in FileKind::ALL {
        let days = days(&settings.retention, kind);
        if days == 0 {
            continue;
        }
        // what may come again is compared with what came first
        let windows = profiles
            .iter()
            .flat_map(|profile| [profile.x12.duplicate_window_days, profile.orders.duplicate_window_days]);
        let window = if kind == FileKind::Archive { windows.max().unwrap_or(0) } else { 0 };
        let before = days_before(today, days.max(window));
        let mut of_kind = OfKind { before, ..OfKind::default() };
        let mut after = Text::default();
        loop {
            let chunk = store.read()?.old_files(kind, before, &after, CHUNK)?;
            let Some(last) = chunk.last() else { break };
            after.clone_from(&last.path);
            let (waiting, chunk): (Vec<OldFile>, Vec<OldFile>) =
                chunk.into_iter().partition(|file| waits(file, profiles));
            of_kind.waiting += waiting.len() as u64;
            take(store, folders, (kind, &chunk), &mut of_kind, &mut pruned)?;
        }
        pruned.kinds.insert(kind.as_str(), of_kind);
    }
    Ok(pruned)
}

fn take(
    store: &mut dyn Store,
    folders: &Folders,
    (kind, chunk): (FileKind, &[OldFile]),
    of_kind: &mut OfKind,
    pruned: &mut Pruned,
) -> Result<()> {
    let mut there = Vec::with_capacity(chunk.len());
    for file in chunk {
        // what somebody took away is noted by nobody
        if let Ok(facts) = folders.path(&file.path)?.symlink_metadata() {
            there.push((file.clone(), facts.len()));
        }
    }
    if !pruned.dry_run && !there.is_empty() {
        let noted: Vec<OldFile> = there.iter().map(|(file, _)| file.clone()).collect();
        let mut tx = store.begin()?;
        tx.note_removed(kind, &noted, pruned.date)?;
        tx.commit()?;
        finish(store, folders, &mut pruned.kept)?;
    }
    for (file, bytes) in there {
        if pruned.kept.contains_key(&file.path) {
            continue;
        }
        of_kind.files += 1;
        of_kind.bytes += bytes;
        if pruned.files.len() < NAMED_MAX {
            pruned.files.push(file.path);
        } else {
            pruned.files_left_out += 1;
        }
    }
    Ok(())
}

fn days(retention: &Retention, kind: FileKind) -> u32 {
    match kind {
        FileKind::Archive => retention.archive_days,
        FileKind::Facts => retention.facts_days,
        FileKind::Sent => retention.sent_days,
        FileKind::Reports => retention.reports_days,
        FileKind::Quarantine => retention.quarantine_days,
    }
}

/// Whether an interchange waits for an acknowledgment that its partner sends.
fn waits(file: &OldFile, profiles: &[PartnerProfile]) -> bool {
    let profile = profiles.iter().find(|profile| *profile.id() == file.partner);
    let expected = |profile: &PartnerProfile| profile.x12.acknowledgments_expected.contains(&file.kind);
    file.unanswered && profile.is_some_and(expected)
}

/// At the end of a run, which has ended whatever becomes of this.
pub(crate) fn after_run(night: &mut Night<'_>) {
    let by = (night.settings, night.profiles);
    match prune(night.store.as_mut(), night.folders, by, (night.run.date, false)) {
        Ok(pruned) => {
            if pruned.files() > 0 {
                tracing::info!(run_id = %night.run.run_id, files = pruned.files(), "retention took files away");
            }
            for note in told(&pruned.kept) {
                tracing::warn!(run_id = %night.run.run_id, "{note}");
            }
        }
        Err(error) => tracing::warn!(run_id = %night.run.run_id, "retention: {error:#}"),
    }
}
