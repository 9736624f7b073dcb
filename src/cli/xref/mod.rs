//! `xref`: the cross-reference as people work with it: in, out, looked up, its history, its health.

mod apply;
mod check;
mod export;
mod history;
mod import;
pub(in crate::cli) mod instant;
mod lookup;
mod preview;
mod suggest;

use crate::cli::Shell;
use crate::domain::Text;
use crate::domain::item::{Masters, Xref, XrefScope};
use crate::domain::partner::PartnerProfile;
use crate::site::config::Settings;
use crate::store::{Micros, OrderRow, Store, Transaction, lines};
use crate::xref::index::{IndexBuilder, XrefIndex};
use anyhow::Result;
use std::collections::BTreeSet;

#[derive(Debug, clap::Subcommand)]
pub(super) enum XrefCommand {
    /// Load cross-references from CSV files.
    #[command(after_help = IMPORT_HELP)]
    Import(import::ImportArgs),
    /// Write the cross-reference as CSV: the columns of the master, then where each row came from.
    Export(export::ExportArgs),
    /// Find numbers, theirs or ours, across customers: exactly, by their beginning, or by words of the description.
    Lookup(lookup::LookupArgs),
    /// Who changed what when and why: every version of the rows of a number or an item.
    History(history::HistoryArgs),
    /// What is wrong with the cross-reference; exit code 0: nothing, 1: findings.
    Check(check::CheckArgs),
    /// What numbers that wait may mean, scored, with the evidence. Nothing is applied: that takes a signature.
    #[command(after_help = SUGGEST_HELP)]
    Suggest(suggest::SuggestArgs),
}

const SUGGEST_HELP: &str = "Each kind of evidence for an item takes its share of the doubt that the others left, and each against it (\"but ...\") its \
share of the rest, as docs/contract.md lists: a score is no probability, but of two the higher is right more often. Decide with worklist export and worklist apply, or with xref import.";

const IMPORT_HELP: &str = "The columns are those of item_xref.csv in any order, also under the names CustomerName, \
ItemNumber, CustomerItemNumber and CustomerItemDescription; others are passed over. The delimiter (comma, semicolon, tab, bar) and \
the encoding (UTF-8, Latin-1, UTF-16 with its mark) are found out. A row whose key is there (customer, customer_item, ship_to, \
qualifier, unit, item, valid_from) changes it, and a blank cell keeps what stands; another key is another row.

Rows that are refused are written beside the file (of list.csv to list.problems.csv), as they were and with what is wrong. A cell that a \
spreadsheet would take for a formula begins with an apostrophe there; it is taken off when that file is imported.

Exit codes: 0 done, 1 rows were refused, 2 could not run.";

pub(super) fn xref(shell: &Shell, command: &XrefCommand) -> Result<u8> {
    match command {
        XrefCommand::Import(args) => import::import(shell, args),
        XrefCommand::Export(args) => export::export(shell, args),
        XrefCommand::Lookup(args) => lookup::lookup(shell, args),
        XrefCommand::History(args) => history::history(shell, args),
        XrefCommand::Check(args) => check::check(shell, args),
        XrefCommand::Suggest(args) => suggest::suggest(shell, args),
    }
}

/// The store of the site, ready to be asked for numbers: what the first sync of a large cross-reference left undone is done
/// now, once.
pub(in crate::cli) fn open(shell: &Shell) -> Result<Box<dyn Store>> {
    let mut store = shell.open_store()?;
    if store.read()?.has_numbers_to_learn()? {
        tracing::info!("the numbers of a large sync are indexed for lookups, once");
        let mut work = store.begin()?;
        work.learn_numbers()?;
        work.commit()?;
    }
    Ok(store)
}

/// A row's scope as people read it.
fn scope(xref: &Xref) -> String {
    let (customer, ship_to) = xref.scope.columns();
    if ship_to.is_empty() { customer.into_owned() } else { format!("{customer} at {ship_to}") }
}

/// `2026-01-01 to 2026-12-31`, `from ...`, `until ...`; empty: always.
fn validity(xref: &Xref) -> String {
    match (xref.valid_from, xref.valid_to) {
        (Some(from), Some(to)) => format!("{from} to {to}"),
        (Some(from), None) => format!("from {from}"),
        (None, Some(to)) => format!("until {to}"),
        (None, None) => String::new(),
    }
}

/// An instant in the standard form, to the microsecond, in UTC.
pub(in crate::cli) fn standard(instant: Micros) -> String {
    jiff::Timestamp::from_microsecond(instant).unwrap_or_default().to_string()
}

/// The index of these masters and of all that the cross-reference says, or said at an instant, of these customers.
pub(in crate::cli) fn index(
    work: &mut dyn Transaction,
    masters: Masters,
    customers: &BTreeSet<Text>,
    as_of: Option<Micros>,
    settings: &Settings,
) -> Result<XrefIndex> {
    let mut builder = IndexBuilder::new(settings.customer_item_types.clone());
    let of =
        masters.customers.iter().filter(|row| customers.contains(&row.customer) && !row.group.is_empty());
    let groups = of.map(|row| Text::from(format!("group:{}", row.group)));
    let columns: BTreeSet<Text> =
        groups.chain(customers.iter().cloned()).chain([XrefScope::Everyone.columns().0.into()]).collect();
    masters.items.into_iter().for_each(|item| builder.item(item));
    masters.customers.into_iter().for_each(|customer| builder.customer(customer));
    masters.kits.into_iter().for_each(|component| builder.kit(component));
    masters.conversions.into_iter().for_each(|conversion| builder.conversion(conversion));
    for customer in &columns {
        work.each_xref_of(customer, as_of, &mut |xref| {
            builder.xref(&xref);
            Ok(())
        })?;
    }
    Ok(builder.build().0)
}

/// For whom an order may be: its partner's customer, or the one that it names.
pub(in crate::cli) fn customers_of(row: &OrderRow, profile: &PartnerProfile) -> Result<[Text; 2]> {
    Ok([profile.partner.customer.clone(), lines::decode_header(&row.header)?.customer])
}
