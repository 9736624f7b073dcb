//! What an acknowledgment makes of a group that was sent, row by row.

use super::*;
use SentState::{Accepted as A, AcceptedWithErrors as E, PartiallyAccepted as P, Rejected as R, Sent as S};
use proptest::strategy::Strategy;

/// `sets` as (ST02, AK501), `counts` as AK902 to AK904.
fn returned(verdict: &str, sets: &[(&str, &str)], counts: [Option<u32>; 3]) -> Returned {
    let set = |(control, verdict): &(&str, &str)| ReturnedSet {
        id: "810".into(),
        control: (*control).into(),
        verdict: (*verdict).into(),
        ..ReturnedSet::default()
    };
    let [stated, received, accepted] = counts;
    Returned {
        functional_id: "IN".into(),
        control: "12".into(),
        sets: sets.iter().map(set).collect(),
        verdict: verdict.into(),
        stated,
        received,
        accepted,
        ..Returned::default()
    }
}

fn judged(states: &[SentState], returned: &Returned) -> Judged {
    let numbers: Vec<Text> = (1..=states.len()).map(|number| format!("INV-{number}").into()).collect();
    judge(Answered { set_id: "810", numbers: &numbers, states }, returned, &Location::default())
}

fn codes(judged: &Judged) -> Vec<&'static str> {
    judged.findings.iter().map(|found| found.rule.code).collect()
}

const NO: [Option<u32>; 3] = [None; 3];

fn counts(stated: u32, received: u32, accepted: u32) -> [Option<u32>; 3] {
    [Some(stated), Some(received), Some(accepted)]
}

#[test]
fn each_set_has_its_own_verdict_or_that_of_its_group() {
    for (verdict, sets, counts, states, found) in [
        // a 997 without AK2 speaks of the whole group
        ("A", &[][..], counts(3, 3, 3), [A, A, A], &[][..]),
        ("A", &[], NO, [A, A, A], &[]),
        ("E", &[], NO, [E, E, E], &["E564"]),
        ("R", &[], counts(3, 3, 0), [R, R, R], &[]),
        ("M", &[], NO, [R, R, R], &[]),
        // one that names each
        ("P", &[("0001", "A"), ("0002", "R"), ("0003", "E")], counts(3, 3, 2), [A, R, E], &["E564"]),
        ("A", &[("1", "A"), ("000000002", "A"), ("0003", "A")], counts(3, 3, 3), [A, A, A], &[]),
        // one that names what is wrong alone
        ("P", &[("0002", "R")], counts(3, 3, 2), [A, R, A], &[]),
        ("E", &[("0002", "E")], counts(3, 3, 3), [A, E, A], &["E564"]),
        ("P", &[("0002", "X")], NO, [A, R, A], &[]),
        // which sets were refused nobody says
        ("P", &[], counts(3, 3, 2), [P, P, P], &[]),
        ("P", &[("0001", "R")], counts(3, 3, 1), [R, P, P], &[]),
        // contradictions: the worse verdict counts
        ("R", &[("0001", "A"), ("0002", "A"), ("0003", "A")], counts(3, 3, 3), [R, R, R], &["E563"]),
        ("A", &[("0001", "A"), ("0002", "R"), ("0003", "A")], counts(3, 3, 3), [A, R, A], &["E563"]),
        ("P", &[("0001", "A"), ("0002", "A"), ("0003", "A")], counts(3, 3, 3), [A, A, A], &["E563"]),
        ("P", &[("0001", "R"), ("0002", "R"), ("0003", "R")], NO, [R, R, R], &["E563"]),
        ("A", &[("0001", "A"), ("0001", "R"), ("0002", "A")], NO, [R, A, A], &["E563"]),
        ("A", &[("0001", "A"), ("0001", "A"), ("0002", "A")], NO, [A, A, A], &[]),
        // counts that disagree
        ("A", &[], counts(3, 3, 2), [A, A, A], &["E563"]),
        ("A", &[], counts(2, 3, 3), [A, A, A], &["E563"]),
        ("A", &[], counts(2, 2, 2), [S, S, S], &["E563"]),
        ("A", &[("0001", "A"), ("0003", "A")], counts(3, 2, 2), [A, S, A], &["E563"]),
        // verdicts that are none
        ("", &[], NO, [S, S, S], &["E565"]),
        ("Q", &[("0001", "A")], NO, [A, S, S], &["E565"]),
        ("A", &[("0001", "")], NO, [S, A, A], &["E565"]),
        // sets that the group does not have
        ("A", &[("0004", "R")], NO, [A, A, A], &["E560"]),
        ("A", &[("0000", "R"), ("x", "R"), ("", "R")], NO, [A, A, A], &["E560"]),
    ] {
        let judged = judged(&[S, S, S], &returned(verdict, sets, counts));
        assert_eq!(
            (judged.states.as_slice(), codes(&judged).as_slice()),
            (&states[..], found),
            "{verdict} {sets:?} {counts:?}"
        );
    }
}

#[test]
fn a_group_of_one_set_is_not_accepted_in_part() {
    let judged = judged(&[S], &returned("P", &[], NO));
    assert_eq!((judged.states.as_slice(), codes(&judged).as_slice()), (&[P][..], &["E563"][..]));
}

