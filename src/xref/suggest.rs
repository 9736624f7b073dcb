//! What a customer's number that leads nowhere may mean: candidates with their evidence, scored, for a person to sign.
//!
//! Each piece of evidence has a weight in thousandths; a candidate's score is what remains when each takes its share of the
//! doubt that the others left: 1 − ∏(1 − weight), computed in whole numbers so that every machine gives the same. Evidence of one kind
//! counts once, at its strongest. A price or a pack alone makes no candidate.

use crate::domain::Text;
use crate::xref::forms::widest;
use hashbrown::HashMap;
use std::collections::{BTreeMap, BTreeSet};

/// What a piece of evidence is; of each kind the strongest counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A barcode number of the line.
    Gtin,
    /// A vendor number of the line, which is our own item number.
    Vendor,
    /// Whom this very number means the item for.
    Mapped,
    /// A number that is this one in another writing.
    Writing,
    /// A number that is one edit away.
    Edit,
    Description,
    Price,
    Pack,
}

impl Kind {
    /// Whether it may only speak for an item that something else has named.
    fn only_supports(self) -> bool {
        matches!(self, Self::Price | Self::Pack)
    }
}

/// The weights of evidence, in thousandths.
pub mod weight {
    pub const SAME_GTIN: u32 = 900;
    /// The GTIN of a case of it: the same body under another first digit.
    pub const CASE_GTIN: u32 = 600;
    pub const VENDOR: u32 = 850;
    pub const VENDOR_WRITING: u32 = 700;
    /// The customer's own row, which did not hold for the line: another unit, qualifier or time, or ended.
    pub const OWN: u32 = 700;
    pub const OTHER_SHIP_TO: u32 = 800;
    pub const GROUP: u32 = 700;
    pub const OTHER_CUSTOMER: u32 = 450;
    pub const WRITING: u32 = 750;
    pub const WRITING_ELSEWHERE: u32 = 400;
    pub const EDIT: u32 = 350;
    /// Of descriptions that have all words in common; fewer give as much less.
    pub const DESCRIPTION: u32 = 650;
    pub const PRICE_NEAR: u32 = 250;
    pub const PRICE_ROUGH: u32 = 100;
    pub const PACK: u32 = 150;
}

/// One reason to think of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    pub kind: Kind,
    /// Thousandths, below 1000.
    pub weight: u32,
    /// For a person.
    pub words: String,
}

/// An item that a number may mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    pub item: Text,
    /// Thousandths.
    pub score: u32,
    /// The strongest first.
    pub evidence: Vec<String>,
}

/// What speaks for each item.
#[derive(Debug, Default)]
pub struct Candidates {
    items: BTreeMap<Text, BTreeMap<Kind, Evidence>>,
}

impl Candidates {
    pub fn add(&mut self, item: &Text, evidence: Evidence) {
        let kinds = self.items.entry(item.clone()).or_default();
        match kinds.get(&evidence.kind) {
            Some(known) if known.weight >= evidence.weight => {}
            _ => {
                kinds.insert(evidence.kind, evidence);
            }
        }
    }

    /// The items that something speaks for so far, in order.
    pub fn items(&self) -> Vec<Text> {
        self.items.keys().cloned().collect()
    }

    /// The best first; of equal scores by item.
    pub fn ranked(self, most: usize) -> Vec<Suggestion> {
        let named =
            self.items.into_iter().filter(|(_, kinds)| kinds.keys().any(|kind| !kind.only_supports()));
        let mut all: Vec<Suggestion> = named
            .map(|(item, kinds)| {
                let mut evidence: Vec<Evidence> = kinds.into_values().collect();
                evidence.sort_by(|a, b| b.weight.cmp(&a.weight).then(a.kind.cmp(&b.kind)));
                Suggestion {
                    item,
                    score: score(evidence.iter().map(|evidence| evidence.weight)),
                    evidence: evidence.into_iter().map(|evidence| evidence.words).collect(),
                }
            })
            .collect();
        all.sort_by(|a, b| b.score.cmp(&a.score).then_with(|| a.item.cmp(&b.item)));
        all.truncate(most);
        all
    }
}

/// 1 − ∏(1 − weight), in thousandths, rounded down; never 1000.
fn score(weights: impl Iterator<Item = u32>) -> u32 {
    let doubt = weights.fold(1_000_000_000u64, |doubt, weight| {
        doubt.saturating_mul(u64::from(1000u32.saturating_sub(weight))) / 1000
    });
    u32::try_from((1_000_000_000 - doubt) / 1_000_000).unwrap_or(0).min(999)
}

