//! Posted invoices as JSON lines: each line one whole invoice with its `lines`, or one row with the names of the CSV columns.
//!
//! A number may stand in quotes or not; its digits are taken as they stand, never through a float.

use super::COLUMNS;
use crate::documents::csv_reading::table::Cells;
use crate::documents::csv_reading::{Header, Row};
use crate::domain::diagnostic::{Diagnostic, Location};
use crate::domain::money::parse_decimal;
use crate::domain::order::{Charge, Reference, Routing};
use crate::domain::rules::business::JSON_UNREADABLE;
use crate::domain::{Decimal, Text};
use serde_json::value::RawValue;
use std::collections::{BTreeMap, VecDeque};
use std::io::{self, BufRead, BufReader, Read};

/// A line that has not ended after so many bytes is no invoice.
const LINE_BYTES_MAX: usize = 16 << 20;
/// Of a whole invoice its lines have these unless they say otherwise.
const OF_EVERY_LINE: [&str; 8] =
    ["invoice_number", "invoice_date", "customer", "type", "po_number", "order_id", "ship_to", "ship_date"];
/// These are sums over the rows: of a whole invoice they stand in its first.
const SUMS: [&str; 3] = ["tax", "freight", "allowance"];

type Object<'j> = BTreeMap<String, &'j RawValue>;

/// The values of a row in the order of the columns, and what it says beside them.
type Values = (Vec<String>, Extra);

/// What a row says beside the columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Extra {
    /// SAC of the invoice, once.
    pub charges: Vec<Charge>,
    pub references: Vec<Reference>,
    pub carrier: Option<Routing>,
    /// SAC of the line.
    pub line_charges: Vec<Charge>,
    /// The line of the file that is the whole invoice; 0 for a row that is only one of its lines.
    pub whole: u64,
}

/// What comes next of a file.
#[derive(Debug)]
pub(super) enum Next<'t> {
    Row(Cells<'t>, Box<Extra>),
    /// A line that is no invoice, with the number that it names.
    Broken {
        invoice_number: Text,
        row: u64,
        why: Box<Diagnostic>,
    },
}

/// Rows out of lines of JSON.
#[derive(Debug)]
pub(super) struct JsonTable<R> {
    input: BufReader<R>,
    header: Header,
    columns: Vec<(&'static str, Option<usize>)>,
    /// Rows of the line that was read last.
    pending: VecDeque<Values>,
    row: Row,
    rows: u64,
    line: u64,
    offset: u64,
    /// Where the line that was read last begins, and how long it is.
    place: (u64, u64),
}

impl<R: Read> JsonTable<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            input: BufReader::with_capacity(1 << 16, input),
            header: Header::of_names(COLUMNS.iter().map(|column| column.name)),
            columns: COLUMNS.iter().enumerate().map(|(at, column)| (column.name, Some(at))).collect(),
            pending: VecDeque::new(),
            row: Row::default(),
            rows: 0,
            line: 0,
            offset: 0,
            place: (0, 0),
        }
    }

    pub(super) fn next(&mut self) -> io::Result<Option<Next<'_>>> {
        while self.pending.is_empty() {
            let Some(bytes) = self.read_line()? else { return Ok(None) };
            if bytes.trim_ascii().is_empty() {
                continue;
            }
            match rows_of(&bytes) {
                Ok(rows) => self.pending.extend(rows.into_iter().map(|(values, extra)| {
                    let whole = if extra.whole > 0 { self.line } else { 0 };
                    (values, Extra { whole, ..extra })
                })),
                Err((invoice_number, why)) => {
                    self.rows += 1;
                    let at = Location {
                        row: self.rows,
                        line: self.line,
                        offset: self.place.0,
                        length: u32::try_from(self.place.1).unwrap_or(u32::MAX),
                        ..Location::default()
                    };
                    let why = Box::new(Diagnostic::new(&JSON_UNREADABLE, at).detail(why));
                    return Ok(Some(Next::Broken { invoice_number, row: self.rows, why }));
                }
            }
        }
        let Some((values, extra)) = self.pending.pop_front() else { return Ok(None) };
        self.rows += 1;
        self.row = Row::by_name(self.rows, self.line, self.place, values.iter().map(String::as_str));
        Ok(Some(Next::Row(Cells::by_name(&self.row, &self.header, &self.columns), Box::new(extra))))
    }

    /// The next line without its end; of one that passes the limit so much that it is no JSON. None at the end.
    fn read_line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut bytes = Vec::new();
        let begin = self.offset;
        loop {
            let piece = self.input.fill_buf()?;
            if piece.is_empty() {
                break;
            }
            let end = piece.iter().position(|byte| *byte == b'\n');
            let taken = end.map_or(piece.len(), |end| end + 1);
            if bytes.len() <= LINE_BYTES_MAX {
                bytes.extend_from_slice(piece.get(..taken).unwrap_or_default());
            }
            self.input.consume(taken);
            self.offset += taken as u64;
            if end.is_some() {
                break;
            }
        }
        if self.offset == begin {
            return Ok(None);
        }
        self.line += 1;
        self.place = (begin, self.offset - begin);
        if begin == 0 && bytes.starts_with(b"\xef\xbb\xbf") {
            bytes.drain(..3);
        }
        Ok(Some(bytes))
    }
}

