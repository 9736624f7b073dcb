//! Each placed element against the dictionary: type, length, codes, syntax notes.

#[cfg(test)]
mod tests;
pub(in crate::x12) mod value;

use crate::domain::diagnostic::{Diagnostic, Location, Rule, Severity};
use crate::domain::rules::elements as rules;
use crate::x12::grammar::dictionary::{Element, Kind};
use crate::x12::grammar::segments::{Note, Relation, SegmentDef, segment_def};
use crate::x12::lexer::text;
use crate::x12::structure::{FINDINGS_MAX, Node, Tree};

/// Elements of the segment that heads a set without which nobody knows what is asked or of which document: its purpose
/// (353), its number (324, 76, 396), and the group that an acknowledgment answers (479, 28).
const DECIDING: &[u16] = &[28, 76, 324, 353, 396, 479];

/// Places whose element has another number before a version, with the same type and lengths: segment, element, version,
/// number before it.
const NUMBERED_OTHERWISE: &[(&str, usize, &str, u16)] = &[("PO1", 2, "005010", 330)];

/// What is wrong with the elements of a set, in document order. `version` is GS08: before 004010 a date may have six
/// digits. Composites and repetitions are not taken apart.
///
/// One finding an element: what is no number is not also too long. A set without findings costs no allocation, and
/// beyond [`FINDINGS_MAX`] findings the rest is not judged.
pub fn check(tree: &Tree<'_>, version: &str) -> Vec<Diagnostic> {
    let century = version.get(..6).is_none_or(|version| version >= "004010");
    let mut findings = Vec::new();
    for (index, node) in tree.nodes.iter().enumerate() {
        // Only the first segment can hold an error: the verdict does not depend on where this stops.
        if findings.len() >= FINDINGS_MAX {
            break;
        }
        if let Some(def) = segment_def(node.id) {
            let heading = index == 0 && tree.def.body.first().is_some_and(|part| part.id == node.id);
            Checked { node, def, heading, century, version, findings: &mut findings }.check();
        }
    }
    findings
}

/// One segment under examination.
struct Checked<'c, 'a> {
    node: &'c Node<'a>,
    def: &'static SegmentDef,
    /// It is the segment that heads the set.
    heading: bool,
    /// Dates have eight digits.
    century: bool,
    /// GS08.
    version: &'c str,
    findings: &'c mut Vec<Diagnostic>,
}

impl Checked<'_, '_> {
    fn check(&mut self) {
        let start = self.findings.len();
        let mut present: u64 = 0;
        let values = self.node.segment.elements().enumerate().skip(1);
        for (number, value) in values.filter(|(_, value)| !value.is_empty()) {
            let Some(field) = self.def.elements.get(number - 1) else {
                self.find(&rules::ELEMENT_TOO_MANY, number, |finding| {
                    finding.detail(format!("the segment has {} elements", self.def.elements.len()))
                });
                break;
            };
            present |= 1 << number;
            if let Some(rule) = value::fault(value, &field.element, self.century) {
                let detail = expected(rule, &field.element);
                self.find(rule, number, |finding| finding.detail(detail));
            }
        }
        self.check_mandatory(present);
        for note in self.def.notes {
            self.check_note(note, present);
        }
        self.findings[start..].sort_by_key(|finding| finding.at.element);
    }

    /// The number that AK402 gives for an element in the version of the set.
    fn reference(&self, element: usize, number: u16) -> u16 {
        let version = self.version.get(..6).unwrap_or(self.version);
        let before = NUMBERED_OTHERWISE.iter().find(|(segment, place, since, _)| {
            (*segment, *place) == (self.node.id, element) && version < *since
        });
        before.map_or(number, |(_, _, _, number)| *number)
    }

    fn check_mandatory(&mut self, present: u64) {
        let mut missing = self.def.mandatory & !present;
        while missing != 0 {
            let number = missing.trailing_zeros() as usize;
            missing &= missing - 1;
            let decides = self.heading && DECIDING.contains(&self.def.elements[number - 1].element.number);
            let severity = if decides { Severity::Error } else { rules::ELEMENT_MISSING.severity };
            self.find(&rules::ELEMENT_MISSING, number, |finding| Diagnostic { severity, ..finding });
        }
    }

    fn check_note(&mut self, note: &Note, present: u64) {
        if !is_broken(note, present) {
            return;
        }
        let has = |position: &u8| present & (1 << position) != 0;
        let first = note.positions[0];
        let exclusive = note.relation == Relation::Exclusive;
        let rule = if exclusive { &rules::ELEMENT_EXCLUDED } else { &rules::ELEMENT_CONDITION_UNMET };
        let mut candidates = note.positions.iter().filter(|position| has(position) == exclusive);
        // Of those that exclude one another the second is one too many.
        let position = if exclusive { candidates.nth(1) } else { candidates.next() };
        let detail = self.explained(note, present);
        self.find(rule, usize::from(*position.unwrap_or(&first)), |finding| finding.detail(detail));
    }

    /// What the note asks, in words.
    fn explained(&self, note: &Note, present: u64) -> String {
        let name = |position: &u8| format!("{}-{position:02}", self.def.id);
        let names = |positions: &[u8]| positions.iter().map(name).collect::<Vec<_>>().join(", ");
        match note.relation {
            Relation::Paired => {
                let there = note.positions.iter().find(|position| present & (1 << **position) != 0);
                format!("{} is there without it", there.map(name).unwrap_or_default())
            }
            Relation::Required => format!("one of {}", names(note.positions)),
            Relation::Exclusive => format!("only one of {}", names(note.positions)),
            Relation::Conditional => format!("{} requires it", name(&note.positions[0])),
            Relation::ListConditional => {
                format!("{} requires one of {}", name(&note.positions[0]), names(&note.positions[1..]))
            }
        }
    }

    /// Adds a finding about element `number`, as `finish` completes it.
    fn find(&mut self, rule: &'static Rule, number: usize, finish: impl FnOnce(Diagnostic) -> Diagnostic) {
        let segment = &self.node.segment;
        let value = segment.element(number);
        let reference =
            self.def.elements.get(number - 1).map_or(0, |field| self.reference(number, field.element.number));
        let at = Location {
            element: u32::try_from(number).unwrap_or(u32::MAX),
            reference: reference.into(),
            offset: segment.element_offset(number),
            length: u32::try_from(value.len()).unwrap_or(u32::MAX),
            ..self.node.location()
        };
        self.findings.push(finish(Diagnostic::new(rule, at).found(&text(value))));
    }
}

/// Whether the elements that are `present` (bit n for element n) break a syntax note.
pub(in crate::x12) fn is_broken(note: &Note, present: u64) -> bool {
    let there = note.mask & present;
    let first = note.positions.first().is_some_and(|first| present & (1 << first) != 0);
    match note.relation {
        Relation::Paired => there != 0 && there != note.mask,
        Relation::Required => there == 0,
        Relation::Exclusive => there.count_ones() > 1,
        Relation::Conditional => first && there != note.mask,
        Relation::ListConditional => first && there.is_power_of_two(),
    }
}

/// What the dictionary asks for, where the rule's title does not say it.
pub(in crate::x12) fn expected(rule: &'static Rule, element: &Element) -> String {
    let unit = if matches!(element.kind, Kind::N(_) | Kind::R) { "digits" } else { "characters" };
    match rule.code {
        "E304" => format!("at least {} {unit}", element.min),
        "E305" => format!("at most {} {unit}", element.max),
        "E307" => format!("one of {}", element.codes.join(", ")),
        _ => String::new(),
    }
}