/// Whether one letter too many, too few, another, or two that changed places make the one number of the other.
pub fn one_edit(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let (short, long) = if a.len() <= b.len() { (&a, &b) } else { (&b, &a) };
    if long.len() - short.len() > 1 || short == long {
        return false;
    }
    let same = short.iter().zip(long).take_while(|(a, b)| a == b).count();
    let rest = |number: &[char], from: usize| number.get(from..).unwrap_or_default().to_vec();
    if long.len() > short.len() {
        return rest(short, same) == rest(long, same + 1);
    }
    let swapped = short.get(same) == long.get(same + 1) && short.get(same + 1) == long.get(same);
    rest(short, same + 1) == rest(long, same + 1)
        || (swapped && same + 1 < short.len() && rest(short, same + 2) == rest(long, same + 2))
}

/// The number and all that it is with one letter left out: two numbers that are one edit apart have one of these in common.
pub fn shortened(number: &str) -> BTreeSet<String> {
    let mut all: BTreeSet<String> = number
        .char_indices()
        .map(|(at, letter)| {
            let (before, after) = number.split_at(at);
            format!("{before}{}", after.get(letter.len_utf8()..).unwrap_or_default())
        })
        .collect();
    all.insert(number.to_owned());
    all
}

/// The number without what is written differently by habit: in small letters, without hyphens, blanks, points, slashes and
/// leading zeros.
pub fn form(number: &str) -> String {
    let mut form = String::new();
    widest(number, &mut form);
    form
}

/// Words of a description: runs of letters and of digits, in small letters.
pub fn words(text: &str) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    let mut word = String::new();
    let mut digits = false;
    for letter in text.chars().chain([' ']) {
        if !word.is_empty() && (!letter.is_alphanumeric() || letter.is_ascii_digit() != digits) {
            words.insert(std::mem::take(&mut word));
        }
        if letter.is_alphanumeric() {
            digits = letter.is_ascii_digit();
            word.extend(letter.to_lowercase());
        }
    }
    words
}

/// Descriptions by their words. A rare word says more than a common one.
#[derive(Debug, Default)]
pub struct Descriptions {
    /// Items by their place, with the weights of their words.
    items: Vec<(Text, u64)>,
    /// Of each word its weight, and the places that have it.
    words: HashMap<String, (u64, Vec<u32>)>,
}

/// Words that more items have are no way to find one.
const WORD_ITEMS_MAX: usize = 5_000;

/// Less in common, in thousandths, is chance.
const COMMON_MIN: u64 = 450;

