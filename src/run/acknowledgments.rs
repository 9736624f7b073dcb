//! The acknowledgments stage: 997, 999 and TA1 that partners send back are counted and archived, 824 and 864 are shown.

use crate::documents::message::is_message;
use crate::domain::Text;
use crate::domain::diagnostic::Severity;
use crate::run::input::{Content, Input};
use crate::run::night::{Night, Stage};
use crate::run::stream::Stream;
use crate::run::unit::Unit;
use crate::run::{exceptions, x12_orders};
use crate::site::folders::ClaimedFile;
use crate::x12::envelope::FileIndex;
use anyhow::Result;

/// Takes one unit's files through to the commit. A purchase order that lies here is no acknowledgment: it goes to
/// quarantine, and no line of it is ordered.
pub(crate) fn take_unit(night: &mut Night<'_>, claimed: &[ClaimedFile]) -> Result<()> {
    let parts = night.parts()?;
    let site = parts.surroundings();
    let inputs: Result<Vec<Input>> = claimed.iter().map(|file| Input::look(file.clone(), site)).collect();
    let inputs = inputs?;
    let judge = parts.judge();
    let mut unit = Unit::begin(
        parts.store.begin()?,
        parts.settings,
        parts.folders,
        parts.run,
        Stage::Acknowledgments,
        judge.index,
    )?;
    let mut receipts = Vec::new();
    for input in &inputs {
        let known = unit.knows(&input.digest)?;
        let mut receipt = unit.receipt(&input.claimed, &input.digest, input.source.length)?;
        receipt.state = if known { "duplicate" } else { "processed" }.into();
        if let Content::X12 { index, plans } = &input.content
            && brings_messages(index)
        {
            let mut stream = Stream::new(judge, std::slice::from_ref(input));
            let plans = (index, plans.as_slice());
            let result = x12_orders::take(&mut unit, &mut stream, parts.profiles, input, plans, known)?;
            receipt.partner = result.partner;
            if result.quarantined {
                receipt.state = if index.interchanges.len() == 1 { "quarantined" } else { "partial" }.into();
            }
            unit.remember(&receipt);
            receipts.push(receipt);
            continue;
        }
        match answers_in(&input.content) {
            Some(_) if known => {}
            Some(count) => unit.counts.acknowledgments += count,
            None => {
                let lines = x12_orders::lines_of(&input.content);
                unit.counts.lines.received += lines;
                unit.counts.lines.quarantined += lines;
                let whole = (&input.source, 0, input.source.length);
                let why = exceptions::no_acknowledgment(&input.claimed.relative);
                unit.quarantine_piece(&input.claimed.relative, whole, &why, "")?;
                unit.add_exception(exceptions::input(&input.claimed.relative, &why, ""))?;
                receipt.state = Text::from("quarantined");
            }
        }
        unit.remember(&receipt);
        receipts.push(receipt);
    }
    let counts = unit.commit(&receipts)?;
    night.finish_unit(&counts)
}

/// Whether a file holds messages for a person, and beside them nothing but answers: such a file is taken as in inbox/orders.
fn brings_messages(index: &FileIndex) -> bool {
    let groups = || index.interchanges.iter().flat_map(|interchange| &interchange.groups);
    let mut sets = groups().flat_map(|group| &group.sets);
    let known = sets.clone().all(|set| is_message(&set.id) || matches!(set.id.as_str(), "997" | "999"));
    known && sets.any(|set| is_message(&set.id))
}

/// How many TA1, 997 and 999 the file holds; None if it is broken, or holds anything else, or nothing.
fn answers_in(content: &Content) -> Option<u64> {
    let Content::X12 { index, .. } = content else { return None };
    let mut count = 0;
    for interchange in &index.interchanges {
        let groups = interchange.groups.iter().map(|group| &group.diagnostics);
        let sets = interchange.groups.iter().flat_map(|group| &group.sets).map(|set| &set.diagnostics);
        let broken = std::iter::once(&interchange.diagnostics).chain(groups).chain(sets).flatten();
        if broken.into_iter().any(|found| found.severity == Severity::Error) {
            return None;
        }
        count += interchange.ta1.len() as u64;
        for set in interchange.groups.iter().flat_map(|group| &group.sets) {
            if !matches!(set.id.as_str(), "997" | "999") {
                return None;
            }
            count += 1;
        }
    }
    (count > 0).then_some(count)
}
