//! `xref suggest`: what the numbers that wait, or one that is asked for, may mean, with the evidence in words.

use crate::cli::worklist::suggest::{
    SCORE_MIN, Wanted, parse_score, question, suggest as answer, vendor_qualifiers,
};
use crate::cli::worklist::suggestion_as_json;
use crate::cli::xref::{instant, open};
use crate::cli::{Format, Shell, render};
use crate::domain::item::Masters;
use crate::domain::order::ItemNumber;
use crate::domain::partner::{OrderSettings, PartnerProfile};
use crate::domain::{Date, Text};
use crate::report::causes::{Cause, gather};
use crate::xref::suggest::Suggestion;
use crate::xref::suggest::asked::Question;
use anyhow::{Result, bail, ensure};
use serde_json::json;
use std::collections::BTreeSet;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct SuggestArgs {
    /// Only this number. With --customer it need not wait.
    #[arg(value_name = "NUMBER")]
    number: Option<Text>,
    /// Only numbers of this customer.
    #[arg(long, value_name = "CUSTOMER")]
    customer: Option<Text>,
    /// What the customer calls it, for a number that does not wait.
    #[arg(long, value_name = "TEXT", requires = "number", requires = "customer")]
    description: Option<Text>,
    /// So many numbers at most, those for which most waits first.
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    limit: u32,
    /// So many items for each.
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    each: u32,
    /// Only items with this score or more.
    #[arg(long, value_name = "SCORE", default_value = SCORE_MIN, value_parser = parse_score)]
    min_score: u32,
    /// The day that counts for what is ignored, instead of today.
    #[arg(long, value_name = "DATE")]
    date: Option<Date>,
}

/// What is asked, and the cause that it comes from; None: it was typed.
type Asking = (Option<Cause>, Question);

pub(super) fn suggest(shell: &Shell, args: &SuggestArgs) -> Result<u8> {
    let mut store = open(shell)?;
    let mut work = store.read()?;
    let profiles = crate::site::load(&shell.site)?.partners;
    let today = args.date.unwrap_or_else(|| instant::now().1);
    let mut waiting = work.undecided_exceptions(today)?;
    waiting.retain(|row| args.customer.as_ref().is_none_or(|customer| row.customer == *customer));
    let masters = work.masters_without_xrefs(None)?;
    let mut causes = gather(&mut *work, &waiting, &masters.customers)?;
    let wanted = |cause: &Cause| args.number.as_ref().is_none_or(|number| cause.number.value == *number);
    causes.retain(|cause| cause.can_be_mapped() && wanted(cause));
    causes.truncate(args.limit as usize);
    let mut asking: Vec<Asking> = causes
        .into_iter()
        .map(|cause| {
            let mut question = question(&cause, &profiles);
            if let Some(description) = &args.description {
                question.description.clone_from(description);
            }
            (Some(cause), question)
        })
        .collect();
    if let Some(number) = args.number.as_ref().filter(|_| asking.is_empty()) {
        asking.push((None, typed(number, args, &masters, &profiles)?));
    }
    let wanted = Wanted { most: args.each as usize, score_min: args.min_score, today };
    let questions = asking.iter().map(|(_, question)| question.clone()).collect();
    let found = answer(&mut *work, masters, questions, wanted)?;
    let rows = asking.iter().zip(&found);
    match shell.format {
        Format::Json => {
            shell.json(&rows.map(|(asking, found)| as_json(asking, found)).collect::<Vec<_>>())?;
        }
        Format::Text => {
            let text: String = rows.map(|(asking, found)| as_text(asking, found)).collect();
            shell.print(if text.is_empty() { "no number waits for an item\n" } else { &text })?;
        }
    }
    Ok(0)
}

/// A number that waits nowhere, of a customer that is named.
fn typed(
    number: &Text,
    args: &SuggestArgs,
    masters: &Masters,
    profiles: &[PartnerProfile],
) -> Result<Question> {
    let Some(customer) = &args.customer else {
        bail!("no line waits for {number:?}: say whose number it is with --customer")
    };
    let known = masters.customers.iter().any(|known| known.customer == *customer);
    ensure!(known, "unknown customer {customer:?}: customers.csv does not have it");
    let profile = profiles.iter().find(|profile| profile.partner.customer == *customer);
    let settings = profile.map_or_else(OrderSettings::default, |profile| profile.orders.clone());
    let qualifier = settings.customer_item_qualifiers.first().cloned().unwrap_or_default();
    let number = ItemNumber { qualifier, value: number.trim().into() };
    Ok(Question {
        customer: customer.clone(),
        numbers: [number.clone()].into(),
        number,
        vendor_qualifiers: vendor_qualifiers(profiles, &BTreeSet::new(), customer),
        description: args.description.clone().unwrap_or_default(),
        ..Question::default()
    })
}

fn as_json((cause, question): &Asking, found: &[Suggestion]) -> serde_json::Value {
    let cause = cause.as_ref();
    json!({
        "cause": cause.map(|cause| &cause.id),
        "outcome": cause.map(|cause| &cause.outcome),
        "customer": question.customer,
        "qualifier": question.number.qualifier,
        "customer_item": question.number.value,
        "description": question.description,
        "lines": cause.map_or(0, |cause| cause.lines),
        "suggestions": found.iter().map(suggestion_as_json).collect::<Vec<_>>(),
    })
}

fn as_text((cause, question): &Asking, found: &[Suggestion]) -> String {
    let waits = match cause.as_ref().map(|cause| (&cause.outcome, cause.lines)) {
        None => "no line waits for it".to_owned(),
        Some((outcome, 1)) => format!("{outcome}, 1 line"),
        Some((outcome, lines)) => format!("{outcome}, {lines} lines"),
    };
    let ItemNumber { qualifier, value } = &question.number;
    let number = render::harmless(&format!("{qualifier} {value} of {}, {waits}", question.customer));
    let description = render::harmless(&question.description);
    let mut out =
        if description.is_empty() { format!("{number}\n") } else { format!("{number}: {description}\n") };
    if found.is_empty() {
        out += "  nothing speaks for any item\n";
    }
    for Suggestion { item, description, score, evidence } in found {
        out +=
            render::harmless(&format!("  {}  {item}  {description}", render::thousandths(*score))).trim_end();
        out += "\n";
        for words in evidence {
            out += &format!("         {}\n", render::harmless(words));
        }
    }
    out
}
