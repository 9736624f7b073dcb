//! Allowances, charges and taxes of an order, as far as an invoice of some of its lines bills them.
//!
//! SAC05 wins over percent and rate. An amount for the whole order is shared out over its lines by what they come to, in
//! whole cents and so that the shares of all lines are the amount exactly: whatever lines go on which invoice, nothing is
//! billed twice and nothing is lost.

use crate::domain::diagnostic::{Diagnostic, Location, Rule};
use crate::domain::invoice::{Invoice, InvoiceLine, PostedInvoice, Rounding};
use crate::domain::money::price_divisor;
use crate::domain::order::{Charge, OrderLine, PurchaseOrder, Tax};
use crate::domain::rules::business::{DOCUMENT_SAYS_LESS, INVOICE_UNSENDABLE};
use crate::domain::{Decimal, Text};
use crate::pipeline::bill::is_amount;
use std::collections::{BTreeMap, BTreeSet};

/// SAC12 of what stands on an invoice: nothing said, off invoice, paid by the customer, off the gross quantity invoiced,
/// calculated and added. The others are settled in another way, such as by bill-back.
const ON_INVOICE: [&str; 5] = ["", "02", "06", "08", "CA"];

/// What a percentage is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Base {
    /// The lines as they are priced.
    Gross,
    /// What an item costs after the allowances and charges of its own line.
    ItemNet,
    /// What the allowances and charges before it left.
    Left,
}

/// SAC06, element 378. A late payment (9), what is past due in a month (8), fuel (A) and an hour's work (H) are no part of an
/// invoice: a percentage of them cannot be reckoned. What the two agreed on (Z), and nothing said, is of the gross.
const BASES: [(&str, Base); 13] = [
    ("", Base::Gross),
    // gross
    ("0", Base::Gross),
    // item list cost
    ("1", Base::Gross),
    // item net cost
    ("2", Base::ItemNet),
    // discount, gross
    ("3", Base::Gross),
    // discount, net
    ("4", Base::Left),
    // base price per unit
    ("5", Base::Gross),
    // base price amount
    ("6", Base::Gross),
    // base price amount less previous discount
    ("7", Base::Left),
    // item total amount, item unit price, order total amount: of later versions
    ("B", Base::Gross),
    ("C", Base::Gross),
    ("D", Base::Gross),
    ("Z", Base::Gross),
];

/// Taxes at the header of an invoice in 004010.
const TAXES_MAX: usize = 10;

/// TXI01 of all taxes together.
const ALL_TAXES: &str = "TX";