impl Descriptions {
    pub fn new<'i>(items: impl IntoIterator<Item = (&'i Text, &'i Text)>) -> Self {
        let mut all = Self::default();
        let mut spoken = Vec::new();
        for (item, description) in items {
            let words = words(description);
            let Ok(place) = u32::try_from(all.items.len()) else { break };
            for word in &words {
                all.words.entry_ref(word.as_str()).or_default().1.push(place);
            }
            all.items.push((item.clone(), 0));
            spoken.push(words);
        }
        let count = all.items.len() as u64;
        for (weight, places) in all.words.values_mut() {
            // twice the bits of how seldom it is: a logarithm without floating point
            let seldom = (count + 1) / (places.len() as u64).max(1);
            *weight = 1 + 2 * u64::from(seldom.max(1).ilog2());
        }
        for (item, words) in all.items.iter_mut().zip(spoken) {
            item.1 = words.iter().filter_map(|word| all.words.get(word)).map(|(weight, _)| *weight).sum();
        }
        all
    }

    /// The items whose descriptions have most in common with this one, with how much in thousandths: the weight of the words that
    /// both have, of the words that either has. The most first, then by item.
    pub fn like(&self, description: &str, most: usize) -> Vec<(&Text, u32)> {
        let words = words(description);
        // a word that no item has weighs as much as one that a single item has
        let unknown = 1 + 2 * u64::from((self.items.len() as u64 + 1).ilog2());
        let mut total = 0u64;
        let mut common: BTreeMap<u32, u64> = BTreeMap::new();
        let mut frequent = Vec::new();
        for word in &words {
            let Some((weight, places)) = self.words.get(word) else {
                total += unknown;
                continue;
            };
            total += weight;
            if places.len() > WORD_ITEMS_MAX {
                frequent.push((weight, places));
                continue;
            }
            for place in places {
                *common.entry(*place).or_default() += weight;
            }
        }
        for (weight, places) in frequent {
            for (place, sum) in &mut common {
                if places.binary_search(place).is_ok() {
                    *sum += weight;
                }
            }
        }
        let mut found: Vec<(&Text, u32)> = common
            .into_iter()
            .filter_map(|(place, common)| {
                let (item, own) = self.items.get(place as usize)?;
                let either = (own + total).saturating_sub(common).max(1);
                let share = common * 1000 / either;
                (share >= COMMON_MIN).then(|| (item, u32::try_from(share).unwrap_or(1000)))
            })
            .collect();
        found.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        found.truncate(most);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn evidence(kind: Kind, weight: u32) -> Evidence {
        Evidence { kind, weight, words: format!("{kind:?} {weight}") }
    }

    #[test]
    fn each_kind_of_evidence_takes_its_share_of_the_doubt_once() {
        for (given, expected) in [
            (&[(Kind::Gtin, 900)][..], Some(900)),
            (&[(Kind::Gtin, 900), (Kind::Vendor, 850)], Some(985)),
            (&[(Kind::Mapped, 450), (Kind::Mapped, 800), (Kind::Mapped, 700)], Some(800)),
            (&[(Kind::Edit, 350), (Kind::Price, 250)], Some(512)),
            (&[(Kind::Price, 250), (Kind::Pack, 150)], None),
            (&[(Kind::Gtin, 999), (Kind::Vendor, 999), (Kind::Mapped, 999)], Some(999)),
            (&[], None),
        ] {
            let mut candidates = Candidates::default();
            for (kind, weight) in given {
                candidates.add(&"X".into(), evidence(*kind, *weight));
            }
            let ranked = candidates.ranked(5);
            assert_eq!(ranked.first().map(|best| best.score), expected, "{given:?}");
        }
    }

    #[test]
    fn the_best_comes_first_with_its_strongest_reason_and_equals_by_item() {
        let mut candidates = Candidates::default();
        for (item, kind, weight) in
            [("C", Kind::Edit, 350), ("B", Kind::Edit, 350), ("A", Kind::Price, 250), ("D", Kind::Gtin, 900)]
        {
            candidates.add(&item.into(), evidence(kind, weight));
        }
        candidates.add(&"D".into(), evidence(Kind::Vendor, 100));
        let ranked = candidates.ranked(2);
        let named: Vec<&str> = ranked.iter().map(|suggestion| suggestion.item.as_str()).collect();
        assert_eq!(named, ["D", "B"]);
        assert_eq!(ranked[0].evidence, ["Gtin 900", "Vendor 100"]);
    }

    #[test]
    fn one_edit_is_a_letter_more_less_other_or_swapped() {
        for (a, b, one) in [
            ("4711", "4711", false),
            ("4711", "471", true),
            ("4711", "47x11", true),
            ("4711", "4712", true),
            ("4711", "7411", true),
            ("4711", "4171", true),
            ("4711", "1174", false),
            ("4711", "47", false),
            ("4711", "4822", false),
            ("ab", "ba", true),
            ("", "a", true),
            ("ä1", "a1", true),
        ] {
            assert_eq!((one_edit(a, b), one_edit(b, a)), (one, one), "{a} {b}");
        }
    }

    #[test]
    fn descriptions_are_alike_by_their_rare_words() {
        let items: Vec<(Text, Text)> = [
            ("1", "Hex bolt M8 x 40 zinc"),
            ("2", "Hex bolt M10 x 40 zinc"),
            ("3", "Hex nut M8 zinc"),
            ("4", "Garden hose 25 m"),
            ("5", "Washer zinc"),
        ]
        .map(|(item, text)| (item.into(), text.into()))
        .to_vec();
        let known = Descriptions::new(items.iter().map(|(item, text)| (item, text)));
        for (text, best) in [
            ("BOLT,HEX,M8X40,ZINC", Some("1")),
            ("hose garden 25m", Some("4")),
            ("hex nut m8", Some("3")),
            ("zinc", None),
            ("lawn mower", None),
            ("", None),
        ] {
            let found = known.like(text, 3);
            assert_eq!(found.first().map(|(item, _)| item.as_str()), best, "{text}: {found:?}");
        }
        assert_eq!(known.like("Hex nut M8 zinc", 1), [(&Text::from("3"), 1000)]);
        assert!(Descriptions::default().like("hex", 3).is_empty());
    }

    proptest! {
        #[test]
        fn numbers_one_edit_apart_share_a_shortened_form(a in "[ab1]{0,5}", b in "[ab1]{0,5}") {
            if one_edit(&a, &b) && a.len() != b.len() {
                prop_assert!(shortened(&a).intersection(&shortened(&b)).next().is_some());
            }
            if one_edit(&a, &b) {
                prop_assert!(shortened(&a).iter().any(|short| shortened(&b).contains(short)));
            }
            prop_assert_eq!(one_edit(&a, &b), one_edit(&b, &a));
        }

        #[test]
        fn what_is_alike_is_at_most_the_same(a in "[abc ]{0,12}", b in "[abc ]{0,12}") {
            let item = Text::from("X");
            let (a, b) = (Text::from(a), Text::from(b));
            let known = Descriptions::new([(&item, &a)]);
            for (_, share) in known.like(&b, 1) {
                prop_assert!(share <= 1000);
                prop_assert_eq!(share == 1000, words(&a) == words(&b));
            }
        }
    }
}
