//! Each order line once, as its newest fact has it, without holding every line in memory.
//!
//! A line has one first fact (`again` is false), and some have later ones. First facts are counted as they come, batch by batch. The
//! later ones are few: they are read with the first facts that they replace, and these are taken away again. Where they are many,
//! that is done for a span of order numbers at a time.

use super::counts::{COLUMNS, Counts, Tell};
use super::cut::{Cut, add};
use crate::domain::{Date, Text};
use crate::facts::ORDER_LINES_DIR;
use crate::facts::schema::ORDER_LINES;
use crate::report::part::{Key, each_part};
use crate::report::scan::{Facts, Needed, collect, texts};
use crate::report::{Held, Params, Progress};
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
pub(super) const ARRIVED: &str = "arrived";

/// The order lines of a period.
pub(in crate::report) struct Lines {
    facts: Facts,
    partner: Option<Text>,
    held: Held,
    /// The columns that are asked for beside those that tell a line.
    wanted: Vec<&'static str>,
    again: Again,
}

/// The lines that were looked at again in the period.
enum Again {
    None,
    /// So few that they stay in memory.
    Few(Box<Looks>),
    /// By spans of order numbers, each read when it is its turn.
    Many(Vec<Span>),
}

/// Order numbers from one, included, to another, not included.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Span {
    from: Option<Text>,
    below: Option<Text>,
}

/// Of lines that were looked at again the facts that count.
struct Looks {
    /// The newest of each.
    newest: DataFrame,
    /// The first of each, if it is of the period.
    replaced: DataFrame,
    /// What tells these lines from the others.
    keys: LazyFrame,
}

