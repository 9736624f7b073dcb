//! A piece of a file split at once: its segments, and where each element ends.

use super::blocks::{BLOCK, Masks, Wanted, append_places, each_block};
use super::segment::Found;
use super::{Segment, Separators};

/// The segments of a piece of a file that begins with one, such as a transaction set, split into elements in one pass.
///
/// The same segments as [`segments`](super::segments) gives, at several times its speed where each element is looked at.
/// Memory: four bytes an element and sixteen a segment.
#[derive(Debug)]
pub struct Tokens<'a> {
    bytes: &'a [u8],
    separators: Separators,
    offset: u64,
    /// Where the id and the elements of each segment end.
    ends: Vec<u32>,
    spans: Vec<Span>,
}

/// A segment: where it begins in the piece, and which of the ends are its own.
#[derive(Debug, Clone, Copy)]
struct Span {
    start: u32,
    first: u32,
    after: u32,
    plain: bool,
}

impl<'a> Tokens<'a> {
    /// Splits a piece of less than 4 GiB, which the limits of an envelope never reach; what lies beyond is not looked at.
    /// `offset` is the piece's place in the file. Line breaks, blanks and tabs before a segment id are passed over, and so
    /// are empty segments.
    pub fn new(bytes: &'a [u8], separators: Separators, offset: u64) -> Self {
        let bytes = bytes.get(..PIECE_MAX).unwrap_or(bytes);
        let mut split = Split {
            bytes,
            separators,
            // In orders an element has five bytes and a segment more than 32; whatever comes, the lists grow.
            ends: Vec::with_capacity(bytes.len() / 5 + BLOCK),
            spans: Vec::with_capacity(bytes.len() / 32 + 2),
            start: separators.filler(bytes),
            first: 0,
            odd: false,
        };
        let Separators { element, segment, component, repetition } = separators;
        let wanted = Wanted { element, segment, inner: [component, repetition.unwrap_or(component)] };
        each_block(bytes, wanted, |masks, base| split.take(masks, base));
        split.finish();
        Self { bytes, separators, offset, ends: split.ends, spans: split.spans }
    }

    /// The segments in order, numbered from 1.
    pub fn segments(&self) -> impl Iterator<Item = Segment<'_>> {
        (1_u32..).zip(&self.spans).map(|(number, span)| {
            let ends = self.ends.get(span.first as usize..span.after as usize).unwrap_or_default();
            let found = Found { ends, start: span.start, number, plain: span.plain };
            Segment::split(self.bytes, self.separators, self.offset, found)
        })
    }

    /// Byte of the file at which the piece begins.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// How many segments there are.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }
}

/// Places in a piece are counted in 32 bits, the last block's filling among them.
const PIECE_MAX: usize = u32::MAX as usize - BLOCK;

/// A piece that is being split.
struct Split<'a> {
    bytes: &'a [u8],
    separators: Separators,
    ends: Vec<u32>,
    spans: Vec<Span>,
    /// Where the open segment begins, and which of the ends is its first.
    start: usize,
    first: usize,
    /// Whether something odd stands in the open segment, as far as the block before.
    odd: bool,
}

impl Split<'_> {
    /// What stands in the block that begins at byte `base`.
    #[inline(always)]
    fn take(&mut self, masks: Masks, base: usize) {
        let Masks { ends, mut terminators, odd } = masks;
        let known = self.ends.len();
        append_places(ends, narrow(base), &mut self.ends);
        while terminators != 0 {
            let at = terminators.trailing_zeros();
            let before = !(u64::MAX << at);
            let end = known + (ends & before).count_ones() as usize;
            self.close(base + at as usize, end, odd & before & self.inside(base));
            terminators &= terminators - 1;
        }
        self.odd |= odd & self.inside(base) != 0;
    }

    /// The part of the block at `base` in which the open segment may stand: from its first byte on.
    #[inline(always)]
    fn inside(&self, base: usize) -> u64 {
        match self.start.checked_sub(base) {
            None => u64::MAX,
            Some(start) if start < BLOCK => u64::MAX << start,
            Some(_) => 0,
        }
    }

    /// The open segment ends at the terminator at this byte, which stands in this place of the list of ends.
    #[inline(always)]
    fn close(&mut self, at: usize, end: usize, odd: u64) {
        // Otherwise it is the terminator of an empty segment, which was passed over.
        if at >= self.start {
            self.push(at, end, odd == 0 && !self.odd);
            let rest = self.bytes.get(at + 1..).unwrap_or_default();
            self.start = at + 1 + self.separators.filler(rest);
            self.odd = false;
        }
        self.first = end + 1;
    }

    #[inline(always)]
    fn push(&mut self, at: usize, end: usize, plain: bool) {
        let segment = self.bytes.get(self.start..at).unwrap_or_default();
        let trimmed = self.separators.trim_end(segment).len();
        if let Some(place) = self.ends.get_mut(end) {
            *place = narrow(self.start + trimmed);
        }
        let (start, first, after) = (narrow(self.start), narrow(self.first), narrow(end + 1));
        self.spans.push(Span { start, first, after, plain });
    }

    /// A last segment without a terminator ends with the piece.
    fn finish(&mut self) {
        if self.start < self.bytes.len() {
            self.ends.push(0);
            self.push(self.bytes.len(), self.ends.len() - 1, false);
        }
    }
}

/// A piece has less than 4 GiB.
#[inline(always)]
fn narrow(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use crate::x12::lexer::{Segment, Separators, Tokens, segments};
    use proptest::prelude::*;

    /// All that a segment tells.
    fn told(segment: &Segment<'_>) -> (u32, u64, Vec<u8>, Vec<Vec<u8>>, Vec<Vec<u8>>, Vec<u64>, usize) {
        let elements: Vec<Vec<u8>> = segment.elements().map(<[u8]>::to_vec).collect();
        let by_number = (1..=segment.len() + 2).map(|number| segment.element(number).to_vec()).collect();
        let offsets = (0..=segment.len() + 2).map(|number| segment.element_offset(number)).collect();
        assert_eq!(segment.id(), elements[0]);
        (
            segment.number,
            segment.offset,
            segment.bytes().to_vec(),
            elements,
            by_number,
            offsets,
            segment.len(),
        )
    }

    fn byte() -> impl Strategy<Value = u8> {
        prop::sample::select(b"AB1*~>\n\r \t\x1d\xc3\xa9^\0".as_slice())
    }

    proptest! {
        /// Whatever the bytes and the separators, equal ones and blanks too.
        #[test]
        fn splits_as_the_plain_reader_does(
            bytes in prop::collection::vec(byte(), 0..200),
            element in byte(),
            segment in byte(),
            offset in 0_u64..1000,
        ) {
            let separators = Separators { element, component: b'>', repetition: None, segment };
            let tokens = Tokens::new(&bytes, separators, offset);
            let split: Vec<_> = tokens.segments().map(|segment| told(&segment)).collect();
            let plain: Vec<_> = segments(&bytes, separators, offset).map(|segment| told(&segment)).collect();
            prop_assert_eq!(tokens.len(), plain.len());
            prop_assert_eq!(split, plain);
        }
    }
}
