//! What goes out to the partner of an interchange while that is taken: sent as soon as there is enough of it, so that memory does
//! not grow with the interchange.

use crate::documents::fa997::{Finished, GroupAcknowledgment, GroupWriter, SetAcknowledgment};
use crate::domain::partner::PartnerProfile;
use crate::run::orders::Answers;
use crate::run::spool::Spool;
use crate::run::unit::{SETS_MAX, Unit};
use crate::x12::writer::{OutboundEnvelope, WrittenSet};
use anyhow::Result;

/// So many bytes of documents of one kind wait for others.
const WAITING_BYTES_MAX: usize = 4 << 20;
/// So many bytes of one 997 are held in memory.
const ACKNOWLEDGMENT_BYTES_MAX: usize = 1 << 20;

/// The documents that wait.
pub(crate) struct Outgoing<'o> {
    profile: &'o PartnerProfile,
    outbound: &'o OutboundEnvelope,
    acknowledgments: Pile,
    /// One for each of the 997s: its group's own.
    envelopes: Vec<OutboundEnvelope>,
    changes: Pile,
    answers: Pile,
    invoices: Pile,
}

/// Documents of one kind.
struct Pile {
    kind: &'static str,
    sets: Vec<WrittenSet>,
    bytes: usize,
}

impl<'o> Outgoing<'o> {
    pub(crate) fn new(profile: &'o PartnerProfile, outbound: &'o OutboundEnvelope) -> Self {
        let pile = |kind| Pile { kind, sets: Vec::new(), bytes: 0 };
        Self {
            profile,
            outbound,
            acknowledgments: pile("997"),
            envelopes: Vec::new(),
            changes: pile("865"),
            answers: pile("855"),
            invoices: pile("810"),
        }
    }

    /// Takes what a document wants sent. What waits goes where one more would be too many: an interchange that is answered
    /// by no more than fits into one of ours is answered when all of it was taken.
    pub(crate) fn add(&mut self, unit: &mut Unit<'_>, sent: Answers) -> Result<()> {
        let Self { profile, outbound, changes, answers, invoices, .. } = self;
        let piles =
            [(answers, sent.answer), (changes, sent.change)].map(|(pile, set)| (pile, Vec::from_iter(set)));
        for (pile, sets) in piles.into_iter().chain([(invoices, sent.invoice)]) {
            for set in sets {
                if pile.is_full() {
                    pile.send(unit, profile, outbound)?;
                }
                pile.push(set);
            }
        }
        Ok(())
    }

    /// Takes the 997 of a group; what of it does not stand in memory goes at once.
    pub(crate) fn acknowledge(&mut self, unit: &mut Unit<'_>, answer: FinishedGroup) -> Result<()> {
        let FinishedGroup { finished: Finished { set, head, .. }, envelope, spool } = answer;
        if self.acknowledgments.is_full() || spool.is_some() {
            self.send_acknowledgments(unit)?;
        }
        if let Some(spool) = spool {
            return unit.send_spooled(
                self.profile,
                &envelope,
                self.acknowledgments.kind,
                (&set, head),
                spool,
            );
        }
        self.acknowledgments.push(set);
        self.envelopes.push(envelope);
        Ok(())
    }

    /// The rest: the 997s first, the invoices last.
    pub(crate) fn finish(mut self, unit: &mut Unit<'_>) -> Result<()> {
        self.send_acknowledgments(unit)?;
        let Self { profile, outbound, changes, answers, invoices, .. } = &mut self;
        for pile in [changes, answers, invoices] {
            pile.send(unit, profile, outbound)?;
        }
        Ok(())
    }

    fn send_acknowledgments(&mut self, unit: &mut Unit<'_>) -> Result<()> {
        let (sets, envelopes) = (self.acknowledgments.take(), std::mem::take(&mut self.envelopes));
        unit.send_addressed(self.profile, self.acknowledgments.kind, &envelopes, &sets)
    }
}

impl Pile {
    fn is_full(&self) -> bool {
        self.sets.len() >= SETS_MAX || self.bytes >= WAITING_BYTES_MAX
    }

    fn push(&mut self, set: WrittenSet) {
        self.bytes += set.body.len();
        self.sets.push(set);
    }

    fn take(&mut self) -> Vec<WrittenSet> {
        self.bytes = 0;
        std::mem::take(&mut self.sets)
    }

    fn send(
        &mut self,
        unit: &mut Unit<'_>,
        profile: &PartnerProfile,
        outbound: &OutboundEnvelope,
    ) -> Result<()> {
        let sets = self.take();
        unit.send(profile, outbound, self.kind, &sets)
    }
}

/// The 997 of the group at hand: of each set no more than its segments, of very many sets not even those in memory.
pub(crate) struct GroupAnswer {
    writer: GroupWriter,
    envelope: OutboundEnvelope,
    spool: Option<Spool>,
}

/// The same when the group has ended.
pub(crate) struct FinishedGroup {
    pub finished: Finished,
    pub envelope: OutboundEnvelope,
    spool: Option<Spool>,
}

impl GroupAnswer {
    /// `group` has the findings about it, and no sets.
    pub(crate) fn begin(group: &GroupAcknowledgment, envelope: OutboundEnvelope) -> Self {
        Self { writer: GroupWriter::begin(group, &envelope), envelope, spool: None }
    }

    pub(crate) fn set(&mut self, unit: &Unit<'_>, set: &SetAcknowledgment) -> Result<()> {
        self.writer.set(set);
        if self.writer.waiting() < ACKNOWLEDGMENT_BYTES_MAX {
            return Ok(());
        }
        let spool = match &mut self.spool {
            Some(spool) => spool,
            none => none.insert(Spool::make(&unit.folders.unpacked(&unit.run.run_id)?)?),
        };
        spool.add(&self.writer.take_away())
    }

    /// None where the group is not answered.
    pub(crate) fn finish(self, stated_sets: Option<u32>) -> Option<FinishedGroup> {
        let Self { writer, envelope, spool } = self;
        writer.is_wanted().then(|| FinishedGroup { finished: writer.finish(stated_sets), envelope, spool })
    }
}
