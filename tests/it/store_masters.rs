//! What the store promises of the masters: whole lists in, changes recorded, every instant readable.

use itembridge::domain::item::{
    Customer, Item, ItemStatus, KitComponent, Masters, SerialTracking, UnitConversion, Xref, XrefScope,
};
use itembridge::domain::unit::Fraction;
use itembridge::domain::{Date, Decimal, Text};
use itembridge::store::sqlite::SqliteStore;
use itembridge::store::{Micros, Store, SyncCounts, Transaction};
use proptest::prelude::*;
use std::collections::BTreeMap;

pub(super) fn customer_scope(customer: &str) -> XrefScope {
    XrefScope::Customer(customer.into())
}

pub(super) fn xref(scope: XrefScope, customer_item: &str, item: &str) -> Xref {
    Xref {
        xref_id: 0,
        scope,
        customer_item: customer_item.into(),
        item: item.into(),
        qualifier: "".into(),
        unit: "".into(),
        unit_factor: None,
        rank: 1,
        valid_from: None,
        valid_to: None,
        active: true,
        description: "".into(),
    }
}

/// One row of everything that a row can say, and one that says the least.
fn full() -> Masters {
    let day = Date::constant(2026, 1, 31);
    let plain =
        Item { item: "00010".into(), description: "Bolt".into(), unit: "EA".into(), ..Item::default() };
    let rich = Item {
        item: "10-4410".into(),
        description: "Säge \"groß\"".into(),
        gtin: "036000291452".into(),
        status: ItemStatus::Discontinued,
        successor: "10-4411".into(),
        price: Some(Decimal::new(12_345_678_901, 10)),
        customer_item_type: "power-tool".into(),
        serial_tracking: SerialTracking::Multi,
        fractions: true,
        ..plain.clone()
    };
    let ship_to = XrefScope::ShipTo { customer: "A".into(), ship_to: "0007".into() };
    let rich_xref = Xref {
        qualifier: "BP".into(),
        unit: "CA".into(),
        unit_factor: Fraction::new(1, 3),
        rank: 7,
        valid_from: Some(day),
        valid_to: Some(day),
        active: false,
        description: "old".into(),
        ..xref(ship_to, "B-200", "10-4410")
    };
    Masters {
        items: vec![plain, rich],
        customers: vec![
            Customer { customer: "A".into(), name: "Acme".into(), group: "retail".into(), ledger: true },
            Customer { customer: "B".into(), ..Customer::default() },
        ],
        xrefs: vec![
            xref(XrefScope::Everyone, "X", "10-4410"),
            rich_xref,
            xref(customer_scope("B"), "B-200", "10-4410"),
            xref(XrefScope::Group("retail".into()), "G", "10-4410"),
        ],
        kits: vec![KitComponent { kit: "K".into(), component: "C".into(), quantity: Decimal::new(15, 1) }],
        conversions: vec![
            UnitConversion {
                item: "".into(),
                unit: "CA".into(),
                to_unit: "EA".into(),
                factor: Fraction::new(12, 1).unwrap(),
            },
            UnitConversion {
                item: "00010".into(),
                unit: "EA".into(),
                to_unit: "LB".into(),
                factor: Fraction::new(1, 2).unwrap(),
            },
        ],
    }
}

const NAMES: [&str; 5] = ["items", "customers", "item_xref", "item_kits", "uom"];

pub(super) fn are_kept_with_their_history(work: &mut dyn Transaction) {
    every_list_comes_back(work);
    only_changes_are_recorded(work);
    an_instant_is_seen_as_it_was(work);
    repeated_and_shared_keys_are_kept_apart(work);
}

fn every_list_comes_back(work: &mut dyn Transaction) {
    assert_eq!(work.masters(None).unwrap(), Masters::default());
    assert_eq!(work.master_digest("items").unwrap(), None);
    let rows = full();
    for (name, added) in NAMES.into_iter().zip([2, 2, 4, 1, 2]) {
        let counts = work.sync_master(name, &format!("digest of {name}"), &rows, 100).unwrap();
        assert_eq!(counts, SyncCounts { added, ..SyncCounts::default() }, "{name}");
        assert_eq!(work.master_digest(name).unwrap().unwrap(), format!("digest of {name}"));
    }
    let mut kept = work.masters(None).unwrap();
    assert_eq!(kept.xrefs.iter().map(|xref| xref.xref_id).collect::<Vec<_>>(), [1, 2, 3, 4]);
    let mut streamed = Vec::new();
    let mut take = |xref: Xref| {
        streamed.push(xref);
        Ok(())
    };
    work.each_xref(None, &mut take).unwrap();
    assert_eq!(streamed, kept.xrefs);
    kept.xrefs.iter_mut().for_each(|xref| xref.xref_id = 0);
    assert_eq!(kept, rows);
    assert!(work.sync_master("prices", "d", &rows, 100).is_err(), "no such list");
    let error =
        work.each_xref(None, &mut |xref| anyhow::bail!("enough of {}", xref.customer_item)).unwrap_err();
    assert_eq!(error.to_string(), "enough of X");
}

