//! The findings of an interchange's envelope: what has one cause is one finding, at the place where something is missing.

use crate::domain::diagnostic::{Diagnostic, Location};
use crate::domain::rules::csv::COLUMN_MISSING;
use crate::domain::rules::envelope as rules;
use crate::domain::rules::segments::SEGMENTS_JOINED;
use crate::x12::envelope::{Group, Interchange, Set};
use crate::x12::grammar::TRANSACTION_SETS;
use crate::x12::lexer::{Segment, segments, text};

/// ISA01 to ISA16 in characters.
const WIDTHS: [usize; 16] = [2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1];

/// Puts the findings of an interchange's envelope in the words of their cause. `head` is what the interchange begins with, a
/// few thousand bytes: ISA, GS and ST. What a partner is answered does not come from here.
pub fn settle_envelope(interchange: &mut Interchange, head: &[u8]) {
    tell_header_width(interchange, head);
    if tell_other_separators(interchange, head) {
        return;
    }
    tell_end(interchange);
    let (base, separators) = (interchange.offset, interchange.separators);
    for group in &mut interchange.groups {
        let from = usize::try_from(group.offset.saturating_sub(base)).unwrap_or(usize::MAX);
        let gs = head.get(from..).and_then(|bytes| segments(bytes, separators, group.offset).next());
        settle_group(group, gs.as_ref());
    }
}

/// The columns that a CSV file lacks are one finding: its header is another than the layout's.
pub fn settle_columns(findings: &mut Vec<Diagnostic>) {
    let lacks = |finding: &Diagnostic| finding.rule == &COLUMN_MISSING;
    let details: Vec<String> =
        findings.iter().filter(|finding| lacks(finding)).map(|finding| finding.detail.clone()).collect();
    let mut first = true;
    findings.retain(|finding| !lacks(finding) || std::mem::replace(&mut first, false));
    if let Some(finding) = findings.iter_mut().find(|finding| lacks(finding)) {
        finding.detail = format!("this header has no {}", details.join(", no "));
        finding.detail = finding.detail.replace("no one of", "none of").replace(" is needed", "");
    }
}

fn settle_group(group: &mut Group, gs: Option<&Segment<'_>>) {
    let joined = gs.filter(|gs| gs.id() == b"GS" && gs.element(8).ends_with(b"ST") && gs.len() > 8);
    let control = group.control.clone();
    let sets = group.sets.is_empty();
    for finding in &mut group.diagnostics {
        if finding.rule != &rules::SEGMENT_STRAY {
            continue;
        }
        if let (Some(gs), true) = (joined, sets) {
            let value = gs.element(8);
            let byte = gs.element_offset(8) + value.len() as u64 - 2;
            let at = Location {
                segment_id: "GS".into(),
                element: 8,
                offset: byte,
                length: 2,
                ..finding.at.clone()
            };
            let detail =
                format!("ST begins inside GS-08: the terminator after GS seems to be lost, at byte {byte}");
            *finding = Diagnostic { severity: finding.severity, ..Diagnostic::new(&SEGMENTS_JOINED, at) }
                .found(&text(value))
                .detail(detail);
        } else if let Some(def) = TRANSACTION_SETS.iter().find(|def| heads(def.body, &finding.at)) {
            let id = finding.at.segment_id.clone();
            finding.detail = join(
                &format!("{id} is the first segment of an {}: the ST before it seems to be missing", def.id),
                &finding.detail,
            );
        }
    }
    let uncounted = |finding: &Diagnostic| {
        finding.rule == &rules::SEGMENT_STRAY
            || (finding.rule == &SEGMENTS_JOINED && finding.at.group == control)
    };
    if sets && group.diagnostics.iter().any(uncounted) {
        group.diagnostics.retain(|finding| finding.rule != &rules::GROUP_SET_COUNT);
    }
    // SE02 took in the GE: the set tells of it.
    let lost = |set: &Set| {
        let differs = |finding: &Diagnostic| finding.rule == &rules::SET_CONTROL_MISMATCH;
        set.diagnostics.iter().any(|finding| differs(finding) && finding.found.ends_with("GE"))
    };
    if group.sets.last().is_some_and(lost) {
        group.diagnostics.retain(|finding| finding.rule != &rules::GROUP_TRAILER_MISSING);
    }
    let end = group.sets.last().map(|set| set.offset + set.length);
    for finding in &mut group.diagnostics {
        if let Some(end) = end.filter(|_| finding.rule == &rules::GROUP_TRAILER_MISSING) {
            missing(finding, "GE", end, &format!("the group {control} begins at byte {}", finding.at.offset));
        }
    }
    for set in &mut group.sets {
        let end = set.offset + set.length;
        for finding in
            set.diagnostics.iter_mut().filter(|finding| finding.rule == &rules::SET_TRAILER_MISSING)
        {
            missing(finding, "SE", end, &format!("the set {} begins at byte {}", set.control, set.offset));
            finding.at.segment = set.segments.saturating_add(1);
        }
    }
}

fn heads(body: &[crate::x12::grammar::Part], at: &Location) -> bool {
    body.first().is_some_and(|part| part.id == at.segment_id)
}

fn join(first: &str, second: &str) -> String {
    if second.is_empty() { first.to_owned() } else { format!("{first}; {second}") }
}

/// Moves a finding to the place where a trailer is missing.
fn missing(finding: &mut Diagnostic, id: &str, offset: u64, detail: &str) {
    let at = std::mem::take(&mut finding.at);
    finding.at = Location { segment_id: id.into(), offset, length: 0, ..at };
    detail.clone_into(&mut finding.detail);
}

