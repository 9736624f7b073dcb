//! The orders stage: files to units, documents to orders, and what becomes of each.

use crate::documents::internal_order;
use crate::documents::message::Message;
use crate::domain::Text;
use crate::domain::change::OrderChange;
use crate::domain::diagnostic::Diagnostic;
use crate::domain::order::PurchaseOrder;
use crate::domain::partner::{InvoiceSource, PartnerProfile};
use crate::domain::resolution::{DecidedOrder, LineState};
use crate::pipeline::amounts::Amounts;
use crate::pipeline::process::{Body, Processed};
use crate::run::changes;
use crate::run::counts::tick;
use crate::run::csv_orders::{self, Kept};
use crate::run::exceptions;
use crate::run::input::{Content, Input, file_span};
use crate::run::invoices;
use crate::run::night::{Night, Stage};
use crate::run::order_facts;
use crate::run::strays;
use crate::run::stream::{Prepared, Stream};
use crate::run::sums::Fate;
use crate::run::unit::Unit;
use crate::run::x12_orders::{self, days_before};
use crate::site::folders::ClaimedFile;
use crate::store::{OrderRow, ReceiptRow};
use crate::x12::writer::{OutboundEnvelope, WrittenSet};
use anyhow::Result;
use rayon::prelude::*;

/// How a document stands to what came before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    New,
    /// The same bytes came before: it is answered and not processed.
    Duplicate,
    /// It is validated and answered, and makes no order.
    Test,
}

impl Standing {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::New => "processed",
            Self::Duplicate => "duplicate",
            Self::Test => "test",
        }
    }
}

/// Where a document stands in its input.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origin<'o> {
    pub name: &'o str,
    pub offset: u64,
    pub length: u64,
    /// Lines counted in the bytes.
    pub lines: u64,
}

/// What a document wants sent.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    /// The 855.
    pub answer: Option<WrittenSet>,
    /// The 865.
    pub change: Option<WrittenSet>,
    /// The 810 of a partner whose orders are billed as they come.
    pub invoice: Vec<WrittenSet>,
}

/// Takes one unit's files through to the commit.
pub(crate) fn take_unit(night: &mut Night<'_>, claimed: &[ClaimedFile]) -> Result<()> {
    let parts = night.parts()?;
    let site = parts.surroundings();
    let inputs: Result<Vec<Input>> = claimed.par_iter().map(|file| Input::look(file.clone(), site)).collect();
    let inputs = inputs?;
    let judge = parts.judge();
    let mut stream = Stream::new(judge, &inputs);
    let mut unit = Unit::begin(
        parts.store.begin()?,
        parts.settings,
        parts.folders,
        parts.run,
        Stage::Orders,
        judge.index,
    )?;
    let mut receipts = Vec::new();
    for input in &inputs {
        receipts.push(take_file(&mut unit, &mut stream, parts.profiles, input)?);
    }
    drop(stream);
    let counts = unit.commit(&receipts)?;
    night.finish_unit(&counts)
}

fn take_file(
    unit: &mut Unit<'_>,
    stream: &mut Stream<'_>,
    profiles: &[PartnerProfile],
    input: &Input,
) -> Result<ReceiptRow> {
    let _file = file_span(unit, &input.claimed).entered();
    let known = unit.knows(&input.digest)?;
    if known {
        tracing::info!("duplicate file");
    }
    let mut receipt = unit.receipt(&input.claimed, &input.digest, &input.source)?;
    receipt.state = if known { "duplicate" } else { "processed" }.into();
    match &input.content {
        Content::X12 { index, plans } => {
            let result = x12_orders::take(unit, stream, profiles, input, (index, plans), known)?;
            if let Some(state) = strays::settle(unit, input, index, (&result, known))? {
                receipt.state = state;
            }
            receipt.partner = result.partner;
        }
        Content::Csv { index, profile, outbound } => {
            let profile = &profiles[*profile];
            receipt.partner.clone_from(profile.id());
            let kept = csv_orders::take(unit, stream, profile, outbound, input, index, known)?;
            match kept {
                Kept::All => {}
                Kept::Part => receipt.state = "partial".into(),
                Kept::Nothing => receipt.state = "quarantined".into(),
            }
        }
        Content::Refused(why) => {
            let whole = (&input.source, 0, input.source.length);
            unit.quarantine_piece(&input.claimed.relative, whole, why, "")?;
            unit.add_exception(exceptions::input(&input.claimed.relative, why, ""))?;
            receipt.state = "quarantined".into();
        }
    }
    unit.remember(&receipt);
    Ok(receipt)
}

