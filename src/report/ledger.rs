//! What customers own on a day, counted: how many, under warranty or not, due for service.

use crate::domain::customer_item::{CustomerItem, CustomerItemStatus};
use crate::domain::money::to_micros_rounded;
use crate::domain::{Date, Text};
use crate::report::table::{Cell, Column, Kind, Table};
use anyhow::{Context as _, Result, ensure};
use polars::prelude as pl;
use polars::prelude::{DataFrame, IntoLazy as _, col, lit};
use std::collections::BTreeMap;

/// The columns that `by` may name.
pub const GROUPS: [&str; 6] = ["customer", "type", "item", "unit", "source", "status"];

/// The columns that stand in for an empty `by`.
const GROUPS_DEFAULT: [&str; 2] = ["customer", "type"];

/// What is counted, in the order of the columns after the groups.
const COUNTED: [&str; 8] = [
    "things",
    "quantity",
    "under_warranty",
    "warranty_ended",
    "no_warranty",
    "service_overdue",
    "service_due_30_days",
    "ended",
];

/// Days ahead in which a service is soon.
const SOON: i32 = 30;

/// What is asked of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Only what is owned since this day or later.
    pub from: Option<Date>,
    /// The day on which cover and service are looked at; the items are those of this day.
    pub day: Date,
    /// Each alone or several with commas between.
    pub by: Vec<String>,
}

/// The counts of each group, while customer items come in.
type Counts = BTreeMap<Vec<Text>, [i64; COUNTED.len()]>;

/// Customer items that are counted at a time: so many are in memory, however many there are.
const BATCH: usize = 10_000;

/// Counts customer items as they come.
#[derive(Debug)]
pub struct Counter {
    asked: Asked,
    by: Vec<&'static str>,
    waiting: Vec<CustomerItem>,
    counts: Counts,
}

impl Counter {
    pub fn new(asked: Asked) -> Result<Self> {
        if let Some(from) = asked.from {
            ensure!(
                from <= asked.day,
                "nothing lies from {from} to {}: the first date is after the last",
                asked.day
            );
        }
        let by = groups(&asked.by)?;
        Ok(Self { asked, by, waiting: Vec::new(), counts: Counts::new() })
    }

    pub fn add(&mut self, items: impl IntoIterator<Item = CustomerItem>) -> Result<()> {
        let from = self.asked.from;
        for item in items.into_iter().filter(|item| from.is_none_or(|from| item.owned_from >= from)) {
            self.waiting.push(item);
            if self.waiting.len() >= BATCH {
                self.count()?;
            }
        }
        Ok(())
    }

    fn count(&mut self) -> Result<()> {
        let items: Vec<&CustomerItem> = self.waiting.iter().collect();
        let found = count(&items, &self.by, self.asked.day).context("count the customer items")?;
        for (key, counts) in found {
            add(self.counts.entry(key).or_default(), &counts);
        }
        self.waiting.clear();
        Ok(())
    }

    /// One row for each group that has something.
    pub fn table(mut self) -> Result<Table> {
        self.count()?;
        let Self { asked, by, counts, .. } = self;
        let mut totals = [0i64; COUNTED.len()];
        for counts in counts.values() {
            add(&mut totals, counts);
        }
        let cells = |counts: &[i64; COUNTED.len()]| -> Vec<Cell> {
            let cell = |(name, count): (&&str, &i64)| match *name {
                "quantity" => Cell::Decimal((*count).into()),
                _ => Cell::Count(u64::try_from(*count).unwrap_or_default()),
            };
            COUNTED.iter().zip(counts).map(cell).collect()
        };
        let row = |(keys, counts): (&Vec<Text>, &[i64; COUNTED.len()])| {
            keys.iter().cloned().map(Cell::Text).chain(cells(counts)).collect()
        };
        let label = |at: usize| Cell::Text(if at == 0 { "total".into() } else { Text::default() });
        let total = (0..by.len()).map(label).chain(cells(&totals)).collect();
        let kind = |name: &str| if name == "quantity" { Kind::Decimal } else { Kind::Count };
        let groups = by.iter().map(|name| Column { name, kind: Kind::Text });
        Ok(Table {
            columns: groups.chain(COUNTED.iter().map(|name| Column { name, kind: kind(name) })).collect(),
            rows: counts.iter().map(row).collect(),
            totals: vec![total],
            empty: format!("no customer items on {}", asked.day),
        })
    }
}

