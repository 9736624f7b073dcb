//! Supersession: where the chain of a discontinued item's successors ends.

use crate::domain::catalog::Catalog;
use crate::domain::diagnostic::{Diagnostic, Location};
use crate::domain::item::ItemStatus;
use crate::domain::rules::business::SUCCESSION_BROKEN;
use crate::xref::names::{Names, id_of};

/// Where an item leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct End {
    /// The item itself, or the last of its successors.
    pub item: u32,
    /// Whether that item is sold; false where the chain ends in a discontinued item.
    pub current: bool,
}

/// The end of every item, by its id. An item of a circle ends at itself, not current.
pub(super) fn ends(catalog: &Catalog, items: &Names) -> (Vec<End>, Vec<Diagnostic>) {
    let mut problems = Vec::new();
    let next: Vec<Next> = items.ids().map(|id| next_of(catalog, items, id, &mut problems)).collect();
    let mut ends: Vec<Option<End>> = vec![None; next.len()];
    // the walk in which an item was last met; 0: in none yet
    let mut met: Vec<u32> = vec![0; next.len()];
    let mut path: Vec<u32> = Vec::new();
    for start in items.ids() {
        let walk = id_of(start as usize + 1);
        let mut at = start;
        path.clear();
        let end = loop {
            if let Some(known) = ends[at as usize] {
                break known;
            }
            if met[at as usize] == walk {
                let first = path.iter().position(|item| *item == at).unwrap_or(0);
                problems.push(circle(items, &path[first..]));
                for item in path.drain(first..) {
                    ends[item as usize] = Some(End { item, current: false });
                }
                break End { item: at, current: false };
            }
            met[at as usize] = walk;
            path.push(at);
            match next[at as usize] {
                Next::Item(item) => at = item,
                Next::End { current } => break End { item: at, current },
            }
        };
        for item in &path {
            ends[*item as usize] = Some(end);
        }
    }
    let unknown = End { item: u32::MAX, current: false };
    (ends.into_iter().map(|end| end.unwrap_or(unknown)).collect(), problems)
}

#[derive(Debug, Clone, Copy)]
enum Next {
    Item(u32),
    End { current: bool },
}

fn next_of(catalog: &Catalog, items: &Names, id: u32, problems: &mut Vec<Diagnostic>) -> Next {
    let Some(item) = catalog.item(items.get(id)) else { return Next::End { current: false } };
    if item.status == ItemStatus::Active {
        return Next::End { current: true };
    }
    if item.successor.is_empty() {
        return Next::End { current: false };
    }
    if catalog.item(&item.successor).is_some()
        && let Some(successor) = items.find(&item.successor)
    {
        return Next::Item(successor);
    }
    problems.push(
        Diagnostic::new(&SUCCESSION_BROKEN, Location::default())
            .found(&item.item)
            .detail(format!("the successor {} of {} is no item", item.successor, item.item)),
    );
    Next::End { current: false }
}

/// Names the circle from its smallest item on, whichever item the walk came in by.
fn circle(items: &Names, path: &[u32]) -> Diagnostic {
    let mut names: Vec<&str> = path.iter().map(|item| items.get(*item)).collect();
    let smallest = (0..names.len()).min_by_key(|at| names[*at]).unwrap_or(0);
    names.rotate_left(smallest);
    let first = names.first().copied().unwrap_or_default();
    Diagnostic::new(&SUCCESSION_BROKEN, Location::default())
        .found(first)
        .detail(format!("{} > {first}", names.join(" > ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::item::Item;
    use expect_test::expect;

    #[test]
    fn chains_end_where_an_item_is_sold_and_circles_are_named() {
        use ItemStatus::{Active, Discontinued};
        let mut catalog = Catalog::default();
        let mut items = Names::default();
        for (item, status, successor) in [
            ("into-circle", Discontinued, "z"),
            ("a", Discontinued, "b"),
            ("b", Discontinued, "c"),
            ("c", Active, "ignored"),
            ("dead", Discontinued, ""),
            ("to-dead", Discontinued, "dead"),
            ("lost", Discontinued, "nowhere"),
            ("z", Discontinued, "x"),
            ("x", Discontinued, "y"),
            ("y", Discontinued, "z"),
            ("self", Discontinued, "self"),
        ] {
            items.intern(item);
            catalog.add_item(Item {
                item: item.into(),
                status,
                successor: successor.into(),
                ..Item::default()
            });
        }
        items.intern("unknown");
        let (ends, problems) = ends(&catalog, &items);
        let mut shown = String::new();
        for (id, end) in items.ids().zip(&ends) {
            let state = if end.current { "sold" } else { "ends" };
            shown.push_str(&format!("{} > {} {state}\n", items.get(id), items.get(end.item)));
        }
        for problem in problems {
            shown.push_str(&format!("{} {}\n", problem.found, problem.detail));
        }
        expect![[r#"
            into-circle > z ends
            a > c sold
            b > c sold
            c > c sold
            dead > dead ends
            to-dead > dead ends
            lost > lost ends
            z > z ends
            x > x ends
            y > y ends
            self > self ends
            unknown > unknown ends
            lost the successor nowhere of lost is no item
            x x > y > z > x
            self self > self
        "#]]
        .assert_eq(&shown);
    }
}
