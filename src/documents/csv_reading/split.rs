//! Where a record ends and where its fields are, in bytes of one or two to a unit.

use super::Dialect;

const QUOTE: u8 = b'"';
const CR: u8 = b'\r';
const LF: u8 = b'\n';

/// What stands at the beginning of some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// A record of `length` bytes, its line end included. `quoted`: quotes were honoured; false where one of them
    /// has no other end, and the record is the first line with its quotes as letters.
    Record { length: usize, quoted: bool },
    /// No line ends within the limit.
    TooLong,
    /// More bytes are needed to tell.
    More,
}

/// Finds the end of the record at the beginning of `bytes`; `at_end`: no bytes follow them. The answer does not depend
/// on how many bytes beyond the record are given.
pub(super) fn cut(bytes: &[u8], at_end: bool, dialect: &Dialect) -> Cut {
    let limit = dialect.row_bytes_max & !1;
    let full = at_end || bytes.len() > limit;
    let all = at_end && bytes.len() <= limit;
    let window = &bytes[..bytes.len().min(limit)];
    match walk(window, dialect) {
        Walk::Ended(length) => return Cut::Record { length, quoted: true },
        Walk::Plain | Walk::Quoted if !full => return Cut::More,
        Walk::Plain if all => return Cut::Record { length: bytes.len(), quoted: true },
        Walk::Plain | Walk::Quoted | Walk::Stray => {}
    }
    match line_end(window, dialect) {
        Some(length) => Cut::Record { length, quoted: false },
        None if all => Cut::Record { length: bytes.len(), quoted: false },
        None => Cut::TooLong,
    }
}

/// The end of the first line, its line end included, whatever the quotes say.
pub(super) fn line_end(bytes: &[u8], dialect: &Dialect) -> Option<usize> {
    let width = dialect.unit();
    let end = line_byte(dialect);
    find(bytes, 0, width, [end, end, end]).map(|at| at + width)
}

/// How many line ends there are in a record.
pub(super) fn count_lines(bytes: &[u8], dialect: &Dialect) -> u64 {
    let width = dialect.unit();
    let end = line_byte(dialect);
    if width == 1 {
        return memchr::memchr_iter(end, bytes).count() as u64;
    }
    units(bytes, width).filter(|unit| *unit == end).count() as u64
}

/// Calls `field` for each field of a record with the byte where it begins, its bytes with quotes taken off, and how many
/// bytes it takes in the record.
pub(super) fn fields(
    record: &[u8],
    dialect: &Dialect,
    quoted: bool,
    mut field: impl FnMut(usize, &[u8], usize),
) {
    let width = dialect.unit();
    let record = without_line_end(record, dialect);
    let mut start = 0;
    let mut scratch = Vec::new();
    loop {
        let end = if quoted && unit_at(record, start, width) == Some(QUOTE) {
            scratch.clear();
            let end = unquote(record, start + width, dialect, &mut scratch);
            field(start, &scratch, end - start);
            end
        } else {
            let delimiter = dialect.delimiter;
            let end = find(record, start, width, [delimiter; 3]).unwrap_or(record.len());
            field(start, &record[start..end], end - start);
            end
        };
        if end >= record.len() {
            return;
        }
        start = end + width;
    }
}

/// Copies a quoted field that begins after its quote, and what stands between its closing quote and the delimiter;
/// gives the place of the delimiter or the record's end.
fn unquote(record: &[u8], from: usize, dialect: &Dialect, into: &mut Vec<u8>) -> usize {
    let width = dialect.unit();
    let mut at = from;
    loop {
        let Some(quote) = find(record, at, width, [QUOTE; 3]) else {
            into.extend_from_slice(&record[at.min(record.len())..]);
            return record.len();
        };
        into.extend_from_slice(&record[at..quote]);
        at = quote + width;
        if unit_at(record, at, width) != Some(QUOTE) {
            break;
        }
        into.extend_from_slice(&record[at..at + width]);
        at += width;
    }
    let end = find(record, at, width, [dialect.delimiter; 3]).unwrap_or(record.len());
    into.extend_from_slice(&record[at.min(end)..end]);
    end
}

/// What became of the quotes on the way to the end of a record.
enum Walk {
    /// The record is so many bytes, its line end included.
    Ended(usize),
    /// The bytes are used up, outside or inside quotes.
    Plain,
    Quoted,
    /// A quote before a line end meets its other end in the middle of a text: it was no quote but a letter, an inch
    /// sign perhaps, and the rows after it must not be swallowed.
    Stray,
}

fn walk(bytes: &[u8], dialect: &Dialect) -> Walk {
    let width = dialect.unit();
    let end = line_byte(dialect);
    let mut at = 0;
    while let Some(found) = find(bytes, at, width, [QUOTE, end, end]) {
        at = found + width;
        if unit_at(bytes, found, width) == Some(end) {
            return Walk::Ended(at);
        }
        let before = found.checked_sub(width).and_then(|before| unit_at(bytes, before, width));
        if found > 0 && before != Some(dialect.delimiter) {
            continue;
        }
        let Some(closed) = closing_quote(bytes, at, width) else {
            return Walk::Quoted;
        };
        let after = unit_at(bytes, closed + width, width);
        let proper = after.is_none_or(|unit| unit == dialect.delimiter || unit == LF || unit == CR);
        if !proper && find(&bytes[..closed], at, width, [end; 3]).is_some() {
            return Walk::Stray;
        }
        // what stands between the closing quote and the delimiter is text, quotes too
        let Some(next) = find(bytes, closed + width, width, [dialect.delimiter, end, end]) else {
            return Walk::Plain;
        };
        at = next;
    }
    Walk::Plain
}

/// The quote that ends the value; two together are one letter of it.
fn closing_quote(bytes: &[u8], from: usize, width: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let quote = find(bytes, at, width, [QUOTE; 3])?;
        at = quote + width;
        if unit_at(bytes, at, width) != Some(QUOTE) {
            return Some(quote);
        }
        at += width;
    }
}

fn line_byte(dialect: &Dialect) -> u8 {
    if dialect.lone_cr { CR } else { LF }
}

fn without_line_end<'a>(record: &'a [u8], dialect: &Dialect) -> &'a [u8] {
    let width = dialect.unit();
    let mut end = record.len();
    while let Some(before) = end.checked_sub(width) {
        match unit_at(record, before, width) {
            Some(LF | CR) => end = before,
            _ => break,
        }
    }
    &record[..end]
}

/// The unit at a byte; a unit beyond ASCII, or half a unit at the end, is 0xFF in UTF-16.
fn unit_at(bytes: &[u8], at: usize, width: usize) -> Option<u8> {
    let low = *bytes.get(at)?;
    if width == 1 {
        return Some(low);
    }
    Some(if bytes.get(at + 1) == Some(&0) { low } else { 0xFF })
}

fn units(bytes: &[u8], width: usize) -> impl Iterator<Item = u8> {
    (0..bytes.len()).step_by(width).filter_map(move |at| unit_at(bytes, at, width))
}

/// The first byte from `from` on where one of three units stands.
fn find(bytes: &[u8], from: usize, width: usize, wanted: [u8; 3]) -> Option<usize> {
    if from >= bytes.len() {
        return None;
    }
    if width == 1 {
        let [a, b, c] = wanted;
        return memchr::memchr3(a, b, c, &bytes[from..]).map(|at| from + at);
    }
    (from..bytes.len()).step_by(width).find(|at| {
        unit_at(bytes, *at, width).is_some_and(|unit| bytes.len() > at + 1 && wanted.contains(&unit))
    })
}
