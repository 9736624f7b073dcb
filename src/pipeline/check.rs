//! What `check` finds in one transaction set: everything that the night would find, and nothing decided.

use crate::documents::po850;
use crate::domain::diagnostic::{Diagnostic, Location};
use crate::domain::partner::Strictness;
use crate::domain::rules::envelope as rules;
use crate::pipeline::process::lines_misplaced;
use crate::x12::envelope::{Limits, Set};
use crate::x12::lexer::Separators;
use crate::x12::{grammar, validate};

/// The findings of a set, the envelope's first, then in document order. A set that no table knows is noted: its envelope
/// alone was looked at. So it is with a set over the limits, whose bytes nobody holds.
pub fn check_set(
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
            offset: set.offset,
            ..Location::default()
        };
        found.push(Diagnostic::new(&rules::SET_WITHOUT_TABLE, at).found(&set.id));
        return found;
    };
    let (tree, misplaced) =
        validate::validate(def, bytes, separators, set.offset, version, limits, Strictness::Standard);
    found.extend(misplaced);
    if def.id == "850" {
        let (order, contradictions) = po850::read(&tree);
        found.extend(contradictions);
        found.extend(lines_misplaced(&order, set));
    }
    for diagnostic in &mut found {
        diagnostic.at.set.clone_from(&set.control);
    }
    found
}
