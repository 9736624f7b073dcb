//! What the cross-reference keeps of a row: every attribute, on both clocks, and what its check says of each flaw.

use crate::nights::{night, order, write};
use crate::xrefs::{import, json, said, site};
use serde_json::{Value, json as value};
use std::path::Path;

fn cells(site: &Path, arguments: &[&str]) -> Vec<Vec<String>> {
    let text = said(site, 0, &[&["xref", "export"], arguments].concat());
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn every_attribute_of_a_row_is_kept_exported_and_told() {
    let site = site();
    let site = site.path();
    let file = "customer,customer_item,item,ship_to,qualifier,unit,unit_factor,rank,valid_from,valid_to,status,description\n\
                BEST,00-4.A/b,10-1,S9,IN,CA,0.125,7,2026-01-31,2026-12-31,inactive,\"Säge, groß\"\n";
    import(site, 0, file.as_bytes(), &["--reason", "the new catalogue"]);
    let exported = cells(site, &["--customer", "BEST"]);
    let now = jiff::Timestamp::now();
    let recorded: jiff::Timestamp = exported[1][13].parse().unwrap();
    assert!(recorded <= now && now.as_second() - recorded.as_second() < 300, "{recorded}");
    for (at, (name, cell)) in [
        ("customer", "BEST"),
        ("customer_item", "00-4.A/b"),
        ("item", "10-1"),
        ("ship_to", "S9"),
        ("qualifier", "IN"),
        ("unit", "CA"),
        ("unit_factor", "1/8"),
        ("rank", "7"),
        ("valid_from", "2026-01-31"),
        ("valid_to", "2026-12-31"),
        ("status", "inactive"),
        ("description", "Säge, groß"),
        ("source", "import"),
        ("recorded_from", exported[1][13].as_str()),
        ("decided_by", "Ida"),
        ("reason", "the new catalogue"),
        ("match_form", "4ab"),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!((exported[0][at].as_str(), exported[1][at].as_str()), (name, cell));
    }
    assert_eq!((exported.len(), exported[0].len()), (2, 17));
    let told = json(site, 0, &["xref", "history", "00-4.A/b"]);
    let expected = value!([{
        "xref_id": 5, "customer": "BEST", "ship_to": "S9", "customer_item": "00-4.A/b", "match_form": "4ab",
        "qualifier": "IN", "unit": "CA", "item": "10-1", "unit_factor": "1/8", "rank": 7,
        "valid_from": "2026-01-31", "valid_to": "2026-12-31", "active": false, "description": "Säge, groß",
        "source": "import", "recorded_from": exported[1][13], "recorded_to": null,
        "decided_by": "Ida", "reason": "the new catalogue", "ended_by": "", "end_reason": "",
    }]);
    assert_eq!(told, expected);
    let shown = said(site, 0, &["xref", "history", "00-4.A/b"]);
    for part in [
        "BEST at S9",
        "rank 7, unit CA, factor 1/8, qualifier IN, valid 2026-01-31 to 2026-12-31, status inactive",
        "description Säge, groß",
        "import",
        "Ida",
        "the new catalogue",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let found = json(site, 0, &["xref", "lookup", "4ab"]);
    for (name, expected) in expected[0].as_object().unwrap() {
        if !["recorded_to", "ended_by", "end_reason"].contains(&name.as_str()) {
            assert_eq!(found[0][name], *expected, "{name}");
        }
    }
}

/// All rows as of an instant, and what a lookup tells.
type Picture = (Vec<Vec<String>>, Value);

fn picture(site: &Path, as_of: Option<&str>) -> Picture {
    let as_of: Vec<&str> = as_of.map_or(Vec::new(), |instant| vec!["--as-of", instant]);
    (cells(site, &as_of), json(site, 0, &[&["xref", "lookup", "A-1"], &as_of[..]].concat()))
}

#[test]
fn each_instant_keeps_its_picture_whatever_is_changed_or_synced_later() {
    let site = site();
    let site = site.path();
    let mut seen: Vec<(String, Picture)> = Vec::new();
    let mut look = |site: &Path| {
        let now = jiff::Timestamp::now().to_string();
        seen.push((now, picture(site, None)));
    };
    look(site);
    import(site, 0, b"customer,customer_item,item,rank\nACME,A-1,10-1,3\nBEST,A-1,10-2,1\n", &[]);
    look(site);
    // the masters change a row that the import covers, one that it does not, add one and take one away
    let masters = "customer,customer_item,item,ship_to,rank,description\nACME,A-1,10-1,,9,\nACME,A-1,10-2,S1,4,late\n\
                   ACME,A-1,30-2,S2,1,\n";
    write(site, "masters/item_xref.csv", masters.as_bytes());
    night(site, &["-q"]);
    look(site);
    import(site, 0, b"customer,customer_item,item\nBEST,A-2,10-2\n", &["--replace", "BEST"]);
    look(site);
    write(
        site,
        "masters/items.csv",
        b"item,description,unit\n10-1,Renamed,PR\n10-2,Hex nut M8,EA\n30-2,New pump,EA\n",
    );
    night(site, &["-q"]);
    look(site);
    for (at, (instant, picture_then)) in seen.iter().enumerate() {
        assert_eq!(picture(site, Some(instant)), *picture_then, "instant {at}");
        let changed = seen.iter().skip(at + 1).all(|(_, later)| later != picture_then);
        assert!(changed, "each change shows: {at}");
    }
    assert_eq!(picture(site, Some("2999-12-31")).0, seen[4].1.0, "the end of any day to come is now");
}

#[test]
fn an_explanation_of_another_day_knows_the_rows_of_the_group_and_of_everyone() {
    let site = site();
    let site = site.path();
    let rows = "customer,customer_item,item,ship_to\ngroup:retail,G-1,10-1,\n*,E-1,10-1,\nACME,S-1,10-1,S1\n\
                BEST,B-1,10-1,\n";
    write(site, "masters/item_xref.csv", rows.as_bytes());
    for (control, number) in (1..).zip(["G-1", "E-1", "S-1", "B-1"]) {
        let text = order(control, &format!("P-{control}"), "00", 5);
        let text = text.replace("BP*A-1~", &format!("BP*{number}~")).replace("SE*5*", "SE*6*");
        let text = text.replace("PO1*1*", "N1*ST*Store*92*S1~\nPO1*1*");
        write(site, &format!("inbox/orders/{control}.edi"), text.as_bytes());
    }
    night(site, &["-q"]);
    for (po_number, via) in [("P-1", "group"), ("P-2", "everyone"), ("P-3", "ship_to"), ("P-4", "")] {
        for clocks in [&[][..], &["--valid-on", "2026-11-19"], &["--as-of", "2999-01-01"]] {
            let told = json(site, 0, &[&["explain", po_number, "--line", "1"], clocks].concat());
            assert_eq!(told["via"].as_str().unwrap_or_default(), via, "{po_number} {clocks:?}");
        }
    }
}

const HEADER: &str = "customer,customer_item,item,valid_from,valid_to,status\n";
const FLAWLESS: &str = "item,description,unit,gtin,status,successor\n10-1,Bolt,EA,,,\n10-2,Nut,EA,036000291452,,\n\
    30-1,Old,EA,,discontinued,30-2\n30-2,New,EA,,,\n40-1,Gone,EA,,discontinued,\n";

/// Rows of the cross-reference, further items; the flaw, its customer, number, item and detail.
const FLAWED: &[(&str, &str, [&str; 5])] = &[
    ("ACME,N,10-1,,,\nACME,N,10-2,,,\n", "", ["conflict", "ACME", "N", "10-2", "xref 5 leads to 10-1"]),
    ("ACME,N,99,,,\n", "", ["orphaned_item", "ACME", "N", "99", "items.csv does not have it"]),
    ("NONE,N,10-1,,,\n", "", ["orphaned_customer", "NONE", "N", "10-1", "customers.csv does not have it"]),
    (
        "group:none,N,10-1,,,\n",
        "",
        ["orphaned_customer", "group:none", "N", "10-1", "customers.csv does not have it"],
    ),
    (
        "ACME,N,40-1,,,\n",
        "",
        ["discontinued", "ACME", "N", "40-1", "40-1 is discontinued and has no successor"],
    ),
    (
        "ACME,N,50-1,,,\n",
        "50-1,Round,EA,,discontinued,50-2\n50-2,Round,EA,,discontinued,50-1\n",
        ["discontinued", "ACME", "N", "50-1", "its successors go round in a circle at 50-1"],
    ),
    (
        "ACME,N,50-1,,,\n",
        "50-1,Lost,EA,,discontinued,99\n",
        ["discontinued", "ACME", "N", "50-1", "the successor of 50-1 is no item"],
    ),
    (
        "",
        "60-1,Wrong,EA,036000291453,,\n",
        ["gtin", "", "", "60-1", "GTIN \"036000291453\": wrong check digit"],
    ),
    ("", "60-1,Twin,EA,0036000291452,,\n", ["gtin", "", "", "10-2", "one GTIN on 10-2, 60-1"]),
    (
        "ACME,036000291452,10-1,,,\n",
        "",
        ["gtin", "ACME", "036000291452", "10-1", "the number is the GTIN of 10-2"],
    ),
    ("ACME,N,30-1,,,\nACME,N,30-2,,,\n", "", ["duplicate", "ACME", "N", "30-2", "xref 5 says the same"]),
];

/// A site with these rows and further items.
fn flawed(rows: &str, further: &str) -> tempfile::TempDir {
    let site = site();
    write(site.path(), "masters/items.csv", format!("{FLAWLESS}{further}").as_bytes());
    write(site.path(), "masters/item_xref.csv", format!("{HEADER}{rows}").as_bytes());
    night(site.path(), &["-q"]);
    site
}

#[test]
fn each_flaw_is_found_by_its_row_alone() {
    for (rows, further, expected) in FLAWED {
        let site = flawed(rows, further);
        let site = site.path();
        let found = json(site, 1, &["xref", "check"]);
        let told = ["flaw", "customer", "customer_item", "item", "detail"]
            .map(|name| found["findings"][0][name].as_str().unwrap());
        assert_eq!((told, &found["faults"]), (*expected, &1.into()), "{found}");
        assert_eq!(found["counts"], value!({ expected[0]: 1 }));
        assert_eq!(found["findings"].as_array().unwrap().len(), 1, "{found}");
        let text = said(site, 1, &["xref", "check"]);
        assert!(text.ends_with(&format!("{}: 1\n", expected[0])), "{text}");
    }
}

#[test]
fn what_is_inactive_or_on_other_days_is_no_flaw_and_a_shared_number_is_a_note() {
    for rows in [
        "ACME,N,10-1,,,\nACME,N,10-2,,,inactive\n",
        "ACME,N,10-1,,2026-01-31,\nACME,N,10-2,2026-02-01,,\n",
        "ACME,N,99,,,inactive\nNONE,N,10-1,,,inactive\nACME,M,40-1,,,inactive\n",
        "ACME,036000291452,10-2,,,\n",
    ] {
        let site = flawed(rows, "");
        let found = json(site.path(), 0, &["xref", "check"]);
        assert_eq!(found, value!({"counts": {}, "faults": 0, "findings": []}), "{rows}");
    }
    let site = flawed("ACME,N,10-1,,,\nBEST,N,10-2,,,\n", "");
    let found = json(site.path(), 0, &["xref", "check"]);
    assert_eq!((&found["counts"], &found["faults"]), (&value!({"shared_number": 1}), &0.into()));
    assert!(said(site.path(), 2, &["xref", "check", "--days", "many"]).contains("--days"));
}
