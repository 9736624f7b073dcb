//! Which lines go, which stay, and what is answered: one row a case.

use super::*;
use crate::domain::order::OrderLine;
use crate::domain::partner::{AcknowledgeHeld, Company};
use crate::domain::resolution::InvalidReason;

/// One word a line, `state:item`: `o:A` ordered with item A, `h:` held and unmapped, `h:A` held and mapped, `h:!` held and
/// invalid, `r:` rejected.
fn order(words: &str) -> DecidedOrder {
    let mut order = DecidedOrder {
        partner: "acme".into(),
        customer: "ACME".into(),
        currency: "USD".into(),
        order: PurchaseOrder { po_number: "PO-1".into(), ..PurchaseOrder::default() },
        ..DecidedOrder::default()
    };
    for (line, word) in (1u32..).zip(words.split_whitespace()) {
        let (state, item) = word.split_once(':').unwrap();
        let state = match state {
            "o" => LineState::Ordered,
            "h" => LineState::Held,
            _ => LineState::Rejected,
        };
        let outcome = match item {
            "" => LineOutcome::Unmapped,
            "!" => LineOutcome::Invalid,
            _ => LineOutcome::Mapped,
        };
        let reason = (item == "!").then_some(InvalidReason::UnitUnknown);
        let item = if item == "!" { "" } else { item };
        let resolution = Resolution { outcome, reason, item: item.into(), ..Resolution::default() };
        order.lines.push(DecidedLine { resolution, state, unit_price: None });
        order.order.lines.push(OrderLine { line, segment: line, ..OrderLine::default() });
    }
    order
}

fn words(order: &DecidedOrder) -> String {
    let word = |line: &DecidedLine| {
        let state = match line.state {
            LineState::Ordered => "o",
            LineState::Held => "h",
            LineState::Rejected => "r",
            LineState::Cancelled => "c",
        };
        let item = if line.resolution.outcome == LineOutcome::Invalid { "!" } else { &line.resolution.item };
        format!("{state}:{item}")
    };
    order.lines.iter().map(word).collect::<Vec<_>>().join(" ")
}

#[test]
fn what_went_stays_as_it_went_and_what_waits_goes_if_policy_lets_it() {
    use UnresolvedPolicy::{Accept, HoldLine, HoldOrder, RejectLine};
    // in the store, judged now, policy, expected, places that changed, places that moved
    for (stored, now, policy, expected, changed, moved) in [
        ("o:A h:", "o:A o:B", HoldLine, "o:A o:B", &[1][..], &[1][..]),
        ("o:A h:", "o:A h:", HoldLine, "o:A h:", &[], &[]),
        ("h: h:", "o:A h:", HoldLine, "o:A h:", &[0], &[0]),
        ("h: h:", "h: h:!", HoldLine, "h: h:!", &[1], &[]),
        // what went out is not judged again, whatever the masters say now
        ("o:A h:", "h: o:B", HoldLine, "o:A o:B", &[1], &[1]),
        ("o:A h:", "o:C o:B", HoldLine, "o:A o:B", &[1], &[1]),
        ("r: h:", "o:A o:B", HoldLine, "r: o:B", &[1], &[1]),
        // the whole order, or nothing of it
        ("h:A h:", "o:A o:B", HoldOrder, "o:A o:B", &[0, 1], &[0, 1]),
        ("h: h:", "h:A h:", HoldOrder, "h:A h:", &[0], &[]),
        ("h:A h:", "h:A h:", HoldOrder, "h:A h:", &[], &[]),
        ("h:A h:", "h:C h:", HoldOrder, "h:C h:", &[0], &[]),
        // a part went under another policy: the rest waits for itself alone
        ("o:A h: h:", "h: h:B h:C", HoldOrder, "o:A o:B o:C", &[1, 2], &[1, 2]),
        ("o:A h: h:", "h:A h:B h:", HoldOrder, "o:A h:B h:", &[1], &[]),
        // another policy than when it came
        ("h:A h:", "o:A h:", HoldLine, "o:A h:", &[0], &[0]),
        ("h:A h:", "o:A r:", RejectLine, "o:A r:", &[0, 1], &[0, 1]),
        ("h:A h:", "o:A o:", Accept, "o:A o:", &[0, 1], &[0, 1]),
        // in doubt under every policy
        ("h:! h:", "h:! r:", RejectLine, "h:! r:", &[1], &[1]),
    ] {
        let released = release(&order(stored), order(now), policy, &[]).unwrap();
        let case = format!("{stored} | {now} | {policy:?}");
        assert_eq!(words(&released.order), expected, "{case}");
        assert_eq!(released.changed, changed, "{case}");
        assert_eq!(released.moved, moved, "{case}");
        let again = release(&released.order, order(now), policy, &[]).unwrap();
        assert_eq!(again.changed, [0usize; 0], "twice is once: {case}");
        assert_eq!(again.order, released.order, "{case}");
    }
}

#[test]
fn a_line_that_a_person_rejects_goes_as_rejected_unless_it_has_its_item() {
    use UnresolvedPolicy::{Accept, HoldLine, HoldOrder};
    for (stored, now, policy, refused, expected, places) in [
        ("h: h:", "h: h:", HoldLine, &[1][..], "r: h:", &[0][..]),
        ("h: h:", "o:A h:", HoldLine, &[1], "o:A h:", &[]),
        ("h: h:", "h: h:", HoldLine, &[], "h: h:", &[]),
        // the whole order goes, or nothing of it
        ("h:A h:", "h:A h:", HoldOrder, &[2], "o:A r:", &[1]),
        ("h: h:", "h: h:", HoldOrder, &[2], "h: h:", &[]),
        ("h: h:", "h: h:", HoldOrder, &[1, 2], "r: r:", &[0, 1]),
        ("h: h:", "o:A o:B", HoldOrder, &[2], "o:A o:B", &[]),
        // what went before, and lines that are not there, have no say
        ("o:A h:", "o:A h:", HoldLine, &[1, 9], "o:A h:", &[]),
        ("h: h:", "o: h:", Accept, &[1], "r: h:", &[0]),
    ] {
        let released = release(&order(stored), order(now), policy, refused).unwrap();
        let case = format!("{stored} | {now} | {policy:?} | {refused:?}");
        assert_eq!(words(&released.order), expected, "{case}");
        assert_eq!(released.refused, places, "{case}");
        let again = release(&released.order, order(now), policy, refused).unwrap();
        assert_eq!(again.changed, [0usize; 0], "twice is once: {case}");
    }
}

