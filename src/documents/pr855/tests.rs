//! What an 855 says of each outcome, of split lines, and of what X12 cannot carry.

use super::*;
use crate::documents::testing::{body, envelope, number, profile, whole};
use crate::domain::order::{Party, Reference};
use crate::domain::resolution::Resolution;
use expect_test::expect;

const TODAY: Date = Date::constant(2026, 3, 9);

fn line(number_in_order: u32, segment: u32, quantity: i64, numbers: Vec<ItemNumber>) -> OrderLine {
    OrderLine {
        line: number_in_order,
        po_line_id: segment.to_string().into(),
        quantity: Some(Decimal::from(quantity)),
        unit: "CA".into(),
        price: Some(Decimal::new(310, 2)),
        price_basis: "PE".into(),
        numbers,
        segment,
        ..OrderLine::default()
    }
}

fn decided(state: LineState, outcome: LineOutcome, item: &str) -> DecidedLine {
    let resolution = Resolution { outcome, item: item.into(), ..Resolution::default() };
    DecidedLine { state, resolution, unit_price: None }
}

fn order(lines: Vec<(OrderLine, DecidedLine)>) -> DecidedOrder {
    let (order_lines, lines) = lines.into_iter().unzip();
    let order = PurchaseOrder {
        po_number: "4711".into(),
        po_date: Some(Date::constant(2026, 3, 1)),
        lines: order_lines,
        ..PurchaseOrder::default()
    };
    DecidedOrder { order, lines, ..DecidedOrder::default() }
}

fn says(order: &DecidedOrder) -> (String, Vec<Diagnostic>) {
    let (set, diagnostics) = write(order, &profile(), &envelope("004010"), TODAY);
    (body(&set.unwrap()), diagnostics)
}

