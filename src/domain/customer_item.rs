//! The customer-items ledger: what a customer owns. A customer item is a thing, never a number.

pub mod types;

use crate::domain::{Date, Decimal, Text};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
pub use types::{CustomerItemType, ExtraField, FieldKind, ReplacementTerm, WarrantyStart};

/// The values of a customer item's extra fields by their names, each in the written form of its type.
pub type Extra = BTreeMap<Text, Text>;

/// One entry of the ledger, with the key that makes it once only. Nothing in the ledger is changed or taken out: what a
/// customer owns follows from the entries (see `ledger::state`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerItemEvent {
    /// Source document, line, unit and component: `invoice/DI/4711/1/2/MOTOR`. Posting the same document again gives the
    /// same keys, and the store adds nothing.
    pub key: Text,
    pub kind: EventKind,
    /// Who owned it before the event; for what begins, who owns it since.
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
    /// `invoice`, `pos`, `import` or `hand`, and its number, line and the order's PO number.
    pub source: Text,
    pub document: Text,
    pub document_line: u32,
    pub po_number: Text,
    /// The kit that it came in; empty if it was sold by itself.
    pub kit: Text,
    /// For one `unit`, in the invoice's currency; None for a component of a kit.
    pub unit_price: Option<Decimal>,
    /// First and last day of cover, both included; None: no warranty. Of what begins, and of an override.
    pub warranty_start: Option<Date>,
    pub warranty_end: Option<Date>,
    /// When service is due from this event on; None: never.
    pub service_due: Option<Date>,
    /// What it is about, by the key of the event that began it; of a `voided`, the key of the entry that never was. Empty:
    /// customer, item and serial tell, as far as a document can.
    #[serde(default)]
    pub target: Text,
    /// Of a transfer and a replacement: whose it is then, and as which item and serial.
    #[serde(default)]
    pub to_customer: Text,
    #[serde(default)]
    pub to_item: Text,
    #[serde(default)]
    pub to_serial: Text,
    /// Of a `replaced_in`: the cover of what it replaces goes on, whatever that is then.
    #[serde(default)]
    pub remainder: bool,
    /// Who signs for it, and why; empty where a document speaks for itself.
    #[serde(default)]
    pub by: Text,
    #[serde(default)]
    pub reason: Text,
    #[serde(default)]
    pub extra: Extra,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    #[default]
    Sold,
    /// A credit invoice takes it back.
    Credited,
    /// It came back: a POS return, or one that a person signed.
    Returned,
    /// It was replaced, and is no more the customer's.
    ReplacedOut,
    /// What came in its place.
    ReplacedIn,
    /// It went to another customer.
    Transferred,
    Serviced,
    /// Its warranty is another than its document and type gave it.
    WarrantySet,
    /// Its extra fields have other values.
    FieldsSet,
    Scrapped,
    /// The entry that it names never was.
    Voided,
}

impl EventKind {
    pub const ALL: [Self; 11] = [
        Self::Sold,
        Self::Credited,
        Self::Returned,
        Self::ReplacedOut,
        Self::ReplacedIn,
        Self::Transferred,
        Self::Serviced,
        Self::WarrantySet,
        Self::FieldsSet,
        Self::Scrapped,
        Self::Voided,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sold => "sold",
            Self::Credited => "credited",
            Self::Returned => "returned",
            Self::ReplacedOut => "replaced_out",
            Self::ReplacedIn => "replaced_in",
            Self::Transferred => "transferred",
            Self::Serviced => "serviced",
            Self::WarrantySet => "warranty_set",
            Self::FieldsSet => "fields_set",
            Self::Scrapped => "scrapped",
            Self::Voided => "voided",
        }
    }
}

/// A thing that a customer owns or owned: what the events say about it together. Where a part of a quantity came back,
/// the part that ended and the part that did not are two customer items with one key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerItem {
    /// The key of the event that began it: a sale, a transfer to this customer, or what came as a replacement.
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
    /// `invoice`, `pos`, `import` or `hand`, its number, the line in it from 1, and the order's PO number.
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
    /// None: none is due.
    pub service_due: Option<Date>,
    pub last_service: Option<Date>,
    pub status: CustomerItemStatus,
    /// The day on which it was no more the customer's, and how that came: `credited`, `returned`, `replaced_out`,
    /// `transferred`, `scrapped`.
    pub ended: Option<Date>,
    pub ended_as: Option<EventKind>,
    /// The key of the event that ended it; empty: it is owned.
    pub ended_by: Text,
    /// The day on which this customer began to own it.
    pub owned_from: Date,
    /// The key of the customer item that it was before a transfer, or that it replaced; empty: it was sold as it is.
    pub origin: Text,
    /// The key of what came in its place, or of what it is at its next owner; empty: nothing.
    pub successor: Text,
    pub extra: Extra,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CustomerItemStatus {
    #[default]
    Active,
    /// Credited, returned, replaced, transferred or scrapped.
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
