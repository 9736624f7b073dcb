//! Facts read back, one file at a time: what a proof holds against the store.

use crate::domain::Text;
use crate::domain::fact::{InvoiceLineFact, OrderLineFact};
use anyhow::{Context, Result};
use polars::prelude::{DataFrame, ParquetReader, SerReader};
use std::fs::File;
use std::path::Path;

/// The rows of a file of `facts/order_lines`, in their order. A column that an older file has not is empty; dates are left out.
pub fn order_lines(path: &Path) -> Result<Vec<OrderLineFact>> {
    let frame = open(path)?;
    let (text, whole, flag) = readers(&frame);
    (0..frame.height())
        .map(|at| {
            Ok(OrderLineFact {
                run_id: text("run_id", at),
                order_id: text("order_id", at),
                partner: text("partner", at),
                customer: text("customer", at),
                ship_to: text("ship_to", at),
                po_number: text("po_number", at),
                line: line_number(whole("line", at))?,
                po_line_id: text("po_line_id", at),
                customer_item: text("customer_item", at),
                customer_item_qualifier: text("customer_item_qualifier", at),
                item: text("item", at),
                outcome: text("outcome", at),
                via: text("via", at),
                xref_id: whole("xref_id", at),
                state: text("state", at),
                ordered_unit: text("ordered_unit", at),
                ordered_quantity_micro: whole("ordered_quantity_micro", at),
                unit: text("unit", at),
                quantity_micro: whole("quantity_micro", at),
                value_micro: whole("value_micro", at),
                currency: text("currency", at),
                superseded: text("superseded", at),
                converted: flag("converted", at),
                again: flag("again", at),
                ..OrderLineFact::default()
            })
        })
        .collect::<Result<_>>()
        .with_context(|| format!("read {}", path.display()))
}

/// The rows of a file of `facts/invoice_lines`, likewise.
pub fn invoice_lines(path: &Path) -> Result<Vec<InvoiceLineFact>> {
    let frame = open(path)?;
    let (text, whole, _) = readers(&frame);
    (0..frame.height())
        .map(|at| {
            Ok(InvoiceLineFact {
                run_id: text("run_id", at),
                invoice_number: text("invoice_number", at),
                kind: text("kind", at),
                partner: text("partner", at),
                customer: text("customer", at),
                po_number: text("po_number", at),
                line: line_number(whole("line", at))?,
                po_line_id: text("po_line_id", at),
                item: text("item", at),
                customer_item: text("customer_item", at),
                customer_item_qualifier: text("customer_item_qualifier", at),
                unit: text("unit", at),
                quantity_micro: whole("quantity_micro", at).unwrap_or_default(),
                amount_micro: whole("amount_micro", at).unwrap_or_default(),
                currency: text("currency", at),
                ..InvoiceLineFact::default()
            })
        })
        .collect::<Result<_>>()
        .with_context(|| format!("read {}", path.display()))
}

fn open(path: &Path) -> Result<DataFrame> {
    let reading = || format!("read {}", path.display());
    let file = File::open(path).with_context(reading)?;
    ParquetReader::new(file).set_rechunk(true).finish().with_context(reading)
}

fn line_number(line: Option<i64>) -> Result<u32> {
    line.unwrap_or_default().try_into().context("a line number is none")
}

/// How a cell is read by its column's name and its row; nothing where there is no such column, or one of another type.
#[expect(clippy::type_complexity, reason = "three ways to read a cell of one frame")]
fn readers(
    frame: &DataFrame,
) -> (
    impl Fn(&str, usize) -> Text + '_,
    impl Fn(&str, usize) -> Option<i64> + '_,
    impl Fn(&str, usize) -> bool + '_,
) {
    let text = |name: &str, at: usize| {
        let column = frame.column(name).and_then(|column| column.str()).ok();
        column.and_then(|column| column.get(at)).map(Text::from).unwrap_or_default()
    };
    let whole = |name: &str, at: usize| {
        let column = frame.column(name).and_then(|column| column.i64()).ok();
        column.and_then(|column| column.get(at))
    };
    let flag = |name: &str, at: usize| {
        let column = frame.column(name).and_then(|column| column.bool()).ok();
        column.and_then(|column| column.get(at)).unwrap_or_default()
    };
    (text, whole, flag)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{invoice_lines_parquet, order_lines_parquet};

    #[test]
    fn rows_come_back_as_they_were_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f.parquet");
        let orders = [
            OrderLineFact {
                run_id: "r".into(),
                order_id: "r-0001-00001".into(),
                line: 3,
                customer_item: "007".into(),
                xref_id: Some(7),
                state: "held".into(),
                value_micro: Some(-5),
                again: true,
                ..OrderLineFact::default()
            },
            OrderLineFact::default(),
        ];
        std::fs::write(&path, order_lines_parquet(&orders).unwrap()).unwrap();
        assert_eq!(order_lines(&path).unwrap(), orders);
        let invoices = [InvoiceLineFact {
            invoice_number: "0012".into(),
            line: 2,
            quantity_micro: 5,
            amount_micro: 7,
            ..InvoiceLineFact::default()
        }];
        std::fs::write(&path, invoice_lines_parquet(&invoices).unwrap()).unwrap();
        assert_eq!(invoice_lines(&path).unwrap(), invoices);
        std::fs::write(&path, "PAR1 but no Parquet").unwrap();
        assert!(order_lines(&path).unwrap_err().to_string().contains("f.parquet"));
    }
}
