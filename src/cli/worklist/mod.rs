//! `worklist`: what waits for a person, one row a root cause, and what the person decides about it.

mod apply;
mod changes;
mod export;
mod file;
mod history;
pub(in crate::cli) mod invoices;
mod judge;
pub(in crate::cli) mod suggest;

use crate::cli::Shell;
use anyhow::Result;
pub(in crate::cli) use export::suggestion_as_json;

#[derive(Debug, clap::Subcommand)]
pub(super) enum WorklistCommand {
    /// Write what waits, one row a root cause, the most valuable first, with columns for decisions.
    Export(export::ExportArgs),
    /// Who decided what and when, and how it ended: what happened to each cause, oldest first.
    #[command(after_help = HISTORY_HELP)]
    History(history::HistoryArgs),
    /// Take the decisions of such a file.
    #[command(after_help = APPLY_HELP)]
    Apply(apply::ApplyArgs),
}

const APPLY_HELP: &str = "The column decision has one of these words; a row without one is passed over.

map      the number is the item in the column item, from now on: a row of the cross-reference, source decision. scope is customer \
(if you say nothing), ship_to (the one in the column ship_to), group or everyone; unit (one of the ordered units; blank: any), \
unit_factor (our units in one of it) and valid_from are the row's.
reject   the lines that wait under the cause now are rejected by the next release, unless their number has an item by then. \
Lines that come later are not touched.
ignore   the cause is not exported up to the day in ignore_until (YYYY-MM-DD), that day included; its lines wait on.

A cause of the kind invoice is a held invoice: release lets it go out in spite of what holds it, reject means that it is never \
billed, both at the next release. What cannot go out whoever signs (such as E423, E429, E430) is not released. Of an invoice that was \
refused or could not be read nothing is kept: reject closes it at once.

A cause of the kind order_change is a change of an order that waits, one of the kind duplicate_order a second, different order under \
the number of a first: apply makes the order what it asks for, reject refuses it, done says that a person has applied it in the ERP: \
the order here then stays as it is, and invoices are held against it as it was (an invoice of more than was ordered here waits, E426, \
and can be let go); all at the next release, which answers the customer.

Each decision is signed: decided_by or --by or your user name, and reason or --reason. A cause is known by its column cause; the \
other columns are for people. All or nothing, or --partial; refused rows are written to FILE.problems.csv beside the file, and \
applying a file once more changes nothing.

Exit codes: 0 done, 1 rows were refused, 2 could not run.";

const HISTORY_HELP: &str = "One row for each thing that happened: came_up (exceptions of one cause in one run, with their number), \
decided (by whom, what, why), ended (how, and by which run). A run's exceptions came up when it began. What is decided about a \
cause is in the word and its terms: map, reject, ignore; release or drop for an invoice. How exceptions end: ordered, rejected, mapped \
(found, waiting for other lines of the order), held (open again under another cause), released, sent, dropped, mended (the masters or \
the ledger have what was missing), resent, and whatever else a run closed them as. The cross-reference has a history of its own: xref history.";

pub(super) fn worklist(shell: &Shell, command: &WorklistCommand) -> Result<u8> {
    match command {
        WorklistCommand::Export(args) => export::export(shell, args),
        WorklistCommand::History(args) => history::history(shell, args),
        WorklistCommand::Apply(args) => apply::apply(shell, args),
    }
}
