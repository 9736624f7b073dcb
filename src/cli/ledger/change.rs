//! `ledger return|replace|transfer|service|warranty|set|scrap|void`: what happened to a thing, said by a person.

use crate::cli::Shell;
use crate::cli::ledger::{SignArgs, ahead, finish, number, open_desk, refuse};
use crate::domain::catalog::Catalog;
use crate::domain::customer_item::{CustomerItem, CustomerItemEvent, EventKind, Extra, ReplacementTerm};
use crate::domain::item::SerialTracking;
use crate::domain::rules::ledger::{
    FIELD_INVALID, LEDGER_CUSTOMER_REFUSED, LEDGER_ITEM_REFUSED, LEDGER_OWNED_TWICE, SERIAL_REQUIRED,
    SERIAL_TAKEN,
};
use crate::domain::{Date, Decimal, Text};
use crate::ledger::change::{self, Change, Outcome, Refused, Replacement, Signature, Wanted, refused};
use crate::ledger::state::customer_items;
use crate::ledger::taken::{owned_twice, taken};
use crate::ledger::warranty::{Dates, cover, service_due};
use crate::store::{LedgerScope, Transaction};
use anyhow::{Result, ensure};
use std::collections::BTreeSet;

/// Which thing is meant.
#[derive(Debug, clap::Args)]
struct WantedArgs {
    /// Its serial.
    #[arg(value_name = "SERIAL")]
    serial: Option<Text>,
    /// Whose it is, where several have the serial, or for things without one.
    #[arg(long, value_name = "CUSTOMER")]
    customer: Option<Text>,
    /// Which item it is, likewise.
    #[arg(long, value_name = "ITEM")]
    item: Option<Text>,
    /// Its key, as `ledger list --as csv` and refusals show it.
    #[arg(long, value_name = "KEY")]
    key: Option<Text>,
}

