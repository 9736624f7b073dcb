//! What the store promises about orders that wait: found, changed, and what was open about them closed.

use super::{DAY, RUN, order};
use itembridge::domain::Date;
use itembridge::store::{Closing, ExceptionRow, HeldFilter, HeldOrder, OrderRow, ReceiptRow, Transaction};

const INPUT: &str = "acme/0002.edi";

fn held(order_id: &str, state: &str, customer: &str) -> OrderRow {
    OrderRow {
        unit: 2,
        input: INPUT.into(),
        state: state.into(),
        answered: 0,
        ..order(order_id, customer, DAY)
    }
}

fn all() -> HeldFilter {
    HeldFilter { until: DAY, ..HeldFilter::default() }
}

fn ids(work: &mut dyn Transaction, filter: &HeldFilter) -> Vec<String> {
    let found = work.held_orders(filter).unwrap();
    found.into_iter().map(|held| held.order_id.to_string()).collect()
}

pub(super) fn orders_are_found_with_their_place_in_the_archive(work: &mut dyn Transaction) {
    let receipt = ReceiptRow {
        run_id: RUN.into(),
        unit: 2,
        stage: "orders".into(),
        name: INPUT.into(),
        digest: "d9".into(),
        bytes: 77,
        archive_path: "archive/2026/03/01/acme/0002.edi".into(),
        ..ReceiptRow::default()
    };
    work.add_receipt(&receipt).unwrap();
    let states =
        [("H-2", "part_held", "A"), ("H-1", "held", "B"), ("H-3", "ordered", "A"), ("H-4", "rejected", "A")];
    for (order_id, state, customer) in states {
        work.add_order(&held(order_id, state, customer)).unwrap();
    }
    assert_eq!(ids(work, &all()), ["H-2", "H-1"]);
    assert_eq!(ids(work, &HeldFilter { customer: "B".into(), ..all() }), ["H-1"]);
    assert_eq!(ids(work, &HeldFilter { po_number: "47".into(), ..all() }), [""; 0]);
    let before = HeldFilter { until: Date::constant(2026, 2, 28), ..all() };
    assert_eq!(ids(work, &before), [""; 0], "not come yet");
    let expected = HeldOrder {
        order_id: "H-2".into(),
        partner: "acme".into(),
        customer: "A".into(),
        po_number: "0047".into(),
        received: DAY,
        input: INPUT.into(),
        offset: 107,
        length: 900,
        archive_path: receipt.archive_path,
        digest: "d9".into(),
        bytes: 77,
        archive_in_doubt: false,
    };
    assert_eq!(work.held_orders(&all()).unwrap()[0], expected);
}

pub(super) fn exceptions_of_an_order_are_closed_by_line_and_kind(work: &mut dyn Transaction) {
    let exception = |kind: &str, line: u32| ExceptionRow {
        kind: kind.into(),
        cause: "c".into(),
        run_id: RUN.into(),
        order_id: "H-2".into(),
        line,
        detail: "{}".into(),
        ..ExceptionRow::default()
    };
    let before = work.open_exceptions().unwrap();
    assert_eq!(work.orders_with_refused_lines().unwrap(), [""; 0]);
    for row in [exception("archive", 0), exception("line", 1), exception("line", 2), exception("line", 1)] {
        work.add_exception(&row).unwrap();
    }
    assert!(work.held_orders(&all()).unwrap()[0].archive_in_doubt);
    let closing =
        |kind, line| Closing { kind, order_id: "H-2", line, run_id: RUN, closed_as: "ordered", now: 9 };
    assert_eq!(work.close_exceptions(&closing("line", 1)).unwrap(), 2);
    assert_eq!(
        work.close_exceptions(&closing("line", 1)).unwrap(),
        0,
        "what is closed stays as it was closed"
    );
    assert_eq!(work.close_exceptions(&closing("archive", 0)).unwrap(), 1);
    assert!(!work.held_orders(&all()).unwrap()[0].archive_in_doubt);
    let open = work.open_exceptions().unwrap();
    assert_eq!(open[before.len()..], [exception("line", 2)]);

    let refused = |order_id: &str, state: &str| ExceptionRow {
        order_id: order_id.into(),
        detail: format!("{{\"state\":\"{state}\"}}"),
        ..exception("line", 3)
    };
    for row in [refused("H-4", "rejected"), refused("H-1", "held"), refused("H-4", "rejected")] {
        work.add_exception(&row).unwrap();
    }
    assert_eq!(work.orders_with_refused_lines().unwrap(), ["H-4"]);
    let closed = Closing { order_id: "H-4", ..closing("line", 3) };
    assert_eq!(work.close_exceptions(&closed).unwrap(), 2);
    assert_eq!(work.orders_with_refused_lines().unwrap(), [""; 0]);
}

pub(super) fn an_order_is_changed_where_it_is(work: &mut dyn Transaction) {
    let changed = OrderRow {
        customer: "C".into(),
        release: "7".into(),
        po_date: None,
        currency: "EUR".into(),
        state: "ordered".into(),
        header: "{\"purpose\":\"00\"}".into(),
        lines: "[[]]".into(),
        answered: 2,
        ..held("H-2", "part_held", "A")
    };
    work.update_order(&changed).unwrap();
    assert_eq!(work.order("H-2").unwrap(), Some(changed.clone()));
    assert_eq!(ids(work, &all()), ["H-1"]);
    assert!(work.update_order(&OrderRow { order_id: "H-9".into(), ..changed }).is_err(), "no such order");
}
