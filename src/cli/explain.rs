//! `explain`: why the lines of an order resolved as they did: every candidate, and why the others lost.

mod as_of;

use crate::cli::xref::{self, instant};
use crate::cli::{Format, Shell};
use crate::domain::order::{ItemNumber, OrderLine};
use crate::domain::resolution::{
    Candidate, DecidedLine, DecidedOrder, InvalidReason, LineOutcome, LineState, Via,
};
use crate::domain::{Date, Text, money, unit::Fraction};
use crate::store::{OrderRow, lines};
use anyhow::{Result, bail};
use serde::Serialize;

#[derive(Debug, clap::Args)]
pub(super) struct ExplainArgs {
    /// The customer's purchase order number.
    po: String,
    /// One line, by its number in the order (the `line` column of orders/).
    #[arg(long, value_name = "N")]
    line: Option<u32>,
    /// The customer, where several use the same number.
    #[arg(long, value_name = "CUSTOMER")]
    customer: Option<String>,
    /// What it would be by the masters as they were recorded at the end of this day (YYYY-MM-DD), or at this instant
    /// (2026-11-20T08:00:00Z), and valid then.
    #[arg(long, value_name = "DAY", value_parser = instant::parse)]
    as_of: Option<instant::AsOf>,
    /// What it would be if the order had this date (YYYY-MM-DD); with --as-of by what was recorded then, else by what is known now.
    #[arg(long, value_name = "DATE")]
    valid_on: Option<Date>,
}

#[derive(Debug, Serialize)]
struct Explained<'e> {
    po_number: &'e Text,
    order_id: &'e Text,
    customer: &'e Text,
    /// The date on which the cross-reference was asked.
    as_of: Option<Date>,
    /// With --as-of: the instant whose records were asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    recorded_as_of: Option<String>,
    line: u32,
    outcome: &'static str,
    via: Option<&'static str>,
    item: &'e Text,
    reason: Option<&'static str>,
    superseded: &'e Text,
    ordered_quantity: Text,
    ordered_unit: &'e Text,
    quantity: Text,
    unit: &'e Text,
    /// Item units in one ordered unit.
    factor: Option<Text>,
    state: LineState,
    notes: Vec<Text>,
    candidates: &'e [Candidate],
    #[serde(skip)]
    asked: Asked<'e>,
}

/// What the text says beside the JSON.
#[derive(Debug)]
struct Asked<'e> {
    order: &'e DecidedOrder,
    line: &'e OrderLine,
    decided: &'e DecidedLine,
    /// Whether this is what another day would have given, not what was decided.
    again: bool,
}

pub(super) fn explain(shell: &Shell, args: &ExplainArgs) -> Result<u8> {
    let mut store = shell.open_store()?;
    let mut work = store.read()?;
    let rows = work.orders_with_po(args.customer.as_deref(), &args.po)?;
    if rows.is_empty() {
        bail!("no order with the number {}", args.po);
    }
    let again = as_of::Asked::of(args.as_of, args.valid_on);
    let orders: Vec<(Text, DecidedOrder)> = if let Some(again) = again {
        as_of::decide_again(shell, &mut *work, &rows, again)?
    } else {
        let read = |row: &OrderRow| Ok((row.order_id.clone(), lines::order_from_row(row)?));
        rows.iter().map(read).collect::<Result<_>>()?
    };
    let all = orders
        .iter()
        .flat_map(|(id, order)| order.order.lines.iter().zip(&order.lines).map(move |l| (id, order, l)));
    let wanted = all.filter(|(_, _, (line, _))| args.line.is_none_or(|number| number == line.line));
    let explained: Vec<Explained<'_>> =
        wanted.map(|(id, order, (line, decided))| explained(id, order, line, decided, again)).collect();
    if explained.is_empty() {
        bail!("order {} has no line {}", args.po, args.line.unwrap_or_default());
    }
    match (shell.format, args.line) {
        (Format::Json, Some(_)) if explained.len() == 1 => shell.json(&explained[0])?,
        (Format::Json, _) => shell.json(&explained)?,
        (Format::Text, _) => shell.print(&text(&explained))?,
    }
    Ok(0)
}

