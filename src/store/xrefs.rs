//! Changes of the cross-reference that are made here, by imports and decisions, and its rows with their two clocks.
//!
//! A row is identified by its key: scope (customer or group, ship-to), number, qualifier, unit, item and first valid day.
//! Rows of several sources may stand under one key; those of the strongest count: [`XrefSource::Decision`], then
//! [`XrefSource::Import`], then [`XrefSource::Masters`]. So a decision is never undone by the next export of the ERP, and
//! the masters never by a decision: the row that it covers is still there, and counts again when the decision ends.

use super::{Micros, Transaction};
use crate::domain::item::{Item, Xref};
use crate::domain::{Date, Text};
use anyhow::Result;

/// Where a row came from; the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum XrefSource {
    /// A person, through the worklist or a suggestion.
    Decision,
    /// `xref import`.
    Import,
    /// `masters/item_xref.csv`, exported by the ERP.
    Masters,
}

impl XrefSource {
    pub const ALL: [Self; 3] = [Self::Decision, Self::Import, Self::Masters];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Decision => "decision",
            Self::Import => "import",
            Self::Masters => "masters",
        }
    }
}

/// Who changes the cross-reference, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct XrefSignature {
    /// [`XrefSource::Import`] or [`XrefSource::Decision`]; the masters are synced and never signed.
    pub source: XrefSource,
    /// The person's name.
    pub decided_by: Text,
    pub reason: Text,
    /// The file or the command that brought it.
    pub origin: Text,
    pub now: Micros,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum XrefChange {
    /// The row with this key shall have these values. `xref_id` is the store's to give.
    Put(Xref),
    /// No row with this key shall hold any more; of the row only the key is looked at.
    End(Xref),
}

/// What became of one change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum XrefEffect {
    Added,
    Changed,
    Ended,
    /// It was so already.
    Unchanged,
    /// A row of a stronger source has other values: nothing was written.
    Outranked,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct XrefCounts {
    pub added: u64,
    pub changed: u64,
    pub ended: u64,
    pub unchanged: u64,
    pub outranked: u64,
}

impl XrefCounts {
    pub fn count(&mut self, effect: XrefEffect) {
        *match effect {
            XrefEffect::Added => &mut self.added,
            XrefEffect::Changed => &mut self.changed,
            XrefEffect::Ended => &mut self.ended,
            XrefEffect::Unchanged => &mut self.unchanged,
            XrefEffect::Outranked => &mut self.outranked,
        } += 1;
    }
}

/// Changes under way, all of one instant and one signature: see [`Transaction::begin_xref_change`].
#[derive(Debug)]
pub struct XrefChangeSet {
    pub(super) by: XrefSignature,
    pub(super) at: Micros,
    pub(super) counts: XrefCounts,
    pub(super) numbers: NewNumbers,
    pub(super) texts: NewTexts,
    /// The first number of a row that was free when the first row was added.
    pub(super) free_id: Option<i64>,
}

impl XrefChangeSet {
    /// The instant at which the changes are recorded: not before the signature's `now`, after every earlier change.
    pub fn at(&self) -> Micros {
        self.at
    }

    pub fn counts(&self) -> XrefCounts {
        self.counts
    }
}

/// Numbers that lookups must come to know: each by name while they are few.
#[derive(Debug, Default)]
pub(super) struct NewNumbers {
    /// Customer, customer item number, item.
    pub(in crate::store) few: Vec<[Text; 3]>,
    pub(in crate::store) many: bool,
}

impl NewNumbers {
    const FEW: usize = 20_000;

    pub(super) fn add(&mut self, number: impl FnOnce() -> [Text; 3]) {
        if self.few.len() < Self::FEW {
            self.few.push(number());
        } else {
            self.many = true;
        }
    }
}

/// Descriptions that lookups must come to know: each by itself while they are few.
#[derive(Debug, Default)]
pub(super) struct NewTexts {
    /// Customer, number, description.
    pub(in crate::store) few: Vec<[Text; 3]>,
    pub(in crate::store) many: bool,
}

impl NewTexts {
    pub(super) fn add(&mut self, text: impl FnOnce() -> [Text; 3]) {
        if self.few.len() < NewNumbers::FEW {
            self.few.push(text());
        } else {
            self.many = true;
        }
    }
}

/// One version of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct XrefVersion {
    pub xref: Xref,
    pub source: XrefSource,
    pub recorded_from: Micros,
    /// None: it still stands.
    pub recorded_to: Option<Micros>,
    /// Empty for the masters.
    pub decided_by: Text,
    pub reason: Text,
    /// Who ended it and why; empty where it stands, or where the masters ended it.
    pub ended_by: Text,
    pub end_reason: Text,
}

/// Of rows in the order of their keys, the strongest source first, those that no stronger one covers.
pub fn counting(rows: &[XrefVersion]) -> impl Iterator<Item = &XrefVersion> {
    rows.iter()
        .filter(|row| !rows.iter().any(|other| other.source < row.source && other.xref.same_key(&row.xref)))
}

/// Whose history is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum XrefHistoryOf<'a> {
    /// A customer item number, exactly as written.
    Number(&'a str),
    /// An item of ours.
    Item(&'a str),
}

/// What a person looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct XrefQuery<'a> {
    pub text: &'a str,
    pub by: XrefLookup,
    /// The values of the column `customer` that count: a customer, its group, `*`; empty: all.
    pub customers: &'a [Text],
    /// Rows of other ship-tos are left out; None: all stay.
    pub ship_to: Option<&'a str>,
    /// The instant whose rows are shown; None: the current ones.
    pub as_of: Option<Micros>,
    pub limit: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum XrefLookup {
    /// Numbers, theirs and ours, that are the text in some writing: case, hyphens, leading zeros aside.
    Exact,
    /// Numbers that begin with it.
    Prefix,
    /// Descriptions, theirs and ours, that have all its words.
    Description,
}

/// What was found, in the order of how well it fits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct XrefFound {
    pub rows: Vec<XrefHit>,
    /// Whether there is more than the limit.
    pub more: bool,
}

/// A row that fits, with the item it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct XrefHit {
    /// None: an item of ours for which no customer has a number.
    pub row: Option<XrefVersion>,
    /// None: a row that names an item that is not in the masters.
    pub item: Option<Item>,
}

/// Makes `changes` in one change set and says what became of each. All of it is recorded at one instant, under one signature;
/// it counts when the transaction is committed.
///
/// This is the way for decisions of a person, signed with name and reason (the worklist, a suggestion that was taken):
/// `XrefSignature { source: XrefSource::Decision, .. }`.
pub fn change_xrefs(
    work: &mut dyn Transaction,
    by: &XrefSignature,
    changes: &[XrefChange],
) -> Result<Vec<XrefEffect>> {
    let mut set = work.begin_xref_change(by)?;
    let mut effects = Vec::with_capacity(changes.len());
    for change in changes {
        effects.push(work.change_xref(&mut set, change)?);
    }
    work.end_xref_change(set)?;
    Ok(effects)
}

/// The day so many days earlier, or the first of all days.
pub fn days_before(date: Date, days: u32) -> Date {
    let span = jiff::Span::new().try_days(i64::from(days));
    span.and_then(|span| date.checked_sub(span)).unwrap_or(Date::MIN)
}
