//! How good suggestions are: precision and recall by kind of cause, and how often a score is right.

use super::Truth;
use super::causes::Kind;
use itembridge::domain::{Date, Text};
use itembridge::xref::suggest::Suggestion;
use itembridge::xref::suggest::asked::Asked;
use itembridge::xref::suggest::catalogue::Catalogue;
use std::collections::BTreeMap;

const TODAY: Date = jiff::civil::date(2026, 11, 20);

/// Of one kind of cause, or of all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub causes: u32,
    /// Causes whose number is an item of ours.
    pub ours: u32,
    /// Causes with a suggestion.
    pub suggested: u32,
    /// The first is right; one of the first three is.
    pub first: u32,
    pub third: u32,
    /// The first suggestion has a score of 0.5 or more; of these, it is right.
    pub bold: u32,
    pub bold_right: u32,
}

/// What was measured.
#[derive(Debug, Default)]
pub struct Measured {
    pub kinds: BTreeMap<Kind, Tally>,
    pub all: Tally,
    /// First suggestions by the tenth of their score: how many, and how many are right.
    pub bands: [(u32, u32); 10],
}

/// `part` of `whole` in tenths of a percent.
pub fn permille(part: u32, whole: u32) -> u32 {
    (u64::from(part) * 1000).checked_div(u64::from(whole)).unwrap_or(0).try_into().unwrap()
}

/// The suggestions for each cause.
pub fn suggested(truth: &Truth) -> Vec<Vec<Suggestion>> {
    let masters = itembridge::domain::item::Masters { xrefs: Vec::new(), ..truth.masters.clone() };
    let catalogue = Catalogue::new(masters);
    let questions = truth.causes.iter().map(|cause| cause.question.clone()).collect();
    let mut asked = Asked::new(&catalogue, questions, TODAY);
    for row in &truth.masters.xrefs {
        asked.row(row);
    }
    asked.answers(3, 0)
}

impl Measured {
    pub fn new(truth: &Truth, suggested: &[Vec<Suggestion>]) -> Self {
        let mut measured = Self::default();
        for (cause, found) in truth.causes.iter().zip(suggested) {
            let right = |item: &Text| cause.item.as_ref() == Some(item);
            let first = found.first();
            let is_right = first.is_some_and(|first| right(&first.item));
            let bold = first.is_some_and(|first| first.score >= 500);
            let tally = Tally {
                causes: 1,
                ours: u32::from(cause.item.is_some()),
                suggested: u32::from(first.is_some()),
                first: u32::from(is_right),
                third: u32::from(found.iter().take(3).any(|found| right(&found.item))),
                bold: u32::from(bold),
                bold_right: u32::from(bold && is_right),
            };
            measured.all.add(tally);
            measured.kinds.entry(cause.kind).or_default().add(tally);
            if let Some(first) = first {
                let band = &mut measured.bands[(first.score / 100).min(9) as usize];
                band.0 += 1;
                band.1 += u32::from(is_right);
            }
        }
        measured
    }

    /// Takes what was measured on another set too.
    pub fn add(&mut self, other: &Self) {
        self.all.add(other.all);
        for (kind, tally) in &other.kinds {
            self.kinds.entry(*kind).or_default().add(*tally);
        }
        for (band, more) in self.bands.iter_mut().zip(other.bands) {
            *band = (band.0 + more.0, band.1 + more.1);
        }
    }

    /// Tables in Markdown.
    pub fn table(&self) -> String {
        let percent = |part, whole| match whole {
            0 => String::new(),
            _ => format!("{}.{}", permille(part, whole) / 10, permille(part, whole) % 10),
        };
        let mut out = String::from(
            "| kind | causes | suggested | precision@1 | recall@1 | recall@3 | score 0.5 and more | right of these |\n\
             |---|---|---|---|---|---|---|---|\n",
        );
        let kinds = self.kinds.iter().map(|(kind, tally)| (kind.words(), tally));
        for (words, tally) in kinds.chain([("**all**", &self.all)]) {
            let cells = [
                tally.causes.to_string(),
                tally.suggested.to_string(),
                percent(tally.first, tally.suggested),
                percent(tally.first, tally.ours),
                percent(tally.third, tally.ours),
                tally.bold.to_string(),
                percent(tally.bold_right, tally.bold),
            ];
            out += &format!("| {words} | {} |\n", cells.join(" | "));
        }
        out += "\n| score | first suggestions | right |\n|---|---|---|\n";
        for (tenth, (count, right)) in self.bands.iter().enumerate().rev() {
            out += &format!("| 0.{tenth} | {count} | {} |\n", percent(*right, *count));
        }
        out
    }
}

impl Tally {
    fn add(&mut self, one: Self) {
        self.causes += one.causes;
        self.ours += one.ours;
        self.suggested += one.suggested;
        self.first += one.first;
        self.third += one.third;
        self.bold += one.bold;
        self.bold_right += one.bold_right;
    }
}
