//! What is billed of an order line, invoices that wait, and what people decided about them.

use super::orders::exception;
use super::values::{Columns, Words, first, one_whole, rows, write};
use crate::domain::money::plain;
use crate::store::invoices::{BilledLineRow, HeldInvoiceRow, InvoiceDecision};
use crate::store::{ExceptionRow, Micros};
use anyhow::{Context, Result, ensure};
use rusqlite::Connection;
use rusqlite::types::FromSqlError;

pub(super) fn add_billed(connection: &Connection, order_id: &str, lines: &[BilledLineRow]) -> Result<()> {
    for row in lines {
        write(
            connection,
            "add a billed line",
            "INSERT INTO billed_line (order_id, kind, invoice_number, position, line, quantity)
             VALUES ($1, $2, $3, $4, $5, $6)",
            &[
                &Words(order_id),
                &Words(&row.kind),
                &Words(&row.invoice_number),
                &row.position,
                &row.line,
                &Words(&plain(row.quantity)),
            ],
        )
        .with_context(|| format!("line {} of order {order_id}", row.line))?;
    }
    Ok(())
}

pub(super) fn billed(connection: &Connection, order_id: &str) -> Result<Vec<BilledLineRow>> {
    rows(
        connection,
        "list what is billed of an order",
        "SELECT kind, invoice_number, position, line, quantity FROM billed_line
         WHERE order_id = $1 ORDER BY kind, invoice_number, position",
        &[&Words(order_id)],
        |row| {
            Ok(BilledLineRow {
                kind: row.text()?,
                invoice_number: row.text()?,
                position: row.whole()?,
                line: row.whole()?,
                quantity: row
                    .decimal()?
                    .ok_or_else(|| FromSqlError::Other("a billed line has no quantity".into()))?,
            })
        },
    )
}

pub(super) fn held(
    connection: &Connection,
    kind: &str,
    invoice_number: &str,
) -> Result<Option<HeldInvoiceRow>> {
    first(
        connection,
        "look for an invoice that waits",
        "SELECT kind, invoice_number, run_id, partner, customer, cause, source, judged FROM held_invoice
         WHERE kind = $1 AND invoice_number = $2",
        &[&Words(kind), &Words(invoice_number)],
        read_held,
    )
}

pub(super) fn held_before(connection: &Connection, run_id: &str) -> Result<Vec<HeldInvoiceRow>> {
    rows(
        connection,
        "list the invoices that wait",
        "SELECT kind, invoice_number, run_id, partner, customer, cause, source, judged FROM held_invoice
         WHERE judged <> $1 ORDER BY kind, invoice_number",
        &[&Words(run_id)],
        read_held,
    )
}

fn read_held(row: &mut Columns<'_, '_>) -> rusqlite::Result<HeldInvoiceRow> {
    Ok(HeldInvoiceRow {
        kind: row.text()?,
        invoice_number: row.text()?,
        run_id: row.text()?,
        partner: row.text()?,
        customer: row.text()?,
        cause: row.text()?,
        source: row.string()?,
        judged: row.text()?,
    })
}

pub(super) fn put_held(connection: &Connection, row: &HeldInvoiceRow) -> Result<()> {
    write(
        connection,
        "keep an invoice that waits",
        "INSERT INTO held_invoice (kind, invoice_number, run_id, partner, customer, cause, source, judged)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (kind, invoice_number) DO UPDATE SET
             run_id = excluded.run_id, partner = excluded.partner, customer = excluded.customer,
             cause = excluded.cause, source = excluded.source, judged = excluded.judged",
        &[
            &Words(&row.kind),
            &Words(&row.invoice_number),
            &Words(&row.run_id),
            &Words(&row.partner),
            &Words(&row.customer),
            &Words(&row.cause),
            &Words(&row.source),
            &Words(&row.judged),
        ],
    )
    .with_context(|| format!("invoice {} {}", row.kind, row.invoice_number))?;
    Ok(())
}

pub(super) fn remove_held(connection: &Connection, kind: &str, invoice_number: &str) -> Result<()> {
    write(
        connection,
        "end the wait of an invoice",
        "DELETE FROM held_invoice WHERE kind = $1 AND invoice_number = $2",
        &[&Words(kind), &Words(invoice_number)],
    )?;
    Ok(())
}

pub(super) fn add_decision(connection: &Connection, row: &InvoiceDecision) -> Result<()> {
    ensure!(
        !row.decided_by.trim().is_empty() && !row.reason.trim().is_empty(),
        "a decision about invoice {} needs a name and a reason",
        row.invoice_number
    );
    write(
        connection,
        "keep a decision about an invoice",
        "INSERT INTO invoice_decision (kind, invoice_number, decision, source, decided_by, reason, recorded)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            &Words(&row.kind),
            &Words(&row.invoice_number),
            &Words(&row.decision),
            &Words(&row.source),
            &Words(&row.decided_by),
            &Words(&row.reason),
            &row.recorded,
        ],
    )
    .with_context(|| format!("invoice {} {}", row.kind, row.invoice_number))?;
    Ok(())
}

pub(super) fn decision(
    connection: &Connection,
    kind: &str,
    invoice_number: &str,
) -> Result<Option<InvoiceDecision>> {
    first(
        connection,
        "look for a decision about an invoice",
        "SELECT kind, invoice_number, decision, source, decided_by, reason, recorded FROM invoice_decision
         WHERE kind = $1 AND invoice_number = $2 ORDER BY decision_id DESC LIMIT 1",
        &[&Words(kind), &Words(invoice_number)],
        |row| {
            Ok(InvoiceDecision {
                kind: row.text()?,
                invoice_number: row.text()?,
                decision: row.text()?,
                source: row.string()?,
                decided_by: row.text()?,
                reason: row.text()?,
                recorded: row.whole::<Micros>()?,
            })
        },
    )
}

pub(super) fn open_of_kind(connection: &Connection, kind: &str) -> Result<Vec<ExceptionRow>> {
    rows(
        connection,
        "list the open exceptions of a kind",
        "SELECT kind, cause, run_id, partner, customer, po_number, order_id, line, detail FROM exception
         WHERE closed IS NULL AND kind <> 'line' AND kind = $1 ORDER BY exception_id",
        &[&Words(kind)],
        exception,
    )
}

pub(super) fn is_open(connection: &Connection, kind: &str, cause: &str) -> Result<bool> {
    let open: Option<i64> = first(
        connection,
        "look for an open cause",
        "SELECT exception_id FROM exception WHERE closed IS NULL AND kind <> 'line' AND kind = $1 AND cause = $2 LIMIT 1",
        &[&Words(kind), &Words(cause)],
        one_whole,
    )?;
    Ok(open.is_some())
}

pub(super) fn close_cause(
    connection: &Connection,
    (kind, cause): (&str, &str),
    (run_id, closed_as): (&str, &str),
    now: Micros,
) -> Result<u64> {
    let closed = write(
        connection,
        "close a cause",
        "UPDATE exception SET closed = $1, closed_by = $2, closed_as = $3
         WHERE closed IS NULL AND kind <> 'line' AND kind = $4 AND cause = $5",
        &[&now, &Words(run_id), &Words(closed_as), &Words(kind), &Words(cause)],
    )?;
    Ok(closed as u64)
}
