//! Each placed element against the dictionary: type, length, codes, syntax notes, components and repetitions.

mod finding;
#[cfg(test)]
mod tests;
pub(in crate::x12) mod value;

pub(in crate::x12) use finding::expected;

use crate::domain::diagnostic::{Diagnostic, Severity};
use crate::domain::rules::elements as rules;
use crate::x12::grammar::dictionary::Kind;
use crate::x12::grammar::segments::{Field, Note, Relation, SegmentDef};
use crate::x12::lexer::{Segment, Separators, components};
use crate::x12::structure::{FINDINGS_MAX, Node, Tree};
use finding::Place;
use value::Form;

/// Elements of the segment that heads a set without which nobody knows what is asked or of which document: its purpose
/// (353), its number (324, 76, 396), and the group that an acknowledgment answers (479, 28).
const DECIDING: &[u16] = &[28, 76, 324, 353, 396, 479];

/// What is wrong with the elements of a set, in document order. `version` is GS08: it picks the tables, and before 004010 a
/// date may have six digits.
///
/// One finding an element: what is no number is not also too long. A set without findings costs no allocation, and
/// beyond [`FINDINGS_MAX`] findings the rest is not judged.
pub fn check(tree: &Tree<'_>, version: &str) -> Vec<Diagnostic> {
    let form = Form::of(version);
    let Some(first) = tree.nodes.first() else { return Vec::new() };
    let heading = tree.def.body.first().is_some_and(|part| part.key == first.part.key);
    let separators = first.segment.separators();
    let mut met = Met::NONE;
    let mut checked = Checked { node: first, separators, heading, form, findings: Vec::new() };
    for node in &tree.nodes {
        // Only the first segment can hold an error: the verdict does not depend on where this stops.
        if checked.findings.len() >= FINDINGS_MAX {
            break;
        }
        if !is_clean(&node.segment, node.part.segment, form, &mut met) {
            checked.node = node;
            checked.check();
        }
        checked.heading = false;
    }
    checked.findings
}

/// Whether nothing is wrong with a segment of printable ASCII. Quick, and never wrong where it says yes: what it cannot
/// judge at once is looked at closely.
#[inline]
fn is_clean(segment: &Segment<'_>, def: &'static SegmentDef, form: Form, met: &mut Met) -> bool {
    let Some((piece, ends)) = segment.plainly_split() else { return false };
    let Some(values) = ends.len().checked_sub(1) else { return false };
    let Some(fields) = def.elements.get(..values).filter(|_| values <= def.count(form.versions)) else {
        return false;
    };
    let Some(present) = present(piece, ends, fields, form) else { return false };
    met.has(def, present) || {
        let holds = present >> values != 0 && are_met(def, present, form);
        met.remember(def, present, holds);
        holds
    }
}

/// Bit 0, and bit n where element n has a value; None where a value does not plainly fit its field.
#[inline(never)]
fn present(piece: &[u8], ends: &[u32], fields: &'static [Field], form: Form) -> Option<u64> {
    let (id, values) = ends.split_first()?;
    let (mut present, mut bit, mut start) = (1, 2, *id as usize + 1);
    for (field, end) in fields.iter().zip(values) {
        let (from, to) = (start, *end as usize);
        start = to + 1;
        if to > from {
            present |= bit;
            // For most values their length and their last byte tell everything.
            let last = piece.get(to - 1)?;
            if !value::fits_as_text(to - from, *last, &field.element, form.versions)
                && !value::fits(piece.get(from..to)?, &field.element, form)
            {
                return None;
            }
        }
        bit <<= 1;
    }
    Some(present)
}

/// Whether all elements that must be there are, and every syntax note holds.
fn are_met(def: &SegmentDef, present: u64, form: Form) -> bool {
    let notes = def.pairs(form.versions).all;
    def.mandatory(form.versions) & !present == 0
        && !def.notes.iter().enumerate().any(|(at, note)| notes >> at & 1 != 0 && note.is_broken(present))
}

/// Which elements a segment had, of those met lately without fault: documents repeat themselves.
struct Met([(u32, u64); Self::PLACES]);

impl Met {
    const PLACES: usize = 32;
    const NONE: Self = Self([(0, 0); Self::PLACES]);

    #[inline]
    fn has(&self, def: &SegmentDef, present: u64) -> bool {
        self.0.get(Self::place(def)).is_some_and(|known| *known == (def.key, present))
    }

