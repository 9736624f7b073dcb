//! Posted invoices and paid sales to ledger events.

use crate::domain::catalog::Catalog;
use crate::domain::customer_item::{CustomerItemEvent, CustomerItemType, EventKind, PosSale};
use crate::domain::diagnostic::{Diagnostic, Location, Rule};
use crate::domain::invoice::{Invoice, InvoiceLine, InvoiceType};
use crate::domain::item::{Item, SerialTracking};
use crate::domain::money::{from_micros, plain, to_micros, to_micros_rounded};
use crate::domain::rules::business::{
    KIT_SERIALS_UNASSIGNED, KIT_UNBOUNDED, LEDGER_CUSTOMER_UNKNOWN, LEDGER_ITEM_UNKNOWN,
    LEDGER_QUANTITY_INVALID, LEDGER_TYPE_UNKNOWN,
};
use crate::domain::rules::ledger::SERIAL_REQUIRED;
use crate::domain::{Date, Decimal, Text};
use crate::ledger::kits::{Part, explode};
use crate::ledger::serials::units;
use crate::ledger::warranty::{Dates, cover, service_due};

mod by_hand;

pub use by_hand::{HandSale, post_by_hand};

/// The events of a posted invoice, line by line: for each unit of an item that has a customer item type, and of each such
/// component of a kit, one entry, if the ledger is on for the customer. A credit takes the same units back. `first_seen`
/// is the run's date; it stands in where the document has no date.
///
/// The same invoice gives the same keys: `invoice/<kind>/<number>/<line>/<unit>[/<component>...]`, line and unit from 1,
/// every part escaped.
pub fn post_invoice(
    invoice: &Invoice,
    catalog: &Catalog,
    first_seen: Date,
) -> (Vec<CustomerItemEvent>, Vec<Diagnostic>) {
    let kind = invoice.kind.code();
    let name = format!("invoice {kind} {}", invoice.invoice_number);
    match keeps_ledger(&invoice.customer, catalog) {
        Some(true) => {}
        Some(false) => return (Vec::new(), Vec::new()),
        None => return (Vec::new(), vec![unknown_customer(&invoice.customer, Location::default(), name)]),
    }
    let mut events = Vec::new();
    let mut wrong = Vec::new();
    // a line that was accepted without an item makes nothing that anybody could own by a type
    let lines = invoice.lines.iter().zip(1u32..).filter(|(line, _)| !line.item.is_empty());
    for (line, number) in lines {
        let dates = Dates {
            invoice: invoice.invoice_date,
            ship: line.ship_date.or(invoice.ship_date),
            purchase: invoice.po_date.or(invoice.invoice_date),
            first_seen,
        };
        let posting = Posting {
            catalog,
            key: format!("{}/{number}", invoice_key(invoice)),
            kind: match invoice.kind {
                InvoiceType::Debit => EventKind::Sold,
                InvoiceType::Credit => EventKind::Credited,
            },
            customer: &invoice.customer,
            date: invoice.invoice_date.unwrap_or(first_seen),
            dates,
            source: "invoice",
            document: &invoice.invoice_number,
            document_line: number,
            po_number: &invoice.po_number,
            at: Location::default(),
            place: format!("{name}, line {number}"),
        };
        let (more, found) = posting.line(&Sold {
            item: &line.item,
            quantity: line.item_quantity,
            unit_price: price_of_item_unit(line),
            serials: &line.serials,
        });
        events.extend(more);
        wrong.extend(found);
    }
    (events, wrong)
}

/// The events of one line of a POS sale, as [`post_invoice`]; nothing for an unpaid one or a walk-in. A negative quantity
/// is a return. The keys are those of [`pos_sale_key`] with `/<unit>[/<component>...]`.
pub fn post_sale(
    sale: &PosSale,
    catalog: &Catalog,
    first_seen: Date,
) -> (Vec<CustomerItemEvent>, Vec<Diagnostic>) {
    if !sale.paid || sale.customer.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let at = Location { row: sale.row, offset: sale.offset, ..Location::default() };
    let place = format!("receipt {} of store {:?}, line {}", sale.receipt, sale.store, sale.line);
    match keeps_ledger(&sale.customer, catalog) {
        Some(true) => {}
        Some(false) => return (Vec::new(), Vec::new()),
        None => return (Vec::new(), vec![unknown_customer(&sale.customer, at, place)]),
    }
    let returned = sale.quantity < Decimal::ZERO;
    let posting = Posting {
        catalog,
        key: pos_sale_key(sale).into(),
        kind: if returned { EventKind::Returned } else { EventKind::Sold },
        customer: &sale.customer,
        date: sale.sold_at.unwrap_or(first_seen),
        dates: Dates { invoice: None, ship: None, purchase: sale.sold_at, first_seen },
        source: "pos",
        document: &sale.receipt,
        document_line: sale.line,
        po_number: const { &Text::const_new("") },
        at,
        place,
    };
    posting.line(&Sold {
        item: &sale.item,
        quantity: sale.quantity.abs(),
        unit_price: sale.unit_price,
        serials: &sale.serials,
    })
}

