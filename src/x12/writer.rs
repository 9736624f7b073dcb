//! Documents back to bytes: segments in canonical form, envelopes with counts and control numbers by construction.

use crate::domain::diagnostic::{Diagnostic, Location};
use crate::domain::partner::{Company, PartnerProfile, Usage};
use crate::domain::rules::envelope as rules;
use crate::domain::{Date, Decimal, Text, money};
use crate::x12::envelope::{Isa, Ta1};
use crate::x12::lexer::{self, Separators};

/// One element to be written.
#[derive(Debug, Clone)]
pub enum Value<'v> {
    Empty,
    /// Written exactly as it is: item numbers, control numbers, codes. Data that contains a separator cannot be said
    /// and is a finding: nothing is replaced.
    Exact(&'v str),
    /// Free text: each separator, line break and control character becomes one blank, and blanks at the ends go. Letters
    /// outside ASCII are written as UTF-8, which [`lexer::text`] reads back.
    Free(&'v str),
    /// Type R: plain decimal.
    Number(Decimal),
    /// Type N2: an amount to the cent, no point.
    Cents(Decimal),
    /// Type N0.
    Count(u64),
    /// CCYYMMDD.
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

/// Who sends what to whom, in which separators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboundEnvelope {
    pub separators: Separators,
    pub line_breaks: bool,
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
            segment: x12.segment_terminator.0,
        };
        let mut envelope = Self {
            separators,
            line_breaks: x12.line_breaks,
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

    /// ISA12: the first five digits of GS08.
    pub fn interchange_version(&self) -> Text {
        isa12(&self.version)
    }

    /// What the header's fixed places cannot hold: an id that is missing, too long, or has a separator in it; separators
    /// that are not distinct, or that no reader takes for one. An envelope with such a finding must not be sent.
    pub fn problems(&self) -> Vec<Diagnostic> {
        let separators = self.effective_separators();
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
                value.chars().find(|c| !c.is_ascii() || !sayable(*c, separators)).map(unsayable_character)
            };
            if let Some(reason) = reason {
                let at = Location { segment_id: segment_id.into(), element, ..Location::default() };
                problems.push(Diagnostic::new(&rules::VALUE_UNSAYABLE, at).found(value).detail(reason));
            }
        }
        if !can_be_read_back(separators) {
            let at = Location { segment_id: "ISA".into(), ..Location::default() };
            problems.push(Diagnostic::new(&rules::SEPARATORS_UNUSABLE, at));
        }
        problems
    }

    /// Before 00402 ISA11 names a standard and nothing repeats; from there on something separates repetitions.
    fn effective_separators(&self) -> Separators {
        let repeats = lexer::version_repeats(self.interchange_version().as_bytes());
        let repetition = repeats.then(|| self.separators.repetition.unwrap_or(b'^'));
        Separators { repetition, ..self.separators }
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

/// Collects the segments of one transaction set.
#[derive(Debug)]
pub struct SetWriter {
    separators: Separators,
    line_breaks: bool,
    set: WrittenSet,
    problems: Vec<Diagnostic>,
}

impl SetWriter {
    /// `id` and `functional_id` are ST01 and GS01: `("810", "IN")`.
    pub fn new(envelope: &OutboundEnvelope, id: &'static str, functional_id: &'static str) -> Self {
        let set = WrittenSet { id, functional_id, body: Vec::new(), segments: 0 };
        let separators = envelope.effective_separators();
        Self { separators, line_breaks: envelope.line_breaks, set, problems: Vec::new() }
    }

    /// The separators that are written: a value with one of them in it cannot be said.
    pub fn separators(&self) -> Separators {
        self.separators
    }

    /// Appends a segment; trailing empty elements are left out. A value that cannot be said leaves its element empty and
    /// is a finding, whose offset is the byte of `body` at which the segment begins.
    pub fn segment(&mut self, id: &str, elements: &[Value<'_>]) {
        let at = Location {
            // ST is segment 1, so the body's first is 2.
            segment: self.set.segments.saturating_add(2),
            segment_id: id.into(),
            offset: self.set.body.len() as u64,
            ..Location::default()
        };
        let mut pieces = vec![id.as_bytes().to_vec()];
        for (element, value) in (1..).zip(elements) {
            let at = Location { element, ..at.clone() };
            pieces.push(element_text(value, self.separators, &at, &mut self.problems));
        }
        put(&mut self.set.body, self.separators, self.line_breaks, &pieces);
        self.set.segments = self.set.segments.saturating_add(1);
    }

    /// The set, and what could not be said. A set with an error among the findings must not be sent.
    pub fn finish(self) -> (WrittenSet, Vec<Diagnostic>) {
        (self.set, self.problems)
    }
}

/// One whole interchange: ISA, one group for each run of sets with the same functional id, IEA. Sets are numbered from
/// 0001 within each group; group control numbers count up from `group_control`.
pub fn interchange(
    envelope: &OutboundEnvelope,
    interchange_control: u32,
    group_control: u32,
    sets: &[WrittenSet],
) -> Vec<u8> {
    let separators = envelope.effective_separators();
    let mut out = header(envelope, interchange_control);
    let mut groups = 0_u32;
    for run in sets.chunk_by(|a, b| a.functional_id == b.functional_id) {
        let control = control_number(u64::from(group_control) + u64::from(groups)).to_string();
        let functional_id = run.first().map_or("", |set| set.functional_id).to_owned();
        let gs = [
            "GS".to_owned(),
            functional_id,
            free(&envelope.application_sender, separators),
            free(&envelope.application_receiver, separators),
            century_date(envelope.date),
            free(&envelope.time, separators),
            control.clone(),
            "X".to_owned(),
            free(&envelope.version, separators),
        ];
        put(&mut out, separators, envelope.line_breaks, &gs);
        for (number, set) in (1_u64..).zip(run) {
            let number = format!("{number:04}");
            let st = ["ST".to_owned(), set.id.to_owned(), number.clone()];
            put(&mut out, separators, envelope.line_breaks, &st);
            out.extend_from_slice(&set.body);
            let se = ["SE".to_owned(), (u64::from(set.segments) + 2).to_string(), number];
            put(&mut out, separators, envelope.line_breaks, &se);
        }
        put(&mut out, separators, envelope.line_breaks, &["GE".to_owned(), run.len().to_string(), control]);
        groups = groups.saturating_add(1);
    }
    trailer(&mut out, envelope, groups, interchange_control);
    out
}

/// An interchange of TA1 segments alone, without a group.
pub fn ta1_interchange(envelope: &OutboundEnvelope, interchange_control: u32, answers: &[Ta1]) -> Vec<u8> {
    let separators = envelope.effective_separators();
    let mut out = header(envelope, interchange_control);
    for answer in answers {
        let values = [&answer.control, &answer.date, &answer.time, &answer.verdict, &answer.note];
        let pieces: Vec<String> =
            std::iter::once("TA1".to_owned()).chain(values.map(|value| free(value, separators))).collect();
        put(&mut out, separators, envelope.line_breaks, &pieces);
    }
    trailer(&mut out, envelope, 0, interchange_control);
    out
}

/// ISA in its 106 characters, whatever the values: what is too long is cut, what cannot be said is blank;
/// [`OutboundEnvelope::problems`] names both beforehand.
fn header(envelope: &OutboundEnvelope, interchange_control: u32) -> Vec<u8> {
    let separators = envelope.effective_separators();
    let date = envelope.date;
    let short_date = format!("{:02}{:02}{:02}", date.year().rem_euclid(100), date.month(), date.day());
    let standard = separators.repetition.unwrap_or(b'U');
    let requested = if envelope.acknowledgment_requested { "1" } else { "0" };
    let elements = [
        fixed("00", 2, separators),
        fixed("", 10, separators),
        fixed("00", 2, separators),
        fixed("", 10, separators),
        fixed(&envelope.sender_qualifier, 2, separators),
        fixed(&envelope.sender, 15, separators),
        fixed(&envelope.receiver_qualifier, 2, separators),
        fixed(&envelope.receiver, 15, separators),
        fixed(&short_date, 6, separators),
        fixed(&envelope.time, 4, separators),
        vec![standard],
        fixed(&envelope.interchange_version(), 5, separators),
        interchange_number(interchange_control).into_bytes(),
        fixed(requested, 1, separators),
        fixed(&envelope.usage, 1, separators),
        vec![separators.component],
    ];
    let mut out = b"ISA".to_vec();
    for element in elements {
        out.push(separators.element);
        out.extend_from_slice(&element);
    }
    assert!(out.len() == lexer::ISA_BYTES - 1, "ISA is fixed in width");
    end_segment(&mut out, separators, envelope.line_breaks);
    out
}

fn trailer(out: &mut Vec<u8>, envelope: &OutboundEnvelope, groups: u32, interchange_control: u32) {
    let pieces = ["IEA".to_owned(), groups.to_string(), interchange_number(interchange_control)];
    put(out, envelope.effective_separators(), envelope.line_breaks, &pieces);
}

/// ISA13 and IEA02: nine digits.
fn interchange_number(control: u32) -> String {
    format!("{:09}", control_number(u64::from(control)))
}

/// Control numbers have nine digits at most: after 999999999 comes 1.
fn control_number(number: u64) -> u64 {
    const MAX: u64 = 999_999_999;
    if number > MAX { (number - 1) % MAX + 1 } else { number }
}

/// A value in exactly `width` ASCII bytes.
fn fixed(value: &str, width: usize, separators: Separators) -> Vec<u8> {
    let sayable = |c: char| if c.is_ascii() && sayable(c, separators) { c } else { ' ' };
    format!("{:<width$}", value.chars().take(width).map(sayable).collect::<String>()).into_bytes()
}

/// Appends a segment: its pieces are the id and the elements.
fn put<P: AsRef<[u8]>>(out: &mut Vec<u8>, separators: Separators, line_breaks: bool, pieces: &[P]) {
    let filled = pieces.iter().rposition(|piece| !piece.as_ref().is_empty()).map_or(0, |last| last + 1);
    for (index, piece) in pieces.iter().take(filled).enumerate() {
        if index > 0 {
            out.push(separators.element);
        }
        out.extend_from_slice(piece.as_ref());
    }
    end_segment(out, separators, line_breaks);
}

fn end_segment(out: &mut Vec<u8>, separators: Separators, line_breaks: bool) {
    out.push(separators.segment);
    if line_breaks && !matches!(separators.segment, b'\n' | b'\r') {
        out.push(b'\n');
    }
}

fn element_text(
    value: &Value<'_>,
    separators: Separators,
    at: &Location,
    problems: &mut Vec<Diagnostic>,
) -> Vec<u8> {
    let Value::Composite(components) = value else {
        return simple_text(value, separators, at, problems).into_bytes();
    };
    let mut pieces = Vec::with_capacity(components.len());
    for (component, value) in (1..).zip(components) {
        let at = Location { component, ..at.clone() };
        pieces.push(simple_text(value, separators, &at, problems).into_bytes());
    }
    while pieces.last().is_some_and(Vec::is_empty) {
        pieces.pop();
    }
    pieces.join(&separators.component)
}

fn simple_text(
    value: &Value<'_>,
    separators: Separators,
    at: &Location,
    problems: &mut Vec<Diagnostic>,
) -> String {
    let (text, said) = match value {
        Value::Empty => return String::new(),
        Value::Free(text) => return free(text, separators),
        Value::Exact(text) => ((*text).to_owned(), true),
        Value::Number(number) => (money::plain(*number), true),
        Value::Cents(amount) => {
            money::n2(*amount).map_or_else(|| (money::plain(*amount), false), |cents| (cents, true))
        }
        Value::Count(count) => (count.to_string(), true),
        Value::Date(date) => (century_date(*date), date.year() >= 0),
        Value::Composite(_) => (String::new(), false),
    };
    let reason =
        text.chars().find(|c| !sayable(*c, separators)).map(unsayable_character).or_else(|| match value {
            _ if said => None,
            Value::Cents(_) => Some("an amount with parts of a cent, or too large".to_owned()),
            Value::Date(_) => Some("a date before the year 0".to_owned()),
            _ => Some("a composite in a composite".to_owned()),
        });
    let Some(reason) = reason else { return text };
    problems.push(Diagnostic::new(&rules::VALUE_UNSAYABLE, at.clone()).found(&text).detail(reason));
    String::new()
}

fn century_date(date: Date) -> String {
    format!("{:04}{:02}{:02}", date.year(), date.month(), date.day())
}

fn free(text: &str, separators: Separators) -> String {
    let said: String = text.chars().map(|c| if sayable(c, separators) { c } else { ' ' }).collect();
    said.trim().to_owned()
}

/// Whether a character can stand in an element: no control character, and none of its UTF-8 bytes separates.
fn sayable(c: char, separators: Separators) -> bool {
    let mut buffer = [0; 4];
    let bytes = c.encode_utf8(&mut buffer).as_bytes();
    !c.is_control() && !bytes.iter().any(|byte| separators.contains(*byte))
}

fn unsayable_character(c: char) -> String {
    if c.is_control() {
        format!("the control character U+{:04X} in it", u32::from(c))
    } else {
        format!("{c:?} separates in this partner's X12")
    }
}

#[cfg(test)]
mod tests;
