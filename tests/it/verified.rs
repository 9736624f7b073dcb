//! The proof again: a site as its nights left it is clean, and whatever another hand alters is found and named.

use crate::nights::{acme_site, files, fixed_sample, night, order, run, write};
use serde_json::Value;
use std::path::Path;

/// The proof as JSON, with its exit code.
pub(crate) fn proof(site: &Path, arguments: &[&str]) -> (i32, Value) {
    let out = run(site, &[&["verify", "--format", "json"], arguments].concat());
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    let told = String::from_utf8_lossy(&out.stderr).into_owned();
    (out.status.code().unwrap(), serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}{told}")))
}

#[track_caller]
pub(crate) fn is_clean(site: &Path) -> Value {
    let (code, proof) = proof(site, &[]);
    assert_eq!((code, &proof["findings"]), (0, &serde_json::json!([])), "{proof:#}");
    assert_eq!(proof["notes"], serde_json::json!([]), "{proof:#}");
    proof
}

/// Each finding as `kind file row`.
pub(crate) fn told(proof: &Value) -> Vec<String> {
    let findings = proof["findings"].as_array().unwrap().iter();
    let word = |finding: &Value, name: &str| finding[name].as_str().unwrap_or_default().to_owned();
    findings.map(|one| format!("{} {} {}", word(one, "kind"), word(one, "file"), word(one, "row"))).collect()
}

/// The sample's night, and one after it in which what was held goes, something comes again and something is changed.
fn two_nights() -> tempfile::TempDir {
    let site = fixed_sample();
    let first = site.path().join("inbox/orders/harborline-304-held-lines.edi");
    let again = std::fs::read(&first).unwrap();
    assert_eq!(night(site.path(), &[]), 1);
    let xref = site.path().join("masters/item_xref.csv");
    let items = std::fs::read_to_string(site.path().join("masters/items.csv")).unwrap();
    let item = items.lines().nth(1).unwrap().split(',').next().unwrap().to_owned();
    let open = run(site.path(), &["worklist", "export", "--all", "--as", "json"]);
    let causes: Value = serde_json::from_slice(&open.stdout).unwrap();
    let mut text = std::fs::read_to_string(&xref).unwrap();
    let columns: Vec<String> = text.lines().next().unwrap().split(',').map(str::to_owned).collect();
    for cause in causes.as_array().unwrap().iter().filter(|cause| cause["outcome"] == "unmapped") {
        let cell = |name: &str| match name {
            "customer" => cause["customer"].as_str().unwrap().to_owned(),
            "customer_item" => cause["customer_item"].as_str().unwrap().to_owned(),
            "item" => item.clone(),
            _ => String::new(),
        };
        text += &(columns.iter().map(|name| cell(name)).collect::<Vec<_>>().join(",") + "\n");
    }
    std::fs::write(&xref, text).unwrap();
    write(site.path(), "inbox/orders/harborline-304-again.edi", &again);
    assert!(run(site.path(), &["run", "--date", "2026-11-21"]).status.code().unwrap() < 2);
    site
}

#[test]
fn a_site_is_clean_after_nights_with_releases_duplicates_quarantine_tests_changes_invoices_and_sales() {
    let site = two_nights();
    let proof = is_clean(site.path());
    assert_eq!(proof["runs"], 2);
    for what in ["units", "inputs", "lines", "orders", "invoices", "sent", "outputs", "facts"] {
        assert!(proof[what].as_u64().unwrap() > 1, "{what}: {proof:#}");
    }
    let second: Value = crate::nights::summary(site.path(), "20261121-001");
    assert!(second["released"]["ordered"].as_u64().unwrap() > 0, "something was released: {second:#}");
    let first: Value = crate::nights::summary(site.path(), "20261120-001");
    for fate in ["ordered", "held", "rejected", "duplicate", "quarantined", "test", "changes"] {
        assert!(first["lines"][fate].as_u64().unwrap() > 0, "{fate}: {first:#}");
    }
    for fate in ["in", "ordered", "held", "rejected", "duplicate", "test"] {
        assert_ne!(first["quantities"][fate], "0", "{fate}: {first:#}");
        assert_ne!(first["values"]["USD"][fate], "0", "{fate}: {first:#}");
    }
    assert_ne!(second["released_quantities"]["ordered"], "0", "{second:#}");
    // the ERP and the transport have taken everything
    for folder in ["orders", "outbox", "quarantine"] {
        std::fs::remove_dir_all(site.path().join(folder)).unwrap();
    }
    is_clean(site.path());
    let (code, one) = self::proof(site.path(), &["--run", "20261120-001"]);
    assert_eq!((code, &one["runs"]), (0, &serde_json::json!(1)));
    assert_eq!(run(site.path(), &["verify", "--run", "20991231-001"]).status.code(), Some(2));
}

