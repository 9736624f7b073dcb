//! The reports that a night leaves in `reports/`: coverage, worklist and ledger, each the first section of its report, as CSV.

use crate::domain::Date;
use crate::domain::customer_item::CustomerItem;
use crate::ledger::state::customer_items;
use crate::report::installed::Installed;
use crate::report::ledger::Asked;
use crate::report::page::Report;
use crate::report::{self, Params, Wanted};
use crate::run::night::Night;
use crate::site::folders::Folders;
use crate::store::{LedgerScope, Transaction};
use anyhow::{Context as _, Result};

/// Entries of a ledger that is looked through every night. A larger one is looked through when entries were added since the last night:
/// one without work must not take as long as the ledger is large.
const ENTRIES_EVERY_NIGHT: u64 = 10_000;

/// The reports stage. Coverage of the last 30 days where this run brought order lines; the worklist and the ledger as of the run's day.
pub(crate) fn write(night: &mut Night<'_>) -> Result<()> {
    night.watch.stage("reports", 1);
    let day = night.run.date;
    if brought_order_lines(night)? {
        let from = crate::run::x12_orders::days_before(day, 29);
        let params = Params { from: Some(from), to: Some(day), ..Params::default() };
        match report::coverage::table(night.folders.root(), &params) {
            Ok(table) => put(night.folders, COVERAGE, &table.csv()?)?,
            // all is published: facts that another hand damaged must not keep the night from its end, and the next day from its date
            Err(error) => night.notes.push(format!("{COVERAGE} is as it was: {error:#}")),
        }
    }
    let mut store = night.store.read()?;
    let all = Params { top: Some(0), ..Params::default() };
    let worklist =
        report::worklist::report(&mut *store, &all, Wanted::First, day).context("report worklist")?;
    put(night.folders, WORKLIST, &first(&worklist)?)?;
    let entries = store.ledger_entries_recorded()?;
    let before = entries_before(&mut *store, &night.run.run_id)?;
    if entries <= ENTRIES_EVERY_NIGHT || before != Some(entries) || !night.folders.path(LEDGER)?.exists() {
        let asked = Asked { from: None, day, by: Vec::new() };
        let ledger = installed_base(&mut *store, asked, Wanted::First).context("report ledger")?;
        put(night.folders, LEDGER, &first(&ledger)?)?;
    }
    drop(store);
    night.ledger_entries = Some(entries);
    night.watch.advance(1);
    Ok(())
}

const COVERAGE: &str = "reports/coverage.csv";
const WORKLIST: &str = "reports/worklist.csv";
const LEDGER: &str = "reports/ledger.csv";

fn brought_order_lines(night: &mut Night<'_>) -> Result<bool> {
    let units = night.store.read()?.units(&night.run.run_id)?;
    Ok(units.iter().any(|unit| matches!(unit.stage.as_str(), "orders" | "release")))
}

/// Entries that the ledger had when the run before wrote its reports; None where it wrote none.
fn entries_before(store: &mut dyn Transaction, run_id: &str) -> Result<Option<u64>> {
    let runs = store.last_runs(2)?;
    let before = runs.iter().find(|run| run.run_id != run_id);
    let summary = before.and_then(|run| serde_json::from_str::<serde_json::Value>(&run.summary).ok());
    Ok(summary.and_then(|summary| summary.get("ledger_entries")?.as_u64()))
}

fn first(report: &Report) -> Result<Vec<u8>> {
    let section =
        report.sections.first().with_context(|| format!("report {} has no section", report.name))?;
    section.table.csv()
}

/// In one step, so that whoever reads finds a whole file; one that says the same already stays, with its time.
fn put(folders: &Folders, relative: &str, bytes: &[u8]) -> Result<()> {
    if std::fs::read(folders.path(relative)?).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    folders.replace(relative, bytes)
}

/// What customers own on a day, counted.
pub(crate) fn installed_base(
    store: &mut dyn Transaction,
    asked: Asked,
    wanted: Wanted<'_>,
) -> Result<Report> {
    let day = asked.day;
    let mut counter = Installed::new(asked)?;
    each_owner(store, Some(day), &mut |items| counter.add(items))?;
    counter.report(wanted)
}

/// The customer items of one customer after the other: no more than what one of them depends on is in memory at a time.
pub(crate) fn each_owner(
    work: &mut dyn Transaction,
    as_of: Option<Date>,
    take: &mut dyn FnMut(Vec<CustomerItem>) -> Result<()>,
) -> Result<()> {
    for customer in work.ledger_customers()? {
        let events = work.ledger_events(&LedgerScope::Customer(&customer))?;
        let mut items = customer_items(&events, as_of);
        // what it came from by a transfer is another customer's
        items.retain(|item| item.customer == customer);
        take(items)?;
    }
    Ok(())
}
