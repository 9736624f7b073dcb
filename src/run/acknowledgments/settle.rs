//! One acknowledgment into the unit: the state of what it speaks of, and an exception for what a person must know.

use crate::documents::acknowledgment::{Returned, interchange_note};
use crate::domain::diagnostic::{Diagnostic, Location, Severity};
use crate::domain::partner::PartnerProfile;
use crate::domain::rules::acknowledgments as rules;
use crate::domain::sent::SentState;
use crate::domain::{Text, diagnostic::Rule};
use crate::pipeline::returned::{Answered, Judged, judge, judge_interchange, listed};
use crate::run::acknowledgments::matching::{Addressed, find_group, find_interchange};
use crate::run::counts::tick;
use crate::run::unit::Unit;
use crate::store::sent::{AcknowledgmentRow, SentRow};
use crate::store::{Closing, ExceptionRow};
use crate::x12::envelope::{Group, Isa, Ta1};
use anyhow::Result;
use serde_json::json;
use std::collections::BTreeMap;

/// So many numbers of documents stand in an exception.
const NUMBERS_MAX: usize = 20;

/// Who sends acknowledgments, and in which file they came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sender<'s> {
    pub file: &'s str,
    pub header: &'s Isa,
    /// None where no profile has its ids.
    pub profile: Option<&'s PartnerProfile>,
}

impl Sender<'_> {
    fn partner(&self) -> &str {
        self.profile.map_or("", |profile| profile.id())
    }

    /// What no other acknowledgment has: who sent it and when, its own control numbers, and what it answers.
    fn key(&self, own: &str, answered: &str) -> Text {
        let Isa { sender_qualifier, sender, control, date, time, .. } = self.header;
        format!("{sender_qualifier}/{sender}/{control}/{date}/{time}/{own}/{answered}").into()
    }
}

/// Takes a 997 or 999, which stands in this group under this ST02.
pub(crate) fn take_returned(
    unit: &mut Unit<'_>,
    sender: &Sender<'_>,
    (group, set): (&Group, &str),
    returned: &Returned,
) -> Result<()> {
    unit.counts.acknowledgments += 1;
    let at = Location {
        interchange: sender.header.control.clone(),
        group: group.control.clone(),
        set: set.into(),
        segment_id: "AK1".into(),
        ..Location::default()
    };
    let Returned { functional_id, control, .. } = returned;
    let number: Option<u32> = Some(control).filter(|text| is_number(text)).and_then(|text| text.parse().ok());
    let addressed = Addressed::of(sender.header, sender.partner(), &group.sender);
    let rows = match number {
        Some(number) => unit.tx.sent_with_group(number, addressed.to_whom())?,
        None => Vec::new(),
    };
    let found = find_group(&addressed, functional_id, number.unwrap_or_default(), &rows);
    let (row, place) = match found {
        Ok((row, place)) => (row, place),
        Err(why) => {
            let what = (format!("group {functional_id}"), control.to_string());
            return unmatched(unit, sender, at, what, &why);
        }
    };
    let Some(mut row) = rows.into_iter().nth(row) else { return Ok(()) };
    let key = sender.key(&format!("{}/{set}", group.control), &format!("{functional_id}/{control}"));
    if !is_news(unit, sender, &row, key, &returned.verdict)? {
        return Ok(());
    }
    let Some(group) = row.groups.get_mut(place) else { return Ok(()) };
    let numbers: Vec<Text> = group.documents.iter().map(|document| document.number.clone()).collect();
    let answered = Answered { set_id: &group.set_id, numbers: &numbers, states: &group.states };
    let judged = judge(answered, returned, &at);
    for (place, notes) in &judged.notes {
        group.notes.retain(|(other, _)| other != place);
        group.notes.push((*place, notes.clone()));
    }
    group.notes.sort_by_key(|(place, _)| *place);
    settle(unit, sender, row, vec![(place, judged)], &at)
}

