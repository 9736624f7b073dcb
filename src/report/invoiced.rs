//! What was ordered beside what was billed of it: the facts of order lines and of invoice lines, line by line.

use crate::domain::{Date, Text};
use crate::facts::schema::{Get, INVOICE_LINES, ORDER_LINES};
use crate::facts::{INVOICE_LINES_DIR, ORDER_LINES_DIR};
use crate::report::coverage::{Lines, sources};
use crate::report::page::{Chart, Report, Section};
use crate::report::scan::{Facts, Needed, collect, group_values, halves, integers, newest_date, wholes};
use crate::report::table::{Cell, Column, Kind, Table, percent};
use crate::report::{
    Held, Params, Progress, SectionDef, Wanted, groups, nothing, period, shown_of, shown_params,
};
use anyhow::Result;
use polars::prelude as pl;
use polars::prelude::{DataFrame, Expr, IntoLazy as _, LazyFrame, col, lit};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::Path;

pub static SECTIONS: &[SectionDef] = &[
    SectionDef {
        id: "invoiced",
        title: "Invoiced against ordered",
        about: "One row a group and currency: the ordered lines of the period and what the invoices of the period bill of them, credits taken \
                off. A line is billed when its quantity is; what is open of its value is what was not billed of it.",
        short: true,
    },
    SectionDef {
        id: "weeks",
        title: "By week",
        about: "One row an ISO week of arrival and currency.",
        short: true,
    },
    SectionDef {
        id: "items",
        title: "By item",
        about: "One row an item, unit and currency, the greatest open value first.",
        short: true,
    },
];

const GROUPS_DEFAULT: &[&str] = &["partner", "customer"];

const NEEDED: Needed = Needed { kind: "invoice lines", columns: &["kind", "quantity_micro", "amount_micro"] };

const COUNTS: [&str; 4] = ["lines", "billed_lines", "part_lines", "open_lines"];
const SUMS: [&str; 5] = ["quantity", "billed_quantity", "value", "billed", "open_value"];

/// What is known of each line when it stands beside its bills.
const COMPARED: [&str; 4] = ["quantity_micro", "value_micro", "billed_quantity", "billed_amount"];

/// The sums of a group, in the order of [`COUNTS`] and of [`SUMS`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Sum {
    counts: [i64; 4],
    sums: [i128; 5],
}

impl Sum {
    fn add(&mut self, other: &Self) {
        for (sum, count) in self.counts.iter_mut().zip(other.counts) {
            *sum += count;
        }
        for (sum, more) in self.sums.iter_mut().zip(other.sums) {
            *sum += more;
        }
    }

    fn open_value(&self) -> i128 {
        self.sums[4]
    }

    fn cells(&self) -> Vec<Cell> {
        let counts = self.counts.map(|count| Cell::Count(u64::try_from(count).unwrap_or_default()));
        let [_, _, value, _, open] = self.sums;
        let share = Cell::Percent(percent(value - open, value));
        counts.into_iter().chain(self.sums.map(Cell::Decimal)).chain([share]).collect()
    }
}

/// What one section counts.
struct Cut {
    def: &'static SectionDef,
    keys: Vec<&'static str>,
    sums: BTreeMap<Vec<Text>, Sum>,
}

impl Cut {
    fn of(def: &'static SectionDef, by: &[&'static str]) -> Self {
        let mut keys = match def.id {
            "weeks" => vec!["week"],
            "items" => vec!["item", "unit"],
            _ => by.to_vec(),
        };
        if !keys.contains(&"currency") {
            keys.push("currency");
        }
        Self { def, keys, sums: BTreeMap::new() }
    }
}

fn columns(by: &[&'static str]) -> Vec<Column> {
    let texts = by.iter().map(|name| Column { name, kind: Kind::Text });
    let counts = COUNTS.iter().map(|name| Column { name, kind: Kind::Count });
    let sums = SUMS.iter().map(|name| Column { name, kind: Kind::Decimal });
    texts.chain(counts).chain(sums).chain([Column { name: "billed_pct", kind: Kind::Percent }]).collect()
}

/// What `by` may name: the date, week and month, and every column of text.
pub fn known_groups() -> Vec<&'static str> {
    let texts =
        ORDER_LINES.iter().filter(|column| matches!(column.get, Get::Text(_))).map(|column| column.name);
    ["date", "week", "month"].into_iter().chain(texts).collect()
}

