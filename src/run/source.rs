//! A claimed file: its digest taken in one pass, its pieces read where they stand.

use anyhow::{Context as _, Result};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// Files up to this size are held in memory while their unit is in work; larger ones are read piece by piece.
const WHOLE_BYTES_MAX: u64 = 4 << 20;

/// A file that can be read by many threads at once.
#[derive(Debug)]
pub(crate) struct Source {
    path: PathBuf,
    held: Held,
    pub(crate) length: u64,
}

#[derive(Debug)]
enum Held {
    Memory(Vec<u8>),
    File(File),
}

impl Source {
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let mut file = File::open(path).with_context(|| format!("open {}", path.display()))?;
        let length = file.metadata().with_context(|| format!("look at {}", path.display()))?.len();
        let held = if length <= WHOLE_BYTES_MAX {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).with_context(|| format!("read {}", path.display()))?;
            Held::Memory(bytes)
        } else {
            Held::File(file)
        };
        let length = if let Held::Memory(bytes) = &held { bytes.len() as u64 } else { length };
        Ok(Self { path: path.to_owned(), held, length })
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
        }
    }

    /// The whole file again from its beginning, in order; independent of `read`.
    pub(crate) fn reader(&self) -> Result<Box<dyn Read + Send + '_>> {
        match &self.held {
            Held::Memory(bytes) => Ok(Box::new(bytes.as_slice())),
            Held::File(_) => {
                let file = File::open(&self.path).with_context(|| format!("open {}", self.path.display()))?;
                Ok(Box::new(std::io::BufReader::with_capacity(1 << 18, file)))
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

/// SHA-256 of bytes, in hexadecimal.
pub(crate) fn digest_of(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(unix)]
fn read_exact_at(file: &File, bytes: &mut [u8], offset: u64) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, offset)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut bytes: &mut [u8], mut offset: u64) -> std::io::Result<()> {
    while !bytes.is_empty() {
        let read = std::os::windows::fs::FileExt::seek_read(file, bytes, offset)?;
        if read == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        bytes = &mut bytes[read..];
        offset += read as u64;
    }
    Ok(())
}
