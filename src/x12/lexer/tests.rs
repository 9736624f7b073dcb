//! Separators as they are met, and the places of segments and elements.

use super::*;

const STARS: Separators = Separators { element: b'*', component: b'>', repetition: None, segment: b'~' };

/// ISA01 to ISA13 of a padded header, `*` to be replaced by the separator.
const PADDED: &str = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260309*0130*";

/// What a header is read as: element, component, repetition, terminator, wrapped, fixed width, length.
type Read = (u8, u8, Option<u8>, u8, bool, bool, usize);

fn read(input: &[u8]) -> Option<Read> {
    let header = header(input).ok()?;
    let Separators { element, component, repetition, segment } = header.separators;
    Some((element, component, repetition, segment, header.wrapped, header.fixed_width, header.length))
}

fn padded(tail: &str) -> Vec<u8> {
    format!("{PADDED}{tail}").into_bytes()
}

/// The short header has 64 bytes before ISA16.
fn unpadded(tail: &[u8]) -> Vec<u8> {
    [b"ISA*00**00**ZZ*SENDER*ZZ*RECEIVER*260309*0130*U*00401*000000001*0*P*".as_slice(), tail].concat()
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of all shapes")]
fn reads_the_separators_of_every_header_that_was_met() {
    let old = "U*00401*000000001*0*P*";
    let new = "^*00501*000000001*0*P*";
    let short = unpadded(b"").len();
    let rows: Vec<(&str, Vec<u8>, Option<Read>)> = vec![
        (
            "as the standard has it",
            padded(&format!("{old}>~GS*PO*")),
            Some((b'*', b'>', None, b'~', false, true, 106)),
        ),
        (
            "CRLF after it",
            padded(&format!("{old}>~\r\nGS*PO*")),
            Some((b'*', b'>', None, b'~', false, true, 106)),
        ),
        (
            "repeats from 00402 on",
            padded(&format!("{new}>~GS*PO*")),
            Some((b'*', b'>', Some(b'^'), b'~', false, true, 106)),
        ),
        (
            "U under 00501",
            padded(&format!("U{}>~GS*PO*", &new[1..])),
            Some((b'*', b'>', None, b'~', false, true, 106)),
        ),
        (
            "ISA11 is ISA16",
            padded(&format!(">{}>~GS*PO*", &new[1..])),
            Some((b'*', b'>', None, b'~', false, true, 106)),
        ),
        (
            "newline ends",
            padded(&format!("{old}>\nGS*PO*A\n")),
            Some((b'*', b'>', None, b'\n', false, true, 106)),
        ),
        (
            "CRLF ends",
            padded(&format!("{old}>\r\nGS*PO*A\r\n")),
            Some((b'*', b'>', None, b'\n', false, true, 107)),
        ),
        ("CR ends", padded(&format!("{old}>\rGS*PO*A\r")), Some((b'*', b'>', None, b'\r', false, true, 106))),
        (
            "blank and CRLF end",
            padded(&format!("{old}> \r\nGS*PO*A \r\n")),
            Some((b'*', b'>', None, b'\n', false, true, 108)),
        ),
        (
            "~ is ISA16",
            padded(&format!("{old}~\nGS*PO*A\nST*850*1\n")),
            Some((b'*', b'~', None, b'\n', false, true, 106)),
        ),
        (
            "~ is ISA16 and a TA1 ends with it",
            padded(&format!("{old}~\nTA1*006*~\n")),
            Some((b'*', b'~', None, b'\n', false, true, 106)),
        ),
        (
            "ISA16 is missing",
            padded(&format!("{old}~\nGS*PO*A~\nST*850*1~\n")),
            Some((b'*', b'>', None, b'~', false, false, 105)),
        ),
        (
            "ISA16 is missing, no line breaks",
            padded(&format!("{old}~GS*PO*A~")),
            Some((b'*', b'>', None, b'~', false, false, 105)),
        ),
        (
            "ISA16 is missing before TA1",
            padded(&format!("{old}~TA1*1~")),
            Some((b'*', b'>', None, b'~', false, false, 105)),
        ),
        (
            "ISA16 and its separator are missing",
            padded("U*00401*000000001*0*P~GS*PO*A~"),
            Some((b'*', b'>', None, b'~', false, false, 104)),
        ),
        ("not padded", unpadded(b">~GS*PO*"), Some((b'*', b'>', None, b'~', false, false, short + 2))),
        ("nothing after it", padded(&format!("{old}>~")), Some((b'*', b'>', None, b'~', false, true, 106))),
        (
            "terminator above 0x7F",
            unpadded(b">\x85GS*PO*"),
            Some((b'*', b'>', None, 0x85, false, false, short + 2)),
        ),
        (
            "terminator of three bytes",
            padded(&format!("{old}>…\nGS*PO*")),
            Some((b'*', b'>', None, 0xE2, false, true, 108)),
        ),
        (
            "ISA16 of two bytes",
            padded(&format!("{old}¦!\r\nGS*PO*")),
            Some((b'*', 0xC2, None, b'!', false, true, 107)),
        ),
        (
            "control characters",
            padded(&format!("{old}\u{1f}\u{1c}\r\nGS*PO*"))
                .iter()
                .map(|b| if *b == b'*' { 0x1D } else { *b })
                .collect(),
            Some((0x1D, 0x1F, None, 0x1C, false, true, 106)),
        ),
        (
            "tabs",
            padded(&format!("{old}>\nGS*PO*")).iter().map(|b| if *b == b'*' { b'\t' } else { *b }).collect(),
            Some((b'\t', b'>', None, b'\n', false, true, 106)),
        ),
        (
            "wrapped",
            padded(&format!("{old}>~GS*PO*"))
                .iter()
                .enumerate()
                .flat_map(|(i, b)| if i == 79 { vec![b'\r', b'\n', *b] } else { vec![*b] })
                .collect(),
            Some((b'*', b'>', None, b'~', true, true, 108)),
        ),
        (
            "a line break by accident",
            padded(&format!("{old}>\nGS*PO*"))
                .iter()
                .enumerate()
                .flat_map(|(i, b)| if i == 79 { vec![b'\n', *b] } else { vec![*b] })
                .collect(),
            Some((b'*', b'>', None, b'\n', false, false, 107)),
        ),
        (
            "padded with no-break spaces",
            padded(&format!("{old}>~GS*PO*"))
                .iter()
                .flat_map(|b| if *b == b' ' { vec![0xC2, 0xA0] } else { vec![*b] })
                .collect(),
            Some((b'*', b'>', None, b'~', false, true, 142)),
        ),
        ("a name", b"ISA Brown and others".to_vec(), None),
        ("a word", b"ISABEL*00*1*2*3*4*5*6*7*8*9*10*11*12*13*14*15*16~".to_vec(), None),
        ("too short", b"ISA*00*~".to_vec(), None),
        (
            "too long",
            [b"ISA*00*".to_vec(), vec![b'x'; 400], b"*3*4*5*6*7*8*9*10*11*12*13*14*15*>~".to_vec()].concat(),
            None,
        ),
    ];
    for (name, input, expected) in rows {
        assert_eq!(read(&input), expected, "{name}: {:?}", String::from_utf8_lossy(&input));
    }
}

#[test]
fn a_header_without_separators_is_told_from_no_header() {
    let rows: [(&[u8], HeaderFault); 3] = [
        (b"ISA*00", HeaderFault::NoHeader),
        (b"ISA*1*2*3*4*5*6*7*8*9*10*11*12*13*14*P*ABC", HeaderFault::Separators),
        (b"ISA*1*2*3*4*5*6*7*8*9*10*11*12*13*14*P*", HeaderFault::Separators),
    ];
    for (input, fault) in rows {
        assert_eq!(
            header(input).map(|header| header.separators),
            Err(fault),
            "{:?}",
            String::from_utf8_lossy(input)
        );
    }
}

#[test]
fn guesses_the_separators_of_a_fragment() {
    type Row = (&'static [u8], Option<(u8, u8)>);
    let rows: [Row; 7] = [
        (b"GS*PO*A*B*20260309*0130*1*X*004010~\nST*", Some((b'*', b'~'))),
        (b"GS*PO*A*B*20260309*0130*1*X*004010\r\nST*", Some((b'*', b'\n'))),
        (b"ST|850|0001>BEG|", Some((b'|', b'>'))),
        (b"ST*850*0001", None),
        (b"STOP*1*2*3", None),
        (b"PO1*1*2*3~", None),
        (b"", None),
    ];
    for (input, expected) in rows {
        let read = fragment(input).map(|separators| (separators.element, separators.segment));
        assert_eq!(read, expected, "{:?}", String::from_utf8_lossy(input));
    }
}

#[test]
fn segments_begin_at_their_ids_and_end_before_line_breaks() {
    type Row<'a> = (&'a [u8], Separators, &'a [(&'a str, u64)]);
    let tabs = Separators { element: b'\t', segment: b'\n', ..STARS };
    let ellipsis = Separators { segment: 0xE2, ..STARS };
    let rows: [Row<'_>; 9] = [
        (b"ST*850~BEG*00~SE*3~", STARS, &[("ST*850", 0), ("BEG*00", 7), ("SE*3", 14)]),
        (b"ST*850~\r\n \t BEG*00 \r\n~\n", STARS, &[("ST*850", 0), ("BEG*00 ", 12)]),
        (b"ST~~ ~SE", STARS, &[("ST", 0), ("SE", 6)]),
        (b"ST\t850\t\nSE\t\t2  \r\n", tabs, &[("ST\t850\t", 0), ("SE\t\t2", 8)]),
        (b"\n\tX\n", tabs, &[("\tX", 1)]),
        ("ST*1…\nSE*2…".as_bytes(), ellipsis, &[("ST*1", 0), ("SE*2", 8)]),
        (b"*A~*", STARS, &[("*A", 0), ("*", 3)]),
        (b" \r\n", STARS, &[]),
        (b"", STARS, &[]),
    ];
    for (input, separators, expected) in rows {
        let read: Vec<(String, u64, u32)> = segments(input, separators, 100)
            .map(|segment| (text(segment.bytes()).to_string(), segment.offset - 100, segment.number))
            .collect();
        let expected: Vec<(String, u64, u32)> =
            (1..).zip(expected).map(|(n, (s, o))| ((*s).to_owned(), *o, n)).collect();
        assert_eq!(read, expected, "{:?}", String::from_utf8_lossy(input));
    }
}

