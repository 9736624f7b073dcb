//! What comes back for what we sent, and what `status` and `invoice show` say of it.

use crate::nights::{run, summary, write};
use crate::outbox::{CONFIRMATION, INVOICES, answer, json, night_with, sent, states, text, waiting};
use serde_json::Value;

#[test]
fn an_answer_in_either_folder_settles_what_it_speaks_of_and_the_same_again_says_nothing() {
    for folder in ["acknowledgments", "orders"] {
        let site = sent();
        let bytes = answer(11, &[], &["AK1*IN*3~AK2*810*0001~AK5*A~AK2*810*0003~AK5*R*5~AK9*P*4*4*3~"]);
        let input = format!("inbox/{folder}/997.edi");
        write(site.path(), &input, bytes.as_bytes());
        assert_eq!(run(site.path(), &["run", "--date", "2026-11-21"]).status.code(), Some(1), "{folder}");
        let expected = ["accepted", "accepted", "rejected", "accepted"];
        assert_eq!(states(site.path(), INVOICES), expected, "{folder}");
        let first = waiting(site.path());
        assert_eq!(first, [("acknowledgment/E561/acme/810: segments in error".to_owned(), 1)], "{folder}");
        // the same file, and the same interchange with a line break more
        for again in [bytes.clone(), bytes + "\n"] {
            write(site.path(), &input, again.as_bytes());
            assert_eq!(run(site.path(), &["run", "--date", "2026-11-22"]).status.code(), Some(0), "{folder}");
        }
        assert_eq!(states(site.path(), INVOICES), expected, "{folder}");
        assert_eq!(waiting(site.path()), first, "{folder}");
    }
}

#[test]
fn an_answer_that_an_interrupted_run_had_claimed_counts_once() {
    let site = sent();
    write(site.path(), "masters/items.csv", b"nothing");
    assert_eq!(night_with(site.path(), "2026-11-21", &[]), 2);
    // as the run would have left it, had it been stopped while it claimed
    let bytes = answer(11, &[], &["AK1*IN*3~AK9*R*4*4*0~"]);
    write(site.path(), "state/work/20261121-001/in/acknowledgments/997.edi", bytes.as_bytes());
    write(site.path(), "masters/items.csv", b"item,description,unit\n10-1,Hex bolt,EA\n");
    assert_eq!(night_with(site.path(), "2026-11-21", &[]), 1);
    assert_eq!(summary(site.path(), "20261121-001")["acknowledged"]["rejected"], 4);
    assert_eq!(states(site.path(), INVOICES), ["rejected"; 4]);
    let cause = "acknowledgment/E561/acme/810: no reason given".to_owned();
    assert_eq!(waiting(site.path()), [(cause, 1)], "four invoices, one cause, one thing to do");
}

#[test]
fn a_ta1_accepts_the_envelope_or_rejects_all_in_it() {
    for (ta1, state, causes) in [
        ("TA1*000000003*261120*0800*A*000", "sent", &[][..]),
        ("TA1*3*20261120*2359*A*000", "sent", &[]),
        ("TA1*000000003*261120*0800*E*018", "sent", &[]),
        ("TA1*000000003*261120*0800*R*025", "rejected", &["E561/acme/810: TA1: ISA13 used before"]),
        ("TA1*000000003*261120*0800*Q*000", "sent", &["E565/acme/810-000000003"]),
        ("TA1*000000003*261119*0800*R*025", "sent", &["E560/acme/interchange"]),
        ("TA1*000000099*261120*0800*A*000", "sent", &["E560/acme/interchange"]),
    ] {
        let site = sent();
        let code = night_with(site.path(), "2026-11-21", &[("ta1.edi", answer(11, &[ta1], &[]))]);
        assert_eq!(code, i32::from(!causes.is_empty()), "{ta1}");
        assert_eq!(states(site.path(), INVOICES), [state; 4], "{ta1}");
        let expected: Vec<(String, u64)> =
            causes.iter().map(|cause| (format!("acknowledgment/{cause}"), 1)).collect();
        assert_eq!(waiting(site.path()), expected, "{ta1}");
    }
}

