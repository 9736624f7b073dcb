//! What people sign: a request about something that a customer owns to the events that say it, or to the reason why not.

mod keys;

use crate::domain::customer_item::{
    CustomerItem, CustomerItemEvent, CustomerItemStatus, EventKind, Extra, ReplacementTerm,
};
use crate::domain::diagnostic::{Diagnostic, Location, Rule};
use crate::domain::money::plain;
use crate::domain::rules::business::SERIAL_COUNT_DIFFERS;
use crate::domain::rules::ledger::{
    LEDGER_BUILT_UPON, LEDGER_CUSTOMER_REFUSED, LEDGER_DOCUMENT_REUSED, LEDGER_ENDED, LEDGER_NOT_FOUND,
    LEDGER_QUANTITY_EXCEEDED, LEDGER_SEVERAL, LEDGER_TOO_EARLY, LEDGER_VOID_OF_VOID,
};
use crate::domain::{Date, Decimal, Text};
use crate::ledger::post::escaped;
use crate::ledger::state::{settle, voided};
use keys::bounded;
use std::collections::BTreeSet;

/// Who says it, why, for which day, by which document.
#[derive(Debug, Clone, Default)]
pub struct Signature {
    pub by: Text,
    pub reason: Text,
    pub date: Date,
    /// Whether the person named the day: then a repetition must name the same.
    pub dated: bool,
    /// Empty: none. The same request under the same number is made once.
    pub document: Text,
    /// Makes the keys of what has no document; no other request has it.
    pub number: Text,
}

/// Which customer item is meant; empty: any. A key, a serial, or customer and item are enough.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    pub key: Text,
    pub serial: Text,
    pub customer: Text,
    pub item: Text,
}

/// What is to be done with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// None: all of it.
    Return(Option<Decimal>),
    Scrap(Option<Decimal>),
    Transfer {
        to: Text,
        quantity: Option<Decimal>,
    },
    Replace(Box<Replacement>),
    /// Serviced, and due again on this day.
    Service(Option<Date>),
    /// First and last day of cover; a last day of None: no cover.
    Warranty(Option<Date>, Option<Date>),
    Fields(Extra),
}

/// What comes in the place of something.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Replacement {
    /// None: all of it.
    pub quantity: Option<Decimal>,
    pub item: Text,
    pub customer_item_type: Text,
    pub unit: Text,
    pub serial: Text,
    /// Whether a serial is that of one unit, and not of a lot.
    pub one_each: bool,
    pub term: ReplacementTerm,
    /// Cover of a fresh term.
    pub cover: Option<(Date, Date)>,
    pub service_due: Option<Date>,
}

/// What a request comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// To be added.
    New(Vec<CustomerItemEvent>),
    /// It was said before under the same document number.
    Already(Vec<CustomerItemEvent>),
}

/// A request that is refused. Boxed, because a reason is large and rare.
pub type Refused = Box<Diagnostic>;

/// The events of a change. `events` are those of everything that is meant and that it depends on, as the store has them.
pub fn change(
    events: &[CustomerItemEvent],
    wanted: &Wanted,
    change: &Change,
    signature: &Signature,
) -> Result<Outcome, Refused> {
    if let Some(known) = known(events, wanted, change, signature)? {
        return Ok(Outcome::Already(known));
    }
    let (then, _) = settle(events, Some(signature.date));
    let later = settle(events, None).0;
    let picked = pick(&then, &later, wanted, change, signature.date)?;
    let all: Decimal =
        picked.iter().map(|(_, quantity)| *quantity).fold(Decimal::ZERO, Decimal::saturating_add);
    if let Change::Replace(new) = change
        && new.one_each
        && all != Decimal::ONE
        && !new.serial.is_empty()
    {
        let why = format!("{}: units {}, serials 1", new.item, plain(all));
        return Err(refused(&SERIAL_COUNT_DIFFERS, &new.serial, why));
    }
    let mut new = Vec::new();
    for (item, quantity) in picked {
        if matches!(change, Change::Transfer { to, .. } if *to == item.customer) {
            let why = format!("it is the owner already: {}", described(item));
            return Err(refused(&LEDGER_CUSTOMER_REFUSED, &item.customer, why));
        }
        new.extend(said(item, quantity, change, signature, new.len()));
    }
    // a key is added once: under the number of what was taken back nothing could be said again
    if let Some(known) = new.iter().find(|new| events.iter().any(|event| event.key == new.key)) {
        let why = format!("{} was taken back; say it under another document number", known.key);
        return Err(refused(&LEDGER_DOCUMENT_REUSED, &signature.document, why));
    }
    nothing_is_lost(events, &new, &LEDGER_TOO_EARLY)?;
    Ok(Outcome::New(new))
}

