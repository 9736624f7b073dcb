//! Events to customer items: what each customer owns now, and what it owned.

use crate::domain::customer_item::{CustomerItem, CustomerItemEvent, CustomerItemStatus, EventKind};
use crate::domain::{Date, Decimal, Text};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The customer items that the events make, by customer, item, serial, purchase date and key.
///
/// Events count once by their key, in the order of their dates, sales before what takes them back, else in the order
/// given. A credit or return ends the item with its serial, of the same customer; where there is none such, and for one
/// without a serial, the oldest unit that has no serial. A part of a quantity that comes back splits it.
pub fn customer_items(events: &[CustomerItemEvent]) -> Vec<CustomerItem> {
    settle(events).0
}

/// [`customer_items`], and the credits and returns for which nothing was found, each with the quantity that is left over.
pub fn settle(events: &[CustomerItemEvent]) -> (Vec<CustomerItem>, Vec<CustomerItemEvent>) {
    let mut keys = BTreeSet::new();
    let mut ordered: Vec<&CustomerItemEvent> =
        events.iter().filter(|event| keys.insert(event.key.as_str())).collect();
    ordered.sort_by_key(|event| (event.date, event.kind != EventKind::Sold));
    let mut ledger = Ledger::default();
    let mut unmatched = Vec::new();
    for event in ordered {
        if event.kind == EventKind::Sold {
            ledger.begin(event);
            continue;
        }
        let left = ledger.end(event);
        if left > Decimal::ZERO {
            unmatched.push(CustomerItemEvent { quantity: left, ..event.clone() });
        }
    }
    let mut items = ledger.items;
    items.sort_by(|a, b| place(a).cmp(&place(b)));
    (items, unmatched)
}

/// The parts of a split item differ in their status and the day they ended.
type Place<'a> = (&'a Text, &'a Text, &'a Text, Date, &'a Text, CustomerItemStatus, Option<Date>);

fn place(item: &CustomerItem) -> Place<'_> {
    let CustomerItem { customer, item: number, serial, purchase_date, key, status, ended, .. } = item;
    (customer, number, serial, *purchase_date, key, *status, *ended)
}

/// Customer, item, serial.
type Name = (Text, Text, Text);

#[derive(Default)]
struct Ledger {
    items: Vec<CustomerItem>,
    /// Places of the open items in `items`, oldest first.
    open: BTreeMap<Name, VecDeque<usize>>,
}

impl Ledger {
    fn begin(&mut self, event: &CustomerItemEvent) {
        let name = (event.customer.clone(), event.item.clone(), event.serial.clone());
        self.open.entry(name).or_default().push_back(self.items.len());
        self.items.push(CustomerItem {
            key: event.key.clone(),
            customer: event.customer.clone(),
            item: event.item.clone(),
            customer_item_type: event.customer_item_type.clone(),
            serial: event.serial.clone(),
            quantity: event.quantity,
            unit: event.unit.clone(),
            purchase_date: event.purchase_date.unwrap_or(event.date),
            source: event.source.clone(),
            document: event.document.clone(),
            document_line: event.document_line,
            po_number: event.po_number.clone(),
            kit: event.kit.clone(),
            unit_price: event.unit_price,
            warranty_start: event.warranty_start,
            warranty_end: event.warranty_end,
            service_due: event.service_due,
            status: CustomerItemStatus::Active,
            ended: None,
        });
    }

    /// Returns the quantity for which nothing open was found.
    fn end(&mut self, event: &CustomerItemEvent) -> Decimal {
        let mut left = event.quantity;
        let name = (event.customer.clone(), event.item.clone(), event.serial.clone());
        left = self.take(&name, left, event.date);
        if !event.serial.is_empty() {
            let nameless = (name.0, name.1, Text::default());
            left = self.take(&nameless, left, event.date);
        }
        left
    }

