//! What went to partners, listed, and the same document again: `outbox list`, `outbox resend`.

use crate::nights::{Files, acme_site, files, files_in, lay_out, order, repository, run, scratch, write};
use serde_json::Value;
use std::path::Path;

pub(crate) const INVOICES: &str = "outbox/acme/810-000000003.edi";
pub(crate) const CONFIRMATION: &str = "outbox/acme/855-000000002.edi";

/// A site whose first night sent a 997, an 855 (group 2) and four invoices (group 3, sets 0001 to 0004).
pub(crate) fn sent() -> tempfile::TempDir {
    let site = scratch();
    lay_out(&repository("tests/golden/acknowledgments_of_what_we_sent/site"), site.path());
    assert_eq!(run(site.path(), &["run", "--date", "2026-11-20"]).status.code(), Some(0));
    site
}

/// An interchange of acme's with TA1 and, in one group, 997.
pub(crate) fn answer(control: u32, ta1: &[&str], sets: &[&str]) -> String {
    let mut out = format!(
        "ISA*00*          *00*          *01*006922827      *ZZ*NORTHWIND      *261120*2130*U*00401*{control:09}*0*P*>~\n"
    );
    for ta1 in ta1 {
        out += &format!("{ta1}~\n");
    }
    if !sets.is_empty() {
        out += &format!("GS*FA*ACMEPO*NORTHWIND*20261120*2130*{control}*X*004010~\n");
        for (number, set) in (1..).zip(sets) {
            let segments = set.matches('~').count() + 2;
            out += &format!("ST*997*{number:04}~\n{set}SE*{segments}*{number:04}~\n");
        }
        out += &format!("GE*{}*{control}~\n", sets.len());
    }
    out + &format!("IEA*{}*{control:09}~\n", u32::from(!sets.is_empty()))
}

/// One more night, on this day, with these files in inbox/acknowledgments; its exit code.
pub(crate) fn night_with(site: &Path, date: &str, inputs: &[(&str, String)]) -> i32 {
    for (name, text) in inputs {
        write(site, &format!("inbox/acknowledgments/{name}"), text.as_bytes());
    }
    run(site, &["run", "--date", date]).status.code().unwrap()
}

pub(crate) fn json(site: &Path, arguments: &[&str]) -> Value {
    let out = run(site, &[arguments, &["--format", "json"]].concat());
    assert!(out.stderr.is_empty(), "{}", String::from_utf8_lossy(&out.stderr));
    serde_json::from_slice(&out.stdout).unwrap()
}

fn listed(site: &Path, arguments: &[&str]) -> Vec<Value> {
    json(site, &[&["outbox", "list", "--date", "2026-11-21"], arguments].concat()).as_array().unwrap().clone()
}

/// The states of the documents of one file.
pub(crate) fn states(site: &Path, file: &str) -> Vec<String> {
    let all = listed(site, &[]);
    let row = all.iter().find(|row| row["file"] == file).unwrap();
    let documents = row["documents"].as_array().unwrap().iter();
    documents.map(|document| document["state"].as_str().unwrap().to_owned()).collect()
}

/// What waits as an acknowledgment, by its cause.
pub(crate) fn waiting(site: &Path) -> Vec<(String, u64)> {
    let status = json(site, &["status", "--date", "2026-11-21"]);
    let waiting = status["waiting"].as_array().unwrap().iter();
    let row = |row: &Value| (row["cause"].as_str().unwrap().to_owned(), row["count"].as_u64().unwrap());
    waiting.map(row).filter(|(cause, _)| cause.starts_with("acknowledgment/")).collect()
}

pub(crate) fn text(site: &Path, arguments: &[&str]) -> (i32, String) {
    let out = run(site, arguments);
    let said = [out.stdout, out.stderr].concat();
    (out.status.code().unwrap(), String::from_utf8(said).unwrap())
}

