//! The masters: which list is which table, what was synced when, and reading them as of an instant.

use super::records::Record;
use super::sync::{list, sync as sync_table};
use super::values::{Columns, Words, first, one_text, one_whole, write};
use super::xref_changes;
use super::xref_rows::Covering;
use crate::domain::Text;
use crate::domain::item::{Customer, Masters, Xref};
use crate::store::{Micros, SyncCounts};
use anyhow::{Context, Result, bail};
use rusqlite::Connection;

pub(super) fn digest(connection: &Connection, name: &str) -> Result<Option<Text>> {
    first(
        connection,
        "look for the digest of a masters file",
        "SELECT digest FROM master_file WHERE name = $1",
        &[&Words(name)],
        one_text,
    )
}

pub(super) fn sync(
    connection: &Connection,
    name: &str,
    digest: &str,
    rows: &Masters,
    now: Micros,
) -> Result<SyncCounts> {
    let last: Option<Micros> = first(
        connection,
        "look for the last sync of a masters file",
        "SELECT synced FROM master_file WHERE name = $1",
        &[&Words(name)],
        one_whole,
    )?;
    let mut now = last.map_or(now, |last| last.max(now));
    if name == "item_xref" {
        // an instant of the cross-reference has one author
        now = xref_changes::last(connection)?.map_or(now, |change| now.max(change + 1));
    }
    let synced = match name {
        "items" => sync_table(connection, &rows.items, now),
        "customers" => sync_table(connection, &rows.customers, now),
        "item_xref" => sync_table(connection, &rows.xrefs, now),
        "item_kits" => sync_table(connection, &rows.kits, now),
        "uom" => sync_table(connection, &rows.conversions, now),
        _ => bail!("no masters file has the name {name}"),
    };
    let counts = synced.with_context(|| format!("masters file {name}"))?;
    write(
        connection,
        "keep the digest of a masters file",
        "INSERT INTO master_file (name, digest, synced) VALUES ($1, $2, $3)
         ON CONFLICT (name) DO UPDATE SET digest = excluded.digest, synced = excluded.synced",
        &[&Words(name), &Words(digest), &now],
    )?;
    Ok(counts)
}

pub(super) fn all(connection: &Connection, as_of: Option<Micros>) -> Result<Masters> {
    let mut xrefs = Vec::new();
    each_xref(connection, as_of, &mut |xref| {
        xrefs.push(xref);
        Ok(())
    })?;
    Ok(Masters { xrefs, ..without_xrefs(connection, as_of)? })
}

pub(super) fn without_xrefs(connection: &Connection, as_of: Option<Micros>) -> Result<Masters> {
    Ok(Masters {
        items: list_of(connection, as_of)?,
        customers: list_of(connection, as_of)?,
        xrefs: Vec::new(),
        kits: list_of(connection, as_of)?,
        conversions: list_of(connection, as_of)?,
    })
}

pub(super) fn customer(
    connection: &Connection,
    customer: &str,
    as_of: Option<Micros>,
) -> Result<Option<Customer>> {
    first(
        connection,
        "look for a customer",
        "SELECT customer, name, customer_group, ledger FROM customer
         WHERE customer = $1 AND recorded_from <= $2 AND (recorded_to IS NULL OR recorded_to > $2)
         ORDER BY source, ordinal LIMIT 1",
        &[&Words(customer), &as_of.unwrap_or(Micros::MAX)],
        Customer::read,
    )
}

pub(super) fn each_xref(
    connection: &Connection,
    as_of: Option<Micros>,
    take: &mut dyn FnMut(Xref) -> Result<()>,
) -> Result<()> {
    each(connection, None, as_of, take)
}

pub(super) fn each_xref_of(
    connection: &Connection,
    customer: &str,
    as_of: Option<Micros>,
    take: &mut dyn FnMut(Xref) -> Result<()>,
) -> Result<()> {
    each(connection, Some(customer), as_of, take)
}

fn list_of<T: Record>(connection: &Connection, as_of: Option<Micros>) -> Result<Vec<T>> {
    let mut rows = Vec::new();
    each(connection, None, as_of, &mut |row| {
        rows.push(row);
        Ok(())
    })?;
    Ok(rows)
}

/// `first`: only the rows whose first column of the key is that.
fn each<T: Record>(
    connection: &Connection,
    first: Option<&str>,
    as_of: Option<Micros>,
    take: &mut dyn FnMut(T) -> Result<()>,
) -> Result<()> {
    let key = list(T::KEY.iter().copied());
    let columns = list(T::KEY.iter().chain(T::VALUES).copied().chain(T::NUMBER).chain(["source"]));
    let source = T::KEY.len() + T::VALUES.len() + usize::from(T::NUMBER.is_some());
    let table = T::TABLE;
    let current = match as_of {
        None => "recorded_to IS NULL",
        Some(_) => "recorded_from <= $1 AND (recorded_to IS NULL OR recorded_to > $1)",
    };
    let first_column = T::KEY.first().copied().unwrap_or_default();
    let of = if first.is_some() { format!("AND {first_column} = $2") } else { String::new() };
    let sql = format!(
        "SELECT {columns} FROM {table} WHERE $1 IS $1 AND {current} {of} ORDER BY {key}, source, ordinal"
    );
    let what = || format!("cannot read the masters from the table {table}");
    let mut statement = connection.prepare_cached(&sql).with_context(what)?;
    let first = first.map(Words);
    let mut values: Vec<&dyn rusqlite::ToSql> = vec![&as_of];
    values.extend(first.iter().map(|first| first as &dyn rusqlite::ToSql));
    let mut answer = statement.query(values.as_slice()).with_context(what)?;
    let mut covering = Covering::default();
    while let Some(row) = answer.next().with_context(what)? {
        if covering.covers(row, T::KEY.len(), source).with_context(what)? {
            continue;
        }
        take(T::read(&mut Columns::of(row)).with_context(what)?)?;
    }
    Ok(())
}
