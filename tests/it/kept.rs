//! What stays: replays that write nothing, files that go after so many days, copies of the store.

use crate::changes::{LESS, change, decide};
use crate::nights::{
    DATE, acme_site, files, files_in, fixed_sample, night, order, program, run, summary, write,
};
use crate::verified::proof;
use serde_json::{Value, json};
use std::path::Path;

pub(crate) fn asked(site: &Path, arguments: &[&str]) -> Value {
    let out = run(site, &[&["--format", "json"], arguments].concat());
    let told = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(0), "{told}");
    serde_json::from_slice(&out.stdout).unwrap_or_else(|_| panic!("{told}"))
}

fn refused(site: &Path, arguments: &[&str]) -> String {
    let out = run(site, arguments);
    assert_eq!(out.status.code(), Some(2), "{}", String::from_utf8_lossy(&out.stdout));
    String::from_utf8(out.stderr).unwrap()
}

const MAPPED: &[u8] = b"customer,customer_item,item\nACME,A-1,10-1\n";

/// Acme's site after a night with a mapped order, and one after it without its cross-reference.
fn unmapped_since() -> tempfile::TempDir {
    let site = acme_site();
    write(site.path(), "masters/item_xref.csv", MAPPED);
    write(site.path(), "inbox/orders/1.edi", order(1, "P-1", "00", 5).as_bytes());
    assert_eq!(night(site.path(), &[]), 0);
    write(site.path(), "masters/item_xref.csv", b"customer,customer_item,item\nACME,B-9,10-1\n");
    write(site.path(), "inbox/orders/2.edi", order(2, "P-2", "00", 5).as_bytes());
    assert_eq!(run(site.path(), &["run", "--date", "2026-11-21"]).status.code(), Some(1));
    site
}

#[test]
fn a_replay_shows_what_a_past_input_would_give_and_writes_nothing() {
    let site = unmapped_since();
    let before = files(site.path());
    let line = |replay: &Value| replay["inputs"][0]["documents"][0]["lines"][0].clone();
    for what in [
        "20261120-001",
        "orders/1.edi",
        "inbox/orders/1.edi",
        "archive/2026/11/20/orders/1.edi",
        &format!("{}/archive/2026/11/20/orders/1.edi", site.path().display()),
    ] {
        let replay = asked(site.path(), &["replay", what]);
        let line = line(&replay);
        assert_eq!(
            (&line["then"]["outcome"], &line["then"]["item"]),
            (&json!("mapped"), &json!("10-1")),
            "{what}"
        );
        assert_eq!(
            (&line["now"]["outcome"], &line["now"]["state"]),
            (&json!("unmapped"), &json!("held")),
            "{what}"
        );
        assert_eq!(replay["changes"], json!({"mapped ordered -> unmapped held": 1}), "{what}");
        assert_eq!(replay["inputs"][0]["documents"][0]["order_id"], "20261120-001-0001-00001", "{what}");
    }
    // as it was recorded when the first night had ended: both orders go
    let history = asked(site.path(), &["xref", "history", "A-1"]);
    let ended = history[0]["recorded_to"].as_str().unwrap();
    let began = history[0]["recorded_from"].as_str().unwrap();
    assert!(began < ended);
    let replay = asked(site.path(), &["replay", "20261121-001", "--xref-as-of", began]);
    let second = line(&replay);
    assert_eq!(
        (&second["then"]["outcome"], &second["now"]["outcome"]),
        (&json!("unmapped"), &json!("mapped"))
    );
    let text = String::from_utf8(run(site.path(), &["replay", "20261121-001", "--xref-as-of", began]).stdout)
        .unwrap();
    assert!(text.contains("was unmapped, held; would be mapped to 10-1 by customer, ordered"), "{text}");
    // a file that never came, from anywhere
    let elsewhere = tempfile::tempdir().unwrap();
    write(elsewhere.path(), "new.edi", order(9, "P-9", "00", 1).as_bytes());
    let path = elsewhere.path().join("new.edi");
    let replay = asked(site.path(), &["replay", path.to_str().unwrap()]);
    assert_eq!(
        (&line(&replay)["then"], &line(&replay)["now"]["outcome"]),
        (&Value::Null, &json!("unmapped"))
    );
    assert!(
        refused(site.path(), &["replay", "orders/never.edi"])
            .contains("is no run, no file, and no input that came")
    );
    assert!(
        refused(site.path(), &["replay", "orders/1.edi", "--xref-as-of", "2020-01-01"])
            .contains("had no items then")
    );
    assert!(before == files(site.path()), "nothing was written");
}

