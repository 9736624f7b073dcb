//! Any bytes as CSV: orders in several layouts, posted invoices (JSON lines too, and billed), sales.

use crate::documents::csv_order::{self, CsvIndex, CsvLimits, CsvOrder};
use crate::documents::pos_sale;
use crate::documents::posted_invoice::{Format, Stream};
use crate::domain::diagnostic::{Diagnostic, Severity};
use crate::domain::partner::{CsvColumns, CsvLayout, DecimalMark, Encoding, OrderSettings, Separator};
use crate::domain::resolution::DecidedOrder;
use crate::night;
use crate::pipeline::process::process_order;
use crate::x12_target::{SEPARATORS, envelope};

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
    while let Some((_, one)) = stream.next_invoice().expect("bytes in memory can be read") {
        match one {
            Ok((invoice, found)) => {
                inside(&found, bytes);
                night::with_context(0, |context| night::billed(context, &invoice));
            }
            Err(rejected) => {
                inside(&rejected.diagnostics, bytes);
                assert!(rejected.diagnostics.iter().any(|found| found.severity == Severity::Error));
            }
        }
    }
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
    let mut known = None;
    for order in &index.orders {
        one_order(bytes, (&index, order), (&layout, settings), &mut known);
    }
    if !index.is_sound() {
        assert!(index.diagnostics.iter().any(|found| found.severity == Severity::Error), "refused without a word");
    }
}

fn one_order(
    bytes: &[u8],
    (index, order): (&CsvIndex, &CsvOrder),
    (layout, settings): (&CsvLayout, &OrderSettings),
    known: &mut Option<DecidedOrder>,
) {
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
        night::judged(context, &envelope, process_order(context, &envelope, read.clone(), 0), known);
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
