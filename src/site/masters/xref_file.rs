//! A cross-reference as a file: any of the ways in which people and programs write it comes in, row by row; out it goes as
//! `item_xref.csv` has it, with what is known of each row behind.

use crate::documents::csv_reading::{Dialect, Header, Row, RowReader};
use crate::domain::item::Xref;
use crate::domain::unit::Fraction;
use crate::domain::{Date, Text};
use crate::xref::import::{Draft, mangled};
use crate::xref::match_form;
use anyhow::{Context, Result, bail};
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

/// The columns of `item_xref.csv`, each with the other names under which it is known. Case, blanks, underscores and other
/// marks count for nothing.
const COLUMNS: &[(&str, &[&str])] = &[
    ("customer", &["customername"]),
    ("customer_item", &["customeritemnumber"]),
    ("item", &["itemnumber"]),
    ("ship_to", &[]),
    ("qualifier", &[]),
    ("unit", &[]),
    ("unit_factor", &[]),
    ("rank", &[]),
    ("valid_from", &[]),
    ("valid_to", &[]),
    ("status", &[]),
    ("description", &["customeritemdescription"]),
];

/// So many of them every file has.
const REQUIRED: usize = 3;

/// What is looked at to find the delimiter.
const HEAD_BYTES: usize = 1 << 16;

/// An item number of a customer or of ours has at most so many characters.
const NUMBER_CHARACTERS_MAX: usize = 80;

/// The column that an error file has behind those of the file: what is wrong with the row.
pub const PROBLEM: &str = "problem";

/// An import file under way.
#[derive(Debug)]
pub struct XrefFile {
    reader: RowReader<File>,
    row: Row,
    header: Header,
    /// The column of the file for each of [`COLUMNS`].
    at: Vec<Option<usize>>,
    /// It is an error file that comes back: guarding apostrophes are taken off.
    guarded: bool,
    name: String,
}

impl XrefFile {
    /// Finds the delimiter (comma, semicolon, tab, bar) and the columns. Fails for what is no such file.
    pub fn open(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        let mut head = Vec::new();
        let file = File::open(path).with_context(|| format!("open {name}"))?;
        file.take(HEAD_BYTES as u64).read_to_end(&mut head).with_context(|| format!("read {name}"))?;
        let dialects = [b',', b';', b'\t', b'|'].map(|delimiter| Dialect { delimiter, ..Dialect::default() });
        let mut best: Option<(usize, Dialect)> = None;
        for dialect in dialects {
            let known = columns(&header(head.as_slice(), dialect)?.0).iter().flatten().count();
            if best.is_none_or(|(most, _)| known > most) {
                best = Some((known, dialect));
            }
        }
        let dialect = best.map(|(_, dialect)| dialect).unwrap_or_default();
        let file = File::open(path).with_context(|| format!("open {name}"))?;
        let mut reader = RowReader::new(file, dialect).with_context(|| format!("read {name}"))?;
        if reader.is_utf16_big_endian() {
            bail!("{name} is UTF-16 big-endian: save it as UTF-8");
        }
        let mut row = Row::default();
        reader.read(&mut row).with_context(|| format!("read {name}"))?;
        let header = Header::new(&row);
        let at = columns(&header);
        let missing: Vec<&str> =
            (0..REQUIRED).filter(|place| at[*place].is_none()).map(|place| COLUMNS[place].0).collect();
        if !missing.is_empty() {
            let found = header.names().join(", ");
            bail!("{name} has no column {}; its header is {found:?}", missing.join(", "));
        }
        if let Some(twice) = repeated(&header) {
            bail!("two columns of {name} are {twice}");
        }
        let guarded = header.names().last().is_some_and(|last| last == PROBLEM);
        Ok(Self { reader, row, header, at, guarded, name })
    }

    /// The header as the file has it; without the problems of an error file that comes back.
    pub fn header(&self) -> impl Iterator<Item = &str> {
        let columns = self.header.len() - usize::from(self.guarded);
        self.header.names().iter().take(columns).map(Text::as_str)
    }

