//! Every report, section and column is documented; what was invoiced and sold beside a naive walk over the same rows.

use crate::books::golden;
use crate::coverage::put;
use crate::nights::run;
use crate::reports::put_invoices;
use itembridge::domain::Text;
use itembridge::domain::fact::{InvoiceLineFact, OrderLineFact};
use itembridge::report::table::Cell;
use itembridge::report::{
    Held, Params, Wanted, acknowledgments, coverage, installed, invoiced, partners, sales, unwatched,
    worklist,
};
use jiff::civil::date;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

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
            let columns: Vec<&str> = csv.lines().next().unwrap().split(',').collect();
            let once: BTreeSet<&&str> = columns.iter().collect();
            assert_eq!(once.len(), columns.len(), "{report} {id}: {columns:?}");
            for column in columns {
                if !docs.contains(&format!("`{column}`")) {
                    missing.push(format!("report {report}, section {id}: column {column}"));
                }
            }
        }
    }
    assert!(missing.is_empty(), "docs/reports.md lacks:\n{}", missing.join("\n"));
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
                // without an item there is only the quantity as ordered
                quantity_micro: (value % 2 == 0).then_some(quantity * 1_000_000),
                ordered_quantity_micro: Some(quantity * 1_000_000),
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
        let ordered = i128::from(order.quantity_micro.or(order.ordered_quantity_micro).unwrap());
        let value = i128::from(order.value_micro.unwrap_or(0));
        let full = quantity >= ordered && (ordered > 0 || quantity > 0);
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn invoiced_and_sales_say_what_a_naive_walk_says((orders, bills) in any_books(), cut in 0..20usize) {
        let site = tempfile::tempdir().unwrap();
        let (day, later) = (date(2026, 11, 19), date(2026, 11, 20));
        let half = orders.len() / 2;
        put(site.path(), day, 1, 1, &orders[..half]);
        put(site.path(), day, 1, 3, &orders[half..]);
        let cut = cut.min(bills.len());
        put_invoices(site.path(), day, 2, &bills[..cut]);
        put_invoices(site.path(), later, 1, &bills[cut..]);
        let ask = Params { from: Some(day), to: Some(later), by: vec!["customer".to_owned()], ..Params::default() };
        let report = invoiced::report(site.path(), &ask, Wanted::First, &unwatched).unwrap();
        let found: NaiveBooks = report.sections[0].table.rows.iter().map(|row| {
            (row[0].plain().as_ref().into(), std::array::from_fn(|at| number(&row[2 + at])))
        }).collect();
        prop_assert_eq!(found, naive_books(&orders, &bills));
        let tight = Params { held: Held { rows: 1, groups: 1, looks: 1 }, ..ask.clone() };
        let tight = invoiced::report(site.path(), &tight, Wanted::First, &unwatched).unwrap();
        prop_assert_eq!(&tight.sections[0].table, &report.sections[0].table);

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

/// Exit code and what is said.
fn asked(site: &std::path::Path, arguments: &[&str]) -> (Option<i32>, String) {
    let out = run(site, &[&["report"], arguments].concat());
    let said = if out.status.success() { out.stdout } else { out.stderr };
    (out.status.code(), String::from_utf8(said).unwrap())
}

#[test]
fn a_question_that_makes_no_sense_is_refused_and_one_without_an_answer_says_so() {
    let site = golden("billed_as_ordered");
    let turned = ["--from", "2026-12-01", "--to", "2026-11-01"];
    for report in ["coverage", "sales", "invoiced", "worklist", "acknowledgments", "partners", "ledger"] {
        let (code, said) = asked(site.path(), &[&[report][..], &turned].concat());
        assert!(code == Some(2) && said.contains("the first date is after the last"), "{report}: {said}");
        let (code, said) = asked(site.path(), &[report, "--section", "nowhere"]);
        assert!(
            code == Some(2) && said.contains("there is no section \"nowhere\", only "),
            "{report}: {said}"
        );
        if report != "ledger" {
            let (code, said) = asked(site.path(), &[report, "--partner", "nobody"]);
            let expected = (Some(2), "itembridge: no partner has the id \"nobody\", only acme\n".to_owned());
            assert_eq!((code, said), expected, "{report}");
        }
    }
    for (arguments, expected) in [
        (&["coverage", "--by", "colour"][..], "cannot group by \"colour\", only by date, week, month, "),
        (
            &["coverage", "--by", "item", "--section", "unmapped"],
            "--by groups the section coverage alone: unmapped has its own groups",
        ),
        (&["sales", "--by", "item", "--section", "items"], "--by groups the section sales alone"),
        (&["ledger", "--by", "item", "--section", "types"], "--by groups the section ledger alone"),
        (&["coverage", "--top", "many"], "--top"),
        (&["coverage", "--from", "2026-02-30"], "2026-02-30"),
    ] {
        let (code, said) = asked(site.path(), arguments);
        assert!(code == Some(2) && said.contains(expected), "{arguments:?}: {said}");
    }
    // a partner that is known and of which nothing came is no mistake
    for (arguments, expected) in [
        (
            &["coverage", "--partner", "acme", "--to", "2020-01-01"][..],
            "no order lines of acme in facts/order_lines to 2020-01-01\n",
        ),
        (&["sales", "--from", "2099-01-01"], "no invoice lines in facts/invoice_lines from 2099-01-01\n"),
        (&["invoiced", "--from", "2099-01-01"], "no ordered lines in facts/order_lines from 2099-01-01\n"),
    ] {
        assert_eq!(asked(site.path(), arguments), (Some(0), expected.to_owned()), "{arguments:?}");
    }
    let first = asked(site.path(), &["coverage", "--by", "partner", "--section", "coverage", "--as", "csv"]);
    assert_eq!(first.0, Some(0), "{}", first.1);
}
