//! Settling: rows of events in, what is owned and what matched nothing out.

use super::*;
use jiff::civil::date;
use proptest::prelude::*;

fn event(kind: EventKind, day: i8, key: &str, serial: &str, quantity: i64) -> CustomerItemEvent {
    CustomerItemEvent {
        key: key.into(),
        kind,
        customer: "ACME".into(),
        item: "SAW".into(),
        customer_item_type: "tool".into(),
        serial: serial.into(),
        quantity: Decimal::from(quantity),
        unit: "EA".into(),
        date: date(2026, 11, day),
        ..CustomerItemEvent::default()
    }
}

fn shown(events: &[CustomerItemEvent]) -> (Vec<String>, Vec<String>) {
    let (items, unmatched) = settle(events, None);
    let items = items.iter().map(|item| {
        let ended = item.ended.map_or(String::new(), |day| format!(" {}", day.day()));
        format!("{}{}x{} {}{ended}", item.key, item.serial, item.quantity, item.status.as_str())
    });
    let unmatched = unmatched.iter().map(|event| format!("{}x{}", event.key, event.quantity));
    (items.collect(), unmatched.collect())
}

/// Events as (kind, day, key, serial, quantity), then the items and the unmatched as [`shown`] has them.
type Row = (
    &'static [(EventKind, i8, &'static str, &'static str, i64)],
    &'static [&'static str],
    &'static [&'static str],
);

#[test]
fn a_credit_ends_what_it_names_and_says_what_it_did_not_find() {
    use EventKind::{Credited, Returned, Sold};
    let rows: &[Row] = &[
        (&[(Sold, 1, "a", "#1", 1), (Credited, 2, "b", "#1", 1)], &["a#1x1 ended 2"], &[]),
        // the same document again
        (&[(Sold, 1, "a", "#1", 1), (Sold, 1, "a", "#1", 1)], &["a#1x1 active"], &[]),
        // the oldest without a serial, whatever the order in which they came
        (
            &[(Sold, 3, "a", "", 1), (Sold, 1, "b", "", 1), (Returned, 4, "c", "", 1)],
            &["bx1 ended 4", "ax1 active"],
            &[],
        ),
        // a serial that is not known ends a unit that has none
        (
            &[(Sold, 1, "a", "", 1), (Sold, 1, "b", "#2", 1), (Credited, 1, "c", "#1", 1)],
            &["ax1 ended 1", "b#2x1 active"],
            &[],
        ),
        // without a serial nothing tells which of those with one
        (&[(Sold, 1, "a", "#1", 1), (Credited, 2, "b", "", 1)], &["a#1x1 active"], &["bx1"]),
        // a part of a quantity, and more than there is
        (
            &[(Sold, 1, "a", "", 10), (Credited, 2, "b", "", 4), (Credited, 3, "c", "", 8)],
            &["ax4 ended 2", "ax6 ended 3"],
            &["cx2"],
        ),
        // back, sold again
        (
            &[(Sold, 1, "a", "#1", 1), (Credited, 2, "b", "#1", 1), (Sold, 3, "c", "#1", 1)],
            &["a#1x1 ended 2", "c#1x1 active"],
            &[],
        ),
        // taken back before it was sold
        (&[(Credited, 1, "b", "#1", 1), (Sold, 2, "a", "#1", 1)], &["a#1x1 active"], &["bx1"]),
    ];
    for (events, items, unmatched) in rows {
        let events: Vec<CustomerItemEvent> = events
            .iter()
            .map(|(kind, day, key, serial, quantity)| event(*kind, *day, key, serial, *quantity))
            .collect();
        let (found, left) = shown(&events);
        assert_eq!(found, *items);
        assert_eq!(left, *unmatched);
    }
}

