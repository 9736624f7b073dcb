//! What the ledger once did not see: two owners after a void, days that have not come, entries changed behind its back.

use crate::ledger::{ledger, listed, night, site, sold};
use crate::nights::{run, scratch, write};
use serde_json::Value;
use std::path::Path;

fn say(site: &Path, code: i32, arguments: &[&str]) -> String {
    ledger(site, code, &[arguments, &["--by", "Ida"]].concat())
}

fn void(site: &Path, code: i32, key: &str) -> String {
    say(site, code, &["void", key, "--reason", "mistyped"])
}

/// The types of the site, none of which knows its serials to be unique.
fn plain() -> tempfile::TempDir {
    let site = site();
    let toml = crate::ledger::TOML.replace("serial_unique = true\n", "");
    write(site.path(), "itembridge.toml", toml.as_bytes());
    site
}

#[test]
fn no_void_leaves_one_thing_with_two_owners() {
    let site = plain();
    let site = site.path();
    let rows = "R1,1,2026-01-10,S1,ACME,SAW,1,,A1,yes\nR2,1,2026-02-10,S1,ACME,SAW,-1,,A1,yes\n\
        R3,1,2026-03-10,S1,BEST,SAW,1,,A1,yes\nR4,1,2026-01-10,S1,ACME,CELL,4,,L1*4,yes\n\
        R5,1,2026-02-10,S1,ACME,CELL,-4,,L1*4,yes\nR6,1,2026-03-10,S1,BEST,CELL,4,,L1*4,yes\n";
    sold(site, "2026-11-20", rows, 0);
    let said = void(site, 1, "pos/S1/R2/1/return/1");
    assert!(
        said.contains("error[E598]")
            && said.contains("SAW A1 of ACME since 2026-01-10, key pos/S1/R1/1/1, would be beside SAW A1 of BEST since 2026-03-10, key pos/S1/R3/1/1"),
        "{said}"
    );
    assert_eq!(listed(site, &["customer"], &["--serial", "A1"]), ["BEST"]);
    void(site, 0, "pos/S1/R5/1/return/1");
    assert_eq!(
        listed(site, &["customer"], &["--serial", "L1"]),
        ["ACME", "BEST"],
        "a lot is many customers'"
    );
    // what stands in the way is taken back first
    void(site, 0, "pos/S1/R3/1/1");
    void(site, 0, "pos/S1/R2/1/return/1");
    assert_eq!(listed(site, &["customer"], &["--serial", "A1"]), ["ACME"]);
}

#[test]
fn a_transfer_and_a_replacement_are_not_taken_back_when_the_thing_went_on() {
    let site = plain();
    let site = site.path();
    sold(
        site,
        "2026-11-20",
        "R1,1,2026-01-10,S1,ACME,SAW,1,,A1,yes\nR2,1,2026-01-10,S1,ACME,SAW,1,,A2,yes\n",
        0,
    );
    say(site, 0, &["transfer", "A1", "--to", "BEST", "--document", "T-1", "--date", "2026-02-01"]);
    say(site, 0, &["scrap", "A1", "--reason", "x", "--document", "S-1", "--date", "2026-03-01"]);
    let transfer = "hand/transferred/T-1/pos%2FS1%2FR1%2F1%2F1";
    assert!(void(site, 1, transfer).contains("error[E593]"), "the scrapping would be about nothing");
    say(site, 0, &["replace", "A2", "--with", "B9", "--document", "X-1", "--date", "2026-02-01"]);
    say(site, 0, &["add", "--customer", "BEST", "--item", "SAW", "--serial", "A2", "--date", "2026-04-01"]);
    for key in ["hand/replaced_out/X-1/pos%2FS1%2FR2%2F1%2F1", "hand/replaced_in/X-1/pos%2FS1%2FR2%2F1%2F1"] {
        let said = void(site, 1, key);
        assert!(said.contains("error[E598]") && said.contains("SAW A2 of BEST since 2026-04-01"), "{said}");
    }
}

