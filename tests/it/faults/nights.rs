//! Nights with a fault at each of their steps.

use crate::changes::{APPLIED, LESS, change};
use crate::drop_folders::packed;
use crate::faults::cases::{Case, all_wanted, share};
use crate::faults::{Fault, Mode, Taken};
use crate::nights::{acme_site, fixed_sample, order, run, write};
use itembridge::world::Act;

pub(super) const NIGHT: [&str; 5] = ["run", "--date", "2026-11-20", "--threads", "1"];

/// The sample night in units of three files, so that faults fall between commits too.
pub(super) fn sample() -> tempfile::TempDir {
    let site = fixed_sample();
    let path = site.path().join("itembridge.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text + "\n[limits]\nbatch_files = 3\n").unwrap();
    site
}

/// Small files in units of two, and one so large that it is a unit of its own and is read piece by piece.
pub(super) fn mixed() -> tempfile::TempDir {
    let site = acme_site();
    let path = site.path().join("itembridge.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text + "\n[limits]\nbatch_files = 2\nbatch_bytes = 100000\n").unwrap();
    for number in 1..=5 {
        let name = format!("inbox/orders/acme/{number}.edi");
        write(site.path(), &name, order(number, &format!("P-{number}"), "00", 5).as_bytes());
    }
    let one = order(6, "P-6", "00", 5);
    let (head, line) = (one.split("PO1*").next().unwrap(), "PO1*1*5*EA*1.5**BP*A-1~\n");
    let lines: String = (1..=400).map(|number| line.replacen("*1*", &format!("*{number}*"), 1)).collect();
    let large = format!("{head}{lines}CTT*400~\nSE*404*0001~\nGE*1*6~\nIEA*1*000000006~\n");
    // blanks between interchanges are passed over, and make the file a large one
    write(site.path(), "inbox/orders/acme/3-large.edi", (large + &"\n".repeat(5 << 20)).as_bytes());
    write(site.path(), "inbox/orders/acme/broken.edi", b"ISA*nothing of the kind");
    site
}

/// An order in a compressed file that is unpacked beside it, changes of it and of one of a night before, which go by
/// themselves, and files of that night that are kept no longer.
pub(super) fn changing() -> tempfile::TempDir {
    let site = acme_site();
    let path = site.path().join("itembridge.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let days =
        ["archive", "facts", "sent", "reports", "quarantine"].map(|kind| format!("{kind}_days = 10\n"));
    let days = days.concat();
    std::fs::write(&path, format!("{text}\n[retention]\n{days}\n[limits]\nbatch_files = 1\n")).unwrap();
    let path = site.path().join("partners/acme.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let text = text.replace("[x12]\n", "[x12]\nduplicate_window_days = 5\n");
    let text = text.replace("[orders]\n", "[orders]\nduplicate_window_days = 5\n");
    std::fs::write(&path, text + APPLIED).unwrap();
    write(site.path(), "inbox/orders/acme/0.edi", order(1, "P-0", "00", 5).as_bytes());
    assert_eq!(run(site.path(), &["run", "--date", "2026-11-01"]).status.code(), Some(0));
    // blanks between interchanges are passed over, and too many to be held in memory
    let large = order(2, "P-1", "00", 5) + &"\n".repeat(200_000);
    write(site.path(), "inbox/orders/acme/1.edi.gz", &packed(large.as_bytes()));
    for (control, po_number) in [(3, "P-0"), (4, "P-1")] {
        let text = change(control, &format!("04*SA*{po_number}**1*20261119"), LESS);
        write(site.path(), &format!("inbox/orders/acme/{control}.edi"), text.as_bytes());
    }
    site
}

#[test]
fn a_fault_at_any_step_of_a_night_that_changes_orders_unpacks_and_takes_old_files_away_changes_nothing() {
    let case = Case::new(changing(), &NIGHT, false);
    let taken = |wanted: fn(&Taken) -> bool| case.steps.iter().any(wanted);
    assert!(taken(|step| step.path.to_str().unwrap().contains("/unpacked/")));
    assert!(taken(
        |step| step.path.starts_with("orders/") && step.path.to_str().unwrap().contains("changes-")
    ));
    for folder in ["archive", "facts", "state/sent", "reports"] {
        let goes = |step: &Taken| step.act == Act::Unlink && step.path.starts_with(folder);
        assert!(case.steps.iter().any(goes), "{folder}: {:#?}", case.steps);
    }
    case.hold(&case.faults(all_wanted()));
}

#[test]
fn a_fault_at_any_step_of_the_sample_night_changes_nothing_in_the_end() {
    let case = Case::new(sample(), &NIGHT, false);
    case.hold(&case.faults(all_wanted()));
}

#[test]
fn a_fault_at_any_step_of_a_night_of_several_units_changes_nothing_in_the_end() {
    let case = Case::new(mixed(), &NIGHT, false);
    case.hold(&case.faults(all_wanted()));
}

#[test]
fn a_second_fault_in_the_run_that_takes_up_the_first_changes_nothing_either() {
    hold_twice(sample(), 240);
    hold_twice(mixed(), 120);
    hold_twice(changing(), 120);
}

fn hold_twice(site: tempfile::TempDir, tries: usize) {
    let case = Case::new(site, &NIGHT, false);
    let steps = case.steps.len();
    let tries = if all_wanted() { tries } else { tries / 30 };
    let pairs: Vec<[Fault; 2]> = (0..tries)
        .map(|nth| {
            // spread over both runs, each pair of modes in turn
            let fault = |step: usize, mode: usize| {
                let mode = Mode::ALL[mode % Mode::ALL.len()];
                let mode = if mode.suits(&case.steps[step]) { mode } else { Mode::KilledBefore };
                Fault { step, mode, devices: false }
            };
            [fault(nth * steps / tries, nth), fault((nth * 7919) % steps, nth / 6)]
        })
        .collect();
    case.hold_twice(&share(pairs));
}
