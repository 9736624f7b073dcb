//! Documents of a unit, processed by all cores in bounded batches and handed out in the order in which they stand.

use crate::documents::csv_order;
use crate::domain::Date;
use crate::domain::partner::{Company, PartnerProfile};
use crate::domain::resolution::UnresolvedPolicy;
use crate::pipeline::decide::Context;
use crate::pipeline::decide::note;
use crate::pipeline::process::{Body, Processed, process_order, process_set};
use crate::run::input::{Content, Input, Plan};
use crate::run::sets::{Found, Place, Sets};
use crate::store::lines;
use crate::x12::envelope::{Group, Limits};
use crate::x12::lexer::unwrap_lines;
use crate::xref::index::XrefIndex;
use anyhow::{Result, bail};
use rayon::prelude::*;
use std::collections::VecDeque;

/// So many bytes of input are in work at once; with the values made of them this bounds a night's memory.
const BATCH_BYTES: u64 = 2 << 20;
/// So many documents and groups, too: of very small ones what is made of them takes more than their bytes.
const BATCH_ITEMS_MAX: usize = 8_192;

/// So much of a set over a limit is read.
const HEADING_BYTES: u64 = 1 << 16;

/// What all documents of a night are judged by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Judge<'j> {
    pub company: &'j Company,
    pub profiles: &'j [PartnerProfile],
    pub index: &'j XrefIndex,
    pub unresolved: UnresolvedPolicy,
    pub date: Date,
    pub limits: &'j Limits,
}

/// A processed document, with the texts that the store will keep of its order.
#[derive(Debug, Default)]
pub(crate) struct Prepared {
    pub processed: Processed,
    pub header: String,
    pub lines: String,
}

/// One document of an input.
#[derive(Debug, Clone)]
pub(crate) enum Work {
    Set(Place),
    /// The place of a CSV order in its file's index.
    Csv(usize),
}

/// What the stream hands out.
#[derive(Debug)]
pub(crate) enum Item {
    /// A group of an interchange that is processed, with all that the look found about it.
    Group(Box<Group>),
    /// A set of that group.
    Set(Box<(Place, Prepared)>),
    GroupEnd {
        stated_sets: Option<u32>,
    },
    /// Nothing more of the interchange that is processed.
    InterchangeEnd,
    /// The next order of a CSV file.
    Order(Box<Prepared>),
}

/// A part of a batch, before all cores took it up.
enum Task {
    Document(usize, Work),
    Ready(Item),
}

/// Hands out the documents of the inputs one by one, in file order: of an X12 file what stands in the interchanges that are
/// processed, each to its end; of a CSV file its orders. No more than a batch of them is in memory.
pub(crate) struct Stream<'s> {
    judge: Judge<'s>,
    inputs: &'s [Input],
    /// The input at hand.
    input: usize,
    /// Where its X12 is read.
    sets: Option<Sets<'s>>,
    /// The next order of its CSV.
    order: usize,
    ready: VecDeque<Item>,
}

impl<'s> Stream<'s> {
    pub(crate) fn new(judge: Judge<'s>, inputs: &'s [Input]) -> Self {
        Self { judge, inputs, input: 0, sets: None, order: 0, ready: VecDeque::new() }
    }

    /// What comes next. Asking for more than there is is a bug of the caller.
    pub(crate) fn next(&mut self) -> Result<Item> {
        match self.try_next()? {
            Some(item) => Ok(item),
            None => bail!("more documents asked for than there are"),
        }
    }

    /// The same; None at the end of the last input.
    pub(crate) fn try_next(&mut self) -> Result<Option<Item>> {
        if self.ready.is_empty() {
            let batch = self.batch()?;
            let (judge, inputs) = (self.judge, self.inputs);
            let ready: Result<Vec<Item>> =
                batch.into_par_iter().map(|task| task.finish(&judge, inputs)).collect();
            self.ready = ready?.into();
        }
        Ok(self.ready.pop_front())
    }

    /// The next order of a CSV file.
    pub(crate) fn next_order(&mut self) -> Result<Prepared> {
        match self.next()? {
            Item::Order(prepared) => Ok(*prepared),
            other => bail!("an order was asked for, and {} comes", other.name()),
        }
    }

    /// Passes over what is left of the interchange at hand.
    pub(crate) fn skip_interchange(&mut self) -> Result<()> {
        while !matches!(self.next()?, Item::InterchangeEnd) {}
        Ok(())
    }

    fn batch(&mut self) -> Result<Vec<Task>> {
        let (mut batch, mut bytes) = (Vec::new(), 0);
        while bytes < BATCH_BYTES && batch.len() < BATCH_ITEMS_MAX {
            let Some((task, size)) = self.step()? else { break };
            bytes += size;
            batch.push(task);
        }
        Ok(batch)
    }

