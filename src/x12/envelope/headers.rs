//! ISA, GS and TA1 as values, and what is wrong with an ISA by itself.

use super::checks::{clean, is_number, value};
use super::{Group, Isa, Ta1};
use crate::domain::Text;
use crate::domain::diagnostic::{Diagnostic, Location, Severity};
use crate::domain::rules::envelope as rules;
use crate::x12::lexer::{Header, Segment};

pub(super) fn isa(header: &Header) -> Isa {
    let element = |number: usize| -> Text {
        let value = header.elements.get(number - 1).map(Text::as_str).unwrap_or_default();
        clean(value).into()
    };
    Isa {
        sender_qualifier: element(5),
        sender: element(6),
        receiver_qualifier: element(7),
        receiver: element(8),
        date: element(9),
        time: element(10),
        version: element(12),
        control: element(13),
        acknowledgment_requested: element(14) == "1",
        usage: element(15),
    }
}

pub(super) fn ta1(segment: &Segment<'_>) -> Ta1 {
    let value = |number| value(segment, number);
    Ta1 { control: value(1), date: value(2), time: value(3), verdict: value(4), note: value(5) }
}

pub(super) fn group(segment: &Segment<'_>) -> Group {
    let value = |number| value(segment, number);
    Group {
        offset: segment.offset,
        functional_id: value(1),
        sender: value(2),
        receiver: value(3),
        date: value(4),
        time: value(5),
        control: value(6),
        agency: value(7),
        version: value(8),
        ..Group::default()
    }
}

/// What is wrong with an ISA, without a look at anything else. `at` is its place.
pub(super) fn findings(header: &Header, control: &str, at: &Location) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    if !header.separators.are_distinct() {
        // Without composites nothing is lost where ISA16 is the terminator.
        let harmless = header.separators.component == header.separators.segment;
        let mut diagnostic = Diagnostic::new(&rules::SEPARATORS_UNUSABLE, at.clone());
        if harmless {
            diagnostic.severity = Severity::Warning;
        }
        diagnostics.push(diagnostic);
    }
    if !is_number(control) {
        let length = u32::try_from(control.len()).unwrap_or(u32::MAX);
        let offset = at.offset + header.control_at as u64;
        let at = Location { element: 13, offset, length, ..at.clone() };
        diagnostics.push(Diagnostic::new(&rules::INTERCHANGE_CONTROL_INVALID, at).found(control));
    }
    if !header.fixed_width || header.wrapped {
        let mut diagnostic = Diagnostic::new(&rules::INTERCHANGE_HEADER_WIDTH, at.clone());
        if header.fixed_width {
            // Only the line breaks of a fixed record width are too much.
            diagnostic.severity = Severity::Note;
        }
        diagnostics.push(diagnostic);
    }
    diagnostics
}
