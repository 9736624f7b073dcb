//! Rows of the store about changes of orders: what came, what the order was before, what a person decided.

use crate::domain::{Date, Text};
use crate::store::Micros;

/// A change that came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderChangeRow {
    /// Given by the store; the order in which changes came.
    pub change_id: i64,
    /// `order_change`, or `duplicate_order`: a second order under the number of the first.
    pub kind: Text,
    /// Of the exception that is open while it waits; empty if it never did.
    pub cause: Text,
    /// A `domain::change::ChangeState`.
    pub state: Text,
    /// The order that it is about; empty while none is known.
    pub order_id: Text,
    pub partner: Text,
    pub customer: Text,
    pub po_number: Text,
    pub release: Text,
    /// The run's date when it came.
    pub received: Date,
    pub run_id: Text,
    /// The input it came from, and where the set begins in it.
    pub input: Text,
    pub offset: u64,
    /// A `domain::change::OrderChange` as JSON.
    pub content: String,
    /// JSON: `lines` (each a `domain::change::LineChange`, what it does or would do) and `against` (what stands against it).
    pub plan: String,
    /// Who is answered: ISA07, ISA08, GS03.
    pub receiver: [Text; 3],
    /// How many documents answered it.
    pub answered: u32,
    /// The run that looked at it last.
    pub judged: Text,
    /// The run that applied or refused it; empty while it waits.
    pub settled_by: Text,
}

/// As much of a change as tells what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeHead {
    pub change_id: i64,
    /// A `domain::change::ChangeState`.
    pub state: Text,
    pub order_id: Text,
}

/// What an order was before a change was applied to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderVersionRow {
    pub order_id: Text,
    /// From 1: the order as it came.
    pub version: u32,
    /// The change that ended it, and its run.
    pub change_id: i64,
    pub run_id: Text,
    /// State, header and lines as in an `OrderRow`.
    pub state: Text,
    pub header: String,
    pub lines: String,
    pub recorded: Micros,
}

/// What a person decided about a change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangeDecision {
    pub change_id: i64,
    /// `apply`, `reject`, or `done`: a person has applied it in the ERP.
    pub decision: Text,
    pub decided_by: Text,
    pub reason: Text,
    pub recorded: Micros,
}
