//! The history of an order: every change that came for it, what each did to which line, who decided it.

use crate::domain::Text;
use crate::domain::change::{LineChange, LineSide, OrderChange};
use crate::markup::Page;
use crate::store::changes::{ChangeDecision, OrderChangeRow};
use crate::store::{OrderRow, Transaction};
use anyhow::Result;
use serde::Deserialize;
use serde_json::{Value, json};

/// A change with all that is known of it.
pub(super) struct Told {
    row: OrderChangeRow,
    change: OrderChange,
    plan: Plan,
    decision: Option<ChangeDecision>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Plan {
    lines: Vec<LineChange>,
    against: Vec<String>,
}

/// The changes of an order, oldest first.
pub(super) fn of(work: &mut dyn Transaction, order: &OrderRow) -> Result<Vec<Told>> {
    let rows = work.order_changes(&order.partner, &order.po_number, &order.release)?;
    let mut told = Vec::new();
    for row in rows.into_iter().filter(|row| row.order_id == order.order_id) {
        let change = serde_json::from_str(&row.content)?;
        let plan = serde_json::from_str(&row.plan)?;
        let decision = work.change_decision(row.change_id)?;
        told.push(Told { row, change, plan, decision });
    }
    Ok(told)
}

pub(super) fn as_json(told: &[Told]) -> Value {
    told.iter()
        .map(|Told { row, change, plan, decision }| {
            json!({
                "document": change.document,
                "purpose": change.order.purpose,
                "sequence": change.sequence,
                "requested": change.requested,
                "received": row.received,
                "run_id": row.run_id,
                "file": row.input,
                "state": row.state,
                "settled_by": row.settled_by,
                "decision": decision.as_ref().map(|decision| json!({
                    "decision": decision.decision,
                    "decided_by": decision.decided_by,
                    "reason": decision.reason,
                    "recorded": instant(decision),
                })),
                "answered": row.answered,
                "lines": plan.lines,
                "against": if row.state == "held" { plan.against.as_slice() } else { &[] },
            })
        })
        .collect()
}

fn instant(decision: &ChangeDecision) -> String {
    jiff::Timestamp::from_microsecond(decision.recorded).unwrap_or_default().to_string()
}

pub(super) fn text(told: &[Told]) -> String {
    let mut out = String::new();
    for change in told {
        out += &format!("{}\n", headline(change));
        for line in &change.plan.lines {
            out += &format!("  line {}: {} -> {}\n", line.line, side(line.before.as_ref()), after(line));
        }
        if change.row.state == "held" {
            for against in &change.plan.against {
                out += &format!("  waits: {against}\n");
            }
        }
    }
    if out.is_empty() { out } else { format!("changes\n{out}") }
}

pub(super) fn html(page: &mut Page, told: &[Told]) {
    if told.is_empty() {
        return;
    }
    page.element("h2", &[], "Changes");
    page.table(&["Change", "Line", "Customer Item#", "Before", "After", "State"], &[1], |page| {
        for change in told {
            let state = headline(change);
            let cell = |line: &LineChange| {
                [
                    change.change.name(),
                    line.line.to_string(),
                    line.customer_item.to_string(),
                    side(line.before.as_ref()),
                    after(line),
                    state.clone(),
                ]
            };
            if change.plan.lines.is_empty() {
                page.row("td", &cell(&LineChange::default()), &[1]);
            }
            for line in &change.plan.lines {
                page.row("td", &cell(line), &[1]);
            }
        }
    });
}

/// `860 04 no 2, received 2026-11-21: applied by run 20261121-001, decided by Ann: agreed by phone`.
fn headline(told: &Told) -> String {
    let Told { row, change, decision, .. } = told;
    let mut out = format!("{}, received {}: {}", change.name(), row.received, row.state.replace('_', " "));
    if !row.settled_by.is_empty() {
        out += &format!(" by run {}", row.settled_by);
    }
    if let Some(decision) = decision {
        let ChangeDecision { decision, decided_by, reason, .. } = decision;
        out += &format!(", decided by {decided_by} ({decision}): {reason}");
    }
    out
}

fn side(side: Option<&LineSide>) -> String {
    let Some(side) = side else { return "not there".to_owned() };
    let mut out = format!("{} {}", side.ordered_quantity, side.ordered_unit);
    let extra: [(&str, Text); 3] = [
        (" at ", side.unit_price.clone()),
        (" of ", side.item.clone()),
        (" for ", side.requested_date.map(|date| date.to_string().into()).unwrap_or_default()),
    ];
    for (word, value) in extra.iter().filter(|(_, value)| !value.is_empty()) {
        out += &format!("{word}{value}");
    }
    out
}

fn after(line: &LineChange) -> String {
    if line.after.is_some() { side(line.after.as_ref()) } else { "cancelled".to_owned() }
}
