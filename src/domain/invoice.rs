//! Invoices: what the ERP posted, and what goes to the customer.

use crate::domain::{
    Date, Decimal, Text, order::Charge, order::ItemNumber, order::Party, order::Reference, order::Terms,
};
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
    pub quantity: Decimal,
    /// The item's unit or the order's.
    pub unit: Text,
    /// For one `unit`.
    pub unit_price: Decimal,
    pub serials: Vec<Text>,
    pub ship_date: Option<Date>,
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
    /// TXI02 at the header; None: no tax.
    pub tax: Option<Decimal>,
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

impl Invoice {
    /// Lines + charges − allowances + tax, from the parts.
    pub fn computed_total(&self) -> Decimal {
        let signed = |charge: &Charge| match (charge.indicator.as_str(), charge.amount) {
            ("A", Some(amount)) => -amount,
            ("C", Some(amount)) => amount,
            _ => Decimal::ZERO,
        };
        let lines: Decimal = self
            .lines
            .iter()
            .map(|line| line.amount + line.charges.iter().map(signed).sum::<Decimal>())
            .sum();
        lines + self.charges.iter().map(signed).sum::<Decimal>() + self.tax.unwrap_or_default()
    }

    /// None if the invoice balances to the cent; else the arithmetic, one step a line, that shows it does not:
    /// each line's amount is quantity × price ÷ divisor rounded half up once, and `total` is their sum with
    /// charges, allowances and tax.
    pub fn proof(&self) -> Option<String> {
        let mut wrong = Vec::new();
        for (index, line) in self.lines.iter().enumerate() {
            let product = line.quantity.checked_mul(line.price);
            let Some(exact) = product.and_then(|product| product.checked_div(line.price_divisor)) else {
                wrong.push(format!(
                    "line {}: the amount does not fit, or the price is for 0 units",
                    index + 1
                ));
                continue;
            };
            let rounded = crate::domain::money::round_cents(exact);
            let exact = crate::domain::money::plain(exact);
            if rounded != line.amount {
                let InvoiceLine { quantity, price, price_divisor, amount, .. } = line;
                wrong.push(format!(
                    "line {}: {quantity} x {price} / {price_divisor} = {exact}, rounded {rounded}, but billed {amount}",
                    index + 1
                ));
            }
        }
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
}
