//! Where two given bytes stand, found 64 at a time.
//!
//! An element has five bytes on average, so a search that starts anew after each hit spends its time on starting. Here 64
//! bytes are compared at once and the results are the bits of one word: by AVX2 where the processor has it, else in a loop
//! that the compiler vectorises. `benches/README.md` says what each of them brings.

#![allow(
    clippy::inline_always,
    clippy::needless_bitwise_bool,
    reason = "one loop without calls and branches, which the compiler makes only where all of it is inlined"
)]

use super::Separators;

/// So many bytes are compared at once: a bit of a word each.
pub(crate) const BLOCK: usize = 64;

/// The bytes that are looked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    pub(crate) element: u8,
    pub(crate) segment: u8,
    /// Bytes that divide an element; the same one twice where there is one alone.
    pub(crate) inner: [u8; 2],
}

impl Wanted {
    pub(crate) fn of(separators: Separators) -> Self {
        let Separators { element, segment, component, repetition } = separators;
        Self { element, segment, inner: [component, repetition.unwrap_or(component)] }
    }
}

/// What stands in a block: bit n is byte n.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Masks {
    /// Element separators and segment terminators.
    pub(crate) ends: u64,
    /// Segment terminators alone.
    pub(crate) terminators: u64,
    /// What is no printable ASCII, and what divides an element.
    pub(crate) odd: u64,
}

/// Whoever wants to know what stands in each block. Its work is compiled together with the comparison, for the same
/// processors: therefore a trait and no closure.
pub(crate) trait Take {
    /// What stands in the block that begins at byte `base`.
    fn take(&mut self, masks: Masks, base: usize);

    /// Whether it has seen enough: no more blocks are looked at.
    #[inline(always)]
    fn is_done(&self) -> bool {
        false
    }
}

/// Goes over the bytes in blocks. The last block may be short.
#[inline]
pub(crate) fn each_block(bytes: &[u8], wanted: Wanted, taker: &mut impl Take) {
    #[cfg(target_arch = "x86_64")]
    if avx2::is_there() {
        #[expect(unsafe_code, reason = "a third less work than the portable way; see benches/README.md")]
        // SAFETY: the function needs nothing but the features that the processor was asked for in the line above.
        unsafe {
            avx2::each_block(bytes, wanted, taker);
        }
        return;
    }
    walk(bytes, |block| masks(block, wanted), taker);
}

/// Appends the places of the bits, counted from `base`, lowest first.
#[inline(always)]
pub(crate) fn append_places(mask: u64, base: u32, places: &mut Vec<u32>) {
    let mut left = mask;
    // A count that is known beforehand spares a look at the room for each place.
    places.extend((0..mask.count_ones()).map(|_| {
        let place = base.wrapping_add(left.trailing_zeros());
        left &= left.wrapping_sub(1);
        place
    }));
}

#[inline(always)]
fn walk(bytes: &[u8], masks: impl Fn(&[u8; BLOCK]) -> Masks, taker: &mut impl Take) {
    let (blocks, rest) = bytes.as_chunks::<BLOCK>();
    let mut base = 0;
    for block in blocks {
        taker.take(masks(block), base);
        if taker.is_done() {
            return;
        }
        base += BLOCK;
    }
    if !rest.is_empty() {
        let mut last = [0; BLOCK];
        last[..rest.len()].copy_from_slice(rest);
        let inside = u64::MAX >> (BLOCK - rest.len());
        let Masks { ends, terminators, odd } = masks(&last);
        taker.take(Masks { ends: ends & inside, terminators: terminators & inside, odd: odd & inside }, base);
    }
}

/// On any processor.
#[inline(always)]
fn masks(block: &[u8; BLOCK], wanted: Wanted) -> Masks {
    let Wanted { element, segment, inner: [component, repetition] } = wanted;
    let is = |test: &dyn Fn(u8) -> bool| gather(&block.map(|byte| u8::from(test(byte))));
    Masks {
        ends: is(&|byte| (byte == element) | (byte == segment)),
        terminators: is(&|byte| byte == segment),
        odd: is(&|byte| (byte.wrapping_sub(b' ') > b'~' - b' ') | (byte == component) | (byte == repetition)),
    }
}

/// Bytes of 0 and 1 to bits. Eight bytes at a time: the factor has one bit for each of them, which carries the byte's
/// lowest bit to its place in the highest byte of the product, where no two meet.
#[inline(always)]
fn gather(equal: &[u8; BLOCK]) -> u64 {
    const CARRY: u64 = 0x0102_0408_1020_4080;
    let (eights, _) = equal.as_chunks::<8>();
    eights
        .iter()
        .rev()
        .fold(0, |mask, eight| (mask << 8) | (u64::from_le_bytes(*eight).wrapping_mul(CARRY) >> 56))
}

