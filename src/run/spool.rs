//! What grows with an input and goes out as one piece: in memory while it is short, beyond that in a file that nobody else sees.

use crate::run::source::{HashingWriter, Scratch};
use crate::world::OutFile;
use anyhow::{Context as _, Result};
use std::fs::File;
use std::io::{BufWriter, Write};
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
        let mut file = File::open(self.scratch.path()).context("read what waits to be sent")?;
        let mut to = HashingWriter::new(to);
        let mut copy = || {
            to.write_all(before)?;
            std::io::copy(&mut file, &mut to)?;
            to.write_all(after)
        };
        copy().context("stage what waits to be sent")?;
        Ok(to.finish().1)
    }
}
