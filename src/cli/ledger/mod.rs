//! `ledger`: what customers own; what happened to it, said by a person; what was sold before.

mod add;
mod change;
mod check;
mod history;
mod import;
mod import_file;
mod list;
mod table;

pub(in crate::cli) use list::today;

use crate::cli::xref::instant;
use crate::cli::{Format, Shell};
use crate::domain::catalog::Catalog;
use crate::domain::customer_item::{CustomerItemEvent, CustomerItemType, EventKind};
use crate::domain::diagnostic::Diagnostic;
use crate::domain::money::plain;
use crate::domain::rules::ledger::{
    LEDGER_AHEAD, LEDGER_CUSTOMER_REFUSED, LEDGER_ITEM_REFUSED, LEDGER_UNSIGNED,
};
use crate::domain::{Date, Text};
use crate::ledger::change::{Outcome, Refused, Signature, refused};
use crate::site::config;
use crate::site::folders::{SiteLock, lock};
use crate::site::masters::{self, MasterFile};
use crate::store::{Store, Transaction};
use anyhow::{Result, ensure};
use serde_json::json;

#[derive(Debug, clap::Subcommand)]
pub(super) enum LedgerCommand {
    /// What customers own: by customer, serial, item or type, on any day.
    List(list::ListArgs),
    /// What is due for service.
    Due(list::DueArgs),
    /// Everything that happened to one thing, with who said it and when.
    History(history::HistoryArgs),
    /// Add what was sold and has no document here.
    Add(add::AddArgs),
    /// Add what was sold before from a CSV file, all or nothing.
    #[command(after_help = import::HELP)]
    Import(import::ImportArgs),
    /// It came back from the customer.
    Return(change::ReturnArgs),
    /// It was replaced by another.
    Replace(change::ReplaceArgs),
    /// It is another customer's from now on.
    Transfer(change::TransferArgs),
    /// It was serviced: the next service is due an interval later.
    Service(change::ServiceArgs),
    /// Its warranty is another than its document and type gave it.
    Warranty(change::WarrantyArgs),
    /// Its extra fields have these values.
    Set(change::SetArgs),
    /// It is no more.
    Scrap(change::ReturnArgs),
    /// Take back an entry that should never have been made.
    Void(change::VoidArgs),
    /// Compare what was posted with what the ledger has of it.
    Check(check::CheckArgs),
}

pub(super) fn ledger(shell: &Shell, command: &LedgerCommand) -> Result<u8> {
    match command {
        LedgerCommand::List(args) => list::list(shell, args),
        LedgerCommand::Due(args) => list::due(shell, args),
        LedgerCommand::History(args) => history::history(shell, args),
        LedgerCommand::Add(args) => add::add(shell, args),
        LedgerCommand::Import(args) => import::import(shell, args),
        LedgerCommand::Return(args) => change::give_back(shell, args),
        LedgerCommand::Replace(args) => change::replace(shell, args),
        LedgerCommand::Transfer(args) => change::transfer(shell, args),
        LedgerCommand::Service(args) => change::service(shell, args),
        LedgerCommand::Warranty(args) => change::warranty(shell, args),
        LedgerCommand::Set(args) => change::set(shell, args),
        LedgerCommand::Scrap(args) => change::scrap(shell, args),
        LedgerCommand::Void(args) => change::void(shell, args),
        LedgerCommand::Check(args) => check::check(shell, args),
    }
}

/// What every entry of a person has.
#[derive(Debug, clap::Args)]
struct SignArgs {
    /// Who signs for it; your user name if you say nothing.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// Why, for the history.
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
    /// The day on which it happened, YYYY-MM-DD; today if it is not given.
    #[arg(long, value_name = "DATE")]
    date: Option<Date>,
    /// The number of the paper that says so: the same request under the same number is made once.
    #[arg(long, value_name = "NUMBER", default_value = "")]
    document: Text,
    /// Change nothing; show what would be added.
    #[arg(long)]
    dry_run: bool,
    /// Wait for a run that is under way, instead of giving up.
    #[arg(long)]
    wait: bool,
}

impl SignArgs {
    /// The signature, without a number of the store's own.
    fn signature(&self) -> Result<Signature> {
        let by = match &self.by {
            Some(by) => by.clone(),
            None => instant::user()?,
        };
        anyhow::ensure!(!by.trim().is_empty(), "sign with --by NAME: the name is empty");
        Ok(Signature {
            by: by.trim().into(),
            reason: self.reason.trim().into(),
            date: self.date.unwrap_or_else(|| instant::now().1),
            dated: self.date.is_some(),
            document: self.document.trim().into(),
            number: Text::default(),
        })
    }

    fn needs_reason(&self, what: &str) -> Result<(), Refused> {
        if self.reason.trim().is_empty() { Err(refused(&LEDGER_UNSIGNED, what, "")) } else { Ok(()) }
    }
}

/// The refusal of a day that has not come; None: it has.
fn ahead(work: &mut dyn Transaction, date: Date) -> Result<Option<Refused>> {
    let today = today(work)?;
    Ok((date > today).then(|| refused(&LEDGER_AHEAD, &date.to_string(), "")))
}

/// A site whose ledger is being written.
struct Desk {
    _lock: SiteLock,
    store: Box<dyn Store>,
    catalog: Catalog,
}

/// A folder that is no site does not become one.
fn open_desk(shell: &Shell, wait: bool) -> Result<Desk> {
    let settings = config::load(&shell.site)?;
    let mut lock = lock(&shell.site, wait)?;
    lock.note("an entry into the ledger")?;
    let mut store = shell.open_store()?;
    let catalog = {
        let mut work = store.read()?;
        let known = work.master_digest(MasterFile::Customers.name())?.is_some();
        ensure!(known, "the store knows no customers yet: `itembridge run --only masters` takes masters/ in");
        catalog(&mut *work, settings.customer_item_types)?
    };
    Ok(Desk { _lock: lock, store, catalog })
}

