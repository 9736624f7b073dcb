//! The columns of the facts, each said once: the Parquet is written from these tables and docs/facts.md shows them.

use crate::domain::Date;
use crate::domain::fact::{InvoiceLineFact, OrderLineFact};

/// One column of a fact table.
#[derive(Debug)]
pub struct Column<R: 'static> {
    /// For ever: a column is added, never renamed or given another meaning.
    pub name: &'static str,
    /// What a value counts; empty for what is no quantity.
    pub unit: &'static str,
    pub meaning: &'static str,
    pub get: Get<R>,
}

/// How a column's value is read from a row, which is also its type.
#[derive(Debug)]
pub enum Get<R: 'static> {
    Date(fn(&R) -> Option<Date>),
    /// Never null; empty for what is not known.
    Text(fn(&R) -> &str),
    Integer(fn(&R) -> Option<i64>),
    Flag(fn(&R) -> bool),
}

impl<R> Get<R> {
    /// The Parquet type as docs/facts.md names it.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Date(_) => "DATE",
            Self::Text(_) => "STRING",
            Self::Integer(_) => "INT64",
            Self::Flag(_) => "BOOLEAN",
        }
    }
}

/// One row for each time an order line was resolved.
pub static ORDER_LINES: &[Column<OrderLineFact>] = &[
    Column {
        name: "date",
        unit: "",
        meaning: "The run's business date; the folder's name says it too",
        get: Get::Date(|row| Some(row.date)),
    },
    Column {
        name: "run_id",
        unit: "",
        meaning: "The run that resolved the line, `YYYYMMDD-NNN`",
        get: Get::Text(|row| &row.run_id),
    },
    Column {
        name: "order_id",
        unit: "",
        meaning: "Our number of the purchase order",
        get: Get::Text(|row| &row.order_id),
    },
    Column {
        name: "partner",
        unit: "",
        meaning: "The trading partner's id, as its profile has it",
        get: Get::Text(|row| &row.partner),
    },
    Column {
        name: "customer",
        unit: "",
        meaning: "The customer, as customers.csv has it",
        get: Get::Text(|row| &row.customer),
    },
    Column {
        name: "ship_to",
        unit: "",
        meaning: "The ship-to as received (N104 of N1*ST, the SDQ location, CSV `ship_to`)",
        get: Get::Text(|row| &row.ship_to),
    },
    Column {
        name: "po_number",
        unit: "",
        meaning: "The customer's purchase order number (BEG03)",
        get: Get::Text(|row| &row.po_number),
    },
    Column {
        name: "po_date",
        unit: "",
        meaning: "The order's date (BEG05); null where the order has none",
        get: Get::Date(|row| row.po_date),
    },
    Column {
        name: "line",
        unit: "",
        meaning: "Our running number of the line in the order, from 1",
        get: Get::Integer(|row| Some(i64::from(row.line))),
    },
    Column {
        name: "po_line_id",
        unit: "",
        meaning: "The customer's line id (PO101) as received",
        get: Get::Text(|row| &row.po_line_id),
    },
    Column {
        name: "customer_item",
        unit: "",
        meaning: "The customer item number that decided, or the line's first one where none did",
        get: Get::Text(|row| &row.customer_item),
    },
    Column {
        name: "customer_item_qualifier",
        unit: "",
        meaning: "The qualifier (element 235) of `customer_item`",
        get: Get::Text(|row| &row.customer_item_qualifier),
    },
    Column {
        name: "item",
        unit: "",
        meaning: "Our item after supersession; empty where none was found",
        get: Get::Text(|row| &row.item),
    },
    Column {
        name: "outcome",
        unit: "",
        meaning: "`mapped`, `ambiguous`, `unmapped`, `conflict` or `invalid`",
        get: Get::Text(|row| &row.outcome),
    },
    Column {
        name: "via",
        unit: "",
        meaning: "The step that found the item: `ship_to`, `customer`, `group`, `everyone`, `vendor`, `gtin` or `match_form`; empty where none did",
        get: Get::Text(|row| &row.via),
    },
    Column {
        name: "xref_id",
        unit: "",
        meaning: "The cross-reference row that decided; null where none did",
        get: Get::Integer(|row| row.xref_id),
    },
    Column {
        name: "state",
        unit: "",
        meaning: "Where the line ended up: `ordered`, `held`, `rejected`; `cancelled` by a change",
        get: Get::Text(|row| &row.state),
    },
    Column {
        name: "ordered_unit",
        unit: "",
        meaning: "The unit as ordered (PO103)",
        get: Get::Text(|row| &row.ordered_unit),
    },
    Column {
        name: "ordered_quantity_micro",
        unit: "millionths of `ordered_unit`",
        meaning: "The quantity as ordered (PO102); null where it could not be read",
        get: Get::Integer(|row| row.ordered_quantity_micro),
    },
    Column { name: "unit", unit: "", meaning: "The item's own unit", get: Get::Text(|row| &row.unit) },
    Column {
        name: "quantity_micro",
        unit: "millionths of `unit`",
        meaning: "The quantity in the item's own unit; null unless mapped",
        get: Get::Integer(|row| row.quantity_micro),
    },
    Column {
        name: "value_micro",
        unit: "millionths of `currency`",
        meaning: "Ordered quantity × unit price, the price basis divided out, rounded half up to the millionth; null where the order gives no price",
        get: Get::Integer(|row| row.value_micro),
    },
    Column {
        name: "currency",
        unit: "",
        meaning: "ISO 4217: the order's currency or the company's",
        get: Get::Text(|row| &row.currency),
    },
    Column {
        name: "superseded",
        unit: "",
        meaning: "The item that was named before its successor took its place; empty if none did",
        get: Get::Text(|row| &row.superseded),
    },
    Column {
        name: "converted",
        unit: "",
        meaning: "Whether the ordered unit was converted into the item's",
        get: Get::Flag(|row| row.converted),
    },
    Column {
        name: "again",
        unit: "",
        meaning: "False in the run that took the order; true for a later look at a line: a release of what was held, or a change that was applied",
        get: Get::Flag(|row| row.again),
    },
];

