//! Everything of the order that does not stand in a PO1 loop.

use super::elements::Elements;
use crate::domain::Text;
use crate::domain::order::{
    Charge, Contact, DatedEvent, Party, PurchaseOrder, Reference, Routing, Tax, Terms,
};
use crate::x12::structure::Tree;

/// A segment at the top level, and what it says of the order. `usize` is the segment's index in the tree.
type Reader = fn(&mut PurchaseOrder, &Elements<'_>, &Tree<'_>, usize);

/// By segment id.
const READERS: [(&str, Reader); 13] = [
    ("AMT", |order, amount, _, _| order.stated_amount = stated_amount(amount).or(order.stated_amount)),
    ("BEG", |order, beginning, _, _| read_beginning(order, beginning)),
    ("CTT", read_totals),
    ("CUR", |order, currency, _, _| order.currency = currency.text(2)),
    ("DTM", |order, dated, _, _| order.dates.push(dated_event(dated))),
    ("FOB", |order, fob, _, _| {
        if order.fob.is_empty() {
            order.fob = vec![fob.text(1), fob.text(2), fob.text(3)];
        }
    }),
    ("ITD", |order, terms, _, _| order.terms.push(read_terms(terms))),
    ("N1", read_party),
    ("N9", read_notes),
    ("PER", |order, contact, _, _| order.contacts.push(read_contact(contact))),
    ("REF", |order, reference, _, _| order.references.push(read_reference(reference))),
    ("TD5", |order, routing, _, _| order.routing.push(read_routing(routing))),
    ("TXI", |order, tax, _, _| order.taxes.push(read_tax(tax))),
];

/// The order without its lines.
pub(super) fn read(tree: &Tree<'_>) -> PurchaseOrder {
    let mut order = PurchaseOrder::default();
    for (index, node) in tree.top() {
        let elements = Elements::of(&node.segment);
        if node.id() == "SAC" {
            order.charges.push(read_charge(&elements));
        } else if let Some((_, reader)) = READERS.iter().find(|(id, _)| *id == node.id()) {
            reader(&mut order, &elements, tree, index);
        }
    }
    order.customer = order.party("BY").map(|buyer| buyer.code.clone()).unwrap_or_default();
    order
}

/// SAC; SAC05 is of type N2.
pub(super) fn read_charge(sac: &Elements<'_>) -> Charge {
    Charge {
        indicator: sac.text(1),
        code: sac.text(2),
        amount: sac.cents(5),
        percent_basis: sac.text(6),
        percent: sac.decimal(7),
        rate: sac.decimal(8),
        unit: sac.text(9),
        quantity: sac.decimal(10),
        handling: sac.text(12),
        description: sac.text(15),
    }
}

/// TXI; TXI02 and TXI03 are of type R.
pub(super) fn read_tax(txi: &Elements<'_>) -> Tax {
    Tax {
        kind: txi.text(1),
        amount: txi.decimal(2),
        percent: txi.decimal(3),
        jurisdiction_qualifier: txi.text(4),
        jurisdiction: txi.text(5),
        exempt: txi.text(6),
    }
}

pub(super) fn read_reference(reference: &Elements<'_>) -> Reference {
    Reference { qualifier: reference.text(1), value: reference.text(2), description: reference.text(3) }
}

/// DTM02, or DTM06 where DTM05 says that it is a date.
pub(super) fn dated_event(dated: &Elements<'_>) -> DatedEvent {
    let element = if dated.is_blank(2) && (dated.is(5, "D8") || dated.is(5, "D6")) { 6 } else { 2 };
    let date = dated.date(element);
    let text = if date.is_some() { Text::default() } else { dated.text(element) };
    DatedEvent { qualifier: dated.text(1), date, text }
}

fn read_beginning(order: &mut PurchaseOrder, beg: &Elements<'_>) {
    order.purpose = beg.text(1);
    order.order_type = beg.text(2);
    order.po_number = beg.text(3);
    order.release = beg.text(4);
    order.po_date = beg.date(5);
    order.contract = beg.text(6);
}

fn read_contact(per: &Elements<'_>) -> Contact {
    Contact { function: per.text(1), name: per.text(2), numbers: per.pairs(3, 7) }
}

fn read_terms(itd: &Elements<'_>) -> Terms {
    Terms {
        kind: itd.text(1),
        basis: itd.text(2),
        percent: itd.decimal(3),
        discount_due: itd.date(4),
        discount_days: itd.count(5),
        net_due: itd.date(6),
        net_days: itd.count(7),
        description: itd.text(12),
    }
}

fn read_routing(td5: &Elements<'_>) -> Routing {
    Routing {
        sequence: td5.text(1),
        carrier_qualifier: td5.text(2),
        carrier: td5.text(3),
        mode: td5.text(4),
        text: td5.text(5),
    }
}

/// N1 with the N2, N3, N4 and PER of its loop.
fn read_party(order: &mut PurchaseOrder, n1: &Elements<'_>, tree: &Tree<'_>, opener: usize) {
    let mut party = Party {
        role: n1.text(1),
        name: n1.text(2),
        code_qualifier: n1.text(3),
        code: n1.text(4),
        ..Party::default()
    };
    for (_, node) in tree.inside(opener) {
        let elements = Elements::of(&node.segment);
        match node.id() {
            "N2" | "N3" => {
                let texts = [elements.text(1), elements.text(2)];
                party.address.extend(texts.into_iter().filter(|text| !text.is_empty()));
            }
            "N4" => {
                party.city = elements.text(1);
                party.state = elements.text(2);
                party.postal_code = elements.text(3);
                party.country = elements.text(4);
            }
            "PER" => order.contacts.push(read_contact(&elements)),
            _ => {}
        }
    }
    order.parties.push(party);
}

/// The texts under N9: MSG01 of 004010, MTX02 of 005010.
fn read_notes(order: &mut PurchaseOrder, _: &Elements<'_>, tree: &Tree<'_>, opener: usize) {
    for (_, node) in tree.inside(opener) {
        let elements = Elements::of(&node.segment);
        let text = match node.id() {
            "MSG" => elements.text(1),
            "MTX" => elements.text(2),
            _ => continue,
        };
        if !text.is_empty() {
            order.notes.push(text);
        }
    }
}

/// CTT with the AMT of its loop.
fn read_totals(order: &mut PurchaseOrder, ctt: &Elements<'_>, tree: &Tree<'_>, opener: usize) {
    order.stated_line_count = ctt.count(1);
    order.stated_hash_total = ctt.decimal(2);
    for (_, node) in tree.inside(opener).filter(|(_, node)| node.id() == "AMT") {
        order.stated_amount = stated_amount(&Elements::of(&node.segment)).or(order.stated_amount);
    }
}

/// AMT02 where AMT01 says that it is the order's total.
fn stated_amount(amt: &Elements<'_>) -> Option<crate::domain::Decimal> {
    if amt.is(1, "TT") { amt.decimal(2) } else { None }
}
