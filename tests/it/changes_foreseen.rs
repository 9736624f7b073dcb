//! Changes of orders that wait: what a release says of them beforehand, and which never go without a word.

use crate::changes::{ANSWERED, APPLIED, SECOND, THIRD, change, changed, drop_in, on, shown, site};
use crate::nights::{files_in, night, order, run, summary, write};
use crate::releases::{LEFT, json};
use serde_json::Value;
use std::path::Path;

/// The preview of a release: its line of each held change, and what would become of it.
fn foreseen(preview: &Value) -> Vec<String> {
    let text = |change: &Value, name: &str| change[name].as_str().unwrap_or("-").to_owned();
    let rules = |change: &Value| {
        let found = change["findings"].as_array().unwrap().iter();
        found.map(|found| found["code"].as_str().unwrap()).collect::<Vec<_>>().join(",")
    };
    let of = |change: &Value| {
        let names = ["document", "decision", "outcome"].map(|name| text(change, name));
        format!("{} {}", names.join(" "), rules(change)).trim().to_owned()
    };
    preview["changes"].as_array().unwrap().iter().map(of).collect()
}

/// A second change of the order, to eight, out of its turn: the first waits.
fn two_changes(settings: &str) -> tempfile::TempDir {
    let site = changed(settings);
    let more = change(3, "04*SA*P-1**2*20261119", &["1*QI*8**EA*1.5**BP*A-1"]);
    drop_in(site.path(), "3.edi", &more);
    assert_eq!(on(site.path(), SECOND), 1);
    site
}

fn decide_one(site: &Path, cause: &str, word: &str) -> Value {
    let text = format!("cause,decision,decided_by,reason\n\"{cause}\",{word},Ann,agreed\n");
    write(site, "list.csv", text.as_bytes());
    let list = site.join("list.csv");
    json(site, &["worklist", "apply", list.to_str().unwrap(), "--date", SECOND])
}

#[test]
fn a_release_says_beforehand_what_it_would_do_with_each_change_that_waits() {
    let site = two_changes(ANSWERED);
    let dry = ["release", "--dry-run", "--date", SECOND];
    let left = files_in(site.path(), LEFT);
    assert_eq!(foreseen(&json(site.path(), &dry)), ["860 04 no 1 - held", "860 04 no 2 - held E602"]);
    let applied = decide_one(site.path(), "order_change/ACME/P-1/860 04 no 1", "apply");
    // after the first one, the second is in its turn
    let expected = ["860 04 no 1 apply applied", "860 04 no 2 - held"];
    assert_eq!(foreseen(&applied["release"]), expected);
    let preview = json(site.path(), &dry);
    assert_eq!(foreseen(&preview), expected);
    let [first, second] = [0, 1].map(|place| &preview["changes"][place]);
    assert_eq!(first["lines"][0]["after"]["ordered_quantity"], "3");
    assert_eq!(
        (&second["lines"][0]["before"]["ordered_quantity"], &second["lines"][0]["after"]["ordered_quantity"]),
        (&"3".into(), &"8".into())
    );
    let text = String::from_utf8(run(site.path(), &dry).stdout).unwrap();
    assert!(
        text.contains("2 held changes of orders: 1 would be applied, 0 would be closed, 1 would wait on"),
        "{text}"
    );
    assert!(text.contains("line 1: 5 EA at 1.5 -> 3 EA at 1.5"), "{text}");
    assert!(files_in(site.path(), LEFT) == left, "it was only looked at");
    assert_eq!(shown(site.path(), "P-1")["lines"][0]["line"]["quantity"], "5");
    assert_eq!(run(site.path(), &["release", "--date", SECOND]).status.code(), Some(0));
    assert_eq!(foreseen(&json(site.path(), &dry)), ["860 04 no 2 - held"]);
}

