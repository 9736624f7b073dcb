//! A report's result: typed columns and rows, and how it becomes CSV, JSON and Parquet.

use crate::domain::Text;
use crate::facts::write::{CellValues, RowGroups};
use anyhow::{Context, Result};
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::borrow::Cow;
use std::io::Write;

/// Rows in a total order; each has one cell a column, of the column's kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Cell>>,
    /// Sums over the rows, for people: they stand under the terminal's table and in no file.
    pub totals: Vec<Vec<Cell>>,
    /// What to say where there are no rows.
    pub empty: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    pub name: &'static str,
    pub kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Count,
    /// Millionths.
    Decimal,
    Percent,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cell {
    Text(Text),
    Count(u64),
    /// Millionths; wider than a fact's, so that sums are exact.
    Decimal(i128),
    /// Hundredths of a percent; None where there is nothing to divide by.
    Percent(Option<i64>),
}

/// What stands in a column of numbers where there is none: null in JSON and Parquet.
pub const NO_NUMBER: Cell = Cell::Percent(None);

/// Hundredths of a percent that `part` is of `whole`, rounded half up; None for a whole that is not above 0.
pub fn percent(part: i128, whole: i128) -> Option<i64> {
    if whole <= 0 {
        return None;
    }
    let doubled = part.checked_mul(20_000)?.checked_add(whole)?;
    i64::try_from(doubled.div_euclid(whole.checked_mul(2)?)).ok()
}

impl Cell {
    /// The value without any guard: `12.5`, `99.07`; empty for no percentage.
    pub fn plain(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Count(count) => Cow::Owned(count.to_string()),
            Self::Decimal(micros) => Cow::Owned(decimal(*micros, 6)),
            Self::Percent(None) => Cow::Borrowed(""),
            Self::Percent(Some(hundredths)) => Cow::Owned(decimal(i128::from(*hundredths), 2)),
        }
    }
}

impl Table {
    /// For spreadsheets: text that one would take for a formula is guarded (see [`guarded`]), numbers are plain.
    pub fn csv(&self) -> Result<Vec<u8>> {
        self.csv_with(|cell| match cell {
            Cell::Text(text) => guarded(text),
            number => number.plain(),
        })
    }

    /// For programs: every value as it is.
    pub fn csv_exact(&self) -> Result<Vec<u8>> {
        self.csv_with(Cell::plain)
    }

    fn csv_with(&self, shown: fn(&Cell) -> Cow<'_, str>) -> Result<Vec<u8>> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(self.columns.iter().map(|column| column.name))?;
        for row in &self.rows {
            let cells = row.iter().map(shown);
            writer.write_record(cells.map(|cell| cell.into_owned().into_bytes()))?;
        }
        writer.into_inner().context("write a report as CSV")
    }

    /// An array with one object a row, keys in the order of the columns. Counts and percentages are numbers, decimals are
    /// strings, because JSON's readers make floats of its numbers; no percentage is null.
    pub fn json(&self) -> Result<String> {
        let rows: Vec<JsonRow<'_>> =
            self.rows.iter().map(|cells| JsonRow { columns: &self.columns, cells }).collect();
        let mut text = serde_json::to_string_pretty(&rows)?;
        text.push('\n');
        Ok(text)
    }

    /// Decimals are INT64 millionths under `<name>_micro`, as in the facts. Fails for one that does not fit.
    pub fn parquet(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut groups = self.row_groups(&mut bytes)?;
        groups.add(self)?;
        groups.finish()?;
        Ok(bytes)
    }

    /// A Parquet file of this table's columns that gets its rows later, a table of them at a time.
    pub fn row_groups<W: Write>(&self, out: W) -> Result<TableGroups<W>> {
        let names: Vec<String> = self.columns.iter().map(Column::parquet_name).collect();
        let empty = Self { columns: self.columns.clone(), ..Self::default() };
        let groups = RowGroups::begin(out, empty.values(&names)?)?;
        Ok(TableGroups { names, groups })
    }

    fn values<'t>(&'t self, names: &'t [String]) -> Result<Vec<(&'t str, CellValues<'t>)>> {
        let mut columns = Vec::with_capacity(names.len());
        for (at, (column, name)) in self.columns.iter().zip(names).enumerate() {
            let cells = self.rows.iter().filter_map(|row| row.get(at));
            columns.push((name.as_str(), values(column, cells)?));
        }
        Ok(columns)
    }
}

/// A Parquet file that is being written.
#[derive(Debug)]
pub struct TableGroups<W: Write> {
    names: Vec<String>,
    groups: RowGroups<W>,
}

impl<W: Write> TableGroups<W> {
    /// The rows of a table with the columns of the first.
    pub fn add(&mut self, table: &Table) -> Result<()> {
        self.groups.add(table.values(&self.names)?)
    }

    pub fn finish(self) -> Result<()> {
        self.groups.finish()
    }
}

impl Column {
    fn parquet_name(&self) -> String {
        match self.kind {
            Kind::Decimal => format!("{}_micro", self.name),
            Kind::Text | Kind::Count | Kind::Percent => self.name.to_owned(),
        }
    }
}