/// One document into the unit: its lines counted, its order stored, what must go out handed back.
pub(crate) fn take_document(
    unit: &mut Unit<'_>,
    (profile, outbound): (&PartnerProfile, &OutboundEnvelope),
    prepared: Prepared,
    standing: Standing,
    at: &Origin<'_>,
) -> Result<Answers> {
    let Prepared { processed, header, lines } = prepared;
    let Processed { body, answer, problems, unanswered, read, .. } = processed;
    let order = match body {
        // taken by the group that it stands in, which knows its envelope
        Body::Acknowledgment(_) => return Ok(Answers::default()),
        Body::Message(message) => {
            return take_message(unit, profile, &message, standing, at).map(|()| Answers::default());
        }
        Body::Rejected => {
            match standing {
                Standing::Duplicate => unit.counts.lines.duplicate += at.lines,
                Standing::Test => unit.counts.lines.test += at.lines,
                Standing::New => unit.counts.lines.rejected += at.lines,
            }
            return Ok(Answers::default());
        }
        Body::Change(change) => {
            return take_change(unit, (profile, outbound), *change, (&problems, read), standing, at);
        }
        Body::Order(order) => order,
    };
    // SDQ splits a line into ship-tos: what was counted in the bytes grows by what the split added.
    let split = (order.lines.len() as u64).saturating_sub(u64::from(order.order.received_lines));
    unit.counts.lines.received += split;
    let count = at.lines + split;
    unit.counts.balance.add(Fate::Received, read, &order.currency);
    let whole = Amounts::decided(&order, None);
    match standing {
        Standing::New => {}
        Standing::Duplicate => {
            unit.counts.lines.duplicate += count;
            unit.counts.balance.add(Fate::Duplicate, whole, &order.currency);
            tick(&mut unit.counts.orders, "duplicate");
            return Ok(Answers::default());
        }
        Standing::Test => {
            unit.counts.lines.test += count;
            unit.counts.balance.add(Fate::Test, whole, &order.currency);
            tick(&mut unit.counts.orders, "test");
            return Ok(Answers::default());
        }
    }
    if let Some(first) = earlier(unit, profile, &order)? {
        return changes::take_resend(unit, (profile, outbound), &order, first, (at, count));
    }
    for problem in problems.iter().filter(|problem| !exceptions::are_lines(problem.rule)) {
        unit.counts.tell(format!("{}, purchase order {}: {problem}", at.name, order.order.po_number));
    }
    if !unanswered.is_empty() {
        let number = &order.order.po_number;
        unit.add_exception(exceptions::document(
            "answer",
            number,
            profile.id(),
            &order.customer,
            &unanswered,
        ))?;
    }
    let answered = answer.is_some();
    let invoice = take_order(unit, (profile, outbound), &order, header, lines, at, answered)?;
    Ok(Answers { answer, invoice, ..Answers::default() })
}

/// A message waits for a person to read it; one that came before, or a test, does not.
fn take_message(
    unit: &mut Unit<'_>,
    profile: &PartnerProfile,
    message: &Message,
    standing: Standing,
    at: &Origin<'_>,
) -> Result<()> {
    match standing {
        Standing::New => {
            unit.counts.messages += 1;
            unit.add_exception(exceptions::message(profile, message, at.name))
        }
        Standing::Duplicate | Standing::Test => Ok(()),
    }
}

fn earlier(unit: &mut Unit<'_>, profile: &PartnerProfile, order: &DecidedOrder) -> Result<Option<OrderRow>> {
    let since = days_before(unit.run.date, profile.orders.duplicate_window_days);
    unit.tx.order_by_po(&order.customer, &order.order.po_number, &order.order.release, since)
}

