//! Changes of orders, what orders were before them, and what people decided about those that wait.

use super::seals::{reseal, write_sealed};
use super::values::{Columns, Whole, Words, first, one_whole, rows, write};
use crate::domain::Text;
use crate::store::Micros;
use crate::store::changes::{ChangeDecision, ChangeHead, OrderChangeRow, OrderVersionRow};
use anyhow::{Context, Result, ensure};
use rusqlite::Connection;
use rusqlite::types::FromSqlError;

/// So many changes of one order are looked at: a stranger may send any number.
const CHANGES_MAX: u32 = 200;

pub(super) fn add(connection: &Connection, row: &OrderChangeRow) -> Result<i64> {
    write_sealed(
        connection,
        "keep a change of an order",
        "INSERT INTO order_change (kind, cause, state, order_id, partner, customer, po_number, release, received, run_id,
             input, input_offset, content, plan, receiver, answered, judged, settled_by, seal)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
        &[
            &Words(&row.kind),
            &Words(&row.cause),
            &Words(&row.state),
            &Words(&row.order_id),
            &Words(&row.partner),
            &Words(&row.customer),
            &Words(&row.po_number),
            &Words(&row.release),
            &Words(&row.received.to_string()),
            &Words(&row.run_id),
            &Words(&row.input),
            &Whole(row.offset),
            &Words(&row.content),
            &Words(&row.plan),
            &Words(&serde_json::to_string(&row.receiver)?),
            &row.answered,
            &Words(&row.judged),
            &Words(&row.settled_by),
        ],
    )
    .with_context(|| format!("change of PO number {}", row.po_number))?;
    Ok(connection.last_insert_rowid())
}

pub(super) fn update(connection: &Connection, row: &OrderChangeRow) -> Result<()> {
    let changed = write(
        connection,
        "keep what became of a change",
        "UPDATE order_change SET cause = $1, state = $2, order_id = $3, customer = $4, plan = $5, answered = $6, judged = $7,
             settled_by = $8
         WHERE change_id = $9",
        &[
            &Words(&row.cause),
            &Words(&row.state),
            &Words(&row.order_id),
            &Words(&row.customer),
            &Words(&row.plan),
            &row.answered,
            &Words(&row.judged),
            &Words(&row.settled_by),
            &row.change_id,
        ],
    )?;
    ensure!(changed == 1, "the store does not know the change {}", row.change_id);
    reseal(connection, "order_change", &row.change_id.to_string())
}

pub(super) fn of_order(
    connection: &Connection,
    partner: &str,
    po_number: &str,
    release: &str,
) -> Result<Vec<OrderChangeRow>> {
    let mut newest = rows(
        connection,
        "list the changes of an order",
        "SELECT change_id, kind, cause, state, order_id, partner, customer, po_number, release, received, run_id, input,
             input_offset, content, plan, receiver, answered, judged, settled_by FROM order_change
         WHERE po_number = $1 AND partner = $2 AND release = $3 ORDER BY change_id DESC LIMIT $4",
        &[&Words(po_number), &Words(partner), &Words(release), &CHANGES_MAX],
        read,
    )?;
    newest.reverse();
    Ok(newest)
}

pub(super) fn heads(
    connection: &Connection,
    [po_number, partner, release]: [&str; 3],
    before: i64,
) -> Result<Vec<ChangeHead>> {
    let mut newest = rows(
        connection,
        "list what became of the changes of an order",
        "SELECT change_id, state, order_id FROM order_change
         WHERE po_number = $1 AND partner = $2 AND release = $3 AND change_id < $4 ORDER BY change_id DESC LIMIT $5",
        &[&Words(po_number), &Words(partner), &Words(release), &before, &CHANGES_MAX],
        |row| Ok(ChangeHead { change_id: row.whole()?, state: row.text()?, order_id: row.text()? }),
    )?;
    newest.reverse();
    Ok(newest)
}

pub(super) fn by_id(connection: &Connection, change_id: i64) -> Result<Option<OrderChangeRow>> {
    first(
        connection,
        "look for a change of an order",
        "SELECT change_id, kind, cause, state, order_id, partner, customer, po_number, release, received, run_id, input,
             input_offset, content, plan, receiver, answered, judged, settled_by FROM order_change
         WHERE change_id = $1",
        &[&change_id],
        read,
    )
}

pub(super) fn held_under(connection: &Connection, cause: &str) -> Result<Option<OrderChangeRow>> {
    first(
        connection,
        "look for a change that waits",
        "SELECT change_id, kind, cause, state, order_id, partner, customer, po_number, release, received, run_id, input,
             input_offset, content, plan, receiver, answered, judged, settled_by FROM order_change
         WHERE cause = $1 AND state = 'held' ORDER BY change_id LIMIT 1",
        &[&Words(cause)],
        read,
    )
}

