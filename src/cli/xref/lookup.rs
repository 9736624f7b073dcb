//! `xref lookup`: a number or words, across customers, as a person at the telephone needs it.

use crate::cli::xref::{instant, open, scope, standard, validity};
use crate::cli::{Format, Shell, render};
use crate::domain::item::ItemStatus;
use crate::domain::{Date, Text};
use crate::store::Transaction;
use crate::store::xrefs::{XrefFound, XrefHit, XrefLookup, XrefQuery};
use crate::xref::match_form;
use anyhow::Result;
use serde_json::{Value, json};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct LookupArgs {
    /// A number, theirs or ours, or words of a description.
    #[arg(required = true, value_name = "TEXT")]
    text: Vec<String>,
    /// Only what counts for this customer: its own rows, its group's and everyone's.
    #[arg(long, value_name = "CUSTOMER")]
    customer: Option<String>,
    /// Leave out what is for other ship-tos.
    #[arg(long, value_name = "SHIP-TO")]
    ship_to: Option<String>,
    /// As it was recorded at the end of this day (YYYY-MM-DD), or at this instant
    /// (2026-11-20T08:00:00Z), and valid then.
    #[arg(long, value_name = "DAY", value_parser = instant::parse)]
    as_of: Option<instant::AsOf>,
    /// Also numbers that begin with the text.
    #[arg(long, conflicts_with = "description")]
    prefix: bool,
    /// Only descriptions that have all the words.
    #[arg(long)]
    description: bool,
    /// So many rows at most.
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    limit: u32,
}

pub(super) fn lookup(shell: &Shell, args: &LookupArgs) -> Result<u8> {
    let mut store = open(shell)?;
    let mut work = store.read()?;
    let found = find(&mut *work, args)?;
    let day = args.as_of.map_or_else(|| instant::now().1, |as_of| as_of.day);
    match shell.format {
        Format::Json => {
            shell.json(&found.rows.iter().map(|hit| as_json(hit, day)).collect::<Vec<_>>())?;
        }
        Format::Text => shell.print(&as_text(&found, day, &args.text.join(" ")))?,
    }
    Ok(0)
}

/// Exact numbers; if there are none, numbers that begin so; if there are none, words of descriptions.
fn find(work: &mut dyn Transaction, args: &LookupArgs) -> Result<XrefFound> {
    let text = args.text.join(" ");
    let as_of = args.as_of.map(|as_of| as_of.recorded);
    let mut customers: Vec<Text> = Vec::new();
    if let Some(customer) = &args.customer {
        customers.push(customer.into());
        let group = work.customer(customer, as_of)?.map(|customer| customer.group).unwrap_or_default();
        if !group.is_empty() {
            customers.push(format!("group:{group}").into());
        }
        customers.push("*".into());
    }
    let limit = usize::try_from(args.limit).unwrap_or(usize::MAX);
    let query = |by| XrefQuery {
        text: text.trim(),
        by,
        customers: &customers,
        ship_to: args.ship_to.as_deref(),
        as_of,
        limit,
    };
    if args.description {
        return work.find_xrefs(&query(XrefLookup::Description));
    }
    let mut found = work.find_xrefs(&query(XrefLookup::Exact))?;
    if args.prefix {
        let more = work.find_xrefs(&query(XrefLookup::Prefix))?;
        let new: Vec<XrefHit> = more.rows.into_iter().filter(|hit| !found.rows.contains(hit)).collect();
        found.rows.extend(new);
        found.more |= more.more || found.rows.len() > limit;
        found.rows.truncate(limit);
        return Ok(found);
    }
    for by in [XrefLookup::Prefix, XrefLookup::Description] {
        if found.rows.is_empty() {
            found = work.find_xrefs(&query(by))?;
        }
    }
    Ok(found)
}

/// Whether a row counts on a day, in a word.
fn state(hit: &XrefHit, day: Date) -> &'static str {
    let Some(row) = &hit.row else { return "no number" };
    let xref = &row.xref;
    match (&hit.item, xref.active) {
        (_, false) => "inactive",
        _ if xref.valid_from.is_some_and(|from| day < from) => "not yet",
        _ if xref.valid_to.is_some_and(|to| to < day) => "expired",
        (None, _) => "no such item",
        (Some(item), _) if item.status == ItemStatus::Discontinued => "discontinued",
        _ => "valid",
    }
}

