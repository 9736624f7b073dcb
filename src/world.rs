//! What the shell does to the world outside, one step at a time, behind one seam: files made, written, made durable, moved,
//! linked and removed, folders made and removed, the store's commits.
//!
//! `tests/it/tidy.rs` holds that nothing of this is done elsewhere. A step only acts; what is open stays open to be read
//! without it. Tests set a [`Hook`] that makes any of the steps fail, or ends the process at it (`tests/it/faults`). Neither an
//! option nor the environment nor a file of a site can set one, and without one a step costs one look at a static.

use std::fs;
use std::io::{Error, ErrorKind, Read as _, Result, Seek as _, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::SystemTime;

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    MakeFolder,
    RemoveFolder,
    /// A file is made, or one that is there emptied.
    Create,
    Write,
    /// The time at which a copy says that it was written.
    SetTime,
    /// A file is made durable.
    Sync,
    /// What was made in a folder, renamed into it or taken out of it is made durable.
    SyncFolder,
    Rename,
    Link,
    Unlink,
    /// The store keeps everything of a transaction.
    Commit,
}

/// One thing that is done to the world.
#[derive(Debug, Clone, Copy)]
pub struct Step<'s> {
    pub act: Act,
    /// What it is done to; of a rename and of a link, the new name.
    pub path: &'s Path,
    /// Of a rename and of a link, the old name.
    pub from: Option<&'s Path>,
}

/// What becomes of a step.
#[derive(Debug)]
pub enum Fate {
    /// It is done.
    Done,
    /// It is not done, and this is why.
    Refused(Error),
    /// Of a write only half of the bytes arrive; any other step is done. Why, says [`Hook::after`].
    Half,
}

