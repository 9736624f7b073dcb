//! Moves that may be done again: outputs to their places, inputs to the archive.

use crate::site::folders::{Folders, sync_folders};
use crate::world;
use anyhow::{Context, Result, bail};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufReader, ErrorKind, Read};
use std::path::Path;
use std::time::Duration;

/// One file from here to there, both relative to the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move<'p> {
    pub from: &'p str,
    pub to: &'p str,
}

/// What a move found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    Now,
    /// An earlier run had moved it and did not come to say so.
    Before,
    /// It stands in neither place. A staged file and a claim are durable before their commit, so an earlier run had moved
    /// it, and somebody has taken it from there since.
    TakenAway,
}

impl Folders {
    /// Moves staged outputs to their places, in this order, and makes that durable. Doing it again changes nothing. Fails
    /// where a different file stands at a place already; what was moved before that stays moved.
    pub fn publish(&self, moves: &[Move<'_>]) -> Result<Vec<Moved>> {
        let mut folders = BTreeSet::new();
        let mut results = Vec::with_capacity(moves.len());
        for one in moves {
            let (from, to) = (self.path(one.from)?, self.path(one.to)?);
            let folder = to.parent().unwrap_or(self.root());
            self.create_inside(folder)?;
            let result = move_once(&from, &to).with_context(|| format!("move {} to {}", one.from, one.to))?;
            if result != Moved::TakenAway {
                folders.insert(folder.to_owned());
            }
            results.push(result);
        }
        sync_folders(&folders)?;
        Ok(results)
    }

    /// Proves, before the commit that counts on it, that these moves can be made: makes the folders, and fails where a
    /// different file stands at a place already. Moves nothing.
    pub fn make_room(&self, moves: &[Move<'_>]) -> Result<()> {
        let mut made = BTreeSet::new();
        for one in moves {
            let (from, to) = (self.path(one.from)?, self.path(one.to)?);
            let folder = to.parent().unwrap_or(self.root());
            if made.insert(folder.to_owned()) {
                self.create_inside(folder)?;
            }
            if is_there(&to)? && !same_bytes(&from, &to)? {
                bail!("move {} to {}: {OCCUPIED}", one.from, one.to);
            }
        }
        Ok(())
    }

    /// Moves worked inputs to their archive paths, with the promises of [`Folders::publish`].
    pub fn archive(&self, moves: &[Move<'_>]) -> Result<Vec<Moved>> {
        self.publish(moves)
    }
}

/// The name under which a file is copied to another file system until the copy is whole. No inbox takes it, no claim has it.
pub(super) const UNFINISHED_COPY: &str = ".itembridge-copy.part";

const OCCUPIED: &str = "another file stands there already; move it away, then run again";

fn move_once(from: &Path, to: &Path) -> Result<Moved> {
    match (is_there(from)?, is_there(to)?) {
        (true, false) => {
            rename(from, to)?;
            Ok(Moved::Now)
        }
        (false, true) => Ok(Moved::Before),
        (false, false) => Ok(Moved::TakenAway),
        // a copy to another file system that was interrupted before its source was removed
        (true, true) if same_bytes(from, to)? => {
            world::unlink(from)?;
            Ok(Moved::Before)
        }
        (true, true) => bail!(OCCUPIED),
    }
}

pub(super) fn is_there(path: &Path) -> Result<bool> {
    match path.symlink_metadata() {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error.into()),
    }
}

pub(super) fn same_bytes(a: &Path, b: &Path) -> Result<bool> {
    let (facts, others) = (a.symlink_metadata()?, b.symlink_metadata()?);
    if !facts.is_file() || !others.is_file() || facts.len() != others.len() {
        return Ok(false);
    }
    let mut a = BufReader::with_capacity(1 << 16, File::open(a)?);
    let mut b = File::open(b)?;
    let (mut mine, mut theirs) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        let read = a.read(&mut mine)?;
        let (Some(mine), Some(theirs)) = (mine.get(..read), theirs.get_mut(..read)) else { return Ok(false) };
        match b.read_exact(theirs) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(false),
            other => other?,
        }
        if read == 0 || mine != theirs {
            return Ok(read == 0);
        }
    }
}

/// Renames; where source and target are on different file systems, copies durably under a name that nobody takes, renames
/// that, and removes the source.
pub(super) fn rename(from: &Path, to: &Path) -> std::io::Result<()> {
    match world::rename(from, to) {
        Err(error) if error.kind() == ErrorKind::CrossesDevices => copy_over(from, to),
        result => result,
    }
}

