//! The writer's promises: fixed widths, canonical values, nothing said that cannot be read back.

use super::*;
use crate::x12::envelope::{Limits, scan};
use crate::x12::lexer::segments;
use expect_test::{Expect, expect};
use proptest::prelude::*;

fn envelope(version: &str) -> OutboundEnvelope {
    OutboundEnvelope {
        separators: Separators { element: b'*', component: b'>', repetition: Some(b'^'), segment: b'~' },
        line_breaks: true,
        sender_qualifier: "ZZ".into(),
        sender: "NORTHWIND".into(),
        receiver_qualifier: "01".into(),
        receiver: "006922827".into(),
        application_sender: "NORTHWIND".into(),
        application_receiver: "ACMEPO".into(),
        version: version.into(),
        acknowledgment_requested: false,
        usage: "P".into(),
        date: Date::constant(2026, 3, 9),
        time: "0130".into(),
    }
}

fn decimal(text: &str) -> Decimal {
    money::parse_decimal(text).unwrap()
}

fn set(envelope: &OutboundEnvelope, id: &'static str, group: &'static str) -> WrittenSet {
    let mut writer = SetWriter::new(envelope, id, group);
    writer.segment("BIG", &[Value::Date(envelope.date), Value::Exact("7001")]);
    let (set, problems) = writer.finish();
    assert_eq!(problems, []);
    set
}

fn check(bytes: &[u8], expect: &Expect) {
    expect.assert_eq(std::str::from_utf8(bytes).unwrap());
}

