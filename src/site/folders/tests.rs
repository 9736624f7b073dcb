//! Files on their way through a site, and what a crash at each step leaves for the next run.

// Over 500 lines: rows and small sites that share the few helpers above them.

use super::*;
use crate::domain::Date;
use std::fs::File;
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

const RUN: &str = "20260301-001";

fn site() -> (TempDir, Folders) {
    let folder = tempfile::tempdir().unwrap();
    let folders = Folders::open(folder.path()).unwrap();
    folders.create().unwrap();
    (folder, folders)
}

fn put(folders: &Folders, relative: &str, text: &str) {
    let path = folders.root().join(relative);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn text(folders: &Folders, relative: &str) -> Option<String> {
    std::fs::read_to_string(folders.root().join(relative)).ok()
}

fn day() -> Date {
    jiff::civil::date(2026, 3, 1)
}

#[test]
fn the_inbox_is_listed_in_name_order_without_what_is_not_meant() {
    let (_guard, folders) = site();
    for name in [
        "b.edi",
        "a.edi",
        "acme/2.csv",
        "acme/10.csv",
        "acme/.hidden",
        "B.EDI",
        ".dot",
        "x.tmp",
        "x.PART",
        "y.filepart",
        "z.Writing",
        "part",
        "acme/deep/1.csv",
        "größe.csv",
    ] {
        put(&folders, &format!("inbox/orders/{name}"), "x");
    }
    std::os::unix::fs::symlink("/etc/hostname", folders.root().join("inbox/orders/link.edi")).unwrap();
    let inbox = folders.list_inbox("orders", Duration::ZERO).unwrap();
    let files: Vec<&str> = inbox.files.iter().map(|file| file.relative.as_str()).collect();
    assert_eq!(
        files,
        [
            "orders/B.EDI",
            "orders/a.edi",
            "orders/acme/10.csv",
            "orders/acme/2.csv",
            "orders/b.edi",
            "orders/größe.csv",
            "orders/part",
        ]
    );
    let skipped: Vec<(&str, &str)> =
        inbox.skipped.iter().map(|skipped| (skipped.relative.as_str(), skipped.reason)).collect();
    let unfinished = "an ending under which files are still being written";
    assert_eq!(
        skipped,
        [
            ("orders/.dot", "a name that begins with a point"),
            ("orders/acme/.hidden", "a name that begins with a point"),
            ("orders/acme/deep", "a folder inside a partner's folder"),
            ("orders/link.edi", "a symbolic link"),
            ("orders/x.PART", unfinished),
            ("orders/x.tmp", unfinished),
            ("orders/y.filepart", unfinished),
            ("orders/z.Writing", unfinished),
        ]
    );
}

#[test]
fn a_file_that_settles_is_left_and_without_a_settle_time_it_is_taken() {
    let (_guard, folders) = site();
    put(&folders, "inbox/pos/old.csv", "x");
    put(&folders, "inbox/pos/new.csv", "x");
    let old = std::time::SystemTime::now() - Duration::from_mins(2);
    let file = File::options().write(true).open(folders.root().join("inbox/pos/old.csv")).unwrap();
    file.set_modified(old).unwrap();
    let listed = |settle| {
        let inbox = folders.list_inbox("pos", Duration::from_secs(settle)).unwrap();
        inbox.files.into_iter().map(|file| file.relative).collect::<Vec<_>>()
    };
    assert_eq!(listed(0), ["pos/new.csv", "pos/old.csv"]);
    assert_eq!(listed(60), ["pos/old.csv"]);
    assert_eq!(listed(600), [] as [&str; 0]);
}

#[test]
fn a_name_that_is_not_utf8_comes_through_and_meets_no_other() {
    use std::os::unix::ffi::OsStrExt;
    let (_guard, folders) = site();
    put(&folders, "inbox/orders/a%FF.edi", "plain");
    let odd = std::ffi::OsStr::from_bytes(b"a\xff.edi");
    std::fs::write(folders.root().join("inbox/orders").join(odd), "odd").unwrap();
    let inbox = folders.list_inbox("orders", Duration::ZERO).unwrap();
    assert_eq!(inbox.files.len(), 2);
    let mut texts = Vec::new();
    for file in &inbox.files {
        let claimed = folders.claim(file, RUN).unwrap().taken().unwrap();
        texts.push(text(&folders, &claimed.work_path).unwrap());
    }
    texts.sort();
    assert_eq!(texts, ["odd", "plain"]);
    assert_eq!(taken_up(&folders, "orders").len(), 2);
}

#[test]
fn a_claim_moves_the_file_and_an_interrupted_run_finds_it_again() {
    let (_guard, folders) = site();
    put(&folders, "inbox/orders/acme/1.edi", "one");
    put(&folders, "inbox/orders/2.edi", "two");
    let inbox = folders.list_inbox("orders", Duration::ZERO).unwrap();
    let claims: Vec<ClaimedFile> =
        inbox.files.iter().filter_map(|file| folders.claim(file, RUN).unwrap().taken()).collect();
    folders.sync_claims(&claims).unwrap();
    assert_eq!(claims[1].work_path, format!("state/work/{RUN}/in/orders/acme/1.edi"));
    assert_eq!(text(&folders, &claims[1].work_path).as_deref(), Some("one"));
    assert_eq!(text(&folders, "inbox/orders/acme/1.edi"), None);

    let again = taken_up(&folders, "orders");
    let names = |claims: &[ClaimedFile]| {
        claims.iter().map(|claim| (claim.relative.clone(), claim.work_path.clone())).collect::<Vec<_>>()
    };
    assert_eq!(names(&again), names(&claims));
    assert_eq!(taken_up(&folders, "pos"), []);
    // listed by two runs, taken by one
    assert_eq!(folders.claim(&inbox.files[0], RUN).unwrap(), Claim::Gone);
}

#[test]
fn a_name_that_comes_again_while_the_first_is_worked_on_takes_no_place() {
    let (_guard, folders) = site();
    let mut paths = Vec::new();
    for content in ["first", "second", "third"] {
        put(&folders, "inbox/orders/1.edi", content);
        let inbox = folders.list_inbox("orders", Duration::ZERO).unwrap();
        paths.push(folders.claim(&inbox.files[0], RUN).unwrap().taken().unwrap().work_path);
    }
    let texts: Vec<String> = paths.iter().map(|path| text(&folders, path).unwrap()).collect();
    assert_eq!(texts, ["first", "second", "third"]);
}

fn taken_up(folders: &Folders, stage: &str) -> Vec<ClaimedFile> {
    folders.take_up(RUN, stage, Duration::ZERO).unwrap().0
}

type Change = fn(&Path);

const REPLACED: Option<&str> = Some("something else has taken the place of the file");

/// What happens to a file between the listing and the claim, what the claim says, and what the file then holds in the inbox.
const CHANGES: [(&str, Change, Option<&str>, &str); 7] = [
    ("nothing", |_| {}, None, ""),
    ("it grows", |path| std::fs::write(path, "more").unwrap(), Some("it is still being written"), "more"),
    ("it is deleted", |path| std::fs::remove_file(path).unwrap(), Some("gone"), ""),
    ("it is renamed", |path| std::fs::rename(path, path.with_extension("bak")).unwrap(), Some("gone"), ""),
    ("a folder stands there", |path| replace(path, |path| std::fs::create_dir(path).unwrap()), REPLACED, ""),
    (
        "a link stands there",
        |path| replace(path, |path| std::os::unix::fs::symlink("/etc/hostname", path).unwrap()),
        REPLACED,
        "",
    ),
    (
        "a socket stands there",
        |path| replace(path, |path| drop(std::os::unix::net::UnixListener::bind(path).unwrap())),
        REPLACED,
        "",
    ),
];

fn replace(path: &Path, make: Change) {
    std::fs::remove_file(path).unwrap();
    make(path);
}

#[test]
fn what_changes_between_the_listing_and_the_claim_is_left_or_gone() {
    for (name, change, expected, text_left) in CHANGES {
        let (_guard, folders) = site();
        put(&folders, "inbox/orders/1.edi", "one");
        let inbox = folders.list_inbox("orders", Duration::ZERO).unwrap();
        change(&inbox.files[0].path);
        let said = match folders.claim(&inbox.files[0], RUN).unwrap() {
            Claim::Taken(_) => None,
            Claim::Gone => Some("gone"),
            Claim::Left(skipped) => Some(skipped.reason),
        };
        assert_eq!(said, expected, "{name}");
        let left = std::fs::read_to_string(&inbox.files[0].path).unwrap_or_default();
        assert!(text_left.is_empty() || left == text_left, "{name}: {left}");
        assert_eq!(taken_up(&folders, "orders").is_empty(), expected.is_some(), "{name}");
    }
}

#[test]
fn what_an_interrupted_run_took_and_had_not_looked_at_goes_back() {
    let (_guard, folders) = site();
    let work = |name: &str| folders.root().join(format!("state/work/{RUN}/in/orders/{name}"));
    let age = |name: &str, seconds| {
        let time = SystemTime::now() - Duration::from_secs(seconds);
        File::options().write(true).open(work(name)).unwrap().set_modified(time).unwrap();
    };
    for name in ["old.edi", "acme/old.edi", "young.edi", "acme/young.edi"] {
        put(&folders, &format!("state/work/{RUN}/in/orders/{name}"), name);
        age(name, if name.ends_with("old.edi") { 120 } else { 10 });
    }
    std::os::unix::fs::symlink("/etc/hostname", work("link.edi")).unwrap();
    let (claimed, left) = folders.take_up(RUN, "orders", Duration::from_mins(1)).unwrap();
    let claimed: Vec<&str> = claimed.iter().map(|file| file.relative.as_str()).collect();
    assert_eq!(claimed, ["orders/acme/old.edi", "orders/old.edi"]);
    let left: Vec<(&str, &str)> = left.iter().map(|file| (file.relative.as_str(), file.reason)).collect();
    let young = "written too short a time ago (settle_seconds)";
    assert_eq!(
        left,
        [
            ("orders/acme/young.edi", young),
            ("orders/link.edi", "a symbolic link"),
            ("orders/young.edi", young)
        ]
    );
    assert_eq!(text(&folders, "inbox/orders/acme/young.edi").as_deref(), Some("acme/young.edi"));
    assert!(folders.root().join("inbox/orders/link.edi").is_symlink());
    // stopped, on its way to another file system, between the copy and the removal: it is there once
    put(&folders, &format!("state/work/{RUN}/in/orders/young.edi"), "young.edi");
    age("young.edi", 10);
    let (claimed, left) = folders.take_up(RUN, "orders", Duration::from_mins(1)).unwrap();
    assert_eq!((claimed.len(), left.len()), (2, 1));
    let listed = folders.list_inbox("orders", Duration::ZERO).unwrap();
    let listed: Vec<&str> = listed.files.iter().map(|file| file.relative.as_str()).collect();
    assert_eq!(listed, ["orders/acme/young.edi", "orders/young.edi"]);
    // where files need not settle, all of them are taken
    put(&folders, &format!("state/work/{RUN}/in/orders/new.edi"), "new");
    assert_eq!(taken_up(&folders, "orders").len(), 3);
}

#[test]
fn what_goes_back_stands_beside_what_has_come_since() {
    let (_guard, folders) = site();
    put(&folders, "inbox/orders/1.edi", "new");
    put(&folders, "state/work/x", "old");
    let place = folders.root().join("inbox/orders/1.edi");
    inbox::put_back(&folders.root().join("state/work/x"), &place, RUN).unwrap();
    assert_eq!(text(&folders, "inbox/orders/1.edi").as_deref(), Some("new"));
    assert_eq!(text(&folders, "inbox/orders/1-20260301-001.edi").as_deref(), Some("old"));
}

#[test]
fn no_two_archived_names_are_one_where_case_counts_for_nothing() {
    let (_guard, folders) = site();
    let path = |relative: &str| folders.archive_path(day(), relative, RUN, |_| false).unwrap();
    let day = "archive/2026/03/01";
    put(&folders, &format!("{day}/orders/Acme/OLD.edi"), "x");
    for (given, expected) in [
        ("orders/a.edi", "orders/a.edi"),
        ("orders/A.EDI", "orders/A-20260301-001.EDI"),
        ("orders/a.Edi", "orders/a-20260301-001-2.Edi"),
        ("orders/STRASSE.edi", "orders/STRASSE.edi"),
        ("orders/straße.edi", "orders/straße-20260301-001.edi"),
        ("orders/acme/old.edi", "orders/acme/old-20260301-001.edi"),
        ("orders/acme/new.edi", "orders/acme/new.edi"),
        // a file with the name of a folder, and a folder with the name of a file
        ("orders/ACME", "orders/ACME-20260301-001"),
        ("orders/a.edi/1.edi", "orders/a-20260301-001-3.edi/1.edi"),
    ] {
        assert_eq!(path(given), format!("{day}/{expected}"), "{given}");
    }
    let quarantine = |relative: &str| folders.quarantine_paths(relative, RUN, |_| false).unwrap().file;
    assert_eq!(quarantine("orders/x/Bad.edi"), "quarantine/Bad.edi");
    assert_eq!(quarantine("orders/y/bad.EDI"), "quarantine/bad-20260301-001.EDI");
    assert_eq!(quarantine("orders/bad.edi.WHY.json"), "quarantine/bad.edi.WHY-20260301-001.json");
}

#[test]
fn names_are_such_as_every_file_system_and_terminal_takes() {
    for (given, expected) in [
        ("order 1 (2).edi", "order 1 (2).edi"),
        ("100%.edi", "100%.edi"),
        ("-rf", "-rf"),
        ("a\nb.edi", "a%0Ab.edi"),
        ("\u{1b}[2J%.edi", "%1B[2J%25.edi"),
        ("\u{202e}ide.exe", "%E2%80%AEide.exe"),
        ("a\u{2028}b", "a%E2%80%A8b"),
        ("a:b*c?.edi", "a%3Ab%2Ac%3F.edi"),
        ("\"q\"|<x>\\y", "%22q%22%7C%3Cx%3E%5Cy"),
        ("CON", "%43ON"),
        ("aux.edi", "%61ux.edi"),
        ("com1.tar.gz", "%63om1.tar.gz"),
        ("com10.edi", "com10.edi"),
        ("console.edi", "console.edi"),
        ("point.", "point%2E"),
        ("blank ", "blank%20"),
        ("größe.csv", "größe.csv"),
    ] {
        assert_eq!(names::portable(given), expected, "{given:?}");
    }
}

#[test]
fn very_long_names_are_claimed_and_archived_in_a_shorter_form() {
    let (_guard, folders) = site();
    let long = format!("{}.edi", "x".repeat(251));
    let other = format!("{}y.edi", "x".repeat(250));
    put(&folders, &format!("inbox/orders/{long}"), "one");
    put(&folders, &format!("inbox/orders/{other}"), "two");
    put(&folders, &format!("inbox/orders/{}", "\u{1b}".repeat(255)), "three");
    let inbox = folders.list_inbox("orders", Duration::ZERO).unwrap();
    let claims: Vec<ClaimedFile> =
        inbox.files.iter().filter_map(|file| folders.claim(file, RUN).unwrap().taken()).collect();
    assert_eq!(claims.len(), 3);
    for claim in &claims {
        let name = claim.relative.rsplit('/').next().unwrap();
        assert!(name.len() <= 200, "{name}");
        folders.archive_path(day(), &claim.relative, RUN, |_| false).unwrap();
    }
}

#[test]
fn outputs_are_seen_only_once_they_are_published_and_publishing_again_changes_nothing() {
    let (_guard, folders) = site();
    let unit = folders.begin_unit(RUN, 1).unwrap();
    let orders = unit.stage("orders/orders-1.csv", b"order\n").unwrap();
    let mut writer = unit.writer("outbox/acme/997-1.edi").unwrap();
    std::io::Write::write_all(&mut writer, b"ISA").unwrap();
    let answer = writer.finish().unwrap();
    unit.sync().unwrap();
    assert_eq!(orders, format!("state/work/{RUN}/out/0001/orders/orders-1.csv"));
    assert_eq!(text(&folders, "orders/orders-1.csv"), None);

    let moves = [
        Move { from: &orders, to: "orders/orders-1.csv" },
        Move { from: &answer, to: "outbox/acme/997-1.edi" },
    ];
    assert_eq!(folders.publish(&moves[..1]).unwrap(), [Moved::Now]);
    // as after a crash between the two
    assert_eq!(folders.publish(&moves).unwrap(), [Moved::Before, Moved::Now]);
    assert_eq!(text(&folders, "orders/orders-1.csv").as_deref(), Some("order\n"));
    assert_eq!(text(&folders, "outbox/acme/997-1.edi").as_deref(), Some("ISA"));
    // the ERP took one before the run could note that it was published
    std::fs::remove_file(folders.root().join("orders/orders-1.csv")).unwrap();
    assert_eq!(folders.publish(&moves).unwrap(), [Moved::TakenAway, Moved::Before]);
}

#[test]
fn a_place_that_another_file_has_is_never_written_over() {
    let (_guard, folders) = site();
    let unit = folders.begin_unit(RUN, 1).unwrap();
    let staged = unit.stage("orders/1.csv", b"ours").unwrap();
    put(&folders, "orders/1.csv", "theirs");
    let error = folders.publish(&[Move { from: &staged, to: "orders/1.csv" }]).unwrap_err();
    assert!(
        format!("{error:#}").ends_with("another file stands there already; move it away, then run again")
    );
    assert_eq!(text(&folders, "orders/1.csv").as_deref(), Some("theirs"));
    // the same bytes are the same file, copied by a run that was stopped before it removed the source
    put(&folders, "orders/1.csv", "ours");
    assert_eq!(folders.publish(&[Move { from: &staged, to: "orders/1.csv" }]).unwrap(), [Moved::Before]);
    assert_eq!(text(&folders, &staged), None);
}

#[test]
fn a_unit_begins_empty_and_stages_no_place_twice() {
    let (_guard, folders) = site();
    folders.begin_unit(RUN, 3).unwrap().stage("orders/left.csv", b"rolled back").unwrap();
    let unit = folders.begin_unit(RUN, 3).unwrap();
    let staged = unit.stage("orders/1.csv", b"1").unwrap();
    assert!(unit.stage("orders/1.csv", b"2").is_err());
    assert_eq!(text(&folders, &staged).as_deref(), Some("1"));
    assert_eq!(text(&folders, &format!("state/work/{RUN}/out/0003/orders/left.csv")), None);
    unit.discard().unwrap();
    assert_eq!(text(&folders, &staged), None);
}

#[test]
fn an_archive_path_is_the_day_and_the_name_unless_that_is_taken() {
    let (_guard, folders) = site();
    let path = |relative: &str, taken: &[&str]| {
        folders.archive_path(day(), relative, RUN, |path| taken.contains(&path)).unwrap()
    };
    let plain = "archive/2026/03/01/orders/acme/1.edi";
    assert_eq!(path("orders/acme/1.edi", &[]), plain);
    assert_eq!(path("orders/acme/1.edi", &[plain]), "archive/2026/03/01/orders/acme/1-20260301-001.edi");
    put(&folders, plain, "x");
    put(&folders, "archive/2026/03/01/orders/acme/1-20260301-001.edi", "x");
    assert_eq!(path("orders/acme/1.edi", &[]), "archive/2026/03/01/orders/acme/1-20260301-001-2.edi");
    assert_eq!(
        path("orders/noending", &["archive/2026/03/01/orders/noending"]),
        "archive/2026/03/01/orders/noending-20260301-001"
    );
}

#[test]
fn a_quarantined_input_has_its_account_beside_it() {
    let (_guard, folders) = site();
    let paths = |relative: &str| folders.quarantine_paths(relative, RUN, |_| false).unwrap();
    let first = paths("orders/acme/bad.edi");
    assert_eq!(
        (first.file.as_str(), first.why.as_str()),
        ("quarantine/bad.edi", "quarantine/bad.edi.why.json")
    );
    // either of the two is enough
    put(&folders, "quarantine/bad.edi.why.json", "{}");
    assert_eq!(paths("orders/other/bad.edi").file, "quarantine/bad-20260301-001.edi");
    let long = format!("orders/{}.edi", "ü".repeat(120));
    let long = paths(&long);
    assert!(long.file.len() <= 211 && long.file.ends_with("ü.edi"), "{}", long.file);
}

#[test]
fn a_run_leaves_its_work_folder_only_while_something_is_in_it() {
    let (_guard, folders) = site();
    put(&folders, "inbox/orders/1.edi", "x");
    let inbox = folders.list_inbox("orders", Duration::ZERO).unwrap();
    let claim = folders.claim(&inbox.files[0], RUN).unwrap().taken().unwrap();
    folders.begin_unit(RUN, 1).unwrap();
    assert_eq!(folders.remove_work(RUN).unwrap(), [claim.work_path.as_str()]);
    let moves = [Move { from: &claim.work_path, to: "archive/2026/03/01/orders/1.edi" }];
    assert_eq!(folders.archive(&moves).unwrap(), [Moved::Now]);
    assert_eq!(folders.remove_work(RUN).unwrap(), [] as [&str; 0]);
    assert!(!folders.root().join("state/work").join(RUN).exists());
    assert_eq!(folders.remove_work(RUN).unwrap(), [] as [&str; 0]);
}

#[test]
fn a_claim_that_was_stopped_between_two_file_systems_is_one_claim() {
    let (_guard, folders) = site();
    put(&folders, "inbox/orders/1.edi", "ISA");
    let listed = || folders.list_inbox("orders", Duration::ZERO).unwrap().files;
    let file = listed().remove(0);
    let claim = folders.claim(&file, RUN).unwrap().taken().unwrap();
    // the copy was whole, the source still there
    put(&folders, "inbox/orders/1.edi", "ISA");
    let work = folders.path(&claim.work_path).unwrap();
    let source = File::options().write(true).open(&file.path).unwrap();
    source.set_modified(work.metadata().unwrap().modified().unwrap()).unwrap();
    // and another copy only begun
    let begun = work.with_file_name(".itembridge-copy.part");
    std::fs::write(&begun, "IS").unwrap();
    assert_eq!(folders.claim(&listed()[0], RUN).unwrap(), Claim::Gone);
    assert!(listed().is_empty());
    assert_eq!(taken_up(&folders, "orders").len(), 1);
    // a file of the same name that came later is another delivery
    put(&folders, "inbox/orders/1.edi", "IEA");
    assert!(folders.claim(&listed()[0], RUN).unwrap().taken().is_some());
    assert_eq!(folders.remove_work(RUN).unwrap().len(), 2);
    assert!(!begun.exists());
}

#[test]
fn what_was_staged_and_never_committed_goes_with_the_run() {
    let (_guard, folders) = site();
    folders.begin_unit(RUN, 1).unwrap().stage("orders/1.csv", b"rolled back").unwrap();
    assert!(!folders.has_claims(RUN).unwrap());
    assert_eq!(folders.remove_all_work().unwrap(), [] as [&str; 0]);
    assert!(!folders.root().join("state/work").join(RUN).exists());
}

#[test]
fn no_path_leads_out_of_the_site() {
    let (_guard, folders) = site();
    for wrong in ["", "/etc/passwd", "../x", "orders/../../x", "./x", "orders/.."] {
        assert!(folders.path(wrong).is_err(), "{wrong:?}");
    }
    let unit = folders.begin_unit(RUN, 1).unwrap();
    assert!(unit.stage("../outside.csv", b"x").is_err());

    let elsewhere = tempfile::tempdir().unwrap();
    let staged = unit.stage("outbox/acme/1.edi", b"x").unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), folders.root().join("outbox/acme")).unwrap();
    let error = folders.publish(&[Move { from: &staged, to: "outbox/acme/1.edi" }]).unwrap_err().to_string();
    assert!(error.contains("outside the site"), "{error}");
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0);
}

