//! `worklist`: what waits goes out as CSV, is decided in it, comes back, and a release sends what that freed.

use crate::nights::{DATE, acme_site, night, order, run, summary, write};
use crate::releases::{json, open, ordered};
use serde_json::Value;
use std::path::{Path, PathBuf};

pub(crate) const ITEMS: &[u8] = b"item,description,unit,gtin,status,successor,price\n\
    10-1,Hex bolt M8,EA,614141110018,,,1.5\n10-2,Hex nut M8,EA,,,,9\n40-1,Gone,EA,,discontinued,,\n";
pub(crate) const CUSTOMERS: &[u8] = b"customer,name,group\nACME,Acme Stores,retail\n";
pub(crate) const NEXT: &str = "2026-11-21";

/// A site after a night in which these orders waited, each of one line for the number.
fn waiting(orders: &[(&str, u32, &str)]) -> tempfile::TempDir {
    let site = acme_site();
    write(site.path(), "masters/items.csv", ITEMS);
    write(site.path(), "masters/customers.csv", CUSTOMERS);
    write(site.path(), "masters/item_xref.csv", b"customer,customer_item,item\nACME,B-9,10-2\n");
    for (control, (po_number, quantity, number)) in (1..).zip(orders) {
        let text = order(control, po_number, "00", *quantity).replace("BP*A-1~", &format!("{number}~"));
        write(site.path(), &format!("inbox/orders/{control}.edi"), text.as_bytes());
    }
    assert_eq!(night(site.path(), &["-q"]), 1);
    site
}

pub(crate) fn three() -> tempfile::TempDir {
    waiting(&[("P-1", 5, "BP*A-1"), ("P-2", 7, "BP*A-1"), ("P-3", 4, "BP*=2+3")])
}

/// The rows of an export by its columns.
pub(crate) fn export(site: &Path, more: &[&str]) -> (PathBuf, Vec<Vec<String>>) {
    let path = site.join("list.csv");
    let arguments = [&["worklist", "export", path.to_str().unwrap(), "--date", NEXT], more].concat();
    assert_eq!(run(site, &arguments).status.code(), Some(0));
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(&path).unwrap();
    let rows = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
    (path, rows)
}

fn column(rows: &[Vec<String>], name: &str) -> usize {
    rows[0].iter().position(|column| column == name).unwrap()
}

pub(crate) fn values(rows: &[Vec<String>], name: &str) -> Vec<String> {
    let at = column(rows, name);
    rows[1..].iter().map(|row| row[at].clone()).collect()
}

/// Fills in cells of the row of a cause, as a person does in a spreadsheet.
pub(crate) fn fill(rows: &mut [Vec<String>], cause: &str, cells: &[(&str, &str)]) {
    for (name, value) in cells {
        let at = column(rows, name);
        let row = rows.iter_mut().find(|row| row[0] == cause).unwrap();
        (*value).clone_into(&mut row[at]);
    }
}

pub(crate) fn save(path: &Path, rows: &[Vec<String>]) {
    let mut writer = csv::Writer::from_path(path).unwrap();
    for row in rows {
        writer.write_record(row).unwrap();
    }
    writer.flush().unwrap();
}

/// What is told of applying a file.
pub(crate) fn apply(site: &Path, path: &Path, code: i32, more: &[&str]) -> Value {
    let file = path.to_str().unwrap();
    let out = run(
        site,
        &[&["--format", "json", "worklist", "apply", file, "--by", "Ida", "--date", NEXT], more].concat(),
    );
    let said = String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(code), "{said}");
    serde_json::from_slice(&out.stdout).unwrap()
}

/// Mapped, rejected, ignored, unchanged, without a decision, refused.
pub(crate) fn counts(told: &Value) -> [u64; 6] {
    ["mapped", "rejected", "ignored", "unchanged", "passed_over", "refused"]
        .map(|name| told[name].as_u64().unwrap())
}

pub(crate) fn release(site: &Path) {
    assert_eq!(run(site, &["-q", "release", "--date", NEXT]).status.code(), Some(0));
}

