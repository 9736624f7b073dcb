//! What is counted of order lines, exactly: how polars sums it, how sums are put together, and as columns.

use crate::domain::Text;
use crate::report::scan::{halves, integers, texts, wholes};
use crate::report::table::{Cell, Column, Kind, percent};
use anyhow::Result;
use polars::prelude as pl;
use polars::prelude::{DataFrame, Expr, col, lit};

/// Outcomes with a column of their own.
const OUTCOMES: [&str; 5] = ["mapped", "ambiguous", "unmapped", "conflict", "invalid"];

/// The columns of facts that are counted; those by which is grouped come beside them.
pub(super) const COLUMNS: [&str; 5] =
    ["outcome", "ordered_quantity_micro", "value_micro", "superseded", "converted"];

/// Lines with their quantity and value, and those of them that found their item.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Sums {
    lines: i128,
    mapped: i128,
    quantity: i128,
    mapped_quantity: i128,
    value: i128,
    mapped_value: i128,
}

impl Sums {
    fn add(&mut self, other: &Self, sign: i128) {
        self.lines += sign * other.lines;
        self.mapped += sign * other.mapped;
        self.quantity += sign * other.quantity;
        self.mapped_quantity += sign * other.mapped_quantity;
        self.value += sign * other.value;
        self.mapped_value += sign * other.mapped_value;
    }
}

/// How a group of lines stands, and how it stood when it arrived.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Counts {
    now: Sums,
    /// In the order of [`OUTCOMES`].
    outcomes: [i128; 5],
    converted: i128,
    superseded: i128,
    arrived: Sums,
}

/// What facts say of the lines that they are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tell {
    /// First facts: how a line arrived, and how it stands until a newer fact is told.
    First,
    /// First facts of lines that have a newer one: they do not say how the line stands.
    Replaced,
    /// Newest facts of lines that were looked at again.
    Newest,
}

impl Counts {
    /// One group's sums by outcome.
    pub(super) fn expressions() -> Vec<Expr> {
        let count = |flags: Expr, name: &str| flags.sum().cast(pl::DataType::Int64).alias(name);
        let mut all = vec![
            pl::len().cast(pl::DataType::Int64).alias("lines"),
            count(col("converted").fill_null(lit(false)), "converted_lines"),
            count(col("superseded").fill_null(lit("")).neq(lit("")), "superseded_lines"),
        ];
        for (name, column) in [("quantity", "ordered_quantity_micro"), ("value", "value_micro")] {
            all.extend(halves(col(column), name));
        }
        all
    }

    /// The groups of an answer to [`Counts::expressions`], a row each.
    pub(super) fn read(frame: &DataFrame, tell: Tell) -> Result<Vec<Self>> {
        let outcomes = texts(frame, "outcome")?;
        let lines = integers(frame, "lines")?;
        let [converted, superseded] =
            [integers(frame, "converted_lines")?, integers(frame, "superseded_lines")?];
        let [quantity, value] = [wholes(frame, "quantity")?, wholes(frame, "value")?];
        let mut all = Vec::with_capacity(frame.height());
        let rows = outcomes.iter().zip(lines).zip(converted.into_iter().zip(superseded));
        for (((outcome, lines), (converted, superseded)), (quantity, value)) in
            rows.zip(quantity.into_iter().zip(value))
        {
            all.push(Self::of(outcome, lines, [converted, superseded], quantity, value).told(tell));
        }
        Ok(all)
    }

    fn of(
        outcome: &Text,
        lines: i64,
        [converted, superseded]: [i64; 2],
        quantity: i128,
        value: i128,
    ) -> Self {
        let lines = i128::from(lines);
        let mapped = i128::from(outcome == "mapped");
        let mut outcomes = [0; 5];
        if let Some(at) = OUTCOMES.iter().position(|known| known == outcome) {
            outcomes[at] = lines;
        }
        let sums = Sums {
            lines,
            mapped: lines * mapped,
            quantity,
            mapped_quantity: quantity * mapped,
            value,
            mapped_value: value * mapped,
        };
        let (converted, superseded) = (converted.into(), superseded.into());
        Self { now: sums, outcomes, converted, superseded, arrived: sums }
    }

    fn told(self, tell: Tell) -> Self {
        match tell {
            Tell::First => self,
            Tell::Newest => Self { arrived: Sums::default(), ..self },
            Tell::Replaced => {
                let mut less = Self::default();
                less.sum(&Self { arrived: Sums::default(), ..self }, -1);
                less
            }
        }
    }

    fn sum(&mut self, other: &Self, sign: i128) {
        self.now.add(&other.now, sign);
        self.arrived.add(&other.arrived, sign);
        for (sum, count) in self.outcomes.iter_mut().zip(other.outcomes) {
            *sum += sign * count;
        }
        self.converted += sign * other.converted;
        self.superseded += sign * other.superseded;
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.sum(other, 1);
    }

    /// Whether there is no line, now or on arrival.
    pub(super) fn is_empty(&self) -> bool {
        self.now.lines == 0 && self.arrived.lines == 0
    }

    pub(super) fn lines(&self) -> i128 {
        self.now.lines
    }

    pub(super) fn not_mapped(&self) -> i128 {
        self.now.lines - self.now.mapped
    }

    pub(super) fn quantity(&self) -> i128 {
        self.now.quantity
    }

    pub(super) fn value(&self) -> i128 {
        self.now.value
    }

