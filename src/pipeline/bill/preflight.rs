//! What is compared before an 810 goes out, and what each finding does by the partner's profile.

use crate::domain::diagnostic::{Diagnostic, Location, Rule, Severity};
use crate::domain::invoice::{InvoiceLine, InvoiceType, PostedInvoice, PostedInvoiceLine};
use crate::domain::money::plain;
use crate::domain::order::OrderLine;
use crate::domain::partner::{Action, InvoiceSource, Preflight};
use crate::domain::resolution::LineState;
use crate::domain::rules::business as rules;
use crate::domain::{Date, Decimal};
use crate::pipeline::bill::line::Found;
use crate::pipeline::bill::{BillContext, Billed, BilledOrder, number, place};
use std::collections::BTreeMap;

/// What becomes of an invoice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    #[default]
    Send,
    /// It waits: each run looks at it again.
    Hold,
    /// It does not go out and is not kept.
    Refuse,
}

/// The key that decides about a rule.
type Key = fn(&Preflight) -> Action;

/// Every rule that a key of `[invoices.preflight]` decides about.
const CHECKS: [(&Rule, Key); 15] = [
    (&rules::INVOICE_BILLED_BEFORE, |preflight| preflight.billed_before),
    (&rules::INVOICE_ORDER_UNKNOWN, |preflight| preflight.without_order),
    (&rules::INVOICE_LINE_UNKNOWN, |preflight| preflight.unknown_line),
    (&rules::INVOICE_ITEM_UNKNOWN, |preflight| preflight.unknown_item),
    (&rules::INVOICE_UNIT_UNCONVERTED, |preflight| preflight.wrong_unit),
    (&rules::INVOICE_EXCEEDS_ORDER, |preflight| preflight.over_billed),
    (&rules::INVOICE_OTHER_ITEM, |preflight| preflight.other_item),
    (&rules::INVOICE_WITHOUT_CUSTOMER_ITEM, |preflight| preflight.without_customer_item),
    (&rules::INVOICE_NUMBER_REUSED, |preflight| preflight.number_reused),
    (&rules::INVOICE_PRICE_ABOVE, |preflight| preflight.price_above),
    (&rules::INVOICE_PRICE_BELOW, |preflight| preflight.price_below),
    (&rules::INVOICE_LINE_NOT_ORDERED, |preflight| preflight.not_ordered),
    (&rules::CREDIT_EXCEEDS_INVOICES, |preflight| preflight.over_credited),
    (&rules::INVOICE_LATE, |preflight| preflight.late),
    (&rules::INVOICE_LACKS_REQUIRED, |preflight| preflight.missing),
];

/// Gives each finding the severity that the profile wants, and says what becomes of the invoice. `released`: a person lets it
/// go, and what would only be held is a warning then. What can never be billed stays an error.
pub fn judge(findings: &mut [Diagnostic], preflight: &Preflight, released: bool) -> Verdict {
    let mut verdict = Verdict::Send;
    for finding in findings {
        let action =
            CHECKS.iter().find(|(rule, _)| *rule == finding.rule).map(|(_, action)| action(preflight));
        let can_go = finding.rule.severity < Severity::Error;
        finding.severity = match action {
            None => finding.severity,
            Some(Action::Warn) => finding.rule.severity,
            Some(Action::Hold) if released && can_go => Severity::Warning,
            Some(Action::Hold | Action::Refuse) => Severity::Error,
        };
        if finding.severity == Severity::Error {
            let wanted = if action == Some(Action::Refuse) { Verdict::Refuse } else { Verdict::Hold };
            verdict = verdict.max(wanted);
        }
    }
    verdict
}

/// E480 and E481 where the price is further from the order's than the tolerance.
pub(super) fn price(
    posted: &PostedInvoiceLine,
    line: &OrderLine,
    price: Decimal,
    preflight: &Preflight,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let Some(ordered) = line.price else { return };
    let percent = ordered
        .checked_mul(preflight.price_tolerance_percent)
        .and_then(|product| product.checked_div(Decimal::ONE_HUNDRED))
        .unwrap_or_default();
    let allowed = percent.max(preflight.price_tolerance_amount);
    let Some(above) = price.checked_sub(ordered) else { return };
    if above.abs() <= allowed {
        return;
    }
    let rule = if above > Decimal::ZERO { &rules::INVOICE_PRICE_ABOVE } else { &rules::INVOICE_PRICE_BELOW };
    let detail = format!("price {} {}, ordered at {}", plain(price), line.price_basis, plain(ordered));
    diagnostics.push(Diagnostic::new(rule, place(posted)).detail(detail));
}

