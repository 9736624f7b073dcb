//! What the store promises about the ledger: what an entry depends on comes with it, and what was checked is not asked again.

use super::{DAY, RUN, event};
use itembridge::domain::customer_item::{CustomerItem, CustomerItemEvent, EventKind};
use itembridge::domain::{Date, Decimal};
use itembridge::ledger::change::{Change, Outcome, Replacement, Signature, Wanted, change};
use itembridge::ledger::state::customer_items;
use itembridge::store::sqlite::SqliteStore;
use itembridge::store::{
    Closing, EventRecord, ExceptionRow, InvoiceRow, LedgerScope, PostedDocument, Store, Transaction,
};
use proptest::prelude::*;

#[test]
fn sqlite_keeps_its_promises_about_the_ledger() {
    let folder = tempfile::tempdir().unwrap();
    let mut file = SqliteStore::open(&folder.path().join("store.db")).unwrap();
    for store in [&mut file as &mut dyn Store, &mut SqliteStore::in_memory().unwrap()] {
        let parts: [fn(&mut dyn Transaction); 8] = [
            every_kind_of_event_comes_back_as_it_was,
            what_an_event_depends_on_comes_with_it,
            a_document_has_the_events_under_its_key_and_no_others,
            events_are_checked_once,
            who_owns_a_serial_follows_from_the_events_that_say_it,
            entries_are_as_they_were_recorded,
            what_was_posted_is_compared_once,
            what_waits_in_the_ledger_names_what_it_is_about,
        ];
        for part in parts {
            let mut work = store.begin().unwrap();
            part(&mut *work);
        }
    }
}

fn every_kind_of_event_comes_back_as_it_was(work: &mut dyn Transaction) {
    let events: Vec<CustomerItemEvent> = EventKind::ALL
        .into_iter()
        .map(|kind| CustomerItemEvent { kind, ..event(kind.as_str(), "A", Decimal::new(25, 1)) })
        .collect();
    assert_eq!(work.add_customer_item_events("", &events, 7).unwrap(), 11);
    assert_eq!(work.customer_item_events(None).unwrap(), events);
    assert_eq!(work.ledger_record("voided").unwrap(), Some(EventRecord { run_id: "".into(), recorded: 7 }));
    assert_eq!(work.ledger_record("VOIDED").unwrap(), None);
}

/// A sale, or a move: (key, whose, item, serial, whose then, as which item).
fn moved(work: &mut dyn Transaction, rows: &[(&str, &str, &str, &str, &str, &str)]) {
    let events: Vec<CustomerItemEvent> = rows
        .iter()
        .map(|(key, customer, item, serial, to_customer, to_item)| CustomerItemEvent {
            key: (*key).into(),
            customer: (*customer).into(),
            item: (*item).into(),
            serial: (*serial).into(),
            to_customer: (*to_customer).into(),
            to_item: (*to_item).into(),
            date: DAY,
            ..CustomerItemEvent::default()
        })
        .collect();
    work.add_customer_item_events(RUN, &events, 1).unwrap();
}

