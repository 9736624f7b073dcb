//! Invoices that wait, as people see and end them: what a release would do, what no signature helps, numbers used twice.

use crate::nights::run;
use crate::preflight::{causes, night, ordered, post, sent};
use crate::shown::assert_sound;
use serde_json::{Value, json};
use std::path::Path;

fn json_of(site: &Path, arguments: &[&str]) -> Value {
    let out = run(site, &[&["--format", "json"], arguments].concat());
    serde_json::from_slice(&out.stdout)
        .unwrap_or_else(|_| panic!("{arguments:?}: {}", String::from_utf8_lossy(&out.stderr)))
}

fn says(site: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let out = run(site, arguments);
    (out.status.code(), String::from_utf8(out.stdout).unwrap() + &String::from_utf8(out.stderr).unwrap())
}

/// Signs `decisions` (cause, word) by the worklist; what `worklist apply` says as JSON.
fn decide(site: &Path, decisions: &[(&str, &str)]) -> Value {
    let mut file = "cause,decision,reason\n".to_owned();
    for (cause, word) in decisions {
        file += &format!("{cause},{word},agreed\n");
    }
    let path = site.join("decisions.csv");
    std::fs::write(&path, file).unwrap();
    json_of(site, &["worklist", "apply", path.to_str().unwrap(), "--by", "Ida", "--date", "2026-11-23"])
}

/// Number, outcome and the rules that hold it, of each held invoice of a preview.
fn fates(preview: &Value) -> Vec<String> {
    let of = |invoice: &Value| {
        let findings = invoice["findings"].as_array().unwrap();
        let holds: Vec<&str> = findings
            .iter()
            .filter(|found| found["severity"] == "error")
            .map(|found| found["code"].as_str().unwrap())
            .collect();
        let text = |name: &str| invoice[name].as_str().unwrap_or_default().to_owned();
        format!("{} {} {} {}", text("type"), text("invoice_number"), text("outcome"), holds.join(","))
            .trim()
            .to_owned()
    };
    preview["invoices"].as_array().unwrap().iter().map(of).collect()
}

/// Of ten ordered six are billed and five credited; 2 (five), 3 (twenty), 4 (a line that is not there), 6 (eight) wait.
pub(crate) fn waiting() -> tempfile::TempDir {
    let site = ordered("");
    let row = |number: u32, line: u32, quantity: u32, kind: &str| {
        format!("{number},2026-11-21,P1,ACME,{line},10-1,{quantity},EA,1.50,{kind}\n")
    };
    let rows = [(1, 1, 6), (2, 1, 5), (3, 1, 20), (4, 9, 1), (6, 1, 8)];
    let rows = rows.map(|(number, line, quantity)| row(number, line, quantity, ""));
    post(site.path(), "a.csv", &rows.concat());
    assert_eq!(causes(&night(site.path(), 21)).len(), 4);
    post(site.path(), "b.csv", &row(5, 1, 5, "CR"));
    night(site.path(), 22);
    site
}

#[test]
fn a_release_says_beforehand_what_it_would_do_with_each_held_invoice_and_then_does_it() {
    let site = waiting();
    let applied = decide(site.path(), &[("invoice/E426/3", "reject")]);
    // 2 fits after the credit; after it 6 is too many, which alone would fit
    let expected = ["DI 2 sent", "DI 3 dropped E426", "DI 4 held E423", "DI 6 held E426"];
    assert_eq!(fates(&applied["release"]), expected);
    let dry = ["release", "--dry-run", "--date", "2026-11-23"];
    let preview = json_of(site.path(), &dry);
    assert_eq!(fates(&preview), expected);
    assert_eq!(preview["invoices"][0]["total"], "7.5");
    assert_eq!(preview["invoices"][1]["decision"], "drop");
    let (code, text) = says(site.path(), &dry);
    assert_eq!(code, Some(0));
    assert!(text.contains("4 held invoices: 1 would go, 1 would be dropped, 2 would wait on"), "{text}");
    assert!(text.contains("E423") && text.contains("after 6 by earlier invoices"), "{text}");
    assert!(text.contains("nothing was written"), "{text}");
    // looking changed nothing, and the release does what was said
    assert_eq!(fates(&json_of(site.path(), &dry)), expected);
    assert_eq!(says(site.path(), &["release", "--date", "2026-11-23"]).0, Some(0));
    assert_eq!(sent(site.path()), ["1 DI 900", "5 CR 750", "2 DI 750"]);
    let after = json_of(site.path(), &dry);
    assert_eq!(fates(&after), ["DI 4 held E423", "DI 6 held E426"]);
}

