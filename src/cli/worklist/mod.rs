//! `worklist`: what waits for a person, one row a root cause, and what the person decides about it.

mod apply;
mod export;
mod file;
mod invoices;
mod judge;
pub(in crate::cli) mod suggest;

use crate::cli::Shell;
use anyhow::Result;
pub(in crate::cli) use export::suggestion_as_json;

#[derive(Debug, clap::Subcommand)]
pub(super) enum WorklistCommand {
    /// Write what waits, one row a root cause, the most valuable first, with columns for decisions.
    Export(export::ExportArgs),
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
billed, both at the next release.

Each decision is signed: decided_by or --by or your user name, and reason or --reason. A cause is known by its column cause; the \
other columns are for people. All or nothing, or --partial; refused rows are written to FILE.problems.csv beside the file, and \
applying a file once more changes nothing.

Exit codes: 0 done, 1 rows were refused, 2 could not run.";

pub(super) fn worklist(shell: &Shell, command: &WorklistCommand) -> Result<u8> {
    match command {
        WorklistCommand::Export(args) => export::export(shell, args),
        WorklistCommand::Apply(args) => apply::apply(shell, args),
    }
}
