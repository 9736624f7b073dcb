//! What came in: receipts of files, and the interchanges in them.

use super::seals::write_sealed;
use super::values::{Columns, Whole, Words, first, rows, write};
use crate::domain::Date;
use crate::store::{InterchangeKey, InterchangeRow, ReceiptRow};
use anyhow::{Context, Result};
use rusqlite::Connection;

pub(super) fn receipt(connection: &Connection, stage: &str, digest: &str) -> Result<Option<ReceiptRow>> {
    first(
        connection,
        "look for an earlier receipt",
        "SELECT run_id, unit, stage, name, digest, bytes, partner, state, work_path, archive_path FROM receipt
         WHERE stage = $1 AND digest = $2 AND state = 'processed' ORDER BY receipt_id LIMIT 1",
        &[&Words(stage), &Words(digest)],
        read_receipt,
    )
}

pub(super) fn of_input(connection: &Connection, run_id: &str, name: &str) -> Result<Option<ReceiptRow>> {
    first(
        connection,
        "look for the receipt of an input",
        "SELECT run_id, unit, stage, name, digest, bytes, partner, state, work_path, archive_path FROM receipt
         WHERE run_id = $1 AND name = $2 ORDER BY receipt_id LIMIT 1",
        &[&Words(run_id), &Words(name)],
        read_receipt,
    )
}

pub(super) fn add_receipt(connection: &Connection, receipt: &ReceiptRow) -> Result<()> {
    write_sealed(
        connection,
        "add a receipt",
        "INSERT INTO receipt
             (run_id, unit, stage, name, digest, bytes, partner, state, work_path, archive_path, archived, seal)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $11)",
        &[
            &Words(&receipt.run_id),
            &receipt.unit,
            &Words(&receipt.stage),
            &Words(&receipt.name),
            &Words(&receipt.digest),
            &Whole(receipt.bytes),
            &Words(&receipt.partner),
            &Words(&receipt.state),
            &Words(&receipt.work_path),
            &Words(&receipt.archive_path),
        ],
    )
    .with_context(|| format!("input {}", receipt.name))?;
    Ok(())
}

pub(super) fn unarchived(connection: &Connection, run_id: &str) -> Result<Vec<ReceiptRow>> {
    rows(
        connection,
        "list what is not in the archive",
        "SELECT run_id, unit, stage, name, digest, bytes, partner, state, work_path, archive_path FROM receipt
         WHERE run_id = $1 AND archived = 0 ORDER BY receipt_id",
        &[&Words(run_id)],
        read_receipt,
    )
}

pub(super) fn mark_archived(connection: &Connection, run_id: &str, unit: u32) -> Result<()> {
    write(
        connection,
        "mark inputs as archived",
        "UPDATE receipt SET archived = 1 WHERE run_id = $1 AND unit = $2 AND archived = 0",
        &[&Words(run_id), &unit],
    )?;
    Ok(())
}

pub(super) fn read_receipt(row: &mut Columns<'_, '_>) -> rusqlite::Result<ReceiptRow> {
    Ok(ReceiptRow {
        run_id: row.text()?,
        unit: row.whole()?,
        stage: row.text()?,
        name: row.text()?,
        digest: row.text()?,
        bytes: row.whole()?,
        partner: row.text()?,
        state: row.text()?,
        work_path: row.text()?,
        archive_path: row.text()?,
    })
}

pub(super) fn interchange(
    connection: &Connection,
    key: &InterchangeKey,
    since: Date,
) -> Result<Option<InterchangeRow>> {
    first(
        connection,
        "look for an earlier interchange",
        "SELECT sender, receiver, control, digest, received, run_id, name, input_offset, input_length FROM interchange
         WHERE sender = $1 AND receiver = $2 AND control = $3 AND received >= $4
         ORDER BY received DESC, interchange_id DESC LIMIT 1",
        &[&Words(&key.sender), &Words(&key.receiver), &Words(bare(&key.control)), &Words(&since.to_string())],
        read_interchange,
    )
}

pub(super) fn add_interchange(connection: &Connection, row: &InterchangeRow) -> Result<()> {
    write(
        connection,
        "add an interchange",
        "INSERT INTO interchange
             (sender, receiver, control, digest, received, run_id, name, input_offset, input_length)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &[
            &Words(&row.key.sender),
            &Words(&row.key.receiver),
            &Words(bare(&row.key.control)),
            &Words(&row.digest),
            &Words(&row.received.to_string()),
            &Words(&row.run_id),
            &Words(&row.name),
            &Whole(row.offset),
            &Whole(row.length),
        ],
    )
    .with_context(|| format!("interchange {} of {}", row.key.control, row.key.sender))?;
    Ok(())
}

/// ISA13 as the store keeps it.
fn bare(control: &str) -> &str {
    control.trim_start_matches('0')
}

fn read_interchange(row: &mut Columns<'_, '_>) -> rusqlite::Result<InterchangeRow> {
    Ok(InterchangeRow {
        key: InterchangeKey { sender: row.text()?, receiver: row.text()?, control: row.text()? },
        digest: row.text()?,
        received: row.day()?,
        run_id: row.text()?,
        name: row.text()?,
        offset: row.whole()?,
        length: row.whole()?,
    })
}
