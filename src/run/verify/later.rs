//! Lines that do not stand as the unit that took them left them: the facts of later units must say why.

use crate::domain::Text;
use crate::domain::fact::OrderLineFact;
use crate::facts::ORDER_LINES_DIR;
use crate::facts::read::order_lines;
use crate::run::counts::Counts;
use crate::run::verify::Desk;
use crate::run::verify::files::{Standing, standing};
use crate::run::verify::finding::{Finding, Proof};
use crate::store::Transaction;
use crate::store::proof::{ListedOutput, RunName};
use anyhow::Result;
use std::collections::BTreeMap;

/// How a line is judged, as far as a later look changes it.
pub(super) fn judgement(fact: &OrderLineFact) -> String {
    let OrderLineFact { state, outcome, item, via, unit, xref_id, quantity_micro, .. } = fact;
    let whole = |value: &Option<i64>| value.map_or_else(|| "none".to_owned(), |value| value.to_string());
    format!(
        "{state}, {outcome}, item {item:?} by {via:?} (xref {}), {} millionths of {unit:?}",
        whole(xref_id),
        whole(quantity_micro)
    )
}

/// A line that stands otherwise now.
#[derive(Debug)]
struct Moved {
    unit: u32,
    /// As the newest fact has it.
    said: String,
    /// As the store has it.
    stands: String,
}

/// The lines of one run that were judged again since.
#[derive(Debug, Default)]
pub(super) struct Later {
    moved: BTreeMap<(Text, u32), Moved>,
}

impl Later {
    pub(super) fn add(&mut self, unit: u32, fact: &OrderLineFact, stored: &OrderLineFact) {
        let key = (fact.order_id.clone(), fact.line);
        self.moved.insert(key, Moved { unit, said: judgement(fact), stands: judgement(stored) });
    }

    /// Reads what was said of these lines since; what nothing said is a finding. `since` begins with their run.
    pub(super) fn explain(
        mut self,
        desk: &Desk<'_>,
        tx: &mut dyn Transaction,
        proof: &mut Proof,
        since: &[RunName],
    ) -> Result<()> {
        let Some(run) = since.first() else { return Ok(()) };
        if self.moved.is_empty() {
            return Ok(());
        }
        let mut unread = 0;
        for name in since {
            for unit in tx.units(&name.run_id)? {
                let counts: Counts = serde_json::from_str(&unit.counts).unwrap_or_default();
                if unit.stage == "orders" && counts.lines.changes == 0 {
                    // nothing of it is a second look
                    continue;
                }
                unread += self.read(desk, tx, &name.run_id, unit.unit)?;
            }
        }
        for ((order_id, line), Moved { unit, said, stands }) in self.moved {
            if said == stands {
                continue;
            }
            if unread > 0 {
                proof.notes.push(format!(
                    "order {order_id} line {line} was judged again by a later run whose facts are not there"
                ));
                continue;
            }
            let finding = Finding { run_id: run.run_id.clone(), unit, ..Finding::default() };
            let row = format!("store: purchase_order {order_id} line {line}");
            proof.find("altered_row", Finding { row, expected: said, found: stands, ..finding });
        }
        Ok(())
    }

    /// How many files of the unit could not be read.
    fn read(&mut self, desk: &Desk<'_>, tx: &mut dyn Transaction, run_id: &str, unit: u32) -> Result<u32> {
        let mut unread = 0;
        for ListedOutput { output, published } in tx.unit_outputs(run_id, unit)? {
            if output.kind != "facts" || !output.path.starts_with(ORDER_LINES_DIR) {
                continue;
            }
            let path = if published { &output.path } else { &output.staged };
            if !matches!(standing(desk.folders, path, &output.digest)?, Standing::Intact(_)) {
                unread += 1;
                continue;
            }
            for fact in order_lines(&desk.folders.path(path)?)?.iter().filter(|fact| fact.again) {
                if let Some(moved) = self.moved.get_mut(&(fact.order_id.clone(), fact.line)) {
                    moved.said = judgement(fact);
                }
            }
        }
        Ok(unread)
    }
}
