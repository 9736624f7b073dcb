//! Where two given bytes stand, found 64 at a time.
//!
//! An element has five bytes on average, so a search that starts anew after each hit spends its time on starting. Here 64
//! bytes are compared at once and the results are the bits of one word: by AVX2 where the processor has it, else in a loop
//! that the compiler vectorises. `benches/README.md` says what each of them brings.

/// So many bytes are compared at once: a bit of a word each.
pub(crate) const BLOCK: usize = 64;

/// Goes over the bytes in blocks and gives for each of them: in which places one of the two bytes stands, in which the
/// other one alone, and where the block begins. Bit n is byte n of the block; the last block may be short.
#[inline]
pub(crate) fn each_block(bytes: &[u8], one: u8, other: u8, take: impl FnMut(u64, u64, usize)) {
    #[cfg(target_arch = "x86_64")]
    if avx2::is_there() {
        #[expect(unsafe_code, reason = "a third of the time of the portable way; see benches/README.md")]
        // SAFETY: the function needs nothing but the features that the processor was asked for in the line above.
        unsafe {
            avx2::each_block(bytes, one, other, take);
        }
        return;
    }
    walk(bytes, |block| masks(block, one, other), take);
}

/// Appends the places of the bits, counted from `base`, lowest first.
#[inline(always)]
pub(crate) fn append_places(mask: u64, base: u32, places: &mut Vec<u32>) {
    let count = mask.count_ones() as usize;
    let mut found = [0_u32; BLOCK];
    let (eights, _) = found.as_chunks_mut::<8>();
    let mut left = mask;
    // Eight at a time without a question in between: what is too much is not appended.
    for eight in eights.iter_mut().take(count.div_ceil(8)) {
        for place in eight {
            *place = base.wrapping_add(left.trailing_zeros());
            left &= left.wrapping_sub(1);
        }
    }
    places.extend_from_slice(found.get(..count).unwrap_or_default());
}

#[inline(always)]
fn walk(bytes: &[u8], masks: impl Fn(&[u8; BLOCK]) -> (u64, u64), mut take: impl FnMut(u64, u64, usize)) {
    let (blocks, rest) = bytes.as_chunks::<BLOCK>();
    let mut base = 0;
    for block in blocks {
        let (both, other) = masks(block);
        take(both, other, base);
        base += BLOCK;
    }
    if !rest.is_empty() {
        let mut last = [0; BLOCK];
        last[..rest.len()].copy_from_slice(rest);
        let inside = u64::MAX >> (BLOCK - rest.len());
        let (both, other) = masks(&last);
        take(both & inside, other & inside, base);
    }
}

/// On any processor.
#[inline(always)]
fn masks(block: &[u8; BLOCK], one: u8, other: u8) -> (u64, u64) {
    let (mut is_either, mut is_other) = ([0_u8; BLOCK], [0_u8; BLOCK]);
    for ((is_either, is_other), byte) in is_either.iter_mut().zip(&mut is_other).zip(block) {
        *is_other = u8::from(*byte == other);
        *is_either = u8::from(*byte == one) | *is_other;
    }
    (gather(&is_either), gather(&is_other))
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
    use super::{BLOCK, walk};
    use std::arch::x86_64::{
        __m256i, _mm256_cmpeq_epi8, _mm256_movemask_epi8, _mm256_or_si256, _mm256_set_epi64x,
        _mm256_set1_epi8,
    };

    #[inline]
    pub(super) fn is_there() -> bool {
        std::arch::is_x86_feature_detected!("avx2")
            && std::arch::is_x86_feature_detected!("bmi1")
            && std::arch::is_x86_feature_detected!("popcnt")
    }

    #[target_feature(enable = "avx2,bmi1,popcnt")]
    pub(super) fn each_block(bytes: &[u8], one: u8, other: u8, take: impl FnMut(u64, u64, usize)) {
        let wanted = [_mm256_set1_epi8(one.cast_signed()), _mm256_set1_epi8(other.cast_signed())];
        walk(bytes, |block| masks(block, wanted), take);
    }

    #[target_feature(enable = "avx2,bmi1,popcnt")]
    fn masks(block: &[u8; BLOCK], [one, other]: [__m256i; 2]) -> (u64, u64) {
        let (words, _) = block.as_chunks::<8>();
        let word = |at: usize| i64::from_le_bytes(words[at]);
        let low = _mm256_set_epi64x(word(3), word(2), word(1), word(0));
        let high = _mm256_set_epi64x(word(7), word(6), word(5), word(4));
        let (other_low, other_high) = (_mm256_cmpeq_epi8(low, other), _mm256_cmpeq_epi8(high, other));
        let either_low = _mm256_or_si256(_mm256_cmpeq_epi8(low, one), other_low);
        let either_high = _mm256_or_si256(_mm256_cmpeq_epi8(high, one), other_high);
        (joined(either_low, either_high), joined(other_low, other_high))
    }

    #[target_feature(enable = "avx2,bmi1,popcnt")]
    fn joined(low: __m256i, high: __m256i) -> u64 {
        let bits = |half| u64::from(_mm256_movemask_epi8(half).cast_unsigned());
        bits(low) | (bits(high) << 32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What either way finds: the places of both bytes, and of the other one.
    fn places(bytes: &[u8], one: u8, other: u8, portable: bool) -> (Vec<u32>, Vec<u32>) {
        let (mut both, mut others) = (Vec::new(), Vec::new());
        let take = |either: u64, second: u64, base: usize| {
            append_places(either, u32::try_from(base).unwrap(), &mut both);
            append_places(second, u32::try_from(base).unwrap(), &mut others);
        };
        if portable {
            walk(bytes, |block| masks(block, one, other), take);
        } else {
            each_block(bytes, one, other, take);
        }
        (both, others)
    }

    proptest! {
        #[test]
        fn both_ways_find_what_a_plain_loop_finds(
            bytes in prop::collection::vec((0_u8..6).prop_map(|byte| byte * 51), 0..300),
            one in (0_u8..6).prop_map(|byte| byte * 51),
            other in (0_u8..6).prop_map(|byte| byte * 51),
        ) {
            let plain = |wanted: &[u8]| -> Vec<u32> {
                (0..).zip(&bytes).filter(|(_, byte)| wanted.contains(byte)).map(|(at, _)| at).collect()
            };
            let expected = (plain(&[one, other]), plain(&[other]));
            prop_assert_eq!(&places(&bytes, one, other, true), &expected);
            prop_assert_eq!(&places(&bytes, one, other, false), &expected);
        }
    }

    #[test]
    fn every_byte_is_a_byte_like_others() {
        for byte in 0..=255 {
            let mut block = vec![byte ^ 0x55; 128];
            block[7] = byte;
            block[127] = byte;
            for portable in [true, false] {
                assert_eq!(places(&block, byte, byte, portable), (vec![7, 127], vec![7, 127]));
            }
        }
    }
}
