//! Rows of masters, good and bad.

use super::*;
use crate::domain::item::{ItemStatus, SerialTracking, XrefScope};
use crate::domain::money::plain;
use crate::domain::unit::Fraction;
use expect_test::{Expect, expect};

fn told<T>(result: Result<Rows<T>>) -> String {
    match result {
        Ok(rows) => {
            let head = format!("{} rows, {} left out", rows.rows.len(), rows.left_out);
            let lines = rows.diagnostics.iter().map(ToString::to_string);
            std::iter::once(head).chain(lines).collect::<Vec<_>>().join("\n")
        }
        Err(error) => format!("{error:#}"),
    }
}

fn check<T>(result: Result<Rows<T>>, expected: &Expect) {
    expected.assert_eq(&told(result));
}

#[test]
fn columns_come_in_any_order_with_others_among_them() {
    let text = "\u{feff}note,Unit , description,item,price,serial_tracking,status,customer_item_type,gtin,successor,fractions\r\n\
                x,EA,\"Drill, cordless\",0010,12.50,EACH,Discontinued,tool,036000291452, 0011 ,YES\r\n\
                ,EA,\"two\r\nlines\",0011\r\n\r\n,,,\r\n";
    let types =
        vec![CustomerItemType { name: "tool".into(), warranty_months: 24, ..CustomerItemType::default() }];
    let read = read_items(text.as_bytes(), &types).unwrap();
    assert_eq!((read.findings, read.left_out), (0, 0), "{:?}", read.diagnostics);
    let (drill, second) = (&read.rows[0], &read.rows[1]);
    assert_eq!((drill.item.as_str(), drill.description.as_str()), ("0010", "Drill, cordless"));
    assert_eq!((drill.gtin.as_str(), drill.successor.as_str()), ("036000291452", "0011"));
    assert_eq!((drill.status, drill.serial_tracking), (ItemStatus::Discontinued, SerialTracking::Each));
    assert_eq!(drill.price.map(plain).as_deref(), Some("12.5"));
    assert_eq!((second.item.as_str(), second.description.as_str()), ("0011", "two\r\nlines"));
    assert_eq!((second.status, second.price), (ItemStatus::Active, None));
    assert_eq!((drill.fractions, second.fractions), (true, false));
}

