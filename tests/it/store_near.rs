//! What the store promises of the rows that may say what an unknown number means.

use super::masters::{customer_scope, xref};
use itembridge::domain::item::{Masters, Xref, XrefScope};
use itembridge::store::sqlite::SqliteStore;
use itembridge::store::xrefs::{XrefChange, XrefSignature, XrefSource, change_xrefs};
use itembridge::store::{Store, Transaction};

fn shown(row: &Xref) -> String {
    let (customer, ship_to) = row.scope.columns();
    format!("{customer}{ship_to} {} {}", row.customer_item, row.item)
}

fn of(work: &mut dyn Transaction, customers: &[&str]) -> Vec<String> {
    let mut rows = Vec::new();
    let mut take = |row: Xref| {
        rows.push(shown(&row));
        Ok(())
    };
    for customer in customers {
        work.each_xref_of(customer, None, &mut take).unwrap();
    }
    rows
}

fn like(work: &mut dyn Transaction, number: &str, limit: usize) -> Vec<String> {
    work.xrefs_like(number, limit).unwrap().iter().map(shown).collect()
}

#[test]
fn rows_that_count_are_found_by_customer_and_by_number_in_any_writing() {
    let mut store = SqliteStore::in_memory().unwrap();
    let mut work = store.begin().unwrap();
    let at = XrefScope::ShipTo { customer: "A".into(), ship_to: "@S".into() };
    let xrefs = vec![
        xref(customer_scope("A"), "B-200", "10-1"),
        xref(at, "b200", "10-2"),
        xref(customer_scope("B"), "00B.200", "10-3"),
        xref(customer_scope("C"), "B200", "10-4"),
        xref(XrefScope::Group("g".into()), "G-1", "10-5"),
        xref(customer_scope("C"), "--", "10-6"),
        xref(customer_scope("C"), "0", "10-7"),
    ];
    work.sync_master("item_xref", "d", &Masters { xrefs, ..Masters::default() }, 10).unwrap();
    assert_eq!(
        of(&mut *work, &["A", "group:g", "nobody"]),
        ["A B-200 10-1", "A@S b200 10-2", "group:g G-1 10-5"]
    );
    let all = ["C B200 10-4", "A B-200 10-1", "A@S b200 10-2", "B 00B.200 10-3"];
    for (number, limit, found) in [
        ("B200", 9, &all[..]),
        ("B200", 2, &all[..2]),
        ("b-200", 1, &["A B-200 10-1"]),
        ("B201", 9, &[]),
        // of numbers of which nothing is left each is alone
        ("--", 9, &["C -- 10-6"]),
        ("", 9, &[]),
    ] {
        assert_eq!(like(&mut *work, number, limit), found, "{number}");
    }
    // a row of the masters that a decision covers, and one that it ends
    let by = XrefSignature {
        source: XrefSource::Decision,
        decided_by: "Dora".into(),
        reason: "why".into(),
        origin: "it".into(),
        now: 20,
    };
    let changes = [
        XrefChange::Put(Xref { rank: 7, ..xref(customer_scope("C"), "B200", "10-4") }),
        XrefChange::End(xref(customer_scope("B"), "00B.200", "10-3")),
    ];
    change_xrefs(&mut *work, &by, &changes).unwrap();
    let ranks: Vec<(u32, bool)> =
        work.xrefs_like("B200", 9).unwrap().iter().map(|row| (row.rank, row.active)).collect();
    assert_eq!(ranks, [(7, true), (1, true), (1, true), (1, false)]);
    assert_eq!(of(&mut *work, &["B"]), ["B 00B.200 10-3"], "the row that covers it is inactive");
    let failed = work.each_xref_of("A", None, &mut |_| anyhow::bail!("enough"));
    assert_eq!(failed.unwrap_err().to_string(), "enough");
}
