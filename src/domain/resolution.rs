//! What became of an order line: how it found its item, what policy made of it.

use crate::domain::{Date, Decimal, Text, order::ItemNumber, order::PurchaseOrder, unit::Fraction};
use serde::{Deserialize, Serialize};

/// The five outcomes of the contract.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineOutcome {
    Mapped,
    /// Two different targets of equal standing.
    Ambiguous,
    /// No candidate.
    #[default]
    Unmapped,
    /// Numbers of the one line lead to items that still differ after supersession.
    Conflict,
    /// Quantity missing, unreadable or not above 0; no way from the unit to the item's; discontinued without successor.
    Invalid,
}

impl LineOutcome {
    pub const ALL: [Self; 5] = [Self::Mapped, Self::Ambiguous, Self::Unmapped, Self::Conflict, Self::Invalid];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mapped => "mapped",
            Self::Ambiguous => "ambiguous",
            Self::Unmapped => "unmapped",
            Self::Conflict => "conflict",
            Self::Invalid => "invalid",
        }
    }
}

/// The step of the chain that found the item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    ShipTo,
    Customer,
    Group,
    Everyone,
    Vendor,
    Gtin,
    MatchForm,
}

impl Via {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ShipTo => "ship_to",
            Self::Customer => "customer",
            Self::Group => "group",
            Self::Everyone => "everyone",
            Self::Vendor => "vendor",
            Self::Gtin => "gtin",
            Self::MatchForm => "match_form",
        }
    }
}

/// Why a line is `invalid`; the 855 and the worklist say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvalidReason {
    QuantityMissing,
    QuantityUnreadable,
    QuantityNotPositive,
    UnitMissing,
    /// No path of factors leads from the ordered unit to the item's.
    UnitUnknown,
    /// The conversion gives a fraction of the item's unit.
    QuantityFractional,
    DiscontinuedWithoutSuccessor,
    /// PO105 is on no list of ours; it never counts as 1.
    PriceBasisUnknown,
    /// The quantity or amount passes what the store can hold exactly.
    TooLarge,
    /// The document contradicts itself: an SDQ that does not sum to PO102.
    Contradictory,
}

impl InvalidReason {
    /// In words, for a person.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::QuantityMissing => "no quantity",
            Self::QuantityUnreadable => "quantity that cannot be read",
            Self::QuantityNotPositive => "quantity that is not above 0",
            Self::UnitMissing => "no unit",
            Self::UnitUnknown => "no way from the ordered unit to the item's",
            Self::QuantityFractional => "a fraction of the item's unit",
            Self::DiscontinuedWithoutSuccessor => "discontinued without successor",
            Self::PriceBasisUnknown => "unknown price basis",
            Self::TooLarge => "too large to be kept exactly",
            Self::Contradictory => "the document contradicts itself",
        }
    }
}

/// One candidate that the chain looked at, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    pub via: Via,
    /// The number on the line that led here.
    pub number: ItemNumber,
    /// Empty: the number led nowhere in this step.
    pub item: Text,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub xref_id: Option<i64>,
    /// Whether this candidate was chosen.
    pub chosen: bool,
    /// Why it was chosen or lost, in plain words.
    pub reason: Text,
}

/// How one line found its item.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Resolution {
    pub outcome: LineOutcome,
    pub reason: Option<InvalidReason>,
    /// The item after supersession; also known for some `invalid` lines. Empty otherwise.
    pub item: Text,
    pub via: Option<Via>,
    pub xref_id: Option<i64>,
    /// The number that decided: the one under which the customer knows the item.
    pub matched: ItemNumber,
    /// The item that the chosen candidate named, where a successor took its place.
    pub superseded: Text,
    /// Quantity in the item's unit; None unless mapped.
    pub quantity: Option<Decimal>,
    /// The item's unit.
    pub unit: Text,
    /// Item units in one ordered unit.
    pub factor: Option<Fraction>,
    pub candidates: Vec<Candidate>,
    /// Things that a person may want to know: a GTIN with a wrong check digit, an unknown vendor number.
    pub notes: Vec<Text>,
}

/// What happens to a line that is not mapped: the partner's choice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnresolvedPolicy {
    #[default]
    HoldOrder,
    HoldLine,
    RejectLine,
    Accept,
}

/// Where a line ends up; the balance counts these.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineState {
    #[default]
    Ordered,
    Held,
    Rejected,
    /// The customer took it back by a change.
    Cancelled,
}

impl LineState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ordered => "ordered",
            Self::Held => "held",
            Self::Rejected => "rejected",
            Self::Cancelled => "cancelled",
        }
    }
}

/// An order after resolution and policy: one `DecidedLine` for each line of `order.lines`, in the same order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DecidedOrder {
    pub partner: Text,
    /// The customer that was chosen: N1*BY's or CSV's if the master knows it, else the profile's.
    pub customer: Text,
    pub order: PurchaseOrder,
    pub lines: Vec<DecidedLine>,
    /// The date on which the cross-reference was asked.
    pub as_of: Option<Date>,
    /// The currency of the prices: the document's or the company's.
    pub currency: Text,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecidedLine {
    pub resolution: Resolution,
    pub state: LineState,
    /// Price for one ordered unit, the price basis divided out; None where the order gives none.
    pub unit_price: Option<Decimal>,
}
