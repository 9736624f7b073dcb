//! Everything that a site is, in a form that two sites can be compared in.

use crate::nights::{Files, files};
use rusqlite::types::ValueRef;
use std::collections::BTreeMap;
use std::path::Path;

/// A site: its files and folders, and each row of its store. Left out: the note in the lock's file, and instants, of which no two
/// runs have the same. That a run took up another's work is left out of its summary.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Everything {
    files: Files,
    folders: Vec<String>,
    /// Rows by table, each in a form that sorts.
    store: BTreeMap<String, Vec<String>>,
}

/// Instants count microseconds; from 2017 to 2049.
const INSTANTS: std::ops::Range<i64> = 1_500_000_000_000_000..2_500_000_000_000_000;

pub(super) fn everything(site: &Path) -> Everything {
    // the store first: what reads it may fold its journal in
    let store = store(site);
    let mut files = files(site);
    files.retain(|path, _| !path.starts_with("state/itembridge.db") && path != "state/lock");
    for (path, bytes) in &mut files {
        if path.starts_with("reports/run-") {
            *bytes = undisturbed(&String::from_utf8(bytes.clone()).unwrap()).into_bytes();
        }
    }
    Everything { files, folders: folders(site), store }
}

fn undisturbed(summary: &str) -> String {
    summary.replace("\"resumed\": true", "\"resumed\": false")
}

/// Every folder below a site, and itself, from the outside in.
pub(super) fn folders(site: &Path) -> Vec<String> {
    let mut found = vec![site.to_owned()];
    let mut next = 0;
    while let Some(folder) = found.get(next).cloned() {
        next += 1;
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        found.extend(entries.filter(|path| path.is_dir()));
    }
    let mut found: Vec<String> =
        found.iter().map(|path| path.strip_prefix(site).unwrap().to_str().unwrap().to_owned()).collect();
    found.sort();
    found
}

fn store(site: &Path) -> BTreeMap<String, Vec<String>> {
    let path = site.join("state/itembridge.db");
    if !path.exists() {
        return BTreeMap::new();
    }
    let connection = rusqlite::Connection::open(path).unwrap();
    let words = "CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, described_text, instance)";
    let known = "SELECT count(*) FROM sqlite_schema WHERE name = 'described_text'";
    if connection.query_row(known, [], |row| row.get::<_, i64>(0)).unwrap() == 0 {
        return BTreeMap::new();
    }
    connection.execute_batch(words).unwrap();
    // of the index of words what it says, not how it is laid out
    let mut names = connection
        .prepare(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB 'described_text*' \
             UNION ALL SELECT 'words'",
        )
        .unwrap();
    let names: Vec<String> = names.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut store = BTreeMap::new();
    for table in names {
        let mut select = connection.prepare(&format!("SELECT * FROM \"{table}\"")).unwrap();
        let columns: Vec<String> = select.column_names().map(str::to_owned).collect();
        let mut rows = select.query([]).unwrap();
        let mut told = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            let cells = columns.iter().enumerate().map(|(at, name)| {
                let value = match row.get_ref(at).unwrap() {
                    _ if seals_instants(&table, name) => "a seal".to_owned(),
                    ValueRef::Null => "null".to_owned(),
                    ValueRef::Integer(value) if INSTANTS.contains(&value) => "an instant".to_owned(),
                    ValueRef::Integer(value) => value.to_string(),
                    ValueRef::Real(value) => value.to_string(),
                    ValueRef::Text(value) => undisturbed(&String::from_utf8_lossy(value)),
                    ValueRef::Blob(value) => format!("{value:?}"),
                };
                format!("{name}={value}")
            });
            told.push(cells.collect::<Vec<_>>().join(" "));
        }
        told.sort();
        store.insert(table, told);
    }
    let sound: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok");
    store
}

/// Whether a cell is the digest of columns of which one is an instant. `verify` proves that it is the right one.
fn seals_instants(table: &str, column: &str) -> bool {
    ["customer_item_event", "order_version"].contains(&table) && column == "seal"
}

impl Everything {
    /// What differs, in words; empty where nothing does.
    pub(super) fn against(&self, expected: &Self) -> Vec<String> {
        let mut said = Vec::new();
        for path in self.files.keys().chain(expected.files.keys()) {
            let (mine, other) = (self.files.get(path), expected.files.get(path));
            if mine != other {
                said.push(format!("{path}: {:?} bytes, not {:?}", mine.map(Vec::len), other.map(Vec::len)));
            }
        }
        let folders = |mine: &Self, other: &Self, word: &str| {
            let extra = mine.folders.iter().filter(|folder| !other.folders.contains(folder));
            extra.map(|folder| format!("{word} folder {folder}")).collect::<Vec<_>>()
        };
        said.extend(folders(self, expected, "another"));
        said.extend(folders(expected, self, "no"));
        for table in self.store.keys().chain(expected.store.keys()) {
            let (mine, other) = (self.rows(table), expected.rows(table));
            if mine != other {
                let extra = mine.iter().find(|row| !other.contains(row));
                let missing = other.iter().find(|row| !mine.contains(row));
                said.push(format!(
                    "{table}: {} rows, not {}: {extra:?} instead of {missing:?}",
                    mine.len(),
                    other.len()
                ));
            }
        }
        said.sort();
        said.dedup();
        said
    }

    fn rows(&self, table: &str) -> &[String] {
        self.store.get(table).map_or(&[], Vec::as_slice)
    }

    /// Files that others may take at any moment and that are none of these states': halves, doubles.
    pub(super) fn half_published(&self, states: &[&Self]) -> Vec<String> {
        const PUBLIC: [&str; 7] = ["orders", "outbox", "archive", "quarantine", "facts", "reports", "inbox"];
        let is_public = |path: &str| {
            let hidden = path.rsplit('/').next().is_some_and(|name| name.starts_with('.'));
            !hidden && PUBLIC.iter().any(|folder| path.starts_with(&format!("{folder}/")))
        };
        let stands_in =
            |path: &String, bytes: &Vec<u8>| states.iter().any(|state| state.files.get(path) == Some(bytes));
        let strange = self.files.iter().filter(|(path, bytes)| is_public(path) && !stands_in(path, bytes));
        strange.map(|(path, _)| path.clone()).collect()
    }
}
