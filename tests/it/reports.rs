//! The reports over fact files on disk: every section on a few rows reckoned by hand, and sums beside a naive walk.

use crate::coverage::{again, facts, put, run_id};
use expect_test::{Expect, expect};
use itembridge::domain::Date;
use itembridge::domain::fact::{InvoiceLineFact, OrderLineFact};
use itembridge::facts::{invoice_lines_parquet, invoice_lines_path};
use itembridge::report::page::{Report, Section};
use itembridge::report::table::Cell;
use itembridge::report::{Params, Wanted, coverage, invoiced, sales, unwatched};
use jiff::civil::date;
use std::path::Path;

pub(crate) fn put_invoices(site: &Path, day: Date, unit: u32, facts: &[InvoiceLineFact]) {
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
    check(
        "change",
        expect![[r#"
        partner,currency,lines,lines_before,mapped_pct,mapped_pct_before,mapped_pct_change,first_pass_pct,first_pass_pct_before,first_pass_pct_change,value_pct,value_pct_before,value_pct_change
        acme,USD,7,2,57.14,50,7.14,33.33,50,-16.67,50.29,50,0.29
    "#]],
    );
}

#[test]
fn coverage_by_week_counts_a_line_where_it_arrived() {
    check(
        "weeks",
        expect![[r#"
            week,currency,lines,mapped_pct,first_pass_pct,value,value_pct,first_pass_value_pct,quantity_pct,first_pass_quantity_pct,ambiguous,unmapped,conflict,invalid,converted_lines,superseded_lines,mapped_lines,mapped_value,quantity,mapped_quantity,arrived_lines,arrived_mapped_lines
            2026-W46,USD,4,50,25,125,46.4,14.4,76.92,46.15,1,0,1,0,0,0,2,58,13,10,4,1
            2026-W47,USD,3,66.67,50,50,60,50,75,66.67,0,1,0,0,1,1,2,30,4,3,2,1
        "#]],
    );
    check(
        "months",
        expect![[r#"
            month,currency,lines,mapped_pct,first_pass_pct,value,value_pct,first_pass_value_pct,quantity_pct,first_pass_quantity_pct,ambiguous,unmapped,conflict,invalid,converted_lines,superseded_lines,mapped_lines,mapped_value,quantity,mapped_quantity,arrived_lines,arrived_mapped_lines
            2026-11,USD,7,57.14,33.33,175,50.29,23.03,76.47,50,1,1,1,0,1,1,4,88,17,13,6,2
        "#]],
    );
    check(
        "heat-map",
        expect![[r#"
            customer,week,lines,mapped_pct,first_pass_pct,ambiguous,unmapped,conflict,invalid,converted_lines,superseded_lines,mapped_lines,arrived_lines,arrived_mapped_lines
            ACME,2026-W46,2,100,50,0,0,0,0,0,0,2,2,1
            ACME,2026-W47,3,66.67,50,0,1,0,0,1,1,2,2,1
            BETA,2026-W46,2,0,0,1,0,1,0,0,0,0,2,0
        "#]],
    );
}

#[test]
fn coverage_by_partner_customer_ship_to_item_qualifier_and_step() {
    for id in ["partners", "customers", "ship-tos", "items", "qualifiers", "via"] {
        let expected = match id {
            "partners" => expect![[r#"
                partner,currency,lines,mapped_pct,first_pass_pct,value,value_pct,first_pass_value_pct,quantity_pct,first_pass_quantity_pct,ambiguous,unmapped,conflict,invalid,converted_lines,superseded_lines,mapped_lines,mapped_value,quantity,mapped_quantity,arrived_lines,arrived_mapped_lines
                acme,USD,7,57.14,33.33,175,50.29,23.03,76.47,50,1,1,1,0,1,1,4,88,17,13,6,2
            "#]],
            "customers" => expect![[r#"
                customer,currency,lines,mapped_pct,first_pass_pct,value,value_pct,first_pass_value_pct,quantity_pct,first_pass_quantity_pct,ambiguous,unmapped,conflict,invalid,converted_lines,superseded_lines,mapped_lines,mapped_value,quantity,mapped_quantity,arrived_lines,arrived_mapped_lines
                ACME,USD,5,80,50,108,81.48,38.78,92.86,61.54,0,1,0,0,1,1,4,88,14,13,4,2
                BETA,USD,2,0,0,67,0,0,0,0,1,0,1,0,0,0,0,0,3,0,2,0
            "#]],
            "ship-tos" => expect![[r#"
                customer,ship_to,currency,lines,mapped_pct,first_pass_pct,value,value_pct,first_pass_value_pct,quantity_pct,first_pass_quantity_pct,ambiguous,unmapped,conflict,invalid,converted_lines,superseded_lines,mapped_lines,mapped_value,quantity,mapped_quantity,arrived_lines,arrived_mapped_lines
                BETA,BETA-1,USD,2,0,0,67,0,0,0,0,1,0,1,0,0,0,0,0,3,0,2,0
                ACME,ACME-1,USD,5,80,50,108,81.48,38.78,92.86,61.54,0,1,0,0,1,1,4,88,14,13,4,2
            "#]],
            "items" => expect![[r#"
                item,currency,lines,mapped_pct,first_pass_pct,value,value_pct,first_pass_value_pct,quantity_pct,first_pass_quantity_pct,ambiguous,unmapped,conflict,invalid,converted_lines,superseded_lines,mapped_lines,mapped_value,quantity,mapped_quantity,arrived_lines,arrived_mapped_lines
                ,USD,3,0,0,87,0,0,0,0,1,1,1,0,0,0,0,0,4,0,4,0
                I1,USD,2,100,100,38,100,100,100,100,0,0,0,0,1,1,2,38,8,8,2,2
                I2,USD,2,100,,50,100,,100,,0,0,0,0,0,0,2,50,5,5,0,0
            "#]],
            "qualifiers" => expect![[r#"
                customer_item_qualifier,currency,lines,mapped_pct,first_pass_pct,value,value_pct,first_pass_value_pct,quantity_pct,first_pass_quantity_pct,ambiguous,unmapped,conflict,invalid,converted_lines,superseded_lines,mapped_lines,mapped_value,quantity,mapped_quantity,arrived_lines,arrived_mapped_lines
                IN,USD,7,57.14,33.33,175,50.29,23.03,76.47,50,1,1,1,0,1,1,4,88,17,13,6,2
            "#]],
            _ => expect![[r#"
                via,currency,lines,mapped_pct,first_pass_pct,value,value_pct,first_pass_value_pct,quantity_pct,first_pass_quantity_pct,ambiguous,unmapped,conflict,invalid,converted_lines,superseded_lines,mapped_lines,mapped_value,quantity,mapped_quantity,arrived_lines,arrived_mapped_lines
                ,USD,3,0,0,87,0,0,0,0,1,1,1,0,0,0,0,0,4,0,4,0
                customer,USD,3,100,100,68,100,100,100,100,0,0,0,0,0,0,3,68,11,11,1,1
                vendor,USD,1,100,100,20,100,100,100,100,0,0,0,0,1,1,1,20,2,2,1,1
            "#]],
        };
        check(id, expected);
    }
}

#[test]
fn what_is_not_mapped_stands_by_the_value_that_waits_with_its_share() {
    check(
        "unmapped",
        expect![[r#"
        currency,customer,customer_item_qualifier,customer_item,outcome,lines_waiting,value_waiting,share_pct,cumulated_pct,lines,quantity,value
        USD,BETA,IN,CO13,ambiguous,1,60,75,75,1,2,60
        USD,ACME,IN,CO31,unmapped,1,20,25,100,1,1,20
        USD,BETA,IN,CO14,conflict,0,0,0,100,1,1,7
    "#]],
    );
}

#[test]
fn a_number_is_timed_from_its_first_line_to_the_look_that_mapped_it() {
    check(
        "time-to-map",
        expect![[r#"
        customer,outcome,numbers,lines,median_days,p90_days,longest_days
        ACME,unmapped,2,2,6,13,13
    "#]],
    );
}

#[test]
fn superseded_items_and_converted_units_are_named() {
    check(
        "supersessions",
        expect![[r#"
            customer,superseded,item,currency,lines,mapped_pct,first_pass_pct,value,value_pct,first_pass_value_pct,quantity_pct,first_pass_quantity_pct,ambiguous,unmapped,conflict,invalid,converted_lines,superseded_lines,mapped_lines,mapped_value,quantity,mapped_quantity,arrived_lines,arrived_mapped_lines
            ACME,OLD,I1,USD,1,100,100,20,100,100,100,100,0,0,0,0,1,1,1,20,2,2,1,1
        "#]],
    );
    check(
        "conversions",
        expect![[r#"
            customer,ordered_unit,unit,currency,lines,mapped_pct,first_pass_pct,value,value_pct,first_pass_value_pct,quantity_pct,first_pass_quantity_pct,ambiguous,unmapped,conflict,invalid,converted_lines,superseded_lines,mapped_lines,mapped_value,quantity,mapped_quantity,arrived_lines,arrived_mapped_lines
            ACME,BX,EA,USD,1,100,100,20,100,100,100,100,0,0,0,0,1,1,1,20,2,2,1,1
        "#]],
    );
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
    expect![[r#"
        [("from", "2026-10-22"), ("to", "2026-11-20"), ("by", "partner, customer, via"), ("partner", "all"), ("top", "50")]
        ["The 30 days that end with the newest facts, 2026-10-22 to 2026-11-20."]
    "#]].assert_eq(&format!("{:?}\n{:?}\n", report.params, report.notes));
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
            "sales" => expect![[r#"
                item,unit,currency,lines,credit_lines,quantity,amount,billed,credited
                I1,EA,USD,3,1,6,18,24,6
                I2,EA,USD,1,0,3,30,30,0
                I9,EA,EUR,1,0,1,99,99,0
            "#]],
            "items" => expect![[r#"
                item,unit,currency,lines,credit_lines,quantity,amount,billed,credited,share_pct,cumulated_pct
                I9,EA,EUR,1,0,1,99,99,0,100,100
                I2,EA,USD,1,0,3,30,30,0,62.5,62.5
                I1,EA,USD,3,1,6,18,24,6,37.5,100
            "#]],
            "customer-numbers" => expect![[r#"
                customer,customer_item_qualifier,customer_item,item,unit,currency,lines,credit_lines,quantity,amount,billed,credited,share_pct,cumulated_pct
                ACME,,,I9,EA,EUR,1,0,1,99,99,0,100,100
                ACME,IN,C2,I2,EA,USD,1,0,3,30,30,0,62.5,62.5
                ACME,IN,C1,I1,EA,USD,2,1,4,12,18,6,25,87.5
                BETA,IN,B1,I1,EA,USD,1,0,2,6,6,0,12.5,100
            "#]],
            "customers" => expect![[r#"
                customer,currency,lines,credit_lines,quantity,amount,billed,credited,share_pct,cumulated_pct
                ACME,EUR,1,0,1,99,99,0,100,100
                ACME,USD,3,1,7,42,48,6,87.5,87.5
                BETA,USD,1,0,2,6,6,0,12.5,100
            "#]],
            "partners" => expect![[r#"
                partner,currency,lines,credit_lines,quantity,amount,billed,credited,share_pct,cumulated_pct
                acme,EUR,1,0,1,99,99,0,100,100
                acme,USD,3,1,7,42,48,6,87.5,87.5
                beta,USD,1,0,2,6,6,0,12.5,100
            "#]],
            "weeks" => expect![[r#"
                week,currency,lines,credit_lines,quantity,amount,billed,credited
                2026-W46,EUR,1,0,1,99,99,0
                2026-W46,USD,2,0,8,24,24,0
                2026-W47,USD,2,1,1,24,30,6
            "#]],
            _ => expect![[r#"
                month,currency,lines,credit_lines,quantity,amount,billed,credited
                2026-11,EUR,1,0,1,99,99,0
                2026-11,USD,4,1,9,48,54,6
            "#]],
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
            "invoiced" => expect![[r#"
                partner,customer,currency,lines,billed_lines,part_lines,open_lines,quantity,billed_quantity,value,billed,open_value,billed_pct
                acme,ACME,USD,4,0,2,2,35,7,88,42,46,47.73
            "#]],
            "weeks" => expect![[r#"
                week,currency,lines,billed_lines,part_lines,open_lines,quantity,billed_quantity,value,billed,open_value,billed_pct
                2026-W46,USD,2,0,2,0,10,7,58,42,16,72.41
                2026-W47,USD,2,0,0,2,25,0,30,0,30,0
            "#]],
            _ => expect![[r#"
                item,unit,currency,lines,billed_lines,part_lines,open_lines,quantity,billed_quantity,value,billed,open_value,billed_pct
                I1,EA,USD,2,0,1,1,30,4,38,12,26,31.58
                I2,EA,USD,2,0,1,1,5,3,50,30,20,60
            "#]],
        };
        expected.assert_eq(&csv(&section(report, id)));
    }
    let unbilled = self::site();
    let report = invoiced::report(unbilled.path(), &params(), Wanted::First, &unwatched).unwrap();
    let open =
        report.sections[0].table.columns.iter().position(|column| column.name == "open_lines").unwrap();
    assert_eq!(report.sections[0].table.rows[0][open], Cell::Count(4));
}