/// Where the interchange breaks off, the trailers of its last group and set are missing for the same reason.
fn tell_end(interchange: &mut Interchange) {
    let end = interchange.offset + interchange.length;
    let start = interchange.offset;
    let Some(place) = interchange
        .diagnostics
        .iter()
        .position(|finding| finding.rule == &rules::INTERCHANGE_TRAILER_MISSING)
    else {
        return;
    };
    let mut inside = String::new();
    if let Some(group) = interchange.groups.last_mut() {
        let open = |finding: &Diagnostic| finding.rule == &rules::GROUP_TRAILER_MISSING;
        if group.diagnostics.iter().any(open) {
            group.diagnostics.retain(|finding| !open(finding));
            inside = format!(" within group {}", group.control);
            let last = group.sets.last_mut().filter(|set| set.offset + set.length >= end);
            let open = |finding: &Diagnostic| finding.rule == &rules::SET_TRAILER_MISSING;
            if let Some(set) = last.filter(|set| set.diagnostics.iter().any(open)) {
                set.diagnostics.retain(|finding| !open(finding));
                inside += &format!(", set {} ({}), after {} segments", set.control, set.id, set.segments);
            }
        }
    }
    if let Some(finding) = interchange.diagnostics.get_mut(place) {
        let detail = format!("it begins at byte {start} and breaks off at byte {end}{inside}");
        missing(finding, "IEA", end, &detail);
    }
}

/// Which element of the ISA has not its width, and by how much.
fn tell_header_width(interchange: &mut Interchange, head: &[u8]) {
    let separators = interchange.separators;
    let rule = &rules::INTERCHANGE_HEADER_WIDTH;
    let told =
        |finding: &Diagnostic| finding.rule == rule || finding.rule == &rules::INTERCHANGE_CONTROL_MISMATCH;
    if interchange.wrapped || !interchange.diagnostics.iter().any(told) {
        return;
    }
    let isa = Segment::new(head, separators, interchange.offset, 0);
    let mut wrong = Vec::new();
    for (number, (value, width)) in isa.elements().skip(1).zip(WIDTHS).enumerate() {
        let value = if number == 15 { value.get(..1).unwrap_or_default() } else { value };
        let count = std::str::from_utf8(value).map_or(value.len(), |value| value.chars().count());
        let terminator = number == 15 && value.first() == Some(&separators.segment);
        if count != width || terminator {
            wrong.push((number + 1, value.len(), if terminator { 0 } else { count }, width));
        }
    }
    let Some(&(number, length, ..)) = wrong.first() else { return };
    let told = wrong
        .iter()
        .map(|(number, _, count, width)| format!("ISA-{number:02} has {count} characters, not {width}"));
    let told: Vec<String> = told.collect();
    let shifted = wrong.len() > 2 && wrong.iter().any(|(number, .., width)| *number > 10 && *width < 10);
    let hint = if shifted { "; an element of the ISA seems to be missing" } else { "" };
    if let Some(finding) = interchange.diagnostics.iter_mut().find(|finding| finding.rule == rule) {
        finding.at.element = u32::try_from(number).unwrap_or(0);
        finding.at.offset = isa.element_offset(number);
        finding.at.length = u32::try_from(length).unwrap_or(u32::MAX);
        finding.detail = format!("{}{hint}", told.join(", "));
    }
    if shifted {
        // Each value behind the gap stands one element too early.
        let follows = |finding: &Diagnostic| {
            let misread = finding.at.segment_id == "ISA" && finding.at.element > 0;
            finding.rule == &rules::INTERCHANGE_CONTROL_MISMATCH || (misread && finding.rule != rule)
        };
        interchange.diagnostics.retain(|finding| !follows(finding));
    }
}

/// A GS behind the ISA that is separated or ended by other bytes than the ISA sets. True where that explains everything.
fn tell_other_separators(interchange: &mut Interchange, head: &[u8]) -> bool {
    let separators = interchange.separators;
    let nothing = interchange.groups.iter().all(|group| group.sets.is_empty());
    if !nothing || interchange.diagnostics.is_empty() {
        return false;
    }
    let Some(gs) =
        segments(head, separators, interchange.offset).nth(1).filter(|gs| gs.id().starts_with(b"GS"))
    else {
        return false;
    };
    let (isa_place, said, found, offset, what) = if gs.id().len() > 2 {
        let Some(found) = gs.id().get(2).filter(|byte| !byte.is_ascii_alphanumeric()) else { return false };
        (interchange.offset + 3, separators.element, *found, gs.offset + 2, "elements are separated")
    } else {
        let version = gs.element(8);
        let length = version.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let Some(found) = version.get(length).filter(|_| gs.len() > 8) else { return false };
        let header = segments(head, separators, interchange.offset).next();
        let end = header.map_or(0, |isa| isa.offset + isa.bytes().len() as u64);
        (end, separators.segment, *found, gs.element_offset(8) + length as u64, "segments are ended")
    };
    let shown = |byte: u8| format!("{:?}", char::from(byte));
    let detail =
        format!("{what} by {} here; the ISA, at byte {isa_place}, says {}", shown(found), shown(said));
    let at = Location {
        interchange: interchange.header.control.clone(),
        segment_id: "GS".into(),
        offset,
        length: 1,
        ..Location::default()
    };
    let follows = [&rules::INTERCHANGE_TRAILER_MISSING, &rules::SEGMENT_STRAY, &rules::GROUP_TRAILER_MISSING];
    interchange.diagnostics.retain(|finding| !follows.contains(&finding.rule));
    interchange.diagnostics.push(Diagnostic::new(&rules::SEPARATOR_CHANGES, at).detail(detail));
    for group in &mut interchange.groups {
        group.diagnostics.clear();
    }
    true
}
