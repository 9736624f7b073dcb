//! Held orders read again from the archive, by the same look and the same pipeline as when they came.

use crate::domain::diagnostic::{Diagnostic, Location, Severity};
use crate::domain::rules::business;
use crate::pipeline::process::Body;
use crate::pipeline::release::{Released, release};
use crate::run::input::{Content, Input, Plan, Surroundings, is_test};
use crate::run::sets::{Found, Sets};
use crate::run::stream::{Judge, Work, process};
use crate::site::folders::ClaimedFile;
use crate::store::{HeldOrder, OrderRow, Transaction, lines};
use crate::x12::envelope::FileIndex;
use crate::x12::writer::OutboundEnvelope;
use anyhow::{Context as _, Result};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// So many bytes of orders are in work at once.
const CHUNK_BYTES: u64 = 2 << 20;

/// An archived input with orders that wait, in the order in which they came.
#[derive(Debug, Clone, Copy)]
pub(super) struct HeldFile<'h> {
    orders: &'h [HeldOrder],
}

impl<'h> HeldFile<'h> {
    /// `orders` are of one input; at least one.
    pub(super) fn new(orders: &'h [HeldOrder]) -> Self {
        Self { orders }
    }

    fn bytes(&self) -> u64 {
        self.orders.first().map_or(0, |order| order.bytes)
    }
}

/// How much more a unit takes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    pub files: usize,
    pub bytes: u64,
}

/// Files that were looked through together.
#[derive(Debug)]
pub(super) struct Batch<'h> {
    files: Vec<Looked<'h>>,
    tasks: Vec<Task<'h>>,
}

#[derive(Debug)]
struct Looked<'h> {
    file: HeldFile<'h>,
    /// What stands in it, and where the orders that wait are; or why nothing of it can be taken up.
    found: Result<(Input, BTreeMap<u64, Place>), Box<Diagnostic>>,
}

/// Where an order stands in its input.
#[derive(Debug, Clone)]
struct Place {
    work: Work,
    profile: usize,
    /// In the file; 0 in CSV.
    interchange: usize,
    /// Why nothing at this place makes an order any more.
    refused: Option<&'static str>,
}

/// One order to judge.
#[derive(Debug, Clone, Copy)]
pub(super) struct Task<'h> {
    /// In the batch.
    pub file: usize,
    pub order: &'h HeldOrder,
}

/// What a second look at an order came to.
#[derive(Debug)]
pub(super) enum Judged {
    /// It waits as it did.
    Same,
    Changed(Box<Released>),
    /// Its bytes could not be taken up.
    Lost(Box<Diagnostic>),
}

/// To whom an order is answered, and with which others together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sender<'b> {
    pub profile: usize,
    pub interchange: usize,
    pub outbound: &'b OutboundEnvelope,
}

impl<'h> Batch<'h> {
    /// As many of the first files as there is room for, and one at least.
    pub(super) fn look(files: &[HeldFile<'h>], room: Room, site: Surroundings<'_>) -> Self {
        let mut bytes = 0u64;
        let fits = |file: &&HeldFile<'h>| {
            bytes = bytes.saturating_add(file.bytes());
            bytes <= room.bytes
        };
        let count = files.iter().take(room.files).take_while(fits).count().max(1).min(files.len());
        let files = files.get(..count).unwrap_or_default();
        let files: Vec<Looked<'h>> =
            files.par_iter().map(|file| Looked { file: *file, found: look(file, site) }).collect();
        let tasks = files
            .iter()
            .enumerate()
            .flat_map(|(index, looked)| {
                looked.file.orders.iter().map(move |order| Task { file: index, order })
            })
            .collect();
        Self { files, tasks }
    }

    pub(super) fn len(&self) -> usize {
        self.files.len()
    }

    pub(super) fn bytes(&self, file: usize) -> u64 {
        self.files.get(file).map_or(0, |looked| looked.file.bytes())
    }

