//! Quantities and values of a unit and of a run by what became of their lines; in = out, to the millionth.

use crate::domain::Text;
use crate::pipeline::amounts::Amounts;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;

/// So many currencies are told apart; what a stranger makes up beyond them is one sum, under `*`.
const CURRENCIES_MAX: usize = 50;
const OTHERS: &str = "*";

/// A sum in whole millionths; in JSON the decimal as text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Exact(pub i128);

impl std::fmt::Display for Exact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (sign, size) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        let fraction = format!("{:06}", size % 1_000_000);
        match fraction.trim_end_matches('0') {
            "" => write!(f, "{sign}{}", size / 1_000_000),
            digits => write!(f, "{sign}{}.{digits}", size / 1_000_000),
        }
    }
}

impl std::str::FromStr for Exact {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || format!("{text:?} is no sum");
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = whole.strip_prefix('-').unwrap_or(whole);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(wrong());
        }
        if fraction.len() > 6 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(wrong());
        }
        format!("{whole}{fraction:0<6}").parse().map(Self).map_err(|_| wrong())
    }
}

impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

/// One figure of the documents that could be read as orders or changes, by what became of their lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sums {
    /// As the documents were read, before anything was decided.
    #[serde(rename = "in")]
    pub received: Exact,
    /// As it was written for the ERP.
    pub ordered: Exact,
    pub held: Exact,
    pub rejected: Exact,
    pub duplicate: Exact,
    pub test: Exact,
    pub changes: Exact,
}

/// The same of lines that had waited: none of this run's lines in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReleasedSums {
    /// Of the lines that waited.
    pub waited: Exact,
    pub ordered: Exact,
    pub rejected: Exact,
    /// Still.
    pub held: Exact,
}

/// What became of a line, as far as a sum asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Received,
    Ordered,
    Held,
    Rejected,
    Duplicate,
    Test,
    Changes,
    /// Of lines that had waited: before, and what became of them.
    Waited,
    ReleasedOrdered,
    ReleasedRejected,
    StillHeld,
}

impl Sums {
    fn of(&mut self, fate: Fate) -> Option<&mut Exact> {
        Some(match fate {
            Fate::Received => &mut self.received,
            Fate::Ordered => &mut self.ordered,
            Fate::Held => &mut self.held,
            Fate::Rejected => &mut self.rejected,
            Fate::Duplicate => &mut self.duplicate,
            Fate::Test => &mut self.test,
            Fate::Changes => &mut self.changes,
            _ => return None,
        })
    }

    fn parts(&self) -> [(&'static str, Exact); 6] {
        [
            ("ordered", self.ordered),
            ("held", self.held),
            ("rejected", self.rejected),
            ("duplicate", self.duplicate),
            ("test", self.test),
            ("changes", self.changes),
        ]
    }
}

impl ReleasedSums {
    fn of(&mut self, fate: Fate) -> Option<&mut Exact> {
        Some(match fate {
            Fate::Waited => &mut self.waited,
            Fate::ReleasedOrdered => &mut self.ordered,
            Fate::ReleasedRejected => &mut self.rejected,
            Fate::StillHeld => &mut self.held,
            _ => return None,
        })
    }

    fn parts(&self) -> [(&'static str, Exact); 3] {
        [("ordered", self.ordered), ("rejected", self.rejected), ("held", self.held)]
    }
}

/// All sums of a unit or a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Balance {
    /// Quantities as ordered, whatever the unit: a hash total.
    pub quantities: Sums,
    /// By currency.
    pub values: BTreeMap<Text, Sums>,
    #[serde(skip_serializing_if = "is_nothing")]
    pub released_quantities: ReleasedSums,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub released_values: BTreeMap<Text, ReleasedSums>,
}

fn is_nothing(sums: &ReleasedSums) -> bool {
    *sums == ReleasedSums::default()
}

impl Balance {
    /// Adds what lines of one fate come to.
    pub fn add(&mut self, fate: Fate, amounts: Amounts, currency: &Text) {
        if amounts == Amounts::default() {
            return;
        }
        let Amounts { quantity, value } = amounts;
        if let Some(sum) = self.quantities.of(fate) {
            sum.0 += quantity;
            if let Some(sum) = of_currency(&mut self.values, currency).of(fate) {
                sum.0 += value;
            }
        } else if let Some(sum) = self.released_quantities.of(fate) {
            sum.0 += quantity;
            if let Some(sum) = of_currency(&mut self.released_values, currency).of(fate) {
                sum.0 += value;
            }
        }
    }

