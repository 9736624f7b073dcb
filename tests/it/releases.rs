//! Releases: what was held goes on from the archive, once, and as a run after the mapping would have sent it.

use crate::nights::{
    Files, acme_site, files, files_in, lay_out, night, order, program, repository, run, scratch, summary,
    write,
};

use itembridge::report::{Params, find, run as report};
use proptest::prelude::*;
use serde_json::Value;
use std::path::Path;
use std::process::Stdio;
use std::time::Instant;

const NEXT: &str = "2026-11-21";

/// What a night, or a release, leaves for others. The store is seen by the next one.
const LEFT: &[&str] = &["orders", "outbox", "archive", "quarantine", "facts", "state/work"];

const UNMAPPED: &[u8] = b"customer,customer_item,item\nACME,B-9,10-1\n";
const MAPPED: &[u8] = b"customer,customer_item,item\nACME,B-9,10-1\nACME,A-1,10-1\n";

/// Acme's site after a night in which `orders` waited, because their number was not mapped.
fn waiting(orders: &[(&str, String)]) -> tempfile::TempDir {
    let site = acme_site();
    write(site.path(), "masters/item_xref.csv", UNMAPPED);
    for (name, bytes) in orders {
        write(site.path(), &format!("inbox/orders/{name}"), bytes.as_bytes());
    }
    assert_eq!(night(site.path(), &[]), 1);
    site
}

fn one_waits() -> tempfile::TempDir {
    waiting(&[("1.edi", order(1, "P-1", "00", 5))])
}

/// The exit code of `release` on the next day; what it said is shown where the test fails.
#[expect(clippy::print_stdout, reason = "the test's own output")]
fn release(site: &Path, arguments: &[&str]) -> i32 {
    let out = run(site, &[&["release", "--date", NEXT], arguments].concat());
    print!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    out.status.code().unwrap()
}

fn json(site: &Path, arguments: &[&str]) -> Value {
    let out = run(site, &[&["--format", "json"], arguments].concat());
    serde_json::from_slice(&out.stdout).unwrap()
}

/// The causes that `status` shows as open, and how often.
fn open(site: &Path) -> Vec<(String, u64)> {
    let status = json(site, &["status"]);
    let waiting = status["waiting"].as_array().unwrap().iter();
    waiting.map(|row| (row["cause"].as_str().unwrap().to_owned(), row["count"].as_u64().unwrap())).collect()
}

/// Rows of all orders files without the run that wrote them, sorted.
fn ordered(site: &Path) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for bytes in files(&site.join("orders")).into_values() {
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        let run = reader.headers().unwrap().iter().position(|name| name == "run_id").unwrap();
        for row in reader.records() {
            let row = row.unwrap();
            rows.push(
                row.iter()
                    .enumerate()
                    .filter(|(at, _)| *at != run)
                    .map(|(_, cell)| cell.to_owned())
                    .collect::<Vec<_>>(),
            );
        }
    }
    rows.sort();
    rows
}

#[test]
fn a_release_sends_what_can_go_once_and_closes_what_was_open() {
    let site = one_waits();
    assert_eq!(open(site.path()), [("unmapped/ACME/BP/A-1".to_owned(), 1)]);
    write(site.path(), "masters/item_xref.csv", MAPPED);
    assert_eq!(release(site.path(), &[]), 0);

    let rows = ordered(site.path());
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0][0], "20261120-001-0001-00001", "the order keeps its id");
    let summary = summary(site.path(), "20261121-001");
    assert_eq!(
        summary["released"],
        serde_json::json!({"orders": 1, "lines": 1, "ordered": 1, "rejected": 0, "held": 0})
    );
    assert_eq!((&summary["lines"]["in"], &summary["exit_code"]), (&0.into(), &0.into()));
    assert_eq!(summary["documents"], serde_json::json!({"855": 1}));
    assert_eq!(open(site.path()), []);
    let shown = json(site.path(), &["order", "show", "P-1"]);
    assert_eq!(shown[0]["state"], "ordered");
    let explained = json(site.path(), &["explain", "P-1", "--line", "1"]);
    assert_eq!((&explained["outcome"], &explained["item"]), (&"mapped".into(), &"10-1".into()));

    let left = files_in(site.path(), LEFT);
    assert_eq!(release(site.path(), &[]), 0);
    assert_eq!(run(site.path(), &["run", "--date", "2026-11-22"]).status.code(), Some(0));
    assert!(files_in(site.path(), LEFT) == left, "twice is once");
}

