//! What the doc comments of `Store` and `Transaction` promise, proved for every store.

use itembridge::domain::customer_item::{CustomerItemEvent, EventKind};
use itembridge::domain::{Date, Decimal};
use itembridge::store::copy::copy;
use itembridge::store::sqlite::SqliteStore;
use itembridge::store::{
    ExceptionRow, InterchangeKey, InterchangeRow, InvoiceRow, OrderRow, OutputRow, ReceiptRow, Store,
    Transaction,
};
use std::path::Path;
use std::time::Duration;

#[path = "store_billing.rs"]
mod billing;
#[path = "store_changes.rs"]
mod changes;
#[path = "store_decisions.rs"]
mod decisions;
#[path = "store_described.rs"]
mod described;
#[path = "store_files.rs"]
mod files;
#[path = "store_held.rs"]
mod held;
#[path = "store_ledger.rs"]
mod ledger;
#[path = "store_masters.rs"]
mod masters;
#[path = "store_near.rs"]
mod near;
#[path = "store_proof.rs"]
mod proof;
#[path = "store_sent.rs"]
mod sent;
#[path = "store_xrefs.rs"]
mod xrefs;

const DAY: Date = Date::constant(2026, 3, 1);
const RUN: &str = "20260301-001";

/// A way to a store.
type Opened = fn(&Path) -> Box<dyn Store>;

/// Every store that there is, new and with nothing in it. A new kind of store is a line here.
const STORES: &[(&str, Opened)] = &[
    ("SQLite in memory", |_| Box::new(SqliteStore::in_memory().unwrap())),
    ("SQLite in a file", |folder| Box::new(SqliteStore::open(&folder.join("store.db")).unwrap())),
    ("a backup of a store in use", |folder| {
        let (first, copy) = (folder.join("first.db"), folder.join("copy.db"));
        let mut used = SqliteStore::open(&first).unwrap();
        let view = used.read().unwrap();
        SqliteStore::back_up(&first, &copy).unwrap();
        drop(view);
        Box::new(SqliteStore::open(&copy).unwrap())
    }),
    ("a store into which another was copied", |folder| {
        let mut from = SqliteStore::open(&folder.join("from.db")).unwrap();
        let mut to = SqliteStore::open(&folder.join("to.db")).unwrap();
        copy(&mut from.copy_source().unwrap(), to.copy_target().unwrap()).unwrap();
        Box::new(to)
    }),
];

#[test]
#[expect(clippy::print_stdout, reason = "the test's own output")]
fn every_store_keeps_its_promises() {
    for (name, open) in STORES {
        println!("{name}");
        let folder = tempfile::tempdir().unwrap();
        keeps_its_promises(open(folder.path()).as_mut());
    }
}

#[test]
fn what_was_kept_is_there_when_it_is_opened_again_and_in_every_copy() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    keeps_its_promises(&mut SqliteStore::open(&path("store.db")).unwrap());
    SqliteStore::back_up(&path("store.db"), &path("backup.db")).unwrap();
    let mut from = SqliteStore::open(&path("store.db")).unwrap();
    let mut to = SqliteStore::open(&path("copy.db")).unwrap();
    let copied = copy(&mut from.copy_source().unwrap(), to.copy_target().unwrap()).unwrap();
    assert!(copied.iter().any(|(table, rows)| table == "purchase_order" && *rows > 0), "{copied:?}");
    let again = copy(&mut from.copy_source().unwrap(), to.copy_target().unwrap()).unwrap_err().to_string();
    assert!(again.starts_with("the target is not empty"), "{again}");
    drop((from, to));
    for name in ["store.db", "backup.db", "copy.db"] {
        let mut again = SqliteStore::open(&path(name)).unwrap();
        let mut work = again.begin().unwrap();
        assert_eq!(work.last_runs(2).unwrap()[1].run_id, "20260302-001", "{name}");
        assert_eq!(work.order("O-1").unwrap().unwrap(), order("O-1", "A", DAY), "{name}");
        assert_eq!(work.customer_item_events(None).unwrap().len(), 3, "{name}");
        assert_eq!(work.take_numbers("acme/ISA", 1, 999_999_999).unwrap(), 12, "{name}");
        proof::rows_of_a_run_are_as_they_were_committed(work.as_mut());
    }
}