    pub fn delimiter(&self) -> u8 {
        self.reader.dialect().delimiter
    }

    /// The next row: a draft of what it asks for, or what is wrong with it. None at the end.
    pub fn next_draft(&mut self) -> Result<Option<Result<Draft, RowProblems>>> {
        let read = self.reader.read(&mut self.row).with_context(|| format!("read {}", self.name))?;
        Ok(read.then(|| self.draft()))
    }

    /// The cells of the row that was read last, under [`XrefFile::header`].
    pub fn cells(&self) -> impl Iterator<Item = &str> {
        (0..self.header.len() - usize::from(self.guarded)).map(|column| self.cell(Some(column)))
    }

    fn cell(&self, column: Option<usize>) -> &str {
        let text = self.row.get(column);
        match text.strip_prefix('\'') {
            Some(bare) if self.guarded && bare.starts_with(['=', '+', '-', '@']) => bare,
            _ => text,
        }
    }

    fn draft(&self) -> Result<Draft, RowProblems> {
        let mut cells = Cells { file: self, problems: Vec::new() };
        if self.row.too_long {
            cells.problems.push("the row is too long to be one; a line end may be lost".to_owned());
        } else if self.row.quote_open {
            cells.problems.push("a quotation mark is not closed".to_owned());
        } else if self.row.is_too_wide(&self.header) {
            cells.problems.push("more values than headers: a value may hold the delimiter".to_owned());
        }
        let valid_from = cells.value(8, "a date as YYYY-MM-DD", date);
        let valid_to = cells.value(9, "a date as YYYY-MM-DD", date);
        if let (Some(from), Some(to)) = (valid_from, valid_to)
            && to < from
        {
            cells.problems.push(format!("valid_to {to} is before valid_from {from}"));
        }
        let draft = Draft {
            row: self.row.number,
            line: self.row.line,
            customer: cells.key(0),
            customer_item: cells.number(1),
            item: cells.number(2),
            ship_to: cells.text(3),
            qualifier: cells.text(4),
            unit: cells.text(5),
            valid_from,
            unit_factor: cells.value(6, "a positive factor such as 12, 0.5 or 1/2", Fraction::parse),
            rank: cells.value(7, "a whole number from 1", rank),
            valid_to,
            active: cells.value(10, "active or inactive", status),
            description: Some(cells.prose(11)).filter(|text| !text.is_empty()),
        };
        let Cells { problems, .. } = cells;
        if problems.is_empty() {
            return Ok(draft);
        }
        Err(RowProblems { row: self.row.number, line: self.row.line, problems })
    }
}

/// What is wrong with one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowProblems {
    pub row: u64,
    pub line: u64,
    pub problems: Vec<String>,
}

/// A number that a spreadsheet has changed, in words; it counts unless a row has that very number.
pub fn spreadsheet_damage(number: &str) -> Option<String> {
    mangled(number).map(|how| format!("customer_item {number:?}: {how}"))
}

/// The cells of one row, by their place in [`COLUMNS`].
struct Cells<'f> {
    file: &'f XrefFile,
    problems: Vec<String>,
}

impl Cells<'_> {
    fn text(&mut self, column: usize) -> Text {
        let at = self.file.at.get(column).copied().flatten();
        let text = Text::from(self.file.cell(at));
        if text.chars().any(char::is_control) || self.file.row.had_nul(at) {
            self.problems.push(format!(
                "{}: a line break or control character; a quotation mark may be missing",
                name(column)
            ));
            return Text::default();
        }
        text
    }

    /// Text for people, which may have several lines.
    fn prose(&self, column: usize) -> Text {
        Text::from(self.file.cell(self.file.at.get(column).copied().flatten()))
    }

    fn key(&mut self, column: usize) -> Text {
        let text = self.text(column);
        if text.is_empty() && self.problems.is_empty() {
            self.problems.push(format!("{} is missing", name(column)));
        }
        text
    }

    fn number(&mut self, column: usize) -> Text {
        let number = self.key(column);
        let characters = number.chars().count();
        if characters > NUMBER_CHARACTERS_MAX {
            self.problems.push(format!(
                "{} has {characters} characters; there is room for {NUMBER_CHARACTERS_MAX}",
                name(column)
            ));
        }
        number
    }

    fn value<T>(&mut self, column: usize, expected: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = self.text(column);
        if text.is_empty() {
            return None;
        }
        let value = parse(&text);
        if value.is_none() {
            self.problems.push(format!("{} {text:?} is not {expected}", name(column)));
        }
        value
    }
}

