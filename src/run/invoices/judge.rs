//! What would be billed, looked at by the pre-flight as the masters, the profile and the order are now.

use crate::documents::in810;
use crate::domain::diagnostic::Diagnostic;
use crate::domain::invoice::{Invoice, InvoiceType, PostedInvoice};
use crate::domain::order::ItemNumber;
use crate::domain::partner::{Company, PartnerProfile};
use crate::domain::{Date, Text};
use crate::pipeline::bill::{
    self, BillContext, BillResult, Billed, BilledOrder, CustomerItemNumber, Verdict,
};
use crate::run::exceptions;
use crate::run::invoices::{content, orders_of};
use crate::run::night::Parts;
use crate::store::invoices::HeldInvoiceRow;
use crate::store::{InvoiceRow, OrderRow, Transaction, lines};
use crate::x12::writer::{OutboundEnvelope, WrittenSet};
use crate::xref::index::XrefIndex;
use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What invoices are judged by, beside the store.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Desk<'d> {
    pub company: &'d Company,
    pub profiles: &'d [PartnerProfile],
    pub index: &'d XrefIndex,
    /// The business date.
    pub date: Date,
    /// `HHMM`.
    pub time: &'d Text,
}

impl<'d> Desk<'d> {
    pub(super) fn of(parts: &Parts<'d>) -> Self {
        let Parts { settings, profiles, run, time, index, .. } = parts;
        Self { company: &settings.company, profiles, index, date: run.date, time }
    }
}

/// What an invoice is made of, as the store keeps it while it waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Source {
    /// As the ERP posted it, without its place in the file.
    Posted(Box<PostedInvoice>),
    /// These lines of an accepted order, for whoever sent it: ISA07, ISA08, GS03.
    Order { order_id: Text, lines: BTreeSet<u32>, receiver: [Text; 3] },
}

/// An invoice that asks to go out.
#[derive(Debug, Clone)]
pub(super) struct Claim {
    pub kind: InvoiceType,
    pub number: Text,
    pub source: Source,
}

impl Claim {
    pub(super) fn posted(posted: PostedInvoice) -> Self {
        let (kind, number) = (posted.kind, posted.invoice_number.clone());
        Self { kind, number, source: Source::Posted(Box::new(posted)) }
    }

    /// The source without what is no content: two claims with the same text are one posting.
    pub(super) fn text(&self) -> Result<String> {
        let source = match &self.source {
            Source::Posted(posted) => Source::Posted(Box::new(content(posted))),
            Source::Order { .. } => self.source.clone(),
        };
        Ok(serde_json::to_string(&source)?)
    }

    /// What waits in the store.
    pub(super) fn of_row(row: &HeldInvoiceRow) -> Result<Self> {
        let number = row.invoice_number.clone();
        let source: Source =
            serde_json::from_str(&row.source).with_context(|| format!("read invoice {number} that waits"))?;
        let kind =
            if row.kind == InvoiceType::Credit.code() { InvoiceType::Credit } else { InvoiceType::Debit };
        Ok(Self { kind, number, source })
    }

    /// What a person last decided about this very posting.
    pub(super) fn decision(&self, tx: &mut dyn Transaction) -> Result<Option<Text>> {
        let last = tx.invoice_decision(self.kind.code(), &self.number)?;
        let Some(last) = last else { return Ok(None) };
        Ok((last.source == self.text()?).then_some(last.decision))
    }

    pub(super) fn into_posted(self) -> Option<PostedInvoice> {
        match self.source {
            Source::Posted(posted) => Some(*posted),
            Source::Order { .. } => None,
        }
    }
}

/// What the pre-flight came to.
#[derive(Debug)]
pub(super) struct Judged<'d> {
    /// None where nobody is known to bill.
    pub profile: Option<&'d PartnerProfile>,
    pub customer: Text,
    /// Everything that was found, with the severity that the profile gives it.
    pub problems: Vec<Diagnostic>,
    /// There if it may go out.
    pub ready: Option<Ready>,
    /// Where it may not: what of it could be billed.
    pub stays: Option<Invoice>,
    pub verdict: Verdict,
    /// A person let it go.
    pub released: bool,
    /// The 810 could not be written.
    pub unsayable: bool,
}

