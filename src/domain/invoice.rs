//! Invoices: what the ERP posted, and what goes to the customer.

use crate::domain::money::{plain, round_cents, round_cents_even};
use crate::domain::order::{Charge, ItemNumber, Party, Reference, Routing, Tax, Terms};
use crate::domain::{Date, Decimal, Text};
use serde::{Deserialize, Serialize};

/// BIG07: what an invoice is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum InvoiceType {
    /// Debit: the customer owes.
    #[default]
    #[serde(rename = "DI")]
    Debit,
    /// Credit: all amounts are positive, the type alone tells.
    #[serde(rename = "CR")]
    Credit,
}

impl InvoiceType {
    pub fn code(self) -> &'static str {
        match self {
            Self::Debit => "DI",
            Self::Credit => "CR",
        }
    }
}

/// What becomes of half a cent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// Away from zero: 0.125 is 0.13.
    #[default]
    HalfUp,
    /// To the even cent: 0.125 is 0.12, 0.135 is 0.14.
    HalfEven,
}

impl Rounding {
    pub fn cents(self, value: Decimal) -> Decimal {
        match self {
            Self::HalfUp => round_cents(value),
            Self::HalfEven => round_cents_even(value),
        }
    }
}

/// Where an invoice is rounded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoundAt {
    /// Each line, once; the total is their sum.
    #[default]
    Line,
    /// The lines stay exact and their sum is rounded, once.
    Total,
}

/// An invoice as the ERP posted it: the rows of inbox/invoices/*.csv with one `invoice_number`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostedInvoice {
    pub invoice_number: Text,
    pub kind: InvoiceType,
    pub invoice_date: Option<Date>,
    pub customer: Text,
    pub lines: Vec<PostedInvoiceLine>,
    /// Sums over the rows, in the invoice's currency, to the cent.
    pub tax: Decimal,
    pub freight: Decimal,
    pub allowance: Decimal,
    /// SAC that the ERP posted (JSON lines alone).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub charges: Vec<Charge>,
    /// REF that the ERP posted, such as the bill of lading (JSON lines alone).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// CAD: how and by whom it was shipped (JSON lines alone).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier: Option<Routing>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostedInvoiceLine {
    pub po_number: Text,
    /// Empty: the ERP does not say; customer and PO number decide.
    pub order_id: Text,
    /// Our order line's number; None: `po_line_id` decides.
    pub line: Option<u32>,
    pub po_line_id: Text,
    pub item: Text,
    /// Where it went, for a line whose order is not known; empty where the ERP does not say.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub ship_to: Text,
    pub quantity: Decimal,
    /// The item's unit or the order's.
    pub unit: Text,
    /// For one `unit`.
    pub unit_price: Decimal,
    pub serials: Vec<Text>,
    pub ship_date: Option<Date>,
    /// SAC of the line that the ERP posted (JSON lines alone).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub charges: Vec<Charge>,
    /// CSV row (first after the header = 1) and the byte where it begins.
    pub row: u64,
    pub offset: u64,
}

/// An invoice ready for the 810: everything that is billed, in the order's own words. Amounts are in currency units,
/// positive in a debit and in a credit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invoice {
    pub invoice_number: Text,
    pub kind: InvoiceType,
    pub invoice_date: Option<Date>,
    pub partner: Text,
    pub customer: Text,
    /// BIG03 and BIG04, echoed from the order.
    pub po_date: Option<Date>,
    pub po_number: Text,
    pub release: Text,
    pub currency: Text,
    pub references: Vec<Reference>,
    pub parties: Vec<Party>,
    pub terms: Option<Terms>,
    pub ship_date: Option<Date>,
    pub lines: Vec<InvoiceLine>,
    /// Header allowances and charges (SAC); freight is a charge.
    pub charges: Vec<Charge>,
    /// TXI02 at the header, the sum of `taxes` where these are told apart; None: no tax.
    pub tax: Option<Decimal>,
    /// TXI of the header, each with its amount; empty: all taxes together are `tax`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taxes: Vec<Tax>,
    #[serde(default)]
    pub rounding: Rounding,
    #[serde(default)]
    pub round: RoundAt,
    /// CAD.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier: Option<Routing>,
    /// FOB01 to FOB03.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fob: Vec<Text>,
    /// What it all comes to; equal to the sum by [`crate::domain::invoice::Invoice::proof`] or it is not sent.
    pub total: Decimal,
}

