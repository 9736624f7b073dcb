//! The sections of coverage with a reckoning of their own, beside a naive fold over the same facts; and the cross-references that
//! nobody uses.

use crate::coverage::put;
use crate::nights::{lay_out, night, repository, run};
use expect_test::expect;
use itembridge::domain::Date;
use itembridge::domain::fact::OrderLineFact;
use itembridge::report::page::Report;
use itembridge::report::table::{Cell, percent};
use itembridge::report::{Held, Params, Wanted, coverage, unwatched};
use jiff::civil::date;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// A line: its customer, number, day of arrival, value, what it was on arrival, and after how many days it was mapped.
#[derive(Debug, Clone)]
struct Line {
    customer: String,
    number: String,
    arrived: i8,
    value: i64,
    mapped_at_once: bool,
    mapped_after: Option<i8>,
}

fn any_line() -> impl Strategy<Value = Line> {
    let later = prop::option::of(1..12i8);
    ("(ACME|BETA)", "N[1-4]", 1..28i8, 1..40i64, any::<bool>(), later).prop_map(
        |(customer, number, arrived, value, mapped_at_once, mapped_after)| Line {
            customer,
            number,
            arrived,
            value,
            mapped_at_once,
            mapped_after: mapped_after.filter(|_| !mapped_at_once),
        },
    )
}

fn on(day: i8) -> Date {
    // from 1 November, and beyond the month
    date(2026, 10, 31).checked_add(jiff::Span::new().days(day)).unwrap()
}

impl Line {
    fn fact(&self, at: usize, mapped: bool, again: bool) -> OrderLineFact {
        OrderLineFact {
            order_id: format!("O{}", at / 2).into(),
            line: u32::try_from(at).unwrap(),
            partner: "p".into(),
            customer: self.customer.as_str().into(),
            customer_item: self.number.as_str().into(),
            customer_item_qualifier: "IN".into(),
            state: if mapped { "ordered" } else { "held" }.into(),
            outcome: if mapped { "mapped" } else { "unmapped" }.into(),
            item: if mapped { "I" } else { "" }.into(),
            ordered_quantity_micro: Some(1_000_000),
            value_micro: Some(self.value * 1_000_000),
            currency: "USD".into(),
            again,
            ..OrderLineFact::default()
        }
    }

    /// The day on which it was mapped by a later look, if that day is not after `to`.
    fn mapped_later(&self, to: i8) -> Option<i8> {
        self.mapped_after.map(|after| self.arrived + after).filter(|day| *day <= to)
    }
}

fn write(site: &std::path::Path, lines: &[Line]) {
    let mut days: BTreeMap<i8, [Vec<OrderLineFact>; 2]> = BTreeMap::new();
    for (at, line) in lines.iter().enumerate() {
        days.entry(line.arrived).or_default()[1].push(line.fact(at, line.mapped_at_once, false));
        if let Some(day) = line.mapped_later(i8::MAX) {
            days.entry(day).or_default()[0].push(line.fact(at, true, true));
        }
    }
    for (day, [again, first]) in days {
        put(site, on(day), 1, 1, &first);
        put(site, on(day), 1, 2, &again);
    }
}

fn rows<'r>(report: &'r Report, id: &str) -> &'r [Vec<Cell>] {
    &report.sections.iter().find(|section| section.id == id).unwrap().table.rows
}

fn cell(report: &Report, id: &str, row: &[Cell], name: &str) -> Cell {
    let table = &report.sections.iter().find(|section| section.id == id).unwrap().table;
    row[table.columns.iter().position(|column| column.name == name).unwrap()].clone()
}

