//! What the scan finds in files as they come.

use super::*;
use crate::domain::diagnostic::Location;
use crate::x12::lexer::unwrap_lines;
use expect_test::{Expect, expect};
use std::fmt::Write;

pub(super) const ISA: &str = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260309*0130*U*00401*000000001*0*P*>~";
pub(super) const GS: &str = "GS*PO*A*B*20260309*0130*1*X*004010~";
pub(super) const SET: &str = "ST*850*0001~PO1*1~PO1*2~SE*4*0001~";
pub(super) const GE: &str = "GE*1*1~";
pub(super) const IEA: &str = "IEA*1*000000001~";

/// The bytes of a set.
pub(super) fn piece(bytes: &[u8], set: &Set) -> Vec<u8> {
    let (offset, length) = (usize::try_from(set.offset).unwrap(), usize::try_from(set.length).unwrap());
    bytes[offset..][..length].to_vec()
}

pub(super) fn index(bytes: &[u8]) -> FileIndex {
    scan(bytes, &Limits::default()).unwrap()
}

/// The index as an outline: what stands where, each level followed by its findings.
fn outline(bytes: &[u8], index: &FileIndex) -> String {
    let mut out = String::new();
    let tell = |out: &mut String, indent: usize, diagnostics: &[Diagnostic]| {
        for diagnostic in diagnostics {
            let severity = if diagnostic.severity == diagnostic.rule.severity {
                String::new()
            } else {
                format!("{:?} ", diagnostic.severity)
            };
            let Location { offset, length, .. } = diagnostic.at;
            let (offset, length) = (usize::try_from(offset).unwrap(), usize::try_from(length).unwrap());
            let end = (offset + length).min(bytes.len());
            let piece = String::from_utf8_lossy(&bytes[offset.min(end)..end]).into_owned();
            let piece: String = piece.chars().take(12).collect();
            writeln!(
                out,
                "{:indent$}! {severity}{} {} | {piece:?} {}",
                "", diagnostic.rule.code, diagnostic.at, diagnostic.detail
            )
            .unwrap();
        }
    };
    for interchange in &index.interchanges {
        let Interchange { offset, length, header, .. } = interchange;
        let services =
            interchange.ta1.iter().map(|ta1| format!(" TA1 {}{}", ta1.verdict, ta1.note)).collect::<String>();
        writeln!(out, "ISA {:?} {offset}+{length}{services}", header.control.as_str()).unwrap();
        tell(&mut out, 2, &interchange.diagnostics);
        for group in &interchange.groups {
            writeln!(out, "  GS {} {:?} {}", group.functional_id, group.control.as_str(), group.offset)
                .unwrap();
            tell(&mut out, 4, &group.diagnostics);
            for set in &group.sets {
                let Set { offset, length, id, control, segments, lines, .. } = set;
                writeln!(out, "    ST {id} {control} {offset}+{length}: {segments} segments, {lines} lines")
                    .unwrap();
                tell(&mut out, 6, &set.diagnostics);
            }
        }
    }
    tell(&mut out, 0, &index.diagnostics);
    out
}

pub(super) fn check(text: &str, expect: &Expect) {
    expect.assert_eq(&outline(text.as_bytes(), &index(text.as_bytes())));
}