    fn remember(&mut self, def: &SegmentDef, present: u64, holds: bool) {
        if let Some(known) = self.0.get_mut(Self::place(def)).filter(|_| holds) {
            *known = (def.key, present);
        }
    }

    /// Nearly all segments of orders, answers and invoices have a place of their own: the factor was chosen for that.
    #[inline]
    fn place(def: &SegmentDef) -> usize {
        (def.key.wrapping_mul(0x0A07_0843) >> 27) as usize
    }
}

/// One segment under examination.
struct Checked<'c, 'a> {
    node: &'c Node<'a>,
    separators: Separators,
    /// It is the segment that heads the set.
    heading: bool,
    form: Form,
    findings: Vec<Diagnostic>,
}

impl Checked<'_, '_> {
    fn check(&mut self) {
        let def = self.node.part.segment;
        let start = self.findings.len();
        let count = def.count(self.form.versions);
        let (mut present, mut blank, mut sent, mut last) = (0_u64, 0_u64, 0, 0);
        let mut elements = self.node.segment.elements();
        // The id is no element.
        elements.next();
        for value in elements {
            sent += 1;
            let number = sent;
            if value.is_empty() {
                continue;
            }
            last = number;
            let Some(field) = def.elements.get(number - 1).filter(|_| number <= count) else {
                self.too_many(def, Place::element(number));
                break;
            };
            present |= 1 << number;
            if value.iter().all(|byte| *byte == b' ') {
                blank |= 1 << number;
            }
            self.judge(field, Place::element(number), value);
        }
        self.check_presence(def, Place::default(), present, blank);
        if sent > last {
            self.trailing(start, Place::element(last), sent - last);
        }
        if self.findings.len() > start + 1 {
            self.findings[start..].sort_by_key(|finding| finding.at.element);
        }
    }

    /// What must be there, and what depends on one another. `within` is where a composite stands. Blanks at the end of a
    /// value say nothing, so that what is `blank` altogether is missing where it must be there.
    #[inline]
    fn check_presence(&mut self, def: &'static SegmentDef, within: Place, present: u64, blank: u64) {
        let missing = def.mandatory(self.form.versions) & (!present | blank);
        if missing != 0 {
            self.missing(def, within, missing);
        }
        // Neighbours that go together are looked at all at once.
        let pairs = def.pairs(self.form.versions);
        let unpaired = (present ^ (present >> 1)) & pairs.firsts != 0;
        let mut notes = if unpaired { pairs.all } else { pairs.others };
        while notes != 0 {
            let index = notes.trailing_zeros() as usize;
            notes &= notes - 1;
            if let Some(note) = def.notes.get(index)
                && note.is_broken(present)
            {
                self.unmet(def, within, note, present);
            }
        }
    }

    #[cold]
    fn missing(&mut self, def: &'static SegmentDef, within: Place, mut missing: u64) {
        while missing != 0 {
            let number = missing.trailing_zeros() as usize;
            missing &= missing - 1;
            let decides = self.heading
                && within.element == 0
                && DECIDING.contains(&def.elements[number - 1].element.number);
            let severity = if decides { Severity::Error } else { rules::ELEMENT_MISSING.severity };
            let finding = self.finding(&rules::ELEMENT_MISSING, within.inner(number), &[]);
            self.findings.push(Diagnostic { severity, ..finding });
        }
    }

    #[cold]
    fn unmet(&mut self, def: &'static SegmentDef, within: Place, note: &Note, present: u64) {
        let has = |position: &u8| present & (1 << position) != 0;
        let exclusive = note.relation == Relation::Exclusive;
        let rule = if exclusive { &rules::ELEMENT_EXCLUDED } else { &rules::ELEMENT_CONDITION_UNMET };
        let mut candidates = note.positions.iter().filter(|position| has(position) == exclusive);
        // Of those that exclude one another the second is one too many.
        let position = if exclusive { candidates.nth(1) } else { candidates.next() };
        let place = within.inner(usize::from(*position.unwrap_or(&note.positions[0])));
        // An element that must be there anyway is missing once.
        let missing = self
            .findings
            .iter()
            .rev()
            .take(def.elements.len())
            .any(|finding| finding.rule == &rules::ELEMENT_MISSING && self.is_at(finding, place));
        if !missing {
            let detail = finding::explained(def, within, note, present);
            let value = if exclusive { self.value(place) } else { &[] };
            let found = self.finding(rule, place, value).detail(detail);
            self.findings.push(found);
        }
    }

