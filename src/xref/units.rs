//! Unit conversion: the exact factor from an ordered unit to the item's, by uom.csv.

use crate::domain::diagnostic::{Diagnostic, Location};
use crate::domain::item::UnitConversion;
use crate::domain::rules::business::CONVERSIONS_DISAGREE;
use crate::domain::unit::Fraction;
use crate::xref::names::{Names, id_of};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Stands for the item of a general row.
const ANY: u32 = u32::MAX;

/// Why there is no factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoFactor {
    NoWay,
    /// There is a way, and its factor passes 64 bits.
    TooLarge,
}

/// All rows of uom.csv in both directions, found by item and unit.
#[derive(Debug, Default)]
pub(super) struct UnitTable {
    /// Ids in the order of the texts, so that no order of rows can decide between two ways.
    units: Names,
    /// Sorted by item, unit and target.
    edges: Vec<Edge>,
    /// Where an item's edges stand.
    spans: hashbrown::HashMap<u32, std::ops::Range<u32>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Edge {
    item: u32,
    from: u32,
    to: u32,
    /// None: the item's rows contradict one another here. General rows do not help either.
    factor: Option<Fraction>,
}

/// What a way costs: fewest general steps, then fewest steps.
type Cost = (u32, u32);

impl UnitTable {
    /// Each row with the id of its item, None for a general one. Rows that contradict one another are all left out.
    pub(super) fn build(rows: &[(Option<u32>, UnitConversion)], items: &Names) -> (Self, Vec<Diagnostic>) {
        let mut texts: Vec<&str> = rows.iter().flat_map(|(_, row)| [&*row.unit, &*row.to_unit]).collect();
        texts.sort_unstable();
        texts.dedup();
        let mut units = Names::default();
        for text in texts {
            units.intern(text);
        }
        let mut problems = Vec::new();
        let mut edges = Vec::with_capacity(rows.len() * 2);
        for (item, row) in rows {
            let (from, to) = (units.intern(&row.unit), units.intern(&row.to_unit));
            let item = item.unwrap_or(ANY);
            if from != to {
                edges.push(Edge { item, from, to, factor: Some(row.factor) });
                edges.push(Edge { item, from: to, to: from, factor: Some(row.factor.inverse()) });
            } else if row.factor != Fraction::ONE {
                let edge = Edge { item, from, to, factor: Some(row.factor) };
                problems.push(disagreement(&[edge], items, &units));
            }
        }
        edges.sort_unstable();
        edges.dedup();
        let (edges, disagreements) = without_contradictions(&edges, items, &units);
        problems.extend(disagreements);
        let mut spans = hashbrown::HashMap::new();
        let mut start = 0;
        for group in edges.chunk_by(|a, b| a.item == b.item) {
            spans.insert(group[0].item, id_of(start)..id_of(start + group.len()));
            start += group.len();
        }
        (Self { units, edges, spans }, problems)
    }

    /// Units `to` in one `from`. The item's own rows come first, chained and in both directions; general rows fill what
    /// they leave open: the way with the fewest general steps, of these the shortest.
    pub(super) fn factor(&self, item: u32, from: &str, to: &str) -> Result<Fraction, NoFactor> {
        if from == to {
            return Ok(Fraction::ONE);
        }
        let (Some(from), Some(to)) = (self.units.find(from), self.units.find(to)) else {
            return Err(NoFactor::NoWay);
        };
        let (own, general) = (self.edges_of(item), self.edges_of(ANY));
        let direct = if own.is_empty() { edge(general, from, to) } else { edge(own, from, to) };
        match direct.and_then(|edge| edge.factor) {
            Some(factor) => Ok(factor),
            None => search(own, general, from, to),
        }
    }

