//! Decisions about changes of orders that wait: kept beside the change, for the next release to act on.

use crate::cli::worklist::judge::Decided;
use crate::store::changes::ChangeDecision;
use crate::store::{ExceptionRow, Micros, Transaction};
use anyhow::{Context as _, Result};

/// The kinds of exception that are a change, by the beginning of their causes.
pub(super) const KINDS: [&str; 2] = ["order_change", "duplicate_order"];

/// What a person can say of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    /// The order becomes what the change asks for.
    Apply,
    Reject,
    /// A person has applied it in the ERP.
    Done,
}

impl Word {
    pub(super) fn of(word: &str) -> Option<Self> {
        [Self::Apply, Self::Reject, Self::Done].into_iter().find(|known| known.as_str() == word)
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Apply => "apply",
            Self::Reject => "reject",
            Self::Done => "done",
        }
    }
}

/// What is wrong with a decision about a change; nothing for one that stands already, also after it was acted on.
pub(super) fn problem(
    work: &mut dyn Transaction,
    cause: &str,
    said: Word,
    open: &[ExceptionRow],
) -> Result<Option<String>> {
    if work.held_change(cause)?.is_some() {
        return Ok((said == Word::Apply).then(|| stands_against(cause, open)).flatten());
    }
    if let Some(settled) = work.settled_change(cause)? {
        let last = work.change_decision(settled)?;
        if last.is_some_and(|last| last.decision == said.as_str()) {
            return Ok(None);
        }
    }
    Ok(Some(
        "no change waits under the cause: it was applied, refused, or came before changes were kept"
            .to_owned(),
    ))
}

/// What of the open exception no word of a person lets go.
fn stands_against(cause: &str, open: &[ExceptionRow]) -> Option<String> {
    let row = open.iter().find(|row| row.cause == cause)?;
    let detail: serde_json::Value = serde_json::from_str(&row.detail).ok()?;
    let never = detail["cannot_be_applied"].as_array()?;
    let named: Vec<&str> = never.iter().filter_map(|code| code.as_str()).collect();
    (!named.is_empty()).then(|| {
        format!(
            "it cannot be applied here ({}): reject it, or apply it in the ERP and decide done",
            named.join(", ")
        )
    })
}

/// Keeps the decision; false where it stands already.
pub(super) fn decide(work: &mut dyn Transaction, decided: &Decided, said: Word, now: Micros) -> Result<bool> {
    let Some(held) = work.held_change(&decided.cause)? else { return Ok(false) };
    let last = work.change_decision(held.change_id)?;
    if last.is_some_and(|last| last.decision == said.as_str()) {
        return Ok(false);
    }
    let row = ChangeDecision {
        change_id: held.change_id,
        decision: said.as_str().into(),
        decided_by: decided.by.clone(),
        reason: decided.reason.clone(),
        recorded: now,
    };
    work.add_change_decision(&row).context("keep a decision of the worklist")?;
    Ok(true)
}
