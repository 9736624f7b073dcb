//! `xref suggest`: what the numbers that wait may mean, with the evidence in words.

use crate::cli::worklist::causes::{Cause, gather};
use crate::cli::worklist::suggest;
use crate::cli::worklist::suggestion_as_json;
use crate::cli::xref::{instant, open};
use crate::cli::{Format, Shell, render};
use crate::domain::{Date, Text};
use crate::xref::suggest::Suggestion;
use anyhow::Result;
use serde_json::json;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct SuggestArgs {
    /// Only numbers of this customer.
    #[arg(long, value_name = "CUSTOMER")]
    customer: Option<Text>,
    /// So many numbers at most, those for which most waits first.
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    limit: u32,
    /// So many items for each.
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    each: u32,
    /// The day that counts for what is ignored, instead of today.
    #[arg(long, value_name = "DATE")]
    date: Option<Date>,
}

pub(super) fn suggest(shell: &Shell, args: &SuggestArgs) -> Result<u8> {
    let mut store = open(shell)?;
    let mut work = store.read()?;
    let today = args.date.unwrap_or_else(|| instant::now().1);
    let mut waiting = work.undecided_exceptions(today)?;
    waiting.retain(|row| args.customer.as_ref().is_none_or(|customer| row.customer == *customer));
    let customers = work.masters_without_xrefs(None)?.customers;
    let mut causes = gather(&mut *work, &waiting, &customers)?;
    causes.retain(Cause::can_be_mapped);
    causes.truncate(args.limit as usize);
    let suggestions = suggest::suggest(&mut *work, &causes, args.each as usize)?;
    match shell.format {
        Format::Json => {
            let rows = causes.iter().zip(&suggestions);
            shell.json(&rows.map(|(cause, found)| as_json(cause, found)).collect::<Vec<_>>())?;
        }
        Format::Text => {
            let rows = causes.iter().zip(&suggestions);
            let text: String = rows.map(|(cause, found)| as_text(cause, found)).collect();
            shell.print(if text.is_empty() { "no number waits for an item\n" } else { &text })?;
        }
    }
    Ok(0)
}

fn as_json(cause: &Cause, found: &[Suggestion]) -> serde_json::Value {
    json!({
        "cause": cause.id,
        "outcome": cause.outcome,
        "customer": cause.customer,
        "qualifier": cause.number.qualifier,
        "customer_item": cause.number.value,
        "description": cause.description,
        "lines": cause.lines,
        "suggestions": found.iter().map(suggestion_as_json).collect::<Vec<_>>(),
    })
}

fn as_text(cause: &Cause, found: &[Suggestion]) -> String {
    let lines = if cause.lines == 1 { "1 line".to_owned() } else { format!("{} lines", cause.lines) };
    let mut out = format!(
        "{} {} of {}, {}, {lines}: {}\n",
        cause.number.qualifier, cause.number.value, cause.customer, cause.outcome, cause.description
    );
    if found.is_empty() {
        out += "  nothing speaks for any item\n";
    }
    for suggestion in found {
        out += &format!("  {} {}\n", render::thousandths(suggestion.score), suggestion.item);
        for words in &suggestion.evidence {
            out += &format!("        {words}\n");
        }
    }
    out
}
