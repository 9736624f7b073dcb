//! The ledger's commands, each with what it does, what it refuses, and the same request twice.

use crate::ledger::{ledger, listed, night, site, sold};
use crate::nights::run;
use polars::prelude::{ParquetReader, SerReader};
use serde_json::Value;
use std::path::Path;

const SALES: &str = "R1,1,2026-01-10,S1,ACME,SAW,1,,A1,yes\nR1,2,2026-01-10,S1,ACME,CELL,10,,L1*10,yes\n\
    R2,1,2026-02-10,S1,BEST,SAW,1,,B1,yes\nR3,1,2026-03-10,S1,ACME,HOSE,3,,,yes\n";

/// ACME has a saw, ten cells of a lot and three feet of hose, BEST a saw.
fn owned() -> tempfile::TempDir {
    let site = site();
    sold(site.path(), "2026-11-20", SALES, 0);
    site
}

const BY: [&str; 4] = ["--by", "Ida", "--date", "2026-11-21"];

fn signed(site: &Path, code: i32, arguments: &[&str]) -> String {
    ledger(site, code, &[arguments, &BY].concat())
}

fn json(site: &Path, code: i32, arguments: &[&str]) -> Value {
    let out = run(site, &[&["--format", "json", "ledger"], arguments].concat());
    assert_eq!(out.status.code(), Some(code), "{}", String::from_utf8_lossy(&out.stderr));
    serde_json::from_slice(&out.stdout).unwrap()
}

#[test]
fn a_return_ends_it_once_and_says_what_is_not_there() {
    let site = owned();
    let site = site.path();
    let said = signed(site, 0, &["return", "A1", "--document", "RMA-1", "--reason", "dead on arrival"]);
    assert_eq!(
        said,
        "returned SAW A1 x1 of ACME on 2026-11-21 (key hand/returned/RMA-1/pos%2FS1%2FR1%2F1%2F1)\n"
    );
    let again = signed(site, 0, &["return", "A1", "--document", "RMA-1"]);
    assert!(
        again.starts_with("said before under this document number, nothing is added:\nreturned SAW A1"),
        "{again}"
    );
    for (arguments, expected) in [
        (
            &["return", "A1"][..],
            "error[E582]: customer item that has ended\n  = found: A1\n  = detail: returned on 2026-11-21: SAW A1 of ACME since 2026-01-10",
        ),
        (
            &["return", "Z9"],
            "error[E581]: customer item that is not in the ledger\n  = found: Z9\n  = detail: nothing has serial Z9\n",
        ),
        (
            &["return", "B1", "--customer", "ACME"],
            "nothing has serial B1, customer ACME; there is SAW B1 of BEST",
        ),
        (
            &["return", "L1", "--quantity", "11"],
            "error[E596]: quantity that is not there\n  = found: L1\n  = detail: 11 asked for, 10 there",
        ),
        (
            &["return", "--customer", "ACME", "--item", "HOSE"],
            "error[E583]: several customer items that are meant",
        ),
    ] {
        let said = signed(site, 1, arguments);
        assert!(said.contains(expected), "{arguments:?}: {said}");
    }
    let early = ledger(site, 1, &["return", "B1", "--by", "Ida", "--date", "2026-01-01"]);
    assert!(early.contains("error[E584]") && early.contains("SAW B1 of BEST since 2026-02-10"), "{early}");
    let other =
        ledger(site, 1, &["return", "A1", "--document", "RMA-1", "--by", "Ida", "--date", "2026-11-19"]);
    assert!(other.contains("error[E585]") && other.contains("date 2026-11-21"), "{other}");
    signed(site, 0, &["return", "--customer", "ACME", "--item", "HOSE", "--quantity", "2"]);
    let hoses = listed(site, &["status", "ended"], &["--item", "HOSE", "--ended"]);
    assert_eq!(hoses, ["ended 2026-11-21", "ended 2026-11-21", "active "], "the oldest first");
    assert!(signed(site, 2, &["return"]).contains("say which thing is meant"));
}

