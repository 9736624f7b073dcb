//! Requests as rows: what is meant in, the events or the reason why not out.

use super::*;
use crate::domain::customer_item::CustomerItemEvent as Event;
use jiff::civil::date;

fn day(day: i8) -> Date {
    date(2026, 11, day)
}

fn sold(key: &str, customer: &str, serial: &str, quantity: i64, on: i8) -> Event {
    Event {
        key: key.into(),
        customer: customer.into(),
        item: "SAW".into(),
        serial: serial.into(),
        quantity: Decimal::from(quantity),
        date: day(on),
        source: "invoice".into(),
        warranty_start: Some(day(on)),
        warranty_end: Some(date(2028, 11, on)),
        ..Event::default()
    }
}

/// Two saws with one serial at two customers, a lot, three without a serial.
fn ledger() -> Vec<Event> {
    vec![
        sold("a", "ACME", "#1", 1, 1),
        sold("b", "BEST", "#1", 1, 2),
        sold("c", "ACME", "LOT", 10, 3),
        sold("d", "ACME", "", 1, 4),
        sold("e", "ACME", "", 1, 5),
        sold("f", "ACME", "", 1, 6),
    ]
}

fn wanted(text: &str) -> Wanted {
    let mut wanted = Wanted::default();
    for part in text.split_whitespace() {
        let (name, value) = part.split_once('=').unwrap();
        match name {
            "key" => wanted.key = value.into(),
            "serial" => wanted.serial = value.into(),
            "customer" => wanted.customer = value.into(),
            _ => wanted.item = value.into(),
        }
    }
    wanted
}

fn signed(on: i8, document: &str) -> Signature {
    Signature {
        by: "Ida".into(),
        reason: "asked".into(),
        date: day(on),
        dated: true,
        document: document.into(),
        number: "7".into(),
    }
}

fn told(result: &Result<Outcome, Refused>) -> String {
    let keys = |events: &[Event]| -> String {
        let shown = events.iter().map(|event| {
            format!("{} {} x{} <{}", event.key, event.serial, plain(event.quantity), event.target)
        });
        shown.collect::<Vec<_>>().join(" | ")
    };
    match result {
        Ok(Outcome::New(events)) => keys(events),
        Ok(Outcome::Already(events)) => format!("already {}", keys(events)),
        Err(why) => format!("{} {} {}", why.rule.code, why.found, why.detail),
    }
}

#[test]
fn what_is_meant_is_found_or_the_reason_names_how_to_choose() {
    let two = Some(Decimal::TWO);
    for (meant, asked, on, expected) in [
        ("serial=#1 customer=BEST", None, 9, "hand/7/returned/1 #1 x1 <b"),
        ("key=a", None, 9, "hand/7/returned/1 #1 x1 <a"),
        ("serial=LOT", two, 9, "hand/7/returned/1 LOT x2 <c"),
        // of those that nothing tells apart the oldest go
        (
            "customer=ACME item=SAW serial=",
            two,
            9,
            "E583 SAW SAW #1 of ACME since 2026-11-01, key a; SAW LOT x10 of ACME since 2026-11-03, key c; \
             SAW of ACME since 2026-11-04, key d; SAW of ACME since 2026-11-05, key e; SAW of ACME since 2026-11-06, key f",
        ),
        (
            "serial=#1",
            None,
            9,
            "E583 #1 SAW #1 of ACME since 2026-11-01, key a; SAW #1 of BEST since 2026-11-02, key b",
        ),
        ("serial=#9", None, 9, "E581 #9 nothing has serial #9"),
        (
            "serial=#1 customer=CASH",
            None,
            9,
            "E581 #1 nothing has serial #1, customer CASH; there is SAW #1 of ACME since 2026-11-01, key a; \
             SAW #1 of BEST since 2026-11-02, key b",
        ),
        ("serial=LOT", None, 2, "E584 LOT 2026-11-02: SAW LOT x10 of ACME since 2026-11-03, key c"),
        (
            "serial=LOT",
            Some(Decimal::from(11)),
            9,
            "E596 LOT 11 asked for, 10 there: SAW LOT x10 of ACME since 2026-11-03, key c",
        ),
    ] {
        let found = change(&ledger(), &wanted(meant), &Change::Return(asked), &signed(on, ""));
        assert_eq!(told(&found), expected, "{meant}");
    }
    let nameless: Vec<Event> = ledger().split_off(3);
    let found = change(&nameless, &wanted("customer=ACME item=SAW"), &Change::Scrap(two), &signed(9, ""));
    assert_eq!(told(&found), "hand/7/scrapped/1  x1 <d | hand/7/scrapped/2  x1 <e");
}

