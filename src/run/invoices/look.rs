//! What would become of the invoices that wait: judged as a release judges them, without a write that stays.

use crate::domain::diagnostic::{Diagnostic, Severity};
use crate::domain::invoice::{Invoice, InvoiceType};
use crate::domain::{Date, Decimal, Text};
use crate::run::invoices::judge::{Claim, Desk, Judged, Source, judge};
use crate::run::invoices::{billed_lines, held};
use crate::run::masters::index_for_a_look;
use crate::site::Site;
use crate::store::invoices::HeldInvoiceRow;
use crate::store::{Store, Transaction};
use anyhow::Result;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

/// What the next release makes of an invoice that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// Its 810 goes out.
    Sent,
    /// It is billed in ledger and facts; the partner gets no 810.
    Posted,
    /// A person decided that it is never billed.
    Dropped,
    /// It waits on.
    Held,
}

/// An invoice that waits, as a release would find it.
#[derive(Debug, Serialize)]
pub struct WaitingInvoice {
    pub invoice_number: Text,
    #[serde(rename = "type")]
    pub kind: InvoiceType,
    pub partner: Text,
    pub customer: Text,
    pub po_number: Text,
    /// Of the lines that could be billed; None where none could.
    pub total: Option<Decimal>,
    pub currency: Text,
    /// The run that held it first.
    pub since: Text,
    /// Its open exception.
    pub cause: Text,
    /// `release` or `drop`, where a person decided about this very posting.
    pub decision: Option<Text>,
    pub outcome: Fate,
    /// Everything that is found now: what holds it has the severity error.
    pub findings: Vec<Diagnostic>,
    /// Lines of it as posted, or of its order, that it is made of.
    pub lines: usize,
    /// What would be billed, of a held one as far as it could be.
    #[serde(skip)]
    pub invoice: Option<Invoice>,
    /// The order that it bills; empty where none is known.
    #[serde(skip)]
    pub order_id: Text,
}

impl WaitingInvoice {
    /// What holds it, or would.
    pub fn obstacles(&self) -> impl Iterator<Item = &Diagnostic> {
        self.findings.iter().filter(|found| found.severity == Severity::Error)
    }
}

/// Looks at one that waits, by what was decided about it. Nothing is written.
pub(crate) fn look(
    tx: &mut dyn Transaction,
    desk: &Desk<'_>,
    row: &HeldInvoiceRow,
) -> Result<WaitingInvoice> {
    let claim = Claim::of_row(row)?;
    let decision = claim.decision(tx)?;
    let judged = judge(tx, desk, &claim, decision.as_deref() == Some(held::RELEASE))?;
    Ok(waiting(row, &claim, decision, judged))
}

/// All of them in the order of a release, each by what the earlier ones would bill: that is in the transaction afterwards,
/// which is not to be committed.
pub(crate) fn preview(tx: &mut dyn Transaction, desk: &Desk<'_>) -> Result<Vec<WaitingInvoice>> {
    let mut looked = Vec::new();
    for row in tx.held_invoices_before("")? {
        let found = look(tx, desk, &row)?;
        let goes = matches!(found.outcome, Fate::Sent | Fate::Posted);
        if let Some(invoice) = found.invoice.as_ref().filter(|_| goes && !found.order_id.is_empty()) {
            tx.add_billed_lines(&found.order_id, &billed_lines(invoice))?;
        }
        looked.push(found);
    }
    Ok(looked)
}

/// Why a person's word could not let these invoices go, by their causes, with masters and profiles as their files are: what
/// a signature cannot help is told when it is given. Nothing is kept.
pub(crate) fn obstacles(
    (path, site): (&Path, &Site),
    store: &mut dyn Store,
    (date, now): (Date, i64),
    wanted: impl Fn(&HeldInvoiceRow) -> bool,
) -> Result<BTreeMap<Text, String>> {
    let mut tx = store.begin()?;
    let rows: Vec<HeldInvoiceRow> = tx.held_invoices_before("")?.into_iter().filter(wanted).collect();
    let mut found = BTreeMap::new();
    if rows.is_empty() {
        return Ok(found);
    }
    let index = index_for_a_look(tx.as_mut(), path, &site.settings, now)?;
    let desk = Desk {
        company: &site.settings.company,
        profiles: &site.partners,
        index: &index,
        date,
        time: &Text::default(),
    };
    for row in rows {
        let claim = Claim::of_row(&row)?;
        let judged = judge(tx.as_mut(), &desk, &claim, true)?;
        if judged.ready.is_some() {
            continue;
        }
        let why = waiting(&row, &claim, None, judged);
        let why: Vec<String> = why.obstacles().map(ToString::to_string).collect();
        found.insert(row.cause, why.join("; "));
    }
    Ok(found)
}

fn waiting(
    row: &HeldInvoiceRow,
    claim: &Claim,
    decision: Option<Text>,
    judged: Judged<'_>,
) -> WaitingInvoice {
    let outcome = match &judged.ready {
        _ if decision.as_deref() == Some(held::DROP) => Fate::Dropped,
        Some(ready) if ready.sends => Fate::Sent,
        Some(_) => Fate::Posted,
        None => Fate::Held,
    };
    let (po_number, lines) = match &claim.source {
        Source::Posted(posted) => {
            (posted.lines.first().map(|line| line.po_number.clone()), posted.lines.len())
        }
        Source::Order { lines, .. } => (None, lines.len()),
    };
    let (invoice, order_id) = match judged.ready {
        Some(ready) => (Some(ready.billed.invoice), ready.billed.order_id),
        None => (judged.stays, Text::default()),
    };
    let billed = invoice.as_ref();
    WaitingInvoice {
        invoice_number: claim.number.clone(),
        kind: claim.kind,
        partner: judged.profile.map_or_else(|| row.partner.clone(), |profile| profile.id().clone()),
        customer: judged.customer,
        po_number: billed.map(|billed| billed.po_number.clone()).or(po_number).unwrap_or_default(),
        total: billed.filter(|billed| !billed.lines.is_empty()).map(|billed| billed.total),
        currency: billed.map(|billed| billed.currency.clone()).unwrap_or_default(),
        since: row.run_id.clone(),
        cause: row.cause.clone(),
        decision,
        outcome,
        findings: judged.problems,
        lines,
        invoice,
        order_id,
    }
}
