//! What is wrong with a value, in words: which character, which month, what was probably meant.

use crate::domain::diagnostic::Diagnostic;

/// Gives a finding about a value the detail that the value itself tells; one that has a detail keeps it.
pub fn complete(finding: &mut Diagnostic) {
    if finding.detail.is_empty() && !finding.found.is_empty() {
        finding.detail = match finding.rule.code {
            "E306" => character(&finding.found),
            "E308" => date(&finding.found),
            "E309" => time(&finding.found),
            _ => String::new(),
        };
    }
}

/// Which character does not belong in a number, a code or a text, and what it looks like.
fn character(value: &str) -> String {
    let control = value.char_indices().find(|(_, c)| c.is_control() || *c == '\u{fffd}');
    if let Some((index, c)) = control {
        let place = value.get(..index).map_or(1, |before| before.chars().count() + 1);
        let name = match c {
            '\n' | '\r' => "a line break".to_owned(),
            '\t' => "a tab".to_owned(),
            '\u{fffd}' => "a NUL byte".to_owned(),
            c => format!("the control character {:#04x}", u32::from(c)),
        };
        return format!("character {place} is {name}");
    }
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let odd: Vec<(usize, char)> = value
        .chars()
        .enumerate()
        .filter(|(index, c)| !(c.is_ascii_digit() || *c == '.' || (*c == '-' && *index == 0)))
        .collect();
    let Some((index, c)) = odd.first().copied() else { return repeated_point(value) };
    let place = index + 1;
    match (c, digits) {
        (_, 0) => "words where a number belongs".to_owned(),
        ('O' | 'o', _) => format!("character {place} is the letter {c}, not the digit 0"),
        ('I' | 'l', _) => format!("character {place} is the letter {c}, not the digit 1"),
        ('S', _) if index > 0 => format!("character {place} is the letter S, perhaps for the digit 5"),
        (',', _) => comma(value),
        ('$' | '€' | '£' | '¥', _) => {
            format!("character {place} is a currency sign; the currency belongs in CUR")
        }
        ('%', _) => format!("character {place} is a percent sign"),
        ('+', _) => "a plus sign is not written in X12".to_owned(),
        ('-', _) => format!("character {place} is a minus sign, which belongs before the number"),
        (' ' | '\u{a0}', _) => format!("character {place} is a blank"),
        (c, _) if c.is_alphabetic() => {
            let words: String = value.chars().skip(index).collect();
            format!("{:?} from character {place} on does not belong in a number", words.trim())
        }
        (c, _) => format!("character {place} is {c:?}"),
    }
}

/// A comma for thousands or for decimals: three digits behind each comma are thousands.
fn comma(value: &str) -> String {
    let plain: String = value.chars().filter(|c| *c != ',').collect();
    let whole = value.split('.').next().unwrap_or_default();
    let thousands = whole.split(',').skip(1).all(|group| group.len() == 3);
    if thousands {
        format!("a comma for thousands: {plain} was probably meant")
    } else {
        format!("a decimal comma: {} was probably meant", value.replace('.', "").replace(',', "."))
    }
}

fn repeated_point(value: &str) -> String {
    match value.matches('.').count() {
        0 => "a sign without a number".to_owned(),
        1 => "a point where a whole number belongs".to_owned(),
        count => format!("{count} points in one number"),
    }
}

/// Why a date is none.
fn date(value: &str) -> String {
    let digits: String = value.chars().filter(char::is_ascii_digit).collect();
    if digits.len() != value.chars().count() {
        return if digits.len() == 8 || digits.len() == 6 {
            "it is written with other characters than digits; X12 wants CCYYMMDD, such as 20261231".to_owned()
        } else {
            "it holds other characters than digits".to_owned()
        };
    }
    match digits.len() {
        8 => match (part(&digits, 0, 4), part(&digits, 4, 6), part(&digits, 6, 8)) {
            (_, month, day) if (1..=12).contains(&month) => {
                format!("month {month:02} has no day {day:02}")
            }
            (year, ..) if (1..=12).contains(&(year / 100)) && (1900..2200).contains(&part(&digits, 4, 8)) => {
                format!("it reads like MMDDCCYY: {}{} was probably meant", tail(&digits, 4), head(&digits, 4))
            }
            (_, month, _) => format!("there is no month {month:02}"),
        },
        6 => {
            let (month, day) = (part(&digits, 2, 4), part(&digits, 4, 6));
            if (1..=12).contains(&month) && (1..=31).contains(&day) {
                format!("six digits, the century is missing: 20{digits} was probably meant")
            } else {
                "six digits where CCYYMMDD has eight".to_owned()
            }
        }
        count => format!("{count} digits where CCYYMMDD has eight"),
    }
}