/// Takes a TA1.
pub(crate) fn take_ta1(unit: &mut Unit<'_>, sender: &Sender<'_>, ta1: &Ta1) -> Result<()> {
    unit.counts.acknowledgments += 1;
    let at = Location {
        interchange: sender.header.control.clone(),
        segment_id: "TA1".into(),
        ..Location::default()
    };
    let addressed = Addressed::of(sender.header, sender.partner(), "");
    let rows = if is_number(&ta1.control) {
        unit.tx.sent_with_control(&format!("{:0>9}", ta1.control), addressed.to_whom())?
    } else {
        Vec::new()
    };
    let row = match find_interchange(&addressed, ta1, &rows) {
        Ok(row) => row,
        Err(why) => {
            let number = format!("{} of {} {}", ta1.control, ta1.date, ta1.time);
            return unmatched(unit, sender, at, ("interchange".to_owned(), number), &why);
        }
    };
    let Some(mut row) = rows.into_iter().nth(row) else { return Ok(()) };
    let key = sender.key("TA1", &format!("{}/{}/{}", ta1.control, ta1.date, ta1.time));
    if !is_news(unit, sender, &row, key, &ta1.verdict)? {
        return Ok(());
    }
    let mut of_interchange = Judged::default();
    let words = interchange_note(&ta1.note);
    match ta1.verdict.as_str() {
        "A" | "E" | "R" => {}
        other => {
            let told = Diagnostic::new(&rules::VERDICT_UNKNOWN, at.clone());
            of_interchange.findings.push(told.found(other).detail("TA104 is no verdict"));
            return settle(unit, sender, row, vec![(usize::MAX, of_interchange)], &at);
        }
    }
    if !row.ta1.is_empty() && row.ta1 != ta1.verdict {
        let told = Diagnostic::new(&rules::ACKNOWLEDGMENT_CHANGED, at.clone());
        let detail = format!("TA1 said {} before, and {} now: {words}", row.ta1, ta1.verdict);
        of_interchange.findings.push(told.found(&row.control).detail(detail));
    } else if row.ta1.is_empty() && ta1.verdict == "E" {
        let told = Diagnostic::new(&rules::DOCUMENT_ACCEPTED_WITH_ERRORS, at.clone());
        of_interchange.findings.push(told.found(&row.control).detail(words.clone()));
    } else if row.ta1.is_empty() && ta1.verdict == "R" && row.groups.is_empty() {
        of_interchange.rejected.insert(format!("TA1: {words}").into(), Vec::new());
    }
    (row.ta1, row.ta1_note) = (ta1.verdict.clone(), ta1.note.clone());
    let mut judged = vec![(usize::MAX, of_interchange)];
    for (place, group) in row.groups.iter().enumerate() {
        let numbers: Vec<Text> = group.documents.iter().map(|document| document.number.clone()).collect();
        let answered = Answered { set_id: &group.set_id, numbers: &numbers, states: &group.states };
        judged.push((place, judge_interchange(answered, ta1, &at)));
    }
    settle(unit, sender, row, judged, &at)
}

