//! 824 and 864 that a partner sends: what they say, as text for a person.

use crate::documents::outbound::cut;
use crate::domain::Text;
use crate::x12::lexer::{Segment, text};

/// Lines kept of one message, and characters of a line; what is more stands in the archive.
const LINES_MAX: usize = 200;
const CHARACTERS_MAX: usize = 300;

/// What a partner wants a person to read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Message {
    /// ST01.
    pub id: Text,
    /// What it is about in a word: BGN02 of an 824, MIT01 of an 864.
    pub reference: Text,
    /// The line that says most: the first of free text, else the first error, else the first.
    pub headline: Text,
    /// One line a segment that says something, in document order.
    pub lines: Vec<Text>,
    /// Lines beyond those that are kept.
    pub left_out: u64,
}

/// Whether a set is a message for a person: application advice, or text.
pub fn is_message(set_id: &str) -> bool {
    matches!(set_id, "824" | "864")
}

/// A segment that says something: its id, the element that gives the whole message its reference, the elements that are
/// text alone (0: none), or all of them with the id before them.
struct Telling {
    id: &'static [u8],
    reference: usize,
    plain: usize,
}

/// Free text stands alone; a segment that names a document or an error is given whole, because its codes say it.
const TELLING: &[Telling] = &[
    Telling { id: b"BGN", reference: 2, plain: 0 },
    Telling { id: b"BMG", reference: 0, plain: 0 },
    Telling { id: b"MIT", reference: 1, plain: 2 },
    Telling { id: b"MSG", reference: 0, plain: 1 },
    Telling { id: b"NTE", reference: 0, plain: 2 },
    Telling { id: b"OTI", reference: 0, plain: 0 },
    Telling { id: b"RED", reference: 0, plain: 1 },
    Telling { id: b"REF", reference: 0, plain: 0 },
    Telling { id: b"TED", reference: 0, plain: 0 },
];

/// Reads the message out of the segments of its set, whatever their order: a person can make sense of more than a grammar.
pub fn read<'a>(set_id: &str, segments: impl Iterator<Item = Segment<'a>>) -> Message {
    let mut message = Message { id: set_id.into(), ..Message::default() };
    let mut weight = 0;
    for segment in segments {
        let Some(telling) = TELLING.iter().find(|telling| telling.id.eq_ignore_ascii_case(segment.id()))
        else {
            continue;
        };
        if telling.reference > 0 && message.reference.is_empty() {
            message.reference = said(segment.element(telling.reference));
        }
        let line = match telling.plain {
            0 => whole(&segment),
            element => said(segment.element(element)),
        };
        if line.is_empty() {
            continue;
        }
        let says = match telling {
            Telling { plain: 1.., .. } => 3,
            Telling { id: b"TED", .. } => 2,
            _ => 1,
        };
        if says > weight {
            message.headline.clone_from(&line);
            weight = says;
        }
        if message.lines.len() < LINES_MAX {
            message.lines.push(line);
        } else {
            message.left_out += 1;
        }
    }
    message
}

/// The id and the elements that are there, with blanks between them.
fn whole(segment: &Segment<'_>) -> Text {
    let pieces: Vec<Text> = segment.elements().map(said).filter(|piece| !piece.is_empty()).collect();
    // An id alone says nothing.
    if pieces.len() < 2 { Text::default() } else { cut(&pieces.join(" "), CHARACTERS_MAX).into() }
}

/// An element without blanks around it; a control character in it is a blank.
fn said(element: &[u8]) -> Text {
    let said: String = text(element).chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    cut(said.trim(), CHARACTERS_MAX).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x12::lexer::{Separators, segments};

    const SEPARATORS: Separators =
        Separators { element: b'*', component: b'>', repetition: None, segment: b'~' };

    fn message(id: &str, body: &str) -> Message {
        read(id, segments(body.as_bytes(), SEPARATORS, 0))
    }

    #[test]
    fn an_advice_gives_its_reference_what_it_is_about_and_its_errors() {
        let advice = message(
            "824",
            "ST*824*0001~BGN*11*7731*20261119~N1*ST*Store~OTI*TR*PO*4500017****12*0001*810~\
             REF*IV*9001~TED*024*Price differs*IT1*7*4**12.50~NTE*GEN*Call the buyer~SE*8*0001~",
        );
        assert_eq!((&*advice.reference, &*advice.headline), ("7731", "Call the buyer"));
        assert_eq!(message("824", "BGN*11*7731~TED*024*Price~").headline, "TED 024 Price");
        assert_eq!(message("824", "BGN*11*7731~").headline, "BGN 11 7731");
        assert_eq!(
            advice.lines,
            [
                "BGN 11 7731 20261119",
                "OTI TR PO 4500017 12 0001 810",
                "REF IV 9001",
                "TED 024 Price differs IT1 7 4 12.50",
                "Call the buyer",
            ]
        );
    }

    #[test]
    fn a_text_is_its_lines() {
        let text = message(
            "864",
            "ST*864*0001~BMG*00*Notice~MIT*77*Holiday hours~msg*  We close early\t~MSG*on Friday~MSG~SE*7*0001~",
        );
        assert_eq!(text.reference, "77");
        assert_eq!(text.lines, ["BMG 00 Notice", "Holiday hours", "We close early", "on Friday"]);
    }

    #[test]
    fn a_message_without_end_is_cut_and_counted() {
        let long = message("864", &format!("MSG*{}~", "y".repeat(400)).repeat(LINES_MAX + 3));
        assert_eq!((long.lines.len(), long.left_out), (LINES_MAX, 3));
        assert_eq!(long.lines[0].chars().count(), CHARACTERS_MAX);
        assert_eq!(
            message("864", "ST*864*1~MSG*~SE*3*1~"),
            Message { id: "864".into(), ..Message::default() }
        );
    }
}