#[test]
fn other_customers_and_items_are_not_touched() {
    let sold = event(EventKind::Sold, 1, "a", "#1", 1);
    for other in [
        CustomerItemEvent { customer: "OTHER".into(), ..event(EventKind::Returned, 2, "b", "#1", 1) },
        CustomerItemEvent { item: "DRILL".into(), ..event(EventKind::Returned, 2, "b", "#1", 1) },
    ] {
        assert_eq!(shown(&[sold.clone(), other]), (vec!["a#1x1 active".into()], vec!["bx1".into()]));
    }
}

#[test]
fn items_stand_by_customer_item_serial_date_and_key() {
    let mut events = vec![
        event(EventKind::Sold, 2, "b", "", 1),
        event(EventKind::Sold, 1, "c", "", 1),
        event(EventKind::Sold, 1, "a", "", 1),
        event(EventKind::Sold, 1, "d", "#1", 1),
        CustomerItemEvent { customer: "AAA".into(), ..event(EventKind::Sold, 9, "z", "#9", 1) },
    ];
    let keys = |events: &[CustomerItemEvent]| -> Vec<String> {
        customer_items(events, None).iter().map(|item| item.key.to_string()).collect()
    };
    assert_eq!(keys(&events), ["z", "a", "c", "b", "d"]);
    events.reverse();
    assert_eq!(keys(&events), ["z", "a", "c", "b", "d"]);
}

/// Units of quantity 1 only: a multiset by serial, oldest out first, says the same.
fn model(events: &[CustomerItemEvent]) -> (usize, usize, usize) {
    let mut open: Vec<&CustomerItemEvent> = Vec::new();
    let (mut ended, mut unmatched) = (0, 0);
    for day in 1..=28 {
        for sold in [true, false] {
            for event in events {
                let is_sold = event.kind == EventKind::Sold;
                if event.date.day() != day || is_sold != sold {
                    continue;
                }
                if is_sold {
                    open.push(event);
                    continue;
                }
                let by_serial = open.iter().position(|unit| unit.serial == event.serial);
                match by_serial.or_else(|| open.iter().position(|unit| unit.serial.is_empty())) {
                    Some(at) => {
                        open.remove(at);
                        ended += 1;
                    }
                    None => unmatched += 1,
                }
            }
        }
    }
    (open.len(), ended, unmatched)
}

proptest! {
    #[test]
    fn says_what_a_naive_walk_says(
        rows in prop::collection::vec((0..3u8, 1..28i8, "(|#1|#2|#3)"), 0..40)
    ) {
        let events: Vec<CustomerItemEvent> = rows
            .iter()
            .enumerate()
            .map(|(at, (kind, day, serial))| {
                let kind = [EventKind::Sold, EventKind::Credited, EventKind::Returned][usize::from(*kind)];
                event(kind, *day, &format!("k{at}"), serial, 1)
            })
            .collect();
        let (items, unmatched) = settle(&events, None);
        let active = items.iter().filter(|item| item.status == CustomerItemStatus::Active).count();
        prop_assert_eq!((active, items.len() - active, unmatched.len()), model(&events));
        let twice = [events.clone(), events].concat();
        prop_assert_eq!(settle(&twice, None), (items, unmatched));
    }

    #[test]
    fn no_quantity_appears_or_vanishes(
        rows in prop::collection::vec((any::<bool>(), 1..28i8, "(|#1)", 1..9i64), 0..30)
    ) {
        let events: Vec<CustomerItemEvent> = rows
            .iter()
            .enumerate()
            .map(|(at, (sold, day, serial, quantity))| {
                let kind = if *sold { EventKind::Sold } else { EventKind::Credited };
                event(kind, *day, &format!("k{at}"), serial, *quantity)
            })
            .collect();
        let sum = |sold: bool| -> Decimal {
            events.iter().filter(|e| (e.kind == EventKind::Sold) == sold).map(|e| e.quantity).sum()
        };
        let (items, unmatched) = settle(&events, None);
        let owned: Decimal = items.iter().map(|item| item.quantity).sum();
        let ended: Decimal = items.iter().filter(|item| item.ended.is_some()).map(|item| item.quantity).sum();
        let left: Decimal = unmatched.iter().map(|event| event.quantity).sum();
        prop_assert_eq!(owned, sum(true));
        prop_assert_eq!(ended + left, sum(false));
    }
}

