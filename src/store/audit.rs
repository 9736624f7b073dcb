//! Who decided what and when: what happened to each cause that waited for a person.

use super::Micros;
use crate::domain::Text;

/// Something that happened to a cause.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditEvent {
    /// When: a run's start for what came up, else the instant itself.
    pub at: Micros,
    /// `came_up`, `decided`, `ended`.
    pub event: Text,
    /// The exceptions' kind; empty for a decision about a cause of which none is kept.
    pub kind: Text,
    pub cause: Text,
    pub partner: Text,
    pub customer: Text,
    /// How many exceptions came up in that run, or ended so in that run; 0 of a decision.
    pub exceptions: u64,
    /// The run that it came up in or that ended it; empty of a decision.
    pub run_id: Text,
    /// What was decided, or how it ended.
    pub what: Text,
    /// All that was decided, in one text; of an invoice empty.
    pub terms: Text,
    pub decided_by: Text,
    pub reason: Text,
}

/// Which events are asked for.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Only this cause.
    pub cause: Option<Text>,
    /// Only events from this instant to that, both included.
    pub from: Option<Micros>,
    pub to: Option<Micros>,
    /// Only causes about which this person decided something.
    pub by: Option<Text>,
}
