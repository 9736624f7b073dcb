//! Changes of orders through whole nights: what waits and is decided, what goes by itself, what is known already.

use crate::nights::{Files, acme_site, files, files_in, night, order, run, summary, write};
use crate::releases::{LEFT, json, open};
use serde_json::{Value, json};
use std::path::Path;

pub(crate) const SECOND: &str = "2026-11-21";
pub(crate) const THIRD: &str = "2026-11-22";

/// Acme's site with a line for every key of `[orders]` that a test sets.
pub(crate) fn site(orders: &str) -> tempfile::TempDir {
    let site = acme_site();
    let profile = std::fs::read_to_string(site.path().join("partners/acme.toml")).unwrap();
    write(site.path(), "partners/acme.toml", format!("{profile}{orders}").as_bytes());
    site
}

pub(crate) const ANSWERED: &str = "acknowledge_change = true\n";
pub(crate) const APPLIED: &str = "acknowledge_change = true\n[orders.changes]\npolicy = \"apply\"\ncancel = \"apply\"\nprice = \"apply\"\n";

/// An interchange of acme's with one 860.
pub(crate) fn change(control: u32, heading: &str, lines: &[&str]) -> String {
    let body: String = lines.iter().map(|line| format!("POC*{line}~\n")).collect();
    let segments = lines.len() + 3;
    format!(
        "ISA*00*          *00*          *01*006922827      *ZZ*NORTHWIND      *261119*2130*U*00401*{control:09}*0*P*>~\n\
         GS*PC*ACMEPO*NORTHWIND*20261119*2130*{control}*X*004010~\nST*860*0001~\nBCH*{heading}~\n{body}\
         SE*{segments}*0001~\nGE*1*{control}~\nIEA*1*{control:09}~\n"
    )
}

pub(crate) fn drop_in(site: &Path, name: &str, bytes: &str) {
    write(site, &format!("inbox/orders/{name}"), bytes.as_bytes());
}

pub(crate) fn on(site: &Path, date: &str) -> i32 {
    run(site, &["run", "--date", date]).status.code().unwrap()
}

/// Cells of the files `orders/changes-*` under these columns, row by row.
fn told_to_the_erp(site: &Path, columns: &[&str]) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for (name, bytes) in files(&site.join("orders")) {
        if !name.starts_with("changes-") {
            continue;
        }
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        let header = reader.headers().unwrap().clone();
        for row in reader.records() {
            let row = row.unwrap();
            let cell = |column: &&str| {
                let place = header.iter().position(|name| name == *column).unwrap();
                row[place].to_owned()
            };
            rows.push(columns.iter().map(cell).collect());
        }
    }
    rows
}

