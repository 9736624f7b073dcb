//! The folders of a site, and the one place that moves files in them. All paths in and out are relative to the site,
//! with `/` between their parts, as the store keeps them.
//!
//! The life of an input: [`Folders::list_inbox`], [`Folders::claim`], [`Folders::sync_claims`], work,
//! [`Folders::archive`]. The life of an output: [`Folders::begin_unit`], [`StagedUnit::stage`], [`StagedUnit::sync`],
//! the store's commit, [`Folders::publish`].

mod inbox;
mod kept;
mod lock;
mod moves;
mod names;
mod replace;
mod retention;
mod staged;

pub use inbox::{Claim, ClaimedFile, Inbox, InboxFile, Skipped};
pub use kept::{Keep, kept_path};
pub use lock::{SiteLock, lock};
pub use moves::{Move, Moved};
pub use names::{QuarantinePaths, safe_file_name};
pub use replace::{Replacement, withdraw};
pub use retention::{Removal, beside, clear_beside, put_in_place};
pub use staged::{StagedUnit, StagedWriter};

use crate::world;
use anyhow::{Context, Result, bail, ensure};
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex};

/// The stages that have an inbox, in the order of a run.
pub const STAGES: [&str; 4] = ["orders", "acknowledgments", "invoices", "pos"];

/// Every folder of the contract that is there from the first day.
const FOLDERS: [&str; 13] = [
    "partners",
    "masters",
    "inbox/orders",
    "inbox/acknowledgments",
    "inbox/invoices",
    "inbox/pos",
    "orders",
    "outbox",
    "archive",
    "quarantine",
    "reports",
    "facts",
    "state/work",
];

/// The folders of one site.
#[derive(Debug, Clone)]
pub struct Folders {
    /// Absolute and without symbolic links.
    root: PathBuf,
    /// What is taken in archive/ and quarantine/, shared by all that speak of this site.
    seen: Arc<Mutex<names::SeenPlaces>>,
}

