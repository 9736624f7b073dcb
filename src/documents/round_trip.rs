//! Documents of ours with anything in them: written, scanned, validated and read again, by our own reader and by another.

use crate::documents::testing::{envelope, profile};
use crate::documents::{in810, pr855};
use crate::domain::diagnostic::{Diagnostic, Severity};
use crate::domain::invoice::{Invoice, InvoiceLine};
use crate::domain::money::{parse_decimal, round_cents};
use crate::domain::order::{ItemNumber, OrderLine, Party, PurchaseOrder, Reference};
use crate::domain::partner::{CharacterSet, Strictness};
use crate::domain::resolution::{DecidedLine, DecidedOrder, LineOutcome, LineState, Resolution};
use crate::domain::{Date, Decimal, Text};
use crate::x12::envelope::{Limits, scan};
use crate::x12::grammar::transaction_set;
use crate::x12::lexer::{Separators, Tokens, segments, text};
use crate::x12::validate::validate;
use crate::x12::writer::{Conventions, OutboundEnvelope, WrittenSet, interchange};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::string::string_regex;

const TODAY: Date = Date::constant(2026, 3, 9);

fn any_envelope() -> impl Strategy<Value = OutboundEnvelope> {
    use CharacterSet::{Ascii, Basic, Extended, Latin1, Utf8};
    let separators = (
        select(b"*|\t\x1d+".to_vec()),
        select(b">:\x1f\\".to_vec()),
        select(b"^!\x1c`".to_vec()),
        select(b"~\n\r\x1e'".to_vec()),
    );
    let sets = select(vec![Utf8, Latin1, Ascii, Extended, Basic]);
    let version = select(vec!["004010", "005010", "005010VICS"]);
    (separators, any::<(bool, bool)>(), sets, version).prop_map(
        |((element, component, repetition, segment), (line_breaks, cr_lf), character_set, version)| {
            OutboundEnvelope {
                separators: Separators { element, component, repetition: Some(repetition), segment },
                line_breaks,
                conventions: Conventions { character_set, cr_lf, replacement: '?' },
                ..envelope(version)
            }
        },
    )
}

/// A text that no reader trims, of characters that some partners cannot read.
fn code(max: usize) -> impl Strategy<Value = Text> {
    let odd = format!("[!-~][ -~À-ÿ]{{0,{}}}[!-~]", max.saturating_sub(2));
    let plain = format!("[A-Z0-9][A-Z0-9-]{{1,{}}}", max.saturating_sub(1));
    let regex = |pattern: &str| string_regex(pattern).unwrap();
    prop_oneof![3 => regex(&plain), 1 => regex(&odd)].prop_map(Text::from)
}

fn name() -> impl Strategy<Value = Text> {
    let odd = "\\PC{0,90}";
    prop_oneof![Just(String::new()), "[A-Za-z0-9*~>^' ]{0,90}", odd, any::<String>()].prop_map(Text::from)
}

fn numbers() -> impl Strategy<Value = Vec<ItemNumber>> {
    let qualifiers = select(vec!["IN", "BP", "SK", "UP", "PI"]);
    let number = (qualifiers, code(40))
        .prop_map(|(qualifier, value)| ItemNumber { qualifier: qualifier.into(), value });
    vec(number, 1..5)
}

/// Up to fourteen digits.
fn quantity() -> impl Strategy<Value = Decimal> {
    (1_i64..100_000_000_000_000, 0_u32..8).prop_map(|(mantissa, scale)| Decimal::new(mantissa, scale))
}

fn party() -> impl Strategy<Value = Party> {
    (name(), code(40), vec(name(), 0..5), name(), name(), name()).prop_map(
        |(name, code, address, city, state, postal_code)| Party {
            role: "ST".into(),
            name,
            code_qualifier: "92".into(),
            code,
            address,
            city,
            state,
            postal_code,
            ..Party::default()
        },
    )
}

fn references() -> impl Strategy<Value = Vec<Reference>> {
    let reference = (select(vec!["CO", "DP", "IA"]), code(30), name());
    let reference = reference.prop_map(|(qualifier, value, description)| Reference {
        qualifier: qualifier.into(),
        value,
        description,
    });
    vec(reference, 0..3)
}

