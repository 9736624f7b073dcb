//! Where one byte stands, found 64 bytes at a time.

/// So many bytes are compared at once.
const BLOCK: usize = 64;

/// The places of a byte, in order. A search that starts anew after each hit spends its time on starting, because a segment
/// has some 40 bytes; here a block is compared in a loop that the compiler vectorises, and its hits are the bits of a word.
#[derive(Debug)]
pub(super) struct Places<'a> {
    blocks: std::slice::Iter<'a, [u8; BLOCK]>,
    rest: &'a [u8],
    byte: u8,
    /// Hits of the block at hand that were not given out.
    mask: u64,
    /// Where the block at hand begins, and the next.
    base: usize,
    next: usize,
}

impl<'a> Places<'a> {
    pub(super) fn new(bytes: &'a [u8], byte: u8) -> Self {
        let (blocks, rest) = bytes.as_chunks::<BLOCK>();
        Self { blocks: blocks.iter(), rest, byte, mask: 0, base: 0, next: 0 }
    }
}

impl Iterator for Places<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.mask == 0 {
            self.base = self.next;
            self.next += BLOCK;
            self.mask = match self.blocks.next() {
                Some(block) => mask(block, self.byte),
                None if self.rest.is_empty() => return None,
                None => {
                    let rest = std::mem::take(&mut self.rest);
                    rest.iter().rev().fold(0, |mask, byte| (mask << 1) | u64::from(*byte == self.byte))
                }
            };
        }
        let at = self.base + self.mask.trailing_zeros() as usize;
        self.mask &= self.mask - 1;
        Some(at)
    }
}

/// Bit n is set where byte n of the block is the byte.
#[inline]
fn mask(block: &[u8; BLOCK], byte: u8) -> u64 {
    let equal = block.map(|other| u8::from(other == byte));
    // Byte k of the word gets bit n where byte 8n + k of the block is 1: eight rows of eight, told by rows of columns.
    let (eights, _) = equal.as_chunks::<8>();
    let columns = eights.iter().rev().fold(0, |word, eight| (word << 1) | u64::from_le_bytes(*eight));
    // Turned about its diagonal by halves: bits 7 apart in pairs, then pairs 14 apart, then fours 28 apart change places.
    let swap = |word: u64, shift: u32, upper: u64| {
        let differ = (word ^ (word >> shift)) & upper;
        word ^ differ ^ (differ << shift)
    };
    let word = swap(columns, 7, 0x00AA_00AA_00AA_00AA);
    let word = swap(word, 14, 0x0000_CCCC_0000_CCCC);
    swap(word, 28, 0x0000_0000_F0F0_F0F0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn finds_what_a_plain_loop_finds(bytes in prop::collection::vec(prop_oneof![0_u8..3, 253_u8..], 0..400), byte in prop_oneof![0_u8..3, 253_u8..]) {
            let plain: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at] == byte).collect();
            prop_assert_eq!(Places::new(&bytes, byte).collect::<Vec<_>>(), plain);
        }
    }
}
