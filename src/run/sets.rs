//! The second reading of an X12 file: its sets one by one, between the groups and interchanges that the look found.

use crate::domain::Text;
use crate::domain::partner::PartnerProfile;
use crate::run::input::{Input, Plan};
use crate::run::source::Source;
use crate::x12::envelope::{self, Event, FileIndex, Group, Limits, Reader, Set};
use anyhow::{Context as _, Result, bail};
use std::io::Read;

/// What stands next.
#[derive(Debug)]
pub(crate) enum Found {
    /// GS, with all that the look found about its group, GE included.
    Group(Box<Group>),
    Set(Place),
    /// GE with GE01, or where the group breaks off.
    GroupEnd {
        stated_sets: Option<u32>,
    },
    InterchangeEnd,
}

/// A set and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// In the file's index.
    pub interchange: usize,
    /// GS08 of its group.
    pub version: Text,
    /// Its findings are as severe as its partner's strictness makes them.
    pub set: Set,
}

/// The sets of a file, in file order. The look keeps none of them, because a file has as many as its sender likes: they are
/// found again, by the same reader under the same limits.
pub(crate) struct Sets<'s> {
    reader: Reader<Box<dyn Read + Send + 's>>,
    source: &'s Source,
    index: &'s FileIndex,
    plans: &'s [Plan],
    profiles: &'s [PartnerProfile],
    /// Whether those of interchanges that go to quarantine are wanted, too.
    refused_too: bool,
    /// Interchanges that were begun.
    begun: usize,
    /// GS08 of the open group.
    version: Text,
}

impl<'s> Sets<'s> {
    /// Those of the interchanges that are processed.
    pub(crate) fn of(
        input: &'s Input,
        (index, plans): (&'s FileIndex, &'s [Plan]),
        profiles: &'s [PartnerProfile],
        limits: &Limits,
    ) -> Result<Self> {
        let source = &input.source;
        let reader = Reader::new(source.reader()?, limits).without_bytes();
        let (refused_too, begun, version) = (false, 0, Text::default());
        Ok(Self { reader, source, index, plans, profiles, refused_too, begun, version })
    }

    /// Those of all interchanges.
    pub(crate) fn with_refused(mut self) -> Self {
        self.refused_too = true;
        self
    }

    /// The next; None at the end of the file.
    pub(crate) fn next(&mut self) -> Result<Option<Found>> {
        loop {
            let Some(event) = self.reader.next_event().with_context(|| self.source.reading())? else {
                return Ok(None);
            };
            if let Event::Interchange(interchange) = &event {
                let known = self.index.interchanges.get(self.begun);
                if known.is_none_or(|known| known.offset != interchange.offset) {
                    bail!("{}: it is not as it was when it was looked through", self.source.reading());
                }
                self.begun += 1;
                continue;
            }
            let Some(interchange) = self.begun.checked_sub(1) else { continue };
            let strictness = match self.plans.get(interchange) {
                Some(Plan::Process { profile, .. }) => {
                    self.profiles.get(*profile).map(|profile| profile.x12.strictness)
                }
                Some(Plan::Refuse { .. }) if self.refused_too => None,
                _ => continue,
            };
            match event {
                Event::Group(group) => {
                    self.version.clone_from(&group.version);
                    let known = known(self.index, interchange, &group).cloned().map(Box::new);
                    return Ok(Some(Found::Group(known.unwrap_or(group))));
                }
                Event::Set { mut set, .. } => {
                    if let Some(strictness) = strictness {
                        envelope::relax_findings(&mut set.diagnostics, strictness);
                    }
                    let version = self.version.clone();
                    return Ok(Some(Found::Set(Place { interchange, version, set })));
                }
                Event::GroupEnd { stated_sets } => return Ok(Some(Found::GroupEnd { stated_sets })),
                Event::InterchangeEnd { .. } => return Ok(Some(Found::InterchangeEnd)),
                Event::Interchange(_) | Event::Ta1(_) | Event::Finding { .. } => {}
            }
        }
    }
}

/// The group as the look kept it: it keeps the first of each interchange, and those that something was found about.
fn known<'i>(index: &'i FileIndex, interchange: usize, group: &Group) -> Option<&'i Group> {
    let groups = &index.interchanges.get(interchange)?.groups;
    groups.get(groups.binary_search_by_key(&group.offset, |known| known.offset).ok()?)
}

#[cfg(test)]
pub(super) mod tests;
