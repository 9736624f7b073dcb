//! The nightly run: claim, process, commit, publish, archive; stage by stage, with one summary at the end.
//!
//! - [`night`]: the run under way, its stages
//! - `unit`: one transaction and its outputs
//! - `orders`, `x12_orders`, `csv_orders`, `invoices`, `sales`, `acknowledgments`: what each stage does with a file
//! - `changes`: changes of orders, applied or left to a person
//! - [`release`]: what earlier runs held, from the archive
//! - [`resend`]: what partners got, once more, outside any night
//! - `sent`: what went to partners, for the acknowledgments that come back
//! - `reconcile`: what was posted against what the ledger has of it
//! - `reports`: coverage, worklist and ledger, as files of the night
//! - [`replay`]: what a past input would give as of another day; [`retention`]: old files that go
//! - [`verify`]: the proof again, of runs that have ended
//! - `stream`: documents processed by all cores, in order
//! - [`counts`], [`sums`], [`summary`]: what it came to

mod acknowledgments;
mod changes;
pub mod counts;
mod csv_orders;
mod exceptions;
mod gz;
mod input;
mod invoices;
mod masters;
pub mod night;
mod order_facts;
mod orders;
mod outgoing;
pub(crate) mod reconcile;
pub mod release;
pub mod replay;
pub(crate) mod reports;
pub mod resend;
pub mod retention;
mod sales;
mod sent;
mod sets;
mod source;
mod spool;
mod strays;
mod stream;
pub mod summary;
pub mod sums;
mod unit;
pub mod verify;
pub mod watch;
mod x12_orders;

pub use changes::WaitingChange;
pub(crate) use exceptions::invoice_key;
pub(crate) use input::looks_like_x12;
pub(crate) use invoices::{Desk, look, obstacles};
pub use invoices::{Fate, StoredInvoice, WaitingInvoice};
pub(crate) use source::{Source, Unpacking};

use crate::domain::Date;
use crate::run::night::{Night, Stage, publish};
use crate::run::release::Wanted;
use crate::run::summary::Summary;
use crate::run::watch::Watch;
use crate::site::Site;
use crate::site::config::{Settings, StoreLocation};
use crate::site::folders::{ClaimedFile, Folders, SiteLock, lock};
use crate::store::sqlite::SqliteStore;
use crate::store::{RunRow, Store};
use anyhow::{Context as _, Result};
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::Path;

/// What the command line asks of a run.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The business date; None: today where the machine is.
    pub date: Option<Date>,
    /// One stage alone; None: all. A release brings its reports up to date too.
    pub only: Option<Stage>,
    /// Which of the held orders are looked at again; all by default.
    pub release: Wanted,
    /// Worker threads; None: one a core.
    pub threads: Option<NonZeroUsize>,
    /// Wait for a run that is under way, instead of giving up.
    pub wait: bool,
    /// None: the store that the configuration names.
    pub store: Option<StoreLocation>,
}

impl Options {
    fn wants(&self, stage: Stage) -> bool {
        let with_release = stage == Stage::Reports && self.only == Some(Stage::Release);
        self.only.is_none_or(|only| only == stage) || with_release
    }
}

/// Runs the night of a site. `Err` means exit code 2: nothing half-published.
pub fn night(site: &Path, options: &Options, watch: &dyn Watch) -> Result<Summary> {
    let Site { mut settings, partners } = crate::site::load(site)?;
    if let Some(location) = &options.store {
        settings.store = location.clone();
    }
    let folders = Folders::open(site)?;
    let mut lock = lock(site, options.wait)?;
    folders.create()?;
    let store = open_store(site, &settings)?;
    let threads = options.threads.or(settings.threads).map_or(0, NonZeroUsize::get);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
    lock.note("a run")?;
    let summary = pool.install(|| {
        let site = Site { settings, partners };
        locked(&site, &folders, store, &mut lock, options, watch)
    });
    watch.end();
    summary
}

