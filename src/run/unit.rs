//! One unit of work: everything that a file, or a batch of small files, puts into the store and into the outputs, in
//! one transaction that proves its balance first.

mod for_the_erp;

use crate::documents::change_rows::ChangeRow;
use crate::documents::internal_order::InternalOrderRow;
use crate::domain::Text;
use crate::domain::diagnostic::Diagnostic;
use crate::domain::fact::{InvoiceLineFact, OrderLineFact};
use crate::domain::partner::PartnerProfile;
use crate::facts;
use crate::run::changes::Before;
use crate::run::counts::{Counts, tick};
use crate::run::exceptions;
use crate::run::night::Stage;
use crate::run::sent;
use crate::run::source::{HashingWriter, Source, Stamp, digest_of};
use crate::run::spool::Spool;
use crate::site::config::Settings;
use crate::site::folders::{ClaimedFile, Folders, Move, StagedUnit, kept_path, safe_file_name};
use crate::store::sent::{SentGroup, SentRow};
use crate::store::{ExceptionRow, OutputRow, ReceiptRow, RunRow, Transaction};
use crate::x12::writer::{self, OutboundEnvelope, WrittenSet};
use crate::xref::index::XrefIndex;
use anyhow::{Context as _, Result, bail};
use for_the_erp::ErpFiles;
use serde_json::json;
use std::collections::BTreeSet;

/// So many rows of facts are kept before they are written as a part of their own.
const FACT_ROWS_MAX: usize = 50_000;
/// So many sets go into one outbound interchange at the most.
pub(crate) const SETS_MAX: usize = 1_000;

/// An open unit. Dropping it undoes everything but staged files, which the next attempt overwrites.
pub(crate) struct Unit<'u> {
    pub tx: Box<dyn Transaction + 'u>,
    pub settings: &'u Settings,
    pub folders: &'u Folders,
    pub run: &'u RunRow,
    pub number: u32,
    pub counts: Counts,
    pub index: &'u XrefIndex,
    pub before: Before,
    stage: Stage,
    orders: ErpFiles<InternalOrderRow>,
    changes: ErpFiles<ChangeRow>,
    order_facts: Vec<OrderLineFact>,
    invoice_facts: Vec<InvoiceLineFact>,
    fact_parts: u32,
    orders_taken: u32,
    staged: Option<StagedUnit<'u>>,
    /// Where each staged output stands and where it will be published.
    outputs: Vec<(Text, Text)>,
    /// Places in archive/ and quarantine/ that this unit will fill.
    planned: BTreeSet<String>,
    /// The inputs as they were when they were read.
    stamps: Vec<Stamp>,
    /// Digests of this unit's inputs that were processed whole.
    processed: BTreeSet<Text>,
}

impl<'u> Unit<'u> {
    pub(crate) fn begin(
        mut tx: Box<dyn Transaction + 'u>,
        settings: &'u Settings,
        folders: &'u Folders,
        run: &'u RunRow,
        stage: Stage,
        index: &'u XrefIndex,
    ) -> Result<Self> {
        let number = tx.next_unit(&run.run_id)?;
        Ok(Self {
            tx,
            settings,
            folders,
            run,
            number,
            counts: Counts::default(),
            index,
            before: Before::default(),
            stage,
            orders: ErpFiles::default(),
            changes: ErpFiles::default(),
            order_facts: Vec::new(),
            invoice_facts: Vec::new(),
            fact_parts: 0,
            orders_taken: 0,
            staged: None,
            outputs: Vec::new(),
            planned: BTreeSet::new(),
            stamps: Vec::new(),
            processed: BTreeSet::new(),
        })
    }

    /// `RUN-UUUU-NNNNN`: the unit, and the order's number in it, so that an interrupted run gives the same ids.
    pub(crate) fn next_order_id(&mut self) -> Text {
        self.orders_taken += 1;
        Text::from(format!("{}-{:04}-{:05}", self.run.run_id, self.number, self.orders_taken))
    }

    /// The receipt of an input, its partner and its state still open.
    pub(crate) fn receipt(
        &mut self,
        claimed: &ClaimedFile,
        digest: &str,
        source: &Source,
    ) -> Result<ReceiptRow> {
        self.stamps.push(source.stamp());
        let taken = |path: &str| self.planned.contains(path);
        let archive = self.folders.archive_path(self.run.date, &claimed.relative, &self.run.run_id, taken)?;
        self.planned.insert(archive.clone());
        Ok(ReceiptRow {
            run_id: self.run.run_id.clone(),
            unit: self.number,
            stage: self.stage.as_str().into(),
            name: Text::from(claimed.relative.as_str()),
            digest: digest.into(),
            bytes: source.length,
            partner: Text::default(),
            state: Text::default(),
            work_path: claimed.work_path.as_str().into(),
            archive_path: archive.into(),
        })
    }

