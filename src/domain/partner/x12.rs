//! The values of `[x12]` that are more than a word: separators, the terminator, the character set, the replacement.

use crate::domain::Text;
use serde::{Deserialize, Deserializer, de::Error};

/// One byte between elements: neither letter, digit, blank nor line break, nor the point, minus or NUL that data needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Separator(pub u8);

impl<'de> Deserialize<'de> for Separator {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Text::deserialize(deserializer)?;
        match text.as_bytes() {
            [byte] if separates(*byte) => Ok(Self(*byte)),
            _ => Err(D::Error::custom(format!(
                "{text:?} cannot separate: expected one ASCII character that is no letter, digit, blank, point, minus, line break or Ctrl-Z"
            ))),
        }
    }
}

/// What ends a segment: what can separate but the tab, or a line break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terminator {
    /// The byte that ends a segment; LF where that is CR LF.
    pub byte: u8,
    /// A CR stands before the LF.
    pub cr_lf: bool,
}

impl<'de> Deserialize<'de> for Terminator {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Text::deserialize(deserializer)?;
        match text.as_bytes() {
            b"\r\n" => Ok(Self { byte: b'\n', cr_lf: true }),
            // readers take blanks and tabs before a line break for padding
            [byte] if (separates(*byte) && *byte != b'\t') || b"\r\n".contains(byte) => {
                Ok(Self { byte: *byte, cr_lf: false })
            }
            _ => Err(D::Error::custom(format!(
                "{text:?} cannot end a segment: expected a line break, or one ASCII character that is no letter, digit, blank, tab, point, minus or Ctrl-Z"
            ))),
        }
    }
}

/// Ctrl-Z is out because readers, ours too, take it for the end of the file.
fn separates(byte: u8) -> bool {
    byte.is_ascii() && !byte.is_ascii_alphanumeric() && !b" .-\0\r\n\x1A".contains(&byte)
}

/// The characters that a partner reads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum CharacterSet {
    /// Every character, in UTF-8.
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    /// ISO 8859-1, one byte a character.
    #[serde(rename = "latin-1", alias = "iso-8859-1")]
    Latin1,
    #[serde(rename = "ascii")]
    Ascii,
    /// X12's extended set: ASCII, before 005010 without `^` and the grave accent.
    #[serde(rename = "extended")]
    Extended,
    /// X12's basic set: capitals, digits, blank and `!"&'()*+,-./:;?=`.
    #[serde(rename = "basic")]
    Basic,
}

impl CharacterSet {
    /// Whether the set has a character; `since_005010`: X12's extended set got `^` and the grave accent then.
    pub fn has(self, c: char, since_005010: bool) -> bool {
        match self {
            Self::Utf8 => true,
            Self::Latin1 => u32::from(c) <= 0xFF,
            Self::Ascii => c.is_ascii(),
            Self::Extended => c.is_ascii() && (since_005010 || !matches!(c, '^' | '`')),
            Self::Basic => c.is_ascii_uppercase() || c.is_ascii_digit() || " !\"&'()*+,-./:;?=".contains(c),
        }
    }
}

/// What stands in free text for a separator, or for a character that the partner's set does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replacement(pub u8);

impl<'de> Deserialize<'de> for Replacement {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Text::deserialize(deserializer)?;
        match text.as_bytes() {
            [byte] if *byte == b' ' || byte.is_ascii_graphic() => Ok(Self(*byte)),
            _ => {
                Err(D::Error::custom(format!("{text:?}, expected a blank or one printable ASCII character")))
            }
        }
    }
}