/// One IT1.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceLine {
    /// Our order line's number; 0 where the invoice has no known order.
    pub line: u32,
    /// IT101: PO101 as received, empty stays empty.
    pub po_line_id: Text,
    /// IT102 in `unit`.
    pub quantity: Decimal,
    /// IT103: the unit of the order.
    pub unit: Text,
    /// IT104 in units of `price_basis`.
    pub price: Decimal,
    /// IT105, echoed.
    pub price_basis: Text,
    /// How many of `unit` the price is for: 100 for `HP`, 1 for none.
    pub price_divisor: Decimal,
    /// Ours: the item of the master.
    pub item: Text,
    /// Quantity in the item's own unit, for the ledger and the facts.
    pub item_quantity: Decimal,
    pub item_unit: Text,
    /// IT106..: the order's own number first, then ours, then the GTIN.
    pub numbers: Vec<ItemNumber>,
    /// The Customer Item#: the one of `numbers` that is the customer's; empty: none is.
    #[serde(default)]
    pub customer_item: ItemNumber,
    /// PID05.
    pub description: Text,
    pub serials: Vec<Text>,
    pub ship_date: Option<Date>,
    /// Line allowances and charges.
    pub charges: Vec<Charge>,
    /// quantity × price ÷ divisor, rounded half up to the cent, once.
    pub amount: Decimal,
    /// Where the Customer Item# came from: the order's echo, or the cross-reference row.
    pub xref_id: Option<i64>,
}

impl InvoiceLine {
    /// Quantity × price ÷ divisor as it is before any rounding; None where it does not fit.
    pub fn exact_amount(&self) -> Option<Decimal> {
        self.quantity.checked_mul(self.price)?.checked_div(self.price_divisor)
    }
}

impl Invoice {
    /// Lines + charges − allowances + tax, from the parts; rounded where the total is what is rounded.
    pub fn computed_total(&self) -> Decimal {
        let charged = self.goods().saturating_add(signed(&self.charges));
        let total = charged.saturating_add(self.tax.unwrap_or_default());
        match self.round {
            RoundAt::Line => total,
            RoundAt::Total => self.rounding.cents(total),
        }
    }

    /// The lines with their own charges and allowances.
    pub fn goods(&self) -> Decimal {
        let amounts = self.lines.iter().map(|line| line.amount.saturating_add(signed(&line.charges)));
        amounts.fold(Decimal::ZERO, Decimal::saturating_add)
    }

    /// None if the invoice balances to the cent; else the arithmetic, one step a line, that shows it does not:
    /// each line's amount is quantity × price ÷ divisor rounded by the partner's rule once, and `total` is their sum with
    /// charges, allowances and tax.
    pub fn proof(&self) -> Option<String> {
        let mut wrong = Vec::new();
        for (index, line) in self.lines.iter().enumerate() {
            let Some(exact) = line.exact_amount() else {
                wrong.push(format!(
                    "line {}: the amount does not fit, or the price is for 0 units",
                    index + 1
                ));
                continue;
            };
            let (due, how) = match self.round {
                RoundAt::Line => {
                    let rounded = self.rounding.cents(exact);
                    (rounded, format!(", rounded {rounded}"))
                }
                RoundAt::Total => (exact, String::new()),
            };
            if due != line.amount {
                let InvoiceLine { quantity, price, price_divisor, amount, .. } = line;
                let exact = plain(exact);
                wrong.push(format!(
                    "line {}: {quantity} x {price} / {price_divisor} = {exact}{how}, but billed {amount}",
                    index + 1
                ));
            }
        }
        wrong.extend(self.wrong_taxes());
        let computed = self.computed_total();
        if computed != self.total {
            let lines: Vec<String> = self.lines.iter().map(|line| line.amount.to_string()).collect();
            wrong.push(format!(
                "lines {} with charges, allowances and tax come to {computed}, but the total is {}",
                lines.join(" + "),
                self.total
            ));
        }
        (!wrong.is_empty()).then(|| wrong.join("; "))
    }

    /// Taxes that are told apart come to the tax.
    fn wrong_taxes(&self) -> Option<String> {
        let amounts = self.taxes.iter().filter_map(|tax| tax.amount);
        let sum = amounts.fold(Decimal::ZERO, Decimal::saturating_add);
        let tax = self.tax.unwrap_or_default();
        (!self.taxes.is_empty() && sum != tax)
            .then(|| format!("the taxes come to {sum}, but the tax is {tax}"))
    }
}

/// Charges less allowances; an indicator that is neither counts nothing.
fn signed(charges: &[Charge]) -> Decimal {
    let one = |charge: &Charge| match (charge.indicator.as_str(), charge.amount) {
        ("A", Some(amount)) => -amount,
        ("C", Some(amount)) => amount,
        _ => Decimal::ZERO,
    };
    charges.iter().map(one).fold(Decimal::ZERO, Decimal::saturating_add)
}
