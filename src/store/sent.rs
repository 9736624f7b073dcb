//! What went to partners and what they say of it, as the store keeps it.

use crate::domain::sent::{SentDocument, SentState};
use crate::domain::{Date, Text};
use crate::store::Micros;

/// One outbound interchange: one file of the outbox.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SentRow {
    /// Given by the store.
    pub sent_id: i64,
    pub run_id: Text,
    pub unit: u32,
    /// `997`, `855`, `810`, `ta1`.
    pub kind: Text,
    pub partner: Text,
    /// ISA13, nine digits.
    pub control: Text,
    /// ISA05/ISA06 and ISA07/ISA08 as `qualifier/id`, trimmed; empty for what was sent before the store knew them.
    pub sender: Text,
    pub receiver: Text,
    /// ISA09 and ISA10.
    pub date: Date,
    pub time: Text,
    /// ISA15.
    pub usage: Text,
    /// Its place in the outbox, relative to the site.
    pub path: Text,
    /// Where its bytes are kept for a resend, relative to the site; empty: nowhere but at `path`.
    pub kept: Text,
    /// SHA-256 of its bytes.
    pub digest: Text,
    /// TA104 of the TA1 that came back, and TA105; empty: none did.
    pub ta1: Text,
    pub ta1_note: Text,
    /// How often it was sent again, and when last: the date, and the time as `HHMM`.
    pub resends: u32,
    pub resent: Option<(Date, Text)>,
    pub groups: Vec<SentGroup>,
}

impl SentRow {
    /// What is known of all its documents; `Sent` of an interchange without any.
    pub fn state(&self) -> SentState {
        let states = self.groups.iter().flat_map(|group| group.states.iter().copied());
        match SentState::of_all(states) {
            Some(state) => state,
            None if self.ta1 == "R" => SentState::Rejected,
            None => SentState::Sent,
        }
    }

    /// Whether a document of it is not answered.
    pub fn waits(&self) -> bool {
        self.groups.iter().any(|group| group.states.contains(&SentState::Sent))
    }

    /// How many documents it has.
    pub fn documents(&self) -> usize {
        self.groups.iter().map(|group| group.documents.len()).sum()
    }

    /// The day, and the time as `HHMM`, since when an answer is waited for.
    pub fn last_sent(&self) -> (Date, &str) {
        self.resent.as_ref().map_or((self.date, self.time.as_str()), |(date, time)| (*date, time.as_str()))
    }
}

/// One functional group of an outbound interchange.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SentGroup {
    /// GS01.
    pub functional_id: Text,
    /// GS06.
    pub control: u32,
    /// GS03.
    pub application_receiver: Text,
    /// ST01 of its sets.
    pub set_id: Text,
    /// In the order of ST02, which counts from 0001.
    pub documents: Vec<SentDocument>,
    /// One a document.
    pub states: Vec<SentState>,
    /// The reasons that were given for a document, by its place.
    pub notes: Vec<(usize, Vec<Text>)>,
}

/// Which outbound interchanges are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SentFilter {
    /// Empty: any.
    pub partner: Text,
    /// Of this run; empty: of any.
    pub run_id: Text,
    /// ISA09 on this day or later.
    pub since: Option<Date>,
    /// None: whatever they are.
    pub only: Option<SentOnly>,
}

/// To whom something was sent: a number is given to each partner once, so that many have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SentTo<'t> {
    Anybody,
    /// ISA07/ISA08 as `qualifier/id`, or a partner.
    Either {
        receiver: &'t str,
        partner: &'t str,
    },
}

/// A state for which the store can look without reading everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SentOnly {
    /// A document of it is not answered.
    Waiting,
    /// A document of it is rejected.
    Rejected,
}

/// An acknowledgment that was matched: the same one again changes nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AcknowledgmentRow {
    /// Who sent it, its ISA13, ISA09, ISA10, GS06 and ST02, and what it answers: one text that no other has.
    pub key: Text,
    pub sent_id: i64,
    pub run_id: Text,
    /// The input's name.
    pub file: Text,
    /// AK901 or TA104.
    pub verdict: Text,
}

/// A document that was sent again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResendRow {
    pub sent_id: i64,
    /// The day, and the time as `HHMM`, from which an answer is waited for anew.
    pub date: Date,
    pub time: Text,
    pub decided_by: Text,
    pub reason: Text,
    pub recorded: Micros,
}
