//! The proof of an invoice's arithmetic, step by step, for whoever doubts a line: computed anew from what is billed.

use crate::domain::invoice::{Invoice, InvoiceLine};
use crate::domain::money::{n2, plain};
use crate::domain::order::Charge;
use crate::domain::{Decimal, Text};
use serde::{Serialize, Serializer};

/// Every step from quantities and prices to the total. Whatever rule a partner has for half a cent, no step may differ by a
/// whole one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proof {
    pub lines: Vec<LineStep>,
    /// The lines' amounts.
    #[serde(serialize_with = "decimal")]
    pub lines_total: Option<Decimal>,
    /// Allowances and charges of the lines and of the invoice, signed.
    pub charges: Vec<ChargeStep>,
    #[serde(serialize_with = "decimal")]
    pub charges_total: Option<Decimal>,
    #[serde(serialize_with = "decimal")]
    pub tax: Option<Decimal>,
    /// Lines with charges, allowances and tax.
    #[serde(serialize_with = "decimal")]
    pub sum: Option<Decimal>,
    /// What is billed.
    #[serde(serialize_with = "decimal")]
    pub total: Option<Decimal>,
    /// The total as TDS01 says it: in cents, without a point; empty where it has a part of a cent.
    pub tds01: Text,
    /// What is wrong, in words; empty where everything holds.
    pub wrong: Text,
}

/// Quantity × price ÷ divisor = exact, billed as amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LineStep {
    /// From 1 on the invoice.
    pub place: usize,
    #[serde(serialize_with = "decimal")]
    pub quantity: Option<Decimal>,
    #[serde(serialize_with = "decimal")]
    pub price: Option<Decimal>,
    #[serde(serialize_with = "decimal")]
    pub divisor: Option<Decimal>,
    /// None where it does not fit, or the price is for nothing.
    #[serde(serialize_with = "decimal")]
    pub exact: Option<Decimal>,
    #[serde(serialize_with = "decimal")]
    pub amount: Option<Decimal>,
    pub holds: bool,
}

/// One SAC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChargeStep {
    /// The line from 1; 0 of the invoice as a whole.
    pub place: usize,
    pub description: Text,
    /// Below zero for an allowance.
    #[serde(serialize_with = "decimal")]
    pub amount: Option<Decimal>,
}

#[expect(clippy::ref_option, reason = "serde's serialize_with passes a reference")]
fn decimal<S: Serializer>(value: &Option<Decimal>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => serializer.serialize_str(&plain(*value)),
        None => serializer.serialize_none(),
    }
}

/// Computes an invoice anew.
pub fn proof(invoice: &Invoice) -> Proof {
    let lines: Vec<LineStep> =
        (1..).zip(&invoice.lines).map(|(place, line)| line_step(place, line)).collect();
    let of_lines = (1..).zip(&invoice.lines).flat_map(|(place, line)| steps(place, &line.charges));
    let charges: Vec<ChargeStep> = of_lines.chain(steps(0, &invoice.charges)).collect();
    let lines_total = sum(invoice.lines.iter().map(|line| Some(line.amount)));
    let charges_total = sum(charges.iter().map(|charge| charge.amount));
    let total = sum([lines_total, charges_total, Some(invoice.tax.unwrap_or_default())].into_iter());
    let wrong = wrong(invoice, &lines, total);
    Proof {
        lines,
        lines_total,
        charges,
        charges_total,
        tax: invoice.tax,
        sum: total,
        total: Some(invoice.total),
        tds01: n2(invoice.total).unwrap_or_default().into(),
        wrong: wrong.into(),
    }
}

fn line_step(place: usize, line: &InvoiceLine) -> LineStep {
    let product = line.quantity.checked_mul(line.price);
    let exact = product.and_then(|product| product.checked_div(line.price_divisor));
    LineStep {
        place,
        quantity: Some(line.quantity),
        price: Some(line.price),
        divisor: Some(line.price_divisor),
        exact,
        amount: Some(line.amount),
        holds: within_a_cent(exact, line.amount),
    }
}

fn steps(place: usize, charges: &[Charge]) -> impl Iterator<Item = ChargeStep> + '_ {
    let signed = |charge: &Charge| match charge.indicator.as_str() {
        "A" => charge.amount.map(|amount| -amount),
        "C" => charge.amount,
        _ => None,
    };
    charges.iter().filter_map(move |charge| {
        let amount = signed(charge)?;
        let kind = if charge.indicator == "A" { "Allowance" } else { "Charge" };
        let description =
            if charge.description.is_empty() { kind.into() } else { charge.description.clone() };
        Some(ChargeStep { place, description, amount: Some(amount) })
    })
}