/// The store of a site, brought up to date if it is older than the program.
pub fn open_store(site: &Path, settings: &Settings) -> Result<Box<dyn Store>> {
    let path = settings.store.sqlite_path(site);
    // the site's own folder is made as a run makes it; another place that is not there may be a disk that is not mounted
    let own = site.join("state");
    if path.parent() == Some(own.as_path()) {
        crate::world::make_folders(&own).with_context(|| format!("make {}", own.display()))?;
    }
    Ok(Box::new(SqliteStore::open(&path)?))
}

fn locked(
    Site { settings, partners }: &Site,
    folders: &Folders,
    mut store: Box<dyn Store>,
    lock: &mut SiteLock,
    options: &Options,
    watch: &dyn Watch,
) -> Result<Summary> {
    folders.clear_unpacked()?;
    let (run, resumed) = begin(store.as_mut(), folders, options)?;
    lock.note(&format!("run {} for {}", run.run_id, run.date))?;
    tracing::info!(run = %run.run_id, date = %run.date, resumed, "run begins");
    publish(store.as_mut(), folders, &run).context("publish what an earlier run left")?;
    note_settings(store.as_mut(), folders, &run)?;
    let mut kept = BTreeMap::new();
    retention::finish(store.as_mut(), folders, &mut kept)?;
    let mut night = Night::new(store, settings, partners, folders, run, watch)?;
    night.notes.extend(retention::told(&kept));
    night.notes.extend(folders.strays()?);
    for stage in Stage::ALL {
        let wanted = options.wants(stage);
        match stage {
            Stage::Orders => each_unit(&mut night, stage, wanted, orders::take_unit)?,
            Stage::Acknowledgments => each_unit(&mut night, stage, wanted, acknowledgments::take_unit)?,
            Stage::Invoices => {
                if wanted || options.only == Some(Stage::Release) {
                    invoices::take_held(&mut night)?;
                }
                each_unit(&mut night, stage, wanted, invoices::take_unit)?;
            }
            Stage::Ledger => {
                each_unit(&mut night, stage, wanted, sales::take_unit)?;
                if wanted {
                    reconcile::take(&mut night)?;
                }
            }
            // at each run, whatever is wanted: an order judged by yesterday's masters would wait for nothing
            Stage::Masters => masters::sync(&mut night)?,
            Stage::Release if wanted => {
                release::take(&mut night, &options.release)?;
                changes::take_held(&mut night, &options.release)?;
            }
            Stage::Reports if wanted => reports::write(&mut night)?,
            Stage::Release | Stage::Reports => {}
        }
    }
    summary::end(night, resumed)
}

/// Keeps under which settings the run works: a proof reads its inputs again under the same ones alone.
fn note_settings(store: &mut dyn Store, folders: &Folders, run: &RunRow) -> Result<()> {
    let digest = verify::settings_digest(folders.root())?;
    let mut tx = store.begin()?;
    tx.note_settings(&run.run_id, &digest)?;
    tx.commit()
}

/// A stage that is not wanted still takes what the run had claimed for it when it was interrupted: after this run nobody
/// would.
fn each_unit(
    night: &mut Night<'_>,
    stage: Stage,
    wanted: bool,
    take: fn(&mut Night<'_>, &[ClaimedFile]) -> Result<()>,
) -> Result<()> {
    let claimed = if wanted { night.claim(stage)? } else { night.left(stage)? };
    for unit in night.units(claimed)? {
        take(night, &unit)?;
    }
    Ok(())
}

/// The run that was interrupted goes on under its own id and date; else a new one begins. One that came to nothing, such
/// as over a broken masters file, does not bind a later day to its date.
fn begin(store: &mut dyn Store, folders: &Folders, options: &Options) -> Result<(RunRow, bool)> {
    let now = jiff::Timestamp::now();
    let today = || now.to_zoned(jiff::tz::TimeZone::system()).date();
    let date = options.date.unwrap_or_else(today);
    let mut tx = store.begin()?;
    if let Some(open) = tx.open_run()? {
        let began = !tx.units(&open.run_id)?.is_empty() || folders.has_claims(&open.run_id)?;
        if began || open.date == date {
            return Ok((open, true));
        }
        tx.end_run(&open.run_id, now.as_microsecond(), 2, &open.summary)?;
    }
    let run = tx.start_run(date, now.as_microsecond())?;
    tx.commit()?;
    Ok((run, false))
}
