//! The numbers of a billed line: the order's own, then ours, then the GTIN.

use crate::documents::internal_order::customer_item;
use crate::domain::Text;
use crate::domain::diagnostic::{Diagnostic, Location};
use crate::domain::gtin;
use crate::domain::order::{ItemNumber, OrderLine};
use crate::domain::resolution::DecidedLine;
use crate::domain::rules::business::INVOICE_WITHOUT_CUSTOMER_ITEM;
use crate::pipeline::bill::BillContext;

/// IT106.. in their order.
pub(super) struct Numbers {
    pub(super) list: Vec<ItemNumber>,
    /// The row that gave the Customer Item#, where the order gave none.
    pub(super) xref_id: Option<i64>,
    /// The one of the numbers that is the customer's; empty: none is.
    pub(super) customer_item: ItemNumber,
}

/// Customer, ship-to and item: what the cross-reference is asked for.
pub(super) type Key<'k> = (&'k str, &'k str, &'k str);

/// Of an order line: the customer's number as received; an order without one echoes the number that decided, else its
/// first, and the Customer Item# comes from the cross-reference.
pub(super) fn of_line(
    line: &OrderLine,
    decided: &DecidedLine,
    key: Key<'_>,
    context: &BillContext<'_>,
) -> Numbers {
    let resolution = &decided.resolution;
    if let Some(theirs) = customer_item(line, resolution, &context.profile.orders) {
        let numbers = with_ours(vec![theirs.clone()], key.2, context);
        return Numbers { list: numbers, xref_id: None, customer_item: theirs.clone() };
    }
    let said = |number: &&ItemNumber| !number.value.is_empty() && !number.qualifier.is_empty();
    let echo = Some(&resolution.matched).filter(said).or_else(|| line.numbers.iter().find(said));
    looked_up(echo.cloned().into_iter().collect(), key, context)
}

/// Of an item that no order is known for.
pub(super) fn of_item(key: Key<'_>, context: &BillContext<'_>) -> Numbers {
    looked_up(Vec::new(), key, context)
}

fn looked_up(mut numbers: Vec<ItemNumber>, key: Key<'_>, context: &BillContext<'_>) -> Numbers {
    let (customer, ship_to, item) = key;
    let found = (context.customer_item)(customer, ship_to, item).map(|mut found| {
        if found.number.qualifier.is_empty() {
            found.number.qualifier.clone_from(&context.profile.invoices.customer_item_qualifier);
        }
        found
    });
    let taken = found.filter(|found| is_free(&numbers, &found.number.qualifier));
    let xref_id = taken.as_ref().map(|found| found.xref_id);
    let customer_item = taken.map(|found| found.number).unwrap_or_default();
    numbers.extend(Some(customer_item.clone()).filter(|number| !number.value.is_empty()));
    Numbers { list: with_ours(numbers, item, context), xref_id, customer_item }
}

/// Our item under the first vendor qualifier that is free, then the master's GTIN; nothing for a line without an item.
fn with_ours(mut numbers: Vec<ItemNumber>, item: &str, context: &BillContext<'_>) -> Vec<ItemNumber> {
    if item.is_empty() {
        return numbers;
    }
    let qualifiers = &context.profile.orders.vendor_item_qualifiers;
    let free = qualifiers.iter().find(|qualifier| is_free(&numbers, qualifier));
    numbers.extend(free.map(|qualifier| ItemNumber { qualifier: qualifier.clone(), value: item.into() }));
    let gtin = context.catalog.item(item).and_then(|item| gtin_number(&item.gtin));
    numbers.extend(gtin.filter(|gtin| is_free(&numbers, &gtin.qualifier)));
    numbers
}

fn is_free(numbers: &[ItemNumber], qualifier: &str) -> bool {
    numbers.iter().all(|number| number.qualifier != qualifier)
}

/// The master's GTIN under the qualifier of its length: UPC-A (also where the master has it as UPC-E), EAN-13, GTIN-14, EAN-8.
/// None for what has a wrong check digit, and where its digits may be read in two ways.
fn gtin_number(gtin: &str) -> Option<ItemNumber> {
    let Ok((proved, None)) = gtin::master_readings(gtin) else { return None };
    let digits = proved.to_string();
    let short = |zeros: usize| digits.get(zeros..).unwrap_or_default().to_owned();
    let (qualifier, value) = match gtin.len() {
        13 => ("EN", short(1)),
        14 => ("UK", short(0)),
        8 if short(6) == gtin => ("EO", short(6)),
        8 | 12 => ("UP", short(2)),
        _ => return None,
    };
    Some(ItemNumber { qualifier: qualifier.into(), value: value.into() })
}

/// E428 where no number of the line is the customer's.
pub(super) fn tell_missing(numbers: &Numbers, item: &str, at: Location, diagnostics: &mut Vec<Diagnostic>) {
    if numbers.customer_item.value.is_empty() {
        diagnostics.push(Diagnostic::new(&INVOICE_WITHOUT_CUSTOMER_ITEM, at).found(item));
    }
}

/// PID05: the master's description, else the order's.
pub(super) fn description(item: &str, ordered: &Text, context: &BillContext<'_>) -> Text {
    let known = context.catalog.item(item).map(|item| &item.description);
    known.filter(|description| !description.is_empty()).unwrap_or(ordered).clone()
}

/// Where an order's line stands in its document.
pub(super) fn line_place(line: &OrderLine) -> Location {
    Location { segment: line.segment, offset: line.offset, ..Location::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gtin_goes_out_under_the_qualifier_of_its_length_if_its_check_digit_holds() {
        for (gtin, expected) in [
            ("036000291452", "UP 036000291452"),
            ("036000291458", ""),
            ("4006381333931", "EN 4006381333931"),
            ("10036000291459", "UK 10036000291459"),
            ("40123455", "EO 40123455"),
            ("40123456", ""),
            // EAN-8 and UPC-E alike
            ("12345670", ""),
            // UPC-E alone, which X12 carries as the UPC-A that it stands for
            ("07838604", "UP 078000003864"),
            // a lost zero or a missing check digit
            ("36000291452", ""),
            ("03600029145X", ""),
            ("", ""),
        ] {
            let found = gtin_number(gtin).map(|number| format!("{} {}", number.qualifier, number.value));
            assert_eq!(found.unwrap_or_default(), expected, "{gtin}");
        }
    }
}
