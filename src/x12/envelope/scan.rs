//! The events of a file folded into its index.

use super::read::{Event, Level, Reader};
use super::{FileIndex, Interchange, Limits};
use std::io::{Read, Result};

/// Reads a file once and tells what stands in it, set by set: a few words a set. The index is the same however the reader
/// cuts its pieces. An error is the reader's own.
pub fn scan(input: impl Read, limits: &Limits) -> Result<FileIndex> {
    fold(input, limits, Kept::Sets)
}

/// The same in memory that does not depend on the file's size: of the sets no more than how many lines they have, of the
/// groups the first of each interchange and those that something was found about. Who wants the sets reads the file again:
/// a [`Reader`] under the same limits gives the same events.
pub fn outline(input: impl Read, limits: &Limits) -> Result<FileIndex> {
    fold(input, limits, Kept::Outline)
}

/// How much of a file stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kept {
    Sets,
    Outline,
}

fn fold(input: impl Read, limits: &Limits, kept: Kept) -> Result<FileIndex> {
    let mut reader = Reader::new(input, limits).without_bytes();
    let mut index = FileIndex::default();
    while let Some(event) = reader.next_event()? {
        index.take(event, kept);
    }
    index.length = reader.position();
    Ok(index)
}

impl FileIndex {
    /// What an event is about is always the last that was opened.
    fn take(&mut self, event: Event<'_>, kept: Kept) {
        match event {
            Event::Interchange(interchange) => return self.interchanges.push(*interchange),
            Event::Finding { level: Level::File, diagnostic } => return self.diagnostics.push(diagnostic),
            _ => {}
        }
        let Some(interchange) = self.interchanges.last_mut() else { return };
        match event {
            Event::Interchange(_) | Event::Finding { level: Level::File, .. } => {}
            Event::Ta1(ta1) => interchange.ta1.push(*ta1),
            Event::InterchangeEnd { length } => interchange.length = length,
            Event::Finding { level: Level::Interchange, diagnostic } => {
                interchange.diagnostics.push(diagnostic);
            }
            Event::Group(group) => interchange.groups.push(*group),
            Event::Set { .. } | Event::GroupEnd { .. } | Event::Finding { level: Level::Group, .. } => {
                interchange.take_of_group(event, kept);
            }
        }
    }
}

impl Interchange {
    fn take_of_group(&mut self, event: Event<'_>, kept: Kept) {
        let first = self.groups.len() == 1;
        let Some(group) = self.groups.last_mut() else { return };
        match event {
            Event::Set { set, .. } => {
                self.lines += u64::from(set.lines);
                if kept == Kept::Sets {
                    group.sets.push(set);
                }
            }
            Event::GroupEnd { stated_sets } => {
                group.stated_sets = stated_sets;
                if kept == Kept::Outline && !first && group.diagnostics.is_empty() {
                    self.groups.pop();
                }
            }
            Event::Finding { diagnostic, .. } => group.diagnostics.push(diagnostic),
            _ => {}
        }
    }
}
