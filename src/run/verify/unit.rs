//! One unit: every input of it read again from the archive, its orders as the store has them, its facts and its counts, in one
//! walk, because all four stand in one order.

use crate::domain::fact::OrderLineFact;
use crate::domain::partner::OrderSettings;
use crate::domain::resolution::DecidedOrder;
use crate::domain::{Date, Text};
use crate::pipeline::amounts::Amounts;
use crate::pipeline::process::Body;
use crate::run::counts::Counts;
use crate::run::input::{Content, Input, Surroundings};
use crate::run::orders::state_of;
use crate::run::stream::Judge;
use crate::run::sums::{Balance, Exact, Fate};
use crate::run::verify::documents::{Document, Documents};
use crate::run::verify::files::{Files, Standing, input_standing, tell};
use crate::run::verify::finding::{Finding, Proof};
use crate::run::verify::later::{Later, judgement};
use crate::run::verify::walk::{Facts, Orders};
use crate::run::verify::{Desk, RunProof, documents, versions};
use crate::run::x12_orders::lines_of;
use crate::run::{Source, order_facts};
use crate::site::folders::ClaimedFile;
use crate::store::{OrderRow, ReceiptRow, Transaction, lines};
use anyhow::Result;

/// What was seen beside findings.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Documents that do not read under today's settings as they did.
    pub(super) reads_otherwise: u64,
}

/// What the inputs of a unit come to when they are read again.
#[derive(Debug, Default)]
struct Again {
    /// Lines, as the run counted them in the bytes.
    lines: u64,
    balance: Balance,
    /// Whether every input is there as it came.
    complete: bool,
}

/// The unit under proof.
struct UnitProof<'u, 'd> {
    desk: &'u Desk<'d>,
    of: &'u RunProof<'u>,
    unit: u32,
    counts: &'u Counts,
    later: &'u mut Later,
    seen: &'u mut Seen,
    orders: Orders,
    facts: Facts,
    /// Lines and sums of the facts by their state.
    said: Balance,
    said_lines: [u64; 3],
}

pub(super) fn prove(
    desk: &Desk<'_>,
    tx: &mut dyn Transaction,
    proof: &mut Proof,
    of: &RunProof<'_>,
    (unit, stage, counts): (u32, &str, &Counts),
    files: &mut Files,
    (later, seen): (&mut Later, &mut Seen),
) -> Result<()> {
    if let Some(sum) = counts.imbalance() {
        proof.find("balance", Finding { row: format!("store: unit {unit}"), found: sum, ..of.finding(unit) });
    }
    proof.lines += counts.lines.received;
    let parts = std::mem::take(&mut files.order_lines);
    let walk = if stage == "release" { Facts::again } else { Facts::of };
    let facts = walk(parts, files.complete);
    let orders = Orders::of(&of.run.run_id, unit);
    let (said, said_lines) = (Balance::default(), [0; 3]);
    let mut one = UnitProof { desk, of, unit, counts, later, seen, orders, facts, said, said_lines };
    let mut again = Again { complete: true, ..Again::default() };
    for receipt in tx.unit_receipts(&of.run.run_id, unit)? {
        one.input(tx, proof, &receipt, &mut again)?;
    }
    match stage {
        "release" => one.released(tx, proof)?,
        _ => one.rest(tx, proof)?,
    }
    one.figures(proof, stage, &again);
    proof.facts += one.facts.rows;
    Ok(())
}

impl UnitProof<'_, '_> {
    fn finding(&self) -> Finding {
        self.of.finding(self.unit)
    }

    /// One input: its bytes, its structure, its documents and their orders.
    fn input(
        &mut self,
        tx: &mut dyn Transaction,
        proof: &mut Proof,
        receipt: &ReceiptRow,
        again: &mut Again,
    ) -> Result<()> {
        match input_standing(self.desk.folders, receipt, &self.desk.settings.limits.gz)? {
            Standing::Intact(bytes) => {
                proof.inputs += 1;
                proof.input_bytes += bytes;
                if matches!(receipt.stage.as_str(), "orders" | "acknowledgments") {
                    return self.documents(tx, proof, receipt, again);
                }
            }
            Standing::Missing if tx.removed(&receipt.archive_path, &receipt.run_id)?.is_some() => {
                proof.removed += 1;
                again.complete = false;
            }
            other => {
                again.complete = false;
                tell(proof, self.finding(), &receipt.archive_path, &receipt.digest, other);
            }
        }
        // its orders stand in the store all the same
        while let Some(row) = self.orders.next_of(tx, &receipt.name)? {
            self.order(tx, proof, &row, None)?;
        }
        Ok(())
    }

