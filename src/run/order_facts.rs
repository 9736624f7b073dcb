//! Facts of a decided order: one row a line.

use crate::documents::internal_order::customer_item;
use crate::domain::fact::OrderLineFact;
use crate::domain::order::OrderLine;
use crate::domain::partner::OrderSettings;
use crate::domain::resolution::{DecidedLine, DecidedOrder, Via};
use crate::domain::unit::Fraction;
use crate::domain::{Date, Text, money};

pub(crate) fn rows<'o>(
    order: &'o DecidedOrder,
    settings: &'o OrderSettings,
    order_id: &'o Text,
    date: Date,
    run_id: &'o Text,
    again: bool,
) -> impl Iterator<Item = OrderLineFact> + 'o {
    order.order.lines.iter().zip(&order.lines).map(move |(line, decided)| OrderLineFact {
        date,
        run_id: run_id.clone(),
        order_id: order_id.clone(),
        partner: order.partner.clone(),
        customer: order.customer.clone(),
        po_number: order.order.po_number.clone(),
        po_date: order.order.po_date,
        currency: order.currency.clone(),
        again,
        ..row(line, decided, settings)
    })
}

fn row(line: &OrderLine, decided: &DecidedLine, settings: &OrderSettings) -> OrderLineFact {
    let resolution = &decided.resolution;
    let number =
        customer_item(line, resolution, settings).or(line.numbers.first()).cloned().unwrap_or_default();
    let value =
        line.quantity.zip(decided.unit_price).and_then(|(quantity, price)| quantity.checked_mul(price));
    OrderLineFact {
        ship_to: line.ship_to.clone(),
        line: line.line,
        po_line_id: line.po_line_id.clone(),
        customer_item: number.value,
        customer_item_qualifier: number.qualifier,
        item: resolution.item.clone(),
        outcome: resolution.outcome.as_str().into(),
        via: resolution.via.map(Via::as_str).unwrap_or_default().into(),
        xref_id: resolution.xref_id,
        state: decided.state.as_str().into(),
        ordered_unit: line.unit.clone(),
        ordered_quantity_micro: line.quantity.and_then(money::to_micros_rounded),
        unit: resolution.unit.clone(),
        quantity_micro: resolution.quantity.and_then(money::to_micros_rounded),
        value_micro: value.and_then(money::to_micros_rounded),
        superseded: resolution.superseded.clone(),
        converted: resolution.factor.is_some_and(|factor| factor != Fraction::ONE),
        ..OrderLineFact::default()
    }
}