fn about(kind: EventKind, day: i8, key: &str, target: &str) -> CustomerItemEvent {
    CustomerItemEvent { target: target.into(), ..event(kind, day, key, "", 1) }
}

/// See: frappe/erpnext 42318: the claim holds the faulty and the replacement serial.
#[test]
fn a_replacement_links_both_serials_and_carries_the_cover_as_it_is_then() {
    let sold = CustomerItemEvent {
        warranty_start: Some(date(2026, 11, 1)),
        warranty_end: Some(date(2028, 10, 31)),
        ..event(EventKind::Sold, 1, "a", "#1", 1)
    };
    let longer = CustomerItemEvent {
        warranty_start: Some(date(2026, 11, 1)),
        warranty_end: Some(date(2030, 1, 1)),
        ..about(EventKind::WarrantySet, 3, "b", "a")
    };
    let out = about(EventKind::ReplacedOut, 5, "c", "a");
    let back = CustomerItemEvent {
        serial: "#2".into(),
        remainder: true,
        ..about(EventKind::ReplacedIn, 5, "d", "a")
    };
    let events = [sold, longer, out, back];
    let shown = |as_of: i8| -> Vec<String> {
        customer_items(&events, Some(date(2026, 11, as_of)))
            .iter()
            .map(|item| {
                let CustomerItem { serial, origin, successor, status, warranty_end, .. } = item;
                format!("{serial} {} <{origin} >{successor} {}", status.as_str(), warranty_end.unwrap())
            })
            .collect()
    };
    assert_eq!(shown(2), ["#1 active < > 2028-10-31"]);
    assert_eq!(shown(4), ["#1 active < > 2030-01-01"]);
    assert_eq!(shown(6), ["#1 ended < >d 2030-01-01", "#2 active <a > 2030-01-01"]);
}

#[test]
fn a_transfer_moves_the_owner_and_an_entry_that_was_voided_never_was() {
    let sold = event(EventKind::Sold, 1, "a", "#1", 5);
    let moved = CustomerItemEvent {
        to_customer: "BEST".into(),
        quantity: Decimal::TWO,
        ..about(EventKind::Transferred, 3, "b", "a")
    };
    let mut events = vec![sold, moved];
    let shown = |events: &[CustomerItemEvent], day: i8| -> Vec<String> {
        customer_items(events, Some(date(2026, 11, day)))
            .iter()
            .map(|item| format!("{} {} x{} {}", item.customer, item.key, item.quantity, item.status.as_str()))
            .collect()
    };
    assert_eq!(shown(&events, 2), ["ACME a x5 active"]);
    assert_eq!(shown(&events, 3), ["ACME a x3 active", "ACME a x2 ended", "BEST b x2 active"]);
    events.push(about(EventKind::Voided, 9, "c", "b"));
    assert_eq!(shown(&events, 3), ["ACME a x5 active"], "also on days before somebody found out");
}

#[test]
fn cover_includes_its_first_and_its_last_day() {
    let sold = CustomerItemEvent {
        warranty_start: Some(date(2026, 11, 5)),
        warranty_end: Some(date(2026, 11, 9)),
        ..event(EventKind::Sold, 1, "a", "#1", 1)
    };
    let item = &customer_items(&[sold], None)[0];
    let covered: Vec<i8> = (1..12).filter(|day| is_covered(item, date(2026, 11, *day))).collect();
    assert_eq!(covered, [5, 6, 7, 8, 9]);
    let bare = &customer_items(&[event(EventKind::Sold, 1, "a", "#1", 1)], None)[0];
    assert!(!is_covered(bare, date(2026, 11, 5)));
}
