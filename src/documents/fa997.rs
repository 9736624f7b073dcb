//! The 997: the answer to a functional group.

use crate::documents::outbound::cut;
use crate::domain::Text;
use crate::domain::diagnostic::{Answer, Diagnostic, Severity};
use crate::x12::grammar::transaction_set;
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
/// AK103 has twelve.
const VERSION_MAX: usize = 12;
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
    /// AK901. An error of the group's own rejects every set in it.
    pub fn verdict(&self) -> Verdict {
        self.tally().verdict()
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
        self.tally().is_wanted(&self.functional_id)
    }

    /// AK904: how many sets are accepted, with or without errors.
    pub fn accepted(&self) -> u32 {
        self.tally().accepted()
    }

    fn tally(&self) -> Tally {
        let mut tally = Tally::new(&self.diagnostics);
        self.sets.iter().for_each(|set| tally.add(set));
        tally
    }
}

/// What AK9 says of the sets of a group.
#[derive(Debug, Clone, Copy)]
struct Tally {
    /// By the findings about the group itself.
    own: Verdict,
    received: u32,
    /// Sets that are answers themselves.
    answers: u32,
    rejected: u32,
    /// The worst of the others.
    worst: Verdict,
    /// GS01 that the first set with a table belongs to.
    known: Option<&'static str>,
}

impl Tally {
    fn new(own: &[Diagnostic]) -> Self {
        let (own, worst) = (verdict(own), Verdict::Accepted);
        Self { own, received: 0, answers: 0, rejected: 0, worst, known: None }
    }

    fn add(&mut self, set: &SetAcknowledgment) {
        self.received = self.received.saturating_add(1);
        self.answers += u32::from(set.is_answer());
        match set.verdict() {
            Verdict::Rejected => self.rejected += 1,
            other => self.worst = self.worst.max(other),
        }
        if self.known.is_none() {
            self.known = transaction_set(&set.id).map(|def| def.group);
        }
    }

    fn verdict(&self) -> Verdict {
        if self.own == Verdict::Rejected || (self.rejected > 0 && self.rejected == self.received) {
            Verdict::Rejected
        } else if self.rejected > 0 {
            Verdict::PartlyAccepted
        } else {
            self.worst.max(self.own)
        }
    }

    fn is_wanted(&self, functional_id: &str) -> bool {
        if self.received == 0 { functional_id != "FA" } else { self.answers < self.received }
    }

    fn accepted(&self) -> u32 {
        if self.own == Verdict::Rejected { 0 } else { self.received - self.rejected }
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
    let mut writer = GroupWriter::begin(group, envelope);
    group.sets.iter().for_each(|set| writer.set(set));
    let Finished { set, problems, .. } = writer.finish(group.stated_sets);
    (set, problems)
}

/// Writes what [`write`] does, set after set: of a set that was accepted no more is kept than its AK2 and AK5.
#[derive(Debug)]
pub struct GroupWriter {
    out: SetWriter,
    envelope: OutboundEnvelope,
    /// Without its sets.
    group: GroupAcknowledgment,
    tally: Tally,
}

/// The 997 of a group.
#[derive(Debug)]
pub struct Finished {
    /// Whole, but for what was taken away while it was written.
    pub set: WrittenSet,
    /// How many bytes of its body stand before that.
    pub head: usize,
    /// What could not be said.
    pub problems: Vec<Diagnostic>,
}

impl GroupWriter {
    /// The findings about the group, GE's too, must be known; its sets and GE01 are told later.
    pub fn begin(group: &GroupAcknowledgment, envelope: &OutboundEnvelope) -> Self {
        let GroupAcknowledgment { functional_id, control, version, diagnostics, .. } = group.clone();
        let (sets, stated_sets) = (Vec::new(), None);
        let tally = Tally::new(&diagnostics);
        let group = GroupAcknowledgment { functional_id, control, version, stated_sets, sets, diagnostics };
        Self { out: SetWriter::new(envelope, "997", "FA"), envelope: envelope.clone(), group, tally }
    }

