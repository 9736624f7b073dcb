//! What `structure()` makes of right and wrong orders of segments.

use super::{Reading, structure, structure_as};
use crate::x12::grammar::{Versions, transaction_set};
use crate::x12::lexer::{Segment, Separators, segments};
use expect_test::{Expect, expect};
use proptest::prelude::*;

const SEPARATORS: Separators = Separators { element: b'*', component: b'>', repetition: None, segment: b'~' };

/// The tree by indentation, then the findings.
fn rendered(set: &str, text: &str) -> String {
    let (tree, diagnostics) =
        structure(transaction_set(set).unwrap(), segments(text.as_bytes(), SEPARATORS, 0));
    let mut ends: Vec<u32> = Vec::new();
    let mut lines = String::new();
    for (index, node) in tree.nodes.iter().enumerate() {
        while ends.last().is_some_and(|end| *end as usize <= index) {
            ends.pop();
        }
        lines.push_str(&format!("{}{}", "  ".repeat(ends.len()), node.id));
        if !node.loop_id.is_empty() {
            lines.push_str(&format!(" in {}", node.loop_id));
        }
        lines.push('\n');
        if node.end as usize > index + 1 {
            ends.push(node.end);
        }
    }
    for diagnostic in diagnostics {
        let (at, length) = (diagnostic.at.offset, diagnostic.at.length);
        lines.push_str(&format!("{:?} {diagnostic} [{at}+{length}]\n", diagnostic.severity));
    }
    lines
}

#[expect(clippy::needless_pass_by_value, reason = "expect! makes a value")]
fn check(text: &str, expected: Expect) {
    expected.assert_eq(&rendered("850", text));
}

