//! The ledger by nights: what documents make of it, what finds nothing, and the proof that nothing is missing.

use crate::nights::{run, scratch, summary, write};
use serde_json::Value;
use std::path::Path;

pub(crate) const TOML: &str = "[company]\nname = \"Northwind\"\ninterchange_qualifier = \"ZZ\"\ninterchange_id = \"NORTHWIND\"\n\
    application_id = \"NORTHWIND\"\ncurrency = \"USD\"\nusage = \"P\"\n\n\
    [[customer_item_types]]\nname = \"tool\"\nwarranty_months = 24\nservice_every_months = 12\nserial_unique = true\n\
    fields = [{ name = \"room\", type = \"text\" }, { name = \"floor\", type = \"integer\" }]\n\n\
    [[customer_item_types]]\nname = \"battery\"\nwarranty_months = 6\nwarranty_starts = \"purchase\"\non_replacement = \"fresh\"\n\n\
    [[customer_item_types]]\nname = \"medical\"\nserial_required = true\n";
const ITEMS: &str = "item,description,unit,customer_item_type,serial_tracking\n\
    SAW,Saw,EA,tool,each\nDRILL,Drill,EA,tool,each\nCELL,Cell,EA,battery,multi\nHOSE,Hose,FT,battery,\n\
    PUMP,Pump,EA,medical,\nSCREW,Screw,EA,,\nSET,Set,EA,,\nCASE,Case,EA,,\n";
const CUSTOMERS: &str = "customer,name,ledger\nACME,Acme,\nBEST,Best,\nQUIET,Quiet,no\n";
const KITS: &str = "kit,component,quantity\nSET,SAW,1\nSET,CELL,2\nSET,SCREW,20\nCASE,SET,1\nCASE,HOSE,1.5\n";
pub(crate) const POS: &str = "receipt,line,sold_at,store,customer,item,quantity,unit_price,serials,paid\n";

/// A site with three types, two customers that own things, one that does not, and a kit within a kit.
pub(crate) fn site() -> tempfile::TempDir {
    let site = scratch();
    write(site.path(), "itembridge.toml", TOML.as_bytes());
    write(site.path(), "partners/acme.toml", b"[partner]\nid = \"acme\"\ncustomer = \"ACME\"\n");
    write(site.path(), "masters/items.csv", ITEMS.as_bytes());
    write(site.path(), "masters/customers.csv", CUSTOMERS.as_bytes());
    write(site.path(), "masters/item_kits.csv", KITS.as_bytes());
    write(site.path(), "masters/item_xref.csv", b"customer,customer_item,item\nACME,A-1,SAW\n");
    site
}

/// A night in which the shops sold this; its exit code is looked at.
pub(crate) fn sold(site: &Path, date: &str, rows: &str, code: i32) -> Value {
    write(site, &format!("inbox/pos/{date}.csv"), format!("{POS}{rows}").as_bytes());
    night(site, date, &[], code)
}

/// reports/run-ID.json of a night.
pub(crate) fn night(site: &Path, date: &str, more: &[&str], code: i32) -> Value {
    let out = run(site, &[&["--format", "json", "run", "--date", date], more].concat());
    let said = String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(code), "{said}");
    let told: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(told, summary(site, told["run_id"].as_str().unwrap()));
    told
}

/// `ledger ...`: its exit code, and what it says.
pub(crate) fn ledger(site: &Path, code: i32, arguments: &[&str]) -> String {
    let out = run(site, &[&["ledger"], arguments].concat());
    let said = String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(code), "ledger {arguments:?}: {said}");
    said
}

/// Some columns of `ledger list --as csv`, one text a row.
pub(crate) fn listed(site: &Path, columns: &[&str], more: &[&str]) -> Vec<String> {
    let text = ledger(site, 0, &[&["list", "--as", "csv"], more].concat());
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let at: Vec<usize> =
        columns.iter().map(|name| header.iter().position(|column| column == *name).unwrap()).collect();
    let row = |row: csv::StringRecord| at.iter().map(|at| row[*at].to_owned()).collect::<Vec<_>>().join(" ");
    reader.records().map(|record| row(record.unwrap())).collect()
}

