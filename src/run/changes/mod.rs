//! Changes of orders: an 860, an 850 that changes, cancels or replaces, a second order under the number of a first. Each is kept
//! with the lines before and after, applied where policy lets it, else left to a person; a release looks at those again.

mod before;
mod held;
mod preview;
mod settle;

pub(crate) use before::Before;
pub(crate) use held::take_held;
pub use preview::WaitingChange;
pub(crate) use preview::preview;

use crate::domain::Text;
use crate::domain::change::{ChangeState, OrderChange};
use crate::domain::diagnostic::{Diagnostic, Location};
use crate::domain::order::{OrderLine, PurchaseOrder};
use crate::domain::partner::{ChangePolicy, PartnerProfile};
use crate::domain::resolution::{DecidedOrder, LineState};
use crate::domain::rules::changes as rules;
use crate::domain::{Date, Decimal};
use crate::pipeline::amounts::Amounts;
use crate::pipeline::change::{Plan, may_be_overruled, plan};
use crate::pipeline::decide::Context;
use crate::pipeline::duplicates::{Difference, differences};
use crate::run::counts::tick;
use crate::run::orders::{Answers, Origin, currency_of};
use crate::run::sums::Fate;
use crate::run::unit::Unit;
use crate::site::config::Settings;
use crate::store::changes::OrderChangeRow;
use crate::store::{OrderRow, Transaction, lines};
use crate::x12::writer::OutboundEnvelope;
use crate::xref::index::XrefIndex;
use anyhow::{Context as _, Result};
use settle::Settling;
use std::collections::BTreeMap;

/// The kinds of exception that are open while a change waits.
pub(crate) const CHANGE: &str = "order_change";
pub(crate) const RESEND: &str = "duplicate_order";

/// The words of a decision.
pub(crate) const APPLY: &str = "apply";
pub(crate) const REJECT: &str = "reject";
pub(crate) const DONE: &str = "done";

