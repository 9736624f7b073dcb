//! The proof beside posting: what posted lines should have made, counted by another way, against what the ledger has.

use crate::domain::catalog::Catalog;
use crate::domain::customer_item::{CustomerItem, CustomerItemEvent, CustomerItemStatus, EventKind};
use crate::domain::money::plain;
use crate::domain::{Decimal, Text};
use crate::ledger::change::described;
use crate::ledger::kits::explode;
use std::collections::BTreeMap;

/// A line that was posted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PostedLine {
    /// As in [`CustomerItemEvent::document_line`].
    pub line: u32,
    pub item: Text,
    /// In the item's own unit, never negative.
    pub quantity: Decimal,
}

/// How much of each item; no zeros.
pub type Quantities = BTreeMap<Text, Decimal>;

/// What a line comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineProof {
    pub line: u32,
    /// By the masters and the types.
    pub expected: Quantities,
    /// By the events under the document.
    pub made: Quantities,
    /// By posting the line once more; where the ledger has just that, posting said what it could not keep.
    pub posted: Quantities,
}

impl LineProof {
    /// Whether the ledger has what it should have.
    pub fn is_made(&self) -> bool {
        self.expected == self.made
    }

    /// Whether a difference is one that posting told a person about.
    pub fn is_told(&self) -> bool {
        self.made == self.posted
    }

    /// The difference in words.
    pub fn words(&self) -> String {
        let shown = |quantities: &Quantities| -> String {
            let parts = quantities.iter().map(|(item, quantity)| format!("{} {item}", plain(*quantity)));
            let parts: Vec<String> = parts.collect();
            if parts.is_empty() { "nothing".to_owned() } else { parts.join(" + ") }
        };
        format!("line {}: should have {}, has {}", self.line, shown(&self.expected), shown(&self.made))
    }
}

/// The lines of one document that should have made customer items, or have. `events` are those under the document's keys,
/// `again` those that posting it once more gives; of both only `kind` counts.
pub fn prove(
    customer: &str,
    lines: &[PostedLine],
    (events, again, kind): (&[CustomerItemEvent], &[CustomerItemEvent], EventKind),
    catalog: &Catalog,
) -> Vec<LineProof> {
    let made_of = |events: &[CustomerItemEvent], line: u32| {
        let mut made = Quantities::new();
        for event in events.iter().filter(|event| event.document_line == line && event.kind == kind) {
            add(&mut made, &event.item, event.quantity);
        }
        made
    };
    let proofs = lines.iter().map(|line| LineProof {
        line: line.line,
        expected: expected(customer, line, catalog),
        made: made_of(events, line.line),
        posted: made_of(again, line.line),
    });
    proofs.filter(|proof| !proof.expected.is_empty() || !proof.made.is_empty()).collect()
}

/// Of the item and of what is in it, so much as the ledger is kept for.
fn expected(customer: &str, line: &PostedLine, catalog: &Catalog) -> Quantities {
    let mut expected = Quantities::new();
    if line.item.is_empty() || !catalog.customer(customer).is_some_and(|customer| customer.ledger) {
        return expected;
    }
    let parts = explode(&line.item, catalog).0;
    let itself = (&line.item, Decimal::ONE);
    for (number, times) in
        std::iter::once(itself).chain(parts.iter().map(|part| (part.item(), part.quantity)))
    {
        let kind = catalog.item(number).map(|item| &item.customer_item_type);
        if kind.is_some_and(|kind| catalog.customer_item_type(kind).is_some())
            && let Some(quantity) = line.quantity.checked_mul(times)
        {
            add(&mut expected, number, quantity);
        }
    }
    expected
}

fn add(quantities: &mut Quantities, item: &Text, quantity: Decimal) {
    if quantity > Decimal::ZERO {
        let sum = quantities.entry(item.clone()).or_default();
        *sum = sum.saturating_add(quantity).normalize();
    }
}

/// So many things are named that it may have meant.
const SHOWN: usize = 5;

/// What an event looked for and did not find, and what there is instead: `near` has the customer's things and those with the
/// serial.
pub fn looked_for(event: &CustomerItemEvent, near: &[CustomerItem]) -> String {
    let CustomerItemEvent { kind, customer, item, serial, quantity, unit, date, .. } = event;
    let line = if event.document_line > 0 { format!(" line {}", event.document_line) } else { String::new() };
    let document = if event.document.is_empty() {
        event.source.to_string()
    } else {
        format!("{} {}{line}", event.source, event.document)
    };
    let named =
        if serial.is_empty() { " without a serial".to_owned() } else { format!(" with serial {serial}") };
    let what = kind.as_str().replace('_', " ");
    let mut text =
        format!("{what} by {document} on {date}: {} {unit} of {item}{named} of {customer}", plain(*quantity));
    let with_serial = near.iter().filter(|other| !serial.is_empty() && other.serial == *serial);
    let with_serial: Vec<String> = with_serial.take(SHOWN).map(state_of).collect();
    let alike = near.iter().filter(|other| {
        other.customer == *customer && other.item == *item && other.status == CustomerItemStatus::Active
    });
    let alike: Vec<String> = alike.take(SHOWN).map(described).collect();
    if !with_serial.is_empty() {
        text += &format!("; the serial is {}", with_serial.join(", "));
    } else if !alike.is_empty() {
        text += &format!("; what there is: {}", alike.join(", "));
    }
    text + &format!(" (key {})", event.key)
}