/// The list of promises. The store is new.
fn keeps_its_promises(store: &mut dyn Store) {
    let parts: [fn(&mut dyn Transaction); 30] = [
        runs_are_numbered_within_their_date,
        units_are_numbered_without_gaps,
        masters::are_kept_with_their_history,
        a_receipt_is_known_by_stage_and_bytes,
        an_interchange_is_known_by_its_key,
        orders_are_found_by_id_and_by_po_number,
        exceptions_stay_open_in_order,
        held::orders_are_found_with_their_place_in_the_archive,
        held::exceptions_of_an_order_are_closed_by_line_and_kind,
        held::an_order_is_changed_where_it_is,
        decisions::the_last_one_about_a_cause_counts_and_each_is_signed,
        decisions::a_rejection_is_for_the_lines_that_were_open_then,
        decisions::a_mapping_hides_its_lines_until_the_next_run_has_ended,
        decisions::what_happened_to_a_cause_is_told_in_its_order,
        control_numbers_go_on,
        invoices_and_ledger_entries_are_made_once,
        billing::what_is_billed_of_an_order_is_kept_line_by_line,
        billing::an_invoice_waits_once_and_is_looked_at_once_a_run,
        billing::the_last_decision_about_an_invoice_counts_and_causes_are_closed,
        changes::a_change_waits_once_and_is_looked_at_once_a_run,
        changes::what_an_order_was_is_kept_version_by_version,
        changes::a_decision_about_a_change_is_signed_and_hides_it_until_a_run_has_ended,
        outputs_wait_until_they_are_published,
        sent::what_was_sent_is_found_by_its_numbers_and_its_state,
        sent::what_is_known_of_it_changes_where_it_is,
        sent::a_partner_was_heard_when_a_run_took_its_last_file,
        proof::rows_of_a_run_are_as_they_were_committed,
        proof::a_run_is_found_unit_by_unit,
        proof::the_settings_of_a_run_are_kept_unless_they_change,
        proof::a_file_is_noted_before_it_goes_and_is_no_candidate_any_more,
    ];
    for part in parts {
        let mut work = store.begin().unwrap();
        part(&mut *work);
        work.commit().unwrap();
    }
    what_is_not_committed_never_was(store);
    a_read_transaction_reads_and_does_not_write(store);
}

