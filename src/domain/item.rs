//! The masters: items, customers, the cross-reference between their numbers and ours, kits and units.

use crate::domain::{Date, Decimal, Text, unit::Fraction};
use serde::{Deserialize, Serialize};

/// Our own item, a row of items.csv.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Item {
    pub item: Text,
    pub description: Text,
    /// The unit in which we keep and count the item.
    pub unit: Text,
    /// As the master has it; its normal form is [`crate::domain::gtin`]'s.
    pub gtin: Text,
    pub status: ItemStatus,
    /// The item that replaces this one once it is discontinued; empty if there is none.
    pub successor: Text,
    pub price: Option<Decimal>,
    /// The name of a `[[customer_item_types]]`; empty: the ledger does not keep the item.
    pub customer_item_type: Text,
    pub serial_tracking: SerialTracking,
    /// Whether a conversion may make parts of one unit out of whole ones: what is cut, poured or weighed.
    pub fractions: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemStatus {
    #[default]
    Active,
    Discontinued,
}

/// How serials are given for an item.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SerialTracking {
    #[default]
    None,
    /// One serial a unit.
    Each,
    /// One serial for a quantity, written `SN*QTY`.
    Multi,
}

/// A row of customers.csv.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Customer {
    pub customer: Text,
    pub name: Text,
    /// Empty: in no group.
    pub group: Text,
    /// Whether the customer-items ledger is kept for this customer.
    pub ledger: bool,
}

/// To whom a cross-reference belongs: `item_xref.csv`'s `customer` and `ship_to`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum XrefScope {
    /// A customer's one ship-to.
    ShipTo {
        customer: Text,
        ship_to: Text,
    },
    Customer(Text),
    /// Written `group:NAME`.
    Group(Text),
    /// Written `*`.
    Everyone,
}

impl XrefScope {
    /// Its columns `customer` and `ship_to` in `item_xref.csv`.
    pub fn columns(&self) -> (std::borrow::Cow<'_, str>, &str) {
        use std::borrow::Cow;
        match self {
            Self::ShipTo { customer, ship_to } => (Cow::Borrowed(customer), ship_to),
            Self::Customer(customer) => (Cow::Borrowed(customer), ""),
            Self::Group(group) => (Cow::Owned(format!("group:{group}")), ""),
            Self::Everyone => (Cow::Borrowed("*"), ""),
        }
    }
}

/// One item cross-reference: a customer's number for an item of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Xref {
    /// The store's number of the row; it stays while the row stays.
    pub xref_id: i64,
    pub scope: XrefScope,
    /// The customer item number, as the master has it. Never empty.
    pub customer_item: Text,
    pub item: Text,
    /// A qualifier of element 235; empty: any customer-item qualifier.
    pub qualifier: Text,
    /// The ordered unit that the row is for; empty: any.
    pub unit: Text,
    /// Internal units in one ordered unit; None: uom.csv decides.
    pub unit_factor: Option<Fraction>,
    /// 1 is best.
    pub rank: u32,
    /// Both ends included; None: open.
    pub valid_from: Option<Date>,
    pub valid_to: Option<Date>,
    pub active: bool,
    pub description: Text,
}

impl Xref {
    /// Whether both are versions of one row: same scope, number, qualifier, unit, item and first valid day.
    pub fn same_key(&self, other: &Self) -> bool {
        (&self.scope, &self.customer_item, &self.item, &self.qualifier, &self.unit, self.valid_from)
            == (
                &other.scope,
                &other.customer_item,
                &other.item,
                &other.qualifier,
                &other.unit,
                other.valid_from,
            )
    }
}

/// A row of `item_kits.csv`: `quantity` of `component` (in its own unit) are in one `kit`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KitComponent {
    pub kit: Text,
    pub component: Text,
    pub quantity: Decimal,
}

/// A row of uom.csv: one `unit` is `factor` times `to_unit`; `item` empty: for any item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitConversion {
    pub item: Text,
    pub unit: Text,
    pub to_unit: Text,
    pub factor: Fraction,
}

/// All masters of a site as they stand at one instant, each sorted by its key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Masters {
    pub items: Vec<Item>,
    pub customers: Vec<Customer>,
    pub xrefs: Vec<Xref>,
    pub kits: Vec<KitComponent>,
    pub conversions: Vec<UnitConversion>,
}
