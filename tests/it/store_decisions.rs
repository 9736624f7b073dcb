//! Promises about decisions on causes that wait: which one counts, whom they hide from the worklist, which lines they reject.

use super::{DAY, RUN};
use itembridge::domain::Date;
use itembridge::store::audit::{AuditEvent, AuditFilter};
use itembridge::store::{CauseDecision, Closing, ExceptionRow, Transaction};

const LATER: Date = Date::constant(2026, 4, 1);
const AFTER: Date = Date::constant(2026, 4, 2);

fn decided(cause: &str, decision: &str, ignore_until: Option<Date>) -> CauseDecision {
    CauseDecision {
        cause: cause.into(),
        decision: decision.into(),
        terms: format!("{decision} so").into(),
        ignore_until,
        decided_by: "Ida".into(),
        reason: "because".into(),
        recorded: i64::MAX / 2,
    }
}

/// Something open under a cause: a line of an order, or with line 0 and another kind a whole document.
fn open(work: &mut dyn Transaction, kind: &str, cause: &str, order_id: &str, line: u32) {
    let row = ExceptionRow {
        kind: kind.into(),
        cause: cause.into(),
        run_id: RUN.into(),
        order_id: order_id.into(),
        line,
        detail: "{}".into(),
        ..ExceptionRow::default()
    };
    work.add_exception(&row).unwrap();
}

/// The causes that nobody has decided, once for each thing that waits; those of other tests are left out.
fn undecided(work: &mut dyn Transaction, today: Date) -> Vec<String> {
    let rows = work.undecided_exceptions(today).unwrap().into_iter();
    let own = rows.filter(|row| row.cause.starts_with("decided/"));
    own.map(|row| format!("{} {}", row.cause.trim_start_matches("decided/"), row.line)).collect()
}

fn close(work: &mut dyn Transaction, order_id: &str, line: u32) {
    let closing =
        Closing { kind: "line", order_id, line, run_id: RUN, closed_as: "ordered", now: i64::MAX / 2 };
    assert_eq!(work.close_exceptions(&closing).unwrap(), 1);
}

pub(super) fn the_last_one_about_a_cause_counts_and_each_is_signed(work: &mut dyn Transaction) {
    let cause = "decided/file";
    assert_eq!(work.cause_decision(cause).unwrap(), None);
    for (name, reason) in [("", "because"), ("Ida", ""), (" ", "because"), ("Ida", "\t")] {
        let row = CauseDecision {
            decided_by: name.into(),
            reason: reason.into(),
            ..decided(cause, "reject", None)
        };
        let error = work.add_cause_decision(&row).unwrap_err().to_string();
        assert_eq!(error, "a decision about decided/file needs a name and a reason");
    }
    assert!(work.add_cause_decision(&decided(cause, "forget", None)).is_err(), "no such decision");
    assert_eq!(work.cause_decision(cause).unwrap(), None, "what was refused is not kept");

    open(work, "input", cause, "", 0);
    let ignored = decided(cause, "ignore", Some(LATER));
    work.add_cause_decision(&ignored).unwrap();
    assert_eq!(work.cause_decision(cause).unwrap(), Some(ignored), "every value comes back");
    assert_eq!(undecided(work, DAY), [""; 0]);
    assert_eq!(undecided(work, LATER), [""; 0], "the last day is included");
    assert_eq!(undecided(work, AFTER), ["file 0"]);
    assert!(work.open_exceptions().unwrap().iter().any(|row| row.cause == cause), "it waits on");

    let shorter = decided(cause, "ignore", Some(DAY));
    work.add_cause_decision(&shorter).unwrap();
    assert_eq!(work.cause_decision(cause).unwrap(), Some(shorter));
    assert_eq!(undecided(work, LATER), ["file 0"], "the last decision counts, not the longest");
    work.add_cause_decision(&decided(cause, "reject", None)).unwrap();
    assert_eq!(undecided(work, DAY), ["file 0"], "a rejection is for lines alone");
    work.add_cause_decision(&decided(cause, "ignore", Some(Date::constant(2999, 1, 1)))).unwrap();
}

