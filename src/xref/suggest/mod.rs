//! What a customer's number that leads nowhere may mean: candidates with their evidence, scored, for a person to sign.
//!
//! Each piece of evidence has a weight in thousandths; what speaks for an item takes its share of the doubt that the others left,
//! 1 − ∏(1 − weight), and what speaks against it takes its share of that. All in whole numbers, so that every machine gives the same.
//! Evidence of one kind counts once, at its strongest. A price or a pack alone makes no candidate. Evidence that fits several
//! items as well is divided by their number.
//!
//! - [`asked`]: the questions, the rows of the cross-reference that they need to see, the answers
//! - `case`: what is found for one question, in words
//! - [`catalogue`]: our items by all that a customer's line may name them by
//! - [`descriptions`], [`numbers`]: what is alike

pub mod asked;
pub mod catalogue;
pub mod descriptions;
pub mod numbers;

mod case;

use crate::domain::Text;
use std::collections::BTreeMap;

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
    /// A number that is one edit, or a few letters at an end, away.
    Edit,
    Description,
    Price,
    Pack,
    /// A barcode number of the line is not the item's.
    OtherGtin,
    /// The sizes in the descriptions differ.
    OtherSizes,
    /// The descriptions have little in common, or that of another item has more.
    OtherWords,
    OtherPrice,
}

impl Kind {
    /// Whether it may only speak for an item that something else has named.
    fn only_supports(self) -> bool {
        matches!(self, Self::Price | Self::Pack)
    }

    /// Whether it speaks against the item.
    pub fn doubts(self) -> bool {
        self >= Self::OtherGtin
    }
}

/// The weights of evidence, in thousandths. Tuned on one half of a set with known truth and measured on the other:
/// benches/README.md has the figures, DECISIONS.md the reasons.
pub mod weight {
    pub const SAME_GTIN: u32 = 900;
    /// The GTIN of a case of it: the same body under another first digit.
    pub const CASE_GTIN: u32 = 600;
    pub const VENDOR: u32 = 700;
    pub const VENDOR_WRITING: u32 = 600;
    /// Another number of the line is our item number; in another writing; has it in it.
    pub const OUR_NUMBER: u32 = 700;
    pub const OUR_NUMBER_WRITING: u32 = 500;
    pub const OUR_NUMBER_WITHIN: u32 = 400;
    /// The customer's own row, which did not hold for the line: another unit, qualifier or time, or ended.
    pub const OWN: u32 = 700;
    pub const OTHER_SHIP_TO: u32 = 800;
    pub const GROUP: u32 = 700;
    pub const OTHER_CUSTOMER: u32 = 450;
    pub const WRITING: u32 = 750;
    pub const WRITING_ELSEWHERE: u32 = 400;
    /// What a spreadsheet has rounded.
    pub const ROUNDED: u32 = 600;
    pub const EDIT: u32 = 350;
    /// A few letters more or less at one end.
    pub const ENDS: u32 = 350;
    /// Of descriptions that have all words in common; fewer give less.
    pub const DESCRIPTION: u32 = 700;
    pub const PRICE_NEAR: u32 = 250;
    pub const PRICE_ROUGH: u32 = 100;
    pub const PACK: u32 = 150;
    pub const OTHER_GTIN: u32 = 450;
    pub const OTHER_SIZES: u32 = 450;
    /// Of descriptions that have nothing in common.
    pub const OTHER_WORDS: u32 = 800;
    pub const OTHER_PRICE: u32 = 350;
}

/// One reason to think of an item, or to doubt it.
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
    /// The item's own.
    pub description: Text,
    /// Thousandths.
    pub score: u32,
    /// In words: what speaks for it, the strongest first, then what speaks against it.
    pub evidence: Vec<String>,
}

/// What speaks for and against each item.
#[derive(Debug, Clone, Default)]
pub struct Candidates {
    items: BTreeMap<Text, BTreeMap<Kind, Evidence>>,
}

impl Candidates {
    pub fn add(&mut self, item: &Text, evidence: Evidence) {
        let kinds = self.items.entry(item.clone()).or_default();
        match kinds.get(&evidence.kind) {
            Some(known) if (known.weight, &evidence.words) >= (evidence.weight, &known.words) => {}
            _ => {
                kinds.insert(evidence.kind, evidence);
            }
        }
    }

