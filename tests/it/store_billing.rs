//! Promises about what is billed of an order, and about invoices that wait.

use super::RUN;
use itembridge::domain::Decimal;
use itembridge::store::invoices::{BilledLineRow, HeldInvoiceRow, InvoiceDecision};
use itembridge::store::sqlite::SqliteStore;
use itembridge::store::{ExceptionRow, Store as _, Transaction};

fn billed(kind: &str, number: &str, position: u32, line: u32, quantity: &str) -> BilledLineRow {
    BilledLineRow {
        kind: kind.into(),
        invoice_number: number.into(),
        position,
        line,
        quantity: Decimal::from_str_exact(quantity).unwrap(),
    }
}

pub(super) fn what_is_billed_of_an_order_is_kept_line_by_line(work: &mut dyn Transaction) {
    let first = [billed("DI", "B1", 0, 1, "2.5"), billed("DI", "B1", 1, 1, "0.000001")];
    let credit = [billed("CR", "B1", 0, 1, "1")];
    work.add_billed_lines("BILLED-1", &first).unwrap();
    work.add_billed_lines("BILLED-1", &credit).unwrap();
    work.add_billed_lines("BILLED-2", &[billed("DI", "B2", 0, 7, "79228162514264337593543950335")]).unwrap();
    let all = [credit.as_slice(), &first].concat();
    assert_eq!(work.billed_lines("BILLED-1").unwrap(), all);
    assert_eq!(work.billed_lines("BILLED-2").unwrap()[0].quantity, Decimal::MAX);
    assert_eq!(work.billed_lines("BILLED-3").unwrap(), []);
    assert!(work.add_billed_lines("BILLED-1", &credit).is_err(), "a line of an invoice is billed once");
}

pub(super) fn an_invoice_waits_once_and_is_looked_at_once_a_run(work: &mut dyn Transaction) {
    let held = |kind: &str, judged: &str| HeldInvoiceRow {
        kind: kind.into(),
        invoice_number: "H1".into(),
        run_id: RUN.into(),
        partner: "acme".into(),
        customer: "ACME".into(),
        cause: "invoice/E426/H1".into(),
        source: "{}".into(),
        judged: judged.into(),
    };
    work.put_held_invoice(&held("DI", RUN)).unwrap();
    work.put_held_invoice(&held("CR", "20260228-001")).unwrap();
    assert_eq!(work.held_invoice("DI", "H1").unwrap(), Some(held("DI", RUN)));
    assert_eq!(work.held_invoice("DI", "H2").unwrap(), None);
    assert_eq!(work.held_invoices_before(RUN).unwrap(), [held("CR", "20260228-001")]);
    work.put_held_invoice(&held("CR", RUN)).unwrap();
    assert_eq!(work.held_invoices_before(RUN).unwrap(), []);
    assert_eq!(work.held_invoices_before("another").unwrap(), [held("CR", RUN), held("DI", RUN)]);
    work.remove_held_invoice("CR", "H1").unwrap();
    work.remove_held_invoice("CR", "H1").unwrap();
    assert_eq!(work.held_invoices_before("another").unwrap(), [held("DI", RUN)]);
    work.remove_held_invoice("DI", "H1").unwrap();
}

pub(super) fn the_last_decision_about_an_invoice_counts_and_causes_are_closed(work: &mut dyn Transaction) {
    let decision = |word: &str, by: &str, reason: &str| InvoiceDecision {
        kind: "DI".into(),
        invoice_number: "D1".into(),
        decision: word.into(),
        source: "{}".into(),
        decided_by: by.into(),
        reason: reason.into(),
        recorded: 5,
    };
    assert_eq!(work.invoice_decision("DI", "D1").unwrap(), None);
    work.add_invoice_decision(&decision("release", "Ida", "agreed")).unwrap();
    work.add_invoice_decision(&decision("drop", "Ida", "billed by hand")).unwrap();
    assert_eq!(work.invoice_decision("DI", "D1").unwrap(), Some(decision("drop", "Ida", "billed by hand")));
    assert_eq!(work.invoice_decision("CR", "D1").unwrap(), None);
    for unsigned in [decision("release", " ", "why"), decision("release", "Ida", "")] {
        assert!(work.add_invoice_decision(&unsigned).is_err(), "{unsigned:?}");
    }

    let open = |work: &mut dyn Transaction| work.open_exceptions_of_kind("invoice").unwrap();
    let before = open(work);
    let row = |kind: &str, cause: &str| ExceptionRow {
        kind: kind.into(),
        cause: cause.into(),
        run_id: RUN.into(),
        detail: "{}".into(),
        ..ExceptionRow::default()
    };
    for (kind, cause) in
        [("invoice", "invoice/E426/D1"), ("line", "invoice/E426/D1"), ("invoice", "invoice/E426/D2")]
    {
        work.add_exception(&row(kind, cause)).unwrap();
    }
    assert_eq!(open(work).len(), before.len() + 2);
    let close = |work: &mut dyn Transaction| {
        work.close_cause(("invoice", "invoice/E426/D1"), (RUN, "sent"), 9).unwrap()
    };
    assert!(work.is_open("invoice", "invoice/E426/D1").unwrap());
    assert_eq!((close(work), close(work)), (1, 0));
    assert!(!work.is_open("invoice", "invoice/E426/D1").unwrap());
    assert_eq!(open(work)[before.len()..], [row("invoice", "invoice/E426/D2")]);
    // a line's exception has a door of its own
    assert!(
        work.open_exceptions()
            .unwrap()
            .iter()
            .any(|open| open.kind == "line" && open.cause == "invoice/E426/D1")
    );
    work.close_cause(("invoice", "invoice/E426/D2"), (RUN, "sent"), 9).unwrap();
}

#[test]
fn what_older_invoices_billed_is_known_after_the_migration() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let old = super::files::of_version_4(&path);
    old.execute_batch(
        r#"INSERT INTO run VALUES ('R', '2026-03-01', 1, 1, 2, 0, '{}');
        INSERT INTO invoice VALUES ('DI', 'I-1', 'R', 'acme', 'ACME', 'P1', 'O-1', '2026-03-01', 1, 'sent',
            '{"posted":null,"invoice":{"lines":[{"line":2,"quantity":"3.10"},{"line":0,"quantity":"9"},{"line":2,"quantity":"1"}]}}');
        INSERT INTO invoice VALUES ('CR', 'I-2', 'R', 'acme', 'ACME', 'P1', '', '2026-03-01', 1, 'sent',
            '{"posted":null,"invoice":{"lines":[{"line":1,"quantity":"5"}]}}');"#,
    )
    .unwrap();
    drop(old);
    let mut store = SqliteStore::open(&path).unwrap();
    let mut work = store.begin().unwrap();
    let expected = [billed("DI", "I-1", 0, 2, "3.10"), billed("DI", "I-1", 2, 2, "1")];
    assert_eq!(work.billed_lines("O-1").unwrap(), expected);
    assert_eq!(work.billed_lines("").unwrap(), []);
}
