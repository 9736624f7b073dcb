//! The semantics of resolution: a table with one line of an order a row, traces, and what is wrong with masters.

mod table;

use crate::domain::item::{
    Customer, Item, ItemStatus, KitComponent, Masters, UnitConversion, Xref, XrefScope,
};
use crate::domain::order::{ItemNumber, OrderLine, PurchaseOrder};
use crate::domain::partner::{ChainStep, MatchForm, OrderSettings};
use crate::domain::resolution::{LineOutcome, Resolution};
use crate::domain::unit::Fraction;
use crate::domain::{Date, Decimal, Text, money};
use crate::xref::index::XrefIndex;
use crate::xref::resolve::{resolve_line, resolve_order};
use expect_test::{Expect, expect};
use table::{ITEMS, LINES, UNITS, XREFS};

const TODAY: Date = jiff::civil::date(2026, 5, 15);

#[test]
fn every_line_of_the_table_finds_what_it_says() {
    let (index, _) = XrefIndex::build(masters(), Vec::new());
    let mut wrong = String::new();
    for (at, row) in LINES.iter().enumerate() {
        let (settings, numbers, ship_to, ordered, found, outcome, via) = *row;
        let resolution = resolve(&index, settings, numbers, ship_to, ordered);
        let given = (shown(&resolution), outcome_of(&resolution), via_of(&resolution));
        if given != (found.to_owned(), outcome.to_owned(), via) {
            wrong.push_str(&format!("{at} {row:?}\n  gave {given:?}\n"));
        }
        holds_together(&resolution);
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// What is true of every resolution.
fn holds_together(resolution: &Resolution) {
    let mapped = resolution.outcome == LineOutcome::Mapped;
    assert_eq!(mapped, resolution.quantity.is_some(), "{resolution:?}");
    assert_eq!(resolution.reason.is_some(), resolution.outcome == LineOutcome::Invalid, "{resolution:?}");
    assert_eq!(resolution.via.is_some(), !resolution.item.is_empty(), "{resolution:?}");
    let chosen: Vec<_> = resolution.candidates.iter().filter(|candidate| candidate.chosen).collect();
    assert_eq!(chosen.len(), usize::from(resolution.via.is_some()), "{resolution:?}");
    for candidate in chosen {
        assert_eq!(Some(candidate.via), resolution.via);
        assert_eq!(candidate.xref_id, resolution.xref_id);
        assert_eq!(candidate.number, resolution.matched);
    }
    assert!(resolution.candidates.iter().all(|candidate| !candidate.reason.is_empty()));
}

#[test]
fn the_trace_says_why_each_candidate_lost() {
    check_trace(
        "BP SCOPE, VN B, UP 036000291453",
        "S2",
        "5 EA",
        expect![[r#"
        mapped B 5 EA #2
        > customer BP SCOPE #2 B: the best valid row of the narrowest scope that has one
          group BP SCOPE #3 C: a row of a narrower scope goes before
          everyone BP SCOPE #4 KILO: a row of a narrower scope goes before
          vendor VN B B: leads to the same item as the number that decides
        note: UP 036000291453 is no GTIN: wrong check digit
    "#]],
    );
    check_trace(
        "BP FALL",
        "S1",
        "5 EA",
        expect![[r#"
        mapped C 5 EA #11
          ship_to BP FALL #9 A: expired, valid until 2026-05-14
          customer BP FALL #10 B: inactive
        > group BP FALL #11 C: the best valid row of the narrowest scope that has one
    "#]],
    );
    check_trace(
        "BP UNIT-RANK",
        "",
        "5 EA",
        expect![[r#"
        mapped A 5 EA #22
        > customer BP UNIT-RANK #22 A: the best valid row of the narrowest scope that has one
          customer BP UNIT-RANK #23 B: a row that names the ordered unit goes before
    "#]],
    );
}

#[test]
fn the_trace_of_several_numbers_says_who_agrees_and_who_contradicts() {
    check_trace(
        "IN RANK, BP QUAL-BLANK",
        "",
        "5 EA",
        expect![[r#"
        conflict 
          customer IN RANK #30 A: a row of better rank goes before
          customer IN RANK #31 B: another number of the line leads to another item
          customer BP QUAL-BLANK #52 A: leads to another item than the first number
          customer BP QUAL-BLANK #53 B: a row that names the qualifier goes before
    "#]],
    );
    check_trace(
        "IN QUAL, BP SAME, CB TWO",
        "",
        "5 EA",
        expect![[r#"
        conflict 
          customer IN QUAL #50 A: is for numbers under BP
          customer IN QUAL #51 B: another number of the line leads to another item
          customer BP SAME #62 A: leads to another item than the first number
          customer BP SAME #63 A: says the same as the row that counts
          customer CB TWO #60 A: leads to the same item as the number that decides
          customer CB TWO #61 B: stands equal with a row that has another target
    "#]],
    );
    check_trace(
        "SK EXPIRED, BP FUTURE, VC NONE, EN 4006381333932",
        "",
        "5 EA",
        expect![[r#"
        unmapped 
          customer BP FUTURE #43 A: valid only from 2026-05-16
          customer SK EXPIRED #42 A: expired, valid until 2026-05-14
          vendor VC NONE -: no item of ours has this number
        note: VC NONE is no item of ours
        note: EN 4006381333932 is no GTIN: wrong check digit
    "#]],
    );
    check_trace(
        "BP DOZEN, CB HALF",
        "",
        "4 EA",
        expect![[r#"
        mapped A 48 EA #80
        > customer BP DOZEN #80 A: the best valid row of the narrowest scope that has one
          customer CB HALF #81 A: leads to the same item as the number that decides
        note: CB HALF says 1/2 to the unit, BP DOZEN says 12 and counts
    "#]],
    );
}

#[test]
fn the_trace_says_which_numbers_were_not_taken_at_their_word() {
    check_trace_under(
        "vendor may",
        "BP N-A, VN B, UP 036000291452",
        "",
        "5 EA",
        expect![[r#"
            conflict 
              customer BP N-A #70 A: another number of the line leads to another item
              vendor VN B B: leads to another item; no conflict by the partner's may_contradict
              gtin UP 036000291452 G12: leads to another item than the first number
        "#]],
    );
    check_trace_under(
        "vendor may",
        "VN B, VP A, UP 036000291452",
        "",
        "5 EA",
        expect![[r#"
            mapped G12 5 EA
              vendor VP A A: leads to another item; no conflict by the partner's may_contradict
              vendor VN B B: leads to another item; no conflict by the partner's may_contradict
            > gtin UP 036000291452 G12: the item with this GTIN
        "#]],
    );
}

#[test]
fn a_trace_has_a_limit_and_still_shows_what_counts() {
    let mut masters = masters();
    masters.xrefs = (0..200).map(|id| xref(id, "ACME", "MANY", "A", &format!("rank={}", 999 - id))).collect();
    let (index, _) = XrefIndex::build(masters, Vec::new());
    let resolution = resolve(&index, "", "BP MANY", "", "5 EA");
    assert_eq!(shown(&resolution), "A 5 EA #199");
    assert_eq!(resolution.candidates.len(), 51);
    assert_eq!(resolution.notes, ["149 further candidates are not shown"]);
    holds_together(&resolution);
}

#[test]
fn an_order_is_resolved_line_by_line_each_at_its_ship_to() {
    let (index, _) = XrefIndex::build(masters(), Vec::new());
    let order = PurchaseOrder {
        lines: ["S1", "S2", "", "S1"].map(|ship_to| line("BP SCOPE", ship_to, "5 EA")).into(),
        ..PurchaseOrder::default()
    };
    let found = resolve_order(&index, &OrderSettings::default(), "ACME", &order, TODAY);
    let via: Vec<&str> = found.iter().map(via_of).collect();
    assert_eq!(via, ["ship_to", "customer", "customer", "ship_to"]);
}

#[test]
fn an_invoice_without_an_order_gets_the_customers_number() {
    let mut masters = masters();
    masters.xrefs = [
        (1, "ACME", "best", "A", "rank=2"),
        (2, "ACME", "second", "A", "rank=3 q=BP"),
        (3, "ACME", "expired", "A", "rank=1 to=2026-05-14"),
        (4, "ACME", "here", "A", "rank=9 ship_to=S1 q=SK"),
        (6, "group:RETAIL", "tie", "B", ""),
        (5, "group:RETAIL", "tie-lower", "B", ""),
        (7, "*", "general", "C", ""),
        (8, "ACME", "for-old", "OLD", ""),
        (9, "*", "for-mid", "MID", ""),
    ]
    .map(|(id, customer, number, item, rest)| xref(id, customer, number, item, rest))
    .into();
    let (index, _) = XrefIndex::build(masters, Vec::new());
    for (customer, ship_to, item, expected) in [
        ("ACME", "", "A", Some(("best", "", 1))),
        ("ACME", "S2", "A", Some(("best", "", 1))),
        ("ACME", "S1", "A", Some(("here", "SK", 4))),
        ("STRANGER", "S1", "A", None),
        ("MEMBER", "", "B", Some(("tie-lower", "", 5))),
        ("STRANGER", "", "C", Some(("general", "", 7))),
        // a row for the item itself, else one for what it replaced
        ("ACME", "", "NEW", Some(("for-old", "", 8))),
        ("ACME", "", "MID", Some(("for-mid", "", 9))),
        ("ACME", "", "OLD", Some(("for-old", "", 8))),
        ("STRANGER", "", "OLD", None),
        ("ACME", "", "nothing of ours", None),
    ] {
        let found = index.customer_number_of(customer, ship_to, item, TODAY);
        assert_eq!(found, expected, "{customer} {ship_to} {item}");
    }
}

#[test]
fn what_is_wrong_with_the_masters_is_named_and_left_out() {
    let mut masters = masters();
    masters.xrefs = [
        (1, "ACME", "lost", "NOTHING", ""),
        (2, "group:RETAIL", "lost", "NOTHING", ""),
        (4, "ACME", "twice", "A", "ship_to=S1"),
        (3, "ACME", "twice", "A", "ship_to=S1"),
        (5, "ACME", "twice", "A", ""),
    ]
    .map(|(id, customer, number, item, rest)| xref(id, customer, number, item, rest))
    .into();
    masters.conversions.push(conversion("GHOST", "CA", "EA", "12"));
    masters.kits.push(KitComponent { kit: "KIT".into(), component: "A".into(), quantity: Decimal::ONE });
    let (index, problems) = XrefIndex::build(masters, Vec::new());
    let lines: Vec<String> = problems
        .iter()
        .map(|problem| format!("{} {} ({})\n", problem.rule.code, problem.found, problem.detail))
        .collect();
    expect![[r#"
        E451 GHOST (conversion of CA to EA)
        E451 KIT (kit KIT, component A)
        E451 NOTHING (ACME, customer item lost, xref 1)
        E451 NOTHING (group:RETAIL, customer item lost, xref 2)
        E452 A (ACME at ship-to S1, customer item twice, xref 4)
        E453 TO-NOBODY (the successor NOBODY of TO-NOBODY is no item)
        E453 X1 (X1 > X2 > X1)
        E454 SHARED-1 (GTIN "871234567890-6": not digits alone)
        E455 CA (CONTRARY: one CA is 6 and 12 EA)
    "#]]
    .assert_eq(&lines.concat());
    assert_eq!(shown(&resolve(&index, "", "BP twice", "S1", "5 EA")), "A 5 EA #3");
    assert_eq!(shown(&resolve(&index, "", "BP lost", "", "5 EA")), "");
    assert_eq!(index.catalog().kit("KIT").len(), 1);
    assert_eq!(index.item("A").map(|item| &*item.unit), Some("EA"));
}

#[test]
fn threads_share_the_index_and_say_the_same() {
    let (index, _) = XrefIndex::build(masters(), Vec::new());
    let all = || LINES.iter().map(|row| resolve(&index, row.0, row.1, row.2, row.3)).collect::<Vec<_>>();
    let here = all();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(all)).collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), here);
        }
    });
}

#[test]
fn an_empty_index_answers() {
    let (index, problems) = XrefIndex::build(Masters::default(), Vec::new());
    assert!(problems.is_empty());
    assert_eq!(
        outcome_of(&resolve(&index, "all forms", "BP A, VN A, UP 036000291452", "S", "1 EA")),
        "unmapped"
    );
    assert_eq!(index.customer_number_of("ACME", "", "A", TODAY), None);
}

fn check_trace(numbers: &str, ship_to: &str, ordered: &str, expected: Expect) {
    check_trace_under("", numbers, ship_to, ordered, expected);
}

#[expect(clippy::needless_pass_by_value, reason = "rows read better without a reference")]
fn check_trace_under(name: &str, numbers: &str, ship_to: &str, ordered: &str, expected: Expect) {
    let (index, _) = XrefIndex::build(masters(), Vec::new());
    let resolution = resolve(&index, name, numbers, ship_to, ordered);
    let mut text = format!("{} {}\n", outcome_of(&resolution), shown(&resolution));
    for candidate in &resolution.candidates {
        let chosen = if candidate.chosen { ">" } else { " " };
        let id = candidate.xref_id.map_or_else(String::new, |id| format!(" #{id}"));
        text.push_str(&format!(
            "{chosen} {} {} {}{id} {}: {}\n",
            candidate.via.as_str(),
            candidate.number.qualifier,
            candidate.number.value,
            if candidate.item.is_empty() { "-" } else { &candidate.item },
            candidate.reason
        ));
    }
    for note in &resolution.notes {
        text.push_str(&format!("note: {note}\n"));
    }
    expected.assert_eq(&text);
}

/// `name`: words for settings, customer and date, such as `member`, `all forms`, `vendor may`, `on=2026-06-01`.
fn resolve(index: &XrefIndex, name: &str, numbers: &str, ship_to: &str, ordered: &str) -> Resolution {
    let mut settings = OrderSettings::default();
    let forms =
        [("case", MatchForm::Case), ("hyphens", MatchForm::Hyphens), ("zeros", MatchForm::LeadingZeros)];
    settings.match_forms = forms
        .into_iter()
        .filter(|(form, _)| name.contains(form) || name.contains("all forms"))
        .map(|(_, form)| form)
        .collect();
    if name.contains("gtin first") {
        settings.chain = vec![ChainStep::Gtin, ChainStep::Xref, ChainStep::Vendor];
    }
    if name.contains("alias") {
        settings.unit_aliases.insert("CS".into(), "CA".into());
    }
    let may = [("vendor may", ChainStep::Vendor), ("gtin may", ChainStep::Gtin)];
    settings.may_contradict =
        may.into_iter().filter(|(words, _)| name.contains(words)).map(|(_, step)| step).collect();
    let on = name.split(' ').find_map(|word| word.strip_prefix("on="));
    let as_of = on.map_or(TODAY, |date| date.parse().unwrap());
    let customer = match name {
        name if name.contains("member") => "MEMBER",
        name if name.contains("stranger") => "STRANGER",
        _ => "ACME",
    };
    let line = line(numbers, ship_to, ordered);
    if name.contains("csv") {
        let order = PurchaseOrder { lines: vec![line], from_csv: true, ..PurchaseOrder::default() };
        return resolve_order(index, &settings, customer, &order, as_of).remove(0);
    }
    resolve_line(index, &settings, customer, &line, as_of)
}

/// `BP A-1, UP 123` and `5 EA 1.50 HP`: quantity, unit, price and price basis.
pub(super) fn line(numbers: &str, ship_to: &str, ordered: &str) -> OrderLine {
    let numbers = numbers.split(", ").filter_map(|pair| pair.split_once(' '));
    let mut words = ordered.split(' ').map(Text::from);
    let mut word = || words.next().unwrap_or_default();
    let (quantity, unit, price, basis) = (word(), word(), word(), word());
    OrderLine {
        line: 1,
        quantity: money::parse_decimal(&quantity),
        quantity_text: quantity,
        unit,
        price: money::parse_decimal(&price),
        price_basis: basis,
        numbers: numbers
            .map(|(qualifier, value)| ItemNumber { qualifier: qualifier.into(), value: value.into() })
            .collect(),
        ship_to: ship_to.into(),
        ..OrderLine::default()
    }
}

fn shown(resolution: &Resolution) -> String {
    let mut words = Vec::new();
    if !resolution.item.is_empty() {
        words.push(resolution.item.to_string());
    }
    if let Some(quantity) = resolution.quantity {
        words.push(format!("{} {}", money::plain(quantity), resolution.unit));
    }
    words.extend(resolution.xref_id.map(|id| format!("#{id}")));
    if !resolution.superseded.is_empty() {
        words.push(format!("was {}", resolution.superseded));
    }
    words.join(" ")
}

fn outcome_of(resolution: &Resolution) -> String {
    let reason = resolution.reason.map_or_else(String::new, |reason| format!(" {reason:?}"));
    format!("{}{reason}", resolution.outcome.as_str())
}

fn via_of(resolution: &Resolution) -> &'static str {
    resolution.via.map_or("", |via| via.as_str())
}

fn masters() -> Masters {
    let customers = [("ACME", "RETAIL"), ("MEMBER", "RETAIL"), ("STRANGER", "")];
    Masters {
        items: ITEMS
            .iter()
            .map(|(item, unit, gtin, successor)| Item {
                fractions: *item == "CLOTH",
                ..self::item(item, unit, gtin, successor)
            })
            .collect(),
        customers: customers.map(|(customer, group)| self::customer(customer, group)).into(),
        xrefs: XREFS
            .iter()
            .map(|(id, customer, number, item, rest)| xref(*id, customer, number, item, rest))
            .collect(),
        kits: Vec::new(),
        conversions: UNITS
            .iter()
            .map(|(item, unit, to, factor)| conversion(item, unit, to, factor))
            .collect(),
    }
}

pub(super) fn customer(customer: &str, group: &str) -> Customer {
    Customer { customer: customer.into(), name: customer.into(), group: group.into(), ledger: true }
}

/// `successor` `-`: discontinued without one.
pub(super) fn item(item: &str, unit: &str, gtin: &str, successor: &str) -> Item {
    Item {
        item: item.into(),
        unit: unit.into(),
        gtin: gtin.into(),
        status: if successor.is_empty() { ItemStatus::Active } else { ItemStatus::Discontinued },
        successor: successor.trim_matches('-').into(),
        ..Item::default()
    }
}

fn conversion(item: &str, unit: &str, to_unit: &str, factor: &str) -> UnitConversion {
    let factor = Fraction::parse(factor).unwrap();
    UnitConversion { item: item.into(), unit: unit.into(), to_unit: to_unit.into(), factor }
}

/// `rest`: `ship_to=S1 q=BP unit=CA factor=12 rank=2 from=2026-01-01 to=2026-12-31 inactive`.
fn xref(xref_id: i64, customer: &str, number: &str, item: &str, rest: &str) -> Xref {
    let value = |key: &str| rest.split(' ').find_map(|word| word.strip_prefix(key)?.strip_prefix('='));
    let scope = match (customer, customer.strip_prefix("group:"), value("ship_to")) {
        ("*", ..) => XrefScope::Everyone,
        (_, Some(group), _) => XrefScope::Group(group.into()),
        (_, _, Some(ship_to)) => XrefScope::ShipTo { customer: customer.into(), ship_to: ship_to.into() },
        _ => XrefScope::Customer(customer.into()),
    };
    Xref {
        xref_id,
        scope,
        customer_item: number.into(),
        item: item.into(),
        qualifier: value("q").unwrap_or_default().into(),
        unit: value("unit").unwrap_or_default().into(),
        unit_factor: value("factor").map(|factor| Fraction::parse(factor).unwrap()),
        rank: value("rank").map_or(1, |rank| rank.parse().unwrap()),
        valid_from: value("from").map(|date| date.parse().unwrap()),
        valid_to: value("to").map(|date| date.parse().unwrap()),
        active: !rest.contains("inactive"),
        description: Text::default(),
    }
}