#[test]
fn the_samples_night_replays_as_it_was() {
    let site = fixed_sample();
    assert_eq!(night(site.path(), &[]), 1);
    let replay = asked(site.path(), &["replay", "20261120-001"]);
    assert_eq!((&replay["differ"], &replay["changes"]), (&json!(0), &json!({})), "{replay:#}");
    let kinds: std::collections::BTreeSet<&str> = replay["inputs"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|input| input["documents"].as_array().unwrap())
        .map(|document| document["kind"].as_str().unwrap())
        .collect();
    assert!(kinds.is_superset(&["change", "order", "rejected"].into()), "{kinds:?}");
    assert!(replay["lines"].as_u64().unwrap() > 10);
}

/// Acme's site with everything kept for ten days, after a night with an order that went and one that waits.
pub(crate) fn ten_days() -> tempfile::TempDir {
    let site = for_ten_days(acme_site());
    write(site.path(), "inbox/orders/1.edi", order(1, "P-1", "00", 5).as_bytes());
    write(site.path(), "inbox/orders/broken.edi", b"ISA*00*broken");
    assert_eq!(night(site.path(), &[]), 1);
    let waits = order(2, "P-2", "00", 7).replace("A-1", "A-99");
    write(site.path(), "inbox/orders/2.edi", waits.as_bytes());
    assert_eq!(run(site.path(), &["run", "--date", "2026-11-21"]).status.code(), Some(1));
    site
}

