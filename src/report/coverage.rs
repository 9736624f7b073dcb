//! How well the cross-reference covers what customers really order: lines, quantity and value, mapped and not.

use crate::domain::{Date, Text};
use crate::facts::ORDER_LINES_DIR;
use crate::facts::schema::{Get, ORDER_LINES};
use crate::report::table::{Cell, Column, Kind, Table, percent};
use crate::report::{Query, ReportDef};
use anyhow::{Context, Result, ensure};
use polars::prelude as pl;
use polars::prelude::{DataFrame, Expr, LazyFrame, SerReader, col, lit};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub const REPORT: ReportDef = ReportDef {
    name: "coverage",
    about: "how many of the ordered lines, of their quantity and of their value found their item",
    groups,
    groups_default: &["partner", "customer", "via"],
    run,
};

/// The states of lines that count; a duplicate, a test or a change made no order.
const STATES: [&str; 3] = ["ordered", "held", "rejected"];

/// The columns without which a file cannot be counted.
const NEEDED: [&str; 4] = ["order_id", "line", "state", "outcome"];

/// What is counted, in the order of the columns after the groups.
const COUNTED: [Column; 12] = [
    Column { name: "lines", kind: Kind::Count },
    Column { name: "mapped_lines", kind: Kind::Count },
    Column { name: "mapped_pct", kind: Kind::Percent },
    Column { name: "quantity", kind: Kind::Decimal },
    Column { name: "mapped_quantity", kind: Kind::Decimal },
    Column { name: "value", kind: Kind::Decimal },
    Column { name: "mapped_value", kind: Kind::Decimal },
    Column { name: "value_pct", kind: Kind::Percent },
    Column { name: "ambiguous", kind: Kind::Count },
    Column { name: "unmapped", kind: Kind::Count },
    Column { name: "conflict", kind: Kind::Count },
    Column { name: "invalid", kind: Kind::Count },
];

/// The date, and every column of text.
fn groups() -> Vec<&'static str> {
    let is_group = |get: &Get<_>| matches!(get, Get::Text(_));
    let texts = ORDER_LINES.iter().filter(|column| is_group(&column.get)).map(|column| column.name);
    std::iter::once("date").chain(texts).collect()
}

fn run(site_dir: &Path, query: &Query) -> Result<Table> {
    let mut by = query.by.clone();
    if !by.contains(&"currency") {
        // values of two currencies have no sum
        by.push("currency");
    }
    let files = files(&site_dir.join(ORDER_LINES_DIR), query)?;
    let counts = if files.is_empty() { BTreeMap::new() } else { count(&files, &by)? };
    let groups = by.iter().map(|name| Column { name, kind: Kind::Text });
    let row = |(keys, counts): (&Vec<Text>, &Counts)| {
        keys.iter().cloned().map(Cell::Text).chain(counts.cells()).collect()
    };
    Ok(Table {
        columns: groups.chain(COUNTED).collect(),
        rows: counts.iter().map(row).collect(),
        totals: totals(&by, &counts),
        empty: nothing(query),
    })
}

fn nothing(query: &Query) -> String {
    let from = query.from.map_or(String::new(), |date| format!(" from {date}"));
    let to = query.to.map_or(String::new(), |date| format!(" to {date}"));
    format!("no order lines in {ORDER_LINES_DIR}{from}{to}")
}

/// One row for each currency.
fn totals(by: &[&str], counts: &BTreeMap<Vec<Text>, Counts>) -> Vec<Vec<Cell>> {
    let currency = by.iter().position(|name| *name == "currency").unwrap_or_default();
    let mut sums: BTreeMap<&Text, Counts> = BTreeMap::new();
    for (keys, counts) in counts {
        if let Some(key) = keys.get(currency) {
            sums.entry(key).or_default().add(counts);
        }
    }
    let row = |(key, counts): (&&Text, &Counts)| {
        let label = |at: usize| match at {
            0 if currency == 0 => Text::from(format!("total {key}")),
            0 => Text::from("total"),
            _ if at == currency => (*key).clone(),
            _ => Text::default(),
        };
        (0..by.len()).map(label).map(Cell::Text).chain(counts.cells()).collect()
    };
    sums.iter().map(row).collect()
}

