//! A CSV file with a header, read by the names of its columns: fast where rows are good, exact about what is wrong.

use crate::domain::Text;
use crate::domain::diagnostic::{Diagnostic, Location, Rule};
use crate::domain::rules::csv::{
    MASTER_KEY_REPEATED, MASTER_NOT_UTF8, MASTER_ROW_LONG, MASTER_VALUE_INVALID, MASTER_VALUE_MISSING,
};
use anyhow::{Context, Result, bail};
use csv::ByteRecord;
use std::cell::Cell;
use std::cmp::Ordering;
use std::io::Read;

/// What one file gave, by the type of its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows<T> {
    /// Sorted by the key.
    pub rows: Vec<T>,
    /// The first 100.
    pub diagnostics: Vec<Diagnostic>,
    /// How many there were in all.
    pub findings: u64,
    /// Rows that are not in `rows`.
    pub left_out: u64,
}

impl<T> Rows<T> {
    /// Moves the rows to their list; what is left says what was wrong.
    pub(super) fn split(mut self, list: &mut Vec<T>) -> Rows<()> {
        list.append(&mut self.rows);
        Rows {
            rows: Vec::new(),
            diagnostics: self.diagnostics,
            findings: self.findings,
            left_out: self.left_out,
        }
    }
}

/// A column of the contract.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    name: &'static str,
    required: bool,
}

pub(super) const fn required(name: &'static str) -> Column {
    Column { name, required: true }
}

pub(super) const fn optional(name: &'static str) -> Column {
    Column { name, required: false }
}

/// A row that needs more bytes is a quotation mark that nobody closed.
const ROW_BYTES_MAX: usize = 1 << 16;

/// Read from the file at once.
const BUFFER_BYTES: usize = 1 << 18;

const DIAGNOSTICS_MAX: usize = 100;

/// Reads every row of a file. `row` makes a value of the cells, which it names by their index in `columns`; where it
/// finds a fault the row is left out. Of rows with the same key the first counts.
pub(super) fn read<T>(
    file: &str,
    input: impl Read,
    columns: &[Column],
    row: impl Fn(&mut Cells<'_>) -> T,
    key: impl Fn(&T, &T) -> Ordering,
) -> Result<Rows<T>> {
    let reading = || format!("read {file}");
    let taken = Cell::new(0);
    let input = Guarded { input, taken: &taken };
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).buffer_capacity(BUFFER_BYTES).from_reader(input);
    let headers: Vec<Text> = reader.byte_headers().with_context(reading)?.iter().map(header_text).collect();
    let at = positions(file, columns, &headers)?;
    let mut found = Found { diagnostics: Vec::new(), findings: 0, left_out: 0 };
    let mut rows: Vec<(Place, T)> = Vec::new();
    let mut record = ByteRecord::new();
    let mut number = 0;
    while reader.read_byte_record(&mut record).with_context(reading)? {
        number += 1;
        taken.set(0);
        let place = Place::of(number, &record);
        if record.as_slice().len() > ROW_BYTES_MAX {
            bail!(
                "{file}, line {}: a row of {} bytes; a quotation mark is probably not closed",
                place.line,
                record.as_slice().len()
            );
        }
        if record.as_slice().iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let mut cells =
            Cells { record: &record, headers: &headers, at: &at, place, found: &mut found, bad: false };
        cells.check_length();
        let value = row(&mut cells);
        if cells.bad {
            found.left_out += 1;
        } else {
            rows.push((place, value));
        }
    }
    // of equal keys the earlier row comes first
    rows.sort_unstable_by(|(a, left), (b, right)| key(left, right).then(a.row.cmp(&b.row)));
    let mut kept: Vec<T> = Vec::with_capacity(rows.len());
    let mut last = 0;
    for (place, value) in rows {
        if kept.last().is_some_and(|before| key(before, &value) == Ordering::Equal) {
            found.left_out += 1;
            found.add(&MASTER_KEY_REPEATED, place.location(), "", format!("row {last} has the same key"));
        } else {
            kept.push(value);
            last = place.row;
        }
    }
    found.diagnostics.sort_by_key(|diagnostic| (diagnostic.at.row, diagnostic.at.column));
    let Found { diagnostics, findings, left_out } = found;
    Ok(Rows { rows: kept, diagnostics, findings, left_out })
}

/// A file of which no more is read for one row than a row may have.
struct Guarded<'t, R> {
    input: R,
    /// Bytes read since the last row was whole.
    taken: &'t Cell<usize>,
}

impl<R: Read> Read for Guarded<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        // what was in the buffer when a row ended belongs to the next one
        if self.taken.get() > ROW_BYTES_MAX + 2 * BUFFER_BYTES {
            let why =
                format!("a row of more than {ROW_BYTES_MAX} bytes; a quotation mark is probably not closed");
            return Err(std::io::Error::other(why));
        }
        let read = self.input.read(buffer)?;
        self.taken.set(self.taken.get().saturating_add(read));
        Ok(read)
    }
}

/// The column of the file for each column of the contract; missing required ones are an error that names them.
fn positions(file: &str, columns: &[Column], headers: &[Text]) -> Result<Vec<Option<usize>>> {
    let mut at = Vec::with_capacity(columns.len());
    let mut missing = Vec::new();
    for column in columns {
        let mut matching = (0..headers.len()).filter(|index| {
            headers.get(*index).is_some_and(|header| header.eq_ignore_ascii_case(column.name))
        });
        let first = matching.next();
        if matching.next().is_some() {
            bail!("{file}: two columns have the header {:?}", column.name);
        }
        if first.is_none() && column.required {
            missing.push(column.name);
        }
        at.push(first);
    }
    if !missing.is_empty() {
        let noun = if missing.len() == 1 { "column" } else { "columns" };
        let header = headers.join(",");
        bail!("{file}: required {noun} {} missing; the header is {header:?}", missing.join(", "));
    }
    Ok(at)
}

