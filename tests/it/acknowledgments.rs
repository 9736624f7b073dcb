//! docs/acknowledgments.md against the catalogue: every code that X12 has, every rule that gives one, in both directions.

use crate::nights::repository;
use itembridge::domain::diagnostic::{Answer, Rule, Severity};
use itembridge::domain::rules::catalogue;
use std::collections::{BTreeMap, BTreeSet};

/// The codes of 005010, which has all of 004010 that are not of security segments.
const CODES: &[(&str, &[&str])] = &[
    ("AK304", &["1", "2", "3", "4", "5", "6", "7", "8"]),
    ("AK403", &["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "12", "13"]),
    (
        "AK502",
        &[
            "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "15", "16", "17", "18",
            "19", "23", "24", "25", "26", "27",
        ],
    ),
    (
        "AK905",
        &[
            "1", "2", "3", "4", "5", "6", "10", "11", "12", "13", "14", "15", "16", "17", "18", "19", "23",
            "24", "25", "26",
        ],
    ),
];

/// TA105 has 000 to 031.
const INTERCHANGE_NOTES: u32 = 31;

/// A row: its code, rules, verdict, and the code of 004010.
#[derive(Debug)]
struct Row {
    rules: BTreeSet<String>,
    verdict: String,
    older: String,
}

/// The tables by element and code.
fn tables() -> BTreeMap<(String, String), Row> {
    let text = std::fs::read_to_string(repository("docs/acknowledgments.md")).unwrap();
    let mut rows = BTreeMap::new();
    let mut element = String::new();
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            heading.split(',').next().unwrap().clone_into(&mut element);
            continue;
        }
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        if let [_, code, means, rules, verdict, older, _] = cells.as_slice()
            && code.bytes().all(|byte| byte.is_ascii_digit())
        {
            assert!(!means.is_empty() && !verdict.is_empty(), "{line}");
            let rules = rules.split(", ").filter(|rule| *rule != "-").map(str::to_owned).collect();
            let row = Row { rules, verdict: (*verdict).to_owned(), older: (*older).to_owned() };
            let before = rows.insert((element.clone(), (*code).to_owned()), row);
            assert!(before.is_none(), "twice: {line}");
        }
    }
    rows
}

/// The element and the code with which a rule is answered.
fn place(answer: Answer) -> Option<(String, String)> {
    let (element, code) = match answer {
        Answer::None => return None,
        Answer::Segment(code) => ("AK304", code),
        Answer::Element(code) => ("AK403", code),
        Answer::Set(code) => ("AK502", code),
        Answer::Group(code) => ("AK905", code),
        Answer::Interchange(code) => ("TA105", code),
    };
    Some((element.to_owned(), code.to_owned()))
}

#[test]
fn the_tables_have_every_code_and_no_other() {
    let mut expected: BTreeSet<(String, String)> = BTreeSet::new();
    for (element, codes) in CODES {
        expected.extend(codes.iter().map(|code| ((*element).to_owned(), (*code).to_owned())));
    }
    expected.extend((0..=INTERCHANGE_NOTES).map(|code| ("TA105".to_owned(), format!("{code:03}"))));
    assert_eq!(tables().into_keys().collect::<BTreeSet<_>>(), expected);
}

#[test]
fn every_rule_stands_at_its_code_and_every_code_names_its_rules() {
    let mut given: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    for rule in catalogue() {
        if let Some(place) = place(rule.answer) {
            given.entry(place).or_default().insert(rule.code.to_owned());
        }
    }
    let named: BTreeMap<(String, String), BTreeSet<String>> = tables()
        .into_iter()
        .filter(|(_, row)| !row.rules.is_empty())
        .map(|(at, row)| (at, row.rules))
        .collect();
    assert_eq!(named, given);
}

#[test]
fn the_verdicts_are_those_of_the_rules() {
    let rules: BTreeMap<&str, &Rule> = catalogue().map(|rule| (rule.code, rule)).collect();
    for (at, row) in tables().into_iter().filter(|(_, row)| !row.rules.is_empty()) {
        let severities: BTreeSet<Severity> =
            row.rules.iter().map(|code| rules[code.as_str()].severity).collect();
        let verdicts = severities.into_iter().rev().map(|severity| match severity {
            Severity::Error => "rejected",
            Severity::Warning => "with errors",
            Severity::Note => "noted",
        });
        let expected = verdicts.collect::<Vec<_>>().join(", ");
        assert_eq!(row.verdict.split(';').next().unwrap(), expected, "{at:?}");
    }
}

#[test]
fn what_004010_says_instead_stands_beside_it() {
    let answer = |element: &str, code: &str| {
        let code: &'static str = Box::leak(code.to_owned().into_boxed_str());
        match element {
            "AK304" => Answer::Segment(code),
            "AK403" => Answer::Element(code),
            "AK502" => Answer::Set(code),
            "AK905" => Answer::Group(code),
            _ => Answer::Interchange(code),
        }
    };
    for ((element, code), row) in tables() {
        let (newer, said) = (answer(&element, &code), answer(&element, &code).in_version("004010"));
        let older = if said == newer { String::new() } else { place(said).unwrap().1 };
        assert_eq!(older, row.older, "{element} {code}");
        assert_eq!(newer.in_version("005010"), newer);
    }
}
