//! One X12 order file into a unit: interchange by interchange, answered, ordered, or kept apart.

mod reused;

use crate::documents::fa997::GroupAcknowledgment;
use crate::documents::ta1;
use crate::domain::diagnostic::{Diagnostic, Location, Severity};
use crate::domain::partner::{PartnerProfile, Ta1Policy};
use crate::domain::rules::business;
use crate::domain::rules::envelope::USAGE_INVALID;
use crate::domain::{Date, Text};
use crate::pipeline::process::Body;
use crate::run::acknowledgments::{self, Sender};
use crate::run::counts::tick;
use crate::run::exceptions;
use crate::run::input::{Content, Input, Plan, is_test};
use crate::run::orders::{Standing, take_document};
use crate::run::outgoing::{FinishedGroup, GroupAnswer, Outgoing};
use crate::run::sets::Place;
use crate::run::stream::{Item, Stream};
use crate::run::unit::Unit;
use crate::store::{ExceptionRow, InterchangeKey, InterchangeRow};
use crate::x12::envelope::{FileIndex, Group, Interchange, Isa};
use crate::x12::lexer::Segment;
use crate::x12::writer::OutboundEnvelope;
use anyhow::{Result, bail};
use serde_json::json;

/// So many bytes hold an ISA.
const HEADER_BYTES: u64 = 400;

/// What an X12 file as a whole came to.
#[derive(Debug, Default)]
pub(crate) struct FileResult {
    pub partner: Text,
    pub quarantined: bool,
}

pub(crate) fn take(
    unit: &mut Unit<'_>,
    stream: &mut Stream<'_>,
    profiles: &[PartnerProfile],
    input: &Input,
    (index, plans): (&FileIndex, &[Plan]),
    known: bool,
) -> Result<FileResult> {
    let mut result = FileResult::default();
    for (number, (interchange, plan)) in index.interchanges.iter().zip(plans).enumerate() {
        let place = Taken { input, interchange, number: number + 1, alone: index.interchanges.len() == 1 };
        let lines = interchange.lines;
        unit.counts.lines.received += lines;
        match plan {
            Plan::Refuse { why, answer } => {
                if let Some((profile, envelope)) = answer
                    && !brings_ta1_alone(interchange)
                {
                    answer_by_ta1(unit, &profiles[*profile], envelope, &interchange.header, why)?;
                }
                let partner = answer.as_ref().map(|(profile, _)| profiles[*profile].id().clone());
                place.quarantine(unit, why, &partner.unwrap_or_default())?;
                unit.counts.lines.quarantined += lines;
                result.quarantined = true;
            }
            Plan::Process { profile, outbound } => {
                let profile = &profiles[*profile];
                result.partner.clone_from(profile.id());
                match place.standing(unit, profile, known)? {
                    Received::As(standing) => place.take(unit, stream, profile, outbound, standing)?,
                    Received::NumberOf(first) => {
                        result.quarantined = true;
                        place.refuse_reused_control(unit, stream, (profile, outbound), &first)?;
                    }
                }
            }
        }
    }
    Ok(result)
}

/// The lines counted in a file that is not processed: PO1 and the like; a split by SDQ adds to them when it is read.
pub(crate) fn lines_of(content: &Content) -> u64 {
    match content {
        Content::X12 { index, .. } => index.interchanges.iter().map(|interchange| interchange.lines).sum(),
        Content::Csv { .. } | Content::Refused(_) => 0,
    }
}

/// Whether an interchange came before.
enum Received {
    As(Standing),
    /// Its control number did, with other bytes.
    NumberOf(InterchangeRow),
}

struct Taken<'p> {
    input: &'p Input,
    interchange: &'p Interchange,
    /// From 1 in the file.
    number: usize,
    alone: bool,
}

