//! `xref lookup`, `history`, `check` and previews: what a person asks the cross-reference, and what it answers.

use crate::nights::{DATE, night, order, run, write};
use crate::xrefs::{counts, import, json, said, site};
use itembridge::store::Store;
use itembridge::store::sqlite::SqliteStore;
use itembridge::store::xrefs::{XrefChange, XrefSignature, XrefSource, change_xrefs};
use serde_json::Value;
use std::path::Path;

/// `number -> item at customer: state`, for each row found.
fn lookup(site: &Path, arguments: &[&str]) -> Vec<String> {
    let found = json(site, 0, &[&["xref", "lookup"], arguments].concat());
    let word = |row: &Value, name: &str| row[name].as_str().unwrap_or("-").to_owned();
    let told = found.as_array().unwrap().iter().map(|row| {
        let place = format!("{} {}", word(row, "customer"), word(row, "ship_to"));
        format!(
            "{} -> {} at {}: {}",
            word(row, "customer_item"),
            word(row, "item"),
            place.trim(),
            word(row, "state")
        )
    });
    told.collect()
}

#[test]
fn a_number_is_found_by_either_side_in_any_writing_by_its_beginning_and_by_words() {
    let site = site();
    let site = site.path();
    import(
        site,
        0,
        b"customer,customer_item,item,valid_from,valid_to\nBEST,A-1,30-1,,\nBEST,a1,40-1,2026-01-01,\nBEST,A-12,10-1,,2020-01-01\n",
        &[],
    );
    for (arguments, rows) in [
        (
            &["A-1"][..],
            &[
                "A-1 -> 10-1 at ACME: valid",
                "A-1 -> 10-2 at ACME S1: valid",
                "A-1 -> 30-1 at BEST: discontinued",
                "a1 -> 40-1 at BEST: discontinued",
            ][..],
        ),
        (&["A-1", "--customer", "ACME"], &["A-1 -> 10-1 at ACME: valid", "A-1 -> 10-2 at ACME S1: valid"]),
        (&["A-1", "--customer", "ACME", "--ship-to", "S2"], &["A-1 -> 10-1 at ACME: valid"]),
        (&["123"], &["00123 -> 10-2 at ACME: valid"]),
        (&["G1", "--customer", "ACME", "--as-of", "2999-01-01"], &["G-1 -> 10-2 at group:retail: expired"]),
        (&["G1", "--customer", "BEST"], &[]),
        (&["A-1", "--as-of", "2020-01-01"], &[]),
        (&["0020"], &["- -> 0020 at - -: no number"]),
        (&["20"], &["- -> 0020 at - -: no number"]),
        (&["A-12", "--prefix"], &["A-12 -> 10-1 at BEST: expired"]),
        (&["A", "--limit", "1"], &["A-1 -> 10-1 at ACME: valid"]),
        (&["washer"], &["- -> 0020 at - -: no number"]),
        (&["--description", "the", "bolt"], &["A-1 -> 10-1 at ACME: valid"]),
        (&["nut", "m8", "--customer", "BEST"], &["- -> 10-2 at - -: no number"]),
        (&["zzz"], &[]),
    ] {
        assert_eq!(lookup(site, arguments), rows, "{arguments:?}");
    }
    let prefix = lookup(site, &["A-1", "--prefix"]);
    assert_eq!(prefix.len(), 5, "the exact ones first, each once: {prefix:?}");
    assert_eq!(prefix[4], "A-12 -> 10-1 at BEST: expired");
    let told = said(site, 0, &["xref", "lookup", "A-1"]);
    for part in ["Customer Item#", "Hex bolt M8", "ACME at S1", "import by Ida"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert_eq!(said(site, 0, &["xref", "lookup", "zzz"]), "nothing is known of \"zzz\"\n");
    assert!(said(site, 2, &["xref", "lookup", "A", "--as-of", "soon"]).contains("a day such as"));
}

/// What a worklist will do: a person ends a row, with name and reason.
fn end_by_decision(site: &Path, customer: &str, number: &str) {
    let mut store = SqliteStore::open(&site.join("state/itembridge.db")).unwrap();
    let mut work = store.begin().unwrap();
    let row = work.xrefs_of(customer, number, "").unwrap().remove(0).xref;
    let by = XrefSignature {
        source: XrefSource::Decision,
        decided_by: "Dora".into(),
        reason: "wrong item".into(),
        origin: "worklist.csv".into(),
        now: 0,
    };
    change_xrefs(&mut *work, &by, &[XrefChange::End(row)]).unwrap();
    work.commit().unwrap();
}

#[test]
fn the_history_says_who_changed_what_when_and_why_on_both_clocks() {
    let site = site();
    let site = site.path();
    let reason = |text: &'static str| ["--reason", text];
    import(site, 0, b"customer,customer_item,item,rank\nBEST,H-1,10-1,2\n", &reason("new customer"));
    import(
        site,
        0,
        b"customer,customer_item,item,valid_to\nBEST,H-1,10-1,2026-12-31\n",
        &reason("contract ends"),
    );
    end_by_decision(site, "BEST", "H-1");
    import(site, 1, b"customer,customer_item,item,rank\nBEST,H-1,10-1,1\n", &[]);
    let versions = json(site, 0, &["xref", "history", "H-1"]);
    let told: Vec<String> = versions
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let text = |name: &str| row[name].to_string();
            format!(
                "{} {} {} {} {} ended {} {}",
                text("xref_id"),
                text("source"),
                text("decided_by"),
                text("reason"),
                text("valid_to"),
                text("ended_by"),
                text("recorded_to") == "null"
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            r#"5 "import" "Ida" "new customer" null ended "Ida" false"#,
            r#"5 "import" "Ida" "contract ends" "2026-12-31" ended "" true"#,
            r#"5 "decision" "Dora" "wrong item" "2026-12-31" ended "" true"#,
        ]
    );
    let shown = said(site, 0, &["xref", "history", "--item", "10-1", "--customer", "BEST"]);
    for part in
        ["added: rank 2", "valid none -> until 2026-12-31", "contract ends", "inactive", "Dora", "wrong item"]
    {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(said(site, 0, &["xref", "history", "--item", "10-1"]).contains("masters"));
    assert_eq!(said(site, 0, &["xref", "history", "H-2"]), "the cross-reference never had \"H-2\"\n");
    assert_eq!(run(site, &["xref", "history"]).status.code(), Some(2));
}

#[test]
fn an_earlier_instant_is_exported_as_it_was() {
    let site = site();
    let site = site.path();
    let masters = said(site, 0, &["xref", "export"]);
    let before = jiff::Timestamp::now().to_string();
    import(site, 0, b"customer,customer_item,item\nBEST,L-1,10-1\n", &[]);
    let then = said(site, 0, &["xref", "export", "--as-of", &before]);
    assert_eq!(then, masters);
    assert!(said(site, 0, &["xref", "export"]).contains("L-1"));
    let rows =
        |arguments: &[&str]| said(site, 0, &[&["xref", "export"], arguments].concat()).lines().count() - 1;
    assert_eq!(rows(&["--source", "import"]), 1);
    assert_eq!(rows(&["--source", "masters"]), 4);
    assert_eq!(rows(&["--customer", "group:retail"]), 1);
    assert_eq!(rows(&["--as-of", "2020-01-01"]), 0);
    let file = site.join("all.csv");
    let told = said(site, 0, &["xref", "export", file.to_str().unwrap()]);
    assert!(told.ends_with("all.csv: 5 rows\n"), "{told}");
    assert_eq!(std::fs::read_to_string(file).unwrap(), said(site, 0, &["xref", "export"]));
}

#[test]
fn the_check_names_each_flaw_and_only_those() {
    let site = site();
    let site = site.path();
    let flaws = "customer,customer_item,item,ship_to,qualifier,unit,unit_factor,rank,valid_from,valid_to,status,description\n\
        ACME,CLASH,10-1,,,,,,,,,\nACME,CLASH,10-2,,,,,,,,,\n\
        ACME,TWICE,30-1,,,,,,,,,\nACME,TWICE,30-2,,,,,,,,,\n\
        ACME,OFF,10-9,,,,,,,,inactive,\nACME,LOST,10-9,,,,,,,,,\nGHOST,X,10-1,,,,,,,,,\ngroup:ghosts,X,10-1,,,,,,,,,\n\
        ACME,ROUND,50-1,,,,,,,,,\nACME,GONE,40-1,,,,,,,,,\n\
        ACME,614141110018,10-1,,,,,,,,,\nBEST,614141110018,30-1,,,,,,,,,\n\
        ACME,SAME,10-1,,,,,,,,,\nBEST,SAME,10-1,,,,,,,,,\n";
    write(site, "masters/item_xref.csv", flaws.as_bytes());
    night(site, &["-q"]);
    let found = json(site, 1, &["xref", "check"]);
    let told: Vec<String> = found["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            ["flaw", "customer", "customer_item", "item", "detail"]
                .map(|name| row[name].as_str().unwrap())
                .join(" | ")
        })
        .collect();
    assert_eq!(
        told,
        [
            "conflict | ACME | CLASH | 10-2 | xref 6 leads to 10-1",
            "orphaned_item | ACME | LOST | 10-9 | items.csv does not have it",
            "orphaned_customer | GHOST | X | 10-1 | customers.csv does not have it",
            "orphaned_customer | group:ghosts | X | 10-1 | customers.csv does not have it",
            "discontinued | ACME | GONE | 40-1 | 40-1 is discontinued and has no successor",
            "discontinued | ACME | ROUND | 50-1 | its successors go round in a circle at 50-1",
            "gtin |  |  | 60-1 | GTIN \"614141110019\": wrong check digit",
            "gtin | ACME | 614141110018 | 10-1 | the number is the GTIN of 30-2",
            "duplicate | ACME | TWICE | 30-2 | xref 13 says the same",
            "shared_number |  | 614141110018 |  | 10-1 at ACME; 30-2 at BEST",
        ]
    );
    assert_eq!(found["counts"]["discontinued"], 2);
    assert_eq!(found["faults"], 9);
    let few = json(site, 1, &["xref", "check", "--limit", "1"]);
    assert_eq!((few["findings"].as_array().unwrap().len(), &few["counts"]["gtin"]), (7, &Value::from(2)));
    let csv = said(site, 1, &["xref", "check", "--as", "csv"]);
    assert!(
        csv.starts_with("flaw,customer,ship_to,customer_item,item,xref_id,detail\nconflict,ACME,,CLASH,"),
        "{csv}"
    );
    assert!(said(site, 1, &["xref", "check"]).contains("shared_number: 1, worth knowing and no fault"));
}

