//! The 997: the answer to a functional group.

use crate::domain::{Text, diagnostic::Diagnostic};

/// What a 997 says of one functional group.
#[derive(Debug, Clone, Default)]
pub struct GroupAcknowledgment {
    /// GS01, GS06 and GS08 as received.
    pub functional_id: Text,
    pub control: Text,
    pub version: Text,
    /// GE01; None where it could not be read.
    pub stated_sets: Option<u32>,
    pub sets: Vec<SetAcknowledgment>,
    /// Findings about GS and GE.
    pub diagnostics: Vec<Diagnostic>,
}

/// What a 997 says of one transaction set; its verdict follows from the findings' severities.
#[derive(Debug, Clone, Default)]
pub struct SetAcknowledgment {
    /// ST01 and ST02 as received.
    pub id: Text,
    pub control: Text,
    /// In document order: envelope, segments, elements. What X12 has no code for is left out of the 997.
    pub diagnostics: Vec<Diagnostic>,
}