    pub(super) fn mapped_pct(&self) -> Option<i64> {
        percent(self.now.mapped, self.now.lines)
    }

    pub(super) fn value_pct(&self) -> Option<i64> {
        percent(self.now.mapped_value, self.now.value)
    }

    pub(super) fn first_pass_pct(&self) -> Option<i64> {
        percent(self.arrived.mapped, self.arrived.lines)
    }

    /// One of the columns of [`COUNTED`].
    fn cell(&self, name: &str) -> Cell {
        let [mapped, ambiguous, unmapped, conflict, invalid] = self.outcomes;
        let (now, arrived) = (&self.now, &self.arrived);
        let count = |lines: i128| Cell::Count(u64::try_from(lines).unwrap_or_default());
        match name {
            "lines" => count(now.lines),
            "mapped_lines" => count(mapped),
            "mapped_pct" => Cell::Percent(self.mapped_pct()),
            "quantity" => Cell::Decimal(now.quantity),
            "mapped_quantity" => Cell::Decimal(now.mapped_quantity),
            "quantity_pct" => Cell::Percent(percent(now.mapped_quantity, now.quantity)),
            "value" => Cell::Decimal(now.value),
            "mapped_value" => Cell::Decimal(now.mapped_value),
            "value_pct" => Cell::Percent(self.value_pct()),
            "ambiguous" => count(ambiguous),
            "unmapped" => count(unmapped),
            "conflict" => count(conflict),
            "invalid" => count(invalid),
            "converted_lines" => count(self.converted),
            "superseded_lines" => count(self.superseded),
            "arrived_lines" => count(arrived.lines),
            "arrived_mapped_lines" => count(arrived.mapped),
            "first_pass_pct" => Cell::Percent(self.first_pass_pct()),
            "first_pass_quantity_pct" => Cell::Percent(percent(arrived.mapped_quantity, arrived.quantity)),
            _ => Cell::Percent(percent(arrived.mapped_value, arrived.value)),
        }
    }

    pub(super) fn cells<'c>(&'c self, columns: &'c [Column]) -> impl Iterator<Item = Cell> + 'c {
        columns.iter().map(|column| self.cell(column.name))
    }
}

const fn column(name: &'static str, kind: Kind) -> Column {
    Column { name, kind }
}

/// What is counted, in the order of the columns of the first section after its groups: a column is only ever added.
pub(super) const COUNTED: [Column; 20] = [
    column("lines", Kind::Count),
    column("mapped_lines", Kind::Count),
    column("mapped_pct", Kind::Percent),
    column("quantity", Kind::Decimal),
    column("mapped_quantity", Kind::Decimal),
    column("value", Kind::Decimal),
    column("mapped_value", Kind::Decimal),
    column("value_pct", Kind::Percent),
    column("ambiguous", Kind::Count),
    column("unmapped", Kind::Count),
    column("conflict", Kind::Count),
    column("invalid", Kind::Count),
    column("converted_lines", Kind::Count),
    column("superseded_lines", Kind::Count),
    column("quantity_pct", Kind::Percent),
    column("arrived_lines", Kind::Count),
    column("arrived_mapped_lines", Kind::Count),
    column("first_pass_pct", Kind::Percent),
    column("first_pass_quantity_pct", Kind::Percent),
    column("first_pass_value_pct", Kind::Percent),
];

/// The same for the other sections, the shares first: what does not fit a terminal is left out from the end.
pub(super) const COUNTED_SHARES_FIRST: [Column; 20] = [
    column("lines", Kind::Count),
    column("mapped_pct", Kind::Percent),
    column("first_pass_pct", Kind::Percent),
    column("value", Kind::Decimal),
    column("value_pct", Kind::Percent),
    column("first_pass_value_pct", Kind::Percent),
    column("quantity_pct", Kind::Percent),
    column("first_pass_quantity_pct", Kind::Percent),
    column("ambiguous", Kind::Count),
    column("unmapped", Kind::Count),
    column("conflict", Kind::Count),
    column("invalid", Kind::Count),
    column("converted_lines", Kind::Count),
    column("superseded_lines", Kind::Count),
    column("mapped_lines", Kind::Count),
    column("mapped_value", Kind::Decimal),
    column("quantity", Kind::Decimal),
    column("mapped_quantity", Kind::Decimal),
    column("arrived_lines", Kind::Count),
    column("arrived_mapped_lines", Kind::Count),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_orders_have_the_same_columns() {
        let sorted = |columns: [Column; 20]| {
            let mut names = columns.map(|column| (column.name, column.kind == Kind::Percent));
            names.sort_unstable();
            names
        };
        assert_eq!(sorted(COUNTED), sorted(COUNTED_SHARES_FIRST));
    }

    #[test]
    fn a_line_that_was_looked_at_again_stands_as_its_newest_fact_and_arrived_as_its_first() {
        let one = |outcome: &str, tell| Counts::of(&outcome.into(), 1, [0, 0], 4, 10).told(tell);
        let mut counts = one("unmapped", Tell::First);
        counts.add(&one("unmapped", Tell::Replaced));
        counts.add(&one("mapped", Tell::Newest));
        assert_eq!((counts.mapped_pct(), counts.first_pass_pct()), (Some(10_000), Some(0)));
        assert_eq!(counts.cell("unmapped"), Cell::Count(0));
        assert_eq!((counts.lines(), counts.value()), (1, 10));
        assert!(!counts.is_empty());
    }
}
