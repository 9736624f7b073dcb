//! Faults behind the one seam ([`itembridge::world`]): the program runs in a process of its own, in which one chosen step fails,
//! is done by half, or is the last that the process lives to see.

mod cases;
mod commands;
mod compared;
mod devices;
mod nights;
mod real;

use itembridge::world::{Act, Fate, Hook, Step, disturb};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;

/// The variables by which a test tells its child what to do.
const FAULT: &str = "ITEMBRIDGE_TEST_FAULT";
const ARGUMENTS: &str = "ITEMBRIDGE_TEST_ARGUMENTS";
const LOG: &str = "ITEMBRIDGE_TEST_LOG";

/// What happens at the chosen step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Mode {
    /// It is not done and says EIO.
    Fails,
    /// It is done, and says EIO all the same: a disk that does not know, a network folder.
    FailsThoughDone,
    /// The disk is full from here on: a write arrives by half, nothing new is made.
    Full,
    KilledBefore,
    KilledAfter,
    /// Half of the bytes arrive, then the end.
    KilledHalfway,
    /// No fault: it waits there while the site has a file named `pause`.
    Waits,
}

/// By their numbers, as a child is told.
const MODES: [Mode; 7] = [
    Mode::Fails,
    Mode::FailsThoughDone,
    Mode::Full,
    Mode::KilledBefore,
    Mode::KilledAfter,
    Mode::KilledHalfway,
    Mode::Waits,
];

impl Mode {
    /// The faults.
    pub(crate) const ALL: &[Self] = MODES.split_at(6).0;

    /// Whether it means anything for such a step.
    pub(crate) fn suits(self, taken: &Taken) -> bool {
        match self {
            Self::KilledHalfway => taken.act == Act::Write,
            Self::Full => needs_room(taken.act),
            Self::FailsThoughDone | Self::KilledAfter => !taken.idle,
            _ => true,
        }
    }

    pub(crate) fn kills(self) -> bool {
        matches!(self, Self::KilledBefore | Self::KilledAfter | Self::KilledHalfway)
    }
}

fn needs_room(act: Act) -> bool {
    matches!(act, Act::MakeFolder | Act::Create | Act::Write | Act::Link | Act::Commit)
}

/// One disturbance of one process.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fault {
    /// Counted from 0.
    pub(crate) step: usize,
    pub(crate) mode: Mode,
    /// Each folder of the site is a file system of its own.
    pub(crate) devices: bool,
}

impl Fault {
    /// Nothing happens.
    pub(crate) fn none(devices: bool) -> Self {
        Self { step: usize::MAX, mode: Mode::Fails, devices }
    }

    fn to_text(self) -> String {
        let mode = MODES.iter().position(|mode| *mode == self.mode).unwrap();
        format!("{} {mode} {}", self.step, u8::from(self.devices))
    }

    fn of_text(text: &str) -> Self {
        let numbers: Vec<usize> = text.split(' ').map(|number| number.parse().unwrap()).collect();
        Self { step: numbers[0], mode: MODES[numbers[1]], devices: numbers[2] == 1 }
    }
}

/// A step that an undisturbed process took.
#[derive(Debug, Clone)]
pub(crate) struct Taken {
    pub(crate) act: Act,
    /// Below the site, or absolute.
    pub(crate) path: PathBuf,
    pub(crate) from: Option<PathBuf>,
    /// The run had ended, and says what went wrong here without ending otherwise.
    pub(crate) after_the_run: bool,
    /// There is nothing to remove, or a folder that something is left in: it cannot be done.
    pub(crate) idle: bool,
}

impl Taken {
    /// Steps of one class do the same with files of one kind: the path without its numbers.
    pub(crate) fn class(&self) -> String {
        let plain = |path: &Path| {
            path.to_str()
                .unwrap()
                .chars()
                .map(|c| if c.is_ascii_digit() { '#' } else { c })
                .collect::<String>()
        };
        let folder = |path: &PathBuf| plain(path.parent().unwrap_or(Path::new("")));
        let ending = self.path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        format!("{:?} {}/*.{ending} {:?}", self.act, folder(&self.path), self.from.as_ref().map(folder))
    }
}

#[derive(Debug)]
struct Disturber {
    fault: Fault,
    site: PathBuf,
    steps: Mutex<Steps>,
}

#[derive(Debug, Default)]
struct Steps {
    taken: usize,
    /// The chosen step is under way.
    at_it: bool,
    full: bool,
    log: Option<std::fs::File>,
}

impl Disturber {
    fn below<'p>(&self, path: &'p Path) -> &'p Path {
        path.strip_prefix(&self.site).unwrap_or(path)
    }

    /// Whether two names are on different file systems, where each folder of the site is one.
    fn crosses(&self, step: Step<'_>) -> bool {
        let device = |path| self.below(path).components().next().map(|part| part.as_os_str().to_owned());
        step.from.is_some_and(|from| device(from) != device(step.path))
    }
}

fn is_idle(step: Step<'_>) -> bool {
    match step.act {
        Act::Unlink => step.path.symlink_metadata().is_err(),
        Act::RemoveFolder => std::fs::read_dir(step.path).map_or(true, |mut inside| inside.next().is_some()),
        _ => false,
    }
}

