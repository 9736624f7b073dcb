//! The repairs that are worth a try where findings stand, the likeliest first.

use crate::domain::diagnostic::{Diagnostic, Rule};
use crate::domain::rules::segments as rules;
use crate::pipeline::causes::is_line;
use crate::pipeline::check::Judged;
use crate::x12::grammar::{self, Part, TransactionSetDef, Usage};
use crate::x12::lexer::{Segment, text};

/// So many repairs are proposed for one segment.
const REPAIRS_MAX: usize = 16;

/// Openers of loops that are often met, which are tried before the others.
const USUAL: &[&str] = &["N1", "PO1", "IT1", "HL", "N9", "SLN", "SAC"];

/// A change of the bytes of a set, and what is said where it explains what was found.
#[derive(Debug)]
pub(super) struct Repair {
    pub(super) rule: &'static Rule,
    /// Byte of the set where `length` bytes are replaced.
    pub(super) at: usize,
    pub(super) length: usize,
    pub(super) replacement: Vec<u8>,
    /// The id of a segment that the repair makes up.
    pub(super) adds: Option<&'static str>,
    /// Where the reader is pointed to: segment and element, byte of the set and how many.
    pub(super) segment: u32,
    pub(super) element: u32,
    pub(super) mark: usize,
    pub(super) mark_length: usize,
    pub(super) found: String,
    pub(super) detail: String,
}

