//! The 997: the answer to a functional group.

use crate::documents::outbound::{cut, sayable};
use crate::domain::Text;
use crate::domain::diagnostic::{Answer, Diagnostic, Severity};
use crate::x12::lexer::Separators;
use crate::x12::writer::{OutboundEnvelope, SetWriter, Value, WrittenSet};
use std::collections::BTreeMap;

/// AK502 to AK506, AK905 to AK909.
const CODES_MAX: usize = 5;
/// AK4 segments under one AK3.
const ELEMENT_NOTES_MAX: usize = 99;
/// AK404, element 724.
const BAD_DATA_MAX: usize = 99;
/// AK302 and the counts of AK9 have six digits.
const COUNT_MAX: u32 = 999_999;

/// What a 997 says of one functional group.
#[derive(Debug, Clone, Default)]
pub struct GroupAcknowledgment {
    /// GS01, GS06 and GS08 as received.
    pub functional_id: Text,
    pub control: Text,
    pub version: Text,
    /// GE01; None where it could not be read.
    pub stated_sets: Option<u32>,
    pub sets: Vec<SetAcknowledgment>,
    /// Findings about GS and GE.
    pub diagnostics: Vec<Diagnostic>,
}

/// What a 997 says of one transaction set; its verdict follows from the findings' severities.
#[derive(Debug, Clone, Default)]
pub struct SetAcknowledgment {
    /// ST01 and ST02 as received.
    pub id: Text,
    pub control: Text,
    /// In document order: envelope, segments, elements. What X12 has no code for is left out of the 997.
    pub diagnostics: Vec<Diagnostic>,
}

/// AK501, and AK901 where it is about all sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    Accepted,
    AcceptedWithErrors,
    /// AK901 only: some sets are accepted, some rejected.
    PartlyAccepted,
    Rejected,
}

impl Verdict {
    pub fn code(self) -> &'static str {
        match self {
            Self::Accepted => "A",
            Self::AcceptedWithErrors => "E",
            Self::PartlyAccepted => "P",
            Self::Rejected => "R",
        }
    }
}

impl SetAcknowledgment {
    /// A 997 or 999: it has no AK2 loop.
    fn is_answer(&self) -> bool {
        matches!(self.id.as_str(), "997" | "999")
    }

    /// Any error rejects the set; a warning that has a code of the 997 is noted; everything else is accepted.
    pub fn verdict(&self) -> Verdict {
        verdict(&self.diagnostics)
    }
}

impl GroupAcknowledgment {
    /// AK901. An error of the group's own rejects every set in it.
    pub fn verdict(&self) -> Verdict {
        let own = verdict(&self.diagnostics);
        let rejected = self.sets.iter().filter(|set| set.verdict() == Verdict::Rejected).count();
        if own == Verdict::Rejected || (rejected > 0 && rejected == self.sets.len()) {
            Verdict::Rejected
        } else if rejected > 0 {
            Verdict::PartlyAccepted
        } else {
            self.sets.iter().map(SetAcknowledgment::verdict).max().unwrap_or(Verdict::Accepted).max(own)
        }
    }

    /// AK501 of a set of this group: rejected with the group, else its own.
    pub fn verdict_of(&self, set: &SetAcknowledgment) -> Verdict {
        match verdict(&self.diagnostics) {
            Verdict::Rejected => Verdict::Rejected,
            _ => set.verdict(),
        }
    }

    /// A group is answered unless it brings nothing but answers: systems that acknowledge acknowledgments never stop.
    pub fn is_wanted(&self) -> bool {
        match self.sets.as_slice() {
            [] => self.functional_id != "FA",
            sets => sets.iter().any(|set| !set.is_answer()),
        }
    }

    /// AK904: how many sets are accepted, with or without errors.
    pub fn accepted(&self) -> u32 {
        let accepted = self.sets.iter().filter(|set| self.verdict_of(set) != Verdict::Rejected).count();
        u32::try_from(accepted).unwrap_or(u32::MAX)
    }
}

fn verdict(diagnostics: &[Diagnostic]) -> Verdict {
    match diagnostics.iter().filter(|found| counts(found)).map(|found| found.severity).max() {
        Some(Severity::Error) => Verdict::Rejected,
        Some(Severity::Warning) => Verdict::AcceptedWithErrors,
        Some(Severity::Note) | None => Verdict::Accepted,
    }
}

/// An error always counts, a warning only if X12 can say it, a note never.
fn counts(found: &Diagnostic) -> bool {
    match found.severity {
        Severity::Error => true,
        Severity::Warning => !matches!(found.rule.answer, Answer::None | Answer::Interchange(_)),
        Severity::Note => false,
    }
}

