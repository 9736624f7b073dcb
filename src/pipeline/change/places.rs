//! Which line of the order a line of the change means.

use crate::domain::order::{ItemNumber, OrderLine};
use hashbrown::HashMap;

/// So many lines are compared for one change. Where ids or numbers are those of few lines, a change of any size stays far below.
const COMPARED_MAX: usize = 20_000_000;

/// The lines of an order by what a change may call them, so that a change of many lines is not many times the whole order.
pub(super) struct Places<'l> {
    lines: &'l [OrderLine],
    by_id: HashMap<&'l str, Vec<usize>>,
    by_number: HashMap<(&'l str, &'l str), Vec<usize>>,
    by_ship_to: HashMap<&'l str, Vec<usize>>,
    left: Option<usize>,
}

impl<'l> Places<'l> {
    pub(super) fn new(lines: &'l [OrderLine]) -> Self {
        let mut places = Self {
            lines,
            by_id: HashMap::new(),
            by_number: HashMap::new(),
            by_ship_to: HashMap::new(),
            left: Some(COMPARED_MAX),
        };
        for (place, line) in lines.iter().enumerate() {
            places.by_id.entry(line.po_line_id.as_str()).or_default().push(place);
            places.by_ship_to.entry(line.ship_to.as_str()).or_default().push(place);
            for number in &line.numbers {
                places.by_number.entry((&number.qualifier, &number.value)).or_default().push(place);
            }
        }
        places
    }

    /// The lines are so much alike that not all of the change could be looked for.
    pub(super) fn gave_up(&self) -> bool {
        self.left.is_none()
    }

    /// Places of the lines with this id, which is not empty.
    pub(super) fn with_id(&mut self, id: &str) -> Vec<usize> {
        let places = if id.is_empty() { Vec::new() } else { listed(&self.by_id, &id).to_vec() };
        self.look(places, |_| true)
    }

    /// Places in the order of the lines that `asked` may mean: by line id, and by ship-to where ids repeat; without an id by the
    /// numbers. Empty: none. A number under the same qualifier must be the same, unless `renumbered` says that it may be another.
    pub(super) fn find(&mut self, asked: &OrderLine, renumbered: bool) -> Vec<usize> {
        let id = asked.po_line_id.as_str();
        let fits = |line: &OrderLine| {
            if id.is_empty() {
                shares(&line.numbers, &asked.numbers) && agrees(line, asked)
            } else {
                line.po_line_id == id && (renumbered || agrees(line, asked))
            }
        };
        let shared =
            asked.numbers.iter().map(|number| listed(&self.by_number, &(&number.qualifier, &number.value)));
        let named = listed(&self.by_id, &id).len();
        let by_numbers = id.is_empty() || shared.clone().map(<[usize]>::len).sum::<usize>() < named;
        let numbered = || {
            let mut places: Vec<usize> = shared.clone().flatten().copied().collect();
            places.sort_unstable();
            places.dedup();
            places
        };
        if asked.split_from.is_some() {
            let to = listed(&self.by_ship_to, &asked.ship_to.as_str());
            let places = if !id.is_empty() && named < to.len() { listed(&self.by_id, &id) } else { to };
            let places = places.to_vec();
            return self.look(places, |line| line.ship_to == asked.ship_to && fits(line));
        }
        if by_numbers {
            let places = numbered();
            let found = self.look(places, fits);
            if id.is_empty() || !found.is_empty() {
                return found;
            }
        }
        let places = listed(&self.by_id, &id).to_vec();
        let found = self.look(places, fits);
        if found.len() < 2 {
            return found;
        }
        let narrowed = self.look(found.clone(), |line| shares(&line.numbers, &asked.numbers));
        if narrowed.is_empty() { found } else { narrowed }
    }

    /// Those of the places whose line fits.
    fn look(&mut self, mut places: Vec<usize>, fits: impl Fn(&OrderLine) -> bool) -> Vec<usize> {
        self.left = self.left.and_then(|left| left.checked_sub(places.len()));
        if self.left.is_none() {
            return Vec::new();
        }
        places.retain(|place| self.lines.get(*place).is_some_and(&fits));
        places
    }
}

fn listed<'p, K: std::hash::Hash + Eq>(known: &'p HashMap<K, Vec<usize>>, key: &K) -> &'p [usize] {
    known.get(key).map_or(&[], Vec::as_slice)
}

fn shares(ours: &[ItemNumber], theirs: &[ItemNumber]) -> bool {
    ours.iter().any(|number| theirs.contains(number))
}

/// No number says otherwise.
fn agrees(line: &OrderLine, asked: &OrderLine) -> bool {
    asked.numbers.iter().all(|number| {
        let mut same = line.numbers.iter().filter(|known| known.qualifier == number.qualifier).peekable();
        same.peek().is_none() || same.any(|known| known.value == number.value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(id: &str, number: &str, ship_to: &str) -> OrderLine {
        let numbers = if number.is_empty() {
            Vec::new()
        } else {
            vec![ItemNumber { qualifier: "BP".into(), value: number.into() }]
        };
        OrderLine { po_line_id: id.into(), numbers, ship_to: ship_to.into(), ..OrderLine::default() }
    }

    #[test]
    fn a_line_is_known_by_its_id_and_never_by_a_guess() {
        let order = [
            line("1", "A", ""),
            line("2", "B", ""),
            line("2", "C", ""),
            line("", "D", ""),
            line("", "D", ""),
        ];
        for (id, number, renumbered, expected) in [
            ("1", "A", false, vec![0]),
            ("1", "", false, vec![0]),
            ("1", "B", false, vec![]),
            ("1", "B", true, vec![0]),
            ("01", "A", false, vec![]),
            ("2", "C", false, vec![2]),
            ("2", "", false, vec![1, 2]),
            ("", "B", false, vec![1]),
            ("", "D", false, vec![3, 4]),
            ("", "", false, vec![]),
            ("9", "A", false, vec![]),
        ] {
            let found = Places::new(&order).find(&line(id, number, ""), renumbered);
            assert_eq!(found, expected, "{id} {number}");
        }
    }

    #[test]
    fn a_part_of_a_split_line_is_the_one_for_its_ship_to() {
        let order = [line("1", "A", "S1"), line("1", "A", "S2")];
        let part = |ship_to: &str| OrderLine { split_from: Some(5.into()), ..line("1", "A", ship_to) };
        assert_eq!(Places::new(&order).find(&part("S2"), false), [1]);
        assert_eq!(Places::new(&order).find(&part("S3"), false), [0; 0]);
    }

    #[test]
    fn lines_that_are_all_alike_are_not_compared_for_ever() {
        let order = vec![line("1", "A", ""); 10_000];
        let mut places = Places::new(&order);
        let asked = line("1", "A", "");
        assert_eq!(places.find(&asked, false).len(), 10_000);
        assert!(!places.gave_up());
        for _ in 0..10_000 {
            places.find(&asked, false);
        }
        assert!(places.gave_up());
        assert_eq!(places.find(&asked, false), [0; 0]);
    }
}