fn add(to: &mut [i64; COUNTED.len()], counts: &[i64; COUNTED.len()]) {
    for (to, count) in to.iter_mut().zip(counts) {
        *to = to.saturating_add(*count);
    }
}

fn groups(by: &[String]) -> Result<Vec<&'static str>> {
    crate::report::groups(by, &GROUPS, &GROUPS_DEFAULT)
}

fn count(items: &[&CustomerItem], by: &[&'static str], day: Date) -> Result<Counts> {
    let keys: Vec<pl::Expr> = by.iter().map(|name| col(*name)).collect();
    let sums: Vec<pl::Expr> = COUNTED.iter().map(|name| col(*name).sum()).collect();
    let frame = flags(frame(items)?.lazy(), day).group_by(keys).agg(sums).collect()?;
    let mut counts = Counts::new();
    for row in 0..frame.height() {
        let mut key = Vec::with_capacity(by.len());
        for name in by {
            key.push(Text::from(frame.column(name)?.str()?.get(row).unwrap_or_default()));
        }
        let mut sums = [0i64; COUNTED.len()];
        for (sum, name) in sums.iter_mut().zip(COUNTED) {
            *sum = frame.column(name)?.cast(&pl::DataType::Int64)?.i64()?.get(row).unwrap_or_default();
        }
        counts.insert(key, sums);
    }
    Ok(counts)
}

/// The items as columns; a day as the number of days since 1970.
fn frame(items: &[&CustomerItem]) -> Result<DataFrame> {
    let text = |name: &str, of: fn(&CustomerItem) -> &str| {
        pl::Column::new(name.into(), items.iter().map(|item| of(item)).collect::<Vec<&str>>())
    };
    let day = |name: &str, of: fn(&CustomerItem) -> Option<Date>| {
        pl::Column::new(
            name.into(),
            items.iter().map(|item| of(item).map(days)).collect::<Vec<Option<i32>>>(),
        )
    };
    let micros: Vec<i64> =
        items.iter().map(|item| to_micros_rounded(item.quantity).unwrap_or_default()).collect();
    Ok(DataFrame::new_infer_height(vec![
        text("customer", |item| &item.customer),
        text("type", |item| &item.customer_item_type),
        text("item", |item| &item.item),
        text("unit", |item| &item.unit),
        text("source", |item| &item.source),
        text("status", |item| item.status.as_str()),
        pl::Column::new("micros".into(), micros),
        day("first", |item| item.warranty_start),
        day("last", |item| item.warranty_end),
        day("due", |item| item.service_due),
    ])?)
}

/// What each item adds to each count. Of what has ended only that is counted.
fn flags(frame: pl::LazyFrame, day: Date) -> pl::LazyFrame {
    let (today, soon) = (lit(days(day)), lit(days(day) + SOON));
    let owned = || col("status").eq(lit(CustomerItemStatus::Active.as_str()));
    let first = || col("first").is_null().or(col("first").lt_eq(today.clone()));
    let one = |expression: pl::Expr, name: &str| {
        expression.fill_null(lit(false)).and(owned()).cast(pl::DataType::Int64).alias(name)
    };
    frame.with_columns([
        one(lit(true), "things"),
        pl::when(owned()).then(col("micros")).otherwise(lit(0i64)).alias("quantity"),
        one(col("last").gt_eq(today.clone()).and(first()), "under_warranty"),
        one(col("last").lt(today.clone()), "warranty_ended"),
        one(col("last").is_null(), "no_warranty"),
        one(col("due").lt(today.clone()), "service_overdue"),
        one(col("due").gt_eq(today.clone()).and(col("due").lt_eq(soon)), "service_due_30_days"),
        owned().not().cast(pl::DataType::Int64).alias("ended"),
    ])
}

fn days(date: Date) -> i32 {
    let epoch = const { jiff::civil::date(1970, 1, 1) };
    epoch.until(date).map_or(0, |span| span.get_days())
}
