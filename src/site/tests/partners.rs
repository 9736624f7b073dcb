//! Messages about partners' profiles, as a person reads them.

use super::{ACME, COMPANY, check, check_partner};
use crate::site::load;
use expect_test::expect;

#[test]
fn ids_of_a_partner_are_held_against_the_envelope_and_the_folders() {
    check_partner(
        r#"[partner]
id = "../acme"
customer = ""
interchange_qualifier = "1"
interchange_id = "00692282700692282"
"#,
        &expect![[r#"
            5 problems in the configuration

            partners/acme.toml, line 1: partner.application_id: missing key, expected 1 to 15 characters (GS02), or "*", because the other X12 ids are there
              |
            1 | [partner]
              | ^^^^^^^^^

            partners/acme.toml, line 2: partner.id: "../acme" names folders, expected 1 to 64 letters, digits, - _ or ., with no point at either end
              |
            2 | id = "../acme"
              |      ^^^^^^^^^

            partners/acme.toml, line 3: partner.customer: expected the customer of customers.csv whose orders come from here
              |
            3 | customer = ""
              |            ^^

            partners/acme.toml, line 4: partner.interchange_qualifier: "1", expected two letters or digits, such as "ZZ" or "01"
              |
            4 | interchange_qualifier = "1"
              |                         ^^^

            partners/acme.toml, line 5: partner.interchange_id: 17 characters, expected 1 to 15 (ISA06)
              |
            5 | interchange_id = "00692282700692282"
              |                  ^^^^^^^^^^^^^^^^^^^"#]],
    );
}

#[test]
fn what_a_partner_is_written_to_with_must_be_writable() {
    check_partner(
        &format!(
            "{ACME}{}",
            r#"[x12]
version = "4010"
element_separator = "A"
component_separator = "~"
repetition_separator = "^"
segment_terminator = "~"
time = "2460"
"#
        ),
        &expect![[r#"
            1 problem in the configuration

            partners/acme.toml, line 9: x12.element_separator: "A" cannot separate: expected one ASCII character that is no letter, digit, blank, point, minus, line break or Ctrl-Z
              |
            9 | element_separator = "A"
              |                     ^^^"#]],
    );
    check_partner(
        &format!(
            "{}{}",
            ACME.replace("ACMEPO", "ACME:PO"),
            "[x12]\ncomponent_separator = \"~\"\nrepetition_separator = \":\"\nversion = \"0040\"\ntime = \"7:30\"\n"
        ),
        &expect![[r#"
            4 problems in the configuration

            partners/acme.toml, line 8: x12.component_separator: '~' is the segment_terminator too, expected four different characters
              |
            8 | component_separator = "~"
              |                       ^^^

            partners/acme.toml, line 9: x12.repetition_separator: ':' stands in the id "ACME:PO", expected another character
              |
            9 | repetition_separator = ":"
              |                        ^^^

            partners/acme.toml, line 10: x12.version: "0040", expected a version of GS08, such as "004010" or "005010"
               |
            10 | version = "0040"
               |           ^^^^^^

            partners/acme.toml, line 11: x12.time: "7:30", expected a time as HHMM, such as "0730", or nothing for the clock
               |
            11 | time = "7:30"
               |        ^^^^^^"#]],
    );
}

#[test]
fn separators_may_be_any_bytes_that_are_never_data() {
    for (written, told) in [
        (
            "element_separator = \"\\u001D\"\ncomponent_separator = \"\\u001F\"\nsegment_terminator = \"\\r\\n\"",
            "",
        ),
        ("segment_terminator = \"\\n\"", ""),
        ("segment_terminator = \"\\r\"", ""),
        ("element_separator = \"\\t\"", ""),
        ("element_separator = \"\\n\"", "cannot separate"),
        ("component_separator = \"-\"", "cannot separate"),
        ("repetition_separator = \".\"", "cannot separate"),
        ("element_separator = \" \"", "cannot separate"),
        ("element_separator = \"\\u001A\"", "cannot separate"),
        ("element_separator = \"\\u0000\"", "cannot separate"),
        ("element_separator = \"7\"", "cannot separate"),
        ("element_separator = \"§\"", "cannot separate"),
        ("element_separator = \"||\"", "cannot separate"),
        ("segment_terminator = \"\\t\"", "cannot end a segment"),
        ("segment_terminator = \"\"", "cannot end a segment"),
        ("segment_terminator = \"^\"", "expected four different characters"),
        ("character_set = \"ebcdic\"", "ebcdic"),
        ("character_set = \"iso-8859-1\"", ""),
        ("replacement = \"*\"", "separates or is not in the character_set"),
        ("replacement = \"_\"\ncharacter_set = \"basic\"", "separates or is not in the character_set"),
        ("replacement = \"\"", "one printable ASCII character"),
        (
            "character_set = \"basic\"\n[invoices]\nnumber_prefix = \"n-\"",
            "expected characters of x12.character_set",
        ),
        (
            "element_separator = \"/\"\n[invoices]\nnumber_prefix = \"N/\"",
            "contains the element_separator '/'",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("partners")).unwrap();
        std::fs::write(folder.path().join("partners/acme.toml"), format!("{ACME}[x12]\n{written}\n"))
            .unwrap();
        let problems =
            crate::site::partner_profile::load(folder.path()).map(|_| ()).map_err(|e| e.to_string());
        match problems {
            Ok(()) => assert_eq!(told, "", "{written}"),
            Err(message) => assert!(!told.is_empty() && message.contains(told), "{written}: {message}"),
        }
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "one profile with every mistake, and its messages")]
fn orders_and_layout_of_a_partner_must_make_sense() {
    check_partner(
        &format!(
            "{ACME}{}",
            r#"[orders]
customer_item_qualifiers = ["IN", "VN", "IN", "item"]
vendor_item_qualifiers = ["VP", "VN"]
chain = ["xref", "gtin", "xref"]
match_forms = ["case", "case"]
may_contradict = ["vendor", "gtin", "gtin"]
unit_aliases = { EACH = "" }
[orders.csv]
delimiter = "\""
date_format = "%d.%m"
customer_item_qualifier = "BP"
columns = { po_number = "PO #", quantity = "" }
[invoices]
number_prefix = "INVOICE-OF-THE-DAY-"
terms = { percent = "250", net_days = 3000 }
"#
        ),
        &expect![[r#"
            16 problems in the configuration

            partners/acme.toml, line 8: orders.customer_item_qualifiers: "IN" stands twice
              |
            8 | customer_item_qualifiers = ["IN", "VN", "IN", "item"]
              |                            ^^^^^^^^^^^^^^^^^^^^^^^^^^

            partners/acme.toml, line 8: orders.customer_item_qualifiers: "item", expected a code of element 235: two capital letters or digits
              |
            8 | customer_item_qualifiers = ["IN", "VN", "IN", "item"]
              |                            ^^^^^^^^^^^^^^^^^^^^^^^^^^

            partners/acme.toml, line 9: orders.vendor_item_qualifiers: "VN" is in customer_item_qualifiers too, expected it in one of the lists
              |
            9 | vendor_item_qualifiers = ["VP", "VN"]
              |                          ^^^^^^^^^^^^

            partners/acme.toml, line 10: orders.chain: a step stands twice
               |
            10 | chain = ["xref", "gtin", "xref"]
               |         ^^^^^^^^^^^^^^^^^^^^^^^^

            partners/acme.toml, line 11: orders.match_forms: a form stands twice
               |
            11 | match_forms = ["case", "case"]
               |               ^^^^^^^^^^^^^^^^

            partners/acme.toml, line 12: orders.may_contradict: a step that chain does not have, expected only steps that are taken
               |
            12 | may_contradict = ["vendor", "gtin", "gtin"]
               |                  ^^^^^^^^^^^^^^^^^^^^^^^^^^

            partners/acme.toml, line 12: orders.may_contradict: a step stands twice
               |
            12 | may_contradict = ["vendor", "gtin", "gtin"]
               |                  ^^^^^^^^^^^^^^^^^^^^^^^^^^

            partners/acme.toml, line 13: orders.unit_aliases.EACH: expected the partner's word and our unit, such as EACH = "EA"
               |
            13 | unit_aliases = { EACH = "" }
               |                         ^^

            partners/acme.toml, line 15: orders.csv.delimiter: '"' cannot stand between columns, expected a comma, semicolon, tab or bar
               |
            15 | delimiter = "\""
               |             ^^^^

            partners/acme.toml, line 16: orders.csv.date_format: "%d.%m" cannot be read (year required to parse date), expected a day in strftime's letters, such as "%m/%d/%Y" or "%d.%m.%Y"
               |
            16 | date_format = "%d.%m"
               |               ^^^^^^^

            partners/acme.toml, line 17: orders.csv.customer_item_qualifier: "BP" is not in customer_item_qualifiers, expected one that is: IN, VN, IN, item
               |
            17 | customer_item_qualifier = "BP"
               |                           ^^^^

            partners/acme.toml, line 18: orders.csv.columns.quantity: expected the header over the partner's column
               |
            18 | columns = { po_number = "PO #", quantity = "" }
               |                                            ^^

            partners/acme.toml, line 20: invoices.number_prefix: "INVOICE-OF-THE-DAY-", expected up to 12 printable ASCII characters, because BIG02 holds 22 in all
               |
            20 | number_prefix = "INVOICE-OF-THE-DAY-"
               |                 ^^^^^^^^^^^^^^^^^^^^^

            partners/acme.toml, line 21: invoices.terms.percent: 250, expected 0 or more and less than 100, with up to 4 decimals (ITD03)
               |
            21 | terms = { percent = "250", net_days = 3000 }
               |                     ^^^^^

            partners/acme.toml, line 21: invoices.terms.days: missing key, expected the days of the discount (ITD05), because percent is there
               |
            21 | terms = { percent = "250", net_days = 3000 }
               |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

            partners/acme.toml, line 21: invoices.terms.net_days: 3000, expected 0 to 999 days
               |
            21 | terms = { percent = "250", net_days = 3000 }
               |                                       ^^^^"#]],
    );
    check_partner(
        &format!("{ACME}[orders.csv]\ndate_format = \"%Q\"\ncolums = {{}}\n"),
        &expect![[r#"
        1 problem in the configuration

        partners/acme.toml, line 9: orders.csv.colums: unknown key `colums`, expected one of `delimiter`, `encoding`, `date_format`, `decimal`, `columns`, `customer_item_qualifier`, `vendor_item_qualifier`
          |
        9 | colums = {}
          | ^^^^^^"#]],
    );
}

#[test]
fn a_date_format_says_the_whole_date() {
    for fine in ["%m/%d/%Y", "%d.%m.%Y", "%Y-%m-%d", "%Y%m%d", "%d-%b-%y", "%-d/%-m/%Y"] {
        check_partner(
            &format!("{ACME}[orders.csv]\ndate_format = \"{fine}\"\n"),
            &expect!["fine, partners: 1"],
        );
    }
    for wrong in ["%Q", "%", "%m/%Y", "MM/DD/YYYY", "", "%H:%M"] {
        let text = format!("{ACME}[orders.csv]\ndate_format = \"{wrong}\"\n");
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("partners")).unwrap();
        std::fs::write(folder.path().join("itembridge.toml"), COMPANY).unwrap();
        std::fs::write(folder.path().join("partners/acme.toml"), text).unwrap();
        let told = load(folder.path()).unwrap_err().to_string();
        assert!(told.contains("acme.toml, line 8: orders.csv.date_format: "), "{wrong:?}: {told}");
    }
}

#[test]
fn a_profile_for_any_sender_needs_no_other_ids() {
    let text = "[partner]\nid = \"any\"\ncustomer = \"ANY\"\ninterchange_id = \"*\"\n";
    check_partner(text, &expect!["fine, partners: 1"]);
}

#[test]
fn a_csv_partner_with_our_own_headers_needs_id_and_customer_alone() {
    check_partner("[partner]\nid = \"acme\"\ncustomer = \"ACME\"\n", &expect!["fine, partners: 1"]);
}

#[test]
fn a_percentage_is_text_or_a_whole_number_and_never_a_float() {
    let with = |percent: &str| {
        format!("{ACME}[invoices]\nterms = {{ percent = {percent}, days = 10, net_days = 30 }}\n")
    };
    for fine in ["\"2\"", "\"2.5\"", "2"] {
        check_partner(&with(fine), &expect!["fine, partners: 1"]);
    }
    check_partner(
        &with("2.5"),
        &expect![[r#"
        1 problem in the configuration

        partners/acme.toml, line 8: invoices.terms.percent: wrong value: floating point `2.5`, expected a decimal in quotes such as "2.5", or a whole number
          |
        8 | terms = { percent = 2.5, days = 10, net_days = 30 }
          |                     ^^^"#]],
    );
    check_partner(
        &with("\"two\""),
        &expect![[r#"
        1 problem in the configuration

        partners/acme.toml, line 8: invoices.terms.percent: wrong value: string "two", expected a decimal in quotes such as "2.5", or a whole number
          |
        8 | terms = { percent = "two", days = 10, net_days = 30 }
          |                     ^^^^^"#]],
    );
}

#[test]
fn two_partners_cannot_be_the_same() {
    let other = ACME.replace("\"acme\"", "\"ACME\"").replace("[partner]", "# copied\n[partner]");
    check(
        &[("itembridge.toml", COMPANY), ("partners/acme.toml", ACME), ("partners/copy.toml", &other)],
        &expect![[r#"
            2 problems in the configuration

            partners/copy.toml, line 3: partner.id: "ACME" is the id of partners/acme.toml too, expected each id once
              |
            3 | id = "ACME"
              |      ^^^^^^

            partners/copy.toml, line 6: partner.interchange_id: partners/acme.toml has the same interchange_qualifier, interchange_id and application_id, expected one profile for them
              |
            6 | interchange_id = "006922827"
              |                  ^^^^^^^^^^^"#]],
    );
}

#[test]
fn a_pre_flight_asks_for_what_can_be_done_and_named() {
    check_partner(
        &format!(
            "{ACME}{}",
            r#"[invoices]
references = { IA = "", toolong = "1" }

[invoices.preflight]
unknown_line = "warn"
over_billed = "stop"
price_tolerance_percent = "-1"
required = ["ITD", "ref*DP"]
"#
        ),
        &expect![[r#"
            1 problem in the configuration

            partners/acme.toml, line 12: invoices.preflight.over_billed: unknown value `stop`, expected one of `warn`, `hold`, `refuse`
               |
            12 | over_billed = "stop"
               |               ^^^^^^"#]],
    );
    check_partner(
        &format!(
            "{ACME}{}",
            r#"[invoices]
references = { IA = "", toolong = "1" }
remit_to = { code = "77" }

[invoices.preflight]
unknown_line = "warn"
price_tolerance_percent = "-1"
required = ["ITD", "ref*DP"]
"#
        ),
        &expect![[r#"
            6 problems in the configuration

            partners/acme.toml, line 8: invoices.references: IA = "", expected REF01 (two or three capitals or digits) and a value
              |
            8 | references = { IA = "", toolong = "1" }
              |              ^^^^^^^^^^^^^^^^^^^^^^^^^^

            partners/acme.toml, line 8: invoices.references: toolong = "1", expected REF01 (two or three capitals or digits) and a value
              |
            8 | references = { IA = "", toolong = "1" }
              |              ^^^^^^^^^^^^^^^^^^^^^^^^^^

            partners/acme.toml, line 9: invoices.remit_to: expected code_qualifier (N103) and code (N104) together, or neither
              |
            9 | remit_to = { code = "77" }
              |            ^^^^^^^^^^^^^^^

            partners/acme.toml, line 12: invoices.preflight.unknown_line: "warn", expected "hold" or "refuse": such an invoice cannot go out
               |
            12 | unknown_line = "warn"
               |                ^^^^^^

            partners/acme.toml, line 13: invoices.preflight.price_tolerance_percent: -1, expected 0 or more
               |
            13 | price_tolerance_percent = "-1"
               |                           ^^^^

            partners/acme.toml, line 14: invoices.preflight.required: "ref*DP", expected a segment ("ITD"), a segment with a code ("REF*DP", "IT1*UP"), or an element ("IT101", "N104*ST")
               |
            14 | required = ["ITD", "ref*DP"]
               |            ^^^^^^^^^^^^^^^^^"#]],
    );
}
