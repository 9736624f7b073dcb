//! Files that nobody here wrote, where they are present: what `check` says of each, and all purchase orders in one night.

use crate::nights::{night, summary, write};
use crate::x12_reading::{all, corpus};
use itembridge::domain::diagnostic::{Diagnostic, Severity};
use itembridge::pipeline::check::check_set;
use itembridge::x12::envelope::{FileIndex, Limits, scan};
use itembridge::x12::lexer::unwrap_lines;
use std::collections::BTreeMap;
use std::path::Path;

const NO_PURPOSE: &str = "BEG01, BSN01 or BSN02 is empty: nobody knows what is asked, or of which document";
const NO_GROUP: &str = "AK1 or AK9 is missing, or AK102 is empty: it acknowledges nothing";
const NO_LINES: &str = "an order without a PO1";

/// Files that INDEX.tsv calls valid by their envelopes, and whose sets are refused: the code and the reason.
const REFUSED: &[(&str, &str, &str)] = &[
    ("ballerina-edi/extracted/envelope_tests_bal_01.edi", "E203", NO_LINES),
    ("edi-map-check/fixtures/audit_kit/850_03_semantic_errors.edi", "E301", "BEG03 is empty: no PO number"),
    ("edi-map-check/source/850_multi_baseline.edi", "E301", NO_PURPOSE),
    ("edi-map-check/source/850_multi_defects.edi", "E301", NO_PURPOSE),
    ("edi-map-check/source/850_partner.edi", "E301", NO_PURPOSE),
    ("edi-map-check/source/850_usercsv.edi", "E301", NO_PURPOSE),
    ("edi-map-check/source/856_sap.edi", "E301", NO_PURPOSE),
    ("magento-850/extracted/Business_Logic_t_03.edi", "E203", NO_LINES),
    ("oopfactory/ORD/856/Example2.txt", "E301", NO_PURPOSE),
    ("staedi/extracted/ErrorEventsTest_java_01.edi", "E107", "S01 and others between ISA and GS"),
    ("staedi/extracted/EventSequenceTest_java_02.edi", "E203", NO_GROUP),
    ("staedi/extracted/EventSequenceTest_java_05.edi", "E203", NO_GROUP),
    ("staedi/extracted/StaEDIStreamReaderTest_java_01.edi", "E203", NO_GROUP),
    ("staedi/extracted/StaEDIStreamReaderTest_java_02.edi", "E203", NO_GROUP),
    ("staedi/extracted/StaEDIStreamReaderTest_java_03.edi", "E203", NO_GROUP),
    ("staedi/extracted/StaEDIStreamReaderTest_java_04.edi", "E203", NO_GROUP),
    ("staedi/extracted/StaEDIStreamReaderTest_java_05.edi", "E203", NO_GROUP),
    ("staedi/extracted/StaEDIStreamReaderTest_java_09.edi", "E203", NO_GROUP),
    ("staedi/x12/empty997.edi", "E203", NO_GROUP),
    ("x12-doctor/clean/997_seed1234.edi", "E301", NO_GROUP),
    ("x12-doctor/clean/997_seed42.edi", "E301", NO_GROUP),
    ("x12-doctor/clean/997_seed7.edi", "E301", NO_GROUP),
];

/// Files that INDEX.tsv calls malformed, and that are read without a warning.
const HARMLESS: &[(&str, &str)] = &[
    ("edi-net/x12.214.edi", "a line break inside ISA alone: a note"),
    ("oopfactory/ORD/180/FromLowes.txt", "ISA is 106 characters, one of which has three bytes"),
];

/// Sets for which there is a grammar table.
const KNOWN: &[&str] = &["810", "824", "850", "855", "856", "860", "864", "865", "997", "999"];

/// A file as INDEX.tsv has it.
struct Row {
    path: String,
    sets: String,
    status: String,
    lines: u32,
    other_lines: u32,
}

fn rows(corpus: &Path) -> Vec<Row> {
    let table = std::fs::read_to_string(corpus.join("INDEX.tsv")).unwrap();
    let rows = table.lines().skip(1).map(|row| {
        let columns: Vec<&str> = row.split('\t').collect();
        Row {
            path: columns[0].into(),
            sets: columns[3].into(),
            status: columns[13].split(':').next().unwrap().into(),
            lines: columns[11].parse().unwrap(),
            other_lines: columns[12].parse().unwrap(),
        }
    });
    rows.collect()
}

/// Everything that `check` finds, and the lines that it counts.
fn findings(bytes: &[u8], index: &FileIndex) -> (Vec<Diagnostic>, u32) {
    let limits = Limits::default();
    let mut found: Vec<Diagnostic> = all(index).cloned().collect();
    let mut lines = 0;
    for interchange in &index.interchanges {
        for group in &interchange.groups {
            for set in &group.sets {
                let start = usize::try_from(set.offset).unwrap();
                let mut piece = bytes[start..][..usize::try_from(set.length).unwrap()].to_vec();
                if interchange.wrapped {
                    unwrap_lines(&mut piece);
                }
                found.extend(check_set(&piece, interchange.separators, &group.version, set, &limits));
                lines += set.lines;
            }
        }
    }
    (found, lines)
}

