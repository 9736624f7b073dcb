//! `[invoices]` of a partner: where its invoices come from, how they are reckoned and said, and what is looked at before
//! one goes out.

use crate::domain::invoice::{RoundAt, Rounding};
use crate::domain::order::Party;
use crate::domain::{Decimal, Text};
use serde::Deserialize;
use std::collections::BTreeMap;

/// `[invoices]` of a partner.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a yes or no of the file")]
pub struct InvoiceSettings {
    pub from: InvoiceSource,
    /// Whether invoices go out as an 810; `false` keeps ledger and facts alone.
    pub send: bool,
    /// The qualifier of the Customer Item# when the order named none.
    pub customer_item_qualifier: Text,
    pub terms: Option<TermsSettings>,
    /// Whether an order's own ITD is echoed where the profile has no `terms`.
    pub order_terms: bool,
    /// What the discount of the terms is taken from.
    pub discount_on: DiscountBase,
    /// With `from = "orders"`: the invoice number is this prefix and a number that never repeats.
    pub number_prefix: Text,
    /// With `from = "orders"`: an order for several ship-tos makes an invoice for each.
    pub per_ship_to: bool,
    /// With `from = "orders"`: SAC and TXI of the order are billed.
    pub order_charges: bool,
    /// Half a cent: up, or to the even cent.
    pub rounding: Rounding,
    /// Whether each line is rounded, or the total alone.
    pub round: RoundAt,
    /// The signs of a credit; BIG07 is CR in any case.
    pub credit_signs: CreditSigns,
    /// CTT02, the hash total of the quantities.
    pub hash_total: bool,
    /// CAD: the carrier that the ERP posted, else the one that TD5 of the order asks for.
    pub carrier: bool,
    /// FOB of the order is echoed.
    pub fob: bool,
    /// REF*SE of each IT1: the serials that the ERP posted.
    pub serials: bool,
    /// REF01 = REF02 of every invoice, such as our vendor number: `IA = "123456"`.
    pub references: BTreeMap<Text, Text>,
    /// N1*RE of this partner's invoices, where it is not the company's own.
    pub remit_to: Option<RemitTo>,
    pub preflight: Preflight,
}

impl Default for InvoiceSettings {
    fn default() -> Self {
        Self {
            from: InvoiceSource::default(),
            send: true,
            customer_item_qualifier: "IN".into(),
            terms: None,
            order_terms: true,
            discount_on: DiscountBase::default(),
            number_prefix: Text::default(),
            per_ship_to: true,
            order_charges: true,
            rounding: Rounding::default(),
            round: RoundAt::default(),
            credit_signs: CreditSigns::default(),
            hash_total: true,
            carrier: false,
            serials: false,
            fob: false,
            references: BTreeMap::new(),
            remit_to: None,
            preflight: Preflight::default(),
        }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceSource {
    /// The ERP's invoices in inbox/invoices.
    #[default]
    Posted,
    /// Accepted lines are billed as ordered, in the same run.
    Orders,
}

/// How a credit says that it is one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreditSigns {
    /// All amounts are positive, BIG07 alone tells.
    #[default]
    Positive,
    /// IT102, TDS, SAC05 and TXI02 are negative too.
    Negative,
}

/// TDS02: what the terms discount is taken from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiscountBase {
    /// The lines with their charges, less the allowances: header charges such as freight, and tax, are not discounted.
    #[default]
    Goods,
    /// TDS01.
    Total,
}

/// N1*RE with N3 and N4.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RemitTo {
    /// N102; empty: the company's name.
    pub name: Text,
    /// N103 and N104, such as the vendor number that the partner assigned.
    pub code_qualifier: Text,
    pub code: Text,
    /// N301 and on; empty: `company.remit_to`.
    pub address: Vec<Text>,
    pub city: Text,
    pub state: Text,
    pub postal_code: Text,
    pub country: Text,
}

impl RemitTo {
    /// The party, with the company's name and address where this says nothing.
    pub fn party(&self, name: &Text, address: &[Text]) -> Party {
        let Self { code_qualifier, code, city, state, postal_code, country, .. } = self.clone();
        Party {
            role: "RE".into(),
            name: if self.name.is_empty() { name.clone() } else { self.name.clone() },
            code_qualifier,
            code,
            address: if self.address.is_empty() { address.to_vec() } else { self.address.clone() },
            city,
            state,
            postal_code,
            country,
        }
    }
}

/// What a finding of the pre-flight does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// The invoice goes out, and the run's report tells it.
    Warn,
    /// The invoice waits: each run looks at it again, and a person may let it go.
    Hold,
    /// The invoice does not go out and is not kept: it must be corrected and posted again.
    Refuse,
}

