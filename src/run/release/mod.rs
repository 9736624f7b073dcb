//! The release stage: what earlier runs held is judged once more from its archived bytes, and goes on where it can.
//!
//! - `again`: held orders read again, and what they come to
//! - `write`: an order that changed into the unit
//! - `refused`: what is open about refused lines ends when it is mended
//! - [`preview`]: what a release would do, without doing it

mod again;
pub mod preview;
mod refused;
mod write;

use crate::domain::{Date, Text};
use crate::run::counts::Counts;
use crate::run::night::{Night, Parts, Stage};
use crate::run::release::again::{Batch, HeldFile, Room};
use crate::run::unit::Unit;
use crate::store::{HeldFilter, HeldOrder};
use anyhow::Result;

/// Which held orders a person asks for; all by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Empty: any.
    pub po_number: Text,
    /// Empty: any.
    pub customer: Text,
    /// No orders at all: held invoices alone are looked at.
    pub invoices_alone: bool,
}

impl Wanted {
    /// An order that came after the run's date has not come yet on that day.
    fn filter(&self, date: Date) -> HeldFilter {
        HeldFilter { until: date, po_number: self.po_number.clone(), customer: self.customer.clone() }
    }

    /// What is said where nothing that waits is wanted.
    fn none_waits(&self) -> String {
        let mut out = "no order waits".to_owned();
        for (what, value) in [("with the number", &self.po_number), ("of the customer", &self.customer)] {
            if !value.is_empty() {
                out += &format!(" {what} {value}");
            }
        }
        out
    }
}

/// Takes every held order through to a commit, unit by unit. Where nothing changed there is no unit, so that a second
/// release leaves nothing.
pub(crate) fn take(night: &mut Night<'_>, wanted: &Wanted) -> Result<()> {
    if wanted.invoices_alone {
        return Ok(());
    }
    let held = night.store.read()?.held_orders(&wanted.filter(night.run.date))?;
    if held.is_empty() && *wanted != Wanted::default() {
        night.notes.push(wanted.none_waits());
    }
    let files = by_file(&held);
    if !files.is_empty() {
        night.watch.stage(Stage::Release.as_str(), files.len() as u64);
    }
    let mut files = files.as_slice();
    while !files.is_empty() {
        let (done, counts) = take_unit(night, files)?;
        files = files.get(done..).unwrap_or_default();
        if let Some(counts) = counts {
            night.finish_unit(&counts)?;
        }
        night.watch.advance(done as u64);
    }
    refused::close_mended(night)
}

/// The orders of one archived input together, in the order in which they came.
fn by_file(held: &[HeldOrder]) -> Vec<HeldFile<'_>> {
    held.chunk_by(|a, b| a.archive_path == b.archive_path).map(HeldFile::new).collect()
}

/// One unit: files until enough of them changed. How many were done, and what was committed.
///
/// The cut counts changed files alone: what an interrupted run had released does not change any more when it goes on, so
/// that it cuts the same units.
fn take_unit(night: &mut Night<'_>, files: &[HeldFile<'_>]) -> Result<(usize, Option<Counts>)> {
    let parts = night.parts()?;
    let (judge, site) = (parts.judge(), parts.surroundings());
    let Parts { store, settings, folders, run, profiles, index, .. } = parts;
    let mut unit = Unit::begin(store.begin()?, settings, folders, run, Stage::Release, index)?;
    let mut room = Room { files: settings.limits.batch_files as usize, bytes: settings.limits.batch_bytes };
    let mut done = 0;
    let mut changed = false;
    while done < files.len() && room.files > 0 && room.bytes > 0 {
        let batch = Batch::look(files.get(done..).unwrap_or_default(), room, site);
        let of_batch = write::batch(&mut unit, profiles, &judge, &batch)?;
        room.files = room.files.saturating_sub(of_batch.len());
        room.bytes = of_batch.iter().fold(room.bytes, |left, file| left.saturating_sub(batch.bytes(*file)));
        changed |= !of_batch.is_empty();
        done += batch.len();
    }
    let counts = if changed { Some(unit.commit(&[])?) } else { None };
    Ok((done, counts))
}
