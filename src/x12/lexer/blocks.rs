//! Where given bytes stand, found 64 at a time.
//!
//! An element has five bytes on average, so a search that starts anew after each hit spends its time on starting. Here 64
//! bytes are compared at once, in a loop that the compiler vectorises, and the results are gathered into the bits of one
//! word. `benches/README.md` says what it brings.

/// So many bytes are compared at once: a bit of a word each.
pub(crate) const BLOCK: usize = 64;

/// The blocks of a slice; what is left at the end is filled up with NUL.
pub(crate) fn blocks(bytes: &[u8]) -> impl Iterator<Item = [u8; BLOCK]> {
    let (blocks, rest) = bytes.as_chunks::<BLOCK>();
    let last = (!rest.is_empty()).then(|| {
        let mut last = [0; BLOCK];
        last[..rest.len()].copy_from_slice(rest);
        last
    });
    blocks.iter().copied().chain(last)
}

/// Bit n is set where byte n of the block is one of the two.
#[inline]
pub(crate) fn mask_of(block: &[u8; BLOCK], one: u8, other: u8) -> u64 {
    let mut equal = [0_u8; BLOCK];
    for (equal, byte) in equal.iter_mut().zip(block) {
        *equal = u8::from((*byte == one) | (*byte == other));
    }
    gather(&equal)
}

/// Appends the places of the bits, counted from `base`, lowest first.
#[inline]
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

/// Bytes of 0 and 1 to bits. Eight bytes at a time: the factor has one bit for each of them, which carries the byte's
/// lowest bit to its place in the highest byte of the product, where no two meet.
#[inline]
fn gather(equal: &[u8; BLOCK]) -> u64 {
    const CARRY: u64 = 0x0102_0408_1020_4080;
    let (eights, _) = equal.as_chunks::<8>();
    eights
        .iter()
        .rev()
        .fold(0, |mask, eight| (mask << 8) | (u64::from_le_bytes(*eight).wrapping_mul(CARRY) >> 56))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn finds_what_a_plain_loop_finds(
            bytes in prop::collection::vec(any::<u8>().prop_map(|byte| byte % 6), 0..300),
            one in 1_u8..6,
            other in 1_u8..6,
        ) {
            let mut found = Vec::new();
            for (block, base) in blocks(&bytes).zip((0..).step_by(BLOCK)) {
                append_places(mask_of(&block, one, other), base, &mut found);
            }
            let is_one = |at: &u32| [one, other].contains(&bytes[*at as usize]);
            let plain: Vec<u32> = (0..u32::try_from(bytes.len()).unwrap()).filter(is_one).collect();
            prop_assert_eq!(found, plain);
        }
    }

    #[test]
    fn every_byte_is_a_byte_like_others() {
        for byte in 0..=255 {
            let mut block = [byte ^ 0x55; BLOCK];
            block[7] = byte;
            block[63] = byte;
            assert_eq!(mask_of(&block, byte, byte), (1 << 7) | (1 << 63));
        }
        assert_eq!(mask_of(&[9; BLOCK], 9, 0), u64::MAX);
    }
}
