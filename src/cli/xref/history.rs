//! `xref history`: who changed what when and why, on both clocks.

use crate::cli::xref::{instant, open, scope, standard, validity};
use crate::cli::{Format, Shell, render};
use crate::domain::item::Xref;
use crate::store::Micros;
use crate::store::xrefs::{XrefHistoryOf, XrefVersion};
use crate::xref::match_form;
use anyhow::Result;
use serde_json::{Value, json};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct HistoryArgs {
    /// A customer item number, exactly as written.
    #[arg(value_name = "NUMBER", required_unless_present = "item")]
    number: Option<String>,
    /// All numbers of an item of ours instead.
    #[arg(long, value_name = "ITEM", conflicts_with = "number")]
    item: Option<String>,
    /// Only rows with this in their column customer: a customer, group:NAME or *.
    #[arg(long, value_name = "CUSTOMER")]
    customer: Option<String>,
}

pub(super) fn history(shell: &Shell, args: &HistoryArgs) -> Result<u8> {
    let text = args.item.as_ref().or(args.number.as_ref()).map(String::as_str).unwrap_or_default();
    let of = if args.item.is_some() { XrefHistoryOf::Item(text) } else { XrefHistoryOf::Number(text) };
    let mut versions = open(shell)?.read()?.xref_history(of)?;
    versions.retain(|version| {
        args.customer.as_ref().is_none_or(|customer| version.xref.scope.columns().0 == *customer)
    });
    match shell.format {
        Format::Json => shell.json(&versions.iter().map(as_json).collect::<Vec<_>>())?,
        Format::Text if versions.is_empty() => {
            shell.print(&format!("the cross-reference never had {text:?}\n"))?;
        }
        Format::Text => shell.print(&as_text(&versions))?,
    }
    Ok(0)
}

fn as_json(version: &XrefVersion) -> Value {
    let xref = &version.xref;
    let (customer, ship_to) = xref.scope.columns();
    json!({
        "xref_id": xref.xref_id,
        "customer": customer,
        "ship_to": ship_to,
        "customer_item": xref.customer_item,
        "match_form": match_form(&xref.customer_item),
        "qualifier": xref.qualifier,
        "unit": xref.unit,
        "item": xref.item,
        "unit_factor": xref.unit_factor.map(|factor| factor.to_string()),
        "rank": xref.rank,
        "valid_from": xref.valid_from,
        "valid_to": xref.valid_to,
        "active": xref.active,
        "description": xref.description,
        "source": version.source,
        "recorded_from": standard(version.recorded_from),
        "recorded_to": version.recorded_to.map(standard),
        "decided_by": version.decided_by,
        "reason": version.reason,
        "ended_by": version.ended_by,
        "end_reason": version.end_reason,
    })
}

/// Something that happened to a row.
struct Event<'v> {
    at: Micros,
    what: String,
    version: &'v XrefVersion,
    by: &'v str,
    reason: &'v str,
}

/// Each version begins a row or changes it; one that no version follows ends it.
fn events(versions: &[XrefVersion]) -> Vec<Event<'_>> {
    let mut events = Vec::new();
    let same = |a: &XrefVersion, b: &XrefVersion| a.source == b.source && a.xref.same_key(&b.xref);
    for (at, version) in versions.iter().enumerate() {
        let earlier = versions.iter().take(at).rev();
        let before = earlier
            .filter(|other| same(other, version))
            .find(|other| other.recorded_to == Some(version.recorded_from));
        let what = match before {
            Some(before) => differences(&before.xref, &version.xref),
            None => format!("added: {}", terms(&version.xref)),
        };
        events.push(Event {
            at: version.recorded_from,
            what,
            version,
            by: &version.decided_by,
            reason: &version.reason,
        });
        let Some(ended) = version.recorded_to else { continue };
        let goes_on = versions.iter().any(|other| same(other, version) && other.recorded_from == ended);
        if !goes_on {
            let (by, reason) = (&version.ended_by, &version.end_reason);
            events.push(Event { at: ended, what: "ended".to_owned(), version, by, reason });
        }
    }
    events.sort_by_key(|event| event.at);
    events
}

/// For what a row holds, beside its number and item.
fn terms(xref: &Xref) -> String {
    let each = VALUES.iter().map(|(name, value)| (name, value(xref)));
    let said = each.filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("{name} {value}"));
    said.collect::<Vec<_>>().join(", ")
}

fn differences(before: &Xref, after: &Xref) -> String {
    let shown = |text: String| if text.is_empty() { "none".to_owned() } else { text };
    let changed = VALUES.iter().map(|(name, value)| (name, value(before), value(after)));
    let changed = changed
        .filter(|(_, before, after)| before != after)
        .map(|(name, before, after)| format!("{name} {} -> {}", shown(before), shown(after)));
    let changed = changed.collect::<Vec<_>>().join(", ");
    if changed.is_empty() { "recorded again".to_owned() } else { changed }
}

/// A value of a row and its name.
type Named = (&'static str, fn(&Xref) -> String);

/// What a row says beside its number and item.
const VALUES: &[Named] = &[
    ("rank", |xref| xref.rank.to_string()),
    ("unit", |xref| xref.unit.to_string()),
    ("factor", |xref| xref.unit_factor.map_or(String::new(), |factor| factor.to_string())),
    ("qualifier", |xref| xref.qualifier.to_string()),
    ("valid", validity),
    ("status", |xref| if xref.active { String::new() } else { "inactive".to_owned() }),
    ("description", |xref| xref.description.to_string()),
];

fn as_text(versions: &[XrefVersion]) -> String {
    let rows: Vec<Vec<String>> = events(versions)
        .iter()
        .map(|event| {
            let XrefVersion { xref, source, .. } = event.version;
            vec![
                instant::readable(event.at),
                scope(xref),
                xref.customer_item.to_string(),
                xref.item.to_string(),
                event.what.clone(),
                source.as_str().to_owned(),
                event.by.to_owned(),
                event.reason.to_owned(),
            ]
        })
        .collect();
    let header = ["recorded", "customer", "Customer Item#", "item", "what", "source", "by", "why"];
    render::simple(&header, &rows, &[], render::terminal_width())
}