#[test]
fn what_waits_is_listed_by_state_partner_day_kind_and_number() {
    let site = sent();
    let given = [("997.edi", answer(11, &[], &["AK1*PR*2~AK9*A*1*1*1~"]))];
    assert_eq!(night_with(site.path(), "2026-11-21", &given), 0);
    let invoices = "810-000000003.edi";
    let (confirmation, receipt) = ("855-000000002.edi", "997-000000001.edi");
    for (arguments, expected) in [
        (&[][..], &[receipt, confirmation, invoices][..]),
        (&["--state", "sent"], &[receipt, invoices]),
        (&["--state", "unacknowledged"], &[invoices]),
        (&["--state", "accepted"], &[confirmation]),
        (&["--state", "accepted", "--state", "unacknowledged"], &[confirmation, invoices]),
        (&["--state", "rejected"], &[]),
        (&["--state", "overdue"], &[]),
        (&["--state", "overdue", "--date", "2026-11-22T08:00"], &[invoices]),
        (&["--partner", "acme"], &[receipt, confirmation, invoices]),
        (&["--partner", "nobody"], &[]),
        (&["--since", "2026-11-20", "--type", "810"], &[invoices]),
        (&["--since", "2026-11-21"], &[]),
        (&["--number", "INV-2"], &[invoices]),
        (&["--number", "P-1"], &[confirmation, invoices]),
    ] {
        let mut all = [&["outbox", "list", "--as", "json"], arguments].concat();
        if !arguments.contains(&"--date") {
            all.extend(["--date", "2026-11-21"]);
        }
        let out = run(site.path(), &all);
        let rows: Vec<Value> = serde_json::from_slice(&out.stdout).unwrap();
        let names: Vec<&str> =
            rows.iter().map(|row| row["file"].as_str().unwrap().rsplit('/').next().unwrap()).collect();
        assert_eq!(names, expected, "{arguments:?}");
    }
    let (code, table) = text(site.path(), &["outbox", "list", "--type", "810", "--date", "2026-11-22T08:00"]);
    assert_eq!(code, 0);
    for part in [
        "acme/810-000000003.edi",
        "2026-11-20 08:00",
        "sent",
        "overdue, 48 h",
        "INV-1 INV-2 INV-3 and 1 more",
    ] {
        assert!(table.contains(part), "{part}\n{table}");
    }
    let (_, csv) =
        text(site.path(), &["outbox", "list", "--type", "810", "--as", "csv", "--date", "2026-11-21"]);
    assert_eq!(csv.lines().count(), 2);
    assert!(csv.contains("INV-1 INV-2 INV-3 INV-4"), "{csv}");
    let (code, said) = text(site.path(), &["outbox", "list", "--date", "tomorrow"]);
    assert!(code == 2 && said.contains("2026-11-20T08:00"), "{said}");
}

/// Takes a file out of the outbox, as a transport does, and returns its bytes.
fn taken(site: &Path, file: &str) -> Vec<u8> {
    let bytes = std::fs::read(site.join(file)).unwrap();
    std::fs::remove_file(site.join(file)).unwrap();
    bytes
}

const BY: [&str; 6] = ["--by", "ann", "--reason", "lost on the way", "--date", "2026-11-21T10:00"];

#[test]
fn the_same_bytes_go_out_again_and_who_sent_them_is_kept() {
    for named in ["3", "000000003", "acme/810-000000003.edi", INVOICES, "810-000000003.edi"] {
        let site = sent();
        let bytes = taken(site.path(), INVOICES);
        let before = files(site.path().join("outbox").as_path());
        let (code, said) = text(site.path(), &[&["outbox", "resend", named, "--dry-run"], &BY[..]].concat());
        assert_eq!(code, 0, "{said}");
        assert!(said.contains("nothing was written"), "{said}");
        assert_eq!(files(site.path().join("outbox").as_path()), before, "{named}");

        let (code, said) = text(site.path(), &[&["outbox", "resend", named], &BY[..]].concat());
        assert_eq!(code, 0, "{said}");
        assert!(said.contains("sent again, unchanged"), "{said}");
        assert_eq!(std::fs::read(site.path().join(INVOICES)).unwrap(), bytes, "{named}");
        assert_eq!(files(&site.path().join("state/work")), Files::new());
        let row = &listed(site.path(), &["--type", "810"])[0];
        assert_eq!(row["resends"][0]["by"], "ann");
        assert_eq!(row["resends"][0]["reason"], "lost on the way");
        assert_eq!(row["resends"][0]["sent"], "2026-11-21 10:00");
        assert_eq!((&row["in_outbox"], &row["waits_hours"]), (&true.into(), &13.into()), "waited for anew");
        // the numbers that follow are those that would have followed
        write(site.path(), "inbox/orders/2.edi", order(2, "P-2", "00", 1).as_bytes());
        assert_eq!(night_with(site.path(), "2026-11-21", &[]), 0);
        assert!(site.path().join("outbox/acme/997-000000004.edi").exists());
    }
}

