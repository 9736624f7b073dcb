//! What policy makes of the outcomes: which lines go on, which wait, which are refused.

use crate::domain::diagnostic::{Diagnostic, Location, Rule};
use crate::domain::order::{OrderLine, PurchaseOrder};
use crate::domain::partner::{Company, OrderSettings, PartnerProfile};
use crate::domain::resolution::{
    DecidedLine, DecidedOrder, InvalidReason, LineOutcome, LineState, Resolution, UnresolvedPolicy,
};
use crate::domain::rules::{business, csv};
use crate::domain::{Date, Decimal, Text, money};
use crate::xref::index::XrefIndex;
use crate::xref::resolve::{ordered_unit, resolve_order};

/// Everything that a decision depends on, besides the document.
#[derive(Debug, Clone, Copy)]
pub struct Context<'c> {
    pub company: &'c Company,
    pub profile: &'c PartnerProfile,
    pub index: &'c XrefIndex,
    /// The site's policy, where the profile has none.
    pub unresolved: UnresolvedPolicy,
    /// The run's business date.
    pub date: Date,
}

impl Context<'_> {
    /// What happens to a line of this partner that is not mapped.
    pub fn policy(&self) -> UnresolvedPolicy {
        self.profile.orders.unresolved.unwrap_or(self.unresolved)
    }
}

/// Resolves every line of the order and applies the partner's policy to what is not mapped.
pub fn decide(context: &Context<'_>, order: PurchaseOrder) -> (DecidedOrder, Vec<Diagnostic>) {
    let (customer, mut problems) = choose_customer(context, &order);
    let as_of = order.po_date.unwrap_or(context.date);
    let mut resolutions = resolve_order(context.index, &context.profile.orders, &customer, &order, as_of);
    assert_eq!(resolutions.len(), order.lines.len(), "every line has its resolution");
    order.lines.iter().zip(&mut resolutions).for_each(doubt);
    let lines = apply(context, resolutions, &order);
    problems.extend(order.lines.iter().zip(&lines).filter_map(|(line, decided)| {
        let rule = unresolved_rule(&decided.resolution)?;
        let at = Location { segment: line.segment, offset: line.offset, ..Location::default() };
        Some(Diagnostic::new(rule, at).detail(describe(line.line, &decided.resolution)))
    }));
    let currency =
        if order.currency.is_empty() { &context.company.currency } else { &order.currency }.clone();
    let partner = context.profile.id().clone();
    (DecidedOrder { partner, customer, order, lines, as_of: Some(as_of), currency }, problems)
}

/// Puts what was found while the order was read into the notes of the line that it is about, where `explain` tells it; what
/// is about the whole order goes to the first line.
pub fn note(order: &mut DecidedOrder, found: &[Diagnostic]) {
    for finding in found.iter().filter(|finding| !told_otherwise(finding.rule)) {
        let place = line_of(&finding.at, &order.order.lines);
        if let Some(decided) = order.lines.get_mut(place) {
            decided.resolution.notes.push(finding.to_string().into());
        }
    }
}

/// Outcomes and flaws are told by the line itself, the choice of the customer by the order's two customers.
fn told_otherwise(rule: &Rule) -> bool {
    let told = [
        &business::CUSTOMER_UNKNOWN,
        &business::LINE_AMBIGUOUS,
        &business::LINE_CONFLICT,
        &business::LINE_INVALID,
        &business::LINE_UNMAPPED,
        &business::SDQ_DIFFERS,
        &csv::VALUE_TOO_LONG,
    ];
    told.iter().any(|known| known.code == rule.code)
}

/// The line whose row, or whose PO1 loop, holds the place; else the first.
fn line_of(at: &Location, lines: &[OrderLine]) -> usize {
    let place = if at.row > 0 { u32::try_from(at.row).unwrap_or(u32::MAX) } else { at.segment };
    let opener = lines.iter().map(|line| line.segment).filter(|segment| *segment <= place).max();
    lines.iter().position(|line| Some(line.segment) == opener).unwrap_or_default()
}

