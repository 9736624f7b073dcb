//! Copies of what goes to partners, so that the same bytes can go once more after the transport has taken them away.

use crate::site::folders::moves::{copy_whole, is_there, same_bytes};
use crate::site::folders::{Folders, sync_folders};
use crate::world;
use anyhow::{Context, Result};
use std::collections::BTreeSet;
use std::path::Path;

/// An output that is about to go to its place, and where its bytes are kept; all relative to the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keep<'p> {
    pub staged: &'p str,
    pub path: &'p str,
    pub kept: String,
}

/// Where the bytes of a file of the outbox are kept: one folder a run, so that making them durable costs one step.
pub fn kept_path(run_id: &str, path: &str) -> String {
    let name = path.strip_prefix("outbox/").unwrap_or(path).replace('/', "-");
    format!("state/sent/{run_id}/{name}")
}

impl Folders {
    /// Keeps the bytes of outputs before they are published, durably: a second name of the same file, so that nothing is
    /// written twice, or a copy where the disk knows no second names. Doing it again changes nothing. Of an output that
    /// somebody has taken from its place already nothing can be kept that was not kept before.
    pub fn keep(&self, keeps: &[Keep<'_>]) -> Result<()> {
        let mut changed = BTreeSet::new();
        for keep in keeps {
            let target = self.path(&keep.kept)?;
            let from = [self.path(keep.staged)?, self.path(keep.path)?];
            let mut sources = from.iter();
            let source = loop {
                match sources.next() {
                    Some(path) if is_there(path)? => break Some(path),
                    Some(_) => {}
                    None => break None,
                }
            };
            let Some(source) = source else { continue };
            let folder = target.parent().unwrap_or(self.root());
            if !changed.contains(folder) {
                self.create_inside(folder)?;
                changed.insert(folder.to_owned());
            }
            keep_one(source, &target).with_context(|| format!("keep {} as {}", keep.path, keep.kept))?;
        }
        sync_folders(&changed)
    }
}

fn keep_one(source: &Path, target: &Path) -> Result<()> {
    if is_there(target)? {
        if same_bytes(source, target)? {
            return Ok(());
        }
        // of a store that is gone: what this one sends under the name is what counts
        world::unlink(target)?;
    }
    if world::link(source, target).is_ok() {
        return Ok(());
    }
    // never into the target itself: a network folder may say that a link failed which it made, and then the target is the source
    Ok(copy_whole(source, target)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &str = "outbox/acme/810-000000001.edi";

    fn keep() -> Keep<'static> {
        Keep { staged: "state/work/r/out/0001/a", path: PATH, kept: kept_path("r", PATH) }
    }

    fn write(site: &Path, path: &str, text: &str) {
        let path = site.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    #[test]
    fn the_bytes_stay_when_the_file_is_taken_away() {
        assert_eq!(keep().kept, "state/sent/r/acme-810-000000001.edi");
        for place in [keep().staged, PATH] {
            let site = tempfile::tempdir().unwrap();
            let folders = Folders::open(site.path()).unwrap();
            write(site.path(), place, "ISA");
            for _ in 0..2 {
                folders.keep(&[keep()]).unwrap();
            }
            std::fs::remove_file(site.path().join(place)).unwrap();
            folders.keep(&[keep()]).unwrap();
            assert_eq!(std::fs::read(site.path().join(keep().kept)).unwrap(), b"ISA", "{place}");
        }
    }

    #[test]
    fn what_another_store_kept_under_the_name_gives_way() {
        let site = tempfile::tempdir().unwrap();
        let folders = Folders::open(site.path()).unwrap();
        write(site.path(), &keep().kept, "old");
        write(site.path(), keep().staged, "new");
        folders.keep(&[keep()]).unwrap();
        assert_eq!(std::fs::read(site.path().join(keep().kept)).unwrap(), b"new");
    }

    #[test]
    fn a_copy_in_the_place_of_a_second_name_leaves_the_file_as_it_is() {
        let site = tempfile::tempdir().unwrap();
        let (file, name) = (site.path().join("file"), site.path().join("name"));
        std::fs::write(&file, "ISA").unwrap();
        std::fs::hard_link(&file, &name).unwrap();
        copy_whole(&file, &name).unwrap();
        assert_eq!(
            (std::fs::read(&file).unwrap(), std::fs::read(&name).unwrap()),
            (b"ISA".to_vec(), b"ISA".to_vec())
        );
        assert_eq!(std::fs::read_dir(site.path()).unwrap().count(), 2);
    }

    #[test]
    fn what_stands_nowhere_is_passed_over() {
        let site = tempfile::tempdir().unwrap();
        Folders::open(site.path()).unwrap().keep(&[keep()]).unwrap();
        assert!(!site.path().join("state").exists());
    }
}
