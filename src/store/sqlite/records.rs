//! The masters as tables: which columns each has, and how a row of the file becomes a row of the table and back.

use super::described::{self, Whose};
use super::values::{Columns, written};
use super::xref_search;
use crate::domain::item::{
    Customer, Item, ItemStatus, KitComponent, SerialTracking, UnitConversion, Xref, XrefScope,
};
use crate::domain::money::plain;
use crate::domain::unit::Fraction;
use crate::domain::{Decimal, Text};
use crate::store::Micros;
use crate::store::xrefs::{NewNumbers, NewTexts};
use anyhow::{Result, ensure};
use rusqlite::Connection;
use rusqlite::types::FromSqlError;
use std::borrow::Cow;

/// A row of a masters file. All columns of a key are text.
pub(super) trait Record: Sized {
    const TABLE: &'static str;
    /// The columns that tell which row it is. A row whose other columns change stays the same row.
    const KEY: &'static [&'static str];
    const VALUES: &'static [&'static str];
    /// The column with a number that the store gives and that stays while the row stays.
    const NUMBER: Option<&'static str> = None;

    /// The value of a column of the key, counted from 0.
    fn key(&self, column: usize) -> Cow<'_, str>;
    /// The value of another column, counted from 0.
    fn value(&self, column: usize) -> Cell<'_>;
    /// From the key's columns, the values' and the number's.
    fn read(row: &mut Columns<'_, '_>) -> rusqlite::Result<Self>;

    /// Fails for what would not come back as it is.
    fn check(&self) -> Result<()> {
        Ok(())
    }

    /// The numbers of a new row that lookups must come to know.
    fn new_numbers(&self, _: &mut NewNumbers) {}

    /// Lets lookups know the numbers of rows that were added at `now`.
    fn learn(_: &Connection, _: &NewNumbers, _now: Micros) -> Result<()> {
        Ok(())
    }

    /// The description of a row that is new or has changed.
    fn new_texts(&self, _: &mut NewTexts) {}

    /// Lets lookups know the descriptions of rows that were recorded at `now`.
    fn learn_texts(_: &Connection, _: &NewTexts, _now: Micros) -> Result<()> {
        Ok(())
    }
}

/// The value of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell<'a> {
    Text(Cow<'a, str>),
    Whole(i64),
}

fn text(text: &Text) -> Cell<'_> {
    Cell::Text(Cow::Borrowed(text))
}

/// A value in its one written form, empty for none.
fn shown<T: std::fmt::Display>(value: Option<T>) -> Cow<'static, str> {
    value.map_or(Cow::Borrowed(""), |value| Cow::Owned(written(Some(value)).into()))
}

impl Record for Item {
    const TABLE: &'static str = "item";
    const KEY: &'static [&'static str] = &["item"];
    const VALUES: &'static [&'static str] = &[
        "description",
        "unit",
        "gtin",
        "status",
        "successor",
        "price",
        "customer_item_type",
        "serial_tracking",
        "fractions",
    ];

    fn key(&self, _: usize) -> Cow<'_, str> {
        Cow::Borrowed(&self.item)
    }

    fn value(&self, column: usize) -> Cell<'_> {
        match column {
            0 => text(&self.description),
            1 => text(&self.unit),
            2 => text(&self.gtin),
            3 => Cell::Text(Cow::Borrowed(word_of(STATUSES, self.status))),
            4 => text(&self.successor),
            5 => Cell::Text(shown(self.price)),
            6 => text(&self.customer_item_type),
            7 => Cell::Text(Cow::Borrowed(word_of(TRACKINGS, self.serial_tracking))),
            _ => Cell::Whole(self.fractions.into()),
        }
    }

    fn read(row: &mut Columns<'_, '_>) -> rusqlite::Result<Self> {
        Ok(Self {
            item: row.text()?,
            description: row.text()?,
            unit: row.text()?,
            gtin: row.text()?,
            status: row.parsed_by(|word| by_word(STATUSES, word))?.unwrap_or_default(),
            successor: row.text()?,
            price: row.decimal()?,
            customer_item_type: row.text()?,
            serial_tracking: row.parsed_by(|word| by_word(TRACKINGS, word))?.unwrap_or_default(),
            fractions: row.flag()?,
        })
    }

    fn new_numbers(&self, numbers: &mut NewNumbers) {
        numbers.add(|| [Text::default(), Text::default(), self.item.clone()]);
    }

    fn learn(connection: &Connection, numbers: &NewNumbers, _: Micros) -> Result<()> {
        xref_search::learn_items(connection, numbers)
    }

    fn new_texts(&self, texts: &mut NewTexts) {
        if !self.description.is_empty() {
            texts.add(|| [Text::default(), self.item.clone(), self.description.clone()]);
        }
    }

    fn learn_texts(connection: &Connection, texts: &NewTexts, now: Micros) -> Result<()> {
        described::learn(connection, Whose::Ours, texts, now)
    }
}

