//! Documents made from bytes: what a writer accepts is read back the same.

use crate::documents::{in810, pr855};
use crate::domain::diagnostic::{Diagnostic, Severity};
use crate::domain::invoice::{Invoice, InvoiceLine};
use crate::domain::money::{n2, plain};
use crate::domain::order::{Charge, ItemNumber, OrderLine, Party, PurchaseOrder, Terms};
use crate::domain::partner::{InvoiceSettings, OrderSettings, PartnerIdentity, PartnerProfile, X12Settings};
use crate::domain::resolution::{DecidedLine, DecidedOrder, LineOutcome, LineState, Resolution};
use crate::domain::{Date, Decimal, Text};
use crate::pipeline::check::check_set;
use crate::x12::envelope::{Limits, scan};
use crate::x12::lexer::{Separators, components, segments, text};
use crate::x12::writer::{Conventions, OutboundEnvelope, SetWriter, Value, WrittenSet, interchange};
use arbitrary::{Result, Unstructured};

/// What partners use, and what hurts.
const SEPARATORS: &[u8] = b"*~>^|:!+'\\#@;,.\n\r\x1c\x1d\x1e\x1f\x07%$&-_/?";
const IDS: [&str; 6] = ["BIG", "REF", "N1", "IT1", "MSG", "L11"];
const ALPHABET: &[char] =
    &['A', 'b', '0', '9', ' ', ' ', '*', '~', '>', ':', '^', '|', '.', '-', '\'', '\n', '\r', '\t', '\0', 'ü', '€', '\u{85}', '\u{a0}', '\u{1f600}'];

/// Bytes that run out make zeros, so that any input is a document.
pub fn run(bytes: &[u8]) {
    if bytes.len() > 1 << 14 {
        return;
    }
    let mut input = Unstructured::new(bytes);
    let Ok(envelope) = envelope(&mut input) else { return };
    if !envelope.problems().is_empty() {
        return;
    }
    let _finished = match input.int_in_range(0..=2).unwrap_or(0) {
        0 => plain_segments(&mut input, &envelope),
        1 => invoice(&mut input, &envelope),
        _ => acknowledgment(&mut input, &envelope),
    };

}

fn envelope(input: &mut Unstructured<'_>) -> Result<OutboundEnvelope> {
    let usual = Separators { element: b'*', component: b'>', repetition: Some(b'^'), segment: b'~' };
    let separators = if input.ratio(1, 2)? {
        usual
    } else {
        Separators {
            element: *input.choose(SEPARATORS)?,
            component: *input.choose(SEPARATORS)?,
            repetition: Some(*input.choose(SEPARATORS)?),
            segment: *input.choose(SEPARATORS)?,
        }
    };
    Ok(OutboundEnvelope {
        separators,
        line_breaks: input.ratio(1, 2)?,
        conventions: Conventions::default(),
        sender_qualifier: "ZZ".into(),
        sender: word(input, 15)?,
        receiver_qualifier: "01".into(),
        receiver: "006922827".into(),
        application_sender: "NORTHWIND".into(),
        application_receiver: word(input, 15)?,
        version: (*input.choose(&["004010", "005010", "004010VICS", "004020", "003040"])?).into(),
        acknowledgment_requested: input.ratio(1, 2)?,
        usage: (*input.choose(&["P", "T"])?).into(),
        date: Date::new(input.int_in_range(0..=9999)?, 11, 21).unwrap_or_default(),
        time: "2130".into(),
    })
}

fn word(input: &mut Unstructured<'_>, max: usize) -> Result<Text> {
    let length = input.int_in_range(0..=max)?;
    (0..length).map(|_| input.choose(ALPHABET).copied()).collect()
}

fn date(input: &mut Unstructured<'_>) -> Result<Date> {
    let (year, month, day) = (input.int_in_range(-1..=9999)?, input.int_in_range(1..=12)?, input.int_in_range(1..=28)?);
    Ok(Date::new(year, month, day).unwrap_or(Date::constant(2026, 3, 9)))
}

fn decimal(input: &mut Unstructured<'_>) -> Result<Decimal> {
    let number: i64 = if input.ratio(1, 4)? { input.arbitrary()? } else { input.int_in_range(-99_999..=99_999)? };
    Ok(Decimal::new(number, input.int_in_range(0..=6)?))
}

/// Owned, because a value borrows its text.
enum Said {
    Exact(Text),
    Free(Text),
    Number(Decimal),
    Cents(Decimal),
    Count(u64),
    Date(Date),
    Composite(Vec<Text>),
}

