//! An order under two cross-references: which of its lines would become something else.

use crate::domain::order::{ItemNumber, PurchaseOrder};
use crate::domain::resolution::{DecidedLine, LineOutcome, LineState, Via};
use crate::domain::{Decimal, Text};
use crate::pipeline::decide::{Context, decide};

/// What became, or would become, of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineFate {
    pub outcome: LineOutcome,
    pub via: Option<Via>,
    /// Empty where none is known.
    pub item: Text,
    /// In the item's unit.
    pub quantity: Option<Decimal>,
    pub unit: Text,
    pub state: LineState,
}

/// A line that would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineChange {
    /// Our running number in the order.
    pub line: u32,
    /// The number that decides afterwards, else the one that decided before, else the line's first.
    pub number: ItemNumber,
    pub from: LineFate,
    pub to: LineFate,
    /// Ordered quantity times price; None where the order does not say.
    pub amount: Option<Decimal>,
}

/// The lines whose outcome, item, quantity, unit or state differs between the two contexts. By which row or scope a line
/// came to the same result makes no difference.
pub fn changes(before: &Context<'_>, after: &Context<'_>, order: &PurchaseOrder) -> Vec<LineChange> {
    let (before, _) = decide(before, order.clone());
    let (after, _) = decide(after, order.clone());
    let pairs = order.lines.iter().zip(before.lines.iter().zip(&after.lines));
    pairs
        .filter_map(|(line, (before, after))| {
            let (from, to) = (fate(before), fate(after));
            let same = LineFate { via: to.via, ..from.clone() } == to;
            (!same).then(|| LineChange {
                line: line.line,
                number: [&after.resolution.matched, &before.resolution.matched]
                    .into_iter()
                    .find(|number| !number.value.is_empty())
                    .or(line.numbers.first())
                    .cloned()
                    .unwrap_or_default(),
                amount: line
                    .quantity
                    .zip(after.unit_price)
                    .and_then(|(quantity, price)| quantity.checked_mul(price)),
                from,
                to,
            })
        })
        .collect()
}

fn fate(line: &DecidedLine) -> LineFate {
    let resolution = &line.resolution;
    LineFate {
        outcome: resolution.outcome,
        via: resolution.via,
        item: resolution.item.clone(),
        quantity: resolution.quantity,
        unit: resolution.unit.clone(),
        state: line.state,
    }
}
