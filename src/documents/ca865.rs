//! The 865: what becomes of an 860, line by line.

use crate::documents::outbound::{ITEM_NUMBERS_MAX, fits, free_vendor_qualifier, unit_echo};
use crate::domain::change::{ChangeState, OrderChange};
use crate::domain::diagnostic::{Diagnostic, Location, Severity};
use crate::domain::order::{ItemNumber, OrderLine};
use crate::domain::partner::PartnerProfile;
use crate::domain::rules::business::DOCUMENT_SAYS_LESS;
use crate::domain::{Date, Text};
use crate::x12::writer::{OutboundEnvelope, SetWriter, Value, WrittenSet};

/// What an 865 says of a change: BCA02 with lines and without (element 587), ACK01 (668) of a line and of one that is taken back.
struct Verdict {
    state: ChangeState,
    with_lines: &'static str,
    alone: &'static str,
    line: &'static str,
    deleted: &'static str,
}

/// AD with detail and no change, AT accepted, AH hold status, RD rejected with detail, RJ rejected without; IA accepted, ID
/// deleted, IH on hold, IR rejected.
static VERDICTS: &[Verdict] = &[
    Verdict { state: ChangeState::Applied, with_lines: "AD", alone: "AT", line: "IA", deleted: "ID" },
    Verdict { state: ChangeState::ByHand, with_lines: "AD", alone: "AT", line: "IA", deleted: "ID" },
    Verdict { state: ChangeState::Held, with_lines: "AH", alone: "AH", line: "IH", deleted: "IH" },
    Verdict { state: ChangeState::Rejected, with_lines: "RD", alone: "RJ", line: "IR", deleted: "IR" },
];

/// What is answered.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    pub change: &'a OrderChange,
    pub state: ChangeState,
    /// Our item for each line of the change; empty where none is known.
    pub items: &'a [Text],
    /// The change was answered before: this answer takes the place of that one (BCA01 05).
    pub again: bool,
}

/// Writes the 865 of a change: BCA, one POC a received line with an ACK of what became of it, CTT. POC01, the code, the quantity
/// with its unit, the price and the numbers go back as they came; our item follows under the first vendor qualifier that is free.
/// What X12 cannot carry is left out and noted; where the PO number cannot be said there is no answer.
pub fn write(
    answer: Answer<'_>,
    profile: &PartnerProfile,
    envelope: &OutboundEnvelope,
    date: Date,
) -> (Option<WrittenSet>, Vec<Diagnostic>) {
    let mut set = SetWriter::new(envelope, "865", "CA");
    let mut left_out = Vec::new();
    let verdict = VERDICTS.iter().find(|verdict| verdict.state == answer.state);
    let Some(verdict) = verdict else { return (None, Vec::new()) };
    let lines = &answer.change.order.lines;
    write_heading(&mut set, answer, verdict, date, &mut left_out);
    let mut count = 0u64;
    let mut first = 0;
    // ship-tos of one POC answer under it
    for group in lines.chunk_by(|a, b| a.segment > 0 && a.segment == b.segment) {
        if let Some(line) = group.first() {
            let item = answer.items.get(first).map_or("", Text::as_str);
            write_line(&mut set, line, (answer.change.kind(first), item), (verdict, profile), &mut left_out);
            count += 1;
        }
        first += group.len();
    }
    if count > 0 {
        set.segment("CTT", &[Value::Count(count)]);
    }
    let (set, mut diagnostics) = set.finish();
    diagnostics.append(&mut left_out);
    let unsayable = diagnostics.iter().any(|found| found.severity == Severity::Error);
    ((!unsayable).then_some(set), diagnostics)
}

/// BCA01 to BCA11: purpose, verdict, PO number, release, number of the change, PO date, then the dates of this answer and of the
/// request.
fn write_heading(
    set: &mut SetWriter,
    answer: Answer<'_>,
    verdict: &Verdict,
    date: Date,
    left_out: &mut Vec<Diagnostic>,
) {
    let Answer { change, again, .. } = answer;
    let order = &change.order;
    let kind = if order.lines.is_empty() { verdict.alone } else { verdict.with_lines };
    let at = |element| Location { segment_id: "BCA".into(), element, ..Location::default() };
    if order.po_date.is_none() {
        let note = "the change names no date of the order: BCA06 is the date of this answer";
        left_out.push(Diagnostic::new(&DOCUMENT_SAYS_LESS, at(6)).detail(note));
    }
    let mut echo = |element, text| {
        if set.echoes(text) {
            return Value::Echo(text);
        }
        left_out.push(Diagnostic::new(&DOCUMENT_SAYS_LESS, at(element)).found(text));
        Value::Empty
    };
    let elements = [
        Value::Exact(if again { "05" } else { "00" }),
        Value::Exact(kind),
        Value::Echo(&order.po_number),
        echo(4, &order.release),
        echo(5, &change.sequence),
        Value::Date(order.po_date.unwrap_or(date)),
        Value::Empty,
        echo(8, &order.contract),
        Value::Empty,
        Value::Date(date),
        change.requested.map_or(Value::Empty, Value::Date),
    ];
    set.segment("BCA", &elements);
}

