//! Invoices, and which POS sales were paid.

use super::seals::write_sealed;
use super::values::{Columns, Words, first, one_flag, written};
use crate::store::InvoiceRow;
use anyhow::{Context, Result};
use rusqlite::Connection;

pub(super) fn invoice(
    connection: &Connection,
    kind: &str,
    invoice_number: &str,
) -> Result<Option<InvoiceRow>> {
    first(
        connection,
        "look for an invoice",
        "SELECT invoice_number, kind, run_id, partner, customer, po_number, order_id, invoice_date, total_micro, state,
             document FROM invoice
         WHERE kind = $1 AND invoice_number = $2",
        &[&Words(kind), &Words(invoice_number)],
        read_invoice,
    )
}

pub(super) fn read_invoice(row: &mut Columns<'_, '_>) -> rusqlite::Result<InvoiceRow> {
    Ok(InvoiceRow {
        invoice_number: row.text()?,
        kind: row.text()?,
        run_id: row.text()?,
        partner: row.text()?,
        customer: row.text()?,
        po_number: row.text()?,
        order_id: row.text()?,
        invoice_date: row.date()?,
        total_micro: row.whole()?,
        state: row.text()?,
        document: row.string()?,
    })
}

pub(super) fn add(connection: &Connection, row: &InvoiceRow) -> Result<()> {
    write_sealed(
        connection,
        "add an invoice",
        "INSERT INTO invoice
             (invoice_number, kind, run_id, partner, customer, po_number, order_id, invoice_date, total_micro, state,
             document, seal)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        &[
            &Words(&row.invoice_number),
            &Words(&row.kind),
            &Words(&row.run_id),
            &Words(&row.partner),
            &Words(&row.customer),
            &Words(&row.po_number),
            &Words(&row.order_id),
            &Words(&written(row.invoice_date)),
            &row.total_micro,
            &Words(&row.state),
            &Words(&row.document),
        ],
    )
    .with_context(|| format!("invoice {} {}", row.kind, row.invoice_number))?;
    Ok(())
}

pub(super) fn pos_sale_paid_first_time(
    connection: &Connection,
    key: &str,
    paid: bool,
    run_id: &str,
) -> Result<bool> {
    let seen: Option<bool> = first(
        connection,
        "record a POS sale",
        "INSERT INTO pos_sale (sale_key, paid, run_id) VALUES ($1, $2, $3)
         ON CONFLICT (sale_key) DO UPDATE SET paid = 1, run_id = excluded.run_id
             WHERE pos_sale.paid = 0 AND excluded.paid = 1
         RETURNING paid",
        &[&Words(key), &i64::from(paid), &Words(run_id)],
        one_flag,
    )
    .with_context(|| format!("POS sale {key}"))?;
    Ok(seen == Some(true))
}
