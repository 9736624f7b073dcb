//! From what the ERP posted, or from an order as accepted, to an invoice in the order's own words that balances.

mod charges;
mod header;
mod line;
mod number;
mod preflight;

pub use preflight::{Verdict, judge};

use crate::domain::catalog::Catalog;
use crate::domain::diagnostic::{Diagnostic, Location};
use crate::domain::fact::InvoiceLineFact;
use crate::domain::invoice::{Invoice, InvoiceLine, InvoiceType, PostedInvoice, PostedInvoiceLine, RoundAt};
use crate::domain::money::{n2, to_micros_rounded};
use crate::domain::order::ItemNumber;
use crate::domain::partner::{Company, PartnerProfile};
use crate::domain::resolution::{DecidedOrder, LineState};
use crate::domain::rules::business as rules;
use crate::domain::{Date, Decimal, Text};
use std::collections::{BTreeMap, BTreeSet};

/// An order as received with its resolutions, under the id that the orders file gave it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BilledOrder {
    pub order_id: Text,
    pub order: DecidedOrder,
    /// By our line number, what earlier invoices and credits came to.
    pub billed: BTreeMap<u32, Billed>,
}

/// What was billed and credited of an order line so far, in the order's unit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Billed {
    pub debit: Decimal,
    pub credit: Decimal,
}

/// A customer's number for an item of ours, out of the cross-reference: the row of the best rank.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomerItemNumber {
    /// An empty qualifier: the row names none, and the partner's `invoices.customer_item_qualifier` takes its place.
    pub number: ItemNumber,
    pub xref_id: i64,
}

/// Finds the customer item number for (customer, ship-to, item); the ship-to is empty where none is known.
pub type CustomerItemLookup<'a> = dyn Fn(&str, &str, &str) -> Option<CustomerItemNumber> + Sync + 'a;

/// What billing knows besides the documents.
#[derive(Clone, Copy)]
pub struct BillContext<'a> {
    pub company: &'a Company,
    pub profile: &'a PartnerProfile,
    pub catalog: &'a Catalog,
    pub customer_item: &'a CustomerItemLookup<'a>,
    /// The day on which it would go out.
    pub today: Date,
    /// A person lets the invoice go, or no 810 of it goes out: what would only hold it is told and holds nothing.
    pub released: bool,
}

impl std::fmt::Debug for BillContext<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BillContext").field("partner", self.profile.id()).finish_non_exhaustive()
    }
}

/// An invoice, and whether it may go out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BillResult {
    /// Of a held invoice, the lines that could be billed; its total is theirs.
    pub invoice: Invoice,
    /// Anything but `Send`: nothing goes to the customer.
    pub verdict: Verdict,
    /// The order that the invoice bills; empty where none is known.
    pub order_id: Text,
}

/// Bills what the ERP posted. `orders` are the orders that the posted lines may mean.
///
/// A line finds its order by `order_id`, else by customer and PO number; its order line by our line number, else by a PO101
/// that is there once, else by an item that is there once. All lines of one invoice bill one purchase order. What the
/// profile's pre-flight holds, and any error, holds the whole invoice: no part of it is sent alone.
pub fn bill_posted(
    posted: &PostedInvoice,
    orders: &[BilledOrder],
    context: &BillContext<'_>,
) -> (BillResult, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let Some(posted) = positive(posted) else {
        let detail = "quantities, prices and amounts are positive, in a credit all of one sign";
        let at = posted.lines.first().map(place).unwrap_or_default();
        diagnostics.push(Diagnostic::new(&rules::INVOICE_UNSENDABLE, at).detail(detail));
        let invoice = header::unknown_order(posted, context);
        return (BillResult { invoice, verdict: Verdict::Hold, order_id: Text::default() }, diagnostics);
    };
    let found: Vec<line::Found<'_>> =
        posted.lines.iter().map(|line| line::find(&posted, line, orders, &mut diagnostics)).collect();
    let billed: Vec<InvoiceLine> = posted
        .lines
        .iter()
        .zip(&found)
        .filter_map(|(line, found)| line::bill(&posted.customer, line, found, context, &mut diagnostics))
        .collect();
    preflight::quantities(&posted, &found, &billed, context, &mut diagnostics);
    preflight::billed_before(&posted, &found, context, &mut diagnostics);
    let order = one_order(&posted, &found, &mut diagnostics);
    let mut invoice = match order {
        Some(order) => header::of_order(&order.order, posted.kind, &billed, context, &mut diagnostics),
        None => header::unknown_order(&posted, context),
    };
    invoice.invoice_number.clone_from(&posted.invoice_number);
    invoice.invoice_date = posted.invoice_date;
    invoice.ship_date = billed.iter().filter_map(|line| line.ship_date).max();
    invoice.lines = billed;
    invoice.charges = header::charges(&posted);
    charges::of_posted(&posted, &mut invoice, context.profile.invoices.rounding, &mut diagnostics);
    header::add_posted(&posted, &mut invoice, &context.profile.x12.version, &mut diagnostics);
    preflight::late(invoice.ship_date, invoice.invoice_date, context, &mut diagnostics);
    invoice.tax = (!posted.tax.is_zero()).then_some(posted.tax);
    let order_id = order.map(|order| order.order_id.clone()).unwrap_or_default();
    (finish(invoice, order_id, context, &mut diagnostics), diagnostics)
}

