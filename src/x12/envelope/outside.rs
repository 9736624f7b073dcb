//! What stands outside any interchange, and where the next one begins.

use super::build::Builder;
use super::window::Window;
use crate::domain::diagnostic::{Diagnostic, Location};
use crate::domain::rules::envelope as rules;
use crate::x12::lexer::{self, HEADER_WINDOW, HeaderFault, text};
use memchr::memchr;
use std::io::{Read, Result};

/// Whether a file that begins so is an interchange in UTF-16, in either byte order, with its mark or without.
pub fn begins_wide(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xff\xfe").or(head.strip_prefix(b"\xfe\xff")).unwrap_or(head);
    let wide = |text: &[u8; 3]| {
        let little = text.iter().flat_map(|byte| [*byte, 0]);
        let big = text.iter().flat_map(|byte| [0, *byte]);
        head.len() >= 6 && (head.iter().copied().take(6).eq(little) || head.iter().copied().take(6).eq(big))
    };
    wide(b"ISA")
}

/// Outside any interchange: passes over what fills, tells of what does not, and opens the next interchange.
pub(super) fn between<R: Read>(window: &mut Window<R>, builder: &mut Builder, first: bool) -> Result<bool> {
    if first {
        window.want(HEADER_WINDOW)?;
        if window.bytes().starts_with(b"\xEF\xBB\xBF") {
            window.consume(3);
        } else if begins_wide(window.bytes()) {
            builder.junk(&Junk::wide(window)?, true);
            return Ok(false);
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
    offset: u64,
    bytes: u64,
    /// Its beginning, at most 100 bytes.
    sample: Vec<u8>,
    /// Something like an ISA stood in it and could not be read.
    fault: Option<HeaderFault>,
    /// It is an interchange in UTF-16.
    wide: bool,
}

impl Junk {
    /// The whole file, which begins with an interchange in UTF-16.
    fn wide<R: Read>(window: &mut Window<R>) -> Result<Self> {
        let ascii = window.bytes().iter().copied().filter(|byte| (b' '..=b'~').contains(byte));
        let sample = ascii.take(100).collect();
        window.skip_all()?;
        Ok(Self { bytes: window.offset(), sample, wide: true, ..Self::default() })
    }

    /// What is told of it, if anything; `nothing_found` where the whole file has no interchange.
    pub(super) fn finding(&self, nothing_found: bool) -> Option<Diagnostic> {
        let (rule, detail) = match self.fault {
            _ if self.wide => (&rules::WIDE_CHARACTERS, ""),
            Some(HeaderFault::Separators) => {
                (&rules::SEPARATORS_UNUSABLE, "no separator or terminator can be read")
            }
            Some(HeaderFault::NoHeader) => {
                (&rules::NO_INTERCHANGE, "the ISA segment does not have its 16 elements")
            }
            None if nothing_found && self.bytes == 0 => (&rules::NO_INTERCHANGE, "the file is empty"),
            None if nothing_found => (&rules::NO_INTERCHANGE, ""),
            None if self.bytes == 0 => return None,
            None => (&rules::DATA_OUTSIDE, ""),
        };
        let length = u32::try_from(self.bytes).unwrap_or(u32::MAX);
        let at = Location { offset: self.offset, length, ..Location::default() };
        let detail = if detail.is_empty() { format!("{} bytes", self.bytes) } else { detail.to_owned() };
        let sample = text(&self.sample);
        Some(Diagnostic::new(rule, at).found(sample.trim()).detail(detail))
    }

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
pub(super) fn is_filler(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0B | 0x0C | 0 | 0x1A)
}
