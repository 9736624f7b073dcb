//! Releases: what was held goes on from the archive, once.

use crate::nights::{Files, acme_site, files, files_in, night, order, program, run, summary, write};
use serde_json::Value;
use std::path::Path;
use std::process::Stdio;
use std::time::Instant;

const NEXT: &str = "2026-11-21";

/// What a night, or a release, leaves for others. The store is seen by the next one.
pub(crate) const LEFT: &[&str] = &["orders", "outbox", "archive", "quarantine", "facts", "state/work"];

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

pub(crate) fn json(site: &Path, arguments: &[&str]) -> Value {
    let out = run(site, &[&["--format", "json"], arguments].concat());
    serde_json::from_slice(&out.stdout).unwrap()
}

/// The causes that are open, whatever was decided about them, and how often.
pub(crate) fn open(site: &Path) -> Vec<(String, u64)> {
    let rows = json(site, &["worklist", "export", "--all"]);
    let rows = rows.as_array().unwrap().iter();
    let mut open: Vec<(String, u64)> =
        rows.map(|row| (row["cause"].as_str().unwrap().to_owned(), row["times"].as_u64().unwrap())).collect();
    open.sort();
    open
}

/// Rows of all orders files without the run that wrote them, sorted.
pub(crate) fn ordered(site: &Path) -> Vec<Vec<String>> {
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
        ("usage = \"P\"", "usage = \"T\"", "its ISA15 is not the site's usage any more"),
    ] {
        let site = one_waits();
        write(site.path(), "masters/item_xref.csv", MAPPED);
        let file = if from.starts_with("usage") { "itembridge.toml" } else { "partners/acme.toml" };
        let path = site.path().join(file);
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
pub(crate) fn answers(site: &Path) -> Vec<Vec<String>> {
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
fn a_line_that_policy_refuses_on_release_stays_on_the_worklist_as_refused() {
    let site = one_waits();
    let path = site.path().join("partners/acme.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text + "unresolved = \"reject_line\"\n").unwrap();
    assert_eq!(release(site.path(), &[]), 0);
    let released = &summary(site.path(), "20261121-001")["released"];
    assert_eq!((&released["rejected"], &released["held"]), (&1.into(), &0.into()));
    assert_eq!(answers(site.path())[1][2], "ACK*R2*5*EA");
    assert_eq!(json(site.path(), &["order", "show", "P-1"])[0]["state"], "rejected");
    assert_eq!(open(site.path()), [("unmapped/ACME/BP/A-1".to_owned(), 1)]);
    // the customer was told: nothing brings it back, but the next order finds its item
    let left = files_in(site.path(), LEFT);
    write(site.path(), "masters/item_xref.csv", MAPPED);
    assert_eq!(release(site.path(), &[]), 0);
    assert!(files_in(site.path(), LEFT) == left);
    assert_eq!(open(site.path()), []);
}

#[test]
fn each_interchange_of_a_file_is_answered_to_its_own_sender() {
    let site = acme_site();
    let path = site.path().join("partners/acme.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("\"006922827\"", "\"*\"").replace("\"ACMEPO\"", "\"*\"")).unwrap();
    write(site.path(), "masters/item_xref.csv", UNMAPPED);
    let other = order(2, "P-2", "00", 7).replace("006922827", "006922828");
    let more = order(3, "P-3", "00", 8);
    let file = [order(1, "P-1", "00", 5), other, more].concat();
    write(site.path(), "inbox/orders/all.edi", file.as_bytes());
    assert_eq!(night(site.path(), &[]), 1);
    let sent = |site: &Path| -> Vec<String> {
        let outbox = files(&site.join("outbox/acme")).into_iter().filter(|(name, _)| name.starts_with("855"));
        outbox
            .map(|(_, bytes)| {
                let text = String::from_utf8(bytes).unwrap();
                let receiver = text.split('*').nth(8).unwrap().trim().to_owned();
                let orders = text.lines().filter(|line| line.starts_with("BAK"));
                let orders: Vec<&str> = orders.map(|bak| bak.split('*').nth(3).unwrap()).collect();
                format!("{receiver} {}", orders.join(" "))
            })
            .collect()
    };
    let first = sent(site.path());
    assert_eq!(first, ["006922827 P-1", "006922828 P-2", "006922827 P-3"]);
    write(site.path(), "masters/item_xref.csv", MAPPED);
    assert_eq!(release(site.path(), &[]), 0);
    assert_eq!(sent(site.path()), [first.clone(), first].concat());
}

#[test]
fn the_facts_tell_the_first_pass_from_a_later_look() {
    use polars::prelude::{ParquetReader, SerReader as _};
    let site = one_waits();
    write(site.path(), "masters/item_xref.csv", MAPPED);
    assert_eq!(release(site.path(), &[]), 0);
    let mut told = Vec::new();
    for path in files(&site.path().join("facts/order_lines")).into_keys() {
        let file = std::fs::File::open(site.path().join("facts/order_lines").join(path)).unwrap();
        let frame = ParquetReader::new(file).finish().unwrap();
        assert_eq!(frame.height(), 1);
        let text = |name: &str| frame.column(name).unwrap().str().unwrap().get(0).unwrap().to_owned();
        let again = frame.column("again").unwrap().bool().unwrap().get(0).unwrap();
        told.push((text("order_id"), text("run_id"), text("outcome"), text("state"), again));
    }
    let row = |run: &str, outcome: &str, state: &str, again| {
        ("20261120-001-0001-00001".to_owned(), run.to_owned(), outcome.to_owned(), state.to_owned(), again)
    };
    assert_eq!(
        told,
        [row("20261120-001", "unmapped", "held", false), row("20261121-001", "mapped", "ordered", true)]
    );
}

#[test]
fn a_night_that_releases_killed_at_any_moment_and_run_again_leaves_what_an_undisturbed_one_leaves() {
    const KILLS: u32 = 20;
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
        for number in 10..13 {
            let new = order(number, &format!("P-{number}"), "00", number);
            write(site.path(), &format!("inbox/orders/{number}.edi"), new.as_bytes());
        }
        site
    };
    let next = |site: &Path| run(site, &["run", "--date", NEXT]).status.code();
    let undisturbed = held();
    let begun = Instant::now();
    assert_eq!(next(undisturbed.path()), Some(0));
    let duration = begun.elapsed();
    let expected = files_in(undisturbed.path(), LEFT);
    assert_eq!(files(&undisturbed.path().join("orders")).len(), 7, "units of two files");

    let mut interrupted = 0;
    for kill in 0..KILLS {
        let site = held();
        let mut command = program(site.path());
        command.args(["run", "--date", NEXT]).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        std::thread::sleep(duration * kill / KILLS);
        child.kill().unwrap();
        let ended = child.wait().unwrap().code().is_some();
        interrupted += u32::from(!ended);
        assert_eq!(next(site.path()), Some(0), "kill {kill}");
        let left = files_in(site.path(), LEFT);
        let differ: Vec<&String> = expected
            .keys()
            .chain(left.keys())
            .filter(|path| expected.get(*path) != left.get(*path))
            .collect();
        assert!(differ.is_empty(), "kill {kill} of {KILLS}: {differ:?}");
        assert_eq!(open(site.path()), [], "kill {kill}");
    }
    assert!(interrupted >= 2, "only {interrupted} runs were interrupted");
}
