//! `ledger import`: what was sold before, all or nothing, once, each refused row with its reason.

use crate::ledger::{ledger, listed, site, sold};
use crate::nights::write;
use std::path::Path;

fn import(site: &Path, code: i32, text: &str, more: &[&str]) -> String {
    write(site, "old.csv", text.as_bytes());
    let path = site.join("old.csv");
    ledger(site, code, &[&["import", path.to_str().unwrap(), "--by", "Ida"], more].concat())
}

fn ready() -> tempfile::TempDir {
    let site = site();
    sold(site.path(), "2026-11-20", "R1,1,2026-11-20,S1,ACME,SAW,1,,A1,yes\n", 0);
    site
}

const SOUND: &str = "Customer;ITEM;date;serials;quantity;document;line;warranty_end;room;colour\n\
    ACME;SAW;2024-02-29;S1|S2;;OLD-1;1;;7;red\nBEST;CELL;2024-03-01;L1*4|L2*6;10;OLD-1;2;2025-12-31;;\n\
    ACME;HOSE;2024-03-01;;2.5;;;;;\nACME;HOSE;2024-03-01;;2.5;;;;;\nBEST;SET;2024-04-01;K1|L9*2;1;;;;;\n";

#[test]
fn a_file_is_taken_once_and_exploded_as_documents_are() {
    let site = ready();
    let site = site.path();
    let dry = import(site, 0, SOUND, &["--dry-run"]);
    assert!(
        dry.contains("5 rows: 5 new (8 entries), 0 unchanged, 0 rejected") && dry.contains("dry run"),
        "{dry}"
    );
    assert_eq!(listed(site, &["serial"], &[]), ["A1"]);
    let said = import(site, 0, SOUND, &["--reason", "before the ledger"]);
    assert!(said.contains("5 new (8 entries)") && said.contains("columns passed over: colour"), "{said}");
    let columns = ["customer", "item", "serial", "quantity", "warranty_end", "room"];
    let owned = [
        "ACME HOSE  2.5 2024-08-31 ",
        "ACME HOSE  2.5 2024-08-31 ",
        "ACME SAW A1 1 2028-11-19 ",
        "ACME SAW S1 1 2026-02-28 7",
        "ACME SAW S2 1 2026-02-28 7",
        "BEST CELL L1 4 2025-12-31 ",
        "BEST CELL L2 6 2025-12-31 ",
        "BEST CELL L9 2 2024-09-30 ",
        "BEST SAW K1 1 2026-03-31 ",
    ];
    assert_eq!(listed(site, &columns, &[]), owned);
    let again = import(site, 0, SOUND, &[]);
    assert!(again.contains("5 rows: 0 new (0 entries), 5 unchanged, 0 rejected"), "{again}");
    assert_eq!(listed(site, &columns, &[]), owned);
    write(site, "more.csv", b"customer,item,date,serial\nACME,SAW,2025-01-01,S3\n");
    let path = site.join("more.csv");
    let said = ledger(site, 0, &["add", "--from", path.to_str().unwrap(), "--by", "Ida"]);
    assert!(said.contains("1 new (1 entries)"), "{said}");
    let both = ["add", "--from", path.to_str().unwrap(), "--by", "Ida", "--date", "2026-01-01"];
    assert!(ledger(site, 2, &both).contains("cannot be used with"), "the rows have their own days");
    let told = ledger(site, 0, &["history", "S1"]);
    assert!(told.contains("before the ledger") && told.contains("import OLD-1/1"), "{told}");
}

