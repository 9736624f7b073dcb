//! What a 997 says: codes, places, counts and verdicts.

use super::*;
use crate::documents::testing::{body, envelope, whole};
use crate::domain::diagnostic::{Location, Rule};
use crate::domain::partner::{CharacterSet, Strictness};
use crate::domain::rules::catalogue;
use crate::domain::rules::{business, elements, envelope as envelope_rules, segments};
use crate::x12::envelope::{Limits, scan};
use crate::x12::validate::validate;
use expect_test::{Expect, expect};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

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
    SetAcknowledgment { id: "850".into(), control: control.into(), diagnostics, ..Default::default() }
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
fn bad_data_is_cut_and_what_separates_in_it_is_a_blank() {
    let long = "y".repeat(120);
    for (version, value, expected) in [
        ("004010", "a^b", "*a^b~"),
        ("005010", "a^b", "*a b~"),
        ("004010", "a>b", "*a b~"),
        ("004010", "12*3~", "*12 3~"),
        ("004010", "a\u{7}b", "*a b~"),
        ("004010", ">>", "~"),
        ("004010", "", "~"),
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

#[test]
fn each_version_is_answered_in_its_own_codes() {
    let group = group(
        vec![
            set("0001", vec![found(&envelope_rules::SET_NOT_IN_GROUP)]),
            set("0002", vec![found(&envelope_rules::SET_CONTROL_REPEATED)]),
        ],
        vec![found(&envelope_rules::GROUP_CONTROL_REPEATED)],
    );
    says(
        &group,
        "004010",
        &expect![[r#"
        AK1*PO*12~
        AK2*850*0001~
        AK5*E*6~
        AK2*850*0002~
        AK5*E*23~
        AK9*E*2*2*2*6~
    "#]],
    );
    says(
        &group,
        "005010",
        &expect![[r#"
        AK1*PO*12*004010~
        AK2*850*0001~
        AK5*E*18~
        AK2*850*0002~
        AK5*E*23~
        AK9*E*2*2*2*19~
    "#]],
    );
    for (answer, older) in [("12", "3"), ("13", "3"), ("10", "10")] {
        assert_eq!(Answer::Element(answer).in_version("004060"), Answer::Element(older));
        assert_eq!(Answer::Element(answer).in_version("005010VICS"), Answer::Element(answer));
    }
    assert_eq!(envelope_rules::SET_NOT_IN_GROUP.answer.label(), "AK502 18 (004010: 6)");
    assert_eq!(envelope_rules::SET_ID_INVALID.answer.label(), "AK502 6");
}

#[test]
fn from_005010_on_version_and_convention_go_back() {
    let mut group = group(vec![set("0001", vec![])], vec![]);
    group.version = "005010VICS".into();
    group.sets[0].convention = "005010X999".into();
    says(
        &group,
        "005010",
        &expect![[r#"
        AK1*PO*12*005010VICS~
        AK2*850*0001*005010X999~
        AK5*A~
        AK9*A*1*1*1~
    "#]],
    );
    says(
        &group,
        "004010",
        &expect![[r#"
        AK1*PO*12~
        AK2*850*0001~
        AK5*A~
        AK9*A*1*1*1~
    "#]],
    );
}

#[test]
fn what_is_no_id_is_said_by_one_that_cannot_be_mistaken() {
    let nameless = Diagnostic::new(&segments::SEGMENT_UNRECOGNIZED, at(4, "P", "", 0));
    let mangled = Diagnostic::new(&segments::SEGMENT_UNRECOGNIZED, at(5, "the whole", "", 0));
    let far = Location { component: 120, ..at(6, "PO1", "PO1", 130) };
    let far = Diagnostic::new(&elements::ELEMENT_TOO_MANY, far);
    let odd = SetAcknowledgment { id: "85O0".into(), ..set("A17", vec![nameless, mangled, far]) };
    let none = SetAcknowledgment { id: "".into(), ..set("", vec![]) };
    let group = GroupAcknowledgment {
        functional_id: "ORDERS".into(),
        control: "12*345678901".into(),
        ..group(vec![odd, none, set("1", vec![])], vec![])
    };
    says(
        &group,
        "004010",
        &expect![[r#"
        AK1*PO*12 345678~
        AK2*000*A17~
        AK3*ZZZ*4**1~
        AK3*ZZZ*5**1~
        AK3*PO1*6*PO1*8~
        AK4*99*330*3~
        AK5*E*5~
        AK2*000*0000~
        AK5*A~
        AK2*850*1~
        AK5*A~
        AK9*E*3*3*3~
    "#]],
    );
}

/// Any rule at any place.
fn anything() -> impl Strategy<Value = Diagnostic> {
    let rules: Vec<&'static Rule> = catalogue().collect();
    let severities = vec![Severity::Note, Severity::Warning, Severity::Error];
    let place = (any::<u32>(), ".{0,6}", ".{0,6}", 0..200_u32, 0..200_u32, 0..20_000_u32, 0..20_000_u32);
    (select(rules), select(severities), place, ".{0,120}").prop_map(|(rule, severity, place, value)| {
        let (segment, id, loop_id, element, component, repetition, reference) = place;
        let at = Location {
            segment,
            segment_id: id.into(),
            loop_id: loop_id.into(),
            element,
            component,
            repetition,
            reference,
            ..Location::default()
        };
        Diagnostic { severity, ..Diagnostic::new(rule, at).found(&value) }
    })
}

fn any_set() -> impl Strategy<Value = SetAcknowledgment> {
    let id = prop_oneof!["850", "997", "[0-9]{3}", ".{0,5}"];
    let control = prop_oneof!["[0-9A-Z]{4,9}", ".{0,12}"];
    (id, control, ".{0,50}", vec(anything(), 0..12)).prop_map(|(id, control, convention, diagnostics)| {
        SetAcknowledgment {
            id: id.into(),
            control: control.into(),
            convention: convention.into(),
            diagnostics,
        }
    })
}

fn any_group() -> impl Strategy<Value = GroupAcknowledgment> {
    let control = prop_oneof!["[0-9]{1,9}", ".{0,12}"];
    let head = (prop_oneof!["PO", ".{0,4}"], control, ".{0,14}", any::<Option<u32>>());
    (head, vec(any_set(), 0..6), vec(anything(), 0..8)).prop_map(|(head, sets, diagnostics)| {
        let (functional_id, control, version, stated_sets) = head;
        GroupAcknowledgment {
            functional_id: functional_id.into(),
            control: control.into(),
            version: version.into(),
            stated_sets,
            sets,
            diagnostics,
        }
    })
}

proptest! {
    #[test]
    fn pieces_that_were_taken_away_and_the_rest_are_the_997(group in any_group(), often in 1_usize..4) {
        let envelope = envelope("005010");
        let (whole, _) = write(&group, &envelope);
        let mut writer = GroupWriter::begin(&group, &envelope);
        let mut away = Vec::new();
        for (number, set) in group.sets.iter().enumerate() {
            writer.set(set);
            if number % often == 0 {
                away.extend(writer.take_away());
                prop_assert_eq!(writer.waiting(), 0);
            }
        }
        prop_assert_eq!(writer.is_wanted(), group.is_wanted());
        let Finished { set, head, problems } = writer.finish(group.stated_sets);
        prop_assert_eq!(problems, vec![]);
        prop_assert_eq!(set.segments, whole.segments);
        let (before, after) = crate::x12::writer::around(&envelope, 7, 9, (&set, head));
        let sent = [before, away, after].concat();
        prop_assert_eq!(sent, crate::x12::writer::interchange(&envelope, 7, 9, &[whole]));
    }

    /// Matching goes before width: a control number that is too short, or no number, goes back as it came.
    #[test]
    fn whatever_is_found_our_own_grammar_has_nothing_to_say_against_the_997(group in any_group()) {
        for version in ["004010", "005010"] {
            let envelope = envelope(version);
            let (set, unsaid) = write(&group, &envelope);
            prop_assert_eq!(unsaid, vec![]);
            let text = whole(&envelope, &set);
            let index = scan(text.as_bytes(), &Limits::default()).unwrap();
            let read = &index.interchanges[0];
            prop_assert_eq!(&read.diagnostics, &vec![]);
            prop_assert_eq!(&read.groups[0].diagnostics, &vec![]);
            let read = &read.groups[0].sets[0];
            prop_assert_eq!(&read.diagnostics, &vec![]);
            let bytes = text.as_bytes().get(usize::try_from(read.offset).unwrap()..).unwrap();
            let bytes = bytes.get(..usize::try_from(read.length).unwrap()).unwrap();
            let def = transaction_set("997").unwrap();
            let (separators, limits) = (index.interchanges[0].separators, Limits::default());
            let tokens = crate::x12::lexer::Tokens::new(bytes, separators, 0);
            let (_, found) = validate(def, &tokens, version, &limits, Strictness::Standard);
            let as_received = |found: &&Diagnostic| {
                !matches!((found.at.segment_id.as_str(), found.at.element), ("AK1" | "AK2", 2))
            };
            let found: Vec<&Diagnostic> = found.iter().filter(as_received).collect();
            prop_assert!(found.is_empty(), "{:?}\n{}", found, text);
        }
    }

    /// In Latin-1 two letters may be the bytes of another one, and ASCII has few of what a stranger sends.
    #[test]
    fn whatever_is_found_can_be_said_in_every_character_set(group in any_group(), letters in "[Â-Ã][\u{80}-¿]{1,3}") {
        let mut group = group;
        group.control = letters.as_str().into();
        for set in [CharacterSet::Latin1, CharacterSet::Ascii, CharacterSet::Basic] {
            let mut envelope = envelope("005010");
            envelope.conventions.character_set = set;
            let (_, unsaid) = write(&group, &envelope);
            prop_assert_eq!(unsaid, vec![]);
        }
    }
}
