//! From which partners nothing comes any more, and what came from the others.

use crate::domain::{Date, Text};
use crate::facts::ORDER_LINES_DIR;
use crate::report::page::{Report, Section};
use crate::report::scan::newest_date;
use crate::report::table::{Cell, Column, Kind, Table};
use crate::report::{Params, Progress, SectionDef, Wanted, calendar, coverage, period, shown_params};
use anyhow::Result;
use std::collections::BTreeMap;
use std::path::Path;

pub static SECTIONS: &[SectionDef] = &[SectionDef {
    id: "partners",
    title: "Partners",
    about: "One row a partner with a profile, those gone quiet first: when a file of it came last, and what it ordered in the period.",
    short: true,
}];

/// A partner as its profile and the store know it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Partner {
    pub partner: Text,
    pub customer: Text,
    /// The date of the last run that took a file of it; None: nothing came ever.
    pub last_heard: Option<Date>,
    /// After so many days without a file it has gone quiet; 0: never.
    pub quiet_after_days: u32,
}

const COLUMNS: [(&str, Kind); 9] = [
    ("partner", Kind::Text),
    ("customer", Kind::Text),
    ("quiet", Kind::Text),
    ("last_heard", Kind::Text),
    ("days", Kind::Count),
    ("quiet_after_days", Kind::Count),
    ("lines", Kind::Count),
    ("mapped_lines", Kind::Count),
    ("mapped_pct", Kind::Percent),
];

/// `first_run` is where a partner that was never heard begins to be quiet, `day` the day that is looked at.
pub fn report(
    site: &Path,
    params: &Params,
    wanted: Wanted<'_>,
    (partners, first_run, day): (&[Partner], Option<Date>, Date),
    progress: &Progress<'_>,
) -> Result<Report> {
    let period = period(params, newest_date(&site.join(ORDER_LINES_DIR))?)?;
    let mut ordered = BTreeMap::new();
    if let Some((from, to)) = period {
        let of = Params { from: Some(from), to: Some(to), by: vec!["partner".to_owned()], ..params.clone() };
        let found = coverage::report(site, &of, Wanted::First, None, progress)?;
        for row in found.sections.into_iter().flat_map(|section| section.table.rows) {
            // partner, currency, lines, mapped lines
            if let [Cell::Text(partner), _, Cell::Count(lines), Cell::Count(mapped), ..] = row.as_slice() {
                let sum: &mut (u64, u64) = ordered.entry(partner.clone()).or_default();
                *sum = (sum.0 + lines, sum.1 + mapped);
            }
        }
    }
    let table = table(partners, params, &ordered, (first_run, day));
    let sections = wanted.of(SECTIONS)?.into_iter().map(|def| Section {
        id: def.id,
        title: def.title.to_owned(),
        about: def.about.to_owned(),
        table: table.clone(),
        chart: None,
    });
    Ok(Report {
        name: "partners",
        title: "Partners".to_owned(),
        params: shown_params(params, period, &[]),
        notes: vec![format!("Whether a partner is quiet is told of {day}.")],
        key: Vec::new(),
        sections: sections.collect(),
    })
}

