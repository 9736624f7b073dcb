//! What happened to each cause, in the order in which it happened: exceptions and decisions in one list.

use super::values::{Columns, Words, rows_each};
use crate::store::Micros;
use crate::store::audit::{AuditEvent, AuditFilter};
use anyhow::Result;
use rusqlite::Connection;

/// All events. What came up in one run under one cause is one event, and so is what one run ended in one way.
const EVENTS: &str = "
    WITH known AS (
        SELECT cause, min(kind) AS kind, min(partner) AS partner, min(customer) AS customer FROM exception GROUP BY cause
    ), billed AS (
        SELECT order_id, cause, partner, customer, max(exception_id) FROM exception WHERE kind = 'invoice' GROUP BY order_id
    ), event AS (
        SELECT min(run.started) AS at, 1 AS rank, 'came_up' AS event, seen.kind AS kind, seen.cause AS cause,
            min(seen.partner) AS partner, min(seen.customer) AS customer, count(*) AS exceptions, seen.run_id AS run_id,
            '' AS what, '' AS terms, '' AS decided_by, '' AS reason
        FROM exception AS seen JOIN run ON run.run_id = seen.run_id
        GROUP BY seen.kind, seen.cause, seen.run_id
        UNION ALL
        SELECT said.recorded, 2, 'decided', coalesce(known.kind, ''), said.cause, coalesce(known.partner, ''),
            coalesce(known.customer, ''), 0, '', said.decision, said.terms, said.decided_by, said.reason
        FROM cause_decision AS said LEFT JOIN known ON known.cause = said.cause
        UNION ALL
        SELECT said.recorded, 2, 'decided', 'invoice',
            coalesce(billed.cause, 'invoice//' || CASE said.kind WHEN 'CR' THEN 'CR ' ELSE '' END || said.invoice_number),
            coalesce(billed.partner, ''), coalesce(billed.customer, ''), 0, '', said.decision, '', said.decided_by, said.reason
        FROM invoice_decision AS said LEFT JOIN billed ON billed.order_id = said.kind || '/' || said.invoice_number
        UNION ALL
        SELECT closed, 3, 'ended', kind, cause, min(partner), min(customer), count(*), closed_by, closed_as, '', '', ''
        FROM exception WHERE closed IS NOT NULL
        GROUP BY kind, cause, closed_by, closed_as, closed
    )
    SELECT at, event, kind, cause, partner, customer, exceptions, run_id, what, terms, decided_by, reason FROM event
    WHERE ($1 = 0 OR cause = $2) AND at BETWEEN $3 AND $4
        AND ($5 = 0 OR cause IN (SELECT cause FROM event WHERE event = 'decided' AND decided_by = $6))
    ORDER BY at, rank, kind, cause, what";

pub(super) fn each(
    connection: &Connection,
    filter: &AuditFilter,
    take: &mut dyn FnMut(AuditEvent) -> Result<()>,
) -> Result<()> {
    let AuditFilter { cause, from, to, by } = filter;
    rows_each(
        connection,
        "list what happened to causes",
        EVENTS,
        &[
            &i64::from(cause.is_some()),
            &Words(cause.as_deref().unwrap_or_default()),
            &from.unwrap_or(Micros::MIN),
            &to.unwrap_or(Micros::MAX),
            &i64::from(by.is_some()),
            &Words(by.as_deref().unwrap_or_default()),
        ],
        event,
        take,
    )
}

fn event(row: &mut Columns<'_, '_>) -> rusqlite::Result<AuditEvent> {
    Ok(AuditEvent {
        at: row.whole()?,
        event: row.text()?,
        kind: row.text()?,
        cause: row.text()?,
        partner: row.text()?,
        customer: row.text()?,
        exceptions: row.whole()?,
        run_id: row.text()?,
        what: row.text()?,
        terms: row.text()?,
        decided_by: row.text()?,
        reason: row.text()?,
    })
}