/// The number of an interchange or a group, as it may come back.
fn is_number(text: &str) -> bool {
    (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Remembers the acknowledgment. One that came before says nothing once more, also not of what was sent again since.
fn is_news(
    unit: &mut Unit<'_>,
    sender: &Sender<'_>,
    row: &SentRow,
    key: Text,
    verdict: &str,
) -> Result<bool> {
    let new = unit.tx.note_acknowledgment(&AcknowledgmentRow {
        key,
        sent_id: row.sent_id,
        run_id: unit.run.run_id.clone(),
        file: sender.file.into(),
        verdict: verdict.into(),
    })?;
    if !new {
        tick(&mut unit.counts.acknowledged, "repeated");
    }
    Ok(new)
}

/// Writes what was judged of the groups at these places (any other place: of the interchange itself), and tells of it.
fn settle(
    unit: &mut Unit<'_>,
    sender: &Sender<'_>,
    mut row: SentRow,
    judged: Vec<(usize, Judged)>,
    at: &Location,
) -> Result<()> {
    let mut rejected: BTreeMap<Text, Vec<(usize, usize)>> = BTreeMap::new();
    let mut findings = Vec::new();
    let mut revoked = false;
    for (place, judged) in judged {
        findings.extend(judged.findings);
        for (cause, sets) in judged.rejected {
            rejected.entry(cause).or_default().extend(sets.into_iter().map(|set| (place, set)));
        }
        let Some(group) = row.groups.get_mut(place) else { continue };
        for (before, after) in
            group.states.iter().zip(&judged.states).filter(|(before, after)| before != after)
        {
            tick(&mut unit.counts.acknowledged, after.as_str());
            revoked |= *before == SentState::Rejected;
        }
        group.states = judged.states;
    }
    unit.tx.update_sent(&row)?;
    if revoked && !row.groups.iter().any(|group| group.states.contains(&SentState::Rejected)) {
        unit.tx.close_exceptions(&Closing {
            kind: KIND,
            order_id: &row.path,
            line: 0,
            run_id: &unit.run.run_id,
            closed_as: "accepted",
            now: unit.run.started,
        })?;
    }
    for (cause, sets) in &rejected {
        let told = rejection(&row, cause, sets, at);
        let cause = format!("{}: {cause}", row.kind);
        unit.add_exception(exception(sender, Some(&row), (&cause, told), sets))?;
    }
    for found in findings {
        if found.severity < Severity::Error {
            unit.counts.tell(format!("{}: {found}", row.path));
            continue;
        }
        let name = format!("{}-{}", row.kind, row.control);
        unit.add_exception(exception(sender, Some(&row), (&name, found), &[]))?;
    }
    Ok(())
}

/// What is said of documents that were rejected for one reason.
fn rejection(row: &SentRow, cause: &str, sets: &[(usize, usize)], at: &Location) -> Diagnostic {
    let numbers = numbers(row, sets);
    let notes = sets.iter().find_map(|(group, set)| {
        let notes = &row.groups.get(*group)?.notes;
        notes.iter().find(|(place, _)| place == set).map(|(_, notes)| notes.join("; "))
    });
    let what = if numbers.is_empty() { String::new() } else { format!(" {}", listed(&numbers, 0)) };
    let detail = format!("{}{what}: {}", row.kind, notes.unwrap_or_else(|| cause.to_owned()));
    let told = Diagnostic::new(&rules::DOCUMENT_REJECTED, at.clone());
    told.found(numbers.first().map_or("", Text::as_str)).detail(detail)
}

fn numbers(row: &SentRow, sets: &[(usize, usize)]) -> Vec<Text> {
    let number =
        |(group, set): &(usize, usize)| Some(row.groups.get(*group)?.documents.get(*set)?.number.clone());
    sets.iter().filter_map(number).collect()
}

/// The kind of every exception of this stage.
const KIND: &str = "acknowledgment";

/// What matches nothing of ours: a kind of thing, which is the cause that many numbers share, and its number.
fn unmatched(
    unit: &mut Unit<'_>,
    sender: &Sender<'_>,
    at: Location,
    (what, number): (String, String),
    why: &str,
) -> Result<()> {
    tick(&mut unit.counts.acknowledged, "unmatched");
    let told = Diagnostic::new(&rules::ACKNOWLEDGMENT_UNMATCHED, at).found(&format!("{what} {number}"));
    unit.add_exception(exception(sender, None, (&what, told.detail(why)), &[]))
}

/// What waits for a person: its cause is the rule, the partner, and what several such things have in common.
fn exception(
    sender: &Sender<'_>,
    row: Option<&SentRow>,
    (name, told): (&str, Diagnostic),
    sets: &[(usize, usize)],
) -> ExceptionRow {
    let rule: &Rule = told.rule;
    let partner = row.map_or(sender.partner(), |row| &row.partner);
    let who = if partner.is_empty() { sender.header.sender.as_str() } else { partner };
    let documents = row.map(|row| numbers(row, sets)).unwrap_or_default();
    let one = match sets {
        [(group, set)] => row.and_then(|row| row.groups.get(*group)?.documents.get(*set)),
        _ => None,
    };
    ExceptionRow {
        kind: KIND.into(),
        cause: format!("{KIND}/{}/{who}/{name}", rule.code).into(),
        partner: partner.into(),
        customer: sender.profile.map(|profile| profile.partner.customer.clone()).unwrap_or_default(),
        po_number: one.map(|document| document.po_number.clone()).unwrap_or_default(),
        order_id: row.map(|row| row.path.clone()).unwrap_or_default(),
        detail: json!({
            "sent": row.map(|row| row.path.as_str()),
            "documents": documents.iter().take(NUMBERS_MAX).collect::<Vec<_>>(),
            "document_count": documents.len(),
            "acknowledged_in": sender.file,
            "findings": [told],
        })
        .to_string(),
        ..ExceptionRow::default()
    }
}
