//! One question: what our items and the rows of the cross-reference say to it, in words.

use crate::domain::gtin::{EightDigits, Gtin, is_gtin_qualifier, readings};
use crate::domain::item::{Item, Xref, XrefScope};
use crate::domain::order::ItemNumber;
use crate::domain::resolution::LineOutcome;
use crate::domain::{Date, Decimal, Text};
use crate::xref::import::lost_zeros;
use crate::xref::suggest::asked::Question;
use crate::xref::suggest::catalogue::{Catalogue, body, gtins};
use crate::xref::suggest::descriptions::{COMMON_MIN, other_sizes};
use crate::xref::suggest::numbers::{Spoilt, added, form, is_rounded_to, one_edit, parts, spoilt};
use crate::xref::suggest::{Candidates, Evidence, Kind, weight};
use std::collections::{BTreeMap, BTreeSet};

/// So many items are compared by their description.
const DESCRIPTIONS_MAX: usize = 12;

/// Descriptions whose shares differ by no more thousandths fit as well.
const AS_WELL: u32 = 40;

/// Descriptions that have less in common, in thousandths, are of different things.
const LITTLE: u32 = 250;

/// So many rows that are near a number are kept.
const NEAR_MAX: usize = 500;

/// What is found for one question.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) question: Question,
    pub(super) form: String,
    spoilt: Option<Spoilt>,
    pub(super) candidates: Candidates,
    /// Numbers that are near this one, with the item that each is sold as, the weight and how they differ in words.
    near: BTreeMap<(Text, Text), (u32, String)>,
    /// What the best descriptions have in common with this one, the most first.
    shares: Vec<u32>,
    /// What this number is at strangers: by item the weight and the words.
    elsewhere: BTreeMap<Text, (u32, String)>,
}

impl Case {
    /// With what our items say.
    pub(super) fn new(catalogue: &Catalogue, question: Question) -> Self {
        let number = question.number.value.trim();
        let mut case = Self {
            form: form(number),
            spoilt: spoilt(number),
            candidates: Candidates::default(),
            near: BTreeMap::new(),
            shares: Vec::new(),
            elsewhere: BTreeMap::new(),
            question,
        };
        case.by_numbers(catalogue);
        case.by_description(catalogue);
        case
    }

    /// The number, and what it was before a spreadsheet rewrote it.
    pub(super) fn writings(&self) -> Vec<Text> {
        let mut all = vec![Text::from(self.question.number.value.trim())];
        if let Some(Spoilt::Rewritten(others)) = &self.spoilt {
            all.extend(others.iter().map(Text::from));
        }
        all
    }

    pub(super) fn is_rounded(&self) -> bool {
        matches!(self.spoilt, Some(Spoilt::Rounded { .. }))
    }

    /// Speaks for the item that is sold in the place of this one.
    fn add(&mut self, catalogue: &Catalogue, item: &str, kind: Kind, weight: u32, words: String) {
        let Some(end) = catalogue.sold(item) else { return };
        let words = words + &replaced(item, end);
        self.candidates.add(&end.into(), Evidence { kind, weight, words });
    }

    fn is_ours(&self, qualifier: &str) -> bool {
        self.question.vendor_qualifiers.contains(qualifier)
    }