#[test]
fn a_change_that_a_later_one_overtook_never_goes_by_itself() {
    let site = site(APPLIED);
    write(site.path(), "masters/items.csv", b"item,description,unit\n10-1,Hex bolt,EA\n10-2,Nut,EA\n");
    drop_in(site.path(), "1.edi", &order(1, "P-1", "00", 5));
    assert_eq!(night(site.path(), &[]), 0);
    // the first asks for a line, too, that nobody knows yet
    let first = ["1*CA*7**EA*1.5**BP*A-1", "2*AI*1**EA*1**BP*A-2"];
    drop_in(site.path(), "2.edi", &change(2, "04*SA*P-1**1*20261119", &first));
    let second = ["1*CA*9**EA*1.5**BP*A-1"];
    drop_in(site.path(), "3.edi", &change(3, "04*SA*P-1**2*20261119", &second));
    assert_eq!(on(site.path(), SECOND), 1);
    decide_one(site.path(), "order_change/ACME/P-1/860 04 no 2", "apply");
    assert_eq!(run(site.path(), &["release", "--date", SECOND]).status.code(), Some(0));
    assert_eq!(shown(site.path(), "P-1")["lines"][0]["line"]["quantity"], "9");
    let xrefs = b"customer,customer_item,item\nACME,A-1,10-1\nACME,A-2,10-2\n";
    write(site.path(), "masters/item_xref.csv", xrefs);
    assert_eq!(on(site.path(), THIRD), 0);
    assert_eq!(shown(site.path(), "P-1")["lines"][0]["line"]["quantity"], "9", "what came last stands");
    let rows = json(site.path(), &["worklist", "export"]);
    let why = rows[0]["description"].as_str().unwrap();
    assert!(why.contains("E602") && why.contains("860 04 no 2 came after it and is in effect"), "{why}");
    // a person may want it all the same
    let said = decide_one(site.path(), "order_change/ACME/P-1/860 04 no 1", "apply");
    assert_eq!(foreseen(&said["release"]), ["860 04 no 1 apply applied E602"]);
}

#[test]
fn a_part_of_a_line_is_not_taken_back_as_the_whole() {
    for (quantity, waits) in [("", 0), ("0", 0), ("5", 0), ("2", 1)] {
        let site = site(APPLIED);
        drop_in(site.path(), "1.edi", &order(1, "P-1", "00", 5));
        assert_eq!(night(site.path(), &[]), 0);
        let unit = if quantity.is_empty() { "" } else { "EA" };
        let line = format!("1*DI*{quantity}**{unit}***BP*A-1");
        let line = if quantity.is_empty() { "1*DI" } else { line.as_str() };
        drop_in(site.path(), "2.edi", &change(2, "04*SA*P-1**1*20261119", &[line]));
        assert_eq!(on(site.path(), SECOND), waits, "{line}");
        let state = if waits == 0 { "cancelled" } else { "ordered" };
        assert_eq!(shown(site.path(), "P-1")["state"], state, "{line}");
    }
}

#[test]
fn a_line_that_was_taken_back_is_not_billed_without_a_word() {
    let site = site(APPLIED);
    drop_in(site.path(), "1.edi", &order(1, "P1", "00", 10));
    assert_eq!(night(site.path(), &[]), 0);
    drop_in(site.path(), "2.edi", &change(2, "01*SA*P1***20261119", &[]));
    assert_eq!(on(site.path(), SECOND), 0);
    crate::preflight::post(site.path(), "a.csv", "1,2026-11-22,P1,ACME,1,10-1,6,EA,1.50,\n");
    assert_eq!(on(site.path(), THIRD), 1);
    let waiting = &summary(site.path(), "20261122-001")["waiting"][0];
    assert_eq!(waiting["cause"], "invoice/E426/1");
    let found = waiting["detail"]["findings"].as_array().unwrap();
    let said = found.iter().find(|found| found["code"] == "E426").unwrap();
    assert_eq!(said["detail"], "line 1: 6 EA billed, 0 ordered");
}
