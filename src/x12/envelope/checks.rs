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

/// Tells of each set whose control number an earlier set of the group has. Numbers that ascend cost no memory.
pub(super) fn tell_repeated_controls(sets: &mut [Set], base: &Location) {
    let number = |set: &Set| set.control.parse::<u64>().ok();
    if sets.is_sorted_by(|a, b| number(a).is_some() && number(a) < number(b)) {
        return;
    }
    let mut order: Vec<usize> = (0..sets.len()).collect();
    let key = |index: &usize| sets.get(*index).map(|set| significant(&set.control));
    order.sort_by(|a, b| key(a).cmp(&key(b)).then(a.cmp(b)));
    let repeated: Vec<usize> = order
        .windows(2)
        .filter_map(|pair| match pair {
            [a, b] if key(a) == key(b) => Some(*b),
            _ => None,
        })
        .collect();
    for index in repeated {
        let Some(set) = sets.get_mut(index).filter(|set| !set.control.is_empty()) else { continue };
        let at = Location {
            set: set.control.clone(),
            segment: 1,
            segment_id: "ST".into(),
            element: 2,
            // After `ST`, its separator, ST01 and one more.
            offset: set.offset + 4 + u64::from(bytes_received(&set.id)),
            length: bytes_received(&set.control),
            ..base.clone()
        };
        set.diagnostics.push(Diagnostic::new(&rules::SET_CONTROL_REPEATED, at).found(&set.control));
    }
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

/// How many bytes a text had in the file, never more: a Latin-1 letter that became two bytes, or a NUL that became three,
/// was one.
pub(super) fn bytes_received(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}

/// Without leading zeros: `0001` is `1`.
fn significant(number: &str) -> &str {
    number.trim_start_matches('0')
}

#[cfg(test)]
mod tests {
    use crate::x12::envelope::tests::{GE, GS, IEA, ISA, index};

    /// Found by the fuzz target `x12`: a letter that was one byte is two in our text.
    #[test]
    fn the_place_of_a_control_number_in_latin_1_has_its_bytes_in_the_file() {
        let set = "ST*850*000\u{ff}\u{ff}1~SE*2*000\u{ff}\u{ff}1~".repeat(2);
        let isa = ISA.replace("000000001", "\u{ff}\u{ff}\u{ff}\u{ff}00001");
        let text = format!("{isa}{GS}{set}{GE}{IEA}");
        let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
        let index = index(&bytes);
        let group = &index.interchanges[0].groups[0];
        let places = [&index.interchanges[0].diagnostics[0].at, &group.sets[1].diagnostics[0].at];
        let found = places.map(|at| {
            let start = usize::try_from(at.offset).unwrap();
            &bytes[start..start + at.length as usize]
        });
        assert_eq!(found, [b"\xff\xff\xff\xff00001".as_slice(), b"000\xff\xff1"]);
    }
}
