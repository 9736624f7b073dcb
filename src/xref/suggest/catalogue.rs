//! Our items by all that a customer's line may name them by: numbers in any writing, barcodes of all packings, words, units.

use crate::domain::gtin::{Gtin, master_readings};
use crate::domain::item::{Item, Masters};
use crate::domain::{Decimal, Text};
use crate::xref::clash::{ItemEnd, ItemEnds};
use crate::xref::suggest::descriptions::Descriptions;
use crate::xref::suggest::numbers::form;
use hashbrown::HashMap;
use std::collections::BTreeMap;

/// Built once, asked for many numbers.
#[derive(Debug, Default)]
pub struct Catalogue {
    items: HashMap<Text, Item>,
    ends: ItemEnds,
    by_gtin: HashMap<Gtin, Vec<Text>>,
    /// By the twelve digits that all packings of an item have in common.
    by_body: HashMap<String, Vec<Text>>,
    by_form: HashMap<String, Vec<Text>>,
    pub(super) descriptions: Descriptions,
    /// What one unit is of another, for an item or (empty) for any.
    factors: BTreeMap<(Text, Text, Text), Decimal>,
    groups: BTreeMap<Text, Text>,
}

/// The digits that the GTINs of all packings of an item have in common.
pub(super) fn body(gtin: Gtin) -> String {
    gtin.to_string().get(1..13).unwrap_or_default().to_owned()
}

impl Catalogue {
    /// Of the masters the items, customers and conversions.
    pub fn new(masters: Masters) -> Self {
        let Masters { items, customers, conversions, .. } = masters;
        let mut all = Self { ends: ItemEnds::new(items.iter().cloned()), ..Self::default() };
        let grouped = customers.into_iter().filter(|customer| !customer.group.is_empty());
        all.groups = grouped
            .map(|customer| (customer.customer, Text::from(format!("group:{}", customer.group))))
            .collect();
        let factors = conversions
            .into_iter()
            .filter_map(|row| Some(((row.item, row.unit, row.to_unit), row.factor.apply(Decimal::ONE)?)));
        all.factors = factors.collect();
        let described = items.iter().filter(|item| !item.description.is_empty());
        all.descriptions = Descriptions::new(described.map(|item| (&item.item, &item.description)));
        for item in items {
            for gtin in gtins(&item) {
                all.by_gtin.entry(gtin).or_default().push(item.item.clone());
                all.by_body.entry(body(gtin)).or_default().push(item.item.clone());
            }
            all.by_form.entry(form(&item.item)).or_default().push(item.item.clone());
            all.items.insert(item.item.clone(), item);
        }
        all
    }

    pub fn item(&self, item: &str) -> Option<&Item> {
        self.items.get(item)
    }

    /// The item that is sold where this one is named: itself, or the last of its successors.
    pub(super) fn sold(&self, item: &str) -> Option<&str> {
        match self.ends.end_of(item) {
            ItemEnd::Sold(end) => Some(end),
            _ => None,
        }
    }

    /// The column `customer` of the rows of a customer's group.
    pub fn group_column(&self, customer: &str) -> Option<&Text> {
        self.groups.get(customer)
    }

    pub(super) fn of_gtin(&self, gtin: Gtin) -> &[Text] {
        self.by_gtin.get(&gtin).map_or(&[], Vec::as_slice)
    }

    /// The items of which this may be another packing.
    pub(super) fn of_packing(&self, gtin: Gtin) -> &[Text] {
        self.by_body.get(&body(gtin)).map_or(&[], Vec::as_slice)
    }

    /// The items that have this number in some writing.
    pub(super) fn of_number(&self, number: &str) -> &[Text] {
        let form = form(number);
        if form.is_empty() { &[] } else { self.by_form.get(&form).map_or(&[], Vec::as_slice) }
    }

    /// How many of the item's own units are in one of this unit; None if nobody says.
    pub(super) fn factor(&self, item: &Item, unit: &Text) -> Option<Decimal> {
        if *unit == item.unit {
            return Some(Decimal::ONE);
        }
        let key = |name: Text| (name, unit.clone(), item.unit.clone());
        let own = self.factors.get(&key(item.item.clone()));
        own.or_else(|| self.factors.get(&key(Text::default()))).copied()
    }
}

/// The GTINs that the item's cell may be.
pub(super) fn gtins(item: &Item) -> impl Iterator<Item = Gtin> {
    let readings = master_readings(&item.gtin).ok();
    readings.into_iter().flat_map(|(first, second)| [Some(first), second]).flatten()
}
