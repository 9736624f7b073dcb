//! Reports: polars queries over the facts and walks through the store, each a function from parameters to a
//! [`Report`](page::Report) of sections.

pub mod acknowledgments;
pub mod calendar;
pub mod causes;
pub mod coverage;
pub mod html;
pub mod installed;
pub mod invoiced;
pub mod ledger;
pub mod page;
mod part;
pub mod partners;
pub mod sales;
mod scan;
pub mod table;
pub mod worklist;

use crate::domain::{Date, Text};
use anyhow::{Result, bail, ensure};

/// Days of the period where none is asked for.
pub const DAYS_DEFAULT: i32 = 30;

/// Rows of a section that lists the greatest first, where no other number is asked for.
pub const TOP_DEFAULT: usize = 50;

/// What a report can be asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Params {
    /// Run dates, both included. None: the report's default; see [`period`].
    pub from: Option<Date>,
    pub to: Option<Date>,
    /// Columns to group by, each alone or several with commas between; empty: the report's own choice.
    pub by: Vec<String>,
    /// Of this trading partner alone.
    pub partner: Option<Text>,
    /// So many rows of a section that lists the greatest first; 0: all. None: [`TOP_DEFAULT`].
    pub top: Option<usize>,
    pub held: Held,
}

/// How much a report holds in memory at a time; what it says does not depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// Rows of facts that the engine is asked about: enough for all cores, and progress is told after each.
    pub rows: u64,
    /// Groups of a section that lists the greatest first. Where there are more, the facts are read again for the next part of them.
    pub groups: usize,
    /// Order lines that were looked at again. Where there are more, they are taken a span of order numbers at a time.
    pub looks: usize,
}

impl Default for Held {
    fn default() -> Self {
        Self { rows: 2_000_000, groups: 500_000, looks: 500_000 }
    }
}

impl Params {
    /// Rows of a section that lists the greatest first.
    pub fn top(&self) -> usize {
        match self.top {
            None => TOP_DEFAULT,
            Some(0) => usize::MAX,
            Some(top) => top,
        }
    }
}

/// One section of a report: what `--section` can name.
#[derive(Debug)]
pub struct SectionDef {
    /// As in [`page::Section::id`].
    pub id: &'static str,
    pub title: &'static str,
    /// As in [`page::Section::about`].
    pub about: &'static str,
    /// Whether a terminal shows its first rows where no section is named.
    pub short: bool,
}

/// Which sections are wanted: what nobody wants is not reckoned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted<'w> {
    All,
    /// What a terminal shows: the first, and the first rows of some.
    Short,
    /// The first alone.
    First,
    /// One, by its id.
    Section(&'w str),
}

impl Wanted<'_> {
    /// The sections of a report that are wanted, in its order. Fails for one that it does not have.
    pub fn of(self, sections: &'static [SectionDef]) -> Result<Vec<&'static SectionDef>> {
        let chosen: Vec<&SectionDef> = match self {
            Self::All => sections.iter().collect(),
            Self::Short => sections
                .iter()
                .enumerate()
                .filter(|(at, one)| *at == 0 || one.short)
                .map(|(_, one)| one)
                .collect(),
            Self::First => sections.iter().take(1).collect(),
            Self::Section(id) => sections.iter().filter(|section| section.id == id).collect(),
        };
        if let (Self::Section(id), true) = (self, chosen.is_empty()) {
            let ids: Vec<&str> = sections.iter().map(|section| section.id).collect();
            bail!("there is no section {id:?}, only {}", ids.join(", "));
        }
        Ok(chosen)
    }
}

/// Is told what is being read, how many rows of it are done, and of how many.
pub type Progress<'p> = dyn Fn(&str, u64, u64) + 'p;

/// For whoever does not watch.
pub fn unwatched(_what: &str, _done: u64, _of: u64) {}

/// The period that a report looks at, both days included: what is asked for; else the [`DAYS_DEFAULT`] days that end with `newest`,
/// the newest date that has facts. None where neither is known. Fails where the first day is after the last.
pub fn period(params: &Params, newest: Option<Date>) -> Result<Option<(Date, Date)>> {
    if let (Some(from), Some(to)) = (params.from, params.to) {
        ensure!(from <= to, "nothing lies from {from} to {to}: the first date is after the last");
    }
    // a first day after everything that is known is a period without anything, and no mistake
    let Some(to) = params.to.or(newest.max(params.from)) else { return Ok(None) };
    Ok(Some((params.from.unwrap_or_else(|| calendar::days_after(to, 1 - DAYS_DEFAULT)), to)))
}

/// The groups that are asked for, each once, or those that stand in for none. Fails for one that is not known.
pub fn groups(by: &[String], known: &[&'static str], default: &[&'static str]) -> Result<Vec<&'static str>> {
    let mut groups = Vec::new();
    for name in by.iter().flat_map(|list| list.split(',')).map(str::trim) {
        let Some(group) = known.iter().find(|group| **group == name) else {
            bail!("cannot group by {name:?}, only by {}", known.join(", "));
        };
        if !groups.contains(group) {
            groups.push(*group);
        }
    }
    Ok(if groups.is_empty() { default.to_vec() } else { groups })
}

