//! Separators from the ISA, and the split of a transaction set into segments and elements.

mod blocks;
mod header;
mod segment;
mod tokens;

pub(crate) use header::{HEADER_WINDOW, Header, HeaderFault, can_separate, fragment, header};
use memchr::memchr;
pub use segment::Segment;
pub use tokens::Tokens;

/// Whether an ISA that can be read stands at the start.
pub fn begins_interchange(bytes: &[u8]) -> bool {
    header(bytes).is_ok()
}

/// Bytes of an ISA segment with its terminator, as the standard has it.
pub const ISA_BYTES: usize = 106;

/// The separators of one interchange, any bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Separators {
    /// The byte after `ISA`.
    pub element: u8,
    /// ISA16; where it has several bytes, the first.
    pub component: u8,
    /// ISA11 from version 00402 on; None before, where ISA11 names a standard.
    pub repetition: Option<u8>,
    /// The byte after ISA16; line feed where that is CR LF; where the terminator is a character of several bytes, the first.
    pub segment: u8,
}

impl Separators {
    pub fn contains(self, byte: u8) -> bool {
        [self.element, self.component, self.segment].contains(&byte) || self.repetition == Some(byte)
    }

    /// Whether no two separators are the same byte.
    pub fn are_distinct(self) -> bool {
        let Self { element, component, repetition, segment } = self;
        let others = [element, component, segment];
        element != component
            && element != segment
            && component != segment
            && repetition.is_none_or(|byte| !others.contains(&byte))
    }

    /// How many bytes stand before the next segment id: blanks, tabs, line breaks, the rest of a terminator of several
    /// bytes, and terminators of empty segments. The element separator is never among them.
    #[inline]
    pub(crate) fn filler(self, bytes: &[u8]) -> usize {
        match bytes {
            // what stands there nearly always, without a look at what may fill
            [byte, ..] if byte.is_ascii_uppercase() && *byte != self.segment => return 0,
            [b'\n', byte, ..]
                if byte.is_ascii_uppercase() && *byte != self.segment && self.element != b'\n' =>
            {
                return 1;
            }
            _ => {}
        }
        bytes.iter().position(|byte| !self.fills(*byte)).unwrap_or(bytes.len())
    }

    fn fills(self, byte: u8) -> bool {
        let blank = matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0B | 0x0C);
        let continuation = self.segment >= 0xC2 && (0x80..0xC0).contains(&byte);
        byte == self.segment || ((blank || continuation) && byte != self.element)
    }

    /// A segment without the line break before its terminator. Blanks are data, except where the line's end is the
    /// terminator and padding cannot be told from data.
    #[inline]
    pub(crate) fn trim_end(self, bytes: &[u8]) -> &[u8] {
        if bytes.last().is_some_and(|byte| *byte > b' ') {
            return bytes;
        }
        let by_line = matches!(self.segment, b'\n' | b'\r');
        let padding = |byte: u8| {
            byte != self.element
                && (matches!(byte, b'\n' | b'\r') || (by_line && matches!(byte, b' ' | b'\t')))
        };
        let kept = bytes.iter().rposition(|byte| !padding(*byte)).map_or(0, |last| last + 1);
        bytes.get(..kept).unwrap_or_default()
    }
}

/// Whether ISA11 is the repetition separator under this ISA12: from 00402 on. What is no version does not repeat.
pub fn version_repeats(isa12: &[u8]) -> bool {
    isa12.len() == 5 && isa12.iter().all(u8::is_ascii_digit) && isa12 >= b"00402".as_slice()
}

/// Text of an element: UTF-8 where the bytes are, else each byte as its Latin-1 character. A NUL is damage, which no store
/// keeps: it becomes U+FFFD.
pub fn text(bytes: &[u8]) -> crate::domain::Text {
    match std::str::from_utf8(bytes) {
        Ok(text) if memchr(0, bytes).is_some() => text.replace('\0', "\u{fffd}").into(),
        Ok(text) => text.into(),
        Err(_) if memchr(0, bytes).is_some() => {
            bytes.iter().map(|byte| if *byte == 0 { '\u{fffd}' } else { char::from(*byte) }).collect()
        }
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// The segments of a piece of a file that begins with one, numbered from 1. Line breaks, blanks and tabs before a
/// segment id are passed over, and so are empty segments. `offset` is the piece's place in the file.
pub fn segments(bytes: &[u8], separators: Separators, offset: u64) -> impl Iterator<Item = Segment<'_>> {
    let mut at = 0;
    let mut number = 0_u32;
    std::iter::from_fn(move || {
        let rest = bytes.get(at..)?;
        let start = separators.filler(rest);
        let rest = rest.get(start..).filter(|rest| !rest.is_empty())?;
        let end = memchr(separators.segment, rest).unwrap_or(rest.len());
        let place = offset + (at + start) as u64;
        at += start + end;
        number = number.saturating_add(1);
        Some(Segment::new(separators.trim_end(rest.get(..end)?), separators, place, number))
    })
}

/// The components of an element. Where the separator is a character of several bytes, all of them separate.
pub fn components(element: &[u8], separators: Separators) -> impl Iterator<Item = &[u8]> {
    let several = separators.component >= 0xC2;
    element.split(move |byte| *byte == separators.component).enumerate().map(move |(index, piece)| {
        let rest = piece.iter().position(|byte| !(0x80..0xC0).contains(byte)).unwrap_or(piece.len());
        if several && index > 0 { piece.get(rest..).unwrap_or_default() } else { piece }
    })
}

/// Takes the line breaks out of a piece of an interchange that was wrapped at a fixed width
/// ([`Interchange::wrapped`](crate::x12::envelope::Interchange::wrapped)), so that [`segments`] sees whole elements. The
/// places of what follows a line break are then too small by the breaks before it.
pub fn unwrap_lines(bytes: &mut Vec<u8>) {
    bytes.retain(|byte| !matches!(byte, b'\n' | b'\r'));
}

#[cfg(test)]
mod tests;
