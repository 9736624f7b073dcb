//! Segments placed by a grammar table: a flat list in document order that knows its loops.

mod place;
#[cfg(test)]
mod tests;

use crate::domain::diagnostic::{Diagnostic, Location};
use crate::x12::grammar::{Part, TransactionSetDef, Versions};
use crate::x12::lexer::{Segment, text};

/// So many findings are collected of one set by each stage before warnings are no longer added: a set of nothing but
/// faults must not take more memory than its bytes. What a person is shown is far less.
pub const FINDINGS_MAX: usize = 10_000;

/// A transaction set whose segments have their places. ST and SE are not in it.
#[derive(Debug)]
pub struct Tree<'a> {
    pub def: &'static TransactionSetDef,
    /// In document order. What fits nowhere is not here but in a diagnostic.
    pub nodes: Vec<Node<'a>>,
}

/// A placed segment.
#[derive(Debug, Clone, Copy)]
pub struct Node<'a> {
    pub segment: Segment<'a>,
    /// The id of the table: equal to the segment's id, for cheap matching.
    pub id: &'static str,
    /// Its place in the table.
    pub part: &'static Part,
    /// The loop it stands in, by its opener's id (AK303): its own id where it opens one, empty at the top level.
    pub loop_id: &'static str,
    /// Index after the last node of the loop that this segment opens; the own index + 1 where it opens none.
    pub end: u32,
}

impl<'a> Tree<'a> {
    /// The nodes at the top level: plain segments and openers of loops.
    pub fn top(&self) -> impl Iterator<Item = (usize, &Node<'a>)> {
        self.siblings(0, self.nodes.len())
    }

    /// The nodes directly inside the loop whose opener is at `opener`, without the opener itself.
    pub fn inside(&self, opener: usize) -> impl Iterator<Item = (usize, &Node<'a>)> {
        self.siblings(opener + 1, self.nodes[opener].end as usize)
    }

    fn siblings(&self, start: usize, end: usize) -> impl Iterator<Item = (usize, &Node<'a>)> {
        let mut at = start;
        std::iter::from_fn(move || {
            let node = self.nodes.get(at).filter(|_| at < end)?;
            let index = at;
            at = node.end as usize;
            Some((index, node))
        })
    }
}

impl Node<'_> {
    /// The place of the whole segment.
    pub fn location(&self) -> Location {
        segment_location(&self.segment, self.loop_id)
    }
}

/// Gives each segment its place in the table. `segments` are those from ST to SE; ST at the beginning and SE at the end
/// get no place, the envelope has checked them.
///
/// A segment in the wrong order within an open level is placed there with a warning; one that fits no open level is left
/// out, and what stands together outside is one finding. One step a segment, whatever the document. What any version has
/// is accepted; [`structure_as`] tells them apart.
pub fn structure<'a>(
    def: &'static TransactionSetDef,
    segments: impl Iterator<Item = Segment<'a>>,
) -> (Tree<'a>, Vec<Diagnostic>) {
    structure_as(def, Reading { versions: Versions::ALL, folds_case: false }, segments)
}

/// How a set is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// By the tables of these versions: what only another version has is placed where that one has it, with a warning.
    pub versions: Versions,
    /// An id in lower case has the place of the same id in capitals; one finding tells of them all.
    pub folds_case: bool,
}

/// As [`structure`] does, in a stated way.
pub fn structure_as<'a>(
    def: &'static TransactionSetDef,
    reading: Reading,
    segments: impl Iterator<Item = Segment<'a>>,
) -> (Tree<'a>, Vec<Diagnostic>) {
    let mut placer = place::Placer::new(def, reading, segments.size_hint().0);
    for segment in segments {
        placer.take(segment);
    }
    placer.finish()
}

fn segment_location(segment: &Segment<'_>, loop_id: &str) -> Location {
    Location {
        segment: segment.number,
        segment_id: text(segment.id()),
        loop_id: loop_id.into(),
        offset: segment.offset,
        length: to_u32(segment.bytes().len()),
        ..Location::default()
    }
}

/// Lengths and indexes beyond 32 bits are cut: the limits of the envelope are far below.
fn to_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
