//! What holds for all masters and all lines: the index says what a plain reading of the rows says, in any order of rows.

use crate::domain::item::{Masters, UnitConversion, Xref, XrefScope};
use crate::domain::order::{ItemNumber, OrderLine};
use crate::domain::partner::{MatchForm, OrderSettings};
use crate::domain::resolution::{LineOutcome, Resolution};
use crate::domain::unit::Fraction;
use crate::domain::{Date, Decimal, Text};
use crate::xref::index::XrefIndex;
use crate::xref::resolve::resolve_line;
use crate::xref::tests::{customer, item};
use proptest::prelude::*;

const TODAY: Date = jiff::civil::date(2026, 5, 15);
const ITEMS: [&str; 3] = ["A", "B", "OLD"];

#[derive(Debug, PartialEq, Eq)]
enum Plain {
    Unmapped,
    Ambiguous,
    /// Item after supersession, `xref_id`, units in one ordered unit.
    Mapped(Text, i64, Fraction),
}

/// The contract read over all rows, one scope after the other.
fn plainly(rows: &[Xref], customer: &str, ship_to: &str, number: &ItemNumber, unit: &str) -> Plain {
    let scopes = scopes(customer, ship_to);
    let fits = |row: &&Xref| {
        valid(row)
            && row.customer_item == number.value
            && (row.qualifier.is_empty() || row.qualifier == number.qualifier)
            && (row.unit.is_empty() || row.unit == unit)
    };
    for scope in scopes {
        let mut found: Vec<&Xref> = rows.iter().filter(|row| row.scope == scope).filter(fits).collect();
        let standing = |row: &Xref| (row.unit.is_empty(), row.rank, row.qualifier.is_empty());
        let Some(best) = found.iter().map(|row| standing(row)).min() else { continue };
        found.retain(|row| standing(row) == best);
        found.sort_by_key(|row| (end(&row.item) != row.item, row.xref_id));
        let target = |row: &Xref| (end(&row.item), row.unit_factor);
        if found.iter().any(|row| target(row) != target(found[0])) {
            return Plain::Ambiguous;
        }
        let by_table = if unit == "CA" { Fraction::new(10, 1).unwrap() } else { Fraction::ONE };
        let factor = found[0].unit_factor.unwrap_or(by_table);
        return Plain::Mapped(end(&found[0].item), found[0].xref_id, factor);
    }
    Plain::Unmapped
}

fn plain_number_of(rows: &[Xref], customer: &str, ship_to: &str, item: &str) -> Option<i64> {
    let best = |fits: &dyn Fn(&Xref) -> bool| {
        scopes(customer, ship_to).iter().find_map(|scope| {
            let rows = rows.iter().filter(|row| row.scope == *scope && valid(row) && fits(row));
            let other_count = |row: &Xref| {
                !(row.unit.is_empty() || row.unit == "EA")
                    || row.unit_factor.is_some_and(|f| f != Fraction::ONE)
            };
            rows.min_by_key(|row| (other_count(row), row.rank, row.xref_id)).map(|row| row.xref_id)
        })
    };
    best(&|row| row.item == item).or_else(|| best(&|row| end(&row.item) == item))
}

fn scopes(customer: &str, ship_to: &str) -> Vec<XrefScope> {
    let mut scopes = vec![XrefScope::Customer(customer.into())];
    if !ship_to.is_empty() {
        scopes.insert(0, XrefScope::ShipTo { customer: customer.into(), ship_to: ship_to.into() });
    }
    if customer == "MEMBER" {
        scopes.push(XrefScope::Group("RETAIL".into()));
    }
    scopes.push(XrefScope::Everyone);
    scopes
}

fn valid(row: &Xref) -> bool {
    row.active && row.valid_from.is_none_or(|from| from <= TODAY) && row.valid_to.is_none_or(|to| TODAY <= to)
}

fn end(item: &str) -> Text {
    if item == "OLD" { "A".into() } else { item.into() }
}

fn masters(xrefs: Vec<Xref>) -> Masters {
    Masters {
        items: vec![item("A", "EA", "", ""), item("B", "EA", "", ""), item("OLD", "EA", "", "A")],
        customers: vec![customer("MEMBER", "RETAIL"), customer("ALONE", "")],
        xrefs,
        kits: Vec::new(),
        conversions: vec![UnitConversion {
            item: Text::default(),
            unit: "CA".into(),
            to_unit: "EA".into(),
            factor: Fraction::new(10, 1).unwrap(),
        }],
    }
}

fn rows() -> impl Strategy<Value = Vec<Xref>> {
    let scope = prop_oneof![
        Just(XrefScope::ShipTo { customer: "MEMBER".into(), ship_to: "S1".into() }),
        Just(XrefScope::Customer("MEMBER".into())),
        Just(XrefScope::Customer("ALONE".into())),
        Just(XrefScope::Group("RETAIL".into())),
        Just(XrefScope::Everyone),
    ];
    let terms = (
        prop::sample::select(&["", "", "IN", "BP"][..]),
        prop::sample::select(&["", "", "EA", "CA"][..]),
        prop::sample::select(vec![None, None, Fraction::new(2, 1), Fraction::new(3, 1)]),
        1..3_u32,
        prop::option::weighted(0.3, -1..=1_i8),
        prop::option::weighted(0.3, -1..=1_i8),
        prop::bool::weighted(0.9),
    );
    let number = prop::sample::select(&["1", "2"][..]);
    let row = (scope, number, prop::sample::select(&ITEMS[..]), terms);
    prop::collection::vec(row, 0..24).prop_map(|rows| {
        let day = |offset: i8| TODAY.saturating_add(jiff::Span::new().days(offset));
        (1..)
            .zip(rows)
            .map(|(xref_id, (scope, number, item, terms))| {
                let (qualifier, unit, unit_factor, rank, from, to, active) = terms;
                Xref {
                    xref_id,
                    scope,
                    customer_item: number.into(),
                    item: item.into(),
                    qualifier: qualifier.into(),
                    unit: unit.into(),
                    unit_factor,
                    rank,
                    valid_from: from.map(day),
                    valid_to: to.map(day),
                    active,
                    description: Text::default(),
                }
            })
            .collect()
    })
}

