//! Lines that do not stand as the unit that took them left them: the facts of a later look must say why, be it a release or a
//! change of the order.

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

/// The same with what is asked for: a change of the order changes that too. A line that waits is read again with its order, and
/// asks what it asks then.
fn whole(fact: &OrderLineFact) -> String {
    let OrderLineFact { po_line_id, ship_to, ordered_unit, ordered_quantity_micro, value_micro, .. } = fact;
    let micros = |value: &Option<i64>| value.map_or_else(|| "none".to_owned(), |value| value.to_string());
    format!(
        "{} millionths of {ordered_unit:?} asked for (line id {po_line_id:?}, ship-to {ship_to:?}, value {}): {}",
        micros(ordered_quantity_micro),
        micros(value_micro),
        judgement(fact)
    )
}

/// What a line that nobody has told of is.
const NO_LINE: &str = "no such line";

/// A line that stands otherwise now.
#[derive(Debug)]
struct Moved {
    unit: u32,
    /// Whether what is asked for counts.
    whole: bool,
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
        self.moved
            .insert(key, Moved { unit, whole: false, said: judgement(fact), stands: judgement(stored) });
    }

    /// The lines of an order that was changed since, each by its number: one may have come in addition.
    pub(super) fn add_changed(&mut self, unit: u32, facts: &[OrderLineFact], stands: &[OrderLineFact]) {
        let mut first: BTreeMap<u32, &OrderLineFact> = facts.iter().map(|fact| (fact.line, fact)).collect();
        for stored in stands {
            let asked = stored.state != "held";
            let told = |fact: &OrderLineFact| if asked { whole(fact) } else { judgement(fact) };
            let said = first.remove(&stored.line).map_or_else(|| NO_LINE.to_owned(), told);
            let stands = told(stored);
            // also where nothing differs: a line may have been put back to what it was before its change
            let key = (stored.order_id.clone(), stored.line);
            self.moved.insert(key, Moved { unit, whole: asked, said, stands });
        }
        for (line, fact) in first {
            let key = (fact.order_id.clone(), line);
            self.moved
                .insert(key, Moved { unit, whole: true, said: whole(fact), stands: NO_LINE.to_owned() });
        }
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
        let (mut unread, mut unproved) = (0, 0);
        for name in since {
            for unit in tx.units(&name.run_id)? {
                let counts: Counts = serde_json::from_str(&unit.counts).unwrap_or_default();
                if unit.stage == "orders" && !counts.changes.contains_key("applied") {
                    // nothing of it is a second look
                    continue;
                }
                unread += self.read(desk, tx, &name.run_id, unit.unit)?;
            }
        }
        for ((order_id, line), Moved { unit, said, stands, .. }) in self.moved {
            if said == stands {
                continue;
            }
            if unread > 0 {
                unproved += 1;
                continue;
            }
            let finding = Finding { run_id: run.run_id.clone(), unit, ..Finding::default() };
            let row = format!("store: purchase_order {order_id} line {line}");
            proof.find("altered_row", Finding { row, expected: said, found: stands, ..finding });
        }
        if unproved > 0 {
            proof.notes.push(format!(
                "run {}: {unproved} lines were judged again by later runs whose facts are not there: they were proved by their \
                 rows' seals alone",
                run.run_id
            ));
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
                    moved.said = if moved.whole { whole(fact) } else { judgement(fact) };
                }
            }
        }
        Ok(unread)
    }
}
