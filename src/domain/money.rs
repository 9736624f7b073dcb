//! Exact decimals: how X12 writes them (types R and N), how the store keeps them, how amounts are rounded.

use crate::domain::{Decimal, Text};
use rust_decimal::RoundingStrategy;

/// Units of the store and the facts: a millionth.
const MICRO: i64 = 1_000_000;

/// A decimal of X12 type R: digits with an optional leading minus and at most one point, no exponent, no blanks, no
/// thousands separator. None where the text is anything else or passes 28 significant digits.
pub fn parse_decimal(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let has_digit = digits.bytes().any(|byte| byte.is_ascii_digit());
    if !plain || !has_digit {
        return None;
    }
    Decimal::from_str_exact(text).ok()
}

/// A number of X12 type N2: `12345` is 123.45, `-50` is -0.50.
pub fn parse_n2(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || digits.len() > 18 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(Decimal::new(text.parse().ok()?, 2))
}

/// The canonical form: no trailing zeros after the point, no point at the end, no plus, never `-0`.
pub fn plain(value: Decimal) -> String {
    value.normalize().to_string()
}

/// X12 type N2: an amount to the cent, without a point. None if it has a part of a cent or does not fit.
pub fn n2(value: Decimal) -> Option<String> {
    let cents = value.checked_mul(Decimal::ONE_HUNDRED)?.normalize();
    (cents.scale() == 0).then(|| cents.to_string())
}

/// Half up, away from zero: 0.125 is 0.13, -0.125 is -0.13.
pub fn round_cents(value: Decimal) -> Decimal {
    value.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

/// Half to the even cent: 0.125 is 0.12, 0.135 is 0.14.
pub fn round_cents_even(value: Decimal) -> Decimal {
    value.round_dp_with_strategy(2, RoundingStrategy::MidpointNearestEven)
}

/// The whole number of millionths that the store and the facts keep. None if the value has more than six decimals or
/// does not fit 64 bits.
pub fn to_micros(value: Decimal) -> Option<i64> {
    let micros = value.checked_mul(Decimal::from(MICRO))?.normalize();
    if micros.scale() == 0 { i64::try_from(micros.mantissa()).ok() } else { None }
}

/// [`to_micros`] for a value that may have more decimals: rounded half up to the millionth. None if it does not fit.
pub fn to_micros_rounded(value: Decimal) -> Option<i64> {
    to_micros(value.round_dp_with_strategy(6, RoundingStrategy::MidpointAwayFromZero))
}

pub fn from_micros(micros: i64) -> Decimal {
    Decimal::new(micros, 6).normalize()
}

/// How many ordered units a price of this basis (PO105, element 639) is for: `HP` 100, `TP` 1000, `PE` and an empty
/// basis 1; `PP` (per pound) is 1 where `unit` is the pound and unknown elsewhere, because the weight of a unit is not
/// in the document. None: the line must be held, the price never taken as for one.
pub fn price_divisor(basis: &str, unit: &str) -> Option<Decimal> {
    let divisor: i64 = match basis {
        // per each, per unit of measure, and the bases that tell a kind of price for each
        "" | "PE" | "UM" | "CT" | "QT" | "NT" | "NC" | "LE" | "QE" | "RE" | "TE" | "WE" => 1,
        "PP" if unit == "LB" => 1,
        "PN" => 10,
        "PD" | "LD" | "TD" | "RD" | "WD" => 12,
        "HP" | "QH" | "TC" | "LC" | "RC" | "WC" => 100,
        "TP" | "QS" | "TM" | "LM" | "RM" | "WM" => 1_000,
        "TT" => 10_000,
        "HT" => 100_000,
        _ => return None,
    };
    Some(Decimal::from(divisor))
}

/// Decimals as text for files: empty for none.
pub fn plain_or_empty(value: Option<Decimal>) -> Text {
    value.map_or_else(Text::default, |value| Text::from(plain(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_decimals_of_type_r_and_nothing_else() {
        for (text, expected) in [
            ("12", Some("12")),
            (".95", Some("0.95")),
            ("7.", Some("7")),
            ("-.50", Some("-0.5")),
            ("0012.3400", Some("12.34")),
            ("", None),
            (".", None),
            ("-", None),
            ("+1", None),
            ("1,000", None),
            ("1e3", None),
            (" 1", None),
            ("1_000", None),
            ("1.2.3", None),
            ("99999999999999999999999999999999", None),
        ] {
            assert_eq!(parse_decimal(text).map(plain).as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn writes_n2_without_a_point_and_refuses_part_of_a_cent() {
        for (text, expected) in [
            ("123.45", Some("12345")),
            ("0.5", Some("50")),
            ("-0.50", Some("-50")),
            ("0", Some("0")),
            ("1.005", None),
        ] {
            let value = parse_decimal(text).unwrap();
            assert_eq!(n2(value).as_deref(), expected, "{text}");
            if let Some(n2) = expected {
                assert_eq!(parse_n2(n2), Some(value.normalize()), "{text}");
            }
        }
    }

    #[test]
    fn rounds_half_up_away_from_zero() {
        for (text, expected) in
            [("0.125", "0.13"), ("-0.125", "-0.13"), ("0.135", "0.14"), ("2.344999", "2.34")]
        {
            assert_eq!(plain(round_cents(parse_decimal(text).unwrap())), expected, "{text}");
        }
    }

    #[test]
    fn rounds_half_to_the_even_cent() {
        for (text, expected) in [
            ("0.125", "0.12"),
            ("-0.125", "-0.12"),
            ("0.135", "0.14"),
            ("0.1250001", "0.13"),
            ("2.344999", "2.34"),
        ] {
            assert_eq!(plain(round_cents_even(parse_decimal(text).unwrap())), expected, "{text}");
        }
    }

    #[test]
    fn micros_are_exact_or_refused() {
        for (text, expected) in [
            ("1.000001", Some(1_000_001)),
            ("-2.5", Some(-2_500_000)),
            ("0.0000001", None),
            ("9223372036854.775807", Some(i64::MAX)),
            ("9223372036854.775808", None),
        ] {
            let value = parse_decimal(text).unwrap();
            assert_eq!(to_micros(value), expected, "{text}");
            if let Some(micros) = expected {
                assert_eq!(from_micros(micros), value, "{text}");
            }
        }
    }

    #[test]
    fn an_unknown_price_basis_never_counts_as_one() {
        assert_eq!(price_divisor("HP", "EA"), Some(Decimal::from(100)));
        assert_eq!(price_divisor("TP", "EA"), Some(Decimal::from(1000)));
        assert_eq!(price_divisor("", "EA"), Some(Decimal::ONE));
        assert_eq!(price_divisor("PP", "LB"), Some(Decimal::ONE));
        assert_eq!(price_divisor("PP", "CA"), None);
        assert_eq!(price_divisor("ZZ", "EA"), None);
    }
}
