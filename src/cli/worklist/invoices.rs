//! Decisions about invoices that wait: kept beside the posting that they are about, for the next release to act on.

use crate::cli::Shell;
use crate::cli::edited::EditedFile;
use crate::cli::worklist::judge::Decided;
use crate::domain::invoice::InvoiceType;
use crate::domain::{Date, Text};
use crate::run;
use crate::store::invoices::{HeldInvoiceRow, InvoiceDecision};
use crate::store::{CauseDecision, Micros, Store, Transaction};
use anyhow::{Context as _, Result};
use std::collections::{BTreeMap, BTreeSet};

/// What is open about an invoice.
const KIND: &str = "invoice";

/// Of the invoices that a file releases, those that cannot go out whoever signs, by their causes, with the reason.
pub(super) fn obstacles(
    shell: &Shell,
    file: &EditedFile,
    store: &mut dyn Store,
    (today, now): (Date, Micros),
) -> Result<BTreeMap<Text, String>> {
    let releases = file.rows.iter().filter(|row| file.cell(row, "decision").eq_ignore_ascii_case("release"));
    let causes: BTreeSet<&str> = releases.map(|row| file.cell(row, "cause")).collect();
    if causes.is_empty() {
        return Ok(BTreeMap::new());
    }
    let site = crate::site::load(&shell.site)?;
    run::obstacles((&shell.site, &site), store, (today, now), |row| causes.contains(row.cause.as_str()))
}

/// What is wrong with a decision about an invoice; nothing for one that stands already, also after it was acted on.
pub(super) fn problem(
    work: &mut dyn Transaction,
    cause: &str,
    drop: bool,
    obstacles: &BTreeMap<Text, String>,
) -> Result<Option<String>> {
    if find(work, cause)?.is_some() {
        let why = obstacles.get(cause).filter(|_| !drop);
        return Ok(why.map(|why| {
            format!("it cannot go out, whoever signs: {why}; have it posted corrected, or reject it")
        }));
    }
    if drop && work.is_open(KIND, cause)? {
        // nothing of it is kept: it was refused, or could not be read
        return Ok(None);
    }
    for (kind, number) in named(cause) {
        let last = work.invoice_decision(kind.code(), number)?;
        if last.is_some_and(|last| last.decision == word(drop)) {
            return Ok(None);
        }
    }
    if drop && work.cause_decision(cause)?.is_some_and(|last| last.decision == "reject") {
        return Ok(None);
    }
    Ok(Some("no invoice waits under the cause: it went out, was refused or was posted again".to_owned()))
}

/// Keeps the decision; false where it stands already.
pub(super) fn decide(work: &mut dyn Transaction, decided: &Decided, drop: bool, now: Micros) -> Result<bool> {
    let Some(HeldInvoiceRow { kind, invoice_number, source, .. }) = find(work, &decided.cause)? else {
        let Decided { cause, by, reason, .. } = decided;
        return if drop { end_open(work, cause, (by, reason), now) } else { Ok(false) };
    };
    let last = work.invoice_decision(&kind, &invoice_number)?;
    if last.is_some_and(|last| last.decision == word(drop) && last.source == source) {
        return Ok(false);
    }
    let row = InvoiceDecision {
        kind,
        invoice_number,
        decision: word(drop).into(),
        source,
        decided_by: decided.by.clone(),
        reason: decided.reason.clone(),
        recorded: now,
    };
    work.add_invoice_decision(&row).context("keep a decision of the worklist")?;
    Ok(true)
}

/// Ends what is open about an invoice of which nothing is kept: it was refused, or could not be read. Signed like any decision
/// about a cause; false where nothing is open.
pub(in crate::cli) fn end_open(
    work: &mut dyn Transaction,
    cause: &str,
    (by, reason): (&Text, &Text),
    now: Micros,
) -> Result<bool> {
    if !work.is_open(KIND, cause)? {
        return Ok(false);
    }
    work.add_cause_decision(&CauseDecision {
        cause: cause.into(),
        decision: "reject".into(),
        terms: "reject".into(),
        ignore_until: None,
        decided_by: by.clone(),
        reason: reason.clone(),
        recorded: now,
    })?;
    work.close_cause((KIND, cause), ("decision", "dropped"), now)?;
    Ok(true)
}

fn word(drop: bool) -> &'static str {
    if drop { "drop" } else { "release" }
}

/// The invoice that waits under a cause.
fn find(work: &mut dyn Transaction, cause: &str) -> Result<Option<HeldInvoiceRow>> {
    for (kind, number) in named(cause) {
        let row = work.held_invoice(kind.code(), number)?;
        if let Some(row) = row.filter(|row| row.cause == cause) {
            return Ok(Some(row));
        }
    }
    Ok(None)
}

/// What `invoice/CODE/NUMBER` may name: an invoice, or a credit where `CR` stands before the number.
fn named(cause: &str) -> Vec<(InvoiceType, &str)> {
    let Some(number) = cause.splitn(3, '/').nth(2) else { return Vec::new() };
    let credit = number.strip_prefix("CR ").map(|number| (InvoiceType::Credit, number));
    std::iter::once((InvoiceType::Debit, number)).chain(credit).collect()
}
