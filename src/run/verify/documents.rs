//! The documents of an archived input: where they stand, whether they counted, and what differs from what was made of them.

use crate::domain::Text;
use crate::domain::diagnostic::Severity;
use crate::domain::fact::OrderLineFact;
use crate::domain::order::PurchaseOrder;
use crate::domain::partner::Company;
use crate::pipeline::process::{Body, Processed};
use crate::run::input::{Content, Input};
use crate::run::sent::address;
use crate::run::sets::Place;
use crate::run::stream::{Item, Judge, Prepared, Stream};
use crate::store::{InterchangeKey, ReceiptRow, Transaction};
use crate::x12::envelope::Interchange;
use anyhow::{Context as _, Result};

/// A document of the input, and where it stands.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) offset: u64,
    /// Its interchange was looked into: not so where its control number had been used for other bytes.
    pub(crate) counts: bool,
    /// Rejected with its group, too.
    pub(crate) processed: Processed,
}

/// The documents of an input that is read again, one by one.
pub(crate) struct Documents<'d> {
    input: &'d Input,
    stream: Stream<'d>,
    state: &'d str,
    /// The next CSV order.
    order: usize,
    /// Whether the interchange at hand was looked into; None: that was not asked yet.
    counts: Option<bool>,
    /// The group at hand would be rejected.
    refused: bool,
}

impl<'d> Documents<'d> {
    /// `receipt` is that of the input when it came.
    pub(crate) fn of(judge: Judge<'d>, input: &'d Input, receipt: &'d ReceiptRow) -> Self {
        let stream = Stream::new(judge, std::slice::from_ref(input));
        let state = receipt.state.as_str();
        Self { input, stream, state, order: 0, counts: None, refused: false }
    }

    pub(crate) fn next(&mut self, tx: &mut dyn Transaction) -> Result<Option<Document>> {
        loop {
            match self.stream.try_next()? {
                None => return Ok(None),
                Some(Item::Group(group)) => {
                    self.refused = group.diagnostics.iter().any(|found| found.severity == Severity::Error);
                }
                Some(Item::GroupEnd { .. }) => {}
                Some(Item::InterchangeEnd) => {
                    self.counts = None;
                }
                Some(Item::Set(set)) => {
                    let (Place { interchange, set, .. }, Prepared { mut processed, .. }) = *set;
                    if self.refused {
                        processed.body = Body::Rejected;
                    }
                    let counts = self.counts(tx, interchange)?;
                    return Ok(Some(Document { offset: set.offset, counts, processed }));
                }
                Some(Item::Order(prepared)) => {
                    let offset = self.offset_of_order();
                    self.order += 1;
                    return Ok(Some(Document { offset, counts: true, processed: prepared.processed }));
                }
            }
        }
    }

    /// Asked once an interchange.
    fn counts(&mut self, tx: &mut dyn Transaction, interchange: usize) -> Result<bool> {
        if let Some(counts) = self.counts {
            return Ok(counts);
        }
        let counts = match &self.input.content {
            Content::X12 { index, .. } => {
                let interchange =
                    index.interchanges.get(interchange).context("the set is in an interchange")?;
                self.state == "duplicate" || was_taken(self.input, interchange, tx)?
            }
            Content::Csv { .. } | Content::Refused(_) => true,
        };
        self.counts = Some(counts);
        Ok(counts)
    }

    fn offset_of_order(&self) -> u64 {
        let Content::Csv { index, .. } = &self.input.content else { return 0 };
        let order = index.orders.get(self.order);
        order.and_then(|order| index.runs(order).first()).map_or(0, |run| run.offset)
    }
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
