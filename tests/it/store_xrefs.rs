//! What the store promises of imports and decisions: signed, on two clocks, found again, nothing overwritten.

use super::masters::{customer_scope, xref};
use itembridge::domain::item::{Customer, Item, Masters, Xref, XrefScope};
use itembridge::domain::{Date, Text};
use itembridge::store::sqlite::SqliteStore;
use itembridge::store::xrefs::{
    XrefChange, XrefEffect, XrefHistoryOf, XrefLookup, XrefQuery, XrefSignature, XrefSource, XrefVersion,
    change_xrefs,
};
use itembridge::store::{Micros, Store, Transaction};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn by(source: XrefSource, name: &str, now: Micros) -> XrefSignature {
    let (reason, origin) = (format!("why {name}"), format!("{name}.csv"));
    XrefSignature { source, decided_by: name.into(), reason: reason.into(), origin: origin.into(), now }
}

fn decision(now: Micros) -> XrefSignature {
    by(XrefSource::Decision, "Dora", now)
}

fn import(now: Micros) -> XrefSignature {
    by(XrefSource::Import, "Ida", now)
}

fn ranked(customer_item: &str, item: &str, rank: u32) -> Xref {
    Xref { rank, ..xref(customer_scope("A"), customer_item, item) }
}

fn sync(work: &mut dyn Transaction, xrefs: Vec<Xref>, now: Micros) {
    work.sync_master("item_xref", "d", &Masters { xrefs, ..Masters::default() }, now).unwrap();
}

fn put(work: &mut dyn Transaction, by: &XrefSignature, row: &Xref) -> XrefEffect {
    change_xrefs(work, by, &[XrefChange::Put(row.clone())]).unwrap()[0]
}

fn end(work: &mut dyn Transaction, by: &XrefSignature, row: &Xref) -> XrefEffect {
    change_xrefs(work, by, &[XrefChange::End(row.clone())]).unwrap()[0]
}

/// Number, item, rank, state and source of the rows that count.
fn shown(work: &mut dyn Transaction, as_of: Option<Micros>) -> Vec<String> {
    let mut rows = Vec::new();
    let mut take = |row: XrefVersion| {
        let Xref { customer_item, item, rank, active, .. } = &row.xref;
        rows.push(format!(
            "{customer_item} {item} {rank} {} {}",
            if *active { "on" } else { "off" },
            row.source.as_str()
        ));
        Ok(())
    };
    work.each_xref_version(as_of, &mut take).unwrap();
    let mut plain = 0;
    work.each_xref(as_of, &mut |_| {
        plain += 1;
        Ok(())
    })
    .unwrap();
    assert_eq!(plain, rows.len(), "both walks show the same rows");
    rows
}

fn store() -> SqliteStore {
    SqliteStore::in_memory().unwrap()
}

#[test]
fn a_stronger_source_covers_a_weaker_one_and_neither_undoes_the_other() {
    let mut store = store();
    let mut work = store.begin().unwrap();
    let work = &mut *work;
    let row = |rank| ranked("N", "I", rank);
    sync(work, vec![row(1)], 100);
    assert_eq!(put(work, &import(200), &row(1)), XrefEffect::Unchanged, "the masters say so already");
    assert_eq!(put(work, &import(200), &row(2)), XrefEffect::Changed);
    assert_eq!(shown(work, None), ["N I 2 on import"]);
    assert_eq!(put(work, &decision(300), &row(3)), XrefEffect::Changed);
    assert_eq!(put(work, &import(400), &row(4)), XrefEffect::Outranked);
    assert_eq!(put(work, &import(400), &row(3)), XrefEffect::Unchanged);
    sync(work, vec![row(5), row(6)], 500);
    assert_eq!(shown(work, None), ["N I 3 on decision"]);
    assert_eq!(work.xrefs_of("A", "N", "").unwrap().len(), 4, "covered rows are still there");
    // a decision that ends covers what it would uncover
    assert_eq!(end(work, &decision(600), &row(0)), XrefEffect::Ended);
    assert_eq!(shown(work, None), ["N I 2 off decision"], "what the next weaker source says is covered");
    assert_eq!(end(work, &decision(700), &row(0)), XrefEffect::Unchanged);
    assert_eq!(end(work, &import(700), &row(0)), XrefEffect::Unchanged, "it does not hold as it is");
    sync(work, vec![], 800);
    for (as_of, rows) in [
        (99, vec![]),
        (100, vec!["N I 1 on masters"]),
        (200, vec!["N I 2 on import"]),
        (300, vec!["N I 3 on decision"]),
        (599, vec!["N I 3 on decision"]),
        (600, vec!["N I 2 off decision"]),
    ] {
        assert_eq!(shown(work, Some(as_of)), rows, "as of {as_of}");
    }
}