    /// The orders in their order, so many at a time that memory stays bounded.
    pub(super) fn chunks(&self) -> impl Iterator<Item = &[Task<'h>]> {
        let mut rest = self.tasks.as_slice();
        std::iter::from_fn(move || {
            let mut bytes = 0u64;
            let fits = |task: &&Task<'h>| {
                bytes = bytes.saturating_add(task.order.length);
                bytes <= CHUNK_BYTES
            };
            let count = rest.iter().take_while(fits).count().max(1);
            let (chunk, after) = rest.split_at_checked(count)?;
            rest = after;
            Some(chunk)
        })
    }

    /// Judges the orders of a chunk on all cores; each comes back with its row, in their order.
    pub(super) fn judge(
        &self,
        chunk: &[Task<'_>],
        judge: &Judge<'_>,
        tx: &mut dyn Transaction,
    ) -> Result<Vec<(OrderRow, Judged)>> {
        let mut rows = Vec::with_capacity(chunk.len());
        for task in chunk {
            let row = tx.order(&task.order.order_id)?;
            let row = row.with_context(|| format!("the held order {} is gone", task.order.order_id))?;
            rows.push((row, tx.rejected_lines(&task.order.order_id)?));
        }
        chunk
            .par_iter()
            .zip(rows)
            .map(|(task, (row, refused))| {
                let judged = self.judge_one(task, judge, &row, &refused)?;
                Ok((row, judged))
            })
            .collect()
    }

    fn judge_one(
        &self,
        task: &Task<'_>,
        judge: &Judge<'_>,
        row: &OrderRow,
        refused: &[u32],
    ) -> Result<Judged> {
        let looked = self.files.get(task.file).context("the batch has the task's file")?;
        let (input, places) = match &looked.found {
            Ok(found) => found,
            Err(why) => return Ok(Judged::Lost(why.clone())),
        };
        let otherwise = |why: String| Ok(Judged::Lost(reads_otherwise(task.order, why)));
        let Some(place) = places.get(&task.order.offset) else {
            return otherwise(format!("no order begins at byte {} of it", task.order.offset));
        };
        if let Some(why) = place.refused {
            return otherwise(why.to_owned());
        }
        // an order without a date is judged by the day on which it came
        let judge = Judge { date: task.order.received, ..*judge };
        let stored = lines::order_from_row(row)?;
        let processed = process(&judge, input, &place.work)?;
        let Body::Order(again) = processed.body else {
            return otherwise("it would be rejected".to_owned());
        };
        match release(&stored, *again, judge.context(place.profile).policy(), refused) {
            Ok(released) if released.changed.is_empty() => Ok(Judged::Same),
            Ok(released) => Ok(Judged::Changed(Box::new(released))),
            Err(why) => otherwise(why),
        }
    }

    /// None for an order that could not be found again.
    pub(super) fn sender(&self, task: &Task<'_>) -> Option<Sender<'_>> {
        let (input, places) = self.files.get(task.file)?.found.as_ref().ok()?;
        let Place { profile, interchange, .. } = places.get(&task.order.offset)?;
        let outbound = match &input.content {
            Content::X12 { plans, .. } => match plans.get(*interchange)? {
                Plan::Process { outbound, .. } => outbound,
                Plan::Refuse { .. } => return None,
            },
            Content::Csv { outbound, .. } => outbound,
            Content::Refused(_) => return None,
        };
        Some(Sender { profile: *profile, interchange: *interchange, outbound })
    }
}

/// The file as it came, looked through, with the places of the orders that wait.
fn look(
    file: &HeldFile<'_>,
    site: Surroundings<'_>,
) -> Result<(Input, BTreeMap<u64, Place>), Box<Diagnostic>> {
    let Some(first) = file.orders.first() else {
        return Err(Box::new(Diagnostic::new(&business::ARCHIVE_UNREADABLE, Location::default())));
    };
    let unreadable = |why: String| {
        let found = Diagnostic::new(&business::ARCHIVE_UNREADABLE, Location::default());
        Box::new(found.found(&first.archive_path).detail(why))
    };
    let archived = ClaimedFile {
        relative: first.input.to_string(),
        work_path: first.archive_path.to_string(),
        came_from: None,
    };
    let input = Input::look(archived, site).map_err(|error| unreadable(error.root_cause().to_string()))?;
    if input.digest != first.digest.as_str() {
        return Err(unreadable(format!(
            "{} bytes came, with another digest than these {}",
            first.bytes, input.source.length
        )));
    }
    let wanted: BTreeSet<u64> = file.orders.iter().map(|order| order.offset).collect();
    let places = match &input.content {
        Content::X12 { index, plans } => sets(&input, (index, plans), site, &wanted)
            .map_err(|error| unreadable(error.root_cause().to_string()))?,
        Content::Csv { index, profile, .. } => {
            let orders = index.orders.iter().enumerate();
            let place = |order: usize| Place {
                work: Work::Csv(order),
                profile: *profile,
                interchange: 0,
                refused: None,
            };
            orders
                .filter_map(|(at, order)| Some((index.runs(order).first()?.offset, place(at))))
                .filter(|(offset, _)| wanted.contains(offset))
                .collect()
        }
        Content::Refused(_) => BTreeMap::new(),
    };
    Ok((input, places))
}

/// Where the wanted sets stand.
fn sets(
    input: &Input,
    (index, plans): (&FileIndex, &[Plan]),
    site: Surroundings<'_>,
    wanted: &BTreeSet<u64>,
) -> Result<BTreeMap<u64, Place>> {
    let mut places = BTreeMap::new();
    let mut rejected = false;
    let mut sets = Sets::of(input, (index, plans), site.profiles, &site.settings.limits.x12)?;
    while let Some(found) = sets.next()? {
        match found {
            Found::Group(group) => {
                rejected = group.diagnostics.iter().any(|found| found.severity == Severity::Error);
            }
            Found::Set(place) if wanted.contains(&place.set.offset) => {
                let interchange = place.interchange;
                let (Some(envelope), Some(Plan::Process { profile, .. })) =
                    (index.interchanges.get(interchange), plans.get(interchange))
                else {
                    continue;
                };
                let refused = match (is_test(envelope, &site.settings.company), rejected) {
                    (true, _) => Some("its ISA15 is not the site's usage any more"),
                    (_, true) => Some("its functional group would be rejected"),
                    _ => None,
                };
                let (offset, profile) = (place.set.offset, *profile);
                places.insert(offset, Place { work: Work::Set(place), profile, interchange, refused });
            }
            Found::Set(_) | Found::GroupEnd { .. } | Found::InterchangeEnd => {}
        }
    }
    Ok(places)
}

fn reads_otherwise(order: &HeldOrder, why: String) -> Box<Diagnostic> {
    let at = Location { offset: order.offset, ..Location::default() };
    let found = Diagnostic::new(&business::HELD_READS_OTHERWISE, at);
    Box::new(found.found(&order.archive_path).detail(why))
}
