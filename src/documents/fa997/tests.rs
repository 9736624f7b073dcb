//! What a 997 says: codes, places, counts and verdicts.

use super::*;
use crate::documents::testing::{body, envelope, whole};
use crate::domain::diagnostic::{Location, Rule};
use crate::domain::rules::{business, elements, envelope as envelope_rules, segments};
use expect_test::{Expect, expect};

fn at(segment: u32, id: &str, loop_id: &str, element: u32) -> Location {
    Location {
        segment,
        segment_id: id.into(),
        loop_id: loop_id.into(),
        element,
        reference: if element == 0 { 0 } else { 330 },
        ..Location::default()
    }
}

fn set(control: &str, diagnostics: Vec<Diagnostic>) -> SetAcknowledgment {
    SetAcknowledgment { id: "850".into(), control: control.into(), diagnostics }
}

fn group(sets: Vec<SetAcknowledgment>, diagnostics: Vec<Diagnostic>) -> GroupAcknowledgment {
    GroupAcknowledgment {
        functional_id: "PO".into(),
        control: "12".into(),
        version: "004010".into(),
        stated_sets: None,
        sets,
        diagnostics,
    }
}

fn found(rule: &'static Rule) -> Diagnostic {
    Diagnostic::new(rule, at(0, "", "", 0))
}

fn says(group: &GroupAcknowledgment, version: &str, expected: &Expect) {
    let (set, diagnostics) = write(group, &envelope(version));
    assert_eq!(diagnostics, [], "a 997 can always be said");
    expected.assert_eq(&body(&set));
}