    fn edges_of(&self, item: u32) -> &[Edge] {
        let span = self.spans.get(&item).cloned().unwrap_or_default();
        &self.edges[span.start as usize..span.end as usize]
    }
}

fn search(own: &[Edge], general: &[Edge], from: u32, goal: u32) -> Result<Fraction, NoFactor> {
    let mut best: hashbrown::HashMap<u32, (Cost, Fraction)> = hashbrown::HashMap::new();
    let mut heap = BinaryHeap::new();
    let mut failure = NoFactor::NoWay;
    best.insert(from, ((0, 0), Fraction::ONE));
    heap.push(Reverse(((0, 0), from)));
    while let Some(Reverse((cost, unit))) = heap.pop() {
        let Some(&(known, factor)) = best.get(&unit) else { continue };
        if unit == goal {
            return Ok(factor);
        }
        if cost > known {
            continue;
        }
        let own_steps = edges_from(own, unit).iter().map(|edge| ((cost.0, cost.1 + 1), edge));
        let general_steps = edges_from(general, unit)
            .iter()
            .filter(|step| edge(own, unit, step.to).is_none())
            .map(|step| ((cost.0 + 1, cost.1 + 1), step));
        for (cost, edge) in own_steps.chain(general_steps) {
            if best.get(&edge.to).is_some_and(|(known, _)| *known <= cost) {
                continue;
            }
            let Some(step) = edge.factor else { continue };
            let Some(factor) = factor.checked_mul(step) else {
                failure = NoFactor::TooLarge;
                continue;
            };
            best.insert(edge.to, (cost, factor));
            heap.push(Reverse((cost, edge.to)));
        }
    }
    Err(failure)
}

/// The edges of one item that begin at a unit.
fn edges_from(edges: &[Edge], from: u32) -> &[Edge] {
    let start = edges.partition_point(|edge| edge.from < from);
    let end = edges.partition_point(|edge| edge.from <= from);
    &edges[start..end]
}

fn edge(edges: &[Edge], from: u32, to: u32) -> Option<&Edge> {
    edges.binary_search_by(|edge| (edge.from, edge.to).cmp(&(from, to))).ok().map(|at| &edges[at])
}

/// Takes the factor from every edge for which the rows of one item give different ones.
fn without_contradictions(edges: &[Edge], items: &Names, units: &Names) -> (Vec<Edge>, Vec<Diagnostic>) {
    let mut kept = Vec::with_capacity(edges.len());
    let mut problems = Vec::new();
    for group in edges.chunk_by(|a, b| (a.item, a.from, a.to) == (b.item, b.from, b.to)) {
        let [first, others @ ..] = group else { continue };
        kept.push(Edge { factor: first.factor.filter(|_| others.is_empty()), ..*first });
        // the other direction would say it again
        if !others.is_empty() && first.from < first.to {
            problems.push(disagreement(group, items, units));
        }
    }
    (kept, problems)
}

fn disagreement(edges: &[Edge], items: &Names, units: &Names) -> Diagnostic {
    let Edge { item, from, to, .. } = edges[0];
    let item = if item == ANY { "any item" } else { items.get(item) };
    let (from, to) = (units.get(from), units.get(to));
    let factors: Vec<String> = edges.iter().filter_map(|edge| edge.factor).map(|f| f.to_string()).collect();
    let detail = format!("{item}: one {from} is {} {to}", factors.join(" and "));
    Diagnostic::new(&CONVERSIONS_DISAGREE, Location::default()).found(from).detail(detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Text;

    fn row(item: &str, unit: &str, to_unit: &str, factor: &str) -> UnitConversion {
        let text = |text: &str| Text::from(text);
        let factor = Fraction::parse(factor).unwrap();
        UnitConversion { item: text(item), unit: text(unit), to_unit: text(to_unit), factor }
    }

    fn build(rows: &[UnitConversion]) -> (UnitTable, Names, Vec<Diagnostic>) {
        let mut items = Names::default();
        for item in ["a", "b", "c", "d", "e", "z"] {
            items.intern(item);
        }
        let rows: Vec<_> = rows.iter().map(|row| (items.find(&row.item), row.clone())).collect();
        let (table, problems) = UnitTable::build(&rows, &items);
        (table, items, problems)
    }

    #[test]
    fn finds_the_way_with_the_fewest_general_steps() {
        let rows = [
            row("", "DZ", "EA", "12"),
            row("", "GR", "DZ", "12"),
            row("", "CA", "EA", "100"),
            row("", "BX", "EA", "6"),
            row("a", "CA", "EA", "24"),
            row("b", "CA", "BX", "10"),
            row("c", "PL", "CA", "40"),
            row("c", "CA", "IN", "5"),
            row("c", "IN", "EA", "2"),
            row("d", "EA", "M", "1/3"),
            row("e", "HU", "EA", "18446744073709551615"),
            row("e", "HV", "HU", "18446744073709551615"),
        ];
        let (table, items, problems) = build(&rows);
        assert!(problems.is_empty(), "{problems:?}");
        let no_way = "NoWay";
        for (item, from, to, expected) in [
            ("a", "EA", "EA", "1"),
            ("a", "CA", "EA", "24"),
            ("a", "EA", "CA", "1/24"),
            ("z", "CA", "EA", "100"),
            ("z", "GR", "EA", "144"),
            ("z", "EA", "GR", "1/144"),
            // both have one general step: the shorter way
            ("b", "CA", "EA", "100"),
            ("b", "CA", "BX", "10"),
            // the item's own way goes before a shorter general one
            ("c", "CA", "EA", "10"),
            ("c", "PL", "EA", "400"),
            ("c", "PL", "DZ", "100/3"),
            ("d", "DZ", "M", "4"),
            ("d", "M", "EA", "3"),
            ("a", "ca", "EA", no_way),
            ("a", "XX", "EA", no_way),
            ("a", "PL", "EA", no_way),
            ("e", "HV", "EA", "TooLarge"),
        ] {
            let found = match table.factor(items.find(item).unwrap(), from, to) {
                Ok(factor) => factor.to_string(),
                Err(failure) => format!("{failure:?}"),
            };
            assert_eq!(found, expected, "{item} {from} {to}");
        }
    }

    #[test]
    fn contradicting_rows_are_named_and_not_used() {
        let rows = [
            row("a", "CA", "EA", "12"),
            row("a", "EA", "CA", "1/10"),
            row("a", "DZ", "EA", "12"),
            row("a", "EA", "DZ", "1/12"),
            row("", "KG", "KG", "2"),
            row("", "BX", "EA", "5"),
            row("", "BX", "EA", "6"),
            row("", "CA", "EA", "24"),
        ];
        let (table, items, problems) = build(&rows);
        let details: Vec<&str> = problems.iter().map(|problem| &*problem.detail).collect();
        assert_eq!(
            details,
            ["any item: one KG is 2 KG", "a: one CA is 10 and 12 EA", "any item: one BX is 5 and 6 EA",]
        );
        for (item, from, expected) in
            [("a", "CA", None), ("a", "DZ", Some("12")), ("a", "BX", None), ("z", "CA", Some("24"))]
        {
            let found = table.factor(items.find(item).unwrap(), from, "EA").map(|factor| factor.to_string());
            assert_eq!(found.ok().as_deref(), expected, "{item} {from}");
        }
    }
}
