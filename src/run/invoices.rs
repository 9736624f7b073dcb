//! The invoices stage: what the ERP posted goes out as 810, into the ledger and into the facts.

use crate::documents::{in810, posted_invoice};
use crate::domain::diagnostic::Diagnostic;
use crate::domain::invoice::{Invoice, InvoiceType, PostedInvoice};
use crate::domain::money;
use crate::domain::order::ItemNumber;
use crate::domain::partner::PartnerProfile;
use crate::domain::resolution::{DecidedOrder, LineState};
use crate::domain::{Date, Text};
use crate::ledger::post::{invoice_key, masters_mend, post_invoice};
use crate::pipeline::bill::{self, BillContext, BillResult, BilledOrder, CustomerItemNumber};
use crate::run::counts::tick;
use crate::run::exceptions;
use crate::run::night::{Night, Parts, Stage};
use crate::run::source::Source;
use crate::run::unit::Unit;
use crate::site::folders::ClaimedFile;
use crate::store::{ExceptionRow, InvoiceRow, OrderRow, ReceiptRow, lines};
use crate::x12::writer::{OutboundEnvelope, WrittenSet};
use crate::xref::index::XrefIndex;
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
    /// The ledger lacks something of it that a change of the masters mends: posted again, it is looked at again.
    #[serde(default)]
    pub ledger_waits: bool,
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
    let mut waits = !read.rejected.is_empty();
    let mut outgoing: BTreeMap<Text, Vec<WrittenSet>> = BTreeMap::new();
    for posted in read.invoices {
        let taken = take_posted(unit, profiles, time, posted)?;
        waits |= taken.waits;
        if let Some((partner, set)) = taken.sent {
            outgoing.entry(partner).or_default().push(set);
        }
    }
    // not `processed`: the same bytes may come again once what held a part of them is mended
    receipt.state = if waits { "partial" } else { "processed" }.into();
    for (partner, sets) in outgoing {
        let profile =
            profiles.iter().find(|profile| *profile.id() == partner).context("the partner was just found")?;
        let envelope = OutboundEnvelope::new(&unit.settings.company, profile, unit.run.date, time, None);
        unit.send(profile, &envelope, "810", &sets)?;
    }
    unit.remember(&receipt);
    Ok(receipt)
}

/// What became of an invoice.
#[derive(Default)]
struct Taken {
    /// Its 810, and the partner to whom it goes.
    sent: Option<(Text, WrittenSet)>,
    /// It is held, or the ledger lacks something of it that a change of the masters mends: it may be posted again.
    waits: bool,
}

/// One posted invoice; what goes out of it, and to whom.
fn take_posted(
    unit: &mut Unit<'_>,
    profiles: &[PartnerProfile],
    time: &Text,
    posted: PostedInvoice,
) -> Result<Taken> {
    if let Some(first) = unit.tx.invoice(posted.kind.code(), &posted.invoice_number)? {
        return take_again(unit, &posted, &first);
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
        return hold(unit, "held", (&posted.invoice_number, "", &posted.customer), &why);
    };
    let index = unit.index;
    let date = posted.invoice_date.unwrap_or(unit.run.date);
    let customer_item =
        |customer: &str, ship_to: &str, item: &str| number_of(index, (customer, ship_to, item), date);
    let company = &unit.settings.company;
    let context = BillContext { company, profile, catalog: index.catalog(), customer_item: &customer_item };
    let (billed, problems) = bill::bill_posted(&posted, &orders, &context);
    if billed.held {
        return hold(unit, "held", (&posted.invoice_number, profile.id(), &posted.customer), &problems);
    }
    let envelope = OutboundEnvelope::new(company, profile, unit.run.date, time, None);
    finish(unit, profile, &envelope, billed, Some(posted), problems)
}

