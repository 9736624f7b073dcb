//! Invoices as the ERP posts them: the rows of inbox/invoices/*.csv and the lines of *.jsonl, one invoice for each number
//! and type.
//!
//! An invoice with a row that cannot be read is rejected whole: half an invoice must not be billed.

mod draft;
mod json;
mod stream;

#[cfg(test)]
mod tests;

pub use stream::{Posted, Stream};

use crate::documents::csv_reading::table::ColumnDef;
use crate::domain::Text;
use crate::domain::diagnostic::{Diagnostic, Severity};
use crate::domain::invoice::{InvoiceType, PostedInvoice};
use std::io;

/// The columns of the contract.
const COLUMNS: [ColumnDef; 18] = [
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
    ColumnDef { name: "ship_to", required: false },
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

/// So many lines an invoice may have: 810s of more are taken by nobody.
const LINES_MAX: usize = 100_000;

/// How a file of posted invoices is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Csv,
    /// One JSON object a line.
    Json,
}

impl Format {
    /// By what a file begins with: an object or CSV.
    pub fn of(head: &[u8]) -> Self {
        let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
        if head.trim_ascii_start().starts_with(b"{") { Self::Json } else { Self::Csv }
    }
}

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
    /// None where the line cannot be read.
    pub kind: Option<InvoiceType>,
    pub diagnostics: Vec<Diagnostic>,
    /// The numbers of all its rows, the sound ones too.
    pub rows: Vec<u64>,
}

/// Reads a file that is at hand, whichever way it is written.
pub fn read(bytes: &[u8]) -> (PostedInvoices, Vec<Diagnostic>) {
    // bytes in memory never fail to be read
    gather(bytes).unwrap_or_default()
}

/// The invoices in the order in which they begin. The findings beside them are about the file, and warnings about rows that
/// were taken; what is wrong with a rejected invoice stands with it.
fn gather(bytes: &[u8]) -> io::Result<(PostedInvoices, Vec<Diagnostic>)> {
    let (mut stream, mut findings) = Stream::open(bytes, bytes, Format::of(bytes))?;
    let mut read = PostedInvoices::default();
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        return Ok((read, findings));
    }
    let mut found = Vec::new();
    while let Some(one) = stream.next_invoice()? {
        found.push(one);
    }
    read.rows = stream.rows();
    found.sort_by_key(|(row, _)| *row);
    for (_, posted) in found {
        match posted {
            Ok((invoice, warnings)) => {
                read.invoices.push(invoice);
                findings.extend(warnings);
            }
            Err(rejected) => read.rejected.push(rejected),
        }
    }
    Ok((read, findings))
}