impl Said {
    fn make(input: &mut Unstructured<'_>) -> Result<Self> {
        Ok(match input.int_in_range(0..=6)? {
            0 => Self::Exact(word(input, 12)?),
            1 => Self::Free(word(input, 12)?),
            2 => Self::Number(decimal(input)?),
            3 => Self::Cents(decimal(input)?),
            4 => Self::Count(input.arbitrary()?),
            5 => Self::Date(date(input)?),
            _ => {
                let count = input.int_in_range(0..=3)?;
                Self::Composite((0..count).map(|_| word(input, 4)).collect::<Result<_>>()?)
            }
        })
    }

    fn value(&self) -> Value<'_> {
        match self {
            Self::Exact(text) => Value::Exact(text),
            Self::Free(text) => Value::Free(text),
            Self::Number(number) => Value::Number(*number),
            Self::Cents(number) => Value::Cents(*number),
            Self::Count(count) => Value::Count(*count),
            Self::Date(date) => Value::Date(*date),
            Self::Composite(parts) => Value::Composite(parts.iter().map(|part| Value::Exact(part)).collect()),
        }
    }

    /// Whether what was read is what was meant.
    fn is(&self, read: &[u8], separators: Separators, last_by_line: bool, century: bool) -> bool {
        let read_text = text(read);
        let trimmed = |text: &str| if last_by_line { text.trim_end_matches([' ', '\t']).to_owned() } else { text.to_owned() };
        match self {
            Self::Exact(text) => read_text == trimmed(text).as_str(),
            Self::Free(text) => {
                let blank = |c: char| c.is_control() || (c.is_ascii() && separators.contains(c as u8));
                let said: String = text.chars().map(|c| if blank(c) { ' ' } else { c }).collect();
                read_text == said.trim()
            }
            Self::Number(number) => read_text == plain(*number).as_str(),
            Self::Cents(number) => n2(*number).is_some_and(|cents| read_text == cents.as_str()),
            Self::Count(count) => read_text == count.to_string().as_str(),
            Self::Date(date) => {
                let day = format!("{:04}{:02}{:02}", date.year(), date.month(), date.day());
                // before 004010 a date has six digits
                day.get(if century { 0 } else { 2 }..) == Some(read_text.as_str())
            }
            Self::Composite(parts) => {
                let filled = parts.iter().rposition(|part| !part.is_empty()).map_or(0, |last| last + 1);
                let read: Vec<Text> = components(read, separators).map(text).collect();
                let said: Vec<&Text> = parts.iter().take(filled).collect();
                if filled == 0 { read_text.is_empty() } else if last_by_line { true } else { read.iter().collect::<Vec<_>>() == said }
            }
        }
    }
}

/// Segments of any values: those that the writer takes stand there, element for element.
fn plain_segments(input: &mut Unstructured<'_>, envelope: &OutboundEnvelope) -> Result<()> {
    let mut documents = Vec::new();
    let mut written = Vec::new();
    for _ in 0..input.int_in_range(1..=3)? {
        let mut writer = if input.ratio(1, 2)? {
            SetWriter::new(envelope, "810", "IN")
        } else {
            SetWriter::new(envelope, "850", "PO")
        };
        let mut document = Vec::new();
        for _ in 0..input.int_in_range(1..=4)? {
            let id = *input.choose(&IDS)?;
            let count = input.int_in_range(0..=5)?;
            let said: Vec<Said> = (0..count).map(|_| Said::make(input)).collect::<Result<_>>()?;
            let values: Vec<Value<'_>> = said.iter().map(Said::value).collect();
            writer.segment(id, &values);
            document.push((id, said));
        }
        let (set, problems) = writer.finish();
        if !problems.is_empty() {
            return Ok(());
        }
        documents.push(document);
        written.push(set);
    }
    let bytes = interchange(envelope, 7, 7, &written);
    let sets = read_back(&bytes, envelope, written.len());
    let century = envelope.version.get(..6).is_none_or(|version| version >= "004010");
    let separators = SetWriter::new(envelope, "810", "IN").separators();
    for (document, (_, piece, offset)) in documents.iter().zip(sets) {
        let read: Vec<_> = segments(piece, separators, offset).collect();
        assert_eq!(read.len(), document.len() + 2);
        for ((id, said), segment) in document.iter().zip(&read[1..]) {
            assert_eq!(segment.id(), id.as_bytes());
            for (number, said) in (1..).zip(said) {
                let by_line = matches!(separators.segment, b'\n' | b'\r') && number >= segment.len();
                let element = segment.element(number);
                assert!(said.is(element, separators, by_line, century), "{id}-{number:02} is read as {:?}", text(element));
            }
        }
    }
    Ok(())
}

