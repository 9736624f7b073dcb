//! Any bytes as CSV: orders in several layouts, posted invoices (JSON lines too, and billed), sales.

use crate::night;
use crate::pipeline::process::process_order;
use crate::x12_target::{SEPARATORS, envelope};
use crate::documents::csv_order::{self, CsvIndex, CsvLimits, CsvOrder};
use crate::documents::posted_invoice::{Format, Stream};
use crate::documents::{in810, pos_sale};
use crate::domain::catalog::Catalog;
use crate::domain::diagnostic::{Diagnostic, Severity};
use crate::domain::invoice::PostedInvoice;
use crate::domain::item::Item;
use crate::domain::order::{ItemNumber, OrderLine};
use crate::domain::partner::{
    Company, CsvColumns, CsvLayout, DecimalMark, Encoding, InvoiceSettings, OrderSettings, PartnerIdentity,
    PartnerProfile, Separator, Usage, X12Settings,
};
use crate::domain::resolution::{DecidedLine, LineOutcome, LineState, Resolution};
use crate::domain::unit::Fraction;
use crate::domain::{Date, Text};
use crate::pipeline::bill::{BillContext, BilledOrder, CustomerItemNumber, Verdict, bill_posted, facts};
use crate::x12::writer::OutboundEnvelope;

const BYTES_MAX: usize = 1 << 16;

/// So small that the fuzzer finds both sides of each.
const LIMITS: CsvLimits = CsvLimits {
    row_bytes_max: 1_000,
    orders_per_file_max: 30,
    runs_per_file_max: 60,
    lines_per_order_max: 40,
    order_bytes_max: 4_000,
    diagnostics_max: 10,
};

/// The first byte chooses what the rest is.
pub fn run(input: &[u8]) {
    let Some((choice, bytes)) = input.split_first() else { return };
    if bytes.len() > BYTES_MAX {
        return;
    }
    match choice % 9 {
        0 => {
            let (sales, found) = pos_sale::read(bytes);
            inside(&found, bytes);
            assert!(sales.len() <= bytes.len());
            let (count, surveyed) = pos_sale::survey(bytes).expect("bytes in memory can be read");
            assert_eq!((count, surveyed), (sales.len() as u64, found), "two ways of reading sales differ");
            night::with_context(0, |context| night::sold(context, &sales));
        }
        1 => posted(bytes, Format::of(bytes)),
        8 => posted(bytes, Format::Json),
        layout => orders(bytes, &settings(layout)),
    }
}

/// Every invoice comes out once, read or rejected with an error; what is read is billed, by an order and without one.
fn posted(bytes: &[u8], format: Format) {
    let (mut stream, found) = Stream::open(bytes, bytes, format).expect("bytes in memory can be read");
    inside(&found, bytes);
    if found.iter().any(|found| found.severity == Severity::Error) {
        return;
    }
    let bench = Bench::new();
    while let Some((_, one)) = stream.next_invoice().expect("bytes in memory can be read") {
        match one {
            Ok((invoice, found)) => {
                inside(&found, bytes);
                bench.bill(&invoice);
            }
            Err(rejected) => {
                inside(&rejected.diagnostics, bytes);
                assert!(rejected.diagnostics.iter().any(|found| found.severity == Severity::Error));
            }
        }
    }
}

/// One partner, and one item that its customer calls A-1.
struct Bench {
    company: Company,
    profile: PartnerProfile,
    catalog: Catalog,
}

impl Bench {
    fn new() -> Self {
        let mut catalog = Catalog::new(Vec::new());
        catalog.add_item(Item { item: "10-1".into(), unit: "EA".into(), ..Item::default() });
        let partner = PartnerIdentity { id: "acme".into(), customer: "ACME".into(), ..PartnerIdentity::default() };
        let mut invoices = InvoiceSettings { hash_total: true, serials: true, carrier: true, ..InvoiceSettings::default() };
        invoices.preflight.late_days = Some(3);
        let profile = PartnerProfile { partner, x12: X12Settings::default(), orders: OrderSettings::default(), invoices };
        let company = Company {
            name: "Northwind".into(),
            interchange_qualifier: "ZZ".into(),
            interchange_id: "NORTHWIND".into(),
            application_id: "NORTHWIND".into(),
            currency: "USD".into(),
            usage: Usage::Production,
            remit_to: Vec::new(),
        };
        Self { company, profile, catalog }
    }

    /// What goes out balances, and what an 810 cannot say has a reason. The order is made from the posting itself, so that
    /// the fuzzer need not guess one.
    fn bill(&self, posted: &PostedInvoice) {
        let today = Date::constant(2026, 3, 9);
        let context = BillContext {
            company: &self.company,
            profile: &self.profile,
            catalog: &self.catalog,
            customer_item: &|_, _, _| Some(CustomerItemNumber { number: number("BP", "A-1"), xref_id: 1 }),
            today,
            released: false,
        };
        for orders in [Vec::new(), vec![ordered(posted)]] {
            let (result, found) = bill_posted(posted, &orders, &context);
            let held = found.iter().any(|found| found.severity == Severity::Error);
            assert_eq!(held, result.verdict != Verdict::Send, "{found:?}");
            assert!(held || result.invoice.proof().is_none());
            assert_eq!(facts(&result.invoice, "o", "r", today).len(), result.invoice.lines.len());
            let envelope = OutboundEnvelope::new(&self.company, &self.profile, today, &Text::from("0800"), None);
            let (set, told) = in810::write(&result.invoice, &self.profile, &envelope);
            assert!(set.is_some() || !told.is_empty(), "refused without a word");
        }
    }
}

