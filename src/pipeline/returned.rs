//! What a partner says of a group that we sent, set by set: its verdicts held against one another and against what was known.

use crate::documents::acknowledgment::{Returned, ReturnedSet, interchange_note};
use crate::domain::Text;
use crate::domain::diagnostic::{Diagnostic, Location};
use crate::domain::rules::acknowledgments as rules;
use crate::domain::sent::SentState;
use crate::x12::envelope::Ta1;
use std::collections::BTreeMap;

/// So many sets are named in one finding; the others are counted.
const NAMED_MAX: usize = 20;

/// A functional group of ours that an acknowledgment answers.
#[derive(Debug, Clone, Copy)]
pub struct Answered<'a> {
    /// ST01 of its sets.
    pub set_id: &'a str,
    /// The number of each set's document, in the order of ST02, which counts from 1.
    pub numbers: &'a [Text],
    pub states: &'a [SentState],
}

/// What an acknowledgment changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judged {
    /// The state of each set from now on.
    pub states: Vec<SentState>,
    /// The reasons that were given for a set, by its place.
    pub notes: BTreeMap<usize, Vec<Text>>,
    /// What is newly rejected: the places of the sets by what they have in common.
    pub rejected: BTreeMap<Text, Vec<usize>>,
    /// E560 to E565, each about the group as a whole or about several sets of it.
    pub findings: Vec<Diagnostic>,
}

/// Takes what a 997 or 999 says of a group. A set counts as rejected where AK5 or AK9 says so; one that AK2 does not name has
/// the group's verdict; what the partner did not count as received stays as it was.
pub fn judge(group: Answered<'_>, returned: &Returned, at: &Location) -> Judged {
    assert_eq!(group.numbers.len(), group.states.len(), "each document has its state");
    let mut doubts = Vec::new();
    let mut judged = Judged { states: group.states.to_vec(), ..Judged::default() };
    let of_group = SentState::of_verdict(&returned.verdict);
    if of_group.is_none() {
        let what = if returned.verdict.is_empty() { "no AK901" } else { "AK901 is no verdict" };
        let told = Diagnostic::new(&rules::VERDICT_UNKNOWN, at.clone());
        judged.findings.push(told.found(&returned.verdict).detail(what));
    }
    let named = named(group, returned, at, &mut doubts, &mut judged.findings);
    let verdicts = verdicts(group, of_group, &named, returned, &mut doubts);
    count(group, of_group, &verdicts, returned, &mut doubts);
    for (place, set) in &named {
        let mut notes = set.notes.clone();
        if set.notes_left_out > 0 {
            notes.push(format!("and {} more", set.notes_left_out).into());
        }
        if !notes.is_empty() {
            judged.notes.insert(*place, notes);
        }
    }
    take(group, &verdicts, at, &mut judged, |place| match named.get(&place) {
        Some(set) if !set.cause.is_empty() => set.cause.clone(),
        _ => returned.notes.first().cloned().unwrap_or_else(|| "no reason given".into()),
    });
    if !doubts.is_empty() {
        let told = Diagnostic::new(&rules::ACKNOWLEDGMENT_CONTRADICTS_ITSELF, at.clone());
        judged.findings.push(told.found(&returned.control).detail(doubts.join("; ")));
    }
    judged
}

/// Takes what a TA1 says of an interchange, of which this is one group: a rejected interchange is the rejection of all in it.
pub fn judge_interchange(group: Answered<'_>, ta1: &Ta1, at: &Location) -> Judged {
    let mut judged = Judged { states: group.states.to_vec(), ..Judged::default() };
    if ta1.verdict != "R" {
        return judged;
    }
    let verdicts = vec![Some(SentState::Rejected); group.states.len()];
    let why: Text = format!("TA1: {}", interchange_note(&ta1.note)).into();
    take(group, &verdicts, at, &mut judged, |_| why.clone());
    judged
}

