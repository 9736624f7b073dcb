//! One run at a time: a lock that the system takes back from a dead process.

use crate::world::{OutFile, make_folders};
use anyhow::{Context, Result, bail, ensure};
use std::fs::TryLockError;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Bytes of the note about the holder. It is always written whole, so that nobody reads a half of it.
const NOTE_BYTES: usize = 256;

/// Held until it is dropped or the process ends, however it ends.
#[derive(Debug)]
pub struct SiteLock {
    file: OutFile,
    path: PathBuf,
    /// Who holds it, and since when.
    holder: String,
}

impl SiteLock {
    /// Writes into the lock's file what the holder is doing, for whoever finds the site locked.
    pub fn note(&mut self, text: &str) -> Result<()> {
        let mut note = format!("{}: {text}", self.holder).into_bytes();
        note.truncate(NOTE_BYTES - 1);
        note.resize(NOTE_BYTES - 1, b' ');
        note.push(b'\n');
        self.file.overwrite(&note).with_context(|| format!("write {}", self.path.display()))
    }
}

/// Locks a site. While another process holds it: with `wait` this waits, without it fails and says who holds it, since when and
/// for what.
pub fn lock(site: &Path, wait: bool) -> Result<SiteLock> {
    let folder = site.join("state");
    ensure!(site.is_dir(), "{} is no folder", site.display());
    make_folders(&folder).with_context(|| format!("make the folder {}", folder.display()))?;
    let path = folder.join("lock");
    let locking = || format!("lock {}", path.display());
    let file = OutFile::create_or_open(&path).with_context(locking)?;
    match file.as_file().try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) if wait => {
            tracing::info!(holder = holder_of(&file), "waits for the site");
            file.as_file().lock().with_context(locking)?;
        }
        Err(TryLockError::WouldBlock) => {
            bail!(
                "the site {} is in use by {}; try again later, or with --wait",
                site.display(),
                holder_of(&file)
            );
        }
        Err(TryLockError::Error(error)) => return Err(error).with_context(locking),
    }
    let mut lock = SiteLock { file, path, holder: this_process() };
    lock.note("between runs")?;
    Ok(lock)
}

/// What the holder has noted.
fn holder_of(file: &OutFile) -> String {
    let mut note = Vec::new();
    // what cannot be read is not worth a second error
    let _ = file.as_file().take(NOTE_BYTES as u64).read_to_end(&mut note);
    let note = String::from_utf8_lossy(&note);
    let note = note.lines().next().unwrap_or_default().trim();
    if note.is_empty() { "another process, which has only begun".to_owned() } else { note.to_owned() }
}

fn this_process() -> String {
    let now = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::system());
    let user = ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| std::env::var(name).ok());
    let user = user.filter(|user| !user.trim().is_empty()).map(|user| format!(" of {}", user.trim()));
    let since = now.strftime("%Y-%m-%d %H:%M:%S %:z");
    format!("process {}{} since {since}", std::process::id(), user.unwrap_or_default())
}
