//! What waits for a person: the open causes with the value behind them, how old they are, whose they are.

use crate::domain::{Date, Text, money};
use crate::report::causes::{Cause, gather};
use crate::report::page::{Chart, Report, Section};
use crate::report::table::{Cell, Column, Kind, NO_NUMBER, Table, percent};
use crate::report::{Params, SectionDef, Wanted, calendar, shown_of};
use crate::store::Transaction;
use anyhow::{Result, ensure};
use std::cmp::Reverse;
use std::collections::BTreeMap;

pub static SECTIONS: &[SectionDef] = &[
    SectionDef {
        id: "worklist",
        title: "Worklist",
        about: "One row an open cause and currency, the greatest value of held lines first; of a cause with several currencies the first row \
                has the lines and orders. Shares are of what waits in the currency.",
        short: true,
    },
    SectionDef {
        id: "ages",
        title: "How old they are",
        about: "One row a span of days since a cause was first seen, and currency.",
        short: true,
    },
    SectionDef {
        id: "customers",
        title: "By customer",
        about: "One row a customer and currency, the greatest value first.",
        short: true,
    },
    SectionDef {
        id: "kinds",
        title: "By kind",
        about: "One row a kind, outcome and currency.",
        short: false,
    },
];

/// The spans of days in which causes are counted: the last day of each, and its name.
const AGES: [(i32, &str); 5] = [
    (1, "0 to 1 days"),
    (7, "2 to 7 days"),
    (30, "8 to 30 days"),
    (90, "31 to 90 days"),
    (i32::MAX, "over 90 days"),
];

/// A cause's part in one currency.
#[derive(Debug)]
struct Part<'c> {
    cause: &'c Cause,
    currency: Text,
    value: i128,
    /// Whether it stands for the whole cause, so that its lines are counted once.
    first: bool,
    days: i32,
}

impl Part<'_> {
    fn count(&self, count: u64) -> u64 {
        if self.first { count } else { 0 }
    }
}

/// Causes, lines, held lines and value of a group.
#[derive(Debug, Default)]
struct Sum {
    causes: u64,
    lines: u64,
    held: u64,
    value: i128,
}

impl Sum {
    fn add(&mut self, part: &Part<'_>) {
        self.causes += part.count(1);
        self.lines += part.count(part.cause.lines);
        self.held += part.count(part.cause.held);
        self.value += part.value;
    }

    fn cells(&self) -> [Cell; 4] {
        [Cell::Count(self.causes), Cell::Count(self.lines), Cell::Count(self.held), Cell::Decimal(self.value)]
    }
}

const SUMS: [(&str, Kind); 4] = [
    ("causes", Kind::Count),
    ("lines", Kind::Count),
    ("held_lines", Kind::Count),
    ("value_waiting", Kind::Decimal),
];

