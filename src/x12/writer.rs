//! Documents back to bytes: segments in canonical form, in the partner's separators and characters, checked as they are
//! written.

mod element;
mod envelope;
mod latin;
mod say;

pub use envelope::{OutboundEnvelope, around, interchange, interchange_of_groups, ta1_interchange};
pub use say::Conventions;

use crate::domain::diagnostic::{Diagnostic, Location, Severity};
use crate::domain::rules::envelope as rules;
use crate::domain::{Date, Decimal, Text};
use crate::x12::grammar::Versions;
use crate::x12::grammar::segments::{SegmentDef, segment_def};
use crate::x12::lexer::Separators;
use element::{Place, element_bytes};
use say::Script;

/// One element to be written.
#[derive(Debug, Clone)]
pub enum Value<'v> {
    Empty,
    /// Our own codes, numbers and ids, written exactly as they are or not at all: a separator in it, a character that the
    /// partner's set lacks, a length that the element has no room for are findings.
    Exact(&'v str),
    /// What the partner sent, as it came, blanks at its end too: it may be longer than its element, and has whatever ASCII the partner used.
    /// A separator in it, or a character that the set cannot write, is a finding.
    Echo(&'v str),
    /// Free text, altered where it must be: what cannot be said becomes plain letters or the partner's replacement, a
    /// control character a blank, what is too long is cut. Blanks at the ends go. A loss is a note.
    Free(&'v str),
    /// Type R: no exponent, no plus, no zeros at the ends but the one before the point: `0.5`, which goes where there is no
    /// room for it.
    Number(Decimal),
    /// Type N2: an amount to the cent, no point.
    Cents(Decimal),
    /// Type N0.
    Count(u64),
    /// CCYYMMDD; YYMMDD before 004010.
    Date(Date),
    /// A composite; trailing empty components are left out.
    Composite(Vec<Value<'v>>),
}

/// A transaction set without ST and SE: its control number is given when it goes into an envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenSet {
    /// ST01.
    pub id: &'static str,
    /// GS01.
    pub functional_id: &'static str,
    /// The segments between ST and SE, terminated.
    pub body: Vec<u8>,
    /// How many segments `body` holds.
    pub segments: u32,
}

/// How many characters of a text an element of a segment has room for in a version; as many as there are where no table knows it.
pub fn room(segment_id: &str, element: usize, version: &str) -> usize {
    let field = segment_def(segment_id).and_then(|def| def.elements.get(element.checked_sub(1)?));
    Place::new(field, version).text_max()
}

/// Collects the segments of one transaction set.
#[derive(Debug)]
pub struct SetWriter {
    script: Script,
    version: Text,
    ending: Vec<u8>,
    set: WrittenSet,
    problems: Vec<Diagnostic>,
}

impl SetWriter {
    /// `id` and `functional_id` are ST01 and GS01: `("810", "IN")`.
    pub fn new(envelope: &OutboundEnvelope, id: &'static str, functional_id: &'static str) -> Self {
        let set = WrittenSet { id, functional_id, body: Vec::new(), segments: 0 };
        let version = envelope.version.clone();
        Self { script: envelope.script(), version, ending: envelope.ending(), set, problems: Vec::new() }
    }

    /// The separators that are written: a value with one of them in it cannot be said.
    pub fn separators(&self) -> Separators {
        self.script.separators
    }

    /// Whether a text can be written as it is, as [`Value::Exact`] in an element that has room for it.
    pub fn says(&self, text: &str) -> bool {
        self.script.refusal(text).is_none()
    }

    /// Whether a text that the partner sent can go back as it came, as [`Value::Echo`].
    pub fn echoes(&self, text: &str) -> bool {
        self.script.echoing().refusal(text).is_none()
    }

    /// Whether a value can stand as this element of this segment.
    pub fn fits(&self, segment_id: &str, element: usize, value: &Value<'_>) -> bool {
        let def = segment_def(segment_id);
        let field = def.and_then(|def| def.elements.get(element.checked_sub(1)?));
        let mut problems = Vec::new();
        let place = Place::new(field, &self.version);
        element_bytes(value, self.script, place, &Location::default(), &mut problems);
        problems.is_empty()
    }

    /// Appends a segment; trailing empty elements are left out. A value that cannot be said leaves its element empty and
    /// is a finding, and so is a mandatory element without a value; a finding's offset is the byte of the body at which
    /// the segment begins.
    pub fn segment(&mut self, id: &str, elements: &[Value<'_>]) {
        let (pieces, mut problems) = self.pieces(id, elements);
        self.append(&pieces);
        self.problems.append(&mut problems);
    }

    /// Appends a segment that the document can do without: whole, or not at all and with the reasons. One of which nothing
    /// is left is not written.
    pub fn try_segment(&mut self, id: &str, elements: &[Value<'_>]) -> Result<(), Vec<Diagnostic>> {
        let (pieces, mut problems) = self.pieces(id, elements);
        if problems.iter().any(|problem| problem.severity == Severity::Error) {
            return Err(problems);
        }
        if pieces.iter().skip(1).any(|piece| !piece.is_empty()) {
            self.append(&pieces);
        }
        self.problems.append(&mut problems);
        Ok(())
    }

    /// How many bytes were written and not taken away.
    pub fn waiting(&self) -> usize {
        self.set.body.len()
    }

    /// Takes away what was written so far; its segments count on. The offsets of later findings are those of what follows.
    pub fn take_away(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.set.body)
    }

    /// The set, and what could not be said. A set with an error among the findings must not be sent.
    pub fn finish(self) -> (WrittenSet, Vec<Diagnostic>) {
        (self.set, self.problems)
    }

    fn append(&mut self, pieces: &[Vec<u8>]) {
        put(&mut self.set.body, self.script.separators, &self.ending, pieces);
        self.set.segments = self.set.segments.saturating_add(1);
    }

    /// The id and the elements as bytes, and what is wrong with them, in the order of the elements.
    fn pieces(&self, id: &str, elements: &[Value<'_>]) -> (Vec<Vec<u8>>, Vec<Diagnostic>) {
        let at = Location {
            // ST is segment 1, so the body's first is 2.
            segment: self.set.segments.saturating_add(2),
            segment_id: id.into(),
            offset: self.set.body.len() as u64,
            ..Location::default()
        };
        let def = segment_def(id);
        let (mut pieces, mut problems) = (vec![id.as_bytes().to_vec()], Vec::new());
        for (index, value) in elements.iter().enumerate() {
            let field = def.and_then(|def| def.elements.get(index));
            let element = u32::try_from(index + 1).unwrap_or(u32::MAX);
            let reference = field.map_or(0, |field| field.element.number.into());
            let at = Location { element, reference, ..at.clone() };
            let place = Place::new(field, &self.version);
            pieces.push(element_bytes(value, self.script, place, &at, &mut problems));
        }
        if let Some(def) = def {
            check_filled((def, Versions::of(&self.version)), &pieces, &at, &mut problems);
        }
        problems.sort_by_key(|problem| problem.at.element);
        (pieces, problems)
    }
}

/// What the segment must have and has not, and what it must not have. An element that is empty because its value could not
/// be said was found before.
fn check_filled(
    (def, versions): (&SegmentDef, Versions),
    pieces: &[Vec<u8>],
    at: &Location,
    problems: &mut Vec<Diagnostic>,
) {
    let count = def.count(versions);
    let find = |number: usize, detail: String, problems: &mut Vec<Diagnostic>| {
        let element = u32::try_from(number).unwrap_or(u32::MAX);
        let at = Location { element, ..at.clone() };
        problems.push(Diagnostic::new(&rules::SEGMENT_UNFIT, at).detail(detail));
    };
    let known = |number: usize, problems: &[Diagnostic]| {
        problems
            .iter()
            .any(|problem| problem.at.element as usize == number && problem.severity == Severity::Error)
    };
    let mut present: u64 = 0;
    for (number, _) in pieces.iter().enumerate().skip(1).filter(|(_, piece)| !piece.is_empty()) {
        if number > count {
            find(number, format!("the segment has {count} elements"), problems);
            return;
        }
        present |= 1 << number;
    }
    for (number, field) in (1..).zip(def.elements) {
        if field.must_be_in(versions) && present & (1 << number) == 0 && !known(number, problems) {
            find(number, "a mandatory element is empty".to_owned(), problems);
        }
    }
    let notes = def.notes.iter().filter(|note| note.versions.covers(versions));
    for note in notes.filter(|note| note.is_broken(present)) {
        if !note.positions.iter().any(|position| known(usize::from(*position), problems)) {
            let positions: Vec<String> =
                note.positions.iter().map(|position| format!("{position:02}")).collect();
            let detail = format!("elements {} do not stand together so", positions.join(", "));
            find(note.positions.first().copied().unwrap_or(0).into(), detail, problems);
        }
    }
}

/// Whether dates have their century in a version: from 004010 on.
fn has_century(version: &str) -> bool {
    version.get(..6).is_none_or(|version| version >= "004010")
}

/// Appends a segment: its pieces are the id and the elements.
fn put<P: AsRef<[u8]>>(out: &mut Vec<u8>, separators: Separators, ending: &[u8], pieces: &[P]) {
    let filled = pieces.iter().rposition(|piece| !piece.as_ref().is_empty()).map_or(0, |last| last + 1);
    for (index, piece) in pieces.iter().take(filled).enumerate() {
        if index > 0 {
            out.push(separators.element);
        }
        out.extend_from_slice(piece.as_ref());
    }
    out.extend_from_slice(ending);
}

#[cfg(test)]
mod tests;