#[test]
fn a_whole_997() {
    let missing = Diagnostic::new(&segments::SEGMENT_MISSING, at(2, "BEG", "", 0));
    let text =
        Diagnostic::new(&elements::ELEMENT_INVALID_CHARACTER, at(9, "PO1", "PO1", 2)).found("two dozen");
    let group = group(vec![set("0001", vec![]), set("0002", vec![text]), set("0003", vec![missing])], vec![]);
    let envelope = envelope("004010");
    let (set, _) = write(&group, &envelope);
    expect![[r#"
        ISA*00*          *00*          *ZZ*NORTHWIND      *01*006922827      *260309*2130*U*00401*000000007*0*P*>~
        GS*FA*NORTHWIND*ACMEPO*20260309*2130*7*X*004010~
        ST*997*0001~
        AK1*PO*12~
        AK2*850*0001~
        AK5*A~
        AK2*850*0002~
        AK3*PO1*9*PO1*8~
        AK4*2*330*6*two dozen~
        AK5*E*5~
        AK2*850*0003~
        AK3*BEG*2**3~
        AK5*R*5~
        AK9*P*3*3*2~
        SE*13*0001~
        GE*1*7~
        IEA*1*000000007~
    "#]]
    .assert_eq(&whole(&envelope, &set));
}

#[test]
fn findings_stand_in_segment_order_each_segment_error_apart_and_elements_together() {
    let element = |segment, element| {
        Diagnostic::new(&elements::ELEMENT_INVALID_CHARACTER, at(segment, "PO1", "PO1", element)).found("x")
    };
    let unexpected = Diagnostic::new(&segments::SEGMENT_UNEXPECTED, at(4, "PO1", "", 0));
    let group = group(vec![set("1", vec![element(7, 4), element(4, 2), unexpected, element(4, 3)])], vec![]);
    says(
        &group,
        "004010",
        &expect![[r#"
            AK1*PO*12~
            AK2*850*1~
            AK3*PO1*4**2~
            AK3*PO1*4*PO1*8~
            AK4*2*330*6*x~
            AK4*3*330*6*x~
            AK3*PO1*7*PO1*8~
            AK4*4*330*6*x~
            AK5*E*5~
            AK9*E*1*1*1~
        "#]],
    );
}

#[test]
fn the_place_in_a_composite_is_said_and_the_repetition_from_005010() {
    let place = Location { component: 2, repetition: 3, ..at(5, "SLN", "PO1", 5) };
    let group =
        group(vec![set("1", vec![Diagnostic::new(&elements::ELEMENT_INVALID_CHARACTER, place)])], vec![]);
    let line = |version| {
        let (set, _) = write(&group, &envelope(version));
        body(&set).lines().find(|line| line.starts_with("AK4")).map(str::to_owned)
    };
    assert_eq!(line("004010").as_deref(), Some("AK4*5>2*330*6~"));
    assert_eq!(line("005010").as_deref(), Some("AK4*5>2>3*330*6~"));
}

#[test]
fn bad_data_is_cut_and_never_breaks_the_997() {
    let long = "y".repeat(120);
    for (version, value, expected) in [
        ("004010", "a^b", "*a^b~"),
        ("005010", "a^b", "~"),
        ("004010", "a>b", "~"),
        ("004010", "a\u{7}b", "~"),
        ("004010", long.as_str(), &*format!("*{}~", "y".repeat(99))),
    ] {
        let diagnostic =
            Diagnostic::new(&elements::ELEMENT_INVALID_CHARACTER, at(5, "PO1", "PO1", 2)).found(value);
        let (set, diagnostics) = write(&group(vec![set("1", vec![diagnostic])], vec![]), &envelope(version));
        assert_eq!(diagnostics, []);
        let text = body(&set);
        let note = text.lines().find(|line| line.starts_with("AK4")).unwrap();
        assert_eq!(note, format!("AK4*2*330*6{expected}"), "{value:?}");
    }
}

#[test]
fn what_x12_has_no_code_for_is_not_said() {
    let note = found(&business::CUSTOMER_UNKNOWN);
    let lowered = Diagnostic { severity: Severity::Note, ..found(&segments::SEGMENT_UNEXPECTED) };
    let foreign = Diagnostic { severity: Severity::Warning, ..found(&business::RECEIVER_FOREIGN) };
    let group = group(vec![set("1", vec![note, lowered, foreign])], vec![]);
    says(
        &group,
        "004010",
        &expect![[r#"
            AK1*PO*12~
            AK2*850*1~
            AK5*A~
            AK9*A*1*1*1~
        "#]],
    );
}

#[test]
fn codes_of_the_set_come_before_segments_in_error_once_each_and_five_at_most() {
    let rules = [
        &envelope_rules::SET_CONTROL_MISMATCH,
        &envelope_rules::SET_SEGMENT_COUNT,
        &envelope_rules::SET_SEGMENT_COUNT,
        &envelope_rules::SET_TRAILER_MISSING,
        &envelope_rules::SET_ID_INVALID,
        &envelope_rules::SET_CONTROL_INVALID,
        &segments::SEGMENT_MISSING,
    ];
    let codes = |rules: &[&'static Rule]| {
        let diagnostics = rules.iter().map(|rule| found(rule)).collect();
        let (set, _) = write(&group(vec![set("1", diagnostics)], vec![]), &envelope("004010"));
        body(&set).lines().find(|line| line.starts_with("AK5")).map(str::to_owned)
    };
    assert_eq!(codes(&rules).as_deref(), Some("AK5*R*3*4*2*6*7~"));
    assert_eq!(codes(&[rules[1], rules[6]]).as_deref(), Some("AK5*R*4*5~"));
}

#[test]
fn an_error_of_the_group_rejects_every_set_in_it() {
    let mut whole = group(
        vec![set("1", vec![]), set("2", vec![])],
        vec![found(&envelope_rules::GROUP_CONTROL_MISMATCH), found(&envelope_rules::GROUP_SET_COUNT)],
    );
    whole.stated_sets = Some(3);
    says(
        &whole,
        "004010",
        &expect![[r#"
            AK1*PO*12~
            AK2*850*1~
            AK5*R~
            AK2*850*2~
            AK5*R~
            AK9*R*3*2*0*4*5~
        "#]],
    );
    whole.diagnostics.remove(0);
    assert_eq!((whole.verdict(), whole.accepted()), (Verdict::AcceptedWithErrors, 2), "a wrong count warns");
}

#[test]
fn the_groups_verdict_follows_from_its_sets() {
    let good = || set("1", vec![]);
    let noted = || set("2", vec![found(&segments::SEGMENT_UNEXPECTED)]);
    let bad = || set("3", vec![found(&segments::SEGMENT_MISSING)]);
    for (sets, expected, accepted) in [
        (vec![good()], "A", 1),
        (vec![good(), noted()], "E", 2),
        (vec![good(), noted(), bad()], "P", 2),
        (vec![bad(), bad()], "R", 0),
        (vec![], "A", 0),
    ] {
        let group = group(sets, vec![]);
        assert_eq!((group.verdict().code(), group.accepted()), (expected, accepted), "{group:?}");
    }
}

#[test]
fn answers_are_not_answered() {
    let named = |id: &str| SetAcknowledgment { id: id.into(), ..set("0001", vec![]) };
    for (functional_id, sets, wanted) in [
        ("PO", vec![], true),
        ("FA", vec![], false),
        ("PO", vec!["997"], false),
        ("FA", vec!["997", "999"], false),
        ("FA", vec!["850"], true),
        ("PO", vec!["850", "997"], true),
    ] {
        let sets: Vec<SetAcknowledgment> = sets.into_iter().map(named).collect();
        let group = GroupAcknowledgment { functional_id: functional_id.into(), ..group(sets, vec![]) };
        assert_eq!(group.is_wanted(), wanted, "{group:?}");
    }
    says(
        &group(vec![named("997"), named("850")], vec![]),
        "004010",
        &expect![[r#"
            AK1*PO*12~
            AK2*850*0001~
            AK5*A~
            AK9*A*2*2*2~
        "#]],
    );
}