/// The repairs for segment `number`, about which `own` was found.
pub(super) fn candidates(
    judged: &Judged<'_>,
    parts: &[Segment<'_>],
    number: u32,
    own: &[&Diagnostic],
) -> Vec<Repair> {
    let Some(index) = (number as usize).checked_sub(1).filter(|_| !own.is_empty()) else {
        return Vec::new();
    };
    let Some(segment) = parts.get(index) else { return Vec::new() };
    let has = |family: &str| own.iter().any(|finding| finding.rule.code.starts_with(family));
    let mut repairs = Vec::new();
    if has("E3") || has("E1") || has("E201") {
        repairs.extend(lines(judged, segment));
        repairs.extend(joined(judged, segment));
    }
    // A header that took in the next segment shows at the trailer, whose numbers then differ from it.
    if has("E12")
        && let Some(header) = parts.first()
    {
        repairs.extend(joined(judged, header));
    }
    if has("E201") {
        repairs.extend(mistyped(judged, segment));
        repairs.extend(index.checked_sub(1).and_then(|before| split(judged, parts.get(before)?, segment)));
    }
    if has("E3") {
        repairs.extend(separators_too_many(judged, segment, own));
    }
    if has("E202") || has("E207") {
        repairs.extend(openers(judged, parts, segment, has("E202")));
    }
    repairs.truncate(REPAIRS_MAX);
    repairs
}

/// Byte of the set at which a segment begins.
fn start_of(judged: &Judged<'_>, segment: &Segment<'_>) -> usize {
    usize::try_from(segment.offset.saturating_sub(judged.set.offset)).unwrap_or(usize::MAX)
}

/// A terminator before each segment id that ends an element: `Hex boltPO1*2` or, with the line end that was left,
/// `Hex bolt\nPO1*2`.
fn joined(judged: &Judged<'_>, segment: &Segment<'_>) -> Vec<Repair> {
    let start = start_of(judged, segment);
    let mut repairs = Vec::new();
    let mut place = 0;
    let count = segment.len();
    for (number, value) in segment.elements().enumerate() {
        let end = place + value.len();
        place = end + 1;
        // An id that nothing follows is no segment, and text before an id is told of below.
        if number == count {
            break;
        }
        let Some(id) = [3, 2].into_iter().find_map(|length| id_at_the_end(judged.def, value, length)) else {
            continue;
        };
        let head = value.get(..value.len() - id.len()).unwrap_or_default();
        let kept = head.trim_ascii_end().len();
        let at = start + end - value.len() + kept;
        let (name, before) = (text(segment.id()), text(head.get(..kept).unwrap_or_default()));
        let byte = judged.set.offset + at as u64;
        let id = text(id);
        if number == 0 {
            repairs.push(intruder(segment, start, head, &id));
            continue;
        }
        let inside = format!("{id} begins inside {}-{number:02}", name.trim());
        repairs.push(Repair {
            rule: &rules::SEGMENTS_JOINED,
            at,
            length: 0,
            replacement: vec![judged.separators.segment],
            adds: None,
            segment: segment.number,
            element: u32::try_from(number).unwrap_or(0),
            mark: at,
            mark_length: head.len() - kept + id.len(),
            found: text(value).to_string(),
            detail: format!("{inside}: the terminator after {before:?} seems to be lost, at byte {byte}"),
        });
    }
    let all = together(judged, segment, &repairs);
    all.into_iter().chain(repairs).collect()
}

/// Several terminators lost in one segment, as one repair.
fn together(judged: &Judged<'_>, segment: &Segment<'_>, repairs: &[Repair]) -> Option<Repair> {
    let lost: Vec<&Repair> = repairs.iter().filter(|repair| repair.rule == &rules::SEGMENTS_JOINED).collect();
    let (first, rest) = lost.split_first().filter(|(_, rest)| !rest.is_empty())?;
    let start = start_of(judged, segment);
    let mut replacement = Vec::new();
    let mut done = first.at;
    let mut places = Vec::new();
    for repair in rest {
        replacement.push(judged.separators.segment);
        replacement.extend_from_slice(segment.bytes().get(done.checked_sub(start)?..repair.at - start)?);
        done = repair.at;
        places.push((judged.set.offset + repair.at as u64).to_string());
    }
    replacement.push(judged.separators.segment);
    Some(Repair {
        rule: first.rule,
        at: first.at,
        length: done - first.at,
        replacement,
        adds: None,
        segment: first.segment,
        element: first.element,
        mark: first.mark,
        mark_length: first.mark_length,
        found: first.found.clone(),
        detail: format!("{}, and so are those at byte {}", first.detail, places.join(", ")),
    })
}

/// Text before a segment id, such as a page header between two segments: taken out.
fn intruder(segment: &Segment<'_>, start: usize, head: &[u8], id: &str) -> Repair {
    let shown = text(head);
    Repair {
        rule: &rules::SEGMENT_UNRECOGNIZED,
        at: start,
        length: head.len(),
        replacement: Vec::new(),
        adds: None,
        segment: segment.number,
        element: 0,
        mark: start,
        mark_length: head.trim_ascii_end().len(),
        found: shown.trim_end().to_owned(),
        detail: format!("text that is no segment stands before {id}"),
    }
}

/// A segment that goes on over several lines, each of which begins with a segment id: the lines' ends are its terminators.
fn lines(judged: &Judged<'_>, segment: &Segment<'_>) -> Option<Repair> {
    let bytes = segment.bytes();
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let begins = |line: &[u8]| {
        let id = line.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let id = line.get(..id).unwrap_or_default();
        judged.def.has(grammar::key(id)) || matches!(id, b"SE" | b"GE" | b"IEA")
    };
    let lines = bytes.split(|byte| *byte == b'\n').skip(1).filter(|line| !line.trim_ascii().is_empty());
    let count = lines.clone().count();
    if count < 2 || !lines.clone().all(begins) {
        return None;
    }
    let terminator = judged.separators.segment;
    let replacement = bytes.iter().map(|byte| if *byte == b'\n' { terminator } else { *byte });
    let at = start_of(judged, segment);
    let shown = char::from(terminator);
    Some(Repair {
        rule: &rules::SEGMENTS_JOINED,
        at,
        length: bytes.len(),
        replacement: replacement.collect(),
        adds: None,
        segment: segment.number,
        element: 0,
        mark: at,
        mark_length: end,
        found: String::new(),
        detail: format!("{count} segments from here end with a line break alone, without {shown:?}"),
    })
}

/// The id of a segment that the set has, or of an envelope's, behind something else.
fn id_at_the_end<'v>(def: &TransactionSetDef, value: &'v [u8], length: usize) -> Option<&'v [u8]> {
    let start = value.len().checked_sub(length).filter(|start| *start > 0)?;
    let id = value.get(start..)?;
    let known = def.has(grammar::key(id)) || matches!(id, b"SE" | b"GE" | b"ST" | b"IEA");
    known.then_some(id)
}

