//! What holds an invoice, and what lets it go: over several nights, with the store between them.

use crate::nights::{Files, acme_site, files_in, lay_out, order, program, run, scratch, summary, write};
use serde_json::Value;
use std::path::Path;
use std::process::Stdio;
use std::time::Instant;

const HEADER: &str =
    "invoice_number,invoice_date,po_number,customer,line,item,quantity,unit,unit_price,type\n";

/// A night of a day in November 2026; its report.
pub(crate) fn night(site: &Path, day: u32) -> Value {
    let out = run(site, &["run", "--date", &format!("2026-11-{day}")]);
    assert_ne!(out.status.code(), Some(2), "{}", String::from_utf8_lossy(&out.stderr));
    summary(site, &format!("202611{day}-001"))
}

pub(crate) fn post(site: &Path, file: &str, rows: &str) {
    write(site, &format!("inbox/invoices/{file}"), format!("{HEADER}{rows}").as_bytes());
}

/// An order of ten at 1.50 that went its way on the 20th.
pub(crate) fn ordered(preflight: &str) -> tempfile::TempDir {
    let site = acme_site();
    let path = site.path().join("partners/acme.toml");
    let profile = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{profile}\n[invoices.preflight]\n{preflight}\n")).unwrap();
    write(site.path(), "inbox/orders/1.edi", order(1, "P1", "00", 10).as_bytes());
    night(site.path(), 20);
    site
}

pub(crate) fn causes(report: &Value) -> Vec<String> {
    let waiting = report["waiting"].as_array().unwrap();
    waiting.iter().map(|row| row["cause"].as_str().unwrap().to_owned()).collect()
}

/// BIG02, BIG07 and TDS01 of every 810 that stands in the outbox.
pub(crate) fn sent(site: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for (path, bytes) in files_in(site, &["outbox"]) {
        if !path.contains("/810-") {
            continue;
        }
        let text = String::from_utf8(bytes).unwrap();
        for set in text.split("ST*810*").skip(1) {
            let element = |id: &str, at: usize| {
                let segment = set.split('~').map(str::trim).find(|segment| segment.starts_with(id)).unwrap();
                segment.split('*').nth(at).unwrap().to_owned()
            };
            found.push(format!("{} {} {}", element("BIG*", 2), element("BIG*", 7), element("TDS*", 1)));
        }
    }
    found
}

#[test]
fn over_all_its_invoices_a_line_bills_no_more_than_was_ordered_until_a_credit_makes_room() {
    let site = ordered("");
    post(site.path(), "a.csv", "1,2026-11-21,P1,ACME,1,10-1,6,EA,1.50,\n");
    assert_eq!(night(site.path(), 21)["invoices"]["sent"], 1);
    // 6 + 5 are more than 10; the next invoice of the same night still fits
    post(
        site.path(),
        "b.csv",
        "2,2026-11-22,P1,ACME,1,10-1,5,EA,1.50,\n3,2026-11-22,P1,ACME,1,10-1,4,EA,1.50,\n",
    );
    let report = night(site.path(), 22);
    assert_eq!(causes(&report), ["invoice/E426/2"]);
    let detail = &report["waiting"][0]["detail"]["findings"][0];
    assert_eq!(detail["detail"], "line 1: 5 EA billed after 6 by earlier invoices, 10 ordered");
    assert_eq!(report["exit_code"], 1);
    // it waits without a word
    let report = night(site.path(), 23);
    assert_eq!((report["exit_code"].clone(), causes(&report).len()), (0.into(), 0));
    // a credit of 4 leaves 6 billed: 5 are still one too many
    post(site.path(), "c.csv", "4,2026-11-24,P1,ACME,1,10-1,4,EA,1.50,CR\n");
    night(site.path(), 24);
    assert_eq!(night(site.path(), 25)["invoices"], serde_json::json!({}));
    post(site.path(), "d.csv", "5,2026-11-26,P1,ACME,1,10-1,1,EA,1.50,CR\n");
    night(site.path(), 26);
    let report = night(site.path(), 27);
    assert_eq!(report["invoices"]["sent"], 1, "{report}");
    assert_eq!(sent(site.path()), ["1 DI 900", "3 DI 600", "4 CR 600", "5 CR 150", "2 DI 750"]);
    let open = run(site.path(), &["worklist", "export", "--as", "json"]);
    assert_eq!(serde_json::from_slice::<Value>(&open.stdout).unwrap(), serde_json::json!([]));
}