    fn by_numbers(&mut self, catalogue: &Catalogue) {
        for ItemNumber { qualifier, value } in self.question.numbers.clone() {
            if is_gtin_qualifier(&qualifier) {
                self.by_gtin(catalogue, &qualifier, &value);
                continue;
            }
            let ours = self.is_ours(&qualifier);
            for item in catalogue.of_number(&value) {
                let (weight, words) = match (ours, *item == value) {
                    (true, true) => (weight::VENDOR, format!("{qualifier} {value} of the line is our item")),
                    (true, false) => (
                        weight::VENDOR_WRITING,
                        format!("{qualifier} {value} of the line is our item {item} written otherwise"),
                    ),
                    (false, true) => (
                        weight::OUR_NUMBER,
                        format!("{qualifier} {value} of the line is our own number for it"),
                    ),
                    (false, false) => (
                        weight::OUR_NUMBER_WRITING,
                        format!("{qualifier} {value} of the line is like our item {item}"),
                    ),
                };
                self.add(catalogue, item, Kind::Vendor, weight, words);
            }
            if !ours {
                for part in parts(&value) {
                    for item in catalogue.of_number(part) {
                        let words = format!("{qualifier} {value} of the line has our number {item} in it");
                        self.add(catalogue, item, Kind::Vendor, weight::OUR_NUMBER_WITHIN, words);
                    }
                }
            }
            // twelve digits and more that prove are no chance
            if value.len() >= 12 {
                self.by_gtin(catalogue, &qualifier, &value);
            }
        }
    }

    fn by_gtin(&mut self, catalogue: &Catalogue, qualifier: &str, value: &str) {
        for gtin in gtins_of(qualifier, value) {
            for item in catalogue.of_gtin(gtin) {
                let words = format!("{qualifier} {value} of the line is the GTIN of {item}");
                self.add(catalogue, item, Kind::Gtin, weight::SAME_GTIN, words);
            }
            for item in catalogue.of_packing(gtin) {
                let words = format!("{qualifier} {value} of the line is the GTIN of a packing of {item}");
                self.add(catalogue, item, Kind::Gtin, weight::CASE_GTIN, words);
            }
        }
    }

    /// The items whose descriptions are most like this one.
    fn by_description(&mut self, catalogue: &Catalogue) {
        let spoken = catalogue.descriptions.spoken(&self.question.description);
        let found = catalogue.descriptions.like(&spoken, DESCRIPTIONS_MAX);
        self.shares = found.iter().map(|alike| alike.share).collect();
        for alike in found {
            let Some(end) = catalogue.sold(alike.item) else { continue };
            let words = Evidence { kind: Kind::Description, weight: 0, words: String::new() };
            self.candidates.add(&end.into(), words);
        }
    }

    /// What the description says for and against each item that something has named.
    fn weigh_descriptions(&mut self, catalogue: &Catalogue) {
        let spoken = catalogue.descriptions.spoken(&self.question.description);
        for name in self.candidates.items() {
            let Some(item) = catalogue.item(&name) else { continue };
            let Some(share) = catalogue.descriptions.share(&spoken, &item.description) else { continue };
            let ours = &item.description;
            if u64::from(share) >= COMMON_MIN {
                let mut words = format!("its description has {} % in common: {ours}", share / 10);
                let mut weight = weight::DESCRIPTION * share / 1000;
                let rivals = self.shares.iter().filter(|other| **other + AS_WELL >= share).count();
                // what something else names is not one of many
                if let Some(others) = u32::try_from(rivals).ok().filter(|rivals| *rivals > 1)
                    && !self.candidates.is_named(&name)
                {
                    words += &format!(", as those of {}", other_items(others - 1));
                    weight /= others;
                }
                self.candidates.add(&name, Evidence { kind: Kind::Description, weight, words });
            }
            let best = self.shares.first().copied().unwrap_or_default().max(LITTLE);
            if share + AS_WELL < best {
                let words = if share < LITTLE {
                    format!("but the descriptions have little in common: {ours}")
                } else {
                    format!("but other descriptions fit better than {ours}")
                };
                let weight = weight::OTHER_WORDS * (best - share) / best;
                self.candidates.add(&name, Evidence { kind: Kind::OtherWords, weight, words });
            }
        }
    }

