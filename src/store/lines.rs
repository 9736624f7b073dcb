//! A purchase order as the store keeps it: its lines as one JSON array of arrays, its header as one JSON object.
//!
//! The columns of a line, from 0, are
//!  0 `line`, 1 `po_line_id`, 2 `item`, 3 `outcome`, 4 `state`, 5 `via`, 6 the ordered quantity, 7 the ordered unit,
//!  8 the quantity in the item's unit, 9 the item's unit, 10 the price of one ordered unit, 11 the customer item number that
//!  decided, 12 its qualifier, 13 `xref_id`, 14 `ship_to`, 15 `requested_date`, 16 `price` as received, 17 `price_basis`,
//!  18 `numbers`, 19 `description`, 20 `segment`, 21 `offset`, 22 `candidates`, 23 `factor`, 24 the quantity as received
//!  (null: as column 6), 25 the unit as received (null: as column 7), 26 `notes`, 27 the item before supersession, 28 `reason`,
//!  29 `pack`, 30 `charges`, 31 `sublines`, 32 `flaws`, 33 `references`,
//!  34 `split_from`, 35 `taxes`.
//! Empty columns at the end are left out. The nested parts are arrays too, in the order that `packed::columns` lists.
//! Columns 0 to 15 are those of the SQL view `order_line`. A new column goes to the end.

use super::OrderRow;
use super::packed::{Column, Packed, Row, next, says_nothing};
use crate::domain::order::{ItemNumber, OrderLine, PurchaseOrder};
use crate::domain::resolution::{DecidedLine, DecidedOrder, Resolution};
use crate::domain::{Decimal, Text};
use anyhow::{Context, Result, ensure};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The lines of an order and what became of each, as one JSON text.
pub fn encode(lines: &[OrderLine], decided: &[DecidedLine]) -> Result<String> {
    ensure!(
        lines.len() == decided.len(),
        "{} lines and {} decisions do not make an order",
        lines.len(),
        decided.len()
    );
    let mut out = Vec::with_capacity(2 + lines.len() * 256);
    out.push(b'[');
    for (index, (line, decided)) in lines.iter().zip(decided).enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write_line(line, decided, &mut out).with_context(|| format!("write line {} as JSON", line.line))?;
    }
    out.push(b']');
    String::from_utf8(out).context("JSON is UTF-8")
}

/// What [`encode`] was given.
pub fn decode(text: &str) -> Result<(Vec<OrderLine>, Vec<DecidedLine>)> {
    let both: Vec<Both> = serde_json::from_str(text).context("read the lines of a stored order")?;
    Ok(both.into_iter().map(|both| (both.line, both.decided)).unzip())
}

/// The order without its lines as one JSON object; what the document did not say is left out.
pub fn encode_header(order: &PurchaseOrder) -> Result<String> {
    let mut out = Vec::with_capacity(512);
    write_header(order, &mut out).context("write the header of an order as JSON")?;
    String::from_utf8(out).context("JSON is UTF-8")
}

/// What [`encode_header`] was given, without lines.
pub fn decode_header(text: &str) -> Result<PurchaseOrder> {
    let header: Header = serde_json::from_str(text).context("read the header of a stored order")?;
    Ok(header.0)
}

/// The whole order. The cross-reference was asked on the order's date, and on the day it came if it had none.
pub fn order_from_row(row: &OrderRow) -> Result<DecidedOrder> {
    let (mut order, (lines, decided)) = decode_header(&row.header)
        .and_then(|header| Ok((header, decode(&row.lines)?)))
        .with_context(|| format!("order {}", row.order_id))?;
    order.lines = lines;
    Ok(DecidedOrder {
        partner: row.partner.clone(),
        customer: row.customer.clone(),
        order,
        lines: decided,
        as_of: row.po_date.or(Some(row.received)),
        currency: row.currency.clone(),
    })
}

fn write_line(line: &OrderLine, decided: &DecidedLine, out: &mut Vec<u8>) -> serde_json::Result<()> {
    let resolution = &decided.resolution;
    let mut row = Row::open(out);
    row.put(&line.line)?;
    row.put(&line.po_line_id)?;
    row.put(&resolution.item)?;
    row.put(&resolution.outcome)?;
    row.put(&decided.state)?;
    row.put(&resolution.via)?;
    row.put(&line.quantity)?;
    row.put(&line.unit)?;
    row.put(&resolution.quantity)?;
    row.put(&resolution.unit)?;
    row.put(&decided.unit_price)?;
    row.put(&resolution.matched.value)?;
    row.put(&resolution.matched.qualifier)?;
    row.put(&resolution.xref_id)?;
    row.put(&line.ship_to)?;
    row.put(&line.requested_date)?;
    row.put(&line.price)?;
    row.put(&line.price_basis)?;
    row.put(&line.numbers)?;
    row.put(&line.description)?;
    row.put(&line.segment)?;
    row.put(&line.offset)?;
    row.put(&resolution.candidates)?;
    row.put(&resolution.factor)?;
    row.put_even_empty(&unless_same(&line.quantity_text, &quantity_text(line.quantity)))?;
    row.put_even_empty(&unless_same(&line.unit_text, &line.unit))?;
    row.put(&resolution.notes)?;
    row.put(&resolution.superseded)?;
    row.put(&resolution.reason)?;
    row.put(&line.pack)?;
    row.put(&line.charges)?;
    row.put(&line.sublines)?;
    row.put(&line.flaws)?;
    row.put(&line.references)?;
    row.put(&line.split_from)?;
    row.put(&line.taxes)?;
    row.close();
    Ok(())
}