/// Acme's site after a night with two orders, one of which waits.
fn acme() -> tempfile::TempDir {
    let site = acme_site();
    write(site.path(), "inbox/orders/1.edi", order(1, "P-1", "00", 5).as_bytes());
    write(site.path(), "inbox/orders/2.edi", order(2, "P-2", "00", 7).as_bytes());
    let unmapped = order(3, "P-3", "00", 9).replace("A-1", "A-99");
    write(site.path(), "inbox/orders/3.edi", unmapped.as_bytes());
    assert_eq!(night(site.path(), &[]), 1);
    site
}

pub(crate) fn sql(site: &Path, statement: &str) {
    let tool = rusqlite::Connection::open(site.join("state/itembridge.db")).unwrap();
    tool.pragma_update(None, "foreign_keys", false).unwrap();
    assert!(tool.execute(statement, []).unwrap() > 0, "{statement}");
}

pub(crate) fn edit(site: &Path, path: &str, change: impl Fn(String) -> String) {
    let path = site.join(path);
    let text = std::fs::read_to_string(&path).unwrap();
    let changed = change(text.clone());
    assert_ne!(text, changed, "{} is altered", path.display());
    std::fs::write(path, changed).unwrap();
}

const ORDERS: &str = "orders/orders-20261120-001-0001.csv";
const FACTS: &str = "facts/order_lines/date=2026-11-20/run-20261120-001-0001.parquet";

