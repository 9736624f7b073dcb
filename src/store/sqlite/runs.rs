//! Runs and their units of work.

use super::seals::write_sealed;
use super::values::{Columns, Words, first, one_whole, rows, write};
use crate::domain::{Date, Text};
use crate::store::{Micros, RunRow, UnitRow};
use anyhow::{Context, Result, ensure};
use rusqlite::Connection;

pub(super) fn open_run(connection: &Connection) -> Result<Option<RunRow>> {
    first(
        connection,
        "look for an open run",
        "SELECT run_id, date, started, ended, exit_code, summary FROM run
         WHERE ended IS NULL ORDER BY run_id LIMIT 1",
        &[],
        read_run,
    )
}

pub(super) fn start_run(connection: &Connection, date: Date, now: Micros) -> Result<RunRow> {
    let day = date.to_string();
    let number: Option<u32> = first(
        connection,
        "number a run",
        "SELECT COALESCE(MAX(number), 0) + 1 FROM run WHERE date = $1",
        &[&Words(&day)],
        one_whole,
    )?;
    let number = number.context("a run has no number")?;
    let run_id = Text::from(format!("{}-{number:03}", date.strftime("%Y%m%d")));
    write(
        connection,
        "start a run",
        "INSERT INTO run (run_id, date, number, started, summary) VALUES ($1, $2, $3, $4, '')",
        &[&Words(&run_id), &Words(&day), &number, &now],
    )?;
    Ok(RunRow { run_id, date, started: now, ..RunRow::default() })
}

pub(super) fn note_run(connection: &Connection, run_id: &str, note: &str) -> Result<()> {
    let noted = write(
        connection,
        "note what a run did",
        "UPDATE run SET summary = $1 WHERE run_id = $2 AND ended IS NULL",
        &[&Words(note), &Words(run_id)],
    )?;
    ensure!(noted == 1, "cannot note anything of the run {run_id}: it is not under way");
    Ok(())
}

pub(super) fn end_run(
    connection: &Connection,
    run_id: &str,
    now: Micros,
    exit_code: u8,
    summary: &str,
) -> Result<()> {
    let ended = write(
        connection,
        "end a run",
        "UPDATE run SET ended = $1, exit_code = $2, summary = $3 WHERE run_id = $4",
        &[&now, &exit_code, &Words(summary), &Words(run_id)],
    )?;
    ensure!(ended == 1, "cannot end the run {run_id}: the store does not know it");
    Ok(())
}

pub(super) fn last_runs(connection: &Connection, limit: u32) -> Result<Vec<RunRow>> {
    rows(
        connection,
        "list the last runs",
        "SELECT run_id, date, started, ended, exit_code, summary FROM run
         ORDER BY started DESC, date DESC, number DESC LIMIT $1",
        &[&limit],
        read_run,
    )
}

fn read_run(row: &mut Columns<'_, '_>) -> rusqlite::Result<RunRow> {
    Ok(RunRow {
        run_id: row.text()?,
        date: row.day()?,
        started: row.whole()?,
        ended: row.maybe_whole()?,
        exit_code: row.maybe_whole()?,
        summary: row.string()?,
    })
}

pub(super) fn next_unit(connection: &Connection, run_id: &str) -> Result<u32> {
    let next = first(
        connection,
        "number a unit of work",
        "SELECT COALESCE(MAX(unit), 0) + 1 FROM unit WHERE run_id = $1",
        &[&Words(run_id)],
        one_whole,
    )?;
    next.context("a unit has no number")
}

pub(super) fn add_unit(
    connection: &Connection,
    run_id: &str,
    unit: u32,
    stage: &str,
    counts: &str,
) -> Result<()> {
    let next = next_unit(connection, run_id)?;
    ensure!(unit == next, "cannot add unit {unit} to the run {run_id}: its next unit is {next}");
    write_sealed(
        connection,
        "add a unit of work",
        "INSERT INTO unit (run_id, unit, stage, counts, seal) VALUES ($1, $2, $3, $4, $5)",
        &[&Words(run_id), &unit, &Words(stage), &Words(counts)],
    )
    .with_context(|| format!("run {run_id}, unit {unit}"))?;
    Ok(())
}

pub(super) fn units(connection: &Connection, run_id: &str) -> Result<Vec<UnitRow>> {
    rows(
        connection,
        "list the units of a run",
        "SELECT unit, stage, counts FROM unit WHERE run_id = $1 ORDER BY unit",
        &[&Words(run_id)],
        |row| Ok(UnitRow { unit: row.whole()?, stage: row.text()?, counts: row.string()? }),
    )
}
