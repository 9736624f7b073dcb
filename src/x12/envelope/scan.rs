//! The pass over the bytes: pieces of bounded size in, segments to the builder of the index.

use super::build::Builder;
use super::{FileIndex, Limits};
use crate::x12::lexer::{self, HEADER_WINDOW, HeaderFault, Separators};
use memchr::{memchr, memmem};
use std::io::{ErrorKind, Read, Result};

/// So much is read at once.
const CHUNK: usize = 1 << 16;

/// Reads a file once, in memory that does not depend on its size but for a few words a set, and tells what stands in it.
/// The index is the same however the reader cuts its pieces. An error is the reader's own.
pub fn scan(input: impl Read, limits: &Limits) -> Result<FileIndex> {
    let mut window = Window { input, buffer: vec![0; CHUNK], start: 0, end: 0, base: 0, ended: false };
    let mut builder = Builder::new(*limits);
    let mut scratch = Vec::new();
    let mut begun = false;
    loop {
        if builder.is_full() {
            window.skip_all()?;
            break;
        }
        let more = match builder.separators() {
            None => {
                let first = !std::mem::replace(&mut begun, true);
                between(&mut window, &mut builder, first)?
            }
            Some(separators) => inside(&mut window, &mut builder, separators, *limits, &mut scratch)?,
        };
        if !more {
            break;
        }
    }
    Ok(builder.finish(window.offset()))
}

/// Outside any interchange: passes over what fills, tells of what does not, and opens the next interchange.
fn between<R: Read>(window: &mut Window<R>, builder: &mut Builder, first: bool) -> Result<bool> {
    if first {
        window.want(HEADER_WINDOW)?;
        if window.bytes().starts_with(b"\xEF\xBB\xBF") {
            window.consume(3);
        }
    }
    if let Some(separators) = builder.last_separators() {
        window.pass_filler(separators)?;
    }
    let mut junk = Junk::default();
    let mut before = b'\n';
    let mut segment_start = true;
    let mut fragment_possible = first;
    loop {
        window.want(HEADER_WINDOW)?;
        let offset = window.offset();
        let bytes = window.bytes();
        let Some(byte) = bytes.first().copied() else {
            builder.junk(&junk, true);
            return Ok(false);
        };
        if fragment_possible && !is_filler(byte) {
            fragment_possible = false;
            if let Some(separators) = lexer::fragment(bytes) {
                builder.open_fragment(separators, offset);
                return Ok(true);
            }
        }
        if byte == b'I' && !before.is_ascii_alphanumeric() && bytes.starts_with(b"ISA") {
            match lexer::header(bytes) {
                Ok(header) => {
                    builder.junk(&junk, false);
                    builder.open(&header, offset);
                    window.consume(header.length);
                    return Ok(true);
                }
                Err(fault)
                    if segment_start && bytes.get(3).is_some_and(|byte| lexer::can_separate(*byte)) =>
                {
                    junk.fault = junk.fault.or(Some(fault));
                }
                Err(_) => {}
            }
        }
        let step = match memchr(b'I', bytes.get(1..).unwrap_or_default()) {
            Some(found) => found + 1,
            None => bytes.len(),
        };
        let step = if fragment_possible { 1 } else { step };
        let passed = bytes.get(..step).unwrap_or_default();
        junk.take(passed, offset);
        segment_start = passed.last().is_some_and(|byte| is_filler(*byte));
        before = passed.last().copied().unwrap_or(before);
        window.consume(step);
    }
}

/// What stands outside any interchange.
#[derive(Debug, Default)]
pub(super) struct Junk {
    pub(super) offset: u64,
    pub(super) bytes: u64,
    /// Its beginning, at most 100 bytes.
    pub(super) sample: Vec<u8>,
    /// Something like an ISA stood in it and could not be read.
    pub(super) fault: Option<HeaderFault>,
}

impl Junk {
    fn take(&mut self, bytes: &[u8], offset: u64) {
        let filler = bytes.iter().position(|byte| !is_filler(*byte)).unwrap_or(bytes.len());
        let skipped = if self.bytes == 0 { filler } else { 0 };
        let solid = bytes.get(skipped..).unwrap_or_default();
        if self.bytes == 0 {
            self.offset = offset + skipped as u64;
        }
        let room = 100_usize.saturating_sub(self.sample.len());
        self.sample.extend(solid.iter().take(room));
        self.bytes += solid.len() as u64;
    }
}