/// The AK2 that name a set of the group, by its place; the first of several, where a later one only repeats it.
fn named<'r>(
    group: Answered<'_>,
    returned: &'r Returned,
    at: &Location,
    doubts: &mut Vec<String>,
    findings: &mut Vec<Diagnostic>,
) -> BTreeMap<usize, &'r ReturnedSet> {
    let mut named: BTreeMap<usize, &ReturnedSet> = BTreeMap::new();
    let (mut strangers, mut unknown) = (Vec::new(), Vec::new());
    for set in &returned.sets {
        let place = place_of(&set.control).filter(|place| *place < group.states.len());
        let Some(place) = place.filter(|_| set.id.is_empty() || set.id == group.set_id) else {
            strangers.push(format!("{} {}", set.id, set.control));
            continue;
        };
        if SentState::of_verdict(&set.verdict).is_none() {
            unknown.push(format!("{} {:?}", set.control, set.verdict));
        }
        match named.get(&place) {
            Some(first) if first.verdict != set.verdict => {
                doubts.push(format!(
                    "set {} is answered by {} and {}",
                    set.control, first.verdict, set.verdict
                ));
                if SentState::of_verdict(&first.verdict) < SentState::of_verdict(&set.verdict) {
                    named.insert(place, set);
                }
            }
            Some(_) => {}
            None => {
                named.insert(place, set);
            }
        }
    }
    let left_out = returned.left_out as usize;
    if !strangers.is_empty() || left_out > 0 {
        let detail = format!(
            "the group {} has {} sets {}, and none of: {}",
            returned.control,
            group.states.len(),
            group.set_id,
            listed(&strangers, left_out)
        );
        let told = Diagnostic::new(&rules::ACKNOWLEDGMENT_UNMATCHED, at.clone());
        findings.push(told.found(strangers.first().map_or("", String::as_str)).detail(detail));
    }
    if !unknown.is_empty() {
        let told = Diagnostic::new(&rules::VERDICT_UNKNOWN, at.clone());
        findings.push(told.detail(format!("AK501 of set {}", listed(&unknown, 0))));
    }
    named
}

/// ST02 as the place that we gave it: sets count from 0001.
fn place_of(control: &str) -> Option<usize> {
    let digits = !control.is_empty() && control.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| control.parse::<usize>().ok()?.checked_sub(1))?
}

/// The verdict of each set; None where nothing was said of it.
fn verdicts(
    group: Answered<'_>,
    of_group: Option<SentState>,
    named: &BTreeMap<usize, &ReturnedSet>,
    returned: &Returned,
    doubts: &mut Vec<String>,
) -> Vec<Option<SentState>> {
    let count = group.states.len();
    let said = |state: SentState| {
        named.values().filter(|set| SentState::of_verdict(&set.verdict) == Some(state)).count()
    };
    let rejected = said(SentState::Rejected);
    // fewer than were sent: which of them arrived nobody says
    let all_came = returned.received.is_none_or(|received| received as usize >= count);
    let unnamed = match of_group {
        _ if !all_came => None,
        Some(SentState::AcceptedWithErrors) if said(SentState::AcceptedWithErrors) > 0 => {
            Some(SentState::Accepted)
        }
        Some(SentState::PartiallyAccepted) if rejected > 0 => {
            let others_accepted =
                returned.accepted.is_none_or(|accepted| accepted as usize == count - rejected);
            Some(if others_accepted { SentState::Accepted } else { SentState::PartiallyAccepted })
        }
        other => other,
    };
    let mut overruled = 0_usize;
    let verdict = |place: usize| {
        let own = named.get(&place).map(|set| SentState::of_verdict(&set.verdict));
        match (own, of_group) {
            (Some(Some(SentState::Rejected)), _) => Some(SentState::Rejected),
            (Some(own), Some(SentState::Rejected)) => {
                overruled += usize::from(own.is_some());
                Some(SentState::Rejected)
            }
            (Some(own), _) => own,
            (None, _) => unnamed,
        }
    };
    let verdicts = (0..count).map(verdict).collect();
    if overruled > 0 {
        doubts.push(format!("AK901 is {}, and AK5 accepts {overruled} sets", returned.verdict));
    }
    verdicts
}

