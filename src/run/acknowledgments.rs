//! The acknowledgments stage: what partners say of our documents is matched to them, 824 and 864 are shown.

mod matching;
mod settle;

pub(crate) use settle::{Sender, take_returned, take_ta1};

use crate::documents::acknowledgment;
use crate::documents::message::is_message;
use crate::domain::Text;
use crate::domain::diagnostic::{Diagnostic, Rule, Severity};
use crate::domain::partner::PartnerProfile;
use crate::domain::rules::envelope::FILE_OF_ANOTHER_KIND;
use crate::domain::rules::inputs;
use crate::run::input::{Content, Input, Plan, file_span};
use crate::run::night::{Night, Stage};
use crate::run::sets::{Found, Place, Sets};
use crate::run::strays;
use crate::run::stream::{Judge, Stream};
use crate::run::unit::Unit;
use crate::run::{exceptions, x12_orders};
use crate::site::folders::ClaimedFile;
use crate::site::partner_profile::find_by_envelope;
use crate::store::ReceiptRow;
use crate::x12::envelope::{FileIndex, Group, Interchange, Limits};
use crate::x12::lexer::{segments, unwrap_lines};
use anyhow::{Context as _, Result};

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
    let (kind, file) = match &input.content {
        Content::X12 { index, plans } => {
            let file = (index, plans.as_slice());
            (kind_of(input, file, profiles, judge.limits)?, Some(file))
        }
        _ => (Kind::Neither, None),
    };
    if let (Kind::Messages, Some((index, plans))) = (kind, file) {
        let mut stream = Stream::new(judge, std::slice::from_ref(input));
        let result = x12_orders::take(unit, &mut stream, profiles, input, (index, plans), known)?;
        if let Some(state) = strays::settle(unit, input, index, (&result, known))? {
            receipt.state = state;
        }
        receipt.partner = result.partner;
        return Ok(receipt);
    }
    match file.filter(|_| kind == Kind::Answers) {
        Some(_) if known => {}
        Some(file) => {
            let unmatched = unit.counts.acknowledged.get("unmatched").copied();
            let mut sets = Sets::of(input, file, profiles, judge.limits)?.with_refused();
            for interchange in &file.0.interchanges {
                if let Some(partner) = take_answers(unit, profiles, input, (interchange, &mut sets))? {
                    receipt.partner = partner;
                }
            }
            let ended = strays::tell(unit, input, file.0, &receipt.partner, false)?;
            if ended || unit.counts.acknowledged.get("unmatched").copied() != unmatched {
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

/// Takes the TA1, 997 and 999 of one interchange, whose sets come next. The partner who sent them, if a profile has its ids.
fn take_answers(
    unit: &mut Unit<'_>,
    profiles: &[PartnerProfile],
    input: &Input,
    (interchange, sets): (&Interchange, &mut Sets<'_>),
) -> Result<Option<Text>> {
    let header = &interchange.header;
    let application = interchange.groups.first().map(|group| group.sender.as_str()).unwrap_or_default();
    let profile = find_by_envelope(profiles, &header.sender_qualifier, &header.sender, application);
    let sender = Sender { file: &input.claimed.relative, header, profile };
    for ta1 in &interchange.ta1 {
        take_ta1(unit, &sender, ta1)?;
    }
    let mut group = Group::default();
    loop {
        match sets.next()?.context("each interchange has its end")? {
            Found::Group(next) => group = *next,
            Found::Set(Place { set, .. }) => {
                let mut bytes = input.source.read(set.offset, set.length)?;
                if interchange.wrapped {
                    unwrap_lines(bytes.to_mut());
                }
                let separators = interchange.separators;
                let returned = acknowledgment::read(separators, segments(&bytes, separators, set.offset));
                take_returned(unit, &sender, (&group, &set.control), &returned)?;
            }
            Found::GroupEnd { .. } => {}
            Found::InterchangeEnd => return Ok(profile.map(|profile| profile.id().clone())),
        }
    }
}

/// What an X12 file of the partners' answers is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Messages for a person, and beside them nothing but answers: it is taken as in inbox/orders.
    Messages,
    /// TA1, 997 and 999, and nothing broken.
    Answers,
    Neither,
}

/// Looks at each set of the file.
fn kind_of(
    input: &Input,
    (index, plans): (&FileIndex, &[Plan]),
    profiles: &[PartnerProfile],
    limits: &Limits,
) -> Result<Kind> {
    let (mut messages, mut answers, mut others, mut broken) = (false, false, false, false);
    let mut sets = Sets::of(input, (index, plans), profiles, limits)?.with_refused();
    while let Some(found) = sets.next()? {
        let Found::Set(Place { set, .. }) = found else { continue };
        match set.id.as_str() {
            "997" | "999" => answers = true,
            id if is_message(id) => messages = true,
            _ => others = true,
        }
        broken |= is_broken(&set.diagnostics);
    }
    for interchange in &index.interchanges {
        broken |= is_broken(&interchange.diagnostics);
        broken |= interchange.groups.iter().any(|group| is_broken(&group.diagnostics));
        answers |= !interchange.ta1.is_empty();
    }
    Ok(match (messages, others) {
        (true, false) => Kind::Messages,
        (false, false) if answers && !broken => Kind::Answers,
        _ => Kind::Neither,
    })
}

fn is_broken(found: &[Diagnostic]) -> bool {
    found.iter().any(|found| found.severity == Severity::Error)
}
