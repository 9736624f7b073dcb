//! One cause, one message: a repair that makes findings vanish tells what caused them.
//!
//! A lost terminator breaks every element after it, the count of segments and the count of lines. To name the cause instead
//! of its traces, the likely repairs are tried on a copy of the set: where one leaves fewer findings and adds none, what
//! vanished had that one cause. The 997 still lists each trace, because that is what it is asked for.

mod candidates;
pub(super) mod envelope;
mod place;

use crate::domain::diagnostic::{Diagnostic, Location, Severity};
use crate::domain::rules::business::LINE_COUNT_DIFFERS;
use crate::domain::rules::{envelope as envelope_rules, segments as rules};
use crate::pipeline::check::{Judged, judge};
use crate::x12::lexer::{Segment, segments, text};
use candidates::{Repair, candidates};
use std::collections::BTreeMap;

/// A larger set is not tried on: its findings stay as they are.
const BYTES_MAX: usize = 256 << 10;
/// So many repairs are tried on one set.
const TRIALS_MAX: usize = 48;
/// So many causes are looked for in one set.
const CAUSES_MAX: usize = 8;

/// CTT01 differs from the number of lines.
const LINES_COUNTED: &str = LINE_COUNT_DIFFERS.code;
/// A mandatory segment is not there.
const MISSED: &str = rules::SEGMENT_MISSING.code;

