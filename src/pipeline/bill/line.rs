//! One billed line: which order line it bills, in whose unit and price, under which numbers.

use crate::domain::diagnostic::{Diagnostic, Rule};
use crate::domain::invoice::{InvoiceLine, PostedInvoice, PostedInvoiceLine};
use crate::domain::money::{plain, price_divisor, round_cents, to_micros, to_micros_rounded};
use crate::domain::order::OrderLine;
use crate::domain::resolution::{DecidedLine, LineState, Resolution};
use crate::domain::rules::business as rules;
use crate::domain::unit::Fraction;
use crate::domain::{Decimal, Text};
use crate::pipeline::bill::{BillContext, BilledOrder, line_amount, number, place, preflight};
use rust_decimal::RoundingStrategy::MidpointAwayFromZero;

/// The order and the line of it that a posted line bills.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found<'o> {
    pub(super) order: Option<&'o BilledOrder>,
    /// None of a known order: the line fits no single one, and that is told.
    pub(super) line: Option<(&'o OrderLine, &'o DecidedLine)>,
}

/// Finds order and line; tells what cannot be found.
pub(super) fn find<'o>(
    posted: &PostedInvoice,
    line: &PostedInvoiceLine,
    orders: &'o [BilledOrder],
    diagnostics: &mut Vec<Diagnostic>,
) -> Found<'o> {
    let by_id = orders.iter().filter(|order| !line.order_id.is_empty() && order.order_id == line.order_id);
    let mut candidates: Vec<&BilledOrder> = by_id.collect();
    if candidates.is_empty() {
        let same = |order: &&BilledOrder| {
            order.order.customer == posted.customer && order.order.order.po_number == line.po_number
        };
        candidates = orders.iter().filter(same).collect();
    }
    if candidates.is_empty() {
        let rule = &rules::INVOICE_ORDER_UNKNOWN;
        // one cause, one message: an invoice without its order has many lines
        if !diagnostics.iter().any(|told| told.rule == rule && told.found == line.po_number) {
            diagnostics.push(Diagnostic::new(rule, place(line)).found(&line.po_number));
        }
        return Found { order: None, line: None };
    }
    let fitting: Vec<Found<'o>> = candidates
        .iter()
        .filter(|order| order.order.customer == posted.customer)
        .filter_map(|order| Some(Found { order: Some(order), line: Some(locate(order, line)?) }))
        .collect();
    if let [found] = fitting.as_slice() {
        return *found;
    }
    let PostedInvoiceLine { po_line_id, item, .. } = line;
    let asked = line.line.map_or_else(|| "none".to_owned(), |line| line.to_string());
    let detail = format!(
        "line {asked}, PO101 {po_line_id:?}, item {item:?}: fits {} lines in {} orders of PO {:?}",
        fitting.len(),
        candidates.len(),
        line.po_number
    );
    diagnostics.push(Diagnostic::new(&rules::INVOICE_LINE_UNKNOWN, place(line)).detail(detail));
    Found { order: candidates.first().copied(), line: None }
}

/// By our line number; else by PO101, with the item where several lines have it; else by the item alone.
fn locate<'o>(
    order: &'o BilledOrder,
    posted: &PostedInvoiceLine,
) -> Option<(&'o OrderLine, &'o DecidedLine)> {
    let lines = || order.order.order.lines.iter().zip(&order.order.lines);
    if let Some(number) = posted.line {
        return lines().find(|(line, _)| line.line == number);
    }
    let has_item = |(_, decided): &(&OrderLine, &DecidedLine)| decided.resolution.item == posted.item;
    if posted.po_line_id.is_empty() {
        return only(lines().filter(has_item));
    }
    let same = || lines().filter(|(line, _)| line.po_line_id == posted.po_line_id);
    only(same()).or_else(|| only(same().filter(has_item)))
}

fn only<T>(mut values: impl Iterator<Item = T>) -> Option<T> {
    let first = values.next()?;
    values.next().is_none().then_some(first)
}

