//! Which ledger entries there must be, and whether each still says what it said when it was recorded.

use super::seals::Added;
use super::values::{Words, first, one_text, one_whole, rows, write};
use super::{ledger, seals};
use crate::domain::{Date, Text};
use crate::store::proof::{RowFinding, RowTrouble};
use crate::store::{AlteredEntry, ProvenEntries};
use anyhow::Result;
use rusqlite::Connection;

const TABLE: &str = "customer_item_event";

/// A new entry, or one that was lost and is posted again: it counts under whoever posted it last, and no more under its first run.
pub(super) fn add(connection: &Connection, key: &str, run_id: &str, counted: &mut Added) -> Result<()> {
    let sql = "SELECT run_id FROM ledger_known WHERE event_key = $1";
    let lost_of: Option<Text> =
        first(connection, "look whether an entry was recorded", sql, &[&Words(key)], one_text)?;
    if let Some(lost_of) = lost_of {
        counted.count(TABLE, &lost_of, -1);
    }
    counted.count(TABLE, run_id, 1);
    let sql = "INSERT INTO ledger_known (event_key, run_id) VALUES ($1, $2)
         ON CONFLICT (event_key) DO UPDATE SET run_id = excluded.run_id";
    write(connection, "note a ledger entry", sql, &[&Words(key), &Words(run_id)])?;
    Ok(())
}

/// Names the entries of a run that were recorded and are not there.
pub(super) fn lost(
    connection: &Connection,
    run_id: &str,
    take: &mut dyn FnMut(RowFinding) -> Result<()>,
) -> Result<()> {
    let sql = "SELECT event_key FROM ledger_known AS known WHERE run_id = $1 AND NOT EXISTS
             (SELECT 1 FROM customer_item_event AS e WHERE e.event_key = known.event_key)
         ORDER BY known_id";
    for key in rows(connection, "look for entries that were lost", sql, &[&Words(run_id)], one_text)? {
        take(RowFinding { table: TABLE.into(), row: key, trouble: RowTrouble::Lost })?;
    }
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