/// What names a line of a POS sale for ever: `pos/<store>/<receipt>/<line>`, with `/return` for a return, so that a
/// return on the receipt and line of its sale is not taken for the sale. Paid or not makes no difference.
pub fn pos_sale_key(sale: &PosSale) -> Text {
    let end = if sale.quantity < Decimal::ZERO { "/return" } else { "" };
    let key = format!("pos/{}/{}/{}{end}", escaped(&sale.store), escaped(&sale.receipt), sale.line);
    Text::from(key)
}

/// What the keys of an invoice's events begin with: `invoice/<kind>/<number>`.
pub fn invoice_key(invoice: &Invoice) -> Text {
    format!("invoice/{}/{}", invoice.kind.code(), escaped(&invoice.invoice_number)).into()
}

/// Whether a change of the masters or of the types mends it, so that the document posted again adds what is missing.
pub fn masters_mend(finding: &Diagnostic) -> bool {
    [&LEDGER_CUSTOMER_UNKNOWN, &LEDGER_ITEM_UNKNOWN, &LEDGER_TYPE_UNKNOWN].contains(&finding.rule)
}

/// None: customers.csv does not have the customer.
fn keeps_ledger(customer: &str, catalog: &Catalog) -> Option<bool> {
    catalog.customer(customer).map(|customer| customer.ledger)
}

fn unknown_customer(customer: &str, at: Location, place: String) -> Diagnostic {
    Diagnostic::new(&LEDGER_CUSTOMER_UNKNOWN, at).found(customer).detail(place)
}

/// The price of one of the item's own units, rounded half up to the millionth; None where it cannot be told.
fn price_of_item_unit(line: &InvoiceLine) -> Option<Decimal> {
    let each = line.price.checked_div(line.price_divisor)?;
    each.checked_mul(line.quantity)?.checked_div(line.item_quantity)
}

/// A key's part in which no separator, percent sign or control character stands.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '/' | '%') || character.is_ascii_control() {
            out.push_str(&format!("%{:02X}", u32::from(character)));
        } else {
            out.push(character);
        }
    }
    out
}

/// The text that [`escaped`] was made of; what is no escape stands as it is.
pub(crate) fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let code = after.get(..2).and_then(|code| u8::from_str_radix(code, 16).ok());
        out.push(code.map_or('%', char::from));
        rest = if code.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    out.push_str(rest);
    out
}

/// What all entries of one document line have in common.
struct Posting<'a> {
    catalog: &'a Catalog,
    key: String,
    kind: EventKind,
    customer: &'a Text,
    date: Date,
    dates: Dates,
    source: &'static str,
    document: &'a Text,
    document_line: u32,
    po_number: &'a Text,
    at: Location,
    /// The line in words, for findings.
    place: String,
}

/// What one document line sells or takes back; the quantity in the item's own unit.
struct Sold<'a> {
    item: &'a Text,
    quantity: Decimal,
    unit_price: Option<Decimal>,
    serials: &'a [Text],
}

/// An item that the ledger keeps, by itself or out of a kit.
struct Kept<'a> {
    item: &'a Item,
    kind: &'a CustomerItemType,
    /// Empty: what the line names itself.
    path: Vec<Text>,
    /// In one of what the line names.
    times: Decimal,
}

/// Where the serials of a line belong.
enum Holder {
    /// The entry at this place of the list.
    Entry(usize),
    /// To an item that the ledger does not keep, or there are none.
    Nobody,
    Unknown,
}

