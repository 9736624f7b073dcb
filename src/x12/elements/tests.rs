//! What is said of elements, right and wrong.

use crate::x12::grammar::{TRANSACTION_SETS, transaction_set};
use crate::x12::lexer::{Separators, segments};
use crate::x12::structure::structure;
use expect_test::{Expect, expect};
use proptest::prelude::*;

const SEPARATORS: Separators = Separators { element: b'*', component: b'>', repetition: None, segment: b'~' };

fn findings(set: &str, version: &str, text: &str) -> String {
    let (tree, _) = structure(transaction_set(set).unwrap(), segments(text.as_bytes(), SEPARATORS, 0));
    let mut lines = String::new();
    for finding in super::check(&tree, version) {
        let at = &finding.at;
        let (offset, length, reference) = (at.offset, at.length, at.reference);
        lines
            .push_str(&format!("{:?} {finding} [{offset}+{length}] element {reference}\n", finding.severity));
    }
    lines
}

#[expect(clippy::needless_pass_by_value, reason = "expect! makes a value")]
fn check(text: &str, expected: Expect) {
    expected.assert_eq(&findings("850", "004010", text));
}

#[test]
fn a_clean_order_has_no_finding() {
    check(
        "BEG*00*SA*4711**20261121~REF*IA*1~REF*ZZ***AB>1~N1*ST*Shop*92*0007~PO1*1*2.5*EA*.50*PE*BP*A-1*VN*9~\
         MEA***4*LB>1~CTT*1*-12.5~",
        expect![[r#"
            Warning E302 data element missing that another one requires at segment 3 (REF-02) (one of REF-02, REF-03) [41+0] element 127
        "#]],
    );
}

#[test]
fn a_missing_element_rejects_only_in_the_segment_that_heads_the_set() {
    check(
        "BEG*00*SA***20261121~CUR*BY~PO1~",
        expect![[r#"
        Error E301 mandatory data element missing at segment 1 (BEG-03) [10+0] element 324
        Warning E301 mandatory data element missing at segment 2 (CUR-02) [27+0] element 100
    "#]],
    );
}

#[test]
fn elements_that_go_together_are_asked_for_by_name() {
    check(
        "BEG*00*SA*1**20261121~SAC*C**VI****5~N1*ST~N1*ST*A*92~PO1*1**EA*1**BP**VN*~DTM*002~QTY*01*1**a~",
        expect![[r#"
            Warning E302 data element missing that another one requires at segment 2 (SAC-04) (SAC-03 is there without it) [32+0] element 1301
            Warning E302 data element missing that another one requires at segment 2 (SAC-06) (SAC-07 is there without it) [34+0] element 378
            Warning E302 data element missing that another one requires at segment 3 (N1-02) (one of N1-02, N1-03) [42+0] element 93
            Warning E302 data element missing that another one requires at segment 4 (N1-04) (N1-03 is there without it) [53+0] element 67
            Warning E302 data element missing that another one requires at segment 5 (PO1-02) (PO1-03 requires it) [60+0] element 330
            Warning E302 data element missing that another one requires at segment 5 (PO1-07) (PO1-06 is there without it) [70+0] element 234
            Warning E302 data element missing that another one requires at segment 5 (PO1-09) (PO1-08 is there without it) [74+0] element 234
            Warning E302 data element missing that another one requires at segment 6 (DTM-02) (one of DTM-02, DTM-03, DTM-05) [82+0] element 373
            Warning E310 data elements that exclude one another at segment 7 (QTY-04): "a" (only one of QTY-02, QTY-04) [93+1] element 61
        "#]],
    );
}

#[test]
fn numbers_are_digits_with_a_minus_and_a_point_at_most() {
    check(
        "BEG*00*SA*1**20261121~PO1*1*two dozen*EA*1,50~PO1*2*1.2.3*EA*-~PO1*3*1e3*EA* 1~PO1*4*-0.5*EA*123456789012345.678~\
         SAC*C*D240***12.50~CTT*1.0~",
        expect![[r#"
            Warning E306 invalid character in data element at segment 2 (PO1-02): "two dozen" (a decimal is digits with one point at most, perhaps after a minus) [28+9] element 330
            Warning E306 invalid character in data element at segment 2 (PO1-04): "1,50" (a decimal is digits with one point at most, perhaps after a minus) [41+4] element 212
            Warning E306 invalid character in data element at segment 3 (PO1-02): "1.2.3" (a decimal is digits with one point at most, perhaps after a minus) [52+5] element 330
            Warning E306 invalid character in data element at segment 3 (PO1-04): "-" (a decimal is digits with one point at most, perhaps after a minus) [61+1] element 212
            Warning E306 invalid character in data element at segment 4 (PO1-02): "1e3" (a decimal is digits with one point at most, perhaps after a minus) [69+3] element 330
            Warning E306 invalid character in data element at segment 4 (PO1-04): " 1" (a decimal is digits with one point at most, perhaps after a minus) [76+2] element 212
            Warning E305 data element too long at segment 5 (PO1-04): "123456789012345.678" (at most 17 digits) [93+19] element 212
            Warning E306 invalid character in data element at segment 6 (SAC-05): "12.50" (an integer has no point) [126+5] element 610
            Warning E306 invalid character in data element at segment 7 (CTT-01): "1.0" (an integer has no point) [136+3] element 354
        "#]],
    );
}

#[test]
fn texts_and_codes_have_lengths_in_characters() {
    check(
        "BEG*0*SA*12345678901234567890123**20261121~N1*ST*éééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé~\
         PO1*1*1*EACH~PID*F****a\u{7}b~SAC*X*C310~",
        expect![[r#"
            Warning E304 data element too short at segment 1 (BEG-01): "0" (at least 2 characters) [4+1] element 353
            Warning E305 data element too long at segment 1 (BEG-03): "12345678901234567890123" (at most 22 characters) [9+23] element 324
            Warning E305 data element too long at segment 3 (PO1-03): "EACH" (at most 2 characters) [178+4] element 355
            Warning E306 invalid character in data element at segment 4 (PID-05): "a\u{7}b" (a control character) [192+3] element 352
            Warning E307 code that the data element does not have at segment 5 (SAC-01): "X" (one of A, C, N, P, Q, R, S) [200+1] element 248
        "#]],
    );
}

#[test]
fn days_and_times_are_those_of_the_calendar() {
    check(
        "BEG*00*SA*1**20260229~DTM*002*20240229~DTM*002*261121~DTM*002*2026112X~DTM*002*20261121*2460~\
         DTM*002*20261121*235959~DTM*002*20261121*23595999~DTM*002*20261121*12345~",
        expect![[r#"
            Warning E308 invalid date at segment 1 (BEG-05): "20260229" [13+8] element 373
            Warning E308 invalid date at segment 3 (DTM-02): "261121" [47+6] element 373
            Warning E308 invalid date at segment 4 (DTM-02): "2026112X" [62+8] element 373
            Warning E309 invalid time at segment 5 (DTM-03): "2460" [88+4] element 337
            Warning E309 invalid time at segment 8 (DTM-03): "12345" [160+5] element 337
        "#]],
    );
}

#[test]
fn before_004010_a_date_may_have_six_digits() {
    assert_eq!(findings("850", "003040", "BEG*00*SA*1**960229~"), "");
    assert!(findings("850", "004010VICS", "BEG*00*SA*1**960229~").contains("E308"));
    assert!(findings("850", "", "BEG*00*SA*1**960229~").contains("E308"));
}

#[test]
fn a_decimal_may_have_a_power_of_ten() {
    check(
        "BEG*00*SA*1**20261121~PO1*1*1E3*EA*12.5E-2~PO1*2*1E*EA*E3~PO1*3*1E2.5*EA*.E1~",
        expect![[r#"
        Warning E306 invalid character in data element at segment 3 (PO1-02): "1E" (a decimal is digits with one point at most, perhaps after a minus) [49+2] element 330
        Warning E306 invalid character in data element at segment 3 (PO1-04): "E3" (a decimal is digits with one point at most, perhaps after a minus) [55+2] element 212
        Warning E306 invalid character in data element at segment 4 (PO1-02): "1E2.5" (a decimal is digits with one point at most, perhaps after a minus) [64+5] element 330
        Warning E306 invalid character in data element at segment 4 (PO1-04): ".E1" (a decimal is digits with one point at most, perhaps after a minus) [73+3] element 212
    "#]],
    );
}

#[test]
fn a_composite_is_taken_apart() {
    check(
        "BEG*00*SA*1**20261121~REF*ZZ*1**IA>7>toolongq~REF*ZZ*1**IA>7>ZZ~REF*ZZ*1**>7~REF*ZZ*1**IA>7>ZZ>1>AB>2>x~\
         MEA***4*LB>x>1~REF*ZZ*1**IA>7>>~REF*ZZ*a>b~MEA***4*LB>>1>LB~",
        expect![[r#"
            Warning E305 data element too long at segment 2 (REF-04-3): "toolongq" (at most 3 characters) [37+8] element 128
            Warning E302 data element missing that another one requires at segment 2 (REF-04-4) (component 3 is there without it) [45+0] element 127
            Warning E302 data element missing that another one requires at segment 3 (REF-04-4) (component 3 is there without it) [63+0] element 127
            Warning E301 mandatory data element missing at segment 4 (REF-04-1) [76+0] element 128
            Warning E313 more components than the data element has at segment 5 (REF-04-7): "x" (the composite has 6 components) [102+1] element 0
            Warning E306 invalid character in data element at segment 6 (MEA-04-2): "x" (a decimal is digits with one point at most, perhaps after a minus) [115+1] element 1018
            Note E350 separators after the last value at segment 7 (REF-04-3) (2 empty components) [135+0] element 128
            Warning E313 more components than the data element has at segment 8 (REF-02): "a>b" (the data element is no composite) [143+3] element 127
        "#]],
    );
}

#[test]
fn repetitions_are_taken_apart_where_there_is_a_separator_for_them() {
    let text = "BIG*20261121*1~N1*ST*a^b~DMG*****1^22^:x^:a:b~TDS*1~";
    let separators = Separators { repetition: Some(b'^'), component: b':', ..SEPARATORS };
    let (tree, _) = structure(transaction_set("810").unwrap(), segments(text.as_bytes(), separators, 0));
    let found: Vec<String> = super::check(&tree, "005010")
        .iter()
        .map(|finding| {
            let at = &finding.at;
            format!(
                "{finding} {}-{} of {} [{}+{}]",
                at.component, at.repetition, at.reference, at.offset, at.length
            )
        })
        .collect();
    expect![[r#"
        E312 data element repeated more often than allowed at segment 2 (N1-02): "a^b" (2 times, and at most 1) 0-0 of 93 [21+3]
        E305 data element too long at segment 3 (DMG-05-1): "22" (at most 1 characters) 1-2 of 1109 [35+2]
        E302 data element missing that another one requires at segment 3 (DMG-05-3) (component 2 is there without it) 3-3 of 1271 [45+0]"#]].assert_eq(&found.join("\n"));
    assert_eq!(findings("810", "004010", "BIG*20261121*1~N1*ST*a^b~TDS*1~"), "");
}

#[test]
fn what_a_version_does_not_have_is_too_much_or_too_long_there() {
    let text = "BIG*20261121*1********AA*1111~REF*IA*1234567890123456789012345678901~N1*ST*a~TDS*1~";
    expect![[r#"
        Warning E303 more data elements than the segment has at segment 1 (BIG-11): "1111" (the segment has 10 elements in 004010) [25+4] element 1005
        Warning E305 data element too long at segment 2 (REF-02): "1234567890123456789012345678901" (at most 30 characters) [37+31] element 127
    "#]].assert_eq(&findings("810", "004010", text));
    assert_eq!(findings("810", "005010", text), "");
    assert_eq!(findings("810", "004060", text), "");
    assert_eq!(findings("810", "", text), "");
}

#[test]
fn what_must_be_there_depends_on_the_version() {
    let text = "BIG*20261121*1~TDS*1~CAD*****x~";
    assert_eq!(findings("810", "004010", text), "");
    assert_eq!(findings("810", "004050", text), "");
    assert!(findings("810", "005010", text).contains("E301"));
}

#[test]
fn an_element_has_the_number_that_its_version_gives_it() {
    let text = "BEG*00*SA*1**20261121~PO1*1*x*EA~";
    for (version, number) in [("004010", 330), ("004060", 330), ("005010", 380), ("006020", 380)] {
        assert!(findings("850", version, text).contains(&format!("element {number}\n")), "{version}");
    }
}

#[test]
fn newer_versions_may_have_codes_that_the_tables_do_not_have() {
    let text = "BEG*9Q*SA*1**20261121~";
    assert!(findings("850", "005010", text).contains("E307"));
    assert_eq!(findings("850", "006020", text), "");
}

#[test]
fn blanks_and_separators_at_the_end_are_noted_once() {
    check(
        "BEG*00*SA*1 **20261121~REF*IA*7*~REF*IA***~PO1*1*1*EA*1***~N1*ST* ~PO1*2*1*EA *1~REF*IA*  7~",
        expect![[r#"
            Note E351 blanks at the end of a value at segment 1 (BEG-03): "1 " [10+2] element 324
            Note E350 separators after the last value at segment 2 (REF-03) (one empty element) [32+0] element 352
            Warning E302 data element missing that another one requires at segment 3 (REF-02) (one of REF-02, REF-03) [40+0] element 127
            Note E350 separators after the last value at segment 4 (PO1-05) (3 empty elements) [56+0] element 639
            Warning E305 data element too long at segment 6 (PO1-03): "EA " (at most 2 characters, and blanks at its end) [75+3] element 355
        "#]],
    );
}

#[test]
fn what_stands_after_the_last_element_is_one_finding() {
    check(
        "BEG*00*SA*1**20261121~LDT*AF*1*DA*20261121*a*b*c~LDT*AF*1*DA****~",
        expect![[r#"
            Warning E303 more data elements than the segment has at segment 2 (LDT-05): "a" (the segment has 4 elements) [43+1] element 0
            Note E350 separators after the last value at segment 3 (LDT-04) (4 empty elements) [61+0] element 373
        "#]],
    );
}

#[test]
fn an_acknowledgment_knows_its_verdicts() {
    expect![[r#"
        Warning E307 code that the data element does not have at segment 3 (AK5-01): "Z" (one of A, E, M, R, W, X) [26+1] element 717
    "#]].assert_eq(&findings("997", "004010", "AK1*PO*1~AK2*850*0001~AK5*Z~AK9*A*1*1*1~"));
}

proptest! {
    /// No value of a stranger's makes the check fail, and what it points at lies in the segment.
    #[test]
    fn anything_can_be_checked(
        rows in prop::collection::vec(
            (prop::sample::select(vec!["BEG", "PO1", "SAC", "CUR", "DTM", "MEA", "ITD", "LIN", "HL", "BIG", "IT1", "AK4"]),
             prop::collection::vec("[A-Z0-9.>é \u{1}-]{0,9}", 0..40)), 0..12)) {
        let text: String = rows.iter().map(|(id, values)| format!("{id}*{}~", values.join("*"))).collect();
        for def in TRANSACTION_SETS {
            let (tree, _) = structure(def, segments(text.as_bytes(), SEPARATORS, 0));
            for finding in super::check(&tree, "005010") {
                let node = tree.nodes.iter().find(|node| node.segment.number == finding.at.segment).unwrap();
                let end = node.segment.offset + node.segment.bytes().len() as u64;
                prop_assert!(finding.at.element >= 1);
                prop_assert!(finding.at.offset >= node.segment.offset);
                prop_assert!(finding.at.offset + u64::from(finding.at.length) <= end);
            }
        }
    }
}
