//! `outbox resend`: which interchanges are meant, whether each can go again, and who signs for it.

use crate::cli::outbox::list::moment;
use crate::cli::outbox::watch::{Moment, is_overdue, now, parse};
use crate::cli::xref::instant;
use crate::cli::{Format, Shell, render};
use crate::domain::Text;
use crate::domain::sent::SentState;
use crate::run::resend::{Readiness, Signature, finish, readiness, resend as send_again};
use crate::site::folders::{Folders, lock};
use crate::site::{config, partner_profile};
use crate::store::Transaction;
use crate::store::sent::{SentFilter, SentOnly, SentRow, SentTo};
use anyhow::{Result, ensure};
use serde_json::json;

#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a yes or no of the command line")]
pub(in crate::cli) struct ResendArgs {
    /// An interchange control number (ISA13), or a file of the outbox such as acme/810-000000012.edi.
    #[arg(value_name = "CONTROL|FILE")]
    documents: Vec<String>,
    /// Every interchange of which all documents are rejected.
    #[arg(long)]
    rejected: bool,
    /// Every interchange whose acknowledgment is overdue.
    #[arg(long)]
    overdue: bool,
    /// Only what went to this partner.
    #[arg(long, value_name = "PARTNER")]
    partner: Option<Text>,
    /// Who signs for it; your user name if you say nothing.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// Why, for the record.
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
    /// Say what would be sent and what refused, and send nothing.
    #[arg(long)]
    dry_run: bool,
    /// The moment of the resend, YYYY-MM-DD (its end) or YYYY-MM-DDTHH:MM, instead of now.
    #[arg(long, value_name = "MOMENT", value_parser = parse)]
    date: Option<Moment>,
    /// Wait for a run that is under way, instead of giving up.
    #[arg(long)]
    wait: bool,
}

/// What was asked for, and what becomes of it.
#[derive(Default)]
struct Plan {
    /// Each with the place of its bytes.
    ready: Vec<(SentRow, Text)>,
    /// Still in the outbox, of what `--rejected` and `--overdue` chose.
    in_outbox: Vec<Text>,
    /// What was named, and why it cannot go.
    refused: Vec<(String, String)>,
}

pub(super) fn resend(shell: &Shell, args: &ResendArgs) -> Result<u8> {
    ensure!(
        !args.documents.is_empty() || args.rejected || args.overdue,
        "name what is to be sent again: a control number, a file of the outbox, --rejected or --overdue"
    );
    let by = match &args.by {
        Some(by) => by.trim().to_owned(),
        None => instant::user()?,
    };
    ensure!(!by.is_empty(), "a resend needs a name: --by NAME");
    // a folder that is no site must not become one
    config::load(&shell.site)?;
    let folders = Folders::open(&shell.site)?;
    if args.dry_run {
        let mut store = shell.open_store()?;
        let plan = plan(shell, args, &folders, store.read()?.as_mut())?;
        show(shell, &plan, true)?;
        return Ok(u8::from(!plan.refused.is_empty()));
    }
    let mut lock = lock(&shell.site, args.wait)?;
    lock.note("a resend")?;
    let mut store = shell.open_store()?;
    finish(store.as_mut(), &folders)?;
    let plan = plan(shell, args, &folders, store.read()?.as_mut())?;
    if plan.refused.is_empty() && !plan.ready.is_empty() {
        let at = args.date.unwrap_or_else(now);
        let signature = Signature {
            by: by.into(),
            reason: args.reason.as_str().into(),
            date: at.date(),
            time: at.strftime("%H%M").to_string().into(),
            now: instant::now().0,
        };
        send_again(store.as_mut(), &folders, &plan.ready, &signature)?;
    }
    show(shell, &plan, false)?;
    Ok(u8::from(!plan.refused.is_empty()))
}

fn plan(shell: &Shell, args: &ResendArgs, folders: &Folders, tx: &mut dyn Transaction) -> Result<Plan> {
    let mut plan = Plan::default();
    let mut chosen: Vec<SentRow> = Vec::new();
    for document in &args.documents {
        match find(tx, document, args.partner.as_deref())? {
            Ok(row) => chosen.push(row),
            Err(why) => plan.refused.push((document.clone(), why)),
        }
    }
    let named = chosen.len();
    chosen.extend(chosen_by_state(shell, args, tx)?);
    let mut seen = Vec::new();
    for (at, row) in chosen.into_iter().enumerate() {
        if seen.contains(&row.sent_id) {
            continue;
        }
        seen.push(row.sent_id);
        match readiness(folders, &row)? {
            Readiness::Ready(from) => plan.ready.push((row, from)),
            Readiness::InOutbox if at >= named => plan.in_outbox.push(row.path),
            Readiness::InOutbox => {
                let why = "it still stands in the outbox: the transport has not taken it";
                plan.refused.push((row.path.to_string(), why.to_owned()));
            }
            Readiness::Refused(why) => {
                let why = match tx.removed(&row.kept, &row.run_id)? {
                    Some(day) => format!("its copy was taken away by retention on {day}"),
                    None => why,
                };
                plan.refused.push((row.path.to_string(), why));
            }
        }
    }
    Ok(plan)
}

