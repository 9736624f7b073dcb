//! What `explain` and the masters say after a night: the golden sites once more, asked instead of read.

use crate::nights::{lay_out, night, repository, run};
use serde_json::Value;

/// The golden site of this name after its night.
fn after_night(case: &str) -> tempfile::TempDir {
    let site = tempfile::tempdir().unwrap();
    lay_out(&repository(&format!("tests/golden/{case}/site")), site.path());
    night(site.path(), &["-q"]);
    site
}

fn said(site: &tempfile::TempDir, arguments: &[&str]) -> String {
    let out = run(site.path(), arguments);
    assert!(out.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

fn json(site: &tempfile::TempDir, arguments: &[&str]) -> Value {
    serde_json::from_str(&said(site, &[&["--format", "json"], arguments].concat())).unwrap()
}

#[test]
fn explain_gives_an_array_of_all_lines_and_one_object_for_one_line() {
    let site = after_night("policy_hold_order");
    let all = json(&site, &["explain", "PO-1"]);
    let outcomes: Vec<&str> =
        all.as_array().unwrap().iter().map(|line| line["outcome"].as_str().unwrap()).collect();
    assert_eq!(
        outcomes,
        [
            "mapped",
            "unmapped",
            "ambiguous",
            "conflict",
            "invalid",
            "invalid",
            "invalid",
            "invalid",
            "unmapped"
        ]
    );
    let one = json(&site, &["explain", "PO-1", "--line", "4"]);
    assert_eq!(one, all[3]);
    assert_eq!(one["po_number"], "PO-1");
    assert_eq!(one["line"], 4);
    assert_eq!((&one["via"], &one["item"]), (&Value::Null, &Value::from("")));
    let candidates: Vec<&str> =
        one["candidates"].as_array().unwrap().iter().map(|one| one["item"].as_str().unwrap()).collect();
    assert_eq!(candidates, ["A-1", "B-2"]);
    assert_eq!(run(site.path(), &["explain", "PO-1", "--line", "10"]).status.code(), Some(2));
    assert_eq!(run(site.path(), &["explain", "PO-2"]).status.code(), Some(2));
}

#[test]
fn explain_names_the_candidates_that_lost_and_why() {
    let site = after_night("mapped_by_every_step");
    let told = said(&site, &["explain", "PO-1", "--line", "1"]);
    for part in [
        "mapped to A-1 by ship_to",
        "* IN 1001 -> A-1 (ship_to): the best valid row",
        "- IN 1001 -> B-2 (customer): a row of a narrower scope goes before",
        "- IN 1001 -> C-3 (group): a row of a narrower scope goes before",
        "- IN 1001 -> D-4 (everyone): a row of a narrower scope goes before",
    ] {
        assert!(told.contains(part), "{part:?} in {told}");
    }
}

#[test]
fn an_unknown_buyer_and_what_could_not_be_read_are_told_as_notes_of_the_line() {
    let site = after_night("customer_by_n1");
    let told = said(&site, &["explain", "UNKNOWN-BY"]);
    assert!(told.contains("the order names the customer UNKNOWN"), "{told}");
    assert!(!said(&site, &["explain", "KNOWN-BY"]).contains("note:"));
    let site = after_night("csv_bad_rows");
    let notes = |line: &str| json(&site, &["explain", "P1", "--line", line])["notes"].to_string();
    assert!(notes("2").contains(r#"row 2 (line 3), column 5 \"quantity\": \"five\""#), "{}", notes("2"));
    assert!(notes("5").contains(r#"row 6 (line 7), column 7 \"unit_price\": \"x\""#), "{}", notes("5"));
    assert_eq!(notes("1"), "[]");
    let dated = said(&site, &["explain", "P2"]);
    assert!(dated.contains("column 2 \"po_date\": \"19/11/2026\" (expected %Y-%m-%d)"), "{dated}");
}