    /// A row for this number, or for what is this number in another writing.
    pub(super) fn same_number(&mut self, catalogue: &Catalogue, row: &Xref, end: &str, today: Date) {
        let (column, _) = row.scope.columns();
        let number = self.question.number.value.trim();
        let customer = &self.question.customer;
        let group = catalogue.group_column(customer);
        let own = *customer == *column || group.is_some_and(|group| *group == *column) || column == "*";
        let item = &row.item;
        if row.customer_item != number {
            let words = format!("{column} has {} for {item}: {}", row.customer_item, self.writing(row));
            if own {
                self.add(catalogue, item, Kind::Writing, weight::WRITING, words);
            } else {
                let words = words + &replaced(item, end);
                keep(&mut self.elsewhere, end.into(), weight::WRITING_ELSEWHERE, words);
            }
            return;
        }
        let (weight, words) = match &row.scope {
            XrefScope::ShipTo { ship_to, .. } if own => {
                (weight::OTHER_SHIP_TO, format!("mapped to {item} at ship-to {ship_to}"))
            }
            _ if own => (weight::OWN, format!("{column} has it for {item}, {}", self.why_not(row, today))),
            XrefScope::Customer(other) | XrefScope::ShipTo { customer: other, .. }
                if group.is_some() && catalogue.group_column(other) == group =>
            {
                (weight::GROUP, format!("mapped to {item} at {other} of the same group"))
            }
            _ => {
                let words = format!("mapped to {item} at {column}{}", replaced(item, end));
                keep(&mut self.elsewhere, end.into(), weight::OTHER_CUSTOMER, words);
                return;
            }
        };
        self.add(catalogue, item, Kind::Mapped, weight, words);
    }

    /// How a row's number is this one.
    fn writing(&self, row: &Xref) -> String {
        let number = self.question.number.value.trim();
        if self.spoilt.is_some() {
            format!("a spreadsheet makes {number} of it")
        } else if lost_zeros(number, &row.customer_item) {
            format!("{number} has lost its leading zeros")
        } else {
            format!("{number} written otherwise")
        }
    }

    /// Why a row of the customer's own for this number did not hold, or why the lines wait though it did.
    fn why_not(&self, row: &Xref, today: Date) -> String {
        let (unit, qualifier) = (&row.unit, &row.qualifier);
        match (row.valid_from, row.valid_to) {
            (_, Some(day)) if day < today => format!("but only up to {day}"),
            (Some(day), _) if day > today => format!("but only from {day} on"),
            _ if !unit.is_empty() && !self.question.units.contains(unit) => format!("but for unit {unit}"),
            _ if !qualifier.is_empty() && *qualifier != self.question.number.qualifier => {
                format!("but under {qualifier}")
            }
            _ => match self.question.outcome {
                None | Some(LineOutcome::Mapped) => "which holds already",
                Some(LineOutcome::Invalid) => "which holds: the lines wait for something else",
                Some(LineOutcome::Conflict) => "which another number of the lines contradicts",
                Some(LineOutcome::Ambiguous) => "which a row of the same standing contradicts",
                Some(LineOutcome::Unmapped) => "which did not hold for the lines",
            }
            .to_owned(),
        }
    }

    /// A row of the customer's or its group's whose number shares a key with this one.
    pub(super) fn near_number(&mut self, row: &Xref, end: &str, number: &str) {
        let (other, item) = (&row.customer_item, &row.item);
        let found = if one_edit(&self.form, number) {
            Some((weight::EDIT, format!("one letter from {other}, which is {item}")))
        } else {
            let more = if number.len() > self.form.len() { "less" } else { "more" };
            added(&self.form, number).map(|letters| {
                (weight::ENDS, format!("{other}, which is {item}, with {letters} {more} at one end"))
            })
        };
        let Some((weight, words)) = found else { return };
        let words = words + &replaced(item, end);
        keep(&mut self.near, (number.into(), end.into()), weight, words);
        if self.near.len() > NEAR_MAX {
            self.near.pop_last();
        }
    }

