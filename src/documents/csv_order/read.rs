//! One order from the bytes of its rows.

use super::{CsvHeader, Field, RowRun};
use crate::documents::csv_reading::{Findings, Row, Rows, values};
use crate::domain::diagnostic::{Diagnostic, Rule};
use crate::domain::order::{ItemNumber, OrderLine, PurchaseOrder};
use crate::domain::partner::{CsvLayout, OrderSettings};
use crate::domain::rules::csv as rules;
use crate::domain::{Date, Decimal, Text};

/// Characters of an item number that the contract promises to keep.
const NUMBER_CHARACTERS_MAX: usize = 80;

/// The order whose rows stand in `runs`, with the bytes of each run. Every row becomes a line, whatever is wrong
/// with it. The purpose is `00`.
pub fn read(
    header: &CsvHeader,
    runs: &[RowRun],
    bytes: &[&[u8]],
    layout: &CsvLayout,
    settings: &OrderSettings,
) -> (PurchaseOrder, Vec<Diagnostic>) {
    assert_eq!(runs.len(), bytes.len(), "each run comes with its bytes");
    let mut reader = Reader {
        header,
        layout,
        settings,
        order: PurchaseOrder { purpose: "00".into(), from_csv: true, ..PurchaseOrder::default() },
        findings: Findings::new(header.diagnostics_max),
        po_date: OrderValue::default(),
        currency: OrderValue::default(),
        requested_text: None,
    };
    let mut row = Row::default();
    for (run, bytes) in runs.iter().zip(bytes) {
        let mut rows = Rows::new(bytes, header.dialect, run.first_row, run.first_line, run.offset);
        while rows.read(&mut row) {
            reader.add(&row);
        }
    }
    reader.finish()
}

struct Reader<'a> {
    header: &'a CsvHeader,
    layout: &'a CsvLayout,
    settings: &'a OrderSettings,
    order: PurchaseOrder,
    findings: Findings,
    po_date: OrderValue,
    currency: OrderValue,
    /// The last requested date that could not be read, so that it is told once.
    requested_text: Option<Text>,
}

/// A value that belongs to the whole order: what the first row says, and what the last one said.
#[derive(Debug, Default)]
struct OrderValue {
    first: Text,
    last: Text,
}