/// The column that a group is made of. A week or month is that of a line's arrival, so that what arrived and how it stands now
/// are the same lines.
fn source(group: &'static str) -> &'static str {
    if matches!(group, "week" | "month") { ARRIVED } else { group }
}

/// The columns that groups are made of, each once.
pub(in crate::report) fn sources<'g>(
    groups: impl IntoIterator<Item = &'g &'static str>,
) -> Vec<&'static str> {
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
        let facts =
            Facts::find(&site.join(ORDER_LINES_DIR), (from, to), ORDER_LINES, &NEEDED, params.held.rows)?;
        let partner = params.partner.clone();
        let mut wanted = sources(groups);
        wanted.retain(|name| *name != ARRIVED && !KEY.contains(name));
        wanted.extend(COLUMNS.into_iter().chain(["state", "date"]));
        wanted.sort_unstable();
        wanted.dedup();
        let mut lines = Self { facts, partner, held: params.held, wanted, again: Again::None };
        lines.again = lines.look_again(progress).context("read the lines that were looked at again")?;
        Ok(lines)
    }

    /// Rows of the states that count, and of the partner that is asked for.
    fn counted(&self, scan: LazyFrame) -> LazyFrame {
        counted(scan, self.partner.as_ref())
    }

    fn look_again(&self, progress: &Progress<'_>) -> Result<Again> {
        // an earlier version did not say whether it was the first look: the newest is taken of all
        let later = |scan| self.counted(scan).filter(is_first().not());
        let spans = spans(&self.facts, progress, later, self.held.looks)?;
        Ok(match spans.as_slice() {
            [] => Again::None,
            [span] => Again::Few(Box::new(self.looks(span, progress)?)),
            _ => Again::Many(spans),
        })
    }

    /// Reads the lines of a span that were looked at again.
    fn looks(&self, span: &Span, progress: &Progress<'_>) -> Result<Looks> {
        let keyed: Vec<&str> = KEY.iter().chain(&self.wanted).copied().collect();
        let rows = |scan| span.only(self.counted(scan));
        let mut again: Vec<DataFrame> = Vec::new();
        let ask = |scan| rows(scan).filter(is_first().not()).select(columns(&keyed));
        self.facts.each_answer(progress, "later looks", ask, |answer| {
            again.push(answer);
            Ok(())
        })?;
        let again = stacked(again)?.unwrap_or_default();
        // the files are in order of time, so that a line's last fact is its newest
        let key = KEY.map(String::from);
        let newest = again.unique_stable(Some(&key), pl::UniqueKeepStrategy::Last, None)?;
        drop(again);
        let keys = newest.select(KEY)?.lazy();
        let mut replaced: Vec<DataFrame> = Vec::new();
        let ask = |scan: LazyFrame| {
            let first = rows(scan).filter(is_first()).select(columns(&keyed));
            first.join(keys.clone(), columns(&KEY), columns(&KEY), pl::JoinArgs::new(pl::JoinType::Semi))
        };
        self.facts.each_answer(progress, "replaced lines", ask, |answer| {
            replaced.push(answer);
            Ok(())
        })?;
        let replaced = stacked(replaced)?.unwrap_or_default();
        let arrived = replaced.unique_stable(Some(&key), pl::UniqueKeepStrategy::First, None)?;
        let arrived = arrived.lazy().select([col(KEY[0]), col(KEY[1]), col("date").alias(ARRIVED)]);
        let of_its_own = col(ARRIVED).fill_null(col("date"));
        let newest = newest
            .lazy()
            .join(arrived, columns(&KEY), columns(&KEY), pl::JoinArgs::new(pl::JoinType::Left))
            .with_columns([of_its_own])
            .collect()?;
        Ok(Looks { newest, replaced, keys })
    }

    /// Takes the lines that were looked at again, span by span; where there are none, one span without any.
    fn each_look(
        &self,
        progress: &Progress<'_>,
        mut take: impl FnMut(&Span, Option<&Looks>) -> Result<()>,
    ) -> Result<()> {
        match &self.again {
            Again::None => take(&Span::default(), None),
            Again::Few(looks) => take(&Span::default(), Some(looks)),
            Again::Many(spans) => {
                for span in spans {
                    let looks = self.looks(span, progress);
                    let looks = looks.context("read the lines that were looked at again")?;
                    take(span, Some(&looks))?;
                }
                Ok(())
            }
        }
    }

    /// Asks a question of every line as its newest fact has it, and takes the answers batch by batch. The question gets the lines with
    /// `order_id`, `line` and `arrived`, and the first and last order number among them.
    pub(in crate::report) fn each_line(
        &self,
        progress: &Progress<'_>,
        question: impl Fn(LazyFrame, &[Text; 2]) -> LazyFrame,
        mut take: impl FnMut(DataFrame) -> Result<()>,
    ) -> Result<()> {
        let ask = |rows: LazyFrame, ends: Option<[Text; 2]>| question(rows, &ends.unwrap_or_default());
        self.each_look(progress, |span, looks| {
            let first = |scan: LazyFrame| {
                let mut first = span.only(self.counted(scan)).filter(is_first());
                let ends = ends(&first)?;
                if let Some(looks) = looks {
                    let anti = pl::JoinArgs::new(pl::JoinType::Anti);
                    first = first.join(looks.keys.clone(), columns(&KEY), columns(&KEY), anti);
                }
                Ok(ask(first.with_columns([col("date").alias(ARRIVED)]), ends))
            };
            self.facts.each_asked(progress, "ordered lines", first, &mut take)?;
            if let Some(looks) = looks {
                let newest = looks.newest.clone().lazy();
                let newest = ends(&newest).and_then(|ends| collect(ask(newest, ends)));
                take(newest.context("read the lines that were looked at again")?)?;
            }
            Ok(())
        })
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
        self.each_look(progress, |_, looks| {
            let Some(looks) = looks else { return Ok(()) };
            let replaced = collect(ask(arrives(looks.replaced.clone().lazy())));
            add(&replaced.with_context(|| format!("count {what}"))?, Tell::Replaced, cuts)?;
            let newest = collect(ask(looks.newest.clone().lazy()));
            add(&newest.with_context(|| format!("count {what}"))?, Tell::Newest, cuts)
        })?;
        for cut in cuts {
            cut.counts.all.retain(|_, counts| !counts.is_empty());
        }
        Ok(())
    }

    /// The same for one cut of very many groups, a part of them at a time; see [`each_part`].
    pub(super) fn count_in_parts(
        &self,
        progress: &Progress<'_>,
        what: &str,
        only: Option<&Expr>,
        (by, values): (&[&'static str], usize),
        take: impl FnMut(BTreeMap<Key, Counts>),
    ) -> Result<()> {
        let count = |range: Option<&Expr>, part| {
            let only = only.into_iter().chain(range).cloned().reduce(Expr::and);
            let mut cut = Cut::of(by, part);
            self.count(progress, what, only.as_ref(), &mut [&mut cut])?;
            Ok(cut.counts)
        };
        each_part(self.held.groups, by, values, count, take)
    }
}

impl Span {
    /// Rows of these orders.
    pub(super) fn only(&self, rows: LazyFrame) -> LazyFrame {
        let edge = |text: &Option<Text>| text.as_ref().map(|text| lit(text.to_string()));
        let from = edge(&self.from).map(|from| col(KEY[0]).gt_eq(from));
        let below = edge(&self.below).map(|below| col(KEY[0]).lt(below));
        match from.into_iter().chain(below).reduce(Expr::and) {
            Some(inside) => rows.filter(inside),
            None => rows,
        }
    }
}

/// Spans of order numbers that together have every order, each with no more than about `rows_max` of the rows that `only` lets
/// through; none where it lets none through.
pub(super) fn spans(
    facts: &Facts,
    progress: &Progress<'_>,
    only: impl Fn(LazyFrame) -> LazyFrame,
    rows_max: usize,
) -> Result<Vec<Span>> {
    // one order number in so many is remembered
    let step = (rows_max / 128).max(1);
    let mut sample: Vec<Text> = Vec::new();
    let mut rows = 0;
    let orders = |scan| only(scan).select([col(KEY[0])]);
    facts.each_answer(progress, "later looks", orders, |answer| {
        sample.extend(texts(&answer, KEY[0])?.into_iter().step_by(step));
        rows += answer.height();
        Ok(())
    })?;
    if rows == 0 {
        return Ok(Vec::new());
    }
    let mut edges: Vec<Option<Text>> = vec![None];
    if rows > rows_max {
        sample.sort_unstable();
        let firsts = sample.chunks((rows_max / step).max(1)).skip(1).filter_map(|chunk| chunk.first());
        edges.extend(firsts.cloned().map(Some));
        edges.dedup();
    }
    edges.push(None);
    let span = |pair: &[Option<Text>]| Span {
        from: pair.first().cloned().flatten(),
        below: pair.last().cloned().flatten(),
    };
    Ok(edges.windows(2).map(span).collect())
}

/// The first and last order number of rows; None where there is no row.
fn ends(rows: &LazyFrame) -> pl::PolarsResult<Option<[Text; 2]>> {
    let order = || col(KEY[0]);
    let ends = collect(rows.clone().select([order().min().alias("first"), order().max().alias("last")]))?;
    let end = |name: &str| -> pl::PolarsResult<Option<Text>> {
        Ok(ends.column(name)?.str()?.get(0).map(Text::from))
    };
    Ok(end("first")?.zip(end("last")?).map(|(first, last)| [first, last]))
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
