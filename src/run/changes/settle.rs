//! What becomes of a change: the order, the ERP, the facts, the exception, the answer, all in the unit's one transaction.

use super::{CHANGE, Judged};
use crate::documents::ca865::{self, Answer};
use crate::documents::{change_rows, pr855};
use crate::domain::Text;
use crate::domain::change::{ChangeState, LineChange, LineSide, OrderChange};
use crate::domain::diagnostic::{Diagnostic, Location};
use crate::domain::order::PurchaseOrder;
use crate::domain::partner::{AcknowledgeHeld, InvoiceSource, PartnerProfile};
use crate::domain::resolution::{DecidedOrder, LineOutcome, LineState};
use crate::domain::rules::business;
use crate::pipeline::duplicates::{Difference, differences};
use crate::run::counts::tick;
use crate::run::orders::{Answers, state_of};
use crate::run::unit::Unit;
use crate::run::{exceptions, invoices, order_facts};
use crate::store::changes::{OrderChangeRow, OrderVersionRow};
use crate::store::{Closing, ExceptionRow, OrderRow, lines};
use crate::x12::writer::{OutboundEnvelope, WrittenSet};
use anyhow::{Context as _, Result};
use serde_json::json;
use std::collections::BTreeSet;

/// So many lines of a change are shown with what waits; the store has all.
const LINES_SHOWN: usize = 200;

/// So many changes of one name are told apart by a number.
const NAMES_TRIED: u32 = 20;

/// A change that is being settled. Its row has no id as long as the store does not have it.
pub(super) struct Settling<'s> {
    pub profile: &'s PartnerProfile,
    pub outbound: &'s OutboundEnvelope,
    pub row: OrderChangeRow,
    pub change: OrderChange,
}

