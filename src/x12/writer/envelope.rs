//! The envelope of what is sent: ISA, GS, ST and their trailers, with counts and control numbers by construction.

use crate::domain::diagnostic::{Diagnostic, Location};
use crate::domain::partner::{AcknowledgmentVersion, CharacterSet, Company, PartnerProfile, Usage};
use crate::domain::rules::envelope as rules;
use crate::domain::{Date, Text};
use crate::x12::envelope::{Group, Isa, Ta1};
use crate::x12::lexer::{self, Separators};
use crate::x12::writer::say::{Conventions, Script};
use crate::x12::writer::{WrittenSet, element::day, has_century, put};

/// Who sends what to whom, in which separators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboundEnvelope {
    pub separators: Separators,
    /// A line break after each segment, where no line break ends it.
    pub line_breaks: bool,
    pub conventions: Conventions,
    pub sender_qualifier: Text,
    pub sender: Text,
    pub receiver_qualifier: Text,
    pub receiver: Text,
    /// GS02, GS03.
    pub application_sender: Text,
    pub application_receiver: Text,
    /// GS08, such as `004010`.
    pub version: Text,
    /// ISA14.
    pub acknowledgment_requested: bool,
    /// ISA15.
    pub usage: Text,
    /// ISA09, GS04.
    pub date: Date,
    /// ISA10, GS05: `HHMM`.
    pub time: Text,
}

impl OutboundEnvelope {
    /// What a sender sends to a receiver, both as qualifier and id (ISA05 to ISA08; the ids are GS02 and GS03 too), in the
    /// usual separators, a line a segment, for production. `version` is GS08, `time` is `HHMM`. Every field may be set
    /// otherwise afterwards.
    #[must_use]
    pub fn between(
        sender: (&str, &str),
        receiver: (&str, &str),
        version: &str,
        date: Date,
        time: &str,
    ) -> Self {
        Self {
            separators: Separators {
                element: b'*',
                component: b'>',
                repetition: lexer::version_repeats(isa12(version).as_bytes()).then_some(b'^'),
                segment: b'~',
            },
            line_breaks: true,
            conventions: Conventions::default(),
            sender_qualifier: sender.0.into(),
            sender: sender.1.into(),
            receiver_qualifier: receiver.0.into(),
            receiver: receiver.1.into(),
            application_sender: sender.1.into(),
            application_receiver: receiver.1.into(),
            version: version.into(),
            acknowledgment_requested: false,
            usage: Usage::Production.code().into(),
            date,
            time: time.into(),
        }
    }

    /// What a company sends to a partner. `time` is `HHMM` of the run, used where the profile fixes none; `usage`
    /// overrides ISA15 of profile and company, so that a test interchange is answered as one.
    pub fn new(
        company: &Company,
        profile: &PartnerProfile,
        date: Date,
        time: &str,
        usage: Option<&str>,
    ) -> Self {
        let x12 = &profile.x12;
        let own_usage: Usage = x12.usage.unwrap_or(company.usage);
        let separators = Separators {
            element: x12.element_separator.0,
            component: x12.component_separator.0,
            repetition: Some(x12.repetition_separator.0),
            segment: x12.segment_terminator.byte,
        };
        let mut envelope = Self {
            separators,
            line_breaks: x12.line_breaks,
            conventions: Conventions::new(x12),
            sender_qualifier: company.interchange_qualifier.clone(),
            sender: company.interchange_id.clone(),
            receiver_qualifier: profile.partner.interchange_qualifier.clone(),
            receiver: named(&profile.partner.interchange_id).unwrap_or_default(),
            application_sender: company.application_id.clone(),
            application_receiver: named(&profile.partner.application_id)
                .or_else(|| named(&profile.partner.interchange_id))
                .unwrap_or_default(),
            version: x12.version.clone(),
            acknowledgment_requested: x12.acknowledgment_requested,
            usage: usage.unwrap_or(own_usage.code()).into(),
            date,
            time: if x12.time.is_empty() { time.into() } else { x12.time.clone() },
        };
        envelope.separators = envelope.effective_separators();
        envelope
    }

