//! What `check` finds in one transaction set: everything that the night would find, and nothing decided.

mod stated;

use crate::documents::po850;
use crate::domain::diagnostic::{Diagnostic, Location, Severity};
use crate::domain::gtin::{self, EightDigits};
use crate::domain::partner::Strictness;
use crate::domain::rules::business::{LINE_GTIN_WRONG, ORDER_TOO_LONG};
use crate::domain::rules::envelope as rules;
use crate::pipeline::causes;
pub use crate::pipeline::causes::envelope::{settle_columns, settle_envelope};
use crate::pipeline::process::lines_misplaced;
use crate::x12::envelope::{Limits, Set};
use crate::x12::excerpt::words;
use crate::x12::grammar::TransactionSetDef;
use crate::x12::lexer::{Separators, Tokens, segments, text};
use crate::x12::structure::Node;
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

/// The findings of a set by their place in the file; what has one cause is one finding. A set that no table knows is noted:
/// its envelope alone was looked at. So it is with a set over the limits, whose bytes nobody holds.
pub fn check_set(
    bytes: &[u8],
    separators: Separators,
    version: &str,
    set: &Set,
    limits: &Limits,
) -> Vec<Diagnostic> {
    let mut found = findings(bytes, separators, version, set, limits);
    found.sort_by_key(|finding| finding.at.offset);
    found
}

fn findings(
    bytes: &[u8],
    separators: Separators,
    version: &str,
    set: &Set,
    limits: &Limits,
) -> Vec<Diagnostic> {
    let mut found = set.diagnostics.clone();
    if set.is_too_large() {
        return found;
    }
    let Some(def) = grammar::transaction_set(&set.id) else {
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
        // What is no set id at all has been told of: it has no table for that reason.
        if found.iter().all(|finding| finding.rule != &rules::SET_ID_INVALID) {
            found.push(Diagnostic::new(&rules::SET_WITHOUT_TABLE, at).found(&set.id));
        }
        return found;
    };
    let judged = Judged { def, bytes, separators, version, set, limits };
    if let Some(whole) = another_set(&judged, &found) {
        return whole;
    }
    found.extend(judge(&judged));
    let mut found = causes::fold(&judged, without_the_end(&judged, found));
    for diagnostic in &mut found {
        diagnostic.at.set.clone_from(&set.control);
        words::complete(diagnostic);
    }
    found
}

/// Of a set that fits neither its group nor its first segment, ST01 alone is wrong: what follows from that is not listed.
fn another_set(judged: &Judged<'_>, found: &[Diagnostic]) -> Option<Vec<Diagnostic>> {
    let place = found.iter().position(|finding| finding.rule == &rules::SET_NOT_IN_GROUP)?;
    let first = segments(judged.bytes, judged.separators, judged.set.offset).nth(1)?;
    let heads = |def: &&&TransactionSetDef| {
        def.body.first().is_some_and(|part| part.id.as_bytes() == first.id()) && def.id != judged.def.id
    };
    let own = judged.def.body.first().is_some_and(|part| part.id.as_bytes() == first.id());
    let other = grammar::TRANSACTION_SETS.iter().find(heads).filter(|_| !own)?;
    let mut found = found.to_vec();
    if let Some(finding) = found.get_mut(place) {
        finding.severity = Severity::Error;
        finding.detail =
            format!("{}; {} is the first segment of an {}", finding.detail, text(first.id()), other.id);
    }
    Some(found)
}

/// The findings of a set that breaks off, without those about what would have come after its last segment, and about that
/// segment where it is cut: they have one cause, which the envelope tells.
fn without_the_end(judged: &Judged<'_>, mut findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let last = segments(judged.bytes, judged.separators, judged.set.offset).last();
    let Some(last) = last.filter(|last| last.id() != b"SE") else { return findings };
    let whole = judged.bytes.trim_ascii_end().ends_with(&[judged.separators.segment]);
    let several = !whole && last.bytes().contains(&b'\n');
    let end = last.number + u32::from(whole);
    findings.retain(|finding| several || finding.at.segment < end || finding.rule.code.starts_with("E1"));
    findings
}

/// What is found between ST and SE.
pub(super) fn judge(judged: &Judged<'_>) -> Vec<Diagnostic> {
    let Judged { def, bytes, separators, version, set, limits } = *judged;
    let tokens = Tokens::new(bytes, separators, set.offset);
    let (tree, mut found) = validate::validate(def, &tokens, version, limits, Strictness::Standard);
    if def.id == "850" {
        let (order, contradictions) = po850::read_limited(&tree, limits);
        // of an order that was cut at the limit of lines nobody knows how many it has
        let cut = contradictions.iter().any(|finding| finding.rule == &ORDER_TOO_LONG);
        found.extend(contradictions);
        found.extend(lines_misplaced(&order, set).filter(|_| !cut));
        found.extend(tree.nodes.iter().filter(|node| node.id() == "PO1").flat_map(wrong_gtins));
        found.extend(stated::quantities(&tree));
    }
    found.extend(stated::findings(&tree, set));
    found
}

/// The numbers of a line that a qualifier calls a GTIN and that are none: the night passes over them.
fn wrong_gtins(line: &Node<'_>) -> Vec<Diagnostic> {
    let values: Vec<&[u8]> = line.segment.elements().collect();
    let mut found = Vec::new();
    for number in (7..values.len()).step_by(2) {
        let (Some(qualifier), Some(value)) = (values.get(number - 1), values.get(number)) else { continue };
        let (qualifier, shown) = (text(qualifier), text(value));
        if shown.trim().is_empty() || !gtin::is_gtin_qualifier(&qualifier) {
            continue;
        }
        let Err(flaw) = gtin::readings(&qualifier, &shown, EightDigits::ByQualifier) else { continue };
        let at = Location {
            element: u32::try_from(number).unwrap_or(0),
            reference: 234,
            offset: line.segment.element_offset(number),
            length: u32::try_from(value.len()).unwrap_or(u32::MAX),
            ..line.location()
        };
        found.push(Diagnostic::new(&LINE_GTIN_WRONG, at).found(&shown).detail(flaw.as_str()));
    }
    found
}
