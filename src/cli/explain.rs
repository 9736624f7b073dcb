//! `explain`: why the lines of an order resolved as they did: every candidate, and why the others lost.

use crate::cli::{Format, Shell};
use crate::domain::order::OrderLine;
use crate::domain::resolution::{Candidate, DecidedLine, DecidedOrder, InvalidReason, Via};
use crate::domain::{Text, money};
use crate::store::lines;
use anyhow::{Result, bail};
use serde::Serialize;

#[derive(Debug, clap::Args)]
pub(super) struct ExplainArgs {
    /// The customer's purchase order number.
    po: String,
    /// One line, by its number in the order (the `line` column of orders/).
    #[arg(long, value_name = "N")]
    line: Option<u32>,
    /// The customer, where several use the same number.
    #[arg(long, value_name = "CUSTOMER")]
    customer: Option<String>,
}

#[derive(Debug, Serialize)]
struct Explained<'e> {
    po_number: &'e Text,
    order_id: &'e Text,
    line: u32,
    outcome: &'static str,
    via: Option<&'static str>,
    item: &'e Text,
    reason: Option<&'static str>,
    superseded: &'e Text,
    ordered_quantity: Text,
    ordered_unit: &'e Text,
    quantity: Text,
    unit: &'e Text,
    state: crate::domain::resolution::LineState,
    notes: Vec<Text>,
    candidates: &'e [Candidate],
}

pub(super) fn explain(shell: &Shell, args: &ExplainArgs) -> Result<u8> {
    let mut store = shell.open_store()?;
    let rows = store.read()?.orders_with_po(args.customer.as_deref(), &args.po)?;
    if rows.is_empty() {
        bail!("no order with the number {}", args.po);
    }
    let orders: Result<Vec<(Text, DecidedOrder)>> =
        rows.iter().map(|row| Ok((row.order_id.clone(), lines::order_from_row(row)?))).collect();
    let orders = orders?;
    let all = orders
        .iter()
        .flat_map(|(id, order)| order.order.lines.iter().zip(&order.lines).map(move |l| (id, order, l)));
    let wanted = all.filter(|(_, _, (line, _))| args.line.is_none_or(|number| number == line.line));
    let explained: Vec<Explained<'_>> =
        wanted.map(|(id, order, (line, decided))| explained(id, order, line, decided)).collect();
    if explained.is_empty() {
        bail!("order {} has no line {}", args.po, args.line.unwrap_or_default());
    }
    match (shell.format, args.line) {
        (Format::Json, Some(_)) if explained.len() == 1 => shell.json(&explained[0])?,
        (Format::Json, _) => shell.json(&explained)?,
        (Format::Text, _) => shell.print(&explained.iter().map(text).collect::<String>())?,
    }
    Ok(0)
}

fn explained<'e>(
    order_id: &'e Text,
    order: &'e DecidedOrder,
    line: &'e OrderLine,
    decided: &'e DecidedLine,
) -> Explained<'e> {
    let resolution = &decided.resolution;
    Explained {
        po_number: &order.order.po_number,
        order_id,
        line: line.line,
        outcome: resolution.outcome.as_str(),
        via: resolution.via.map(Via::as_str),
        item: &resolution.item,
        reason: resolution.reason.map(InvalidReason::as_str),
        superseded: &resolution.superseded,
        ordered_quantity: line
            .quantity
            .map_or_else(|| line.quantity_text.clone(), |quantity| money::plain(quantity).into()),
        ordered_unit: &line.unit,
        quantity: money::plain_or_empty(resolution.quantity),
        unit: &resolution.unit,
        state: decided.state,
        notes: customer_note(order).into_iter().chain(resolution.notes.iter().cloned()).collect(),
        candidates: &resolution.candidates,
    }
}

/// Who ordered, where the document names a customer that the master does not know.
fn customer_note(order: &DecidedOrder) -> Option<Text> {
    let (named, chosen) = (&order.order.customer, &order.customer);
    (!named.is_empty() && named != chosen).then(|| {
        format!("the order names the customer {named}, whom customers.csv does not know: taken as {chosen}")
            .into()
    })
}

fn text(line: &Explained<'_>) -> String {
    let mut out = format!("{} line {}: {}", line.po_number, line.line, line.outcome);
    if let Some(via) = line.via {
        out += &format!(" to {} by {via}", line.item);
    }
    if let Some(reason) = line.reason {
        out += &format!(", {reason}");
    }
    out += &format!("; ordered {} {}", line.ordered_quantity, line.ordered_unit);
    if !line.quantity.is_empty() {
        out += &format!(" = {} {}", line.quantity, line.unit);
    }
    out += "\n";
    if !line.superseded.is_empty() {
        out += &format!("  = {} is discontinued; {} takes its place\n", line.superseded, line.item);
    }
    for candidate in line.candidates {
        let mark = if candidate.chosen { '*' } else { '-' };
        let Candidate { via, number, item, reason, .. } = candidate;
        let target = if item.is_empty() { "nothing" } else { item.as_str() };
        out += &format!(
            "  {mark} {} {} -> {target} ({}): {reason}\n",
            number.qualifier,
            number.value,
            via.as_str()
        );
    }
    for note in &line.notes {
        out += &format!("  note: {note}\n");
    }
    out
}
