//! One PO1 loop as one line, before SDQ splits it.

use super::elements::{Elements, at};
use super::header::{dated_event, read_charge, read_reference, read_tax};
use crate::domain::diagnostic::Diagnostic;
use crate::domain::order::{DatedEvent, OrderLine, PurchaseOrder, SubLine};
use crate::domain::rules::business as rules;
use crate::domain::{Decimal, Text};
use crate::x12::structure::{Node, Tree};

/// Requested delivery, and the requested ship date that stands in for it.
const DELIVERY: &str = "002";
const SHIP: &str = "010";

/// Price identifiers (CTP02) under which a CTP tells what we are paid: unit cost, contract, net. A retail price is not.
const OUR_PRICES: [&str; 4] = ["", "UCP", "CON", "NET"];

/// What a line takes from the heading where it says nothing itself.
pub(super) struct Defaults {
    ship_to: Text,
    delivery: Option<DatedEvent>,
    ship: Option<DatedEvent>,
}

impl Defaults {
    pub(super) fn of(order: &PurchaseOrder) -> Self {
        Self {
            ship_to: order.party("ST").map(|party| party.code.clone()).unwrap_or_default(),
            delivery: dated(&order.dates, DELIVERY).cloned(),
            ship: dated(&order.dates, SHIP).cloned(),
        }
    }
}

/// The PO1 loop at `opener`; its `line` number is given later.
pub(super) fn read(
    tree: &Tree<'_>,
    opener: usize,
    defaults: &Defaults,
    findings: &mut Vec<Diagnostic>,
) -> OrderLine {
    let Some(node) = tree.nodes.get(opener) else { return OrderLine::default() };
    let po1 = Elements::of(&node.segment);
    let line = OrderLine {
        po_line_id: po1.text(1),
        quantity: po1.decimal(2),
        quantity_text: po1.text(2),
        unit: po1.text(3),
        unit_text: po1.text(3),
        price: po1.decimal(4),
        price_basis: po1.text(5),
        numbers: po1.pairs(6, 24),
        segment: node.segment.number,
        offset: node.segment.offset,
        ..OrderLine::default()
    };
    find_halves(node, &po1, 6, findings);
    complete(tree, opener, line, defaults)
}

/// The line with everything that its loop says beside the opener.
pub(super) fn complete(
    tree: &Tree<'_>,
    opener: usize,
    mut line: OrderLine,
    defaults: &Defaults,
) -> OrderLine {
    let mut dates = Vec::new();
    for (_, node) in tree.inside(opener) {
        read_part(&mut line, &mut dates, node);
    }
    if line.ship_to.is_empty() {
        line.ship_to.clone_from(&defaults.ship_to);
    }
    // a date that is there and cannot be read is not replaced by another one
    let wanted = dated(&dates, DELIVERY)
        .or(defaults.delivery.as_ref())
        .or_else(|| dated(&dates, SHIP))
        .or(defaults.ship.as_ref());
    line.requested_date = wanted.and_then(|wanted| wanted.date);
    line
}

fn read_part(line: &mut OrderLine, dates: &mut Vec<DatedEvent>, node: &Node<'_>) {
    let elements = Elements::of(&node.segment);
    match node.id() {
        "CTP" if line.price.is_none() => line.price = price_of(&elements, &line.unit),
        "DTM" => dates.push(dated_event(&elements)),
        "N1" if elements.is(1, "ST") && line.ship_to.is_empty() => line.ship_to = elements.text(4),
        "PID" if line.description.is_empty() => line.description = elements.text(5),
        "PO4" if line.pack.is_empty() => line.pack = elements.text(1),
        "REF" => line.references.push(read_reference(&elements)),
        "SAC" => line.charges.push(read_charge(&elements)),
        "TXI" => line.taxes.push(read_tax(&elements)),
        "SLN" => line.sublines.push(read_subline(&elements)),
        _ => {}
    }
}

/// CTP03, where PO104 is empty and the price is ours, for one ordered unit, and no multiplier (CTP06) changes it.
fn price_of(ctp: &Elements<'_>, unit: &Text) -> Option<Decimal> {
    let ours = OUR_PRICES.iter().any(|code| ctp.is(2, code));
    let for_one = ctp.is_blank(4) || ctp.decimal(4) == Some(Decimal::ONE);
    let priced = ctp.first_component(5);
    let plain = ctp.is_blank(6);
    (ours && plain && for_one && (priced.is_empty() || priced == *unit)).then(|| ctp.decimal(3)).flatten()
}

fn read_subline(sln: &Elements<'_>) -> SubLine {
    SubLine {
        id: sln.text(1),
        relationship: sln.text(3),
        quantity: sln.decimal(4),
        unit: sln.first_component(5),
        price: sln.decimal(6),
        numbers: sln.pairs(9, 27),
    }
}

/// A qualifier without a number, or a number without a qualifier, is left out and told: where the other half is not there,
/// the elements' check has said so; here stands only what is there and blank.
pub(super) fn find_halves(node: &Node<'_>, po1: &Elements<'_>, first: u32, findings: &mut Vec<Diagnostic>) {
    for element in (first..=first + 18).step_by(2) {
        let (qualifier, value) = (po1.text(element as usize), po1.text(element as usize + 1));
        if qualifier.trim().is_empty() == value.trim().is_empty() {
            continue;
        }
        let (there, missing) =
            if value.trim().is_empty() { (element, element + 1) } else { (element + 1, element) };
        if po1.bytes(missing as usize).is_empty() {
            continue;
        }
        let finding = Diagnostic::new(&rules::NUMBER_PAIR_INCOMPLETE, at(node, there));
        let found = if there == element { &qualifier } else { &value };
        let detail = format!("{}-{missing:02} is blank", node.id());
        findings.push(finding.found(found).detail(detail));
    }
}

/// The first date with this qualifier, be it readable or not.
fn dated<'d>(dates: &'d [DatedEvent], qualifier: &str) -> Option<&'d DatedEvent> {
    dates.iter().find(|dated| dated.qualifier == qualifier)
}
