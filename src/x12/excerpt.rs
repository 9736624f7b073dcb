//! The piece of a file that a person is shown, with the finding underlined.

mod names;
mod tally;
pub mod words;

pub use tally::Tally;

use crate::domain::diagnostic::{Diagnostic, Location, Severity};
use crate::x12::lexer::Separators;
use memchr::{memchr, memrchr};
use std::fmt::Write;

/// Columns of the excerpt that are shown; what is longer is cut around the finding.
const COLUMNS_MAX: usize = 100;

/// Columns before the finding that stay when the beginning is cut.
const COLUMNS_BEFORE: usize = 30;

/// Rules about a segment that is not there.
const GAPS: &[&str] = &["E103", "E112", "E120", "E203", "E231"];

/// Characters of a value that are shown beside the excerpt.
const FOUND_MAX: usize = 60;

/// Bytes on both sides of the finding that are looked at.
const BYTES_AROUND: usize = 400;

/// The segment or the CSV line with a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context<'a> {
    pub bytes: &'a [u8],
    /// Byte of the file at which `bytes` begins.
    pub offset: u64,
    /// The segment before, with its terminator; empty where there is none, and for CSV.
    pub before: &'a [u8],
}

impl<'a> Context<'a> {
    /// The segment around byte `at` of the file, or the CSV line where there are no separators, out of a piece of the file
    /// that begins at `offset`. None if `at` is not in the piece.
    pub fn around(piece: &'a [u8], offset: u64, at: u64, separators: Option<Separators>) -> Option<Self> {
        let place = usize::try_from(at.checked_sub(offset)?).ok().filter(|place| *place <= piece.len())?;
        let end_byte = separators.map_or(b'\n', |separators| separators.segment);
        let (before, after) = piece.split_at(place);
        let start = memrchr(end_byte, before).map_or(0, |found| found + 1);
        let end = memchr(end_byte, after).map_or(piece.len(), |found| place + found);
        let whole = piece.get(start..end)?;
        let blank = match separators {
            Some(separators) => separators.filler(whole).min(place - start),
            None => 0,
        };
        let bytes = whole.get(blank..)?;
        let bytes = separators.map_or_else(
            || bytes.strip_suffix(b"\r").unwrap_or(bytes),
            |separators| separators.trim_end(bytes),
        );
        let before = match (separators, start.checked_sub(1)) {
            (Some(separators), Some(end)) => {
                let rest = before.get(..end)?;
                let begin = memrchr(separators.segment, rest).map_or(0, |found| found + 1);
                let segment = before.get(begin..start)?;
                segment.get(separators.filler(segment)..).unwrap_or_default()
            }
            _ => &[],
        };
        Some(Self { bytes, offset: offset + (start + blank) as u64, before })
    }
}

impl Context<'_> {
    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty() && self.before.is_empty()
    }
}

/// A finding as a person reads it: what, where, the excerpt with the place underlined, what was found, the likely cause,
/// the remedy, and the code with which X12 answers. What could move a terminal's cursor is escaped. Ends with a newline.
pub fn render(diagnostic: &Diagnostic, file: &str, context: Option<Context<'_>>) -> String {
    let Diagnostic { rule, at, .. } = diagnostic;
    let severity = severity_name(diagnostic.severity);
    let mut out =
        format!("{severity}[{}]: {}\n --> {}: {}\n", rule.code, rule.title, safe(file), place(diagnostic));
    if let Some(context) = context {
        out += &excerpt(context, diagnostic).unwrap_or_default();
    }
    let value = shortened(&diagnostic.found);
    // The detail need not say once more what stands before it.
    let stated = format!("stated {:?}, ", diagnostic.found);
    let detail = safe(diagnostic.detail.strip_prefix(&stated).unwrap_or(&diagnostic.detail));
    let found = match (value.is_empty(), detail.is_empty()) {
        (true, _) => detail,
        (false, true) => format!("\"{value}\""),
        (false, false) => format!("\"{value}\": {detail}"),
    };
    let lines = [
        ("in", envelope(at)),
        ("found", found),
        ("cause", rule.cause.to_owned()),
        ("help", rule.help.to_owned()),
        ("answer", rule.answer.label()),
    ];
    for (name, text) in lines.into_iter().filter(|(_, text)| !text.is_empty()) {
        out += &format!("  = {name}: {text}\n");
    }
    out
}

fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

/// `segment 3 (PO1-02 quantity), byte 123`; where a segment is missing, `segment 3 (PO1 missing), byte 123`.
fn place(diagnostic: &Diagnostic) -> String {
    let at = &diagnostic.at;
    let mut place = safe(&at.to_string());
    let named = at.row > 0 || at.column > 0 || !at.segment_id.is_empty();
    if let (Some(name), Some(open)) = (names::of(at.reference), place.strip_suffix(')')) {
        place = format!("{open} {name})");
    }
    if let (true, Some(open)) = (is_gap(diagnostic), place.strip_suffix(')')) {
        place = format!("{open} missing)");
    }
    if named { format!("{place}, byte {}", at.offset) } else { place }
}

/// Nothing stands at the place: a segment is missing there.
fn is_gap(diagnostic: &Diagnostic) -> bool {
    diagnostic.at.length == 0 && diagnostic.at.element == 0 && GAPS.contains(&diagnostic.rule.code)
}

