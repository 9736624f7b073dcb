//! An independent reader, the crate `x12-types`, accepts what we write: 810 and 997 in 004010 and 005010, 855 and 865 in 005010, also
//! all of those that golden nights send.
//!
//! It has no 004010 855. It checks the order of segments and not the elements in them: its 004010 TDS has TDS01 alone and
//! passes over what follows, and its AK4 counts the elements in another way, so only what it reads rightly is compared. It
//! knows the separators `*` and `~` alone, and one group in an interchange.

use itembridge::documents::fa997::{self, GroupAcknowledgment, SetAcknowledgment};
use itembridge::documents::{ca865, in810, pr855};
use itembridge::domain::change::{ChangeState, OrderChange};
use itembridge::domain::diagnostic::{Answer, Diagnostic, Location, Rule, Severity};
use itembridge::domain::invoice::{Invoice, InvoiceLine};
use itembridge::domain::order::{Charge, ItemNumber, OrderLine, Party, PurchaseOrder, Terms};
use itembridge::domain::partner::{
    InvoiceSettings, OrderSettings, PartnerIdentity, PartnerProfile, X12Settings,
};
use itembridge::domain::resolution::{DecidedLine, DecidedOrder, LineOutcome, LineState, Resolution};
use itembridge::domain::rules::{catalogue, elements, segments};
use itembridge::domain::{Date, Decimal};
use itembridge::x12::envelope::{Limits, scan};
use itembridge::x12::lexer::Separators;
use itembridge::x12::writer::{Conventions, OutboundEnvelope, WrittenSet, interchange};
use x12_types::util::Parser;
use x12_types::{v004010, v005010};

#[test]
fn reads_our_810_of_004010_and_adds_it_up_to_the_same_total() {
    let envelope = envelope("004010");
    let (set, diagnostics) = in810::write(&invoice(), &profile(), &envelope);
    assert_eq!(diagnostics, []);
    let text = whole(&envelope, &set.unwrap());
    let (rest, read) = v004010::Transmission::<v004010::_810>::parse(&text).unwrap();
    assert_eq!(rest, "");
    let early = text.replace("TXI*TX*1.49~\n", "").replace("TDS*", "TXI*TX*1.49~\nTDS*");
    let misread = v004010::Transmission::<v004010::_810>::parse(&early);
    assert!(misread.is_err(), "the reader sees a segment out of its place");
    let invoice = &read.functional_group[0].segments[0];
    assert_eq!(invoice.loop_it1.len(), 2);
    // in whole cents, by integers, from what the reader found
    let mut cents = scaled(invoice.txi[0]._02.as_ref().unwrap().raw());
    for line in &invoice.loop_it1 {
        let divisor = if line.it1._05.as_deref() == Some("HP") { 100 } else { 1 };
        let product = scaled(&line.it1._02) * scaled(line.it1._04.as_deref().unwrap());
        cents += (product + 50 * divisor) / (100 * divisor);
    }
    for charge in invoice.loop_sac.iter().map(|charge| &charge.sac) {
        let amount: i64 = charge._05.as_deref().unwrap().parse().unwrap();
        cents += if charge._01 == "A" { -amount } else { amount };
    }
    assert_eq!(invoice.tds._01.as_i64(), Some(cents));
}

/// The same segments stand in both versions, and the 005010 reader reads TDS02 and what follows too.
#[test]
fn reads_our_810_of_005010_with_the_same_lines_and_total() {
    let envelope = envelope("005010");
    let (set, diagnostics) = in810::write(&invoice(), &profile(), &envelope);
    assert_eq!(diagnostics, []);
    let text = whole(&envelope, &set.unwrap());
    let (rest, read) = v005010::Transmission::<v005010::_810>::parse(&text).unwrap();
    assert_eq!(rest, "");
    let invoice = &read.functional_group[0].segments[0];
    let lines: Vec<(&str, &str)> = invoice
        .loop_it1
        .iter()
        .map(|line| (line.it1._02.as_deref().unwrap(), line.it1._04.as_deref().unwrap()))
        .collect();
    assert_eq!(lines, [("6", "3.1"), ("250", "1.99")]);
    assert_eq!((invoice.tds._01.as_i64(), invoice.loop_sac.len()), (Some(3697), 2));
}