pub(super) fn a_rejection_is_for_the_lines_that_were_open_then(work: &mut dyn Transaction) {
    let cause = "decided/number";
    open(work, "line", cause, "D-1", 1);
    open(work, "line", "decided/other", "D-1", 2);
    open(work, "line", cause, "D-1", 3);
    assert_eq!(work.rejected_lines("D-1").unwrap(), [0; 0]);
    work.add_cause_decision(&decided(cause, "reject", None)).unwrap();
    open(work, "line", cause, "D-1", 4);
    open(work, "line", cause, "D-2", 1);
    assert_eq!(work.rejected_lines("D-1").unwrap(), [1, 3], "in order, and none that came later");
    assert_eq!(work.rejected_lines("D-2").unwrap(), [0; 0]);
    assert_eq!(undecided(work, DAY), ["other 2", "number 4", "number 1"], "oldest first");
    close(work, "D-1", 3);
    assert_eq!(work.rejected_lines("D-1").unwrap(), [1], "what is closed is done");

    work.add_cause_decision(&decided(cause, "ignore", Some(LATER))).unwrap();
    assert_eq!(work.rejected_lines("D-1").unwrap(), [0; 0], "a later decision takes it back");
    assert_eq!(undecided(work, DAY), ["other 2"]);
    assert_eq!(undecided(work, AFTER), ["number 1", "other 2", "number 4", "number 1"]);
    work.add_cause_decision(&decided(cause, "reject", None)).unwrap();
    assert_eq!(work.rejected_lines("D-1").unwrap(), [1, 4]);
    assert_eq!(work.rejected_lines("D-2").unwrap(), [1]);
    assert_eq!(undecided(work, DAY), ["other 2"]);
}

pub(super) fn a_mapping_hides_its_lines_until_the_next_run_has_ended(work: &mut dyn Transaction) {
    let cause = "decided/other";
    let now = i64::MAX / 2;
    work.add_cause_decision(&decided(cause, "map", None)).unwrap();
    assert_eq!(undecided(work, DAY), [""; 0]);
    assert_eq!(work.rejected_lines("D-1").unwrap(), [1, 4], "a mapping rejects nothing");
    open(work, "line", cause, "D-3", 1);
    assert_eq!(undecided(work, DAY), ["other 1"], "what comes later waits for a decision of its own");
    let run = work.start_run(Date::constant(2026, 2, 1), now + 1).unwrap();
    assert_eq!(undecided(work, DAY), ["other 1"]);
    work.end_run(&run.run_id, now + 2, 1, "{}").unwrap();
    assert_eq!(undecided(work, DAY), ["other 2", "other 1"], "the mapping did not help");
    work.add_cause_decision(&CauseDecision { recorded: now + 3, ..decided(cause, "map", None) }).unwrap();
    assert_eq!(undecided(work, DAY), [""; 0]);
    close(work, "D-1", 2);
}

pub(super) fn what_happened_to_a_cause_is_told_in_its_order(work: &mut dyn Transaction) {
    let cause = "audited/cause";
    // long before the runs of the other promises
    let now = 50;
    let run = work.start_run(Date::constant(2026, 2, 3), now).unwrap();
    let row = |line| ExceptionRow {
        kind: "line".into(),
        cause: cause.into(),
        run_id: run.run_id.clone(),
        customer: "ACME".into(),
        order_id: "A-1".into(),
        line,
        detail: "{}".into(),
        ..ExceptionRow::default()
    };
    for line in [1, 2] {
        work.add_exception(&row(line)).unwrap();
    }
    let reject = CauseDecision { recorded: now + 1, ..decided(cause, "reject", None) };
    work.add_cause_decision(&reject).unwrap();
    let closing = Closing {
        kind: "line",
        order_id: "A-1",
        line: 2,
        run_id: &run.run_id,
        closed_as: "rejected",
        now: now + 2,
    };
    assert_eq!(work.close_exceptions(&closing).unwrap(), 1);

    let mut told = |filter: AuditFilter| {
        let mut events = Vec::new();
        work.each_audit_event(&filter, &mut |event| {
            let AuditEvent { at, event, cause, customer, exceptions, what, decided_by, .. } = event;
            if cause == "audited/cause" {
                events.push(format!("{} {event} {customer} {exceptions} {what} {decided_by}", at - now));
            }
            Ok(())
        })
        .unwrap();
        events
    };
    let due = ["0 came_up ACME 2  ", "1 decided ACME 0 reject Ida", "2 ended ACME 1 rejected "];
    let of = || AuditFilter { cause: Some(cause.into()), ..AuditFilter::default() };
    assert_eq!(told(of()), due);
    assert_eq!(told(AuditFilter::default()), due);
    assert_eq!(told(AuditFilter { from: Some(now + 1), to: Some(now + 1), ..of() }), due[1..2]);
    assert_eq!(told(AuditFilter { by: Some("Ida".into()), ..of() }), due);
    assert_eq!(told(AuditFilter { by: Some("Otto".into()), ..of() }), [""; 0]);
    let stop = work.each_audit_event(&of(), &mut |_| anyhow::bail!("enough")).unwrap_err();
    assert_eq!(stop.to_string(), "enough");
    work.end_run(&run.run_id, now + 3, 1, "{}").unwrap();
}