fn any_order() -> impl Strategy<Value = DecidedOrder> {
    let line = (code(20), quantity(), numbers(), code(40), select(vec!["EA", "CA", "Stück"]));
    (code(22), references(), party(), vec(line, 1..5)).prop_map(|(po_number, references, party, lines)| {
        let decided = lines.iter().map(|(_, _, _, item, _)| {
            let resolution =
                Resolution { outcome: LineOutcome::Mapped, item: item.clone(), ..Resolution::default() };
            DecidedLine { state: LineState::Ordered, resolution, unit_price: None }
        });
        let decided = decided.collect();
        let lines = (1..).zip(lines).map(|(line, (po_line_id, quantity, numbers, _, unit))| OrderLine {
            line,
            po_line_id,
            quantity: Some(quantity),
            unit: unit.into(),
            price: Some(quantity),
            price_basis: "PE".into(),
            numbers,
            segment: line,
            ..OrderLine::default()
        });
        let order = PurchaseOrder {
            po_number,
            po_date: Some(TODAY),
            currency: "USD".into(),
            references,
            parties: vec![party],
            lines: lines.collect(),
            ..PurchaseOrder::default()
        };
        DecidedOrder { order, lines: decided, ..DecidedOrder::default() }
    })
}

fn any_invoice() -> impl Strategy<Value = Invoice> {
    let line = (code(20), 1_i64..10_000, 1_i64..1_000_000, numbers(), name());
    (code(22), references(), party(), vec(line, 1..5)).prop_map(|(po_number, references, party, lines)| {
        let lines = (1..).zip(lines).map(|(line, (po_line_id, quantity, price, numbers, description))| {
            let (quantity, price) = (Decimal::from(quantity), Decimal::new(price, 4));
            InvoiceLine {
                line,
                po_line_id,
                quantity,
                unit: "EA".into(),
                price,
                price_divisor: Decimal::ONE,
                numbers,
                description,
                amount: round_cents(quantity * price),
                ..InvoiceLine::default()
            }
        });
        let mut invoice = Invoice {
            invoice_number: "I-1".into(),
            invoice_date: Some(TODAY),
            po_number,
            currency: "USD".into(),
            references,
            parties: vec![party],
            lines: lines.collect(),
            ..Invoice::default()
        };
        invoice.total = invoice.computed_total();
        invoice
    })
}

/// The segments of the one set that was written, after our own reader found nothing in it.
fn read_back(envelope: &OutboundEnvelope, set: &WrittenSet) -> Vec<Vec<Text>> {
    let bytes = interchange(envelope, 7, 7, std::slice::from_ref(set));
    let index = scan(bytes.as_slice(), &Limits::default()).unwrap();
    assert_eq!(index.diagnostics, []);
    let found = &index.interchanges[0];
    assert_eq!((found.diagnostics.as_slice(), found.groups.len()), ([].as_slice(), 1));
    assert_eq!(found.groups[0].diagnostics, []);
    let place = &found.groups[0].sets[0];
    assert_eq!((place.diagnostics.as_slice(), place.segments), ([].as_slice(), set.segments + 2));
    let start = usize::try_from(place.offset).unwrap();
    let piece = &bytes[start..][..usize::try_from(place.length).unwrap()];
    let tokens = Tokens::new(piece, found.separators, place.offset);
    let (def, limits) = (transaction_set(set.id).unwrap(), Limits::default());
    let (_, problems) = validate(def, &tokens, &envelope.version, &limits, Strictness::Strict);
    // the unit that is no code goes out as ordered
    let problems: Vec<&Diagnostic> = problems.iter().filter(|found| !found.found.starts_with("St")).collect();
    assert!(problems.is_empty(), "{problems:?}\n{}", String::from_utf8_lossy(piece));
    let read: Vec<Vec<Text>> = segments(piece, found.separators, place.offset)
        .map(|segment| segment.elements().map(text).collect())
        .collect();
    if bytes.is_ascii() && envelope.version == "004010" {
        assert_eq!(read_by_edi(std::str::from_utf8(&bytes).unwrap()), trimmed(&read[1..read.len() - 1]));
    }
    read
}

/// Ids and elements; the other reader keeps no blanks around them.
fn trimmed(read: &[Vec<Text>]) -> Vec<Vec<String>> {
    read.iter().map(|segment| segment.iter().map(|value| value.trim().to_owned()).collect()).collect()
}