/// The SAC of an order line, billed with the line; `amount` is the line's.
pub(super) fn of_line(
    line: &OrderLine,
    amount: Decimal,
    rounding: Rounding,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Charge> {
    let quantity = line.quantity.unwrap_or_default();
    let mut reckoned = Reckoned::new(amount, quantity, rounding).of_line();
    for charge in &line.charges {
        reckoned.add(charge, None, diagnostics);
    }
    reckoned.charges
}

/// The SAC that the ERP posted: those of the lines, which stand there as posted, get their amounts, those of the invoice are
/// put beside freight and allowance.
pub(super) fn of_posted(
    posted: &PostedInvoice,
    invoice: &mut Invoice,
    rounding: Rounding,
    diagnostics: &mut Vec<Diagnostic>,
) {
    for line in invoice.lines.iter_mut().filter(|line| !line.charges.is_empty()) {
        let mut reckoned = Reckoned::new(line.amount, line.quantity, rounding).of_line().posted();
        line.charges.iter().for_each(|charge| reckoned.add(charge, None, diagnostics));
        line.charges = reckoned.charges;
    }
    let quantity = quantity(&invoice.lines);
    let mut reckoned = Reckoned::new(invoice.goods(), quantity, rounding).posted();
    posted.charges.iter().for_each(|charge| reckoned.add(charge, None, diagnostics));
    invoice.charges.extend(reckoned.charges);
}

/// SAC and TXI of the header, put on an invoice whose lines are there; the taxes of its lines stand at the header too.
pub(super) fn of_header(
    order: &PurchaseOrder,
    invoice: &mut Invoice,
    rounding: Rounding,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let billed: BTreeSet<u32> = invoice.lines.iter().map(|line| line.line).collect();
    let shares = Shares::new(order, &billed);
    let quantity = quantity(&invoice.lines);
    let mut reckoned = Reckoned::new(invoice.goods(), quantity, rounding);
    for charge in &order.charges {
        reckoned.add(charge, Some(&shares), diagnostics);
    }
    let taxable = reckoned.base;
    invoice.charges = reckoned.charges;
    invoice.taxes = taxes(order, &invoice.lines, &shares, (taxable, rounding), diagnostics);
    let due: Vec<Decimal> = invoice.taxes.iter().filter_map(|tax| tax.amount).collect();
    invoice.tax = (!due.is_empty()).then(|| due.into_iter().fold(Decimal::ZERO, Decimal::saturating_add));
}

/// Charges one after the other, and what they leave.
struct Reckoned {
    gross: Decimal,
    /// Gross with the charges and allowances so far.
    base: Decimal,
    quantity: Decimal,
    rounding: Rounding,
    charges: Vec<Charge>,
    /// They are those of one line; else gross is what the lines come to with theirs.
    one_line: bool,
    /// What is said of a charge whose amount cannot be billed.
    lost: &'static Rule,
}

impl Reckoned {
    fn new(gross: Decimal, quantity: Decimal, rounding: Rounding) -> Self {
        let (base, charges) = (gross, Vec::new());
        Self { gross, base, quantity, rounding, charges, one_line: false, lost: &DOCUMENT_SAYS_LESS }
    }

    fn of_line(self) -> Self {
        Self { one_line: true, ..self }
    }

    /// What the ERP posted is billed whole or not at all: its books have the charge.
    fn posted(self) -> Self {
        Self { lost: &INVOICE_UNSENDABLE, ..self }
    }

    /// `shares`: the charge is one of the whole order, of which these lines bear their part.
    fn add(&mut self, charge: &Charge, shares: Option<&Shares>, diagnostics: &mut Vec<Diagnostic>) {
        let sign = match charge.indicator.as_str() {
            "A" => Decimal::NEGATIVE_ONE,
            "C" => Decimal::ONE,
            // neither an allowance nor a charge: nothing to bill
            _ => return,
        };
        if !ON_INVOICE.contains(&charge.handling.as_str()) {
            let detail = format!("SAC12 {}: it is settled beside the invoice", charge.handling);
            return diagnostics.push(not_billed(&DOCUMENT_SAYS_LESS, "SAC", &charge.code, &detail));
        }
        let Some((amount, whole)) = self.amount(charge) else {
            let detail = "it has no amount, percentage or rate that can be reckoned";
            return diagnostics.push(not_billed(self.lost, "SAC", &charge.code, detail));
        };
        let amount = match shares.filter(|_| whole) {
            Some(shares) => shares.of(amount),
            None => Some(amount),
        };
        let Some(amount) = amount.filter(|amount| is_amount(*amount)) else {
            let detail = "its amount is not in whole cents, or too large";
            return diagnostics.push(not_billed(self.lost, "SAC", &charge.code, detail));
        };
        if amount.is_zero() {
            return;
        }
        self.base = self.base.saturating_add(amount.saturating_mul(sign));
        self.charges.push(Charge { amount: Some(amount), ..charge.clone() });
    }

    /// The amount, and whether it is for the whole order however many of its lines are billed.
    fn amount(&self, charge: &Charge) -> Option<(Decimal, bool)> {
        if let Some(amount) = charge.amount {
            return Some((amount, true));
        }
        if let Some(percent) = charge.percent {
            let (_, base) = BASES.iter().find(|(code, _)| *code == charge.percent_basis)?;
            let of = match base {
                Base::Left => self.base,
                Base::ItemNet if self.one_line => self.base,
                Base::ItemNet | Base::Gross => self.gross,
            };
            let exact = of.checked_mul(percent)?.checked_div(Decimal::ONE_HUNDRED)?;
            return Some((self.rounding.cents(exact), false));
        }
        let exact = charge.rate?.checked_mul(charge.quantity.unwrap_or(self.quantity))?;
        Some((self.rounding.cents(exact), charge.quantity.is_some()))
    }
}

/// Of all lines; what does not fit stays the largest number, and no rate of it is an amount.
fn quantity(lines: &[InvoiceLine]) -> Decimal {
    lines.iter().fold(Decimal::ZERO, |sum, line| sum.saturating_add(line.quantity))
}

/// What part of an amount for the whole order falls on the billed lines.
struct Shares {
    /// For each line of the order what it comes to, and whether it is billed.
    lines: Vec<(Decimal, bool)>,
    total: Decimal,
}

impl Shares {
    fn new(order: &PurchaseOrder, billed: &BTreeSet<u32>) -> Self {
        let lines: Vec<(Decimal, bool)> =
            order.lines.iter().map(|line| (worth(line), billed.contains(&line.line))).collect();
        let total = lines.iter().fold(Decimal::ZERO, |sum, (worth, _)| sum.saturating_add(*worth));
        if total.is_zero() {
            // nothing to go by: all lines alike
            let lines: Vec<_> = lines.into_iter().map(|(_, billed)| (Decimal::ONE, billed)).collect();
            let total = Decimal::from(lines.len());
            return Self { lines, total };
        }
        Self { lines, total }
    }

    /// In whole cents; the shares of all lines come to the amount. None where the arithmetic does not fit.
    fn of(&self, amount: Decimal) -> Option<Decimal> {
        let (mut so_far, mut given, mut mine) = (Decimal::ZERO, Decimal::ZERO, Decimal::ZERO);
        for (worth, billed) in &self.lines {
            so_far = so_far.checked_add(*worth)?;
            let due = if so_far == self.total {
                amount
            } else {
                Rounding::HalfUp.cents(amount.checked_mul(so_far)?.checked_div(self.total)?)
            };
            if *billed {
                mine = mine.checked_add(due.checked_sub(given)?)?;
            }
            given = due;
        }
        Some(mine)
    }
}

/// Quantity × price of an ordered line; 0 where it has none.
fn worth(line: &OrderLine) -> Decimal {
    let amount = || {
        let divisor = price_divisor(&line.price_basis, &line.unit)?;
        line.quantity?.checked_mul(line.price?)?.checked_div(divisor)
    };
    amount().filter(|worth| *worth > Decimal::ZERO).unwrap_or_default()
}

/// TXI by kind and jurisdiction: an amount as the order has it, a percentage of what is taxed.
fn taxes(
    order: &PurchaseOrder,
    lines: &[InvoiceLine],
    shares: &Shares,
    (taxable, rounding): (Decimal, Rounding),
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Tax> {
    let mut sums: BTreeMap<[Text; 4], Tax> = BTreeMap::new();
    let mut add = |tax: &Tax, base: Decimal, shares: Option<&Shares>| {
        let amount = match (tax.amount, tax.percent.map(fraction)) {
            (Some(amount), _) => shares.map_or(Some(amount), |shares| shares.of(amount)).map(Some),
            (None, Some(fraction)) => base.checked_mul(fraction).map(|due| Some(rounding.cents(due))),
            (None, None) => Some(None),
        };
        match amount {
            Some(due) if due.is_none_or(is_amount) => {
                let Tax { kind, jurisdiction_qualifier, jurisdiction, exempt, .. } = tax.clone();
                let sum = sums.entry([kind, jurisdiction_qualifier, jurisdiction, exempt]);
                let sum = sum.or_insert_with(|| Tax { amount: None, ..tax.clone() });
                if sum.percent != tax.percent {
                    sum.percent = None;
                }
                sum.amount =
                    due.map_or(sum.amount, |due| Some(sum.amount.unwrap_or_default().saturating_add(due)));
            }
            _ => diagnostics.push(not_billed(
                &DOCUMENT_SAYS_LESS,
                "TXI",
                &tax.kind,
                "its amount is not in whole cents, or too large",
            )),
        }
    };
    for tax in &order.taxes {
        add(tax, taxable, Some(shares));
    }
    for line in &order.lines {
        let Some(billed) = lines.iter().find(|billed| billed.line == line.line && !line.taxes.is_empty())
        else {
            continue;
        };
        let of_line = Invoice { lines: vec![billed.clone()], ..Invoice::default() }.goods();
        line.taxes.iter().for_each(|tax| add(tax, of_line, None));
    }
    let taxes: Vec<Tax> = sums.into_values().collect();
    if taxes.len() <= TAXES_MAX {
        return taxes;
    }
    let amount = taxes.iter().filter_map(|tax| tax.amount).fold(Decimal::ZERO, Decimal::saturating_add);
    vec![Tax { kind: ALL_TAXES.into(), amount: Some(amount), ..Tax::default() }]
}

/// TXI03 is a fraction of one; what is above one is a percentage, as many write it: no tax is as high as the goods.
fn fraction(percent: Decimal) -> Decimal {
    if percent > Decimal::ONE { percent / Decimal::ONE_HUNDRED } else { percent }
}

fn not_billed(rule: &'static Rule, segment_id: &str, code: &str, why: &str) -> Diagnostic {
    let at = Location { segment_id: segment_id.into(), ..Location::default() };
    Diagnostic::new(rule, at).found(code).detail(format!("not billed: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::n2;
    use proptest::prelude::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::from_str_exact(text).unwrap()
    }

    fn charge(indicator: &str, amount: &str, percent: (&str, &str), rate: (&str, &str)) -> Charge {
        let number = |text: &str| (!text.is_empty()).then(|| decimal(text));
        Charge {
            indicator: indicator.into(),
            code: "C310".into(),
            amount: number(amount),
            percent_basis: percent.0.into(),
            percent: number(percent.1),
            rate: number(rate.0),
            quantity: number(rate.1),
            ..Charge::default()
        }
    }

    #[test]
    fn the_amount_wins_over_percent_and_percent_over_rate() {
        // a base of 200.00 and 3 units
        for (charges, expected) in [
            (vec![charge("A", "1.23", ("3", "50"), ("9", "9"))], "A 1.23"),
            (vec![charge("A", "", ("3", "2.5"), ("9", "9"))], "A 5.00"),
            (vec![charge("C", "", ("", ""), ("0.335", ""))], "C 1.01"),
            (vec![charge("C", "", ("", ""), ("0.335", "2"))], "C 0.67"),
            // from the gross, and from what the first allowance left
            (
                vec![charge("A", "", ("3", "10"), ("", "")), charge("A", "", ("3", "10"), ("", ""))],
                "A 20.00, A 20.00",
            ),
            (
                vec![charge("A", "", ("3", "10"), ("", "")), charge("A", "", ("7", "10"), ("", ""))],
                "A 20.00, A 18.00",
            ),
            (vec![charge("N", "5", ("", ""), ("", ""))], ""),
            (vec![charge("A", "", ("", ""), ("", ""))], "E420"),
            (vec![Charge { handling: "01".into(), ..charge("A", "5", ("", ""), ("", "")) }], "E420"),
            (vec![charge("A", "0.005", ("", ""), ("", ""))], "E420"),
        ] {
            let mut told = Vec::new();
            let mut reckoned = Reckoned::new(decimal("200"), Decimal::from(3), Rounding::HalfUp);
            for charge in &charges {
                reckoned.add(charge, None, &mut told);
            }
            let billed = reckoned.charges.iter().map(|c| format!("{} {:.2}", c.indicator, c.amount.unwrap()));
            let told = told.iter().map(|found| found.rule.code.to_owned());
            assert_eq!(billed.chain(told).collect::<Vec<_>>().join(", "), expected, "{charges:?}");
        }
    }

    #[test]
    fn a_percentage_is_of_what_its_code_says_and_of_nothing_that_an_invoice_does_not_have() {
        // after a tenth off 200.00, a tenth of ...
        for (basis, of_line, of_invoice) in [
            ("", "20.00", "20.00"),
            ("0", "20.00", "20.00"),
            ("1", "20.00", "20.00"),
            // an item's net cost: of its line after what is off there; of the invoice not after what is off it as a whole
            ("2", "18.00", "20.00"),
            ("3", "20.00", "20.00"),
            ("4", "18.00", "18.00"),
            ("5", "20.00", "20.00"),
            ("6", "20.00", "20.00"),
            ("7", "18.00", "18.00"),
            ("8", "E420", "E420"),
            ("9", "E420", "E420"),
            ("A", "E420", "E420"),
            ("Z", "20.00", "20.00"),
            ("?", "E420", "E420"),
        ] {
            for (one_line, expected) in [(true, of_line), (false, of_invoice)] {
                let mut told = Vec::new();
                let mut reckoned = Reckoned::new(decimal("200"), Decimal::from(3), Rounding::HalfUp);
                reckoned.one_line = one_line;
                reckoned.add(&charge("A", "", ("3", "10"), ("", "")), None, &mut told);
                reckoned.add(&charge("A", "", (basis, "10"), ("", "")), None, &mut told);
                let second = reckoned.charges.get(1).map(|charge| format!("{:.2}", charge.amount.unwrap()));
                let told = told.first().map(|found| found.rule.code.to_owned());
                assert_eq!(second.or(told).as_deref(), Some(expected), "{basis:?}, one line: {one_line}");
            }
        }
    }

    #[test]
    fn a_tax_rate_is_a_fraction_or_as_many_write_it_a_percentage() {
        for (written, fraction_of_one) in [("0.0825", "0.0825"), ("8.25", "0.0825"), ("1", "1"), ("0", "0")] {
            assert_eq!(fraction(decimal(written)), decimal(fraction_of_one), "{written}");
        }
    }

    proptest! {
        #[test]
        fn the_shares_of_all_lines_are_the_amount_however_they_are_parted(
            lines in proptest::collection::vec((0i64..1000, 0i64..100_000, 0usize..4), 1..12),
            cents in 0i64..1_000_000,
        ) {
            let order = PurchaseOrder {
                lines: (1..).zip(&lines).map(|(line, (quantity, price, _))| OrderLine {
                    line,
                    quantity: Some(Decimal::from(*quantity)),
                    price: Some(Decimal::new(*price, 3)),
                    ..OrderLine::default()
                }).collect(),
                ..PurchaseOrder::default()
            };
            let amount = Decimal::new(cents, 2);
            let mut sum = Decimal::ZERO;
            for part in 0..4 {
                let billed = (1..).zip(&lines).filter(|(_, line)| line.2 == part).map(|(line, _)| line).collect();
                let share = Shares::new(&order, &billed).of(amount).unwrap();
                prop_assert!(n2(share).is_some() && share >= Decimal::ZERO);
                sum += share;
            }
            prop_assert_eq!(sum, amount);
        }
    }
}
