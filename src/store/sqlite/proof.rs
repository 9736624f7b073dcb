//! What a proof and retention ask of the store: a run after another, a unit after another.

use super::inputs::read_receipt;
use super::orders::read_order;
use super::values::{Columns, Words, first, one_text, rows, write};
use crate::domain::{Date, Text};
use crate::store::proof::{FileKind, ListedOutput, OldFile, RunName};
use crate::store::{InterchangeKey, InvoiceRow, OrderRow, OutputRow, ReceiptRow, RunRow};
use anyhow::{Context as _, Result};
use rusqlite::Connection;

pub(super) fn run_names(connection: &Connection) -> Result<Vec<RunName>> {
    rows(
        connection,
        "list the runs",
        "SELECT run_id, date, ended IS NOT NULL FROM run ORDER BY started, date, number",
        &[],
        |row| Ok(RunName { run_id: row.text()?, date: row.day()?, ended: row.flag()? }),
    )
}

pub(super) fn run(connection: &Connection, run_id: &str) -> Result<Option<RunRow>> {
    first(
        connection,
        "look for a run",
        "SELECT run_id, date, started, ended, exit_code, summary FROM run WHERE run_id = $1",
        &[&Words(run_id)],
        |row| {
            Ok(RunRow {
                run_id: row.text()?,
                date: row.day()?,
                started: row.whole()?,
                ended: row.maybe_whole()?,
                exit_code: row.maybe_whole()?,
                summary: row.string()?,
            })
        },
    )
}

pub(super) fn unit_receipts(connection: &Connection, run_id: &str, unit: u32) -> Result<Vec<ReceiptRow>> {
    rows(
        connection,
        "list the inputs of a unit",
        "SELECT run_id, unit, stage, name, digest, bytes, partner, state, work_path, archive_path FROM receipt
         WHERE run_id = $1 AND unit = $2 ORDER BY receipt_id",
        &[&Words(run_id), &unit],
        read_receipt,
    )
}

pub(super) fn receipts_of(connection: &Connection, name: &str) -> Result<Vec<ReceiptRow>> {
    rows(
        connection,
        "look for an input",
        "SELECT run_id, unit, stage, name, digest, bytes, partner, state, work_path, archive_path FROM receipt
         WHERE name = $1 OR archive_path = $1 OR digest = $1 ORDER BY receipt_id",
        &[&Words(name)],
        read_receipt,
    )
}

pub(super) fn unit_outputs(connection: &Connection, run_id: &str, unit: u32) -> Result<Vec<ListedOutput>> {
    rows(
        connection,
        "list the outputs of a unit",
        "SELECT run_id, unit, staged, path, kind, partner, control, digest, published FROM output
         WHERE run_id = $1 AND unit = $2 ORDER BY output_id",
        &[&Words(run_id), &unit],
        |row| {
            let output = OutputRow {
                run_id: row.text()?,
                unit: row.whole()?,
                staged: row.text()?,
                path: row.text()?,
                kind: row.text()?,
                partner: row.text()?,
                control: row.text()?,
                digest: row.text()?,
            };
            Ok(ListedOutput { output, published: row.flag()? })
        },
    )
}