impl Folders {
    /// The folders of the site at `root`, which must be there; its folders need not.
    pub fn open(root: &Path) -> Result<Self> {
        let absolute = root.canonicalize().with_context(|| format!("open the site {}", root.display()))?;
        ensure!(absolute.is_dir(), "{} is no folder", root.display());
        Ok(Self { root: absolute, seen: Arc::default() })
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Makes what is missing of the contract's folders. A folder that is a symbolic link to a place outside the site is
    /// refused: a rename could not move files there as one step.
    pub fn create(&self) -> Result<()> {
        for folder in FOLDERS {
            self.create_inside(&self.root.join(folder))?;
        }
        Ok(())
    }

    /// The absolute path of something in the site. Fails for a path that leads out of it.
    pub fn path(&self, relative: &str) -> Result<PathBuf> {
        let parts = Path::new(relative).components();
        let plain = parts.clone().all(|part| matches!(part, Component::Normal(_)));
        ensure!(plain && parts.count() > 0, "{relative:?} is no path inside a site");
        Ok(self.root.join(relative))
    }

    /// Where a run unpacks compressed files.
    pub fn unpacked(&self, run_id: &str) -> Result<PathBuf> {
        self.path(&format!("{}/unpacked", work_folder(run_id)))
    }

    /// Removes what runs unpacked and, stopped, left.
    pub fn clear_unpacked(&self) -> Result<()> {
        for work in self.works()? {
            let unpacked = work.join("unpacked");
            if unpacked.symlink_metadata().is_ok_and(|data| data.is_dir()) {
                clear_folder(&unpacked)?;
            }
        }
        Ok(())
    }

    /// Takes away the folders that a run worked in, once no claim is left in them. Returns the claims that are left, in
    /// name order; then no folder is taken away. What was staged and never committed goes, and so do copies that were not
    /// finished: so call it where all that was committed is published.
    pub fn remove_work(&self, run_id: &str) -> Result<Vec<String>> {
        let work = self.path(&work_folder(run_id))?;
        if !work.exists() {
            return Ok(Vec::new());
        }
        for ours in ["out", "unpacked"].map(|name| work.join(name)) {
            if ours.symlink_metadata().is_ok_and(|data| data.is_dir()) {
                clear_folder(&ours)?;
            }
        }
        let (folders, mut files) = walk(&work)?;
        for copy in files.extract_if(.., |file| file.ends_with(moves::UNFINISHED_COPY)) {
            world::unlink(&copy).with_context(|| format!("remove {}", copy.display()))?;
        }
        if files.is_empty() {
            for folder in folders.iter().rev() {
                world::remove_folder(folder).with_context(|| format!("remove {}", folder.display()))?;
            }
        }
        let mut left: Vec<String> = files.iter().map(|file| self.relative(file)).collect();
        left.sort_unstable();
        Ok(left)
    }

    /// [`Folders::remove_work`] for every run: one that was stopped at its very end left its empty folders.
    pub fn remove_all_work(&self) -> Result<Vec<String>> {
        let mut left = Vec::new();
        for work in self.works()? {
            left.extend(self.remove_work(&names::text_of(Path::new(work.file_name().unwrap_or_default())))?);
        }
        Ok(left)
    }

    /// The folders that runs work in.
    fn works(&self) -> Result<Vec<PathBuf>> {
        let work = self.path("state/work")?;
        let listing = || format!("list {}", work.display());
        let mut found = Vec::new();
        for entry in std::fs::read_dir(&work).with_context(listing)? {
            let path = entry.with_context(listing)?.path();
            if path.is_dir() {
                found.push(path);
            }
        }
        found.sort();
        Ok(found)
    }

    /// Makes a folder with its parents, durably, and proves that it is inside the site.
    fn create_inside(&self, folder: &Path) -> Result<()> {
        if !folder.is_dir() {
            let making = || format!("make the folder {}", folder.display());
            for below in world::make_folders(folder).with_context(making)? {
                below.parent().map_or(Ok(()), sync_folder)?;
            }
        }
        let real = folder.canonicalize().with_context(|| format!("open {}", folder.display()))?;
        if !real.starts_with(&self.root) {
            bail!(
                "{} is a symbolic link to {}, outside the site; use a mount point instead",
                folder.display(),
                real.display()
            );
        }
        Ok(())
    }

    fn relative(&self, path: &Path) -> String {
        let inside = path.strip_prefix(&self.root).unwrap_or(path);
        names::text_of(inside)
    }
}

fn work_folder(run_id: &str) -> String {
    format!("state/work/{}", safe_file_name(run_id))
}

/// Everything below a folder: the folders from the outside in, itself first, and what is no folder.
fn walk(folder: &Path) -> Result<(Vec<PathBuf>, Vec<PathBuf>)> {
    let (mut folders, mut files) = (vec![folder.to_owned()], Vec::new());
    let mut next = 0;
    while let Some(at) = folders.get(next).cloned() {
        next += 1;
        let listing = || format!("list {}", at.display());
        for entry in std::fs::read_dir(&at).with_context(listing)? {
            let entry = entry.with_context(listing)?;
            let kind = entry.file_type().with_context(listing)?;
            if kind.is_dir() { folders.push(entry.path()) } else { files.push(entry.path()) }
        }
    }
    Ok((folders, files))
}

/// Removes a folder with everything in it.
fn clear_folder(folder: &Path) -> Result<()> {
    let (folders, files) = walk(folder)?;
    for file in files {
        world::unlink(&file).with_context(|| format!("remove {}", file.display()))?;
    }
    for folder in folders.iter().rev() {
        world::remove_folder(folder).with_context(|| format!("remove {}", folder.display()))?;
    }
    Ok(())
}

/// Makes the entries of a folder durable: what was made in it, renamed into it or taken out of it.
fn sync_folder(folder: &Path) -> Result<()> {
    world::sync_folder(folder).with_context(|| format!("sync the folder {}", folder.display()))
}

fn sync_folders(folders: &BTreeSet<PathBuf>) -> Result<()> {
    folders.iter().try_for_each(|folder| sync_folder(folder))
}

#[cfg(test)]
mod tests;