/// The report over the facts of a site.
pub fn report(site: &Path, params: &Params, wanted: Wanted<'_>, progress: &Progress<'_>) -> Result<Report> {
    let by = groups(&params.by, &known_groups(), GROUPS_DEFAULT)?;
    let period = period(params, newest_date(&site.join(ORDER_LINES_DIR))?)?;
    let mut sections = Vec::new();
    let mut cuts: Vec<Cut> = wanted.of(SECTIONS)?.into_iter().map(|def| Cut::of(def, &by)).collect();
    if let Some(period) = period {
        count(site, period, params, &mut cuts, progress)?;
    }
    for Cut { def, keys, sums } in cuts {
        let mut sorted: Vec<(&Vec<Text>, &Sum)> = sums.iter().collect();
        let mut top = usize::MAX;
        let mut chart = None;
        match def.id {
            "items" => {
                sorted.sort_by_key(|(key, sum)| (key.last(), Reverse(sum.open_value()), *key));
                top = params.top();
            }
            "weeks" => {
                let values = vec!["billed_pct"];
                chart = Some(Chart::Trend { period: "week", values, by: Some("currency") });
            }
            _ => {}
        }
        let row = |(key, sum): &(&Vec<Text>, &Sum)| {
            key.iter().cloned().map(Cell::Text).chain(sum.cells()).collect()
        };
        let table = Table {
            columns: columns(&keys),
            rows: sorted.iter().take(top).map(row).collect(),
            totals: totals(&keys, &sums),
            empty: nothing("ordered lines", ORDER_LINES_DIR, params, period),
        };
        let about = format!("{}{}", def.about, shown_of(table.rows.len(), sorted.len(), "rows"));
        sections.push(Section { id: def.id, title: def.title.to_owned(), about, table, chart });
    }
    Ok(Report {
        name: "invoiced",
        title: "Invoiced against ordered".to_owned(),
        params: shown_params(params, period, &by),
        notes: vec!["Invoice lines of which no order is known are in the report sales alone.".to_owned()],
        key: vec!["lines", "billed_lines", "value", "open_value", "billed_pct"],
        sections,
    })
}

