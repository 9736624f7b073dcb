//! Promises about descriptions: found by any part of their words, at any instant, however they came.

use super::masters::{customer_scope, xref};
use itembridge::domain::Text;
use itembridge::domain::item::{Item, Masters, Xref, XrefScope};
use itembridge::store::sqlite::SqliteStore;
use itembridge::store::xrefs::{XrefChange, XrefLookup, XrefQuery, XrefSignature, XrefSource, change_xrefs};
use itembridge::store::{Micros, Store, Transaction};
use proptest::prelude::*;

fn row(number: &str, description: &str) -> Xref {
    Xref { description: description.into(), ..xref(customer_scope("A"), number, "10") }
}

fn item(item: &str, description: &str) -> Item {
    Item { item: item.into(), description: description.into(), unit: "EA".into(), ..Item::default() }
}

fn sync(work: &mut dyn Transaction, items: Vec<Item>, xrefs: Vec<Xref>, now: Micros) {
    let masters = Masters { items, xrefs, ..Masters::default() };
    for name in ["items", "item_xref"] {
        work.sync_master(name, "d", &masters, now).unwrap();
    }
}

fn import(work: &mut dyn Transaction, row: Xref, now: Micros) {
    let by = XrefSignature {
        source: XrefSource::Import,
        decided_by: "Ida".into(),
        reason: "".into(),
        origin: "".into(),
        now,
    };
    change_xrefs(work, &by, &[XrefChange::Put(row)]).unwrap();
}

/// The numbers, theirs or else ours, whose descriptions have the words.
fn found(work: &mut dyn Transaction, text: &str, customers: &[Text], as_of: Option<Micros>) -> Vec<String> {
    let by = XrefLookup::Description;
    let query = XrefQuery { text, by, customers, ship_to: None, as_of, limit: 100_000 };
    let found = work.find_xrefs(&query).unwrap();
    let told = found.rows.into_iter().map(|hit| match (hit.row, hit.item) {
        (Some(row), _) => format!("{} {}", row.source.as_str(), row.xref.customer_item),
        (None, item) => format!("item {}", item.unwrap().item),
    });
    told.collect()
}

#[test]
fn a_description_is_found_as_it_was_at_each_instant() {
    let mut store = SqliteStore::in_memory().unwrap();
    let mut work = store.begin().unwrap();
    let work = &mut *work;
    let bolts = || vec![item("10", ""), item("20", "Sechskantmutter M8")];
    sync(work, bolts(), vec![row("N-1", "a wing screw"), row("N-2", "")], 100);
    import(work, row("N-2", "another screw"), 200);
    // the import covers the masters' row, and says no screw
    import(work, row("N-1", "a wing nut"), 300);
    sync(work, vec![item("20", "Sechskantmutter M8, verzinkt")], vec![row("N-1", "a wing bolt")], 400);
    for (text, as_of, numbers) in [
        ("screw", None, &["import N-2"][..]),
        ("screw", Some(300), &["import N-2"]),
        ("screw", Some(250), &["masters N-1", "import N-2"]),
        ("screw", Some(150), &["masters N-1"]),
        ("screw", Some(99), &[]),
        ("WING", None, &["import N-1"]),
        ("bolt", None, &[]),
        ("mutter", None, &["item 20"]),
        ("kantmutter m8 zink", None, &["item 20"]),
        ("mutter verzinkt", Some(300), &[]),
        ("mutter,", None, &[]),
        ("m8,", None, &["item 20"]),
        ("8, v", None, &["item 20"]),
        ("", None, &[]),
    ] {
        assert_eq!(found(work, text, &[], as_of), numbers, "{text:?} {as_of:?}");
    }
    assert_eq!(found(work, "screw", &["B".into()], None), [""; 0]);
    assert_eq!(found(work, "screw", &["B".into(), "A".into()], None), ["import N-2"]);
}

#[test]
fn the_rows_of_one_column_customer_are_those_of_the_whole_walk() {
    let mut store = SqliteStore::in_memory().unwrap();
    let mut work = store.begin().unwrap();
    let work = &mut *work;
    let at = |scope, number: &str| xref(scope, number, "10");
    let ship_to = XrefScope::ShipTo { customer: "A".into(), ship_to: "S1".into() };
    let rows = vec![
        at(XrefScope::Everyone, "N"),
        at(customer_scope("A"), "N"),
        at(ship_to, "N"),
        at(customer_scope("AB"), "N"),
        at(XrefScope::Group("A".into()), "N"),
    ];
    sync(work, vec![item("10", "")], rows, 100);
    import(work, Xref { rank: 5, ..at(customer_scope("A"), "N") }, 200);
    for as_of in [None, Some(150), Some(99)] {
        let mut all = Vec::new();
        work.each_xref(as_of, &mut |row| {
            all.push(row);
            Ok(())
        })
        .unwrap();
        assert_eq!(all.len(), if as_of == Some(99) { 0 } else { 5 });
        let mut parts = Vec::new();
        for customer in ["*", "A", "AB", "B", "group:A"] {
            work.each_xref_of(customer, as_of, &mut |row| {
                assert_eq!(row.scope.columns().0, customer);
                parts.push(row);
                Ok(())
            })
            .unwrap();
        }
        assert_eq!(parts, all, "covered rows are left out of both");
    }
}

