//! Documents of a unit, processed by all cores in bounded batches and handed out in the order in which they stand.

use crate::documents::csv_order;
use crate::domain::Date;
use crate::domain::partner::{Company, PartnerProfile};
use crate::domain::resolution::UnresolvedPolicy;
use crate::pipeline::decide::Context;
use crate::pipeline::decide::note;
use crate::pipeline::process::{Body, Processed, process_order, process_set};
use crate::run::input::{Content, Input, Plan};
use crate::store::lines;
use crate::x12::envelope::Limits;
use crate::x12::lexer::unwrap_lines;
use crate::xref::index::XrefIndex;
use anyhow::Result;
use rayon::prelude::*;
use std::collections::VecDeque;

/// So many bytes of input are in work at once; with the values made of them this bounds a night's memory.
const BATCH_BYTES: u64 = 2 << 20;

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

/// One document: file, and its place in it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Work {
    Set { input: usize, interchange: usize, group: usize, set: usize },
    Csv { input: usize, order: usize },
}

/// Hands out the documents of the inputs one by one, in file order.
#[derive(Debug)]
pub(crate) struct Stream<'s> {
    judge: Judge<'s>,
    inputs: &'s [Input],
    work: Vec<Work>,
    next: usize,
    ready: VecDeque<Prepared>,
}

impl<'s> Stream<'s> {
    pub(crate) fn new(judge: Judge<'s>, inputs: &'s [Input]) -> Self {
        let mut work = Vec::new();
        for (input, file) in inputs.iter().enumerate() {
            match &file.content {
                Content::X12 { index, plans } => {
                    for (interchange, (place, plan)) in index.interchanges.iter().zip(plans).enumerate() {
                        if let Plan::Process { .. } = plan {
                            for (group, sets) in place.groups.iter().map(|group| group.sets.len()).enumerate()
                            {
                                work.extend((0..sets).map(|set| Work::Set {
                                    input,
                                    interchange,
                                    group,
                                    set,
                                }));
                            }
                        }
                    }
                }
                Content::Csv { index, .. } => {
                    work.extend((0..index.orders.len()).map(|order| Work::Csv { input, order }));
                }
                Content::Refused(_) => {}
            }
        }
        Self { judge, inputs, work, next: 0, ready: VecDeque::new() }
    }

    /// The next document. Asking for more than there are is a bug of the caller.
    pub(crate) fn next(&mut self) -> Result<Prepared> {
        if self.ready.is_empty() {
            let batch = self.batch();
            let (judge, inputs) = (self.judge, self.inputs);
            let ready: Result<Vec<Prepared>> =
                batch.par_iter().map(|work| prepare(&judge, inputs, *work)).collect();
            self.ready = ready?.into();
        }
        let Some(prepared) = self.ready.pop_front() else {
            anyhow::bail!("more documents asked for than there are")
        };
        Ok(prepared)
    }

    fn batch(&mut self) -> Vec<Work> {
        let start = self.next;
        let mut bytes = 0;
        while let Some(work) = self.work.get(self.next) {
            bytes += self.size(*work);
            if bytes > BATCH_BYTES && self.next > start {
                break;
            }
            self.next += 1;
        }
        self.work[start..self.next].to_vec()
    }

    fn size(&self, work: Work) -> u64 {
        match (work, &self.inputs[work.input()].content) {
            (Work::Set { interchange, group, set, .. }, Content::X12 { index, .. }) => {
                index.interchanges[interchange].groups[group].sets[set].length
            }
            (Work::Csv { order, .. }, Content::Csv { index, .. }) => index.orders[order].bytes,
            _ => 0,
        }
    }
}

impl Work {
    fn input(self) -> usize {
        match self {
            Self::Set { input, .. } | Self::Csv { input, .. } => input,
        }
    }
}

fn prepare(judge: &Judge<'_>, inputs: &[Input], work: Work) -> Result<Prepared> {
    let processed = process(judge, &inputs[work.input()], work)?;
    let (header, lines) = match &processed.body {
        Body::Order(order) => {
            (lines::encode_header(&order.order)?, lines::encode(&order.order.lines, &order.lines)?)
        }
        _ => Default::default(),
    };
    Ok(Prepared { processed, header, lines })
}

/// One document of the input through all the stages; what was noticed stands in the notes of an order's lines.
pub(crate) fn process(judge: &Judge<'_>, input: &Input, work: Work) -> Result<Processed> {
    let mut processed = match (work, &input.content) {
        (Work::Set { interchange, group, set, .. }, Content::X12 { index, plans }) => {
            let (place, plan) = (&index.interchanges[interchange], &plans[interchange]);
            let Plan::Process { profile, outbound } = plan else {
                anyhow::bail!("a refused interchange has no work")
            };
            let group = &place.groups[group];
            let set = &group.sets[set];
            // nothing of a set over a limit is looked into, except how its ST names the convention
            let length = if set.is_too_large() { set.length.min(HEADING_BYTES) } else { set.length };
            let mut bytes = input.source.read(set.offset, length)?;
            if place.wrapped {
                unwrap_lines(bytes.to_mut());
            }
            let context = judge.context(*profile);
            process_set(&context, outbound, &bytes, place.separators, &group.version, set, judge.limits)
        }
        (Work::Csv { order, .. }, Content::Csv { index, profile, outbound }) => {
            let context = judge.context(*profile);
            let runs = index.runs(&index.orders[order]);
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
        _ => anyhow::bail!("the work does not fit the input"),
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