#[test]
fn a_change_keeps_the_row_and_its_number_and_is_signed_at_both_ends() {
    let mut store = store();
    let mut work = store.begin().unwrap();
    let work = &mut *work;
    sync(work, vec![ranked("N", "I", 1), ranked("N", "J", 2)], 100);
    assert_eq!(put(work, &decision(100), &ranked("N", "I", 7)), XrefEffect::Changed);
    assert_eq!(put(work, &decision(50), &ranked("N", "K", 1)), XrefEffect::Added);
    assert_eq!(end(work, &by(XrefSource::Decision, "Emil", 900), &ranked("N", "K", 9)), XrefEffect::Ended);
    assert_eq!(end(work, &decision(950), &ranked("N", "K", 9)), XrefEffect::Unchanged);
    sync(work, vec![], 950);
    let told = |row: &XrefVersion| {
        format!(
            "{} {} {}..{} by {:?} {:?}, ended by {:?} {:?}",
            row.xref.xref_id,
            row.xref.item,
            row.recorded_from,
            row.recorded_to.map_or(String::new(), |to| to.to_string()),
            row.decided_by,
            row.reason,
            row.ended_by,
            row.end_reason
        )
    };
    let history: Vec<String> =
        work.xref_history(XrefHistoryOf::Number("N")).unwrap().iter().map(told).collect();
    assert_eq!(
        history,
        [
            r#"1 I 100..950 by "" "", ended by "" """#,
            r#"2 J 100..950 by "" "", ended by "" """#,
            // each change has an instant of its own, after the sync and after the change before it
            r#"1 I 101.. by "Dora" "why Dora", ended by "" """#,
            r#"3 K 102..900 by "Dora" "why Dora", ended by "Emil" "why Emil""#,
        ]
    );
    let of_item = work.xref_history(XrefHistoryOf::Item("K")).unwrap();
    assert_eq!(of_item.iter().map(told).collect::<Vec<_>>(), history[3..]);
    assert_eq!(work.xref_history(XrefHistoryOf::Number("n")).unwrap(), [], "a number is exact");
}

#[test]
fn a_change_without_a_name_or_a_decision_without_a_reason_is_refused() {
    let mut store = store();
    let mut work = store.begin().unwrap();
    let nameless = XrefSignature { decided_by: " ".into(), ..import(1) };
    let groundless = XrefSignature { reason: "".into(), ..decision(1) };
    let masters = by(XrefSource::Masters, "ERP", 1);
    for (signature, error) in [
        (nameless, "a change of the cross-reference needs a name"),
        (groundless, "a decision about the cross-reference needs a reason"),
        (masters, "the masters are synced, not changed here"),
    ] {
        assert_eq!(work.begin_xref_change(&signature).unwrap_err().to_string(), error);
    }
    assert!(work.begin_xref_change(&XrefSignature { reason: "".into(), ..import(1) }).is_ok());
    let row = |rank| XrefChange::Put(ranked("N", "I", rank));
    let twice = change_xrefs(&mut *work, &decision(1), &[row(1), row(1), row(2)]).unwrap_err();
    assert!(format!("{twice:#}").contains("changed before in the same change"), "{twice:#}");
    let foreign = Xref { scope: customer_scope("*"), ..ranked("N", "I", 1) };
    assert!(change_xrefs(&mut *work, &decision(2), &[XrefChange::Put(foreign)]).is_err());
}

