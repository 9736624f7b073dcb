//! `xref import --preview`: the orders of the last days under the cross-reference as it is and as it would be.

use crate::cli::xref::{customers_of, index};
use crate::cli::{Shell, render};
use crate::domain::order::PurchaseOrder;
use crate::domain::partner::PartnerProfile;
use crate::domain::{Date, Decimal, Text, money};
use crate::pipeline::decide::Context;
use crate::pipeline::preview::{LineChange, LineFate, changes};
use crate::site::config::Settings;
use crate::store::xrefs::days_before;
use crate::store::{Micros, OrderRow, Transaction, lines};
use crate::xref::index::XrefIndex;
use anyhow::Result;
use rayon::prelude::*;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// So many lines are shown; all are counted.
const LINES_KEPT: usize = 10_000;
const LINES_SHOWN: usize = 50;

/// Orders that are resolved at once.
const BATCH: usize = 512;

/// What would change.
#[derive(Debug, Default, Serialize)]
pub(super) struct Preview {
    /// First and last day of the orders that were looked at.
    pub(super) from: Option<Date>,
    pub(super) to: Option<Date>,
    /// Orders that were looked at, and those of partners that have no profile any more, which could not be.
    pub(super) orders_read: u64,
    pub(super) orders_without_partner: u64,
    pub(super) orders: u64,
    pub(super) lines: u64,
    /// By currency; the value of the lines that would change.
    pub(super) amounts: BTreeMap<Text, Text>,
    /// From what to what, with lines and amounts.
    pub(super) moves: Vec<Move>,
    /// The first of the lines.
    pub(super) changes: Vec<Change>,
}

#[derive(Debug, Serialize)]
pub(super) struct Move {
    from: String,
    to: String,
    lines: u64,
    amounts: BTreeMap<Text, Text>,
}

#[derive(Debug, Serialize)]
pub(super) struct Change {
    order_id: Text,
    po_number: Text,
    customer: Text,
    line: u32,
    customer_item: Text,
    customer_item_qualifier: Text,
    from: Fate,
    to: Fate,
    amount: Text,
    currency: Text,
}

#[derive(Debug, Serialize)]
struct Fate {
    outcome: &'static str,
    via: Option<&'static str>,
    item: Text,
    quantity: Text,
    unit: Text,
    state: crate::domain::resolution::LineState,
}

/// `work` holds the import, recorded at `at` and not committed.
pub(super) fn preview(
    shell: &Shell,
    work: &mut dyn Transaction,
    at: Micros,
    today: Date,
    days: u32,
) -> Result<Preview> {
    let site = crate::site::load(&shell.site)?;
    let from = days_before(today, days);
    // of a cross-reference of millions what the orders may ask for: of their customers, groups and everyone
    let mut customers = BTreeSet::new();
    work.each_order(from, &mut |row| {
        if let Some(profile) = profile_of(&site.partners, &row) {
            customers.extend(customers_of(&row, profile)?);
        }
        Ok(())
    })?;
    // items, customers, kits and units are today's in both
    let masters = work.masters_without_xrefs(None)?;
    let judge = Judge {
        settings: &site.settings,
        profiles: &site.partners,
        before: index(work, masters.clone(), &customers, Some(at - 1), &site.settings)?,
        after: index(work, masters, &customers, None, &site.settings)?,
    };
    let mut sums = Sums::default();
    let mut batch: Vec<OrderRow> = Vec::with_capacity(BATCH);
    work.each_order(from, &mut |row| {
        if row.received <= today {
            batch.push(row);
        }
        if batch.len() == BATCH {
            judge.take(&mut batch, &mut sums)?;
        }
        Ok(())
    })?;
    judge.take(&mut batch, &mut sums)?;
    Ok(sums.preview(from, today))
}

/// An order and its lines that would change.
type Judged = (PurchaseOrder, Vec<LineChange>);

fn profile_of<'p>(profiles: &'p [PartnerProfile], row: &OrderRow) -> Option<&'p PartnerProfile> {
    profiles.iter().find(|profile| *profile.id() == row.partner)
}

struct Judge<'j> {
    settings: &'j Settings,
    profiles: &'j [PartnerProfile],
    before: XrefIndex,
    after: XrefIndex,
}

impl Judge<'_> {
    /// Resolves the orders on all cores and counts what would change, in their order.
    fn take(&self, batch: &mut Vec<OrderRow>, sums: &mut Sums) -> Result<()> {
        let judged: Result<Vec<Option<Judged>>> = batch.par_iter().map(|row| self.judge(row)).collect();
        for (row, judged) in batch.drain(..).zip(judged?) {
            sums.orders_read += 1;
            match judged {
                None => sums.orders_without_partner += 1,
                Some((order, changes)) => sums.add(&row, &order, changes),
            }
        }
        Ok(())
    }

    /// None: the partner has no profile any more.
    fn judge(&self, row: &OrderRow) -> Result<Option<Judged>> {
        let Some(profile) = profile_of(self.profiles, row) else { return Ok(None) };
        let order = lines::order_from_row(row)?.order;
        let context = |index| Context {
            company: &self.settings.company,
            profile,
            index,
            unresolved: self.settings.unresolved,
            date: row.received,
        };
        let changed = changes(&context(&self.before), &context(&self.after), &order);
        Ok(Some((order, changed)))
    }
}

