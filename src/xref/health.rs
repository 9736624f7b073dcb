//! What is wrong with a cross-reference that is there: rows that contradict or repeat one another, lead nowhere, or are used
//! by nobody.

use crate::domain::gtin::{self, Gtin};
use crate::domain::item::{Item, ItemStatus, Xref};
use crate::domain::{Date, Text};
use crate::xref::clash::ItemEnd;
use crate::xref::import::Known;
use hashbrown::{HashMap, HashSet};
use std::collections::BTreeMap;

/// A kind of finding, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Flaw {
    /// Two rows stand equal and lead to different items: their lines are ambiguous.
    Conflict,
    /// The row names an item that is not in items.csv.
    OrphanedItem,
    /// The row is for a customer, or for a group, that customers.csv does not have.
    OrphanedCustomer,
    /// The row's item is discontinued and nothing that is sold follows.
    Discontinued,
    /// A GTIN of ours that cannot be one, that two items have, or a number that is the GTIN of another item.
    Gtin,
    /// Two rows say the same on a common day.
    Duplicate,
    /// No order of the last days used the row.
    Dead,
    /// Several customers have this number for different items. No fault: numbers are each customer's own.
    SharedNumber,
}

impl Flaw {
    pub const ALL: [Self; 8] = [
        Self::Conflict,
        Self::OrphanedItem,
        Self::OrphanedCustomer,
        Self::Discontinued,
        Self::Gtin,
        Self::Duplicate,
        Self::Dead,
        Self::SharedNumber,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Conflict => "conflict",
            Self::OrphanedItem => "orphaned_item",
            Self::OrphanedCustomer => "orphaned_customer",
            Self::Discontinued => "discontinued",
            Self::Gtin => "gtin",
            Self::Duplicate => "duplicate",
            Self::Dead => "dead",
            Self::SharedNumber => "shared_number",
        }
    }

    /// Whether it is worth knowing and no fault.
    pub fn is_note(self) -> bool {
        self == Self::SharedNumber
    }
}

/// What rows are held against.
#[derive(Debug, Default)]
pub struct Checkup {
    pub known: Known,
    /// The items with each GTIN, sorted.
    by_gtin: BTreeMap<Gtin, Vec<Text>>,
    /// The rows that were used; None: it is not asked.
    pub used: Option<HashSet<i64>>,
    /// The day for which a row must be valid to be dead.
    pub today: Option<Date>,
}

impl Checkup {
    /// With what is wrong with the items' GTINs: item and detail.
    pub fn new(known: Known, items: &[Item]) -> (Self, Vec<(Text, String)>) {
        let mut checkup = Self { known, ..Self::default() };
        let mut flaws = Vec::new();
        for item in items.iter().filter(|item| !item.gtin.is_empty()) {
            match gtin::master_readings(&item.gtin) {
                Ok((first, _)) => checkup.by_gtin.entry(first).or_default().push(item.item.clone()),
                Err(flaw) => {
                    flaws.push((item.item.clone(), format!("GTIN {:?}: {}", item.gtin, flaw.as_str())));
                }
            }
        }
        let active: HashMap<&str, ItemStatus> =
            items.iter().map(|item| (item.item.as_str(), item.status)).collect();
        for shared in checkup.by_gtin.values_mut() {
            shared.sort();
            let sold = |item: &&Text| active.get(item.as_str()) == Some(&ItemStatus::Active);
            let sold: Vec<&str> = shared.iter().filter(sold).map(Text::as_str).collect();
            if let [first, _, ..] = *sold {
                flaws.push((first.into(), format!("one GTIN on {}", sold.join(", "))));
            }
        }
        (checkup, flaws)
    }

    /// What is wrong with the rows of one number at one scope and ship-to: the row's place and the detail.
    pub fn rows(&self, rows: &[Xref]) -> Vec<(Flaw, usize, String)> {
        let mut found = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            for other in rows.iter().take(at) {
                let items = &self.known.items;
                if items.clash(other, row) {
                    found.push((
                        Flaw::Conflict,
                        at,
                        format!("xref {} leads to {}", other.xref_id, other.item),
                    ));
                } else if items.repeat(other, row) {
                    found.push((Flaw::Duplicate, at, format!("xref {} says the same", other.xref_id)));
                }
            }
            found.extend(self.row(row).into_iter().map(|(flaw, detail)| (flaw, at, detail)));
        }
        found
    }

    fn row(&self, row: &Xref) -> Vec<(Flaw, String)> {
        let mut found = Vec::new();
        if !row.active {
            return found;
        }
        if !self.known.has_scope(&row.scope) {
            found.push((Flaw::OrphanedCustomer, "customers.csv does not have it".to_owned()));
        }
        let end = match self.known.items.end_of(&row.item) {
            ItemEnd::Sold(end) => Some(end),
            ItemEnd::Unknown => {
                found.push((Flaw::OrphanedItem, "items.csv does not have it".to_owned()));
                None
            }
            end => {
                found.push((Flaw::Discontinued, discontinued(&end)));
                None
            }
        };
        if let Some(end) = end
            && let Some(others) = self.gtin_of_others(&row.customer_item, end)
        {
            found.push((Flaw::Gtin, format!("the number is the GTIN of {others}")));
        }
        let unused = self.used.as_ref().is_some_and(|used| !used.contains(&row.xref_id));
        let valid = self.today.is_some_and(|day| {
            row.valid_from.is_none_or(|from| from <= day) && row.valid_to.is_none_or(|to| day <= to)
        });
        if unused && valid && found.is_empty() {
            found.push((Flaw::Dead, "no order used it".to_owned()));
        }
        found
    }

    /// The items whose GTIN a number of 12 to 14 digits is, where none of them leads to `end`.
    fn gtin_of_others(&self, number: &str, end: &str) -> Option<String> {
        if !(12..=14).contains(&number.len()) {
            return None;
        }
        let (gtin, _) = gtin::master_readings(number).ok()?;
        let items = self.by_gtin.get(&gtin)?;
        let leads = |item: &Text| self.known.items.end_of(item) == ItemEnd::Sold(end);
        (!items.iter().any(leads)).then(|| items.join(", "))
    }

    /// The items of a number that several customers have, where they differ after supersession.
    pub fn shared<'r>(&self, rows: impl Iterator<Item = &'r Xref>) -> Option<String> {
        let mut ends: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for row in rows.filter(|row| row.active) {
            let end = match self.known.items.end_of(&row.item) {
                ItemEnd::Sold(end) => end,
                _ => row.item.as_str(),
            };
            let whose = row.scope.columns().0.into_owned();
            let customers = ends.entry(end).or_default();
            if !customers.contains(&whose) && customers.len() < CUSTOMERS_NAMED {
                customers.push(whose);
            }
        }
        (ends.len() > 1).then(|| {
            let each = ends
                .iter()
                .take(ITEMS_NAMED)
                .map(|(item, customers)| format!("{item} at {}", customers.join(", ")));
            each.collect::<Vec<_>>().join("; ")
        })
    }
}

const CUSTOMERS_NAMED: usize = 3;
const ITEMS_NAMED: usize = 5;

fn discontinued(end: &ItemEnd<'_>) -> String {
    match end {
        ItemEnd::Circle(at) => format!("its successors go round in a circle at {at}"),
        ItemEnd::Broken(at) => format!("the successor of {at} is no item"),
        ItemEnd::Discontinued(at) => format!("{at} is discontinued and has no successor"),
        ItemEnd::Sold(_) | ItemEnd::Unknown => String::new(),
    }
}