impl Reader<'_> {
    fn add(&mut self, row: &Row) {
        let findings = &mut self.findings;
        row.findings(&self.header.names, |finding| findings.push(finding));
        if self.order.lines.is_empty() {
            self.order.customer = self.text(row, Field::Customer);
            self.order.po_number = self.text(row, Field::PoNumber);
            self.order.release = self.text(row, Field::Release);
        }
        self.read_po_date(row);
        self.read_currency(row);
        let line = self.line(row);
        self.order.lines.push(line);
    }

    fn finish(mut self) -> (PurchaseOrder, Vec<Diagnostic>) {
        self.order.received_lines = u32::try_from(self.order.lines.len()).unwrap_or(u32::MAX);
        fill_where_all_agree(&mut self.order.lines, self.requested_text.is_none());
        (self.order, self.findings.into_vec())
    }

    fn value<'r>(&self, row: &'r Row, field: Field) -> &'r str {
        self.header.columns.value(row, field)
    }

    fn text(&self, row: &Row, field: Field) -> Text {
        self.value(row, field).into()
    }

    fn finding(&mut self, rule: &'static Rule, row: &Row, field: Field) -> Diagnostic {
        let column = self.header.columns.of(field);
        Diagnostic::new(rule, row.at_column(&self.header.names, column)).found(self.value(row, field))
    }

    fn read_po_date(&mut self, row: &Row) {
        let text = self.value(row, Field::PoDate);
        if !self.po_date.is_news(text) {
            return;
        }
        let date = values::date(text, &self.layout.date_format);
        if date.is_none() {
            let finding = self
                .finding(&rules::DATE_UNREADABLE, row, Field::PoDate)
                .detail(format!("expected {}", self.layout.date_format));
            self.findings.push(finding);
        } else if self.order.po_date.is_some() && date != self.order.po_date {
            let finding = self.disagreement(row, Field::PoDate, &self.po_date.first.clone());
            self.findings.push(finding);
        }
        if self.order.po_date.is_none() && date.is_some() {
            self.order.po_date = date;
            self.po_date.first = text.into();
        }
    }

    fn read_currency(&mut self, row: &Row) {
        let text = self.value(row, Field::Currency);
        if !self.currency.is_news(text) {
            return;
        }
        if self.order.currency.is_empty() {
            self.order.currency = text.into();
        } else if self.order.currency != text {
            let finding = self.disagreement(row, Field::Currency, &self.order.currency.clone());
            self.findings.push(finding);
        }
    }

    fn disagreement(&mut self, row: &Row, field: Field, first: &str) -> Diagnostic {
        self.finding(&rules::ORDER_VALUES_DIFFER, row, field)
            .detail(format!("the order's first value is {first:?}"))
    }

    fn line(&mut self, row: &Row) -> OrderLine {
        let numbers = self.numbers(row);
        if numbers.is_empty() {
            let finding = Diagnostic::new(&rules::ITEM_NUMBER_MISSING, row.at());
            self.findings.push(finding);
        }
        let unit_text = self.text(row, Field::Unit);
        OrderLine {
            line: u32::try_from(self.order.lines.len() + 1).unwrap_or(u32::MAX),
            po_line_id: self.text(row, Field::Line),
            quantity: self.number(row, Field::Quantity, true),
            quantity_text: self.text(row, Field::Quantity),
            unit: code_for(&unit_text, self.settings),
            unit_text,
            price: self.number(row, Field::UnitPrice, false),
            flaws: self.flaws(row, &numbers),
            numbers,
            description: self.text(row, Field::Description),
            ship_to: self.text(row, Field::ShipTo),
            requested_date: self.requested_date(row),
            segment: u32::try_from(row.number).unwrap_or(u32::MAX),
            offset: row.offset,
            ..OrderLine::default()
        }
    }

    fn numbers(&self, row: &Row) -> Vec<ItemNumber> {
        [
            (Field::CustomerItem, self.layout.customer_item_qualifier.as_str()),
            (Field::VendorItem, self.layout.vendor_item_qualifier.as_str()),
            (Field::Upc, "UP"),
        ]
        .into_iter()
        .map(|(field, qualifier)| ItemNumber { qualifier: qualifier.into(), value: self.text(row, field) })
        .filter(|number| !number.value.is_empty())
        .collect()
    }

    fn number(&mut self, row: &Row, field: Field, required: bool) -> Option<Decimal> {
        let text = self.value(row, field);
        if text.is_empty() && !required {
            return None;
        }
        let number = values::number(text, self.layout.decimal);
        if number.is_none() {
            let mut finding = self.finding(&rules::NUMBER_UNREADABLE, row, field);
            if text.is_empty() {
                finding = finding.detail("the cell is empty");
            }
            self.findings.push(finding);
        }
        number
    }

    fn requested_date(&mut self, row: &Row) -> Option<Date> {
        let text = self.value(row, Field::RequestedDate);
        if text.is_empty() {
            return None;
        }
        let date = values::date(text, &self.layout.date_format);
        if date.is_none() && self.requested_text.as_deref() != Some(text) {
            self.requested_text = Some(text.into());
            let finding = self
                .finding(&rules::DATE_UNREADABLE, row, Field::RequestedDate)
                .detail(format!("expected {}", self.layout.date_format));
            self.findings.push(finding);
        }
        date
    }

    /// Why the row's values cannot be trusted although each can be read.
    fn flaws(&mut self, row: &Row, numbers: &[ItemNumber]) -> Vec<Text> {
        let mut flaws: Vec<Text> = Vec::new();
        if row.is_too_wide(&self.header.names) {
            flaws.push("the row has more fields than the header: its values may have slipped".into());
        }
        if row.quote_open {
            flaws.push("a quote in the row has no other end".into());
        }
        let telling = [
            Field::PoNumber,
            Field::CustomerItem,
            Field::VendorItem,
            Field::Upc,
            Field::Quantity,
            Field::Unit,
        ];
        if telling.iter().any(|field| row.had_nul(self.header.columns.of(*field))) {
            flaws.push("a number of the row had NUL bytes in it".into());
        }
        if numbers.iter().any(|number| number.value.chars().count() > NUMBER_CHARACTERS_MAX) {
            self.findings.push(Diagnostic::new(&rules::VALUE_TOO_LONG, row.at()));
            flaws.push("an item number has more than 80 characters".into());
        }
        flaws
    }
}

impl OrderValue {
    /// Whether a row says something, and not what the row before it said.
    fn is_news(&mut self, text: &str) -> bool {
        if text.is_empty() || self.last == text {
            return false;
        }
        self.last = text.into();
        true
    }
}

/// The code for a unit word, whatever its case; a word that no alias knows stays as it is.
fn code_for(word: &Text, settings: &OrderSettings) -> Text {
    if let Some(code) = settings.unit_aliases.get(word) {
        return code.clone();
    }
    let folded = word.to_lowercase();
    let alias = settings.unit_aliases.iter().find(|(alias, _)| alias.to_lowercase() == folded);
    alias.map_or_else(|| word.clone(), |(_, code)| code.clone())
}

/// Ship-to and requested date of a line that names none, where all lines that name one agree: partners often write
/// them on an order's first row alone. Where they disagree, an empty cell stays empty.
/// So it does where one date could not be read: `dates_read` is false.
fn fill_where_all_agree(lines: &mut [OrderLine], dates_read: bool) {
    let mut named = lines.iter().map(|line| &line.ship_to).filter(|ship_to| !ship_to.is_empty());
    let ship_to = named.next().filter(|first| named.all(|ship_to| ship_to == *first)).cloned();
    let mut dates = lines.iter().filter_map(|line| line.requested_date);
    let date = dates.next().filter(|first| dates_read && dates.all(|date| date == *first));
    for line in lines {
        if let Some(ship_to) = &ship_to {
            line.ship_to.clone_from(ship_to);
        }
        line.requested_date = date.or(line.requested_date);
    }
}
