//! `report`: polars reports over the facts, in the form that is asked for.

use crate::cli::ledger::{each_owner, today};
use crate::cli::{Format, Shell, render};
use crate::domain::Date;
use crate::report::table::Table;
use crate::report::{self, Params};
use crate::site::config;
use anyhow::{Context as _, Result};

#[derive(Debug, clap::Subcommand)]
pub(super) enum ReportCommand {
    /// How well the cross-reference covers what customers really order.
    Coverage(CoverageArgs),
    /// What customers own: how many things, under warranty, due for service.
    Ledger(LedgerArgs),
}

#[derive(Debug, clap::Args)]
pub(super) struct LedgerArgs {
    /// Only what is owned since this day or later, YYYY-MM-DD.
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,
    /// The day that is looked at, instead of today.
    #[arg(long, value_name = "DATE")]
    to: Option<Date>,
    /// What to group by, several separated by commas: `customer`, `type`, `item`, `unit`, `source`, `status`
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    by: Vec<String>,
    /// The form of the result.
    #[arg(long = "as", value_enum, default_value_t = Form::Table)]
    form: Form,
}

#[derive(Debug, clap::Args)]
pub(super) struct CoverageArgs {
    /// First day of the runs that are counted, YYYY-MM-DD.
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,
    /// Last day, included.
    #[arg(long, value_name = "DATE")]
    to: Option<Date>,
    /// What to group by, several separated by commas: `partner`, `customer`, `ship_to`, `via`, `item`
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    by: Vec<String>,
    /// The form of the result.
    #[arg(long = "as", value_enum, default_value_t = Form::Table)]
    form: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// A table that fits the terminal.
    Table,
    Csv,
    Json,
    Parquet,
}

pub(super) fn report(shell: &Shell, command: &ReportCommand) -> Result<u8> {
    match command {
        ReportCommand::Coverage(args) => coverage(shell, args),
        ReportCommand::Ledger(args) => ledger(shell, args),
    }
}

fn ledger(shell: &Shell, args: &LedgerArgs) -> Result<u8> {
    config::load(&shell.site)?;
    let mut store = shell.open_store()?;
    let mut work = store.read()?;
    let day = match args.to {
        Some(day) => day,
        None => today(&mut *work)?,
    };
    let asked = report::ledger::Asked { from: args.from, day, by: args.by.clone() };
    let mut counter = report::ledger::Counter::new(asked)?;
    each_owner(&mut *work, Some(day), &mut |items| counter.add(items))?;
    write(shell, args.form, &counter.table()?)
}

fn coverage(shell: &Shell, args: &CoverageArgs) -> Result<u8> {
    // a folder that is no site has no facts either, and must not look like a quiet one
    config::load(&shell.site)?;
    let params = Params { from: args.from, to: args.to, by: args.by.clone() };
    let def = report::find("coverage").context("the coverage report is registered")?;
    let table = report::run(def, &shell.site, &params)?;
    write(shell, args.form, &table)
}

fn write(shell: &Shell, form: Form, table: &Table) -> Result<u8> {
    match (shell.format, form) {
        (Format::Json, _) | (_, Form::Json) => shell.print(&table.json()?)?,
        (_, Form::Table) => shell.print(&render::table(table, render::terminal_width()))?,
        (_, Form::Csv) => shell.bytes(&table.csv()?)?,
        (_, Form::Parquet) => shell.bytes(&table.parquet()?)?,
    }
    Ok(0)
}