    /// Addresses what answers an interchange to its sender, in the places that the profile leaves open (`*`, or no GS03):
    /// ISA05, ISA06 and GS02 as received.
    #[must_use]
    pub fn answering(mut self, profile: &PartnerProfile, header: &Isa, application_sender: &str) -> Self {
        if named(&profile.partner.interchange_id).is_none() {
            self.receiver_qualifier.clone_from(&header.sender_qualifier);
            self.receiver.clone_from(&header.sender);
        }
        if named(&profile.partner.application_id).is_none() {
            let sender = if application_sender.is_empty() { &self.receiver } else { application_sender };
            self.application_receiver = sender.into();
        }
        self
    }

    /// For the 997 of one functional group: addressed to that group's own GS02, and in the group's version where the profile
    /// wants that. What cannot be said in a GS is left as the profile has it.
    #[must_use]
    pub fn acknowledging(mut self, profile: &PartnerProfile, group: &Group) -> Self {
        let script = self.header_script();
        let sayable = |value: &str, width: usize| {
            (1..=width).contains(&value.chars().count()) && script.refusal(value).is_none()
        };
        if sayable(&group.sender, GS_ID_MAX) {
            self.application_receiver.clone_from(&group.sender);
        }
        let readable = group.version.get(..6).is_some_and(|digits| {
            digits.starts_with("00") && digits.bytes().all(|byte| byte.is_ascii_digit())
        });
        let as_received = profile.x12.acknowledgment_version == AcknowledgmentVersion::AsReceived;
        if as_received && readable && sayable(&group.version, 12) {
            self.version.clone_from(&group.version);
            self.separators = self.effective_separators();
        }
        self
    }

    /// ISA12: the first five digits of GS08.
    pub fn interchange_version(&self) -> Text {
        isa12(&self.version)
    }

    /// What the header's fixed places cannot hold: an id that is missing, too long, or has a separator in it; separators
    /// that are not distinct. An envelope with such a finding must not be sent.
    pub fn problems(&self) -> Vec<Diagnostic> {
        let script = self.header_script();
        let places = [
            ("ISA", 5, &self.sender_qualifier, 2),
            ("ISA", 6, &self.sender, 15),
            ("ISA", 7, &self.receiver_qualifier, 2),
            ("ISA", 8, &self.receiver, 15),
            ("ISA", 10, &self.time, 4),
            ("ISA", 15, &self.usage, 1),
            ("GS", 2, &self.application_sender, 15),
            ("GS", 3, &self.application_receiver, 15),
            ("GS", 8, &self.version, 12),
        ];
        let mut problems = Vec::new();
        for (segment_id, element, value, width) in places {
            let reason = if value.trim().is_empty() {
                Some("empty".to_owned())
            } else if value.chars().count() > width {
                Some(format!("more than {width} characters"))
            } else {
                script.refusal(value)
            };
            if let Some(reason) = reason {
                let at = Location { segment_id: segment_id.into(), element, ..Location::default() };
                problems.push(Diagnostic::new(&rules::VALUE_UNSAYABLE, at).found(value).detail(reason));
            }
        }
        if !can_be_read_back(script.separators) {
            let at = Location { segment_id: "ISA".into(), ..Location::default() };
            problems.push(Diagnostic::new(&rules::SEPARATORS_UNUSABLE, at));
        }
        problems
    }

    /// Before 00402 ISA11 names a standard and nothing repeats; from there on something separates repetitions.
    pub(super) fn effective_separators(&self) -> Separators {
        let repeats = lexer::version_repeats(self.interchange_version().as_bytes());
        let repetition = repeats.then(|| self.separators.repetition.unwrap_or(b'^'));
        Separators { repetition, ..self.separators }
    }

    /// What can stand in an element of a document under this envelope.
    pub(super) fn script(&self) -> Script {
        Script {
            set: self.conventions.character_set,
            separators: self.effective_separators(),
            replacement: self.conventions.replacement,
            carets: self.version.get(..6).is_some_and(|version| version >= "005010"),
        }
    }

    /// What can stand in ISA, GS and TA1: ids go out as they were agreed on, in whatever case, and a byte is a character.
    fn header_script(&self) -> Script {
        Script { set: CharacterSet::Ascii, replacement: ' ', ..self.script() }
    }

