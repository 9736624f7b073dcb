//! How well the cross-reference covers what customers really order: lines, quantity and value, mapped on arrival and now.

mod counts;
mod cut;
mod lines;
mod listed;
mod sections;
mod unused;
mod waits;

use crate::domain::{Date, Text};
use crate::facts::ORDER_LINES_DIR;
use crate::facts::schema::{Get, ORDER_LINES};
use crate::report::page::{Report, Section};
use crate::report::scan::newest_date;
use crate::report::table::Table;
use crate::report::{Params, Progress, SectionDef, Wanted, calendar, groups, nothing, period, shown_params};
use crate::store::Transaction;
use anyhow::{Context as _, Result};
use cut::Cut;
pub(in crate::report) use lines::{Lines, sources};
use listed::Listed;
use polars::prelude::{Expr, col, lit};
use std::collections::BTreeMap;
use std::path::Path;

pub static SECTIONS: &[SectionDef] = &[
    SectionDef {
        id: "coverage",
        title: "Coverage",
        about: "How much of what was ordered finds our item. One row a group: its lines, each once as it stands now, by lines, quantity and \
                value; first pass: as it stood on arrival, before anybody did anything.",
        short: true,
    },
    SectionDef {
        id: "change",
        title: "Change",
        about: "One row a partner and currency: this period beside as many days before it; changes are percentage points.",
        short: true,
    },
    SectionDef {
        id: "weeks",
        title: "By week",
        about: "One row an ISO week of arrival and currency: how its lines arrived, and how they stand now.",
        short: true,
    },
    SectionDef {
        id: "unmapped",
        title: "Not mapped, by value waiting",
        about: "One row a number that found no item, by currency, the greatest value of held lines first; shares are of the value that \
                waits in its currency.",
        short: true,
    },
    SectionDef {
        id: "partners",
        title: "By partner",
        about: "One row a trading partner and currency; mapped %: the share of lines that found our item.",
        short: false,
    },
    SectionDef {
        id: "heat-map",
        title: "Customers by week",
        about: "One row a customer and ISO week of arrival, the customers with most lines: mapped %; a blank cell: nothing was ordered.",
        short: false,
    },
    SectionDef {
        id: "time-to-map",
        title: "From first seen to mapped",
        about: "One row a customer and outcome on arrival: the numbers of which a line was mapped in the period, and the days from the first \
                run that saw the number unmapped to the one that mapped it.",
        short: true,
    },
    SectionDef {
        id: "customers",
        title: "By customer",
        about: "One row a customer and currency.",
        short: false,
    },
    SectionDef {
        id: "ship-tos",
        title: "By ship-to",
        about: "One row a customer, ship-to and currency, those with most lines not mapped first.",
        short: false,
    },
    SectionDef {
        id: "items",
        title: "By item",
        about: "One row an item of ours and currency, the most ordered first; no item: none was found.",
        short: false,
    },
    SectionDef {
        id: "qualifiers",
        title: "By qualifier",
        about: "One row a qualifier of customer item numbers and currency.",
        short: false,
    },
    SectionDef {
        id: "via",
        title: "By the step that found the item",
        about: "One row a step of the chain and currency; no step: none found an item.",
        short: false,
    },
    SectionDef {
        id: "months",
        title: "By month",
        about: "One row a month of arrival and currency: how its lines arrived, and how they stand now.",
        short: false,
    },
    SectionDef {
        id: "supersessions",
        title: "Superseded items that are still ordered",
        about: "One row a customer, replaced item, item that took its place and currency, the most lines first.",
        short: false,
    },
    SectionDef {
        id: "conversions",
        title: "Converted units",
        about: "One row a customer, ordered unit, unit of the item and currency, the most lines first.",
        short: false,
    },
    SectionDef {
        id: "unused-xrefs",
        title: "Cross-references that nobody uses",
        about: "One row a cross-reference that is valid on the last day and that no order line of the 180 days before it used: never, or no \
                more. Of all partners; what was never used and stands longest first.",
        short: false,
    },
];

/// The columns that stand in for an empty `by`.
const GROUPS_DEFAULT: &[&str] = &["partner", "customer", "via"];

/// Groups of few values, which one pass can count together.
const FEW: [&str; 8] =
    ["partner", "customer", "via", "customer_item_qualifier", "currency", "week", "month", "outcome"];

/// What `by` may name: the date, its week and month of arrival, and every column of text.
pub fn known_groups() -> Vec<&'static str> {
    let texts =
        ORDER_LINES.iter().filter(|column| matches!(column.get, Get::Text(_))).map(|column| column.name);
    ["date", "week", "month"].into_iter().chain(texts).collect()
}