/// The site with everything kept for ten days.
fn for_ten_days(site: tempfile::TempDir) -> tempfile::TempDir {
    let path = site.path().join("itembridge.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let days =
        "archive_days = 10\nfacts_days = 10\nsent_days = 10\nreports_days = 10\nquarantine_days = 10\n";
    std::fs::write(&path, format!("{text}\n[retention]\n{days}")).unwrap();
    let path = site.path().join("partners/acme.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let text = text.replace("[orders]\n", "[orders]\nduplicate_window_days = 5\n");
    assert!(text.contains("duplicate_window_days"), "{text}");
    let text = if text.contains("[x12]\n") {
        text.replace("[x12]\n", "[x12]\nduplicate_window_days = 5\n")
    } else {
        text + "\n[x12]\nduplicate_window_days = 5\n"
    };
    std::fs::write(&path, text).unwrap();
    site
}

const OLD: &[&str] = &["archive", "facts", "state/sent", "reports", "quarantine"];

fn names(site: &Path) -> Vec<String> {
    let lasting = ["coverage.csv", "worklist.csv", "ledger.csv"];
    let old = files_in(site, OLD).into_keys();
    old.filter(|path| !lasting.iter().any(|name| path.ends_with(name))).collect()
}

#[test]
fn old_files_go_and_what_is_needed_stays() {
    let site = ten_days();
    let all = names(site.path());
    assert_eq!(
        asked(site.path(), &["store", "prune", "--date", "2026-11-30"])["files"],
        json!([]),
        "ten days are kept"
    );
    let dry = asked(site.path(), &["store", "prune", "--dry-run", "--date", "2027-02-01"]);
    assert_eq!(names(site.path()), all, "a dry run takes nothing away");
    let pruned = asked(site.path(), &["store", "prune", "--date", "2027-02-01"]);
    assert_eq!(pruned["files"], dry["files"]);
    let left = names(site.path());
    let gone = |path: &str| all.iter().any(|one| one == path) && !left.iter().any(|one| one == path);
    assert!(gone("archive/2026/11/20/orders/1.edi"), "{left:#?}");
    assert!(gone("facts/order_lines/date=2026-11-20/run-20261120-001-0001.parquet"), "{left:#?}");
    assert!(gone("reports/run-20261120-001.json"), "{left:#?}");
    // a held order needs its input and its facts, an open exception its input, and a 855 waits for its answer
    for stays in [
        "archive/2026/11/20/orders/broken.edi",
        "archive/2026/11/21/orders/2.edi",
        "facts/order_lines/date=2026-11-21/run-20261121-001-0001.parquet",
        "quarantine/orders/broken.edi",
    ] {
        let there = left.iter().any(|one| one.ends_with(stays.rsplit('/').next().unwrap()));
        assert!(there, "{stays} in {left:#?}");
    }
    let waits = left.iter().filter(|path| path.contains("-855-")).count();
    assert_eq!(waits, 2, "both 855 wait: {left:#?}");
    assert!(!left.iter().any(|path| path.contains("-997-")), "nobody answers a 997: {left:#?}");
    // what is gone is told, and is no finding
    std::fs::remove_dir_all(site.path().join("outbox")).unwrap();
    let (code, proof) = proof(site.path(), &[]);
    assert_eq!((code, &proof["findings"]), (0, &json!([])), "{proof:#}");
    assert_eq!(proof["removed"].as_u64().unwrap(), pruned["files"].as_array().unwrap().len() as u64);
    let out = run(site.path(), &["outbox", "resend", "acme/997-000000001.edi", "--by", "tester"]);
    let told = String::from_utf8(out.stdout).unwrap();
    assert!(told.contains("taken away by retention on 2027-02-01"), "{told}");
    let replay = asked(site.path(), &["replay", "20261120-001"]);
    assert!(replay["inputs"][0]["passed_over"].as_str().unwrap().contains("retention"), "{replay:#}");
    assert_eq!(
        asked(site.path(), &["store", "prune", "--date", "2027-02-01"])["files"],
        json!([]),
        "twice is once"
    );
    // what waited is released from the archive, and then its files may go
    write(
        site.path(),
        "masters/item_xref.csv",
        b"customer,customer_item,item\nACME,A-1,10-1\nACME,A-99,10-1\n",
    );
    assert!(run(site.path(), &["run", "--date", "2027-02-02"]).status.code().unwrap() < 2);
    assert!(
        !site.path().join("archive/2026/11/21/orders/2.edi").exists(),
        "the run takes it away at its end"
    );
    assert!(site.path().join("archive").is_dir() && site.path().join("facts/order_lines").is_dir());
    let (code, proof) = self::proof(site.path(), &[]);
    assert_eq!((code, &proof["findings"]), (0, &json!([])), "{proof:#}");
}

#[test]
fn the_input_of_a_change_that_waits_stays_and_so_does_that_of_its_order() {
    let site = for_ten_days(acme_site());
    write(site.path(), "inbox/orders/1.edi", order(1, "P-1", "00", 5).as_bytes());
    write(site.path(), "inbox/orders/2.edi", order(2, "P-2", "00", 5).as_bytes());
    assert_eq!(night(site.path(), &[]), 0);
    let less = change(3, "04*SA*P-1**1*20261119", LESS);
    write(site.path(), "inbox/orders/3.edi", less.as_bytes());
    assert_eq!(run(site.path(), &["run", "--date", "2026-11-21"]).status.code(), Some(1));
    let needed = ["archive/2026/11/20/orders/1.edi", "archive/2026/11/21/orders/3.edi"];
    let goes =
        |site: &Path| asked(site, &["store", "prune", "--dry-run", "--date", "2027-02-01"])["files"].clone();
    let stays = |files: &Value| needed.iter().all(|path| !files.as_array().unwrap().contains(&json!(path)));
    let listed = goes(site.path());
    assert!(listed.as_array().unwrap().contains(&json!("archive/2026/11/20/orders/2.edi")), "{listed:#}");
    assert!(stays(&listed), "{listed:#}");
    // the change itself holds them, and not only what is open about it
    let tool = rusqlite::Connection::open(site.path().join("state/itembridge.db")).unwrap();
    assert_eq!(tool.execute("UPDATE exception SET closed = 1", []).unwrap(), 1);
    assert!(stays(&goes(site.path())));
    assert_eq!(tool.execute("UPDATE exception SET closed = NULL", []).unwrap(), 1);
    asked(site.path(), &["store", "prune", "--date", "2027-02-01"]);
    for path in needed {
        assert!(site.path().join(path).exists(), "{path}");
    }
    std::fs::remove_dir_all(site.path().join("outbox")).unwrap();
    assert_eq!(proof(site.path(), &[]).1["findings"], json!([]));
    assert_eq!(decide(site.path(), "order_change", "apply")["changes"], 1);
    assert!(run(site.path(), &["run", "--date", "2027-02-02"]).status.code().unwrap() < 2);
    for path in needed {
        assert!(!site.path().join(path).exists(), "{path} has done its work");
    }
    std::fs::remove_dir_all(site.path().join("outbox")).unwrap();
    assert_eq!(proof(site.path(), &[]).1["findings"], json!([]));
}

#[test]
fn a_file_that_was_noted_and_not_taken_away_goes_the_next_time() {
    let site = ten_days();
    let path = "archive/2026/11/20/orders/1.edi";
    // the program was stopped between the note and the removal
    let tool = rusqlite::Connection::open(site.path().join("state/itembridge.db")).unwrap();
    let note = "INSERT INTO removed_file VALUES ($1, '20261120-001', 'archive', '2026-12-24', 0)";
    tool.execute(note, [path]).unwrap();
    assert!(site.path().join(path).exists());
    assert!(run(site.path(), &["run", "--date", "2026-11-22"]).status.code().unwrap() < 2);
    assert!(!site.path().join(path).exists());
    let gone: i64 = tool.query_row("SELECT gone FROM removed_file", [], |row| row.get(0)).unwrap();
    assert_eq!(gone, 1);
}

#[test]
fn without_days_everything_is_kept() {
    let site = acme_site();
    write(site.path(), "inbox/orders/1.edi", order(1, "P-1", "00", 5).as_bytes());
    assert_eq!(night(site.path(), &[]), 0);
    let all = names(site.path());
    let out = run(site.path(), &["store", "prune", "--date", "2099-01-01"]);
    assert!(String::from_utf8(out.stdout).unwrap().contains("kept for ever"));
    assert_eq!(names(site.path()), all);
}

#[test]
#[expect(clippy::too_many_lines, reason = "one backup: taken, compared, asked and put in place of another")]
fn a_backup_is_taken_while_a_run_writes_and_answers_like_a_store() {
    let site = fixed_sample();
    let path = site.path().join("itembridge.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text + "\n[limits]\nbatch_files = 1\n").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let dest = |number: u32| folder.path().join(format!("backup-{number}.db"));
    let mut night = program(site.path());
    let mut night =
        night.args(["run", "--date", DATE, "--quiet"]).stdout(std::process::Stdio::null()).spawn().unwrap();
    let (mut taken, mut unended) = (0, 0);
    while night.try_wait().unwrap().is_none() {
        if !site.path().join("state/itembridge.db").exists() {
            continue;
        }
        let out = run(site.path(), &["store", "backup", dest(taken).to_str().unwrap()]);
        if out.status.code() == Some(0) {
            let copy = rusqlite::Connection::open(dest(taken)).unwrap();
            let sound: String = copy.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
            assert_eq!(sound, "ok");
            // of each unit all of it is there, or nothing
            let torn: i64 = copy
                .query_row(
                    "SELECT count(*) FROM receipt WHERE NOT EXISTS
                         (SELECT 1 FROM unit WHERE unit.run_id = receipt.run_id AND unit.unit = receipt.unit)",
                    [],
                    |row| row.get(0),
                )
                .unwrap();
            assert_eq!(torn, 0);
            let going = "SELECT count(*) FROM run WHERE ended IS NULL";
            unended += copy.query_row(going, [], |row| row.get::<_, i64>(0)).unwrap();
            taken += 1;
        }
    }
    assert_eq!(night.wait().unwrap().code(), Some(1), "the run was not disturbed");
    assert!(taken > 0 && unended > 0, "{taken} backups, {unended} while it went");

    let last = dest(999);
    let store = format!("sqlite:{}", last.display());
    let backup = ["store", "backup", last.to_str().unwrap()];
    assert_eq!(run(site.path(), &backup).status.code(), Some(0));
    assert!(refused(site.path(), &backup).contains("--force takes its place"));
    assert_eq!(run(site.path(), &[&backup[..], &["--force"]].concat()).status.code(), Some(0));
    let own = site.path().join("state/itembridge.db");
    let itself = ["store", "backup", own.to_str().unwrap(), "--force"];
    assert!(refused(site.path(), &itself).contains("is the store itself"));
    assert!(
        folder.path().read_dir().unwrap().all(|entry| !entry
            .unwrap()
            .path()
            .to_string_lossy()
            .contains(".part"))
    );
    for question in
        [&["status", "--date", DATE][..], &["xref", "export"], &["ledger", "list"], &["outbox", "list"]]
    {
        let of = |store: &[&str]| run(site.path(), &[store, question].concat()).stdout;
        assert_eq!(of(&["--store", &store]), of(&[]), "{question:?}");
    }

    let into = format!("sqlite:{}", folder.path().join("copied.db").display());
    let copied = asked(site.path(), &["store", "copy", "sqlite:state/itembridge.db", &into]);
    assert!(copied["tables"]["purchase_order"].as_u64().unwrap() > 0, "{copied:#}");
    for question in [
        &["status", "--date", DATE][..],
        &["xref", "export"],
        &["xref", "lookup", "drill", "--description"],
        &["ledger", "list"],
        &["verify"],
    ] {
        let of = |store: &[&str]| {
            let out = run(site.path(), &[store, question].concat());
            (out.status.code(), out.stdout)
        };
        assert_eq!(of(&["--store", &into]), of(&[]), "{question:?}");
    }
    let again = ["store", "copy", "sqlite:state/itembridge.db", &into];
    assert!(refused(site.path(), &again).contains("the target is not empty"));
    let same = ["store", "copy", "sqlite:state/itembridge.db", "sqlite:state/itembridge.db"];
    assert!(refused(site.path(), &same).contains("are one store"));
}

#[test]
fn a_store_that_has_no_tables_yet_is_not_taken_for_a_backup() {
    let site = acme_site();
    write(site.path(), "state/itembridge.db", b"");
    let dest = site.path().join("backup.db");
    let told = refused(site.path(), &["store", "backup", dest.to_str().unwrap()]);
    assert!(told.contains("is being made just now: there is nothing in it yet"), "{told}");
    assert!(!dest.exists());
}

#[test]
fn what_cannot_be_taken_away_is_told_and_stops_neither_the_others_nor_a_night() {
    let site = ten_days();
    let files: Vec<String> =
        asked(site.path(), &["store", "prune", "--dry-run", "--date", "2027-02-01"])["files"]
            .as_array()
            .unwrap()
            .iter()
            .map(|path| path.as_str().unwrap().to_owned())
            .collect();
    // where a file was noted stands a folder with something in it: no unlink takes that away
    let stuck = site.path().join(&files[0]);
    std::fs::remove_file(&stuck).unwrap();
    write(&stuck, "in/the/way", b"x");
    let out = run(site.path(), &["store", "prune", "--date", "2027-02-01"]);
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(2), "{said}");
    assert!(said.contains("1 files could not be taken away") && said.contains(&files[0]), "{said}");
    let there = |path: &&String| site.path().join(path).symlink_metadata().is_ok();
    assert_eq!(files.iter().filter(there).collect::<Vec<_>>(), [&files[0]], "the others are gone");
    // each night tells it, and does its work
    for (run_id, date) in [("20270202-001", "2027-02-02"), ("20270203-001", "2027-02-03")] {
        assert_eq!(run(site.path(), &["run", "--date", date]).status.code(), Some(0));
        let notes = summary(site.path(), run_id)["notes"].to_string();
        assert!(notes.contains(&format!("retention could not take {} away", files[0])), "{notes}");
    }
    std::fs::remove_dir_all(&stuck).unwrap();
    assert_eq!(run(site.path(), &["run", "--date", "2027-02-04"]).status.code(), Some(0));
    assert_eq!(summary(site.path(), "20270204-001")["notes"].as_array().unwrap().len(), 0);
}
