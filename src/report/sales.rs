//! What was billed: by item, by the customers' numbers, by whom and when, from the facts of invoice lines.

use crate::domain::{Date, Text};
use crate::facts::INVOICE_LINES_DIR;
use crate::facts::schema::{Get, INVOICE_LINES};
use crate::report::page::{Chart, Report, Section};
use crate::report::part::{Groups, Key, Part, each_part};
use crate::report::scan::{
    Facts, Needed, group_values, halves, integers, newest_date, slices, texts, wholes,
};
use crate::report::table::{Cell, Column, Kind, NO_NUMBER, Table, percent};
use crate::report::{Params, Progress, SectionDef, Wanted, groups, nothing, period, shown_of, shown_params};
use anyhow::Result;
use polars::prelude as pl;
use polars::prelude::{DataFrame, Expr, LazyFrame, col, lit};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::Path;

pub static SECTIONS: &[SectionDef] = &[
    SectionDef {
        id: "sales",
        title: "Sales",
        about: "One row a group and currency: billed lines with their net quantity in the item's own unit and their net amount, credits taken off.",
        short: true,
    },
    SectionDef {
        id: "items",
        title: "Sales by item",
        about: "One row an item and unit, by currency, the greatest net amount first; shares are of the net amount in its currency.",
        short: false,
    },
    SectionDef {
        id: "customer-numbers",
        title: "Sales by customer number",
        about: "One row a customer, number of the customer and item, by currency, the greatest net amount first.",
        short: true,
    },
    SectionDef {
        id: "customers",
        title: "Sales by customer",
        about: "One row a customer, by currency, the greatest net amount first.",
        short: true,
    },
    SectionDef {
        id: "partners",
        title: "Sales by partner",
        about: "One row a trading partner, by currency, the greatest net amount first.",
        short: false,
    },
    SectionDef {
        id: "weeks",
        title: "Sales by week",
        about: "One row an ISO week of the run that billed, and currency.",
        short: false,
    },
    SectionDef {
        id: "months",
        title: "Sales by month",
        about: "One row a month of the run that billed, and currency.",
        short: false,
    },
];

const NEEDED: Needed = Needed { kind: "invoice lines", columns: &["kind", "quantity_micro", "amount_micro"] };

const GROUPS_DEFAULT: &[&str] = &["item", "unit"];

const NUMBERS: [(&str, Kind); 6] = [
    ("lines", Kind::Count),
    ("credit_lines", Kind::Count),
    ("quantity", Kind::Decimal),
    ("amount", Kind::Decimal),
    ("billed", Kind::Decimal),
    ("credited", Kind::Decimal),
];

/// What was billed and credited of a group.
#[derive(Debug, Clone, Copy, Default)]
struct Sold {
    lines: u64,
    credit_lines: u64,
    quantity: i128,
    billed: i128,
    credited: i128,
}

impl Sold {
    fn of(kind: &Text, lines: i64, quantity: i128, amount: i128) -> Self {
        let lines = u64::try_from(lines).unwrap_or_default();
        if kind == "CR" {
            Self { lines, credit_lines: lines, quantity: -quantity, billed: 0, credited: amount }
        } else {
            Self { lines, credit_lines: 0, quantity, billed: amount, credited: 0 }
        }
    }

    fn add(&mut self, other: &Self) {
        self.lines += other.lines;
        self.credit_lines += other.credit_lines;
        self.quantity += other.quantity;
        self.billed += other.billed;
        self.credited += other.credited;
    }

    fn amount(&self) -> i128 {
        self.billed - self.credited
    }

    fn cells(&self) -> [Cell; 6] {
        [
            Cell::Count(self.lines),
            Cell::Count(self.credit_lines),
            Cell::Decimal(self.quantity),
            Cell::Decimal(self.amount()),
            Cell::Decimal(self.billed),
            Cell::Decimal(self.credited),
        ]
    }
}

/// What `by` may name: the date, its week and month, and every column of text.
pub fn known_groups() -> Vec<&'static str> {
    let texts =
        INVOICE_LINES.iter().filter(|column| matches!(column.get, Get::Text(_))).map(|column| column.name);
    ["date", "week", "month"].into_iter().chain(texts).collect()
}

