//! Changes against stored orders: rows of what is asked for, what the lines become, and what stands against it.

use super::*;
use crate::domain::item::{Customer, Item, Masters, Xref, XrefScope};
use crate::domain::order::{ItemNumber, OrderLine, PurchaseOrder};
use crate::domain::partner::{ChangePolicy, Company, PartnerProfile, Usage};
use crate::domain::resolution::{LineState, UnresolvedPolicy};
use crate::domain::{Date, Text};
use crate::pipeline::decide::decide;
use crate::xref::index::XrefIndex;
use expect_test::{Expect, expect};

const TODAY: Date = Date::constant(2026, 11, 20);

fn number(value: &str) -> Vec<ItemNumber> {
    if value.is_empty() {
        Vec::new()
    } else {
        vec![ItemNumber { qualifier: "BP".into(), value: value.into() }]
    }
}

/// `id number quantity price day`, of which any may be `-`.
fn line(text: &str) -> OrderLine {
    let mut words = text.split_whitespace().map(|word| if word == "-" { "" } else { word });
    let mut next = || words.next().unwrap_or_default();
    let (id, theirs, quantity, price, day) = (next(), next(), next(), next(), next());
    OrderLine {
        po_line_id: id.into(),
        numbers: number(theirs),
        quantity: quantity.parse().ok(),
        quantity_text: quantity.into(),
        unit: if quantity.is_empty() { Text::default() } else { "EA".into() },
        unit_text: if quantity.is_empty() { Text::default() } else { "EA".into() },
        price: price.parse().ok(),
        requested_date: day.parse().ok().and_then(|day| Date::new(2026, 12, day).ok()),
        ..OrderLine::default()
    }
}

fn order(purpose: &str, lines: &[&str]) -> PurchaseOrder {
    let mut order = PurchaseOrder {
        purpose: purpose.into(),
        po_number: "P-1".into(),
        po_date: Some(Date::constant(2026, 11, 19)),
        lines: lines.iter().map(|text| line(text)).collect(),
        received_lines: u32::try_from(lines.len()).unwrap(),
        ..PurchaseOrder::default()
    };
    for (index, line) in (1u32..).zip(&mut order.lines) {
        (line.line, line.segment) = (index, index + 2);
    }
    order
}

/// An 860: each line is its code and the line.
fn pc(purpose: &str, lines: &[&str]) -> OrderChange {
    let split: Vec<(&str, &str)> = lines.iter().map(|text| text.split_once(' ').unwrap()).collect();
    OrderChange {
        document: "860".into(),
        kinds: split.iter().map(|(code, _)| Text::from(*code)).collect(),
        order: order(purpose, &split.iter().map(|(_, line)| *line).collect::<Vec<_>>()),
        ..OrderChange::default()
    }
}

struct World {
    company: Company,
    profile: PartnerProfile,
    index: XrefIndex,
}

fn world() -> World {
    let item = |item: &str| Item { item: item.into(), unit: "EA".into(), ..Item::default() };
    let xref = |theirs: &str, item: &str| Xref {
        xref_id: 0,
        scope: XrefScope::Customer("ACME".into()),
        customer_item: theirs.into(),
        item: item.into(),
        qualifier: Text::default(),
        unit: Text::default(),
        unit_factor: None,
        rank: 1,
        valid_from: None,
        valid_to: None,
        active: true,
        description: Text::default(),
    };
    let masters = Masters {
        items: vec![item("10-1"), item("10-2"), item("10-3")],
        customers: vec![Customer { customer: "ACME".into(), ..Customer::default() }],
        xrefs: vec![xref("A", "10-1"), xref("B", "10-2"), xref("C", "10-3")],
        ..Masters::default()
    };
    let company = Company {
        name: "Northwind".into(),
        interchange_qualifier: "ZZ".into(),
        interchange_id: "NORTHWIND".into(),
        application_id: "NORTHWIND".into(),
        currency: "USD".into(),
        usage: Usage::default(),
        remit_to: Vec::new(),
    };
    let mut profile = crate::documents::testing::profile();
    profile.orders.changes.cancel = ChangePolicy::Apply;
    profile.orders.changes.price = ChangePolicy::Apply;
    World { company, profile, index: XrefIndex::build(masters, Vec::new()).0 }
}

