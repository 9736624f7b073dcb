//! The 997: the answer to a functional group.

use crate::documents::outbound::{cut, sayable};
use crate::domain::Text;
use crate::domain::diagnostic::{Answer, Diagnostic, Severity};
use crate::x12::grammar::transaction_set;
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
/// AK401-1 and AK401-2 have two digits, AK401-3 and AK402 four.
const PLACE_MAX: u32 = 99;
const NUMBER_MAX: u32 = 9_999;
/// AK102 and AK202 have nine characters, AK203 35.
const CONTROL_MAX: usize = 9;
const CONVENTION_MAX: usize = 35;
/// AK301 where what was received is no segment id: no segment of X12 has this one.
const NO_SEGMENT: &str = "ZZZ";
/// AK201 where ST01 is no set id.
const NO_SET: &str = "000";

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
    /// ST03 as received: the implementation convention, from 005010.
    pub convention: Text,
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
    /// AK101: GS01 as received; where that is no code, the group of the first set that a table knows.
    fn kind(&self) -> Text {
        let known = self.sets.iter().find_map(|set| transaction_set(&set.id)).map_or("ZZ", |def| def.group);
        code(&self.functional_id, 2, 2, known)
    }

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

/// Writes the 997 of a group: AK1, an AK2 loop for every set that is no answer itself, AK9, with the codes of the version
/// in which it is written. From 005010 on AK103 names the version and AK203 the convention that were received.
///
/// It never fails, and our own grammar has nothing to say against it, whatever was received: a separator or a control
/// character becomes a blank; control numbers go back as they came, the first nine characters of them, and zeros where
/// there is none; a GS01 of another length than two is that of the first known set, an ST01 that is none is 000, a segment id
/// that is none ZZZ.
pub fn write(group: &GroupAcknowledgment, envelope: &OutboundEnvelope) -> (WrittenSet, Vec<Diagnostic>) {
    let mut out = SetWriter::new(envelope, "997", "FA");
    let later = is_later(envelope, "005010");
    let version = if later { cut(&group.version, 12) } else { "" };
    let (kind, control) = (group.kind(), control(&group.control, "0", out.separators()));
    out.segment("AK1", &[Value::Exact(&kind), Value::Free(&control), Value::Free(version)]);
    for set in group.sets.iter().filter(|set| !set.is_answer()) {
        let convention = if later { cut(&set.convention, CONVENTION_MAX) } else { "" };
        let control = self::control(&set.control, "0000", out.separators());
        let id = code(&set.id, 3, 3, NO_SET);
        out.segment("AK2", &[Value::Exact(&id), Value::Free(&control), Value::Free(convention)]);
        let noted = write_segment_notes(&mut out, &set.diagnostics, envelope);
        let mut codes = set_codes(&set.diagnostics, envelope);
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
    elements.extend(group_codes(&group.diagnostics, envelope).into_iter().take(CODES_MAX).map(Value::Exact));
    out.segment("AK9", &elements);
    out.finish()
}

/// Whether the 997 is written in this version or a later one.
fn is_later(envelope: &OutboundEnvelope, version: &str) -> bool {
    envelope.version.get(..6).is_some_and(|written| written >= version)
}

/// A control number as it came, which is how the partner looks for it, as far as X12 can carry it.
fn control(received: &str, none: &str, separators: Separators) -> Text {
    let said: String =
        received.chars().map(|c| if said_alone(c, separators) { c } else { ' ' }).take(CONTROL_MAX).collect();
    let said = said.trim();
    if said.is_empty() { none.into() } else { said.into() }
}

fn said_alone(c: char, separators: Separators) -> bool {
    sayable(c.encode_utf8(&mut [0; 4]), separators)
}

/// The letters and digits of a code, or the other one where these are too few or too many.
fn code(received: &str, min: usize, max: usize, other: &str) -> Text {
    let said: Text = received.chars().filter(char::is_ascii_alphanumeric).take(max + 1).collect();
    if (min..=max).contains(&said.len()) && said.len() == received.chars().count() {
        said
    } else {
        other.into()
    }
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
            .filter_map(|note| match note.rule.answer.in_version(&envelope.version) {
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

fn write_segment_note(out: &mut SetWriter, note: &Diagnostic, error: &str) {
    let at = &note.at;
    let position = at.segment.clamp(1, COUNT_MAX);
    let id = code(&at.segment_id, 2, 3, NO_SEGMENT);
    // AK303 has up to four characters in 004010
    let loop_id: String = at.loop_id.chars().filter(char::is_ascii_alphanumeric).take(4).collect();
    let elements =
        [Value::Exact(&id), Value::Count(u64::from(position)), Value::Free(&loop_id), Value::Exact(error)];
    out.segment("AK3", &elements);
}

fn write_element_note(out: &mut SetWriter, note: &Diagnostic, code: &str, envelope: &OutboundEnvelope) {
    let at = &note.at;
    let count = |number: u32, max: u32| {
        if (1..=max).contains(&number) { Value::Count(u64::from(number)) } else { Value::Empty }
    };
    // A place beyond what AK401 can count is said by its last number, or left open where it may be.
    let element = at.element.clamp(1, PLACE_MAX);
    let mut position = vec![Value::Count(u64::from(element)), count(at.component, PLACE_MAX)];
    if is_later(envelope, "004020") {
        // AK401-3 came with the repetition separator.
        position.push(count(at.repetition, NUMBER_MAX));
    }
    let bad = bad_data(&note.found, out.separators());
    let elements =
        [Value::Composite(position), count(at.reference, NUMBER_MAX), Value::Exact(code), Value::Exact(&bad)];
    out.segment("AK4", &elements);
}

/// AK404: the value as received, each separator and control character in it as a blank; blanks at the ends go, and what
/// is nothing else is left out.
fn bad_data(found: &str, separators: Separators) -> String {
    let said: String = found.chars().map(|c| if said_alone(c, separators) { c } else { ' ' }).collect();
    cut(said.trim(), BAD_DATA_MAX).trim_end().to_owned()
}

fn set_codes(found: &[Diagnostic], envelope: &OutboundEnvelope) -> Vec<&'static str> {
    codes(found, envelope, |answer| match answer {
        Answer::Set(code) => Some(code),
        _ => None,
    })
}

fn group_codes(found: &[Diagnostic], envelope: &OutboundEnvelope) -> Vec<&'static str> {
    codes(found, envelope, |answer| match answer {
        Answer::Group(code) => Some(code),
        _ => None,
    })
}

/// Each code once, in the order in which it was found.
fn codes(
    found: &[Diagnostic],
    envelope: &OutboundEnvelope,
    of: impl Fn(Answer) -> Option<&'static str>,
) -> Vec<&'static str> {
    let mut codes = Vec::new();
    let answers = found.iter().filter(|found| counts(found)).map(|found| found.rule.answer);
    for code in answers.filter_map(|answer| of(answer.in_version(&envelope.version))) {
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    codes
}

#[cfg(test)]
mod tests;
