//! Files that are written anew: reports, of which the last one counts, and what a person asked to have written.

use crate::site::folders::{Folders, sync_folder};
use crate::world::{self, OutFile};
use anyhow::{Context, Result};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

impl Folders {
    /// Puts a whole file in the place of what stood there, in one step: a reader sees the old one or the new one.
    pub fn replace(&self, relative: &str, bytes: &[u8]) -> Result<()> {
        let target = self.path(relative)?;
        self.create_inside(target.parent().unwrap_or(self.root()))?;
        let mut replacement = Replacement::of(&target)?;
        replacement.write_all(bytes).with_context(|| format!("write {}", target.display()))?;
        replacement.finish()
    }
}

/// A file that takes the place of what stands at its path when it is finished; until then, and if it is dropped before,
/// nobody sees it.
#[derive(Debug)]
pub struct Replacement {
    file: BufWriter<OutFile>,
    beside: PathBuf,
    target: PathBuf,
    finished: bool,
}

impl Replacement {
    /// Its folder must be there.
    pub fn of(target: &Path) -> Result<Self> {
        let beside = unfinished(target);
        let file = OutFile::create(&beside).with_context(|| format!("write {}", target.display()))?;
        Ok(Self {
            file: BufWriter::with_capacity(1 << 16, file),
            beside,
            target: target.to_owned(),
            finished: false,
        })
    }

    pub fn finish(mut self) -> Result<()> {
        let writing = || format!("write {}", self.target.display());
        self.file.flush().with_context(writing)?;
        self.file.get_ref().sync().with_context(writing)?;
        world::rename(&self.beside, &self.target).with_context(writing)?;
        self.finished = true;
        let folder = self.target.parent().filter(|folder| !folder.as_os_str().is_empty());
        sync_folder(folder.unwrap_or(Path::new(".")))
    }
}

/// Where a file is written until it is finished.
fn unfinished(target: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(".part");
    target.with_file_name(name)
}

/// Removes a file, and one for its place that was never finished, where they are.
pub fn withdraw(target: &Path) -> Result<()> {
    for path in [unfinished(target).as_path(), target] {
        world::unlink_if_there(path).with_context(|| format!("remove {}", path.display()))?;
    }
    Ok(())
}

impl Write for Replacement {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        if !self.finished {
            // it was never the file; what cannot be removed is overwritten the next time
            let _ = world::unlink(&self.beside);
        }
    }
}