/// The sets of an interchange of ours: the versions, bytes and places. No envelope has a finding.
fn read_back<'a>(bytes: &'a [u8], envelope: &OutboundEnvelope, sets: usize) -> Vec<(Text, &'a [u8], u64)> {
    let index = scan(bytes, &Limits::default()).expect("bytes in memory can be read");
    assert_eq!(index.diagnostics, []);
    let [interchange] = index.interchanges.as_slice() else { panic!("one interchange: {index:?}") };
    assert_eq!(interchange.diagnostics, []);
    assert_eq!(interchange.header.sender, envelope.sender.trim());
    assert_eq!(interchange.header.usage, envelope.usage);
    let mut read = Vec::new();
    for group in &interchange.groups {
        assert_eq!(group.diagnostics, []);
        for set in &group.sets {
            assert_eq!(set.diagnostics, []);
            let start = usize::try_from(set.offset).unwrap();
            let piece = &bytes[start..start + usize::try_from(set.length).unwrap()];
            let found = check_set(piece, interchange.separators, &group.version, set, &Limits::default());
            drop(found);
            read.push((group.version.clone(), piece, set.offset));
        }
    }
    assert_eq!(read.len(), sets);
    read
}

fn profile() -> PartnerProfile {
    PartnerProfile {
        partner: PartnerIdentity { id: "acme".into(), customer: "ACME".into(), ..PartnerIdentity::default() },
        x12: X12Settings::default(),
        orders: OrderSettings::default(),
        invoices: InvoiceSettings::default(),
    }
}

fn numbers(input: &mut Unstructured<'_>) -> Result<Vec<ItemNumber>> {
    let count = input.int_in_range(0..=3)?;
    (0..count)
        .map(|_| {
            let qualifier = (*input.choose(&["BP", "VP", "UP", "IN"])?).into();
            Ok(ItemNumber { qualifier, value: word(input, 12)? })
        })
        .collect()
}

fn party(input: &mut Unstructured<'_>) -> Result<Party> {
    Ok(Party {
        role: (*input.choose(&["ST", "RE", "BT"])?).into(),
        name: word(input, 20)?,
        code_qualifier: "92".into(),
        code: word(input, 8)?,
        address: vec![word(input, 20)?],
        city: word(input, 12)?,
        ..Party::default()
    })
}

/// An 810 that is written has our grammar's approval, as many lines, and the total in TDS01.
fn invoice(input: &mut Unstructured<'_>, envelope: &OutboundEnvelope) -> Result<()> {
    let mut invoice = Invoice {
        invoice_number: word(input, 10)?,
        invoice_date: Some(date(input)?),
        po_number: word(input, 10)?,
        release: word(input, 3)?,
        currency: (*input.choose(&["USD", "", "EUR"])?).into(),
        parties: (0..input.int_in_range(0..=2)?).map(|_| party(input)).collect::<Result<_>>()?,
        terms: if input.ratio(1, 2)? {
            Some(Terms { kind: "08".into(), basis: "3".into(), percent: Some(decimal(input)?), discount_days: Some(10), net_days: input.arbitrary()?, ..Terms::default() })
        } else {
            None
        },
        ..Invoice::default()
    };
    for number in 1..=input.int_in_range(1..=4)? {
        let (quantity, price) = (decimal(input)?, decimal(input)?);
        let amount = quantity.checked_mul(price).map(crate::domain::money::round_cents).unwrap_or_default();
        invoice.lines.push(InvoiceLine {
            line: number,
            po_line_id: word(input, 4)?,
            quantity,
            unit: (*input.choose(&["EA", "CA", "XX"])?).into(),
            price,
            price_divisor: Decimal::ONE,
            numbers: numbers(input)?,
            description: word(input, 20)?,
            amount,
            ..InvoiceLine::default()
        });
    }
    for _ in 0..input.int_in_range(0..=2)? {
        invoice.charges.push(Charge {
            indicator: (*input.choose(&["A", "C"])?).into(),
            code: "D240".into(),
            amount: Some(Decimal::new(input.int_in_range(0..=99_999)?, 2)),
            description: word(input, 20)?,
            ..Charge::default()
        });
    }
    if invoice.lines.iter().any(|line| line.amount.abs() > Decimal::from(1_000_000_000_000_i64)) {
        return Ok(());
    }
    invoice.total = invoice.computed_total();
    let (set, _) = in810::write(&invoice, &profile(), envelope);
    let Some(set) = set else { return Ok(()) };
    let read = one_set(&set, envelope);
    assert_eq!(read.iter().filter(|segment| segment[0] == "IT1").count(), invoice.lines.len());
    let total = read.iter().find(|segment| segment[0] == "TDS").map(|segment| segment[1].clone());
    assert_eq!(total, n2(invoice.total).map(Text::from));
    let number = read.iter().find(|segment| segment[0] == "BIG").map(|segment| segment[2].clone());
    assert_eq!(number, Some(invoice.invoice_number.clone()));
    for (line, it1) in invoice.lines.iter().zip(read.iter().filter(|segment| segment[0] == "IT1")) {
        let sent: Vec<(&Text, &Text)> = it1.get(6..).unwrap_or_default().chunks(2).map(|pair| (&pair[0], &pair[1])).collect();
        // where the line's end is the terminator, blanks before it cannot be told from padding
        let by_line = matches!(envelope.separators.segment, b'\n' | b'\r');
        for number in line.numbers.iter().filter(|number| !by_line || number.value.trim_end() == number.value) {
            assert!(sent.contains(&(&number.qualifier, &number.value)), "{number:?} is not echoed: {it1:?}");
        }
    }
    Ok(())
}