/// The words of items.csv.
const STATUSES: &[(ItemStatus, &str)] =
    &[(ItemStatus::Active, "active"), (ItemStatus::Discontinued, "discontinued")];
const TRACKINGS: &[(SerialTracking, &str)] =
    &[(SerialTracking::None, "none"), (SerialTracking::Each, "each"), (SerialTracking::Multi, "multi")];

fn word_of<T: PartialEq + Copy>(words: &[(T, &'static str)], value: T) -> &'static str {
    words.iter().find(|(known, _)| *known == value).map_or("", |(_, word)| word)
}

fn by_word<T: Copy>(words: &[(T, &str)], word: &str) -> Result<T, FromSqlError> {
    let found = words.iter().find(|(_, known)| *known == word);
    found.map(|(value, _)| *value).ok_or_else(|| no_such("word of the masters", word))
}

fn no_such(what: &str, text: &str) -> FromSqlError {
    FromSqlError::Other(format!("{text:?} is no {what}").into())
}

impl Record for Customer {
    const TABLE: &'static str = "customer";
    const KEY: &'static [&'static str] = &["customer"];
    const VALUES: &'static [&'static str] = &["name", "customer_group", "ledger"];

    fn key(&self, _: usize) -> Cow<'_, str> {
        Cow::Borrowed(&self.customer)
    }

    fn value(&self, column: usize) -> Cell<'_> {
        match column {
            0 => text(&self.name),
            1 => text(&self.group),
            _ => Cell::Whole(self.ledger.into()),
        }
    }

    fn read(row: &mut Columns<'_, '_>) -> rusqlite::Result<Self> {
        Ok(Self { customer: row.text()?, name: row.text()?, group: row.text()?, ledger: row.flag()? })
    }
}

impl Record for Xref {
    const TABLE: &'static str = "item_xref";
    /// The item and the first day belong to it: two rows that differ in one of them are legal beside each other.
    const KEY: &'static [&'static str] =
        &["customer", "customer_item", "ship_to", "qualifier", "unit", "item", "valid_from"];
    const VALUES: &'static [&'static str] = &["valid_to", "unit_factor", "rank", "active", "description"];
    const NUMBER: Option<&'static str> = Some("xref_id");

    fn key(&self, column: usize) -> Cow<'_, str> {
        match column {
            0 => scope_text(&self.scope),
            1 => Cow::Borrowed(&self.customer_item),
            2 => match &self.scope {
                XrefScope::ShipTo { ship_to, .. } => Cow::Borrowed(ship_to),
                _ => Cow::Borrowed(""),
            },
            3 => Cow::Borrowed(&self.qualifier),
            4 => Cow::Borrowed(&self.unit),
            5 => Cow::Borrowed(&self.item),
            _ => shown(self.valid_from),
        }
    }

    fn value(&self, column: usize) -> Cell<'_> {
        match column {
            0 => Cell::Text(shown(self.valid_to)),
            1 => Cell::Text(shown(self.unit_factor)),
            2 => Cell::Whole(self.rank.into()),
            3 => Cell::Whole(self.active.into()),
            _ => text(&self.description),
        }
    }

    fn read(row: &mut Columns<'_, '_>) -> rusqlite::Result<Self> {
        let customer = row.text()?;
        let customer_item = row.text()?;
        let scope = scope_of(customer, row.text()?);
        let (qualifier, unit, item) = (row.text()?, row.text()?, row.text()?);
        let valid_from = row.date()?;
        let valid_to = row.date()?;
        let unit_factor = row.parsed_by(fraction)?;
        let (rank, active) = (row.whole()?, row.flag()?);
        let description = row.text()?;
        Ok(Self {
            xref_id: row.whole()?,
            scope,
            customer_item,
            item,
            qualifier,
            unit,
            unit_factor,
            rank,
            valid_from,
            valid_to,
            active,
            description,
        })
    }

    fn check(&self) -> Result<()> {
        let (customer, ship_to) = (Text::from(self.key(0)), Text::from(self.key(2)));
        ensure!(
            scope_of(customer, ship_to) == self.scope,
            "the cross-reference of {:?} cannot be kept: {:?} reads as something else in item_xref.csv",
            self.customer_item,
            self.scope
        );
        Ok(())
    }

    fn new_numbers(&self, numbers: &mut NewNumbers) {
        numbers.add(|| [self.key(0).into(), self.customer_item.clone(), self.item.clone()]);
    }

    fn learn(connection: &Connection, numbers: &NewNumbers, now: Micros) -> Result<()> {
        xref_search::learn_xrefs(connection, numbers, now)
    }

    fn new_texts(&self, texts: &mut NewTexts) {
        if !self.description.is_empty() {
            texts.add(|| [self.key(0).into(), self.customer_item.clone(), self.description.clone()]);
        }
    }

    fn learn_texts(connection: &Connection, texts: &NewTexts, now: Micros) -> Result<()> {
        described::learn(connection, Whose::Theirs, texts, now)
    }
}

