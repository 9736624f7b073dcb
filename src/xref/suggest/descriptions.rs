//! Items by the words of their descriptions: which have most in common with the words of a customer, who abbreviates, mistypes and orders
//! them otherwise.

use crate::domain::Text;
use crate::xref::suggest::numbers::{NearKeys, one_edit};
use hashbrown::HashMap;
use std::collections::{BTreeMap, BTreeSet};

/// Less in common, in thousandths, is chance.
pub const COMMON_MIN: u64 = 350;

/// A word that stands for another, by its beginning, its consonants or but for one letter, counts as so many thousandths of it.
const STANDS_FOR: u64 = 800;

/// A short word whose letters another has in their order may stand for it.
const IN_ORDER: u64 = 600;

/// Longer words are no abbreviations.
const IN_ORDER_MAX: usize = 5;

/// A word that none of ours can be weighs so many thousandths of the rarest.
const UNKNOWN: u64 = 500;

/// What the customer says and we do not counts so much against an item, in thousandths: customers add words of their own.
const THEIRS_ALONE: u64 = 700;

/// What we say and the customer does not: they leave words out.
const OURS_ALONE: u64 = 500;

/// So many words that one word may stand for are tried.
const READINGS_MAX: usize = 12;

/// So many words of one description are looked at.
const WORDS_MAX: usize = 40;

/// Words of a description: runs of letters and of digits, in small letters; `2.5` and `1/2` are one word each.
pub fn words(text: &str) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    let mut word = String::new();
    let mut digits = false;
    let mut letters = text.chars().chain([' ']).peekable();
    while let Some(letter) = letters.next() {
        let joins = digits
            && !word.is_empty()
            && matches!(letter, '.' | '/')
            && letters.peek().is_some_and(char::is_ascii_digit);
        if !joins && !word.is_empty() && (!letter.is_alphanumeric() || letter.is_ascii_digit() != digits) {
            words.insert(std::mem::take(&mut word));
        }
        if joins {
            word.push(letter);
        } else if letter.is_alphanumeric() {
            digits = letter.is_ascii_digit();
            word.extend(letter.to_lowercase());
        }
        if words.len() >= WORDS_MAX {
            break;
        }
    }
    words
}

fn is_number(word: &str) -> bool {
    word.starts_with(|letter: char| letter.is_ascii_digit())
}

/// The first letter and the consonants behind it, each run of one letter once: what most abbreviations keep.
fn skeleton(word: &str) -> String {
    let mut skeleton = String::new();
    for (place, letter) in word.chars().enumerate() {
        let vowel = matches!(letter, 'a' | 'e' | 'i' | 'o' | 'u' | 'y');
        if (place == 0 || !vowel) && !skeleton.ends_with(letter) {
            skeleton.push(letter);
        }
    }
    skeleton
}

/// A description that is asked for, word by word.
#[derive(Debug)]
pub struct Spoken<'d> {
    /// Of each word the most it can give, and the words of ours that it may be, the heaviest first.
    words: Vec<(u64, Vec<(u64, &'d Word)>)>,
    total: u64,
}

/// A word of our descriptions.
#[derive(Debug)]
struct Word {
    place: u32,
    text: String,
    /// The more, the fewer items have it.
    weight: u64,
    /// The items that have it, in order.
    places: Vec<u32>,
}

#[derive(Debug)]
struct Described {
    item: Text,
    /// Of all its words.
    weight: u64,
}

/// Descriptions by their words. A rare word says more than a common one.
#[derive(Debug, Default)]
pub struct Descriptions {
    items: Vec<Described>,
    /// In the order of their texts.
    words: Vec<Word>,
    by_skeleton: HashMap<String, Vec<u32>>,
    by_near: HashMap<u64, Vec<u32>>,
}

/// An item whose description is like the one that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alike<'d> {
    pub item: &'d Text,
    /// What both have in common, in thousandths.
    pub share: u32,
}

