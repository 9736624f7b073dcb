//! The coverage report over fact files on disk: sums by hand, sums by a naive walk, and folders that are not as they should.

use expect_test::{Expect, expect};
use itembridge::cli::render;
use itembridge::domain::fact::OrderLineFact;
use itembridge::domain::{Date, Text};
use itembridge::facts::{order_lines_parquet, order_lines_path};
use itembridge::report::table::{Cell, Table, percent};
use itembridge::report::{Params, coverage::table};
use jiff::civil::date;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;

/// Writes the facts of one unit where a run would.
pub(crate) fn put(site: &Path, day: Date, run: u32, unit: u32, facts: &[OrderLineFact]) {
    let path = site.join(order_lines_path(day, &run_id(day, run), unit));
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let dated: Vec<OrderLineFact> =
        facts.iter().map(|fact| OrderLineFact { date: day, ..fact.clone() }).collect();
    std::fs::write(path, order_lines_parquet(&dated).unwrap()).unwrap();
}

pub(crate) fn run_id(day: Date, run: u32) -> String {
    format!("{}-{run:03}", day.to_string().replace('-', ""))
}

/// `order line partner customer via state outcome quantity value currency`, `-` for none; quantity and value in whole units.
fn fact(row: &str) -> OrderLineFact {
    let cells: Vec<&str> = row.split_whitespace().map(|cell| if cell == "-" { "" } else { cell }).collect();
    let micro = |cell: &str| cell.parse::<i64>().ok().map(|whole| whole * 1_000_000);
    OrderLineFact {
        order_id: cells[0].into(),
        line: cells[1].parse().unwrap(),
        partner: cells[2].into(),
        customer: cells[3].into(),
        via: cells[4].into(),
        state: cells[5].into(),
        outcome: cells[6].into(),
        ordered_quantity_micro: micro(cells[7]),
        value_micro: micro(cells[8]),
        currency: cells[9].into(),
        ..OrderLineFact::default()
    }
}

pub(crate) fn facts(rows: &[&str]) -> Vec<OrderLineFact> {
    rows.iter().map(|row| fact(row)).collect()
}

/// Later looks at lines that waited.
pub(crate) fn again(facts: &[OrderLineFact]) -> Vec<OrderLineFact> {
    facts.iter().map(|fact| OrderLineFact { again: true, ..fact.clone() }).collect()
}

const D20: Date = date(2026, 11, 20);
const D21: Date = date(2026, 11, 21);

/// Two days, two partners, two currencies; O1/2 is held on the first day and mapped on the second.
fn site() -> tempfile::TempDir {
    let site = tempfile::tempdir().unwrap();
    let day = |text: &[&str]| facts(text);
    put(
        site.path(),
        D20,
        1,
        1,
        &day(&[
            "O1 1 acme   ACME customer ordered  mapped    6  18 USD",
            "O1 2 acme   ACME -        held     unmapped  4  10 USD",
            "O1 3 acme   ACME vendor   ordered  mapped    1   - USD",
            "O2 1 acme   BETA -        held     ambiguous 2   4 USD",
            "O9 1 acme   ACME customer duplicate mapped 500 500 USD",
            "O9 2 acme   ACME customer test     mapped  500 500 USD",
        ]),
    );
    put(
        site.path(),
        D20,
        1,
        2,
        &day(&[
            "O3 1 kontor KONT gtin     ordered  mapped   10  25 EUR",
            "O3 2 kontor KONT customer rejected conflict  5  75 EUR",
            "O4 1 kontor KONT -        rejected invalid   -   - USD",
        ]),
    );
    put(site.path(), D21, 1, 1, &again(&day(&["O1 2 acme ACME customer ordered mapped 4 10 USD"])));
    site
}

fn coverage(site: &Path, from: Option<Date>, to: Option<Date>, by: &str) -> Table {
    let by = if by.is_empty() { Vec::new() } else { vec![by.to_owned()] };
    table(site, &Params { from, to, by, ..Params::default() }).unwrap()
}