/// Each 810, 855 and 997 of a golden night whose version the reader has, in one group and with the separators it knows.
#[test]
fn reads_what_golden_nights_send() {
    let outputs = crate::nights::files(&crate::nights::repository("tests/golden"));
    let mut read = std::collections::BTreeMap::new();
    for (path, bytes) in outputs.iter().filter(|(path, _)| path.contains("/out/outbox/")) {
        let kind = path.rsplit('/').next().unwrap().split('-').next().unwrap();
        let text = String::from_utf8_lossy(bytes);
        if kind == "ta1" || bytes.get(103) != Some(&b'*') || bytes.get(105) != Some(&b'~') {
            continue;
        }
        let mut groups = text.lines().filter(|line| line.starts_with("GS*"));
        let (Some(group), None) = (groups.next(), groups.next()) else { continue };
        let version = if group.ends_with("*005010~") { "005010" } else { "004010" };
        let rest = match (kind, version) {
            ("810", "004010") => v004010::Transmission::<v004010::_810>::parse(&text).map(|(rest, _)| rest),
            ("810", _) => v005010::Transmission::<v005010::_810>::parse(&text).map(|(rest, _)| rest),
            ("997", "004010") => v004010::Transmission::<v004010::_997>::parse(&text).map(|(rest, _)| rest),
            ("997", _) => v005010::Transmission::<v005010::_997>::parse(&text).map(|(rest, _)| rest),
            ("855", "005010") => v005010::Transmission::<v005010::_855>::parse(&text).map(|(rest, _)| rest),
            _ => continue,
        };
        assert_eq!(rest, Ok(""), "{path}");
        *read.entry((kind, version)).or_insert(0) += 1;
    }
    for (kind, least) in [
        (("997", "004010"), 50),
        (("997", "005010"), 2),
        (("810", "004010"), 8),
        (("810", "005010"), 1),
        (("855", "005010"), 1),
    ] {
        assert!(read.get(&kind).is_some_and(|count| *count >= least), "{read:?}");
    }
}

#[test]
fn reads_our_997_of_004010() {
    let at = |segment: u32, id: &str, element| Location {
        segment,
        segment_id: id.into(),
        loop_id: "PO1".into(),
        element,
        reference: 330,
        ..Location::default()
    };
    let missing = Diagnostic::new(&segments::SEGMENT_MISSING, at(4, "PO1", 0));
    let text = Diagnostic::new(&elements::ELEMENT_INVALID_CHARACTER, at(5, "PO1", 2)).found("two dozen");
    let set = |control: &str, diagnostics| SetAcknowledgment {
        id: "850".into(),
        control: control.into(),
        diagnostics,
        ..SetAcknowledgment::default()
    };
    let group = GroupAcknowledgment {
        functional_id: "PO".into(),
        control: "12".into(),
        sets: vec![set("0001", vec![]), set("0002", vec![missing, text])],
        ..GroupAcknowledgment::default()
    };
    let envelope = envelope("004010");
    let (set, _) = fa997::write(&group, &envelope);
    let text = whole(&envelope, &set);
    let (rest, read) = v004010::Transmission::<v004010::_997>::parse(&text).unwrap();
    assert_eq!(rest, "");
    let read = &read.functional_group[0].segments[0];
    let notes: Vec<usize> = read.loop_ak2.iter().map(|set| set.loop_ak3.len()).collect();
    assert_eq!(notes, [0, 2]);
}

/// A set for each rule of the catalogue that has something wrong with it, under a group with every fault of a group.
fn every_rule() -> GroupAcknowledgment {
    let at = Location {
        segment: 5,
        segment_id: "PO1".into(),
        loop_id: "PO1".into(),
        element: 6,
        component: 2,
        repetition: 3,
        reference: 235,
        ..Location::default()
    };
    let found = |rule| Diagnostic::new(rule, at.clone()).found("a*b~c>d^e");
    let set = |(number, rule): (usize, _)| SetAcknowledgment {
        id: "850".into(),
        control: format!("{number:04}").into(),
        convention: "005010X999".into(),
        diagnostics: vec![found(rule)],
    };
    let of_group = |rule: &&'static Rule| matches!(rule.answer, Answer::Group(_));
    GroupAcknowledgment {
        functional_id: "PO".into(),
        control: "12".into(),
        version: "005010".into(),
        stated_sets: Some(7),
        sets: catalogue().enumerate().map(set).collect(),
        diagnostics: catalogue().filter(of_group).map(found).collect(),
    }
}

