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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Decimal;
    use crate::domain::customer_item::Extra;
    use expect_test::expect;
    use jiff::civil::date;

    /// `type quantity warranty-end service-due status`, days of a month as `11-21`, `-` for none.
    fn thing(row: &str) -> CustomerItem {
        let cells: Vec<&str> = row.split_whitespace().collect();
        let day =
            |cell: &str| -> Option<Date> { (cell != "-").then(|| format!("2026-{cell}").parse().unwrap()) };
        let ended = cells[4] == "ended";
        CustomerItem {
            key: row.into(),
            customer: "ACME".into(),
            item: "SAW".into(),
            customer_item_type: cells[0].into(),
            serial: Text::default(),
            quantity: cells[1].parse::<Decimal>().unwrap(),
            unit: "EA".into(),
            purchase_date: date(2026, 1, 2),
            source: "invoice".into(),
            document: "1".into(),
            document_line: 1,
            po_number: Text::default(),
            kit: Text::default(),
            unit_price: None,
            warranty_start: None,
            warranty_end: day(cells[2]),
            service_due: day(cells[3]),
            last_service: None,
            status: if ended { CustomerItemStatus::Ended } else { CustomerItemStatus::Active },
            ended: None,
            ended_as: None,
            ended_by: Text::default(),
            owned_from: date(2026, 1, 2),
            origin: Text::default(),
            successor: Text::default(),
            extra: Extra::default(),
        }
    }

    #[test]
    fn what_ends_or_is_due_stands_by_month_and_type_and_what_is_over_does_not() {
        let asked = ledger::Asked { from: None, day: date(2026, 11, 21), by: Vec::new() };
        let mut counter = Installed::new(asked).unwrap();
        counter
            .add(
                [
                    "saw 1 11-21 11-20 active",
                    "saw 2 11-30 11-21 active",
                    "saw 4 12-01 12-31 active",
                    "saw 8 11-20 10-01 active",
                    "cell 1.5 12-31 - active",
                    "cell 9 12-31 12-31 ended",
                    "cell 3 - 12-01 active",
                ]
                .map(thing)
                .to_vec(),
            )
            .unwrap();
        let report = counter.report(Wanted::All).unwrap();
        let tables: Vec<String> = report.sections[1..]
            .iter()
            .map(|section| String::from_utf8(section.table.csv().unwrap()).unwrap())
            .collect();
        expect![[r#"
            type,things,quantity,under_warranty,warranty_ended,no_warranty,service_overdue,service_due_30_days,ended
            cell,2,4.5,1,0,1,0,1,1
            saw,4,15,3,1,0,2,1,0

            month,type,things,quantity
            2026-11,saw,2,3
            2026-12,cell,1,1.5
            2026-12,saw,1,4

            month,type,things,quantity
            overdue,saw,2,9
            2026-11,saw,1,2
            2026-12,cell,1,3
            2026-12,saw,1,4
        "#]]
        .assert_eq(&tables.join("\n"));
    }
}
