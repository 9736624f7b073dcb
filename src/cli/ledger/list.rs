//! `ledger list` and `ledger due`: what customers own, what has cover, what is due for service.

use crate::cli::Shell;
use crate::cli::ledger::table::{self, FormArgs, Take};
use crate::cli::xref::instant;
use crate::domain::customer_item::{CustomerItem, CustomerItemStatus};
use crate::domain::{Date, Text};
use crate::ledger::state::{customer_items, is_covered};
use crate::run::reports::each_owner;
use crate::site::config;
use crate::store::{LedgerScope, Transaction};
use anyhow::{Context as _, Result};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ListArgs {
    /// Of one customer.
    #[arg(long, value_name = "CUSTOMER")]
    customer: Option<Text>,
    /// Of one serial, at whomever.
    #[arg(long, value_name = "SERIAL")]
    serial: Option<Text>,
    /// Of one item.
    #[arg(long, value_name = "ITEM")]
    item: Option<Text>,
    /// Of one customer item type.
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<Text>,
    /// As it stood at the end of this day, YYYY-MM-DD, by all that is known now; today if you say nothing.
    #[arg(long, value_name = "DATE")]
    as_of: Option<Date>,
    /// Only what is owned and has cover on this day.
    #[arg(long, value_name = "DATE")]
    under_warranty: Option<Date>,
    /// Also what was returned, credited, replaced, transferred or scrapped.
    #[arg(long)]
    ended: bool,
    #[command(flatten)]
    form: FormArgs,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct DueArgs {
    /// Due in so many days, or before.
    #[arg(long, value_name = "N", default_value_t = 30)]
    days: u16,
    /// From this day, instead of today.
    #[arg(long, value_name = "DATE")]
    date: Option<Date>,
    /// Of one customer.
    #[arg(long, value_name = "CUSTOMER")]
    customer: Option<Text>,
    #[command(flatten)]
    form: FormArgs,
}

pub(super) fn list(shell: &Shell, args: &ListArgs) -> Result<u8> {
    let settings = config::load(&shell.site)?;
    let mut store = shell.open_store()?;
    let mut work = store.read()?;
    let as_of = match args.as_of.or(args.under_warranty) {
        Some(day) => day,
        None => today(&mut *work)?,
    };
    let is = |wanted: &Option<Text>, found: &Text| wanted.as_ref().is_none_or(|wanted| wanted == found);
    let asked = |item: &CustomerItem| {
        let active = item.status == CustomerItemStatus::Active;
        is(&args.customer, &item.customer)
            && is(&args.serial, &item.serial)
            && is(&args.item, &item.item)
            && is(&args.kind, &item.customer_item_type)
            && (args.ended || active)
            && args.under_warranty.is_none_or(|day| active && is_covered(item, day))
    };
    let of = (args.customer.as_ref(), args.serial.as_ref());
    table::stream(shell, &args.form, &settings.customer_item_types, "no customer items", |take| {
        owned(&mut *work, of, as_of, &mut |mut items| {
            items.retain(asked);
            take(items)
        })
    })?;
    Ok(0)
}

pub(super) fn due(shell: &Shell, args: &DueArgs) -> Result<u8> {
    let settings = config::load(&shell.site)?;
    let mut store = shell.open_store()?;
    let mut work = store.read()?;
    let from = match args.date {
        Some(day) => day,
        None => today(&mut *work)?,
    };
    let span = jiff::Span::new().try_days(args.days)?;
    let until = from.checked_add(span).with_context(|| format!("{} days after {from}", args.days))?;
    let asked = |item: &CustomerItem| {
        let mine = args.customer.as_ref().is_none_or(|customer| *customer == item.customer);
        mine && item.status == CustomerItemStatus::Active && item.service_due.is_some_and(|due| due <= until)
    };
    let mut due = Vec::new();
    owned(&mut *work, (args.customer.as_ref(), None), from, &mut |items| {
        due.extend(items.into_iter().filter(asked));
        Ok(())
    })?;
    // what is overdue longest stands first
    due.sort_by_key(|item| item.service_due);
    let nothing = format!("nothing is due for service until {until}");
    table::stream(shell, &args.form, &settings.customer_item_types, &nothing, |take| take(due))?;
    Ok(0)
}

/// The day that questions and entries mean when they name none: the machine's, or that of the last run where its business
/// date is later, so that what a night has just posted is seen.
pub(in crate::cli) fn today(work: &mut dyn Transaction) -> Result<Date> {
    let today = instant::now().1;
    Ok(work.last_runs(1)?.first().map_or(today, |run| run.date.max(today)))
}

/// The customer items at the end of a day, of a customer, of a serial or of all; of one owner after the other.
fn owned(
    work: &mut dyn Transaction,
    (customer, serial): (Option<&Text>, Option<&Text>),
    as_of: Date,
    take: &mut Take<'_>,
) -> Result<()> {
    let events = match (serial, customer) {
        (Some(serial), _) if !serial.is_empty() => work.ledger_events(&LedgerScope::Serial(serial))?,
        (_, Some(customer)) => work.ledger_events(&LedgerScope::Customer(customer))?,
        (_, None) => return each_owner(work, Some(as_of), take),
    };
    take(customer_items(&events, Some(as_of)))
}