pub(super) fn settled_under(connection: &Connection, cause: &str) -> Result<Option<i64>> {
    first(
        connection,
        "look for a change that waited",
        "SELECT max(change_id) FROM order_change WHERE cause = $1 AND state <> 'held' HAVING max(change_id) IS NOT NULL",
        &[&Words(cause)],
        one_whole,
    )
}

pub(super) fn held_before(connection: &Connection, run_id: &str) -> Result<Vec<i64>> {
    rows(
        connection,
        "list the changes that wait",
        "SELECT change_id FROM order_change WHERE state = 'held' AND judged <> $1 ORDER BY change_id",
        &[&Words(run_id)],
        one_whole,
    )
}

fn read(row: &mut Columns<'_, '_>) -> rusqlite::Result<OrderChangeRow> {
    Ok(OrderChangeRow {
        change_id: row.whole()?,
        kind: row.text()?,
        cause: row.text()?,
        state: row.text()?,
        order_id: row.text()?,
        partner: row.text()?,
        customer: row.text()?,
        po_number: row.text()?,
        release: row.text()?,
        received: row.day()?,
        run_id: row.text()?,
        input: row.text()?,
        offset: row.whole()?,
        content: row.string()?,
        plan: row.string()?,
        receiver: receiver(&row.text()?)?,
        answered: row.whole()?,
        judged: row.text()?,
        settled_by: row.text()?,
    })
}

fn receiver(json: &Text) -> rusqlite::Result<[Text; 3]> {
    serde_json::from_str(json).map_err(|error| FromSqlError::Other(error.into()).into())
}

pub(super) fn add_version(connection: &Connection, row: &OrderVersionRow) -> Result<()> {
    let newest = "SELECT coalesce(max(version), 0) FROM order_version WHERE order_id = $1";
    let newest: Option<i64> = first(
        connection,
        "look how often an order was changed",
        newest,
        &[&Words(&row.order_id)],
        one_whole,
    )?;
    write_sealed(
        connection,
        "keep what an order was",
        "INSERT INTO order_version (order_id, version, change_id, run_id, state, header, lines, recorded, seal)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &[
            &Words(&row.order_id),
            &(newest.unwrap_or_default() + 1),
            &row.change_id,
            &Words(&row.run_id),
            &Words(&row.state),
            &Words(&row.header),
            &Words(&row.lines),
            &row.recorded,
        ],
    )
    .with_context(|| format!("order {}", row.order_id))?;
    Ok(())
}

pub(super) fn versions(connection: &Connection, order_id: &str) -> Result<Vec<OrderVersionRow>> {
    rows(
        connection,
        "list what an order was",
        "SELECT order_id, version, change_id, run_id, state, header, lines, recorded FROM order_version
         WHERE order_id = $1 ORDER BY version",
        &[&Words(order_id)],
        |row| {
            Ok(OrderVersionRow {
                order_id: row.text()?,
                version: row.whole()?,
                change_id: row.whole()?,
                run_id: row.text()?,
                state: row.text()?,
                header: row.string()?,
                lines: row.string()?,
                recorded: row.whole::<Micros>()?,
            })
        },
    )
}

pub(super) fn add_decision(connection: &Connection, row: &ChangeDecision) -> Result<()> {
    ensure!(
        !row.decided_by.trim().is_empty() && !row.reason.trim().is_empty(),
        "a decision about a change needs a name and a reason"
    );
    write(
        connection,
        "keep a decision about a change",
        "INSERT INTO order_change_decision (change_id, decision, decided_by, reason, recorded)
         VALUES ($1, $2, $3, $4, $5)",
        &[&row.change_id, &Words(&row.decision), &Words(&row.decided_by), &Words(&row.reason), &row.recorded],
    )?;
    Ok(())
}

pub(super) fn decision(connection: &Connection, change_id: i64) -> Result<Option<ChangeDecision>> {
    first(
        connection,
        "look for a decision about a change",
        "SELECT change_id, decision, decided_by, reason, recorded FROM order_change_decision
         WHERE change_id = $1 ORDER BY decision_id DESC LIMIT 1",
        &[&change_id],
        |row| {
            Ok(ChangeDecision {
                change_id: row.whole()?,
                decision: row.text()?,
                decided_by: row.text()?,
                reason: row.text()?,
                recorded: row.whole::<Micros>()?,
            })
        },
    )
}