/// N1*BY's N104, or the CSV's customer, counts only if the master knows it; else the profile's customer stands.
fn choose_customer(context: &Context<'_>, order: &PurchaseOrder) -> (Text, Vec<Diagnostic>) {
    let ours = &context.profile.partner.customer;
    if order.customer.is_empty() || order.customer == *ours {
        return (ours.clone(), Vec::new());
    }
    if context.index.catalog().customer(&order.customer).is_some() {
        return (order.customer.clone(), Vec::new());
    }
    let note = Diagnostic::new(&business::CUSTOMER_UNKNOWN, Location::default())
        .found(&order.customer)
        .detail(format!("{ours} of the partner's profile stands"));
    (ours.clone(), vec![note])
}

/// A line whose document contradicts itself, such as an SDQ that does not sum to PO102, is ordered by nobody's guess.
fn doubt((line, resolution): (&OrderLine, &mut Resolution)) {
    if line.flaws.is_empty() {
        return;
    }
    resolution.outcome = LineOutcome::Invalid;
    resolution.reason = Some(InvalidReason::Contradictory);
    resolution.quantity = None;
    resolution.notes.extend(line.flaws.iter().cloned());
}

fn apply(context: &Context<'_>, resolutions: Vec<Resolution>, order: &PurchaseOrder) -> Vec<DecidedLine> {
    let policy = context.policy();
    let complete = resolutions.iter().all(|resolution| resolution.outcome == LineOutcome::Mapped);
    let divisor_of = |line: &OrderLine| {
        money::price_divisor(&line.price_basis, ordered_unit(&context.profile.orders, line))
    };
    let state_of = |resolution: &Resolution, line: &OrderLine| match (policy, resolution.outcome) {
        (UnresolvedPolicy::HoldOrder, _) if !complete => LineState::Held,
        (_, LineOutcome::Mapped) => LineState::Ordered,
        _ if must_wait(resolution) || (line.price.is_some() && divisor_of(line).is_none()) => LineState::Held,
        (UnresolvedPolicy::HoldOrder | UnresolvedPolicy::HoldLine, _) => LineState::Held,
        (UnresolvedPolicy::RejectLine, _) => LineState::Rejected,
        (UnresolvedPolicy::Accept, _) => LineState::Ordered,
    };
    let lines = resolutions.into_iter().zip(&order.lines);
    lines
        .map(|(resolution, line)| {
            let state = state_of(&resolution, line);
            let unit_price = unit_price(&context.profile.orders, line);
            DecidedLine { resolution, state, unit_price }
        })
        .collect()
}

/// The price of one ordered unit, the price basis divided out (PO104, PO105).
pub fn unit_price(settings: &OrderSettings, line: &OrderLine) -> Option<Decimal> {
    let divisor = money::price_divisor(&line.price_basis, ordered_unit(settings, line));
    line.price.and_then(|price| price.checked_div(divisor?)).map(|price| price.normalize())
}

/// Lines that no policy may let through or refuse unseen: what they ask for is in doubt, not which item it is.
fn must_wait(resolution: &Resolution) -> bool {
    matches!(
        resolution.reason,
        Some(InvalidReason::PriceBasisUnknown | InvalidReason::TooLarge | InvalidReason::Contradictory)
    )
}

fn unresolved_rule(resolution: &Resolution) -> Option<&'static Rule> {
    match resolution.outcome {
        LineOutcome::Mapped => None,
        LineOutcome::Unmapped => Some(&business::LINE_UNMAPPED),
        LineOutcome::Ambiguous => Some(&business::LINE_AMBIGUOUS),
        LineOutcome::Conflict => Some(&business::LINE_CONFLICT),
        LineOutcome::Invalid => Some(&business::LINE_INVALID),
    }
}

fn describe(line: u32, resolution: &Resolution) -> String {
    let tried: Vec<String> = resolution
        .candidates
        .iter()
        .map(|candidate| {
            format!("{} {}: {}", candidate.number.qualifier, candidate.number.value, candidate.reason)
        })
        .take(10)
        .collect();
    let reason = resolution.reason.map(InvalidReason::as_str).unwrap_or_default();
    [format!("line {line}"), reason.to_owned(), tried.join("; ")]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(": ")
}