pub(crate) const CAUSE: &str = "unmapped/ACME/BP/A-1";

#[test]
fn a_row_is_a_root_cause_with_all_that_waits_for_it_the_most_valuable_first() {
    let site = three();
    let (_, rows) = export(site.path(), &[]);
    assert_eq!(values(&rows, "cause"), [CAUSE, "unmapped/ACME/BP/=2+3"]);
    for (name, expected) in [
        ("kind", ["line", "line"]),
        ("outcome", ["unmapped", "unmapped"]),
        ("customer_name", ["Acme Stores", "Acme Stores"]),
        ("qualifier", ["BP", "BP"]),
        // a spreadsheet must not calculate it
        ("customer_item", ["A-1", "'=2+3"]),
        ("ordered_unit", ["EA", "EA"]),
        ("lines", ["2", "1"]),
        ("orders", ["2", "1"]),
        ("value_waiting", ["18", "6"]),
        ("currency", ["USD", "USD"]),
        ("first_seen", [DATE, DATE]),
        ("decision", ["", ""]),
    ] {
        assert_eq!(values(&rows, name), expected, "{name}");
    }
    let shown = json(site.path(), &["worklist", "export"]);
    assert_eq!(shown[0]["value_waiting"], serde_json::json!({"USD": "18"}));
    assert_eq!(shown[1]["customer_item"], "=2+3", "JSON has it as it is");
    assert_eq!(export(site.path(), &["--customer", "NOBODY"]).1.len(), 1);
}

#[test]
fn what_is_mapped_in_the_file_goes_with_the_next_release() {
    let site = three();
    let (path, mut rows) = export(site.path(), &[]);
    fill(&mut rows, CAUSE, &[("decision", "map"), ("item", "10-1"), ("reason", "the bolt")]);
    save(&path, &rows);

    let told = apply(site.path(), &path, 0, &["--dry-run"]);
    assert_eq!((counts(&told), &told["applied"]), ([1, 0, 0, 0, 1, 0], &false.into()));
    assert_eq!(counts(&apply(site.path(), &path, 0, &["--dry-run"])), [1, 0, 0, 0, 1, 0], "nothing was kept");
    let told = apply(site.path(), &path, 0, &[]);
    assert_eq!((counts(&told), &told["applied"]), ([1, 0, 0, 0, 1, 0], &true.into()));
    assert_eq!(
        told["release"]["released"],
        serde_json::json!({"orders": 2, "lines": 2, "ordered": 2, "rejected": 0, "held": 0})
    );
    assert_eq!(counts(&apply(site.path(), &path, 0, &[])), [0, 0, 0, 1, 1, 0], "twice is once");

    release(site.path());
    assert_eq!(ordered(site.path()).len(), 2);
    assert_eq!(open(site.path()), [("unmapped/ACME/BP/=2+3".to_owned(), 1)]);
    assert_eq!(counts(&apply(site.path(), &path, 0, &[])), [0, 0, 0, 1, 1, 0], "also after the release");
    let history = json(site.path(), &["xref", "history", "A-1"]);
    let row = &history[0];
    assert_eq!(
        (&row["source"], &row["decided_by"], &row["reason"], &row["item"]),
        (&"decision".into(), &"Ida".into(), &"the bolt".into(), &"10-1".into())
    );
}

