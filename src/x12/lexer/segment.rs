//! One segment and its elements, borrowed from the file's bytes.

use super::Separators;
use memchr::{Memchr, memchr_iter};

/// One segment, borrowed from the file's bytes, without its terminator and without line breaks around it.
#[derive(Debug, Clone, Copy)]
pub struct Segment<'a> {
    /// The segment, or the piece of the file that was split.
    piece: &'a [u8],
    /// Where the id and each element end in the piece; empty where nobody has looked yet, and the piece is the segment.
    ends: &'a [u32],
    /// Byte of the file at which the segment id begins.
    pub offset: u64,
    /// Where the segment begins in the piece.
    start: u32,
    /// Position in the transaction set as X12 counts: ST = 1.
    pub number: u32,
    separators: Separators,
    plain: bool,
}

/// What [`Tokens`](super::Tokens) know of a segment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found<'a> {
    pub(super) ends: &'a [u32],
    pub(super) start: u32,
    pub(super) number: u32,
    pub(super) plain: bool,
}

impl<'a> Segment<'a> {
    pub fn new(bytes: &'a [u8], separators: Separators, offset: u64, number: u32) -> Self {
        Self { piece: bytes, ends: &[], offset, start: 0, number, separators, plain: false }
    }

    /// A segment whose elements need not be looked for. `offset` is the place of the piece in the file.
    #[inline]
    pub(super) fn split(piece: &'a [u8], separators: Separators, offset: u64, found: Found<'a>) -> Self {
        let Found { ends, start, number, plain } = found;
        Self { piece, ends, offset: offset + u64::from(start), start, number, separators, plain }
    }

    /// All bytes of the segment.
    #[inline]
    pub fn bytes(&self) -> &'a [u8] {
        match self.ends.last() {
            Some(end) => self.piece.get(self.start as usize..*end as usize).unwrap_or_default(),
            None => self.piece,
        }
    }

    pub fn separators(&self) -> Separators {
        self.separators
    }

    /// The segment id, such as `PO1`.
    #[inline]
    pub fn id(&self) -> &'a [u8] {
        let end = match self.ends.first() {
            Some(end) => *end as usize,
            None => self
                .piece
                .iter()
                .position(|byte| *byte == self.separators.element)
                .unwrap_or(self.piece.len()),
        };
        self.piece.get(self.start as usize..end).unwrap_or_default()
    }

    /// The id first (element 0), then element 1 and on.
    #[inline]
    pub fn elements(&self) -> Elements<'a> {
        let ends = match self.ends {
            [] => Ends::Sought(memchr_iter(self.separators.element, self.piece)),
            ends => Ends::Known(ends.iter()),
        };
        Elements { piece: self.piece, ends, next: Some(self.start as usize) }
    }

    /// The piece that holds the segment, where its id and its elements end in it, and true, if it was split and is printable
    /// ASCII without component and repetition separators.
    #[inline]
    pub(crate) fn plainly_split(&self) -> Option<(&'a [u8], &'a [u32])> {
        self.plain.then_some((self.piece, self.ends))
    }

    /// Element `number`, from 1; empty where it is empty or not there.
    pub fn element(&self, number: usize) -> &'a [u8] {
        assert!(number >= 1, "X12 counts elements from 1");
        if self.ends.is_empty() {
            return self.elements().nth(number).unwrap_or_default();
        }
        let (Some(before), Some(end)) = (self.ends.get(number - 1), self.ends.get(number)) else {
            return &[];
        };
        self.piece.get(*before as usize + 1..*end as usize).unwrap_or_default()
    }

    /// How many elements there are after the id.
    pub fn len(&self) -> usize {
        match self.ends.len() {
            0 => memchr_iter(self.separators.element, self.piece).count(),
            ends => ends - 1,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Byte of the file at which element `number` begins, or the end of the segment where it is not there. Element 0 is
    /// the id.
    pub fn element_offset(&self, number: usize) -> u64 {
        let before = match number.checked_sub(1) {
            None => return self.offset,
            Some(before) if self.ends.is_empty() => {
                memchr_iter(self.separators.element, self.piece).nth(before)
            }
            // the last end is that of the segment
            Some(before) if before + 1 < self.ends.len() => {
                self.ends.get(before).map(|end| (end - self.start) as usize)
            }
            Some(_) => None,
        };
        self.offset + before.map_or(self.bytes().len(), |before| before + 1) as u64
    }
}

/// The id of a segment and its elements, one after the other.
#[derive(Debug, Clone)]
pub struct Elements<'a> {
    piece: &'a [u8],
    ends: Ends<'a>,
    /// Where the next element begins; None after the last.
    next: Option<usize>,
}

#[derive(Debug, Clone)]
enum Ends<'a> {
    Known(std::slice::Iter<'a, u32>),
    Sought(Memchr<'a>),
}

impl<'a> Iterator for Elements<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        let start = self.next?;
        let end = match &mut self.ends {
            Ends::Known(ends) => *ends.next()? as usize,
            Ends::Sought(ends) => {
                let end = ends.next();
                if end.is_none() {
                    self.next = None;
                    return self.piece.get(start..);
                }
                end?
            }
        };
        self.next = Some(end + 1);
        self.piece.get(start..end)
    }
}
