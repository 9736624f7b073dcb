//! Groups of lines and what is counted of each.

use super::counts::{Counts, Tell};
use super::lines::ARRIVED;
use crate::domain::Text;
use crate::report::part::{Groups, Part};
use crate::report::scan::{group_values, slices};
use anyhow::Result;
use polars::prelude::DataFrame;

/// By what lines are grouped: columns of facts, `week`, `month`.
#[derive(Debug)]
pub(super) struct Cut {
    pub by: Vec<&'static str>,
    pub counts: Groups<Counts>,
}

impl Cut {
    pub(super) fn new(by: &[&'static str]) -> Self {
        Self::of(by, Part::ALL)
    }

    pub(super) fn of(by: &[&'static str], part: Part) -> Self {
        Self { by: by.to_vec(), counts: Groups::of(part) }
    }
}

/// Puts each group of an answer where it belongs in each cut.
pub(super) fn add(answer: &DataFrame, tell: Tell, cuts: &mut [&mut Cut]) -> Result<()> {
    for answer in slices(answer) {
        let counts = Counts::read(&answer, tell)?;
        for cut in &mut *cuts {
            let mut keys: Vec<Vec<Text>> = Vec::with_capacity(cut.by.len());
            for group in &cut.by {
                keys.push(group_values(&answer, group, if *group == "date" { "date" } else { ARRIVED })?);
            }
            for (row, counts) in counts.iter().enumerate() {
                let key = keys.iter().filter_map(|column| column.get(row).cloned()).collect();
                // added: null of an earlier version's file and empty text are one key
                cut.counts.add(key, |all| all.add(counts));
            }
        }
    }
    Ok(())
}