/// Stopped before its rename, it leaves an unfinished copy, which counts for nothing; after it, a whole one beside its source,
/// which whoever moves again recognises ([`is_copy`], [`same_bytes`]).
fn copy_over(from: &Path, to: &Path) -> std::io::Result<()> {
    copy_whole(from, to)?;
    if let Some(folder) = to.parent() {
        world::sync_folder(folder)?;
    }
    world::unlink(from)
}

/// Copies a file durably under a name that nobody takes, and puts the copy in the place of what stood at `to`.
pub(super) fn copy_whole(from: &Path, to: &Path) -> std::io::Result<()> {
    let beside = to.with_file_name(UNFINISHED_COPY);
    world::copy(from, &beside).and_then(|()| world::rename(&beside, to)).inspect_err(|_| {
        // on a full disk it is in the way of others; what cannot be removed now is overwritten the next time
        let _ = world::unlink_if_there(&beside);
    })
}

/// Whether `copy` is what a move of `from` to another file system left, which was stopped before it removed `from`: the same
/// bytes, and the same time as far as file systems keep it.
pub(super) fn is_copy(from: &Path, copy: &Path) -> Result<bool> {
    const COARSEST: Duration = Duration::from_secs(2);
    let (time, copied) = (from.symlink_metadata()?.modified()?, copy.symlink_metadata()?.modified()?);
    let apart = time.duration_since(copied).or_else(|_| copied.duration_since(time)).unwrap_or_default();
    Ok(apart < COARSEST && same_bytes(from, copy)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_between_file_systems_leaves_one_file_with_the_same_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("a"), folder.path().join("b"));
        std::fs::write(&from, "x".repeat(200_000)).unwrap();
        copy_over(&from, &to).unwrap();
        assert_eq!(std::fs::read(&to).unwrap(), vec![b'x'; 200_000]);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_move_to_another_file_system_is_made_whole_or_taken_up_again() {
        let Ok(other) = tempfile::tempdir_in("/dev/shm") else { return };
        let here = tempfile::tempdir().unwrap();
        let (from, to) = (here.path().join("a.edi"), other.path().join("a.edi"));
        std::fs::write(&from, "x".repeat(300_000)).unwrap();
        // stopped in the middle of the copy, then between its rename and the removal of the source
        std::fs::write(to.with_file_name(UNFINISHED_COPY), "x").unwrap();
        assert_eq!(move_once(&from, &to).unwrap(), Moved::Now);
        std::fs::copy(&to, &from).unwrap();
        assert_eq!(move_once(&from, &to).unwrap(), Moved::Before);
        assert_eq!(std::fs::read(&to).unwrap(), vec![b'x'; 300_000]);
        let names = |folder: &Path| std::fs::read_dir(folder).unwrap().count();
        assert_eq!((names(here.path()), names(other.path())), (0, 1));
    }

    #[test]
    fn a_copy_is_known_by_its_bytes_and_its_time() {
        let folder = tempfile::tempdir().unwrap();
        let (from, copy) = (folder.path().join("a"), folder.path().join("b"));
        for (bytes, apart, expected) in
            [("same", 0, true), ("same", 1, true), ("same", 60, false), ("else", 0, false)]
        {
            std::fs::write(&from, "same").unwrap();
            std::fs::write(&copy, bytes).unwrap();
            let time = from.metadata().unwrap().modified().unwrap() + Duration::from_secs(apart);
            File::options().write(true).open(&copy).unwrap().set_modified(time).unwrap();
            assert_eq!(is_copy(&from, &copy).unwrap(), expected, "{bytes}, {apart} seconds apart");
        }
    }

    #[test]
    fn bytes_are_compared_to_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (folder.path().join("a"), folder.path().join("b"));
        let long = "x".repeat(150_000);
        for (left, right, expected) in [
            ("", "", true),
            ("same", "same", true),
            ("same", "sane", false),
            ("same", "same but longer", false),
            (&long, &long, true),
            (&long, &format!("{}y", &long[1..]), false),
        ] {
            std::fs::write(&a, left).unwrap();
            std::fs::write(&b, right).unwrap();
            assert_eq!(same_bytes(&a, &b).unwrap(), expected, "{} and {} bytes", left.len(), right.len());
        }
    }
}
