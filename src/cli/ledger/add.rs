//! `ledger add`: what was sold and has no document here; and the judgment of such a row, which imports share.

use crate::cli::Shell;
use crate::cli::ledger::change::pair;
use crate::cli::ledger::import::{self, ImportArgs};
use crate::cli::ledger::{SignArgs, ahead, finish, number, open_desk, refuse};
use crate::cli::xref::instant;
use crate::domain::catalog::Catalog;
use crate::domain::customer_item::CustomerItemEvent;
use crate::domain::diagnostic::Diagnostic;
use crate::domain::item::SerialTracking;
use crate::domain::money::{parse_decimal, plain};
use crate::domain::rules::ledger::{LEDGER_DOCUMENT_REUSED, LEDGER_ROW_KNOWN, SERIAL_TAKEN};
use crate::domain::{Date, Decimal, Text};
use crate::ledger::change::{Outcome, Refused, owned_until, refused};
use crate::ledger::post::{HandSale, escaped, post_by_hand};
use crate::ledger::state::customer_items;
use crate::ledger::taken::taken;
use crate::store::Transaction;
use anyhow::{Result, ensure};
use std::collections::BTreeSet;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct AddArgs {
    /// Whose it is.
    #[arg(long, value_name = "CUSTOMER", required_unless_present = "from")]
    customer: Option<Text>,
    /// Which item; a kit is added by its components.
    #[arg(long, value_name = "ITEM", required_unless_present = "from")]
    item: Option<Text>,
    /// Its serial, `SN*QTY` for a lot; several times for several.
    #[arg(long = "serial", value_name = "SERIAL")]
    serials: Vec<Text>,
    /// How many, in the item's own unit; as many as there are serials, or one.
    #[arg(long, value_name = "N")]
    quantity: Option<Decimal>,
    /// The line of the document.
    #[arg(long, value_name = "N")]
    line: Option<u32>,
    /// The day of the order.
    #[arg(long, value_name = "DATE")]
    purchase_date: Option<Date>,
    /// The day on which it was shipped.
    #[arg(long, value_name = "DATE")]
    ship_date: Option<Date>,
    /// The first day of cover, if that is not what the type says.
    #[arg(long, value_name = "DATE")]
    warranty_start: Option<Date>,
    /// The last day of cover, likewise.
    #[arg(long, value_name = "DATE")]
    warranty_end: Option<Date>,
    /// When service is due, likewise.
    #[arg(long, value_name = "DATE")]
    service_due: Option<Date>,
    /// The customer's order.
    #[arg(long, value_name = "NUMBER", default_value = "")]
    po: Text,
    /// For one, in the company's currency.
    #[arg(long, value_name = "PRICE")]
    price: Option<Decimal>,
    /// An extra field of its type, and its value; several times for several.
    #[arg(long = "field", value_name = "NAME=VALUE", value_parser = pair)]
    fields: Vec<(Text, Text)>,
    /// Every row of this CSV file instead, as `ledger import` does.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["customer", "item", "document", "date"])]
    from: Option<PathBuf>,
    #[command(flatten)]
    sign: SignArgs,
}

pub(super) fn add(shell: &Shell, args: &AddArgs) -> Result<u8> {
    if let Some(file) = &args.from {
        return import::import(shell, &ImportArgs::from_add(file, &args.sign));
    }
    if let (Some(first), Some(last)) = (args.warranty_start, args.warranty_end) {
        ensure!(first <= last, "no day lies from {first} to {last}: the first date is after the last");
    }
    let signature = args.sign.signature()?;
    let mut desk = open_desk(shell, args.sign.wait)?;
    let mut work = desk.store.begin()?;
    if let Some(why) = ahead(&mut *work, signature.date)? {
        return refuse(shell, &[*why]);
    }
    let text = |text: &Option<Text>| Text::from(text.as_ref().map_or("", |text| text.trim()));
    let (customer, item) = (text(&args.customer), text(&args.item));
    let number = number(&mut *work)?;
    let sale = HandSale {
        source: "hand",
        key: key(&signature.document, &number, args.line, &item, &args.serials),
        quantity: args.quantity.unwrap_or_else(|| counted(&desk.catalog, &item, &args.serials)),
        customer,
        item,
        serials: args.serials.clone(),
        unit_price: args.price,
        date: signature.date,
        purchase_date: args.purchase_date,
        ship_date: args.ship_date,
        document: signature.document.clone(),
        line: args.line.unwrap_or_default(),
        po_number: args.po.clone(),
        warranty_start: args.warranty_start,
        warranty_end: args.warranty_end,
        service_due: args.service_due,
        extra: args.fields.clone(),
        by: signature.by.clone(),
        reason: signature.reason.clone(),
        row: 0,
    };
    let void = work.voided_ledger_keys()?.into_iter().collect();
    let outcome = match judge(&mut *work, &desk.catalog, &void, &sale, signature.dated)? {
        Judged::New(events) => Ok(Outcome::New(events)),
        Judged::Already(events) => Ok(Outcome::Already(events)),
        Judged::Refused(why) => return refuse(shell, &why),
    };
    finish(shell, work, outcome, args.sign.dry_run)
}

