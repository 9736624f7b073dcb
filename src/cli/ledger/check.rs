//! `ledger check`: everything that was ever posted, compared with what the ledger has of it, and every entry with what it said
//! when it was recorded.

use crate::cli::ledger::{catalog, refuse};
use crate::cli::xref::instant;
use crate::cli::{Format, Shell};
use crate::domain::catalog::Catalog;
use crate::domain::diagnostic::{Diagnostic, Location};
use crate::domain::rules::ledger::{LEDGER_ALTERED, LEDGER_UNSIGNED};
use crate::ledger::change::refused;
use crate::run::reconcile::{again, prove_document};
use crate::site::config;
use crate::site::folders::lock;
use crate::store::Transaction;
use anyhow::Result;
use serde_json::json;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct CheckArgs {
    /// Post once more what is missing, from the store; needs --reason.
    #[arg(long)]
    repair: bool,
    /// Who signs for the repair; your user name if you say nothing.
    #[arg(long, value_name = "NAME", requires = "repair")]
    by: Option<String>,
    /// Why, for the history.
    #[arg(long, value_name = "TEXT", default_value = "", requires = "repair")]
    reason: String,
    /// Change nothing; say what would be posted.
    #[arg(long, requires = "repair")]
    dry_run: bool,
    /// Wait for a run that is under way, instead of giving up.
    #[arg(long)]
    wait: bool,
}

/// What was compared, and what differs.
#[derive(Debug, Default)]
struct Checked {
    documents: u64,
    lines: u64,
    told: u64,
    /// Keys that were posted again.
    repaired: Vec<String>,
    /// Lines that differ; those of entries come after them.
    findings: Vec<Diagnostic>,
    differ: usize,
    entries: u64,
    altered: usize,
}

/// Exit code 1: something differs, or differed before it was repaired and still does.
pub(super) fn check(shell: &Shell, args: &CheckArgs) -> Result<u8> {
    let settings = config::load(&shell.site)?;
    if args.repair && args.reason.trim().is_empty() {
        return refuse(shell, &[*refused(&LEDGER_UNSIGNED, "check --repair", "")]);
    }
    let by = match &args.by {
        Some(by) => by.trim().to_owned(),
        None if args.repair => instant::user()?,
        None => String::new(),
    };
    anyhow::ensure!(!args.repair || !by.is_empty(), "sign with --by NAME: the name is empty");
    let mut held = if args.repair { Some(lock(&shell.site, args.wait)?) } else { None };
    if let Some(lock) = &mut held {
        lock.note("a repair of the ledger")?;
    }
    let mut store = shell.open_store()?;
    let mut work = if args.repair { store.begin()? } else { store.read()? };
    let catalog = catalog(&mut *work, settings.customer_item_types)?;
    let signed = args.repair.then_some((by.as_str(), args.reason.trim()));
    let mut checked = documents(&mut *work, &catalog, signed)?;
    entries(&mut *work, &mut checked)?;
    if args.repair && !args.dry_run {
        work.commit()?;
    }
    say(shell, args, &checked)?;
    Ok(u8::from(!checked.findings.is_empty()))
}

fn documents(work: &mut dyn Transaction, catalog: &Catalog, signed: Option<(&str, &str)>) -> Result<Checked> {
    let (now, today) = instant::now();
    let mut checked = Checked::default();
    for name in work.posted_documents()? {
        let Some(document) = work.posted_document(&name.source, &name.kind, &name.number)? else { continue };
        let mut proof = prove_document(work, &document, catalog, today)?;
        if let Some((by, reason)) = signed
            && proof.gaps().next().is_some()
        {
            for mut event in std::mem::take(&mut proof.events) {
                (event.by, event.reason) = (by.into(), reason.into());
                if work.add_customer_item_events("", std::slice::from_ref(&event), now)? > 0 {
                    checked.repaired.push(event.key.to_string());
                }
            }
            proof = prove_document(work, &document, catalog, today)?;
        }
        checked.documents += 1;
        checked.lines += proof.lines.len() as u64;
        checked.told += proof.lines.iter().filter(|line| !line.is_made() && line.is_told()).count() as u64;
        checked.findings.extend(proof.gaps().map(|line| proof.finding(line)));
    }
    checked.differ = checked.findings.len();
    Ok(checked)
}

/// Entries that are looked at in one go.
const BATCH: u32 = 10_000;

fn entries(work: &mut dyn Transaction, checked: &mut Checked) -> Result<()> {
    let mut after = 0;
    loop {
        let proven = work.prove_ledger_entries(after, BATCH)?;
        checked.entries += u64::from(proven.looked);
        checked.altered += proven.altered.len();
        checked.findings.extend(proven.altered.iter().map(|entry| {
            let words = again::words(entry);
            Diagnostic::new(&LEDGER_ALTERED, Location::default()).found(entry.key.as_str()).detail(words)
        }));
        if proven.last == 0 {
            return Ok(());
        }
        after = proven.last;
    }
}

fn say(shell: &Shell, args: &CheckArgs, checked: &Checked) -> Result<()> {
    let Checked { documents, lines, told, repaired, findings, differ, entries, altered } = checked;
    if shell.format == Format::Json {
        return shell.json(&json!({"documents": documents, "lines": lines, "told": told, "differ": differ,
            "entries": entries, "altered": altered, "dry_run": args.dry_run, "repaired_entries": repaired.len(),
            "repaired": repaired, "findings": findings}));
    }
    let mut out: String = findings.iter().map(|finding| format!("{finding}\n")).collect();
    if args.repair {
        let again = if args.dry_run { "would be posted again" } else { "posted again" };
        out += &format!("{} entries {again}\n", repaired.len());
        out += &repaired.iter().map(|key| format!("  {key}\n")).collect::<String>();
    }
    out += &format!(
        "{documents} documents, {lines} lines with customer items: {told} told otherwise, {differ} differ\n\
         {entries} entries: {altered} not as they were recorded\n"
    );
    shell.print(&out)
}