#[test]
fn a_dry_run_shows_and_changes_nothing() {
    let site = owned();
    let said = signed(site.path(), 0, &["scrap", "A1", "--reason", "fire", "--dry-run"]);
    assert!(
        said.starts_with("would be added:\nscrapped SAW A1 x1 of ACME on 2026-11-21 (key hand/1/"),
        "{said}"
    );
    assert_eq!(listed(site.path(), &["serial"], &["--item", "SAW"]), ["A1", "B1"]);
    let said = signed(site.path(), 0, &["scrap", "A1", "--reason", "fire"]);
    assert!(said.contains("(key hand/1/scrapped/1)"), "a dry run takes no number: {said}");
    assert_eq!(listed(site.path(), &["serial"], &["--item", "SAW"]), ["B1"]);
}

/// See: frappe/erpnext 42318.
#[test]
fn a_replacement_links_both_serials_with_the_term_of_its_type() {
    let site = owned();
    let site = site.path();
    let said = signed(site, 1, &["replace", "A1", "--with", "B1"]);
    assert!(said.contains("error[E587]") && said.contains("SAW B1 of BEST since 2026-02-10"), "{said}");
    assert!(signed(site, 1, &["replace", "A1"]).contains("error[E586]"));
    assert!(
        signed(site, 1, &["replace", "A1", "--with", "A2", "--with-item", "SCREW"]).contains("error[E592]")
    );
    signed(site, 0, &["replace", "A1", "--with", "A2", "--document", "RMA-2"]);
    let again = signed(site, 0, &["replace", "A1", "--with", "A2", "--document", "RMA-2"]);
    assert!(again.starts_with("said before"), "{again}");
    let other = signed(site, 1, &["replace", "A1", "--with", "A3", "--document", "RMA-2"]);
    assert!(other.contains("error[E585]") && other.contains("replaced by \"A2\""), "{other}");
    signed(site, 0, &["replace", "L1", "--with", "L2", "--quantity", "4"]);
    signed(site, 0, &["replace", "B1", "--with", "D1", "--with-item", "DRILL", "--term", "fresh"]);
    let columns = ["item", "serial", "quantity", "warranty_end", "status", "purchase_date"];
    assert_eq!(
        listed(site, &columns, &["--ended", "--as-of", "2026-11-21"])[..9],
        [
            // the lot's term is fresh, by its type
            "CELL L1 6 2026-07-09 active 2026-01-10",
            "CELL L1 4 2026-07-09 ended 2026-01-10",
            "CELL L2 4 2027-05-20 active 2026-01-10",
            "HOSE  1 2026-09-09 active 2026-03-10",
            "HOSE  1 2026-09-09 active 2026-03-10",
            "HOSE  1 2026-09-09 active 2026-03-10",
            // the saw's cover goes on
            "SAW A1 1 2028-01-09 ended 2026-01-10",
            "SAW A2 1 2028-01-09 active 2026-01-10",
            "DRILL D1 1 2028-11-20 active 2026-02-10",
        ]
    );
    for serial in ["A1", "A2"] {
        let told = ledger(site, 0, &["history", serial, "--as", "csv"]);
        let events: Vec<&str> = told.lines().skip(1).map(|line| line.split(',').nth(1).unwrap()).collect();
        assert_eq!(events, ["sold", "replaced out", "replaced in"], "{serial}: {told}");
    }
}

