//! How long partners take to acknowledge what they were sent, and what they did not acknowledge.

use crate::domain::sent::SentState;
use crate::domain::{Date, Text};
use crate::report::page::{Chart, Report, Section};
use crate::report::table::{Cell, Column, Kind, NO_NUMBER, Table, percent};
use crate::report::{Params, SectionDef, Wanted, calendar, percentile, period, shown_of, shown_params};
use crate::store::Transaction;
use crate::store::sent::{SentFilter, SentRow};
use anyhow::Result;
use std::collections::BTreeMap;

pub static SECTIONS: &[SectionDef] = &[
    SectionDef {
        id: "acknowledgments",
        title: "Acknowledgments",
        about: "One row a partner and type of document that it acknowledges: what was sent in the period, what became of it, and the days from \
                the document's date to the run that took the answer.",
        short: true,
    },
    SectionDef {
        id: "waiting",
        title: "Not acknowledged",
        about: "One row an interchange of the period with a document that is not answered, the oldest first.",
        short: true,
    },
    SectionDef {
        id: "rejected",
        title: "Rejected",
        about: "One row an interchange of the period with a document that its receiver rejected, the newest first.",
        short: true,
    },
];

/// What a profile says of an interchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// The partner acknowledges no such document.
    No,
    Yes,
    /// It is not answered, and the partner has taken longer than it may.
    Overdue,
}

const COLUMNS: [(&str, Kind); 12] = [
    ("partner", Kind::Text),
    ("type", Kind::Text),
    ("documents", Kind::Count),
    ("answered", Kind::Count),
    ("answered_pct", Kind::Percent),
    ("median_days", Kind::Count),
    ("p90_days", Kind::Count),
    ("longest_days", Kind::Count),
    ("accepted", Kind::Count),
    ("rejected", Kind::Count),
    ("waiting", Kind::Count),
    ("overdue", Kind::Count),
];

const LISTED: [(&str, Kind); 9] = [
    ("partner", Kind::Text),
    ("type", Kind::Text),
    ("sent", Kind::Text),
    ("control", Kind::Text),
    ("file", Kind::Text),
    ("overdue", Kind::Text),
    ("days", Kind::Count),
    ("documents", Kind::Count),
    ("of_documents", Kind::Count),
];

#[derive(Debug, Default)]
struct Answers {
    documents: u64,
    accepted: u64,
    rejected: u64,
    waiting: u64,
    overdue: u64,
    /// One for each interchange that was answered.
    days: Vec<i32>,
}

/// A row of a list: what it is sorted by, and its cells.
type Listed = ((i32, i64), Vec<Cell>);

#[derive(Default)]
struct Found {
    all: BTreeMap<(Text, Text), Answers>,
    waiting: Vec<Listed>,
    rejected: Vec<Listed>,
}