#[test]
fn what_still_waits_makes_no_later_run_end_with_1() {
    let site = one_waits();
    let left = files_in(site.path(), LEFT);
    assert_eq!(run(site.path(), &["run", "--date", NEXT]).status.code(), Some(0));
    assert_eq!(release(site.path(), &[]), 0);
    assert!(files_in(site.path(), LEFT) == left);
    assert_eq!(open(site.path()).len(), 1, "it waits all the same");
}

#[test]
fn the_coverage_report_follows_a_release() {
    let site = one_waits();
    write(site.path(), "masters/item_xref.csv", MAPPED);
    assert_eq!(release(site.path(), &[]), 0);
    let report = std::fs::read_to_string(site.path().join("reports/coverage.csv")).unwrap();
    assert!(report.contains("acme,ACME,customer,USD,1,1,"), "{report}");
}

#[test]
fn a_line_that_waits_for_another_cause_is_open_under_that_one_since_the_day_it_came() {
    let site = one_waits();
    write(site.path(), "masters/items.csv", b"item,description,unit\n10-1,Hex bolt,EA\n10-2,Hex bolt,EA\n");
    write(
        site.path(),
        "masters/item_xref.csv",
        b"customer,customer_item,item\nACME,A-1,10-1\nACME,A-1,10-2\n",
    );
    assert_eq!(release(site.path(), &[]), 0);
    let status = json(site.path(), &["status"]);
    assert_eq!(
        status["waiting"],
        serde_json::json!([{"cause": "ambiguous/ACME/BP/A-1", "count": 1, "first_run_id": "20261120-001"}])
    );
    let released = &summary(site.path(), "20261121-001")["released"];
    assert_eq!(
        *released,
        serde_json::json!({"orders": 1, "lines": 1, "ordered": 0, "rejected": 0, "held": 1})
    );
    assert_eq!(
        files(&site.path().join("outbox/acme")).len(),
        2,
        "no third document: it is on hold as before"
    );
}

#[test]
fn a_dry_run_says_what_would_go_and_writes_nothing() {
    let site = waiting(&[("1.edi", order(1, "P-1", "00", 5)), ("2.edi", order(2, "P-2", "00", 7))]);
    write(site.path(), "masters/item_xref.csv", MAPPED);
    let everything: Files = files_in(site.path(), &[LEFT, &["reports", "masters"]].concat());
    let preview = json(site.path(), &["release", "--dry-run", "--po", "P-2", "--date", NEXT]);
    assert_eq!((&preview["waiting"], &preview["released"]["ordered"]), (&1.into(), &1.into()));
    let line = &preview["lines"][0];
    assert_eq!(
        (&line["po_number"], &line["customer_item"], &line["item"]),
        (&"P-2".into(), &"A-1".into(), &"10-1".into())
    );
    let out = run(site.path(), &["release", "--dry-run", "--date", NEXT]);
    let text = String::from_utf8(out.stdout).unwrap();
    assert!(text.starts_with("a release for 2026-11-21 would find: 2 orders wait, 2 would change"), "{text}");
    assert!(text.ends_with("nothing was written\n"), "{text}");
    assert!(files_in(site.path(), &[LEFT, &["reports", "masters"]].concat()) == everything);
    assert_eq!(json(site.path(), &["status"])["runs"].as_array().unwrap().len(), 1);
    // the masters' change is still there for the run that writes
    assert_eq!(release(site.path(), &[]), 0);
    assert_eq!(ordered(site.path()).len(), 2);
}

