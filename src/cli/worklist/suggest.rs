//! Where the evidence for suggestions comes from: the masters, the rows of all customers, and the lines that wait.

use crate::cli::worklist::causes::Cause;
use crate::domain::gtin::{EightDigits, Gtin, is_gtin_qualifier, master_readings, readings};
use crate::domain::item::{Item, Xref, XrefScope};
use crate::domain::order::ItemNumber;
use crate::domain::{Decimal, Text};
use crate::store::Transaction;
use crate::store::xrefs::{XrefLookup, XrefQuery};
use crate::xref::clash::{ItemEnd, ItemEnds};
use crate::xref::suggest::{
    Candidates, Descriptions, Evidence, Kind, Suggestion, form, one_edit, shortened, weight,
};
use anyhow::Result;
use hashbrown::HashMap;
use std::collections::{BTreeMap, BTreeSet};

/// So many rows of one number are looked at.
const ROWS_MAX: usize = 500;

/// Shorter numbers are one edit away from too many others.
const EDIT_FROM: usize = 4;

/// So many items are compared by their description.
const DESCRIPTIONS_MAX: usize = 5;

/// Suggestions for each of the causes, in their order, at most so many each. Causes that cannot be mapped have none.
pub(in crate::cli) fn suggest(
    work: &mut dyn Transaction,
    causes: &[Cause],
    most: usize,
) -> Result<Vec<Vec<Suggestion>>> {
    if !causes.iter().any(Cause::can_be_mapped) {
        return Ok(causes.iter().map(|_| Vec::new()).collect());
    }
    let masters = work.masters_without_xrefs(None)?;
    let groups = masters.customers.iter().filter(|customer| !customer.group.is_empty());
    let groups = groups.map(|customer| (customer.customer.clone(), customer.group.clone())).collect();
    let factors = masters.conversions.iter().filter_map(|row| {
        let key = (row.item.clone(), row.unit.clone(), row.to_unit.clone());
        Some((key, row.factor.apply(Decimal::ONE)?))
    });
    let known = Known { factors: factors.collect(), groups, ..Known::new(masters.items) };
    let edits = known.edits(work, causes)?;
    let mut all = Vec::with_capacity(causes.len());
    for (place, cause) in causes.iter().enumerate() {
        let mut found = Found { known: &known, candidates: Candidates::default() };
        if cause.can_be_mapped() {
            found.by_numbers(cause);
            found.by_rows(work, cause)?;
            for row in edits.get(&place).into_iter().flatten() {
                found.by_edit(row);
            }
            found.by_description(cause);
            found.by_price_and_pack(cause);
        }
        all.push(found.candidates.ranked(most));
    }
    Ok(all)
}

#[derive(Debug, Default)]
struct Known {
    items: HashMap<Text, Item>,
    ends: ItemEnds,
    by_gtin: HashMap<Gtin, Vec<Text>>,
    /// By the twelve digits that all packings of an item have in common.
    by_body: HashMap<String, Vec<Text>>,
    by_form: HashMap<String, Vec<Text>>,
    descriptions: Descriptions,
    /// What one unit is of another, for an item or (empty) for any.
    factors: BTreeMap<(Text, Text, Text), Decimal>,
    groups: BTreeMap<Text, Text>,
}

fn body(gtin: Gtin) -> String {
    gtin.to_string().get(1..13).unwrap_or_default().to_owned()
}

impl Known {
    fn new(items: Vec<Item>) -> Self {
        let mut known = Self { ends: ItemEnds::new(items.iter().cloned()), ..Self::default() };
        let described = items.iter().filter(|item| !item.description.is_empty());
        known.descriptions = Descriptions::new(described.map(|item| (&item.item, &item.description)));
        for item in items {
            if let Ok((first, second)) = master_readings(&item.gtin) {
                for gtin in [Some(first), second].into_iter().flatten() {
                    known.by_gtin.entry(gtin).or_default().push(item.item.clone());
                    known.by_body.entry(body(gtin)).or_default().push(item.item.clone());
                }
            }
            known.by_form.entry(form(&item.item)).or_default().push(item.item.clone());
            known.items.insert(item.item.clone(), item);
        }
        known
    }

