//! Internal orders for the ERP: the columns of the contract as CSV and JSON lines.

use crate::domain::money::plain_or_empty;
use crate::domain::order::{ItemNumber, OrderLine};
use crate::domain::partner::OrderSettings;
use crate::domain::resolution::{DecidedLine, DecidedOrder, LineOutcome, LineState, Resolution, Via};
use crate::domain::{Date, Decimal, Text};
use std::fmt::Write;

/// One line that policy lets through. Values are exactly what the order says: the ERP reads them, no spreadsheet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InternalOrderRow {
    pub order_id: Text,
    pub partner: Text,
    pub customer: Text,
    pub po_number: Text,
    pub po_date: Option<Date>,
    pub ship_to: Text,
    /// Our running number in the order, from 1.
    pub line: u32,
    /// PO101 as it came.
    pub po_line_id: Text,
    /// Empty where the partner's policy accepts a line that led to no item.
    pub item: Text,
    pub customer_item: Text,
    pub customer_item_qualifier: Text,
    pub ordered_quantity: Option<Decimal>,
    pub ordered_unit: Text,
    /// In the item's own unit; None where no item was found.
    pub quantity: Option<Decimal>,
    pub unit: Text,
    /// For one ordered unit, the price basis divided out.
    pub unit_price: Option<Decimal>,
    pub currency: Text,
    pub requested_date: Option<Date>,
    /// Empty where no item was found.
    pub via: Text,
    pub xref_id: Option<i64>,
    pub run_id: Text,
}

/// A value of a row, by its kind, so that each format writes it in its own way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell<'r> {
    Text(&'r str),
    Number(Option<i64>),
    Decimal(Option<Decimal>),
    /// A decimal that is written already; empty for none.
    Plain(&'r str),
    Date(Option<Date>),
}

impl Cell<'_> {
    /// The value as CSV has it before quoting: empty for none.
    pub fn plain(self) -> Text {
        match self {
            Self::Text(text) | Self::Plain(text) => text.into(),
            Self::Number(number) => number.map(|number| Text::from(number.to_string())).unwrap_or_default(),
            Self::Decimal(decimal) => plain_or_empty(decimal),
            Self::Date(date) => date.map(|date| Text::from(date.to_string())).unwrap_or_default(),
        }
    }
}

/// A column: its name in every format, and how a row fills it. The kind of cell is the same for every row.
#[derive(Debug)]
pub struct Column {
    pub name: &'static str,
    pub cell: fn(&InternalOrderRow) -> Cell<'_>,
}

/// The columns in the order of the contract.
pub static COLUMNS: &[Column] = &[
    Column { name: "order_id", cell: |row| Cell::Text(&row.order_id) },
    Column { name: "partner", cell: |row| Cell::Text(&row.partner) },
    Column { name: "customer", cell: |row| Cell::Text(&row.customer) },
    Column { name: "po_number", cell: |row| Cell::Text(&row.po_number) },
    Column { name: "po_date", cell: |row| Cell::Date(row.po_date) },
    Column { name: "ship_to", cell: |row| Cell::Text(&row.ship_to) },
    Column { name: "line", cell: |row| Cell::Number(Some(i64::from(row.line))) },
    Column { name: "po_line_id", cell: |row| Cell::Text(&row.po_line_id) },
    Column { name: "item", cell: |row| Cell::Text(&row.item) },
    Column { name: "customer_item", cell: |row| Cell::Text(&row.customer_item) },
    Column { name: "customer_item_qualifier", cell: |row| Cell::Text(&row.customer_item_qualifier) },
    Column { name: "ordered_quantity", cell: |row| Cell::Decimal(row.ordered_quantity) },
    Column { name: "ordered_unit", cell: |row| Cell::Text(&row.ordered_unit) },
    Column { name: "quantity", cell: |row| Cell::Decimal(row.quantity) },
    Column { name: "unit", cell: |row| Cell::Text(&row.unit) },
    Column { name: "unit_price", cell: |row| Cell::Decimal(row.unit_price) },
    Column { name: "currency", cell: |row| Cell::Text(&row.currency) },
    Column { name: "requested_date", cell: |row| Cell::Date(row.requested_date) },
    Column { name: "via", cell: |row| Cell::Text(&row.via) },
    Column { name: "xref_id", cell: |row| Cell::Number(row.xref_id) },
    Column { name: "run_id", cell: |row| Cell::Text(&row.run_id) },
];

