//! What a partner's profile must keep beyond being TOML of the right shape.

mod invoices;
mod x12;

use crate::domain::partner::{Company, CsvLayout, PartnerProfile, Separator};
use crate::domain::{Date, Text};
use crate::site::config::{id_problem, qualifier_problem};
use crate::site::toml_file::{Checker, Problem, TomlFile};

/// The required keys, and what a person is told to put there.
pub(super) const REQUIRED: &[(&str, &str)] = &[
    ("partner", "a table [partner] with id, customer and, for X12, the partner's ids"),
    ("partner.id", "a name for the partner's folders, such as \"acme\""),
    ("partner.customer", "the customer of customers.csv whose orders come from here"),
    ("invoices.terms.net_days", "the days until the invoice is due, such as 30"),
];

/// What follows from other keys where a key itself is not there: the qualifiers of CSV numbers are on the lists, and a
/// partner without X12 ids sends CSV, with our own headers if need be.
pub(super) fn defaults(profile: &mut PartnerProfile, file: &TomlFile) {
    let orders = &mut profile.orders;
    if let Some(mut csv) = orders.csv.take() {
        csv.take_listed(orders, |key| file.has(&["orders", "csv", key]));
        orders.csv = Some(csv);
    } else if profile.partner.interchange_id.is_empty() {
        orders.csv = Some(orders.csv_layout());
    }
}

/// Everything that is wrong with one profile by itself.
pub(super) fn profile(profile: &PartnerProfile, file: &TomlFile, company: Option<&Company>) -> Vec<Problem> {
    let mut checker = Checker::new(file);
    check_identity(profile, file, &mut checker);
    x12::check(profile, company, &mut checker);
    check_orders(profile, &mut checker);
    if let Some(csv) = &profile.orders.csv {
        check_csv(csv, profile, &mut checker);
    }
    invoices::check(profile, &mut checker);
    checker.problems
}

/// Two profiles may share neither their id nor all of their ids on the envelope.
pub(super) fn against_each_other(read: &[(PartnerProfile, TomlFile)]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (index, (profile, file)) in read.iter().enumerate() {
        for (other, earlier) in read.iter().take(index) {
            let (mine, theirs) = (&profile.partner, &other.partner);
            if mine.id.eq_ignore_ascii_case(&theirs.id) {
                problems.push(file.problem(
                    &["partner", "id"],
                    format!("{:?} is the id of {} too, expected each id once", mine.id, earlier.name()),
                ));
            }
            // the qualifier of a profile that accepts any sender counts for nothing
            let same_sender = mine.interchange_id == theirs.interchange_id
                && (mine.interchange_id == "*" || mine.interchange_qualifier == theirs.interchange_qualifier);
            let open = |id: &Text| if id == "*" { Text::default() } else { id.clone() };
            if same_sender
                && !mine.interchange_id.is_empty()
                && open(&mine.application_id) == open(&theirs.application_id)
            {
                problems.push(file.problem(
                    &["partner", "interchange_id"],
                    format!(
                        "{} has the same interchange_qualifier, interchange_id and application_id, expected one profile for them",
                        earlier.name()
                    ),
                ));
            }
        }
    }
    problems
}

fn check_identity(profile: &PartnerProfile, file: &TomlFile, checker: &mut Checker<'_>) {
    let partner = &profile.partner;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let safe = (1..=64).contains(&partner.id.len())
        && partner.id.bytes().all(plain)
        && !partner.id.starts_with('.')
        && !partner.id.ends_with('.');
    checker.expect(safe, &["partner", "id"], || {
        format!(
            "{:?} names folders, expected 1 to 64 letters, digits, - _ or ., with no point at either end",
            partner.id
        )
    });
    checker.expect(!partner.customer.trim().is_empty(), &["partner", "customer"], || {
        "expected the customer of customers.csv whose orders come from here".to_owned()
    });
    if partner.interchange_id == "*" {
        return;
    }
    let keys = ["interchange_qualifier", "interchange_id", "application_id"];
    let written = keys.iter().filter(|key| file.has(&["partner", key])).count();
    if written == 0 {
        // a CSV partner, whose files may have our own headers
        return;
    }
    let expected =
        ["two characters (ISA05)", "1 to 15 characters (ISA06)", "1 to 15 characters (GS02), or \"*\""];
    for (key, expected) in keys.iter().zip(expected) {
        checker.expect(file.has(&["partner", key]), &["partner", key], || {
            format!("missing key, expected {expected}, because the other X12 ids are there")
        });
    }
    if file.has(&["partner", "interchange_qualifier"]) {
        checker
            .check(&["partner", "interchange_qualifier"], qualifier_problem(&partner.interchange_qualifier));
    }
    if file.has(&["partner", "interchange_id"]) {
        checker.check(&["partner", "interchange_id"], id_problem(&partner.interchange_id, "ISA06"));
    }
    if !partner.application_id.is_empty() {
        checker.check(&["partner", "application_id"], id_problem(&partner.application_id, "GS02"));
    }
}