fn name(column: usize) -> &'static str {
    COLUMNS.get(column).map_or("", |(name, _)| name)
}

fn header(head: &[u8], dialect: Dialect) -> Result<(Header, Row)> {
    let mut row = Row::default();
    RowReader::new(head, dialect)?.read(&mut row)?;
    Ok((Header::new(&row), row))
}

fn columns(header: &Header) -> Vec<Option<usize>> {
    COLUMNS.iter().map(|column| places(header, column).next()).collect()
}

fn repeated(header: &Header) -> Option<&'static str> {
    COLUMNS.iter().find(|column| places(header, column).nth(1).is_some()).map(|(name, _)| *name)
}

fn places<'h>(header: &'h Header, column: &'h (&str, &[&str])) -> impl Iterator<Item = usize> + 'h {
    let names = header.names().iter().enumerate();
    let plain = plain(column.0);
    names
        .filter(move |(_, name)| {
            let name = self::plain(name);
            name == plain || column.1.contains(&name.as_str())
        })
        .map(|(at, _)| at)
}

/// Letters and digits alone, in small letters.
fn plain(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn rank(text: &str) -> Option<u32> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|rank| digits && *rank >= 1)
}

fn date(text: &str) -> Option<Date> {
    if text.len() == 10 { text.parse().ok() } else { None }
}

fn status(text: &str) -> Option<bool> {
    let words = [("active", true), ("inactive", false)];
    words.iter().find(|(word, _)| word.eq_ignore_ascii_case(text)).map(|(_, active)| *active)
}

/// What stands behind the columns of `item_xref.csv` in an export.
#[derive(Debug, Clone, Copy)]
pub struct Provenance<'p> {
    pub source: &'p str,
    /// RFC 3339.
    pub recorded_from: &'p str,
    pub decided_by: &'p str,
    pub reason: &'p str,
}

/// Writes a cross-reference; every value exactly as it is.
#[derive(Debug)]
pub struct XrefWriter<W: Write> {
    csv: csv::Writer<W>,
}

impl<W: Write> XrefWriter<W> {
    pub fn new(out: W) -> Result<Self> {
        let mut csv = csv::Writer::from_writer(out);
        let behind = ["source", "recorded_from", "decided_by", "reason", "match_form"];
        csv.write_record(COLUMNS.iter().map(|(name, _)| *name).chain(behind)).context("write the header")?;
        Ok(Self { csv })
    }

    pub fn row(&mut self, xref: &Xref, provenance: &Provenance<'_>) -> Result<()> {
        let (customer, ship_to) = xref.scope.columns();
        let day = |date: Option<Date>| date.map_or(String::new(), |date| date.to_string());
        let factor = xref.unit_factor.map_or(String::new(), |factor| factor.to_string());
        let (rank, from, to) = (xref.rank.to_string(), day(xref.valid_from), day(xref.valid_to));
        let form = match_form(&xref.customer_item);
        let cells: [&str; 17] = [
            &customer,
            &xref.customer_item,
            &xref.item,
            ship_to,
            &xref.qualifier,
            &xref.unit,
            &factor,
            &rank,
            &from,
            &to,
            if xref.active { "active" } else { "inactive" },
            &xref.description,
            provenance.source,
            provenance.recorded_from,
            provenance.decided_by,
            provenance.reason,
            &form,
        ];
        self.csv.write_record(cells).context("write a row")
    }

    pub fn finish(self) -> Result<W> {
        self.csv.into_inner().map_err(|error| anyhow::anyhow!("write the last rows: {}", error.error()))
    }
}