/// The segments with these ids of all documents of a type, file by file.
fn said(site: &Path, kind: &str, ids: &[&str]) -> Vec<String> {
    let sent = files(&site.join("outbox/acme"));
    let texts = sent.into_iter().filter(|(name, _)| name.starts_with(kind));
    texts
        .flat_map(|(_, bytes)| {
            let text = String::from_utf8(bytes).unwrap();
            text.lines()
                .filter(|line| ids.iter().any(|id| line.starts_with(&format!("{id}*"))))
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Signs a decision about the only cause of a kind; what the program said.
pub(crate) fn decide(site: &Path, kind: &str, word: &str) -> Value {
    let rows = json(site, &["worklist", "export"]);
    let causes: Vec<&str> = rows
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["kind"] == kind)
        .map(|row| row["cause"].as_str().unwrap())
        .collect();
    assert_eq!(causes.len(), 1, "{causes:?}");
    let text = format!("cause,decision,decided_by,reason\n\"{}\",{word},Ann,agreed by phone\n", causes[0]);
    write(site, "list.csv", text.as_bytes());
    let list = site.join("list.csv");
    json(site, &["worklist", "apply", list.to_str().unwrap(), "--date", SECOND])
}

pub(crate) fn shown(site: &Path, po: &str) -> Value {
    json(site, &["order", "show", po])[0].take()
}

pub(crate) const LESS: &[&str] = &["1*QD*3**EA*1.5**BP*A-1"];

/// A night with an order of five, then a night with a change of it to three.
pub(crate) fn changed(settings: &str) -> tempfile::TempDir {
    let site = site(settings);
    drop_in(site.path(), "1.edi", &order(1, "P-1", "00", 5));
    assert_eq!(night(site.path(), &[]), 0);
    drop_in(site.path(), "2.edi", &change(2, "04*SA*P-1**1*20261119", LESS));
    assert_eq!(on(site.path(), SECOND), i32::from(!settings.contains("policy")));
    site
}

#[test]
fn a_change_waits_and_goes_when_a_person_says_so_once() {
    let site = changed(ANSWERED);
    let report = summary(site.path(), "20261121-001");
    assert_eq!(report["lines"]["in"], 1);
    assert_eq!(report["lines"]["changes"], 1);
    assert_eq!((&report["orders"], &report["changes"]), (&json!({"change": 1}), &json!({"held": 1})));
    let waiting = &report["waiting"][0];
    assert_eq!(waiting["cause"], "order_change/ACME/P-1/860 04 no 1");
    assert_eq!(waiting["detail"]["why"], "860 04 no 1: line 1: 5 EA at 1.5 -> 3 EA at 1.5");
    assert_eq!(waiting["detail"]["findings"][0]["code"], "E407");
    assert_eq!(shown(site.path(), "P-1")["lines"][0]["line"]["quantity"], "5");
    assert_eq!(told_to_the_erp(site.path(), &["line"]), [[""; 0]; 0]);
    assert_eq!(
        said(site.path(), "865", &["BCA", "ACK"]),
        ["BCA*00*AH*P-1**1*20261119****20261121~", "ACK*IH*3*EA~"]
    );

    let applied = decide(site.path(), "order_change", "apply");
    assert_eq!((&applied["changes"], &applied["refused"]), (&1.into(), &0.into()));
    assert_eq!(json(site.path(), &["worklist", "export"]), json!([]), "decided");
    assert_eq!(run(site.path(), &["release", "--date", SECOND]).status.code(), Some(0));

    let columns = ["order_id", "line", "ordered_quantity", "change", "sequence", "before_ordered_quantity"];
    assert_eq!(
        told_to_the_erp(site.path(), &columns),
        [["20261120-001-0001-00001", "1", "3", "changed", "1", "5"]]
    );
    assert_eq!(
        said(site.path(), "865", &["BCA", "ACK"])[2..],
        ["BCA*05*AD*P-1**1*20261119****20261121~", "ACK*IA*3*EA~"]
    );
    assert_eq!(open(site.path()), []);
    let now = shown(site.path(), "P-1");
    assert_eq!(now["lines"][0]["line"]["quantity"], "3");
    assert_eq!(now["lines"][0]["decision"]["resolution"]["quantity"], "3");
    let history = &now["changes"][0];
    assert_eq!((&history["state"], &history["decision"]["decided_by"]), (&"applied".into(), &"Ann".into()));
    assert_eq!(history["lines"][0]["before"]["ordered_quantity"], "5");
    let explained = json(site.path(), &["explain", "P-1", "--line", "1"]);
    let note = explained["notes"][0].as_str().unwrap();
    assert!(note.starts_with("line 1: 5 EA at 1.5 -> 3 EA at 1.5 by 860 04 no 1"), "{note}");

    // nothing more comes of it, whatever is sent or decided again
    let list = site.path().join("list.csv");
    let again = json(site.path(), &["worklist", "apply", list.to_str().unwrap(), "--date", SECOND]);
    assert_eq!((&again["unchanged"], &again["refused"]), (&1.into(), &0.into()));
    let orders = files(&site.path().join("orders"));
    drop_in(site.path(), "3.edi", &change(3, "04*SA*P-1**1*20261119", LESS));
    drop_in(site.path(), "4.edi", &order(4, "P-1", "07", 5));
    assert_eq!(on(site.path(), THIRD), 0);
    let report = summary(site.path(), "20261122-001");
    assert_eq!(report["orders"], json!({"duplicate": 2}), "the change, and the order as it first came");
    assert_eq!(report["documents"], json!({"997": 2}));
    assert!(files(&site.path().join("orders")) == orders);
}

#[test]
fn a_change_goes_by_itself_where_the_profile_says_so() {
    let site = changed(APPLIED);
    let report = summary(site.path(), "20261121-001");
    assert_eq!(report["changes"], json!({"applied": 1}));
    assert_eq!((&report["exceptions"], &report["exit_code"]), (&0.into(), &0.into()));
    assert_eq!(shown(site.path(), "P-1")["lines"][0]["line"]["quantity"], "3");
    assert_eq!(said(site.path(), "865", &["BCA"]), ["BCA*00*AD*P-1**1*20261119****20261121~"]);
}

#[test]
fn a_refused_change_and_one_done_by_hand_leave_the_order_and_are_answered() {
    for (word, state, bca) in [("reject", "rejected", "BCA*05*RD"), ("done", "by_hand", "BCA*05*AD")] {
        let site = changed(ANSWERED);
        assert_eq!(decide(site.path(), "order_change", word)["changes"], 1);
        assert_eq!(on(site.path(), THIRD), 0);
        assert_eq!(summary(site.path(), "20261122-001")["changes"], json!({ state: 1 }));
        let now = shown(site.path(), "P-1");
        assert_eq!(
            (&now["lines"][0]["line"]["quantity"], &now["changes"][0]["state"]),
            (&"5".into(), &state.into())
        );
        assert!(said(site.path(), "865", &["BCA"])[1].starts_with(bca), "{word}");
        assert_eq!(told_to_the_erp(site.path(), &["line"]), [[""; 0]; 0]);
        assert_eq!(open(site.path()), []);
    }
}

#[test]
fn a_change_that_came_before_its_order_goes_in_the_night_after_it() {
    let site = site(APPLIED);
    drop_in(site.path(), "1.edi", &change(1, "04*SA*P-1**1*20261119", LESS));
    drop_in(site.path(), "2.edi", &order(2, "P-1", "00", 5));
    assert_eq!(night(site.path(), &[]), 1);
    let waiting = &summary(site.path(), "20261120-001")["waiting"][0];
    assert_eq!(waiting["detail"]["findings"][1]["code"], "E600");
    let refused = decide(site.path(), "order_change", "apply");
    assert_eq!(refused["refused"], 1);
    let problem = refused["problems"][0]["problem"].as_str().unwrap();
    assert!(problem.starts_with("it cannot be applied here (E600)"), "{problem}");
    assert_eq!(on(site.path(), SECOND), 0);
    assert_eq!(shown(site.path(), "P-1")["lines"][0]["line"]["quantity"], "3");
    assert_eq!(open(site.path()), []);
}

#[test]
fn a_cancelled_order_that_waited_is_never_released() {
    let site = site(APPLIED);
    write(site.path(), "masters/item_xref.csv", b"customer,customer_item,item\nACME,B-9,10-1\n");
    drop_in(site.path(), "1.edi", &order(1, "P-1", "00", 5));
    assert_eq!(night(site.path(), &[]), 1);
    drop_in(site.path(), "2.edi", &change(2, "01*SA*P-1***20261119", &[]));
    assert_eq!(on(site.path(), SECOND), 0);
    assert_eq!(
        (shown(site.path(), "P-1")["state"].take(), open(site.path())),
        ("cancelled".into(), Vec::new())
    );
    assert_eq!(told_to_the_erp(site.path(), &["line"]), [[""; 0]; 0], "the ERP never had it");
    write(site.path(), "masters/item_xref.csv", b"customer,customer_item,item\nACME,A-1,10-1\n");
    assert_eq!(on(site.path(), THIRD), 0);
    assert_eq!(files(&site.path().join("orders")), Files::new());
}

#[test]
fn a_second_order_under_a_number_replaces_the_first_when_a_person_says_so() {
    let site = site("");
    drop_in(site.path(), "1.edi", &order(1, "P-1", "00", 5));
    drop_in(site.path(), "2.edi", &order(2, "P-1", "00", 8));
    assert_eq!(night(site.path(), &[]), 1);
    let waiting = &summary(site.path(), "20261120-001")["waiting"][0];
    assert_eq!(waiting["detail"]["differences"][0]["field"], "lines[1].quantity");
    assert_eq!(waiting["detail"]["changes"][0]["after"]["ordered_quantity"], "8");
    // the same again waits already
    drop_in(site.path(), "3.edi", &order(3, "P-1", "00", 8));
    assert_eq!(on(site.path(), SECOND), 0);
    assert_eq!(summary(site.path(), "20261121-001")["orders"], json!({"duplicate": 1}));
    assert_eq!(decide(site.path(), "duplicate_order", "apply")["changes"], 1);
    assert_eq!(on(site.path(), THIRD), 0);
    assert_eq!(
        told_to_the_erp(site.path(), &["change", "ordered_quantity", "before_ordered_quantity"]),
        [["changed", "8", "5"]]
    );
    assert!(said(site.path(), "855", &["BAK"])[1].starts_with("BAK*05*AD*P-1*"));
}

#[test]
fn a_run_leaves_what_waits_alone_and_changes_nothing() {
    let site = changed(ANSWERED);
    let left = files_in(site.path(), LEFT);
    assert_eq!(on(site.path(), THIRD), 0, "it waits since the night before");
    assert!(files_in(site.path(), LEFT) == left);
    assert_eq!(open(site.path()).len(), 1);
}

#[test]
fn each_purpose_is_handled_as_what_it_is() {
    for (purpose, orders, exit) in [
        ("00", json!({"ordered": 1}), 0),
        ("06", json!({"ordered": 1}), 0),
        ("07", json!({"ordered": 1}), 0),
        ("01", json!({"change": 1}), 1),
        ("04", json!({"change": 1}), 1),
        ("05", json!({"change": 1}), 1),
        ("18", json!({"change": 1}), 1),
    ] {
        let site = site(APPLIED);
        drop_in(site.path(), "1.edi", &order(1, "P-1", purpose, 5));
        assert_eq!(night(site.path(), &[]), exit, "{purpose}");
        assert_eq!(summary(site.path(), "20261120-001")["orders"], orders, "{purpose}");
    }
}

/// A night after another: what the second file is, and what becomes of it.
#[test]
fn an_order_is_known_by_customer_number_and_release_whatever_its_purpose() {
    let bytes = |text: String| text;
    let again = json!({"duplicate": 1});
    for (first, second, date, orders, documents) in [
        // the same bytes
        (order(1, "P-1", "00", 5), bytes(order(1, "P-1", "00", 5)), SECOND, again.clone(), json!({"997": 1})),
        // another interchange
        (order(1, "P-1", "00", 5), order(2, "P-1", "00", 5), SECOND, again.clone(), json!({"997": 1})),
        (order(1, "P-1", "00", 5), order(2, "P-1", "06", 5), SECOND, again.clone(), json!({"997": 1})),
        (order(1, "P-1", "00", 5), order(2, "P-1", "07", 5), SECOND, again.clone(), json!({"997": 1})),
        (order(1, "P-1", "06", 5), order(2, "P-1", "00", 5), SECOND, again.clone(), json!({"997": 1})),
        (order(1, "P-1", "07", 5), order(2, "P-1", "06", 5), SECOND, again.clone(), json!({"997": 1})),
        // changed
        (
            order(1, "P-1", "00", 5),
            order(2, "P-1", "00", 6),
            SECOND,
            json!({"changed_resend": 1}),
            json!({"997": 1}),
        ),
        (
            order(1, "P-1", "07", 5),
            order(2, "P-1", "06", 6),
            SECOND,
            json!({"changed_resend": 1}),
            json!({"997": 1}),
        ),
        // another release, another number
        (
            order(1, "P-1", "00", 5),
            order(2, "P-1", "00", 5).replace("*P-1**", "*P-1*R2*"),
            SECOND,
            json!({"ordered": 1}),
            json!({"855": 1, "997": 1}),
        ),
        (
            order(1, "P-1", "00", 5),
            order(2, "P-2", "00", 5),
            SECOND,
            json!({"ordered": 1}),
            json!({"855": 1, "997": 1}),
        ),
        // the window: its last day, and the day after
        (order(1, "P-1", "00", 5), order(2, "P-1", "00", 5), "2026-11-30", again, json!({"997": 1})),
        (
            order(1, "P-1", "00", 5),
            order(2, "P-1", "00", 5),
            "2026-12-01",
            json!({"ordered": 1}),
            json!({"855": 1, "997": 1}),
        ),
    ] {
        let site = site("duplicate_window_days = 10\n");
        drop_in(site.path(), "1.edi", &first);
        assert_eq!(night(site.path(), &[]), 0);
        drop_in(site.path(), "2.edi", &second);
        on(site.path(), date);
        let report = summary(site.path(), &format!("{}-001", date.replace('-', "")));
        assert_eq!((&report["orders"], &report["documents"]), (&orders, &documents), "{second} on {date}");
    }
}

#[test]
fn an_interchange_is_known_by_sender_receiver_and_isa13_within_its_window() {
    let first = order(1, "P-1", "00", 5);
    for (second, date, interchanges) in [
        (first.clone(), SECOND, json!({"duplicate": 1})),
        // other bytes under the number: two documents, or a blank more
        (order(1, "P-2", "00", 5), SECOND, json!({"quarantined": 1})),
        (order(1, "P-2", "00", 5), "2026-11-30", json!({"quarantined": 1})),
        (order(1, "P-2", "00", 5), "2026-12-01", json!({"processed": 1})),
        // leading zeros, another sender's qualifier
        (
            order(1, "P-2", "00", 5).replace("*ZZ*NORTHWIND      *", "*12*NORTHWIND      *"),
            SECOND,
            json!({"processed": 1}),
        ),
        (order(2, "P-2", "00", 5), SECOND, json!({"processed": 1})),
    ] {
        let site = site("");
        let profile = std::fs::read_to_string(site.path().join("partners/acme.toml")).unwrap();
        let profile = profile.replace("[x12]\n", "[x12]\nduplicate_window_days = 10\n");
        write(site.path(), "partners/acme.toml", profile.as_bytes());
        drop_in(site.path(), "1.edi", &first);
        assert_eq!(night(site.path(), &[]), 0);
        // the file itself is another one, so that the interchange alone is known
        drop_in(site.path(), "2.edi", &format!("{second}\n"));
        on(site.path(), date);
        let report = summary(site.path(), &format!("{}-001", date.replace('-', "")));
        assert_eq!(report["interchanges"], interchanges, "{second} on {date}");
    }
}

#[test]
fn a_reused_interchange_number_says_what_differs() {
    let site = site("");
    drop_in(site.path(), "1.edi", &order(1, "P-1", "00", 5));
    assert_eq!(night(site.path(), &[]), 0);
    drop_in(site.path(), "2.edi", &order(1, "P-2", "00", 6));
    assert_eq!(on(site.path(), SECOND), 1);
    let waiting = &summary(site.path(), "20261121-001")["waiting"][0];
    let found = &waiting["detail"]["findings"][0];
    assert_eq!(found["code"], "E404");
    let detail = found["detail"].as_str().unwrap();
    assert!(detail.contains("BEG03 \"P-1\" -> \"P-2\", PO102 \"5\" -> \"6\""), "{detail}");
}

#[test]
fn a_csv_order_that_comes_again_is_known_too() {
    let site = site("[orders.csv]\n");
    let csv =
        |quantity: u32| format!("po_number,line,customer_item,quantity,unit\nC-1,1,A-1,{quantity},EA\n");
    write(site.path(), "inbox/orders/acme/1.csv", csv(5).as_bytes());
    assert_eq!(night(site.path(), &[]), 0);
    write(site.path(), "inbox/orders/acme/2.csv", csv(5).as_bytes());
    write(site.path(), "inbox/orders/acme/3.csv", (csv(5) + "\n").as_bytes());
    write(site.path(), "inbox/orders/acme/4.csv", csv(6).as_bytes());
    assert_eq!(on(site.path(), SECOND), 1);
    let report = summary(site.path(), "20261121-001");
    assert_eq!(report["orders"], json!({"changed_resend": 1, "duplicate": 2}));
    assert_eq!(report["files"], json!({"duplicate": 1, "processed": 2}));
    assert_eq!(report["waiting"][0]["detail"]["differences"][0]["field"], "lines[1].quantity");
}
