//! Runs that are stopped, run twice at once, or cannot go on.

use crate::nights::{
    DATE, Files, acme_site, files, files_in, fixed_sample, night, order, program, run, summary, write,
};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// Everything that a night leaves for others. What stands in the store is seen by the next night: see `ledger_of`.
pub(crate) const LEFT: &[&str] =
    &["orders", "outbox", "archive", "quarantine", "facts", "inbox", "state/work"];

fn ledger_of(site: &Path) -> String {
    let out = run(site, &["ledger", "list", "--format", "json"]);
    String::from_utf8(out.stdout).unwrap()
}

/// The run's summary without what tells of times and of the interruption.
fn counted(site: &Path) -> serde_json::Value {
    let mut summary = summary(site, "20261120-001");
    summary.as_object_mut().unwrap().remove("resumed");
    summary
}

fn started(site: &Path, arguments: &[&str]) -> std::process::Child {
    let mut command = program(site);
    command.args(["run", "--date", DATE]).args(arguments);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// A site in units of three files, so that a kill falls between commits too.
pub(crate) fn sample() -> tempfile::TempDir {
    let site = fixed_sample();
    let path = site.path().join("itembridge.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text + "\n[limits]\nbatch_files = 3\n").unwrap();
    site
}

#[test]
fn a_run_killed_at_any_moment_and_run_again_leaves_what_an_undisturbed_one_leaves() {
    const KILLS: u32 = 24;
    let undisturbed = sample();
    let begun = Instant::now();
    assert_eq!(night(undisturbed.path(), &[]), 1);
    let duration = begun.elapsed();
    let expected: Files = files_in(undisturbed.path(), LEFT);
    let (ledger, counts) = (ledger_of(undisturbed.path()), counted(undisturbed.path()));

    let mut interrupted = 0;
    for kill in 0..KILLS {
        let site = sample();
        let mut child = started(site.path(), &[]);
        std::thread::sleep(duration * kill / KILLS);
        child.kill().unwrap();
        let ended = child.wait().unwrap().code().is_some();
        interrupted += u32::from(!ended);
        if !ended {
            // 0 if the kill fell after the run's last commit: then this was the second night, and an empty one
            let code = night(site.path(), &[]);
            let second = site.path().join("reports/run-20261120-002.json").exists();
            assert_eq!(code, i32::from(!second), "kill {kill}");
        }
        let left = files_in(site.path(), LEFT);
        let differ: Vec<&String> = expected
            .keys()
            .chain(left.keys())
            .filter(|path| expected.get(*path) != left.get(*path))
            .collect();
        assert!(differ.is_empty(), "kill {kill} of {KILLS}: {differ:?}");
        assert_eq!(ledger_of(site.path()), ledger, "kill {kill} of {KILLS}");
        assert_eq!(counted(site.path()), counts, "kill {kill} of {KILLS}");
    }
    // how many depends on what else the machine does; that some were is what makes this a test
    assert!(interrupted >= 3, "only {interrupted} runs were interrupted");
}

#[test]
fn one_thread_and_eight_give_the_same_bytes() {
    let (one, eight) = (fixed_sample(), fixed_sample());
    assert_eq!(night(one.path(), &["--threads", "1"]), 1);
    assert_eq!(night(eight.path(), &["--threads", "8"]), 1);
    assert!(files_in(one.path(), LEFT) == files_in(eight.path(), LEFT));
    assert_eq!(summary(one.path(), "20261120-001"), summary(eight.path(), "20261120-001"));
}

#[test]
fn a_site_in_use_is_refused_or_waited_for_and_a_dead_holder_holds_nothing() {
    let site = acme_site();
    write(site.path(), "inbox/orders/1.edi", order(1, "P-1", "00", 5).as_bytes());
    std::fs::create_dir_all(site.path().join("state")).unwrap();
    let lock = std::fs::File::create(site.path().join("state/lock")).unwrap();
    lock.lock().unwrap();
    let out = run(site.path(), &["run"]);
    let said = String::from_utf8(out.stderr).unwrap();
    assert_eq!(out.status.code(), Some(2));
    assert!(said.contains("is in use by") && said.contains("--wait"), "{said}");
    assert!(site.path().join("inbox/orders/1.edi").exists());

    let mut waiting = started(site.path(), &["--wait"]);
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(waiting.try_wait().unwrap(), None);
    drop(lock);
    assert_eq!(waiting.wait().unwrap().code(), Some(0));
    assert!(site.path().join("state/lock").exists(), "the file stays, the lock does not");
    assert_eq!(night(site.path(), &[]), 0);
}

#[test]
fn what_an_interrupted_run_had_claimed_is_taken_even_where_one_stage_alone_is_wanted() {
    let site = acme_site();
    write(site.path(), "masters/items.csv", b"nothing");
    assert_eq!(night(site.path(), &[]), 2);
    // as the run would have left it, had it been stopped while it claimed
    write(site.path(), "state/work/20261120-001/in/orders/1.edi", order(1, "P-1", "00", 5).as_bytes());
    write(site.path(), "masters/items.csv", b"item,description,unit\n10-1,Hex bolt,EA\n");
    assert_eq!(night(site.path(), &["--only", "masters"]), 0);
    assert_eq!(files(&site.path().join("state/work")), Files::new());
    assert_eq!(files(&site.path().join("orders")).len(), 1);
}

#[test]
fn a_run_that_came_to_nothing_keeps_its_id_on_its_date_and_binds_no_other_date() {
    for (date, run_id) in [(DATE, "20261120-001"), ("2026-11-21", "20261121-001")] {
        let site = acme_site();
        let masters = std::fs::read(site.path().join("masters/items.csv")).unwrap();
        write(site.path(), "masters/items.csv", b"nothing");
        write(site.path(), "inbox/orders/1.edi", order(1, "P-1", "00", 5).as_bytes());
        assert_eq!(night(site.path(), &[]), 2);
        assert_eq!(files(&site.path().join("inbox")).len(), 1);
        write(site.path(), "masters/items.csv", &masters);
        assert_eq!(run(site.path(), &["run", "--date", date]).status.code(), Some(0));
        assert_eq!(summary(site.path(), run_id)["lines"]["ordered"], 1);
    }
}

#[test]
fn a_unit_that_cannot_be_published_whole_is_not_published_at_all() {
    let outputs = &["orders", "outbox", "archive", "quarantine", "facts"];
    for (obstacle, is_file) in [
        ("orders", true),
        ("outbox/acme", true),
        ("outbox/acme/855-000000002.edi", true),
        ("orders/orders-20261120-001-0001.csv", true),
        ("archive/2026", true),
        ("facts/order_lines", true),
        ("outbox/acme/997-000000001.edi", false),
        ("state/itembridge.db", false),
        ("state/work", true),
    ] {
        let site = acme_site();
        write(site.path(), "inbox/orders/1.edi", order(1, "P-1", "00", 5).as_bytes());
        if is_file {
            write(site.path(), obstacle, b"in the way");
        } else {
            std::fs::create_dir_all(site.path().join(obstacle)).unwrap();
        }
        let before = files_in(site.path(), outputs);
        assert_eq!(night(site.path(), &[]), 2, "{obstacle}");
        assert_eq!(files_in(site.path(), outputs), before, "{obstacle}");

        if is_file {
            std::fs::remove_file(site.path().join(obstacle)).unwrap();
        } else {
            std::fs::remove_dir(site.path().join(obstacle)).unwrap();
        }
        assert_eq!(night(site.path(), &[]), 0, "{obstacle}");
        let left = files_in(site.path(), outputs);
        let names: Vec<&str> = left.keys().map(String::as_str).collect();
        let expected = [
            "archive/2026/11/20/orders/1.edi",
            "facts/order_lines/date=2026-11-20/run-20261120-001-0001.parquet",
            "orders/orders-20261120-001-0001.csv",
            "outbox/acme/855-000000002.edi",
            "outbox/acme/997-000000001.edi",
        ];
        assert_eq!(names, expected, "{obstacle}");
    }
}
