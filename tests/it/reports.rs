//! The reports over fact files on disk: every section on a few rows reckoned by hand, and sums beside a naive walk.

use crate::books::golden;
use crate::coverage::{again, facts, put, run_id};
use crate::nights::run;
use expect_test::{Expect, expect};
use itembridge::domain::fact::{InvoiceLineFact, OrderLineFact};
use itembridge::domain::{Date, Text};
use itembridge::facts::{invoice_lines_parquet, invoice_lines_path};
use itembridge::report::page::{Report, Section};
use itembridge::report::table::Cell;
use itembridge::report::{
    Params, Wanted, acknowledgments, coverage, installed, invoiced, partners, sales, unwatched, worklist,
};
use jiff::civil::date;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;

fn put_invoices(site: &Path, day: Date, unit: u32, facts: &[InvoiceLineFact]) {
    let path = site.join(invoice_lines_path(day, &run_id(day, 1), unit));
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let dated: Vec<InvoiceLineFact> =
        facts.iter().map(|fact| InvoiceLineFact { date: day, ..fact.clone() }).collect();
    std::fs::write(path, invoice_lines_parquet(&dated).unwrap()).unwrap();
}

/// `order line kind customer customer-item item quantity amount currency`, `-` for none.
fn billed(rows: &[&str]) -> Vec<InvoiceLineFact> {
    let fact = |row: &&str| {
        let cells: Vec<&str> =
            row.split_whitespace().map(|cell| if cell == "-" { "" } else { cell }).collect();
        InvoiceLineFact {
            order_id: cells[0].into(),
            line: cells[1].parse().unwrap(),
            kind: cells[2].into(),
            customer: cells[3].into(),
            partner: cells[3].to_lowercase().into(),
            customer_item: cells[4].into(),
            customer_item_qualifier: if cells[4].is_empty() { "" } else { "IN" }.into(),
            item: cells[5].into(),
            unit: "EA".into(),
            quantity_micro: cells[6].parse::<i64>().unwrap() * 1_000_000,
            amount_micro: cells[7].parse::<i64>().unwrap() * 1_000_000,
            currency: cells[8].into(),
            ..InvoiceLineFact::default()
        }
    };
    rows.iter().map(fact).collect()
}

/// Orders of two weeks: what is not mapped, what is mapped later, a superseded item, a converted unit.
fn site() -> tempfile::TempDir {
    let site = tempfile::tempdir().unwrap();
    let named = |rows: &[&str], more: &dyn Fn(&mut OrderLineFact)| {
        let mut facts = facts(rows);
        for fact in &mut facts {
            fact.customer_item = format!("C{}{}", fact.order_id, fact.line).into();
            fact.customer_item_qualifier = "IN".into();
            fact.ship_to = format!("{}-1", fact.customer).into();
            fact.unit = "EA".into();
            fact.ordered_unit = "EA".into();
            if fact.outcome == "mapped" {
                fact.item = format!("I{}", fact.line).into();
                fact.quantity_micro = fact.ordered_quantity_micro;
            }
            more(fact);
        }
        facts
    };
    let plain = |rows: &[&str]| named(rows, &|_| ());
    // the period before
    put(
        site.path(),
        date(2026, 11, 6),
        1,
        1,
        &plain(&[
            "P1 1 acme ACME customer ordered mapped 1 10 USD",
            "P1 2 acme ACME - held unmapped 1 10 USD",
        ]),
    );
    put(
        site.path(),
        date(2026, 11, 13),
        1,
        1,
        &plain(&[
            "O1 1 acme ACME customer ordered mapped    6  18 USD",
            "O1 2 acme ACME -        held    unmapped  4  40 USD",
            "O1 3 acme BETA -        held    ambiguous 2  60 USD",
            "O1 4 acme BETA -        rejected conflict 1   7 USD",
        ]),
    );
    let odd = named(&["O2 1 acme ACME vendor ordered mapped 2 20 USD"], &|fact| {
        fact.superseded = "OLD".into();
        fact.converted = true;
        fact.ordered_unit = "BX".into();
        fact.quantity_micro = Some(24_000_000);
    });
    put(site.path(), date(2026, 11, 18), 1, 1, &odd);
    put(
        site.path(),
        date(2026, 11, 19),
        1,
        1,
        &again(&plain(&[
            "O1 2 acme ACME customer ordered mapped 4 40 USD",
            "P1 2 acme ACME customer ordered mapped 1 10 USD",
        ])),
    );
    put(site.path(), date(2026, 11, 20), 1, 1, &plain(&["O3 1 acme ACME - held unmapped 1 20 USD"]));
    site
}

