//! One value against its definition in the dictionary.

use crate::domain::diagnostic::Rule;
use crate::domain::rules::elements as rules;
use crate::x12::grammar::dictionary::{Element, Kind};

/// What is wrong with a value that is not empty. `century`: dates have eight digits, not six.
pub(in crate::x12) fn fault(value: &[u8], element: &Element, century: bool) -> Option<&'static Rule> {
    match element.kind {
        Kind::Composite => None,
        Kind::AN | Kind::ID => text_fault(value, element),
        Kind::N(_) => number_fault(value, element, 0),
        Kind::R => number_fault(value, element, 1),
        Kind::DT => (!is_date(value, century)).then_some(&rules::ELEMENT_INVALID_DATE),
        Kind::TM => (!is_time(value)).then_some(&rules::ELEMENT_INVALID_TIME),
    }
}

fn text_fault(value: &[u8], element: &Element) -> Option<&'static Rule> {
    if value.iter().any(u8::is_ascii_control) {
        return Some(&rules::ELEMENT_INVALID_CHARACTER);
    }
    let length = match std::str::from_utf8(value) {
        Ok(text) if !value.is_ascii() => text.chars().count(),
        _ => value.len(),
    };
    if let Some(rule) = length_fault(length, element) {
        return Some(rule);
    }
    let known = element.codes.is_empty() || element.codes.iter().any(|code| code.as_bytes() == value);
    (!known).then_some(&rules::ELEMENT_INVALID_CODE)
}

/// A number has a minus or none, digits, and at most so many points; neither minus nor point counts for its length.
fn number_fault(value: &[u8], element: &Element, points_max: u32) -> Option<&'static Rule> {
    let unsigned = value.strip_prefix(b"-").unwrap_or(value);
    let (mut digits, mut points) = (0, 0);
    for byte in unsigned {
        match byte {
            b'0'..=b'9' => digits += 1,
            b'.' if points < points_max => points += 1,
            _ => return Some(&rules::ELEMENT_INVALID_CHARACTER),
        }
    }
    if digits == 0 {
        return Some(&rules::ELEMENT_INVALID_CHARACTER);
    }
    length_fault(digits, element)
}

fn length_fault(length: usize, element: &Element) -> Option<&'static Rule> {
    if length < usize::from(element.min) {
        Some(&rules::ELEMENT_TOO_SHORT)
    } else if length > usize::from(element.max) {
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
