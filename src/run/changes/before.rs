//! What came before a change of an order. A stranger may send any number of changes of one order, so each is read once, and only
//! a digest of it is kept for those after it.

use super::content;
use crate::domain::Text;
use crate::domain::change::{ChangeState, OrderChange};
use crate::domain::diagnostic::Diagnostic;
use crate::pipeline::change::{Earlier, Known, known, reused};
use crate::store::Transaction;
use crate::store::changes::OrderChangeRow;
use anyhow::{Context as _, Result};
use std::collections::BTreeMap;

/// So many are remembered; then all are forgotten, and read again where they are asked for.
const REMEMBERED_MAX: usize = 20_000;

/// Changes that were read in this transaction. What a change says never changes; what became of it is asked each time.
#[derive(Debug, Default)]
pub(crate) struct Before {
    read: BTreeMap<i64, Earlier>,
}

/// What stands against a change because of those of its order that came before it; None: it is one of them. `until` is its own id,
/// where it has one.
pub(super) fn sequence(
    tx: &mut dyn Transaction,
    before: &mut Before,
    (partner, change): (&Text, &OrderChange),
    until: Option<i64>,
) -> Result<Option<Vec<Diagnostic>>> {
    let order = &change.order;
    let heads = tx.change_heads(partner, &order.po_number, &order.release, until.unwrap_or(i64::MAX))?;
    let mut earlier = Vec::with_capacity(heads.len());
    for head in &heads {
        let state = state_of(&head.state);
        let mut known = match before.read.get(&head.change_id) {
            Some(known) => known.clone(),
            None => before.remember(head.change_id, Earlier::new(&said(tx, head.change_id)?, state)),
        };
        known.state = state;
        earlier.push(known);
    }
    Ok(match known(change, &earlier) {
        Known::Again => None,
        Known::New(found) => Some(found),
        Known::Reused(place) => {
            let head = heads.get(place).context("the place is one of those that were given")?;
            Some(vec![reused(change, &said(tx, head.change_id)?)])
        }
    })
}

impl Before {
    fn remember(&mut self, change_id: i64, earlier: Earlier) -> Earlier {
        if self.read.len() >= REMEMBERED_MAX {
            self.read.clear();
        }
        self.read.insert(change_id, earlier.clone());
        earlier
    }
}

pub(super) fn said(tx: &mut dyn Transaction, change_id: i64) -> Result<OrderChange> {
    let row: OrderChangeRow = tx.order_change(change_id)?.context("a change that was listed is gone")?;
    content(&row)
}

fn state_of(word: &str) -> ChangeState {
    let states = [ChangeState::Applied, ChangeState::ByHand, ChangeState::Rejected];
    states.into_iter().find(|state| state.as_str() == word).unwrap_or(ChangeState::Held)
}