/// An 855 has a PO1 a line of the order, and our grammar's approval.
fn acknowledgment(input: &mut Unstructured<'_>, envelope: &OutboundEnvelope) -> Result<()> {
    let mut order = PurchaseOrder {
        po_number: word(input, 22)?,
        release: word(input, 4)?,
        po_date: Some(date(input)?),
        ..PurchaseOrder::default()
    };
    let mut lines = Vec::new();
    for line in 1..=input.int_in_range(1..=5)? {
        let segment = line + 4;
        order.lines.push(OrderLine {
            line,
            po_line_id: word(input, 6)?,
            quantity: if input.ratio(3, 4)? { Some(decimal(input)?) } else { None },
            unit: word(input, 3)?,
            price: if input.ratio(3, 4)? { Some(decimal(input)?) } else { None },
            numbers: numbers(input)?,
            description: word(input, 20)?,
            requested_date: Some(date(input)?),
            segment,
            ..OrderLine::default()
        });
        let (state, outcome) = *input.choose(&[
            (LineState::Ordered, LineOutcome::Mapped),
            (LineState::Held, LineOutcome::Unmapped),
            (LineState::Rejected, LineOutcome::Invalid),
            (LineState::Held, LineOutcome::Ambiguous),
        ])?;
        let resolution = Resolution { outcome, item: word(input, 10)?, quantity: Some(decimal(input)?), unit: "EA".into(), ..Resolution::default() };
        lines.push(DecidedLine { state, resolution, unit_price: None });
    }
    // an order without a number is refused before anybody answers it
    if order.po_number.trim().is_empty() {
        return Ok(());
    }
    let count = lines.len();
    let order = DecidedOrder { order, lines, ..DecidedOrder::default() };
    let (set, found) = pr855::write(&order, &profile(), envelope, date(input)?);
    let Some(set) = set else {
        assert!(found.iter().any(|found| found.severity == Severity::Error), "what is not written is told: {found:?}");
        return Ok(());
    };
    let read = one_set(&set, envelope);
    assert_eq!(read.iter().filter(|segment| segment[0] == "PO1").count(), count);
    Ok(())
}

/// The segments of a set of ours, after the grammar has found no error in it.
fn one_set(set: &WrittenSet, envelope: &OutboundEnvelope) -> Vec<Vec<Text>> {
    let bytes = interchange(envelope, 7, 7, std::slice::from_ref(set));
    let index = scan(bytes.as_slice(), &Limits::default()).expect("bytes in memory can be read");
    let read = &index.interchanges[0];
    let (group, written) = (&read.groups[0], &read.groups[0].sets[0]);
    read_back(&bytes, envelope, 1);
    let start = usize::try_from(written.offset).unwrap();
    let piece = &bytes[start..start + usize::try_from(written.length).unwrap()];
    let found = check_set(piece, read.separators, &group.version, written, &Limits::default());
    let errors: Vec<&Diagnostic> = found.iter().filter(|found| found.severity == Severity::Error).collect();
    assert!(errors.is_empty(), "{errors:?}\n{}", String::from_utf8_lossy(&bytes));
    segments(piece, read.separators, written.offset)
        .map(|segment| segment.elements().map(text).collect())
        .collect()
}