/// The rows of an order's lines that are ordered, in line order.
pub fn rows(
    order: &DecidedOrder,
    settings: &OrderSettings,
    order_id: &str,
    run_id: &str,
) -> Vec<InternalOrderRow> {
    order
        .order
        .lines
        .iter()
        .zip(&order.lines)
        .filter(|(_, decided)| decided.state == LineState::Ordered)
        .map(|(line, decided)| row(order, line, decided, settings, (order_id, run_id)))
        .collect()
}

/// The customer's own number for a line: the number that decided if the profile counts its qualifier among the
/// customer's, else the first such number on the line.
pub fn customer_item<'a>(
    line: &'a OrderLine,
    resolution: &'a Resolution,
    settings: &OrderSettings,
) -> Option<&'a ItemNumber> {
    let theirs = |number: &&ItemNumber| {
        !number.value.is_empty() && settings.customer_item_qualifiers.contains(&number.qualifier)
    };
    Some(&resolution.matched).filter(theirs).or_else(|| line.numbers.iter().find(theirs))
}

/// CSV with a header, RFC 4180 quoting and LF. No cell is guarded against spreadsheets.
pub fn csv(rows: &[InternalOrderRow]) -> Vec<u8> {
    [csv_header(), csv_rows(rows)].concat()
}

/// The header line alone, for files that are written as the orders come.
pub fn csv_header() -> Vec<u8> {
    let names: Vec<&str> = COLUMNS.iter().map(|column| column.name).collect();
    (names.join(",") + "\n").into_bytes()
}

/// [`csv`] without its header.
pub fn csv_rows(rows: &[InternalOrderRow]) -> Vec<u8> {
    let mut out = String::with_capacity(160 * rows.len());
    for row in rows {
        csv_row(&mut out, COLUMNS.iter().map(|column| (column.cell)(row)));
    }
    out.into_bytes()
}

/// JSON lines under the same names. Decimals are strings, so that no reader makes floats of them; `line` and `xref_id`
/// are numbers; a decimal, a date or an `xref_id` that is not there is null, a text that is not there is `""`.
pub fn jsonl(rows: &[InternalOrderRow]) -> Vec<u8> {
    let mut out = String::with_capacity(480 * rows.len());
    for row in rows {
        json_row(&mut out, COLUMNS.iter().map(|column| (column.name, (column.cell)(row))));
    }
    out.into_bytes()
}

/// One row of CSV with its end.
pub(super) fn csv_row<'r>(out: &mut String, cells: impl Iterator<Item = Cell<'r>>) {
    for (index, cell) in cells.enumerate() {
        separate(out, index);
        csv_cell(out, cell);
    }
    out.push('\n');
}

/// One JSON line.
pub(super) fn json_row<'r>(out: &mut String, cells: impl Iterator<Item = (&'static str, Cell<'r>)>) {
    out.push('{');
    for (index, (name, cell)) in cells.enumerate() {
        separate(out, index);
        push(out, format_args!("\"{name}\":"));
        json_cell(out, cell);
    }
    out.push_str("}\n");
}

