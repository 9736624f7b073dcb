//! What each finding of the pre-flight does by the profile.

use super::*;
use crate::domain::order::Terms;
use crate::domain::partner::Preflight;

type Set = fn(&mut Preflight, Action);

/// A key of the profile, the orders, the invoice, the finding's code, whether a person may let it go.
type Case = (Set, Vec<BilledOrder>, PostedInvoice, &'static str, bool);

fn cases() -> Vec<Case> {
    let late = |mut invoice: PostedInvoice| {
        invoice.lines[0].ship_date = Some(Date::constant(2026, 3, 1));
        invoice
    };
    let credit = |mut invoice: PostedInvoice| {
        invoice.kind = InvoiceType::Credit;
        invoice
    };
    let one = |line: u32, item: &str, quantity: &str, unit: &str, price: &str| {
        posted(vec![posted_line(line, item, quantity, unit, price)])
    };
    let mut held = order();
    held.order.lines[0].state = LineState::Held;
    vec![
        (
            |p, a| p.over_billed = a,
            vec![after(order(), "5", "1")],
            one(1, "10-4410", "3", "CA", "3.10"),
            "E426",
            true,
        ),
        (
            |p, a| p.over_credited = a,
            vec![after(order(), "5", "3")],
            credit(one(1, "10-4410", "3", "CA", "3.10")),
            "E483",
            true,
        ),
        (|p, a| p.price_above = a, vec![order()], one(1, "10-4410", "6", "CA", "3.11"), "E480", true),
        (|p, a| p.price_below = a, vec![order()], one(1, "10-4410", "6", "CA", "3.09"), "E481", true),
        (|p, a| p.other_item = a, vec![order()], one(1, "10-4411", "6", "CA", "3.10"), "E427", true),
        (|p, a| p.not_ordered = a, vec![held], one(1, "10-4410", "6", "CA", "3.10"), "E482", true),
        (|p, a| p.late = a, vec![order()], late(one(1, "10-4410", "6", "CA", "3.10")), "E484", true),
        (|p, a| p.without_order = a, vec![], one(1, "10-4411", "6", "EA", "3.10"), "E422", true),
        (|p, a| p.without_customer_item = a, vec![], one(1, "10-4410", "6", "EA", "3.10"), "E428", true),
        (|p, a| p.unknown_line = a, vec![order()], one(9, "10-4410", "6", "CA", "3.10"), "E423", false),
        (|p, a| p.unknown_item = a, vec![order()], one(1, "NOBODY'S", "6", "CA", "3.10"), "E424", false),
        (|p, a| p.wrong_unit = a, vec![order()], one(1, "10-4410", "6", "PL", "3.10"), "E425", false),
    ]
}

#[test]
fn every_finding_of_the_pre_flight_does_what_the_profile_says() {
    let (company, catalog) = (company(), catalog());
    for (set, orders, invoice, code, may_go) in cases() {
        for (action, released, expected) in [
            (Action::Warn, false, if may_go { Verdict::Send } else { Verdict::Hold }),
            (Action::Hold, false, Verdict::Hold),
            (Action::Refuse, false, Verdict::Refuse),
            (Action::Hold, true, if may_go { Verdict::Send } else { Verdict::Hold }),
            (Action::Refuse, true, Verdict::Refuse),
        ] {
            if action == Action::Warn && !may_go {
                continue; // no profile says so
            }
            let mut profile = profile();
            profile.invoices.preflight.late_days = Some(7);
            set(&mut profile.invoices.preflight, action);
            let context = BillContext { released, ..context(&company, &profile, &catalog) };
            let (result, findings) = bill_posted(&invoice, &orders, &context);
            assert_eq!(result.verdict, expected, "{code} {action:?} {released} {findings:?}");
            assert!(findings.iter().any(|found| found.rule.code == code), "{code} {findings:?}");
        }
    }
}

#[test]
fn a_price_may_differ_by_the_greater_of_percentage_and_amount() {
    for (percent, amount, price, expected) in [
        ("0", "0", "3.10", ""),
        ("0", "0", "3.11", "E480"),
        ("0", "0.01", "3.11", ""),
        ("0", "0.01", "3.12", "E480"),
        ("10", "0.01", "3.41", ""),
        ("10", "0.01", "3.42", "E480"),
        ("10", "0.5", "3.60", ""),
        ("10", "0.5", "2.59", "E481"),
    ] {
        let mut profile = profile();
        profile.invoices.preflight.price_tolerance_percent = decimal(percent);
        profile.invoices.preflight.price_tolerance_amount = decimal(amount);
        let (_, codes) =
            bill_under(&profile, &posted(vec![posted_line(1, "10-4410", "6", "CA", price)]), &[order()]);
        assert_eq!(codes.concat(), expected, "{percent} {amount} {price}");
    }
}

#[test]
fn the_orders_terms_are_echoed_where_the_profile_has_none_and_only_as_they_can_be_said() {
    let terms = |percent: &str, days: Option<u32>| Terms {
        kind: "08".into(),
        basis: "3".into(),
        percent: Some(decimal(percent)),
        discount_days: days,
        net_days: Some(30),
        ..Terms::default()
    };
    for (theirs, percent, told) in [
        (terms("2", Some(10)), Some("2"), 0),
        (terms("2", None), None, 1),
        (terms("0", Some(10)), None, 0),
        (terms("120", Some(10)), None, 1),
    ] {
        let mut order = order().order.order;
        order.terms = vec![theirs];
        let mut found = Vec::new();
        let said = header::terms(InvoiceType::Debit, &profile(), Some(&order), &mut found).unwrap();
        assert_eq!((said.percent, found.len()), (percent.map(decimal), told));
        let mut silent = profile();
        silent.invoices.order_terms = false;
        assert_eq!(header::terms(InvoiceType::Debit, &silent, Some(&order), &mut found), None);
        assert_eq!(header::terms(InvoiceType::Credit, &profile(), Some(&order), &mut found), None);
    }
}
