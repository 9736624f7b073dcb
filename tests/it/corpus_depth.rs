//! How deep the corpus is looked into: sets with a table, segments with a place, elements, and what was found by rule.
//!
//! The tables are exact, so that a change of grammar or dictionary shows here in figures. `UPDATE_EXPECT=1 cargo test
//! --test it corpus_depth` writes them anew; each line of the diff wants a reason.

use crate::x12_reading::corpus;
use expect_test::expect;
use itembridge::domain::diagnostic::{Diagnostic, Severity};
use itembridge::domain::partner::Strictness;
use itembridge::x12::envelope::Limits;
use itembridge::x12::lexer::Tokens;
use itembridge::x12::validate::validate;
use itembridge::x12::{self, TransactionSet};
use std::collections::BTreeMap;
use std::path::Path;

/// What was looked at in sets of one kind.
#[derive(Default)]
struct Depth {
    sets: usize,
    refused: usize,
    segments: usize,
    placed: usize,
    elements: usize,
    findings: usize,
}

const NO_TABLE: &str = "no table";

/// By status in INDEX.tsv and by set.
type Depths = BTreeMap<(String, String), Depth>;

/// By code and title: how many findings of each severity.
type Rules = BTreeMap<(&'static str, &'static str), BTreeMap<String, usize>>;

#[test]
fn every_set_of_the_corpus_is_looked_into_as_deep_as_the_tables_say() {
    let Some(corpus) = corpus() else { return };
    let (depths, rules) = looked_into(&corpus);
    expect![[r#"
        status    set        sets  refused segments  placed  elements  findings
        malformed 810           9        4      339     339      1048         4
        malformed 850          51       39      753     735      1880       132
        malformed 855           5        3       54      54       174        15
        malformed 856          37       30      415     414       925       118
        malformed 860           3        2       31      31        82         9
        malformed 865           2        1       22      22        76         1
        malformed 997           5        3       21      21        27        11
        malformed 999           3        3       32      31        68         9
        malformed no table     62       44     2946       0         0       106
        valid     810          58        0     1269    1269      4157       144
        valid     824           3        0       40      40       134         3
        valid     850         147       13     4064    4056     16457        59
        valid     855          49        0      586     586      1881        25
        valid     856          42        2     1772    1772      5046        37
        valid     860           3        0       18      18        59         0
        valid     865           2        0       33      33       114         1
        valid     997          84       11      578     578       995        41
        valid     999           6        1       63      62       123         6
        valid     no table    135        0     3205       0         0       135
    "#]]
    .assert_eq(&table(&depths));
    expect![[r#"
        E118 transaction set control number missing or invalid: 1 error
        E120 transaction set without its SE trailer: 4 error
        E121 transaction set control numbers that differ: 8 error
        E122 wrong number of segments: 114 error
        E123 transaction set control number used before in the group: 7 warning
        E124 transaction set that is not looked into: 197 note
        E125 version without tables of its own: 56 note
        E126 transaction set in a functional group of another kind: 19 warning
        E201 segment id that X12 does not have: 5 warning
        E202 segment that does not belong here: 4 warning
        E203 mandatory segment missing: 80 error
        E205 segment occurs more often than allowed: 3 warning
        E206 segment that this transaction set does not have: 5 warning
        E207 segment out of sequence: 28 warning
        E301 mandatory data element missing: 20 error, 60 warning
        E302 data element missing that another one requires: 146 warning
        E303 more data elements than the segment has: 8 warning
        E304 data element too short: 3 warning
        E305 data element too long: 37 warning
        E306 invalid character in data element: 9 warning
        E307 code that the data element does not have: 4 warning
        E308 invalid date: 17 warning
        E309 invalid time: 3 warning
        E312 data element repeated more often than allowed: 7 warning
        E313 more components than the data element has: 2 warning
        E350 separators after the last value: 6 note
        E351 blanks at the end of a value: 3 note
    "#]]
    .assert_eq(&by_rule(&rules));
}

/// A line for each rule: its code and title, and how many findings of each severity.
fn by_rule(rules: &Rules) -> String {
    let line = |((code, title), counts): (&(&str, &str), &BTreeMap<String, usize>)| {
        let counts: Vec<String> =
            counts.iter().map(|(severity, count)| format!("{count} {severity}")).collect();
        format!("{code} {title}: {}\n", counts.join(", "))
    };
    rules.iter().map(line).collect()
}

fn looked_into(corpus: &Path) -> (Depths, Rules) {
    let index = std::fs::read_to_string(corpus.join("INDEX.tsv")).unwrap();
    let (mut depths, mut rules) = (Depths::new(), Rules::new());
    for row in index.lines().skip(1) {
        let columns: Vec<&str> = row.split('\t').collect();
        let status = columns[13].split(':').next().unwrap();
        let bytes = std::fs::read(corpus.join(columns[0])).unwrap();
        for set in x12::read(&bytes).sets() {
            let kind = if set.def().is_some() { set.set.id.as_str() } else { NO_TABLE };
            let depth = depths.entry((status.to_owned(), kind.to_owned())).or_default();
            for finding in look_into(&set, depth) {
                let severity = format!("{:?}", finding.severity).to_lowercase();
                let counts = rules.entry((finding.rule.code, finding.rule.title)).or_default();
                *counts.entry(severity).or_default() += 1;
            }
        }
    }
    (depths, rules)
}

fn table(depths: &Depths) -> String {
    let mut shown = format!(
        "{:10}{:9}{:>6}{:>9}{:>9}{:>8}{:>10}{:>10}\n",
        "status", "set", "sets", "refused", "segments", "placed", "elements", "findings"
    );
    for ((status, kind), depth) in depths {
        let Depth { sets, refused, segments, placed, elements, findings } = depth;
        shown += &format!(
            "{status:10}{kind:9}{sets:>6}{refused:>9}{segments:>9}{placed:>8}{elements:>10}{findings:>10}\n"
        );
    }
    shown
}

/// Adds a set to its kind: the elements of segments that have a place are judged, empty ones aside.
fn look_into(set: &TransactionSet<'_>, depth: &mut Depth) -> Vec<Diagnostic> {
    let limits = Limits { diagnostics_per_set_max: 10_000, ..Limits::default() };
    depth.sets += 1;
    depth.segments += set.segments().count();
    if let Some(def) = set.def() {
        let (separators, version) = (set.interchange.separators, &set.group.version);
        let tokens = Tokens::new(set.bytes(), separators, set.set.offset);
        let (tree, _) = validate(def, &tokens, version, &limits, Strictness::Standard);
        // ST and SE stand in the envelope, which has judged them
        depth.placed += tree.nodes.len() + 2;
        let elements = tree.nodes.iter().flat_map(|node| node.segment.elements().skip(1));
        depth.elements += elements.filter(|element| !element.is_empty()).count();
    }
    let found = set.findings(&limits, Strictness::Standard);
    depth.refused += usize::from(found.iter().any(|finding| finding.severity == Severity::Error));
    depth.findings += found.len();
    found
}