fn runs_are_numbered_within_their_date(work: &mut dyn Transaction) {
    assert_eq!(work.open_run().unwrap(), None);
    let first = work.start_run(DAY, 1_000).unwrap();
    assert_eq!((first.run_id.as_str(), first.date, first.started), (RUN, DAY, 1_000));
    assert_eq!((first.ended, first.exit_code, first.summary.as_str()), (None, None, ""));
    assert_eq!(work.open_run().unwrap(), Some(first));
    work.end_run(RUN, 2_000, 1, r#"{"lines":3}"#).unwrap();
    assert_eq!(work.open_run().unwrap(), None);
    let second = work.start_run(DAY, 3_000).unwrap();
    assert_eq!(second.run_id, "20260301-002");
    work.end_run(&second.run_id, 3_500, 0, "{}").unwrap();
    let third = work.start_run(Date::constant(2026, 3, 2), 4_000).unwrap();
    assert_eq!(third.run_id, "20260302-001");
    let last = work.last_runs(2).unwrap();
    assert_eq!(
        last.iter().map(|run| run.run_id.as_str()).collect::<Vec<_>>(),
        ["20260302-001", "20260301-002"]
    );
    let ended = work.last_runs(9).unwrap().pop().unwrap();
    assert_eq!(
        (ended.ended, ended.exit_code, ended.summary.as_str()),
        (Some(2_000), Some(1), r#"{"lines":3}"#)
    );
    assert!(work.end_run("20990101-001", 1, 0, "").is_err(), "no such run");
}

fn units_are_numbered_without_gaps(work: &mut dyn Transaction) {
    assert_eq!(work.next_unit(RUN).unwrap(), 1);
    work.add_unit(RUN, 1, "orders", r#"{"lines":2}"#).unwrap();
    assert_eq!(work.next_unit(RUN).unwrap(), 2);
    let error = work.add_unit(RUN, 3, "orders", "{}").unwrap_err().to_string();
    assert_eq!(error, "cannot add unit 3 to the run 20260301-001: its next unit is 2");
    assert!(work.add_unit(RUN, 1, "orders", "{}").is_err(), "a unit is there once");
    work.add_unit(RUN, 2, "invoices", "{}").unwrap();
    assert_eq!(work.next_unit("20260302-001").unwrap(), 1, "each run counts for itself");
    let units = work.units(RUN).unwrap();
    let seen: Vec<_> =
        units.iter().map(|unit| (unit.unit, unit.stage.as_str(), unit.counts.as_str())).collect();
    assert_eq!(seen, [(1, "orders", r#"{"lines":2}"#), (2, "invoices", "{}")]);
}

fn a_receipt_is_known_by_stage_and_bytes(work: &mut dyn Transaction) {
    let quarantined = ReceiptRow {
        run_id: RUN.into(),
        unit: 1,
        stage: "orders".into(),
        name: "acme/0001.edi".into(),
        digest: "d1".into(),
        bytes: 9_000_000_000,
        partner: "acme".into(),
        state: "quarantined".into(),
        work_path: "state/work/20260301-001/acme/0001.edi".into(),
        archive_path: "archive/2026/03/01/0001.edi".into(),
    };
    let processed = ReceiptRow { name: "again.edi".into(), state: "processed".into(), ..quarantined.clone() };
    let other = ReceiptRow { unit: 2, stage: "invoices".into(), name: "i.csv".into(), ..processed.clone() };
    work.add_receipt(&quarantined).unwrap();
    assert_eq!(work.receipt("orders", "d1").unwrap(), None, "what was not processed is no earlier receipt");
    work.add_receipt(&processed).unwrap();
    work.add_receipt(&other).unwrap();
    work.add_receipt(&ReceiptRow { state: "duplicate".into(), unit: 2, ..processed.clone() }).unwrap();
    assert_eq!(work.receipt("orders", "d1").unwrap(), Some(processed.clone()));
    assert_eq!(work.receipt("invoices", "d1").unwrap(), Some(other.clone()));
    assert_eq!(work.receipt("orders", "d2").unwrap(), None);
    assert_eq!(work.unarchived(RUN).unwrap().len(), 4);
    assert_eq!(work.unarchived(RUN).unwrap()[..3], [quarantined, processed, other]);
    work.mark_archived(RUN, 1).unwrap();
    assert_eq!(work.unarchived(RUN).unwrap().iter().map(|receipt| receipt.unit).collect::<Vec<_>>(), [2, 2]);
    assert_eq!(work.unarchived("20260302-001").unwrap(), []);
}

fn an_interchange_is_known_by_its_key(work: &mut dyn Transaction) {
    let key = InterchangeKey {
        sender: "01/006922827".into(),
        receiver: "ZZ/NORTHWIND".into(),
        control: "42".into(),
    };
    let row = InterchangeRow {
        key: key.clone(),
        digest: "d".into(),
        received: DAY,
        run_id: RUN.into(),
        name: "acme/0001.edi".into(),
        offset: 0,
        length: 4_096,
    };
    work.add_interchange(&row).unwrap();
    assert_eq!(work.interchange(&key, DAY).unwrap().as_ref(), Some(&row));
    assert_eq!(work.interchange(&key, Date::constant(2025, 1, 1)).unwrap().as_ref(), Some(&row));
    assert_eq!(work.interchange(&key, Date::constant(2026, 3, 2)).unwrap(), None, "too long ago");
    let padded = InterchangeKey { control: "000000042".into(), ..key.clone() };
    assert_eq!(work.interchange(&padded, DAY).unwrap().as_ref(), Some(&row));
    for stranger in [
        InterchangeKey { sender: "ZZ/OTHER".into(), ..key.clone() },
        InterchangeKey { receiver: "ZZ/OTHER".into(), ..key.clone() },
        InterchangeKey { control: "420".into(), ..key },
    ] {
        assert_eq!(work.interchange(&stranger, DAY).unwrap(), None, "{stranger:?}");
    }
}

fn order(order_id: &str, customer: &str, received: Date) -> OrderRow {
    OrderRow {
        order_id: order_id.into(),
        run_id: RUN.into(),
        unit: 1,
        partner: "acme".into(),
        customer: customer.into(),
        po_number: "0047".into(),
        release: "".into(),
        po_date: Some(DAY),
        received,
        currency: "USD".into(),
        state: "ordered".into(),
        header: "{}".into(),
        lines: "[]".into(),
        input: "acme/0001.edi".into(),
        offset: 107,
        length: 900,
        answered: 1,
    }
}

fn orders_are_found_by_id_and_by_po_number(work: &mut dyn Transaction) {
    let later = Date::constant(2026, 3, 9);
    let first = order("O-1", "A", DAY);
    let newest = OrderRow { po_date: None, ..order("O-0", "A", later) };
    let rows = [
        newest.clone(),
        first.clone(),
        OrderRow { release: "2".into(), ..order("O-2", "A", later) },
        order("O-3", "B", later),
        OrderRow { po_number: "47".into(), ..order("O-4", "A", later) },
    ];
    for row in &rows {
        work.add_order(row).unwrap();
    }
    assert!(work.add_order(&first).is_err(), "an order id is there once");
    let stray = OrderRow { run_id: "20990101-001".into(), ..order("O-5", "A", DAY) };
    assert!(work.add_order(&stray).is_err(), "an order comes from a run");
    assert_eq!(work.order("O-1").unwrap(), Some(first));
    assert_eq!(work.order("O-9").unwrap(), None);
    assert_eq!(work.order_by_po("A", "0047", "", DAY).unwrap(), Some(newest));
    assert_eq!(work.order_by_po("A", "0047", "", Date::constant(2026, 3, 10)).unwrap(), None);
    assert_eq!(work.order_by_po("B", "0047", "2", DAY).unwrap(), None);
    let ids = |rows: Vec<OrderRow>| rows.into_iter().map(|row| row.order_id.to_string()).collect::<Vec<_>>();
    assert_eq!(ids(work.orders_with_po(None, "0047").unwrap()), ["O-1", "O-0", "O-2", "O-3"]);
    assert_eq!(ids(work.orders_with_po(Some("A"), "0047").unwrap()), ["O-1", "O-0", "O-2"]);
    assert_eq!(ids(work.orders_with_po(Some("C"), "0047").unwrap()), [""; 0]);
}

fn exceptions_stay_open_in_order(work: &mut dyn Transaction) {
    let row = |line, cause: &str| ExceptionRow {
        kind: "line".into(),
        cause: cause.into(),
        run_id: RUN.into(),
        partner: "acme".into(),
        customer: "A".into(),
        po_number: "0047".into(),
        order_id: "O-1".into(),
        line,
        detail: r#"{"number":"B-200"}"#.into(),
    };
    let rows = [row(2, "unmapped/A/BP/B-200"), row(1, "ambiguous/A/BP/B-100"), row(2, "unmapped/A/BP/B-200")];
    for row in &rows {
        work.add_exception(row).unwrap();
    }
    assert_eq!(work.open_exceptions().unwrap(), rows);
}

fn control_numbers_go_on(work: &mut dyn Transaction) {
    const MAX: u32 = 999_999_999;
    assert_eq!(work.take_numbers("acme/ISA", 1, MAX).unwrap(), 1);
    assert_eq!(work.take_numbers("acme/ISA", 3, MAX).unwrap(), 2);
    assert_eq!(work.take_numbers("acme/ISA", 1, MAX).unwrap(), 5);
    assert_eq!(work.take_numbers("other/ISA", 2, MAX).unwrap(), 1);
    for (count, first) in [(3, 1), (2, 4), (1, 1), (5, 1), (1, 1), (4, 2), (2, 1)] {
        assert_eq!(
            work.take_numbers("short", count, 5).unwrap(),
            first,
            "{count} from a sequence that ends at 5"
        );
    }
    // sequences that are joined go on after the furthest of them, once
    assert_eq!(work.take_numbers("further/ISA", 9, MAX).unwrap(), 1);
    for first in [10, 11] {
        work.join_numbers("acme/ISA", &["none/ISA".into(), "further/ISA".into(), "other/ISA".into()])
            .unwrap();
        assert_eq!(work.take_numbers("acme/ISA", 1, MAX).unwrap(), first);
    }
    assert_eq!(work.take_numbers("further/ISA", 1, MAX).unwrap(), 1, "it is gone");
    assert!(work.take_numbers("short", 0, 5).is_err());
    assert!(work.take_numbers("short", 6, 5).is_err());
    assert_eq!(work.take_numbers("wide", u32::MAX, u32::MAX).unwrap(), 1);
    assert_eq!(work.take_numbers("wide", 1, u32::MAX).unwrap(), 1);
}

fn event(key: &str, customer: &str, quantity: Decimal) -> CustomerItemEvent {
    CustomerItemEvent {
        key: key.into(),
        kind: EventKind::Credited,
        customer: customer.into(),
        item: "10-4410".into(),
        customer_item_type: "power-tool".into(),
        serial: "SN1".into(),
        quantity,
        unit: "EA".into(),
        date: DAY,
        purchase_date: Some(DAY),
        ship_date: None,
        source: "invoice".into(),
        document: "4711".into(),
        document_line: 2,
        po_number: "0047".into(),
        kit: "".into(),
        unit_price: Some(Decimal::new(31_000_000_001, 10)),
        warranty_start: Some(DAY),
        warranty_end: Some(Date::constant(2028, 2, 29)),
        service_due: None,
        target: "invoice/DI/1/1/1".into(),
        to_customer: "B".into(),
        to_item: "10-4411".into(),
        to_serial: "SN2".into(),
        remainder: true,
        by: "Ida".into(),
        reason: "\"as agreed\"".into(),
        extra: [("room".into(), "7".into())].into_iter().collect(),
    }
}

fn invoices_and_ledger_entries_are_made_once(work: &mut dyn Transaction) {
    let invoice = InvoiceRow {
        invoice_number: "4711".into(),
        kind: "DI".into(),
        run_id: RUN.into(),
        partner: "acme".into(),
        customer: "A".into(),
        po_number: "0047".into(),
        order_id: "O-1".into(),
        invoice_date: Some(DAY),
        total_micro: i64::MIN,
        state: "sent".into(),
        document: "{}".into(),
    };
    work.add_invoice(&invoice).unwrap();
    let credit = InvoiceRow { kind: "CR".into(), invoice_date: None, total_micro: 5, ..invoice.clone() };
    work.add_invoice(&credit).unwrap();
    assert!(work.add_invoice(&invoice).is_err(), "a number and type are there once");
    assert_eq!(work.invoice("DI", "4711").unwrap(), Some(invoice));
    assert_eq!(work.invoice("CR", "4711").unwrap(), Some(credit));
    assert_eq!(work.invoice("DI", "4712").unwrap(), None);

    let (one, half) = (Decimal::ONE, Decimal::new(5, 1));
    let events = [event("b", "A", one), event("a", "B", half)];
    assert_eq!(work.add_customer_item_events(RUN, &events, 7).unwrap(), 2);
    let more = [event("a", "C", one), event("c", "A", half), event("c", "A", one)];
    assert_eq!(
        work.add_customer_item_events(RUN, &more, 8).unwrap(),
        1,
        "a key that is there is passed over"
    );
    let all = [event("b", "A", one), event("a", "B", half), event("c", "A", half)];
    assert_eq!(work.customer_item_events(None).unwrap(), all);
    assert_eq!(work.customer_item_events(Some("A")).unwrap(), [event("b", "A", one), event("c", "A", half)]);

    for (key, paid, first) in [
        ("r/1", false, false),
        ("r/1", true, true),
        ("r/1", true, false),
        ("r/1", false, false),
        ("r/2", true, true),
    ] {
        assert_eq!(work.pos_sale_paid_first_time(key, paid, RUN).unwrap(), first, "{key} {paid}");
    }
}

fn outputs_wait_until_they_are_published(work: &mut dyn Transaction) {
    let row = |unit, path: &str| OutputRow {
        run_id: RUN.into(),
        unit,
        staged: format!("state/work/{path}").into(),
        path: path.into(),
        kind: "997".into(),
        partner: "acme".into(),
        control: "000000001".into(),
        digest: "d".into(),
    };
    let rows = [row(2, "outbox/acme/b"), row(1, "outbox/acme/z"), row(2, "outbox/acme/a")];
    for row in &rows {
        work.stage_output(row).unwrap();
    }
    assert_eq!(work.unpublished().unwrap(), rows);
    work.mark_published(RUN, 2).unwrap();
    assert_eq!(work.unpublished().unwrap(), [rows[1].clone()]);
    work.mark_published("20260302-001", 1).unwrap();
    assert_eq!(work.unpublished().unwrap(), [rows[1].clone()], "another run's unit 1");
}

fn what_is_not_committed_never_was(store: &mut dyn Store) {
    let mut work = store.begin().unwrap();
    work.add_order(&order("O-7", "A", DAY)).unwrap();
    assert_eq!(work.take_numbers("acme/ISA", 2, 999).unwrap(), 12);
    work.add_customer_item_events(RUN, &[event("z", "A", Decimal::ONE)], 9).unwrap();
    assert_eq!(work.start_run(DAY, 9_000).unwrap().run_id, "20260301-003");
    drop(work);
    let mut work = store.begin().unwrap();
    assert_eq!(work.order("O-7").unwrap(), None);
    assert_eq!(work.take_numbers("acme/ISA", 1, 999).unwrap(), 12, "no gap");
    assert_eq!(work.customer_item_events(None).unwrap().len(), 3);
    assert_eq!(work.last_runs(9).unwrap().len(), 5);
}

fn a_read_transaction_reads_and_does_not_write(store: &mut dyn Store) {
    let mut work = store.read().unwrap();
    assert_eq!(work.order("O-1").unwrap().unwrap().order_id, "O-1");
    assert!(work.add_order(&order("O-8", "A", DAY)).is_err());
    assert!(work.take_numbers("acme/ISA", 1, 999).is_err());
    work.commit().unwrap();
    let mut work = store.begin().unwrap();
    assert_eq!(work.order("O-8").unwrap(), None);
    assert_eq!(work.take_numbers("acme/ISA", 1, 999).unwrap(), 12);
}
