//! The open exceptions as root causes: what each is about, how much waits for it, since when.

use crate::domain::item::Customer;
use crate::domain::order::{ItemNumber, OrderLine};
use crate::domain::resolution::{DecidedLine, DecidedOrder, LineState};
use crate::domain::{Date, Decimal, Text};
use crate::store::{ExceptionRow, Transaction, lines};
use anyhow::Result;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// So many different values of one kind are kept of the lines of a cause.
const KEPT: usize = 20;

/// Something for a person to decide, and all that waits for it.
#[derive(Debug, Clone, Default)]
pub struct Cause {
    /// What is open under it has this text as its cause.
    pub id: Text,
    /// `line`, or the kind of another exception.
    pub kind: Text,
    /// Of lines: `unmapped`, `ambiguous`, `conflict`, `invalid`.
    pub outcome: Text,
    pub customer: Text,
    pub customer_name: Text,
    pub group: Text,
    /// The partners from whom the lines came.
    pub partners: BTreeSet<Text>,
    /// The customer's number that the lines have in common.
    pub number: ItemNumber,
    pub description: Text,
    pub units: BTreeSet<Text>,
    /// The units as aliased and as received.
    pub unit_words: BTreeSet<Text>,
    pub ship_tos: BTreeSet<Text>,
    /// All numbers that the lines have.
    pub numbers: BTreeSet<ItemNumber>,
    /// Prices for one ordered unit, with that unit.
    pub prices: BTreeSet<(Text, Decimal)>,
    pub packs: BTreeSet<(Text, Text)>,
    pub times: u64,
    pub lines: u64,
    /// Of these, the lines that are held; the others are refused already.
    pub held: u64,
    pub orders: BTreeSet<Text>,
    /// What the held lines are worth, by currency.
    pub values: BTreeMap<Text, Decimal>,
    pub first_seen: Option<Date>,
    pub oldest_requested: Option<Date>,
}

impl Cause {
    /// Whether it is about a number that can be led to an item.
    pub fn can_be_mapped(&self) -> bool {
        self.kind == "line" && !self.number.value.is_empty()
    }

    fn new(row: &ExceptionRow, detail: &Value, customers: &BTreeMap<&str, &Customer>) -> Self {
        let customer = customers.get(row.customer.as_str());
        let mut cause = Self {
            id: row.cause.clone(),
            kind: row.kind.clone(),
            customer: row.customer.clone(),
            customer_name: customer.map_or_else(Text::default, |customer| customer.name.clone()),
            group: customer.map_or_else(Text::default, |customer| customer.group.clone()),
            ..Self::default()
        };
        if row.kind == "line" {
            (cause.outcome, cause.number) = number_of(row, detail["reason"].as_str());
            cause.description = detail["description"].as_str().unwrap_or_default().into();
        } else {
            let said = [&detail["why"], &detail["file"], &detail["number"], &detail["findings"][0]["detail"]];
            let said = said.iter().find_map(|value| value.as_str().filter(|text| !text.is_empty()));
            cause.description = said.unwrap_or(&row.po_number).into();
        }
        cause
    }

    fn add(&mut self, row: &ExceptionRow) {
        self.times += 1;
        keep(&mut self.partners, &row.partner);
        self.lines += u64::from(row.line > 0);
        // of an invoice that is its own key
        let of_order = !row.order_id.is_empty() && row.kind != "invoice";
        let order = if of_order { &row.order_id } else { &row.po_number };
        if !order.is_empty() {
            self.orders.insert(order.clone());
        }
        let seen = run_date(&row.run_id);
        self.first_seen = [self.first_seen, seen].into_iter().flatten().min();
    }

    fn add_line(&mut self, order: &DecidedOrder, line: &OrderLine, decided: &DecidedLine) {
        keep(&mut self.units, &line.unit);
        keep(&mut self.unit_words, &line.unit);
        keep(&mut self.unit_words, &line.unit_text);
        keep(&mut self.ship_tos, &line.ship_to);
        for number in &line.numbers {
            if self.numbers.len() < KEPT {
                self.numbers.insert(number.clone());
            }
        }
        if self.packs.len() < KEPT && !line.pack.is_empty() {
            self.packs.insert((line.unit.clone(), line.pack.clone()));
        }
        if let Some(price) = decided.unit_price
            && self.prices.len() < KEPT
        {
            self.prices.insert((line.unit.clone(), price.normalize()));
        }
        if decided.state != LineState::Held {
            return;
        }
        self.held += 1;
        self.oldest_requested = [self.oldest_requested, line.requested_date].into_iter().flatten().min();
        let value = decided.unit_price.zip(line.quantity).and_then(|(price, count)| price.checked_mul(count));
        if let Some(value) = value {
            let sum = self.values.entry(order.currency.clone()).or_default();
            *sum = sum.saturating_add(value);
        }
    }