fn params() -> Params {
    Params { from: Some(date(2026, 11, 10)), to: Some(date(2026, 11, 20)), ..Params::default() }
}

fn section(report: Report, id: &str) -> Section {
    report.sections.into_iter().find(|section| section.id == id).unwrap()
}

fn csv(section: &Section) -> String {
    String::from_utf8(section.table.csv().unwrap()).unwrap()
}

#[expect(clippy::needless_pass_by_value, reason = "an inline expectation is written where it is used")]
fn check(id: &str, expected: Expect) {
    let site = site();
    let report = coverage::report(site.path(), &params(), Wanted::Section(id), None, &unwatched).unwrap();
    expected.assert_eq(&csv(&section(report, id)));
}

#[test]
fn coverage_stands_beside_the_period_before() {
    check("change", expect![[r#""#]]);
}

#[test]
fn coverage_by_week_counts_a_line_where_it_arrived() {
    check("weeks", expect![[r#""#]]);
    check("months", expect![[r#""#]]);
    check("heat-map", expect![[r#""#]]);
}

#[test]
fn coverage_by_partner_customer_ship_to_item_qualifier_and_step() {
    for id in ["partners", "customers", "ship-tos", "items", "qualifiers", "via"] {
        let expected = match id {
            "partners" => expect![[r#""#]],
            "customers" => expect![[r#""#]],
            "ship-tos" => expect![[r#""#]],
            "items" => expect![[r#""#]],
            "qualifiers" => expect![[r#""#]],
            _ => expect![[r#""#]],
        };
        check(id, expected);
    }
}

#[test]
fn what_is_not_mapped_stands_by_the_value_that_waits_with_its_share() {
    check("unmapped", expect![[r#""#]]);
}

#[test]
fn a_number_is_timed_from_its_first_line_to_the_look_that_mapped_it() {
    check("time-to-map", expect![[r#""#]]);
}

#[test]
fn superseded_items_and_converted_units_are_named() {
    check("supersessions", expect![[r#""#]]);
    check("conversions", expect![[r#""#]]);
}

#[test]
fn a_partner_and_a_number_of_rows_can_be_asked_for() {
    let site = site();
    let ask = |params: &Params, id| {
        let report = coverage::report(site.path(), params, Wanted::Section(id), None, &unwatched).unwrap();
        section(report, id)
    };
    let nobody = Params { partner: Some("beta".into()), ..params() };
    let nothing = ask(&nobody, "partners");
    assert_eq!(nothing.table.rows.len(), 0);
    assert_eq!(
        nothing.table.empty,
        "no order lines of beta in facts/order_lines from 2026-11-10 to 2026-11-20"
    );
    let one = ask(&Params { top: Some(1), ..params() }, "unmapped");
    assert_eq!(one.table.rows.len(), 1);
    assert!(one.about.ends_with(" The first 1 of 3 numbers."), "{}", one.about);
    let all = ask(&Params { top: Some(0), ..params() }, "unmapped");
    assert_eq!(all.table.rows.len(), 3);
}

#[test]
fn a_whole_report_has_its_parameters_and_the_sections_that_need_no_store() {
    let site = site();
    let report = coverage::report(site.path(), &Params::default(), Wanted::All, None, &unwatched).unwrap();
    let ids: Vec<&str> = report.sections.iter().map(|section| section.id).collect();
    let known: Vec<&str> = coverage::SECTIONS.iter().map(|section| section.id).collect();
    assert_eq!(ids, known[..known.len() - 1]);
    expect![[r#""#]].assert_eq(&format!("{:?}\n{:?}\n", report.params, report.notes));
    for section in &report.sections {
        for row in &section.table.rows {
            assert_eq!(row.len(), section.table.columns.len(), "{}", section.id);
        }
        for row in &section.table.totals {
            assert_eq!(row.len(), section.table.columns.len(), "totals of {}", section.id);
        }
    }
    assert_eq!(
        coverage::report(site.path(), &Params::default(), Wanted::All, None, &unwatched).unwrap(),
        report
    );
}

fn billed_site() -> tempfile::TempDir {
    let site = site();
    put_invoices(
        site.path(),
        date(2026, 11, 14),
        1,
        &billed(&[
            "O1 1 DI ACME C1 I1 6 18 USD",
            "-  0 DI ACME -  I9 1 99 EUR",
            "-  0 DI BETA B1 I1 2 6  USD",
        ]),
    );
    put_invoices(
        site.path(),
        date(2026, 11, 20),
        1,
        &billed(&["O1 1 CR ACME C1 I1 2 6 USD", "O1 2 DI ACME C2 I2 3 30 USD"]),
    );
    site
}

#[test]
fn sales_are_net_of_credits_by_item_and_by_number() {
    let site = billed_site();
    for id in ["sales", "items", "customer-numbers", "customers", "partners", "weeks", "months"] {
        let report = sales::report(site.path(), &Params::default(), Wanted::Section(id), &unwatched).unwrap();
        let expected = match id {
            "sales" => expect![[r#""#]],
            "items" => expect![[r#""#]],
            "customer-numbers" => expect![[r#""#]],
            "customers" => expect![[r#""#]],
            "partners" => expect![[r#""#]],
            "weeks" => expect![[r#""#]],
            _ => expect![[r#""#]],
        };
        expected.assert_eq(&csv(&section(report, id)));
    }
    let nobody = Params { partner: Some("nobody".into()), ..Params::default() };
    let none = sales::report(site.path(), &nobody, Wanted::First, &unwatched).unwrap();
    assert_eq!(
        none.sections[0].table.empty,
        "no invoice lines of nobody in facts/invoice_lines from 2026-10-22 to 2026-11-20"
    );
}

#[test]
fn an_ordered_line_is_billed_in_full_in_part_or_open() {
    let site = billed_site();
    for id in ["invoiced", "weeks", "items"] {
        let report = invoiced::report(site.path(), &params(), Wanted::Section(id), &unwatched).unwrap();
        let expected = match id {
            "invoiced" => expect![[r#""#]],
            "weeks" => expect![[r#""#]],
            _ => expect![[r#""#]],
        };
        expected.assert_eq(&csv(&section(report, id)));
    }
    let unbilled = self::site();
    let report = invoiced::report(unbilled.path(), &params(), Wanted::First, &unwatched).unwrap();
    let open =
        report.sections[0].table.columns.iter().position(|column| column.name == "open_lines").unwrap();
    assert_eq!(report.sections[0].table.rows[0][open], Cell::Count(4));
}

/// Order lines by key, each with its value, quantity and customer, and invoice lines.
fn any_books() -> impl Strategy<Value = (Vec<OrderLineFact>, Vec<InvoiceLineFact>)> {
    let line = (1..30u32, "(ACME|BETA)", 0..5i64, 0..50i64, any::<bool>());
    let order = prop::collection::vec(line, 0..20).prop_map(|lines| {
        let unique: BTreeMap<u32, _> = lines.into_iter().map(|line| (line.0, line)).collect();
        let fact =
            |(line, customer, quantity, value, ordered): (u32, String, i64, i64, bool)| OrderLineFact {
                order_id: format!("O{}", line % 3).into(),
                line,
                customer: customer.into(),
                state: if ordered { "ordered" } else { "held" }.into(),
                outcome: "mapped".into(),
                quantity_micro: Some(quantity * 1_000_000),
                value_micro: (value > 5).then_some(value * 1_000_000),
                currency: "USD".into(),
                ..OrderLineFact::default()
            };
        unique.into_values().map(fact).collect::<Vec<_>>()
    });
    let bill = (0..35u32, any::<bool>(), 1..4i64, 1..40i64);
    let bills = prop::collection::vec(bill, 0..40).prop_map(|bills| {
        let fact = |(line, debit, quantity, amount): (u32, bool, i64, i64)| InvoiceLineFact {
            order_id: if line == 0 { Text::default() } else { format!("O{}", line % 3).into() },
            line,
            kind: if debit { "DI" } else { "CR" }.into(),
            customer: "ACME".into(),
            item: format!("I{}", line % 4).into(),
            quantity_micro: quantity * 1_000_000,
            amount_micro: amount * 1_000_000,
            currency: "USD".into(),
            ..InvoiceLineFact::default()
        };
        bills.into_iter().map(fact).collect::<Vec<_>>()
    });
    (order, bills)
}

/// By customer: lines, billed, partly billed, open; quantity, billed quantity, value, billed, open value in millionths.
type NaiveBooks = BTreeMap<Text, [i128; 9]>;

fn naive_books(orders: &[OrderLineFact], bills: &[InvoiceLineFact]) -> NaiveBooks {
    let mut all = NaiveBooks::new();
    for order in orders.iter().filter(|order| order.state == "ordered") {
        let mine = bills.iter().filter(|bill| (&bill.order_id, bill.line) == (&order.order_id, order.line));
        let (mut quantity, mut amount) = (0i128, 0i128);
        for bill in mine {
            let sign = if bill.kind == "CR" { -1 } else { 1 };
            quantity += sign * i128::from(bill.quantity_micro);
            amount += sign * i128::from(bill.amount_micro);
        }
        let ordered = i128::from(order.quantity_micro.unwrap());
        let value = i128::from(order.value_micro.unwrap_or(0));
        let full = quantity >= ordered;
        let part = !full && quantity > 0;
        let open = if full { 0 } else { (value - amount).max(0) };
        let flags = [true, full, part, !full && !part].map(i128::from);
        let sum = all.entry(order.customer.clone()).or_default();
        for (sum, more) in
            sum.iter_mut().zip(flags.into_iter().chain([ordered, quantity, value, amount, open]))
        {
            *sum += more;
        }
    }
    all
}

fn number(cell: &Cell) -> i128 {
    match cell {
        Cell::Count(count) => i128::from(*count),
        Cell::Decimal(micros) => *micros,
        Cell::Text(_) | Cell::Percent(_) => panic!("{cell:?} is no number"),
    }
}

#[test]
fn the_documentation_names_every_report_section_and_column() {
    let docs = std::fs::read_to_string(crate::nights::repository("docs/reports.md")).unwrap();
    let site = golden("billed_as_ordered");
    let reports = [
        ("acknowledgments", acknowledgments::SECTIONS),
        ("coverage", coverage::SECTIONS),
        ("invoiced", invoiced::SECTIONS),
        ("ledger", installed::SECTIONS),
        ("partners", partners::SECTIONS),
        ("sales", sales::SECTIONS),
        ("worklist", worklist::SECTIONS),
    ];
    let mut missing = Vec::new();
    for (report, sections) in reports {
        let part = docs.split("\n## ").find(|part| part.starts_with(&format!("report {report}\n")));
        let Some(part) = part else {
            missing.push(format!("## report {report}"));
            continue;
        };
        for section in sections {
            let id = section.id;
            if !part.contains(&format!("| `{id}` |")) {
                missing.push(format!("report {report}: section {id}"));
            }
            let out = run(site.path(), &["report", report, "--section", id, "--as", "csv"]);
            assert_eq!(out.status.code(), Some(0), "{report} {id}");
            let csv = String::from_utf8(out.stdout).unwrap();
            for column in csv.lines().next().unwrap().split(',') {
                if !docs.contains(&format!("`{column}`")) {
                    missing.push(format!("report {report}, section {id}: column {column}"));
                }
            }
        }
    }
    assert!(missing.is_empty(), "docs/reports.md lacks:\n{}", missing.join("\n"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn invoiced_and_sales_say_what_a_naive_walk_says((orders, bills) in any_books(), cut in 0..20usize) {
        let site = tempfile::tempdir().unwrap();
        let (day, later) = (date(2026, 11, 19), date(2026, 11, 20));
        put(site.path(), day, 1, 1, &orders);
        let cut = cut.min(bills.len());
        put_invoices(site.path(), day, 2, &bills[..cut]);
        put_invoices(site.path(), later, 1, &bills[cut..]);
        let ask = Params { from: Some(day), to: Some(later), by: vec!["customer".to_owned()], ..Params::default() };
        let report = invoiced::report(site.path(), &ask, Wanted::First, &unwatched).unwrap();
        let found: NaiveBooks = report.sections[0].table.rows.iter().map(|row| {
            (row[0].plain().as_ref().into(), std::array::from_fn(|at| number(&row[2 + at])))
        }).collect();
        prop_assert_eq!(found, naive_books(&orders, &bills));

        let sold = sales::report(site.path(), &Params { by: vec!["item".to_owned()], ..ask }, Wanted::First, &unwatched).unwrap();
        let mut naive: BTreeMap<Text, i128> = BTreeMap::new();
        for bill in &bills {
            *naive.entry(bill.item.clone()).or_default() += i128::from(bill.amount_micro) * if bill.kind == "CR" { -1 } else { 1 };
        }
        let amount = sold.sections[0].table.columns.iter().position(|column| column.name == "amount").unwrap();
        let found: BTreeMap<Text, i128> = sold.sections[0].table.rows.iter().map(|row| (row[0].plain().as_ref().into(), number(&row[amount]))).collect();
        prop_assert_eq!(found, naive);
    }
}
