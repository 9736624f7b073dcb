//! What no lint knows: who may use whom, who owns which crate, how long a file may be, that each says what it is for.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Module, and the modules that it may name. What is not here fails.
const ARROWS: &[(&str, &[&str])] = &[
    (
        "cli",
        &[
            "domain",
            "x12",
            "documents",
            "xref",
            "ledger",
            "pipeline",
            "site",
            "store",
            "facts",
            "markup",
            "report",
            "run",
            "world",
        ],
    ),
    ("documents", &["domain", "x12"]),
    ("domain", &[]),
    ("facts", &["domain"]),
    ("ledger", &["domain"]),
    ("markup", &[]),
    ("pipeline", &["domain", "x12", "documents", "xref", "ledger"]),
    ("report", &["domain", "facts", "markup", "store"]),
    (
        "run",
        &[
            "domain",
            "x12",
            "documents",
            "xref",
            "ledger",
            "pipeline",
            "site",
            "store",
            "facts",
            "report",
            "world",
        ],
    ),
    ("site", &["domain", "documents", "x12", "xref", "world"]),
    ("store", &["domain", "world"]),
    ("world", &[]),
    ("x12", &["domain"]),
    ("xref", &["domain"]),
];

/// Modules of the core: they return findings as data and know no `anyhow`.
const CORE: &[&str] = &["domain", "x12", "documents", "xref", "ledger", "pipeline"];

/// A crate, and the one place that may name it.
const OWNERS: &[(&str, &[&str])] = &[
    ("nom", &["x12/lexer", "x12/envelope"]),
    ("rusqlite", &["store/sqlite"]),
    ("polars", &["report", "facts"]),
    ("indicatif", &["cli"]),
    ("comfy_table", &["cli"]),
    ("clap", &["cli"]),
    ("sha2", &["site", "run", "store/sqlite", "ledger", "pipeline", "report/html"]),
    ("encoding_rs", &["documents"]),
];

const FILE_LINES_MAX: usize = 500;

#[test]
fn every_module_uses_only_what_the_table_shows() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let module = module_of(&path);
        if module == "lib" || module == "main" {
            continue;
        }
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == module) else {
            wrong.push(format!("{}: the table of arrows does not show {module}", path.display()));
            continue;
        };
        for used in uses_of(&text) {
            if used != module && !allowed.contains(&used.as_str()) {
                wrong.push(format!("{}: {module} may not use {used}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_core_does_not_mention_anyhow() {
    for (path, text) in sources() {
        if CORE.contains(&module_of(&path).as_str()) {
            assert!(!text.contains("anyhow"), "{}: findings are data in the core", path.display());
        }
    }
}

#[test]
fn every_crate_has_its_owner() {
    for (path, text) in sources() {
        let relative = path.strip_prefix("src").unwrap().to_string_lossy().into_owned();
        for (name, owners) in OWNERS {
            let named = text.lines().any(|line| !is_comment(line) && names_crate(line, name));
            let owned = owners.iter().any(|owner| relative.starts_with(owner));
            assert!(!named || owned, "{}: {name} belongs to {owners:?}", path.display());
        }
    }
}

/// What changes the world, as it is written in Rust.
const CHANGES: &[&str] = &[
    "fs::write",
    "fs::rename",
    "fs::copy",
    "fs::hard_link",
    "fs::remove_file",
    "fs::remove_dir",
    "fs::create_dir",
    "fs::set_permissions",
    "fs::symlink",
    "DirBuilder",
    "OpenOptions",
    "File::create",
    "File::options",
    ".sync_all(",
    ".sync_data(",
    ".set_len(",
    ".set_modified(",
    ".set_times(",
    ".set_permissions(",
    "sql.commit()",
    "\"COMMIT",
];

#[test]
fn what_changes_the_world_passes_the_seam() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let relative = path.strip_prefix("src").unwrap().to_string_lossy().into_owned();
        let is_test = relative.ends_with("tests.rs") || relative.contains("tests/");
        if relative == "world.rs" || is_test {
            continue;
        }
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        for (number, line) in (1..).zip(code.lines()).filter(|(_, line)| !is_comment(line)) {
            for change in CHANGES {
                let names = line.match_indices(change).any(|(at, _)| {
                    let before = line[..at].chars().next_back();
                    change.starts_with('.') || !before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_')
                });
                // the store's one commit is a step of the world
                if names && !line.contains("commit(&self.name, ||") && !line.contains("commit(name, ||") {
                    wrong.push(format!("{}:{number}: {change} belongs into src/world.rs", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_says_what_it_is_for_and_stays_short() {
    let mut wrong = Vec::new();
    let tests = walk(Path::new("tests/it")).into_iter().map(|path| (path.clone(), read(&path)));
    for (path, text) in sources().into_iter().chain(tests) {
        let sentence = text.lines().next().is_some_and(|line| line.starts_with("//! ") && line.len() > 12);
        if !sentence {
            wrong.push(format!("{}: opens with no sentence on its job", path.display()));
        }
        let lines = text.lines().count();
        let reason = text.lines().any(|line| line.starts_with("// Over 500 lines: "));
        if lines > FILE_LINES_MAX && !reason {
            wrong.push(format!(
                "{}: {lines} lines, and no `// Over 500 lines: ` with a reason",
                path.display()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_dependency_is_used() {
    let manifest = read(Path::new("Cargo.toml"));
    // The section ends where the manifest names what only lends its features.
    let section =
        manifest.split("[dependencies]").nth(1).unwrap().split("# Used by nothing here").next().unwrap();
    let all: String = sources().into_iter().map(|(_, text)| text).collect();
    for line in section.lines().filter(|line| line.contains('=')) {
        let name = line.split(['=', ' ']).next().unwrap().replace('-', "_");
        assert!(all.lines().any(|line| names_crate(line, &name)), "nothing uses {name}");
    }
}

fn sources() -> Vec<(PathBuf, String)> {
    walk(Path::new("src")).into_iter().map(|path| (path.clone(), read(&path))).collect()
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(walk(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

/// `src/x12/lexer.rs` → `x12`, `src/lib.rs` → `lib`.
fn module_of(path: &Path) -> String {
    let first = path.components().nth(1).unwrap().as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

/// The top modules named after `crate::` outside comments.
fn uses_of(text: &str) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for line in text.lines().filter(|line| !is_comment(line)) {
        for piece in line.split("crate::").skip(1) {
            let inside = piece.strip_prefix('{').unwrap_or(piece);
            let name: String =
                inside.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            used.insert(name);
        }
    }
    used
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

/// Whether a line names the crate as a path (`name::`), and not as a part of a longer word.
fn names_crate(line: &str, name: &str) -> bool {
    line.match_indices(&format!("{name}::")).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_' || c == ':')
    })
}
