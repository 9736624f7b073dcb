//! What a person reads: `tests/errors/CODE/` holds the smallest input that shows a rule, and message.txt what is said of it.
//!
//! `input.edi` and `input.csv` go through `check` (with `profile.toml` where that is there). `site/` is laid over a small
//! site whose night then runs: message.txt holds what its quarantine, its worklist or its notes say under the code; with
//! commands.txt beside it, what the last of those commands says after the night.
//! `UPDATE_EXPECT=1 cargo test errors` writes message.txt anew; read what it wrote.

use crate::nights::{lay_out, night, repository, run, summary, write};
use itembridge::domain::rules::catalogue;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

/// Rules that no small file shows.
const NOT_SHOWN: &[(&str, &str)] = &[
    ("E134", "a group of over 65536 sets"),
    ("E130", "a segment over 64 KiB"),
    ("E131", "a set over 64 MiB"),
    ("E132", "over ten million envelopes"),
    ("E141", NOTED),
    (
        "E142",
        "said by the writer of a document of ours that is not sent; the masters and the readers keep such from it",
    ),
    ("E402", NOTED),
    ("E406", NIGHTS),
    ("E407", NIGHTS),
    ("E408", NOTED),
    ("E410", NIGHTS),
    ("E411", NIGHTS),
    ("E412", NIGHTS),
    ("E413", NIGHTS),
    ("E417", "a defect of this program"),
    ("E418", BILLS),
    ("E419", BILLS),
    ("E420", NOTED),
    ("E421", BILLS),
    ("E422", BILLS),
    ("E423", BILLS),
    ("E424", BILLS),
    ("E425", BILLS),
    ("E426", BILLS),
    ("E427", BILLS),
    ("E428", BILLS),
    ("E429", BILLS),
    ("E430", BILLS),
    ("E436", "an order of over 200000 lines"),
    ("E441", BILLS),
    ("E442", BILLS),
    ("E443", BILLS),
    ("E444", BILLS),
    ("E445", BILLS),
    ("E446", BILLS),
    ("E447", BILLS),
    ("E448", BILLS),
    ("E449", BILLS),
    ("E452", "the sync takes one of two like rows; only a row decided here can repeat one"),
    ("E461", RELEASES),
    ("E462", RELEASES),
    ("E480", BILLS),
    ("E481", BILLS),
    ("E482", BILLS),
    ("E483", BILLS),
    ("E484", BILLS),
    ("E485", BILLS),
    ("E486", "an invoice of over 100000 lines"),
    ("E506", "a CSV order of over 100000 lines"),
    ("E515", "a CSV row over the limit of bytes"),
    ("E564", "a note about a document of ours that went its way: returned.rs shows it"),
    ("E567", "an entry that was changed after it was recorded: ledger_gaps.rs alters one in a store"),
    ("E590", "a ledger that lost an entry: ledger.rs takes one out of a store"),
    ("E594", "a document with an earlier date than what a person said after it: ledger.rs shows it"),
    ("E599", "over the limit of findings in one CSV file"),
    ("E608", CHANGES),
    ("E609", CHANGES),
];

const CHANGES: &str = "a change of what an earlier night billed: the golden nights show it";

const NIGHTS: &str = "an outcome of a night: the golden nights show it";
const RELEASES: &str = "a release of what an earlier night held: releases.rs shows it";
const NOTED: &str = "a note about an order that goes its way";
const BILLS: &str = "an invoice against orders of earlier nights: the golden nights show it";

#[test]
fn every_rule_is_shown_or_said_to_be_unshowable() {
    let shown: BTreeSet<String> = cases().into_iter().collect();
    let excused: BTreeSet<String> = NOT_SHOWN.iter().map(|(code, _)| (*code).to_owned()).collect();
    let known: BTreeSet<String> = catalogue().map(|rule| rule.code.to_owned()).collect();
    let both: Vec<_> = shown.intersection(&excused).collect();
    assert!(both.is_empty(), "shown, and said not to be: {both:?}");
    let covered: BTreeSet<String> = shown.union(&excused).cloned().collect();
    let missing: Vec<_> = known.difference(&covered).collect();
    assert!(missing.is_empty(), "neither in tests/errors nor excused: {missing:?}");
    let unknown: Vec<_> = covered.difference(&known).collect();
    assert!(unknown.is_empty(), "no such rule: {unknown:?}");
}