fn what_an_event_depends_on_comes_with_it(work: &mut dyn Transaction) {
    moved(
        work,
        &[
            ("a1", "A", "SAW", "#1", "", ""),
            ("a2", "A", "HOSE", "", "", ""),
            ("b1", "B", "SAW", "#2", "", ""),
            // from A to B, from B to C, where it is replaced by another item; back to A in a circle
            ("t1", "A", "SAW", "#1", "B", "SAW"),
            ("t2", "B", "SAW", "#1", "C", "SAW"),
            ("r1", "C", "SAW", "#1", "C", "DRILL"),
            ("c1", "C", "DRILL", "#9", "", ""),
            ("t3", "C", "DRILL", "#9", "A", "DRILL"),
            ("d1", "D", "SAW", "#4", "", ""),
            ("t4", "A", "DRILL", "#9", "C", "DRILL"),
        ],
    );
    for (scope, expected) in [
        (LedgerScope::Customer("D"), "d1"),
        (LedgerScope::Customer("B"), "a1 b1 t1 t2"),
        (LedgerScope::Customer("C"), "a1 b1 t1 t2 r1 c1 t3 t4"),
        (LedgerScope::Customer("A"), "a1 a2 b1 t1 t2 r1 c1 t3 t4"),
        (LedgerScope::Customer("Z"), ""),
        (LedgerScope::Customer(""), ""),
        (LedgerScope::Serial("#2"), "a1 b1 t1 t2"),
        (LedgerScope::Serial("#1"), "a1 b1 t1 t2 r1 c1 t3 t4"),
        // what has no serial is nobody's in particular
        (LedgerScope::Serial(""), ""),
        (LedgerScope::Entry("a2"), "a2"),
        (LedgerScope::Entry("t1"), "a1 b1 t1 t2"),
        (LedgerScope::Entry("nothing"), ""),
    ] {
        let found = work.ledger_events(&scope).unwrap();
        let keys: Vec<&str> = found.iter().map(|event| event.key.as_str()).collect();
        assert_eq!(keys.join(" "), expected, "{scope:?}");
    }
    assert_eq!(work.ledger_customers().unwrap(), ["A", "B", "C", "D"]);
    // all of these are of the kind `sold`
    let times = ["#2", "#1", "#9", "#0", ""].map(|serial| work.times_begun(serial).unwrap());
    assert_eq!(times, [1, 4, 3, 0, 0]);
    let returned = CustomerItemEvent { kind: EventKind::Returned, ..event("back", "A", Decimal::ONE) };
    work.add_customer_item_events("", &[returned], 1).unwrap();
    assert_eq!(work.times_begun("SN1").unwrap(), 0, "a return begins nothing");
    assert!(work.voided_ledger_keys().unwrap().is_empty());
    let void = ["back", "a1"].map(|target| CustomerItemEvent {
        kind: EventKind::Voided,
        target: target.into(),
        ..event(&format!("void {target}"), "A", Decimal::ONE)
    });
    work.add_customer_item_events("", &void, 1).unwrap();
    assert_eq!(work.voided_ledger_keys().unwrap(), ["back", "a1"]);
    moved(work, &[("t9", "A", "SAW", "#1", "LAST", "SAW")]);
    assert_eq!(work.ledger_customers().unwrap().last().unwrap(), "LAST", "to whom something only came");
}

