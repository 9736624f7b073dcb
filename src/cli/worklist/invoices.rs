//! Decisions about invoices that wait: kept beside the posting that they are about, for the next release to act on.

use crate::cli::worklist::judge::Decided;
use crate::domain::invoice::InvoiceType;
use crate::store::invoices::{HeldInvoiceRow, InvoiceDecision};
use crate::store::{Micros, Transaction};
use anyhow::{Context as _, Result};

/// What is wrong with a decision about an invoice; nothing for one that stands already, also after it was acted on.
pub(super) fn problem(work: &mut dyn Transaction, cause: &str, drop: bool) -> Result<Option<String>> {
    if find(work, cause)?.is_some() {
        return Ok(None);
    }
    for (kind, number) in named(cause) {
        let last = work.invoice_decision(kind.code(), number)?;
        if last.is_some_and(|last| last.decision == word(drop)) {
            return Ok(None);
        }
    }
    Ok(Some("no invoice waits under the cause: it went out, was refused or was posted again".to_owned()))
}

/// Keeps the decision; false where it stands already.
pub(super) fn decide(work: &mut dyn Transaction, decided: &Decided, drop: bool, now: Micros) -> Result<bool> {
    let Some(HeldInvoiceRow { kind, invoice_number, source, .. }) = find(work, &decided.cause)? else {
        return Ok(false);
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
