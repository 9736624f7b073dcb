//! What a night leaves in the books: the ledger, the invoices as independent arithmetic and an independent reader see them,
//! the facts, and the commands that show them.

use crate::nights::{files, files_in, lay_out, night, repository, run};
use expect_test::{Expect, expect};
use itembridge::x12::envelope::{Limits, scan};
use itembridge::x12::lexer::{segments, text};
use polars::prelude::{ParquetReader, SerReader};
use std::path::Path;
use x12_types::util::Parser;
use x12_types::{v004010, v005010};

/// The site of a golden case after its first night.
pub(crate) fn golden(case: &str) -> tempfile::TempDir {
    let site = tempfile::tempdir().unwrap();
    lay_out(&repository(&format!("tests/golden/{case}/site")), site.path());
    night(site.path(), &[]);
    site
}

/// What a command prints; blanks at the ends of lines are the table's.
fn says(site: &Path, arguments: &[&str]) -> String {
    let out = run(site, arguments);
    let text = [out.stdout, out.stderr].concat();
    String::from_utf8(text).unwrap().lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

fn check(site: &Path, arguments: &[&str], expected: &Expect) {
    expected.assert_eq(&says(site, arguments));
}

pub(crate) fn json(site: &Path, arguments: &[&str]) -> serde_json::Value {
    let out = run(site, &[&["--format", "json"], arguments].concat());
    serde_json::from_slice(&out.stdout).unwrap()
}

#[test]
fn three_kits_with_a_serial_each_and_a_lot_are_in_the_ledger_until_they_are_credited() {
    let site = golden("credit_and_bad_rows");
    check(
        site.path(),
        &["ledger", "list", "--ended"],
        &expect![[r#"
             customer   item   type   serial   quantity   purchased    document/line   warranty to   service due   ended
            ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
             ACME       CELL   cell                   2   2026-11-19   invoice 1/1     2027-11-18
             ACME       CELL   cell                   2   2026-11-19   invoice 1/1     2027-11-18                  credited 2026-11-20
             ACME       CELL   cell                   2   2026-11-19   invoice 1/1     2027-11-18                  credited 2026-11-20
             ACME       CELL   cell   L1              6   2026-11-19   invoice 1/2     2027-11-18
             ACME       CELL   cell   L2              4   2026-11-19   invoice 1/2     2027-11-18
             ACME       SAW    tool   A               1   2026-11-19   invoice 1/1     2028-11-19
             ACME       SAW    tool   B               1   2026-11-19   invoice 1/1     2028-11-19                  credited 2026-11-20
             ACME       SAW    tool   C               1   2026-11-19   invoice 1/1     2028-11-19                  credited 2026-11-20
        "#]],
    );
}

#[test]
fn a_sale_counts_once_when_it_is_paid_and_a_return_ends_it() {
    let site = golden("sales_of_the_shops");
    let first = says(site.path(), &["ledger", "list", "--ended"]);
    expect![[r#"
         customer   item   type   serial   quantity   purchased    document/line   warranty to   service due   ended
        ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
         WALK       CELL   cell                   2   2026-11-20   pos R6/1        2027-11-19
         WALK       CELL   cell   L1              6   2026-11-20   pos R5/1        2027-11-19
         WALK       CELL   cell   L2              4   2026-11-20   pos R5/1        2027-11-19
         WALK       SAW    tool   W1              1   2026-11-20   pos R1/1        2028-11-19                  returned 2026-11-20
         WALK       SAW    tool   W2              1   2026-11-20   pos R1/1        2028-11-19
         WALK       SAW    tool   W3              1   2026-11-20   pos R2/1        2028-11-19
         WALK       SAW    tool   W6              1   2026-11-20   pos R6/1        2028-11-19
    "#]]
    .assert_eq(&first);
    lay_out(&repository("tests/golden/sales_of_the_shops/night2"), site.path());
    run(site.path(), &["run", "--date", "2026-11-21"]);
    let second = says(site.path(), &["ledger", "list", "--ended"]);
    let added: Vec<&str> = second.lines().filter(|line| !first.contains(*line)).collect();
    expect![" STRANGER   SAW    tool   W7              1   2026-11-20   pos R7/1        2028-11-19"]
        .assert_eq(&added.join("\n"));
    check(
        site.path(),
        &["ledger", "list", "--serial", "W2"],
        &expect![[r#"
             customer   item   type   serial   quantity   purchased    document/line   warranty to   service due   ended
            ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
             WALK       SAW    tool   W2              1   2026-11-20   pos R1/1        2028-11-19
        "#]],
    );
    let one = json(site.path(), &["ledger", "list", "--serial", "W2"]);
    assert_eq!((&one[0]["item"], &one[0]["warranty_end"]), (&"SAW".into(), &"2028-11-19".into()));
}

#[test]
fn an_order_is_shown_with_both_item_numbers() {
    let site = golden("invoice_echoes_its_order");
    check(
        site.path(),
        &["order", "show", "P1"],
        &expect![[r#"
        purchase order P1 of ACME (acme), dated 2026-11-19, ordered
        our order 20261120-001-0001-00001, received 2026-11-20
         line   Customer Item#   item   ordered     in our unit   unit price   ship-to   outcome   state
        ───────────────────────────────────────────────────────────────────────────────────────────────────
         1      A-BOLT           BOLT   4 BX        400 EA        6.25         0007      mapped    ordered
         2      A-NUT            NUT    5 CS        60 EA         3            0007      mapped    ordered
         3      A-BOLT           BOLT   1200 EA     1200 EA       0.045        0007      mapped    ordered
         4      A-TUBE           TUBE   300000 TB   100000 EA     0.333333     0007      mapped    ordered
         5                       SAW    1 EA        1 EA          90           0007      mapped    ordered
    "#]],
    );
    let order = json(site.path(), &["order", "show", "P1"]);
    let line = &order[0]["lines"][0];
    assert_eq!((&line["customer_item"]["value"], &line["item"]), (&"A-BOLT".into(), &"BOLT".into()));
}

#[test]
fn invoices_are_shown_with_both_item_numbers() {
    let site = golden("invoice_echoes_its_order");
    check(
        site.path(),
        &["invoice", "show", "1"],
        &expect![[r#"
            invoice 1 of 2026-11-20 to ACME (acme), sent
            purchase order P1 of 2026-11-19
             line   Customer Item#   item   description   quantity   price   amount
            ────────────────────────────────────────────────────────────────────────
             0010   A-BOLT           BOLT   Bolt          2 BX       6.25    12.50
            allowance Allowance 0.50
            charge Freight 2.00
            tax 1.00
            total 15.00 USD
            810: outbox/acme/810-000000002.edi, sent
            proof:
              line 1: 2 x 6.25 = 12.5, billed 12.50
              lines 12.50 - allowances 0.50 + charges 2.00 + tax 1.00 = 15.00 (TDS01 1500)
        "#]],
    );
    check(
        site.path(),
        &["invoice", "show", "5"],
        &expect![[r#"
            invoice 5 of 2026-11-20 to ACME (acme), sent
            purchase order P1 of 2026-11-19
             line   Customer Item#   item   description   quantity   price   amount
            ────────────────────────────────────────────────────────────────────────
             0050   A-SAW            SAW    Saw           1 EA       90      90.00
            total 90.00 USD
            810: outbox/acme/810-000000002.edi, sent
            proof:
              line 1: 1 x 90 = 90, billed 90.00
              lines 90.00 = 90.00 (TDS01 9000)
        "#]],
    );
    check(
        site.path(),
        &["invoice", "show", "6"],
        &expect![[r#"
            NOT BILLED: it waits since run 20261120-001
            held by E425 invoiced quantity that cannot be said in the order's unit (in the order's unit the amount would not be 100000.00)
            0 of its 1 lines can be billed; the others are not shown, and not in its sums
            invoice 6 of 2026-11-20 to ACME (acme), held
            purchase order P1 of 2026-11-19
        "#]],
    );
    let invoice = json(site.path(), &["invoice", "show", "5"]);
    let line = &invoice["invoice"]["lines"][0];
    assert_eq!((&line["customer_item"]["value"], &line["item"]), (&"A-SAW".into(), &"SAW".into()));

    let credited = golden("credit_and_bad_rows");
    for arguments in [&["invoice", "show", "2"][..], &["invoice", "show", "2", "--credit"]] {
        assert!(says(credited.path(), arguments).starts_with("credit 2 of 2026-11-20"), "{arguments:?}");
    }
}

#[test]
fn coverage_and_facts_are_what_a_count_by_hand_gives() {
    let site = golden("billed_as_ordered");
    // five lines: 2 BX at 6.25, 5 EA at 3, 1200 EA at 0.333 a hundred, 1 EA at 1 that nobody knows, 3 EA without a price
    check(
        site.path(),
        &["report", "coverage", "--by", "customer,via", "--as", "csv"],
        &expect![[r#"
            customer,via,currency,lines,mapped_lines,mapped_pct,quantity,mapped_quantity,value,mapped_value,value_pct,ambiguous,unmapped,conflict,invalid,converted_lines,superseded_lines,quantity_pct,arrived_lines,arrived_mapped_lines,first_pass_pct,first_pass_quantity_pct,first_pass_value_pct
            ACME,,USD,1,0,0,1,0,1,0,0,0,1,0,0,0,0,0,1,0,0,0,0
            ACME,customer,USD,2,2,100,1203,1203,3.996,3.996,100,0,0,0,0,0,0,100,2,2,100,100,100
            ACME,gtin,USD,1,1,100,5,5,15,15,100,0,0,0,0,0,0,100,1,1,100,100,100
            ACME,vendor,USD,1,1,100,2,2,12.5,12.5,100,0,0,0,0,1,0,100,1,1,100,100,100
        "#]],
    );
    let days = ["report", "coverage", "--from", "2026-11-20", "--to", "2026-11-20"];
    let report = json(site.path(), &[&days[..], &["--by", "partner"]].concat());
    assert_eq!((&report[0]["lines"], &report[0]["mapped_lines"]), (&5.into(), &4.into()));
    // by partner, customer and via where nothing else is asked for
    let report = json(site.path(), &days);
    assert_eq!((&report[1]["partner"], &report[1]["via"]), (&"acme".into(), &"customer".into()));
    for (arguments, expected) in [
        (&["--from", "2026-11-21"][..], "no order lines in facts/order_lines from 2026-11-21\n"),
        (&["--to", "2026-11-19"], "no order lines in facts/order_lines to 2026-11-19\n"),
    ] {
        assert_eq!(says(site.path(), &[&["report", "coverage"], arguments].concat()), expected);
    }
    let nowhere = run(&site.path().join("nowhere"), &["report", "coverage"]);
    assert_eq!(nowhere.status.code(), Some(2), "a folder that is no site is not a quiet site");
    let parquet = run(site.path(), &["report", "coverage", "--as", "parquet"]).stdout;
    let frame = ParquetReader::new(std::io::Cursor::new(parquet)).finish().unwrap();
    assert_eq!(frame.height(), 4);

    let facts = files_in(site.path(), &["facts"]);
    let heights: Vec<(String, usize)> = facts
        .into_iter()
        .map(|(path, bytes)| {
            let frame = ParquetReader::new(std::io::Cursor::new(bytes)).finish().unwrap();
            let columns =
                frame.get_column_names().iter().map(|name| format!("| `{name}` |")).collect::<Vec<_>>();
            let docs = std::fs::read_to_string(repository("docs/facts.md")).unwrap();
            assert!(columns.iter().all(|column| docs.contains(column)), "{columns:?}");
            (path.rsplit_once('/').unwrap().0.to_owned(), frame.height())
        })
        .collect();
    let expected = [("facts/invoice_lines/date=2026-11-20", 3), ("facts/order_lines/date=2026-11-20", 5)];
    assert_eq!(heights, expected.map(|(path, height)| (path.to_owned(), height)));
}

/// The segments of each 810 in an interchange.
fn invoices(bytes: &[u8]) -> Vec<Vec<Vec<String>>> {
    let index = scan(bytes, &Limits::default()).unwrap();
    let mut found = Vec::new();
    for interchange in &index.interchanges {
        for set in interchange.groups.iter().flat_map(|group| &group.sets) {
            let start = usize::try_from(set.offset).unwrap();
            let piece = &bytes[start..][..usize::try_from(set.length).unwrap()];
            let read = segments(piece, interchange.separators, set.offset)
                .map(|segment| segment.elements().map(|element| text(element).to_string()).collect());
            found.push(read.collect());
        }
    }
    found
}

/// Text to millionths, by integers alone.
fn millionths(text: &str) -> i128 {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{part:0<6}").parse().unwrap()
}

/// The partner's rules of arithmetic.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a yes or no of the profile")]
struct Reckoning {
    half_even: bool,
    by_total: bool,
    negative_credits: bool,
    discount_on_total: bool,
}

impl Reckoning {
    /// As the profile of a golden case has them.
    fn of(case: &Path) -> Self {
        let profiles = files(&case.join("site/partners")).into_values();
        let text: String = profiles.map(|bytes| String::from_utf8(bytes).unwrap()).collect();
        Self {
            half_even: text.contains("rounding = \"half_even\""),
            by_total: text.contains("round = \"total\""),
            negative_credits: text.contains("credit_signs = \"negative\""),
            discount_on_total: text.contains("discount_on = \"total\""),
        }
    }

    /// `value` of `unit`s, neither below 0.
    fn round(self, value: i128, unit: i128) -> i128 {
        let (whole, rest) = (value / unit, value % unit);
        let up = match (rest * 2).cmp(&unit) {
            std::cmp::Ordering::Less => false,
            std::cmp::Ordering::Equal => !self.half_even || whole % 2 == 1,
            std::cmp::Ordering::Greater => true,
        };
        whole + i128::from(up)
    }
}

/// How many units a price of this basis is for: the table of the trade, once more.
fn divisor(basis: &str) -> i128 {
    match basis {
        "" | "PE" | "UM" => 1,
        "PD" => 12,
        "HP" => 100,
        "TP" => 1000,
        other => panic!("price basis {other}"),
    }
}

/// TDS, CTT, SAC, TXI and ITD of an 810, from its own segments by integers: what does not agree. All amounts are taken in
/// twelfths of millionths of millionths, so that a price for a dozen is whole.
fn wrong_in(invoice: &[Vec<String>], rule: Reckoning) -> Vec<String> {
    let all = |id: &'static str| invoice.iter().filter(move |segment| segment[0] == id);
    let element = |segment: &[String], at: usize| segment.get(at).cloned().unwrap_or_default();
    let credit = element(&invoice[1], 7) == "CR";
    let sign = if credit && rule.negative_credits { -1 } else { 1 };
    let cents = |text: &str| sign * text.parse::<i128>().unwrap();
    let cent = 12 * 10_000_000_000;
    let (mut goods, mut hash) = (0, 0);
    for line in all("IT1") {
        let exact = sign * millionths(&line[2]) * millionths(&line[4]) * 12 / divisor(&element(line, 5));
        goods += if rule.by_total { exact } else { rule.round(exact, cent) * cent };
        hash += line[2].replace(['.', '-'], "").parse::<i128>().unwrap();
    }
    let summary = invoice.iter().position(|segment| segment[0] == "TDS").unwrap();
    let (mut of_lines, mut allowed, mut charged, mut tax) = (0, 0, 0, 0);
    let mut wrong = Vec::new();
    for (at, segment) in invoice.iter().enumerate().filter(|(_, segment)| segment[0] == "SAC") {
        let amount = element(segment, 5);
        if amount.is_empty() {
            wrong.push("SAC05 is empty".to_owned());
            continue;
        }
        let amount = cents(&amount);
        match (segment[1].as_str(), at < summary) {
            ("A", true) => of_lines -= amount,
            ("C", true) => of_lines += amount,
            ("A", false) => allowed += amount,
            ("C", false) => charged += amount,
            (other, _) => wrong.push(format!("SAC01 {other}")),
        }
    }
    for (at, segment) in invoice.iter().enumerate().filter(|(_, segment)| segment[0] == "TXI") {
        tax += sign * millionths(&element(segment, 2)) / 10_000;
        if at < summary {
            wrong.push("TXI at a line".to_owned());
        }
    }
    let tds = all("TDS").next().unwrap();
    let total = rule.round(goods + (of_lines + charged - allowed + tax) * cent, cent);
    let mut expected = vec![("TDS01", element(tds, 1), (sign * total).to_string())];
    let percent = all("ITD").next().map(|terms| element(terms, 3)).filter(|percent| !percent.is_empty());
    if let Some(percent) = percent {
        let base = if rule.discount_on_total { total } else { total - tax - charged };
        let discount = rule.round(base * millionths(&percent), 100_000_000);
        let said = if base == total { String::new() } else { base.to_string() };
        expected.push(("TDS02", element(tds, 2), said));
        expected.push(("TDS03", element(tds, 3), (total - discount).to_string()));
        expected.push(("TDS04", element(tds, 4), discount.to_string()));
    }
    expected.extend(counts(invoice, credit, hash));
    wrong.extend(
        expected
            .into_iter()
            .filter(|(_, found, should)| found != should)
            .map(|(what, found, should)| format!("{what} is {found:?}, should be {should:?}")),
    );
    wrong
}

/// CTT, SE and ITD: what is said and what should be.
fn counts(invoice: &[Vec<String>], credit: bool, hash: i128) -> Vec<(&'static str, String, String)> {
    let count = |id: &str| invoice.iter().filter(|segment| segment[0] == id).count();
    let ctt = invoice.iter().find(|segment| segment[0] == "CTT").unwrap();
    let terms = count("ITD");
    vec![
        ("CTT01", ctt[1].clone(), count("IT1").to_string()),
        ("CTT02", ctt[2].clone(), hash.to_string()),
        ("SE01", invoice.last().unwrap()[1].clone(), invoice.len().to_string()),
        ("ITD", terms.to_string(), u8::from(!credit && terms > 0).to_string()),
    ]
}

#[test]
fn every_810_of_the_golden_nights_comes_to_the_sum_of_its_segments() {
    let mut seen = 0;
    for (path, bytes) in files(&repository("tests/golden")) {
        if !path.contains("/outbox/") || !path.contains("/810-") {
            continue;
        }
        let rule = Reckoning::of(&repository("tests/golden").join(path.split('/').next().unwrap()));
        for invoice in invoices(&bytes) {
            seen += 1;
            assert_eq!(wrong_in(&invoice, rule), Vec::<String>::new(), "{path}: {invoice:?}");
        }
    }
    assert!(seen >= 30, "only {seen} invoices");
}

#[test]
fn a_sum_that_is_a_cent_off_is_seen() {
    let (_, bytes) = files(&repository("tests/golden/invoice_echoes_its_order/out/outbox/acme"))
        .into_iter()
        .find(|(name, _)| name.starts_with("810-"))
        .unwrap();
    let text = String::from_utf8(bytes).unwrap();
    for (before, after) in [
        ("TDS*1500*", "TDS*1501*"),
        ("*1476*", "*1475*"),
        ("SAC*A*C310***50*", "SAC*A*C310***51*"),
        ("CTT*1*2~", "CTT*1*3~"),
        ("TXI*TX*1~", "TXI*TX*1.01~"),
    ] {
        assert!(text.contains(before), "{before}");
        let changed = text.replacen(before, after, 1);
        assert!(!wrong_in(&invoices(changed.as_bytes())[0], Reckoning::default()).is_empty(), "{after}");
    }
}

#[test]
fn what_the_sample_night_sends_is_read_by_an_independent_reader() {
    let site = tempfile::tempdir().unwrap();
    lay_out(&repository("samples/site"), site.path());
    // the other reader knows these separators alone; ours are the profile's to choose
    let path = site.path().join("partners/tristate.toml");
    let mut profile = std::fs::read_to_string(&path).unwrap();
    for (before, after) in [
        ("element_separator = \"|\"", "element_separator = \"*\""),
        ("component_separator = \":\"", "component_separator = \">\""),
        ("segment_terminator = \"'\"", "segment_terminator = \"~\""),
    ] {
        assert!(profile.contains(before), "{before}");
        profile = profile.replace(before, after);
    }
    std::fs::write(&path, profile).unwrap();
    assert_eq!(night(site.path(), &[]), 1);
    let (mut sets, mut read) = (0, 0);
    for (name, bytes) in files(&site.path().join("outbox")) {
        let text = String::from_utf8(bytes.clone()).unwrap();
        let kind = name.rsplit_once('/').unwrap().1.split('-').next().unwrap().to_owned();
        if kind == "810" {
            for invoice in invoices(&bytes) {
                assert_eq!(
                    wrong_in(&invoice, Reckoning::default()),
                    Vec::<String>::new(),
                    "{name}: {invoice:?}"
                );
            }
        }
        let version = if text.contains("*005010~") { "005010" } else { "004010" };
        let rest = match (kind.as_str(), version) {
            ("810", "004010") => v004010::Transmission::<v004010::_810>::parse(&text).unwrap().0,
            ("997", "004010") => v004010::Transmission::<v004010::_997>::parse(&text).unwrap().0,
            ("855", "005010") => v005010::Transmission::<v005010::_855>::parse(&text).unwrap().0,
            _ => continue,
        };
        assert_eq!(rest, "", "{name}");
        read += 1;
        sets += text.matches("\nST*").count();
    }
    assert!(read >= 10 && sets >= 14, "only {read} interchanges with {sets} sets");
}