    /// The next set of the group.
    pub fn set(&mut self, set: &SetAcknowledgment) {
        self.tally.add(set);
        if set.is_answer() {
            return;
        }
        let Self { out, envelope, group, .. } = self;
        let later = is_later(envelope, "005010");
        let id = code(&set.id, 3, 3, NO_SET);
        let control = said(out, &set.control, CONTROL_MAX).unwrap_or_else(|| "0000".into());
        let convention = said(out, &set.convention, CONVENTION_MAX).filter(|_| later);
        out.segment("AK2", &[Value::Echo(&id), Value::Echo(&control), echo(convention.as_ref())]);
        let noted = write_segment_notes(out, &set.diagnostics, envelope);
        let mut codes = set_codes(&set.diagnostics, envelope);
        if noted && !codes.contains(&SEGMENTS_IN_ERROR) {
            codes.push(SEGMENTS_IN_ERROR);
        }
        let mut elements = vec![Value::Exact(group.verdict_of(set).code())];
        elements.extend(codes.into_iter().take(CODES_MAX).map(Value::Exact));
        out.segment("AK5", &elements);
    }

    /// How many bytes wait in memory.
    pub fn waiting(&self) -> usize {
        self.out.waiting()
    }

    /// Takes away what was written so far: it stands behind AK1, before all that is still to come.
    pub fn take_away(&mut self) -> Vec<u8> {
        self.out.take_away()
    }

    /// Whether the group is answered; see [`GroupAcknowledgment::is_wanted`].
    pub fn is_wanted(&self) -> bool {
        self.tally.is_wanted(&self.group.functional_id)
    }

    /// No more sets. `stated_sets` is GE01; None where it could not be read.
    pub fn finish(mut self, stated_sets: Option<u32>) -> Finished {
        let (group, tally) = (&self.group, self.tally);
        let counted = |count: u32| Value::Count(u64::from(count.min(COUNT_MAX)));
        let mut elements = vec![
            Value::Exact(tally.verdict().code()),
            counted(stated_sets.unwrap_or(tally.received)),
            counted(tally.received),
            counted(tally.accepted()),
        ];
        let codes = group_codes(&group.diagnostics, &self.envelope);
        elements.extend(codes.into_iter().take(CODES_MAX).map(Value::Exact));
        self.out.segment("AK9", &elements);
        // AK1 comes last: where GS01 is no code, the first set that a table knows tells what it must be
        let mut first = SetWriter::new(&self.envelope, "997", "FA");
        let kind = code(&group.functional_id, 2, 2, tally.known.unwrap_or("ZZ"));
        let control = said(&first, &group.control, CONTROL_MAX).unwrap_or_else(|| "0".into());
        let later = is_later(&self.envelope, "005010");
        let version = said(&first, &group.version, VERSION_MAX).filter(|_| later);
        first.segment("AK1", &[Value::Echo(&kind), Value::Echo(&control), echo(version.as_ref())]);
        let (first, mut problems) = first.finish();
        let (mut set, others) = self.out.finish();
        problems.extend(others);
        set.segments = set.segments.saturating_add(first.segments);
        let head = first.body.len();
        set.body.splice(0..0, first.body);
        Finished { set, head, problems }
    }
}

/// Whether the 997 is written in this version or a later one.
fn is_later(envelope: &OutboundEnvelope, version: &str) -> bool {
    envelope.version.get(..6).is_some_and(|written| written >= version)
}

/// What was received, as far as X12 can carry it back: a separator, a control character and what the partner's set lacks
/// become blanks, blanks at the ends go. None where nothing is left.
fn said(out: &SetWriter, received: &str, max: usize) -> Option<Text> {
    let alone = |c: char| if out.echoes(c.encode_utf8(&mut [0; 4])) { c } else { ' ' };
    let said: String = received.chars().map(alone).collect();
    let cut = cut(said.trim(), max).to_owned();
    // bytes of Latin-1 that would be read as UTF-8
    let cut = if out.echoes(&cut) { cut } else { cut.replace(|c: char| !c.is_ascii(), " ") };
    let cut = cut.trim();
    (!cut.is_empty()).then(|| cut.into())
}

fn echo(said: Option<&Text>) -> Value<'_> {
    said.map_or(Value::Empty, |said| Value::Echo(said))
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
        [Value::Echo(&id), Value::Count(u64::from(position)), Value::Echo(&loop_id), Value::Exact(error)];
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
    let bad = said(out, &note.found, BAD_DATA_MAX);
    let elements =
        [Value::Composite(position), count(at.reference, NUMBER_MAX), Value::Exact(code), echo(bad.as_ref())];
    out.segment("AK4", &elements);
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
