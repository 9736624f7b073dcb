//! Sections that list the greatest groups first: of however many groups come, in parts, those that are shown stay.

use super::Drawn;
use super::counts::{COUNTED_SHARES_FIRST, Counts};
use super::cut::Cut;
use super::sections::{count, row, table, texts};
use crate::domain::Text;
use crate::report::page::Chart;
use crate::report::part::Key;
use crate::report::shown_of;
use crate::report::table::{Cell, Column, Kind, Table, percent};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// A section that takes its groups part by part.
pub(super) enum Listed {
    Ranked(Ranked),
    Unmapped(Unmapped),
}

impl Listed {
    /// By a section's id; None for one that shows every group, or has few.
    pub(super) fn of(id: &str, by: &[&'static str], top: usize) -> Option<Self> {
        let ranked = |what, rank| Some(Self::Ranked(Ranked::new(by, what, rank, top)));
        match id {
            "unmapped" => Some(Self::Unmapped(Unmapped { top, ..Unmapped::default() })),
            "ship-tos" => {
                ranked("ship-tos", |counts| [Reverse(counts.not_mapped()), Reverse(counts.lines())])
            }
            "items" => ranked("items", |counts| [Reverse(counts.lines()), Reverse(0)]),
            "supersessions" | "conversions" => ranked("rows", |counts| [Reverse(counts.lines()), Reverse(0)]),
            _ => None,
        }
    }

    /// How many of a group's first values keep it in one part with others.
    pub(super) fn values(&self, by: &[&'static str]) -> usize {
        match self {
            Self::Ranked(_) => by.len(),
            // the state comes last: a number is one row, whatever its lines' states
            Self::Unmapped(_) => by.len() - 1,
        }
    }

    pub(super) fn take(&mut self, groups: BTreeMap<Key, Counts>) {
        match self {
            Self::Ranked(ranked) => ranked.take(groups),
            Self::Unmapped(unmapped) => unmapped.take(groups),
        }
    }

    pub(super) fn drawn(self) -> Drawn {
        match self {
            Self::Ranked(ranked) => ranked.drawn(),
            Self::Unmapped(unmapped) => unmapped.drawn(),
        }
    }
}

/// What comes first has the least rank.
type Rank = [Reverse<i128>; 2];

/// The first groups in the order of their rank, then of their key.
pub(super) struct Ranked {
    by: Vec<&'static str>,
    what: &'static str,
    rank: fn(&Counts) -> Rank,
    top: usize,
    first: BTreeMap<(Rank, Key), Counts>,
    groups: usize,
    /// The sums of all groups by their currency.
    sums: Cut,
}

impl Ranked {
    fn new(by: &[&'static str], what: &'static str, rank: fn(&Counts) -> Rank, top: usize) -> Self {
        let sums = Cut::new(by);
        Self { by: by.to_vec(), what, rank, top, first: BTreeMap::new(), groups: 0, sums }
    }

    fn take(&mut self, groups: BTreeMap<Key, Counts>) {
        let currency = self.by.iter().position(|group| *group == "currency");
        for (key, counts) in groups {
            let blank = |(at, value): (usize, &Text)| {
                if Some(at) == currency { value.clone() } else { Text::default() }
            };
            let all = key.iter().enumerate().map(blank).collect();
            self.sums.counts.add(all, |sum| sum.add(&counts));
            if counts.lines() == 0 {
                continue;
            }
            self.groups += 1;
            self.first.insert(((self.rank)(&counts), key), counts);
            if self.first.len() > self.top {
                self.first.pop_last();
            }
        }
    }

    fn drawn(self) -> Drawn {
        let rows = self.first.iter().map(|((_, key), counts)| row(key, counts, &COUNTED_SHARES_FIRST));
        let rows: Vec<Vec<Cell>> = rows.collect();
        let more = shown_of(rows.len(), self.groups, self.what);
        (Table { rows, ..table(&self.sums, &COUNTED_SHARES_FIRST) }, None, more)
    }
}

/// Numbers that found no item, the greatest value of held lines first, each currency alone.
#[derive(Default)]
pub(super) struct Unmapped {
    top: usize,
    currencies: BTreeMap<Text, Waiting>,
}

/// What is not mapped in a currency.
#[derive(Default)]
struct Waiting {
    value: i128,
    numbers: usize,
    first: BTreeMap<([Reverse<i128>; 3], Key), Number>,
}

/// A number that found no item: its lines, and of these the held ones.
#[derive(Debug, Clone, Copy, Default)]
struct Number {
    lines: i128,
    quantity: i128,
    value: i128,
    lines_waiting: i128,
    value_waiting: i128,
}

impl Unmapped {
    /// The rows of a number stand one after the other in a cut: only their state, which is last, tells them apart.
    fn take(&mut self, groups: BTreeMap<Key, Counts>) {
        let mut before: Option<(Key, Number)> = None;
        for (mut key, counts) in groups {
            let Some(state) = key.pop() else { continue };
            let mut number = match before.take() {
                Some((same, number)) if same == key => number,
                other => {
                    self.add(other);
                    Number::default()
                }
            };
            number.lines += counts.lines();
            number.quantity += counts.quantity();
            number.value += counts.value();
            if state == "held" {
                number.lines_waiting += counts.lines();
                number.value_waiting += counts.value();
            }
            before = Some((key, number));
        }
        self.add(before);
    }

    fn add(&mut self, one: Option<(Key, Number)>) {
        let Some((mut key, number)) = one.filter(|(_, number)| number.lines != 0) else { return };
        let waiting = self.currencies.entry(key.remove(0)).or_default();
        waiting.value += number.value_waiting;
        waiting.numbers += 1;
        let rank = [number.value_waiting, number.value, number.lines].map(Reverse);
        waiting.first.insert((rank, key), number);
        if waiting.first.len() > self.top {
            waiting.first.pop_last();
        }
    }

    fn drawn(self) -> Drawn {
        let mut table = Table { columns: unmapped_columns(), ..Table::default() };
        let mut numbers = 0;
        for (currency, waiting) in self.currencies {
            numbers += waiting.numbers;
            let mut sum = 0;
            for ((_, key), number) in waiting.first {
                sum += number.value_waiting;
                let mut cells = vec![Cell::Text(currency.clone())];
                cells.extend(key.into_iter().map(Cell::Text));
                cells.extend([
                    count(number.lines_waiting),
                    Cell::Decimal(number.value_waiting),
                    Cell::Percent(percent(number.value_waiting, waiting.value)),
                    Cell::Percent(percent(sum, waiting.value)),
                    count(number.lines),
                    Cell::Decimal(number.quantity),
                    Cell::Decimal(number.value),
                ]);
                table.rows.push(cells);
            }
        }
        let label = vec!["customer", "customer_item"];
        let share = Some("cumulated_pct");
        let chart = Some(Chart::Pareto { label, value: "value_waiting", share, by: Some("currency") });
        "no line of the period is without an item".clone_into(&mut table.empty);
        let more = shown_of(table.rows.len(), numbers, "numbers");
        (table, chart, more)
    }
}

fn unmapped_columns() -> Vec<Column> {
    let numbers = [
        ("lines_waiting", Kind::Count),
        ("value_waiting", Kind::Decimal),
        ("share_pct", Kind::Percent),
        ("cumulated_pct", Kind::Percent),
        ("lines", Kind::Count),
        ("quantity", Kind::Decimal),
        ("value", Kind::Decimal),
    ];
    let keys = ["currency", "customer", "customer_item_qualifier", "customer_item", "outcome"];
    texts(&keys).chain(numbers.map(|(name, kind)| Column { name, kind })).collect()
}
