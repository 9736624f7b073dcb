//! The rows of the cross-reference of one number in any writing, which may say what an unknown number means.

use super::records::Record;
use super::values::{Columns, Words};
use super::xref_rows::{Covering, SOURCE, VERSION, version};
use super::xref_search::{FORM_OF_TEXT, all_learnt};
use crate::domain::item::Xref;
use anyhow::{Context, Result};
use rusqlite::{Connection, ToSql};

pub(super) fn like(connection: &Connection, number: &str, limit: usize) -> Result<Vec<Xref>> {
    all_learnt(connection)?;
    let sql = format!(
        "SELECT {VERSION} FROM xref_number AS n
         JOIN item_xref AS x ON x.customer = n.customer AND x.customer_item = n.customer_item
         WHERE n.form = {FORM_OF_TEXT} AND (n.form <> '' OR n.customer_item = $1) AND x.recorded_to IS NULL
         ORDER BY n.customer_item <> $1, n.customer, n.customer_item, {KEY_OF_NUMBER} LIMIT $2"
    );
    let mut found = Vec::new();
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    each(connection, &sql, &[&Words(number), &limit], &mut |row| {
        found.push(row);
        Ok(())
    })?;
    Ok(found)
}

const KEY_OF_NUMBER: &str = "x.ship_to, x.qualifier, x.unit, x.item, x.valid_from, x.source, x.ordinal";

/// The rows of the answer that no stronger one covers.
fn each(
    connection: &Connection,
    sql: &str,
    values: &[&dyn ToSql],
    take: &mut dyn FnMut(Xref) -> Result<()>,
) -> Result<()> {
    let what = "cannot read the rows of the cross-reference that are like a number";
    let mut statement = connection.prepare_cached(sql).context(what)?;
    let mut answer = statement.query(values).context(what)?;
    let mut covering = Covering::default();
    while let Some(row) = answer.next().context(what)? {
        if !covering.covers(row, Xref::KEY.len(), SOURCE).context(what)? {
            take(version(&mut Columns::of(row)).context(what)?.xref)?;
        }
    }
    Ok(())
}
