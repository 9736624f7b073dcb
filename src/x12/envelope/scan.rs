//! The events of a file folded into its index.

use super::read::{Event, Level, Reader};
use super::{FileIndex, Limits};
use std::io::{Read, Result};

/// Reads a file once, in memory that does not depend on its size but for a few words a set, and tells what stands in it.
/// The index is the same however the reader cuts its pieces. An error is the reader's own.
pub fn scan(input: impl Read, limits: &Limits) -> Result<FileIndex> {
    let mut reader = Reader::new(input, limits).without_bytes();
    let mut index = FileIndex::default();
    while let Some(event) = reader.next_event()? {
        index.take(event);
    }
    index.length = reader.position();
    Ok(index)
}

impl FileIndex {
    /// What an event is about is always the last that was opened.
    fn take(&mut self, event: Event<'_>) {
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
                let Some(group) = interchange.groups.last_mut() else { return };
                match event {
                    Event::Set { set, .. } => group.sets.push(set),
                    Event::GroupEnd { stated_sets } => group.stated_sets = stated_sets,
                    Event::Finding { diagnostic, .. } => group.diagnostics.push(diagnostic),
                    _ => {}
                }
            }
        }
    }
}
