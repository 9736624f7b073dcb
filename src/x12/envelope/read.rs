//! A file as its envelopes: events in file order, in memory that the limits bound and the file does not.

use super::build::Builder;
use super::checks::counts_as_line;
use super::outside::{between, is_filler};
use super::places::Places;
use super::window::Window;
use super::{Group, Interchange, Limits, Set, Ta1};
use crate::domain::diagnostic::Diagnostic;
use crate::x12::lexer::{self, HEADER_WINDOW, Separators};
use memchr::{memchr, memmem};
use std::io::{Read, Result};

/// What stands next in a file.
#[derive(Debug)]
pub enum Event<'a> {
    /// ISA, with the findings of the header alone; no group and no TA1 yet. Its length is that of the header. A file that
    /// begins with GS or ST is an interchange without header.
    Interchange(Box<Interchange>),
    /// TA1, in the open interchange.
    Ta1(Box<Ta1>),
    /// GS, with the findings of the header alone, and no set yet. A set outside any group opens one without header.
    Group(Box<Group>),
    /// ST to SE, whole, in the open group.
    Set {
        set: Set,
        /// The set's bytes, of a wrapped interchange without its line breaks. None where the set is larger than
        /// the limits (E131 says so), and from a reader that keeps none.
        bytes: Option<&'a [u8]>,
    },
    /// Something wrong that is not in a set.
    Finding { level: Level, diagnostic: Diagnostic },
    /// GE, or where the group breaks off. `stated_sets` is GE01; None where it is missing or unreadable.
    GroupEnd { stated_sets: Option<u32> },
    /// IEA, or where the interchange breaks off. `length` counts from ISA to the end of IEA's terminator.
    InterchangeEnd { length: u64 },
}

/// What a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// The file: it stands outside any interchange.
    File,
    /// The open interchange.
    Interchange,
    /// The open group.
    Group,
}

/// Reads a file once and tells what stands in it, in file order.
///
/// Memory is bounded by the limits: the set that is being read, as far as `set_bytes_max`, and a few bytes for each control
/// number of the open group. The events are the same however the input cuts its pieces.
///
/// ```
/// use itembridge::x12::envelope::{Event, Limits, Reader};
///
/// let file = b"ISA*00*          *00*          *ZZ*ACME           *ZZ*NORTHWIND      *261120*0800*U*00401*000000001*0*P*>~\
///     GS*PO*ACME*NORTHWIND*20261120*0800*1*X*004010~ST*850*0001~BEG*00*SA*4500*\
///     *20261120~SE*3*0001~GE*1*1~IEA*1*000000001~";
/// let mut reader = Reader::new(&file[..], &Limits::default());
/// while let Some(event) = reader.next_event()? {
///     if let Event::Set { set, bytes } = event {
///         assert_eq!((set.id.as_str(), set.control.as_str(), set.segments), ("850", "0001", 3));
///         assert!(bytes.unwrap().starts_with(b"ST*850*0001~"));
///     }
/// }
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Reader<R> {
    window: Window<R>,
    builder: Builder,
    limits: Limits,
    /// The segment or the set at hand, without the line breaks of its interchange.
    unwrapped: Vec<u8>,
    keeps_bytes: bool,
    begun: bool,
    ended: bool,
    /// A segment over the limit is to be passed over as far as its terminator.
    in_long_segment: Option<u8>,
}

impl<R: Read> Reader<R> {
    pub fn new(input: R, limits: &Limits) -> Self {
        Self {
            window: Window::new(input, limits.set_bytes_max),
            builder: Builder::new(*limits),
            limits: *limits,
            unwrapped: Vec::new(),
            keeps_bytes: true,
            begun: false,
            ended: false,
            in_long_segment: None,
        }
    }

    /// Gives no set its bytes, and holds none.
    #[must_use]
    pub fn without_bytes(mut self) -> Self {
        self.keeps_bytes = false;
        self
    }

