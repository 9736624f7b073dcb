//! The 855: one ACK a line from its outcome.

use crate::documents::outbound::{
    self, ITEM_NUMBERS_MAX, echoed_references, fits, free_vendor_qualifier, unit_echo, write_optional,
};
use crate::domain::change::{ChangeState, OrderChange};
use crate::domain::diagnostic::{Diagnostic, Location, Severity};
use crate::domain::money::plain;
use crate::domain::order::{ItemNumber, OrderLine, PurchaseOrder};
use crate::domain::partner::{OrderSettings, PartnerProfile, SupersededAnswer};
use crate::domain::resolution::{DecidedLine, DecidedOrder, InvalidReason, LineOutcome, LineState};
use crate::domain::rules::business::DOCUMENT_SAYS_LESS;
use crate::domain::{Date, Decimal};
use crate::x12::writer::{OutboundEnvelope, SetWriter, Value, WrittenSet};

/// BAK03, element 324.
const PO_NUMBER_MAX: usize = 22;
/// BAK01, element 353: an original, and one that takes the place of an earlier one.
const ORIGINAL: &str = "00";
const REPLACE: &str = "05";
const ACCEPTED: &str = "IA";
const SUBSTITUTED: &str = "IS";

/// What is answered to a line: the first row that fits gives ACK01. None fits any.
struct Answer {
    state: LineState,
    outcome: Option<LineOutcome>,
    reason: Option<InvalidReason>,
    code: &'static str,
}

const fn answer(
    state: LineState,
    outcome: Option<LineOutcome>,
    reason: Option<InvalidReason>,
    code: &'static str,
) -> Answer {
    Answer { state, outcome, reason, code }
}

/// ACK01, element 668: IA accepted, IS accepted with a substitution (chosen apart, by the profile), IH on hold, R2 invalid
/// item number, R3 invalid unit, R4 not available, IR rejected, ID deleted. A line that policy accepts without an item is accepted.
static ANSWERS: &[Answer] = &[
    answer(LineState::Ordered, None, None, ACCEPTED),
    answer(LineState::Held, None, None, "IH"),
    answer(LineState::Cancelled, None, None, "ID"),
    answer(LineState::Rejected, Some(LineOutcome::Unmapped), None, "R2"),
    answer(LineState::Rejected, Some(LineOutcome::Ambiguous), None, "R2"),
    answer(LineState::Rejected, Some(LineOutcome::Conflict), None, "R2"),
    answer(LineState::Rejected, None, Some(InvalidReason::UnitMissing), "R3"),
    answer(LineState::Rejected, None, Some(InvalidReason::UnitUnknown), "R3"),
    answer(LineState::Rejected, None, Some(InvalidReason::DiscontinuedWithoutSuccessor), "R4"),
    answer(LineState::Rejected, None, None, "IR"),
];

/// Writes the 855 of an order: BAK, CUR, REF and N1 from the order, one PO1 a received line with the ACKs of what became of
/// it, CTT.
///
/// The lines into which SDQ split a received line answer under its one PO1: an ACK for each status, with the quantities of
/// that status summed, and apart by item where ship-tos led to different ones. PO1 echoes the order and then names our item
/// under the first vendor qualifier that the echo leaves free. What X12 cannot carry is left out and noted. The PO number
/// alone is never left out nor altered: where this partner's X12 cannot say it there is no answer, and the findings tell why.
pub fn write(
    order: &DecidedOrder,
    profile: &PartnerProfile,
    envelope: &OutboundEnvelope,
    date: Date,
) -> (Option<WrittenSet>, Vec<Diagnostic>) {
    write_as(ORIGINAL, order, profile, envelope, date)
}

/// [`write`] for an order that was answered before: BAK01 says that this answer, which has every line as it stands now,
/// takes the place of the earlier one.
pub fn write_again(
    order: &DecidedOrder,
    profile: &PartnerProfile,
    envelope: &OutboundEnvelope,
    date: Date,
) -> (Option<WrittenSet>, Vec<Diagnostic>) {
    write_as(REPLACE, order, profile, envelope, date)
}