/// Under one document each line, or each item and serial where no line is named, stands once.
fn key(document: &str, number: &str, line: Option<u32>, item: &str, serials: &[Text]) -> Text {
    if document.is_empty() {
        return format!("hand/{}/sold", escaped(number)).into();
    }
    let place = match (line, serials.first()) {
        (Some(line), _) => line.to_string(),
        (None, None) => escaped(item),
        (None, Some(serial)) => format!("{}/{}", escaped(item), escaped(serial)),
    };
    format!("hand/sold/{}/{place}", escaped(document)).into()
}

/// How many things the serials are: one each, or what is written after the asterisks of lots, which a kit has beside; one where
/// there are none.
pub(super) fn counted(catalog: &Catalog, item: &str, serials: &[Text]) -> Decimal {
    let lots = catalog.item(item).is_some_and(|item| item.serial_tracking == SerialTracking::Multi);
    let one = |serial: &Text| {
        let after = serial.rsplit_once('*').filter(|_| lots);
        after.and_then(|(_, quantity)| parse_decimal(quantity.trim())).unwrap_or(Decimal::ONE)
    };
    let kit = !catalog.kit(item).is_empty();
    let counting = serials.iter().filter(|serial| !kit || !serial.contains('*')).map(one);
    // what passes every number is refused as a quantity, like any that is too large
    let count = counting.fold(Decimal::ZERO, Decimal::saturating_add);
    count.max(Decimal::ONE)
}

/// What a row comes to.
pub(super) enum Judged {
    New(Vec<CustomerItemEvent>),
    /// The ledger has it, with the same content.
    Already(Vec<CustomerItemEvent>),
    Refused(Vec<Diagnostic>),
}

/// Judges a row against the masters and the ledger; `void` are the keys that were taken back, `dated`: its day is the person's
/// word and not only today.
pub(super) fn judge(
    work: &mut dyn Transaction,
    catalog: &Catalog,
    void: &BTreeSet<Text>,
    sale: &HandSale,
    dated: bool,
) -> Result<Judged> {
    let (events, wrong) = post_by_hand(sale, catalog, instant::now().1);
    if !wrong.is_empty() {
        return Ok(Judged::Refused(wrong));
    }
    let mut before = work.ledger_events_under(&sale.key)?;
    before.retain(|event| is_unit_of(&sale.key, event));
    if !before.is_empty() {
        return Ok(match differs(&events, &before, void, sale, dated) {
            None => Judged::Already(before),
            Some(why) => Judged::Refused(vec![*why]),
        });
    }
    let clash = match posted_here(work, sale, &events)? {
        None => owned_already(work, catalog, &events)?,
        clash => clash,
    };
    Ok(clash.map_or(Judged::New(events), |why| Judged::Refused(vec![*why])))
}

/// Whether an entry is a unit of this row: `<key>/<unit>[/<component>...]`. Below an item without a serial stand those of the
/// same item that have one, too.
fn is_unit_of(key: &str, event: &CustomerItemEvent) -> bool {
    let below = event.key.strip_prefix(key).and_then(|rest| rest.strip_prefix('/'));
    let (unit, component) = below
        .map_or(("", false), |below| below.split_once('/').map_or((below, false), |(unit, _)| (unit, true)));
    unit.parse::<u32>().is_ok() && component != event.kit.is_empty()
}

