//! What lies in a drop folder, and what a night makes of it.

use crate::nights::{Files, acme_site, files, night, order, run, summary, write};
use std::path::Path;

fn names(folder: &Path) -> Vec<String> {
    files(folder).into_keys().collect()
}

#[test]
fn unfinished_files_stay_and_strange_ones_are_told_of() {
    let site = acme_site();
    let stay = [".hidden", "a.edi.tmp", "b.part", "c.FilePart", "d.writing", "acme/deep/e.edi"];
    for name in stay {
        write(site.path(), &format!("inbox/orders/{name}"), order(9, "P-9", "00", 1).as_bytes());
    }
    for (control, name) in [(1, "ok.edi"), (2, "acme/ok.edi"), (3, "stranger/ok.edi"), (4, "a b & %41.edi")] {
        let po = format!("P-{control}");
        write(site.path(), &format!("inbox/orders/{name}"), order(control, &po, "00", 1).as_bytes());
    }
    write(site.path(), "inbox/orders/empty.edi", b"");
    write(site.path(), "inbox/astray.edi", b"");
    write(site.path(), "elsewhere.edi", order(8, "P-8", "00", 1).as_bytes());
    #[cfg(unix)]
    std::os::unix::fs::symlink(site.path().join("elsewhere.edi"), site.path().join("inbox/orders/link.edi"))
        .unwrap();

    assert_eq!(night(site.path(), &[]), 1, "the empty file waits");

    let mut left = names(&site.path().join("inbox/orders"));
    left.retain(|name| name != "link.edi");
    let mut stay = stay.to_vec();
    stay.sort_unstable();
    assert_eq!(left, stay);
    let summary = summary(site.path(), "20261120-001");
    assert_eq!(summary["orders"]["ordered"], 4);
    assert_eq!(summary["files"]["quarantined"], 1);
    let notes = summary["notes"].to_string();
    assert!(notes.contains("inbox/orders/acme/deep is left where it is"), "{notes}");
    #[cfg(unix)]
    assert!(notes.contains("inbox/orders/link.edi is left where it is: a symbolic link"), "{notes}");
    assert!(notes.contains("inbox/astray.edi is left where it is"), "{notes}");
    assert!(!notes.contains(".part"), "{notes}");
}

#[test]
fn one_stage_alone_leaves_the_other_inboxes_and_still_knows_the_masters() {
    let site = acme_site();
    write(site.path(), "inbox/orders/1.edi", order(1, "P-1", "00", 1).as_bytes());
    write(
        site.path(),
        "inbox/pos/1.csv",
        b"receipt,line,sold_at,store,customer,item,quantity,unit_price,serials,paid\n",
    );
    assert_eq!(night(site.path(), &["--only", "orders"]), 0);
    assert_eq!(names(&site.path().join("inbox")), ["pos/1.csv"]);
    assert_eq!(summary(site.path(), "20261120-001")["orders"]["ordered"], 1);
    assert_eq!(night(site.path(), &["--only", "ledger"]), 0);
    assert_eq!(files(&site.path().join("inbox")), Files::new());
}

#[test]
fn one_name_may_come_every_night_and_every_one_is_archived() {
    let site = acme_site();
    let mut sent = Vec::new();
    for control in 1..=3 {
        let bytes = order(control, &format!("P-{control}"), "00", 1).into_bytes();
        write(site.path(), "inbox/orders/daily.edi", &bytes);
        sent.push(bytes);
        assert_eq!(night(site.path(), &[]), 0);
    }
    let archived = files(&site.path().join("archive/2026/11/20"));
    let mut bytes: Vec<Vec<u8>> = archived.into_values().collect();
    bytes.sort();
    assert_eq!(bytes, sent);
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_no_text_is_taken_like_any_other() {
    use std::os::unix::ffi::OsStrExt as _;
    let site = acme_site();
    let folder = site.path().join("inbox/orders");
    std::fs::create_dir_all(&folder).unwrap();
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9.edi");
    std::fs::write(folder.join(name), order(1, "P-1", "00", 1)).unwrap();
    assert_eq!(night(site.path(), &[]), 0);
    assert_eq!(files(&folder), Files::new());
    assert_eq!(names(&site.path().join("archive/2026/11/20/orders")), ["caf%E9.edi"]);
}

#[test]
fn what_came_before_its_partner_was_known_is_processed_when_it_comes_again() {
    let site = acme_site();
    let profile = site.path().join("partners/acme.toml");
    let aside = site.path().join("acme.toml");
    std::fs::rename(&profile, &aside).unwrap();
    // A site needs no partner to be one; the file is nobody's.
    write(site.path(), "inbox/orders/1.edi", order(1, "P-1", "00", 1).as_bytes());
    assert_eq!(night(site.path(), &[]), 1);
    std::fs::rename(&aside, &profile).unwrap();
    write(site.path(), "inbox/orders/1.edi", order(1, "P-1", "00", 1).as_bytes());
    assert_eq!(night(site.path(), &[]), 0);
    assert_eq!(summary(site.path(), "20261120-002")["lines"]["ordered"], 1);
    write(site.path(), "inbox/orders/1.edi", order(1, "P-1", "00", 1).as_bytes());
    assert_eq!(night(site.path(), &[]), 0);
    assert_eq!(summary(site.path(), "20261120-003")["lines"]["duplicate"], 1);
}

#[test]
fn an_order_number_is_free_again_after_the_partner_s_window() {
    for (date, what) in [("2026-11-30", "duplicate"), ("2026-12-01", "ordered")] {
        let site = acme_site();
        let path = site.path().join("partners/acme.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text.replace("[x12]\n", "[x12]\nduplicate_window_days = 10\n");
        std::fs::write(&path, text.replace("[orders]\n", "[orders]\nduplicate_window_days = 10\n")).unwrap();
        write(site.path(), "inbox/orders/1.edi", order(1, "P-1", "00", 1).as_bytes());
        assert_eq!(night(site.path(), &[]), 0);
        // a blank line more: other bytes of the file, the same interchange
        let again = order(1, "P-1", "00", 1) + "\n";
        write(site.path(), "inbox/orders/1.edi", again.as_bytes());
        assert_eq!(run(site.path(), &["run", "--date", date]).status.code(), Some(0));
        let run_id = format!("{}-001", date.replace('-', ""));
        assert_eq!(summary(site.path(), &run_id)["lines"][what], 1, "{date}");
    }
}
