//! The lookup that is built once a run and asked by all threads.

pub use crate::xref::build::IndexBuilder;

use crate::domain::catalog::Catalog;
use crate::domain::gtin::Gtin;
use crate::domain::item::{Item, XrefScope};
use crate::domain::resolution::Via;
use crate::domain::unit::Fraction;
use crate::domain::{Date, Text};
use crate::xref::forms::{Forms, widest};
use crate::xref::names::Names;
use crate::xref::slots::Slots;
use crate::xref::succession::End;
use crate::xref::units::{NoFactor, UnitTable};
use hashbrown::{DefaultHashBuilder, HashMap};
use std::hash::BuildHasher;

/// No row, no scope.
pub(super) const NONE: u32 = u32::MAX;

/// Everything that a line is looked up in: the cross-reference, items, GTINs and unit conversions. Read only once
/// built: threads share it without a lock.
#[derive(Debug)]
pub struct XrefIndex {
    pub(super) catalog: Catalog,
    pub(super) items: Names,
    /// By item id.
    pub(super) facts: Vec<ItemFacts>,
    pub(super) unit_names: Names,
    pub(super) scopes: HashMap<XrefScope, u32>,
    pub(super) rows: Rows,
    /// The first row of each chain, by scope and number.
    pub(super) by_number: Slots,
    /// Rows by scope and the item to which they lead.
    pub(super) by_item: Vec<u32>,
    /// Rows by half a hash of scope and widest match form.
    pub(super) by_form: Vec<u64>,
    pub(super) by_gtin: Vec<(Gtin, u32)>,
    pub(super) units: UnitTable,
    pub(super) hasher: DefaultHashBuilder,
}

/// One row of the cross-reference.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub xref_id: i64,
    /// The number's place among all numbers.
    pub start: u32,
    pub length: u32,
    /// [`NONE`]: the row repeats another.
    pub scope: u32,
    pub item: u32,
    pub terms: u32,
    /// The next row with the same scope and number.
    pub next: u32,
}

impl Row {
    pub(super) fn number<'a>(&self, numbers: &'a str) -> &'a str {
        &numbers[self.start as usize..self.start as usize + self.length as usize]
    }
}

/// All rows, with the texts of their numbers in one arena and their terms, which many rows share, each once.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub list: Vec<Row>,
    pub numbers: String,
    pub terms: Vec<Terms>,
}

impl Rows {
    /// The rows that repeat no other, each with its place.
    pub(super) fn linked(&self) -> impl Iterator<Item = (u32, &Row)> {
        (0..).zip(&self.list).filter(|(_, row)| row.scope != NONE)
    }
}

/// For what a row holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Terms {
    pub rank: u32,
    pub unit: Text,
    pub qualifier: Text,
    pub factor: Option<Fraction>,
    pub valid_from: Option<Date>,
    pub valid_to: Option<Date>,
    pub active: bool,
}

impl Terms {
    /// Active, and inside its dates, both ends included.
    pub(super) fn valid_on(&self, date: Date) -> bool {
        self.active
            && self.valid_from.is_none_or(|from| from <= date)
            && self.valid_to.is_none_or(|to| date <= to)
    }
}

impl From<&Terms> for Terms {
    fn from(terms: &Terms) -> Self {
        terms.clone()
    }
}

/// What resolution needs to know of an item.
#[derive(Debug, Clone, Copy)]
pub(super) struct ItemFacts {
    pub end: End,
    /// The item's own unit.
    pub unit: u32,
    /// Whether items.csv has it.
    pub known: bool,
    /// Whether a conversion may make parts of one unit.
    pub fractions: bool,
}

/// A scope with its name in `via`; the narrowest first.
pub(super) type Scopes = [(Via, Option<u32>); 4];

impl XrefIndex {
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Our own item by its number, case exact.
    pub fn item(&self, number: &str) -> Option<&Item> {
        self.catalog.item(number)
    }