#[test]
fn the_same_request_under_one_document_number_is_made_once() {
    let mut events = ledger();
    let (meant, whole) = (wanted("serial=LOT"), Change::Return(Some(Decimal::TWO)));
    let Ok(Outcome::New(new)) = change(&events, &meant, &whole, &signed(9, "R-1")) else { panic!("refused") };
    assert_eq!(new[0].key, "hand/returned/R-1/c");
    events.extend(new);
    let again = change(&events, &meant, &whole, &signed(9, "R-1"));
    assert_eq!(told(&again), "already hand/returned/R-1/c LOT x2 <c");
    let undated = Signature { dated: false, ..signed(12, "R-1") };
    assert_eq!(told(&change(&events, &meant, &whole, &undated)), "already hand/returned/R-1/c LOT x2 <c");
    for (other, expected) in [
        (signed(8, "R-1"), "E585 R-1 it stands there with date 2026-11-09 (key hand/returned/R-1/c)"),
        (signed(8, "R-2"), "hand/returned/R-2/c LOT x2 <c"),
    ] {
        assert_eq!(told(&change(&events, &meant, &whole, &other)), expected);
    }
    let more = Change::Return(Some(Decimal::ONE));
    let found = told(&change(&events, &meant, &more, &signed(9, "R-1")));
    assert_eq!(found, "E585 R-1 it stands there with quantity 2 (key hand/returned/R-1/c)");
}

#[test]
fn what_has_ended_stays_ended_and_says_where_it_went() {
    let mut events = ledger();
    let meant = wanted("key=a");
    let to = Change::Transfer { to: "CASH".into(), quantity: None };
    let Ok(Outcome::New(new)) = change(&events, &meant, &to, &signed(5, "T")) else { panic!("refused") };
    events.extend(new);
    let ended = change(&events, &meant, &Change::Scrap(None), &signed(9, ""));
    assert_eq!(
        told(&ended),
        "E582 a transferred on 2026-11-05: SAW #1 of ACME since 2026-11-01, key a; it goes on as hand/transferred/T/a"
    );
    // before the transfer it was there; ending it then would leave the transfer without its item
    let early = change(&events, &meant, &Change::Scrap(None), &signed(4, ""));
    assert_eq!(
        told(&early),
        "E584 #1 what would be about nothing: transferred of 2026-11-05 (key hand/transferred/T/a)"
    );
    let served = change(&events, &meant, &Change::Service(None), &signed(4, ""));
    assert_eq!(
        told(&served),
        "hand/7/serviced/1 #1 x1 <a",
        "a visit before the transfer is no contradiction"
    );
}

