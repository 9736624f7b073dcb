//! The ledger's types of `[[customer_item_types]]`: what is wrong with them.

use crate::domain::customer_item::{CustomerItemType, ExtraField};
use crate::site::toml_file::Checker;

/// A century of warranty or service; more is a slip of the pen.
const MONTHS_MAX: u32 = 1_200;

pub(super) fn check_types(types: &[CustomerItemType], checker: &mut Checker<'_>) {
    for (index, kind) in types.iter().enumerate() {
        let number = index.to_string();
        let path = |key| ["customer_item_types", number.as_str(), key];
        checker.expect(!kind.name.trim().is_empty(), &path("name"), || "expected a name".to_owned());
        let before = types.iter().take(index).any(|other| other.name == kind.name);
        checker.expect(!before, &path("name"), || {
            format!("{:?} is the name of another type, expected each name once", kind.name)
        });
        let months =
            [("warranty_months", kind.warranty_months), ("service_every_months", kind.service_every_months)];
        for (key, value) in months {
            checker.expect(value <= MONTHS_MAX, &path(key), || {
                format!("{value}, expected 0 (none) to {MONTHS_MAX} months")
            });
        }
        checker.check(&path("fields"), fields_problem(&kind.fields));
    }
}

/// Fields of one type; more is a table of its own.
const FIELDS_MAX: usize = 50;

/// Names that the ledger's own columns have, or its imports.
const FIELDS_TAKEN: &[&str] = &[
    "customer",
    "date",
    "document",
    "ended",
    "ended_as",
    "item",
    "key",
    "kit",
    "last_service",
    "line",
    "origin",
    "owned_from",
    "po_number",
    "problem",
    "purchase_date",
    "quantity",
    "serial",
    "serials",
    "service_due",
    "ship_date",
    "source",
    "status",
    "successor",
    "type",
    "unit",
    "unit_price",
    "warranty",
    "warranty_end",
    "warranty_start",
];

/// What is wrong with the extra fields of a type, if anything.
fn fields_problem(fields: &[ExtraField]) -> Option<String> {
    if fields.len() > FIELDS_MAX {
        return Some(format!("{} fields, expected at most {FIELDS_MAX}", fields.len()));
    }
    fields.iter().enumerate().find_map(|(index, field)| {
        let name = field.name.as_str();
        let small = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if !(1..=40).contains(&name.len()) || !name.bytes().all(small) {
            Some(format!("{name:?}, expected a name of small letters, digits and _ (at most 40)"))
        } else if FIELDS_TAKEN.contains(&name) {
            Some(format!("{name:?} is a column of the ledger already, expected another name"))
        } else if fields.iter().take(index).any(|other| other.name == field.name) {
            Some(format!("{name:?} stands twice, expected each name once"))
        } else {
            None
        }
    })
}
