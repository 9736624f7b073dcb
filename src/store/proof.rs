//! What proves a store again, and what retention took away: plain values.

use crate::domain::{Date, Text};
use crate::store::{OutputRow, RunRow};

/// A row of the store that is not as it was committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFinding {
    /// The table.
    pub table: Text,
    /// What names the row; empty where a whole table is meant.
    pub row: Text,
    pub trouble: RowTrouble,
}

/// What is the matter with a row, or with the rows of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowTrouble {
    /// Its values are not those that were committed.
    Altered,
    /// It was recorded, and is not there any more.
    Lost,
    /// No run and no command of ours wrote it.
    Unsealed,
    /// The table has another number of rows of the run than were committed.
    Count { committed: u64, found: u64 },
}

/// An output as the store lists it, and whether it has reached its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedOutput {
    pub output: OutputRow,
    pub published: bool,
}

/// Which files retention may take away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileKind {
    /// Inputs in `archive/`.
    Archive,
    /// Files of `facts/`.
    Facts,
    /// Copies in `state/sent/`.
    Sent,
    /// `reports/run-<id>.json`.
    Reports,
    /// Files of `quarantine/`.
    Quarantine,
}

impl FileKind {
    pub const ALL: [Self; 5] = [Self::Archive, Self::Facts, Self::Sent, Self::Reports, Self::Quarantine];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Archive => "archive",
            Self::Facts => "facts",
            Self::Sent => "sent",
            Self::Reports => "reports",
            Self::Quarantine => "quarantine",
        }
    }
}

/// A file of a run that nothing in the store needs any more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OldFile {
    /// Relative to the site.
    pub path: Text,
    pub run_id: Text,
    pub partner: Text,
    /// Of a sent interchange its type: `997`, `855`, `810`, `ta1`.
    pub kind: Text,
    /// Of a sent interchange, whether a document of it is not answered.
    pub unanswered: bool,
}

/// Everything that is known of one run, for a proof.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunName {
    pub run_id: Text,
    pub date: Date,
    pub ended: bool,
}

impl From<&RunRow> for RunName {
    fn from(run: &RunRow) -> Self {
        Self { run_id: run.run_id.clone(), date: run.date, ended: run.ended.is_some() }
    }
}
