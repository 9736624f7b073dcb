//! `report`: polars reports over the facts and the store, in the form that is asked for.

mod form;

use crate::cli::Shell;
use crate::cli::ledger::today;
use crate::cli::outbox::watch;
use crate::cli::xref::instant;
use crate::domain::{Date, Text};
use crate::report::page::Report;
use crate::report::{self, Params, Progress, SectionDef, Wanted};
use crate::run::reports::installed_base;
use crate::site::{config, partner_profile};
use crate::store::sent::SentRow;
use anyhow::{Result, bail};
use form::FormArgs;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::civil::Time;
use std::io::IsTerminal as _;
use std::path::Path;

#[derive(Debug, clap::Subcommand)]
pub(super) enum ReportCommand {
    /// How well the cross-reference covers what customers really order.
    Coverage(ByArgs),
    /// What waits for a person: open causes, their value and age.
    Worklist(PlainArgs),
    /// What customers own: how many things, under warranty, due for service.
    Ledger(LedgerArgs),
    /// What was billed, by item and by the customers' numbers.
    Sales(ByArgs),
    /// What was ordered beside what was billed of it.
    Invoiced(ByArgs),
    /// How long partners take to acknowledge what they were sent, and what they did not.
    Acknowledgments(PlainArgs),
    /// Partners gone quiet, and what came from the others.
    Partners(PlainArgs),
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
    /// First day that is counted, YYYY-MM-DD: of runs (worklist: first seen; acknowledgments: on the document). 29 days before the last
    /// if it is not given; worklist: the beginning.
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,
    /// Last day, included; the newest that has facts if it is not given. Worklist, acknowledgments, partners: also the day that is looked
    /// at, else today.
    #[arg(long, value_name = "DATE")]
    to: Option<Date>,
    /// Of this trading partner alone.
    #[arg(long, value_name = "PARTNER")]
    partner: Option<Text>,
    /// So many rows of a section that lists the greatest first, where it lists amounts in each currency; 0: all of them.
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
            ..Params::default()
        }
    }
}

#[derive(Debug, clap::Args)]
pub(super) struct PlainArgs {
    #[command(flatten)]
    ask: AskArgs,
    #[command(flatten)]
    form: FormArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct ByArgs {
    #[command(flatten)]
    ask: AskArgs,
    /// What the first section groups by, several separated by commas: `partner`, `customer`, `item`, `date`, `week`, `month` and any column of
    /// text of the facts (docs/facts.md)
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
        ReportCommand::Worklist(args) => worklist(shell, args)?,
        ReportCommand::Ledger(args) => ledger(shell, args)?,
        ReportCommand::Sales(args) => {
            over_facts(shell, args, report::sales::report, report::sales::SECTIONS)?;
        }
        ReportCommand::Invoiced(args) => {
            over_facts(shell, args, report::invoiced::report, report::invoiced::SECTIONS)?;
        }
        ReportCommand::Acknowledgments(args) => acknowledgments(shell, args)?,
        ReportCommand::Partners(args) => partners(shell, args)?,
    }
    Ok(0)
}

fn ledger(shell: &Shell, args: &LedgerArgs) -> Result<()> {
    groups_the_first(&args.by, &args.form, report::installed::SECTIONS)?;
    let mut store = shell.open_store()?;
    let mut work = store.read()?;
    let day = match args.to {
        Some(day) => day,
        None => today(&mut *work)?,
    };
    let asked = report::ledger::Asked { from: args.from, day, by: args.by.clone() };
    let report = installed_base(&mut *work, asked, args.form.wanted(shell, !args.by.is_empty()))?;
    args.form.write(shell, &report, report::installed::SECTIONS)
}

fn coverage(shell: &Shell, args: &ByArgs) -> Result<()> {
    groups_the_first(&args.by, &args.form, report::coverage::SECTIONS)?;
    let params = args.ask.params(&args.by);
    let wanted = args.form.wanted(shell, !args.by.is_empty());
    let bar = Bar::new(shell);
    let tell = |what: &str, done, of| bar.tell(what, done, of);
    // the store is asked for one section alone
    let report = if matches!(wanted, Wanted::All | Wanted::Section("unused-xrefs")) {
        let mut store = shell.open_store()?;
        let mut work = store.read()?;
        report::coverage::report(&shell.site, &params, wanted, Some(&mut *work), &tell)?
    } else {
        report::coverage::report(&shell.site, &params, wanted, None, &tell)?
    };
    bar.end();
    is_somebody(shell, args.ask.partner.as_ref(), &report)?;
    args.form.write(shell, &report, report::coverage::SECTIONS)
}