/// The open causes that nobody has put off, on `day`; of them those first seen from [`Params::from`] to `day`.
pub fn report(
    store: &mut (dyn Transaction + '_),
    params: &Params,
    wanted: Wanted<'_>,
    day: Date,
) -> Result<Report> {
    if let Some(from) = params.from {
        ensure!(from <= day, "nothing lies from {from} to {day}: the first date is after the last");
    }
    let open = store.undecided_exceptions(day)?;
    let customers = store.masters_without_xrefs(None)?.customers;
    let mut causes = gather(store, &open, &customers)?;
    causes.retain(|cause| {
        let seen = cause.first_seen.is_none_or(|seen| params.from.is_none_or(|from| from <= seen));
        // a cause of a later run than the day is not old, and open all the same
        seen && params.partner.as_ref().is_none_or(|partner| cause.partners.contains(partner))
    });
    Ok(of_causes(&causes, params, wanted.of(SECTIONS)?, day))
}

/// The report on causes that were gathered.
fn of_causes(causes: &[Cause], params: &Params, wanted: Vec<&'static SectionDef>, day: Date) -> Report {
    let parts = parts(causes, day);
    let from = params.from.map_or_else(|| "the beginning".to_owned(), |date| date.to_string());
    let partner = params.partner.as_ref().map_or_else(|| "all".to_owned(), Text::to_string);
    let sections = wanted.into_iter().map(|def| {
        let (mut table, chart, more) = match def.id {
            "ages" => grouped(&parts, &["age"], |part| vec![age(part.days).into()]),
            "customers" => grouped(&parts, &["customer", "customer_name"], |part| {
                vec![part.cause.customer.clone(), part.cause.customer_name.clone()]
            }),
            "kinds" => grouped(&parts, &["kind", "outcome"], |part| {
                vec![part.cause.kind.clone(), part.cause.outcome.clone()]
            }),
            _ => listed(&parts, params.top()),
        };
        "nothing waits for a person".clone_into(&mut table.empty);
        let about = format!("{}{more}", def.about);
        Section { id: def.id, title: def.title.to_owned(), about, table, chart }
    });
    Report {
        name: "worklist",
        title: "Worklist".to_owned(),
        params: vec![("from", from), ("to", day.to_string()), ("partner", partner)],
        notes: Vec::new(),
        key: vec!["value_waiting", "held_lines", "lines"],
        sections: sections.collect(),
    }
}

/// By currency, those without one last, the greatest value first, then by cause.
fn parts(causes: &[Cause], day: Date) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    for cause in causes {
        let days = cause.first_seen.map_or(0, |seen| calendar::days_between(seen, day).max(0));
        let part = |currency: &Text, value: i128, first| Part {
            cause,
            currency: currency.clone(),
            value,
            first,
            days,
        };
        if cause.values.is_empty() {
            parts.push(part(&Text::default(), 0, true));
        }
        for (at, (currency, value)) in cause.values.iter().enumerate() {
            let micros = money::to_micros_rounded(*value).map_or(0, i128::from);
            parts.push(part(currency, micros, at == 0));
        }
    }
    parts.sort_by(|a, b| {
        let (first, second) = ((&a.cause.id, &a.cause.kind), (&b.cause.id, &b.cause.kind));
        // what has no amount comes after what has one
        let rank = |part: &Part<'_>| (part.currency.is_empty(), part.currency.clone(), Reverse(part.value));
        (rank(a), first).cmp(&(rank(b), second))
    });
    parts
}

const LISTED: [(&str, Kind); 19] = [
    ("cause", Kind::Text),
    ("currency", Kind::Text),
    ("value_waiting", Kind::Decimal),
    ("share_pct", Kind::Percent),
    ("cumulated_pct", Kind::Percent),
    ("days", Kind::Count),
    ("held_lines", Kind::Count),
    ("lines", Kind::Count),
    ("orders", Kind::Count),
    ("customer", Kind::Text),
    ("customer_item_qualifier", Kind::Text),
    ("customer_item", Kind::Text),
    ("description", Kind::Text),
    ("kind", Kind::Text),
    ("outcome", Kind::Text),
    ("first_seen", Kind::Text),
    ("oldest_requested", Kind::Text),
    ("times", Kind::Count),
    ("partners", Kind::Text),
];

/// A table, its drawing, and what is said beside it.
type Drawn = (Table, Option<Chart>, String);

