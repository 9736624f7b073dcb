//! Text in a partner's character set: what is said as it is, what is said in other letters, what cannot be said.

use crate::domain::partner::{CharacterSet, X12Settings};
use crate::x12::lexer::Separators;
use crate::x12::writer::latin;

/// How a partner wants text and the ends of its segments. The default is UTF-8 with a blank for a separator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conventions {
    pub character_set: CharacterSet,
    /// Stands in free text for a separator, and for a character that the set lacks and that has no plain letters.
    pub replacement: char,
    /// A CR before the LF that ends a segment.
    pub cr_lf: bool,
}

impl Default for Conventions {
    fn default() -> Self {
        Self { character_set: CharacterSet::Utf8, replacement: ' ', cr_lf: false }
    }
}

impl Conventions {
    pub fn new(settings: &X12Settings) -> Self {
        Self {
            character_set: settings.character_set,
            replacement: char::from(settings.replacement.0),
            cr_lf: settings.segment_terminator.cr_lf,
        }
    }
}

/// What can stand in an element of one document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Script {
    pub(super) set: CharacterSet,
    pub(super) separators: Separators,
    pub(super) replacement: char,
    /// 005010 added `^` and the grave accent to the extended set.
    pub(super) carets: bool,
}

/// Free text in a set, and whether something of it was lost.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) text: String,
    pub(super) lost: bool,
}

impl Script {
    /// The same for what a partner sent: its own capitals and small letters, signs too, are no news to it.
    pub(super) fn echoing(self) -> Self {
        match self.set {
            CharacterSet::Basic | CharacterSet::Extended => Self { set: CharacterSet::Ascii, ..self },
            _ => self,
        }
    }

    /// Why a text cannot be said as it is; None where it can.
    pub(super) fn refusal(self, text: &str) -> Option<String> {
        if let Some(c) = text.chars().find(|c| !self.can_say(*c)) {
            return Some(self.reason(c));
        }
        self.is_mistakable(text).then(|| "its bytes in latin-1 would be read as UTF-8".to_owned())
    }

    /// Free text of up to `max` characters. A character that cannot be said becomes its plain letters, else the
    /// replacement; a control character becomes a blank; blanks at the ends go.
    pub(super) fn free(self, text: &str, max: usize) -> Said {
        let said = self.free_in_set(text, max);
        if !self.is_mistakable(&said.text) {
            return said;
        }
        Self { set: CharacterSet::Ascii, ..self }.free_in_set(text, max)
    }

    /// The bytes of a text that [`Script::refusal`] has nothing against, or that [`Script::free`] made.
    pub(super) fn bytes(self, text: &str) -> Vec<u8> {
        match self.set {
            CharacterSet::Latin1 => text.chars().map(|c| u8::try_from(c).unwrap_or(b' ')).collect(),
            _ => text.as_bytes().to_vec(),
        }
    }

    fn free_in_set(self, text: &str, max: usize) -> Said {
        let (mut said, mut lost) = (String::with_capacity(text.len()), false);
        for c in text.chars() {
            let c = if self.set == CharacterSet::Basic { c.to_ascii_uppercase() } else { c };
            if self.can_say(c) {
                said.push(c);
            } else if c.is_control() {
                lost |= !matches!(c, '\t' | '\n' | '\r');
                said.push(' ');
            } else if let Some(letters) = self.plain(c) {
                said.push_str(&letters);
            } else {
                lost = true;
                said.push(if self.can_say(self.replacement) { self.replacement } else { ' ' });
            }
        }
        let trimmed = said.trim();
        let cut = first_characters(trimmed, max);
        lost |= cut.len() < trimmed.len();
        Said { text: cut.trim_end().to_owned(), lost }
    }

    /// The plain letters of a character that the set lacks, if all of them can be said.
    fn plain(self, c: char) -> Option<String> {
        let letters = latin::plain(c)?;
        let letters = match self.set {
            CharacterSet::Basic => letters.to_ascii_uppercase(),
            _ => letters.to_owned(),
        };
        letters.chars().all(|c| self.can_say(c)).then_some(letters)
    }

    /// Whether a character can stand in an element: no control character, in the set, and none of its bytes separates.
    pub(super) fn can_say(self, c: char) -> bool {
        if c.is_control() || !self.has(c) {
            return false;
        }
        let mut buffer = [0; 4];
        match self.set {
            CharacterSet::Latin1 => u8::try_from(c).is_ok_and(|byte| !self.separators.contains(byte)),
            _ => !c.encode_utf8(&mut buffer).bytes().any(|byte| self.separators.contains(byte)),
        }
    }

