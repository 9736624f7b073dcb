//! The lines of an 860: a POC loop has what a PO1 loop has, its values some elements further on.

use super::elements::Elements;
use super::line::{self, Defaults};
use super::{header, sdq};
use crate::domain::Text;
use crate::domain::diagnostic::Diagnostic;
use crate::domain::order::{OrderLine, PurchaseOrder};
use crate::domain::rules::business as rules;
use crate::x12::envelope::Limits;
use crate::x12::structure::{Node, Tree};

/// Segments and loops of a POC that say more than a line of ours can, with what they say.
const BEYOND: &[(&str, &str)] =
    &[("SCH", "a delivery schedule (SCH)"), ("SLN", "sub-lines (SLN)"), ("CTB", "conditions (CTB)")];

/// Everything of an 860 but BCH: the heading, its lines, POC02 of each line, and what contradicts itself. A line that SDQ splits
/// repeats its POC02.
pub(in crate::documents) fn read(
    tree: &Tree<'_>,
    limits: &Limits,
) -> (PurchaseOrder, Vec<Text>, Vec<Diagnostic>) {
    let lines_max = limits.lines_per_order_max as usize;
    let (mut kinds, mut findings) = (Vec::new(), Vec::new());
    let mut order = header::read(tree);
    let defaults = Defaults::of(&order);
    for (opener, node) in tree.top().filter(|(_, node)| node.id() == "POC") {
        order.received_lines += 1;
        let line = read_line(tree, opener, node, &defaults, &mut findings);
        sdq::split(tree, opener, line, (&mut order.lines, lines_max), &mut findings);
        kinds.resize(order.lines.len(), lexed(node));
        if order.lines.len() > lines_max {
            let finding = Diagnostic::new(&rules::ORDER_TOO_LONG, node.location());
            findings.push(finding.detail(format!("more than {lines_max} lines")));
            order.lines.truncate(lines_max);
            kinds.truncate(lines_max);
            break;
        }
    }
    (order, kinds, findings)
}

/// POC02.
fn lexed(node: &Node<'_>) -> Text {
    Elements::of(&node.segment).text(2)
}

fn read_line(
    tree: &Tree<'_>,
    opener: usize,
    node: &Node<'_>,
    defaults: &Defaults,
    findings: &mut Vec<Diagnostic>,
) -> OrderLine {
    let poc = Elements::of(&node.segment);
    let unit = poc.first_component(5);
    let line = OrderLine {
        po_line_id: poc.text(1),
        quantity: poc.decimal(3),
        quantity_text: poc.text(3),
        unit_text: unit.clone(),
        unit,
        price: poc.decimal(6),
        price_basis: poc.text(7),
        numbers: poc.pairs(8, 26),
        segment: node.segment.number,
        offset: node.segment.offset,
        ..OrderLine::default()
    };
    line::find_halves(node, &poc, 8, findings);
    let mut line = line::complete(tree, opener, line, defaults);
    for (id, what) in BEYOND {
        if tree.inside(opener).any(|(_, node)| node.id() == *id) {
            line.flaws.push(format!("the change has {what}").into());
        }
    }
    line
}
