//! Messages about settings, as a person reads them.

mod documented;
mod partners;

use crate::site::{config, load};
use expect_test::{Expect, expect};
use std::path::Path;

const COMPANY: &str = r#"[company]
name = "Northwind Fasteners"
interchange_qualifier = "ZZ"
interchange_id = "NORTHWIND"
application_id = "NORTHWIND"
currency = "USD"
"#;

const ACME: &str = r#"[partner]
id = "acme"
customer = "ACME"
interchange_qualifier = "01"
interchange_id = "006922827"
application_id = "ACMEPO"
"#;

/// A site with these files, loaded: the error without the line that counts the problems.
fn check(files: &[(&str, &str)], expected: &Expect) {
    expected.assert_eq(&told(files));
}

fn told(files: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("partners")).unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    match load(folder.path()) {
        Ok(site) => format!("fine, partners: {}", site.partners.len()),
        Err(error) => error.to_string(),
    }
}

fn check_settings(text: &str, expected: &Expect) {
    check(&[("itembridge.toml", text)], expected);
}

fn check_partner(text: &str, expected: &Expect) {
    check(&[("itembridge.toml", COMPANY), ("partners/acme.toml", text)], expected);
}

#[test]
fn the_least_that_a_site_needs_is_enough() {
    check(&[("itembridge.toml", COMPANY), ("partners/acme.toml", ACME)], &expect!["fine, partners: 1"]);
}