fn explained<'e>(
    order_id: &'e Text,
    order: &'e DecidedOrder,
    line: &'e OrderLine,
    decided: &'e DecidedLine,
    again: Option<as_of::Asked>,
) -> Explained<'e> {
    let resolution = &decided.resolution;
    Explained {
        po_number: &order.order.po_number,
        order_id,
        customer: &order.customer,
        as_of: order.as_of,
        recorded_as_of: again.and_then(|again| again.recorded).map(xref::standard),
        line: line.line,
        outcome: resolution.outcome.as_str(),
        via: resolution.via.map(Via::as_str),
        item: &resolution.item,
        reason: resolution.reason.map(InvalidReason::as_str),
        superseded: &resolution.superseded,
        ordered_quantity: line
            .quantity
            .map_or_else(|| line.quantity_text.clone(), |quantity| money::plain(quantity).into()),
        ordered_unit: &line.unit,
        quantity: money::plain_or_empty(resolution.quantity),
        unit: &resolution.unit,
        factor: resolution.factor.map(|factor| factor.to_string().into()),
        state: decided.state,
        notes: customer_note(order).into_iter().chain(resolution.notes.iter().cloned()).collect(),
        candidates: &resolution.candidates,
        asked: Asked { order, line, decided, again: again.is_some() },
    }
}

/// Who ordered, where the document names a customer that the master does not know.
fn customer_note(order: &DecidedOrder) -> Option<Text> {
    let (named, chosen) = (&order.order.customer, &order.customer);
    (!named.is_empty() && named != chosen).then(|| {
        format!("the order names the customer {named}, whom customers.csv does not know: taken as {chosen}")
            .into()
    })
}

/// The orders as trees: an order, its lines, their numbers, and under each number its candidates; `*` marks the one that
/// counts.
fn text(explained: &[Explained<'_>]) -> String {
    let mut out = String::new();
    for (at, lines) in explained.chunk_by(|one, other| one.order_id == other.order_id).enumerate() {
        let Some(first) = lines.first() else { continue };
        if at > 0 {
            out.push('\n');
        }
        let mut asked_on = first.as_of.map_or_else(String::new, |date| format!(", asked as of {date}"));
        if first.asked.again {
            asked_on += match &first.recorded_as_of {
                Some(_) => ", as it was recorded then",
                None => ", by what is known now",
            };
            asked_on += "; nothing was changed";
        }
        out += &format!("{} of {} ({}){asked_on}\n", first.po_number, first.customer, first.order_id);
        let of_order = customer_note(first.asked.order);
        if let Some(note) = &of_order {
            out += &format!("  note: {note}\n");
        }
        for line in lines {
            headline(line, &mut out);
            numbers(line, &mut out);
            let told = |note: &Text| {
                let numbers = &line.asked.line.numbers;
                of_order.as_ref() == Some(note) || numbers.iter().any(|n| flaw_of(n, note).is_some())
            };
            for note in line.notes.iter().filter(|note| !told(note)) {
                out += &format!("    note: {note}\n");
            }
            if let Some(step) = what_helps(line) {
                out += &format!("    to mend: {step}\n");
            }
        }
    }
    out
}

fn headline(line: &Explained<'_>, out: &mut String) {
    *out += &format!("  line {}: {}", line.line, line.outcome);
    match (line.via, line.reason) {
        (Some(via), None) => *out += &format!(" to {} by {via}", line.item),
        (Some(via), Some(reason)) => *out += &format!(", {reason}; {} found by {via}", line.item),
        (None, Some(reason)) => *out += &format!(", {reason}"),
        (None, None) => {}
    }
    let state = line.state.as_str();
    let (quantity, unit) = (&line.ordered_quantity, line.ordered_unit);
    *out += &format!("; {state}\n    {}", format!("{quantity} {unit}").trim());
    let same = *quantity == line.quantity && unit == line.unit;
    if !line.quantity.is_empty() && !same {
        *out += &format!(" = {} {}", line.quantity, line.unit);
    }
    let factor = line.asked.decided.resolution.factor.filter(|factor| *factor != Fraction::ONE);
    if let Some(factor) = factor {
        let one = if unit.is_empty() { "one" } else { unit.as_str() };
        *out += &format!(" ({factor} {} to the {one})", line.unit);
    }
    out.push('\n');
    if !line.superseded.is_empty() {
        *out += &format!("    {} is discontinued; {} takes its place\n", line.superseded, line.item);
    }
}

/// Each number of the line once, also those that no step looked at.
fn numbers(line: &Explained<'_>, out: &mut String) {
    let on_line = line.asked.line.numbers.iter().filter(|number| !number.value.is_empty());
    let mut told: Vec<&ItemNumber> = Vec::new();
    for number in line.candidates.iter().map(|candidate| &candidate.number).chain(on_line) {
        if told.contains(&number) {
            continue;
        }
        told.push(number);
        *out += &format!("    {} {}\n", number.qualifier, number.value);
        let mut of_number = line.candidates.iter().filter(|candidate| candidate.number == *number).peekable();
        if of_number.peek().is_none() {
            let flaw = line.notes.iter().find_map(|note| flaw_of(number, note)).map(str::to_owned);
            let why = flaw.unwrap_or_else(|| format!("no step of the profile asks for {}", number.qualifier));
            *out += &format!("      - not looked up: {why}\n");
        }
        for Candidate { via, item, xref_id, chosen, reason, .. } in of_number {
            let mark = if *chosen { '*' } else { '-' };
            let row = xref_id.map_or_else(String::new, |id| format!(" (xref {id})"));
            let target = if item.is_empty() { String::new() } else { format!(" -> {item}{row}") };
            *out += &format!("      {mark} {}{target}: {reason}\n", via.as_str());
        }
    }
    if told.is_empty() {
        *out += "    the line has no number\n";
    }
}

/// The part of a note of the resolution that says what is wrong with this number.
fn flaw_of<'n>(number: &ItemNumber, note: &'n str) -> Option<&'n str> {
    let rest = note.strip_prefix(&*number.qualifier)?.strip_prefix(' ')?.strip_prefix(&*number.value)?;
    rest.strip_prefix(" is ").filter(|rest| rest.starts_with("no GTIN"))
}