/// The lines of an order that go on one invoice each, as numbers in their order: the accepted ones, those of `among` if only
/// these are asked for, apart by ship-to where the profile wants it.
pub fn parts(
    order: &DecidedOrder,
    among: Option<&BTreeSet<u32>>,
    profile: &PartnerProfile,
) -> Vec<BTreeSet<u32>> {
    let mut parts: Vec<(Text, BTreeSet<u32>)> = Vec::new();
    let mut by_place: BTreeMap<Text, usize> = BTreeMap::new();
    for (line, decided) in order.order.lines.iter().zip(&order.lines) {
        if decided.state != LineState::Ordered || among.is_some_and(|among| !among.contains(&line.line)) {
            continue;
        }
        let place = if profile.invoices.per_ship_to { line.ship_to.clone() } else { Text::default() };
        let at = *by_place.entry(place.clone()).or_insert(parts.len());
        if at == parts.len() {
            parts.push((place, BTreeSet::new()));
        }
        if let Some((_, lines)) = parts.get_mut(at) {
            lines.insert(line.line);
        }
    }
    parts.into_iter().map(|(_, lines)| lines).collect()
}

/// Bills a part of an order as it was accepted: of these lines the ones in state ordered that have a quantity and a price. What
/// the ERP billed of them before makes them more than was ordered.
/// None where no line can be billed; what is left out is noted.
pub fn bill_order(
    order: &BilledOrder,
    part: &BTreeSet<u32>,
    invoice_number: &str,
    date: Date,
    context: &BillContext<'_>,
) -> (Option<BillResult>, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let decided = &order.order;
    let settings = &context.profile.invoices;
    let mut lines = Vec::new();
    for (line, resolved) in decided.order.lines.iter().zip(&decided.lines) {
        if resolved.state != LineState::Ordered || !part.contains(&line.line) {
            continue;
        }
        if let Some(mut billed) =
            line::as_ordered(&decided.customer, line, resolved, context, &mut diagnostics)
        {
            if settings.order_charges {
                billed.charges = charges::of_line(line, billed.amount, settings.rounding, &mut diagnostics);
            }
            lines.push(billed);
        } else {
            let detail = format!("line {} is not billed: it has no quantity or no price", line.line);
            let at = number::line_place(line);
            diagnostics.push(Diagnostic::new(&rules::DOCUMENT_SAYS_LESS, at).detail(detail));
        }
    }
    if lines.is_empty() {
        return (None, diagnostics);
    }
    preflight::ordered_quantities(order, &lines, &mut diagnostics);
    let mut invoice = header::of_order(decided, InvoiceType::Debit, &lines, context, &mut diagnostics);
    invoice.invoice_number = invoice_number.into();
    invoice.invoice_date = Some(date);
    invoice.lines = lines;
    if settings.order_charges {
        charges::of_header(&decided.order, &mut invoice, settings.rounding, &mut diagnostics);
    } else {
        diagnostics.extend(header::charges_left_out(&decided.order));
    }
    let result = finish(invoice, order.order_id.clone(), context, &mut diagnostics);
    (Some(result), diagnostics)
}

/// The facts of an invoice, a row a line, in the item's own unit. What does not fit a fact's 64 bits cannot be in an
/// invoice that was billed here.
pub fn facts(invoice: &Invoice, order_id: &str, run_id: &str, date: Date) -> Vec<InvoiceLineFact> {
    let fact = |line: &InvoiceLine| {
        let number = line.customer_item.clone();
        InvoiceLineFact {
            date,
            run_id: run_id.into(),
            invoice_number: invoice.invoice_number.clone(),
            kind: invoice.kind.code().into(),
            invoice_date: invoice.invoice_date,
            partner: invoice.partner.clone(),
            customer: invoice.customer.clone(),
            po_number: invoice.po_number.clone(),
            line: line.line,
            po_line_id: line.po_line_id.clone(),
            item: line.item.clone(),
            customer_item: number.value,
            customer_item_qualifier: number.qualifier,
            unit: line.item_unit.clone(),
            quantity_micro: to_micros_rounded(line.item_quantity).unwrap_or_default(),
            amount_micro: to_micros_rounded(line.amount).unwrap_or_default(),
            currency: invoice.currency.clone(),
            order_id: order_id.into(),
        }
    };
    invoice.lines.iter().map(fact).collect()
}