#[test]
fn a_mapping_for_some_of_the_lines_is_unchanged_when_they_are_gone_and_the_cause_waits_on() {
    for (cells, at) in [
        (&[("unit", "CA"), ("unit_factor", "12")][..], ""),
        (&[("scope", "ship_to"), ("ship_to", "S1")], "S1"),
    ] {
        let site = acme_site();
        write(site.path(), "masters/items.csv", ITEMS);
        write(site.path(), "masters/customers.csv", CUSTOMERS);
        write(site.path(), "masters/item_xref.csv", b"customer,customer_item,item\n");
        for (control, unit, ship_to) in [(1, "CA", "S1"), (2, "EA", "S2")] {
            let text = order(control, &format!("P-{control}"), "00", 5)
                .replace("*EA*", &format!("*{unit}*"))
                .replace("PO1*", &format!("N1*ST*Store*92*{ship_to}~\nPO1*"))
                .replace("SE*5*", "SE*6*");
            write(site.path(), &format!("inbox/orders/{control}.edi"), text.as_bytes());
        }
        night(site.path(), &["-q"]);
        let (path, mut rows) = export(site.path(), &[]);
        fill(&mut rows, CAUSE, &[("decision", "map"), ("item", "10-1"), ("reason", "the bolt")]);
        fill(&mut rows, CAUSE, cells);
        if at == "S1" {
            // only for a line that can be converted
            fill(&mut rows, CAUSE, &[("unit_factor", "12")]);
        }
        save(&path, &rows);
        assert_eq!(counts(&apply(site.path(), &path, 0, &[])), [1, 0, 0, 0, 0, 0]);
        release(site.path());
        assert_eq!(open(site.path()), [(CAUSE.to_owned(), 1)]);
        assert_eq!(counts(&apply(site.path(), &path, 0, &[])), [0, 0, 0, 1, 0, 0], "{cells:?}");
    }
}

#[test]
fn a_number_that_looks_like_a_formula_comes_back_as_it_was() {
    let site = three();
    let (path, mut rows) = export(site.path(), &[]);
    fill(
        &mut rows,
        "unmapped/ACME/BP/=2+3",
        &[("decision", "map"), ("item", "10-2"), ("scope", "group"), ("reason", "'=odd")],
    );
    // a spreadsheet that spoils the cell for people does no harm: the cause says which number it is
    fill(&mut rows, "unmapped/ACME/BP/=2+3", &[("customer_item", "5")]);
    save(&path, &rows);
    assert_eq!(counts(&apply(site.path(), &path, 0, &[])), [1, 0, 0, 0, 1, 0]);
    let history = json(site.path(), &["xref", "history", "=2+3"]);
    assert_eq!((&history[0]["customer"], &history[0]["reason"]), (&"group:retail".into(), &"=odd".into()));
    release(site.path());
    assert_eq!(ordered(site.path()).len(), 1);
}

#[test]
fn rejected_lines_are_answered_by_the_next_release_and_later_ones_wait() {
    let site = three();
    let (path, mut rows) = export(site.path(), &[]);
    fill(&mut rows, CAUSE, &[("decision", "reject")]);
    save(&path, &rows);
    let told = apply(site.path(), &path, 0, &["--reason", "not ours"]);
    assert_eq!(counts(&told), [0, 1, 0, 0, 1, 0]);
    assert_eq!(told["release"]["released"]["rejected"], 2);
    assert_eq!(counts(&apply(site.path(), &path, 0, &["--reason", "not ours"])), [0, 0, 0, 1, 1, 0]);
    assert_eq!(values(&export(site.path(), &[]).1, "cause"), ["unmapped/ACME/BP/=2+3"]);
    assert_eq!(values(&export(site.path(), &["--all"]).1, "cause").len(), 2);

    release(site.path());
    assert_eq!(open(site.path()), [("unmapped/ACME/BP/=2+3".to_owned(), 1)], "nothing is open about them");
    let told = summary(site.path(), "20261121-001");
    assert_eq!((&told["released"]["rejected"], &told["documents"]["855"]), (&2.into(), &2.into()));
    assert_eq!(json(site.path(), &["order", "show", "P-1"])[0]["state"], "rejected");
    assert_eq!(ordered(site.path()).len(), 0);

    // what comes later waits for a decision of its own
    write(site.path(), "inbox/orders/9.edi", order(9, "P-9", "00", 1).as_bytes());
    assert_eq!(run(site.path(), &["-q", "run", "--date", NEXT]).status.code(), Some(1));
    assert!(values(&export(site.path(), &[]).1, "cause").contains(&CAUSE.to_owned()));
}

