//! CSV orders: what is read, what is found wrong and where, and that no row is lost.

use super::{CsvIndex, CsvLimits, read, scan};
use crate::documents::csv_reading::tests::Drip;
use crate::domain::diagnostic::Diagnostic;
use crate::domain::money::plain_or_empty;
use crate::domain::order::{OrderLine, PurchaseOrder};
use crate::domain::partner::{CsvLayout, OrderSettings};
use expect_test::{Expect, expect};
use proptest::prelude::*;

fn settings(toml: &str) -> OrderSettings {
    toml::from_str(toml).unwrap()
}

/// A partner with decimal commas, dates of its own and words for units.
fn german() -> OrderSettings {
    settings(
        r#"
        unit_aliases = { "STÜCK" = "EA", Karton = "CA" }
        [csv]
        delimiter = ";"
        encoding = "windows-1252"
        date_format = "%d.%m.%Y"
        decimal = ","
        customer_item_qualifier = "BP"
        columns = { po_number = "Bestellung", po_date = "Datum", ship_to = "Filiale", line = "Pos", customer_item = "Artikel", quantity = "Menge", unit = "ME", unit_price = "Preis", requested_date = "Termin" }
        "#,
    )
}

fn orders(bytes: &[u8], index: &CsvIndex, settings: &OrderSettings) -> Vec<(PurchaseOrder, Vec<Diagnostic>)> {
    let layout = settings.csv.clone().unwrap_or_default();
    let range = |from: u64, length: u64| {
        &bytes[usize::try_from(from).unwrap()..usize::try_from(from + length).unwrap()]
    };
    let one = |order: &super::CsvOrder| {
        let runs = index.runs(order);
        let pieces: Vec<&[u8]> = runs.iter().map(|run| range(run.offset, run.length)).collect();
        let (read_order, findings) = read(&index.header, runs, &pieces, &layout, settings);
        assert_eq!(read_order.received_lines, order.rows);
        assert_eq!(
            (&read_order.customer, &read_order.po_number, &read_order.release),
            (&order.customer, &order.po_number, &order.release)
        );
        (read_order, findings)
    };
    index.orders.iter().map(one).collect()
}

fn show_line(line: &OrderLine) -> String {
    let numbers: Vec<String> = line.numbers.iter().map(|n| format!("{}:{}", n.qualifier, n.value)).collect();
    let date = line.requested_date.map(|date| date.to_string()).unwrap_or_default();
    format!(
        "  {} [{}] {}={:?} {}={:?} @{} {} to {:?} {date} {:?} row {} byte {} {:?}\n",
        line.line,
        line.po_line_id,
        plain_or_empty(line.quantity),
        line.quantity_text,
        line.unit,
        line.unit_text,
        plain_or_empty(line.price),
        numbers.join(" "),
        line.ship_to,
        line.description,
        line.segment,
        line.offset,
        line.flaws,
    )
}

fn list(indent: &str, findings: &[Diagnostic]) -> String {
    findings.iter().map(|finding| format!("{indent}{finding}\n")).collect()
}

/// Shows the index, each order with its lines, and every finding under what it is about.
fn check(bytes: &[u8], settings: &OrderSettings, expected: &Expect) {
    let layout = settings.csv.clone().unwrap_or_default();
    let index = scan(bytes, &layout, &CsvLimits::default()).unwrap();
    let mut shown = format!("{} rows, {} quarantined\n", index.rows, index.quarantined_rows());
    shown.push_str(&list("", &index.diagnostics));
    for run in &index.bad_rows {
        shown.push_str(&format!(
            "bad row {} x {} at {}+{}\n",
            run.first_row, run.rows, run.offset, run.length
        ));
    }
    for (order, findings) in orders(bytes, &index, settings) {
        let date = order.po_date.map(|date| date.to_string()).unwrap_or_default();
        shown.push_str(&format!(
            "order {} {:?} {:?} of {:?} {date} {:?}\n",
            order.purpose, order.po_number, order.release, order.customer, order.currency
        ));
        shown.extend(order.lines.iter().map(show_line));
        shown.push_str(&list("  ", &findings));
    }
    expected.assert_eq(&shown);
}

