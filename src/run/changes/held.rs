//! Changes that wait, looked at once by each release: applied when a person says so or nothing stands against them any more.

use super::settle::Settling;
use super::{APPLY, CHANGE, DONE, REJECT, content, earlier, has_come, judge, order_of};
use crate::domain::Text;
use crate::domain::change::ChangeState;
use crate::domain::partner::{ChangePolicy, PartnerProfile};
use crate::pipeline::change::{Known, known};
use crate::run::night::{Night, Parts, Stage};
use crate::run::orders::Answers;
use crate::run::release::Wanted;
use crate::run::unit::Unit;
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

fn is_wanted(row: &OrderChangeRow, wanted: &Wanted) -> bool {
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

/// One that waits; None where it still does.
fn again(
    unit: &mut Unit<'_>,
    (profile, outbound): (&PartnerProfile, &OutboundEnvelope),
    row: OrderChangeRow,
) -> Result<Option<Answers>> {
    let change = content(&row)?;
    let decision = unit.tx.change_decision(row.change_id)?.map(|decision| decision.decision);
    let before = earlier(unit, &row.partner, &change, Some(row.change_id))?;
    let sequence = match known(&change, &before) {
        Known::Again => Vec::new(),
        Known::New(sequence) => sequence,
    };
    let order = if row.order_id.is_empty() {
        order_of(unit, &row.partner, &row.customer, &change)?
    } else {
        unit.tx.order(&row.order_id)?
    };
    let judged = judge(unit, profile, &change, order, sequence)?;
    let by_itself = row.kind == CHANGE
        && profile.orders.changes.policy == ChangePolicy::Apply
        && judged.obstacles.is_empty();
    let settling = Settling { profile, outbound, row, change };
    match decision.as_deref() {
        Some(REJECT) => settling.close(unit, ChangeState::Rejected, &judged).map(Some),
        Some(DONE) => settling.close(unit, ChangeState::ByHand, &judged).map(Some),
        Some(APPLY) if judged.may_go() => settling.apply(unit, judged).map(Some),
        _ if by_itself => settling.apply(unit, judged).map(Some),
        _ => settling.hold_on(unit, &judged).map(|()| None),
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
