//! `release`: what was held and can go now goes on, as the nightly run does it too; or what that would be.

use crate::cli::xref::instant;
use crate::cli::{Format, Shell, render, run};
use crate::domain::invoice::InvoiceType;
use crate::domain::{Date, Text, money};
use crate::run::Options;
use crate::run::night::Stage;
use crate::run::release::Wanted;
use crate::run::release::preview::{Preview, PreviewLine, preview};
use crate::site::config;
use crate::site::folders::lock;
use crate::store::invoices::InvoiceDecision;
use anyhow::{Result, bail};
use std::num::NonZeroUsize;

#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[command(
    after_help = "Held orders are read again from the archive and judged by the masters and the partner's profile as they are \
now, with the cross-reference asked on the order's own date. Exit code 0: it ran; 1: something new waits for a person, \
such as an invoice that could not be made; 2: it could not run. Lines that still wait are no reason for 1.\n\n\
With --invoice a held invoice goes out in spite of what holds it (what can never be billed stays), or with --drop is never \
billed; both are signed. Held orders are left alone then."
)]
pub(super) struct ReleaseArgs {
    /// The orders with this purchase order number alone.
    #[arg(long, value_name = "PO")]
    po: Option<Text>,
    /// The orders of this customer alone.
    #[arg(long, value_name = "CUSTOMER")]
    customer: Option<Text>,
    /// Let this held invoice go, and look at held invoices alone.
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["po", "customer", "dry_run"], requires = "reason")]
    invoice: Option<Text>,
    /// With --invoice: it is a credit.
    #[arg(long, requires = "invoice")]
    credit: bool,
    /// With --invoice: it is never billed, and waits no longer.
    #[arg(long, requires = "invoice")]
    drop: bool,
    /// With --invoice: who signs; your user name if you say nothing.
    #[arg(long, value_name = "NAME", requires = "invoice")]
    by: Option<Text>,
    /// With --invoice: why.
    #[arg(long, value_name = "TEXT", requires = "invoice")]
    reason: Option<Text>,
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
            invoices_alone: args.invoice.is_some(),
        },
        threads: args.threads,
        wait: args.wait,
        store: shell.store.clone(),
    };
    if let Some(number) = &args.invoice {
        sign(shell, args, number)?;
    }
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

/// Keeps what a person decided about an invoice that waits; the run that follows acts on it.
fn sign(shell: &Shell, args: &ReleaseArgs, number: &Text) -> Result<()> {
    let kind = if args.credit { InvoiceType::Credit } else { InvoiceType::Debit };
    config::load(&shell.site)?;
    let mut lock = lock(&shell.site, args.wait)?;
    lock.note("a decision about an invoice")?;
    let mut store = shell.open_store()?;
    let mut tx = store.begin()?;
    let Some(row) = tx.held_invoice(kind.code(), number)? else {
        bail!(
            "no {} {number} waits; `worklist export` has what does",
            if args.credit { "credit" } else { "invoice" }
        );
    };
    let decided_by = match &args.by {
        Some(by) => by.clone(),
        None => instant::user()?.into(),
    };
    tx.add_invoice_decision(&InvoiceDecision {
        kind: row.kind,
        invoice_number: row.invoice_number,
        decision: if args.drop { "drop" } else { "release" }.into(),
        source: row.source,
        decided_by,
        reason: args.reason.clone().unwrap_or_default(),
        recorded: instant::now().0,
    })?;
    tx.commit()
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
    let state = line.state.as_str();
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
