//! Each order line once, as its newest fact has it, without holding every line in memory.
//!
//! A line has one first fact (`again` is false), and some have later ones. First facts are counted as they come, batch by batch. The
//! later ones are few: they are read at once with the first facts that they replace, and these are taken away again.

use super::counts::{COLUMNS, Counts, Tell};
use crate::domain::{Date, Text};
use crate::facts::ORDER_LINES_DIR;
use crate::facts::schema::ORDER_LINES;
use crate::report::scan::{Facts, Needed, collect, group_values};
use crate::report::{Params, Progress};
use anyhow::{Context, Result};
use polars::prelude as pl;
use polars::prelude::{DataFrame, Expr, IntoLazy as _, LazyFrame, col, lit};
use std::collections::BTreeMap;
use std::path::Path;

/// The states of lines that count; a duplicate, a test or a change made no order.
const STATES: [&str; 3] = ["ordered", "held", "rejected"];

/// The columns without which a file cannot be counted.
pub(super) const NEEDED: Needed =
    Needed { kind: "order lines", columns: &["order_id", "line", "state", "outcome"] };

/// What tells one line from all others.
const KEY: [&str; 2] = ["order_id", "line"];

/// The date of a line's first fact, or of its newest where the first is not of the period.
const ARRIVED: &str = "arrived";

/// The order lines of a period.
pub(in crate::report) struct Lines {
    facts: Facts,
    partner: Option<Text>,
    /// The newest fact of each line that was looked at again in the period.
    newest: DataFrame,
    /// The first facts, if they are of the period, of those lines.
    replaced: DataFrame,
    /// What tells those lines from the others; None: there are none.
    keys: Option<LazyFrame>,
}

/// A group's values, in the order of the cut.
pub(super) type Key = Vec<Text>;

/// By what lines are grouped: columns of facts, `week`, `month`.
#[derive(Debug)]
pub(super) struct Cut {
    pub by: Vec<&'static str>,
    pub counts: BTreeMap<Key, Counts>,
}

