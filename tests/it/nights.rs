//! Nights in temporary folders: a site is laid out, the built program runs on it, what it left is read back.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Files by their path below a folder.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// The date that the tests' nights run for.
pub(crate) const DATE: &str = "2026-11-20";

pub(crate) fn repository(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(relative)
}

/// Copies every file below `from` to the same place below `to`.
pub(crate) fn lay_out(from: &Path, to: &Path) {
    for (path, bytes) in files(from) {
        write(to, &path, &bytes);
    }
}

pub(crate) fn write(root: &Path, path: &str, bytes: &[u8]) {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, bytes).unwrap();
}

/// Every file below a folder; nothing where there is no such folder.
pub(crate) fn files(root: &Path) -> Files {
    let mut found = Files::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// The files of some of a site's folders, by their path below the site.
pub(crate) fn files_in(site: &Path, folders: &[&str]) -> Files {
    let mut found = Files::new();
    for folder in folders {
        found.extend(
            files(&site.join(folder)).into_iter().map(|(path, bytes)| (format!("{folder}/{path}"), bytes)),
        );
    }
    found
}

pub(crate) fn program(site: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_itembridge"));
    command.arg("--site").arg(site).env_remove("ITEMBRIDGE_LOG");
    command
}

/// `itembridge --site SITE ARGUMENTS...` to its end.
pub(crate) fn run(site: &Path, arguments: &[&str]) -> Output {
    program(site).args(arguments).output().unwrap()
}

/// The exit code of a run for [`DATE`]; what the program said is shown where the test fails.
#[expect(clippy::print_stdout, reason = "the test's own output")]
pub(crate) fn night(site: &Path, arguments: &[&str]) -> i32 {
    let out = run(site, &[&["run", "--date", DATE], arguments].concat());
    print!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    out.status.code().unwrap()
}

/// reports/run-ID.json.
pub(crate) fn summary(site: &Path, run_id: &str) -> serde_json::Value {
    let path = site.join(format!("reports/run-{run_id}.json"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}
