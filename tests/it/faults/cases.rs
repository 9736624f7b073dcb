//! A case of faults: a site, a command, and what holds after each fault in it and another try.

use crate::faults::compared::{Everything, everything, folders};
use crate::faults::{Fault, Mode, Taken, disturbed, steps_of};
use crate::nights::{files, program, scratch, write};
use itembridge::world::Act;
use std::collections::BTreeSet;
use std::path::Path;

/// A site before a command, and after it.
pub(super) struct Case<'c> {
    site: tempfile::TempDir,
    command: &'c [&'c str],
    devices: bool,
    before: Everything,
    once: Everything,
    /// After the command was given twice: the first try of a disturbed one may have come to its end.
    twice: Everything,
    /// The same of two disturbed ones.
    thrice: Everything,
    /// The exit codes of the first two; the third is as the second.
    codes: [i32; 2],
    /// The exit codes of `verify` after each of them.
    proven: [i32; 2],
    pub(super) steps: Vec<Taken>,
}

/// Whether all faults are wanted, and not one of each kind: `tests/faults.sh`.
pub(super) fn all_wanted() -> bool {
    std::env::var_os("ITEMBRIDGE_FAULTS").is_some()
}

/// So many faults of a case are tried in `cargo test`, spread over its steps.
const TRIED: usize = 40;

/// Of all faults every so manieth alone, from which on: `ITEMBRIDGE_FAULTS=3/8`.
pub(super) fn share<T>(all: Vec<T>) -> Vec<T> {
    let asked = std::env::var("ITEMBRIDGE_FAULTS").unwrap_or_default();
    let Some((from, every)) = asked.split_once('/') else { return all };
    all.into_iter().skip(from.parse().unwrap()).step_by(every.parse().unwrap()).collect()
}

impl<'c> Case<'c> {
    /// `command` must do the same on each try: it names its date, and its threads where it has some.
    pub(super) fn new(site: tempfile::TempDir, command: &'c [&'c str], devices: bool) -> Self {
        let undisturbed = copy(site.path());
        let before = everything(site.path());
        let steps = steps_of(copy(site.path()).path(), command, devices);
        assert_eq!(
            steps.iter().map(Taken::class).collect::<Vec<_>>(),
            steps_of(copy(site.path()).path(), command, devices).iter().map(Taken::class).collect::<Vec<_>>(),
            "a command takes the same steps each time"
        );
        let tries = [(); 3].map(|()| {
            let command = ["--quiet"].iter().chain(command);
            let mut program = program(undisturbed.path());
            let out = program.args(command).current_dir(undisturbed.path()).output().unwrap();
            (
                out.status.code().unwrap(),
                everything(undisturbed.path()),
                proof_code(undisturbed.path()).unwrap(),
            )
        });
        let [(first, once, clean), (second, twice, still), (third, thrice, _)] = tries;
        assert!(first < 2 && second == third, "{command:?} ends by {first}, {second} and {third}");
        Self {
            site,
            command,
            devices,
            before,
            once,
            twice,
            thrice,
            codes: [first, second],
            proven: [clean, still],
            steps,
        }
    }

    /// Every fault, or one of each class of steps, the modes in turn.
    pub(super) fn faults(&self, all: bool) -> Vec<Fault> {
        let mut classes = BTreeSet::new();
        let mut faults = Vec::new();
        for (step, taken) in self.steps.iter().enumerate() {
            let new = classes.insert(taken.class());
            let suits: Vec<Mode> = Mode::ALL.iter().copied().filter(|mode| mode.suits(taken)).collect();
            let modes = if all {
                suits
            } else if new {
                vec![suits[classes.len() % suits.len()]]
            } else {
                Vec::new()
            };
            faults.extend(modes.into_iter().map(|mode| Fault { step, mode, devices: self.devices }));
        }
        // `cargo test` has no time for all classes of each case; many are the same in several
        let every = if all { 1 } else { faults.len().div_ceil(TRIED).max(1) };
        share(faults.into_iter().step_by(every).collect())
    }

    /// Runs into each fault, and tries again; nothing may tell that there was a fault.
    pub(super) fn hold(&self, faults: &[Fault]) {
        let wrong: Vec<String> = faults.iter().flat_map(|fault| self.wrong(&[*fault])).collect();
        self.say(faults.len(), &wrong);
    }

    /// The same with a second fault in the second try.
    pub(super) fn hold_twice(&self, pairs: &[[Fault; 2]]) {
        let wrong: Vec<String> = pairs.iter().flat_map(|pair| self.wrong(pair)).collect();
        self.say(pairs.len(), &wrong);
    }

    #[expect(clippy::print_stderr, reason = "the figures of a long test")]
    fn say(&self, tried: usize, wrong: &[String]) {
        eprintln!("{:?}: {} steps, {tried} faults, {} wrong", self.command, self.steps.len(), wrong.len());
        let shown = wrong.iter().take(40).cloned().collect::<Vec<_>>().join("\n");
        assert!(wrong.is_empty(), "{} of {tried}:\n{shown}", wrong.len());
    }

    fn wrong(&self, faults: &[Fault]) -> Vec<String> {
        let site = copy(self.site.path());
        let mut wrong = Vec::new();
        for (nth, fault) in faults.iter().enumerate() {
            let out = disturbed(site.path(), self.command, *fault);
            let said = String::from_utf8_lossy(&out.stderr).into_owned();
            // which step a second try takes depends on how far the first came
            let taken = self.steps.get(fault.step).filter(|_| nth == 0);
            wrong.extend(code_is_wrong(*fault, taken, out.status.code(), &said));
            let strange = everything(site.path()).half_published(&[
                &self.before,
                &self.once,
                &self.twice,
                &self.thrice,
            ]);
            if !strange.is_empty() {
                wrong.push(format!("half published: {strange:?}"));
            }
        }
        // a folder that is a file system of its own is one on the next try too
        let out = disturbed(site.path(), self.command, Fault::none(self.devices));
        let code = out.status.code();
        if !self.codes.map(Some).contains(&code) {
            wrong.push(format!("the next try ends by {code:?}: {}", String::from_utf8_lossy(&out.stderr)));
        }
        let left = everything(site.path());
        // a proof takes as long as a night
        let looked = all_wanted() || faults[0].step.is_multiple_of(4);
        let proven = if looked { proof_code(site.path()) } else { Some(self.proven[0]) };
        if !self.proven.map(Some).contains(&proven) {
            wrong.push(format!("the proof ends by {proven:?}, not {:?}", self.proven));
        }
        let differ = left.against(&self.once);
        // so many of the disturbed tries may have come to their end before the fault
        let ended: &[&Everything] =
            if faults.len() > 1 { &[&self.twice, &self.thrice] } else { &[&self.twice] };
        if !differ.is_empty() && ended.iter().all(|other| !left.against(other).is_empty()) {
            wrong.extend(differ);
        }
        let step = self.steps.get(faults[0].step);
        let at = format!("{faults:?} {:?} {:?}", step.map(|taken| taken.act), step.map(|taken| &taken.path));
        wrong.into_iter().map(|what| format!("{at}\n    {what}")).collect()
    }
}

