//! A 997 or 999 that a partner sends back: which group it answers, its verdicts, and its reasons in words.

mod words;

pub use words::interchange_note;

use crate::documents::outbound::cut;
use crate::domain::Text;
use crate::x12::lexer::{Segment, Separators, components, text};
use words::{ELEMENT, GROUP, SEGMENT, SET, said};

/// Sets that are read of one acknowledgment: ten times what we send in one interchange. More of them answer nothing of ours.
const SETS_MAX: usize = 10_000;
/// Reasons that are kept of one set, and characters of one; the archive has all.
const NOTES_MAX: usize = 20;
const CHARACTERS_MAX: usize = 200;

/// What a 997 or 999 says of one functional group of ours.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Returned {
    /// AK101, the group's GS01; AK102, its GS06.
    pub functional_id: Text,
    pub control: Text,
    /// In the order of the AK2.
    pub sets: Vec<ReturnedSet>,
    /// AK2 beyond those that are read.
    pub left_out: u32,
    /// AK901 as received; empty where there is no AK9.
    pub verdict: Text,
    /// AK902, AK903, AK904: sets stated, received and accepted.
    pub stated: Option<u32>,
    pub received: Option<u32>,
    pub accepted: Option<u32>,
    /// AK905 to AK909 in words.
    pub notes: Vec<Text>,
}

/// One AK2 loop.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReturnedSet {
    /// AK201, the set's ST01; AK202, its ST02.
    pub id: Text,
    pub control: Text,
    /// AK501 or IK501 as received; empty where there is none.
    pub verdict: Text,
    /// AK3, AK4 and AK502 to AK506 in words, and those of a 999.
    pub notes: Vec<Text>,
    /// Reasons beyond those that are kept.
    pub notes_left_out: u32,
    /// The first reason without its place and value: what several refused documents have in common.
    pub cause: Text,
}

/// Reads an acknowledgment out of the segments of its set, whatever their order. What it lacks stays empty.
pub fn read<'a>(separators: Separators, segments: impl Iterator<Item = Segment<'a>>) -> Returned {
    let mut out = Returned::default();
    let mut reading = Reading::default();
    for segment in segments {
        match segment.id() {
            b"AK1" => {
                out.functional_id = word(&segment, 1);
                out.control = word(&segment, 2);
            }
            b"AK2" => {
                reading.end(&mut out);
                let (id, control) = (word(&segment, 1), word(&segment, 2));
                reading.set = Some(ReturnedSet { id, control, ..ReturnedSet::default() });
            }
            b"AK3" | b"IK3" => reading.segment(&segment),
            b"AK4" | b"IK4" => reading.element(&segment, separators),
            b"AK5" | b"IK5" => {
                reading.end_segment();
                if let Some(set) = &mut reading.set {
                    set.verdict = word(&segment, 1);
                    codes(&segment, 2).for_each(|code| note(set, &said(SET, &code), || said(SET, &code)));
                }
                reading.end(&mut out);
            }
            b"AK9" => {
                reading.end(&mut out);
                out.verdict = word(&segment, 1);
                [out.stated, out.received, out.accepted] = [2, 3, 4].map(|at| number(&segment, at));
                out.notes = codes(&segment, 5).map(|code| said(GROUP, &code).into()).collect();
            }
            _ => {}
        }
    }
    reading.end(&mut out);
    out
}

/// The AK2 loop that is open.
#[derive(Default)]
struct Reading {
    set: Option<ReturnedSet>,
    /// The AK3 that is open: AK301, AK302, AK304.
    segment: Option<(Text, Text, Text)>,
}

impl Reading {
    fn segment(&mut self, segment: &Segment<'_>) {
        self.end_segment();
        self.segment = Some((word(segment, 1), word(segment, 2), word(segment, 4)));
    }

    fn element(&mut self, segment: &Segment<'_>, separators: Separators) {
        let Some(set) = &mut self.set else { return };
        let (id, position, code) = self.segment.clone().unwrap_or_default();
        // said by its elements: the code of the AK3 says no more than that
        if code == "8" {
            self.segment = Some((id.clone(), position.clone(), Text::default()));
        }
        let mut place = components(segment.element(1), separators).map(clean);
        let element = place.next().filter(|element| !element.is_empty());
        let name = element.map_or_else(|| "an element".to_owned(), |element| format!("{id}{element:0>2}"));
        let component = place.next().filter(|part| !part.is_empty());
        let component = component.map(|part| format!(", component {part}")).unwrap_or_default();
        let what = said(ELEMENT, &word(segment, 3));
        let bad = word(segment, 4);
        let bad = if bad.is_empty() { String::new() } else { format!(": {bad:?}") };
        let at = if position.is_empty() { String::new() } else { format!("segment {position} ") };
        let told = format!("{at}{name}{component}: {what}{bad}");
        note(set, &told, || format!("{name} {what}"));
    }

    /// A segment that was refused as a whole.
    fn end_segment(&mut self) {
        let Some((id, position, code)) = self.segment.take().filter(|(_, _, code)| !code.is_empty()) else {
            return;
        };
        let Some(set) = &mut self.set else { return };
        let what = said(SEGMENT, &code);
        note(set, &format!("segment {position} {id}: {what}"), || format!("{id} {what}"));
    }

    fn end(&mut self, out: &mut Returned) {
        self.end_segment();
        let Some(set) = self.set.take() else { return };
        if out.sets.len() < SETS_MAX {
            out.sets.push(set);
        } else {
            out.left_out = out.left_out.saturating_add(1);
        }
    }
}

fn note(set: &mut ReturnedSet, told: &str, cause: impl FnOnce() -> String) {
    if set.cause.is_empty() {
        set.cause = cut(&cause(), CHARACTERS_MAX).into();
    }
    if set.notes.len() < NOTES_MAX {
        set.notes.push(cut(told, CHARACTERS_MAX).into());
    } else {
        set.notes_left_out = set.notes_left_out.saturating_add(1);
    }
}

/// The codes from this element on, five at the most.
fn codes<'s>(segment: &'s Segment<'_>, first: usize) -> impl Iterator<Item = Text> + 's {
    (first..first + 5).map(|at| word(segment, at)).filter(|code| !code.is_empty())
}

fn number(segment: &Segment<'_>, at: usize) -> Option<u32> {
    let digits = word(segment, at);
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

fn word(segment: &Segment<'_>, at: usize) -> Text {
    clean(segment.element(at))
}

/// An element without blanks around it; a control character in it is a blank.
fn clean(element: &[u8]) -> Text {
    let said: String = text(element).chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    cut(said.trim(), CHARACTERS_MAX).into()
}

#[cfg(test)]
mod tests;