#[test]
fn a_second_resend_is_counted_and_the_document_stays_the_same() {
    let site = sent();
    let bytes = taken(site.path(), INVOICES);
    for count in 1..=3 {
        let out = json(site.path(), &[&["outbox", "resend", "3"], &BY[..]].concat());
        assert_eq!((&out["sent"], &out["documents"][0]["resends"]), (&true.into(), &count.into()));
        assert_eq!(taken(site.path(), INVOICES), bytes);
    }
    assert_eq!(listed(site.path(), &["--type", "810"])[0]["resends"].as_array().unwrap().len(), 3);
}

#[test]
fn after_a_resend_the_answer_counts_anew_and_the_old_one_says_nothing_once_more() {
    let site = sent();
    let rejects = answer(11, &[], &["AK1*IN*3~AK9*R*4*4*0~"]);
    assert_eq!(night_with(site.path(), "2026-11-21", &[("1.edi", rejects.clone())]), 1);
    taken(site.path(), INVOICES);
    assert_eq!(text(site.path(), &[&["outbox", "resend", "--rejected"], &BY[..]].concat()).0, 0);
    assert_eq!(states(site.path(), INVOICES), ["sent"; 4]);
    assert_eq!(waiting(site.path()), [], "a person has done what was to be done");
    // the mailbox delivers the old answer once more, in another file
    assert_eq!(night_with(site.path(), "2026-11-22", &[("2.edi", rejects + "\n")]), 0);
    assert_eq!(states(site.path(), INVOICES), ["sent"; 4]);
    let accepts = [("3.edi", answer(12, &[], &["AK1*IN*3~AK9*A*4*4*4~"]))];
    assert_eq!(night_with(site.path(), "2026-11-22", &accepts), 0);
    assert_eq!(states(site.path(), INVOICES), ["accepted"; 4]);
}

#[test]
fn rejected_and_overdue_choose_whole_interchanges_and_pass_over_what_was_not_taken() {
    let site = sent();
    let given = [(
        "997.edi",
        answer(11, &[], &["AK1*PR*2~AK9*R*1*1*0~", "AK1*IN*3~AK2*810*0001~AK5*R~AK9*P*4*4*3~"]),
    )];
    assert_eq!(night_with(site.path(), "2026-11-21", &given), 1);
    let chosen = |arguments: &[&str]| {
        let out = json(site.path(), &[&["outbox", "resend", "--dry-run"], arguments, &BY[..]].concat());
        let files: Vec<String> = out["documents"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["file"].as_str().unwrap().to_owned())
            .collect();
        (files, out["in_outbox"].as_array().unwrap().len())
    };
    assert_eq!(chosen(&["--rejected"]), (Vec::new(), 1), "the transport has not taken the 855");
    taken(site.path(), CONFIRMATION);
    taken(site.path(), INVOICES);
    assert_eq!(
        chosen(&["--rejected"]),
        (vec![CONFIRMATION.to_owned()], 0),
        "a part of the invoices was accepted"
    );
    assert_eq!(chosen(&["--rejected", "--partner", "nobody"]), (Vec::new(), 0));
    assert_eq!(chosen(&["--overdue"]), (Vec::new(), 0));
    assert_eq!(chosen(&["2", "--rejected"]), (vec![CONFIRMATION.to_owned()], 0), "once");
    let (code, said) = text(site.path(), &["outbox", "resend", "--overdue", "--by", "ann"]);
    assert!(code == 0 && said.contains("nothing is to be sent again"), "{said}");
}

