//! The table from a scope's number to the first of its rows: one word a slot, so that a question costs one look.

use crate::xref::index::NONE;

/// Open addressing with linear probing at a load of two thirds. A word has half of the hash above the row's place; the
/// other half of the hash chooses the slot, so that a row is read only where 32 further bits agree.
#[derive(Debug, Default)]
pub(super) struct Slots {
    words: Vec<u64>,
}

impl Slots {
    pub(super) fn with_room_for(keys: usize) -> Self {
        // one slot stays empty: every search ends
        Self { words: vec![EMPTY; keys + keys / 2 + 1] }
    }

    /// The caller has looked: the key is new. No more keys than were announced.
    pub(super) fn insert(&mut self, hash: u64, row: u32) {
        let mut at = self.home(hash);
        while self.words[at] != EMPTY {
            at = self.after(at);
        }
        self.words[at] = hash << 32 | u64::from(row);
    }

    /// The row for which `is` holds among those with this hash.
    pub(super) fn find(&self, hash: u64, is: impl Fn(u32) -> bool) -> Option<u32> {
        if self.words.is_empty() {
            return None;
        }
        let mut at = self.home(hash);
        loop {
            let word = self.words[at];
            if word == EMPTY {
                return None;
            }
            if word >> 32 == hash & LOW && is(row_of(word)) {
                return Some(row_of(word));
            }
            at = self.after(at);
        }
    }

    /// The row that a search would look at first, [`NONE`] if there is none to look at: a guess that need not be right.
    pub(super) fn guess(&self, hash: u64) -> u32 {
        self.words.get(self.home(hash)).map_or(NONE, |word| row_of(*word))
    }

    pub(super) fn memory(&self) -> usize {
        self.words.capacity() * size_of::<u64>()
    }

    /// The upper half of the hash as a part of the table's length.
    fn home(&self, hash: u64) -> usize {
        ((hash >> 32) as usize * self.words.len()) >> 32
    }

    fn after(&self, at: usize) -> usize {
        if at + 1 == self.words.len() { 0 } else { at + 1 }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the lower half is wanted")]
fn row_of(word: u64) -> u32 {
    word as u32
}

/// No row has the place [`NONE`].
const EMPTY: u64 = u64::MAX;
const LOW: u64 = 0xFFFF_FFFF;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_empty_table_answers() {
        assert_eq!(Slots::default().find(7, |_| true), None);
        assert_eq!(Slots::with_room_for(0).find(7, |_| true), None);
        assert_eq!((Slots::default().guess(7), Slots::with_room_for(0).guess(7)), (NONE, NONE));
    }

    proptest! {
        /// Few different hashes: most keys share their slot, or all of their hash, with others, and runs go round the end.
        #[test]
        fn every_key_is_found_however_the_hashes_fall(
            hashes in prop::collection::vec((0..4_u64, 0..3_u64), 0..40), missing in (0..5_u64, 3..5_u64),
        ) {
            let hash = |(high, low): (u64, u64)| (high * 0x5555_5555) << 32 | low;
            let mut slots = Slots::with_room_for(hashes.len());
            for (row, halves) in (0..).zip(&hashes) {
                slots.insert(hash(*halves), row);
            }
            for (row, halves) in (0..).zip(&hashes) {
                prop_assert_eq!(slots.find(hash(*halves), |found| found == row), Some(row));
            }
            prop_assert_eq!(slots.find(hash(missing), |_| true), None);
        }
    }
}
