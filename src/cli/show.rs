//! `order show` and `invoice show`: one document with both item numbers.

use crate::cli::{Format, Shell, render};
use crate::documents::internal_order::customer_item;
use crate::domain::invoice::Invoice;
use crate::domain::partner::OrderSettings;
use crate::domain::resolution::DecidedOrder;
use crate::domain::{Date, money};
use crate::run::StoredInvoice;
use crate::site::partner_profile;
use crate::store::{InvoiceRow, OrderRow, lines};
use anyhow::{Context as _, Result, bail};
use serde_json::json;

#[derive(Debug, clap::Subcommand)]
pub(super) enum OrderCommand {
    /// A purchase order by the customer's number.
    Show {
        /// The purchase order number.
        po: String,
        /// The customer, where several use the same number.
        #[arg(long, value_name = "CUSTOMER")]
        customer: Option<String>,
    },
}

#[derive(Debug, clap::Subcommand)]
pub(super) enum InvoiceCommand {
    /// An invoice by its number.
    Show {
        /// The invoice number.
        number: String,
        /// The credit, where an invoice has the same number.
        #[arg(long)]
        credit: bool,
    },
}

pub(super) fn order(shell: &Shell, command: &OrderCommand) -> Result<u8> {
    let OrderCommand::Show { po, customer } = command;
    let mut store = shell.open_store()?;
    let rows = store.read()?.orders_with_po(customer.as_deref(), po)?;
    if rows.is_empty() {
        bail!("no order with the number {po}");
    }
    let orders: Result<Vec<(&OrderRow, DecidedOrder)>> =
        rows.iter().map(|row| Ok((row, lines::order_from_row(row)?))).collect();
    let orders = orders?;
    let profiles = partner_profile::load(&shell.site)?;
    let settings = |partner: &str| {
        let profile = profiles.iter().find(|profile| profile.id() == partner);
        // the profile may be gone since
        profile.map(|profile| profile.orders.clone()).unwrap_or_default()
    };
    match shell.format {
        Format::Json => {
            let order =
                |(row, order): &(&OrderRow, DecidedOrder)| order_json(row, order, &settings(&row.partner));
            shell.json(&orders.iter().map(order).collect::<Vec<_>>())?;
        }
        Format::Text => {
            shell.print(
                &orders
                    .iter()
                    .map(|(row, order)| order_text(row, order, &settings(&row.partner)))
                    .collect::<Vec<_>>()
                    .join("\n"),
            )?;
        }
    }
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

pub(super) fn invoice(shell: &Shell, command: &InvoiceCommand) -> Result<u8> {
    let InvoiceCommand::Show { number, credit } = command;
    let kind = if *credit { "CR" } else { "DI" };
    let mut store = shell.open_store()?;
    let mut tx = store.read()?;
    let row = match tx.invoice(kind, number)? {
        None if !*credit => tx.invoice("CR", number)?,
        found => found,
    };
    drop(tx);
    let what = if *credit { "credit" } else { "invoice or credit" };
    let row = row.with_context(|| {
        format!(
            "no {what} {number} was billed; one that is held or rejected waits, and the run's report names it"
        )
    })?;
    let stored: StoredInvoice =
        serde_json::from_str(&row.document).with_context(|| format!("read invoice {number} of the store"))?;
    match shell.format {
        Format::Json => shell
            .json(&json!({"run_id": row.run_id, "order_id": row.order_id, "state": row.state,
            "invoice": stored.invoice, "findings": stored.findings}))?,
        Format::Text => shell.print(&invoice_text(&row, &stored))?,
    }
    Ok(0)
}

fn invoice_text(row: &InvoiceRow, stored: &StoredInvoice) -> String {
    let invoice: &Invoice = &stored.invoice;
    let mut out = format!(
        "{} {} of {} to {} ({}), {}\npurchase order {} of {}\n",
        if row.kind == "CR" { "credit" } else { "invoice" },
        invoice.invoice_number,
        day(invoice.invoice_date),
        invoice.customer,
        invoice.partner,
        row.state,
        invoice.po_number,
        day(invoice.po_date)
    );
    let rows: Vec<Vec<String>> = invoice
        .lines
        .iter()
        .map(|line| {
            let basis =
                if line.price_basis.is_empty() { String::new() } else { format!(" {}", line.price_basis) };
            vec![
                line.po_line_id.to_string(),
                line.customer_item.value.to_string(),
                line.item.to_string(),
                line.description.to_string(),
                format!("{} {}", money::plain(line.quantity), line.unit),
                format!("{}{basis}", money::plain(line.price)),
                format!("{:.2}", line.amount),
            ]
        })
        .collect();
    let headers = ["line", "Customer Item#", "item", "description", "quantity", "price", "amount"];
    out += &render::simple(&headers, &rows, &[], None);
    for charge in &invoice.charges {
        let what = if charge.indicator == "A" { "allowance" } else { "charge" };
        out += &format!("{what} {} {:.2}\n", charge.description, charge.amount.unwrap_or_default());
    }
    if let Some(tax) = invoice.tax {
        out += &format!("tax {tax:.2}\n");
    }
    out += &format!("total {:.2} {}\n", invoice.total, invoice.currency);
    for finding in &stored.findings {
        out += &format!("note: {finding}\n");
    }
    out
}

fn day(date: Option<Date>) -> String {
    date.map_or_else(|| "no date".to_owned(), |date| date.to_string())
}