/// What the first section groups by says nothing of another one.
fn groups_the_first(by: &[String], form: &FormArgs, sections: &[SectionDef]) -> Result<()> {
    let Some((first, others)) = sections.split_first() else { return Ok(()) };
    match &form.section {
        Some(id) if !by.is_empty() && others.iter().any(|other| other.id == id) => {
            bail!("--by groups the section {} alone: {id} has its own groups", first.id)
        }
        _ => Ok(()),
    }
}

/// A partner that has no profile and of which nothing is found is a mistake; of one whose profile is gone the facts still tell.
fn is_somebody(shell: &Shell, partner: Option<&Text>, report: &Report) -> Result<()> {
    let Some(partner) = partner else { return Ok(()) };
    if report.sections.iter().any(|section| !section.table.rows.is_empty()) {
        return Ok(());
    }
    let profiles = partner_profile::load(&shell.site)?;
    let known: Vec<&str> = profiles.iter().map(|profile| profile.id().as_str()).collect();
    if known.contains(&partner.as_str()) {
        return Ok(());
    }
    let more = if known.len() > PARTNERS_NAMED { ", ..." } else { "" };
    let known = known.into_iter().take(PARTNERS_NAMED).collect::<Vec<_>>().join(", ");
    bail!("no partner has the id {partner:?}, only {known}{more}")
}

/// So many partners are named to whoever asked for one that there is not.
const PARTNERS_NAMED: usize = 12;

/// A report that reads facts and nothing else.
type OverFacts = fn(&Path, &Params, Wanted<'_>, &Progress<'_>) -> Result<Report>;

fn over_facts(
    shell: &Shell,
    args: &ByArgs,
    report: OverFacts,
    sections: &'static [SectionDef],
) -> Result<()> {
    groups_the_first(&args.by, &args.form, sections)?;
    let bar = Bar::new(shell);
    let wanted = args.form.wanted(shell, !args.by.is_empty());
    let report = report(&shell.site, &args.ask.params(&args.by), wanted, &|what, done, of| {
        bar.tell(what, done, of);
    })?;
    bar.end();
    is_somebody(shell, args.ask.partner.as_ref(), &report)?;
    args.form.write(shell, &report, sections)
}

fn worklist(shell: &Shell, args: &PlainArgs) -> Result<()> {
    let day = args.ask.to.unwrap_or_else(|| instant::now().1);
    let mut store = shell.open_store()?;
    let wanted = args.form.wanted(shell, false);
    let report = report::worklist::report(&mut *store.read()?, &args.ask.params(&[]), wanted, day)?;
    is_somebody(shell, args.ask.partner.as_ref(), &report)?;
    args.form.write(shell, &report, report::worklist::SECTIONS)
}

fn acknowledgments(shell: &Shell, args: &PlainArgs) -> Result<()> {
    use report::acknowledgments::Expected;
    let profiles = partner_profile::load(&shell.site)?;
    let at = args.ask.to.map_or_else(watch::now, |day| day.to_datetime(Time::constant(23, 59, 59, 0)));
    let expected = |row: &SentRow| {
        let profile = profiles.iter().find(|profile| *profile.id() == row.partner);
        match (watch::is_expected(row, profile), watch::is_overdue(row, profile, at)) {
            (_, true) => Expected::Overdue,
            (true, false) => Expected::Yes,
            (false, false) => Expected::No,
        }
    };
    let mut store = shell.open_store()?;
    let wanted = args.form.wanted(shell, false);
    let params = args.ask.params(&[]);
    let report = report::acknowledgments::report(&mut *store.read()?, &params, wanted, at.date(), &expected)?;
    is_somebody(shell, args.ask.partner.as_ref(), &report)?;
    args.form.write(shell, &report, report::acknowledgments::SECTIONS)
}

fn partners(shell: &Shell, args: &PlainArgs) -> Result<()> {
    let day = args.ask.to.unwrap_or_else(|| watch::now().date());
    let mut store = shell.open_store()?;
    let mut work = store.read()?;
    let mut partners = Vec::new();
    for profile in partner_profile::load(&shell.site)? {
        partners.push(report::partners::Partner {
            last_heard: work.last_heard(&profile.partner.id)?,
            customer: profile.partner.customer.clone(),
            quiet_after_days: profile.partner.quiet_after_days,
            partner: profile.partner.id,
        });
    }
    let known = (partners.as_slice(), work.first_run()?, day);
    let bar = Bar::new(shell);
    let wanted = args.form.wanted(shell, false);
    let report =
        report::partners::report(&shell.site, &args.ask.params(&[]), wanted, known, &|what, done, of| {
            bar.tell(what, done, of);
        })?;
    bar.end();
    is_somebody(shell, args.ask.partner.as_ref(), &report)?;
    args.form.write(shell, &report, report::partners::SECTIONS)
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