fn check_orders(profile: &PartnerProfile, checker: &mut Checker<'_>) {
    let orders = &profile.orders;
    let lists = [
        ("customer_item_qualifiers", &orders.customer_item_qualifiers),
        ("vendor_item_qualifiers", &orders.vendor_item_qualifiers),
    ];
    for (key, list) in lists {
        for (index, qualifier) in list.iter().enumerate() {
            checker.check(&["orders", key], item_qualifier_problem(qualifier));
            checker.expect(
                !list.iter().take(index).any(|other| other == qualifier),
                &["orders", key],
                || format!("{qualifier:?} stands twice"),
            );
        }
    }
    for qualifier in &orders.vendor_item_qualifiers {
        checker.expect(
            !orders.customer_item_qualifiers.contains(qualifier),
            &["orders", "vendor_item_qualifiers"],
            || format!("{qualifier:?} is in customer_item_qualifiers too, expected it in one of the lists"),
        );
    }
    let repeated = |index: usize, same: &dyn Fn(usize) -> bool| (0..index).any(same);
    checker.expect(!orders.chain.is_empty(), &["orders", "chain"], || {
        "an empty list, expected at least one of \"xref\", \"vendor\", \"gtin\", \"match_form\"".to_owned()
    });
    for (index, step) in orders.chain.iter().enumerate() {
        let twice = repeated(index, &|earlier| orders.chain.get(earlier) == Some(step));
        checker.expect(!twice, &["orders", "chain"], || "a step stands twice".to_owned());
    }
    for (index, form) in orders.match_forms.iter().enumerate() {
        let twice = repeated(index, &|earlier| orders.match_forms.get(earlier) == Some(form));
        checker.expect(!twice, &["orders", "match_forms"], || "a form stands twice".to_owned());
    }
    for (index, step) in orders.may_contradict.iter().enumerate() {
        let twice = repeated(index, &|earlier| orders.may_contradict.get(earlier) == Some(step));
        checker.expect(!twice, &["orders", "may_contradict"], || "a step stands twice".to_owned());
        checker.expect(orders.chain.contains(step), &["orders", "may_contradict"], || {
            "a step that chain does not have, expected only steps that are taken".to_owned()
        });
    }
    for (alias, unit) in &orders.unit_aliases {
        checker.expect(
            !alias.trim().is_empty() && !unit.trim().is_empty(),
            &["orders", "unit_aliases", alias],
            || "expected the partner's word and our unit, such as EACH = \"EA\"".to_owned(),
        );
    }
}

fn check_csv(csv: &CsvLayout, profile: &PartnerProfile, checker: &mut Checker<'_>) {
    checker.expect(!b"\"\r\n".contains(&csv.delimiter.0), &["orders", "csv", "delimiter"], || {
        format!(
            "{:?} cannot stand between columns, expected a comma, semicolon, tab or bar",
            shown(csv.delimiter)
        )
    });
    checker.check(&["orders", "csv", "date_format"], date_format_problem(&csv.date_format));
    let lists = [
        ("customer_item_qualifier", &csv.customer_item_qualifier, &profile.orders.customer_item_qualifiers),
        ("vendor_item_qualifier", &csv.vendor_item_qualifier, &profile.orders.vendor_item_qualifiers),
    ];
    for (key, qualifier, list) in lists {
        let problem = item_qualifier_problem(qualifier).or_else(|| {
            let listed = list.is_empty() || list.contains(qualifier);
            (!listed)
                .then(|| format!("{qualifier:?} is not in {key}s, expected one that is: {}", list.join(", ")))
        });
        checker.check(&["orders", "csv", key], problem);
    }
    for (field, header) in csv.columns.named() {
        checker.expect(
            header.is_none_or(|header| !header.trim().is_empty()),
            &["orders", "csv", "columns", field],
            || "expected the header over the partner's column".to_owned(),
        );
    }
}

fn item_qualifier_problem(qualifier: &str) -> Option<String> {
    let fine = qualifier.len() == 2
        && qualifier.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    (!fine).then(|| format!("{qualifier:?}, expected a code of element 235: two capital letters or digits"))
}

/// A day that is written and read back: 2 and 25 cannot be taken for each other, nor for a month.
fn date_format_problem(format: &str) -> Option<String> {
    let expected = "expected a day in strftime's letters, such as \"%m/%d/%Y\" or \"%d.%m.%Y\"";
    let day = jiff::civil::date(2026, 2, 25);
    let text = match jiff::fmt::strtime::format(format, day) {
        Ok(text) => text,
        Err(error) => return Some(format!("{format:?} cannot be written ({error}), {expected}")),
    };
    match Date::strptime(format, &text) {
        Ok(back) if back == day => None,
        Ok(_) => Some(format!("{format:?} does not say the whole date, {expected}")),
        Err(error) => Some(format!("{format:?} cannot be read ({error}), {expected}")),
    }
}

fn shown(separator: Separator) -> char {
    char::from(separator.0)
}
