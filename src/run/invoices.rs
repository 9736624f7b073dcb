//! The invoices stage: what the ERP posted goes out as 810, into the ledger and into the facts.

use crate::documents::{in810, posted_invoice};
use crate::domain::Text;
use crate::domain::diagnostic::Diagnostic;
use crate::domain::invoice::{Invoice, PostedInvoice};
use crate::domain::money;
use crate::domain::partner::PartnerProfile;
use crate::domain::resolution::{DecidedOrder, LineState};
use crate::ledger::post::post_invoice;
use crate::pipeline::bill::{self, BillContext, BillResult, BilledOrder, CustomerItemNumber};
use crate::run::counts::tick;
use crate::run::exceptions;
use crate::run::night::{Night, Parts, Stage};
use crate::run::source::Source;
use crate::run::unit::Unit;
use crate::site::folders::ClaimedFile;
use crate::store::{InvoiceRow, OrderRow, ReceiptRow, lines};
use crate::x12::writer::{OutboundEnvelope, WrittenSet};
use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Invoice numbers of our own count to here, then begin again.
const NUMBER_MAX: u32 = 999_999_999;

/// What the store keeps of an invoice: what the ERP posted, so that a second posting can be compared, and what was billed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StoredInvoice {
    /// None for an invoice made from an accepted order.
    pub posted: Option<PostedInvoice>,
    pub invoice: Invoice,
    /// What was noticed and did not stop the invoice, as one line each.
    #[serde(default)]
    pub findings: Vec<String>,
}

/// Takes one unit's files through to the commit.
pub(crate) fn take_unit(night: &mut Night<'_>, claimed: &[ClaimedFile]) -> Result<()> {
    let Parts { store, settings, profiles, folders, run, time, index } = night.parts()?;
    let mut unit = Unit::begin(store.begin()?, settings, folders, run, Stage::Invoices, index)?;
    let mut receipts = Vec::new();
    for file in claimed {
        receipts.push(take_file(&mut unit, profiles, time, file)?);
    }
    let counts = unit.commit(&receipts)?;
    night.finish_unit(&counts)
}

fn take_file(
    unit: &mut Unit<'_>,
    profiles: &[PartnerProfile],
    time: &Text,
    file: &ClaimedFile,
) -> Result<ReceiptRow> {
    let source = Source::open(&unit.folders.path(&file.work_path)?)?;
    let digest = source.digest(0, source.length)?;
    let mut receipt = unit.receipt(file, &digest, source.length)?;
    if unit.knows(&digest)? {
        receipt.state = "duplicate".into();
        return Ok(receipt);
    }
    let bytes = source.read(0, source.length)?;
    let (read, problems) = posted_invoice::read(&bytes);
    if read.invoices.is_empty() && read.rejected.is_empty() && !problems.is_empty() {
        unit.quarantine(&file.relative, &bytes, &problems, "")?;
        unit.add_exception(exceptions::input(&file.relative, &problems, ""))?;
        receipt.state = "quarantined".into();
        return Ok(receipt);
    }
    for rejected in &read.rejected {
        tick(&mut unit.counts.invoices, "rejected");
        let row = exceptions::document("invoice", &rejected.invoice_number, "", "", &rejected.diagnostics);
        unit.add_exception(row)?;
    }
    receipt.state = if read.rejected.is_empty() { "processed" } else { "partial" }.into();
    let mut outgoing: BTreeMap<Text, Vec<WrittenSet>> = BTreeMap::new();
    for posted in read.invoices {
        if let Some((partner, set)) = take_posted(unit, profiles, time, posted)? {
            outgoing.entry(partner).or_default().push(set);
        }
    }
    for (partner, sets) in outgoing {
        let profile =
            profiles.iter().find(|profile| *profile.id() == partner).context("the partner was just found")?;
        let envelope = OutboundEnvelope::new(&unit.settings.company, profile, unit.run.date, time, None);
        unit.send(profile, &envelope, "810", &sets)?;
    }
    unit.remember(&receipt);
    Ok(receipt)
}