/// The parameters as a page shows them.
fn shown_params(params: &Params, period: Option<(Date, Date)>, by: &[&str]) -> Vec<(&'static str, String)> {
    let mut shown = Vec::new();
    if let Some((from, to)) = period {
        shown.push(("from", from.to_string()));
        shown.push(("to", to.to_string()));
    }
    if !by.is_empty() {
        shown.push(("by", by.join(", ")));
    }
    shown.push(("partner", params.partner.as_ref().map_or_else(|| "all".to_owned(), Text::to_string)));
    let top = params.top();
    shown.push(("top", if top == usize::MAX { "all".to_owned() } else { top.to_string() }));
    shown
}

/// What is said of a period without anything: `no order lines in facts/order_lines from 2026-11-01`.
fn nothing(what: &str, folder: &str, params: &Params, period: Option<(Date, Date)>) -> String {
    let partner = params.partner.as_ref().map_or(String::new(), |partner| format!(" of {partner}"));
    let asked = params.from.is_some() || params.to.is_some();
    let dates = if let (Some((from, to)), false) = (period, asked) {
        format!(" from {from} to {to}")
    } else {
        let from = params.from.map_or(String::new(), |date| format!(" from {date}"));
        from + &params.to.map_or(String::new(), |date| format!(" to {date}"))
    };
    format!("no {what}{partner} in {folder}{dates}")
}

/// What is said of a list that is cut off.
fn shown_of(shown: usize, all: usize, what: &str) -> String {
    if shown < all { format!(" The first {shown} of {all} {what}.") } else { String::new() }
}

/// The value that so many percent of the values do not pass, by nearest rank; None of no values. `sorted` is in order.
fn percentile(sorted: &[i32], percent: usize) -> Option<i32> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_percentile_is_the_value_of_its_nearest_rank() {
        for (sorted, median, ninetieth) in [
            (&[][..], None, None),
            (&[7], Some(7), Some(7)),
            (&[1, 9], Some(1), Some(9)),
            (&[1, 2, 3], Some(2), Some(3)),
            (&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], Some(5), Some(9)),
        ] {
            assert_eq!((percentile(sorted, 50), percentile(sorted, 90)), (median, ninetieth), "{sorted:?}");
        }
    }

    #[test]
    fn the_period_is_what_is_asked_for_or_the_thirty_days_that_end_with_the_newest_facts() {
        let day = |day| date(2026, 11, day);
        let newest = Some(day(21));
        for (from, to, newest, expected) in [
            (None, None, newest, Some((date(2026, 10, 23), day(21)))),
            (None, None, None, None),
            (Some(day(2)), None, newest, Some((day(2), day(21)))),
            (Some(day(25)), None, newest, Some((day(25), day(25)))),
            (Some(day(2)), None, None, Some((day(2), day(2)))),
            (None, Some(day(10)), newest, Some((date(2026, 10, 12), day(10)))),
            (Some(day(2)), Some(day(3)), newest, Some((day(2), day(3)))),
        ] {
            let params = Params { from, to, ..Params::default() };
            assert_eq!(period(&params, newest).unwrap(), expected, "{from:?} {to:?}");
        }
        let turned = Params { from: Some(day(3)), to: Some(day(2)), ..Params::default() };
        assert!(period(&turned, None).unwrap_err().to_string().contains("the first date is after the last"));
    }

    #[test]
    fn groups_stand_once_and_those_that_are_not_known_are_named() {
        let asked = |by: &str| groups(&[by.to_owned()], &["partner", "via", "week"], &["partner"]);
        assert_eq!(asked("via, partner,via").unwrap(), ["via", "partner"]);
        assert_eq!(groups(&[], &["partner"], &["partner"]).unwrap(), ["partner"]);
        for (by, expected) in [
            ("colour", "cannot group by \"colour\", only by partner, via, week"),
            ("partner,,via", "cannot group by \"\""),
        ] {
            assert!(asked(by).unwrap_err().to_string().contains(expected), "{by}");
        }
    }

    #[test]
    fn a_section_is_wanted_by_its_id() {
        static SECTIONS: [SectionDef; 2] = [
            SectionDef { id: "one", title: "", about: "", short: false },
            SectionDef { id: "two", title: "", about: "", short: true },
        ];
        let ids = |wanted: Wanted<'_>| -> Vec<&str> {
            wanted.of(&SECTIONS).unwrap().iter().map(|section| section.id).collect()
        };
        assert_eq!(ids(Wanted::All), ["one", "two"]);
        assert_eq!(ids(Wanted::Short), ["one", "two"]);
        assert_eq!(ids(Wanted::First), ["one"]);
        assert_eq!(ids(Wanted::Section("two")), ["two"]);
        let error = Wanted::Section("three").of(&SECTIONS).unwrap_err().to_string();
        assert_eq!(error, "there is no section \"three\", only one, two");
    }
}