/// The answer to an 850 that changes, cancels or replaces an order, under that 850's own purpose (BAK01): the order with every
/// line as it stands now where the change was applied; its heading alone where it waits (BAK02 AH) or is refused (RJ).
pub fn write_of_change(
    (change, state): (&OrderChange, ChangeState),
    order: &DecidedOrder,
    profile: &PartnerProfile,
    envelope: &OutboundEnvelope,
    date: Date,
) -> (Option<WrittenSet>, Vec<Diagnostic>) {
    let purpose = match change.order.purpose.as_str() {
        "01" => "01",
        "04" => "04",
        // a second order under the number of the first replaces it
        _ => REPLACE,
    };
    let kind = match state {
        ChangeState::Applied if purpose != "01" => return write_as(purpose, order, profile, envelope, date),
        ChangeState::Applied | ChangeState::ByHand => "AT",
        ChangeState::Held => "AH",
        ChangeState::Rejected => "RJ",
    };
    let mut set = SetWriter::new(envelope, "855", "PR");
    let mut left_out = Vec::new();
    let heading = PurchaseOrder { lines: Vec::new(), ..change.order.clone() };
    write_heading(&mut set, &heading, (purpose, kind), date, &mut left_out);
    let (set, mut diagnostics) = set.finish();
    diagnostics.append(&mut left_out);
    let unsayable = diagnostics.iter().any(|found| found.severity == Severity::Error);
    ((!unsayable).then_some(set), diagnostics)
}

fn write_as(
    purpose: &'static str,
    order: &DecidedOrder,
    profile: &PartnerProfile,
    envelope: &OutboundEnvelope,
    date: Date,
) -> (Option<WrittenSet>, Vec<Diagnostic>) {
    let mut set = SetWriter::new(envelope, "855", "PR");
    let mut left_out = Vec::new();
    let lines: Vec<(&OrderLine, &DecidedLine)> = order.order.lines.iter().zip(&order.lines).collect();
    // lines without a place in a document are each their own
    let groups: Vec<&[(&OrderLine, &DecidedLine)]> =
        lines.chunk_by(|(a, _), (b, _)| a.segment > 0 && a.segment == b.segment).collect();
    let codes: Vec<&str> = lines.iter().map(|(_, line)| status(line, &profile.orders)).collect();
    let kind = acknowledgment_type(&codes);
    write_heading(&mut set, &order.order, (purpose, kind), date, &mut left_out);
    for group in &groups {
        write_line(&mut set, group, &profile.orders, &mut left_out);
    }
    set.segment("CTT", &[Value::Count(groups.len() as u64)]);
    let (set, mut diagnostics) = set.finish();
    diagnostics.append(&mut left_out);
    let unsayable = diagnostics.iter().any(|found| found.severity == Severity::Error);
    ((!unsayable).then_some(set), diagnostics)
}

/// ACK01 of a line.
pub fn status(line: &DecidedLine, settings: &OrderSettings) -> &'static str {
    let resolution = &line.resolution;
    let substituted = !resolution.superseded.is_empty() && resolution.superseded != resolution.item;
    let accepted = line.state == LineState::Ordered && resolution.outcome == LineOutcome::Mapped;
    if accepted && substituted && settings.superseded == SupersededAnswer::Substituted {
        return SUBSTITUTED;
    }
    let fits = |answer: &&Answer| {
        answer.state == line.state
            && answer.outcome.is_none_or(|outcome| outcome == resolution.outcome)
            && answer.reason.is_none_or(|reason| Some(reason) == resolution.reason)
    };
    ANSWERS.iter().find(fits).map_or("IR", |answer| answer.code)
}

/// BAK02, element 587: AD with detail and no change where every line is accepted as ordered, RD rejected with detail where
/// none is taken, AK without detail for an order without lines, else AC with detail and change.
fn acknowledgment_type(codes: &[&str]) -> &'static str {
    let rejected = |code: &&str| code.starts_with('R') || ["IR", "ID"].contains(code);
    if codes.is_empty() {
        "AK"
    } else if codes.iter().all(|code| *code == ACCEPTED) {
        "AD"
    } else if codes.iter().all(rejected) {
        "RD"
    } else {
        "AC"
    }
}

