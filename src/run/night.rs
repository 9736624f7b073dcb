//! One night: its settings, its store, its run; the stages in order; publishing and archiving after each commit.

use crate::domain::Text;
use crate::domain::diagnostic::{Diagnostic, Location};
use crate::domain::partner::PartnerProfile;
use crate::domain::rules::inputs::INBOX_FULL;
use crate::run::counts::Counts;
use crate::run::input::Surroundings;
use crate::run::masters::Synced;
use crate::run::sent;
use crate::run::source::work_size;
use crate::run::stream::Judge;
use crate::run::watch::Watch;
use crate::site::config::Settings;
use crate::site::folders::{Claim, ClaimedFile, Folders, Move, Skipped};
use crate::store::{OutputRow, RunRow, Store};
use crate::xref::index::XrefIndex;
use anyhow::{Context as _, Result};

/// The stages of a run, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Masters,
    /// What was held by earlier runs and can go now; before the new orders, because it waited longer.
    Release,
    Orders,
    Acknowledgments,
    Invoices,
    Ledger,
    Reports,
}

impl Stage {
    pub const ALL: [Self; 7] = [
        Self::Masters,
        Self::Release,
        Self::Orders,
        Self::Acknowledgments,
        Self::Invoices,
        Self::Ledger,
        Self::Reports,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Masters => "masters",
            Self::Release => "release",
            Self::Orders => "orders",
            Self::Acknowledgments => "acknowledgments",
            Self::Invoices => "invoices",
            Self::Ledger => "ledger",
            Self::Reports => "reports",
        }
    }

    /// The folder below inbox/ that the stage empties.
    pub(crate) fn inbox(self) -> Option<&'static str> {
        match self {
            Self::Orders => Some("orders"),
            Self::Acknowledgments => Some("acknowledgments"),
            Self::Invoices => Some("invoices"),
            Self::Ledger => Some("pos"),
            Self::Masters | Self::Release | Self::Reports => None,
        }
    }
}

/// A run under way.
pub(crate) struct Night<'n> {
    pub store: Box<dyn Store>,
    pub settings: &'n Settings,
    pub profiles: &'n [PartnerProfile],
    pub folders: &'n Folders,
    pub run: RunRow,
    /// `HHMM` of the run's start.
    pub time: Text,
    pub watch: &'n dyn Watch,
    pub synced: Synced,
    /// What the cross-reference, and the inbox, had to say.
    pub notes: Vec<String>,
    /// Entries of the ledger when the reports were written, if they were.
    pub ledger_entries: Option<u64>,
    index: Option<XrefIndex>,
}

/// The night taken apart, so that the store can be written while the rest is read.
pub(crate) struct Parts<'p> {
    pub store: &'p mut dyn Store,
    pub settings: &'p Settings,
    pub profiles: &'p [PartnerProfile],
    pub folders: &'p Folders,
    pub run: &'p RunRow,
    pub time: &'p Text,
    pub index: &'p XrefIndex,
}

impl<'p> Parts<'p> {
    /// What the look through an input needs.
    pub(crate) fn surroundings(&self) -> Surroundings<'p> {
        Surroundings {
            settings: self.settings,
            folders: self.folders,
            profiles: self.profiles,
            date: self.run.date,
            time: self.time,
            run_id: &self.run.run_id,
        }
    }

    /// What documents are judged by.
    pub(crate) fn judge(&self) -> Judge<'p> {
        Judge {
            company: &self.settings.company,
            profiles: self.profiles,
            index: self.index,
            unresolved: self.settings.unresolved,
            date: self.run.date,
            limits: &self.settings.limits.x12,
        }
    }
}

impl<'n> Night<'n> {
    pub(crate) fn new(
        store: Box<dyn Store>,
        settings: &'n Settings,
        profiles: &'n [PartnerProfile],
        folders: &'n Folders,
        run: RunRow,
        watch: &'n dyn Watch,
    ) -> Result<Self> {
        let time = clock_time(run.started);
        let synced = Synced::of(&run)?;
        let (notes, ledger_entries, index) = (Vec::new(), None, None);
        Ok(Self {
            store,
            settings,
            profiles,
            folders,
            run,
            time,
            watch,
            synced,
            notes,
            ledger_entries,
            index,
        })
    }

