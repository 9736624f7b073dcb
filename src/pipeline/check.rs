//! What `check` finds in one transaction set: everything that the night would find, and nothing decided.

use crate::documents::po850;
use crate::domain::diagnostic::{Diagnostic, Location};
use crate::domain::partner::Strictness;
use crate::domain::rules::envelope as rules;
use crate::pipeline::causes;
use crate::pipeline::process::lines_misplaced;
use crate::x12::envelope::{Interchange, Limits, Set};
use crate::x12::excerpt::words;
use crate::x12::grammar::TransactionSetDef;
use crate::x12::lexer::{Separators, Tokens};
use crate::x12::{grammar, validate};

/// A transaction set and what it is judged by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Judged<'a> {
    pub(super) def: &'static TransactionSetDef,
    pub(super) bytes: &'a [u8],
    pub(super) separators: Separators,
    pub(super) version: &'a str,
    pub(super) set: &'a Set,
    pub(super) limits: &'a Limits,
}

/// The findings of a set, the envelope's first, then in document order; what has one cause is one finding. A set that no
/// table knows is noted: its envelope alone was looked at.
pub fn check_set(
    bytes: &[u8],
    separators: Separators,
    version: &str,
    set: &Set,
    limits: &Limits,
) -> Vec<Diagnostic> {
    let mut found = set.diagnostics.clone();
    let Some(def) = grammar::transaction_set(&set.id) else {
        // What is no set id at all has been told of: it has no table for that reason.
        if found.iter().any(|known| *known.rule == rules::SET_ID_INVALID) {
            return found;
        }
        let at = Location {
            set: set.control.clone(),
            segment: 1,
            segment_id: "ST".into(),
            element: 1,
            // Behind `ST` and its separator.
            offset: set.offset + 3,
            length: u32::try_from(set.id.len()).unwrap_or(u32::MAX),
            ..Location::default()
        };
        found.push(Diagnostic::new(&rules::SET_WITHOUT_TABLE, at).found(&set.id));
        return found;
    };
    let judged = Judged { def, bytes, separators, version, set, limits };
    found.extend(judge(&judged));
    let mut found = causes::fold(&judged, found);
    for diagnostic in &mut found {
        diagnostic.at.set.clone_from(&set.control);
        words::complete(diagnostic);
    }
    found
}

/// Puts the findings of an interchange's envelope that have one cause together: where the file breaks off, the trailers of
/// group and set are missing for the same reason; sets that nobody could find are not miscounted as well.
pub fn settle_envelope(interchange: &mut Interchange) {
    let breaks_off = |finding: &&mut Diagnostic| finding.rule == &rules::INTERCHANGE_TRAILER_MISSING;
    let end = interchange.offset + interchange.length;
    if let Some(finding) = interchange.diagnostics.iter_mut().find(breaks_off) {
        if let Some(group) = interchange.groups.last_mut() {
            let open = |finding: &Diagnostic| finding.rule == &rules::GROUP_TRAILER_MISSING;
            if group.diagnostics.iter().any(open) {
                group.diagnostics.retain(|finding| !open(finding));
                finding.detail = format!("{} within group {}", finding.detail, group.control);
                let last = group.sets.last_mut().filter(|set| set.offset + set.length >= end);
                let open = |finding: &Diagnostic| finding.rule == &rules::SET_TRAILER_MISSING;
                if let Some(set) = last.filter(|set| set.diagnostics.iter().any(open)) {
                    set.diagnostics.retain(|finding| !open(finding));
                    finding.detail = format!("{}, set {} ({})", finding.detail, set.control, set.id);
                }
            }
        }
    }
    for group in &mut interchange.groups {
        let stray = |finding: &Diagnostic| finding.rule == &rules::SEGMENT_STRAY;
        if group.diagnostics.iter().any(stray) {
            group.diagnostics.retain(|finding| finding.rule != &rules::GROUP_SET_COUNT);
        }
        let lost = |set: &Set| set.diagnostics.iter().any(|finding| finding.found.ends_with("GE"));
        if group.sets.last().is_some_and(lost) {
            group.diagnostics.retain(|finding| finding.rule != &rules::GROUP_TRAILER_MISSING);
        }
    }
}

/// What is found between ST and SE.
pub(super) fn judge(judged: &Judged<'_>) -> Vec<Diagnostic> {
    let Judged { def, bytes, separators, version, set, limits } = *judged;
    let tokens = Tokens::new(bytes, separators, set.offset);
    let (tree, mut found) = validate::validate(def, &tokens, version, limits, Strictness::Standard);
    if def.id == "850" {
        let (order, contradictions) = po850::read(&tree);
        found.extend(contradictions);
        found.extend(lines_misplaced(&order, set));
    }
    found
}
