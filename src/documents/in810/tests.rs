//! What an 810 says, what it comes to, and what is refused.

use super::*;
use crate::documents::testing::{body, envelope, number, profile, whole};
use crate::domain::Text;
use crate::domain::invoice::InvoiceType;
use crate::domain::order::{Party, Reference};
use expect_test::expect;

fn line(quantity: &str, price: &str, basis: &str, divisor: i64, amount: &str) -> InvoiceLine {
    let decimal = |text: &str| Decimal::from_str_exact(text).unwrap();
    InvoiceLine {
        line: 1,
        po_line_id: "2".into(),
        quantity: decimal(quantity),
        unit: "CA".into(),
        price: decimal(price),
        price_basis: basis.into(),
        price_divisor: Decimal::from(divisor),
        numbers: vec![number("BP", "B-200"), number("VP", "10-4410"), number("UP", "036000291452")],
        amount: decimal(amount),
        ..InvoiceLine::default()
    }
}

fn charge(indicator: &str, code: &str, cents: i64) -> Charge {
    Charge {
        indicator: indicator.into(),
        code: code.into(),
        amount: Some(Decimal::new(cents, 2)),
        handling: "02".into(),
        ..Charge::default()
    }
}

fn invoice() -> Invoice {
    let mut invoice = Invoice {
        invoice_number: "I-1001".into(),
        invoice_date: Some(Date::constant(2026, 3, 9)),
        po_date: Some(Date::constant(2026, 3, 1)),
        po_number: "4711".into(),
        currency: "USD".into(),
        references: vec![Reference { qualifier: "DP".into(), value: "012".into(), ..Reference::default() }],
        parties: vec![
            Party {
                role: "RE".into(),
                name: "Northwind Fasteners".into(),
                address: vec!["1 Bolt Street".into()],
                city: "Dayton".into(),
                state: "OH".into(),
                ..Party::default()
            },
            Party { role: "ST".into(), code_qualifier: "92".into(), code: "0042".into(), ..Party::default() },
        ],
        terms: Some(Terms {
            kind: "08".into(),
            basis: "3".into(),
            percent: Some(Decimal::from(2)),
            discount_days: Some(10),
            net_days: Some(30),
            ..Terms::default()
        }),
        ship_date: Some(Date::constant(2026, 3, 8)),
        lines: vec![line("6", "3.10", "PE", 1, "18.60"), line("250", "1.999", "HP", 100, "5.00")],
        charges: vec![charge("A", "C310", 60), charge("C", "D240", 1250)],
        tax: Some(Decimal::new(149, 2)),
        ..Invoice::default()
    };
    invoice.lines[0].description = "Hex bolt * M8".into();
    invoice.lines[0].charges = vec![charge("C", "D500", 25)];
    invoice.total = Decimal::new(3724, 2);
    invoice
}

