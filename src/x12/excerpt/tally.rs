//! Findings of one kind, of which the first are shown and the rest are counted.

use super::{safe, severity_name};
use crate::domain::diagnostic::{Diagnostic, Severity};
use std::collections::BTreeMap;

/// So many findings of one kind are shown with their excerpts.
const SHOWN_OF_A_KIND: u64 = 5;
/// So many kinds are told apart; a file of nothing but strange ids has no more.
const KINDS_MAX: usize = 1000;

/// The same rule, as severe, at the same element or column.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Kind {
    code: &'static str,
    severity: Severity,
    segment_id: String,
    element: u32,
    column: u32,
}

#[derive(Debug)]
struct Counted {
    title: &'static str,
    count: u64,
    /// The byte and the place of the last one.
    last: (u64, String),
}

/// Counts the findings of one file as they come.
#[derive(Debug, Default)]
pub struct Tally {
    kinds: BTreeMap<Kind, Counted>,
}

impl Tally {
    /// Counts a finding; true if it is among the first of its kind, which are shown in full.
    pub fn admits(&mut self, finding: &Diagnostic) -> bool {
        let at = &finding.at;
        let known = self.kinds.len() < KINDS_MAX;
        let segment_id = if known { at.segment_id.chars().take(20).collect() } else { String::new() };
        let (element, column) = if known { (at.element, at.column) } else { (0, 0) };
        let kind = Kind { code: finding.rule.code, severity: finding.severity, segment_id, element, column };
        let counted = self.kinds.entry(kind).or_insert_with(|| Counted {
            title: finding.rule.title,
            count: 0,
            last: (0, String::new()),
        });
        counted.count += 1;
        if counted.count <= SHOWN_OF_A_KIND {
            return true;
        }
        let set = if at.set.is_empty() { String::new() } else { format!(" of set {}", at.set) };
        counted.last = (at.offset, format!("{at}{set}"));
        false
    }

    /// One line for each kind of which more came than were shown.
    pub fn rest(&self) -> String {
        let mut out = String::new();
        for (kind, counted) in self.kinds.iter().filter(|(_, counted)| counted.count > SHOWN_OF_A_KIND) {
            let more = counted.count - SHOWN_OF_A_KIND;
            let (offset, place) = &counted.last;
            let severity = severity_name(kind.severity);
            let place = if place.starts_with("byte ") { String::new() } else { format!("{}, ", safe(place)) };
            out += &format!(
                "{severity}[{}]: {} - {more} more of the same kind, the last at {place}byte {offset}\n",
                kind.code, counted.title
            );
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::diagnostic::Location;
    use crate::domain::rules::elements as rules;

    fn finding(segment_id: &str, number: u32) -> Diagnostic {
        let at = Location {
            set: format!("{number:04}").as_str().into(),
            segment: 7,
            segment_id: segment_id.into(),
            element: 2,
            offset: u64::from(number) * 1000,
            length: 8,
            ..Location::default()
        };
        Diagnostic::new(&rules::ELEMENT_INVALID_DATE, at).found("20251301")
    }

    #[test]
    fn five_of_a_kind_are_shown_and_the_rest_is_one_line() {
        let mut tally = Tally::default();
        let shown = (1..=500).filter(|number| tally.admits(&finding("DTM", *number))).count();
        assert_eq!(shown, 5);
        assert!(tally.admits(&finding("BEG", 501)));
        assert_eq!(
            tally.rest(),
            "warning[E308]: invalid date - 495 more of the same kind, the last at segment 7 (DTM-02) of set 0500, byte 500000\n"
        );
    }

    #[test]
    fn the_kinds_are_limited_and_none_is_lost() {
        let mut tally = Tally::default();
        let shown = (0..3000).filter(|number| tally.admits(&finding(&format!("S{number}"), *number))).count();
        assert_eq!(shown, KINDS_MAX + 5);
        assert!(tally.rest().contains(" 1995 more "), "{}", tally.rest());
    }

    #[test]
    fn few_findings_have_no_rest() {
        let mut tally = Tally::default();
        assert!((0..5).all(|number| tally.admits(&finding("DTM", number))));
        assert_eq!(tally.rest(), "");
    }
}