/// A finding without its place: what is the same before and after a repair.
type Trace = (&'static str, String, u32, String);

/// The findings of a set with those that a repair explains put together under their cause.
pub(super) fn fold(judged: &Judged<'_>, findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let suspicious = findings.iter().any(|finding| finding.severity > Severity::Note);
    if !suspicious || judged.bytes.len() > BYTES_MAX {
        return findings;
    }
    let parts: Vec<Segment<'_>> = segments(judged.bytes, judged.separators, judged.set.offset).collect();
    let mut search = Search { judged, edits: Vec::new(), now: traces(&findings), left: TRIALS_MAX };
    let mut causes: Vec<(Diagnostic, Severity)> = Vec::new();
    let mut before = findings.iter().map(|finding| finding.at.segment).collect::<Vec<_>>();
    before.dedup();
    for number in before {
        if causes.len() >= CAUSES_MAX || search.left == 0 {
            break;
        }
        // What an earlier cause explains is no reason to look for another.
        let own: Vec<&Diagnostic> = findings
            .iter()
            .filter(|finding| finding.at.segment == number && search.now.contains_key(&trace(finding)))
            .collect();
        let repairs = candidates(judged, &parts, number, &own);
        if let Some((repair, severity)) = search.first_that_explains(repairs, &findings) {
            causes.push((cause(judged, &parts, &repair), severity));
        }
    }
    let mut settled = if causes.is_empty() { findings } else { settle(findings, causes, search.now) };
    for finding in &mut settled {
        place::describe(judged, &parts, finding);
    }
    settled
}

struct Search<'j, 'a> {
    judged: &'j Judged<'a>,
    /// Repairs that were accepted: place in the bytes, how many go, what comes.
    edits: Vec<(usize, usize, Vec<u8>)>,
    /// What is found once they are made.
    now: BTreeMap<Trace, usize>,
    left: usize,
}

impl Search<'_, '_> {
    /// The first repair that takes findings away and adds none, and the worst that it took away.
    fn first_that_explains(
        &mut self,
        repairs: Vec<Repair>,
        findings: &[Diagnostic],
    ) -> Option<(Repair, Severity)> {
        for repair in repairs {
            if self.left == 0 {
                return None;
            }
            self.left -= 1;
            let mut edits = self.edits.clone();
            edits.push((repair.at, repair.length, repair.replacement.clone()));
            let bytes = edited(self.judged.bytes, &mut edits);
            let after = self.traces_of(&bytes, findings, repair.adds);
            let adds = after.iter().any(|(trace, count)| self.now.get(trace).is_none_or(|now| now < count));
            let total = |traces: &BTreeMap<Trace, usize>| traces.values().sum::<usize>();
            if adds || total(&after) >= total(&self.now) {
                continue;
            }
            let gone = findings.iter().filter(|finding| {
                let trace = trace(finding);
                self.now.get(&trace).copied().unwrap_or(0) > after.get(&trace).copied().unwrap_or(0)
            });
            let severity = gone.map(|finding| finding.severity).max().unwrap_or(Severity::Warning);
            self.edits = edits;
            self.now = after;
            return Some((repair, severity));
        }
        None
    }

    /// What is found in repaired bytes. A segment that the repair made up is not asked to be complete, nor counted in SE01.
    fn traces_of(
        &self,
        bytes: &[u8],
        findings: &[Diagnostic],
        made_up: Option<&'static str>,
    ) -> BTreeMap<Trace, usize> {
        let judged = self.judged;
        let mut set = judged.set.clone();
        let lines = segments(bytes, judged.separators, 0).filter(|segment| is_line(segment.id()));
        set.lines = u32::try_from(lines.count()).unwrap_or(u32::MAX);
        let found = judge(&Judged { bytes, set: &set, ..*judged });
        // Neither a made-up segment nor what stands behind SE is judged. A made-up line must be one that CTT01 counts, or that
        // is missing anyway; then it may have had the quantity that the other totals lack.
        let counted = self.now.keys().any(|trace| trace.0 == LINES_COUNTED);
        let missed =
            made_up.is_some_and(|id| self.now.keys().any(|trace| trace.0 == MISSED && trace.1 == id));
        let kept = found.iter().filter(|finding| {
            let (id, code) = (finding.at.segment_id.as_str(), finding.rule.code);
            let own = made_up.is_some_and(|made_up| {
                let total = is_line(made_up.as_bytes()) && code.starts_with("E4");
                let explained = (counted && code != LINES_COUNTED) || missed;
                let fresh = code != LINES_COUNTED && !self.now.contains_key(&trace(finding));
                (total && (explained || fresh)) || (id == made_up && finding.at.element > 0)
            });
            !own && !matches!(id, "SE" | "GE" | "IEA" | "GS" | "ISA")
        });
        let mut traces = traces(kept);
        for (trace, count) in trailer(bytes, judged, findings, made_up.is_some()) {
            *traces.entry(trace).or_default() += count;
        }
        traces
    }
}

/// What ST and SE of repaired bytes have against one another, told as the envelope's reader told it of the original.
fn trailer(
    bytes: &[u8],
    judged: &Judged<'_>,
    findings: &[Diagnostic],
    uncounted: bool,
) -> Vec<(Trace, usize)> {
    let all: Vec<Segment<'_>> = segments(bytes, judged.separators, 0).collect();
    let (Some(st), Some(se)) = (all.first(), all.iter().find(|segment| segment.id() == b"SE")) else {
        let own = findings.iter().filter(|finding| is_of_envelope(finding));
        return own.map(|finding| (trace(finding), 1)).collect();
    };
    let significant = |bytes: &[u8]| text(bytes).trim().trim_start_matches('0').to_owned();
    let counted = significant(se.element(1)) == se.number.to_string();
    let same = significant(se.element(2)) == significant(st.element(2));
    let mut found = Vec::new();
    let told = |code: &str| findings.iter().find(|finding| finding.rule.code == code).map(trace);
    for (holds, rule) in [
        (counted || uncounted, &envelope_rules::SET_SEGMENT_COUNT),
        (same, &envelope_rules::SET_CONTROL_MISMATCH),
    ] {
        if !holds {
            let fresh = (rule.code, String::new(), 0, String::new());
            found.push((told(rule.code).unwrap_or(fresh), 1));
        } else if uncounted && let Some(trace) = told(rule.code) {
            found.push((trace, 1));
        }
    }
    let others = findings.iter().filter(|finding| {
        is_of_envelope(finding)
            && ![envelope_rules::SET_SEGMENT_COUNT.code, envelope_rules::SET_CONTROL_MISMATCH.code]
                .contains(&finding.rule.code)
    });
    found.extend(others.map(|finding| (trace(finding), 1)));
    found
}

fn is_line(id: &[u8]) -> bool {
    matches!(id, b"PO1" | b"IT1" | b"POC")
}

fn is_of_envelope(finding: &Diagnostic) -> bool {
    finding.rule.code.starts_with("E1")
}

fn trace(finding: &Diagnostic) -> Trace {
    let at = &finding.at;
    (finding.rule.code, at.segment_id.to_string(), at.element, finding.found.to_string())
}

fn traces<'f>(findings: impl IntoIterator<Item = &'f Diagnostic>) -> BTreeMap<Trace, usize> {
    let mut traces = BTreeMap::new();
    for finding in findings {
        *traces.entry(trace(finding)).or_default() += 1;
    }
    traces
}