#[test]
fn an_order_that_would_be_released_counts_for_the_held_invoices_of_the_same_preview() {
    let site = ordered("not_ordered = \"hold\"");
    let order = crate::nights::order(2, "P2", "00", 10).replace("A-1", "A-9");
    crate::nights::write(site.path(), "inbox/orders/2.edi", order.as_bytes());
    night(site.path(), 21);
    post(site.path(), "a.csv", "7,2026-11-22,P2,ACME,1,10-1,4,EA,1.50,\n");
    assert_eq!(causes(&night(site.path(), 22)), ["invoice/E482/7"]);
    let dry = ["release", "--dry-run", "--date", "2026-11-23"];
    assert_eq!(fates(&json_of(site.path(), &dry)), ["DI 7 held E482"]);
    let xrefs = site.path().join("masters/item_xref.csv");
    let text = std::fs::read_to_string(&xrefs).unwrap();
    let row = text.lines().find(|row| row.contains("A-1")).unwrap().replace("A-1", "A-9");
    std::fs::write(&xrefs, format!("{}\n{row}\n", text.trim_end())).unwrap();
    assert_eq!(fates(&json_of(site.path(), &dry)), ["DI 7 sent"]);
    says(site.path(), &["release", "--date", "2026-11-23"]);
    assert_eq!(sent(site.path()), ["7 DI 600"]);
}

#[test]
fn what_no_signature_helps_is_refused_with_its_reason_when_it_is_signed() {
    let site = waiting();
    let release = |arguments: &[&str]| {
        let signed = ["--by", "Ida", "--reason", "agreed", "--date", "2026-11-23"];
        says(site.path(), &[&["release"], arguments, &signed].concat())
    };
    let (code, said) = release(&["--invoice", "4"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("cannot go out, whoever signs") && said.contains("E423"), "{said}");
    // nothing was kept of it: the release does not say "decided"
    let preview = json_of(site.path(), &["release", "--dry-run", "--date", "2026-11-23"]);
    assert_eq!(preview["invoices"][2]["decision"], Value::Null);
    let told = decide(site.path(), &[("invoice/E423/4", "release"), ("invoice/E426/3", "release")]);
    assert_eq!((&told["refused"], &told["applied"]), (&1.into(), &false.into()));
    let problem = told["problems"][0]["problem"].as_str().unwrap();
    assert!(problem.contains("cannot go out, whoever signs: E423"), "{problem}");
    // by the rules' own weight: a profile that refuses what could go by a person's word leaves it no word
    let path = site.path().join("partners/acme.toml");
    let profile = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{profile}over_billed = \"refuse\"\n")).unwrap();
    assert!(release(&["--invoice", "3"]).1.contains("E426"));
    std::fs::write(&path, profile).unwrap();
    assert_eq!(release(&["--invoice", "3"]).0, Some(0));
    assert!(sent(site.path()).contains(&"3 DI 3000".to_owned()));
    // what is mended since is judged as the masters' files are now
    post(site.path(), "c.csv", "8,2026-11-23,PHONE,ACME,,10-7,1,EA,1.50,\n");
    assert_eq!(causes(&night(site.path(), 24)), ["invoice/E424/8"]);
    assert!(release(&["--invoice", "8"]).1.contains("E424"));
    let items = site.path().join("masters/items.csv");
    let text = std::fs::read_to_string(&items).unwrap();
    std::fs::write(&items, format!("{}\n10-7,Nut,EA\n", text.trim_end())).unwrap();
    assert_ne!(release(&["--invoice", "8"]).0, Some(2));
    assert!(sent(site.path()).contains(&"8 DI 150".to_owned()));
}