impl WantedArgs {
    fn wanted(&self) -> Result<Wanted> {
        let text = |text: &Option<Text>| Text::from(text.as_ref().map_or("", |text| text.trim()));
        let wanted = Wanted {
            key: text(&self.key),
            serial: text(&self.serial),
            customer: text(&self.customer),
            item: text(&self.item),
        };
        let both = !wanted.customer.is_empty() && !wanted.item.is_empty();
        ensure!(
            !wanted.key.is_empty() || !wanted.serial.is_empty() || both,
            "say which thing is meant: its SERIAL, its --key, or --customer and --item"
        );
        Ok(wanted)
    }
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ReturnArgs {
    #[command(flatten)]
    wanted: WantedArgs,
    /// How many, where it stands for a quantity, or of things without a serial; all of it if you say nothing.
    #[arg(long, value_name = "N")]
    quantity: Option<Decimal>,
    #[command(flatten)]
    sign: SignArgs,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct TransferArgs {
    #[command(flatten)]
    wanted: WantedArgs,
    /// Whose it is now.
    #[arg(long, value_name = "CUSTOMER")]
    to: Text,
    /// How many of a quantity; all of it if you say nothing.
    #[arg(long, value_name = "N")]
    quantity: Option<Decimal>,
    #[command(flatten)]
    sign: SignArgs,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ReplaceArgs {
    #[command(flatten)]
    wanted: WantedArgs,
    /// The serial of what came in its place.
    #[arg(long = "with", value_name = "SERIAL", default_value = "")]
    with: Text,
    /// Its item, if that is another one.
    #[arg(long, value_name = "ITEM")]
    with_item: Option<Text>,
    /// Its cover: what is left of the old one's, or a term of its own; the type's `on_replacement` if you say nothing.
    #[arg(long, value_name = "TERM", value_parser = term)]
    term: Option<ReplacementTerm>,
    /// How many of a quantity; all of it if you say nothing.
    #[arg(long, value_name = "N")]
    quantity: Option<Decimal>,
    #[command(flatten)]
    sign: SignArgs,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ServiceArgs {
    #[command(flatten)]
    wanted: WantedArgs,
    /// When it is due again, if that is not the type's interval later.
    #[arg(long, value_name = "DATE")]
    next: Option<Date>,
    #[command(flatten)]
    sign: SignArgs,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct WarrantyArgs {
    #[command(flatten)]
    wanted: WantedArgs,
    /// The last day of cover, included.
    #[arg(long, value_name = "DATE", required_unless_present = "none")]
    until: Option<Date>,
    /// The first day of cover; as it was if you say nothing.
    #[arg(long, value_name = "DATE", requires = "until")]
    from: Option<Date>,
    /// It has no cover.
    #[arg(long, conflicts_with = "until")]
    none: bool,
    #[command(flatten)]
    sign: SignArgs,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct SetArgs {
    #[command(flatten)]
    wanted: WantedArgs,
    /// A field of its type, and its value; several times for several.
    #[arg(long = "field", value_name = "NAME=VALUE", required = true, value_parser = pair)]
    fields: Vec<(Text, Text)>,
    #[command(flatten)]
    sign: SignArgs,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct VoidArgs {
    /// The entry's key, as `ledger history` shows it.
    #[arg(value_name = "KEY")]
    key: Text,
    #[command(flatten)]
    sign: SignArgs,
}

fn term(word: &str) -> Result<ReplacementTerm, String> {
    match word {
        "remainder" => Ok(ReplacementTerm::Remainder),
        "fresh" => Ok(ReplacementTerm::Fresh),
        _ => Err("expected remainder or fresh".to_owned()),
    }
}

/// `NAME=VALUE`.
pub(super) fn pair(text: &str) -> Result<(Text, Text), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    Ok((name.trim().into(), value.trim().into()))
}

pub(super) fn give_back(shell: &Shell, args: &ReturnArgs) -> Result<u8> {
    say(shell, &args.wanted, &args.sign, |_| Ok(Change::Return(args.quantity)))
}

pub(super) fn scrap(shell: &Shell, args: &ReturnArgs) -> Result<u8> {
    say(shell, &args.wanted, &args.sign, |_| {
        args.sign.needs_reason("scrap")?;
        Ok(Change::Scrap(args.quantity))
    })
}

pub(super) fn transfer(shell: &Shell, args: &TransferArgs) -> Result<u8> {
    say(shell, &args.wanted, &args.sign, |at| {
        let to: Text = args.to.trim().into();
        let why = match at.catalog.customer(&to) {
            None => "customers.csv does not have it",
            Some(customer) if !customer.ledger => "its ledger is off",
            Some(_) => return Ok(Change::Transfer { to, quantity: args.quantity }),
        };
        Err(refused(&LEDGER_CUSTOMER_REFUSED, &to, why))
    })
}

pub(super) fn service(shell: &Shell, args: &ServiceArgs) -> Result<u8> {
    if let Some(next) = args.next {
        let visit = args.sign.signature()?.date;
        ensure!(next > visit, "the next service, {next}, is not after the visit, {visit}");
    }
    say(shell, &args.wanted, &args.sign, |at| {
        let kind = at.catalog.customer_item_type(&at.kind);
        let next = args.next.or_else(|| kind.and_then(|kind| service_due(kind, at.signature.date)));
        Ok(Change::Service(next))
    })
}

pub(super) fn warranty(shell: &Shell, args: &WarrantyArgs) -> Result<u8> {
    if let (Some(from), Some(until)) = (args.from, args.until) {
        ensure!(from <= until, "no day lies from {from} to {until}: the first date is after the last");
    }
    say(shell, &args.wanted, &args.sign, |at| {
        args.sign.needs_reason("warranty")?;
        if args.none {
            return Ok(Change::Warranty(None, None));
        }
        let first = args.from.or(at.warranty_start).or(Some(at.signature.date));
        // cover that ends before it was to begin has this one day
        Ok(Change::Warranty(first.min(args.until.or(first)), args.until))
    })
}

pub(super) fn set(shell: &Shell, args: &SetArgs) -> Result<u8> {
    say(shell, &args.wanted, &args.sign, |at| {
        let mut extra = Extra::new();
        for (name, text) in &args.fields {
            let kind = at.catalog.customer_item_type(&at.kind);
            let Some(field) = kind.and_then(|kind| kind.field(name)) else {
                let known: Vec<&str> =
                    kind.iter().flat_map(|kind| &kind.fields).map(|field| field.name.as_str()).collect();
                let detail = format!("{:?} has the fields: {}", at.kind, known.join(", "));
                return Err(refused(&FIELD_INVALID, name, detail));
            };
            let Some(value) = field.kind.parse(text) else {
                return Err(refused(
                    &FIELD_INVALID,
                    text,
                    format!("{name}: expected {}", field.kind.expected()),
                ));
            };
            extra.insert(name.clone(), value);
        }
        Ok(Change::Fields(extra))
    })
}

pub(super) fn replace(shell: &Shell, args: &ReplaceArgs) -> Result<u8> {
    say(shell, &args.wanted, &args.sign, |at| {
        let item = args.with_item.as_ref().map_or(&at.item, |item| item);
        let found = at.catalog.item(item);
        let kind = found.and_then(|found| at.catalog.customer_item_type(&found.customer_item_type));
        let (Some(found), Some(kind)) = (found, kind) else {
            return Err(refused(
                &LEDGER_ITEM_REFUSED,
                item,
                "it has no customer item type, or items.csv does not have it",
            ));
        };
        let serial: Text = args.with.trim().into();
        let needed = kind.serial_required || found.serial_tracking != SerialTracking::None;
        if serial.is_empty() && needed {
            return Err(refused(&SERIAL_REQUIRED, item, "give the serial of what came: --with SERIAL"));
        }
        let date = at.signature.date;
        let dates = Dates { invoice: Some(date), ship: Some(date), purchase: Some(date), first_seen: date };
        let term = args.term.unwrap_or(kind.on_replacement);
        Ok(Change::Replace(Box::new(Replacement {
            quantity: args.quantity,
            item: found.item.clone(),
            customer_item_type: kind.name.clone(),
            unit: found.unit.clone(),
            serial,
            one_each: found.serial_tracking != SerialTracking::Multi,
            term,
            cover: cover(kind, &dates).filter(|_| term == ReplacementTerm::Fresh),
            service_due: service_due(kind, date),
        })))
    })
}

pub(super) fn void(shell: &Shell, args: &VoidArgs) -> Result<u8> {
    if let Err(why) = args.sign.needs_reason("void") {
        return refuse(shell, &[*why]);
    }
    let mut desk = open_desk(shell, args.sign.wait)?;
    let mut work = desk.store.begin()?;
    let mut signature = args.sign.signature()?;
    if let Some(why) = ahead(&mut *work, signature.date)? {
        return refuse(shell, &[*why]);
    }
    signature.number = number(&mut *work)?;
    let events = work.ledger_events(&LedgerScope::Entry(&args.key))?;
    let mut outcome = change::void(&events, &args.key, &signature);
    if let Ok(Outcome::New(voids)) = &outcome
        && let Some(why) = owned_since(&mut *work, &desk.catalog, voids)?
    {
        outcome = Err(why);
    }
    finish(shell, work, outcome, args.sign.dry_run)
}

/// What a request may ask about the thing that is meant; empty where nothing is.
struct Meant<'m> {
    catalog: &'m Catalog,
    signature: &'m Signature,
    item: Text,
    kind: Text,
    warranty_start: Option<Date>,
}

/// Finds the thing, lets `ask` make the change of it, and adds what that comes to.
fn say(
    shell: &Shell,
    wanted: &WantedArgs,
    sign: &SignArgs,
    ask: impl Fn(&Meant<'_>) -> Result<Change, Refused>,
) -> Result<u8> {
    let wanted = wanted.wanted()?;
    let mut signature = sign.signature()?;
    let mut desk = open_desk(shell, sign.wait)?;
    let mut work = desk.store.begin()?;
    if let Some(why) = ahead(&mut *work, signature.date)? {
        return refuse(shell, &[*why]);
    }
    signature.number = number(&mut *work)?;
    let events = events_of(&mut *work, &wanted)?;
    let items = customer_items(&events, Some(signature.date));
    let is = |wanted: &Text, found: &Text| wanted.is_empty() || wanted == found;
    let meant = items.iter().filter(|item| {
        is(&wanted.key, &item.key)
            && is(&wanted.serial, &item.serial)
            && is(&wanted.customer, &item.customer)
            && is(&wanted.item, &item.item)
    });
    // one that is owned before one that has ended: what is wrong with the choice, the change itself says
    let first = meant.min_by_key(|item| item.status);
    let meant = Meant {
        catalog: &desk.catalog,
        signature: &signature,
        item: first.map_or_else(Text::default, |item| item.item.clone()),
        kind: first.map_or_else(Text::default, |item| item.customer_item_type.clone()),
        warranty_start: first.and_then(|item| item.warranty_start),
    };
    let asked = match first {
        None => Err(change::not_there(&events, &wanted, signature.date)),
        Some(_) => ask(&meant),
    };
    let outcome = match asked {
        Err(why) => Err(why),
        Ok(asked) => {
            let outcome = change::change(&events, &wanted, &asked, &signature);
            match (&asked, &outcome) {
                (Change::Replace(new), Ok(Outcome::New(events))) => {
                    owner_of(&mut *work, &desk.catalog, new, events)?.map_or(outcome, Err)
                }
                _ => outcome,
            }
        }
    };
    finish(shell, work, outcome, sign.dry_run)
}

fn events_of(work: &mut dyn Transaction, wanted: &Wanted) -> Result<Vec<CustomerItemEvent>> {
    if !wanted.key.is_empty() {
        work.ledger_events(&LedgerScope::Entry(&wanted.key))
    } else if !wanted.serial.is_empty() {
        work.ledger_events(&LedgerScope::Serial(&wanted.serial))
    } else {
        work.ledger_events(&LedgerScope::Customer(&wanted.customer))
    }
}

/// The refusal that names who owns a thing with the serial of what came, on a day since; None: nobody does.
fn owner_of(
    work: &mut dyn Transaction,
    catalog: &Catalog,
    new: &Replacement,
    events: &[CustomerItemEvent],
) -> Result<Option<Refused>> {
    let kind = catalog.customer_item_type(&new.customer_item_type);
    let (Some(item), Some(kind)) = (catalog.item(&new.item), kind) else { return Ok(None) };
    let came = events.iter().filter(|event| event.kind == EventKind::ReplacedIn);
    let keys: BTreeSet<&str> = came.clone().map(|event| event.key.as_str()).collect();
    let mut all = work.ledger_events_of_serial(&new.serial)?;
    all.extend(came.cloned());
    let items = customer_items(&all, None);
    let other = taken(&items, &keys, kind, (&new.item, item.serial_tracking), &new.serial);
    Ok(other.map(|other| refused(&SERIAL_TAKEN, &new.serial, change::owned_until(other))))
}

/// The refusal that names who owns a thing of which the entries that are taken back said that it ended; None: nobody does.
fn owned_since(
    work: &mut dyn Transaction,
    catalog: &Catalog,
    voids: &[CustomerItemEvent],
) -> Result<Option<Refused>> {
    let serials: BTreeSet<&Text> = voids.iter().map(|event| &event.serial).collect();
    for serial in serials.into_iter().filter(|serial| !serial.is_empty()) {
        let stored = work.ledger_events_of_serial(serial)?;
        let before = customer_items(&stored, None);
        let after = customer_items(&[&stored, voids].concat(), None);
        let is_unique = |item: &CustomerItem| {
            catalog.customer_item_type(&item.customer_item_type).is_some_and(|kind| kind.serial_unique)
        };
        let is_lot = |item: &CustomerItem| {
            let tracking = catalog.item(&item.item).map(|item| item.serial_tracking);
            !is_unique(item) && tracking == Some(SerialTracking::Multi)
        };
        if let Some((mine, other)) = owned_twice(&before, &after, is_lot, is_unique) {
            let (mine, other) = (change::owned_until(mine), change::owned_until(other));
            return Ok(Some(refused(
                &LEDGER_OWNED_TWICE,
                serial,
                format!("{mine}, would be beside {other}"),
            )));
        }
    }
    Ok(None)
}
