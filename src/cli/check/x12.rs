//! `check` of an X12 file: one thread reads it, all cores look into the sets, the findings come out in file order.

use super::Summary;
use super::output::{Output, Style, Told};
use crate::domain::Text;
use crate::domain::diagnostic::Diagnostic;
use crate::domain::rules::envelope::{FILE_TOO_MANY_SETS, SET_TRAILER_MISSING};
use crate::pipeline::check::{check_set, settle_envelope};
use crate::run::Source;
use crate::x12::envelope::{Event, Group, Interchange, Level, Limits, Reader, Set};
use crate::x12::excerpt::Context;
use crate::x12::lexer::Separators;
use anyhow::{Context as _, Result};
use rayon::prelude::*;
use std::io::Read;
use std::ops::Range;
use std::sync::Arc;

/// So many bytes, or so many sets and findings, are in work at once. Their findings in writing bound the memory: a set has
/// a limit of them.
const BATCH_BYTES: usize = 1 << 20;
const BATCH_ITEMS: usize = 128;
/// ISA, GS and ST stand in the first bytes of an interchange, or what is wrong with them does.
const HEAD: u64 = 4_096;

/// The file in batches: while one is looked into, the next is read.
pub(super) fn check(source: &Source, summary: &mut Summary, output: &mut Output<'_>) -> Result<()> {
    summary.kind = "x12";
    let reader = Reader::new(source.reader()?, &Limits::default());
    let mut feed = Feed { reader, source, place: Arc::default(), envelope: None, summary };
    let (mut ready, mut next) = (Batch::default(), Batch::default());
    let mut read = feed.fill(&mut ready);
    while !ready.items.is_empty() {
        let style = output.style();
        let (filled, told) = rayon::join(
            || if matches!(read, Ok(true)) { Some(feed.fill(&mut next)) } else { None },
            || ready.tell(style, source),
        );
        for told in told? {
            output.append(&told)?;
        }
        if let Some(filled) = filled {
            read = filled;
        }
        std::mem::swap(&mut ready, &mut next);
        next.clear();
    }
    read.map(|_| ()).context("read on")
}

/// What stands around a set.
#[derive(Debug, Default)]
struct Place {
    separators: Option<Separators>,
    wrapped: bool,
    /// GS08.
    version: Text,
    /// ISA13 and GS06.
    interchange: Text,
    group: Text,
}

#[derive(Debug)]
enum Item {
    /// Something wrong outside the sets.
    Finding { diagnostic: Diagnostic, separators: Option<Separators> },
    /// A set and where its bytes are in the batch.
    Set { set: Set, bytes: Range<usize>, place: Arc<Place> },
}

#[derive(Debug, Default)]
struct Batch {
    bytes: Vec<u8>,
    items: Vec<Item>,
}

impl Batch {
    fn clear(&mut self) {
        self.items.clear();
        self.bytes.clear();
        // One large set does not make all batches large.
        self.bytes.shrink_to(2 * BATCH_BYTES);
    }

    fn is_full(&self) -> bool {
        self.items.len() >= BATCH_ITEMS || self.bytes.len() >= BATCH_BYTES
    }

    /// The findings of each item; the order stays, whatever the number of threads.
    fn tell(&self, style: Style<'_>, source: &Source) -> Result<Vec<Told>> {
        self.items.par_iter().map(|item| self.tell_one(item, style, source)).collect()
    }

    fn tell_one(&self, item: &Item, style: Style<'_>, source: &Source) -> Result<Told> {
        let mut told = Told::default();
        match item {
            Item::Finding { diagnostic, separators } => {
                told.add_from(style, diagnostic, source, *separators)?;
            }
            Item::Set { set, bytes, place } => {
                let bytes = self.bytes.get(bytes.clone()).unwrap_or_default();
                let Some(separators) = place.separators else { return Ok(told) };
                let found = check_set(bytes, separators, &place.version, set, &Limits::default());
                for mut finding in found {
                    finding.at.interchange.clone_from(&place.interchange);
                    finding.at.group.clone_from(&place.group);
                    if place.wrapped || bytes.is_empty() {
                        // The bytes at hand are not those of the file.
                        told.add_from(style, &finding, source, Some(separators))?;
                    } else {
                        let context = Context::around(bytes, set.offset, finding.at.offset, Some(separators));
                        told.add(style, &finding, context)?;
                    }
                }
            }
        }
        Ok(told)
    }
}

/// The events of the file, counted and put into batches.
struct Feed<'a, R> {
    reader: Reader<R>,
    source: &'a Source,
    place: Arc<Place>,
    /// What is held back of the last interchange: what is wrong with its envelope may have one cause with what comes, such as
    /// the end of the file. Never more than one group and one set.
    envelope: Option<Held>,
    summary: &'a mut Summary,
}

/// An interchange with the group and the set that are not told yet.
struct Held {
    interchange: Interchange,
    /// The bytes of the set.
    bytes: Vec<u8>,
    place: Arc<Place>,
}