/// The same by 32 bytes a comparison, and with the bit instructions of the same processors.
#[cfg(target_arch = "x86_64")]
mod avx2 {
    use super::{BLOCK, Masks, Take, Wanted, walk};
    use std::arch::x86_64::{
        __m256i, _mm256_cmpeq_epi8, _mm256_cmpgt_epi8, _mm256_movemask_epi8, _mm256_or_si256,
        _mm256_set_epi64x, _mm256_set1_epi8,
    };

    #[inline]
    pub(super) fn is_there() -> bool {
        std::arch::is_x86_feature_detected!("avx2")
            && std::arch::is_x86_feature_detected!("bmi1")
            && std::arch::is_x86_feature_detected!("popcnt")
    }

    #[target_feature(enable = "avx2,bmi1,popcnt")]
    pub(super) fn each_block(bytes: &[u8], wanted: Wanted, taker: &mut impl Take) {
        let Wanted { element, segment, inner: [component, repetition] } = wanted;
        let every = |byte: u8| _mm256_set1_epi8(byte.cast_signed());
        let wanted = [element, segment, component, repetition].map(every);
        walk(bytes, |block| masks(block, wanted), taker);
    }

    #[target_feature(enable = "avx2,bmi1,popcnt")]
    fn masks(block: &[u8; BLOCK], wanted: [__m256i; 4]) -> Masks {
        let (words, _) = block.as_chunks::<8>();
        let word = |at: usize| i64::from_le_bytes(words[at]);
        let low = half(_mm256_set_epi64x(word(3), word(2), word(1), word(0)), wanted);
        let high = half(_mm256_set_epi64x(word(7), word(6), word(5), word(4)), wanted);
        let [ends, terminators, odd] =
            [0, 1, 2].map(|at: usize| u64::from(low[at]) | (u64::from(high[at]) << 32));
        Masks { ends, terminators, odd }
    }

    #[target_feature(enable = "avx2,bmi1,popcnt")]
    fn half(bytes: __m256i, [element, segment, component, repetition]: [__m256i; 4]) -> [u32; 3] {
        let is = |byte: __m256i| _mm256_cmpeq_epi8(bytes, byte);
        let either = |one: __m256i, other: __m256i| _mm256_or_si256(one, other);
        let bits = |found: __m256i| _mm256_movemask_epi8(found).cast_unsigned();
        let terminators = is(segment);
        // Bytes above 127 are negative here, so that they are below the blank as control characters are.
        let unprintable =
            either(_mm256_cmpgt_epi8(_mm256_set1_epi8(0x20), bytes), is(_mm256_set1_epi8(0x7F)));
        let odd = either(unprintable, either(is(component), is(repetition)));
        [bits(either(is(element), terminators)), bits(terminators), bits(odd)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Default)]
    struct Places([Vec<u32>; 3]);

    impl Take for Places {
        fn take(&mut self, masks: Masks, base: usize) {
            for (mask, places) in [masks.ends, masks.terminators, masks.odd].into_iter().zip(&mut self.0) {
                append_places(mask, u32::try_from(base).unwrap(), places);
            }
        }
    }

    /// What either way finds: the places of the ends, of the terminators, and of what is odd.
    fn places(bytes: &[u8], wanted: Wanted, portable: bool) -> [Vec<u32>; 3] {
        let mut found = Places::default();
        if portable {
            walk(bytes, |block| masks(block, wanted), &mut found);
        } else {
            each_block(bytes, wanted, &mut found);
        }
        found.0
    }

    fn plain(bytes: &[u8], wanted: Wanted) -> [Vec<u32>; 3] {
        let Wanted { element, segment, inner } = wanted;
        let of = |test: &dyn Fn(u8) -> bool| -> Vec<u32> {
            (0..).zip(bytes).filter(|(_, byte)| test(**byte)).map(|(at, _)| at).collect()
        };
        [
            of(&|byte| byte == element || byte == segment),
            of(&|byte| byte == segment),
            of(&|byte| !(0x20..0x7F).contains(&byte) || inner.contains(&byte)),
        ]
    }

    fn byte() -> impl Strategy<Value = u8> {
        prop::sample::select(b"\0\n ~*A>^\x1f\x7f\x80\xff".as_slice())
    }

    proptest! {
        #[test]
        fn both_ways_find_what_a_plain_loop_finds(
            bytes in prop::collection::vec(byte(), 0..300),
            element in byte(), segment in byte(), inner in [byte(), byte()],
        ) {
            let wanted = Wanted { element, segment, inner };
            let expected = plain(&bytes, wanted);
            prop_assert_eq!(&places(&bytes, wanted, true), &expected);
            prop_assert_eq!(&places(&bytes, wanted, false), &expected);
        }
    }

    #[test]
    fn every_byte_is_a_byte_like_others() {
        let bytes: Vec<u8> = (0..=255).collect();
        for byte in 0..=255 {
            let wanted = Wanted { element: byte, segment: byte, inner: [byte, byte] };
            for portable in [true, false] {
                assert_eq!(places(&bytes, wanted, portable), plain(&bytes, wanted));
            }
        }
    }
}
