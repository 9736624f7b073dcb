//! What is written is read again, whatever the document, the separators, the character set and the version.

use super::*;
use crate::x12::envelope::{Limits, scan};
use crate::x12::lexer::{segments, text};
use proptest::prelude::*;
use proptest::sample::select;

/// Every terminator, and every three other bytes, that a profile may name.
fn any_separators() -> impl Strategy<Value = Separators> {
    let byte = || {
        let usable = |byte: &u8| !byte.is_ascii_alphanumeric() && !b" .-\0\r\n\x1A".contains(byte);
        (1_u8..=0x7F).prop_filter("it can separate", usable)
    };
    let terminator = prop_oneof![
        1 => Just(b'\n'),
        1 => Just(b'\r'),
        1 => select(vec![0x1C_u8, 0x1D, 0x1E, 0x1F, b'~', b'\'']),
        4 => byte().prop_filter("a tab is padding", |byte| *byte != b'\t'),
    ];
    (byte(), byte(), byte(), terminator)
        .prop_map(|(element, component, repetition, segment)| Separators {
            element,
            component,
            repetition: Some(repetition),
            segment,
        })
        .prop_filter("all four differ", |separators| separators.are_distinct())
}

fn any_envelope() -> impl Strategy<Value = OutboundEnvelope> {
    use CharacterSet::{Ascii, Basic, Extended, Latin1, Utf8};
    let conventions = (select(vec![Utf8, Latin1, Ascii, Extended, Basic]), any::<bool>());
    let version = select(vec!["004010", "004010VICS", "005010", "006020"]);
    (any_separators(), any::<bool>(), conventions, version).prop_map(
        |(separators, line_breaks, (character_set, cr_lf), version)| OutboundEnvelope {
            separators,
            line_breaks,
            conventions: Conventions { character_set, cr_lf, ..Conventions::default() },
            ..envelope(version)
        },
    )
}

/// One element: which kind of value, and the text of it.
fn any_element() -> impl Strategy<Value = (u8, String)> {
    let plain = "[ -~]{0,12}";
    let latin = "[\u{a0}-\u{ff}]{0,4}";
    (0_u8..3, prop_oneof![Just(String::new()), plain, latin, "\\PC{0,9}", any::<String>()])
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(
        envelope in any_envelope(),
        sets in proptest::collection::vec(proptest::collection::vec(proptest::collection::vec(any_element(), 0..5), 0..6), 0..4),
    ) {
        let mut written = Vec::new();
        let mut unsaid = Vec::new();
        for set in &sets {
            let mut writer = SetWriter::new(&envelope, "850", "PO");
            for elements in set {
                let values: Vec<Value<'_>> = elements.iter().map(|(kind, text)| match kind {
                    0 => Value::Exact(text),
                    1 => Value::Echo(text),
                    _ => Value::Free(text),
                }).collect();
                // a segment that no table has: what its elements must be is another test
                writer.segment("ZZZ", &values);
            }
            let (set, problems) = writer.finish();
            written.push(set);
            let lost = problems.iter().filter(|problem| problem.severity == Severity::Error);
            unsaid.push(lost.map(|problem| (problem.at.segment, problem.at.element)).collect::<Vec<_>>());
        }
        let bytes = interchange(&envelope, 7, 8, &written);
        let index = scan(bytes.as_slice(), &Limits::default()).unwrap();
        prop_assert_eq!(&index.diagnostics, &[]);
        prop_assert_eq!(&index.interchanges[0].diagnostics, &[]);
        prop_assert_eq!(&index.interchanges[0].header.sender, &envelope.sender);
        let found: Vec<_> = index.interchanges[0].groups.iter().flat_map(|group| &group.sets).collect();
        prop_assert_eq!(found.len(), sets.len());
        let script = envelope.script();
        for ((set, elements), unsaid) in found.into_iter().zip(&sets).zip(&unsaid) {
            prop_assert_eq!(&set.diagnostics, &[]);
            let start = usize::try_from(set.offset).unwrap();
            let piece = &bytes[start..][..usize::try_from(set.length).unwrap()];
            let read: Vec<_> = segments(piece, index.interchanges[0].separators, set.offset).collect();
            prop_assert_eq!(read.len(), elements.len() + 2);
            for (segment, elements) in read[1..].iter().zip(elements) {
                prop_assert_eq!(segment.id(), b"ZZZ");
                let mut expected: Vec<String> = (1..).zip(elements).map(|(number, (kind, value))| match kind {
                    _ if unsaid.contains(&(segment.number, number)) => String::new(),
                    0 | 1 => value.clone(),
                    _ => script.free(value, usize::MAX).text,
                }).collect();
                let last = expected.iter_mut().rfind(|value| !value.is_empty());
                if let Some(last) = last && matches!(envelope.separators.segment, b'\n' | b'\r') {
                    // blanks before the line break that ends a segment are padding to every reader
                    *last = last.trim_end_matches(' ').to_owned();
                }
                for (number, expected) in (1..).zip(expected) {
                    prop_assert_eq!(text(segment.element(number)), expected);
                }
            }
        }
    }

    #[test]
    fn every_header_byte_stands_in_its_place(envelope in any_envelope()) {
        let bytes = interchange(&envelope, 7, 8, &[]);
        let separators = envelope.effective_separators();
        prop_assert_eq!(bytes[3], separators.element);
        prop_assert_eq!(bytes[82], separators.repetition.unwrap_or(b'U'));
        prop_assert_eq!(bytes[104], separators.component);
        let ending = envelope.ending();
        prop_assert_eq!(&bytes[105..105 + ending.len()], ending.as_slice());
        prop_assert_eq!(&bytes[105 + ending.len()..][..3], b"IEA".as_slice());
        prop_assert_eq!(envelope.problems(), []);
    }

    #[test]
    fn numbers_are_read_back_as_they_were(mantissa in any::<i64>(), scale in 0_u32..19, decimals in any::<bool>()) {
        let number = if decimals { Decimal::new(mantissa, scale) } else { Decimal::from(mantissa) };
        let mut writer = SetWriter::new(&envelope("004010"), "810", "IN");
        // TXI02, element 782: eighteen digits
        writer.segment("TXI", &[Value::Exact("TX"), Value::Number(number)]);
        let (set, problems) = writer.finish();
        let body = String::from_utf8(set.body).unwrap();
        let value = body.trim_end().trim_end_matches('~').split('*').nth(2).unwrap_or("");
        let digits = number.normalize().mantissa().unsigned_abs().to_string().len().max(number.normalize().scale() as usize);
        prop_assert_eq!(problems.iter().any(|p| p.rule.code == "E140"), digits > 18, "{}", number);
        if digits <= 18 {
            prop_assert_eq!(money::parse_decimal(value), Some(number));
            prop_assert!(!value.contains(['+', 'e', 'E']));
            prop_assert!(!value.starts_with("00"), "{}", value);
            prop_assert!(!value.contains('.') || !value.ends_with('0'), "{}", value);
        }
    }
}
