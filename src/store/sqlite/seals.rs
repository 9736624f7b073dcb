//! What ledger entries said when they were recorded, against what they say now.

use super::ledger;
use super::values::{Words, first, one_text, one_whole, rows, write, written};
use crate::domain::Date;
use crate::domain::customer_item::CustomerItemEvent;
use crate::domain::money::plain;
use crate::store::{AlteredEntry, ProvenEntries};
use anyhow::Result;
use rusqlite::Connection;
use sha2::{Digest as _, Sha256};

/// A new entry's; one that was lost and is posted again is as it is now.
pub(super) fn add(connection: &Connection, event: &CustomerItemEvent) -> Result<()> {
    let sql = "INSERT INTO ledger_seal (event_key, digest) VALUES ($1, $2)
         ON CONFLICT (event_key) DO UPDATE SET digest = excluded.digest";
    write(connection, "seal a ledger entry", sql, &[&Words(&event.key), &Words(&digest(event)?)])?;
    Ok(())
}

pub(super) fn prove(connection: &Connection, after: i64, limit: u32) -> Result<ProvenEntries> {
    let mut proven = ProvenEntries::default();
    for (id, key, digest) in sealed(connection, after, i64::MAX, limit)? {
        proven.last = id;
        proven.looked += 1;
        proven.altered.extend(compared(connection, &key, &digest)?);
    }
    if proven.looked < limit {
        proven.last = 0;
    }
    Ok(proven)
}

pub(super) fn altered(connection: &Connection, key: &str) -> Result<Option<AlteredEntry>> {
    let sql = "SELECT digest FROM ledger_seal WHERE event_key = $1";
    match first(connection, "look for a seal", sql, &[&Words(key)], one_text)? {
        Some(digest) => compared(connection, key, &digest),
        None => Ok(None),
    }
}

pub(super) fn seal(connection: &Connection, after: i64, last: i64) -> Result<()> {
    let unsealed = rows(
        connection,
        "list entries without a seal",
        "SELECT event_key FROM ledger_seal WHERE seal_id > $1 AND seal_id <= $2 AND digest = '' ORDER BY seal_id",
        &[&after, &last],
        one_text,
    )?;
    for key in unsealed {
        if let Some(event) = ledger::event(connection, &key)? {
            add(connection, &event)?;
        }
    }
    Ok(())
}

pub(super) fn recorded(connection: &Connection) -> Result<u64> {
    let sql = "SELECT coalesce(max(seal_id), 0) FROM ledger_seal";
    Ok(first(connection, "count ledger entries", sql, &[], one_whole)?.unwrap_or_default())
}

pub(super) fn round(connection: &Connection) -> Result<(i64, Option<Date>)> {
    let sql = "SELECT after, looked FROM ledger_round";
    let found = first(connection, "see how far the ledger is proved", sql, &[], |row| {
        Ok((row.whole()?, row.date()?))
    })?;
    Ok(found.unwrap_or_default())
}

pub(super) fn set_round(connection: &Connection, after: i64, looked: Date) -> Result<()> {
    let sql = "INSERT INTO ledger_round (round_id, after, looked) VALUES (1, $1, $2)
         ON CONFLICT (round_id) DO UPDATE SET after = excluded.after, looked = excluded.looked";
    write(connection, "note how far the ledger is proved", sql, &[&after, &Words(&looked.to_string())])?;
    Ok(())
}

fn sealed(connection: &Connection, after: i64, last: i64, limit: u32) -> Result<Vec<(i64, String, String)>> {
    let sql = "SELECT seal_id, event_key, digest FROM ledger_seal WHERE seal_id > $1 AND seal_id <= $2
         ORDER BY seal_id LIMIT $3";
    rows(connection, "list the seals of ledger entries", sql, &[&after, &last, &limit], |row| {
        Ok((row.whole()?, row.string()?, row.string()?))
    })
}

/// An empty digest is that of whatever is there.
fn compared(connection: &Connection, key: &str, sealed: &str) -> Result<Option<AlteredEntry>> {
    let now = ledger::event(connection, key)?;
    if let Some(now) = &now
        && (sealed.is_empty() || digest(now)? == sealed)
    {
        return Ok(None);
    }
    let sql = "SELECT 1 FROM customer_item_event WHERE kind = 'voided' AND target = $1";
    let void: Option<u32> = first(connection, "look for a void", sql, &[&Words(key)], one_whole)?;
    Ok(void.is_none().then(|| AlteredEntry { key: key.into(), now }))
}

/// Of everything that an entry says, in the order and form of its columns in version 9 of the schema.
fn digest(event: &CustomerItemEvent) -> Result<String> {
    let extra = serde_json::to_string(&event.extra)?;
    let (date, line) = (event.date.to_string(), event.document_line.to_string());
    let (quantity, price) = (plain(event.quantity), written(event.unit_price));
    let [bought, shipped, start, end, due] =
        [event.purchase_date, event.ship_date, event.warranty_start, event.warranty_end, event.service_due]
            .map(written);
    let remainder = if event.remainder { "1" } else { "0" };
    let mut hash = Sha256::new();
    for text in [
        &event.key,
        event.kind.as_str(),
        &event.customer,
        &event.item,
        &event.customer_item_type,
        &event.serial,
        &quantity,
        &event.unit,
        &date,
        &bought,
        &shipped,
        &event.source,
        &event.document,
        &line,
        &event.po_number,
        &event.kit,
        &price,
        &start,
        &end,
        &due,
        &event.target,
        &event.to_customer,
        &event.to_item,
        &event.to_serial,
        remainder,
        &event.by,
        &event.reason,
        &extra,
    ] as [&str; 28]
    {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    }
    let bytes = hash.finalize();
    Ok(bytes.iter().take(16).fold(String::with_capacity(32), |text, byte| text + &format!("{byte:02x}")))
}