fn waiting(told: &Value) -> Vec<String> {
    let rows = told["waiting"].as_array().unwrap().iter();
    rows.map(|row| {
        let detail = row["detail"]["findings"][0]["detail"].as_str().unwrap_or_default();
        format!("{} | {detail}", row["cause"].as_str().unwrap())
    })
    .collect()
}

#[test]
fn a_kit_within_a_kit_is_owned_by_its_parts_each_with_its_own_cover() {
    let site = site();
    let site = site.path();
    let told = sold(site, "2026-11-20", "R1,1,2026-11-20,S1,ACME,CASE,2,,A1|A2|L1*2|L2*2,yes\n", 0);
    assert_eq!(told["ledger"], serde_json::json!({"lines": 1, "made": 1}));
    assert_eq!(
        listed(site, &["item", "serial", "quantity", "kit", "warranty_end"], &[]),
        [
            "CELL L1 2 CASE 2027-05-19",
            "CELL L2 2 CASE 2027-05-19",
            "HOSE  1 CASE 2027-05-19",
            "HOSE  1 CASE 2027-05-19",
            "HOSE  1 CASE 2027-05-19",
            "SAW A1 1 CASE 2028-11-19",
            "SAW A2 1 CASE 2028-11-19",
        ]
    );
}

#[test]
fn a_return_that_finds_nothing_waits_with_what_was_looked_for_and_closes_when_it_is_found() {
    let site = site();
    let site = site.path();
    let rows = "R1,1,2026-11-20,S1,ACME,SAW,1,,A1,yes\nR2,1,2026-11-20,S1,ACME,SAW,-1,,A9,yes\n\
        R3,1,2026-11-20,S1,BEST,SAW,-1,,A1,yes\nR4,1,2026-11-20,S1,,SAW,-1,,A1,yes\n";
    let told = sold(site, "2026-11-20", rows, 1);
    assert_eq!(
        waiting(&told),
        [
            "ledger/E580/R2 | returned by pos R2 line 1 on 2026-11-20: 1 EA of SAW with serial A9 of ACME; what there is: \
             SAW A1 of ACME since 2026-11-20, key pos/S1/R1/1/1 (key pos/S1/R2/1/return/1)",
            "ledger/E580/R3 | returned by pos R3 line 1 on 2026-11-20: 1 EA of SAW with serial A1 of BEST; the serial is \
             SAW A1 of ACME since 2026-11-20, key pos/S1/R1/1/1 (key pos/S1/R3/1/return/1)",
        ]
    );
    assert_eq!(told["ledger"]["unmatched"], 2);
    // it stays open, and is no news
    let again = night(site, "2026-11-21", &[], 0);
    assert_eq!(again["ledger"], serde_json::json!({}));
    let said = String::from_utf8(run(site, &["worklist", "export", "--as", "csv"]).stdout).unwrap();
    assert!(said.contains("ledger/E580/R2") && said.contains("serial A9 of ACME"), "{said}");

    ledger(
        site,
        0,
        &[
            "add",
            "--customer",
            "ACME",
            "--item",
            "SAW",
            "--serial",
            "A9",
            "--date",
            "2024-01-01",
            "--by",
            "Ida",
        ],
    );
    let mended = night(site, "2026-11-22", &[], 0);
    assert_eq!(mended["ledger"], serde_json::json!({"closed": 1}));
    assert_eq!(
        listed(site, &["serial", "ended_as", "ended"], &["--ended", "--serial", "A9"]),
        ["A9 returned 2026-11-20"]
    );
    let said = String::from_utf8(run(site, &["worklist", "export", "--as", "csv"]).stdout).unwrap();
    assert!(!said.contains("ledger/E580/R2") && said.contains("ledger/E580/R3"), "{said}");

    // the other serial was mistyped: what is so is said by hand, and the entry is taken back
    ledger(site, 0, &["return", "A1", "--document", "R3", "--date", "2026-11-20", "--by", "Ida"]);
    ledger(site, 0, &["void", "pos/S1/R3/1/return/1", "--reason", "another customer's", "--by", "Ida"]);
    assert_eq!(night(site, "2026-11-23", &[], 0)["ledger"], serde_json::json!({"closed": 1}));
    let said = String::from_utf8(run(site, &["worklist", "export", "--as", "csv"]).stdout).unwrap();
    assert!(!said.contains("E580"), "{said}");
}