/// One posted invoice; what goes out of it, and to whom.
fn take_posted(
    unit: &mut Unit<'_>,
    profiles: &[PartnerProfile],
    time: &Text,
    posted: PostedInvoice,
) -> Result<Option<(Text, WrittenSet)>> {
    if let Some(first) = unit.tx.invoice(posted.kind.code(), &posted.invoice_number)? {
        take_again(unit, &posted, &first)?;
        return Ok(None);
    }
    let rows = orders_of(unit, &posted)?;
    let orders: Result<Vec<BilledOrder>> = rows
        .iter()
        .map(|row| Ok(BilledOrder { order_id: row.order_id.clone(), order: lines::order_from_row(row)? }))
        .collect();
    let orders = orders?;
    let partner = rows.first().map(|row| &row.partner);
    let profile = profiles.iter().find(|profile| match partner {
        Some(partner) => profile.id() == partner,
        None => profile.partner.customer == posted.customer,
    });
    let Some(profile) = profile else {
        let why = [exceptions::nobody_to_bill(&posted)];
        tick(&mut unit.counts.invoices, "held");
        unit.add_exception(exceptions::document(
            "invoice",
            &posted.invoice_number,
            "",
            &posted.customer,
            &why,
        ))?;
        return Ok(None);
    };
    let index = unit.index;
    let date = posted.invoice_date.unwrap_or(unit.run.date);
    let customer_item = |customer: &str, ship_to: &str, item: &str| {
        let (value, qualifier, xref_id) = index.customer_number_of(customer, ship_to, item, date)?;
        Some(CustomerItemNumber {
            number: crate::domain::order::ItemNumber { qualifier: qualifier.into(), value: value.into() },
            xref_id,
        })
    };
    let company = &unit.settings.company;
    let context = BillContext { company, profile, catalog: index.catalog(), customer_item: &customer_item };
    let (billed, problems) = bill::bill_posted(&posted, &orders, &context);
    if billed.held {
        tick(&mut unit.counts.invoices, "held");
        let row = exceptions::document(
            "invoice",
            &posted.invoice_number,
            profile.id(),
            &posted.customer,
            &problems,
        );
        unit.add_exception(row)?;
        return Ok(None);
    }
    let envelope = OutboundEnvelope::new(company, profile, unit.run.date, time, None);
    let set = finish(unit, profile, &envelope, billed, Some(posted), problems)?;
    Ok(set.map(|set| (profile.id().clone(), set)))
}

/// The orders that the lines of a posted invoice may mean: by our order id, else by customer and PO number.
fn orders_of(unit: &mut Unit<'_>, posted: &PostedInvoice) -> Result<Vec<OrderRow>> {
    let mut rows: Vec<OrderRow> = Vec::new();
    for line in &posted.lines {
        let found = if line.order_id.is_empty() {
            unit.tx.orders_with_po(Some(&posted.customer), &line.po_number)?
        } else {
            unit.tx.order(&line.order_id)?.into_iter().collect()
        };
        for row in found {
            if rows.iter().all(|known| known.order_id != row.order_id) {
                rows.push(row);
            }
        }
    }
    Ok(rows)
}

/// The number was used before: the same again is passed over, another invoice under it waits for a person.
fn take_again(unit: &mut Unit<'_>, posted: &PostedInvoice, first: &InvoiceRow) -> Result<()> {
    let stored: StoredInvoice = serde_json::from_str(&first.document)
        .with_context(|| format!("read invoice {} of the store", first.invoice_number))?;
    let same = stored.posted.as_ref().is_some_and(|first| content(first) == content(posted));
    if same {
        tick(&mut unit.counts.invoices, "duplicate");
        return Ok(());
    }
    tick(&mut unit.counts.invoices, "held");
    let why = [exceptions::invoice_number_reused(posted, &first.run_id)];
    let row = exceptions::document("invoice", &posted.invoice_number, &first.partner, &posted.customer, &why);
    unit.add_exception(row)
}

/// The place in the file is no content.
fn content(posted: &PostedInvoice) -> PostedInvoice {
    let mut posted = posted.clone();
    for line in &mut posted.lines {
        (line.row, line.offset) = (0, 0);
    }
    posted
}

