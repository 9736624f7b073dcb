//! Events to customer items: what each customer owns and owned, as of any day.

use crate::domain::customer_item::{CustomerItem, CustomerItemEvent, CustomerItemStatus, EventKind};
use crate::domain::{Date, Decimal, Text};
use std::collections::{BTreeMap, BTreeSet};

/// The customer items that the events make up to the end of `as_of` (None: all of them), by customer, item, serial, purchase
/// date and key.
///
/// Events count once by their key, in the order of their dates, sales before everything else of their day, else in the order
/// given. An entry that was voided never was, on whatever day somebody found out. A credit or return of a document ends the
/// item with its serial, of the same customer; where there is none such, and for one without a serial, the oldest unit that
/// has no serial. Every other event names what it is about. What goes in part splits it.
pub fn customer_items(events: &[CustomerItemEvent], as_of: Option<Date>) -> Vec<CustomerItem> {
    settle(events, as_of).0
}

/// [`customer_items`], and the events for which nothing was found that they could be about, each with the quantity that is
/// left over.
pub fn settle(
    events: &[CustomerItemEvent],
    as_of: Option<Date>,
) -> (Vec<CustomerItem>, Vec<CustomerItemEvent>) {
    let voided: BTreeSet<&str> = voided(events).collect();
    let mut keys = BTreeSet::new();
    let mut ordered: Vec<&CustomerItemEvent> = events
        .iter()
        .filter(|event| event.kind != EventKind::Voided && !voided.contains(event.key.as_str()))
        .filter(|event| as_of.is_none_or(|day| event.date <= day))
        .filter(|event| keys.insert(event.key.as_str()))
        .collect();
    ordered.sort_by_key(|event| (event.date, event.kind != EventKind::Sold));
    let mut ledger = Ledger::default();
    let mut unmatched = Vec::new();
    for event in ordered {
        let left = ledger.take_in(event);
        if left > Decimal::ZERO {
            unmatched.push(CustomerItemEvent { quantity: left, ..event.clone() });
        }
    }
    let mut items = ledger.items;
    items.sort_by(|a, b| place(a).cmp(&place(b)));
    (items, unmatched)
}

/// The keys of the entries that were taken back.
pub fn voided(events: &[CustomerItemEvent]) -> impl Iterator<Item = &str> {
    events.iter().filter(|event| event.kind == EventKind::Voided).map(|event| event.target.as_str())
}

/// Whether the item has cover on a day, its first and last included.
pub fn is_covered(item: &CustomerItem, day: Date) -> bool {
    item.warranty_start.is_none_or(|start| start <= day) && item.warranty_end.is_some_and(|end| day <= end)
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
    /// Places of the open items in `items`; a place is given when it begins, so that the first is the oldest.
    open: BTreeMap<Name, BTreeSet<usize>>,
    /// The place of each open item by its key.
    by_key: BTreeMap<Text, usize>,
    /// What was replaced last of each key, and is waiting to hear by what.
    replaced: BTreeMap<Text, usize>,
}

impl Ledger {
    /// The quantity for which nothing was found.
    fn take_in(&mut self, event: &CustomerItemEvent) -> Decimal {
        match event.kind {
            EventKind::Sold => self.begin(item_of(event), event.quantity),
            EventKind::ReplacedIn => self.replace(event),
            EventKind::Credited | EventKind::Returned if event.target.is_empty() => self.end_by_name(event),
            EventKind::Credited | EventKind::Returned | EventKind::Scrapped | EventKind::ReplacedOut => {
                self.end_by_key(event).map_or(event.quantity, |(_, left)| left)
            }
            EventKind::Transferred => self.transfer(event),
            EventKind::Serviced | EventKind::WarrantySet | EventKind::FieldsSet => self.change(event),
            EventKind::Voided => Decimal::ZERO,
        }
    }

    /// Nothing is ever left over of what begins.
    fn begin(&mut self, item: CustomerItem, quantity: Decimal) -> Decimal {
        let place = self.items.len();
        self.open.entry(name(&item)).or_default().insert(place);
        self.by_key.insert(item.key.clone(), place);
        self.items.push(CustomerItem { quantity, ..item });
        Decimal::ZERO
    }

    fn replace(&mut self, event: &CustomerItemEvent) -> Decimal {
        let mut item = CustomerItem { origin: event.target.clone(), ..item_of(event) };
        if let Some(before) = self.replaced.get(&event.target).and_then(|at| self.items.get_mut(*at)) {
            before.successor.clone_from(&event.key);
            if event.remainder {
                (item.warranty_start, item.warranty_end) = (before.warranty_start, before.warranty_end);
            }
        }
        self.begin(item, event.quantity)
    }

