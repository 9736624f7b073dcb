//! The ISA header as it is met: read by its separators, whatever its padding, with a look ahead for its terminator.

use super::{Separators, text, version_repeats};
use crate::domain::Text;
use nom::bytes::complete::{tag, take, take_till};
use nom::combinator::verify;
use nom::multi::count;
use nom::sequence::terminated;
use nom::{IResult, Parser};

/// So many bytes from the `I` of ISA are enough to read the header, or it is none.
pub(crate) const HEADER_WINDOW: usize = 1024;

/// All of ISA01 to ISA15 together are never longer than this, or a name was taken for a header.
const ELEMENTS_BYTES_MAX: usize = 320;

/// ISA01 to ISA15 in characters.
const WIDTHS: [usize; 15] = [2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1];

/// What an ISA says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    /// ISA01 to ISA15, padding included, line breaks taken out.
    pub(crate) elements: Vec<Text>,
    pub(crate) separators: Separators,
    /// A line break stands inside the header: the whole interchange was wrapped at a fixed width.
    pub(crate) wrapped: bool,
    /// Every element has the width of the standard, ISA16 is one character.
    pub(crate) fixed_width: bool,
    /// Bytes of ISA01 to ISA15 as they stand in the file (of a wrapped header: without its line breaks).
    pub(crate) lengths: Vec<usize>,
    /// Bytes with the terminator; line breaks after it are not counted.
    pub(crate) length: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HeaderFault {
    /// It does not have the 16 elements.
    NoHeader,
    /// It has them, and no byte that can separate or terminate.
    Separators,
}

/// Reads the header at the start of `input`, of which [`HEADER_WINDOW`] bytes or the rest of the file must be there.
pub(crate) fn header(input: &[u8]) -> Result<Header, HeaderFault> {
    let window = input.get(..HEADER_WINDOW).unwrap_or(input);
    let (_, (_, elements)) = isa(window).map_err(|_| HeaderFault::NoHeader)?;
    let broken = elements.iter().take(14).any(|element| element.iter().any(|byte| is_line_break(*byte)));
    let plain = read(window, false);
    if !broken {
        return plain;
    }
    if let Ok(header) = plain
        && is_line_break(header.separators.segment)
    {
        // Lines end segments here: the break inside the header is an accident, and nothing else was wrapped.
        let elements =
            header.elements.iter().map(|element| element.replace(['\r', '\n'], "").into()).collect();
        return Ok(Header { elements, fixed_width: false, ..header });
    }
    let unwrapped: Vec<u8> = window.iter().copied().filter(|byte| !is_line_break(*byte)).collect();
    let mut header = read(&unwrapped, true)?;
    let mut left = header.length;
    let raw = window.iter().take_while(|byte| {
        let more = left > 0;
        left -= usize::from(more && !is_line_break(**byte));
        more
    });
    header.length = raw.count();
    Ok(header)
}

/// Separators of a file without ISA that begins with a GS or ST segment, guessed from that segment.
pub(crate) fn fragment(input: &[u8]) -> Option<Separators> {
    let window = input.get(..HEADER_WINDOW).unwrap_or(input);
    let elements_after_id = if window.starts_with(b"GS") { 8 } else { 2 };
    if !window.starts_with(b"GS") && !window.starts_with(b"ST") {
        return None;
    }
    let element = *window.get(2).filter(|byte| can_separate(**byte))?;
    let last = memchr::memchr_iter(element, window).nth(elements_after_id - 1)?;
    let tail = window.get(last + 1..)?;
    let end = tail.iter().position(|byte| !byte.is_ascii_alphanumeric() && *byte != element)?;
    let segment = match tail.get(end..)? {
        [b'\r', b'\n', ..] => b'\n',
        [byte, ..] => *byte,
        [] => return None,
    };
    let component = if segment == b'>' || element == b'>' { b':' } else { b'>' };
    Some(Separators { element, component, repetition: None, segment })
}

/// `ISA`, the element separator, and ISA01 to ISA15, each with the separator after it.
fn isa(input: &[u8]) -> IResult<&[u8], (u8, Vec<&[u8]>)> {
    let (rest, _) = tag(&b"ISA"[..]).parse(input)?;
    let (rest, separator) =
        verify(take(1_usize), |byte: &[u8]| byte.iter().all(|byte| can_separate(*byte))).parse(rest)?;
    let element = separator.first().copied().unwrap_or_default();
    let piece = terminated(take_till(move |byte| byte == element), tag(separator));
    let bounded = |elements: &Vec<&[u8]>| {
        elements.iter().map(|element| element.len()).sum::<usize>() <= ELEMENTS_BYTES_MAX
    };
    let (rest, elements) = verify(count(piece, WIDTHS.len()), bounded).parse(rest)?;
    Ok((rest, (element, elements)))
}

