//! Orders come back from the store as they went in, to the last digit.

use super::*;
use crate::domain::Date;
use crate::domain::order::{Charge, Contact, DatedEvent, Party, Reference, Routing, SubLine, Tax, Terms};
use crate::domain::resolution::{Candidate, InvalidReason, LineOutcome, LineState, Via};
use crate::domain::unit::Fraction;
use expect_test::expect;
use proptest::collection::vec;
use proptest::prelude::*;

#[test]
fn a_mapped_line_is_one_short_array() {
    let number = ItemNumber { qualifier: "BP".into(), value: "B-200".into() };
    let line = OrderLine {
        line: 2,
        po_line_id: "2".into(),
        quantity: Some(Decimal::from(6)),
        quantity_text: "6".into(),
        unit: "CA".into(),
        unit_text: "CA".into(),
        price: Some(Decimal::new(310, 2)),
        numbers: vec![number.clone()],
        segment: 5,
        offset: 431,
        ..OrderLine::default()
    };
    let chosen = Candidate {
        via: Via::Customer,
        number: number.clone(),
        item: "10-4410".into(),
        xref_id: Some(71),
        chosen: true,
        reason: "the only row".into(),
    };
    let resolution = Resolution {
        outcome: LineOutcome::Mapped,
        item: "10-4410".into(),
        via: Some(Via::Customer),
        xref_id: Some(71),
        matched: number,
        quantity: Some(Decimal::from(72)),
        unit: "EA".into(),
        factor: Fraction::new(12, 1),
        candidates: vec![chosen],
        ..Resolution::default()
    };
    let decided =
        DecidedLine { resolution, state: LineState::Ordered, unit_price: Some(Decimal::new(310, 2)) };
    let text = encode(&[line], &[decided]).unwrap();
    expect![[r#"[[2,"2","10-4410","mapped","ordered","customer","6","CA","72","EA","3.10","B-200","BP",71,"",null,"3.10","",[["BP","B-200"]],"",5,431,[["customer",["BP","B-200"],"10-4410",71,true,"the only row"]],"12"]]"#]]
        .assert_eq(&text);
}

#[test]
fn a_header_has_only_what_the_document_said() {
    let order = PurchaseOrder {
        purpose: "00".into(),
        po_number: "4711".into(),
        po_date: Some(Date::constant(2026, 3, 1)),
        parties: vec![Party { role: "ST".into(), code: "0007".into(), ..Party::default() }],
        received_lines: 3,
        ..PurchaseOrder::default()
    };
    expect![[r#"{"purpose":"00","po_number":"4711","po_date":"2026-03-01","parties":[["ST","","","0007"]],"received_lines":3}"#]]
        .assert_eq(&encode_header(&order).unwrap());
}

#[test]
fn an_order_with_nothing_in_it_is_kept() {
    assert_eq!(encode(&[], &[]).unwrap(), "[]");
    assert_eq!(decode("[]").unwrap(), (vec![], vec![]));
    assert_eq!(encode_header(&PurchaseOrder::default()).unwrap(), "{}");
    assert_eq!(decode_header("{}").unwrap(), PurchaseOrder::default());
    let text = encode(&[OrderLine::default()], &[DecidedLine::default()]).unwrap();
    assert_eq!(decode(&text).unwrap(), (vec![OrderLine::default()], vec![DecidedLine::default()]));
}

#[test]
fn what_is_no_order_is_refused_with_the_reason() {
    for (text, reason) in [
        ("[[1]]", "the column outcome is not there"),
        (r#"[[1,"","","lost","ordered"]]"#, "unknown variant `lost`"),
        (r#"[[1,"","","mapped","ordered",null,"two"]]"#, "invalid value"),
        ("{}", "invalid type: map"),
        ("", "EOF"),
    ] {
        let error = format!("{:#}", decode(text).unwrap_err());
        assert!(error.contains(reason) && error.starts_with("read the lines"), "{text}: {error}");
    }
    assert!(encode(&[OrderLine::default()], &[]).is_err());
    let row =
        OrderRow { order_id: "O-1".into(), header: "{}".into(), lines: "[".into(), ..OrderRow::default() };
    assert!(format!("{:#}", order_from_row(&row).unwrap_err()).starts_with("order O-1: "));
}

#[test]
fn an_order_without_a_date_was_looked_up_on_the_day_it_came() {
    let received = Date::constant(2026, 3, 2);
    let mut row = OrderRow {
        received,
        header: "{}".into(),
        lines: "[]".into(),
        currency: "USD".into(),
        ..OrderRow::default()
    };
    assert_eq!(order_from_row(&row).unwrap().as_of, Some(received));
    row.po_date = Some(Date::constant(2026, 2, 27));
    let order = order_from_row(&row).unwrap();
    assert_eq!((order.as_of, order.currency.as_str()), (row.po_date, "USD"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn lines_come_back_exactly(both in vec((line(), decided()), 0..4)) {
        let (lines, decided): (Vec<_>, Vec<_>) = both.into_iter().unzip();
        let text = encode(&lines, &decided).unwrap();
        let (lines_again, decided_again) = decode(&text).unwrap();
        // the text of a decimal tells its scale, which `==` does not look at
        prop_assert_eq!(format!("{:?}", &lines), format!("{:?}", &lines_again));
        prop_assert_eq!(format!("{:?}", &decided), format!("{:?}", &decided_again));
        prop_assert!(!text.contains('\0'));
    }

    #[test]
    fn headers_come_back_exactly(order in header()) {
        let text = encode_header(&order).unwrap();
        prop_assert_eq!(format!("{:?}", decode_header(&text).unwrap()), format!("{order:?}"));
    }
}

fn text() -> impl Strategy<Value = Text> {
    prop_oneof![3 => Just(String::new()), 3 => "[A-Z0-9-]{1,8}", 2 => any::<String>()].prop_map(Text::from)
}

fn decimal() -> impl Strategy<Value = Option<Decimal>> {
    prop_oneof![
        Just(None),
        (any::<i64>(), 0u32..8).prop_map(|(digits, scale)| Some(Decimal::new(digits, scale))),
        (-79_228_162_514_264_337_593_543_950_335i128..=79_228_162_514_264_337_593_543_950_335, 0u32..=28)
            .prop_map(|(digits, scale)| Some(Decimal::from_i128_with_scale(digits, scale))),
    ]
}

fn date() -> impl Strategy<Value = Option<Date>> {
    proptest::option::of((1i16..9999, 1i8..=12, 1i8..=28).prop_map(|(y, m, d)| Date::constant(y, m, d)))
}

fn number() -> impl Strategy<Value = ItemNumber> {
    (text(), text()).prop_map(|(qualifier, value)| ItemNumber { qualifier, value })
}

fn charge() -> impl Strategy<Value = Charge> {
    ((text(), text(), decimal(), text(), decimal()), (decimal(), text(), decimal(), text(), text())).prop_map(
        |(
            (indicator, code, amount, percent_basis, percent),
            (rate, unit, quantity, handling, description),
        )| {
            Charge {
                indicator,
                code,
                amount,
                percent_basis,
                percent,
                rate,
                unit,
                quantity,
                handling,
                description,
            }
        },
    )
}

fn tax() -> impl Strategy<Value = Tax> {
    (text(), decimal(), decimal(), text(), text(), text()).prop_map(
        |(kind, amount, percent, jurisdiction_qualifier, jurisdiction, exempt)| Tax {
            kind,
            amount,
            percent,
            jurisdiction_qualifier,
            jurisdiction,
            exempt,
        },
    )
}

fn subline() -> impl Strategy<Value = SubLine> {
    (text(), text(), decimal(), text(), decimal(), vec(number(), 0..2)).prop_map(
        |(id, relationship, quantity, unit, price, numbers)| SubLine {
            id,
            relationship,
            quantity,
            unit,
            price,
            numbers,
        },
    )
}

fn line() -> impl Strategy<Value = OrderLine> {
    let received = (text(), decimal(), text(), text(), text(), decimal(), text());
    let rest =
        (vec(number(), 0..3), text(), text(), date(), vec(charge(), 0..2), text(), vec(subline(), 0..2));
    let flaws = (vec(text(), 0..2), vec((text(), text(), text()), 0..2), decimal(), vec(tax(), 0..2));
    (received, rest, flaws, any::<(u32, u32, u64, bool)>()).prop_map(
        |(received, rest, (flaws, references, split_from, taxes), (line, segment, offset, usual))| {
            let reference = |(qualifier, value, description)| Reference { qualifier, value, description };
            let references = references.into_iter().map(reference).collect();
            let (po_line_id, quantity, received_text, unit, unit_text, price, price_basis) = received;
            let (numbers, description, ship_to, requested_date, charges, pack, sublines) = rest;
            OrderLine {
                line,
                po_line_id,
                quantity,
                quantity_text: if usual { quantity_text(quantity) } else { received_text },
                unit_text: if usual { unit.clone() } else { unit_text },
                unit,
                price,
                price_basis,
                numbers,
                description,
                ship_to,
                requested_date,
                charges,
                taxes,
                pack,
                sublines,
                segment,
                offset,
                flaws,
                references,
                split_from,
            }
        },
    )
}

fn via() -> impl Strategy<Value = Via> {
    prop_oneof![Just(Via::ShipTo), Just(Via::Everyone), Just(Via::Gtin), Just(Via::MatchForm)]
}

fn candidate() -> impl Strategy<Value = Candidate> {
    (via(), number(), text(), proptest::option::of(any::<i64>()), any::<bool>(), text()).prop_map(
        |(via, number, item, xref_id, chosen, reason)| Candidate {
            via,
            number,
            item,
            xref_id,
            chosen,
            reason,
        },
    )
}

fn decided() -> impl Strategy<Value = DecidedLine> {
    let reason = prop_oneof![Just(None), Just(Some(InvalidReason::UnitUnknown))];
    let factor = (0u64..99, 1u64..99).prop_map(|(n, d)| Fraction::new(n, d));
    let found = (0usize..5, reason, text(), proptest::option::of(via()), proptest::option::of(any::<i64>()));
    let rest = (number(), text(), decimal(), text(), factor, vec(candidate(), 0..3), vec(text(), 0..2));
    let state = prop_oneof![Just(LineState::Ordered), Just(LineState::Held), Just(LineState::Rejected)];
    (found, rest, state, decimal()).prop_map(|(found, rest, state, unit_price)| {
        let (outcome, reason, item, via, xref_id) = found;
        let (matched, superseded, quantity, unit, factor, candidates, notes) = rest;
        let resolution = Resolution {
            outcome: LineOutcome::ALL[outcome],
            reason,
            item,
            via,
            xref_id,
            matched,
            superseded,
            quantity,
            unit,
            factor,
            candidates,
            notes,
        };
        DecidedLine { resolution, state, unit_price }
    })
}

#[expect(clippy::too_many_lines, clippy::similar_names, reason = "one strategy for each part of the header")]
fn header() -> impl Strategy<Value = PurchaseOrder> {
    let beg = (text(), text(), text(), text(), date(), text(), text(), text());
    let reference = (text(), text(), text()).prop_map(|(qualifier, value, description)| Reference {
        qualifier,
        value,
        description,
    });
    let contact = (text(), text(), vec(number(), 0..2)).prop_map(|(function, name, numbers)| Contact {
        function,
        name,
        numbers,
    });
    let days = || proptest::option::of(any::<u32>());
    let terms = (text(), decimal(), date(), days(), date(), days(), text()).prop_map(
        |(kind, percent, discount_due, discount_days, net_due, net_days, description)| Terms {
            basis: kind.clone(),
            kind,
            percent,
            discount_due,
            discount_days,
            net_due,
            net_days,
            description,
        },
    );
    let dated =
        (text(), date(), text()).prop_map(|(qualifier, date, text)| DatedEvent { qualifier, date, text });
    let routing = (text(), text(), text(), text(), text()).prop_map(
        |(sequence, carrier_qualifier, carrier, mode, text)| Routing {
            sequence,
            carrier_qualifier,
            carrier,
            mode,
            text,
        },
    );
    let party = (text(), text(), text(), vec(text(), 0..3), text(), text()).prop_map(
        |(role, name, code, address, city, country)| Party {
            role,
            name,
            code_qualifier: "92".into(),
            code,
            address,
            city,
            state: Text::default(),
            postal_code: "01234".into(),
            country,
        },
    );
    let lists = (
        vec(reference, 0..2),
        vec(contact, 0..2),
        vec(text(), 0..3),
        (vec(charge(), 0..2), vec(tax(), 0..2)),
        vec(terms, 0..2),
    );
    let more = (vec(dated, 0..2), vec(routing, 0..2), vec(text(), 0..2), vec(party, 0..3));
    let stated = (proptest::option::of(any::<u32>()), decimal(), decimal(), any::<u32>(), any::<bool>());
    (beg, lists, more, stated).prop_map(|(beg, lists, more, stated)| {
        let (purpose, order_type, po_number, release, po_date, contract, currency, customer) = beg;
        let (references, contacts, fob, (charges, taxes), terms) = lists;
        let (dates, routing, notes, parties) = more;
        let (stated_line_count, stated_hash_total, stated_amount, received_lines, from_csv) = stated;
        PurchaseOrder {
            purpose,
            order_type,
            po_number,
            release,
            po_date,
            contract,
            currency,
            customer,
            references,
            contacts,
            fob,
            charges,
            taxes,
            terms,
            dates,
            routing,
            notes,
            parties,
            lines: Vec::new(),
            stated_line_count,
            stated_hash_total,
            stated_amount,
            received_lines,
            from_csv,
        }
    })
}