    /// A value that does not plainly fit: taken apart where it is made of several.
    #[cold]
    fn judge(&mut self, field: &'static Field, place: Place, value: &[u8]) {
        let Some(separator) = self.separators.repetition.filter(|separator| value.contains(separator)) else {
            return self.judge_one(field, place, value);
        };
        let several = value.split(|byte| *byte == separator);
        let count = several.clone().count();
        let most = usize::from(field.repeats);
        if count > most {
            let detail = format!("{count} times, and at most {most}");
            let found = self.finding(&rules::ELEMENT_TOO_MANY_REPETITIONS, place, value).detail(detail);
            return self.findings.push(found);
        }
        for (index, value) in several.enumerate().filter(|(_, value)| !value.is_empty()) {
            self.judge_one(field, Place { repetition: index + 1, ..place }, value);
        }
    }

    fn judge_one(&mut self, field: &'static Field, place: Place, value: &[u8]) {
        let compound = value.contains(&self.separators.component);
        if let Some(def) = field.composite {
            return self.judge_composite(def, place, value);
        }
        if field.element.kind == Kind::Composite {
            return;
        }
        if compound {
            let found = self.finding(&rules::ELEMENT_TOO_MANY_COMPONENTS, place, value);
            return self.findings.push(found.detail("the data element is no composite"));
        }
        // Blanks alone where something must be are a value that is missing.
        let nothing = value.trim_ascii().is_empty() && field.must_be_in(self.form.versions);
        let fault = value::fault(value, &field.element, self.form);
        if let Some(rule) = fault.filter(|rule| !(nothing && *rule == &rules::ELEMENT_TRAILING_BLANK)) {
            let detail = finding::expected(rule, &field.element, value, self.form.versions);
            let found = self.finding(rule, place, value).detail(detail);
            self.findings.push(found);
        }
    }

    fn judge_composite(&mut self, def: &'static SegmentDef, place: Place, value: &[u8]) {
        let start = self.findings.len();
        let (mut present, mut sent, mut last) = (0_u64, 0, 0);
        for (index, component) in components(value, self.separators).enumerate() {
            let number = index + 1;
            sent = number;
            if component.is_empty() {
                continue;
            }
            last = number;
            let known = number <= def.count(self.form.versions);
            let Some(field) = def.elements.get(index).filter(|_| known) else {
                self.too_many(def, place.inner(number));
                break;
            };
            present |= 1 << number;
            if let Some(rule) = value::fault(component, &field.element, self.form) {
                let detail = finding::expected(rule, &field.element, component, self.form.versions);
                let found = self.finding(rule, place.inner(number), component).detail(detail);
                self.findings.push(found);
            }
        }
        self.check_presence(def, place, present, 0);
        if sent > last && last > 0 {
            self.trailing(start, place.inner(last), sent - last);
        }
    }

    /// The first element, or component, beyond the last that the definition has in these versions.
    #[cold]
    fn too_many(&mut self, def: &'static SegmentDef, place: Place) {
        let (rule, whole, parts) = match place.component {
            0 => (&rules::ELEMENT_TOO_MANY, "segment", "elements"),
            _ => (&rules::ELEMENT_TOO_MANY_COMPONENTS, "composite", "components"),
        };
        let count = def.count(self.form.versions);
        let mut detail = format!("the {whole} has {count} {parts}");
        if def.elements.len() > count {
            detail += &format!(" in {}", self.form.versions.names());
        }
        let found = self.finding(rule, place, self.value(place)).detail(detail);
        self.findings.push(found);
    }

    /// Separators at the end with nothing between them. Where a finding already speaks of what is not there, that is said.
    #[cold]
    fn trailing(&mut self, start: usize, last: Place, count: usize) {
        let place = last.next();
        let told = self.findings[start..].iter().any(|finding| {
            let at = (finding.at.element as usize, finding.at.component as usize);
            at >= (place.element, place.component)
        });
        if !told {
            let what = if place.component == 0 { "element" } else { "component" };
            let detail =
                if count == 1 { format!("one empty {what}") } else { format!("{count} empty {what}s") };
            let found = self.finding(&rules::ELEMENT_TRAILING_EMPTY, place, &[]).detail(detail);
            self.findings.push(found);
        }
    }
}
