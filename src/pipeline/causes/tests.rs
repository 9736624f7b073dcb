//! Faults that leave many traces, and the one message that is made of them.

use crate::domain::rules::catalogue;
use crate::pipeline::check::check_set;
use crate::x12::envelope::{Limits, scan};
use std::fmt::Write;

const HEAD: &str = "ISA*00*          *00*          *01*006922827      *ZZ*NORTHWIND      *261119*0930*U*00401*\
                    000000001*0*P*>~GS*PO*ACMEPO*NORTHWIND*20261119*0930*12*X*004010~";

fn told(set: &str) -> Vec<String> {
    let file = format!("{HEAD}{set}GE*1*12~IEA*1*000000001~");
    let index = scan(file.as_bytes(), &Limits::default()).unwrap();
    let interchange = &index.interchanges[0];
    let mut lines = Vec::new();
    for set in &interchange.groups[0].sets {
        let bytes = &file.as_bytes()[piece(set.offset, set.length)];
        for found in check_set(bytes, interchange.separators, "004010", set, &Limits::default()) {
            let mut line = format!("{} {:?} {}", found.rule.code, found.severity, found.at);
            let mark = &file[piece(found.at.offset, found.at.length.into())];
            write!(line, " [{mark}] {}", found.detail).unwrap();
            lines.push(line);
            assert!(catalogue().any(|rule| std::ptr::eq(rule, found.rule)));
        }
    }
    lines
}

fn piece(offset: u64, length: u64) -> std::ops::Range<usize> {
    usize::try_from(offset).unwrap()..usize::try_from(offset + length).unwrap()
}

const BEFORE: &str = "ST*850*0001~BEG*00*SA*4500017**20261119~N1*ST*Acme*92*0007~N3*Dock~N4*Peoria*IL*61602~";
const LINES: &str =
    "PO1*1*10*EA*12.50**IN*114-2~PID*F****Hex bolt~PO1*2*5*EA*7.25**IN*114-3~PID*F****Washer~";

fn order(old: &str, new: &str) -> Vec<String> {
    let set = format!("{BEFORE}{LINES}CTT*2*15~SE*11*0001~");
    assert!(set.contains(old), "{old}");
    told(&set.replacen(old, new, 1))
}

#[test]
fn a_sound_order_has_no_finding() {
    assert_eq!(order("~", "~"), [""; 0]);
}

/// What is replaced in the order, by what, and what is then told.
const FAULTS: &[(&str, &str, &[&str])] = &[
    // Two segments in one, with the line end that was left and without.
    (
        "bolt~PO1",
        "boltPO1",
        &[
            "E228 Error segment 7 (PID-05) [PO1] PO1 begins inside PID-05: the terminator after \"Hex bolt\" seems to be \
               lost, at byte 286; this explains 9 findings, which are not listed",
        ],
    ),
    (
        "114-3~PID",
        "114-3\nPID",
        &[
            "E228 Error segment 8 (PO1-07) [\nPID] PID begins inside PO1-07: the terminator after \"114-3\" seems to \
               be lost, at byte 312; this explains 6 findings, which are not listed",
        ],
    ),
    (
        "0001~BEG",
        "0001BEG",
        &[
            "E228 Error segment 1 (ST-02) [BEG] BEG begins inside ST-02: the terminator after \"0001\" seems to be \
               lost, at byte 166; this explains 3 findings, which are not listed",
        ],
    ),
    // A terminator, and an element separator, where they do not belong.
    (
        "Hex bolt",
        "Hex ~bolt",
        &[
            "E229 Error segment 7 (PID-05) [~] it seems to be the rest of PID-05, which was ended at byte 282; this \
               explains 3 findings, which are not listed",
        ],
    ),
    (
        "Acme*92",
        "Acme*Stores*92",
        &["E230 Warning segment 3 (N1-02) [*] it seems to be one value of N1-02; this explains 2 \
               findings, which are not listed"],
    ),
    (
        "PO1*2*5*EA",
        "PO1*2**5*EA",
        &[
            "E230 Warning segment 8 (PO1-01) [*] one separator too many at PO1-01: what follows is shifted by one; \
               this explains 8 findings, which are not listed",
        ],
    ),
    // Mistyped ids and text between segments.
    (
        "PO1*2*",
        "P01*2*",
        &[
            "E201 Warning segment 8 (P01) [P01] with the letter O for the digit 0 it is PO1, which belongs here; \
               this explains 3 findings, which are not listed",
        ],
    ),
    ("N3*", "n3*", &["E201 Warning segment 4 (n3) [n3] in capitals it is N3, which belongs here"]),
    (
        "N3*",
        "PAGE 2\nN3*",
        &["E201 Warning segment 4 (PAGE 2\nN3) [PAGE 2] text that is no segment stands before N3"],
    ),
    // Openers of loops.
    (
        "N1*ST*Acme*92*0007~",
        "",
        &["E231 Warning segment 3 (N1) [] N3 belongs in a loop that N1 opens, and no N1 stands before it"],
    ),
    (
        "N4*Peoria*IL*61602~",
        "N4*Peoria*IL*61602~N3*Mill~",
        &["E231 Warning segment 6 (N1) [] N3 belongs in a loop that N1 opens, and no N1 stands before it"],
    ),
    // What is out of order, or not there, without more than that.
    (
        "N3*Dock~N4*Peoria*IL*61602~",
        "N4*Peoria*IL*61602~N3*Dock~",
        &["E207 Warning segment 5 (N3) [N3*Dock] N3 belongs before N4 (segment 4)"],
    ),
    ("N1*ST", "CUR*BY*USD~N1*ST", &[]),
    (
        "BEG*00*SA*4500017**20261119~",
        "",
        &["E203 Error segment 2 (BEG) [] BEG belongs between ST (segment 1) and N1 (segment 2)"],
    ),
    ("*IN*114-3~", "*IN*~", &["E302 Warning segment 8 (PO1-07) [] PO1-06 is there without it"]),
    // Two unrelated faults stay two.
    (
        "PO1*1*10*EA*12.50",
        "PO1*1*1O*EA*$12.50",
        &[
            "E434 Note segment 10 (CTT-02) [15] the quantities come to 6",
            "E306 Warning segment 6 (PO1-02) [1O] character 2 is the letter O, not the digit 0",
            "E306 Warning segment 6 (PO1-04) [$12.50] character 1 is a currency sign; the currency belongs in CUR",
        ],
    ),
];

