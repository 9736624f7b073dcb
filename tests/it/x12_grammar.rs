//! The grammar against real files: what an index of samples calls valid is not rejected.

use itembridge::domain::diagnostic::{Diagnostic, Severity};
use itembridge::domain::partner::Strictness;
use itembridge::x12::envelope::{Limits, scan};
use itembridge::x12::grammar::transaction_set;
use itembridge::x12::lexer::{Tokens, unwrap_lines};
use itembridge::x12::validate::validate;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const NO_LINES: &str = "850 without a PO1";
const NO_PURPOSE: &str = "BEG01 or BSN01 is empty";
const NO_NUMBER: &str = "BEG03 or BSN02 is empty";
const NO_GROUP: &str = "AK102 is empty";
const NO_BODY: &str = "a test of envelopes: a 997 without AK1 or AK9";

/// Files that the index calls valid because their envelopes are, and that lack what makes a document one.
const REJECTED: &[(&str, &str)] = &[
    ("ballerina-edi/extracted/envelope_tests_bal_01.edi", NO_LINES),
    ("edi-map-check/fixtures/audit_kit/850_03_semantic_errors.edi", NO_NUMBER),
    ("edi-map-check/source/850_multi_baseline.edi", NO_PURPOSE),
    ("edi-map-check/source/850_multi_defects.edi", NO_PURPOSE),
    ("edi-map-check/source/850_partner.edi", NO_PURPOSE),
    ("edi-map-check/source/850_usercsv.edi", NO_PURPOSE),
    ("edi-map-check/source/856_sap.edi", NO_PURPOSE),
    ("magento-850/extracted/Business_Logic_t_03.edi", NO_LINES),
    ("oopfactory/ORD/856/Example2.txt", NO_NUMBER),
    ("staedi/extracted/EventSequenceTest_java_02.edi", NO_BODY),
    ("staedi/extracted/EventSequenceTest_java_05.edi", NO_BODY),
    ("staedi/extracted/StaEDIStreamReaderTest_java_01.edi", NO_BODY),
    ("staedi/extracted/StaEDIStreamReaderTest_java_02.edi", NO_BODY),
    ("staedi/extracted/StaEDIStreamReaderTest_java_03.edi", NO_BODY),
    ("staedi/extracted/StaEDIStreamReaderTest_java_04.edi", NO_BODY),
    ("staedi/extracted/StaEDIStreamReaderTest_java_05.edi", NO_BODY),
    ("staedi/extracted/StaEDIStreamReaderTest_java_09.edi", NO_BODY),
    ("staedi/x12/empty997.edi", NO_BODY),
    ("x12-doctor/clean/997_seed1234.edi", NO_GROUP),
    ("x12-doctor/clean/997_seed42.edi", NO_GROUP),
    ("x12-doctor/clean/997_seed7.edi", NO_GROUP),
];

/// Runs where the samples are; they are no part of the repository.
#[test]
#[expect(clippy::print_stdout, reason = "the counts show where the tables or the samples are wrong")]
fn no_valid_sample_is_rejected_but_those_in_the_table() {
    let corpus = Path::new("../shared/corpus");
    let Ok(index) = std::fs::read_to_string(corpus.join("INDEX.tsv")) else { return };
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut rejected: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut sets = 0;
    for row in index.lines().skip(1) {
        let columns: Vec<&str> = row.split('\t').collect();
        if columns[13] != "valid" {
            continue;
        }
        for findings in validated(&std::fs::read(corpus.join(columns[0])).unwrap()) {
            sets += 1;
            for finding in findings {
                let at = format!("{} {}-{:02}", finding.rule.code, finding.at.segment_id, finding.at.element);
                if finding.severity == Severity::Error {
                    rejected.entry(columns[0].to_owned()).or_default().insert(at.clone());
                }
                *counts.entry(at).or_default() += 1;
            }
        }
    }
    println!("{sets} sets: {counts:#?}");
    let known: BTreeSet<&str> = REJECTED.iter().map(|(path, _)| *path).collect();
    let found: BTreeSet<&str> = rejected.keys().map(String::as_str).collect();
    assert_eq!(found, known, "{rejected:#?}");
    assert!(sets > 300, "the index names that many sets of the kinds that are known: {sets}");
}

/// The findings of each set of a known kind in a file.
fn validated(bytes: &[u8]) -> Vec<Vec<Diagnostic>> {
    let limits = Limits { diagnostics_per_set_max: 10_000, ..Limits::default() };
    let index = scan(bytes, &limits).unwrap();
    let mut found = Vec::new();
    for interchange in &index.interchanges {
        for group in &interchange.groups {
            for set in &group.sets {
                let Some(def) = transaction_set(&set.id) else { continue };
                let start = usize::try_from(set.offset).unwrap();
                let mut piece = bytes[start..start + usize::try_from(set.length).unwrap()].to_vec();
                if interchange.wrapped {
                    unwrap_lines(&mut piece);
                }
                let strictness = Strictness::Standard;
                let tokens = Tokens::new(&piece, interchange.separators, set.offset);
                let (_, findings) = validate(def, &tokens, &group.version, &limits, strictness);
                found.push(findings);
            }
        }
    }
    found
}
