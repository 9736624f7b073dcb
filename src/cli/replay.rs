//! `replay`: what a past input would give under another day's cross-reference.

use crate::cli::xref::instant;
use crate::cli::{Format, Shell};
use crate::run::Options;
use crate::run::replay::{AsOf, Fate, Replay, ReplayInput, replay as play};
use anyhow::Result;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Each order is judged by today's configuration and profiles. \"Then\" is what the run made of a line, before any \
release; a file that never came has no then. Nothing is written. Exit codes: 0 done, 2 could not."
)]
pub(super) struct ReplayArgs {
    /// A run such as 20261121-001; a file; or an input that came, by its name below inbox/ or its place in the archive.
    #[arg(value_name = "RUN|FILE")]
    what: String,
    /// The cross-reference and the other masters as they were recorded at the end of this day (YYYY-MM-DD), or at this instant, and
    /// valid then; without it as they are now, for each order's own date.
    #[arg(long, value_name = "DAY", value_parser = instant::parse)]
    xref_as_of: Option<instant::AsOf>,
    /// Every line in the text, not only those that differ.
    #[arg(long)]
    all: bool,
}

pub(super) fn replay(shell: &Shell, args: &ReplayArgs) -> Result<u8> {
    let options = Options { store: shell.store.clone(), ..Options::default() };
    let as_of = args.xref_as_of.map(|as_of| AsOf { recorded: as_of.recorded, day: as_of.day });
    let replay = play(&shell.site, &options, &args.what, as_of)?;
    match shell.format {
        Format::Json => shell.json(&replay)?,
        Format::Text => shell.print(&text(&replay, args.all))?,
    }
    Ok(0)
}

fn text(replay: &Replay, all: bool) -> String {
    let mut out = String::new();
    for input in &replay.inputs {
        out += &of_input(input, all);
    }
    let asked = replay.xref_as_of.map_or_else(
        || "by what is known now, for each order's own date".to_owned(),
        |day| format!("as recorded and valid on {day}"),
    );
    out += &format!(
        "{} orders, {} lines, the cross-reference {asked}: {} lines would be judged otherwise; nothing was written\n",
        replay.orders, replay.lines, replay.differ
    );
    for (change, count) in &replay.changes {
        out += &format!("  {count} {change}\n");
    }
    if replay.documents_left_out > 0 {
        out += &format!("  {} documents are counted and not listed\n", replay.documents_left_out);
    }
    if replay.lines_left_out > 0 {
        out += &format!("  {} lines are counted and not listed\n", replay.lines_left_out);
    }
    out
}

fn of_input(input: &ReplayInput, all: bool) -> String {
    let mut out = input.file.to_string();
    match (input.run_id.as_str(), input.state.as_str()) {
        ("", _) => out += " (it never came)",
        (run_id, state) => out += &format!(" (run {run_id}: {state})"),
    }
    out.push('\n');
    if let Some(why) = &input.passed_over {
        out += &format!("  passed over: {why}\n");
    }
    for finding in &input.findings {
        out += &format!("  {finding}\n");
    }
    for document in &input.documents {
        let wanted = |line: &&crate::run::replay::ReplayLine| all || line.differs || line.then.is_none();
        let lines: Vec<_> = document.lines.iter().filter(wanted).collect();
        if lines.is_empty() && document.kind == "order" {
            continue;
        }
        out += &format!("  {} {}", document.kind, document.po_number);
        if !document.customer.is_empty() {
            out += &format!(" of {}", document.customer);
        }
        out += &match document.order_id.as_str() {
            "" => "\n".to_owned(),
            order_id => format!(" ({order_id})\n"),
        };
        for finding in &document.findings {
            out += &format!("    {finding}\n");
        }
        for line in lines {
            let number = format!("{} {}", line.customer_item_qualifier, line.customer_item);
            out += &format!("    line {} {}: ", line.line, number.trim());
            match &line.then {
                None => out += &format!("would be {}\n", words(&line.now)),
                Some(_) if !line.differs => out += &format!("{}, as it was\n", words(&line.now)),
                Some(then) => out += &format!("was {}; would be {}\n", words(then), words(&line.now)),
            }
        }
    }
    out
}

fn words(fate: &Fate) -> String {
    let mut out = fate.outcome.to_string();
    if !fate.item.is_empty() {
        out += &format!(" to {}", fate.item);
    }
    if !fate.via.is_empty() {
        out += &format!(" by {}", fate.via);
    }
    format!("{out}, {}", fate.state)
}