#[test]
fn a_posting_under_a_number_that_was_used_ends_when_a_person_drops_it() {
    let site = ordered("");
    let billed = "1,2026-11-21,P1,ACME,1,10-1,6,EA,1.50,\n";
    let other = "1,2026-11-22,P1,ACME,1,10-1,2,EA,1.50,\n";
    post(site.path(), "a.csv", billed);
    night(site.path(), 21);
    post(site.path(), "b.csv", other);
    assert_eq!(causes(&night(site.path(), 22)), ["invoice/E430/1"]);
    assert_eq!(night(site.path(), 23)["invoices"], json!({}), "it waits without a word");
    // what waits is shown beside what was billed
    let (_, text) = says(site.path(), &["invoice", "show", "1"]);
    assert!(text.contains("total 9.00") && text.contains("another posting waits"), "{text}");
    let (_, text) = says(site.path(), &["invoice", "show", "1", "--waiting"]);
    assert!(text.contains("NOT BILLED") && text.contains("E430") && text.contains("total 3.00"), "{text}");
    let told = decide(site.path(), &[("invoice/E430/1", "release")]);
    assert!(told["problems"][0]["problem"].as_str().unwrap().contains("E430"), "{told}");
    let told = decide(site.path(), &[("invoice/E430/1", "reject")]);
    assert_eq!((&told["invoices"], fates(&told["release"])), (&1.into(), vec!["DI 1 dropped E430".into()]));
    assert_eq!(night(site.path(), 24)["invoices"], json!({"dropped": 1}));
    assert_eq!(decide(site.path(), &[("invoice/E430/1", "reject")])["unchanged"], 1);
    assert_eq!(json_of(site.path(), &["worklist", "export", "--as", "json", "--all"]), json!([]));
    // the same again is known, what was billed is a duplicate, and something else waits again
    post(site.path(), "b.csv", other);
    post(site.path(), "c.csv", &billed.replace('\n', "\n\n"));
    let report = night(site.path(), 25);
    assert_eq!(report["invoices"], json!({"dropped": 1, "duplicate": 1}));
    assert_eq!(report["exit_code"], 0);
    post(site.path(), "d.csv", &other.replace(",2,EA", ",3,EA"));
    assert_eq!(causes(&night(site.path(), 26)), ["invoice/E430/1"]);
    let drop =
        ["release", "--invoice", "1", "--drop", "--by", "Ida", "--reason", "twice", "--date", "2026-11-27"];
    assert_eq!(says(site.path(), &drop).0, Some(0));
    assert_eq!(json_of(site.path(), &["worklist", "export", "--as", "json", "--all"]), json!([]));
    assert_eq!(sent(site.path()), ["1 DI 900"]);
}

#[test]
fn of_what_was_refused_or_not_readable_a_person_closes_what_is_open() {
    let site = ordered("number_reused = \"refuse\"");
    post(site.path(), "a.csv", "1,2026-11-21,P1,ACME,1,10-1,6,EA,1.50,\n");
    night(site.path(), 21);
    post(
        site.path(),
        "b.csv",
        "1,2026-11-22,P1,ACME,1,10-1,2,EA,1.50,\n2,2026-11-22,P1,ACME,1,10-1,one,EA,1.50,\n",
    );
    let report = night(site.path(), 22);
    assert_eq!(report["invoices"], json!({"refused": 1, "rejected": 1}));
    let mut open = causes(&report);
    open.sort();
    assert_eq!(open, ["invoice/E430/1", "invoice/E542/2"]);
    assert_eq!(decide(site.path(), &[("invoice/E430/1", "release")])["refused"], 1);
    let told = decide(site.path(), &[("invoice/E430/1", "reject")]);
    assert_eq!((&told["invoices"], &told["applied"]), (&1.into(), &true.into()));
    assert_eq!(decide(site.path(), &[("invoice/E430/1", "reject")])["unchanged"], 1);
    let drop =
        ["release", "--invoice", "2", "--drop", "--by", "Ida", "--reason", "twice", "--date", "2026-11-23"];
    assert_eq!(says(site.path(), &drop).0, Some(0));
    assert_eq!(says(site.path(), &drop).0, Some(2), "nothing is open about it any more");
    assert_eq!(json_of(site.path(), &["worklist", "export", "--as", "json", "--all"]), json!([]));
}

