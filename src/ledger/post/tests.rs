//! Posting: documents in, one row an event out.

// Over 500 lines: one table of items and kits stands for all its cases.

use super::*;
use crate::domain::customer_item::WarrantyStart;
use crate::domain::item::{Customer, KitComponent};
use crate::domain::money::parse_decimal;
use expect_test::{Expect, expect};
use jiff::civil::date;
use proptest::prelude::*;

fn catalog() -> Catalog {
    let kind = |name: &str, warranty_months, warranty_starts, service_every_months| CustomerItemType {
        name: name.into(),
        warranty_months,
        warranty_starts,
        service_every_months,
        ..CustomerItemType::default()
    };
    let mut catalog = Catalog::new(vec![
        kind("tool", 24, WarrantyStart::Invoice, 12),
        kind("cell", 6, WarrantyStart::Ship, 0),
        kind("part", 0, WarrantyStart::Invoice, 0),
    ]);
    for (customer, ledger) in [("ACME", true), ("QUIET", false)] {
        catalog.add_customer(Customer { customer: customer.into(), ledger, ..Customer::default() });
    }
    for (item, kind, tracking) in [
        ("SAW", "tool", SerialTracking::Each),
        ("HOSE", "part", SerialTracking::None),
        ("LOT", "part", SerialTracking::Multi),
        ("SCREW", "", SerialTracking::None),
        ("ODD", "nothing", SerialTracking::None),
        ("CELL", "cell", SerialTracking::Each),
        ("SET", "", SerialTracking::None),
        ("CASE", "tool", SerialTracking::Each),
        ("BOX", "part", SerialTracking::None),
        ("DUO", "", SerialTracking::None),
        ("MIX", "", SerialTracking::None),
        ("LOOP", "part", SerialTracking::None),
    ] {
        catalog.add_item(Item {
            item: item.into(),
            unit: "EA".into(),
            customer_item_type: kind.into(),
            serial_tracking: tracking,
            ..Item::default()
        });
    }
    for (kit, component, quantity) in [
        // a set without a type: one saw, two cells, screws
        ("SET", "SAW", "1"),
        ("SET", "HOSE", "2"),
        ("SET", "SCREW", "100"),
        // a case that carries a serial itself
        ("CASE", "CELL", "1"),
        // a box with a type, and a set in it
        ("BOX", "SET", "1"),
        ("BOX", "GONE", "1"),
        ("DUO", "SAW", "1"),
        ("DUO", "CELL", "1"),
        ("MIX", "SAW", "1"),
        ("MIX", "LOT", "2"),
        ("LOOP", "LOOP", "1"),
        ("LOOP", "HOSE", "1"),
    ] {
        let quantity = parse_decimal(quantity).unwrap();
        catalog.add_kit_component(KitComponent { kit: kit.into(), component: component.into(), quantity });
    }
    catalog
}

fn line(item: &str, quantity: &str, serials: &str) -> InvoiceLine {
    let quantity = parse_decimal(quantity).unwrap();
    InvoiceLine {
        line: 7,
        item: item.into(),
        quantity,
        price: Decimal::from(10),
        price_divisor: Decimal::ONE,
        item_quantity: quantity,
        serials: serials.split('|').filter(|serial| !serial.is_empty()).map(Text::from).collect(),
        ..InvoiceLine::default()
    }
}

fn invoice(lines: Vec<InvoiceLine>) -> Invoice {
    Invoice {
        invoice_number: "4711".into(),
        invoice_date: Some(date(2026, 11, 21)),
        customer: "ACME".into(),
        po_number: "PO1".into(),
        po_date: Some(date(2026, 11, 2)),
        ship_date: Some(date(2026, 11, 20)),
        lines,
        ..Invoice::default()
    }
}

const TODAY: Date = date(2026, 11, 30);

fn shown((events, wrong): (Vec<CustomerItemEvent>, Vec<Diagnostic>)) -> String {
    let mut out = String::new();
    for event in events {
        let CustomerItemEvent { key, kind, item, serial, quantity, .. } = event;
        out += &format!("{key} {} {item} {serial:?} x{}\n", kind.as_str(), plain(quantity));
    }
    for diagnostic in wrong {
        let Diagnostic { rule, found, detail, .. } = diagnostic;
        out += &format!("{} {found:?} {detail}\n", rule.code);
    }
    out
}