    fn documents(
        &mut self,
        tx: &mut dyn Transaction,
        proof: &mut Proof,
        receipt: &ReceiptRow,
        again: &mut Again,
    ) -> Result<()> {
        let Desk { settings, profiles, folders, index } = *self.desk;
        let (date, time) = (self.of.run.date, Text::default());
        let claimed = ClaimedFile {
            relative: receipt.name.to_string(),
            work_path: receipt.archive_path.to_string(),
            came_from: None,
        };
        let source = Source::look_into(&folders.path(&receipt.archive_path)?, &settings.limits.gz)?;
        let site = Surroundings { settings, folders, profiles, date, time: &time, run_id: "" };
        let input = Input::of(claimed, source, site)?;
        if receipt.stage == "acknowledgments" {
            again.lines += lines_of(&input.content);
            return Ok(());
        }
        let (company, unresolved, limits) = (&settings.company, settings.unresolved, &settings.limits.x12);
        let judge = Judge { company, profiles, index, unresolved, date, limits };
        again.lines += match &input.content {
            Content::X12 { .. } => lines_of(&input.content),
            Content::Csv { index, .. } => {
                let rows: u64 = index.orders.iter().map(|order| u64::from(order.rows)).sum();
                rows + index.quarantined_rows()
            }
            Content::Refused(_) => 0,
        };
        let mut walk = Documents::of(judge, &input, receipt);
        while let Some(Document { offset, counts, processed }) = walk.next(tx)? {
            let body = processed.body;
            if counts && !matches!(body, Body::Rejected) {
                let (split, currency) = documents::counted(&body, company);
                again.lines += split;
                again.balance.add(Fate::Received, processed.read, &currency);
            }
            let order = match &body {
                Body::Order(order) => Some(order.as_ref()),
                _ => None,
            };
            let po_number = order.map(|order| order.order.po_number.as_str());
            if let Some(row) = self.orders.next_at(tx, &receipt.name, offset, po_number)? {
                self.order(tx, proof, &row, Some(order))?;
            }
        }
        Ok(())
    }

    /// What the inputs did not lead to: orders that stand nowhere in them, and orders that the facts alone know.
    fn rest(&mut self, tx: &mut dyn Transaction, proof: &mut Proof) -> Result<()> {
        while let Some(row) = self.orders.next(tx)? {
            let finding = Finding {
                row: named(&row),
                expected: format!("a document of {} at byte {}", row.input, row.offset),
                found: "none that makes this order".into(),
                ..self.finding()
            };
            if self.of.same_settings {
                proof.find("unknown_row", finding);
            } else {
                self.seen.reads_otherwise += 1;
            }
            self.order(tx, proof, &row, None)?;
        }
        while let Some(facts) = self.facts.next_order()? {
            self.lost(proof, &facts);
        }
        Ok(())
    }

    /// An order of the facts that the store has not.
    fn lost(&mut self, proof: &mut Proof, facts: &[OrderLineFact]) {
        self.say_all(facts);
        let Some(first) = facts.first() else { return };
        let finding = Finding {
            row: format!("store: purchase_order {}, PO number {}", first.order_id, first.po_number),
            expected: format!("an order of {} lines, as its facts have it", facts.len()),
            ..self.finding()
        };
        proof.find("missing_row", finding);
    }

