//! Changes that wait, looked at once by each release: applied when a person says so or nothing stands against them any more.

use super::before::{self, Before, said};
use super::settle::Settling;
use super::{APPLY, Around, CHANGE, DONE, Judged, REJECT, content, has_come, judge, order_of};
use crate::domain::Text;
use crate::domain::change::{ChangeState, OrderChange};
use crate::domain::diagnostic::{Diagnostic, Location};
use crate::domain::partner::{ChangePolicy, PartnerProfile};
use crate::domain::rules::changes as rules;
use crate::run::night::{Night, Parts, Stage};
use crate::run::orders::Answers;
use crate::run::release::Wanted;
use crate::run::unit::Unit;
use crate::store::Transaction;
use crate::store::changes::OrderChangeRow;
use crate::x12::writer::{OutboundEnvelope, WrittenSet};
use anyhow::{Context as _, Result};

/// So many are looked at in one unit.
const UNIT_CHANGES: usize = 500;

/// Looks at every change that earlier runs held. Where nothing goes there is no unit.
pub(crate) fn take_held(night: &mut Night<'_>, wanted: &Wanted) -> Result<()> {
    if wanted.invoices_alone {
        return Ok(());
    }
    let waiting = night.store.read()?.held_changes_before(&night.run.run_id)?;
    for ids in waiting.chunks(UNIT_CHANGES) {
        let Parts { store, settings, profiles, folders, run, time, index } = night.parts()?;
        let mut unit = Unit::begin(store.begin()?, settings, folders, run, Stage::Release, index)?;
        let mut moved = false;
        let mut outgoing = Outgoing::default();
        for id in ids {
            let row = unit.tx.order_change(*id)?.context("a change that waits is gone")?;
            let profile = profiles.iter().find(|profile| *profile.id() == row.partner);
            let Some(profile) = profile.filter(|_| is_wanted(&row, wanted) && has_come(&row, run.date))
            else {
                continue;
            };
            let envelope = envelope(&unit, profile, time, &row);
            if let Some(answers) = again(&mut unit, (profile, &envelope), row)? {
                moved = true;
                outgoing.add(&mut unit, (profile, envelope), answers)?;
            }
        }
        outgoing.send(&mut unit)?;
        if !moved {
            // that they were looked at is kept, so that an interrupted run does not look twice
            unit.tx.commit()?;
            continue;
        }
        let counts = unit.commit(&[])?;
        night.finish_unit(&counts)?;
    }
    Ok(())
}

pub(super) fn is_wanted(row: &OrderChangeRow, wanted: &Wanted) -> bool {
    let fits = |asked: &Text, has: &Text| asked.is_empty() || asked == has;
    fits(&wanted.po_number, &row.po_number) && fits(&wanted.customer, &row.customer)
}

/// Under today's settings, to whoever sent it.
fn envelope(
    unit: &Unit<'_>,
    profile: &PartnerProfile,
    time: &Text,
    row: &OrderChangeRow,
) -> OutboundEnvelope {
    let mut envelope = OutboundEnvelope::new(&unit.settings.company, profile, unit.run.date, time, None);
    let [qualifier, id, application] = row.receiver.clone();
    (envelope.receiver_qualifier, envelope.receiver) = (qualifier, id);
    envelope.application_receiver = application;
    envelope
}

/// What the next release makes of a change that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Applied,
    Rejected,
    ByHand,
    Held,
}

/// A change that waits, as it is today.
pub(super) struct Looked {
    pub change: OrderChange,
    pub judged: Judged,
    /// What a person said of it.
    pub decision: Option<Text>,
    pub fate: Fate,
}

