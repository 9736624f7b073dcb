//! `xref`: files in and out, lookups, history, health and previews, with the built program on a site after its night.

use crate::nights::{DATE, acme_site, night, order, run, write};
use proptest::prelude::*;
use serde_json::Value;
use std::path::Path;
use std::process::Output;

const ITEMS: &str = "item,description,unit,gtin,status,successor\n\
    10-1,Hex bolt M8,EA,,,\n10-2,Hex nut M8,EA,,,\n0020,Washer,EA,,,\n30-1,Old pump,EA,,discontinued,30-2\n\
    30-2,New pump,EA,614141110018,,\n40-1,Gone,EA,,discontinued,\n50-1,Round,EA,,discontinued,50-2\n\
    50-2,Round again,EA,,discontinued,50-1\n60-1,Bad code,EA,614141110019,,\n";
const CUSTOMERS: &str =
    "customer,name,group\nACME,Acme Stores,retail\nBEST,Best Shops,\nTWIN1,Twin,\nTWIN2,Twin,\n";
const XREFS: &str = "customer,customer_item,item,ship_to,qualifier,unit,unit_factor,rank,valid_from,valid_to,status,description\n\
    ACME,A-1,10-1,,,,,1,,,active,the bolt\n\
    ACME,00123,10-2,,,,,1,,,active,\n\
    group:retail,G-1,10-2,,BP,CA,12,2,2026-01-01,2026-12-31,active,\n\
    ACME,A-1,10-2,S1,,,,1,,,active,\n";

/// A site whose masters are in its store.
pub(crate) fn site() -> tempfile::TempDir {
    site_after(&[])
}

/// The same, after the night that took these orders.
fn site_after(orders: &[String]) -> tempfile::TempDir {
    let site = acme_site();
    for (number, order) in orders.iter().enumerate() {
        write(site.path(), &format!("inbox/orders/{number}.edi"), order.as_bytes());
    }
    for (path, text) in
        [("masters/items.csv", ITEMS), ("masters/customers.csv", CUSTOMERS), ("masters/item_xref.csv", XREFS)]
    {
        write(site.path(), path, text.as_bytes());
    }
    night(site.path(), &["-q"]);
    site
}

fn text(out: &Output) -> String {
    String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr)
}

/// What a command that ends with this code prints.
pub(crate) fn said(site: &Path, code: i32, arguments: &[&str]) -> String {
    let out = run(site, arguments);
    assert_eq!(out.status.code(), Some(code), "{arguments:?}: {}", text(&out));
    text(&out)
}

pub(crate) fn json(site: &Path, code: i32, arguments: &[&str]) -> Value {
    let out = run(site, &[&["--format", "json"], arguments].concat());
    assert_eq!(out.status.code(), Some(code), "{arguments:?}: {}", text(&out));
    serde_json::from_slice(&out.stdout).unwrap()
}

/// Imports a file of these bytes: what is told of it.
pub(crate) fn import(site: &Path, code: i32, bytes: &[u8], more: &[&str]) -> Value {
    write(site, "in.csv", bytes);
    let path = site.join("in.csv");
    let told = json(site, code, &[&["xref", "import", path.to_str().unwrap(), "--by", "Ida"], more].concat());
    told[0].clone()
}

/// Rows, added, changed, unchanged, ended, rejected.
pub(crate) fn counts(told: &Value) -> [u64; 6] {
    ["rows", "added", "changed", "unchanged", "ended", "rejected"].map(|name| told[name].as_u64().unwrap())
}

fn problems(told: &Value) -> Vec<String> {
    let each = told["problems"].as_array().unwrap().iter();
    each.map(|problem| format!("{} {}", problem["row"], problem["problem"].as_str().unwrap())).collect()
}

fn export(site: &Path) -> String {
    let out = run(site, &["xref", "export"]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out));
    String::from_utf8(out.stdout).unwrap()
}

