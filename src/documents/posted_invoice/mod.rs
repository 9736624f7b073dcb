//! Invoices as the ERP posts them: the rows of inbox/invoices/*.csv, one invoice for each number and type.
//!
//! An invoice with a row that cannot be read is rejected whole: half an invoice must not be billed.

#[cfg(test)]
mod tests;

use crate::documents::csv_reading::table::{Cells, ColumnDef, Table};
use crate::documents::csv_reading::{Findings, values};
use crate::domain::diagnostic::{Diagnostic, Severity};
use crate::domain::invoice::{InvoiceType, PostedInvoice, PostedInvoiceLine};
use crate::domain::money::{n2, parse_decimal, plain};
use crate::domain::rules::csv as rules;
use crate::domain::{Decimal, Text};
use std::io::{self, Read};

/// The columns of the contract.
const COLUMNS: [ColumnDef; 17] = [
    ColumnDef { name: "invoice_number", required: true },
    ColumnDef { name: "invoice_date", required: true },
    ColumnDef { name: "po_number", required: true },
    ColumnDef { name: "customer", required: true },
    ColumnDef { name: "line", required: true },
    ColumnDef { name: "item", required: true },
    ColumnDef { name: "quantity", required: true },
    ColumnDef { name: "unit", required: true },
    ColumnDef { name: "unit_price", required: true },
    ColumnDef { name: "order_id", required: false },
    ColumnDef { name: "po_line_id", required: false },
    ColumnDef { name: "serials", required: false },
    ColumnDef { name: "ship_date", required: false },
    ColumnDef { name: "tax", required: false },
    ColumnDef { name: "freight", required: false },
    ColumnDef { name: "allowance", required: false },
    ColumnDef { name: "type", required: false },
];

/// So many findings of one invoice are told, the others only counted.
const FINDINGS_PER_INVOICE_MAX: usize = 20;

/// What a file of posted invoices holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PostedInvoices {
    /// Sound invoices in the order in which they first appear.
    pub invoices: Vec<PostedInvoice>,
    /// Invoices that must not be billed, in the same order.
    pub rejected: Vec<RejectedInvoice>,
    /// All rows after the header; 0 where the header does not serve.
    pub rows: u64,
}

/// An invoice with something wrong in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RejectedInvoice {
    /// Empty: the rows name none.
    pub invoice_number: Text,
    pub diagnostics: Vec<Diagnostic>,
    /// The numbers of all its rows, the sound ones too.
    pub rows: Vec<u64>,
}

/// Reads a file that is at hand.
pub fn read(bytes: &[u8]) -> (PostedInvoices, Vec<Diagnostic>) {
    // bytes in memory never fail to be read
    read_from(bytes).unwrap_or_default()
}

/// Reads a stream; memory grows with its invoices. The findings beside the invoices are about the file, and warnings
/// about rows that were taken; what is wrong with a rejected invoice stands with it.
pub fn read_from(input: impl Read) -> io::Result<(PostedInvoices, Vec<Diagnostic>)> {
    let (mut table, mut findings) = Table::open(input, &COLUMNS)?;
    let mut read = PostedInvoices::default();
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        return Ok((read, findings));
    }
    let mut drafts = Drafts::default();
    while let Some(cells) = table.next_row()? {
        read.rows += 1;
        drafts.add(cells);
    }
    drafts.finish(&mut read, &mut findings);
    Ok((read, findings))
}

/// The invoices so far, in the order in which they first appear.
#[derive(Default)]
struct Drafts {
    drafts: Vec<Draft>,
    by_key: hashbrown::HashMap<(Text, Option<InvoiceType>), usize>,
}

/// An invoice of which more rows may come.
struct Draft {
    /// None: its rows have a type that cannot be read.
    kind: Option<InvoiceType>,
    invoice: PostedInvoice,
    rows: Vec<u64>,
    findings: Findings,
    /// Whether there is an error among the findings, or among those that the limit left out.
    broken: bool,
}

impl Drafts {
    fn add(&mut self, mut cells: Cells<'_>) {
        let kind = kind_of(&mut cells);
        let number = cells.text("invoice_number");
        let next = self.drafts.len();
        let at = *self.by_key.entry((number.clone(), kind)).or_insert(next);
        if at == next {
            let kind_or_debit = kind.unwrap_or_default();
            let invoice =
                PostedInvoice { invoice_number: number, kind: kind_or_debit, ..PostedInvoice::default() };
            let findings = Findings::new(FINDINGS_PER_INVOICE_MAX);
            self.drafts.push(Draft { kind, invoice, rows: Vec::new(), findings, broken: false });
        }
        if let Some(draft) = self.drafts.get_mut(at) {
            draft.add(cells);
        }
    }

    fn finish(self, read: &mut PostedInvoices, findings: &mut Vec<Diagnostic>) {
        // a row whose type cannot be read may belong to either invoice of its number
        let mut doubtful: hashbrown::HashMap<Text, Vec<Diagnostic>> = hashbrown::HashMap::new();
        for draft in self.drafts.iter().filter(|draft| draft.kind.is_none()) {
            doubtful.insert(draft.invoice.invoice_number.clone(), draft.findings.kept().to_vec());
        }
        for draft in self.drafts {
            let doubt = doubtful.get(&draft.invoice.invoice_number);
            if draft.broken || doubt.is_some() {
                let mut diagnostics = draft.findings.into_vec();
                if draft.kind.is_some() {
                    diagnostics.extend(doubt.into_iter().flatten().cloned());
                }
                let invoice_number = draft.invoice.invoice_number;
                read.rejected.push(RejectedInvoice { invoice_number, diagnostics, rows: draft.rows });
            } else {
                findings.extend(draft.findings.into_vec());
                read.invoices.push(draft.invoice);
            }
        }
    }
}

impl Draft {
    fn add(&mut self, mut cells: Cells<'_>) {
        cells.required("invoice_number");
        self.add_heading(&mut cells);
        let credit = self.invoice.kind == InvoiceType::Credit;
        self.invoice.lines.push(read_line(&mut cells, credit));
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
fn kind_of(cells: &mut Cells<'_>) -> Option<InvoiceType> {
    if cells.get("type").is_empty() {
        return Some(InvoiceType::Debit);
    }
    cells.parse("type", "DI or CR", |text| match text.to_ascii_uppercase().as_str() {
        "DI" => Some(InvoiceType::Debit),
        "CR" => Some(InvoiceType::Credit),
        _ => None,
    })
}

fn read_line(cells: &mut Cells<'_>, credit: bool) -> PostedInvoiceLine {
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
        quantity: quantity.unwrap_or_default(),
        unit: cells.text("unit"),
        unit_price: cells.amount("unit_price").unwrap_or_default(),
        serials: values::list(cells.get("serials")),
        ship_date: cells.date("ship_date"),
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
