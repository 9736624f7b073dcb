//! Orders that a second look changed, into the unit: rows for the ERP, facts, exceptions, the store, 855 and 810.

use crate::documents::internal_order;
use crate::domain::diagnostic::Diagnostic;
use crate::domain::partner::{InvoiceSource, PartnerProfile};
use crate::domain::resolution::{DecidedLine, LineOutcome, LineState};
use crate::pipeline::amounts::Amounts;
use crate::pipeline::release::{Released, answer};
use crate::run::orders::{Answers, state_of};
use crate::run::release::again::{Batch, Judged, Sender};
use crate::run::stream::Judge;
use crate::run::sums::Fate;
use crate::run::unit::Unit;
use crate::run::{exceptions, invoices, order_facts};
use crate::store::{Closing, ExceptionRow, HeldOrder, OrderRow, lines};
use crate::x12::writer::WrittenSet;
use anyhow::{Context as _, Result};
use std::collections::BTreeSet;

/// Writes every order of the batch that changed. Which of its files have one.
pub(super) fn batch(
    unit: &mut Unit<'_>,
    profiles: &[PartnerProfile],
    judge: &Judge<'_>,
    batch: &Batch<'_>,
) -> Result<BTreeSet<usize>> {
    let mut changed = BTreeSet::new();
    let mut outgoing = Outgoing::default();
    for chunk in batch.chunks() {
        let judged = batch.judge(chunk, judge, unit.tx.as_mut())?;
        for (task, (row, judged)) in chunk.iter().zip(judged) {
            let found_again = !matches!(judged, Judged::Lost(_)) && task.order.archive_in_doubt;
            if found_again {
                close(unit, ("archive", &task.order.order_id, 0), "read")?;
                changed.insert(task.file);
            }
            match judged {
                Judged::Same => {}
                Judged::Lost(_) if task.order.archive_in_doubt => {}
                Judged::Lost(why) => {
                    unit.add_exception(in_doubt(task.order, &why))?;
                    changed.insert(task.file);
                }
                Judged::Changed(released) => {
                    let sender = batch.sender(task).context("an order that was judged has its sender")?;
                    let profile = profiles.get(sender.profile).context("the site has the profile")?;
                    outgoing.turn_to(unit, profiles, (task.file, sender))?;
                    let answers = order(unit, (profile, sender), row, &released)?;
                    outgoing.answers.extend(answers.answer);
                    outgoing.invoices.extend(answers.invoice);
                    changed.insert(task.file);
                }
            }
        }
    }
    outgoing.send(unit, profiles)?;
    Ok(changed)
}

/// What goes out together: the answers to one inbound interchange, or to one CSV file.
#[derive(Default)]
struct Outgoing<'b> {
    to: Option<(usize, Sender<'b>)>,
    answers: Vec<WrittenSet>,
    invoices: Vec<WrittenSet>,
}

