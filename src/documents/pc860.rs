//! The 860: which order a change request is about; its lines are read when changes are applied.

use crate::domain::Date;
use crate::domain::order::PurchaseOrder;
use crate::x12::lexer::{Segment, text};
use crate::x12::structure::Tree;

/// BCH01 purpose, BCH03 PO number, BCH04 release, BCH06 PO date, and how many POC lines there are.
pub fn read(tree: &Tree<'_>) -> PurchaseOrder {
    let mut order = PurchaseOrder::default();
    for (_, node) in tree.top() {
        match node.id() {
            "BCH" => read_heading(&node.segment, &mut order),
            "POC" => order.received_lines += 1,
            _ => {}
        }
    }
    order
}

fn read_heading(heading: &Segment<'_>, order: &mut PurchaseOrder) {
    order.purpose = text(heading.element(1));
    order.order_type = text(heading.element(2));
    order.po_number = text(heading.element(3));
    order.release = text(heading.element(4));
    order.po_date = Date::strptime("%Y%m%d", heading.element(6)).ok();
}