#[test]
fn files_of_every_kind_come_in_as_the_same_rows() {
    let wanted = "ACME,N-1,10-1,,,,,1,,,active,Schlüssel,import";
    let latin = b"customer,customer_item,item,description\nACME,N-1,10-1,Schl\xfcssel\n";
    let utf16: Vec<u8> = std::iter::once(0xFEFF)
        .chain("customer\tcustomer_item\titem\tdescription\r\nACME\tN-1\t10-1\tSchlüssel\r\n".encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    for bytes in [
        "customer,customer_item,item,description\nACME,N-1,10-1,Schlüssel\n".as_bytes(),
        "\u{feff}Customer Name;Item Number;Customer Item Number;Customer Item Description;Price\r\nAcme stores;10-1;N-1;Schlüssel;1,50\r\n".as_bytes(),
        "CustomerName|ItemNumber|CustomerItemNumber|CustomerItemDescription\nACME|10-1|N-1|Schlüssel\n".as_bytes(),
        "item\tCUSTOMER_ITEM\tCustomer\tdescription\n10-1\tN-1\tACME\tSchlüssel\n".as_bytes(),
        "description,item,customer_item,customer\n\"Schlüssel\",\"10-1\",\" N-1 \",ACME\n\n".as_bytes(),
        latin,
        &utf16,
    ] {
        let site = site();
        let told = import(site.path(), 0, bytes, &[]);
        assert_eq!(counts(&told), [1, 1, 0, 0, 0, 0], "{}", String::from_utf8_lossy(bytes));
        assert_eq!(told["applied"], true);
        let rows = export(site.path());
        assert!(rows.contains(wanted), "{rows}");
    }
}

#[test]
fn what_is_no_such_file_is_refused_whole() {
    let site = site();
    let path = site.path().join("in.csv");
    for (bytes, error) in [
        ("a,b\n1,2\n", "has no column customer, customer_item, item; its header is \"a, b\""),
        ("", "has no column customer"),
        ("customer,customer_item,item,CustomerName\n", "two columns of"),
    ] {
        write(site.path(), "in.csv", bytes.as_bytes());
        let told = said(site.path(), 2, &["xref", "import", path.to_str().unwrap(), "--by", "Ida"]);
        assert!(told.contains(error), "{told}");
    }
    assert!(said(site.path(), 2, &["xref", "import", "nowhere.csv", "--by", "Ida"]).contains("nowhere.csv"));
    let empty = acme_site();
    write(empty.path(), "in.csv", b"customer,customer_item,item\n");
    let path = empty.path().join("in.csv");
    let told = said(empty.path(), 2, &["xref", "import", path.to_str().unwrap(), "--by", "Ida"]);
    assert!(told.contains("the store has no items yet"), "{told}");
}

/// A row of a file, and the problem it is refused for; empty: it is sound.
const ROWS: &[(&str, &str)] = &[
    ("ACME,N-1,10-1,,,,,,,,,", ""),
    ("ACME,,10-1,,,,,,,,,", "customer_item is missing"),
    ("ACME,N-2,10-9,,,,,,,,,", r#"unknown item "10-9": items.csv does not have it"#),
    (
        "ACME,N-3,20,,,,,,,,,",
        r#"unknown item "20": items.csv has 0020, whose leading zeros a spreadsheet may have cut"#,
    ),
    ("Nobody,N-4,10-1,,,,,,,,,", r#"unknown customer "Nobody": customers.csv has no such id or name"#),
    ("twin,N-5,10-1,,,,,,,,,", r#"several customers have the name "twin": write the customer's id"#),
    ("group:none,N-6,10-1,,,,,,,,,", r#"unknown group "none": no customer of customers.csv is in it"#),
    ("*,N-7,10-1,S1,,,,,,,,", "a ship-to, S1, where the customer is *"),
    ("ACME,N-8,50-1,,,,,,,,,", "item 50-1 leads nowhere: the successors go round in a circle at 50-1"),
    ("ACME,N-9,10-1,,,,0,,,,,", r#"unit_factor "0" is not a positive factor such as 12, 0.5 or 1/2"#),
    ("ACME,N-10,10-1,,,,,0,,,,", r#"rank "0" is not a whole number from 1"#),
    ("ACME,N-11,10-1,,,,,,01.02.2026,,,", r#"valid_from "01.02.2026" is not a date as YYYY-MM-DD"#),
    ("ACME,N-12,10-1,,,,,,2026-03-01,2026-02-01,,", "valid_to 2026-02-01 is before valid_from 2026-03-01"),
    ("ACME,N-13,10-1,,,,,,,,retired,", r#"status "retired" is not active or inactive"#),
    (
        "ACME,1.23E+11,10-1,,,,,,,,,",
        r#"customer_item "1.23E+11": a spreadsheet has rounded it to a power of ten; its last digits are lost"#,
    ),
    ("ACME,4711.0,10-1,,,,,,,,,", r#"customer_item "4711.0": a spreadsheet has made a decimal of it"#),
    (
        "ACME,123,10-2,,,,,,,,,",
        r#"customer_item "123": 00123 is known; a spreadsheet may have cut its leading zeros"#,
    ),
    ("BEST,123,10-2,,,,,,,,,", ""),
    (
        "ACME,A-1,10-2,,,,,,,,,",
        "a row from masters leads A-1 to 10-1 with the same standing on a common day: a line would be ambiguous; change a rank, a date or a status",
    ),
    ("ACME,A-1,30-2,,,,,2,,,,", ""),
    ("BEST,T-1,10-1,,,,,1,,,,", "row 22 has the same key and other values"),
    ("BEST,T-1,10-1,,,,,2,,,,", "row 21 has the same key and other values"),
    ("BEST,T-2,10-1,,,,,1,,,,", ""),
    ("BEST,T-2,10-1,,,,,1,,,,", "row 23 says the same already"),
    (
        "BEST,T-3,10-1,,,,,,,2026-06-30,,",
        "another row of this file leads T-3 to 10-2 with the same standing on a common day: a line would be ambiguous; change a rank, a date or a status",
    ),
    (
        "BEST,T-3,10-2,,,,,,2026-06-30,,,",
        "another row of this file leads T-3 to 10-1 with the same standing on a common day: a line would be ambiguous; change a rank, a date or a status",
    ),
    ("BEST,T-4,10-1,,,,,,,2026-06-30,,", ""),
    ("BEST,T-4,10-2,,,,,,2026-07-01,,,", ""),
    ("BEST,T-5,30-1,,,,,,,,,", ""),
    ("BEST,T-5,30-2,,,,,,,,,", ""),
    ("BEST,T-6,40-1,,,,,,,,,", ""),
    ("BEST,T-7,10-1,,,CA,12,,,,,", ""),
    ("BEST,T-7,10-1,,,BX,24,,,,,", ""),
    ("BEST,#NAME?,10-1,,,,,,,,,", r##"customer_item "#NAME?": a spreadsheet has put an error in its place"##),
    ("BEST,T-8,10-1,,,,,,,,,,more", "more values than headers: a value may hold the delimiter"),
];

#[test]
fn each_row_is_refused_for_what_is_wrong_with_it_and_for_nothing_else() {
    let site = site();
    let header = XREFS.lines().next().unwrap();
    let long = format!("ACME,{},10-1,,,,,,,,,", "9".repeat(81));
    let mut rows: Vec<(&str, &str)> = ROWS.to_vec();
    rows.push((&long, "customer_item has 81 characters; there is room for 80"));
    let file = format!("{header}\n{}\n", rows.iter().map(|(row, _)| *row).collect::<Vec<_>>().join("\n"));
    let before = export(site.path());
    let told = import(site.path(), 1, file.as_bytes(), &[]);
    assert_eq!(told["applied"], false);
    assert_eq!(export(site.path()), before, "all or nothing");
    let refused = rows.iter().filter(|(_, problem)| !problem.is_empty()).count();
    assert_eq!(told["rejected"], refused);
    let beside = std::fs::read_to_string(site.path().join("in.problems.csv")).unwrap();
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(beside.as_bytes());
    assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>().join(","), format!("{header},problem"));
    let found: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let expected = rows.iter().filter(|(_, problem)| !problem.is_empty());
    for (record, (row, problem)) in found.iter().zip(expected) {
        assert_eq!(&record[12], *problem, "{row}");
        let cells = record.iter().take(12).collect::<Vec<_>>().join(",");
        assert!(row.starts_with(&cells), "the row as it was: {row} {cells}");
    }
    assert_eq!(found.len(), refused);
    // the sound ones alone
    let told = import(site.path(), 1, file.as_bytes(), &["--partial"]);
    let sound = (rows.len() - refused) as u64;
    assert_eq!(counts(&told), [rows.len() as u64, sound, 0, 0, 0, refused as u64]);
    let again = import(site.path(), 1, file.as_bytes(), &["--partial"]);
    assert_eq!(counts(&again)[1..4], [0, 0, sound], "what is applied is unchanged the second time");
}

#[test]
fn an_error_file_is_guarded_for_spreadsheets_and_comes_back_as_it_was() {
    let site = site();
    let rows = "customer;customer_item;item;note\nACME;=1+1;99;-x\nACME;@B;98;ok\n";
    import(site.path(), 1, rows.as_bytes(), &[]);
    let path = site.path().join("in.problems.csv");
    let beside = std::fs::read_to_string(&path).unwrap();
    let unknown = |item: &str| format!("\"unknown item \"\"{item}\"\": items.csv does not have it\"");
    let expected = format!(
        "customer;customer_item;item;note;problem\nACME;'=1+1;99;'-x;{}\nACME;'@B;98;ok;{}\n",
        unknown("99"),
        unknown("98")
    );
    assert_eq!(beside, expected);
    std::fs::write(&path, beside.replace(";99;", ";10-1;").replace(";98;", ";10-2;")).unwrap();
    let told = json(site.path(), 0, &["xref", "import", path.to_str().unwrap(), "--by", "Ida"]);
    assert_eq!(counts(&told[0]), [2, 2, 0, 0, 0, 0]);
    assert!(!path.exists(), "nothing is wrong any more");
    assert!(export(site.path()).contains("ACME,=1+1,10-1,"), "exports carry values as they are");
}

#[test]
fn blanks_keep_what_stands_and_a_replacement_clears_it() {
    let site = site();
    let full = "customer,customer_item,item,unit,unit_factor,rank,valid_to,status,description\n\
                BEST,N-1,10-1,CA,12,3,2026-12-31,inactive,words\n";
    assert_eq!(counts(&import(site.path(), 0, full.as_bytes(), &[])), [1, 1, 0, 0, 0, 0]);
    let blank = "customer,customer_item,item,unit,unit_factor,rank,status\nBEST,N-1,10-1,CA,,,\n";
    assert_eq!(counts(&import(site.path(), 0, blank.as_bytes(), &[])), [1, 0, 0, 1, 0, 0]);
    let some = "customer,customer_item,item,unit,rank,status\nBEST,N-1,10-1,CA,,active\n";
    assert_eq!(counts(&import(site.path(), 0, some.as_bytes(), &[])), [1, 0, 1, 0, 0, 0]);
    assert!(export(site.path()).contains("BEST,N-1,10-1,,,CA,12,3,,2026-12-31,active,words,import"));
    let more = "customer,customer_item,item\nBEST,N-2,10-1\n";
    import(site.path(), 0, more.as_bytes(), &[]);
    let whole = "customer,customer_item,item,unit\nBEST,N-1,10-1,CA\n";
    let told = import(site.path(), 0, whole.as_bytes(), &["--replace", "BEST"]);
    assert_eq!(counts(&told), [1, 0, 1, 0, 1, 0]);
    let rows = export(site.path());
    assert!(rows.contains("BEST,N-1,10-1,,,CA,,1,,,active,,import") && !rows.contains("N-2"), "{rows}");
    let other = "customer,customer_item,item\nACME,N-2,10-1\n";
    let told = import(site.path(), 1, other.as_bytes(), &["--replace", "BEST"]);
    assert_eq!(problems(&told), ["1 a row of another customer than BEST, whose rows are replaced"]);
}

#[test]
fn an_import_covers_the_masters_and_outlives_their_next_export() {
    let site = site();
    let file = "customer,customer_item,item,rank\nACME,00123,10-2,5\n";
    assert_eq!(counts(&import(site.path(), 0, file.as_bytes(), &[])), [1, 0, 1, 0, 0, 0]);
    write(site.path(), "masters/item_xref.csv", XREFS.replace("10-2,,,,,1", "10-2,,,,,4").as_bytes());
    night(site.path(), &["-q"]);
    let rows = export(site.path());
    assert!(rows.contains("ACME,00123,10-2,,,,,5,") && !rows.contains("ACME,00123,10-2,,,,,4,"), "{rows}");
}

#[test]
fn what_is_exported_comes_in_as_no_change_and_goes_out_the_same() {
    let site = site();
    // rows that no import would bring: an item and a customer that are gone, two rows that contradict one another
    let odd = format!(
        "{XREFS}GHOST,X,99-9,,,,,1,,,active,\nACME,C-1,10-1,,,,,1,,,active,\"two\nlines\"\nACME,C-1,10-2,,,,,1,,,active,\n\
         ACME,D-1,10-1,,,,,1,,,active,\nACME,D-1,10-1,,,,,2,,,active,\n"
    );
    write(site.path(), "masters/item_xref.csv", odd.as_bytes());
    night(site.path(), &["-q"]);
    import(site.path(), 0, b"customer,customer_item,item,rank\nBEST,00.5,10-1,4\nACME,00123,10-2,9\n", &[]);
    let rows = export(site.path());
    assert_eq!(rows.lines().count(), 12, "{rows}");
    let told = import(site.path(), 0, rows.as_bytes(), &[]);
    assert_eq!(counts(&told), [10, 0, 0, 10, 0, 0], "{told}");
    assert_eq!(export(site.path()), rows);
}

fn any_row() -> impl Strategy<Value = String> {
    let customer = prop_oneof![Just("ACME"), Just("BEST"), Just("group:retail"), Just("*"), Just("Nobody")];
    let number = prop_oneof![
        Just("N"),
        Just("A-1"),
        Just("=N"),
        Just("0N"),
        Just("N \"x\""),
        Just("1.0"),
        Just("7;8,9")
    ];
    let item = prop_oneof![4 => Just("10-1"), 2 => Just("10-2"), 1 => Just("0020"), 1 => Just("nil")];
    let ship_to = prop_oneof![4 => Just(""), 1 => Just("S1")];
    let unit = prop_oneof![Just(","), Just("CA,12"), Just("BX,1/3"), Just(",0.5")];
    let rank = prop_oneof![Just(""), Just("1"), Just("2"), Just("x")];
    let from = prop_oneof![Just(""), Just("2026-01-01"), Just("2026-06-01")];
    let to = prop_oneof![Just(""), Just("2026-05-31"), Just("2027-05-31")];
    let status = prop_oneof![Just(""), Just("inactive"), Just("ACTIVE")];
    (customer, number, item, ship_to, unit, rank, from, to, status).prop_map(
        |(customer, number, item, ship_to, unit, rank, from, to, status)| {
            let number = number.replace('"', "\"\"");
            format!("{customer},\"{number}\",{item},{ship_to},,{unit},{rank},{from},{to},{status},")
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn any_file_in_and_out_again_is_the_same_and_its_preview_is_empty(
        rows in proptest::collection::vec(any_row(), 1..24),
    ) {
        let site = site_after(&[order(1, "PO-1", "00", 5)]);
        let header = XREFS.lines().next().unwrap();
        let file = format!("{header}\n{}\n", rows.join("\n"));
        write(site.path(), "any.csv", file.as_bytes());
        let path = site.path().join("any.csv");
        let path = path.to_str().unwrap();
        let first = run(site.path(), &["xref", "import", path, "--by", "Ida", "--partial"]);
        prop_assert!(first.status.code().unwrap() < 2, "{}", text(&first));
        let arguments = ["xref", "import", path, "--by", "Ida", "--partial", "--preview", "--date", DATE];
        let applied = json(site.path(), first.status.code().unwrap(), &arguments);
        let preview = &applied[0]["preview"];
        prop_assert_eq!((&preview["orders_read"], &preview["lines"]), (&1.into(), &0.into()), "{}", applied);
        let out = export(site.path());
        let again = import(site.path(), 0, out.as_bytes(), &[]);
        prop_assert_eq!(&counts(&again)[1..], &[0, 0, counts(&again)[0], 0, 0], "{}\n{}", file, out);
        prop_assert_eq!(&export(site.path()), &out);
        let today = run(site.path(), &["xref", "export", "--as-of", "2999-12-31"]);
        prop_assert_eq!(String::from_utf8(today.stdout).unwrap(), out, "as of today is current");
    }
}