#[test]
fn a_transfer_keeps_the_history_and_the_cover() {
    let site = owned();
    let site = site.path();
    for (to, expected) in [
        ("QUIET", "its ledger is off"),
        ("NOBODY", "customers.csv does not have it"),
        ("ACME", "it is the owner already"),
    ] {
        let said = signed(site, 1, &["transfer", "A1", "--to", to]);
        assert!(said.contains("error[E591]") && said.contains(expected), "{said}");
    }
    signed(site, 0, &["transfer", "A1", "--to", "BEST", "--document", "T-1"]);
    let again = signed(site, 0, &["transfer", "A1", "--to", "BEST", "--document", "T-1"]);
    assert!(again.starts_with("said before"), "{again}");
    signed(site, 0, &["transfer", "L1", "--to", "BEST", "--quantity", "3"]);
    let columns = ["customer", "serial", "quantity", "warranty_end", "purchase_date"];
    assert_eq!(
        listed(site, &columns, &["--customer", "BEST"]),
        [
            "BEST L1 3 2026-07-09 2026-01-10",
            "BEST A1 1 2028-01-09 2026-01-10",
            "BEST B1 1 2028-02-09 2026-02-10",
        ]
    );
    let before = listed(site, &["customer"], &["--serial", "A1", "--as-of", "2026-11-20"]);
    assert_eq!(before, ["ACME"]);
    assert_eq!(listed(site, &["customer"], &["--serial", "A1"]), ["BEST"]);
    let told = ledger(site, 0, &["history", "A1", "--as", "csv"]);
    assert!(
        told.contains("2026-01-10,sold,ACME,") && told.contains("2026-11-21,transferred,ACME,"),
        "{told}"
    );
    // the new owner's return is matched by the next night, the old one's is not
    let told = sold(
        site,
        "2026-11-22",
        "R9,1,2026-11-22,S1,BEST,SAW,-1,,A1,yes\nR9,2,2026-11-22,S1,ACME,SAW,-1,,A1,yes\n",
        1,
    );
    assert_eq!(told["ledger"]["unmatched"], 1);
}

#[test]
fn a_service_visit_moves_the_next_due_date() {
    let site = owned();
    let site = site.path();
    let due = |days: &str| -> Vec<String> {
        let said = ledger(site, 0, &["due", "--date", "2027-01-01", "--days", days, "--as", "csv"]);
        said.lines().skip(1).map(|line| line.split(',').nth(3).unwrap().to_owned()).collect()
    };
    assert_eq!(due("8"), [""; 0]);
    assert_eq!(due("9"), ["A1"], "2027-01-10");
    assert_eq!(due("40"), ["A1", "B1"]);
    let said = signed(site, 0, &["service", "A1", "--document", "V-1"]);
    assert!(said.contains("serviced SAW A1 x1 of ACME on 2026-11-21, next due 2027-11-21"), "{said}");
    assert_eq!(due("40"), ["B1"]);
    signed(site, 0, &["service", "A1", "--next", "2027-01-05"]);
    assert_eq!(due("40"), ["A1", "B1"]);
    let undated = ledger(site, 0, &["service", "A1", "--document", "V-1", "--by", "Ida"]);
    assert!(undated.starts_with("said before"), "{undated}");
    assert_eq!(listed(site, &["last_service"], &["--serial", "A1"]), ["2026-11-21"]);
    let none = ledger(site, 0, &["due", "--date", "2026-12-01", "--days", "1"]);
    assert_eq!(none, "nothing is due for service until 2026-12-02\n");
}

#[test]
fn a_warranty_is_overridden_with_a_reason_from_its_day_on() {
    let site = owned();
    let site = site.path();
    let said = signed(site, 1, &["warranty", "A1", "--until", "2030-12-31"]);
    assert!(said.starts_with("error[E589]: entry without a reason"), "{said}");
    let said = signed(
        site,
        2,
        &["warranty", "A1", "--from", "2031-01-01", "--until", "2030-12-31", "--reason", "x"],
    );
    assert!(said.contains("the first date is after the last"), "{said}");
    signed(site, 0, &["warranty", "A1", "--until", "2030-12-31", "--reason", "goodwill"]);
    signed(site, 0, &["warranty", "B1", "--none", "--reason", "opened"]);
    let covered = |day: &str| listed(site, &["serial"], &["--type", "tool", "--under-warranty", day]);
    assert_eq!(covered("2026-11-20"), ["A1", "B1"], "before anybody said otherwise");
    assert_eq!(covered("2026-11-21"), ["A1"]);
    assert_eq!(covered("2030-12-31"), ["A1"], "the last day is included");
    assert_eq!(covered("2031-01-01"), [""; 0]);
    let told = ledger(site, 0, &["history", "A1"]);
    assert!(told.contains("warranty set") && told.contains("goodwill") && told.contains("Ida"), "{told}");
}

