//! Where items end after supersession, and whether two rows of one number stand equal and lead to different ends: what a
//! line would find ambiguous, told before it comes.

use crate::domain::item::{Item, ItemStatus, Xref};
use crate::domain::{Date, Text};
use hashbrown::{HashMap, HashSet};

/// Where the chain of an item's successors ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemEnd<'i> {
    /// In an item that is sold: the item itself, or the last of its successors.
    Sold(&'i str),
    /// In this discontinued item without successor.
    Discontinued(&'i str),
    /// The successors go round in a circle, which has this item.
    Circle(&'i str),
    /// This item's successor is no item.
    Broken(&'i str),
    /// The item is not in the masters.
    Unknown,
}

/// What is known of the items: which there are, and what follows on which.
#[derive(Debug, Default)]
pub struct ItemEnds {
    /// None: it is sold.
    successors: HashMap<Text, Option<Text>>,
}

impl ItemEnds {
    pub fn new(items: impl IntoIterator<Item = Item>) -> Self {
        let successor =
            |item: &Item| (item.status == ItemStatus::Discontinued).then(|| item.successor.clone());
        Self { successors: items.into_iter().map(|item| (item.item.clone(), successor(&item))).collect() }
    }

    pub fn is_empty(&self) -> bool {
        self.successors.is_empty()
    }

    pub fn has(&self, item: &str) -> bool {
        self.successors.contains_key(item)
    }

    pub fn end_of<'i>(&'i self, item: &str) -> ItemEnd<'i> {
        let Some((mut at, mut next)) = self.successors.get_key_value(item) else { return ItemEnd::Unknown };
        let mut met: HashSet<&str> = HashSet::new();
        loop {
            let Some(successor) = next else { return ItemEnd::Sold(at) };
            if successor.is_empty() {
                return ItemEnd::Discontinued(at);
            }
            if !met.insert(at) {
                return ItemEnd::Circle(at);
            }
            match self.successors.get_key_value(successor.as_str()) {
                Some((item, following)) => (at, next) = (item, following),
                None => return ItemEnd::Broken(at),
            }
        }
    }

    /// Whether two rows of one scope and number would make a line ambiguous: both active, on a common day, for the same
    /// unit and qualifier, of the same rank, and to different items after supersession or with different factors.
    pub fn clash(&self, a: &Xref, b: &Xref) -> bool {
        stand_equal(a, b) && (a.unit_factor != b.unit_factor || self.differ(&a.item, &b.item))
    }

    /// Whether two rows of one scope and number say the same on a common day: one of them is too many.
    pub fn repeat(&self, a: &Xref, b: &Xref) -> bool {
        stand_equal(a, b) && a.unit_factor == b.unit_factor && !self.differ(&a.item, &b.item)
    }

    fn differ(&self, a: &str, b: &str) -> bool {
        a != b
            && match (self.end_of(a), self.end_of(b)) {
                (ItemEnd::Sold(a), ItemEnd::Sold(b)) => a != b,
                _ => true,
            }
    }
}

/// Whether both are active, on a common day, for the same unit and qualifier and of the same rank.
pub fn stand_equal(a: &Xref, b: &Xref) -> bool {
    a.active
        && b.active
        && (a.rank, &a.unit, &a.qualifier) == (b.rank, &b.unit, &b.qualifier)
        && begins_before_end(a.valid_from, b.valid_to)
        && begins_before_end(b.valid_from, a.valid_to)
}

fn begins_before_end(from: Option<Date>, to: Option<Date>) -> bool {
    from.is_none_or(|from| to.is_none_or(|to| from <= to))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::item::XrefScope;
    use crate::domain::unit::Fraction;

    fn items() -> ItemEnds {
        let item = |item: &str, successor: Option<&str>| Item {
            item: item.into(),
            status: if successor.is_some() { ItemStatus::Discontinued } else { ItemStatus::Active },
            successor: successor.unwrap_or_default().into(),
            ..Item::default()
        };
        ItemEnds::new([
            item("A", None),
            item("B", None),
            item("OLD-A", Some("A")),
            item("OLDER-A", Some("OLD-A")),
            item("GONE", Some("")),
            item("TO-GONE", Some("GONE")),
            item("X", Some("Y")),
            item("Y", Some("X")),
            item("TO-X", Some("X")),
            item("LOST", Some("nowhere")),
        ])
    }

    #[test]
    fn a_chain_ends_where_an_item_is_sold_or_says_why_it_does_not() {
        let items = items();
        for (item, end) in [
            ("A", ItemEnd::Sold("A")),
            ("OLDER-A", ItemEnd::Sold("A")),
            ("GONE", ItemEnd::Discontinued("GONE")),
            ("TO-GONE", ItemEnd::Discontinued("GONE")),
            ("X", ItemEnd::Circle("X")),
            ("TO-X", ItemEnd::Circle("X")),
            ("LOST", ItemEnd::Broken("LOST")),
            ("nowhere", ItemEnd::Unknown),
        ] {
            assert_eq!(items.end_of(item), end, "{item}");
        }
    }

    /// `item unit qualifier rank factor from..to`, `-` for none; `!` before the item: inactive.
    fn row(text: &str) -> Xref {
        let parts: Vec<&str> = text.split(' ').map(|part| if part == "-" { "" } else { part }).collect();
        let (from, to) = parts[5].split_once("..").unwrap();
        Xref {
            xref_id: 0,
            scope: XrefScope::Everyone,
            customer_item: "N".into(),
            item: parts[0].trim_start_matches('!').into(),
            qualifier: parts[2].into(),
            unit: parts[1].into(),
            unit_factor: Fraction::parse(parts[4]),
            rank: parts[3].parse().unwrap(),
            valid_from: from.parse().ok(),
            valid_to: to.parse().ok(),
            active: !parts[0].starts_with('!'),
            description: "".into(),
        }
    }

    #[test]
    fn rows_clash_if_they_stand_equal_on_a_day_and_lead_elsewhere() {
        let items = items();
        let plain = "A - - 1 - ..";
        for (a, b, clash) in [
            (plain, "B - - 1 - ..", true),
            (plain, "A - - 1 - ..", false),
            (plain, "OLDER-A - - 1 - ..", false),
            (plain, "A - - 1 12 ..", true),
            (plain, "B - - 2 - ..", false),
            (plain, "B CA - 1 - ..", false),
            (plain, "B - BP 1 - ..", false),
            (plain, "!B - - 1 - ..", false),
            ("A CA BP 1 12 ..", "B CA BP 1 12 ..", true),
            ("A - - 1 - ..2026-05-31", "B - - 1 - 2026-06-01..", false),
            ("A - - 1 - ..2026-06-01", "B - - 1 - 2026-06-01..", true),
            ("A - - 1 - 2026-01-01..2026-12-31", "B - - 1 - 2026-03-01..2026-04-01", true),
            ("GONE - - 1 - ..", "GONE - - 1 - ..", false),
            ("GONE - - 1 - ..", "TO-GONE - - 1 - ..", true),
        ] {
            assert_eq!(items.clash(&row(a), &row(b)), clash, "{a} | {b}");
            assert_eq!(items.clash(&row(b), &row(a)), clash, "{b} | {a}");
        }
    }
}