/// Why nothing that is owned on that day is meant.
pub fn not_there(events: &[CustomerItemEvent], wanted: &Wanted, date: Date) -> Refused {
    let then = settle(events, Some(date)).0;
    let found: Vec<&CustomerItem> = then.iter().filter(|item| matches(item, wanted)).collect();
    missing(&found, &settle(events, None).0, wanted, date)
}

/// Takes back the entry with this key, and the other half of a replacement with it. What later entries are about stays.
pub fn void(events: &[CustomerItemEvent], key: &str, signature: &Signature) -> Result<Outcome, Refused> {
    let Some(entry) = events.iter().find(|event| event.key == key) else {
        return Err(refused(&LEDGER_NOT_FOUND, key, "no entry of the ledger has this key"));
    };
    let done: Vec<CustomerItemEvent> = events
        .iter()
        .filter(|event| event.kind == EventKind::Voided && event.target == key)
        .cloned()
        .collect();
    if !done.is_empty() {
        return Ok(Outcome::Already(done));
    }
    if entry.kind == EventKind::Voided {
        return Err(refused(
            &LEDGER_VOID_OF_VOID,
            key,
            format!("it took {} back on {}", entry.target, entry.date),
        ));
    }
    let mut new = Vec::new();
    for target in [Some(entry), other_half(events, entry)].into_iter().flatten() {
        let key = if signature.document.is_empty() {
            format!("hand/{}/voided/{}", escaped(&signature.number), new.len() + 1)
        } else {
            format!("hand/voided/{}/{}", escaped(&signature.document), bounded(&target.key))
        };
        new.push(CustomerItemEvent {
            key: key.into(),
            kind: EventKind::Voided,
            target: target.key.clone(),
            date: signature.date,
            source: "hand".into(),
            document: signature.document.clone(),
            document_line: 0,
            by: signature.by.clone(),
            reason: signature.reason.clone(),
            to_customer: Text::default(),
            to_item: Text::default(),
            ..target.clone()
        });
    }
    nothing_is_lost(events, &new, &LEDGER_BUILT_UPON)?;
    Ok(Outcome::New(new))
}

pub(crate) fn refused(rule: &'static Rule, found: &str, detail: impl Into<String>) -> Refused {
    Box::new(Diagnostic::new(rule, Location::default()).found(found).detail(detail.into()))
}

/// A customer item in words, with the key that chooses it.
pub fn described(item: &CustomerItem) -> String {
    let CustomerItem { customer, item: number, serial, quantity, owned_from, key, .. } = item;
    let serial = if serial.is_empty() { String::new() } else { format!(" {serial}") };
    let times = if *quantity == Decimal::ONE { String::new() } else { format!(" x{}", plain(*quantity)) };
    format!("{number}{serial}{times} of {customer} since {owned_from}, key {key}")
}

/// [`described`], with the day on which it ended.
pub fn owned_until(item: &CustomerItem) -> String {
    described(item) + &item.ended.map_or(String::new(), |day| format!(" (until {day})"))
}

fn kind_of(change: &Change) -> EventKind {
    match change {
        Change::Return(_) => EventKind::Returned,
        Change::Scrap(_) => EventKind::Scrapped,
        Change::Transfer { .. } => EventKind::Transferred,
        Change::Replace(_) => EventKind::ReplacedOut,
        Change::Service(_) => EventKind::Serviced,
        Change::Warranty(..) => EventKind::WarrantySet,
        Change::Fields(_) => EventKind::FieldsSet,
    }
}

