//! The segments: their elements, which of them must be there, and which depend on one another.

mod a_to_k;
mod composites;
mod l_to_o;
mod p_to_z;

use super::dictionary::{Element, Kind, element, unnumbered};
use super::{Codes, Version, Versions, key};

/// A segment's definition, or that of a composite, whose elements are then its components.
#[derive(Debug)]
pub struct SegmentDef {
    /// `PO1`, or `C001`.
    pub id: &'static str,
    /// The id as [`key`] makes it; 0 of a composite.
    pub key: u32,
    /// Element 1 first.
    pub elements: &'static [Field],
    pub notes: &'static [Note],
    /// Bit n is set where element n is mandatory, by [`Versions::index`].
    mandatory: [u64; Versions::COUNT],
    /// How many elements there are, by [`Versions::index`].
    counts: [usize; Versions::COUNT],
    pairs: [Pairs; Versions::COUNT],
}

/// The syntax notes of a segment, ordered so that they are quickly looked at.
#[derive(Debug, Clone, Copy)]
pub struct Pairs {
    /// Bit n is set where element n and its neighbour n + 1 go together.
    pub firsts: u64,
    /// Bit n is set for each other note n.
    pub others: u64,
    /// Bit n is set for each note n.
    pub all: u64,
}

impl SegmentDef {
    /// Bit n is set where element n is mandatory in each of the versions.
    pub const fn mandatory(&self, versions: Versions) -> u64 {
        self.mandatory[versions.index()]
    }

    /// The notes that hold in each of the versions.
    pub const fn pairs(&self, versions: Versions) -> Pairs {
        self.pairs[versions.index()]
    }

    /// How many elements it has at most in one of the versions.
    pub const fn count(&self, versions: Versions) -> usize {
        self.counts[versions.index()]
    }
}

/// An element in its segment.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    pub element: Element,
    /// Its number before 005010, with the same type.
    number_before: u16,
    /// The versions in which it must be there.
    mandatory: Option<Versions>,
    /// The versions that have it.
    pub versions: Versions,
    /// How often it may be repeated; 1 for most.
    pub repeats: u16,
    /// The components of a composite.
    pub composite: Option<&'static SegmentDef>,
}

impl Field {
    /// It came with this version.
    const fn since(self, version: Version) -> Self {
        Self { versions: Versions::since(version), ..self }
    }

    /// It must be there in this version alone.
    const fn mandatory_in(self, version: Version) -> Self {
        Self { mandatory: Some(Versions::only(version)), ..self }
    }

    /// It may be repeated so many times.
    const fn repeats(self, repeats: u16) -> Self {
        Self { repeats, ..self }
    }

    /// It has another number before 005010, and that element's lengths.
    const fn before(self, number: u16) -> Self {
        Self { number_before: number, ..self }
    }

    /// X12's number of the element where a document is read by these versions' tables (AK402).
    pub const fn number(&self, versions: Versions) -> u16 {
        if versions.covers(Versions::until(Version::V004010)) {
            self.number_before
        } else {
            self.element.number
        }
    }

    /// Whether it must be there in each of the versions.
    pub const fn must_be_in(&self, versions: Versions) -> bool {
        match self.mandatory {
            Some(mandatory) => mandatory.covers(versions),
            None => false,
        }
    }
}

/// A syntax note: how the presence of elements hangs together.
#[derive(Debug)]
pub struct Note {
    pub relation: Relation,
    /// Positions of elements; the first is the one that decides in a conditional note.
    pub positions: &'static [u8],
    /// Bit n is set for each position n.
    pub mask: u64,
    /// The bit of the first position.
    first: u64,
    /// The versions that have it.
    pub versions: Versions,
}

impl Note {
    /// It came with this version.
    const fn since(self, version: Version) -> Self {
        Self { versions: Versions::since(version), ..self }
    }
}

impl Note {
    /// Whether elements are there, or are not there, against the note. Bit n of `present` is set where element n is there.
    #[inline]
    pub const fn is_broken(&self, present: u64) -> bool {
        let there = self.mask & present;
        // More than one bit; counting them would cost more than all the rest.
        let several = there & there.wrapping_sub(1) != 0;
        match self.relation {
            Relation::Paired => there != 0 && there != self.mask,
            Relation::Required => there == 0,
            Relation::Exclusive => several,
            Relation::Conditional => there & self.first != 0 && there != self.mask,
            Relation::ListConditional => there == self.first,
        }
    }
}

/// What a syntax note asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// P: all or none.
    Paired,
    /// R: at least one.
    Required,
    /// E: at most one.
    Exclusive,
    /// C: where the first is, all others are.
    Conditional,
    /// L: where the first is, at least one other is.
    ListConditional,
}

/// The definition of a segment. Evaluated by the compiler for the tables of the sets: an id without a definition does not
/// compile.
pub(super) const fn segment(id: &str) -> &'static SegmentDef {
    match find(key(id.as_bytes())) {
        Some(def) => def,
        None => panic!("the segment is not defined"),
    }
}

/// The definition of a segment; None for one that no table uses.
pub fn segment_def(id: &str) -> Option<&'static SegmentDef> {
    find(key(id.as_bytes()))
}

const fn find(key: u32) -> Option<&'static SegmentDef> {
    let (mut part, all) = (0, [a_to_k::A_TO_K, l_to_o::L_TO_O, p_to_z::P_TO_Z]);
    while part < all.len() {
        let mut at = 0;
        while at < all[part].len() {
            if all[part][at].key == key {
                return Some(&all[part][at]);
            }
            at += 1;
        }
        part += 1;
    }
    None
}

