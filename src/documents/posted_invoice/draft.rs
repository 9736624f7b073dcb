//! One invoice out of its rows: what they must agree on, what is summed over them, what makes it one that must not be billed.

use super::json::Extra;
use super::{FINDINGS_PER_INVOICE_MAX, LINES_MAX, RejectedInvoice};
use crate::documents::csv_reading::table::Cells;
use crate::documents::csv_reading::{Findings, values};
use crate::domain::diagnostic::{Diagnostic, Location};
use crate::domain::invoice::{InvoiceType, PostedInvoice, PostedInvoiceLine};
use crate::domain::money::{n2, parse_decimal, plain};
use crate::domain::rules::business::{INVOICE_NUMBER_REUSED, INVOICE_TOO_LONG};
use crate::domain::rules::csv as rules;
use crate::domain::{Decimal, Text};

/// An invoice of which more rows may come.
#[derive(Debug)]
pub(super) struct Draft {
    invoice: PostedInvoice,
    rows: Vec<u64>,
    /// The line of JSON that is the whole invoice; 0 where its lines come one by one.
    whole: u64,
    findings: Findings,
    /// Whether there is an error among the findings, or among those that the limit left out.
    broken: bool,
}

impl Draft {
    /// `kind` is None where the rows have a type that cannot be read.
    pub(super) fn new(invoice_number: Text, kind: Option<InvoiceType>) -> Self {
        let kind = kind.unwrap_or_default();
        Self {
            invoice: PostedInvoice { invoice_number, kind, ..PostedInvoice::default() },
            rows: Vec::new(),
            whole: 0,
            findings: Findings::new(FINDINGS_PER_INVOICE_MAX),
            broken: false,
        }
    }

    pub(super) fn add(&mut self, mut cells: Cells<'_>, extra: Extra) {
        if self.rows.len() >= LINES_MAX {
            if self.rows.len() == LINES_MAX {
                let at = Location { row: cells.row().number, line: cells.row().line, ..Location::default() };
                let detail = format!("{LINES_MAX} lines an invoice");
                self.findings.push(Diagnostic::new(&INVOICE_TOO_LONG, at).detail(detail));
                self.rows.push(cells.row().number);
            }
            self.broken = true;
            return;
        }
        cells.required("invoice_number");
        self.check_whole(&mut cells, extra.whole);
        self.add_heading(&mut cells);
        let credit = self.invoice.kind == InvoiceType::Credit;
        self.invoice.lines.push(read_line(&mut cells, credit, extra.line_charges));
        self.invoice.charges.extend(extra.charges);
        for reference in extra.references {
            if !self.invoice.references.contains(&reference) {
                self.invoice.references.push(reference);
            }
        }
        self.invoice.carrier = self.invoice.carrier.take().or(extra.carrier);
        let sums = [
            ("tax", &mut self.invoice.tax),
            ("freight", &mut self.invoice.freight),
            ("allowance", &mut self.invoice.allowance),
        ];
        for (name, sum) in sums {
            add_amount(&mut cells, name, sum, credit);
        }
        self.rows.push(cells.row().number);
        self.broken |= !cells.is_sound();
        for finding in cells.into_findings() {
            self.findings.push(finding);
        }
    }

    pub(super) fn first_row(&self) -> u64 {
        self.rows.first().copied().unwrap_or_default()
    }

    pub(super) fn number(&self) -> &Text {
        &self.invoice.invoice_number
    }

    /// The invoice with the warnings about its rows, or why it must not be billed. `doubt` is what is wrong with rows that
    /// may belong to it too.
    pub(super) fn finish(
        self,
        doubt: Option<&[Diagnostic]>,
    ) -> Result<(PostedInvoice, Vec<Diagnostic>), RejectedInvoice> {
        if !self.broken && doubt.is_none() {
            return Ok((self.invoice, self.findings.into_vec()));
        }
        let mut diagnostics = self.findings.into_vec();
        diagnostics.extend(doubt.into_iter().flatten().cloned());
        Err(RejectedInvoice {
            invoice_number: self.invoice.invoice_number,
            kind: Some(self.invoice.kind),
            diagnostics,
            rows: self.rows,
        })
    }