/// E418 for each line that was billed as ordered when the order came: the customer must not be asked to pay it twice.
pub(super) fn billed_before(
    posted: &PostedInvoice,
    found: &[Found<'_>],
    context: &BillContext<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    for (line, found) in posted.lines.iter().zip(found) {
        if let Some((ordered, _)) = found.line.filter(|_| is_billed_before(posted, found, context)) {
            let detail = format!("line {} of the order", ordered.line);
            diagnostics.push(Diagnostic::new(&rules::INVOICE_BILLED_BEFORE, place(line)).detail(detail));
        }
    }
}

fn is_billed_before(posted: &PostedInvoice, found: &Found<'_>, context: &BillContext<'_>) -> bool {
    let from_orders = context.profile.invoices.from == InvoiceSource::Orders;
    let billed = found
        .line
        .is_some_and(|(ordered, decided)| decided.state == LineState::Ordered && ordered.price.is_some());
    from_orders && billed && posted.kind == InvoiceType::Debit
}

/// E426 for each order line of which all invoices, this one with them, bill more than was ordered once the credits are taken
/// off; E483 for each of which more is credited than was billed. In the order's unit. What E418 tells is told once.
pub(super) fn quantities(
    posted: &PostedInvoice,
    found: &[Found<'_>],
    billed: &[InvoiceLine],
    context: &BillContext<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut sums: BTreeMap<u32, Decimal> = BTreeMap::new();
    for line in billed.iter().filter(|line| line.line > 0) {
        let sum = sums.entry(line.line).or_default();
        *sum = sum.saturating_add(line.quantity);
    }
    for (line, found) in posted.lines.iter().zip(found) {
        let (Some(order), Some((ordered, decided))) = (found.order, found.line) else { continue };
        if is_billed_before(posted, found, context) {
            continue;
        }
        // removed, so that each order line is told once
        let Some(now) = sums.remove(&ordered.line) else { continue };
        let before = order.billed.get(&ordered.line).copied().unwrap_or_default();
        let told = match posted.kind {
            InvoiceType::Debit if decided.state == LineState::Cancelled => {
                // nothing of it is ordered any more
                let taken_back = OrderLine { quantity: Some(Decimal::ZERO), ..ordered.clone() };
                over_billed(&taken_back, now, before)
            }
            InvoiceType::Debit => over_billed(ordered, now, before),
            InvoiceType::Credit => over_credited(ordered, now, before),
        };
        diagnostics.extend(told.map(|(rule, detail)| Diagnostic::new(rule, place(line)).detail(detail)));
    }
}

/// E426 for each line that is billed as ordered and of which the ERP billed something before.
pub(super) fn ordered_quantities(
    order: &BilledOrder,
    lines: &[InvoiceLine],
    diagnostics: &mut Vec<Diagnostic>,
) {
    for ordered in &order.order.order.lines {
        let Some(before) = order.billed.get(&ordered.line).copied() else { continue };
        let Some(now) = lines.iter().find(|line| line.line == ordered.line) else { continue };
        let told = over_billed(ordered, now.quantity, before);
        let at = number::line_place(ordered);
        diagnostics.extend(told.map(|(rule, detail)| Diagnostic::new(rule, at).detail(detail)));
    }
}

fn over_billed(ordered: &OrderLine, now: Decimal, before: Billed) -> Option<(&'static Rule, String)> {
    let limit = ordered.quantity?;
    let net = before.debit.saturating_sub(before.credit);
    if net.saturating_add(now) <= limit {
        return None;
    }
    let OrderLine { line, unit, .. } = ordered;
    let earlier =
        if net.is_zero() { String::new() } else { format!(" after {} by earlier invoices", plain(net)) };
    let detail = format!("line {line}: {} {unit} billed{earlier}, {} ordered", plain(now), plain(limit));
    Some((&rules::INVOICE_EXCEEDS_ORDER, detail))
}

fn over_credited(ordered: &OrderLine, now: Decimal, before: Billed) -> Option<(&'static Rule, String)> {
    if before.credit.saturating_add(now) <= before.debit {
        return None;
    }
    let OrderLine { line, unit, .. } = ordered;
    let earlier = if before.credit.is_zero() {
        String::new()
    } else {
        format!(" after {} by earlier credits", plain(before.credit))
    };
    let detail =
        format!("line {line}: {} {unit} credited{earlier}, {} billed", plain(now), plain(before.debit));
    Some((&rules::CREDIT_EXCEEDS_INVOICES, detail))
}

/// E484 where the invoice goes out later after its goods than the partner takes it.
pub(super) fn late(
    shipped: Option<Date>,
    invoiced: Option<Date>,
    context: &BillContext<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let (Some(limit), Some(from)) = (context.profile.invoices.preflight.late_days, shipped.or(invoiced))
    else {
        return;
    };
    let days = (context.today - from).get_days();
    if i64::from(days) > i64::from(limit) {
        let what = if shipped.is_some() { "shipment" } else { "the invoice's date" };
        let detail = format!("{days} days after {what} {from}, the partner takes {limit}");
        diagnostics.push(Diagnostic::new(&rules::INVOICE_LATE, Location::default()).detail(detail));
    }
}
