//! The customer-items ledger: its entries, what they depend on, and what of them a night has checked.

use super::ledger_seals;
use super::orders::exception;
use super::seals::{Added, write_sealed};
use super::values::{Columns, Words, first, one_text, one_whole, rows, write, written};
use crate::domain::Text;
use crate::domain::customer_item::{CustomerItemEvent, EventKind, Extra};
use crate::domain::money::plain;
use crate::store::{EventRecord, ExceptionRow, LedgerScope, Micros, PostedDocument};
use anyhow::{Context, Result};
use rusqlite::types::FromSqlError;
use rusqlite::{Connection, ToSql};

/// The columns of an entry, in the order of [`read_event`].
const COLUMNS: &str = "event_key, kind, e.customer, e.item, customer_item_type, serial, quantity, unit, date,
    purchase_date, ship_date, source, document, document_line, po_number, kit, unit_price, warranty_start, warranty_end,
    service_due, target, to_customer, to_item, to_serial, remainder, signed_by, reason, extra";

pub(super) fn add_events(
    connection: &Connection,
    run_id: &str,
    events: &[CustomerItemEvent],
    now: Micros,
    counted: &mut Added,
) -> Result<u32> {
    let mut added = 0;
    for event in events {
        let new = add_event(connection, run_id, event, now)
            .with_context(|| format!("ledger entry {}", event.key))?;
        if new {
            ledger_seals::add(connection, &event.key, run_id, counted)?;
        }
        added += u32::from(new);
    }
    Ok(added)
}

fn add_event(connection: &Connection, run_id: &str, event: &CustomerItemEvent, now: Micros) -> Result<bool> {
    let extra = if event.extra.is_empty() { "{}".to_owned() } else { serde_json::to_string(&event.extra)? };
    let new = write_sealed(
        connection,
        "add to the ledger",
        "INSERT INTO customer_item_event
             (event_key, run_id, recorded, kind, customer, item, customer_item_type, serial, quantity, unit, date,
             purchase_date, ship_date, source, document, document_line, po_number, kit, unit_price, warranty_start,
             warranty_end, service_due, target, to_customer, to_item, to_serial, remainder, signed_by, reason, extra,
             checked, seal)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
             $24, $25, $26, $27, $28, $29, $30, 0, $31)
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
            &Words(&event.target),
            &Words(&event.to_customer),
            &Words(&event.to_item),
            &Words(&event.to_serial),
            &i64::from(event.remainder),
            &Words(&event.by),
            &Words(&event.reason),
            &Words(&extra),
        ],
    )?;
    Ok(new == 1)
}

pub(super) fn events(connection: &Connection, customer: Option<&str>) -> Result<Vec<CustomerItemEvent>> {
    let clause = if customer.is_some() { "WHERE e.customer = $1" } else { "" };
    let sql = format!("SELECT {COLUMNS} FROM customer_item_event AS e {clause} ORDER BY event_id");
    let words = customer.map(Words);
    let values: Vec<&dyn ToSql> = words.iter().map(|words| words as &dyn ToSql).collect();
    rows(connection, "list the ledger", &sql, &values, read_event)
}

pub(super) fn customers(connection: &Connection) -> Result<Vec<Text>> {
    let sql = "SELECT customer FROM customer_item_event
         UNION SELECT to_customer FROM customer_item_event WHERE to_customer <> '' ORDER BY 1";
    rows(connection, "list whose ledger there is", sql, &[], one_text)
}