fn write_line(
    set: &mut SetWriter,
    line: &OrderLine,
    (code, item): (&str, &str),
    (verdict, profile): (&Verdict, &PartnerProfile),
    left_out: &mut Vec<Diagnostic>,
) {
    let settings = &profile.orders;
    let mut less = |element, found: &str, what: &str| {
        let at = Location { segment: line.segment, segment_id: "POC".into(), element, ..Location::default() };
        left_out.push(Diagnostic::new(&DOCUMENT_SAYS_LESS, at).found(found).detail(what));
    };
    let mut numbers: Vec<ItemNumber> = Vec::new();
    for number in &line.numbers {
        if fits(number, set) && numbers.len() < ITEM_NUMBERS_MAX {
            numbers.push(number.clone());
        } else {
            less(9, &number.value, "a number of the change");
        }
    }
    let ours = free_vendor_qualifier(settings, &numbers)
        .map(|qualifier| ItemNumber { qualifier: qualifier.clone(), value: item.into() })
        .filter(|number| !item.is_empty() && numbers.len() < ITEM_NUMBERS_MAX && fits(number, set));
    numbers.extend(ours);
    let unit = unit_echo(&line.unit, &line.unit_text, settings, set);
    let quantity = line.split_from.or(line.quantity).map(Value::Number);
    let quantity = quantity.filter(|quantity| set.fits("POC", 3, quantity) && !unit.is_empty());
    if quantity.is_none() && line.quantity.is_some() {
        less(3, &line.quantity_text, "the quantity: it or its unit cannot be said");
    }
    let (poc03, poc05) = match &quantity {
        Some(quantity) => (quantity.clone(), Value::Composite(vec![Value::Echo(unit)])),
        None => (Value::Empty, Value::Empty),
    };
    // a price stands with its unit (POC05) or not at all
    let price = line.price.map(Value::Number).filter(|_| quantity.is_some() && set.echoes(&line.price_basis));
    let basis = if price.is_some() { line.price_basis.as_str() } else { "" };
    let line_id = if set.echoes(&line.po_line_id) { line.po_line_id.as_str() } else { "" };
    let mut elements = vec![
        Value::Echo(line_id),
        Value::Echo(code),
        poc03.clone(),
        Value::Empty,
        poc05,
        price.unwrap_or(Value::Empty),
        Value::Echo(basis),
    ];
    for number in &numbers {
        elements.extend([Value::Echo(&number.qualifier), Value::Echo(&number.value)]);
    }
    set.segment("POC", &elements);
    let status = if code == "DI" { verdict.deleted } else { verdict.line };
    let ack03 = if quantity.is_some() { Value::Echo(unit) } else { Value::Empty };
    set.segment("ACK", &[Value::Exact(status), poc03, ack03]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::testing::{body, envelope, number, profile};
    use crate::domain::Decimal;
    use crate::domain::order::PurchaseOrder;
    use expect_test::{Expect, expect};

    const TODAY: Date = Date::constant(2026, 3, 9);

    fn change(lines: Vec<OrderLine>, kinds: &[&str]) -> OrderChange {
        OrderChange {
            document: "860".into(),
            sequence: "02".into(),
            requested: Some(Date::constant(2026, 3, 8)),
            kinds: kinds.iter().map(|kind| Text::from(*kind)).collect(),
            order: PurchaseOrder {
                purpose: "04".into(),
                po_number: "0047".into(),
                po_date: Some(Date::constant(2026, 3, 1)),
                lines,
                ..PurchaseOrder::default()
            },
        }
    }

    fn lines() -> Vec<OrderLine> {
        let line = |segment: u32, quantity: i64| OrderLine {
            po_line_id: format!("{segment}").into(),
            quantity: Some(Decimal::from(quantity)),
            unit: "EA".into(),
            price: Some(Decimal::new(125, 1)),
            price_basis: "HP".into(),
            numbers: vec![number("BP", "A-1")],
            segment,
            ..OrderLine::default()
        };
        vec![line(3, 6), OrderLine { numbers: Vec::new(), quantity: None, price: None, ..line(4, 0) }]
    }

    fn check(answer: Answer<'_>, expected: &Expect) {
        let (set, found) = write(answer, &profile(), &envelope("004010"), TODAY);
        let mut out = set.map_or_else(|| "nothing\n".to_owned(), |set| body(&set));
        for finding in found {
            out += &format!("{} {} {}\n", finding.rule.code, finding.found, finding.detail);
        }
        expected.assert_eq(&out);
    }

    #[test]
    fn each_line_has_the_answer_of_the_whole_and_a_line_taken_back_its_own() {
        let change = change(lines(), &["QD", "DI"]);
        let items = ["10-1".into(), Text::default()];
        check(
            Answer { change: &change, state: ChangeState::Applied, items: &items, again: false },
            &expect![[r#"
                BCA*00*AD*0047**02*20260301****20260309*20260308~
                POC*3*QD*6**EA*12.5*HP*BP*A-1*VP*10-1~
                ACK*IA*6*EA~
                POC*4*DI~
                ACK*ID~
                CTT*2~
            "#]],
        );
        check(
            Answer { change: &change, state: ChangeState::Held, items: &[], again: false },
            &expect![[r#"
                BCA*00*AH*0047**02*20260301****20260309*20260308~
                POC*3*QD*6**EA*12.5*HP*BP*A-1~
                ACK*IH*6*EA~
                POC*4*DI~
                ACK*IH~
                CTT*2~
            "#]],
        );
        check(
            Answer { change: &change, state: ChangeState::Rejected, items: &[], again: true },
            &expect![[r#"
                BCA*05*RD*0047**02*20260301****20260309*20260308~
                POC*3*QD*6**EA*12.5*HP*BP*A-1~
                ACK*IR*6*EA~
                POC*4*DI~
                ACK*IR~
                CTT*2~
            "#]],
        );
    }

    #[test]
    fn our_own_grammar_has_nothing_to_say_of_it() {
        use crate::documents::testing::whole;
        use crate::domain::partner::Strictness;
        use crate::x12::envelope::{Limits, scan};
        use crate::x12::grammar::transaction_set;
        use crate::x12::lexer::Tokens;
        use crate::x12::validate::validate;
        let items = ["10-1".into(), Text::default()];
        let with_lines = change(lines(), &["QD", "DI"]);
        let alone = change(Vec::new(), &[]);
        for version in ["004010", "005010"] {
            for change in [&with_lines, &alone] {
                let answer = Answer { change, state: ChangeState::Applied, items: &items, again: false };
                let (set, _) = write(answer, &profile(), &envelope(version), TODAY);
                let text = whole(&envelope(version), &set.unwrap());
                let index = scan(text.as_bytes(), &Limits::default()).unwrap();
                let interchange = &index.interchanges[0];
                let set = &interchange.groups[0].sets[0];
                let from = usize::try_from(set.offset).unwrap();
                let bytes = &text.as_bytes()[from..from + usize::try_from(set.length).unwrap()];
                let tokens = Tokens::new(bytes, interchange.separators, set.offset);
                let def = transaction_set("865").unwrap();
                let (_, found) = validate(def, &tokens, version, &Limits::default(), Strictness::Strict);
                assert_eq!((found, &interchange.groups[0].diagnostics), (Vec::new(), &Vec::new()), "{text}");
            }
        }
    }

    #[test]
    fn a_change_without_lines_is_answered_by_its_heading() {
        let change = change(Vec::new(), &[]);
        for (state, code) in [
            (ChangeState::Applied, "AT"),
            (ChangeState::ByHand, "AT"),
            (ChangeState::Held, "AH"),
            (ChangeState::Rejected, "RJ"),
        ] {
            let answer = Answer { change: &change, state, items: &[], again: false };
            let (set, found) = write(answer, &profile(), &envelope("004010"), TODAY);
            assert_eq!(found, []);
            assert_eq!(
                body(&set.unwrap()),
                format!("BCA*00*{code}*0047**02*20260301****20260309*20260308~\n")
            );
        }
    }

    #[test]
    fn what_x12_cannot_carry_is_left_out_and_noted() {
        let mut lines = lines();
        lines.truncate(1);
        lines[0].numbers.push(number("IN", "A*1"));
        let change = change(lines, &["QI"]);
        check(
            Answer { change: &change, state: ChangeState::Applied, items: &[], again: false },
            &expect![[r#"
                BCA*00*AD*0047**02*20260301****20260309*20260308~
                POC*3*QI*6**EA*12.5*HP*BP*A-1~
                ACK*IA*6*EA~
                CTT*1~
                E420 A*1 a number of the change
            "#]],
        );
    }

    #[test]
    fn there_is_no_answer_where_the_po_number_cannot_be_said() {
        let mut change = change(lines(), &["QD", "DI"]);
        change.order.po_number = "00*47".into();
        let answer = Answer { change: &change, state: ChangeState::Held, items: &[], again: false };
        let (set, found) = write(answer, &profile(), &envelope("004010"), TODAY);
        assert!(set.is_none());
        assert!(found.iter().any(|found| found.severity == Severity::Error));
    }
}
