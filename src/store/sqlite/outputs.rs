//! What goes out: staged outputs, and the control numbers that they carry.

use super::seals::write_sealed;
use super::values::{Words, first, one_whole, rows, write};
use crate::domain::Text;
use crate::store::OutputRow;
use anyhow::{Context, Result, ensure};
use rusqlite::Connection;

pub(super) fn take_numbers(connection: &Connection, sequence: &str, count: u32, max: u32) -> Result<u32> {
    ensure!(
        count >= 1 && count <= max,
        "cannot take {count} numbers of the sequence {sequence}, which ends at {max}"
    );
    let last: Option<u32> = first(
        connection,
        "take control numbers",
        "INSERT INTO control_number (sequence, last_number) VALUES ($1, $2)
         ON CONFLICT (sequence) DO UPDATE SET last_number = CASE
             WHEN control_number.last_number + excluded.last_number > $3 THEN excluded.last_number
             ELSE control_number.last_number + excluded.last_number
         END
         RETURNING last_number",
        &[&Words(sequence), &count, &max],
        one_whole,
    )
    .with_context(|| format!("sequence {sequence}"))?;
    let last = last.context("a sequence gives a number")?;
    Ok(last - count + 1)
}

pub(super) fn join_numbers(connection: &Connection, sequence: &str, others: &[Text]) -> Result<()> {
    for other in others.iter().filter(|other| *other != sequence) {
        write(
            connection,
            "join two sequences",
            "INSERT INTO control_number (sequence, last_number)
             SELECT $1, last_number FROM control_number WHERE sequence = $2
             ON CONFLICT (sequence) DO UPDATE SET last_number = max(last_number, excluded.last_number)",
            &[&Words(sequence), &Words(other)],
        )?;
        let gone = "DELETE FROM control_number WHERE sequence = $1";
        write(connection, "join two sequences", gone, &[&Words(other)])?;
    }
    Ok(())
}

pub(super) fn stage(connection: &Connection, row: &OutputRow) -> Result<()> {
    write_sealed(
        connection,
        "list an output",
        "INSERT INTO output (run_id, unit, staged, path, kind, partner, control, digest, published, seal)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9)",
        &[
            &Words(&row.run_id),
            &row.unit,
            &Words(&row.staged),
            &Words(&row.path),
            &Words(&row.kind),
            &Words(&row.partner),
            &Words(&row.control),
            &Words(&row.digest),
        ],
    )
    .with_context(|| format!("output {}", row.path))?;
    Ok(())
}

pub(super) fn unpublished(connection: &Connection) -> Result<Vec<OutputRow>> {
    rows(
        connection,
        "list what is not published",
        "SELECT run_id, unit, staged, path, kind, partner, control, digest FROM output
         WHERE published = 0 ORDER BY output_id",
        &[],
        |row| {
            Ok(OutputRow {
                run_id: row.text()?,
                unit: row.whole()?,
                staged: row.text()?,
                path: row.text()?,
                kind: row.text()?,
                partner: row.text()?,
                control: row.text()?,
                digest: row.text()?,
            })
        },
    )
}

pub(super) fn mark_published(connection: &Connection, run_id: &str, unit: u32) -> Result<()> {
    write(
        connection,
        "mark outputs as published",
        "UPDATE output SET published = 1 WHERE run_id = $1 AND unit = $2 AND published = 0",
        &[&Words(run_id), &unit],
    )?;
    Ok(())
}
