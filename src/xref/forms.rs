//! Match forms: in what a customer's number may be written differently and still be the same.

use crate::domain::partner::MatchForm;

/// The forms that a partner allows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Forms {
    case: bool,
    hyphens: bool,
    leading_zeros: bool,
}

impl Forms {
    pub(super) fn of(forms: &[MatchForm]) -> Self {
        Self {
            case: forms.contains(&MatchForm::Case),
            hyphens: forms.contains(&MatchForm::Hyphens),
            leading_zeros: forms.contains(&MatchForm::LeadingZeros),
        }
    }

    pub(super) fn any(self) -> bool {
        self.case || self.hyphens || self.leading_zeros
    }

    /// Whether two numbers are one in these forms. Never for a number of which nothing is left.
    pub(super) fn same(self, left: &str, right: &str) -> bool {
        let mut left = self.letters(left).peekable();
        left.peek().is_some() && left.eq(self.letters(right))
    }

    fn letters(self, number: &str) -> impl Iterator<Item = char> {
        number
            .chars()
            .filter(move |letter| !(self.hyphens && is_hyphen(*letter)))
            .skip_while(move |letter| self.leading_zeros && *letter == '0')
            .flat_map(move |letter| self.cased(letter))
    }

    fn cased(self, letter: char) -> impl Iterator<Item = char> {
        let lower = self.case.then(|| letter.to_lowercase());
        let same = (!self.case).then_some(letter);
        lower.into_iter().flatten().chain(same)
    }
}

/// Writes the number in all forms at once: numbers that are the same in any of them give the same text.
pub(super) fn widest(number: &str, into: &mut String) {
    into.clear();
    into.extend(Forms { case: true, hyphens: true, leading_zeros: true }.letters(number));
}

/// The number in all forms at once: what is left of it without case, hyphens, blanks, points, slashes and leading zeros.
pub fn match_form(number: &str) -> String {
    let mut form = String::new();
    widest(number, &mut form);
    form
}

fn is_hyphen(letter: char) -> bool {
    matches!(letter, '-' | ' ' | '.' | '/')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_form_forgives_its_own_difference_and_no_other() {
        use MatchForm::{Case, Hyphens, LeadingZeros};
        for (left, right, forms, same) in [
            ("ab-1", "AB-1", &[Case][..], true),
            ("ab-1", "AB1", &[Case], false),
            ("A-10.20/3 0", "A102030", &[Hyphens], true),
            ("0012", "12", &[LeadingZeros], true),
            ("0012", "12", &[Hyphens, Case], false),
            ("0-012", "12", &[Hyphens, LeadingZeros], true),
            ("100", "1", &[LeadingZeros], false),
            // nothing left: a number of zeros or hyphens is like no other
            ("000", "0", &[LeadingZeros], false),
            ("--", ".", &[Hyphens], false),
            ("ÄÖ", "äö", &[Case], true),
        ] {
            assert_eq!(Forms::of(forms).same(left, right), same, "{left} {right} {forms:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_the_same_in_one_form_is_the_same_in_the_widest(
            left in "[aA0 \\-1]{0,6}", right in "[aA0 \\-1]{0,6}",
            case: bool, hyphens: bool, leading_zeros: bool,
        ) {
            let forms = Forms { case, hyphens, leading_zeros };
            if forms.same(&left, &right) {
                let (mut wide_left, mut wide_right) = (String::new(), String::new());
                widest(&left, &mut wide_left);
                widest(&right, &mut wide_right);
                prop_assert_eq!(wide_left, wide_right);
            }
        }
    }
}