/// A line of an order as the ERP has it.
pub(super) fn row(
    order: &DecidedOrder,
    line: &OrderLine,
    decided: &DecidedLine,
    settings: &OrderSettings,
    (order_id, run_id): (&str, &str),
) -> InternalOrderRow {
    let resolution = &decided.resolution;
    let mapped = resolution.outcome == LineOutcome::Mapped;
    let number = customer_item(line, resolution, settings).cloned().unwrap_or_default();
    InternalOrderRow {
        order_id: order_id.into(),
        partner: order.partner.clone(),
        customer: order.customer.clone(),
        po_number: order.order.po_number.clone(),
        po_date: order.order.po_date,
        ship_to: line.ship_to.clone(),
        line: line.line,
        po_line_id: line.po_line_id.clone(),
        // a line that is let through without being mapped names no item, whatever its numbers led to
        item: if mapped { resolution.item.clone() } else { Text::default() },
        customer_item: number.value,
        customer_item_qualifier: number.qualifier,
        ordered_quantity: line.quantity,
        ordered_unit: line.unit.clone(),
        quantity: resolution.quantity,
        unit: if mapped { resolution.unit.clone() } else { Text::default() },
        unit_price: decided.unit_price,
        currency: order.currency.clone(),
        requested_date: line.requested_date,
        via: resolution.via.filter(|_| mapped).map_or("", Via::as_str).into(),
        xref_id: resolution.xref_id.filter(|_| mapped),
        run_id: run_id.into(),
    }
}

fn separate(out: &mut String, index: usize) {
    if index > 0 {
        out.push(',');
    }
}

fn csv_cell(out: &mut String, cell: Cell<'_>) {
    match cell {
        Cell::Text(text) if text.contains([',', '"', '\r', '\n']) => {
            push(out, format_args!("\"{}\"", text.replace('"', "\"\"")));
        }
        Cell::Text(text) | Cell::Plain(text) => out.push_str(text),
        Cell::Number(Some(number)) => push(out, format_args!("{number}")),
        Cell::Decimal(Some(decimal)) => push(out, format_args!("{}", decimal.normalize())),
        Cell::Date(Some(date)) => push(out, format_args!("{date}")),
        Cell::Number(None) | Cell::Decimal(None) | Cell::Date(None) => {}
    }
}

fn json_cell(out: &mut String, cell: Cell<'_>) {
    match cell {
        Cell::Text(text) => push(out, format_args!("{}", serde_json::Value::from(text))),
        Cell::Plain(decimal) if !decimal.is_empty() => push(out, format_args!("\"{decimal}\"")),
        Cell::Number(Some(number)) => push(out, format_args!("{number}")),
        Cell::Decimal(Some(decimal)) => push(out, format_args!("\"{}\"", decimal.normalize())),
        Cell::Date(Some(date)) => push(out, format_args!("\"{date}\"")),
        Cell::Number(None) | Cell::Decimal(None) | Cell::Date(None) | Cell::Plain(_) => out.push_str("null"),
    }
}

