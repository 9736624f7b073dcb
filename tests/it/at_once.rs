//! Several processes on one site: one writes, the others say who does, or wait; who reads, waits for nobody.

use crate::faults::{Fault, Mode, child, steps_of};
use crate::interrupted::{LEFT, sample};
use crate::nights::{files_in, fixed_sample, night, program, run, write};
use itembridge::world::Act;
use std::path::Path;
use std::process::{Child, Output, Stdio};

const NIGHT: [&str; 3] = ["run", "--date", "2026-11-20"];

/// Starts so many of one command at once; what each came to.
fn at_once(site: &Path, times: usize, arguments: &[&str]) -> Vec<(i32, String)> {
    let start = |_| {
        let mut command = program(site);
        command.args(arguments).stdout(Stdio::null()).stderr(Stdio::piped());
        command.spawn().unwrap()
    };
    let children: Vec<Child> = (0..times).map(start).collect();
    let ended = |child: Child| {
        let Output { status, stderr, .. } = child.wait_with_output().unwrap();
        (status.code().unwrap(), String::from_utf8(stderr).unwrap())
    };
    children.into_iter().map(ended).collect()
}

#[test]
fn of_eight_runs_at_once_one_does_the_work_and_each_other_says_who() {
    let (one, eight) = (sample(), sample());
    assert_eq!(night(one.path(), &[]), 1);
    let ended = at_once(eight.path(), 8, &NIGHT);
    let worked = ended.iter().filter(|(code, _)| *code == 1).count();
    assert_eq!(worked, 1, "{ended:?}");
    for (code, said) in &ended {
        // 0: it began when the others had ended, and found nothing
        let refused = said.contains("is in use by") && said.contains("--wait");
        assert!(matches!(code, 0 | 1) || (*code == 2 && refused), "{code} {said}");
    }
    assert!(ended.iter().any(|(code, _)| *code == 2), "{ended:?}");
    assert!(files_in(one.path(), LEFT) == files_in(eight.path(), LEFT));
}

#[test]
fn eight_runs_that_wait_are_eight_runs_one_after_the_other() {
    let (one, eight) = (sample(), sample());
    assert_eq!(night(one.path(), &[]), 1);
    let mut codes: Vec<i32> = at_once(eight.path(), 8, &[&NIGHT[..], &["--wait"]].concat())
        .into_iter()
        .map(|(code, _)| code)
        .collect();
    codes.sort_unstable();
    assert_eq!(codes, [0, 0, 0, 0, 0, 0, 0, 1]);
    assert!(files_in(one.path(), LEFT) == files_in(eight.path(), LEFT));
    for number in 1..=8 {
        assert!(eight.path().join(format!("reports/run-20261120-{number:03}.json")).exists(), "{number}");
    }
}

/// A night that waits before one of its steps, with everything held that it holds there.
struct Held {
    site: tempfile::TempDir,
    night: Child,
}

fn held_at(site: tempfile::TempDir, step: usize) -> Held {
    write(site.path(), "pause", b"");
    let fault = Fault { step, mode: Mode::Waits, devices: false };
    let mut command = child(site.path(), &NIGHT, fault);
    let mut night = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while !site.path().join("paused").exists() {
        assert_eq!(night.try_wait().unwrap(), None, "it ended before it came there");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    Held { site, night }
}

impl Held {
    fn let_go(mut self) -> i32 {
        std::fs::remove_file(self.site.path().join("pause")).unwrap();
        self.night.wait().unwrap().code().unwrap()
    }
}

/// The step before the commit of the night's third unit: its transaction is open.
fn open_transaction() -> usize {
    let steps = steps_of(fixed_sample().path(), &NIGHT, false);
    let commits: Vec<usize> = (0..steps.len()).filter(|step| steps[*step].act == Act::Commit).collect();
    commits[commits.len() / 2]
}

#[test]
fn who_would_write_is_told_who_does_since_when_and_in_which_run() {
    let held = held_at(fixed_sample(), open_transaction());
    let site = held.site.path();
    write(site, "in.csv", b"customer,customer_item,item\n");
    write(site, "list.csv", b"cause,decision,reason\n");
    write(site, "old.csv", b"customer,item,date\n");
    let path = |name: &str| site.join(name).to_str().unwrap().to_owned();
    let (rows, list, old) = (path("in.csv"), path("list.csv"), path("old.csv"));
    let pid = format!("process {}", held.night.id());
    for command in [
        &["run"][..],
        &["release"],
        &["release", "--dry-run"],
        &["xref", "import", &rows, "--by", "Ida"],
        &["xref", "import", &rows, "--by", "Ida", "--preview"],
        &["worklist", "apply", &list, "--by", "Ida"],
        &["ledger", "import", &old, "--by", "Ida"],
        &["ledger", "return", "A1", "--by", "Ida"],
        &["ledger", "check", "--repair", "--by", "Ida", "--reason", "a disk failed"],
        &["store", "prune"],
        &["verify"],
        &["outbox", "resend", "1", "--by", "Ida"],
    ] {
        let out = run(site, command);
        let said = String::from_utf8(out.stderr).unwrap();
        assert_eq!(out.status.code(), Some(2), "{command:?}: {said}");
        for part in ["is in use by", &pid, " since 2", ": run 20261120-001 for 2026-11-20;", "--wait"] {
            assert!(said.contains(part), "{command:?}: {part:?} in {said}");
        }
    }
    assert_eq!(held.let_go(), 1);
}

#[test]
fn who_reads_waits_for_nobody() {
    let held = held_at(fixed_sample(), open_transaction());
    let site = held.site.path();
    let file = |name: &str| site.join(name).to_str().unwrap().to_owned();
    let (list, rows, backup) = (file("list.csv"), file("rows.csv"), file("backup.db"));
    for command in [
        &["status"][..],
        &["outbox", "list"],
        &["outbox", "resend", "1", "--by", "Ida", "--dry-run"],
        &["ledger", "list"],
        &["ledger", "check"],
        &["store", "backup", &backup],
        &["store", "prune", "--dry-run"],
        &["report", "coverage"],
        &["worklist", "export", &list],
        &["xref", "export", &rows],
        &["xref", "lookup", "A-1"],
        &["xref", "check"],
        &["explain", "NONE"],
    ] {
        let begun = std::time::Instant::now();
        let out = run(site, command);
        let said = String::from_utf8_lossy(&out.stderr);
        assert!(!said.contains("is in use by") && !said.contains("held by another"), "{command:?}: {said}");
        // the store's patience is 30 seconds
        assert!(begun.elapsed().as_secs() < 20, "{command:?} waited");
    }
    assert_eq!(held.let_go(), 1);
}

#[test]
fn what_waits_goes_on_when_the_other_is_done_or_dead() {
    for dies in [false, true] {
        let mut held = held_at(fixed_sample(), open_transaction());
        let site = held.site.path().to_owned();
        let waiting = program(&site).args(NIGHT).arg("--wait").stdout(Stdio::null()).spawn().unwrap();
        if dies {
            held.night.kill().unwrap();
            held.night.wait().unwrap();
            // taken up under its own id
            assert_eq!(waiting.wait_with_output().unwrap().status.code(), Some(1));
            assert!(!site.join("reports/run-20261120-002.json").exists());
        } else {
            std::fs::remove_file(site.join("pause")).unwrap();
            assert_eq!(held.night.wait().unwrap().code(), Some(1));
            assert_eq!(waiting.wait_with_output().unwrap().status.code(), Some(0));
            assert!(site.join("reports/run-20261120-002.json").exists());
        }
    }
}
