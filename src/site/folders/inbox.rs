//! The inbox: what lies there and may be taken, and the rename that takes it.

use crate::site::folders::moves::{UNFINISHED_COPY, is_copy, is_there, rename};
use crate::site::folders::{Folders, names, sync_folders, walk, work_folder};
use crate::world;
use anyhow::{Context, Result};
use std::fs::{DirEntry, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// What lies in the inbox of a stage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inbox {
    /// In name order, bytewise by `relative`.
    pub files: Vec<InboxFile>,
    /// What is left where it is, in name order.
    pub skipped: Vec<Skipped>,
}

/// A file that may be claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxFile {
    /// Below inbox/, such as `orders/acme/0001.edi`. A name that is not UTF-8 is percent-encoded here.
    pub relative: String,
    /// Where the file really is.
    pub path: PathBuf,
    pub length: u64,
    pub modified: SystemTime,
}

/// Something in the inbox that no run takes, or not yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    pub relative: String,
    pub reason: &'static str,
    /// Not only for now: no later run will take it either.
    pub for_good: bool,
}

/// A file that this run has taken out of the inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedFile {
    /// Below inbox/, as it came.
    pub relative: String,
    /// Relative to the site: `state/work/<run>/in/<relative>`.
    pub work_path: String,
    /// Where it was in the inbox; None for a file that an interrupted run had taken.
    pub came_from: Option<PathBuf>,
}

/// What became of a file that was listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    Taken(ClaimedFile),
    /// Somebody has taken it away or renamed it since it was listed.
    Gone,
    /// It stays in the inbox, for now or for good.
    Left(Skipped),
}

impl Claim {
    pub fn taken(self) -> Option<ClaimedFile> {
        match self {
            Self::Taken(claimed) => Some(claimed),
            Self::Gone | Self::Left(_) => None,
        }
    }
}

/// Endings under which transfer programs write.
const UNFINISHED: [&str; 4] = [".tmp", ".part", ".filepart", ".writing"];

impl Folders {
    /// The files in `inbox/<stage>` and in its partners' folders, one level deep. A file that was written less than
    /// `settle` ago is left for later; with no settle time every file is taken.
    pub fn list_inbox(&self, stage: &str, settle: Duration) -> Result<Inbox> {
        let mut inbox = Inbox::default();
        let top = self.path(&format!("inbox/{stage}"))?;
        for folder in self.list_folder(&top, false, settle, &mut inbox)? {
            for below in self.list_folder(&folder, true, settle, &mut inbox)? {
                let relative = self.below_inbox(&below);
                let reason = "a folder inside a partner's folder";
                inbox.skipped.push(Skipped { relative, reason, for_good: true });
            }
        }
        inbox.files.sort_unstable_by(|a, b| a.relative.cmp(&b.relative));
        inbox.skipped.sort_unstable_by(|a, b| a.relative.cmp(&b.relative));
        Ok(inbox)
    }

