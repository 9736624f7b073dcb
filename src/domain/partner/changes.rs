//! `[orders.changes]`: which changes of orders go by themselves, and which wait for a person.

use serde::Deserialize;

/// What happens to a change of an order. A change that is beyond what can be applied waits under every policy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ChangeSettings {
    pub policy: ChangePolicy,
    /// A cancellation of an order, or of a line, that was handed to the ERP.
    pub cancel: ChangePolicy,
    /// Another price.
    pub price: ChangePolicy,
    /// A change that comes so many days before the requested date, or fewer, waits; 0: none does.
    pub frozen_days: u32,
    /// What POC03 means under QI and QD.
    pub quantity: QuantityMeaning,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangePolicy {
    /// It waits for a person.
    #[default]
    Hold,
    Apply,
}

/// POC03 under QI and QD: partners differ.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuantityMeaning {
    /// The quantity that is ordered from now on, as the standard has it.
    #[default]
    New,
    /// How much more, or less, than before.
    Difference,
}