fn table(
    partners: &[Partner],
    params: &Params,
    ordered: &BTreeMap<Text, (u64, u64)>,
    (first_run, day): (Option<Date>, Date),
) -> Table {
    let mut rows = Vec::new();
    for one in partners.iter().filter(|one| params.partner.as_ref().is_none_or(|asked| *asked == one.partner))
    {
        let since = one.last_heard.or(first_run);
        let days =
            since.map_or(0, |since| u64::try_from(calendar::days_between(since, day)).unwrap_or_default());
        let quiet = one.quiet_after_days > 0 && days > u64::from(one.quiet_after_days);
        let (lines, mapped) = ordered.get(&one.partner).copied().unwrap_or_default();
        let heard = one.last_heard.map_or_else(|| "never".to_owned(), |date| date.to_string());
        rows.push(vec![
            Cell::Text(one.partner.clone()),
            Cell::Text(one.customer.clone()),
            Cell::Text(if quiet { "yes" } else { "no" }.into()),
            Cell::Text(heard.into()),
            Cell::Count(days),
            Cell::Count(one.quiet_after_days.into()),
            Cell::Count(lines),
            Cell::Count(mapped),
            Cell::Percent(super::table::percent(mapped.into(), lines.into())),
        ]);
    }
    rows.sort_by(|a, b| (b.get(2), a.first()).cmp(&(a.get(2), b.first())));
    Table {
        columns: COLUMNS.map(|(name, kind)| Column { name, kind }).to_vec(),
        rows,
        totals: Vec::new(),
        empty: "no partner has a profile".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use jiff::civil::date;
    use proptest::prelude::*;

    #[test]
    fn a_partner_is_quiet_after_its_own_days_and_one_that_was_never_heard_since_the_first_run() {
        let day = |day| Some(date(2026, 11, day));
        let partner = |partner: &str, last_heard, quiet_after_days| Partner {
            partner: partner.into(),
            customer: partner.to_uppercase().into(),
            last_heard,
            quiet_after_days,
        };
        let partners = [
            partner("acme", day(20), 7),
            partner("beta", day(14), 7),
            partner("kontor", day(13), 7),
            partner("muster", None, 7),
            partner("still", day(1), 0),
        ];
        let ordered = BTreeMap::from([("acme".into(), (3, 2)), ("gone".into(), (9, 9))]);
        let found = table(&partners, &Params::default(), &ordered, (day(10), date(2026, 11, 21)));
        expect![[r#"
            partner,customer,quiet,last_heard,days,quiet_after_days,lines,mapped_lines,mapped_pct
            kontor,KONTOR,yes,2026-11-13,8,7,0,0,
            muster,MUSTER,yes,never,11,7,0,0,
            acme,ACME,no,2026-11-20,1,7,3,2,66.67
            beta,BETA,no,2026-11-14,7,7,0,0,
            still,STILL,no,2026-11-01,20,0,0,0,
        "#]]
        .assert_eq(&String::from_utf8(found.csv().unwrap()).unwrap());
    }

    proptest! {
        #[test]
        fn the_quiet_stand_first_and_are_those_of_whom_nothing_came_for_too_long(
            known in prop::collection::vec((prop::option::of(1..30i8), 0..12u32), 0..20),
            first_run in prop::option::of(1..30i8),
            day in 1..31i8,
        ) {
            let on = |day: i8| date(2026, 11, day);
            let partner = |(at, (heard, quiet_after_days)): (usize, &(Option<i8>, u32))| Partner {
                partner: format!("p{at:02}").into(),
                last_heard: heard.map(on),
                quiet_after_days: *quiet_after_days,
                ..Partner::default()
            };
            let partners: Vec<Partner> = known.iter().enumerate().map(partner).collect();
            let found = table(&partners, &Params::default(), &BTreeMap::new(), (first_run.map(on), on(day)));
            let is_quiet = |(heard, after): &(Option<i8>, u32)| {
                let silent = heard.or(first_run).map_or(0, |since| i64::from(day) - i64::from(since));
                *after > 0 && silent > i64::from(*after)
            };
            let quiet = known.iter().enumerate().filter(|(_, one)| is_quiet(one));
            let others = known.iter().enumerate().filter(|(_, one)| !is_quiet(one));
            let expected: Vec<(String, &str)> = quiet
                .map(|(at, _)| (format!("p{at:02}"), "yes"))
                .chain(others.map(|(at, _)| (format!("p{at:02}"), "no")))
                .collect();
            let found: Vec<(String, String)> =
                found.rows.iter().map(|row| (row[0].plain().into_owned(), row[2].plain().into_owned())).collect();
            let expected: Vec<(String, String)> =
                expected.into_iter().map(|(name, quiet)| (name, quiet.to_owned())).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
