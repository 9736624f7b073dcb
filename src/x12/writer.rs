//! Documents back to bytes: segments in canonical form, envelopes with counts and control numbers by construction.

use crate::domain::{Date, Decimal, Text, diagnostic::Diagnostic};
use crate::x12::lexer::Separators;

/// One element to be written.
#[derive(Debug, Clone)]
pub enum Value<'v> {
    Empty,
    /// Written exactly as it is: item numbers, control numbers, codes. Data that contains a separator cannot be said
    /// and is a finding: nothing is replaced.
    Exact(&'v str),
    /// Free text: what cannot be said is replaced by a blank.
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
        Self { separators: envelope.separators, line_breaks: envelope.line_breaks, set, problems: Vec::new() }
    }

    /// Appends a segment; trailing empty elements are left out.
    pub fn segment(&mut self, id: &str, elements: &[Value<'_>]) {
        let _ = (id, elements, &self.separators, self.line_breaks, &mut self.set, &mut self.problems);
        unimplemented!("x12 writer")
    }

    /// The set, and what could not be said. A set with an error among the findings must not be sent.
    pub fn finish(self) -> (WrittenSet, Vec<Diagnostic>) {
        (self.set, self.problems)
    }
}

/// One whole interchange: ISA, one group for each run of sets with the same functional id, IEA. `first_set` numbers the
/// sets from 0001 within each group; group control numbers count up from `group_control`.
pub fn interchange(
    envelope: &OutboundEnvelope,
    interchange_control: u32,
    group_control: u32,
    sets: &[WrittenSet],
) -> Vec<u8> {
    let _ = (envelope, interchange_control, group_control, sets);
    unimplemented!("x12 writer")
}
