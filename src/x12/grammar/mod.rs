//! The transaction sets and their segments as tables: statics that the compiler checks.
//!
//! One table serves 004010 and 005010: what only one of them has carries a mark ([`Part::since`], [`Part::until`],
//! [`Part::max_in`] and their like for elements), so that a set is one file and one line of the registry. A segment id
//! without a definition, or an element number that the dictionary does not have, does not compile.

pub mod ag824;
pub mod ca865;
mod codes;
pub mod dictionary;
pub mod fa997;
pub mod fa999;
pub mod in810;
mod known;
mod loops;
pub mod pc860;
pub mod po850;
pub mod pr855;
pub mod segments;
pub mod sh856;
pub mod tx864;
mod version;

pub use codes::Codes;
pub use known::is_segment_id;
use segments::{SegmentDef, segment};
pub use version::{Exactness, Version, Versions, version_note};

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
    /// The segments that it has anywhere.
    pub ids: Ids,
}

/// The definition of a transaction set.
pub const fn set(
    id: &'static str,
    group: &'static str,
    name: &'static str,
    body: &'static [Part],
) -> TransactionSetDef {
    assert!(!body.is_empty(), "a set has segments");
    TransactionSetDef { id, group, name, body, ids: Ids::of(body) }
}

impl TransactionSetDef {
    /// Whether a segment with this [`key`] has a place anywhere in the set.
    pub fn has(&self, key: u32) -> bool {
        if !self.ids.may_have(key) {
            return false;
        }
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
    /// Maximum use by [`Versions::index`]; [`MANY`] for `>1`.
    max: [u32; Versions::COUNT],
    /// The versions that have it.
    pub versions: Versions,
    /// The definition of the segment, or of the loop's first segment.
    pub segment: &'static SegmentDef,
    /// The loop's parts, its opener first; empty for a segment.
    pub children: &'static [Part],
    /// Whether one of the loop's parts after its opener must be there.
    pub has_mandatory: bool,
    /// The segments and openers of loops that are the loop's own, without its opener.
    pub own: Ids,
    /// The segments that stand anywhere in the loop; of a segment its own.
    pub ids: Ids,
}

/// A segment at its place, in every version unless a mark says otherwise.
pub const fn seg(id: &'static str, usage: Usage, max: u32) -> Part {
    assert!(max >= 1, "what may not occur is left out");
    let segment = segment(id);
    Part {
        id,
        key: segment.key,
        usage,
        max: [max; Versions::COUNT],
        versions: Versions::ALL,
        segment,
        children: &[],
        has_mandatory: false,
        own: Ids::NONE,
        ids: Ids::NONE.with(segment.key),
    }
}

/// A loop; its first child is the segment that opens it.
pub const fn looped(usage: Usage, max: u32, children: &'static [Part]) -> Part {
    assert!(!children.is_empty() && children[0].children.is_empty(), "a loop begins with a segment");
    let opener = &children[0];
    assert!(
        matches!(opener.usage, Usage::Mandatory)
            && opener.max[0] == 1
            && opener.versions.covers(Versions::ALL),
        "a loop's opener stands once"
    );
    let (mut has_mandatory, mut own, mut at) = (false, Ids::NONE, 1);
    while at < children.len() {
        has_mandatory |= matches!(children[at].usage, Usage::Mandatory);
        own = own.with(children[at].key);
        at += 1;
    }
    let ids = Ids::of(children);
    Part { children, has_mandatory, own, ids, ..seg(opener.id, usage, max) }
}

impl Part {
    /// It came with this version.
    #[must_use]
    pub const fn since(self, version: Version) -> Self {
        Self { versions: Versions::since(version), ..self }
    }

    /// It went after this version.
    #[must_use]
    pub const fn until(self, version: Version) -> Self {
        Self { versions: Versions::until(version), ..self }
    }

    /// Another maximum use in one version.
    #[must_use]
    pub const fn max_in(self, version: Version, max: u32) -> Self {
        let mut all = self.max;
        all[Versions::only(version).index()] = max;
        let [first, second, _] = all;
        all[Versions::ALL.index()] = if first > second { first } else { second };
        Self { max: all, ..self }
    }

    /// Maximum use in a document that is read by these versions' tables; [`MANY`] for `>1`.
    pub const fn max(&self, versions: Versions) -> u32 {
        self.max[versions.index()]
    }
}

/// Segment ids as 256 bits: what is not in it is not in the table; what is may be another with the same bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ids([u64; 4]);

impl Ids {
    /// No segment.
    pub const NONE: Self = Self([0; 4]);

    const fn of(parts: &[Part]) -> Self {
        let (mut all, mut at) = (Self::NONE, 0);
        while at < parts.len() {
            let part = &parts[at].ids.0;
            all = Self([all.0[0] | part[0], all.0[1] | part[1], all.0[2] | part[2], all.0[3] | part[3]]);
            at += 1;
        }
        all
    }

    const fn with(mut self, key: u32) -> Self {
        let (word, bit) = Self::place(key);
        self.0[word] |= bit;
        self
    }

    /// Whether a segment with this [`key`] may be among them; false is certain.
    pub const fn may_have(&self, key: u32) -> bool {
        let (word, bit) = Self::place(key);
        self.0[word] & bit != 0
    }

    const fn place(key: u32) -> (usize, u64) {
        let hash = key.wrapping_mul(0x9E37_79B1) >> 24;
        ((hash >> 6) as usize, 1 << (hash & 63))
    }
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
    &ag824::AG_824,
    &po850::PO_850,
    &pr855::PR_855,
    &sh856::SH_856,
    &pc860::PC_860,
    &tx864::TX_864,
    &ca865::CA_865,
    &fa997::FA_997,
    &fa999::FA_999,
];

/// The set with this ST01.
pub fn transaction_set(id: &str) -> Option<&'static TransactionSetDef> {
    TRANSACTION_SETS.iter().copied().find(|def| def.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ids_of_a_set_have_every_segment_that_it_has() {
        for def in TRANSACTION_SETS {
            let mut open = vec![def.body];
            while let Some(parts) = open.pop() {
                for part in parts {
                    assert!(def.ids.may_have(part.key) && part.ids.may_have(part.key) && def.has(part.key));
                    assert_eq!(part.segment.id, part.id);
                    open.push(part.children);
                }
            }
            assert!(!def.has(key(b"ZZZ")));
        }
    }

    #[test]
    fn a_loop_knows_whether_something_in_it_must_be_there() {
        let line = po850::PO_850.body.iter().find(|part| part.id == "PO1").unwrap();
        assert!(!line.has_mandatory);
        let codes = line.children.iter().find(|part| part.id == "LM").unwrap();
        assert!(codes.has_mandatory && codes.ids.may_have(key(b"LQ")));
    }

    #[test]
    fn a_mark_speaks_of_one_version_alone() {
        let part = |id: &str| po850::PO_850.body.iter().find(|part| part.id == id).unwrap();
        let [old, new] = [Version::V004010, Version::V005010].map(Versions::only);
        assert_eq!(
            (part("TD5").max(old), part("TD5").max(new), part("TD5").max(Versions::ALL)),
            (12, MANY, MANY)
        );
        assert!(part("LDT").versions.meets(old) && !part("LDT").versions.meets(new));
    }
}
