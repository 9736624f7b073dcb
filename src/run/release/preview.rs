//! What a release would do now, with the masters as their files are: everything is judged, nothing is written.

use crate::documents::internal_order::customer_item;
use crate::domain::resolution::LineState;
use crate::domain::{Date, Decimal, Text};
use crate::pipeline::release::Released;
use crate::run::changes::{self, Around, WaitingChange};
use crate::run::counts::ReleaseCounts;
use crate::run::input::Surroundings;
use crate::run::invoices::{self, Desk, WaitingInvoice};
use crate::run::masters::index_for_a_look;
use crate::run::release::again::{Batch, Judged, Room};
use crate::run::release::by_file;
use crate::run::release::write::after;
use crate::run::stream::Judge;
use crate::run::{Options, open_store};
use crate::site::Site;
use crate::site::folders::{Folders, lock};
use crate::store::{HeldOrder, Transaction};
use anyhow::{Context as _, Result};
use serde::Serialize;
use std::path::Path;

/// What a release would do.
#[derive(Debug, Default, Serialize)]
pub struct Preview {
    pub date: Date,
    /// Orders of which a line waits.
    pub waiting: u64,
    /// Orders that would change, and where their lines that waited would be.
    pub released: ReleaseCounts,
    /// Lines that would wait no longer.
    pub lines: Vec<PreviewLine>,
    /// Orders whose bytes could not be taken up.
    pub lost: Vec<Lost>,
    /// Held invoices, in the order in which a release looks at them.
    pub invoices: Vec<WaitingInvoice>,
    /// Changes of orders that wait, in the order in which they came.
    pub changes: Vec<WaitingChange>,
}

#[derive(Debug, Serialize)]
pub struct PreviewLine {
    pub order_id: Text,
    pub partner: Text,
    pub customer: Text,
    pub po_number: Text,
    pub line: u32,
    pub customer_item: Text,
    pub customer_item_qualifier: Text,
    /// Empty where policy lets a line go, or refuses it, without one.
    pub item: Text,
    pub ordered_quantity: Option<Decimal>,
    pub ordered_unit: Text,
    pub outcome: &'static str,
    pub state: LineState,
}

#[derive(Debug, Serialize)]
pub struct Lost {
    pub order_id: Text,
    pub po_number: Text,
    /// One line.
    pub why: String,
}

/// Under this name compressed inputs are unpacked for the look.
const RUN_ID: &str = "preview";

/// Judges the held orders as a release would. The site is locked meanwhile; the store is left as it was.
pub fn preview(site: &Path, options: &Options) -> Result<Preview> {
    let loaded = crate::site::load(site)?;
    let Site { mut settings, .. } = loaded;
    if let Some(location) = &options.store {
        settings.store = location.clone();
    }
    let now = jiff::Timestamp::now();
    let date = options.date.unwrap_or_else(|| now.to_zoned(jiff::tz::TimeZone::system()).date());
    let mut preview = Preview { date, ..Preview::default() };
    if !settings.store.sqlite_path(site).exists() {
        return Ok(preview);
    }
    let folders = Folders::open(site)?;
    let mut lock = lock(site, options.wait)?;
    lock.note("a release that writes nothing")?;
    let mut store = open_store(site, &settings)?;
    // never committed: what the masters' files say now is in the store for this look alone
    let mut tx = store.begin()?;
    let index = index_for_a_look(tx.as_mut(), site, &settings, now.as_microsecond())?;
    let site = Surroundings {
        settings: &settings,
        folders: &folders,
        profiles: &loaded.partners,
        date,
        time: &Text::default(),
        run_id: RUN_ID,
    };
    let judge = Judge {
        company: &settings.company,
        profiles: &loaded.partners,
        index: &index,
        unresolved: settings.unresolved,
        date,
        limits: &settings.limits.x12,
    };
    let held = tx.held_orders(&options.release.filter(date))?;
    preview.waiting = held.len() as u64;
    look_at(&mut preview, &held, site, &judge, tx.as_mut())?;
    // as in a run: orders, then their changes, then what is billed of them
    let around = Around { settings: &settings, index: &index, date };
    preview.changes = changes::preview(tx.as_mut(), around, &loaded.partners, &options.release)?;
    let desk =
        Desk { company: &settings.company, profiles: &loaded.partners, index: &index, date, time: site.time };
    preview.invoices = invoices::preview(tx.as_mut(), &desk)?;
    folders.remove_work(RUN_ID)?;
    Ok(preview)
}

fn look_at(
    preview: &mut Preview,
    held: &[HeldOrder],
    site: Surroundings<'_>,
    judge: &Judge<'_>,
    tx: &mut dyn Transaction,
) -> Result<()> {
    let limits = &site.settings.limits;
    let room = Room { files: limits.batch_files as usize, bytes: limits.batch_bytes };
    let files = by_file(held);
    let mut files = files.as_slice();
    while !files.is_empty() {
        let batch = Batch::look(files, room, site);
        for chunk in batch.chunks() {
            for (task, (row, judged)) in chunk.iter().zip(batch.judge(chunk, judge, tx)?) {
                match judged {
                    Judged::Same => {}
                    Judged::Lost(why) => preview.lost.push(Lost {
                        order_id: row.order_id,
                        po_number: row.po_number,
                        why: why.to_string(),
                    }),
                    Judged::Changed(released) => {
                        let sender = batch.sender(task).context("an order that was judged has its sender")?;
                        let profile = judge.profiles.get(sender.profile);
                        let settings = &profile.context("the site has the profile")?.orders;
                        let moved = lines(&released, &row.order_id, settings);
                        let ordered = moved.iter().filter(|line| line.state == LineState::Ordered);
                        preview.released.add_order(&released, ordered.count());
                        preview.lines.extend(moved);
                        // the invoices are judged by the orders as the release would leave them
                        tx.update_order(&after(&released, row)?)?;
                    }
                }
            }
        }
        files = files.get(batch.len()..).unwrap_or_default();
    }
    Ok(())
}

fn lines(
    released: &Released,
    order_id: &Text,
    settings: &crate::domain::partner::OrderSettings,
) -> Vec<PreviewLine> {
    let part = released.part(&released.moved);
    let pairs = part.order.lines.iter().zip(&part.lines);
    pairs
        .map(|(line, decided)| {
            let resolution = &decided.resolution;
            let number = customer_item(line, resolution, settings).or(line.numbers.first());
            let number = number.cloned().unwrap_or_default();
            PreviewLine {
                order_id: order_id.clone(),
                partner: part.partner.clone(),
                customer: part.customer.clone(),
                po_number: part.order.po_number.clone(),
                line: line.line,
                customer_item: number.value,
                customer_item_qualifier: number.qualifier,
                item: resolution.item.clone(),
                ordered_quantity: line.quantity,
                ordered_unit: line.unit.clone(),
                outcome: resolution.outcome.as_str(),
                state: decided.state,
            }
        })
        .collect()
}