fn quantity_of(change: &Change) -> Option<Decimal> {
    match change {
        Change::Return(quantity) | Change::Scrap(quantity) | Change::Transfer { quantity, .. } => *quantity,
        Change::Replace(replacement) => replacement.quantity,
        Change::Service(_) | Change::Warranty(..) | Change::Fields(_) => None,
    }
}

/// What was said before under the document's number about what is meant. With other content it is refused.
fn known(
    events: &[CustomerItemEvent],
    wanted: &Wanted,
    change: &Change,
    signature: &Signature,
) -> Result<Option<Vec<CustomerItemEvent>>, Refused> {
    let void: BTreeSet<&str> = voided(events).collect();
    let is = |wanted: &Text, found: &Text| wanted.is_empty() || wanted == found;
    let kind = kind_of(change);
    let before: Vec<&CustomerItemEvent> = events
        .iter()
        .filter(|event| !signature.document.is_empty() && event.document == signature.document)
        .filter(|event| event.source == "hand" && event.kind == kind && !void.contains(event.key.as_str()))
        .filter(|event| is(&wanted.key, &event.target) && is(&wanted.serial, &event.serial))
        .filter(|event| is(&wanted.customer, &event.customer) && is(&wanted.item, &event.item))
        .collect();
    let Some(first) = before.first() else { return Ok(None) };
    let all: Decimal = before.iter().map(|event| event.quantity).fold(Decimal::ZERO, Decimal::saturating_add);
    let mut differ = Vec::new();
    let mut compare = |same: bool, what: String| {
        if !same {
            differ.push(what);
        }
    };
    compare(!signature.dated || first.date == signature.date, format!("date {}", first.date));
    compare(quantity_of(change).is_none_or(|new| new == all), format!("quantity {}", plain(all)));
    let day = |day: Option<Date>| day.map_or_else(|| "none".to_owned(), |day| day.to_string());
    match change {
        Change::Transfer { to, .. } => compare(first.to_customer == *to, format!("to {}", first.to_customer)),
        Change::Replace(new) => {
            compare(first.to_serial == new.serial, format!("replaced by {:?}", first.to_serial));
        }
        Change::Service(next) => {
            // an unnamed day gives another interval's end
            compare(
                !signature.dated || first.service_due == *next,
                format!("next due {}", day(first.service_due)),
            );
        }
        Change::Warranty(_, end) => {
            compare(first.warranty_end == *end, format!("warranty to {}", day(first.warranty_end)));
        }
        Change::Fields(extra) => compare(first.extra == *extra, format!("fields {:?}", first.extra)),
        Change::Return(_) | Change::Scrap(_) => {}
    }
    if differ.is_empty() {
        return Ok(Some(before.into_iter().cloned().collect()));
    }
    let detail = format!("it stands there with {} (key {})", differ.join(", "), first.key);
    Err(refused(&LEDGER_DOCUMENT_REUSED, &signature.document, detail))
}

type Picked<'i> = Vec<(&'i CustomerItem, Decimal)>;

/// What is meant, and how much of each. Of units without a serial that are alike in customer and item the oldest go first;
/// everything else that is not one is refused.
fn pick<'i>(
    then: &'i [CustomerItem],
    later: &[CustomerItem],
    wanted: &Wanted,
    change: &Change,
    date: Date,
) -> Result<Picked<'i>, Refused> {
    let ends = !matches!(change, Change::Service(_) | Change::Warranty(..) | Change::Fields(_));
    let found: Vec<&CustomerItem> = then.iter().filter(|item| matches(item, wanted)).collect();
    let mut open: Vec<&CustomerItem> =
        found.iter().copied().filter(|item| item.status == CustomerItemStatus::Active).collect();
    open.sort_by_key(|item| (item.owned_from, item.key.clone()));
    let Some(first) = open.first().copied() else { return Err(missing(&found, later, wanted, date)) };
    let alike = ends
        && open
            .iter()
            .all(|item| item.serial.is_empty() && item.customer == first.customer && item.item == first.item);
    if open.len() > 1 && !alike {
        return Err(several(&open, wanted));
    }
    let there: Decimal = open.iter().map(|item| item.quantity).fold(Decimal::ZERO, Decimal::saturating_add);
    let asked = match quantity_of(change) {
        Some(quantity) => quantity,
        None if open.len() == 1 => first.quantity,
        // how many of them, nobody has said
        None => return Err(several(&open, wanted)),
    };
    if asked > there || asked <= Decimal::ZERO {
        let detail = format!("{} asked for, {} there: {}", plain(asked), plain(there), described(first));
        return Err(refused(&LEDGER_QUANTITY_EXCEEDED, name_of(wanted), detail));
    }
    let mut left = asked;
    let mut picked = Vec::new();
    for item in open {
        let quantity = left.min(item.quantity);
        if quantity > Decimal::ZERO {
            picked.push((item, quantity));
            left -= quantity;
        }
    }
    Ok(picked)
}