/// The billed line, or None and an error among the diagnostics.
pub(super) fn bill(
    customer: &str,
    posted: &PostedInvoiceLine,
    found: &Found<'_>,
    context: &BillContext<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<InvoiceLine> {
    let line = match (found.order, found.line) {
        (Some(order), Some((line, decided))) => {
            of_order(&order.order.customer, posted, (line, decided), context, diagnostics)
        }
        (Some(_), None) => return None,
        (None, _) => without_order(customer, posted, context, diagnostics),
    };
    match line {
        Ok(line) => Some(line),
        Err(problem) => {
            diagnostics.push(problem.diagnostic(posted));
            None
        }
    }
}

/// Why a line cannot be billed.
struct Problem {
    rule: &'static Rule,
    detail: String,
}

impl Problem {
    fn new(rule: &'static Rule, detail: impl Into<String>) -> Self {
        Self { rule, detail: detail.into() }
    }

    fn diagnostic(self, posted: &PostedInvoiceLine) -> Diagnostic {
        Diagnostic::new(self.rule, place(posted)).detail(self.detail)
    }
}

/// A line of a known order: its own id, number, unit and price basis, with what the ERP posted said in them.
fn of_order(
    customer: &str,
    posted: &PostedInvoiceLine,
    (line, decided): (&OrderLine, &DecidedLine),
    context: &BillContext<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<InvoiceLine, Problem> {
    if decided.state != LineState::Ordered {
        let what = decided.state.as_str();
        let why = match decided.state {
            LineState::Cancelled => "the customer took it back",
            _ => "it was not handed to the ERP",
        };
        let detail = format!("line {} of the order is {what}: {why}", line.line);
        diagnostics.push(Diagnostic::new(&rules::INVOICE_LINE_NOT_ORDERED, place(posted)).detail(detail));
    }
    let shipped = shipped(posted, line, decided, context, diagnostics)?;
    let divisor = price_divisor(&line.price_basis, &line.unit).ok_or_else(|| {
        Problem::new(&rules::INVOICE_UNSENDABLE, format!("price basis {:?} is not known", line.price_basis))
    })?;
    let (quantity, factor) = in_order_unit(posted, line, decided, &shipped, context)?;
    let (price, amount) = priced(posted, quantity, factor, divisor, (line.price, context))?;
    // where no exact way leads from the order's unit to the item's, the ledger sees the order's
    let (item_quantity, item_unit) = match shipped.factor.and_then(|factor| factor.apply(quantity)) {
        Some(converted) => (converted, shipped.unit.clone()),
        None => (quantity, line.unit.clone()),
    };
    preflight::price(posted, line, price, &context.profile.invoices.preflight, diagnostics);
    let key = (customer, line.ship_to.as_str(), shipped.item.as_str());
    let numbers = number::of_line(line, decided, key, context);
    number::tell_missing(&numbers, &shipped.item, place(posted), diagnostics);
    let description = number::description(&shipped.item, &line.description, context);
    Ok(InvoiceLine {
        line: line.line,
        po_line_id: line.po_line_id.clone(),
        quantity,
        unit: line.unit.clone(),
        price,
        price_basis: line.price_basis.clone(),
        price_divisor: divisor,
        item: shipped.item,
        item_quantity,
        item_unit,
        numbers: numbers.list,
        customer_item: numbers.customer_item,
        description,
        serials: posted.serials.clone(),
        ship_date: posted.ship_date,
        charges: posted.charges.clone(),
        amount,
        xref_id: numbers.xref_id,
    })
}

/// What was shipped: the item of the posted line, its unit, and how many of that unit are in one ordered unit.
struct Shipped {
    item: Text,
    unit: Text,
    factor: Option<Fraction>,
}

/// The order line's own item with its recorded factor, or another item, which is told. The recorded factor also stands for
/// another item that is counted in the same unit.
fn shipped(
    posted: &PostedInvoiceLine,
    line: &OrderLine,
    decided: &DecidedLine,
    context: &BillContext<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Shipped, Problem> {
    let resolution = &decided.resolution;
    if !resolution.item.is_empty() && (posted.item.is_empty() || posted.item == resolution.item) {
        let Resolution { item, unit, factor, .. } = resolution;
        return Ok(Shipped { item: item.clone(), unit: unit.clone(), factor: *factor });
    }
    let Some(item) = context.catalog.item(&posted.item) else {
        return Err(Problem::new(&rules::INVOICE_ITEM_UNKNOWN, format!("item {:?}", posted.item)));
    };
    if !resolution.item.is_empty() {
        let detail = format!("item {}, ordered {}", posted.item, resolution.item);
        diagnostics.push(Diagnostic::new(&rules::INVOICE_OTHER_ITEM, place(posted)).detail(detail));
    }
    let factor = if line.unit == item.unit {
        Some(Fraction::ONE)
    } else {
        resolution.factor.filter(|_| resolution.unit == item.unit)
    };
    Ok(Shipped { item: item.item.clone(), unit: item.unit.clone(), factor })
}

/// The quantity in the order's unit, and how many posted units are in one ordered unit.
fn in_order_unit(
    posted: &PostedInvoiceLine,
    line: &OrderLine,
    decided: &DecidedLine,
    shipped: &Shipped,
    context: &BillContext<'_>,
) -> Result<(Decimal, Fraction), Problem> {
    let PostedInvoiceLine { unit, quantity, unit_price, .. } = posted;
    let refused = |why: String| Problem::new(&rules::INVOICE_UNIT_UNCONVERTED, why);
    let alias = |word: &Text| context.profile.orders.unit_aliases.get(word) == Some(unit);
    let orders = !unit.is_empty()
        && (*unit == line.unit || *unit == line.unit_text || alias(&line.unit) || alias(&line.unit_text));
    let items = !unit.is_empty() && *unit == shipped.unit;
    let factor = shipped.factor.unwrap_or(Fraction::ONE);
    let in_items_unit = match (orders, items) {
        (true, false) => false,
        (true, true) if factor == Fraction::ONE => false,
        // one name for two units, because a row's factor applies to any unit: the price tells which is meant
        (true, true) => {
            let ordered = decided.unit_price;
            if ordered.is_some() && factor.apply(*unit_price) == ordered {
                true
            } else if ordered == Some(*unit_price) {
                false
            } else {
                return Err(refused(format!(
                    "{unit} is the unit of the order and of the item, with {factor} of the one in the other, and the \
                     price fits neither"
                )));
            }
        }
        (false, true) if shipped.factor.is_some() => true,
        (false, true) => return Err(refused(format!("no factor leads from {} to {unit}", line.unit))),
        (false, false) => {
            return Err(refused(format!(
                "unit {unit:?} is neither the order's {:?} nor the item's {:?}",
                line.unit, shipped.unit
            )));
        }
    };
    if !in_items_unit {
        return Ok((*quantity, Fraction::ONE));
    }
    factor
        .inverse()
        .apply(*quantity)
        .map(|converted| (converted, factor))
        .ok_or_else(|| refused(format!("{} {unit} are no exact quantity in {}", plain(*quantity), line.unit)))
}

/// IT104 and the amount. The price is the order's own where the posted one is that price rounded; else the posted one
/// said in the order's unit and basis, exactly, or to the millionth where it has no end. Whichever is taken, the amount is
/// the posted quantity × price to the cent, or the line is refused.
fn priced(
    posted: &PostedInvoiceLine,
    quantity: Decimal,
    factor: Fraction,
    divisor: Decimal,
    (ordered, context): (Option<Decimal>, &BillContext<'_>),
) -> Result<(Decimal, Decimal), Problem> {
    let too_large = || Problem::new(&rules::INVOICE_UNSENDABLE, "an amount or quantity that does not fit");
    let target = posted.quantity.checked_mul(posted.unit_price).ok_or_else(too_large)?;
    let target = line_amount(target, context);
    if to_micros_rounded(target).is_none() || to_micros(quantity).is_none() {
        return Err(too_large());
    }
    let numerator = Decimal::from(factor.numerator());
    let denominator = Decimal::from(factor.denominator());
    let in_posted_unit = |price: Decimal| {
        let scale = posted.unit_price.scale().max(2);
        let per_unit = price.checked_mul(denominator)?.checked_div(divisor.checked_mul(numerator)?)?;
        Some(per_unit.round_dp_with_strategy(scale, MidpointAwayFromZero))
    };
    let orders_own = ordered.filter(|price| in_posted_unit(*price) == Some(posted.unit_price));
    let exact = factor.apply(posted.unit_price).and_then(|price| price.checked_mul(divisor));
    let rounded = posted
        .unit_price
        .checked_mul(numerator)
        .and_then(|price| price.checked_mul(divisor)?.checked_div(denominator))
        .map(|price| price.round_dp_with_strategy(6, MidpointAwayFromZero));
    [orders_own, exact, rounded]
        .into_iter()
        .flatten()
        .filter_map(|price| Some((price, amount(quantity, price, divisor, context)?)))
        // where the total is what is rounded, a price without an end may be off by less than the cent
        .find(|(_, amount)| round_cents(*amount) == round_cents(target))
        .map(|(price, amount)| (price.normalize(), amount))
        .ok_or_else(|| {
            let detail = format!("in the order's unit the amount would not be {target}");
            Problem::new(&rules::INVOICE_UNIT_UNCONVERTED, detail)
        })
}

/// Quantity × price ÷ divisor, by the partner's rule.
fn amount(quantity: Decimal, price: Decimal, divisor: Decimal, context: &BillContext<'_>) -> Option<Decimal> {
    quantity.checked_mul(price)?.checked_div(divisor).map(|exact| line_amount(exact, context))
}

/// A line without a known order: in the item's own unit, under the numbers of the cross-reference and the master.
fn without_order(
    customer: &str,
    posted: &PostedInvoiceLine,
    context: &BillContext<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<InvoiceLine, Problem> {
    let item = context
        .catalog
        .item(&posted.item)
        .ok_or_else(|| Problem::new(&rules::INVOICE_ITEM_UNKNOWN, format!("item {:?}", posted.item)))?;
    if posted.unit != item.unit {
        let detail =
            format!("unit {:?} is not the item's {:?}, and no order is known", posted.unit, item.unit);
        return Err(Problem::new(&rules::INVOICE_UNIT_UNCONVERTED, detail));
    }
    let (price, amount) = priced(posted, posted.quantity, Fraction::ONE, Decimal::ONE, (None, context))?;
    let numbers = number::of_item((customer, &posted.ship_to, &item.item), context);
    number::tell_missing(&numbers, &item.item, place(posted), diagnostics);
    Ok(InvoiceLine {
        po_line_id: posted.po_line_id.clone(),
        quantity: posted.quantity,
        unit: posted.unit.clone(),
        price,
        price_divisor: Decimal::ONE,
        item: item.item.clone(),
        item_quantity: posted.quantity,
        item_unit: item.unit.clone(),
        numbers: numbers.list,
        customer_item: numbers.customer_item,
        description: item.description.clone(),
        serials: posted.serials.clone(),
        ship_date: posted.ship_date,
        charges: posted.charges.clone(),
        amount,
        xref_id: numbers.xref_id,
        ..InvoiceLine::default()
    })
}

/// A line billed as it was ordered; None without item, quantity, price or a known price basis.
pub(super) fn as_ordered(
    customer: &str,
    line: &OrderLine,
    decided: &DecidedLine,
    context: &BillContext<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<InvoiceLine> {
    let Resolution { item, unit, quantity: item_quantity, .. } = &decided.resolution;
    let quantity = line.quantity.filter(|quantity| *quantity > Decimal::ZERO)?;
    let price = line.price.filter(|price| *price >= Decimal::ZERO)?;
    let divisor = price_divisor(&line.price_basis, &line.unit)?;
    let amount =
        amount(quantity, price, divisor, context).filter(|amount| to_micros_rounded(*amount).is_some())?;
    let key = (customer, line.ship_to.as_str(), item.as_str());
    let numbers = number::of_line(line, decided, key, context);
    number::tell_missing(&numbers, item, number::line_place(line), diagnostics);
    Some(InvoiceLine {
        line: line.line,
        po_line_id: line.po_line_id.clone(),
        quantity,
        unit: line.unit.clone(),
        price,
        price_basis: line.price_basis.clone(),
        price_divisor: divisor,
        item_quantity: item_quantity.unwrap_or(quantity),
        item_unit: if item_quantity.is_some() { unit.clone() } else { line.unit.clone() },
        numbers: numbers.list,
        customer_item: numbers.customer_item,
        description: number::description(key.2, &line.description, context),
        item: item.clone(),
        amount,
        xref_id: numbers.xref_id,
        ..InvoiceLine::default()
    })
}
