//! Which rows of an orders file are not those that were written: the facts name them, the store has their values.

use crate::documents::internal_order::{self, COLUMNS, InternalOrderRow};
use crate::domain::fact::OrderLineFact;
use crate::domain::partner::OrderSettings;
use crate::domain::resolution::DecidedOrder;
use crate::domain::{Date, Text};
use crate::facts::read::order_lines;
use crate::run::order_facts;
use crate::run::verify::documents::asked_otherwise;
use crate::run::verify::files::Files;
use crate::run::verify::finding::{Finding, Proof};
use crate::run::verify::later::judgement;
use crate::run::verify::{Desk, RunProof, versions};
use crate::store::{OrderRow, Transaction, lines};
use anyhow::{Context as _, Result};
use std::collections::BTreeMap;

/// A row is known by its order and its line.
type Key = (String, String);

/// Names the rows of an altered CSV file. Without its facts, or in another format, the file alone is told.
pub(super) fn name_rows(
    desk: &Desk<'_>,
    tx: &mut dyn Transaction,
    proof: &mut Proof,
    of: &RunProof<'_>,
    (unit, stage, path): (u32, &str, &Text),
    files: &Files,
) -> Result<()> {
    if !path.ends_with(".csv") || !files.complete {
        return Ok(());
    }
    let finding = Finding { file: path.clone(), ..of.finding(unit) };
    let mut rows = read(&desk.folders.path(path)?, proof, &finding)?;
    for part in &files.order_lines {
        let mut facts = order_lines(part)?;
        // what a change makes of a line stands in a file of its own
        facts.retain(|fact| fact.again == (stage == "release"));
        for order in facts.chunk_by(|one, other| one.order_id == other.order_id) {
            for expected in expected(desk, tx, of, order)? {
                let cells: Vec<String> =
                    COLUMNS.iter().map(|column| (column.cell)(&expected).plain().to_string()).collect();
                compare(proof, &finding, &cells, &mut rows);
            }
        }
    }
    for ((order_id, line), (number, cells)) in rows {
        let row = format!("row {number}: order {order_id} line {line}");
        proof.find("unknown_row", Finding { row, found: cells.join(","), ..finding.clone() });
    }
    Ok(())
}

/// The rows of the file by their keys; one that stands there twice is told.
fn read(
    path: &std::path::Path,
    proof: &mut Proof,
    finding: &Finding,
) -> Result<BTreeMap<Key, (u64, Vec<String>)>> {
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).from_path(path).context("open an orders file")?;
    let mut rows = BTreeMap::new();
    for (row, number) in reader.byte_records().zip(2u64..) {
        let Ok(row) = row else {
            let row = format!("row {number}");
            proof.find("altered_row", Finding { row, found: "it cannot be read".into(), ..finding.clone() });
            continue;
        };
        let cells: Vec<String> = row.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect();
        let cell = |name: &str| {
            let at = COLUMNS.iter().position(|column| column.name == name);
            at.and_then(|at| cells.get(at)).cloned().unwrap_or_default()
        };
        let key = (cell("order_id"), cell("line"));
        if rows.contains_key(&key) {
            let row = format!("row {number}: order {} line {}", key.0, key.1);
            proof.find("doubled_row", Finding { row, found: cells.join(","), ..finding.clone() });
            continue;
        }
        rows.insert(key, (number, cells));
    }
    Ok(rows)
}

/// The rows that the unit wrote of one order.
fn expected(
    desk: &Desk<'_>,
    tx: &mut dyn Transaction,
    of: &RunProof<'_>,
    facts: &[OrderLineFact],
) -> Result<Vec<InternalOrderRow>> {
    let Some(first) = facts.first() else { return Ok(Vec::new()) };
    let Some(row) = tx.order(&first.order_id)? else { return Ok(Vec::new()) };
    let Ok(order) = lines::order_from_row(&row) else { return Ok(Vec::new()) };
    let default = OrderSettings::default();
    let profile = desk.profiles.iter().find(|profile| *profile.id() == row.partner);
    let settings = profile.map_or(&default, |profile| &profile.orders);
    let ordered = |line: u32| facts.iter().any(|fact| fact.line == line && fact.state == "ordered");
    // as it was when the unit wrote it: before the changes that came later
    let mut orders = versions::before(tx, &row)?;
    orders.push(order);
    let told = orders.iter().find(|order| is_told(order, settings, &row, facts)).or(orders.last());
    let mut rows = told
        .map(|order| internal_order::rows(order, settings, &row.order_id, &of.run.run_id))
        .unwrap_or_default();
    rows.retain(|row| ordered(row.line));
    Ok(rows)
}

/// Whether the lines that went are those of the facts.
fn is_told(order: &DecidedOrder, settings: &OrderSettings, row: &OrderRow, facts: &[OrderLineFact]) -> bool {
    let stands: Vec<OrderLineFact> =
        order_facts::rows(order, settings, &row.order_id, Date::default(), &row.run_id, false).collect();
    facts.iter().filter(|fact| fact.state == "ordered").all(|fact| {
        let line = stands.iter().find(|line| line.line == fact.line);
        line.is_some_and(|line| asked_otherwise(fact, line).is_none() && judgement(fact) == judgement(line))
    })
}

fn compare(
    proof: &mut Proof,
    finding: &Finding,
    cells: &[String],
    rows: &mut BTreeMap<Key, (u64, Vec<String>)>,
) {
    let cell = |name: &str| {
        let at = COLUMNS.iter().position(|column| column.name == name);
        at.and_then(|at| cells.get(at)).cloned().unwrap_or_default()
    };
    let key = (cell("order_id"), cell("line"));
    let Some((number, found)) = rows.remove(&key) else {
        let row = format!("order {} line {}", key.0, key.1);
        proof.find("missing_row", Finding { row, expected: cells.join(","), ..finding.clone() });
        return;
    };
    if found == cells {
        return;
    }
    let differs = cells.iter().zip(&found).position(|(one, other)| one != other);
    let name = differs.and_then(|at| COLUMNS.get(at)).map_or("cells", |column| column.name);
    let value = |cells: &[String]| {
        let whole = || cells.join(",");
        let value = differs.and_then(|at| cells.get(at)).cloned().unwrap_or_else(whole);
        format!("{name} {value:?}")
    };
    let row = format!("row {number}: order {} line {}", key.0, key.1);
    let (expected, found) = (value(cells), value(&found));
    proof.find("altered_row", Finding { row, expected, found, ..finding.clone() });
}