#[test]
fn a_void_takes_both_halves_back_and_nothing_that_others_build_on() {
    let mut events = ledger();
    let swap = Change::Replace(Box::new(Replacement {
        item: "SAW".into(),
        serial: "#2".into(),
        ..Replacement::default()
    }));
    let Ok(Outcome::New(new)) = change(&events, &wanted("key=a"), &swap, &signed(5, "S")) else {
        panic!("refused")
    };
    let told_new = told(&Ok(Outcome::New(new.clone())));
    assert_eq!(told_new, "hand/replaced_out/S/a #1 x1 <a | hand/replaced_in/S/a #2 x1 <a");
    assert_eq!((new[0].to_serial.as_str(), new[1].warranty_end, new[1].remainder), ("#2", None, true));
    events.extend(new);
    let built = void(&events, "a", &signed(9, ""));
    assert_eq!(
        told(&built),
        "E593 #1 what would be about nothing: replaced out of 2026-11-05 (key hand/replaced_out/S/a)"
    );
    let both = void(&events, "hand/replaced_in/S/a", &signed(9, ""));
    assert_eq!(
        told(&both),
        "hand/7/voided/1 #2 x1 <hand/replaced_in/S/a | hand/7/voided/2 #1 x1 <hand/replaced_out/S/a"
    );
    let Ok(Outcome::New(new)) = both else { panic!("refused") };
    events.extend(new);
    let again = told(&void(&events, "hand/replaced_in/S/a", &signed(10, "")));
    assert_eq!(again, "already hand/7/voided/1 #2 x1 <hand/replaced_in/S/a");
    assert!(told(&void(&events, "a", &signed(9, "V"))).starts_with("hand/voided/V/a #1 x1 <a"));
    assert!(told(&void(&events, "z", &signed(9, ""))).starts_with("E581 z "));
    assert!(told(&void(&events, "hand/7/voided/1", &signed(9, ""))).starts_with("E566 "));
}

#[test]
fn service_warranty_and_fields_are_about_one_thing_alone() {
    let events = ledger();
    let extra: Extra = [("room".into(), "7".into())].into_iter().collect();
    for asked in [Change::Service(Some(day(20))), Change::Warranty(None, None), Change::Fields(extra)] {
        let found = told(&change(&events, &wanted("customer=ACME item=SAW"), &asked, &signed(9, "")));
        assert!(found.starts_with("E583 SAW "), "{found}");
        let found = told(&change(&events, &wanted("serial=LOT"), &asked, &signed(9, "")));
        assert!(found.ends_with("/1 LOT x10 <c"), "{found}");
    }
}

#[test]
fn what_was_taken_back_is_said_again_under_another_number_or_not_at_all() {
    let mut events = ledger();
    for asked in [
        Change::Return(None),
        Change::Scrap(None),
        Change::Transfer { to: "CASH".into(), quantity: None },
        Change::Service(Some(day(20))),
        Change::Warranty(None, None),
    ] {
        let meant = wanted("key=a");
        let Ok(Outcome::New(new)) = change(&events, &meant, &asked, &signed(5, "P")) else {
            panic!("refused: {asked:?}")
        };
        let key = new[0].key.clone();
        events.extend(new);
        let Ok(Outcome::New(new)) = void(&events, &key, &signed(6, "V")) else { panic!("refused") };
        events.extend(new);
        let again = told(&change(&events, &meant, &asked, &signed(5, "P")));
        assert_eq!(again, format!("E585 P {key} was taken back; say it under another document number"));
        let other = told(&change(&events, &meant, &asked, &signed(5, "Q")));
        assert!(other.starts_with("hand/"), "{other}");
    }
}

#[test]
fn one_serial_replaces_one_unit_and_a_lots_serial_any_number() {
    let nameless: Vec<Event> = ledger().split_off(3);
    for (one_each, serial, quantity, expected) in [
        (true, "#7", 2, "E444 #7 SAW: units 2, serials 1"),
        (true, "#7", 1, "hand/7/replaced_out/1  x1 <d | hand/7/replaced_in/1 #7 x1 <d"),
        (
            true,
            "",
            2,
            "hand/7/replaced_out/1  x1 <d | hand/7/replaced_in/1  x1 <d | hand/7/replaced_out/3  x1 <e | \
             hand/7/replaced_in/3  x1 <e",
        ),
        (
            false,
            "L",
            2,
            "hand/7/replaced_out/1  x1 <d | hand/7/replaced_in/1 L x1 <d | hand/7/replaced_out/3  x1 <e | \
             hand/7/replaced_in/3 L x1 <e",
        ),
    ] {
        let swap = Change::Replace(Box::new(Replacement {
            quantity: Some(Decimal::from(quantity)),
            item: "SAW".into(),
            serial: serial.into(),
            one_each,
            ..Replacement::default()
        }));
        let found = change(&nameless, &wanted("customer=ACME item=SAW"), &swap, &signed(9, ""));
        assert_eq!(told(&found), expected);
    }
}