#[test]
fn a_release_can_be_for_one_order_or_one_customer() {
    let site = waiting(&[("1.edi", order(1, "P-1", "00", 5)), ("2.edi", order(2, "P-2", "00", 7))]);
    write(site.path(), "masters/item_xref.csv", MAPPED);
    assert_eq!(release(site.path(), &["--po", "P-3"]), 0);
    assert_eq!(summary(site.path(), "20261121-001")["notes"][0], "no order waits with the number P-3");
    assert_eq!(release(site.path(), &["--customer", "OTHER"]), 0);
    assert_eq!(ordered(site.path()), Vec::<Vec<String>>::new());
    assert_eq!(release(site.path(), &["--po", "P-2", "--customer", "ACME"]), 0);
    assert_eq!(ordered(site.path()).len(), 1);
    assert_eq!(open(site.path()), [("unmapped/ACME/BP/A-1".to_owned(), 1)]);
}

#[test]
fn a_release_for_a_day_before_the_order_came_leaves_it() {
    let site = one_waits();
    write(site.path(), "masters/item_xref.csv", MAPPED);
    assert_eq!(run(site.path(), &["release", "--date", "2026-11-19"]).status.code(), Some(0));
    assert_eq!(ordered(site.path()).len(), 0);
}

#[test]
fn the_cross_reference_is_asked_on_the_orders_own_day() {
    let dated = order(1, "P-1", "00", 5);
    let dateless = order(2, "P-2", "00", 7).replace("**20261119~", "**~");
    let site = waiting(&[("1.edi", dated), ("2.edi", dateless)]);
    for (valid, ordered_lines) in [
        // BEG05 is 2026-11-19; the order without a date came on 2026-11-20
        ("2026-11-21,", 0),
        ("2026-11-20,2026-11-20", 1),
        (",2026-11-19", 2),
    ] {
        let rows = format!("customer,customer_item,item,valid_from,valid_to\nACME,A-1,10-1,{valid}\n");
        write(site.path(), "masters/item_xref.csv", rows.as_bytes());
        assert_eq!(release(site.path(), &[]), 0);
        assert_eq!(ordered(site.path()).len(), ordered_lines, "{valid}");
    }
}

#[test]
fn an_identical_resend_of_a_released_order_is_a_duplicate_and_a_changed_one_waits() {
    let site = one_waits();
    write(site.path(), "masters/item_xref.csv", MAPPED);
    write(site.path(), "inbox/orders/2.edi", order(2, "P-1", "07", 5).as_bytes());
    write(site.path(), "inbox/orders/3.edi", order(3, "P-1", "00", 6).as_bytes());
    assert_eq!(run(site.path(), &["run", "--date", NEXT]).status.code(), Some(1));
    let summary = summary(site.path(), "20261121-001");
    assert_eq!(summary["orders"], serde_json::json!({"changed_resend": 1, "duplicate": 1}));
    assert_eq!(summary["released"]["ordered"], 1);
    assert_eq!(ordered(site.path()).len(), 1);
}

#[test]
fn a_test_interchange_has_nothing_to_release() {
    let site = acme_site();
    write(site.path(), "masters/item_xref.csv", UNMAPPED);
    write(site.path(), "inbox/orders/1.edi", order(1, "P-1", "00", 5).replace("*P*>~", "*T*>~").as_bytes());
    night(site.path(), &[]);
    write(site.path(), "masters/item_xref.csv", MAPPED);
    assert_eq!(release(site.path(), &[]), 0);
    assert_eq!(ordered(site.path()).len(), 0);
}

