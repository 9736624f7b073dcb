//! A claimed file: unpacked if it is compressed, its digest taken in one pass, its pieces read where they stand.

use crate::domain::diagnostic::{Diagnostic, Location};
use crate::domain::rules::inputs::GZ_TWICE;
use crate::run::gz;
use crate::site::config::GzLimits;
use crate::world::{self, OutFile};
use anyhow::{Context as _, Result, ensure};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Files up to this size are held in memory while their unit is in work; larger ones are read piece by piece.
const WHOLE_BYTES_MAX: u64 = 4 << 20;
/// The same for the content of a compressed file: the size of the file does not tell how many of them are a unit.
const UNPACKED_WHOLE_BYTES_MAX: usize = 1 << 16;

/// A file that can be read by many threads at once.
#[derive(Debug)]
pub(crate) struct Source {
    path: PathBuf,
    held: Held,
    pub(crate) length: u64,
    /// The file was compressed, and this is its content.
    packed: bool,
    /// Length and time of the file when it was opened.
    seen: (u64, Option<SystemTime>),
}

#[derive(Debug)]
enum Held {
    Memory(Vec<u8>),
    File(File),
    Unpacked(Scratch),
}

/// A file as it was when it was opened.
#[derive(Debug)]
pub(crate) struct Stamp {
    path: PathBuf,
    seen: (u64, Option<SystemTime>),
}

impl Stamp {
    /// Fails if the file has another length or time by now: whoever dropped it is still writing to it.
    pub(crate) fn prove(&self) -> Result<()> {
        // one that somebody took away has been read whole by now
        let Ok(data) = self.path.symlink_metadata() else { return Ok(()) };
        ensure!(
            (data.len(), data.modified().ok()) == self.seen,
            "{} was written to while it was read, and nothing of its unit was taken; run again when it is whole \
             (settle_seconds leaves young files for later)",
            self.path.display()
        );
        Ok(())
    }
}

/// Where compressed files are unpacked, and how far.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unpacking<'u> {
    /// A folder for the content; of what is put there nothing is left.
    pub folder: &'u Path,
    pub limits: &'u GzLimits,
}

/// A file of ours that goes when nobody needs it any more. It is opened for each reading, so that a unit of many holds no handles.
#[derive(Debug)]
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn make(folder: &Path) -> Result<(Self, OutFile)> {
        static NUMBER: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        world::make_folders(folder).with_context(|| format!("make the folder {}", folder.display()))?;
        let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let path = folder.join(format!("unpacked-{}-{number}", std::process::id()));
        // a process of the same number may have left it
        let _ = world::unlink_if_there(&path);
        let file = OutFile::create_new(&path);
        let file = file.with_context(|| format!("unpack to {}", path.display()))?;
        Ok((Self(path), file))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed now is removed with the run's folder.
        let _ = world::unlink(&self.0);
    }
}

/// Content on its way out of a compressed file: in memory while it is short.
#[derive(Debug, Default)]
struct Content {
    memory: Vec<u8>,
    file: Option<(Scratch, BufWriter<OutFile>)>,
}

impl Content {
    fn take(&mut self, piece: &[u8], folder: &Path) -> Result<()> {
        if self.file.is_none() && self.memory.len() + piece.len() > UNPACKED_WHOLE_BYTES_MAX {
            let (scratch, file) = Scratch::make(folder)?;
            let mut writer = BufWriter::with_capacity(1 << 16, file);
            writer.write_all(&std::mem::take(&mut self.memory)).context("unpack")?;
            self.file = Some((scratch, writer));
        }
        if let Some((_, writer)) = &mut self.file {
            return writer.write_all(piece).context("unpack");
        }
        self.memory.extend_from_slice(piece);
        Ok(())
    }

    fn end(self) -> Result<Held> {
        Ok(match self.file {
            Some((scratch, mut writer)) => {
                writer.flush().context("unpack")?;
                Held::Unpacked(scratch)
            }
            None => Held::Memory(self.memory),
        })
    }
}

