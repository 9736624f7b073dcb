//! What a change makes of the order that it is about, line by line with before and after, and why it may have to wait. Nothing
//! is guessed: what the change does not say in so many words is an obstacle.

mod draft;
mod kinds;
mod limits;
mod places;
mod sequence;
mod values;

use crate::domain::Decimal;
use crate::domain::change::{LineChange, OrderChange};
use crate::domain::diagnostic::{Diagnostic, Rule};
use crate::domain::resolution::DecidedOrder;
use crate::domain::rules::changes as rules;
use crate::pipeline::decide::Context;
use draft::Draft;
pub use sequence::{Earlier, Known, known, reused};
use std::collections::BTreeMap;

/// What a change comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// The order as it would stand. Lines keep their place and number; new ones are at the end.
    pub order: DecidedOrder,
    /// What would happen to each line to which something would.
    pub lines: Vec<LineChange>,
    /// Places in `order.lines` of these, in the same order.
    pub touched: Vec<usize>,
    /// For each line of the change its place in `order.lines`, as far as it is known.
    pub of_asked: Vec<Option<usize>>,
    /// Why it must wait; empty where nothing stands against it.
    pub obstacles: Vec<Diagnostic>,
}

/// The plan for a change of a stored order. `billed` has, by line, what invoices less credits come to in the order's unit. The
/// context's date is the run's.
pub fn plan(
    context: &Context<'_>,
    stored: &DecidedOrder,
    change: &OrderChange,
    billed: &BTreeMap<u32, Decimal>,
) -> Plan {
    let settings = &context.profile.orders.changes;
    let mut draft = Draft::new(stored, change, settings.quantity);
    match (change.document.as_str(), change.order.purpose.as_str()) {
        (_, "01") => draft.cancel(),
        ("860", "04") => draft.by_codes(),
        ("860" | "850", "05") | ("850", "00" | "06" | "07") => draft.replace(true),
        ("850", "04") => draft.replace(false),
        (document, purpose) => {
            let detail = format!("purpose {purpose:?} of the {document}");
            draft.stop(&rules::PURPOSE_UNKNOWN, None, detail);
        }
    }
    draft.compare_headings();
    let mut plan = draft.finish(context);
    limits::check(&mut plan, stored, (settings, context.date), billed);
    plan
}

/// What a person may let go all the same; everything else cannot be applied here.
static LIMITS: &[&Rule] = &[
    &rules::OUT_OF_SEQUENCE,
    &rules::NUMBER_REUSED,
    &rules::LINE_BILLED,
    &rules::CANCELS,
    &rules::PRICE_CHANGED,
    &rules::TOO_LATE,
];

/// Whether a person's word is enough for the change to go in spite of this.
pub fn may_be_overruled(obstacle: &Diagnostic) -> bool {
    LIMITS.iter().any(|rule| **rule == *obstacle.rule)
}

#[cfg(test)]
mod tests;
