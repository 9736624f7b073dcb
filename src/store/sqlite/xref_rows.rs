//! The rows of the cross-reference with both clocks: of one number, of an instant, and all that ever stood.

use super::records::Record;
use super::values::{Columns, Words, one_text, rows};
use super::xref_changes::source;
use super::xref_search::{FORM_OF_TEXT, all_learnt};
use crate::domain::Text;
use crate::domain::item::Xref;
use crate::store::Micros;
use crate::store::xrefs::{XrefHistoryOf, XrefSource, XrefVersion};
use anyhow::{Context, Result};
use rusqlite::{Connection, Row};

/// The columns that [`version`] reads, of a table `x`.
pub(super) const VERSION: &str = "x.customer, x.customer_item, x.ship_to, x.qualifier, x.unit, x.item, x.valid_from,
    x.valid_to, x.unit_factor, x.rank, x.active, x.description, x.xref_id, x.source, x.recorded_from, x.recorded_to,
    x.decided_by, x.reason,
    coalesce((SELECT decided_by FROM xref_change WHERE recorded = x.recorded_to), ''),
    coalesce((SELECT reason FROM xref_change WHERE recorded = x.recorded_to), '')";

/// The place of `source` among them.
pub(super) const SOURCE: usize = 13;

/// How many they are.
pub(super) const COLUMNS: usize = 20;

/// The order of the table.
const KEY: &str =
    "x.customer, x.customer_item, x.ship_to, x.qualifier, x.unit, x.item, x.valid_from, x.source, x.ordinal";

pub(super) fn version(columns: &mut Columns<'_, '_>) -> rusqlite::Result<XrefVersion> {
    Ok(XrefVersion {
        xref: Xref::read(columns)?,
        source: source(columns)?,
        recorded_from: columns.whole()?,
        recorded_to: columns.maybe_whole()?,
        decided_by: columns.text()?,
        reason: columns.text()?,
        ended_by: columns.text()?,
        end_reason: columns.text()?,
    })
}

/// Tells, of rows in the order of the key and then the source, which are covered by one of a stronger source.
#[derive(Debug, Default)]
pub(super) struct Covering {
    /// Of the last row that may cover others; empty: none.
    key: Vec<Text>,
    source: Text,
}

impl Covering {
    /// The key stands in the first columns of the row, the source in the column `source`.
    pub(super) fn covers(&mut self, row: &Row<'_>, columns: usize, source: usize) -> rusqlite::Result<bool> {
        let own = row.get_ref(source)?.as_str()?;
        if self.key.is_empty() && own == XrefSource::Masters.as_str() {
            return Ok(false);
        }
        let mut same = !self.key.is_empty();
        for (column, text) in self.key.iter().enumerate() {
            same = same && row.get_ref(column)?.as_str()? == text;
        }
        if same {
            return Ok(own != self.source);
        }
        self.key.clear();
        if own != XrefSource::Masters.as_str() {
            for column in 0..columns {
                self.key.push(row.get_ref(column)?.as_str()?.into());
            }
            self.source = own.into();
        }
        Ok(false)
    }
}

pub(super) fn of_number(
    connection: &Connection,
    customer: &str,
    customer_item: &str,
    ship_to: &str,
) -> Result<Vec<XrefVersion>> {
    rows(
        connection,
        "look for the rows of a number",
        &format!(
            "SELECT {VERSION} FROM item_xref AS x
             WHERE x.customer = $1 AND x.customer_item = $2 AND x.ship_to = $3 AND x.recorded_to IS NULL
             ORDER BY {KEY}"
        ),
        &[&Words(customer), &Words(customer_item), &Words(ship_to)],
        version,
    )
}

pub(super) fn each(
    connection: &Connection,
    as_of: Option<Micros>,
    take: &mut dyn FnMut(XrefVersion) -> Result<()>,
) -> Result<()> {
    let what = "cannot read the cross-reference";
    let current = current(as_of);
    let sql = format!("SELECT {VERSION} FROM item_xref AS x WHERE {current} ORDER BY {KEY}");
    let mut statement = connection.prepare_cached(&sql).context(what)?;
    let mut answer = statement.query(rusqlite::params_from_iter(as_of)).context(what)?;
    let mut covering = Covering::default();
    while let Some(row) = answer.next().context(what)? {
        if !covering.covers(row, Xref::KEY.len(), SOURCE).context(what)? {
            take(version(&mut Columns::of(row)).context(what)?)?;
        }
    }
    Ok(())
}