    /// Whether these bytes were processed before: in an earlier unit, or earlier in this one.
    pub(crate) fn knows(&mut self, digest: &str) -> Result<bool> {
        Ok(self.processed.contains(digest) || self.tx.receipt(self.stage.as_str(), digest)?.is_some())
    }

    /// Remembers an input of this unit that was processed whole.
    pub(crate) fn remember(&mut self, receipt: &ReceiptRow) {
        if receipt.state == "processed" {
            self.processed.insert(receipt.digest.clone());
        }
    }

    pub(crate) fn add_order_facts(&mut self, rows: impl Iterator<Item = OrderLineFact>) -> Result<()> {
        self.order_facts.extend(rows);
        if self.order_facts.len() >= FACT_ROWS_MAX { self.write_facts() } else { Ok(()) }
    }

    pub(crate) fn add_invoice_facts(&mut self, rows: Vec<InvoiceLineFact>) -> Result<()> {
        self.invoice_facts.extend(rows);
        if self.invoice_facts.len() >= FACT_ROWS_MAX { self.write_facts() } else { Ok(()) }
    }

    /// Something that waits for a person.
    pub(crate) fn add_exception(&mut self, row: ExceptionRow) -> Result<()> {
        self.counts.exceptions += 1;
        tracing::debug!(kind = %row.kind, cause = %row.cause, order = %row.order_id, line = row.line, "waits for a person");
        self.tx.add_exception(&ExceptionRow { run_id: self.run.run_id.clone(), ..row })
    }

    /// Writes the sets as interchanges for the partner, each with control numbers of its own. Under an envelope that cannot
    /// be said nothing goes out, and a person is told.
    pub(crate) fn send(
        &mut self,
        profile: &PartnerProfile,
        envelope: &OutboundEnvelope,
        kind: &str,
        sets: &[WrittenSet],
    ) -> Result<()> {
        if !sets.is_empty() && self.is_misaddressed(profile, envelope, kind)? {
            return Ok(());
        }
        for sets in sets.chunks(SETS_MAX) {
            let (interchange, group) = sent::numbers(self.tx.as_mut(), profile, 1)?;
            let bytes = writer::interchange(envelope, interchange, group, sets);
            let groups = vec![sent::group(envelope, group, sets)];
            self.stage_outbound(profile, (kind, interchange), envelope, groups, &bytes)?;
            *self.counts.documents.entry(Text::from(kind)).or_default() += sets.len() as u64;
        }
        Ok(())
    }

    /// Writes the sets as interchanges for the partner, each set under the envelope that stands beside it: neighbours with the
    /// same ids and version share a group. The first one's ISA is the interchange's. What has an envelope that cannot be said
    /// does not go out, and a person is told.
    pub(crate) fn send_addressed(
        &mut self,
        profile: &PartnerProfile,
        kind: &str,
        envelopes: &[OutboundEnvelope],
        sets: &[WrittenSet],
    ) -> Result<()> {
        assert_eq!(envelopes.len(), sets.len(), "each set has its envelope");
        for (envelopes, sets) in envelopes.chunks(SETS_MAX).zip(sets.chunks(SETS_MAX)) {
            let mut groups: Vec<(&OutboundEnvelope, &[WrittenSet])> = Vec::new();
            let mut rest = sets;
            for run in envelopes.chunk_by(|a, b| a == b) {
                let (mine, others) = rest.split_at(run.len());
                rest = others;
                if let Some(envelope) = run.first()
                    && !self.is_misaddressed(profile, envelope, kind)?
                {
                    groups.push((envelope, mine));
                }
            }
            let Some((envelope, _)) = groups.first() else { continue };
            let count = u32::try_from(groups.len()).unwrap_or(u32::MAX);
            let (interchange, group) = sent::numbers(self.tx.as_mut(), profile, count)?;
            let bytes = writer::interchange_of_groups(envelope, interchange, group, &groups);
            let listed = (group..).zip(&groups).map(|(control, (own, sets))| sent::group(own, control, sets));
            self.stage_outbound(profile, (kind, interchange), envelope, listed.collect(), &bytes)?;
            let sent: usize = groups.iter().map(|(_, sets)| sets.len()).sum();
            *self.counts.documents.entry(Text::from(kind)).or_default() += sent as u64;
        }
        Ok(())
    }

