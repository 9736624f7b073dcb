//! The installed base by type, and when its warranties end and its services are due, by month.

use crate::domain::customer_item::{CustomerItem, CustomerItemStatus};
use crate::domain::money::to_micros_rounded;
use crate::domain::{Date, Text};
use crate::report::calendar::month;
use crate::report::page::{Chart, Report, Section};
use crate::report::table::{Cell, Column, Kind, Table};
use crate::report::{SectionDef, Wanted, ledger};
use anyhow::Result;
use std::collections::BTreeMap;

pub static SECTIONS: &[SectionDef] = &[
    SectionDef {
        id: "ledger",
        title: "Customer items",
        about: "One row a group: what customers own on the last day, under warranty or not, due for service.",
        short: true,
    },
    SectionDef {
        id: "types",
        title: "Installed base by type",
        about: "One row a customer item type.",
        short: true,
    },
    SectionDef {
        id: "warranty-ending",
        title: "Warranties that end",
        about: "One row a month and customer item type: what is owned and whose last day of cover is in that month, from the last day on.",
        short: true,
    },
    SectionDef {
        id: "service-due",
        title: "Services due",
        about: "One row a month and customer item type: what is owned and due for service in that month; overdue: before the last day.",
        short: true,
    },
];

/// How many things and what quantity, by month and type.
type Months = BTreeMap<(Text, Text), (u64, i128)>;

/// Counts customer items as they come; memory grows with months and types alone.
#[derive(Debug)]
pub struct Installed {
    asked: ledger::Asked,
    groups: ledger::Counter,
    types: ledger::Counter,
    warranties: Months,
    services: Months,
}

impl Installed {
    pub fn new(asked: ledger::Asked) -> Result<Self> {
        let types = ledger::Asked { by: vec!["type".to_owned()], ..asked.clone() };
        Ok(Self {
            groups: ledger::Counter::new(asked.clone())?,
            types: ledger::Counter::new(types)?,
            asked,
            warranties: Months::new(),
            services: Months::new(),
        })
    }

    pub fn add(&mut self, items: Vec<CustomerItem>) -> Result<()> {
        let day = self.asked.day;
        for item in items.iter().filter(|item| item.status == CustomerItemStatus::Active) {
            if self.asked.from.is_some_and(|from| item.owned_from < from) {
                continue;
            }
            let count = |months: &mut Months, name: Text| {
                let (things, quantity) = months.entry((name, item.customer_item_type.clone())).or_default();
                *things += 1;
                *quantity += to_micros_rounded(item.quantity).map_or(0, i128::from);
            };
            if let Some(end) = item.warranty_end.filter(|end| *end >= day) {
                count(&mut self.warranties, month(end));
            }
            if let Some(due) = item.service_due {
                count(&mut self.services, if due < day { "overdue".into() } else { month(due) });
            }
        }
        self.types.add(items.iter().cloned())?;
        self.groups.add(items)
    }

    pub fn report(self, wanted: Wanted<'_>) -> Result<Report> {
        let (from, day) = (self.asked.from, self.asked.day);
        let mut first = Some(self.groups.table()?);
        let mut types = Some(self.types.table()?);
        let mut sections = Vec::new();
        for def in wanted.of(SECTIONS)? {
            let (table, chart) = match def.id {
                "types" => {
                    let chart = Chart::Bars { label: vec!["type"], value: "things", by: None };
                    (types.take().unwrap_or_default(), Some(chart))
                }
                "warranty-ending" => months(&self.warranties, format!("no warranty ends on {day} or later")),
                "service-due" => months(&self.services, "no service is due".to_owned()),
                _ => (first.take().unwrap_or_default(), None),
            };
            sections.push(Section {
                id: def.id,
                title: def.title.to_owned(),
                about: def.about.to_owned(),
                table,
                chart,
            });
        }
        let from = from.map_or_else(|| "the beginning".to_owned(), |date: Date| date.to_string());
        Ok(Report {
            name: "ledger",
            title: "Customer items".to_owned(),
            params: vec![("from", from), ("to", day.to_string())],
            notes: Vec::new(),
            key: vec!["things", "under_warranty", "service_overdue", "service_due_30_days"],
            sections,
        })
    }
}

/// What is overdue first, then by month and type.
fn months(found: &Months, empty: String) -> (Table, Option<Chart>) {
    let mut sorted: Vec<_> = found.iter().collect();
    sorted.sort_by_key(|((month, kind), _)| (month != "overdue", month, kind));
    let row = |((month, kind), (things, quantity)): (&(Text, Text), &(u64, i128))| {
        vec![
            Cell::Text(month.clone()),
            Cell::Text(kind.clone()),
            Cell::Count(*things),
            Cell::Decimal(*quantity),
        ]
    };
    let columns =
        [("month", Kind::Text), ("type", Kind::Text), ("things", Kind::Count), ("quantity", Kind::Decimal)];
    let table = Table {
        columns: columns.map(|(name, kind)| Column { name, kind }).to_vec(),
        rows: sorted.into_iter().map(row).collect(),
        totals: Vec::new(),
        empty,
    };
    (table, Some(Chart::Trend { period: "month", values: vec!["things"], by: Some("type") }))
}