/// The pairs of customer and item that a scope begins with; `$1` is its text.
fn seeds(scope: &LedgerScope<'_>) -> &'static str {
    match scope {
        LedgerScope::Customer(_) => {
            "SELECT customer, item FROM customer_item_event WHERE customer = $1
             UNION SELECT to_customer, to_item FROM customer_item_event WHERE to_customer = $1 AND to_customer <> ''"
        }
        LedgerScope::Serial(_) => {
            "SELECT customer, item FROM customer_item_event WHERE serial = $1 AND serial <> ''
             UNION SELECT to_customer, to_item FROM customer_item_event
                 WHERE serial = $1 AND serial <> '' AND to_customer <> ''"
        }
        LedgerScope::Entry(_) => {
            "SELECT customer, item FROM customer_item_event WHERE event_key = $1
             UNION SELECT to_customer, to_item FROM customer_item_event WHERE event_key = $1 AND to_customer <> ''"
        }
    }
}

pub(super) fn events_of(connection: &Connection, scope: &LedgerScope<'_>) -> Result<Vec<CustomerItemEvent>> {
    let (LedgerScope::Customer(text) | LedgerScope::Serial(text) | LedgerScope::Entry(text)) = scope;
    // a cross join keeps the pairs in front: for the sake of the order the whole ledger would be read, and not those few
    // from each pair back to those that something came from: a transfer, or another item that was replaced
    let sql = format!(
        "WITH RECURSIVE pair (customer, item) AS (
             {}
             UNION
             SELECT before.customer, before.item FROM pair
             JOIN customer_item_event AS before ON before.to_customer = pair.customer AND before.to_item = pair.item
                 AND before.to_customer <> ''
         )
         SELECT {COLUMNS} FROM pair
         CROSS JOIN customer_item_event AS e ON e.customer = pair.customer AND e.item = pair.item
         ORDER BY event_id",
        seeds(scope)
    );
    rows(connection, "look into the ledger", &sql, &[&Words(text)], read_event)
}

pub(super) fn events_of_serial(connection: &Connection, serial: &str) -> Result<Vec<CustomerItemEvent>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM customer_item_event AS e WHERE serial = $1 AND serial <> '' ORDER BY event_id"
    );
    rows(connection, "look for a serial in the ledger", &sql, &[&Words(serial)], read_event)
}

pub(super) fn events_under(connection: &Connection, prefix: &str) -> Result<Vec<CustomerItemEvent>> {
    // the character after the slash: everything that begins with the prefix and a slash lies between
    let (from, to) = (format!("{prefix}/"), format!("{prefix}0"));
    let sql = format!(
        "SELECT {COLUMNS} FROM customer_item_event AS e WHERE event_key >= $1 AND event_key < $2 ORDER BY event_id"
    );
    rows(connection, "look for a document in the ledger", &sql, &[&Words(&from), &Words(&to)], read_event)
}

pub(super) fn event(connection: &Connection, key: &str) -> Result<Option<CustomerItemEvent>> {
    let sql = format!("SELECT {COLUMNS} FROM customer_item_event AS e WHERE event_key = $1");
    first(connection, "look for a ledger entry", &sql, &[&Words(key)], read_event)
}

pub(super) fn voided_keys(connection: &Connection) -> Result<Vec<Text>> {
    let sql = "SELECT target FROM customer_item_event WHERE kind = 'voided' ORDER BY event_id";
    rows(connection, "list what was taken back", sql, &[], one_text)
}

pub(super) fn times_begun(connection: &Connection, serial: &str) -> Result<u32> {
    let sql = "SELECT count(*) FROM customer_item_event
         WHERE serial = $1 AND serial <> '' AND kind IN ('sold', 'replaced_in')";
    let found = first(connection, "look for a serial", sql, &[&Words(serial)], one_whole)?;
    Ok(found.unwrap_or_default())
}

pub(super) fn record(connection: &Connection, key: &str) -> Result<Option<EventRecord>> {
    first(
        connection,
        "look for a ledger entry",
        "SELECT run_id, recorded FROM customer_item_event WHERE event_key = $1",
        &[&Words(key)],
        |row| Ok(EventRecord { run_id: row.text()?, recorded: row.whole()? }),
    )
}

pub(super) fn unchecked(connection: &Connection, limit: u32) -> Result<Vec<CustomerItemEvent>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM customer_item_event AS e WHERE checked = 0 ORDER BY event_id LIMIT $1"
    );
    rows(connection, "list new ledger entries", &sql, &[&limit], read_event)
}

pub(super) fn mark_checked(connection: &Connection, keys: &[Text]) -> Result<()> {
    for key in keys {
        let sql = "UPDATE customer_item_event SET checked = 1 WHERE event_key = $1";
        write(connection, "mark a ledger entry", sql, &[&Words(key)])?;
    }
    Ok(())
}

pub(super) fn add_pos_line(connection: &Connection, key: &str, run_id: &str, content: &str) -> Result<()> {
    write(
        connection,
        "keep a POS sale",
        "INSERT INTO pos_line (sale_key, run_id, content, checked) VALUES ($1, $2, $3, 0)
         ON CONFLICT (sale_key) DO NOTHING",
        &[&Words(key), &Words(run_id), &Words(content)],
    )
    .with_context(|| format!("POS sale {key}"))?;
    Ok(())
}