/// How many AK3 stand under each AK2: one where the rule is answered in an AK3, or in an AK4 below one.
fn notes_expected() -> Vec<usize> {
    let noted = |rule: &Rule| {
        let counts = rule.severity > Severity::Note;
        usize::from(counts && matches!(rule.answer, Answer::Segment(_) | Answer::Element(_)))
    };
    catalogue().map(noted).collect()
}

#[test]
fn reads_a_997_with_every_rule_in_both_versions() {
    let group = every_rule();
    let written = |version| {
        let envelope = envelope(version);
        let (set, unsaid) = fa997::write(&group, &envelope);
        assert_eq!(unsaid, []);
        whole(&envelope, &set)
    };
    let text = written("004010");
    let (rest, read) = v004010::Transmission::<v004010::_997>::parse(&text).unwrap();
    assert_eq!(rest, "");
    let read = &read.functional_group[0].segments[0];
    assert_eq!(read.loop_ak2.iter().map(|set| set.loop_ak3.len()).collect::<Vec<_>>(), notes_expected());

    let text = written("005010");
    let (rest, read) = v005010::Transmission::<v005010::_997>::parse(&text).unwrap();
    assert_eq!(rest, "");
    let read = &read.functional_group[0].segments[0];
    assert_eq!(read.loop_ak2.iter().map(|set| set.loop_ak3.len()).collect::<Vec<_>>(), notes_expected());
}

#[test]
fn reads_our_855_of_005010() {
    let line = |line: u32, state, outcome, item: &str| {
        let ordered = OrderLine {
            line,
            po_line_id: line.to_string().into(),
            quantity: Some(Decimal::from(6)),
            unit: "CA".into(),
            price: Some(Decimal::new(310, 2)),
            numbers: vec![number("BP", "B-200")],
            segment: line + 4,
            ..OrderLine::default()
        };
        let resolution = Resolution { outcome, item: item.into(), ..Resolution::default() };
        (ordered, DecidedLine { state, resolution, unit_price: None })
    };
    let (lines, decided) = [
        line(1, LineState::Ordered, LineOutcome::Mapped, "10-4410"),
        line(2, LineState::Held, LineOutcome::Unmapped, ""),
    ]
    .into_iter()
    .unzip();
    let date = Date::constant(2026, 3, 9);
    let order =
        PurchaseOrder { po_number: "4711".into(), po_date: Some(date), lines, ..PurchaseOrder::default() };
    let order = DecidedOrder { order, lines: decided, ..DecidedOrder::default() };
    let envelope = envelope("005010");
    let (set, diagnostics) = pr855::write(&order, &profile(), &envelope, date);
    let set = set.unwrap();
    assert_eq!(diagnostics, []);
    let text = whole(&envelope, &set);
    let (rest, read) = v005010::Transmission::<v005010::_855>::parse(&text).unwrap();
    assert_eq!(rest, "");
    let read = &read.functional_group[0].segments[0];
    let statuses: Vec<Vec<&str>> =
        read.loop_po1.iter().map(|po1| po1.ack.iter().map(|ack| ack._01.as_str()).collect()).collect();
    assert_eq!(statuses, [["IA"], ["IH"]]);
}

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
        time: "2130".into(),
    }
}

fn profile() -> PartnerProfile {
    PartnerProfile {
        partner: PartnerIdentity { id: "acme".into(), customer: "ACME".into(), ..PartnerIdentity::default() },
        x12: X12Settings::default(),
        orders: OrderSettings::default(),
        invoices: InvoiceSettings::default(),
    }
}

/// The interchange as text, after our own reader has found its counts and control numbers right.
fn whole(envelope: &OutboundEnvelope, set: &WrittenSet) -> String {
    let bytes = interchange(envelope, 7, 7, std::slice::from_ref(set));
    let index = scan(bytes.as_slice(), &Limits::default()).unwrap();
    let found: Vec<&Diagnostic> = index
        .interchanges
        .iter()
        .flat_map(|interchange| &interchange.groups)
        .flat_map(|group| group.diagnostics.iter().chain(group.sets.iter().flat_map(|set| &set.diagnostics)))
        .collect();
    assert!(
        index.diagnostics.is_empty() && index.interchanges[0].is_sound() && found.is_empty(),
        "{found:?}"
    );
    assert_eq!(index.interchanges[0].groups[0].sets[0].segments, set.segments + 2);
    String::from_utf8(bytes).unwrap()
}