/// The id in capitals, or with the letters that its digits look like: `po1`, `P01`, `N l`.
fn mistyped(judged: &Judged<'_>, segment: &Segment<'_>) -> Option<Repair> {
    let id = segment.id();
    let trimmed = id.trim_ascii();
    let options = [
        (trimmed.to_ascii_uppercase(), "in capitals"),
        (swapped(trimmed, b"0", b"O"), "with the letter O for the digit 0"),
        (swapped(trimmed, b"O", b"0"), "with the digit 0 for the letter O"),
        (swapped(trimmed, b"Il", b"11"), "with the digit 1 for the letter"),
        (swapped(trimmed, b"1", b"I"), "with the letter I for the digit 1"),
    ];
    let (meant, how) =
        options.into_iter().find(|(meant, _)| meant != id && judged.def.has(grammar::key(meant)))?;
    let at = start_of(judged, segment);
    let name = text(&meant);
    Some(Repair {
        rule: &rules::SEGMENT_UNRECOGNIZED,
        at,
        length: id.len(),
        replacement: meant,
        adds: None,
        segment: segment.number,
        element: 0,
        mark: at,
        mark_length: id.len(),
        found: text(id).to_string(),
        detail: format!("{how} it is {name}, which belongs here"),
    })
}

fn swapped(id: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let swap = |byte: &u8| {
        let found = from.iter().position(|other| other == byte).and_then(|index| to.get(index));
        found.copied().unwrap_or(*byte)
    };
    id.iter().map(swap).collect()
}

/// No terminator before a segment that has no id: it stood in the data of the segment before.
fn split(judged: &Judged<'_>, before: &Segment<'_>, segment: &Segment<'_>) -> Option<Repair> {
    let from = start_of(judged, before) + before.bytes().len();
    let until = start_of(judged, segment);
    let number = before.len();
    let tail = text(segment.bytes());
    let id = text(before.id());
    let byte = judged.set.offset + from as u64;
    Some(Repair {
        rule: &rules::SEGMENT_SPLIT,
        at: from,
        length: until.checked_sub(from)?,
        replacement: b" ".to_vec(),
        adds: None,
        segment: before.number,
        element: u32::try_from(number).unwrap_or(0),
        mark: from,
        mark_length: 1,
        found: tail.to_string(),
        detail: format!("it seems to be the rest of {id}-{number:02}, which was ended at byte {byte}"),
    })
}

/// One element separator less, around what was found. A single finding is evidence only behind free text.
fn separators_too_many(judged: &Judged<'_>, segment: &Segment<'_>, own: &[&Diagnostic]) -> Vec<Repair> {
    let values: Vec<&[u8]> = segment.elements().collect();
    let first = own.iter().map(|finding| finding.at.element as usize).filter(|number| *number > 0).min();
    let Some(first) = first else { return Vec::new() };
    let too_many = own.iter().any(|finding| finding.rule.code == "E303");
    // What is merely not there is no evidence that something was shifted.
    let shifted = own.iter().filter(|finding| matches!(finding.rule.code, "E304" | "E305" | "E306" | "E307"));
    let shifted = shifted.count();
    if shifted == 0 && !too_many {
        return Vec::new();
    }
    let id = text(segment.id());
    let mut place = start_of(judged, segment);
    let mut repairs = Vec::new();
    for (number, pair) in values.windows(2).enumerate() {
        let [left, right] = pair else { continue };
        place += left.len() + usize::from(number > 0);
        let plausible = number > 0 && (own.len() > 1 || too_many || (number + 1 == first && is_prose(left)));
        if !plausible || (!too_many && number + 1 < first) {
            continue;
        }
        let empty = left.is_empty() || right.is_empty();
        if empty && shifted < 2 {
            continue;
        }
        let (left, right) = (text(left), text(right));
        let (replacement, detail, found) = if empty {
            let detail =
                format!("one separator too many at {id}-{number:02}: what follows is shifted by one");
            (Vec::new(), detail, String::new())
        } else {
            let separator = char::from(judged.separators.element);
            let value = format!("{left}{separator}{right}");
            (b" ".to_vec(), format!("it seems to be one value of {id}-{number:02}"), value)
        };
        repairs.push(Repair {
            rule: &rules::ELEMENT_SPLIT,
            at: place,
            length: 1,
            replacement,
            adds: None,
            segment: segment.number,
            element: u32::try_from(number).unwrap_or(0),
            mark: place,
            mark_length: 1,
            found,
            detail,
        });
    }
    repairs
}

