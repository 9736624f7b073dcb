//! The proof again where orders were changed: quiet after every kind of change, and still exact about a changed order.

use crate::changes::{APPLIED, LESS, change, decide, drop_in, on, site};
use crate::kept::asked;
use crate::nights::{files, night, order, run, summary, write};
use crate::verified::{edit, is_clean, proof, sql, told};
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::Path;

/// An order of three units that an SDQ splits into two stores, and a line of one.
fn split(control: u32, po_number: &str) -> String {
    order(control, po_number, "00", 3)
        .replace("CTT*1~\nSE*5", "SDQ*EA*92*0001*2*0002*1~\nPO1*2*1*EA*1.5**BP*A-1~\nCTT*2~\nSE*7")
}

/// Nights with every kind of change; each is proved at once.
fn changed() -> tempfile::TempDir {
    let site = site(APPLIED);
    let at = site.path();
    // an order and two changes of it in one file: one of a line, one that adds a line
    let add = "2*AI*4**EA*1.5**BP*A-1";
    let both = [
        order(1, "P-1", "00", 5),
        change(2, "04*SA*P-1**1*20261119", LESS),
        change(3, "04*SA*P-1**2*20261119", &[add]),
        order(4, "P-2", "00", 7),
    ];
    drop_in(at, "1.edi", &both.concat());
    drop_in(at, "2.edi", &split(5, "P-3"));
    drop_in(at, "3.edi", &order(6, "P-4", "00", 8));
    // one that waits for its item
    drop_in(at, "4.edi", &order(7, "P-5", "00", 9).replace("A-1", "A-99"));
    assert_eq!(night(at, &[]), 1);
    let first = summary(at, "20261120-001");
    assert_eq!(
        (&first["changes"], &first["lines"]["changes"]),
        (&json!({"applied": 2}), &json!(2)),
        "{first:#}"
    );
    is_clean(at);

    // known already, cancelled, held; an order that comes again, and one that comes changed
    drop_in(at, "1.edi", &change(12, "04*SA*P-1**1*20261119", LESS));
    drop_in(at, "2.edi", &change(13, "01*SA*P-2***20261119", &[]));
    drop_in(at, "3.edi", &change(14, "04*SA*P-99**1*20261119", LESS));
    drop_in(at, "5.edi", &split(16, "P-3"));
    drop_in(at, "6.edi", &order(17, "P-4", "00", 80));
    drop_in(at, "7.edi", &order(18, "P-6", "00", 1).replace("ST*850*0001", "ST*850*0001~\nXXX*1"));
    assert_eq!(on(at, "2026-11-21"), 1);
    let second = summary(at, "20261121-001");
    assert_eq!(second["changes"], json!({"applied": 1, "held": 2}), "{second:#}");
    assert_eq!(second["orders"]["duplicate"], 2, "{second:#}");
    for fate in ["duplicate", "changes"] {
        assert_ne!(second["quantities"][fate], "0", "{fate}: {second:#}");
    }
    is_clean(at);

    // what a person applies, and lines that were released after a change of their order
    assert_eq!(decide(at, "duplicate_order", "apply")["changes"], 1);
    assert_eq!(decide(at, "order_change", "reject")["changes"], 1);
    write(at, "masters/item_xref.csv", b"customer,customer_item,item\nACME,A-1,10-1\nACME,A-99,10-1\n");
    assert!(on(at, "2026-11-22") < 2);
    let third = summary(at, "20261122-001");
    assert_eq!(third["changes"], json!({"applied": 1, "rejected": 1}), "{third:#}");
    assert_eq!(third["released"]["ordered"], 1, "{third:#}");
    is_clean(at);

    // a change of what was changed before
    drop_in(at, "2.edi", &change(23, "04*SA*P-1**3*20261119", &["1*DI***EA***BP*A-1"]));
    assert!(on(at, "2026-11-23") < 2);
    site
}

