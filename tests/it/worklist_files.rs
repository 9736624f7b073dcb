//! `worklist apply`: every decision a row can make, and the file as a spreadsheet gives it back.

use crate::nights::{acme_site, night, order, program, write};
use crate::releases::{json, open, ordered};
use crate::worklist::{
    CAUSE, CUSTOMERS, ITEMS, NEXT, apply, counts, export, fill, release, save, three, values,
};
use serde_json::Value;
use std::path::Path;

/// An order of one line with more in its header, and the line as given.
fn order_of(control: u32, po_number: &str, header: &str, line: &str) -> String {
    let text = order(control, po_number, "00", 5);
    let segments = 5 + header.matches('~').count();
    text.replace("PO1*1*5*EA*1.5**BP*A-1~", &format!("{header}{line}~"))
        .replace("SE*5*", &format!("SE*{segments}*"))
}

/// A site after a night in which these orders waited.
fn after(orders: &[String]) -> tempfile::TempDir {
    let site = acme_site();
    write(site.path(), "masters/items.csv", ITEMS);
    write(site.path(), "masters/customers.csv", CUSTOMERS);
    write(site.path(), "masters/item_xref.csv", b"customer,customer_item,item\n");
    write(site.path(), "masters/uom.csv", b"item,unit,to_unit,factor\n");
    for (number, text) in orders.iter().enumerate() {
        write(site.path(), &format!("inbox/orders/{number}.edi"), text.as_bytes());
    }
    assert_eq!(night(site.path(), &["-q"]), 1);
    site
}

fn explained(site: &Path, po_number: &str) -> Value {
    json(site, &["explain", po_number, "--line", "1"])
}