#[test]
fn what_is_not_committed_never_was() {
    let mut store = store();
    put(&mut *store.begin().unwrap(), &import(5), &ranked("N", "I", 1));
    let mut work = store.begin().unwrap();
    assert_eq!(shown(&mut *work, None), Vec::<String>::new());
    assert_eq!(found(&mut *work, "N", XrefLookup::Exact, &[]), Vec::<String>::new());
}

/// Customer, number and item of what is found.
fn found(work: &mut dyn Transaction, text: &str, by: XrefLookup, customers: &[Text]) -> Vec<String> {
    found_by(work, &XrefQuery { text, by, customers, ship_to: None, as_of: None, limit: 9 })
}

fn found_by(work: &mut dyn Transaction, query: &XrefQuery<'_>) -> Vec<String> {
    let found = work.find_xrefs(query).unwrap();
    let told = found.rows.iter().map(|hit| {
        let item = hit.item.as_ref().map_or("no item", |item| item.item.as_str());
        let Some(row) = &hit.row else { return format!("only {item}") };
        let whose = match &row.xref.scope {
            XrefScope::ShipTo { customer, ship_to } => format!("{customer}@{ship_to}"),
            XrefScope::Customer(customer) => customer.to_string(),
            XrefScope::Group(group) => format!("group:{group}"),
            XrefScope::Everyone => "*".to_owned(),
        };
        format!("{whose} {} {item}", row.xref.customer_item)
    });
    told.chain(found.more.then(|| "more".to_owned())).collect()
}

/// Two customers, a group and everyone, with four items.
fn company(work: &mut dyn Transaction) {
    let item = |item: &str, description: &str| Item {
        item: item.into(),
        description: description.into(),
        unit: "EA".into(),
        ..Item::default()
    };
    let customer =
        |customer: &str| Customer { customer: customer.into(), name: customer.into(), ..Customer::default() };
    let row = |scope, number, item| xref(scope, number, item);
    let at = |ship_to: &str| XrefScope::ShipTo { customer: "A".into(), ship_to: ship_to.into() };
    let rows = Masters {
        items: vec![
            item("10-1", "Hex bolt M8 100% zinc"),
            item("10-2", "Hex nut M8"),
            item("20", "Washer"),
            item("B-200", "Lone one"),
        ],
        customers: vec![customer("A"), customer("B")],
        xrefs: vec![
            row(customer_scope("A"), "B-200", "10-1"),
            row(customer_scope("B"), "b200", "10-2"),
            row(at("S1"), "00B200", "20"),
            row(at("S2"), "00B200", "10-1"),
            row(XrefScope::Group("g".into()), "B-2001", "10-1"),
            Xref { description: "a wing screw".into(), ..row(XrefScope::Everyone, "000", "10-9") },
        ],
        ..Masters::default()
    };
    for name in ["items", "customers", "item_xref"] {
        work.sync_master(name, "d", &rows, 100).unwrap();
    }
}

