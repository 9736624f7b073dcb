//! Cross-references that are valid and that no order uses, from the store: a walk in bounded memory.

use super::{Drawn, text};
use crate::domain::item::Xref;
use crate::domain::{Date, Text};
use crate::report::shown_of;
use crate::report::table::{Cell, Column, Kind, Table};
use crate::store::xrefs::{XrefVersion, days_before};
use crate::store::{Micros, Transaction};
use anyhow::Result;
use std::collections::{BTreeMap, HashSet};

/// A row that no line of so many days used is used no more.
pub(super) const DAYS: u32 = 180;

const COLUMNS: [&str; 9] =
    ["use", "customer", "ship_to", "customer_item", "qualifier", "item", "source", "since", "xref_id"];

/// The rows that nobody uses: those that no order ever used first, the oldest first.
pub(super) fn section(store: &mut dyn Transaction, to: Date, top: usize) -> Result<Drawn> {
    let recently: HashSet<i64> = store.used_xrefs(days_before(to, DAYS - 1))?.into_iter().collect();
    let ever: HashSet<i64> = store.used_xrefs(Date::MIN)?.into_iter().collect();
    let mut rows: BTreeMap<(bool, Micros, i64), Vec<Cell>> = BTreeMap::new();
    let (mut never, mut no_more) = (0_usize, 0_usize);
    store.each_xref_version(None, &mut |row| {
        if !is_valid(&row.xref, to) || recently.contains(&row.xref.xref_id) {
            return Ok(());
        }
        let used = ever.contains(&row.xref.xref_id);
        *(if used { &mut no_more } else { &mut never }) += 1;
        rows.insert((used, row.recorded_from, row.xref.xref_id), cells(used, &row));
        if rows.len() > top {
            rows.pop_last();
        }
        Ok(())
    })?;
    let more = format!(
        " {never} were never used, {no_more} no more.{}",
        shown_of(rows.len(), never + no_more, "cross-references")
    );
    let table = Table {
        columns: COLUMNS.map(|name| Column { name, kind: Kind::Text }).to_vec(),
        rows: rows.into_values().collect(),
        totals: Vec::new(),
        empty: format!("every cross-reference that is valid on {to} was used in the {DAYS} days before"),
    };
    Ok((table, None, more))
}

/// Without a day that has facts nothing can be said to be unused.
pub(super) fn unasked() -> Drawn {
    let columns = COLUMNS.map(|name| Column { name, kind: Kind::Text }).to_vec();
    (Table { columns, ..Table::default() }, None, String::new())
}

fn is_valid(row: &Xref, day: Date) -> bool {
    row.active && row.valid_from.is_none_or(|from| from <= day) && row.valid_to.is_none_or(|to| day <= to)
}

fn cells(used: bool, row: &XrefVersion) -> Vec<Cell> {
    let (customer, ship_to) = row.xref.scope.columns();
    let since = jiff::Timestamp::from_microsecond(row.recorded_from)
        .map_or(Text::default(), |at| at.to_zoned(jiff::tz::TimeZone::UTC).date().to_string().into());
    vec![
        text(if used { "no more" } else { "never" }),
        text(customer.as_ref()),
        text(ship_to),
        Cell::Text(row.xref.customer_item.clone()),
        Cell::Text(row.xref.qualifier.clone()),
        Cell::Text(row.xref.item.clone()),
        text(row.source.as_str()),
        Cell::Text(since),
        text(row.xref.xref_id.to_string()),
    ]
}
