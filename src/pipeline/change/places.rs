//! Which line of the order a line of the change means.

use crate::domain::order::{ItemNumber, OrderLine};

/// Places in the order of the lines that `asked` may mean: by line id, and by ship-to where ids repeat; without an id by the
/// numbers. Empty: none. A number under the same qualifier must be the same, unless `renumbered` says that it may be another.
pub(super) fn find(lines: &[OrderLine], asked: &OrderLine, renumbered: bool) -> Vec<usize> {
    let by = |fits: &dyn Fn(&OrderLine) -> bool| -> Vec<usize> {
        lines.iter().enumerate().filter(|(_, line)| fits(line)).map(|(place, _)| place).collect()
    };
    let narrowed = |places: Vec<usize>, fits: &dyn Fn(&OrderLine) -> bool| {
        let fewer: Vec<usize> =
            places.iter().copied().filter(|place| lines.get(*place).is_some_and(fits)).collect();
        if fewer.is_empty() { places } else { fewer }
    };
    let places = if asked.po_line_id.is_empty() {
        by(&|line| shares(&line.numbers, &asked.numbers) && agrees(line, asked))
    } else {
        by(&|line| line.po_line_id == asked.po_line_id && (renumbered || agrees(line, asked)))
    };
    if asked.split_from.is_some() {
        return by(&|line| line.ship_to == asked.ship_to)
            .into_iter()
            .filter(|place| places.contains(place))
            .collect();
    }
    if places.len() < 2 {
        return places;
    }
    narrowed(places, &|line| shares(&line.numbers, &asked.numbers))
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
            assert_eq!(find(&order, &line(id, number, ""), renumbered), expected, "{id} {number}");
        }
    }

    #[test]
    fn a_part_of_a_split_line_is_the_one_for_its_ship_to() {
        let order = [line("1", "A", "S1"), line("1", "A", "S2")];
        let part = |ship_to: &str| OrderLine { split_from: Some(5.into()), ..line("1", "A", ship_to) };
        assert_eq!(find(&order, &part("S2"), false), [1]);
        assert_eq!(find(&order, &part("S3"), false), [0; 0]);
    }
}