/// Looks at one that waits, without a write.
pub(super) fn look(
    (tx, before): (&mut dyn Transaction, &mut Before),
    around: Around<'_>,
    profile: &PartnerProfile,
    row: &OrderChangeRow,
) -> Result<Looked> {
    let change = content(row)?;
    let decision = tx.change_decision(row.change_id)?.map(|decision| decision.decision);
    let (whose, until) = ((&row.partner, &change), Some(row.change_id));
    let mut sequence = before::sequence(tx, before, whose, until)?.unwrap_or_default();
    sequence.extend(overtaken(tx, row, &change)?);
    let order = if row.order_id.is_empty() {
        order_of(tx, &row.partner, &row.customer, &change)?
    } else {
        tx.order(&row.order_id)?
    };
    let judged = judge(tx, around, profile, (&change, order), sequence)?;
    let by_itself = row.kind == CHANGE
        && profile.orders.changes.policy == ChangePolicy::Apply
        && judged.obstacles.is_empty();
    let fate = match decision.as_deref() {
        Some(REJECT) => Fate::Rejected,
        Some(DONE) => Fate::ByHand,
        Some(APPLY) if judged.may_go() => Fate::Applied,
        _ if by_itself => Fate::Applied,
        _ => Fate::Held,
    };
    Ok(Looked { change, judged, decision, fate })
}

/// A change that came after this one is in effect: what this one asks for may not be what the customer wants any more.
fn overtaken(
    tx: &mut dyn Transaction,
    row: &OrderChangeRow,
    change: &OrderChange,
) -> Result<Option<Diagnostic>> {
    let done = [ChangeState::Applied, ChangeState::ByHand].map(ChangeState::as_str);
    let heads = tx.change_heads(&row.partner, &row.po_number, &row.release, i64::MAX)?;
    let mut later = heads.iter().filter(|later| {
        later.change_id > row.change_id
            && done.contains(&later.state.as_str())
            && (row.order_id.is_empty() || later.order_id == row.order_id)
    });
    let Some(last) = later.next_back() else { return Ok(None) };
    let detail = format!("{} came after it and is in effect", said(tx, last.change_id)?.name());
    let found = Diagnostic::new(&rules::OUT_OF_SEQUENCE, Location::default()).found(&change.sequence);
    Ok(Some(found.detail(detail)))
}

/// One that waits; None where it still does.
fn again(
    unit: &mut Unit<'_>,
    (profile, outbound): (&PartnerProfile, &OutboundEnvelope),
    row: OrderChangeRow,
) -> Result<Option<Answers>> {
    let around = Around::of(unit);
    let Looked { change, judged, fate, .. } =
        look((unit.tx.as_mut(), &mut unit.before), around, profile, &row)?;
    let settling = Settling { profile, outbound, row, change };
    match fate {
        Fate::Rejected => settling.close(unit, ChangeState::Rejected, &judged).map(Some),
        Fate::ByHand => settling.close(unit, ChangeState::ByHand, &judged).map(Some),
        Fate::Applied => settling.apply(unit, judged).map(Some),
        Fate::Held => settling.hold_on(unit, &judged).map(|()| None),
    }
}

/// What goes out together: to one partner, by one receiver.
#[derive(Default)]
struct Outgoing<'p> {
    to: Option<(&'p PartnerProfile, OutboundEnvelope)>,
    changes: Vec<WrittenSet>,
    answers: Vec<WrittenSet>,
    invoices: Vec<WrittenSet>,
}

impl<'p> Outgoing<'p> {
    fn add(
        &mut self,
        unit: &mut Unit<'_>,
        (profile, envelope): (&'p PartnerProfile, OutboundEnvelope),
        answers: Answers,
    ) -> Result<()> {
        let same =
            |(known, to): &(&PartnerProfile, OutboundEnvelope)| known.id() == profile.id() && *to == envelope;
        if !self.to.as_ref().is_some_and(same) {
            std::mem::take(self).send(unit)?;
            self.to = Some((profile, envelope));
        }
        self.changes.extend(answers.change);
        self.answers.extend(answers.answer);
        self.invoices.extend(answers.invoice);
        Ok(())
    }

    fn send(self, unit: &mut Unit<'_>) -> Result<()> {
        let Some((profile, envelope)) = self.to else { return Ok(()) };
        unit.send(profile, &envelope, "865", &self.changes)?;
        unit.send(profile, &envelope, "855", &self.answers)?;
        unit.send(profile, &envelope, "810", &self.invoices)
    }
}
