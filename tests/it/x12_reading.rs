//! The envelope reader against files that nobody here wrote, where they are present beside the project.

use itembridge::domain::diagnostic::{Diagnostic, Severity};
use itembridge::x12::envelope::{FileIndex, Limits, scan};
use std::path::{Path, PathBuf};

/// What INDEX.tsv says of a file, and what we say.
#[derive(Debug)]
struct Verdict {
    valid: bool,
    sets: usize,
    lines: u32,
}

/// Files where our reading and INDEX.tsv differ, and who is right.
const DISAGREEMENTS: &[(&str, &str)] = &[];

#[test]
fn reads_the_corpus_as_its_index_says_but_for_what_the_table_explains() {
    let Some(corpus) = corpus() else { return };
    let table = std::fs::read_to_string(corpus.join("INDEX.tsv")).unwrap();
    let mut files = 0;
    let mut differ = Vec::new();
    for row in table.lines().skip(1) {
        let columns: Vec<&str> = row.split('\t').collect();
        let (path, status) = (columns[0], columns[13]);
        let bytes = std::fs::read(corpus.join(path)).unwrap();
        let index = scan(bytes.as_slice(), &Limits::default()).unwrap();
        files += 1;
        if status == "csv" {
            assert!(index.interchanges.is_empty(), "{path}");
            continue;
        }
        let theirs = Verdict {
            valid: status == "valid",
            sets: columns[10].parse().unwrap(),
            lines: columns[11].parse().unwrap(),
        };
        let ours = verdict(&index);
        let same = (theirs.valid, theirs.sets, theirs.lines) == (ours.valid, ours.sets, ours.lines);
        if !same {
            let found: Vec<String> = all(&index).map(ToString::to_string).collect();
            differ.push((
                path.to_owned(),
                format!("{path}\n  theirs {theirs:?} {status}\n  ours   {ours:?} {found:?}"),
            ));
        }
    }
    let explained: Vec<&str> = DISAGREEMENTS.iter().map(|(path, _)| *path).collect();
    let news: Vec<&String> =
        differ.iter().filter(|(path, _)| !explained.contains(&path.as_str())).map(|(_, text)| text).collect();
    let gone: Vec<&&str> =
        explained.iter().filter(|path| !differ.iter().any(|(other, _)| other == **path)).collect();
    assert!(
        news.is_empty(),
        "{} of {files}:\n{}",
        news.len(),
        news.into_iter().cloned().collect::<Vec<_>>().join("\n")
    );
    assert!(gone.is_empty(), "no longer differ: {gone:?}");
}

fn verdict(index: &FileIndex) -> Verdict {
    let sets = || {
        index.interchanges.iter().flat_map(|interchange| &interchange.groups).flat_map(|group| &group.sets)
    };
    Verdict {
        valid: all(index).all(|diagnostic| diagnostic.severity < Severity::Warning),
        sets: sets().count(),
        lines: sets().map(|set| set.lines).sum(),
    }
}

fn all(index: &FileIndex) -> impl Iterator<Item = &Diagnostic> {
    let inside = index.interchanges.iter().flat_map(|interchange| {
        let groups = interchange.groups.iter().flat_map(|group| {
            group.diagnostics.iter().chain(group.sets.iter().flat_map(|set| &set.diagnostics))
        });
        interchange.diagnostics.iter().chain(groups)
    });
    index.diagnostics.iter().chain(inside)
}

fn corpus() -> Option<PathBuf> {
    let folder = Path::new("../shared/corpus");
    if !folder.exists() {
        eprintln!("skipped: {} is not there", folder.display());
        return None;
    }
    Some(folder.to_owned())
}