/// The bytes with all edits made. Sorts the edits by place.
fn edited(bytes: &[u8], edits: &mut [(usize, usize, Vec<u8>)]) -> Vec<u8> {
    edits.sort_by_key(|(at, _, _)| *at);
    let mut out = Vec::with_capacity(bytes.len() + 16);
    let mut done = 0;
    for (at, length, replacement) in edits {
        out.extend_from_slice(bytes.get(done..*at).unwrap_or_default());
        out.extend_from_slice(replacement);
        done = done.max(*at + *length);
    }
    out.extend_from_slice(bytes.get(done..).unwrap_or_default());
    out
}

/// The finding that names the cause.
fn cause(judged: &Judged<'_>, parts: &[Segment<'_>], repair: &Repair) -> Diagnostic {
    let segment = parts.get((repair.segment as usize).saturating_sub(1));
    let length = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX);
    let at = Location {
        set: judged.set.control.clone(),
        segment: repair.segment,
        segment_id: segment.map_or_else(Default::default, |segment| text(segment.id()).trim().into()),
        element: repair.element,
        offset: judged.set.offset + repair.mark as u64,
        length: length(repair.mark_length),
        ..Location::default()
    };
    let at = match repair.adds {
        Some(id) => Location { segment_id: id.into(), loop_id: id.into(), ..at },
        None => at,
    };
    Diagnostic::new(repair.rule, at).found(&repair.found).detail(repair.detail.clone())
}

/// The causes, and what none of them explains.
fn settle(
    findings: Vec<Diagnostic>,
    causes: Vec<(Diagnostic, Severity)>,
    mut remaining: BTreeMap<Trace, usize>,
) -> Vec<Diagnostic> {
    // Where traces are alike, those of a segment that has a cause are the ones that went.
    let explained: Vec<u32> = causes.iter().map(|(cause, _)| cause.at.segment).collect();
    let before = findings.len();
    let mut kept: Vec<(usize, Diagnostic)> = Vec::new();
    let (hit, clear): (Vec<_>, Vec<_>) =
        findings.into_iter().enumerate().partition(|(_, finding)| explained.contains(&finding.at.segment));
    for (index, finding) in clear.into_iter().chain(hit) {
        if let Some(count) = remaining.get_mut(&trace(&finding)).filter(|count| **count > 0) {
            *count -= 1;
            kept.push((index, finding));
        }
    }
    kept.sort_by_key(|(index, _)| *index);
    let folded = before - kept.len();
    let single = causes.len() == 1;
    let mut settled: Vec<Diagnostic> = kept.into_iter().map(|(_, finding)| finding).collect();
    for (mut cause, severity) in causes {
        cause.severity = severity.max(rules::SEGMENTS_JOINED.severity);
        if single && folded > 1 {
            cause.detail += &format!("; this explains {folded} findings, which are not listed");
        }
        settled.push(cause);
    }
    settled
}

#[cfg(test)]
mod tests;