#[test]
fn rows_of_one_order_that_are_apart_make_one_order_and_leading_zeros_stay() {
    check(
        b"po_number,release,customer,po_date,line,customer_item,vendor_item,upc,quantity,unit,unit_price,currency,ship_to,requested_date,description\n\
        4711,,ACME,2026-11-20,10,007,A-1,036000291452,2,EA,1.50,USD,0042,2026-12-01,\"Bolt, 3\"\"\"\n\
        4712,,ACME,2026-11-20,,008,,,3,CS,,USD,,,\n\
        4711,,ACME,2026-11-20,20, 009\t,,,\"1,200\",EA,,,,,\n\
        4711,R1,ACME,2026-11-20,20,009,,,1,EA,,,,,\n",
        &settings(""),
        &expect![[r#"
            4 rows, 0 quarantined
            order 00 "4711" "" of "ACME" 2026-11-20 "USD"
              1 [10] 2="2" EA="EA" @1.5 IN:007 VP:A-1 UP:036000291452 to "0042" 2026-12-01 "Bolt, 3\"" row 1 byte 139 []
              2 [20] 1200="1,200" EA="EA" @ IN:009 to "0042" 2026-12-01 "" row 3 byte 269 []
            order 00 "4712" "" of "ACME" 2026-11-20 "USD"
              1 [] 3="3" CS="CS" @ IN:008 to ""  "" row 2 byte 227 []
            order 00 "4711" "R1" of "ACME" 2026-11-20 ""
              1 [20] 1="1" EA="EA" @ IN:009 to ""  "" row 4 byte 318 []
        "#]],
    );
}

#[test]
fn a_layout_with_decimal_commas_words_and_own_dates_is_read() {
    check(
        b"Bestellung;Datum;Filiale;Pos;Artikel;Menge;ME;Preis;Termin\r\n\
        B-1;20.11.2026;0007;1;00123;1.200,5;St\xfcck;0,125;24.12.2026\r\n\
        B-1;;;2;00124;6;karton;;\r\n\
        B-1;;;3;00125;6;Palette;1.5;31.02.2026\r\n",
        &german(),
        &expect![[r#"
            3 rows, 0 quarantined
            order 00 "B-1" "" of "" 2026-11-20 ""
              1 [1] 1200.5="1.200,5" EA="Stück" @0.125 BP:00123 to "0007" 2026-12-24 "" row 1 byte 60 []
              2 [2] 6="6" CA="karton" @ BP:00124 to "0007"  "" row 2 byte 120 []
              3 [3] 6="6" Palette="Palette" @ BP:00125 to "0007"  "" row 3 byte 146 []
              E509 value that is no number at row 3 (line 4), column 8 "Preis": "1.5"
              E510 value that is no date in the layout's format at row 3 (line 4), column 9 "Termin": "31.02.2026" (expected %d.%m.%Y)
        "#]],
    );
}

#[test]
fn what_cannot_be_read_is_named_by_row_column_and_header_and_stays_a_line() {
    check(
        b"PO_Number, Quantity ,customer_item,unit_price,po_date,currency,requested_date\r\n\
        1,two,A,$5,20.11.2026,USD,soon\r\n\
        1,,A,1 000,2026-11-20,USD,soon\r\n\
        1,5,,,2026-11-21,EUR,2026-12-01\r\n\
        1,5,A,1.2,2026-11-21,EUR,,x\r\n\
        1,5,\"A\r\n\
        1,5,B\0\r\n",
        &settings(""),
        &expect![[r#"
            6 rows, 0 quarantined
            order 00 "1" "" of "" 2026-11-20 "USD"
              1 [] ="two" ="" @ IN:A to ""  "" row 1 byte 79 []
              2 [] ="" ="" @ IN:A to ""  "" row 2 byte 111 []
              3 [] 5="5" ="" @  to "" 2026-12-01 "" row 3 byte 143 []
              4 [] 5="5" ="" @1.2 IN:A to ""  "" row 4 byte 176 ["the row has more fields than the header: its values may have slipped"]
              5 [] 5="5" ="" @ IN:"A to ""  "" row 5 byte 205 ["a quote in the row has no other end"]
              6 [] 5="5" ="" @ IN:B to ""  "" row 6 byte 213 ["a number of the row had NUL bytes in it"]
              E510 value that is no date in the layout's format at row 1 (line 2), column 5 "po_date": "20.11.2026" (expected %Y-%m-%d)
              E509 value that is no number at row 1 (line 2), column 2 "Quantity": "two"
              E509 value that is no number at row 1 (line 2), column 4 "unit_price": "$5"
              E510 value that is no date in the layout's format at row 1 (line 2), column 7 "requested_date": "soon" (expected %Y-%m-%d)
              E509 value that is no number at row 2 (line 3), column 2 "Quantity" (the cell is empty)
              E509 value that is no number at row 2 (line 3), column 4 "unit_price": "1 000"
              E516 rows of one order that disagree at row 3 (line 4), column 5 "po_date": "2026-11-21" (the order's first value is "2026-11-20")
              E516 rows of one order that disagree at row 3 (line 4), column 6 "currency": "EUR" (the order's first value is "USD")
              E508 row without any item number at row 3 (line 4)
              E511 row with more or fewer fields than the header at row 4 (line 5) (the header has 7 columns, the row has 8 fields)
              E514 quote without its other end at row 5 (line 6)
              E511 row with more or fewer fields than the header at row 5 (line 6) (the header has 7 columns, the row has 3 fields)
              E511 row with more or fewer fields than the header at row 6 (line 7) (the header has 7 columns, the row has 3 fields)
              E513 NUL byte in a value at row 6 (line 7), column 3 "customer_item": "B"
        "#]],
    );
}

#[test]
fn a_row_without_an_order_number_is_kept_aside_and_the_rest_goes_on() {
    check(
        b"po_number,quantity,upc\n1,1,036000291452\n,2,A\n ,3,A\n1,4,B\nTotal,,\n,10,\n",
        &settings(""),
        &expect![[r#"
            6 rows, 3 quarantined
            E507 row without a purchase order number at row 2 (line 3), column 1 "po_number"
            E507 row without a purchase order number at row 3 (line 4), column 1 "po_number"
            E507 row without a purchase order number at row 6 (line 7), column 1 "po_number"
            bad row 2 x 2 at 40+11
            bad row 6 x 1 at 65+5
            order 00 "1" "" of ""  ""
              1 [] 1="1" ="" @ UP:036000291452 to ""  "" row 1 byte 23 []
              2 [] 4="4" ="" @ UP:B to ""  "" row 4 byte 51 []
            order 00 "Total" "" of ""  ""
              1 [] ="" ="" @  to ""  "" row 5 byte 57 []
              E508 row without any item number at row 5 (line 6)
              E509 value that is no number at row 5 (line 6), column 2 "quantity" (the cell is empty)
        "#]],
    );
}

#[test]
fn a_file_whose_header_does_not_serve_is_refused_with_its_rows_counted() {
    let columns = |columns: &str| settings(&format!("[csv]\ncolumns = {{ {columns} }}"));
    let expected = expect![[r#"
        "po_number,item,qty\n1,A,2\n1,B,2\n": sound false, 2 rows, 2 quarantined, 0 orders
          E501 required column missing at byte 0: "po_number, item, qty" (quantity)
          E501 required column missing at byte 0: "po_number, item, qty" (one of customer_item, vendor_item, upc is needed)
        "PO,quantity,upc\n1,2,3\n": sound false, 1 rows, 1 quarantined, 0 orders
          E501 required column missing at byte 0: "PO, quantity, upc" ("PO #" for po_number)
          E502 column that the layout names not found at byte 0 ("Store" for ship_to)
        "po_number,quantity,QUANTITY,Quantity,upc\n1,2,3,4,5\n": sound true, 1 rows, 0 quarantined, 1 orders
        "po_number,Qty,qty,upc\n1,2,3,4\n": sound false, 1 rows, 1 quarantined, 0 orders
          E503 header over two columns at row 0 (line 1), column 3 "qty" (for quantity)
        "po_number,quantity,upc,Store\n1,2,3,4\n": sound true, 1 rows, 0 quarantined, 1 orders
          E502 column that the layout names not found at byte 0 ("Shop" for ship_to)
        "": sound false, 0 rows, 0 quarantined, 0 orders
          E504 file without a header
        "\u{feff}\r\n \r\n": sound false, 0 rows, 0 quarantined, 0 orders
          E504 file without a header
        "��\0p\0o": sound false, 1 rows, 1 quarantined, 0 orders
          E505 file in an encoding that is not read
        "po_number,quantity,upc\n": sound true, 0 rows, 0 quarantined, 0 orders
        "p\0o\0,\0u\0p\0c\0\n\0A\0,\0B\0": sound false, 1 rows, 1 quarantined, 0 orders
          E513 NUL byte in a value at row 0 (line 1), column 1 "po": "po"
        "po_number,quantity,\"upc\n1,2,3\n": sound false, 1 rows, 1 quarantined, 0 orders
          E514 quote without its other end at byte 0
    "#]];
    let mut shown = String::new();
    for (bytes, settings) in [
        (&b"po_number,item,qty\n1,A,2\n1,B,2\n"[..], settings("")),
        (b"PO,quantity,upc\n1,2,3\n", columns(r#"po_number = "PO #", ship_to = "Store""#)),
        (b"po_number,quantity,QUANTITY,Quantity,upc\n1,2,3,4,5\n", settings("")),
        (b"po_number,Qty,qty,upc\n1,2,3,4\n", columns(r#"quantity = "QTY""#)),
        (b"po_number,quantity,upc,Store\n1,2,3,4\n", columns(r#"ship_to = "Shop""#)),
        (b"", settings("")),
        (b"\xEF\xBB\xBF\r\n \r\n", settings("")),
        (b"\xFE\xFF\0p\0o", settings("")),
        (b"po_number,quantity,upc\n", settings("")),
        (b"p\0o\0,\0u\0p\0c\0\n\0A\0,\0B\0", settings("")),
        (b"po_number,quantity,\"upc\n1,2,3\n", settings("")),
    ] {
        let layout = settings.csv.clone().unwrap_or_default();
        let index = scan(bytes, &layout, &CsvLimits::default()).unwrap();
        shown.push_str(&format!(
            "{:?}: sound {}, {} rows, {} quarantined, {} orders\n",
            String::from_utf8_lossy(bytes),
            index.is_sound(),
            index.rows,
            index.quarantined_rows(),
            index.orders.len()
        ));
        shown.push_str(&list("  ", &index.diagnostics));
    }
    expected.assert_eq(&shown);
}

#[test]
fn each_limit_holds_at_the_limit_and_refuses_the_file_beyond_it() {
    let text = "po_number,quantity,upc\n1,1,1\n2,1,1\n1,1,1\n1,1,1\n";
    let ok = CsvLimits {
        row_bytes_max: 24,
        orders_per_file_max: 2,
        runs_per_file_max: 3,
        lines_per_order_max: 3,
        order_bytes_max: 18,
        diagnostics_max: 1,
    };
    for (limits, sound) in [
        (ok, true),
        (CsvLimits { row_bytes_max: 22, ..ok }, false),
        (CsvLimits { orders_per_file_max: 1, ..ok }, false),
        (CsvLimits { runs_per_file_max: 2, ..ok }, false),
        (CsvLimits { lines_per_order_max: 2, ..ok }, false),
        (CsvLimits { order_bytes_max: 17, ..ok }, false),
    ] {
        let index = scan(text.as_bytes(), &CsvLayout::default(), &limits).unwrap();
        assert_eq!(index.is_sound(), sound, "{limits:?} {:?}", index.diagnostics);
        assert_eq!(index.rows, 4);
        assert_eq!(index.quarantined_rows(), if sound { 0 } else { 4 });
    }
}

#[test]
fn findings_are_capped_and_the_rest_is_counted() {
    let text = format!("po_number,quantity,upc\n{}{}", ",1,1\n".repeat(5), "7,x,1\n".repeat(5));
    let limits = CsvLimits { diagnostics_max: 2, ..CsvLimits::default() };
    let index = scan(text.as_bytes(), &CsvLayout::default(), &limits).unwrap();
    let last = |findings: &[Diagnostic]| findings.last().unwrap().to_string();
    assert_eq!(index.diagnostics.len(), 3);
    let (order, findings) = orders(text.as_bytes(), &index, &settings("")).remove(0);
    assert_eq!((order.lines.len(), findings.len()), (5, 3));
    expect![[r#"
        E599 more findings of the same file at row 2 (line 3), column 1 "po_number" (3 more are not shown)
        E599 more findings of the same file at row 7 (line 8), column 2 "quantity" (3 more are not shown)
    "#]]
    .assert_eq(&format!("{}\n{}\n", last(&index.diagnostics), last(&findings)));
}

#[test]
fn a_reader_that_fails_is_no_finding() {
    struct Broken;
    impl std::io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("disk"))
        }
    }
    assert!(scan(Broken, &CsvLayout::default(), &CsvLimits::default()).is_err());
}

/// Rows with a few order numbers, blanks, quotes and rubbish.
fn file() -> impl Strategy<Value = Vec<u8>> {
    let cell = prop_oneof![
        4 => "[0-3]", 2 => "", 1 => "\"[a,\n]{0,3}\"", 1 => "[a\",\r\n]{0,4}", 1 => ".{0,3}"
    ];
    let row = proptest::collection::vec(cell, 1..5).prop_map(|cells| cells.join(","));
    proptest::collection::vec(row, 0..30)
        .prop_map(|rows| format!("po_number,quantity,upc\n{}", rows.join("\n")).into_bytes())
}

proptest! {
    #[test]
    fn every_row_is_in_one_order_or_among_the_bad(bytes in file(), size in 1usize..50) {
        let limits = CsvLimits { row_bytes_max: 200, ..CsvLimits::default() };
        let layout = CsvLayout::default();
        let index = scan(bytes.as_slice(), &layout, &limits).unwrap();
        prop_assert!(index.is_sound());
        let ordered: u64 = index.orders.iter().map(|order| u64::from(order.rows)).sum();
        prop_assert_eq!(ordered + index.quarantined_rows(), index.rows);
        let mut numbers: Vec<u64> = Vec::new();
        for run in &index.bad_rows {
            numbers.extend((0..u64::from(run.rows)).map(|row| run.first_row + row));
        }
        for (order, _) in orders(&bytes, &index, &settings("")) {
            numbers.extend(order.lines.iter().map(|line| u64::from(line.segment)));
            let lines: Vec<u32> = order.lines.iter().map(|line| line.line).collect();
            prop_assert_eq!(lines, (1..=order.received_lines).collect::<Vec<_>>());
        }
        numbers.sort_unstable();
        prop_assert_eq!(numbers, (1..=index.rows).collect::<Vec<_>>());
        let dripped = scan(Drip { bytes: &bytes, size }, &layout, &limits).unwrap();
        prop_assert_eq!(format!("{dripped:?}"), format!("{index:?}"));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), with_header in any::<bool>()) {
        let bytes = if with_header { [b"po_number,quantity,upc\n", &bytes[..]].concat() } else { bytes };
        for layout in [CsvLayout::default(), german().csv.unwrap()] {
            let index = scan(bytes.as_slice(), &layout, &CsvLimits::default()).unwrap();
            orders(&bytes, &index, &OrderSettings { csv: Some(layout), ..OrderSettings::default() });
        }
    }
}