#[test]
fn elements_and_their_places_agree_however_they_are_asked_for() {
    for input in ["PO1*1*10*EA**PE*BP*A-1", "PO1", "", "*", "**", "PO1*", "PO1**"] {
        let segment = Segment::new(input.as_bytes(), STARS, 40, 3);
        let split: Vec<&str> = input.split('*').collect();
        let elements: Vec<&[u8]> = segment.elements().collect();
        assert_eq!(elements, split.iter().map(|element| element.as_bytes()).collect::<Vec<_>>(), "{input}");
        assert_eq!(segment.len(), split.len() - 1, "{input}");
        assert_eq!(segment.id(), split[0].as_bytes(), "{input}");
        let mut offset = 40;
        for (number, element) in split.iter().enumerate() {
            assert_eq!(segment.element_offset(number), offset, "{input} {number}");
            if number > 0 {
                assert_eq!(segment.element(number), element.as_bytes(), "{input} {number}");
            }
            offset += element.len() as u64 + 1;
        }
        assert_eq!(segment.element(split.len()), b"", "{input}");
        assert_eq!(segment.element_offset(split.len()), 40 + input.len() as u64, "{input}");
    }
}

#[test]
fn components_are_split_even_at_a_character_of_two_bytes() {
    let split = |input: &str, component| -> Vec<String> {
        let separators = Separators { component, ..STARS };
        components(input.as_bytes(), separators).map(|piece| text(piece).to_string()).collect()
    };
    assert_eq!(split("A>B>", b'>'), ["A", "B", ""]);
    assert_eq!(split("A¦B", 0xC2), ["A", "B"]);
    assert_eq!(split("", b'>'), [""]);
}

#[test]
fn text_is_utf_8_or_latin_1() {
    assert_eq!(text("Müller".as_bytes()), "Müller");
    assert_eq!(text(b"M\xFCller"), "Müller");
    assert_eq!(text(b"A\0B"), "A\u{fffd}B");
    assert_eq!(text(b"M\xFC\0"), "Mü\u{fffd}");
}