    fn has(self, c: char) -> bool {
        self.set.has(c, self.carets)
    }

    /// Readers, ours too, take for UTF-8 what is UTF-8: the two bytes of `Ã¼` in Latin-1 are those of `ü`.
    fn is_mistakable(self, text: &str) -> bool {
        self.set == CharacterSet::Latin1 && !text.is_ascii() && std::str::from_utf8(&self.bytes(text)).is_ok()
    }

    fn reason(self, c: char) -> String {
        if c.is_control() {
            format!("the control character U+{:04X} in it", u32::from(c))
        } else if self.has(c) {
            format!("{c:?} separates in this partner's X12")
        } else {
            format!("{c:?} is not in this partner's character set")
        }
    }
}

/// The first `max` characters.
fn first_characters(text: &str, max: usize) -> &str {
    text.char_indices().nth(max).map_or(text, |(end, _)| text.get(..end).unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO_LIMIT: usize = usize::MAX;

    fn script(set: CharacterSet) -> Script {
        let separators = Separators { element: b'*', component: b'>', repetition: None, segment: b'~' };
        Script { set, separators, replacement: '?', carets: false }
    }

    #[test]
    fn free_text_is_said_in_the_letters_of_the_set() {
        use CharacterSet::{Ascii, Basic, Extended, Latin1, Utf8};
        for (set, text, expected, lost) in [
            (Utf8, "Größe 漢 a*b", "Größe 漢 a?b", true),
            (Utf8, "Größe", "Größe", false),
            (Latin1, "Größe – Łódź", "Größe - Lódz", false),
            (Latin1, "漢", "?", true),
            // by its bytes in Latin-1 it would be read as another letter
            (Latin1, "Ã¼", "A1/4", false),
            (Ascii, "Größe ½ „x“ u\u{308}", "Grosse 1/2 \"x\" u", false),
            (Extended, "a_b^c`", "a_b?c?", true),
            (Basic, "Größe #8, a-b", "GROSSE ?8, A-B", true),
            (Basic, "Hex bolt M8", "HEX BOLT M8", false),
            (Ascii, " a\r\nb\t ", "a  b", false),
            (Ascii, "a\u{7}b", "a b", true),
            (Ascii, "  ", "", false),
        ] {
            let said = script(set).free(text, NO_LIMIT);
            assert_eq!((said.text.as_str(), said.lost), (expected, lost), "{set:?} {text:?}");
        }
    }

    #[test]
    fn plain_letters_that_separate_give_way_to_the_replacement_and_that_to_a_blank() {
        let mut script = script(CharacterSet::Ascii);
        script.separators.component = b'/';
        assert_eq!(script.free("½ x", NO_LIMIT).text, "? x");
        script.separators.element = b'?';
        assert_eq!(script.free("½ x", NO_LIMIT).text, "x");
    }

    #[test]
    fn text_is_cut_at_a_character_and_never_ends_in_a_blank() {
        let script = script(CharacterSet::Utf8);
        for (text, max, expected, lost) in
            [("äöü", 2, "äö", true), ("ab cd", 3, "ab", true), ("ab  ", 2, "ab", false), ("", 1, "", false)]
        {
            assert_eq!(script.free(text, max), Said { text: expected.into(), lost }, "{text:?}");
        }
    }

    #[test]
    fn exact_text_is_refused_with_the_reason() {
        use CharacterSet::{Ascii, Basic, Extended, Latin1, Utf8};
        for (set, text, reason) in [
            (Utf8, "A*1", "'*' separates in this partner's X12"),
            (Utf8, "Ü漢", ""),
            (Latin1, "Ü", ""),
            (Latin1, "漢", "'漢' is not in this partner's character set"),
            (Latin1, "Ã¼", "its bytes in latin-1 would be read as UTF-8"),
            (Latin1, "A\u{85}", "the control character U+0085 in it"),
            (Ascii, "Ü", "'Ü' is not in this partner's character set"),
            (Extended, "a^", "'^' is not in this partner's character set"),
            (Basic, "a-1", "'a' is not in this partner's character set"),
            (Basic, "A-1", ""),
        ] {
            assert_eq!(script(set).refusal(text).unwrap_or_default(), reason, "{set:?} {text}");
        }
        assert_eq!(script(Basic).echoing().refusal("a_1^"), None);
        assert!(script(Ascii).echoing().refusal("Ü").is_some());
    }
}