impl Hook for Disturber {
    fn before(&self, step: Step<'_>) -> Fate {
        let mut steps = self.steps.lock().unwrap();
        if let Some(log) = &mut steps.log {
            let from = step.from.map(|from| self.below(from).to_owned());
            let line =
                serde_json::json!([format!("{:?}", step.act), self.below(step.path), from, is_idle(step)]);
            writeln!(log, "{line}").unwrap();
        }
        let number = steps.taken;
        steps.taken += 1;
        let full = std::io::ErrorKind::StorageFull;
        let crosses = self.fault.devices && self.crosses(step);
        steps.at_it = number == self.fault.step;
        if steps.at_it {
            match self.fault.mode {
                Mode::KilledBefore => std::process::abort(),
                Mode::Fails => return Fate::Refused(std::io::Error::from_raw_os_error(5)),
                Mode::Full => {
                    steps.full = true;
                    return if step.act == Act::Write { Fate::Half } else { Fate::Refused(full.into()) };
                }
                Mode::KilledHalfway => return Fate::Half,
                // it crosses file systems, so it cannot be done
                Mode::KilledAfter if crosses => std::process::abort(),
                Mode::FailsThoughDone if crosses => {
                    return Fate::Refused(std::io::Error::from_raw_os_error(5));
                }
                Mode::KilledAfter | Mode::FailsThoughDone => {}
                Mode::Waits => {
                    std::fs::write(self.site.join("paused"), "").unwrap();
                    while self.site.join("pause").exists() {
                        std::thread::sleep(std::time::Duration::from_millis(10));
                    }
                }
            }
        }
        if steps.full && needs_room(step.act) {
            return Fate::Refused(full.into());
        }
        if crosses {
            return Fate::Refused(std::io::ErrorKind::CrossesDevices.into());
        }
        Fate::Done
    }

    fn after(&self, _: Step<'_>) -> Option<std::io::Error> {
        if !self.steps.lock().unwrap().at_it {
            return None;
        }
        match self.fault.mode {
            Mode::KilledAfter | Mode::KilledHalfway => std::process::abort(),
            Mode::Full => Some(std::io::ErrorKind::StorageFull.into()),
            Mode::FailsThoughDone => Some(std::io::Error::from_raw_os_error(5)),
            Mode::Fails | Mode::KilledBefore | Mode::Waits => None,
        }
    }
}

/// No test: what a test starts as a process of its own, see [`disturbed`].
#[test]
fn the_program_with_one_step_disturbed() {
    let Ok(fault) = std::env::var(FAULT) else { return };
    let arguments: Vec<String> = serde_json::from_str(&std::env::var(ARGUMENTS).unwrap()).unwrap();
    let log = std::env::var_os(LOG).map(|path| std::fs::File::create(path).unwrap());
    let site = Path::new(&arguments[2]).canonicalize().unwrap();
    let steps = Mutex::new(Steps { log, ..Steps::default() });
    assert!(disturb(Box::new(Disturber { fault: Fault::of_text(&fault), site, steps })));
    let code = itembridge::cli::execute(arguments.into_iter().map(Into::into));
    std::process::exit(code.into());
}

pub(crate) fn child(site: &Path, arguments: &[&str], fault: Fault) -> Command {
    let mut all = vec!["itembridge", "--site", site.to_str().unwrap()];
    all.extend(arguments);
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["faults::the_program_with_one_step_disturbed", "--exact", "--nocapture", "--test-threads=1"])
        .env(FAULT, fault.to_text())
        .env(ARGUMENTS, serde_json::to_string(&all).unwrap())
        // a test's thread has less than the program's
        .env("RUST_MIN_STACK", "8388608")
        .env_remove("ITEMBRIDGE_LOG")
        .current_dir(site);
    command
}

/// `itembridge --site SITE ARGUMENTS...` with a fault. No code: it was killed.
pub(crate) fn disturbed(site: &Path, arguments: &[&str], fault: Fault) -> Output {
    child(site, arguments, fault).output().unwrap()
}

/// The steps that the command takes where nothing disturbs it.
pub(crate) fn steps_of(site: &Path, arguments: &[&str], devices: bool) -> Vec<Taken> {
    let log = tempfile::NamedTempFile::new().unwrap();
    let out = child(site, arguments, Fault::none(devices)).env(LOG, log.path()).output().unwrap();
    assert!(out.status.code().is_some_and(|code| code < 2), "{}", String::from_utf8_lossy(&out.stderr));
    let text = std::fs::read_to_string(log.path()).unwrap();
    let taken = |line: &str| {
        let (act, path, from, idle): (String, PathBuf, Option<PathBuf>, bool) =
            serde_json::from_str(line).unwrap();
        let act = ACTS.into_iter().find(|known| format!("{known:?}") == act).unwrap();
        Taken { act, path, from, after_the_run: false, idle }
    };
    let mut steps: Vec<Taken> = text.lines().map(taken).collect();
    // its work is taken away when it has ended; after it comes retention
    let is_end = |step: &Taken| step.act == Act::RemoveFolder && step.path.starts_with("state/work");
    let end = steps.iter().rposition(is_end).map_or(steps.len(), |end| end + 1);
    steps.iter_mut().skip(end).for_each(|step| step.after_the_run = true);
    steps
}

const ACTS: [Act; 11] = [
    Act::MakeFolder,
    Act::RemoveFolder,
    Act::Create,
    Act::Write,
    Act::SetTime,
    Act::Sync,
    Act::SyncFolder,
    Act::Rename,
    Act::Link,
    Act::Unlink,
    Act::Commit,
];