/// `[invoices.preflight]`: what is compared before an 810 goes out, and what each finding does.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Preflight {
    /// More than was ordered, over all invoices of the order line less its credits.
    pub over_billed: Action,
    /// More credited than was billed, over all invoices and credits of the order line.
    pub over_credited: Action,
    /// A price above the order's by more than the tolerance.
    pub price_above: Action,
    /// A price below the order's by more than the tolerance.
    pub price_below: Action,
    /// Percent of the order's price, and amount in the order's price basis: the greater of the two is allowed.
    #[serde(deserialize_with = "exact")]
    pub price_tolerance_percent: Decimal,
    #[serde(deserialize_with = "exact")]
    pub price_tolerance_amount: Decimal,
    /// Another item than the line was ordered as.
    pub other_item: Action,
    /// A line of the order that is held or rejected.
    pub not_ordered: Action,
    /// No order is known for the invoice.
    pub without_order: Action,
    /// A line for which neither the order nor the cross-reference has the customer's number.
    pub without_customer_item: Action,
    /// The 810 would go out more than `late_days` after the goods (without a ship date: after the invoice's date).
    pub late: Action,
    /// None: there is no limit.
    pub late_days: Option<u32>,
    /// What the partner wants to see in every 810: `ITD`, `REF*DP`, `N104*ST`, `IT101`, `IT1*UP`.
    pub required: Vec<Text>,
    /// One of `required` is not there.
    pub missing: Action,
    /// A line that fits no single line of its order; hold or refuse.
    pub unknown_line: Action,
    /// An item that the master does not have; hold or refuse.
    pub unknown_item: Action,
    /// A unit, or an amount, that the order's unit cannot say; hold or refuse.
    pub wrong_unit: Action,
    /// A number that an invoice with other content has; hold or refuse.
    pub number_reused: Action,
    /// A line that was billed as ordered when the order came; hold or refuse.
    pub billed_before: Action,
}

impl Default for Preflight {
    fn default() -> Self {
        Self {
            over_billed: Action::Hold,
            over_credited: Action::Warn,
            price_above: Action::Warn,
            price_below: Action::Warn,
            price_tolerance_percent: Decimal::ZERO,
            price_tolerance_amount: Decimal::ZERO,
            other_item: Action::Warn,
            not_ordered: Action::Warn,
            without_order: Action::Warn,
            without_customer_item: Action::Warn,
            late: Action::Warn,
            late_days: None,
            required: Vec::new(),
            missing: Action::Hold,
            unknown_line: Action::Hold,
            unknown_item: Action::Hold,
            wrong_unit: Action::Hold,
            number_reused: Action::Hold,
            billed_before: Action::Hold,
        }
    }
}

/// `terms`: ITD of every invoice.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TermsSettings {
    /// ITD03; as text in the file, because a float cannot say 2.1.
    #[serde(default, deserialize_with = "exact_decimal")]
    pub percent: Option<Decimal>,
    /// ITD05.
    #[serde(default)]
    pub days: Option<u32>,
    /// ITD07.
    pub net_days: u32,
}

/// [`exact_decimal`] that is there.
fn exact<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    exact_decimal(deserializer).map(Option::unwrap_or_default)
}

/// One entry of `invoices.preflight.required`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// Segment id.
    pub segment_id: Text,
    /// What its first element is (`REF*DP`); of IT1 a qualifier that each line has a number under (`IT1*UP`). Empty: any.
    pub code: Text,
    /// An element that each such segment has (`N104*ST`); 0: the segment itself is enough.
    pub element: usize,
}

impl Requirement {
    /// `ITD`, `REF*DP`, `IT101`, `N104*ST`, `IT1*UP`; None for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (head, code) = text.split_once('*').unwrap_or((text, ""));
        let is_code =
            |part: &str| part.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        let split = head.len().checked_sub(2).filter(|at| (2..=3).contains(at) && head.is_char_boundary(*at));
        let element = split.and_then(|at| Some((head.get(..at)?, head.get(at..)?.parse::<usize>().ok()?)));
        let (segment_id, element) = match element {
            Some((id, element)) if (1..=25).contains(&element) => (id, element),
            _ => (head, 0),
        };
        let sound = (2..=3).contains(&segment_id.len())
            && segment_id.starts_with(|first: char| first.is_ascii_uppercase())
            && is_code(segment_id)
            && is_code(code)
            && (text.contains('*') != code.is_empty())
            && code.len() <= 3;
        sound.then(|| Self { segment_id: segment_id.into(), code: code.into(), element })
    }
}

/// Text or a whole number; a float is refused, because it cannot say every decimal.
fn exact_decimal<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
    struct Exact;
    impl serde::de::Visitor<'_> for Exact {
        type Value = Option<Decimal>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a decimal in quotes such as \"2.5\", or a whole number")
        }

        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
            let value = crate::domain::money::parse_decimal(text);
            value.map(Some).ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(text), &self))
        }

        fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Self::Value, E> {
            Ok(Some(Decimal::from(value)))
        }

        fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Self::Value, E> {
            Ok(Some(Decimal::from(value)))
        }
    }
    deserializer.deserialize_any(Exact)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_requirement_names_a_segment_a_code_or_an_element() {
        for (text, expected) in [
            ("ITD", Some(("ITD", "", 0))),
            ("N1", Some(("N1", "", 0))),
            ("REF*DP", Some(("REF", "DP", 0))),
            ("IT101", Some(("IT1", "", 1))),
            ("N104*ST", Some(("N1", "ST", 4))),
            ("IT1*UP", Some(("IT1", "UP", 0))),
            ("BIG05", Some(("BIG", "", 5))),
            ("", None),
            ("REF*", None),
            ("ref*DP", None),
            ("REF*dp", None),
            ("IT199", None),
            ("1T1", None),
            ("ITDTERMS", None),
            ("N1ä4", None),
        ] {
            let parsed = Requirement::parse(text);
            let found = parsed.as_ref().map(|it| (it.segment_id.as_str(), it.code.as_str(), it.element));
            assert_eq!(found, expected, "{text}");
        }
    }
}