/// For a partner whose ERP posts nothing: the accepted lines of an order, billed as ordered in the same run.
pub(crate) fn bill_as_ordered(
    unit: &mut Unit<'_>,
    profile: &PartnerProfile,
    envelope: &OutboundEnvelope,
    order_id: &Text,
    order: &DecidedOrder,
) -> Result<Option<WrittenSet>> {
    let waits = order.lines.iter().any(|line| line.state == LineState::Held);
    let accepted = order.lines.iter().any(|line| line.state == LineState::Ordered);
    if !accepted {
        return Ok(None);
    }
    tracing::debug!(%order_id, waits, "billed as ordered");
    let number = unit.tx.take_numbers("invoice", 1, NUMBER_MAX)?;
    let number = format!("{}{number:06}", profile.invoices.number_prefix);
    let billed_order = BilledOrder { order_id: order_id.clone(), order: order.clone() };
    let nothing = |_: &str, _: &str, _: &str| None;
    let company = &unit.settings.company;
    let context = BillContext { company, profile, catalog: unit.index.catalog(), customer_item: &nothing };
    let (billed, problems) = bill::bill_order(&billed_order, &number, unit.run.date, &context);
    let Some(billed) = billed.filter(|billed| !billed.held) else {
        tick(&mut unit.counts.invoices, "held");
        unit.add_exception(exceptions::document(
            "invoice",
            &number,
            profile.id(),
            &order.customer,
            &problems,
        ))?;
        return Ok(None);
    };
    finish(unit, profile, envelope, billed, None, problems)
}

/// Writes the 810, and puts the invoice into the store, the ledger and the facts. An 810 that cannot be written holds it all.
fn finish(
    unit: &mut Unit<'_>,
    profile: &PartnerProfile,
    envelope: &OutboundEnvelope,
    billed: BillResult,
    posted: Option<PostedInvoice>,
    mut problems: Vec<Diagnostic>,
) -> Result<Option<WrittenSet>> {
    let BillResult { invoice, order_id, .. } = billed;
    let sends = profile.invoices.send && !profile.partner.interchange_id.is_empty();
    let mut set = None;
    if sends {
        let (written, more) = in810::write(&invoice, profile, envelope);
        problems.extend(more);
        if written.is_none() {
            tick(&mut unit.counts.invoices, "refused");
            let row = exceptions::document(
                "invoice",
                &invoice.invoice_number,
                profile.id(),
                &invoice.customer,
                &problems,
            );
            unit.add_exception(row)?;
            return Ok(None);
        }
        set = written;
    }
    let state = if sends { "sent" } else { "posted" };
    tick(&mut unit.counts.invoices, state);
    let findings = problems.iter().map(ToString::to_string).collect();
    post(unit, &invoice)?;
    unit.add_invoice_facts(bill::facts(&invoice, profile, &unit.run.run_id, unit.run.date));
    unit.tx.add_invoice(&InvoiceRow {
        invoice_number: invoice.invoice_number.clone(),
        kind: invoice.kind.code().into(),
        run_id: unit.run.run_id.clone(),
        partner: invoice.partner.clone(),
        customer: invoice.customer.clone(),
        po_number: invoice.po_number.clone(),
        order_id,
        invoice_date: invoice.invoice_date,
        total_micro: money::to_micros(invoice.total).context("an invoice's total was checked to fit")?,
        state: state.into(),
        document: serde_json::to_string(&StoredInvoice { posted, invoice, findings })?,
    })?;
    Ok(set)
}

/// The ledger's side of an invoice; what the ledger could not keep waits for a person, and the invoice goes out all the same.
fn post(unit: &mut Unit<'_>, invoice: &Invoice) -> Result<()> {
    let (events, problems) = post_invoice(invoice, unit.index.catalog(), unit.run.date);
    let added = unit.tx.add_customer_item_events(&unit.run.run_id, &events, unit.run.started)?;
    unit.counts.customer_items_added += u64::from(added);
    if problems.is_empty() {
        return Ok(());
    }
    let row = exceptions::document(
        "ledger",
        &invoice.invoice_number,
        &invoice.partner,
        &invoice.customer,
        &problems,
    );
    unit.add_exception(row)
}