/// How `verify` ends: seals, digests, the inputs read again.
fn proof_code(site: &Path) -> Option<i32> {
    program(site).args(["--quiet", "verify"]).output().unwrap().status.code()
}

/// What is wrong with the code, or the words, by which a process with this fault ended.
fn code_is_wrong(fault: Fault, taken: Option<&Taken>, code: Option<i32>, said: &str) -> Option<String> {
    if fault.mode.kills() {
        // a second try may be over before
        let over = taken.is_none() && code.is_some_and(|code| code < 2);
        return (code.is_some() && !over).then(|| format!("not killed but ended by {code:?}: {said}"));
    }
    let Some(taken) = taken else {
        return code.is_none().then(|| format!("died: {said}"));
    };
    // second names are a convenience, and what clears up after a failure may fail itself
    let unpacked = taken.path.components().any(|part| part.as_os_str() == "unpacked");
    let does_without =
        taken.after_the_run || taken.act == Act::Link || (unpacked && taken.act == Act::Unlink);
    match code {
        Some(2) => {
            let cause = ["Input/output error", "no storage space", "No space left"];
            let names = |path: &Path| {
                let name = path.file_name().unwrap_or(path.as_os_str()).to_str().unwrap();
                // the name that a file is unpacked under is another one in each process
                let name = if unpacked { "unpack" } else { name };
                said.contains(name.trim_start_matches('.').trim_end_matches(".part"))
            };
            let told = names(&taken.path) || taken.from.as_deref().is_some_and(names);
            let caused = cause.iter().any(|cause| said.contains(cause));
            // of a copy to another file system its final place is told
            let copied = taken.path.ends_with(".itembridge-copy.part")
                && taken.path.parent().is_some_and(|folder| said.contains(folder.to_str().unwrap()));
            (!(told || copied) || !caused)
                .then(|| format!("does not name {} and why: {said}", taken.path.display()))
        }
        Some(0 | 1) if does_without => None,
        other => Some(format!("ends by {other:?}: {said}")),
    }
}

/// A copy of a site, in memory where there is such a place.
pub(super) fn copy(site: &Path) -> tempfile::TempDir {
    let copied = scratch();
    for folder in folders(site) {
        std::fs::create_dir_all(copied.path().join(folder)).unwrap();
    }
    for (path, bytes) in files(site) {
        write(copied.path(), &path, &bytes);
    }
    copied
}
