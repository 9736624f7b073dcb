//! What the store promises about orders that wait: found, changed, and what was open about them closed.

use super::{DAY, RUN, order};
use itembridge::domain::Date;
use itembridge::store::{Closing, ExceptionRow, HeldFilter, HeldOrder, OrderRow, ReceiptRow, Transaction};

pub(super) fn orders_are_found_changed_and_their_exceptions_closed(work: &mut dyn Transaction) {
    let receipt = ReceiptRow {
        run_id: RUN.into(),
        unit: 2,
        stage: "orders".into(),
        name: "acme/0002.edi".into(),
        digest: "d9".into(),
        bytes: 77,
        archive_path: "archive/2026/03/01/acme/0002.edi".into(),
        ..ReceiptRow::default()
    };
    work.add_receipt(&receipt).unwrap();
    let held = |order_id: &str, state: &str, customer: &str| OrderRow {
        unit: 2,
        input: receipt.name.clone(),
        state: state.into(),
        answered: 0,
        ..order(order_id, customer, DAY)
    };
    let first = held("H-2", "part_held", "A");
    for row in
        [&first, &held("H-1", "held", "B"), &held("H-3", "ordered", "A"), &held("H-4", "rejected", "A")]
    {
        work.add_order(row).unwrap();
    }
    let ids = |work: &mut dyn Transaction, filter: HeldFilter| {
        let found = work.held_orders(&filter).unwrap();
        found.into_iter().map(|held| held.order_id.to_string()).collect::<Vec<_>>()
    };
    let all = HeldFilter { until: DAY, ..HeldFilter::default() };
    assert_eq!(ids(work, all.clone()), ["H-2", "H-1"]);
    assert_eq!(ids(work, HeldFilter { customer: "B".into(), ..all.clone() }), ["H-1"]);
    assert_eq!(ids(work, HeldFilter { po_number: "47".into(), ..all.clone() }), [""; 0]);
    assert_eq!(
        ids(work, HeldFilter { until: Date::constant(2026, 2, 28), ..all.clone() }),
        [""; 0],
        "not come yet"
    );
    let expected = HeldOrder {
        order_id: "H-2".into(),
        partner: "acme".into(),
        customer: "A".into(),
        po_number: "0047".into(),
        received: DAY,
        input: receipt.name.clone(),
        offset: 107,
        length: 900,
        archive_path: receipt.archive_path.clone(),
        digest: "d9".into(),
        bytes: 77,
        archive_in_doubt: false,
    };
    assert_eq!(work.held_orders(&all).unwrap()[0], expected);

    let exception = |kind: &str, line: u32| ExceptionRow {
        kind: kind.into(),
        cause: "c".into(),
        run_id: RUN.into(),
        order_id: "H-2".into(),
        line,
        ..ExceptionRow::default()
    };
    let before = work.open_exceptions().unwrap();
    for row in [exception("archive", 0), exception("line", 1), exception("line", 2), exception("line", 1)] {
        work.add_exception(&row).unwrap();
    }
    assert!(work.held_orders(&all).unwrap()[0].archive_in_doubt);
    let closing =
        |kind, line| Closing { kind, order_id: "H-2", line, run_id: RUN, closed_as: "ordered", now: 9 };
    assert_eq!(work.close_exceptions(&closing("line", 1)).unwrap(), 2);
    assert_eq!(
        work.close_exceptions(&closing("line", 1)).unwrap(),
        0,
        "what is closed stays as it was closed"
    );
    assert_eq!(work.close_exceptions(&closing("archive", 0)).unwrap(), 1);
    assert!(!work.held_orders(&all).unwrap()[0].archive_in_doubt);
    let open = work.open_exceptions().unwrap();
    assert_eq!(open[before.len()..], [exception("line", 2)]);

    let changed = OrderRow {
        customer: "C".into(),
        release: "7".into(),
        po_date: None,
        currency: "EUR".into(),
        state: "ordered".into(),
        header: "{\"purpose\":\"00\"}".into(),
        lines: "[[]]".into(),
        answered: 2,
        ..first
    };
    work.update_order(&changed).unwrap();
    assert_eq!(work.order("H-2").unwrap(), Some(changed.clone()));
    assert_eq!(ids(work, all), ["H-1"]);
    assert!(work.update_order(&OrderRow { order_id: "H-9".into(), ..changed }).is_err(), "no such order");
}
