//! What a number may have been before it came to us: written otherwise, mistyped, longer or shorter at an end, spoilt by a
//! spreadsheet.

use crate::xref::forms::widest;

/// The number without what is written differently by habit: in small letters, without hyphens, blanks, points, slashes and
/// leading zeros.
pub fn form(number: &str) -> String {
    let mut form = String::new();
    widest(number, &mut form);
    form
}

/// Whether one letter too many, too few, another, or two that changed places make the one number of the other.
pub fn one_edit(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let (short, long) = if a.len() <= b.len() { (&a, &b) } else { (&b, &a) };
    if long.len() - short.len() > 1 || short == long {
        return false;
    }
    let same = short.iter().zip(long).take_while(|(a, b)| a == b).count();
    let rest = |number: &[char], from: usize| number.get(from..).unwrap_or_default().to_vec();
    if long.len() > short.len() {
        return rest(short, same) == rest(long, same + 1);
    }
    let swapped = short.get(same) == long.get(same + 1) && short.get(same + 1) == long.get(same);
    rest(short, same + 1) == rest(long, same + 1)
        || (swapped && same + 1 < short.len() && rest(short, same + 2) == rest(long, same + 2))
}

/// So many letters before or behind a number may be new.
const ENDS_MAX: usize = 3;

/// A number that is the rest of another must have so many letters.
const REST_MIN: usize = 4;

/// The letters that the one form has more than the other, before or behind it; None if that is not what they differ in.
pub fn added<'f>(a: &'f str, b: &'f str) -> Option<&'f str> {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let rest = long.strip_prefix(short).or_else(|| long.strip_suffix(short))?;
    let fits = (1..=ENDS_MAX).contains(&rest.chars().count()) && short.chars().count() >= REST_MIN;
    fits.then_some(rest)
}

/// The number without a few letters at one end.
pub fn parts(number: &str) -> impl Iterator<Item = &str> {
    let starts = number.char_indices().skip(1).take(ENDS_MAX).filter_map(|(at, _)| number.get(at..));
    let ends = number.char_indices().rev().take(ENDS_MAX).filter_map(|(at, _)| number.get(..at));
    starts.chain(ends).filter(|part| part.chars().count() >= REST_MIN)
}

/// A few words that two forms have in common if one edit or a few letters at an end make the one of the other: of the form, of it with
/// one letter left out, and of it without the first or last few. Two forms may share one by chance.
#[derive(Debug, Default)]
pub struct NearKeys {
    /// Of the first letters: none, one, and so on.
    heads: Vec<u64>,
    powers: Vec<u64>,
    pub keys: Vec<u64>,
}

impl NearKeys {
    const BASE: u64 = 0x9E37_79B9_7F4A_7C15;

    pub fn of(&mut self, form: &str) -> &[u64] {
        self.heads.clear();
        self.powers.clear();
        self.keys.clear();
        let (mut head, mut power) = (0u64, 1u64);
        self.heads.push(head);
        self.powers.push(power);
        for letter in form.chars() {
            head = head.wrapping_mul(Self::BASE).wrapping_add(u64::from(u32::from(letter)) + 1);
            power = power.wrapping_mul(Self::BASE);
            self.heads.push(head);
            self.powers.push(power);
        }
        let letters = self.heads.len() - 1;
        self.without(0, 0);
        for at in 0..letters {
            self.without(at, at + 1);
        }
        for count in (2..=ENDS_MAX).filter(|count| letters >= count + REST_MIN) {
            self.without(0, count);
            self.without(letters - count, letters);
        }
        self.keys.sort_unstable();
        self.keys.dedup();
        &self.keys
    }

    /// Adds the key of the form without these letters.
    fn without(&mut self, from: usize, to: usize) {
        let letters = self.heads.len() - 1;
        let head = |at: usize| self.heads.get(at).copied().unwrap_or_default();
        let power = self.powers.get(letters - to).copied().unwrap_or_default();
        let tail = head(letters).wrapping_sub(head(to).wrapping_mul(power));
        self.keys.push(head(from).wrapping_mul(power).wrapping_add(tail));
    }
}

/// What a spreadsheet has left of a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spoilt {
    /// Other writings, of which one may be the number: `4711.0` was 4711, `11-Mar` was 3-11 or 11-3.
    Rewritten(Vec<String>),
    /// `1.23457E+11`: the first digits, rounded, of a number of so many.
    Rounded { first: String, length: usize },
}

