//! What the scan finds in group headers, and in ids that are not in capitals.

use super::tests::{GS, IEA, ISA, SET, check, index};
use super::*;
use expect_test::expect;

#[test]
fn envelope_ids_in_lower_case_are_known_and_told_once_for_the_set_and_once_for_what_is_around_it() {
    let lower = format!("{ISA}{GS}{SET}GE*1*1~{IEA}")
        .replace("GS*", "gs*")
        .replace("GE*", "Ge*")
        .replace("ST*850", "st*850")
        .replace("SE*4", "se*4")
        .replace("PO1*2", "po1*2");
    check(
        &lower,
        &expect![[r#"
        ISA "000000001" 0+198
          ! E133 (gs) | "gs*PO*A*B*20" 
          GS PO "1" 106
            ST 850 0001 141+34: 4 segments, 2 lines
              ! Error E221 segment 1 (st) | "st*850*0001" 
    "#]],
    );
    let strictness = |strictness| {
        let mut index = index(lower.as_bytes());
        relax(&mut index.interchanges[0], strictness);
        let set = &index.interchanges[0].groups[0].sets[0];
        (index.interchanges[0].is_sound(), set.diagnostics[0].severity)
    };
    assert_eq!(strictness(Strictness::Standard), (false, Severity::Error));
    assert_eq!(strictness(Strictness::Lenient), (true, Severity::Warning));
}

/// Code, element, and the bytes at the place.
type Found<'t> = (&'t str, u32, &'t str);

#[test]
fn a_gs_is_judged_by_itself_by_its_sets_and_by_the_groups_before_it() {
    let group = |gs: &str, sets: &str| format!("{gs}{sets}GE*1*1~");
    let set = |id: &str| SET.replace("850", id);
    let cases: [(&str, &str, &[Found<'_>]); 7] = [
        ("*PO*", "**", &[("E116", 1, "")]),
        ("*PO*", "*ORDERS*", &[("E116", 1, "ORDERS")]),
        ("*PO*", "*IN*", &[("E126", 1, "850")]),
        ("*1*X", "*1234567890*X", &[("E115", 6, "1234567890")]),
        ("004010", "4010", &[("E127", 8, "4010")]),
        ("004010", "", &[("E127", 8, "")]),
        ("004010", "004010VICS", &[]),
    ];
    for (right, wrong, expected) in cases {
        let text = format!("{ISA}{}{IEA}", group(&GS.replace(right, wrong), SET));
        let index = index(text.as_bytes());
        let group = &index.interchanges[0].groups[0];
        let found = group.diagnostics.iter().chain(&group.sets[0].diagnostics);
        let found: Vec<Found<'_>> = found
            .filter(|found| found.rule.code != "E113")
            .map(|found| {
                let at = usize::try_from(found.at.offset).unwrap();
                (found.rule.code, found.at.element, &text[at..][..found.at.length as usize])
            })
            .collect();
        assert_eq!(found, expected, "{wrong}");
    }
    let mixed = format!("{}{}", SET, set("810").replace("0001", "0002"));
    check(
        &format!("{ISA}{}{}{}IEA*3*000000001~", group(GS, &mixed), group(GS, SET), group(GS, &set("214"))),
        &expect![[r#"
            ISA "000000001" 0+384
              GS PO "1" 106
                ! E114 (GE-01) | "1" stated "1", counted 2
                ST 850 0001 141+34: 4 segments, 2 lines
                ST 810 0002 175+34: 4 segments, 2 lines
                  ! E126 segment 1 (ST-01) | "810" GS01 is "PO", a set 810 belongs in IN
              GS PO "1" 216
                ! E128 (GS-06) | "1" 
                ST 850 0001 251+34: 4 segments, 2 lines
              GS PO "1" 292
                ! E128 (GS-06) | "1" 
                ST 214 0001 327+34: 4 segments, 2 lines
        "#]],
    );
}
