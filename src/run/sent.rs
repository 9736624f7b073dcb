//! What went to partners, as the acknowledgments that come back will ask for it.

use crate::documents::sent::document;
use crate::domain::Text;
use crate::domain::partner::PartnerProfile;
use crate::domain::sent::SentState;
use crate::site::folders::{Keep, kept_path};
use crate::store::sent::{SentGroup, SentRow};
use crate::store::{OutputRow, Transaction};
use crate::x12::writer::{OutboundEnvelope, WrittenSet};
use anyhow::Result;

/// Outputs that partners get, by their kind.
const OUTBOUND: [&str; 5] = ["997", "855", "865", "810", "ta1"];
/// ISA13 and GS06 have nine digits.
const CONTROL_MAX: u32 = 999_999_999;

/// ISA13 of an interchange to a partner, and GS06 of the first of its `groups` (0 where it has none). Partners who came to
/// share an interchange id go on where the furthest of them was: to their receiver a number used before is the same interchange.
pub(crate) fn numbers(tx: &mut dyn Transaction, profile: &PartnerProfile, groups: u32) -> Result<(u32, u32)> {
    let partner = &profile.partner;
    let mut take = |kind: &str, count: u32| {
        let sequence = format!("{kind}/{}", partner.counted_as());
        let others = partner.counted_before.iter().map(|other| format!("{kind}/{other}").into());
        tx.join_numbers(&sequence, &others.collect::<Vec<Text>>())?;
        tx.take_numbers(&sequence, count, CONTROL_MAX)
    };
    let interchange = take("interchange", 1)?;
    let group = if groups == 0 { 0 } else { take("group", groups)? };
    Ok((interchange, group))
}

/// What the envelope tells: who to whom, when, for which use.
pub(crate) fn row(envelope: &OutboundEnvelope) -> SentRow {
    SentRow {
        sender: address(&envelope.sender_qualifier, &envelope.sender),
        receiver: address(&envelope.receiver_qualifier, &envelope.receiver),
        date: envelope.date,
        time: envelope.time.clone(),
        usage: envelope.usage.clone(),
        ..SentRow::default()
    }
}

/// A group with its sets in the order of ST02, which the writer counts from 0001.
pub(crate) fn group(envelope: &OutboundEnvelope, control: u32, sets: &[WrittenSet]) -> SentGroup {
    let first = sets.first();
    SentGroup {
        functional_id: first.map_or("", |set| set.functional_id).into(),
        control,
        application_receiver: envelope.application_receiver.clone(),
        set_id: first.map_or("", |set| set.id).into(),
        documents: sets.iter().map(|set| document(set, envelope.separators)).collect(),
        states: vec![SentState::Sent; sets.len()],
        notes: Vec::new(),
    }
}

/// `qualifier/id` of ISA05 and ISA06, or ISA07 and ISA08.
pub(crate) fn address(qualifier: &str, id: &str) -> Text {
    format!("{}/{}", qualifier.trim(), id.trim()).into()
}

/// What is kept of outputs that are about to be published.
pub(crate) fn keeps(outputs: &[OutputRow]) -> Vec<Keep<'_>> {
    let outbound = outputs.iter().filter(|row| OUTBOUND.contains(&row.kind.as_str()));
    let keep = |row: &'_ OutputRow| kept_path(&row.run_id, &row.path);
    outbound.map(|row| Keep { staged: &row.staged, path: &row.path, kept: keep(row) }).collect()
}