    /// A line that is a whole invoice is one posting: a second one under its number is not more of it, and what is billed is
    /// in doubt.
    fn check_whole(&mut self, cells: &mut Cells<'_>, whole: u64) {
        if self.rows.is_empty() {
            self.whole = whole;
        } else if self.whole != whole {
            let detail = "one line of the file is the whole invoice, and another has more of it";
            cells.find(&INVOICE_NUMBER_REUSED, "invoice_number", detail);
        }
    }

    /// Customer and date are the invoice's: every row must say the same.
    fn add_heading(&mut self, cells: &mut Cells<'_>) {
        let customer = cells.required("customer");
        cells.required("invoice_date");
        let date = cells.date("invoice_date");
        let invoice = &mut self.invoice;
        if self.rows.is_empty() {
            invoice.customer = customer.into();
            invoice.invoice_date = date;
            return;
        }
        if !customer.is_empty() && invoice.customer != customer {
            let detail = format!("the invoice's first row says {:?}", invoice.customer);
            cells.find(&rules::INVOICE_VALUES_DIFFER, "customer", detail);
        }
        if let (Some(first), Some(date)) = (invoice.invoice_date, date)
            && first != date
        {
            let detail = format!("the invoice's first row says {first}");
            cells.find(&rules::INVOICE_VALUES_DIFFER, "invoice_date", detail);
        }
    }
}

/// DI where the cell is empty.
pub(super) fn kind_of(cells: &mut Cells<'_>) -> Option<InvoiceType> {
    if cells.get("type").is_empty() {
        return Some(InvoiceType::Debit);
    }
    cells.parse("type", "DI or CR", |text| match text.to_ascii_uppercase().as_str() {
        "DI" => Some(InvoiceType::Debit),
        "CR" => Some(InvoiceType::Credit),
        _ => None,
    })
}

fn read_line(
    cells: &mut Cells<'_>,
    credit: bool,
    charges: Vec<crate::domain::order::Charge>,
) -> PostedInvoiceLine {
    for name in ["item", "quantity", "unit", "unit_price"] {
        cells.required(name);
    }
    // some ERPs post a credit with minus signs; billing turns them
    let sound = |value: &Decimal| *value > Decimal::ZERO || (credit && *value < Decimal::ZERO);
    let expected =
        if credit { "a number that is not 0" } else { "a number above 0; a credit is an invoice of type CR" };
    let quantity = cells.parse("quantity", expected, |text| parse_decimal(text).filter(sound));
    PostedInvoiceLine {
        po_number: cells.text("po_number"),
        order_id: cells.text("order_id"),
        line: cells.parse("line", "a line number from 1", values::line_number),
        po_line_id: cells.text("po_line_id"),
        item: cells.text("item"),
        ship_to: cells.text("ship_to"),
        quantity: quantity.unwrap_or_default(),
        unit: cells.text("unit"),
        unit_price: cells.amount("unit_price").unwrap_or_default(),
        serials: values::list(cells.get("serials")),
        ship_date: cells.date("ship_date"),
        charges,
        row: cells.row().number,
        offset: cells.row().offset,
    }
}

/// Adds a row's part of a sum, exactly. Each part is of whole cents, so that the sum is.
fn add_amount(cells: &mut Cells<'_>, name: &str, sum: &mut Decimal, credit: bool) {
    let amount = if credit { cells.parse(name, "a number", parse_decimal) } else { cells.amount(name) };
    let Some(amount) = amount else { return };
    match sum.checked_add(amount).filter(|total| n2(*total).is_some()) {
        Some(total) => *sum = total,
        None => cells.find(&rules::AMOUNT_UNSOUND, name, format!("added to {}", plain(*sum))),
    }
}