#[test]
fn an_entry_that_never_should_have_been_is_voided_for_every_day() {
    let site = owned();
    let site = site.path();
    assert!(signed(site, 1, &["void", "pos/S1/R1/1/1"]).starts_with("error[E589]"));
    signed(site, 0, &["service", "A1", "--document", "V-1"]);
    let said = signed(site, 1, &["void", "pos/S1/R1/1/1", "--reason", "typed wrong"]);
    assert!(
        said.contains("error[E593]") && said.contains("serviced of 2026-11-21 (key hand/serviced/V-1/"),
        "{said}"
    );
    let visit = "hand/serviced/V-1/pos%2FS1%2FR1%2F1%2F1";
    signed(site, 0, &["void", visit, "--reason", "typed wrong"]);
    signed(site, 0, &["void", "pos/S1/R1/1/1", "--reason", "typed wrong"]);
    let again = signed(site, 0, &["void", "pos/S1/R1/1/1", "--reason", "typed wrong"]);
    assert!(again.starts_with("said before"), "{again}");
    assert_eq!(listed(site, &["serial"], &["--item", "SAW", "--ended"]), ["B1"]);
    assert_eq!(listed(site, &["serial"], &["--item", "SAW", "--as-of", "2026-05-01"]), ["B1"]);
    let told = ledger(site, 0, &["history", "A1"]);
    assert!(told.contains("sold (void)") && told.contains("serviced (void)"), "nothing is lost: {told}");
    // the same file of sales again does not bring it back
    sold(site, "2026-11-23", &format!("{SALES}R7,1,2026-11-23,S1,,SAW,1,,,yes\n"), 0);
    assert_eq!(listed(site, &["serial"], &["--item", "SAW", "--ended"]), ["B1"]);
    assert!(signed(site, 1, &["void", "pos/S1/R99/1/1", "--reason", "x"]).contains("error[E581]"));
}

#[test]
fn extra_fields_are_checked_and_exported_in_every_form() {
    let site = owned();
    let site = site.path();
    for (field, expected) in [
        ("floor=two", "floor: expected a whole number"),
        ("colour=red", "\"tool\" has the fields: room, floor"),
    ] {
        let said = signed(site, 1, &["set", "A1", "--field", field]);
        assert!(said.contains("error[E588]") && said.contains(expected), "{said}");
    }
    signed(site, 0, &["set", "A1", "--field", "room==SUM(1)", "--field", "floor=-07"]);
    assert_eq!(
        listed(site, &["serial", "floor", "room"], &["--item", "SAW"]),
        ["A1 -7 =SUM(1)", "B1  "],
        "an export is exact"
    );
    let told = json(site, 0, &["list", "--serial", "A1"]);
    assert_eq!(told[0]["extra"], serde_json::json!({"floor": "-7", "room": "=SUM(1)"}));
    let path = site.join("owned.parquet");
    let said = ledger(site, 0, &["list", "--as", "parquet", "--out", path.to_str().unwrap()]);
    assert!(said.ends_with("owned.parquet: 6 rows\n"), "{said}");
    let frame = ParquetReader::new(std::fs::File::open(&path).unwrap()).finish().unwrap();
    let names: Vec<String> = frame.get_column_names().iter().map(ToString::to_string).collect();
    assert_eq!((frame.height(), names.len()), (6, 26));
    assert_eq!(
        (names[4].as_str(), names[24].as_str(), names[25].as_str()),
        ("quantity_micro", "floor", "room")
    );
    let micros = frame.column("quantity_micro").unwrap().i64().unwrap();
    assert_eq!((0..6).filter_map(|at| micros.get(at)).sum::<i64>(), 15_000_000);
}