fn unless_same(text: &Text, other: &Text) -> Option<Text> {
    (text != other).then(|| text.clone())
}

/// The usual text of a quantity as received.
fn quantity_text(quantity: Option<Decimal>) -> Text {
    use std::fmt::Write;
    let mut text = Text::default();
    if let Some(quantity) = quantity {
        // writing to a text cannot fail
        let _ = write!(text, "{quantity}");
    }
    text
}

/// A line with its decision, as one array has them.
#[derive(Debug, Default)]
struct Both {
    line: OrderLine,
    decided: DecidedLine,
}

impl<'de> Deserialize<'de> for Both {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_seq(LineColumns)
    }
}

struct LineColumns;

impl<'de> Visitor<'de> for LineColumns {
    type Value = Both;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the columns of an order line")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut row: A) -> Result<Both, A::Error> {
        let mut line = OrderLine { line: next(&mut row, "line")?, ..OrderLine::default() };
        line.po_line_id = next(&mut row, "po_line_id")?;
        let mut resolution = Resolution { item: next(&mut row, "item")?, ..Resolution::default() };
        resolution.outcome = next(&mut row, "outcome")?;
        let state = next(&mut row, "state")?;
        resolution.via = next(&mut row, "via")?;
        line.quantity = next(&mut row, "ordered quantity")?;
        line.unit = next(&mut row, "ordered unit")?;
        resolution.quantity = next(&mut row, "quantity")?;
        resolution.unit = next(&mut row, "unit")?;
        let unit_price = next(&mut row, "unit price")?;
        let value = next(&mut row, "customer item number")?;
        resolution.matched = ItemNumber { qualifier: next(&mut row, "qualifier")?, value };
        resolution.xref_id = next(&mut row, "xref_id")?;
        line.ship_to = next(&mut row, "ship_to")?;
        line.requested_date = next(&mut row, "requested_date")?;
        line.price = next(&mut row, "price")?;
        line.price_basis = next(&mut row, "price_basis")?;
        line.numbers = next(&mut row, "numbers")?;
        line.description = next(&mut row, "description")?;
        line.segment = next(&mut row, "segment")?;
        line.offset = next(&mut row, "offset")?;
        resolution.candidates = next(&mut row, "candidates")?;
        resolution.factor = next(&mut row, "factor")?;
        let quantity_received: Option<Text> = next(&mut row, "quantity as received")?;
        line.quantity_text = quantity_received.unwrap_or_else(|| quantity_text(line.quantity));
        let unit_received: Option<Text> = next(&mut row, "unit as received")?;
        line.unit_text = unit_received.unwrap_or_else(|| line.unit.clone());
        resolution.notes = next(&mut row, "notes")?;
        resolution.superseded = next(&mut row, "superseded")?;
        resolution.reason = next(&mut row, "reason")?;
        line.pack = next(&mut row, "pack")?;
        line.charges = next(&mut row, "charges")?;
        line.sublines = next(&mut row, "sublines")?;
        line.flaws = next(&mut row, "flaws")?;
        line.references = next(&mut row, "references")?;
        line.split_from = next(&mut row, "split_from")?;
        line.taxes = next(&mut row, "taxes")?;
        Ok(Both { line, decided: DecidedLine { resolution, state, unit_price } })
    }
}

/// An order of which only the header is written and read.
#[derive(Debug, Default)]
struct Header(PurchaseOrder);

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(HeaderFields)
    }
}

struct HeaderFields;

/// Writes `"name":value` unless the value is empty.
fn put_field<T: Packed>(out: &mut Vec<u8>, name: &str, value: &T) -> serde_json::Result<()> {
    let before = out.len();
    if before > 1 {
        out.push(b',');
    }
    out.extend_from_slice(b"\"");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
    let at = out.len();
    value.write(out)?;
    if says_nothing(out.get(at..).unwrap_or_default()) {
        out.truncate(before);
    }
    Ok(())
}

/// One list of the header's fields for both directions.
macro_rules! header_fields {
    ($($field:ident)+) => {
        fn write_header(order: &PurchaseOrder, out: &mut Vec<u8>) -> serde_json::Result<()> {
            out.push(b'{');
            $( put_field(out, stringify!($field), &order.$field)?; )+
            out.push(b'}');
            Ok(())
        }

        impl<'de> Visitor<'de> for HeaderFields {
            type Value = Header;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("the header of an order")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Header, A::Error> {
                let mut order = PurchaseOrder::default();
                while let Some(name) = fields.next_key::<Text>()? {
                    match name.as_str() {
                        $( stringify!($field) => order.$field = fields.next_value::<Column<_>>()?.0, )+
                        _ => { fields.next_value::<IgnoredAny>()?; }
                    }
                }
                Ok(Header(order))
            }
        }
    };
}

header_fields! {
    purpose order_type po_number release po_date contract currency customer references contacts fob charges taxes terms dates
    routing notes parties stated_line_count stated_hash_total stated_amount received_lines
    from_csv
}

#[cfg(test)]
mod tests;