#[test]
fn what_is_ignored_comes_back_after_its_day_and_waits_on_meanwhile() {
    let site = three();
    let (path, mut rows) = export(site.path(), &[]);
    let cells = [("decision", "ignore"), ("ignore_until", "2026-12-01"), ("reason", "they are asked")];
    fill(&mut rows, CAUSE, &cells);
    save(&path, &rows);
    assert_eq!(counts(&apply(site.path(), &path, 0, &[])), [0, 0, 1, 0, 1, 0]);
    assert_eq!(counts(&apply(site.path(), &path, 0, &[])), [0, 0, 0, 1, 1, 0]);
    for (day, shown) in [("2026-12-01", 1), ("2026-12-02", 2)] {
        let rows = json(site.path(), &["worklist", "export", "--date", day]);
        assert_eq!(rows.as_array().unwrap().len(), shown, "{day}");
    }
    release(site.path());
    assert_eq!(open(site.path()).len(), 2, "an ignored line waits on");
    // what is decided anew counts
    fill(&mut rows, CAUSE, &[("decision", "map"), ("item", "10-1"), ("reason", "the bolt")]);
    save(&path, &rows);
    assert_eq!(counts(&apply(site.path(), &path, 0, &[])), [1, 0, 0, 0, 1, 0]);
    release(site.path());
    assert_eq!(ordered(site.path()).len(), 2);
}

