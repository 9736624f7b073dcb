//! Very many groups, a part of them at a time, so that what is in memory does not grow with their number.

use crate::domain::Text;
use anyhow::Result;
use polars::prelude::{Expr, col, lit};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// A group's values, in the order of the columns that it is made of.
pub(super) type Key = Vec<Text>;

/// Those groups whose number, reckoned from their values, leaves the rest `at` when it is divided by `of`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    at: u64,
    of: u64,
    /// Groups that agree in so many of their first values are in one part.
    values: usize,
    /// While the first part is counted it is halved when it has more groups: the others come out as large.
    groups_max: usize,
}

/// Groups of a part, and what is counted of each.
#[derive(Debug)]
pub(super) struct Groups<V> {
    pub all: BTreeMap<Key, V>,
    part: Part,
}

impl Part {
    /// All groups at once.
    pub(super) const ALL: Self = Self { at: 0, of: 1, values: 0, groups_max: usize::MAX };

    fn next(self) -> Option<Self> {
        Some(Self { at: self.at + 1, ..self }).filter(|next| next.at < next.of)
    }

    fn has(&self, key: &[Text]) -> bool {
        if self.of == 1 {
            return true;
        }
        // a fixed hash: the parts of one pass must be those of the next
        let mut hasher = DefaultHasher::new();
        key.iter().take(self.values).for_each(|value| value.as_str().hash(&mut hasher));
        hasher.finish() % self.of == self.at
    }
}

impl<V: Default> Groups<V> {
    pub(super) fn of(part: Part) -> Self {
        Self { all: BTreeMap::new(), part }
    }

    /// Counts something of a group, if it is of this part.
    pub(super) fn add(&mut self, key: Key, count: impl FnOnce(&mut V)) {
        if !self.part.has(&key) {
            return;
        }
        count(self.all.entry(key).or_default());
        while self.part.at == 0 && self.all.len() > self.part.groups_max && self.part.of < 1 << 32 {
            self.part.of *= 2;
            let part = self.part;
            self.all.retain(|key, _| part.has(key));
        }
    }
}

/// Takes all groups, each once, about `groups_max` of them at a time. `count` counts those of a part among the rows that a filter lets
/// through. Where one part is not enough, what was counted of the first tells how the values of a column are spread: its ranges
/// are counted one after the other, each from no more than its own rows. `keys` are columns of text; groups that agree in so many of
/// their first `values` are taken together.
pub(super) fn each_part<V: Default>(
    groups_max: usize,
    keys: &[&'static str],
    values: usize,
    count: impl Fn(Option<&Expr>, Part) -> Result<Groups<V>>,
    mut take: impl FnMut(BTreeMap<Key, V>),
) -> Result<()> {
    let part = Part { values, groups_max, ..Part::ALL };
    let first = count(None, part)?;
    if first.part.of == 1 {
        take(first.all);
        return Ok(());
    }
    let only = ranges(&first, keys);
    drop(first);
    for only in only {
        // a value that very many groups share cannot be spread over ranges
        let mut part = Some(Part { groups_max: groups_max.saturating_mul(2), ..part });
        while let Some(one) = part {
            let found = count(only.as_ref(), one)?;
            part = found.part.next();
            take(found.all);
        }
    }
    Ok(())
}

/// As many ranges of the column with most values as there are parts; None: everything.
fn ranges<V>(sample: &Groups<V>, keys: &[&'static str]) -> Vec<Option<Expr>> {
    let column = |at: usize| sample.all.keys().filter_map(move |key| key.get(at));
    let distinct = |at: &usize| column(*at).collect::<BTreeSet<_>>().len();
    let Some(at) = (0..sample.part.values).max_by_key(distinct) else { return vec![None] };
    let Some(name) = keys.get(at) else { return vec![None] };
    let mut sorted: Vec<&Text> = column(at).collect();
    sorted.sort_unstable();
    let parts = usize::try_from(sample.part.of).unwrap_or(usize::MAX).min(sorted.len());
    let mut edges: Vec<&Text> =
        (1..parts).filter_map(|part| sorted.get(part * sorted.len() / parts).copied()).collect();
    edges.dedup();
    edges.retain(|edge| sorted.first() != Some(edge));
    // a file of an earlier version has null where others have empty text
    let value = || col(*name).fill_null(lit(""));
    let from = |edge: &Text| value().gt_eq(lit(edge.to_string()));
    let below = |edge: &Text| value().lt(lit(edge.to_string()));
    let mut all = Vec::with_capacity(edges.len() + 1);
    for part in 0..=edges.len() {
        let from = part.checked_sub(1).and_then(|before| edges.get(before)).map(|edge| from(edge));
        let below = edges.get(part).map(|edge| below(edge));
        all.push(from.into_iter().chain(below).reduce(Expr::and));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    #[test]
    fn the_parts_are_together_all_groups_each_once_and_what_belongs_together_is_in_one() {
        let number = |at: u32| Text::from(format!("N{}", at % 100));
        let keys: Vec<Key> = (0..500).map(|at| vec![number(at), at.to_string().into()]).collect();
        let asked = RefCell::new(Vec::new());
        // whatever the filter, every group comes: what it lets through is polars's own work
        let count = |only: Option<&Expr>, part| {
            let mut groups = Groups::of(part);
            for key in &keys {
                groups.add(key.clone(), |count: &mut u32| *count += 1);
            }
            asked.borrow_mut().push(only.map(ToString::to_string));
            Ok(groups)
        };
        let mut parts: Vec<BTreeMap<Key, u32>> = Vec::new();
        each_part(30, &["customer_item", "state"], 1, count, |part| parts.push(part)).unwrap();
        let mut seen: BTreeMap<Key, usize> = BTreeMap::new();
        for part in &parts {
            let numbers: BTreeSet<&Text> = part.keys().map(|key| &key[0]).collect();
            assert_eq!(part.len(), numbers.len() * 5, "a number is in one part alone");
            for key in part.keys() {
                *seen.entry(key.clone()).or_default() += 1;
            }
        }
        let asked = asked.into_inner();
        let ranges: BTreeSet<&String> = asked.iter().flatten().collect();
        assert!(ranges.len() > 1, "{asked:?}");
        assert!(asked[0].is_none() && asked[1..].iter().all(Option::is_some), "{asked:?}");
        assert_eq!(seen.len(), keys.len());
        assert!(seen.values().all(|times| *times == ranges.len()), "every group once in each range");
    }

    #[test]
    fn few_groups_are_counted_once() {
        let keys: Vec<Key> = (0..30).map(|at| vec![at.to_string().into()]).collect();
        let times = RefCell::new(0);
        let count = |_: Option<&Expr>, part| {
            *times.borrow_mut() += 1;
            let mut groups = Groups::of(part);
            for key in &keys {
                groups.add(key.clone(), |count: &mut u32| *count += 1);
            }
            Ok(groups)
        };
        let mut all = BTreeMap::new();
        each_part(30, &["item"], 1, count, |part| all.extend(part)).unwrap();
        assert_eq!((all.len(), times.into_inner()), (30, 1));
    }
}
