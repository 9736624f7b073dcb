//! What a unit, and a run, counted; and the proof that no line was lost or doubled.

use crate::domain::Text;
use crate::domain::resolution::{DecidedOrder, LineOutcome, LineState};
use crate::pipeline::release::Released;
use crate::run::sums::Balance;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Counts of one committed unit; a run's are their sum.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// Input files by what became of them: `processed`, `duplicate`, `quarantined`, `partial`.
    pub files: Tally,
    /// Interchanges: `processed`, `duplicate`, `quarantined`, `test`.
    pub interchanges: Tally,
    /// Orders: `ordered`, `part_held`, `held`, `rejected`, `duplicate`, `changed_resend`, `change`, `test`.
    pub orders: Tally,
    /// Changes of orders: `held` when they came, `applied`, `by_hand`, `rejected`.
    pub changes: Tally,
    pub lines: LineCounts,
    /// Lines that earlier runs held: they are none of this run's lines in.
    pub released: ReleaseCounts,
    /// Quantities and values by what became of their lines.
    #[serde(flatten)]
    pub balance: Balance,
    /// Lines by outcome, whatever became of them.
    pub outcomes: Tally,
    /// Mapped lines by the step that named the item.
    pub via: Tally,
    /// Documents written, by kind: `997`, `855`, `810`, `ta1`.
    pub documents: Tally,
    /// Invoices: `sent`, `posted`, `held`, `refused`, `duplicate`, `rejected`, `dropped`.
    pub invoices: Tally,
    /// POS rows: `paid`, `unpaid`, `known`, `walk_in`.
    pub sales: Tally,
    /// 997, 999 and TA1 that partners sent back.
    pub acknowledgments: u64,
    /// Documents of ours by what these said of them (`accepted`, `accepted_with_errors`, `partially_accepted`, `rejected`),
    /// and the acknowledgments that said nothing new: `repeated`, or nothing of ours: `unmatched`.
    pub acknowledged: Tally,
    /// 824 and 864 that wait for a person to read them.
    pub messages: u64,
    pub customer_items_added: u64,
    /// The ledger's proof: posted `lines` with customer items, of these `made`, `told` and `differ`; `unmatched` events,
    /// `serials` of two things, exceptions `closed`.
    pub ledger: Tally,
    /// What waits for a person because of this run's inputs.
    pub exceptions: u64,
    /// What was noticed in documents that went their way all the same, the first so many, one text each.
    pub findings: Vec<String>,
    pub findings_left_out: u64,
}

/// So many findings are told of a unit and of a run; the others are counted.
const FINDINGS_MAX: usize = 200;

/// Names and how often; names that never occurred are not there.
pub type Tally = BTreeMap<Text, u64>;

/// Where each order line ended up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LineCounts {
    /// Counted in the bytes, before anything else looked at them.
    #[serde(rename = "in")]
    pub received: u64,
    pub ordered: u64,
    pub held: u64,
    pub rejected: u64,
    pub duplicate: u64,
    pub quarantined: u64,
    pub test: u64,
    pub changes: u64,
}

/// Orders that a release changed, and where their lines that waited are now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReleaseCounts {
    pub orders: u64,
    /// Lines that waited, counted in the store before the second look.
    pub lines: u64,
    pub ordered: u64,
    pub rejected: u64,
    /// Still.
    pub held: u64,
}

impl ReleaseCounts {
    /// Counts an order that a second look changed: the lines that waited before, the rows that went to the ERP, and the
    /// order's lines as they stand now.
    pub fn add_order(&mut self, released: &Released, rows: usize) {
        let moved = released.moved.iter().filter_map(|place| released.order.lines.get(*place));
        self.orders += 1;
        self.lines += released.waited.len() as u64;
        self.ordered += rows as u64;
        self.rejected += moved.filter(|line| line.state == LineState::Rejected).count() as u64;
        self.held += released.order.lines.iter().filter(|line| line.state == LineState::Held).count() as u64;
    }

    /// None if every line that waited is somewhere.
    fn imbalance(&self) -> Option<String> {
        let Self { lines, ordered, rejected, held, .. } = self;
        let out = ordered + rejected + held;
        (out != *lines).then(|| {
            format!("{lines} lines waited, but ordered {ordered} + rejected {rejected} + held {held} = {out}")
        })
    }
}