    /// One order of the store: by itself, against its facts, and against its document (None: it is not there to be read;
    /// `Some(None)`: it makes no order any more).
    #[expect(clippy::option_option, reason = "not read, and read as no order, are two things")]
    fn order(
        &mut self,
        tx: &mut dyn Transaction,
        proof: &mut Proof,
        row: &OrderRow,
        document: Option<Option<&DecidedOrder>>,
    ) -> Result<()> {
        proof.orders += 1;
        let finding = Finding { row: named(row), ..self.finding() };
        let stored = match lines::order_from_row(row) {
            Ok(stored) => stored,
            Err(error) => {
                proof.find("altered_row", Finding { found: format!("{error:#}"), ..finding });
                self.facts_of(proof, row)?;
                return Ok(());
            }
        };
        let state = state_of(&stored);
        if state != row.state {
            let (expected, found) =
                (format!("state {state}, from its lines"), format!("state {}", row.state));
            proof.find("altered_row", Finding { expected, found, ..finding.clone() });
        }
        let default = OrderSettings::default();
        let profile = self.desk.profiles.iter().find(|profile| *profile.id() == row.partner);
        let settings = profile.map_or(&default, |profile| &profile.orders);
        let rows = |order: &DecidedOrder| -> Vec<OrderLineFact> {
            order_facts::rows(order, settings, &row.order_id, Date::default(), &row.run_id, false).collect()
        };
        let stands = rows(&stored);
        let facts = self.facts_of(proof, row)?;
        let before = versions::before(tx, row)?;
        match &facts {
            None => {}
            Some(facts) if before.is_empty() => self.against_facts(proof, &finding, facts, &stands),
            Some(facts) => self.later.add_changed(self.unit, facts, &stands),
        }
        // as it came, if that is told anywhere
        let first = before.first().map(rows);
        let came = facts.as_ref().or(first.as_ref()).unwrap_or(&stands);
        match document {
            None => {}
            Some(document) => {
                let read = document.map(rows).unwrap_or_default();
                let Some((expected, found)) = documents::differ(&read, came) else { return Ok(()) };
                if self.of.same_settings {
                    proof.find("altered_row", Finding { expected, found, ..finding });
                } else {
                    self.seen.reads_otherwise += 1;
                }
            }
        }
        Ok(())
    }

    /// The facts of the order, in the course of which orders that the store lost come to light. None where they are not
    /// there to be read.
    fn facts_of(&mut self, proof: &mut Proof, row: &OrderRow) -> Result<Option<Vec<OrderLineFact>>> {
        if !self.facts.complete {
            return Ok(None);
        }
        while let Some(lost) = self.facts.next_order_before(&row.order_id)? {
            self.lost(proof, &lost);
        }
        let Some(facts) = self.facts.next_order_if(&row.order_id)? else {
            let expected = "facts of the order".into();
            let finding = Finding { row: named(row), expected, found: "none".into(), ..self.finding() };
            proof.find("unknown_row", finding);
            return Ok(None);
        };
        self.say_all(&facts);
        Ok(Some(facts))
    }

    fn say_all(&mut self, facts: &[OrderLineFact]) {
        for fact in facts {
            self.say(fact);
        }
    }

    fn say(&mut self, fact: &OrderLineFact) {
        let fates = [("ordered", Fate::Ordered), ("held", Fate::Held), ("rejected", Fate::Rejected)];
        let Some(at) = fates.iter().position(|(state, _)| fact.state == *state) else { return };
        let micros = |value: Option<i64>| value.map_or(0, i128::from);
        let amounts =
            Amounts { quantity: micros(fact.ordered_quantity_micro), value: micros(fact.value_micro) };
        if let (Some(lines), Some((_, fate))) = (self.said_lines.get_mut(at), fates.get(at)) {
            *lines += 1;
            self.said.add(*fate, amounts, &fact.currency);
        }
    }

    /// The lines of an order as the store has them against the facts of the unit that took it.
    fn against_facts(
        &mut self,
        proof: &mut Proof,
        finding: &Finding,
        facts: &[OrderLineFact],
        stands: &[OrderLineFact],
    ) {
        if facts.len() != stands.len() {
            let (expected, found) = (format!("{} lines", facts.len()), format!("{} lines", stands.len()));
            proof.find("altered_row", Finding { expected, found, ..finding.clone() });
            return;
        }
        for (fact, stored) in facts.iter().zip(stands) {
            // what a line asks for is read again with the order as long as it waits
            let settled = stored.state != "held";
            if let Some((expected, found)) = documents::asked_otherwise(fact, stored).filter(|_| settled) {
                proof.find("altered_row", Finding { expected, found, ..finding.clone() });
            } else if judgement(fact) != judgement(stored) {
                self.later.add(self.unit, fact, stored);
            }
        }
    }

