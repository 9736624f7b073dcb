//! Invoices that would be billed twice, or in amounts that nothing can keep; and what is open about an invoice once it went.

use crate::nights::{acme_site, order, run, summary, write};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

const HEADER: &str =
    "invoice_number,invoice_date,po_number,customer,line,item,quantity,unit,unit_price,type\n";

fn night(site: &Path, day: u32) -> Value {
    let out = run(site, &["run", "--date", &format!("2026-11-{day}")]);
    assert!(matches!(out.status.code(), Some(0 | 1)), "{}", String::from_utf8_lossy(&out.stderr));
    summary(site, &format!("202611{day}-001"))
}

fn post(site: &Path, file: &str, rows: &str) {
    write(site, &format!("inbox/invoices/{file}"), format!("{HEADER}{rows}").as_bytes());
}

fn causes(report: &Value) -> Vec<&str> {
    report["waiting"].as_array().unwrap().iter().map(|row| row["cause"].as_str().unwrap()).collect()
}

/// Adds to acme's profile.
fn profile(site: &Path, settings: &str) {
    let path = site.join("partners/acme.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{text}\n{settings}\n")).unwrap();
}

/// The causes that wait for a person, as `status` tells them.
fn open(site: &Path) -> String {
    let out = run(site, &["status", "--date", "2026-11-30"]);
    String::from_utf8(out.stdout).unwrap()
}

#[test]
fn amounts_that_nothing_can_keep_hold_their_invoice_and_stop_no_night() {
    let site = acme_site();
    // each row fits, their sum does not
    post(
        site.path(),
        "a.csv",
        "1,2026-11-21,PHONE,ACME,,10-1,9000000,EA,1000000,\n1,2026-11-21,PHONE,ACME,,10-1,500000,EA,1000000,\n\
         2,2026-11-21,PHONE,ACME,,10-1,1,EA,1.50,\n",
    );
    let charge = json!({"indicator": "C", "code": "D240", "amount": "7".repeat(27)});
    let line =
        json!({"item": "10-1", "quantity": 1, "unit": "EA", "unit_price": "1", "charges": vec![charge; 150]});
    let invoice = json!({"invoice_number": "3", "invoice_date": "2026-11-21", "customer": "ACME", "po_number": "PHONE",
        "lines": [line]});
    write(site.path(), "inbox/invoices/b.jsonl", format!("{invoice}\n").as_bytes());
    let report = night(site.path(), 21);
    assert_eq!(causes(&report), ["invoice/E429/1", "invoice/E429/3"]);
    assert_eq!(report["invoices"], json!({"held": 2, "sent": 1}));
    // and so does what a partner orders, where its orders are billed
    let site = acme_site();
    profile(site.path(), "[invoices]\nfrom = \"orders\"");
    let text = order(1, "P1", "00", 9_000_000)
        .replace("EA*1.5*", "EA*1000000*")
        .replace("CTT*1~\nSE*5", "PO1*2*500000*EA*1000000**BP*A-1~\nCTT*2~\nSE*6");
    write(site.path(), "inbox/orders/1.edi", text.as_bytes());
    assert_eq!(causes(&night(site.path(), 21)), ["invoice/E429/000001"]);
}

#[test]
fn what_the_erp_billed_of_a_line_that_waited_is_not_billed_again_when_the_line_goes() {
    let site = acme_site();
    profile(site.path(), "[invoices]\nfrom = \"orders\"\nnumber_prefix = \"B-\"");
    write(site.path(), "inbox/orders/1.edi", order(1, "P1", "00", 10).replace("A-1", "A-9").as_bytes());
    assert_eq!(causes(&night(site.path(), 20)), ["unmapped/ACME/BP/A-9"]);
    post(site.path(), "a.csv", "77,2026-11-21,P1,ACME,1,10-1,4,EA,1.50,\n");
    assert_eq!(night(site.path(), 21)["invoices"], json!({"sent": 1}));
    let xrefs = site.path().join("masters/item_xref.csv");
    let text = fs::read_to_string(&xrefs).unwrap();
    let row = text.lines().find(|row| row.contains("A-1")).unwrap().replace("A-1", "A-9");
    fs::write(&xrefs, format!("{}\n{row}\n", text.trim_end())).unwrap();
    let report = night(site.path(), 22);
    assert_eq!(causes(&report), ["invoice/E426/B-000001"]);
    assert_eq!(report["released"]["ordered"], 1);
    // the ERP takes its own back
    post(site.path(), "b.csv", "78,2026-11-23,P1,ACME,1,10-1,4,EA,1.50,CR\n");
    night(site.path(), 23);
    assert_eq!(night(site.path(), 24)["invoices"], json!({"sent": 1}));
}