    pub fn add_all(&mut self, other: &Self) {
        const FATES: [Fate; 11] = [
            Fate::Received,
            Fate::Ordered,
            Fate::Held,
            Fate::Rejected,
            Fate::Duplicate,
            Fate::Test,
            Fate::Changes,
            Fate::Waited,
            Fate::ReleasedOrdered,
            Fate::ReleasedRejected,
            Fate::StillHeld,
        ];
        let mut other = other.clone();
        for fate in FATES {
            for (mine, theirs) in [
                (self.quantities.of(fate), other.quantities.of(fate)),
                (self.released_quantities.of(fate), other.released_quantities.of(fate)),
            ] {
                if let (Some(mine), Some(theirs)) = (mine, theirs) {
                    mine.0 += theirs.0;
                }
            }
            for (currency, theirs) in &mut other.values {
                let mine = of_currency(&mut self.values, currency);
                if let (Some(mine), Some(theirs)) = (mine.of(fate), theirs.of(fate)) {
                    mine.0 += theirs.0;
                }
            }
            for (currency, theirs) in &mut other.released_values {
                let mine = of_currency(&mut self.released_values, currency);
                if let (Some(mine), Some(theirs)) = (mine.of(fate), theirs.of(fate)) {
                    mine.0 += theirs.0;
                }
            }
        }
    }

    /// None if no quantity and no value was lost or doubled; else the sum that shows the difference.
    pub fn imbalance(&self) -> Option<String> {
        let lines = |what: &str, sums: &Sums| differ(what, "in", sums.received, &sums.parts());
        let again = |what: &str, sums: &ReleasedSums| differ(what, "that waited", sums.waited, &sums.parts());
        let value = |currency: &Text| format!("value {currency}");
        lines("quantity", &self.quantities)
            .or_else(|| self.values.iter().find_map(|(name, sums)| lines(&value(name), sums)))
            .or_else(|| again("quantity", &self.released_quantities))
            .or_else(|| self.released_values.iter().find_map(|(name, sums)| again(&value(name), sums)))
    }
}

fn of_currency<'m, S: Default>(sums: &'m mut BTreeMap<Text, S>, currency: &Text) -> &'m mut S {
    let known = sums.contains_key(currency) || sums.len() < CURRENCIES_MAX;
    sums.entry(if known { currency.clone() } else { OTHERS.into() }).or_default()
}

fn differ(what: &str, came: &str, total: Exact, parts: &[(&'static str, Exact)]) -> Option<String> {
    let out = Exact(parts.iter().map(|(_, part)| part.0).sum());
    (out != total).then(|| {
        let parts: Vec<String> = parts.iter().map(|(name, part)| format!("{name} {part}")).collect();
        format!("{what} {total} {came}, but {} = {out}", parts.join(" + "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amounts(quantity: i128, value: i128) -> Amounts {
        Amounts { quantity, value }
    }

    #[test]
    fn a_sum_is_a_plain_decimal_both_ways() {
        for (micros, text) in [
            (0, "0"),
            (1_500_000, "1.5"),
            (-1, "-0.000001"),
            (-2_250_000, "-2.25"),
            (27_000_000_000_000_000_000, "27000000000000"),
        ] {
            assert_eq!(Exact(micros).to_string(), text);
            assert_eq!(text.parse(), Ok(Exact(micros)));
        }
        for text in ["", "x", "1.0000001", "1.-5", "1.5.0", "1,5"] {
            assert!(text.parse::<Exact>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_quantity_or_a_value_that_is_lost_shows_its_sum() {
        let usd = Text::from("USD");
        let mut balance = Balance::default();
        balance.add(Fate::Received, amounts(5_000_000, 12_500_000), &usd);
        balance.add(Fate::Ordered, amounts(3_000_000, 7_500_000), &usd);
        let told = balance.imbalance().unwrap();
        assert!(told.starts_with("quantity 5 in, but ordered 3 + held 0 + "), "{told}");
        assert!(told.ends_with(" = 3"), "{told}");
        balance.add(Fate::Held, amounts(2_000_000, 5_000_001), &usd);
        let told = balance.imbalance().unwrap();
        assert!(told.starts_with("value USD 12.5 in, but ordered 7.5 + held 5.000001 + "), "{told}");
        balance.add(Fate::Changes, amounts(0, -1), &usd);
        assert_eq!(balance.imbalance(), None);
        balance.add(Fate::Waited, amounts(1, 0), &usd);
        assert_eq!(
            balance.imbalance().unwrap(),
            "quantity 0.000001 that waited, but ordered 0 + rejected 0 + held 0 = 0"
        );
    }

    #[test]
    fn one_currency_does_not_stand_for_another_and_the_rest_is_one_sum() {
        let mut balance = Balance::default();
        balance.add(Fate::Received, amounts(0, 1), &"USD".into());
        balance.add(Fate::Ordered, amounts(0, 1), &"EUR".into());
        assert!(balance.imbalance().is_some());
        let mut balance = Balance::default();
        for number in 0..200 {
            balance.add(Fate::Received, amounts(0, 1), &format!("C{number:03}").into());
            balance.add(Fate::Held, amounts(0, 1), &format!("C{number:03}").into());
        }
        assert_eq!(balance.values.len(), CURRENCIES_MAX + 1);
        assert_eq!(balance.values[OTHERS].received, Exact(150));
        assert_eq!(balance.imbalance(), None);
        let mut twice = balance.clone();
        twice.add_all(&balance);
        assert_eq!((twice.values[OTHERS].held, twice.imbalance()), (Exact(300), None));
        let json = serde_json::to_string(&twice).unwrap();
        assert_eq!(serde_json::from_str::<Balance>(&json).unwrap(), twice);
    }
}