#[test]
fn a_posting_that_comes_again_is_judged_again_and_a_corrected_one_takes_its_place() {
    let site = ordered("");
    post(site.path(), "a.csv", "1,2026-11-21,P1,ACME,1,10-1,11,EA,1.50,\n");
    night(site.path(), 21);
    post(site.path(), "a.csv", "1,2026-11-21,P1,ACME,1,10-1,11,EA,1.50,\n");
    let report = night(site.path(), 22);
    assert_eq!(
        (causes(&report), report["invoices"]["held"].clone()),
        (vec!["invoice/E426/1".to_owned()], 1.into())
    );
    post(site.path(), "b.csv", "1,2026-11-21,P1,ACME,1,10-1,10,EA,1.50,\n");
    night(site.path(), 23);
    assert_eq!(sent(site.path()), ["1 DI 1500"]);
    assert_eq!(night(site.path(), 24)["invoices"], serde_json::json!({}));
    // and the first posting, once more, is another invoice under a number that was used
    post(site.path(), "a.csv", "1,2026-11-21,P1,ACME,1,10-1,11,EA,1.50,\n");
    assert_eq!(causes(&night(site.path(), 25)), ["invoice/E430/1"]);
    assert_eq!(sent(site.path()).len(), 1);
}

#[test]
fn a_person_lets_it_go_or_drops_it_and_signs() {
    let site = ordered(
        "price_above = \"hold\"\nprice_tolerance_percent = \"10\"\nprice_tolerance_amount = \"0.20\"",
    );
    post(
        site.path(),
        "a.csv",
        "1,2026-11-21,P1,ACME,1,10-1,1,EA,1.70,\n2,2026-11-21,P1,ACME,1,10-1,1,EA,1.71,\n3,2026-11-21,P1,ACME,1,10-1,20,EA,1.50,\n",
    );
    assert_eq!(causes(&night(site.path(), 21)), ["invoice/E480/2", "invoice/E426/3"]);
    assert_eq!(sent(site.path()), ["1 DI 170"]);
    let release = |arguments: &[&str]| {
        let out = run(site.path(), &[&["release", "--date", "2026-11-22"], arguments].concat());
        (out.status.code(), String::from_utf8(out.stderr).unwrap())
    };
    assert_eq!(release(&["--invoice", "2"]).0, Some(2), "a decision says why");
    let (code, said) = release(&["--invoice", "9", "--by", "Ida", "--reason", "agreed"]);
    assert_eq!(code, Some(2));
    assert!(said.contains("no invoice 9 waits"), "{said}");
    assert_eq!(release(&["--invoice", "2", "--by", "Ida", "--reason", "agreed"]).0, Some(0));
    assert_eq!(sent(site.path()), ["1 DI 170", "2 DI 171"]);
    assert_eq!(release(&["--invoice", "3", "--drop", "--by", "Ida", "--reason", "twice"]).0, Some(0));
    assert_eq!(sent(site.path()).len(), 2);
    // the dropped posting is known when it comes again
    post(site.path(), "b.csv", "3,2026-11-21,P1,ACME,1,10-1,20,EA,1.50,\n");
    let report = night(site.path(), 23);
    assert_eq!((report["invoices"]["dropped"].clone(), report["exit_code"].clone()), (1.into(), 0.into()));
    let open = run(site.path(), &["worklist", "export", "--as", "json"]);
    assert_eq!(serde_json::from_slice::<Value>(&open.stdout).unwrap(), serde_json::json!([]));
}