#[test]
fn a_file_without_a_required_column_is_refused_by_its_name() {
    check(
        read_items("item;description;unit\n".as_bytes(), &[]),
        &expect![[
            r#"masters/items.csv: required columns item, description, unit missing; the header is "item;description;unit""#
        ]],
    );
    check(
        read_customers("name\nAcme\n".as_bytes()),
        &expect![[r#"masters/customers.csv: required column customer missing; the header is "name""#]],
    );
    check(
        read_xrefs(&b""[..]),
        &expect![[
            r#"masters/item_xref.csv: required columns customer, customer_item, item missing; the header is """#
        ]],
    );
    check(
        read_kits("kit,component,quantity,KIT\n".as_bytes()),
        &expect![[r#"masters/item_kits.csv: two columns have the header "kit""#]],
    );
}

#[test]
fn a_quotation_mark_that_nobody_closes_does_not_swallow_the_file() {
    let text = format!("customer,name\nA,\"Acme\nB,{}\n", "x".repeat(70_000));
    check(
        read_customers(text.as_bytes()),
        &expect![
            "masters/customers.csv, line 2: a row of 70009 bytes; a quotation mark is probably not closed"
        ],
    );
    // read no further than it takes to know
    let endless = "customer,name\nA,\"Acme\n".as_bytes().chain(std::io::repeat(b'x'));
    check(
        read_customers(endless),
        &expect![
            "read masters/customers.csv: a row of more than 65536 bytes; a quotation mark is probably not closed"
        ],
    );
    let text = "kit,component,quantity\nK,\"C,1\nL,D,2\n";
    check(
        read_kits(text.as_bytes()),
        &expect![[r#"
        0 rows, 1 left out
        E521 value in a master that cannot be read at row 1 (line 2), column 2 "component": "C,1\nL,D,2" (a line break or control character; a quotation mark may be missing)"#]],
    );
}

#[test]
fn a_bad_row_is_named_by_row_column_and_header_and_left_out() {
    let text = "item,description,unit,status,price,serial_tracking,customer_item_type,successor\n\
                10,Bolt,EA\n\
                ,No number,EA\n\
                11,No unit,\n\
                12,Status,EA,retired\n\
                13,Price,EA,,\"1,50\"\n\
                14,Both,EA,gone,-1,some\n\
                10,Again,EA\n\
                15,Type,EA,,,,unheard-of\n\
                16,Itself,EA,discontinued,,,,16\n\
                17,Comma, in text,EA,active,1.00,none,,,\n\
                18,More,EA,,,,,,value\n";
    check(
        read_items(text.as_bytes(), &[]),
        &expect![[r#"
        2 rows, 9 left out
        E520 required value missing in a master at row 2 (line 3), column 1 "item"
        E520 required value missing in a master at row 3 (line 4), column 3 "unit"
        E521 value in a master that cannot be read at row 4 (line 5), column 4 "status": "retired" (expected active or discontinued)
        E521 value in a master that cannot be read at row 5 (line 6), column 5 "price": "1,50" (expected a decimal with a point, 0 or more, at most 6 decimals)
        E521 value in a master that cannot be read at row 6 (line 7), column 4 "status": "gone" (expected active or discontinued)
        E521 value in a master that cannot be read at row 6 (line 7), column 5 "price": "-1" (expected a decimal with a point, 0 or more, at most 6 decimals)
        E521 value in a master that cannot be read at row 6 (line 7), column 6 "serial_tracking": "some" (expected none or each or multi)
        E522 row of a master that stands there twice at row 7 (line 8) (row 1 has the same key)
        E525 customer item type that the settings do not have at row 8 (line 9), column 7 "customer_item_type": "unheard-of"
        E521 value in a master that cannot be read at row 9 (line 10), column 8 "successor": "16" (expected another item than the row's own)
        E521 value in a master that cannot be read at row 10 (line 11), column 4 "status": "EA" (expected active or discontinued)
        E521 value in a master that cannot be read at row 10 (line 11), column 5 "price": "active" (expected a decimal with a point, 0 or more, at most 6 decimals)
        E521 value in a master that cannot be read at row 10 (line 11), column 6 "serial_tracking": "1.00" (expected none or each or multi)
        E525 customer item type that the settings do not have at row 10 (line 11), column 7 "customer_item_type": "none"
        E524 row of a master with more values than headers at row 11 (line 12) (9 values, 8 headers)"#]],
    );
}

#[test]
fn text_for_people_may_be_damaged_and_a_number_may_not() {
    let text = b"customer,name,group,ledger\nA,Caf\xe9,,yes\n\xe9B,Name,,no\nC,,g,maybe\n*,Everyone,,\n";
    check(
        read_customers(&text[..]),
        &expect![[r#"
        1 rows, 3 left out
        E523 text in a master that is not UTF-8 at row 1 (line 2), column 2 "name": "Caf�"
        E523 text in a master that is not UTF-8 at row 2 (line 3), column 1 "customer": "�B"
        E520 required value missing in a master at row 3 (line 4), column 2 "name"
        E521 value in a master that cannot be read at row 3 (line 4), column 4 "ledger": "maybe" (expected yes or no)
        E521 value in a master that cannot be read at row 4 (line 5), column 1 "customer": "*" ("*" and "group:" have a meaning of their own in item_xref.csv)"#]],
    );
}

#[test]
fn an_xref_row_says_to_whom_it_belongs() {
    let text = "customer,customer_item,item,ship_to,unit_factor,rank,valid_from,valid_to,status\n\
                ACME,B-1,10,,,,,,\n\
                ACME,B-1,10,S1,1/2,2,2026-01-01,2026-12-31,inactive\n\
                group:retail,B-1,10\n\
                *,B-1,10\n";
    let read = read_xrefs(text.as_bytes()).unwrap();
    assert_eq!(read.findings, 0, "{:?}", read.diagnostics);
    let scopes: Vec<XrefScope> = read.rows.iter().map(|xref| xref.scope.clone()).collect();
    let ship_to = XrefScope::ShipTo { customer: "ACME".into(), ship_to: "S1".into() };
    assert_eq!(
        scopes,
        [ship_to, XrefScope::Customer("ACME".into()), XrefScope::Group("retail".into()), XrefScope::Everyone]
    );
    let (special, plain) = (&read.rows[0], &read.rows[1]);
    assert_eq!((special.unit_factor, special.rank, special.active), (Fraction::new(1, 2), 2, false));
    assert_eq!(special.valid_from, Some(jiff::civil::date(2026, 1, 1)));
    assert_eq!((plain.unit_factor, plain.rank, plain.active, plain.valid_to), (None, 1, true, None));
}

#[test]
fn an_xref_row_that_contradicts_itself_is_left_out() {
    let text = format!(
        "customer,customer_item,item,ship_to,unit_factor,rank,valid_from,valid_to,status\n\
         *,B-1,10,S1\n\
         group:,B-2,10\n\
         ACME,B-3,10,,0\n\
         ACME,B-4,10,,,0\n\
         ACME,B-5,10,,,,2026-02-30\n\
         ACME,B-6,10,,,,2026-03-01,2026-02-01\n\
         ACME,B-7,10,,,,01/02/2026\n\
         ACME,,10\n\
         ACME,{},10\n\
         ACME,B-8,10,,,2\n\
         ACME,B-8,10,,,1\n\
         ACME,B-8,10,,,2\n\
         ACME,B-8,11,,,1\n",
        "9".repeat(81)
    );
    check(
        read_xrefs(text.as_bytes()),
        &expect![[r#"
            3 rows, 10 left out
            E521 value in a master that cannot be read at row 1 (line 2), column 4 "ship_to": "S1" (expected no ship-to where the customer is *)
            E521 value in a master that cannot be read at row 2 (line 3), column 1 "customer": "group:" (expected the name of a group after group:)
            E521 value in a master that cannot be read at row 3 (line 4), column 5 "unit_factor": "0" (expected a positive factor such as 12, 0.5 or 1/2)
            E521 value in a master that cannot be read at row 4 (line 5), column 6 "rank": "0" (expected a whole number from 1)
            E521 value in a master that cannot be read at row 5 (line 6), column 7 "valid_from": "2026-02-30" (expected a date as YYYY-MM-DD)
            E521 value in a master that cannot be read at row 6 (line 7), column 8 "valid_to": "2026-02-01" (expected 2026-03-01 or later, the row's valid_from)
            E521 value in a master that cannot be read at row 7 (line 8), column 7 "valid_from": "01/02/2026" (expected a date as YYYY-MM-DD)
            E520 required value missing in a master at row 8 (line 9), column 2 "customer_item"
            E521 value in a master that cannot be read at row 9 (line 10), column 2 "customer_item": "999999999999999999999999999999999999999999999999999999999999999999999999999999999" (expected up to 80 characters)
            E522 row of a master that stands there twice at row 12 (line 13) (row 10 has the same key)"#]],
    );
}

#[test]
fn kits_and_units_hold_positive_quantities() {
    let kits = "kit,component,quantity\nK,A,2\nK,B,0\nK,C,\nK,D,0.0000001\nK,K,1\nK,A,3\n";
    check(
        read_kits(kits.as_bytes()),
        &expect![[r#"
        1 rows, 5 left out
        E521 value in a master that cannot be read at row 2 (line 3), column 3 "quantity": "0" (expected a quantity above 0, at most 6 decimals)
        E520 required value missing in a master at row 3 (line 4), column 3 "quantity"
        E521 value in a master that cannot be read at row 4 (line 5), column 3 "quantity": "0.0000001" (expected a quantity above 0, at most 6 decimals)
        E521 value in a master that cannot be read at row 5 (line 6), column 2 "component": "K" (expected another item than the kit itself)
        E522 row of a master that stands there twice at row 6 (line 7) (row 1 has the same key)"#]],
    );
    let units = "unit,to_unit,factor,item\nCA,EA,12,\nCA,EA,10,10\nEA,KG,1/3,\nBX,EA,none,\nEA,EA,2,\nCA,EA,6,\n,EA,1,\n";
    check(
        read_conversions(units.as_bytes()),
        &expect![[r#"
            4 rows, 3 left out
            E521 value in a master that cannot be read at row 4 (line 5), column 3 "factor": "none" (expected a positive factor such as 12, 0.5 or 1/2)
            E521 value in a master that cannot be read at row 5 (line 6), column 3 "factor": "2" (expected 1 from a unit to itself)
            E520 required value missing in a master at row 7 (line 8), column 1 "unit""#]],
    );
}

#[test]
fn findings_are_told_up_to_a_hundred_and_counted_after_that() {
    let rows: String = (0..250).map(|_| "A,\n").collect();
    let read = read_customers(format!("customer,name\n{rows}").as_bytes()).unwrap();
    assert_eq!((read.diagnostics.len(), read.findings, read.left_out), (100, 250, 250));
}

#[test]
fn a_master_that_is_missing_is_an_error_only_where_a_site_needs_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("masters")).unwrap();
    for master in MasterFile::ALL {
        let (digest, read) = (digest(folder.path(), master), read(folder.path(), master, &[]));
        if master.required() {
            let error = digest.unwrap_err().to_string();
            let end = format!("{} is missing; a file with a header and no rows is enough", master.path());
            assert!(error.ends_with(&end), "{error}");
            assert!(read.is_err());
        } else {
            assert_eq!(digest.unwrap(), None);
            assert_eq!(read.unwrap(), MasterRead::default());
        }
    }
    std::fs::write(folder.path().join("masters/uom.csv"), "abc").unwrap();
    assert_eq!(
        digest(folder.path(), MasterFile::Uom).unwrap().as_deref(),
        Some("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    );
}
