//! The parts of an invoice above and below its lines: parties, terms, charges.

use crate::domain::catalog::Catalog;
use crate::domain::diagnostic::{Diagnostic, Location};
use crate::domain::invoice::{Invoice, InvoiceLine, InvoiceType, PostedInvoice};
use crate::domain::order::{Charge, Party, Terms};
use crate::domain::partner::PartnerProfile;
use crate::domain::resolution::DecidedOrder;
use crate::domain::rules::business::DOCUMENT_SAYS_LESS;
use crate::domain::{Decimal, Text};
use crate::pipeline::bill::BillContext;
use std::collections::BTreeSet;

/// The invoice of an order, still without lines: what BIG, REF and N1 echo.
pub(super) fn of_order(
    order: &DecidedOrder,
    lines: &[InvoiceLine],
    context: &BillContext<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Invoice {
    let mut parties = vec![remit_to(context)];
    parties.extend(ship_to(order, lines, diagnostics));
    parties.extend(["BY", "BT"].iter().filter_map(|role| order.order.party(role)).cloned());
    Invoice {
        customer: order.customer.clone(),
        po_date: order.order.po_date,
        po_number: order.order.po_number.clone(),
        release: order.order.release.clone(),
        currency: currency(&order.currency, context),
        references: order.order.references.clone(),
        parties,
        ..Invoice::default()
    }
}

/// The invoice of an order that is not known: the buyer is the customer of the master, under our number for it.
pub(super) fn unknown_order(posted: &PostedInvoice, context: &BillContext<'_>) -> Invoice {
    let po_number = posted.lines.first().map(|line| line.po_number.clone()).unwrap_or_default();
    Invoice {
        invoice_number: posted.invoice_number.clone(),
        kind: posted.kind,
        invoice_date: posted.invoice_date,
        customer: posted.customer.clone(),
        po_number,
        currency: currency("", context),
        parties: vec![remit_to(context), buyer(&posted.customer, context.catalog)],
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

/// ITD of the profile: 08 with a discount, 01 without, both from the invoice's date (3). A credit has no terms: nothing is
/// due, and no discount is taken from it.
pub(super) fn terms(kind: InvoiceType, profile: &PartnerProfile) -> Option<Terms> {
    let settings = profile.invoices.terms.as_ref().filter(|_| kind == InvoiceType::Debit)?;
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

fn currency(of_order: &str, context: &BillContext<'_>) -> Text {
    if of_order.is_empty() { context.company.currency.clone() } else { of_order.into() }
}

fn remit_to(context: &BillContext<'_>) -> Party {
    let company = context.company;
    Party {
        role: "RE".into(),
        name: company.name.clone(),
        address: company.remit_to.clone(),
        ..Party::default()
    }
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