/// The Parquet files of the dates asked for, oldest first: by date, run and unit. A missing folder has none.
fn files(root: &Path, query: &Query) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for (name, path) in entries(root)? {
        let Some(text) = name.strip_prefix("date=") else { continue };
        let date: Date = text.parse().with_context(|| format!("{} is no date=YYYY-MM-DD", path.display()))?;
        if query.from.is_some_and(|from| date < from) || query.to.is_some_and(|to| date > to) {
            continue;
        }
        let parquet = |name: &str| name.ends_with(".parquet") && !name.starts_with('.');
        let inside = entries(&path)?.into_iter().filter(|(name, _)| parquet(name));
        // by length first: run 1000 comes after run 999
        found.extend(inside.map(|(name, path)| (date, name.len(), name, path)));
    }
    found.sort();
    Ok(found.into_iter().map(|(_, _, _, path)| path).collect())
}

/// Names and paths in a folder; none where it does not exist.
fn entries(folder: &Path) -> Result<Vec<(String, PathBuf)>> {
    let listed = match std::fs::read_dir(folder) {
        Ok(listed) => listed,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| format!("list {}", folder.display())),
    };
    let mut found = Vec::new();
    for entry in listed {
        let entry = entry.with_context(|| format!("list {}", folder.display()))?;
        found.push((entry.file_name().to_string_lossy().into_owned(), entry.path()));
    }
    Ok(found)
}

/// Each order line once, as its newest fact of these files has it, counted by the values of `by`.
fn count(files: &[PathBuf], by: &[&str]) -> Result<BTreeMap<Vec<Text>, Counts>> {
    for file in files {
        prove_readable(file)?;
    }
    let frame = query(files, by)
        .and_then(LazyFrame::collect)
        .with_context(|| format!("count the lines of {} files of facts", files.len()))?;
    let mut counts: BTreeMap<Vec<Text>, Counts> = BTreeMap::new();
    for row in 0..frame.height() {
        let keys = by.iter().map(|name| key(&frame, name, row)).collect::<Result<_>>()?;
        // added: null of an earlier version's file and empty text are one key
        counts.entry(keys).or_default().add(&Counts::read(&frame, row)?);
    }
    Ok(counts)
}

fn prove_readable(path: &Path) -> Result<()> {
    let file = std::fs::File::open(path).with_context(|| format!("open {}", path.display()))?;
    let schema = pl::ParquetReader::new(file)
        .schema()
        .with_context(|| format!("{} is no Parquet file that can be read", path.display()))?;
    for name in NEEDED {
        ensure!(schema.contains(name), "{} is no file of order lines: it has no {name}", path.display());
    }
    Ok(())
}

fn query(files: &[PathBuf], by: &[&str]) -> pl::PolarsResult<LazyFrame> {
    let paths =
        files.iter().map(|path| pl::PlRefPath::try_from_path(path)).collect::<pl::PolarsResult<_>>()?;
    let args = pl::ScanArgsParquet {
        schema: Some(schema().into()),
        // a file of an earlier version has fewer columns
        allow_missing_columns: true,
        hive_options: pl::HiveOptions::new_disabled(),
        glob: false,
        ..pl::ScanArgsParquet::default()
    };
    let counts = STATES.iter().map(|state| col("state").eq(lit(*state))).reduce(Expr::or);
    let keys: Vec<Expr> = by.iter().map(|name| col(*name)).collect();
    // the files are in order of time, so that a line's last fact is its newest
    Ok(LazyFrame::scan_parquet_files(paths, args)?
        .filter(counts.unwrap_or(lit(true)))
        .unique_stable(Some(pl::cols(["order_id", "line"])), pl::UniqueKeepStrategy::Last)
        .group_by(keys)
        .agg(Counts::expressions()))
}

fn schema() -> pl::Schema {
    let columns = ORDER_LINES.iter().map(|column| {
        let kind = match column.get {
            Get::Date(_) => pl::DataType::Date,
            Get::Text(_) => pl::DataType::String,
            Get::Integer(_) => pl::DataType::Int64,
            Get::Flag(_) => pl::DataType::Boolean,
        };
        (column.name.into(), kind)
    });
    columns.collect()
}