    /// Writes a set of which the greater part, behind the first bytes of its body, stands in a file: an interchange of its own.
    pub(crate) fn send_spooled(
        &mut self,
        profile: &PartnerProfile,
        envelope: &OutboundEnvelope,
        kind: &str,
        (set, head): (&WrittenSet, usize),
        spool: Spool,
    ) -> Result<()> {
        if self.is_misaddressed(profile, envelope, kind)? {
            return Ok(());
        }
        let (interchange, group) = sent::numbers(self.tx.as_mut(), profile, 1)?;
        let (before, after) = writer::around(envelope, interchange, group, (set, head));
        let path = outbound_path(profile, kind, interchange);
        let mut writer = self.staged()?.writer(&path)?;
        let digest = spool.copy_between(&before, &after, &mut writer)?;
        let staged = (path, writer.finish()?, digest);
        let groups = vec![sent::group(envelope, group, std::slice::from_ref(set))];
        tick(&mut self.counts.documents, kind);
        self.list_outbound(profile, (kind, interchange), envelope, groups, staged)
    }

    /// A TA1 in an interchange of its own.
    pub(crate) fn send_ta1(
        &mut self,
        profile: &PartnerProfile,
        envelope: &OutboundEnvelope,
        ta1: &crate::x12::envelope::Ta1,
    ) -> Result<()> {
        if self.is_misaddressed(profile, envelope, "ta1")? {
            return Ok(());
        }
        let (interchange, _) = sent::numbers(self.tx.as_mut(), profile, 0)?;
        let bytes = writer::ta1_interchange(envelope, interchange, std::slice::from_ref(ta1));
        tick(&mut self.counts.documents, "ta1");
        self.stage_outbound(profile, ("ta1", interchange), envelope, Vec::new(), &bytes)
    }

    /// Whether an id cannot stand in ISA or GS: a sender whom no profile names may have any. It waits for a person.
    fn is_misaddressed(
        &mut self,
        profile: &PartnerProfile,
        envelope: &OutboundEnvelope,
        kind: &str,
    ) -> Result<bool> {
        // what a sender left empty goes back empty
        let mut problems = envelope.problems();
        problems.retain(|problem| !problem.found.trim().is_empty());
        if !problems.is_empty() {
            let customer = &profile.partner.customer;
            let row = exceptions::document("envelope", kind, profile.id(), customer, &problems);
            self.add_exception(row)?;
        }
        Ok(!problems.is_empty())
    }

    /// Stages an interchange for the partner, and keeps what an acknowledgment of it will be held against.
    fn stage_outbound(
        &mut self,
        profile: &PartnerProfile,
        (kind, control): (&str, u32),
        envelope: &OutboundEnvelope,
        groups: Vec<SentGroup>,
        bytes: &[u8],
    ) -> Result<()> {
        let path = outbound_path(profile, kind, control);
        let staged = self.staged()?.stage(&path, bytes)?;
        self.list_outbound(profile, (kind, control), envelope, groups, (path, staged, digest_of(bytes)))
    }

    fn list_outbound(
        &mut self,
        profile: &PartnerProfile,
        (kind, control): (&str, u32),
        envelope: &OutboundEnvelope,
        groups: Vec<SentGroup>,
        (path, staged, digest): (String, String, String),
    ) -> Result<()> {
        let control = format!("{control:09}");
        tracing::info!(run = %self.run.run_id, partner = %profile.id(), kind, interchange = %control, file = %path, "sent");
        self.tx.add_sent(&SentRow {
            run_id: self.run.run_id.clone(),
            unit: self.number,
            kind: kind.into(),
            partner: profile.id().clone(),
            control: control.as_str().into(),
            path: path.as_str().into(),
            kept: kept_path(&self.run.run_id, &path).into(),
            digest: digest.as_str().into(),
            groups,
            ..sent::row(envelope)
        })?;
        self.list(kind, profile.id(), &control, &path, staged, digest)
    }

    /// Puts an input, or pieces of it one after the other, into quarantine with the reasons beside it. They may be larger than
    /// memory should grow.
    pub(crate) fn quarantine(
        &mut self,
        name: &str,
        source: &Source,
        pieces: impl IntoIterator<Item = (u64, u64)>,
        why: &[Diagnostic],
        partner: &str,
    ) -> Result<()> {
        let path = self.quarantine_place(name, why, partner)?;
        let mut writer = HashingWriter::new(self.staged()?.writer(&path)?);
        for (offset, length) in pieces {
            source.copy(offset, length, &mut writer)?;
        }
        let (writer, digest) = writer.finish();
        self.list("quarantine", partner, "", &path, writer.finish()?, digest)
    }

    /// The same for one piece, under the name that its content has.
    pub(crate) fn quarantine_piece(
        &mut self,
        name: &str,
        (source, offset, length): (&Source, u64, u64),
        why: &[Diagnostic],
        partner: &str,
    ) -> Result<()> {
        self.quarantine(source.name_of_content(name), source, [(offset, length)], why, partner)
    }