fn matches(item: &CustomerItem, wanted: &Wanted) -> bool {
    let is = |wanted: &Text, found: &Text| wanted.is_empty() || wanted == found;
    is(&wanted.key, &item.key)
        && is(&wanted.serial, &item.serial)
        && is(&wanted.customer, &item.customer)
        && is(&wanted.item, &item.item)
}

fn name_of(wanted: &Wanted) -> &str {
    [&wanted.key, &wanted.serial, &wanted.item]
        .into_iter()
        .find(|text| !text.is_empty())
        .map_or("", Text::as_str)
}

/// Why nothing that is open is meant: it has ended, it was not there yet, or nobody knows it.
fn missing(found: &[&CustomerItem], later: &[CustomerItem], wanted: &Wanted, date: Date) -> Refused {
    if let Some(last) = found.iter().max_by_key(|item| item.ended) {
        let how = last.ended_as.map_or("ended", EventKind::as_str).replace('_', " ");
        let when = last.ended.map(|day| day.to_string()).unwrap_or_default();
        let next = if last.successor.is_empty() {
            String::new()
        } else {
            format!("; it goes on as {}", last.successor)
        };
        return refused(
            &LEDGER_ENDED,
            name_of(wanted),
            format!("{how} on {when}: {}{next}", described(last)),
        );
    }
    if let Some(first) = later.iter().filter(|item| matches(item, wanted)).min_by_key(|item| item.owned_from)
    {
        return refused(&LEDGER_TOO_EARLY, name_of(wanted), format!("{date}: {}", described(first)));
    }
    let Wanted { key, serial, customer, item } = wanted;
    let asked: Vec<String> = [("key", key), ("serial", serial), ("customer", customer), ("item", item)]
        .iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(name, text)| format!("{name} {text}"))
        .collect();
    let mut near: Vec<String> = later
        .iter()
        .filter(|item| !wanted.serial.is_empty() && item.serial == wanted.serial)
        .map(described)
        .collect();
    near.truncate(SHOWN);
    let near = if near.is_empty() { String::new() } else { format!("; there is {}", near.join("; ")) };
    refused(&LEDGER_NOT_FOUND, name_of(wanted), format!("nothing has {}{near}", asked.join(", ")))
}

/// So many of those that match are shown.
const SHOWN: usize = 5;

fn several(open: &[&CustomerItem], wanted: &Wanted) -> Refused {
    let shown: Vec<String> = open.iter().take(SHOWN).map(|item| described(item)).collect();
    let rest = open.len().saturating_sub(SHOWN);
    let rest = if rest > 0 { format!("; and {rest} more") } else { String::new() };
    refused(&LEDGER_SEVERAL, name_of(wanted), format!("{}{rest}", shown.join("; ")))
}