/// The report over the facts of a site.
pub fn report(site: &Path, params: &Params, wanted: Wanted<'_>, progress: &Progress<'_>) -> Result<Report> {
    let root = site.join(INVOICE_LINES_DIR);
    let by = groups(&params.by, &known_groups(), GROUPS_DEFAULT)?;
    let period = period(params, newest_date(&root)?)?;
    let mut sections = Vec::new();
    for def in wanted.of(SECTIONS)? {
        let mut keys: Vec<&'static str> = match def.id {
            "items" => vec!["item", "unit"],
            "customer-numbers" => {
                vec!["customer", "customer_item_qualifier", "customer_item", "item", "unit"]
            }
            "customers" => vec!["customer"],
            "partners" => vec!["partner"],
            "weeks" => vec!["week"],
            "months" => vec!["month"],
            _ => by.clone(),
        };
        if !keys.contains(&"currency") {
            keys.push("currency");
        }
        let count = |only: Option<&Expr>, part| match period {
            Some(period) => count(&root, period, params, (&keys, part, only), progress),
            None => Ok(Groups::of(part)),
        };
        let (mut table, chart, more) = match def.id {
            "sales" => (by_key(&keys, &count(None, Part::ALL)?.all), None, String::new()),
            "weeks" | "months" => {
                let chart = Chart::Trend {
                    period: keys.first().copied().unwrap_or_default(),
                    values: vec!["amount"],
                    by: Some("currency"),
                };
                (by_key(&keys, &count(None, Part::ALL)?.all), Some(chart), String::new())
            }
            _ => {
                let mut greatest = Greatest { top: params.top(), ..Greatest::default() };
                let take = |sold| greatest.take(&keys, sold);
                each_part(params.held.groups, &keys, keys.len(), count, take)?;
                greatest.drawn(&keys)
            }
        };
        table.empty = nothing("invoice lines", INVOICE_LINES_DIR, params, period);
        let about = format!("{}{more}", def.about);
        sections.push(Section { id: def.id, title: def.title.to_owned(), about, table, chart });
    }
    Ok(Report {
        name: "sales",
        title: "Sales".to_owned(),
        params: shown_params(params, period, &by),
        notes: Vec::new(),
        key: vec!["lines", "amount", "billed", "credited"],
        sections,
    })
}