#[test]
fn what_the_profile_refuses_is_not_kept_and_what_it_only_warns_of_goes_out() {
    let site = ordered("over_billed = \"refuse\"");
    post(site.path(), "a.csv", "1,2026-11-21,P1,ACME,1,10-1,11,EA,1.50,\n");
    let report = night(site.path(), 21);
    assert_eq!(report["invoices"]["refused"], 1);
    assert_eq!(causes(&report), ["invoice/E426/1"]);
    let path = site.path().join("partners/acme.toml");
    let profile = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, profile.replace("\"refuse\"", "\"warn\"")).unwrap();
    assert_eq!(night(site.path(), 22)["invoices"], serde_json::json!({}), "it was not kept");
    post(site.path(), "a.csv", "1,2026-11-21,P1,ACME,1,10-1,11,EA,1.50,\n");
    let report = night(site.path(), 23);
    assert_eq!(report["invoices"]["sent"], 1);
    assert!(report["findings"][0].as_str().unwrap().contains("E426"), "{report}");
    assert_eq!(sent(site.path()), ["1 DI 1650"]);
}

#[test]
fn a_changed_profile_lets_an_invoice_go_and_a_missing_part_holds_it() {
    let site = ordered("required = [\"REF*IA\", \"IT1*BP\", \"N104*ST\"]");
    post(site.path(), "a.csv", "1,2026-11-21,P1,ACME,1,10-1,1,EA,1.50,\n");
    let report = night(site.path(), 21);
    assert_eq!(causes(&report), ["invoice/E485/1"]);
    let missing: Vec<&str> = report["waiting"][0]["detail"]["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|found| found["code"] == "E485")
        .map(|found| found["found"].as_str().unwrap())
        .collect();
    assert_eq!(missing, ["REF*IA", "N104*ST"]);
    let path = site.path().join("partners/acme.toml");
    let profile = std::fs::read_to_string(&path).unwrap();
    let mended = profile
        .replace(", \"N104*ST\"]", "]\n")
        .replace("[invoices.preflight]", "[invoices]\nreferences = { IA = \"V-77\" }\n[invoices.preflight]");
    std::fs::write(&path, mended).unwrap();
    assert_eq!(night(site.path(), 22)["invoices"]["sent"], 1);
    let text: String = files_in(site.path(), &["outbox"])
        .into_values()
        .map(|bytes| String::from_utf8(bytes).unwrap())
        .collect();
    assert!(text.contains("REF*IA*V-77~"), "{text}");
}

#[test]
fn json_lines_are_posted_like_rows_and_one_bad_line_stops_only_itself() {
    let site = ordered("");
    let lines = concat!(
        r#"{"invoice_number": 1, "invoice_date": "2026-11-21", "customer": "ACME", "po_number": "P1", "freight": 2.50,"#,
        r#" "references": {"BM": "BOL-9"}, "charges": [{"indicator": "A", "code": "C310", "percent": "10", "percent_basis": "3"}],"#,
        r#" "lines": [{"line": 1, "item": "10-1", "quantity": 4, "unit": "EA", "unit_price": 1.50, "serials": ["a", "b"]}]}"#,
        "\n",
        "{\"invoice_number\": \"2\", \"lines\": 7}\n",
        "not json\n",
        r#"{"invoice_number":"3","invoice_date":"2026-11-21","customer":"ACME","po_number":"P1","line":"1","item":"10-1","quantity":"x","unit":"EA","unit_price":"1.50"}"#,
        "\n",
        r#"{"invoice_number":"4","invoice_date":"2026-11-21","customer":"ACME","po_number":"P1","line":"1","item":"10-1","quantity":"1","unit":"EA","unit_price":"1.50"}"#,
        "\n",
    );
    write(site.path(), "inbox/invoices/posted.jsonl", lines.as_bytes());
    let report = night(site.path(), 21);
    assert_eq!(report["invoices"], serde_json::json!({"rejected": 3, "sent": 2}));
    assert_eq!(causes(&report), ["invoice/E487/2", "invoice/E487/", "invoice/E542/3"]);
    // 6.00 - 0.60 + 2.50
    assert_eq!(sent(site.path()), ["1 DI 790", "4 DI 150"]);
    let text: String = files_in(site.path(), &["outbox"])
        .into_values()
        .map(|bytes| String::from_utf8(bytes).unwrap())
        .collect();
    assert!(text.contains("REF*BM*BOL-9~") && text.contains("SAC*A*C310***60*3*10~"), "{text}");
}

#[test]
fn a_posted_reference_that_has_no_room_holds_its_invoice_and_is_never_cut() {
    let site = ordered("");
    let line = |number: u32, length: usize| {
        let reference = "7".repeat(length);
        format!(
            "{{\"invoice_number\":\"{number}\",\"invoice_date\":\"2026-11-21\",\"customer\":\"ACME\",\"po_number\":\"P1\",\
             \"references\":{{\"BM\":\"{reference}\"}},\"line\":1,\"item\":\"10-1\",\"quantity\":1,\"unit\":\"EA\",\
             \"unit_price\":\"1.50\"}}\n"
        )
    };
    let lines = line(1, 30) + &line(2, 31);
    write(site.path(), "inbox/invoices/posted.jsonl", lines.as_bytes());
    let report = night(site.path(), 21);
    assert_eq!(causes(&report), ["invoice/E429/2"]);
    let found = &report["waiting"][0]["detail"]["findings"][0];
    let said = "the posted reference BM has 31 characters, REF02 has room for 30";
    assert_eq!((&found["code"], &found["detail"]), (&"E429".into(), &said.into()));
    assert_eq!(sent(site.path()), ["1 DI 150"]);
}

#[test]
fn an_item_without_a_number_of_the_customers_is_one_row_of_the_worklist_until_it_has_one() {
    let site = ordered("");
    let items = site.path().join("masters/items.csv");
    let text = std::fs::read_to_string(&items).unwrap();
    std::fs::write(&items, format!("{}\n10-2,Nut,EA\n", text.trim_end())).unwrap();
    post(
        site.path(),
        "a.csv",
        "1,2026-11-21,PHONE,ACME,,10-2,1,EA,1.50,\n2,2026-11-21,PHONE2,ACME,,10-2,1,EA,1.50,\n",
    );
    let report = night(site.path(), 21);
    assert_eq!(causes(&report), ["customer_number/ACME/10-2"]);
    assert_eq!(report["invoices"]["sent"], 2);
    let xrefs = site.path().join("masters/item_xref.csv");
    let text = std::fs::read_to_string(&xrefs).unwrap();
    let columns = text.lines().next().unwrap().split(',').map(|name| match name {
        "customer" => "ACME",
        "customer_item" => "A-2",
        "item" => "10-2",
        _ => "",
    });
    let row = columns.collect::<Vec<_>>().join(",");
    std::fs::write(&xrefs, format!("{}\n{row}\n", text.trim_end())).unwrap();
    night(site.path(), 22);
    let open = run(site.path(), &["worklist", "export", "--as", "json"]);
    assert_eq!(serde_json::from_slice::<Value>(&open.stdout).unwrap(), serde_json::json!([]));
}

#[test]
fn an_invoice_made_from_an_order_waits_under_its_number_and_goes_with_it() {
    let site = acme_site();
    let path = site.path().join("partners/acme.toml");
    let profile = std::fs::read_to_string(&path).unwrap();
    let asks = "[invoices]\nfrom = \"orders\"\nnumber_prefix = \"B-\"\n[invoices.preflight]\nrequired = [\"REF*IA\"]\n";
    std::fs::write(&path, format!("{profile}\n{asks}")).unwrap();
    write(site.path(), "inbox/orders/1.edi", order(1, "P1", "00", 10).as_bytes());
    let report = night(site.path(), 20);
    assert_eq!((causes(&report), sent(site.path()).len()), (vec!["invoice/E485/B-000001".to_owned()], 0));
    // another order of the next night has the next number, and waits too
    write(site.path(), "inbox/orders/2.edi", order(2, "P2", "00", 2).as_bytes());
    assert_eq!(causes(&night(site.path(), 21)), ["invoice/E485/B-000002"]);
    let mended = asks.replace("[invoices.preflight]", "references = { IA = \"V-1\" }\n[invoices.preflight]");
    std::fs::write(&path, format!("{profile}\n{mended}")).unwrap();
    assert_eq!(night(site.path(), 22)["invoices"]["sent"], 2);
    assert_eq!(sent(site.path()), ["B-000001 DI 1500", "B-000002 DI 300"]);
    // what the ERP posts for the same line now would be billed twice
    post(site.path(), "a.csv", "77,2026-11-23,P1,ACME,1,10-1,10,EA,1.50,\n");
    let report = night(site.path(), 23);
    let codes: Vec<&str> = report["waiting"][0]["detail"]["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|found| found["code"].as_str().unwrap())
        .collect();
    assert_eq!(codes, ["E418"]);
}

#[test]
fn where_no_810_goes_out_a_finding_holds_neither_ledger_nor_facts() {
    let site = ordered("");
    let path = site.path().join("partners/acme.toml");
    let profile = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, profile.replace("[invoices.preflight]", "[invoices]\nsend = false\n")).unwrap();
    post(
        site.path(),
        "a.csv",
        "1,2026-11-21,P1,ACME,1,10-1,11,EA,1.50,\n2,2026-11-21,P1,ACME,9,10-1,1,EA,1.50,\n",
    );
    let report = night(site.path(), 21);
    assert_eq!(report["invoices"], serde_json::json!({"held": 1, "posted": 1}));
    assert_eq!(causes(&report), ["invoice/E423/2"]);
}

#[test]
fn decisions_about_invoices_come_back_in_the_worklist() {
    let site = ordered("");
    post(
        site.path(),
        "a.csv",
        "1,2026-11-21,P1,ACME,1,10-1,11,EA,1.50,\n2,2026-11-21,P1,ACME,1,10-1,12,EA,1.50,\n3,2026-11-21,P1,ACME,9,10-1,1,EA,1.50,\n",
    );
    night(site.path(), 21);
    let file = site.path().join("worklist.csv");
    let path = file.to_str().unwrap();
    run(site.path(), &["worklist", "export", path]);
    let mut rows = csv::Reader::from_path(&file).unwrap();
    let header = rows.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    let mut out = csv::Writer::from_path(&file).unwrap();
    out.write_record(&header).unwrap();
    for row in rows {
        let decision = match &row[0] {
            "invoice/E426/1" => "release",
            "invoice/E426/2" => "reject",
            _ => "",
        };
        let cells = header.iter().zip(&row).map(|(name, cell)| match name {
            "decision" => decision,
            "reason" => "agreed",
            _ => cell,
        });
        out.write_record(cells).unwrap();
    }
    out.flush().unwrap();
    let apply = || {
        let out = run(site.path(), &["--format", "json", "worklist", "apply", path, "--by", "Ida"]);
        let told: Value = serde_json::from_slice(&out.stdout).unwrap();
        ["invoices", "unchanged", "passed_over", "refused"].map(|name| told[name].as_u64().unwrap())
    };
    assert_eq!(apply(), [2, 0, 1, 0]);
    assert_eq!(apply(), [0, 2, 1, 0]);
    // what is decided waits for the release and for nobody
    let status = run(site.path(), &["--format", "json", "status", "--date", "2026-11-21"]);
    let status: Value = serde_json::from_slice(&status.stdout).unwrap();
    assert_eq!(status["decided"], 2, "{status}");
    let export = run(site.path(), &["worklist", "export", "--as", "csv"]);
    let export = String::from_utf8(export.stdout).unwrap();
    assert!(!export.contains("E426") && export.contains("invoice/E423/3"), "{export}");
    let report = night(site.path(), 22);
    assert_eq!(report["invoices"], serde_json::json!({"dropped": 1, "sent": 1}));
    assert_eq!(sent(site.path()), ["1 DI 1650"]);
    // what was acted on stands; what never was cannot be decided any more
    assert_eq!(apply(), [0, 2, 1, 0]);
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("release", "reject")).unwrap();
    assert_eq!(apply(), [0, 1, 1, 1]);
}

