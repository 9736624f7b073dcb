//! The commented files of config/ against the code: every key is there, with the default that holds.

use crate::domain::partner::PartnerProfile;
use crate::site::toml_file::{Problem, TomlFile};
use crate::site::{config, load};
use std::collections::{BTreeMap, BTreeSet};

const SETTINGS: &str = include_str!("../../../config/itembridge.toml");
const TEMPLATES: [(&str, &str); 3] = [
    ("x12-retailer.toml", include_str!("../../../config/partners/x12-retailer.toml")),
    ("x12-distributor.toml", include_str!("../../../config/partners/x12-distributor.toml")),
    ("csv.toml", include_str!("../../../config/partners/csv.toml")),
];

/// The commented file with every `#key = ` in force.
fn uncommented(text: &str) -> String {
    let lines = text.lines().map(|line| match line.strip_prefix('#') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_lowercase()) => rest,
        _ => line,
    });
    lines.map(|line| format!("{line}\n")).collect()
}

fn settings(text: &str) -> Result<config::Settings, Vec<Problem>> {
    let file = TomlFile::parse("itembridge.toml", text.to_owned())?;
    match config::settings(&file) {
        (Some(settings), problems) if problems.is_empty() => Ok(settings),
        (_, problems) => Err(problems),
    }
}

fn profile(text: &str) -> Result<PartnerProfile, Vec<Problem>> {
    TomlFile::parse("partners/x.toml", text.to_owned())?.read(&[])
}

#[test]
fn the_defaults_that_config_shows_are_the_ones_that_hold() {
    assert_ne!(uncommented(SETTINGS), SETTINGS);
    assert_eq!(settings(SETTINGS).unwrap(), settings(&uncommented(SETTINGS)).unwrap());
    for (name, text) in TEMPLATES {
        assert_eq!(profile(text).unwrap(), profile(&uncommented(text)).unwrap(), "{name}");
    }
}

/// The keys of each table that the code knows, as its own complaint about an unknown one lists them.
fn known_keys(
    tables: &[&str],
    text: impl Fn(&str) -> String,
    read: impl Fn(String) -> String,
) -> BTreeMap<String, BTreeSet<String>> {
    let mut known = BTreeMap::new();
    for table in tables {
        let told = read(text(table));
        let (_, listed) =
            told.split_once("expected one of ").or_else(|| told.split_once("expected ")).unwrap();
        let keys = listed.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        known.insert((*table).to_owned(), keys);
    }
    known
}

/// The keys that a commented file shows under each table, set or not.
fn shown_keys(text: &str) -> BTreeSet<(String, String)> {
    let mut shown = BTreeSet::new();
    let mut table = String::new();
    for line in text.lines() {
        let line = line.trim_start_matches('#').trim_start();
        if let Some(name) = line.strip_prefix('[') {
            table = name.trim_start_matches('[').split(']').next().unwrap().to_owned();
        } else if let Some((key, _)) = line.split_once(" = ")
            && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        {
            shown.insert((table.clone(), key.to_owned()));
        }
    }
    shown
}

fn assert_all_shown(known: &BTreeMap<String, BTreeSet<String>>, shown: &BTreeSet<(String, String)>) {
    for (table, keys) in known {
        assert!(!keys.is_empty(), "[{table}] has no keys");
        for key in keys {
            // a table under a table is shown by its own header
            let below = format!("{table}.{key}");
            let documented = shown.contains(&(table.clone(), key.clone())) || known.contains_key(&below);
            assert!(documented, "config/ does not show {key} of [{table}]");
        }
    }
}

#[test]
fn config_shows_every_key_of_the_settings() {
    let tables = ["company", "store", "orders", "inbox", "run", "limits", "retention", "customer_item_types"];
    let text = |table: &str| {
        let header = if table == "customer_item_types" {
            "[[customer_item_types]]".to_owned()
        } else {
            format!("[{table}]")
        };
        format!("{header}\nno_such_key = 1\n")
    };
    let read = |text: String| {
        settings(&text)
            .unwrap_err()
            .iter()
            .map(|problem| problem.message.clone())
            .find(|message| message.contains("no_such_key"))
            .unwrap()
    };
    assert_all_shown(&known_keys(&tables, text, read), &shown_keys(SETTINGS));
}

#[test]
fn config_shows_every_key_of_a_profile() {
    let tables = [
        "partner",
        "x12",
        "orders",
        "orders.changes",
        "orders.csv",
        "orders.csv.columns",
        "invoices",
        "invoices.preflight",
        "invoices.remit_to",
    ];
    let text = |table: &str| format!("[{table}]\nno_such_key = 1\n");
    let read = |text: String| {
        profile(&text)
            .unwrap_err()
            .iter()
            .map(|problem| problem.message.clone())
            .find(|message| message.contains("no_such_key"))
            .unwrap()
    };
    let shown = TEMPLATES.iter().flat_map(|(_, text)| shown_keys(text)).collect();
    assert_all_shown(&known_keys(&tables, text, read), &shown);
}

#[test]
fn every_template_is_a_sound_partner() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("partners")).unwrap();
    std::fs::write(folder.path().join("itembridge.toml"), SETTINGS).unwrap();
    for (name, text) in TEMPLATES {
        std::fs::write(folder.path().join("partners").join(name), text).unwrap();
    }
    let site = load(folder.path()).unwrap();
    let ids: Vec<&str> = site.partners.iter().map(|profile| profile.id().as_str()).collect();
    assert_eq!(ids, ["csv-example", "distributor", "example"]);
}