/// What was sent from [`Params::from`] to [`Params::to`], by the date on the document; by default the 30 days that end with the newest.
/// `expected` knows the partners' profiles, `day` is the day on which what waits is looked at.
pub fn report(
    store: &mut (dyn Transaction + '_),
    params: &Params,
    wanted: Wanted<'_>,
    day: Date,
    expected: &dyn Fn(&SentRow) -> Expected,
) -> Result<Report> {
    let defs = wanted.of(SECTIONS)?;
    let partner = params.partner.clone().unwrap_or_default();
    let mut newest = None;
    if params.to.is_none() {
        store.each_sent(
            &SentFilter { partner: partner.clone(), since: params.from, ..SentFilter::default() },
            &mut |row| {
                newest = newest.max(Some(row.date));
                Ok(())
            },
        )?;
    }
    let period = period(params, newest)?;
    let mut found = Found::default();
    if let Some((from, to)) = period {
        let answered: BTreeMap<i64, Date> = store.answered_on()?.into_iter().collect();
        let filter = SentFilter { partner, since: Some(from), ..SentFilter::default() };
        store.each_sent(&filter, &mut |row| {
            if row.date <= to {
                found.add(&row, answered.get(&row.sent_id).copied(), expected(&row), day);
            }
            Ok(())
        })?;
    }
    let sections = defs.into_iter().map(|def| {
        let (table, chart, more) = match def.id {
            "waiting" => listed(
                std::mem::take(&mut found.waiting),
                params.top(),
                "everything that is acknowledged was",
            ),
            "rejected" => listed(std::mem::take(&mut found.rejected), params.top(), "nothing was rejected"),
            _ => found.table(),
        };
        Section {
            id: def.id,
            title: def.title.to_owned(),
            about: format!("{}{more}", def.about),
            table,
            chart,
        }
    });
    Ok(Report {
        name: "acknowledgments",
        title: "Acknowledgments".to_owned(),
        params: shown_params(params, period, &[]),
        notes: Vec::new(),
        key: vec!["documents", "answered_pct", "rejected", "waiting", "overdue"],
        sections: sections.collect(),
    })
}

impl Found {
    fn add(&mut self, row: &SentRow, answered: Option<Date>, expected: Expected, day: Date) {
        let states = || row.groups.iter().flat_map(|group| group.states.iter().copied());
        let count = |is: fn(SentState) -> bool| states().filter(|state| is(*state)).count() as u64;
        let waiting = count(|state| state == SentState::Sent);
        let rejected = count(|state| state == SentState::Rejected);
        let age = calendar::days_between(row.date, day).max(0);
        if expected == Expected::No && answered.is_none() {
            return;
        }
        let all = self.all.entry((row.partner.clone(), row.kind.clone())).or_default();
        all.documents += count(|_| true);
        all.rejected += rejected;
        all.waiting += waiting;
        all.accepted += count(|state| !matches!(state, SentState::Sent | SentState::Rejected));
        all.overdue += if expected == Expected::Overdue { waiting } else { 0 };
        all.days.extend(answered.map(|answered| calendar::days_between(row.date, answered).max(0)));
        if waiting > 0 {
            self.waiting.push(((-age, row.sent_id), cells(row, expected, age, waiting)));
        }
        if rejected > 0 {
            self.rejected.push(((age, -row.sent_id), cells(row, expected, age, rejected)));
        }
    }

    fn sum(&self) -> Answers {
        let mut sum = Answers::default();
        for answers in self.all.values() {
            sum.documents += answers.documents;
            sum.accepted += answers.accepted;
            sum.rejected += answers.rejected;
            sum.waiting += answers.waiting;
            sum.overdue += answers.overdue;
            sum.days.extend_from_slice(&answers.days);
        }
        sum
    }

    fn table(&self) -> (Table, Option<Chart>, String) {
        let row = |partner: &Text, kind: &Text, answers: &Answers| {
            let mut days = answers.days.clone();
            days.sort_unstable();
            let day = |percent| {
                percentile(&days, percent).map_or(NO_NUMBER, |days| Cell::Count(days.unsigned_abs().into()))
            };
            let answered = answers.documents - answers.waiting;
            vec![
                Cell::Text(partner.clone()),
                Cell::Text(kind.clone()),
                Cell::Count(answers.documents),
                Cell::Count(answered),
                Cell::Percent(percent(answered.into(), answers.documents.into())),
                day(50),
                day(90),
                day(100),
                Cell::Count(answers.accepted),
                Cell::Count(answers.rejected),
                Cell::Count(answers.waiting),
                Cell::Count(answers.overdue),
            ]
        };
        let table = Table {
            columns: COLUMNS.map(|(name, kind)| Column { name, kind }).to_vec(),
            rows: self.all.iter().map(|((partner, kind), answers)| row(partner, kind, answers)).collect(),
            totals: if self.all.is_empty() {
                Vec::new()
            } else {
                vec![row(&"total".into(), &Text::default(), &self.sum())]
            },
            empty: "nothing was sent in the period that a partner acknowledges".to_owned(),
        };
        let chart = Chart::Bars { label: vec!["partner", "type"], value: "median_days", by: None };
        (table, Some(chart), String::new())
    }
}

fn cells(row: &SentRow, expected: Expected, days: i32, documents: u64) -> Vec<Cell> {
    vec![
        Cell::Text(row.partner.clone()),
        Cell::Text(row.kind.clone()),
        Cell::Text(row.date.to_string().into()),
        Cell::Text(row.control.clone()),
        Cell::Text(row.path.clone()),
        Cell::Text(if expected == Expected::Overdue { "yes" } else { "no" }.into()),
        Cell::Count(days.unsigned_abs().into()),
        Cell::Count(documents),
        Cell::Count(row.documents() as u64),
    ]
}

fn listed(mut rows: Vec<Listed>, top: usize, empty: &str) -> (Table, Option<Chart>, String) {
    rows.sort_by_key(|(rank, _)| *rank);
    let all = rows.len();
    let table = Table {
        columns: LISTED.map(|(name, kind)| Column { name, kind }).to_vec(),
        rows: rows.into_iter().take(top).map(|(_, cells)| cells).collect(),
        totals: Vec::new(),
        empty: empty.to_owned(),
    };
    let more = shown_of(table.rows.len(), all, "interchanges");
    (table, None, more)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sent::SentDocument;
    use crate::store::sent::SentGroup;
    use expect_test::expect;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn sent(sent_id: i64, kind: &str, day: i8, states: &[SentState]) -> SentRow {
        let group = SentGroup {
            documents: vec![SentDocument::default(); states.len()],
            states: states.to_vec(),
            ..SentGroup::default()
        };
        SentRow {
            sent_id,
            kind: kind.into(),
            partner: "acme".into(),
            date: date(2026, 11, day),
            groups: vec![group],
            ..SentRow::default()
        }
    }

    #[test]
    fn answers_are_counted_by_partner_and_type_and_timed_by_interchange() {
        use SentState::{Accepted, AcceptedWithErrors, Rejected, Sent};
        let mut found = Found::default();
        let day = date(2026, 11, 21);
        let on = |day| Some(date(2026, 11, day));
        for (row, answered, expected) in [
            (sent(1, "810", 10, &[Accepted, Rejected]), on(11), Expected::Yes),
            (sent(2, "810", 10, &[AcceptedWithErrors]), on(14), Expected::Yes),
            (sent(3, "810", 12, &[Sent, Sent]), None, Expected::Overdue),
            (sent(4, "855", 20, &[Sent]), None, Expected::Yes),
            (sent(5, "997", 20, &[Sent]), None, Expected::No),
        ] {
            found.add(&row, answered, expected, day);
        }
        let csv = |table: Table| String::from_utf8(table.csv().unwrap()).unwrap();
        let tables =
            [csv(found.table().0), csv(listed(found.waiting, 1, "").0), csv(listed(found.rejected, 9, "").0)];
        expect![[r#"
            partner,type,documents,answered,answered_pct,median_days,p90_days,longest_days,accepted,rejected,waiting,overdue
            acme,810,5,3,60,1,4,4,2,1,2,2
            acme,855,1,0,0,,,,0,0,1,0

            partner,type,sent,control,file,overdue,days,documents,of_documents
            acme,810,2026-11-12,,,yes,9,2,2

            partner,type,sent,control,file,overdue,days,documents,of_documents
            acme,810,2026-11-10,,,no,11,1,2
        "#]].assert_eq(&tables.join("\n"));
    }

    /// Type, day sent, states, days to the answer, whether it is expected.
    type AnySent = (&'static str, i8, Vec<SentState>, Option<i8>, bool);

    fn any_sent() -> impl Strategy<Value = AnySent> {
        use SentState::{Accepted, PartiallyAccepted, Rejected, Sent};
        let state = prop::sample::select(vec![Accepted, PartiallyAccepted, Rejected, Sent]);
        (
            prop::sample::select(vec!["810", "855"]),
            1..20i8,
            prop::collection::vec(state, 1..5),
            prop::option::of(0..10i8),
            any::<bool>(),
        )
    }

    proptest! {
        #[test]
        fn counts_and_days_are_those_of_a_naive_walk(rows in prop::collection::vec(any_sent(), 0..40)) {
            let mut found = Found::default();
            for (at, (kind, day, states, after, expected)) in rows.iter().enumerate() {
                let answered = after.map(|after| date(2026, 11, day + after));
                let expected = if *expected { Expected::Overdue } else { Expected::No };
                found.add(&sent(i64::try_from(at).unwrap(), kind, *day, states), answered, expected, date(2026, 11, 30));
            }
            let (table, ..) = found.table();
            let mut documents = 0;
            for row in &table.rows {
                let mine: Vec<&AnySent> = rows
                    .iter()
                    .filter(|one| row[1].plain() == one.0 && (one.3.is_some() || one.4))
                    .collect();
                let states = |is: fn(SentState) -> bool| {
                    mine.iter().flat_map(|one| &one.2).filter(|state| is(**state)).count() as u64
                };
                let waiting = states(|state| state == SentState::Sent);
                let overdue = mine.iter().filter(|one| one.4);
                let overdue = overdue.flat_map(|one| &one.2).filter(|state| **state == SentState::Sent).count();
                let mut days: Vec<i8> = mine.iter().filter_map(|one| one.3).collect();
                days.sort_unstable();
                // the least number of days in which so many percent were answered
                let within = |percent: usize| {
                    let enough = |limit: &&i8| {
                        days.iter().filter(|day| *day <= *limit).count() * 100 >= days.len() * percent
                    };
                    days.iter().find(enough).map_or(NO_NUMBER, |day| Cell::Count(day.unsigned_abs().into()))
                };
                prop_assert_eq!(&row[2], &Cell::Count(states(|_| true)));
                prop_assert_eq!(&row[3], &Cell::Count(states(|_| true) - waiting));
                prop_assert_eq!(&row[5..8], &[within(50), within(90), within(100)]);
                prop_assert_eq!(&row[9..], &[
                    Cell::Count(states(|state| state == SentState::Rejected)),
                    Cell::Count(waiting),
                    Cell::Count(overdue as u64),
                ]);
                documents += states(|_| true);
            }
            if let Some(total) = table.totals.first() {
                prop_assert_eq!(&total[2], &Cell::Count(documents));
            }
            let all: usize = rows.iter().filter(|one| one.3.is_some() || one.4).map(|one| one.2.len()).sum();
            prop_assert_eq!(documents, all as u64);
        }
    }
}
