//! What becomes of an order that waits when it is judged once more: what went stays as it went, what waits goes if it can.

use crate::documents::pr855;
use crate::domain::Date;
use crate::domain::diagnostic::Diagnostic;
use crate::domain::order::PurchaseOrder;
use crate::domain::partner::PartnerProfile;
use crate::domain::resolution::{
    DecidedLine, DecidedOrder, LineOutcome, LineState, Resolution, UnresolvedPolicy,
};
use crate::pipeline::process::is_answered;
use crate::x12::writer::{OutboundEnvelope, WrittenSet};

/// An order of which lines waited, after a second look.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Released {
    /// The order as it stands now: lines that had gone, or had been refused, as they were; those that waited as they are
    /// judged now.
    pub order: DecidedOrder,
    /// Places in `order.lines` of the lines that waited until now.
    pub waited: Vec<usize>,
    /// Of those, the lines that are judged otherwise than before.
    pub changed: Vec<usize>,
    /// Of those, the lines that wait no longer.
    pub moved: Vec<usize>,
    /// Of those, the lines that go because a person rejected them.
    pub refused: Vec<usize>,
}

impl Released {
    /// The order with these of its lines alone.
    pub fn part(&self, places: &[usize]) -> DecidedOrder {
        let DecidedOrder { partner, customer, order, lines, as_of, currency } = &self.order;
        let mut part = DecidedOrder {
            partner: partner.clone(),
            customer: customer.clone(),
            order: PurchaseOrder { lines: Vec::new(), ..order.clone() },
            lines: Vec::with_capacity(places.len()),
            as_of: *as_of,
            currency: currency.clone(),
        };
        for place in places {
            if let (Some(line), Some(decided)) = (order.lines.get(*place), lines.get(*place)) {
                part.order.lines.push(line.clone());
                part.lines.push(decided.clone());
            }
        }
        part
    }
}

/// Puts together how the order stands in the store and how the same bytes are judged now. `again` is a decision under the
/// same policy. Fails, with the reason in words, where the bytes do not read as the order that waits.
///
/// Under `hold_order` the lines that wait go together or not at all; lines that went or were refused before have no say in
/// it. Under every other policy each goes by itself. The lines numbered in `refused` are those that a person has rejected: they
/// count as found, and are rejected when they go, unless they have their item now.
pub fn release(
    stored: &DecidedOrder,
    again: DecidedOrder,
    policy: UnresolvedPolicy,
    refused: &[u32],
) -> Result<Released, String> {
    same_order(stored, &again)?;
    let waits = |line: &DecidedLine| line.state == LineState::Held;
    let waited: Vec<usize> = places(&stored.lines, |_, line| waits(line));
    let settled = waited.len() < stored.lines.len();
    let mapped = |line: &DecidedLine| line.resolution.outcome == LineOutcome::Mapped;
    let is_refused = |place: usize| {
        let line = stored.order.lines.get(place);
        line.is_some_and(|line| refused.contains(&line.line))
    };
    let complete =
        waited.iter().all(|place| is_refused(*place) || again.lines.get(*place).is_none_or(mapped));
    let mut order = again;
    for (place, before) in stored.lines.iter().enumerate() {
        let (Some(line), Some(now)) = (order.order.lines.get_mut(place), order.lines.get_mut(place)) else {
            continue;
        };
        if !waits(before) {
            now.clone_from(before);
            if let Some(kept) = stored.order.lines.get(place) {
                line.clone_from(kept);
            }
        } else if policy == UnresolvedPolicy::HoldOrder && !complete {
            now.state = LineState::Held;
        } else if is_refused(place) && !mapped(now) {
            now.state = LineState::Rejected;
        } else if policy == UnresolvedPolicy::HoldOrder {
            now.state = LineState::Ordered;
        }
    }
    if settled {
        // a part of it went out under this header
        let lines = std::mem::take(&mut order.order.lines);
        order.order = PurchaseOrder { lines, ..stored.order.clone() };
    }
    let differs = |place: usize, now: &DecidedLine| {
        let before = stored.lines.get(place);
        before.is_some_and(|before| {
            waits(before) && (!waits(now) || !same_finding(&before.resolution, &now.resolution))
        })
    };
    let changed = places(&order.lines, differs);
    let moved: Vec<usize> = changed
        .iter()
        .copied()
        .filter(|place| order.lines.get(*place).is_some_and(|line| !waits(line)))
        .collect();
    let rejected = |place: &usize| {
        is_refused(*place) && order.lines.get(*place).is_some_and(|line| line.state == LineState::Rejected)
    };
    let refused = moved.iter().copied().filter(rejected).collect();
    Ok(Released { order, waited, changed, moved, refused })
}

fn places(lines: &[DecidedLine], wanted: impl Fn(usize, &DecidedLine) -> bool) -> Vec<usize> {
    lines.iter().enumerate().filter(|(place, line)| wanted(*place, line)).map(|(place, _)| place).collect()
}

/// The same document for the same customer, line for line; an order of which nothing went yet may find its customer anew.
fn same_order(stored: &DecidedOrder, again: &DecidedOrder) -> Result<(), String> {
    let settled = stored.lines.iter().any(|line| line.state != LineState::Held);
    let differ = [
        ("partner", stored.partner.as_str(), again.partner.as_str(), true),
        ("purchase order", &stored.order.po_number, &again.order.po_number, true),
        ("customer", &stored.customer, &again.customer, settled),
        ("currency", &stored.currency, &again.currency, settled),
    ];
    for (what, before, now, counts) in differ {
        if counts && before != now {
            return Err(format!("its {what} was {before:?} and would be {now:?}"));
        }
    }
    let (before, now) = (stored.lines.len(), again.lines.len());
    if before != now || again.order.lines.len() != now || stored.order.lines.len() != before {
        return Err(format!("it had {before} lines and would have {now}"));
    }
    Ok(())
}

/// Whether two resolutions say the same of a line; how they came to it, and in which words, may differ.
fn same_finding(before: &Resolution, now: &Resolution) -> bool {
    let said = |resolution: &Resolution| Resolution {
        candidates: Vec::new(),
        notes: Vec::new(),
        ..resolution.clone()
    };
    said(before) == said(now)
}

/// The 855 that follows a release, if the partner wants one now: about the whole order as it stands. The first that the
/// partner gets of the order (`answered` is 0) is an original, a further one takes the place of the one before. Without a set the
/// findings say why it cannot be sent.
pub fn answer(
    released: &Released,
    profile: &PartnerProfile,
    outbound: &OutboundEnvelope,
    date: Date,
    answered: u32,
) -> Option<(Option<WrittenSet>, Vec<Diagnostic>)> {
    if released.moved.is_empty() || !is_answered(profile, outbound, &released.order) {
        return None;
    }
    Some(match answered {
        0 => pr855::write(&released.order, profile, outbound, date),
        _ => pr855::write_again(&released.order, profile, outbound, date),
    })
}

#[cfg(test)]
mod tests;