#[test]
fn what_is_overdue_is_sent_again_by_one_word() {
    let site = sent();
    let taken = [taken(site.path(), CONFIRMATION), taken(site.path(), INVOICES)];
    let (code, said) =
        text(site.path(), &["outbox", "resend", "--overdue", "--by", "ann", "--date", "2026-11-23"]);
    assert_eq!(code, 0, "{said}");
    for (file, bytes) in [CONFIRMATION, INVOICES].into_iter().zip(taken) {
        assert_eq!(std::fs::read(site.path().join(file)).unwrap(), bytes);
    }
    assert_eq!(
        json(site.path(), &["status", "--date", "2026-11-25T23:58"])["overdue"],
        Value::Array(Vec::new())
    );
    assert_eq!(
        json(site.path(), &["status", "--date", "2026-11-25T23:59"])["overdue"].as_array().unwrap().len(),
        2
    );
}

#[test]
fn a_resend_that_cannot_be_the_same_is_refused_and_nothing_goes_out() {
    let kept = "state/sent/20261120-001/acme-810-000000003.edi";
    for (what, prepare, document, why) in [
        ("never sent", None, "99", "nothing was sent under it"),
        ("never sent to that partner", None, "acme/855-000000003.edi", "nothing was sent under it"),
        ("no name", None, "INV-1", "no control number and no file"),
        ("not a number", None, "1234567890", "no control number and no file"),
        ("still there", None, INVOICES, "still stands in the outbox"),
        ("altered", Some(("alter", kept)), INVOICES, "not those that were sent"),
        ("gone", Some(("remove", kept)), INVOICES, "are not there any more"),
        (
            "another in its place",
            Some(("replace", INVOICES)),
            INVOICES,
            "another file than the one that was sent",
        ),
    ] {
        let site = sent();
        if let Some((how, path)) = prepare {
            let path = site.path().join(path);
            if how != "replace" {
                taken(site.path(), INVOICES);
            }
            // a new file: the kept bytes may be a second name of the old one
            std::fs::remove_file(&path).unwrap();
            if how != "remove" {
                std::fs::write(&path, "ISA").unwrap();
            }
        }
        let confirmation = taken(site.path(), CONFIRMATION);
        let before = files(&site.path().join("outbox"));
        for dry in [true, false] {
            let mut arguments = [&["outbox", "resend", "2", document], &BY[..]].concat();
            if dry {
                arguments.push("--dry-run");
            }
            let (code, said) = text(site.path(), &arguments);
            assert!(
                code == 1 && said.contains(why) && said.contains("nothing was sent"),
                "{what}: {code} {said}"
            );
            assert_eq!(files(&site.path().join("outbox")), before, "{what}: all or nothing");
        }
        let out = run(site.path(), &["outbox", "resend", document, "--by", "ann", "--format", "json"]);
        let out: Value = serde_json::from_slice(&out.stdout).unwrap();
        assert!(out["refused"][0]["why"].as_str().unwrap().contains(why), "{what}: {out}");
        assert!(!confirmation.is_empty());
    }
}