/// Whether a value reads like free text: it has a small letter or a blank between others.
fn is_prose(value: &[u8]) -> bool {
    value.len() > 3 && value.iter().any(|byte| byte.is_ascii_lowercase() || *byte == b' ')
}

/// The opener of each loop that has such a segment, put before it. A segment out of sequence speaks for a missing opener only
/// where the loop before it has such a segment already, where the document cannot do without the loop, or where CTT01 counts
/// a line that is not there.
fn openers(judged: &Judged<'_>, parts: &[Segment<'_>], segment: &Segment<'_>, homeless: bool) -> Vec<Repair> {
    let at = start_of(judged, segment);
    let key = grammar::key(segment.id());
    let id = text(segment.id());
    let before = parts.get(..(segment.number as usize).saturating_sub(1)).unwrap_or_default();
    let again = |opener: &str| {
        let last = before.iter().rposition(|other| other.id() == opener.as_bytes());
        let since = last.and_then(|last| before.get(last..));
        since.is_some_and(|since| since.iter().any(|other| other.id() == segment.id()))
    };
    // The loop stands nowhere, though the document cannot do without it.
    let dispensable = |opener: &str| {
        let part = judged.def.body.iter().find(|part| part.id == opener);
        part.is_none_or(|part| part.usage != Usage::Mandatory)
            || parts.iter().any(|other| other.id() == opener.as_bytes())
    };
    let mut opened = openers_of(judged.def, key);
    let uncounted = |opener: &str| is_line(opener.as_bytes()) && counts_more_lines(parts);
    opened.retain(|opener| homeless || again(opener) || !dispensable(opener) || uncounted(opener));
    opened.sort_by_key(|opener| USUAL.iter().position(|usual| usual == opener).unwrap_or(USUAL.len()));
    let any = opened.join(" or ");
    let none = if opened.len() == 1 { format!("no {any}") } else { "none of them".to_owned() };
    let repair = |opener: &&'static str| {
        let mut replacement = opener.as_bytes().to_vec();
        replacement.extend([judged.separators.element, b'1', judged.separators.segment]);
        Repair {
            rule: &rules::LOOP_OPENER_MISSING,
            at,
            length: 0,
            replacement,
            adds: Some(opener),
            segment: segment.number,
            element: 0,
            mark: at,
            mark_length: 0,
            found: String::new(),
            detail: format!("{id} belongs in a loop that {any} opens, and {none} stands before it"),
        }
    };
    opened.iter().map(repair).collect()
}

/// Whether CTT01 counts more lines than there are.
fn counts_more_lines(parts: &[Segment<'_>]) -> bool {
    let lines = parts.iter().filter(|part| is_line(part.id())).count();
    let ctt = parts.iter().rfind(|part| part.id() == b"CTT");
    ctt.and_then(|ctt| text(ctt.element(1)).trim().parse::<usize>().ok()).is_some_and(|stated| stated > lines)
}

/// The ids that open a loop with this segment directly in it, in the order of the table.
pub(super) fn openers_of(def: &TransactionSetDef, key: u32) -> Vec<&'static str> {
    let mut found = Vec::new();
    let mut open: Vec<&'static [Part]> = vec![def.body];
    while let Some(parts) = open.pop() {
        for part in parts.iter().filter(|part| !part.children.is_empty()) {
            if part.children.iter().skip(1).any(|child| child.key == key) && !found.contains(&part.id) {
                found.push(part.id);
            }
            open.push(part.children);
        }
    }
    found
}
