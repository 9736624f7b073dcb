//! `ledger history`: everything that happened to one thing, through owners and replacements, with its signatures.

use crate::cli::Shell;
use crate::cli::ledger::refuse;
use crate::cli::ledger::table::{self, FormArgs, columns, day, document, quantity, text};
use crate::cli::xref::instant;
use crate::domain::Text;
use crate::domain::customer_item::{CustomerItem, CustomerItemEvent, EventKind};
use crate::domain::rules::ledger::LEDGER_NOT_FOUND;
use crate::ledger::change::refused;
use crate::ledger::state::{customer_items, voided};
use crate::report::table::{Kind, Table};
use crate::site::config;
use crate::store::{EventRecord, LedgerScope, Transaction};
use anyhow::Result;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct HistoryArgs {
    /// A serial, or the key of a customer item or of an entry.
    #[arg(value_name = "SERIAL|KEY")]
    what: Text,
    #[command(flatten)]
    form: FormArgs,
}

/// An event with when it came, and whether it was taken back.
struct Told {
    event: CustomerItemEvent,
    record: EventRecord,
    voided: bool,
}

pub(super) fn history(shell: &Shell, args: &HistoryArgs) -> Result<u8> {
    config::load(&shell.site)?;
    let mut store = shell.open_store()?;
    let told = tell(&mut *store.read()?, args.what.trim())?;
    if told.is_empty() {
        return refuse(
            shell,
            &[*refused(&LEDGER_NOT_FOUND, &args.what, "neither a serial nor a key of the ledger")],
        );
    }
    let values: Vec<_> = told
        .iter()
        .map(|told| {
            let recorded = jiff::Timestamp::from_microsecond(told.record.recorded).unwrap_or_default();
            json!({"event": told.event, "run_id": told.record.run_id, "recorded": recorded.to_string(),
                "voided": told.voided})
        })
        .collect();
    table::write(shell, &args.form, &values, &as_table(&told))?;
    Ok(0)
}

/// What is linked with a serial or a key: the same thing at its other owners, what it replaced, what replaced it.
fn tell(work: &mut dyn Transaction, what: &str) -> Result<Vec<Told>> {
    let mut events: BTreeMap<Text, CustomerItemEvent> = BTreeMap::new();
    let take = |found: Vec<CustomerItemEvent>, events: &mut BTreeMap<Text, CustomerItemEvent>| {
        events.extend(found.into_iter().map(|event| (event.key.clone(), event)));
    };
    take(work.ledger_events(&LedgerScope::Serial(what))?, &mut events);
    take(work.ledger_events(&LedgerScope::Entry(what))?, &mut events);
    let named = |event: &CustomerItemEvent| !what.is_empty() && (event.serial == what || event.key == what);
    let mut keys: BTreeSet<Text> = events.values().filter(|event| named(event)).flat_map(thing).collect();
    let mut asked: BTreeSet<Text> = BTreeSet::new();
    // each round follows the links of those that are new; there are as many rounds as owners and replacements
    while let Some(key) = keys.iter().find(|key| !asked.contains(*key)).cloned() {
        take(work.ledger_events(&LedgerScope::Entry(&key))?, &mut events);
        let linked = events.values().filter(|event| {
            let begins = matches!(event.kind, EventKind::Transferred | EventKind::ReplacedIn);
            begins && (event.key == key || event.target == key)
        });
        keys.extend(linked.flat_map(|event| [event.key.clone(), event.target.clone()]));
        asked.insert(key);
    }
    let all: Vec<CustomerItemEvent> = events.into_values().collect();
    let mut mine = of_keys(&all, &keys, what);
    let taken_back: BTreeSet<&str> = voided(&all).collect();
    let mut told = Vec::with_capacity(mine.len());
    for event in mine.drain(..) {
        let record = work.ledger_record(&event.key)?.unwrap_or_default();
        told.push(Told { voided: taken_back.contains(event.key.as_str()), event, record });
    }
    told.sort_by_key(|told| {
        let Told { event, record, .. } = told;
        // of one request what went out stands before what came in
        (event.date, event.kind != EventKind::Sold, record.recorded, event.kind, event.key.clone())
    });
    Ok(told)
}

/// The keys of the things that an event begins or is about.
fn thing(event: &CustomerItemEvent) -> Vec<Text> {
    let begins = matches!(event.kind, EventKind::Sold | EventKind::ReplacedIn | EventKind::Transferred);
    let mut keys = Vec::new();
    if begins {
        keys.push(event.key.clone());
    }
    if !event.target.is_empty() && event.kind != EventKind::Voided {
        keys.push(event.target.clone());
    }
    keys
}

/// The events that begin these things or are about them, those that ended them by their serial alone, and what was taken back.
fn of_keys(all: &[CustomerItemEvent], keys: &BTreeSet<Text>, what: &str) -> Vec<CustomerItemEvent> {
    let items: Vec<CustomerItem> = customer_items(all, None);
    let ends: BTreeSet<&Text> =
        items.iter().filter(|item| keys.contains(&item.key)).map(|item| &item.ended_by).collect();
    let about = |event: &CustomerItemEvent| {
        // a credit that found nothing is a part of what happened to its serial
        let nameless = event.target.is_empty() && !event.serial.is_empty() && event.serial == what;
        let about_keys = keys.contains(&event.key) || keys.contains(&event.target);
        about_keys || ends.contains(&event.key) || nameless
    };
    let mine: BTreeSet<&Text> = all.iter().filter(|event| about(event)).map(|event| &event.key).collect();
    let taken_back =
        |event: &CustomerItemEvent| event.kind == EventKind::Voided && mine.contains(&event.target);
    all.iter().filter(|event| about(event) || taken_back(event)).cloned().collect()
}

fn as_table(told: &[Told]) -> Table {
    let names = [
        ("date", Kind::Text),
        ("event", Kind::Text),
        ("customer", Kind::Text),
        ("item", Kind::Text),
        ("serial", Kind::Text),
        ("quantity", Kind::Decimal),
        ("to", Kind::Text),
        ("document/line", Kind::Text),
        ("warranty_to", Kind::Text),
        ("service_due", Kind::Text),
        ("by", Kind::Text),
        ("reason", Kind::Text),
        ("recorded", Kind::Text),
        ("key", Kind::Text),
    ];
    let rows = told.iter().map(|Told { event, record, voided }| {
        let gone = if *voided { " (void)" } else { "" };
        let to = match event.kind {
            EventKind::Transferred => &event.to_customer,
            EventKind::ReplacedOut => &event.to_serial,
            EventKind::Voided => &event.target,
            _ => const { &Text::const_new("") },
        };
        // a service changes no warranty, and a return begins none
        let begins = matches!(event.kind, EventKind::Sold | EventKind::ReplacedIn);
        let shows = |kind: EventKind| begins || event.kind == kind;
        vec![
            day(Some(event.date)),
            text(format!("{}{gone}", event.kind.as_str().replace('_', " "))),
            text(&event.customer),
            text(&event.item),
            text(&event.serial),
            quantity(event.quantity),
            text(to),
            text(document(&event.source, &event.document, event.document_line)),
            day(event.warranty_end.filter(|_| shows(EventKind::WarrantySet))),
            day(event.service_due.filter(|_| shows(EventKind::Serviced))),
            text(&event.by),
            text(&event.reason),
            text(instant::readable(record.recorded)),
            text(&event.key),
        ]
    });
    Table { columns: columns(&names), rows: rows.collect(), totals: Vec::new(), empty: String::new() }
}
