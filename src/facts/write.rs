//! Rows to Parquet bytes: compressed by zstd, without a time of writing, so that the same rows give the same bytes.

use crate::domain::fact::{InvoiceLineFact, OrderLineFact};
use crate::domain::{Date, Text};
use crate::facts::schema::{Column, Get, INVOICE_LINES, ORDER_LINES};
use anyhow::{Context, Result, ensure};
use polars::io::parquet::write::BatchedWriter;
use polars::prelude::{self as pl, DataFrame, DataType, NamedFrom, ParquetCompression, ParquetWriter};
use std::io::Write;

/// A file of `facts/order_lines`; the columns are those of [`ORDER_LINES`].
pub fn order_lines_parquet(rows: &[OrderLineFact]) -> Result<Vec<u8>> {
    facts(rows, ORDER_LINES).context("write order lines as Parquet")
}

/// A file of `facts/invoice_lines`; the columns are those of [`INVOICE_LINES`].
pub fn invoice_lines_parquet(rows: &[InvoiceLineFact]) -> Result<Vec<u8>> {
    facts(rows, INVOICE_LINES).context("write invoice lines as Parquet")
}

/// Rows of text under a header, such as the internal orders. The columns named in `integers` become INT64, empty cells
/// null; all others stay text as it is. Fails for a row of another width and for an integer that is none.
pub fn text_rows_parquet(header: &[&str], rows: &[Vec<Text>], integers: &[&str]) -> Result<Vec<u8>> {
    parquet(text_columns(header, rows, integers)?)
}

/// The columns of the same.
pub fn text_columns<'r>(
    header: &[&'r str],
    rows: &'r [Vec<Text>],
    integers: &[&str],
) -> Result<Vec<(&'r str, CellValues<'r>)>> {
    for (row, number) in rows.iter().zip(1u64..) {
        ensure!(row.len() == header.len(), "row {number} has {} cells, not {}", row.len(), header.len());
    }
    let cells = |at: usize| rows.iter().filter_map(move |row| row.get(at));
    let mut columns = Vec::with_capacity(header.len());
    for (at, name) in header.iter().enumerate() {
        let values = if integers.contains(name) {
            let parse = |cell: &Text| match cell.as_str() {
                "" => Ok(None),
                digits => {
                    digits.parse().map(Some).with_context(|| format!("{name} {digits:?} is no integer"))
                }
            };
            CellValues::Integer(cells(at).map(parse).collect::<Result<_>>()?)
        } else {
            CellValues::Text(cells(at).map(Text::as_str).collect())
        };
        columns.push((*name, values));
    }
    Ok(columns)
}

/// The values of one column.
#[derive(Debug, Clone, PartialEq)]
pub enum CellValues<'a> {
    Date(Vec<Option<Date>>),
    Text(Vec<&'a str>),
    Integer(Vec<Option<i64>>),
    /// For percentages alone.
    Float(Vec<Option<f64>>),
    Flag(Vec<bool>),
}

/// A Parquet file whose rows come a group at a time: no more than one group of them is in memory.
pub struct RowGroups<W: Write> {
    writer: BatchedWriter<W>,
}

impl<W: Write> RowGroups<W> {
    /// `columns` say the names and kinds; their rows are not written.
    pub fn begin(out: W, columns: Vec<(&str, CellValues<'_>)>) -> Result<Self> {
        let writer = ParquetWriter::new(out)
            .with_compression(ParquetCompression::Zstd(None))
            .set_parallel(false)
            .batched(frame(columns)?.schema())?;
        Ok(Self { writer })
    }

    /// The rows of columns that are named and typed as those of the beginning.
    pub fn add(&mut self, columns: Vec<(&str, CellValues<'_>)>) -> Result<()> {
        Ok(self.writer.write_batch(&frame(columns)?)?)
    }

    pub fn finish(self) -> Result<()> {
        self.writer.finish()?;
        Ok(())
    }
}

impl<W: Write> std::fmt::Debug for RowGroups<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RowGroups").finish_non_exhaustive()
    }
}