#[test]
fn a_row_that_no_order_used_is_dead_after_its_days() {
    let site = site();
    let site = site.path();
    write(site, "masters/items.csv", b"item,description,unit\n10-1,Bolt,EA\n");
    write(
        site,
        "masters/item_xref.csv",
        b"customer,customer_item,item,valid_to\nACME,A-1,10-1,\nACME,A-2,10-1,\nACME,A-3,10-1,2020-01-01\n",
    );
    write(site, "inbox/orders/1.edi", order(1, "PO-1", "00", 5).as_bytes());
    night(site, &["-q"]);
    assert_eq!(said(site, 0, &["xref", "check"]), "nothing is wrong with the cross-reference\n");
    let dead = |days: &str, date: &str| {
        let found = json(site, 1, &["xref", "check", "--days", days, "--date", date]);
        let rows = found["findings"].as_array().unwrap().clone();
        rows.iter().map(|row| row["customer_item"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    // the day is far enough behind the rows' own beginning
    assert_eq!(dead("3", "2999-01-01"), ["A-1", "A-2"], "the order is long ago");
    assert_eq!(
        said(site, 0, &["xref", "check", "--days", "30", "--date", DATE]),
        "nothing is wrong with the cross-reference\n",
        "the rows are younger than that"
    );
}

#[test]
fn a_preview_says_which_orders_would_change_and_writes_nothing() {
    let site = site();
    let site = site.path();
    write(site, "inbox/orders/1.edi", order(1, "PO-1", "00", 5).as_bytes());
    write(site, "inbox/orders/2.edi", order(2, "PO-2", "00", 7).as_bytes());
    night(site, &["-q"]);
    let before = said(site, 0, &["xref", "export"]);
    let file = b"customer,customer_item,item,status\nACME,A-1,10-1,inactive\nACME,A-1,10-2,\n";
    let preview = ["--preview", "--days", "30", "--date", DATE];
    let told = import(site, 0, file, &preview);
    assert_eq!((counts(&told), &told["applied"]), ([2, 1, 1, 0, 0, 0], &Value::from(false)));
    assert_eq!(said(site, 0, &["xref", "export"]), before);
    let shown = &told["preview"];
    assert_eq!((&shown["orders"], &shown["lines"], &shown["orders_read"]), (&2.into(), &2.into(), &2.into()));
    assert_eq!(shown["amounts"]["USD"], "18");
    let change = &shown["changes"][1];
    assert_eq!((&change["po_number"], &change["customer_item"]), (&"PO-2".into(), &"A-1".into()));
    assert_eq!((&change["from"]["item"], &change["to"]["item"]), (&"10-1".into(), &"10-2".into()));
    assert_eq!((&change["amount"], &change["to"]["quantity"]), (&"10.5".into(), &"7".into()));
    // without the second row the lines would find nothing
    let half = b"customer,customer_item,item,status\nACME,A-1,10-1,inactive\n";
    let lost = import(site, 0, half, &preview);
    assert_eq!(lost["preview"]["moves"][0]["from"], "mapped, ordered");
    assert_eq!(lost["preview"]["moves"][0]["to"], "unmapped, held");
    let other_days = import(site, 0, file, &["--preview", "--days", "30", "--date", "2026-11-19"]);
    assert_eq!(other_days["preview"]["orders_read"], 0);
    let path = site.join("in.csv");
    write(site, "in.csv", file);
    let text =
        said(site, 0, &[&["xref", "import", path.to_str().unwrap(), "--by", "Ida"], &preview[..]].concat());
    for part in [
        "2 lines of 2 orders would change, 18 USD",
        "mapped, ordered -> mapped, ordered: 2 lines",
        "10-1, 5 EA",
        "10-2, 5 EA",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    // nothing is written, so nobody must sign
    let unsigned = std::process::Command::new(env!("CARGO_BIN_EXE_itembridge"))
        .args(["--site", site.to_str().unwrap(), "xref", "import", path.to_str().unwrap()])
        .args(preview)
        .env_remove("USER")
        .env_remove("LOGNAME")
        .env_remove("USERNAME")
        .output()
        .unwrap();
    assert_eq!((unsigned.status.code(), String::from_utf8(unsigned.stdout).unwrap()), (Some(0), text));
    import(site, 0, file, &[]);
    let applied = import(site, 0, file, &preview);
    assert_eq!(counts(&applied), [2, 0, 0, 2, 0, 0]);
    assert_eq!(
        (&applied["preview"]["lines"], &applied["preview"]["orders_read"]),
        (&0.into(), &2.into()),
        "nothing is left to change"
    );
}

/// Of line 1 of an order, what it was or would be by the clocks: outcome, via, item, quantity and unit, state.
fn explained(site: &Path, po_number: &str, clocks: &[&str]) -> String {
    let told = json(site, 0, &[&["explain", po_number, "--line", "1"], clocks].concat());
    let word = |name: &str| told[name].as_str().unwrap_or("-").to_owned();
    ["outcome", "via", "item", "quantity", "unit", "state"].map(word).join(" ")
}

#[test]
fn a_line_is_explained_as_another_day_of_either_clock_would_have_it() {
    let site = site();
    let site = site.path();
    write(site, "inbox/orders/1.edi", order(1, "P-1", "00", 5).as_bytes());
    night(site, &["-q"]);
    let was = "mapped customer 10-1 5 EA ordered";
    let at_first = jiff::Timestamp::now().to_string();
    // from December on another item, known since now
    import(
        site,
        0,
        b"customer,customer_item,item,unit_factor,valid_from,valid_to\nACME,A-1,10-1,,,2026-11-30\n\
          ACME,A-1,10-2,12,2026-12-01,\n",
        &[],
    );
    let then = jiff::Timestamp::now().to_string();
    // and then the masters say that the item is gone
    write(
        site,
        "masters/items.csv",
        b"item,description,unit,status\n10-1,Hex bolt M8,EA,discontinued\n10-2,Nut,EA,\n",
    );
    night(site, &["-q"]);
    let later = "mapped customer 10-2 60 EA ordered";
    for (clocks, expected) in [
        (&[][..], was),
        (&["--as-of", &at_first], was),
        (&["--as-of", &at_first, "--valid-on", "2026-12-01"], was),
        (&["--as-of", &then, "--valid-on", "2026-12-01"], later),
        (&["--as-of", &then, "--valid-on", "2026-11-30"], was),
        (&["--valid-on", "2026-12-01"], later),
        (&["--valid-on", "2026-11-30"], "invalid customer 10-1  EA held"),
        // the end of a day that is to come: all that is known now, valid then
        (&["--as-of", "2999-01-01"], later),
    ] {
        assert_eq!(explained(site, "P-1", clocks), expected, "{clocks:?}");
    }
    let told = json(site, 0, &["explain", "P-1", "--line", "1", "--as-of", &then]);
    let recorded: jiff::Timestamp = told["recorded_as_of"].as_str().unwrap().parse().unwrap();
    let asked: jiff::Timestamp = then.parse().unwrap();
    assert_eq!(recorded.as_microsecond(), asked.as_microsecond());
    assert_eq!(json(site, 0, &["explain", "P-1", "--line", "1"]).get("recorded_as_of"), None);
    let text = said(site, 0, &["explain", "P-1", "--as-of", &then, "--valid-on", "2026-12-24"]);
    for part in [
        ", asked as of 2026-12-24, as it was recorded then; nothing was changed\n",
        "line 1: mapped to 10-2 by customer; ordered",
        "5 EA = 60 EA (12 EA to the EA)",
        "10-1 (xref 2): expired, valid until 2026-11-30",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let text = said(site, 0, &["explain", "P-1", "--valid-on", "2026-11-30"]);
    assert!(text.contains(", asked as of 2026-11-30, by what is known now; nothing was changed"), "{text}");
    assert!(!text.contains("to mend"), "nothing waits: {text}");
    assert_eq!(explained(site, "P-1", &[]), was, "what was decided stands");
    let told = said(site, 2, &["explain", "P-1", "--as-of", "2020-01-01"]);
    assert!(told.contains("the store had no items then"), "{told}");
    assert!(said(site, 2, &["explain", "P-1", "--as-of", "soon"]).contains("a day such as"));
    std::fs::remove_file(site.join("partners/acme.toml")).unwrap();
    let told = said(site, 2, &["explain", "P-1", "--valid-on", "2026-12-01"]);
    assert!(told.contains("partner acme has no profile any more"), "{told}");
}

#[test]
fn an_import_during_a_run_is_told_to_come_back() {
    let site = site();
    let site = site.path();
    let lock = itembridge::site::folders::lock(site, false).unwrap();
    let told = said(site, 2, &["xref", "import", "any.csv", "--by", "Ida"]);
    assert!(told.contains("is in use by"), "{told}");
    drop(lock);
}

#[test]
fn an_old_store_is_brought_up_to_date_and_says_from_what_to_what() {
    let site = site();
    let site = site.path();
    let path = site.join("state/itembridge.db");
    let told = said(site, 0, &["store", "migrate"]);
    assert!(told.ends_with("is up to date: schema version 9\n"), "{told}");
    std::fs::remove_file(&path).unwrap();
    let old = rusqlite::Connection::open(&path).unwrap();
    old.execute_batch(include_str!("../../src/store/sqlite/schema.sql")).unwrap();
    old.execute_batch("PRAGMA user_version = 1").unwrap();
    drop(old);
    let told = json(site, 0, &["store", "migrate"]);
    assert_eq!((&told["from"], &told["to"]), (&1.into(), &9.into()));
    assert_eq!(said(site, 0, &["xref", "lookup", "A-1"]), "nothing is known of \"A-1\"\n");
}