impl Descriptions {
    pub fn new<'i>(items: impl IntoIterator<Item = (&'i Text, &'i Text)>) -> Self {
        let mut all = Self::default();
        let mut places: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        for (item, description) in items {
            let Ok(place) = u32::try_from(all.items.len()) else { break };
            for word in words(description) {
                places.entry(word).or_default().push(place);
            }
            all.items.push(Described { item: item.clone(), weight: 0 });
        }
        let count = all.items.len() as u64;
        let mut near = NearKeys::default();
        for ((text, places), word) in places.into_iter().zip(0..) {
            let weight = rarity(count, places.len() as u64);
            for place in &places {
                if let Some(item) = all.items.get_mut(*place as usize) {
                    item.weight += weight;
                }
            }
            if !is_number(&text) {
                all.by_skeleton.entry(skeleton(&text)).or_default().push(word);
                if text.chars().count() >= TYPO_FROM {
                    for key in near.of(&text) {
                        all.by_near.entry(*key).or_default().push(word);
                    }
                }
            }
            all.words.push(Word { place: word, text, weight, places });
        }
        all
    }

    fn word(&self, text: &str) -> Option<u32> {
        let at = self.words.binary_search_by(|word| word.text.as_str().cmp(text)).ok()?;
        u32::try_from(at).ok()
    }

    /// The words that this one may be, with their weight for it, the heaviest first.
    fn readings(&self, word: &str) -> Vec<(u64, &Word)> {
        let own = self.word(word);
        let mut found: BTreeMap<u32, u64> = BTreeMap::new();
        if !is_number(word) && word.chars().count() >= 2 {
            self.letters_in_order(word, &mut found);
            self.abbreviations(word, &mut found);
            self.typos(word, &mut found);
        }
        if let Some(own) = own {
            found.remove(&own);
        }
        let at = |place: u32| self.words.get(place as usize);
        let mut others: Vec<(u64, &Word)> =
            found.into_iter().filter_map(|(place, part)| Some((part, at(place)?))).collect();
        // of many words that it may stand for, the likeliest and the usual ones
        let usual = |(part, word): &(u64, &Word)| (std::cmp::Reverse((*part, word.places.len())), word.place);
        others.sort_by_key(usual);
        others.truncate(READINGS_MAX);
        let own = own.and_then(at);
        let most = own.map_or(u64::MAX, |own| own.weight);
        let mut readings: Vec<(u64, &Word)> = own.map(|own| (own.weight * 1000, own)).into_iter().collect();
        readings.extend(others.into_iter().map(|(part, word)| (word.weight.min(most) * part, word)));
        readings.sort_by_key(|(weight, word)| (std::cmp::Reverse(*weight), word.place));
        readings
    }

    /// Words that have its letters in their order, and the first letter first.
    fn letters_in_order(&self, word: &str, found: &mut BTreeMap<u32, u64>) {
        let Some(first) = word.get(..word.chars().next().map_or(0, char::len_utf8)) else { return };
        if word.chars().count() > IN_ORDER_MAX {
            return;
        }
        let from = self.words.partition_point(|known| known.text.as_str() < first);
        for known in self.words.iter().skip(from).take_while(|known| known.text.starts_with(first)) {
            let mut letters = known.text.chars();
            if known.text.len() > word.len()
                && word.chars().all(|letter| letters.any(|other| other == letter))
            {
                found.insert(known.place, IN_ORDER);
            }
        }
    }

    /// Words that begin with it, words that it begins with, and words with the same consonants.
    fn abbreviations(&self, word: &str, found: &mut BTreeMap<u32, u64>) {
        let from = self.words.partition_point(|known| known.text.as_str() < word);
        let begin = self.words.iter().skip(from).take_while(|known| known.text.starts_with(word));
        found.extend(begin.take(4 * READINGS_MAX).map(|known| (known.place, STANDS_FOR)));
        let ends = word.char_indices().map(|(at, _)| at).skip(3);
        found.extend(ends.filter_map(|end| Some((self.word(word.get(..end)?)?, STANDS_FOR))));
        let same = self.by_skeleton.get(&skeleton(word)).into_iter().flatten().take(4 * READINGS_MAX);
        found.extend(same.map(|place| (*place, STANDS_FOR)));
    }

    fn typos(&self, word: &str, found: &mut BTreeMap<u32, u64>) {
        if word.chars().count() < TYPO_FROM {
            return;
        }
        let mut near = NearKeys::default();
        for place in near.of(word).iter().filter_map(|key| self.by_near.get(key)).flatten() {
            let known = self.words.get(*place as usize);
            if known.is_some_and(|known| one_edit(&known.text, word)) {
                found.insert(*place, STANDS_FOR);
            }
        }
    }

    /// What a description asks for.
    pub fn spoken(&self, description: &str) -> Spoken<'_> {
        let unknown = 1000 * rarity(self.items.len() as u64, 1) * UNKNOWN / 1000;
        let words = words(description);
        let mut words: Vec<(u64, Vec<(u64, &Word)>)> = words
            .iter()
            .map(|word| {
                let readings = self.readings(word);
                // of a word that stands for others, what it could give
                (readings.first().map_or(unknown, |(weight, _)| *weight), readings)
            })
            .collect();
        // the rarest first: soon no item that has none of them can have enough in common
        let items_of =
            |readings: &[(u64, &Word)]| readings.iter().map(|(_, word)| word.places.len()).sum::<usize>();
        words.sort_by_cached_key(|(_, readings)| items_of(readings));
        Spoken { total: words.iter().map(|(weight, _)| weight).sum(), words }
    }

    /// What a description has in common with that of an item, in thousandths; None if one of them says nothing.
    pub fn share(&self, spoken: &Spoken<'_>, description: &str) -> Option<u32> {
        let own: BTreeSet<u32> = words(description).iter().filter_map(|word| self.word(word)).collect();
        if spoken.words.is_empty() || own.is_empty() {
            return None;
        }
        let all: u64 =
            own.iter().filter_map(|place| self.words.get(*place as usize)).map(|word| word.weight).sum();
        let best = |readings: &[(u64, &Word)]| {
            readings.iter().find(|(_, word)| own.contains(&word.place)).map_or(0, |(weight, _)| *weight)
        };
        let both: u64 = spoken.words.iter().map(|(_, readings)| best(readings)).sum();
        let share = share(both, spoken.total.saturating_sub(both), (1000 * all).saturating_sub(both));
        u32::try_from(share).ok()
    }

    /// The items whose descriptions have most in common with this one: the weight of the words that both have, of that and the words
    /// that one of them has. The most first, then by item.
    pub fn like(&self, spoken: &Spoken<'_>, most: usize) -> Vec<Alike<'_>> {
        let total = spoken.total;
        let mut common = Common::new(self.items.len());
        let mut rest = total;
        for (weight, readings) in &spoken.words {
            common.word(readings, share(rest, total - rest, 0) >= COMMON_MIN);
            rest -= weight;
        }
        let mut found: Vec<Alike<'_>> = common
            .touched
            .iter()
            .filter_map(|place| {
                let item = self.items.get(*place as usize)?;
                let both = common.sum(*place);
                let share =
                    share(both, total.saturating_sub(both), (1000 * item.weight).saturating_sub(both));
                (share >= COMMON_MIN)
                    .then(|| Alike { item: &item.item, share: u32::try_from(share).unwrap_or(1000) })
            })
            .collect();
        found.sort_by(|a, b| b.share.cmp(&a.share).then_with(|| a.item.cmp(b.item)));
        found.truncate(most);
        found
    }
}