pub(super) fn unit_orders(
    connection: &Connection,
    (run_id, unit): (&str, u32),
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<OrderRow>> {
    rows(
        connection,
        "read the orders of a unit",
        "SELECT order_id, run_id, unit, partner, customer, po_number, release, po_date, received, currency, state, header,
             lines, input, input_offset, input_length, answered FROM purchase_order
         WHERE run_id = $1 AND unit = $2
             AND order_number > coalesce((SELECT order_number FROM purchase_order WHERE order_id = $3), 0)
         ORDER BY order_number LIMIT $4",
        &[&Words(run_id), &unit, &Words(after.unwrap_or_default()), &limit],
        read_order,
    )
}

pub(super) fn knows_interchange(connection: &Connection, key: &InterchangeKey, digest: &str) -> Result<bool> {
    let found: Option<Text> = first(
        connection,
        "look for an interchange by its bytes",
        "SELECT digest FROM interchange WHERE sender = $1 AND receiver = $2 AND control = $3 AND digest = $4 LIMIT 1",
        &[&Words(&key.sender), &Words(&key.receiver), &Words(&key.control), &Words(digest)],
        one_text,
    )?;
    Ok(found.is_some())
}

pub(super) fn note_settings(connection: &Connection, run_id: &str, digest: &str) -> Result<()> {
    write(
        connection,
        "note the settings of a run",
        "INSERT INTO run_settings (run_id, digest) VALUES ($1, $2)
         ON CONFLICT (run_id) DO UPDATE SET digest = CASE WHEN digest = excluded.digest THEN digest ELSE '' END",
        &[&Words(run_id), &Words(digest)],
    )?;
    Ok(())
}

pub(super) fn run_settings(connection: &Connection, run_id: &str) -> Result<Option<Text>> {
    first(
        connection,
        "look for the settings of a run",
        "SELECT digest FROM run_settings WHERE run_id = $1",
        &[&Words(run_id)],
        one_text,
    )
}

pub(super) fn each_run_invoice(
    connection: &Connection,
    run_id: &str,
    take: &mut dyn FnMut(InvoiceRow) -> Result<()>,
) -> Result<()> {
    let what = || format!("cannot read the invoices of the run {run_id}");
    let mut statement = connection
        .prepare_cached(
            "SELECT invoice_number, kind, run_id, partner, customer, po_number, order_id, invoice_date, total_micro, state,
                 document FROM invoice
             WHERE run_id = $1 ORDER BY kind, invoice_number",
        )
        .with_context(what)?;
    let mut answer = statement.query([Words(run_id)]).with_context(what)?;
    while let Some(row) = answer.next().with_context(what)? {
        take(super::invoices::read_invoice(&mut Columns::of(row)).with_context(what)?)?;
    }
    Ok(())
}

pub(super) fn billed_without_invoice(connection: &Connection, limit: u32) -> Result<Vec<Text>> {
    rows(
        connection,
        "look for billed lines of no invoice",
        "SELECT kind || ' ' || invoice_number || ', order ' || order_id || ' line ' || line FROM billed_line
         WHERE NOT EXISTS (SELECT 1 FROM invoice
             WHERE invoice.kind = billed_line.kind AND invoice.invoice_number = billed_line.invoice_number
                 AND invoice.order_id = billed_line.order_id)
         ORDER BY 1 LIMIT $1",
        &[&limit],
        one_text,
    )
}

// -- retention ----------------------------------------------------------------------------------------------------------

/// Inputs of which something still waits: of a held order, of an order about which something is open, of a change that waits and
/// of the order that it would change.
const INPUTS_NEEDED: &str = "WITH needed AS MATERIALIZED (
         SELECT run_id, unit, input FROM purchase_order WHERE state IN ('held', 'part_held')
         UNION SELECT o.run_id, o.unit, o.input FROM exception AS e
             JOIN purchase_order AS o ON o.order_id = e.order_id WHERE e.closed IS NULL AND e.order_id <> ''
         UNION SELECT o.run_id, o.unit, o.input FROM order_change AS c
             JOIN purchase_order AS o ON o.order_id = c.order_id WHERE c.state = 'held'
         UNION SELECT r.run_id, r.unit, r.name FROM order_change AS c
             JOIN receipt AS r ON r.run_id = c.run_id AND r.name = c.input WHERE c.state = 'held'
     ), open AS MATERIALIZED (
         SELECT run_id, partner, coalesce(json_extract(detail, '$.file'), '') AS file FROM exception
         WHERE closed IS NULL AND kind <> 'line'
     )";

/// What every kind of file asks: the run has ended and is old, and the file is not noted as removed.
fn old(path: &str) -> String {
    format!(
        "run.ended IS NOT NULL AND run.date < $1 AND {path} > $2
         AND NOT EXISTS (SELECT 1 FROM removed_file AS gone WHERE gone.path = {path} AND gone.run_id = run.run_id)
         ORDER BY {path} LIMIT $3"
    )
}

