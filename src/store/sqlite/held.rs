//! Orders with a line that waits: finding them, changing them, closing what was open about them.

use super::seals::reseal_order;
use super::values::{Columns, Words, one_text, rows, write, written};
use crate::domain::Text;
use crate::store::{Closing, HeldFilter, HeldOrder, OrderRow};
use anyhow::{Context, Result, ensure};
use rusqlite::Connection;

pub(super) fn held_orders(connection: &Connection, wanted: &HeldFilter) -> Result<Vec<HeldOrder>> {
    rows(
        connection,
        "list the held orders",
        // the condition on the state is that of the index purchase_order_held
        "SELECT held.order_id, held.partner, held.customer, held.po_number, held.received, held.input,
             held.input_offset, held.input_length, receipt.archive_path, receipt.digest, receipt.bytes,
             EXISTS (SELECT 1 FROM exception
                 WHERE order_id = held.order_id AND line = 0 AND kind = 'archive' AND closed IS NULL)
         FROM purchase_order AS held
         JOIN receipt
             ON receipt.run_id = held.run_id AND receipt.unit = held.unit AND receipt.name = held.input
         WHERE held.state IN ('held', 'part_held') AND held.received <= $1
             AND ($2 = '' OR held.po_number = $2) AND ($3 = '' OR held.customer = $3)
         ORDER BY held.order_number",
        &[&Words(&wanted.until.to_string()), &Words(&wanted.po_number), &Words(&wanted.customer)],
        held_order,
    )
}

fn held_order(row: &mut Columns<'_, '_>) -> rusqlite::Result<HeldOrder> {
    Ok(HeldOrder {
        order_id: row.text()?,
        partner: row.text()?,
        customer: row.text()?,
        po_number: row.text()?,
        received: row.day()?,
        input: row.text()?,
        offset: row.whole()?,
        length: row.whole()?,
        archive_path: row.text()?,
        digest: row.text()?,
        bytes: row.whole()?,
        archive_in_doubt: row.flag()?,
    })
}

pub(super) fn update(connection: &Connection, row: &OrderRow) -> Result<()> {
    let changed = write(
        connection,
        "change an order",
        "UPDATE purchase_order SET customer = $1, release = $2, po_date = $3, currency = $4, state = $5, header = $6,
             lines = $7, answered = $8
         WHERE order_id = $9",
        &[
            &Words(&row.customer),
            &Words(&row.release),
            &Words(&written(row.po_date)),
            &Words(&row.currency),
            &Words(&row.state),
            &Words(&row.header),
            &Words(&row.lines),
            &row.answered,
            &Words(&row.order_id),
        ],
    )
    .with_context(|| format!("order {}, PO number {}", row.order_id, row.po_number))?;
    ensure!(changed == 1, "cannot change the order {}: the store does not know it", row.order_id);
    reseal_order(connection, &row.order_id)
}

pub(super) fn with_refused_lines(connection: &Connection) -> Result<Vec<Text>> {
    rows(
        connection,
        "list the orders with refused lines",
        "SELECT DISTINCT order_id FROM exception
         WHERE closed IS NULL AND kind = 'line' AND json_extract(detail, '$.state') = 'rejected' ORDER BY order_id",
        &[],
        one_text,
    )
}

pub(super) fn close_exceptions(connection: &Connection, closing: &Closing<'_>) -> Result<u64> {
    let closed = write(
        connection,
        "close exceptions",
        "UPDATE exception SET closed = $1, closed_by = $2, closed_as = $3
         WHERE order_id = $4 AND line = $5 AND kind = $6 AND closed IS NULL",
        &[
            &closing.now,
            &Words(closing.run_id),
            &Words(closing.closed_as),
            &Words(closing.order_id),
            &closing.line,
            &Words(closing.kind),
        ],
    )
    .with_context(|| format!("order {}, line {}", closing.order_id, closing.line))?;
    Ok(closed as u64)
}