/// One row for each currency.
fn totals(keys: &[&'static str], sums: &BTreeMap<Vec<Text>, Sum>) -> Vec<Vec<Cell>> {
    let at = keys.iter().position(|name| *name == "currency").unwrap_or_default();
    let mut totals: BTreeMap<&str, Sum> = BTreeMap::new();
    for (key, sum) in sums {
        totals.entry(key.get(at).map_or("", Text::as_str)).or_default().add(sum);
    }
    let row = |(currency, sum): (&&str, &Sum)| {
        let label = |place: usize| match place {
            0 if at == 0 => format!("total {currency}"),
            0 => "total".to_owned(),
            _ if place == at => (*currency).to_owned(),
            _ => String::new(),
        };
        (0..keys.len()).map(|place| Cell::Text(label(place).into())).chain(sum.cells()).collect()
    };
    totals.iter().map(row).collect()
}

/// Counts the ordered lines into each of the cuts. They are put beside their bills once, whatever the number of cuts.
fn count(
    site: &Path,
    (from, to): (Date, Date),
    params: &Params,
    cuts: &mut [Cut],
    progress: &Progress<'_>,
) -> Result<()> {
    let span = (Some(from), Some(to));
    // both sides of a batch are in memory, and what is billed of it
    let held = Held { rows: (params.held.rows / 4).max(1), ..params.held };
    let params = &Params { held, ..params.clone() };
    let keys: Vec<&'static str> = cuts.iter().flat_map(|cut| cut.keys.iter().copied()).collect();
    let wanted: Vec<&'static str> = keys.iter().copied().chain(["quantity_micro", "date"]).collect();
    let lines = Lines::find(site, span, params, &wanted, progress)?;
    let invoices =
        Facts::find(&site.join(INVOICE_LINES_DIR), span, INVOICE_LINES, &NEEDED, params.held.rows)?;
    let invoices = if invoices.rows() == 0 { None } else { Some(invoices.all()?) };
    let compared = |orders: LazyFrame, ends: &[Text; 2]| {
        let ordered = orders.filter(col("state").eq(lit("ordered")));
        let compared = compare(ordered, invoices.clone().map(|invoices| of_orders(invoices, ends)));
        let columns = sources(&keys).into_iter().chain(COMPARED);
        compared.select(columns.map(col).collect::<Vec<Expr>>())
    };
    lines.each_line(progress, compared, |compared| {
        for cut in &mut *cuts {
            let by: Vec<Expr> = sources(&cut.keys).into_iter().map(col).collect();
            let answer = collect(compared.clone().lazy().group_by(by).agg(sums()))?;
            add(&answer, &cut.keys, &mut cut.sums)?;
        }
        Ok(())
    })
}

/// Invoice lines of orders from one number to another. Our order numbers begin with the date of their run, and what is billed in a
/// night are orders of the days before: most files of invoices have none of a batch's orders, which their statistics tell, and are not
/// read for it. So the time grows with the lines of both kinds, not with their product.
fn of_orders(invoices: LazyFrame, [first, last]: &[Text; 2]) -> LazyFrame {
    let order = || col("order_id");
    invoices.filter(order().gt_eq(lit(first.to_string())).and(order().lt_eq(lit(last.to_string()))))
}

/// What is reckoned of each ordered line, for its group to sum up: only what is billed of these very lines is held in memory.
fn compare(ordered: LazyFrame, invoices: Option<LazyFrame>) -> LazyFrame {
    let key = || [col("order_id"), col("line")];
    let joined = match invoices {
        None => ordered.with_columns([lit(0i64).alias("billed_quantity"), lit(0i64).alias("billed_amount")]),
        Some(invoices) => {
            let sign = |name: &str| {
                pl::when(col("kind").eq(lit("CR"))).then(lit(0i64) - col(name)).otherwise(col(name))
            };
            let keys = ordered.clone().select(key());
            let billed = invoices
                .filter(col("order_id").neq(lit("")))
                .join(keys, key(), key(), pl::JoinArgs::new(pl::JoinType::Semi))
                .group_by(key())
                .agg([
                    sign("quantity_micro").sum().alias("billed_quantity"),
                    sign("amount_micro").sum().alias("billed_amount"),
                ]);
            ordered.join(billed, key(), key(), pl::JoinArgs::new(pl::JoinType::Left))
        }
    };
    let zero = |name: &str| col(name).fill_null(lit(0i64));
    joined.with_columns([
        // a line that was accepted without an item has its quantity in the ordered unit alone, and is billed in it
        col("quantity_micro").fill_null(col("ordered_quantity_micro")).fill_null(lit(0i64)),
        zero("value_micro"),
        zero("billed_quantity"),
        zero("billed_amount"),
    ])
}

/// Of joined lines the sums of their group.
fn sums() -> Vec<Expr> {
    let number = |flags: Expr, name: &str| flags.sum().cast(pl::DataType::Int64).alias(name);
    let some = || col("billed_quantity").gt(lit(0i64));
    // of a line without a quantity nothing is billed before something is
    let asked = col("quantity_micro").gt(lit(0i64)).or(some());
    let billed = || col("billed_quantity").gt_eq(col("quantity_micro")).and(asked.clone());
    let rest = col("value_micro") - col("billed_amount");
    let rest = pl::when(rest.clone().gt(lit(0i64))).then(rest).otherwise(lit(0i64));
    let open_value = pl::when(billed()).then(lit(0i64)).otherwise(rest);
    let mut all = vec![
        pl::len().cast(pl::DataType::Int64).alias("lines"),
        number(billed(), "billed_lines"),
        number(billed().not().and(some()), "part_lines"),
        number(billed().not().and(some().not()), "open_lines"),
    ];
    all.extend(halves(col("quantity_micro"), "quantity"));
    all.extend(halves(col("billed_quantity"), "billed_quantity"));
    all.extend(halves(col("value_micro"), "value"));
    all.extend(halves(col("billed_amount"), "billed"));
    all.extend(halves(open_value, "open_value"));
    all
}

fn add(answer: &DataFrame, keys: &[&'static str], all: &mut BTreeMap<Vec<Text>, Sum>) -> Result<()> {
    let mut values = Vec::with_capacity(keys.len());
    for key in keys {
        values.push(group_values(answer, key, if *key == "date" { "date" } else { "arrived" })?);
    }
    let mut counts = Vec::new();
    for name in COUNTS {
        counts.push(integers(answer, name)?);
    }
    let mut wide = Vec::new();
    for name in SUMS {
        wide.push(wholes(answer, name)?);
    }
    for row in 0..answer.height() {
        let key = values.iter().filter_map(|column| column.get(row).cloned()).collect();
        let mut sum = Sum::default();
        for (place, column) in sum.counts.iter_mut().zip(&counts) {
            *place = column.get(row).copied().unwrap_or_default();
        }
        for (place, column) in sum.sums.iter_mut().zip(&wide) {
            *place = column.get(row).copied().unwrap_or_default();
        }
        all.entry(key).or_default().add(&sum);
    }
    Ok(())
}
