//! A change of an order: what a customer asks to be otherwise, from an 860 or from an 850 whose BEG01 says so.

use crate::domain::order::PurchaseOrder;
use crate::domain::{Date, Text};
use serde::{Deserialize, Serialize};

/// What the customer asks for, as received.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OrderChange {
    /// ST01: `860`, or `850`.
    pub document: Text,
    /// BCH05 as received; empty where the change has no number.
    pub sequence: Text,
    /// BCH11, the day of the request.
    pub requested: Option<Date>,
    /// Heading and lines. `purpose` is BCH01 or BEG01: `01` cancel, `04` change, `05` replace; `00`, `06` and `07` are a second,
    /// different order under the number of the first.
    pub order: PurchaseOrder,
    /// POC02 of each line of `order`; empty for an 850, whose lines stand for themselves.
    pub kinds: Vec<Text>,
}

impl OrderChange {
    /// An 850 that changes, cancels or repeats an order.
    pub fn of_order(order: PurchaseOrder) -> Self {
        Self { document: "850".into(), order, ..Self::default() }
    }

    /// POC02 of the line at this place; empty in an 850.
    pub fn kind(&self, place: usize) -> &str {
        self.kinds.get(place).map_or("", Text::as_str)
    }

    /// `860 04`, with its number if it has one.
    pub fn name(&self) -> String {
        let name = format!("{} {}", self.document, self.order.purpose);
        if self.sequence.is_empty() { name } else { format!("{name} no {}", self.sequence) }
    }
}

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeState {
    /// It waits for a person, or for what it needs.
    Held,
    /// The order stands as it asks.
    Applied,
    /// A person applied it in the ERP; the order here stands as it was.
    ByHand,
    /// A person refused it.
    Rejected,
}

impl ChangeState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Applied => "applied",
            Self::ByHand => "by_hand",
            Self::Rejected => "rejected",
        }
    }
}

/// What happens, or would happen, to one line of the order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LineChange {
    /// Our running number in the order.
    pub line: u32,
    pub po_line_id: Text,
    /// The customer's number.
    pub customer_item: Text,
    /// `changed`, `added` or `cancelled`.
    pub change: Text,
    /// POC02 as received.
    pub code: Text,
    /// None for a line that is added.
    pub before: Option<LineSide>,
    /// None for a line that is cancelled.
    pub after: Option<LineSide>,
}

/// A line before or after a change; decimals are plain texts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LineSide {
    pub item: Text,
    pub ordered_quantity: Text,
    pub ordered_unit: Text,
    /// In the item's own unit.
    pub quantity: Text,
    pub unit: Text,
    /// For one ordered unit.
    pub unit_price: Text,
    pub requested_date: Option<Date>,
    pub ship_to: Text,
}