    /// The items with this GTIN, in the order of their ids; two items may share one.
    pub fn items_by_gtin(&self, gtin: Gtin) -> impl Iterator<Item = &str> {
        self.gtin_items(gtin).iter().map(|(_, id)| self.items.get(*id))
    }

    /// The Customer Item# for an item on a document without an order: number, qualifier (empty: any) and `xref_id` of
    /// the valid row at the narrowest scope, there one under which a number counts in the item's own unit, as such a
    /// document does, then of the best rank, then of the lowest `xref_id`. Rows that name the item itself go before rows
    /// that name an item which it replaced.
    pub fn customer_number_of(
        &self,
        customer: &str,
        ship_to: &str,
        item: &str,
        date: Date,
    ) -> Option<(&str, &str, i64)> {
        let item = self.item_id(item)?;
        let scopes = self.scopes_of(customer, ship_to);
        let found = self
            .best_row_of(&scopes, date, item, |row| row.item == item)
            .or_else(|| self.best_row_of(&scopes, date, item, |row| self.end(row.item).item == item))?;
        Some((self.number(found), &self.terms(found).qualifier, found.xref_id))
    }

    /// Bytes that the cross-reference's own structures take, without the catalog.
    pub fn memory_bytes(&self) -> usize {
        size_of_val(&*self.rows.list)
            + self.rows.numbers.capacity()
            + self.rows.terms.capacity() * size_of::<Terms>()
            + self.by_number.memory()
            + self.by_item.capacity() * size_of::<u32>()
            + self.by_form.capacity() * size_of::<u64>()
            + self.by_gtin.capacity() * size_of::<(Gtin, u32)>()
            + self.scopes.allocation_size()
            + self.facts.capacity() * size_of::<ItemFacts>()
            + self.items.memory()
            + self.unit_names.memory()
    }

    fn best_row_of(
        &self,
        scopes: &Scopes,
        date: Date,
        item: u32,
        fits: impl Fn(&Row) -> bool,
    ) -> Option<&Row> {
        let end = self.end(item).item;
        let key = |at: &u32| (self.row(*at).scope, self.end(self.row(*at).item).item);
        scopes.iter().filter_map(|(_, scope)| *scope).find_map(|scope| {
            let start = self.by_item.partition_point(|at| key(at) < (scope, end));
            self.by_item[start..]
                .iter()
                .take_while(|at| key(at) == (scope, end))
                .map(|at| self.row(*at))
                .filter(|row| fits(row) && self.terms(row).valid_on(date))
                .min_by_key(|row| {
                    let terms = self.terms(row);
                    let own_unit = terms.unit.is_empty() || terms.unit == self.unit_of(row.item);
                    let other_count = !own_unit || terms.factor.is_some_and(|factor| factor != Fraction::ONE);
                    (other_count, terms.rank, row.xref_id, self.number(row), &terms.qualifier)
                })
        })
    }

    /// The item's id if items.csv has it.
    pub(super) fn item_id(&self, item: &str) -> Option<u32> {
        self.items.find(item).filter(|id| self.facts[*id as usize].known)
    }

    pub(super) fn item_name(&self, id: u32) -> &str {
        self.items.get(id)
    }

    pub(super) fn end(&self, item: u32) -> End {
        self.facts[item as usize].end
    }

    pub(super) fn unit_of(&self, item: u32) -> &str {
        self.unit_names.get(self.facts[item as usize].unit)
    }

    pub(super) fn takes_fractions(&self, item: u32) -> bool {
        self.facts[item as usize].fractions
    }

    pub(super) fn factor(&self, item: u32, from: &str, to: &str) -> Result<Fraction, NoFactor> {
        self.units.factor(item, from, to)
    }

    pub(super) fn row(&self, at: u32) -> &Row {
        &self.rows.list[at as usize]
    }

    pub(super) fn number(&self, row: &Row) -> &str {
        row.number(&self.rows.numbers)
    }

