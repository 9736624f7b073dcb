//! SDQ: one line of the customer's becomes one line for each ship-to.

use super::elements::{Elements, at};
use crate::domain::diagnostic::Diagnostic;
use crate::domain::money::plain;
use crate::domain::order::OrderLine;
use crate::domain::rules::business as rules;
use crate::domain::{Decimal, Text};
use crate::x12::structure::{Node, Tree};

/// Pairs of ship-to and quantity in one SDQ, from SDQ03 on.
const PAIRS: usize = 10;

/// One pair as received.
struct Pair {
    ship_to: Text,
    quantity: Option<Decimal>,
    quantity_text: Text,
}

/// Appends the line, or one line for each pair of its SDQ segments. Every pair becomes a line. Where they do not come to
/// PO102, or contradict the line otherwise, each of these lines carries the flaw: it must not be ordered.
///
/// Of an order that comes to more than `lines_max` lines no more than one beyond them is made: it is refused whatever the rest says.
pub(super) fn split(
    tree: &Tree<'_>,
    opener: usize,
    mut line: OrderLine,
    (lines, lines_max): (&mut Vec<OrderLine>, usize),
    findings: &mut Vec<Diagnostic>,
) {
    let number = |lines: &Vec<OrderLine>| u32::try_from(lines.len() + 1).unwrap_or(u32::MAX);
    let sdq: Vec<&Node<'_>> =
        tree.inside(opener).map(|(_, node)| node).filter(|node| node.id() == "SDQ").collect();
    let Some(first) = sdq.first() else {
        line.line = number(lines);
        lines.push(line);
        return;
    };
    let room = lines_max.saturating_sub(lines.len());
    let (pairs, foreign_unit) = read_pairs(&sdq, &line.unit, room);
    let flaw = if pairs.len() > room { None } else { flaw_of(&line, &pairs, foreign_unit) };
    if let Some(flaw) = flaw {
        let node = tree.nodes.get(opener).unwrap_or(first);
        let element = if flaw.about_quantity { 2 } else { 3 };
        let finding = Diagnostic::new(&rules::SDQ_DIFFERS, at(node, element));
        let found = if flaw.about_quantity { &line.quantity_text } else { &line.unit };
        findings.push(finding.found(found).detail(flaw.text.as_str()));
        line.flaws.push(flaw.text);
    }
    if pairs.is_empty() {
        line.line = number(lines);
        lines.push(line);
        return;
    }
    for (index, pair) in pairs.into_iter().enumerate() {
        let mut part = line.clone();
        if index > 0 {
            // an amount is for the whole line: it counts once; a percentage or a rate holds for each part
            part.charges.retain(|charge| charge.amount.is_none());
            part.taxes.retain(|tax| tax.amount.is_none());
        }
        part.line = number(lines);
        part.ship_to = pair.ship_to;
        part.split_from = line.quantity;
        part.quantity = pair.quantity;
        part.quantity_text = pair.quantity_text;
        lines.push(part);
    }
}

/// The pairs, up to one more than there is room for, and the first unit that is not the line's.
fn read_pairs(sdq: &[&Node<'_>], unit: &Text, room: usize) -> (Vec<Pair>, Option<Text>) {
    let mut pairs = Vec::new();
    let mut foreign_unit = None;
    for node in sdq {
        if pairs.len() > room {
            break;
        }
        let elements = Elements::of(&node.segment);
        let stated = elements.text(1);
        if !stated.is_empty() && stated != *unit && foreign_unit.is_none() {
            foreign_unit = Some(stated);
        }
        for place in (3..).step_by(2).take(PAIRS) {
            if elements.is_blank(place) && elements.is_blank(place + 1) {
                continue;
            }
            pairs.push(Pair {
                ship_to: elements.text(place),
                quantity: elements.decimal(place + 1),
                quantity_text: elements.text(place + 1),
            });
        }
    }
    pairs.truncate(room.saturating_add(1));
    (pairs, foreign_unit)
}

struct Flaw {
    text: Text,
    /// PO102 is contradicted; else PO103.
    about_quantity: bool,
}

/// The first way in which the pairs contradict their line.
fn flaw_of(line: &OrderLine, pairs: &[Pair], foreign_unit: Option<Text>) -> Option<Flaw> {
    let about_quantity = |text: String| Some(Flaw { text: text.into(), about_quantity: true });
    if pairs.is_empty() {
        return about_quantity("SDQ names no ship-to".to_owned());
    }
    if let Some(pair) = pairs.iter().find(|pair| pair.ship_to.trim().is_empty()) {
        return about_quantity(format!("SDQ gives {:?} to no ship-to", pair.quantity_text));
    }
    if let Some(pair) = pairs.iter().find(|pair| pair.quantity.is_none()) {
        return about_quantity(format!("SDQ gives {:?} to ship-to {}", pair.quantity_text, pair.ship_to));
    }
    if let Some(unit) = foreign_unit {
        let text = format!("SDQ counts in {unit:?}, PO103 is {:?}", line.unit);
        return Some(Flaw { text: text.into(), about_quantity: false });
    }
    let sum = pairs.iter().filter_map(|pair| pair.quantity).try_fold(Decimal::ZERO, Decimal::checked_add);
    // a PO102 that is not there contradicts nothing
    let differs = !line.quantity_text.is_empty() && (sum.is_none() || sum != line.quantity);
    if !differs {
        return None;
    }
    let sum = sum.map_or_else(|| "more than can be counted".into(), plain);
    about_quantity(format!("SDQ comes to {sum}, PO102 is {:?}", line.quantity_text))
}