/// The first section alone.
pub fn table(site: &Path, params: &Params) -> Result<Table> {
    let report = report(site, params, Wanted::First, None, &super::unwatched)?;
    Ok(report.sections.into_iter().next().context("coverage has a first section")?.table)
}

/// The report over the facts of a site, and of the store the cross-references that nobody uses. Fails for parameters that make no
/// sense and for facts that cannot be read; no facts at all are empty tables.
pub fn report(
    site: &Path,
    params: &Params,
    wanted: Wanted<'_>,
    mut store: Option<&mut (dyn Transaction + '_)>,
    progress: &Progress<'_>,
) -> Result<Report> {
    let mut by = groups(&params.by, &known_groups(), GROUPS_DEFAULT)?;
    let shown_by = by.clone();
    if !by.contains(&"currency") {
        // values of two currencies have no sum
        by.push("currency");
    }
    let defs = wanted.of(SECTIONS)?;
    let period = period(params, newest_date(&site.join(ORDER_LINES_DIR))?)?;
    let asked: Vec<Asked> = defs.iter().filter_map(|def| Asked::of(def.id, &by)).collect();
    let span = Span { site, params, period, progress };
    let mut counted = span.count(period, asked)?;
    let mut sections = Vec::new();
    for def in defs {
        let counted = counted.remove(def.id);
        if let Some(section) = span.section(def, counted, store.as_deref_mut())? {
            sections.push(section);
        }
    }
    let empty = sections.first().filter(|first| first.table.rows.is_empty()).map(|_| span.nothing());
    Ok(Report {
        name: "coverage",
        title: "Coverage".to_owned(),
        params: shown_params(params, period, &shown_by),
        notes: empty.into_iter().chain(span.notes()).collect(),
        key: vec!["lines", "mapped_pct", "first_pass_pct", "value", "value_pct"],
        sections,
    })
}

/// What one section counts.
struct Asked {
    id: &'static str,
    by: Vec<&'static str>,
    only: Option<Expr>,
}

impl Asked {
    /// None for a section that counts no lines.
    fn of(id: &'static str, first: &[&'static str]) -> Option<Self> {
        let (by, only): (&[&str], Option<Expr>) = match id {
            "coverage" => (first, None),
            "change" | "partners" => (&["partner", "currency"], None),
            "customers" => (&["customer", "currency"], None),
            "ship-tos" => (&["customer", "ship_to", "currency"], None),
            "items" => (&["item", "currency"], None),
            "qualifiers" => (&["customer_item_qualifier", "currency"], None),
            "via" => (&["via", "currency"], None),
            "weeks" => (&["week", "currency"], None),
            "months" => (&["month", "currency"], None),
            "heat-map" => (&["customer", "week"], None),
            "unmapped" => (
                &["currency", "customer", "customer_item_qualifier", "customer_item", "outcome", "state"],
                Some(col("outcome").neq(lit("mapped"))),
            ),
            "supersessions" => {
                (&["customer", "superseded", "item", "currency"], Some(col("superseded").neq(lit(""))))
            }
            "conversions" => (&["customer", "ordered_unit", "unit", "currency"], Some(col("converted"))),
            _ => return None,
        };
        Some(Self { id, by: by.to_vec(), only })
    }

    /// Whether it can be counted with others of its kind.
    fn is_small(&self) -> bool {
        self.only.is_none() && self.by.iter().all(|group| FEW.contains(group))
    }
}

/// What was counted for a section.
enum Counted {
    Cut(Cut),
    Listed(Listed),
}

impl Counted {
    /// Of a section before anything is counted.
    fn of(asked: &Asked, top: usize) -> Self {
        match Listed::of(asked.id, &asked.by, top) {
            Some(listed) => Self::Listed(listed),
            None => Self::Cut(Cut::new(&asked.by)),
        }
    }
}

/// What a report is made over.
struct Span<'s> {
    site: &'s Path,
    params: &'s Params,
    period: Option<(Date, Date)>,
    progress: &'s Progress<'s>,
}

