//! The documents of an archived input: where they stand, whether they counted, and what differs from what was made of them.

use crate::domain::Text;
use crate::domain::diagnostic::Severity;
use crate::domain::fact::OrderLineFact;
use crate::domain::order::PurchaseOrder;
use crate::domain::partner::Company;
use crate::pipeline::process::Body;
use crate::run::input::{Content, Input, Plan};
use crate::run::sent::address;
use crate::store::{InterchangeKey, ReceiptRow, Transaction};
use crate::x12::envelope::Interchange;
use anyhow::Result;

/// Where a document stands, in the order in which the stream hands them out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) offset: u64,
    /// Its group would be rejected.
    pub(crate) refused: bool,
    /// Its interchange was looked into: not so where its control number had been used for other bytes.
    pub(crate) counts: bool,
}

pub(crate) fn places(input: &Input, tx: &mut dyn Transaction, receipt: &ReceiptRow) -> Result<Vec<Place>> {
    let mut places = Vec::new();
    match &input.content {
        Content::X12 { index, plans } => {
            for (interchange, plan) in index.interchanges.iter().zip(plans) {
                if !matches!(plan, Plan::Process { .. }) {
                    continue;
                }
                let counts = receipt.state == "duplicate" || was_taken(input, interchange, tx)?;
                for group in &interchange.groups {
                    let refused = group.diagnostics.iter().any(|found| found.severity == Severity::Error);
                    let sets = group.sets.iter();
                    places.extend(sets.map(|set| Place { offset: set.offset, refused, counts }));
                }
            }
        }
        Content::Csv { index, .. } => {
            let offset = |order| index.runs(order).first().map_or(0, |run| run.offset);
            let place = |order| Place { offset: offset(order), refused: false, counts: true };
            places.extend(index.orders.iter().map(place));
        }
        Content::Refused(_) => {}
    }
    Ok(places)
}

/// Whether the store knows the interchange with these bytes.
fn was_taken(input: &Input, interchange: &Interchange, tx: &mut dyn Transaction) -> Result<bool> {
    let header = &interchange.header;
    let key = InterchangeKey {
        sender: address(&header.sender_qualifier, &header.sender),
        receiver: address(&header.receiver_qualifier, &header.receiver),
        control: header.control.trim_start_matches('0').into(),
    };
    let digest = input.source.digest(interchange.offset, interchange.length)?;
    tx.knows_interchange(&key, &digest)
}

/// What a split by SDQ adds to the lines that were counted in the bytes; and the currency.
pub(super) fn counted(body: &Body, company: &Company) -> (u64, Text) {
    let split =
        |order: &PurchaseOrder| (order.lines.len() as u64).saturating_sub(u64::from(order.received_lines));
    match body {
        Body::Order(order) => (split(&order.order), order.currency.clone()),
        Body::Change(change) => {
            let order = &change.order;
            let currency = if order.currency.is_empty() { &company.currency } else { &order.currency };
            (split(order), currency.clone())
        }
        _ => (0, Text::default()),
    }
}

/// What the first line that differs asks for: in the archive, and as it was taken.
pub(super) fn differ(read: &[OrderLineFact], came: &[OrderLineFact]) -> Option<(String, String)> {
    if read.len() != came.len() {
        let lines = |rows: &[OrderLineFact]| format!("{} lines", rows.len());
        return Some((format!("{} in the archive", lines(read)), lines(came)));
    }
    let mut pairs = read.iter().zip(came);
    pairs.find_map(|(read, came)| asked_otherwise(read, came))
}

/// What a line asks for, as one reads it in the document.
pub(super) fn asked_otherwise(expected: &OrderLineFact, found: &OrderLineFact) -> Option<(String, String)> {
    let columns = |fact: &OrderLineFact| {
        let whole = |value: Option<i64>| value.map_or_else(String::new, |value| value.to_string());
        [
            ("line", fact.line.to_string()),
            ("po_number", fact.po_number.to_string()),
            ("po_line_id", fact.po_line_id.to_string()),
            ("ship_to", fact.ship_to.to_string()),
            ("ordered_quantity_micro", whole(fact.ordered_quantity_micro)),
            ("ordered_unit", fact.ordered_unit.to_string()),
            ("value_micro", whole(fact.value_micro)),
        ]
    };
    let mut pairs = columns(expected).into_iter().zip(columns(found));
    let ((name, expected_value), (_, found_value)) = pairs.find(|(expected, found)| expected != found)?;
    let told = |value: &str| format!("line {}: {name} {value:?}", expected.line);
    Some((told(&expected_value), told(&found_value)))
}