/// The cells of the row of [`CAUSE`], and the problem it is refused for.
const REFUSED: &[(&[(&str, &str)], &str)] = &[
    (&[("decision", "mapp")], r#"decision "mapp" is none of map, reject, ignore, release, apply, done"#),
    (&[("decision", "map")], "item is missing: to what is it mapped?"),
    (&[("decision", "map"), ("item", "10-9")], r#"unknown item "10-9": items.csv does not have it"#),
    (&[("decision", "map"), ("item", "40-1")], "item 40-1: 40-1 is discontinued and has no successor"),
    (&[("decision", "map"), ("item", "10-1"), ("unit", "CA")], r#"unit "CA": the lines are ordered in EA"#),
    (
        &[("decision", "map"), ("item", "10-1"), ("unit_factor", "-1")],
        r#"unit_factor "-1" is not a positive factor such as 12, 0.5 or 1/2"#,
    ),
    (
        &[("decision", "map"), ("item", "10-1"), ("scope", "all")],
        r#"scope "all" is none of ship_to, customer, group, everyone"#,
    ),
    (
        &[("decision", "map"), ("item", "10-1"), ("scope", "ship_to"), ("ship_to", "S9")],
        r#"ship_to "S9" is none of those of the lines: none"#,
    ),
    (
        &[("decision", "map"), ("item", "10-1"), ("valid_from", "11/22/2026")],
        r#"valid_from "11/22/2026" is not a date as YYYY-MM-DD: where a spreadsheet writes dates its own way, make the column text first"#,
    ),
    (&[("decision", "ignore")], "ignore_until is missing: a cause is ignored up to a day"),
    (&[("decision", "ignore"), ("ignore_until", "2026-11-20")], "ignore_until 2026-11-20 is past"),
    (
        &[("decision", "reject"), ("reason", "")],
        "reason is missing: a decision says why, here or with --reason",
    ),
    (
        &[("decision", "reject"), ("cause", "unmapped/ACME/BP/X")],
        "the cause is not open any more: nothing waits for it",
    ),
    (&[("decision", "reject"), ("cause", "unmapped/ACME/BP/=2+3")], "row 1 decides this cause already"),
];

#[test]
fn each_row_that_cannot_be_applied_is_named_beside_the_file_and_nothing_is_applied() {
    let site = three();
    let (path, rows) = export(site.path(), &[]);
    for (cells, problem) in REFUSED {
        let mut rows = rows.clone();
        rows.swap(1, 2);
        fill(
            &mut rows,
            "unmapped/ACME/BP/=2+3",
            &[("decision", "map"), ("item", "10-2"), ("reason", "sound")],
        );
        fill(&mut rows, CAUSE, &[("reason", "why")]);
        fill(
            &mut rows,
            CAUSE,
            cells.iter().copied().filter(|(name, _)| *name != "cause").collect::<Vec<_>>().as_slice(),
        );
        if let Some((_, cause)) = cells.iter().find(|(name, _)| *name == "cause") {
            fill(&mut rows, CAUSE, &[("cause", cause)]);
        }
        save(&path, &rows);
        let told = apply(site.path(), &path, 1, &[]);
        assert_eq!((counts(&told)[5], &told["applied"]), (1, &false.into()), "{problem}");
        assert_eq!(told["problems"][0]["problem"], *problem);
        assert_eq!(told["problems"][0]["row"], 2);
        let beside = std::fs::read_to_string(site.path().join("list.problems.csv")).unwrap();
        assert_eq!(beside.lines().count(), 2, "{beside}");
        assert!(beside.lines().next().unwrap().ends_with(",reason,problem"), "{beside}");
    }
    assert_eq!(json(site.path(), &["xref", "history", "=2+3"]), serde_json::json!([]), "all or nothing");
    // the rest goes with --partial, and the mended file of problems comes back
    let mut rows = rows;
    fill(&mut rows, CAUSE, &[("decision", "map"), ("reason", "why")]);
    fill(&mut rows, "unmapped/ACME/BP/=2+3", &[("decision", "map"), ("item", "10-2"), ("reason", "sound")]);
    save(&path, &rows);
    assert_eq!(counts(&apply(site.path(), &path, 1, &["--partial"])), [1, 0, 0, 0, 0, 1]);
    let beside = site.path().join("list.problems.csv");
    let mended = std::fs::read_to_string(&beside).unwrap().replace(",map,,", ",map,10-1,");
    std::fs::write(&beside, mended).unwrap();
    assert_eq!(counts(&apply(site.path(), &beside, 0, &[])), [1, 0, 0, 0, 0, 0]);
    release(site.path());
    assert_eq!(ordered(site.path()).len(), 3);
}

#[test]
fn a_mapping_that_contradicts_what_stands_is_refused() {
    let site = waiting(&[("P-1", 5, "BP*A-1*VN*10-9")]);
    let path = site.path().join("in.csv");
    write(
        site.path(),
        "in.csv",
        b"customer,customer_item,item,qualifier,valid_from\nACME,A-1,10-2,BP,2027-01-01\n",
    );
    let imported = run(site.path(), &["xref", "import", path.to_str().unwrap(), "--by", "Ida"]);
    assert_eq!(imported.status.code(), Some(0));
    let (path, mut rows) = export(site.path(), &[]);
    fill(&mut rows, CAUSE, &[("decision", "map"), ("item", "10-1"), ("reason", "why")]);
    save(&path, &rows);
    let told = apply(site.path(), &path, 1, &[]);
    let problem = told["problems"][0]["problem"].as_str().unwrap();
    assert!(problem.starts_with("a row from import leads A-1 to 10-2 with the same standing"), "{problem}");
}

#[test]
fn what_is_no_worklist_is_refused_whole() {
    let site = three();
    for (bytes, error) in [
        ("a,b\n1,2\n", "has no column cause"),
        ("cause\n", "has no column decision"),
        ("cause,decision,decision\n", "two columns of"),
        ("", "has no column cause"),
    ] {
        write(site.path(), "in.csv", bytes.as_bytes());
        let path = site.path().join("in.csv");
        let out = run(site.path(), &["worklist", "apply", path.to_str().unwrap(), "--by", "Ida"]);
        assert_eq!(out.status.code(), Some(2));
        let told = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(told.contains(error), "{told}");
    }
}

/// What is suggested for the number of each order: the item, the score, the first reason.
fn suggested(site: &Path) -> Vec<(String, String, String, String)> {
    let told = json(site, &["xref", "suggest", "--each", "1"]);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let rows = told.as_array().unwrap().iter();
    rows.map(|row| {
        let best = &row["suggestions"][0];
        (text(&row["customer_item"]), text(&best["item"]), text(&best["score"]), text(&best["evidence"][0]))
    })
    .collect()
}

#[test]
fn what_waits_is_suggested_with_its_evidence_and_nothing_is_applied() {
    // the number on the line; our item, the score (a price within 2 % takes a quarter of the doubt), why
    for (number, item, score, why) in [
        ("BP*X-1*UP*10614141110015", "10-1", "0.700", "the GTIN of a packing of 10-1"),
        ("BP*X-1*VN*101", "10-1", "0.700", "VN 101 of the line is our item 10-1 written otherwise"),
        ("BP*G-7", "10-1", "0.587", "mapped to 10-1 at BEST"),
        ("BP*H-7", "10-1", "0.775", "mapped to 10-1 at CORE of the same group"),
        ("BP*S-7", "10-1", "0.850", "mapped to 10-1 at ship-to S9"),
        ("BP*4711", "10-1", "0.812", "ACME has 0047-11 for 10-1: 4711 written otherwise"),
        ("BP*88123", "10-1", "0.512", "one letter from 88132, which is 10-1"),
        ("BP*OLD-1", "10-1", "0.587", "mapped to 30-1 at BEST, whose place 10-1 takes"),
        ("BP*Q", "", "", ""),
    ] {
        let site = acme_site();
        let items = String::from_utf8(ITEMS.to_vec()).unwrap() + "30-1,Ancient,EA,,discontinued,10-1,\n";
        write(site.path(), "masters/items.csv", items.as_bytes());
        write(
            site.path(),
            "masters/customers.csv",
            b"customer,name,group\nACME,Acme,retail\nCORE,Core,retail\nBEST,Best,\n",
        );
        write(
            site.path(),
            "masters/item_xref.csv",
            b"customer,customer_item,item,ship_to\nBEST,G-7,10-1,\nCORE,H-7,10-1,\nACME,S-7,10-1,S9\n\
              ACME,0047-11,10-1,\nACME,88132,10-1,\nBEST,OLD-1,30-1,\n",
        );
        let text = order(1, "P-1", "00", 5).replace("BP*A-1~", &format!("{number}~"));
        write(site.path(), "inbox/orders/1.edi", text.as_bytes());
        assert_eq!(night(site.path(), &["-q"]), 1, "{number}");
        let before = json(site.path(), &["xref", "lookup", "10-1"]);
        let found = suggested(site.path());
        assert_eq!(found.len(), 1, "{number}");
        assert_eq!((found[0].1.as_str(), found[0].2.as_str()), (item, score), "{number}: {found:?}");
        assert!(found[0].3.contains(why), "{number}: {found:?}");
        let (_, rows) = export(site.path(), &[]);
        assert_eq!(values(&rows, "suggestion"), [item], "{number}");
        assert_eq!(values(&rows, "suggestion_score"), [score], "{number}");
        assert_eq!(json(site.path(), &["xref", "lookup", "10-1"]), before, "nothing is applied");
    }
}

#[test]
fn a_file_of_problems_that_is_refused_again_keeps_the_rows_that_are_sound() {
    let site = three();
    let (_, mut rows) = export(site.path(), &[]);
    let cells = [("decision", "map"), ("item", "10-1"), ("reason", "the bolt")];
    fill(&mut rows, CAUSE, &cells);
    fill(&mut rows, "unmapped/ACME/BP/=2+3", &[cells[0], ("item", "99"), cells[2]]);
    let beside = site.path().join("list.problems.csv");
    save(&beside, &rows);
    // nothing is applied, so the decision that is sound stands in this file alone
    assert_eq!(apply(site.path(), &beside, 1, &[])["applied"], false);
    let text = std::fs::read_to_string(&beside).unwrap();
    assert_eq!((text.lines().count(), text.contains("the bolt,\n")), (3, true), "{text}");
    std::fs::write(&beside, text.replace(",99,", ",10-2,")).unwrap();
    assert_eq!(counts(&apply(site.path(), &beside, 0, &[])), [2, 0, 0, 0, 0, 0]);
    assert!(!beside.exists());
}
