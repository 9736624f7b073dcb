//! The invoices stage: what the ERP posted goes out as 810, into the ledger and into the facts.

mod held;
mod judge;
mod look;
mod numbers;

pub(crate) use held::take_held;
pub(crate) use judge::Desk;
pub use look::{Fate, WaitingInvoice};
pub(crate) use look::{look, obstacles, preview};

use crate::documents::posted_invoice::{Format, RejectedInvoice, Stream};
use crate::domain::Text;
use crate::domain::diagnostic::Severity;
use crate::domain::invoice::{Invoice, InvoiceLine, InvoiceType, PostedInvoice};
use crate::domain::money;
use crate::domain::partner::PartnerProfile;
use crate::domain::resolution::DecidedOrder;
use crate::ledger::post::{invoice_key, masters_mend, post_invoice};
use crate::pipeline::bill::{self, BillResult, BilledOrder};
use crate::run::counts::tick;
use crate::run::exceptions;
use crate::run::input::{file_span, open_table};
use crate::run::invoices::judge::{Claim, Judged, Source, billed_before, judge, judge_order};
use crate::run::night::{Night, Parts, Stage};
use crate::run::unit::Unit;
use crate::site::folders::ClaimedFile;
use crate::store::invoices::{BilledLineRow, HeldInvoiceRow};
use crate::store::{ExceptionRow, InvoiceRow, OrderRow, ReceiptRow, Transaction};
use crate::x12::writer::{OutboundEnvelope, WrittenSet};
use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;

/// Invoice numbers of our own count to here, then begin again.
const NUMBER_MAX: u32 = 999_999_999;

/// So much of a file tells how it is written.
const HEAD_BYTES: u64 = 4096;
/// So many 810s go into one interchange.
const SETS_MAX: usize = 1_000;
/// So many bytes of 810s wait for others of their partner.
const OUTGOING_BYTES_MAX: usize = 32 << 20;

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
    let parts = night.parts()?;
    let desk = Desk::of(&parts);
    let Parts { store, settings, folders, run, index, .. } = parts;
    let mut unit = Unit::begin(store.begin()?, settings, folders, run, Stage::Invoices, index)?;
    let mut receipts = Vec::new();
    for file in claimed {
        receipts.push(take_file(&mut unit, &desk, file)?);
    }
    let counts = unit.commit(&receipts)?;
    night.finish_unit(&counts)
}

fn take_file(unit: &mut Unit<'_>, desk: &Desk<'_>, file: &ClaimedFile) -> Result<ReceiptRow> {
    let ending =
        |path: &Path, ending: &str| path.extension().is_some_and(|found| found.eq_ignore_ascii_case(ending));
    let name = Path::new(&file.relative);
    let named_json =
        ending(&if ending(name, "gz") { name.with_extension("") } else { name.to_owned() }, "jsonl");
    let is_json = |head: &[u8]| named_json || Format::of(head) == Format::Json;
    let (source, other) =
        open_table(file, unit.folders, &unit.run.run_id, &unit.settings.limits.gz, is_json)?;
    let digest = source.digest(0, source.length)?;
    let _file = file_span(unit, file).entered();
    let mut receipt = unit.receipt(file, &digest, &source)?;
    if unit.knows(&digest)? {
        tracing::info!("duplicate file");
        receipt.state = "duplicate".into();
        return Ok(receipt);
    }
    let head = source.read(0, source.length.min(HEAD_BYTES))?;
    let format = if named_json { Format::Json } else { Format::of(&head) };
    let (mut stream, mut problems) = Stream::open(source.reader()?, source.reader()?, format)?;
    if let Some(why) = other {
        problems = vec![why];
    }
    if problems.iter().any(|found| found.severity == Severity::Error) {
        unit.quarantine_piece(&file.relative, (&source, 0, source.length), &problems, "")?;
        unit.add_exception(exceptions::input(&file.relative, &problems, ""))?;
        receipt.state = "quarantined".into();
        return Ok(receipt);
    }
    let waits = take_invoices(unit, desk, &mut stream)?;
    // not `processed`: the same bytes may come again once what held a part of them is mended
    receipt.state = if waits { "partial" } else { "processed" }.into();
    unit.remember(&receipt);
    Ok(receipt)
}

/// The invoices of a file, one after the other; whether one of them waits.
fn take_invoices<R: Read>(unit: &mut Unit<'_>, desk: &Desk<'_>, stream: &mut Stream<R>) -> Result<bool> {
    let mut waits = false;
    let mut outgoing = Outgoing::default();
    while let Some((_, posted)) = stream.next_invoice()? {
        match posted {
            Ok((posted, _)) => {
                let taken = take_posted(unit, desk, posted)?;
                waits |= taken.waits;
                outgoing.add(unit, desk, taken)?;
            }
            Err(rejected) => {
                waits = true;
                reject(unit, &rejected)?;
            }
        }
    }
    outgoing.send(unit, desk)?;
    Ok(waits)
}