#[test]
fn a_set_of_another_kind_is_none_of_ours() {
    let mut answer = returned("A", &[("0001", "R")], NO);
    answer.sets[0].id = "855".into();
    let judged = judged(&[S], &answer);
    assert_eq!(judged.states, [A]);
    assert_eq!(judged.findings[0].detail, "the group 12 has 1 sets 810, and none of: 855 0001");
}

#[test]
fn the_same_again_is_nothing_and_another_verdict_is_told() {
    for (before, verdict, after, found) in [
        (A, "A", A, &[][..]),
        (R, "R", R, &[]),
        (A, "R", R, &["E562"]),
        (R, "A", A, &["E562"]),
        (A, "E", E, &["E562"]),
        (P, "R", R, &["E562"]),
        (S, "R", R, &[]),
    ] {
        let judged = judged(&[before], &returned(verdict, &[], NO));
        assert_eq!(
            (judged.states.as_slice(), codes(&judged).as_slice()),
            (&[after][..], found),
            "{before:?} {verdict}"
        );
        assert_eq!(judged.rejected.len(), usize::from(before == S), "{before:?} {verdict}");
    }
    let turned = judged(&[A, A, S], &returned("R", &[], NO));
    assert_eq!(turned.findings[0].detail, "810 INV-1, INV-2: accepted before, rejected now");
    assert_eq!(turned.rejected.values().flatten().copied().collect::<Vec<_>>(), [2]);
}

#[test]
fn what_is_rejected_for_one_reason_is_one_cause() {
    let mut answer = returned("P", &[("0001", "R"), ("0002", "R"), ("0003", "R"), ("0004", "A")], NO);
    for (set, cause) in answer.sets.iter_mut().zip(["IT103 no date", "BIG01 no date", "IT103 no date"]) {
        set.cause = cause.into();
        set.notes = vec![format!("segment 7 {cause}").into()];
    }
    let told = judged(&[S; 4], &answer);
    assert_eq!(
        told.rejected.iter().map(|(cause, sets)| (cause.as_str(), sets.as_slice())).collect::<Vec<_>>(),
        [("BIG01 no date", &[1][..]), ("IT103 no date", &[0, 2])]
    );
    assert_eq!(told.notes[&0], ["segment 7 IT103 no date"]);
    let bare = judged(&[S], &returned("R", &[], NO));
    assert_eq!(bare.rejected.keys().collect::<Vec<_>>(), ["no reason given"]);
}

#[test]
fn a_rejected_interchange_is_the_rejection_of_all_in_it() {
    let ta1 = |verdict: &str| Ta1 { verdict: verdict.into(), note: "025".into(), ..Ta1::default() };
    let numbers = ["INV-1".into(), "INV-2".into()];
    for (verdict, states, found) in [("A", [S, A], &[][..]), ("E", [S, A], &[]), ("R", [R, R], &["E562"])] {
        let group = Answered { set_id: "810", numbers: &numbers, states: &[S, A] };
        let judged = judge_interchange(group, &ta1(verdict), &Location::default());
        assert_eq!((judged.states.as_slice(), codes(&judged).as_slice()), (&states[..], found));
        assert_eq!(judged.rejected.contains_key("TA1: ISA13 used before"), verdict == "R");
    }
}

#[test]
fn only_the_first_of_many_are_named() {
    let names: Vec<String> = (0..23).map(|number| number.to_string()).collect();
    let told = listed(&names, 2);
    assert!(told.starts_with("0, 1, ") && told.ends_with("19 and 5 more"), "{told}");
    assert_eq!(listed(&names[..2], 0), "0, 1");
}

/// Any acknowledgment of any group: verdicts that are some and none, sets of the group and others, any counts.
fn any_answer() -> impl Strategy<Value = (Vec<SentState>, Returned)> {
    let state = proptest::sample::select(&SentState::ALL[..]);
    let verdict = || proptest::sample::select(&["A", "E", "P", "R", "X", "Q", ""][..]);
    let control = proptest::sample::select(&["0001", "2", "000000003", "0", "x", "77"][..]);
    let count = || proptest::option::of(0_u32..5);
    let sets = proptest::collection::vec((control, verdict()), 0..5);
    (proptest::collection::vec(state, 1..4), verdict(), sets, [count(), count(), count()])
        .prop_map(|(states, verdict, sets, counts)| (states, returned(verdict, &sets, counts)))
}

proptest::proptest! {
    #[test]
    fn no_refused_set_counts_as_accepted_and_what_is_said_twice_changes_nothing((states, answer) in any_answer()) {
        let first = judged(&states, &answer);
        proptest::prop_assert_eq!(first.states.len(), states.len());
        for set in answer.sets.iter().filter(|set| SentState::of_verdict(&set.verdict) == Some(R)) {
            let place = place_of(&set.control).filter(|place| *place < states.len());
            proptest::prop_assert!(place.is_none_or(|place| first.states[place] == R));
        }
        if SentState::of_verdict(&answer.verdict) == Some(R) && answer.received.is_none() {
            proptest::prop_assert!(first.states.iter().all(|state| *state == R));
        }
        // what is newly rejected is told once, and is what was waited for
        for place in first.rejected.values().flatten() {
            proptest::prop_assert!(states[*place] == S && first.states[*place] == R);
        }
        let again = judged(&first.states, &answer);
        proptest::prop_assert_eq!(&again.states, &first.states);
        proptest::prop_assert!(again.rejected.is_empty() && !codes(&again).contains(&"E562"));
    }
}