#[test]
fn returned_and_sold_again_begins_anew_and_two_owners_of_one_serial_wait() {
    let site = site();
    let site = site.path();
    let rows = "R1,1,2026-01-10,S1,ACME,SAW,1,,A1,yes\nR2,1,2026-02-10,S1,ACME,SAW,-1,,A1,yes\n\
        R3,1,2026-03-10,S1,BEST,SAW,1,,A1,yes\n";
    sold(site, "2026-11-20", rows, 0);
    let columns = ["customer", "serial", "warranty_end", "status"];
    assert_eq!(
        listed(site, &columns, &["--serial", "A1", "--ended"]),
        ["ACME A1 2028-01-09 ended", "BEST A1 2028-03-09 active"]
    );
    let told = sold(site, "2026-11-21", "R4,1,2026-11-21,S1,ACME,SAW,1,,A1,yes\n", 1);
    assert_eq!(
        waiting(&told),
        [
            "ledger/E587/A1 | SAW A1 of BEST since 2026-03-10, key pos/S1/R3/1/1; SAW A1 of ACME since 2026-11-21, key pos/S1/R4/1/1"
        ]
    );
    sold(site, "2026-11-22", "R5,1,2026-11-22,S1,BEST,SAW,-1,,A1,yes\n", 0);
    let open = String::from_utf8(run(site, &["worklist", "export", "--as", "csv"]).stdout).unwrap();
    assert!(!open.contains("E587"), "{open}");
}

#[test]
fn what_the_masters_lacked_is_posted_by_the_next_night_and_its_row_closes() {
    let site = site();
    let site = site.path();
    write(site, "masters/item_kits.csv", format!("{KITS}SET,NEW,1\n").as_bytes());
    let told = sold(site, "2026-11-20", "R1,1,2026-11-20,S1,ACME,SET,1,,A1|L1*2,yes\n", 1);
    assert_eq!(waiting(&told), ["ledger/E442/S1/R1/1 | receipt R1 of store \"S1\", line 1"]);
    assert_eq!(told["ledger"], serde_json::json!({"lines": 1, "made": 1}));
    write(site, "masters/items.csv", format!("{ITEMS}NEW,New,EA,tool,\n").as_bytes());
    let told = night(site, "2026-11-21", &[], 0);
    assert_eq!((&told["customer_items_added"], &told["ledger"]["closed"]), (&1.into(), &1.into()));
    assert_eq!(listed(site, &["item", "owned_from"], &["--item", "NEW"]), ["NEW 2026-11-20"]);
}