    /// What follows each segment.
    pub(super) fn ending(&self) -> Vec<u8> {
        match self.separators.segment {
            b'\n' if self.conventions.cr_lf => b"\r\n".to_vec(),
            byte @ (b'\n' | b'\r') => vec![byte],
            byte if self.line_breaks => vec![byte, b'\n'],
            byte => vec![byte],
        }
    }
}

/// The first five digits of GS08.
fn isa12(version: &str) -> Text {
    format!("{version:0>6}").chars().take(5).collect()
}

/// Whether a reader finds these separators in a header: distinct, no letter, digit, blank or NUL, and a line break only as
/// the terminator.
fn can_be_read_back(separators: Separators) -> bool {
    let Separators { element, component, repetition, segment } = separators;
    let separates = |byte: u8| byte.is_ascii() && lexer::can_separate(byte);
    let inside = [element, component].into_iter().chain(repetition).all(separates);
    let terminates = matches!(segment, b'\n' | b'\r') || (separates(segment) && segment != b'\t');
    separators.are_distinct() && inside && terminates
}

/// An id that a profile names; None where it is empty or `*`, which accept any.
fn named(id: &Text) -> Option<Text> {
    Some(id.clone()).filter(|id| !id.is_empty() && id != "*")
}

/// One whole interchange: ISA, one group for each run of sets with the same functional id, IEA. Sets are numbered from
/// 0001 within each group; group control numbers count up from `group_control`.
pub fn interchange(
    envelope: &OutboundEnvelope,
    interchange_control: u32,
    group_control: u32,
    sets: &[WrittenSet],
) -> Vec<u8> {
    let runs = sets.chunk_by(|a, b| a.functional_id == b.functional_id);
    let groups: Vec<(&OutboundEnvelope, &[WrittenSet])> = runs.map(|run| (envelope, run)).collect();
    interchange_of_groups(envelope, interchange_control, group_control, &groups)
}

/// The same with groups of which each has an envelope of its own: its ids and version (GS02, GS03, GS08) count in the GS,
/// everything else is the interchange's. The sets of a group share their functional id.
pub fn interchange_of_groups(
    envelope: &OutboundEnvelope,
    interchange_control: u32,
    group_control: u32,
    groups: &[(&OutboundEnvelope, &[WrittenSet])],
) -> Vec<u8> {
    let mut out = Frame::begin(envelope, interchange_control);
    let mut count = 0_u32;
    for (own, run) in groups {
        let control = control_number(u64::from(group_control) + u64::from(count)).to_string();
        out.open_group((envelope, own), run.first().map_or("", |set| set.functional_id), &control);
        for (number, set) in (1_u64..).zip(*run) {
            let number = format!("{number:04}");
            out.segment(&["ST", set.id, &number]);
            out.bytes.extend_from_slice(&set.body);
            out.segment(&["SE", &(u64::from(set.segments) + 2).to_string(), &number]);
        }
        out.segment(&["GE", &run.len().to_string(), &control]);
        count = count.saturating_add(1);
    }
    out.finish(count, interchange_control)
}

/// One whole interchange of one set, cut in two where `head` bytes of the set's body were written: what goes between them
/// stands elsewhere, its segments counted in the set's.
pub fn around(
    envelope: &OutboundEnvelope,
    interchange_control: u32,
    group_control: u32,
    (set, head): (&WrittenSet, usize),
) -> (Vec<u8>, Vec<u8>) {
    let mut out = Frame::begin(envelope, interchange_control);
    let control = control_number(u64::from(group_control)).to_string();
    let (before, after) = set.body.split_at_checked(head).unwrap_or((&set.body, &[]));
    out.open_group((envelope, envelope), set.functional_id, &control);
    out.segment(&["ST", set.id, "0001"]);
    out.bytes.extend_from_slice(before);
    let cut = out.bytes.len();
    out.bytes.extend_from_slice(after);
    out.segment(&["SE", &(u64::from(set.segments) + 2).to_string(), "0001"]);
    out.segment(&["GE", "1", &control]);
    let mut whole = out.finish(1, interchange_control);
    let rest = whole.split_off(cut);
    (whole, rest)
}