#[test]
fn descriptions_of_very_many_rows_are_left_to_the_first_who_asks() {
    let mut store = SqliteStore::in_memory().unwrap();
    let mut work = store.begin().unwrap();
    let work = &mut *work;
    let rows: Vec<Xref> = (0..20_500).map(|n| row(&format!("S-{n:05}"), &format!("bolt no{n}"))).collect();
    let items: Vec<Item> = (0..20_500).map(|n| item(&format!("I-{n:05}"), &format!("nut no{n}"))).collect();
    sync(work, items, rows.clone(), 100);
    assert!(work.has_numbers_to_learn().unwrap());
    let early = XrefQuery {
        text: "no77",
        by: XrefLookup::Description,
        customers: &[],
        ship_to: None,
        as_of: None,
        limit: 9,
    };
    assert!(work.find_xrefs(&early).is_err(), "nothing is found incompletely without a word");
    work.learn_numbers().unwrap();
    assert!(!work.has_numbers_to_learn().unwrap());
    assert_eq!(found(work, "no2049 lt", &[], None)[..2], ["masters S-02049", "masters S-20490"]);
    assert_eq!(found(work, "no20499", &[], None), ["item I-20499", "masters S-20499"]);
    // the next day all are changed, and few of them say something else
    let changed = |row: &Xref| Xref { rank: 2, ..row.clone() };
    let mut next: Vec<Xref> = rows.iter().map(changed).collect();
    next[7].description = "screw".into();
    sync(work, vec![item("I-1", "nut")], next, 200);
    work.learn_numbers().unwrap();
    assert_eq!(found(work, "screw", &[], None), ["masters S-00007"]);
    assert_eq!(found(work, "bolt no7", &["A".into()], None)[0], "masters S-00070");
    assert_eq!(found(work, "bolt no7", &["A".into()], Some(150))[0], "masters S-00007");
}

/// What a description search means, without an index: every word is a part of the text, small and capital letters of ASCII
/// the same.
fn says(description: &str, words: &str) -> bool {
    let text = description.to_ascii_lowercase();
    words.split_whitespace().all(|word| text.contains(&word.to_ascii_lowercase()))
}

fn text() -> impl Strategy<Value = String> {
    let letter = prop_oneof![
        8 => prop::sample::select(vec!["a", "b", "A", "1", "2"]),
        4 => prop::sample::select(vec![" ", " ", "-", ".", "/", "\"", "%", "_", "'", "*", "\\", "^", ":"]),
        1 => prop::sample::select(vec!["ü", "Ü", "ß", "é", "e\u{301}", "ж", "漢", "½", "\u{a0}", "İ"]),
    ];
    prop::collection::vec(letter, 0..9).prop_map(|letters| letters.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn any_words_find_what_reading_every_description_would(
        texts in prop::collection::vec(text(), 1..30),
        ours in prop::collection::vec(text(), 1..10),
        asked in prop::collection::vec(text(), 1..12),
    ) {
        let mut store = SqliteStore::in_memory().unwrap();
        let mut work = store.begin().unwrap();
        let rows: Vec<Xref> = (0..).zip(&texts).map(|(n, text)| row(&format!("N-{n:02}"), text)).collect();
        let items: Vec<Item> = (0..).zip(&ours).map(|(n, text)| item(&format!("I-{n:02}"), text)).collect();
        sync(&mut *work, items.clone(), rows.clone(), 100);
        for words in asked.iter().map(String::as_str).chain(texts.iter().map(String::as_str)) {
            if words.trim().is_empty() {
                continue;
            }
            let items = items.iter().filter(|item| says(&item.description, words));
            let rows = rows.iter().filter(|row| says(&row.description, words));
            let expected: Vec<String> = items
                .map(|item| format!("item {}", item.item))
                .chain(rows.map(|row| format!("masters {}", row.customer_item)))
                .collect();
            prop_assert_eq!(found(&mut *work, words, &[], None), expected, "{:?}", words);
        }
    }
}