/// One row for each line that was billed.
pub static INVOICE_LINES: &[Column<InvoiceLineFact>] = &[
    Column {
        name: "date",
        unit: "",
        meaning: "The run's business date; the folder's name says it too",
        get: Get::Date(|row| Some(row.date)),
    },
    Column {
        name: "run_id",
        unit: "",
        meaning: "The run that billed the line, `YYYYMMDD-NNN`",
        get: Get::Text(|row| &row.run_id),
    },
    Column {
        name: "invoice_number",
        unit: "",
        meaning: "The invoice's number (BIG02)",
        get: Get::Text(|row| &row.invoice_number),
    },
    Column {
        name: "kind",
        unit: "",
        meaning: "`DI` debit or `CR` credit (BIG07); amounts are positive in both",
        get: Get::Text(|row| &row.kind),
    },
    Column {
        name: "invoice_date",
        unit: "",
        meaning: "The invoice's date (BIG01); null where it has none",
        get: Get::Date(|row| row.invoice_date),
    },
    Column {
        name: "partner",
        unit: "",
        meaning: "The trading partner's id, as its profile has it",
        get: Get::Text(|row| &row.partner),
    },
    Column {
        name: "customer",
        unit: "",
        meaning: "The customer, as customers.csv has it",
        get: Get::Text(|row| &row.customer),
    },
    Column {
        name: "po_number",
        unit: "",
        meaning: "The customer's purchase order number; empty where no order is known",
        get: Get::Text(|row| &row.po_number),
    },
    Column {
        name: "line",
        unit: "",
        meaning: "The order line's running number; 0 where no order is known",
        get: Get::Integer(|row| Some(i64::from(row.line))),
    },
    Column {
        name: "po_line_id",
        unit: "",
        meaning: "The customer's line id (PO101) as received",
        get: Get::Text(|row| &row.po_line_id),
    },
    Column { name: "item", unit: "", meaning: "Our item", get: Get::Text(|row| &row.item) },
    Column {
        name: "customer_item",
        unit: "",
        meaning: "The customer item number on the invoice line",
        get: Get::Text(|row| &row.customer_item),
    },
    Column {
        name: "customer_item_qualifier",
        unit: "",
        meaning: "The qualifier (element 235) of `customer_item`",
        get: Get::Text(|row| &row.customer_item_qualifier),
    },
    Column { name: "unit", unit: "", meaning: "The item's own unit", get: Get::Text(|row| &row.unit) },
    Column {
        name: "quantity_micro",
        unit: "millionths of `unit`",
        meaning: "The billed quantity (IT102) in the item's own unit",
        get: Get::Integer(|row| Some(row.quantity_micro)),
    },
    Column {
        name: "amount_micro",
        unit: "millionths of `currency`",
        meaning: "The line's amount: quantity × price, rounded half up to the cent",
        get: Get::Integer(|row| Some(row.amount_micro)),
    },
    Column { name: "currency", unit: "", meaning: "ISO 4217", get: Get::Text(|row| &row.currency) },
    Column {
        name: "order_id",
        unit: "",
        meaning: "Our number of the purchase order; empty where no order is known",
        get: Get::Text(|row| &row.order_id),
    },
];

/// The columns as a Markdown table, for docs/facts.md.
pub fn markdown<R>(columns: &[Column<R>]) -> String {
    let mut out = String::from("| column | type | unit | meaning |\n|---|---|---|---|\n");
    for Column { name, unit, meaning, get } in columns {
        out.push_str(&format!("| `{name}` | {} | {unit} | {meaning} |\n", get.type_name()));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_shows_every_column() {
        let docs = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/facts.md")).unwrap();
        for table in [markdown(ORDER_LINES), markdown(INVOICE_LINES)] {
            assert!(docs.contains(&table), "docs/facts.md needs this table:\n{table}");
        }
    }

    #[test]
    fn quantities_and_amounts_say_their_unit() {
        let order = ORDER_LINES.iter().map(|column| (column.name, column.unit));
        let invoice = INVOICE_LINES.iter().map(|column| (column.name, column.unit));
        for (name, unit) in order.chain(invoice) {
            assert_eq!(name.ends_with("_micro"), unit.starts_with("millionths of "), "{name}");
        }
    }
}