#[test]
fn numbers_are_found_exactly_then_in_other_writings_then_by_their_beginning() {
    use XrefLookup::{Description, Exact, Prefix};
    let mut store = store();
    let mut work = store.begin().unwrap();
    let work = &mut *work;
    company(work);
    let all: &[Text] = &[];
    for (text, by, rows) in [
        (
            "B-200",
            Exact,
            &["A B-200 10-1", "A@S1 00B200 20", "A@S2 00B200 10-1", "B b200 10-2", "only B-200"][..],
        ),
        ("b200", Exact, &["B b200 10-2", "A@S1 00B200 20", "A@S2 00B200 10-1", "A B-200 10-1", "only B-200"]),
        ("b 2", Exact, &[]),
        ("10-1", Exact, &["A@S2 00B200 10-1", "A B-200 10-1", "group:g B-2001 10-1"]),
        ("101", Exact, &["A@S2 00B200 10-1", "A B-200 10-1", "group:g B-2001 10-1"]),
        ("10-9", Exact, &["* 000 no item"]),
        ("000", Exact, &["* 000 no item"]),
        ("0", Prefix, &["* 000 no item"]),
        ("b2001", Prefix, &["group:g B-2001 10-1"]),
        ("00b2", Prefix, &["A@S1 00B200 20", "A@S2 00B200 10-1"]),
        (
            "B-2",
            Prefix,
            &[
                "A@S1 00B200 20",
                "A@S2 00B200 10-1",
                "A B-200 10-1",
                "B b200 10-2",
                "group:g B-2001 10-1",
                "only B-200",
            ],
        ),
        ("hex M8", Description, &["A@S2 00B200 10-1", "A B-200 10-1", "group:g B-2001 10-1", "B b200 10-2"]),
        ("100%", Description, &["A@S2 00B200 10-1", "A B-200 10-1", "group:g B-2001 10-1"]),
        ("0%", Description, &["A@S2 00B200 10-1", "A B-200 10-1", "group:g B-2001 10-1"]),
        ("%z", Description, &[]),
        ("SCREW wing", Description, &["* 000 no item"]),
        (" ", Description, &[]),
    ] {
        assert_eq!(found(work, text, by, all), rows, "{text:?} {by:?}");
    }
    let mine: Vec<Text> = ["B", "group:g", "*"].map(Text::from).to_vec();
    assert_eq!(found(work, "b2", Prefix, &mine), ["B b200 10-2", "group:g B-2001 10-1", "only B-200"]);
    let query =
        XrefQuery { text: "b200", by: Exact, customers: all, ship_to: Some("S2"), as_of: None, limit: 2 };
    assert_eq!(found_by(work, &query), ["B b200 10-2", "A@S2 00B200 10-1", "more"]);
    assert_eq!(found_by(work, &XrefQuery { as_of: Some(99), ..query }), Vec::<String>::new());
}

#[test]
fn a_number_is_found_after_any_change_and_as_of_any_instant() {
    let mut store = store();
    let mut work = store.begin().unwrap();
    let work = &mut *work;
    company(work);
    // more than the few that are learnt one by one
    let many: Vec<XrefChange> =
        (0..20_500).map(|n| XrefChange::Put(ranked(&format!("M-{n:04}"), "10-2", 1))).collect();
    change_xrefs(work, &import(200), &many).unwrap();
    assert_eq!(found(work, "m1499", XrefLookup::Exact, &[]), ["A M-1499 10-2"]);
    let found_items = work
        .find_xrefs(&XrefQuery {
            text: "10-2",
            by: XrefLookup::Exact,
            customers: &[],
            ship_to: None,
            as_of: None,
            limit: 50_000,
        })
        .unwrap();
    assert_eq!((found_items.rows.len(), found_items.more), (20_501, false));
    end(work, &import(300), &ranked("M-0007", "10-2", 1));
    put(work, &decision(300), &ranked("M-0008", "20", 1));
    assert_eq!(found(work, "M7", XrefLookup::Exact, &[]), Vec::<String>::new());
    assert_eq!(found(work, "M-0007", XrefLookup::Exact, &[]), Vec::<String>::new());
    assert_eq!(found(work, "M-0008", XrefLookup::Exact, &[]), ["A M-0008 10-2", "A M-0008 20"]);
    let then = XrefQuery {
        text: "M-0007",
        by: XrefLookup::Exact,
        customers: &[],
        ship_to: None,
        as_of: Some(299),
        limit: 9,
    };
    assert_eq!(found_by(work, &then), ["A M-0007 10-2"]);
    assert_eq!(work.numbers_like("A", "B200", Micros::MAX).unwrap(), ["00B200", "B-200"]);
    assert_eq!(work.numbers_like("A", "B-200", Micros::MAX).unwrap(), ["00B200"]);
    assert_eq!(work.numbers_like("A", "B-200", 100).unwrap(), Vec::<Text>::new());
    assert_eq!(work.numbers_like("C", "B-200", Micros::MAX).unwrap(), Vec::<Text>::new());
}