fn state_of(item: &CustomerItem) -> String {
    match (item.ended, item.ended_as) {
        (Some(day), Some(how)) => {
            format!("{} ({} on {day})", described(item), how.as_str().replace('_', " "))
        }
        _ => described(item),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::customer_item::CustomerItemType;
    use crate::domain::item::{Customer, Item, KitComponent};

    fn catalog() -> Catalog {
        let tool = CustomerItemType { name: "tool".into(), ..CustomerItemType::default() };
        let mut catalog = Catalog::new(vec![tool]);
        for (customer, ledger) in [("ACME", true), ("QUIET", false)] {
            catalog.add_customer(Customer { customer: customer.into(), ledger, ..Customer::default() });
        }
        for (item, kind) in [("SAW", "tool"), ("SCREW", ""), ("SET", ""), ("ODD", "no such type")] {
            let (item, kind) = (item.into(), kind.into());
            catalog.add_item(Item { item, customer_item_type: kind, ..Item::default() });
        }
        for (component, quantity) in [("SAW", 2), ("SCREW", 100)] {
            let (kit, quantity) = ("SET".into(), Decimal::from(quantity));
            catalog.add_kit_component(KitComponent { kit, component: component.into(), quantity });
        }
        catalog
    }

    fn event(line: u32, item: &str, quantity: i64, kind: EventKind) -> CustomerItemEvent {
        CustomerItemEvent {
            document_line: line,
            item: item.into(),
            quantity: Decimal::from(quantity),
            kind,
            ..CustomerItemEvent::default()
        }
    }

    #[test]
    fn a_line_is_proved_by_its_quantities() {
        let sold = |item: &str, quantity| event(1, item, quantity, EventKind::Sold);
        for (customer, item, quantity, events, expected) in [
            ("ACME", "SAW", 2, vec![sold("SAW", 1), sold("SAW", 1)], Some((true, ""))),
            ("ACME", "SET", 3, vec![sold("SAW", 6)], Some((true, ""))),
            ("ACME", "SET", 3, vec![sold("SAW", 5)], Some((false, "line 1: should have 6 SAW, has 5 SAW"))),
            ("ACME", "SAW", 1, vec![], Some((false, "line 1: should have 1 SAW, has nothing"))),
            ("ACME", "SAW", 1, vec![sold("SAW", 2)], Some((false, "line 1: should have 1 SAW, has 2 SAW"))),
            // what another line or a credit made is not this line's
            (
                "ACME",
                "SAW",
                1,
                vec![event(2, "SAW", 1, EventKind::Sold)],
                Some((false, "line 1: should have 1 SAW, has nothing")),
            ),
            (
                "ACME",
                "SAW",
                1,
                vec![event(1, "SAW", 1, EventKind::Credited)],
                Some((false, "line 1: should have 1 SAW, has nothing")),
            ),
            ("ACME", "SCREW", 9, vec![], None),
            ("ACME", "ODD", 9, vec![], None),
            ("QUIET", "SAW", 9, vec![], None),
            ("NOBODY", "SAW", 9, vec![], None),
        ] {
            let line = PostedLine { line: 1, item: item.into(), quantity: Decimal::from(quantity) };
            let proofs = prove(customer, &[line], (&events, &[], EventKind::Sold), &catalog());
            let told = proofs.first().map(|proof| (proof.is_made(), proof.words()));
            let told = told.map(|(made, words)| (made, if made { String::new() } else { words }));
            assert_eq!(told, expected.map(|(made, words)| (made, words.to_owned())), "{customer} {item}");
        }
    }

    #[test]
    fn a_difference_that_posting_makes_again_was_told() {
        let line = PostedLine { line: 1, item: "SAW".into(), quantity: Decimal::ONE };
        let two = [event(1, "SAW", 2, EventKind::Sold)];
        let proofs = prove("ACME", &[line], (&two, &two, EventKind::Sold), &catalog());
        assert!(!proofs[0].is_made() && proofs[0].is_told());
    }
}
