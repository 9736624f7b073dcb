//! What the store promises about what went to partners: found, changed, acknowledged once, sent again.

use super::{DAY, RUN};
use itembridge::domain::Date;
use itembridge::domain::sent::{SentDocument, SentState};
use itembridge::store::sent::{
    AcknowledgmentRow, ResendRow, SentFilter, SentGroup, SentOnly, SentRow, SentTo,
};
use itembridge::store::{ReceiptRow, Transaction};

fn document(number: &str) -> SentDocument {
    SentDocument { number: number.into(), po_number: "0047".into() }
}

fn group(functional_id: &str, control: u32, numbers: &[&str]) -> SentGroup {
    SentGroup {
        functional_id: functional_id.into(),
        control,
        application_receiver: "ACMEPO".into(),
        set_id: "810".into(),
        documents: numbers.iter().map(|number| document(number)).collect(),
        states: vec![SentState::Sent; numbers.len()],
        notes: Vec::new(),
    }
}

fn row(kind: &str, partner: &str, control: &str, date: Date, groups: Vec<SentGroup>) -> SentRow {
    SentRow {
        run_id: RUN.into(),
        unit: 2,
        kind: kind.into(),
        partner: partner.into(),
        control: control.into(),
        sender: "ZZ/US".into(),
        receiver: "01/THEM".into(),
        date,
        time: "0800".into(),
        usage: "P".into(),
        path: format!("outbox/{partner}/{kind}-{control}.edi").into(),
        kept: "state/sent/x".into(),
        digest: "d".into(),
        groups,
        ..SentRow::default()
    }
}

fn paths(work: &mut dyn Transaction, filter: &SentFilter) -> Vec<String> {
    let mut found = Vec::new();
    work.each_sent(filter, &mut |row| {
        found.push(row.path.to_string());
        Ok(())
    })
    .unwrap();
    found
}

/// Without what the store gives: the id.
fn bare(rows: Vec<SentRow>) -> Vec<SentRow> {
    rows.into_iter().map(|row| SentRow { sent_id: 0, ..row }).collect()
}

pub(super) fn what_was_sent_is_found_by_its_numbers_and_its_state(work: &mut dyn Transaction) {
    let later = Date::constant(2026, 3, 2);
    let answers = row("997", "s-a", "000000001", DAY, vec![group("FA", 1, &["5"]), group("FA", 2, &["6"])]);
    let invoices = row("810", "s-a", "000000002", later, vec![group("IN", 3, &["I-1", "I-2"])]);
    let other = row("810", "s-b", "000000002", later, vec![group("IN", 3, &["I-3"])]);
    let bare_ta1 = row("ta1", "s-b", "000000003", later, Vec::new());
    for one in [&answers, &invoices, &other, &bare_ta1] {
        work.add_sent(one).unwrap();
    }
    let pairs = bare(work.sent_with_control("000000002", SentTo::Anybody).unwrap());
    assert_eq!(pairs, [other.clone(), invoices.clone()], "the newest first");
    assert_eq!(bare(work.sent_with_control("000000003", SentTo::Anybody).unwrap()), [bare_ta1]);
    assert_eq!(work.sent_with_control("2", SentTo::Anybody).unwrap(), []);
    assert_eq!(
        bare(work.sent_with_group(2, SentTo::Anybody).unwrap()),
        std::slice::from_ref(&answers),
        "with all its groups"
    );
    assert_eq!(bare(work.sent_with_group(3, SentTo::Anybody).unwrap()), [other, invoices]);
    for (receiver, partner, expected) in
        [("01/THEM", "", 2), ("", "s-a", 1), ("01/NOBODY", "s-b", 1), ("01/NOBODY", "s-c", 0)]
    {
        let to = SentTo::Either { receiver, partner };
        assert_eq!(work.sent_with_group(3, to).unwrap().len(), expected, "{to:?}");
        assert_eq!(work.sent_with_control("000000002", to).unwrap().len(), expected, "{to:?}");
    }
    let all = [
        "outbox/s-a/997-000000001.edi",
        "outbox/s-a/810-000000002.edi",
        "outbox/s-b/810-000000002.edi",
        "outbox/s-b/ta1-000000003.edi",
    ];
    let of = |partner: &str| SentFilter { partner: partner.into(), ..SentFilter::default() };
    for (filter, expected) in [
        (SentFilter::default(), &all[..]),
        (of("s-a"), &all[..2]),
        (of("nobody"), &[]),
        (SentFilter { since: Some(later), ..SentFilter::default() }, &all[1..]),
        (SentFilter { run_id: RUN.into(), ..of("s-b") }, &all[2..]),
        (SentFilter { run_id: "20000101-001".into(), ..SentFilter::default() }, &[]),
        // nobody waits for an answer to an answer
        (SentFilter { only: Some(SentOnly::Waiting), ..SentFilter::default() }, &all[1..3]),
        (SentFilter { only: Some(SentOnly::Rejected), ..SentFilter::default() }, &[]),
    ] {
        assert_eq!(paths(work, &filter), expected, "{filter:?}");
    }
    let stopped = work.each_sent(&SentFilter::default(), &mut |_| anyhow::bail!("enough"));
    assert_eq!(stopped.unwrap_err().to_string(), "enough");
    let uneven = SentGroup { states: Vec::new(), ..group("IN", 9, &["I-9"]) };
    assert!(work.add_sent(&row("810", "s-a", "000000009", DAY, vec![uneven])).is_err());
}