/// The events of a change of one customer item; `before` others of the request have their keys already.
fn said(
    item: &CustomerItem,
    quantity: Decimal,
    change: &Change,
    signature: &Signature,
    before: usize,
) -> Vec<CustomerItemEvent> {
    let base = |kind: EventKind| {
        let key = if signature.document.is_empty() {
            format!("hand/{}/{}/{}", escaped(&signature.number), kind.as_str(), before + 1)
        } else {
            format!("hand/{}/{}/{}", kind.as_str(), escaped(&signature.document), bounded(&item.key))
        };
        CustomerItemEvent {
            key: key.into(),
            kind,
            customer: item.customer.clone(),
            item: item.item.clone(),
            customer_item_type: item.customer_item_type.clone(),
            serial: item.serial.clone(),
            quantity,
            unit: item.unit.clone(),
            date: signature.date,
            source: "hand".into(),
            document: signature.document.clone(),
            kit: item.kit.clone(),
            target: item.key.clone(),
            by: signature.by.clone(),
            reason: signature.reason.clone(),
            ..CustomerItemEvent::default()
        }
    };
    let event = base(kind_of(change));
    match change {
        Change::Return(_) | Change::Scrap(_) => vec![event],
        Change::Transfer { to, .. } => vec![CustomerItemEvent {
            to_customer: to.clone(),
            to_item: item.item.clone(),
            to_serial: item.serial.clone(),
            ..event
        }],
        Change::Service(next) => vec![CustomerItemEvent { service_due: *next, ..event }],
        Change::Warranty(start, end) => {
            vec![CustomerItemEvent { warranty_start: *start, warranty_end: *end, ..event }]
        }
        Change::Fields(extra) => vec![CustomerItemEvent { extra: extra.clone(), ..event }],
        Change::Replace(new) => replaced(item, new, event, base(EventKind::ReplacedIn)),
    }
}

/// What went out, and what came in.
fn replaced(
    item: &CustomerItem,
    new: &Replacement,
    out: CustomerItemEvent,
    back: CustomerItemEvent,
) -> Vec<CustomerItemEvent> {
    let out = CustomerItemEvent {
        to_customer: item.customer.clone(),
        to_item: new.item.clone(),
        to_serial: new.serial.clone(),
        ..out
    };
    let back = CustomerItemEvent {
        item: new.item.clone(),
        customer_item_type: new.customer_item_type.clone(),
        unit: new.unit.clone(),
        serial: new.serial.clone(),
        purchase_date: Some(item.purchase_date),
        document_line: item.document_line,
        po_number: item.po_number.clone(),
        warranty_start: new.cover.map(|(first, _)| first),
        warranty_end: new.cover.map(|(_, last)| last),
        service_due: new.service_due,
        remainder: new.term == ReplacementTerm::Remainder,
        extra: item.extra.clone(),
        ..back
    };
    vec![out, back]
}

/// The half of a replacement that stands beside this one.
fn other_half<'e>(
    events: &'e [CustomerItemEvent],
    entry: &CustomerItemEvent,
) -> Option<&'e CustomerItemEvent> {
    let (mine, other) = match entry.kind {
        EventKind::ReplacedOut => (entry.kind, EventKind::ReplacedIn),
        EventKind::ReplacedIn => (entry.kind, EventKind::ReplacedOut),
        _ => return None,
    };
    let key = entry.key.replacen(mine.as_str(), other.as_str(), 1);
    events.iter().find(|event| event.kind == other && event.key == key)
}

/// Whether every event that found what it is about still does.
fn nothing_is_lost(
    events: &[CustomerItemEvent],
    new: &[CustomerItemEvent],
    rule: &'static Rule,
) -> Result<(), Refused> {
    let before: BTreeSet<Text> = settle(events, None).1.into_iter().map(|event| event.key).collect();
    let all = [events, new].concat();
    let lost: Vec<CustomerItemEvent> =
        settle(&all, None).1.into_iter().filter(|event| !before.contains(&event.key)).collect();
    let Some(first) = lost.first() else { return Ok(()) };
    let shown: Vec<String> = lost
        .iter()
        .take(SHOWN)
        .map(|event| {
            format!("{} of {} (key {})", event.kind.as_str().replace('_', " "), event.date, event.key)
        })
        .collect();
    Err(refused(rule, &first.serial, format!("what would be about nothing: {}", shown.join("; "))))
}

#[cfg(test)]
mod tests;