impl Source {
    /// The file as it is.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let mut file = File::open(path).with_context(|| format!("open {}", path.display()))?;
        let data = file.metadata().with_context(|| format!("look at {}", path.display()))?;
        let (length, seen) = (data.len(), (data.len(), data.modified().ok()));
        let held = if length <= WHOLE_BYTES_MAX {
            let mut bytes = Vec::new();
            // of a file that grows no more than was seen
            let read = Read::by_ref(&mut file).take(length).read_to_end(&mut bytes);
            read.with_context(|| format!("read {}", path.display()))?;
            Held::Memory(bytes)
        } else {
            Held::File(file)
        };
        let length = if let Held::Memory(bytes) = &held { bytes.len() as u64 } else { length };
        Ok(Self { path: path.to_owned(), held, length, packed: false, seen })
    }

    /// The file, or its content where it is compressed with gzip: by its first bytes, whatever its name. With a finding it is
    /// the file as it came, and nothing of it is to be taken.
    pub(crate) fn open_content(path: &Path, unpacking: Unpacking<'_>) -> Result<(Self, Option<Diagnostic>)> {
        let raw = Self::open(path)?;
        if !raw.begins_with(gz::MAGIC)? {
            return Ok((raw, None));
        }
        let mut content = Content::default();
        let mut take = |piece: &[u8]| content.take(piece, unpacking.folder);
        let unpacked = gz::unpack(raw.reader()?, raw.length, unpacking.limits, &mut take)
            .with_context(|| format!("unpack {}", path.display()))?;
        let length = match unpacked {
            Ok(length) => length,
            Err(why) => return Ok((raw, Some(*why))),
        };
        let source =
            Self { path: path.to_owned(), held: content.end()?, length, packed: true, seen: raw.seen };
        if source.begins_with(gz::MAGIC)? {
            return Ok((raw, Some(Diagnostic::new(&GZ_TWICE, Location::default()))));
        }
        Ok((source, None))
    }

    /// [`Source::open_content`] for those who change nothing of the site.
    pub(crate) fn look_into(path: &Path, limits: &GzLimits) -> Result<(Self, Option<Diagnostic>)> {
        Self::open_content(path, Unpacking { folder: &std::env::temp_dir(), limits })
    }

    /// The digest of the file's content, which is what receipts bear, without putting it anywhere; of a file that cannot be
    /// unpacked that of the file.
    pub(crate) fn digest_of_content(path: &Path, limits: &GzLimits) -> Result<(String, u64)> {
        let raw = Self::open(path)?;
        if raw.begins_with(gz::MAGIC)? {
            let mut hash = Sha256::new();
            let mut take = |piece: &[u8]| {
                hash.update(piece);
                Ok(())
            };
            let unpacked = gz::unpack(raw.reader()?, raw.length, limits, &mut take)
                .with_context(|| format!("unpack {}", path.display()))?;
            if let Ok(length) = unpacked {
                return Ok((hexadecimal(&hash.finalize()), length));
            }
        }
        Ok((raw.digest(0, raw.length)?, raw.length))
    }

    fn begins_with(&self, beginning: &[u8]) -> Result<bool> {
        let length = beginning.len() as u64;
        Ok(self.length >= length && *self.read(0, length)? == *beginning)
    }

    /// The name under which this content stands where it is not compressed any more.
    pub(crate) fn name_of_content<'n>(&self, name: &'n str) -> &'n str {
        let ending = name.len().saturating_sub(3);
        match (self.packed, name.get(..ending), name.get(ending..)) {
            (true, Some(stem), Some(end)) if end.eq_ignore_ascii_case(".gz") && !stem.is_empty() => stem,
            _ => name,
        }
    }

    /// What is done when an error stops it.
    pub(crate) fn reading(&self) -> String {
        format!("read {}", self.path.display())
    }

    /// What tells whether the file is still as it was read.
    pub(crate) fn stamp(&self) -> Stamp {
        Stamp { path: self.path.clone(), seen: self.seen }
    }

    /// The bytes from `offset` on, borrowed where the file is in memory.
    pub(crate) fn read(&self, offset: u64, length: u64) -> Result<Cow<'_, [u8]>> {
        let at = || format!("read {} bytes at {offset} of {}", length, self.path.display());
        let start = usize::try_from(offset).with_context(at)?;
        let size = usize::try_from(length).with_context(at)?;
        match &self.held {
            Held::Memory(bytes) => {
                let end = start.checked_add(size).filter(|end| *end <= bytes.len()).with_context(at)?;
                Ok(Cow::Borrowed(&bytes[start..end]))
            }
            Held::File(file) => {
                let mut bytes = vec![0; size];
                read_exact_at(file, &mut bytes, offset).with_context(at)?;
                Ok(Cow::Owned(bytes))
            }
            Held::Unpacked(scratch) => {
                let file = File::open(&scratch.0).with_context(at)?;
                let mut bytes = vec![0; size];
                read_exact_at(&file, &mut bytes, offset).with_context(at)?;
                Ok(Cow::Owned(bytes))
            }
        }
    }

    /// The whole file again from its beginning, in order; independent of `read`.
    pub(crate) fn reader(&self) -> Result<Box<dyn Read + Send + '_>> {
        match &self.held {
            Held::Memory(bytes) => Ok(Box::new(bytes.as_slice())),
            // not opened again by its name: somebody may take the file away while it is read
            Held::File(file) => {
                let input = FileAt { file, at: 0, left: self.length };
                Ok(Box::new(BufReader::with_capacity(1 << 18, input)))
            }
            Held::Unpacked(scratch) => {
                let file = File::open(&scratch.0).with_context(|| format!("open {}", scratch.0.display()))?;
                Ok(Box::new(BufReader::with_capacity(1 << 18, file)))
            }
        }
    }

    /// SHA-256 of a piece, in hexadecimal, as `sha256sum` prints it.
    pub(crate) fn digest(&self, offset: u64, length: u64) -> Result<String> {
        self.copy(offset, length, &mut std::io::sink())
    }

    /// Writes a piece somewhere else, little by little, and returns its SHA-256.
    pub(crate) fn copy(&self, offset: u64, length: u64, to: &mut impl Write) -> Result<String> {
        let mut hash = Sha256::new();
        let mut at = offset;
        let end = offset + length;
        while at < end {
            let size = (end - at).min(1 << 20);
            let bytes = self.read(at, size)?;
            hash.update(&bytes);
            to.write_all(&bytes).with_context(|| format!("copy {}", self.path.display()))?;
            at += size;
        }
        Ok(hexadecimal(&hash.finalize()))
    }
}

