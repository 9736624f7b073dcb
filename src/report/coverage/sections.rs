//! The sections of coverage as tables: rows in a total order, columns, sums, and how each is drawn.

use super::counts::{COUNTED, COUNTED_SHARES_FIRST, Counts};
use super::cut::Cut;
use super::{Drawn, text};
use crate::domain::Text;
use crate::report::page::Chart;
use crate::report::part::Key;
use crate::report::shown_of;
use crate::report::table::{Cell, Column, Kind, Table};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// A section that is its cut's rows, by its id.
pub(super) fn of(id: &str, cut: &Cut, top: usize) -> Drawn {
    match id {
        "coverage" => (table(cut, &COUNTED), None, String::new()),
        "heat-map" => heat_map(cut, top),
        _ => {
            let chart = chart(id, cut);
            (table(cut, &COUNTED_SHARES_FIRST), chart, String::new())
        }
    }
}

fn currencies(cut: &Cut) -> usize {
    let Some(at) = cut.by.iter().position(|group| *group == "currency") else { return 0 };
    cut.counts.all.keys().filter_map(|key| key.get(at)).collect::<BTreeSet<_>>().len()
}

/// Lines of two currencies are two lines of a drawing, too.
fn chart(id: &str, cut: &Cut) -> Option<Chart> {
    let several = currencies(cut) > 1;
    let group = *cut.by.first()?;
    Some(match id {
        "weeks" | "months" if several => {
            Chart::Trend { period: group, values: vec!["mapped_pct"], by: Some("currency") }
        }
        "weeks" | "months" => Chart::Trend {
            period: group,
            values: vec!["mapped_pct", "first_pass_pct", "value_pct"],
            by: None,
        },
        // of a step, whether it found an item is no question, only how often
        _ => Chart::Bars {
            label: if several { vec![group, "currency"] } else { vec![group] },
            value: if id == "via" { "lines" } else { "mapped_pct" },
            by: None,
        },
    })
}

pub(super) fn texts(names: &[&'static str]) -> impl Iterator<Item = Column> {
    names.iter().map(|name| Column { name, kind: Kind::Text })
}

pub(super) fn row(key: &Key, counts: &Counts, columns: &[Column]) -> Vec<Cell> {
    key.iter().cloned().map(Cell::Text).chain(counts.cells(columns)).collect()
}

/// All groups that have a line, by their key.
pub(super) fn table(cut: &Cut, columns: &[Column]) -> Table {
    let rows = cut.counts.all.iter().filter(|(_, counts)| counts.lines() != 0);
    Table {
        columns: texts(&cut.by).chain(columns.iter().copied()).collect(),
        rows: rows.map(|(key, counts)| row(key, counts, columns)).collect(),
        totals: totals(cut, columns),
        empty: String::new(),
    }
}

/// One row for each currency.
fn totals(cut: &Cut, columns: &[Column]) -> Vec<Vec<Cell>> {
    let currency = cut.by.iter().position(|name| *name == "currency");
    let mut sums: BTreeMap<Text, Counts> = BTreeMap::new();
    for (key, counts) in &cut.counts.all {
        let currency = currency.and_then(|at| key.get(at)).cloned().unwrap_or_default();
        sums.entry(currency).or_default().add(counts);
    }
    let row = |(currency_of, counts): (&Text, &Counts)| {
        let label = |at: usize| match at {
            0 if currency == Some(0) => text(format!("total {currency_of}")),
            0 => text("total"),
            _ if Some(at) == currency => Cell::Text(currency_of.clone()),
            _ => text(""),
        };
        (0..cut.by.len()).map(label).chain(counts.cells(columns)).collect()
    };
    sums.iter().filter(|(_, counts)| counts.lines() != 0).map(row).collect()
}

fn heat_map(cut: &Cut, top: usize) -> Drawn {
    let mut lines: BTreeMap<Text, i128> = BTreeMap::new();
    for (key, counts) in &cut.counts.all {
        *lines.entry(key.first().cloned().unwrap_or_default()).or_default() += counts.lines();
    }
    let mut customers: Vec<(Text, i128)> = lines.into_iter().filter(|(_, lines)| *lines != 0).collect();
    customers.sort_by(|a, b| (Reverse(a.1), &a.0).cmp(&(Reverse(b.1), &b.0)));
    let shown: BTreeSet<&Text> = customers.iter().take(top).map(|(customer, _)| customer).collect();
    let more = shown_of(shown.len(), customers.len(), "customers");
    let columns: Vec<Column> = COUNTED_SHARES_FIRST
        .into_iter()
        .filter(|column| {
            let name = column.name;
            column.kind == Kind::Count || matches!(name, "mapped_pct" | "first_pass_pct")
        })
        .collect();
    let mut table =
        Table { columns: texts(&cut.by).chain(columns.iter().copied()).collect(), ..Table::default() };
    for (key, counts) in &cut.counts.all {
        if counts.lines() != 0 && key.first().is_some_and(|customer| shown.contains(customer)) {
            table.rows.push(row(key, counts, &columns));
        }
    }
    (table, Some(Chart::HeatMap { row: "customer", column: "week", value: "mapped_pct" }), more)
}

pub(super) fn count(lines: i128) -> Cell {
    Cell::Count(u64::try_from(lines).unwrap_or_default())
}

/// A measure of [`change`]: its columns now, before, and their difference.
type Measure = ([&'static str; 3], fn(&Counts) -> Option<i64>);

const MEASURES: [Measure; 3] = [
    (["mapped_pct", "mapped_pct_before", "mapped_pct_change"], Counts::mapped_pct),
    (["first_pass_pct", "first_pass_pct_before", "first_pass_pct_change"], Counts::first_pass_pct),
    (["value_pct", "value_pct_before", "value_pct_change"], Counts::value_pct),
];

/// This period beside the one before it.
pub(super) fn change(now: &Cut, before: &Cut) -> Drawn {
    let mut columns: Vec<Column> = texts(&now.by).collect();
    columns.extend(["lines", "lines_before"].map(|name| Column { name, kind: Kind::Count }));
    for (names, _) in MEASURES {
        columns.extend(names.map(|name| Column { name, kind: Kind::Percent }));
    }
    let none = Counts::default();
    let keys: BTreeSet<&Key> = now.counts.all.keys().chain(before.counts.all.keys()).collect();
    let cells = |mut cells: Vec<Cell>, now: &Counts, before: &Counts| {
        cells.extend([count(now.lines()), count(before.lines())]);
        for (_, measure) in MEASURES {
            let (now, before) = (measure(now), measure(before));
            let change = now.zip(before).map(|(now, before)| now - before);
            cells.extend([now, before, change].map(Cell::Percent));
        }
        cells
    };
    let mut rows = Vec::new();
    for key in keys {
        let [now, before] = [now, before].map(|cut| cut.counts.all.get(key).unwrap_or(&none));
        if now.lines() != 0 || before.lines() != 0 {
            rows.push(cells(key.iter().cloned().map(Cell::Text).collect(), now, before));
        }
    }
    let of_all = |cut: &Cut| {
        let mut sum = Counts::default();
        cut.counts.all.values().for_each(|counts| sum.add(counts));
        sum
    };
    let totals = if currencies(now) <= 1 && currencies(before) <= 1 && !rows.is_empty() {
        vec![cells(vec![text("total"), text("")], &of_all(now), &of_all(before))]
    } else {
        Vec::new()
    };
    (Table { columns, rows, totals, empty: String::new() }, None, String::new())
}
