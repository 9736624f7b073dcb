//! Purchase orders, one row each, and what waits for a person.

use super::seals::write_sealed;
use super::values::{Columns, Whole, Words, first, one_whole, rows, written};
use crate::domain::Date;
use crate::store::{ExceptionRow, OrderRow};
use anyhow::{Context, Result};
use rusqlite::Connection;

pub(super) fn by_po(
    connection: &Connection,
    customer: &str,
    po_number: &str,
    release: &str,
    since: Date,
) -> Result<Option<OrderRow>> {
    first(
        connection,
        "look for an order by its PO number",
        "SELECT order_id, run_id, unit, partner, customer, po_number, release, po_date, received, currency, state, header,
             lines, input, input_offset, input_length, answered FROM purchase_order
         WHERE po_number = $1 AND customer = $2 AND release = $3 AND received >= $4
         ORDER BY received DESC, order_number DESC LIMIT 1",
        &[&Words(po_number), &Words(customer), &Words(release), &Words(&since.to_string())],
        read_order,
    )
}

pub(super) fn by_id(connection: &Connection, order_id: &str) -> Result<Option<OrderRow>> {
    first(
        connection,
        "look for an order",
        "SELECT order_id, run_id, unit, partner, customer, po_number, release, po_date, received, currency, state, header,
             lines, input, input_offset, input_length, answered FROM purchase_order
         WHERE order_id = $1",
        &[&Words(order_id)],
        read_order,
    )
}

pub(super) fn with_po(
    connection: &Connection,
    customer: Option<&str>,
    po_number: &str,
) -> Result<Vec<OrderRow>> {
    let what = "list the orders with a PO number";
    match customer {
        Some(customer) => rows(
            connection,
            what,
            "SELECT order_id, run_id, unit, partner, customer, po_number, release, po_date, received, currency, state,
                 header, lines, input, input_offset, input_length, answered FROM purchase_order
             WHERE po_number = $1 AND customer = $2 ORDER BY received, order_number",
            &[&Words(po_number), &Words(customer)],
            read_order,
        ),
        None => rows(
            connection,
            what,
            "SELECT order_id, run_id, unit, partner, customer, po_number, release, po_date, received, currency, state,
                 header, lines, input, input_offset, input_length, answered FROM purchase_order
             WHERE po_number = $1 ORDER BY received, order_number",
            &[&Words(po_number)],
            read_order,
        ),
    }
}

pub(super) fn each(
    connection: &Connection,
    since: Date,
    take: &mut dyn FnMut(OrderRow) -> Result<()>,
) -> Result<()> {
    let what = || format!("cannot read the orders since {since}");
    let mut statement = connection
        .prepare_cached(
            "SELECT order_id, run_id, unit, partner, customer, po_number, release, po_date, received, currency, state, header,
                 lines, input, input_offset, input_length, answered FROM purchase_order
             WHERE received >= $1 ORDER BY received, order_number",
        )
        .with_context(what)?;
    let mut answer = statement.query([Words(&since.to_string())]).with_context(what)?;
    while let Some(row) = answer.next().with_context(what)? {
        take(read_order(&mut Columns::of(row)).with_context(what)?)?;
    }
    Ok(())
}

pub(super) fn used_xrefs(connection: &Connection, since: Date) -> Result<Vec<i64>> {
    rows(
        connection,
        "look for the cross-references that were used",
        "SELECT DISTINCT xref_id FROM order_line WHERE received >= $1 AND xref_id IS NOT NULL ORDER BY xref_id",
        &[&Words(&since.to_string())],
        one_whole,
    )
}

pub(super) fn add(connection: &Connection, row: &OrderRow) -> Result<()> {
    write_sealed(
        connection,
        "add an order",
        "INSERT INTO purchase_order
             (order_id, run_id, unit, partner, customer, po_number, release, po_date, received, currency, state, header,
             lines, input, input_offset, input_length, answered, seal)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
        &[
            &Words(&row.order_id),
            &Words(&row.run_id),
            &row.unit,
            &Words(&row.partner),
            &Words(&row.customer),
            &Words(&row.po_number),
            &Words(&row.release),
            &Words(&written(row.po_date)),
            &Words(&row.received.to_string()),
            &Words(&row.currency),
            &Words(&row.state),
            &Words(&row.header),
            &Words(&row.lines),
            &Words(&row.input),
            &Whole(row.offset),
            &Whole(row.length),
            &row.answered,
        ],
    )
    .with_context(|| format!("order {}, PO number {}", row.order_id, row.po_number))?;
    Ok(())
}

pub(super) fn read_order(row: &mut Columns<'_, '_>) -> rusqlite::Result<OrderRow> {
    Ok(OrderRow {
        order_id: row.text()?,
        run_id: row.text()?,
        unit: row.whole()?,
        partner: row.text()?,
        customer: row.text()?,
        po_number: row.text()?,
        release: row.text()?,
        po_date: row.date()?,
        received: row.day()?,
        currency: row.text()?,
        state: row.text()?,
        header: row.string()?,
        lines: row.string()?,
        input: row.text()?,
        offset: row.whole()?,
        length: row.whole()?,
        answered: row.whole()?,
    })
}

pub(super) fn add_exception(connection: &Connection, row: &ExceptionRow) -> Result<()> {
    write_sealed(
        connection,
        "add an exception",
        "INSERT INTO exception (kind, cause, run_id, partner, customer, po_number, order_id, line, detail, seal)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        &[
            &Words(&row.kind),
            &Words(&row.cause),
            &Words(&row.run_id),
            &Words(&row.partner),
            &Words(&row.customer),
            &Words(&row.po_number),
            &Words(&row.order_id),
            &row.line,
            &Words(&row.detail),
        ],
    )
    .with_context(|| format!("cause {}", row.cause))?;
    Ok(())
}

pub(super) fn open_exceptions(connection: &Connection) -> Result<Vec<ExceptionRow>> {
    rows(
        connection,
        "list the open exceptions",
        "SELECT kind, cause, run_id, partner, customer, po_number, order_id, line, detail FROM exception
         WHERE closed IS NULL ORDER BY exception_id",
        &[],
        exception,
    )
}

pub(super) fn run_exceptions(connection: &Connection, run_id: &str, limit: u32) -> Result<Vec<ExceptionRow>> {
    rows(
        connection,
        "list the exceptions of a run",
        "SELECT kind, cause, run_id, partner, customer, po_number, order_id, line, detail FROM exception
         WHERE run_id = $1 ORDER BY exception_id LIMIT $2",
        &[&run_id, &limit],
        exception,
    )
}

pub(super) fn exception(row: &mut Columns<'_, '_>) -> rusqlite::Result<ExceptionRow> {
    Ok(ExceptionRow {
        kind: row.text()?,
        cause: row.text()?,
        run_id: row.text()?,
        partner: row.text()?,
        customer: row.text()?,
        po_number: row.text()?,
        order_id: row.text()?,
        line: row.whole()?,
        detail: row.string()?,
    })
}
