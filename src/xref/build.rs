//! Builds the index from the masters, row by row, and names what is wrong with them.

use crate::domain::catalog::Catalog;
use crate::domain::customer_item::CustomerItemType;
use crate::domain::diagnostic::{Diagnostic, Location, Rule};
use crate::domain::gtin::{self, Gtin};
use crate::domain::item::{Customer, Item, KitComponent, Masters, UnitConversion, Xref, XrefScope};
use crate::domain::rules::business::{ITEM_GTIN_WRONG, MASTER_ITEM_UNKNOWN, XREF_DUPLICATE};
use crate::xref::forms;
use crate::xref::index::{ItemFacts, NONE, Row, Rows, Terms, XrefIndex, key_hash, number_hash};
use crate::xref::names::{Names, id_of};
use crate::xref::slots::Slots;
use crate::xref::succession;
use crate::xref::units::UnitTable;
use hashbrown::{DefaultHashBuilder, HashMap};

impl XrefIndex {
    /// The index of all masters at once. The problems are in the order of their codes, then of what they name.
    pub fn build(masters: Masters, types: Vec<CustomerItemType>) -> (Self, Vec<Diagnostic>) {
        let mut builder = IndexBuilder::new(types);
        masters.items.into_iter().for_each(|item| builder.item(item));
        masters.customers.into_iter().for_each(|customer| builder.customer(customer));
        masters.kits.into_iter().for_each(|component| builder.kit(component));
        masters.conversions.into_iter().for_each(|conversion| builder.conversion(conversion));
        builder.rows.list.reserve_exact(masters.xrefs.len());
        masters.xrefs.into_iter().for_each(|xref| builder.xref(&xref));
        builder.build()
    }
}

/// Takes the masters row by row, in any order, so that they need not all be in memory as rows.
#[derive(Debug, Default)]
pub struct IndexBuilder {
    catalog: Catalog,
    items: Names,
    scopes: HashMap<XrefScope, u32>,
    rows: Rows,
    terms: HashMap<Terms, u32>,
    conversions: Vec<UnitConversion>,
    kits: Vec<KitComponent>,
}

impl IndexBuilder {
    pub fn new(types: Vec<CustomerItemType>) -> Self {
        Self { catalog: Catalog::new(types), ..Self::default() }
    }

    pub fn item(&mut self, item: Item) {
        self.items.intern(&item.item);
        self.catalog.add_item(item);
    }

    pub fn customer(&mut self, customer: Customer) {
        self.catalog.add_customer(customer);
    }

    pub fn kit(&mut self, component: KitComponent) {
        self.kits.push(component);
    }

    pub fn conversion(&mut self, conversion: UnitConversion) {
        self.conversions.push(conversion);
    }

    pub fn xref(&mut self, xref: &Xref) {
        let terms = Terms {
            rank: xref.rank,
            unit: xref.unit.clone(),
            qualifier: xref.qualifier.clone(),
            factor: xref.unit_factor,
            valid_from: xref.valid_from,
            valid_to: xref.valid_to,
            active: xref.active,
        };
        let next_terms = id_of(self.terms.len());
        let terms = *self.terms.entry_ref(&terms).or_insert_with(|| next_terms);
        let next_scope = id_of(self.scopes.len());
        let scope = *self.scopes.entry_ref(&xref.scope).or_insert_with(|| next_scope);
        let start = id_of(self.rows.numbers.len());
        self.rows.numbers.push_str(&xref.customer_item);
        self.rows.list.push(Row {
            xref_id: xref.xref_id,
            start,
            length: id_of(xref.customer_item.len()),
            scope,
            item: self.items.intern(&xref.item),
            terms,
            next: NONE,
        });
    }

