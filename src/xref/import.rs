//! A row of an import file against what is known: whom and what it names, what it changes, what is wrong with it.

use crate::domain::item::{Customer, Item, Xref, XrefScope};
use crate::domain::unit::Fraction;
use crate::domain::{Date, Text};
use crate::xref::clash::{ItemEnd, ItemEnds};
use hashbrown::{HashMap, HashSet};

/// A row as it was read. An empty cell is None where a blank leaves a value as it stands; the cells of the key are text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The record, the first after the header = 1.
    pub row: u64,
    /// The line of the file on which it begins.
    pub line: u64,
    /// A customer's id or name, `group:NAME` or `*`.
    pub customer: Text,
    pub customer_item: Text,
    pub item: Text,
    pub ship_to: Text,
    pub qualifier: Text,
    pub unit: Text,
    pub valid_from: Option<Date>,
    pub unit_factor: Option<Fraction>,
    pub rank: Option<u32>,
    pub valid_to: Option<Date>,
    pub active: Option<bool>,
    pub description: Option<Text>,
}

impl Draft {
    /// The row that shall stand: blanks keep what `standing` says, the current row with the same key.
    pub fn over(&self, scope: XrefScope, standing: Option<&Xref>) -> Xref {
        Xref {
            xref_id: 0,
            scope,
            customer_item: self.customer_item.clone(),
            item: self.item.clone(),
            qualifier: self.qualifier.clone(),
            unit: self.unit.clone(),
            unit_factor: self.unit_factor.or_else(|| standing.and_then(|row| row.unit_factor)),
            rank: self.rank.or_else(|| standing.map(|row| row.rank)).unwrap_or(1),
            valid_from: self.valid_from,
            valid_to: self.valid_to.or_else(|| standing.and_then(|row| row.valid_to)),
            active: self.active.or_else(|| standing.map(|row| row.active)).unwrap_or(true),
            description: self
                .description
                .clone()
                .or_else(|| standing.map(|row| row.description.clone()))
                .unwrap_or_default(),
        }
    }
}

/// The customers, groups and items that a row may name.
#[derive(Debug, Default)]
pub struct Known {
    pub items: ItemEnds,
    customers: HashSet<Text>,
    groups: HashSet<Text>,
    /// By name in small letters; None: several have it.
    by_name: HashMap<String, Option<Text>>,
}

impl Known {
    pub fn new(items: impl IntoIterator<Item = Item>, customers: &[Customer]) -> Self {
        let mut known = Self { items: ItemEnds::new(items), ..Self::default() };
        for customer in customers {
            known.customers.insert(customer.customer.clone());
            if !customer.group.is_empty() {
                known.groups.insert(customer.group.clone());
            }
            let id = &customer.customer;
            known
                .by_name
                .entry(customer.name.trim().to_lowercase())
                .and_modify(|one| *one = one.take().filter(|one| one == id))
                .or_insert_with(|| Some(id.clone()));
        }
        known
    }

    /// Whether there is a customer, and are members of a group, for the column `customer`.
    pub fn has_scope(&self, scope: &XrefScope) -> bool {
        match scope {
            XrefScope::ShipTo { customer, .. } | XrefScope::Customer(customer) => {
                self.customers.contains(customer)
            }
            XrefScope::Group(group) => self.groups.contains(group),
            XrefScope::Everyone => true,
        }
    }

    /// The scope that a row names; in words why it is none.
    pub fn scope(&self, customer: &str, ship_to: &str) -> Result<XrefScope, String> {
        let group = customer.strip_prefix("group:").map(str::trim);
        if !ship_to.is_empty() && (group.is_some() || customer == "*") {
            return Err(format!("a ship-to, {ship_to}, where the customer is {customer}"));
        }
        if customer == "*" {
            return Ok(XrefScope::Everyone);
        }
        if let Some(group) = group {
            let known = self.groups.contains(group);
            return known
                .then(|| XrefScope::Group(group.into()))
                .ok_or_else(|| format!("unknown group {group:?}: no customer of customers.csv is in it"));
        }
        let customer = self.customer(customer)?;
        Ok(if ship_to.is_empty() {
            XrefScope::Customer(customer)
        } else {
            XrefScope::ShipTo { customer, ship_to: ship_to.into() }
        })
    }

