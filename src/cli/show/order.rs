//! `order show`: a purchase order, line by line, under both numbers.

use crate::cli::show::changes::{self, Told};
use crate::cli::show::html;
use crate::cli::show::{Form, OrderCommand, day, parties};
use crate::cli::{Shell, render};
use crate::documents::internal_order::customer_item;
use crate::domain::order::OrderLine;
use crate::domain::partner::OrderSettings;
use crate::domain::resolution::{DecidedLine, DecidedOrder, LineState};
use crate::domain::{Text, money};
use crate::markup::Page;
use crate::site::partner_profile;
use crate::store::{OrderRow, lines};
use anyhow::{Result, bail};
use serde_json::json;

pub(in crate::cli) fn order(shell: &Shell, command: &OrderCommand) -> Result<u8> {
    let OrderCommand::Show { po, customer, output } = command;
    let mut store = shell.open_store()?;
    let mut work = store.read()?;
    let rows = work.orders_with_po(customer.as_deref(), po)?;
    if rows.is_empty() {
        bail!("no order with the number {po}");
    }
    let mut orders: Vec<(&OrderRow, DecidedOrder, Vec<Told>)> = Vec::with_capacity(rows.len());
    for row in &rows {
        orders.push((row, lines::order_from_row(row)?, changes::of(&mut *work, row)?));
    }
    let profiles = partner_profile::load(&shell.site)?;
    let settings = |partner: &str| {
        let profile = profiles.iter().find(|profile| profile.id() == partner);
        // the profile may be gone since
        profile.map(|profile| profile.orders.clone()).unwrap_or_default()
    };
    let document = match output.form(shell) {
        Form::Json => {
            let order = |(row, order, told): &(&OrderRow, DecidedOrder, Vec<Told>)| {
                let mut shown = order_json(row, order, &settings(&row.partner));
                shown["changes"] = changes::as_json(told);
                shown
            };
            serde_json::to_string_pretty(&orders.iter().map(order).collect::<Vec<_>>())? + "\n"
        }
        Form::Text => {
            let order = |(row, order, told): &(&OrderRow, DecidedOrder, Vec<Told>)| {
                order_text(row, order, &settings(&row.partner)) + &changes::text(told)
            };
            orders.iter().map(order).collect::<Vec<_>>().join("\n")
        }
        Form::Html => {
            let mut page = html::page(&format!("Purchase order {po}"));
            for (row, order, told) in &orders {
                order_html(&mut page, row, order, &settings(&row.partner));
                changes::html(&mut page, told);
            }
            page.finish()
        }
    };
    output.deliver(shell, &document)?;
    Ok(0)
}

fn order_json(row: &OrderRow, order: &DecidedOrder, settings: &OrderSettings) -> serde_json::Value {
    let lines: Vec<_> = order
        .order
        .lines
        .iter()
        .zip(&order.lines)
        .map(|(line, decided)| {
            let resolution = &decided.resolution;
            let number = customer_item(line, resolution, settings);
            json!({"line": line, "customer_item": number, "item": resolution.item, "decision": decided})
        })
        .collect();
    json!({
        "order_id": row.order_id, "partner": row.partner, "customer": row.customer, "po_number": row.po_number,
        "release": row.release, "po_date": row.po_date, "received": row.received, "state": row.state,
        "currency": row.currency, "lines": lines,
    })
}

fn order_text(row: &OrderRow, order: &DecidedOrder, settings: &OrderSettings) -> String {
    let mut out = format!(
        "purchase order {} of {} ({}), dated {}, {}\nour order {}, received {}\n",
        row.po_number,
        row.customer,
        row.partner,
        day(row.po_date),
        row.state.replace('_', " "),
        row.order_id,
        row.received
    );
    let rows: Vec<Vec<String>> = order
        .order
        .lines
        .iter()
        .zip(&order.lines)
        .map(|(line, decided)| {
            let number = customer_item(line, &decided.resolution, settings);
            vec![
                line.line.to_string(),
                number.map(|number| number.value.to_string()).unwrap_or_default(),
                decided.resolution.item.to_string(),
                format!("{} {}", line.quantity_text, line.unit),
                decided.resolution.quantity.map_or_else(String::new, |quantity| {
                    format!("{} {}", money::plain(quantity), decided.resolution.unit)
                }),
                money::plain_or_empty(decided.unit_price).to_string(),
                line.ship_to.to_string(),
                decided.resolution.outcome.as_str().to_owned(),
                format!("{:?}", decided.state).to_lowercase(),
            ]
        })
        .collect();
    let headers = [
        "line",
        "Customer Item#",
        "item",
        "ordered",
        "in our unit",
        "unit price",
        "ship-to",
        "outcome",
        "state",
    ];
    out += &render::simple(&headers, &rows, &[], None);
    out
}

/// The columns of a line.
const HEAD: [&str; 10] = [
    "Line",
    "Customer Item#",
    "Our item",
    "Description",
    "Ordered",
    "In our unit",
    "Unit price",
    "Ship to",
    "Requested",
    "State",
];

/// The template of an order: who ordered what under which number, and where each line stands.
fn order_html(page: &mut Page, row: &OrderRow, order: &DecidedOrder, settings: &OrderSettings) {
    page.start("section", &[]);
    page.element("h1", &[], &format!("Purchase order {}", row.po_number));
    let release = if row.release.is_empty() { String::new() } else { row.release.to_string() };
    page.facts(&[
        ("Customer", format!("{} ({})", row.customer, row.partner)),
        ("Date", row.po_date.map_or_else(String::new, |date| date.to_string())),
        ("Release", release),
        ("Our order", row.order_id.to_string()),
        ("Received", row.received.to_string()),
        ("Currency", order.currency.to_string()),
        ("State", row.state.replace('_', " ")),
    ]);
    parties(page, &order.order.parties);
    page.table(&HEAD, &[4, 5, 6], |page| {
        for (line, decided) in order.order.lines.iter().zip(&order.lines) {
            page.row("td", &html_cells(line, decided, settings), &[4, 5, 6]);
        }
    });
    page.end();
}

fn html_cells(line: &OrderLine, decided: &DecidedLine, settings: &OrderSettings) -> [String; 10] {
    let resolution = &decided.resolution;
    let in_ours =
        resolution.quantity.map(|quantity| format!("{} {}", money::plain(quantity), resolution.unit));
    let state = match decided.state {
        LineState::Ordered => "ordered".to_owned(),
        LineState::Held => format!("held: {}", resolution.outcome.as_str()),
        LineState::Rejected => format!("rejected: {}", resolution.outcome.as_str()),
        LineState::Cancelled => "cancelled".to_owned(),
    };
    [
        if line.po_line_id.is_empty() { line.line.to_string() } else { line.po_line_id.to_string() },
        customer_item(line, resolution, settings).map(|number| number.value.to_string()).unwrap_or_default(),
        resolution.item.to_string(),
        line.description.to_string(),
        format!("{} {}", line.quantity_text, line.unit),
        in_ours.unwrap_or_default(),
        money::plain_or_empty(decided.unit_price).to_string(),
        line.ship_to.to_string(),
        line.requested_date.map_or_else(Text::default, |date| date.to_string().into()).to_string(),
        state,
    ]
}