fn count(of: usize) -> Cell {
    Cell::Count(of as u64)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn weeks_pareto_and_times_are_those_of_a_naive_fold(
        lines in prop::collection::vec(any_line(), 1..30),
        from in 1..15i8,
        to in 15..40i8,
        top in 0..3usize,
        held in (1..3usize, 1..3usize).prop_map(|(groups, looks)| Held { rows: 1, groups, looks }),
    ) {
        let site = tempfile::tempdir().unwrap();
        write(site.path(), &lines);
        let ask = Params { from: Some(on(from)), to: Some(on(to)), top: Some(0), ..Params::default() };
        let report = coverage::report(site.path(), &ask, Wanted::All, None, &unwatched).unwrap();
        // however little is held at a time, and whatever part of the rows is shown
        let ask_with = |held| {
            let ask = Params { held, top: Some(top), ..ask.clone() };
            coverage::report(site.path(), &ask, Wanted::All, None, &unwatched).unwrap()
        };
        for (part, whole) in ask_with(held).sections.iter().zip(&ask_with(Held::default()).sections) {
            prop_assert_eq!((&part.table, &part.about), (&whole.table, &whole.about), "{}", part.id);
        }
        let arrived = |line: &Line| (from..=to).contains(&line.arrived);
        // a line is of the period by its arrival, or by a look in it, and stands as the newest look has it
        let of_period = |line: &&Line| {
            arrived(line) || line.mapped_later(to).is_some_and(|day| day >= from)
        };
        let is_mapped = |line: &&Line| line.mapped_at_once || line.mapped_later(to).is_some();

        // by week: what came before the period is counted in the week of the look
        let mut weeks: BTreeMap<String, Vec<&Line>> = BTreeMap::new();
        for line in lines.iter().filter(of_period) {
            let day = if arrived(line) { line.arrived } else { line.mapped_later(to).unwrap() };
            let week = on(day).iso_week_date();
            weeks.entry(format!("{}-W{:02}", week.year(), week.week())).or_default().push(line);
        }
        let found = rows(&report, "weeks");
        prop_assert_eq!(found.len(), weeks.len());
        for (row, (week, lines)) in found.iter().zip(&weeks) {
            let of = |name| cell(&report, "weeks", row, name);
            let came: Vec<&&Line> = lines.iter().filter(|line| arrived(line)).collect();
            prop_assert_eq!(of("week"), Cell::Text(week.as_str().into()));
            prop_assert_eq!(of("lines"), count(lines.len()));
            prop_assert_eq!(of("mapped_lines"), count(lines.iter().filter(|line| is_mapped(line)).count()));
            prop_assert_eq!(of("arrived_lines"), count(came.len()));
            prop_assert_eq!(of("arrived_mapped_lines"), count(came.iter().filter(|line| line.mapped_at_once).count()));
        }

        // what waits, the greatest value first, each with the share that it makes with those above
        let mut waiting: BTreeMap<(String, String), (usize, i128)> = BTreeMap::new();
        for line in lines.iter().filter(|line| of_period(line) && !is_mapped(line)) {
            let one = waiting.entry((line.customer.clone(), line.number.clone())).or_default();
            *one = (one.0 + 1, one.1 + i128::from(line.value) * 1_000_000);
        }
        let whole: i128 = waiting.values().map(|(_, value)| value).sum();
        let (mut sum, mut last) = (0, i128::MAX);
        let found = rows(&report, "unmapped");
        prop_assert_eq!(found.len(), waiting.len());
        for row in found {
            let of = |name| cell(&report, "unmapped", row, name);
            let key = (of("customer").plain().into_owned(), of("customer_item").plain().into_owned());
            let (lines, value) = waiting[&key];
            prop_assert!(value <= last);
            (sum, last) = (sum + value, value);
            prop_assert_eq!(of("lines_waiting"), count(lines));
            prop_assert_eq!(of("value_waiting"), Cell::Decimal(value));
            prop_assert_eq!(of("cumulated_pct"), Cell::Percent(percent(sum, whole)));
        }

        // from the first line of a number that was mapped later to the first look that mapped one, where that is in the period
        let mut times: BTreeMap<String, Vec<i8>> = BTreeMap::new();
        let mut numbers: BTreeMap<(&String, &String), (i8, i8)> = BTreeMap::new();
        for line in &lines {
            let Some(mapped) = line.mapped_later(to) else { continue };
            let one = numbers.entry((&line.customer, &line.number)).or_insert((i8::MAX, i8::MAX));
            *one = (one.0.min(line.arrived), one.1.min(mapped));
        }
        for ((customer, _), (seen, mapped)) in numbers {
            if mapped >= from {
                times.entry(customer.clone()).or_default().push(mapped - seen);
            }
        }
        let found = rows(&report, "time-to-map");
        prop_assert_eq!(found.len(), times.len());
        for (row, (customer, days)) in found.iter().zip(times) {
            let of = |name| cell(&report, "time-to-map", row, name);
            let within = |percent: usize| {
                let enough = |limit: &i8| days.iter().filter(|day| *day <= limit).count() * 100 >= days.len() * percent;
                count(usize::try_from((0..=i8::MAX).find(enough).unwrap()).unwrap())
            };
            prop_assert_eq!(of("customer"), Cell::Text(customer.into()));
            prop_assert_eq!(of("numbers"), count(days.len()));
            prop_assert_eq!(of("median_days"), within(50));
            prop_assert_eq!(of("p90_days"), within(90));
            prop_assert_eq!(of("longest_days"), within(100));
        }
    }
}

#[test]
fn cross_references_that_no_order_used_are_named_with_those_that_are_used_no_more() {
    let site = tempfile::tempdir().unwrap();
    lay_out(&repository("tests/golden/billed_as_ordered/site"), site.path());
    let masters = site.path().join("masters/item_xref.csv");
    std::fs::write(
        &masters,
        "customer,customer_item,item,valid_from,valid_to,status\n\
         ACME,A-BOLT,BOLT,,,active\nACME,A-TUBE,TUBE,,,active\nACME,NEVER,NUT,,,active\n\
         ACME,OVER,NUT,,2026-11-01,active\nACME,NOT-YET,NUT,2027-01-01,,active\nACME,OFF,NUT,,,inactive\n",
    )
    .unwrap();
    night(site.path(), &[]);
    let unused = |to: &str| {
        let arguments = ["report", "coverage", "--section", "unused-xrefs", "--as", "csv", "--to", to];
        let out = run(site.path(), &arguments);
        let text = String::from_utf8(out.stdout).unwrap();
        // without since and xref_id, which the clock and the store give
        let cut = |line: &str| line.split(',').take(7).collect::<Vec<_>>().join(",") + "\n";
        text.lines().map(cut).collect::<String>()
    };
    expect![[r#"
        use,customer,ship_to,customer_item,qualifier,item,source
        never,ACME,,NEVER,,NUT,masters
    "#]]
    .assert_eq(&unused("2026-11-20"));
    // half a year later
    expect![[r#"
        use,customer,ship_to,customer_item,qualifier,item,source
        never,ACME,,NEVER,,NUT,masters
        never,ACME,,NOT-YET,,NUT,masters
        no more,ACME,,A-BOLT,,BOLT,masters
        no more,ACME,,A-TUBE,,TUBE,masters
    "#]]
    .assert_eq(&unused("2027-05-20"));
}