fn as_json(hit: &XrefHit, day: Date) -> Value {
    let (item, row) = (hit.item.as_ref(), hit.row.as_ref());
    let xref = row.map(|row| &row.xref);
    let scope = xref.map(|xref| xref.scope.columns());
    json!({
        "customer_item": xref.map(|xref| &xref.customer_item),
        "match_form": xref.map(|xref| match_form(&xref.customer_item)),
        "customer": scope.as_ref().map(|(customer, _)| customer),
        "ship_to": scope.as_ref().map(|(_, ship_to)| ship_to),
        "item": item.map(|item| &item.item).or(xref.map(|xref| &xref.item)),
        "item_description": item.map(|item| &item.description),
        "item_unit": item.map(|item| &item.unit),
        "item_status": item.map(|item| item.status),
        "successor": item.map(|item| &item.successor).filter(|successor| !successor.is_empty()),
        "gtin": item.map(|item| &item.gtin).filter(|gtin| !gtin.is_empty()),
        "state": state(hit, day),
        "qualifier": xref.map(|xref| &xref.qualifier),
        "unit": xref.map(|xref| &xref.unit),
        "unit_factor": xref.and_then(|xref| xref.unit_factor).map(|factor| factor.to_string()),
        "rank": xref.map(|xref| xref.rank),
        "valid_from": xref.and_then(|xref| xref.valid_from),
        "valid_to": xref.and_then(|xref| xref.valid_to),
        "active": xref.map(|xref| xref.active),
        "description": xref.map(|xref| &xref.description),
        "xref_id": xref.map(|xref| xref.xref_id),
        "source": row.map(|row| row.source),
        "recorded_from": row.map(|row| standard(row.recorded_from)),
        "decided_by": row.map(|row| &row.decided_by),
        "reason": row.map(|row| &row.reason),
    })
}

fn as_text(found: &XrefFound, day: Date, text: &str) -> String {
    if found.rows.is_empty() {
        return format!("nothing is known of {text:?}\n");
    }
    let rows: Vec<Vec<String>> = found.rows.iter().map(|hit| row(hit, day)).collect();
    let header = ["Customer Item#", "customer", "item", "description", "unit", "valid", "state", "source"];
    let mut out = render::simple(&header, &rows, &[], render::terminal_width());
    if found.more {
        out += "there are more: narrow it down, or ask for more with --limit\n";
    }
    out
}

fn row(hit: &XrefHit, day: Date) -> Vec<String> {
    let item = hit.item.as_ref();
    let ours =
        |of: fn(&crate::domain::item::Item) -> &Text| item.map_or(String::new(), |item| of(item).to_string());
    let Some(row) = &hit.row else {
        let unit = ours(|item| &item.unit);
        let none = String::new;
        return vec![
            none(),
            none(),
            ours(|item| &item.item),
            ours(|item| &item.description),
            unit,
            none(),
            state(hit, day).to_owned(),
            none(),
        ];
    };
    let xref = &row.xref;
    let unit = match (xref.unit.as_str(), xref.unit_factor) {
        ("", None) => ours(|item| &item.unit),
        (unit, factor) => {
            let ordered = if unit.is_empty() { "any" } else { unit };
            let factor =
                factor.map_or(String::new(), |factor| format!(" = {factor} {}", ours(|item| &item.unit)));
            format!("{ordered}{factor}")
        }
    };
    let number = if xref.qualifier.is_empty() {
        xref.customer_item.to_string()
    } else {
        format!("{} ({})", xref.customer_item, xref.qualifier)
    };
    let source = if row.decided_by.is_empty() {
        row.source.as_str().to_owned()
    } else {
        format!("{} by {}", row.source.as_str(), row.decided_by)
    };
    let description = ours(|item| &item.description);
    let description = if description.is_empty() { xref.description.to_string() } else { description };
    let state = state(hit, day).to_owned();
    vec![number, scope(xref), xref.item.to_string(), description, unit, validity(xref), state, source]
}