pub(super) fn what_is_known_of_it_changes_where_it_is(work: &mut dyn Transaction) {
    let mut sent = work.sent_with_control("000000002", SentTo::Anybody).unwrap().pop().unwrap();
    assert_eq!((sent.partner.as_str(), sent.state(), sent.waits()), ("s-a", SentState::Sent, true));
    sent.ta1 = "A".into();
    sent.ta1_note = "000".into();
    sent.groups[0].states = vec![SentState::Rejected, SentState::Accepted];
    sent.groups[0].notes = vec![(0, vec!["segment 5 IT103: no date".into()])];
    work.update_sent(&sent).unwrap();
    let again = work.sent_with_control("000000002", SentTo::Anybody).unwrap().pop().unwrap();
    assert_eq!(again, sent);
    assert_eq!((again.state(), again.waits()), (SentState::PartiallyAccepted, false));
    let only = |only| SentFilter { partner: "s-a".into(), only: Some(only), ..SentFilter::default() };
    assert_eq!(paths(work, &only(SentOnly::Waiting)), [""; 0]);
    assert_eq!(paths(work, &only(SentOnly::Rejected)), ["outbox/s-a/810-000000002.edi"]);
    for wrong in [
        SentRow { sent_id: 999_999, ..sent.clone() },
        SentRow { groups: vec![group("IN", 77, &["I-1"])], ..sent.clone() },
        SentRow { groups: vec![group("IN", 3, &["I-1"])], ..sent.clone() },
    ] {
        assert!(work.update_sent(&wrong).is_err(), "{wrong:?}");
    }

    let key = |key: &str| AcknowledgmentRow {
        key: key.into(),
        sent_id: sent.sent_id,
        run_id: RUN.into(),
        file: "997.edi".into(),
        verdict: "P".into(),
    };
    assert_eq!(work.answered_on().unwrap(), []);
    for (name, new) in [("a", true), ("a", false), ("b", true), ("b", false)] {
        assert_eq!(work.note_acknowledgment(&key(name)).unwrap(), new, "{name}");
    }
    let run = work.last_runs(100).unwrap().into_iter().find(|run| run.run_id == RUN).unwrap();
    assert_eq!(work.answered_on().unwrap(), [(sent.sent_id, run.date)]);

    assert_eq!(work.resends(sent.sent_id).unwrap(), []);
    let resend = |time: &str, by: &str| ResendRow {
        sent_id: sent.sent_id,
        date: DAY,
        time: time.into(),
        decided_by: by.into(),
        reason: "lost".into(),
        recorded: 5,
    };
    work.add_resend(&resend("0900", "ann")).unwrap();
    work.add_resend(&resend("1000", "bob")).unwrap();
    assert!(work.add_resend(&resend("1100", " ")).is_err(), "nobody signs for it");
    assert!(work.add_resend(&ResendRow { sent_id: 999_999, ..resend("1100", "ann") }).is_err());
    assert_eq!(work.resends(sent.sent_id).unwrap(), [resend("0900", "ann"), resend("1000", "bob")]);
    let again = work.sent_with_control("000000002", SentTo::Anybody).unwrap().pop().unwrap();
    assert_eq!((again.resends, again.last_sent()), (2, (DAY, "1000")));
}

pub(super) fn a_partner_was_heard_when_a_run_took_its_last_file(work: &mut dyn Transaction) {
    assert_eq!(work.last_heard("s-a").unwrap(), None);
    let receipt = ReceiptRow { run_id: RUN.into(), unit: 1, partner: "s-a".into(), ..ReceiptRow::default() };
    work.add_receipt(&receipt).unwrap();
    assert_eq!(work.last_heard("s-a").unwrap(), Some(DAY));
    work.add_receipt(&ReceiptRow { run_id: "20260302-001".into(), ..receipt }).unwrap();
    assert_eq!(work.last_heard("s-a").unwrap(), Some(Date::constant(2026, 3, 2)));
    assert_eq!(work.last_heard("s-b").unwrap(), None);
    assert!(work.first_run().unwrap() <= Some(DAY));
}