#[test]
fn numbers_groups_and_sets_and_counts_them() {
    let envelope = envelope("004010");
    let (invoice, answer) = (set(&envelope, "810", "IN"), set(&envelope, "997", "FA"));
    check(
        &interchange(&envelope, 71, 12, &[invoice.clone(), invoice.clone(), answer, invoice]),
        &expect![[r#"
            ISA*00*          *00*          *ZZ*NORTHWIND      *01*006922827      *260309*0130*U*00401*000000071*0*P*>~
            GS*IN*NORTHWIND*ACMEPO*20260309*0130*12*X*004010~
            ST*810*0001~
            BIG*20260309*7001~
            SE*3*0001~
            ST*810*0002~
            BIG*20260309*7001~
            SE*3*0002~
            GE*2*12~
            GS*FA*NORTHWIND*ACMEPO*20260309*0130*13*X*004010~
            ST*997*0001~
            BIG*20260309*7001~
            SE*3*0001~
            GE*1*13~
            GS*IN*NORTHWIND*ACMEPO*20260309*0130*14*X*004010~
            ST*810*0001~
            BIG*20260309*7001~
            SE*3*0001~
            GE*1*14~
            IEA*3*000000071~
        "#]],
    );
}

#[test]
fn writes_ta1_between_isa_and_iea() {
    let answer = Ta1 {
        control: "000000905".into(),
        date: "260308".into(),
        time: "2359".into(),
        verdict: "R".into(),
        note: "025".into(),
    };
    check(
        &ta1_interchange(&envelope("005010"), 1, &[answer]),
        &expect![[r#"
            ISA*00*          *00*          *ZZ*NORTHWIND      *01*006922827      *260309*0130*^*00501*000000001*0*P*>~
            TA1*000000905*260308*2359*R*025~
            IEA*0*000000001~
        "#]],
    );
}

#[test]
fn isa_is_106_bytes_whatever_the_values() {
    for value in ["", " ", "A", "an id of more than fifteen characters", "Ünïcode", "a*b~c", "\r\n\0"] {
        for version in ["", "4010", "004010", "005010", "003040VICS", "Ü"] {
            let mut envelope = envelope(version);
            for place in [
                &mut envelope.sender_qualifier,
                &mut envelope.sender,
                &mut envelope.receiver_qualifier,
                &mut envelope.receiver,
                &mut envelope.usage,
                &mut envelope.time,
            ] {
                *place = value.into();
            }
            let bytes = interchange(&envelope, u32::MAX, u32::MAX, &[]);
            assert_eq!(bytes.iter().position(|byte| *byte == b'~'), Some(105), "{value:?} {version:?}");
            assert_eq!(memchr::memchr_iter(b'*', &bytes).count(), 18, "{value:?} {version:?}");
        }
    }
}

#[test]
fn isa11_follows_isa12() {
    for (version, isa11, isa12) in [
        ("003040", "U", "00304"),
        ("004010VICS", "U", "00401"),
        ("004020", "^", "00402"),
        ("005010", "^", "00501"),
        ("4010", "U", "00401"),
    ] {
        let bytes = interchange(&envelope(version), 1, 1, &[]);
        let text = std::str::from_utf8(&bytes).unwrap();
        assert!(text.contains(&format!("*0130*{isa11}*{isa12}*")), "{version}: {text}");
    }
}

#[test]
fn line_breaks_follow_the_setting_and_never_double_a_newline_terminator() {
    for (terminator, line_breaks, ends) in [
        (b'~', true, "~\n"),
        (b'~', false, "~"),
        (b'\n', true, "\n"),
        (b'\n', false, "\n"),
        (b'\r', true, "\r"),
    ] {
        let mut envelope = envelope("004010");
        envelope.separators.segment = terminator;
        envelope.line_breaks = line_breaks;
        let bytes = interchange(&envelope, 1, 1, &[]);
        let text = std::str::from_utf8(&bytes).unwrap();
        assert!(text.ends_with(&format!("*000000001{ends}")), "{text:?}");
        assert_eq!(text.matches(ends).count(), 2, "{text:?}");
    }
}

#[test]
fn values_are_canonical_and_trailing_empties_are_left_out() {
    let rows: [(Vec<Value<'_>>, &str); 13] = [
        (vec![], "X~"),
        (vec![Value::Empty, Value::Exact(""), Value::Free(" ")], "X~"),
        (vec![Value::Exact("0012"), Value::Empty, Value::Exact("A"), Value::Empty], "X*0012**A~"),
        (vec![Value::Exact(" A ")], "X* A ~"),
        (vec![Value::Number(decimal("12.500"))], "X*12.5~"),
        (vec![Value::Number(decimal("-0.50"))], "X*-0.5~"),
        (vec![Value::Number(decimal("0.000"))], "X*0~"),
        (vec![Value::Cents(decimal("123.4"))], "X*12340~"),
        (vec![Value::Cents(decimal("-0.01"))], "X*-1~"),
        (vec![Value::Count(0)], "X*0~"),
        (vec![Value::Date(Date::constant(988, 1, 2))], "X*09880102~"),
        (vec![Value::Free("a*b\r\nc~ü\u{85}")], "X*a b  c ü~"),
        (
            vec![
                Value::Composite(vec![Value::Empty, Value::Exact("B"), Value::Empty]),
                Value::Composite(vec![Value::Empty]),
            ],
            "X*>B~",
        ),
    ];
    for (values, written) in rows {
        let mut envelope = envelope("005010");
        envelope.line_breaks = false;
        let mut writer = SetWriter::new(&envelope, "810", "IN");
        writer.segment("X", &values);
        let (set, problems) = writer.finish();
        assert_eq!(String::from_utf8(set.body).unwrap(), written, "{values:?}");
        assert_eq!(problems, [], "{values:?}");
        assert_eq!(set.segments, 1);
    }
}

#[test]
fn what_cannot_be_said_is_a_finding_and_leaves_the_element_empty() {
    let rows = [
        (Value::Exact("A*1"), "'*' separates in this partner's X12"),
        (Value::Exact("A>1"), "'>' separates in this partner's X12"),
        (Value::Exact("A^1"), "'^' separates in this partner's X12"),
        (Value::Exact("A~1"), "'~' separates in this partner's X12"),
        (Value::Exact("A\n1"), "the control character U+000A in it"),
        (Value::Exact("A\t1"), "the control character U+0009 in it"),
        (Value::Exact("A\u{85}1"), "the control character U+0085 in it"),
        (Value::Cents(decimal("1.005")), "an amount with parts of a cent, or too large"),
        (Value::Cents(Decimal::MAX), "an amount with parts of a cent, or too large"),
        (Value::Date(Date::constant(-5, 1, 1)), "a date before the year 0"),
        (Value::Composite(vec![Value::Composite(vec![])]), "a composite in a composite"),
    ];
    for (value, reason) in rows {
        let envelope = envelope("005010");
        let mut writer = SetWriter::new(&envelope, "810", "IN");
        writer.segment("BIG", &[Value::Exact("1")]);
        writer.segment("X", &[Value::Exact("1"), value.clone(), Value::Exact("3")]);
        let (set, problems) = writer.finish();
        assert_eq!(String::from_utf8(set.body).unwrap(), "BIG*1~\nX*1**3~\n", "{value:?}");
        let [problem] = problems.as_slice() else { panic!("{value:?}: {problems:?}") };
        assert_eq!(problem.detail, reason);
        assert_eq!((problem.at.segment, problem.at.element, problem.at.offset), (3, 2, 7));
    }
}

#[test]
fn a_number_never_loses_its_minus_or_point_to_a_separator() {
    let mut envelope = envelope("004010");
    envelope.separators.component = b'.';
    let mut writer = SetWriter::new(&envelope, "810", "IN");
    writer.segment("X", &[Value::Number(decimal("1.5"))]);
    assert_eq!(writer.finish().1.len(), 1);
}

#[test]
fn the_repetition_separator_is_plain_data_before_00402() {
    let envelope = envelope("004010");
    let mut writer = SetWriter::new(&envelope, "810", "IN");
    writer.segment("X", &[Value::Exact("A^1")]);
    let (set, problems) = writer.finish();
    assert_eq!((set.body.as_slice(), problems.as_slice()), (b"X*A^1~\n".as_slice(), [].as_slice()));
}

#[test]
fn an_envelope_says_beforehand_what_its_header_cannot_hold() {
    let good = envelope("004010");
    assert_eq!(good.problems(), []);
    let rows: [(&str, OutboundEnvelope); 5] = [
        ("ISA-06", OutboundEnvelope { sender: "SIXTEEN CHARS ID".into(), ..good.clone() }),
        ("ISA-05", OutboundEnvelope { sender_qualifier: "".into(), ..good.clone() }),
        ("GS-03", OutboundEnvelope { application_receiver: "A*B".into(), ..good.clone() }),
        ("ISA-08", OutboundEnvelope { receiver: "MÜLLER".into(), ..good.clone() }),
        (
            "ISA",
            OutboundEnvelope {
                separators: Separators { component: b'*', ..good.separators },
                ..good.clone()
            },
        ),
    ];
    for (place, envelope) in rows {
        let problems = envelope.problems();
        assert!(problems.iter().any(|p| p.at.to_string() == format!("({place})")), "{place}: {problems:?}");
    }
}

#[test]
fn control_numbers_begin_again_after_nine_digits() {
    for (given, written) in
        [(1, "000000001"), (999_999_999, "999999999"), (1_000_000_000, "000000001"), (0, "000000000")]
    {
        assert_eq!(interchange_number(given), written);
    }
}

#[test]
fn profile_and_company_make_the_envelope_and_usage_can_be_overridden() {
    let company: Company = toml::from_str(
        "name = 'N'\ninterchange_qualifier = 'ZZ'\ninterchange_id = 'NW'\napplication_id = 'NWA'\ncurrency = 'USD'",
    )
    .unwrap();
    let profile: PartnerProfile = toml::from_str(
        "[partner]\nid = 'acme'\ncustomer = 'ACME'\ninterchange_qualifier = '01'\ninterchange_id = '123'\napplication_id = 'AP'\n[x12]\nversion = '005010'\ntime = '0915'",
    )
    .unwrap();
    let date = Date::constant(2026, 1, 2);
    let made = OutboundEnvelope::new(&company, &profile, date, "2359", None);
    assert_eq!((made.sender.as_str(), made.receiver.as_str(), made.time.as_str()), ("NW", "123", "0915"));
    assert_eq!((made.usage.as_str(), made.separators.repetition), ("P", Some(b'^')));
    let test = OutboundEnvelope::new(&company, &profile, date, "2359", Some("T"));
    assert_eq!(test.usage, "T");
    let mut old = profile;
    old.x12.version = "004010".into();
    old.x12.time = Text::default();
    let made = OutboundEnvelope::new(&company, &old, date, "2359", None);
    assert_eq!((made.separators.repetition, made.time.as_str()), (None, "2359"));
}

#[test]
fn an_answer_goes_to_the_sender_where_the_profile_names_none() {
    let company: Company = toml::from_str(
        "name = 'N'\ninterchange_qualifier = 'ZZ'\ninterchange_id = 'NW'\napplication_id = 'NWA'\ncurrency = 'USD'",
    )
    .unwrap();
    let header = Isa { sender_qualifier: "12".into(), sender: "555".into(), ..Isa::default() };
    for (id, application, gs02, expected) in [
        ("*", "*", "THEIRS", ("12", "555", "THEIRS")),
        ("*", "", "", ("12", "555", "555")),
        ("123", "", "THEIRS", ("01", "123", "THEIRS")),
        ("123", "AP", "THEIRS", ("01", "123", "AP")),
    ] {
        let profile: PartnerProfile = toml::from_str(&format!(
            "[partner]\nid = 'a'\ncustomer = 'A'\ninterchange_qualifier = '01'\ninterchange_id = '{id}'\napplication_id = '{application}'",
        ))
        .unwrap();
        let date = Date::constant(2026, 1, 2);
        let made =
            OutboundEnvelope::new(&company, &profile, date, "2359", None).answering(&profile, &header, gs02);
        let to =
            (made.receiver_qualifier.as_str(), made.receiver.as_str(), made.application_receiver.as_str());
        assert_eq!(to, expected, "{id} {application}");
        assert_eq!(made.problems(), [], "{id} {application}");
    }
}

/// Separators that a profile may name, distinct by construction.
fn any_envelope() -> impl Strategy<Value = OutboundEnvelope> {
    let separators = (sample(b"*|\t\x1d"), sample(b">:\x1f"), sample(b"^!"), sample(b"~\n\x1c'"));
    (separators, any::<bool>(), prop_oneof![Just("004010"), Just("005010")]).prop_map(
        |((element, component, repetition, segment), line_breaks, version)| OutboundEnvelope {
            separators: Separators { element, component, repetition: Some(repetition), segment },
            line_breaks,
            ..envelope(version)
        },
    )
}

fn sample(bytes: &'static [u8]) -> impl Strategy<Value = u8> {
    proptest::sample::select(bytes)
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(
        envelope in any_envelope(),
        sets in proptest::collection::vec(proptest::collection::vec(proptest::collection::vec("[^\\p{Z}]\\PC{0,9}[^\\p{Z}]|A?", 0..5), 0..6), 0..4),
    ) {
        let mut written = Vec::new();
        let mut unsaid = Vec::new();
        for set in &sets {
            let mut writer = SetWriter::new(&envelope, "850", "PO");
            for elements in set {
                let values: Vec<Value<'_>> = elements.iter().map(|element| Value::Exact(element)).collect();
                writer.segment("PO1", &values);
            }
            let (set, problems) = writer.finish();
            written.push(set);
            unsaid.push(problems.iter().map(|problem| (problem.at.segment, problem.at.element)).collect::<Vec<_>>());
        }
        let bytes = interchange(&envelope, 7, 8, &written);
        let index = scan(bytes.as_slice(), &Limits::default()).unwrap();
        prop_assert_eq!(&index.diagnostics, &[]);
        prop_assert_eq!(&index.interchanges[0].diagnostics, &[]);
        prop_assert_eq!(&index.interchanges[0].header.sender, &envelope.sender);
        let found: Vec<_> = index.interchanges[0].groups.iter().flat_map(|group| &group.sets).collect();
        prop_assert_eq!(found.len(), sets.len());
        for ((set, elements), unsaid) in found.into_iter().zip(&sets).zip(&unsaid) {
            prop_assert_eq!(&set.diagnostics, &[]);
            prop_assert_eq!(set.lines as usize, elements.len());
            let start = usize::try_from(set.offset).unwrap();
            let piece = &bytes[start..][..usize::try_from(set.length).unwrap()];
            let read: Vec<_> = segments(piece, index.interchanges[0].separators, set.offset).collect();
            for (segment, elements) in read[1..].iter().zip(elements) {
                for (number, element) in (1..).zip(elements) {
                    let said = !unsaid.contains(&(segment.number, number));
                    let expected = if said { element.as_str() } else { "" };
                    prop_assert_eq!(lexer::text(segment.element(number as usize)), expected);
                }
            }
        }
    }
}

/// Found by the fuzz target `round_trip`: they are distinct, and no reader finds them in the header.
#[test]
fn separators_that_no_reader_takes_for_one_are_a_finding() {
    let usual = Separators { element: b'*', component: b'>', repetition: Some(b'^'), segment: b'~' };
    for (separators, sound) in [
        (usual, true),
        (Separators { segment: b'\n', ..usual }, true),
        (Separators { element: b'\t', ..usual }, true),
        (Separators { element: b'\n', ..usual }, false),
        (Separators { component: b'A', ..usual }, false),
        (Separators { component: b'\r', ..usual }, false),
        (Separators { segment: b' ', ..usual }, false),
        (Separators { segment: b'\t', ..usual }, false),
        (Separators { segment: b'0', ..usual }, false),
        (Separators { segment: 0xA7, ..usual }, false),
        (Separators { component: b'~', ..usual }, false),
    ] {
        let envelope = OutboundEnvelope { separators, ..envelope("005010") };
        let problems = envelope.problems();
        assert_eq!(problems.is_empty(), sound, "{separators:?}: {problems:?}");
        let read = scan(interchange(&envelope, 1, 1, &[]).as_slice(), &Limits::default()).unwrap();
        let found = read.interchanges.first().filter(|found| found.is_sound());
        assert!(!sound || found.is_some_and(|found| found.separators == separators), "{separators:?}");
    }
}
