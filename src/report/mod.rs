//! Reports: polars queries over the facts, each a function from parameters to a table.

pub mod coverage;
pub mod html;
pub mod ledger;
pub mod page;
pub mod table;

use crate::domain::Date;
use crate::report::table::Table;
use anyhow::{Result, bail, ensure};
use std::path::Path;

/// What a report can be asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Params {
    /// Run dates, both included; None: open.
    pub from: Option<Date>,
    pub to: Option<Date>,
    /// Columns to group by, each alone or several with commas between; empty: the report's own choice.
    pub by: Vec<String>,
}

/// One report.
#[derive(Debug)]
pub struct ReportDef {
    pub name: &'static str,
    /// One line for the help.
    pub about: &'static str,
    /// The columns that `by` may name.
    pub groups: fn() -> Vec<&'static str>,
    /// The columns that stand in for an empty `by`.
    pub groups_default: &'static [&'static str],
    run: fn(&Path, &Query) -> Result<Table>,
}

/// Every report, sorted by name.
pub static REPORTS: &[ReportDef] = &[coverage::REPORT];

pub fn find(name: &str) -> Option<&'static ReportDef> {
    REPORTS.iter().find(|report| report.name == name)
}

/// Runs a report over the facts of a site. Fails for parameters that make no sense and for facts that cannot be read; no
/// facts at all are an empty table.
pub fn run(def: &ReportDef, site_dir: &Path, params: &Params) -> Result<Table> {
    if let (Some(from), Some(to)) = (params.from, params.to) {
        ensure!(from <= to, "nothing lies from {from} to {to}: the first date is after the last");
    }
    let mut by = Vec::new();
    let known = (def.groups)();
    for name in params.by.iter().flat_map(|list| list.split(',')).map(str::trim) {
        let Some(group) = known.iter().find(|group| **group == name) else {
            bail!("cannot group by {name:?}, only by {}", known.join(", "));
        };
        if !by.contains(group) {
            by.push(group);
        }
    }
    if by.is_empty() {
        by.extend(def.groups_default);
    }
    (def.run)(site_dir, &Query { from: params.from, to: params.to, by })
}

/// Parameters that were proved to make sense.
#[derive(Debug, Clone)]
struct Query {
    from: Option<Date>,
    to: Option<Date>,
    /// Never empty, each once.
    by: Vec<&'static str>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_stand_by_name_and_their_default_groups_are_groups() {
        assert!(REPORTS.is_sorted_by_key(|report| report.name));
        for report in REPORTS {
            assert!(find(report.name).is_some_and(|found| found.name == report.name));
            assert!(!report.groups_default.is_empty());
            assert!(report.groups_default.iter().all(|group| (report.groups)().contains(group)));
        }
        assert!(find("nothing").is_none());
    }

    #[test]
    fn parameters_that_make_no_sense_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let report = find("coverage").unwrap();
        let day = |day| Some(jiff::civil::date(2026, 11, day));
        let by = |list: &[&str]| Params {
            by: list.iter().map(ToString::to_string).collect(),
            ..Params::default()
        };
        for (params, expected) in [
            (Params { from: day(2), to: day(1), by: Vec::new() }, "the first date is after the last"),
            (by(&["partner", "colour"]), "cannot group by \"colour\", only by date, run_id"),
            (by(&["partner,,via"]), "cannot group by \"\""),
        ] {
            let error = run(report, folder.path(), &params).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        let table = run(report, folder.path(), &by(&["via, partner", "via"])).unwrap();
        let names: Vec<&str> = table.columns.iter().take(4).map(|column| column.name).collect();
        assert_eq!(names, ["via", "partner", "currency", "lines"]);
    }
}
