//! Rows of the store about invoices: what is billed of an order line, what waits, what a person decided.

use crate::domain::{Decimal, Text};
use crate::store::Micros;

/// A line of an invoice that bills a line of an order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BilledLineRow {
    /// `DI` or `CR`.
    pub kind: Text,
    pub invoice_number: Text,
    /// In the invoice, from 0.
    pub position: u32,
    /// Our order line.
    pub line: u32,
    /// In the order's unit; positive in a credit too.
    pub quantity: Decimal,
}

/// An invoice that did not go out and is looked at again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeldInvoiceRow {
    /// `DI` or `CR`.
    pub kind: Text,
    pub invoice_number: Text,
    /// The run that held it first.
    pub run_id: Text,
    /// Empty where none is known.
    pub partner: Text,
    pub customer: Text,
    /// Of its open exception.
    pub cause: Text,
    /// What would be billed, as JSON.
    pub source: String,
    /// The run that looked at it last.
    pub judged: Text,
}

/// What a person decided about an invoice that waits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InvoiceDecision {
    pub kind: Text,
    pub invoice_number: Text,
    /// `release` or `drop`.
    pub decision: Text,
    /// The posting that it is about: one posted anew is another.
    pub source: String,
    pub decided_by: Text,
    pub reason: Text,
    pub recorded: Micros,
}