fn read_by_edi(written: &str) -> Vec<Vec<String>> {
    let document = edi::parse(written).unwrap();
    let segments = &document.interchanges[0].functional_groups[0].transactions[0].segments;
    segments
        .iter()
        .map(|segment| {
            let id = segment.segment_abbreviation.to_string();
            std::iter::once(id).chain(segment.elements.iter().map(|value| value.trim().to_owned())).collect()
        })
        .collect()
}

fn with<'r>(read: &'r [Vec<Text>], id: &str) -> Vec<&'r Vec<Text>> {
    read.iter().filter(|segment| segment[0] == id).collect()
}

fn number(read: &[Text], element: usize) -> Option<Decimal> {
    parse_decimal(read.get(element)?)
}

/// The (qualifier, number) pairs from an element on.
fn pairs(read: &[Text], from: usize) -> Vec<(Text, Text)> {
    let pairs = read.get(from..).unwrap_or_default().chunks_exact(2);
    pairs.map(|pair| (pair[0].clone(), pair[1].clone())).collect()
}

/// Those of the numbers that a line has, in their order, and nothing made of the others.
fn assert_echoed(written: &[(Text, Text)], sent: &[ItemNumber], by_line_end: bool) {
    let same = |written: &Text, sent: &Text| {
        written == sent || (by_line_end && written.as_str() == sent.trim_end_matches(' '))
    };
    for (qualifier, value) in written {
        assert!(
            sent.iter().any(|number| number.qualifier == *qualifier && same(value, &number.value)),
            "{qualifier} {value}: {sent:?}"
        );
    }
}

proptest! {
    #[test]
    fn an_855_is_read_as_it_was_decided(envelope in any_envelope(), order in any_order()) {
        let (set, told) = pr855::write(&order, &profile(), &envelope, TODAY);
        let unsayable = told.iter().any(|found| found.severity == Severity::Error);
        prop_assert_eq!(set.is_none(), unsayable);
        let Some(set) = set else {
            prop_assert!(told.iter().any(|found| found.found == order.order.po_number));
            return Ok(());
        };
        let read = read_back(&envelope, &set);
        prop_assert_eq!(&with(&read, "BAK")[0][3], &order.order.po_number);
        let lines = with(&read, "PO1");
        prop_assert_eq!(lines.len(), order.order.lines.len());
        let by_line_end = matches!(envelope.separators.segment, b'\n' | b'\r');
        for (written, (line, decided)) in lines.into_iter().zip(order.order.lines.iter().zip(&order.lines)) {
            let noted = told.iter().any(|found| found.at.segment == line.segment && found.at.element == 1);
            prop_assert!(written.get(1).is_some_and(|id| *id == line.po_line_id) || noted);
            prop_assert!(number(written, 2) == line.quantity || line.unit == "Stück");
            prop_assert_eq!(number(written, 4), line.price);
            let mut sent = line.numbers.clone();
            let ours = decided.resolution.item.clone();
            sent.push(ItemNumber { qualifier: "VP".into(), value: ours });
            assert_echoed(&pairs(written, 6), &sent, by_line_end);
            let left_out = told.iter().filter(|found| found.at.segment == line.segment && found.at.element == 7).count();
            prop_assert_eq!(pairs(written, 6).len() + left_out, sent.len());
        }
    }

    #[test]
    fn an_810_is_read_as_it_was_billed(envelope in any_envelope(), invoice in any_invoice()) {
        let (set, told) = in810::write(&invoice, &profile(), &envelope);
        prop_assert_eq!(set.is_none(), told.iter().any(|found| found.severity == Severity::Error));
        let Some(set) = set else { return Ok(()) };
        let read = read_back(&envelope, &set);
        prop_assert_eq!(&with(&read, "BIG")[0][4], &invoice.po_number);
        let lines = with(&read, "IT1");
        prop_assert_eq!(lines.len(), invoice.lines.len());
        let by_line_end = matches!(envelope.separators.segment, b'\n' | b'\r');
        for (written, line) in lines.into_iter().zip(&invoice.lines) {
            prop_assert_eq!(&written[1], &line.po_line_id);
            prop_assert_eq!((number(written, 2), number(written, 4)), (Some(line.quantity), Some(line.price)));
            prop_assert_eq!(pairs(written, 6).len(), line.numbers.len());
            assert_echoed(&pairs(written, 6), &line.numbers, by_line_end);
        }
        prop_assert_eq!(number(with(&read, "TDS")[0], 1), Some(invoice.total * Decimal::ONE_HUNDRED));
    }
}