/// Why a time is none.
fn time(value: &str) -> String {
    if !value.bytes().all(|byte| byte.is_ascii_digit()) {
        return "it holds other characters than digits; X12 wants HHMM, such as 1430".to_owned();
    }
    match value.len() {
        4 | 6..=8 => {
            let (hour, minute, second) = (part(value, 0, 2), part(value, 2, 4), part(value, 4, 6));
            if hour > 23 {
                format!("there is no hour {hour:02}")
            } else if minute > 59 {
                format!("there is no minute {minute:02}")
            } else {
                format!("there is no second {second:02}")
            }
        }
        count => format!("{count} digits where HHMM has four"),
    }
}

fn part(digits: &str, from: usize, to: usize) -> u32 {
    digits.get(from..to).and_then(|part| part.parse().ok()).unwrap_or(0)
}

fn head(digits: &str, count: usize) -> &str {
    digits.get(..count).unwrap_or_default()
}

fn tail(digits: &str, from: usize) -> &str {
    digits.get(from..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::diagnostic::{Location, Rule};
    use crate::domain::rules::elements as rules;

    /// The rule, the value, and what is said of it.
    const VALUES: &[(&Rule, &str, &str)] = &[
        (&rules::ELEMENT_INVALID_CHARACTER, "1O.50", "character 2 is the letter O, not the digit 0"),
        (&rules::ELEMENT_INVALID_CHARACTER, "l2", "character 1 is the letter l, not the digit 1"),
        (&rules::ELEMENT_INVALID_CHARACTER, "1,000", "a comma for thousands: 1000 was probably meant"),
        (&rules::ELEMENT_INVALID_CHARACTER, "1,000.50", "a comma for thousands: 1000.50 was probably meant"),
        (&rules::ELEMENT_INVALID_CHARACTER, "12,5", "a decimal comma: 12.5 was probably meant"),
        (
            &rules::ELEMENT_INVALID_CHARACTER,
            "$12.50",
            "character 1 is a currency sign; the currency belongs in CUR",
        ),
        (&rules::ELEMENT_INVALID_CHARACTER, "two dozen", "words where a number belongs"),
        (&rules::ELEMENT_INVALID_CHARACTER, "12 EA", "character 3 is a blank"),
        (&rules::ELEMENT_INVALID_CHARACTER, "12EA", "\"EA\" from character 3 on does not belong in a number"),
        (
            &rules::ELEMENT_INVALID_CHARACTER,
            "5-",
            "character 2 is a minus sign, which belongs before the number",
        ),
        (&rules::ELEMENT_INVALID_CHARACTER, "1.2.3", "2 points in one number"),
        (&rules::ELEMENT_INVALID_CHARACTER, "1.5", "a point where a whole number belongs"),
        (&rules::ELEMENT_INVALID_CHARACTER, "-", "a sign without a number"),
        (&rules::ELEMENT_INVALID_CHARACTER, "Hex\tbolt", "character 4 is a tab"),
        (&rules::ELEMENT_INVALID_CHARACTER, "Hex\nbolt", "character 4 is a line break"),
        (&rules::ELEMENT_INVALID_CHARACTER, "A\u{7}", "character 2 is the control character 0x07"),
        (&rules::ELEMENT_INVALID_CHARACTER, "A\u{fffd}", "character 2 is a NUL byte"),
        (&rules::ELEMENT_INVALID_DATE, "20250231", "month 02 has no day 31"),
        (&rules::ELEMENT_INVALID_DATE, "20251301", "there is no month 13"),
        (&rules::ELEMENT_INVALID_DATE, "12312026", "it reads like MMDDCCYY: 20261231 was probably meant"),
        (
            &rules::ELEMENT_INVALID_DATE,
            "261201",
            "six digits, the century is missing: 20261201 was probably meant",
        ),
        (&rules::ELEMENT_INVALID_DATE, "2026", "4 digits where CCYYMMDD has eight"),
        (
            &rules::ELEMENT_INVALID_DATE,
            "12/01/2026",
            "it is written with other characters than digits; X12 wants CCYYMMDD, such as 20261231",
        ),
        (&rules::ELEMENT_INVALID_DATE, "soon", "it holds other characters than digits"),
        (&rules::ELEMENT_INVALID_TIME, "2561", "there is no hour 25"),
        (&rules::ELEMENT_INVALID_TIME, "1261", "there is no minute 61"),
        (&rules::ELEMENT_INVALID_TIME, "125961", "there is no second 61"),
        (
            &rules::ELEMENT_INVALID_TIME,
            "12:30",
            "it holds other characters than digits; X12 wants HHMM, such as 1430",
        ),
        (&rules::ELEMENT_INVALID_TIME, "930", "3 digits where HHMM has four"),
    ];

    #[test]
    fn a_value_tells_what_is_wrong_with_it() {
        for &(rule, found, detail) in VALUES {
            let mut finding = Diagnostic::new(rule, Location::default()).found(found);
            complete(&mut finding);
            assert_eq!(finding.detail, detail, "{found:?}");
        }
    }

    #[test]
    fn a_detail_that_is_there_stays() {
        let finding = Diagnostic::new(&rules::ELEMENT_INVALID_DATE, Location::default()).found("2026");
        let mut finding = finding.detail("known better");
        complete(&mut finding);
        assert_eq!(finding.detail, "known better");
    }
}
