//! Segments that are missing or misplaced, in words: between which two, before which, in the loop of which.

use super::candidates::openers_of;
use crate::domain::diagnostic::Diagnostic;
use crate::pipeline::check::Judged;
use crate::x12::grammar::{self, Part};
use crate::x12::lexer::{Segment, text};

/// Gives a finding about a segment's place the detail that its neighbours tell; one that has a detail keeps it.
pub(super) fn describe(judged: &Judged<'_>, parts: &[Segment<'_>], finding: &mut Diagnostic) {
    let Some(index) = (finding.at.segment as usize).checked_sub(1) else { return };
    let told = match finding.rule.code {
        "E203" => between(parts, index, finding),
        "E202" => parts.get(index).and_then(|segment| homeless(judged, segment)),
        "E207" => parts.get(index).and_then(|segment| late(judged, parts, segment, finding)),
        _ => None,
    };
    if let Some(told) = told {
        let rest = std::mem::take(&mut finding.detail);
        finding.detail = if rest.is_empty() { told } else { format!("{told}; {rest}") };
    }
}

fn name(segment: &Segment<'_>) -> String {
    format!("{} (segment {})", text(segment.id()).trim(), segment.number)
}

/// A missing segment: `BEG belongs between ST (segment 1) and CUR (segment 2)`.
fn between(parts: &[Segment<'_>], index: usize, finding: &Diagnostic) -> Option<String> {
    let id = &finding.at.segment_id;
    let before = parts.get(index.checked_sub(1)?)?;
    Some(match parts.get(index) {
        Some(after) => format!("{id} belongs between {} and {}", name(before), name(after)),
        None => format!("{id} belongs after {}", name(before)),
    })
}

/// A segment that has its place in loops only, none of which is open.
fn homeless(judged: &Judged<'_>, segment: &Segment<'_>) -> Option<String> {
    let openers = openers_of(judged.def, grammar::key(segment.id()));
    let id = text(segment.id());
    match openers.as_slice() {
        [] => None,
        openers => {
            Some(format!("{id} belongs in the loop of {}, and none is open here", openers.join(" or ")))
        }
    }
}

/// A segment out of sequence: what it should stand before, and which loop it may have lost.
fn late(
    judged: &Judged<'_>,
    parts: &[Segment<'_>],
    segment: &Segment<'_>,
    finding: &Diagnostic,
) -> Option<String> {
    let key = grammar::key(segment.id());
    let id = text(segment.id());
    let before = parts.get(..(segment.number as usize).checked_sub(1)?)?;
    let level = level_of(judged.def.body, &finding.at.loop_id, key)?;
    let own = level.iter().position(|part| part.key == key)?;
    let inside = level.first().is_some_and(|part| part.id == finding.at.loop_id && part.children.is_empty());
    let from = if inside {
        before.iter().rposition(|other| other.id() == finding.at.loop_id.as_bytes()).unwrap_or(0)
    } else {
        0
    };
    let later = |other: &&Segment<'_>| {
        let key = grammar::key(other.id());
        level.iter().skip(own + 1).any(|part| part.key == key)
            && !level.iter().take(own + 1).any(|part| part.key == key)
    };
    let next = before.iter().skip(from).find(later)?;
    let mut told = format!("{id} belongs before {}", name(next));
    let is_opener = level.iter().any(|part| part.key == grammar::key(next.id()) && !part.children.is_empty());
    let lost = openers_of(judged.def, key).into_iter().find(|opener| {
        let mandatory =
            judged.def.body.iter().any(|part| part.id == *opener && part.usage == grammar::Usage::Mandatory);
        mandatory && is_opener && before.iter().all(|other| other.id() != opener.as_bytes())
    });
    if let Some(opener) = lost {
        told += &format!(", or the {opener} that opens its loop is missing before it");
    }
    Some(told)
}

/// The parts among which a segment was placed: those of the loop, or of the set where it stands in none.
fn level_of(body: &'static [Part], loop_id: &str, key: u32) -> Option<&'static [Part]> {
    let mut open = vec![body];
    let mut outermost = None;
    while let Some(parts) = open.pop() {
        let own = parts.iter().any(|part| part.key == key);
        let is_loop = parts.first().is_some_and(|part| part.id == loop_id);
        if own && is_loop && !std::ptr::eq(parts, body) {
            return Some(parts);
        }
        if own && std::ptr::eq(parts, body) {
            outermost = Some(parts);
        }
        open.extend(parts.iter().map(|part| part.children).filter(|children| !children.is_empty()));
    }
    outermost
}