/// A longer exponent is none of a spreadsheet's.
const DIGITS_MAX: usize = 30;

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// None for a number that looks whole.
pub fn spoilt(number: &str) -> Option<Spoilt> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if let Some((mantissa, exponent)) = number.split_once(['E', 'e'])
        && let Some(exponent) = exponent.strip_prefix('+').filter(|exponent| digits(exponent))
    {
        let (whole, part) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, ""));
        let first = format!("{whole}{part}");
        let length = exponent.parse::<usize>().ok()?.checked_add(1)?;
        let sound = whole.len() == 1 && digits(&first) && first.len() <= length && length <= DIGITS_MAX;
        return sound.then_some(Spoilt::Rounded { first, length });
    }
    if let Some((whole, part)) = number.split_once('.')
        && digits(whole)
        && !part.is_empty()
        && part.bytes().all(|byte| byte == b'0')
    {
        return Some(Spoilt::Rewritten(vec![whole.to_owned()]));
    }
    let (a, b) = number.split_once('-')?;
    let month = |text: &str| MONTHS.iter().zip(1..).find(|(name, _)| text.eq_ignore_ascii_case(name));
    let (day, (_, month)) = match (digits(a) && a.len() <= 2, month(b), digits(b) && b.len() <= 2, month(a)) {
        (true, Some(month), ..) => (a, month),
        (_, _, true, Some(month)) => (b, month),
        _ => return None,
    };
    let day = day.trim_start_matches('0');
    Some(Spoilt::Rewritten(vec![
        format!("{month}-{day}"),
        format!("{month}-{day:0>2}"),
        format!("{day}-{month}"),
        format!("{day}-{month:0>2}"),
    ]))
}

/// Whether the number begins with these digits, rounded, and has so many.
pub fn is_rounded_to(number: &str, first: &str, length: usize) -> bool {
    let digits: Vec<u8> = number.bytes().filter(u8::is_ascii_digit).collect();
    if digits.len() != length || digits.len() != number.len() {
        return false;
    }
    let (kept, lost) = digits.split_at(first.len().min(length));
    let value = |digits: &[u8]| digits.iter().fold(0u128, |all, digit| all * 10 + u128::from(digit - b'0'));
    let up = lost.first().is_some_and(|digit| *digit >= b'5');
    value(kept) + u128::from(up) == value(first.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_edit_is_a_letter_more_less_other_or_swapped() {
        for (a, b, one) in [
            ("4711", "4711", false),
            ("4711", "471", true),
            ("4711", "47x11", true),
            ("4711", "4712", true),
            ("4711", "7411", true),
            ("4711", "4171", true),
            ("4711", "1174", false),
            ("4711", "47", false),
            ("4711", "4822", false),
            ("ab", "ba", true),
            ("", "a", true),
            ("ä1", "a1", true),
        ] {
            assert_eq!((one_edit(a, b), one_edit(b, a)), (one, one), "{a} {b}");
        }
    }

    #[test]
    fn a_few_letters_at_one_end_may_be_new() {
        for (a, b, expected) in [
            ("4711", "4711n", Some("n")),
            ("x4711", "4711", Some("x")),
            ("4711", "0024711", Some("002")),
            ("4711", "00024711", None),
            ("4711", "4711", None),
            ("471", "471n", None),
            ("4711", "a4711b", None),
            ("4711", "47110", Some("0")),
        ] {
            assert_eq!((added(a, b), added(b, a)), (expected, expected), "{a} {b}");
        }
    }

    #[test]
    fn what_a_spreadsheet_spoils_is_known_by_its_looks() {
        let rounded = |first: &str, length| Some(Spoilt::Rounded { first: first.to_owned(), length });
        let rewritten = |all: &[&str]| Some(Spoilt::Rewritten(all.iter().map(|one| (*one).into()).collect()));
        for (number, expected) in [
            ("1.23457E+11", rounded("123457", 12)),
            ("1e+5", rounded("1", 6)),
            ("4711.0", rewritten(&["4711"])),
            ("4711.00", rewritten(&["4711"])),
            ("11-Mar", rewritten(&["3-11", "3-11", "11-3", "11-03"])),
            ("Mar-02", rewritten(&["3-2", "3-02", "2-3", "2-03"])),
            ("4711.5", None),
            ("4711", None),
            ("12.3E+11", None),
            ("1.23E+999999999999999999999", None),
            ("1.23E+99", None),
            ("1.2345E+2", None),
            ("A-Mar", None),
            (".0", None),
            ("", None),
        ] {
            assert_eq!(spoilt(number), expected, "{number}");
        }
        for (number, first, length, is) in [
            ("123456789012", "123457", 12, true),
            ("123456289012", "123456", 12, true),
            ("123456789012", "123456", 12, false),
            ("12345678901", "123457", 12, false),
            ("12345678901x", "123457", 12, false),
            ("120000", "12", 6, true),
            ("", "1", 6, false),
        ] {
            assert_eq!(is_rounded_to(number, first, length), is, "{number}");
        }
    }

    proptest! {
        #[test]
        fn numbers_that_are_near_share_a_key(a in "[ab1]{0,8}", b in "[ab1]{0,8}") {
            let (mut first, mut second) = (NearKeys::default(), NearKeys::default());
            let (left, right) = (first.of(&a), second.of(&b));
            let shared = left.iter().any(|key| right.contains(key));
            if one_edit(&a, &b) || added(&a, &b).is_some() || a == b {
                prop_assert!(shared, "{} {}", a, b);
            }
            prop_assert_eq!(one_edit(&a, &b), one_edit(&b, &a));
        }

        #[test]
        fn no_number_breaks_the_reading_of_spreadsheets(number in "\\PC{0,12}", first in "[0-9]{1,6}") {
            let _ = spoilt(&number);
            is_rounded_to(&number, &first, number.len());
        }
    }
}