/// Beside the component of a kit that carries a serial each, the one component whose serials are lots, `SN*QTY`: the form
/// tells whose a serial is.
fn lots_of(holder: &Holder, kept: &[Kept<'_>]) -> Option<usize> {
    let Holder::Entry(at) = holder else { return None };
    kept.get(*at)
        .filter(|entry| entry.item.serial_tracking == SerialTracking::Each && !entry.path.is_empty())?;
    let in_lots =
        |entry: &Kept<'_>| entry.item.serial_tracking == SerialTracking::Multi && !entry.path.is_empty();
    let mut found = kept.iter().enumerate().filter(|(_, entry)| in_lots(entry)).map(|(index, _)| index);
    let first = found.next();
    if found.next().is_some() { None } else { first }
}

impl Posting<'_> {
    fn line(&self, sold: &Sold<'_>) -> (Vec<CustomerItemEvent>, Vec<Diagnostic>) {
        let (parts, circles) = explode(sold.item, self.catalog);
        let (kept, mut wrong) = self.kept(sold.item, &parts);
        if let Some(first) = circles.first() {
            let more = if circles.len() > 1 { ", and more like it" } else { "" };
            wrong.push(self.finding(&KIT_UNBOUNDED, sold.item, &format!("{first}{more}")));
        }
        if kept.is_empty() {
            return (Vec::new(), wrong);
        }
        if sold.quantity <= Decimal::ZERO {
            let quantity = plain(sold.quantity);
            wrong.push(self.finding(&LEDGER_QUANTITY_INVALID, &quantity, "not above zero"));
            return (Vec::new(), wrong);
        }
        let holder = self.holder(sold, &kept, &parts);
        if matches!(holder, Holder::Unknown) {
            wrong.push(self.finding(&KIT_SERIALS_UNASSIGNED, &sold.serials.join("|"), ""));
        }
        let lots_of = lots_of(&holder, &kept);
        let (lots, serials): (Vec<Text>, Vec<Text>) =
            sold.serials.iter().cloned().partition(|serial| lots_of.is_some() && serial.contains('*'));
        let mut events = Vec::new();
        for (index, entry) in kept.iter().enumerate() {
            let serials = match holder {
                Holder::Entry(at) if at == index => serials.as_slice(),
                Holder::Entry(_) if lots_of == Some(index) => lots.as_slice(),
                _ => &[],
            };
            let (more, found) = self.entry(sold, entry, serials);
            events.extend(more);
            // where nobody knows whose the serials are, that is said once and not again for each component; and where one
            // component has them all, the document has no place for the lots of another
            let silent = match holder {
                Holder::Entry(at) => {
                    at != index && entry.item.serial_tracking == SerialTracking::Multi && lots.is_empty()
                }
                Holder::Nobody => false,
                Holder::Unknown => true,
            };
            wrong.extend(found.into_iter().filter(|found| !silent || found.rule == &LEDGER_QUANTITY_INVALID));
        }
        (events, wrong)
    }

    /// Of the item itself and its parts, in this order, those that have a type.
    fn kept(&self, item: &Text, parts: &[Part]) -> (Vec<Kept<'_>>, Vec<Diagnostic>) {
        let mut kept = Vec::new();
        let mut wrong: Vec<Diagnostic> = Vec::new();
        let itself = (item, &[][..], Decimal::ONE);
        let all = parts.iter().map(|part| (part.item(), part.path.as_slice(), part.quantity));
        for (number, path, times) in std::iter::once(itself).chain(all) {
            let found = match self.catalog.item(number) {
                None => Err(&LEDGER_ITEM_UNKNOWN),
                Some(item) if item.customer_item_type.is_empty() => continue,
                Some(item) => self
                    .catalog
                    .customer_item_type(&item.customer_item_type)
                    .map(|kind| Kept { item, kind, path: path.to_vec(), times })
                    .ok_or(&LEDGER_TYPE_UNKNOWN),
            };
            match found {
                Ok(entry) => kept.push(entry),
                Err(rule) if wrong.iter().any(|d| d.rule == rule && d.found == *number) => {}
                Err(rule) => wrong.push(self.finding(rule, number, "")),
            }
        }
        (kept, wrong)
    }

    /// The serials of a kit belong to the kit where it carries serials itself, else to the one component that carries one
    /// each, else to a kit that is kept and has no component which carries any.
    fn holder(&self, sold: &Sold<'_>, kept: &[Kept<'_>], parts: &[Part]) -> Holder {
        let itself = kept.first().filter(|entry| entry.path.is_empty());
        let carries = |item: &Item| item.serial_tracking != SerialTracking::None;
        if sold.serials.iter().all(|serial| serial.trim().is_empty()) {
            return Holder::Nobody;
        }
        if itself.is_some_and(|entry| parts.is_empty() || carries(entry.item)) {
            return Holder::Entry(0);
        }
        let tracked = |part: &&Part| {
            let item = self.catalog.item(part.item());
            item.is_some_and(|item| item.serial_tracking == SerialTracking::Each)
        };
        let mut tracked = parts.iter().filter(tracked);
        match (tracked.next(), tracked.next()) {
            (Some(part), None) => {
                kept.iter().position(|entry| entry.path == part.path).map_or(Holder::Nobody, Holder::Entry)
            }
            (None, _) if itself.is_some() => Holder::Entry(0),
            _ => Holder::Unknown,
        }
    }

    fn entry(
        &self,
        sold: &Sold<'_>,
        entry: &Kept<'_>,
        serials: &[Text],
    ) -> (Vec<CustomerItemEvent>, Vec<Diagnostic>) {
        let fits = |quantity: &Decimal| to_micros(*quantity).is_some();
        let Some(quantity) = sold.quantity.checked_mul(entry.times).filter(fits) else {
            let detail = format!("{} times {} of {}", sold.quantity, entry.times, entry.item.item);
            return (Vec::new(), vec![self.finding(&LEDGER_QUANTITY_INVALID, "", &detail)]);
        };
        let (units, found) = units(entry.item.serial_tracking, quantity, serials);
        let mut wrong: Vec<Diagnostic> =
            found.into_iter().map(|(rule, detail)| self.finding(rule, &entry.item.item, &detail)).collect();
        let bare: Decimal = units
            .iter()
            .filter(|unit| unit.serial.is_empty())
            .map(|unit| unit.quantity)
            .fold(Decimal::ZERO, Decimal::saturating_add);
        let begins = self.kind == EventKind::Sold;
        // what the tracking says of missing serials is said once
        if begins && entry.kind.serial_required && bare > Decimal::ZERO && wrong.is_empty() {
            wrong.push(self.finding(
                &SERIAL_REQUIRED,
                &entry.item.item,
                &format!("{} without one", plain(bare)),
            ));
        }
        let component: String = entry.path.iter().map(|step| format!("/{}", escaped(step))).collect();
        let mut events = Vec::with_capacity(units.len());
        for (unit, number) in units.into_iter().zip(1u32..) {
            if !fits(&unit.quantity) {
                wrong.push(self.finding(&LEDGER_QUANTITY_INVALID, &plain(unit.quantity), &unit.serial));
                continue;
            }
            let key = Text::from(format!("{}/{number}{component}", self.key));
            events.push(self.event(key, sold, entry, unit.serial, unit.quantity));
        }
        (events, wrong)
    }

    fn event(
        &self,
        key: Text,
        sold: &Sold<'_>,
        entry: &Kept<'_>,
        serial: Text,
        quantity: Decimal,
    ) -> CustomerItemEvent {
        let begins = self.kind == EventKind::Sold;
        let cover = cover(entry.kind, &self.dates).filter(|_| begins);
        let itself = entry.path.is_empty();
        CustomerItemEvent {
            key,
            kind: self.kind,
            customer: self.customer.clone(),
            item: entry.item.item.clone(),
            customer_item_type: entry.kind.name.clone(),
            serial,
            quantity,
            unit: entry.item.unit.clone(),
            date: self.date,
            purchase_date: self.dates.purchase,
            ship_date: self.dates.ship,
            source: self.source.into(),
            document: self.document.clone(),
            document_line: self.document_line,
            po_number: self.po_number.clone(),
            kit: if itself { Text::default() } else { sold.item.clone() },
            unit_price: sold.unit_price.filter(|_| itself).and_then(to_micros_rounded).map(from_micros),
            warranty_start: cover.map(|(first, _)| first),
            warranty_end: cover.map(|(_, last)| last),
            service_due: service_due(entry.kind, self.date).filter(|_| begins),
            ..CustomerItemEvent::default()
        }
    }

    fn finding(&self, rule: &'static Rule, found: &str, detail: &str) -> Diagnostic {
        let detail = if detail.is_empty() { self.place.clone() } else { format!("{}: {detail}", self.place) };
        Diagnostic::new(rule, self.at.clone()).found(found).detail(detail)
    }
}

#[cfg(test)]
mod tests;