/// AK9 against what was sent, and against what the sets come to.
fn count(
    group: Answered<'_>,
    of_group: Option<SentState>,
    verdicts: &[Option<SentState>],
    returned: &Returned,
    doubts: &mut Vec<String>,
) {
    let sent = group.states.len();
    for (name, counted) in [("AK902", returned.stated), ("AK903", returned.received)] {
        if let Some(counted) = counted.filter(|counted| *counted as usize != sent) {
            doubts.push(format!("{name} counts {counted} sets, {sent} were sent"));
        }
    }
    let of = |wanted: &[SentState]| verdicts.iter().flatten().filter(|state| wanted.contains(state)).count();
    let accepted = of(&[SentState::Accepted, SentState::AcceptedWithErrors]);
    let (rejected, open) = (of(&[SentState::Rejected]), verdicts.len() - of(&SentState::ALL));
    let unclear = of(&[SentState::PartiallyAccepted]) > 0 || open > 0;
    if let Some(counted) = returned.accepted.filter(|counted| *counted as usize != accepted && !unclear) {
        doubts.push(format!("AK904 counts {counted} accepted sets, the verdicts come to {accepted}"));
    }
    let fits = match of_group {
        Some(SentState::Accepted | SentState::AcceptedWithErrors) => rejected == 0,
        // a part accepted and a part not
        Some(SentState::PartiallyAccepted) => unclear || (rejected > 0 && accepted > 0),
        _ => true,
    };
    if !fits {
        doubts.push(format!("AK901 is {}, and {rejected} of {sent} sets are rejected", returned.verdict));
    }
    if of_group == Some(SentState::PartiallyAccepted) && sent == 1 {
        doubts.push("AK901 accepts a part of a group of one set".to_owned());
    }
}

/// Puts the verdicts into the states: the first counts as news, the same again as nothing, another one is told.
fn take(
    group: Answered<'_>,
    verdicts: &[Option<SentState>],
    at: &Location,
    judged: &mut Judged,
    cause: impl Fn(usize) -> Text,
) {
    let mut turned: BTreeMap<(SentState, SentState), Vec<String>> = BTreeMap::new();
    let mut with_errors = Vec::new();
    for (place, (verdict, state)) in verdicts.iter().zip(&mut judged.states).enumerate() {
        let Some(verdict) = *verdict else { continue };
        let before = std::mem::replace(state, verdict);
        if before == verdict {
            continue;
        }
        let number = group.numbers.get(place).map_or("", Text::as_str);
        match (before, verdict) {
            (SentState::Sent, SentState::Rejected) => {
                judged.rejected.entry(cause(place)).or_default().push(place);
            }
            (SentState::Sent, SentState::AcceptedWithErrors) => {
                let why = judged.notes.get(&place).map(|notes| format!(" ({})", notes.join("; ")));
                with_errors.push(format!("{number}{}", why.unwrap_or_default()));
            }
            (SentState::Sent, _) => {}
            (before, verdict) => turned.entry((before, verdict)).or_default().push(number.to_owned()),
        }
    }
    for ((before, after), numbers) in turned {
        let word = |state: SentState| state.as_str().replace('_', " ");
        let detail =
            format!("{} {}: {} before, {} now", group.set_id, listed(&numbers, 0), word(before), word(after));
        let told = Diagnostic::new(&rules::ACKNOWLEDGMENT_CHANGED, at.clone());
        judged.findings.push(told.found(numbers.first().map_or("", String::as_str)).detail(detail));
    }
    if !with_errors.is_empty() {
        let told = Diagnostic::new(&rules::DOCUMENT_ACCEPTED_WITH_ERRORS, at.clone());
        judged.findings.push(told.detail(format!("{} {}", group.set_id, listed(&with_errors, 0))));
    }
}

/// The first of them, and how many more there are.
pub fn listed<T: AsRef<str>>(names: &[T], left_out: usize) -> String {
    let shown: Vec<&str> = names.iter().take(NAMED_MAX).map(AsRef::as_ref).collect();
    let more = names.len().saturating_sub(NAMED_MAX) + left_out;
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{rest}", shown.join(", "))
}

#[cfg(test)]
mod tests;