/// Somebody who disturbs.
pub trait Hook: Send + Sync + std::fmt::Debug {
    fn before(&self, step: Step<'_>) -> Fate;
    /// Once it is done. An error: it is done, and is said to have failed.
    fn after(&self, step: Step<'_>) -> Option<Error>;
}

static HOOK: OnceLock<Box<dyn Hook>> = OnceLock::new();

/// For tests: from now on each step of this process asks the hook. False: one is set already, and stays.
pub fn disturb(hook: Box<dyn Hook>) -> bool {
    HOOK.set(hook).is_ok()
}

/// One step of something that has no function here, such as the store's commit.
pub fn step<T, E: From<Error>>(
    act: Act,
    path: &Path,
    done: impl FnOnce() -> std::result::Result<T, E>,
) -> std::result::Result<T, E> {
    hooked(Step { act, path, from: None }, |_| done())
}

/// Does it, and asks the hook where there is one. `done` is told whether it is to be done by half.
fn hooked<T, E: From<Error>>(
    step: Step<'_>,
    done: impl FnOnce(bool) -> std::result::Result<T, E>,
) -> std::result::Result<T, E> {
    let Some(hook) = HOOK.get() else { return done(false) };
    let half = match hook.before(step) {
        Fate::Done => false,
        Fate::Half => true,
        Fate::Refused(error) => return Err(error.into()),
    };
    let value = done(half)?;
    hook.after(step).map_or(Ok(value), |error| Err(error.into()))
}

/// A file that is being written.
#[derive(Debug)]
pub struct OutFile {
    file: fs::File,
    path: PathBuf,
}

impl OutFile {
    /// Empty, whatever stood there.
    pub fn create(path: &Path) -> Result<Self> {
        Self::open(path, fs::File::options().write(true).create(true).truncate(true))
    }

    /// Fails where something stands already.
    pub fn create_new(path: &Path) -> Result<Self> {
        Self::open(path, fs::File::options().write(true).create_new(true))
    }

    /// To be read and written as it stands, or empty.
    pub fn create_or_open(path: &Path) -> Result<Self> {
        Self::open(path, fs::File::options().read(true).write(true).create(true).truncate(false))
    }

    fn open(path: &Path, options: &fs::OpenOptions) -> Result<Self> {
        let file = step(Act::Create, path, || options.open(path))?;
        Ok(Self { file, path: path.to_owned() })
    }

    /// To be locked and read.
    pub fn as_file(&self) -> &fs::File {
        &self.file
    }

    /// Puts the bytes at the beginning of the file, over what stands there.
    pub fn overwrite(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.rewind()?;
        self.write_all(bytes)
    }

    pub fn set_modified(&self, time: SystemTime) -> Result<()> {
        step(Act::SetTime, &self.path, || self.file.set_modified(time))
    }

    pub fn sync(&self) -> Result<()> {
        step(Act::Sync, &self.path, || self.file.sync_all())
    }
}

impl Write for OutFile {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        let Self { file, path } = self;
        hooked(Step { act: Act::Write, path, from: None }, |half| {
            let bytes = if half { bytes.get(..bytes.len() / 2).unwrap_or_default() } else { bytes };
            file.write_all(bytes).map(|()| bytes.len())
        })
    }

    fn flush(&mut self) -> Result<()> {
        self.file.flush()
    }
}

/// Makes a file that was written before durable.
pub fn sync(path: &Path) -> Result<()> {
    step(Act::Sync, path, || fs::File::open(path)?.sync_all())
}

/// Makes the entries of a folder durable.
pub fn sync_folder(folder: &Path) -> Result<()> {
    step(Act::SyncFolder, folder, || fs::File::open(folder)?.sync_all())
}

/// Makes a folder and those above it that are missing. Returns what was made, from the outside in.
pub fn make_folders(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut missing = Vec::new();
    let mut at = Some(folder);
    while let Some(path) = at.filter(|path| !path.as_os_str().is_empty() && !path.is_dir()) {
        missing.push(path.to_owned());
        at = path.parent();
    }
    missing.reverse();
    for path in &missing {
        match step(Act::MakeFolder, path, || fs::create_dir(path)) {
            // another process may have been here first
            Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => {}
            other => other?,
        }
    }
    Ok(missing)
}

/// Removes an empty folder.
pub fn remove_folder(folder: &Path) -> Result<()> {
    step(Act::RemoveFolder, folder, || fs::remove_dir(folder))
}

/// Gives a file another name on its file system, over what stood there.
pub fn rename(from: &Path, to: &Path) -> Result<()> {
    hooked(Step { act: Act::Rename, path: to, from: Some(from) }, |_| fs::rename(from, to))
}

/// Gives a file a second name on its file system.
pub fn link(from: &Path, to: &Path) -> Result<()> {
    hooked(Step { act: Act::Link, path: to, from: Some(from) }, |_| fs::hard_link(from, to))
}

/// Removes a file.
pub fn unlink(path: &Path) -> Result<()> {
    step(Act::Unlink, path, || fs::remove_file(path))
}

/// Removes a file where there is one.
pub fn unlink_if_there(path: &Path) -> Result<()> {
    match unlink(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Writes a whole file, over what stood there. Neither at once nor durably.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    OutFile::create(path)?.write_all(bytes)
}

/// Copies a file with its time, durably but for the folder's entry, over what stood there. Not at once.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    let mut source = fs::File::open(from)?;
    let mut copy = OutFile::create(to)?;
    let mut bytes = vec![0; 1 << 18];
    loop {
        let read = match source.read(&mut bytes) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            other => other?,
        };
        if read == 0 {
            break;
        }
        copy.write_all(bytes.get(..read).unwrap_or_default())?;
    }
    copy.set_modified(source.metadata()?.modified()?)?;
    copy.sync()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_made_from_the_outside_in_and_once() {
        let root = tempfile::tempdir().unwrap();
        let inner = root.path().join("a/b/c");
        let made = make_folders(&inner).unwrap();
        assert_eq!(made, ["a", "a/b", "a/b/c"].map(|path| root.path().join(path)));
        assert_eq!(make_folders(&inner).unwrap(), Vec::<PathBuf>::new());
        fs::write(root.path().join("file"), "").unwrap();
        assert!(make_folders(&root.path().join("file")).is_err());
    }

    #[test]
    fn a_copy_has_the_bytes_and_the_time_of_its_source() {
        let root = tempfile::tempdir().unwrap();
        let (from, to) = (root.path().join("from"), root.path().join("to"));
        fs::write(&from, vec![7; 600_000]).unwrap();
        fs::write(&to, vec![8; 700_000]).unwrap();
        copy(&from, &to).unwrap();
        assert_eq!(fs::read(&to).unwrap(), vec![7; 600_000]);
        let time = |path| fs::metadata(path).unwrap().modified().unwrap();
        assert_eq!(time(&from), time(&to));
    }

    #[test]
    fn what_is_not_there_is_removed_already() {
        let root = tempfile::tempdir().unwrap();
        unlink_if_there(&root.path().join("nothing")).unwrap();
        assert!(unlink(&root.path().join("nothing")).is_err());
    }
}
