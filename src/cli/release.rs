//! `release`: what was held and can go now goes on, as the nightly run does it too; or what that would be.

use crate::cli::xref::instant;
use crate::cli::{Format, Shell, render, run, worklist};
use crate::domain::change::ChangeState;
use crate::domain::invoice::InvoiceType;
use crate::domain::{Date, Text, arithmetic, money};
use crate::run::night::Stage;
use crate::run::release::Wanted;
use crate::run::release::preview::{Preview, PreviewLine, preview};
use crate::run::{Fate, Options, WaitingChange, WaitingInvoice, invoice_key, obstacles};
use crate::site::folders::lock;
use crate::store::Transaction;
use crate::store::invoices::{HeldInvoiceRow, InvoiceDecision};
use anyhow::{Result, bail};
use std::collections::BTreeSet;
use std::num::NonZeroUsize;

#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[command(
    after_help = "Held orders are read again from the archive and judged by the masters and the partner's profile as they are \
now, with the cross-reference asked on the order's own date. Exit code 0: it ran; 1: something new waits for a person, \
such as an invoice that could not be made; 2: it could not run. Lines that still wait are no reason for 1.\n\n\
With --invoice a held invoice goes out in spite of what holds it (what can never be billed is refused with the reason), or with --drop is never \
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
    let what = if args.credit { "credit" } else { "invoice" };
    let site = crate::site::load(&shell.site)?;
    let mut lock = lock(&shell.site, args.wait)?;
    lock.note("a decision about an invoice")?;
    let mut store = shell.open_store()?;
    let (now, today) = instant::now();
    if !args.drop {
        let this = |row: &HeldInvoiceRow| row.kind.as_str() == kind.code() && row.invoice_number == *number;
        let when = (args.date.unwrap_or(today), now);
        let found = obstacles((&shell.site, &site), store.as_mut(), when, this)?;
        if let Some(why) = found.values().next() {
            bail!("{what} {number} cannot go out, whoever signs: {why}; post it corrected, or --drop it");
        }
    }
    let mut tx = store.begin()?;
    let decided_by = match &args.by {
        Some(by) => by.clone(),
        None => instant::user()?.into(),
    };
    let Some(row) = tx.held_invoice(kind.code(), number)? else {
        let mut ended = false;
        for cause in if args.drop { open_about(tx.as_mut(), kind, number)? } else { BTreeSet::new() } {
            let reason = args.reason.clone().unwrap_or_default();
            ended |= worklist::invoices::end_open(tx.as_mut(), &cause, (&decided_by, &reason), now)?;
        }
        if ended {
            return tx.commit();
        }
        bail!("no {what} {number} waits; `worklist export` has what does");
    };
    tx.add_invoice_decision(&InvoiceDecision {
        kind: row.kind,
        invoice_number: row.invoice_number,
        decision: if args.drop { "drop" } else { "release" }.into(),
        source: row.source,
        decided_by,
        reason: args.reason.clone().unwrap_or_default(),
        recorded: now,
    })?;
    tx.commit()
}

/// The causes that are open about an invoice of which nothing is kept.
fn open_about(tx: &mut dyn Transaction, kind: InvoiceType, number: &str) -> Result<BTreeSet<Text>> {
    let keys = [invoice_key(Some(kind), number), invoice_key(None, number)];
    let open = tx.open_exceptions_of_kind("invoice")?;
    Ok(open.into_iter().filter(|row| keys.contains(&row.order_id)).map(|row| row.cause).collect())
}

/// What a release would find.
pub(super) fn text(preview: &Preview) -> String {
    let Preview { date, waiting, released, lines, lost, invoices, changes } = preview;
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
    out + &held_changes(changes) + &held_invoices(invoices)
}

/// What would become of the changes of orders that wait; nothing where none does.
fn held_changes(changes: &[WaitingChange]) -> String {
    if changes.is_empty() {
        return String::new();
    }
    let count = |wanted: &[ChangeState]| changes.iter().filter(|one| wanted.contains(&one.outcome)).count();
    let mut out = format!(
        "{} held {} of orders: {} would be applied, {} would be closed, {} would wait on\n",
        changes.len(),
        if changes.len() == 1 { "change" } else { "changes" },
        count(&[ChangeState::Applied]),
        count(&[ChangeState::Rejected, ChangeState::ByHand]),
        count(&[ChangeState::Held]),
    );
    let header = ["change", "PO", "customer", "would be", "what", "why"];
    let rows: Vec<Vec<String>> = changes.iter().map(change_row).collect();
    out += &render::simple(&header, &rows, &[], render::terminal_width());
    out
}

fn change_row(change: &WaitingChange) -> Vec<String> {
    let why = match (change.outcome, change.decision.as_deref()) {
        (ChangeState::Held, Some(said)) => {
            format!("decided ({said}), but: {}", against(change))
        }
        (ChangeState::Held, None) if change.findings.is_empty() => "a person has to decide".to_owned(),
        (ChangeState::Held, None) => against(change),
        (_, Some(_)) => "decided".to_owned(),
        (_, None) => "nothing stands against it".to_owned(),
    };
    vec![
        change.document.clone(),
        change.po_number.to_string(),
        change.customer.to_string(),
        change.outcome.as_str().replace('_', " "),
        change.in_words(),
        why,
    ]
}

fn against(change: &WaitingChange) -> String {
    change.findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// What would become of the invoices that wait; nothing where none does.
fn held_invoices(invoices: &[WaitingInvoice]) -> String {
    if invoices.is_empty() {
        return String::new();
    }
    let count = |wanted: &[Fate]| invoices.iter().filter(|one| wanted.contains(&one.outcome)).count();
    let mut out = format!(
        "{} held {}: {} would go, {} would be dropped, {} would wait on\n",
        invoices.len(),
        if invoices.len() == 1 { "invoice" } else { "invoices" },
        count(&[Fate::Sent, Fate::Posted]),
        count(&[Fate::Dropped]),
        count(&[Fate::Held]),
    );
    let header = ["invoice", "PO", "customer", "total", "would be", "why"];
    let rows: Vec<Vec<String>> = invoices.iter().map(invoice_row).collect();
    out += &render::simple(&header, &rows, &[3], render::terminal_width());
    out
}

fn invoice_row(invoice: &WaitingInvoice) -> Vec<String> {
    let credit = if invoice.kind == InvoiceType::Credit { "CR " } else { "" };
    let total = invoice.total.map(|total| format!("{} {}", arithmetic::amount(total), invoice.currency));
    let why = match invoice.outcome {
        Fate::Held => invoice.obstacles().map(ToString::to_string).collect::<Vec<_>>().join("; "),
        // of what goes a person's word is the reason, or that nothing holds it any more
        Fate::Sent | Fate::Posted | Fate::Dropped => match invoice.decision.as_deref() {
            Some(_) => "decided".to_owned(),
            None => "nothing holds it any more".to_owned(),
        },
    };
    let outcome = match invoice.outcome {
        Fate::Sent => "sent",
        Fate::Posted => "posted",
        Fate::Dropped => "dropped",
        Fate::Held => "held",
    };
    vec![
        format!("{credit}{}", invoice.invoice_number),
        invoice.po_number.to_string(),
        invoice.customer.to_string(),
        total.unwrap_or_default(),
        outcome.to_owned(),
        why,
    ]
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
