//! What the reader tells of files that the index does not show: the order of events, what is held, what is UTF-16.

use super::tests::{GE, GS, IEA, ISA, SET, index};
use super::*;
use expect_test::expect;

/// The events of a file, one a line.
fn events(file: &[u8], limits: &Limits) -> String {
    let mut reader = Reader::new(file, limits);
    let mut out = String::new();
    while let Some(event) = reader.next_event().unwrap() {
        let told = |found: &[Diagnostic]| {
            found.iter().map(|found| format!(" {}", found.rule.code)).collect::<String>()
        };
        out += &match event {
            Event::Interchange(interchange) => format!("ISA{}", told(&interchange.diagnostics)),
            Event::Ta1(ta1) => format!("TA1 {}", ta1.verdict),
            Event::Group(group) => format!("GS {}{}", group.control, told(&group.diagnostics)),
            Event::Set { set, bytes } => {
                let bytes = bytes.map_or("not held".into(), String::from_utf8_lossy);
                format!("ST {}{}: {bytes}", set.control, told(&set.diagnostics))
            }
            Event::Finding { level, diagnostic } => format!("{level:?} {}", diagnostic.rule.code),
            Event::GroupEnd { stated_sets } => format!("GE {stated_sets:?}"),
            Event::InterchangeEnd { length } => format!("IEA {length}"),
        };
        out.push('\n');
    }
    out
}

#[test]
fn events_come_in_the_order_of_the_file() {
    let file = format!("x\n{ISA}TA1*1***A~REF~{GS}{SET}MSG~ST*850*2~{GE}IEA*2*1~ y ");
    expect![[r#"
        File E108
        ISA
        TA1 A
        Interchange E107
        GS 1
        ST 0001: ST*850*0001~PO1*1~PO1*2~SE*4*0001~
        Group E107
        ST 2 E120: ST*850*2~
        Group E114
        GE Some(1)
        Interchange E105
        IEA 217
        File E108
    "#]]
    .assert_eq(&events(file.as_bytes(), &Limits::default()));
}

#[test]
fn a_set_over_the_limit_is_passed_over_and_the_next_is_not() {
    let limits = Limits { set_bytes_max: 60, segment_bytes_max: 1_000, ..Limits::default() };
    let large = format!("ST*850*7~{}SE*22*7~", "MSG*xxxxxxxxxxxx~".repeat(20));
    let filled = format!("ST*850*8~{}", "\r\n".repeat(200));
    let file = format!("{ISA}{GS}{large}{SET}{filled}{SET}GE*4*1~{IEA}");
    expect![[r#"
        ISA
        GS 1
        ST 7 E131: not held
        ST 0001: ST*850*0001~PO1*1~PO1*2~SE*4*0001~
        ST 8 E120 E131: not held
        ST 0001 E123: ST*850*0001~PO1*1~PO1*2~SE*4*0001~
        GE Some(4)
        IEA 998
    "#]]
    .assert_eq(&events(file.as_bytes(), &limits));
}

#[test]
fn a_wrapped_set_that_breaks_off_is_given_without_its_line_breaks() {
    let plain = format!("{ISA}{GS}ST*850*1~BEG*00*SA*4500**20261120~{IEA}");
    let wrapped: Vec<u8> = plain.as_bytes().chunks(25).flat_map(|line| [line, b"\r\n"].concat()).collect();
    let told = events(&wrapped, &Limits::default());
    assert!(told.contains("ST 1 E120: ST*850*1~BEG*00*SA*4500**20261120~\n"), "{told}");
}

#[test]
fn utf_16_is_told_once_in_either_byte_order_with_its_mark_or_without() {
    let file = format!("{ISA}\r\n{GS}{SET}{GE}{IEA}");
    let little: Vec<u8> = file.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = file.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let rows = [
        little.clone(),
        big.clone(),
        [b"\xff\xfe".as_slice(), &little].concat(),
        [b"\xfe\xff".as_slice(), &big].concat(),
    ];
    for bytes in rows {
        let index = index(&bytes);
        let codes: Vec<&str> = index.diagnostics.iter().map(|found| found.rule.code).collect();
        assert_eq!((codes, index.interchanges.len(), index.length), (vec!["E110"], 0, bytes.len() as u64));
        assert!(index.diagnostics[0].found.starts_with("ISA*00*"), "{:?}", index.diagnostics);
    }
    for no_utf_16 in [b"I\0SA".as_slice(), b"\xff\xfep\0o\0_\0", b"", b"\xff\xfe"] {
        assert!(!begins_wide(no_utf_16), "{no_utf_16:?}");
    }
}

#[test]
fn a_group_of_very_many_lettered_numbers_says_that_they_are_not_all_compared() {
    let sets: String = (0..65_540).map(|number| format!("ST*850*A{number}~SE*2*A{number}~")).collect();
    let file = format!("{ISA}{GS}{sets}ST*850*A7~SE*2*A7~GE*65541*1~{IEA}");
    let index = index(file.as_bytes());
    let found: Vec<(&str, &str)> = index.interchanges[0].groups[0]
        .sets
        .iter()
        .flat_map(|set| set.diagnostics.iter().map(|found| (found.rule.code, found.found.as_str())))
        .collect();
    assert_eq!(found, [("E134", "A65536"), ("E123", "A7")]);
}