    /// By id, then by a name that only one customer has.
    fn customer(&self, text: &str) -> Result<Text, String> {
        if self.customers.contains(text) {
            return Ok(text.into());
        }
        match self.by_name.get(&text.to_lowercase()) {
            Some(Some(id)) => Ok(id.clone()),
            Some(None) => Err(format!("several customers have the name {text:?}: write the customer's id")),
            None => Err(format!("unknown customer {text:?}: customers.csv has no such id or name")),
        }
    }

    /// What is wrong with naming this item.
    pub fn item_problem(&self, item: &str) -> Option<String> {
        match self.items.end_of(item) {
            ItemEnd::Sold(_) | ItemEnd::Discontinued(_) | ItemEnd::Broken(_) => None,
            ItemEnd::Circle(at) => {
                Some(format!("item {item} leads nowhere: the successors go round in a circle at {at}"))
            }
            ItemEnd::Unknown => Some(match self.with_zeros(item) {
                Some(whole) => format!(
                    "unknown item {item:?}: items.csv has {whole}, whose leading zeros a spreadsheet may have cut"
                ),
                None => match mangled(item) {
                    Some(how) => format!("unknown item {item:?}: {how}"),
                    None => format!("unknown item {item:?}: items.csv does not have it"),
                },
            }),
        }
    }

    /// The item with leading zeros that such digits may once have been.
    fn with_zeros(&self, item: &str) -> Option<String> {
        let digits = !item.is_empty() && item.bytes().all(|byte| byte.is_ascii_digit());
        let mut whole = item.to_owned();
        while digits && whole.len() < ZEROS_UP_TO {
            whole.insert(0, '0');
            if self.items.has(&whole) {
                return Some(whole);
            }
        }
        None
    }
}

/// Item numbers of digits alone are seldom longer.
const ZEROS_UP_TO: usize = 20;

/// What a spreadsheet shows where it has no value.
const ERRORS: [&str; 7] = ["#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"];

/// How a spreadsheet has written a number that was another one, with a decimal point or comma; None for a number that
/// looks whole.
pub fn mangled(number: &str) -> Option<&'static str> {
    const POINTS: [char; 2] = ['.', ','];
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if let Some((mantissa, exponent)) = number.split_once("E+").or_else(|| number.split_once("e+")) {
        let whole =
            mantissa.split_once(POINTS).map_or_else(|| digits(mantissa), |(a, b)| digits(a) && digits(b));
        if whole && digits(exponent) {
            return Some("a spreadsheet has rounded it to a power of ten; its last digits are lost");
        }
    }
    if ERRORS.contains(&number) || (number.len() > 1 && number.bytes().all(|byte| byte == b'#')) {
        return Some("a spreadsheet has put an error in its place");
    }
    let (whole, part) = number.split_once(POINTS)?;
    (digits(whole) && digits(part) && part.bytes().all(|byte| byte == b'0'))
        .then_some("a spreadsheet has made a decimal of it")
}