#[expect(clippy::needless_pass_by_value, reason = "an inline expectation is written where it is used")]
fn check(from: Option<Date>, to: Option<Date>, by: &str, expected: Expect) {
    let site = site();
    expected.assert_eq(&render::table(&coverage(site.path(), from, to, by), None));
}

#[test]
fn coverage_counts_each_line_once_as_its_newest_fact_has_it() {
    check(
        None,
        None,
        "",
        expect![[r#"
             partner   customer   via        currency   lines   mapped lines   mapped %   quantity   mapped quantity   value   mapped value   value %   ambiguous   unmapped   conflict   invalid   converted lines   superseded lines   quantity %   arrived lines   arrived mapped lines   first pass %   first pass quantity %   first pass value %
            ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
             acme      ACME       customer   USD            2              2     100.00         10                10      28             28    100.00           0          0          0         0                 0                  0       100.00               1                      1         100.00                  100.00               100.00
             acme      ACME       vendor     USD            1              1     100.00          1                 1       0              0         -           0          0          0         0                 0                  0       100.00               1                      1         100.00                  100.00                    -
             acme      BETA       -          USD            1              0       0.00          2                 0       4              0      0.00           1          0          0         0                 0                  0         0.00               1                      0           0.00                    0.00                 0.00
             kontor    KONT       -          USD            1              0       0.00          0                 0       0              0         -           0          0          0         1                 0                  0            -               1                      0           0.00                       -                    -
             kontor    KONT       customer   EUR            1              0       0.00          5                 0      75              0      0.00           0          0          1         0                 0                  0         0.00               1                      0           0.00                    0.00                 0.00
             kontor    KONT       gtin       EUR            1              1     100.00         10                10      25             25    100.00           0          0          0         0                 0                  0       100.00               1                      1         100.00                  100.00               100.00

             total                           EUR            2              1      50.00         15                10     100             25     25.00           0          0          1         0                 0                  0        66.67               2                      1          50.00                   66.67                25.00
             total                           USD            5              3      60.00         13                11      32             28     87.50           1          0          0         1                 0                  0        84.62               5                      2          40.00                   53.85                56.25
        "#]],
    );
    check(
        None,
        None,
        "partner",
        expect![[r#"
             partner   currency   lines   mapped lines   mapped %   quantity   mapped quantity   value   mapped value   value %   ambiguous   unmapped   conflict   invalid   converted lines   superseded lines   quantity %   arrived lines   arrived mapped lines   first pass %   first pass quantity %   first pass value %
            ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
             acme      USD            4              3      75.00         13                11      32             28     87.50           1          0          0         0                 0                  0        84.62               4                      2          50.00                   53.85                56.25
             kontor    EUR            2              1      50.00         15                10     100             25     25.00           0          0          1         0                 0                  0        66.67               2                      1          50.00                   66.67                25.00
             kontor    USD            1              0       0.00          0                 0       0              0         -           0          0          0         1                 0                  0            -               1                      0           0.00                       -                    -

             total     EUR            2              1      50.00         15                10     100             25     25.00           0          0          1         0                 0                  0        66.67               2                      1          50.00                   66.67                25.00
             total     USD            5              3      60.00         13                11      32             28     87.50           1          0          0         1                 0                  0        84.62               5                      2          40.00                   53.85                56.25
        "#]],
    );
}

#[test]
fn coverage_groups_by_any_column_and_never_sums_two_currencies() {
    check(
        None,
        None,
        "currency",
        expect![[r#"
             currency    lines   mapped lines   mapped %   quantity   mapped quantity   value   mapped value   value %   ambiguous   unmapped   conflict   invalid   converted lines   superseded lines   quantity %   arrived lines   arrived mapped lines   first pass %   first pass quantity %   first pass value %
            ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
             EUR             2              1      50.00         15                10     100             25     25.00           0          0          1         0                 0                  0        66.67               2                      1          50.00                   66.67                25.00
             USD             5              3      60.00         13                11      32             28     87.50           1          0          0         1                 0                  0        84.62               5                      2          40.00                   53.85                56.25

             total EUR       2              1      50.00         15                10     100             25     25.00           0          0          1         0                 0                  0        66.67               2                      1          50.00                   66.67                25.00
             total USD       5              3      60.00         13                11      32             28     87.50           1          0          0         1                 0                  0        84.62               5                      2          40.00                   53.85                56.25
        "#]],
    );
    check(
        None,
        None,
        "date,outcome",
        expect![[r#"
             date         outcome     currency   lines   mapped lines   mapped %   quantity   mapped quantity   value   mapped value   value %   ambiguous   unmapped   conflict   invalid   converted lines   superseded lines   quantity %   arrived lines   arrived mapped lines   first pass %   first pass quantity %   first pass value %
            ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
             2026-11-20   ambiguous   USD            1              0       0.00          2                 0       4              0      0.00           1          0          0         0                 0                  0         0.00               1                      0           0.00                    0.00                 0.00
             2026-11-20   conflict    EUR            1              0       0.00          5                 0      75              0      0.00           0          0          1         0                 0                  0         0.00               1                      0           0.00                    0.00                 0.00
             2026-11-20   invalid     USD            1              0       0.00          0                 0       0              0         -           0          0          0         1                 0                  0            -               1                      0           0.00                       -                    -
             2026-11-20   mapped      EUR            1              1     100.00         10                10      25             25    100.00           0          0          0         0                 0                  0       100.00               1                      1         100.00                  100.00               100.00
             2026-11-20   mapped      USD            2              2     100.00          7                 7      18             18    100.00           0          0          0         0                 0                  0       100.00               2                      2         100.00                  100.00               100.00
             2026-11-21   mapped      USD            1              1     100.00          4                 4      10             10    100.00           0          0          0         0                 0                  0       100.00               0                      0              -                       -                    -

             total                    EUR            2              1      50.00         15                10     100             25     25.00           0          0          1         0                 0                  0        66.67               2                      1          50.00                   66.67                25.00
             total                    USD            5              3      60.00         13                11      32             28     87.50           1          0          0         1                 0                  0        84.62               5                      2          40.00                   53.85                56.25
        "#]],
    );
}

#[test]
fn coverage_takes_the_dates_asked_for_by_folder() {
    check(
        None,
        Some(D20),
        "partner",
        expect![[r#"
             partner   currency   lines   mapped lines   mapped %   quantity   mapped quantity   value   mapped value   value %   ambiguous   unmapped   conflict   invalid   converted lines   superseded lines   quantity %   arrived lines   arrived mapped lines   first pass %   first pass quantity %   first pass value %
            ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
             acme      USD            4              2      50.00         13                 7      32             18     56.25           1          1          0         0                 0                  0        53.85               4                      2          50.00                   53.85                56.25
             kontor    EUR            2              1      50.00         15                10     100             25     25.00           0          0          1         0                 0                  0        66.67               2                      1          50.00                   66.67                25.00
             kontor    USD            1              0       0.00          0                 0       0              0         -           0          0          0         1                 0                  0            -               1                      0           0.00                       -                    -

             total     EUR            2              1      50.00         15                10     100             25     25.00           0          0          1         0                 0                  0        66.67               2                      1          50.00                   66.67                25.00
             total     USD            5              2      40.00         13                 7      32             18     56.25           1          1          0         1                 0                  0        53.85               5                      2          40.00                   53.85                56.25
        "#]],
    );
    check(
        Some(D21),
        Some(D21),
        "partner",
        expect![[r#"
             partner   currency   lines   mapped lines   mapped %   quantity   mapped quantity   value   mapped value   value %   ambiguous   unmapped   conflict   invalid   converted lines   superseded lines   quantity %   arrived lines   arrived mapped lines   first pass %   first pass quantity %   first pass value %
            ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
             acme      USD            1              1     100.00          4                 4      10             10    100.00           0          0          0         0                 0                  0       100.00               0                      0              -                       -                    -

             total     USD            1              1     100.00          4                 4      10             10    100.00           0          0          0         0                 0                  0       100.00               0                      0
        "#]],
    );
    check(
        Some(date(2026, 12, 1)),
        None,
        "partner",
        expect![[r#"
        no order lines in facts/order_lines from 2026-12-01
    "#]],
    );
}

#[test]
fn a_later_run_and_a_later_unit_count_even_where_the_names_grow() {
    let site = tempfile::tempdir().unwrap();
    for (run, unit, partner) in [(999, 1, "old"), (1000, 9999, "older"), (1000, 10000, "new")] {
        let row = format!("O1 1 {partner} ACME customer ordered mapped 1 1 USD");
        let facts = facts(&[&row]);
        put(site.path(), D20, run, unit, &if run == 999 { facts } else { again(&facts) });
    }
    let table = coverage(site.path(), None, None, "partner");
    assert_eq!(table.rows.len(), 1);
    assert_eq!(table.rows[0][0], Cell::Text("new".into()));
}

#[test]
fn sums_pass_64_bits_without_wrapping() {
    let site = tempfile::tempdir().unwrap();
    let mut rows = facts(&["O1 1 acme ACME customer ordered mapped 1 1 USD"; 3]);
    for (row, line) in rows.iter_mut().zip(1..) {
        row.line = line;
        row.value_micro = Some(i64::MAX);
        row.ordered_quantity_micro = Some(i64::MIN);
    }
    put(site.path(), D20, 1, 1, &rows);
    let table = coverage(site.path(), None, None, "partner");
    assert!(table.rows[0].contains(&Cell::Decimal(i128::from(i64::MAX) * 3)), "{:?}", table.rows);
    assert!(table.rows[0].contains(&Cell::Decimal(i128::from(i64::MIN) * 3)), "{:?}", table.rows);
}

#[test]
fn an_empty_or_missing_folder_is_an_empty_table() {
    let site = tempfile::tempdir().unwrap();
    let shown = |from| render::table(&coverage(site.path(), from, None, ""), Some(80));
    assert_eq!(shown(None), "no order lines in facts/order_lines\n");
    std::fs::create_dir_all(site.path().join("facts/order_lines/date=2026-11-20")).unwrap();
    assert_eq!(shown(Some(D20)), "no order lines in facts/order_lines from 2026-11-20\n");
    put(site.path(), D20, 1, 1, &facts(&["O1 1 acme ACME customer test mapped 1 1 USD"]));
    assert_eq!(shown(None), "no order lines in facts/order_lines from 2026-10-22 to 2026-11-20\n");
    let table = coverage(site.path(), None, None, "");
    assert_eq!(table.json().unwrap(), "[]\n");
    assert!(table.csv().unwrap().starts_with(b"partner,customer,via,currency,lines,"));
    assert!(table.parquet().unwrap().starts_with(b"PAR1"));
}

#[test]
fn what_cannot_be_read_is_named() {
    let foreign = itembridge::facts::text_rows_parquet(&["a"], &[vec!["1".into()]], &[]).unwrap();
    let whole = order_lines_parquet(&facts(&["O1 1 acme ACME - held unmapped 1 1 USD"])).unwrap();
    for (name, bytes, expected) in [
        (
            "date=2026-11-20/run-x.parquet",
            &b"no parquet"[..],
            "run-x.parquet is no Parquet file that can be read",
        ),
        ("date=2026-11-20/run-y.parquet", b"", "run-y.parquet is no Parquet file that can be read"),
        (
            "date=2026-11-20/run-z.parquet",
            &whole[..whole.len() - 9],
            "run-z.parquet is no Parquet file that can",
        ),
        (
            "date=2026-11-20/run-f.parquet",
            &foreign,
            "run-f.parquet is no file of order lines: it has no order_id",
        ),
        ("date=yesterday/run-1.parquet", &whole, "date=yesterday is no date=YYYY-MM-DD"),
    ] {
        let site = site();
        let path = site.path().join("facts/order_lines").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        let error = table(site.path(), &Params::default()).unwrap_err();
        assert!(error.to_string().contains(expected), "{error:#}");
    }
}

#[test]
fn files_that_are_no_facts_are_passed_over() {
    let site = site();
    let before = coverage(site.path(), None, None, "");
    let folder = site.path().join("facts/order_lines");
    std::fs::write(folder.join("README.txt"), "hello").unwrap();
    std::fs::write(folder.join("date=2026-11-20/.run-2.parquet"), "half").unwrap();
    std::fs::write(folder.join("date=2026-11-20/run-2.parquet.tmp"), "half").unwrap();
    assert_eq!(coverage(site.path(), None, None, ""), before);
}

#[test]
fn a_file_of_an_earlier_version_lacks_columns_and_counts() {
    use itembridge::facts::write::{CellValues, parquet};
    let site = site();
    let old = parquet(vec![
        ("order_id", CellValues::Text(vec!["O0"])),
        ("partner", CellValues::Text(vec!["acme"])),
        ("line", CellValues::Integer(vec![Some(1)])),
        ("outcome", CellValues::Text(vec!["unmapped"])),
        ("state", CellValues::Text(vec!["held"])),
        ("currency", CellValues::Text(vec!["USD"])),
    ]);
    std::fs::write(site.path().join("facts/order_lines/date=2026-11-20/run-0.parquet"), old.unwrap())
        .unwrap();
    let table = coverage(site.path(), None, None, "partner,superseded");
    let acme: Vec<_> = table.rows[0].iter().map(Cell::plain).collect();
    assert_eq!(acme[..5], ["acme", "", "USD", "5", "3"]);
}

/// A row's numbers by (partner, via, currency), by the names of their columns.
type Naive = BTreeMap<[Text; 3], BTreeMap<&'static str, Cell>>;

fn naive(files: &[Vec<OrderLineFact>]) -> Naive {
    let counts = |fact: &&OrderLineFact| ["ordered", "held", "rejected"].contains(&fact.state.as_str());
    let key = |fact: &OrderLineFact| [fact.partner.clone(), fact.via.clone(), fact.currency.clone()];
    let mut newest: BTreeMap<(&Text, u32), &OrderLineFact> = BTreeMap::new();
    let mut groups: BTreeMap<[Text; 3], [Vec<&OrderLineFact>; 2]> = BTreeMap::new();
    for fact in files.iter().flatten().filter(counts) {
        newest.insert((&fact.order_id, fact.line), fact);
        if !fact.again {
            groups.entry(key(fact)).or_default()[1].push(fact);
        }
    }
    for fact in newest.into_values() {
        groups.entry(key(fact)).or_default()[0].push(fact);
    }
    groups.retain(|_, [now, _]| !now.is_empty());
    groups.into_iter().map(|(key, [now, arrived])| (key, naive_cells(&now, &arrived))).collect()
}

fn naive_cells(facts: &[&OrderLineFact], arrived: &[&OrderLineFact]) -> BTreeMap<&'static str, Cell> {
    let count = |outcome: &str| facts.iter().filter(|fact| fact.outcome == outcome).count() as u64;
    let lines = |facts: &[&OrderLineFact], all: bool| -> i128 {
        facts.iter().filter(|fact| all || fact.outcome == "mapped").count() as i128
    };
    let sum = |facts: &[&OrderLineFact], get: fn(&OrderLineFact) -> Option<i64>, all: bool| -> i128 {
        let wanted = facts.iter().filter(|fact| all || fact.outcome == "mapped");
        wanted.map(|fact| i128::from(get(fact).unwrap_or(0))).sum()
    };
    let share = |facts: &[&OrderLineFact], get| percent(sum(facts, get, false), sum(facts, get, true));
    let (quantity, value) = (|f: &OrderLineFact| f.ordered_quantity_micro, |f: &OrderLineFact| f.value_micro);
    BTreeMap::from([
        ("lines", Cell::Count(facts.len() as u64)),
        ("mapped_lines", Cell::Count(count("mapped"))),
        ("mapped_pct", Cell::Percent(percent(lines(facts, false), lines(facts, true)))),
        ("quantity", Cell::Decimal(sum(facts, quantity, true))),
        ("mapped_quantity", Cell::Decimal(sum(facts, quantity, false))),
        ("quantity_pct", Cell::Percent(share(facts, quantity))),
        ("value", Cell::Decimal(sum(facts, value, true))),
        ("mapped_value", Cell::Decimal(sum(facts, value, false))),
        ("value_pct", Cell::Percent(share(facts, value))),
        ("ambiguous", Cell::Count(count("ambiguous"))),
        ("unmapped", Cell::Count(count("unmapped"))),
        ("conflict", Cell::Count(count("conflict"))),
        ("invalid", Cell::Count(count("invalid"))),
        ("converted_lines", Cell::Count(facts.iter().filter(|fact| fact.converted).count() as u64)),
        (
            "superseded_lines",
            Cell::Count(facts.iter().filter(|fact| !fact.superseded.is_empty()).count() as u64),
        ),
        ("arrived_lines", Cell::Count(arrived.len() as u64)),
        ("arrived_mapped_lines", Cell::Count(u64::try_from(lines(arrived, false)).unwrap())),
        ("first_pass_pct", Cell::Percent(percent(lines(arrived, false), lines(arrived, true)))),
        ("first_pass_quantity_pct", Cell::Percent(share(arrived, quantity))),
        ("first_pass_value_pct", Cell::Percent(share(arrived, value))),
    ])
}

/// A line has one first fact; every later one says so.
fn marked(files: Vec<Vec<OrderLineFact>>) -> Vec<Vec<OrderLineFact>> {
    let mut seen = std::collections::BTreeSet::new();
    let mut mark = |fact: OrderLineFact| {
        let again = !seen.insert((fact.order_id.clone(), fact.line));
        OrderLineFact { again, ..fact }
    };
    files.into_iter().map(|facts| facts.into_iter().map(&mut mark).collect()).collect()
}

fn any_fact() -> impl Strategy<Value = OrderLineFact> {
    let states = prop::sample::select(vec!["ordered", "held", "rejected", "duplicate", "test"]);
    let outcomes = prop::sample::select(vec!["mapped", "ambiguous", "unmapped", "conflict", "invalid"]);
    let names = ("[a-c]", 1..4u32, "(acme|beta)", "(|customer|gtin)", "(EUR|USD)");
    let micro =
        || prop::option::of(prop_oneof![-5_000_000_000i64..5_000_000_000, Just(i64::MAX), Just(i64::MIN)]);
    let flags = (any::<bool>(), "(|OLD)");
    (names, states, outcomes, micro(), micro(), flags).prop_map(
        |(names, state, outcome, quantity, value, flags)| {
            let (order_id, line, partner, via, currency) = names;
            OrderLineFact {
                order_id: order_id.into(),
                line,
                partner: partner.into(),
                via: via.into(),
                currency: currency.into(),
                state: state.into(),
                outcome: outcome.into(),
                ordered_quantity_micro: quantity,
                value_micro: value,
                converted: flags.0,
                superseded: flags.1.into(),
                ..OrderLineFact::default()
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn coverage_says_what_a_naive_walk_says(
        files in prop::collection::vec(prop::collection::vec(any_fact(), 0..12), 1..5)
    ) {
        let site = tempfile::tempdir().unwrap();
        let files = marked(files);
        for (facts, at) in files.iter().zip(0u32..) {
            put(site.path(), if at < 2 { D20 } else { D21 }, 1 + at % 2, 1, facts);
        }
        let table = coverage(site.path(), None, None, "partner,via");
        let names: Vec<&'static str> = table.columns.iter().map(|column| column.name).collect();
        let found: Naive = table.rows.iter().map(|row| {
            let text = |at: usize| Text::from(row[at].plain().into_owned());
            let numbers = names[3..].iter().copied().zip(row[3..].iter().cloned());
            ([text(0), text(1), text(2)], numbers.collect())
        }).collect();
        prop_assert_eq!(found.len(), table.rows.len());
        prop_assert_eq!(found, naive(&files));
        prop_assert!(table.rows.is_sorted());
    }
}
