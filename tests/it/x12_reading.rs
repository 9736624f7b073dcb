//! The envelope reader against files that nobody here wrote, where they are present beside the project.

use itembridge::domain::diagnostic::{Diagnostic, Severity};
use itembridge::x12::envelope::{FileIndex, Limits, scan};
use itembridge::x12::lexer::{segments, unwrap_lines};
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

/// A reason of INDEX.tsv, and the finding that tells of it.
const REASONS: &[(&str, &str)] = &[
    ("ISA not 106 bytes", "E109"),
    ("missing IEA", "E103"),
    ("IEA02<>ISA13", "E104"),
    ("IEA01=", "E105"),
    ("ST outside a group", "E111"),
    ("missing GE", "E112"),
    ("GE02<>GS06", "E113"),
    ("GE01=", "E114"),
    ("missing SE", "E120"),
    ("SE02<>ST02", "E121"),
    ("SE01=", "E122"),
    ("SE without ST", "E107"),
    ("no ISA", "E101"),
];

/// Reasons that we do not repeat.
const EXCUSED: &[(&str, &str)] = &[
    ("ballerina-edi/extracted/envelope_tests_bal_02.edi", "E105"), // the missing GS is told, and not again as a count
    ("gozer/x12.wrong.GS.txt", "E105"), // the same; with the group that lost its GS there are two, as IEA01 says
    ("edi-net/x12.850.edi", "E109"),    // padded with no-break spaces: 106 characters, more bytes
    ("oopfactory/ORD/850/Example4_Adobe_ShrinkWrapped.txt", "E122"), // lines end segments, not the blank before: 18 it is
];

#[test]
fn reads_the_corpus_as_its_index_says_but_for_what_the_table_explains() {
    let Some(corpus) = corpus() else { return };
    let table = std::fs::read_to_string(corpus.join("INDEX.tsv")).unwrap();
    let mut files = 0;
    let mut differ = Vec::new();
    let mut untold = Vec::new();
    for row in table.lines().skip(1) {
        let columns: Vec<&str> = row.split('\t').collect();
        let (path, status) = (columns[0], columns[13]);
        let bytes = std::fs::read(corpus.join(path)).unwrap();
        let index = scan(bytes.as_slice(), &Limits::default()).unwrap();
        files += 1;
        assert_sets_agree(&bytes, &index, path);
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
        for (_, code) in REASONS.iter().filter(|(reason, _)| status.contains(reason)) {
            let told = all(&index).any(|diagnostic| diagnostic.rule.code == *code);
            let excused =
                EXCUSED.contains(&(path, *code)) || DISAGREEMENTS.iter().any(|(other, _)| *other == path);
            if !told && !excused {
                untold.push(format!("{path} is not told {code}: {status}"));
            }
        }
        let same = (theirs.valid, theirs.sets, theirs.lines) == (ours.valid, ours.sets, ours.lines);
        if !same {
            let found: Vec<String> = all(&index).map(ToString::to_string).collect();
            differ.push((
                path.to_owned(),
                format!("{path}\n  theirs {theirs:?} {status}\n  ours   {ours:?} {found:?}"),
            ));
        }
    }
    assert!(untold.is_empty(), "{}", untold.join("\n"));
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

/// A set's bytes give as many segments as the scan counted.
fn assert_sets_agree(bytes: &[u8], index: &FileIndex, path: &str) {
    for interchange in &index.interchanges {
        for set in interchange.groups.iter().flat_map(|group| &group.sets) {
            let start = usize::try_from(set.offset).unwrap();
            let mut piece = bytes[start..][..usize::try_from(set.length).unwrap()].to_vec();
            if interchange.wrapped {
                unwrap_lines(&mut piece);
            }
            let read: Vec<_> = segments(&piece, interchange.separators, set.offset).collect();
            assert_eq!(read.len(), set.segments as usize, "{path} {}", set.control);
            let lines = read.iter().filter(|segment| is_line(segment.id())).count();
            assert_eq!(lines, set.lines as usize, "{path} {}", set.control);
            assert_eq!(read[0].id(), b"ST", "{path}");
        }
    }
}

/// In lower case too: see E221.
fn is_line(id: &[u8]) -> bool {
    [b"PO1", b"IT1", b"POC"].iter().any(|line| line.eq_ignore_ascii_case(id))
}

fn verdict(index: &FileIndex) -> Verdict {
    let sets = || {
        index.interchanges.iter().flat_map(|interchange| &interchange.groups).flat_map(|group| &group.sets)
    };
    Verdict {
        valid: all(index).all(|found| found.severity < Severity::Warning || is_value(found)),
        sets: sets().count(),
        lines: sets().map(|set| set.lines).sum(),
    }
}

/// Whether a finding is about a value of ISA or GS, which INDEX.tsv does not judge: it looks at the structure alone.
pub(crate) fn is_value(found: &Diagnostic) -> bool {
    const VALUES: [&str; 6] = ["E116", "E126", "E127", "E128", "E173", "E174"];
    VALUES.contains(&found.rule.code) || ("E143".."E156").contains(&found.rule.code)
}

pub(crate) fn all(index: &FileIndex) -> impl Iterator<Item = &Diagnostic> {
    let inside = index.interchanges.iter().flat_map(|interchange| {
        let groups = interchange.groups.iter().flat_map(|group| {
            group.diagnostics.iter().chain(group.sets.iter().flat_map(|set| &set.diagnostics))
        });
        interchange.diagnostics.iter().chain(groups)
    });
    index.diagnostics.iter().chain(inside)
}

pub(crate) fn corpus() -> Option<PathBuf> {
    let folder = Path::new("../shared/corpus");
    if !folder.exists() {
        #[expect(clippy::print_stderr, reason = "a skipped test says so")]
        {
            eprintln!("skipped: {} is not there", folder.display());
        }
        return None;
    }
    Some(folder.to_owned())
}
