//! Texts as numbers: each text once in one arena, known by a `u32` from then on.

use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;

/// Ids count from 0 in the order in which the texts were first seen.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    bytes: String,
    /// Where each text ends in `bytes`.
    ends: Vec<u32>,
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl Names {
    pub(super) fn intern(&mut self, text: &str) -> u32 {
        if let Some(known) = self.find(text) {
            return known;
        }
        let id = id_of(self.ends.len());
        self.bytes.push_str(text);
        self.ends.push(id_of(self.bytes.len()));
        let (bytes, ends, hasher) = (&self.bytes, &self.ends, &self.hasher);
        self.table.insert_unique(hasher.hash_one(text), id, |id| hasher.hash_one(slice(bytes, ends, *id)));
        id
    }

    pub(super) fn find(&self, text: &str) -> Option<u32> {
        self.table.find(self.hasher.hash_one(text), |id| self.get(*id) == text).copied()
    }

    pub(super) fn get(&self, id: u32) -> &str {
        slice(&self.bytes, &self.ends, id)
    }

    /// Every id, in order.
    pub(super) fn ids(&self) -> std::ops::Range<u32> {
        0..id_of(self.ends.len())
    }

    pub(super) fn memory(&self) -> usize {
        self.bytes.capacity() + self.ends.capacity() * 4 + self.table.allocation_size()
    }
}

fn slice<'a>(bytes: &'a str, ends: &[u32], id: u32) -> &'a str {
    let at = id as usize;
    let start = if at == 0 { 0 } else { ends[at - 1] as usize };
    &bytes[start..ends[at] as usize]
}

/// A place in one of the index's tables.
pub(super) fn id_of(place: usize) -> u32 {
    assert!(place < u32::MAX as usize, "the masters fit 32 bits");
    u32::try_from(place).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_one_id_and_an_id_one_text() {
        let mut names = Names::default();
        let texts = ["", "a", "ab", "b", "ä", "a"];
        let ids: Vec<u32> = texts.iter().map(|text| names.intern(text)).collect();
        assert_eq!(ids, [0, 1, 2, 3, 4, 1]);
        for (text, id) in texts.iter().zip(ids) {
            assert_eq!((names.get(id), names.find(text)), (*text, Some(id)));
        }
        assert_eq!(names.find("c"), None);
        for number in 0..5_000 {
            names.intern(&number.to_string());
        }
        assert_eq!(names.find("4999").map(|id| names.get(id)), Some("4999"));
    }
}
