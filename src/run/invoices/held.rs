//! Invoices that wait: kept with what they are made of, looked at once by each run, and ended when they go out or a person
//! drops them.

use crate::domain::Text;
use crate::pipeline::bill::Verdict;
use crate::run::counts::tick;
use crate::run::exceptions;
use crate::run::invoices::judge::{Claim, Desk, Judged, judge};
use crate::run::invoices::{Outgoing, Taken, numbers, settle};
use crate::run::night::{Night, Parts, Stage};
use crate::run::unit::Unit;
use crate::store::invoices::HeldInvoiceRow;
use crate::store::{Closing, ExceptionRow};
use anyhow::Result;

/// The words of a decision.
pub(crate) const RELEASE: &str = "release";
pub(crate) const DROP: &str = "drop";

/// What is open about an invoice.
const KIND: &str = "invoice";

/// Looks again at every invoice that earlier runs held, once a run: what may go now goes. Where nothing goes there is no unit.
pub(crate) fn take_held(night: &mut Night<'_>) -> Result<()> {
    let mut tx = night.store.read()?;
    let waiting = tx.held_invoices_before(&night.run.run_id)?;
    let unnamed = tx.open_exceptions_of_kind(numbers::KIND)?;
    drop(tx);
    if waiting.is_empty() && unnamed.is_empty() {
        return Ok(());
    }
    let parts = night.parts()?;
    let desk = Desk::of(&parts);
    let Parts { store, settings, folders, run, index, .. } = parts;
    let mut unit = Unit::begin(store.begin()?, settings, folders, run, Stage::Invoices, index)?;
    numbers::close_known(&mut unit, &unnamed)?;
    let mut outgoing = Outgoing::default();
    let mut moved = false;
    for row in waiting {
        let taken = again(&mut unit, &desk, row)?;
        moved |= taken.is_some();
        outgoing.add(&mut unit, &desk, taken.unwrap_or_default())?;
    }
    if !moved {
        // that they were looked at is kept, so that an interrupted run does not look twice
        return unit.tx.commit();
    }
    outgoing.send(&mut unit, &desk)?;
    let counts = unit.commit(&[])?;
    night.finish_unit(&counts)
}

/// One that waits; None where it still does.
fn again(unit: &mut Unit<'_>, desk: &Desk<'_>, row: HeldInvoiceRow) -> Result<Option<Taken>> {
    let claim = Claim::of_row(&row)?;
    let decision = claim.decision(unit.tx.as_mut())?;
    if decision.as_deref() == Some(DROP) {
        tick(&mut unit.counts.invoices, "dropped");
        end(unit, &claim, "dropped")?;
        return Ok(Some(Taken::default()));
    }
    let judged = judge(unit.tx.as_mut(), desk, &claim, decision.as_deref() == Some(RELEASE))?;
    if judged.ready.is_some() {
        return settle(unit, claim, judged).map(Some);
    }
    let why = exception(&claim, &judged);
    if why.cause != row.cause {
        // it waits since the run that held it, and is nothing new of this one
        close(unit, &row.cause, "held")?;
        unit.tx.add_exception(&ExceptionRow { run_id: row.run_id.clone(), ..why.clone() })?;
    }
    let judged = unit.run.run_id.clone();
    unit.tx.put_held_invoice(&HeldInvoiceRow { cause: why.cause, judged, ..row })?;
    Ok(None)
}

/// Leaves an invoice to a person: what is refused is told, and what is held is kept beside.
pub(super) fn leave(unit: &mut Unit<'_>, claim: &Claim, judged: &Judged<'_>) -> Result<Taken> {
    let refused = judged.verdict == Verdict::Refuse;
    tick(&mut unit.counts.invoices, if refused || judged.unsayable { "refused" } else { "held" });
    end(unit, claim, if refused { "refused" } else { "held" })?;
    let why = exception(claim, judged);
    let cause = why.cause.clone();
    unit.add_exception(why)?;
    if !refused {
        let run_id = unit.run.run_id.clone();
        unit.tx.put_held_invoice(&HeldInvoiceRow {
            kind: claim.kind.code().into(),
            invoice_number: claim.number.clone(),
            judged: run_id.clone(),
            run_id,
            partner: judged.profile.map(|profile| profile.id().clone()).unwrap_or_default(),
            customer: judged.customer.clone(),
            cause,
            source: claim.text()?,
        })?;
    }
    Ok(Taken { sent: None, waits: true })
}

/// Nothing is open about an invoice any more: it went out, another posting took its place, or a person dropped it.
pub(super) fn end(unit: &mut Unit<'_>, claim: &Claim, closed_as: &str) -> Result<()> {
    let kind = claim.kind.code();
    if let Some(row) = unit.tx.held_invoice(kind, &claim.number)? {
        close(unit, &row.cause, closed_as)?;
        unit.tx.remove_held_invoice(kind, &claim.number)?;
    }
    // what was refused, or could not be read, was never kept: its exception is open all the same
    for kind in [Some(claim.kind), None] {
        unit.tx.close_exceptions(&Closing {
            kind: KIND,
            order_id: &exceptions::invoice_key(kind, &claim.number),
            line: 0,
            run_id: &unit.run.run_id,
            closed_as,
            now: unit.run.started,
        })?;
    }
    Ok(())
}

fn close(unit: &mut Unit<'_>, cause: &Text, closed_as: &str) -> Result<()> {
    let by = (unit.run.run_id.as_str(), closed_as);
    unit.tx.close_cause((KIND, cause), by, unit.run.started).map(|_| ())
}

fn exception(claim: &Claim, judged: &Judged<'_>) -> ExceptionRow {
    let partner = judged.profile.map_or("", |profile| profile.id());
    exceptions::invoice(claim.kind, &claim.number, partner, &judged.customer, &judged.problems)
}
