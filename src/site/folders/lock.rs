//! One run at a time: a lock that the system takes back from a dead process.

use anyhow::{Context, Result, bail};
use std::fs::{File, TryLockError};
use std::io::{ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};

/// Held until it is dropped or the process ends, however it ends.
#[derive(Debug)]
pub struct SiteLock {
    file: File,
    path: PathBuf,
}

impl SiteLock {
    /// Writes into the lock's file what the holder is doing, for whoever finds the site locked.
    pub fn note(&mut self, text: &str) -> Result<()> {
        let writing = || format!("write {}", self.path.display());
        self.file.set_len(0).with_context(writing)?;
        self.file.rewind().with_context(writing)?;
        writeln!(self.file, "process {}, {text}", std::process::id()).with_context(writing)
    }
}

/// Locks a site. While another process holds it: with `wait` this waits, without it fails and says who holds it.
pub fn lock(site: &Path, wait: bool) -> Result<SiteLock> {
    let folder = site.join("state");
    match std::fs::create_dir(&folder) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            return Err(error).with_context(|| format!("make the folder {}", folder.display()));
        }
        _ => {}
    }
    let path = folder.join("lock");
    let locking = || format!("lock {}", path.display());
    let mut file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .with_context(locking)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) if wait => file.lock().with_context(locking)?,
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            // what cannot be read is not worth a second error
            let _ = Read::by_ref(&mut file).take(200).read_to_string(&mut holder);
            let holder = if holder.trim().is_empty() { "another process" } else { holder.trim() };
            bail!("the site {} is in use by {holder}; try again later, or with --wait", site.display());
        }
        Err(TryLockError::Error(error)) => return Err(error).with_context(locking),
    }
    let mut lock = SiteLock { file, path };
    lock.note("between runs")?;
    Ok(lock)
}