fn only_changes_are_recorded(work: &mut dyn Transaction) {
    let mut rows = full();
    assert_eq!(work.sync_master("item_xref", "same", &rows, 150).unwrap(), SyncCounts::default());
    assert_eq!(work.master_digest("item_xref").unwrap().unwrap(), "same");
    rows.xrefs.remove(0);
    rows.xrefs[0].active = true;
    rows.xrefs.push(xref(customer_scope("B"), "B-200", "00010"));
    rows.items.clear();
    let counts = work.sync_master("item_xref", "next", &rows, 200).unwrap();
    assert_eq!(counts, SyncCounts { added: 1, changed: 1, ended: 1, duplicates: 0 });
    let kept = work.masters(None).unwrap();
    assert_eq!(kept.items.len(), 2, "only the list that is named is looked at");
    let seen: Vec<_> =
        kept.xrefs.iter().map(|row| (row.xref_id, row.item.as_str(), row.rank, row.active)).collect();
    assert_eq!(
        seen,
        [(2, "10-4410", 7, true), (5, "00010", 1, true), (3, "10-4410", 1, true), (4, "10-4410", 1, true)]
    );
    let mut back = full();
    back.xrefs.truncate(1);
    back.xrefs.push(xref(customer_scope("B"), "B-200", "10-4410"));
    let counts = work.sync_master("item_xref", "back", &back, 300).unwrap();
    assert_eq!(counts, SyncCounts { added: 1, changed: 0, ended: 3, duplicates: 0 });
    let ids: Vec<_> = work.masters(None).unwrap().xrefs.iter().map(|row| row.xref_id).collect();
    assert_eq!(ids, [6, 3], "a row that comes back is a new row");
}

fn an_instant_is_seen_as_it_was(work: &mut dyn Transaction) {
    for (as_of, ids) in [
        (99, vec![]),
        (100, vec![1, 2, 3, 4]),
        (199, vec![1, 2, 3, 4]),
        (200, vec![2, 5, 3, 4]),
        (299, vec![2, 5, 3, 4]),
        (300, vec![6, 3]),
        (Micros::MAX, vec![6, 3]),
    ] {
        let then = work.masters(Some(as_of)).unwrap();
        assert_eq!(then.xrefs.iter().map(|row| row.xref_id).collect::<Vec<_>>(), ids, "as of {as_of}");
        assert_eq!(then.items.len(), if as_of < 100 { 0 } else { 2 }, "as of {as_of}");
        for row in then.xrefs.iter().filter(|row| row.xref_id == 2) {
            assert_eq!(row.active, as_of >= 200, "as of {as_of}");
        }
    }
    // a clock that was set back does not rewrite the past
    let mut rows = full();
    rows.items.truncate(1);
    work.sync_master("items", "fewer", &rows, 400).unwrap();
    rows.items[0].description = "Nut".into();
    assert_eq!(work.sync_master("items", "early", &rows, 50).unwrap().changed, 1);
    assert_eq!(work.masters(Some(60)).unwrap().items, []);
    assert_eq!(work.masters(Some(399)).unwrap().items, full().items);
    assert_eq!(work.masters(Some(400)).unwrap().items, rows.items);
}

fn repeated_and_shared_keys_are_kept_apart(work: &mut dyn Transaction) {
    let row = |rank| Xref { rank, ..xref(customer_scope("B"), "B-200", "10-4410") };
    let rows = Masters { xrefs: vec![row(2), row(1), row(2), row(1), row(2)], ..Masters::default() };
    let counts = work.sync_master("item_xref", "twins", &rows, 500).unwrap();
    assert_eq!(counts, SyncCounts { added: 1, changed: 1, ended: 1, duplicates: 3 });
    let kept = work.masters(None).unwrap().xrefs;
    assert_eq!(kept.iter().map(|row| (row.xref_id, row.rank)).collect::<Vec<_>>(), [(3, 2), (7, 1)]);
    let again = work.sync_master("item_xref", "twins", &rows, 600).unwrap();
    assert_eq!(again, SyncCounts { duplicates: 3, ..SyncCounts::default() });
}

#[test]
fn what_would_not_come_back_is_refused() {
    let mut store = SqliteStore::in_memory().unwrap();
    for (scope, item) in [
        (customer_scope("*"), "10"),
        (customer_scope("group:A"), "10"),
        (XrefScope::ShipTo { customer: "A".into(), ship_to: "".into() }, "10"),
        (customer_scope("A"), "1\0"),
    ] {
        let rows = Masters { xrefs: vec![xref(scope.clone(), "X", item)], ..Masters::default() };
        let mut work = store.begin().unwrap();
        let error = work.sync_master("item_xref", "d", &rows, 1).unwrap_err();
        let text = format!("{error:#}");
        assert!(
            text.starts_with("masters file item_xref: ") && text.contains(['X', '1']),
            "{scope:?}: {text}"
        );
    }
}