#[test]
fn a_misspelt_key_is_shown_with_the_keys_that_there_are() {
    check_settings(
        &format!("{COMPANY}curency = \"EUR\"\n[inbox]\nsettle = 5\n"),
        &expect![[r#"
        2 problems in the configuration

        itembridge.toml, line 7: company.curency: unknown key `curency`, expected one of `name`, `interchange_qualifier`, `interchange_id`, `application_id`, `currency`, `usage`, `remit_to`
          |
        7 | curency = "EUR"
          | ^^^^^^^

        itembridge.toml, line 9: inbox.settle: unknown key `settle`, expected `settle_seconds`
          |
        9 | settle = 5
          | ^^^^^^"#]],
    );
    check_settings(
        &format!("{COMPANY}[order]\nformats = [\"csv\"]\n"),
        &expect![[r#"
        1 problem in the configuration

        itembridge.toml, line 7: order: unknown key `order`, expected one of `company`, `store`, `orders`, `inbox`, `run`, `ledger`, `limits`, `retention`, `customer_item_types`
          |
        7 | [order]
          |  ^^^^^"#]],
    );
}

#[test]
fn every_missing_key_is_told_with_what_belongs_there() {
    check_settings(
        "[company]\nname = \"Northwind\"\ncurrency = \"USD\"\n",
        &expect![[r#"
        3 problems in the configuration

        itembridge.toml, line 1: company.interchange_qualifier: missing key, expected the qualifier of our interchange id, two characters (ISA05), such as "ZZ"
          |
        1 | [company]
          | ^^^^^^^^^

        itembridge.toml, line 1: company.interchange_id: missing key, expected our interchange id, 1 to 15 characters (ISA06)
          |
        1 | [company]
          | ^^^^^^^^^

        itembridge.toml, line 1: company.application_id: missing key, expected our application code, 1 to 15 characters (GS02)
          |
        1 | [company]
          | ^^^^^^^^^"#]],
    );
    check_settings(
        "[store]\n",
        &expect![[r#"
        1 problem in the configuration

        itembridge.toml, line 1: company: missing key, expected a table [company] with name, interchange_qualifier, interchange_id, application_id and currency
          |
        1 | [store]
          | ^"#]],
    );
    check_settings(
        &format!("{COMPANY}[[customer_item_types]]\nwarranty_months = 24\n"),
        &expect![[r#"
        1 problem in the configuration

        itembridge.toml, line 7: customer_item_types.0.name: missing key, expected the name that items.csv uses in customer_item_type
          |
        7 | [[customer_item_types]]
          | ^^^^^^^^^^^^^^^^^^^^^^^"#]],
    );
    check_partner(
        "[orders]\nchain = []\n",
        &expect![[r#"
        1 problem in the configuration

        partners/acme.toml, line 1: partner: missing key, expected a table [partner] with id, customer and, for X12, the partner's ids
          |
        1 | [orders]
          | ^"#]],
    );
}

#[test]
fn a_value_of_the_wrong_kind_is_told_with_the_kind_that_is_meant() {
    check_settings(
        &format!(
            "{}{}",
            COMPANY.replace("\"USD\"", "840"),
            "usage = 5\n[orders]\nunresolved = \"hold\"\nformats = [\"csv\", \"xml\"]\n[inbox]\nsettle_seconds = -1\n[limits]\nbatch_files = \"many\"\n"
        ),
        &expect![[r#"
            6 problems in the configuration

            itembridge.toml, line 6: company.currency: wrong value: integer `840`, expected a string
              |
            6 | currency = 840
              |            ^^^

            itembridge.toml, line 7: company.usage: wrong value: expected text in quotes
              |
            7 | usage = 5
              |         ^

            itembridge.toml, line 9: orders.unresolved: unknown value `hold`, expected one of `hold_order`, `hold_line`, `reject_line`, `accept`
              |
            9 | unresolved = "hold"
              |              ^^^^^^

            itembridge.toml, line 10: orders.formats: unknown value `xml`, expected one of `csv`, `jsonl`, `parquet`
               |
            10 | formats = ["csv", "xml"]
               |                   ^^^^^

            itembridge.toml, line 12: inbox.settle_seconds: wrong value: integer `-1`, expected a whole number, 0 or more
               |
            12 | settle_seconds = -1
               |                  ^^

            itembridge.toml, line 14: limits.batch_files: wrong value: string "many", expected a whole number, 0 or more
               |
            14 | batch_files = "many"
               |               ^^^^^^"#]],
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "one file with every mistake, and its messages")]
fn a_value_that_breaks_a_rule_is_told_with_the_rule() {
    check_settings(
        r#"[company]
name = " "
interchange_qualifier = "Z"
interchange_id = "NORTHWIND FASTENERS"
application_id = ""
currency = "dollars"
[store]
url = "mysql://localhost/edi"
[orders]
formats = []
[run]
threads = 5000
[limits]
segment_bytes_max = 10
[[customer_item_types]]
name = "tool"
[[customer_item_types]]
name = "tool"
warranty_months = 24000
"#,
        &expect![[r#"
            11 problems in the configuration

            itembridge.toml, line 2: company.name: " ", expected a name of 1 to 60 characters (N102)
              |
            2 | name = " "
              |        ^^^

            itembridge.toml, line 3: company.interchange_qualifier: "Z", expected two letters or digits, such as "ZZ" or "01"
              |
            3 | interchange_qualifier = "Z"
              |                         ^^^

            itembridge.toml, line 4: company.interchange_id: 19 characters, expected 1 to 15 (ISA06)
              |
            4 | interchange_id = "NORTHWIND FASTENERS"
              |                  ^^^^^^^^^^^^^^^^^^^^^

            itembridge.toml, line 5: company.application_id: 0 characters, expected 1 to 15 (GS02)
              |
            5 | application_id = ""
              |                  ^^

            itembridge.toml, line 6: company.currency: "dollars", expected three capital letters (ISO 4217), such as "USD"
              |
            6 | currency = "dollars"
              |            ^^^^^^^^^

            itembridge.toml, line 8: store.url: "mysql" is no store that is known, expected sqlite:PATH, such as "sqlite:state/itembridge.db"
              |
            8 | url = "mysql://localhost/edi"
              |       ^^^^^^^^^^^^^^^^^^^^^^^

            itembridge.toml, line 10: orders.formats: an empty list, expected at least one of "csv", "jsonl", "parquet"
               |
            10 | formats = []
               |           ^^

            itembridge.toml, line 12: run.threads: 5000 threads, expected 0 (one a core) to 1024
               |
            12 | threads = 5000
               |           ^^^^

            itembridge.toml, line 14: limits.segment_bytes_max: 10, expected 256 or more
               |
            14 | segment_bytes_max = 10
               |                     ^^

            itembridge.toml, line 18: customer_item_types.1.name: "tool" is the name of another type, expected each name once
               |
            18 | name = "tool"
               |        ^^^^^^

            itembridge.toml, line 19: customer_item_types.1.warranty_months: 24000, expected 0 (none) to 1200 months
               |
            19 | warranty_months = 24000
               |                   ^^^^^"#]],
    );
}

#[test]
fn the_extra_fields_of_a_type_have_names_of_their_own() {
    let sound = "[[customer_item_types]]\nname = \"tool\"\non_replacement = \"fresh\"\nserial_required = true\n\
        serial_unique = true\nfields = [{ name = \"room\" }, { name = \"meter_2\", type = \"yes_no\" }]\n";
    check_settings(&format!("{COMPANY}{sound}"), &expect!["fine, partners: 0"]);
    for (fields, problem) in [
        ("{ name = \"Room\" }", "\"Room\", expected a name of small letters, digits and _ (at most 40)"),
        ("{ name = \"\" }", "\"\", expected a name of small letters, digits and _ (at most 40)"),
        ("{ name = \"serial\" }", "\"serial\" is a column of the ledger already, expected another name"),
        ("{ name = \"a\" }, { name = \"a\" }", "\"a\" stands twice, expected each name once"),
        ("{ type = \"text\" }", "missing key, expected the name of its column: small letters, digits and _"),
        ("{ name = \"a\", type = \"number\" }", "unknown value `number`, expected one of `text`, `integer`"),
        ("{ name = \"a\", kind = \"text\" }", "unknown key `kind`, expected `name` or `type`"),
    ] {
        let text = format!("{COMPANY}[[customer_item_types]]\nname = \"tool\"\nfields = [{fields}]\n");
        let told = told(&[("itembridge.toml", &text)]);
        assert!(told.contains(problem), "{fields}: {told}");
    }
}

#[test]
fn a_file_that_is_no_toml_is_shown_where_it_breaks_off() {
    check_settings(
        "[company]\nname = \"Northwind\ncurrency = \"USD\"\nusage = = 3\n",
        &expect![[r#"
            3 problems in the configuration

            itembridge.toml, line 2: not TOML: invalid basic string, expected `"`
              |
            2 | name = "Northwind
              |                  ^

            itembridge.toml, line 4: not TOML: extra `=`, expected nothing
              |
            4 | usage = = 3
              |         ^

            itembridge.toml, line 4: not TOML: unexpected key or value, expected newline, `#`
              |
            4 | usage = = 3
              |           ^"#]],
    );
}

#[test]
fn a_folder_without_settings_is_no_site() {
    let folder = tempfile::tempdir().unwrap();
    let error = load(folder.path()).unwrap_err().to_string();
    assert!(
        error.ends_with("is no site: it has no itembridge.toml (`itembridge init DIR` makes a new site)")
    );
}

#[test]
fn the_problems_of_all_files_are_told_together() {
    check(
        &[
            ("itembridge.toml", &COMPANY.replace("USD", "usd")),
            ("partners/a.toml", "[partner]\nid = 1\ncustomer = \"A\"\n"),
            ("partners/b.toml", "[partner]\nid = \"b\"\n"),
            ("partners/notes.txt", "not a profile"),
            ("partners/.hidden.toml", "nor this"),
        ],
        &expect![[r#"
            3 problems in the configuration

            itembridge.toml, line 6: company.currency: "usd", expected three capital letters (ISO 4217), such as "USD"
              |
            6 | currency = "usd"
              |            ^^^^^

            partners/a.toml, line 2: partner.id: wrong value: integer `1`, expected a string
              |
            2 | id = 1
              |      ^

            partners/b.toml, line 1: partner.customer: missing key, expected the customer of customers.csv whose orders come from here
              |
            1 | [partner]
              | ^^^^^^^^^"#]],
    );
}

#[test]
fn store_urls() {
    use config::StoreLocation;
    let site = Path::new("/site");
    for (url, expected) in [
        ("sqlite:state/itembridge.db", Some("/site/state/itembridge.db")),
        ("sqlite:/var/lib/itembridge.db", Some("/var/lib/itembridge.db")),
        ("sqlite:///var/lib/itembridge.db", Some("/var/lib/itembridge.db")),
        ("sqlite://host/itembridge.db", None),
        ("sqlite:", None),
        ("sqlite::memory:", None),
        ("postgres://localhost/itembridge", None),
        ("state/itembridge.db", None),
        ("", None),
    ] {
        let found = StoreLocation::parse(url).ok().map(|store| store.sqlite_path(site));
        assert_eq!(found.as_deref(), expected.map(Path::new), "{url:?}");
    }
}

proptest::proptest! {
    #[test]
    fn whatever_stands_in_a_file_is_read_or_told_with_a_line_that_is_there(
        at in 0usize..200,
        piece in "\\PC{0,12}|[\\[\\]{}=\"'.,#\n\r a-z0-9ü]{0,12}",
    ) {
        let mut text = format!("{COMPANY}[orders]\nformats = [\"csv\"]\n");
        let at = at.min(text.len());
        text.insert_str(at, &piece);
        let lines = text.matches('\n').count() + 1;
        let problems = match crate::site::toml_file::TomlFile::parse("itembridge.toml", text) {
            Ok(file) => config::settings(&file).1,
            Err(problems) => problems,
        };
        for problem in problems {
            proptest::prop_assert!((1..=lines).contains(&problem.line), "{problem}");
        }
    }
}