    /// Rows to unknown items and repeated rows are left out and named.
    pub fn build(mut self) -> (XrefIndex, Vec<Diagnostic>) {
        let mut problems = Vec::new();
        self.rows.terms = in_order(std::mem::take(&mut self.terms));
        self.check_kits(&mut problems);
        self.leave_out_unknown_items(&mut problems);
        let hasher = DefaultHashBuilder::default();
        let by_number = self.link(&hasher, &mut problems);
        let (ends, broken) = succession::ends(&self.catalog, &self.items);
        problems.extend(broken);
        let conversions = self.conversions_by_item(&mut problems);
        let (units, contradictions) = UnitTable::build(&conversions, &self.items);
        problems.extend(contradictions);
        let by_gtin = self.gtins(&mut problems);
        let mut unit_names = Names::default();
        let facts: Vec<ItemFacts> = self
            .items
            .ids()
            .zip(ends)
            .map(|(id, end)| match self.catalog.item(self.items.get(id)) {
                Some(item) => ItemFacts {
                    end,
                    unit: unit_names.intern(&item.unit),
                    known: true,
                    fractions: item.fractions,
                },
                None => ItemFacts { end, unit: unit_names.intern(""), known: false, fractions: false },
            })
            .collect();
        self.rows.list.shrink_to_fit();
        self.rows.numbers.shrink_to_fit();
        let index = XrefIndex {
            by_item: by_item(&self.rows, &facts),
            by_form: by_form(&self.rows, &hasher),
            catalog: self.catalog,
            items: self.items,
            facts,
            unit_names,
            scopes: self.scopes,
            rows: self.rows,
            by_number,
            by_gtin,
            units,
            hasher,
        };
        problems.sort_by(|a, b| (a.rule.code, &a.found, &a.detail).cmp(&(b.rule.code, &b.found, &b.detail)));
        (index, problems)
    }

    fn check_kits(&mut self, problems: &mut Vec<Diagnostic>) {
        for component in std::mem::take(&mut self.kits) {
            for item in [&component.kit, &component.component] {
                if self.catalog.item(item).is_none() {
                    let detail = format!("kit {}, component {}", component.kit, component.component);
                    problems.push(problem(&MASTER_ITEM_UNKNOWN, item, detail));
                }
            }
            self.catalog.add_kit_component(component);
        }
    }

    fn leave_out_unknown_items(&mut self, problems: &mut Vec<Diagnostic>) {
        let known: Vec<bool> =
            self.items.ids().map(|id| self.catalog.item(self.items.get(id)).is_some()).collect();
        let mut scopes: Option<Vec<XrefScope>> = None;
        let (items, numbers) = (&self.items, &self.rows.numbers);
        self.rows.list.retain(|row| {
            let keep = known[row.item as usize];
            if !keep {
                let scopes = scopes.get_or_insert_with(|| in_order(self.scopes.clone()));
                let detail = named(row, row.number(numbers), &scopes[row.scope as usize]);
                problems.push(problem(&MASTER_ITEM_UNKNOWN, items.get(row.item), detail));
            }
            keep
        });
    }

    /// Chains the rows of one scope and number, and gives the table of the chains' first rows.
    fn link(&mut self, hasher: &DefaultHashBuilder, problems: &mut Vec<Diagnostic>) -> Slots {
        let Rows { list: rows, numbers, .. } = &mut self.rows;
        let mut heads = Slots::with_room_for(rows.len());
        // (first row, item, terms) of the rows in chains of more than one
        let mut seen: HashMap<(u32, u32, u32), u32> = HashMap::new();
        let mut scopes: Option<Vec<XrefScope>> = None;
        for at in 0..rows.len() {
            let row = rows[at];
            let key = |at: u32| (rows[at as usize].scope, rows[at as usize].number(numbers));
            let wanted = (row.scope, row.number(numbers));
            let hash = key_hash(row.scope, number_hash(hasher, wanted.1));
            let Some(head) = heads.find(hash, |head| key(head) == wanted) else {
                heads.insert(hash, id_of(at));
                continue;
            };
            let first = rows[head as usize];
            seen.entry((head, first.item, first.terms)).or_insert(head);
            let kept = *seen.entry((head, row.item, row.terms)).or_insert_with(|| id_of(at));
            if kept == id_of(at) {
                rows[at].next = first.next;
                rows[head as usize].next = kept;
                continue;
            }
            let scopes = scopes.get_or_insert_with(|| in_order(self.scopes.clone()));
            let same = &mut rows[kept as usize];
            let left_out = Row { xref_id: same.xref_id.max(row.xref_id), ..row };
            same.xref_id = same.xref_id.min(row.xref_id);
            let detail = named(&left_out, row.number(numbers), &scopes[row.scope as usize]);
            problems.push(problem(&XREF_DUPLICATE, self.items.get(row.item), detail));
            rows[at].scope = NONE;
        }
        heads
    }

