//! Which ledger entries there must be, and whether each still says what it said when it was recorded.

use super::values::{Words, first, one_text, one_whole, rows, write};
use super::{ledger, seals};
use crate::domain::Date;
use crate::store::{AlteredEntry, ProvenEntries};
use anyhow::Result;
use rusqlite::Connection;

const TABLE: &str = "customer_item_event";

/// A new entry, or one that was lost and is posted again.
pub(super) fn add(connection: &Connection, key: &str) -> Result<()> {
    let sql = "INSERT INTO ledger_known (event_key) VALUES ($1) ON CONFLICT (event_key) DO NOTHING";
    write(connection, "note a ledger entry", sql, &[&Words(key)])?;
    Ok(())
}

pub(super) fn prove(connection: &Connection, after: i64, limit: u32) -> Result<ProvenEntries> {
    let mut proven = ProvenEntries::default();
    for (id, key) in known(connection, after, limit)? {
        proven.last = id;
        proven.looked += 1;
        proven.altered.extend(compared(connection, &key)?);
    }
    if proven.looked < limit {
        proven.last = 0;
    }
    Ok(proven)
}

pub(super) fn altered(connection: &Connection, key: &str) -> Result<Option<AlteredEntry>> {
    let sql = "SELECT event_key FROM ledger_known WHERE event_key = $1";
    match first(connection, "look whether an entry was recorded", sql, &[&Words(key)], one_text)? {
        Some(_) => compared(connection, key),
        None => Ok(None),
    }
}

/// Of entries that were recorded before there were seals: what they say now is what they are held to from now on.
pub(super) fn seal(connection: &Connection, after: i64, last: i64) -> Result<()> {
    let unsealed = rows(
        connection,
        "list entries without a seal",
        "SELECT event_key FROM ledger_known JOIN customer_item_event USING (event_key)
         WHERE known_id > $1 AND known_id <= $2 AND seal = '' ORDER BY known_id",
        &[&after, &last],
        one_text,
    )?;
    unsealed.iter().try_for_each(|key| seals::reseal(connection, TABLE, key))
}

pub(super) fn recorded(connection: &Connection) -> Result<u64> {
    let sql = "SELECT coalesce(max(known_id), 0) FROM ledger_known";
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

fn known(connection: &Connection, after: i64, limit: u32) -> Result<Vec<(i64, String)>> {
    let sql = "SELECT known_id, event_key FROM ledger_known WHERE known_id > $1 ORDER BY known_id LIMIT $2";
    rows(connection, "list the ledger entries", sql, &[&after, &limit], |row| {
        Ok((row.whole()?, row.string()?))
    })
}

/// One that is as it was recorded, or was never sealed, is nothing; nor is one that a person has voided.
fn compared(connection: &Connection, key: &str) -> Result<Option<AlteredEntry>> {
    let seals = seals::of_row(connection, TABLE, key)?;
    if seals.is_some_and(|(kept, now)| kept.is_empty() || kept == now) {
        return Ok(None);
    }
    let sql = "SELECT 1 FROM customer_item_event WHERE kind = 'voided' AND target = $1";
    let void: Option<u32> = first(connection, "look for a void", sql, &[&Words(key)], one_whole)?;
    if void.is_some() {
        return Ok(None);
    }
    Ok(Some(AlteredEntry { key: key.into(), now: ledger::event(connection, key)? }))
}
