//! Refused lines are final; what is open about them ends when their number leads to an item, so that the next order has it.

use crate::domain::resolution::{DecidedOrder, LineOutcome, LineState, Resolution};
use crate::run::night::Night;
use crate::store::{Closing, OrderRow, lines};
use crate::xref::resolve::resolve_order;
use anyhow::Result;

/// Closes the exceptions of refused lines that an order of the run's date would find mapped. Nothing else changes: the
/// order stays as it was answered.
pub(super) fn close_mended(night: &mut Night<'_>) -> Result<()> {
    let order_ids = night.store.read()?.orders_with_refused_lines()?;
    if order_ids.is_empty() {
        return Ok(());
    }
    let parts = night.parts()?;
    let mut tx = parts.store.begin()?;
    let mut closed = 0;
    for order_id in order_ids {
        let Some(row) = tx.order(&order_id)? else { continue };
        let profile = parts.profiles.iter().find(|profile| *profile.id() == row.partner);
        // the profile may be gone since
        let Some(profile) = profile else { continue };
        for line in mended(&row, |order| {
            resolve_order(parts.index, &profile.orders, &order.customer, &order.order, parts.run.date)
        })? {
            closed += tx.close_exceptions(&Closing {
                kind: "line",
                order_id: &order_id,
                line,
                run_id: &parts.run.run_id,
                closed_as: "mapped",
                now: parts.run.started,
            })?;
        }
    }
    if closed > 0 { tx.commit() } else { Ok(()) }
}

/// The refused lines of an order that are mapped now.
fn mended(row: &OrderRow, resolve: impl Fn(&DecidedOrder) -> Vec<Resolution>) -> Result<Vec<u32>> {
    let order = lines::order_from_row(row)?;
    let now = resolve(&order);
    let pairs = order.order.lines.iter().zip(&order.lines).zip(now);
    let mended = pairs.filter(|((_, before), now)| {
        before.state == LineState::Rejected && now.outcome == LineOutcome::Mapped
    });
    Ok(mended.map(|((line, _), _)| line.line).collect())
}
