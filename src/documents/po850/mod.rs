//! 850: a placed transaction set to a purchase order.
//!
//! The grammar and the dictionary have already said what is wrong with segments and elements; here stands only what a
//! reader of the whole order can see. What cannot be read stays empty, its text beside it.

mod elements;
mod header;
mod line;
mod poc;
mod sdq;
#[cfg(test)]
mod tests;
mod totals;

use crate::domain::diagnostic::Diagnostic;
use crate::domain::order::PurchaseOrder;
use crate::domain::rules::business as rules;
use crate::x12::envelope::Limits;
use crate::x12::structure::Tree;
pub(super) use elements::date;
use line::Defaults;
pub(super) use poc::read as read_changed;
use totals::Totals;

/// The purchase order, and what in it contradicts itself, within the default limits.
pub fn read(tree: &Tree<'_>) -> (PurchaseOrder, Vec<Diagnostic>) {
    read_limited(tree, &Limits::default())
}

/// [`read`] within these limits. An order of more lines is cut there, and an error says that it must not be processed: so much
/// memory may a transaction set take.
pub fn read_limited(tree: &Tree<'_>, limits: &Limits) -> (PurchaseOrder, Vec<Diagnostic>) {
    let lines_max = limits.lines_per_order_max as usize;
    let mut findings = Vec::new();
    let mut order = header::read(tree);
    let defaults = Defaults::of(&order);
    let mut totals = Totals::default();
    for (opener, node) in tree.top().filter(|(_, node)| node.id() == "PO1") {
        order.received_lines += 1;
        totals.add(&node.segment);
        let line = line::read(tree, opener, &defaults, &mut findings);
        totals.add_amounts(&line);
        sdq::split(tree, opener, line, (&mut order.lines, lines_max), &mut findings);
        if order.lines.len() > lines_max {
            let finding = Diagnostic::new(&rules::ORDER_TOO_LONG, node.location());
            findings.push(finding.detail(format!("more than {lines_max} lines")));
            order.lines.truncate(lines_max);
            return (order, findings);
        }
    }
    totals.compare(tree, &order, &mut findings);
    (order, findings)
}