const GROUP: &str = "group:";
const EVERYONE: &str = "*";

/// `customer` of `item_xref.csv`.
fn scope_text(scope: &XrefScope) -> Cow<'_, str> {
    match scope {
        XrefScope::ShipTo { customer, .. } | XrefScope::Customer(customer) => Cow::Borrowed(customer),
        XrefScope::Group(group) => Cow::Owned(format!("{GROUP}{group}")),
        XrefScope::Everyone => Cow::Borrowed(EVERYONE),
    }
}

fn scope_of(customer: Text, ship_to: Text) -> XrefScope {
    if !ship_to.is_empty() {
        XrefScope::ShipTo { customer, ship_to }
    } else if let Some(group) = customer.strip_prefix(GROUP) {
        XrefScope::Group(group.into())
    } else if customer == EVERYONE {
        XrefScope::Everyone
    } else {
        XrefScope::Customer(customer)
    }
}

fn fraction(text: &str) -> Result<Fraction, FromSqlError> {
    Fraction::parse(text).ok_or_else(|| no_such("positive fraction", text))
}

impl Record for KitComponent {
    const TABLE: &'static str = "item_kit";
    const KEY: &'static [&'static str] = &["kit", "component"];
    const VALUES: &'static [&'static str] = &["quantity"];

    fn key(&self, column: usize) -> Cow<'_, str> {
        Cow::Borrowed(if column == 0 { &self.kit } else { &self.component })
    }

    fn value(&self, _: usize) -> Cell<'_> {
        Cell::Text(Cow::Owned(plain(self.quantity)))
    }

    fn read(row: &mut Columns<'_, '_>) -> rusqlite::Result<Self> {
        let (kit, component) = (row.text()?, row.text()?);
        let quantity: Option<Decimal> = row.decimal()?;
        Ok(Self { kit, component, quantity: quantity.ok_or_else(|| no_such("quantity", ""))? })
    }
}

impl Record for UnitConversion {
    const TABLE: &'static str = "uom";
    const KEY: &'static [&'static str] = &["item", "unit", "to_unit"];
    const VALUES: &'static [&'static str] = &["factor"];

    fn key(&self, column: usize) -> Cow<'_, str> {
        Cow::Borrowed(match column {
            0 => &self.item,
            1 => &self.unit,
            _ => &self.to_unit,
        })
    }

    fn value(&self, _: usize) -> Cell<'_> {
        Cell::Text(shown(Some(self.factor)))
    }

    fn read(row: &mut Columns<'_, '_>) -> rusqlite::Result<Self> {
        let (item, unit, to_unit) = (row.text()?, row.text()?, row.text()?);
        let factor = row.parsed_by(fraction)?.ok_or_else(|| no_such("factor", ""))?;
        Ok(Self { item, unit, to_unit, factor })
    }
}