#[test]
fn a_part_has_the_lines_asked_for_under_the_orders_heading() {
    let released =
        release(&order("o:A h: h:"), order("o:A o:B h:"), UnresolvedPolicy::HoldLine, &[]).unwrap();
    let part = released.part(&released.moved);
    assert_eq!((words(&part).as_str(), part.order.lines[0].line), ("o:B", 2));
    assert_eq!((part.order.po_number.as_str(), part.customer.as_str()), ("PO-1", "ACME"));
}

#[test]
fn bytes_that_read_as_another_order_release_nothing() {
    type Change = fn(&mut DecidedOrder);
    // a change of what is judged now, and what is said: of an order that waits whole, of one of which a part went
    let changes: [(Change, Option<&str>, &str); 5] = [
        (|now| now.partner = "other".into(), Some("its partner was"), "its partner was"),
        (|now| now.order.po_number = "PO-2".into(), Some("its purchase order was"), "its purchase order was"),
        (|now| now.customer = "NEW".into(), None, r#"its customer was "ACME" and would be "NEW""#),
        (|now| now.currency = "EUR".into(), None, "its currency was"),
        (
            |now| {
                now.lines.pop();
                now.order.lines.pop();
            },
            Some("it had 2 lines and would have 1"),
            "it had 2 lines and would have 1",
        ),
    ];
    for (change, of_whole, of_part) in changes {
        let mut now = order("o:A o:B");
        change(&mut now);
        let whole = release(&order("h: h:"), now.clone(), UnresolvedPolicy::HoldLine, &[]);
        match of_whole {
            Some(expected) => assert!(whole.as_ref().unwrap_err().starts_with(expected), "{whole:?}"),
            None => assert_eq!(whole.unwrap().order, now, "nothing of it went yet"),
        }
        let part = release(&order("o:A h:"), now, UnresolvedPolicy::HoldLine, &[]);
        assert!(part.as_ref().unwrap_err().starts_with(of_part), "{part:?}");
    }
}

#[test]
fn the_answer_is_an_original_or_takes_the_place_of_one() {
    let company = Company {
        name: "Northwind".into(),
        interchange_qualifier: "ZZ".into(),
        interchange_id: "NORTHWIND".into(),
        application_id: "NORTHWIND".into(),
        currency: "USD".into(),
        usage: crate::domain::partner::Usage::default(),
        remit_to: Vec::new(),
    };
    let date = Date::constant(2026, 11, 21);
    // how held lines are answered, in the store, judged now, 855 so far, BAK01 and BAK02 and the codes
    for (acknowledge, stored, now, answered, expected) in [
        (AcknowledgeHeld::Now, "o:A h:", "o:A o:B", 1, "05 AD IA IA"),
        (AcknowledgeHeld::Now, "o:A h: h:", "o:A o:B h:", 1, "05 AC IA IA IH"),
        (AcknowledgeHeld::Now, "o:A h:", "o:A o:B", 0, "00 AD IA IA"),
        (AcknowledgeHeld::Now, "h: h:", "h: h:!", 1, ""),
        (AcknowledgeHeld::OnRelease, "o:A h: h:", "o:A o:B h:", 0, ""),
        (AcknowledgeHeld::OnRelease, "o:A o:B h:", "o:A o:B o:C", 0, "00 AD IA IA IA"),
        (AcknowledgeHeld::OnRelease, "o:A h:", "o:A o:B", 1, "05 AD IA IA"),
        (AcknowledgeHeld::OnRelease, "o:A h:", "o:A r:", 0, "00 AC IA R2"),
    ] {
        let toml = "[partner]\nid = \"acme\"\ncustomer = \"ACME\"\ninterchange_id = \"ACME\"\n";
        let mut profile: PartnerProfile = toml::from_str(toml).unwrap();
        profile.orders.acknowledge_held = acknowledge;
        let outbound = OutboundEnvelope::new(&company, &profile, date, "0800", None);
        let released = release(&order(stored), order(now), UnresolvedPolicy::HoldLine, &[]).unwrap();
        let said = answer(&released, &profile, &outbound, date, answered).map(|(set, _)| {
            let bytes = crate::x12::writer::interchange(&outbound, 1, 1, &[set.unwrap()]);
            let text = String::from_utf8(bytes).unwrap();
            let segments = text.lines().map(|line| line.trim_end_matches('~').split('*').collect::<Vec<_>>());
            let mut words = Vec::new();
            for segment in segments {
                match segment[0] {
                    "BAK" => words.extend([segment[1].to_owned(), segment[2].to_owned()]),
                    "ACK" => words.push(segment[1].to_owned()),
                    _ => {}
                }
            }
            words.join(" ")
        });
        assert_eq!(said.unwrap_or_default(), expected, "{acknowledge:?} {stored} {now} {answered}");
        profile.orders.acknowledge_order = false;
        assert!(answer(&released, &profile, &outbound, date, answered).is_none());
    }
}
