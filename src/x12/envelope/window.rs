//! The stretch of a file that is in memory: filled in pieces, passed over as it is read, held where a set is being read.

use crate::x12::lexer::Separators;
use memchr::memchr;
use std::io::{ErrorKind, Read, Result};

/// So much is read at once; little in tests, so that what is read crosses its edges.
const CHUNK: usize = if cfg!(test) { 64 } else { 1 << 18 };

/// What is buffered, from `start` to `end`, stands at `base` + `start` of the file.
pub(super) struct Window<R> {
    input: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    base: u64,
    ended: bool,
    /// From this byte of the file on nothing is given up, unless more than `held_max` bytes have been read since.
    held: Option<u64>,
    held_max: u64,
}

impl<R: Read> Window<R> {
    pub(super) fn new(input: R, held_max: u64) -> Self {
        let buffer = vec![0; CHUNK];
        Self { input, buffer, start: 0, end: 0, base: 0, ended: false, held: None, held_max }
    }

    /// What was read and not passed over.
    pub(super) fn bytes(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// The byte of the file at which [`Self::bytes`] begins.
    pub(super) fn offset(&self) -> u64 {
        self.base + self.start as u64
    }

    /// Passes over so many bytes.
    pub(super) fn consume(&mut self, bytes: usize) {
        self.start = (self.start + bytes).min(self.end);
    }

    /// From now on the bytes from here on stay in memory, passed over or not.
    pub(super) fn hold(&mut self, from: Option<u64>) {
        self.held = from;
    }

    /// A piece of the file, if it is still in memory.
    pub(super) fn piece(&self, offset: u64, length: u64) -> Option<&[u8]> {
        let start = usize::try_from(offset.checked_sub(self.base)?).ok()?;
        let end = start.checked_add(usize::try_from(length).ok()?)?;
        self.buffer.get(..self.end)?.get(start..end)
    }

    /// Reads until so many bytes are there or the file ends.
    pub(super) fn want(&mut self, bytes: usize) -> Result<()> {
        while self.end - self.start < bytes && !self.ended {
            self.fill()?;
        }
        Ok(())
    }

    fn fill(&mut self) -> Result<()> {
        if self.end == self.buffer.len() {
            self.make_room();
        }
        let room = self.buffer.get_mut(self.end..).unwrap_or_default();
        match self.input.read(room) {
            Ok(0) => self.ended = true,
            Ok(read) => self.end += read,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Gives up what was passed over and is not held; grows where that is not much.
    fn make_room(&mut self) {
        let offset = self.offset();
        self.held = self.held.filter(|held| offset.saturating_sub(*held) <= self.held_max);
        let held = self.held.and_then(|held| usize::try_from(held.saturating_sub(self.base)).ok());
        let from = held.map_or(self.start, |held| held.min(self.start));
        self.buffer.copy_within(from..self.end, 0);
        self.base += from as u64;
        self.start -= from;
        self.end -= from;
        let length = self.buffer.len();
        if self.end * 2 > length {
            // a quarter more: what is held is copied a bounded number of times on the whole
            self.buffer.resize(length + CHUNK.max(length / 4), 0);
        } else if length > 4 * CHUNK && self.end < CHUNK {
            self.buffer.truncate(CHUNK);
            self.buffer.shrink_to_fit();
        }
    }

    /// Passes over what stands before a segment id. False where the file ends before one.
    pub(super) fn pass_filler(&mut self, separators: Separators) -> Result<bool> {
        loop {
            let filler = separators.filler(self.bytes());
            self.consume(filler);
            if !self.bytes().is_empty() {
                return Ok(true);
            }
            if self.ended {
                return Ok(false);
            }
            self.fill()?;
        }
    }

    /// Where the byte first stands; None if the file ends before it, or if more than `limit` bytes stand before it (it
    /// may then be found or not, as the buffer has it: the caller compares with the limit).
    pub(super) fn find(&mut self, byte: u8, limit: usize) -> Result<Option<usize>> {
        let mut searched = 0;
        loop {
            let bytes = self.bytes();
            if let Some(found) = memchr(byte, bytes.get(searched..).unwrap_or_default()) {
                return Ok(Some(searched + found));
            }
            searched = bytes.len();
            if self.ended || searched > limit {
                return Ok(None);
            }
            self.fill()?;
        }
    }

    /// Passes over everything as far as the byte, and the byte.
    pub(super) fn skip_past(&mut self, byte: u8) -> Result<()> {
        loop {
            if let Some(found) = memchr(byte, self.bytes()) {
                self.consume(found + 1);
                return Ok(());
            }
            self.consume(self.bytes().len());
            if self.ended {
                return Ok(());
            }
            self.fill()?;
        }
    }

    /// Passes over the rest of the file.
    pub(super) fn skip_all(&mut self) -> Result<()> {
        while !self.ended {
            self.consume(self.bytes().len());
            self.fill()?;
        }
        self.consume(self.bytes().len());
        Ok(())
    }
}

impl<R> std::fmt::Debug for Window<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Window").field("start", &(self.base + self.start as u64)).finish_non_exhaustive()
    }
}