/// A text that a spreadsheet would run as a formula begins with an apostrophe instead.
pub fn guarded(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

fn values<'a>(column: &Column, cells: impl Iterator<Item = &'a Cell>) -> Result<CellValues<'a>> {
    let too_large = || format!("a {} does not fit 64 bits", column.name);
    let integer = |cell: &Cell| match cell {
        Cell::Count(count) => i64::try_from(*count).map(Some).with_context(too_large),
        Cell::Decimal(micros) => i64::try_from(*micros).map(Some).with_context(too_large),
        Cell::Text(_) | Cell::Percent(_) => Ok(None),
    };
    Ok(match column.kind {
        Kind::Text => CellValues::Text(
            cells.map(|cell| if let Cell::Text(text) = cell { text.as_str() } else { "" }).collect(),
        ),
        Kind::Count | Kind::Decimal => CellValues::Integer(cells.map(integer).collect::<Result<_>>()?),
        Kind::Percent => CellValues::Float(
            cells
                .map(|cell| if let Cell::Percent(percent) = cell { percent.map(float) } else { None })
                .collect(),
        ),
    })
}

/// The one place where a number leaves exactness: a percentage for readers that want a number.
#[expect(
    clippy::float_arithmetic,
    clippy::cast_precision_loss,
    reason = "a percentage is shown, never summed"
)]
fn float(hundredths: i64) -> f64 {
    hundredths as f64 / 100.0
}

/// `value` × 10⁻ˢᶜᵃˡᵉ without trailing zeros.
fn decimal(value: i128, scale: usize) -> String {
    let digits = format!("{:0>width$}", value.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let fraction = fraction.trim_end_matches('0');
    let sign = if value < 0 { "-" } else { "" };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

struct JsonRow<'a> {
    columns: &'a [Column],
    cells: &'a [Cell],
}

impl Serialize for JsonRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.columns.len()))?;
        for (column, cell) in self.columns.iter().zip(self.cells) {
            match cell {
                Cell::Text(_) | Cell::Decimal(_) => map.serialize_entry(column.name, &cell.plain())?,
                Cell::Count(count) => map.serialize_entry(column.name, count)?,
                Cell::Percent(percent) => map.serialize_entry(column.name, &percent.map(float))?,
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    fn table() -> Table {
        let column = |name, kind| Column { name, kind };
        Table {
            columns: vec![
                column("item", Kind::Text),
                column("lines", Kind::Count),
                column("value", Kind::Decimal),
                column("value_pct", Kind::Percent),
            ],
            rows: vec![
                vec![
                    Cell::Text("=1+1".into()),
                    Cell::Count(3),
                    Cell::Decimal(-2_500_000),
                    Cell::Percent(Some(9_950)),
                ],
                vec![Cell::Text("0\"7,".into()), Cell::Count(0), Cell::Decimal(7), Cell::Percent(None)],
            ],
            totals: Vec::new(),
            empty: String::new(),
        }
    }

    #[test]
    fn csv_guards_text_and_leaves_numbers() {
        expect![[r#"
            item,lines,value,value_pct
            '=1+1,3,-2.5,99.5
            "0""7,",0,0.000007,
        "#]]
        .assert_eq(std::str::from_utf8(&table().csv().unwrap()).unwrap());
        for (text, expected) in [
            ("=A1", "'=A1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@x", "'@x"),
            ("\tx", "'\tx"),
            ("\rx", "'\rx"),
            ("a=b", "a=b"),
            ("'=A1", "'=A1"),
            ("", ""),
        ] {
            assert_eq!(guarded(text), expected);
        }
    }

    #[test]
    fn json_keeps_the_order_of_the_columns_and_exact_decimals() {
        expect![[r#"
            [
              {
                "item": "=1+1",
                "lines": 3,
                "value": "-2.5",
                "value_pct": 99.5
              },
              {
                "item": "0\"7,",
                "lines": 0,
                "value": "0.000007",
                "value_pct": null
              }
            ]
        "#]]
        .assert_eq(&table().json().unwrap());
        let empty = Table { rows: Vec::new(), ..table() };
        assert_eq!(empty.json().unwrap(), "[]\n");
        assert_eq!(empty.csv().unwrap(), b"item,lines,value,value_pct\n");
    }

    #[test]
    fn parquet_keeps_millionths_and_refuses_what_does_not_fit() {
        use polars::prelude::{ParquetReader, SerReader};
        let frame = ParquetReader::new(std::io::Cursor::new(table().parquet().unwrap())).finish().unwrap();
        let names: Vec<&str> = frame.get_column_names().iter().map(|name| name.as_str()).collect();
        assert_eq!(names, ["item", "lines", "value_micro", "value_pct"]);
        let row: Vec<String> = frame.columns().iter().map(|c| c.get(0).unwrap().to_string()).collect();
        assert_eq!(row, ["\"=1+1\"", "3", "-2500000", "99.5"]);
        let mut large = table();
        large.rows[0][2] = Cell::Decimal(i128::from(i64::MAX) + 1);
        assert_eq!(large.parquet().unwrap_err().to_string(), "a value does not fit 64 bits");
    }

    #[test]
    fn percentages_are_rounded_half_up() {
        for (part, whole, expected) in [
            (1, 3, Some(3_333)),
            (2, 3, Some(6_667)),
            (1, 8, Some(1_250)),
            (1, 20_000, Some(1)),
            (0, 5, Some(0)),
            (5, 5, Some(10_000)),
            (1, 0, None),
            (-1, 3, Some(-3_333)),
            (i128::MAX, 1, None),
        ] {
            assert_eq!(percent(part, whole), expected, "{part}/{whole}");
        }
    }
}