#[test]
fn a_json_line_that_is_a_whole_invoice_is_never_added_to_another_of_its_number() {
    let site = acme_site();
    let whole = |number: &str| {
        let line = json!({"item": "10-1", "quantity": 1, "unit": "EA", "unit_price": "1.00"});
        json!({"invoice_number": number, "invoice_date": "2026-11-21", "customer": "ACME", "po_number": "PHONE",
            "tax": "0.10", "lines": [line]})
        .to_string()
    };
    let row = |number: &str| {
        json!({"invoice_number": number, "invoice_date": "2026-11-21", "customer": "ACME", "po_number": "PHONE",
            "item": "10-1", "quantity": 1, "unit": "EA", "unit_price": "1.00"})
        .to_string()
    };
    let broken = row("5").replace("\"1.00\"", "[]");
    let lines =
        [whole("1"), whole("1"), whole("2"), row("2"), row("3"), row("3"), whole("4"), row("5"), broken];
    write(site.path(), "inbox/invoices/a.jsonl", lines.join("\n").as_bytes());
    let report = night(site.path(), 21);
    assert_eq!(report["invoices"], json!({"rejected": 4, "sent": 2}), "{report}");
    assert_eq!(causes(&report), ["invoice/E430/1", "invoice/E430/2", "invoice/E487/5", "invoice/E487/5"]);
    let out = run(site.path(), &["invoice", "show", "3", "--as", "json"]);
    let shown: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(shown["proof"]["total"], "2", "rows of one number are one invoice");
}

#[test]
fn what_was_open_about_an_invoice_is_closed_when_it_goes_out() {
    let site = acme_site();
    profile(site.path(), "[invoices.preflight]\nprice_above = \"refuse\"");
    write(site.path(), "inbox/orders/1.edi", order(1, "P1", "00", 10).as_bytes());
    night(site.path(), 20);
    // refused, unreadable, held; a credit of the same number is another document
    post(
        site.path(),
        "a.csv",
        "1,2026-11-21,P1,ACME,1,10-1,1,EA,1.60,\n2,2026-11-21,P1,ACME,1,10-1,one,EA,1.50,\n\
         3,2026-11-21,P1,ACME,1,10-1,99,EA,1.50,\n3,2026-11-21,P1,ACME,1,10-1,one,EA,1.50,CR\n",
    );
    let report = night(site.path(), 21);
    assert_eq!(causes(&report).len(), 4);
    let told = run(site.path(), &["invoice", "show", "3"]);
    let told = String::from_utf8(told.stdout).unwrap();
    assert!(
        told.contains("NOT BILLED") && told.contains("E426") && told.contains("99 EA billed, 10 ordered"),
        "{told}"
    );
    post(
        site.path(),
        "b.csv",
        "1,2026-11-21,P1,ACME,1,10-1,1,EA,1.50,\n2,2026-11-21,P1,ACME,1,10-1,1,EA,1.50,\n3,2026-11-21,P1,ACME,1,10-1,1,EA,1.50,\n",
    );
    assert_eq!(night(site.path(), 22)["invoices"], json!({"sent": 3}));
    let open = open(site.path());
    assert!(!open.contains("E480") && !open.contains("E426") && !open.contains("invoice/E542/2"), "{open}");
    assert!(open.contains("invoice/E542/3"), "the credit still waits: {open}");
}