#[test]
fn a_ledger_that_lost_an_entry_is_found_by_the_night_and_by_the_check() {
    let site = site();
    let site = site.path();
    sold(site, "2026-11-20", "R1,1,2026-11-20,S1,ACME,SAW,2,,A1|A2,yes\n", 0);
    let lose = |key: &str| {
        let store = rusqlite::Connection::open(site.join("state/itembridge.db")).unwrap();
        let gone = store.execute("DELETE FROM customer_item_event WHERE event_key = ?1", [key]).unwrap();
        store.execute("UPDATE pos_line SET checked = 0", []).unwrap();
        assert_eq!(gone, 1);
    };
    assert_eq!(
        ledger(site, 0, &["check"]),
        "1 documents, 1 lines with customer items: 0 told otherwise, 0 differ\n2 entries: 0 not as they were recorded\n"
    );
    lose("pos/S1/R1/1/2");
    let said = ledger(site, 1, &["check"]);
    assert!(said.contains("E590") && said.contains("line 1: should have 2 SAW, has 1 SAW"), "{said}");
    let told = night(site, "2026-11-21", &[], 1);
    assert_eq!(
        waiting(&told),
        [
            "ledger/E567/pos/S1/R1/1/2 | it is not there any more",
            "ledger/E590/S1/R1/1 | line 1: should have 2 SAW, has 1 SAW",
        ]
    );
    assert_eq!(told["ledger"], serde_json::json!({"lines": 1, "differ": 1, "altered": 1}));
    assert_eq!(night(site, "2026-11-22", &[], 0)["ledger"], serde_json::json!({}), "told once");
    let said = ledger(site, 0, &["check", "--repair", "--by", "Ida", "--reason", "disk"]);
    assert!(said.starts_with("1 entries posted again\n"), "{said}");
    assert_eq!(night(site, "2026-11-23", &[], 0)["ledger"], serde_json::json!({"closed": 2}));
    assert_eq!(listed(site, &["serial"], &[]), ["A1", "A2"]);
}

#[test]
fn what_was_posted_without_the_ledger_stage_is_proved_by_the_next_night() {
    let site = site();
    let site = site.path();
    sold(
        site,
        "2026-11-20",
        "R1,1,2026-11-20,S1,QUIET,SAW,1,,A1,yes\nR2,1,2026-11-20,S1,ACME,SCREW,1,,,yes\n",
        0,
    );
    let told = night(site, "2026-11-20", &["--only", "ledger"], 0);
    assert_eq!(
        told["ledger"],
        serde_json::json!({}),
        "a customer without a ledger and an item without a type make none"
    );
    write(
        site,
        "inbox/invoices/1.csv",
        b"invoice_number,invoice_date,po_number,customer,line,item,quantity,unit,unit_price,serials\n\
          4711,2026-11-20,P-1,ACME,1,SAW,1,EA,10,S1\n",
    );
    night(site, "2026-11-20", &["--only", "invoices"], 0);
    let told = night(site, "2026-11-21", &[], 0);
    assert_eq!(told["ledger"], serde_json::json!({"lines": 1, "made": 1}));
}

#[test]
fn a_unit_without_the_serial_that_its_type_requires_is_told() {
    let site = site();
    let told = sold(site.path(), "2026-11-20", "R1,1,2026-11-20,S1,ACME,PUMP,2,,P1,yes\n", 1);
    let shown = ["ledger/E586/S1/R1/1 | receipt R1 of store \"S1\", line 1: 1 without one"];
    assert_eq!(waiting(&told), shown);
    assert_eq!(
        listed(site.path(), &["item", "serial"], &[]),
        ["PUMP ", "PUMP P1"],
        "the unit is kept all the same"
    );
}

#[test]
fn a_sale_paid_later_begins_on_the_day_it_was_rung_up_and_once() {
    let site = site();
    let site = site.path();
    let told = sold(site, "2026-11-20", "R1,1,2026-11-20,S1,ACME,SAW,1,,A1,no\n", 0);
    assert_eq!(told["customer_items_added"], 0);
    sold(site, "2026-11-21", "R1,1,2026-11-20,S1,ACME,SAW,1,,A1,yes\n", 0);
    sold(site, "2026-11-22", "R1,1,2026-11-20,S1,ACME,SAW,1,,A1,yes\nX,1,2026-11-22,S1,,SAW,1,,A7,yes\n", 0);
    assert_eq!(listed(site, &["serial", "owned_from", "source", "document"], &[]), ["A1 2026-11-20 pos R1"]);
}