#[test]
fn an_archive_that_is_not_as_it_was_is_told_once_and_the_order_stays_held_until_it_is() {
    let archived = "archive/2026/11/20/orders/1.edi";
    let bytes = order(1, "P-1", "00", 5);
    for (what, altered) in [
        ("missing", None),
        ("altered", Some(bytes.replace("*5*EA", "*6*EA"))),
        ("cut", Some(bytes[..200].to_owned())),
        ("empty", Some(String::new())),
    ] {
        let site = waiting(&[("1.edi", bytes.clone()), ("2.edi", order(2, "P-2", "00", 7))]);
        write(site.path(), "masters/item_xref.csv", MAPPED);
        let path = site.path().join(archived);
        match &altered {
            None => std::fs::remove_file(&path).unwrap(),
            Some(altered) => std::fs::write(&path, altered).unwrap(),
        }
        let preview = json(site.path(), &["release", "--dry-run", "--date", NEXT]);
        assert!(preview["lost"][0]["why"].as_str().unwrap().contains("E461"), "{what}: {preview}");
        assert_eq!(release(site.path(), &[]), 1, "{what}: something new waits for a person");
        assert_eq!(ordered(site.path()).len(), 1, "{what}: the other order went");
        let cause = format!("archive/E461/{archived}");
        assert_eq!(open(site.path()), [(cause, 1), ("unmapped/ACME/BP/A-1".to_owned(), 1)], "{what}");
        let told = &summary(site.path(), "20261121-001")["waiting"][0];
        assert_eq!((&told["kind"], &told["po_number"]), (&"archive".into(), &"P-1".into()), "{what}");
        assert_eq!(release(site.path(), &[]), 0, "{what}: it was told");

        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(release(site.path(), &[]), 0, "{what}");
        assert_eq!(ordered(site.path()).len(), 2, "{what}");
        assert_eq!(open(site.path()), [], "{what}");
    }
}

#[test]
fn an_order_that_the_profile_reads_otherwise_now_stays_held() {
    for (from, to, said) in [
        ("interchange_id = \"006922827\"", "interchange_id = \"000000000\"", "no order begins at byte"),
        ("id = \"acme\"\n", "id = \"other\"\n", "its partner was"),
    ] {
        let site = one_waits();
        write(site.path(), "masters/item_xref.csv", MAPPED);
        let path = site.path().join("partners/acme.toml");
        let before = std::fs::read_to_string(&path).unwrap();
        let after = before.replacen(from, to, 1);
        assert_ne!(before, after);
        std::fs::write(&path, after).unwrap();
        assert_eq!(release(site.path(), &[]), 1, "{said}");
        let told = summary(site.path(), "20261121-001")["waiting"][0]["detail"]["findings"][0].clone();
        assert_eq!(told["code"], "E462");
        assert!(told["detail"].as_str().unwrap().contains(said), "{told}");
        std::fs::write(&path, before).unwrap();
        assert_eq!(release(site.path(), &[]), 0, "{said}");
        assert_eq!((ordered(site.path()).len(), open(site.path())), (1, vec![]), "{said}");
    }
}