impl Span<'_> {
    /// Counts what is asked for of the lines of a period; what has few groups in one pass.
    fn count(
        &self,
        period: Option<(Date, Date)>,
        asked: Vec<Asked>,
    ) -> Result<BTreeMap<&'static str, Counted>> {
        let all: Vec<&str> = asked.iter().flat_map(|one| one.by.iter().copied()).collect();
        let lines = match period {
            Some((from, to)) if !asked.is_empty() => {
                let span = (Some(from), Some(to));
                Some(Lines::find(self.site, span, self.params, &all, self.progress)?)
            }
            _ => None,
        };
        let (small, large): (Vec<Asked>, Vec<Asked>) = asked.into_iter().partition(Asked::is_small);
        let mut cuts: Vec<(&str, Cut)> = small.iter().map(|one| (one.id, Cut::new(&one.by))).collect();
        if let (Some(lines), false) = (&lines, cuts.is_empty()) {
            let mut together: Vec<&mut Cut> = cuts.iter_mut().map(|(_, cut)| cut).collect();
            lines.count(self.progress, "lines", None, &mut together)?;
        }
        let mut counted: BTreeMap<&str, Counted> =
            cuts.into_iter().map(|(id, cut)| (id, Counted::Cut(cut))).collect();
        for one in large {
            let found = match &lines {
                Some(lines) => self.count_large(lines, &one)?,
                None => Counted::of(&one, self.params.top()),
            };
            counted.insert(one.id, found);
        }
        Ok(counted)
    }

    fn count_large(&self, lines: &Lines, asked: &Asked) -> Result<Counted> {
        let mut counted = Counted::of(asked, self.params.top());
        let only = asked.only.as_ref();
        match &mut counted {
            Counted::Cut(cut) => lines.count(self.progress, asked.id, only, &mut [cut])?,
            Counted::Listed(listed) => {
                let by = (asked.by.as_slice(), listed.values(&asked.by));
                lines.count_in_parts(self.progress, asked.id, only, by, |groups| listed.take(groups))?;
            }
        }
        Ok(counted)
    }

    /// As many days as the period has, just before it.
    fn before(&self) -> Option<(Date, Date)> {
        let (from, to) = self.period?;
        let length = calendar::days_between(from, to) + 1;
        Some((calendar::days_after(from, -length), calendar::days_after(from, -1)))
    }

    fn section(
        &self,
        def: &'static SectionDef,
        counted: Option<Counted>,
        store: Option<&mut (dyn Transaction + '_)>,
    ) -> Result<Option<Section>> {
        let drawn = match (def.id, counted) {
            ("unused-xrefs", _) => match (store, self.period) {
                (Some(store), Some((_, to))) => unused::section(store, to, self.params.top())?,
                (Some(_), None) => unused::unasked(),
                (None, _) => return Ok(None),
            },
            ("time-to-map", _) => waits::section(self)?,
            ("change", Some(Counted::Cut(cut))) => {
                let asked = Asked::of("change", &[]).into_iter().collect();
                match self.count(self.before(), asked)?.remove("change") {
                    Some(Counted::Cut(before)) => sections::change(&cut, &before),
                    _ => sections::change(&cut, &Cut::new(&[])),
                }
            }
            (id, Some(Counted::Cut(cut))) => sections::of(id, &cut, self.params.top()),
            (_, Some(Counted::Listed(listed))) => listed.drawn(),
            (_, None) => return Ok(None),
        };
        let (mut table, chart, more) = drawn;
        if let Some((_, said)) = NONE_SUCH.iter().find(|(id, _)| *id == def.id) {
            (*said).clone_into(&mut table.empty);
        } else if table.empty.is_empty() {
            table.empty = self.nothing();
        }
        Ok(Some(Section {
            id: def.id,
            title: def.title.to_owned(),
            about: format!("{}{more}", def.about),
            table,
            chart,
        }))
    }

    fn nothing(&self) -> String {
        nothing("order lines", ORDER_LINES_DIR, self.params, self.period)
    }

    fn notes(&self) -> Option<String> {
        let (from, to) = self.period.filter(|_| self.params.from.is_none() && self.params.to.is_none())?;
        let days = calendar::days_between(from, to) + 1;
        Some(format!("The {days} days that end with the newest facts, {from} to {to}."))
    }
}

/// What sections of some lines alone say where there are none: that there were no lines at all, another sentence says.
const NONE_SUCH: [(&str, &str); 2] = [
    ("supersessions", "no line of the period names an item that another took the place of"),
    ("conversions", "no line of the period was converted from another unit"),
];

/// A table with how it is drawn, and what its section says beside what it always says.
type Drawn = (Table, Option<crate::report::page::Chart>, String);

/// A cell of text.
fn text(text: impl Into<Text>) -> crate::report::table::Cell {
    crate::report::table::Cell::Text(text.into())
}