fn columns(columns: &[(&'static str, Kind)]) -> Vec<Column> {
    columns.iter().map(|(name, kind)| Column { name, kind: *kind }).collect()
}

fn listed(parts: &[Part<'_>], top: usize) -> Drawn {
    let mut whole: BTreeMap<&Text, i128> = BTreeMap::new();
    for part in parts {
        *whole.entry(&part.currency).or_default() += part.value;
    }
    let mut so_far: BTreeMap<&Text, (i128, usize)> = BTreeMap::new();
    let mut rows = Vec::new();
    for part in parts {
        let (sum, place) = so_far.entry(&part.currency).or_default();
        *sum += part.value;
        *place += 1;
        if *place > top {
            continue;
        }
        let of = whole.get(&part.currency).copied().unwrap_or_default();
        let cause = part.cause;
        let text = |text: &Text| Cell::Text(text.clone());
        let day = |day: Option<Date>| Cell::Text(day.map_or(Text::default(), |day| day.to_string().into()));
        rows.push(vec![
            text(&cause.id),
            text(&part.currency),
            Cell::Decimal(part.value),
            Cell::Percent(percent(part.value, of)),
            Cell::Percent(percent(*sum, of)),
            Cell::Count(part.days.unsigned_abs().into()),
            Cell::Count(part.count(cause.held)),
            Cell::Count(part.count(cause.lines)),
            Cell::Count(part.count(cause.orders.len() as u64)),
            text(&cause.customer),
            text(&cause.number.qualifier),
            text(&cause.number.value),
            text(&cause.description),
            text(&cause.kind),
            text(&cause.outcome),
            day(cause.first_seen),
            day(cause.oldest_requested),
            Cell::Count(part.count(cause.times)),
            Cell::Text(cause.partners.iter().map(Text::as_str).collect::<Vec<_>>().join("; ").into()),
        ]);
    }
    let chart = Some(Chart::Pareto {
        label: vec!["customer", "customer_item"],
        value: "value_waiting",
        share: Some("cumulated_pct"),
        by: Some("currency"),
    });
    let more = shown_of(rows.len(), parts.len(), "rows");
    let table = Table { columns: columns(&LISTED), rows, totals: totals(parts), empty: String::new() };
    (table, chart, more)
}

/// The sums of all causes, a row each currency: what a column has no sum of is empty there.
fn totals(parts: &[Part<'_>]) -> Vec<Vec<Cell>> {
    let mut sums: BTreeMap<(bool, &Text), Sum> = BTreeMap::new();
    for part in parts {
        sums.entry((part.currency.is_empty(), &part.currency)).or_default().add(part);
    }
    let row = |((_, currency), sum): (&(bool, &Text), &Sum)| {
        let cell = |(name, kind): &(&str, Kind)| match (*name, kind) {
            ("cause", _) => Cell::Text("total".into()),
            ("currency", _) => Cell::Text((*currency).clone()),
            ("value_waiting", _) => Cell::Decimal(sum.value),
            ("held_lines", _) => Cell::Count(sum.held),
            ("lines", _) => Cell::Count(sum.lines),
            (_, Kind::Text) => Cell::Text(Text::default()),
            _ => NO_NUMBER,
        };
        LISTED.iter().map(cell).collect()
    };
    sums.iter().map(row).collect()
}

fn age(days: i32) -> &'static str {
    AGES.iter().find(|(last, _)| days <= *last).map_or("", |(_, name)| name)
}

/// The sums of groups: ages from the youngest, all else by the greatest value.
fn grouped(parts: &[Part<'_>], names: &[&'static str], key: fn(&Part<'_>) -> Vec<Text>) -> Drawn {
    let mut sums: BTreeMap<(Text, Vec<Text>), Sum> = BTreeMap::new();
    for part in parts {
        sums.entry((part.currency.clone(), key(part))).or_default().add(part);
    }
    let mut sorted: Vec<((Text, Vec<Text>), Sum)> = sums.into_iter().collect();
    let age_of =
        |key: &[Text]| AGES.iter().position(|(_, name)| key.first().is_some_and(|first| first == name));
    sorted.sort_by(|a, b| {
        let of = |((currency, key), sum): &((Text, Vec<Text>), Sum)| {
            (currency.is_empty(), currency.clone(), age_of(key), Reverse(sum.value), key.clone())
        };
        of(a).cmp(&of(b))
    });
    let rows = sorted.iter().map(|((currency, key), sum)| {
        let texts = key.iter().chain([currency]).cloned().map(Cell::Text);
        texts.chain(sum.cells()).collect()
    });
    let keys = names.iter().chain([&"currency"]).map(|name| Column { name, kind: Kind::Text });
    let table =
        Table { columns: keys.chain(columns(&SUMS)).collect(), rows: rows.collect(), ..Table::default() };
    // a bar is named by what tells its row from the others, which a name does not
    let label = names.iter().copied().filter(|name| *name != "customer_name").collect();
    let chart = Chart::Bars { label, value: "value_waiting", by: Some("currency") };
    (table, Some(chart), String::new())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Decimal;
    use expect_test::{Expect, expect};
    use jiff::civil::date;
    use proptest::prelude::*;

    /// `id kind outcome customer lines held first-seen-day values...`
    fn cause(text: &str) -> Cause {
        let cells: Vec<&str> = text.split_whitespace().collect();
        let values = cells[7..].iter().map(|value| value.split_once(':').unwrap());
        Cause {
            id: cells[0].into(),
            kind: cells[1].into(),
            outcome: cells[2].into(),
            customer: cells[3].into(),
            lines: cells[4].parse().unwrap(),
            held: cells[5].parse().unwrap(),
            first_seen: Some(date(2026, 11, cells[6].parse().unwrap())),
            values: values
                .map(|(currency, value)| (currency.into(), value.parse::<Decimal>().unwrap()))
                .collect(),
            ..Cause::default()
        }
    }

    fn asked(section: &'static str, top: usize) -> Report {
        let causes: Vec<Cause> = [
            "unmapped/1 line unmapped ACME 3 3 20 USD:30",
            "unmapped/2 line unmapped BETA 2 1 19 EUR:5 USD:10",
            "conflict/3 line conflict ACME 1 1 1 USD:60",
            "invoice/4 invoice - ACME 0 0 21",
        ]
        .map(cause)
        .to_vec();
        let params = Params { top: Some(top), ..Params::default() };
        let wanted = Wanted::Section(section).of(SECTIONS).unwrap();
        of_causes(&causes, &params, wanted, date(2026, 11, 21))
    }

    fn csv(section: &'static str, top: usize) -> String {
        let report = asked(section, top);
        let rows = String::from_utf8(report.sections[0].table.csv().unwrap()).unwrap();
        // what is empty in all of them is left out of the picture
        rows + &report.sections[0]
            .about
            .split_once(" The first")
            .map_or(String::new(), |(_, more)| more.to_owned())
    }

    #[expect(clippy::needless_pass_by_value, reason = "an inline expectation is written where it is used")]
    fn check(section: &'static str, top: usize, expected: Expect) {
        expected.assert_eq(&csv(section, top));
    }

    #[test]
    fn causes_stand_by_currency_and_value_and_their_lines_are_counted_once() {
        check(
            "worklist",
            2,
            expect![[r#"
                cause,currency,value_waiting,share_pct,cumulated_pct,days,held_lines,lines,orders,customer,customer_item_qualifier,customer_item,description,kind,outcome,first_seen,oldest_requested,times,partners
                unmapped/2,EUR,5,100,100,2,1,2,0,BETA,,,,line,unmapped,2026-11-19,,0,
                conflict/3,USD,60,60,60,20,1,1,0,ACME,,,,line,conflict,2026-11-01,,0,
                unmapped/1,USD,30,30,90,1,3,3,0,ACME,,,,line,unmapped,2026-11-20,,0,
                invoice/4,,0,,,0,0,0,0,ACME,,,,invoice,'-,2026-11-21,,0,
                 4 of 5 rows."#]],
        );
    }

    #[test]
    fn ages_customers_and_kinds_have_the_sums_of_their_causes() {
        check(
            "ages",
            0,
            expect![[r#"
                age,currency,causes,lines,held_lines,value_waiting
                2 to 7 days,EUR,1,2,1,5
                0 to 1 days,USD,1,3,3,30
                2 to 7 days,USD,0,0,0,10
                8 to 30 days,USD,1,1,1,60
                0 to 1 days,,1,0,0,0
            "#]],
        );
        check(
            "customers",
            0,
            expect![[r#"
                customer,customer_name,currency,causes,lines,held_lines,value_waiting
                BETA,,EUR,1,2,1,5
                ACME,,USD,2,4,4,90
                BETA,,USD,0,0,0,10
                ACME,,,1,0,0,0
            "#]],
        );
        check(
            "kinds",
            0,
            expect![[r#"
                kind,outcome,currency,causes,lines,held_lines,value_waiting
                line,unmapped,EUR,1,2,1,5
                line,conflict,USD,1,1,1,60
                line,unmapped,USD,1,3,3,40
                invoice,'-,,1,0,0,0
            "#]],
        );
    }

    #[test]
    fn a_bar_is_named_by_what_tells_its_row_from_the_others() {
        for (section, expected) in
            [("ages", &["age"][..]), ("customers", &["customer"]), ("kinds", &["kind", "outcome"])]
        {
            let report = asked(section, 0);
            let Some(Chart::Bars { label, .. }) = &report.sections[0].chart else { panic!("{section}") };
            assert_eq!(label, expected);
        }
    }

    fn any_cause() -> impl Strategy<Value = Cause> {
        let values = prop::collection::btree_map("(EUR|USD|CHF)", 0..500u32, 0..3);
        ("(A|B|C)", "(line|invoice)", 0..9u64, 1..21i8, values).prop_map(
            |(customer, kind, lines, day, values)| Cause {
                customer: customer.into(),
                kind: kind.into(),
                lines,
                held: lines / 2,
                first_seen: Some(date(2026, 11, day)),
                values: values.into_iter().map(|(name, value)| (name.into(), value.into())).collect(),
                ..Cause::default()
            },
        )
    }

    proptest! {
        #[test]
        fn every_section_has_the_sums_of_a_naive_walk(
            mut causes in prop::collection::vec(any_cause(), 0..30),
            top in 0..20usize,
        ) {
            for (at, cause) in causes.iter_mut().enumerate() {
                cause.id = format!("cause/{at:02}").into();
            }
            let params = Params { top: Some(top), ..Params::default() };
            let report = of_causes(&causes, &params, Wanted::All.of(SECTIONS).unwrap(), date(2026, 11, 21));
            let mut waiting: BTreeMap<Text, i128> = BTreeMap::new();
            for (currency, value) in causes.iter().flat_map(|cause| &cause.values) {
                *waiting.entry(currency.clone()).or_default() += i128::from(money::to_micros_rounded(*value).unwrap());
            }
            let (lines, held) = causes.iter().fold((0, 0), |(lines, held), one| (lines + one.lines, held + one.held));
            for section in &report.sections {
                let at = |name: &str| section.table.columns.iter().position(|column| column.name == name).unwrap();
                let (value, currency) = (at("value_waiting"), at("currency"));
                // what is cut off is in the totals all the same
                let rows = if section.id == "worklist" { &section.table.totals } else { &section.table.rows };
                let count = |name: &str| -> u64 {
                    rows.iter().map(|row| if let Cell::Count(count) = row[at(name)] { count } else { 0 }).sum()
                };
                prop_assert_eq!((count("lines"), count("held_lines")), (lines, held), "{}", section.id);
                let mut found: BTreeMap<Text, i128> = BTreeMap::new();
                for row in rows {
                    if let (Cell::Text(currency), Cell::Decimal(value)) = (&row[currency], &row[value]) {
                        *found.entry(currency.clone()).or_default() += value;
                    }
                }
                found.retain(|currency, _| !currency.is_empty());
                prop_assert_eq!(&found, &waiting, "{}", section.id);
            }
            // the Pareto: by currency the greatest first, each with the share of the whole that it and those above make
            let table = &report.sections[0].table;
            let mut so_far: BTreeMap<Text, (i128, i128, usize)> = BTreeMap::new();
            for row in &table.rows {
                let (Cell::Text(currency), Cell::Decimal(value)) = (&row[1], &row[2]) else { panic!("{row:?}") };
                let (sum, last, place) = so_far.entry(currency.clone()).or_insert((0, i128::MAX, 0));
                prop_assert!(value <= last);
                (*sum, *last, *place) = (*sum + value, *value, *place + 1);
                let whole = waiting.get(currency).copied().unwrap_or_default();
                let shares = [percent(*value, whole), percent(*sum, whole)].map(Cell::Percent);
                prop_assert_eq!(&row[3..5], &shares[..]);
                prop_assert!(top == 0 || *place <= top);
            }
        }
    }
}