impl World {
    fn context(&self) -> Context<'_> {
        Context {
            company: &self.company,
            profile: &self.profile,
            index: &self.index,
            unresolved: UnresolvedPolicy::HoldLine,
            date: TODAY,
        }
    }

    fn stored(&self, lines: &[&str]) -> DecidedOrder {
        decide(&self.context(), order("00", lines)).0
    }

    fn plan(&self, lines: &[&str], change: &OrderChange, billed: &[(u32, i64)]) -> Plan {
        let billed = billed.iter().map(|(line, quantity)| (*line, Decimal::from(*quantity))).collect();
        plan(&self.context(), &self.stored(lines), change, &billed)
    }
}

fn told(plan: &Plan) -> String {
    let mut out = String::new();
    for line in &plan.lines {
        let side = |side: &Option<crate::domain::change::LineSide>| {
            side.as_ref().map_or_else(
                || "-".to_owned(),
                |side| {
                    let date = side.requested_date.map_or_else(String::new, |date| format!(" {date}"));
                    format!("{} {} {}{date}", side.item, side.ordered_quantity, side.unit_price)
                },
            )
        };
        out += &format!(
            "{} {} {}: {} => {}\n",
            line.line,
            line.change,
            line.code,
            side(&line.before),
            side(&line.after)
        );
    }
    for found in &plan.obstacles {
        let hard = if may_be_overruled(found) { "" } else { " (never)" };
        out += &format!("{}{hard} {}\n", found.rule.code, found.detail);
    }
    out
}

fn check(lines: &[&str], change: &OrderChange, expected: &Expect) {
    expected.assert_eq(&told(&world().plan(lines, change, &[])));
}

const TWO: &[&str] = &["1 A 10 2 5", "2 B 4 3 5"];