/// What the entries under the same key say otherwise, if anything.
fn differs(
    new: &[CustomerItemEvent],
    before: &[CustomerItemEvent],
    void: &BTreeSet<Text>,
    sale: &HandSale,
    dated: bool,
) -> Option<Refused> {
    let reused = |detail: String| Some(refused(&LEDGER_DOCUMENT_REUSED, &sale.document, detail));
    if let Some(gone) = before.iter().find(|event| void.contains(&event.key)) {
        return reused(format!("{} was taken back; add it under another document number", gone.key));
    }
    if new.len() != before.len() {
        return reused(format!("{} entries stand there, and these are {}", before.len(), new.len()));
    }
    for (new, old) in new.iter().zip(before) {
        let pairs = [
            ("customer", new.customer.to_string(), old.customer.to_string()),
            ("item", new.item.to_string(), old.item.to_string()),
            ("serial", new.serial.to_string(), old.serial.to_string()),
            ("quantity", plain(new.quantity), plain(old.quantity)),
            ("fields", format!("{:?}", new.extra), format!("{:?}", old.extra)),
        ];
        let days = [
            ("date", Some(new.date).filter(|_| dated), Some(old.date)),
            (
                "warranty_start",
                new.warranty_start.filter(|_| sale.warranty_start.is_some()),
                old.warranty_start,
            ),
            ("warranty_end", new.warranty_end.filter(|_| sale.warranty_end.is_some()), old.warranty_end),
            ("service_due", new.service_due.filter(|_| sale.service_due.is_some()), old.service_due),
        ];
        let texts = pairs.into_iter().find(|(_, new, old)| new != old);
        let day = days.into_iter().find(|(_, new, old)| new.is_some() && new != old);
        let shown = |day: Option<Date>| day.map_or_else(|| "none".to_owned(), |day| day.to_string());
        let day = day.map(|(name, new, old)| (name, shown(new), shown(old)));
        if let Some((name, new, old)) = texts.or(day) {
            return reused(format!(
                "{name} stands there as {old}, and this is {new} (key {})",
                before.first()?.key
            ));
        }
    }
    None
}

/// An invoice of that number was posted here with the item: its units are in the ledger by themselves.
fn posted_here(
    work: &mut dyn Transaction,
    sale: &HandSale,
    events: &[CustomerItemEvent],
) -> Result<Option<Refused>> {
    // who adds one thing by hand may put right what an invoice said of it
    if sale.document.is_empty() || sale.source == "hand" {
        return Ok(None);
    }
    let posted = work.ledger_events_under(&format!("invoice/DI/{}", escaped(&sale.document)))?;
    let of_these = |known: &&CustomerItemEvent| {
        events.iter().any(|event| event.item == known.item && event.customer == known.customer)
    };
    let known = |known: &CustomerItemEvent| {
        refused(&LEDGER_ROW_KNOWN, &sale.document, format!("{} (key {})", known.item, known.key))
    };
    Ok(posted.iter().find(of_these).map(known))
}

/// Something with one of the serials is owned by another on a day on which this would be owned.
fn owned_already(
    work: &mut dyn Transaction,
    catalog: &Catalog,
    events: &[CustomerItemEvent],
) -> Result<Option<Refused>> {
    let new: BTreeSet<&str> = events.iter().map(|event| event.key.as_str()).collect();
    for event in events.iter().filter(|event| !event.serial.is_empty()) {
        let kind = catalog.customer_item_type(&event.customer_item_type);
        let (Some(item), Some(kind)) = (catalog.item(&event.item), kind) else { continue };
        // a lot's serial is many customers', and all that they have need not be read
        if !kind.serial_unique && item.serial_tracking != SerialTracking::Each {
            continue;
        }
        let mut all = work.ledger_events_of_serial(&event.serial)?;
        if all.is_empty() {
            continue;
        }
        all.extend(events.iter().filter(|other| other.serial == event.serial).cloned());
        let items = customer_items(&all, None);
        if let Some(other) = taken(&items, &new, kind, (&event.item, item.serial_tracking), &event.serial) {
            return Ok(Some(refused(&SERIAL_TAKEN, &event.serial, owned_until(other))));
        }
    }
    Ok(None)
}