impl Cut {
    pub(super) fn new(by: &[&'static str]) -> Self {
        Self { by: by.to_vec(), counts: BTreeMap::new() }
    }
}

/// The column that a group is made of. A week or month is that of a line's arrival, so that what arrived and how it stands now
/// are the same lines.
fn source(group: &'static str) -> &'static str {
    if matches!(group, "week" | "month") { ARRIVED } else { group }
}

/// The columns that groups are made of, each once.
pub(super) fn sources<'g>(groups: impl IntoIterator<Item = &'g &'static str>) -> Vec<&'static str> {
    let mut columns: Vec<&str> = Vec::new();
    for column in groups.into_iter().map(|group| source(group)) {
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    columns
}

fn columns(names: &[&str]) -> Vec<Expr> {
    names.iter().map(|name| col(*name)).collect()
}

impl Lines {
    /// The lines of the run dates `from` to `to`, to be asked for these columns beside those that are counted.
    pub(in crate::report) fn find(
        site: &Path,
        (from, to): (Option<Date>, Option<Date>),
        params: &Params,
        groups: &[&'static str],
        progress: &Progress<'_>,
    ) -> Result<Self> {
        let facts = Facts::find(&site.join(ORDER_LINES_DIR), (from, to), ORDER_LINES, &NEEDED)?;
        let partner = params.partner.clone();
        let mut wanted = sources(groups);
        wanted.retain(|name| *name != ARRIVED && !KEY.contains(name));
        wanted.extend(COLUMNS.into_iter().chain(["state", "date"]));
        wanted.sort_unstable();
        wanted.dedup();
        let none = DataFrame::default;
        let mut lines = Self { facts, partner, newest: none(), replaced: none(), keys: None };
        lines.look_again(&wanted, progress).context("read the lines that were looked at again")?;
        Ok(lines)
    }

    /// Rows of the states that count, and of the partner that is asked for.
    fn counted(&self, scan: LazyFrame) -> LazyFrame {
        counted(scan, self.partner.as_ref())
    }

    fn look_again(&mut self, wanted: &[&str], progress: &Progress<'_>) -> Result<()> {
        let keyed: Vec<&str> = KEY.iter().chain(wanted).copied().collect();
        let mut again: Vec<DataFrame> = Vec::new();
        // an earlier version did not say whether it was the first look: the newest is taken of all
        let ask = |scan| self.counted(scan).filter(is_first().not()).select(columns(&keyed));
        self.facts.each_answer(progress, "later looks", ask, |answer| {
            again.push(answer);
            Ok(())
        })?;
        let Some(again) = stacked(again)?.filter(|again| again.height() > 0) else { return Ok(()) };
        // the files are in order of time, so that a line's last fact is its newest
        let key = KEY.map(String::from);
        let newest = again.unique_stable(Some(&key), pl::UniqueKeepStrategy::Last, None)?;
        let keys = newest.select(KEY)?.lazy();
        let mut replaced: Vec<DataFrame> = Vec::new();
        let ask = |scan: LazyFrame| {
            let first = self.counted(scan).filter(is_first()).select(columns(&keyed));
            first.join(keys.clone(), columns(&KEY), columns(&KEY), pl::JoinArgs::new(pl::JoinType::Semi))
        };
        self.facts.each_answer(progress, "replaced lines", ask, |answer| {
            replaced.push(answer);
            Ok(())
        })?;
        self.keys = Some(keys.clone());
        self.replaced = stacked(replaced)?.unwrap_or_default();
        let arrived = self.replaced.unique_stable(Some(&key), pl::UniqueKeepStrategy::First, None)?;
        let arrived = arrived.lazy().select([col(KEY[0]), col(KEY[1]), col("date").alias(ARRIVED)]);
        let of_its_own = col(ARRIVED).fill_null(col("date"));
        self.newest = newest
            .lazy()
            .join(arrived, columns(&KEY), columns(&KEY), pl::JoinArgs::new(pl::JoinType::Left))
            .with_columns([of_its_own])
            .collect()?;
        Ok(())
    }

    /// Asks a question of every line as its newest fact has it, batch by batch, with `order_id`, `line` and `arrived`, groups the
    /// answers by `keys` and sums them up.
    pub(in crate::report) fn each_line(
        &self,
        progress: &Progress<'_>,
        keys: &[&'static str],
        question: impl Fn(LazyFrame) -> LazyFrame,
        sums: impl Fn() -> Vec<Expr>,
        mut take: impl FnMut(DataFrame) -> Result<()>,
    ) -> Result<()> {
        let by = || columns(&sources(keys));
        let ask = |scan: LazyFrame| {
            let mut first = self.counted(scan).filter(is_first());
            if let Some(keys) = &self.keys {
                let anti = pl::JoinArgs::new(pl::JoinType::Anti);
                first = first.join(keys.clone(), columns(&KEY), columns(&KEY), anti);
            }
            let first = first.with_columns([col("date").alias(ARRIVED)]);
            question(first).group_by(by()).agg(sums())
        };
        self.facts.each_answer(progress, "ordered lines", ask, &mut take)?;
        if self.newest.height() > 0 {
            let newest = question(self.newest.clone().lazy()).group_by(by()).agg(sums());
            take(collect(newest).context("read the lines that were looked at again")?)?;
        }
        Ok(())
    }

    /// Counts the lines that `only` lets through into each of the cuts, all of them in one pass.
    pub(super) fn count(
        &self,
        progress: &Progress<'_>,
        what: &str,
        only: Option<&Expr>,
        cuts: &mut [&mut Cut],
    ) -> Result<()> {
        let mut keys = sources(cuts.iter().flat_map(|cut| &cut.by));
        if !keys.contains(&"outcome") {
            keys.push("outcome");
        }
        let ask = |rows: LazyFrame| {
            let rows = match only {
                Some(only) => rows.filter(only.clone()),
                None => rows,
            };
            rows.group_by(columns(&keys)).agg(Counts::expressions())
        };
        let arrives = |rows: LazyFrame| rows.with_columns([col("date").alias(ARRIVED)]);
        let first = |scan| ask(arrives(self.counted(scan).filter(is_first())));
        self.facts.each_answer(progress, what, first, |answer| add(&answer, Tell::First, cuts))?;
        if self.newest.height() > 0 {
            let replaced = collect(ask(arrives(self.replaced.clone().lazy())));
            add(&replaced.with_context(|| format!("count {what}"))?, Tell::Replaced, cuts)?;
            let newest = collect(ask(self.newest.clone().lazy()));
            add(&newest.with_context(|| format!("count {what}"))?, Tell::Newest, cuts)?;
        }
        for cut in cuts {
            cut.counts.retain(|_, counts| !counts.is_empty());
        }
        Ok(())
    }
}

/// Whether a fact is the one of the run that took the order.
pub(super) fn is_first() -> Expr {
    col("again").fill_null(lit(true)).not()
}

pub(super) fn stacked(frames: Vec<DataFrame>) -> Result<Option<DataFrame>> {
    let mut frames = frames.into_iter();
    let Some(mut all) = frames.next() else { return Ok(None) };
    for frame in frames {
        all.vstack_mut(&frame)?;
    }
    Ok(Some(all))
}

/// Rows of the states that count, and of one partner.
pub(super) fn counted(scan: LazyFrame, partner: Option<&Text>) -> LazyFrame {
    let counts = STATES.iter().map(|state| col("state").eq(lit(*state))).reduce(Expr::or);
    let rows = scan.filter(counts.unwrap_or(lit(true)));
    match partner {
        Some(partner) => rows.filter(col("partner").eq(lit(partner.to_string()))),
        None => rows,
    }
}

/// Puts each group of an answer where it belongs in each cut.
fn add(answer: &DataFrame, tell: Tell, cuts: &mut [&mut Cut]) -> Result<()> {
    let counts = Counts::read(answer, tell)?;
    for cut in cuts {
        let mut keys: Vec<Vec<Text>> = Vec::with_capacity(cut.by.len());
        for group in &cut.by {
            keys.push(group_values(answer, group, if *group == "date" { "date" } else { ARRIVED })?);
        }
        for (row, counts) in counts.iter().enumerate() {
            let key: Key = keys.iter().filter_map(|column| column.get(row).cloned()).collect();
            // added: null of an earlier version's file and empty text are one key
            cut.counts.entry(key).or_default().add(counts);
        }
    }
    Ok(())
}
