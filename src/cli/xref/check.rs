//! `xref check`: what is wrong with the cross-reference, row by row in bounded memory.

use crate::cli::xref::{instant, open};
use crate::cli::{Format, Shell, render};
use crate::domain::item::Xref;
use crate::domain::{Date, Text};
use crate::report::table::{Cell, Column, Kind, Table};
use crate::store::xrefs::days_before;
use crate::store::{Micros, Transaction};
use crate::xref::health::{Checkup, Flaw};
use crate::xref::import::Known;
use anyhow::Result;
use serde_json::{Map, json};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct CheckArgs {
    /// Also rows that no order of the last N days used and that were there all these days.
    #[arg(long, value_name = "N")]
    days: Option<u32>,
    /// The last of these days, and the day on which a row must be valid, instead of today.
    #[arg(long, value_name = "DATE")]
    date: Option<Date>,
    /// So many findings of each kind are shown; all are counted.
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    limit: usize,
    /// The form of the result.
    #[arg(long = "as", value_enum, default_value_t = Form::Table)]
    form: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// A table that fits the terminal.
    Table,
    /// For spreadsheets.
    Csv,
    Json,
}

pub(super) fn check(shell: &Shell, args: &CheckArgs) -> Result<u8> {
    let mut store = open(shell)?;
    let mut work = store.read()?;
    let mut findings = Findings::new(args.limit);
    examine(&mut *work, args, &mut findings)?;
    match (shell.format, args.form) {
        (Format::Json, _) | (_, Form::Json) => shell.json(&findings.as_json())?,
        (_, Form::Csv) => shell.bytes(&findings.table().csv()?)?,
        (_, Form::Table) => shell.print(&findings.as_text())?,
    }
    Ok(u8::from(findings.faults() > 0))
}

fn examine(work: &mut dyn Transaction, args: &CheckArgs, findings: &mut Findings) -> Result<()> {
    let today = args.date.unwrap_or_else(|| instant::now().1);
    let masters = work.masters_without_xrefs(None)?;
    let known = Known::new(masters.items.iter().cloned(), &masters.customers);
    let (mut checkup, gtins) = Checkup::new(known, &masters.items);
    drop(masters);
    for (item, detail) in gtins {
        findings.add(Flaw::Gtin, None, &item, detail);
    }
    let mut since = Micros::MAX;
    if let Some(days) = args.days {
        let first = days_before(today, days);
        checkup.used = Some(work.used_xrefs(first)?.into_iter().collect());
        checkup.today = Some(today);
        since = instant::start_of(first);
    }
    let mut group: Vec<Xref> = Vec::new();
    let mut young: Vec<bool> = Vec::new();
    let mut close = |group: &mut Vec<Xref>, young: &mut Vec<bool>| {
        for (flaw, at, detail) in checkup.rows(group) {
            let too_young = flaw == Flaw::Dead && young.get(at).copied().unwrap_or_default();
            if let Some(row) = group.get(at).filter(|_| !too_young) {
                findings.add(flaw, Some(row), &row.item, detail);
            }
        }
        group.clear();
        young.clear();
    };
    work.each_xref_version(None, &mut |row| {
        let same =
            |other: &Xref| (&other.scope, &other.customer_item) == (&row.xref.scope, &row.xref.customer_item);
        if !group.last().is_none_or(same) {
            close(&mut group, &mut young);
        }
        young.push(row.recorded_from >= since);
        group.push(row.xref);
        Ok(())
    })?;
    close(&mut group, &mut young);
    work.each_shared_number(&mut |_, rows| {
        if let Some(detail) = checkup.shared(rows.iter().map(|row| &row.xref))
            && let Some(first) = rows.first()
        {
            findings.add(Flaw::SharedNumber, Some(&first.xref), "", detail);
        }
        Ok(())
    })
}

/// What was found, counted by kind, the first of each kind kept.
struct Findings {
    limit: usize,
    counts: [usize; Flaw::ALL.len()],
    rows: Vec<(Flaw, Vec<Cell>)>,
}

impl Findings {
    fn new(limit: usize) -> Self {
        Self { limit, counts: [0; Flaw::ALL.len()], rows: Vec::new() }
    }

    fn add(&mut self, flaw: Flaw, row: Option<&Xref>, item: &str, detail: String) {
        let Some(count) = self.counts.get_mut(flaw as usize) else { return };
        *count += 1;
        if *count > self.limit {
            return;
        }
        let text = |text: &str| Cell::Text(text.into());
        let scope = row.map(|row| row.scope.columns());
        let (customer, ship_to) = scope.as_ref().map_or(("", ""), |(customer, ship_to)| (customer, ship_to));
        let shared = flaw == Flaw::SharedNumber;
        let cells = vec![
            text(flaw.as_str()),
            text(if shared { "" } else { customer }),
            text(if shared { "" } else { ship_to }),
            text(row.map_or("", |row| &row.customer_item)),
            text(item),
            Cell::Text(row.filter(|_| !shared).map_or(Text::default(), |row| row.xref_id.to_string().into())),
            Cell::Text(detail.into()),
        ];
        self.rows.push((flaw, cells));
    }

    /// The kinds that were found, with their counts.
    fn found(&self) -> impl Iterator<Item = (Flaw, usize)> + '_ {
        Flaw::ALL.into_iter().zip(self.counts).filter(|(_, count)| *count > 0)
    }

    fn faults(&self) -> usize {
        self.found().filter(|(flaw, _)| !flaw.is_note()).map(|(_, count)| count).sum()
    }

    fn table(&self) -> Table {
        let names = ["flaw", "customer", "ship_to", "customer_item", "item", "xref_id", "detail"];
        let mut rows: Vec<&(Flaw, Vec<Cell>)> = self.rows.iter().collect();
        rows.sort_by_key(|(flaw, _)| *flaw);
        Table {
            columns: names.into_iter().map(|name| Column { name, kind: Kind::Text }).collect(),
            rows: rows.into_iter().map(|(_, cells)| cells.clone()).collect(),
            totals: Vec::new(),
            empty: "nothing is wrong with the cross-reference".to_owned(),
        }
    }

    fn as_json(&self) -> serde_json::Value {
        let table = self.table();
        let rows: Vec<serde_json::Value> = table
            .rows
            .iter()
            .map(|cells| {
                let pairs = table.columns.iter().zip(cells);
                pairs
                    .map(|(column, cell)| (column.name.to_owned(), json!(cell.plain())))
                    .collect::<Map<_, _>>()
                    .into()
            })
            .collect();
        let counts: Map<String, serde_json::Value> =
            self.found().map(|(flaw, count)| (flaw.as_str().to_owned(), json!(count))).collect();
        json!({"counts": counts, "faults": self.faults(), "findings": rows})
    }

    fn as_text(&self) -> String {
        let mut out = render::table(&self.table(), render::terminal_width());
        for (flaw, count) in self.found() {
            let note = if flaw.is_note() { ", worth knowing and no fault" } else { "" };
            let left_out = count.saturating_sub(self.limit);
            let more = if left_out > 0 { format!(", {left_out} of them not shown") } else { String::new() };
            out += &format!("{}: {count}{more}{note}\n", flaw.as_str());
        }
        out
    }
}
