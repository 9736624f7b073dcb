//! Which profile a document belongs to, and what follows where a profile is silent.

use super::*;
use crate::domain::partner::{CsvLayout, PartnerIdentity};

fn profile(id: &str, qualifier: &str, interchange_id: &str, application: &str) -> PartnerProfile {
    let partner = PartnerIdentity {
        id: id.into(),
        customer: id.into(),
        interchange_qualifier: qualifier.into(),
        interchange_id: interchange_id.into(),
        application_id: application.into(),
        ..PartnerIdentity::default()
    };
    PartnerProfile {
        partner,
        x12: crate::domain::partner::X12Settings::default(),
        orders: crate::domain::partner::OrderSettings::default(),
        invoices: crate::domain::partner::InvoiceSettings::default(),
    }
}

#[test]
fn the_envelope_chooses_by_isa_then_by_gs_then_anybody() {
    let named = vec![
        profile("csv", "", "", ""),
        profile("acme", "01", "006922827", "ACMEPO"),
        profile("hub-a", "ZZ", "HUB", "BUYERA"),
        profile("hub-b", "ZZ", "HUB", "BUYERB"),
        profile("van-x", "ZZ", "VAN", "X"),
        profile("van", "ZZ", "VAN", "*"),
    ];
    let mut open = named.clone();
    open.push(profile("anybody", "", "*", ""));
    for (qualifier, id, application, expected, expected_open) in [
        ("01", "006922827", "ACMEPO", Some("acme"), Some("acme")),
        // one profile alone is meant whatever GS02 says
        ("01", "006922827", "OTHER", Some("acme"), Some("acme")),
        ("ZZ", "006922827", "ACMEPO", None, Some("anybody")),
        ("ZZ", "HUB", "BUYERB", Some("hub-b"), Some("hub-b")),
        ("ZZ", "HUB", "BUYERC", None, Some("anybody")),
        ("ZZ", "VAN", "X", Some("van-x"), Some("van-x")),
        ("ZZ", "VAN", "Y", Some("van"), Some("van")),
        ("", "", "", None, Some("anybody")),
        ("ZZ", "*", "", None, Some("anybody")),
    ] {
        let found =
            |profiles| find_by_envelope(profiles, qualifier, id, application).map(|p| p.id().to_string());
        assert_eq!(found(&named).as_deref(), expected, "{qualifier}/{id}/{application}");
        assert_eq!(found(&open).as_deref(), expected_open, "{qualifier}/{id}/{application} with *");
    }
}

#[test]
fn a_folder_chooses_and_without_one_the_only_csv_partner() {
    let mut profiles = vec![profile("acme", "01", "1", "1"), profile("bolts", "", "", "")];
    let found =
        |profiles: &[PartnerProfile], folder| find_by_folder(profiles, folder).map(|p| p.id().to_string());
    assert_eq!(found(&profiles, "acme").as_deref(), Some("acme"));
    assert_eq!(found(&profiles, "Acme"), None);
    assert_eq!(found(&profiles, ""), None);
    profiles[1].orders.csv = Some(CsvLayout::default());
    assert_eq!(found(&profiles, "").as_deref(), Some("bolts"));
    profiles[0].orders.csv = Some(CsvLayout::default());
    assert_eq!(found(&profiles, ""), None);
}

#[test]
fn csv_numbers_take_a_qualifier_that_the_lists_have() {
    for (text, expected) in [
        ("", ("IN", "VP")),
        ("customer_item_qualifiers = [\"BP\", \"SK\"]\n", ("BP", "VP")),
        ("vendor_item_qualifiers = [\"VN\"]\n", ("IN", "VN")),
        ("customer_item_qualifiers = [\"SK\", \"IN\"]\n", ("IN", "VP")),
    ] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("partners")).unwrap();
        let text = format!("[partner]\nid = \"a\"\ncustomer = \"A\"\n[orders]\n{text}[orders.csv]\n");
        std::fs::write(folder.path().join("partners/a.toml"), &text).unwrap();
        let profiles = load(folder.path()).unwrap();
        let csv = profiles[0].orders.csv.as_ref().unwrap();
        assert_eq!(
            (csv.customer_item_qualifier.as_str(), csv.vendor_item_qualifier.as_str()),
            expected,
            "{text}"
        );
    }
}

#[test]
fn partners_behind_one_isa_id_count_their_control_numbers_together() {
    let mut named = vec![
        profile("csv", "", "", ""),
        profile("csv-2", "", "", ""),
        profile("hub-a", "ZZ", "HUB", "BUYERA"),
        profile("hub-b", "ZZ", "HUB", "BUYERB"),
        profile("other", "01", "HUB", "BUYERA"),
        profile("any", "ZZ", "*", "A"),
        profile("any-2", "ZZ", "*", "B"),
    ];
    share_numbers(&mut named);
    let counted: Vec<&str> = named.iter().map(|profile| profile.partner.counted_as().as_str()).collect();
    assert_eq!(counted, ["csv", "csv-2", "hub-a", "hub-a", "other", "any", "any-2"]);
    let before = |place: usize| named[place].partner.counted_before.clone();
    assert_eq!([before(2), before(3)], [["hub-b"], ["hub-b"]]);
    assert_eq!([before(0), before(4), before(6)], [[""; 0]; 3]);
}
