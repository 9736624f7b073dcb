//! Folders of a site that are file systems of their own: `inbox/`, `archive/`, `outbox/`, `orders/`, `facts/`, `reports/`,
//! `quarantine/` and `state/`, each its own, so that no rename leads from one to another.

use crate::faults::cases::{Case, all_wanted, copy};
use crate::faults::compared::everything;
use crate::faults::nights::{NIGHT, mixed, sample};
use crate::nights::program;
use itembridge::world::Act;

#[test]
fn a_night_over_several_file_systems_leaves_what_one_on_one_leaves() {
    for site in [sample(), mixed()] {
        let one = copy(site.path());
        program(one.path()).args(NIGHT).output().unwrap();
        let several = copy(site.path());
        crate::faults::steps_of(several.path(), &NIGHT, true);
        let differ = everything(several.path()).against(&everything(one.path()));
        assert!(differ.is_empty(), "{differ:?}");
    }
}

#[test]
fn a_fault_at_any_step_over_several_file_systems_changes_nothing_in_the_end() {
    for site in [sample(), mixed()] {
        let case = Case::new(site, &NIGHT, true);
        let mut faults = case.faults(all_wanted());
        // what is the same on one file system is tried there
        faults.retain(|fault| {
            let taken = &case.steps[fault.step];
            all_wanted()
                || taken.path.ends_with(".itembridge-copy.part")
                || matches!(taken.act, Act::Rename | Act::Unlink)
        });
        case.hold(&faults);
    }
}