#[test]
fn a_fault_with_many_traces_is_one_message_at_its_place() {
    for (old, new, expected) in FAULTS {
        let mut lines = order(old, new);
        lines.sort();
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        // Whoever takes a segment out here does not count.
        lines.retain(|line| !line.starts_with("E122 "));
        assert_eq!(lines, expected, "{new:?}");
    }
}

#[test]
fn lines_that_end_without_the_terminator_are_one_message() {
    let lines = order(
        "Hex bolt~PO1*2*5*EA*7.25**IN*114-3~PID*F****Washer~",
        "Hex bolt\nPO1*2*5*EA*7.25**IN*114-3\nPID*F****Washer~",
    );
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("2 segments from here end with a line break alone, without '~'"), "{lines:?}");
}

#[test]
fn two_terminators_lost_in_one_segment_are_one_message() {
    let set = format!("{BEFORE}{LINES}CTT*2*15~SE*11*0001~");
    let set = set.replacen("bolt~PO1", "boltPO1", 1).replacen("114-3~PID", "114-3PID", 1);
    let lines = told(&set);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].starts_with("E228 "), "{lines:?}");
    let expected = "at byte 286, and so are those at byte 311; this explains";
    assert!(lines[0].contains(expected), "{lines:?}");
}

#[test]
fn two_terminators_lost_in_two_segments_are_two_messages() {
    let set = format!("{BEFORE}{LINES}CTT*2*15~SE*11*0001~");
    let set = set.replacen("bolt~PO1", "boltPO1", 1).replacen("Dock~N4", "DockN4", 1);
    let codes: Vec<String> = told(&set).iter().map(|line| line[..4].to_owned()).collect();
    assert_eq!(codes, ["E228", "E228"]);
}

#[test]
fn a_line_that_ctt_does_not_count_explains_no_wrong_total() {
    let set = format!("{BEFORE}MSG*Call first~{LINES}CTT*2*99~SE*12*0001~");
    let codes: Vec<String> = told(&set).iter().map(|line| line[..4].to_owned()).collect();
    assert_eq!(codes, ["E231", "E434"]);
    let lost = LINES.replacen("PO1*1*10*EA*12.50**IN*114-2~", "", 1);
    let lines = told(&format!("{BEFORE}{lost}CTT*2*15~SE*10*0001~"));
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].starts_with("E231 Warning segment 6 (PO1) [] PID belongs in "), "{lines:?}");
}

#[test]
fn what_comes_after_the_end_of_a_set_that_breaks_off_is_not_missed() {
    for end in ["", "N1*BY*Ac", "N1*BY*Acme~", "N1*BY*Acme~\n"] {
        let file = format!("{HEAD}{BEFORE}{end}");
        let index = scan(file.as_bytes(), &Limits::default()).unwrap();
        let interchange = &index.interchanges[0];
        let set = &interchange.groups[0].sets[0];
        let bytes = &file.as_bytes()[piece(set.offset, set.length)];
        let found = check_set(bytes, interchange.separators, "004010", set, &Limits::default());
        let codes: Vec<&str> = found.iter().map(|found| found.rule.code).collect();
        assert_eq!(codes, ["E120"], "{end:?}");
    }
}

#[test]
fn a_set_too_large_to_try_on_keeps_its_findings() {
    let filler = "REF*DP*a reference~".repeat(BYTES_MAX_FOR_TESTS / 10);
    let lines = order("N1*ST", &format!("{filler}n1*ST"));
    assert!(lines.iter().any(|line| line.starts_with("E201 ")), "{lines:?}");
    assert!(!lines.iter().any(|line| line.contains("in capitals")), "{lines:?}");
}

const BYTES_MAX_FOR_TESTS: usize = super::BYTES_MAX;
