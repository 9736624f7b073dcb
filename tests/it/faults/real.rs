//! What the system itself refuses, to SQLite too: no file may grow beyond a size, as on a disk that fills.
#![cfg(unix)]

use crate::faults::cases::copy;
use crate::faults::compared::everything;
use crate::faults::nights::{NIGHT, sample};
use crate::nights::program;
use std::process::Command;

#[test]
fn a_night_whose_files_cannot_grow_ends_by_2_and_the_next_one_makes_it_good() {
    let site = sample();
    let undisturbed = copy(site.path());
    program(undisturbed.path()).args(NIGHT).output().unwrap();
    let expected = everything(undisturbed.path());
    let mut failed = 0;
    for blocks in [0, 1, 2, 8, 40, 100, 200, 300, 400, 500, 600, 700, 800, 1000, 1200] {
        let site = copy(site.path());
        let limited = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
        let out = Command::new("sh")
            .args(["-c", &limited, "sh", env!("CARGO_BIN_EXE_itembridge"), "--site"])
            .arg(site.path())
            .args(NIGHT)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&out.stderr);
        let code = out.status.code();
        if code == Some(2) {
            failed += 1;
            assert!(said.contains(site.path().to_str().unwrap()), "{blocks} blocks: {said}");
        } else {
            assert_eq!(code, Some(1), "{blocks} blocks: {said}");
        }
        program(site.path()).args(NIGHT).output().unwrap();
        let left = everything(site.path());
        let differ = left.against(&expected);
        assert!(differ.is_empty() || code == Some(1), "{blocks} blocks: {said}{differ:?}");
    }
    assert!(failed >= 5, "only {failed} nights failed");
}
