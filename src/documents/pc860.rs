//! 860: a placed transaction set to the change of an order that a customer asks for.

use crate::documents::po850;
use crate::domain::change::OrderChange;
use crate::domain::diagnostic::Diagnostic;
use crate::x12::envelope::Limits;
use crate::x12::lexer::{Segment, text};
use crate::x12::structure::Tree;

/// The change as it came, and what in it contradicts itself. Every POC is a line of it, be it one that nothing is to happen to.
/// One of more lines than the limits allow is cut, and an error says that it must not be processed.
pub fn read(tree: &Tree<'_>, limits: &Limits) -> (OrderChange, Vec<Diagnostic>) {
    let (order, kinds, findings) = po850::read_changed(tree, limits);
    let mut change = OrderChange { document: "860".into(), order, kinds, ..OrderChange::default() };
    if let Some((_, node)) = tree.top().find(|(_, node)| node.id() == "BCH") {
        read_heading(&node.segment, &mut change);
    }
    (change, findings)
}

/// BCH01 purpose, 02 type, 03 PO number, 04 release, 05 number of the change, 06 PO date, 08 contract, 11 day of the request.
fn read_heading(heading: &Segment<'_>, change: &mut OrderChange) {
    let order = &mut change.order;
    order.purpose = text(heading.element(1));
    order.order_type = text(heading.element(2));
    order.po_number = text(heading.element(3));
    order.release = text(heading.element(4));
    change.sequence = text(heading.element(5));
    order.po_date = po850::date(heading.element(6));
    order.contract = text(heading.element(8));
    change.requested = po850::date(heading.element(11));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x12::grammar::transaction_set;
    use crate::x12::lexer::{Separators, Tokens};
    use crate::x12::validate::validate;
    use expect_test::{Expect, expect};

    const SEPARATORS: Separators =
        Separators { element: b'*', component: b'>', repetition: None, segment: b'~' };

    fn check(body: &str, expected: &Expect) {
        let def = transaction_set("860").unwrap();
        let bytes = format!("ST*860*0001~{body}SE*1*0001~");
        let tokens = Tokens::new(bytes.as_bytes(), SEPARATORS, 0);
        let strictness = crate::domain::partner::Strictness::Standard;
        let (tree, _) = validate(def, &tokens, "004010", &Limits::default(), strictness);
        let (change, findings) = read(&tree, &Limits::default());
        let order = &change.order;
        let mut out = format!(
            "{} {:?} {:?} {:?} {:?}\n",
            change.name(),
            order.po_number,
            order.release,
            order.po_date,
            change.requested
        );
        for (place, line) in order.lines.iter().enumerate() {
            let numbers: Vec<String> =
                line.numbers.iter().map(|number| format!("{} {}", number.qualifier, number.value)).collect();
            out += &format!(
                "{} {:?} {:?} {} {:?}{} to {:?} on {:?} {numbers:?} {:?}\n",
                change.kind(place),
                line.po_line_id,
                line.quantity,
                line.unit,
                line.price,
                line.price_basis,
                line.ship_to,
                line.requested_date,
                line.flaws
            );
        }
        for finding in findings {
            out += &format!("{} {}\n", finding.rule.code, finding.detail);
        }
        expected.assert_eq(&out);
    }

    #[test]
    fn reads_the_heading_and_every_line() {
        check(
            "BCH*04*SA*PO-1*R2*3*20261119*****20261121~POC*1*QD*60*40*EA*12.5*HP*BP*A-1*VP*10-1~DTM*002*20261201~POC*2*DI~",
            &expect![[r#"
                860 04 no 3 "PO-1" "R2" Some(2026-11-19) Some(2026-11-21)
                QD "1" Some(60) EA Some(12.5)HP to "" on Some(2026-12-01) ["BP A-1", "VP 10-1"] []
                DI "2" None  None to "" on None [] []
            "#]],
        );
    }

    #[test]
    fn a_line_for_several_ship_tos_is_split_and_keeps_its_code() {
        check(
            "BCH*04*SA*PO-1***20261119~POC*1*QI*5**EA>2*1~SDQ*EA*92*S1*2*S2*3~",
            &expect![[r#"
                860 04 "PO-1" "" Some(2026-11-19) None
                QI "1" Some(2) EA Some(1) to "S1" on None [] []
                QI "1" Some(3) EA Some(1) to "S2" on None [] []
            "#]],
        );
    }

    #[test]
    fn what_a_line_of_ours_cannot_say_is_a_flaw() {
        check(
            "BCH*04*SA*PO-1***20261119~POC*1*RS*5**EA*1**BP~SCH*5*EA***002*20261201~",
            &expect![[r#"
                860 04 "PO-1" "" Some(2026-11-19) None
                RS "1" Some(5) EA Some(1) to "" on None [] ["the change has a delivery schedule (SCH)"]
            "#]],
        );
    }
}