    /// The greatest amount in any currency: what the list is sorted by.
    fn greatest(&self) -> Decimal {
        self.values.values().copied().max().unwrap_or_default()
    }
}

fn keep(values: &mut BTreeSet<Text>, value: &Text) {
    if !value.is_empty() && values.len() < KEPT {
        values.insert(value.clone());
    }
}

/// `outcome/customer/qualifier/number[/reason]`, where customer and number may have slashes of their own.
fn number_of(row: &ExceptionRow, reason: Option<&str>) -> (Text, ItemNumber) {
    let (outcome, rest) = row.cause.split_once('/').unwrap_or((&row.cause, ""));
    let rest = rest.strip_prefix(row.customer.as_str()).and_then(|rest| rest.strip_prefix('/')).unwrap_or("");
    let (qualifier, number) = rest.split_once('/').unwrap_or((rest, ""));
    let ending = reason.map(|reason| format!("/{reason}")).unwrap_or_default();
    let value = number.strip_suffix(ending.as_str()).unwrap_or(number);
    (outcome.into(), ItemNumber { qualifier: qualifier.into(), value: value.into() })
}

/// The date in a run's id.
fn run_date(run_id: &str) -> Option<Date> {
    let (day, _) = run_id.split_once('-')?;
    if day.len() != 8 || !day.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |range: std::ops::Range<usize>| day.get(range)?.parse::<i16>().ok();
    let (month, of_month) = (i8::try_from(part(4..6)?).ok()?, i8::try_from(part(6..8)?).ok()?);
    Date::new(part(0..4)?, month, of_month).ok()
}

/// The causes of these exceptions: by their greatest amount, the largest first, then by cause.
pub fn gather(
    work: &mut dyn Transaction,
    open: &[ExceptionRow],
    customers: &[Customer],
) -> Result<Vec<Cause>> {
    let customers: BTreeMap<&str, &Customer> =
        customers.iter().map(|customer| (customer.customer.as_str(), customer)).collect();
    let mut causes: BTreeMap<(&Text, &Text), Cause> = BTreeMap::new();
    let mut by_order: BTreeMap<&Text, Vec<&ExceptionRow>> = BTreeMap::new();
    for row in open {
        let key = (&row.cause, &row.kind);
        let cause = causes.entry(key).or_insert_with(|| {
            // the store wrote it; what cannot be read says nothing
            let detail = serde_json::from_str(&row.detail).unwrap_or_default();
            Cause::new(row, &detail, &customers)
        });
        cause.add(row);
        if row.kind == "line" {
            by_order.entry(&row.order_id).or_default().push(row);
        }
    }
    for (order_id, rows) in by_order {
        let Some(order) = work.order(order_id)? else { continue };
        let order = lines::order_from_row(&order)?;
        let places: BTreeMap<u32, usize> =
            order.order.lines.iter().enumerate().map(|(place, line)| (line.line, place)).collect();
        for row in rows {
            let Some(place) = places.get(&row.line) else { continue };
            let (line, decided) = (order.order.lines.get(*place), order.lines.get(*place));
            if let (Some(line), Some(decided), Some(cause)) =
                (line, decided, causes.get_mut(&(&row.cause, &row.kind)))
            {
                cause.add_line(&order, line, decided);
            }
        }
    }
    let mut causes: Vec<Cause> = causes.into_values().collect();
    causes.sort_by(|a, b| {
        b.greatest().cmp(&a.greatest()).then_with(|| (&a.id, &a.kind).cmp(&(&b.id, &b.kind)))
    });
    Ok(causes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_a_cause_is_found_whatever_slashes_are_in_it() {
        for (cause, customer, reason, expected) in [
            ("unmapped/ACME/BP/A-1", "ACME", None, ("unmapped", "BP", "A-1")),
            ("unmapped/A/B/BP/1/2", "A/B", None, ("unmapped", "BP", "1/2")),
            ("invalid/ACME/BP/A-1/no unit", "ACME", Some("no unit"), ("invalid", "BP", "A-1")),
            ("invalid/ACME/BP/1/2/no unit", "ACME", Some("no unit"), ("invalid", "BP", "1/2")),
            ("unmapped/ACME//", "ACME", None, ("unmapped", "", "")),
            ("unmapped//BP/A-1", "", None, ("unmapped", "BP", "A-1")),
        ] {
            let row =
                ExceptionRow { cause: cause.into(), customer: customer.into(), ..ExceptionRow::default() };
            let (outcome, number) = number_of(&row, reason);
            assert_eq!((outcome.as_str(), number.qualifier.as_str(), number.value.as_str()), expected);
        }
    }

    #[test]
    fn a_run_says_its_date() {
        for (run_id, date) in [
            ("20261120-001", Some(Date::constant(2026, 11, 20))),
            ("20261320-001", None),
            ("2026-001", None),
            ("", None),
            ("2026112é-1", None),
        ] {
            assert_eq!(run_date(run_id), date, "{run_id}");
        }
    }
}
