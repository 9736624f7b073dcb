//! Bare questions to the cross-reference: many numbers of one customer at once, without dates, ranks and traces.

use crate::xref::index::{NONE, XrefIndex, key_hash, number_hash};

/// So many numbers are asked together. Each takes a look at three places that no cache has; the processor waits for
/// all of a batch at once.
const BATCH: usize = 32;

/// Where one customer's numbers are looked up; found once an order.
#[derive(Debug, Clone)]
pub struct Desk<'a> {
    index: &'a XrefIndex,
    /// The narrowest first; those in which the cross-reference has rows.
    scopes: Vec<u32>,
}

impl XrefIndex {
    /// The customer's numbers at a ship-to, which may be empty.
    pub fn desk(&self, customer: &str, ship_to: &str) -> Desk<'_> {
        let scopes = self.scopes_of(customer, ship_to).into_iter().filter_map(|(_, scope)| scope).collect();
        Desk { index: self, scopes }
    }
}

impl<'a> Desk<'a> {
    /// For each number the item of a row of the narrowest scope that has one, whatever that row's dates, unit, qualifier
    /// and status say: what a plain table would answer. [`resolve_order`](crate::xref::resolve::resolve_order) judges.
    pub fn items(&self, numbers: &[&str], into: &mut Vec<Option<&'a str>>) {
        into.clear();
        for numbers in numbers.chunks(BATCH) {
            self.batch(numbers, into);
        }
    }

    fn batch(&self, numbers: &[&str], into: &mut Vec<Option<&'a str>>) {
        let index = self.index;
        let mut hashes = [0_u64; BATCH];
        let mut rows = [NONE; BATCH];
        for (hash, number) in hashes.iter_mut().zip(numbers) {
            *hash = number_hash(&index.hasher, number);
        }
        for scope in &self.scopes {
            self.fetch(*scope, &hashes[..numbers.len()]);
            for ((row, hash), number) in rows.iter_mut().zip(&hashes).zip(numbers) {
                if *row == NONE {
                    *row = index.first_row(*scope, number, *hash);
                }
            }
        }
        let item = |row: &u32| (*row != NONE).then(|| index.item_name(index.row(*row).item));
        into.extend(rows[..numbers.len()].iter().map(item));
    }

    /// Reads what the search will read, without waiting for one number before the next: slots, then rows, then numbers.
    fn fetch(&self, scope: u32, hashes: &[u64]) {
        let rows = &self.index.rows;
        let mut places = [0_u32; BATCH];
        for (place, hash) in places.iter_mut().zip(hashes) {
            *place = self.index.by_number.guess(key_hash(scope, *hash));
        }
        for place in &mut places {
            *place = rows.list.get(*place as usize).map_or(NONE, |row| row.start);
        }
        let letters = rows.numbers.as_bytes();
        let touched = places.iter().fold(0, |all, start| all ^ letters.get(*start as usize).unwrap_or(&0));
        std::hint::black_box(touched);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::item::{Item, Masters, Xref, XrefScope};
    use crate::domain::{Date, Text};

    fn row(xref_id: i64, scope: XrefScope, number: &str, item: &str, valid_to: Option<Date>) -> Xref {
        let none = Text::default;
        Xref {
            xref_id,
            scope,
            customer_item: number.into(),
            item: item.into(),
            qualifier: none(),
            unit: none(),
            unit_factor: None,
            rank: 1,
            valid_from: None,
            valid_to,
            active: true,
            description: none(),
        }
    }

    #[test]
    fn a_desk_answers_many_numbers_at_once_from_the_narrowest_scope() {
        let customer = || XrefScope::Customer("C".into());
        let ship_to = XrefScope::ShipTo { customer: "C".into(), ship_to: "S".into() };
        let expired = Some(jiff::civil::date(2001, 1, 1));
        let mut xrefs: Vec<Xref> =
            (0..100).map(|id| row(id, customer(), &format!("N-{id}"), "A", None)).collect();
        xrefs.push(row(100, ship_to, "N-7", "B", expired));
        xrefs.push(row(101, XrefScope::Everyone, "ALL", "B", None));
        xrefs.push(row(102, XrefScope::Customer("D".into()), "THEIRS", "B", None));
        let items = ["A", "B"].map(|item| Item { item: item.into(), ..Item::default() }).into();
        let (index, problems) = XrefIndex::build(Masters { items, xrefs, ..Masters::default() }, Vec::new());
        assert!(problems.is_empty());
        let mut numbers: Vec<String> = (0..100).map(|id| format!("N-{id}")).collect();
        numbers.extend(["ALL", "THEIRS", "", "n-7"].map(String::from));
        let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
        for (ship_to, seventh) in [("S", "B"), ("", "A"), ("T", "A")] {
            let mut expected = vec![Some("A"); 100];
            expected[7] = Some(seventh);
            expected.extend([Some("B"), None, None, None]);
            let mut found = vec![Some("left from before")];
            index.desk("C", ship_to).items(&numbers, &mut found);
            assert_eq!(found, expected, "at {ship_to:?}");
        }
    }
}
