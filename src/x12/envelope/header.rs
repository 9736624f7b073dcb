//! The elements of an ISA, one check each: what TA105 can say of a header, at the byte of its element.

use super::checks::{clean, is_number};
use crate::domain::diagnostic::{Diagnostic, Location, Rule, Severity};
use crate::domain::rules::envelope as rules;
use crate::x12::lexer::{Header, version_repeats};

/// I05 from 004010 to 005010: two digits of this range without those that were never given out, and the letters.
const QUALIFIER_LETTERS: [&str; 5] = ["AM", "NR", "SA", "SN", "ZZ"];
const QUALIFIERS_UNUSED: [&str; 3] = ["00", "05", "06"];

/// An element of the ISA, whether its value is wrong, and what is then found.
type Check = (u32, fn(&Header, &str) -> bool, &'static Rule);

/// In the order of the elements.
const CHECKS: &[Check] = &[
    (1, |_, value| !in_range(value, 0, 8), &rules::AUTHORIZATION_QUALIFIER_INVALID),
    (2, |header, value| value.is_empty() && announced(header, 1, 8), &rules::AUTHORIZATION_MISSING),
    (3, |_, value| !in_range(value, 0, 1), &rules::SECURITY_QUALIFIER_INVALID),
    (4, |header, value| value.is_empty() && announced(header, 3, 1), &rules::SECURITY_MISSING),
    (5, |_, value| !is_qualifier(value), &rules::SENDER_QUALIFIER_INVALID),
    (6, |_, value| value.is_empty(), &rules::SENDER_ID_MISSING),
    (7, |_, value| !is_qualifier(value), &rules::RECEIVER_QUALIFIER_INVALID),
    (8, |_, value| value.is_empty(), &rules::RECEIVER_ID_MISSING),
    (9, |_, value| !is_date(value), &rules::INTERCHANGE_DATE_INVALID),
    (10, |_, value| !is_time(value), &rules::INTERCHANGE_TIME_INVALID),
    (11, |header, value| !is_standard(header, value), &rules::INTERCHANGE_STANDARD_INVALID),
    (12, |_, value| !is_version(value), &rules::INTERCHANGE_VERSION_INVALID),
    (
        12,
        |_, value| is_version(value) && !("00200"..="00899").contains(&value),
        &rules::INTERCHANGE_VERSION_UNKNOWN,
    ),
    (13, |_, value| !is_number(value), &rules::INTERCHANGE_CONTROL_INVALID),
    (14, |_, value| !matches!(value, "0" | "1"), &rules::ACKNOWLEDGMENT_REQUEST_INVALID),
    (15, |_, value| !matches!(value, "P" | "T" | "I"), &rules::USAGE_INVALID),
];

/// What is wrong with an ISA, without a look at anything else. `at` is its place.
pub(super) fn findings(header: &Header, at: &Location) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    found.extend(separators(header, at));
    for (element, is_wrong, rule) in CHECKS {
        let value = value(header, *element);
        if is_wrong(header, value) {
            let mut told = Diagnostic::new(rule, place(header, *element, at)).found(value);
            if *rule == &rules::INTERCHANGE_STANDARD_INVALID && value == "U" {
                // Left as it was before repetitions: a letter separates nothing, so that nothing is misread.
                told.severity = Severity::Note;
            }
            found.push(told);
        }
    }
    if !header.fixed_width || header.wrapped {
        let mut diagnostic = Diagnostic::new(&rules::INTERCHANGE_HEADER_WIDTH, at.clone());
        if header.fixed_width {
            // Only the line breaks of a fixed record width are too much.
            diagnostic.severity = Severity::Note;
        }
        found.push(diagnostic);
    }
    found
}

/// Of the bytes that separate, those that cannot be told apart.
fn separators(header: &Header, at: &Location) -> Option<Diagnostic> {
    let separators = header.separators;
    let rule = if separators.segment == separators.element {
        &rules::SEGMENT_TERMINATOR_UNUSABLE
    } else if separators.are_distinct() {
        return None;
    } else {
        &rules::COMPONENT_SEPARATOR_UNUSABLE
    };
    let found = Diagnostic::new(rule, place(header, 16, at));
    // Without composites nothing is lost where ISA16 is the terminator.
    let harmless = separators.component == separators.segment;
    Some(if harmless { Diagnostic { severity: Severity::Warning, ..found } } else { found })
}

/// The element without the blanks that pad it; empty where it is not there.
fn value(header: &Header, element: u32) -> &str {
    let index = (element as usize).saturating_sub(1);
    header.elements.get(index).map_or("", |value| clean(value))
}

/// Where an element stands in the file.
fn place(header: &Header, element: u32, at: &Location) -> Location {
    let before = (element as usize).saturating_sub(1);
    let start: usize = 4 + header.lengths.iter().take(before).map(|length| length + 1).sum::<usize>();
    let length = header.lengths.get(before).copied().unwrap_or(1);
    Location {
        element,
        offset: at.offset + start as u64,
        length: u32::try_from(length).unwrap_or(u32::MAX),
        ..at.clone()
    }
}

/// Whether the qualifier in this element says that the one after it holds something.
fn announced(header: &Header, qualifier: u32, last: u32) -> bool {
    in_range(value(header, qualifier), 1, last)
}

