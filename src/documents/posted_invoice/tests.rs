//! Posted invoices: what is read, and that one bad row keeps its whole invoice from being billed.

use super::*;
use crate::domain::invoice::PostedInvoiceLine;
use crate::domain::money::plain;
use expect_test::{Expect, expect};
use proptest::prelude::*;

const HEADER: &str = "invoice_number,invoice_date,po_number,customer,line,item,quantity,unit,unit_price,\
    order_id,po_line_id,serials,ship_date,tax,freight,allowance,type\n";

fn show(invoice: &PostedInvoice) -> String {
    let date = invoice.invoice_date.map(|date| date.to_string()).unwrap_or_default();
    let mut shown = format!(
        "{} {} {date} of {} tax {} freight {} allowance {}\n",
        invoice.kind.code(),
        invoice.invoice_number,
        invoice.customer,
        plain(invoice.tax),
        plain(invoice.freight),
        plain(invoice.allowance)
    );
    for line in &invoice.lines {
        let PostedInvoiceLine { po_number, order_id, po_line_id, item, unit, serials, row, offset, .. } =
            line;
        let number = line.line.map(|line| line.to_string()).unwrap_or_default();
        let ship_date = line.ship_date.map(|date| date.to_string()).unwrap_or_default();
        let (quantity, price) = (plain(line.quantity), plain(line.unit_price));
        shown.push_str(&format!(
            "  {po_number} {order_id:?} line {number:?} [{po_line_id}] {quantity} {unit} {item} @{price} {serials:?} {ship_date} row {row} byte {offset}\n"
        ));
    }
    shown
}

/// Shows the invoices, the rejected ones with their findings, and the findings of the file.
fn check(rows: &str, expected: &Expect) {
    let (read, findings) = read(format!("{HEADER}{rows}").as_bytes());
    let mut shown: String = read.invoices.iter().map(show).collect();
    for rejected in &read.rejected {
        shown.push_str(&format!("rejected {:?} rows {:?}\n", rejected.invoice_number, rejected.rows));
        shown.extend(rejected.diagnostics.iter().map(|finding| format!("  {finding}\n")));
    }
    shown.extend(findings.iter().map(|finding| format!("{finding}\n")));
    expected.assert_eq(&shown);
}