/// What `--rejected` and `--overdue` mean. An interchange of which a part is accepted is not sent again unless it is named.
fn chosen_by_state(shell: &Shell, args: &ResendArgs, tx: &mut dyn Transaction) -> Result<Vec<SentRow>> {
    let profiles = partner_profile::load(&shell.site)?;
    let at = args.date.unwrap_or_else(now);
    let mut chosen = Vec::new();
    for (wanted, only) in [(args.rejected, SentOnly::Rejected), (args.overdue, SentOnly::Waiting)] {
        if !wanted {
            continue;
        }
        let partner = args.partner.clone().unwrap_or_default();
        let filter = SentFilter { partner, only: Some(only), ..SentFilter::default() };
        tx.each_sent(&filter, &mut |row| {
            let profile = profiles.iter().find(|profile| *profile.id() == row.partner);
            let meant = match only {
                SentOnly::Rejected => row.state() == SentState::Rejected,
                SentOnly::Waiting => row.state() == SentState::Sent && is_overdue(&row, profile, at),
            };
            if meant {
                chosen.push(row);
            }
            Ok(())
        })?;
    }
    Ok(chosen)
}

/// The interchange that a person names, or why it is none.
fn find(tx: &mut dyn Transaction, document: &str, partner: Option<&str>) -> Result<Result<SentRow, String>> {
    let is_control = (1..=9).contains(&document.len()) && document.bytes().all(|byte| byte.is_ascii_digit());
    let name = document.rsplit('/').next().unwrap_or(document);
    let control = match name.strip_suffix(".edi").and_then(|name| name.split_once('-')) {
        _ if is_control => format!("{document:0>9}"),
        Some((_, control)) => control.to_owned(),
        None => return Ok(Err("it is no control number and no file of the outbox".to_owned())),
    };
    let mut rows = tx.sent_with_control(&control, SentTo::Anybody)?;
    let names = |row: &SentRow| {
        let path = row.path.as_str();
        is_control || path.ends_with(&format!("/{document}")) || document.ends_with(path)
    };
    rows.retain(|row| names(row) && partner.is_none_or(|partner| row.partner == partner));
    // the newest first: a number that a partner was given twice means the later one
    let mut partners: Vec<&Text> = rows.iter().map(|row| &row.partner).collect();
    partners.sort_unstable();
    partners.dedup();
    if partners.len() > 1 {
        let files: Vec<&str> = rows.iter().map(|row| row.path.as_str()).collect();
        return Ok(Err(format!(
            "it went to several partners: {}; name the file, or --partner",
            files.join(", ")
        )));
    }
    let to = partner.map(|partner| format!(" to {partner}")).unwrap_or_default();
    Ok(rows.into_iter().next().ok_or_else(|| format!("nothing was sent{to} under it")))
}

fn show(shell: &Shell, plan: &Plan, dry_run: bool) -> Result<()> {
    let sends = plan.refused.is_empty();
    if shell.format == Format::Json {
        let rows: Vec<_> = plan
            .ready
            .iter()
            .map(|(row, _)| {
                json!({"file": row.path, "type": row.kind, "partner": row.partner, "control": row.control,
                    "documents": row.documents(), "state": row.state(), "resends": row.resends + u32::from(sends && !dry_run)})
            })
            .collect();
        let refused: Vec<_> =
            plan.refused.iter().map(|(what, why)| json!({"document": what, "why": why})).collect();
        return shell.json(&json!({
            "sent": sends && !dry_run && !plan.ready.is_empty(), "documents": rows,
            "in_outbox": plan.in_outbox, "refused": refused,
        }));
    }
    let mut out = String::new();
    if !plan.ready.is_empty() {
        let rows: Vec<Vec<String>> = plan.ready.iter().map(|(row, _)| cells(row)).collect();
        let header = ["file", "first sent", "documents", "state before", "resends before"];
        out += &render::simple(&header, &rows, &[2, 4], None);
    }
    for path in &plan.in_outbox {
        out += &format!("{path} still stands in the outbox: passed over\n");
    }
    for (what, why) in &plan.refused {
        out += &format!("{what}: refused: {why}\n");
    }
    out += match (plan.ready.is_empty(), sends, dry_run) {
        (_, false, _) => "nothing was sent\n",
        (true, true, _) => "nothing is to be sent again\n",
        (false, true, true) => "nothing was written\n",
        (false, true, false) => "sent again, unchanged\n",
    };
    shell.print(&out)
}

fn cells(row: &SentRow) -> Vec<String> {
    vec![
        row.path.to_string(),
        moment(row.date, &row.time).to_string(),
        row.documents().to_string(),
        row.state().as_str().replace('_', " "),
        row.resends.to_string(),
    ]
}
