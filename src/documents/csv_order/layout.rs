//! The fields of a CSV order and the columns in which a file has them.

use crate::documents::csv_reading::{Found, Header, Row};
use crate::domain::Text;
use crate::domain::diagnostic::{Diagnostic, Location};
use crate::domain::partner::{CsvColumns, CsvLayout};
use crate::domain::rules::csv as rules;

/// A field of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    PoNumber,
    PoDate,
    Release,
    Customer,
    ShipTo,
    Line,
    CustomerItem,
    VendorItem,
    Upc,
    Description,
    Quantity,
    Unit,
    UnitPrice,
    Currency,
    RequestedDate,
}

type NameInProfile = fn(&CsvColumns) -> &Option<Text>;

/// Each field with its name in the contract and the profile's key for it, in the order of [`Field`].
const FIELDS: [(Field, &str, NameInProfile); 15] = [
    (Field::PoNumber, "po_number", |columns| &columns.po_number),
    (Field::PoDate, "po_date", |columns| &columns.po_date),
    (Field::Release, "release", |columns| &columns.release),
    (Field::Customer, "customer", |columns| &columns.customer),
    (Field::ShipTo, "ship_to", |columns| &columns.ship_to),
    (Field::Line, "line", |columns| &columns.line),
    (Field::CustomerItem, "customer_item", |columns| &columns.customer_item),
    (Field::VendorItem, "vendor_item", |columns| &columns.vendor_item),
    (Field::Upc, "upc", |columns| &columns.upc),
    (Field::Description, "description", |columns| &columns.description),
    (Field::Quantity, "quantity", |columns| &columns.quantity),
    (Field::Unit, "unit", |columns| &columns.unit),
    (Field::UnitPrice, "unit_price", |columns| &columns.unit_price),
    (Field::Currency, "currency", |columns| &columns.currency),
    (Field::RequestedDate, "requested_date", |columns| &columns.requested_date),
];

/// Without one of these nobody knows what is ordered.
const ITEM_FIELDS: [Field; 3] = [Field::CustomerItem, Field::VendorItem, Field::Upc];

/// The column of each field, from 0; None where the file has none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Columns([Option<usize>; FIELDS.len()]);

impl Columns {
    /// Finds each field under the profile's header, else under the contract's name, and says what is missing.
    pub fn find(header: &Header, layout: &CsvLayout, at: &Location) -> (Self, Vec<Diagnostic>) {
        let mut columns = Self::default();
        let mut findings = Vec::new();
        for (field, name, named) in FIELDS {
            let named = named(&layout.columns).as_deref();
            match header.find(named.unwrap_or(name)) {
                Found::Once(column) => columns.0[field as usize] = Some(column),
                Found::Twice(column) => {
                    let at = Location {
                        column: u32::try_from(column + 1).unwrap_or(u32::MAX),
                        header: header.name(column).into(),
                        ..at.clone()
                    };
                    findings.push(Diagnostic::new(&rules::COLUMN_TWICE, at).detail(format!("for {name}")));
                }
                Found::No => findings.extend(missing(field, name, named, at)),
            }
        }
        let several = findings.iter().any(|finding| finding.rule == &rules::COLUMN_TWICE);
        if !several && ITEM_FIELDS.iter().all(|field| columns.of(*field).is_none()) {
            let names: Vec<&str> = ITEM_FIELDS.iter().map(|field| wanted(*field, layout)).collect();
            findings.push(
                Diagnostic::new(&rules::COLUMN_MISSING, at.clone())
                    .detail(format!("one of {} is needed", names.join(", "))),
            );
        }
        (columns, findings)
    }

    pub fn of(&self, field: Field) -> Option<usize> {
        self.0[field as usize]
    }

    /// What a row has for a field; empty where it has nothing.
    pub fn value<'r>(&self, row: &'r Row, field: Field) -> &'r str {
        row.get(self.of(field))
    }

    /// Whether a row has any item number.
    pub fn has_item_number(&self, row: &Row) -> bool {
        ITEM_FIELDS.iter().any(|field| !self.value(row, *field).is_empty())
    }
}

/// The header under which a field is looked for.
fn wanted(field: Field, layout: &CsvLayout) -> &str {
    let (_, name, named) = FIELDS[field as usize];
    named(&layout.columns).as_deref().unwrap_or(name)
}

/// An optional column that no profile names may be absent without a word.
fn missing(field: Field, name: &str, named: Option<&str>, at: &Location) -> Option<Diagnostic> {
    let required = matches!(field, Field::PoNumber | Field::Quantity);
    let rule = match (required, named) {
        (true, _) => &rules::COLUMN_MISSING,
        (false, Some(_)) => &rules::COLUMN_NAMED_MISSING,
        (false, None) => return None,
    };
    let detail = match named {
        Some(header) => format!("{header:?} for {name}"),
        None => name.to_owned(),
    };
    Some(Diagnostic::new(rule, at.clone()).detail(detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_fields_stands_in_their_order() {
        for (index, (field, name, _)) in FIELDS.iter().enumerate() {
            assert_eq!(*field as usize, index, "{name}");
        }
    }
}
