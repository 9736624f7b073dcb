//! Seals: the digest of a row's lasting columns, kept in the row, so that a row that was altered by hand is found and named.

use super::ledger_seals;
use super::values::{Columns, Words, first, one_text, one_whole, rows, write};
use crate::domain::Text;
use crate::store::proof::{RowFinding, RowTrouble};
use anyhow::{Context, Result};
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, OptionalExtension as _, ToSql};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A table whose rows are sealed: its lasting columns in the order in which they are inserted, and what names a row.
struct Sealed {
    table: &'static str,
    columns: &'static str,
    key: &'static str,
}

const SEALED: &[Sealed] = &[
    Sealed {
        table: "customer_item_event",
        columns: "event_key, run_id, recorded, kind, customer, item, customer_item_type, serial, quantity, unit, date,
             purchase_date, ship_date, source, document, document_line, po_number, kit, unit_price, warranty_start,
             warranty_end, service_due, target, to_customer, to_item, to_serial, remainder, signed_by, reason, extra",
        key: "event_key",
    },
    Sealed {
        table: "exception",
        columns: "kind, cause, run_id, partner, customer, po_number, order_id, line, detail",
        key: "exception_id || ' ' || cause || CASE WHEN order_id = '' THEN '' ELSE ', ' || order_id || ' line ' || line END",
    },
    Sealed {
        table: "invoice",
        columns: "invoice_number, kind, run_id, partner, customer, po_number, order_id, invoice_date, total_micro, state,
             document",
        key: "kind || ' ' || invoice_number",
    },
    Sealed {
        table: "order_change",
        columns: "kind, cause, state, order_id, partner, customer, po_number, release, received, run_id, input, input_offset,
             content, plan, receiver, answered, judged, settled_by",
        key: "change_id || ', PO number ' || po_number || ', ' || state",
    },
    Sealed {
        table: "order_version",
        columns: "order_id, version, change_id, run_id, state, header, lines, recorded",
        key: "order_id || ' version ' || version",
    },
    Sealed {
        table: "output",
        columns: "run_id, unit, staged, path, kind, partner, control, digest",
        key: "path",
    },
    Sealed {
        table: "purchase_order",
        columns: "order_id, run_id, unit, partner, customer, po_number, release, po_date, received, currency, state, header,
             lines, input, input_offset, input_length, answered",
        key: "order_id || ', PO number ' || po_number",
    },
    Sealed {
        table: "receipt",
        columns: "run_id, unit, stage, name, digest, bytes, partner, state, work_path, archive_path",
        key: "name",
    },
    Sealed {
        table: "sent_interchange",
        columns: "run_id, unit, kind, partner, control, sender, receiver, date, time, usage, path, kept, digest",
        key: "path",
    },
    Sealed { table: "unit", columns: "run_id, unit, stage, counts", key: "'unit ' || unit" },
];