/// An interchange of TA1 segments alone, without a group.
pub fn ta1_interchange(envelope: &OutboundEnvelope, interchange_control: u32, answers: &[Ta1]) -> Vec<u8> {
    let mut out = Frame::begin(envelope, interchange_control);
    let script = envelope.header_script();
    for answer in answers {
        let values = [&answer.control, &answer.date, &answer.time, &answer.verdict, &answer.note];
        let pieces: Vec<String> = std::iter::once("TA1".to_owned())
            .chain(values.map(|value| script.free(value, usize::MAX).text))
            .collect();
        out.segment(&pieces);
    }
    out.finish(0, interchange_control)
}

/// GS02 and GS03, element 142 and 124.
const GS_ID_MAX: usize = 15;

/// The bytes of an interchange as they grow.
struct Frame {
    bytes: Vec<u8>,
    separators: Separators,
    ending: Vec<u8>,
}

impl Frame {
    fn begin(envelope: &OutboundEnvelope, interchange_control: u32) -> Self {
        let (separators, ending) = (envelope.effective_separators(), envelope.ending());
        Self { bytes: header(envelope, interchange_control), separators, ending }
    }

    /// GS: the ids and the version are the group's own, day and time the interchange's.
    fn open_group(
        &mut self,
        (envelope, own): (&OutboundEnvelope, &OutboundEnvelope),
        functional_id: &str,
        control: &str,
    ) {
        let script = envelope.header_script();
        self.segment(&[
            "GS",
            functional_id,
            &script.free(&own.application_sender, GS_ID_MAX).text,
            &script.free(&own.application_receiver, GS_ID_MAX).text,
            &day(envelope.date, has_century(&own.version)),
            &script.free(&envelope.time, 8).text,
            control,
            "X",
            &script.free(&own.version, 12).text,
        ]);
    }

    fn segment<P: AsRef<[u8]>>(&mut self, pieces: &[P]) {
        put(&mut self.bytes, self.separators, &self.ending, pieces);
    }

    fn finish(mut self, groups: u32, interchange_control: u32) -> Vec<u8> {
        self.segment(&["IEA", &groups.to_string(), &interchange_number(interchange_control)]);
        self.bytes
    }
}

/// ISA in its 106 characters, whatever the values: what is too long is cut, what cannot be said is blank;
/// [`OutboundEnvelope::problems`] names both beforehand.
fn header(envelope: &OutboundEnvelope, interchange_control: u32) -> Vec<u8> {
    let script = envelope.header_script();
    let separators = script.separators;
    let standard = separators.repetition.unwrap_or(b'U');
    let requested = if envelope.acknowledgment_requested { "1" } else { "0" };
    let elements = [
        fixed("00", 2, script),
        fixed("", 10, script),
        fixed("00", 2, script),
        fixed("", 10, script),
        fixed(&envelope.sender_qualifier, 2, script),
        fixed(&envelope.sender, 15, script),
        fixed(&envelope.receiver_qualifier, 2, script),
        fixed(&envelope.receiver, 15, script),
        fixed(&day(envelope.date, false), 6, script),
        fixed(&envelope.time, 4, script),
        vec![standard],
        fixed(&envelope.interchange_version(), 5, script),
        interchange_number(interchange_control).into_bytes(),
        fixed(requested, 1, script),
        fixed(&envelope.usage, 1, script),
        vec![separators.component],
    ];
    let mut out = b"ISA".to_vec();
    for element in elements {
        out.push(separators.element);
        out.extend_from_slice(&element);
    }
    assert!(out.len() == lexer::ISA_BYTES - 1, "ISA is fixed in width");
    out.extend_from_slice(&envelope.ending());
    out
}

/// ISA13 and IEA02: nine digits.
pub(super) fn interchange_number(control: u32) -> String {
    format!("{:09}", control_number(u64::from(control)))
}

/// Control numbers have nine digits at most: after 999999999 comes 1.
fn control_number(number: u64) -> u64 {
    const MAX: u64 = 999_999_999;
    if number > MAX { (number - 1) % MAX + 1 } else { number }
}

/// A value in exactly `width` ASCII bytes.
fn fixed(value: &str, width: usize, script: Script) -> Vec<u8> {
    let said = |c: char| if script.can_say(c) { c } else { ' ' };
    format!("{:<width$}", value.chars().take(width).map(said).collect::<String>()).into_bytes()
}