    fn transfer(&mut self, event: &CustomerItemEvent) -> Decimal {
        let Some((at, left)) = self.end_by_key(event) else { return event.quantity };
        let Some(before) = self.items.get_mut(at) else { return event.quantity };
        before.successor.clone_from(&event.key);
        let item = CustomerItem {
            key: event.key.clone(),
            customer: event.to_customer.clone(),
            owned_from: event.date,
            origin: event.target.clone(),
            successor: Text::default(),
            status: CustomerItemStatus::Active,
            ended: None,
            ended_as: None,
            ended_by: Text::default(),
            ..before.clone()
        };
        let quantity = item.quantity;
        self.begin(item, quantity);
        left
    }

    fn change(&mut self, event: &CustomerItemEvent) -> Decimal {
        let found = self.by_key.get(&event.target).and_then(|at| self.items.get_mut(*at));
        let Some(item) = found else { return event.quantity };
        match event.kind {
            EventKind::Serviced => {
                (item.last_service, item.service_due) = (Some(event.date), event.service_due);
            }
            EventKind::WarrantySet => {
                (item.warranty_start, item.warranty_end) = (event.warranty_start, event.warranty_end);
            }
            _ => {}
        }
        item.extra.extend(event.extra.iter().map(|(name, value)| (name.clone(), value.clone())));
        Decimal::ZERO
    }

    fn end_by_name(&mut self, event: &CustomerItemEvent) -> Decimal {
        let mut left = event.quantity;
        let name = (event.customer.clone(), event.item.clone(), event.serial.clone());
        left = self.take_named(&name, left, event);
        if !event.serial.is_empty() {
            let nameless = (name.0, name.1, Text::default());
            left = self.take_named(&nameless, left, event);
        }
        left
    }

    /// Ends up to `quantity` of the open items of this name, the oldest first, and returns what is left.
    fn take_named(&mut self, name: &Name, quantity: Decimal, event: &CustomerItemEvent) -> Decimal {
        let mut left = quantity;
        while left > Decimal::ZERO {
            let Some(at) = self.open.get(name).and_then(|open| open.first()).copied() else { break };
            let Some((_, rest)) = self.end_at(at, left, event) else { break };
            left = rest;
        }
        left
    }

    /// The place of the part that ended, and what is left over; None where what the event names is not open.
    fn end_by_key(&mut self, event: &CustomerItemEvent) -> Option<(usize, Decimal)> {
        let at = *self.by_key.get(&event.target)?;
        let ended = self.end_at(at, event.quantity, event)?;
        if event.kind == EventKind::ReplacedOut {
            self.replaced.insert(event.target.clone(), ended.0);
        }
        Some(ended)
    }

    /// Ends an open item, or up to `quantity` of it: then the part that ended gets a place of its own.
    fn end_at(
        &mut self,
        at: usize,
        quantity: Decimal,
        event: &CustomerItemEvent,
    ) -> Option<(usize, Decimal)> {
        let next = self.items.len();
        let item = self.items.get_mut(at)?;
        let (status, ended, ended_as) = (CustomerItemStatus::Ended, Some(event.date), Some(event.kind));
        if item.quantity > quantity {
            item.quantity = item.quantity.saturating_sub(quantity);
            let ended_by = event.key.clone();
            let part = CustomerItem { quantity, status, ended, ended_as, ended_by, ..item.clone() };
            self.items.push(part);
            return Some((next, Decimal::ZERO));
        }
        (item.status, item.ended, item.ended_as) = (status, ended, ended_as);
        item.ended_by.clone_from(&event.key);
        let left = quantity.saturating_sub(item.quantity);
        let (name, key) = (name(item), item.key.clone());
        self.by_key.remove(&key);
        if let Some(open) = self.open.get_mut(&name) {
            open.remove(&at);
        }
        Some((at, left))
    }
}

fn name(item: &CustomerItem) -> Name {
    (item.customer.clone(), item.item.clone(), item.serial.clone())
}

/// What an event begins, as yet without anything that happened to it.
fn item_of(event: &CustomerItemEvent) -> CustomerItem {
    CustomerItem {
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
        last_service: None,
        status: CustomerItemStatus::Active,
        ended: None,
        ended_as: None,
        ended_by: Text::default(),
        owned_from: event.date,
        origin: Text::default(),
        successor: Text::default(),
        extra: event.extra.clone(),
    }
}

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;
