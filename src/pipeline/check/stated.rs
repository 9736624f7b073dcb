//! What a document states about its lines: how many they are, what they come to, and quantities that are none.

use crate::domain::diagnostic::{Diagnostic, Location};
use crate::domain::money::{parse_decimal, parse_n2, plain, price_divisor, round_cents};
use crate::domain::rules::business as rules;
use crate::domain::{Decimal, Text};
use crate::x12::envelope::Set;
use crate::x12::lexer::text;
use crate::x12::structure::{Node, Tree};

/// Amounts beside the lines: with one of these the lines alone are not the total.
const BESIDE_THE_LINES: [&str; 8] = ["SAC", "TXI", "CTP", "PAM", "SLN", "SPI", "ITA", "FA2"];

/// An 810, and the other documents of an order, against their CTT and TDS. An 850 is told by its own reader.
pub(super) fn findings(tree: &Tree<'_>, set: &Set) -> Vec<Diagnostic> {
    let found = match set.id.as_str() {
        "810" => [lines_counted(tree, set), total(tree)],
        "855" | "860" | "865" => [lines_counted(tree, set), None],
        _ => return Vec::new(),
    };
    found.into_iter().flatten().collect()
}

/// PO102 of a line that no SDQ splits: what is nothing or less is not ordered.
pub(super) fn quantities(tree: &Tree<'_>) -> Vec<Diagnostic> {
    let lines = tree.nodes.iter().enumerate().filter(|(_, node)| node.id() == "PO1");
    let found = lines.filter_map(|(opener, line)| {
        let quantity = number(line, 2).filter(|quantity| *quantity <= Decimal::ZERO)?;
        let split = tree.inside(opener).any(|(_, node)| node.id() == "SDQ");
        (!split)
            .then(|| Diagnostic::new(&rules::LINE_QUANTITY_NOT_POSITIVE, at(line, 2)).found(&plain(quantity)))
    });
    found.collect()
}

/// CTT01.
fn lines_counted(tree: &Tree<'_>, set: &Set) -> Option<Diagnostic> {
    let (_, ctt) = tree.top().find(|(_, node)| node.id() == "CTT")?;
    let stated = value(ctt, 1);
    let count: u32 = stated.parse().ok()?;
    let found = Diagnostic::new(&rules::LINE_COUNT_DIFFERS, at(ctt, 1)).found(&stated);
    (count != set.lines).then(|| found.detail(format!("counted {}", set.lines)))
}

/// TDS01 of an invoice that has nothing but lines, from rounded lines or not.
fn total(tree: &Tree<'_>) -> Option<Diagnostic> {
    let (_, tds) = tree.top().find(|(_, node)| node.id() == "TDS")?;
    if tree.nodes.iter().any(|node| BESIDE_THE_LINES.contains(&node.id())) {
        return None;
    }
    let (mut exact, mut rounded, mut any) = (Decimal::ZERO, Decimal::ZERO, false);
    for line in tree.nodes.iter().filter(|node| node.id() == "IT1") {
        let divisor = price_divisor(&value(line, 5), &value(line, 3))?;
        let amount = number(line, 2)?.checked_mul(number(line, 4)?)?.checked_div(divisor)?;
        (exact, rounded) = (exact.checked_add(amount)?, rounded.checked_add(round_cents(amount))?);
        any = true;
    }
    let stated = value(tds, 1);
    let amount = parse_n2(&stated).filter(|_| any)?;
    let agrees = [exact, round_cents(exact), rounded].contains(&amount);
    let found = Diagnostic::new(&rules::INVOICE_TOTAL_DIFFERS, at(tds, 1)).found(&stated);
    (!agrees).then(|| found.detail(format!("the lines come to {}", plain(rounded))))
}

fn value(node: &Node<'_>, element: usize) -> Text {
    text(node.segment.element(element)).trim().into()
}

fn number(node: &Node<'_>, element: usize) -> Option<Decimal> {
    parse_decimal(&value(node, element))
}

fn at(node: &Node<'_>, element: usize) -> Location {
    let field = node.part.segment.elements.get(element - 1);
    Location {
        element: u32::try_from(element).unwrap_or(0),
        reference: field.map_or(0, |field| field.element.number.into()),
        offset: node.segment.element_offset(element),
        length: u32::try_from(node.segment.element(element).len()).unwrap_or(u32::MAX),
        ..node.location()
    }
}