fn read(window: &[u8], wrapped: bool) -> Result<Header, HeaderFault> {
    let (rest, (element, mut elements)) = isa(window).map_err(|_| HeaderFault::NoHeader)?;
    let continuation = |bytes: &&[u8]| bytes.first().is_some_and(|byte| (0x80..0xC0).contains(byte));
    if element >= 0xC2 && elements.iter().all(continuation) {
        return Err(HeaderFault::Separators);
    }
    let at = window.len() - rest.len();
    let ending = match elements.last_mut() {
        // ISA16 and its separator are missing: the terminator stands in what looks like ISA15.
        Some(usage) if usage.len() > 3 && usage.get(1).is_some_and(|byte| !byte.is_ascii_alphanumeric()) => {
            let from = at - usage.len();
            *usage = usage.get(..1).unwrap_or_default();
            Ending { component: None, segment: window.get(from).copied().unwrap_or_default(), end: from + 1 }
        }
        _ => {
            let ending = ending(rest, element).ok_or(HeaderFault::Separators)?;
            Ending { end: at + ending.end, ..ending }
        }
    };
    let lengths = elements.iter().map(|element| element.len()).collect();
    let elements: Vec<Text> = elements.into_iter().map(text).collect();
    let widths = elements.iter().map(|element| element.chars().count());
    let fixed_width = widths.eq(WIDTHS) && ending.component.is_some();
    let segment = ending.segment;
    let spare = [b'>', b':', b'<'].into_iter().find(|byte| *byte != segment && *byte != element);
    let component = ending.component.or(spare).unwrap_or(b'>');
    let repetition = elements.get(10).and_then(|isa11| isa11.as_bytes().first()).copied().filter(|byte| {
        let repeats = elements.get(11).is_some_and(|isa12| version_repeats(isa12.as_bytes()));
        repeats && can_separate(*byte) && ![element, component, segment].contains(byte)
    });
    let separators = Separators { element, component, repetition, segment };
    Ok(Header { elements, separators, wrapped, fixed_width, lengths, length: ending.end })
}

/// ISA16 and the terminator. `end` is the byte after the terminator.
struct Ending {
    component: Option<u8>,
    segment: u8,
    end: usize,
}

/// Reads ISA16 and the terminator from what follows ISA15's separator. Three shapes look alike in their first bytes and
/// are told apart by what follows: `>~GS`, `~` alone where ISA16 is missing, `~` as ISA16 with a line break as terminator.
fn ending(rest: &[u8], element: u8) -> Option<Ending> {
    let first = *rest.first()?;
    let wide = if first >= 0xC2 { character_width(rest) } else { 1 };
    let with_component = [wide, 1].into_iter().find_map(|width| {
        let (segment, end) = terminator(rest, width)?;
        let after = rest.get(end..).unwrap_or_default();
        let missing = is_line_break(segment) && line_ends_with(after, first, element);
        (begins_segment(after, element) && !missing && can_separate(first)).then_some(Ending {
            component: Some(first),
            segment,
            end,
        })
    });
    let without_component = || {
        let segment = first;
        let after = rest.get(1..).unwrap_or_default();
        (!first.is_ascii_alphanumeric() && first != element && begins_segment(after, element))
            .then(|| terminator(rest, 0).unwrap_or((segment, 1)))
            .map(|(segment, end)| Ending { component: None, segment, end })
    };
    let by_place = || {
        let (segment, end) = terminator(rest, wide).filter(|_| !first.is_ascii_alphanumeric())?;
        Some(Ending { component: Some(first), segment, end })
    };
    with_component.or_else(without_component).or_else(by_place)
}

/// The terminator at `at`, and the byte after it: of CR LF the LF. Blanks before a line break belong to it.
fn terminator(rest: &[u8], at: usize) -> Option<(u8, usize)> {
    let tail = rest.get(at..)?;
    let blanks = tail.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    match tail.get(blanks..)? {
        [b'\r', b'\n', ..] => Some((b'\n', at + blanks + 2)),
        [byte @ (b'\r' | b'\n'), ..] => Some((*byte, at + blanks + 1)),
        [byte, ..] if blanks == 0 && !byte.is_ascii_alphanumeric() => {
            Some((*byte, at + if *byte >= 0xC2 { character_width(tail) } else { 1 }))
        }
        _ => None,
    }
}

/// Whether, blanks aside, a segment id of two or three characters and the element separator come next, or the end.
fn begins_segment(after: &[u8], element: u8) -> bool {
    let after = after.trim_ascii_start();
    let id = after.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let named = (2..=3).contains(&id) && after.first().is_some_and(u8::is_ascii_alphabetic);
    after.is_empty() || (named && after.get(id) == Some(&element))
}

/// Whether the first line of `after` that has something in it ends with this byte after data: `006>~` ends with an ISA16
/// that was taken into a segment, `006~` with a terminator.
fn line_ends_with(after: &[u8], byte: u8, element: u8) -> bool {
    let mut lines = after.split(|byte| is_line_break(*byte)).map(<[u8]>::trim_ascii);
    let line = lines.find(|line| !line.is_empty()).unwrap_or_default();
    matches!(line, [.., before, last] if *last == byte && *before != element)
}

/// Bytes of the UTF-8 character at the start, 1 where there is none.
fn character_width(bytes: &[u8]) -> usize {
    let valid =
        (2..=4).find(|width| bytes.get(..*width).is_some_and(|bytes| std::str::from_utf8(bytes).is_ok()));
    valid.unwrap_or(1)
}

pub(crate) fn can_separate(byte: u8) -> bool {
    !byte.is_ascii_alphanumeric() && !matches!(byte, b' ' | b'\n' | b'\r' | 0)
}

fn is_line_break(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}