impl LineCounts {
    fn parts(&self) -> [(&'static str, u64); 7] {
        [
            ("ordered", self.ordered),
            ("held", self.held),
            ("rejected", self.rejected),
            ("duplicate", self.duplicate),
            ("quarantined", self.quarantined),
            ("test", self.test),
            ("changes", self.changes),
        ]
    }

    /// None if lines in = lines out; else the sum that shows the difference.
    fn imbalance(&self) -> Option<String> {
        let out: u64 = self.parts().iter().map(|(_, count)| count).sum();
        (out != self.received).then(|| {
            let parts: Vec<String> =
                self.parts().iter().map(|(name, count)| format!("{name} {count}")).collect();
            format!("{} lines in, but {} = {out}", self.received, parts.join(" + "))
        })
    }

    fn add(&mut self, other: &Self) {
        self.received += other.received;
        self.ordered += other.ordered;
        self.held += other.held;
        self.rejected += other.rejected;
        self.duplicate += other.duplicate;
        self.quarantined += other.quarantined;
        self.test += other.test;
        self.changes += other.changes;
    }
}

impl Counts {
    pub fn add(&mut self, other: &Self) {
        let pairs = [
            (&mut self.files, &other.files),
            (&mut self.interchanges, &other.interchanges),
            (&mut self.orders, &other.orders),
            (&mut self.changes, &other.changes),
            (&mut self.outcomes, &other.outcomes),
            (&mut self.via, &other.via),
            (&mut self.documents, &other.documents),
            (&mut self.invoices, &other.invoices),
            (&mut self.sales, &other.sales),
            (&mut self.acknowledged, &other.acknowledged),
            (&mut self.ledger, &other.ledger),
        ];
        for (mine, theirs) in pairs {
            for (name, count) in theirs {
                *mine.entry(name.clone()).or_default() += count;
            }
        }
        self.lines.add(&other.lines);
        self.balance.add_all(&other.balance);
        self.released.orders += other.released.orders;
        self.released.lines += other.released.lines;
        self.released.ordered += other.released.ordered;
        self.released.rejected += other.released.rejected;
        self.released.held += other.released.held;
        self.acknowledgments += other.acknowledgments;
        self.messages += other.messages;
        self.customer_items_added += other.customer_items_added;
        self.exceptions += other.exceptions;
        other.findings.iter().for_each(|finding| self.tell(finding.clone()));
        self.findings_left_out += other.findings_left_out;
    }

    /// None if no line, no quantity and no value was lost or doubled: of the inputs, and of what waited.
    pub fn imbalance(&self) -> Option<String> {
        let lines = self.lines.imbalance().or_else(|| self.released.imbalance());
        lines.or_else(|| self.balance.imbalance())
    }

    /// Keeps a finding, or counts it where enough are kept.
    pub fn tell(&mut self, finding: String) {
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(finding);
        } else {
            self.findings_left_out += 1;
        }
    }

    /// Counts where each line of a decided order went.
    pub fn add_order(&mut self, order: &DecidedOrder) {
        for line in &order.lines {
            tick(&mut self.outcomes, line.resolution.outcome.as_str());
            if let Some(via) = line.resolution.via.filter(|_| line.resolution.outcome == LineOutcome::Mapped)
            {
                tick(&mut self.via, via.as_str());
            }
            match line.state {
                LineState::Ordered => self.lines.ordered += 1,
                LineState::Held => self.lines.held += 1,
                // a line that has just come is not cancelled yet
                LineState::Rejected | LineState::Cancelled => self.lines.rejected += 1,
            }
        }
    }

    /// Whether something of this run's inputs waits for a person: exit code 1.
    pub fn waits(&self) -> bool {
        self.exceptions > 0 || self.lines.held > 0 || self.lines.rejected > 0 || self.lines.quarantined > 0
    }
}

/// One more of `name`.
pub fn tick(tally: &mut Tally, name: &str) {
    *tally.entry(Text::from(name)).or_default() += 1;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_imbalance_shows_its_sum() {
        let mut lines = LineCounts { received: 3, ordered: 2, held: 1, ..LineCounts::default() };
        assert_eq!(lines.imbalance(), None);
        let waited = ReleaseCounts { orders: 1, lines: 3, ordered: 2, rejected: 0, held: 0 };
        let told = Counts { released: waited, ..Counts::default() }.imbalance().unwrap();
        assert_eq!(told, "3 lines waited, but ordered 2 + rejected 0 + held 0 = 2");
        lines.held = 0;
        let told = lines.imbalance().unwrap();
        assert!(told.starts_with("3 lines in, but ordered 2 + held 0"), "{told}");
        assert!(told.ends_with("= 2"), "{told}");
    }
}