    /// Takes a file: the rename is the claim. What turns out to be no file by then, or one that is still being written or that
    /// may not be read, goes back to where it was. Gone is also one that was taken by a run that was stopped between its copy
    /// to another file system and the removal here.
    pub fn claim(&self, file: &InboxFile, run_id: &str) -> Result<Claim> {
        let work = format!("{}/in", work_folder(run_id));
        let (folder, name) = file.relative.rsplit_once('/').unwrap_or(("", file.relative.as_str()));
        let left =
            |reason, for_good| Ok(Claim::Left(Skipped { relative: file.relative.clone(), reason, for_good }));
        let parent = self.path(&format!("{work}/{folder}"))?;
        if parent.symlink_metadata().is_ok_and(|data| !data.is_dir()) {
            return left("a file with the name of its folder is in work", false);
        }
        self.create_inside(&parent)?;
        // two names that are one once they are encoded, or a name that came again after a crash
        for candidate in names::candidates(name, run_id) {
            let relative = format!("{folder}/{candidate}");
            let work_path = format!("{work}/{relative}");
            let to = self.path(&work_path)?;
            if to.symlink_metadata().is_ok() {
                if !is_there(&file.path)? {
                    return Ok(Claim::Gone);
                }
                let copied = is_copy(&file.path, &to)
                    .with_context(|| format!("compare {} with {}", file.path.display(), to.display()))?;
                if copied {
                    world::unlink_if_there(&file.path)
                        .with_context(|| format!("remove {}", file.path.display()))?;
                    return Ok(Claim::Gone);
                }
                continue;
            }
            match rename(&file.path, &to) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::NotFound && !is_there(&file.path)? => {
                    return Ok(Claim::Gone);
                }
                Err(error) if error.kind() == ErrorKind::PermissionDenied => return left(NOT_TAKEN, true),
                Err(error) => {
                    let moving = || format!("move {} to {}", file.path.display(), to.display());
                    return Err(error).with_context(moving);
                }
            }
            if let Some((reason, for_good)) = unfit(&to, file)? {
                put_back(&to, &file.path, run_id)?;
                return left(reason, for_good);
            }
            return Ok(Claim::Taken(ClaimedFile { relative, work_path, came_from: Some(file.path.clone()) }));
        }
        Ok(Claim::Gone)
    }

    /// Makes claims durable. Call it once before the commit that counts on them.
    pub fn sync_claims(&self, claims: &[ClaimedFile]) -> Result<()> {
        let mut folders = std::collections::BTreeSet::new();
        for claim in claims {
            let work = self.path(&claim.work_path)?;
            folders.extend(work.parent().map(Path::to_owned));
            let inbox = claim.came_from.as_deref().and_then(Path::parent);
            folders.extend(inbox.filter(|folder| folder.is_dir()).map(Path::to_owned));
        }
        sync_folders(&folders)
    }

    /// What a run has claimed for a stage and not archived yet: the work that an interrupted run left. In name order.
    pub fn claimed(&self, run_id: &str, stage: &str) -> Result<Vec<ClaimedFile>> {
        let work = format!("{}/in", work_folder(run_id));
        let folder = self.path(&format!("{work}/{stage}"))?;
        if !folder.exists() {
            return Ok(Vec::new());
        }
        let (_, files) = walk(&folder)?;
        let mut claimed: Vec<ClaimedFile> = files
            .iter()
            .filter(|file| !file.ends_with(UNFINISHED_COPY))
            .map(|file| {
                let work_path = self.relative(file);
                let relative = work_path.strip_prefix(&format!("{work}/")).unwrap_or(&work_path).to_owned();
                ClaimedFile { relative, work_path, came_from: None }
            })
            .collect();
        claimed.sort_unstable_by(|a, b| a.relative.cmp(&b.relative));
        Ok(claimed)
    }

    /// A sentence about each file that lies beside the stages' folders in inbox/, where no run looks. In name order.
    pub fn strays(&self) -> Result<Vec<String>> {
        let mut inbox = Inbox::default();
        self.list_folder(&self.path("inbox")?, false, Duration::ZERO, &mut inbox)?;
        let mut names: Vec<String> = inbox.files.into_iter().map(|file| file.relative).collect();
        names.sort_unstable();
        let told = |name| {
            format!(
                "inbox/{name} is left where it is: it belongs into inbox/orders or another stage's folder"
            )
        };
        Ok(names.into_iter().map(told).collect())
    }

    /// Whether a run has claimed anything that it has not archived.
    pub fn has_claims(&self, run_id: &str) -> Result<bool> {
        let folder = self.path(&format!("{}/in", work_folder(run_id)))?;
        Ok(folder.exists() && walk(&folder)?.1.iter().any(|file| !file.ends_with(UNFINISHED_COPY)))
    }

    /// Adds what lies in one folder, and returns the folders in it.
    /// A folder `below` the stage's own may be closed to us; the stage's own may not.
    fn list_folder(
        &self,
        folder: &Path,
        below: bool,
        settle: Duration,
        inbox: &mut Inbox,
    ) -> Result<Vec<PathBuf>> {
        let listing = || format!("list {}", folder.display());
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) if error.kind() == ErrorKind::PermissionDenied && below => {
                let relative = self.below_inbox(folder);
                let reason = "a folder that may not be listed (permission)";
                inbox.skipped.push(Skipped { relative, reason, for_good: true });
                return Ok(Vec::new());
            }
            Err(error) => return Err(error).with_context(listing),
        };
        let mut folders = Vec::new();
        for entry in entries {
            let entry = entry.with_context(listing)?;
            let relative = self.below_inbox(&entry.path());
            match look_at(&entry, settle)? {
                Seen::File(length, modified) => {
                    inbox.files.push(InboxFile { relative, path: entry.path(), length, modified });
                }
                Seen::Folder => folders.push(entry.path()),
                Seen::Later(reason) => inbox.skipped.push(Skipped { relative, reason, for_good: false }),
                Seen::Never(reason) => inbox.skipped.push(Skipped { relative, reason, for_good: true }),
                Seen::Gone => {}
            }
        }
        Ok(folders)
    }

    fn below_inbox(&self, path: &Path) -> String {
        let text = names::text_of(path.strip_prefix(self.root.join("inbox")).unwrap_or(path));
        text.split('/').map(names::portable).collect::<Vec<_>>().join("/")
    }
}