impl Settling<'_> {
    /// Leaves it to a person: kept, told once, answered as what waits.
    pub(super) fn hold(
        mut self,
        unit: &mut Unit<'_>,
        judged: &Judged,
        why: &[Diagnostic],
        differ: &[Difference],
    ) -> Result<Answers> {
        self.row.cause = self.free_cause(unit)?;
        self.take_over(judged);
        let exception = self.exception(judged, why, differ);
        unit.add_exception(exception)?;
        let answers =
            if self.profile.orders.acknowledge_held == AcknowledgeHeld::Now && self.row.kind == CHANGE {
                self.answer(unit, ChangeState::Held, judged)?
            } else {
                Answers::default()
            };
        self.keep(unit)?;
        Ok(answers)
    }

    /// Waits on: what stands against it now is told anew where that is something else.
    pub(super) fn hold_on(mut self, unit: &mut Unit<'_>, judged: &Judged) -> Result<()> {
        let before = (self.row.order_id.clone(), self.row.plan.clone());
        self.take_over(judged);
        if before != (self.row.order_id.clone(), self.row.plan.clone()) {
            // it waits since the run that took it, and is nothing new of this one
            let by = (unit.run.run_id.as_str(), "held");
            unit.tx.close_cause((&self.row.kind, &self.row.cause), by, unit.run.started)?;
            let resent = judged.order.as_ref().filter(|_| self.row.kind != CHANGE);
            let differ = resent.map(|(_, first)| differences(&first.order, &self.change.order));
            let row = self.exception(judged, &[], &differ.unwrap_or_default());
            unit.tx.add_exception(&ExceptionRow { run_id: self.row.run_id.clone(), ..row })?;
        }
        self.row.judged.clone_from(&unit.run.run_id);
        unit.tx.update_order_change(&self.row)
    }

    /// The order as the change asks.
    pub(super) fn apply(mut self, unit: &mut Unit<'_>, judged: Judged) -> Result<Answers> {
        self.take_over(&judged);
        self.settle(unit, ChangeState::Applied)?;
        let mut answers = self.answer(unit, ChangeState::Applied, &judged)?;
        let by_855 = u32::from(answers.answer.is_some());
        self.keep(unit)?;
        let Judged { order, mut plan, .. } = judged;
        let (row, stored) = order.context("a change is applied to an order that is known")?;
        note(&mut plan.order, &plan.touched, &plan.lines, &self.told(unit));
        let (order_id, run_id, date) = (row.order_id.clone(), unit.run.run_id.clone(), unit.run.date);
        let decided = stored.order.lines.iter().zip(&stored.lines);
        let ordered: BTreeSet<u32> = decided
            .filter(|(_, decided)| decided.state == LineState::Ordered)
            .map(|(line, _)| line.line)
            .collect();
        let was_ordered = |number: u32| ordered.contains(&number);
        let rows = change_rows::rows(
            &self.change,
            (&plan.order, &plan.lines),
            was_ordered,
            &self.profile.orders,
            (&order_id, &run_id),
        );
        unit.add_change_rows(rows)?;
        let seen = part(&plan.order, &plan.touched);
        unit.add_order_facts(order_facts::rows(&seen, &self.profile.orders, &order_id, date, &run_id, true))?;
        for (line, decided) in seen.order.lines.iter().zip(&seen.lines) {
            if decided.state == LineState::Cancelled {
                close_line(unit, &order_id, line.line)?;
            }
        }
        unit.tx.add_order_version(&OrderVersionRow {
            order_id: order_id.clone(),
            version: 0,
            change_id: self.row.change_id,
            run_id,
            state: row.state.clone(),
            header: row.header.clone(),
            lines: row.lines.clone(),
            recorded: unit.run.started,
        })?;
        update(unit, row, &plan.order, by_855)?;
        if self.profile.invoices.from == InvoiceSource::Orders {
            let known = stored.order.lines.len();
            let added = plan.touched.iter().filter(|place| **place >= known);
            let added: BTreeSet<u32> =
                added.filter_map(|place| plan.order.order.lines.get(*place)).map(|line| line.line).collect();
            if !added.is_empty() {
                answers.invoice = invoices::bill_as_ordered(
                    unit,
                    self.profile,
                    self.outbound,
                    &order_id,
                    &plan.order,
                    Some(&added),
                )?;
            }
        }
        Ok(answers)
    }

    /// A person refused it, or has applied it in the ERP: the order here stays as it is.
    pub(super) fn close(
        mut self,
        unit: &mut Unit<'_>,
        state: ChangeState,
        judged: &Judged,
    ) -> Result<Answers> {
        self.take_over(judged);
        self.settle(unit, state)?;
        let answers = self.answer(unit, state, judged)?;
        self.keep(unit)?;
        Ok(answers)
    }

    /// What the look at the order came to, into the row.
    fn take_over(&mut self, judged: &Judged) {
        if let Some((order, _)) = &judged.order {
            self.row.order_id.clone_from(&order.order_id);
            self.row.customer.clone_from(&order.customer);
        }
        let against: Vec<String> = judged.obstacles.iter().map(ToString::to_string).collect();
        self.row.plan = json!({"lines": judged.plan.lines, "against": against}).to_string();
    }

    fn settle(&mut self, unit: &mut Unit<'_>, state: ChangeState) -> Result<()> {
        self.row.state = state.as_str().into();
        self.row.settled_by.clone_from(&unit.run.run_id);
        self.row.judged.clone_from(&unit.run.run_id);
        tick(&mut unit.counts.changes, state.as_str());
        if !self.row.cause.is_empty() {
            let by = (unit.run.run_id.as_str(), state.as_str());
            unit.tx.close_cause((&self.row.kind, &self.row.cause), by, unit.run.started)?;
        }
        Ok(())
    }

    fn keep(&mut self, unit: &mut Unit<'_>) -> Result<()> {
        if self.row.change_id > 0 {
            return unit.tx.update_order_change(&self.row);
        }
        if self.row.state == ChangeState::Held.as_str() {
            tick(&mut unit.counts.changes, "held");
        }
        self.row.change_id = unit.tx.add_order_change(&self.row)?;
        Ok(())
    }

    /// One cause a change: `order_change/CUSTOMER/NUMBER/860 04 no 2`. A second one of that name is counted.
    fn free_cause(&self, unit: &mut Unit<'_>) -> Result<Text> {
        let OrderChangeRow { kind, customer, po_number, release, .. } = &self.row;
        let cause = if kind == CHANGE {
            format!("{kind}/{customer}/{po_number}/{}", self.change.name())
        } else {
            format!("{kind}/{customer}/{po_number}/{release}")
        };
        let mut free = Text::from(cause.as_str());
        let mut number = 2;
        while number <= NAMES_TRIED + 2 && unit.tx.is_open(kind, &free)? {
            free = if number <= NAMES_TRIED {
                format!("{cause}/{number}").into()
            } else {
                // there are more than anybody tells apart by counting
                format!("{cause}/{}/{}/{}", self.row.run_id, self.row.input, self.row.offset).into()
            };
            number += 1;
        }
        Ok(free)
    }

    fn exception(&self, judged: &Judged, why: &[Diagnostic], differ: &[Difference]) -> ExceptionRow {
        let OrderChangeRow { kind, cause, partner, customer, po_number, order_id, .. } = self.row.clone();
        let lines = &judged.plan.lines;
        let resent = Diagnostic::new(&business::DUPLICATE_ORDER_CHANGED, Location::default());
        let asked = Diagnostic::new(&business::ORDER_CHANGE, Location::default());
        let asked = asked.found(&self.change.order.po_number).detail(self.change.name());
        let main = match (kind == CHANGE, why.is_empty()) {
            (false, _) => Some(&resent),
            (true, true) => Some(&asked),
            (true, false) => None,
        };
        let findings: Vec<&Diagnostic> = main.into_iter().chain(why).chain(&judged.obstacles).collect();
        let mut detail = json!({
            "why": self.why(judged),
            "document": self.change.document,
            "purpose": self.change.order.purpose,
            "sequence": self.change.sequence,
            "lines": self.change.order.received_lines,
            "file": self.row.input,
            "changes": lines.get(..LINES_SHOWN.min(lines.len())),
            "findings": findings,
            // what no word of a person lets go
            "cannot_be_applied": judged.never(),
        });
        if let (Some(first), false, Some(detail)) = (&judged.order, differ.is_empty(), detail.as_object_mut())
        {
            detail.insert("first_order_id".to_owned(), json!(first.0.order_id));
            detail.insert("first_run_id".to_owned(), json!(first.0.run_id));
            detail.insert("differences".to_owned(), json!(differ));
        }
        ExceptionRow {
            kind,
            cause,
            partner,
            customer,
            po_number,
            order_id,
            detail: detail.to_string(),
            ..ExceptionRow::default()
        }
    }

    /// In one line, for a person: what it asks for, and what stands against it.
    fn why(&self, judged: &Judged) -> String {
        let lines = judged.plan.lines.iter().take(3).map(in_words).collect::<Vec<_>>().join("; ");
        let more = judged.plan.lines.len().saturating_sub(3);
        let mut out = format!("{}: {lines}", self.change.name());
        if more > 0 {
            out += &format!("; {more} lines more");
        }
        for found in judged.obstacles.iter().take(3) {
            out += &format!(" | {} {}", found.rule.code, found.rule.title);
            if !found.detail.is_empty() {
                out += &format!(": {}", found.detail);
            }
        }
        out.trim_end_matches(": ").to_owned()
    }

    /// By which document, for the notes of a line.
    fn told(&self, unit: &Unit<'_>) -> String {
        format!("{} of run {}, applied by run {}", self.change.name(), self.row.run_id, unit.run.run_id)
    }

    /// The 865, or the 855 of an 850, where the partner wants one.
    fn answer(&mut self, unit: &mut Unit<'_>, state: ChangeState, judged: &Judged) -> Result<Answers> {
        let orders = &self.profile.orders;
        let by_865 = self.change.document == "860";
        let wanted = if by_865 { orders.acknowledge_change } else { orders.acknowledge_order };
        if !wanted || matches!(self.outbound.receiver.as_str(), "" | "*") {
            return Ok(Answers::default());
        }
        let date = unit.run.date;
        let (set, found) = if by_865 {
            let items = items(judged, self.change.order.lines.len());
            let again = self.row.answered > 0;
            let answer = Answer { change: &self.change, state, items: &items, again };
            ca865::write(answer, self.profile, self.outbound, date)
        } else {
            let change = (&self.change, state);
            pr855::write_of_change(change, &judged.plan.order, self.profile, self.outbound, date)
        };
        self.say(unit, set, found, by_865)
    }

    fn say(
        &mut self,
        unit: &mut Unit<'_>,
        set: Option<WrittenSet>,
        found: Vec<Diagnostic>,
        by_865: bool,
    ) -> Result<Answers> {
        let number = &self.row.po_number;
        let Some(set) = set else {
            let row = exceptions::document("answer", number, self.profile.id(), &self.row.customer, &found);
            unit.add_exception(row)?;
            return Ok(Answers::default());
        };
        for finding in found {
            unit.counts.tell(format!("change of purchase order {number}: {finding}"));
        }
        self.row.answered += 1;
        Ok(if by_865 {
            Answers { change: Some(set), ..Answers::default() }
        } else {
            Answers { answer: Some(set), ..Answers::default() }
        })
    }
}