/// Two digits between these numbers.
fn in_range(value: &str, first: u32, last: u32) -> bool {
    value.len() == 2 && is_number(value) && value.parse().is_ok_and(|number| (first..=last).contains(&number))
}

fn is_qualifier(value: &str) -> bool {
    (in_range(value, 1, 38) && !QUALIFIERS_UNUSED.contains(&value)) || QUALIFIER_LETTERS.contains(&value)
}

/// `YYMMDD`, and there is such a day; 29 February in a year that two digits leave open.
fn is_date(value: &str) -> bool {
    let Some((year, month, day)) = pairs(value) else { return false };
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 => 29,
        2 => 28,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
}

fn is_time(value: &str) -> bool {
    value.len() == 4 && pairs(&format!("{value}00")).is_some_and(|(hour, minute, _)| hour < 24 && minute < 60)
}

/// Six digits, two by two.
fn pairs(value: &str) -> Option<(u32, u32, u32)> {
    let number: u32 = Some(value).filter(|value| value.len() == 6 && is_number(value))?.parse().ok()?;
    Some((number / 10_000, number / 100 % 100, number % 100))
}

fn is_version(value: &str) -> bool {
    value.len() == 5 && is_number(value)
}

/// ISA11 by the version that ISA12 gives; where that is none, nothing can be said of it.
fn is_standard(header: &Header, value: &str) -> bool {
    let version = self::value(header, 12);
    if version_repeats(version.as_bytes()) {
        header.separators.repetition.is_some()
    } else {
        value == "U" || !is_version(version)
    }
}

#[cfg(test)]
mod tests {
    use crate::x12::envelope::tests::{GE, GS, IEA, ISA, SET, index};

    /// Code, element, offset and length of what is found in the ISA.
    fn found(isa: &str) -> Vec<(&'static str, u32, u64, u32)> {
        let text = format!("{isa}{GS}{SET}{GE}{IEA}");
        let index = index(text.as_bytes());
        let found = index.interchanges[0].diagnostics.iter();
        found.map(|found| (found.rule.code, found.at.element, found.at.offset, found.at.length)).collect()
    }

    #[test]
    fn each_element_that_is_wrong_is_told_at_its_byte() {
        for (right, wrong, expected) in [
            ("ISA*00*", "ISA*0X*", ("E173", 1, 4, 2)),
            ("ISA*00*", "ISA*03*", ("E174", 2, 7, 10)),
            ("*00*          *ZZ*S", "*02*          *ZZ*S", ("E143", 3, 18, 2)),
            ("*00*          *ZZ*S", "*01*          *ZZ*S", ("E144", 4, 21, 10)),
            ("*ZZ*SENDER", "*05*SENDER", ("E145", 5, 32, 2)),
            ("SENDER ", "       ", ("E146", 6, 35, 15)),
            ("*ZZ*RECEIVER", "*  *RECEIVER", ("E147", 7, 51, 2)),
            ("RECEIVER", "        ", ("E148", 8, 54, 15)),
            ("260309", "260230", ("E149", 9, 70, 6)),
            ("0130", "2460", ("E150", 10, 77, 4)),
            ("*U*00401*", "*^*00401*", ("E151", 11, 82, 1)),
            ("*U*00401*", "*U*00501*", ("E151", 11, 82, 1)),
            ("*U*00401*", "*U*004O1*", ("E152", 12, 84, 5)),
            ("*U*00401*", "*U*00110*", ("E153", 12, 84, 5)),
            ("000000001", "00000000A", ("E106", 13, 90, 9)),
            ("*0*P*>~", "* *P*>~", ("E154", 14, 100, 1)),
            ("*0*P*>~", "*0*X*>~", ("E155", 15, 102, 1)),
            ("*0*P*>~", "*0*P*~~", ("E171", 16, 104, 1)),
        ] {
            let isa = ISA.replacen(right, wrong, 1);
            assert_ne!(isa, ISA);
            let found: Vec<_> = found(&isa).into_iter().filter(|found| found.0 != "E104").collect();
            assert_eq!(found, [expected], "{isa}");
        }
    }

    #[test]
    fn what_the_lists_have_is_no_finding() {
        for (right, other) in [
            ("*ZZ*SENDER", "*01*SENDER"),
            ("*ZZ*SENDER", "*38*SENDER"),
            ("*ZZ*SENDER", "*NR*SENDER"),
            ("260309", "000229"),
            ("0130", "0000"),
            ("*U*00401*", "*^*00402*"),
            ("*U*00401*", "*U*00200*"),
            ("*0*P*", "*1*T*"),
            ("*0*P*", "*0*I*"),
            ("ISA*00*          *", "ISA*03*SECRET    *"),
        ] {
            assert_eq!(found(&ISA.replacen(right, other, 1)), [], "{other}");
        }
    }

    #[test]
    fn a_header_without_padding_is_told_at_the_bytes_where_its_elements_stand() {
        let isa = "ISA*00**00**ZZ*SENDER*ZZ**260309*0130*U*00401*1**P*>~";
        let expected =
            [("E148", 8, 25, 0), ("E154", 14, 48, 0), ("E109", 0, 0, u32::try_from(isa.len()).unwrap())];
        assert_eq!(found(isa), expected);
    }
}