impl<'b> Outgoing<'b> {
    fn turn_to(
        &mut self,
        unit: &mut Unit<'_>,
        profiles: &[PartnerProfile],
        next: (usize, Sender<'b>),
    ) -> Result<()> {
        let same =
            self.to.is_some_and(|(file, sender)| (file, sender.interchange) == (next.0, next.1.interchange));
        if !same {
            std::mem::take(self).send(unit, profiles)?;
            self.to = Some(next);
        }
        Ok(())
    }

    fn send(self, unit: &mut Unit<'_>, profiles: &[PartnerProfile]) -> Result<()> {
        let Some((_, sender)) = self.to else { return Ok(()) };
        let profile = profiles.get(sender.profile).context("the site has the profile")?;
        unit.send(profile, sender.outbound, "855", &self.answers)?;
        unit.send(profile, sender.outbound, "810", &self.invoices)
    }
}

fn order(
    unit: &mut Unit<'_>,
    (profile, sender): (&PartnerProfile, Sender<'_>),
    row: OrderRow,
    released: &Released,
) -> Result<Answers> {
    let (date, run_id) = (unit.run.date, unit.run.run_id.clone());
    let order_id = row.order_id.clone();
    let went = released.part(&released.moved);
    let rows = internal_order::rows(&went, &profile.orders, &order_id, &run_id);
    unit.counts.released.add_order(released, rows.len());
    for (fate, amounts) in [
        (Fate::Waited, Amounts::decided(&released.part(&released.waited), None)),
        (Fate::ReleasedOrdered, Amounts::written(&rows)),
        (Fate::ReleasedRejected, Amounts::decided(&went, Some(LineState::Rejected))),
        (Fate::StillHeld, Amounts::decided(&released.order, Some(LineState::Held))),
    ] {
        unit.counts.balance.add(fate, amounts, &went.currency);
    }
    unit.add_internal_orders(rows)?;
    let seen = released.part(&released.changed);
    unit.add_order_facts(order_facts::rows(&seen, &profile.orders, &order_id, date, &run_id, true))?;
    for (line, decided) in seen.order.lines.iter().zip(&seen.lines) {
        close(unit, ("line", &order_id, line.line), closed_as(decided))?;
    }
    let refused = released.part(&released.refused).order.lines;
    for exception in exceptions::lines(&seen, &order_id, &profile.orders) {
        if refused.iter().any(|line| line.line == exception.line) {
            // a person has spoken: nothing is open about it any more
            continue;
        }
        // it waits since the run that took it, and is nothing new of this one
        unit.tx.add_exception(&ExceptionRow { run_id: row.run_id.clone(), ..exception })?;
    }
    let answer = answer(released, profile, sender.outbound, date, row.answered);
    let now = &released.order;
    let answered = row.answered + u32::from(answer.as_ref().is_some_and(|(set, _)| set.is_some()));
    unit.tx.update_order(&OrderRow { answered, ..after(released, row)? })?;
    let mut answers = Answers::default();
    match answer {
        Some((Some(set), unsaid)) => {
            for finding in unsaid {
                unit.counts.tell(format!("purchase order {}: {finding}", now.order.po_number));
            }
            answers.answer = Some(set);
        }
        Some((None, why)) => {
            let number = &now.order.po_number;
            unit.add_exception(exceptions::document("answer", number, profile.id(), &now.customer, &why))?;
        }
        None => {}
    }
    if profile.invoices.from == InvoiceSource::Orders {
        // of the whole order, so that what is for all of its lines is shared out as it was before
        let lines = went.order.lines.iter().map(|line| line.line).collect();
        let whole = &released.order;
        answers.invoice =
            invoices::bill_as_ordered(unit, profile, sender.outbound, &order_id, whole, Some(&lines))?;
    }
    Ok(answers)
}

/// An order's row as a release leaves it.
pub(super) fn after(released: &Released, row: OrderRow) -> Result<OrderRow> {
    let now = &released.order;
    Ok(OrderRow {
        customer: now.customer.clone(),
        release: now.order.release.clone(),
        po_date: now.order.po_date,
        currency: now.currency.clone(),
        state: state_of(now).into(),
        header: lines::encode_header(&now.order)?,
        lines: lines::encode(&now.order.lines, &now.lines)?,
        ..row
    })
}

/// How what was open about a line ends.
fn closed_as(decided: &DecidedLine) -> &'static str {
    match decided.state {
        LineState::Ordered => "ordered",
        LineState::Rejected => "rejected",
        LineState::Cancelled => "cancelled",
        // it found its item and waits for the other lines of its order
        LineState::Held if decided.resolution.outcome == LineOutcome::Mapped => "mapped",
        LineState::Held => "held",
    }
}

fn close(unit: &mut Unit<'_>, (kind, order_id, line): (&str, &str, u32), closed_as: &str) -> Result<()> {
    let now = unit.run.started;
    let closing = Closing { kind, order_id, line, run_id: &unit.run.run_id, closed_as, now };
    unit.tx.close_exceptions(&closing).map(|_| ())
}

/// Told once, and open until the bytes are there again.
fn in_doubt(order: &HeldOrder, why: &Diagnostic) -> ExceptionRow {
    ExceptionRow {
        kind: "archive".into(),
        cause: format!("archive/{}/{}", why.rule.code, order.archive_path).into(),
        partner: order.partner.clone(),
        customer: order.customer.clone(),
        po_number: order.po_number.clone(),
        order_id: order.order_id.clone(),
        detail: serde_json::json!({"file": order.archive_path, "findings": [why]}).to_string(),
        ..ExceptionRow::default()
    }
}