#[test]
fn a_ta1_of_another_verdict_is_told_and_one_for_our_own_answers_is_matched() {
    let site = sent();
    let ta1 = |control: u32, text: &str| ("ta1.edi", answer(control, &[text], &[]));
    let accepts = ta1(11, "TA1*000000001*261120*0800*A*000");
    assert_eq!(night_with(site.path(), "2026-11-21", &[accepts]), 0, "our 997 arrived");
    let rejects = ta1(12, "TA1*000000001*261120*0800*R*024");
    assert_eq!(night_with(site.path(), "2026-11-21", &[rejects]), 1);
    let causes: Vec<String> = waiting(site.path()).into_iter().map(|(cause, _)| cause).collect();
    assert_eq!(
        causes,
        [
            "acknowledgment/E561/acme/997: TA1: content invalid, such as a GS",
            "acknowledgment/E562/acme/997-000000001"
        ]
    );
    // an answer to our answer: it is taken, and nothing more
    let answers = [("fa.edi", answer(13, &[], &["AK1*FA*1~AK9*A*1*1*1~"]))];
    assert_eq!(night_with(site.path(), "2026-11-21", &answers), 1);
}

#[test]
fn what_is_not_expected_is_never_overdue() {
    let site = sent();
    let path = site.path().join("partners/acme.toml");
    let profile = std::fs::read_to_string(&path).unwrap();
    for (key, expected) in [
        ("acknowledgments_expected = []", 0),
        ("acknowledgments_expected = [\"855\"]", 1),
        ("acknowledgments_overdue_hours = 8760", 0),
        ("acknowledgments_overdue_hours = 1", 2),
    ] {
        std::fs::write(&path, profile.replace("[x12]\n", &format!("[x12]\n{key}\n"))).unwrap();
        let status = json(site.path(), &["status", "--date", "2026-12-20"]);
        assert_eq!(status["overdue"].as_array().unwrap().len(), expected, "{key}");
    }
    for wrong in [
        "acknowledgments_expected = [\"997\"]",
        "acknowledgments_expected = [\"855\", \"855\"]",
        "acknowledgments_overdue_hours = 0",
    ] {
        std::fs::write(&path, profile.replace("[x12]\n", &format!("[x12]\n{wrong}\n"))).unwrap();
        let (code, said) = text(site.path(), &["status"]);
        assert!(code == 2 && said.contains("partners/acme.toml"), "{wrong}: {said}");
    }
}

