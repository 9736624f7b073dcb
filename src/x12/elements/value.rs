//! One value against its definition in the dictionary.

#![allow(clippy::inline_always, reason = "a call for each element or segment takes longer than what it does")]

use crate::domain::diagnostic::Rule;
use crate::domain::rules::elements as rules;
use crate::x12::grammar::dictionary::{Element, Kind, Length};
use crate::x12::grammar::{Exactness, Version, Versions};

/// What the version of a document says about the form of its values.
#[derive(Debug, Clone, Copy)]
pub(in crate::x12) struct Form {
    pub(in crate::x12) versions: Versions,
    /// Dates have eight digits, not six.
    century: bool,
    /// The version is newer than the tables: it may have codes that they do not have.
    newer: bool,
}

impl Form {
    /// Of a document whose GS08 is `version`.
    pub(in crate::x12) fn of(version: &str) -> Self {
        Self {
            versions: Versions::of(version),
            century: version.get(..6).is_none_or(|version| version >= "004010"),
            newer: matches!(Version::of(version), (_, Exactness::After)),
        }
    }
}

/// Whether a value of printable ASCII, neither empty nor made of components, is text without fault where any text will do,
/// by its length and its last byte.
#[inline(always)]
pub(super) fn fits_as_text(length: usize, last: u8, element: &Element, versions: Versions) -> bool {
    element.is_free_text() && is_within(length, element.length(versions)) && last != b' '
}

/// Whether a value of printable ASCII, neither empty nor made of components, is without fault. Quick, and never wrong
/// where it says yes. Not inlined: the few values that come here must not cost the others the processor's registers.
#[inline(never)]
pub(super) fn fits(value: &[u8], element: &Element, form: Form) -> bool {
    let length = element.length(form.versions);
    if let Kind::AN | Kind::ID = element.kind {
        return is_within(value.len(), length)
            && value.last() != Some(&b' ')
            && element.codes.is_none_or(|codes| form.newer || codes.have(value));
    }
    match element.kind {
        Kind::N(_) | Kind::R => {
            let points_max = usize::from(element.kind == Kind::R);
            let (mut digits, mut points) = (0, 0);
            for byte in value {
                match byte {
                    b'0'..=b'9' => digits += 1,
                    b'.' => points += 1,
                    _ => return false,
                }
            }
            points <= points_max && is_within(digits, length)
        }
        Kind::DT => is_date(value, length.max >= 8),
        Kind::TM => is_time(value),
        Kind::AN | Kind::ID | Kind::Composite => false,
    }
}

#[inline(always)]
fn is_within(length: usize, bounds: Length) -> bool {
    // One comparison: what is too short is very long.
    length.wrapping_sub(usize::from(bounds.min)) <= usize::from(bounds.max - bounds.min)
}

/// What is wrong with a value that is not empty.
pub(in crate::x12) fn fault(value: &[u8], element: &Element, form: Form) -> Option<&'static Rule> {
    let length = element.length(form.versions);
    match element.kind {
        Kind::Composite => None,
        Kind::AN | Kind::ID => text_fault(value, element, form),
        Kind::N(_) => number_fault(value, length),
        Kind::R => decimal_fault(value, length),
        Kind::DT => {
            (!is_date(value, form.century && length.max >= 8)).then_some(&rules::ELEMENT_INVALID_DATE)
        }
        Kind::TM => (!is_time(value)).then_some(&rules::ELEMENT_INVALID_TIME),
    }
}

fn text_fault(value: &[u8], element: &Element, form: Form) -> Option<&'static Rule> {
    let bounds = element.length(form.versions);
    if value.iter().any(u8::is_ascii_control) {
        return Some(&rules::ELEMENT_INVALID_CHARACTER);
    }
    let length = match std::str::from_utf8(value) {
        Ok(text) if !value.is_ascii() => text.chars().count(),
        _ => value.len(),
    };
    if let Some(rule) = length_fault(length, bounds) {
        return Some(rule);
    }
    if !element.codes.is_none_or(|codes| form.newer || codes.have(value)) {
        return Some(&rules::ELEMENT_INVALID_CODE);
    }
    let blank = value.last() == Some(&b' ') && length > usize::from(bounds.min);
    blank.then_some(&rules::ELEMENT_TRAILING_BLANK)
}

/// An integer has a minus or none, and digits; the minus does not count for its length.
fn number_fault(value: &[u8], bounds: Length) -> Option<&'static Rule> {
    let digits = value.strip_prefix(b"-").unwrap_or(value);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Some(&rules::ELEMENT_INVALID_CHARACTER);
    }
    length_fault(digits.len(), bounds)
}

/// A decimal number has a minus or none, digits, at most one point, and perhaps a power of ten after `E`. Its digits alone
/// count for its length, those of the power too.
fn decimal_fault(value: &[u8], bounds: Length) -> Option<&'static Rule> {
    let unsigned = value.strip_prefix(b"-").unwrap_or(value);
    let at = unsigned.iter().position(|byte| *byte == b'E');
    let (base, power) = at.map_or((unsigned, None), |at| {
        let (base, power) = unsigned.split_at(at);
        (base, power.get(1..))
    });
    let (mut digits, mut points) = (0, 0);
    for byte in base {
        match byte {
            b'0'..=b'9' => digits += 1,
            b'.' if points == 0 => points += 1,
            _ => return Some(&rules::ELEMENT_INVALID_CHARACTER),
        }
    }
    if let Some(power) = power {
        let power = power.strip_prefix(b"-").unwrap_or(power);
        if power.is_empty() || !power.iter().all(u8::is_ascii_digit) {
            return Some(&rules::ELEMENT_INVALID_CHARACTER);
        }
        digits += power.len();
    }
    if digits == 0 || base.iter().all(|byte| *byte == b'.') {
        return Some(&rules::ELEMENT_INVALID_CHARACTER);
    }
    length_fault(digits, bounds)
}

fn length_fault(length: usize, bounds: Length) -> Option<&'static Rule> {
    if length < usize::from(bounds.min) {
        Some(&rules::ELEMENT_TOO_SHORT)
    } else if length > usize::from(bounds.max) {
        Some(&rules::ELEMENT_TOO_LONG)
    } else {
        None
    }
}

/// `CCYYMMDD`, or `YYMMDD` where the century may be left out.
fn is_date(value: &[u8], century: bool) -> bool {
    let Some(number) = digits(value) else { return false };
    let year = match value.len() {
        8 => number / 10_000,
        // Years without a century: of those that end in 00 only 2000 was written so, and it was a leap year.
        6 if !century => 2000 + number / 10_000,
        _ => return false,
    };
    let (month, day) = (number / 100 % 100, number % 100);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
}

/// `HHMM`, `HHMMSS`, `HHMMSSD` or `HHMMSSDD`.
fn is_time(value: &[u8]) -> bool {
    let Some(number) = digits(value) else { return false };
    let (hour, minute, second) = match value.len() {
        4 => (number / 100, number % 100, 0),
        6 => (number / 10_000, number / 100 % 100, number % 100),
        7 => (number / 100_000, number / 1000 % 100, number / 10 % 100),
        8 => (number / 1_000_000, number / 10_000 % 100, number / 100 % 100),
        _ => return false,
    };
    hour < 24 && minute < 60 && second < 60
}

/// The number that up to eight digits are.
fn digits(value: &[u8]) -> Option<u32> {
    if value.len() > 8 || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(value.iter().fold(0, |number, byte| number * 10 + u32::from(byte - b'0')))
}