impl Taken<'_> {
    /// Whether the interchange came before; a new one is remembered.
    fn standing(&self, unit: &mut Unit<'_>, profile: &PartnerProfile, known: bool) -> Result<Received> {
        if known {
            return Ok(Received::As(Standing::Duplicate));
        }
        let header = &self.interchange.header;
        let digest: Text = self.input.source.digest(self.interchange.offset, self.interchange.length)?.into();
        let key = InterchangeKey {
            sender: format!("{}/{}", header.sender_qualifier, header.sender).into(),
            receiver: format!("{}/{}", header.receiver_qualifier, header.receiver).into(),
            control: header.control.trim_start_matches('0').into(),
        };
        let since = days_before(unit.run.date, profile.x12.duplicate_window_days);
        if let Some(first) = unit.tx.interchange(&key, since)? {
            let same = first.digest == digest;
            return Ok(if same { Received::As(Standing::Duplicate) } else { Received::NumberOf(first) });
        }
        unit.tx.add_interchange(&InterchangeRow {
            key,
            digest,
            received: unit.run.date,
            run_id: unit.run.run_id.clone(),
            name: self.input.claimed.relative.as_str().into(),
            offset: self.interchange.offset,
            length: self.interchange.length,
        })?;
        let test = is_test(self.interchange, &unit.settings.company);
        Ok(Received::As(if test { Standing::Test } else { Standing::New }))
    }

    fn take(
        &self,
        unit: &mut Unit<'_>,
        stream: &mut Stream<'_>,
        profile: &PartnerProfile,
        outbound: &OutboundEnvelope,
        standing: Standing,
    ) -> Result<()> {
        tick(&mut unit.counts.interchanges, standing.as_str());
        tracing::info!(
            interchange = %self.interchange.header.control,
            partner = %profile.id(),
            standing = standing.as_str(),
            "interchange taken"
        );
        let sender = self.sender(profile);
        for ta1 in &self.interchange.ta1 {
            acknowledgments::take_ta1(unit, &sender, ta1)?;
        }
        if standing == Standing::New {
            let groups = self.interchange.groups.iter().flat_map(|group| &group.diagnostics);
            tell(unit, &self.input.claimed.relative, self.interchange.diagnostics.iter().chain(groups));
        }
        if standing == Standing::Test {
            self.ask_for_usage(unit, profile)?;
        }
        // An interchange is answered with its own usage; orders and invoices are the site's own.
        let usage = usage_of_answer(&self.interchange.header, outbound);
        let mut outgoing = Outgoing::new(profile, outbound);
        loop {
            let group = match stream.next()? {
                Item::Group(group) => group,
                Item::InterchangeEnd => break,
                other => bail!("a group was asked for, and {} comes", other.name()),
            };
            let answer = profile.x12.acknowledge.then(|| {
                let answer = OutboundEnvelope { usage: usage.clone(), ..outbound.clone() };
                let answer = answer.acknowledging(profile, &group);
                GroupAnswer::begin(&acknowledgment_of(&group), answer)
            });
            let answer = self.take_group(
                unit,
                stream,
                (profile, outbound),
                &group,
                standing,
                (answer, &mut outgoing),
            )?;
            if let Some(answer) = answer {
                tell(unit, &self.input.claimed.relative, &answer.finished.problems);
                outgoing.acknowledge(unit, answer)?;
            }
        }
        self.accept_by_ta1(unit, profile, outbound)?;
        outgoing.finish(unit)
    }

    /// All sets of a group; its 997, if it is answered by one.
    fn take_group(
        &self,
        unit: &mut Unit<'_>,
        stream: &mut Stream<'_>,
        (profile, outbound): (&PartnerProfile, &OutboundEnvelope),
        group: &Group,
        standing: Standing,
        (mut answer, outgoing): (Option<GroupAnswer>, &mut Outgoing<'_>),
    ) -> Result<Option<FinishedGroup>> {
        let refused = group.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
        loop {
            let (Place { set, .. }, mut prepared) = match stream.next()? {
                Item::Set(set) => *set,
                Item::GroupEnd { stated_sets } => {
                    return Ok(answer.and_then(|answer| answer.finish(stated_sets)));
                }
                other => bail!("a set was asked for, and {} comes", other.name()),
            };
            let _set = tracing::info_span!(
                "set",
                interchange = %self.interchange.header.control,
                group = %group.control,
                set = %set.control
            )
            .entered();
            if refused {
                prepared.processed.body = Body::Rejected;
                prepared.processed.answer = None;
            }
            let at = crate::run::orders::Origin {
                name: &self.input.claimed.relative,
                offset: set.offset,
                length: set.length,
                lines: u64::from(set.lines),
            };
            if matches!(prepared.processed.body, Body::Rejected) && standing == Standing::New {
                let problems = &prepared.processed.acknowledgment.diagnostics;
                let problems: Vec<&Diagnostic> = group.diagnostics.iter().chain(problems).collect();
                reject_set(unit, profile, &at, group, &set.control, &problems)?;
            }
            if matches!(prepared.processed.body, Body::Order(_)) && standing == Standing::New {
                tell(unit, at.name, &prepared.processed.acknowledgment.diagnostics);
            }
            if let Body::Acknowledgment(returned) = &prepared.processed.body {
                acknowledgments::take_returned(unit, &self.sender(profile), (group, &set.control), returned)?;
            }
            if let Some(answer) = &mut answer {
                answer.set(unit, &prepared.processed.acknowledgment)?;
            }
            let sent = take_document(unit, (profile, outbound), prepared, standing, &at)?;
            outgoing.add(unit, sent)?;
        }
    }

    /// Who sends the acknowledgments among the documents.
    fn sender<'s>(&'s self, profile: &'s PartnerProfile) -> Sender<'s> {
        let (file, header) = (&self.input.claimed.relative, &self.interchange.header);
        Sender { file, header, profile: Some(profile) }
    }

    fn quarantine(&self, unit: &mut Unit<'_>, why: &[Diagnostic], partner: &str) -> Result<()> {
        tick(&mut unit.counts.interchanges, "quarantined");
        let relative = &self.input.claimed.relative;
        let name = if self.alone {
            relative.clone()
        } else {
            format!("{}.interchange-{}", self.input.source.name_of_content(relative), self.number)
        };
        let (offset, length) = if self.alone {
            (0, self.input.source.length)
        } else {
            (self.interchange.offset, self.interchange.length)
        };
        unit.quarantine_piece(&name, (&self.input.source, offset, length), why, partner)?;
        unit.add_exception(ExceptionRow {
            kind: "input".into(),
            cause: format!("interchange/{}", decisive(why).map_or("", |first| first.rule.code)).into(),
            partner: partner.into(),
            detail: exceptions::telling(
                json!({"file": relative, "interchange": self.interchange.header.control}),
                why,
            )
            .to_string(),
            ..ExceptionRow::default()
        })
    }

    /// The same ISA13 with other bytes: kept apart until a person says which of the two is meant.
    fn refuse_reused_control(
        &self,
        unit: &mut Unit<'_>,
        stream: &mut Stream<'_>,
        (profile, outbound): (&PartnerProfile, &OutboundEnvelope),
        first: &InterchangeRow,
    ) -> Result<()> {
        stream.skip_interchange()?;
        let header = &self.interchange.header;
        let mut detail = format!(
            "first received on {} in {} at byte {} with {} bytes, now with {} bytes",
            first.received, first.name, first.offset, first.length, self.interchange.length
        );
        let place = (self.interchange.offset, self.interchange.length);
        if let Some(differ) = reused::differences(unit, self.input, place, first)? {
            detail += &format!("; {differ}");
        }
        let at = self.header_element(13)?;
        let why = Diagnostic::new(&business::DUPLICATE_INTERCHANGE_CHANGED, at);
        let why = [why.found(&header.control).detail(detail)];
        if profile.x12.ta1 != Ta1Policy::Never {
            answer_by_ta1(unit, profile, outbound, header, &why)?;
        }
        self.quarantine(unit, &why, profile.id())?;
        unit.counts.lines.quarantined += self.interchange.lines;
        Ok(())
    }

    /// The place of an element of the ISA.
    fn header_element(&self, element: u32) -> Result<Location> {
        let Interchange { offset, length, separators, header, .. } = self.interchange;
        let bytes = self.input.source.read(*offset, (*length).min(HEADER_BYTES))?;
        let segment = Segment::new(&bytes, *separators, *offset, 0);
        Ok(Location {
            interchange: header.control.clone(),
            segment_id: "ISA".into(),
            element,
            offset: segment.element_offset(element as usize),
            length: u32::try_from(segment.element(element as usize).len()).unwrap_or(0),
            ..Location::default()
        })
    }

    /// Whether an interchange without a usage was meant for production nobody here can say: a person asks.
    fn ask_for_usage(&self, unit: &mut Unit<'_>, profile: &PartnerProfile) -> Result<()> {
        let found = self.interchange.diagnostics.iter().filter(|found| *found.rule == USAGE_INVALID);
        let why: Vec<Diagnostic> = found.cloned().collect();
        if why.is_empty() {
            return Ok(());
        }
        unit.add_exception(exceptions::input(&self.input.claimed.relative, &why, profile.id()))
    }

    fn accept_by_ta1(
        &self,
        unit: &mut Unit<'_>,
        profile: &PartnerProfile,
        outbound: &OutboundEnvelope,
    ) -> Result<()> {
        let header = &self.interchange.header;
        let wanted = match profile.x12.ta1 {
            Ta1Policy::Requested => header.acknowledgment_requested,
            Ta1Policy::Always => true,
            Ta1Policy::Never => false,
        };
        if !wanted || brings_ta1_alone(self.interchange) {
            return Ok(());
        }
        answer_by_ta1(unit, profile, outbound, header, &self.interchange.diagnostics)
    }
}