#[derive(Debug, Default)]
struct Sums {
    orders_read: u64,
    orders_without_partner: u64,
    orders: u64,
    lines: u64,
    amounts: BTreeMap<Text, Decimal>,
    moves: BTreeMap<(String, String), (u64, BTreeMap<Text, Decimal>)>,
    changes: Vec<Change>,
}

impl Sums {
    fn add(&mut self, row: &OrderRow, order: &PurchaseOrder, changes: Vec<LineChange>) {
        self.orders += u64::from(!changes.is_empty());
        for change in changes {
            self.lines += 1;
            let amount = change.amount.unwrap_or_default();
            let key = (named(&change.from), named(&change.to));
            let (lines, amounts) = self.moves.entry(key).or_default();
            *lines += 1;
            for sums in [amounts, &mut self.amounts] {
                let sum = sums.entry(row.currency.clone()).or_default();
                *sum = sum.checked_add(amount).unwrap_or(Decimal::MAX);
            }
            if self.changes.len() < LINES_KEPT {
                self.changes.push(Change {
                    order_id: row.order_id.clone(),
                    po_number: order.po_number.clone(),
                    customer: row.customer.clone(),
                    line: change.line,
                    customer_item: change.number.value,
                    customer_item_qualifier: change.number.qualifier,
                    from: fate(change.from),
                    to: fate(change.to),
                    amount: money::plain_or_empty(change.amount),
                    currency: row.currency.clone(),
                });
            }
        }
    }

    fn preview(self, from: Date, to: Date) -> Preview {
        let plain = |amounts: BTreeMap<Text, Decimal>| {
            amounts.into_iter().map(|(currency, sum)| (currency, money::plain(sum).into())).collect()
        };
        let moves = self.moves.into_iter();
        Preview {
            from: Some(from),
            to: Some(to),
            orders_read: self.orders_read,
            orders_without_partner: self.orders_without_partner,
            orders: self.orders,
            lines: self.lines,
            amounts: plain(self.amounts),
            moves: moves
                .map(|((from, to), (lines, amounts))| Move { from, to, lines, amounts: plain(amounts) })
                .collect(),
            changes: self.changes,
        }
    }
}

/// `mapped, ordered`: what a line counts as.
fn named(fate: &LineFate) -> String {
    format!("{}, {}", fate.outcome.as_str(), fate.state.as_str())
}

fn fate(fate: LineFate) -> Fate {
    Fate {
        outcome: fate.outcome.as_str(),
        via: fate.via.map(crate::domain::resolution::Via::as_str),
        item: fate.item,
        quantity: money::plain_or_empty(fate.quantity),
        unit: fate.unit,
        state: fate.state,
    }
}

impl Preview {
    pub(super) fn text(&self) -> String {
        let days = self.from.zip(self.to).map_or(String::new(), |(from, to)| format!(" from {from} to {to}"));
        let mut out =
            format!("preview: {} orders{days} resolved again; nothing is written\n", self.orders_read);
        if self.orders_without_partner > 0 {
            out += &format!(
                "{} of them could not be: their partner has no profile\n",
                self.orders_without_partner
            );
        }
        if self.lines == 0 {
            return out + "no line would change\n";
        }
        out += &format!(
            "{} lines of {} orders would change, {}\n",
            self.lines,
            self.orders,
            sums(&self.amounts)
        );
        for Move { from, to, lines, amounts } in &self.moves {
            out += &format!("  {from} -> {to}: {lines} lines, {}\n", sums(amounts));
        }
        let rows: Vec<Vec<String>> = self.changes.iter().take(LINES_SHOWN).map(Change::row).collect();
        let header = ["order", "customer", "line", "Customer Item#", "from", "to", "amount"];
        out += &render::simple(&header, &rows, &[2, 6], render::terminal_width());
        let shown = rows.len() as u64;
        if self.lines > shown {
            out +=
                &format!("and {} lines more; --format json lists up to {LINES_KEPT}\n", self.lines - shown);
        }
        out
    }
}

impl Change {
    fn row(&self) -> Vec<String> {
        vec![
            self.po_number.to_string(),
            self.customer.to_string(),
            self.line.to_string(),
            self.customer_item.to_string(),
            self.from.text(),
            self.to.text(),
            format!("{} {}", self.amount, self.currency),
        ]
    }
}

impl Fate {
    fn text(&self) -> String {
        let Self { outcome, item, quantity, unit, .. } = self;
        match (item.is_empty(), quantity.is_empty()) {
            (true, _) => (*outcome).to_owned(),
            (false, true) => format!("{outcome} {item}"),
            (false, false) => format!("{item}, {quantity} {unit}"),
        }
    }
}

fn sums(amounts: &BTreeMap<Text, Text>) -> String {
    let each: Vec<String> = amounts.iter().map(|(currency, sum)| format!("{sum} {currency}")).collect();
    each.join(" + ")
}
