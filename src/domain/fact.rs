//! Facts: what happened to a line, one flat row each, for analysts and engines.

use crate::domain::{Date, Text};

/// Quantities and amounts are whole millionths (`_micro`): sums stay exact in any engine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderLineFact {
    /// The run's date; the partition.
    pub date: Date,
    pub run_id: Text,
    pub order_id: Text,
    pub partner: Text,
    pub customer: Text,
    pub ship_to: Text,
    pub po_number: Text,
    pub po_date: Option<Date>,
    pub line: u32,
    pub po_line_id: Text,
    /// The number that decided, or the first customer-item number of an unmapped line.
    pub customer_item: Text,
    pub customer_item_qualifier: Text,
    pub item: Text,
    /// [`crate::domain::resolution::LineOutcome`] in its written form.
    pub outcome: Text,
    /// Empty unless something was chosen.
    pub via: Text,
    pub xref_id: Option<i64>,
    /// `ordered`, `held` or `rejected`. Duplicates, test interchanges and changes make no order and no fact.
    pub state: Text,
    pub ordered_unit: Text,
    pub ordered_quantity_micro: Option<i64>,
    pub unit: Text,
    /// In the item's own unit.
    pub quantity_micro: Option<i64>,
    /// Ordered quantity × unit price, rounded half up to the millionth.
    pub value_micro: Option<i64>,
    pub currency: Text,
    /// The item that was named before supersession; empty if none took its place.
    pub superseded: Text,
    /// Whether the ordered unit was converted.
    pub converted: bool,
    /// Whether the line had waited and this is a later look at it, not the one of the run that took its order.
    pub again: bool,
}

/// One billed line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InvoiceLineFact {
    pub date: Date,
    pub run_id: Text,
    pub invoice_number: Text,
    /// `DI` or `CR`; amounts are positive in both.
    pub kind: Text,
    pub invoice_date: Option<Date>,
    pub partner: Text,
    pub customer: Text,
    pub po_number: Text,
    pub line: u32,
    pub po_line_id: Text,
    pub item: Text,
    pub customer_item: Text,
    pub customer_item_qualifier: Text,
    pub unit: Text,
    pub quantity_micro: i64,
    pub amount_micro: i64,
    pub currency: Text,
    /// Empty where no order is known.
    pub order_id: Text,
}
