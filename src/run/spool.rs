//! What grows with an input and goes out as one piece: in memory while it is short, beyond that in a file that nobody else sees.

use crate::run::source::{Scratch, hexadecimal};
use crate::world::OutFile;
use anyhow::{Context as _, Result};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::Path;

/// Bytes on their way out.
#[derive(Debug)]
pub(crate) struct Spool {
    scratch: Scratch,
    file: BufWriter<OutFile>,
}

impl Spool {
    /// An empty one, in a file of its own in the folder.
    pub(crate) fn make(folder: &Path) -> Result<Self> {
        let (scratch, file) = Scratch::make(folder)?;
        Ok(Self { scratch, file: BufWriter::with_capacity(1 << 16, file) })
    }

    pub(crate) fn add(&mut self, piece: &[u8]) -> Result<()> {
        self.file.write_all(piece).context("write what waits to be sent")
    }

    /// Writes it between two pieces; the SHA-256 of the whole.
    pub(crate) fn copy_between(mut self, before: &[u8], after: &[u8], to: &mut impl Write) -> Result<String> {
        self.file.flush().context("write what waits to be sent")?;
        let mut hash = Sha256::new();
        let mut put = |piece: &[u8]| {
            hash.update(piece);
            to.write_all(piece).context("stage what waits to be sent")
        };
        put(before)?;
        let mut file = File::open(self.scratch.path()).context("read what waits to be sent")?;
        let mut buffer = vec![0; 1 << 16];
        loop {
            let read = file.read(&mut buffer).context("read what waits to be sent")?;
            if read == 0 {
                break;
            }
            put(&buffer[..read])?;
        }
        put(after)?;
        Ok(hexadecimal(&hash.finalize()))
    }
}
