//! What users of other tools complain of, and what the closest open-source peer gets wrong, each as it is here.

use crate::ledger::{ledger, listed, night, site, sold};
use crate::nights::write;

const INVOICE: &str =
    "invoice_number,invoice_date,ship_date,po_number,customer,line,item,quantity,unit,unit_price,serials\n";

fn invoiced(site: &std::path::Path, rows: &str, code: i32) {
    write(site, "inbox/invoices/1.csv", format!("{INVOICE}{rows}").as_bytes());
    night(site, "2026-11-20", &[], code);
}

/// The peer reads quantities by an integer parser and fails on 2.5.
#[test]
fn a_fraction_is_one_entry_with_its_quantity() {
    let site = site();
    sold(site.path(), "2026-11-20", "R1,1,2026-11-20,S1,ACME,HOSE,2.5,,,yes\n", 0);
    assert_eq!(listed(site.path(), &["item", "quantity", "unit"], &[]), ["HOSE 2.5 FT"]);
}

/// The peer takes the buyer's number for the item where no number of ours stands.
#[test]
fn a_customers_number_is_never_taken_for_an_item() {
    let site = site();
    let told = sold(site.path(), "2026-11-20", "R1,1,2026-11-20,S1,ACME,A-1,1,,Z1,yes\n", 1);
    assert_eq!(told["waiting"][0]["cause"], "ledger/E442/S1/R1/1");
    assert_eq!(listed(site.path(), &["item"], &[]), [""; 0]);
}

/// The peer replaces a unit without a factor: twelve of a case become one.
#[test]
fn units_are_counted_in_the_items_own_unit() {
    let site = site();
    let site = site.path();
    write(site, "masters/uom.csv", b"item,unit,to_unit,factor\nHOSE,RL,FT,50\n");
    write(
        site,
        "partners/acme.toml",
        b"[partner]\nid = \"acme\"\ncustomer = \"ACME\"\n[orders.csv]\n[invoices]\nfrom = \"orders\"\n",
    );
    write(site, "masters/item_xref.csv", b"customer,customer_item,item\nACME,H-1,HOSE\n");
    write(
        site,
        "inbox/orders/acme/1.csv",
        b"po_number,po_date,line,customer_item,quantity,unit,unit_price\nP-1,2026-11-01,1,H-1,2,RL,40\n",
    );
    let told = night(site, "2026-11-20", &[], 0);
    assert_eq!(told["ledger"], serde_json::json!({"lines": 1, "made": 1}));
    let owned = listed(site, &["quantity", "unit", "po_number"], &[]);
    assert_eq!(owned.len(), 100, "two rolls are a hundred feet");
    assert_eq!(owned[0], "1 FT P-1");
}

/// See: frappe/erpnext 41646 and 42270.
#[test]
fn the_end_of_the_warranty_is_set_when_the_invoice_is_posted() {
    let site = site();
    invoiced(site.path(), "4711,2026-11-15,,P-1,ACME,1,SAW,1,EA,10,S1\n", 0);
    assert_eq!(
        listed(site.path(), &["serial", "warranty_start", "warranty_end"], &[]),
        ["S1 2026-11-15 2028-11-14"]
    );
}

/// See: frappe/erpnext 43852.
#[test]
fn serials_are_kept_for_the_warranty_alone_of_an_item_that_tracks_none() {
    let site = site();
    sold(site.path(), "2026-11-20", "R1,1,2026-11-20,S1,ACME,PUMP,1,,P-7,yes\n", 0);
    let said = ledger(site.path(), 0, &["list", "--serial", "P-7"]);
    assert!(said.contains("ACME") && said.contains("PUMP"), "{said}");
}

/// See: BrainWise-DEV/POSNext 141.
#[test]
fn a_sale_in_a_shop_makes_the_warranty_record_of_customer_serial_and_receipt() {
    let site = site();
    sold(site.path(), "2026-11-20", "R1,1,2026-11-20T14:03:00,S1,ACME,SAW,1,99,A1,yes\n", 0);
    let columns = ["customer", "serial", "document", "warranty_end", "unit_price"];
    assert_eq!(listed(site.path(), &columns, &[]), ["ACME A1 R1 2028-11-19 99"]);
}

/// See: frappe/erpnext 29105 and 40033.
#[test]
fn a_serialised_part_of_a_bundle_gets_the_serial_that_the_shop_gave() {
    let site = site();
    sold(site.path(), "2026-11-20", "R1,1,2026-11-20,S1,ACME,SET,1,,K7|L1*2,yes\n", 0);
    assert_eq!(listed(site.path(), &["item", "serial", "kit"], &[]), ["CELL L1 SET", "SAW K7 SET"]);
}

/// See: OCA/rma 468.
#[test]
fn cover_begins_with_the_delivery_where_the_type_says_so() {
    let site = site();
    let toml = crate::ledger::TOML.replace("serial_unique = true", "warranty_starts = \"ship\"");
    write(site.path(), "itembridge.toml", toml.as_bytes());
    let rows =
        "4711,2026-11-15,2026-11-18,P-1,ACME,1,SAW,1,EA,10,S1\n4712,2026-11-15,,P-2,ACME,1,SAW,1,EA,10,S2\n";
    invoiced(site.path(), rows, 0);
    let starts = listed(site.path(), &["serial", "warranty_start"], &[]);
    assert_eq!(starts, ["S1 2026-11-18", "S2 2026-11-15"], "without a delivery, the invoice");
}