/// How much work a file is: its length, or what a compressed one says of its content. That it may say anything does no harm: more
/// than a little is never held in memory.
pub(crate) fn work_size(path: &Path) -> Result<u64> {
    let looking = || format!("look at {}", path.display());
    let length = path.metadata().with_context(looking)?.len();
    if !path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("gz")) || length < 18 {
        return Ok(length);
    }
    let mut stated = [0; 4];
    read_exact_at(&File::open(path).with_context(looking)?, &mut stated, length - 4).with_context(looking)?;
    Ok(length.max(u32::from_le_bytes(stated).into()))
}

/// Writes on, and takes the digest of what it writes.
#[derive(Debug)]
pub(crate) struct HashingWriter<W> {
    to: W,
    hash: Sha256,
}

impl<W: Write> HashingWriter<W> {
    pub(crate) fn new(to: W) -> Self {
        Self { to, hash: Sha256::new() }
    }

    /// The writer, and SHA-256 of all that went into it, in hexadecimal.
    pub(crate) fn finish(self) -> (W, String) {
        (self.to, hexadecimal(&self.hash.finalize()))
    }
}

impl<W: Write> Write for HashingWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.to.flush()
    }
}

/// SHA-256 of bytes, in hexadecimal.
pub(crate) fn digest_of(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A file from its beginning, as far as it was long when it was opened, whatever others read of it.
#[derive(Debug)]
struct FileAt<'f> {
    file: &'f File,
    at: u64,
    left: u64,
}

impl Read for FileAt<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        let wanted = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len());
        let Some(bytes) = bytes.get_mut(..wanted) else { return Ok(0) };
        let read = read_at(self.file, bytes, self.at)?;
        self.at += read as u64;
        self.left -= read as u64;
        Ok(read)
    }
}

fn read_exact_at(file: &File, mut bytes: &mut [u8], mut offset: u64) -> std::io::Result<()> {
    while !bytes.is_empty() {
        match read_at(file, bytes, offset) {
            Ok(0) => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => {
                bytes = bytes.get_mut(read..).unwrap_or_default();
                offset += read as u64;
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> std::io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, bytes, offset)
}

#[cfg(windows)]
fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> std::io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, bytes, offset)
}