/// What holds of a row `x` that stands now, or that stood at the instant $1.
pub(super) fn current(as_of: Option<Micros>) -> &'static str {
    match as_of {
        None => "x.recorded_to IS NULL",
        Some(_) => "x.recorded_from <= $1 AND (x.recorded_to IS NULL OR x.recorded_to > $1)",
    }
}

pub(super) fn history(connection: &Connection, of: XrefHistoryOf<'_>) -> Result<Vec<XrefVersion>> {
    all_learnt(connection)?;
    let (text, from) = match of {
        XrefHistoryOf::Number(number) => {
            (number, format!("xref_number AS n WHERE n.form = {FORM_OF_TEXT} AND n.customer_item = $1"))
        }
        XrefHistoryOf::Item(item) => (item, "xref_item AS n WHERE n.item = $1".to_owned()),
    };
    let item = if matches!(of, XrefHistoryOf::Item(_)) { "AND x.item = $1" } else { "" };
    rows(
        connection,
        "read the history of the cross-reference",
        &format!(
            "SELECT {VERSION} FROM (SELECT n.customer, n.customer_item FROM {from}) AS n
             JOIN item_xref AS x ON x.customer = n.customer AND x.customer_item = n.customer_item {item}
             ORDER BY x.recorded_from, {KEY}"
        ),
        &[&Words(text)],
        version,
    )
}

pub(super) fn numbers_like(
    connection: &Connection,
    customer: &str,
    customer_item: &str,
    before: Micros,
) -> Result<Vec<Text>> {
    all_learnt(connection)?;
    rows(
        connection,
        "look for numbers that are written otherwise",
        &format!(
            "SELECT n.customer_item FROM xref_number AS n
             WHERE n.form = {FORM_OF_TEXT} AND n.customer = $2 AND n.customer_item <> $1 AND EXISTS (
                 SELECT 1 FROM item_xref AS x WHERE x.customer = n.customer AND x.customer_item = n.customer_item
                     AND x.recorded_from < $3 AND x.recorded_to IS NULL
             ) ORDER BY n.customer_item"
        ),
        &[&Words(customer_item), &Words(customer), &before],
        one_text,
    )
}

pub(super) fn each_shared_number(
    connection: &Connection,
    take: &mut dyn FnMut(&str, &[XrefVersion]) -> Result<()>,
) -> Result<()> {
    all_learnt(connection)?;
    let what = "cannot look for numbers that several customers use";
    let sql = "SELECT customer_item FROM xref_number GROUP BY form, customer_item HAVING count(*) > 1
         ORDER BY form, customer_item";
    let mut statement = connection.prepare_cached(sql).context(what)?;
    let mut answer = statement.query([]).context(what)?;
    while let Some(row) = answer.next().context(what)? {
        let number = Columns::of(row).text().context(what)?;
        let rows = current_of(connection, &number)?;
        take(&number, &rows)?;
    }
    Ok(())
}

/// The rows of a number with every customer that count.
fn current_of(connection: &Connection, customer_item: &str) -> Result<Vec<XrefVersion>> {
    let what = "cannot read the rows of a number";
    let sql = format!(
        "SELECT {VERSION} FROM xref_number AS n
         JOIN item_xref AS x ON x.customer = n.customer AND x.customer_item = n.customer_item
         WHERE n.form = {FORM_OF_TEXT} AND n.customer_item = $1 AND x.recorded_to IS NULL ORDER BY {KEY}"
    );
    let mut statement = connection.prepare_cached(&sql).context(what)?;
    let mut answer = statement.query([Words(customer_item)]).context(what)?;
    let mut covering = Covering::default();
    let mut rows = Vec::new();
    while let Some(row) = answer.next().context(what)? {
        if !covering.covers(row, Xref::KEY.len(), SOURCE).context(what)? {
            rows.push(version(&mut Columns::of(row)).context(what)?);
        }
    }
    Ok(rows)
}