fn write_heading(
    set: &mut SetWriter,
    order: &PurchaseOrder,
    (purpose, kind): (&'static str, &'static str),
    date: Date,
    left_out: &mut Vec<Diagnostic>,
) {
    let at = |element| Location { segment_id: "BAK".into(), element, ..Location::default() };
    if order.po_date.is_none() {
        let note = "the order has no date: BAK04 is the date of this answer";
        left_out.push(Diagnostic::new(&DOCUMENT_SAYS_LESS, at(4)).detail(note));
    }
    let length = order.po_number.chars().count();
    if length > PO_NUMBER_MAX {
        let note = format!("{length} characters: the PO number goes back as it came");
        left_out.push(Diagnostic::new(&DOCUMENT_SAYS_LESS, at(3)).found(&order.po_number).detail(note));
    }
    let mut echo = |element, text| {
        let said = set.echoes(text);
        if !said {
            left_out.push(Diagnostic::new(&DOCUMENT_SAYS_LESS, at(element)).found(text));
        }
        if said { Value::Echo(text) } else { Value::Empty }
    };
    let elements = [
        Value::Exact(purpose),
        Value::Exact(kind),
        Value::Echo(&order.po_number),
        Value::Date(order.po_date.unwrap_or(date)),
        echo(5, &order.release),
        Value::Empty,
        echo(7, &order.contract),
        Value::Empty,
        Value::Date(date),
    ];
    set.segment("BAK", &elements);
    if !order.currency.is_empty() {
        write_optional(set, "CUR", &[Value::Exact("SE"), Value::Exact(&order.currency)], left_out);
    }
    for reference in echoed_references(&order.references) {
        outbound::write_reference(set, reference, left_out);
    }
    for party in ["BY", "ST"].into_iter().filter_map(|role| order.party(role)) {
        if let Some(name) = outbound::party_name(party) {
            write_optional(set, "N1", &name, left_out);
        }
    }
}

/// PO1 for a received line, with the ACKs of our lines that it became.
fn write_line(
    set: &mut SetWriter,
    group: &[(&OrderLine, &DecidedLine)],
    settings: &OrderSettings,
    left_out: &mut Vec<Diagnostic>,
) {
    let Some((line, first)) = group.first() else { return };
    let unit = unit_echo(&line.unit, &line.unit_text, settings, set);
    note_unit(line, unit, left_out);
    let one_item = group.iter().all(|(_, decided)| item_of(decided) == item_of(first));
    let item = if one_item { item_of(first) } else { "" };
    let numbers = numbers(line, item, settings, set, left_out);
    // PO105 says nothing without PO104, and PO104 something else without PO105
    let price = line.price.map_or(Value::Empty, Value::Number);
    let priced = set.fits("PO1", 4, &price) && set.echoes(&line.price_basis);
    if line.price.is_some() && !priced {
        left_out.push(said_less(line, 4, &line.price_basis, "the price: it or its basis cannot be said"));
    }
    let (price, basis) = match line.price {
        Some(_) if priced => (price, line.price_basis.as_str()),
        _ => (Value::Empty, ""),
    };
    let line_id = if set.echoes(&line.po_line_id) { line.po_line_id.as_str() } else { "" };
    if line_id != line.po_line_id {
        left_out.push(said_less(line, 1, &line.po_line_id, "the line id: it cannot be said"));
    }
    // PO102 as it came, also where the ship-tos of an SDQ do not come to it
    let quantity = line.split_from.or_else(|| total(group.iter().map(|(line, _)| line.quantity)));
    if let Some(quantity) = quantity.filter(|quantity| !set.fits("PO1", 2, &Value::Number(*quantity))) {
        left_out.push(said_less(line, 2, &plain(quantity), "the quantity: it does not fit"));
    }
    let (po102, po103) = measured(quantity, unit, set);
    let mut elements = vec![Value::Echo(line_id), po102, po103, price, Value::Echo(basis)];
    for number in &numbers {
        elements.extend([Value::Echo(&number.qualifier), Value::Echo(&number.value)]);
    }
    set.segment("PO1", &elements);
    for acknowledged in acknowledged(group, settings, one_item) {
        write_status(set, &acknowledged, unit, &numbers, settings);
    }
}

/// Our item for a line that is mapped; what is let through, held or rejected otherwise names none.
fn item_of(decided: &DecidedLine) -> &str {
    if decided.resolution.outcome == LineOutcome::Mapped { &decided.resolution.item } else { "" }
}

/// PO102 and PO103, ACK02 and ACK03: a quantity stands with its unit or not at all.
fn measured<'u>(quantity: Option<Decimal>, unit: &'u str, set: &SetWriter) -> (Value<'u>, Value<'u>) {
    let quantity = quantity.map(Value::Number).filter(|quantity| set.fits("PO1", 2, quantity));
    match quantity {
        Some(quantity) if !unit.is_empty() => (quantity, Value::Echo(unit)),
        _ => (Value::Empty, Value::Empty),
    }
}

/// One ACK: a status, the item where it must be named, and how much it is about.
struct Acknowledged<'o> {
    code: &'static str,
    item: &'o str,
    quantity: Option<Decimal>,
}