const fn def(id: &'static str, elements: &'static [Field], notes: &'static [Note]) -> SegmentDef {
    assert!(elements.len() < 63, "positions are bits of one word");
    let (mut mandatory, mut counts, mut index) = ([0; Versions::COUNT], [0; Versions::COUNT], 0);
    while index < Versions::COUNT {
        let (versions, mut at) = (Versions::at(index), 0);
        while at < elements.len() {
            if elements[at].must_be_in(versions) {
                mandatory[index] |= 1 << (at + 1);
            }
            if elements[at].versions.meets(versions) {
                counts[index] = at + 1;
            }
            at += 1;
        }
        index += 1;
    }
    let mut note = 0;
    while note < notes.len() {
        assert!(notes[note].mask >> (elements.len() + 1) == 0, "a note speaks of elements that are there");
        note += 1;
    }
    let pairs = [pairs(notes, 0), pairs(notes, 1), pairs(notes, 2)];
    SegmentDef { id, key: key(id.as_bytes()), elements, notes, mandatory, counts, pairs }
}

const fn pairs(notes: &[Note], index: usize) -> Pairs {
    assert!(notes.len() <= 64, "notes are bits of one word");
    let (mut pairs, mut at) = (Pairs { firsts: 0, others: 0, all: 0 }, 0);
    while at < notes.len() {
        let note = &notes[at];
        if note.versions.covers(Versions::at(index)) {
            pairs.all |= 1 << at;
            let [first, second, ..] = note.positions else { panic!("a note relates elements") };
            if matches!(note.relation, Relation::Paired) && note.positions.len() == 2 && *first + 1 == *second
            {
                pairs.firsts |= 1 << *first;
            } else {
                pairs.others |= 1 << at;
            }
        }
        at += 1;
    }
    pairs
}

const fn field(element: Element) -> Field {
    Field {
        number_before: element.number,
        element,
        mandatory: None,
        versions: Versions::ALL,
        repeats: 1,
        composite: None,
    }
}

const fn must(field: Field) -> Field {
    Field { mandatory: Some(Versions::ALL), ..field }
}

/// A mandatory element.
const fn m(number: u16) -> Field {
    must(o(number))
}

/// An optional element.
const fn o(number: u16) -> Field {
    field(element(number))
}

/// A mandatory element that nobody reads, by its form alone.
const fn mx(kind: Kind, min: u16, max: u16) -> Field {
    must(ox(kind, min, max))
}

/// An optional element that nobody reads, by its form alone.
const fn ox(kind: Kind, min: u16, max: u16) -> Field {
    field(unnumbered(kind, min, max))
}

/// A mandatory composite.
const fn mc(composite: &'static SegmentDef) -> Field {
    must(oc(composite))
}

/// An optional composite.
const fn oc(composite: &'static SegmentDef) -> Field {
    Field { composite: Some(composite), ..ox(Kind::Composite, 1, u16::MAX) }
}

/// A mandatory code of the control segments, whose elements have no number.
const fn control_code(min: u16, max: u16, codes: &'static Codes) -> Field {
    must(field(unnumbered(Kind::ID, min, max).coded(codes)))
}

const fn note(relation: Relation, positions: &'static [u8]) -> Note {
    assert!(positions.len() >= 2, "a note relates elements");
    let (mut mask, mut at) = (0, 0);
    while at < positions.len() {
        mask |= 1 << positions[at];
        at += 1;
    }
    Note { relation, positions, mask, first: 1 << positions[0], versions: Versions::ALL }
}

const fn p(positions: &'static [u8]) -> Note {
    note(Relation::Paired, positions)
}

const fn r(positions: &'static [u8]) -> Note {
    note(Relation::Required, positions)
}

const fn e(positions: &'static [u8]) -> Note {
    note(Relation::Exclusive, positions)
}

const fn c(positions: &'static [u8]) -> Note {
    note(Relation::Conditional, positions)
}

const fn l(positions: &'static [u8]) -> Note {
    note(Relation::ListConditional, positions)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x12::grammar::{Part, TRANSACTION_SETS};

    #[test]
    fn every_segment_of_every_set_is_defined_under_its_id() {
        let mut open: Vec<&[Part]> = TRANSACTION_SETS.iter().map(|set| set.body).collect();
        while let Some(parts) = open.pop() {
            for part in parts {
                let found = segment_def(part.id).map(|def| def.id);
                assert_eq!(found, Some(part.id));
                assert!(crate::x12::grammar::is_segment_id(part.id.as_bytes()), "{}", part.id);
                open.push(part.children);
            }
        }
    }

    #[test]
    fn the_parts_of_the_table_are_sorted_and_stand_in_their_files() {
        for (part, from, to) in
            [(a_to_k::A_TO_K, "A", "K~"), (l_to_o::L_TO_O, "L", "O~"), (p_to_z::P_TO_Z, "P", "Z~")]
        {
            assert!(part.is_sorted_by(|a, b| a.id < b.id));
            assert!(part.iter().all(|def| (from..=to).contains(&def.id)));
        }
    }

    #[test]
    fn the_line_of_an_order_has_ten_pairs_of_numbers() {
        let line = segment_def("PO1").unwrap();
        let numbers: Vec<u16> = line.elements.iter().map(|field| field.element.number).collect();
        assert_eq!(numbers[..5], [350, 380, 355, 212, 639]);
        assert_eq!(numbers[5..], [235, 234].repeat(10));
        assert_eq!(line.notes.len(), 12);
        assert_eq!(line.mandatory(Versions::ALL), 0);
        assert_eq!(segment_def("SAC").unwrap().elements[4].element.kind, Kind::N(2));
    }
}
