//! What became of a document that we sent, as far as its receiver has said.

use crate::domain::Text;
use serde::{Deserialize, Serialize};

/// The state of one transaction set that went out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SentState {
    /// Nothing came back for it.
    #[default]
    Sent,
    /// AK501 or AK901 `A`.
    Accepted,
    /// AK501 or AK901 `E`.
    AcceptedWithErrors,
    /// AK901 `P` of an answer that does not say which sets of the group were refused.
    PartiallyAccepted,
    /// AK501 or AK901 `R`, `M`, `W` or `X`; TA104 `R`.
    Rejected,
}

impl SentState {
    pub const ALL: [Self; 5] =
        [Self::Sent, Self::Accepted, Self::AcceptedWithErrors, Self::PartiallyAccepted, Self::Rejected];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Accepted => "accepted",
            Self::AcceptedWithErrors => "accepted_with_errors",
            Self::PartiallyAccepted => "partially_accepted",
            Self::Rejected => "rejected",
        }
    }

    /// One letter, as the store keeps it: `S`, and the codes of AK901.
    pub fn letter(self) -> char {
        match self {
            Self::Sent => 'S',
            Self::Accepted => 'A',
            Self::AcceptedWithErrors => 'E',
            Self::PartiallyAccepted => 'P',
            Self::Rejected => 'R',
        }
    }

    pub fn from_letter(letter: char) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.letter() == letter)
    }

    /// What a verdict of an acknowledgment says: AK501, IK501, AK901. None for a code that is none.
    pub fn of_verdict(code: &str) -> Option<Self> {
        match code {
            "A" => Some(Self::Accepted),
            "E" => Some(Self::AcceptedWithErrors),
            "P" => Some(Self::PartiallyAccepted),
            // R; the message authentication failed; the assurance failed; nothing could be made of it when it was decrypted
            "R" | "M" | "W" | "X" => Some(Self::Rejected),
            _ => None,
        }
    }

    /// Of several documents as one: rejected if all are, partially accepted if some are or may be, sent while one is not
    /// answered, else the worst. None of none.
    pub fn of_all(states: impl IntoIterator<Item = Self>) -> Option<Self> {
        let (mut count, mut rejected, mut worst, mut waits) = (0_usize, 0_usize, Self::Sent, false);
        for state in states {
            count += 1;
            rejected += usize::from(state == Self::Rejected);
            waits |= state == Self::Sent;
            worst = worst.max(state);
        }
        match (count, rejected) {
            (0, _) => None,
            (count, rejected) if rejected == count => Some(Self::Rejected),
            (_, 1..) => Some(Self::PartiallyAccepted),
            _ if waits => Some(Self::Sent),
            _ => Some(worst),
        }
    }
}

/// A document that we sent, by the numbers that a person knows it by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentDocument {
    /// BIG02 of an 810, BAK03 of an 855, AK102 of a 997.
    pub number: Text,
    /// BIG04, BAK03; empty where there is none.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub po_number: Text,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_a_letter_of_its_own_that_is_read_back() {
        for state in SentState::ALL {
            assert_eq!(SentState::from_letter(state.letter()), Some(state));
        }
        assert_eq!(SentState::from_letter('M'), None);
    }

    #[test]
    fn a_verdict_is_a_state_or_nothing() {
        use SentState::{Accepted, AcceptedWithErrors, PartiallyAccepted, Rejected};
        for (code, state) in [
            ("A", Some(Accepted)),
            ("E", Some(AcceptedWithErrors)),
            ("P", Some(PartiallyAccepted)),
            ("R", Some(Rejected)),
            ("M", Some(Rejected)),
            ("W", Some(Rejected)),
            ("X", Some(Rejected)),
            ("a", None),
            ("S", None),
            ("", None),
        ] {
            assert_eq!(SentState::of_verdict(code), state, "{code:?}");
        }
    }

    #[test]
    fn several_documents_are_in_one_state() {
        use SentState::{Accepted, AcceptedWithErrors, PartiallyAccepted, Rejected, Sent};
        for (states, expected) in [
            (&[][..], None),
            (&[Sent], Some(Sent)),
            (&[Accepted, Sent], Some(Sent)),
            (&[Accepted, AcceptedWithErrors], Some(AcceptedWithErrors)),
            (&[Accepted, PartiallyAccepted], Some(PartiallyAccepted)),
            (&[Accepted, Rejected], Some(PartiallyAccepted)),
            (&[Sent, Rejected], Some(PartiallyAccepted)),
            (&[Rejected, Rejected], Some(Rejected)),
        ] {
            assert_eq!(SentState::of_all(states.iter().copied()), expected, "{states:?}");
        }
    }
}