#[test]
fn a_site_is_clean_after_nights_with_changes_of_every_kind() {
    let site = changed();
    let report = summary(site.path(), "20261123-001");
    assert_eq!(report["changes"]["applied"], 1, "{report:#}");
    let proof = is_clean(site.path());
    assert_eq!(proof["runs"], 4);
    // a replay holds a document against what was made of it when it came
    let replay = asked(site.path(), &["replay", "20261120-001"]);
    let held = json!({"unmapped held -> mapped ordered": 1});
    assert_eq!(replay["changes"], held, "{replay:#}");
    // without the facts the oldest version of an order says how it came
    std::fs::remove_dir_all(site.path().join("facts/order_lines/date=2026-11-20")).unwrap();
    let (_, proof) = self::proof(site.path(), &[]);
    let told = told(&proof);
    assert!(told.iter().all(|one| one.starts_with("missing_file facts/")), "{told:#?}");
    let replay = asked(site.path(), &["replay", "20261120-001"]);
    let lines = |document: &Value| document["lines"].as_array().unwrap().len();
    let documents = replay["inputs"][0]["documents"].as_array().unwrap();
    assert_eq!(
        (lines(&documents[0]), &documents[0]["lines"][0]["then"]["quantity_micro"]),
        (1, &json!(5_000_000))
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table of alterations")]
fn whatever_is_altered_of_a_changed_order_is_found() {
    type Alter = fn(&Path);
    let rows: [(&str, Alter, &[&str]); 7] = [
        (
            "a line of an order that was changed",
            |site| {
                let set = "lines = replace(lines, '\"3\",\"EA\"', '\"30\",\"EA\"')";
                sql(site, &format!("UPDATE purchase_order SET {set} WHERE po_number = 'P-1'"));
            },
            &[
                "altered_row  store: purchase_order 20261120-001-0001-00001 line 1",
                "altered_row  store: purchase_order 20261120-001-0001-00001, PO number P-1",
            ],
        ),
        (
            "a cancelled order that is none any more",
            |site| {
                let set = "state = 'ordered', lines = replace(lines, '\"cancelled\"', '\"ordered\"')";
                sql(site, &format!("UPDATE purchase_order SET {set} WHERE po_number = 'P-2'"));
            },
            &[
                "altered_row  store: purchase_order 20261120-001-0001-00002 line 1",
                "altered_row  store: purchase_order 20261120-001-0001-00002, PO number P-2",
            ],
        ),
        (
            "what an order was",
            |site| {
                let set = "lines = replace(lines, '\"5\",\"EA\"', '\"6\",\"EA\"')";
                sql(site, &format!("UPDATE order_version SET {set} WHERE version = 1"));
            },
            &["altered_row  store: order_version 20261120-001-0001-00001 version 1"],
        ),
        (
            "what an order was, gone",
            |site| sql(site, "DELETE FROM order_version WHERE order_id LIKE '%-00002'"),
            &["missing_row  store: order_version"],
        ),
        (
            "what became of a change",
            |site| sql(site, "UPDATE order_change SET state = 'applied' WHERE state = 'rejected'"),
            &["altered_row  store: order_change 4, PO number P-99, applied"],
        ),
        (
            "a file of changes",
            |site| edit(site, "orders/changes-20261121-001-0001.csv", |text| text.replace("P-2", "P-3")),
            &["altered_file orders/changes-20261121-001-0001.csv "],
        ),
        (
            "a row of the internal orders, of an order that was changed since",
            |site| {
                edit(site, "orders/orders-20261120-001-0001.csv", |text| {
                    text.replace(",5,EA,5,EA,", ",5,EA,6,EA,")
                });
            },
            &[
                "altered_file orders/orders-20261120-001-0001.csv ",
                "altered_row orders/orders-20261120-001-0001.csv row 2: order 20261120-001-0001-00001 line 1",
            ],
        ),
    ];
    let site = changed();
    is_clean(site.path());
    for (what, alter, expected) in rows {
        let copy = crate::nights::scratch();
        crate::nights::lay_out(site.path(), copy.path());
        alter(copy.path());
        let (code, proof) = proof(copy.path(), &[]);
        let mut told = told(&proof);
        told.sort();
        assert_eq!(code, 1, "{what}");
        assert_eq!(told, expected, "{what}: {proof:#}");
    }
}

fn packed(text: &str) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    writer.write_all(text.as_bytes()).unwrap();
    writer.finish().unwrap()
}

#[test]
fn a_compressed_input_is_proved_and_replayed_by_its_content() {
    let site = crate::nights::acme_site();
    let text = order(1, "P-1", "00", 5) + &order(2, "P-2", "00", 6);
    write(site.path(), "inbox/orders/1.edi.gz", &packed(&text));
    assert_eq!(night(site.path(), &[]), 0);
    let proof = is_clean(site.path());
    assert_eq!((&proof["inputs"], &proof["input_bytes"]), (&json!(1), &json!(text.len())));
    let before = files(site.path());
    let replay = asked(site.path(), &["replay", "20261120-001"]);
    assert_eq!((&replay["orders"], &replay["differ"]), (&json!(2), &json!(0)), "{replay:#}");
    assert!(before == files(site.path()), "nothing was written");
    let path = "archive/2026/11/20/orders/1.edi.gz";
    let sound = std::fs::read(site.path().join(path)).unwrap();
    // a byte of the content, of its checksum, of its length; and an end that is missing
    for at in [sound.len() / 2, sound.len() - 8, sound.len() - 1] {
        let mut bytes = sound.clone();
        bytes[at] ^= 1;
        write(site.path(), path, &bytes);
        let (code, proof) = self::proof(site.path(), &[]);
        assert_eq!(code, 1, "{at}");
        assert!(told(&proof)[0].ends_with(&format!("_file {path} ")), "{at}: {proof:#}");
    }
    write(site.path(), path, &packed(&text.replace("*5*EA", "*6*EA")));
    assert_eq!(told(&self::proof(site.path(), &[]).1), [format!("altered_file {path} ")]);
    write(site.path(), path, &sound[..sound.len() - 4]);
    assert_eq!(told(&self::proof(site.path(), &[]).1), [format!("altered_file {path} ")]);
}

#[test]
fn a_ledger_entry_that_was_lost_is_named_and_counts_where_it_was_posted_again() {
    let site = crate::nights::fixed_sample();
    assert_eq!(night(site.path(), &[]), 1);
    let tool = rusqlite::Connection::open(site.path().join("state/itembridge.db")).unwrap();
    let first = "SELECT event_key FROM customer_item_event WHERE source = 'orders' OR document <> '' LIMIT 1";
    let key: String = tool.query_row(first, [], |row| row.get(0)).unwrap();
    tool.execute("DELETE FROM customer_item_event WHERE event_key = $1", [&key]).unwrap();
    let (code, proof) = proof(site.path(), &[]);
    assert_eq!(
        (code, told(&proof)),
        (
            1,
            vec![
                "missing_row  store: customer_item_event".to_owned(),
                format!("missing_row  store: customer_item_event {key}"),
            ]
        )
    );
    let repair = ["ledger", "check", "--repair", "--by", "Ann", "--reason", "it was lost"];
    let out = run(site.path(), &repair);
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(said.contains(&key), "{said}");
    is_clean(site.path());
    // and what was posted again is proved like any other
    tool.execute("UPDATE customer_item_event SET quantity = '77' WHERE event_key = $1", [&key]).unwrap();
    let (_, proof) = self::proof(site.path(), &[]);
    assert_eq!(told(&proof), [format!("altered_row  store: customer_item_event {key}")]);
}