#[test]
fn check_accepts_what_is_valid_and_says_what_is_not_but_for_what_the_tables_explain() {
    let Some(corpus) = corpus() else { return };
    let rows = rows(&corpus);
    assert_eq!(rows.len(), 545);
    let mut wrong = Vec::new();
    let mut verdicts: BTreeMap<(String, &str), u32> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.status != "csv") {
        let Row { path, sets, status, .. } = row;
        let bytes = std::fs::read(corpus.join(path)).unwrap();
        let index = scan(bytes.as_slice(), &Limits::default()).unwrap();
        let (found, lines) = findings(&bytes, &index);
        let worst = found.iter().map(|finding| finding.severity).max().unwrap_or(Severity::Note);
        let refused = REFUSED.iter().find(|(other, ..)| other == path);
        let harmless = HARMLESS.iter().any(|(other, _)| other == path);
        let as_told = match (status.as_str(), refused) {
            ("valid", Some((_, code, _))) => {
                found.iter().any(|finding| finding.severity == Severity::Error && finding.rule.code == *code)
            }
            ("valid", None) => worst < Severity::Error,
            _ => (worst < Severity::Warning) == harmless,
        };
        let known = KNOWN.iter().any(|id| sets.contains(id));
        let lines_agree =
            lines == row.lines || (row.lines == 0 && lines == row.other_lines) || status != "valid";
        if !as_told || (known && !lines_agree) {
            let found: Vec<String> = found.iter().map(ToString::to_string).collect();
            wrong.push(format!("{path} {status} {lines} lines: {found:?}"));
        }
        let verdict = match worst {
            Severity::Error => "refused",
            Severity::Warning => "accepted with warnings",
            Severity::Note => "accepted",
        };
        *verdicts.entry((status.clone(), verdict)).or_default() += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let accepted =
        verdicts.iter().filter(|((status, verdict), _)| status == "valid" && *verdict != "refused");
    assert_eq!(accepted.map(|(_, count)| count).sum::<u32>(), 382, "{verdicts:?}");
}

/// The corpus's purchase orders from any sender, in one night.
#[test]
fn all_purchase_orders_go_through_one_night_and_the_balance_holds() {
    let Some(corpus) = corpus() else { return };
    let site = tempfile::tempdir().unwrap();
    write(site.path(), "itembridge.toml", ANY_SITE.as_bytes());
    write(site.path(), "partners/any.toml", ANY_PARTNER.as_bytes());
    write(site.path(), "masters/items.csv", b"item,description,unit\n");
    write(site.path(), "masters/customers.csv", b"customer,name\nANY,Any\n");
    write(site.path(), "masters/item_xref.csv", b"customer,customer_item,item\n");
    let mut files = 0;
    for row in rows(&corpus).iter().filter(|row| row.sets.contains("850")) {
        let bytes = std::fs::read(corpus.join(&row.path)).unwrap();
        write(site.path(), &format!("inbox/orders/{}", row.path.replace('/', "--")), &bytes);
        files += 1;
    }
    assert!(files > 100, "{files}");

    assert_eq!(night(site.path(), &[]), 1, "held lines wait");

    let report = summary(site.path(), "20261120-001");
    let total = |part: &str| -> u64 {
        report[part].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum()
    };
    assert_eq!(total("files"), files);
    let lines = report["lines"].as_object().unwrap();
    let count = |name: &str| lines[name].as_u64().unwrap();
    assert_eq!(count("in"), total("lines") - count("in"), "{lines:?}");
    assert!(count("held") > 1_000, "{lines:?}");
    assert_eq!(crate::nights::files(&site.path().join("inbox")).len(), 0);
    assert_every_interchange_is_answered(site.path());
}

/// Each archived interchange has as many 997 as groups that are no answers, or one TA1, or stands in quarantine untold
/// because nobody can be told.
fn assert_every_interchange_is_answered(site: &Path) {
    let archived = crate::nights::files(&site.join("archive"));
    let sent = crate::nights::files(&site.join("outbox/any"));
    let told = |kind: &str, mark: &str| -> usize {
        let of_kind = sent.iter().filter(|(name, _)| name.starts_with(kind));
        of_kind.map(|(_, bytes)| String::from_utf8_lossy(bytes).matches(mark).count()).sum()
    };
    let (mut sound_groups, mut unsound) = (0, 0);
    let quarantined = crate::nights::files(&site.join("quarantine"));
    for (path, bytes) in &archived {
        let name = path.rsplit('/').next().unwrap();
        let index = scan(bytes.as_slice(), &Limits::default()).unwrap();
        for (number, interchange) in index.interchanges.iter().enumerate() {
            let alone = quarantined.contains_key(&format!("{name}.why.json"));
            let one = quarantined.contains_key(&format!("{name}.interchange-{}.why.json", number + 1));
            if alone || one {
                unsound += 1;
                continue;
            }
            let answers = |id: &str| matches!(id, "997" | "999");
            sound_groups += interchange
                .groups
                .iter()
                .filter(|group| group.sets.is_empty() || group.sets.iter().any(|set| !answers(&set.id)))
                .count();
        }
    }
    assert_eq!(told("997-", "\nAK1*"), sound_groups);
    assert_eq!(told("ta1-", "*R*"), unsound);
}

const ANY_SITE: &str = r#"
[company]
name = "Northwind"
interchange_qualifier = "ZZ"
interchange_id = "NORTHWIND"
application_id = "NORTHWIND"
currency = "USD"
usage = "P"
"#;

const ANY_PARTNER: &str = r#"
[partner]
id = "any"
customer = "ANY"
interchange_qualifier = "ZZ"
interchange_id = "*"
application_id = "*"

[x12]
time = "0800"

[orders]
acknowledge_order = true
unresolved = "hold_line"
"#;