    /// The items that something speaks for so far, in order.
    pub fn items(&self) -> Vec<Text> {
        self.items.keys().cloned().collect()
    }

    /// Whether something that names items speaks for this one, besides its description.
    pub fn is_named(&self, item: &str) -> bool {
        let named = |kind: &Kind| !kind.only_supports() && !kind.doubts() && *kind != Kind::Description;
        self.items.get(item).is_some_and(|kinds| kinds.keys().any(named))
    }

    /// The best first; of equal scores by item.
    pub fn ranked(self, most: usize) -> Vec<Suggestion> {
        let named = self.items.into_iter().filter(|(_, kinds)| {
            kinds
                .iter()
                .any(|(kind, evidence)| !kind.only_supports() && !kind.doubts() && evidence.weight > 0)
        });
        let mut all: Vec<Suggestion> = named
            .map(|(item, kinds)| {
                let mut evidence: Vec<Evidence> =
                    kinds.into_values().filter(|evidence| evidence.weight > 0).collect();
                evidence.sort_by(|a, b| {
                    let key = |evidence: &Evidence| {
                        (evidence.kind.doubts(), std::cmp::Reverse(evidence.weight), evidence.kind)
                    };
                    key(a).cmp(&key(b))
                });
                Suggestion {
                    item,
                    description: Text::default(),
                    score: score(&evidence),
                    evidence: evidence.into_iter().map(|evidence| evidence.words).collect(),
                }
            })
            .collect();
        all.sort_by(|a, b| b.score.cmp(&a.score).then_with(|| a.item.cmp(&b.item)));
        all.truncate(most);
        all
    }
}

/// In thousandths, rounded down; never 1000.
fn score(evidence: &[Evidence]) -> u32 {
    let left = |doubts: bool| {
        evidence
            .iter()
            .filter(|evidence| evidence.kind.doubts() == doubts)
            .fold(1_000_000_000u64, |left, evidence| {
                left.saturating_mul(u64::from(1000u32.saturating_sub(evidence.weight))) / 1000
            })
    };
    let spoken_for = (1_000_000_000 - left(false)) / 1_000;
    u32::try_from(spoken_for * (left(true) / 1_000) / 1_000_000_000).unwrap_or(0).min(999)
}

#[cfg(test)]
mod tests {
    use super::*;

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
            (&[(Kind::Gtin, 900), (Kind::OtherPrice, 500)], Some(450)),
            (&[(Kind::Gtin, 900), (Kind::OtherPrice, 500), (Kind::OtherSizes, 500)], Some(225)),
            (&[(Kind::Gtin, 900), (Kind::OtherPrice, 1000)], Some(0)),
            (&[(Kind::Price, 250), (Kind::Pack, 150)], None),
            (&[(Kind::Price, 250), (Kind::OtherPrice, 150)], None),
            (&[(Kind::Edit, 0), (Kind::Price, 250)], None),
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
        for (item, kind, weight) in [
            ("C", Kind::Edit, 350),
            ("B", Kind::Edit, 350),
            ("A", Kind::Price, 250),
            ("D", Kind::OtherPrice, 200),
            ("D", Kind::Gtin, 900),
        ] {
            candidates.add(&item.into(), evidence(kind, weight));
        }
        candidates.add(&"D".into(), evidence(Kind::Vendor, 100));
        let ranked = candidates.ranked(2);
        let named: Vec<&str> = ranked.iter().map(|suggestion| suggestion.item.as_str()).collect();
        assert_eq!(named, ["D", "B"]);
        assert_eq!(ranked[0].evidence, ["Gtin 900", "Vendor 100", "OtherPrice 200"]);
    }

    #[test]
    fn the_same_evidence_in_another_order_gives_the_same() {
        let all = [("b", Kind::Edit), ("a", Kind::Edit), ("c", Kind::Gtin)];
        let with = |order: &[usize]| {
            let mut candidates = Candidates::default();
            for place in order {
                let (words, kind) = all[*place];
                candidates.add(&"X".into(), Evidence { kind, weight: 300, words: words.into() });
            }
            candidates.ranked(1)
        };
        assert_eq!(with(&[0, 1, 2]), with(&[2, 1, 0]));
        assert_eq!(with(&[1, 2, 0])[0].evidence, ["c", "a"]);
    }
}