/// Rows that make no invoice.
fn reject(unit: &mut Unit<'_>, rejected: &RejectedInvoice) -> Result<()> {
    tick(&mut unit.counts.invoices, "rejected");
    unit.add_exception(exceptions::rejected_invoice(rejected))
}

/// 810s that wait to be put into interchanges, by partner.
#[derive(Debug, Default)]
struct Outgoing {
    sets: BTreeMap<Text, Vec<WrittenSet>>,
    bytes: usize,
}

impl Outgoing {
    /// Takes what goes out of an invoice. Where enough of one partner's, or of all, waits, it goes: memory does not grow with
    /// the file.
    fn add(&mut self, unit: &mut Unit<'_>, desk: &Desk<'_>, taken: Taken) -> Result<()> {
        let Some((partner, set)) = taken.sent else { return Ok(()) };
        self.bytes += set.body.len();
        let sets = self.sets.entry(partner.clone()).or_default();
        sets.push(set);
        if sets.len() == SETS_MAX {
            let sets = std::mem::take(sets);
            self.bytes -= sets.iter().map(|set| set.body.len()).sum::<usize>();
            return send(unit, desk, &partner, &sets);
        }
        if self.bytes < OUTGOING_BYTES_MAX { Ok(()) } else { std::mem::take(self).send(unit, desk) }
    }

    /// The rest, in the partners' order.
    fn send(self, unit: &mut Unit<'_>, desk: &Desk<'_>) -> Result<()> {
        self.sets.iter().try_for_each(|(partner, sets)| send(unit, desk, partner, sets))
    }
}