/// Whether the quantity in the item's unit is one of at most six decimals.
fn has_millionths(line: &Explained<'_>) -> bool {
    let Asked { line: ordered, decided, .. } = line.asked;
    let (quantity, factor) = (ordered.quantity, decided.resolution.factor);
    let converted = quantity.zip(factor).and_then(|(quantity, factor)| factor.apply(quantity));
    converted.is_some_and(|converted| converted.normalize().scale() <= 6)
}

/// What a person can do for a line that waits.
fn what_helps(line: &Explained<'_>) -> Option<String> {
    if line.state != LineState::Held || line.asked.again {
        return None;
    }
    let Asked { decided, .. } = line.asked;
    let resolution = &decided.resolution;
    let step = match (resolution.outcome, resolution.reason) {
        (LineOutcome::Mapped, _) => "nothing of its own: it waits for the order's other lines".to_owned(),
        (LineOutcome::Unmapped, _) => {
            format!("a row in item_xref.csv for {} and one of these numbers", line.customer)
        }
        (LineOutcome::Ambiguous, _) => {
            "end one of the rows that stand equal, or give one a better rank".to_owned()
        }
        (LineOutcome::Conflict, _) => {
            "correct the row that is wrong, or, where numbers of one kind are not kept up to date, name it in the \
             partner's may_contradict"
                .to_owned()
        }
        (LineOutcome::Invalid, Some(InvalidReason::UnitUnknown)) => {
            format!("a row in uom.csv that leads from {} to {}", line.ordered_unit, line.unit)
        }
        (LineOutcome::Invalid, Some(InvalidReason::DiscontinuedWithoutSuccessor)) => {
            format!("a successor of {} in items.csv", line.item)
        }
        (LineOutcome::Invalid, Some(InvalidReason::QuantityFractional)) if !has_millionths(line) => {
            "ask the customer for a corrected order: six decimals cannot hold this quantity in the item's unit".to_owned()
        }
        (LineOutcome::Invalid, Some(InvalidReason::QuantityFractional)) => format!(
            "fractions = yes in items.csv, if {} is sold in parts of its unit; else ask the customer for a corrected order",
            line.item
        ),
        (LineOutcome::Invalid, _) => "ask the customer for a corrected order".to_owned(),
    };
    Some(step)
}
