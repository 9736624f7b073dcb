//! `check` of an X12 file: one thread reads it, all cores look into the sets, the findings come out in file order.

use super::Summary;
use super::output::{Output, Style, Told};
use crate::domain::Text;
use crate::domain::diagnostic::Diagnostic;
use crate::domain::rules::envelope::FILE_TOO_MANY_SETS;
use crate::pipeline::check::check_set;
use crate::run::Source;
use crate::x12::envelope::{Event, Level, Limits, Reader, Set};
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

/// The file in batches: while one is looked into, the next is read.
pub(super) fn check(source: &Source, summary: &mut Summary, output: &mut Output<'_>) -> Result<()> {
    summary.kind = "x12";
    let mut feed = Feed {
        reader: Reader::new(source.reader()?, &Limits::default()),
        place: Arc::default(),
        separators: None,
        summary,
    };
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
    place: Arc<Place>,
    /// Those of the last interchange.
    separators: Option<Separators>,
    summary: &'a mut Summary,
}

impl<R: Read> Feed<'_, R> {
    /// Fills a batch; false at the end of the file. What was read before an error stays in the batch.
    fn fill(&mut self, batch: &mut Batch) -> Result<bool> {
        while !batch.is_full() {
            let Some(event) = self.reader.next_event()? else { return Ok(false) };
            let separators = self.separators;
            let findings = match event {
                Event::Interchange(interchange) => {
                    self.summary.interchanges += 1;
                    self.separators = Some(interchange.separators);
                    self.place = Arc::new(Place {
                        separators: self.separators,
                        wrapped: interchange.wrapped,
                        interchange: interchange.header.control,
                        ..Place::default()
                    });
                    interchange.diagnostics
                }
                Event::Group(group) => {
                    self.summary.groups += 1;
                    let Place { separators, wrapped, interchange, .. } = &*self.place;
                    self.place = Arc::new(Place {
                        separators: *separators,
                        wrapped: *wrapped,
                        interchange: interchange.clone(),
                        version: group.version,
                        group: group.control,
                    });
                    group.diagnostics
                }
                Event::Set { set, bytes } => {
                    *self.summary.sets.entry(set.id.clone()).or_default() += 1;
                    self.summary.lines += u64::from(set.lines);
                    let start = batch.bytes.len();
                    batch.bytes.extend_from_slice(bytes.unwrap_or_default());
                    let bytes = start..batch.bytes.len();
                    batch.items.push(Item::Set { set, bytes, place: Arc::clone(&self.place) });
                    continue;
                }
                // The file is told of it, and so not every interchange in it.
                Event::Finding { level: Level::Interchange, diagnostic }
                    if diagnostic.rule == &FILE_TOO_MANY_SETS =>
                {
                    continue;
                }
                Event::Finding { diagnostic, .. } => vec![diagnostic],
                Event::Ta1(_) | Event::GroupEnd { .. } | Event::InterchangeEnd { .. } => continue,
            };
            let separators = self.separators.or(separators);
            batch
                .items
                .extend(findings.into_iter().map(|diagnostic| Item::Finding { diagnostic, separators }));
        }
        Ok(true)
    }
}
