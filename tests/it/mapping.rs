//! What `explain` and the masters say after a night: the golden sites once more, asked instead of read.

use crate::nights::{acme_site, lay_out, night, order, repository, run, write};
use expect_test::expect;
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
        "line 1: mapped to A-1 by ship_to; ordered\n",
        "\n    IN 1001\n      * ship_to -> A-1 (xref 5): the best valid row",
        "\n      - customer -> B-2 (xref 4): a row of a narrower scope goes before",
        "\n      - group -> C-3 (xref 8): a row of a narrower scope goes before",
        "\n      - everyone -> D-4 (xref 1): a row of a narrower scope goes before",
    ] {
        assert!(told.contains(part), "{part:?} in {told}");
    }
}

#[test]
fn explain_is_a_tree_of_orders_lines_numbers_and_candidates() {
    let site = after_night("policy_hold_order");
    expect![[r#"
        PO-1 of ACME (20261120-001-0001-00001), asked as of 2026-11-19
          line 1: mapped to A-1 by customer; held
            5 EA
            IN 1
              * customer -> A-1 (xref 1): the best valid row of the narrowest scope that has one
            to mend: nothing of its own: it waits for the order's other lines
          line 2: unmapped; held
            5 EA
            IN NONE
              - customer: no cross-reference at the ship-to, the customer, its group or everyone
            to mend: a row in item_xref.csv for ACME and one of these numbers
          line 3: ambiguous; held
            5 EA
            IN TWO
              - customer -> A-1 (xref 3): stands equal with a row that has another target
              - customer -> B-2 (xref 4): stands equal with a row that has another target
            to mend: end one of the rows that stand equal, or give one a better rank
          line 4: conflict; held
            5 EA
            IN 1
              - customer -> A-1 (xref 1): another number of the line leads to another item
            VP B-2
              - vendor -> B-2: leads to another item than the first number
            to mend: correct the row that is wrong, or, where numbers of one kind are not kept up to date, name it in the partner's may_contradict
          line 5: invalid, no way from the ordered unit to the item's; A-1 found by customer; held
            5 GA
            IN 1
              * customer -> A-1 (xref 1): the best valid row of the narrowest scope that has one
            to mend: a row in uom.csv that leads from GA to EA
          line 6: invalid, quantity that cannot be read; A-1 found by customer; held
            TEN EA
            IN 1
              * customer -> A-1 (xref 1): the best valid row of the narrowest scope that has one
            to mend: ask the customer for a corrected order
          line 7: invalid, discontinued without successor; DEAD found by customer; held
            5 EA
            IN GONE
              * customer -> DEAD (xref 2): the best valid row of the narrowest scope that has one
            to mend: a successor of DEAD in items.csv
          line 8: invalid, unknown price basis; A-1 found by customer; held
            5 EA
            IN 1
              * customer -> A-1 (xref 1): the best valid row of the narrowest scope that has one
            to mend: ask the customer for a corrected order
          line 9: unmapped; held
            5 EA
            IN NONE
              - customer: no cross-reference at the ship-to, the customer, its group or everyone
            to mend: a row in item_xref.csv for ACME and one of these numbers
    "#]].assert_eq(&said(&site, &["explain", "PO-1"]));
}

#[test]
fn a_part_of_a_unit_is_mended_by_the_item_only_where_six_decimals_can_hold_it() {
    for (quantity, step) in [
        (
            6,
            "fractions = yes in items.csv, if 10-1 is sold in parts of its unit; else ask the customer for a corrected order",
        ),
        (
            5,
            "ask the customer for a corrected order: six decimals cannot hold this quantity in the item's unit",
        ),
    ] {
        let site = acme_site();
        write(site.path(), "masters/items.csv", b"item,description,unit\n10-1,Hex bolt,DZ\n");
        write(site.path(), "masters/uom.csv", b"item,unit,to_unit,factor\n,DZ,EA,12\n");
        write(site.path(), "inbox/orders/1.edi", order(1, "P-1", "00", quantity).as_bytes());
        night(site.path(), &["-q"]);
        let told = said(&site, &["explain", "P-1", "--line", "1"]);
        assert!(told.contains(&format!("    to mend: {step}\n")), "{told}");
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