#[test]
fn each_plain_code_has_its_before_and_after() {
    let change = pc("04", &["QD 1 A 6 2", "PC 2 B 4 3.5", "AI 3 C 7 1"]);
    check(
        TWO,
        &change,
        &expect![[r#"
            1 changed QD: 10-1 10 2 2026-12-05 => 10-1 6 2 2026-12-05
            2 changed PC: 10-2 4 3 2026-12-05 => 10-2 4 3.5 2026-12-05
            3 added AI: - => 10-3 7 1
        "#]],
    );
    let change = pc("04", &["DI 1 A", "NC 2 B 4 3", "RZ 2 C 9 1 9"]);
    check(
        TWO,
        &change,
        &expect![[r#"
            1 cancelled DI: 10-1 10 2 2026-12-05 => -
            2 changed RZ: 10-2 4 3 2026-12-05 => 10-3 9 1 2026-12-09
        "#]],
    );
}

#[test]
fn lines_keep_their_place_and_number_and_what_is_not_named_stays() {
    let world = world();
    let change = pc("04", &["AI 9 C 7 1", "QI 2 B 5"]);
    let plan = world.plan(TWO, &change, &[]);
    let lines: Vec<(u32, String)> =
        plan.order.order.lines.iter().map(|line| (line.line, line.quantity.unwrap().to_string())).collect();
    assert_eq!(lines, [(1, "10".to_owned()), (2, "5".to_owned()), (3, "7".to_owned())]);
    assert_eq!(plan.touched, [1, 2]);
    assert_eq!(plan.of_asked, [Some(2), Some(1)]);
    assert_eq!(plan.order.lines[0], world.stored(TWO).lines[0]);
    assert!(plan.order.lines.iter().all(|line| line.state == LineState::Ordered));
}

#[test]
fn what_nobody_can_apply_without_a_guess_is_told_and_never_goes() {
    for (change, expected) in [
        (pc("04", &["QD 7 A 6"]), "E604 QD: no line of the order"),
        (pc("04", &["QD 1 B 6"]), "E604 QD: no line of the order"),
        (pc("04", &["TI 1 A 6"]), "E605 POC02 \"TI\""),
        (pc("04", &["CC 1 A"]), "E605 POC02 \"CC\""),
        (pc("04", &["QD 1 A 11"]), "E606 QD: less is asked for, and the quantity goes from 10 to 11"),
        (pc("04", &["AI 3 X 7 1"]), "E607 line 3: unmapped"),
        (pc("04", &["RZ 1 X 7 1"]), "E607 line 1: unmapped"),
        (pc("04", &["AI 2 C 7 1"]), "E606 a line \"2\" is in the order already"),
        (pc("03", &[]), "E601 purpose \"03\" of the 860"),
        (pc("00", &["QD 1 A 6"]), "E601 purpose \"00\" of the 860"),
        (pc("01", &["DI 1 A"]), "E606 the cancellation names lines, and line 2 is none of them"),
        (OrderChange::of_order(order("18", &[])), "E601 purpose \"18\" of the 850"),
        (
            OrderChange::of_order(order("04", &["1 A 6 2 5"])),
            "E606 line 2 is not in it: is it to stay or to go?",
        ),
    ] {
        let plan = world().plan(TWO, &change, &[]);
        let never: Vec<String> = plan
            .obstacles
            .iter()
            .filter(|found| !may_be_overruled(found))
            .map(|found| format!("{} {}", found.rule.code, found.detail))
            .collect();
        assert_eq!(never, [expected], "{change:?}");
    }
}

#[test]
fn a_heading_that_is_another_is_for_a_person() {
    let mut change = pc("04", &["QD 1 A 6"]);
    change.order.po_date = Some(Date::constant(2026, 11, 1));
    change.order.currency = "CAD".into();
    change.order.customer = "OTHER".into();
    check(
        TWO,
        &change,
        &expect![[r#"
            1 changed QD: 10-1 10 2 2026-12-05 => 10-1 6 2 2026-12-05
            E614 (never) customer, currency, date
        "#]],
    );
}

#[test]
fn a_cancellation_takes_every_line_that_is_still_wanted() {
    check(
        TWO,
        &pc("01", &[]),
        &expect![[r#"
            1 cancelled : 10-1 10 2 2026-12-05 => -
            2 cancelled : 10-2 4 3 2026-12-05 => -
        "#]],
    );
    check(
        TWO,
        &OrderChange::of_order(order("01", &["1 A 10 2 5", "2 B 4 3 5"])),
        &expect![[r#"
            1 cancelled : 10-1 10 2 2026-12-05 => -
            2 cancelled : 10-2 4 3 2026-12-05 => -
        "#]],
    );
    // of an order that waits too: nothing of it has gone
    check(
        &["1 X 10 2 5", "2 B 4 3 5"],
        &pc("01", &[]),
        &expect![[r#"
            1 cancelled :  10 2 2026-12-05 => -
            2 cancelled : 10-2 4 3 2026-12-05 => -
        "#]],
    );
}

#[test]
fn a_line_that_waits_can_be_taken_back_and_nothing_else() {
    let held = &["1 X 10 2 5", "2 B 4 3 5"];
    check(
        held,
        &pc("04", &["DI 1 X"]),
        &expect![[r#"
            1 cancelled DI:  10 2 2026-12-05 => -
        "#]],
    );
    check(
        held,
        &pc("04", &["QD 2 B 1", "AI 3 C 1 1", "QD 1 X 5"]),
        &expect![[r#"
            1 changed QD:  10 2 2026-12-05 =>  5 2 2026-12-05
            2 changed QD: 10-2 4 3 2026-12-05 => 10-2 1 3 2026-12-05
            3 added AI: - => 10-3 1 1
            E610 (never) the order has lines that are held
            E610 (never) line 1 is held
            E607 (never) line 1: unmapped
        "#]],
    );
}

#[test]
fn a_replacement_is_compared_line_by_line() {
    let now = OrderChange::of_order(order("05", &["1 A 12 2 5", "3 C 1 9 5"]));
    check(
        TWO,
        &now,
        &expect![[r#"
            1 changed : 10-1 10 2 2026-12-05 => 10-1 12 2 2026-12-05
            2 cancelled : 10-2 4 3 2026-12-05 => -
            3 added : - => 10-3 1 9 2026-12-05
        "#]],
    );
    check(TWO, &OrderChange::of_order(order("05", TWO)), &expect![[""]]);
    check(
        TWO,
        &OrderChange::of_order(order("04", &["1 A 10 2 5", "2 B 6 3 5"])),
        &expect![[r#"
            2 changed : 10-2 4 3 2026-12-05 => 10-2 6 3 2026-12-05
        "#]],
    );
    check(
        TWO,
        &pc("05", &["RZ 1 A 11 2", "DI 2 B"]),
        &expect![[r#"
            1 changed RZ: 10-1 10 2 2026-12-05 => 10-1 11 2 2026-12-05
            2 cancelled : 10-2 4 3 2026-12-05 => -
        "#]],
    );
}

#[test]
fn never_below_what_was_billed_and_not_without_a_word_where_something_was() {
    let world = world();
    let said = |change: &OrderChange, billed: &[(u32, i64)]| {
        told(&world.plan(TWO, change, billed))
            .lines()
            .filter(|line| line.starts_with('E'))
            .collect::<Vec<_>>()
            .join("\n")
    };
    let less = pc("04", &["QD 1 A 6"]);
    assert_eq!(said(&less, &[]), "");
    assert_eq!(said(&less, &[(2, 4)]), "", "another line's invoice says nothing of this one");
    assert_eq!(said(&less, &[(1, 6)]), "E609 line 1: 6 are billed");
    assert_eq!(said(&less, &[(1, 7)]), "E608 (never) line 1: 7 are billed, 6 would be left");
    assert_eq!(said(&less, &[(1, 0)]), "");
    assert_eq!(said(&pc("01", &[]), &[(2, 1)]), "E608 (never) line 2: 1 are billed, 0 would be left");
}

#[test]
fn a_profile_keeps_prices_cancellations_and_late_changes_back() {
    let mut world = world();
    world.profile.orders.changes.cancel = ChangePolicy::Hold;
    world.profile.orders.changes.price = ChangePolicy::Hold;
    world.profile.orders.changes.frozen_days = 15;
    let said = |change: &OrderChange| {
        told(&world.plan(TWO, change, &[]))
            .lines()
            .filter(|line| line.starts_with('E'))
            .collect::<Vec<_>>()
            .join("\n")
    };
    assert_eq!(
        said(&pc("04", &["PC 1 A 10 2.5"])),
        "E612 line 1: from 2 to 2.5\nE613 line 1: requested for 2026-12-05, frozen for 15 days before"
    );
    assert_eq!(
        said(&pc("04", &["DI 1 A"])),
        "E613 line 1: requested for 2026-12-05, frozen for 15 days before\nE611 line 1"
    );
    assert_eq!(said(&pc("04", &["NC 1 A 10 2 5"])), "");
}

#[test]
fn a_line_that_was_taken_back_is_not_changed_any_more() {
    let world = world();
    let once = world.plan(TWO, &pc("04", &["DI 1 A"]), &[]).order;
    let nothing = BTreeMap::new();
    let again = |change: &OrderChange| told(&plan(&world.context(), &once, change, &nothing));
    assert_eq!(again(&pc("04", &["DI 1 A"])), "", "twice is once");
    assert_eq!(again(&pc("04", &["QI 1 A 20"])), "E615 (never) line 1 is cancelled\n");
}

#[test]
fn an_order_that_was_taken_back_and_comes_again_is_ordered_anew() {
    let world = world();
    let gone = world.plan(TWO, &pc("01", &[]), &[]).order;
    let again = plan(&world.context(), &gone, &OrderChange::of_order(order("00", TWO)), &BTreeMap::new());
    expect![[r#"
        3 added : - => 10-1 10 2 2026-12-05
        4 added : - => 10-2 4 3 2026-12-05
    "#]]
    .assert_eq(&told(&again));
}

#[test]
fn the_notes_of_a_line_stay_with_it() {
    let world = world();
    let mut stored = world.stored(TWO);
    stored.lines[0].resolution.notes.push("what was said before".into());
    let less = pc("04", &["QD 1 A 6 2"]);
    let now = plan(&world.context(), &stored, &less, &BTreeMap::new()).order;
    assert_eq!(now.lines[0].resolution.notes, ["what was said before"]);
}