fn wrong(invoice: &Invoice, lines: &[LineStep], sum: Option<Decimal>) -> String {
    let mut wrong: Vec<String> = lines
        .iter()
        .filter(|line| !line.holds)
        .map(|line| format!("line {} is not quantity times price", line.place))
        .collect();
    if !within_a_cent(sum, invoice.total) {
        wrong.push("the total is not the sum of its parts".to_owned());
    }
    wrong.join("; ")
}

fn within_a_cent(exact: Option<Decimal>, billed: Decimal) -> bool {
    let difference = exact.and_then(|exact| exact.checked_sub(billed));
    difference.is_some_and(|difference| difference.abs() < Decimal::new(1, 2))
}

/// None where a part is, or where it does not fit.
fn sum(parts: impl Iterator<Item = Option<Decimal>>) -> Option<Decimal> {
    parts.into_iter().try_fold(Decimal::ZERO, |sum, part| sum.checked_add(part?))
}

/// An amount with two decimals, and more where it has more.
pub fn amount(value: Decimal) -> String {
    let normal = value.normalize();
    if normal.scale() > 2 { normal.to_string() } else { format!("{normal:.2}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn line(quantity: &str, price: &str, divisor: &str, amount: &str) -> InvoiceLine {
        InvoiceLine {
            quantity: d(quantity),
            price: d(price),
            price_divisor: d(divisor),
            amount: d(amount),
            ..InvoiceLine::default()
        }
    }

    fn charge(indicator: &str, amount: &str) -> Charge {
        Charge { indicator: indicator.into(), amount: Some(d(amount)), ..Charge::default() }
    }

    #[test]
    fn every_step_from_quantity_to_total_is_there() {
        let mut first = line("500", "2.005", "100", "10.03");
        first.charges = vec![charge("A", "0.53"), charge("N", "99")];
        let invoice = Invoice {
            lines: vec![first, line("3", "199", "1", "597.00")],
            charges: vec![Charge { description: "Freight".into(), ..charge("C", "15") }],
            tax: Some(d("47.76")),
            total: d("669.26"),
            ..Invoice::default()
        };
        let told = proof(&invoice);
        let json = serde_json::to_value(&told).unwrap();
        assert_eq!(json["lines"][0]["exact"], "10.025");
        assert_eq!(json["lines"][0]["amount"], "10.03");
        assert_eq!(json["lines_total"], "607.03");
        assert_eq!(json["charges"][0]["amount"], "-0.53");
        assert_eq!(json["charges"][1]["description"], "Freight");
        assert_eq!(
            (&json["charges_total"], &json["sum"], &json["total"]),
            (&"14.47".into(), &"669.26".into(), &"669.26".into())
        );
        assert_eq!((told.tds01.as_str(), told.wrong.as_str()), ("66926", ""));
    }

    #[test]
    fn a_step_that_is_a_cent_off_is_told() {
        for (quantity, price, divisor, amount, total, wrong) in [
            ("3", "1.005", "1", "3.02", "3.02", ""),
            // half to even, and lines that stay exact
            ("3", "1.005", "1", "3.01", "3.01", ""),
            ("3", "1.005", "1", "3.015", "3.02", ""),
            ("3", "1", "1", "3.01", "3.01", "line 1 is not quantity times price"),
            ("3", "1", "1", "3.00", "3.01", "the total is not the sum of its parts"),
            ("3", "1", "0", "3.00", "3.00", "line 1 is not quantity times price"),
        ] {
            let invoice = Invoice {
                lines: vec![line(quantity, price, divisor, amount)],
                total: d(total),
                ..Invoice::default()
            };
            assert_eq!(proof(&invoice).wrong, wrong, "{quantity} {price} {divisor} {amount} {total}");
        }
    }

    #[test]
    fn what_does_not_fit_is_wrong_and_no_panic() {
        let huge = Decimal::MAX;
        let line = InvoiceLine {
            quantity: huge,
            price: huge,
            price_divisor: huge,
            amount: huge,
            ..InvoiceLine::default()
        };
        let told = proof(&Invoice { lines: vec![line.clone(), line], total: huge, ..Invoice::default() });
        assert_eq!(told.lines[0].exact, None);
        assert_eq!(told.sum, None);
        assert!(told.wrong.contains("the total"), "{}", told.wrong);
    }

    #[test]
    fn an_amount_has_its_cents_and_what_is_smaller() {
        for (value, text) in
            [("3", "3.00"), ("3.1", "3.10"), ("3.015", "3.015"), ("-0.5", "-0.50"), ("3.0150", "3.015")]
        {
            assert_eq!(amount(d(value)), text);
        }
    }
}