fn update(unit: &mut Unit<'_>, row: OrderRow, now: &DecidedOrder, answers: u32) -> Result<()> {
    unit.tx.update_order(&OrderRow {
        po_date: now.order.po_date,
        state: state_of(now).into(),
        header: lines::encode_header(&now.order)?,
        lines: lines::encode(&now.order.lines, &now.lines)?,
        answered: row.answered + answers,
        ..row
    })
}

/// Our item for each line of the change.
fn items(judged: &Judged, count: usize) -> Vec<Text> {
    let item = |asked: usize| {
        let place = judged.plan.of_asked.get(asked).copied().flatten()?;
        let resolution = &judged.plan.order.lines.get(place)?.resolution;
        (resolution.outcome == LineOutcome::Mapped).then(|| resolution.item.clone())
    };
    (0..count).map(|asked| item(asked).unwrap_or_default()).collect()
}

/// What `explain` tells of a line: its notes go on with the history of the line.
fn note(order: &mut DecidedOrder, touched: &[usize], told: &[LineChange], by: &str) {
    for (place, change) in touched.iter().zip(told) {
        if let Some(decided) = order.lines.get_mut(*place) {
            decided.resolution.notes.push(format!("{} by {by}", in_words(change)).into());
        }
    }
}

/// `line 2: 10 EA at 1.5 -> 6 EA at 1.5`.
pub(super) fn in_words(change: &LineChange) -> String {
    let side = |side: &LineSide| {
        let LineSide { ordered_quantity, ordered_unit, unit_price, requested_date, .. } = side;
        let price = if unit_price.is_empty() { String::new() } else { format!(" at {unit_price}") };
        let date = requested_date.map_or_else(String::new, |date| format!(" for {date}"));
        format!("{ordered_quantity} {ordered_unit}{price}{date}")
    };
    let before = change.before.as_ref().map(side);
    let after = change.after.as_ref().map(side);
    let what = match (before, after) {
        (Some(before), Some(after)) => format!("{before} -> {after}"),
        (Some(before), None) => format!("{before} -> cancelled"),
        (None, after) => format!("new, {}", after.unwrap_or_default()),
    };
    format!("line {}: {what}", change.line)
}

/// The order with these of its lines alone.
fn part(order: &DecidedOrder, places: &[usize]) -> DecidedOrder {
    let pairs = places.iter().filter_map(|place| order.order.lines.get(*place).zip(order.lines.get(*place)));
    let (asked, decided) = pairs.map(|(line, decided)| (line.clone(), decided.clone())).unzip();
    let heading = PurchaseOrder { lines: Vec::new(), ..order.order.clone() };
    DecidedOrder { order: PurchaseOrder { lines: asked, ..heading }, lines: decided, ..order.clone() }
}

/// What was open about a line that the customer has taken back.
fn close_line(unit: &mut Unit<'_>, order_id: &str, line: u32) -> Result<()> {
    let now = unit.run.started;
    let run_id = &unit.run.run_id;
    let closing = Closing { kind: "line", order_id, line, run_id, closed_as: "cancelled", now };
    unit.tx.close_exceptions(&closing).map(|_| ())
}