    /// The facts of a release, or of changes that had waited: they stand for lines of orders that other units took.
    fn released(&mut self, tx: &mut dyn Transaction, proof: &mut Proof) -> Result<()> {
        while let Some(facts) = self.facts.next_order()? {
            self.say_all(&facts);
            let Some(first) = facts.first() else { continue };
            if tx.order(&first.order_id)?.is_none() {
                let row = format!("store: purchase_order {}, PO number {}", first.order_id, first.po_number);
                let expected = "the order that was released".into();
                proof.find("missing_row", Finding { row, expected, ..self.finding() });
            }
        }
        Ok(())
    }

    /// What was counted at the commit against archive and facts.
    fn figures(&self, proof: &mut Proof, stage: &str, again: &Again) {
        let Counts { lines, released, balance, changes, .. } = self.counts;
        let whole = |count: u64| Exact(i128::from(count) * 1_000_000);
        let mut figures: Vec<(&str, Exact, Exact)> = Vec::new();
        // sums were not counted before there were seals
        let counted = *balance != Balance::default();
        if again.complete && self.of.same_settings && matches!(stage, "orders" | "acknowledgments") {
            figures.push(("lines in, in the archive", whole(lines.received), whole(again.lines)));
            if counted {
                let (now, read) = (balance.quantities.received, again.balance.quantities.received);
                figures.push(("quantity in, in the archive", now, read));
            }
        }
        if self.facts.complete {
            let [ordered, held, rejected] = self.said_lines.map(whole);
            let said = &self.said.quantities;
            match stage {
                // changes that had waited are none of the lines that were released
                "release" if !changes.is_empty() => {}
                "release" => {
                    figures.push(("lines released, in the facts", whole(released.ordered), ordered));
                    figures.push(("lines rejected, in the facts", whole(released.rejected), rejected));
                    if counted {
                        let of = balance.released_quantities;
                        figures.push(("quantity released, in the facts", of.ordered, said.ordered));
                    }
                }
                "orders" => {
                    figures.push(("lines ordered, in the facts", whole(lines.ordered), ordered));
                    figures.push(("lines held, in the facts", whole(lines.held), held));
                    // a set that was rejected as a whole has no facts
                    let rejected = rejected.max(whole(lines.rejected));
                    figures.push(("lines rejected, in the facts", whole(lines.rejected), rejected));
                    if counted {
                        let of = balance.quantities;
                        figures.push(("quantity ordered, in the facts", of.ordered, said.ordered));
                        figures.push(("quantity held, in the facts", of.held, said.held));
                        figures.push(("quantity rejected, in the facts", of.rejected, said.rejected));
                    }
                }
                _ => {}
            }
        }
        for (what, expected, found) in figures.into_iter().filter(|(_, expected, found)| expected != found) {
            let (expected, found) = (expected.to_string(), found.to_string());
            proof.find("balance", Finding { row: what.into(), expected, found, ..self.finding() });
        }
        if counted && self.facts.complete && stage == "orders" {
            self.values(proof);
        }
    }

    fn values(&self, proof: &mut Proof) {
        for (currency, sums) in &self.counts.balance.values {
            let said = self.said.values.get(currency).copied().unwrap_or_default();
            for (what, expected, found) in [
                ("ordered", sums.ordered, said.ordered),
                ("held", sums.held, said.held),
                ("rejected", sums.rejected, said.rejected),
            ] {
                if expected != found {
                    let row = format!("value {what} {currency}, in the facts");
                    let (expected, found) = (expected.to_string(), found.to_string());
                    proof.find("balance", Finding { row, expected, found, ..self.finding() });
                }
            }
        }
    }
}

fn named(row: &OrderRow) -> String {
    format!("store: purchase_order {}, PO number {}", row.order_id, row.po_number)
}
