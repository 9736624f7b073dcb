//! One pass over a file: which interchanges, groups and sets stand where, and whether their envelopes hold.

mod build;
mod checks;
mod header;
mod headers;
mod outside;
mod read;
mod scan;
mod seen;
mod window;

use crate::domain::partner::Strictness;
use crate::domain::rules::envelope as rules;
use crate::domain::rules::segments::SEGMENT_ID_LOWER_CASE;
use crate::domain::{Text, diagnostic::Diagnostic, diagnostic::Rule, diagnostic::Severity};
use crate::x12::lexer::Separators;
pub use outside::begins_wide;
pub use read::{Event, Level, Reader};
pub use scan::{outline, scan};

/// What stands in a file, as [`scan`] or [`outline`] tells it: never the file's bytes.
#[derive(Debug, Clone, Default)]
pub struct FileIndex {
    pub interchanges: Vec<Interchange>,
    /// Findings outside any interchange: no ISA, data after the last IEA.
    pub diagnostics: Vec<Diagnostic>,
    /// The length of the file.
    pub length: u64,
}

/// ISA to IEA.
#[derive(Debug, Clone)]
pub struct Interchange {
    /// Bytes of the file from `I` of ISA to the end of IEA's terminator.
    pub offset: u64,
    pub length: u64,
    pub separators: Separators,
    /// The file was wrapped at a fixed width, through ISA and all: the bytes of a set must go through
    /// [`unwrap_lines`](crate::x12::lexer::unwrap_lines) before they are split into segments.
    pub wrapped: bool,
    /// All fields are empty where the file begins with GS or ST; E101 then stands among the findings.
    pub header: Isa,
    /// TA1 segments between ISA and GS.
    pub ta1: Vec<Ta1>,
    /// By [`outline`] the first one, and those that something was found about.
    pub groups: Vec<Group>,
    /// Lines counted in all its sets.
    pub lines: u64,
    /// Findings about this interchange's own envelope. An error among them means that nothing in it is processed.
    pub diagnostics: Vec<Diagnostic>,
}

impl Interchange {
    /// Whether ISA, IEA and all between may be processed. Groups and sets have findings of their own.
    pub fn is_sound(&self) -> bool {
        self.diagnostics.iter().all(|diagnostic| diagnostic.severity < Severity::Error)
    }
}

/// The elements of ISA, blanks around them taken off.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Isa {
    /// ISA05, ISA06.
    pub sender_qualifier: Text,
    pub sender: Text,
    /// ISA07, ISA08.
    pub receiver_qualifier: Text,
    pub receiver: Text,
    /// ISA09 and ISA10 as received.
    pub date: Text,
    pub time: Text,
    /// ISA12, such as `00401`.
    pub version: Text,
    /// ISA13 as received, with its leading zeros.
    pub control: Text,
    /// ISA14 is `1`.
    pub acknowledgment_requested: bool,
    /// ISA15: `P`, `T` or `I`.
    pub usage: Text,
}

/// TA1: the answer to an interchange of ours.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ta1 {
    /// TA101: our ISA13.
    pub control: Text,
    pub date: Text,
    pub time: Text,
    /// TA104: `A`, `E` or `R`.
    pub verdict: Text,
    /// TA105.
    pub note: Text,
}

/// GS to GE.
#[derive(Debug, Clone, Default)]
pub struct Group {
    pub offset: u64,
    /// GS01, such as `PO`.
    pub functional_id: Text,
    /// GS02, GS03.
    pub sender: Text,
    pub receiver: Text,
    pub date: Text,
    pub time: Text,
    /// GS06 as received.
    pub control: Text,
    /// Byte of the file at which GS06 stands.
    pub control_offset: u64,
    /// GS07.
    pub agency: Text,
    /// GS08, such as `004010VICS`.
    pub version: Text,
    pub sets: Vec<Set>,
    /// GE01; None where it is missing or unreadable.
    pub stated_sets: Option<u32>,
    /// Findings about GS and GE (AK905).
    pub diagnostics: Vec<Diagnostic>,
}

/// ST to SE.
#[derive(Debug, Clone, Default)]
pub struct Set {
    /// Bytes of the file from `S` of ST to the end of SE's terminator (or to where the set breaks off).
    pub offset: u64,
    pub length: u64,
    /// ST01.
    pub id: Text,
    /// ST02 as received.
    pub control: Text,
    /// Segments counted, ST and SE included.
    pub segments: u32,
    /// Lines counted: segments with the id PO1, IT1, or POC.
    pub lines: u32,
    /// Findings about ST and SE (AK502).
    pub diagnostics: Vec<Diagnostic>,
}

impl Set {
    /// Whether the set is over a limit (E131), so that nothing of it is looked into.
    pub fn is_too_large(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.rule == &rules::SET_TOO_LARGE)
    }
}

/// What a lenient partner may get wrong: counts and control numbers of the trailers, and the case of ids.
const LENIENT_RULES: [&Rule; 8] = [
    &rules::INTERCHANGE_CONTROL_MISMATCH,
    &rules::INTERCHANGE_GROUP_COUNT,
    &rules::GROUP_CONTROL_MISMATCH,
    &rules::GROUP_SET_COUNT,
    &rules::SET_CONTROL_MISMATCH,
    &rules::SET_SEGMENT_COUNT,
    &rules::ENVELOPE_ID_LOWER_CASE,
    &SEGMENT_ID_LOWER_CASE,
];

/// Sets the severities of the findings in one interchange as its partner's strictness wants them: lenient makes wrong
/// counts and control numbers in trailers, and envelope ids in lower case, warnings; strict makes every warning an error. The findings stay.
pub fn relax(interchange: &mut Interchange, strictness: Strictness) {
    relax_findings(&mut interchange.diagnostics, strictness);
    for group in &mut interchange.groups {
        relax_findings(&mut group.diagnostics, strictness);
        group.sets.iter_mut().for_each(|set| relax_findings(&mut set.diagnostics, strictness));
    }
}

/// The same for findings that stand alone, such as those of one set.
pub fn relax_findings(found: &mut [Diagnostic], strictness: Strictness) {
    for diagnostic in found {
        let may_be_wrong = LENIENT_RULES.contains(&diagnostic.rule);
        if strictness == Strictness::Lenient && may_be_wrong {
            diagnostic.severity = diagnostic.severity.min(Severity::Warning);
        } else if strictness == Strictness::Strict && diagnostic.severity == Severity::Warning {
            diagnostic.severity = Severity::Error;
        }
    }
}

/// What a stranger may not make grow without bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub segment_bytes_max: u32,
    pub set_bytes_max: u64,
    pub segments_per_set_max: u32,
    /// Of transaction sets; interchanges, groups and TA1 segments count as well. It bounds work, and the control numbers that
    /// a group remembers.
    pub sets_per_file_max: u32,
    /// Of interchanges: each is answered, and may be put into quarantine, in a file of its own.
    pub interchanges_per_file_max: u32,
    /// Of what is kept of a file beside its interchanges: findings outside the sets, and TA1 segments.
    pub envelope_findings_max: u32,
    pub diagnostics_per_set_max: u32,
    /// Lines of one order, those that SDQ makes counted; an envelope knows nothing of them.
    pub lines_per_order_max: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            segment_bytes_max: 1 << 16,
            set_bytes_max: 64 << 20,
            segments_per_set_max: 2_000_000,
            sets_per_file_max: 10_000_000,
            interchanges_per_file_max: 50_000,
            envelope_findings_max: 50_000,
            diagnostics_per_set_max: 100,
            lines_per_order_max: 200_000,
        }
    }
}

#[cfg(test)]
mod group_tests;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod tests;