#[test]
fn numbers_that_several_customers_have_are_walked_with_their_rows() {
    let mut store = store();
    let mut work = store.begin().unwrap();
    let work = &mut *work;
    company(work);
    change_xrefs(
        work,
        &decision(200),
        &[
            XrefChange::Put(Xref { scope: customer_scope("B"), ..ranked("B-200", "20", 1) }),
            XrefChange::Put(ranked("only-one", "20", 1)),
        ],
    )
    .unwrap();
    let mut seen = Vec::new();
    work.each_shared_number(&mut |number, rows| {
        seen.push(format!(
            "{number}: {}",
            rows.iter().map(|row| row.xref.item.as_str()).collect::<Vec<_>>().join(" ")
        ));
        Ok(())
    })
    .unwrap();
    assert_eq!(seen, ["B-200: 10-1 20"]);
}

#[test]
fn orders_are_walked_from_a_day_on() {
    let mut store = store();
    let mut work = store.begin().unwrap();
    work.start_run(super::DAY, 1).unwrap();
    for (id, day) in [("O-1", 1), ("O-3", 3), ("O-2", 2)] {
        work.add_order(&super::order(id, "A", Date::constant(2026, 3, day))).unwrap();
    }
    let mut seen = Vec::new();
    work.each_order(Date::constant(2026, 3, 2), &mut |order| {
        seen.push(order.order_id.to_string());
        Ok(())
    })
    .unwrap();
    assert_eq!(seen, ["O-2", "O-3"]);
    let error = work.each_order(super::DAY, &mut |_| anyhow::bail!("enough")).unwrap_err();
    assert_eq!(error.to_string(), "enough");
}

#[test]
fn a_store_of_version_1_is_brought_up_to_date_with_all_it_knows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let old = rusqlite::Connection::open(&path).unwrap();
    old.execute_batch(include_str!("../../src/store/sqlite/schema.sql")).unwrap();
    old.execute_batch(
        "PRAGMA user_version = 1;
         INSERT INTO item VALUES ('10-1', 'masters', 0, 5, NULL, 'Bolt', 'EA', '', 'active', '', '', '', 'none');
         INSERT INTO master_file VALUES ('item_xref', 'd', 7);
         INSERT INTO item_xref (customer, customer_item, ship_to, qualifier, unit, item, valid_from, source, ordinal,
             recorded_from, recorded_to, valid_to, unit_factor, rank, active, description, xref_id)
         VALUES ('A', 'B-200', '', '', '', '10-1', '', 'masters', 0, 5, 7, '', '', 1, 1, '', 3),
             ('A', 'B-200', '', '', '', '10-1', '', 'masters', 0, 7, NULL, '', '', 2, 1, 'kept', 3);",
    )
    .unwrap();
    drop(old);
    let mut store = SqliteStore::open(&path).unwrap();
    let mut work = store.begin().unwrap();
    assert_eq!(shown(&mut *work, Some(6)), ["B-200 10-1 1 on masters"]);
    assert_eq!(shown(&mut *work, None), ["B-200 10-1 2 on masters"]);
    assert_eq!(found(&mut *work, "b200", XrefLookup::Exact, &[]), ["A B-200 10-1"]);
    assert_eq!(found(&mut *work, "101", XrefLookup::Exact, &[]), ["A B-200 10-1"]);
    work.learn_numbers().unwrap();
    assert_eq!(found(&mut *work, "ept", XrefLookup::Description, &[]), ["A B-200 10-1"]);
    assert_eq!(put(&mut *work, &import(1), &ranked("B-200", "10-1", 9)), XrefEffect::Changed);
    work.commit().unwrap();
    let view = rusqlite::Connection::open(&path).unwrap();
    let seen: Vec<(i64, String)> = view
        .prepare("SELECT rank, source FROM current_item_xref")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(seen, [(9, "import".to_owned())], "the view shows what counts");
}