impl<R: Read> Feed<'_, R> {
    /// Fills a batch; false at the end of the file. What was read before an error stays in the batch.
    fn fill(&mut self, batch: &mut Batch) -> Result<bool> {
        while !batch.is_full() {
            let Some(event) = self.reader.next_event()? else {
                self.release(batch)?;
                return Ok(false);
            };
            match event {
                Event::Interchange(interchange) => {
                    self.summary.interchanges += 1;
                    self.place = Arc::new(Place {
                        separators: Some(interchange.separators),
                        wrapped: interchange.wrapped,
                        interchange: interchange.header.control.clone(),
                        ..Place::default()
                    });
                    self.release(batch)?;
                    let place = Arc::clone(&self.place);
                    self.envelope = Some(Held { interchange: *interchange, bytes: Vec::new(), place });
                }
                Event::Group(group) => {
                    self.summary.groups += 1;
                    self.release(batch)?;
                    let Place { separators, wrapped, interchange, .. } = &*self.place;
                    self.place = Arc::new(Place {
                        separators: *separators,
                        wrapped: *wrapped,
                        interchange: interchange.clone(),
                        version: group.version.clone(),
                        group: group.control.clone(),
                    });
                    if let Some(held) = &mut self.envelope {
                        held.place = Arc::clone(&self.place);
                        held.interchange.groups = vec![*group];
                    }
                }
                Event::Set { set, bytes } => {
                    let bytes = bytes.unwrap_or_default().to_vec();
                    self.set(set, bytes, batch)?;
                }
                Event::Finding { level, diagnostic } => self.finding(level, diagnostic, batch)?,
                Event::InterchangeEnd { length } => {
                    if let Some(held) = &mut self.envelope {
                        held.interchange.length = length;
                    }
                    self.release(batch)?;
                }
                Event::Ta1(_) | Event::GroupEnd { .. } => {}
            }
        }
        Ok(true)
    }

    /// The set before goes on its way, this one is held.
    fn set(&mut self, set: Set, bytes: Vec<u8>, batch: &mut Batch) -> Result<()> {
        *self.summary.sets.entry(set.id.clone()).or_default() += 1;
        self.summary.lines += u64::from(set.lines);
        if self.envelope.as_ref().is_some_and(|held| held.last_set().is_some()) {
            self.release(batch)?;
        }
        if let Some(held) = &mut self.envelope {
            held.bytes = bytes;
            if let Some(group) = held.interchange.groups.last_mut() {
                group.sets = vec![set];
            }
        }
        Ok(())
    }

    fn finding(&mut self, level: Level, diagnostic: Diagnostic, batch: &mut Batch) -> Result<()> {
        // The file is told of too many sets, and so not every interchange in it.
        if level == Level::Interchange && diagnostic.rule == &FILE_TOO_MANY_SETS {
            return Ok(());
        }
        match (level, &mut self.envelope) {
            (Level::Interchange, Some(held)) => held.interchange.diagnostics.push(diagnostic),
            (Level::Group, Some(held)) => match held.interchange.groups.last_mut() {
                Some(group) => group.diagnostics.push(diagnostic),
                None => held.interchange.diagnostics.push(diagnostic),
            },
            (Level::File, _) | (_, None) => {
                self.release(batch)?;
                let separators = self.place.separators;
                batch.items.push(Item::Finding { diagnostic, separators });
            }
        }
        if self.envelope.as_ref().is_some_and(Held::is_much) {
            self.release(batch)?;
        }
        Ok(())
    }

    /// Tells what is held back: what stands before the set, the set, and what stands behind it.
    fn release(&mut self, batch: &mut Batch) -> Result<()> {
        let Some(Held { interchange, bytes, place }) = &mut self.envelope else { return Ok(()) };
        let told = !interchange.diagnostics.is_empty()
            || interchange.groups.iter().any(|group| !group.diagnostics.is_empty());
        let incomplete = |set: &Set| set.diagnostics.iter().any(|found| found.rule == &SET_TRAILER_MISSING);
        let broken = interchange.groups.iter().flat_map(|group| &group.sets).any(incomplete);
        if told || broken {
            let length = (self.source.length - interchange.offset).min(HEAD);
            let head = self.source.read(interchange.offset, length)?;
            settle_envelope(interchange, &head);
        }
        let mut findings = std::mem::take(&mut interchange.diagnostics);
        let mut set = None;
        for group in &mut interchange.groups {
            findings.append(&mut group.diagnostics);
            set = group.sets.pop().or(set);
        }
        findings.sort_by_key(|finding| finding.at.offset);
        let at = set.as_ref().map_or(u64::MAX, |set| set.offset);
        let behind = findings.split_off(findings.partition_point(|finding| finding.at.offset < at));
        let separators = Some(interchange.separators);
        let item = |diagnostic| Item::Finding { diagnostic, separators };
        batch.items.extend(findings.into_iter().map(item));
        if let Some(set) = set {
            let start = batch.bytes.len();
            batch.bytes.append(bytes);
            let bytes = start..batch.bytes.len();
            batch.items.push(Item::Set { set, bytes, place: Arc::clone(place) });
        }
        batch.items.extend(behind.into_iter().map(item));
        Ok(())
    }
}

impl Held {
    fn last_set(&self) -> Option<&Set> {
        self.interchange.groups.last().and_then(|group| group.sets.last())
    }

    /// Whether a stranger's findings are not to be held any longer.
    fn is_much(&self) -> bool {
        let of_group = |group: &Group| group.diagnostics.len();
        self.interchange.diagnostics.len() + self.interchange.groups.iter().map(of_group).sum::<usize>()
            > BATCH_ITEMS
    }
}
