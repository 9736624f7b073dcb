//! What a proof found: which file or row is not what it was, and what was expected.

use crate::domain::Text;
use serde::Serialize;
use std::collections::BTreeMap;

/// So many findings are told; the others are counted.
pub const FINDINGS_MAX: usize = 1_000;

/// Something that is not as it was committed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// One of [`KINDS`].
    pub kind: Text,
    #[serde(skip_serializing_if = "Text::is_empty")]
    pub run_id: Text,
    #[serde(skip_serializing_if = "is_zero")]
    pub unit: u32,
    /// A file of the site, relative to it; empty where a row of the store is meant.
    #[serde(skip_serializing_if = "Text::is_empty")]
    pub file: Text,
    /// `store: TABLE` or the row of the file.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub row: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub expected: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub found: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's skip_serializing_if passes a reference")]
fn is_zero(unit: &u32) -> bool {
    *unit == 0
}

/// Every kind of finding, and what it says to a person.
pub const KINDS: &[(&str, &str)] = &[
    ("altered_file", "the file is not what was written"),
    ("altered_row", "the row is not what was written"),
    ("balance", "the figures do not agree"),
    ("doubled_row", "the row stands there twice"),
    ("missing_file", "the file is not there"),
    ("missing_row", "the row is not there"),
    ("unknown_file", "no run wrote the file"),
    ("unknown_row", "no run wrote the row"),
    ("unreadable_file", "the file cannot be read"),
];

/// What a proof looked at and found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Proof {
    /// Proved from archive, store and facts.
    pub runs: u64,
    pub units: u64,
    /// Inputs, and bytes of them, that were read again in the archive.
    pub inputs: u64,
    pub input_bytes: u64,
    /// Lines that came, each with one fate.
    pub lines: u64,
    pub orders: u64,
    pub invoices: u64,
    /// Interchanges that went to partners.
    pub sent: u64,
    /// Files that were written and are still there.
    pub outputs: u64,
    /// Rows of facts.
    pub facts: u64,
    /// Files that retention took away.
    pub removed: u64,
    pub findings: Vec<Finding>,
    pub findings_left_out: u64,
    /// How many findings of each kind there are.
    pub found: BTreeMap<Text, u64>,
    /// What could not be proved, and why: it is no finding.
    pub notes: Vec<String>,
}

impl Proof {
    pub fn is_clean(&self) -> bool {
        self.found.is_empty()
    }

    pub(crate) fn find(&mut self, kind: &'static str, finding: Finding) {
        debug_assert!(KINDS.iter().any(|(known, _)| *known == kind), "{kind} is listed");
        *self.found.entry(kind.into()).or_default() += 1;
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(Finding { kind: kind.into(), ..finding });
        } else {
            self.findings_left_out += 1;
        }
    }
}
