//! Rows one after the other: from a stream in bounded memory, or from bytes that are at hand.

use super::split::{self, Cut};
use super::{Dialect, Header};
use crate::domain::diagnostic::{Diagnostic, Location};
use crate::domain::partner::Encoding;
use crate::domain::rules::csv as rules;
use std::io::{self, Read};

/// Bytes that are asked for at once.
const CHUNK: usize = 1 << 16;

/// One record with its place. Made once and filled again for each record.
#[derive(Debug, Clone, Default)]
pub struct Row {
    /// The record, the first after the header = 1; blank records are not counted. The header is 0.
    pub number: u64,
    /// The line of the file on which it begins, from 1.
    pub line: u64,
    /// Bytes of the file, line end included.
    pub offset: u64,
    pub length: u64,
    /// A quote in it has no other end: its quotes are letters and it ends with its line.
    pub quote_open: bool,
    /// It passed the limit: it has no fields.
    pub too_long: bool,
    /// Its fields came by name, as in JSON: they have no columns and no places of their own.
    by_name: bool,
    text: String,
    fields: Vec<Field>,
}

#[derive(Debug, Clone, Copy)]
struct Field {
    /// End in `text`.
    end: usize,
    /// Place in the record.
    start: usize,
    length: usize,
    /// Its bytes were not in the file's encoding and were read as windows-1252, or as U+FFFD in UTF-16.
    foreign: bool,
    /// NUL bytes were left out.
    nul: bool,
}

impl Row {
    /// A row whose fields were given by name, in the order of a header that is not in the file.
    pub fn by_name<'v>(
        number: u64,
        line: u64,
        place: (u64, u64),
        values: impl Iterator<Item = &'v str>,
    ) -> Self {
        let (offset, length) = place;
        let mut row = Self { number, line, offset, length, by_name: true, ..Self::default() };
        for value in values {
            row.text.push_str(value);
            let end = row.text.len();
            row.fields.push(Field { end, start: 0, length: 0, foreign: false, nul: false });
        }
        row
    }

    /// The field of a column from 0, without surrounding blanks and line ends; empty where the row is shorter.
    pub fn field(&self, column: usize) -> &str {
        let Some(field) = self.fields.get(column) else { return "" };
        let start = column.checked_sub(1).and_then(|before| self.fields.get(before)).map_or(0, |f| f.end);
        self.text.get(start..field.end).unwrap_or_default().trim()
    }

    /// The field of a column that may not be there.
    pub fn get(&self, column: Option<usize>) -> &str {
        column.map_or("", |column| self.field(column))
    }

    pub fn len(&self) -> usize {
        self.fields.len()
    }

    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Whether nothing but blanks, or the Ctrl-Z with which DOS ends a file, stands in it.
    pub fn is_blank(&self) -> bool {
        let blank = self.text.chars().all(|c| c.is_whitespace() || c == '\u{1a}');
        blank && !self.too_long && !self.fields.iter().any(|field| field.nul)
    }

    /// Whether values stand to the right of the header's last column: some field may have slipped.
    pub fn is_too_wide(&self, header: &Header) -> bool {
        (header.len()..self.len()).any(|column| !self.field(column).is_empty())
    }

    /// The row's place.
    pub fn at(&self) -> Location {
        let length = u32::try_from(self.length).unwrap_or(u32::MAX);
        Location { row: self.number, line: self.line, offset: self.offset, length, ..Location::default() }
    }

    /// A field's place, or the row's where the column is not there.
    pub fn at_column(&self, header: &Header, column: Option<usize>) -> Location {
        let mut at = self.at();
        let Some(column) = column else { return at };
        if self.by_name {
            at.header = header.name(column).into();
            return at;
        }
        at.column = u32::try_from(column + 1).unwrap_or(u32::MAX);
        at.header = header.name(column).into();
        if let Some(field) = self.fields.get(column) {
            at.offset += field.start as u64;
            at.length = u32::try_from(field.length).unwrap_or(u32::MAX);
        }
        at
    }

    /// What is wrong with the row whatever it is for: quotes, width, encoding, NUL bytes; each once, at its first field.
    pub fn findings(&self, header: &Header, mut push: impl FnMut(Diagnostic)) {
        if self.too_long {
            push(Diagnostic::new(&rules::ROW_TOO_LONG, self.at()).detail(format!("{} bytes", self.length)));
            return;
        }
        if self.quote_open {
            push(Diagnostic::new(&rules::QUOTE_OPEN, self.at()));
        }
        if self.len() < header.len() || self.is_too_wide(header) {
            let detail =
                format!("the header has {} columns, the row has {} fields", header.len(), self.len());
            push(Diagnostic::new(&rules::ROW_RAGGED, self.at()).detail(detail));
        }
        let first = |rule, is: fn(&Field) -> bool| {
            let column = self.fields.iter().position(is)?;
            let at = self.at_column(header, Some(column));
            Some(Diagnostic::new(rule, at).found(self.field(column)))
        };
        first(&rules::TEXT_FOREIGN, |field| field.foreign).into_iter().for_each(&mut push);
        first(&rules::NUL_BYTE, |field| field.nul).into_iter().for_each(&mut push);
    }

    /// Whether NUL bytes were left out of the field of this column.
    pub fn had_nul(&self, column: Option<usize>) -> bool {
        column.and_then(|column| self.fields.get(column)).is_some_and(|field| field.nul)
    }

    fn fill(&mut self, record: &[u8], dialect: &Dialect, quoted: bool) {
        self.text.clear();
        self.fields.clear();
        self.quote_open = !quoted;
        self.too_long = false;
        let Self { text, fields, .. } = self;
        split::fields(record, dialect, quoted, |start, bytes, length| {
            let from = text.len();
            let foreign = decode(bytes, dialect.encoding, text);
            let nul = text[from..].contains('\0');
            if nul {
                let without: String = text.drain(from..).filter(|c| *c != '\0').collect();
                text.push_str(&without);
            }
            fields.push(Field { end: text.len(), start, length, foreign, nul });
        });
    }
}