/// The Customer Item# of the cross-reference, and the row that has it.
fn number_of(
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

/// Leaves an invoice, as (number, partner, customer), to a person.
fn hold(
    unit: &mut Unit<'_>,
    state: &str,
    (number, partner, customer): (&str, &str, &str),
    why: &[Diagnostic],
) -> Result<Taken> {
    tick(&mut unit.counts.invoices, state);
    unit.add_exception(exceptions::document("invoice", number, partner, customer, why))?;
    Ok(Taken { sent: None, waits: true })
}

/// The orders that the lines of a posted invoice may mean: by our order id, else (also where nothing has that id) by customer
/// and PO number.
fn orders_of(unit: &mut Unit<'_>, posted: &PostedInvoice) -> Result<Vec<OrderRow>> {
    let mut rows: Vec<OrderRow> = Vec::new();
    for line in &posted.lines {
        let named = if line.order_id.is_empty() { None } else { unit.tx.order(&line.order_id)? };
        let found = match named {
            Some(named) => vec![named],
            None => unit.tx.orders_with_po(Some(&posted.customer), &line.po_number)?,
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
fn take_again(unit: &mut Unit<'_>, posted: &PostedInvoice, first: &InvoiceRow) -> Result<Taken> {
    let stored: StoredInvoice = serde_json::from_str(&first.document)
        .with_context(|| format!("read invoice {} of the store", first.invoice_number))?;
    let same = stored.posted.as_ref().is_some_and(|first| content(first) == content(posted));
    if same {
        tick(&mut unit.counts.invoices, "duplicate");
        // by the keys of its events the ledger adds only what it lacks
        let waits = stored.ledger_waits && post(unit, &stored.invoice)?;
        return Ok(Taken { sent: None, waits });
    }
    let why = [exceptions::invoice_number_reused(posted, &first.run_id)];
    hold(unit, "held", (&posted.invoice_number, &first.partner, &posted.customer), &why)
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
    let accepted = order.lines.iter().any(|line| line.state == LineState::Ordered);
    if !accepted {
        return Ok(None);
    }
    let number = free_number(unit, profile)?;
    let billed_order = BilledOrder { order_id: order_id.clone(), order: order.clone() };
    let (index, date) = (unit.index, unit.run.date);
    let customer_item =
        |customer: &str, ship_to: &str, item: &str| number_of(index, (customer, ship_to, item), date);
    let company = &unit.settings.company;
    let context = BillContext { company, profile, catalog: index.catalog(), customer_item: &customer_item };
    let (billed, problems) = bill::bill_order(&billed_order, &number, unit.run.date, &context);
    let taken = match billed.filter(|billed| !billed.held) {
        Some(billed) => finish(unit, profile, envelope, billed, None, problems)?,
        None => hold(unit, "held", (&number, profile.id(), &order.customer), &problems)?,
    };
    Ok(taken.sent.map(|(_, set)| set))
}

/// The next number of our own that no invoice has: the ERP may have posted one of them.
fn free_number(unit: &mut Unit<'_>, profile: &PartnerProfile) -> Result<String> {
    loop {
        let number = unit.tx.take_numbers("invoice", 1, NUMBER_MAX)?;
        let number = format!("{}{number:06}", profile.invoices.number_prefix);
        if unit.tx.invoice(InvoiceType::Debit.code(), &number)?.is_none() {
            return Ok(number);
        }
    }
}

/// Writes the 810, and puts the invoice into the store, the ledger and the facts. An 810 that cannot be written holds it all.
fn finish(
    unit: &mut Unit<'_>,
    profile: &PartnerProfile,
    envelope: &OutboundEnvelope,
    billed: BillResult,
    posted: Option<PostedInvoice>,
    mut problems: Vec<Diagnostic>,
) -> Result<Taken> {
    let BillResult { invoice, order_id, .. } = billed;
    let sends = profile.invoices.send && !matches!(envelope.receiver.as_str(), "" | "*");
    let mut set = None;
    if sends {
        let (written, more) = in810::write(&invoice, profile, envelope);
        problems.extend(more);
        let misaddressed = envelope.problems();
        let written = written.filter(|_| misaddressed.is_empty());
        problems.extend(misaddressed);
        if written.is_none() {
            let named = (invoice.invoice_number.as_str(), profile.id().as_str(), invoice.customer.as_str());
            return hold(unit, "refused", named, &problems);
        }
        set = written;
    }
    for problem in &problems {
        unit.counts.tell(format!("invoice {}: {problem}", invoice.invoice_number));
    }
    let state = if sends { "sent" } else { "posted" };
    tick(&mut unit.counts.invoices, state);
    let findings = problems.iter().map(ToString::to_string).collect();
    let ledger_waits = post(unit, &invoice)?;
    unit.add_invoice_facts(bill::facts(&invoice, &unit.run.run_id, unit.run.date))?;
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
        document: serde_json::to_string(&StoredInvoice { posted, invoice, findings, ledger_waits })?,
    })?;
    Ok(Taken { sent: set.map(|set| (profile.id().clone(), set)), waits: ledger_waits })
}

/// The ledger's side of an invoice; what the ledger could not keep waits for a person, and the invoice goes out all the same.
/// Whether the masters are what it waits for.
fn post(unit: &mut Unit<'_>, invoice: &Invoice) -> Result<bool> {
    let (events, problems) = post_invoice(invoice, unit.index.catalog(), unit.run.date);
    let added = unit.tx.add_customer_item_events(&unit.run.run_id, &events, unit.run.started)?;
    unit.counts.customer_items_added += u64::from(added);
    if problems.is_empty() {
        return Ok(false);
    }
    let row = exceptions::document(
        "ledger",
        &invoice.invoice_number,
        &invoice.partner,
        &invoice.customer,
        &problems,
    );
    let mends = problems.iter().any(masters_mend);
    // what the masters can mend is named by its document, so that it closes when they have
    let order_id = if mends { invoice_key(invoice) } else { Text::default() };
    unit.add_exception(ExceptionRow { order_id, ..row })?;
    Ok(mends)
}
