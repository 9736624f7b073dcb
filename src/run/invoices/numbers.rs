//! Customer item numbers that an invoice had to do without: one row of the worklist for each customer and item, which ends when
//! the cross-reference has the number.

use crate::domain::diagnostic::{Diagnostic, Location};
use crate::domain::invoice::Invoice;
use crate::domain::rules::business::INVOICE_WITHOUT_CUSTOMER_ITEM;
use crate::run::exceptions;
use crate::run::invoices::judge::number_of;
use crate::run::unit::Unit;
use crate::store::ExceptionRow;
use anyhow::Result;
use serde_json::Value;
use std::collections::BTreeSet;

/// What is open about a number.
pub(super) const KIND: &str = "customer_number";

/// Tells of each item that an invoice without an order bills under no number of the customer's. What is open is told once.
pub(super) fn tell(unit: &mut Unit<'_>, invoice: &Invoice) -> Result<()> {
    let items: BTreeSet<_> = invoice
        .lines
        .iter()
        .filter(|line| line.line == 0 && line.customer_item.value.is_empty() && !line.item.is_empty())
        .map(|line| &line.item)
        .collect();
    if items.is_empty() {
        return Ok(());
    }
    for item in items {
        let why = [Diagnostic::new(&INVOICE_WITHOUT_CUSTOMER_ITEM, Location::default()).found(item)];
        let row = exceptions::number_lacking(invoice, item, &why);
        if !unit.tx.is_open(KIND, &row.cause)? {
            unit.add_exception(row)?;
        }
    }
    Ok(())
}

/// Closes what is open about numbers that the cross-reference has now.
pub(super) fn close_known(unit: &mut Unit<'_>, open: &[ExceptionRow]) -> Result<()> {
    for row in open {
        // the store wrote it; what cannot be read stays open
        let detail: Value = serde_json::from_str(&row.detail).unwrap_or_default();
        let Some(item) = detail["item"].as_str() else { continue };
        let ship_to = detail["ship_to"].as_str().unwrap_or_default();
        if number_of(unit.index, (&row.customer, ship_to, item), unit.run.date).is_some() {
            let by = (unit.run.run_id.as_str(), "mapped");
            unit.tx.close_cause((KIND, &row.cause), by, unit.run.started)?;
        }
    }
    Ok(())
}
