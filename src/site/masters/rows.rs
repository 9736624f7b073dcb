//! The rows of the five masters: which columns they have, what each may hold, what makes two rows the same.

use crate::domain::customer_item::CustomerItemType;
use crate::domain::item::{
    Customer, Item, ItemStatus, KitComponent, SerialTracking, UnitConversion, Xref, XrefScope,
};
use crate::domain::money::{parse_decimal, to_micros};
use crate::domain::rules::csv::MASTER_TYPE_UNKNOWN;
use crate::domain::unit::Fraction;
use crate::domain::{Date, Decimal, Text};
use crate::site::masters::MasterFile;
use crate::site::masters::table::{Cells, Column, Rows, optional, read, required};
use anyhow::Result;
use std::io::Read;

/// An item number of a customer or of ours has at most so many characters.
const NUMBER_CHARACTERS_MAX: usize = 80;

/// items.csv; one row an item. A type that `types` does not have is told, and the row stays.
pub fn read_items(input: impl Read, types: &[CustomerItemType]) -> Result<Rows<Item>> {
    const COLUMNS: &[Column] = &[
        required("item"),
        required("description"),
        required("unit"),
        optional("gtin"),
        optional("status"),
        optional("successor"),
        optional("price"),
        optional("customer_item_type"),
        optional("serial_tracking"),
        optional("fractions"),
    ];
    const STATUS: &[(&str, ItemStatus)] =
        &[("active", ItemStatus::Active), ("discontinued", ItemStatus::Discontinued)];
    const TRACKING: &[(&str, SerialTracking)] =
        &[("none", SerialTracking::None), ("each", SerialTracking::Each), ("multi", SerialTracking::Multi)];
    let item = |cells: &mut Cells<'_>| {
        let item = Item {
            item: number(cells, 0),
            description: cells.prose(1),
            unit: cells.key(2),
            gtin: cells.text(3),
            status: cells.choice(4, STATUS, ItemStatus::Active),
            successor: cells.text(5),
            price: cells.value(6, "a decimal with a point, 0 or more, at most 6 decimals", price),
            customer_item_type: cells.text(7),
            serial_tracking: cells.choice(8, TRACKING, SerialTracking::None),
            fractions: cells.choice(9, &[("yes", true), ("no", false)], false),
        };
        if !item.successor.is_empty() && item.successor == item.item {
            cells.invalid(5, "expected another item than the row's own".to_owned());
        }
        let kind = &item.customer_item_type;
        if !kind.is_empty() && !types.iter().any(|known| known.name == *kind) {
            cells.note(7, &MASTER_TYPE_UNKNOWN, String::new());
        }
        item
    };
    read(&MasterFile::Items.path(), input, COLUMNS, item, |a, b| a.item.cmp(&b.item))
}

/// customers.csv; one row a customer.
pub fn read_customers(input: impl Read) -> Result<Rows<Customer>> {
    const COLUMNS: &[Column] =
        &[required("customer"), required("name"), optional("group"), optional("ledger")];
    let customer = |cells: &mut Cells<'_>| {
        let customer = Customer {
            customer: cells.key(0),
            name: cells.required_prose(1),
            group: cells.text(2),
            ledger: cells.choice(3, &[("yes", true), ("no", false)], true),
        };
        if customer.customer == "*" || customer.customer.starts_with(GROUP) {
            cells.invalid(0, format!("{:?} and {GROUP:?} have a meaning of their own in item_xref.csv", "*"));
        }
        customer
    };
    read(&MasterFile::Customers.path(), input, COLUMNS, customer, |a, b| a.customer.cmp(&b.customer))
}

/// `item_xref.csv`. Two rows are the same only if they differ in nothing but the description: one number may lead to several
/// items, at several times and ranks, and the chain decides between them.
pub fn read_xrefs(input: impl Read) -> Result<Rows<Xref>> {
    const COLUMNS: &[Column] = &[
        required("customer"),
        required("customer_item"),
        required("item"),
        optional("ship_to"),
        optional("qualifier"),
        optional("unit"),
        optional("unit_factor"),
        optional("rank"),
        optional("valid_from"),
        optional("valid_to"),
        optional("status"),
        optional("description"),
    ];
    let xref = |cells: &mut Cells<'_>| {
        let xref = Xref {
            xref_id: 0,
            scope: scope(cells),
            customer_item: number(cells, 1),
            item: number(cells, 2),
            qualifier: cells.text(4),
            unit: cells.text(5),
            unit_factor: cells.value(6, "a positive factor such as 12, 0.5 or 1/2", Fraction::parse),
            rank: cells.value(7, "a whole number from 1", rank).unwrap_or(1),
            valid_from: cells.value(8, "a date as YYYY-MM-DD", date),
            valid_to: cells.value(9, "a date as YYYY-MM-DD", date),
            active: cells.choice(10, &[("active", true), ("inactive", false)], true),
            description: cells.prose(11),
        };
        if let (Some(from), Some(to)) = (xref.valid_from, xref.valid_to)
            && to < from
        {
            cells.invalid(9, format!("expected {from} or later, the row's valid_from"));
        }
        xref
    };
    let key = |a: &Xref, b: &Xref| {
        let numbers = a.customer_item.cmp(&b.customer_item).then_with(|| a.scope.cmp(&b.scope));
        let row = |x: &Xref| (x.rank, x.unit_factor, x.valid_from, x.valid_to, x.active);
        numbers
            .then_with(|| (&a.qualifier, &a.unit, &a.item).cmp(&(&b.qualifier, &b.unit, &b.item)))
            .then_with(|| row(a).cmp(&row(b)))
    };
    read(&MasterFile::ItemXref.path(), input, COLUMNS, xref, key)
}