#[test]
fn something_without_a_document_is_added_by_hand_once_under_its_number() {
    let site = owned();
    let site = site.path();
    let add = |code: i32, more: &[&str]| signed(site, code, &[&["add"], more].concat());
    let saw = ["--customer", "ACME", "--item", "SAW", "--serial", "H1", "--document", "OLD-1"];
    let said = add(0, &[&saw[..], &["--field", "room=7", "--warranty-end", "2027-01-31"]].concat());
    assert_eq!(
        said,
        "sold SAW H1 x1 of ACME on 2026-11-21, warranty to 2027-01-31 (key hand/sold/OLD-1/SAW/H1/1)\n"
    );
    let again = add(0, &[&saw[..], &["--field", "room=7"]].concat());
    assert!(again.starts_with("said before"), "{again}");
    for (more, expected) in [
        (&["--customer", "ACME", "--item", "SAW", "--serial", "H1", "--document", "OLD-1"][..], "E585"),
        (&["--customer", "BEST", "--item", "SAW", "--serial", "H1"], "E587"),
        (&["--customer", "QUIET", "--item", "SAW", "--serial", "H2"], "E591"),
        (&["--customer", "NOBODY", "--item", "SAW", "--serial", "H2"], "E591"),
        (&["--customer", "ACME", "--item", "SCREW"], "E592"),
        (&["--customer", "ACME", "--item", "GONE"], "E592"),
        (&["--customer", "ACME", "--item", "PUMP"], "E586"),
        (&["--customer", "ACME", "--item", "SAW"], "E444"),
        (&["--customer", "ACME", "--item", "SAW", "--serial", "H2", "--field", "floor=x"], "E588"),
        (&["--customer", "ACME", "--item", "CELL", "--serial", "L7*2", "--quantity", "3"], "E445"),
        (&["--customer", "ACME", "--item", "HOSE", "--quantity", "0"], "E448"),
        (
            &[
                "--customer",
                "ACME",
                "--item",
                "CELL",
                "--serial",
                "X*79228162514264337593543950335",
                "--serial",
                "Y*9",
            ],
            "E448",
        ),
    ] {
        let said = add(1, more);
        assert!(said.contains(&format!("error[{expected}]")), "{more:?}: {said}");
    }
    assert!(signed(site, 2, &["add"]).contains("--customer"));
    add(0, &["--customer", "BEST", "--item", "CASE", "--serial", "K1", "--serial", "L9*2"]);
    let kit = listed(site, &["item", "serial", "quantity", "kit", "source"], &["--customer", "BEST"]);
    assert_eq!(kit, ["CELL L9 2 CASE hand", "HOSE  1.5 CASE hand", "SAW B1 1  pos", "SAW K1 1 CASE hand"]);
    // what the night then looks at is all there
    assert_eq!(night(site, "2026-11-22", &[], 0)["exit_code"], 0);
}

#[test]
fn a_folder_that_is_no_site_and_a_ledger_that_is_held_are_told() {
    let folder = tempfile::tempdir().unwrap();
    for command in [&["list"][..], &["due"], &["history", "A1"], &["return", "A1", "--by", "I"], &["check"]] {
        assert!(ledger(folder.path(), 2, command).contains("is no site"));
    }
    assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none(), "and becomes none");
    let site = owned();
    let lock = itembridge::site::folders::lock(site.path(), false).unwrap();
    assert!(signed(site.path(), 2, &["return", "A1"]).contains("is in use by"));
    drop(lock);
    assert!(ledger(site.path(), 1, &["history", "Z9"]).contains("error[E581]"));
}

#[test]
fn the_report_counts_what_is_owned_on_a_day() {
    let site = owned();
    let site = site.path();
    let report = |more: &[&str]| {
        let out = run(site, &[&["report", "ledger", "--as", "csv"], more].concat());
        String::from_utf8(out.stdout).unwrap()
    };
    assert_eq!(
        report(&["--to", "2027-01-10"]),
        "customer,type,things,quantity,under_warranty,warranty_ended,no_warranty,service_overdue,service_due_30_days,ended\n\
         ACME,battery,4,13,0,4,0,0,0,0\nACME,tool,1,1,1,0,0,0,1,0\nBEST,tool,1,1,1,0,0,0,0,0\n"
    );
    assert_eq!(
        report(&["--to", "2026-01-31", "--by", "item"]).lines().skip(1).collect::<Vec<_>>(),
        ["CELL,1,10,1,0,0,0,0,0", "SAW,1,1,1,0,0,0,0,0"]
    );
    let out = run(site, &["report", "ledger", "--by", "colour"]);
    assert_eq!(out.status.code(), Some(2));
    let people = String::from_utf8(run(site, &["report", "ledger", "--to", "2026-11-21"]).stdout).unwrap();
    assert!(people.contains("total"), "{people}");
}