    /// The rows whose numbers are one edit away from that of a cause of the same customer, by the cause's place.
    fn edits(&self, work: &mut dyn Transaction, causes: &[Cause]) -> Result<BTreeMap<usize, Vec<Xref>>> {
        let mut wanted: HashMap<String, Vec<usize>> = HashMap::new();
        let mut columns: BTreeSet<Text> = BTreeSet::new();
        for (place, cause) in causes.iter().enumerate().filter(|(_, cause)| cause.can_be_mapped()) {
            let form = form(&cause.number.value);
            if form.chars().count() >= EDIT_FROM {
                columns.insert(cause.customer.clone());
                columns.extend(self.group_of(&cause.customer));
                for short in shortened(&form) {
                    wanted.entry(short).or_default().push(place);
                }
            }
        }
        let mut found: BTreeMap<usize, Vec<Xref>> = BTreeMap::new();
        if wanted.is_empty() {
            return Ok(found);
        }
        work.each_xref(None, &mut |row| {
            let column = row.scope.columns().0.into_owned();
            if !row.active || !columns.contains(column.as_str()) {
                return Ok(());
            }
            let number = form(&row.customer_item);
            let near: BTreeSet<usize> =
                shortened(&number).iter().filter_map(|short| wanted.get(short)).flatten().copied().collect();
            for place in near {
                let Some(cause) = causes.get(place) else { continue };
                let same_customer = *cause.customer == *column
                    || self.group_of(&cause.customer).is_some_and(|group| *group == *column);
                let rows = found.entry(place).or_default();
                if same_customer && rows.len() < ROWS_MAX && one_edit(&form(&cause.number.value), &number) {
                    rows.push(row.clone());
                }
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// The column `customer` of the rows of a customer's group.
    fn group_of(&self, customer: &str) -> Option<Text> {
        self.groups.get(customer).map(|group| format!("group:{group}").into())
    }
}

/// What is found for one cause.
struct Found<'k> {
    known: &'k Known,
    candidates: Candidates,
}

impl Found<'_> {
    /// Speaks for the item that is sold in the place of this one.
    fn add(&mut self, item: &str, kind: Kind, weight: u32, mut words: String) {
        let ItemEnd::Sold(end) = self.known.ends.end_of(item) else { return };
        if end != item {
            words += &format!(", whose place {end} takes");
        }
        self.candidates.add(&end.into(), Evidence { kind, weight, words });
    }

    fn by_numbers(&mut self, cause: &Cause) {
        let known = self.known;
        for ItemNumber { qualifier, value } in &cause.numbers {
            if is_gtin_qualifier(qualifier) {
                self.by_gtin(qualifier, value);
                continue;
            }
            let vendor = qualifier.starts_with('V');
            for item in known.by_form.get(&form(value)).into_iter().flatten() {
                let (weight, words) = match (vendor, item == value) {
                    (true, true) => (weight::VENDOR, format!("{qualifier} {value} of the line is our item")),
                    (true, false) => (
                        weight::VENDOR_WRITING,
                        format!("{qualifier} {value} of the line is our item {item} written otherwise"),
                    ),
                    (false, _) => {
                        (weight::OTHER_CUSTOMER, format!("the number {value} is like our item {item}"))
                    }
                };
                self.add(item, Kind::Vendor, weight, words);
            }
        }
    }

    fn by_gtin(&mut self, qualifier: &str, value: &str) {
        let known = self.known;
        let Ok((first, second)) = readings(qualifier, value, EightDigits::BothWays) else { return };
        for gtin in [Some(first), second].into_iter().flatten() {
            for item in known.by_gtin.get(&gtin).into_iter().flatten() {
                let words = format!("{qualifier} {value} of the line is the GTIN of {item}");
                self.add(item, Kind::Gtin, weight::SAME_GTIN, words);
            }
            for item in known.by_body.get(&body(gtin)).into_iter().flatten() {
                let words = format!("{qualifier} {value} of the line is the GTIN of a packing of {item}");
                self.add(item, Kind::Gtin, weight::CASE_GTIN, words);
            }
        }
    }

    /// This number, and what is this number in another writing, wherever it leads to an item.
    fn by_rows(&mut self, work: &mut dyn Transaction, cause: &Cause) -> Result<()> {
        let number = cause.number.value.trim();
        let found = work.find_xrefs(&XrefQuery {
            text: number,
            by: XrefLookup::Exact,
            customers: &[],
            ship_to: None,
            as_of: None,
            limit: ROWS_MAX,
        })?;
        for row in found.rows.into_iter().filter_map(|hit| hit.row) {
            let xref = row.xref;
            if !xref.active {
                continue;
            }
            let own_group = self.known.group_of(&cause.customer);
            let column = xref.scope.columns().0.into_owned();
            let own = column == cause.customer.as_str() || own_group.as_deref() == Some(column.as_str());
            let (own, item) = (own || column == "*", &xref.item);
            if xref.customer_item != number {
                let weight = if own { weight::WRITING } else { weight::WRITING_ELSEWHERE };
                let words =
                    format!("{column} has {} for {item}: {number} written otherwise", xref.customer_item);
                self.add(item, Kind::Writing, weight, words);
                continue;
            }
            let (weight, words) = match &xref.scope {
                XrefScope::ShipTo { ship_to, .. } if own => {
                    (weight::OTHER_SHIP_TO, format!("mapped to {item} at ship-to {ship_to}"))
                }
                _ if own => {
                    (weight::OWN, format!("{column} has it for {item}, which did not hold for the lines"))
                }
                XrefScope::Customer(other) | XrefScope::ShipTo { customer: other, .. }
                    if own_group.is_some() && self.known.group_of(other) == own_group =>
                {
                    (weight::GROUP, format!("mapped to {item} at {other} of the same group"))
                }
                _ => (weight::OTHER_CUSTOMER, format!("mapped to {item} at {column}")),
            };
            self.add(item, Kind::Mapped, weight, words);
        }
        Ok(())
    }

    fn by_edit(&mut self, row: &Xref) {
        let words = format!("one letter from {}, which is {}", row.customer_item, row.item);
        self.add(&row.item, Kind::Edit, weight::EDIT, words);
    }

    fn by_description(&mut self, cause: &Cause) {
        let known = self.known;
        for (item, share) in known.descriptions.like(&cause.description, DESCRIPTIONS_MAX) {
            let description = known.items.get(item).map_or("", |item| item.description.as_str());
            let words = format!("its description has {} % in common: {description}", share / 10);
            self.add(item, Kind::Description, weight::DESCRIPTION * share / 1000, words);
        }
    }

    /// Of the items that something else has named.
    fn by_price_and_pack(&mut self, cause: &Cause) {
        let known = self.known;
        for item in self.candidates.items() {
            let Some(item) = known.items.get(&item) else { continue };
            let factor = |unit: &Text| {
                if *unit == item.unit {
                    return Some(Decimal::ONE);
                }
                let key = |name: Text| (name, unit.clone(), item.unit.clone());
                let factors = &known.factors;
                factors.get(&key(item.item.clone())).or_else(|| factors.get(&key(Text::default()))).copied()
            };
            for (unit, price) in &cause.prices {
                let ours = item.price.zip(factor(unit)).and_then(|(price, factor)| price.checked_mul(factor));
                let Some(ours) = ours else { continue };
                if let Some((weight, percent)) = near(*price, ours) {
                    let words = format!("the price is within {percent} % of ours");
                    self.candidates.add(&item.item, Evidence { kind: Kind::Price, weight, words });
                }
            }
            for (unit, pack) in &cause.packs {
                let pack: Option<Decimal> = pack.parse().ok();
                let same = pack.is_some_and(|pack| pack > Decimal::ONE && factor(unit) == Some(pack));
                if same {
                    let words = format!("a {unit} of it has as many {}", item.unit);
                    self.candidates
                        .add(&item.item, Evidence { kind: Kind::Pack, weight: weight::PACK, words });
                }
            }
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_near_by_percent_of_ours() {
        for (theirs, ours, expected) in [
            ("10", "10", Some(2)),
            ("10.2", "10", Some(2)),
            ("10.21", "10", Some(10)),
            ("9", "10", Some(10)),
            ("8.99", "10", None),
            ("0", "0", None),
            ("1", "-1", None),
        ] {
            let near = near(theirs.parse().unwrap(), ours.parse().unwrap());
            assert_eq!(near.map(|(_, percent)| percent), expected, "{theirs} {ours}");
        }
    }
}