/// `item_kits.csv`; one row a component of a kit.
pub fn read_kits(input: impl Read) -> Result<Rows<KitComponent>> {
    const COLUMNS: &[Column] = &[required("kit"), required("component"), required("quantity")];
    let component = |cells: &mut Cells<'_>| {
        let component = KitComponent {
            kit: number(cells, 0),
            component: number(cells, 1),
            quantity: {
                // a blank is missing, anything else that is no quantity is wrong
                cells.key(2);
                cells.value(2, "a quantity above 0, at most 6 decimals", quantity).unwrap_or(Decimal::ONE)
            },
        };
        if !component.kit.is_empty() && component.kit == component.component {
            cells.invalid(1, "expected another item than the kit itself".to_owned());
        }
        component
    };
    let key = |a: &KitComponent, b: &KitComponent| (&a.kit, &a.component).cmp(&(&b.kit, &b.component));
    read(&MasterFile::ItemKits.path(), input, COLUMNS, component, key)
}

/// uom.csv; one row a conversion of one item or, with `item` blank, of any. Rows that contradict one another are kept, so
/// that the index can leave out both and name them: the first is no better than the second.
pub fn read_conversions(input: impl Read) -> Result<Rows<UnitConversion>> {
    const COLUMNS: &[Column] = &[optional("item"), required("unit"), required("to_unit"), required("factor")];
    let conversion = |cells: &mut Cells<'_>| {
        let conversion = UnitConversion {
            item: cells.text(0),
            unit: cells.key(1),
            to_unit: cells.key(2),
            factor: {
                cells.key(3);
                let factor = cells.value(3, "a positive factor such as 12, 0.5 or 1/2", Fraction::parse);
                factor.unwrap_or(Fraction::ONE)
            },
        };
        if conversion.unit == conversion.to_unit && conversion.factor != Fraction::ONE {
            cells.invalid(3, "expected 1 from a unit to itself".to_owned());
        }
        conversion
    };
    let key = |a: &UnitConversion, b: &UnitConversion| {
        (&a.item, &a.unit, &a.to_unit, a.factor).cmp(&(&b.item, &b.unit, &b.to_unit, b.factor))
    };
    read(&MasterFile::Uom.path(), input, COLUMNS, conversion, key)
}

/// What a group's name stands behind in the column `customer` of the cross-reference.
const GROUP: &str = "group:";

fn scope(cells: &mut Cells<'_>) -> XrefScope {
    let (customer, ship_to) = (cells.key(0), cells.text(3));
    let wide = customer == "*" || customer.starts_with(GROUP);
    if wide && !ship_to.is_empty() {
        cells.invalid(3, format!("expected no ship-to where the customer is {customer}"));
    }
    if customer == "*" {
        return XrefScope::Everyone;
    }
    if let Some(group) = customer.strip_prefix(GROUP) {
        if group.trim().is_empty() {
            cells.invalid(0, "expected the name of a group after group:".to_owned());
        }
        return XrefScope::Group(Text::from(group.trim()));
    }
    if ship_to.is_empty() { XrefScope::Customer(customer) } else { XrefScope::ShipTo { customer, ship_to } }
}

fn number(cells: &mut Cells<'_>, column: usize) -> Text {
    let number = cells.key(column);
    // bytes are never fewer than characters
    if number.len() > NUMBER_CHARACTERS_MAX && number.chars().count() > NUMBER_CHARACTERS_MAX {
        cells.invalid(column, format!("expected up to {NUMBER_CHARACTERS_MAX} characters"));
    }
    number
}

fn price(text: &str) -> Option<Decimal> {
    parse_decimal(text).filter(|price| !price.is_sign_negative() && to_micros(*price).is_some())
}

fn quantity(text: &str) -> Option<Decimal> {
    parse_decimal(text).filter(|quantity| *quantity > Decimal::ZERO && to_micros(*quantity).is_some())
}

fn rank(text: &str) -> Option<u32> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|rank| digits && *rank >= 1)
}

/// `YYYY-MM-DD` and nothing after it.
fn date(text: &str) -> Option<Date> {
    if text.len() == 10 { text.parse().ok() } else { None }
}