/// Shorter words are one letter from too many others.
const TYPO_FROM: usize = 4;

/// Twice the bits of how seldom a word is: a logarithm without floating point.
fn rarity(items: u64, having: u64) -> u64 {
    let seldom = (items + 1) / having.max(1);
    1 + 2 * u64::from(seldom.max(1).ilog2())
}

/// Thousandths.
fn share(both: u64, theirs: u64, ours: u64) -> u64 {
    let all = both + theirs * THEIRS_ALONE / 1000 + ours * OURS_ALONE / 1000;
    (both * 1000).checked_div(all).unwrap_or(0).min(1000)
}

/// What each item has in common with a description, summed up word by word.
struct Common {
    /// Of each item the sum, and the last word that it was added to, from 1.
    sums: Vec<(u64, u32)>,
    words: u32,
    touched: Vec<u32>,
}

impl Common {
    fn new(items: usize) -> Self {
        Self { sums: vec![(0, 0); items], words: 0, touched: Vec::new() }
    }

    fn sum(&self, place: u32) -> u64 {
        self.sums.get(place as usize).map_or(0, |(sum, _)| *sum)
    }

    /// Adds a word by the heaviest of its readings that an item has; to items that had none so far only if they are `admitted`.
    fn word(&mut self, readings: &[(u64, &Word)], admitted: bool) {
        self.words += 1;
        for (weight, word) in readings {
            if !admitted && word.places.len() > 8 * self.touched.len() {
                let touched = std::mem::take(&mut self.touched);
                for place in touched.iter().filter(|place| word.places.binary_search(place).is_ok()) {
                    self.add(*place, *weight, admitted);
                }
                self.touched = touched;
                continue;
            }
            for place in &word.places {
                self.add(*place, *weight, admitted);
            }
        }
    }

    fn add(&mut self, place: u32, weight: u64, admitted: bool) {
        let Some((sum, last)) = self.sums.get_mut(place as usize) else { return };
        if *last == self.words || (*last == 0 && !admitted) {
            return;
        }
        if *last == 0 {
            self.touched.push(place);
        }
        *sum += weight;
        *last = self.words;
    }
}

