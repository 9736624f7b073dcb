//! `[[customer_item_types]]`: warranty, service, serials and extra fields of what the ledger keeps.

use crate::domain::money::{parse_decimal, plain};
use crate::domain::{Date, Text};
use serde::Deserialize;

/// `[[customer_item_types]]` of itembridge.toml.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomerItemType {
    pub name: Text,
    /// 0: no warranty.
    #[serde(default)]
    pub warranty_months: u32,
    #[serde(default)]
    pub warranty_starts: WarrantyStart,
    #[serde(default)]
    pub on_replacement: ReplacementTerm,
    /// 0: no service.
    #[serde(default)]
    pub service_every_months: u32,
    /// A unit without a serial is told.
    #[serde(default)]
    pub serial_required: bool,
    /// Two things of this type that are owned at one time have two serials.
    #[serde(default)]
    pub serial_unique: bool,
    /// What else is kept of each; no name twice.
    #[serde(default)]
    pub fields: Vec<ExtraField>,
}

impl CustomerItemType {
    pub fn field(&self, name: &str) -> Option<&ExtraField> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// The date from which the warranty runs; where the document does not have it, the next one in this order that it has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WarrantyStart {
    #[default]
    Invoice,
    Ship,
    /// The order's date (the invoice's where no order is known), or the day of the POS sale.
    Purchase,
    /// The day on which the ledger first saw it.
    FirstSeen,
}

/// What cover a replacement has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplacementTerm {
    /// That of what it replaces goes on to its end.
    #[default]
    Remainder,
    /// A term of its own from the day of the replacement.
    Fresh,
}

/// A field of a type, `fields = [{ name = "room", type = "text" }]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtraField {
    /// Small letters, digits and `_`: the name of its column.
    pub name: Text,
    #[serde(default, rename = "type")]
    pub kind: FieldKind,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    #[default]
    Text,
    Integer,
    Decimal,
    Date,
    YesNo,
}

/// Characters of one value.
const VALUE_MAX: usize = 500;

impl FieldKind {
    /// What is expected, in words.
    pub fn expected(self) -> &'static str {
        match self {
            Self::Text => "a text of at most 500 characters without control characters",
            Self::Integer => "a whole number",
            Self::Decimal => "a number such as 12.5",
            Self::Date => "a date such as 2026-11-20",
            Self::YesNo => "yes or no",
        }
    }

    /// The value in the one written form of its type; None: it is none.
    pub fn parse(self, text: &str) -> Option<Text> {
        match self {
            Self::Text => {
                let sound = text.chars().count() <= VALUE_MAX && !text.chars().any(char::is_control);
                sound.then(|| text.into())
            }
            Self::Integer => {
                let digits = text.strip_prefix('-').unwrap_or(text);
                let sound = digits.bytes().all(|byte| byte.is_ascii_digit());
                text.parse::<i64>().ok().filter(|_| sound).map(|value| value.to_string().into())
            }
            Self::Decimal => parse_decimal(text).map(|value| plain(value).into()),
            Self::Date => {
                let date = text.parse::<Date>().ok().filter(|_| text.len() == 10);
                date.filter(|date| (1900..2200).contains(&date.year())).map(|date| date.to_string().into())
            }
            Self::YesNo => match text.to_ascii_lowercase().as_str() {
                "yes" => Some("yes".into()),
                "no" => Some("no".into()),
                _ => None,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_kept_in_the_one_form_of_its_type() {
        for (kind, text, kept) in [
            (FieldKind::Text, "Room 7, left", Some("Room 7, left")),
            (FieldKind::Text, "a\nb", None),
            (FieldKind::Integer, "-007", Some("-7")),
            (FieldKind::Integer, "+7", None),
            (FieldKind::Integer, "7.0", None),
            (FieldKind::Integer, "99999999999999999999", None),
            (FieldKind::Decimal, "12.50", Some("12.5")),
            (FieldKind::Decimal, "1e3", None),
            (FieldKind::Date, "2026-02-28", Some("2026-02-28")),
            (FieldKind::Date, "2026-02-30", None),
            (FieldKind::Date, "20260228", None),
            (FieldKind::YesNo, "YES", Some("yes")),
            (FieldKind::YesNo, "1", None),
        ] {
            assert_eq!(kind.parse(text).as_deref(), kept, "{kind:?} {text:?}");
        }
        assert_eq!(FieldKind::Text.parse(&"x".repeat(501)), None);
    }
}