#[test]
fn status_names_what_is_rejected_what_is_overdue_and_who_is_quiet() {
    let site = sent();
    let given = [("997.edi", answer(11, &[], &["AK1*IN*3~AK2*810*0002~AK5*R*5~AK9*P*4*4*3~"]))];
    assert_eq!(night_with(site.path(), "2026-11-21", &given), 1);
    let calm = json(site.path(), &["status", "--date", "2026-11-21"]);
    assert_eq!((&calm["overdue"], &calm["quiet"]), (&Value::Array(Vec::new()), &Value::Array(Vec::new())));
    assert_eq!(calm["rejected"][0]["documents"], 1);
    let status = json(site.path(), &["status", "--date", "2026-12-22"]);
    let rejected = &status["rejected"][0];
    assert_eq!(
        (&rejected["partner"], &rejected["type"], &rejected["file"]),
        (&"acme".into(), &"810".into(), &INVOICES.into())
    );
    let overdue = &status["overdue"][0];
    assert_eq!(
        (&overdue["type"], &overdue["documents"], &overdue["file"]),
        (&"855".into(), &1.into(), &CONFIRMATION.into())
    );
    let quiet = &status["quiet"][0];
    assert_eq!(
        (&quiet["partner"], &quiet["last_heard"], &quiet["days"]),
        (&"acme".into(), &"2026-11-21".into(), &31.into())
    );
    let (code, said) = text(site.path(), &["status", "--date", "2026-12-22"]);
    assert_eq!(code, 0);
    for part in [
        "rejected by partners",
        "acknowledgments overdue",
        "partners gone quiet",
        "acme      2026-11-21     31",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
    // what a person ignores for now is not told as rejected
    let worklist = site.path().join("w.csv");
    let worklist = worklist.to_str().unwrap();
    run(site.path(), &["worklist", "export", worklist, "--date", "2026-11-21"]);
    let rows = std::fs::read_to_string(worklist).unwrap();
    let header: Vec<&str> = rows.lines().next().unwrap().split(',').collect();
    let mut cells = vec![""; header.len()];
    for (column, value) in [
        ("cause", "acknowledgment/E561/acme/810: segments in error"),
        ("decision", "ignore"),
        ("ignore_until", "2026-12-31"),
        ("decided_by", "ann"),
        ("reason", "billed anew"),
    ] {
        cells[header.iter().position(|name| *name == column).unwrap()] = value;
    }
    assert!(rows.contains(cells[0]), "{rows}");
    std::fs::write(worklist, format!("{}\n{}\n", header.join(","), cells.join(","))).unwrap();
    let (code, said) = text(site.path(), &["worklist", "apply", worklist, "--date", "2026-11-21"]);
    assert_eq!(code, 0, "{said}");
    assert_eq!(json(site.path(), &["status", "--date", "2026-12-22"])["rejected"], Value::Array(Vec::new()));
}

#[test]
fn a_partner_that_was_never_heard_is_quiet_since_the_first_run_and_one_with_0_never() {
    let site = sent();
    let second = "[partner]\nid = \"silent\"\ncustomer = \"ACME\"\ninterchange_qualifier = \"ZZ\"\ninterchange_id = \"SILENT\"\napplication_id = \"SILENT\"\nquiet_after_days = 5\n";
    write(site.path(), "partners/silent.toml", second.as_bytes());
    write(
        site.path(),
        "partners/quiet.toml",
        second.replace("silent", "zero").replace("SILENT", "ZERO").replace("= 5", "= 0").as_bytes(),
    );
    for (date, expected) in [("2026-11-25", 0), ("2026-11-26", 1)] {
        let status = json(site.path(), &["status", "--date", date]);
        assert_eq!(status["quiet"].as_array().unwrap().len(), expected, "{date}");
        if expected == 1 {
            let quiet = &status["quiet"][0];
            assert_eq!(
                (&quiet["partner"], &quiet["last_heard"], &quiet["days"]),
                (&"silent".into(), &Value::Null, &6.into())
            );
        }
    }
}

#[test]
fn a_rejection_that_is_taken_back_closes_what_it_opened() {
    let site = sent();
    let night = |control: u32, verdict: &str| {
        let set = format!("AK1*IN*3~AK9*{verdict}*4*4*{}~", if verdict == "A" { 4 } else { 0 });
        night_with(site.path(), "2026-11-21", &[("997.edi", answer(control, &[], &[&set]))])
    };
    assert_eq!(night(11, "R"), 1);
    assert_eq!(night(12, "A"), 1, "another verdict than before is told");
    let causes: Vec<String> = waiting(site.path()).into_iter().map(|(cause, _)| cause).collect();
    assert_eq!(causes, ["acknowledgment/E562/acme/810-000000003"]);
    assert_eq!(states(site.path(), INVOICES), ["accepted"; 4]);
}

#[test]
fn an_invoice_says_what_became_of_its_810() {
    let site = sent();
    let given = [(
        "997.edi",
        answer(11, &[], &["AK1*IN*3~AK2*810*0002~AK3*IT1*5**8~AK4*3*355*7*EA~AK5*R*5~AK9*P*4*4*3~"]),
    )];
    assert_eq!(night_with(site.path(), "2026-11-21", &given), 1);
    let (_, one) = text(site.path(), &["invoice", "show", "INV-1"]);
    assert!(one.contains("810: outbox/acme/810-000000003.edi, accepted\n"), "{one}");
    let (_, two) = text(site.path(), &["invoice", "show", "INV-2"]);
    let reasons = "rejected: segment 5 IT103: code that is not on the list: \"EA\"; segments in error";
    assert!(two.contains(reasons), "{two}");
    let two = json(site.path(), &["invoice", "show", "INV-2"]);
    assert_eq!((&two["sent"]["state"], &two["proof"]["tds01"]), (&"rejected".into(), &"300".into()));
}
