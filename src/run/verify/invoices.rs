//! Invoices of a run: each by itself, with what it bills of its order, and against its facts.

use crate::domain::fact::InvoiceLineFact;
use crate::domain::{Decimal, Text, money};
use crate::facts::INVOICE_LINES_DIR;
use crate::facts::read::invoice_lines;
use crate::pipeline::bill;
use crate::run::counts::Counts;
use crate::run::invoices::{StoredInvoice, billed_lines};
use crate::run::verify::files::{Standing, standing};
use crate::run::verify::finding::{Finding, Proof};
use crate::run::verify::{Desk, RunProof};
use crate::store::{InvoiceRow, Transaction};
use anyhow::Result;
use std::collections::BTreeMap;

/// Lines, quantity and amount of an invoice, in millionths.
type Sum = (u64, i128, i128);

/// The invoices of the run as its facts have them.
#[derive(Debug, Default)]
struct Said {
    invoices: BTreeMap<(Text, Text), Sum>,
    complete: bool,
}

pub(super) fn prove(
    desk: &Desk<'_>,
    tx: &mut dyn Transaction,
    proof: &mut Proof,
    of: &RunProof<'_>,
    counts: &Counts,
) -> Result<()> {
    let mut said = said(desk, tx, proof, of)?;
    let mut rows = Vec::new();
    let mut found = 0;
    tx.each_run_invoice(&of.run.run_id, &mut |row| {
        found += 1;
        proof.invoices += 1;
        if let Some(billed) = one(proof, of, &mut said, &row) {
            rows.push(billed);
        }
        Ok(())
    })?;
    for billed in rows {
        against_billed(tx, proof, of, &billed)?;
    }
    if said.complete {
        for ((kind, number), (lines, ..)) in said.invoices {
            let row = format!("store: invoice {kind} {number}");
            let expected = format!("an invoice of {lines} lines, as its facts have it");
            proof.find("missing_row", Finding { row, expected, ..of.finding(0) });
        }
    }
    let counted = ["sent", "posted"].iter().filter_map(|state| counts.invoices.get(*state)).sum::<u64>();
    if counted != found {
        let (expected, found) = (format!("{counted} invoices"), format!("{found} invoices"));
        proof.find("balance", Finding { row: "store: invoice".into(), expected, found, ..of.finding(0) });
    }
    Ok(())
}

fn said(desk: &Desk<'_>, tx: &mut dyn Transaction, proof: &mut Proof, of: &RunProof<'_>) -> Result<Said> {
    let mut said = Said { complete: true, ..Said::default() };
    for unit in tx.units(&of.run.run_id)? {
        for listed in tx.unit_outputs(&of.run.run_id, unit.unit)? {
            let output = &listed.output;
            if output.kind != "facts" || !output.path.starts_with(INVOICE_LINES_DIR) {
                continue;
            }
            let path = if listed.published { &output.path } else { &output.staged };
            if !matches!(standing(desk.folders, path, &output.digest)?, Standing::Intact(_)) {
                said.complete = false;
                continue;
            }
            for fact in invoice_lines(&desk.folders.path(path)?)? {
                proof.facts += 1;
                add(
                    said.invoices.entry((fact.kind.clone(), fact.invoice_number.clone())).or_default(),
                    &fact,
                );
            }
        }
    }
    Ok(said)
}

fn add(sum: &mut Sum, fact: &InvoiceLineFact) {
    sum.0 += 1;
    sum.1 += i128::from(fact.quantity_micro);
    sum.2 += i128::from(fact.amount_micro);
}

/// What an invoice bills of its order, by its own document.
struct Billed {
    kind: Text,
    number: Text,
    order_id: Text,
    /// Position, line and quantity.
    lines: Vec<(u32, u32, Decimal)>,
}

fn one(proof: &mut Proof, of: &RunProof<'_>, said: &mut Said, row: &InvoiceRow) -> Option<Billed> {
    let InvoiceRow { kind, invoice_number, .. } = row;
    let finding = Finding { row: format!("store: invoice {kind} {invoice_number}"), ..of.finding(0) };
    let key = (kind.clone(), invoice_number.clone());
    let told = said.invoices.remove(&key);
    let stored: StoredInvoice = match serde_json::from_str(&row.document) {
        Ok(stored) => stored,
        Err(error) => {
            proof.find("altered_row", Finding { found: format!("its document: {error}"), ..finding });
            return None;
        }
    };
    let invoice = &stored.invoice;
    if money::to_micros(invoice.total) != Some(row.total_micro) {
        let expected = format!("a total of {}, as its document has it", invoice.total);
        let found = money::plain(money::from_micros(row.total_micro));
        proof.find("altered_row", Finding { expected, found, ..finding.clone() });
    }
    let mut sum = Sum::default();
    for fact in &bill::facts(invoice, &row.order_id, &of.run.run_id, of.run.date) {
        add(&mut sum, fact);
    }
    if said.complete && told.unwrap_or_default() != sum {
        let words = |(lines, quantity, amount): Sum| {
            format!("{lines} lines, {quantity} millionths in quantity, {amount} in amount")
        };
        let expected = format!("{}, as its facts have it", words(told.unwrap_or_default()));
        proof.find("altered_row", Finding { expected, found: words(sum), ..finding });
    }
    if row.order_id.is_empty() {
        return None;
    }
    let lines = billed_lines(invoice).iter().map(|line| (line.position, line.line, line.quantity)).collect();
    Some(Billed { kind: kind.clone(), number: invoice_number.clone(), order_id: row.order_id.clone(), lines })
}

fn against_billed(
    tx: &mut dyn Transaction,
    proof: &mut Proof,
    of: &RunProof<'_>,
    billed: &Billed,
) -> Result<()> {
    let Billed { kind, number, order_id, lines } = billed;
    let rows = tx.billed_lines(order_id)?;
    let mine = rows.iter().filter(|row| row.kind == *kind && row.invoice_number == *number);
    let stands: Vec<(u32, u32, Decimal)> = mine.map(|row| (row.position, row.line, row.quantity)).collect();
    if stands == *lines {
        return Ok(());
    }
    let words = |lines: &[(u32, u32, Decimal)]| {
        let words: Vec<String> = lines.iter().map(|(_, line, of)| format!("{of} of line {line}")).collect();
        if words.is_empty() { "nothing".to_owned() } else { words.join(", ") }
    };
    let row = format!("store: billed_line {kind} {number}, order {order_id}");
    let (expected, found) = (words(lines), words(&stands));
    let kind = if stands.len() < lines.len() { "missing_row" } else { "altered_row" };
    proof.find(kind, Finding { row, expected, found, ..of.finding(0) });
    Ok(())
}