    fn conversions_by_item(&mut self, problems: &mut Vec<Diagnostic>) -> Vec<(Option<u32>, UnitConversion)> {
        let mut rows = Vec::with_capacity(self.conversions.len());
        for row in std::mem::take(&mut self.conversions) {
            if row.item.is_empty() {
                rows.push((None, row));
            } else if self.catalog.item(&row.item).is_some() {
                rows.push((self.items.find(&row.item), row));
            } else {
                let detail = format!("conversion of {} to {}", row.unit, row.to_unit);
                problems.push(problem(&MASTER_ITEM_UNKNOWN, &row.item, detail));
            }
        }
        rows
    }

    /// The items by GTIN, sorted by both.
    fn gtins(&self, problems: &mut Vec<Diagnostic>) -> Vec<(Gtin, u32)> {
        let mut found = Vec::new();
        for id in self.items.ids() {
            let Some(item) = self.catalog.item(self.items.get(id)) else { continue };
            if item.gtin.is_empty() {
                continue;
            }
            match gtin::master_readings(&item.gtin) {
                Ok((first, second)) => {
                    found.push((first, id));
                    found.extend(second.map(|gtin| (gtin, id)));
                }
                Err(flaw) => {
                    let detail = format!("GTIN {:?}: {}", item.gtin, flaw.as_str());
                    problems.push(problem(&ITEM_GTIN_WRONG, &item.item, detail));
                }
            }
        }
        found.sort_unstable();
        found
    }
}

/// The keys of a map whose values count from 0, by their value.
fn in_order<K>(map: HashMap<K, u32>) -> Vec<K> {
    let mut pairs: Vec<(u32, K)> = map.into_iter().map(|(key, id)| (id, key)).collect();
    pairs.sort_unstable_by_key(|(id, _)| *id);
    pairs.into_iter().map(|(_, key)| key).collect()
}

/// The rows sorted by scope and by the item to which their item leads.
fn by_item(rows: &Rows, facts: &[ItemFacts]) -> Vec<u32> {
    let mut keys: Vec<(u32, u32, u32)> =
        rows.linked().map(|(at, row)| (row.scope, facts[row.item as usize].end.item, at)).collect();
    keys.sort_unstable();
    keys.into_iter().map(|(_, _, at)| at).collect()
}

/// For every row half a hash of its scope and widest match form, above its place; sorted.
fn by_form(rows: &Rows, hasher: &DefaultHashBuilder) -> Vec<u64> {
    let mut wide = String::new();
    let mut keys: Vec<u64> = Vec::with_capacity(rows.list.len());
    for (at, row) in rows.linked() {
        forms::widest(row.number(&rows.numbers), &mut wide);
        if !wide.is_empty() {
            keys.push(XrefIndex::form_key(hasher, row.scope, &wide) | u64::from(at));
        }
    }
    keys.sort_unstable();
    keys
}

fn named(row: &Row, number: &str, scope: &XrefScope) -> String {
    let whose = match scope {
        XrefScope::ShipTo { customer, ship_to } => format!("{customer} at ship-to {ship_to}"),
        XrefScope::Customer(customer) => customer.to_string(),
        XrefScope::Group(group) => format!("group:{group}"),
        XrefScope::Everyone => "*".to_owned(),
    };
    format!("{whose}, customer item {number}, xref {}", row.xref_id)
}

fn problem(rule: &'static Rule, found: &str, detail: String) -> Diagnostic {
    Diagnostic::new(rule, Location::default()).found(found).detail(detail)
}