#[test]
fn indexes_interchanges_groups_and_sets_by_their_bytes() {
    check(
        &format!("{ISA}{GS}{SET}{GE}{IEA}"),
        &expect![[r#"
        ISA "000000001" 0+198
          GS PO "1" 106
            ST 850 0001 141+34: 4 segments, 2 lines
    "#]],
    );
    let second = ISA.replace('*', "|").replace(">~", ":\n") + "TA1|000000009|260308|2359|A|000\nIEA|0|1\n";
    check(
        &format!(
            "\u{feff}\r\n{ISA}\r\n{GS}\r\n  {SET}{}\n{}\n{IEA}\r\n\n{second}\u{1a}",
            SET.replace("0001", "2"),
            "GE*2*0001~"
        ),
        &expect![[r#"
            ISA "000000001" 5+237
              GS PO "1" 113
                ST 850 0001 152+34: 4 segments, 2 lines
                ST 850 2 186+28: 4 segments, 2 lines
            ISA "000000001" 245+146 TA1 A000
        "#]],
    );
}

#[test]
fn a_trailer_that_disagrees_is_told_at_its_own_level() {
    check(
        &format!("{ISA}{GS}{SET}{GE}IEA*2*000000002~"),
        &expect![[r#"
        ISA "000000001" 0+198
          ! E105 (IEA-01) | "2" stated "2", counted 1
          ! E104 (IEA-02) | "000000002" the header has "000000001"
          GS PO "1" 106
            ST 850 0001 141+34: 4 segments, 2 lines
    "#]],
    );
    check(
        &format!("{ISA}{GS}{SET}GE*2*7~{IEA}"),
        &expect![[r#"
        ISA "000000001" 0+198
          GS PO "1" 106
            ! E114 (GE-01) | "2" stated "2", counted 1
            ! E113 (GE-02) | "7" the header has "1"
            ST 850 0001 141+34: 4 segments, 2 lines
    "#]],
    );
    check(
        &format!("{ISA}{GS}ST*850*0001~PO1*1~SE*9*0002~{GE}{IEA}"),
        &expect![[r#"
        ISA "000000001" 0+192
          GS PO "1" 106
            ST 850 0001 141+28: 3 segments, 1 lines
              ! E122 segment 3 (SE-01) | "9" stated "9", counted 3
              ! E121 segment 3 (SE-02) | "0002" the header has "0001"
    "#]],
    );
    check(
        &format!("{ISA}{GS}ST*850*0001~SE**~GE**~IEA**~"),
        &expect![[r#"
        ISA "000000001" 0+169
          ! E105 (IEA-01) | "" stated "", counted 1
          ! E104 (IEA-02) | "" the header has "000000001"
          GS PO "1" 106
            ! E114 (GE-01) | "" stated "", counted 1
            ! E113 (GE-02) | "" the header has "1"
            ST 850 0001 141+17: 2 segments, 0 lines
              ! E122 segment 2 (SE-01) | "" stated "", counted 2
              ! E121 segment 2 (SE-02) | "" the header has "0001"
    "#]],
    );
}

#[test]
fn leading_zeros_alone_are_no_difference() {
    let text = format!("{ISA}{GS}ST*850*0001~PO1*1~SE*0003*1~GE*0001*000001~IEA*01*1~");
    assert_eq!(all(&index(text.as_bytes())), Vec::<&Diagnostic>::new());
}

#[test]
fn what_breaks_off_ends_where_the_next_begins() {
    check(
        &format!("{ISA}{GS}ST*850*0001~PO1*1~{SET}{GE}{IEA}"),
        &expect![[r#"
            ISA "000000001" 0+216
              GS PO "1" 106
                ! E114 (GE-01) | "1" stated "1", counted 2
                ST 850 0001 141+18: 2 segments, 1 lines
                  ! E120 segment 1 (ST) | "ST" breaks off at byte 159
                ST 850 0001 159+34: 4 segments, 2 lines
                  ! E123 segment 1 (ST-02) | "0001" 
        "#]],
    );
    check(
        &format!("{ISA}{GS}ST*850*0001~PO1*1~{GE}{IEA}"),
        &expect![[r#"
        ISA "000000001" 0+182
          GS PO "1" 106
            ST 850 0001 141+18: 2 segments, 1 lines
              ! E120 segment 1 (ST) | "ST" breaks off at byte 159
    "#]],
    );
    check(
        &format!("{ISA}{GS}{SET}{GS}{SET}{GE}{IEA}"),
        &expect![[r#"
            ISA "000000001" 0+267
              ! E105 (IEA-01) | "1" stated "1", counted 2
              GS PO "1" 106
                ! E112 (GS) | "GS" breaks off at byte 175
                ST 850 0001 141+34: 4 segments, 2 lines
              GS PO "1" 175
                ! E128 (GS-06) | "1" 
                ST 850 0001 210+34: 4 segments, 2 lines
        "#]],
    );
    check(
        &format!("{ISA}{GS}{SET}{GE}{ISA}{GS}{SET}{GE}{IEA}"),
        &expect![[r#"
        ISA "000000001" 0+182
          ! E103 (ISA) | "ISA" breaks off at byte 182
          GS PO "1" 106
            ST 850 0001 141+34: 4 segments, 2 lines
        ISA "000000001" 182+198
          GS PO "1" 288
            ST 850 0001 323+34: 4 segments, 2 lines
    "#]],
    );
    check(
        &format!("{ISA}{GS}ST*850*0001~PO1*1*10"),
        &expect![[r#"
        ISA "000000001" 0+161
          ! E103 (ISA) | "ISA" breaks off at byte 161
          GS PO "1" 106
            ! E112 (GS) | "GS" breaks off at byte 161
            ST 850 0001 141+20: 2 segments, 1 lines
              ! E120 segment 1 (ST) | "ST" breaks off at byte 161
    "#]],
    );
}

#[test]
fn what_has_no_place_is_told_once() {
    check(
        &format!("{ISA}REF*1~REF*2~{GS}N1*ST~{SET}SE*1*1~{GE}{IEA}"),
        &expect![[r#"
        ISA "000000001" 0+223
          ! E107 (REF) | "REF*1" 2 segments from here
          GS PO "1" 118
            ! E107 (N1) | "N1*ST" 
            ! E107 (SE) | "SE*1*1" 
            ST 850 0001 159+34: 4 segments, 2 lines
    "#]],
    );
    check(
        &format!("{ISA}{SET}{IEA}"),
        &expect![[r#"
            ISA "000000001" 0+156
              ! E111 (ST) | "ST*850*0001" 
              GS  "" 106
                ST 850 0001 106+34: 4 segments, 2 lines
        "#]],
    );
    check(
        &format!("report of today\n{ISA}{IEA}\nVISA*card, no ISA here;\n{ISA}{IEA}SE*junk~"),
        &expect![[r#"
            ISA "000000001" 16+122
              ! E105 (IEA-01) | "1" stated "1", counted 0
            ISA "000000001" 163+122
              ! E105 (IEA-01) | "1" stated "1", counted 0
            ! E108 byte 0 | "report of to" 16 bytes
            ! E108 byte 139 | "VISA*card, n" 24 bytes
            ! E108 byte 285 | "SE*junk~" 8 bytes
        "#]],
    );
}

#[test]
fn a_file_without_a_header_is_indexed_as_far_as_it_goes() {
    check(
        "",
        &expect![[r#"
        ! E101 byte 0 | "" the file is empty
    "#]],
    );
    check(
        " \r\n",
        &expect![[r#"
        ! E101 byte 3 | "" the file is empty
    "#]],
    );
    check(
        "po_number,quantity\nISABEL,1\n",
        &expect![[r#"
            ! E101 byte 0 | "po_number,qu" 28 bytes
        "#]],
    );
    check(
        "ISA*00*broken~GS*PO~",
        &expect![[r#"
        ! E101 byte 0 | "ISA*00*broke" the ISA segment does not have its 16 elements
    "#]],
    );
    check(
        &format!("{GS}\n{SET}{GE}{IEA}"),
        &expect![[r#"
        ISA "" 0+93
          ! E101 byte 0 | "GS" the file begins with another segment
          GS PO "1" 0
            ST 850 0001 36+34: 4 segments, 2 lines
    "#]],
    );
    check(
        SET,
        &expect![[r#"
        ISA "" 0+34
          ! E101 byte 0 | "ST" the file begins with another segment
          GS  "" 0
            ST 850 0001 0+34: 4 segments, 2 lines
    "#]],
    );
}

#[test]
fn headers_are_checked_for_what_identifies_them() {
    check(
        &format!(
            "{}{GS}ST**~SE*2*~ST*85*1234567890~SE*2*1234567890~GE*2*1~IEA*1*A~",
            ISA.replace("000000001", "A")
        ),
        &expect![[r#"
            ISA "A" 0+192
              ! E106 (ISA-13) | "A" 
              ! E109 (ISA) | "ISA*00*     " 
              GS PO "1" 98
                ST   133+11: 2 segments, 0 lines
                  ! E117 segment 1 (ST-01) | "" 
                  ! E118 segment 1 (ST-02) | "" 
                ST 85 1234567890 144+33: 2 segments, 0 lines
                  ! E117 segment 1 (ST-01) | "85" 
                  ! E118 segment 1 (ST-02) | "1234567890" 
        "#]],
    );
    check(
        &format!("{ISA}{}{GE}{IEA}", GS.replace("*1*X", "*G1*X")),
        &expect![[r#"
        ISA "000000001" 0+165
          GS PO "G1" 106
            ! E115 (GS-06) | "G1" 
            ! E114 (GE-01) | "1" stated "1", counted 0
            ! E113 (GE-02) | "1" the header has "G1"
    "#]],
    );
    check(
        &format!(
            "{ISA}{GS}{SET}{}{SET}{}GE*4*1~{IEA}",
            SET.replace("0001", "0002"),
            SET.replace("0001", "2")
        ),
        &expect![[r#"
            ISA "000000001" 0+294
              GS PO "1" 106
                ST 850 0001 141+34: 4 segments, 2 lines
                ST 850 0002 175+34: 4 segments, 2 lines
                ST 850 0001 209+34: 4 segments, 2 lines
                  ! E123 segment 1 (ST-02) | "0001" 
                ST 850 2 243+28: 4 segments, 2 lines
                  ! E123 segment 1 (ST-02) | "2" 
        "#]],
    );
    check(
        &ISA.replace(">~", "~~"),
        &expect![[r#"
            ISA "000000001" 0+106
              ! Warning E171 (ISA-16) | "~" 
              ! E103 (ISA) | "ISA" breaks off at byte 106
        "#]],
    );
}

#[test]
fn an_iea_without_terminator_ends_at_the_next_header() {
    check(
        &format!("{ISA}{GS}{SET}{GE}IEA*1*000000001\n{ISA}{GS}{SET}{GE}IEA*1*000000001{ISA}{IEA}"),
        &expect![[r#"
            ISA "000000001" 0+198
              GS PO "1" 106
                ST 850 0001 141+34: 4 segments, 2 lines
            ISA "000000001" 198+197
              GS PO "1" 304
                ST 850 0001 339+34: 4 segments, 2 lines
            ISA "000000001" 395+122
              ! E105 (IEA-01) | "1" stated "1", counted 0
        "#]],
    );
    check(
        &format!("{ISA}{GS}{SET}{GE}IEA*1*000000001\u{1a}\0\0"),
        &expect![[r#"
        ISA "000000001" 0+197
          GS PO "1" 106
            ST 850 0001 141+34: 4 segments, 2 lines
    "#]],
    );
}

#[test]
fn an_interchange_of_services_has_no_group() {
    check(
        &format!("{ISA}ISB*1~TA1*000000007*260308*2359*R*025~ISE*1~IEA*0*1~"),
        &expect![[r#"
        ISA "000000001" 0+158 TA1 R025
    "#]],
    );
}

#[test]
fn limits_hold_and_are_told() {
    let limits = Limits {
        segment_bytes_max: 40,
        set_bytes_max: 70,
        segments_per_set_max: 4,
        sets_per_file_max: 7,
        ..Limits::default()
    };
    let rows = [
        ("a segment at the limit", format!("ST*850*0001~MSG*{}~SE*3*0001~", "x".repeat(36)), ""),
        ("a segment over it", format!("ST*850*0001~MSG*{}~SE*3*0001~", "x".repeat(37)), "E130"),
        (
            "two segments far over it",
            format!("ST*850*0001~{0}{0}SE*4*0001~", format!("PO1*{}~", "x".repeat(100_000))),
            "E130 E131",
        ),
        ("a set at the limits", "ST*850*0001~A~B~SE*4*0001~".to_owned(), ""),
        ("a set with a segment more", "ST*850*0001~A~B~C~SE*5*0001~".to_owned(), "E131"),
        ("a set with too many bytes", format!("ST*850*0001~A*{0}~B*{0}~SE*4*0001~", "x".repeat(30)), "E131"),
    ];
    for (name, set, codes) in rows {
        let text = format!("{ISA}{GS}{set}{GE}{IEA}");
        let index = scan(text.as_bytes(), &limits).unwrap();
        let found: Vec<&str> = all(&index).into_iter().map(|diagnostic| diagnostic.rule.code).collect();
        assert_eq!(found.join(" "), codes, "{name}");
        assert_eq!(index.length, text.len() as u64, "{name}");
        assert_eq!(index.interchanges[0].groups[0].sets[0].length, set.len() as u64, "{name}");
    }
    for (sets, codes) in [(5, ""), (6, "E132 E132")] {
        let text = format!(
            "{ISA}{GS}{}GE*{sets}*1~{IEA}",
            (0..sets).map(|n| format!("ST*850*{n}1~SE*2*{n}1~")).collect::<String>()
        );
        let index = scan(text.as_bytes(), &limits).unwrap();
        let found: Vec<&str> =
            all(&index).into_iter().filter(|d| d.rule.code == "E132").map(|d| d.rule.code).collect();
        assert_eq!(found.join(" "), codes, "{sets}");
        assert_eq!(index.interchanges[0].is_sound(), codes.is_empty());
        assert_eq!(index.length, text.len() as u64);
    }
}

#[test]
fn strictness_changes_severities_and_no_findings() {
    let text = format!("{ISA}{GS}ST*850*0001~SE*9*7~GE*3*7~IEA*9*9~{ISA}{GS}ST*850*0001~");
    let severities = |strictness| -> String {
        let mut index = index(text.as_bytes());
        index.interchanges.iter_mut().for_each(|interchange| relax(interchange, strictness));
        all(&index).into_iter().map(|d| format!("{}{:?} ", d.rule.code, d.severity)).collect()
    };
    assert_eq!(
        severities(Strictness::Standard),
        "E105Warning E104Error E114Warning E113Error E122Error E121Error E103Error E112Error E120Error "
    );
    assert_eq!(
        severities(Strictness::Lenient),
        "E105Warning E104Warning E114Warning E113Warning E122Warning E121Warning E103Error E112Error E120Error "
    );
    assert_eq!(
        severities(Strictness::Strict),
        "E105Error E104Error E114Error E113Error E122Error E121Error E103Error E112Error E120Error "
    );
}

#[test]
fn a_wrapped_file_is_read_as_the_same_file_unwrapped() {
    let plain = format!("{ISA}{GS}{SET}{GE}{IEA}");
    for width in [79, 80, 17] {
        let wrapped: Vec<u8> =
            plain.as_bytes().chunks(width).flat_map(|line| [line, b"\r\n"].concat()).collect();
        let index = index(&wrapped);
        let found: Vec<String> =
            all(&index).into_iter().map(|d| format!("{} {:?}", d.rule.code, d.severity)).collect();
        assert_eq!(found, ["E109 Note"], "{width}");
        let set = &index.interchanges[0].groups[0].sets[0];
        assert_eq!((set.segments, set.lines), (4, 2), "{width}");
        let mut bytes = piece(&wrapped, set);
        unwrap_lines(&mut bytes);
        assert_eq!(String::from_utf8(bytes).unwrap(), SET, "{width}");
    }
}

#[test]
fn an_error_of_the_reader_is_passed_on_and_an_interruption_is_not() {
    struct Broken(Vec<std::io::ErrorKind>);
    impl std::io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            self.0.pop().map_or(Ok(0), |kind| Err(kind.into()))
        }
    }
    use std::io::ErrorKind::{Interrupted, PermissionDenied};
    assert!(scan(Broken(vec![Interrupted, Interrupted]), &Limits::default()).is_ok());
    let error = scan(Broken(vec![PermissionDenied, Interrupted]), &Limits::default()).unwrap_err();
    assert_eq!(error.kind(), PermissionDenied);
}

fn all(index: &FileIndex) -> Vec<&Diagnostic> {
    let mut all: Vec<&Diagnostic> = Vec::new();
    for interchange in &index.interchanges {
        all.extend(&interchange.diagnostics);
        for group in &interchange.groups {
            all.extend(group.diagnostics.iter().chain(group.sets.iter().flat_map(|set| &set.diagnostics)));
        }
    }
    all.extend(&index.diagnostics);
    all
}