#[test]
fn what_is_added_for_an_earlier_day_is_compared_with_who_owned_it_then_and_since() {
    let site = plain();
    let site = site.path();
    let rows = "R1,1,2026-03-10,S1,ACME,SAW,1,,A1,yes\nR2,1,2026-05-10,S1,ACME,SAW,-1,,A1,yes\n\
        R3,1,2026-02-01,S1,BEST,SAW,-1,,A2,yes\nR4,1,2026-03-01,S1,ACME,SAW,1,,A2,yes\n";
    sold(site, "2026-11-20", rows, 1);
    let add = |code: i32, customer: &str, serial: &str, date: &str| {
        say(site, code, &["add", "--customer", customer, "--item", "SAW", "--serial", serial, "--date", date])
    };
    let said = add(1, "BEST", "A1", "2026-04-01");
    assert!(
        said.contains("error[E587]")
            && said.contains("SAW A1 of ACME since 2026-03-10, key pos/S1/R1/1/1 (until 2026-05-10)"),
        "{said}"
    );
    assert!(add(1, "BEST", "A1", "2026-01-01").contains("error[E587]"), "owned since by another");
    let file = "customer,item,date,serial\nBEST,SAW,2026-04-01,A1\n";
    write(site, "old.csv", file.as_bytes());
    let path = site.join("old.csv");
    let said = say(site, 1, &["import", path.to_str().unwrap()]);
    assert!(said.contains("E587"), "{said}");
    add(0, "BEST", "A1", "2026-05-10");
    // it came back before the other was sold: what was sold first is not owned any more
    add(0, "BEST", "A2", "2025-01-01");
    assert_eq!(
        listed(site, &["customer", "ended"], &["--serial", "A2", "--ended"]),
        ["ACME ", "BEST 2026-02-01"]
    );
}

#[test]
fn a_day_that_has_not_come_is_refused_and_all_questions_agree_on_today() {
    let site = site();
    let site = site.path();
    sold(
        site,
        "2026-11-20",
        "R1,1,2026-01-10,S1,ACME,SAW,1,,A1,yes\nR2,1,2199-01-10,S1,ACME,SAW,1,,A2,yes\n",
        0,
    );
    for arguments in [
        &["return", "A1"][..],
        &["scrap", "A1", "--reason", "x"],
        &["transfer", "A1", "--to", "BEST"],
        &["replace", "A1", "--with", "A9"],
        &["service", "A1"],
        &["warranty", "A1", "--none", "--reason", "x"],
        &["set", "A1", "--field", "room=7"],
        &["void", "pos/S1/R1/1/1", "--reason", "x"],
        &["add", "--customer", "ACME", "--item", "SAW", "--serial", "A3"],
    ] {
        let said = say(site, 1, &[arguments, &["--date", "2198-12-31"]].concat());
        assert!(said.contains("error[E597]") && said.contains("2198-12-31"), "{arguments:?}: {said}");
    }
    write(site, "old.csv", b"customer,item,date,serial\nACME,SAW,2198-12-31,A7\n");
    let said = say(site, 1, &["import", site.join("old.csv").to_str().unwrap()]);
    assert!(said.contains("E597"), "{said}");
    // a document's own date is its partner's word: it counts when it comes
    assert_eq!(listed(site, &["serial"], &[]), ["A1"]);
    assert_eq!(listed(site, &["serial"], &["--serial", "A2"]), [""; 0]);
    assert_eq!(listed(site, &["serial"], &["--as-of", "2199-01-10"]), ["A1", "A2"]);
    let report = String::from_utf8(run(site, &["report", "ledger", "--as", "csv"]).stdout).unwrap();
    assert!(report.contains("ACME,tool,1,1,"), "{report}");
    let due = ledger(site, 0, &["due", "--days", "65535", "--as", "csv"]);
    assert_eq!(due.lines().count(), 2, "{due}");
    // a run of a later business date is today
    night(site, "2198-12-31", &[], 0);
    say(site, 0, &["service", "A1", "--date", "2198-12-31"]);
    assert!(say(site, 1, &["service", "A1", "--date", "2199-01-01"]).contains("E597"));
}