/// Blanks, line breaks, NUL and the end-of-file character of old systems.
fn is_filler(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0B | 0x0C | 0 | 0x1A)
}

/// Inside an interchange: hands the next segment to the builder. False at the end of the file.
fn inside<R: Read>(
    window: &mut Window<R>,
    builder: &mut Builder,
    separators: Separators,
    limits: Limits,
    scratch: &mut Vec<u8>,
) -> Result<bool> {
    if !window.pass_filler(separators)? {
        return Ok(false);
    }
    let offset = window.offset();
    let limit = limits.segment_bytes_max as usize;
    let end = window.find(separators.segment, limit)?;
    if window.bytes().starts_with(b"ISA") {
        window.want(HEADER_WINDOW)?;
        if let Ok(header) = lexer::header(window.bytes()) {
            builder.open(&header, offset);
            window.consume(header.length);
            return Ok(true);
        }
    }
    let found = end.unwrap_or(window.bytes().len()).min(limit);
    let whole = window.bytes().get(..found).unwrap_or_default();
    let cut = unterminated_trailer(whole, separators);
    let segment = whole.get(..cut.unwrap_or(found)).unwrap_or_default();
    let over_limit = cut.is_none() && (end.is_none_or(|end| end > limit) && window.bytes().len() > limit);
    let length = match (cut, end) {
        (Some(cut), _) => cut,
        (None, Some(end)) if !over_limit => end + 1,
        _ => found,
    };
    let raw_end = offset + length as u64;
    let text = if builder.is_wrapped() {
        scratch.clear();
        scratch.extend_from_slice(segment);
        lexer::unwrap_lines(scratch);
        scratch.as_slice()
    } else {
        separators.trim_end(segment)
    };
    builder.segment(text, offset, raw_end, over_limit);
    window.consume(length);
    if over_limit {
        window.skip_past(separators.segment)?;
        builder.extend_to(window.offset());
    }
    Ok(true)
}

/// Where an IEA without a terminator ends: before the next header, or before the old end-of-file character.
fn unterminated_trailer(segment: &[u8], separators: Separators) -> Option<usize> {
    if !segment.starts_with(&[b'I', b'E', b'A', separators.element]) {
        return None;
    }
    let next = memmem::find_iter(segment, b"ISA").find(|at| {
        let apart = at.checked_sub(1).and_then(|before| segment.get(before));
        let apart = apart.is_some_and(|byte| is_filler(*byte) || byte.is_ascii_digit());
        apart && segment.get(at + 3).is_some_and(|byte| !byte.is_ascii_alphanumeric() && *byte != b' ')
    });
    next.or_else(|| memchr(0x1A, segment))
}

/// A stretch of the file: what is buffered, from `start` to `end`, stands at `base` + `start` of the file.
struct Window<R> {
    input: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    base: u64,
    ended: bool,
}

impl<R: Read> Window<R> {
    fn bytes(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    fn offset(&self) -> u64 {
        self.base + self.start as u64
    }

    fn consume(&mut self, bytes: usize) {
        self.start = (self.start + bytes).min(self.end);
    }

    /// Reads until so many bytes are there or the file ends.
    fn want(&mut self, bytes: usize) -> Result<()> {
        while self.end - self.start < bytes && !self.ended {
            self.fill()?;
        }
        Ok(())
    }

    fn fill(&mut self) -> Result<()> {
        if self.end == self.buffer.len() {
            self.buffer.copy_within(self.start..self.end, 0);
            self.base += self.start as u64;
            self.end -= self.start;
            self.start = 0;
            if self.end * 2 > self.buffer.len() {
                self.buffer.resize(self.buffer.len() + CHUNK, 0);
            }
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

    /// Passes over what stands before a segment id. False where the file ends before one.
    fn pass_filler(&mut self, separators: Separators) -> Result<bool> {
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
    fn find(&mut self, byte: u8, limit: usize) -> Result<Option<usize>> {
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

    fn skip_past(&mut self, byte: u8) -> Result<()> {
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

    fn skip_all(&mut self) -> Result<()> {
        while !self.ended {
            self.consume(self.bytes().len());
            self.fill()?;
        }
        self.consume(self.bytes().len());
        Ok(())
    }
}