/// Rows of bytes at hand: of one run of rows whose place in the file is known.
#[derive(Debug)]
pub struct Rows<'a> {
    bytes: &'a [u8],
    cutter: Cutter,
}

impl<'a> Rows<'a> {
    /// The first row of `bytes` has this number and stands on this line, at this byte of the file.
    pub fn new(bytes: &'a [u8], dialect: Dialect, number: u64, line: u64, offset: u64) -> Self {
        Self { bytes, cutter: Cutter { dialect, number, line, offset, skipping: None } }
    }

    /// Fills `row` with the next row that is not blank; false at the end.
    pub fn read(&mut self, row: &mut Row) -> bool {
        loop {
            let (taken, found) = self.cutter.take(self.bytes, true, row);
            self.bytes = self.bytes.get(taken..).unwrap_or_default();
            if found {
                return true;
            }
            if taken == 0 {
                return false;
            }
        }
    }
}

/// Rows of a stream. Memory is bounded by the dialect's `row_bytes_max`.
#[derive(Debug)]
pub struct RowReader<R> {
    input: R,
    buffer: Vec<u8>,
    start: usize,
    ended: bool,
    cutter: Cutter,
}

impl<R: Read> RowReader<R> {
    /// Looks at the first bytes: a byte order mark decides the encoding whatever the dialect says, and the first line
    /// end decides how rows end.
    pub fn new(input: R, dialect: Dialect) -> io::Result<Self> {
        let cutter = Cutter { dialect, number: 0, line: 1, offset: 0, skipping: None };
        let mut reader = Self { input, buffer: Vec::new(), start: 0, ended: false, cutter };
        reader.fill()?;
        let (mark, encoding) = match reader.buffer.as_slice() {
            [0xEF, 0xBB, 0xBF, ..] => (3, Encoding::Utf8),
            [0xFF, 0xFE, ..] => (2, Encoding::Utf16Le),
            _ => (0, dialect.encoding),
        };
        reader.start = mark;
        reader.cutter.offset = mark as u64;
        reader.cutter.dialect.encoding = encoding;
        reader.cutter.dialect.lone_cr = ends_with_lone_cr(&reader.buffer[mark..], &reader.cutter.dialect);
        Ok(reader)
    }

    /// The dialect as it was found.
    pub fn dialect(&self) -> Dialect {
        self.cutter.dialect
    }

    /// How many bytes were read as rows so far.
    pub fn offset(&self) -> u64 {
        self.cutter.offset
    }

    /// Whether the input begins with the byte order mark of UTF-16 big-endian, which nobody asked us to read.
    pub fn is_utf16_big_endian(&self) -> bool {
        self.cutter.offset == 0 && self.buffer.starts_with(&[0xFE, 0xFF])
    }

    /// Fills `row` with the next row that is not blank; false at the end.
    pub fn read(&mut self, row: &mut Row) -> io::Result<bool> {
        loop {
            let (taken, found) = self.cutter.take(&self.buffer[self.start..], self.ended, row);
            self.start += taken;
            if found {
                return Ok(true);
            }
            if taken == 0 {
                if self.ended {
                    return Ok(false);
                }
                self.fill()?;
            }
        }
    }