    /// A row of the customer's or its group's, whose number may be what a spreadsheet has rounded.
    pub(super) fn rounded_number(&mut self, row: &Xref, end: &str) {
        let Some(Spoilt::Rounded { first, length }) = &self.spoilt else { return };
        let number = row.customer_item.trim();
        if is_rounded_to(number, first, *length) {
            let words = format!(
                "a spreadsheet rounds {number}, which is {}, to it{}",
                row.item,
                replaced(&row.item, end)
            );
            keep(&mut self.near, (number.into(), end.into()), weight::ROUNDED, words);
            if self.near.len() > NEAR_MAX {
                self.near.pop_last();
            }
        }
    }

    /// All evidence.
    pub(super) fn answer(mut self, catalogue: &Catalogue) -> Candidates {
        self.by_near_numbers();
        self.by_strangers();
        self.weigh_descriptions(catalogue);
        for name in self.candidates.items() {
            let Some(item) = catalogue.item(&name) else { continue };
            self.by_price(catalogue, item);
            self.by_pack(catalogue, item);
            self.doubt_barcodes(item);
            self.doubt_sizes(item);
        }
        self.candidates
    }

    /// Numbers in a row are one letter from one another: of several, each says less.
    fn by_near_numbers(&mut self) {
        let near = std::mem::take(&mut self.near);
        let items: BTreeSet<&Text> = near.keys().map(|(_, item)| item).collect();
        let count = u32::try_from(items.len()).unwrap_or(u32::MAX).max(1);
        for ((_, item), (weight, mut words)) in near.clone() {
            if count > 1 {
                words += &format!(", as near as those of {}", other_items(count - 1));
            }
            self.candidates.add(&item, Evidence { kind: Kind::Edit, weight: weight / count, words });
        }
    }

    /// If strangers do not agree on the number, each says less.
    fn by_strangers(&mut self) {
        let elsewhere = std::mem::take(&mut self.elsewhere);
        let count = u32::try_from(elsewhere.len()).unwrap_or(u32::MAX).max(1);
        for (item, (weight, mut words)) in elsewhere {
            if count > 1 {
                words += &format!(", and to {} elsewhere", other_items(count - 1));
            }
            self.candidates.add(&item, Evidence { kind: Kind::Mapped, weight: weight / count, words });
        }
    }

    fn by_price(&mut self, catalogue: &Catalogue, item: &Item) {
        let mut far = None;
        for (unit, price) in &self.question.prices {
            let ours = item.price.zip(catalogue.factor(item, unit));
            let Some(ours) = ours.and_then(|(price, factor)| price.checked_mul(factor)) else { continue };
            if let Some((weight, percent)) = near(*price, ours) {
                let words = format!("the price is within {percent} % of ours");
                self.candidates.add(&item.item, Evidence { kind: Kind::Price, weight, words });
                return;
            }
            if is_far(*price, ours) {
                far = Some(format!("but the price is {}, ours {}", price.normalize(), ours.normalize()));
            }
        }
        if let Some(words) = far {
            let doubt = Evidence { kind: Kind::OtherPrice, weight: weight::OTHER_PRICE, words };
            self.candidates.add(&item.item, doubt);
        }
    }

    fn by_pack(&mut self, catalogue: &Catalogue, item: &Item) {
        for (unit, pack) in &self.question.packs {
            let pack: Option<Decimal> = pack.parse().ok();
            if pack.is_some_and(|pack| pack > Decimal::ONE && catalogue.factor(item, unit) == Some(pack)) {
                let words = format!("a {unit} of it has as many {}", item.unit);
                self.candidates.add(&item.item, Evidence { kind: Kind::Pack, weight: weight::PACK, words });
            }
        }
    }

    /// A barcode of the line that is not the item's, nor that of a packing of it.
    fn doubt_barcodes(&mut self, item: &Item) {
        let own: BTreeSet<String> = gtins(item).map(body).collect();
        for ItemNumber { qualifier, value } in &self.question.numbers {
            let mut theirs = gtins_of(qualifier, value).peekable();
            if own.is_empty()
                || !is_gtin_qualifier(qualifier)
                || theirs.peek().is_none()
                || theirs.any(|gtin| own.contains(&body(gtin)))
            {
                continue;
            }
            let words = format!("but {qualifier} {value} of the line is not its GTIN");
            let doubt = Evidence { kind: Kind::OtherGtin, weight: weight::OTHER_GTIN, words };
            self.candidates.add(&item.item, doubt);
        }
    }