fn header_text(bytes: &[u8]) -> Text {
    Text::from(String::from_utf8_lossy(bytes).trim())
}

/// What is wrong in a file so far.
struct Found {
    diagnostics: Vec<Diagnostic>,
    findings: u64,
    left_out: u64,
}

impl Found {
    fn add(&mut self, rule: &'static Rule, at: Location, value: &str, detail: String) {
        self.findings += 1;
        if self.diagnostics.len() < DIAGNOSTICS_MAX {
            self.diagnostics.push(Diagnostic::new(rule, at).found(value).detail(detail));
        }
    }
}

/// Where a row begins.
#[derive(Debug, Clone, Copy)]
struct Place {
    row: u64,
    line: u64,
    offset: u64,
}

impl Place {
    fn of(row: u64, record: &ByteRecord) -> Self {
        let position = record.position();
        Self {
            row,
            line: position.map_or(0, csv::Position::line),
            offset: position.map_or(0, csv::Position::byte),
        }
    }

    fn location(self) -> Location {
        Location { row: self.row, line: self.line, offset: self.offset, ..Location::default() }
    }
}

/// The cells of one row, by their index in the contract's columns. Blanks around a value are no part of it.
pub(super) struct Cells<'r> {
    record: &'r ByteRecord,
    headers: &'r [Text],
    at: &'r [Option<usize>],
    place: Place,
    found: &'r mut Found,
    bad: bool,
}

impl<'r> Cells<'r> {
    /// A number, code or name that may be blank.
    pub(super) fn text(&mut self, column: usize) -> Text {
        Text::from(self.plain(column))
    }

    /// A number, code or name that every row has.
    pub(super) fn key(&mut self, column: usize) -> Text {
        let text = self.plain(column);
        if text.is_empty() && !self.bad {
            self.fault(column, &MASTER_VALUE_MISSING, String::new());
        }
        Text::from(text)
    }

    /// Text for people: what is not UTF-8 in it is told and replaced, and the row stays.
    pub(super) fn prose(&mut self, column: usize) -> Text {
        let bytes = self.bytes(column);
        if let Ok(text) = std::str::from_utf8(bytes) {
            return Text::from(text);
        }
        let text = Text::from(String::from_utf8_lossy(bytes));
        self.note(column, &MASTER_NOT_UTF8, String::new());
        text
    }

    /// [`Cells::prose`] that every row has.
    pub(super) fn required_prose(&mut self, column: usize) -> Text {
        let text = self.prose(column);
        if text.is_empty() {
            self.fault(column, &MASTER_VALUE_MISSING, String::new());
        }
        text
    }

    /// A value of some other type; None where the cell is blank, or where it has a fault.
    pub(super) fn value<T>(
        &mut self,
        column: usize,
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.plain(column);
        if text.is_empty() {
            return None;
        }
        let value = parse(text);
        if value.is_none() {
            self.invalid(column, format!("expected {expected}"));
        }
        value
    }

    /// One of a few words, whatever their case; blank is the default.
    pub(super) fn choice<T: Copy>(&mut self, column: usize, words: &[(&str, T)], default: T) -> T {
        let text = self.plain(column);
        if text.is_empty() {
            return default;
        }
        let found = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
        if found.is_none() {
            let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.invalid(column, format!("expected {}", words.join(" or ")));
        }
        found.map_or(default, |(_, value)| *value)
    }

    /// The value is there and cannot count: the row is left out.
    pub(super) fn invalid(&mut self, column: usize, detail: String) {
        self.fault(column, &MASTER_VALUE_INVALID, detail);
    }

    /// Something to tell about a row that stays.
    pub(super) fn note(&mut self, column: usize, rule: &'static Rule, detail: String) {
        let value = String::from_utf8_lossy(self.bytes(column)).into_owned();
        let index = self.at.get(column).copied().flatten();
        let header = index.and_then(|index| self.headers.get(index)).cloned().unwrap_or_default();
        let column = index.map_or(0, |index| u32::try_from(index + 1).unwrap_or(u32::MAX));
        self.found.add(rule, Location { column, header, ..self.place.location() }, &value, detail);
    }

    fn fault(&mut self, column: usize, rule: &'static Rule, detail: String) {
        self.bad = true;
        self.note(column, rule, detail);
    }

    /// More values than headers mean that some value stands under the wrong header.
    fn check_length(&mut self) {
        let beyond = self.record.iter().skip(self.headers.len());
        if beyond.into_iter().any(|cell| !cell.trim_ascii().is_empty()) {
            self.bad = true;
            let detail = format!("{} values, {} headers", self.record.len(), self.headers.len());
            self.found.add(&MASTER_ROW_LONG, self.place.location(), "", detail);
        }
    }

    fn bytes(&self, column: usize) -> &'r [u8] {
        let index = self.at.get(column).copied().flatten();
        index.and_then(|index| self.record.get(index)).unwrap_or_default().trim_ascii()
    }

    /// Text without control characters; empty where the cell has a fault, which is told once.
    fn plain(&mut self, column: usize) -> &'r str {
        let bytes = self.bytes(column);
        match std::str::from_utf8(bytes) {
            Ok(text) if !bytes.iter().any(u8::is_ascii_control) => text,
            Ok(_) => {
                if !self.bad {
                    self.invalid(
                        column,
                        "a line break or control character; a quotation mark may be missing".into(),
                    );
                }
                ""
            }
            Err(_) => {
                if !self.bad {
                    self.fault(column, &MASTER_NOT_UTF8, String::new());
                }
                ""
            }
        }
    }
}