#[test]
fn what_was_taken_back_is_not_said_to_be_added_again_under_its_number() {
    let site = owned();
    let site = site.path();
    let key = "hand/returned/RMA-1/pos%2FS1%2FR1%2F1%2F1";
    signed(site, 0, &["return", "A1", "--document", "RMA-1"]);
    signed(site, 0, &["void", key, "--reason", "it was another"]);
    let said = signed(site, 1, &["return", "A1", "--document", "RMA-1"]);
    assert!(said.contains("error[E585]") && said.contains("was taken back"), "{said}");
    assert_eq!(listed(site, &["serial", "status"], &["--serial", "A1"]), ["A1 active"]);
    signed(site, 0, &["return", "A1", "--document", "RMA-2"]);
    assert!(listed(site, &["serial"], &["--serial", "A1"]).is_empty());
}

#[test]
fn one_serial_comes_for_one_unit() {
    let site = owned();
    let site = site.path();
    let two = ["replace", "--customer", "ACME", "--item", "HOSE", "--quantity", "2", "--with", "H9"];
    let lot = ["replace", "L1", "--with-item", "SAW", "--with", "A9"];
    for (arguments, expected) in
        [(&two[..], "HOSE: units 2, serials 1"), (&lot[..], "SAW: units 10, serials 1")]
    {
        let said = signed(site, 1, arguments);
        assert!(said.contains("error[E444]") && said.contains(expected), "{said}");
    }
    assert!(listed(site, &["serial"], &["--serial", "A9"]).is_empty());
    signed(site, 0, &[&lot[..], &["--quantity", "1"]].concat());
    signed(site, 0, &["replace", "L1", "--with", "L2", "--quantity", "4"]);
    assert_eq!(
        listed(site, &["item", "serial", "quantity"], &["--customer", "ACME", "--as-of", "2026-11-21"])[..3],
        ["CELL L1 5", "CELL L2 4", "HOSE  1"]
    );
}

#[test]
fn under_one_document_an_item_may_stand_with_and_without_serials() {
    let site = owned();
    let site = site.path();
    let hose = ["add", "--customer", "ACME", "--item", "HOSE", "--document", "D-1"];
    for serial in [&["--serial", "7"][..], &[], &["--serial", "8"]] {
        let arguments = [&hose[..], serial].concat();
        assert!(signed(site, 0, &arguments).starts_with("sold HOSE"), "{serial:?}");
        assert!(signed(site, 0, &arguments).starts_with("said before"), "{serial:?}");
    }
    let mine = ["--customer", "ACME", "--item", "HOSE"];
    let keys = listed(site, &["key"], &mine);
    let of_document = keys.iter().filter(|key| key.starts_with("hand/sold/D-1/HOSE/")).count();
    assert_eq!(of_document, 3, "{keys:?}");
    let wrong = [&hose[..], &["--warranty-start", "2026-03-31", "--warranty-end", "2026-03-01"]].concat();
    assert!(signed(site, 2, &wrong).contains("the first date is after the last"));
}

#[test]
fn what_all_own_is_what_each_owns() {
    let site = owned();
    let site = site.path();
    signed(site, 0, &["transfer", "A1", "--to", "BEST"]);
    signed(site, 0, &["replace", "L1", "--with", "L2", "--quantity", "4"]);
    let columns = ["customer", "item", "serial", "quantity", "status", "origin", "successor", "key"];
    let of = |customer| listed(site, &columns, &["--ended", "--customer", customer]);
    let all = listed(site, &columns, &["--ended"]);
    assert_eq!(all, [of("ACME"), of("BEST")].concat());
    assert!(all.iter().any(|row| row.starts_with("BEST SAW A1 1 active pos/S1/R1/1/1")), "{all:?}");
    let due = ["due", "--days", "999", "--date", "2026-11-22", "--as", "csv"];
    let rows = |more: &[&str]| ledger(site, 0, &[&due[..], more].concat()).lines().count() - 1;
    assert_eq!(rows(&[]), rows(&["--customer", "ACME"]) + rows(&["--customer", "BEST"]));
    let counted = String::from_utf8(run(site, &["report", "ledger", "--as", "csv"]).stdout).unwrap();
    let things =
        counted.lines().skip(1).map(|line| line.split(',').nth(2).unwrap().parse::<usize>().unwrap());
    assert_eq!(things.sum::<usize>(), listed(site, &["key"], &[]).len(), "{counted}");
}