    pub(super) fn terms(&self, row: &Row) -> &Terms {
        &self.rows.terms[row.terms as usize]
    }

    /// The scopes in which a customer's numbers are looked up. None: the cross-reference has no row there.
    pub(super) fn scopes_of(&self, customer: &str, ship_to: &str) -> Scopes {
        let find = |scope: XrefScope| self.scopes.get(&scope).copied();
        let group = self.catalog.customer(customer).map(|customer| &customer.group);
        [
            (Via::ShipTo, self.ship_to_scope(customer, ship_to)),
            (Via::Customer, find(XrefScope::Customer(customer.into()))),
            (
                Via::Group,
                group.filter(|group| !group.is_empty()).and_then(|g| find(XrefScope::Group(g.clone()))),
            ),
            (Via::Everyone, find(XrefScope::Everyone)),
        ]
    }

    pub(super) fn ship_to_scope(&self, customer: &str, ship_to: &str) -> Option<u32> {
        if ship_to.is_empty() {
            return None;
        }
        self.scopes.get(&XrefScope::ShipTo { customer: customer.into(), ship_to: ship_to.into() }).copied()
    }

    /// Adds the rows of one scope and number.
    pub(super) fn rows_with(&self, scope: u32, number: &str, into: &mut Vec<u32>) {
        let mut at = self.first_row(scope, number, number_hash(&self.hasher, number));
        while at != NONE {
            into.push(at);
            at = self.row(at).next;
        }
    }

    /// The first row of one scope and number, or [`NONE`]; `hash` is the number's.
    pub(super) fn first_row(&self, scope: u32, number: &str, hash: u64) -> u32 {
        let is = |at: u32| {
            let row = self.row(at);
            row.scope == scope && self.number(row) == number
        };
        self.by_number.find(key_hash(scope, hash), is).unwrap_or(NONE)
    }

    /// Adds the rows of one scope whose numbers are the same in the given forms.
    pub(super) fn rows_like(&self, scope: u32, number: &str, forms: Forms, into: &mut Vec<u32>) {
        let mut wide = String::new();
        widest(number, &mut wide);
        let key = Self::form_key(&self.hasher, scope, &wide);
        let start = self.by_form.partition_point(|entry| *entry < key);
        let places = self.by_form[start..]
            .iter()
            .take_while(|entry| *entry & FORM_MASK == key)
            .filter_map(|entry| u32::try_from(entry & !FORM_MASK).ok());
        into.extend(places.filter(|at| {
            let row = self.row(*at);
            row.scope == scope && forms.same(number, self.number(row))
        }));
    }

    pub(super) fn form_key(hasher: &DefaultHashBuilder, scope: u32, wide: &str) -> u64 {
        hasher.hash_one((scope, wide)) & FORM_MASK
    }

    pub(super) fn gtin_items(&self, gtin: Gtin) -> &[(Gtin, u32)] {
        let start = self.by_gtin.partition_point(|(known, _)| *known < gtin);
        let end = start + self.by_gtin[start..].iter().take_while(|(known, _)| *known == gtin).count();
        &self.by_gtin[start..end]
    }
}

/// A number is hashed once, however many scopes are asked for it.
pub(super) fn number_hash(hasher: &DefaultHashBuilder, number: &str) -> u64 {
    hasher.hash_one(number)
}

/// The hash of a scope's number: both halves of the product, so that every bit depends on every other.
#[expect(clippy::cast_possible_truncation, reason = "the halves are wanted")]
pub(super) fn key_hash(scope: u32, number_hash: u64) -> u64 {
    let spread = u64::from(scope).wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let product = u128::from(number_hash ^ spread) * u128::from(0xD6E8_FEB8_6659_FD93_u64);
    product as u64 ^ (product >> 64) as u64
}

/// The half of an entry of `by_form` that is a hash; the other half is the row's place.
const FORM_MASK: u64 = 0xFFFF_FFFF_0000_0000;