#[test]
fn a_control_number_that_several_partners_have_needs_the_partner() {
    let site = acme_site();
    let profile = std::fs::read_to_string(site.path().join("partners/acme.toml")).unwrap();
    let second = profile.replace("\"acme\"", "\"beta\"").replace("006922827", "006922828");
    write(site.path(), "partners/beta.toml", second.as_bytes());
    write(site.path(), "inbox/orders/1.edi", order(1, "P-1", "00", 1).as_bytes());
    let of_beta = order(1, "P-2", "00", 1).replace("006922827", "006922828");
    write(site.path(), "inbox/orders/2.edi", of_beta.as_bytes());
    assert_eq!(night_with(site.path(), "2026-11-20", &[]), 0);
    let bytes = taken(site.path(), "outbox/beta/855-000000002.edi");
    let (code, said) = text(site.path(), &["outbox", "resend", "2", "--by", "ann"]);
    assert!(code == 1 && said.contains("several partners"), "{said}");
    let (code, said) = text(site.path(), &["outbox", "resend", "2", "--partner", "beta", "--by", "ann"]);
    assert_eq!(code, 0, "{said}");
    assert_eq!(std::fs::read(site.path().join("outbox/beta/855-000000002.edi")).unwrap(), bytes);
    // an answer of one of them says nothing of the other
    let given = [("997.edi", answer(11, &[], &["AK1*PR*2~AK9*A*1*1*1~"]))];
    assert_eq!(night_with(site.path(), "2026-11-20", &given), 0);
    assert_eq!(states(site.path(), "outbox/acme/855-000000002.edi"), ["accepted"]);
    assert_eq!(states(site.path(), "outbox/beta/855-000000002.edi"), ["sent"]);
}

#[test]
fn usage_errors_are_2_and_change_nothing() {
    let site = sent();
    for (arguments, said) in [
        (&["outbox", "resend"][..], "name what is to be sent again"),
        (&["outbox", "resend", "3", "--by", " "], "needs a name"),
        (&["outbox", "resend", "3", "--date", "soon"], "2026-11-20T08:00"),
        (&["outbox", "list", "--state", "lost"], "possible values"),
    ] {
        let (code, told) = text(site.path(), arguments);
        assert!(code == 2 && told.contains(said), "{arguments:?}: {code} {told}");
    }
    let nowhere = site.path().join("nowhere");
    std::fs::create_dir(&nowhere).unwrap();
    let (code, told) = text(&nowhere, &["outbox", "resend", "3", "--by", "ann"]);
    assert!(code == 2 && told.contains("is no site") && files(&nowhere).is_empty(), "{told}");
    let lock = std::fs::File::create(site.path().join("state/lock")).unwrap();
    lock.lock().unwrap();
    let (code, told) = text(site.path(), &["outbox", "resend", "3", "--by", "ann"]);
    assert!(code == 2 && told.contains("is in use by"), "{told}");
}

#[test]
fn a_resend_that_was_stopped_after_its_commit_goes_out_once() {
    for (taken_away, finisher) in [(false, "run"), (true, "run"), (false, "resend")] {
        let site = sent();
        let bytes = taken(site.path(), INVOICES);
        assert_eq!(text(site.path(), &[&["outbox", "resend", "3"], &BY[..]].concat()).0, 0);
        // as it would have been left, had it been stopped before the rename, or before the rename was noted
        let staged = {
            let store = rusqlite::Connection::open(site.path().join("state/itembridge.db")).unwrap();
            store.execute("UPDATE output SET published = 0 WHERE kind = 'resend'", []).unwrap();
            let sql = "SELECT staged FROM output WHERE kind = 'resend'";
            store.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap()
        };
        taken(site.path(), INVOICES);
        if !taken_away {
            write(site.path(), &staged, &bytes);
        }
        match finisher {
            "run" => assert_eq!(night_with(site.path(), "2026-11-21", &[]), 0),
            _ => assert_eq!(text(site.path(), &["outbox", "resend", "3", "--by", "ann"]).0, 1, "it is there"),
        }
        let there = std::fs::read(site.path().join(INVOICES)).ok();
        assert_eq!(there, (!taken_away).then_some(bytes), "{taken_away} {finisher}");
        assert_eq!(listed(site.path(), &["--type", "810"])[0]["resends"].as_array().unwrap().len(), 1);
        assert_eq!(files(&site.path().join("state/work")), Files::new());
    }
}

