//! What the lines of a document ask for in sum: the two figures that a run proves beside the number of its lines.

use crate::documents::internal_order::InternalOrderRow;
use crate::domain::order::PurchaseOrder;
use crate::domain::partner::OrderSettings;
use crate::domain::resolution::{DecidedOrder, LineState};
use crate::domain::{Decimal, money};
use crate::pipeline::decide::unit_price;

/// Sums in whole millionths, each line as the facts have it (rounded half up to the millionth): they are exact whatever is
/// added. What cannot be read, or does not fit, is part of no sum.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Amounts {
    /// Quantities as ordered (PO102), whatever the unit: a hash total, as CTT02 is one.
    pub quantity: i128,
    /// Quantity times price (PO104, its basis divided out), in the order's currency.
    pub value: i128,
}

impl Amounts {
    /// Of a document as it was read, before anything is decided about it.
    pub fn read(order: &PurchaseOrder, settings: &OrderSettings) -> Self {
        order
            .lines
            .iter()
            .fold(Self::default(), |sum, line| sum.and(line.quantity, unit_price(settings, line)))
    }

    /// Of the lines of an order that are in this state; None: of all.
    pub fn decided(order: &DecidedOrder, state: Option<LineState>) -> Self {
        let lines = order.order.lines.iter().zip(&order.lines);
        let wanted = lines.filter(|(_, decided)| state.is_none_or(|state| decided.state == state));
        wanted.fold(Self::default(), |sum, (line, decided)| sum.and(line.quantity, decided.unit_price))
    }

    /// Of rows as they are written for the ERP.
    pub fn written(rows: &[InternalOrderRow]) -> Self {
        rows.iter().fold(Self::default(), |sum, row| sum.and(row.ordered_quantity, row.unit_price))
    }

    fn and(self, quantity: Option<Decimal>, price: Option<Decimal>) -> Self {
        let micros = |value: Option<Decimal>| value.and_then(money::to_micros_rounded).map_or(0, i128::from);
        let value = quantity.zip(price).and_then(|(quantity, price)| quantity.checked_mul(price));
        Self { quantity: self.quantity + micros(quantity), value: self.value + micros(value) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::order::OrderLine;

    fn line(quantity: &str, price: &str, basis: &str) -> OrderLine {
        OrderLine {
            quantity: quantity.parse().ok(),
            price: price.parse().ok(),
            price_basis: basis.into(),
            ..OrderLine::default()
        }
    }

    #[test]
    fn sums_are_exact_and_leave_out_what_cannot_be_read() {
        for (lines, quantity, value) in [
            (vec![line("2", "1.5", ""), line("0.5", "3", "")], 2_500_000, 4_500_000),
            (vec![line("200", "5", "HP")], 200_000_000, 10_000_000),
            (vec![line("two", "5", ""), line("1", "", "")], 1_000_000, 0),
            // a third: each line is rounded once, and the sum is not
            (vec![line("1", "1", "PD"); 3], 3_000_000, 249_999),
            // beyond 64 bits one by one, and together
            (vec![line("9000000000000", "1000000", "")], 9_000_000_000_000_000_000, 0),
            (vec![line("9000000000000", "1", ""); 3], 27_000_000_000_000_000_000, 27_000_000_000_000_000_000),
        ] {
            let order = PurchaseOrder { lines, ..PurchaseOrder::default() };
            let read = Amounts::read(&order, &OrderSettings::default());
            assert_eq!((read.quantity, read.value), (quantity, value), "{:?}", order.lines);
        }
    }
}