    /// The night with its cross-reference, which is loaded from the store once, when the first input needs it.
    pub(crate) fn parts(&mut self) -> Result<Parts<'_>> {
        if self.index.is_none() {
            let masters = self.store.begin()?.masters(None).context("load the masters")?;
            let (index, problems) = XrefIndex::build(masters, self.settings.customer_item_types.clone());
            self.notes.extend(problems.iter().map(ToString::to_string));
            for partner in self.profiles.iter().map(|profile| &profile.partner) {
                if index.catalog().customer(&partner.customer).is_none() {
                    self.notes.push(format!(
                        "partner {}: its customer {} is not in masters/customers.csv",
                        partner.id, partner.customer
                    ));
                }
            }
            self.index = Some(index);
        }
        let Self { store, settings, profiles, folders, run, time, index, .. } = self;
        let index = index.as_ref().context("the cross-reference was just built")?;
        Ok(Parts { store: store.as_mut(), settings, profiles, folders, run, time, index })
    }

    /// What the run had claimed for the stage when it was interrupted.
    pub(crate) fn left(&mut self, stage: Stage) -> Result<Vec<ClaimedFile>> {
        let Some(inbox) = stage.inbox() else { return Ok(Vec::new()) };
        let (claimed, left) = self.folders.take_up(&self.run.run_id, inbox, self.settle())?;
        for skipped in &left {
            self.tell_left(skipped);
        }
        Ok(claimed)
    }

    /// How long a file must have been left alone before it is taken.
    fn settle(&self) -> std::time::Duration {
        std::time::Duration::from_secs(self.settings.settle_seconds)
    }

    /// Everything that the stage has to do: what an interrupted run left first, then the inbox in name order.
    pub(crate) fn claim(&mut self, stage: Stage) -> Result<Vec<ClaimedFile>> {
        let Some(inbox) = stage.inbox() else { return Ok(Vec::new()) };
        let mut claimed = self.left(stage)?;
        let listed = self.folders.list_inbox(inbox, self.settle())?;
        listed.skipped.iter().for_each(|skipped| self.tell_left(skipped));
        let mut new = Vec::new();
        let most = self.settings.limits.inbox_files_max as usize;
        for file in listed.files.iter().take(most) {
            match self.folders.claim(file, &self.run.run_id)? {
                Claim::Taken(taken) => {
                    let (run, stage) = (&self.run.run_id, stage.as_str());
                    tracing::info!(%run, stage, file = %taken.relative, bytes = file.length, "file claimed");
                    new.push(taken);
                }
                Claim::Gone => tracing::info!(file = %file.relative, "gone from the inbox"),
                Claim::Left(skipped) => self.tell_left(&skipped),
            }
        }
        if let Some(more) = listed.files.len().checked_sub(most).filter(|more| *more > 0) {
            let full = Diagnostic::new(&INBOX_FULL, Location::default());
            let told = full.detail(format!("{more} files of inbox/{inbox} are left; the limit is {most}"));
            self.notes.push(told.to_string());
        }
        self.folders.sync_claims(&new)?;
        claimed.append(&mut new);
        self.watch.stage(stage.as_str(), claimed.len() as u64);
        Ok(claimed)
    }

    fn tell_left(&mut self, Skipped { relative, reason, for_good }: &Skipped) {
        tracing::info!(file = %relative, reason, "left in the inbox");
        if *for_good {
            self.notes.push(format!("inbox/{relative} is left where it is: {reason}"));
        }
    }

    /// The files in units: a large one by itself, small ones together. The cut depends on nothing but the files that
    /// are still to do, so that an interrupted run goes on with the same units.
    pub(crate) fn units(&self, claimed: Vec<ClaimedFile>) -> Result<Vec<Vec<ClaimedFile>>> {
        let limits = &self.settings.limits;
        let mut units: Vec<Vec<ClaimedFile>> = Vec::new();
        let mut bytes = 0;
        for file in claimed {
            let path = self.folders.path(&file.work_path)?;
            let size = work_size(&path)?;
            let full = units.last().is_none_or(|unit| unit.len() >= limits.batch_files as usize);
            if full || bytes + size > limits.batch_bytes {
                units.push(Vec::new());
                bytes = 0;
            }
            bytes += size;
            if let Some(unit) = units.last_mut() {
                unit.push(file);
            }
        }
        Ok(units)
    }

    /// After a commit: outputs to their places, inputs to the archive. What a crash leaves undone here, the next run does.
    pub(crate) fn finish_unit(&mut self, counts: &Counts) -> Result<()> {
        self.watch.advance(counts.files.values().sum());
        publish(self.store.as_mut(), self.folders, &self.run)
    }
}

/// Publishes what was committed and not published, then archives what was processed and not archived.
pub(crate) fn publish(store: &mut dyn Store, folders: &Folders, run: &RunRow) -> Result<()> {
    let outputs = move_outputs(store, folders)?;
    let inputs = store.begin()?.unarchived(&run.run_id)?;
    let moves: Vec<Move<'_>> =
        inputs.iter().map(|row| Move { from: &row.work_path, to: &row.archive_path }).collect();
    folders.archive(&moves).context("archive")?;
    if outputs.is_empty() && inputs.is_empty() {
        return Ok(());
    }
    let mut units: Vec<(&str, u32)> =
        outputs.iter().map(|output| (output.run_id.as_str(), output.unit)).collect();
    units.extend(inputs.iter().map(|input| (input.run_id.as_str(), input.unit)));
    units.sort_unstable();
    units.dedup();
    let mut tx = store.begin()?;
    for (run_id, unit) in units {
        tx.mark_published(run_id, unit)?;
        tx.mark_archived(run_id, unit)?;
    }
    tx.commit()
}

/// Moves what was committed and not published to its place; whoever calls marks it.
pub(crate) fn move_outputs(store: &mut dyn Store, folders: &Folders) -> Result<Vec<OutputRow>> {
    let outputs = store.begin()?.unpublished()?;
    folders.keep(&sent::keeps(&outputs)).context("keep what is sent")?;
    let moves: Vec<Move<'_>> = outputs.iter().map(|row| Move { from: &row.staged, to: &row.path }).collect();
    folders.publish(&moves).context("publish")?;
    for output in &outputs {
        let OutputRow { run_id, unit, kind, path, .. } = output;
        tracing::info!(run = %run_id, unit, %kind, file = %path, "published");
    }
    Ok(outputs)
}

/// `HHMM` in the zone of the machine, as partners expect their ISA10.
fn clock_time(started: i64) -> Text {
    let zoned =
        jiff::Timestamp::from_microsecond(started).unwrap_or_default().to_zoned(jiff::tz::TimeZone::system());
    Text::from(zoned.strftime("%H%M").to_string())
}
