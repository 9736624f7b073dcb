//! What was sold before, or elsewhere: one row that a person signs, exploded and counted as a document's line is.

use super::{Posting, Sold, keeps_ledger};
use crate::domain::catalog::Catalog;
use crate::domain::customer_item::{CustomerItemEvent, EventKind};
use crate::domain::diagnostic::{Diagnostic, Location};
use crate::domain::rules::ledger::{FIELD_INVALID, LEDGER_CUSTOMER_REFUSED, LEDGER_ITEM_REFUSED};
use crate::domain::{Date, Decimal, Text};
use crate::ledger::warranty::{Dates, last_day};

/// A sale that no document of ours says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HandSale {
    /// `hand` or `import`.
    pub source: &'static str,
    /// Names the row for ever; its units are counted below it.
    pub key: Text,
    pub customer: Text,
    pub item: Text,
    /// In the item's own unit.
    pub quantity: Decimal,
    pub serials: Vec<Text>,
    pub unit_price: Option<Decimal>,
    /// The day of the sale.
    pub date: Date,
    pub purchase_date: Option<Date>,
    pub ship_date: Option<Date>,
    pub document: Text,
    pub line: u32,
    pub po_number: Text,
    /// What is known better than the type says it. A first day alone is followed by the type's months.
    pub warranty_start: Option<Date>,
    pub warranty_end: Option<Date>,
    pub service_due: Option<Date>,
    /// Extra fields as written.
    pub extra: Vec<(Text, Text)>,
    pub by: Text,
    pub reason: Text,
    /// CSV row, the first after the header = 1; 0: none.
    pub row: u64,
}

/// The events of such a row, and everything for which a person who can still mend it should. Nothing is to be added where
/// something is found.
pub fn post_by_hand(
    sale: &HandSale,
    catalog: &Catalog,
    first_seen: Date,
) -> (Vec<CustomerItemEvent>, Vec<Diagnostic>) {
    let at = Location { row: sale.row, ..Location::default() };
    let refused = |rule, found: &str, detail: &str| {
        (Vec::new(), vec![Diagnostic::new(rule, at.clone()).found(found).detail(detail)])
    };
    match keeps_ledger(&sale.customer, catalog) {
        Some(true) => {}
        Some(false) => return refused(&LEDGER_CUSTOMER_REFUSED, &sale.customer, "its ledger is off"),
        None => return refused(&LEDGER_CUSTOMER_REFUSED, &sale.customer, "customers.csv does not have it"),
    }
    if catalog.item(&sale.item).is_none() {
        return refused(&LEDGER_ITEM_REFUSED, &sale.item, "items.csv does not have it");
    }
    let posting = Posting {
        catalog,
        key: sale.key.to_string(),
        kind: EventKind::Sold,
        customer: &sale.customer,
        date: sale.date,
        dates: Dates {
            invoice: Some(sale.date),
            ship: sale.ship_date,
            purchase: sale.purchase_date.or(Some(sale.date)),
            first_seen,
        },
        source: sale.source,
        document: &sale.document,
        document_line: sale.line,
        po_number: &sale.po_number,
        at: at.clone(),
        place: format!("{} of {}", sale.item, sale.customer),
    };
    let (mut events, mut wrong) = posting.line(&Sold {
        item: &sale.item,
        quantity: sale.quantity,
        unit_price: sale.unit_price,
        serials: &sale.serials,
    });
    if events.is_empty() && wrong.is_empty() {
        return refused(
            &LEDGER_ITEM_REFUSED,
            &sale.item,
            "neither it nor a component has a customer item type",
        );
    }
    for event in &mut events {
        (event.by, event.reason) = (sale.by.clone(), sale.reason.clone());
        known_better(event, sale, catalog);
    }
    wrong.extend(fields(&mut events, sale, catalog, &at));
    (events, wrong)
}

fn known_better(event: &mut CustomerItemEvent, sale: &HandSale, catalog: &Catalog) {
    if let Some(start) = sale.warranty_start {
        let months =
            catalog.customer_item_type(&event.customer_item_type).map_or(0, |kind| kind.warranty_months);
        event.warranty_start = Some(start);
        event.warranty_end = (months > 0).then(|| last_day(start, months));
    }
    if let Some(end) = sale.warranty_end {
        event.warranty_start = event.warranty_start.or(Some(sale.date));
        event.warranty_end = Some(end);
    }
    event.service_due = sale.service_due.or(event.service_due);
}

/// Each value to those of the events whose type has the field.
fn fields(
    events: &mut [CustomerItemEvent],
    sale: &HandSale,
    catalog: &Catalog,
    at: &Location,
) -> Vec<Diagnostic> {
    let mut wrong = Vec::new();
    for (name, text) in sale.extra.iter().filter(|(_, text)| !text.trim().is_empty()) {
        let mut problem = Some(format!("{name}: no type of {} has this field", sale.item));
        for event in events.iter_mut() {
            let kind = catalog.customer_item_type(&event.customer_item_type);
            let Some(field) = kind.and_then(|kind| kind.field(name)) else { continue };
            problem = match field.kind.parse(text.trim()) {
                Some(value) => {
                    event.extra.insert(name.clone(), value);
                    None
                }
                None => Some(format!("{name}: expected {}", field.kind.expected())),
            };
            if problem.is_some() {
                break;
            }
        }
        wrong.extend(
            problem.map(|detail| Diagnostic::new(&FIELD_INVALID, at.clone()).found(text).detail(detail)),
        );
    }
    wrong
}