#[test]
fn a_plain_order_has_its_loops_and_no_finding() {
    check(
        "ST*850*1~BEG*00~N1*ST~N3*x~PO1*1~PID*F~PO1*2~CTT*2~AMT*TT~SE*10*1~",
        expect![[r#"
            BEG
            N1 in N1
              N3 in N1
            PO1 in PO1
              PID in PID
            PO1 in PO1
            CTT in CTT
              AMT in CTT
        "#]],
    );
}

#[test]
fn leaves_out_a_stranger_and_goes_on() {
    check(
        "BEG~ZZZ~PO1~",
        expect![[r#"
        BEG
        PO1 in PO1
        Warning E201 segment id that X12 does not have at segment 2 (ZZZ): "ZZZ" [4+3]
    "#]],
    );
}

#[test]
fn what_stands_together_outside_is_one_finding() {
    check(
        "BEG~N2*a~N3*b~N4*c~PO1~",
        expect![[r#"
        BEG
        PO1 in PO1
        Warning E202 segment that does not belong here at segment 2 (N2): "N2*a" (3 segments from here) [4+14]
    "#]],
    );
}

#[test]
fn a_known_segment_of_other_sets_is_not_in_this_one() {
    check(
        "BEG~HL*1~PO1~",
        expect![[r#"
        BEG
        PO1 in PO1
        Warning E206 segment that this transaction set does not have at segment 2 (HL): "HL*1" [4+4]
    "#]],
    );
}

#[test]
fn a_missing_heading_is_missing_where_it_should_have_stood() {
    check(
        "ST*850*1~REF*IA*1~PO1~SE*4*1~",
        expect![[r#"
        REF
        PO1 in PO1
        Error E203 mandatory segment missing at segment 2 (BEG) [9+0]
    "#]],
    );
}

#[test]
fn a_missing_last_part_is_missing_at_the_trailer() {
    check(
        "ST*850*1~BEG*00~REF*IA*1~SE*4*1~",
        expect![[r#"
        BEG
        REF
        Error E203 mandatory segment missing at segment 4 (PO1) [25+0]
    "#]],
    );
}

#[test]
fn without_a_trailer_what_is_missing_is_missing_at_the_end() {
    check(
        "BEG*00~",
        expect![[r#"
        BEG
        Error E203 mandatory segment missing at segment 2 (PO1) [6+0]
    "#]],
    );
}

#[test]
fn a_segment_missing_inside_a_loop_is_a_warning() {
    check(
        "BEG~LM*92~PO1~",
        expect![[r#"
        BEG
        LM in LM
        PO1 in PO1
        Warning E203 mandatory segment missing at segment 3 (LQ) [10+0]
    "#]],
    );
}

#[test]
fn a_wrong_order_within_a_level_is_placed_with_a_warning() {
    check(
        "BEG~N1*ST~N4*x~N3*y~PO1~DTM*002~PID*F~MEA~PO1~",
        expect![[r#"
        BEG
        N1 in N1
          N4 in N1
          N3 in N1
        PO1 in PO1
          DTM in PO1
          PID in PID
            MEA in PID
        PO1 in PO1
        Warning E207 segment out of sequence at segment 4 (N3) [15+4]
        Warning E207 segment out of sequence at segment 7 (PID) [32+5]
    "#]],
    );
}

#[test]
fn a_loop_behind_its_place_is_complained_of_once() {
    check(
        "BEG~CTT*2~PO1*1~PID*F~PO1*2~",
        expect![[r#"
        BEG
        CTT in CTT
        PO1 in PO1
          PID in PID
        PO1 in PO1
        Warning E207 segment out of sequence at segment 3 (PO1) [10+5]
    "#]],
    );
}

#[test]
fn a_heading_segment_inside_lines_is_not_taken_for_another_part_of_the_set() {
    check(
        "BEG~PO1~BEG~PO1~",
        expect![[r#"
        BEG
        PO1 in PO1
        BEG
        PO1 in PO1
        Warning E207 segment out of sequence at segment 3 (BEG) [8+3]
        Warning E205 segment occurs more often than allowed at segment 3 (BEG) (at most 1) [8+3]
    "#]],
    );
}

#[test]
fn too_many_of_a_segment_or_loop_are_read_and_told_once() {
    check(
        "BEG~BEG~CUR~CUR~CUR~PO1~CTT~CTT~",
        expect![[r#"
        BEG
        BEG
        CUR
        CUR
        CUR
        PO1 in PO1
        CTT in CTT
        CTT in CTT
        Warning E205 segment occurs more often than allowed at segment 2 (BEG) (at most 1) [4+3]
        Warning E205 segment occurs more often than allowed at segment 4 (CUR) (at most 1) [12+3]
        Warning E204 loop occurs more often than allowed at segment 8 (CTT) (at most 1) [28+3]
    "#]],
    );
}

#[test]
fn a_trailer_in_the_middle_and_a_second_header_fit_nowhere() {
    check(
        "ST*850~BEG~SE*1~ST*850~PO1~SE*2~",
        expect![[r#"
        BEG
        PO1 in PO1
        Warning E206 segment that this transaction set does not have at segment 3 (SE): "SE*1" (2 segments from here) [11+11]
    "#]],
    );
}

#[test]
fn an_empty_set_lacks_all_that_is_mandatory() {
    check(
        "",
        expect![[r#"
        Error E203 mandatory segment missing at segment 1 (BEG) [0+0]
        Error E203 mandatory segment missing at segment 1 (PO1) [0+0]
    "#]],
    );
}

#[test]
fn every_set_takes_a_document_of_its_kind_without_a_finding() {
    let rows = [
        (
            "810",
            "BIG~NTE~REF~N1~N3~N4~ITD~DTM~FOB~IT1~PID~MEA~SAC~TXI~SLN~N1~IT1~IT1~TDS~TXI~CAD~AMT~SAC~TXI~ISS~CTT~",
        ),
        ("824", "BGN~N1~REF~OTI~REF~DTM~TED~NTE~TED~LM~LQ~RED~LQ~OTI~"),
        (
            "850",
            "BEG~CUR~REF~PER~FOB~CSH~SAC~ITD~DTM~LDT~PWK~TD5~MAN~AMT~REF~N9~MSG~N9~MTX~N1~N2~N3~N4~PER~PO1~CTP~PID~PO4~\
            REF~SAC~ITD~TAX~SDQ~SDQ~DTM~TD5~MSG~QTY~SCH~PKG~LS~LDT~LE~N9~MSG~N1~N3~SLN~PID~N1~AMT~LM~LQ~PO1~CTT~AMT~",
        ),
        ("855", "BAK~CUR~REF~DTM~TD5~N9~MSG~N1~N3~N4~PO1~PID~REF~DTM~ACK~DTM~ACK~SCH~N1~SLN~ACK~CTT~AMT~"),
        (
            "856",
            "BSN~DTM~HL~TD1~TD5~TD3~REF~DTM~FOB~N1~N3~N4~HL~PRF~REF~N1~HL~MAN~HL~LIN~SN1~PO4~PID~LH1~LH2~CTT~",
        ),
        ("860", "BCH~CUR~REF~DTM~N9~MSG~N1~N3~POC~CTP~PID~SAC~SDQ~DTM~SCH~N9~MSG~N1~SLN~POC~CTT~AMT~"),
        ("864", "BMG~DTM~N1~MIT~MSG~MSG~MIT~N1~MSG~"),
        ("865", "BCA~REF~DTM~N9~MSG~N1~POC~PID~ACK~DTM~SCH~N1~SLN~ACK~CTT~AMT~"),
        ("997", "AK1~AK2~AK3~AK4~AK4~AK3~AK5~AK2~AK5~AK9~"),
        ("999", "AK1~AK2~IK3~CTX~IK4~CTX~IK5~AK9~"),
    ];
    let known: Vec<&str> = crate::x12::grammar::TRANSACTION_SETS.iter().map(|def| def.id).collect();
    assert_eq!(rows.map(|(id, _)| id).as_slice(), known, "a row for each set, and the sets by id");
    for (id, text) in rows {
        let rendered = rendered(id, text);
        assert_eq!(rendered.lines().count(), text.matches('~').count(), "{id}: {rendered}");
        assert!(!rendered.contains("Warning") && !rendered.contains("Error"), "{id}: {rendered}");
    }
}

#[test]
fn going_back_and_forth_over_a_missing_part_tells_of_it_once() {
    let text = "BEG~CTT~REF~CTT~REF~";
    assert_eq!(rendered("850", text).matches("E203").count(), 1);
}

#[test]
fn what_another_version_has_is_placed_there_with_a_warning() {
    let text = "BEG~N9~MSG~MTX~PO1~MTX~";
    let versions = |gs08| {
        let segments = segments(text.as_bytes(), SEPARATORS, 0);
        let (tree, findings) = structure_as(
            transaction_set("850").unwrap(),
            Reading { versions: Versions::of(gs08), folds_case: false },
            segments,
        );
        assert_eq!(tree.nodes.len(), 6);
        findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    expect![[r#"
        E206 segment that this transaction set does not have at segment 4 (MTX) (005010 has it, 004010 does not)
        E206 segment that this transaction set does not have at segment 6 (MTX) (005010 has it, 004010 does not)"#]].assert_eq(&versions("004010"));
    expect!["E206 segment that this transaction set does not have at segment 3 (MSG) (004010 has it, 005010 does not)"].assert_eq(&versions("005010"));
    assert_eq!(versions("004030"), "");
    assert_eq!(versions("none"), "");
}

#[test]
fn a_maximum_is_that_of_the_version() {
    let text = format!("BEG~{}PO1~", "TD5~".repeat(13));
    let found = |gs08| {
        let segments = segments(text.as_bytes(), SEPARATORS, 0);
        structure_as(
            transaction_set("850").unwrap(),
            Reading { versions: Versions::of(gs08), folds_case: false },
            segments,
        )
        .1
        .len()
    };
    assert_eq!((found("004010VICS"), found("004030"), found("005010")), (1, 0, 0));
}

proptest! {
    /// Whatever comes, each segment is a node or lies under a finding, in order, and every loop ends where it can.
    #[test]
    fn nothing_is_dropped_in_silence(ids in prop::collection::vec(
        prop::sample::select(vec!["BEG", "REF", "N1", "N3", "N4", "PO1", "PID", "MEA", "SLN", "N9", "MSG", "LS", "LDT",
            "LE", "SAC", "CUR", "CTT", "AMT", "ZZ", "", "BEGIN", "HL", "ST", "SE", "TXI", "po1"]), 0..60)) {
        let text: String = ids.iter().map(|id| format!("{id}*1~")).collect();
        for def in crate::x12::grammar::TRANSACTION_SETS {
            let all: Vec<Segment<'_>> = segments(text.as_bytes(), SEPARATORS, 7).collect();
            let (tree, diagnostics) = structure(def, all.iter().copied());
            for (index, segment) in all.iter().enumerate() {
                let placed = tree.nodes.iter().any(|node| node.segment.number == segment.number);
                let covered = diagnostics.iter().any(|found| {
                    found.at.offset <= segment.offset
                        && segment.offset < found.at.offset + u64::from(found.at.length)
                });
                let bracket = (segment.id() == b"ST" && index == 0) || (segment.id() == b"SE" && index + 1 == all.len());
                prop_assert!(placed || covered || bracket, "segment {}: {text}", segment.number);
            }
            let mut ends = vec![u32::try_from(tree.nodes.len()).unwrap()];
            for (index, node) in tree.nodes.iter().enumerate() {
                while ends.last().is_some_and(|end| *end as usize <= index) { ends.pop(); }
                prop_assert!(node.end as usize > index && Some(&node.end) <= ends.last());
                ends.push(node.end);
            }
            prop_assert!(tree.nodes.is_sorted_by_key(|node| node.segment.number));
            prop_assert!(diagnostics.is_sorted_by_key(|found| found.at.segment));
        }
    }
}

#[test]
fn ids_in_lower_case_have_their_places_where_the_partner_is_read_leniently() {
    let text = b"st*850*1~beg*00~po1*1~PO1*2~Pid*F~zzz~ctt*2~se*8*1~";
    let def = transaction_set("850").unwrap();
    let read = |folds| {
        let (tree, found) = structure_as(
            def,
            Reading { versions: Versions::ALL, folds_case: folds },
            segments(text, SEPARATORS, 0),
        );
        let ids: Vec<&str> = tree.nodes.iter().map(|node| node.id).collect();
        let found: Vec<String> = found.iter().map(ToString::to_string).collect();
        (ids.join(" "), found)
    };
    expect![[r#"
        (
            (
                "BEG PO1 PO1 PID CTT",
                [
                    "E221 segment id in lower case at segment 2 (beg): \"beg\" (4 segments from here)",
                    "E201 segment id that X12 does not have at segment 6 (zzz): \"zzz\"",
                ],
            ),
            (
                "PO1",
                [
                    "E201 segment id that X12 does not have at segment 2 (beg): \"beg*00\" (2 segments from here)",
                    "E203 mandatory segment missing at segment 4 (BEG)",
                    "E201 segment id that X12 does not have at segment 5 (Pid): \"Pid*F\" (3 segments from here)",
                ],
            ),
        )
    "#]].assert_debug_eq(&(read(true), read(false)));
}
