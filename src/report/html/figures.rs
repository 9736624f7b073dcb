//! How cells stand in a page: exact, with thousands apart, and the figures of a column with the same number of places.

use crate::markup::shown;
use crate::report::table::{Cell, Column, Kind};

/// The figures of one column, as people read them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Figures {
    places: usize,
    /// Characters of the longest text.
    pub(super) longest: usize,
    /// Whether any of them has a blank.
    pub(super) words: bool,
}

impl Figures {
    /// What shows every cell of a column exactly; an amount that has places at all has two or more.
    pub(super) fn of<'a>(cells: impl Iterator<Item = &'a Cell>) -> Self {
        let (mut places, mut longest, mut words) = (0, 0, false);
        for cell in cells {
            let plain = cell.plain();
            places = places.max(fraction(&plain).len());
            longest = longest.max(plain.chars().count());
            words |= plain.contains(char::is_whitespace);
        }
        Self { places: if places == 1 { 2 } else { places }, longest, words }
    }

    pub(super) fn text(self, cell: &Cell) -> String {
        match cell {
            Cell::Text(text) => text.to_string(),
            Cell::Percent(None) => String::new(),
            Cell::Percent(Some(_)) => grouped(&cell.plain(), 2),
            Cell::Count(_) => grouped(&cell.plain(), 0),
            Cell::Decimal(_) => grouped(&cell.plain(), self.places),
        }
    }
}

/// Words that stand in capitals.
const INITIALS: &[&str] = &["gtin", "id", "po", "upc"];

/// `lines_mapped` → `Lines mapped`, `value_pct_before` → `Value % before`, `po_number` → `PO number`.
pub(super) fn heading(column: &Column) -> String {
    let mut text = String::new();
    let unit =
        (column.kind == Kind::Percent && !column.name.split('_').any(|word| word == "pct")).then_some("pct");
    for word in column.name.split('_').chain(unit) {
        match word {
            // with the word before it, on one line
            "pct" => text += "\u{a0}%",
            word => {
                if !text.is_empty() {
                    text.push(' ');
                }
                text += &if INITIALS.contains(&word) { word.to_ascii_uppercase() } else { word.to_owned() };
            }
        }
    }
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// Text for a script's data, with the same blanks that it has between tags.
pub(super) fn printable(text: &str) -> String {
    text.chars().map(shown).collect()
}

/// `1234567.5` with 2 places → `1,234,567.50`.
pub(super) fn grouped(plain: &str, places: usize) -> String {
    let (sign, digits) = plain.strip_prefix('-').map_or(("", plain), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mut text = sign.to_owned();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if places > 0 {
        text += &format!(".{fraction:0<places$}");
    }
    text
}

fn fraction(plain: &str) -> &str {
    plain.split_once('.').map_or("", |(_, fraction)| fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_a_column_are_exact_and_have_the_same_places() {
        for (cells, expected) in [
            (
                vec![Cell::Decimal(1_234_567_500_000), Cell::Decimal(-1_000_000)],
                vec!["1,234,567.50", "-1.00"],
            ),
            (vec![Cell::Decimal(12_000_000), Cell::Decimal(0)], vec!["12", "0"]),
            (vec![Cell::Decimal(-7), Cell::Decimal(999_000_000)], vec!["-0.000007", "999.000000"]),
            (vec![Cell::Decimal(1_250_000), Cell::Decimal(125_000)], vec!["1.250", "0.125"]),
            (vec![Cell::Count(1_000), Cell::Count(100), Cell::Count(0)], vec!["1,000", "100", "0"]),
            (vec![Cell::Percent(Some(9_950)), Cell::Percent(None)], vec!["99.50", ""]),
            (vec![Cell::Percent(Some(-123_456))], vec!["-1,234.56"]),
            (vec![Cell::Text("007.5".into())], vec!["007.5"]),
            (vec![Cell::Decimal(i128::MIN)], vec!["-170,141,183,460,469,231,731,687,303,715,884.105728"]),
        ] {
            let figures = Figures::of(cells.iter());
            let texts: Vec<String> = cells.iter().map(|cell| figures.text(cell)).collect();
            assert_eq!(texts, expected);
        }
    }

    #[test]
    fn headings_are_words() {
        for (name, kind, expected) in [
            ("lines_mapped", Kind::Count, "Lines mapped"),
            ("value_pct", Kind::Percent, "Value\u{a0}%"),
            ("value_pct_before", Kind::Percent, "Value\u{a0}% before"),
            ("first_pass", Kind::Percent, "First pass\u{a0}%"),
            ("po_number", Kind::Text, "PO number"),
            ("run_id", Kind::Text, "Run ID"),
            ("", Kind::Text, ""),
        ] {
            assert_eq!(heading(&Column { name, kind }), expected);
        }
    }
}