const NOT_TAKEN: &str = "it may not be moved away from there (permission)";
const NOT_READ: &str = "it may not be read (permission)";

/// Why a file that was just moved to `at` is none to take, and whether no later run will take it either.
fn unfit(at: &Path, listed: &InboxFile) -> Result<Option<(&'static str, bool)>> {
    let looking = || format!("look at {}", at.display());
    let data = at.symlink_metadata().with_context(looking)?;
    if !data.is_file() {
        return Ok(Some(("something else has taken the place of the file", false)));
    }
    // a copy on a disk with coarse times may be older, never younger
    if data.len() != listed.length || data.modified().with_context(looking)? > listed.modified {
        return Ok(Some(("it is still being written", false)));
    }
    match File::open(at) {
        Ok(_) => Ok(None),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Ok(Some((NOT_READ, true))),
        Err(error) => Err(error).with_context(looking),
    }
}

/// Back into the inbox, beside whatever has come there since.
pub(super) fn put_back(from: &Path, to: &Path, run_id: &str) -> Result<()> {
    let name = names::portable(&names::text_of(Path::new(to.file_name().unwrap_or_default())));
    let others = names::candidates(&name, run_id).skip(1).map(|name| to.with_file_name(name));
    for place in std::iter::once(to.to_owned()).chain(others) {
        if !is_there(&place)? {
            return rename(from, &place)
                .with_context(|| format!("move {} back to {}", from.display(), place.display()));
        }
    }
    Ok(())
}

enum Seen {
    File(u64, SystemTime),
    Folder,
    Later(&'static str),
    Never(&'static str),
    Gone,
}

fn look_at(entry: &DirEntry, settle: Duration) -> Result<Seen> {
    let name = names::text_of(Path::new(&entry.file_name())).to_lowercase();
    if name.starts_with('.') {
        return Ok(Seen::Later("a name that begins with a point"));
    }
    if UNFINISHED.iter().any(|ending| name.ends_with(ending)) {
        return Ok(Seen::Later("an ending under which files are still being written"));
    }
    // of the entry itself: a link is not followed
    let data = match entry.metadata() {
        Ok(data) => data,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Seen::Gone),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => return Ok(Seen::Never(NOT_READ)),
        Err(error) => return Err(error).with_context(|| format!("look at {}", entry.path().display())),
    };
    if data.is_dir() {
        return Ok(Seen::Folder);
    }
    if data.is_symlink() {
        return Ok(Seen::Never("a symbolic link"));
    }
    if !data.is_file() {
        return Ok(Seen::Never("neither a file nor a folder"));
    }
    let modified = data.modified().with_context(|| format!("look at {}", entry.path().display()))?;
    // a time that is still to come counts as this instant
    let age = SystemTime::now().duration_since(modified).unwrap_or_default();
    if age < settle {
        return Ok(Seen::Later("written too short a time ago (settle_seconds)"));
    }
    Ok(Seen::File(data.len(), modified))
}
