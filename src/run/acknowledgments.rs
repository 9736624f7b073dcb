//! The acknowledgments stage: what partners say of our documents is matched to them, 824 and 864 are shown.

mod matching;
mod settle;

pub(crate) use settle::{Sender, take_returned, take_ta1};

use crate::documents::acknowledgment;
use crate::documents::message::is_message;
use crate::domain::Text;
use crate::domain::diagnostic::{Rule, Severity};
use crate::domain::partner::PartnerProfile;
use crate::domain::rules::envelope::FILE_OF_ANOTHER_KIND;
use crate::domain::rules::inputs;
use crate::run::input::{Content, Input, file_span};
use crate::run::night::{Night, Stage};
use crate::run::stream::{Judge, Stream};
use crate::run::unit::Unit;
use crate::run::{exceptions, x12_orders};
use crate::site::folders::ClaimedFile;
use crate::site::partner_profile::find_by_envelope;
use crate::store::ReceiptRow;
use crate::x12::envelope::{FileIndex, Interchange};
use crate::x12::lexer::{segments, unwrap_lines};
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
        let receipt = take_file(&mut unit, judge, parts.profiles, input)?;
        unit.remember(&receipt);
        receipts.push(receipt);
    }
    let counts = unit.commit(&receipts)?;
    night.finish_unit(&counts)
}

fn take_file(
    unit: &mut Unit<'_>,
    judge: Judge<'_>,
    profiles: &[PartnerProfile],
    input: &Input,
) -> Result<ReceiptRow> {
    let _file = file_span(unit, &input.claimed).entered();
    let known = unit.knows(&input.digest)?;
    let mut receipt = unit.receipt(&input.claimed, &input.digest, &input.source)?;
    receipt.state = if known { "duplicate" } else { "processed" }.into();
    if let Content::X12 { index, plans } = &input.content
        && brings_messages(index)
    {
        let mut stream = Stream::new(judge, std::slice::from_ref(input));
        let plans = (index, plans.as_slice());
        let result = x12_orders::take(unit, &mut stream, profiles, input, plans, known)?;
        receipt.partner = result.partner;
        if result.quarantined {
            receipt.state = if index.interchanges.len() == 1 { "quarantined" } else { "partial" }.into();
        }
        return Ok(receipt);
    }
    match answers_of(&input.content) {
        Some(_) if known => {}
        Some(index) => {
            let unmatched = unit.counts.acknowledged.get("unmatched").copied();
            for interchange in &index.interchanges {
                if let Some(partner) = take_answers(unit, profiles, input, interchange)? {
                    receipt.partner = partner;
                }
            }
            if unit.counts.acknowledged.get("unmatched").copied() != unmatched {
                // not `processed`: the same bytes may come again once the profile has the ids under which they came
                receipt.state = "partial".into();
            }
        }
        None => {
            let lines = x12_orders::lines_of(&input.content);
            unit.counts.lines.received += lines;
            unit.counts.lines.quarantined += lines;
            let whole = (&input.source, 0, input.source.length);
            let why = match &input.content {
                // damaged, or plainly something else: that says more
                Content::Refused(why) if why.iter().any(|found| says_what_it_is(found.rule)) => why.clone(),
                _ => exceptions::no_acknowledgment(&input.claimed.relative),
            };
            unit.quarantine_piece(&input.claimed.relative, whole, &why, "")?;
            unit.add_exception(exceptions::input(&input.claimed.relative, &why, ""))?;
            receipt.state = Text::from("quarantined");
        }
    }
    Ok(receipt)
}

fn says_what_it_is(rule: &Rule) -> bool {
    inputs::RULES.iter().chain(&[&FILE_OF_ANOTHER_KIND]).any(|known| **known == *rule)
}

/// Takes the TA1, 997 and 999 of one interchange. The partner who sent them, if a profile has its ids.
fn take_answers(
    unit: &mut Unit<'_>,
    profiles: &[PartnerProfile],
    input: &Input,
    interchange: &Interchange,
) -> Result<Option<Text>> {
    let header = &interchange.header;
    let application = interchange.groups.first().map(|group| group.sender.as_str()).unwrap_or_default();
    let profile = find_by_envelope(profiles, &header.sender_qualifier, &header.sender, application);
    let sender = Sender { file: &input.claimed.relative, header, profile };
    for ta1 in &interchange.ta1 {
        take_ta1(unit, &sender, ta1)?;
    }
    for group in &interchange.groups {
        for set in &group.sets {
            let mut bytes = input.source.read(set.offset, set.length)?;
            if interchange.wrapped {
                unwrap_lines(bytes.to_mut());
            }
            let separators = interchange.separators;
            let returned = acknowledgment::read(separators, segments(&bytes, separators, set.offset));
            take_returned(unit, &sender, (group, &set.control), &returned)?;
        }
    }
    Ok(profile.map(|profile| profile.id().clone()))
}

/// Whether a file holds messages for a person, and beside them nothing but answers: such a file is taken as in inbox/orders.
fn brings_messages(index: &FileIndex) -> bool {
    let groups = || index.interchanges.iter().flat_map(|interchange| &interchange.groups);
    let mut sets = groups().flat_map(|group| &group.sets);
    let known = sets.clone().all(|set| is_message(&set.id) || matches!(set.id.as_str(), "997" | "999"));
    known && sets.any(|set| is_message(&set.id))
}

/// The file's interchanges if they hold TA1, 997 and 999; None if it is broken, or holds anything else, or nothing.
fn answers_of(content: &Content) -> Option<&FileIndex> {
    let Content::X12 { index, .. } = content else { return None };
    let mut count = 0;
    for interchange in &index.interchanges {
        let groups = interchange.groups.iter().map(|group| &group.diagnostics);
        let sets = interchange.groups.iter().flat_map(|group| &group.sets).map(|set| &set.diagnostics);
        let broken = std::iter::once(&interchange.diagnostics).chain(groups).chain(sets).flatten();
        if broken.into_iter().any(|found| found.severity == Severity::Error) {
            return None;
        }
        count += interchange.ta1.len();
        for set in interchange.groups.iter().flat_map(|group| &group.sets) {
            if !matches!(set.id.as_str(), "997" | "999") {
                return None;
            }
            count += 1;
        }
    }
    (count > 0).then_some(index)
}