#[test]
fn what_an_older_itembridge_sent_is_listed_and_sent_again_while_its_file_is_there() {
    let site = sent();
    {
        // as a store of version 4 is after its migration
        let store = rusqlite::Connection::open(site.path().join("state/itembridge.db")).unwrap();
        store.execute_batch("DELETE FROM sent_group; UPDATE sent_interchange SET sender = '', receiver = '', time = '', kept = ''").unwrap();
    }
    let rows = listed(site.path(), &["--state", "unacknowledged"]);
    assert!(rows.is_empty(), "nobody knows what it held");
    assert_eq!(listed(site.path(), &[]).len(), 3);
    taken(site.path(), INVOICES);
    let (code, said) = text(site.path(), &["outbox", "resend", "3", "--by", "ann"]);
    assert!(code == 1 && said.contains("kept no copy"), "{said}");
}

#[test]
fn two_partners_behind_one_isa_id_never_get_one_control_number_twice() {
    let site = acme_site();
    let beta = "[partner]\nid = \"beta\"\ncustomer = \"BETA\"\ninterchange_qualifier = \"01\"\n\
                interchange_id = \"006922827\"\napplication_id = \"BETAPO\"\n";
    write(site.path(), "partners/beta.toml", beta.as_bytes());
    write(site.path(), "masters/customers.csv", b"customer,name\nACME,Acme\nBETA,Beta\n");
    write(site.path(), "inbox/orders/1.edi", order(1, "P1", "00", 10).as_bytes());
    let other = order(2, "P1", "00", 10).replace("GS*PO*ACMEPO", "GS*PO*BETAPO");
    write(site.path(), "inbox/orders/2.edi", other.as_bytes());
    run(site.path(), &["run", "--date", "2026-11-20"]);
    let rows = "invoice_number,invoice_date,po_number,customer,line,item,quantity,unit,unit_price\n\
                1,2026-11-20,P1,ACME,1,10-1,1,EA,1.50\n2,2026-11-20,PHONE,BETA,,10-1,1,EA,1.50\n";
    write(site.path(), "inbox/invoices/a.csv", rows.as_bytes());
    run(site.path(), &["run", "--date", "2026-11-21"]);
    let sent = files_in(site.path(), &["outbox"]);
    let mut controls = std::collections::BTreeSet::new();
    for (path, bytes) in &sent {
        let text = String::from_utf8(bytes.clone()).unwrap();
        let isa: Vec<&str> = text.split('*').collect();
        assert!(controls.insert((isa[8].to_owned(), isa[13].to_owned())), "{path}: ISA13 {} again", isa[13]);
        assert!(path.ends_with(&format!("{}.edi", isa[13])), "{path}");
    }
    assert!(sent.keys().any(|path| path.contains("beta/810-")), "{:?}", sent.keys());
    assert!(sent.len() >= 5, "{:?}", sent.keys());
}

#[test]
fn partners_that_come_to_share_an_interchange_id_go_on_where_the_furthest_of_them_was() {
    let site = acme_site();
    let profile = std::fs::read_to_string(site.path().join("partners/acme.toml")).unwrap();
    write(site.path(), "inbox/orders/1.edi", order(1, "P-1", "00", 5).as_bytes());
    assert_eq!(night_with(site.path(), "2026-11-20", &[]), 0);
    // another profile behind the same ids, and before the first by its name
    let other = profile.replace("\"acme\"", "\"aaa\"").replace("ACMEPO", "ACMEWEST");
    write(site.path(), "partners/aaa.toml", other.as_bytes());
    for (control, date) in [(2, "2026-11-21"), (3, "2026-11-22")] {
        let text = order(control, &format!("P-{control}"), "00", 5);
        let text = if control == 2 { text.replace("ACMEPO", "ACMEWEST") } else { text };
        write(site.path(), "inbox/orders/next.edi", text.as_bytes());
        assert_eq!(night_with(site.path(), date, &[]), 0);
    }
    let rows = json(site.path(), &["outbox", "list", "--date", "2026-11-22"]);
    let rows = rows.as_array().unwrap().iter();
    let numbers: Vec<&str> = rows.map(|row| row["control"].as_str().unwrap()).collect();
    assert_eq!(numbers, ["000000001", "000000002", "000000003", "000000004", "000000005", "000000006"]);
}