/// The invoice with every sum positive: a credit that the ERP posts with minus signs throughout is turned; None for signs
/// that differ, and for a quantity of 0.
fn positive(posted: &PostedInvoice) -> Option<PostedInvoice> {
    let mut posted = posted.clone();
    let turned = posted.kind == InvoiceType::Credit
        && !posted.lines.is_empty()
        && posted.lines.iter().all(|line| line.quantity < Decimal::ZERO);
    if turned {
        posted.lines.iter_mut().for_each(|line| line.quantity = -line.quantity);
        for amount in [&mut posted.tax, &mut posted.freight, &mut posted.allowance] {
            *amount = -*amount;
        }
        let of_lines = posted.lines.iter_mut().flat_map(|line| &mut line.charges);
        for amount in posted.charges.iter_mut().chain(of_lines).filter_map(|charge| charge.amount.as_mut()) {
            *amount = -*amount;
        }
    }
    let of_lines = posted.lines.iter().flat_map(|line| &line.charges);
    let mut of_charges = posted.charges.iter().chain(of_lines).filter_map(|charge| charge.amount);
    let billable = of_charges.all(|amount| amount >= Decimal::ZERO);
    let lines =
        posted.lines.iter().all(|line| line.quantity > Decimal::ZERO && line.unit_price >= Decimal::ZERO);
    let amounts =
        [posted.tax, posted.freight, posted.allowance].iter().all(|amount| *amount >= Decimal::ZERO);
    (lines && amounts && billable).then_some(posted)
}

/// The one order that the invoice bills. An 810 has one BIG04: lines of several orders are an error.
fn one_order<'o>(
    posted: &PostedInvoice,
    found: &[line::Found<'o>],
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<&'o BilledOrder> {
    let first = found.first()?;
    for (line, other) in posted.lines.iter().zip(found).skip(1) {
        let id = |found: &line::Found<'o>| found.order.map(|order| &order.order_id);
        let first_po = posted.lines.first().map(|line| &line.po_number);
        if id(other) != id(first) || Some(&line.po_number) != first_po {
            let detail = "the invoice bills more than one purchase order";
            diagnostics.push(
                Diagnostic::new(&rules::INVOICE_UNSENDABLE, place(line))
                    .found(&line.po_number)
                    .detail(detail),
            );
            break;
        }
    }
    first.order
}

/// What every invoice gets in the end: partner, rounding, total, and what becomes of it.
fn finish(
    mut invoice: Invoice,
    order_id: Text,
    context: &BillContext<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> BillResult {
    let settings = &context.profile.invoices;
    invoice.partner.clone_from(context.profile.id());
    (invoice.rounding, invoice.round) = (settings.rounding, settings.round);
    // what is no amount is told and left out, so that the total can be computed at all
    let mut whole = |amount: Decimal| {
        let whole = is_amount(amount);
        if !whole {
            let detail = format!("{amount} is no amount in whole cents, or too large");
            diagnostics.push(Diagnostic::new(&rules::INVOICE_UNSENDABLE, Location::default()).detail(detail));
        }
        whole
    };
    for line in &mut invoice.lines {
        line.charges.retain(|charge| charge.amount.is_none_or(&mut whole));
    }
    invoice.charges.retain(|charge| charge.amount.is_none_or(&mut whole));
    invoice.tax = invoice.tax.filter(|tax| whole(*tax));
    invoice.total = invoice.computed_total();
    if !is_amount(invoice.total) {
        let detail = format!("its total of {} is too large", invoice.total);
        diagnostics.push(Diagnostic::new(&rules::INVOICE_UNSENDABLE, Location::default()).detail(detail));
    }
    if invoice.total < Decimal::ZERO {
        let detail = format!("its total is {}: the allowances come to more than the rest", invoice.total);
        diagnostics.push(Diagnostic::new(&rules::INVOICE_UNSENDABLE, Location::default()).detail(detail));
    }
    let verdict = judge(diagnostics, &settings.preflight, context.released);
    assert!(verdict != Verdict::Send || invoice.proof().is_none(), "what is billed here balances");
    BillResult { invoice, verdict, order_id }
}

/// Whole cents that the store and the facts can keep: as many of them as a document holds can be added.
fn is_amount(amount: Decimal) -> bool {
    n2(amount).is_some() && to_micros_rounded(amount).is_some()
}

/// A line's amount by the partner's rule: rounded to the cent, once, or exact where the total is what is rounded.
fn line_amount(exact: Decimal, context: &BillContext<'_>) -> Decimal {
    let settings = &context.profile.invoices;
    match settings.round {
        RoundAt::Line => settings.rounding.cents(exact),
        RoundAt::Total => exact,
    }
}

/// Where a posted line stands in its file.
fn place(line: &PostedInvoiceLine) -> Location {
    Location { row: line.row, offset: line.offset, ..Location::default() }
}

#[cfg(test)]
mod tests;