/// Every line that the small world of [`rows`] can ask.
fn lines() -> Vec<(&'static str, OrderLine)> {
    let mut lines = Vec::new();
    for customer in ["MEMBER", "ALONE"] {
        for ship_to in ["", "S1"] {
            for (qualifier, value) in [("IN", "1"), ("BP", "1"), ("BP", "2"), ("SK", "2")] {
                for unit in ["EA", "CA"] {
                    let number = ItemNumber { qualifier: qualifier.into(), value: value.into() };
                    let line = OrderLine {
                        quantity: Some(Decimal::ONE),
                        unit: unit.into(),
                        ship_to: ship_to.into(),
                        numbers: vec![number],
                        ..OrderLine::default()
                    };
                    lines.push((customer, line));
                }
            }
        }
    }
    lines
}

fn said(resolution: &Resolution) -> Plain {
    match resolution.outcome {
        LineOutcome::Mapped => {
            Plain::Mapped(resolution.item.clone(), resolution.xref_id.unwrap(), resolution.factor.unwrap())
        }
        LineOutcome::Ambiguous => Plain::Ambiguous,
        LineOutcome::Unmapped => Plain::Unmapped,
        other => panic!("{other:?}"),
    }
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof!["[A-Z0-9 \\-]{0,6}", ".{0,40}", "[0-9]{7,15}"]
}

proptest! {
    #[test]
    fn the_index_says_what_a_plain_reading_of_the_rows_says(rows in rows()) {
        let settings = OrderSettings::default();
        let (index, _) = XrefIndex::build(masters(rows.clone()), Vec::new());
        for (customer, line) in lines() {
            let resolution = resolve_line(&index, &settings, customer, &line, TODAY);
            let plain = plainly(&rows, customer, &line.ship_to, &line.numbers[0], &line.unit);
            prop_assert_eq!(said(&resolution), plain, "{} {:?}", customer, line);
        }
        for item in ITEMS {
            for (customer, ship_to) in [("MEMBER", ""), ("MEMBER", "S1"), ("ALONE", "S1")] {
                let found = index.customer_number_of(customer, ship_to, item, TODAY).map(|(_, _, id)| id);
                prop_assert_eq!(found, plain_number_of(&rows, customer, ship_to, item));
            }
        }
    }

    #[test]
    fn the_order_of_the_rows_changes_nothing(
        (rows, shuffled) in rows().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle()))
    ) {
        let settings = OrderSettings { match_forms: vec![MatchForm::LeadingZeros], ..OrderSettings::default() };
        let (one, problems) = XrefIndex::build(masters(rows), Vec::new());
        let (other, same_problems) = XrefIndex::build(masters(shuffled), Vec::new());
        prop_assert_eq!(problems, same_problems);
        for (customer, mut line) in lines() {
            for _ in 0..2 {
                let said = [&one, &other].map(|index| resolve_line(index, &settings, customer, &line, TODAY));
                prop_assert_eq!(&said[0], &said[1]);
                line.numbers[0].value.insert(0, '0');
            }
        }
    }

    #[test]
    fn no_text_panics(
        numbers in prop::collection::vec((prop_oneof!["IN|BP|VP|UP|EO|UI|UK".boxed(), any_text().boxed()], any_text()), 0..12),
        row in any_text(), unit in any_text(), ship_to in any_text(), gtin in any_text(),
        quantity in prop::option::of((any::<i64>(), 0..20_u32)), factor in 1..u64::MAX,
    ) {
        use MatchForm::{Case, Hyphens, LeadingZeros};
        let settings = OrderSettings { match_forms: vec![Case, Hyphens, LeadingZeros], ..OrderSettings::default() };
        let xref = Xref {
            xref_id: 1,
            scope: XrefScope::Everyone,
            customer_item: row.as_str().into(),
            item: "A".into(),
            qualifier: Text::default(),
            unit: Text::default(),
            unit_factor: Fraction::new(factor, 7),
            rank: 1,
            valid_from: None,
            valid_to: None,
            active: true,
            description: Text::default(),
        };
        let mut masters = masters(vec![xref]);
        masters.items.push(item(&row, &unit, &gtin, ""));
        let (index, _) = XrefIndex::build(masters, Vec::new());
        let mut line = OrderLine {
            quantity: quantity.map(|(digits, scale)| Decimal::new(digits, scale)),
            unit: unit.as_str().into(),
            ship_to: ship_to.as_str().into(),
            numbers: numbers
                .iter()
                .map(|(qualifier, value)| ItemNumber { qualifier: qualifier.into(), value: value.into() })
                .collect(),
            ..OrderLine::default()
        };
        let resolution = resolve_line(&index, &settings, "ACME", &line, TODAY);
        prop_assert_eq!(resolution.quantity.is_some(), resolution.outcome == LineOutcome::Mapped);
        line.numbers = vec![ItemNumber { qualifier: "IN".into(), value: row.as_str().into() }];
        let resolution = resolve_line(&index, &settings, "ACME", &line, TODAY);
        prop_assert_eq!(resolution.item.is_empty(), row.is_empty());
    }
}
