//! `ledger`: what a customer owns.

use crate::cli::{Format, Shell, render};
use crate::domain::customer_item::CustomerItem;
use crate::domain::{Date, money};
use crate::ledger::state::customer_items;
use anyhow::Result;

#[derive(Debug, clap::Subcommand)]
pub(super) enum LedgerCommand {
    /// The customer items, by customer, item and serial.
    List(ListArgs),
}

#[derive(Debug, clap::Args)]
pub(super) struct ListArgs {
    /// Of one customer.
    #[arg(long, value_name = "CUSTOMER")]
    customer: Option<String>,
    /// Of one serial.
    #[arg(long, value_name = "SERIAL")]
    serial: Option<String>,
    /// Also what was returned or credited.
    #[arg(long)]
    ended: bool,
}

pub(super) fn ledger(shell: &Shell, command: &LedgerCommand) -> Result<u8> {
    let LedgerCommand::List(args) = command;
    let mut store = shell.open_store()?;
    let events = store.read()?.customer_item_events(args.customer.as_deref())?;
    let mut items = customer_items(&events);
    items.retain(|item| args.serial.as_ref().is_none_or(|serial| item.serial == serial.as_str()));
    items.retain(|item| args.ended || item.ended.is_none());
    match shell.format {
        Format::Json => shell.json(&items)?,
        Format::Text => shell.print(&text(&items))?,
    }
    Ok(0)
}

fn text(items: &[CustomerItem]) -> String {
    if items.is_empty() {
        return "no customer items\n".into();
    }
    let day = |date: Option<Date>| date.map(|date| date.to_string()).unwrap_or_default();
    let rows: Vec<Vec<String>> = items
        .iter()
        .map(|item| {
            vec![
                item.customer.to_string(),
                item.item.to_string(),
                item.customer_item_type.to_string(),
                item.serial.to_string(),
                money::plain(item.quantity),
                item.purchase_date.to_string(),
                format!("{} {}/{}", item.source, item.document, item.document_line),
                day(item.warranty_end),
                day(item.ended),
            ]
        })
        .collect();
    let headers = [
        "customer",
        "item",
        "type",
        "serial",
        "quantity",
        "purchased",
        "document/line",
        "warranty to",
        "ended",
    ];
    render::simple(&headers, &rows, &[], None)
}
