//! Changes of orders for the ERP: the columns of an internal order as the line stands now, then what it was.

use crate::documents::internal_order::{self, Cell, InternalOrderRow};
use crate::domain::change::{LineChange, LineSide, OrderChange};
use crate::domain::partner::OrderSettings;
use crate::domain::resolution::{DecidedOrder, LineState};
use crate::domain::{Decimal, Text};
use hashbrown::HashMap;

/// One line that an applied change alters, of those that the ERP has or shall have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangeRow {
    /// The line as it is from now on; of a cancelled one the quantities are 0.
    pub now: InternalOrderRow,
    /// `changed`, `added` or `cancelled`.
    pub change: Text,
    /// `860` or `850`.
    pub document: Text,
    /// BCH01 or BEG01.
    pub purpose: Text,
    /// BCH05.
    pub sequence: Text,
    /// Empty for a line that is added.
    pub before: LineSide,
}

/// A column beside those of an internal order.
struct Column {
    name: &'static str,
    cell: fn(&ChangeRow) -> Cell<'_>,
}

static OWN: &[Column] = &[
    Column { name: "change", cell: |row| Cell::Text(&row.change) },
    Column { name: "document", cell: |row| Cell::Text(&row.document) },
    Column { name: "purpose", cell: |row| Cell::Text(&row.purpose) },
    Column { name: "sequence", cell: |row| Cell::Text(&row.sequence) },
    Column { name: "before_item", cell: |row| Cell::Text(&row.before.item) },
    Column { name: "before_ordered_quantity", cell: |row| Cell::Plain(&row.before.ordered_quantity) },
    Column { name: "before_ordered_unit", cell: |row| Cell::Text(&row.before.ordered_unit) },
    Column { name: "before_quantity", cell: |row| Cell::Plain(&row.before.quantity) },
    Column { name: "before_unit", cell: |row| Cell::Text(&row.before.unit) },
    Column { name: "before_unit_price", cell: |row| Cell::Plain(&row.before.unit_price) },
    Column { name: "before_requested_date", cell: |row| Cell::Date(row.before.requested_date) },
    Column { name: "before_ship_to", cell: |row| Cell::Text(&row.before.ship_to) },
];

/// The names of all columns: first those of an internal order, in its order.
pub fn header() -> impl Iterator<Item = &'static str> {
    internal_order::COLUMNS.iter().map(|column| column.name).chain(OWN.iter().map(|column| column.name))
}

/// The cells of a row under [`header`].
pub fn cells(row: &ChangeRow) -> impl Iterator<Item = Cell<'_>> {
    let now = internal_order::COLUMNS.iter().map(|column| (column.cell)(&row.now));
    now.chain(OWN.iter().map(|column| (column.cell)(row)))
}

/// The rows of an applied change: `lines` are what it does to each line, `order` is the order as it stands now. A line that never
/// reached the ERP, because it was held, is none of them when it is cancelled.
pub fn rows(
    change: &OrderChange,
    (order, lines): (&DecidedOrder, &[LineChange]),
    was_ordered: impl Fn(u32) -> bool,
    settings: &OrderSettings,
    (order_id, run_id): (&str, &str),
) -> Vec<ChangeRow> {
    let mut rows = Vec::with_capacity(lines.len());
    let decided = order.order.lines.iter().zip(&order.lines);
    let known: HashMap<u32, _> = decided.map(|(line, decided)| (line.line, (line, decided))).collect();
    for told in lines {
        let Some((line, decided)) = known.get(&told.line) else { continue };
        let cancelled = decided.state == LineState::Cancelled;
        if cancelled && !was_ordered(told.line) {
            continue;
        }
        let mut now = internal_order::row(order, line, decided, settings, (order_id, run_id));
        if cancelled {
            (now.ordered_quantity, now.quantity) = (Some(Decimal::ZERO), Some(Decimal::ZERO));
        }
        rows.push(ChangeRow {
            now,
            change: told.change.clone(),
            document: change.document.clone(),
            purpose: change.order.purpose.clone(),
            sequence: change.sequence.clone(),
            before: told.before.clone().unwrap_or_default(),
        });
    }
    rows
}

/// The header line of the CSV.
pub fn csv_header() -> Vec<u8> {
    (header().collect::<Vec<_>>().join(",") + "\n").into_bytes()
}

/// RFC 4180 rows; no cell is guarded against spreadsheets.
pub fn csv_rows(rows: &[ChangeRow]) -> Vec<u8> {
    let mut out = String::new();
    for row in rows {
        internal_order::csv_row(&mut out, cells(row));
    }
    out.into_bytes()
}

/// JSON lines: decimals are strings, what is not there is null or `""` as in an internal order.
pub fn jsonl(rows: &[ChangeRow]) -> Vec<u8> {
    let mut out = String::new();
    for row in rows {
        internal_order::json_row(&mut out, header().zip(cells(row)));
    }
    out.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    fn row() -> ChangeRow {
        ChangeRow {
            now: InternalOrderRow {
                order_id: "20261120-001-0001-00001".into(),
                po_number: "0047".into(),
                line: 2,
                ordered_quantity: Some(Decimal::from(6)),
                ..InternalOrderRow::default()
            },
            change: "changed".into(),
            document: "860".into(),
            purpose: "04".into(),
            sequence: "1".into(),
            before: LineSide { ordered_quantity: "10".into(), ..LineSide::default() },
        }
    }

    #[test]
    fn the_first_columns_are_those_of_an_internal_order() {
        let names: Vec<&str> = header().collect();
        let orders: Vec<&str> = internal_order::COLUMNS.iter().map(|column| column.name).collect();
        assert!(names.starts_with(&orders));
        expect![[r#"
            20261120-001-0001-00001,,,0047,,,2,,,,,6,,,,,,,,,,changed,860,04,1,,10,,,,,,
        "#]]
        .assert_eq(&String::from_utf8(csv_rows(&[row()])).unwrap());
    }

    #[test]
    fn json_has_the_same_names_and_null_for_a_decimal_that_was_not_there() {
        let text = String::from_utf8(jsonl(&[row(), ChangeRow::default()])).unwrap();
        let rows: Vec<serde_json::Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(rows[0]["before_ordered_quantity"], "10");
        assert_eq!(rows[1]["before_ordered_quantity"], serde_json::Value::Null);
        assert_eq!(rows[0].as_object().unwrap().len(), header().count());
    }
}