/// The rows of a line, each with its values in the order of the columns; or the number that the line names, as far as it can
/// be read, and what is wrong.
fn rows_of(bytes: &[u8]) -> Result<Vec<Values>, (Text, String)> {
    if bytes.len() > LINE_BYTES_MAX {
        return Err((Text::default(), format!("the line has more than {LINE_BYTES_MAX} bytes")));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| (Text::default(), "it is not UTF-8".to_owned()))?;
    let object: Object<'_> = serde_json::from_str(text).map_err(|error| (Text::default(), said(&error)))?;
    let number = object.get("invoice_number").and_then(|raw| scalar(raw).ok()).unwrap_or_default();
    whole(&object).map_err(|why| (number.into(), why))
}

fn said(error: &serde_json::Error) -> String {
    let text = error.to_string();
    // the line within the line is always 1
    text.split(" at line ").next().unwrap_or(&text).to_owned()
}

fn whole(object: &Object<'_>) -> Result<Vec<Values>, String> {
    let extra = Extra { references: references(object)?, carrier: carrier(object)?, ..Extra::default() };
    let Some(lines) = object.get("lines") else {
        let extra = Extra { line_charges: charges(object)?, ..extra };
        return Ok(vec![(values(object, None, true)?, extra)]);
    };
    let lines: Vec<Object<'_>> =
        serde_json::from_str(lines.get()).map_err(|_| "lines is no list of objects".to_owned())?;
    if lines.is_empty() {
        return Err("an invoice without lines".to_owned());
    }
    let mut rows = Vec::with_capacity(lines.len());
    for (index, line) in lines.iter().enumerate() {
        let mut extra =
            if index == 0 { Extra { charges: charges(object)?, ..extra.clone() } } else { Extra::default() };
        extra.whole = 1;
        extra.line_charges = charges(line)?;
        rows.push((values(line, Some(object), index == 0)?, extra));
    }
    Ok(rows)
}

/// The values of a row: its own, else those of the invoice that every line has, and in the first row the sums too.
fn values(row: &Object<'_>, invoice: Option<&Object<'_>>, first: bool) -> Result<Vec<String>, String> {
    let value = |name: &str| {
        let shared = OF_EVERY_LINE.contains(&name) || (first && SUMS.contains(&name));
        let raw = row.get(name).or_else(|| invoice.filter(|_| shared)?.get(name));
        let read = |raw: &&RawValue| if name == "serials" { list(raw) } else { scalar(raw) };
        raw.map_or(Ok(String::new()), read).map_err(|why| format!("{name}: {why}"))
    };
    COLUMNS.iter().map(|column| value(column.name)).collect()
}

/// Text as it is, a number as its digits stand, nothing for null.
fn scalar(raw: &RawValue) -> Result<String, String> {
    let text = raw.get();
    let value = match text.as_bytes().first() {
        Some(b'"') => serde_json::from_str(text).map_err(|error| said(&error))?,
        Some(b'{' | b'[') => return Err("a list or an object, where one value belongs".to_owned()),
        _ if text == "null" => String::new(),
        _ => text.to_owned(),
    };
    // no file and no store of ours holds one
    if value.contains('\0') { Err("a NUL character".to_owned()) } else { Ok(value) }
}

