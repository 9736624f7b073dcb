//! Trailers against headers: counts, control numbers, and the places of what differs.

use super::Set;
use crate::domain::Text;
use crate::domain::diagnostic::{Diagnostic, Location, Rule};
use crate::domain::rules::envelope as rules;
use crate::x12::lexer::{Segment, text};

/// An element of a segment, or the whole segment for 0, cut to 20 bytes of id where the segment is no X12.
pub(super) fn locate(base: Location, segment: &Segment<'_>, element: u32) -> Location {
    let id: Text = text(segment.id()).chars().take(20).collect();
    let number = element as usize;
    let length = if number == 0 { segment.bytes().len() } else { segment.element(number).len() };
    Location {
        segment_id: id,
        element,
        offset: segment.element_offset(number),
        length: u32::try_from(length).unwrap_or(u32::MAX),
        ..base
    }
}

/// A trailer's count against what was counted.
pub(super) fn compare_count(
    trailer: &Segment<'_>,
    element: u32,
    counted: u32,
    rule: &'static Rule,
    place: &impl Fn(u32) -> Location,
) -> Option<Diagnostic> {
    let stated = value(trailer, element as usize);
    if is_number(&stated) && stated.parse() == Ok(counted) {
        return None;
    }
    Some(
        Diagnostic::new(rule, place(element))
            .found(&stated)
            .detail(format!("stated {stated:?}, counted {counted}")),
    )
}

/// A trailer's control number, its second element, against the header's.
pub(super) fn compare_control(
    trailer: &Segment<'_>,
    header: &str,
    rule: &'static Rule,
    place: &impl Fn(u32) -> Location,
) -> Option<Diagnostic> {
    let stated = value(trailer, 2);
    if significant(&stated) == significant(header) {
        return None;
    }
    Some(Diagnostic::new(rule, place(2)).found(&stated).detail(format!("the header has {header:?}")))
}

/// A set whose control number an earlier set of the group has; a number that is missing repeats nothing.
pub(super) fn repeated_control(set: &Set, base: Location) -> Option<Diagnostic> {
    if set.control.is_empty() {
        return None;
    }
    let at = Location {
        set: set.control.clone(),
        segment: 1,
        segment_id: "ST".into(),
        element: 2,
        // After `ST`, its separator, ST01 and one more.
        offset: set.offset + 4 + set.id.len() as u64,
        length: u32::try_from(set.control.len()).unwrap_or(u32::MAX),
        ..base
    };
    Some(Diagnostic::new(&rules::SET_CONTROL_REPEATED, at).found(&set.control))
}

/// An element as text, blanks, line breaks and control characters around it taken off.
pub(super) fn value(segment: &Segment<'_>, number: usize) -> Text {
    clean(&text(segment.element(number))).into()
}

pub(super) fn clean(value: &str) -> &str {
    value.trim_matches(|c: char| c.is_whitespace() || c.is_control())
}

pub(super) fn is_number(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit())
}

/// Without leading zeros: `0001` is `1`.
pub(super) fn significant(number: &str) -> &str {
    number.trim_start_matches('0')
}

/// Whether a segment with this id is a line of its document.
pub(super) fn is_line(id: &[u8]) -> bool {
    matches!(id, b"PO1" | b"IT1" | b"POC")
}