#[test]
fn a_whole_855() {
    let mapped = decided(LineState::Ordered, LineOutcome::Mapped, "10-4410");
    let mut superseded = decided(LineState::Ordered, LineOutcome::Mapped, "10-5000");
    superseded.resolution.superseded = "10-4999".into();
    let mut order = order(vec![
        (line(1, 5, 6, vec![number("BP", "B-200"), number("UP", "036000291452")]), mapped),
        (line(2, 6, 1, vec![number("VP", "10-4999")]), superseded),
        (line(3, 7, 2, vec![number("BP", "?")]), decided(LineState::Rejected, LineOutcome::Unmapped, "")),
    ]);
    order.order.release = "2".into();
    order.order.currency = "USD".into();
    order.order.references = vec![
        Reference { qualifier: "IA".into(), value: "99".into(), ..Reference::default() },
        Reference { qualifier: "ZZ".into(), value: "not echoed".into(), ..Reference::default() },
    ];
    order.order.parties = vec![Party {
        role: "ST".into(),
        name: "Store 42".into(),
        code_qualifier: "92".into(),
        code: "0042".into(),
        ..Party::default()
    }];
    for version in ["004010", "005010"] {
        let envelope = envelope(version);
        let (set, diagnostics) = write(&order, &profile(), &envelope, TODAY);
        assert_eq!(diagnostics, []);
        let set = set.unwrap();
        let text = whole(&envelope, &set);
        assert!(text.contains(&format!("GS*PR*NORTHWIND*ACMEPO*20260309*2130*7*X*{version}~")));
        expect![[r#"
            BAK*00*AC*4711*20260301*2****20260309~
            CUR*SE*USD~
            REF*IA*99~
            N1*ST*Store 42*92*0042~
            PO1*5*6*CA*3.1*PE*BP*B-200*UP*036000291452*VP*10-4410~
            ACK*IA*6*CA~
            PO1*6*1*CA*3.1*PE*VP*10-4999*VN*10-5000~
            ACK*IS*1*CA****VN*10-5000~
            PO1*7*2*CA*3.1*PE*BP*?~
            ACK*R2*2*CA~
            CTT*3~
        "#]]
        .assert_eq(&body(&set));
    }
}

#[test]
fn every_outcome_has_its_code() {
    use InvalidReason as Why;
    let settings = OrderSettings::default();
    for (state, outcome, reason, expected) in [
        (LineState::Ordered, LineOutcome::Mapped, None, "IA"),
        (LineState::Ordered, LineOutcome::Unmapped, None, "IA"),
        (LineState::Held, LineOutcome::Mapped, None, "IH"),
        (LineState::Held, LineOutcome::Invalid, Some(Why::UnitUnknown), "IH"),
        (LineState::Rejected, LineOutcome::Unmapped, None, "R2"),
        (LineState::Rejected, LineOutcome::Ambiguous, None, "R2"),
        (LineState::Rejected, LineOutcome::Conflict, None, "R2"),
        (LineState::Rejected, LineOutcome::Invalid, Some(Why::UnitMissing), "R3"),
        (LineState::Rejected, LineOutcome::Invalid, Some(Why::UnitUnknown), "R3"),
        (LineState::Rejected, LineOutcome::Invalid, Some(Why::DiscontinuedWithoutSuccessor), "R4"),
        (LineState::Rejected, LineOutcome::Invalid, Some(Why::QuantityMissing), "IR"),
        (LineState::Rejected, LineOutcome::Invalid, Some(Why::PriceBasisUnknown), "IR"),
        (LineState::Rejected, LineOutcome::Mapped, None, "IR"),
    ] {
        let mut line = decided(state, outcome, "");
        line.resolution.reason = reason;
        assert_eq!(status(&line, &settings), expected, "{state:?} {outcome:?} {reason:?}");
    }
}

#[test]
fn a_superseded_line_is_answered_as_the_profile_says() {
    let mut line = decided(LineState::Ordered, LineOutcome::Mapped, "NEW");
    line.resolution.superseded = "OLD".into();
    let mut settings = OrderSettings::default();
    assert_eq!(status(&line, &settings), "IS");
    settings.superseded = SupersededAnswer::Accepted;
    assert_eq!(status(&line, &settings), "IA");
    line.state = LineState::Held;
    assert_eq!(status(&line, &OrderSettings::default()), "IH");
}

#[test]
fn the_type_of_the_answer_follows_from_its_lines() {
    for (codes, expected) in [
        (vec![], "AK"),
        (vec!["IA", "IA"], "AD"),
        (vec!["IA", "IS"], "AC"),
        (vec!["IH"], "AC"),
        (vec!["R2", "IR"], "RD"),
        (vec!["R2", "IA"], "AC"),
    ] {
        assert_eq!(acknowledgment_type(&codes), expected, "{codes:?}");
    }
}

#[test]
fn lines_split_by_ship_to_answer_under_their_one_po1() {
    let numbers = || vec![number("BP", "B-200")];
    let mapped = || decided(LineState::Ordered, LineOutcome::Mapped, "10-4410");
    let held = decided(LineState::Held, LineOutcome::Mapped, "10-4410");
    let (text, _) = says(&order(vec![
        (line(1, 5, 6, numbers()), mapped()),
        (line(2, 5, 4, numbers()), held),
        (line(3, 5, 2, numbers()), mapped()),
        (line(4, 9, 1, numbers()), decided(LineState::Ordered, LineOutcome::Mapped, "10-4411")),
        (line(5, 9, 2, numbers()), mapped()),
    ]));
    expect![[r#"
        BAK*00*AC*4711*20260301*****20260309~
        PO1*5*12*CA*3.1*PE*BP*B-200*VP*10-4410~
        ACK*IA*8*CA~
        ACK*IH*4*CA~
        PO1*9*3*CA*3.1*PE*BP*B-200~
        ACK*IA*1*CA****VP*10-4411~
        ACK*IA*2*CA****VP*10-4410~
        CTT*2~
    "#]]
    .assert_eq(&text);
}

#[test]
fn what_x12_cannot_carry_is_left_out_and_noted() {
    let mut words =
        line(1, 0, 6, vec![number("IN", "a*b"), number("VP", "x"), number("VN", "y"), number("VC", "z")]);
    words.unit = "EACH".into();
    words.unit_text = "EACH".into();
    words.po_line_id = "".into();
    let mut unreadable = line(2, 0, 1, vec![number("IN", "1")]);
    unreadable.quantity = None;
    unreadable.price = None;
    unreadable.unit = "two*".into();
    let mut order = order(vec![
        (words, decided(LineState::Ordered, LineOutcome::Mapped, "10-4410")),
        (unreadable, decided(LineState::Held, LineOutcome::Invalid, "")),
    ]);
    order.order.po_date = None;
    let (text, diagnostics) = says(&order);
    expect![[r#"
        BAK*00*AC*4711*20260309*****20260309~
        PO1**6*EACH*3.1*PE*VP*x*VN*y*VC*z~
        ACK*IA*6*EACH~
        PO1*0*****IN*1~
        ACK*IH~
        CTT*2~
    "#]]
    .assert_eq(&text);
    let told: String = diagnostics.iter().map(|found| format!("{found}\n")).collect();
    expect![[r#"
        E420 document of ours that leaves something out at (BAK-04) (the order has no date: BAK04 is the date of this answer)
        E420 document of ours that leaves something out at (PO1-03): "EACH" (line 1: the 855 lacks a code for the unit: it goes out as ordered)
        E420 document of ours that leaves something out at (PO1-07): "a*b" (line 1: the 855 lacks a number of the order)
        E420 document of ours that leaves something out at (PO1-07): "10-4410" (line 1: the 855 lacks our item: no vendor qualifier or no place is free for it, or it cannot be said)
        E420 document of ours that leaves something out at (PO1-03): "two*" (line 2: the 855 lacks the unit, and with it the quantity)
    "#]]
    .assert_eq(&told);
}

#[test]
fn nothing_but_the_po_number_can_stop_the_answer() {
    let nasty = "*~>\n\u{7}";
    let mut line = line(1, 1, 1, vec![number(nasty, nasty)]);
    line.po_line_id = nasty.into();
    line.price = Some(Decimal::MAX);
    line.quantity = Some(Decimal::MAX);
    line.price_basis = nasty.into();
    line.unit = nasty.into();
    let mut order = order(vec![(line, decided(LineState::Ordered, LineOutcome::Mapped, nasty))]);
    order.order.release = nasty.into();
    order.order.contract = nasty.into();
    order.order.currency = nasty.into();
    order.order.references =
        vec![Reference { qualifier: "IA".into(), value: nasty.into(), description: nasty.into() }];
    order.order.parties = vec![Party {
        role: "ST".into(),
        name: nasty.into(),
        code_qualifier: nasty.into(),
        code: nasty.into(),
        ..Party::default()
    }];
    let (text, diagnostics) = says(&order);
    assert!(diagnostics.iter().all(|found| found.rule.code == "E420"), "{diagnostics:?}");
    expect![[r#"
        BAK*00*AD*4711*20260301*****20260309~
        PO1~
        ACK*IA~
        CTT*1~
    "#]]
    .assert_eq(&text);
    order.order.po_number = "47*11".into();
    let (set, diagnostics) = write(&order, &profile(), &envelope("004010"), TODAY);
    assert_eq!(set, None);
    let why = diagnostics.iter().find(|found| found.severity == Severity::Error).unwrap();
    assert_eq!((why.rule.code, why.found.as_str(), why.at.element), ("E140", "47*11", 3));
}

#[test]
fn what_the_partner_sent_goes_back_as_it_came_whatever_its_length_and_set() {
    use crate::domain::partner::CharacterSet;
    let long = "ab-".repeat(20);
    let mut line = line(1, 5, 6, vec![number("BP", &long), number("IN", "Größe-8")]);
    line.po_line_id = "a line id of more than twenty".into();
    line.numbers.push(number("SK", "漢"));
    let mut order = order(vec![(line, decided(LineState::Ordered, LineOutcome::Mapped, "hex-10"))]);
    order.order.po_number = "a PO number of more than 22".into();
    for (set, echoed, left_out) in [
        (CharacterSet::Utf8, "*IN*Größe-8*SK*漢*VP*hex-10", vec!["BAK-03"]),
        (CharacterSet::Latin1, "*IN*Gr\u{f6}\u{df}e-8*VP*hex-10", vec!["BAK-03", "PO1-07"]),
        (CharacterSet::Ascii, "*VP*hex-10", vec!["BAK-03", "PO1-07", "PO1-07"]),
        // our own number is no echo: the basic set has no small letters
        (CharacterSet::Basic, "", vec!["BAK-03", "PO1-07", "PO1-07", "PO1-07"]),
    ] {
        let mut envelope = envelope("004010");
        envelope.conventions.character_set = set;
        let (written, diagnostics) = write(&order, &profile(), &envelope, TODAY);
        let body = written.unwrap().body;
        let text = crate::x12::lexer::text(&body).to_string();
        assert_eq!(std::str::from_utf8(&body).is_ok(), set != CharacterSet::Latin1);
        let po1 = format!("PO1*a line id of more than twenty*6*CA*3.1*PE*BP*{long}{echoed}~");
        assert!(text.contains(&po1), "{set:?}: {text}");
        assert!(text.contains("*a PO number of more than 22*"), "{text}");
        let places: Vec<String> =
            diagnostics.iter().map(|d| format!("{}-{:02}", d.at.segment_id, d.at.element)).collect();
        assert_eq!(places, left_out, "{set:?}");
    }
}
