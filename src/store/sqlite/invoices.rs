//! Invoices, POS sales and the customer-items ledger.

use super::values::{Columns, Words, first, one_flag, rows, write, written};
use crate::domain::customer_item::{CustomerItemEvent, EventKind};
use crate::domain::money::plain;
use crate::store::{InvoiceRow, Micros};
use anyhow::{Context, Result};
use rusqlite::Connection;
use rusqlite::types::FromSqlError;

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
        |row| {
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
        },
    )
}

pub(super) fn add(connection: &Connection, row: &InvoiceRow) -> Result<()> {
    write(
        connection,
        "add an invoice",
        "INSERT INTO invoice
             (invoice_number, kind, run_id, partner, customer, po_number, order_id, invoice_date, total_micro, state,
             document)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
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

pub(super) fn add_events(
    connection: &Connection,
    run_id: &str,
    events: &[CustomerItemEvent],
    now: Micros,
) -> Result<u32> {
    let mut added = 0;
    for event in events {
        let new = add_event(connection, run_id, event, now)
            .with_context(|| format!("ledger entry {}", event.key))?;
        added += u32::from(new);
    }
    Ok(added)
}

fn add_event(connection: &Connection, run_id: &str, event: &CustomerItemEvent, now: Micros) -> Result<bool> {
    let new = write(
        connection,
        "add to the ledger",
        "INSERT INTO customer_item_event
             (event_key, run_id, recorded, kind, customer, item, customer_item_type, serial, quantity, unit, date,
             purchase_date, ship_date, source, document, document_line, po_number, kit, unit_price, warranty_start,
             warranty_end, service_due)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
         ON CONFLICT (event_key) DO NOTHING",
        &[
            &Words(&event.key),
            &Words(run_id),
            &now,
            &Words(event.kind.as_str()),
            &Words(&event.customer),
            &Words(&event.item),
            &Words(&event.customer_item_type),
            &Words(&event.serial),
            &Words(&plain(event.quantity)),
            &Words(&event.unit),
            &Words(&event.date.to_string()),
            &Words(&written(event.purchase_date)),
            &Words(&written(event.ship_date)),
            &Words(&event.source),
            &Words(&event.document),
            &event.document_line,
            &Words(&event.po_number),
            &Words(&event.kit),
            &Words(&written(event.unit_price)),
            &Words(&written(event.warranty_start)),
            &Words(&written(event.warranty_end)),
            &Words(&written(event.service_due)),
        ],
    )?;
    Ok(new == 1)
}

pub(super) fn events(connection: &Connection, customer: Option<&str>) -> Result<Vec<CustomerItemEvent>> {
    let what = "list the ledger";
    match customer {
        Some(customer) => rows(
            connection,
            what,
            "SELECT event_key, kind, customer, item, customer_item_type, serial, quantity, unit, date, purchase_date,
                 ship_date, source, document, document_line, po_number, kit, unit_price, warranty_start, warranty_end,
                 service_due FROM customer_item_event
             WHERE customer = $1 ORDER BY event_id",
            &[&Words(customer)],
            read_event,
        ),
        None => rows(
            connection,
            what,
            "SELECT event_key, kind, customer, item, customer_item_type, serial, quantity, unit, date, purchase_date,
                 ship_date, source, document, document_line, po_number, kit, unit_price, warranty_start, warranty_end,
                 service_due FROM customer_item_event
             ORDER BY event_id",
            &[],
            read_event,
        ),
    }
}

fn read_event(row: &mut Columns<'_, '_>) -> rusqlite::Result<CustomerItemEvent> {
    let absent = |what: &str| FromSqlError::Other(format!("a ledger entry has no {what}").into());
    Ok(CustomerItemEvent {
        key: row.text()?,
        kind: row.parsed_by(event_kind)?.ok_or_else(|| absent("kind"))?,
        customer: row.text()?,
        item: row.text()?,
        customer_item_type: row.text()?,
        serial: row.text()?,
        quantity: row.decimal()?.ok_or_else(|| absent("quantity"))?,
        unit: row.text()?,
        date: row.day()?,
        purchase_date: row.date()?,
        ship_date: row.date()?,
        source: row.text()?,
        document: row.text()?,
        document_line: row.whole()?,
        po_number: row.text()?,
        kit: row.text()?,
        unit_price: row.decimal()?,
        warranty_start: row.date()?,
        warranty_end: row.date()?,
        service_due: row.date()?,
    })
}

fn event_kind(text: &str) -> Result<EventKind, FromSqlError> {
    let kinds = [EventKind::Sold, EventKind::Credited, EventKind::Returned];
    let found = kinds.into_iter().find(|kind| kind.as_str() == text);
    found.ok_or_else(|| FromSqlError::Other(format!("{text:?} is no kind of ledger entry").into()))
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
