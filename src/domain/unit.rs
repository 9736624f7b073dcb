//! Exact fractions between units: 12 for a dozen, 1/2 for half a case.

use crate::domain::{Decimal, Text};
use serde::{Deserialize, Serialize};

/// A positive fraction in lowest terms. `1/3` stays `1/3`: a decimal could not say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fraction {
    numerator: u64,
    denominator: u64,
}

impl Fraction {
    pub const ONE: Self = Self { numerator: 1, denominator: 1 };

    /// None if either part is 0.
    pub fn new(numerator: u64, denominator: u64) -> Option<Self> {
        if numerator == 0 || denominator == 0 {
            return None;
        }
        let common = greatest_common_divisor(numerator, denominator);
        Some(Self { numerator: numerator / common, denominator: denominator / common })
    }

    /// `12`, `0.5` or `1/2`; None for anything else, for 0 and for what passes 64 bits.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some((numerator, denominator)) = text.split_once('/') {
            return Self::new(parse_digits(numerator.trim())?, parse_digits(denominator.trim())?);
        }
        let decimal = crate::domain::money::parse_decimal(text.trim())?.normalize();
        let numerator = u64::try_from(decimal.mantissa()).ok()?;
        Self::new(numerator, 10u64.checked_pow(decimal.scale())?)
    }

    pub fn numerator(self) -> u64 {
        self.numerator
    }

    pub fn denominator(self) -> u64 {
        self.denominator
    }

    #[must_use]
    pub fn inverse(self) -> Self {
        Self { numerator: self.denominator, denominator: self.numerator }
    }

    /// None on overflow of 64 bits.
    pub fn checked_mul(self, other: Self) -> Option<Self> {
        let numerator = u128::from(self.numerator) * u128::from(other.numerator);
        let denominator = u128::from(self.denominator) * u128::from(other.denominator);
        let common = gcd128(numerator, denominator);
        Self::new(u64::try_from(numerator / common).ok()?, u64::try_from(denominator / common).ok()?)
    }

    /// quantity × self, exactly; None if the result has no finite decimal or does not fit.
    pub fn apply(self, quantity: Decimal) -> Option<Decimal> {
        let product = quantity.checked_mul(Decimal::from(self.numerator))?;
        let denominator = Decimal::from(self.denominator);
        let result = product.checked_div(denominator)?;
        (result.checked_mul(denominator)? == product).then(|| result.normalize())
    }
}

impl std::fmt::Display for Fraction {
    /// `12` or `1/2`, as `item_xref.csv` and `uom.csv` write it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.denominator == 1 {
            write!(f, "{}", self.numerator)
        } else {
            write!(f, "{}/{}", self.numerator, self.denominator)
        }
    }
}

impl Serialize for Fraction {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fraction {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Text::deserialize(deserializer)?;
        Self::parse(&text)
            .ok_or_else(|| serde::de::Error::custom(format!("{text:?} is no positive fraction")))
    }
}

fn parse_digits(text: &str) -> Option<u64> {
    // `parse` alone would take a plus sign
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

fn greatest_common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

fn gcd128(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_whole_decimal_and_fraction() {
        for (text, expected) in [
            ("12", Some("12")),
            ("1/2", Some("1/2")),
            ("6/12", Some("1/2")),
            ("0.5", Some("1/2")),
            ("1 / 3", Some("1/3")),
            ("0", None),
            ("1/0", None),
            ("-2", None),
            ("a", None),
            ("1/2/3", None),
            ("", None),
            ("+1/2", None),
        ] {
            assert_eq!(Fraction::parse(text).map(|f| f.to_string()).as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn applies_exactly_or_not_at_all() {
        let third = Fraction::new(1, 3).unwrap();
        assert_eq!(third.apply(Decimal::from(6)), Some(Decimal::from(2)));
        assert_eq!(third.apply(Decimal::from(7)), None);
        assert_eq!(Fraction::parse("1/4").unwrap().apply(Decimal::from(5)), Some(Decimal::new(125, 2)));
        assert_eq!(third.checked_mul(Fraction::new(3, 1).unwrap()), Some(Fraction::ONE));
        let huge = Fraction::new(u64::MAX, 1).unwrap();
        assert_eq!(huge.checked_mul(huge), None);
        assert_eq!(huge.checked_mul(huge.inverse()), Some(Fraction::ONE));
    }
}