/// A value as it is shown once more beside the excerpt: not all of a long one.
fn shortened(value: &str) -> String {
    let shown: String = value.chars().take(FOUND_MAX).collect();
    if shown.len() < value.len() { format!("{}...", safe(&shown)) } else { safe(&shown) }
}

/// The lines of the excerpt: the segment with the place underlined, or the two segments between which one is missing.
fn excerpt(context: Context<'_>, diagnostic: &Diagnostic) -> Option<String> {
    let at = &diagnostic.at;
    if !is_gap(diagnostic) {
        let (line, marks) = underlined(context, at)?;
        return Some(format!("  |\n  | {line}\n  | {marks}\n"));
    }
    let end = u32::try_from(context.before.len()).ok()?;
    let gap = Location { offset: u64::from(end), ..Location::default() };
    let before = Context { bytes: context.before, offset: 0, before: &[] };
    let (line, marks) = underlined(before, &gap)?;
    let next = context.bytes.trim_ascii_start();
    let length = u32::try_from(next.len()).unwrap_or(u32::MAX);
    let whole = Location { length, ..Location::default() };
    let next = match next {
        [] => "(end of the data)".to_owned(),
        bytes => underlined(Context { bytes, offset: 0, before: &[] }, &whole)?.0,
    };
    let id = safe(&at.segment_id);
    Some(format!("  |\n  | {line}\n  | {marks} {id} is missing here\n  | {next}\n"))
}

/// `interchange 000000905, group 12, set 0001`.
fn envelope(at: &Location) -> String {
    let levels = [("interchange", &at.interchange), ("group", &at.group), ("set", &at.set)];
    let named = levels.into_iter().filter(|(_, control)| !control.is_empty());
    let named: Vec<String> = named.map(|(level, control)| format!("{level} {}", safe(control))).collect();
    named.join(", ")
}

/// The excerpt's line and the marks under it; None where the finding is not in the context.
fn underlined(context: Context<'_>, at: &Location) -> Option<(String, String)> {
    let target = usize::try_from(at.offset.checked_sub(context.offset)?).ok()?;
    if target > context.bytes.len() {
        return None;
    }
    let first = target.saturating_sub(BYTES_AROUND);
    let last = context.bytes.len().min(target.saturating_add(BYTES_AROUND));
    let cells = cells(context.bytes.get(first..last)?);
    let marked = first..target.saturating_add((at.length as usize).max(1));
    let mut line = String::new();
    let mut marks = String::new();
    for cell in &cells {
        let byte = first + cell.byte;
        let mark = if byte >= target && marked.contains(&byte) { '^' } else { ' ' };
        line.push_str(&cell.text);
        marks.extend(std::iter::repeat_n(mark, cell.text.chars().count()));
    }
    if !marks.contains('^') {
        marks.push('^');
    }
    let marks = marks.trim_end();
    Some(cut(&line, marks, first > 0, last < context.bytes.len()))
}

/// Line and marks within [`COLUMNS_MAX`], the first mark in sight. `more_before` and `more_after`: something was left out.
fn cut(line: &str, marks: &str, more_before: bool, more_after: bool) -> (String, String) {
    let columns = line.chars().count();
    let first_mark = marks.chars().take_while(|c| *c == ' ').count();
    let start = if first_mark < COLUMNS_MAX - COLUMNS_BEFORE { 0 } else { first_mark - COLUMNS_BEFORE };
    let before = if start > 0 || more_before { "..." } else { "" };
    let after = if columns > start + COLUMNS_MAX || more_after { "..." } else { "" };
    let shown = |text: &str| text.chars().skip(start).take(COLUMNS_MAX).collect::<String>();
    (format!("{before}{}{after}", shown(line)), format!("{}{}", " ".repeat(before.len()), shown(marks)))
}

/// A character of the file as it is shown.
struct Cell {
    byte: usize,
    text: String,
}

fn cells(bytes: &[u8]) -> Vec<Cell> {
    let mut cells = Vec::new();
    let mut at = 0;
    for chunk in bytes.utf8_chunks() {
        for (index, c) in chunk.valid().char_indices() {
            cells.push(Cell { byte: at + index, text: shown(c) });
        }
        at += chunk.valid().len();
        for byte in chunk.invalid() {
            cells.push(Cell { byte: at, text: format!("\\x{byte:02x}") });
            at += 1;
        }
    }
    cells
}

/// Text from a stranger, without what could move the cursor, hide or turn around.
fn safe(text: &str) -> String {
    text.chars().map(shown).collect()
}

/// ASCII and Latin letters as they are, because they take one column; the rest escaped.
fn shown(c: char) -> String {
    let mut text = String::new();
    let written = match c {
        ' '..='~' => write!(text, "{c}"),
        '\0'..='\x7f' => write!(text, "\\x{:02x}", u32::from(c)),
        '\u{a1}'..='\u{24f}' if c != '\u{ad}' => write!(text, "{c}"),
        _ => write!(text, "\\u{{{:x}}}", u32::from(c)),
    };
    debug_assert!(written.is_ok(), "writing into a String cannot fail");
    text
}

#[cfg(test)]
mod tests;
