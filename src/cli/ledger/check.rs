//! `ledger check`: everything that was ever posted, compared with what the ledger has of it.

use crate::cli::ledger::catalog;
use crate::cli::xref::instant;
use crate::cli::{Format, Shell};
use crate::run::reconcile::prove_document;
use crate::site::config;
use crate::site::folders::lock;
use anyhow::Result;
use serde_json::json;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct CheckArgs {
    /// Post once more what is missing, from the store.
    #[arg(long)]
    repair: bool,
    /// Wait for a run that is under way, instead of giving up.
    #[arg(long)]
    wait: bool,
}

/// Exit code 1: something differs, or differed before it was repaired and still does.
pub(super) fn check(shell: &Shell, args: &CheckArgs) -> Result<u8> {
    let settings = config::load(&shell.site)?;
    let mut held = if args.repair { Some(lock(&shell.site, args.wait)?) } else { None };
    if let Some(lock) = &mut held {
        lock.note("a repair of the ledger")?;
    }
    let mut store = shell.open_store()?;
    let mut work = if args.repair { store.begin()? } else { store.read()? };
    let catalog = catalog(&mut *work, settings.customer_item_types)?;
    let (now, today) = instant::now();
    let (mut documents, mut lines, mut told, mut added) = (0u64, 0u64, 0u64, 0u64);
    let mut findings = Vec::new();
    for name in work.posted_documents()? {
        let Some(document) = work.posted_document(&name.source, &name.kind, &name.number)? else { continue };
        let mut proof = prove_document(&mut *work, &document, &catalog, today)?;
        if args.repair && proof.gaps().next().is_some() {
            added += u64::from(work.add_customer_item_events("", &proof.events, now)?);
            proof = prove_document(&mut *work, &document, &catalog, today)?;
        }
        documents += 1;
        lines += proof.lines.len() as u64;
        told += proof.lines.iter().filter(|line| !line.is_made() && line.is_told()).count() as u64;
        findings.extend(proof.gaps().map(|line| proof.finding(line)));
    }
    work.commit()?;
    let differ = findings.len();
    match shell.format {
        Format::Json => shell
            .json(&json!({"documents": documents, "lines": lines, "told": told, "differ": differ,
            "repaired_entries": added, "findings": findings}))?,
        Format::Text => {
            let mut out: String = findings.iter().map(|finding| format!("{finding}\n")).collect();
            if args.repair {
                out += &format!("{added} entries posted again\n");
            }
            out += &format!(
                "{documents} documents, {lines} lines with customer items: {told} told otherwise, {differ} differ\n"
            );
            shell.print(&out)?;
        }
    }
    Ok(u8::from(differ > 0))
}