fn number(qualifier: &str, value: &str) -> ItemNumber {
    ItemNumber { qualifier: qualifier.into(), value: value.into() }
}

/// `3.1` is 310, `6` is 600 and `1.99` is 199: text to hundredths by integers alone.
fn scaled(text: &str) -> i64 {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{part:0<2}").parse().unwrap()
}

fn invoice() -> Invoice {
    let line = |quantity: i64, price: Decimal, basis: &str, divisor: i64, amount: Decimal| InvoiceLine {
        line: 1,
        quantity: Decimal::from(quantity),
        unit: "CA".into(),
        price,
        price_basis: basis.into(),
        price_divisor: Decimal::from(divisor),
        numbers: vec![number("BP", "B-200"), number("VP", "10-4410"), number("UP", "036000291452")],
        description: "Hex bolt".into(),
        amount,
        ..InvoiceLine::default()
    };
    let charge = |indicator: &str, code: &str, cents: i64| Charge {
        indicator: indicator.into(),
        code: code.into(),
        amount: Some(Decimal::new(cents, 2)),
        handling: "06".into(),
        description: "Freight".into(),
        ..Charge::default()
    };
    let party = |role: &str, name: &str| Party {
        role: role.into(),
        name: name.into(),
        code_qualifier: "92".into(),
        code: "0042".into(),
        address: vec!["1 Bolt Street".into()],
        city: "Dayton".into(),
        ..Party::default()
    };
    Invoice {
        terms: Some(Terms {
            kind: "08".into(),
            basis: "3".into(),
            percent: Some(Decimal::from(2)),
            discount_days: Some(10),
            net_days: Some(30),
            ..Terms::default()
        }),
        invoice_number: "I-1001".into(),
        invoice_date: Some(Date::constant(2026, 3, 9)),
        po_number: "4711".into(),
        currency: "USD".into(),
        parties: vec![party("RE", "Northwind Fasteners"), party("ST", "Store 42")],
        ship_date: Some(Date::constant(2026, 3, 8)),
        lines: vec![
            line(6, Decimal::new(310, 2), "PE", 1, Decimal::new(1860, 2)),
            line(250, Decimal::new(199, 2), "HP", 100, Decimal::new(498, 2)),
        ],
        charges: vec![charge("A", "C310", 60), charge("C", "D240", 1250)],
        tax: Some(Decimal::new(149, 2)),
        total: Decimal::new(3697, 2),
        ..Invoice::default()
    }
}

/// It knows the 865 of 005010 alone.
#[test]
fn reads_our_865_of_005010_line_by_line() {
    let line = |segment: u32| OrderLine {
        po_line_id: segment.to_string().into(),
        quantity: Some(Decimal::from(6)),
        unit: "EA".into(),
        price: Some(Decimal::new(125, 1)),
        numbers: vec![ItemNumber { qualifier: "BP".into(), value: "A-1".into() }],
        segment,
        ..OrderLine::default()
    };
    let order = PurchaseOrder {
        purpose: "04".into(),
        po_number: "0047".into(),
        po_date: Some(Date::constant(2026, 3, 1)),
        lines: vec![line(3), line(4)],
        ..PurchaseOrder::default()
    };
    let kinds = vec!["QD".into(), "DI".into()];
    let change =
        OrderChange { document: "860".into(), sequence: "2".into(), order, kinds, ..OrderChange::default() };
    let envelope = envelope("005010");
    let items = ["10-1".into(), "10-1".into()];
    let answer = ca865::Answer { change: &change, state: ChangeState::Applied, items: &items, again: false };
    let (set, found) = ca865::write(answer, &profile(), &envelope, Date::constant(2026, 3, 9));
    assert_eq!(found, []);
    let text = whole(&envelope, &set.unwrap());
    let (rest, read) = v005010::Transmission::<v005010::_865>::parse(&text).unwrap();
    assert_eq!(rest, "");
    let answer = &read.functional_group[0].segments[0];
    assert_eq!((answer.bca._02.as_deref(), answer.bca._03.as_deref()), (Some("AD"), Some("0047")));
    assert_eq!(answer.loop_poc.len(), 2);
}
