//! What an order was before each change that was applied to it, as the store keeps it.

use crate::domain::resolution::DecidedOrder;
use crate::store::{OrderRow, Transaction, lines};
use anyhow::Result;

/// The oldest first; of an order that was never changed there are none. One that cannot be read is passed over: its seal tells.
pub(crate) fn before(tx: &mut dyn Transaction, row: &OrderRow) -> Result<Vec<DecidedOrder>> {
    let versions = tx.order_versions(&row.order_id)?.into_iter();
    let as_it_was = |header, lines| OrderRow { header, lines, ..row.clone() };
    Ok(versions
        .filter_map(|version| lines::order_from_row(&as_it_was(version.header, version.lines)).ok())
        .collect())
}
