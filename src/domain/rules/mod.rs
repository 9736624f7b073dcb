//! The catalogue: every rule of every family, one static each.

pub mod acknowledgments;
pub mod business;
pub mod changes;
pub mod csv;
pub mod elements;
pub mod envelope;
pub mod inputs;
pub mod ledger;
pub mod segments;

use crate::domain::diagnostic::Rule;

/// The families, each with its rules by code.
const FAMILIES: [&[&Rule]; 9] = [
    envelope::RULES,
    segments::RULES,
    elements::RULES,
    business::RULES,
    csv::RULES,
    acknowledgments::RULES,
    ledger::RULES,
    inputs::RULES,
    changes::RULES,
];

/// All rules, family by family, by code within a family.
pub fn catalogue() -> impl Iterator<Item = &'static Rule> {
    FAMILIES.into_iter().flatten().copied()
}

/// Declares the rules of one family and their table in one place: a rule that is declared is listed.
macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $severity:ident, $answer:expr, $title:literal,
        cause: $cause:literal, help: $help:literal;)+) => {
        $($(#[$doc])* pub static $name: crate::domain::diagnostic::Rule = crate::domain::diagnostic::Rule {
            code: $code,
            title: $title,
            severity: crate::domain::diagnostic::Severity::$severity,
            answer: $answer,
            cause: $cause,
            help: $help,
        };)+
        /// Every rule of this family, in the order of their codes.
        pub static RULES: &[&crate::domain::diagnostic::Rule] = &[$(&$name),+];
    };
}
pub(crate) use rules;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_in_order_within_a_family() {
        for family in FAMILIES {
            let codes: Vec<&str> = family.iter().map(|rule| rule.code).collect();
            assert!(codes.is_sorted_by(|a, b| a < b), "{codes:?}");
        }
        let mut codes: Vec<&str> = catalogue().map(|rule| rule.code).collect();
        let all = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), all);
    }
}
