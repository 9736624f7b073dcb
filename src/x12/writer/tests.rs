//! The writer's promises: fixed widths, canonical values, nothing said that cannot be read back.

use super::envelope::interchange_number;
use super::*;
use crate::domain::money;
use crate::domain::partner::{CharacterSet, Company, PartnerProfile};
use crate::x12::envelope::{Isa, Ta1};
use expect_test::{Expect, expect};

fn envelope(version: &str) -> OutboundEnvelope {
    OutboundEnvelope {
        separators: Separators { element: b'*', component: b'>', repetition: Some(b'^'), segment: b'~' },
        line_breaks: true,
        conventions: Conventions::default(),
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
    for (terminator, cr_lf, line_breaks, ends) in [
        (b'~', false, true, "~\n"),
        (b'~', false, false, "~"),
        (b'\n', false, true, "\n"),
        (b'\n', false, false, "\n"),
        (b'\n', true, true, "\r\n"),
        (b'\n', true, false, "\r\n"),
        (b'\r', false, true, "\r"),
        (0x1E, false, false, "\u{1e}"),
    ] {
        let mut envelope = envelope("004010");
        envelope.separators.segment = terminator;
        envelope.conventions.cr_lf = cr_lf;
        envelope.line_breaks = line_breaks;
        let bytes = interchange(&envelope, 1, 1, &[]);
        let text = std::str::from_utf8(&bytes).unwrap();
        assert!(text.ends_with(&format!("*000000001{ends}")), "{text:?}");
        assert_eq!(text.matches(ends).count(), 2, "{text:?}");
    }
}

#[test]
fn values_are_canonical_and_trailing_empties_are_left_out() {
    let rows: [(Vec<Value<'_>>, &str); 14] = [
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
        (vec![Value::Free("ab\r\nc ü ")], "X*ab  c ü~"),
        (vec![Value::Echo(" A ")], "X* A ~"),
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
        writer.segment("Y", &[Value::Exact("1")]);
        writer.segment("X", &[Value::Exact("1"), value.clone(), Value::Exact("3")]);
        let (set, problems) = writer.finish();
        assert_eq!(String::from_utf8(set.body).unwrap(), "Y*1~\nX*1**3~\n", "{value:?}");
        let [problem] = problems.as_slice() else { panic!("{value:?}: {problems:?}") };
        assert_eq!(problem.detail, reason);
        assert_eq!((problem.at.segment, problem.at.element, problem.at.offset), (3, 2, 5));
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

#[test]
#[expect(clippy::too_many_lines, reason = "a table of every way in which a value does not fit")]
fn what_an_element_asks_of_its_value_is_checked() {
    let long = "9".repeat(81);
    let rows: [(&str, Vec<Value<'_>>, &str, &[&str]); 14] = [
        ("PO1", vec![Value::Echo(&long[..60])], &format!("PO1*{}", &long[..60]), &[]),
        ("PO1", vec![Value::Exact(&long[..60])], "PO1", &["E140 PO1-01 at most 20 characters"]),
        (
            "PID",
            vec![Value::Exact("F"), Value::Empty, Value::Empty, Value::Empty, Value::Free(&long)],
            &format!("PID*F****{}", &long[..80]),
            &["E141 PID-05"],
        ),
        (
            "N4",
            vec![Value::Free("Dayton"), Value::Free("Ohio")],
            "N4*Dayton",
            &["E141 N4-02 left out: at most 2 characters"],
        ),
        ("N4", vec![Value::Free("X")], "N4", &["E141 N4-01 left out: at least 2 characters"]),
        ("N3", vec![Value::Free("漢")], "N3*漢", &[]),
        ("AK2", vec![Value::Free("850"), Value::Free("1")], "AK2*850*1", &[]),
        (
            "CUR",
            vec![Value::Exact("SE"), Value::Exact("")],
            "CUR*SE",
            &["E142 CUR-02 a mandatory element is empty"],
        ),
        (
            "CUR",
            vec![Value::Exact("SE"), Value::Exact("US*")],
            "CUR*SE",
            &["E140 CUR-02 '*' separates in this partner's X12"],
        ),
        (
            "CUR",
            vec![Value::Exact("SE"), Value::Exact("US")],
            "CUR*SE",
            &["E140 CUR-02 at least 3 characters"],
        ),
        (
            "REF",
            vec![Value::Exact("IA")],
            "REF*IA",
            &["E142 REF-02 elements 02, 03 do not stand together so"],
        ),
        (
            "N1",
            vec![Value::Exact("ST"), Value::Exact("A"), Value::Exact("92")],
            "N1*ST*A*92",
            &["E142 N1-03 elements 03, 04 do not stand together so"],
        ),
        ("TDS", vec![Value::Count(1); 5], "TDS*1*1*1*1*1", &["E142 TDS-05 the segment has 4 elements"]),
        (
            "SAC",
            vec![
                Value::Exact("C"),
                Value::Exact("D240"),
                Value::Empty,
                Value::Empty,
                Value::Cents(decimal("12345678901234.00")),
            ],
            "SAC*C*D240",
            &["E140 SAC-05 at most 15 digits"],
        ),
    ];
    for (id, values, written, told) in rows {
        let mut envelope = envelope("005010");
        envelope.line_breaks = false;
        let mut writer = SetWriter::new(&envelope, "810", "IN");
        writer.segment(id, &values);
        let (set, problems) = writer.finish();
        assert_eq!(String::from_utf8(set.body).unwrap(), format!("{written}~"), "{values:?}");
        let short = |p: &Diagnostic| {
            let detail = if p.detail.starts_with("written as") { "" } else { p.detail.as_str() };
            format!("{} {}-{:02} {detail}", p.rule.code, p.at.segment_id, p.at.element).trim_end().to_owned()
        };
        assert_eq!(problems.iter().map(short).collect::<Vec<_>>(), told, "{id} {values:?}");
    }
}

#[test]
fn a_number_has_no_more_digits_than_its_element() {
    // IT102, element 358: fifteen digits; the zero before the point is one where there is room for it
    for (number, written) in [
        ("0.5", "0.5"),
        ("-0.50", "-0.5"),
        ("0.12345678901234", "0.12345678901234"),
        ("0.123456789012345", ".123456789012345"),
        ("-0.123456789012345", "-.123456789012345"),
        ("0.1234567890123456", ""),
        ("123456789012345", "123456789012345"),
        ("1234567890123456", ""),
        ("100.000", "100"),
    ] {
        let mut writer = SetWriter::new(&envelope("004010"), "810", "IN");
        let value = Value::Number(decimal(number));
        assert_eq!(writer.fits("IT1", 2, &value), !written.is_empty(), "{number}");
        writer.segment("IT1", &[Value::Exact("1"), value, Value::Exact("EA"), Value::Count(1)]);
        let (set, problems) = writer.finish();
        assert_eq!(String::from_utf8(set.body).unwrap(), format!("IT1*1*{written}*EA*1~\n"));
        assert_eq!(problems.iter().any(|p| p.rule.code == "E140"), written.is_empty(), "{number}");
    }
}

#[test]
fn a_segment_that_the_document_can_do_without_stands_whole_or_not_at_all() {
    let mut writer = SetWriter::new(&envelope("004010"), "855", "PR");
    assert_eq!(writer.try_segment("REF", &[Value::Exact("IA"), Value::Exact("99")]), Ok(()));
    let problems = writer.try_segment("REF", &[Value::Exact("IA"), Value::Exact("9*9")]).unwrap_err();
    assert_eq!(problems[0].rule.code, "E140");
    assert!(writer.try_segment("N1", &[Value::Exact("ST"), Value::Free("a*b")]).is_ok());
    assert_eq!(writer.try_segment("N4", &[Value::Free(" ")]), Ok(()));
    let (set, told) = writer.finish();
    assert_eq!(String::from_utf8(set.body).unwrap(), "REF*IA*99~\nN1*ST*a b~\n");
    assert_eq!((set.segments, told.len(), told[0].rule.code), (2, 1, "E141"));
}

#[test]
fn each_character_set_is_written_in_its_own_bytes() {
    for (set, written) in [
        (CharacterSet::Utf8, "N1*ST*Größe–8".as_bytes()),
        (CharacterSet::Latin1, b"N1*ST*Gr\xf6\xdfe-8"),
        (CharacterSet::Ascii, b"N1*ST*Grosse-8"),
        (CharacterSet::Extended, b"N1*ST*Grosse-8"),
        (CharacterSet::Basic, b"N1*ST*GROSSE-8"),
    ] {
        let mut envelope = envelope("004010");
        envelope.conventions.character_set = set;
        let mut writer = SetWriter::new(&envelope, "855", "PR");
        writer.segment("N1", &[Value::Exact("ST"), Value::Free("Größe–8")]);
        let (set_written, problems) = writer.finish();
        assert_eq!(set_written.body.strip_suffix(b"~\n"), Some(written), "{set:?}");
        assert_eq!(problems, [], "{set:?}");
    }
}

#[test]
fn before_004010_dates_have_no_century() {
    let mut old = envelope("003060");
    old.line_breaks = false;
    let written = interchange(&old, 1, 1, &[set(&old, "810", "IN")]);
    let text = String::from_utf8(written).unwrap();
    assert!(text.contains("*260309*0130*1*X*003060~ST*810*0001~BIG*260309*7001~"), "{text}");
}

mod properties;
