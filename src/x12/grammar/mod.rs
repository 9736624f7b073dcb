//! The transaction sets and their segments as tables: statics that the compiler checks.
//!
//! One table serves 004010 and 005010: what only one of them has carries a mark ([`Part::since`], [`Part::until`],
//! [`Part::max_in`] and their like for elements), so that a set is one file and one line of the registry. A segment id
//! without a definition, or an element number that the dictionary does not have, does not compile.

#![allow(clippy::inline_always, reason = "a call for each segment takes longer than what it does")]

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
    /// Where its parts are found.
    pub shape: Shape,
}

/// The definition of a transaction set.
pub const fn set(
    id: &'static str,
    group: &'static str,
    name: &'static str,
    body: &'static [Part],
) -> TransactionSetDef {
    assert!(!body.is_empty(), "a set has segments");
    TransactionSetDef { id, group, name, body, shape: Shape::of(body, 0) }
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
    /// Maximum use by [`Versions::index`]; [`MANY`] for `>1`.
    max: [u32; Versions::COUNT],
    /// The versions that have it.
    pub versions: Versions,
    /// The definition of the segment, or of the loop's first segment.
    pub segment: &'static SegmentDef,
    /// The loop's parts, its opener first; empty for a segment.
    pub children: &'static [Part],
    /// Where the loop's parts are found, without its opener, which begins another loop.
    pub shape: Shape,
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
        shape: Shape::of(&[], 0),
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
    Part { children, shape: Shape::of(children, 1), ..seg(opener.id, usage, max) }
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

/// The parts of a set or of a loop as a table: which of them a segment id may be, and which must be there.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// By the [`slot`] of a key: one more than the index of the first part with that slot; 0 where there is none.
    firsts: [u8; SLOTS],
    /// By the index of a part: one more than the index of the next with the same slot; 0 where there is none.
    nexts: [u8; Shape::PARTS_MAX],
    /// Bit n is set where part n must be there, by [`Versions::index`].
    mandatory: [u64; Versions::COUNT],
}

const SLOTS: usize = 64;

/// The place of a key in a table of [`SLOTS`].
const fn slot(key: u32) -> usize {
    (key.wrapping_mul(0x9E37_79B1) >> 26) as usize
}

impl Shape {
    /// Of the parts from `start` on.
    const fn of(parts: &[Part], start: usize) -> Self {
        assert!(parts.len() <= Self::PARTS_MAX, "parts are bits of one word");
        let (firsts, nexts) = ([0; SLOTS], [0; Self::PARTS_MAX]);
        let mut shape = Self { firsts, nexts, mandatory: [0; Versions::COUNT] };
        let mut at = parts.len();
        while at > start {
            at -= 1;
            let part = &parts[at];
            #[expect(clippy::cast_possible_truncation, reason = "asserted to be small")]
            let after = (at + 1) as u8;
            shape.nexts[at] = shape.firsts[slot(part.key)];
            shape.firsts[slot(part.key)] = after;
            let mut index = 0;
            while index < Versions::COUNT {
                if matches!(part.usage, Usage::Mandatory) && part.versions.meets(Versions::at(index)) {
                    shape.mandatory[index] |= 1 << at;
                }
                index += 1;
            }
        }
        shape
    }

    /// A set and a loop have at most so many parts.
    pub const PARTS_MAX: usize = 64;

    /// Index of the first of `parts`, whose shape this is, from `start` on that has the [`key`] in one of the versions.
    #[inline(always)]
    pub(super) fn find(&self, parts: &[Part], key: u32, start: usize, versions: Versions) -> Option<usize> {
        let mut after = *self.firsts.get(slot(key))?;
        loop {
            let index = usize::from(after).checked_sub(1)?;
            let part = parts.get(index)?;
            if index >= start && part.key == key && part.versions.meets(versions) {
                return Some(index);
            }
            after = *self.nexts.get(index)?;
        }
    }

    /// Bit n is set where part n must be there in one of the versions.
    #[inline]
    pub const fn mandatory(&self, versions: Versions) -> u64 {
        self.mandatory[versions.index()]
    }
}

/// The id of a loop (AK303); empty for none.
pub fn loop_id(part: Option<&Part>) -> &'static str {
    part.map_or("", |part| part.id)
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
    fn a_shape_leads_to_every_part_and_to_no_opener() {
        for def in TRANSACTION_SETS {
            let mut open = vec![(def.body, &def.shape, 0)];
            while let Some((parts, shape, start)) = open.pop() {
                for (index, part) in parts.iter().enumerate().skip(start) {
                    for from in 0..=parts.len() {
                        let same = parts.iter().skip(start.max(from)).position(|other| other.key == part.key);
                        let found = shape.find(parts, part.key, from, Versions::ALL);
                        assert_eq!(found, same.map(|same| same + start.max(from)), "{} {}", def.id, part.id);
                    }
                    assert!(def.has(part.key) && part.segment.id == part.id);
                    let must = part.usage == Usage::Mandatory && part.versions.covers(Versions::ALL);
                    assert!(!must || shape.mandatory(Versions::ALL) & (1 << index) != 0, "{}", part.id);
                    open.push((part.children, &part.shape, 1));
                }
            }
            assert!(!def.has(key(b"ZZZ")));
        }
    }

    #[test]
    fn a_loop_knows_what_in_it_must_be_there() {
        let line = po850::PO_850.body.iter().find(|part| part.id == "PO1").unwrap();
        assert_eq!(line.shape.mandatory(Versions::ALL), 0);
        assert_eq!(line.shape.find(line.children, key(b"PO1"), 0, Versions::ALL), None);
        let codes = line.children.iter().find(|part| part.id == "LM").unwrap();
        assert_eq!(codes.shape.mandatory(Versions::ALL), 0b10);
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
