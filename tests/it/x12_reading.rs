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
const DISAGREEMENTS: &[(&str, &str)] = &[
    ("bots-plugins/demo/one-on-one_x12_xml/x122xml/x12/mailbag01.x12", REPEATED),
    ("bots-plugins/x12/850_fixed/x12_850tofixed/850/850-004010-02.x12", REPEATED),
    ("bots-plugins/x12/850_fixed/x12_850tofixed/850/850-004010.17.x12", REPEATED),
    ("edi-net/x12.214.edi", "a line break inside ISA alone; read as wrapped, told by a note"),
    ("mock-edi/extracted/examples_demo_sh_02.edi", POC),
    ("oopfactory/ORD/180/FromLowes.txt", "ISA is 106 characters, one of which has three bytes"),
    ("oopfactory/ORD/820/Example6.txt", "SE02 and ST02 differ in leading zeros alone"),
    ("oopfactory/ORD/860/Example1.txt", POC),
    ("oopfactory/ORD/865/FromAdvanceAutoParts.txt", POC),
    ("oopfactory/ORD/865/FromMclaneCo.txt", POC),
    ("oopfactory/ORD/865/FromTyco.txt", POC),
    (
        "staedi/extracted/ErrorEventsTest_java_01.edi",
        "S01 and others between ISA and IEA are no X12 envelope: an error",
    ),
    ("stupidedi/003010/PC860/fail/1.edi", POC),
    ("x12-types/005010_860.edi", POC),
    ("x12-types/extracted/v005010_860_test_rs_01.edi", POC),
    ("x12-types/extracted/v005010_865_test_rs_01.edi", POC),
];

const REPEATED: &str = "ST02 is not unique in its group, which INDEX.tsv does not look at: a warning";
const POC: &str = "POC is a line to us; INDEX.tsv counts it apart";

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