#[test]
fn a_held_invoice_is_shown_with_its_proof_and_what_holds_it_and_never_looks_like_a_billed_one() {
    let site = waiting();
    let (code, text) = says(site.path(), &["invoice", "show", "3"]);
    assert_eq!(code, Some(0));
    for part in [
        "NOT BILLED: it waits since run 20261121-001",
        "held by E426",
        "line 1: 20 EA billed after 1 by earlier invoices, 10 ordered",
        "invoice 3 of 2026-11-21 to ACME (acme), held",
        "line 1: 20 x 1.5 = 30, billed 30.00",
        "lines 30.00 = 30.00 (TDS01 3000)",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let shown = json_of(site.path(), &["invoice", "show", "3"]);
    assert_eq!((&shown["state"], &shown["proof"]["wrong"]), (&"held".into(), &"".into()));
    assert_eq!(shown["waiting"]["findings"][0]["code"], "E426");
    assert_eq!(shown["waiting"]["outcome"], "held");
    let (_, page) = says(site.path(), &["invoice", "show", "3", "--as", "html"]);
    assert_sound(&page);
    assert!(page.contains("<h1>Invoice 3 (not billed)</h1>") && page.contains("class=\"mark\""), "{page}");
    assert!(page.contains("held by E426") && page.contains("Proof of the arithmetic"), "{page}");
    // of one that cannot be billed at all, what can be said
    let (_, text) = says(site.path(), &["invoice", "show", "4"]);
    assert!(text.contains("E423") && text.contains("0 of its 1 lines can be billed"), "{text}");
    assert!(!text.contains("total") && !text.contains("proof"), "{text}");
    // what goes with the next release, and what is decided, says so
    let (_, text) = says(site.path(), &["invoice", "show", "2"]);
    assert!(text.contains("nothing holds it any more"), "{text}");
    decide(site.path(), &[("invoice/E426/3", "reject"), ("invoice/E426/6", "release")]);
    assert!(says(site.path(), &["invoice", "show", "3"]).1.contains("it is dropped by the next release"));
    assert!(says(site.path(), &["invoice", "show", "6"]).1.contains("it goes out with the next release"));
    // the number of nothing, and a billed one that nothing waits beside
    assert_eq!(says(site.path(), &["invoice", "show", "9"]).0, Some(2));
    assert_eq!(says(site.path(), &["invoice", "show", "1", "--waiting"]).0, Some(2));
    assert_eq!(json_of(site.path(), &["invoice", "show", "1"])["waiting"], Value::Null);
}

#[test]
fn a_number_of_ours_that_waits_makes_no_room_for_one_that_the_erp_posts() {
    let site = crate::nights::acme_site();
    let path = site.path().join("partners/acme.toml");
    let profile = std::fs::read_to_string(&path).unwrap();
    let asks = "[invoices]\nfrom = \"orders\"\n[invoices.preflight]\nrequired = [\"REF*IA\"]\n";
    std::fs::write(&path, format!("{profile}\n{asks}")).unwrap();
    let order = crate::nights::order(1, "P1", "00", 10);
    crate::nights::write(site.path(), "inbox/orders/1.edi", order.as_bytes());
    assert_eq!(causes(&night(site.path(), 20)), ["invoice/E485/000001"]);
    post(site.path(), "a.csv", "000001,2026-11-21,PHONE,ACME,,10-1,1,EA,1.50,\n");
    let report = night(site.path(), 21);
    assert_eq!(
        (causes(&report), &report["invoices"]),
        (vec!["invoice/E430/000001".into()], &json!({"refused": 1}))
    );
    let mended = asks.replace("[invoices.preflight]", "references = { IA = \"V-1\" }\n[invoices.preflight]");
    std::fs::write(&path, format!("{profile}\n{mended}")).unwrap();
    night(site.path(), 22);
    assert_eq!(sent(site.path()), ["000001 DI 1500"]);
    // the other one was not billed, and is open until it is posted under its own number and a person says so
    let open = json_of(site.path(), &["worklist", "export", "--as", "json"]);
    assert_eq!(open[0]["cause"], "invoice/E430/000001", "{open}");
    assert_eq!(decide(site.path(), &[("invoice/E430/000001", "reject")])["applied"], true);
    assert_eq!(json_of(site.path(), &["worklist", "export", "--as", "json"]), json!([]));
}