#[test]
#[expect(clippy::too_many_lines, reason = "one table of alterations")]
fn whatever_another_hand_alters_is_found_and_named() {
    type Alter = fn(&Path);
    let rows: [(&str, Alter, &[&str]); 18] = [
        ("nothing", |_| {}, &[]),
        (
            "a byte of the archive",
            |site| edit(site, "archive/2026/11/20/orders/1.edi", |text| text.replace("*5*EA", "*6*EA")),
            &["altered_file archive/2026/11/20/orders/1.edi "],
        ),
        (
            "an input that is gone",
            |site| std::fs::remove_file(site.join("archive/2026/11/20/orders/2.edi")).unwrap(),
            &["missing_file archive/2026/11/20/orders/2.edi "],
        ),
        (
            "an input that never came",
            |site| std::fs::write(site.join("archive/2026/11/20/orders/4.edi"), "x").unwrap(),
            &["unknown_file archive/2026/11/20/orders/4.edi "],
        ),
        (
            "a quantity in the store",
            |site| {
                let set = "lines = replace(lines, '\"5\",\"EA\"', '\"50\",\"EA\"')";
                sql(site, &format!("UPDATE purchase_order SET {set} WHERE po_number = 'P-1'"));
            },
            &["altered_row  store: purchase_order 20261120-001-0001-00001, PO number P-1"],
        ),
        (
            "the state of an order",
            |site| sql(site, "UPDATE purchase_order SET state = 'ordered' WHERE po_number = 'P-3'"),
            &["altered_row  store: purchase_order 20261120-001-0001-00003, PO number P-3"],
        ),
        (
            "an order that is gone",
            |site| sql(site, "DELETE FROM purchase_order WHERE po_number = 'P-2'"),
            &[
                "missing_row  store: purchase_order 20261120-001-0001-00002, PO number P-2",
                "missing_row  store: purchase_order",
            ],
        ),
        (
            "an order that never came",
            |site| {
                sql(
                    site,
                    "INSERT INTO purchase_order SELECT NULL, '20261120-001-0001-00004', run_id, unit, partner, customer, 'P-4',
                     release, po_date, received, currency, state, input, input_offset, input_length, header, lines, answered,
                     seal FROM purchase_order WHERE po_number = 'P-1'",
                );
            },
            &[
                "altered_row  store: purchase_order 20261120-001-0001-00004, PO number P-4",
                "unknown_row  store: purchase_order",
                "unknown_row  store: purchase_order 20261120-001-0001-00004, PO number P-4",
            ],
        ),
        (
            "an exception that is gone",
            |site| sql(site, "DELETE FROM exception"),
            &["missing_row  store: exception"],
        ),
        (
            "a count of a unit",
            |site| sql(site, "UPDATE unit SET counts = replace(counts, '\"in\":3', '\"in\":4')"),
            &[
                "altered_row  store: unit unit 1",
                "balance  store: unit 1",
                "balance  lines in, in the archive",
            ],
        ),
        (
            "facts of another night",
            |site| {
                let other = acme_site();
                write(other.path(), "inbox/orders/1.edi", order(1, "P-9", "00", 1).as_bytes());
                assert_eq!(night(other.path(), &[]), 0);
                std::fs::copy(other.path().join(FACTS), site.join(FACTS)).unwrap();
            },
            &["altered_file facts/order_lines/date=2026-11-20/run-20261120-001-0001.parquet "],
        ),
        (
            "facts that are gone",
            |site| std::fs::remove_file(site.join(FACTS)).unwrap(),
            &["missing_file facts/order_lines/date=2026-11-20/run-20261120-001-0001.parquet "],
        ),
        (
            "facts that stand there twice",
            |site| {
                std::fs::copy(site.join(FACTS), site.join(FACTS.replace("-0001.parquet", "-0002.parquet")))
                    .unwrap();
            },
            &["unknown_file facts/order_lines/date=2026-11-20/run-20261120-001-0002.parquet "],
        ),
        (
            "a row of the internal orders that is gone",
            |site| {
                edit(site, ORDERS, |text| {
                    text.lines()
                        .filter(|line| !line.contains("P-1"))
                        .map(|line| format!("{line}\n"))
                        .collect()
                });
            },
            &[
                "altered_file orders/orders-20261120-001-0001.csv ",
                "missing_row orders/orders-20261120-001-0001.csv order 20261120-001-0001-00001 line 1",
            ],
        ),
        (
            "a row of the internal orders that stands there twice, and a quantity",
            |site| {
                edit(site, ORDERS, |text| {
                    let last = text.lines().last().unwrap().to_owned();
                    text.replace(",5,EA,5,EA,", ",5,EA,6,EA,") + &last + "\n"
                });
            },
            &[
                "altered_file orders/orders-20261120-001-0001.csv ",
                "doubled_row orders/orders-20261120-001-0001.csv row 4: order 20261120-001-0001-00002 line 1",
                "altered_row orders/orders-20261120-001-0001.csv row 2: order 20261120-001-0001-00001 line 1",
            ],
        ),
        (
            "a kept copy that is gone, and a file in the outbox",
            |site| {
                let kept = files(&site.join("state/sent/20261120-001")).into_keys().next().unwrap();
                std::fs::remove_file(site.join("state/sent/20261120-001").join(kept)).unwrap();
                let sent = files(&site.join("outbox/acme")).into_keys().next_back().unwrap();
                // a file of its own: the kept copy is another name of the same one
                let path = site.join("outbox/acme").join(&sent);
                let text = std::fs::read_to_string(&path).unwrap();
                std::fs::remove_file(&path).unwrap();
                std::fs::write(&path, text.replace('~', "^")).unwrap();
            },
            &["altered_file outbox/acme/", "missing_file state/sent/20261120-001/acme-"],
        ),
        (
            "the summary of the run",
            |site| {
                edit(site, "reports/run-20261120-001.json", |text| {
                    text.replace("\"held\": 1", "\"held\": 0")
                });
            },
            &["altered_file reports/run-20261120-001.json "],
        ),
        (
            "a receipt under a run that never was",
            |site| {
                sql(
                    site,
                    "INSERT INTO receipt SELECT NULL, '20261119-001', unit, stage, 'x.edi', digest, bytes, partner, state,
                     work_path, archive_path, archived, seal FROM receipt LIMIT 1",
                );
            },
            &["unknown_row  store: receipt x.edi"],
        ),
    ];
    for (what, alter, expected) in rows {
        let site = acme();
        alter(site.path());
        let (code, proof) = proof(site.path(), &[]);
        let told = told(&proof);
        assert_eq!(code, i32::from(!expected.is_empty()), "{what}: {proof:#}");
        for finding in expected {
            assert!(told.iter().any(|told| told.starts_with(finding)), "{what}: {finding:?} in {told:#?}");
        }
        // what is told is about what was altered, and not everything besides
        assert!(told.len() <= expected.len() + 5, "{what}: {told:#?}");
        let text = String::from_utf8(run(site.path(), &["verify"]).stdout).unwrap();
        assert_eq!(text.contains("everything is as it was committed"), expected.is_empty(), "{what}: {text}");
    }
}
