//! One segment and its elements, borrowed from the file's bytes.

use super::Separators;
use memchr::{memchr, memchr_iter};

/// One segment, borrowed from the file's bytes, without its terminator and without line breaks around it.
#[derive(Debug, Clone, Copy)]
pub struct Segment<'a> {
    bytes: &'a [u8],
    /// Where the id and each element end; empty where nobody has looked yet. Counted as `start` is.
    ends: &'a [u32],
    /// Where the segment begins in the piece that was split; 0 where nobody has looked yet.
    start: u32,
    separators: Separators,
    /// Byte of the file at which the segment id begins.
    pub offset: u64,
    /// Position in the transaction set as X12 counts: ST = 1.
    pub number: u32,
}

impl<'a> Segment<'a> {
    pub fn new(bytes: &'a [u8], separators: Separators, offset: u64, number: u32) -> Self {
        Self { bytes, ends: &[], start: 0, separators, offset, number }
    }

    /// A segment of [`Tokens`](super::Tokens), whose elements need not be looked for: it begins at `start` of the piece
    /// and ends at the last of `ends`.
    #[inline]
    pub(super) fn split(
        piece: &'a [u8],
        start: u32,
        ends: &'a [u32],
        separators: Separators,
        offset: u64,
        number: u32,
    ) -> Self {
        let end = ends.last().copied().unwrap_or(start);
        let bytes = piece.get(start as usize..end as usize).unwrap_or_default();
        Self { bytes, ends, start, separators, offset: offset + u64::from(start), number }
    }

    /// All bytes of the segment.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    pub fn separators(&self) -> Separators {
        self.separators
    }

    /// The segment id, such as `PO1`.
    #[inline]
    pub fn id(&self) -> &'a [u8] {
        let end = match self.ends.first() {
            Some(end) => (end - self.start) as usize,
            None => self
                .bytes
                .iter()
                .position(|byte| *byte == self.separators.element)
                .unwrap_or(self.bytes.len()),
        };
        self.bytes.get(..end).unwrap_or_default()
    }

    /// The id first (element 0), then element 1 and on.
    #[inline]
    pub fn elements(&self) -> Elements<'a> {
        let unsplit = self.ends.is_empty().then(|| memchr_iter(self.separators.element, self.bytes));
        Elements { bytes: self.bytes, ends: self.ends.iter(), start: self.start, unsplit, next: Some(0) }
    }

    /// Element `number`, from 1; empty where it is empty or not there.
    pub fn element(&self, number: usize) -> &'a [u8] {
        assert!(number >= 1, "X12 counts elements from 1");
        let Some(start) = self.element_start(number) else { return &[] };
        let end = match self.ends.get(number) {
            Some(end) => (end - self.start) as usize,
            None => {
                start
                    + memchr(self.separators.element, &self.bytes[start..])
                        .unwrap_or(self.bytes.len() - start)
            }
        };
        self.bytes.get(start..end).unwrap_or_default()
    }

    /// How many elements there are after the id.
    pub fn len(&self) -> usize {
        match self.ends.len() {
            0 => memchr_iter(self.separators.element, self.bytes).count(),
            ends => ends - 1,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Byte of the file at which element `number` begins, or the end of the segment where it is not there. Element 0 is
    /// the id.
    pub fn element_offset(&self, number: usize) -> u64 {
        let start = if number == 0 { Some(0) } else { self.element_start(number) };
        self.offset + start.unwrap_or(self.bytes.len()) as u64
    }

    /// Where element `number`, from 1, begins in the segment; None where it is not there.
    fn element_start(&self, number: usize) -> Option<usize> {
        let before = if self.ends.is_empty() {
            memchr_iter(self.separators.element, self.bytes).nth(number - 1)?
        } else {
            // the last end is that of the segment
            let (_, before) = self.ends.split_last()?;
            (before.get(number - 1)? - self.start) as usize
        };
        Some(before + 1)
    }
}

/// The id of a segment and its elements, one after the other.
#[derive(Debug, Clone)]
pub struct Elements<'a> {
    bytes: &'a [u8],
    ends: std::slice::Iter<'a, u32>,
    start: u32,
    /// Finds the ends where nobody has looked yet.
    unsplit: Option<memchr::Memchr<'a>>,
    /// Where the next element begins; None after the last.
    next: Option<usize>,
}

impl<'a> Iterator for Elements<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        let start = self.next?;
        let end = match &mut self.unsplit {
            None => (self.ends.next()? - self.start) as usize,
            Some(ends) => {
                let end = ends.next();
                if end.is_none() {
                    self.next = None;
                    return self.bytes.get(start..);
                }
                end?
            }
        };
        self.next = Some(end + 1);
        self.bytes.get(start..end)
    }
}