fn frame(columns: Vec<(&str, CellValues<'_>)>) -> Result<DataFrame> {
    let columns: Vec<pl::Column> =
        columns.into_iter().map(|(name, values)| series(name, values)).collect::<Result<_>>()?;
    Ok(DataFrame::new_infer_height(columns)?)
}

/// Columns of equal length to a Parquet file.
pub fn parquet(columns: Vec<(&str, CellValues<'_>)>) -> Result<Vec<u8>> {
    let mut frame = frame(columns)?;
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes)
        .with_compression(ParquetCompression::Zstd(None))
        .set_parallel(false)
        .finish(&mut frame)?;
    Ok(bytes)
}

fn facts<R>(rows: &[R], columns: &[Column<R>]) -> Result<Vec<u8>> {
    let values = columns.iter().map(|column| {
        let values = match column.get {
            Get::Date(get) => CellValues::Date(rows.iter().map(get).collect()),
            Get::Text(get) => CellValues::Text(rows.iter().map(get).collect()),
            Get::Integer(get) => CellValues::Integer(rows.iter().map(get).collect()),
            Get::Flag(get) => CellValues::Flag(rows.iter().map(get).collect()),
        };
        (column.name, values)
    });
    parquet(values.collect())
}

fn series(name: &str, values: CellValues<'_>) -> Result<pl::Column> {
    let name = name.into();
    let values = match values {
        CellValues::Date(dates) => {
            let days: Vec<Option<i32>> = dates.into_iter().map(|date| date.map(days)).collect();
            pl::Series::new(name, days).cast(&DataType::Date)?
        }
        CellValues::Text(texts) => pl::Series::new(name, texts),
        CellValues::Integer(integers) => pl::Series::new(name, integers),
        CellValues::Float(floats) => pl::Series::new(name, floats),
        CellValues::Flag(flags) => pl::Series::new(name, flags),
    };
    Ok(values.into())
}

/// Days from 1970-01-01, as Parquet counts a DATE.
fn days(date: Date) -> i32 {
    let epoch = const { jiff::civil::date(1970, 1, 1) };
    // the calendar of years -9999 to 9999 is far inside 32 bits
    date.duration_since(epoch).as_hours().div_euclid(24).try_into().unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use polars::prelude::{ParquetReader, SerReader};
    use std::io::Cursor;

    fn order_line() -> OrderLineFact {
        OrderLineFact {
            date: date(2026, 11, 21),
            run_id: "20261121-001".into(),
            customer_item: "007".into(),
            po_date: None,
            line: 3,
            xref_id: Some(71),
            ordered_quantity_micro: Some(2_500_000),
            converted: true,
            ..OrderLineFact::default()
        }
    }

    fn read(bytes: Vec<u8>) -> DataFrame {
        ParquetReader::new(Cursor::new(bytes)).finish().unwrap()
    }

    /// One row as `name=value`, the values as polars shows them.
    fn row(frame: &DataFrame, at: usize) -> Vec<String> {
        frame.columns().iter().map(|c| format!("{}={}", c.name(), c.get(at).unwrap())).collect()
    }

    #[test]
    fn the_file_has_the_columns_of_the_schema_in_their_types() {
        let frame = read(order_lines_parquet(&[order_line(), OrderLineFact::default()]).unwrap());
        assert_eq!(frame.shape(), (2, ORDER_LINES.len()));
        for (column, written) in ORDER_LINES.iter().zip(frame.columns()) {
            let expected = match column.get {
                Get::Date(_) => DataType::Date,
                Get::Text(_) => DataType::String,
                Get::Integer(_) => DataType::Int64,
                Get::Flag(_) => DataType::Boolean,
            };
            assert_eq!((written.name().as_str(), written.dtype()), (column.name, &expected));
        }
        let first = row(&frame, 0);
        for cell in [
            "customer_item=\"007\"",
            "line=3",
            "xref_id=71",
            "ordered_quantity_micro=2500000",
            "converted=true",
        ] {
            assert!(first.iter().any(|found| found == cell), "{cell} in {first:?}");
        }
        for cell in ["po_date=null", "value_micro=null", "via=\"\""] {
            assert!(first.iter().any(|found| found == cell), "{cell} in {first:?}");
        }
        let day = frame.column("date").unwrap().cast(&DataType::Int32).unwrap();
        assert_eq!(day.i32().unwrap().get(0), Some(20_778), "2026-11-21 in days");
        assert_eq!(day.i32().unwrap().get(1), Some(days(Date::default())));
    }

    #[test]
    fn days_are_counted_from_1970() {
        for (day, expected) in [
            (date(1970, 1, 1), 0),
            (date(1969, 12, 31), -1),
            (date(2000, 3, 1), 11_017),
            (date(0, 1, 1), -719_528),
            (date(9999, 12, 31), 2_932_896),
        ] {
            assert_eq!(days(day), expected, "{day}");
        }
    }

    #[test]
    fn the_same_rows_give_the_same_bytes() {
        let rows: Vec<OrderLineFact> = (0..3_000)
            .map(|line| OrderLineFact { line, po_number: format!("PO{}", line % 7).into(), ..order_line() })
            .collect();
        let bytes = order_lines_parquet(&rows).unwrap();
        assert_eq!(bytes, order_lines_parquet(&rows).unwrap());
        let bills = [InvoiceLineFact { amount_micro: 5, ..InvoiceLineFact::default() }];
        assert_eq!(invoice_lines_parquet(&bills).unwrap(), invoice_lines_parquet(&bills).unwrap());
        assert_eq!(read(invoice_lines_parquet(&bills).unwrap()).shape(), (1, INVOICE_LINES.len()));
    }

    #[test]
    fn no_rows_are_a_file_with_its_columns() {
        assert_eq!(read(order_lines_parquet(&[]).unwrap()).shape(), (0, ORDER_LINES.len()));
        assert_eq!(read(invoice_lines_parquet(&[]).unwrap()).shape(), (0, INVOICE_LINES.len()));
    }

    #[test]
    fn text_rows_stay_text_but_for_the_integers() {
        let rows = [vec!["0012".into(), "1".into()], vec!["".into(), "".into()]];
        let frame = read(text_rows_parquet(&["item", "line"], &rows, &["line"]).unwrap());
        assert_eq!(row(&frame, 0), ["item=\"0012\"", "line=1"]);
        assert_eq!(row(&frame, 1), ["item=\"\"", "line=null"]);
        for (rows, message) in [
            ([vec!["A".into(), "x".into()]], "line \"x\" is no integer"),
            ([vec!["A".into()]], "row 1 has 1 cells, not 2"),
        ] {
            let error = text_rows_parquet(&["item", "line"], &rows, &["line"]).unwrap_err();
            assert_eq!(error.to_string(), message);
        }
    }
}