#[test]
fn one_bad_row_stops_the_file_and_every_one_is_named_as_it_was() {
    let site = ready();
    let site = site.path();
    let rows = "customer,item,date,serials,quantity,document,line,floor,warranty_end\n\
        ACME,SAW,2024-01-01,S1,,OLD-1,1,,\n\
        ,SAW,2024-01-01,S2,,,,,\n\
        ACME,SAW,01/02/2024,S3,,,,,\n\
        ACME,SAW,2024-01-01,S1,,OLD-9,1,,\n\
        ACME,SAW,2024-01-01,A1,,,,,\n\
        ACME,SCREW,2024-01-01,,1,,,,\n\
        QUIET,SAW,2024-01-01,S4,,,,,\n\
        ACME,SAW,2024-01-01,S5,,,,ground,\n\
        ACME,SAW,2024-01-01,S6,2,,,,\n\
        ACME,PUMP,2024-01-01,,1,,,,\n\
        ACME,SAW,2024-01-01,S7,-1,,0,,soon\n\
        =cmd,SAW,2024-01-01,S8,,,,,\n";
    let said = import(site, 1, rows, &[]);
    assert!(said.contains("12 rows: 1 new (1 entries), 0 unchanged, 11 rejected"), "{said}");
    assert!(said.contains("nothing is added; mend the file ("), "{said}");
    assert_eq!(listed(site, &["serial"], &[]), ["A1"], "all or nothing");
    let mut reader = csv::Reader::from_path(site.join("old.problems.csv")).unwrap();
    let told: Vec<(String, String)> = reader
        .records()
        .map(|row| {
            let row = row.unwrap();
            (row.iter().take(4).collect::<Vec<_>>().join(","), row[9].to_owned())
        })
        .collect();
    for ((row, problem), (expected, code)) in told.iter().zip([
        (",SAW,2024-01-01,S2", "customer is missing"),
        ("ACME,SAW,01/02/2024,S3", "date is \"01/02/2024\", expected a date such as 2026-11-20"),
        ("ACME,SAW,2024-01-01,S1", "E587"),
        ("ACME,SAW,2024-01-01,A1", "E587"),
        ("ACME,SCREW,2024-01-01,", "E592"),
        ("QUIET,SAW,2024-01-01,S4", "E591"),
        ("ACME,SAW,2024-01-01,S5", "E588"),
        ("ACME,SAW,2024-01-01,S6", "E444"),
        ("ACME,PUMP,2024-01-01,", "E586"),
        (
            "ACME,SAW,2024-01-01,S7",
            "quantity is \"-1\", expected a number that is not below 0; line is \"0\", expected a line number from 1; \
             warranty_end is \"soon\", expected a date such as 2026-11-20",
        ),
        ("'=cmd,SAW,2024-01-01,S8", "E591"),
    ]) {
        assert_eq!(row, expected);
        assert!(problem.contains(code), "{row}: {problem}");
    }
    assert_eq!(told.len(), 11);
    // the mended file of problems is a file like any other, and leaves none behind
    write(
        site,
        "old.problems.csv",
        b"customer,item,date,serials,problem\nACME,SAW,2024-01-01,S2,it was missing\n",
    );
    let path = site.join("old.problems.csv");
    ledger(site, 0, &["import", path.to_str().unwrap(), "--by", "Ida"]);
    import(site, 0, "customer,item,date,serials\nACME,SAW,2024-01-01,S3\n", &[]);
    assert!(!path.exists(), "what an earlier attempt left goes");
}

#[test]
fn a_row_with_other_content_and_one_of_an_invoice_that_was_posted_are_refused() {
    let site = ready();
    let site = site.path();
    import(site, 0, "customer,item,date,serials,document,line\nACME,SAW,2024-01-01,S1,OLD-1,1\n", &[]);
    for (row, expected) in [
        ("ACME,SAW,2024-01-02,S1,OLD-1,1", "E585 document number that stands for something else"),
        ("ACME,SAW,2024-01-01,S1,OLD-2,1", "E587"),
    ] {
        let said = import(site, 1, &format!("customer,item,date,serials,document,line\n{row}\n"), &[]);
        assert!(said.contains(expected), "{row}: {said}");
    }
    write(
        site,
        "inbox/invoices/1.csv",
        b"invoice_number,invoice_date,po_number,customer,line,item,quantity,unit,unit_price\n\
          4711,2026-11-20,P-1,ACME,1,HOSE,2,FT,10\n",
    );
    // its customer number waits for a person
    crate::ledger::night(site, "2026-11-21", &[], 1);
    let said =
        import(site, 1, "customer,item,date,quantity,document,line\nACME,HOSE,2026-11-20,2,4711,1\n", &[]);
    assert!(said.contains("E595") && said.contains("key invoice/DI/4711/1/1"), "{said}");
    let by_hand =
        ["--customer", "ACME", "--item", "HOSE", "--serial", "H-1", "--document", "4711", "--by", "Ida"];
    ledger(site, 0, &["void", "invoice/DI/4711/1/1", "--reason", "its serial was found", "--by", "Ida"]);
    ledger(site, 0, &[&["add"], &by_hand[..]].concat());
    assert_eq!(listed(site, &["serial"], &["--item", "HOSE"]), ["", "H-1"]);
    let key = "import/ACME/OLD-1/1/SAW/S1/1";
    ledger(site, 0, &["void", key, "--reason", "wrong customer", "--by", "Ida"]);
    let said =
        import(site, 1, "customer,item,date,serials,document,line\nACME,SAW,2024-01-01,S1,OLD-1,1\n", &[]);
    assert!(said.contains("was taken back"), "{said}");
}

#[test]
fn a_file_that_is_another_is_told_before_anything_is_read_of_it() {
    let site = ready();
    let site = site.path();
    let backwards = "customer,item,date,serial,warranty_start,warranty_end\nACME,SAW,2024-01-01,S1,2024-03-31,2024-03-01\n";
    let said = import(site, 1, backwards, &[]);
    assert!(said.contains("warranty_end: 2024-03-01 is before warranty_start 2024-03-31"), "{said}");
    for (text, expected) in [
        ("customer,item,serial\nACME,SAW,S1\n", "has no column date"),
        ("customer,item,date,item\nACME,SAW,2024-01-01,SAW\n", "two columns of"),
        ("", "has no column customer"),
    ] {
        let said = import(site, 2, text, &[]);
        assert!(said.contains(expected), "{said}");
    }
    assert!(ledger(site, 2, &["import", "nowhere.csv", "--by", "I"]).contains("nowhere.csv"));
}