fn who_owns_a_serial_follows_from_the_events_that_say_it(work: &mut dyn Transaction) {
    moved(
        work,
        &[
            ("s1", "A", "SAW", "#s", "", ""),
            ("s2", "A", "SAW", "#other", "", ""),
            ("s3", "B", "DRILL", "#s", "", ""),
            ("s4", "A", "SAW", "#s", "B", "SAW"),
        ],
    );
    let keys = |work: &mut dyn Transaction, serial: &str| -> String {
        let found = work.ledger_events_of_serial(serial).unwrap();
        found.iter().map(|event| event.key.as_str()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(keys(work, "#s"), "s1 s3 s4");
    assert_eq!(keys(work, ""), "");
    assert_eq!(keys(work, "#none"), "");
}

fn entries_are_as_they_were_recorded(work: &mut dyn Transaction) {
    let before = work.ledger_entries_recorded().unwrap();
    moved(
        work,
        &[("p1", "A", "SAW", "#p", "", ""), ("p2", "A", "SAW", "", "", ""), ("p3", "A", "SAW", "", "", "")],
    );
    assert_eq!(work.ledger_entries_recorded().unwrap(), before + 3);
    let after = i64::try_from(before).unwrap();
    let first = work.prove_ledger_entries(after, 2).unwrap();
    assert_eq!((first.looked, first.last, first.altered.len()), (2, after + 2, 0));
    let rest = work.prove_ledger_entries(first.last, 2).unwrap();
    assert_eq!((rest.looked, rest.last, rest.altered.len()), (1, 0, 0), "a new round begins");
    work.seal_ledger_entries(0, i64::MAX).unwrap();
    assert!(work.altered_ledger_entry("p1").unwrap().is_none());
    assert!(work.altered_ledger_entry("never recorded").unwrap().is_none());
    assert_eq!(work.ledger_round().unwrap(), (0, None));
    let day = jiff::civil::date(2026, 11, 20);
    work.set_ledger_round(7, day).unwrap();
    work.set_ledger_round(9, day).unwrap();
    assert_eq!(work.ledger_round().unwrap(), (9, Some(day)));
}

fn a_document_has_the_events_under_its_key_and_no_others(work: &mut dyn Transaction) {
    let keys = ["d/4711/1/1", "d/4711/1/2/M", "d/4711", "d/47110/1", "d/4711-1/1", "d/4711/2/1"];
    let rows: Vec<_> = keys.iter().map(|key| (*key, "A", "SAW", "", "", "")).collect();
    moved(work, &rows);
    let found = work.ledger_events_under("d/4711").unwrap();
    let found: Vec<&str> = found.iter().map(|event| event.key.as_str()).collect();
    assert_eq!(found, ["d/4711/1/1", "d/4711/1/2/M", "d/4711/2/1"]);
    assert_eq!(work.ledger_events_under("d/4711/1").unwrap().len(), 2);
}

fn events_are_checked_once(work: &mut dyn Transaction) {
    moved(
        work,
        &[("a", "A", "SAW", "", "", ""), ("b", "A", "SAW", "", "", ""), ("c", "A", "SAW", "", "", "")],
    );
    let keys = |work: &mut dyn Transaction, limit| -> Vec<String> {
        work.unchecked_ledger_events(limit).unwrap().iter().map(|event| event.key.to_string()).collect()
    };
    assert_eq!(keys(work, 2), ["a", "b"]);
    work.mark_ledger_checked(&["a".into(), "c".into()]).unwrap();
    assert_eq!(keys(work, 9), ["b"]);
}

fn what_was_posted_is_compared_once(work: &mut dyn Transaction) {
    work.start_run(DAY, 1).unwrap();
    let invoice = |number: &str, state: &str| InvoiceRow {
        invoice_number: number.into(),
        kind: "DI".into(),
        run_id: RUN.into(),
        state: state.into(),
        document: format!("{{\"{number}\":1}}"),
        ..InvoiceRow::default()
    };
    for (number, state) in [("1", "sent"), ("2", "posted"), ("3", "held"), ("4", "refused")] {
        work.add_invoice(&invoice(number, state)).unwrap();
    }
    work.add_pos_line("pos/S/R/1", RUN, "{}").unwrap();
    work.add_pos_line("pos/S/R/1", "20260302-001", "{\"other\":1}").unwrap();
    let numbers = |work: &mut dyn Transaction, limit| -> Vec<String> {
        work.unreconciled(limit).unwrap().iter().map(|found| found.number.to_string()).collect()
    };
    assert_eq!(numbers(work, 1), ["1"]);
    assert_eq!(numbers(work, 9), ["1", "2"], "what is held is not posted");
    for found in work.unreconciled(9).unwrap() {
        work.mark_reconciled(&found).unwrap();
    }
    let sale = PostedDocument {
        source: "pos".into(),
        kind: "".into(),
        number: "pos/S/R/1".into(),
        run_id: RUN.into(),
        content: "{}".into(),
    };
    assert_eq!(work.unreconciled(9).unwrap(), std::slice::from_ref(&sale), "the first content stands");
    work.mark_reconciled(&sale).unwrap();
    assert_eq!(work.unreconciled(9).unwrap(), []);
    assert_eq!(work.posted_document("pos", "", "pos/S/R/1").unwrap(), Some(sale));
    assert_eq!(work.posted_document("invoice", "DI", "1").unwrap().unwrap().content, "{\"1\":1}");
    for (source, kind, number) in [("invoice", "DI", "3"), ("invoice", "CR", "1"), ("pos", "", "x")] {
        assert_eq!(work.posted_document(source, kind, number).unwrap(), None);
    }
    let all: Vec<String> =
        work.posted_documents().unwrap().iter().map(|found| found.number.to_string()).collect();
    assert_eq!(all, ["1", "2", "pos/S/R/1"]);
    work.add_invoice(&invoice("5", "sent")).unwrap();
    work.add_pos_line("pos/S/R/2", RUN, "{}").unwrap();
    work.skip_reconciliation().unwrap();
    assert_eq!(work.unreconciled(9).unwrap(), []);
}

fn what_waits_in_the_ledger_names_what_it_is_about(work: &mut dyn Transaction) {
    work.start_run(DAY, 1).unwrap();
    let exception = |kind: &str, about: &str| ExceptionRow {
        kind: kind.into(),
        cause: "c".into(),
        run_id: RUN.into(),
        order_id: about.into(),
        detail: "{}".into(),
        ..ExceptionRow::default()
    };
    for row in [exception("line", "O-1"), exception("ledger", ""), exception("ledger_gap", "invoice/DI/1")] {
        work.add_exception(&row).unwrap();
    }
    let open = work.open_ledger_exceptions().unwrap();
    assert_eq!(
        open,
        [exception("ledger_gap", "invoice/DI/1")],
        "what names nothing cannot be looked at again"
    );
    let closing = Closing {
        kind: "ledger_gap",
        order_id: "invoice/DI/1",
        line: 0,
        run_id: RUN,
        closed_as: "mended",
        now: 9,
    };
    assert_eq!(work.close_exceptions(&closing).unwrap(), 1);
    assert_eq!(work.open_ledger_exceptions().unwrap(), []);
}

#[test]
fn a_ledger_of_version_4_is_brought_up_to_date_and_not_asked_for_old_invoices() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let old = super::files::of_version_4(&path);
    old.execute_batch(
        "INSERT INTO run VALUES ('20260301-001', '2026-03-01', 1, 1, 2, 0, '{}');
         INSERT INTO invoice VALUES ('DI', '1', '20260301-001', '', 'A', '', '', '2026-03-01', 0, 'sent', '{}');
         INSERT INTO customer_item_event VALUES (4, 'k', '20260301-001', 5, 'credited', 'A', 'SAW', 'tool', '#1', '2.5', 'EA',
             '2026-03-01', '', '', 'invoice', '1', 1, 'P', '', '9.5', '', '', '');",
    )
    .unwrap();
    drop(old);
    let mut store = SqliteStore::open(&path).unwrap();
    let mut work = store.begin().unwrap();
    let kept = CustomerItemEvent {
        key: "k".into(),
        kind: EventKind::Credited,
        customer: "A".into(),
        item: "SAW".into(),
        customer_item_type: "tool".into(),
        serial: "#1".into(),
        quantity: Decimal::new(25, 1),
        unit: "EA".into(),
        date: Date::constant(2026, 3, 1),
        source: "invoice".into(),
        document: "1".into(),
        document_line: 1,
        po_number: "P".into(),
        unit_price: Some(Decimal::new(95, 1)),
        ..CustomerItemEvent::default()
    };
    assert_eq!(work.customer_item_events(None).unwrap(), std::slice::from_ref(&kept));
    assert_eq!(work.unchecked_ledger_events(9).unwrap(), [kept], "what found nothing is said now");
    assert_eq!(work.unreconciled(9).unwrap(), []);
}

/// One random request: (what, customer, whom, serial, day, quantity).
type Drawn = (u8, usize, usize, usize, i8, u32);

const OWNERS: [&str; 3] = ["A", "B", "C"];
const SERIALS: [&str; 4] = ["", "#1", "#2", "#3"];

/// The events that a request comes to, on top of these; nothing where it is refused.
fn requested(events: &[CustomerItemEvent], at: usize, drawn: &Drawn) -> Vec<CustomerItemEvent> {
    let (what, customer, whom, serial, day, quantity) = *drawn;
    let (quantity, date) = (Decimal::from(quantity), Date::constant(2026, 3, day));
    let document = |kind: EventKind| CustomerItemEvent {
        key: format!("d/{at}").into(),
        kind,
        customer: OWNERS[customer].into(),
        item: if serial == 3 { "DRILL".into() } else { "SAW".into() },
        serial: SERIALS[serial].into(),
        quantity,
        date,
        ..CustomerItemEvent::default()
    };
    let wanted = Wanted {
        serial: SERIALS[serial].into(),
        customer: OWNERS[customer].into(),
        item: if serial == 0 { "SAW".into() } else { "".into() },
        ..Wanted::default()
    };
    let signature = Signature { date, number: format!("{at}").into(), ..Signature::default() };
    let asked = match what {
        0 | 1 => return vec![document(EventKind::Sold)],
        2 => return vec![document(EventKind::Returned)],
        3 => Change::Transfer { to: OWNERS[whom].into(), quantity: Some(quantity) },
        4 => Change::Replace(Box::new(Replacement {
            quantity: Some(quantity),
            item: if whom == 0 { "DRILL".into() } else { "SAW".into() },
            serial: SERIALS[whom + 1].into(),
            ..Replacement::default()
        })),
        5 => Change::Service(Some(date)),
        _ => Change::Scrap(Some(quantity)),
    };
    match change(events, &wanted, &asked, &signature) {
        Ok(Outcome::New(new)) => new,
        _ => Vec::new(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn what_a_scope_says_of_a_customer_and_a_serial_is_what_the_whole_ledger_says(
        rows in prop::collection::vec((0..7u8, 0..3usize, 0..3usize, 0..4usize, 1..28i8, 1..4u32), 1..30)
    ) {
        let mut store = SqliteStore::in_memory().unwrap();
        let mut work = store.begin().unwrap();
        let mut events: Vec<CustomerItemEvent> = Vec::new();
        for (at, drawn) in rows.iter().enumerate() {
            events.extend(requested(&events, at, drawn));
        }
        work.add_customer_item_events(RUN, &events, 1).unwrap();
        let whole = customer_items(&events, None);
        let of = |items: &[CustomerItem], is: &dyn Fn(&CustomerItem) -> bool| -> Vec<CustomerItem> {
            // the link onward leads out of a scope: whose it was does not depend on whose it is
            let link = |item: &CustomerItem| CustomerItem { successor: "".into(), ..item.clone() };
            items.iter().filter(|item| is(item)).map(link).collect()
        };
        for customer in OWNERS {
            let scope = customer_items(&work.ledger_events(&LedgerScope::Customer(customer)).unwrap(), None);
            let mine = |item: &CustomerItem| item.customer == customer;
            prop_assert_eq!(of(&scope, &mine), of(&whole, &mine), "{}", customer);
        }
        for serial in &SERIALS[1..] {
            let scope = customer_items(&work.ledger_events(&LedgerScope::Serial(serial)).unwrap(), None);
            let mine = |item: &CustomerItem| item.serial == *serial;
            prop_assert_eq!(of(&scope, &mine), of(&whole, &mine), "{}", serial);
        }
        for item in &whole {
            let scope = customer_items(&work.ledger_events(&LedgerScope::Entry(&item.key)).unwrap(), None);
            let mine = |other: &CustomerItem| other.key == item.key;
            prop_assert_eq!(of(&scope, &mine), of(&whole, &mine), "{}", item.key);
        }
    }
}