#[test]
fn rows_are_gathered_by_number_and_type_and_their_sums_are_exact() {
    check(
        "0815,2026-11-20,PO-1,ACME,1,0010,2,EA,9.90,acme-1,10,A1|A2,2026-11-19,0.10,5,.05,\n\
        0816,2026-11-20,PO-1,ACME,1,0010,1,EA,9.90,,,,,,,,DI\n\
        0815,2026-11-20,PO-1,ACME,1,0010,1,EA,9.90,,,,,,,,cr\n\
        0815,2026-11-20,PO-2,ACME,,0011,1.5,CA,0,,20,,,0.20,5.5,,DI\n",
        &expect![[r#"
            DI 0815 2026-11-20 of ACME tax 0.3 freight 10.5 allowance 0.05
              PO-1 "acme-1" line "1" [10] 2 EA 0010 @9.9 ["A1", "A2"] 2026-11-19 row 1 byte 147
              PO-2 "" line "" [20] 1.5 CA 0011 @0 []  row 4 byte 335
            DI 0816 2026-11-20 of ACME tax 0 freight 0 allowance 0
              PO-1 "" line "1" [] 1 EA 0010 @9.9 []  row 2 byte 229
            CR 0815 2026-11-20 of ACME tax 0 freight 0 allowance 0
              PO-1 "" line "1" [] 1 EA 0010 @9.9 []  row 3 byte 282
        "#]],
    );
}

#[test]
fn a_credit_may_have_minus_signs_and_nothing_else_may() {
    check(
        "A,2026-11-20,PO-1,ACME,1,0010,-2,EA,9.90,,,,,-1.50,,-0.50,CR\n\
        B,2026-11-20,PO-1,ACME,1,0010,0,EA,9.90,,,,,,,,CR\n\
        C,2026-11-20,PO-1,ACME,1,0010,2,EA,-9.90,,,,,,,,CR\n\
        D,2026-11-20,PO-1,ACME,1,0010,2,EA,9.90,,,,,-1,,,DI\n",
        &expect![[r#"
            CR A 2026-11-20 of ACME tax -1.5 freight 0 allowance -0.5
              PO-1 "" line "1" [] -2 EA 0010 @9.9 []  row 1 byte 147
            rejected "B" rows [2]
              E542 value that cannot be read at row 2 (line 3), column 7 "quantity": "0" (expected a number that is not 0)
            rejected "C" rows [3]
              E542 value that cannot be read at row 3 (line 4), column 9 "unit_price": "-9.90" (expected a number that is not below 0)
            rejected "D" rows [4]
              E542 value that cannot be read at row 4 (line 5), column 14 "tax": "-1" (expected a number that is not below 0)
        "#]],
    );
}

#[test]
fn one_bad_row_rejects_its_invoice_and_no_other() {
    check(
        "A,2026-11-20,PO-1,ACME,1,0010,2,EA,9.90\n\
        B,2026-11-20,PO-1,ACME,1,0010,two,EA,9.90\n\
        A,2026-11-20,PO-1,ACME,2,0010,2,EA,\n\
        C,2026-11-20,PO-1,ACME,0,0010,-2,EA,-1\n\
        D,20.11.2026,,,,,,,\n\
        ,2026-11-20,PO-1,ACME,1,0010,2,EA,9.90\n\
        E,2026-11-20,PO-1,ACME,1,0010,2,EA,9.90\n\
        B,2026-11-20,PO-1,ACME,2,0010,2,EA,9.90\n",
        &expect![[r#"
            DI E 2026-11-20 of ACME tax 0 freight 0 allowance 0
              PO-1 "" line "1" [] 2 EA 0010 @9.9 []  row 7 byte 363
            rejected "A" rows [1, 3]
              E511 row with more or fewer fields than the header at row 1 (line 2) (the header has 17 columns, the row has 9 fields)
              E511 row with more or fewer fields than the header at row 3 (line 4) (the header has 17 columns, the row has 9 fields)
              E541 required value missing at row 3 (line 4), column 9 "unit_price"
            rejected "B" rows [2, 8]
              E511 row with more or fewer fields than the header at row 2 (line 3) (the header has 17 columns, the row has 9 fields)
              E542 value that cannot be read at row 2 (line 3), column 7 "quantity": "two" (expected a number above 0; a credit is an invoice of type CR)
              E511 row with more or fewer fields than the header at row 8 (line 9) (the header has 17 columns, the row has 9 fields)
            rejected "C" rows [4]
              E511 row with more or fewer fields than the header at row 4 (line 5) (the header has 17 columns, the row has 9 fields)
              E542 value that cannot be read at row 4 (line 5), column 7 "quantity": "-2" (expected a number above 0; a credit is an invoice of type CR)
              E542 value that cannot be read at row 4 (line 5), column 5 "line": "0" (expected a line number from 1)
              E542 value that cannot be read at row 4 (line 5), column 9 "unit_price": "-1" (expected a number that is not below 0)
            rejected "D" rows [5]
              E511 row with more or fewer fields than the header at row 5 (line 6) (the header has 17 columns, the row has 9 fields)
              E541 required value missing at row 5 (line 6), column 4 "customer"
              E542 value that cannot be read at row 5 (line 6), column 2 "invoice_date": "20.11.2026" (expected a date such as 2026-11-20)
              E541 required value missing at row 5 (line 6), column 6 "item"
              E541 required value missing at row 5 (line 6), column 7 "quantity"
              E541 required value missing at row 5 (line 6), column 8 "unit"
              E541 required value missing at row 5 (line 6), column 9 "unit_price"
            rejected "" rows [6]
              E511 row with more or fewer fields than the header at row 6 (line 7) (the header has 17 columns, the row has 9 fields)
              E541 required value missing at row 6 (line 7), column 1 "invoice_number"
            E511 row with more or fewer fields than the header at row 7 (line 8) (the header has 17 columns, the row has 9 fields)
        "#]],
    );
}

#[test]
fn rows_of_one_invoice_that_disagree_or_do_not_come_to_cents_reject_it() {
    check(
        "A,2026-11-20,PO-1,ACME,1,0010,2,EA,9.90,,,,,,,,\n\
        A,2026-11-21,PO-1,BETA,2,0010,2,EA,9.90,,,,,,,,\n\
        B,2026-11-20,PO-1,ACME,1,0010,2,EA,9.90,,,,,0.005,,,\n\
        C,2026-11-20,PO-1,ACME,1,0010,2,EA,9.90,,,,,79228162514264337593543950335,,,\n\
        D,2026-11-20,PO-1,ACME,1,0010,2,EA,9.90,,,,,-1,x,,\n\
        E,2026-11-20,PO-1,ACME,1,0010,2,EA,9.90,,,,,,,,CR\n\
        E,2026-11-20,PO-1,ACME,1,0010,2,EA,9.90,,,,,,,,XX\n\
        F,2026-11-20,PO-1,ACME,1,0010,2,EA,9.90,,,,,,,,,slipped\n",
        &expect![[r#"
            rejected "A" rows [1, 2]
              E543 rows of one invoice that disagree at row 2 (line 3), column 4 "customer": "BETA" (the invoice's first row says "ACME")
              E543 rows of one invoice that disagree at row 2 (line 3), column 2 "invoice_date": "2026-11-21" (the invoice's first row says 2026-11-20)
            rejected "B" rows [3]
              E544 sum with a part of a cent at row 3 (line 4), column 14 "tax": "0.005" (added to 0)
            rejected "C" rows [4]
              E544 sum with a part of a cent at row 4 (line 5), column 14 "tax": "79228162514264337593543950335" (added to 0)
            rejected "D" rows [5]
              E542 value that cannot be read at row 5 (line 6), column 14 "tax": "-1" (expected a number that is not below 0)
              E542 value that cannot be read at row 5 (line 6), column 15 "freight": "x" (expected a number that is not below 0)
            rejected "E" rows [6]
              E542 value that cannot be read at row 7 (line 8), column 17 "type": "XX" (expected DI or CR)
            rejected "E" rows [7]
              E542 value that cannot be read at row 7 (line 8), column 17 "type": "XX" (expected DI or CR)
            rejected "F" rows [8]
              E511 row with more or fewer fields than the header at row 8 (line 9) (the header has 17 columns, the row has 18 fields)
        "#]],
    );
}

#[test]
fn a_file_whose_header_does_not_serve_gives_no_invoice() {
    for (text, codes) in [
        ("", "E504"),
        ("invoice_number,invoice_date\nA,2026-11-20\n", "E501 E501 E501 E501 E501 E501 E501"),
        ("\u{feff}", "E504"),
    ] {
        let (read, findings) = read(text.as_bytes());
        let found: Vec<&str> = findings.iter().map(|finding| finding.rule.code).collect();
        assert_eq!(found.join(" "), codes);
        assert_eq!(read, PostedInvoices::default());
    }
}

#[test]
fn an_invoice_with_more_findings_than_are_told_is_still_rejected() {
    let short = "A,2026-11-20,PO-1,ACME,1,0010,2,EA,1\n".repeat(FINDINGS_PER_INVOICE_MAX);
    let (read, findings) = read(format!("{HEADER}{short}A,2026-11-20,PO-1,ACME,1,0010,x,EA,1\n").as_bytes());
    assert_eq!((read.invoices.len(), findings.len()), (0, 0));
    let told: Vec<&str> = read.rejected[0].diagnostics.iter().map(|finding| finding.rule.code).collect();
    assert_eq!((told.len(), told[0], told[FINDINGS_PER_INVOICE_MAX]), (21, "E511", "E599"));
}

/// As [`check`], of JSON lines.
fn check_json(lines: &str, expected: &Expect) {
    let (read, findings) = read(lines.as_bytes());
    assert_eq!(findings, []);
    let mut shown = String::new();
    for invoice in &read.invoices {
        shown += &show(invoice);
        let charges = invoice.charges.iter().chain(invoice.lines.iter().flat_map(|line| &line.charges));
        for charge in charges {
            shown +=
                &format!("  {} {} {:?} {:?}\n", charge.indicator, charge.code, charge.amount, charge.percent);
        }
        for reference in &invoice.references {
            shown += &format!("  {} {}\n", reference.qualifier, reference.value);
        }
        shown.extend(invoice.carrier.iter().map(|by| format!("  {} {} {}\n", by.mode, by.carrier, by.text)));
    }
    for rejected in &read.rejected {
        shown.push_str(&format!("rejected {:?} rows {:?}\n", rejected.invoice_number, rejected.rows));
        shown.extend(rejected.diagnostics.iter().map(|finding| format!("  {finding}\n")));
    }
    expected.assert_eq(&shown);
}

#[test]
fn a_line_of_json_is_an_invoice_or_a_row_and_its_numbers_are_taken_as_they_stand() {
    check_json(
        concat!(
            r#"{"invoice_number":"0815","invoice_date":"2026-11-20","customer":"ACME","po_number":"PO-1","ship_date":"2026-11-19","tax":0.10,"#,
            r#""charges":[{"indicator":"A","code":"C310","percent":"2.5"}],"references":{"BM":"9"},"carrier":{"code":"UPSN"},"#,
            r#""lines":[{"line":1,"item":"0010","quantity":1.10,"unit":"EA","unit_price":12345678901234567.89,"serials":["a","b"],"#,
            r#""charges":[{"indicator":"C","code":"D500","amount":0.25}]},"#,
            r#"{"po_line_id":"20","po_number":"PO-2","item":"0011","quantity":"2","unit":"EA","unit_price":"0","ship_date":null}]}"#,
            "\n\n",
            r#"{"invoice_number":7,"type":"CR","invoice_date":"2026-11-20","customer":"ACME","po_number":"P","item":"1","quantity":-1,"unit":"EA","unit_price":1}"#,
            "\r\n",
            r#"{"invoice_number":7,"type":"CR","invoice_date":"2026-11-20","customer":"ACME","po_number":"P","item":"2","quantity":-2,"unit":"EA","unit_price":1,"more":{"a":[1]}}"#,
        ),
        &expect![[r#"
            DI 0815 2026-11-20 of ACME tax 0.1 freight 0 allowance 0
              PO-1 "" line "1" [] 1.1 EA 0010 @12345678901234567.89 ["a", "b"] 2026-11-19 row 1 byte 0
              PO-2 "" line "" [20] 2 EA 0011 @0 []  row 2 byte 0
              A C310 None Some(2.5)
              C D500 Some(0.25) None
              BM 9
               UPSN 
            CR 7 2026-11-20 of ACME tax 0 freight 0 allowance 0
              P "" line "" [] -1 EA 1 @1 []  row 3 byte 527
              P "" line "" [] -2 EA 2 @1 []  row 4 byte 675
        "#]],
    );
}

#[test]
fn a_line_that_is_no_invoice_is_named_and_the_others_go_on() {
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    let lines = [
        "{",
        "[]",
        "7",
        r#"{"invoice_number":"A","lines":[]}"#,
        r#"{"invoice_number":"B","lines":{}}"#,
        r#"{"invoice_number":"C","item":["1"]}"#,
        r#"{"invoice_number":"D","customer":"A\u0000B"}"#,
        r#"{"invoice_number":"E","charges":[{"indicator":"X","code":"C310","amount":1}]}"#,
        r#"{"invoice_number":"F","charges":[{"indicator":"A","code":"C310"}]}"#,
        r#"{"invoice_number":"G","references":[]}"#,
        r#"{"invoice_number":"H","charges":[{"indicator":"A","code":"C310","amount":1e3}]}"#,
        &format!("{{\"invoice_number\":\"I\",\"item\":{deep}}}"),
        r#"{"invoice_number":"J","invoice_date":"20.11.2026","customer":"ACME","po_number":"P","item":"1","quantity":1e3,"unit":"EA","unit_price":1}"#,
    ];
    check_json(
        &format!("{{\"x\":1}}\n{}\n", lines.join("\n")),
        &expect![[r#"
        rejected "" rows [1]
          E541 required value missing at row 1 (line 1), "invoice_number"
          E541 required value missing at row 1 (line 1), "customer"
          E541 required value missing at row 1 (line 1), "invoice_date"
          E541 required value missing at row 1 (line 1), "item"
          E541 required value missing at row 1 (line 1), "quantity"
          E541 required value missing at row 1 (line 1), "unit"
          E541 required value missing at row 1 (line 1), "unit_price"
        rejected "" rows [2]
          E487 line of a JSON file that is no invoice at row 2 (line 2) (EOF while parsing an object)
        rejected "" rows [3]
          E487 line of a JSON file that is no invoice at row 3 (line 3) (invalid type: sequence, expected a map)
        rejected "" rows [4]
          E487 line of a JSON file that is no invoice at row 4 (line 4) (invalid type: integer `7`, expected a map)
        rejected "A" rows [5]
          E487 line of a JSON file that is no invoice at row 5 (line 5) (an invoice without lines)
        rejected "B" rows [6]
          E487 line of a JSON file that is no invoice at row 6 (line 6) (lines is no list of objects)
        rejected "C" rows [7]
          E487 line of a JSON file that is no invoice at row 7 (line 7) (item: a list or an object, where one value belongs)
        rejected "D" rows [8]
          E487 line of a JSON file that is no invoice at row 8 (line 8) (customer: a NUL character)
        rejected "E" rows [9]
          E487 line of a JSON file that is no invoice at row 9 (line 9) (charges: indicator "X" is neither A nor C)
        rejected "F" rows [10]
          E487 line of a JSON file that is no invoice at row 10 (line 10) (charges: C310 has no amount, percent or rate)
        rejected "G" rows [11]
          E487 line of a JSON file that is no invoice at row 11 (line 11) (references is no object)
        rejected "H" rows [12]
          E487 line of a JSON file that is no invoice at row 12 (line 12) (amount: 1e3 is no number such as 12.50)
        rejected "I" rows [13]
          E487 line of a JSON file that is no invoice at row 13 (line 13) (item: a list or an object, where one value belongs)
        rejected "J" rows [14]
          E542 value that cannot be read at row 14 (line 14), "invoice_date": "20.11.2026" (expected a date such as 2026-11-20)
          E542 value that cannot be read at row 14 (line 14), "quantity": "1e3" (expected a number above 0; a credit is an invoice of type CR)
    "#]],
    );
    let (read, _) = read(b"{\"invoice_number\":\"\xff\"}\n");
    assert_eq!(read.rejected[0].diagnostics[0].rule.code, "E487");
}

#[test]
fn a_sorted_file_keeps_one_invoice_open_and_an_unsorted_one_those_that_come_back() {
    let row = |number: &str| format!("{number},2026-11-20,PO-1,ACME,1,0010,1,EA,1,,,,,,,,\n");
    let open_at_most = |numbers: &[&str]| {
        let text: String = std::iter::once(HEADER.to_owned()).chain(numbers.iter().map(|n| row(n))).collect();
        let (mut stream, _) = Stream::open(text.as_bytes(), text.as_bytes(), Format::Csv).unwrap();
        let (mut most, mut order) = (0, Vec::new());
        while let Some((_, posted)) = stream.next_invoice().unwrap() {
            order.push(posted.unwrap().0.invoice_number.to_string());
            most = most.max(stream.open_invoices());
        }
        (most, order.concat())
    };
    assert_eq!(open_at_most(&["A", "A", "B", "C", "D", "D"]), (1, "ABCD".to_owned()));
    // A comes back and waits for its last row; B and C do not
    assert_eq!(open_at_most(&["A", "B", "C", "A", "D"]), (2, "BCAD".to_owned()));
}

#[test]
fn an_invoice_of_more_lines_than_the_limit_is_rejected_alone() {
    let row = "A,2026-11-20,PO-1,ACME,1,0010,1,EA,1,,,,,,,,\n";
    let text = format!("{HEADER}{}B,2026-11-20,PO-1,ACME,1,0010,1,EA,1,,,,,,,,\n", row.repeat(LINES_MAX));
    let (whole, _) = read(text.as_bytes());
    assert_eq!((whole.invoices.len(), whole.invoices[0].lines.len()), (2, LINES_MAX));
    let (over, _) = read(format!("{text}{row}").as_bytes());
    assert_eq!((over.invoices.len(), over.rejected.len()), (1, 1));
    assert_eq!(over.rejected[0].diagnostics[0].rule.code, "E486");
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic_and_every_row_is_in_one_invoice(
        cells in proptest::collection::vec(
            proptest::collection::vec(
                prop_oneof![4 => "[12]", 1 => Just(String::new()), 1 => Just("2026-11-20".to_owned()), 1 => ".{0,3}"], 0..19,
            ),
            0..20,
        ),
        rubbish in proptest::collection::vec(any::<u8>(), 0..60),
    ) {
        read(&rubbish);
        read(&[b"{", rubbish.as_slice()].concat());
        let rows: String = cells.iter().map(|row| format!("{}\n", row.join(","))).collect();
        let (read, _) = read(format!("{HEADER}{rows}").as_bytes());
        let mut numbers: Vec<u64> = read.rejected.iter().flat_map(|rejected| rejected.rows.clone()).collect();
        numbers.extend(read.invoices.iter().flat_map(|invoice| invoice.lines.iter().map(|line| line.row)));
        numbers.sort_unstable();
        prop_assert_eq!(numbers, (1..=read.rows).collect::<Vec<_>>());
    }
}
