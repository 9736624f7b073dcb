//! How long a number that found no item waits for one: from the first run that saw it to the one that mapped it.

use super::lines::{NEEDED, counted, is_first, spans, stacked};
use super::{Drawn, Span, text};
use crate::domain::{Date, Text};
use crate::facts::ORDER_LINES_DIR;
use crate::facts::schema::ORDER_LINES;
use crate::report::calendar::days_between;
use crate::report::percentile;
use crate::report::scan::{Facts, days, texts};
use crate::report::table::{Cell, Column, Kind, Table};
use anyhow::Result;
use polars::prelude as pl;
use polars::prelude::{DataFrame, IntoLazy as _, LazyFrame, col, lit};
use std::collections::BTreeMap;

const COLUMNS: [(&str, Kind); 7] = [
    ("customer", Kind::Text),
    ("outcome", Kind::Text),
    ("numbers", Kind::Count),
    ("lines", Kind::Count),
    ("median_days", Kind::Count),
    ("p90_days", Kind::Count),
    ("longest_days", Kind::Count),
];

/// One number of a customer with what was wrong on arrival: customer, outcome, qualifier, number.
type Number = [Text; 4];

/// Its lines that were mapped later: how many, the first day on which one came, the first on which one was mapped.
struct Wait {
    lines: u64,
    seen: Date,
    mapped: Date,
}

pub(super) fn section(span: &Span<'_>) -> Result<Drawn> {
    let mut groups: BTreeMap<[Text; 2], (u64, Vec<i32>)> = BTreeMap::new();
    if let Some((from, to)) = span.period {
        for ([customer, outcome, ..], wait) in waits(span, to)? {
            if wait.mapped >= from {
                let (lines, days) = groups.entry([customer, outcome]).or_default();
                *lines += wait.lines;
                days.push(days_between(wait.seen, wait.mapped));
            }
        }
    }
    let all = groups.values().fold((0, Vec::new()), |(lines, mut all), (more, days)| {
        all.extend_from_slice(days);
        (lines + more, all)
    });
    let row = |label: [Cell; 2], (lines, mut days): (u64, Vec<i32>)| {
        days.sort_unstable();
        let day = |percent| {
            Cell::Count(percentile(&days, percent).and_then(|day| day.try_into().ok()).unwrap_or(0))
        };
        let numbers = [Cell::Count(days.len() as u64), Cell::Count(lines), day(50), day(90), day(100)];
        label.into_iter().chain(numbers).collect()
    };
    let totals = if all.1.is_empty() { Vec::new() } else { vec![row([text("total"), text("")], all)] };
    let rows = groups.into_iter().map(|(label, found)| row(label.map(Cell::Text), found)).collect();
    let table = Table {
        columns: COLUMNS.map(|(name, kind)| Column { name, kind }).to_vec(),
        rows,
        totals,
        empty: "no number that was seen unmapped was mapped in the period".to_owned(),
    };
    Ok((table, None, String::new()))
}

/// Every number of which a line was mapped by a later look, up to a day.
fn waits(span: &Span<'_>, to: Date) -> Result<BTreeMap<Number, Wait>> {
    let root = span.site.join(ORDER_LINES_DIR);
    let held = span.params.held;
    let facts = Facts::find(&root, (None, Some(to)), ORDER_LINES, &NEEDED, held.rows)?;
    let partner = span.params.partner.as_ref();
    let later = |scan: LazyFrame| {
        counted(scan, partner).filter(col("outcome").eq(lit("mapped")).and(is_first().not()))
    };
    let mut waits = BTreeMap::new();
    for orders in spans(&facts, span.progress, later, held.looks)? {
        let mapped = |scan| {
            orders.only(later(scan)).select([col("order_id"), col("line"), col("date").alias("mapped")])
        };
        let mut found = Vec::new();
        facts.each_answer(span.progress, "lines mapped later", mapped, |answer| {
            found.push(answer);
            Ok(())
        })?;
        let Some(mapped) = stacked(found)? else { continue };
        let key = [col("order_id"), col("line")];
        let mapped = mapped.lazy().group_by(key.clone()).agg([col("mapped").min()]).collect()?.lazy();
        let first = |scan: LazyFrame| {
            let unmapped = col("outcome").neq(lit("mapped")).and(is_first());
            orders
                .only(counted(scan, partner).filter(unmapped))
                .join(mapped.clone(), key.clone(), key.clone(), pl::JoinArgs::new(pl::JoinType::Inner))
                .select(NUMBER.map(col).into_iter().chain([col("date"), col("mapped")]).collect::<Vec<_>>())
        };
        facts.each_answer(span.progress, "lines not mapped at first", first, |answer| {
            add(&mut waits, &answer)
        })?;
    }
    Ok(waits)
}

const NUMBER: [&str; 4] = ["customer", "outcome", "customer_item_qualifier", "customer_item"];

fn add(waits: &mut BTreeMap<Number, Wait>, answer: &DataFrame) -> Result<()> {
    let mut columns = Vec::with_capacity(NUMBER.len());
    for name in NUMBER {
        columns.push(texts(answer, name)?);
    }
    let dates = days(answer, "date")?.into_iter().zip(days(answer, "mapped")?);
    for (row, dates) in dates.enumerate() {
        let (Some(seen), Some(mapped)) = dates else { continue };
        let value =
            |at: usize| columns.get(at).and_then(|values| values.get(row)).cloned().unwrap_or_default();
        let wait = waits.entry(std::array::from_fn(value)).or_insert(Wait { lines: 0, seen, mapped });
        wait.lines += 1;
        wait.seen = wait.seen.min(seen);
        wait.mapped = wait.mapped.min(mapped);
    }
    Ok(())
}
