//! The transaction sets and their segments as tables: statics that the compiler checks.
//!
//! One table serves every version from 004010 to 005010: where they differ it holds the union, because a segment that
//! one version moved or added harms nobody who reads the other. Each table says what it unites.

pub mod ca865;
pub mod dictionary;
pub mod fa997;
pub mod fa999;
pub mod in810;
mod known;
pub mod pc860;
pub mod po850;
pub mod pr855;
pub mod segments;
pub mod sh856;

pub use known::is_segment_id;

/// Usage of a segment or loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usage {
    Mandatory,
    Optional,
}

/// Maximum use of what may repeat without bound.
pub const MANY: u32 = u32::MAX;

/// A transaction set: `id` is ST01, `group` is GS01.
#[derive(Debug)]
pub struct TransactionSetDef {
    pub id: &'static str,
    pub group: &'static str,
    pub name: &'static str,
    /// Between ST and SE.
    pub body: &'static [Part],
}

impl TransactionSetDef {
    /// Whether a segment with this [`key`] has a place anywhere in the set.
    pub fn has(&self, key: u32) -> bool {
        let mut open = vec![self.body];
        while let Some(parts) = open.pop() {
            if parts.iter().any(|part| part.key == key) {
                return true;
            }
            open.extend(parts.iter().map(|part| part.children).filter(|children| !children.is_empty()));
        }
        false
    }
}

/// A place in a set: a segment, or a loop that begins with one.
#[derive(Debug)]
pub struct Part {
    /// Of the segment, or of the loop's first segment.
    pub id: &'static str,
    /// The id as [`key`] makes it, for cheap matching.
    pub key: u32,
    pub usage: Usage,
    /// Maximum use; [`MANY`] for `>1`.
    pub max: u32,
    /// The loop's parts, its opener first; empty for a segment.
    pub children: &'static [Part],
}

pub const fn seg(id: &'static str, usage: Usage, max: u32) -> Part {
    assert!(key(id.as_bytes()) != 0, "a segment id has two or three characters");
    assert!(max >= 1, "what may not occur is left out");
    Part { id, key: key(id.as_bytes()), usage, max, children: &[] }
}

/// A loop; its first child is the segment that opens it.
pub const fn looped(usage: Usage, max: u32, children: &'static [Part]) -> Part {
    assert!(!children.is_empty() && children[0].children.is_empty(), "a loop begins with a segment");
    assert!(
        matches!(children[0].usage, Usage::Mandatory) && children[0].max == 1,
        "a loop's opener stands once"
    );
    Part { id: children[0].id, key: children[0].key, usage, max, children }
}

/// A segment id as a number; 0 for what has not one to three bytes.
pub const fn key(id: &[u8]) -> u32 {
    match id {
        [a] => *a as u32,
        [a, b] => ((*a as u32) << 8) | *b as u32,
        [a, b, c] => ((*a as u32) << 16) | ((*b as u32) << 8) | *c as u32,
        _ => 0,
    }
}

/// Every transaction set that is known, by id.
pub static TRANSACTION_SETS: &[&TransactionSetDef] = &[
    &in810::IN_810,
    &po850::PO_850,
    &pr855::PR_855,
    &sh856::SH_856,
    &pc860::PC_860,
    &ca865::CA_865,
    &fa997::FA_997,
    &fa999::FA_999,
];

/// The set with this ST01.
pub fn transaction_set(id: &str) -> Option<&'static TransactionSetDef> {
    TRANSACTION_SETS.iter().copied().find(|def| def.id == id)
}