#[test]
fn names_are_safe_and_differ_where_the_texts_do() {
    for (given, expected) in [
        ("acme", "acme"),
        ("A-1_b.edi", "A-1_b.edi"),
        ("", "%"),
        (".", "%2E"),
        ("..", "%2E."),
        (".hidden", "%2Ehidden"),
        ("a/b", "a%2Fb"),
        ("100%", "100%25"),
        ("ü", "%C3%BC"),
        ("a b\n", "a%20b%0A"),
    ] {
        assert_eq!(safe_file_name(given), expected, "{given:?}");
    }
    let (one, other) = ("x".repeat(300), format!("{}y", "x".repeat(299)));
    assert_ne!(safe_file_name(&one), safe_file_name(&other));
    assert!(safe_file_name(&one).len() <= 200);
}

#[test]
fn a_second_lock_is_refused_until_the_first_is_gone() {
    let (guard, _folders) = site();
    let mut first = lock(guard.path(), false).unwrap();
    first.note("run 20260301-001").unwrap();
    let error = lock(guard.path(), false).unwrap_err().to_string();
    assert!(error.contains(&format!("is in use by process {}", std::process::id())), "{error}");
    assert!(
        error.contains(" since 2") && error.ends_with(": run 20260301-001; try again later, or with --wait")
    );
    // nothing of a longer note shows behind a shorter one
    first.note("x").unwrap();
    assert!(lock(guard.path(), false).unwrap_err().to_string().contains(": x; try"));
    let path = guard.path().to_owned();
    let waiting = std::thread::spawn(move || lock(&path, true).map(|_| ()));
    drop(first);
    waiting.join().unwrap().unwrap();
    lock(guard.path(), false).unwrap();
}
