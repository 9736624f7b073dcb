//! What a release would make of the changes that wait: judged as it judges them, without a write that stays.

use super::held::{Fate, Looked, is_wanted, look};
use super::settle::in_words;
use super::{Around, Before, content, has_come};
use crate::domain::Text;
use crate::domain::change::{ChangeState, LineChange};
use crate::domain::diagnostic::Diagnostic;
use crate::domain::partner::PartnerProfile;
use crate::run::release::Wanted;
use crate::store::changes::OrderChangeRow;
use crate::store::{OrderRow, Transaction, lines};
use anyhow::{Context as _, Result};
use serde::Serialize;

/// A change that waits, as a release would find it.
#[derive(Debug, Serialize)]
pub struct WaitingChange {
    /// `order_change`, or `duplicate_order`.
    pub kind: Text,
    /// Its open exception.
    pub cause: Text,
    /// `860 04 no 2`.
    pub document: String,
    pub partner: Text,
    pub customer: Text,
    pub po_number: Text,
    /// Empty where the order is not known.
    pub order_id: Text,
    /// The run that took it.
    pub since: Text,
    /// `apply`, `reject` or `done`, where a person decided.
    pub decision: Option<Text>,
    /// `applied`, `rejected`, `by_hand`, or `held`: it waits on.
    pub outcome: ChangeState,
    /// What it does, or would do, to each line.
    pub lines: Vec<LineChange>,
    /// What stands against it.
    pub findings: Vec<Diagnostic>,
}

impl WaitingChange {
    /// What it does to its lines, the first few of them.
    pub fn in_words(&self) -> String {
        let shown: Vec<String> = self.lines.iter().take(3).map(in_words).collect();
        let more = self.lines.len().saturating_sub(shown.len());
        let rest = if more > 0 { format!("; {more} lines more") } else { String::new() };
        shown.join("; ") + &rest
    }
}

/// All of them in the order of a release, each by what the earlier ones would do: that is in the transaction afterwards, which
/// is not to be committed.
pub(crate) fn preview(
    tx: &mut dyn Transaction,
    around: Around<'_>,
    profiles: &[PartnerProfile],
    wanted: &Wanted,
) -> Result<Vec<WaitingChange>> {
    let (mut found, mut before) = (Vec::new(), Before::default());
    for id in tx.held_changes_before("")? {
        let row = tx.order_change(id)?.context("a change that waits is gone")?;
        if !is_wanted(&row, wanted) || !has_come(&row, around.date) {
            continue;
        }
        let Some(profile) = profiles.iter().find(|profile| *profile.id() == row.partner) else {
            found.push(without_a_profile(row)?);
            continue;
        };
        let looked = look((tx, &mut before), around, profile, &row)?;
        found.push(waiting(tx, row, looked)?);
    }
    Ok(found)
}

/// Nobody judges it: the partner has no profile any more.
fn without_a_profile(row: OrderChangeRow) -> Result<WaitingChange> {
    let document = content(&row)?.name();
    Ok(told(row, document, ChangeState::Held))
}

fn told(row: OrderChangeRow, document: String, outcome: ChangeState) -> WaitingChange {
    let OrderChangeRow { kind, cause, partner, customer, po_number, order_id, run_id, .. } = row;
    WaitingChange {
        kind,
        cause,
        document,
        partner,
        customer,
        po_number,
        order_id,
        since: run_id,
        decision: None,
        outcome,
        lines: Vec::new(),
        findings: Vec::new(),
    }
}

/// What became of it; the order, and the change itself, stand in the transaction as they would.
fn waiting(tx: &mut dyn Transaction, mut row: OrderChangeRow, looked: Looked) -> Result<WaitingChange> {
    let Looked { change, judged, decision, fate } = looked;
    let outcome = match fate {
        Fate::Applied => ChangeState::Applied,
        Fate::Rejected => ChangeState::Rejected,
        Fate::ByHand => ChangeState::ByHand,
        Fate::Held => ChangeState::Held,
    };
    if let Some((order, _)) = &judged.order {
        row.order_id.clone_from(&order.order_id);
        row.customer.clone_from(&order.customer);
    }
    if fate != Fate::Held {
        row.state = outcome.as_str().into();
        tx.update_order_change(&row)?;
    }
    if fate == Fate::Applied
        && let Some((order, _)) = judged.order
    {
        let now = &judged.plan.order;
        tx.update_order(&OrderRow {
            po_date: now.order.po_date,
            state: crate::run::orders::state_of(now).into(),
            header: lines::encode_header(&now.order)?,
            lines: lines::encode(&now.order.lines, &now.lines)?,
            ..order
        })?;
    }
    Ok(WaitingChange {
        decision,
        lines: judged.plan.lines,
        findings: judged.obstacles,
        ..told(row, change.name(), outcome)
    })
}
