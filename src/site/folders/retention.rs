//! What stands below a folder, and taking away files that nobody needs any more.

use crate::domain::Text;
use crate::site::folders::{Folders, sync_folder};
use crate::world;
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// What became of files that were to go.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Removal {
    /// How many went now.
    pub removed: u64,
    /// Of these, the file or its empty folder is still there, and why. To be tried again.
    pub kept: BTreeMap<Text, String>,
}

impl Removal {
    fn keep(&mut self, file: &str, why: &impl ToString) {
        self.kept.insert(file.into(), why.to_string());
    }
}

impl Folders {
    /// The folders in a folder, in the order of their names; nothing where it is not there. Links are none.
    pub fn folders_in(&self, folder: &str) -> Result<Vec<String>> {
        self.entries(folder, std::fs::FileType::is_dir)
    }

    /// Every file below a folder, a folder after another, each in the order of its names. Links are files.
    pub fn files_below(&self, folder: &str) -> Result<Vec<String>> {
        let mut found = Vec::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(at) = folders.pop() {
            found.extend(self.entries(&at, |kind| !kind.is_dir())?);
            let mut below = self.folders_in(&at)?;
            below.reverse();
            folders.extend(below);
        }
        Ok(found)
    }

    fn entries(&self, folder: &str, wanted: impl Fn(&std::fs::FileType) -> bool) -> Result<Vec<String>> {
        let path = self.path(folder)?;
        let listing = || format!("list {}", path.display());
        let entries = match std::fs::read_dir(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.with_context(listing)?,
        };
        let mut found = Vec::new();
        for entry in entries {
            let entry = entry.with_context(listing)?;
            if wanted(&entry.file_type().with_context(listing)?) {
                found.push(self.relative(&entry.path()));
            }
        }
        found.sort_unstable();
        Ok(found)
    }

    /// Takes files away, durably, with the folders in which nothing is left, up to the top one of the site. One that is gone
    /// already is no error: doing it again changes nothing. What cannot be taken away, and what stands at a path and is no file,
    /// nor a link, stays; the others go.
    pub fn remove_files(&self, paths: &[&str]) -> Result<Removal> {
        let mut removal = Removal::default();
        let mut folders: BTreeMap<PathBuf, Vec<&str>> = BTreeMap::new();
        for relative in paths {
            let path = self.path(relative)?;
            match world::unlink(&path) {
                Ok(()) => removal.removed += 1,
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => {
                    removal.keep(relative, &error);
                    continue;
                }
            }
            let folder = path.parent().unwrap_or(self.root());
            // it may have gone already, by an attempt that was stopped before it came to the folder above
            if let Some(left) = folder.ancestors().find(|above| above.is_dir()) {
                folders.entry(left.to_owned()).or_default().push(relative);
            }
        }
        for (folder, files) in folders.iter().rev() {
            if let Err(error) = sync_folder(folder).and_then(|()| self.remove_empty(folder)) {
                let why = format!("{error:#}");
                for file in files {
                    removal.keep(file, &why);
                }
            }
        }
        Ok(removal)
    }

    /// A folder of a day, of a run: not the folders that the site begins with.
    fn remove_empty(&self, folder: &Path) -> Result<()> {
        let mut at = folder.to_owned();
        loop {
            let depth = at.strip_prefix(&self.root).map_or(0, |inside| inside.components().count());
            let Some(above) = at.parent().map(Path::to_owned) else { return Ok(()) };
            let keep = depth < 2 || at.ends_with("state/sent") || is_of_contract(&at, self.root());
            if keep {
                return Ok(());
            }
            match world::remove_folder(&at) {
                Ok(()) => sync_folder(&above)?,
                // with another file of it
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) if STAYS.contains(&error.kind()) => return Ok(()),
                Err(error) => {
                    return Err(error).with_context(|| format!("remove the folder {}", at.display()));
                }
            }
            at = above;
        }
    }
}

/// Something is left in a folder, or it is one that an empty folder may well be: a mount point, somebody else's.
const STAYS: [ErrorKind; 3] =
    [ErrorKind::DirectoryNotEmpty, ErrorKind::PermissionDenied, ErrorKind::ResourceBusy];

/// `facts/order_lines` and the like: folders that readers name.
fn is_of_contract(folder: &Path, root: &Path) -> bool {
    ["facts/order_lines", "facts/invoice_lines"].iter().any(|named| folder == root.join(named))
}

/// The place beside `target` in which a file is made that takes its name when it is whole.
pub fn beside(target: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(".part");
    target.with_file_name(name)
}

/// Takes away what an attempt that was stopped left beside a target.
pub fn clear_beside(target: &Path) -> Result<()> {
    let beside = beside(target);
    world::unlink_if_there(&beside).with_context(|| format!("remove {}", beside.display()))
}

/// Makes the file beside a target durable and gives it the target's name, in one step.
pub fn put_in_place(target: &Path) -> Result<()> {
    let beside = beside(target);
    let writing = || format!("write {}", target.display());
    world::sync(&beside).with_context(writing)?;
    world::rename(&beside, target).with_context(writing)?;
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
    sync_folder(folder.unwrap_or(Path::new(".")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_go_with_the_folders_that_they_leave_empty() {
        let site = tempfile::tempdir().unwrap();
        let folders = Folders::open(site.path()).unwrap();
        for path in [
            "archive/2026/01/02/a",
            "archive/2026/01/03/b/c",
            "archive/2026/01/03/d",
            "facts/order_lines/date=1/f",
        ] {
            std::fs::create_dir_all(site.path().join(path).parent().unwrap()).unwrap();
            std::fs::write(site.path().join(path), "x").unwrap();
        }
        assert_eq!(
            folders.folders_in("archive/2026/01").unwrap(),
            ["archive/2026/01/02", "archive/2026/01/03"]
        );
        let gone = ["archive/2026/01/02/a", "archive/2026/01/03/b/c", "facts/order_lines/date=1/f"];
        assert_eq!(folders.remove_files(&gone).unwrap().removed, 3);
        assert_eq!(folders.remove_files(&gone).unwrap(), Removal::default(), "once more changes nothing");
        assert_eq!(folders.files_below("archive").unwrap(), ["archive/2026/01/03/d"]);
        assert_eq!(folders.folders_in("archive/2026/01").unwrap(), ["archive/2026/01/03"]);
        // stopped after it took the folder of a day away
        std::fs::create_dir_all(site.path().join("archive/2025/12")).unwrap();
        assert_eq!(folders.remove_files(&["archive/2025/12/31/orders/a"]).unwrap(), Removal::default());
        assert_eq!(folders.folders_in("archive").unwrap(), ["archive/2026"]);
        assert_eq!(folders.folders_in("facts").unwrap(), ["facts/order_lines"]);
        assert!(folders.folders_in("facts/order_lines").unwrap().is_empty());
        assert!(folders.remove_files(&["../x"]).is_err(), "nothing outside the site");
        // a folder is no file, and the others go all the same
        std::fs::write(site.path().join("archive/2026/01/03/e"), "x").unwrap();
        let mixed = ["archive/2026/01", "archive/2026/01/03/e"];
        let Removal { removed, kept } = folders.remove_files(&mixed).unwrap();
        assert_eq!((removed, kept.into_keys().collect::<Vec<_>>()), (1, vec![Text::from("archive/2026/01")]));
        assert!(folders.files_below("nowhere").unwrap().is_empty());
    }
}
