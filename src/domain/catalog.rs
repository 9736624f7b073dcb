//! The masters as the core asks them: items, customers, kits and ledger types by their key.

use crate::domain::Text;
use crate::domain::customer_item::CustomerItemType;
use crate::domain::item::{Customer, Item, KitComponent};
use std::collections::BTreeMap;

/// Everything by its key; kits in the order of their components' names.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    items: hashbrown::HashMap<Text, Item>,
    customers: hashbrown::HashMap<Text, Customer>,
    kits: BTreeMap<Text, Vec<KitComponent>>,
    types: BTreeMap<Text, CustomerItemType>,
}

impl Catalog {
    pub fn new(types: Vec<CustomerItemType>) -> Self {
        let types = types.into_iter().map(|kind| (kind.name.clone(), kind)).collect();
        Self { types, ..Self::default() }
    }

    /// A second item with the same number takes the place of the first.
    pub fn add_item(&mut self, item: Item) {
        self.items.insert(item.item.clone(), item);
    }

    pub fn add_customer(&mut self, customer: Customer) {
        self.customers.insert(customer.customer.clone(), customer);
    }

    pub fn add_kit_component(&mut self, component: KitComponent) {
        let components = self.kits.entry(component.kit.clone()).or_default();
        components.push(component);
        components.sort_by(|a, b| a.component.cmp(&b.component));
    }

    pub fn item(&self, item: &str) -> Option<&Item> {
        self.items.get(item)
    }

    pub fn customer(&self, customer: &str) -> Option<&Customer> {
        self.customers.get(customer)
    }

    /// The components of a kit; empty for an item that is none.
    pub fn kit(&self, kit: &str) -> &[KitComponent] {
        self.kits.get(kit).map_or(&[], Vec::as_slice)
    }

    pub fn customer_item_type(&self, name: &str) -> Option<&CustomerItemType> {
        self.types.get(name)
    }

    /// Every item, in no particular order: sort what you make of it.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.items.values()
    }
}