/// Whether `whole` is `number` with leading zeros in front, all of it digits.
pub fn lost_zeros(number: &str, whole: &str) -> bool {
    !number.is_empty()
        && !number.starts_with('0')
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && whole.len() > number.len()
        && whole.trim_start_matches('0') == number
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::item::ItemStatus;

    fn known() -> Known {
        let item = |item: &str, successor: &str| Item {
            item: item.into(),
            status: if successor.is_empty() { ItemStatus::Active } else { ItemStatus::Discontinued },
            successor: successor.into(),
            ..Item::default()
        };
        let customer = |id: &str, name: &str, group: &str| Customer {
            customer: id.into(),
            name: name.into(),
            group: group.into(),
            ledger: true,
        };
        Known::new(
            [item("10-1", ""), item("0012", ""), item("X", "Y"), item("Y", "X")],
            &[
                customer("ACME", "Acme Stores", "retail"),
                customer("B1", "Twin", ""),
                customer("B2", "twin", ""),
                customer("Acme Stores East", "East", ""),
            ],
        )
    }

    #[test]
    fn a_row_names_its_customer_by_id_or_by_a_name_that_one_has() {
        let known = known();
        let customer = |id: &str| Ok(XrefScope::Customer(id.into()));
        for (customer_cell, ship_to, scope) in [
            ("ACME", "", customer("ACME")),
            ("acme stores", "", customer("ACME")),
            ("Acme Stores East", "", customer("Acme Stores East")),
            ("acme", "", Err(r#"unknown customer "acme": customers.csv has no such id or name"#)),
            ("Twin", "", Err(r#"several customers have the name "Twin": write the customer's id"#)),
            ("*", "", Ok(XrefScope::Everyone)),
            ("*", "S1", Err("a ship-to, S1, where the customer is *")),
            ("group: retail", "", Ok(XrefScope::Group("retail".into()))),
            ("group:x", "", Err(r#"unknown group "x": no customer of customers.csv is in it"#)),
            ("group:retail", "S1", Err("a ship-to, S1, where the customer is group:retail")),
            ("ACME", "S1", Ok(XrefScope::ShipTo { customer: "ACME".into(), ship_to: "S1".into() })),
        ] {
            assert_eq!(known.scope(customer_cell, ship_to), scope.map_err(str::to_owned), "{customer_cell}");
        }
    }

    #[test]
    fn an_item_that_is_unknown_is_told_with_the_likely_cause() {
        let known = known();
        for (item, problem) in [
            ("10-1", None),
            ("X", Some("item X leads nowhere: the successors go round in a circle at X")),
            ("10-2", Some(r#"unknown item "10-2": items.csv does not have it"#)),
            (
                "12",
                Some(
                    r#"unknown item "12": items.csv has 0012, whose leading zeros a spreadsheet may have cut"#,
                ),
            ),
            (
                "1.2E+11",
                Some(
                    r#"unknown item "1.2E+11": a spreadsheet has rounded it to a power of ten; its last digits are lost"#,
                ),
            ),
        ] {
            assert_eq!(known.item_problem(item).as_deref(), problem);
        }
    }

    #[test]
    fn numbers_that_a_spreadsheet_has_changed_are_known_by_their_looks() {
        for (number, is) in [
            ("1.23E+11", true),
            ("1E+05", true),
            ("2e+7", true),
            ("12.0", true),
            ("12.00", true),
            ("1,23E+11", true),
            ("4711,00", true),
            ("#N/A", true),
            ("#NAME?", true),
            ("#####", true),
            ("12,5", false),
            ("#", false),
            ("#12", false),
            ("1,2,0", false),
            ("12.5", false),
            ("A1E+5", false),
            ("E+5", false),
            ("1E5", false),
            ("1E+", false),
            (".0", false),
            ("12.", false),
            ("10.20.0", false),
            ("0012", false),
        ] {
            assert_eq!(mangled(number).is_some(), is, "{number}");
        }
        for (number, whole, lost) in [
            ("12", "0012", true),
            ("12", "012", true),
            ("12", "12", false),
            ("012", "0012", false),
            ("12", "0120", false),
            ("1-2", "01-2", false),
            ("", "0", false),
        ] {
            assert_eq!(lost_zeros(number, whole), lost, "{number} {whole}");
        }
    }

    #[test]
    fn blanks_keep_what_stands_and_default_where_nothing_does() {
        let draft = Draft {
            row: 1,
            line: 2,
            customer: "ACME".into(),
            customer_item: "N".into(),
            item: "10-1".into(),
            ship_to: "".into(),
            qualifier: "BP".into(),
            unit: "CA".into(),
            valid_from: None,
            unit_factor: None,
            rank: None,
            valid_to: None,
            active: None,
            description: None,
        };
        let scope = XrefScope::Customer("ACME".into());
        let new = draft.over(scope.clone(), None);
        assert_eq!(
            (new.rank, new.active, new.unit_factor, new.valid_to, new.description.as_str()),
            (1, true, None, None, "")
        );
        let standing = Xref {
            rank: 3,
            active: false,
            unit_factor: Fraction::new(12, 1),
            valid_to: Some(Date::constant(2026, 12, 31)),
            description: "kept".into(),
            ..new.clone()
        };
        assert!(new.same_key(&standing));
        assert_eq!(draft.over(scope.clone(), Some(&standing)), standing);
        let spoken = Draft {
            rank: Some(1),
            active: Some(true),
            unit_factor: Some(Fraction::ONE),
            valid_to: Some(Date::constant(2027, 1, 1)),
            description: Some("new".into()),
            ..draft
        };
        let over = spoken.over(scope, Some(&standing));
        assert_eq!(
            (over.rank, over.active, over.unit_factor, over.description.as_str()),
            (1, true, Some(Fraction::ONE), "new")
        );
    }
}