/// Ten units on the night of the 22nd: partial invoices, credits, postings that come again, and two that waited before.
fn waiting_site() -> tempfile::TempDir {
    let site = ordered("");
    let path = site.path().join("itembridge.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text + "\n[limits]\nbatch_files = 1\n").unwrap();
    post(
        site.path(),
        "0.csv",
        "1,2026-11-21,P1,ACME,1,10-1,8,EA,1.50,\n2,2026-11-21,P1,ACME,1,10-1,5,EA,1.50,\n3,2026-11-21,P1,ACME,1,10-1,3,EA,1.50,\n",
    );
    night(site.path(), 21);
    for (file, row) in (0..10).zip([
        "4,2026-11-22,P1,ACME,1,10-1,4,EA,1.50,CR",
        "5,2026-11-22,P1,ACME,1,10-1,2,EA,1.50,",
        "6,2026-11-22,P1,ACME,1,10-1,9,EA,1.50,",
        "7,2026-11-22,P1,ACME,1,10-1,1,EA,1.50,",
        "7,2026-11-22,P1,ACME,1,10-1,1,EA,1.50,",
        "8,2026-11-22,P1,ACME,1,10-1,3,EA,1.50,CR",
        "9,2026-11-22,P1,ACME,1,10-1,4,EA,1.50,",
        "2,2026-11-21,P1,ACME,1,10-1,5,EA,1.50,",
        "10,2026-11-22,P1,ACME,1,10-1,5,EA,1.50,CR",
        "11,2026-11-22,P1,ACME,1,10-1,1,EA,1.50,",
    ]) {
        post(site.path(), &format!("{file}.csv"), &format!("{row}\n"));
    }
    site
}

/// What the night of the 22nd leaves, and the one after it, which shows what the store believes.
fn left_by_two_nights(site: &Path) -> (Files, Value, Files, Value) {
    let counted = |day: u32| {
        let mut report = summary(site, &format!("202611{day}-001"));
        report.as_object_mut().unwrap().remove("resumed");
        report
    };
    let folders = ["outbox", "archive", "facts", "inbox", "state/work"];
    let (first, report) = (files_in(site, &folders), counted(22));
    night(site, 23);
    (first, report, files_in(site, &folders), counted(23))
}

#[test]
fn a_night_of_invoices_that_is_killed_and_run_again_bills_what_an_undisturbed_one_bills() {
    const KILLS: u32 = 12;
    let prepared = waiting_site();
    let copy = || {
        let site = scratch();
        lay_out(prepared.path(), site.path());
        site
    };
    let undisturbed = copy();
    let begun = Instant::now();
    night(undisturbed.path(), 22);
    let duration = begun.elapsed();
    let expected = left_by_two_nights(undisturbed.path());
    assert!(
        expected.3["invoices"]["sent"].as_u64() > Some(0),
        "a credit lets one go on the next night: {}",
        expected.3
    );
    let mut interrupted = 0;
    for kill in 0..KILLS {
        let site = copy();
        let mut command = program(site.path());
        command.args(["run", "--date", "2026-11-22"]).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        std::thread::sleep(duration * kill / KILLS);
        child.kill().unwrap();
        if child.wait().unwrap().code().is_none() {
            interrupted += 1;
            run(site.path(), &["run", "--date", "2026-11-22"]);
        }
        assert!(left_by_two_nights(site.path()) == expected, "kill {kill} of {KILLS}");
    }
    assert!(interrupted >= 2, "only {interrupted} runs were interrupted");
}
