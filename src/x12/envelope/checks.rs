//! Trailers against headers: counts, control numbers, and the places of what differs.

use super::{Group, Set};
use crate::domain::Text;
use crate::domain::diagnostic::{Diagnostic, Location, Rule};
use crate::domain::rules::envelope as rules;
use crate::x12::grammar::transaction_set;
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

/// What is wrong with a GS by itself.
pub(super) fn tell_of_group(group: &Group, place: &impl Fn(u32) -> Location) -> Vec<Diagnostic> {
    let id = &group.functional_id;
    let control = &group.control;
    let faults = [
        (1, id, !(id.len() == 2 && is_code(id)), &rules::GROUP_ID_INVALID),
        (6, control, !is_number(control) || control.len() > 9, &rules::GROUP_CONTROL_INVALID),
        (8, &group.version, !is_version(&group.version), &rules::GROUP_VERSION_INVALID),
    ];
    let wrong = faults.into_iter().filter(|(_, _, wrong, _)| *wrong);
    wrong.map(|(element, found, _, rule)| Diagnostic::new(rule, place(element)).found(found)).collect()
}

/// GS08 begins with six digits, such as `004010`; what an industry adds to them is its own.
fn is_version(version: &str) -> bool {
    version.get(..6).is_some_and(|digits| is_number(digits) && digits.starts_with("00"))
}

/// A set that belongs into another kind of group than GS01 names. Sets that no table knows, and groups without a kind, are
/// not judged.
pub(super) fn foreign_set(set: &Set, kind: &str, base: Location) -> Option<Diagnostic> {
    let known = transaction_set(&set.id).filter(|_| kind.len() == 2 && is_code(kind));
    let def = known.filter(|def| def.group != kind)?;
    let at = Location {
        set: set.control.clone(),
        segment: 1,
        segment_id: "ST".into(),
        element: 1,
        offset: set.offset + 3,
        length: u32::try_from(set.id.len()).unwrap_or(u32::MAX),
        ..base
    };
    let detail = format!("GS01 is {kind:?}, a set {} belongs in {}", def.id, def.group);
    Some(Diagnostic::new(&rules::SET_NOT_IN_GROUP, at).found(&set.id).detail(detail))
}

/// A group whose control number an earlier group of the interchange has; a number that is missing repeats nothing.
pub(super) fn repeated_group(group: &Group, base: Location) -> Option<Diagnostic> {
    let at = Location {
        group: group.control.clone(),
        segment_id: "GS".into(),
        element: 6,
        offset: group.control_offset,
        length: u32::try_from(group.control.len()).unwrap_or(u32::MAX),
        ..base
    };
    let told = Diagnostic::new(&rules::GROUP_CONTROL_REPEATED, at).found(&group.control);
    Some(told).filter(|_| !group.control.is_empty())
}

/// The id of an envelope segment in capitals, however it is written; any other id as it is.
pub(super) fn envelope_id(id: &[u8]) -> &[u8] {
    if id.len() > 3 || !id.iter().any(u8::is_ascii_lowercase) {
        return id;
    }
    let known: [&'static [u8]; 5] = [b"ST", b"SE", b"GS", b"GE", b"IEA"];
    known.into_iter().find(|known| known.eq_ignore_ascii_case(id)).unwrap_or(id)
}

/// Whether a segment is a line of an order, an invoice or a change; in lower case too, so that a line which is not read
/// is missed.
pub(super) fn counts_as_line(id: &[u8]) -> bool {
    let [a, b, c] = id else { return false };
    let capitals = [a, b, c].map(u8::to_ascii_uppercase);
    matches!(&capitals, b"PO1" | b"IT1" | b"POC")
}

fn is_code(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_alphanumeric())
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
