//! The parts of an invoice above and below its lines: parties, terms, charges.

use crate::documents::outbound::echoed_references;
use crate::domain::catalog::Catalog;
use crate::domain::diagnostic::{Diagnostic, Location};
use crate::domain::invoice::{Invoice, InvoiceLine, InvoiceType, PostedInvoice};
use crate::domain::order::{Charge, Party, PurchaseOrder, Reference, Terms};
use crate::domain::partner::PartnerProfile;
use crate::domain::resolution::DecidedOrder;
use crate::domain::rules::business::{DOCUMENT_SAYS_LESS, INVOICE_UNSENDABLE};
use crate::domain::{Decimal, Text};
use crate::pipeline::bill::BillContext;
use crate::x12::writer;
use std::collections::BTreeSet;

/// The invoice of an order, still without lines: what BIG, REF and N1 echo.
pub(super) fn of_order(
    order: &DecidedOrder,
    kind: InvoiceType,
    lines: &[InvoiceLine],
    context: &BillContext<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Invoice {
    let settings = &context.profile.invoices;
    let mut parties = vec![remit_to(context)];
    parties.extend(ship_to(order, lines, diagnostics));
    parties.extend(["BY", "BT"].iter().filter_map(|role| order.order.party(role)).cloned());
    Invoice {
        kind,
        customer: order.customer.clone(),
        po_date: order.order.po_date,
        po_number: order.order.po_number.clone(),
        release: order.order.release.clone(),
        currency: currency(&order.currency, context),
        references: references(&order.order.references, context),
        parties,
        terms: terms(kind, context.profile, Some(&order.order), diagnostics),
        carrier: order.order.routing.first().filter(|_| settings.carrier).cloned(),
        fob: if settings.fob { order.order.fob.clone() } else { Vec::new() },
        ..Invoice::default()
    }
}

/// The invoice of an order that is not known: the buyer is the customer of the master, under our number for it.
pub(super) fn unknown_order(posted: &PostedInvoice, context: &BillContext<'_>) -> Invoice {
    let po_number = posted.lines.first().map(|line| line.po_number.clone()).unwrap_or_default();
    let mut parties = vec![remit_to(context), buyer(&posted.customer, context.catalog)];
    let places: BTreeSet<&Text> = posted.lines.iter().map(|line| &line.ship_to).collect();
    if let [place] = places.into_iter().collect::<Vec<_>>().as_slice()
        && !place.is_empty()
    {
        let code = (*place).clone();
        parties.insert(1, Party { role: "ST".into(), code_qualifier: "92".into(), code, ..Party::default() });
    }
    Invoice {
        invoice_number: posted.invoice_number.clone(),
        kind: posted.kind,
        invoice_date: posted.invoice_date,
        customer: posted.customer.clone(),
        po_number,
        currency: currency("", context),
        references: references(&[], context),
        parties,
        terms: terms(posted.kind, context.profile, None, &mut Vec::new()),
        ..Invoice::default()
    }
}

/// Freight is a charge that the customer pays (D240, handling 06), an allowance is a discount off the invoice (C310, 02).
pub(super) fn charges(posted: &PostedInvoice) -> Vec<Charge> {
    let charge = |indicator: &str, code: &str, amount: Decimal, handling: &str, description: &str| Charge {
        indicator: indicator.into(),
        code: code.into(),
        amount: Some(amount),
        handling: handling.into(),
        description: description.into(),
        ..Charge::default()
    };
    [
        charge("A", "C310", posted.allowance, "02", "Allowance"),
        charge("C", "D240", posted.freight, "06", "Freight"),
    ]
    .into_iter()
    .filter(|charge| charge.amount.is_some_and(|amount| !amount.is_zero()))
    .collect()
}

/// What only JSON lines can post beside SAC: REF and the carrier; the ERP's word goes before the order's and the profile's. What
/// REF02 has no room for is E429: a part of a number is another number, and no partner sent this one to be echoed.
pub(super) fn add_posted(
    posted: &PostedInvoice,
    invoice: &mut Invoice,
    version: &str,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let room = writer::room("REF", 2, version);
    for Reference { qualifier, value, .. } in &posted.references {
        let length = value.chars().count();
        if length > room {
            let at = Location { segment_id: "REF".into(), element: 2, ..Location::default() };
            let detail = format!(
                "the posted reference {qualifier} has {length} characters, REF02 has room for {room}"
            );
            diagnostics.push(Diagnostic::new(&INVOICE_UNSENDABLE, at).found(value).detail(detail));
        }
    }
    let said =
        |reference: &Reference| posted.references.iter().any(|other| other.qualifier == reference.qualifier);
    invoice.references.retain(|reference| !said(reference));
    invoice.references.extend(posted.references.iter().cloned());
    if posted.carrier.is_some() {
        invoice.carrier.clone_from(&posted.carrier);
    }
}

/// E420 for SAC and TXI of an order that the profile does not bill.
pub(super) fn charges_left_out(order: &PurchaseOrder) -> Option<Diagnostic> {
    let of_lines: usize = order.lines.iter().map(|line| line.charges.len() + line.taxes.len()).sum();
    let count = of_lines + order.charges.len() + order.taxes.len();
    let at = Location { segment_id: "SAC".into(), ..Location::default() };
    let detail = format!("{count} allowances, charges and taxes of the order are not billed");
    (count > 0).then(|| Diagnostic::new(&DOCUMENT_SAYS_LESS, at).detail(detail))
}

/// REF of the order, with the profile's own; where both have a qualifier the profile's counts.
fn references(of_order: &[Reference], context: &BillContext<'_>) -> Vec<Reference> {
    let own = &context.profile.invoices.references;
    let kept =
        echoed_references(of_order).filter(|reference| !own.contains_key(&reference.qualifier)).cloned();
    let ours = own.iter().map(|(qualifier, value)| Reference {
        qualifier: qualifier.clone(),
        value: value.clone(),
        ..Reference::default()
    });
    kept.chain(ours).collect()
}

/// ITD of the profile: 08 with a discount, 01 without, both from the invoice's date (3); else the order's own, where the
/// profile echoes it. A credit has no terms: nothing is due, and no discount is taken from it.
pub(super) fn terms(
    kind: InvoiceType,
    profile: &PartnerProfile,
    order: Option<&PurchaseOrder>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Terms> {
    if kind == InvoiceType::Credit {
        return None;
    }
    let Some(settings) = profile.invoices.terms.as_ref() else {
        let theirs = order.filter(|_| profile.invoices.order_terms)?.terms.first()?;
        return Some(sayable(theirs, diagnostics));
    };
    let percent = settings.percent.filter(|percent| !percent.is_zero());
    Some(Terms {
        kind: if percent.is_some() { "08" } else { "01" }.into(),
        basis: "3".into(),
        percent,
        // a percentage needs its days: without them it holds until the net day
        discount_days: percent.map(|_| settings.days.unwrap_or(settings.net_days)),
        net_days: Some(settings.net_days),
        ..Terms::default()
    })
}

/// The order's terms as an 810 can say them: a percentage that has no day, or is none, is left out and told.
fn sayable(theirs: &Terms, diagnostics: &mut Vec<Diagnostic>) -> Terms {
    let mut terms = theirs.clone();
    let Some(percent) = terms.percent else { return terms };
    let fits = percent > Decimal::ZERO && percent < Decimal::ONE_HUNDRED;
    let dated = terms.discount_due.is_some() || terms.discount_days.is_some();
    if !fits || !dated {
        terms.percent = None;
        (terms.discount_due, terms.discount_days) = (None, None);
        if !percent.is_zero() {
            let at = Location { segment_id: "ITD".into(), element: 3, ..Location::default() };
            let detail = "the order's discount has no day, or is no percentage: no discount is said";
            diagnostics
                .push(Diagnostic::new(&DOCUMENT_SAYS_LESS, at).found(&percent.to_string()).detail(detail));
        }
    }
    terms
}

fn currency(of_order: &str, context: &BillContext<'_>) -> Text {
    if of_order.is_empty() { context.company.currency.clone() } else { of_order.into() }
}

fn remit_to(context: &BillContext<'_>) -> Party {
    let company = context.company;
    let own = context.profile.invoices.remit_to.clone().unwrap_or_default();
    own.party(&company.name, &company.remit_to)
}

fn buyer(customer: &Text, catalog: &Catalog) -> Party {
    let name = catalog.customer(customer).map(|known| known.name.clone()).unwrap_or_default();
    // 91: the code is the seller's
    Party { role: "BY".into(), name, code_qualifier: "91".into(), code: customer.clone(), ..Party::default() }
}

/// N1*ST: the order's, unless the billed lines go elsewhere; lines for several ship-tos name none.
fn ship_to(order: &DecidedOrder, lines: &[InvoiceLine], diagnostics: &mut Vec<Diagnostic>) -> Option<Party> {
    let party = order.order.party("ST");
    let billed: BTreeSet<u32> = lines.iter().map(|line| line.line).collect();
    let places: BTreeSet<&Text> = order
        .order
        .lines
        .iter()
        .filter(|line| billed.contains(&line.line) && !line.ship_to.is_empty())
        .map(|line| &line.ship_to)
        .collect();
    let mut places = places.into_iter();
    match (places.next(), places.next()) {
        (None, _) => party.cloned(),
        (Some(place), None) if party.is_some_and(|party| party.code == *place) => party.cloned(),
        (Some(place), None) => {
            // 92: the code is the buyer's
            let code_qualifier = party.map_or_else(|| "92".into(), |party| party.code_qualifier.clone());
            let code_qualifier = if code_qualifier.is_empty() { "92".into() } else { code_qualifier };
            Some(Party { role: "ST".into(), code_qualifier, code: place.clone(), ..Party::default() })
        }
        (Some(_), Some(_)) => {
            let detail = "the lines go to several ship-tos: the invoice names none of them";
            let at = Location { segment_id: "N1".into(), ..Location::default() };
            diagnostics.push(Diagnostic::new(&DOCUMENT_SAYS_LESS, at).detail(detail));
            None
        }
    }
}