/// The numbers that the one description says and the other does not, where both say some that the other does not: its sizes differ.
pub fn other_sizes(theirs: &str, ours: &str) -> Option<(String, String)> {
    let (theirs, ours) = (words(theirs), words(ours));
    let only = |a: &BTreeSet<String>, b: &BTreeSet<String>| {
        let only: Vec<&str> =
            a.iter().filter(|word| is_number(word) && !b.contains(*word)).map(String::as_str).collect();
        (!only.is_empty()).then(|| only.join(", "))
    };
    only(&theirs, &ours).zip(only(&ours, &theirs))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn known(texts: &[&str]) -> Descriptions {
        let items: Vec<(Text, Text)> =
            (1..).zip(texts).map(|(item, text)| (Text::from(format!("{item}")), Text::from(*text))).collect();
        Descriptions::new(items.iter().map(|(item, text)| (item, text)))
    }

    /// `item share` of the items that are alike.
    fn like(known: &Descriptions, text: &str, most: usize) -> Vec<(String, u32)> {
        let found = known.like(&known.spoken(text), most);
        found.into_iter().map(|alike| (alike.item.to_string(), alike.share)).collect()
    }

    #[test]
    fn descriptions_are_alike_by_their_rare_words_however_they_are_written() {
        let known = known(&[
            "Hex bolt M8 x 40 zinc",
            "Hex bolt M10 x 40 zinc",
            "Hex nut M8 zinc",
            "Garden hose 25 m green",
            "Flat washer galvanized 1/2 in",
            "Wood screw countersunk 2.5 in",
        ]);
        for (text, best) in [
            ("BOLT,HEX,M8X40,ZINC", Some("1")),
            ("BLT HEX M10X40 ZN", Some("2")),
            ("hose garden 25m", Some("4")),
            ("GRDN HOSE GRN", Some("4")),
            ("hex nut m8", Some("3")),
            ("WSHR FLT GALV 1/2", Some("5")),
            ("flat wahser galvanized", Some("5")),
            ("SCRW WD CSK 2.5", Some("6")),
            ("woodscrew 7", None),
            ("zinc", None),
            ("lawn mower", None),
            ("x", None),
            ("", None),
        ] {
            let found = like(&known, text, 3);
            assert_eq!(found.first().map(|(item, _)| item.as_str()), best, "{text}: {found:?}");
        }
        assert_eq!(like(&known, "Hex nut M8 zinc", 1), [("3".to_owned(), 1000)]);
        assert!(like(&Descriptions::default(), "hex", 3).is_empty());
    }

    #[test]
    fn words_are_cut_between_letters_and_digits_and_fractions_stay_whole() {
        for (text, expected) in [
            ("M8X40", "40 8 m x"),
            ("1/2 in, 2.5in", "1/2 2.5 in"),
            ("A/B 3. x", "3 a b x"),
            ("Ölfilter-Ä", "ä ölfilter"),
            ("...", ""),
        ] {
            assert_eq!(words(text).into_iter().collect::<Vec<_>>().join(" "), expected, "{text}");
        }
        let many: String = (0..1000).map(|number| format!("a{number} ")).collect();
        assert_eq!(words(&many).len(), WORDS_MAX);
    }

    #[test]
    fn sizes_differ_where_each_has_a_number_that_the_other_has_not() {
        for (theirs, ours, differ) in [
            ("bolt M8 x 40", "bolt M10 x 40", Some(("8", "10"))),
            ("bolt 8", "bolt M8 x 40", None),
            ("bolt", "bolt 8", None),
            ("hose 1/2 x 50", "hose 3/4 x 25", Some(("1/2, 50", "25, 3/4"))),
        ] {
            let differ = differ.map(|(theirs, ours): (&str, &str)| (theirs.to_owned(), ours.to_owned()));
            assert_eq!(other_sizes(theirs, ours), differ, "{theirs} {ours}");
        }
    }

    proptest! {
        /// What is left out of the search could not have had enough in common.
        #[test]
        fn the_search_finds_what_comparing_with_every_item_finds(
            texts in proptest::collection::vec("[a-d1-3]{1,4}( [a-d1-3]{1,3}){0,4}", 1..12),
            asked in "[a-d1-3]{1,4}( [a-d1-3]{1,3}){0,4}",
        ) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let known = known(&texts);
            let spoken = known.spoken(&asked);
            let mut expected: Vec<(String, u32)> = (1..)
                .zip(&texts)
                .filter_map(|(item, text): (u32, &&str)| Some((item.to_string(), known.share(&spoken, text)?)))
                .filter(|(_, share)| u64::from(*share) >= COMMON_MIN)
                .collect();
            expected.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            prop_assert_eq!(like(&known, &asked, 100), expected);
        }
    }
}