/// An invoice that is held or refused is not posted.
pub(super) fn unreconciled(connection: &Connection, limit: u32) -> Result<Vec<PostedDocument>> {
    let mut found = rows(
        connection,
        "list what was posted and not compared with the ledger",
        "SELECT 'invoice', kind, invoice_number, run_id, document FROM invoice
         WHERE ledger_checked = 0 AND state IN ('sent', 'posted') ORDER BY kind, invoice_number LIMIT $1",
        &[&limit],
        read_posted,
    )?;
    if found.is_empty() {
        found = rows(
            connection,
            "list sales that were not compared with the ledger",
            "SELECT 'pos', '', sale_key, run_id, content FROM pos_line WHERE checked = 0 ORDER BY line_id LIMIT $1",
            &[&limit],
            read_posted,
        )?;
    }
    Ok(found)
}

pub(super) fn posted(
    connection: &Connection,
    source: &str,
    kind: &str,
    number: &str,
) -> Result<Option<PostedDocument>> {
    let sql = if source == "pos" {
        "SELECT 'pos', '', sale_key, run_id, content FROM pos_line WHERE $1 = '' AND sale_key = $2"
    } else {
        "SELECT 'invoice', kind, invoice_number, run_id, document FROM invoice
         WHERE kind = $1 AND invoice_number = $2 AND state IN ('sent', 'posted')"
    };
    first(connection, "look for what was posted", sql, &[&Words(kind), &Words(number)], read_posted)
}

fn read_posted(row: &mut Columns<'_, '_>) -> rusqlite::Result<PostedDocument> {
    Ok(PostedDocument {
        source: row.text()?,
        kind: row.text()?,
        number: row.text()?,
        run_id: row.text()?,
        content: row.string()?,
    })
}

pub(super) fn mark_reconciled(connection: &Connection, document: &PostedDocument) -> Result<()> {
    let sql = if document.source == "pos" {
        "UPDATE pos_line SET checked = 1 WHERE $1 = '' AND sale_key = $2"
    } else {
        "UPDATE invoice SET ledger_checked = 1 WHERE kind = $1 AND invoice_number = $2"
    };
    write(connection, "mark what was compared", sql, &[&Words(&document.kind), &Words(&document.number)])?;
    Ok(())
}

pub(super) fn skip_reconciliation(connection: &Connection) -> Result<()> {
    for sql in [
        "UPDATE invoice SET ledger_checked = 1 WHERE ledger_checked = 0",
        "UPDATE pos_line SET checked = 1 WHERE checked = 0",
    ] {
        write(connection, "pass over what was posted", sql, &[])?;
    }
    Ok(())
}

pub(super) fn posted_documents(connection: &Connection) -> Result<Vec<PostedDocument>> {
    rows(
        connection,
        "list what was posted",
        "SELECT 'invoice', kind, invoice_number, run_id, '' FROM invoice WHERE state IN ('sent', 'posted')
         UNION ALL SELECT 'pos', '', sale_key, run_id, '' FROM pos_line",
        &[],
        read_posted,
    )
}

pub(super) fn open_exceptions(connection: &Connection) -> Result<Vec<ExceptionRow>> {
    rows(
        connection,
        "list what waits in the ledger",
        "SELECT kind, cause, run_id, partner, customer, po_number, order_id, line, detail FROM exception
         WHERE closed IS NULL AND kind LIKE 'ledger%' AND order_id <> '' ORDER BY exception_id",
        &[],
        exception,
    )
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
        target: row.text()?,
        to_customer: row.text()?,
        to_item: row.text()?,
        to_serial: row.text()?,
        remainder: row.flag()?,
        by: row.text()?,
        reason: row.text()?,
        extra: row.parsed_by(extra)?.unwrap_or_default(),
    })
}

fn extra(text: &str) -> Result<Extra, FromSqlError> {
    if text == "{}" {
        return Ok(Extra::new());
    }
    serde_json::from_str(text).map_err(FromSqlError::other)
}

fn event_kind(text: &str) -> Result<EventKind, FromSqlError> {
    let found = EventKind::ALL.into_iter().find(|kind| kind.as_str() == text);
    found.ok_or_else(|| FromSqlError::Other(format!("{text:?} is no kind of ledger entry").into()))
}