#[test]
fn a_document_that_comes_later_with_an_earlier_date_leaves_no_silent_contradiction() {
    let site = site();
    let site = site.path();
    sold(site, "2026-11-20", "R1,1,2026-11-01,S1,ACME,SAW,1,,A1,yes\n", 0);
    ledger(site, 0, &["service", "A1", "--document", "V-1", "--date", "2026-11-15", "--by", "Ida"]);
    let told = sold(site, "2026-11-21", "R2,1,2026-11-10,S1,ACME,SAW,-1,,A1,yes\n", 1);
    assert_eq!(
        waiting(&told),
        [
            "ledger/E594/V-1 | serviced by hand V-1 on 2026-11-15: 1 EA of SAW with serial A1 of ACME; the serial is SAW A1 of \
             ACME since 2026-11-01, key pos/S1/R1/1/1 (returned on 2026-11-10) (key hand/serviced/V-1/pos%2FS1%2FR1%2F1%2F1)"
        ]
    );
    let key = "hand/serviced/V-1/pos%2FS1%2FR1%2F1%2F1";
    ledger(site, 0, &["void", key, "--reason", "it was back already", "--by", "Ida"]);
    assert_eq!(night(site, "2026-11-22", &[], 0)["ledger"], serde_json::json!({"closed": 1}));
}

#[test]
fn a_sale_to_a_customer_who_was_not_known_closes_when_it_comes_again_and_is_counted() {
    let site = site();
    let site = site.path();
    let rows = "R1,1,2026-11-20,S1,NEWCO,SAW,1,,A1,yes\n";
    let told = sold(site, "2026-11-20", rows, 1);
    assert_eq!(waiting(&told), ["ledger/E441/S1/R1/1 | receipt R1 of store \"S1\", line 1"]);
    assert_eq!(night(site, "2026-11-21", &[], 0)["ledger"], serde_json::json!({}), "nobody owns it yet");
    write(site, "masters/customers.csv", format!("{CUSTOMERS}NEWCO,New,\n").as_bytes());
    let told = sold(site, "2026-11-22", rows, 0);
    assert_eq!((&told["customer_items_added"], &told["ledger"]["made"]), (&1.into(), &1.into()));
    let open = String::from_utf8(run(site, &["worklist", "export", "--as", "csv"]).stdout).unwrap();
    assert!(!open.contains("E441"), "{open}");
}

#[test]
fn questions_are_answered_in_every_form() {
    let site = site();
    let site = site.path();
    sold(site, "2026-11-20", "R1,1,2026-11-20,S1,ACME,SAW,1,,A1,yes\n", 0);
    for command in [&["list"][..], &["due", "--date", "2027-11-20", "--days", "1"], &["history", "A1"]] {
        let csv = ledger(site, 0, &[command, &["--as", "csv"]].concat());
        assert_eq!((csv.lines().count(), csv.contains("A1")), (2, true), "{csv}");
        let json: Value =
            serde_json::from_str(&ledger(site, 0, &[command, &["--as", "json"]].concat())).unwrap();
        assert_eq!(json.as_array().unwrap().len(), 1);
        let path = site.join("answer");
        let into = ["--as", "parquet", "--out", path.to_str().unwrap()];
        assert!(ledger(site, 0, &[command, &into].concat()).ends_with("answer: 1 rows\n"));
        assert!(std::fs::read(&path).unwrap().starts_with(b"PAR1"));
        let table = ledger(site, 0, &[command, &["--out", path.to_str().unwrap()]].concat());
        assert!(table.ends_with("answer: 1 rows\n"));
        assert!(std::fs::read_to_string(&path).unwrap().contains("A1"));
    }
    let nothing = ledger(site, 0, &["list", "--customer", "BEST"]);
    assert_eq!(nothing, "no customer items\n");
    let json: Value = serde_json::from_str(&ledger(site, 0, &["list", "--as", "json"])).unwrap();
    for (name, value) in [
        ("status", "active"),
        ("owned_from", "2026-11-20"),
        ("warranty_end", "2028-11-19"),
        ("quantity", "1"),
    ] {
        assert_eq!(json[0][name], value, "{name}");
    }
}