/// A list of texts as CSV writes it, or one text.
fn list(raw: &RawValue) -> Result<String, String> {
    if !raw.get().starts_with('[') {
        return scalar(raw);
    }
    let values: Vec<&RawValue> = serde_json::from_str(raw.get()).map_err(|error| said(&error))?;
    let values: Result<Vec<String>, String> = values.into_iter().map(scalar).collect();
    Ok(values?.join("|"))
}

fn object<'j>(raw: &'j RawValue, name: &str) -> Result<Object<'j>, String> {
    serde_json::from_str(raw.get()).map_err(|_| format!("{name} is no object"))
}

fn present<'j>(object: &Object<'j>, name: &str) -> Option<&'j RawValue> {
    object.get(name).copied().filter(|raw| raw.get() != "null")
}

fn text_of(of: &Object<'_>, name: &str) -> Result<Text, String> {
    let read = of.get(name).map_or(Ok(String::new()), |raw| scalar(raw));
    read.map(Text::from).map_err(|why| format!("{name}: {why}"))
}

fn decimal_of(of: &Object<'_>, name: &str) -> Result<Option<Decimal>, String> {
    let text = text_of(of, name)?;
    if text.is_empty() {
        return Ok(None);
    }
    parse_decimal(&text).map(Some).ok_or_else(|| format!("{name}: {text} is no number such as 12.50"))
}

/// `{"BM": "4711"}`.
fn references(of: &Object<'_>) -> Result<Vec<Reference>, String> {
    let Some(raw) = present(of, "references") else { return Ok(Vec::new()) };
    let references = object(raw, "references")?;
    let one = |qualifier: &String| {
        let value = text_of(&references, qualifier)?;
        Ok(Reference { qualifier: qualifier.into(), value, ..Reference::default() })
    };
    references.keys().map(one).collect()
}

/// `{"mode": "M", "code": "UPSN", "routing": "UPS Ground"}`.
fn carrier(of: &Object<'_>) -> Result<Option<Routing>, String> {
    let Some(raw) = present(of, "carrier") else { return Ok(None) };
    let carrier = object(raw, "carrier")?;
    Ok(Some(Routing {
        mode: text_of(&carrier, "mode")?,
        carrier: text_of(&carrier, "code")?,
        text: text_of(&carrier, "routing")?,
        ..Routing::default()
    }))
}

/// `[{"indicator": "A", "code": "C310", "amount": "1.50"}]`, or a percentage or a rate in the place of the amount.
fn charges(of: &Object<'_>) -> Result<Vec<Charge>, String> {
    let Some(raw) = present(of, "charges") else { return Ok(Vec::new()) };
    let list: Vec<Object<'_>> =
        serde_json::from_str(raw.get()).map_err(|_| "charges is no list of objects".to_owned())?;
    list.iter().map(charge).collect()
}

fn charge(of: &Object<'_>) -> Result<Charge, String> {
    let charge = Charge {
        indicator: text_of(of, "indicator")?,
        code: text_of(of, "code")?,
        amount: decimal_of(of, "amount")?,
        percent_basis: text_of(of, "percent_basis")?,
        percent: decimal_of(of, "percent")?,
        rate: decimal_of(of, "rate")?,
        unit: text_of(of, "unit")?,
        quantity: decimal_of(of, "quantity")?,
        handling: text_of(of, "handling")?,
        description: text_of(of, "description")?,
    };
    if !matches!(charge.indicator.as_str(), "A" | "C") {
        return Err(format!("charges: indicator {:?} is neither A nor C", charge.indicator));
    }
    if charge.code.is_empty() {
        return Err("charges: code is missing".to_owned());
    }
    if charge.amount.or(charge.percent).or(charge.rate).is_none() {
        return Err(format!("charges: {} has no amount, percent or rate", charge.code));
    }
    Ok(charge)
}