/// An order that has every posted line, at its price, in cases of a dozen where the price is for a hundred.
fn ordered(posted: &PostedInvoice) -> BilledOrder {
    let mut order = BilledOrder { order_id: "o".into(), ..BilledOrder::default() };
    order.order.customer = posted.customer.clone();
    for line in &posted.lines {
        order.order.order.po_number = line.po_number.clone();
        let dozen = line.quantity.scale() > 2;
        order.order.order.lines.push(OrderLine {
            line: line.line.unwrap_or_default(),
            po_line_id: line.po_line_id.clone(),
            quantity: Some(line.quantity),
            unit: if dozen { "CA".into() } else { line.unit.clone() },
            price: Some(line.unit_price),
            price_basis: if dozen { "HP".into() } else { Text::default() },
            charges: line.charges.clone(),
            ..OrderLine::default()
        });
        let resolution = Resolution {
            outcome: LineOutcome::Mapped,
            item: line.item.clone(),
            unit: "EA".into(),
            factor: Fraction::parse(if dozen { "12" } else { "1" }),
            quantity: Some(line.quantity),
            ..Resolution::default()
        };
        order.order.lines.push(DecidedLine { state: LineState::Ordered, resolution, unit_price: Some(line.unit_price) });
    }
    order
}

fn number(qualifier: &str, value: &str) -> ItemNumber {
    ItemNumber { qualifier: qualifier.into(), value: value.into() }
}

fn settings(choice: u8) -> OrderSettings {
    let (delimiter, encoding, decimal) = match choice {
        2 => (b',', Encoding::Utf8, DecimalMark::default()),
        3 => (b';', Encoding::Windows1252, DecimalMark::Comma),
        4 => (b'\t', Encoding::Utf8, DecimalMark::Comma),
        5 => (b'|', Encoding::Windows1252, DecimalMark::default()),
        6 => (b',', Encoding::Utf16Le, DecimalMark::default()),
        _ => (b';', Encoding::Utf8, DecimalMark::default()),
    };
    let columns = CsvColumns {
        po_number: (choice == 3).then(|| "Bestellung".into()),
        quantity: (choice == 3).then(|| "Menge".into()),
        ..CsvColumns::default()
    };
    let layout = CsvLayout { delimiter: Separator(delimiter), encoding, decimal, columns, ..CsvLayout::default() };
    OrderSettings { csv: Some(layout), ..OrderSettings::default() }
}

fn orders(bytes: &[u8], settings: &OrderSettings) {
    let layout = settings.csv.clone().unwrap_or_default();
    let index = csv_order::scan(bytes, &layout, &LIMITS).expect("bytes in memory can be read");
    assert_eq!(index.length, bytes.len() as u64);
    inside(&index.diagnostics, bytes);
    let ordered: u64 = index.orders.iter().map(|order| u64::from(order.rows)).sum();
    assert_eq!(ordered + index.quarantined_rows(), index.rows, "a row is lost");
    for order in &index.orders {
        one_order(bytes, &index, order, &layout, settings);
    }
    if !index.is_sound() {
        assert!(index.diagnostics.iter().any(|found| found.severity == Severity::Error), "refused without a word");
    }
}

fn one_order(bytes: &[u8], index: &CsvIndex, order: &CsvOrder, layout: &CsvLayout, settings: &OrderSettings) {
    let runs = index.runs(order);
    let pieces: Vec<&[u8]> = runs
        .iter()
        .map(|run| {
            &bytes[usize::try_from(run.offset).unwrap()..usize::try_from(run.offset + run.length).unwrap()]
        })
        .collect();
    let (read, found) = csv_order::read(&index.header, runs, &pieces, layout, settings);
    inside(&found, bytes);
    let envelope = envelope(SEPARATORS);
    night::with_context(read.received_lines % 4, |context| {
        night::judged(context, &envelope, process_order(context, &envelope, read.clone(), 0));
    });
    assert_eq!(read.received_lines, order.rows, "a row is lost");
    assert_eq!(
        (&read.customer, &read.po_number, &read.release),
        (&order.customer, &order.po_number, &order.release)
    );
}

fn inside(found: &[Diagnostic], bytes: &[u8]) {
    for diagnostic in found {
        let end = diagnostic.at.offset + u64::from(diagnostic.at.length);
        assert!(end <= bytes.len() as u64, "a finding outside the file of {}: {diagnostic:?}", bytes.len());
    }
}