    /// Stages the reasons, and returns where the input itself goes.
    fn quarantine_place(&mut self, name: &str, why: &[Diagnostic], partner: &str) -> Result<String> {
        let taken = |path: &str| self.planned.contains(path);
        let rule = why.first().map_or("", |first| first.rule.code);
        tracing::info!(run = %self.run.run_id, partner, file = name, rule, "quarantined");
        let paths = self.folders.quarantine_paths(name, &self.run.run_id, taken)?;
        self.planned.insert(paths.file.clone());
        self.planned.insert(paths.why.clone());
        let because = json!({"file": name, "run_id": self.run.run_id, "partner": partner});
        let mut because = serde_json::to_vec_pretty(&exceptions::telling(because, why))?;
        because.push(b'\n');
        self.stage("quarantine", partner, "", &paths.why, &because)?;
        Ok(paths.file)
    }

    fn stage(&mut self, kind: &str, partner: &str, control: &str, path: &str, bytes: &[u8]) -> Result<()> {
        let staged = self.staged()?.stage(path, bytes)?;
        self.list(kind, partner, control, path, staged, digest_of(bytes))
    }

    /// The unit's staging folder, made when it is first needed.
    fn staged(&mut self) -> Result<&StagedUnit<'u>> {
        if self.staged.is_none() {
            self.staged = Some(self.folders.begin_unit(&self.run.run_id, self.number)?);
        }
        self.staged.as_ref().context("the unit's folder was just made")
    }

    fn list(
        &mut self,
        kind: &str,
        partner: &str,
        control: &str,
        path: &str,
        staged: String,
        digest: String,
    ) -> Result<()> {
        self.outputs.push((staged.as_str().into(), path.into()));
        self.tx.stage_output(&OutputRow {
            run_id: self.run.run_id.clone(),
            unit: self.number,
            staged: staged.into(),
            path: path.into(),
            kind: kind.into(),
            partner: partner.into(),
            control: control.into(),
            digest: digest.into(),
        })
    }

    fn write_facts(&mut self) -> Result<()> {
        let (date, run_id) = (self.run.date, self.run.run_id.clone());
        self.fact_parts += 1;
        let part = self.fact_parts;
        // A unit's first part has the plain name; a large unit has more of them.
        let named = |path: String| match part {
            1 => path,
            _ => path.replace(".parquet", &format!("-{part:03}.parquet")),
        };
        if !self.order_facts.is_empty() {
            let bytes = facts::write::order_lines_parquet(&std::mem::take(&mut self.order_facts))?;
            self.stage("facts", "", "", &named(facts::order_lines_path(date, &run_id, self.number)), &bytes)?;
        }
        if !self.invoice_facts.is_empty() {
            let bytes = facts::write::invoice_lines_parquet(&std::mem::take(&mut self.invoice_facts))?;
            self.stage(
                "facts",
                "",
                "",
                &named(facts::invoice_lines_path(date, &run_id, self.number)),
                &bytes,
            )?;
        }
        Ok(())
    }

    /// A unit that could not be published whole is not committed: nothing of it goes out.
    fn make_room(&self, receipts: &[ReceiptRow]) -> Result<()> {
        let outputs = self.outputs.iter().map(|(from, to)| Move { from, to });
        let inputs =
            receipts.iter().map(|receipt| Move { from: &receipt.work_path, to: &receipt.archive_path });
        self.folders.make_room(&outputs.chain(inputs).collect::<Vec<_>>())
    }

    /// Proves the balance, lists the receipts and commits. Nothing of the unit is there if this fails.
    pub(crate) fn commit(mut self, receipts: &[ReceiptRow]) -> Result<Counts> {
        self.end_erp_files()?;
        self.write_facts()?;
        for receipt in receipts {
            tick(&mut self.counts.files, &receipt.state);
            self.tx.add_receipt(receipt)?;
        }
        if let Some(sum) = self.counts.imbalance() {
            let rule = &crate::domain::rules::business::UNBALANCED;
            let names: Vec<&str> = receipts.iter().map(|receipt| receipt.name.as_str()).take(5).collect();
            bail!("{} {}: unit {} ({}): {sum}", rule.code, rule.title, self.number, names.join(", "));
        }
        self.stamps.iter().try_for_each(Stamp::prove)?;
        self.make_room(receipts)?;
        if let Some(staged) = &self.staged {
            staged.sync()?;
        }
        let counts = serde_json::to_string(&self.counts)?;
        self.tx.add_unit(&self.run.run_id, self.number, self.stage.as_str(), &counts)?;
        self.tx.commit().with_context(|| format!("commit unit {}", self.number))?;
        let stage = self.stage.as_str();
        tracing::info!(run = %self.run.run_id, unit = self.number, stage, files = receipts.len(), "unit committed");
        Ok(self.counts)
    }
}

/// Where an interchange for the partner is published.
fn outbound_path(profile: &PartnerProfile, kind: &str, control: u32) -> String {
    format!("outbox/{}/{kind}-{control:09}.edi", safe_file_name(profile.id()))
}

#[cfg(test)]
mod tests;
