//! The other commands that write, with a fault at each of their steps.

use crate::faults::cases::{Case, all_wanted, copy};
use crate::nights::{acme_site, night, order, program, write};
use crate::{outbox, worklist, xrefs};

const BY: [&str; 4] = ["--by", "Ida", "--date", "2026-11-21"];

/// Every fault where the command takes few steps, else one of each class.
fn hold(site: tempfile::TempDir, command: &[&str], devices: bool) {
    let case = Case::new(site, command, devices);
    case.hold(&case.faults(all_wanted()));
}

/// Three orders of which two wait for a number that has been mapped since.
fn held() -> tempfile::TempDir {
    let site = acme_site();
    write(site.path(), "masters/item_xref.csv", b"customer,customer_item,item\nACME,B-9,10-1\n");
    for (control, number) in [(1, "A-1"), (2, "B-9"), (3, "A-1")] {
        let text = order(control, &format!("P-{control}"), "00", 5).replace("*A-1~", &format!("*{number}~"));
        write(site.path(), &format!("inbox/orders/{control}.edi"), text.as_bytes());
    }
    assert_eq!(night(site.path(), &["-q"]), 1);
    let mapped = b"customer,customer_item,item\nACME,B-9,10-1\nACME,A-1,10-1\n";
    write(site.path(), "masters/item_xref.csv", mapped);
    let path = site.path().join("itembridge.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text + "\n[limits]\nbatch_files = 1\n").unwrap();
    site
}

#[test]
fn a_release_with_a_fault_is_a_release() {
    for devices in [false, true] {
        hold(held(), &["release", "--date", "2026-11-21"], devices);
    }
}

#[test]
fn a_second_name_that_was_made_and_is_said_to_have_failed_harms_no_bytes() {
    use crate::faults::{Fault, Mode};
    let case = Case::new(held(), &["release", "--date", "2026-11-21"], false);
    let links = (0..case.steps.len()).filter(|step| case.steps[*step].act == itembridge::world::Act::Link);
    let faults = links.flat_map(|step| {
        [Mode::Fails, Mode::FailsThoughDone].map(|mode| Fault { step, mode, devices: false })
    });
    case.hold(&faults.collect::<Vec<_>>());
}

#[test]
fn a_release_that_failed_leaves_nothing_for_a_run_of_another_day() {
    use crate::faults::{Fault, Mode, disturbed};
    let waiting = held();
    let case = Case::new(copy(waiting.path()), &["release", "--date", "2026-11-21"], false);
    for step in (0..case.steps.len()).step_by(if all_wanted() { 1 } else { 9 }) {
        let site = copy(waiting.path());
        let fault = Fault { step, mode: Mode::KilledBefore, devices: false };
        assert_eq!(disturbed(site.path(), &["release", "--date", "2026-11-21"], fault).status.code(), None);
        let out = program(site.path()).args(["run", "--date", "2026-11-25"]).output().unwrap();
        let said = String::from_utf8_lossy(&out.stderr);
        assert_eq!((out.status.code(), said.as_ref()), (Some(0), ""), "step {step}");
        assert_eq!(std::fs::read_dir(site.path().join("state/work")).unwrap().count(), 0, "step {step}");
        assert_eq!(crate::nights::files(&site.path().join("outbox")).len(), 6 + 2, "step {step}");
    }
}

#[test]
fn an_import_with_a_fault_is_an_import() {
    let site = xrefs::site();
    let rows = b"customer,customer_item,item\nACME,N-1,10-1\nACME,N-2,99\nBEST,N-1,10-2\n";
    write(site.path(), "in.csv", rows);
    hold(site, &["xref", "import", "in.csv", "--partial", "--by", "Ida"], false);
}

#[test]
fn an_import_of_mended_rows_with_a_fault_loses_none_of_them() {
    let site = xrefs::site();
    let rows = b"customer,customer_item,item,problem\nACME,N-1,10-1,it was wrong\nBEST,N-1,10-2,so was it\n";
    write(site.path(), "in.problems.csv", rows);
    hold(site, &["xref", "import", "in.problems.csv", "--by", "Ida"], false);
    let site = xrefs::site();
    let rows = b"customer,customer_item,item,problem\nACME,N-1,10-1,it was wrong\nBEST,N-1,99,so was it\n";
    write(site.path(), "in.problems.csv", rows);
    hold(site, &["xref", "import", "in.problems.csv", "--partial", "--by", "Ida"], false);
}

/// A list with a decision that is sound and one that is not.
fn listed(file: &str, sound: bool) -> tempfile::TempDir {
    let site = worklist::three();
    let (path, mut rows) = worklist::export(site.path(), &[]);
    let cells = [("decision", "map"), ("item", "10-1"), ("reason", "the bolt")];
    worklist::fill(&mut rows, worklist::CAUSE, &cells);
    let item = if sound { "10-2" } else { "99" };
    worklist::fill(&mut rows, "unmapped/ACME/BP/=2+3", &[cells[0], ("item", item), cells[2]]);
    std::fs::remove_file(&path).unwrap();
    worklist::save(&site.path().join(file), &rows);
    site
}

#[test]
fn decisions_with_a_fault_are_decisions() {
    let apply = |file| [&["worklist", "apply", file, "--partial"], &BY[..]].concat();
    hold(listed("list.csv", false), &apply("list.csv"), false);
    hold(listed("list.problems.csv", true), &apply("list.problems.csv"), false);
    hold(listed("list.problems.csv", false), &apply("list.problems.csv"), false);
}

#[test]
fn a_list_that_is_written_with_a_fault_is_whole_or_not_there() {
    hold(worklist::three(), &["worklist", "export", "list.csv", "--date", "2026-11-21"], false);
    hold(xrefs::site(), &["xref", "export", "xref.csv"], false);
}

#[test]
fn a_resend_with_a_fault_is_a_resend() {
    for devices in [false, true] {
        let site = outbox::sent();
        for file in [outbox::INVOICES, outbox::CONFIRMATION] {
            std::fs::remove_file(site.path().join(file)).unwrap();
        }
        let command = ["outbox", "resend", "2", "3", "--by", "ann", "--date", "2026-11-21T10:00"];
        hold(site, &command, devices);
    }
}

#[test]
fn an_entry_into_the_ledger_with_a_fault_is_one_entry() {
    let site = || {
        let site = crate::ledger::site();
        crate::ledger::sold(site.path(), "2026-11-20", "R1,1,2026-01-10,S1,ACME,SAW,1,,A1,yes\n", 0);
        site
    };
    let returned = ["ledger", "return", "A1", "--document", "RMA-1", "--by", "Ida", "--date", "2026-11-21"];
    hold(site(), &returned, false);
    let old = site();
    let rows = b"customer,item,date,serials,quantity,document,line\nACME,SAW,2024-01-01,S1,,OLD-1,1\n";
    write(old.path(), "old.problems.csv", rows);
    hold(old, &["ledger", "import", "old.problems.csv", "--by", "Ida"], false);
}

#[test]
fn a_repair_with_a_fault_posts_once_more_once() {
    let site = crate::ledger::site();
    crate::ledger::sold(site.path(), "2026-11-20", "R1,1,2026-11-20,S1,ACME,SAW,2,,A1|A2,yes\n", 0);
    let store = rusqlite::Connection::open(site.path().join("state/itembridge.db")).unwrap();
    store.execute("DELETE FROM customer_item_event WHERE event_key = 'pos/S1/R1/1/2'", []).unwrap();
    drop(store);
    hold(site, &["ledger", "check", "--repair", "--by", "Ida", "--reason", "a disk failed"], false);
}

#[test]
fn a_decided_change_with_a_fault_is_made_once() {
    let decided = || {
        let site = crate::changes::changed(crate::changes::ANSWERED);
        crate::changes::decide(site.path(), "order_change", "apply");
        site
    };
    hold(decided(), &["release", "--date", crate::changes::SECOND], false);
}

#[test]
fn decisions_about_held_invoices_with_a_fault_are_decisions_and_their_release_bills_once() {
    let decisions = b"cause,decision,reason\ninvoice/E426/3,reject,agreed\n";
    let date = "2026-11-23";
    let apply = ["worklist", "apply", "decisions.csv", "--by", "Ida", "--date", date];
    let site = crate::held_invoices::waiting();
    write(site.path(), "decisions.csv", decisions);
    let decided = copy(site.path());
    hold(site, &apply, false);
    assert_eq!(
        program(decided.path()).args(apply).current_dir(decided.path()).status().unwrap().code(),
        Some(0)
    );
    hold(decided, &["release", "--date", date], false);
}

#[test]
fn a_backup_with_a_fault_is_whole_or_not_there() {
    let site = || {
        let site = crate::kept::ten_days();
        write(site.path(), "reports/old.db", b"an older one");
        site
    };
    hold(site(), &["store", "backup", "reports/copy.db"], false);
    hold(site(), &["store", "backup", "reports/old.db", "--force"], false);
}

#[test]
fn a_copy_of_a_store_into_another_with_a_fault_is_whole_or_nothing() {
    let site = held();
    let state = site.path().join("state");
    std::fs::rename(state.join("itembridge.db"), state.join("itembridge.db.old")).unwrap();
    let command = ["store", "copy", "sqlite:state/itembridge.db.old", "sqlite:state/itembridge.db"];
    let case = Case::new(site, &command, false);
    // the schema of the new store, and its rows
    assert_eq!(case.steps.len(), 2);
    case.hold(&case.faults(true));
}

#[test]
fn old_files_that_are_taken_away_with_a_fault_are_gone_and_noted() {
    hold(crate::kept::ten_days(), &["store", "prune", "--date", "2027-02-01"], false);
}