/// The masters as they stand, without the cross-reference.
fn catalog(work: &mut dyn Transaction, types: Vec<CustomerItemType>) -> Result<Catalog> {
    let masters = work.masters_without_xrefs(None)?;
    let mut catalog = Catalog::new(types);
    masters.items.into_iter().for_each(|item| catalog.add_item(item));
    masters.customers.into_iter().for_each(|customer| catalog.add_customer(customer));
    masters.kits.into_iter().for_each(|part| catalog.add_kit_component(part));
    Ok(catalog)
}

/// The request's number where it has no document; a dry run takes none.
fn number(work: &mut dyn Transaction) -> Result<Text> {
    const MAX: u32 = 999_999_999;
    Ok(work.take_numbers("ledger", 1, MAX)?.to_string().into())
}

/// Adds what a request comes to, and says so. Exit code 1: it was refused, and nothing changed.
fn finish(
    shell: &Shell,
    mut work: Box<dyn Transaction + '_>,
    outcome: Result<Outcome, Refused>,
    dry_run: bool,
) -> Result<u8> {
    let (events, state) = match outcome {
        Err(why) => return refuse(shell, &[*why]),
        Ok(Outcome::Already(events)) => (events, "already"),
        Ok(Outcome::New(events)) if dry_run => (events, "dry_run"),
        Ok(Outcome::New(events)) => {
            let added = work.add_customer_item_events("", &events, instant::now().0)?;
            // what is said to be added is: a key that is there already would be passed over in silence
            let all = u32::try_from(events.len()).is_ok_and(|all| all == added);
            ensure!(all, "{added} of {} entries are new, and nothing is added", events.len());
            work.commit()?;
            (events, "added")
        }
    };
    match shell.format {
        Format::Json => shell.json(&json!({"state": state, "events": events}))?,
        Format::Text => {
            let heading = match state {
                "already" => "said before under this document number, nothing is added:\n",
                "dry_run" => "would be added:\n",
                _ => "",
            };
            shell.print(&(heading.to_owned() + &events.iter().map(line).collect::<String>()))?;
        }
    }
    Ok(0)
}

/// What is wrong, in the words of its rule.
fn refuse(shell: &Shell, why: &[Diagnostic]) -> Result<u8> {
    let note = if why.iter().any(refused_by_masters) { stale_masters(shell)? } else { None };
    match shell.format {
        Format::Json => shell.json(&json!({"state": "refused", "findings": why, "note": note}))?,
        Format::Text => {
            let told: String = why.iter().map(refusal).collect();
            shell.print_findings(&(told + &note.map_or(String::new(), |note| format!("{note}\n"))))?;
        }
    }
    Ok(1)
}

fn refused_by_masters(why: &Diagnostic) -> bool {
    [LEDGER_CUSTOMER_REFUSED.code, LEDGER_ITEM_REFUSED.code].contains(&why.rule.code)
}

/// Says that the files that customers and items are judged by are newer than what the store has of them.
fn stale_masters(shell: &Shell) -> Result<Option<String>> {
    let mut store = shell.open_store()?;
    let mut work = store.read()?;
    let mut newer = Vec::new();
    for master in [MasterFile::Customers, MasterFile::Items, MasterFile::ItemKits] {
        // one that cannot be read is the next run's to tell
        let Ok(Some(file)) = masters::digest(&shell.site, master) else { continue };
        if Some(Text::from(file)) != work.master_digest(master.name())? {
            newer.push(master.path());
        }
    }
    let files = newer.join(", ");
    Ok((!newer.is_empty()).then(|| {
        format!("changed since the last run took it in: {files}; `itembridge run --only masters` takes it in")
    }))
}

fn refusal(why: &Diagnostic) -> String {
    let mut out = format!("error[{}]: {}\n", why.rule.code, why.rule.title);
    for (name, text) in [("found", why.found.as_str()), ("detail", why.detail.as_str())] {
        if !text.is_empty() {
            out += &format!("  = {name}: {text}\n");
        }
    }
    out + &format!("  = cause: {}\n  = help: {}\n", why.rule.cause, why.rule.help)
}

/// An event in one line.
fn line(event: &CustomerItemEvent) -> String {
    let CustomerItemEvent { kind, customer, item, serial, quantity, date, key, .. } = event;
    let some = |name: &str, text: &str| if text.is_empty() { String::new() } else { format!("{name}{text}") };
    let day = |name: &str, day: Option<Date>| day.map_or(String::new(), |day| format!("{name}{day}"));
    let more = match kind {
        EventKind::Transferred => some(" to ", &event.to_customer),
        EventKind::ReplacedOut => some(" by ", &event.to_serial),
        EventKind::Serviced => day(", next due ", event.service_due),
        EventKind::WarrantySet if event.warranty_end.is_none() => " to none".to_owned(),
        EventKind::WarrantySet | EventKind::Sold => day(", warranty to ", event.warranty_end),
        EventKind::Voided => some(", the entry ", &event.target),
        EventKind::FieldsSet => {
            event.extra.iter().map(|(name, value)| format!(", {name} {value}")).collect::<String>()
        }
        _ => String::new(),
    };
    format!(
        "{} {item}{} x{} of {customer} on {date}{more} (key {key})\n",
        kind.as_str().replace('_', " "),
        some(" ", serial),
        plain(*quantity)
    )
}