fn take_change(
    unit: &mut Unit<'_>,
    (profile, outbound): (&PartnerProfile, &OutboundEnvelope),
    change: OrderChange,
    (why, read): (&[Diagnostic], Amounts),
    standing: Standing,
    at: &Origin<'_>,
) -> Result<Answers> {
    let split = (change.order.lines.len() as u64).saturating_sub(u64::from(change.order.received_lines));
    unit.counts.lines.received += split;
    let count = at.lines + split;
    let (whole, currency) = (Amounts::read(&change.order, &profile.orders), currency_of(unit, &change.order));
    unit.counts.balance.add(Fate::Received, read, &currency);
    match standing {
        Standing::New => return changes::take(unit, (profile, outbound), change, why, (at, count)),
        Standing::Duplicate => {
            unit.counts.lines.duplicate += count;
            unit.counts.balance.add(Fate::Duplicate, whole, &currency);
            tick(&mut unit.counts.orders, "duplicate");
        }
        Standing::Test => {
            unit.counts.lines.test += count;
            unit.counts.balance.add(Fate::Test, whole, &currency);
            tick(&mut unit.counts.orders, "test");
        }
    }
    Ok(Answers::default())
}

fn take_order(
    unit: &mut Unit<'_>,
    (profile, outbound): (&PartnerProfile, &OutboundEnvelope),
    order: &DecidedOrder,
    header: String,
    lines: String,
    at: &Origin<'_>,
    answered: bool,
) -> Result<Vec<WrittenSet>> {
    let order_id = unit.next_order_id();
    let state = state_of(order);
    tracing::info!(order = %order_id, partner = %order.partner, po_number = %order.order.po_number, state, "order taken");
    unit.counts.add_order(order);
    tick(&mut unit.counts.orders, state);
    let rows = internal_order::rows(order, &profile.orders, &order_id, &unit.run.run_id);
    for (fate, amounts) in [
        (Fate::Ordered, Amounts::written(&rows)),
        (Fate::Held, Amounts::decided(order, Some(LineState::Held))),
        (Fate::Rejected, Amounts::decided(order, Some(LineState::Rejected))),
    ] {
        unit.counts.balance.add(fate, amounts, &order.currency);
    }
    unit.add_internal_orders(rows)?;
    let (date, run_id) = (unit.run.date, unit.run.run_id.clone());
    unit.add_order_facts(order_facts::rows(order, &profile.orders, &order_id, date, &run_id, false))?;
    for exception in exceptions::lines(order, &order_id, &profile.orders) {
        unit.add_exception(exception)?;
    }
    unit.tx.add_order(&OrderRow {
        order_id: order_id.clone(),
        run_id,
        unit: unit.number,
        partner: order.partner.clone(),
        customer: order.customer.clone(),
        po_number: order.order.po_number.clone(),
        release: order.order.release.clone(),
        po_date: order.order.po_date,
        received: date,
        currency: order.currency.clone(),
        state: state.into(),
        header,
        lines,
        input: at.name.into(),
        offset: at.offset,
        length: at.length,
        answered: u32::from(answered),
    })?;
    if profile.invoices.from == InvoiceSource::Orders {
        return invoices::bill_as_ordered(unit, profile, outbound, &order_id, order, None);
    }
    Ok(Vec::new())
}

/// The order's currency (CUR02), or the company's.
pub(crate) fn currency_of(unit: &Unit<'_>, order: &PurchaseOrder) -> Text {
    if order.currency.is_empty() { &unit.settings.company.currency } else { &order.currency }.clone()
}

/// The order's state in the store, from its lines'.
pub(crate) fn state_of(order: &DecidedOrder) -> &'static str {
    let any = |state: LineState| order.lines.iter().any(|line| line.state == state);
    match (any(LineState::Ordered), any(LineState::Held)) {
        (true, true) => "part_held",
        (false, true) => "held",
        (true, false) => "ordered",
        (false, false) if any(LineState::Cancelled) => "cancelled",
        (false, false) => "rejected",
    }
}
