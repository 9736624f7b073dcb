//! The ledger stage: paid point-of-sale sales to customer items, each line counted once however often it is seen.

use crate::documents::pos_sale::{self, Sales};
use crate::domain::Text;
use crate::domain::customer_item::PosSale;
use crate::domain::diagnostic::{Diagnostic, Location};
use crate::domain::money::plain;
use crate::domain::rules::business::SALE_CHANGED;
use crate::ledger::post::{masters_mend, pos_sale_key, post_sale};
use crate::run::counts::tick;
use crate::run::exceptions;
use crate::run::input::{file_span, open_table};
use crate::run::night::{Night, Parts, Stage};
use crate::run::unit::Unit;
use crate::site::folders::ClaimedFile;
use crate::store::{Closing, ExceptionRow, ReceiptRow};
use anyhow::Result;

/// Takes one unit's files through to the commit.
pub(crate) fn take_unit(night: &mut Night<'_>, claimed: &[ClaimedFile]) -> Result<()> {
    let Parts { store, settings, folders, run, index, .. } = night.parts()?;
    let mut unit = Unit::begin(store.begin()?, settings, folders, run, Stage::Ledger, index)?;
    let mut receipts = Vec::new();
    for file in claimed {
        receipts.push(take_file(&mut unit, file)?);
    }
    let counts = unit.commit(&receipts)?;
    night.finish_unit(&counts)
}

fn take_file(unit: &mut Unit<'_>, file: &ClaimedFile) -> Result<ReceiptRow> {
    let limits = &unit.settings.limits.gz;
    let (source, other) = open_table(file, unit.folders, &unit.run.run_id, limits, |_| false)?;
    let digest = source.digest(0, source.length)?;
    let _file = file_span(unit, file).entered();
    let mut receipt = unit.receipt(file, &digest, &source)?;
    if unit.knows(&digest)? {
        tracing::info!("duplicate file");
        receipt.state = "duplicate".into();
        return Ok(receipt);
    }
    // the file is read twice: its findings come first, and its sales are never all in memory
    let (sales, problems) = match other {
        Some(why) => (0, vec![why]),
        None => pos_sale::survey(source.reader()?)?,
    };
    if sales == 0 && !problems.is_empty() {
        unit.quarantine_piece(&file.relative, (&source, 0, source.length), &problems, "")?;
        unit.add_exception(exceptions::input(&file.relative, &problems, ""))?;
        receipt.state = "quarantined".into();
        return Ok(receipt);
    }
    if !problems.is_empty() {
        unit.add_exception(exceptions::document("pos", &file.relative, "", "", &problems))?;
    }
    let mut waits = !problems.is_empty();
    let (mut rows, _) = Sales::open(source.reader()?)?;
    while sales > 0
        && let Some((sale, _)) = rows.next_row()?
    {
        if let Some(sale) = sale {
            waits |= take_sale(unit, &sale)?;
        }
    }
    // not `processed`: the same bytes may come again once what is wrong is mended
    receipt.state = if waits { "partial" } else { "processed" }.into();
    unit.remember(&receipt);
    Ok(receipt)
}

/// Whether the sale waits for the masters: then it is not counted yet, and may come again.
fn take_sale(unit: &mut Unit<'_>, sale: &PosSale) -> Result<bool> {
    let (events, problems) = post_sale(sale, unit.index.catalog(), unit.run.date);
    let waits = events.is_empty() && problems.iter().any(masters_mend);
    if waits {
        tick(&mut unit.counts.sales, "held");
        tell(unit, sale, &problems)?;
        return Ok(true);
    }
    let first = unit.tx.pos_sale_paid_first_time(&pos_sale_key(sale), sale.paid, &unit.run.run_id)?;
    // what was sold stands under a key of its own beside the sale's: another content under a known receipt and line is found
    let new_content =
        sale.paid && unit.tx.pos_sale_paid_first_time(&content_key(sale), true, &unit.run.run_id)?;
    if !first && new_content {
        tick(&mut unit.counts.sales, "changed");
        let at = Location { row: sale.row, offset: sale.offset, ..Location::default() };
        tell(unit, sale, &[Diagnostic::new(&SALE_CHANGED, at).found(&sale.receipt)])?;
        return Ok(false);
    }
    if !first {
        tick(&mut unit.counts.sales, if sale.paid { "known" } else { "unpaid" });
        return Ok(false);
    }
    tick(&mut unit.counts.sales, if sale.customer.is_empty() { "walk_in" } else { "paid" });
    if !sale.customer.is_empty() {
        unit.tx.add_pos_line(&pos_sale_key(sale), &unit.run.run_id, &serde_json::to_string(sale)?)?;
        close_held(unit, sale)?;
    }
    let added = unit.tx.add_customer_item_events(&unit.run.run_id, &events, unit.run.started)?;
    unit.counts.customer_items_added += u64::from(added);
    tell(unit, sale, &problems)?;
    Ok(false)
}

fn content_key(sale: &PosSale) -> String {
    let PosSale { customer, item, quantity, serials, sold_at, .. } = sale;
    let (quantity, day) = (plain(*quantity), sold_at.map(|day| day.to_string()).unwrap_or_default());
    format!("{}/content/{customer}/{item}/{quantity}/{day}/{}", pos_sale_key(sale), serials.join("|"))
}

/// What the ledger could not keep waits for a person.
fn tell(unit: &mut Unit<'_>, sale: &PosSale, problems: &[Diagnostic]) -> Result<()> {
    if problems.is_empty() {
        return Ok(());
    }
    let receipt = format!("{}/{}/{}", sale.store, sale.receipt, sale.line);
    let row = exceptions::document("ledger", &receipt, "", &sale.customer, problems);
    // what the masters can mend is named, so that it closes when they have
    let order_id = if problems.iter().any(masters_mend) { pos_sale_key(sale) } else { Text::default() };
    unit.add_exception(ExceptionRow { order_id, ..row })
}

/// A sale that had waited for the masters is counted now.
fn close_held(unit: &mut Unit<'_>, sale: &PosSale) -> Result<()> {
    let closing = Closing {
        kind: "ledger",
        order_id: &pos_sale_key(sale),
        line: 0,
        run_id: &unit.run.run_id,
        closed_as: "mended",
        now: unit.run.started,
    };
    unit.tx.close_exceptions(&closing)?;
    Ok(())
}
