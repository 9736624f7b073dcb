//! The segments: their elements, which of them must be there, and which depend on one another.
//!
//! One definition serves 004010 and 005010: elements that a later version added stand at the end, an element is mandatory
//! only where both versions say so, and a syntax note is left out where the versions differ.

mod a_to_k;
mod l_to_o;
mod p_to_z;

use super::dictionary::{Element, Kind, element, unnumbered};

/// A segment's definition.
#[derive(Debug)]
pub struct SegmentDef {
    pub id: &'static str,
    /// Element 1 first.
    pub elements: &'static [Field],
    pub notes: &'static [Note],
    /// Bit n is set where element n is mandatory.
    pub mandatory: u64,
}

/// An element in its segment.
#[derive(Debug)]
pub struct Field {
    pub element: Element,
    pub mandatory: bool,
}

/// A syntax note: how the presence of elements hangs together.
#[derive(Debug)]
pub struct Note {
    pub relation: Relation,
    /// Positions of elements; the first is the one that decides in a conditional note.
    pub positions: &'static [u8],
    /// Bit n is set for each position n.
    pub mask: u64,
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

/// The definition of a segment; None for one that no table uses.
pub fn segment_def(id: &str) -> Option<&'static SegmentDef> {
    let part = match id.as_bytes().first()? {
        b'A'..=b'K' => a_to_k::A_TO_K,
        b'L'..=b'O' => l_to_o::L_TO_O,
        _ => p_to_z::P_TO_Z,
    };
    part.binary_search_by(|def| def.id.cmp(id)).ok().map(|found| &part[found])
}

const fn def(id: &'static str, elements: &'static [Field], notes: &'static [Note]) -> SegmentDef {
    assert!(elements.len() < 63, "positions are bits of one word");
    let (mut mandatory, mut at) = (0, 0);
    while at < elements.len() {
        if elements[at].mandatory {
            mandatory |= 1 << (at + 1);
        }
        at += 1;
    }
    let mut note = 0;
    while note < notes.len() {
        assert!(notes[note].mask >> (elements.len() + 1) == 0, "a note speaks of elements that are there");
        note += 1;
    }
    SegmentDef { id, elements, notes, mandatory }
}

/// A mandatory element.
const fn m(number: u16) -> Field {
    Field { element: element(number), mandatory: true }
}

/// An optional element.
const fn o(number: u16) -> Field {
    Field { element: element(number), mandatory: false }
}

/// A mandatory element that nobody reads, by its form alone.
const fn mx(kind: Kind, min: u16, max: u16) -> Field {
    Field { element: unnumbered(kind, min, max), mandatory: true }
}

/// An optional element that nobody reads, by its form alone.
const fn ox(kind: Kind, min: u16, max: u16) -> Field {
    Field { element: unnumbered(kind, min, max), mandatory: false }
}

const fn mc() -> Field {
    Field { element: unnumbered(Kind::Composite, 1, u16::MAX), mandatory: true }
}

const fn oc() -> Field {
    Field { element: unnumbered(Kind::Composite, 1, u16::MAX), mandatory: false }
}

const fn note(relation: Relation, positions: &'static [u8]) -> Note {
    assert!(positions.len() >= 2, "a note relates elements");
    let (mut mask, mut at) = (0, 0);
    while at < positions.len() {
        mask |= 1 << positions[at];
        at += 1;
    }
    Note { relation, positions, mask }
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
        assert_eq!(line.mandatory, 0);
        assert_eq!(segment_def("SAC").unwrap().elements[4].element.kind, Kind::N(2));
    }
}
