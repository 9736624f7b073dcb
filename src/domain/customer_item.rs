//! The customer-items ledger: what a customer owns. A customer item is a thing, never a number.

use crate::domain::{Date, Decimal, Text};
use serde::{Deserialize, Serialize};

/// `[[customer_item_types]]` of itembridge.toml.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomerItemType {
    pub name: Text,
    /// 0: no warranty.
    #[serde(default)]
    pub warranty_months: u32,
    #[serde(default)]
    pub warranty_starts: WarrantyStart,
    /// 0: no service.
    #[serde(default)]
    pub service_every_months: u32,
}

/// The date from which the warranty runs; where the document does not have it, the next one in this order that it has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WarrantyStart {
    #[default]
    Invoice,
    Ship,
    /// The order's date (the invoice's where no order is known), or the day of the POS sale.
    Purchase,
    /// The day on which the ledger first saw it.
    FirstSeen,
}

/// One entry to be made in the ledger, with the key that makes it once only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerItemEvent {
    /// Source document, line, unit and component: `invoice/DI/4711/1/2/MOTOR`. Posting the same document again gives the
    /// same keys, and the store adds nothing.
    pub key: Text,
    pub kind: EventKind,
    pub customer: Text,
    pub item: Text,
    pub customer_item_type: Text,
    /// Empty: the document gave none.
    pub serial: Text,
    /// 1 for a unit, more for a serial that stands for a quantity or a fractional or bulk quantity.
    pub quantity: Decimal,
    pub unit: Text,
    /// The day of the event: invoice, sale; the day on which the ledger first saw it where the document has none.
    pub date: Date,
    pub purchase_date: Option<Date>,
    pub ship_date: Option<Date>,
    /// `invoice` or `pos`, and its number, line and the order's PO number.
    pub source: Text,
    pub document: Text,
    pub document_line: u32,
    pub po_number: Text,
    /// The kit that it came in; empty if it was sold by itself.
    pub kit: Text,
    /// For one `unit`, in the invoice's currency; None for a component of a kit.
    pub unit_price: Option<Decimal>,
    /// First and last day of cover, both included; None: no warranty.
    pub warranty_start: Option<Date>,
    pub warranty_end: Option<Date>,
    pub service_due: Option<Date>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    Sold,
    /// A credit invoice takes it back.
    Credited,
    /// A POS return.
    Returned,
}

impl EventKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sold => "sold",
            Self::Credited => "credited",
            Self::Returned => "returned",
        }
    }
}

/// A thing that a customer owns or owned: what the events say about it together. Where a part of a quantity came back,
/// the part that ended and the part that did not are two customer items with one key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerItem {
    /// The key of the event that began it.
    pub key: Text,
    pub customer: Text,
    pub item: Text,
    pub customer_item_type: Text,
    /// Empty: not known.
    pub serial: Text,
    pub quantity: Decimal,
    pub unit: Text,
    /// The day of the order or the sale; the day of the invoice where the order is not known.
    pub purchase_date: Date,
    /// `invoice` or `pos`, its number, the line in it from 1, and the order's PO number.
    pub source: Text,
    pub document: Text,
    pub document_line: u32,
    pub po_number: Text,
    /// The kit that it came in; empty if it was sold by itself.
    pub kit: Text,
    /// For one `unit`; None for a component of a kit.
    pub unit_price: Option<Decimal>,
    /// First and last day of cover, both included; None: no warranty.
    pub warranty_start: Option<Date>,
    pub warranty_end: Option<Date>,
    pub service_due: Option<Date>,
    pub status: CustomerItemStatus,
    /// The day on which it was credited or returned.
    pub ended: Option<Date>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CustomerItemStatus {
    #[default]
    Active,
    /// Credited or returned.
    Ended,
}

impl CustomerItemStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Ended => "ended",
        }
    }
}

/// A paid or unpaid POS sale: the rows of inbox/pos/*.csv, one each.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PosSale {
    pub receipt: Text,
    pub line: u32,
    pub sold_at: Option<Date>,
    pub store: Text,
    /// Empty: walk-in, no ledger.
    pub customer: Text,
    pub item: Text,
    /// Negative: a return.
    pub quantity: Decimal,
    pub unit_price: Option<Decimal>,
    pub serials: Vec<Text>,
    pub paid: bool,
    pub row: u64,
    pub offset: u64,
}
