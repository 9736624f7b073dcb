//! Serials that cannot belong to two things at one time.

use crate::domain::Date;
use crate::domain::customer_item::{CustomerItem, CustomerItemType};
use crate::domain::item::SerialTracking;
use std::collections::{BTreeMap, BTreeSet};

/// The first customer item that another one, whose key is among `new`, would contradict: of the type where its serials are
/// unique, of the item where each unit has one of its own. They are compared on every day from the first of the new one on. A
/// lot's serial is many customers'.
pub fn taken<'i>(
    items: &'i [CustomerItem],
    new: &BTreeSet<&str>,
    kind: &CustomerItemType,
    (item, tracking): (&str, SerialTracking),
    serial: &str,
) -> Option<&'i CustomerItem> {
    let alike = |other: &CustomerItem| {
        (kind.serial_unique && other.customer_item_type == kind.name)
            || (tracking == SerialTracking::Each && other.item == item)
    };
    let is_new = |other: &CustomerItem| new.contains(other.key.as_str());
    let mut mine = items.iter().filter(|mine| !serial.is_empty() && mine.serial == serial && is_new(mine));
    mine.find_map(|mine| {
        items.iter().find(|other| {
            other.serial == serial && other.key != mine.key && alike(other) && at_one_time(mine, other)
        })
    })
}

/// What is owned longer in `after` than in `before`, with another thing of its serial that is owned on the same day only because
/// of that: of its item, or of its type where `is_unique` says that serials are unique there. `before` and `after` have the
/// things of one serial; `is_lot` says whose serial is many customers'.
pub fn owned_twice<'i>(
    before: &[CustomerItem],
    after: &'i [CustomerItem],
    is_lot: impl Fn(&CustomerItem) -> bool,
    is_unique: impl Fn(&CustomerItem) -> bool,
) -> Option<(&'i CustomerItem, &'i CustomerItem)> {
    let mut was: BTreeMap<&str, Vec<&CustomerItem>> = BTreeMap::new();
    for item in before {
        was.entry(&item.key).or_default().push(item);
    }
    let was = |key: &str| was.get(key).map_or(&[][..], Vec::as_slice);
    let same =
        |old: &CustomerItem, new: &CustomerItem| (old.owned_from, old.ended) == (new.owned_from, new.ended);
    let mut changed =
        after.iter().filter(|item| !is_lot(item) && !was(&item.key).iter().any(|old| same(old, item)));
    let together_before = |one: &str, other: &str| {
        was(one).iter().any(|one| was(other).iter().any(|other| at_one_time(one, other)))
    };
    changed.find_map(|mine| {
        let mut beside = after.iter().filter(|other| {
            let one_type = other.customer_item_type == mine.customer_item_type;
            let alike = other.item == mine.item || (one_type && is_unique(mine));
            other.serial == mine.serial
                && alike
                && other.key != mine.key
                && !is_lot(other)
                && at_one_time(mine, other)
        });
        beside.find(|other| !together_before(&mine.key, &other.key)).map(|other| (mine, other))
    })
}

/// Whether both are owned on some day. On the day on which a thing ends it is its next owner's.
fn at_one_time(one: &CustomerItem, other: &CustomerItem) -> bool {
    let before = |day: Date, end: Option<Date>| end.is_none_or(|end| day < end);
    let lasts = |item: &CustomerItem| before(item.owned_from, item.ended);
    lasts(one) && lasts(other) && before(one.owned_from, other.ended) && before(other.owned_from, one.ended)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::customer_item::CustomerItemType;
    use jiff::civil::date;

    fn thing(key: &str, item: &str, from: i8, ended: Option<i8>) -> CustomerItem {
        let day = |day: i8| date(2026, 11, day);
        let event = crate::domain::customer_item::CustomerItemEvent {
            key: key.into(),
            item: item.into(),
            customer_item_type: "tool".into(),
            serial: "#1".into(),
            quantity: crate::domain::Decimal::ONE,
            date: day(from),
            ..Default::default()
        };
        let mut found = crate::ledger::state::customer_items(&[event], None).remove(0);
        found.ended = ended.map(day);
        found
    }

    #[test]
    fn what_is_added_is_compared_with_every_day_since_its_first() {
        let unique = CustomerItemType { name: "tool".into(), serial_unique: true, ..Default::default() };
        let kept = CustomerItemType { name: "tool".into(), ..Default::default() };
        let (each, multi) = (SerialTracking::Each, SerialTracking::Multi);
        for (from, until, other, other_from, other_until, kind, tracking, expected) in [
            (5, None, "SAW", 1, Some(9), &kept, each, true),
            (5, None, "SAW", 1, Some(5), &kept, each, false),
            (5, None, "SAW", 7, Some(9), &kept, each, true),
            (5, Some(7), "SAW", 7, None, &kept, each, false),
            (5, Some(8), "SAW", 7, None, &kept, each, true),
            (5, Some(5), "SAW", 1, None, &kept, each, false),
            (5, None, "DRILL", 1, None, &kept, each, false),
            (5, None, "DRILL", 1, None, &unique, each, true),
            (5, None, "SAW", 1, None, &kept, multi, false),
        ] {
            let items = [thing("new", "SAW", from, until), thing("old", other, other_from, other_until)];
            let new = BTreeSet::from(["new"]);
            let found = taken(&items, &new, kind, ("SAW", tracking), "#1").map(|other| other.key.as_str());
            assert_eq!(
                found,
                expected.then_some("old"),
                "{from} {until:?} {other} {other_from} {other_until:?}"
            );
        }
    }

    #[test]
    fn only_days_on_which_nobody_owned_it_beside_the_other_are_new() {
        let none = |_: &CustomerItem| false;
        let every = |_: &CustomerItem| true;
        let ended = [thing("a", "SAW", 1, Some(4)), thing("b", "SAW", 5, None)];
        let again = [thing("a", "SAW", 1, None), thing("b", "SAW", 5, None)];
        let found = owned_twice(&ended, &again, none, none)
            .map(|(mine, other)| (mine.key.as_str(), other.key.as_str()));
        assert_eq!(found, Some(("a", "b")));
        assert_eq!(owned_twice(&ended, &again, every, none), None, "a lot is many customers'");
        assert_eq!(owned_twice(&again, &again, none, none), None);
        let beside = [thing("a", "SAW", 1, Some(7)), thing("b", "SAW", 5, None)];
        assert_eq!(owned_twice(&beside, &again, none, none), None, "they were owned on one day before");
        let gone = [thing("a", "SAW", 1, None), thing("b", "SAW", 5, Some(5))];
        assert_eq!(owned_twice(&ended, &gone, none, none), None);
        let [saw, drill] = [thing("a", "SAW", 1, None), thing("b", "DRILL", 5, None)];
        let after = [saw, drill];
        assert_eq!(owned_twice(&ended, &after, none, none), None, "another item has serials of its own");
        assert!(owned_twice(&ended, &after, none, every).is_some(), "unless the type has each serial once");
    }
}
