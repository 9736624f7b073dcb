//! Outputs of one unit of work, written where nobody looks until the unit is committed.

use crate::site::folders::{Folders, clear_folder, sync_folder, sync_folders, walk, work_folder};
use crate::world::{self, OutFile};
use anyhow::{Context, Result, ensure};
use std::collections::BTreeSet;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

/// The staged outputs of one unit: `state/work/<run>/out/<unit>/<final path>`. Several threads may stage at once.
#[derive(Debug)]
pub struct StagedUnit<'f> {
    folders: &'f Folders,
    /// Relative to the site.
    folder: String,
}

impl Folders {
    /// An empty staging folder for a unit that is not committed. What an attempt that was interrupted or rolled back left
    /// there is removed.
    pub fn begin_unit(&self, run_id: &str, unit: u32) -> Result<StagedUnit<'_>> {
        assert!(unit >= 1, "units are numbered from 1");
        let folder = format!("{}/out/{unit:04}", work_folder(run_id));
        let path = self.path(&folder)?;
        if path.exists() {
            clear_folder(&path)?;
        }
        self.create_inside(&path)?;
        Ok(StagedUnit { folders: self, folder })
    }
}

impl StagedUnit<'_> {
    /// Writes an output and returns its staged path, relative to the site as `path` is. Fails if the unit has staged an
    /// output for that place already.
    pub fn stage(&self, path: &str, bytes: &[u8]) -> Result<String> {
        let mut writer = self.writer(path)?;
        writer.write_all(bytes).with_context(|| format!("write {}", writer.staged))?;
        writer.finish()
    }

    /// The same for an output that comes piece by piece.
    pub fn writer(&self, path: &str) -> Result<StagedWriter> {
        // proves that the final path is one inside the site
        self.folders.path(path)?;
        let staged = format!("{}/{path}", self.folder);
        let target = self.folders.path(&staged)?;
        if let Some(folder) = target.parent()
            && !folder.is_dir()
        {
            world::make_folders(folder).with_context(|| format!("make the folder {}", folder.display()))?;
        }
        let file =
            OutFile::create_new(&target).with_context(|| format!("stage {path} as {}", target.display()))?;
        Ok(StagedWriter { staged, file: BufWriter::with_capacity(1 << 16, file) })
    }

    /// Makes every staged output durable with the folders it stands in. Call it once, before the commit that lists them.
    pub fn sync(&self) -> Result<()> {
        let path = self.folders.path(&self.folder)?;
        let (folders, files) = walk(&path)?;
        for file in &files {
            world::sync(file).with_context(|| format!("sync {}", file.display()))?;
        }
        let folders: BTreeSet<PathBuf> = folders.into_iter().collect();
        sync_folders(&folders)?;
        path.parent().map_or(Ok(()), sync_folder)
    }

    /// Removes what was staged: the unit came to nothing.
    pub fn discard(self) -> Result<()> {
        let path = self.folders.path(&self.folder)?;
        ensure!(path.is_dir(), "{} is no folder", path.display());
        clear_folder(&path)
    }
}

/// An output that is being written. It counts only after [`StagedWriter::finish`].
#[derive(Debug)]
pub struct StagedWriter {
    staged: String,
    file: BufWriter<OutFile>,
}

impl StagedWriter {
    /// Ends the output and returns its staged path, relative to the site.
    pub fn finish(mut self) -> Result<String> {
        self.file.flush().with_context(|| format!("write {}", self.staged))?;
        Ok(self.staged)
    }
}

impl Write for StagedWriter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}