/// What the store should hold: key and which of its rows, to the values and the number.
type Model = BTreeMap<(Vec<Text>, usize), ((u32, bool), i64)>;

fn key_of(row: &Xref) -> Vec<Text> {
    let (customer, ship_to) = match &row.scope {
        XrefScope::Customer(customer) => (customer.to_string(), ""),
        XrefScope::ShipTo { customer, ship_to } => (customer.to_string(), ship_to.as_str()),
        XrefScope::Group(group) => (format!("group:{group}"), ""),
        XrefScope::Everyone => ("*".to_owned(), ""),
    };
    let from = row.valid_from.map_or(String::new(), |date| date.to_string());
    [&customer, row.customer_item.as_str(), ship_to, &row.item, &from].map(Text::from).to_vec()
}

/// The next state of the model, and what a sync should count.
fn step(model: &Model, rows: &[Xref], next_id: &mut i64) -> (Model, SyncCounts) {
    let mut lists: BTreeMap<Vec<Text>, Vec<(u32, bool)>> = BTreeMap::new();
    let mut counts = SyncCounts::default();
    for row in rows {
        let list = lists.entry(key_of(row)).or_default();
        if list.contains(&(row.rank, row.active)) {
            counts.duplicates += 1;
        } else {
            list.push((row.rank, row.active));
        }
    }
    let mut state = Model::new();
    for (key, list) in lists {
        for (ordinal, values) in list.into_iter().enumerate() {
            let place = (key.clone(), ordinal);
            let id = if let Some((old, id)) = model.get(&place) {
                counts.changed += u64::from(*old != values);
                *id
            } else {
                counts.added += 1;
                *next_id += 1;
                *next_id
            };
            state.insert(place, (values, id));
        }
    }
    counts.ended = model.keys().filter(|place| !state.contains_key(place)).count() as u64;
    (state, counts)
}

fn any_xref() -> impl Strategy<Value = Xref> {
    let scopes = prop_oneof![
        Just(customer_scope("A")),
        Just(customer_scope("a")),
        Just(XrefScope::ShipTo { customer: "A".into(), ship_to: "1".into() }),
        Just(XrefScope::Group("A".into())),
        Just(XrefScope::Everyone),
    ];
    let from = prop_oneof![3 => Just(None), 1 => Just(Some(Date::constant(2026, 1, 1)))];
    let number = prop_oneof![Just("1"), Just("01"), Just("É")];
    (scopes, number, prop_oneof![Just("I"), Just("J")], from, 1u32..3, any::<bool>()).prop_map(
        |(scope, customer_item, item, valid_from, rank, active)| Xref {
            valid_from,
            rank,
            active,
            ..xref(scope, customer_item, item)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_history_of_the_file_is_recorded_as_a_naive_model_has_it(
        versions in proptest::collection::vec((proptest::collection::vec(any_xref(), 0..12), -1i64..3), 1..8),
    ) {
        let mut store = SqliteStore::in_memory().unwrap();
        let mut work = store.begin().unwrap();
        let mut next_id = 0;
        let mut instants: BTreeMap<Micros, Model> = BTreeMap::from([(0, Model::new())]);
        let mut now = 10;
        for (rows, later) in versions {
            now += later;
            let (last, model) = instants.last_key_value().unwrap();
            let at = now.max(*last);
            let (state, expected) = step(model, &rows, &mut next_id);
            let rows = Masters { xrefs: rows, ..Masters::default() };
            prop_assert_eq!(work.sync_master("item_xref", "d", &rows, now).unwrap(), expected);
            instants.insert(at, state);
        }
        let current = instants.last_key_value().unwrap().1;
        prop_assert_eq!(&seen(&mut *work, None), &listed(current));
        for as_of in 0..30 {
            let then = instants.range(..=as_of).next_back().unwrap().1;
            prop_assert_eq!(&seen(&mut *work, Some(as_of)), &listed(then), "as of {}", as_of);
        }
    }
}

type Seen = Vec<(Vec<Text>, (u32, bool), i64)>;

fn listed(model: &Model) -> Seen {
    model.iter().map(|((key, _), (values, id))| (key.clone(), *values, *id)).collect()
}

fn seen(work: &mut dyn Transaction, as_of: Option<Micros>) -> Seen {
    let xrefs = work.masters(as_of).unwrap().xrefs;
    xrefs.iter().map(|row| (key_of(row), (row.rank, row.active), row.xref_id)).collect()
}