/// What a naive model says: of each key the row of each source.
type Model = BTreeMap<(String, String), BTreeMap<XrefSource, (u32, bool)>>;

fn listed(model: &Model) -> Vec<String> {
    let best =
        model.iter().filter_map(|(key, rows)| rows.first_key_value().map(|(source, row)| (key, source, row)));
    best.map(|((number, item), source, (rank, active))| {
        format!("{number} {item} {rank} {} {}", if *active { "on" } else { "off" }, source.as_str())
    })
    .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_history_of_changes_is_seen_at_every_instant_as_a_naive_model_has_it(
        steps in proptest::collection::vec((0..3usize, "[NM]", "[IJ]", 1u32..3, any::<bool>()), 1..24),
    ) {
        let mut store = SqliteStore::in_memory().unwrap();
        let mut work = store.begin().unwrap();
        let mut model = Model::new();
        let mut instants = Vec::new();
        for (at, (source, number, item, rank, puts)) in (1i64..).zip(steps) {
            let (source, now) = (XrefSource::ALL[source], at * 10);
            let key = (number.clone(), item.clone());
            let row = ranked(&number, &item, rank);
            if source == XrefSource::Masters {
                // the masters have no more than this row now
                for rows in model.values_mut() {
                    rows.remove(&source);
                }
                model.entry(key).or_default().insert(source, (rank, true));
                sync(&mut *work, vec![row], now);
            } else {
                let rows = model.entry(key).or_default();
                let best = rows.first_key_value().map(|(source, row)| (*source, *row));
                let weaker = rows.iter().find(|(other, _)| **other > source).map(|(_, row)| *row);
                if puts {
                    let outranked = best.is_some_and(|(other, _)| other < source);
                    if !outranked && best.map(|(_, row)| row) != Some((rank, true)) {
                        rows.insert(source, (rank, true));
                    }
                    put(&mut *work, &by(source, "P", now), &row);
                } else {
                    match (best, weaker) {
                        (Some((other, _)), _) if other < source => {}
                        (Some((other, (_, false))), Some(_)) if other == source => {}
                        (Some(_), Some((rank, _))) => { rows.insert(source, (rank, false)); }
                        _ => { rows.remove(&source); }
                    }
                    end(&mut *work, &by(source, "E", now), &row);
                }
            }
            instants.push((now, listed(&model)));
        }
        for (now, rows) in instants {
            prop_assert_eq!(shown(&mut *work, Some(now + 5)), rows, "as of {}", now);
        }
        prop_assert_eq!(shown(&mut *work, None), shown(&mut *work, Some(Micros::MAX)));
    }
}

#[test]
fn a_sync_of_very_many_leaves_their_numbers_to_the_first_who_asks() {
    let mut store = store();
    let mut work = store.begin().unwrap();
    let work = &mut *work;
    company(work);
    let masters = (0..20_500).map(|n| ranked(&format!("S-{n:05}"), "20", 1)).collect();
    sync(work, masters, 250);
    assert!(work.has_numbers_to_learn().unwrap());
    let early =
        XrefQuery { text: "S", by: XrefLookup::Exact, customers: &[], ship_to: None, as_of: None, limit: 9 };
    assert!(work.find_xrefs(&early).is_err(), "nothing is found incompletely without a word");
    assert!(work.xref_history(XrefHistoryOf::Number("S-00001")).is_err());
    assert!(work.numbers_like("A", "S-1", Micros::MAX).is_err());
    assert!(work.each_shared_number(&mut |_, _| Ok(())).is_err());
    work.learn_numbers().unwrap();
    assert!(!work.has_numbers_to_learn().unwrap());
    assert_eq!(found(work, "s20499", XrefLookup::Exact, &[]), ["A S-20499 20"]);
    sync(work, vec![ranked("T-1", "20", 1)], 300);
    assert!(!work.has_numbers_to_learn().unwrap(), "few are learnt at once");
    assert_eq!(found(work, "t1", XrefLookup::Exact, &[]), ["A T-1 20"]);
}
