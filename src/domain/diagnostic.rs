//! What can be wrong with a document: one static rule a kind of finding, one value a finding.

use crate::domain::Text;
use serde::Serialize;

/// A kind of finding. Everything that is known about it stands in its one static (see [`crate::domain::rules`]).
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// For ever: `E1xx` envelope, `E2nn` segments (nn = AK304), `E3nn` elements (nn = AK403), `E4xx` business, `E5xx` CSV.
    pub code: &'static str,
    /// Names what was found, never the remedy.
    pub title: &'static str,
    pub severity: Severity,
    pub answer: Answer,
    /// The likely cause, in one plain sentence.
    pub cause: &'static str,
    /// What the reader of the message can do.
    pub help: &'static str,
}

/// What a finding means for the transaction set (or the row, or the interchange) it is found in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth telling a person; the 997 is silent about it and `check` counts no finding.
    Note,
    /// The document is processed; its 997 says accepted with errors (AK501 `E`).
    Warning,
    /// The document, or the interchange where the rule is one of the envelope, is not processed (AK501 `R`).
    Error,
}

/// The code with which X12 answers a finding: that of 005010, where 004010 says it otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// X12 has no code: the finding is ours alone.
    None,
    /// AK304, segment syntax error code.
    Segment(&'static str),
    /// AK403, data element syntax error code.
    Element(&'static str),
    /// AK502, transaction set syntax error code.
    Set(&'static str),
    /// AK905, functional group syntax error code.
    Group(&'static str),
    /// TA105, interchange note code.
    Interchange(&'static str),
}

/// Codes that 004010 does not have, or has for something else, and the nearest that it has: components and repetitions are
/// elements to it; a set under a foreign group has the wrong id there; `AK905 19` is about encryption.
const BEFORE_005010: &[(Answer, Answer)] = &[
    (Answer::Element("12"), Answer::Element("3")),
    (Answer::Element("13"), Answer::Element("3")),
    (Answer::Set("18"), Answer::Set("6")),
    (Answer::Group("19"), Answer::Group("6")),
];

impl Answer {
    /// The answer as a 997 of this version (GS08) can give it.
    #[must_use]
    pub fn in_version(self, version: &str) -> Self {
        if version.get(..6).is_some_and(|version| version >= "005010") { self } else { self.before_005010() }
    }

    fn before_005010(self) -> Self {
        let older = BEFORE_005010.iter().find(|(newer, _)| *newer == self);
        older.map_or(self, |(_, older)| *older)
    }

    /// The code as a person reads it (`AK403 6`, or `AK502 18 (004010: 6)`), empty where X12 has none.
    pub fn label(self) -> String {
        let older = self.before_005010();
        if older == self {
            return self.name();
        }
        let code = older.name();
        format!("{} (004010: {})", self.name(), code.rsplit(' ').next().unwrap_or_default())
    }

    fn name(self) -> String {
        match self {
            Self::None => String::new(),
            Self::Segment(code) => format!("AK304 {code}"),
            Self::Element(code) => format!("AK403 {code}"),
            Self::Set(code) => format!("AK502 {code}"),
            Self::Group(code) => format!("AK905 {code}"),
            Self::Interchange(code) => format!("TA105 {code}"),
        }
    }
}

/// Where a finding is. X12 places fill the first half, CSV places the second; counts begin at 1, 0 means unknown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Location {
    /// ISA13 as received.
    #[serde(skip_serializing_if = "Text::is_empty")]
    pub interchange: Text,
    /// GS06 as received.
    #[serde(skip_serializing_if = "Text::is_empty")]
    pub group: Text,
    /// ST02 as received.
    #[serde(skip_serializing_if = "Text::is_empty")]
    pub set: Text,
    /// Position in the transaction set, ST = 1 (AK302).
    #[serde(skip_serializing_if = "is_zero")]
    pub segment: u32,
    /// Segment id as received, such as `PO1`.
    #[serde(skip_serializing_if = "Text::is_empty")]
    pub segment_id: Text,
    /// The loop the segment stands in, by its opener's id, empty at the top level (AK303).
    #[serde(skip_serializing_if = "Text::is_empty")]
    pub loop_id: Text,
    /// Position in the segment, the first after the id = 1 (AK401-1).
    #[serde(skip_serializing_if = "is_zero")]
    pub element: u32,
    /// Component in a composite (AK401-2).
    #[serde(skip_serializing_if = "is_zero")]
    pub component: u32,
    /// Repetition of the element (AK401-3).
    #[serde(skip_serializing_if = "is_zero")]
    pub repetition: u32,
    /// X12 data element number such as 355 (AK402).
    #[serde(skip_serializing_if = "is_zero")]
    pub reference: u32,
    /// Byte in the file, from 0, of the element, or of the segment where no element is named.
    pub offset: u64,
    /// Bytes from `offset` that the finding is about.
    pub length: u32,
    /// CSV: the record, the first after the header = 1.
    #[serde(skip_serializing_if = "is_zero64")]
    pub row: u64,
    /// CSV: the line of the file on which the record begins, from 1.
    #[serde(skip_serializing_if = "is_zero64")]
    pub line: u64,
    /// CSV: the column, from 1.
    #[serde(skip_serializing_if = "is_zero")]
    pub column: u32,
    /// CSV: the header over that column, as the file has it.
    #[serde(skip_serializing_if = "Text::is_empty")]
    pub header: Text,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's skip_serializing_if passes a reference")]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's skip_serializing_if passes a reference")]
fn is_zero64(n: &u64) -> bool {
    *n == 0
}

impl std::fmt::Display for Location {
    /// `segment 4 (PO1-02)`, `row 3 (line 5), column 2 "Qty"`, or `byte 17` where nothing better is known.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.row > 0 || self.column > 0 {
            write!(f, "row {}", self.row)?;
            if self.line > 0 {
                write!(f, " (line {})", self.line)?;
            }
            return match (self.column, self.header.as_str()) {
                (0, "") => Ok(()),
                // JSON has names and no columns
                (0, name) => write!(f, ", {name:?}"),
                (column, name) => write!(f, ", column {column} {name:?}"),
            };
        }
        if self.segment_id.is_empty() {
            return write!(f, "byte {}", self.offset);
        }
        if self.segment > 0 {
            write!(f, "segment {} ", self.segment)?;
        }
        write!(f, "({}", self.segment_id)?;
        if self.element > 0 {
            write!(f, "-{:02}", self.element)?;
        }
        if self.component > 0 {
            write!(f, "-{}", self.component)?;
        }
        write!(f, ")")
    }
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    pub rule: &'static Rule,
    /// Usually the rule's; a partner's leniency may lower it.
    pub severity: Severity,
    pub at: Location,
    /// The value as received (shortened to 100 characters), for AK404 and for the reader; empty where there is none.
    pub found: Text,
    /// What is particular to this finding, in words: "expected 3, counted 4". Empty where the title says it all.
    pub detail: String,
}

impl Diagnostic {
    pub fn new(rule: &'static Rule, at: Location) -> Self {
        Self { rule, severity: rule.severity, at, found: Text::default(), detail: String::new() }
    }

    /// The value as received; what is longer than 100 characters is cut.
    #[must_use]
    pub fn found(mut self, value: &str) -> Self {
        self.found = value.chars().take(100).collect();
        self
    }

    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }
}

impl std::fmt::Display for Diagnostic {
    /// One line, without a place where none is known: `E306 invalid character in data element at segment 3 (PO1-02): "two dozen"`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.rule.code, self.rule.title)?;
        // a finding about a whole file, document or master has no place in it
        if self.at != Location::default() {
            write!(f, " at {}", self.at)?;
        }
        if !self.found.is_empty() {
            write!(f, ": {:?}", self.found)?;
        }
        if !self.detail.is_empty() {
            write!(f, " ({})", self.detail)?;
        }
        Ok(())
    }
}

impl Serialize for Diagnostic {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut row = serializer.serialize_struct("Diagnostic", 9)?;
        row.serialize_field("code", self.rule.code)?;
        row.serialize_field("severity", &self.severity)?;
        row.serialize_field("title", self.rule.title)?;
        row.serialize_field("at", &self.at)?;
        row.serialize_field("found", &self.found)?;
        row.serialize_field("detail", &self.detail)?;
        row.serialize_field("answer", &self.rule.answer.label())?;
        row.serialize_field("cause", self.rule.cause)?;
        row.serialize_field("help", self.rule.help)?;
        row.end()
    }
}