fn altered(told: &Value) -> Vec<String> {
    let rows = told["waiting"].as_array().unwrap().iter();
    let of_rows = rows.filter(|row| row["kind"] == "ledger_entry");
    of_rows
        .map(|row| {
            let found = &row["detail"]["findings"][0];
            format!("{} {}", found["found"].as_str().unwrap(), found["detail"].as_str().unwrap())
        })
        .collect()
}

#[test]
fn an_entry_that_is_changed_or_lost_after_it_was_proved_is_told_by_a_night_and_closes_when_it_is_mended() {
    let site = site();
    let site = site.path();
    sold(site, "2026-11-20", "R1,1,2026-11-20,S1,ACME,SAW,3,,A1|A2|A3,yes\n", 0);
    say(site, 0, &["service", "A3", "--document", "V-1", "--date", "2026-11-20"]);
    let sql = |text: &str| {
        let store = rusqlite::Connection::open(site.join("state/itembridge.db")).unwrap();
        assert_eq!(store.execute(text, []).unwrap(), 1, "{text}");
    };
    assert_eq!(night(site, "2026-11-21", &[], 0)["ledger"], serde_json::json!({}));
    sql("UPDATE customer_item_event SET customer = 'BEST' WHERE event_key = 'pos/S1/R1/1/1'");
    sql("DELETE FROM customer_item_event WHERE event_key = 'pos/S1/R1/1/2'");
    sql("UPDATE customer_item_event SET service_due = '2030-01-01' WHERE kind = 'serviced'");
    assert_eq!(night(site, "2026-11-21", &[], 0)["ledger"], serde_json::json!({}), "once a date");
    let told = night(site, "2026-11-22", &[], 1);
    assert_eq!(
        altered(&told),
        [
            "pos/S1/R1/1/1 it is not as it was recorded, and says now: sold SAW A1 x1 of BEST on 2026-11-20",
            "pos/S1/R1/1/2 it is not there any more",
            "hand/serviced/V-1/pos%2FS1%2FR1%2F1%2F3 it is not as it was recorded, and says now: serviced SAW A3 x1 of ACME on \
             2026-11-20",
        ]
    );
    let said = ledger(site, 1, &["check"]);
    assert!(said.contains("4 entries: 3 not as they were recorded") && said.contains("E567"), "{said}");
    assert_eq!(night(site, "2026-11-23", &[], 0)["ledger"], serde_json::json!({}), "told once");
    // one is posted again, one is as it was, one is taken back
    say(site, 1, &["check", "--repair", "--reason", "a disk failed"]);
    sql("UPDATE customer_item_event SET customer = 'ACME' WHERE event_key = 'pos/S1/R1/1/1'");
    void(site, 0, "hand/serviced/V-1/pos%2FS1%2FR1%2F1%2F3");
    assert_eq!(night(site, "2026-11-24", &[], 0)["ledger"], serde_json::json!({"closed": 3}));
    assert_eq!(listed(site, &["customer", "serial"], &[]), ["ACME A1", "ACME A2", "ACME A3"]);
    assert!(ledger(site, 0, &["check"]).contains("0 not as they were recorded"));
}