fn send(unit: &mut Unit<'_>, desk: &Desk<'_>, partner: &Text, sets: &[WrittenSet]) -> Result<()> {
    let found = desk.profiles.iter().find(|profile| profile.id() == partner);
    let profile = found.context("the partner was just found")?;
    let company = &unit.settings.company;
    let envelope = OutboundEnvelope::new(company, profile, unit.run.date, desk.time, None);
    unit.send(profile, &envelope, "810", sets)
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
fn take_posted(unit: &mut Unit<'_>, desk: &Desk<'_>, posted: PostedInvoice) -> Result<Taken> {
    if let Some(first) = unit.tx.invoice(posted.kind.code(), &posted.invoice_number)?
        && let Some(taken) = take_again(unit, &posted, &first)?
    {
        return Ok(taken);
    }
    let claim = Claim::posted(posted);
    let waiting = unit.tx.held_invoice(claim.kind.code(), &claim.number)?;
    if let (Some(row), Source::Posted(posted)) = (&waiting, &claim.source)
        && matches!(Claim::of_row(row)?.source, Source::Order { .. })
    {
        return number_of_ours(unit, posted, row);
    }
    let decision = claim.decision(unit.tx.as_mut())?;
    if decision.as_deref() == Some(held::DROP) && waiting.is_none() {
        // a person has spoken about this very posting
        tick(&mut unit.counts.invoices, "dropped");
        return Ok(Taken::default());
    }
    let judged = judge(unit.tx.as_mut(), desk, &claim, decision.as_deref() == Some(held::RELEASE))?;
    settle(unit, claim, judged)
}

/// An invoice of ours waits under the number: it must not make room for one that the ERP posts. What is open about that one
/// does not end with ours.
fn number_of_ours(unit: &mut Unit<'_>, posted: &PostedInvoice, ours: &HeldInvoiceRow) -> Result<Taken> {
    tick(&mut unit.counts.invoices, "refused");
    let why = [exceptions::invoice_number_reused(posted, &ours.run_id)];
    let row = exceptions::invoice(posted.kind, &posted.invoice_number, &ours.partner, &posted.customer, &why);
    unit.add_exception(ExceptionRow { order_id: Text::default(), ..row })?;
    Ok(Taken { sent: None, waits: true })
}

/// The orders that the lines of a posted invoice may mean: by our order id, else (also where nothing has that id) by customer
/// and PO number.
fn orders_of(tx: &mut dyn Transaction, posted: &PostedInvoice) -> Result<Vec<OrderRow>> {
    let mut rows: Vec<OrderRow> = Vec::new();
    for line in &posted.lines {
        let named = if line.order_id.is_empty() { None } else { tx.order(&line.order_id)? };
        let found = match named {
            Some(named) => vec![named],
            None => tx.orders_with_po(Some(&posted.customer), &line.po_number)?,
        };
        for row in found {
            if rows.iter().all(|known| known.order_id != row.order_id) {
                rows.push(row);
            }
        }
    }
    Ok(rows)
}

/// The number was used before: the same again is passed over. None for another invoice under it.
fn take_again(unit: &mut Unit<'_>, posted: &PostedInvoice, first: &InvoiceRow) -> Result<Option<Taken>> {
    let stored: StoredInvoice = serde_json::from_str(&first.document)
        .with_context(|| format!("read invoice {} of the store", first.invoice_number))?;
    if stored.posted.as_ref().is_none_or(|first| content(first) != content(posted)) {
        return Ok(None);
    }
    tick(&mut unit.counts.invoices, "duplicate");
    // by the keys of its events the ledger adds only what it lacks
    let waits = stored.ledger_waits && post(unit, &stored.invoice)?;
    Ok(Some(Taken { sent: None, waits }))
}

/// The place in the file is no content.
fn content(posted: &PostedInvoice) -> PostedInvoice {
    let mut posted = posted.clone();
    for line in &mut posted.lines {
        (line.row, line.offset) = (0, 0);
    }
    posted
}

/// For a partner whose ERP posts nothing: the accepted lines of an order, billed as ordered in the same run; those of `among`
/// alone where only these were released.
pub(crate) fn bill_as_ordered(
    unit: &mut Unit<'_>,
    profile: &PartnerProfile,
    envelope: &OutboundEnvelope,
    order_id: &Text,
    order: &DecidedOrder,
    among: Option<&BTreeSet<u32>>,
) -> Result<Vec<WrittenSet>> {
    let mut sent = Vec::new();
    // an order that just came has no invoices; one that waited may have some of the ERP's
    let billed = if among.is_some() { billed_before(unit.tx.as_mut(), order_id)? } else { BTreeMap::new() };
    let desk = Desk {
        company: &unit.settings.company,
        profiles: std::slice::from_ref(profile),
        index: unit.index,
        date: unit.run.date,
        time: &envelope.time,
    };
    for lines in bill::parts(order, among, profile) {
        let number = free_number(unit, profile)?;
        let source = Source::Order {
            order_id: order_id.clone(),
            lines,
            receiver: [&envelope.receiver_qualifier, &envelope.receiver, &envelope.application_receiver]
                .map(Text::clone),
        };
        let claim = Claim { kind: InvoiceType::Debit, number: number.into(), source };
        let order = BilledOrder { order_id: order_id.clone(), order: order.clone(), billed: billed.clone() };
        let judged = judge_order(&desk, (profile, envelope), &claim, &order, false)?;
        sent.extend(settle(unit, claim, judged)?.sent.map(|(_, set)| set));
    }
    Ok(sent)
}

/// The next number of our own that no invoice has: the ERP may have posted one of them.
fn free_number(unit: &mut Unit<'_>, profile: &PartnerProfile) -> Result<String> {
    let kind = InvoiceType::Debit.code();
    loop {
        let number = unit.tx.take_numbers("invoice", 1, NUMBER_MAX)?;
        let number = format!("{}{number:06}", profile.invoices.number_prefix);
        if unit.tx.invoice(kind, &number)?.is_none() && unit.tx.held_invoice(kind, &number)?.is_none() {
            return Ok(number);
        }
    }
}

/// Puts an invoice into the store, the ledger and the facts, or leaves it to a person.
fn settle(unit: &mut Unit<'_>, claim: Claim, judged: Judged<'_>) -> Result<Taken> {
    let Some(ready) = judged.ready else { return held::leave(unit, &claim, &judged) };
    let BillResult { invoice, order_id, .. } = ready.billed;
    held::end(unit, &claim, if judged.released { "released" } else { "sent" })?;
    for problem in &judged.problems {
        unit.counts.tell(format!("invoice {}: {problem}", invoice.invoice_number));
    }
    let state = if ready.sends { "sent" } else { "posted" };
    tick(&mut unit.counts.invoices, state);
    numbers::tell(unit, &invoice)?;
    let findings = judged.problems.iter().map(ToString::to_string).collect();
    let ledger_waits = post(unit, &invoice)?;
    unit.add_invoice_facts(bill::facts(&invoice, &order_id, &unit.run.run_id, unit.run.date))?;
    let partner = invoice.partner.clone();
    let billed = billed_lines(&invoice);
    unit.tx.add_invoice(&InvoiceRow {
        invoice_number: invoice.invoice_number.clone(),
        kind: invoice.kind.code().into(),
        run_id: unit.run.run_id.clone(),
        partner: partner.clone(),
        customer: invoice.customer.clone(),
        po_number: invoice.po_number.clone(),
        order_id: order_id.clone(),
        invoice_date: invoice.invoice_date,
        total_micro: money::to_micros(invoice.total).context("an invoice's total was checked to fit")?,
        state: state.into(),
        document: serde_json::to_string(&StoredInvoice {
            posted: claim.into_posted(),
            invoice,
            findings,
            ledger_waits,
        })?,
    })?;
    if !order_id.is_empty() {
        unit.tx.add_billed_lines(&order_id, &billed)?;
    }
    Ok(Taken { sent: ready.set.map(|set| (partner, set)), waits: ledger_waits })
}

/// What the store keeps of the order lines that an invoice bills.
pub(crate) fn billed_lines(invoice: &Invoice) -> Vec<BilledLineRow> {
    let row = |(position, line): (u32, &InvoiceLine)| BilledLineRow {
        kind: invoice.kind.code().into(),
        invoice_number: invoice.invoice_number.clone(),
        position,
        line: line.line,
        quantity: line.quantity,
    };
    (0..).zip(&invoice.lines).filter(|(_, line)| line.line > 0).map(row).collect()
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