/// What a 997 says of a group before its sets are known.
fn acknowledgment_of(group: &Group) -> GroupAcknowledgment {
    GroupAcknowledgment {
        functional_id: group.functional_id.clone(),
        control: group.control.clone(),
        version: group.version.clone(),
        diagnostics: group.diagnostics.clone(),
        ..GroupAcknowledgment::default()
    }
}

/// The first of the gravest: what a person is told of first.
fn decisive<'d>(why: impl IntoIterator<Item = &'d Diagnostic>) -> Option<&'d Diagnostic> {
    why.into_iter().reduce(|first, next| if next.severity > first.severity { next } else { first })
}

/// What is answered by a code, or by nothing, is told at our end too.
fn tell<'d>(unit: &mut Unit<'_>, name: &str, findings: impl IntoIterator<Item = &'d Diagnostic>) {
    for finding in findings {
        unit.counts.tell(format!("{name}: {finding}"));
    }
}

/// ISA15 of an answer: as received, or ours where what was received is none.
fn usage_of_answer(header: &Isa, ours: &OutboundEnvelope) -> Text {
    let known = matches!(header.usage.as_str(), "P" | "T" | "I");
    if known { header.usage.clone() } else { ours.usage.clone() }
}

/// The TA1 that the findings about the envelope ask for, under the interchange's own usage.
fn answer_by_ta1(
    unit: &mut Unit<'_>,
    profile: &PartnerProfile,
    envelope: &OutboundEnvelope,
    header: &Isa,
    why: &[Diagnostic],
) -> Result<()> {
    let envelope = OutboundEnvelope { usage: usage_of_answer(header, envelope), ..envelope.clone() };
    unit.send_ta1(profile, &envelope, &ta1::answer(header, why))
}

/// An interchange that is itself the answer to one of ours.
fn brings_ta1_alone(interchange: &Interchange) -> bool {
    interchange.groups.is_empty() && !interchange.ta1.is_empty()
}

/// A rejected set waits for a person: its 997 tells the partner, and the partner must send it again.
fn reject_set(
    unit: &mut Unit<'_>,
    profile: &PartnerProfile,
    at: &crate::run::orders::Origin<'_>,
    group: &Group,
    control: &str,
    problems: &[&Diagnostic],
) -> Result<()> {
    tick(&mut unit.counts.orders, "rejected");
    unit.add_exception(ExceptionRow {
        kind: "input".into(),
        cause: format!("set/{}", decisive(problems.iter().copied()).map_or("", |first| first.rule.code))
            .into(),
        partner: profile.id().clone(),
        customer: profile.partner.customer.clone(),
        detail: json!({"file": at.name, "group": group.control, "set": control, "findings": problems})
            .to_string(),
        ..ExceptionRow::default()
    })
}

/// The first day of a window that ends today; a window too long for the calendar begins with it.
pub(crate) fn days_before(date: Date, days: u32) -> Date {
    date.checked_sub(jiff::Span::new().days(i64::from(days.min(100_000)))).unwrap_or(Date::MIN)
}
