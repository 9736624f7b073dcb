//! `run`: the nightly batch, with a progress bar on a terminal and a summary at the end.

use crate::cli::{Format, Shell};
use crate::domain::{Date, Text};
use crate::run::counts::{ReleaseCounts, Tally};
use crate::run::night::Stage;
use crate::run::summary::Summary;
use crate::run::watch::Watch;
use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal as _;
use std::num::NonZeroUsize;
use std::path::Path;

#[derive(Debug, clap::Args)]
pub(super) struct RunArgs {
    /// The business date, YYYY-MM-DD; today if it is not given.
    #[arg(long, value_name = "DATE")]
    date: Option<Date>,
    /// One stage alone; the masters are synced before any.
    #[arg(long, value_name = "STAGE", value_parser = stage)]
    only: Option<Stage>,
    /// Worker threads; one a core if it is not given.
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
    /// Wait for a run that is under way instead of giving up.
    #[arg(long)]
    wait: bool,
}

fn stage(name: &str) -> Result<Stage, String> {
    let found = Stage::ALL.into_iter().find(|stage| stage.as_str() == name);
    let names: Vec<&str> = Stage::ALL.iter().map(|stage| stage.as_str()).collect();
    found.ok_or_else(|| format!("expected one of {}", names.join(", ")))
}

pub(super) fn run(shell: &Shell, args: &RunArgs) -> Result<u8> {
    let options = crate::run::Options {
        date: args.date,
        only: args.only,
        release: crate::run::release::Wanted::default(),
        threads: args.threads,
        wait: args.wait,
        store: shell.store.clone(),
    };
    let summary = night(shell, &shell.site, &options)?;
    Ok(summary.exit_code)
}

/// Runs the night of a site and prints its summary.
pub(super) fn night(shell: &Shell, site: &Path, options: &crate::run::Options) -> Result<Summary> {
    let bar = Bar::new(!shell.quiet && std::io::stderr().is_terminal());
    let summary = crate::run::night(site, options, &bar)?;
    match shell.format {
        Format::Json => shell.json(&summary)?,
        Format::Text => shell.print(&text(&summary))?,
    }
    Ok(summary)
}

struct Bar(Option<ProgressBar>);

impl Bar {
    fn new(wanted: bool) -> Self {
        Self(wanted.then(|| {
            let bar = ProgressBar::new(0);
            if let Ok(style) = ProgressStyle::with_template("{msg:>16} {wide_bar} {pos}/{len} {elapsed}") {
                bar.set_style(style);
            }
            bar
        }))
    }
}

impl Watch for Bar {
    fn stage(&self, name: &str, files: u64) {
        if let Some(bar) = &self.0 {
            bar.set_position(0);
            bar.set_length(files);
            bar.set_message(name.to_owned());
        }
    }

    fn advance(&self, files: u64) {
        if let Some(bar) = &self.0 {
            bar.inc(files);
        }
    }

    fn end(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

/// The summary as a person reads it.
fn text(summary: &Summary) -> String {
    let counts = &summary.counts;
    let resumed = if summary.resumed { ", taking up an interrupted run" } else { "" };
    let mut out = format!("run {} for {}{resumed}\n", summary.run_id, summary.date);
    for (name, synced) in &summary.masters {
        let crate::store::SyncCounts { added, changed, ended, .. } = synced;
        out += &format!("  masters     {name}: {added} added, {changed} changed, {ended} ended\n");
    }
    out += &tally("files", &counts.files);
    out += &tally("orders", &counts.orders);
    out += &tally("changes", &counts.changes);
    let lines = &counts.lines;
    out += &format!(
        "  lines       {} in = {} ordered + {} held + {} rejected + {} duplicate + {} quarantined + {} test + {} changes\n",
        lines.received,
        lines.ordered,
        lines.held,
        lines.rejected,
        lines.duplicate,
        lines.quarantined,
        lines.test,
        lines.changes
    );
    out += &released(&counts.released);
    out += &tally("outcomes", &counts.outcomes);
    out += &tally("mapped via", &counts.via);
    out += &tally("sent", &counts.documents);
    out += &tally("invoices", &counts.invoices);
    out += &tally("sales", &counts.sales);
    if counts.acknowledgments > 0 {
        out += &format!("  acknowledged {} answers of partners read\n", counts.acknowledgments);
    }
    out += &tally("answered", &counts.acknowledged);
    if counts.messages > 0 {
        out += &format!("  messages    {} of partners, to be read by a person\n", counts.messages);
    }
    if counts.customer_items_added > 0 {
        out += &format!("  ledger      {} events added\n", counts.customer_items_added);
    }
    out += &reconciled(&counts.ledger);
    let findings = counts.findings.len() as u64 + counts.findings_left_out;
    if findings > 0 {
        out += &format!(
            "  findings    {findings} in documents that went their way: see reports/run-{}.json\n",
            summary.run_id
        );
    }
    for note in &summary.notes {
        out += &format!("  note        {note}\n");
    }
    out + &waiting(summary)
}

/// The ledger's proof: every posted line that makes customer items, and where it is.
fn reconciled(ledger: &Tally) -> String {
    let count = |name: &str| ledger.get(name).copied().unwrap_or_default();
    let mut out = String::new();
    if count("lines") > 0 {
        out += &format!(
            "  reconciled  {} posted lines with customer items = {} made + {} told + {} differ\n",
            count("lines"),
            count("made"),
            count("told"),
            count("differ")
        );
    }
    if count("closed") > 0 {
        out += &format!("  mended      {} of the ledger that waited\n", count("closed"));
    }
    out
}

/// What earlier runs held is none of this run's lines in.
fn released(released: &ReleaseCounts) -> String {
    let ReleaseCounts { orders, lines, ordered, rejected, held } = released;
    if *orders == 0 {
        return String::new();
    }
    let noun = |count: u64, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
    format!(
        "  released    {}: {} that waited = {ordered} ordered + {rejected} rejected + {held} still held\n",
        noun(*orders, "order"),
        noun(*lines, "line"),
    )
}

fn tally(name: &str, tally: &Tally) -> String {
    if tally.is_empty() {
        return String::new();
    }
    let parts: Vec<String> =
        tally.iter().map(|(what, count)| format!("{count} {}", what.replace('_', " "))).collect();
    format!("  {name:<11} {}\n", parts.join(", "))
}

/// One line a root cause, with how many things wait for it.
fn waiting(summary: &Summary) -> String {
    const SHOWN: usize = 20;
    if summary.exit_code == 0 {
        return "nothing of this run waits for a person\n".into();
    }
    let mut causes: Vec<(&Text, usize)> = Vec::new();
    for waiting in &summary.waiting {
        match causes.iter_mut().find(|(cause, _)| **cause == waiting.cause) {
            Some((_, count)) => *count += 1,
            None => causes.push((&waiting.cause, 1)),
        }
    }
    let mut out = match summary.counts.exceptions {
        1 => "1 thing waits for a person:\n".to_owned(),
        count => format!("{count} things wait for a person:\n"),
    };
    for (cause, count) in causes.iter().take(SHOWN) {
        let times = if *count > 1 { format!(" ({count} times)") } else { String::new() };
        out += &format!("  {cause}{times}\n");
    }
    let shown: usize = causes.iter().take(SHOWN).map(|(_, count)| count).sum();
    let rest = summary.counts.exceptions.saturating_sub(shown as u64);
    if rest > 0 {
        out += &format!("  and {rest} more\n");
    }
    out + &format!(
        "see reports/run-{}.json, quarantine/*.why.json, and `itembridge explain PO`\n",
        summary.run_id
    )
}