fn key(frame: &DataFrame, name: &str, row: usize) -> Result<Text> {
    let column = frame.column(name)?;
    if name == "date" {
        let days = column.cast(&pl::DataType::Int32)?.i32()?.get(row).unwrap_or_default();
        let epoch = const { jiff::civil::date(1970, 1, 1) };
        let date = epoch.checked_add(jiff::Span::new().try_days(days)?)?;
        return Ok(Text::from(date.to_string()));
    }
    Ok(Text::from(column.str()?.get(row).unwrap_or_default()))
}

/// Sums of millionths are taken in two halves that cannot pass 64 bits, and put together in 128. A value is its quotient
/// by this, rounded toward zero, times this, and the rest.
const HALF: i64 = 1 << 32;

/// Outcomes with a column of their own.
const OUTCOMES: [&str; 5] = ["mapped", "ambiguous", "unmapped", "conflict", "invalid"];

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Counts {
    lines: u64,
    /// In the order of [`OUTCOMES`].
    outcomes: [u64; 5],
    quantity: i128,
    mapped_quantity: i128,
    value: i128,
    mapped_value: i128,
}

impl Counts {
    fn expressions() -> Vec<Expr> {
        let is = |outcome: &str| col("outcome").eq(lit(outcome.to_owned()));
        let mut all = vec![pl::len().cast(pl::DataType::Int64).alias("lines")];
        for outcome in OUTCOMES {
            all.push(is(outcome).sum().cast(pl::DataType::Int64).alias(outcome));
        }
        for (name, column) in [("quantity", "ordered_quantity_micro"), ("value", "value_micro")] {
            let micros = col(column).fill_null(lit(0i64));
            let mapped = pl::when(is("mapped")).then(micros.clone()).otherwise(lit(0i64));
            for (name, micros) in [(name.to_owned(), micros), (format!("mapped_{name}"), mapped)] {
                let high = micros.clone() / lit(HALF);
                let low = micros - high.clone() * lit(HALF);
                all.push(high.sum().alias(format!("{name}_high")));
                all.push(low.sum().alias(format!("{name}_low")));
            }
        }
        all
    }

    fn read(frame: &DataFrame, row: usize) -> Result<Self> {
        let integer =
            |name: &str| -> Result<i64> { Ok(frame.column(name)?.i64()?.get(row).unwrap_or_default()) };
        let count = |name: &str| -> Result<u64> { Ok(u64::try_from(integer(name)?)?) };
        let sum = |name: &str| -> Result<i128> {
            let (high, low) = (integer(&format!("{name}_high"))?, integer(&format!("{name}_low"))?);
            Ok(i128::from(high) * i128::from(HALF) + i128::from(low))
        };
        let mut outcomes = [0; 5];
        for (place, outcome) in outcomes.iter_mut().zip(OUTCOMES) {
            *place = count(outcome)?;
        }
        Ok(Self {
            lines: count("lines")?,
            outcomes,
            quantity: sum("quantity")?,
            mapped_quantity: sum("mapped_quantity")?,
            value: sum("value")?,
            mapped_value: sum("mapped_value")?,
        })
    }

    fn add(&mut self, other: &Self) {
        self.lines += other.lines;
        for (sum, count) in self.outcomes.iter_mut().zip(other.outcomes) {
            *sum += count;
        }
        self.quantity += other.quantity;
        self.mapped_quantity += other.mapped_quantity;
        self.value += other.value;
        self.mapped_value += other.mapped_value;
    }

    /// In the order of [`COUNTED`].
    fn cells(&self) -> [Cell; 12] {
        let [mapped, ambiguous, unmapped, conflict, invalid] = self.outcomes;
        [
            Cell::Count(self.lines),
            Cell::Count(mapped),
            Cell::Percent(percent(i128::from(mapped), i128::from(self.lines))),
            Cell::Decimal(self.quantity),
            Cell::Decimal(self.mapped_quantity),
            Cell::Decimal(self.value),
            Cell::Decimal(self.mapped_value),
            Cell::Percent(percent(self.mapped_value, self.value)),
            Cell::Count(ambiguous),
            Cell::Count(unmapped),
            Cell::Count(conflict),
            Cell::Count(invalid),
        ]
    }
}
