//! The command line: what was typed, one file a command, results on standard output, everything else on standard error.

mod check;
mod demo;
mod edited;
mod explain;
mod init;
mod ledger;
mod log;
mod outbox;
mod problems;
mod release;
pub mod render;
mod replay;
mod report;
mod run;
mod show;
mod status;
mod store;
mod verify;
mod worklist;
mod xref;

use crate::domain::steers_text;
use crate::site::config::{self, StoreLocation};
use crate::store::Store;
use anyhow::Result;
use clap::{Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

/// Customer purchase orders in, internal orders, acknowledgments and invoices out.
///
/// Every night: takes purchase orders (X12 850, CSV) out of a site's drop folders, maps the customer's item numbers to
/// your own, hands internal orders to the ERP, answers with 997 and 855, bills with 810, keeps the customer-items ledger
/// and writes facts for reports.
#[derive(Debug, Parser)]
#[command(name = "itembridge", version, max_term_width = 110)]
#[command(
    after_help = "Exit codes of run: 0 nothing waits for a person, 1 something waits (held, rejected, quarantined), \
2 could not run.\nExit codes of check: 0 clean, 1 findings, 2 unreadable."
)]
struct Args {
    /// The site's folder.
    #[arg(long, global = true, value_name = "DIR", default_value = ".")]
    site: PathBuf,
    /// The store, instead of the one that itembridge.toml names: sqlite:PATH, relative to the site.
    #[arg(long, global = true, value_name = "URL")]
    #[arg(value_parser = StoreLocation::parse)]
    store: Option<StoreLocation>,
    /// More about what happens, on standard error; twice for everything.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
    /// Nothing but errors on standard error.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// How log lines are written, on standard error: text, or one JSON object a line; `ITEMBRIDGE_LOG_FORMAT` if you say nothing.
    #[arg(long, global = true, value_enum, value_name = "FORM")]
    log_format: Option<log::Form>,
    /// How results are written.
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lay out the sample site and run its night.
    Demo(demo::DemoArgs),
    /// Make a new site, commented, with one example partner.
    Init(init::InitArgs),
    /// The nightly batch: masters, orders, acknowledgments, invoices, ledger, reports.
    Run(run::RunArgs),
    /// Send on what was held and can go now, as every run does after its masters.
    Release(release::ReleaseArgs),
    /// Read X12 or CSV files without a site and say what is wrong with them.
    Check(check::CheckArgs),
    /// Why the lines of an order resolved as they did.
    Explain(explain::ExplainArgs),
    /// One purchase order with both item numbers.
    #[command(subcommand)]
    Order(show::OrderCommand),
    /// One invoice with both item numbers.
    #[command(subcommand)]
    Invoice(show::InvoiceCommand),
    /// The customer-items ledger.
    #[command(subcommand)]
    Ledger(ledger::LedgerCommand),
    /// What went to partners and what they say of it; the same document again.
    #[command(subcommand)]
    Outbox(outbox::OutboxCommand),
    /// What a past input would give under another day's cross-reference; writes nothing.
    Replay(replay::ReplayArgs),
    /// Reports over what happened.
    #[command(subcommand)]
    Report(report::ReportCommand),
    /// The last runs, what waits for a person, what partners rejected or did not acknowledge, who has gone quiet.
    Status(status::StatusArgs),
    /// The database itself.
    #[command(subcommand)]
    Store(store::StoreCommand),
    /// Prove again, from archive, store, facts and outputs, that every line in is accounted for; exit code 1: findings.
    Verify(verify::VerifyArgs),
    /// The cross-reference: import, export, look up, history, check, suggest.
    #[command(subcommand)]
    Xref(xref::XrefCommand),
    /// What waits for a person, one row a root cause: out as CSV, and the decisions back in.
    #[command(subcommand)]
    Worklist(worklist::WorklistCommand),
}

/// What all commands share, checked.
struct Shell {
    site: PathBuf,
    store: Option<StoreLocation>,
    format: Format,
    quiet: bool,
}

impl Shell {
    /// The store of the site, by its configuration or by `--store`.
    fn open_store(&self) -> Result<Box<dyn Store>> {
        let mut settings = config::load(&self.site)?;
        if let Some(location) = &self.store {
            settings.store = location.clone();
        }
        crate::run::open_store(&self.site, &settings)
    }

    /// Results, and nothing else, go to standard output. A reader that went away is no error.
    fn print(&self, text: &str) -> Result<()> {
        self.bytes(harmless(text).as_bytes())
    }

    /// Like [`Shell::print`], in colours where somebody looks at a terminal and does not refuse them.
    fn print_findings(&self, text: &str) -> Result<()> {
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        if refused || !std::io::IsTerminal::is_terminal(&std::io::stdout()) {
            return self.print(text);
        }
        self.bytes(render::coloured(&harmless(text)).as_bytes())
    }

    #[expect(clippy::unused_self, reason = "whoever may write results has the shell")]
    fn bytes(&self, bytes: &[u8]) -> Result<()> {
        let mut out = std::io::stdout().lock();
        match out.write_all(bytes).and_then(|()| out.flush()) {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
            _ => Ok(()),
        }
    }

    fn json(&self, value: &impl serde::Serialize) -> Result<()> {
        // JSON escapes what steers a terminal but for the controls above ASCII; marks that turn text stay, they are data
        let text = serde_json::to_string_pretty(value)? + "\n";
        let plain = |c: char| if c.is_control() && c != '\n' { ' ' } else { c };
        self.bytes(text.chars().map(plain).collect::<String>().as_bytes())
    }
}

/// The program: its arguments are the process's.
pub fn main() -> ExitCode {
    ExitCode::from(execute(std::env::args_os()))
}

/// A stranger's text cannot steer the terminal.
fn harmless(text: &str) -> String {
    let harmless = |c: char| if (c.is_control() && c != '\n') || steers_text(c) { ' ' } else { c };
    text.chars().map(harmless).collect()
}

/// Parses the arguments, the program's name first, runs the command, turns its result into an exit code. What is no command ends
/// the process.
pub fn execute(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let args = Args::parse_from(arguments);
    let log = log::begin(args.verbose, args.quiet, args.log_format);
    let shell = Shell { site: args.site, store: args.store, format: args.format, quiet: args.quiet };
    match dispatch(&shell, &args.command) {
        Ok(code) => code,
        Err(error) => {
            log.last_word(&error);
            2
        }
    }
}

fn dispatch(shell: &Shell, command: &Command) -> Result<u8> {
    match command {
        Command::Demo(args) => demo::demo(shell, args),
        Command::Init(args) => init::init(shell, args),
        Command::Run(args) => run::run(shell, args),
        Command::Release(args) => release::release(shell, args),
        Command::Check(args) => check::check(shell, args),
        Command::Explain(args) => explain::explain(shell, args),
        Command::Order(command) => show::order(shell, command),
        Command::Invoice(command) => show::invoice(shell, command),
        Command::Ledger(command) => ledger::ledger(shell, command),
        Command::Replay(args) => replay::replay(shell, args),
        Command::Report(command) => report::report(shell, command),
        Command::Outbox(command) => outbox::outbox(shell, command),
        Command::Status(args) => status::status(shell, args),
        Command::Store(command) => store::store(shell, command),
        Command::Verify(args) => verify::verify(shell, args),
        Command::Xref(command) => xref::xref(shell, command),
        Command::Worklist(command) => worklist::worklist(shell, command),
    }
}