    /// Ends up to `quantity` of the open items of this name, the oldest first, and returns what is left.
    fn take(&mut self, name: &Name, quantity: Decimal, date: Date) -> Decimal {
        let mut left = quantity;
        let Some(open) = self.open.get_mut(name) else { return left };
        while left > Decimal::ZERO {
            let Some(item) = open.front().and_then(|at| self.items.get_mut(*at)) else { break };
            let ended = Some(date);
            if item.quantity > left {
                item.quantity = item.quantity.saturating_sub(left);
                let status = CustomerItemStatus::Ended;
                let back = CustomerItem { quantity: left, status, ended, ..item.clone() };
                self.items.push(back);
                return Decimal::ZERO;
            }
            left = left.saturating_sub(item.quantity);
            (item.status, item.ended) = (CustomerItemStatus::Ended, ended);
            open.pop_front();
        }
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn event(kind: EventKind, day: i8, key: &str, serial: &str, quantity: i64) -> CustomerItemEvent {
        CustomerItemEvent {
            key: key.into(),
            kind,
            customer: "ACME".into(),
            item: "SAW".into(),
            customer_item_type: "tool".into(),
            serial: serial.into(),
            quantity: Decimal::from(quantity),
            unit: "EA".into(),
            date: date(2026, 11, day),
            purchase_date: None,
            ship_date: None,
            source: "invoice".into(),
            document: "1".into(),
            document_line: 1,
            po_number: Text::default(),
            kit: Text::default(),
            unit_price: None,
            warranty_start: None,
            warranty_end: None,
            service_due: None,
        }
    }

    fn shown(events: &[CustomerItemEvent]) -> (Vec<String>, Vec<String>) {
        let (items, unmatched) = settle(events);
        let items = items.iter().map(|item| {
            let ended = item.ended.map_or(String::new(), |day| format!(" {}", day.day()));
            format!("{}{}x{} {}{ended}", item.key, item.serial, item.quantity, item.status.as_str())
        });
        let unmatched = unmatched.iter().map(|event| format!("{}x{}", event.key, event.quantity));
        (items.collect(), unmatched.collect())
    }

    /// Events as (kind, day, key, serial, quantity), then the items and the unmatched as [`shown`] has them.
    type Row = (
        &'static [(EventKind, i8, &'static str, &'static str, i64)],
        &'static [&'static str],
        &'static [&'static str],
    );

    #[test]
    fn a_credit_ends_what_it_names_and_says_what_it_did_not_find() {
        use EventKind::{Credited, Returned, Sold};
        let rows: &[Row] = &[
            (&[(Sold, 1, "a", "#1", 1), (Credited, 2, "b", "#1", 1)], &["a#1x1 ended 2"], &[]),
            // the same document again
            (&[(Sold, 1, "a", "#1", 1), (Sold, 1, "a", "#1", 1)], &["a#1x1 active"], &[]),
            // the oldest without a serial, whatever the order in which they came
            (
                &[(Sold, 3, "a", "", 1), (Sold, 1, "b", "", 1), (Returned, 4, "c", "", 1)],
                &["bx1 ended 4", "ax1 active"],
                &[],
            ),
            // a serial that is not known ends a unit that has none
            (
                &[(Sold, 1, "a", "", 1), (Sold, 1, "b", "#2", 1), (Credited, 1, "c", "#1", 1)],
                &["ax1 ended 1", "b#2x1 active"],
                &[],
            ),
            // without a serial nothing tells which of those with one
            (&[(Sold, 1, "a", "#1", 1), (Credited, 2, "b", "", 1)], &["a#1x1 active"], &["bx1"]),
            // a part of a quantity, and more than there is
            (
                &[(Sold, 1, "a", "", 10), (Credited, 2, "b", "", 4), (Credited, 3, "c", "", 8)],
                &["ax4 ended 2", "ax6 ended 3"],
                &["cx2"],
            ),
            // back, sold again
            (
                &[(Sold, 1, "a", "#1", 1), (Credited, 2, "b", "#1", 1), (Sold, 3, "c", "#1", 1)],
                &["a#1x1 ended 2", "c#1x1 active"],
                &[],
            ),
            // taken back before it was sold
            (&[(Credited, 1, "b", "#1", 1), (Sold, 2, "a", "#1", 1)], &["a#1x1 active"], &["bx1"]),
        ];
        for (events, items, unmatched) in rows {
            let events: Vec<CustomerItemEvent> = events
                .iter()
                .map(|(kind, day, key, serial, quantity)| event(*kind, *day, key, serial, *quantity))
                .collect();
            let (found, left) = shown(&events);
            assert_eq!(found, *items);
            assert_eq!(left, *unmatched);
        }
    }

    #[test]
    fn other_customers_and_items_are_not_touched() {
        let sold = event(EventKind::Sold, 1, "a", "#1", 1);
        for other in [
            CustomerItemEvent { customer: "OTHER".into(), ..event(EventKind::Returned, 2, "b", "#1", 1) },
            CustomerItemEvent { item: "DRILL".into(), ..event(EventKind::Returned, 2, "b", "#1", 1) },
        ] {
            assert_eq!(shown(&[sold.clone(), other]), (vec!["a#1x1 active".into()], vec!["bx1".into()]));
        }
    }

    #[test]
    fn items_stand_by_customer_item_serial_date_and_key() {
        let mut events = vec![
            event(EventKind::Sold, 2, "b", "", 1),
            event(EventKind::Sold, 1, "c", "", 1),
            event(EventKind::Sold, 1, "a", "", 1),
            event(EventKind::Sold, 1, "d", "#1", 1),
            CustomerItemEvent { customer: "AAA".into(), ..event(EventKind::Sold, 9, "z", "#9", 1) },
        ];
        let keys = |events: &[CustomerItemEvent]| -> Vec<String> {
            customer_items(events).iter().map(|item| item.key.to_string()).collect()
        };
        assert_eq!(keys(&events), ["z", "a", "c", "b", "d"]);
        events.reverse();
        assert_eq!(keys(&events), ["z", "a", "c", "b", "d"]);
    }

    /// Units of quantity 1 only: a multiset by serial, oldest out first, says the same.
    fn model(events: &[CustomerItemEvent]) -> (usize, usize, usize) {
        let mut open: Vec<&CustomerItemEvent> = Vec::new();
        let (mut ended, mut unmatched) = (0, 0);
        for day in 1..=28 {
            for sold in [true, false] {
                for event in events {
                    let is_sold = event.kind == EventKind::Sold;
                    if event.date.day() != day || is_sold != sold {
                        continue;
                    }
                    if is_sold {
                        open.push(event);
                        continue;
                    }
                    let by_serial = open.iter().position(|unit| unit.serial == event.serial);
                    match by_serial.or_else(|| open.iter().position(|unit| unit.serial.is_empty())) {
                        Some(at) => {
                            open.remove(at);
                            ended += 1;
                        }
                        None => unmatched += 1,
                    }
                }
            }
        }
        (open.len(), ended, unmatched)
    }

    proptest! {
        #[test]
        fn says_what_a_naive_walk_says(
            rows in prop::collection::vec((0..3u8, 1..28i8, "(|#1|#2|#3)"), 0..40)
        ) {
            let events: Vec<CustomerItemEvent> = rows
                .iter()
                .enumerate()
                .map(|(at, (kind, day, serial))| {
                    let kind = [EventKind::Sold, EventKind::Credited, EventKind::Returned][usize::from(*kind)];
                    event(kind, *day, &format!("k{at}"), serial, 1)
                })
                .collect();
            let (items, unmatched) = settle(&events);
            let active = items.iter().filter(|item| item.status == CustomerItemStatus::Active).count();
            prop_assert_eq!((active, items.len() - active, unmatched.len()), model(&events));
            let twice = [events.clone(), events].concat();
            prop_assert_eq!(settle(&twice), (items, unmatched));
        }

        #[test]
        fn no_quantity_appears_or_vanishes(
            rows in prop::collection::vec((any::<bool>(), 1..28i8, "(|#1)", 1..9i64), 0..30)
        ) {
            let events: Vec<CustomerItemEvent> = rows
                .iter()
                .enumerate()
                .map(|(at, (sold, day, serial, quantity))| {
                    let kind = if *sold { EventKind::Sold } else { EventKind::Credited };
                    event(kind, *day, &format!("k{at}"), serial, *quantity)
                })
                .collect();
            let sum = |sold: bool| -> Decimal {
                events.iter().filter(|e| (e.kind == EventKind::Sold) == sold).map(|e| e.quantity).sum()
            };
            let (items, unmatched) = settle(&events);
            let owned: Decimal = items.iter().map(|item| item.quantity).sum();
            let ended: Decimal = items.iter().filter(|item| item.ended.is_some()).map(|item| item.quantity).sum();
            let left: Decimal = unmatched.iter().map(|event| event.quantity).sum();
            prop_assert_eq!(owned, sum(true));
            prop_assert_eq!(ended + left, sum(false));
        }
    }
}
