//! What is read out of a 997 or 999, row by row.

use super::*;
use crate::x12::lexer::segments;

const SEPARATORS: Separators = Separators { element: b'*', component: b'>', repetition: None, segment: b'~' };

fn returned(body: &str) -> Returned {
    read(SEPARATORS, segments(body.as_bytes(), SEPARATORS, 0))
}

#[test]
fn an_acknowledgment_names_its_group_its_sets_and_its_counts() {
    let read = returned(
        "ST*997*0001~AK1*IN*12~AK2*810*0001~AK5*A~AK2*810*0002~AK3*IT1*7*IT1*8~AK4*3>1*355*7*XX~AK5*R*5~AK9*P*2*2*1*5~SE*9*0001~",
    );
    assert_eq!((&*read.functional_id, &*read.control, &*read.verdict), ("IN", "12", "P"));
    assert_eq!((read.stated, read.received, read.accepted), (Some(2), Some(2), Some(1)));
    assert_eq!(read.notes, ["GE01 is not the number of sets"]);
    let [first, second] = read.sets.as_slice() else { panic!("{read:?}") };
    assert_eq!((&*first.id, &*first.control, &*first.verdict), ("810", "0001", "A"));
    assert!(first.notes.is_empty() && first.cause.is_empty());
    assert_eq!((&*second.control, &*second.verdict), ("0002", "R"));
    assert_eq!(
        second.notes,
        ["segment 7 IT103, component 1: code that is not on the list: \"XX\"", "segments in error"]
    );
    assert_eq!(second.cause, "IT103 code that is not on the list");
}

#[test]
fn reasons_are_words_for_every_kind_of_segment() {
    for (body, notes, cause) in [
        ("AK3*REF*5**3~", &["segment 5 REF: mandatory segment missing"][..], "REF mandatory segment missing"),
        ("AK3*N1*3*N1*7~AK3*N4*4~", &["segment 3 N1: segment out of sequence"], "N1 segment out of sequence"),
        // an AK3 that says 8 and brings no AK4
        ("AK3*IT1*7**8~", &["segment 7 IT1: segment with wrong elements"], "IT1 segment with wrong elements"),
        (
            "AK3*IT1*7**8~AK4*2**1~AK4*4**6*1,5~",
            &[
                "segment 7 IT102: mandatory element missing",
                "segment 7 IT104: character that the element cannot have: \"1,5\"",
            ],
            "IT102 mandatory element missing",
        ),
        (
            "IK3*N1*3*N1*I6~CTX*TRIGGER*1~IK3*IT1*7**8~CTX*x~IK4*1*350*I12*ab~",
            &[
                "segment 3 N1: segment missing that the guide requires here",
                "segment 7 IT101: value of another form than the guide requires: \"ab\"",
            ],
            "N1 segment missing that the guide requires here",
        ),
        // an AK4 without its AK3
        ("AK4***99~", &["an element: code 99"], "an element code 99"),
        ("", &[], ""),
    ] {
        let read = returned(&format!("AK1*IN*1~AK2*810*0001~{body}AK5*R~AK9*R*1*1*0~"));
        assert_eq!(read.sets[0].notes, notes, "{body}");
        assert_eq!(read.sets[0].cause, cause, "{body}");
    }
    assert_eq!(returned("AK2*810*1~AK5*R*4*99~").sets[0].cause, "SE01 is not the number of segments");
    assert_eq!(
        returned("AK2*810*1~IK5*R*I5~").sets[0].notes,
        ["segments that are not as the guide requires"]
    );
}

#[test]
fn what_is_missing_or_unreadable_stays_empty() {
    for (body, sets) in
        [("", 0), ("AK1~AK9~", 0), ("AK2*810*1~AK2*810*2~AK5*A~", 2), ("AK5*A~", 0), ("AK2~", 1)]
    {
        let read = returned(body);
        assert_eq!((read.sets.len(), read.verdict.as_str()), (sets, ""), "{body}");
    }
    let read = returned("AK9*A*x*-1*99999999999~");
    assert_eq!((read.stated, read.received, read.accepted), (None, None, None));
    assert_eq!(returned("AK1*I\u{1}N* 12 ~").control, "12");
}

#[test]
fn what_never_ends_is_cut_and_counted() {
    let many = returned(&format!("AK1*IN*1~{}AK9*A~", "AK2*810*1~AK5*A~".repeat(SETS_MAX + 3)));
    assert_eq!((many.sets.len(), many.left_out), (SETS_MAX, 3));
    assert_eq!(many.verdict, "A");
    let notes = returned(&format!("AK2*810*1~{}AK5*R~", "AK3*IT1*7**3~".repeat(NOTES_MAX + 2)));
    assert_eq!((notes.sets[0].notes.len(), notes.sets[0].notes_left_out), (NOTES_MAX, 2));
    let long = returned(&format!("AK1*{}*1~", "x".repeat(500)));
    assert_eq!(long.functional_id.len(), CHARACTERS_MAX);
}

proptest::proptest! {
    #[test]
    fn any_segments_are_read_within_the_limits(
        pieces in proptest::collection::vec(("(AK[1-9]|IK[345]|CTX|[A-Z]{2})", "[A-Z0-9*> ]{0,12}"), 0..60),
    ) {
        let body: String = pieces.iter().map(|(id, rest)| format!("{id}*{rest}~")).collect();
        let read = returned(&body);
        let loops = pieces.iter().filter(|(id, _)| id == "AK2").count();
        proptest::prop_assert_eq!(read.sets.len(), loops);
        for set in &read.sets {
            proptest::prop_assert!(set.notes.len() <= NOTES_MAX && set.cause.chars().count() <= CHARACTERS_MAX);
            proptest::prop_assert_eq!(set.notes.is_empty(), set.cause.is_empty());
        }
    }
}