/// A change that has just come: known already, applied, or left to a person. `count` are its lines.
pub(crate) fn take(
    unit: &mut Unit<'_>,
    (profile, outbound): (&PartnerProfile, &OutboundEnvelope),
    change: OrderChange,
    why: &[Diagnostic],
    (at, count): (&Origin<'_>, u64),
) -> Result<Answers> {
    let named = unit.index.catalog().customer(&change.order.customer).is_some();
    let customer = if named { &change.order.customer } else { &profile.partner.customer }.clone();
    let (whole, currency) = (Amounts::read(&change.order, &profile.orders), currency_of(unit, &change.order));
    let sequence = before::sequence(unit.tx.as_mut(), &mut unit.before, (profile.id(), &change), None)?;
    let Some(sequence) = sequence else {
        unit.counts.lines.duplicate += count;
        unit.counts.balance.add(Fate::Duplicate, whole, &currency);
        tick(&mut unit.counts.orders, "duplicate");
        return Ok(Answers::default());
    };
    unit.counts.lines.changes += count;
    unit.counts.balance.add(Fate::Changes, whole, &currency);
    tick(&mut unit.counts.orders, "change");
    let order = order_of(unit.tx.as_mut(), profile.id(), &customer, &change)?;
    let row = new_row(unit, (profile, outbound), (CHANGE, &customer), &change, at)?;
    let around = Around::of(unit);
    let judged = judge(unit.tx.as_mut(), around, profile, (&change, order), sequence)?;
    let settling = Settling { profile, outbound, row, change };
    if judged.obstacles.is_empty() && profile.orders.changes.policy == ChangePolicy::Apply {
        settling.apply(unit, judged)
    } else {
        settling.hold(unit, &judged, why, &[])
    }
}

/// A second, different order under the number of a first: it waits, and replaces the first if a person says so. The same again is
/// passed over, be it the first one, what it was before a change, or one that waits.
pub(crate) fn take_resend(
    unit: &mut Unit<'_>,
    (profile, outbound): (&PartnerProfile, &OutboundEnvelope),
    order: &DecidedOrder,
    first: OrderRow,
    (at, count): (&Origin<'_>, u64),
) -> Result<Answers> {
    let stored = lines::order_from_row(&first)?;
    let differ: Vec<Difference> = differences(&stored.order, &order.order);
    let change = OrderChange::of_order(order.order.clone());
    let mut sequence = Vec::new();
    // an order that was cancelled and comes again, with the same content too, may be wanted after all: it waits
    let cancelled = first.state == "cancelled";
    let same = !cancelled
        && (differ.is_empty()
            || differences(&standing(&stored), &order.order).is_empty()
            || was_so(unit, &first.order_id, order)?);
    let again = same || {
        let found = before::sequence(unit.tx.as_mut(), &mut unit.before, (profile.id(), &change), None)?;
        let again = found.is_none();
        sequence = found.unwrap_or_default();
        again
    };
    let whole = Amounts::decided(order, None);
    let said = if again { "duplicate order" } else { "changed order waits" };
    tracing::info!(order = %first.order_id, po_number = %first.po_number, "{said}");
    if again {
        unit.counts.lines.duplicate += count;
        unit.counts.balance.add(Fate::Duplicate, whole, &order.currency);
        tick(&mut unit.counts.orders, "duplicate");
        return Ok(Answers::default());
    }
    unit.counts.lines.changes += count;
    unit.counts.balance.add(Fate::Changes, whole, &order.currency);
    tick(&mut unit.counts.orders, "changed_resend");
    let row = new_row(unit, (profile, outbound), (RESEND, &order.customer), &change, at)?;
    let around = Around::of(unit);
    let judged = judge(unit.tx.as_mut(), around, profile, (&change, Some(first)), sequence)?;
    Settling { profile, outbound, row, change }.hold(unit, &judged, &[], &differ)
}

/// The order without the lines that were taken back, as if it had come so.
fn standing(stored: &DecidedOrder) -> PurchaseOrder {
    let open = stored.order.lines.iter().zip(&stored.lines);
    let mut lines: Vec<OrderLine> =
        open.filter(|(_, line)| line.state != LineState::Cancelled).map(|(line, _)| line.clone()).collect();
    for (number, line) in (1..).zip(&mut lines) {
        line.line = number;
    }
    PurchaseOrder { lines, ..stored.order.clone() }
}

/// Whether the order had this content before a change was applied to it.
fn was_so(unit: &mut Unit<'_>, order_id: &str, order: &DecidedOrder) -> Result<bool> {
    for version in unit.tx.order_versions(order_id)? {
        let mut was = lines::decode_header(&version.header)?;
        (was.lines, _) = lines::decode(&version.lines)?;
        if differences(&was, &order.order).is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn content(row: &OrderChangeRow) -> Result<OrderChange> {
    serde_json::from_str(&row.content)
        .with_context(|| format!("read the change {} of the store", row.change_id))
}

fn new_row(
    unit: &Unit<'_>,
    (profile, outbound): (&PartnerProfile, &OutboundEnvelope),
    (kind, customer): (&str, &Text),
    change: &OrderChange,
    at: &Origin<'_>,
) -> Result<OrderChangeRow> {
    Ok(OrderChangeRow {
        kind: kind.into(),
        state: ChangeState::Held.as_str().into(),
        partner: profile.id().clone(),
        customer: customer.clone(),
        po_number: change.order.po_number.clone(),
        release: change.order.release.clone(),
        received: unit.run.date,
        run_id: unit.run.run_id.clone(),
        judged: unit.run.run_id.clone(),
        input: at.name.into(),
        offset: at.offset,
        content: serde_json::to_string(change)?,
        receiver: [&outbound.receiver_qualifier, &outbound.receiver, &outbound.application_receiver]
            .map(Text::clone),
        ..OrderChangeRow::default()
    })
}

/// The newest order with the change's number and release: the customer's, else the only one that the partner sent. A change may
/// name a customer otherwise than its order did.
fn order_of(
    tx: &mut dyn Transaction,
    partner: &Text,
    customer: &str,
    change: &OrderChange,
) -> Result<Option<OrderRow>> {
    let number = &change.order.po_number;
    let fits = |row: &OrderRow| row.release == change.order.release && row.partner == *partner;
    let mut theirs = tx.orders_with_po(Some(customer), number)?;
    theirs.retain(fits);
    if let Some(newest) = theirs.pop() {
        return Ok(Some(newest));
    }
    let mut sent = tx.orders_with_po(None, number)?;
    sent.retain(fits);
    Ok(if sent.len() == 1 { sent.pop() } else { None })
}

/// A change against its order, as both are now.
struct Judged {
    /// None where the order is not known.
    order: Option<(OrderRow, DecidedOrder)>,
    plan: Plan,
    /// Everything that stands against it, what is wrong with its turn first.
    obstacles: Vec<Diagnostic>,
}

impl Judged {
    /// Whether a person's word is enough.
    fn may_go(&self) -> bool {
        self.order.is_some() && self.never().is_empty()
    }

    /// The rules of what no word of a person lets go.
    fn never(&self) -> Vec<&'static str> {
        let mut codes: Vec<&str> = self
            .obstacles
            .iter()
            .filter(|found| !may_be_overruled(found))
            .map(|found| found.rule.code)
            .collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    }
}

/// What a change is judged by, beside the store.
#[derive(Clone, Copy)]
pub(crate) struct Around<'a> {
    pub settings: &'a Settings,
    pub index: &'a XrefIndex,
    /// The run's.
    pub date: Date,
}

impl<'a> Around<'a> {
    fn of(unit: &Unit<'a>) -> Self {
        Self { settings: unit.settings, index: unit.index, date: unit.run.date }
    }
}

fn judge(
    tx: &mut dyn Transaction,
    around: Around<'_>,
    profile: &PartnerProfile,
    (change, order): (&OrderChange, Option<OrderRow>),
    mut obstacles: Vec<Diagnostic>,
) -> Result<Judged> {
    let Some(row) = order else {
        let found = Diagnostic::new(&rules::ORDER_UNKNOWN, Location::default());
        obstacles.push(found.found(&change.order.po_number));
        return Ok(Judged { order: None, plan: Plan::default(), obstacles });
    };
    let stored = lines::order_from_row(&row)?;
    let billed = billed(tx, &row.order_id)?;
    let context = Context {
        company: &around.settings.company,
        profile,
        index: around.index,
        unresolved: around.settings.unresolved,
        date: around.date,
    };
    let plan = plan(&context, &stored, change, &billed);
    obstacles.extend(plan.obstacles.iter().cloned());
    Ok(Judged { order: Some((row, stored)), plan, obstacles })
}

/// What invoices less credits come to, by line, in the order's unit.
fn billed(tx: &mut dyn Transaction, order_id: &str) -> Result<BTreeMap<u32, Decimal>> {
    let mut billed: BTreeMap<u32, Decimal> = BTreeMap::new();
    for row in tx.billed_lines(order_id)? {
        let sum = billed.entry(row.line).or_default();
        let quantity = if row.kind == "CR" { -row.quantity } else { row.quantity };
        *sum = sum.checked_add(quantity).context("what is billed of a line is too large")?;
    }
    Ok(billed)
}

/// An order that came after the day has not come yet on it.
fn has_come(row: &OrderChangeRow, date: Date) -> bool {
    row.received <= date
}
