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

/// A temporary folder; in memory where there is such a place, because a night waits for its disk again and again.
pub(crate) fn scratch() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
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

/// The sample site, each partner with a fixed time on its envelopes.
pub(crate) fn fixed_sample() -> tempfile::TempDir {
    let site = scratch();
    for (path, bytes) in files(&repository("samples/site")) {
        if !path.starts_with("partners/") {
            write(site.path(), &path, &bytes);
            continue;
        }
        let text = String::from_utf8(bytes).unwrap();
        let fixed = if text.contains("[x12]\n") {
            text.replace("[x12]\n", "[x12]\ntime = \"0800\"\n")
        } else {
            text + "\n[x12]\ntime = \"0800\"\n"
        };
        write(site.path(), &path, fixed.as_bytes());
    }
    site
}

/// A site with one X12 partner, acme, one item, 10-1, and its number at the customer, A-1. Nothing lies in its inbox.
pub(crate) fn acme_site() -> tempfile::TempDir {
    let site = scratch();
    lay_out(&repository("tests/golden/duplicates_over_two_nights/site"), site.path());
    std::fs::remove_dir_all(site.path().join("inbox")).unwrap();
    site
}

/// An interchange of acme's with one order of one line for A-1.
pub(crate) fn order(control: u32, po_number: &str, purpose: &str, quantity: u32) -> String {
    format!(
        "ISA*00*          *00*          *01*006922827      *ZZ*NORTHWIND      *261119*2130*U*00401*{control:09}*0*P*>~\n\
         GS*PO*ACMEPO*NORTHWIND*20261119*2130*{control}*X*004010~\nST*850*0001~\nBEG*{purpose}*SA*{po_number}**20261119~\n\
         PO1*1*{quantity}*EA*1.5**BP*A-1~\nCTT*1~\nSE*5*0001~\nGE*1*{control}~\nIEA*1*{control:09}~\n"
    )
}