/// The statuses of a received line in the order of their first line.
fn acknowledged<'o>(
    group: &[(&'o OrderLine, &'o DecidedLine)],
    settings: &OrderSettings,
    one_item: bool,
) -> Vec<Acknowledged<'o>> {
    let mut statuses: Vec<Acknowledged<'o>> = Vec::new();
    for (line, decided) in group {
        let code = status(decided, settings);
        // the item that takes another's place is named, and so is each where ship-tos led to different ones
        let named = code == SUBSTITUTED || !one_item;
        let item = if named { item_of(decided) } else { "" };
        match statuses.iter_mut().find(|known| known.code == code && known.item == item) {
            Some(known) => known.quantity = total([known.quantity, line.quantity]),
            None => statuses.push(Acknowledged { code, item, quantity: line.quantity }),
        }
    }
    statuses
}

/// The sum, or None where one of the quantities is not known or the sum does not fit.
fn total(quantities: impl IntoIterator<Item = Option<Decimal>>) -> Option<Decimal> {
    quantities.into_iter().try_fold(Decimal::ZERO, |sum, quantity| sum.checked_add(quantity?))
}

fn write_status(
    set: &mut SetWriter,
    acknowledged: &Acknowledged<'_>,
    unit: &str,
    numbers: &[ItemNumber],
    settings: &OrderSettings,
) {
    let (ack02, ack03) = measured(acknowledged.quantity, unit, set);
    // under the qualifier that PO1 has it, else under the first that PO1 leaves free
    let known = numbers.iter().rev().find(|number| number.value == acknowledged.item);
    let ours = || named_by_us(settings, numbers, acknowledged.item, set);
    let number = known.cloned().or_else(ours).filter(|_| !acknowledged.item.is_empty());
    let mut elements = vec![Value::Exact(acknowledged.code), ack02, ack03];
    if let Some(number) = &number {
        elements.extend([Value::Empty, Value::Empty, Value::Empty]);
        elements.extend([Value::Echo(&number.qualifier), Value::Echo(&number.value)]);
    }
    set.segment("ACK", &elements);
}

/// Our item under the first vendor qualifier that these numbers leave free, where it can be said.
fn named_by_us(
    settings: &OrderSettings,
    numbers: &[ItemNumber],
    item: &str,
    set: &SetWriter,
) -> Option<ItemNumber> {
    let qualifier = free_vendor_qualifier(settings, numbers)?.clone();
    let number = ItemNumber { qualifier, value: item.into() };
    (fits(&number, set) && set.fits("PO1", 7, &Value::Exact(item))).then_some(number)
}

/// PO106..: every number of the order that X12 can carry, then our item.
fn numbers(
    line: &OrderLine,
    item: &str,
    settings: &OrderSettings,
    set: &SetWriter,
    left_out: &mut Vec<Diagnostic>,
) -> Vec<ItemNumber> {
    let mut numbers = Vec::new();
    for number in &line.numbers {
        if fits(number, set) && numbers.len() < ITEM_NUMBERS_MAX {
            numbers.push(number.clone());
        } else if !number.value.is_empty() {
            left_out.push(said_less(line, 7, &number.value, "a number of the order"));
        }
    }
    if item.is_empty() {
        return numbers;
    }
    let ours = named_by_us(settings, &numbers, item, set).filter(|_| numbers.len() < ITEM_NUMBERS_MAX);
    match ours {
        Some(number) => numbers.push(number),
        None => left_out.push(said_less(
            line,
            7,
            item,
            "our item: no vendor qualifier or no place is free for it, or it cannot be said",
        )),
    }
    numbers
}

fn note_unit(line: &OrderLine, unit: &str, left_out: &mut Vec<Diagnostic>) {
    if unit.is_empty() && !line.unit.is_empty() {
        left_out.push(said_less(line, 3, &line.unit, "the unit, and with it the quantity"));
    } else if !outbound::is_unit_code(unit) && !unit.is_empty() {
        left_out.push(said_less(line, 3, unit, "a code for the unit: it goes out as ordered"));
    }
}

fn said_less(line: &OrderLine, element: u32, found: &str, what: &str) -> Diagnostic {
    let at = Location {
        segment: line.segment,
        segment_id: "PO1".into(),
        element,
        offset: line.offset,
        ..Location::default()
    };
    Diagnostic::new(&DOCUMENT_SAYS_LESS, at)
        .found(found)
        .detail(format!("line {}: the 855 lacks {what}", line.line))
}

#[cfg(test)]
mod tests;