fn push(out: &mut String, arguments: std::fmt::Arguments<'_>) {
    // writing into a String cannot fail
    out.write_fmt(arguments).unwrap_or_default();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::order::PurchaseOrder;
    use expect_test::expect;

    fn number(qualifier: &str, value: &str) -> ItemNumber {
        ItemNumber { qualifier: qualifier.into(), value: value.into() }
    }

    fn order() -> DecidedOrder {
        let line = |line: u32, numbers: Vec<ItemNumber>| OrderLine {
            line,
            po_line_id: "0010".into(),
            quantity: Some(Decimal::new(60, 1)),
            unit: "CA".into(),
            ship_to: "0042".into(),
            numbers,
            ..OrderLine::default()
        };
        let decided = |state, item: &str, matched| DecidedLine {
            state,
            resolution: Resolution {
                outcome: if item.is_empty() { LineOutcome::Unmapped } else { LineOutcome::Mapped },
                item: item.into(),
                matched,
                quantity: (!item.is_empty()).then_some(Decimal::from(72)),
                unit: if item.is_empty() { "" } else { "EA" }.into(),
                via: (!item.is_empty()).then_some(Via::Customer),
                xref_id: (!item.is_empty()).then_some(71),
                ..Resolution::default()
            },
            unit_price: Some(Decimal::new(310, 2)),
        };
        DecidedOrder {
            partner: "acme".into(),
            customer: "ACME".into(),
            currency: "USD".into(),
            order: PurchaseOrder {
                po_number: "0047, \"A\"".into(),
                po_date: Some(Date::constant(2026, 3, 9)),
                lines: vec![
                    line(1, vec![number("VP", "OLD"), number("BP", "007"), number("IN", "+1")]),
                    line(2, vec![number("BP", "HELD")]),
                    line(3, vec![number("VP", "X"), number("IN", "=1+1")]),
                ],
                ..PurchaseOrder::default()
            },
            lines: vec![
                decided(LineState::Ordered, "10-4410", number("IN", "+1")),
                decided(LineState::Held, "", ItemNumber::default()),
                decided(LineState::Ordered, "", number("VP", "X")),
            ],
            ..DecidedOrder::default()
        }
    }

    #[test]
    fn only_ordered_lines_come_out_exactly_as_they_are() {
        let rows = rows(&order(), &OrderSettings::default(), "20260309-001-7", "20260309-001");
        expect![[r#"
            order_id,partner,customer,po_number,po_date,ship_to,line,po_line_id,item,customer_item,customer_item_qualifier,ordered_quantity,ordered_unit,quantity,unit,unit_price,currency,requested_date,via,xref_id,run_id
            20260309-001-7,acme,ACME,"0047, ""A""",2026-03-09,0042,1,0010,10-4410,+1,IN,6,CA,72,EA,3.1,USD,,customer,71,20260309-001
            20260309-001-7,acme,ACME,"0047, ""A""",2026-03-09,0042,3,0010,,=1+1,IN,6,CA,,,3.1,USD,,,,20260309-001
        "#]]
        .assert_eq(&String::from_utf8(csv(&rows)).unwrap());
    }

    #[test]
    fn json_keeps_decimals_as_text_and_says_null_for_what_is_not_there() {
        let rows = rows(&order(), &OrderSettings::default(), "7", "r");
        expect![[r#"
            {"order_id":"7","partner":"acme","customer":"ACME","po_number":"0047, \"A\"","po_date":"2026-03-09","ship_to":"0042","line":1,"po_line_id":"0010","item":"10-4410","customer_item":"+1","customer_item_qualifier":"IN","ordered_quantity":"6","ordered_unit":"CA","quantity":"72","unit":"EA","unit_price":"3.1","currency":"USD","requested_date":null,"via":"customer","xref_id":71,"run_id":"r"}
            {"order_id":"7","partner":"acme","customer":"ACME","po_number":"0047, \"A\"","po_date":"2026-03-09","ship_to":"0042","line":3,"po_line_id":"0010","item":"","customer_item":"=1+1","customer_item_qualifier":"IN","ordered_quantity":"6","ordered_unit":"CA","quantity":null,"unit":"","unit_price":"3.1","currency":"USD","requested_date":null,"via":"","xref_id":null,"run_id":"r"}
        "#]]
        .assert_eq(&String::from_utf8(jsonl(&rows)).unwrap());
    }

    #[test]
    fn a_csv_reader_gets_every_text_back() {
        let order_id = "a\"b,c\r\nd";
        let row = InternalOrderRow { order_id: order_id.into(), item: " 007 ".into(), ..Default::default() };
        let bytes = csv(&[row]);
        let mut reader = ::csv::Reader::from_reader(bytes.as_slice());
        let record = reader.records().next().unwrap().unwrap();
        assert_eq!(record.len(), COLUMNS.len());
        assert_eq!((&record[0], &record[8]), (order_id, " 007 "));
    }

    #[test]
    fn the_customers_number_is_the_one_that_decided_else_the_first() {
        let settings = OrderSettings::default();
        for (numbers, matched, expected) in [
            (vec![number("BP", "1"), number("IN", "2")], number("IN", "2"), Some("2")),
            (vec![number("VP", "9"), number("BP", "1"), number("IN", "2")], number("VP", "9"), Some("1")),
            (vec![number("UP", "9")], number("UP", "9"), None),
            (vec![number("BP", "")], ItemNumber::default(), None),
        ] {
            let line = OrderLine { numbers, ..OrderLine::default() };
            let resolution = Resolution { matched, ..Resolution::default() };
            let found = customer_item(&line, &resolution, &settings).map(|number| number.value.as_str());
            assert_eq!(found, expected, "{line:?}");
        }
    }
}
