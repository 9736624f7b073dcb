//! Golden nights: a small site in, every byte that its night leaves out.
//!
//! `tests/golden/CASE/site/` is laid out and run for 2026-11-20. Where `tests/golden/CASE/night2/` is there, it is laid
//! over the site afterwards and run for 2026-11-21 (and `night3` for 2026-11-22). `out/` holds orders/, outbox/ and
//! quarantine/ without Parquet, and in summary.txt what was printed and the exit code.
//! `UPDATE_EXPECT=1 cargo test golden` writes `out/` anew; read what it wrote.

use crate::nights::{Files, files, files_in, lay_out, night, repository, run, scratch, summary, write};
use std::path::Path;
use std::sync::Mutex;

const NIGHTS: &[(&str, &str)] = &[("site", "2026-11-20"), ("night2", "2026-11-21"), ("night3", "2026-11-22")];

/// What a case's nights leave.
fn play(case: &Path) -> Files {
    let site = scratch();
    let mut printed = String::new();
    for (folder, date) in NIGHTS {
        let folder = case.join(folder);
        if !folder.is_dir() {
            break;
        }
        lay_out(&folder, site.path());
        let out = run(site.path(), &["run", "--date", date]);
        printed += &String::from_utf8(out.stdout).unwrap();
        let code = out.status.code().unwrap();
        if code == 2 {
            printed += &String::from_utf8(out.stderr).unwrap().replace(site.path().to_str().unwrap(), "SITE");
        }
        printed += &format!("exit code {code}\n");
    }
    let mut left = files_in(site.path(), &["orders", "outbox", "quarantine"]);
    left.retain(|path, _| Path::new(path).extension().is_none_or(|ending| ending != "parquet"));
    left.insert("summary.txt".into(), printed.into_bytes());
    left
}

/// The difference between what is kept and what left, for a person.
fn told(case: &str, expected: &Files, left: &Files) -> String {
    let mut text = String::new();
    for path in expected.keys().filter(|path| !left.contains_key(*path)) {
        text += &format!("{case}: {path} did not come\n");
    }
    for (path, bytes) in left {
        let shown = String::from_utf8_lossy(bytes);
        match expected.get(path) {
            None => text += &format!("{case}: {path} is not expected:\n{shown}\n"),
            Some(before) if before != bytes => {
                let before = String::from_utf8_lossy(before);
                text += &format!("{case}: {path} differs; expected:\n{before}\ncame:\n{shown}\n");
            }
            Some(_) => {}
        }
    }
    text
}

fn write_anew(folder: &Path, left: &Files) {
    if folder.exists() {
        std::fs::remove_dir_all(folder).unwrap();
    }
    for (path, bytes) in left {
        write(folder, path, bytes);
    }
}

#[test]
fn every_golden_night_leaves_what_is_kept_byte_for_byte() {
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut cases: Vec<_> =
        std::fs::read_dir(repository("tests/golden")).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.retain(|path| path.is_dir());
    cases.sort();
    assert!(!cases.is_empty());
    let waiting = Mutex::new(cases);
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let Some(case) = waiting.lock().unwrap().pop() else { return };
                    let left = play(&case);
                    let out = case.join("out");
                    if update {
                        write_anew(&out, &left);
                    }
                    let name = case.file_name().unwrap().to_string_lossy().into_owned();
                    let text = told(&name, &files(&out), &left);
                    if !text.is_empty() {
                        wrong.lock().unwrap().push(text);
                    }
                }
            });
        }
    });
    let mut wrong = wrong.into_inner().unwrap();
    wrong.sort();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_sample_night_empties_the_inbox_balances_and_leaves_work_for_a_person() {
    let site = scratch();
    lay_out(&repository("samples/site"), site.path());
    let left = files(&site.path().join("inbox"));
    assert!(!left.is_empty());

    assert_eq!(night(site.path(), &[]), 1);

    assert_eq!(files(&site.path().join("inbox")), Files::new());
    let mut archived: Vec<Vec<u8>> = files(&site.path().join("archive/2026/11/20")).into_values().collect();
    let mut inputs: Vec<Vec<u8>> = left.into_values().collect();
    archived.sort();
    inputs.sort();
    assert!(archived == inputs, "the archive has other bytes than the inbox had");

    let summary = summary(site.path(), "20261120-001");
    let lines = summary["lines"].as_object().unwrap();
    let count = |name: &str| lines[name].as_u64().unwrap();
    let parts = ["ordered", "held", "rejected", "duplicate", "quarantined", "test", "changes"];
    assert_eq!(lines.len(), parts.len() + 1);
    assert_eq!(count("in"), parts.into_iter().map(count).sum::<u64>());
    assert!(parts.into_iter().all(|part| count(part) > 0), "the sample shows each end of a line: {lines:?}");
}