#[test]
fn a_mapping_goes_to_the_scope_unit_and_factor_that_the_row_says() {
    // the cells of the row; customer, ship-to, unit and factor in the cross-reference; via, quantity and unit of the line
    type Case = (&'static [(&'static str, &'static str)], [&'static str; 4], [&'static str; 3]);
    let cases: &[Case] = &[
        (&[], ["ACME", "", "", ""], ["customer", "5", "EA"]),
        (&[("scope", "Customer")], ["ACME", "", "", ""], ["customer", "5", "EA"]),
        (&[("scope", "ship_to")], ["ACME", "S1", "", ""], ["ship_to", "5", "EA"]),
        (&[("scope", "group")], ["group:retail", "", "", ""], ["group", "5", "EA"]),
        (&[("scope", "EVERYONE")], ["*", "", "", ""], ["everyone", "5", "EA"]),
        (&[("unit", "EA")], ["ACME", "", "EA", ""], ["customer", "5", "EA"]),
        (&[("unit", "EA"), ("unit_factor", "12")], ["ACME", "", "EA", "12"], ["customer", "60", "EA"]),
        (&[("scope", "ship_to"), ("unit_factor", "0.2")], ["ACME", "S1", "", "1/5"], ["ship_to", "1", "EA"]),
    ];
    for (cells, row, line) in cases {
        let site = after(&[order_of(1, "P-1", "N1*ST*Store*92*S1~", "PO1*1*5*EA*1.5**BP*A-1")]);
        let (path, mut rows) = export(site.path(), &[]);
        assert_eq!(values(&rows, "ship_to"), ["S1"]);
        fill(&mut rows, CAUSE, &[("decision", "map"), ("item", "10-1"), ("reason", "the bolt")]);
        fill(&mut rows, CAUSE, cells);
        save(&path, &rows);
        assert_eq!(counts(&apply(site.path(), &path, 0, &[])), [1, 0, 0, 0, 0, 0], "{cells:?}");
        let history = json(site.path(), &["xref", "history", "A-1"]);
        let text = |name: &str| history[0][name].as_str().unwrap_or_default().to_owned();
        assert_eq!(["customer", "ship_to", "unit", "unit_factor"].map(text), *row, "{cells:?}");
        assert_eq!((&history[0]["qualifier"], &history[0]["rank"]), (&"BP".into(), &1.into()));
        release(site.path());
        let told = explained(site.path(), "P-1");
        assert_eq!(told["state"], "ordered", "{cells:?}");
        let text = |name: &str| told[name].as_str().unwrap_or_default().to_owned();
        assert_eq!(["via", "quantity", "unit"].map(text), *line, "{cells:?}");
        assert_eq!(counts(&apply(site.path(), &path, 0, &[])), [0, 0, 0, 1, 0, 0], "twice is once");
    }
}

#[test]
fn a_mapping_of_one_ship_to_leaves_the_other_waiting() {
    let site = after(&[
        order_of(1, "P-1", "N1*ST*Store*92*S1~", "PO1*1*5*EA*1.5**BP*A-1"),
        order_of(2, "P-2", "N1*ST*Store*92*S2~", "PO1*1*5*EA*1.5**BP*A-1"),
    ]);
    let (path, mut rows) = export(site.path(), &[]);
    assert_eq!(values(&rows, "ship_to"), [""], "several: the person says which");
    let cells = [("decision", "map"), ("item", "10-1"), ("scope", "ship_to"), ("reason", "why")];
    fill(&mut rows, CAUSE, &cells);
    save(&path, &rows);
    let told = apply(site.path(), &path, 1, &[]);
    assert_eq!(told["problems"][0]["problem"], "ship_to \"\" is none of those of the lines: S1, S2");
    fill(&mut rows, CAUSE, &[("ship_to", "S2")]);
    save(&path, &rows);
    assert_eq!(counts(&apply(site.path(), &path, 0, &[])), [1, 0, 0, 0, 0, 0]);
    release(site.path());
    assert_eq!(explained(site.path(), "P-2")["state"], "ordered");
    assert_eq!(explained(site.path(), "P-1")["state"], "held");
    assert_eq!(open(site.path()), [(CAUSE.to_owned(), 1)]);
    // the one that is left comes back, because the release did not move it
    assert_eq!(values(&export(site.path(), &[]).1, "orders"), ["1"]);
}

#[test]
fn amounts_of_several_currencies_stand_beside_each_other() {
    let site = after(&[
        order_of(1, "P-1", "", "PO1*1*5*EA*1.5**BP*A-1"),
        order_of(2, "P-2", "CUR*BY*EUR~", "PO1*1*3*EA*2**BP*A-1"),
        order_of(3, "P-3", "CUR*BY*EUR~", "PO1*1*1*EA*0.25**BP*A-1"),
        order_of(4, "P-4", "", "PO1*1*100*EA***BP*A-1"),
        order_of(5, "P-5", "", "PO1*1*1*EA*7**BP*B-1"),
    ]);
    let (_, rows) = export(site.path(), &[]);
    // 6.25 and 7.5 together would be more than 7.5, and more than the other's 7
    assert_eq!(values(&rows, "cause"), [CAUSE, "unmapped/ACME/BP/B-1"]);
    assert_eq!(values(&rows, "value_waiting"), ["6.25; 7.5", "7"]);
    assert_eq!(values(&rows, "currency"), ["EUR; USD", "USD"]);
    assert_eq!(values(&rows, "lines"), ["4", "1"]);
    let shown = json(site.path(), &["worklist", "export"]);
    assert_eq!(shown[0]["value_waiting"], serde_json::json!({"EUR": "6.25", "USD": "7.5"}));
}

/// A sound order, the same with another price, a file that is no X12, and a line that waits.
fn all_kinds() -> tempfile::TempDir {
    let site = after(&[order_of(1, "P-1", "", "PO1*1*5*EA*1.5**BP*A-1")]);
    write(site.path(), "inbox/orders/8.edi", order(8, "P-1", "00", 9).as_bytes());
    write(site.path(), "inbox/orders/9.edi", b"ISA*00*cut off");
    assert_eq!(night(site.path(), &["-q"]), 1);
    site
}

#[test]
fn what_is_no_line_can_be_put_off_and_neither_mapped_nor_rejected() {
    let site = all_kinds();
    let (path, rows) = export(site.path(), &[]);
    let causes = values(&rows, "cause");
    let others: Vec<&String> = causes.iter().filter(|cause| *cause != CAUSE).collect();
    assert_eq!(others.len(), 2, "{causes:?}");
    assert!(values(&rows, "kind").iter().all(|kind| ["line", "duplicate_order", "input"].contains(&&**kind)));
    // a second order under a number can be refused as a change, see changes.rs
    for (decision, problem, refused) in [
        ("map", "there is no number of the customer's in it that could be led to an item", 2),
        ("reject", "no line waits that could be rejected", 1),
    ] {
        let mut rows = rows.clone();
        for cause in &others {
            fill(&mut rows, cause, &[("decision", decision), ("item", "10-1"), ("reason", "why")]);
        }
        save(&path, &rows);
        let told = apply(site.path(), &path, 1, &[]);
        assert_eq!((counts(&told), &told["applied"]), ([0, 0, 0, 0, 1, refused], &false.into()));
        assert!(told["problems"].as_array().unwrap().iter().all(|it| it["problem"] == problem), "{told}");
    }
    let mut rows = rows;
    for cause in &others {
        let cells = [("decision", "ignore"), ("ignore_until", "2026-11-30"), ("reason", "they send again")];
        fill(&mut rows, cause, &cells);
    }
    save(&path, &rows);
    assert_eq!(counts(&apply(site.path(), &path, 0, &[])), [0, 0, 2, 0, 1, 0]);
    assert_eq!(values(&export(site.path(), &[]).1, "cause"), [CAUSE]);
    assert_eq!(values(&export(site.path(), &["--all"]).1, "cause").len(), 3);

    // what is put off waits for nobody until its day is over, and is not forgotten
    let status = |date: &str| json(site.path(), &["status", "--date", date]);
    let told = status("2026-11-30");
    assert_eq!((told["waiting"].as_array().unwrap().len(), &told["ignored"]), (1, &2.into()));
    let text = crate::xrefs::said(site.path(), 0, &["status", "--date", "2026-11-30"]);
    assert!(text.contains("ignored until a later day: 2 causes\n"), "{text}");
    assert!(others.iter().all(|cause| !text.contains(cause.as_str())), "{text}");
    let told = status("2026-12-01");
    assert_eq!((told["waiting"].as_array().unwrap().len(), &told["ignored"]), (3, &0.into()));
}

#[test]
fn what_is_decided_is_shown_again_only_where_a_release_did_not_help() {
    let site = three();
    let (path, mut rows) = export(site.path(), &[]);
    fill(&mut rows, CAUSE, &[("decision", "map"), ("item", "10-1"), ("reason", "the bolt")]);
    fill(&mut rows, "unmapped/ACME/BP/=2+3", &[("decision", "reject"), ("reason", "not ours")]);
    save(&path, &rows);
    assert_eq!(counts(&apply(site.path(), &path, 0, &[])), [1, 1, 0, 0, 0, 0]);
    assert_eq!(export(site.path(), &[]).1.len(), 1, "both are decided");
    let told = json(site.path(), &["status", "--date", "2026-11-20"]);
    assert_eq!((&told["waiting"], &told["decided"]), (&serde_json::json!([]), &2.into()));
    let text = crate::xrefs::said(site.path(), 0, &["status", "--date", "2026-11-20"]);
    let end = "nothing waits for a person\ndecided, to go with the next release: 2 causes\n";
    assert!(text.ends_with(end), "{text}");
    release(site.path());
    assert!(open(site.path()).is_empty());
    assert_eq!(json(site.path(), &["status"])["decided"], 0);
}

/// What a person's program makes of the file when it saves it.
type Saving = fn(&[Vec<String>]) -> Vec<u8>;

fn joined(rows: &[Vec<String>], delimiter: &str, end: &str, quote: impl Fn(&str) -> String) -> String {
    let row = |row: &Vec<String>| row.iter().map(|cell| quote(cell)).collect::<Vec<_>>().join(delimiter);
    rows.iter().map(row).collect::<Vec<_>>().join(end) + end
}

fn quoted(cell: &str) -> String {
    format!("\"{}\"", cell.replace('"', "\"\""))
}

fn as_needed(cell: &str) -> String {
    let needs = cell.contains(['"', ',', ';', '\t', '\n']);
    if needs { quoted(cell) } else { cell.to_owned() }
}

fn reversed(rows: &[Vec<String>]) -> Vec<Vec<String>> {
    rows.iter().map(|row| row.iter().rev().cloned().collect()).collect()
}

/// Only the columns that a decision needs, in capitals, and one of the person's own.
fn narrowed(rows: &[Vec<String>]) -> Vec<Vec<String>> {
    let kept = ["reason", "cause", "item", "decision"];
    let places: Vec<usize> =
        kept.iter().map(|name| rows[0].iter().position(|column| column == name).unwrap()).collect();
    let row = |row: &Vec<String>| {
        let cells = places.iter().map(|place| row[*place].clone());
        cells.chain(["for Monday".to_owned()]).collect::<Vec<_>>()
    };
    let mut rows: Vec<Vec<String>> = rows.iter().map(row).collect();
    rows[0] = ["Reason", "CAUSE", " Item ", "Decision", "my notes"].map(str::to_owned).into();
    rows
}

const SAVINGS: &[(&str, Saving)] = &[
    ("as it is", |rows| joined(rows, ",", "\n", as_needed).into_bytes()),
    ("a byte order mark and CRLF", |rows| {
        format!("\u{feff}{}", joined(rows, ",", "\r\n", as_needed)).into_bytes()
    }),
    ("every cell quoted", |rows| joined(rows, ",", "\r\n", quoted).into_bytes()),
    ("semicolons", |rows| joined(rows, ";", "\r\n", as_needed).into_bytes()),
    ("tabs in UTF-16", |rows| {
        let text = format!("\u{feff}{}", joined(rows, "\t", "\r\n", as_needed));
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }),
    ("Latin-1", |rows| {
        let text = joined(rows, ";", "\r\n", as_needed);
        text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect()
    }),
    ("columns from right to left", |rows| joined(&reversed(rows), ",", "\n", as_needed).into_bytes()),
    ("some columns only", |rows| joined(&narrowed(rows), ",", "\n", as_needed).into_bytes()),
    ("the apostrophes taken off", |rows| {
        joined(rows, ",", "\n", |cell| as_needed(cell.strip_prefix('\'').unwrap_or(cell))).into_bytes()
    }),
    ("rows in another order and blank ones", |rows| {
        let mut turned: Vec<Vec<String>> = rows[..1].to_vec();
        turned.extend(rows[1..].iter().rev().cloned());
        let text = joined(&turned, ",", "\r\n", as_needed);
        format!("{text}{}\r\n\r\n", ",".repeat(rows[0].len() - 1)).into_bytes()
    }),
    ("no end of the last line", |rows| {
        joined(rows, ",", "\n", as_needed).trim_end_matches('\n').as_bytes().to_vec()
    }),
];

#[test]
fn a_file_comes_back_from_any_spreadsheet_as_it_was_meant() {
    for (name, saving) in SAVINGS {
        let site = three();
        let (path, mut rows) = export(site.path(), &[]);
        fill(&mut rows, CAUSE, &[("decision", "map"), ("item", "10-1"), ("reason", "Schlüssel, \"neu\"")]);
        let odd = "unmapped/ACME/BP/=2+3";
        fill(&mut rows, odd, &[("decision", "Map"), ("item", "10-2"), ("reason", "why")]);
        std::fs::write(&path, saving(&rows)).unwrap();
        let told = apply(site.path(), &path, 0, &[]);
        assert_eq!(counts(&told)[..4], [2, 0, 0, 0], "{name}: {told}");
        assert_eq!(counts(&apply(site.path(), &path, 0, &[]))[..4], [0, 0, 0, 2], "{name}: twice is once");
        for (number, item, reason) in [("A-1", "10-1", "Schlüssel, \"neu\""), ("=2+3", "10-2", "why")] {
            let history = json(site.path(), &["xref", "history", number]);
            let row = &history[0];
            assert_eq!((&row["item"], &row["reason"]), (&item.into(), &reason.into()), "{name}: {row}");
        }
        release(site.path());
        assert_eq!(ordered(site.path()).len(), 3, "{name}");
    }
}

#[test]
fn a_decision_that_nobody_signs_is_refused() {
    let site = three();
    let (path, mut rows) = export(site.path(), &[]);
    fill(&mut rows, CAUSE, &[("decision", "map"), ("item", "10-1"), ("reason", "the bolt")]);
    save(&path, &rows);
    let unsigned = |more: &[&str]| {
        let mut program = program(site.path());
        for name in ["USER", "LOGNAME", "USERNAME"] {
            program.env_remove(name);
        }
        program.args(["--format", "json", "worklist", "apply", path.to_str().unwrap(), "--date", NEXT]);
        let out = program.args(more).output().unwrap();
        (out.status.code(), serde_json::from_slice::<Value>(&out.stdout).unwrap())
    };
    let nobody = "decided_by is missing: a decision is signed, here or with --by";
    for more in [&[][..], &["--by", " "], &["--by", "", "--partial"], &["--dry-run"]] {
        let (code, told) = unsigned(more);
        assert_eq!((code, counts(&told)), (Some(1), [0, 0, 0, 0, 1, 1]), "{more:?}");
        assert_eq!(told["problems"][0]["problem"], nobody);
    }
    assert_eq!(json(site.path(), &["xref", "history", "A-1"]), serde_json::json!([]));
    // the row's own name goes before --by
    fill(&mut rows, CAUSE, &[("decided_by", "Dora")]);
    save(&path, &rows);
    let (code, told) = unsigned(&["--by", "Ida"]);
    assert_eq!((code, counts(&told)), (Some(0), [1, 0, 0, 0, 1, 0]));
    assert_eq!(json(site.path(), &["xref", "history", "A-1"])[0]["decided_by"], "Dora");
}