    fn doubt_sizes(&mut self, item: &Item) {
        if let Some((theirs, ours)) = other_sizes(&self.question.description, &item.description) {
            let words = format!("but the descriptions differ in their numbers: {theirs} against {ours}");
            let doubt = Evidence { kind: Kind::OtherSizes, weight: weight::OTHER_SIZES, words };
            self.candidates.add(&item.item, doubt);
        }
    }
}

/// What is said of an item that another is sold in the place of.
fn replaced(item: &str, end: &str) -> String {
    if item == end { String::new() } else { format!(", whose place {end} takes") }
}

fn other_items(count: u32) -> String {
    if count == 1 { "1 other item".to_owned() } else { format!("{count} other items") }
}

/// Keeps the heaviest evidence for each, of equals the first by its words.
fn keep<K: Ord>(all: &mut BTreeMap<K, (u32, String)>, key: K, weight: u32, words: String) {
    match all.entry(key) {
        std::collections::btree_map::Entry::Vacant(place) => {
            place.insert((weight, words));
        }
        std::collections::btree_map::Entry::Occupied(mut place) => {
            let known = place.get();
            if weight > known.0 || (weight == known.0 && words < known.1) {
                place.insert((weight, words));
            }
        }
    }
}

/// What a number may be as a barcode, whatever its qualifier says of the number of digits.
fn gtins_of(qualifier: &str, value: &str) -> impl Iterator<Item = Gtin> {
    let qualifier = if is_gtin_qualifier(qualifier) { qualifier } else { "UP" };
    let readings = readings(qualifier, value, EightDigits::BothWays).ok();
    readings.into_iter().flat_map(|(first, second)| [Some(first), second]).flatten()
}

/// How near two prices are: the weight, and the percentage of ours by which they differ at most.
fn near(theirs: Decimal, ours: Decimal) -> Option<(u32, u32)> {
    let difference = theirs.checked_sub(ours)?.abs().checked_mul(Decimal::ONE_HUNDRED)?;
    let within = |percent: u32| {
        ours > Decimal::ZERO && ours.checked_mul(percent.into()).is_some_and(|most| difference <= most)
    };
    let steps = [(2, weight::PRICE_NEAR), (10, weight::PRICE_ROUGH)];
    steps.into_iter().find(|(percent, _)| within(*percent)).map(|(percent, weight)| (weight, percent))
}

/// Whether one price is more than half as much again as the other.
fn is_far(theirs: Decimal, ours: Decimal) -> bool {
    let half_more = |price: Decimal| price.checked_mul(Decimal::new(15, 1)).unwrap_or(Decimal::MAX);
    theirs > Decimal::ZERO && ours > Decimal::ZERO && (theirs > half_more(ours) || ours > half_more(theirs))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_near_by_percent_of_ours_and_far_by_half() {
        for (theirs, ours, percent, far) in [
            ("10", "10", Some(2), false),
            ("10.2", "10", Some(2), false),
            ("10.21", "10", Some(10), false),
            ("9", "10", Some(10), false),
            ("8.99", "10", None, false),
            ("15", "10", None, false),
            ("15.01", "10", None, true),
            ("6", "10", None, true),
            ("0", "0", None, false),
            ("0", "5", None, false),
            ("1", "-1", None, false),
        ] {
            let (theirs, ours) = (theirs.parse().unwrap(), ours.parse().unwrap());
            let found = (near(theirs, ours).map(|(_, percent)| percent), is_far(theirs, ours));
            assert_eq!(found, (percent, far), "{theirs} {ours}");
        }
    }
}