    /// Drops what was read and reads on until there is a chunk more, or no more.
    fn fill(&mut self) -> io::Result<()> {
        self.buffer.drain(..self.start);
        self.start = 0;
        let more = self.buffer.len().max(CHUNK) as u64;
        let read = self.input.by_ref().take(more).read_to_end(&mut self.buffer)?;
        self.ended = (read as u64) < more;
        Ok(())
    }
}

/// What is known between two rows.
#[derive(Debug)]
struct Cutter {
    dialect: Dialect,
    /// Of the next row that is not blank.
    number: u64,
    line: u64,
    offset: u64,
    /// Where a row began that is too long: its bytes are passed over up to its line end.
    skipping: Option<u64>,
}

impl Cutter {
    /// Takes the record at the beginning of `bytes`: how many bytes it is, and whether `row` is filled. Nothing taken
    /// and nothing filled: more bytes are needed.
    fn take(&mut self, bytes: &[u8], at_end: bool, row: &mut Row) -> (usize, bool) {
        if let Some(began) = self.skipping {
            return self.skip(began, bytes, at_end, row);
        }
        if bytes.is_empty() {
            return (0, false);
        }
        match split::cut(bytes, at_end, &self.dialect) {
            Cut::More => (0, false),
            Cut::TooLong => {
                self.skipping = Some(self.offset);
                self.skip(self.offset, bytes, at_end, row)
            }
            Cut::Record { length, quoted } => {
                let record = bytes.get(..length).unwrap_or(bytes);
                row.fill(record, &self.dialect, quoted);
                let blank = row.is_blank();
                self.place(row, self.offset, length, blank);
                self.line += split::count_lines(record, &self.dialect);
                (length, !blank)
            }
        }
    }

    /// Passes over a row that is too long; at its end `row` says where it was.
    fn skip(&mut self, began: u64, bytes: &[u8], at_end: bool, row: &mut Row) -> (usize, bool) {
        let end = split::line_end(bytes, &self.dialect);
        if end.is_none() && !at_end {
            // half a unit stays for the next time
            let whole = bytes.len() - bytes.len() % self.dialect.unit();
            self.offset += whole as u64;
            return (whole, false);
        }
        let length = end.unwrap_or(bytes.len());
        *row = Row { too_long: true, ..Row::default() };
        self.place(row, began, length, false);
        self.skipping = None;
        self.line += 1;
        (length, true)
    }

    fn place(&mut self, row: &mut Row, began: u64, length: usize, blank: bool) {
        self.offset += length as u64;
        row.offset = began;
        row.length = self.offset - began;
        row.line = self.line;
        row.number = self.number;
        self.number += u64::from(!blank);
    }
}

/// Whether the first line of a file ends with a CR that no LF follows. A CR before a delimiter is a hidden one.
fn ends_with_lone_cr(bytes: &[u8], dialect: &Dialect) -> bool {
    let width = dialect.unit();
    let mut units = bytes.iter().step_by(width).copied().skip_while(|unit| !matches!(unit, b'\r' | b'\n'));
    if units.next() != Some(b'\r') {
        return false;
    }
    let next = units.find(|unit| *unit != b'\r');
    next.is_some_and(|unit| unit != b'\n' && unit != dialect.delimiter)
}

/// Appends the bytes as text; true if they are not in the encoding. Bytes that are no UTF-8 are windows-1252, the
/// encoding in which spreadsheets of the West save; it can say every byte.
fn decode(bytes: &[u8], encoding: Encoding, into: &mut String) -> bool {
    match encoding {
        Encoding::Windows1252 => decode_with(encoding_rs::WINDOWS_1252, bytes, into),
        Encoding::Utf16Le => decode_with(encoding_rs::UTF_16LE, bytes, into),
        Encoding::Utf8 => {
            if let Ok(text) = std::str::from_utf8(bytes) {
                into.push_str(text);
                return false;
            }
            decode_with(encoding_rs::WINDOWS_1252, bytes, into);
            true
        }
    }
}

/// Appends the bytes as text; true if some of them were replaced by U+FFFD.
fn decode_with(encoding: &'static encoding_rs::Encoding, bytes: &[u8], into: &mut String) -> bool {
    if bytes.is_ascii() && encoding.is_ascii_compatible() {
        into.extend(bytes.iter().map(|byte| char::from(*byte)));
        return false;
    }
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut piece = [0; 1024];
    let mut rest = bytes;
    let mut replaced = false;
    loop {
        let (result, read, written, bad) = decoder.decode_to_utf8(rest, &mut piece, true);
        replaced |= bad;
        into.push_str(&String::from_utf8_lossy(&piece[..written]));
        rest = &rest[read..];
        if result == encoding_rs::CoderResult::InputEmpty {
            return replaced;
        }
    }
}