fn count(
    root: &Path,
    (from, to): (Date, Date),
    params: &Params,
    (keys, part, only): (&[&'static str], Part, Option<&Expr>),
    progress: &Progress<'_>,
) -> Result<Groups<Sold>> {
    let facts = Facts::find(root, (Some(from), Some(to)), INVOICE_LINES, &NEEDED, params.held.rows)?;
    let mut columns: Vec<&str> = vec!["kind"];
    for key in keys {
        let column = if matches!(*key, "week" | "month") { "date" } else { key };
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    let ask = |scan: LazyFrame| {
        let rows = match &params.partner {
            Some(partner) => scan.filter(col("partner").eq(lit(partner.to_string()))),
            None => scan,
        };
        let rows = match only {
            Some(only) => rows.filter(only.clone()),
            None => rows,
        };
        let mut sums: Vec<Expr> = vec![pl::len().cast(pl::DataType::Int64).alias("lines")];
        sums.extend(halves(col("quantity_micro"), "quantity"));
        sums.extend(halves(col("amount_micro"), "amount"));
        rows.group_by(columns.iter().map(|name| col(*name)).collect::<Vec<_>>()).agg(sums)
    };
    let mut sold: Groups<Sold> = Groups::of(part);
    facts.each_answer(progress, "invoice lines", ask, |answer| {
        slices(&answer).try_for_each(|answer| add(&answer, keys, &mut sold))
    })?;
    Ok(sold)
}

fn add(answer: &DataFrame, keys: &[&'static str], sold: &mut Groups<Sold>) -> Result<()> {
    let mut values = Vec::with_capacity(keys.len());
    for key in keys {
        values.push(group_values(answer, key, "date")?);
    }
    let sums = wholes(answer, "quantity")?.into_iter().zip(wholes(answer, "amount")?);
    let kinds = texts(answer, "kind")?.into_iter().zip(integers(answer, "lines")?);
    for (row, ((kind, lines), (quantity, amount))) in kinds.zip(sums).enumerate() {
        let key = values.iter().filter_map(|column| column.get(row).cloned()).collect();
        sold.add(key, |sold| sold.add(&Sold::of(&kind, lines, quantity, amount)));
    }
    Ok(())
}

fn columns(keys: &[&'static str]) -> Vec<Column> {
    let texts = keys.iter().map(|name| Column { name, kind: Kind::Text });
    texts.chain(NUMBERS.map(|(name, kind)| Column { name, kind })).collect()
}

fn currency<'k>(keys: &[&'static str], key: &'k [Text]) -> &'k str {
    let at = keys.iter().position(|name| *name == "currency");
    at.and_then(|at| key.get(at)).map_or("", Text::as_str)
}

/// One row of sums for each currency.
fn totals(keys: &[&'static str], sold: &BTreeMap<Vec<Text>, Sold>) -> Vec<(Text, Sold)> {
    let mut sums: BTreeMap<Text, Sold> = BTreeMap::new();
    for (key, one) in sold {
        sums.entry(currency(keys, key).into()).or_default().add(one);
    }
    sums.into_iter().collect()
}

fn total_rows(keys: &[&'static str], totals: &[(Text, Sold)], more: usize) -> Vec<Vec<Cell>> {
    let label = |at: usize, currency: &Text| match (at, keys.get(at)) {
        (0, Some(&"currency")) => Cell::Text(format!("total {currency}").into()),
        (0, _) => Cell::Text("total".into()),
        (_, Some(&"currency")) => Cell::Text(currency.clone()),
        _ => Cell::Text(Text::default()),
    };
    let row = |(currency, sold): &(Text, Sold)| {
        let blanks = std::iter::repeat_n(NO_NUMBER, more);
        (0..keys.len()).map(|at| label(at, currency)).chain(sold.cells()).chain(blanks).collect()
    };
    totals.iter().map(row).collect()
}

fn by_key(keys: &[&'static str], sold: &BTreeMap<Vec<Text>, Sold>) -> Table {
    let row =
        |(key, one): (&Vec<Text>, &Sold)| key.iter().cloned().map(Cell::Text).chain(one.cells()).collect();
    Table {
        columns: columns(keys),
        rows: sold.iter().map(row).collect(),
        totals: total_rows(keys, &totals(keys, sold), 0),
        empty: String::new(),
    }
}

/// The greatest first in each currency, with its share and the share of all that stand so far.
#[derive(Default)]
struct Greatest {
    top: usize,
    currencies: BTreeMap<Text, Currency>,
}

#[derive(Default)]
struct Currency {
    all: Sold,
    groups: usize,
    first: BTreeMap<(Reverse<i128>, Key), Sold>,
}

impl Greatest {
    fn take(&mut self, keys: &[&'static str], sold: BTreeMap<Key, Sold>) {
        for (key, one) in sold {
            let of = self.currencies.entry(currency(keys, &key).into()).or_default();
            of.all.add(&one);
            of.groups += 1;
            of.first.insert((Reverse(one.amount()), key), one);
            if of.first.len() > self.top {
                of.first.pop_last();
            }
        }
    }

    fn drawn(self, keys: &[&'static str]) -> (Table, Option<Chart>, String) {
        let mut columns = columns(keys);
        columns.extend(["share_pct", "cumulated_pct"].map(|name| Column { name, kind: Kind::Percent }));
        let (mut rows, mut totals, mut groups) = (Vec::new(), Vec::new(), 0);
        for (currency, of) in self.currencies {
            let whole = of.all.amount();
            let mut sum = 0;
            for ((_, key), one) in of.first {
                sum += one.amount();
                let shares = [percent(one.amount(), whole), percent(sum, whole)].map(Cell::Percent);
                rows.push(key.into_iter().map(Cell::Text).chain(one.cells()).chain(shares).collect());
            }
            groups += of.groups;
            totals.push((currency, of.all));
        }
        let more = shown_of(rows.len(), groups, "rows");
        let label: Vec<&str> = match keys.first() {
            Some(&"customer") if keys.contains(&"customer_item") => vec!["customer", "customer_item"],
            first => first.into_iter().copied().collect(),
        };
        let share = Some("cumulated_pct");
        let chart = Some(Chart::Pareto { label, value: "amount", share, by: Some("currency") });
        (Table { columns, rows, totals: total_rows(keys, &totals, 2), empty: String::new() }, chart, more)
    }
}