#[test]
fn a_whole_810() {
    let envelope = envelope("004010");
    let (set, diagnostics) = write(&invoice(), &profile(), &envelope);
    let told: Vec<String> = diagnostics.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "E141 text of ours that was altered for this partner at segment 12 (PID-05): \"Hex bolt * M8\" (written as \"Hex bolt   M8\")"
        ]
    );
    // 18.60 + 0.25 + 5.00 - 0.60 = 23.25 of goods; 2 % of it is 0.465, rounded 0.47; + 12.50 freight + 1.49 tax = 37.24
    expect![[r#"
        ISA*00*          *00*          *ZZ*NORTHWIND      *01*006922827      *260309*2130*U*00401*000000007*0*P*>~
        GS*IN*NORTHWIND*ACMEPO*20260309*2130*7*X*004010~
        ST*810*0001~
        BIG*20260309*I-1001*20260301*4711***DI~
        CUR*SE*USD~
        REF*DP*012~
        N1*RE*Northwind Fasteners~
        N3*1 Bolt Street~
        N4*Dayton*OH~
        N1*ST**92*0042~
        ITD*08*3*2**10**30~
        DTM*011*20260308~
        IT1*2*6*CA*3.1*PE*BP*B-200*VP*10-4410*UP*036000291452~
        PID*F****Hex bolt   M8~
        SAC*C*D500***25*******02~
        IT1*2*250*CA*1.999*HP*BP*B-200*VP*10-4410*UP*036000291452~
        TDS*3724*2325*3677*47~
        TXI*TX*1.49~
        SAC*A*C310***60*******02~
        SAC*C*D240***1250*******02~
        CTT*2*256~
        SE*20*0001~
        GE*1*7~
        IEA*1*000000007~
    "#]]
    .assert_eq(&whole(&envelope, &set.unwrap()));
}

#[test]
fn a_credit_is_positive_and_only_its_type_tells() {
    let mut credit = invoice();
    credit.kind = InvoiceType::Credit;
    credit.terms = None;
    let (set, _) = write(&credit, &profile(), &envelope("005010"));
    let text = body(&set.unwrap());
    assert!(text.contains("BIG*20260309*I-1001*20260301*4711***CR~"), "{text}");
    assert!(text.contains("TDS*3724~"), "{text}");
    assert!(!text.contains("*-"), "{text}");
}

#[test]
fn the_base_of_the_discount_is_said_only_where_it_is_not_the_total() {
    let mut plain = invoice();
    plain.charges.clear();
    plain.tax = None;
    plain.total = Decimal::new(2385, 2);
    let (set, _) = write(&plain, &profile(), &envelope("004010"));
    // 2 % of 23.85 is 0.477
    assert!(body(&set.unwrap()).contains("TDS*2385**2337*48~"));
}

#[test]
fn an_invoice_that_does_not_balance_is_refused_with_its_proof() {
    let mut wrong = invoice();
    wrong.total = Decimal::new(3725, 2);
    wrong.lines[1].amount = Decimal::new(501, 2);
    let (set, diagnostics) = write(&wrong, &profile(), &envelope("004010"));
    assert_eq!(set, None);
    expect![[r#"E421 invoice that does not balance: "I-1001" (line 2: 250 x 1.999 / 100 = 4.9975, rounded 5.00, but billed 5.01)"#]]
        .assert_eq(&diagnostics[0].to_string());
    wrong.lines[1].amount = Decimal::new(500, 2);
    let (set, diagnostics) = write(&wrong, &profile(), &envelope("004010"));
    assert_eq!(set, None);
    assert_eq!(diagnostics[0].rule.code, "E421");
    assert!(diagnostics[0].detail.contains("come to 37.24, but the total is 37.25"), "{diagnostics:?}");
}

#[test]
fn what_an_810_cannot_say_is_refused() {
    type Spoil = fn(&mut Invoice);
    let cases: &[(&str, Spoil)] = &[
        ("no date", |invoice| invoice.invoice_date = None),
        ("no number", |invoice| invoice.invoice_number = "".into()),
        ("a number of blanks", |invoice| invoice.invoice_number = " ".into()),
        ("a long number", |invoice| invoice.invoice_number = "12345678901234567890123".into()),
        ("a long PO number", |invoice| invoice.po_number = "12345678901234567890123".into()),
        ("a separator in the PO number", |invoice| invoice.po_number = "47*11".into()),
        ("a separator in the echo", |invoice| invoice.lines[0].numbers[0].value = "B>200".into()),
        ("no unit", |invoice| invoice.lines[0].unit = "".into()),
        ("a long line id", |invoice| invoice.lines[0].po_line_id = "123456789012345678901".into()),
        ("eleven numbers", |invoice| {
            invoice.lines[0].numbers = (0..11).map(|n| number("BP", &n.to_string())).collect();
        }),
        ("no line", |invoice| {
            invoice.lines.clear();
            invoice.total = Decimal::new(1339, 2);
        }),
        ("a total beyond 15 digits", |invoice| {
            invoice.charges.push(charge("C", "D500", 10_000_000_000_000_000));
            invoice.total = invoice.computed_total();
        }),
        ("a price for 0 units", |invoice| invoice.lines[0].price_divisor = Decimal::ZERO),
        ("a price past all bounds", |invoice| invoice.lines[0].price = Decimal::MAX),
        ("a unit price of more than 17 digits", |invoice| {
            invoice.lines[0].price = Decimal::from_i128_with_scale(3_100_000_000_000_000_001, 18);
        }),
        ("a currency that is no code", |invoice| invoice.currency = "DOLLAR".into()),
        ("a separator in a party's code", |invoice| invoice.parties[1].code = "4*2".into()),
        ("a charge without its code", |invoice| invoice.charges[0].code = "".into()),
    ];
    for (name, spoil) in cases {
        let mut invoice = invoice();
        spoil(&mut invoice);
        let (set, diagnostics) = write(&invoice, &profile(), &envelope("004010"));
        assert_eq!(set, None, "{name}");
        assert!(diagnostics.iter().any(|found| found.severity == Severity::Error), "{name}");
    }
}

#[test]
fn units_that_are_no_code_go_out_by_the_alias_table() {
    let mut words = invoice();
    words.lines[0].unit = "CASE".into();
    let mut profile = profile();
    profile.orders.unit_aliases.insert("CASE".into(), "CA".into());
    profile.invoices.hash_total = false;
    let (set, _) = write(&words, &profile, &envelope("004010"));
    let text = body(&set.unwrap());
    assert!(text.contains("IT1*2*6*CA*3.1"), "{text}");
    assert!(text.ends_with("CTT*2~\n"), "{text}");
}

#[test]
fn the_hash_total_sums_digits_without_point_and_sign() {
    let total = |texts: &[&str]| hash_total(texts.iter().map(|text| Decimal::from_str_exact(text).unwrap()));
    assert_eq!(total(&["-.0018", ".18", "1.8", "18.01"]), 1855);
    assert_eq!(total(&["9999999999", "2"]), 1);
    assert_eq!(total(&["6.0", "250"]), 256);
}

#[test]
fn what_an_810_can_do_without_is_left_out_or_altered_and_told() {
    use crate::domain::partner::CharacterSet;
    let mut invoice = invoice();
    invoice.lines[0].description = "漢".into();
    invoice.lines[1].description = "x".repeat(81).into();
    invoice.references[0].value = "0*2".into();
    invoice.parties[0].address = vec!["漢".into()];
    invoice.parties[0].state = "Ohio".into();
    invoice.parties[0].name = "Müller & Łódź".into();
    let mut envelope = envelope("005010");
    envelope.conventions.character_set = CharacterSet::Ascii;
    let (set, diagnostics) = write(&invoice, &profile(), &envelope);
    let text = body(&set.unwrap());
    assert!(text.contains("N1*RE*Muller & Lodz~\nN4*Dayton~\n"), "{text}");
    assert!(!text.contains("REF*") && !text.contains("N3*"), "{text}");
    assert_eq!(text.matches("PID*").count(), 1);
    assert!(text.contains(&format!("PID*F****{}~", "x".repeat(80))), "{text}");
    let mut told: Vec<String> = diagnostics
        .iter()
        .map(|d| format!("{} {}-{:02}", d.rule.code, d.at.segment_id, d.at.element))
        .collect();
    told.sort();
    assert_eq!(told, ["E141 N4-02", "E141 PID-05", "E420 N3-01", "E420 PID-04", "E420 REF-02"]);
}

#[test]
fn serials_stand_at_their_line_where_the_partner_wants_them() {
    // 31 characters
    const LONG: &str = "1234567890123456789012345678901";
    let mut invoice = invoice();
    let serials = ["S-1", " S-2 ", "", "LOT-7*12", "A*B", LONG];
    invoice.lines[0].serials = serials.map(Text::from).to_vec();
    let mut profile = profile();
    let written = |profile: &PartnerProfile| {
        let (set, told) = write(&invoice, profile, &envelope("004010"));
        (body(&set.unwrap()), told.into_iter().map(|found| found.rule.code).collect::<Vec<_>>())
    };
    assert!(!written(&profile).0.contains("REF*SE"));
    profile.invoices.serials = true;
    let (text, told) = written(&profile);
    let references: Vec<&str> =
        text.split('~').map(str::trim).filter(|it| it.starts_with("REF*SE")).collect();
    // what this version has no room for, or would part in two elements, is left out and told
    assert_eq!(references, ["REF*SE*S-1", "REF*SE*S-2", "REF*SE*LOT-7*12 UNITS"]);
    assert_eq!(told.iter().filter(|code| **code == "E420").count(), 2, "{told:?}");
    let line = text.find("IT1*").unwrap();
    assert!(line < text.find("REF*SE").unwrap() && text.find("REF*SE").unwrap() < text.find("TDS*").unwrap());
}