#[expect(clippy::needless_pass_by_value, reason = "an inline expectation is written where it is used")]
fn check(item: &str, quantity: &str, serials: &str, expected: Expect) {
    let invoice = invoice(vec![line(item, quantity, serials)]);
    expected.assert_eq(&shown(post_invoice(&invoice, &catalog(), TODAY)));
}

#[test]
fn every_unit_of_an_item_with_a_type_has_its_entry() {
    check(
        "SAW",
        "2",
        "A|B",
        expect![[r#"
        invoice/DI/4711/1/1 sold SAW "A" x1
        invoice/DI/4711/1/2 sold SAW "B" x1
    "#]],
    );
    check(
        "HOSE",
        "2",
        "",
        expect![[r#"
        invoice/DI/4711/1/1 sold HOSE "" x1
        invoice/DI/4711/1/2 sold HOSE "" x1
    "#]],
    );
    check(
        "LOT",
        "5",
        "L1*2|L2*3",
        expect![[r#"
        invoice/DI/4711/1/1 sold LOT "L1" x2
        invoice/DI/4711/1/2 sold LOT "L2" x3
    "#]],
    );
    check("SCREW", "2", "", expect![[r#""#]]);
}

#[test]
fn what_cannot_be_posted_is_said() {
    check(
        "SAW",
        "2",
        "A",
        expect![[r#"
        invoice/DI/4711/1/1 sold SAW "A" x1
        invoice/DI/4711/1/2 sold SAW "" x1
        E444 "SAW" invoice DI 4711, line 1: units 2, serials 1
    "#]],
    );
    check(
        "LOT",
        "5",
        "L1*2",
        expect![[r#"
        invoice/DI/4711/1/1 sold LOT "L1" x2
        invoice/DI/4711/1/2 sold LOT "" x3
        E445 "LOT" invoice DI 4711, line 1: the line has 5, its serials 2
    "#]],
    );
    check(
        "NONE",
        "1",
        "",
        expect![[r#"
        E442 "NONE" invoice DI 4711, line 1
    "#]],
    );
    check(
        "ODD",
        "1",
        "",
        expect![[r#"
        E443 "ODD" invoice DI 4711, line 1
    "#]],
    );
    check(
        "HOSE",
        "0",
        "",
        expect![[r#"
        E448 "0" invoice DI 4711, line 1: not above zero
    "#]],
    );
    check(
        "HOSE",
        "-1",
        "",
        expect![[r#"
        E448 "-1" invoice DI 4711, line 1: not above zero
    "#]],
    );
    check(
        "HOSE",
        "10000000000000",
        "",
        expect![[r#"
        E448 "" invoice DI 4711, line 1: 10000000000000 times 1 of HOSE
    "#]],
    );
}

#[test]
fn a_kit_is_posted_by_its_components() {
    check(
        "SET",
        "1",
        "S1",
        expect![[r#"
        invoice/DI/4711/1/1/HOSE sold HOSE "" x1
        invoice/DI/4711/1/2/HOSE sold HOSE "" x1
        invoice/DI/4711/1/1/SAW sold SAW "S1" x1
    "#]],
    );
    // a nested kit: the box has a type of its own, one of its components is in no master
    check(
        "BOX",
        "2",
        "S1|S2",
        expect![[r#"
        invoice/DI/4711/1/1 sold BOX "" x1
        invoice/DI/4711/1/2 sold BOX "" x1
        invoice/DI/4711/1/1/SET/HOSE sold HOSE "" x1
        invoice/DI/4711/1/2/SET/HOSE sold HOSE "" x1
        invoice/DI/4711/1/3/SET/HOSE sold HOSE "" x1
        invoice/DI/4711/1/4/SET/HOSE sold HOSE "" x1
        invoice/DI/4711/1/1/SET/SAW sold SAW "S1" x1
        invoice/DI/4711/1/2/SET/SAW sold SAW "S2" x1
        E442 "GONE" invoice DI 4711, line 1
    "#]],
    );
    // the kit carries the serial itself
    check(
        "CASE",
        "1",
        "C1",
        expect![[r#"
        invoice/DI/4711/1/1 sold CASE "C1" x1
        invoice/DI/4711/1/1/CELL sold CELL "" x1
        E444 "CELL" invoice DI 4711, line 1: units 1, serials 0
    "#]],
    );
    check(
        "LOOP",
        "1",
        "",
        expect![[r#"
        invoice/DI/4711/1/1 sold LOOP "" x1
        invoice/DI/4711/1/1/HOSE sold HOSE "" x1
        E447 "LOOP" invoice DI 4711, line 1: kit LOOP leads to LOOP within LOOP (LOOP)
    "#]],
    );
}

#[test]
fn serials_of_a_kit_go_to_its_one_serialised_component_or_are_reported() {
    check(
        "SET",
        "2",
        "S1",
        expect![[r#"
        invoice/DI/4711/1/1/HOSE sold HOSE "" x1
        invoice/DI/4711/1/2/HOSE sold HOSE "" x1
        invoice/DI/4711/1/3/HOSE sold HOSE "" x1
        invoice/DI/4711/1/4/HOSE sold HOSE "" x1
        invoice/DI/4711/1/1/SAW sold SAW "S1" x1
        invoice/DI/4711/1/2/SAW sold SAW "" x1
        E444 "SAW" invoice DI 4711, line 1: units 2, serials 1
    "#]],
    );
    // lots are told by their form
    check(
        "MIX",
        "2",
        "S1|S2|C1*4",
        expect![[r#"
        invoice/DI/4711/1/1/LOT sold LOT "C1" x4
        invoice/DI/4711/1/1/SAW sold SAW "S1" x1
        invoice/DI/4711/1/2/SAW sold SAW "S2" x1
    "#]],
    );
    check(
        "DUO",
        "1",
        "S1|S2",
        expect![[r#"
        invoice/DI/4711/1/1/CELL sold CELL "" x1
        invoice/DI/4711/1/1/SAW sold SAW "" x1
        E446 "S1|S2" invoice DI 4711, line 1
    "#]],
    );
    check(
        "DUO",
        "1",
        "",
        expect![[r#"
        invoice/DI/4711/1/1/CELL sold CELL "" x1
        invoice/DI/4711/1/1/SAW sold SAW "" x1
        E444 "CELL" invoice DI 4711, line 1: units 1, serials 0
        E444 "SAW" invoice DI 4711, line 1: units 1, serials 0
    "#]],
    );
}

#[test]
fn an_entry_says_all_that_the_document_knows() {
    let document = Invoice {
        invoice_number: "47/11".into(),
        lines: vec![InvoiceLine {
            quantity: Decimal::from(2),
            price: Decimal::from(100),
            price_divisor: Decimal::from(10),
            item_quantity: Decimal::from(24),
            serials: vec!["A".into()],
            ..line("SAW", "24", "")
        }],
        ..invoice(Vec::new())
    };
    let (events, _) = post_invoice(&document, &catalog(), TODAY);
    let expected = CustomerItemEvent {
        key: "invoice/DI/47%2F11/1/1".into(),
        kind: EventKind::Sold,
        customer: "ACME".into(),
        item: "SAW".into(),
        customer_item_type: "tool".into(),
        serial: "A".into(),
        quantity: Decimal::ONE,
        unit: "EA".into(),
        date: date(2026, 11, 21),
        purchase_date: Some(date(2026, 11, 2)),
        ship_date: Some(date(2026, 11, 20)),
        source: "invoice".into(),
        document: "47/11".into(),
        document_line: 1,
        po_number: "PO1".into(),
        kit: Text::default(),
        // 2 cases of 12 at 10.00 a case
        unit_price: Some(Decimal::new(833_333, 6)),
        warranty_start: Some(date(2026, 11, 21)),
        warranty_end: Some(date(2028, 11, 20)),
        service_due: Some(date(2027, 11, 21)),
        ..CustomerItemEvent::default()
    };
    assert_eq!(events.len(), 24);
    assert_eq!(events[0], expected);
}

#[test]
fn a_component_has_its_own_type_and_warranty_and_no_price() {
    let (events, _) = post_invoice(&invoice(vec![line("DUO", "1", "")]), &catalog(), TODAY);
    let cell = &events[0];
    assert_eq!((cell.item.as_str(), cell.kit.as_str(), cell.unit_price), ("CELL", "DUO", None));
    assert_eq!(cell.warranty_start, Some(date(2026, 11, 20)), "from the day it was shipped");
    assert_eq!(cell.warranty_end, Some(date(2027, 5, 19)));
    assert_eq!(cell.service_due, None);
}

#[test]
fn a_credit_takes_the_same_units_back_and_covers_nothing() {
    let debit = invoice(vec![line("SAW", "2", "A|B"), line("SET", "1", "S")]);
    let credit = Invoice { kind: InvoiceType::Credit, ..debit.clone() };
    let (sold, _) = post_invoice(&debit, &catalog(), TODAY);
    let (credited, _) = post_invoice(&credit, &catalog(), TODAY);
    assert_eq!(sold.len(), credited.len());
    for (sold, credited) in sold.iter().zip(&credited) {
        assert_eq!(credited.kind, EventKind::Credited);
        assert_eq!((credited.warranty_end, credited.service_due), (None, None));
        assert_ne!(sold.key, credited.key);
        assert_eq!((&sold.item, &sold.serial), (&credited.item, &credited.serial));
    }
    let all = [sold, credited].concat();
    let (items, unmatched) = crate::ledger::state::settle(&all, None);
    assert!(items.iter().all(|item| item.ended.is_some()) && unmatched.is_empty());
}

#[test]
fn dates_that_the_document_lacks_come_from_the_next_that_it_has() {
    let none = Invoice {
        invoice_date: None,
        po_date: None,
        ship_date: None,
        ..invoice(vec![line("SAW", "1", "A")])
    };
    let (events, _) = post_invoice(&none, &catalog(), TODAY);
    assert_eq!(
        (events[0].date, events[0].warranty_start, events[0].purchase_date),
        (TODAY, Some(TODAY), None)
    );
    let no_order = Invoice { po_date: None, ..invoice(vec![line("SAW", "1", "A")]) };
    let (events, _) = post_invoice(&no_order, &catalog(), TODAY);
    assert_eq!(events[0].purchase_date, Some(date(2026, 11, 21)));
}

#[test]
fn a_customer_without_a_ledger_has_none_and_an_unknown_one_is_said() {
    for (customer, expected) in
        [("QUIET", ""), ("NOBODY", "E441 \"NOBODY\" invoice DI 4711\n"), ("", "E441 \"\" invoice DI 4711\n")]
    {
        let document = Invoice { customer: customer.into(), ..invoice(vec![line("SAW", "1", "A")]) };
        assert_eq!(shown(post_invoice(&document, &catalog(), TODAY)), expected, "{customer}");
    }
}

fn sale(quantity: i64, customer: &str, paid: bool) -> PosSale {
    PosSale {
        receipt: "R1".into(),
        line: 3,
        sold_at: Some(date(2026, 11, 5)),
        store: "S/1".into(),
        customer: customer.into(),
        item: "SAW".into(),
        quantity: Decimal::from(quantity),
        unit_price: Some(Decimal::new(995, 1)),
        serials: vec!["A".into()],
        paid,
        row: 4,
        offset: 120,
    }
}

#[test]
fn a_paid_sale_to_a_known_customer_is_posted_once() {
    for (quantity, customer, paid, expected) in [
        (1, "ACME", true, "pos/S%2F1/R1/3/1 sold SAW \"A\" x1\n"),
        (-1, "ACME", true, "pos/S%2F1/R1/3/return/1 returned SAW \"A\" x1\n"),
        (1, "ACME", false, ""),
        (1, "", true, ""),
        (1, "QUIET", true, ""),
        (1, "NOBODY", true, "E441 \"NOBODY\" receipt R1 of store \"S/1\", line 3\n"),
        (0, "ACME", true, "E448 \"0\" receipt R1 of store \"S/1\", line 3: not above zero\n"),
    ] {
        let posted = post_sale(&sale(quantity, customer, paid), &catalog(), TODAY);
        assert!(posted.1.iter().all(|diagnostic| diagnostic.at.row == 4 && diagnostic.at.offset == 120));
        assert_eq!(shown(posted), expected, "{quantity} {customer} {paid}");
    }
    let (events, _) = post_sale(&sale(1, "ACME", true), &catalog(), TODAY);
    assert_eq!(events[0].warranty_start, Some(date(2026, 11, 5)), "a sale has no invoice: its day counts");
    assert_eq!(events[0].unit_price, Some(Decimal::new(995, 1)));
}

#[test]
fn keys_do_not_meet_by_their_separators() {
    let key = |store: &str, receipt: &str| {
        pos_sale_key(&PosSale { store: store.into(), receipt: receipt.into(), ..sale(1, "ACME", true) })
    };
    let all = [key("a/b", "c"), key("a", "b/c"), key("a%2Fb", "c"), key("a", "b%2Fc"), key("a", "\0")];
    for (at, one) in all.iter().enumerate() {
        assert!(all.iter().skip(at + 1).all(|other| other != one), "{one}");
    }
    assert_eq!(all[4], "pos/a/%00/3");
}

proptest! {
    #[test]
    fn a_key_part_reads_as_what_it_was_made_of(text in "[a-z0-9/%\\x00-\\x1f\u{e9}]{0,12}") {
        prop_assert!(!escaped(&text).contains('/'));
        prop_assert_eq!(unescaped(&escaped(&text)), text);
    }

    #[test]
    fn posting_twice_gives_the_same_keys_and_every_unit_counts(
        lines in prop::collection::vec(
            ("(SAW|HOSE|LOT|SCREW|SET|BOX|CASE|DUO|LOOP|ODD|NONE)", 1..1200u32, "[A-C*2|]{0,12}"), 1..5)
    ) {
        let rows = lines.iter().map(|(item, quantity, serials)| line(item, &quantity.to_string(), serials));
        let document = invoice(rows.collect());
        let catalog = catalog();
        let (events, wrong) = post_invoice(&document, &catalog, TODAY);
        prop_assert_eq!(&post_invoice(&document, &catalog, TODAY), &(events.clone(), wrong.clone()));
        let mut keys: Vec<&str> = events.iter().map(|event| event.key.as_str()).collect();
        keys.sort_unstable();
        keys.dedup();
        prop_assert_eq!(keys.len(), events.len());
        for (at, (item, quantity, serials)) in lines.iter().enumerate() {
            let typed: &[(&str, u32)] = match item.as_str() {
                "SAW" | "HOSE" | "LOT" => &[(item, 1)],
                "SET" => &[("SAW", 1), ("HOSE", 2)],
                "BOX" => &[("BOX", 1), ("SAW", 1), ("HOSE", 2)],
                "CASE" => &[("CASE", 1), ("CELL", 1)],
                "DUO" => &[("SAW", 1), ("CELL", 1)],
                "LOOP" => &[("LOOP", 1), ("HOSE", 1)],
                _ => &[],
            };
            let number = u32::try_from(at + 1).unwrap();
            let of_line = || events.iter().filter(move |event| event.document_line == number);
            for (name, times) in typed {
                let sum: Decimal = of_line().filter(|e| e.item == *name).map(|e| e.quantity).sum();
                // more serials than units keep their entries, and that is said
                let said = wrong.iter().any(|d| d.detail.contains(&format!("line {number}:")));
                prop_assert!(sum == Decimal::from(quantity * times) || (said && sum > Decimal::from(quantity * times)));
            }
            let items: Vec<&str> = typed.iter().map(|(name, _)| *name).collect();
            prop_assert!(of_line().all(|event| items.contains(&event.item.as_str())));
            // no serial is lost without a word
            for serial in serials.split('|').filter(|s| !s.trim().is_empty()) {
                let kept = of_line().any(|event| serial.starts_with(event.serial.as_str()) && !event.serial.is_empty());
                let said = wrong.iter().any(|d| d.detail.contains(&format!("line {number}")));
                prop_assert!(kept || said || typed.is_empty(), "{}", serial);
            }
        }
    }
}