#[test]
fn a_profile_that_now_answers_on_release_or_now_sends_one_855_of_each_kind() {
    // acknowledge_held when the order came, and when it is released; BAK01 of the 855 that went
    for (first, then, expected) in [
        ("now", "now", vec!["00", "05"]),
        ("now", "on_release", vec!["00", "05"]),
        ("on_release", "now", vec!["00"]),
        ("on_release", "on_release", vec!["00"]),
    ] {
        let site = acme_site();
        let path = site.path().join("partners/acme.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        let with =
            |how: &str| std::fs::write(&path, format!("{text}acknowledge_held = \"{how}\"\n")).unwrap();
        with(first);
        write(site.path(), "masters/item_xref.csv", UNMAPPED);
        write(site.path(), "inbox/orders/1.edi", order(1, "P-1", "00", 5).as_bytes());
        assert_eq!(night(site.path(), &[]), 1);
        with(then);
        write(site.path(), "masters/item_xref.csv", MAPPED);
        assert_eq!(release(site.path(), &[]), 0);
        let purposes: Vec<String> =
            answers(site.path()).into_iter().map(|set| set[0][4..6].to_owned()).collect();
        assert_eq!(purposes, expected, "{first}, {then}");
    }
}

/// The 855s in the order in which they were sent: their segments from BAK to CTT.
fn answers(site: &Path) -> Vec<Vec<String>> {
    let mut sets = Vec::new();
    for (name, bytes) in files(&site.join("outbox")) {
        if !name.contains("855-") {
            continue;
        }
        let text = String::from_utf8(bytes).unwrap();
        let mut segments = text.lines().map(|line| line.trim_end_matches('~').to_owned());
        while segments.by_ref().any(|segment| segment.starts_with("ST*855")) {
            sets.push(segments.by_ref().take_while(|segment| !segment.starts_with("SE*")).collect());
        }
    }
    sets
}

#[test]
fn a_release_killed_at_any_moment_and_run_again_leaves_what_an_undisturbed_one_leaves() {
    const KILLS: u32 = 16;
    let held = || {
        let orders: Vec<(String, String)> = (1..=9)
            .map(|number| (format!("{number}.edi"), order(number, &format!("P-{number}"), "00", number)))
            .collect();
        let site = acme_site();
        let path = site.path().join("itembridge.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text + "\n[limits]\nbatch_files = 2\n").unwrap();
        write(site.path(), "masters/item_xref.csv", UNMAPPED);
        for (name, bytes) in &orders {
            write(site.path(), &format!("inbox/orders/{name}"), bytes.as_bytes());
        }
        assert_eq!(night(site.path(), &[]), 1);
        write(site.path(), "masters/item_xref.csv", MAPPED);
        site
    };
    let undisturbed = held();
    let begun = Instant::now();
    assert_eq!(release(undisturbed.path(), &[]), 0);
    let duration = begun.elapsed();
    let expected = files_in(undisturbed.path(), LEFT);
    assert_eq!(files(&undisturbed.path().join("orders")).len(), 5, "units of two files");

    let mut interrupted = 0;
    for kill in 0..KILLS {
        let site = held();
        let mut command = program(site.path());
        command.args(["release", "--date", NEXT]).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        std::thread::sleep(duration * kill / KILLS);
        child.kill().unwrap();
        let ended = child.wait().unwrap().code().is_some();
        interrupted += u32::from(!ended);
        assert_eq!(release(site.path(), &[]), 0, "kill {kill}");
        let left = files_in(site.path(), LEFT);
        let differ: Vec<&String> = expected
            .keys()
            .chain(left.keys())
            .filter(|path| expected.get(*path) != left.get(*path))
            .collect();
        assert!(differ.is_empty(), "kill {kill} of {KILLS}: {differ:?}");
        assert_eq!(open(site.path()), [], "kill {kill}");
    }
    assert!(interrupted >= 2, "only {interrupted} releases were interrupted");
}

/// One line: the customer's number (0 to 5), its quantity, whether an SDQ splits it into two stores.
type Line = (usize, u32, bool);

/// An order, and whether it comes as CSV.
type Order = (Vec<Line>, bool);

#[derive(Debug, Clone)]
struct Site {
    orders: Vec<Order>,
    hold_line: bool,
    /// For each number: the night, from 0, from which it is mapped.
    mapped_from: Vec<usize>,
}

fn any_site() -> impl Strategy<Value = Site> {
    let line = (0..6usize, 1..9u32, any::<bool>());
    let order = (prop::collection::vec(line, 1..5), any::<bool>());
    (prop::collection::vec(order, 1..4), any::<bool>(), prop::collection::vec(0..4usize, 6))
        .prop_map(|(orders, hold_line, mapped_from)| Site { orders, hold_line, mapped_from })
}

impl Site {
    fn lay_out(&self, at: &Path) {
        lay_out(&repository("tests/golden/duplicates_over_two_nights/site"), at);
        std::fs::remove_dir_all(at.join("inbox")).unwrap();
        let path = at.join("partners/acme.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        let policy = if self.hold_line { "hold_line" } else { "hold_order" };
        let text = format!("{text}unresolved = \"{policy}\"\n\n[orders.csv]\n");
        std::fs::write(path, text).unwrap();
        write(
            at,
            "masters/items.csv",
            b"item,description,unit\nI-0,a,EA\nI-1,b,EA\nI-2,c,EA\nI-3,d,EA\nI-4,e,EA\nI-5,f,EA\n",
        );
        let mut rows = "po_number,po_date,line,customer_item,quantity,unit,unit_price\n".to_owned();
        let mut sets = String::new();
        let mut count = 0;
        for (number, (lines, as_csv)) in self.orders.iter().enumerate() {
            if *as_csv {
                for (at, (item, quantity, _)) in lines.iter().enumerate() {
                    rows += &format!("P-{number},2026-11-19,{at},N-{item},{quantity},EA,1.25\n");
                }
                continue;
            }
            count += 1;
            let mut body = format!("BEG*00*SA*P-{number}**20261119~\n");
            for (at, (item, quantity, split)) in lines.iter().enumerate() {
                body += &format!("PO1*{at}*{}*EA*2.5**BP*N-{item}~\n", quantity + u32::from(*split));
                if *split {
                    body += &format!("SDQ*EA*92*0001*{quantity}*0002*1~\n");
                }
            }
            let segments = body.lines().count() + 2;
            sets += &format!("ST*850*{count:04}~\n{body}SE*{segments}*{count:04}~\n");
        }
        write(at, "inbox/orders/acme/orders.csv", rows.as_bytes());
        if count > 0 {
            let envelope = order(1, "X", "00", 1);
            let head = &envelope[..envelope.find("ST*").unwrap()];
            let text = format!("{head}{sets}GE*{count}*1~\nIEA*1*000000001~\n");
            write(at, "inbox/orders/orders.edi", text.as_bytes());
        }
    }

    /// The cross-reference of a night: the ids of its rows do not depend on when they became active.
    fn map(&self, at: &Path, night: usize) {
        let mut rows = "customer,customer_item,item,unit_factor,status\n".to_owned();
        for (number, from) in self.mapped_from.iter().enumerate() {
            let status = if *from <= night { "active" } else { "inactive" };
            rows += &format!("ACME,N-{number},I-{number},{},{status}\n", number + 1);
        }
        write(at, "masters/item_xref.csv", rows.as_bytes());
    }
}

/// The newest 855 of each order, its purpose, dates and what depends on them aside.
fn newest_answers(site: &Path) -> Vec<Vec<String>> {
    let mut newest = std::collections::BTreeMap::new();
    for mut set in answers(site) {
        let bak: Vec<&str> = set[0].split('*').collect();
        let (po_number, kind) = (bak[3].to_owned(), bak[2].to_owned());
        set[0] = format!("BAK*{kind}*{po_number}");
        newest.insert(po_number, set);
    }
    newest.into_values().collect()
}

/// Every column of text of each line's newest fact, and its sums.
fn facts(site: &Path) -> Vec<Vec<String>> {
    let by = [
        "order_id",
        "partner",
        "customer",
        "ship_to",
        "po_number",
        "po_line_id",
        "customer_item",
        "customer_item_qualifier",
        "item",
        "outcome",
        "via",
        "state",
        "ordered_unit",
        "unit",
        "superseded",
    ];
    let params = Params { by: by.map(str::to_owned).to_vec(), ..Params::default() };
    let table = report(find("coverage").unwrap(), site, &params).unwrap();
    table.rows.iter().map(|row| row.iter().map(|cell| cell.plain().into_owned()).collect()).collect()
}

fn at(site: &Path, night: usize, command: &str) {
    let date = format!("2026-11-{}", 20 + night);
    let code = run(site, &[command, "--date", &date]).status.code();
    assert!(matches!(code, Some(0 | 1)), "{code:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn a_release_after_mapping_gives_what_a_run_after_mapping_would_have_given(site in any_site()) {
        let (released, run_later) = (scratch(), scratch());
        site.lay_out(released.path());
        for night in 0..3 {
            site.map(released.path(), night);
            at(released.path(), night, if night == 1 { "release" } else { "run" });
        }
        site.lay_out(run_later.path());
        site.map(run_later.path(), 2);
        at(run_later.path(), 0, "run");

        prop_assert_eq!(ordered(released.path()), ordered(run_later.path()));
        prop_assert_eq!(newest_answers(released.path()), newest_answers(run_later.path()));
        prop_assert_eq!(facts(released.path()), facts(run_later.path()));
        prop_assert_eq!(open(released.path()), open(run_later.path()));
        let shown = |site: &Path| -> Vec<Value> {
            (0..3).filter_map(|number| {
                let out = run(site, &["--format", "json", "order", "show", &format!("P-{number}")]);
                serde_json::from_slice(&out.stdout).ok()
            }).collect()
        };
        prop_assert_eq!(shown(released.path()), shown(run_later.path()));

        let left = files_in(released.path(), LEFT);
        at(released.path(), 2, "release");
        prop_assert!(files_in(released.path(), LEFT) == left, "a release more leaves nothing");
    }
}