/// Writes the 997 of a group: AK1, an AK2 loop for every set that is no answer itself, AK9. AK103 and AK203, which 005010 has as optional elements,
/// are left out. It never fails: what was received and cannot be said again is written with blanks in its place, and a bad
/// value with a separator in it is not copied into AK404.
pub fn write(group: &GroupAcknowledgment, envelope: &OutboundEnvelope) -> (WrittenSet, Vec<Diagnostic>) {
    let mut out = SetWriter::new(envelope, "997", "FA");
    out.segment("AK1", &[Value::Free(&group.functional_id), Value::Free(&group.control)]);
    for set in group.sets.iter().filter(|set| !set.is_answer()) {
        out.segment("AK2", &[Value::Free(&set.id), Value::Free(&set.control)]);
        let noted = write_segment_notes(&mut out, &set.diagnostics, envelope);
        let mut codes = set_codes(&set.diagnostics);
        if noted && !codes.contains(&SEGMENTS_IN_ERROR) {
            codes.push(SEGMENTS_IN_ERROR);
        }
        let mut elements = vec![Value::Exact(group.verdict_of(set).code())];
        elements.extend(codes.into_iter().take(CODES_MAX).map(Value::Exact));
        out.segment("AK5", &elements);
    }
    let received = u32::try_from(group.sets.len()).unwrap_or(u32::MAX);
    let counted = |count: u32| Value::Count(u64::from(count.min(COUNT_MAX)));
    let mut elements = vec![
        Value::Exact(group.verdict().code()),
        counted(group.stated_sets.unwrap_or(received)),
        counted(received),
        counted(group.accepted()),
    ];
    elements.extend(group_codes(&group.diagnostics).into_iter().take(CODES_MAX).map(Value::Exact));
    out.segment("AK9", &elements);
    out.finish()
}

/// AK502: one or more segments in error.
const SEGMENTS_IN_ERROR: &str = "5";
/// AK304: the segment has data element errors.
const ELEMENTS_IN_ERROR: &str = "8";

/// AK3 and AK4 in the order of the segments. Returns whether there was any.
fn write_segment_notes(out: &mut SetWriter, found: &[Diagnostic], envelope: &OutboundEnvelope) -> bool {
    let mut segments: BTreeMap<u32, Vec<&Diagnostic>> = BTreeMap::new();
    for diagnostic in found.iter().filter(|found| counts(found)) {
        if matches!(diagnostic.rule.answer, Answer::Segment(_) | Answer::Element(_)) {
            segments.entry(diagnostic.at.segment).or_default().push(diagnostic);
        }
    }
    for notes in segments.values() {
        for note in notes {
            if let Answer::Segment(code) = note.rule.answer {
                write_segment_note(out, note, code);
            }
        }
        let elements: Vec<(&Diagnostic, &str)> = notes
            .iter()
            .filter_map(|note| match note.rule.answer {
                Answer::Element(code) => Some((*note, code)),
                _ => None,
            })
            .collect();
        if let Some((first, _)) = elements.first() {
            write_segment_note(out, first, ELEMENTS_IN_ERROR);
        }
        for (note, code) in elements.into_iter().take(ELEMENT_NOTES_MAX) {
            write_element_note(out, note, code, envelope);
        }
    }
    !segments.is_empty()
}

fn write_segment_note(out: &mut SetWriter, note: &Diagnostic, code: &str) {
    let at = &note.at;
    let position = at.segment.clamp(1, COUNT_MAX);
    // AK301 is an identifier of two or three characters, AK303 one of up to four
    let id: String = at.segment_id.chars().filter(char::is_ascii_alphanumeric).take(3).collect();
    let loop_id: String = at.loop_id.chars().filter(char::is_ascii_alphanumeric).take(4).collect();
    let elements =
        [Value::Free(&id), Value::Count(u64::from(position)), Value::Free(&loop_id), Value::Exact(code)];
    out.segment("AK3", &elements);
}

fn write_element_note(out: &mut SetWriter, note: &Diagnostic, code: &str, envelope: &OutboundEnvelope) {
    let at = &note.at;
    let count = |number: u32| if number > 0 { Value::Count(u64::from(number)) } else { Value::Empty };
    let mut position = vec![Value::Count(u64::from(at.element.max(1))), count(at.component)];
    if has_repetitions(envelope) {
        position.push(count(at.repetition));
    }
    let elements = [
        Value::Composite(position),
        count(at.reference),
        Value::Exact(code),
        Value::Exact(bad_data(&note.found, out.separators())),
    ];
    out.segment("AK4", &elements);
}

/// AK401-3 came with the repetition separator.
fn has_repetitions(envelope: &OutboundEnvelope) -> bool {
    envelope.version.get(..6).is_some_and(|version| version >= "004020")
}

/// AK404: the value as received, or nothing where it would make the 997 itself wrong.
fn bad_data(found: &str, separators: Separators) -> &str {
    if sayable(found, separators) { cut(found, BAD_DATA_MAX) } else { "" }
}

fn set_codes(found: &[Diagnostic]) -> Vec<&'static str> {
    codes(found, |answer| match answer {
        Answer::Set(code) => Some(code),
        _ => None,
    })
}

fn group_codes(found: &[Diagnostic]) -> Vec<&'static str> {
    codes(found, |answer| match answer {
        Answer::Group(code) => Some(code),
        _ => None,
    })
}

/// Each code once, in the order in which it was found.
fn codes(found: &[Diagnostic], of: impl Fn(Answer) -> Option<&'static str>) -> Vec<&'static str> {
    let mut codes = Vec::new();
    for code in found.iter().filter(|found| counts(found)).filter_map(|found| of(found.rule.answer)) {
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    codes
}

#[cfg(test)]
mod tests;