#[test]
fn every_example_says_what_is_kept_and_names_its_rule() {
    let mut wrong = Vec::new();
    for code in cases() {
        let folder = repository("tests/errors").join(&code);
        let message = match (folder.join("commands.txt").exists(), folder.join("site").is_dir()) {
            (true, _) => by_command(&folder),
            (false, true) => by_night(&folder, &code),
            (false, false) => by_check(&folder),
        };
        let path = folder.join("message.txt");
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&path, &message).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        if message != kept {
            wrong.push(format!("{code}: expected:\n{kept}\ncame:\n{message}"));
        }
        if !message.contains(&code) {
            wrong.push(format!("{code} is not in its own message:\n{message}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn cases() -> Vec<String> {
    let entries = std::fs::read_dir(repository("tests/errors")).unwrap();
    let mut codes: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    codes.sort();
    codes
}

/// What `check` prints; its exit code is 0 where no warning and no error is among it.
fn by_check(folder: &Path) -> String {
    let input = if folder.join("input.edi").exists() { "input.edi" } else { "input.csv" };
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_itembridge"));
    command.current_dir(folder).args(["check", input]);
    if folder.join("profile.toml").exists() {
        command.args(["--profile", "profile.toml"]);
    }
    let out = command.output().unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    let clean = text.trim_end().ends_with("0 errors, 0 warnings");
    assert_eq!(out.status.code(), Some(i32::from(!clean)), "{}\n{text}", folder.display());
    text
}

/// What the last of the commands says after a night; the ones before it do what they are for.
fn by_command(folder: &Path) -> String {
    let site = tempfile::tempdir().unwrap();
    for (path, text) in SITE {
        write(site.path(), path, text.as_bytes());
    }
    lay_out(&folder.join("site"), site.path());
    night(site.path(), &[]);
    let commands = std::fs::read_to_string(folder.join("commands.txt")).unwrap();
    let mut said = String::new();
    let last = commands.lines().count();
    for (number, command) in commands.lines().enumerate() {
        let arguments: Vec<String> = command
            .split_whitespace()
            .map(|word| word.replace("SITE", site.path().to_str().unwrap()))
            .collect();
        let out = run(site.path(), &arguments.iter().map(String::as_str).collect::<Vec<_>>());
        let expected = i32::from(number + 1 == last);
        assert_eq!(out.status.code(), Some(expected), "{command}: {}", String::from_utf8_lossy(&out.stderr));
        said = String::from_utf8(out.stdout).unwrap().replace(site.path().to_str().unwrap(), "SITE");
    }
    said
}

/// What a night says under the code: findings in quarantine or on the worklist, else notes about the masters.
fn by_night(folder: &Path, code: &str) -> String {
    let site = tempfile::tempdir().unwrap();
    for (path, text) in SITE {
        write(site.path(), path, text.as_bytes());
    }
    lay_out(&folder.join("site"), site.path());
    night(site.path(), &[]);
    let report = summary(site.path(), "20261120-001");
    let waiting = report["waiting"].as_array().unwrap().iter();
    let findings = waiting.flat_map(|row| row["detail"]["findings"].as_array().into_iter().flatten());
    let mut text: String = findings.filter(|found| found["code"] == code).map(rendered).collect();
    for note in report["notes"].as_array().unwrap().iter().filter_map(Value::as_str) {
        if note.contains(code) {
            text += &format!("{note}\n");
        }
    }
    text
}

fn rendered(found: &Value) -> String {
    let text = |name: &str| found[name].as_str().unwrap_or_default().to_owned();
    let mut out = format!("{}[{}]: {}\n", text("severity"), text("code"), text("title"));
    for name in ["found", "detail", "cause", "help", "answer"] {
        if !text(name).is_empty() {
            out += &format!("  = {name}: {}\n", text(name));
        }
    }
    out
}

/// The site that each `site/` is laid over.
pub(crate) const SITE: &[(&str, &str)] = &[
    (
        "itembridge.toml",
        "[company]\nname = \"Northwind\"\ninterchange_qualifier = \"ZZ\"\ninterchange_id = \"NORTHWIND\"\n\
         application_id = \"NORTHWIND\"\ncurrency = \"USD\"\nusage = \"P\"\n",
    ),
    (
        "partners/acme.toml",
        "[partner]\nid = \"acme\"\ncustomer = \"ACME\"\ninterchange_qualifier = \"01\"\n\
         interchange_id = \"006922827\"\napplication_id = \"ACMEPO\"\n\n[x12]\ntime = \"0800\"\n\n[orders.csv]\n",
    ),
    ("masters/items.csv", "item,description,unit\nI-1,Bolt,EA\n"),
    ("masters/customers.csv", "customer,name\nACME,Acme\n"),
    ("masters/item_xref.csv", "customer,customer_item,item\nACME,114-2,I-1\n"),
];