/// How many sealed rows a transaction added, by table and run; fewer than none where rows came to stand under another run.
#[derive(Debug, Default)]
pub(super) struct Added(BTreeMap<(&'static str, Text), i64>);

impl Added {
    pub(super) fn count(&mut self, table: &'static str, run_id: &str, rows: i64) {
        if rows != 0 {
            *self.0.entry((table, run_id.into())).or_default() += rows;
        }
    }

    /// Puts the counts into the store: part of the transaction that added the rows.
    pub(super) fn keep(&mut self, connection: &Connection) -> Result<()> {
        for ((table, run_id), rows) in std::mem::take(&mut self.0) {
            write(
                connection,
                "count sealed rows",
                "INSERT INTO sealed_rows (run_id, name, counted) VALUES ($1, $2, $3)
                 ON CONFLICT (run_id, name) DO UPDATE SET counted = counted + excluded.counted",
                &[&Words(&run_id), &Words(table), &rows],
            )?;
        }
        Ok(())
    }
}

/// The seal of values that are about to be written.
pub(super) fn seal(values: &[&dyn ToSql]) -> Result<String> {
    let mut seal = Seal::default();
    for value in values {
        match value.to_sql()? {
            ToSqlOutput::Borrowed(value) => seal.add(value),
            ToSqlOutput::Owned(value) => seal.add(ValueRef::from(&value)),
            other => seal.add(ValueRef::from(&Value::Text(format!("{other:?}")))),
        }
    }
    Ok(seal.end())
}

/// Writes a row; the statement's last parameter is the seal of the others.
pub(super) fn write_sealed(
    connection: &Connection,
    what: &str,
    sql: &str,
    values: &[&dyn ToSql],
) -> Result<usize> {
    let seal = seal(values).with_context(|| format!("cannot {what}"))?;
    let mut all = values.to_vec();
    all.push(&seal);
    write(connection, what, sql, &all)
}

/// The table's columns, and the one that its rows are known by in the store.
fn sealed_by(table: &str) -> Result<(&'static Sealed, &'static str)> {
    let sealed = SEALED.iter().find(|sealed| sealed.table == table);
    let sealed = sealed.with_context(|| format!("rows of {table} have no seal"))?;
    let id = match table {
        "order_change" => "change_id",
        "purchase_order" => "order_id",
        _ => sealed.key,
    };
    Ok((sealed, id))
}

/// The seal that a row has, and the one that it ought to have by what it says now; None where there is no such row.
pub(super) fn of_row(connection: &Connection, table: &str, id: &str) -> Result<Option<(String, String)>> {
    let (Sealed { columns, .. }, by) = sealed_by(table)?;
    let what = || format!("cannot read the seal of {id} in {table}");
    let sql = format!("SELECT {columns}, seal FROM {table} WHERE {by} = $1");
    let mut statement = connection.prepare_cached(&sql).with_context(what)?;
    let width = statement.column_count().saturating_sub(1);
    let read = |row: &rusqlite::Row<'_>| {
        let mut seal = Seal::default();
        (0..width).try_for_each(|at| row.get_ref(at).map(|value| seal.add(value)))?;
        Ok((row.get(width)?, seal.end()))
    };
    statement.query_row([Words(id)], read).optional().with_context(what)
}

/// Seals a row anew after the program changed it.
pub(super) fn reseal(connection: &Connection, table: &str, id: &str) -> Result<()> {
    let Some((_, now)) = of_row(connection, table, id)? else { return Ok(()) };
    let (_, by) = sealed_by(table)?;
    let sql = format!("UPDATE {table} SET seal = $1 WHERE {by} = $2");
    write(connection, "seal a row", &sql, &[&now, &Words(id)])?;
    Ok(())
}

/// Seals an order anew after it was changed.
pub(super) fn reseal_order(connection: &Connection, order_id: &str) -> Result<()> {
    reseal(connection, "purchase_order", order_id)
}

#[derive(Default)]
struct Seal(Sha256);

impl Seal {
    fn add(&mut self, value: ValueRef<'_>) {
        let (kind, bytes): (u8, &[u8]) = match value {
            ValueRef::Null => (0, &[]),
            ValueRef::Integer(whole) => return self.part(1, &whole.to_be_bytes()),
            ValueRef::Real(real) => return self.part(2, &real.to_be_bytes()),
            ValueRef::Text(text) => (3, text),
            ValueRef::Blob(blob) => (4, blob),
        };
        self.part(kind, bytes);
    }

    fn part(&mut self, kind: u8, bytes: &[u8]) {
        self.0.update([kind]);
        self.0.update((bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
    }

    fn end(self) -> String {
        let mut text = String::with_capacity(32);
        for byte in self.0.finalize().iter().take(16) {
            // writing to a text cannot fail
            let _ = write!(text, "{byte:02x}");
        }
        text
    }
}

/// Compares every sealed row of a run with its seal, and how many there are with how many were committed.
pub(super) fn check(
    connection: &Connection,
    run_id: &str,
    take: &mut dyn FnMut(RowFinding) -> Result<()>,
) -> Result<()> {
    let old: Option<Text> = first(
        connection,
        "look whether a run is older than the seals",
        "SELECT run_id FROM unsealed_run WHERE run_id = $1",
        &[&Words(run_id)],
        one_text,
    )?;
    for sealed in SEALED {
        let found = check_table(connection, sealed, run_id, old.is_some(), take)?;
        if old.is_some() {
            continue;
        }
        let counted: Option<u64> = first(
            connection,
            "look how many rows were committed",
            "SELECT counted FROM sealed_rows WHERE run_id = $1 AND name = $2",
            &[&Words(run_id), &Words(sealed.table)],
            one_whole,
        )?;
        let counted = counted.unwrap_or_default();
        if counted != found {
            let table = sealed.table.into();
            let trouble = RowTrouble::Count { committed: counted, found };
            take(RowFinding { table, row: Text::default(), trouble })?;
        }
    }
    ledger_seals::lost(connection, run_id, take)
}

/// How many rows of the run the table has.
fn check_table(
    connection: &Connection,
    sealed: &Sealed,
    run_id: &str,
    old: bool,
    take: &mut dyn FnMut(RowFinding) -> Result<()>,
) -> Result<u64> {
    let Sealed { table, columns, key } = sealed;
    let sql = format!("SELECT {columns}, seal, {key} FROM {table} WHERE run_id = $1 ORDER BY rowid");
    let what = || format!("cannot read the rows of {table} of the run {run_id}");
    let mut statement = connection.prepare(&sql).with_context(what)?;
    let width = statement.column_count().saturating_sub(2);
    let mut answer = statement.query([Words(run_id)]).with_context(what)?;
    let mut found = 0;
    while let Some(row) = answer.next().with_context(what)? {
        found += 1;
        let mut seal = Seal::default();
        for at in 0..width {
            seal.add(row.get_ref(at).with_context(what)?);
        }
        let kept: String = row.get(width).with_context(what)?;
        if (old && kept.is_empty()) || kept == seal.end() {
            continue;
        }
        let key: String = row.get(width + 1).with_context(what)?;
        let trouble = if kept.is_empty() { RowTrouble::Unsealed } else { RowTrouble::Altered };
        take(RowFinding { table: (*table).into(), row: key.into(), trouble })?;
    }
    Ok(found)
}

/// Rows under a run that the store does not know; at most so many.
pub(super) fn of_no_run(connection: &Connection, limit: u32) -> Result<Vec<RowFinding>> {
    let mut found = Vec::new();
    for Sealed { table, key, .. } in SEALED {
        let sql = format!(
            "SELECT {key} FROM {table} WHERE run_id <> '' AND NOT EXISTS
                 (SELECT 1 FROM run WHERE run.run_id = {table}.run_id)
             LIMIT $1"
        );
        let read = |row: &mut Columns<'_, '_>| {
            Ok(RowFinding { table: (*table).into(), row: row.text()?, trouble: RowTrouble::Unsealed })
        };
        found.extend(rows(connection, "look for rows of no run", &sql, &[&limit], read)?);
    }
    Ok(found)
}
