//! Segments placed by a grammar table: a flat list in document order that knows its loops.

use crate::x12::grammar::TransactionSetDef;
use crate::x12::lexer::Segment;

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
