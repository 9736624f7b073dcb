//! `report`: polars reports over the facts and the store, in the form that is asked for.

mod form;

use crate::cli::ledger::each_owner;
use crate::cli::xref::instant;
use crate::cli::{Shell, render};
use crate::domain::{Date, Text};
use crate::report::{self, Params, Wanted};
use crate::site::config;
use anyhow::Result;
use form::FormArgs;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal as _;

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
    #[command(flatten)]
    form: FormArgs,
}

/// What most reports can be asked.
#[derive(Debug, clap::Args)]
struct AskArgs {
    /// First day of the runs that are counted, YYYY-MM-DD; 29 days before the last if it is not given.
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,
    /// Last day, included; the newest that has facts if it is not given.
    #[arg(long, value_name = "DATE")]
    to: Option<Date>,
    /// Of this trading partner alone.
    #[arg(long, value_name = "PARTNER")]
    partner: Option<Text>,
    /// So many rows of a section that lists the greatest first; 0: all of them.
    #[arg(long, value_name = "N", default_value_t = report::TOP_DEFAULT)]
    top: usize,
}

impl AskArgs {
    fn params(&self, by: &[String]) -> Params {
        Params {
            from: self.from,
            to: self.to,
            by: by.to_vec(),
            partner: self.partner.clone(),
            top: Some(self.top),
        }
    }
}

#[derive(Debug, clap::Args)]
pub(super) struct CoverageArgs {
    #[command(flatten)]
    ask: AskArgs,
    /// What to group by, several separated by commas: `partner`, `customer`, `ship_to`, `via`, `item`, `week`, `month`
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    by: Vec<String>,
    #[command(flatten)]
    form: FormArgs,
}

pub(super) fn report(shell: &Shell, command: &ReportCommand) -> Result<u8> {
    // a folder that is no site has no facts either, and must not look like a quiet one
    config::load(&shell.site)?;
    match command {
        ReportCommand::Coverage(args) => coverage(shell, args)?,
        ReportCommand::Ledger(args) => ledger(shell, args)?,
    }
    Ok(0)
}

fn ledger(shell: &Shell, args: &LedgerArgs) -> Result<()> {
    let day = args.to.unwrap_or_else(|| instant::now().1);
    let asked = report::ledger::Asked { from: args.from, day, by: args.by.clone() };
    let mut counter = report::ledger::Counter::new(asked)?;
    let mut store = shell.open_store()?;
    each_owner(&mut *store.read()?, Some(day), &mut |items| counter.add(items))?;
    let table = counter.table()?;
    shell.print(&render::table(&table, render::terminal_width()))
}

fn coverage(shell: &Shell, args: &CoverageArgs) -> Result<()> {
    let params = args.ask.params(&args.by);
    let wanted = args.form.wanted(shell, !args.by.is_empty());
    let of_the_store = |wanted: Wanted<'_>| matches!(wanted, Wanted::All | Wanted::Section("unused-xrefs"));
    let bar = Bar::new(shell);
    let report = if of_the_store(wanted) {
        let mut store = shell.open_store()?;
        let mut work = store.read()?;
        report::coverage::report(&shell.site, &params, wanted, Some(&mut *work), &|what, done, of| {
            bar.tell(what, done, of);
        })?
    } else {
        report::coverage::report(&shell.site, &params, wanted, None, &|what, done, of| {
            bar.tell(what, done, of)
        })?
    };
    bar.end();
    args.form.write(shell, &report, &ids(report::coverage::SECTIONS))
}

fn ids(sections: &[report::SectionDef]) -> Vec<&'static str> {
    sections.iter().map(|section| section.id).collect()
}

/// Progress of a query over very many facts, on a terminal alone.
struct Bar(Option<ProgressBar>);

impl Bar {
    fn new(shell: &Shell) -> Self {
        let wanted = !shell.quiet && std::io::stderr().is_terminal();
        Self(wanted.then(|| {
            let bar = ProgressBar::new(0);
            if let Ok(style) =
                ProgressStyle::with_template("{msg:>26} {wide_bar} {human_pos}/{human_len} facts {elapsed}")
            {
                bar.set_style(style);
            }
            bar
        }))
    }

    fn tell(&self, what: &str, done: u64, of: u64) {
        if let Some(bar) = &self.0 {
            bar.set_length(of);
            bar.set_position(done);
            bar.set_message(what.to_owned());
        }
    }

    fn end(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