    /// The next part of the inputs, and how many bytes of them it is.
    fn step(&mut self) -> Result<Option<(Task, u64)>> {
        let (judge, inputs) = (self.judge, self.inputs);
        while let Some(input) = inputs.get(self.input) {
            match &input.content {
                Content::X12 { index, plans } => {
                    let sets = match &mut self.sets {
                        Some(sets) => sets,
                        none => none.insert(Sets::of(input, (index, plans), judge.profiles, judge.limits)?),
                    };
                    if let Some(found) = sets.next()? {
                        return Ok(Some(task_of(found, self.input)));
                    }
                }
                Content::Csv { index, .. } => {
                    if let Some(order) = index.orders.get(self.order) {
                        let task = Task::Document(self.input, Work::Csv(self.order));
                        self.order += 1;
                        return Ok(Some((task, order.bytes)));
                    }
                }
                Content::Refused(_) => {}
            }
            (self.input, self.sets, self.order) = (self.input + 1, None, 0);
        }
        Ok(None)
    }
}

fn task_of(found: Found, input: usize) -> (Task, u64) {
    match found {
        Found::Set(place) => {
            let length = place.set.length;
            (Task::Document(input, Work::Set(place)), length)
        }
        Found::Group(group) => (Task::Ready(Item::Group(group)), 0),
        Found::GroupEnd { stated_sets } => (Task::Ready(Item::GroupEnd { stated_sets }), 0),
        Found::InterchangeEnd => (Task::Ready(Item::InterchangeEnd), 0),
    }
}

impl Task {
    fn finish(self, judge: &Judge<'_>, inputs: &[Input]) -> Result<Item> {
        let (input, work) = match self {
            Self::Document(input, work) => (&inputs[input], work),
            Self::Ready(item) => return Ok(item),
        };
        let prepared = prepare(judge, input, &work)?;
        Ok(match work {
            Work::Set(place) => Item::Set(Box::new((place, prepared))),
            Work::Csv(_) => Item::Order(Box::new(prepared)),
        })
    }
}

impl Item {
    /// For those who did not expect it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Group(_) => "a group",
            Self::Set(_) => "a set",
            Self::GroupEnd { .. } => "the end of a group",
            Self::InterchangeEnd => "the end of an interchange",
            Self::Order(_) => "an order of a CSV file",
        }
    }
}

fn prepare(judge: &Judge<'_>, input: &Input, work: &Work) -> Result<Prepared> {
    let processed = process(judge, input, work)?;
    let (header, lines) = match &processed.body {
        Body::Order(order) => {
            (lines::encode_header(&order.order)?, lines::encode(&order.order.lines, &order.lines)?)
        }
        _ => Default::default(),
    };
    Ok(Prepared { processed, header, lines })
}

/// One document of the input through all the stages; what was noticed stands in the notes of an order's lines.
pub(crate) fn process(judge: &Judge<'_>, input: &Input, work: &Work) -> Result<Processed> {
    let mut processed = match (work, &input.content) {
        (Work::Set(Place { interchange, version, set }), Content::X12 { index, plans }) => {
            let (place, plan) = (&index.interchanges[*interchange], &plans[*interchange]);
            let Plan::Process { profile, outbound } = plan else {
                bail!("a refused interchange has no work")
            };
            // nothing of a set over a limit is looked into, except how its ST names the convention
            let length = if set.is_too_large() { set.length.min(HEADING_BYTES) } else { set.length };
            let mut bytes = input.source.read(set.offset, length)?;
            if place.wrapped {
                unwrap_lines(bytes.to_mut());
            }
            let context = judge.context(*profile);
            process_set(&context, outbound, &bytes, place.separators, version, set, judge.limits)
        }
        (Work::Csv(order), Content::Csv { index, profile, outbound }) => {
            let context = judge.context(*profile);
            let runs = index.runs(&index.orders[*order]);
            let pieces: Result<Vec<_>> =
                runs.iter().map(|run| input.source.read(run.offset, run.length)).collect();
            let pieces = pieces?;
            let pieces: Vec<&[u8]> = pieces.iter().map(AsRef::as_ref).collect();
            let settings = &context.profile.orders;
            let layout = settings.csv_layout();
            let (order, unreadable) = csv_order::read(&index.header, runs, &pieces, &layout, settings);
            let mut processed = process_order(&context, outbound, order, 0);
            processed.problems.splice(0..0, unreadable);
            processed
        }
        _ => bail!("the work does not fit the input"),
    };
    if let Body::Order(order) = &mut processed.body {
        note(order, &processed.problems);
    }
    Ok(processed)
}

impl<'j> Judge<'j> {
    pub(crate) fn context(&self, profile: usize) -> Context<'j> {
        let Self { company, index, unresolved, date, .. } = *self;
        Context { company, profile: &self.profiles[profile], index, unresolved, date }
    }
}

#[cfg(test)]
mod tests;
