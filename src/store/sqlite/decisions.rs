//! What people decided about causes that wait: kept as a log of which the last row of a cause counts.

use super::orders::exception;
use super::values::{Words, first, one_whole, rows, write, written};
use crate::domain::Date;
use crate::store::{CauseDecision, ExceptionRow, Micros};
use anyhow::{Context, Result, ensure};
use rusqlite::Connection;

/// Where an exception stands under `cause_decision` as `last`, the last decision about its cause.
const REJECTED: &str = "EXISTS (SELECT 1 FROM cause_decision AS last
     WHERE last.decision_id = (SELECT max(decision_id) FROM cause_decision WHERE cause = exception.cause)
         AND last.decision = 'reject' AND exception.exception_id <= last.last_exception)";

/// Where an exception is a line that was mapped, by the last decision about its cause, and no run has ended that began since: one
/// that is still open afterwards needs another decision.
const MAPPED: &str = "EXISTS (SELECT 1 FROM cause_decision AS last
     WHERE last.decision_id = (SELECT max(decision_id) FROM cause_decision WHERE cause = exception.cause)
         AND last.decision = 'map' AND exception.exception_id <= last.last_exception
         AND NOT EXISTS (SELECT 1 FROM run WHERE started > last.recorded AND ended IS NOT NULL))";

/// Where an exception is an invoice of which a person decided, for the very posting that waits, and no run has ended that began
/// since.
const INVOICE_DECIDED: &str = "EXISTS (SELECT 1 FROM held_invoice AS held
     JOIN invoice_decision AS last ON last.decision_id = (SELECT max(decision_id) FROM invoice_decision
         WHERE kind = held.kind AND invoice_number = held.invoice_number)
     WHERE held.kind = substr(exception.order_id, 1, 2) AND held.invoice_number = substr(exception.order_id, 4)
         AND held.cause = exception.cause AND last.source = held.source
         AND NOT EXISTS (SELECT 1 FROM run WHERE started > last.recorded AND ended IS NOT NULL))";

/// Where an exception is a change of which a person decided, and no run has ended that began since.
const CHANGE_DECIDED: &str = "EXISTS (SELECT 1 FROM order_change AS held
     JOIN order_change_decision AS last ON last.decision_id = (SELECT max(decision_id) FROM order_change_decision
         WHERE change_id = held.change_id)
     WHERE held.cause = exception.cause AND held.state = 'held'
         AND NOT EXISTS (SELECT 1 FROM run WHERE started > last.recorded AND ended IS NOT NULL))";

pub(super) fn add(connection: &Connection, row: &CauseDecision) -> Result<()> {
    ensure!(
        !row.decided_by.trim().is_empty() && !row.reason.trim().is_empty(),
        "a decision about {} needs a name and a reason",
        row.cause
    );
    write(
        connection,
        "keep a decision",
        "INSERT INTO cause_decision
             (cause, decision, terms, ignore_until, decided_by, reason, recorded, last_exception)
         SELECT $1, $2, $3, $4, $5, $6, $7, coalesce(max(exception_id), 0) FROM exception",
        &[
            &Words(&row.cause),
            &Words(&row.decision),
            &Words(&row.terms),
            &Words(&written(row.ignore_until)),
            &Words(&row.decided_by),
            &Words(&row.reason),
            &row.recorded,
        ],
    )
    .with_context(|| format!("cause {}", row.cause))?;
    Ok(())
}

pub(super) fn last(connection: &Connection, cause: &str) -> Result<Option<CauseDecision>> {
    first(
        connection,
        "look for a decision",
        "SELECT cause, decision, terms, ignore_until, decided_by, reason, recorded FROM cause_decision
         WHERE cause = $1 ORDER BY decision_id DESC LIMIT 1",
        &[&Words(cause)],
        |row| {
            Ok(CauseDecision {
                cause: row.text()?,
                decision: row.text()?,
                terms: row.text()?,
                ignore_until: row.date()?,
                decided_by: row.text()?,
                reason: row.text()?,
                recorded: row.whole::<Micros>()?,
            })
        },
    )
}

pub(super) fn undecided(connection: &Connection, today: Date) -> Result<Vec<ExceptionRow>> {
    let sql = format!(
        "SELECT kind, cause, run_id, partner, customer, po_number, order_id, line, detail FROM exception
         WHERE closed IS NULL AND NOT (kind = 'line' AND ({REJECTED} OR {MAPPED}))
             AND NOT (kind = 'invoice' AND {INVOICE_DECIDED})
             AND NOT (kind IN ('order_change', 'duplicate_order') AND {CHANGE_DECIDED})
             AND NOT EXISTS (SELECT 1 FROM cause_decision AS last
                 WHERE last.decision_id = (SELECT max(decision_id) FROM cause_decision WHERE cause = exception.cause)
                     AND last.decision = 'ignore' AND last.ignore_until >= $1)
         ORDER BY exception_id"
    );
    rows(connection, "list what waits for a decision", &sql, &[&Words(&today.to_string())], exception)
}

pub(super) fn rejected_lines(connection: &Connection, order_id: &str) -> Result<Vec<u32>> {
    let sql = format!(
        "SELECT line FROM exception
         WHERE order_id = $1 AND kind = 'line' AND closed IS NULL AND {REJECTED} ORDER BY line"
    );
    rows(connection, "list the rejected lines of an order", &sql, &[&Words(order_id)], one_whole)
}