/// The statement that lists files of a kind: path, run, partner, kind, whether it is unanswered.
fn listing(kind: FileKind) -> String {
    match kind {
        FileKind::Archive => format!(
            "{INPUTS_NEEDED}
             SELECT receipt.archive_path, run.run_id, receipt.partner, '', 0 FROM receipt
             JOIN run ON run.run_id = receipt.run_id
             WHERE receipt.archived = 1 AND (receipt.run_id, receipt.unit, receipt.name) NOT IN needed
                 AND NOT EXISTS (SELECT 1 FROM open WHERE open.run_id = receipt.run_id AND (open.file = receipt.name
                     OR (open.file = '' AND (open.partner IN ('', receipt.partner) OR receipt.partner = ''))))
                 AND NOT (receipt.stage = 'invoices'
                     AND EXISTS (SELECT 1 FROM held_invoice WHERE held_invoice.run_id = receipt.run_id))
                 AND {}",
            old("receipt.archive_path")
        ),
        FileKind::Facts => format!(
            "SELECT output.path, run.run_id, '', '', 0 FROM output JOIN run ON run.run_id = output.run_id
             WHERE output.kind = 'facts' AND output.published = 1
                 AND NOT EXISTS (SELECT 1 FROM purchase_order AS o WHERE o.run_id = output.run_id
                     AND o.unit = output.unit AND o.state IN ('held', 'part_held'))
                 AND {}",
            old("output.path")
        ),
        FileKind::Sent => format!(
            "SELECT sent.kept, run.run_id, sent.partner, sent.kind, EXISTS (SELECT 1 FROM sent_group
                 WHERE sent_group.sent_id = sent.sent_id AND waiting > 0 AND functional_id <> 'FA')
             FROM sent_interchange AS sent JOIN run ON run.run_id = sent.run_id
             WHERE sent.kept <> '' AND NOT EXISTS (SELECT 1 FROM exception
                     WHERE closed IS NULL AND line = 0 AND order_id = sent.path)
                 AND {}",
            old("sent.kept")
        ),
        FileKind::Reports => format!(
            "SELECT 'reports/run-' || run.run_id || '.json', run.run_id, '', '', 0 FROM run WHERE {}",
            old("'reports/run-' || run.run_id || '.json'")
        ),
        FileKind::Quarantine => format!(
            "{INPUTS_NEEDED}
             SELECT output.path, run.run_id, output.partner, '', 0 FROM output JOIN run ON run.run_id = output.run_id
             WHERE output.kind = 'quarantine' AND output.published = 1
                 AND NOT EXISTS (SELECT 1 FROM open WHERE open.run_id = output.run_id
                     AND (open.partner IN ('', output.partner) OR output.partner = ''))
                 AND {}",
            old("output.path")
        ),
    }
}

pub(super) fn old_files(
    connection: &Connection,
    kind: FileKind,
    before: Date,
    after: &str,
    limit: u32,
) -> Result<Vec<OldFile>> {
    rows(
        connection,
        "list what retention may take away",
        &listing(kind),
        &[&Words(&before.to_string()), &Words(after), &limit],
        |row| {
            Ok(OldFile {
                path: row.text()?,
                run_id: row.text()?,
                partner: row.text()?,
                kind: row.text()?,
                unanswered: row.flag()?,
            })
        },
    )
}

pub(super) fn note_removed(
    connection: &Connection,
    kind: FileKind,
    files: &[OldFile],
    today: Date,
) -> Result<()> {
    for file in files {
        write(
            connection,
            "note what retention takes away",
            "INSERT INTO removed_file (path, run_id, kind, removed, gone) VALUES ($1, $2, $3, $4, 0)
             ON CONFLICT (path, run_id) DO NOTHING",
            &[&Words(&file.path), &Words(&file.run_id), &Words(kind.as_str()), &Words(&today.to_string())],
        )?;
    }
    Ok(())
}

pub(super) fn going(connection: &Connection) -> Result<Vec<Text>> {
    rows(
        connection,
        "list what retention had begun to take away",
        "SELECT path FROM removed_file WHERE gone = 0 ORDER BY path",
        &[],
        one_text,
    )
}

pub(super) fn mark_gone(connection: &Connection, still: &[Text]) -> Result<()> {
    write(connection, "note what is gone", "UPDATE removed_file SET gone = 1 WHERE gone = 0", &[])?;
    for path in still {
        let sql = "UPDATE removed_file SET gone = 0 WHERE path = $1";
        write(connection, "note what is still there", sql, &[&Words(path)])?;
    }
    Ok(())
}

pub(super) fn removed(connection: &Connection, path: &str, run_id: &str) -> Result<Option<Date>> {
    first(
        connection,
        "look whether retention took a file away",
        "SELECT removed FROM removed_file WHERE path = $1 AND run_id = $2",
        &[&Words(path), &Words(run_id)],
        one_day,
    )
}

fn one_day(row: &mut Columns<'_, '_>) -> rusqlite::Result<Date> {
    row.day()
}