    /// The next event; None at the end of the file. An error is the input's own.
    pub fn next_event(&mut self) -> Result<Option<Event<'_>>> {
        while self.builder.events.is_empty() && !self.ended {
            self.step()?;
        }
        Ok(match self.builder.events.pop_front() {
            Some(Event::Set { set, .. }) => {
                let bytes = self.bytes_of(&set);
                Some(Event::Set { set, bytes })
            }
            other => other,
        })
    }

    /// How many bytes have been read and understood: at the end, the length of the file.
    pub fn position(&self) -> u64 {
        self.window.offset()
    }

    /// Of a set whose event is given out now: nothing has been read since it closed.
    fn bytes_of(&mut self, set: &Set) -> Option<&[u8]> {
        if !self.keeps_bytes || set.is_too_large() {
            return None;
        }
        let bytes = self.window.piece(set.offset, set.length)?;
        if !self.builder.last_set_is_wrapped() {
            return Some(bytes);
        }
        self.unwrapped.clear();
        self.unwrapped.extend_from_slice(bytes);
        lexer::unwrap_lines(&mut self.unwrapped);
        Some(&self.unwrapped)
    }

    /// Reads on to the next segment that opens or closes something, or some way there.
    fn step(&mut self) -> Result<()> {
        self.window.hold(self.builder.open_set_offset().filter(|_| self.keeps_bytes));
        if let Some(terminator) = self.in_long_segment.take() {
            self.window.skip_past(terminator)?;
            self.builder.extend_to(self.window.offset());
        }
        let more = if self.builder.is_full() {
            self.window.skip_all()?;
            false
        } else if let Some(separators) = self.builder.separators() {
            self.pass_ordinary(separators);
            self.inside(separators)?
        } else {
            let first = !std::mem::replace(&mut self.begun, true);
            between(&mut self.window, &mut self.builder, first)?
        };
        if !more {
            self.ended = true;
            self.builder.finish(self.window.offset());
        }
        Ok(())
    }

    /// Passes over the buffered segments of an open set that open and close nothing. They are nearly all of a file, and no
    /// more than their ids is looked at; what needs more is left to [`Self::inside`].
    fn pass_ordinary(&mut self, separators: Separators) {
        if self.builder.open_set_offset().is_none() || self.builder.is_wrapped() {
            return;
        }
        let limit = self.limits.segment_bytes_max as usize;
        let bytes = self.window.bytes();
        let (mut start, mut passed, mut segments, mut lines) = (0, 0, 0, 0);
        for end in Places::new(bytes, separators.segment) {
            let Some(rest) = bytes.get(start..end) else { continue };
            // Most terminators have nothing after them, or a line feed.
            start += match rest {
                [b'!'..=b'~', ..] => 0,
                [b'\n', b'A'..=b'Z', ..] if separators.element != b'\n' => 1,
                _ => separators.filler(rest),
            };
            let segment = bytes.get(start..end).unwrap_or_default();
            if segment.is_empty() {
                start = end + 1;
                continue;
            }
            let Some(line) = ordinary(segment, separators.element).filter(|_| segment.len() <= limit) else {
                break;
            };
            segments += 1;
            lines += u32::from(line);
            start = end + 1;
            passed = start;
        }
        if segments > 0 {
            self.builder.pass(segments, lines, self.window.offset() + passed as u64);
        }
        self.window.consume(start);
    }

    /// Inside an interchange: hands the next segment to the builder. False at the end of the file.
    fn inside(&mut self, separators: Separators) -> Result<bool> {
        let Self { window, builder, .. } = self;
        if !window.pass_filler(separators)? {
            return Ok(false);
        }
        let offset = window.offset();
        let limit = self.limits.segment_bytes_max as usize;
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
            self.unwrapped.clear();
            self.unwrapped.extend_from_slice(segment);
            lexer::unwrap_lines(&mut self.unwrapped);
            self.unwrapped.as_slice()
        } else {
            separators.trim_end(segment)
        };
        builder.segment(text, offset, raw_end, over_limit);
        window.consume(length);
        self.in_long_segment = over_limit.then_some(separators.segment);
        Ok(true)
    }
}

/// Whether a segment is a line of its document; None where it may open or close something, or where more than its first
/// bytes must be looked at.
#[inline]
fn ordinary(segment: &[u8], element: u8) -> Option<bool> {
    // Nearly all segments are told by two letters, in whatever case.
    let [first, second, rest @ ..] = segment else { return Some(false) };
    match [first | 0x20, second | 0x20] {
        [b's' | b'g' | b'i', b'e' | b's'] | [b's', b't'] => None,
        [b'p', b'o'] | [b'i', b't'] => match rest {
            [last, after, ..] if *after == element && matches!(last | 0x20, b'1' | b'c') => {
                Some(segment.get(..3).is_some_and(counts_as_line))
            }
            _ => None,
        },
        _ => Some(false),
    }
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
