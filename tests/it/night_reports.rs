//! What a night leaves in `reports/`: coverage, worklist and ledger, each as its command gives it, and true of the night's day.

use crate::ledger::{ledger, site as ledger_site, sold};
use crate::nights::{DATE, acme_site, fixed_sample, night, order, run, summary, write};
use std::path::Path;
use std::time::SystemTime;

const NEXT_DAY: &str = "2026-11-21";

fn report(site: &Path, name: &str) -> String {
    std::fs::read_to_string(site.join(format!("reports/{name}.csv"))).unwrap()
}

fn command(site: &Path, arguments: &[&str]) -> String {
    let out = run(site, &[&["report"], arguments].concat());
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

fn written(site: &Path, name: &str) -> SystemTime {
    std::fs::metadata(site.join(format!("reports/{name}.csv"))).unwrap().modified().unwrap()
}

#[test]
fn the_files_are_what_the_commands_give() {
    let site = fixed_sample();
    let site = site.path();
    assert_eq!(night(site, &[]), 1);
    for (name, more) in [("coverage", &[][..]), ("worklist", &["--top", "0"]), ("ledger", &[])] {
        let asked = [&[name, "--as", "csv", "--to", DATE], more].concat();
        let file = report(site, name);
        assert_eq!(file, command(site, &asked), "{name}");
        assert!(file.lines().count() > 4, "{name}: {file}");
    }
    // more causes than the command shows unless it is asked for all
    assert!(report(site, "worklist").contains("\nunmapped/HARBOR/IN/H-1031,USD,"));
}

#[test]
fn a_night_without_work_keeps_what_is_true_and_tells_ages_anew() {
    let site = fixed_sample();
    let site = site.path();
    assert_eq!(night(site, &[]), 1);
    let before =
        ["coverage", "worklist", "ledger"].map(|name| (name, report(site, name), written(site, name)));
    assert_eq!(night(site, &[]), 0);
    for (name, text, time) in &before {
        assert_eq!((&report(site, name), written(site, name)), (text, *time), "{name} says the same");
    }

    assert_eq!(run(site, &["run", "--date", NEXT_DAY]).status.code(), Some(0));
    let days = |text: &str| -> Vec<String> {
        let at = text.lines().next().unwrap().split(',').position(|name| name == "days").unwrap();
        // before it no cell has a comma
        text.lines().skip(1).map(|line| line.split(',').nth(at).unwrap().to_owned()).collect()
    };
    let (yesterday, today) = (days(&before[1].1), days(&report(site, "worklist")));
    assert!(!yesterday.is_empty() && yesterday.iter().all(|days| days == "0"), "{yesterday:?}");
    assert!(today.len() == yesterday.len() && today.iter().all(|days| days == "1"), "{today:?}");
    assert_eq!((report(site, "coverage"), written(site, "coverage")), (before[0].1.clone(), before[0].2));
}

#[test]
fn a_site_where_nothing_waits_and_nobody_owns_anything_has_both_with_their_heads_alone() {
    let site = acme_site();
    let site = site.path();
    assert_eq!(night(site, &[]), 0);
    for (name, first) in [("worklist", "cause,"), ("ledger", "customer,type,things,")] {
        let text = report(site, name);
        assert!(text.starts_with(first) && text.lines().count() == 1, "{name}: {text}");
    }
    assert!(!site.join("reports/coverage.csv").exists(), "no order line ever came");
    assert_eq!(summary(site, "20261120-001")["ledger_entries"], 0);
}

#[test]
fn one_stage_alone_leaves_them_and_reports_alone_makes_them() {
    let site = acme_site();
    let site = site.path();
    write(site, "inbox/orders/1.edi", order(1, "PO-1", "00", 5).replace("BP*A-1", "BP*NEW").as_bytes());
    assert_eq!(night(site, &["--only", "orders"]), 1);
    assert!(!site.join("reports/worklist.csv").exists() && !site.join("reports/ledger.csv").exists());
    assert!(summary(site, "20261120-001").get("ledger_entries").is_none());
    assert_eq!(night(site, &["--only", "reports"]), 0);
    assert!(report(site, "worklist").contains("\nunmapped/ACME/BP/NEW,USD,7.5,"));
}

#[test]
fn a_number_that_a_spreadsheet_would_take_for_a_formula_is_guarded() {
    let site = acme_site();
    let site = site.path();
    write(site, "inbox/orders/1.edi", order(1, "PO-1", "00", 5).replace("BP*A-1", "BP*=1+1").as_bytes());
    assert_eq!(night(site, &[]), 1);
    let text = report(site, "worklist");
    assert!(text.contains(",BP,'=1+1,"), "{text}");
}

#[test]
fn a_large_ledger_is_looked_through_when_something_was_added_to_it() {
    let site = ledger_site();
    let site = site.path();
    sold(site, "2026-11-20", "R1,1,2026-11-20,S1,ACME,SAW,1,,A1,yes\n", 0);
    assert!(report(site, "ledger").contains("\nACME,"));
    let mut rows = "customer,item,date,serials,quantity,document,line\n".to_owned();
    for at in 0..10_000 {
        rows += &format!("BEST,SAW,2024-11-21,T{at},1,OLD,{}\n", at + 1);
    }
    write(site, "old.csv", rows.as_bytes());
    let path = site.join("old.csv");
    ledger(site, 0, &["import", path.to_str().unwrap(), "--by", "Ida"]);
    let things = |text: &str| -> u64 {
        let best = text.lines().find(|line| line.starts_with("BEST,")).unwrap_or("BEST,saw,0,");
        best.split(',').nth(2).unwrap().parse().unwrap()
    };
    assert_eq!(things(&report(site, "ledger")), 0, "what people change shows in the next night");
    assert_eq!(night(site, &[]), 0);
    assert_eq!(things(&report(site, "ledger")), 10_000);

    // nothing was added: as it stood on the day before
    let path = site.join("reports/ledger.csv");
    std::fs::write(&path, "left\n").unwrap();
    assert_eq!(run(site, &["run", "--date", NEXT_DAY]).status.code(), Some(0));
    assert_eq!(report(site, "ledger"), "left\n");
    std::fs::remove_file(&path).unwrap();
    assert_eq!(run(site, &["run", "--date", NEXT_DAY]).status.code(), Some(0));
    assert_eq!(things(&report(site, "ledger")), 10_000);
}

#[test]
fn facts_that_another_hand_damaged_keep_no_night_from_its_end_and_the_next_from_its_date() {
    let site = acme_site();
    let site = site.path();
    write(site, "inbox/orders/1.edi", order(1, "P-1", "00", 5).as_bytes());
    assert_eq!(night(site, &[]), 0);
    let kept = report(site, "coverage");
    let facts = crate::nights::files_in(site, &["facts"]);
    let (path, bytes) = facts.iter().find(|(path, _)| path.contains("order_lines")).unwrap();
    write(site, path, &bytes[..bytes.len() / 2]);
    for (day, id, control) in [(NEXT_DAY, "20261121-001", 2), ("2026-11-22", "20261122-001", 3)] {
        write(site, "inbox/orders/2.edi", order(control, &format!("P-{control}"), "00", 5).as_bytes());
        let out = run(site, &["run", "--date", day]);
        assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stderr));
        let said = summary(site, id);
        assert_eq!(said["lines"]["ordered"], 1, "{said}");
        let notes = said["notes"].to_string();
        assert!(notes.contains("reports/coverage.csv is as it was") && notes.contains(path), "{notes}");
    }
    assert_eq!(report(site, "coverage"), kept);
}