/// An invoice that may go out.
#[derive(Debug)]
pub(super) struct Ready {
    pub billed: BillResult,
    /// Whether an 810 of it goes to the partner.
    pub sends: bool,
    pub set: Option<WrittenSet>,
}

/// Judges a claim from the beginning. Nothing is written.
pub(super) fn judge<'d>(
    tx: &mut dyn Transaction,
    desk: &Desk<'d>,
    claim: &Claim,
    released: bool,
) -> Result<Judged<'d>> {
    match &claim.source {
        Source::Posted(posted) => match tx.invoice(claim.kind.code(), &claim.number)? {
            Some(first) => number_used(tx, desk, posted, &first),
            None => judge_posted(tx, desk, posted, released),
        },
        Source::Order { order_id, receiver, .. } => {
            let row = tx.order(order_id)?;
            let row = row.with_context(|| format!("order {order_id} of invoice {} is gone", claim.number))?;
            let Some(profile) = desk.profiles.iter().find(|profile| *profile.id() == row.partner) else {
                return Ok(nobody(&row.customer, exceptions::nobody_to_bill(&row.customer, 0)));
            };
            let mut envelope = OutboundEnvelope::new(desk.company, profile, desk.date, desk.time, None);
            let [qualifier, id, application] = receiver.clone();
            (envelope.receiver_qualifier, envelope.receiver) = (qualifier, id);
            envelope.application_receiver = application;
            let order = billed_order(tx, &row)?;
            judge_order(desk, (profile, &envelope), claim, &order, released)
        }
    }
}

/// Another invoice has the number: whatever else there is to say of it, this one never goes out under it.
fn number_used<'d>(
    tx: &mut dyn Transaction,
    desk: &Desk<'d>,
    posted: &PostedInvoice,
    first: &InvoiceRow,
) -> Result<Judged<'d>> {
    let judged = judge_posted(tx, desk, posted, false)?;
    let profile = desk.profiles.iter().find(|profile| *profile.id() == first.partner);
    let preflight = profile.map(|profile| profile.invoices.preflight.clone()).unwrap_or_default();
    let mut problems = vec![exceptions::invoice_number_reused(posted, &first.run_id)];
    let verdict = bill::judge(&mut problems, &preflight, false);
    Ok(Judged {
        profile: profile.or(judged.profile),
        customer: posted.customer.clone(),
        problems,
        stays: judged.stays.or(judged.ready.map(|ready| ready.billed.invoice)),
        ready: None,
        // whatever the profile says: one number never names two invoices
        verdict: verdict.max(Verdict::Hold),
        released: false,
        unsayable: false,
    })
}

fn judge_posted<'d>(
    tx: &mut dyn Transaction,
    desk: &Desk<'d>,
    posted: &PostedInvoice,
    released: bool,
) -> Result<Judged<'d>> {
    let rows = orders_of(tx, posted)?;
    let mut orders = Vec::with_capacity(rows.len());
    for row in &rows {
        orders.push(billed_order(tx, row)?);
    }
    let partner = rows.first().map(|row| &row.partner);
    let profile = desk.profiles.iter().find(|profile| match partner {
        Some(partner) => profile.id() == partner,
        None => profile.partner.customer == posted.customer,
    });
    let Some(profile) = profile else {
        let row = posted.lines.first().map_or(0, |line| line.row);
        return Ok(nobody(&posted.customer, exceptions::nobody_to_bill(&posted.customer, row)));
    };
    let date = posted.invoice_date.unwrap_or(desk.date);
    let envelope = OutboundEnvelope::new(desk.company, profile, desk.date, desk.time, None);
    let lenient = released || !sends(profile, &envelope);
    let (billed, problems) =
        with_context(desk, profile, date, lenient, |context| bill::bill_posted(posted, &orders, context));
    Ok(written((profile, &envelope), &posted.customer, (Some(billed), problems), released))
}

/// Judges the part of an order that a claim is for.
pub(super) fn judge_order<'d>(
    desk: &Desk<'_>,
    (profile, envelope): (&'d PartnerProfile, &OutboundEnvelope),
    claim: &Claim,
    order: &BilledOrder,
    released: bool,
) -> Result<Judged<'d>> {
    let Source::Order { lines, .. } = &claim.source else {
        anyhow::bail!("invoice {} is not made from an order", claim.number)
    };
    let date = desk.date;
    let lenient = released || !sends(profile, envelope);
    let found = with_context(desk, profile, date, lenient, |context| {
        bill::bill_order(order, lines, &claim.number, date, context)
    });
    Ok(written((profile, envelope), &order.order.customer, found, released))
}

