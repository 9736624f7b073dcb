//! Promises about changes of orders: kept in their order, settled once, decided by name.

use super::{DAY, RUN, order};
use itembridge::store::changes::{ChangeDecision, OrderChangeRow, OrderVersionRow};
use itembridge::store::{ExceptionRow, Transaction};

fn change(po_number: &str, cause: &str, judged: &str) -> OrderChangeRow {
    OrderChangeRow {
        change_id: 0,
        kind: "order_change".into(),
        cause: cause.into(),
        state: "held".into(),
        order_id: "C-1".into(),
        partner: "acme".into(),
        customer: "A".into(),
        po_number: po_number.into(),
        release: "R1".into(),
        received: DAY,
        run_id: RUN.into(),
        input: "acme/0009.edi".into(),
        offset: 107,
        content: "{\"document\":\"860\"}".into(),
        plan: "{}".into(),
        receiver: ["01".into(), "006922827".into(), "ACMEPO".into()],
        answered: 1,
        judged: judged.into(),
        settled_by: String::new().into(),
    }
}

pub(super) fn a_change_waits_once_and_is_looked_at_once_a_run(work: &mut dyn Transaction) {
    let kept = |work: &mut dyn Transaction, row: OrderChangeRow| {
        let change_id = work.add_order_change(&row).unwrap();
        OrderChangeRow { change_id, ..row }
    };
    let first = kept(work, change("C47", "order_change/A/C47/1", RUN));
    let second = kept(work, change("C47", "order_change/A/C47/2", "20260228-001"));
    assert!(first.change_id < second.change_id);
    kept(work, OrderChangeRow { release: "R2".into(), ..change("C47", "order_change/A/C47/3", RUN) });
    assert_eq!(work.order_changes("acme", "C47", "R1").unwrap(), [first.clone(), second.clone()]);
    assert_eq!(work.order_changes("other", "C47", "R1").unwrap(), []);
    let heads = |work: &mut dyn Transaction, before: i64| {
        let heads = work.change_heads("acme", "C47", "R1", before).unwrap();
        heads.into_iter().map(|head| (head.change_id, head.state.to_string())).collect::<Vec<_>>()
    };
    let held = |row: &OrderChangeRow| (row.change_id, "held".to_owned());
    assert_eq!(heads(work, i64::MAX), [held(&first), held(&second)]);
    assert_eq!(heads(work, second.change_id), [held(&first)]);
    assert_eq!(heads(work, first.change_id), []);
    assert_eq!(work.order_change(second.change_id).unwrap(), Some(second.clone()));
    assert_eq!(work.held_change("order_change/A/C47/2").unwrap(), Some(second.clone()));
    assert_eq!(work.held_changes_before(RUN).unwrap(), [second.change_id]);

    let applied = OrderChangeRow {
        state: "applied".into(),
        order_id: "C-2".into(),
        plan: "{\"lines\":[]}".into(),
        answered: 2,
        judged: RUN.into(),
        settled_by: RUN.into(),
        ..second.clone()
    };
    work.update_order_change(&applied).unwrap();
    assert_eq!(work.order_change(second.change_id).unwrap(), Some(applied));
    assert_eq!(work.held_changes_before(RUN).unwrap(), [0_i64; 0]);
    assert_eq!(work.held_change("order_change/A/C47/2").unwrap(), None);
    assert_eq!(work.settled_change("order_change/A/C47/2").unwrap(), Some(second.change_id));
    assert_eq!(work.settled_change("order_change/A/C47/1").unwrap(), None, "it waits still");
    let unknown = OrderChangeRow { change_id: 9_999, ..first };
    assert!(work.update_order_change(&unknown).is_err());
    assert!(work.add_order_change(&OrderChangeRow { state: "lost".into(), ..unknown }).is_err());
}

pub(super) fn what_an_order_was_is_kept_version_by_version(work: &mut dyn Transaction) {
    work.add_order(&order("V-1", "A", DAY)).unwrap();
    let change_id = work.add_order_change(&change("V47", "", RUN)).unwrap();
    let version = |version: u32, lines: &str| OrderVersionRow {
        order_id: "V-1".into(),
        version,
        change_id,
        run_id: RUN.into(),
        state: "ordered".into(),
        header: "{}".into(),
        lines: lines.into(),
        recorded: 7,
    };
    work.add_order_version(&version(0, "[1]")).unwrap();
    work.add_order_version(&version(0, "[2]")).unwrap();
    assert_eq!(work.order_versions("V-1").unwrap(), [version(1, "[1]"), version(2, "[2]")]);
    assert_eq!(work.order_versions("V-2").unwrap(), []);
    let stray = OrderVersionRow { order_id: "V-9".into(), ..version(0, "[]") };
    assert!(work.add_order_version(&stray).is_err(), "of an order that the store has");
}

pub(super) fn a_decision_about_a_change_is_signed_and_hides_it_until_a_run_has_ended(
    work: &mut dyn Transaction,
) {
    let cause = "order_change/A/D47/1";
    let change_id = work.add_order_change(&change("D47", cause, RUN)).unwrap();
    let row = ExceptionRow {
        kind: "order_change".into(),
        cause: cause.into(),
        run_id: RUN.into(),
        detail: "{}".into(),
        ..ExceptionRow::default()
    };
    work.add_exception(&row).unwrap();
    let undecided = |work: &mut dyn Transaction| {
        let rows = work.undecided_exceptions(DAY).unwrap();
        rows.iter().filter(|row| row.cause == cause).count()
    };
    assert_eq!(undecided(work), 1);
    let decision = |word: &str| ChangeDecision {
        change_id,
        decision: word.into(),
        decided_by: "Ann".into(),
        reason: "agreed".into(),
        recorded: i64::MAX,
    };
    assert!(work.add_change_decision(&ChangeDecision { reason: " ".into(), ..decision("apply") }).is_err());
    assert!(
        work.add_change_decision(&ChangeDecision { decided_by: "".into(), ..decision("apply") }).is_err()
    );
    assert!(work.add_change_decision(&decision("perhaps")).is_err());
    work.add_change_decision(&decision("apply")).unwrap();
    work.add_change_decision(&decision("reject")).unwrap();
    assert_eq!(work.change_decision(change_id).unwrap(), Some(decision("reject")), "the last one counts");
    assert_eq!(work.change_decision(9_999).unwrap(), None);
    assert_eq!(undecided(work), 0);
}