#[test]
fn a_night_looks_at_a_bounded_part_and_the_nights_together_at_all() {
    let site = site();
    let site = site.path();
    let toml =
        format!("{}\n[ledger]\nprove_again_days = 30\nprove_again_entries_max = 2\n", crate::ledger::TOML);
    write(site, "itembridge.toml", toml.as_bytes());
    sold(site, "2026-11-20", "R1,1,2026-11-20,S1,ACME,SAW,5,,A1|A2|A3|A4|A5,yes\n", 0);
    let store = rusqlite::Connection::open(site.join("state/itembridge.db")).unwrap();
    let after = || store.query_row("SELECT after FROM ledger_round", [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(after(), 2);
    store
        .execute("UPDATE customer_item_event SET serial = 'Z' WHERE event_key = 'pos/S1/R1/1/2'", [])
        .unwrap();
    let mut told = Vec::new();
    for day in ["2026-11-21", "2026-11-22", "2026-11-23"] {
        let out = run(site, &["--format", "json", "run", "--date", day]);
        let report: Value = serde_json::from_slice(&out.stdout).unwrap();
        told.push((after(), altered(&report).len()));
    }
    assert_eq!(told, [(4, 0), (0, 0), (2, 1)]);
    write(site, "itembridge.toml", toml.replace("max = 2", "max = 0").as_bytes());
    let said = ledger(site, 2, &["list"]);
    assert!(said.contains("ledger.prove_again_entries_max") && said.contains("expected 1 or more"), "{said}");
}

#[test]
fn a_repair_is_signed_and_shown_before_it_is_made() {
    let site = site();
    let site = site.path();
    sold(site, "2026-11-20", "R1,1,2026-11-20,S1,ACME,SAW,2,,A1|A2,yes\n", 0);
    let store = rusqlite::Connection::open(site.join("state/itembridge.db")).unwrap();
    store.execute("DELETE FROM customer_item_event WHERE event_key = 'pos/S1/R1/1/2'", []).unwrap();
    assert!(ledger(site, 1, &["check", "--repair", "--by", "Ida"]).contains("error[E589]"));
    assert!(ledger(site, 2, &["check", "--reason", "x"]).contains("--repair"));
    let repair = ["check", "--repair", "--by", "Ida", "--reason", "a disk failed"];
    let dry = ledger(site, 0, &[&repair[..], &["--dry-run"]].concat());
    assert!(dry.starts_with("1 entries would be posted again\n  pos/S1/R1/1/2\n"), "{dry}");
    assert_eq!(listed(site, &["serial"], &[]), ["A1"]);
    assert!(ledger(site, 0, &repair).starts_with("1 entries posted again\n  pos/S1/R1/1/2\n"));
    let told = ledger(site, 0, &["history", "A2", "--as", "csv"]);
    assert!(told.contains("Ida,a disk failed,"), "{told}");
    assert!(ledger(site, 0, &repair).starts_with("0 entries posted again\n"), "nothing is posted twice");
}

#[test]
fn exports_are_exact_and_only_spreadsheets_are_guarded() {
    let site = site();
    let site = site.path();
    sold(site, "2026-11-20", "R1,1,2026-11-20,S1,ACME,SAW,2,,+A1|@A2,yes\n", 0);
    say(site, 0, &["set", "+A1", "--field", "room==1+1", "--date", "2026-11-20", "--reason=-x"]);
    assert_eq!(listed(site, &["serial", "room"], &[]), ["+A1 =1+1", "@A2 "]);
    let due = ledger(site, 0, &["due", "--date", "2027-11-20", "--days", "1", "--as", "csv"]);
    assert!(due.contains(",+A1,") && !due.contains('\''), "{due}");
    let told = ledger(site, 0, &["history", "+A1", "--as", "csv"]);
    assert!(told.contains(",+A1,") && told.contains(",-x,") && !told.contains('\''), "{told}");
}

#[test]
fn a_long_list_goes_to_files_whole_and_to_people_in_part() {
    let site = site();
    let site = site.path();
    let rows: String = (0..2_100)
        .map(|at| format!("{},SAW,2026-01-01,N{at:05}\n", if at % 2 == 0 { "ACME" } else { "BEST" }))
        .collect();
    night(site, "2026-11-20", &[], 0);
    write(site, "old.csv", format!("customer,item,date,serial\n{rows}").as_bytes());
    say(site, 0, &["import", site.join("old.csv").to_str().unwrap()]);
    let people = ledger(site, 0, &["list"]);
    assert!(
        people.ends_with("and 100 more: --as csv, json and parquet have every row\n"),
        "{}",
        people.len()
    );
    assert_eq!(people.lines().count(), 2 + 2_000 + 1);
    let serials = listed(site, &["customer", "serial"], &[]);
    assert_eq!(serials.len(), 2_100);
    assert!(serials.is_sorted(), "by customer, item, serial");
    let json: Value = serde_json::from_str(&ledger(site, 0, &["list", "--as", "json"])).unwrap();
    assert_eq!(json.as_array().unwrap().len(), 2_100);
    assert_eq!(ledger(site, 0, &["list", "--as", "json", "--customer", "NOBODY"]), "[]\n");
    let path = site.join("owned.json");
    let said = ledger(site, 0, &["list", "--as", "json", "--out", path.to_str().unwrap()]);
    assert!(said.ends_with("owned.json: 2100 rows\n"), "{said}");
    assert_eq!(serde_json::from_slice::<Value>(&std::fs::read(path).unwrap()).unwrap(), json);
}

#[test]
fn before_the_masters_are_in_the_store_that_is_said() {
    let site = site();
    let site = site.path();
    write(site, "old.csv", b"customer,item,date,serial\nACME,SAW,2026-01-01,A1\n");
    let import = ["import", site.join("old.csv").to_str().unwrap().to_owned().leak()];
    assert!(!site.join("state").exists());
    assert_eq!(ledger(site, 0, &["list"]), "no customer items\n", "state/ is made as a run makes it");
    let said = say(site, 2, &import);
    assert!(said.contains("`itembridge run --only masters` takes masters/ in"), "{said}");
    night(site, "2026-11-20", &["--only", "masters"], 0);
    say(site, 0, &import);
    let customers = std::fs::read_to_string(site.join("masters/customers.csv")).unwrap() + "NEWCO,New,\n";
    write(site, "masters/customers.csv", customers.as_bytes());
    write(site, "old.csv", b"customer,item,date,serial\nNEWCO,SAW,2026-01-01,A2\n");
    let stale = "changed since the last run took it in: masters/customers.csv";
    assert!(say(site, 1, &import).contains(stale));
    assert!(say(site, 1, &["transfer", "A1", "--to", "NEWCO"]).contains(stale));
    assert!(!say(site, 1, &["transfer", "A1", "--to", "ACME"]).contains("error[E581]"));
    let elsewhere = format!("sqlite:{}", site.join("no/such/place.db").display());
    let out = run(site, &["--store", &elsewhere, "ledger", "list"]);
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(
        out.status.code() == Some(2) && said.contains("there is no folder") && said.contains("no/such"),
        "{said}"
    );
    assert!(!scratch().path().join("state").exists());
}

#[test]
fn small_things_are_refused_with_what_is_wrong() {
    let site = site();
    let site = site.path();
    sold(site, "2026-11-20", "R1,1,2026-01-10,S1,ACME,SAW,1,,A1,yes\n", 0);
    say(site, 0, &["return", "A1", "--document", "D-1", "--date", "2026-11-20"]);
    void(site, 0, "hand/returned/D-1/pos%2FS1%2FR1%2F1%2F1");
    let told = ledger(site, 0, &["history", "A1", "--as", "csv"]);
    let key = told.lines().find(|line| line.contains(",voided,")).unwrap().rsplit(',').next().unwrap();
    let said = void(site, 1, key);
    assert!(said.contains("error[E566]") && said.contains("hand/returned/D-1/"), "{said}");
    for next in ["2026-11-19", "2026-11-20"] {
        let said = say(site, 2, &["service", "A1", "--date", "2026-11-20", "--next", next]);
        assert!(
            said.contains(&format!("the next service, {next}, is not after the visit, 2026-11-20")),
            "{said}"
        );
    }
}

#[test]
fn keys_stay_short_through_a_hundred_owners() {
    let site = site();
    let site = site.path();
    sold(site, "2026-11-20", "R1,1,2026-01-10,S1,ACME,SAW,1,,A1,yes\n", 0);
    for at in 0..12 {
        let (to, document) = (if at % 2 == 0 { "BEST" } else { "ACME" }, format!("T-{at}"));
        let transfer = ["transfer", "A1", "--to", to, "--document", &document, "--date", "2026-11-20"];
        say(site, 0, &transfer);
        assert!(say(site, 0, &transfer).starts_with("said before"));
    }
    let keys = listed(site, &["key"], &["--serial", "A1", "--ended"]);
    assert_eq!(keys.len(), 13);
    assert!(keys.iter().all(|key| key.len() < 150), "{keys:?}");
    let told = ledger(site, 0, &["history", &keys[0], "--as", "csv"]);
    assert_eq!(told.lines().count(), 1 + 13);
}
