//! `release`: what was held and can go now goes on, as the nightly run does it too; or what that would be.

use crate::cli::{Format, Shell, render, run};
use crate::domain::resolution::LineState;
use crate::domain::{Date, Text, money};
use crate::run::Options;
use crate::run::night::Stage;
use crate::run::release::Wanted;
use crate::run::release::preview::{Preview, PreviewLine, preview};
use anyhow::Result;
use std::num::NonZeroUsize;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Held orders are read again from the archive and judged by the masters and the partner's profile as they are \
now, with the cross-reference asked on the order's own date. Exit code 0: it ran; 1: something new waits for a person, \
such as an invoice that could not be made; 2: it could not run. Lines that still wait are no reason for 1."
)]
pub(super) struct ReleaseArgs {
    /// The orders with this purchase order number alone.
    #[arg(long, value_name = "PO")]
    po: Option<Text>,
    /// The orders of this customer alone.
    #[arg(long, value_name = "CUSTOMER")]
    customer: Option<Text>,
    /// The business date, YYYY-MM-DD; today if it is not given.
    #[arg(long, value_name = "DATE")]
    date: Option<Date>,
    /// Say what would go, and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Worker threads; one a core if it is not given.
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
    /// Wait for a run that is under way instead of giving up.
    #[arg(long)]
    wait: bool,
}

pub(super) fn release(shell: &Shell, args: &ReleaseArgs) -> Result<u8> {
    let options = Options {
        date: args.date,
        only: Some(Stage::Release),
        release: Wanted {
            po_number: args.po.clone().unwrap_or_default(),
            customer: args.customer.clone().unwrap_or_default(),
        },
        threads: args.threads,
        wait: args.wait,
        store: shell.store.clone(),
    };
    if !args.dry_run {
        return Ok(run::night(shell, &shell.site, &options)?.exit_code);
    }
    let preview = preview(&shell.site, &options)?;
    match shell.format {
        Format::Json => shell.json(&preview)?,
        Format::Text => shell.print(&(text(&preview) + "nothing was written\n"))?,
    }
    Ok(0)
}

/// What a release would find.
pub(super) fn text(preview: &Preview) -> String {
    let Preview { date, waiting, released, lines, lost } = preview;
    let orders = if *waiting == 1 { "1 order waits".to_owned() } else { format!("{waiting} orders wait") };
    let mut out = format!("a release for {date} would find: {orders}, {} would change\n", released.orders);
    if !lines.is_empty() {
        let header = ["PO", "line", "Customer Item#", "item", "quantity", "state", "order"];
        let rows: Vec<Vec<String>> = lines.iter().map(row).collect();
        out += &render::simple(&header, &rows, &[4], None);
        out += &format!(
            "{} lines ordered, {} rejected, {} still held\n",
            released.ordered, released.rejected, released.held
        );
    }
    for lost in lost {
        out += &format!("{} stays held: {}\n", lost.po_number, lost.why);
    }
    out
}

fn row(line: &PreviewLine) -> Vec<String> {
    let quantity = format!("{} {}", money::plain_or_empty(line.ordered_quantity), line.ordered_unit);
    let state = match line.state {
        LineState::Ordered => "ordered",
        LineState::Held => "held",
        LineState::Rejected => "rejected",
    };
    vec![
        line.po_number.to_string(),
        line.line.to_string(),
        line.customer_item.to_string(),
        line.item.to_string(),
        quantity.trim().to_owned(),
        state.to_owned(),
        line.order_id.to_string(),
    ]
}