/// Writes the 810 of what may go out: what it lacks is a finding of the pre-flight too.
fn written<'d>(
    (profile, envelope): (&'d PartnerProfile, &OutboundEnvelope),
    customer: &Text,
    (billed, mut problems): (Option<BillResult>, Vec<Diagnostic>),
    released: bool,
) -> Judged<'d> {
    let mut judged = Judged {
        profile: Some(profile),
        customer: customer.clone(),
        problems: Vec::new(),
        ready: None,
        stays: None,
        verdict: billed.as_ref().map_or(Verdict::Hold, |billed| billed.verdict),
        released: false,
        unsayable: false,
    };
    let sends = sends(profile, envelope);
    let mut set = None;
    if let Some(billed) = billed.as_ref().filter(|billed| sends && billed.verdict == Verdict::Send) {
        let (written, more) = in810::write(&billed.invoice, profile, envelope);
        problems.extend(more);
        let misaddressed = envelope.problems();
        problems.extend(misaddressed.iter().cloned());
        judged.verdict = bill::judge(&mut problems, &profile.invoices.preflight, released);
        judged.unsayable = written.is_none() || !misaddressed.is_empty();
        set = written;
    }
    judged.problems = problems;
    judged.released = released && judged.verdict == Verdict::Send;
    if judged.verdict == Verdict::Send {
        judged.ready = billed.map(|billed| Ready { billed, sends, set });
    } else {
        judged.stays = billed.map(|billed| billed.invoice);
    }
    judged
}

/// Whether an 810 goes to the partner. Where none does nobody can deduct anything, and the ledger need not wait.
fn sends(profile: &PartnerProfile, envelope: &OutboundEnvelope) -> bool {
    profile.invoices.send && !matches!(envelope.receiver.as_str(), "" | "*")
}

fn nobody<'d>(customer: &Text, why: Diagnostic) -> Judged<'d> {
    Judged {
        profile: None,
        customer: customer.clone(),
        problems: vec![why],
        ready: None,
        stays: None,
        verdict: Verdict::Hold,
        released: false,
        unsayable: false,
    }
}

/// An order with what earlier invoices billed of it.
fn billed_order(tx: &mut dyn Transaction, row: &OrderRow) -> Result<BilledOrder> {
    let billed = billed_before(tx, &row.order_id)?;
    Ok(BilledOrder { order_id: row.order_id.clone(), order: lines::order_from_row(row)?, billed })
}

/// What earlier invoices and credits billed of an order's lines.
pub(super) fn billed_before(tx: &mut dyn Transaction, order_id: &Text) -> Result<BTreeMap<u32, Billed>> {
    let mut billed: BTreeMap<u32, Billed> = BTreeMap::new();
    for line in tx.billed_lines(order_id)? {
        let so_far = billed.entry(line.line).or_default();
        let sum =
            if line.kind == InvoiceType::Credit.code() { &mut so_far.credit } else { &mut so_far.debit };
        *sum = sum.saturating_add(line.quantity);
    }
    Ok(billed)
}

fn with_context<T>(
    desk: &Desk<'_>,
    profile: &PartnerProfile,
    date: Date,
    released: bool,
    bill: impl FnOnce(&BillContext<'_>) -> T,
) -> T {
    let index = desk.index;
    let customer_item =
        |customer: &str, ship_to: &str, item: &str| number_of(index, (customer, ship_to, item), date);
    bill(&BillContext {
        company: desk.company,
        profile,
        catalog: index.catalog(),
        customer_item: &customer_item,
        today: desk.date,
        released,
    })
}

/// The Customer Item# of the cross-reference, and the row that has it.
pub(super) fn number_of(
    index: &XrefIndex,
    (customer, ship_to, item): (&str, &str, &str),
    date: Date,
) -> Option<CustomerItemNumber> {
    let (value, qualifier, xref_id) = index.customer_number_of(customer, ship_to, item, date)?;
    Some(CustomerItemNumber {
        number: ItemNumber { qualifier: qualifier.into(), value: value.into() },
        xref_id,
    })
}
