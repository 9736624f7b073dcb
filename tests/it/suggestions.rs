//! `xref suggest` and the worklist's suggestions through the program: each kind of evidence in words, what speaks against an item, the
//! partner's own qualifiers, equal scores, numbers that are asked for by hand.

use crate::nights::{acme_site, night, order, program, run, write};
use crate::releases::json;
use serde_json::Value;
use std::path::Path;

const NEXT: &str = "2026-11-21";

const ITEMS: &str = "item,description,unit,gtin,status,successor,price\n\
    10-1,Hex bolt M8 x 40 zinc plated,EA,614141110018,,,1.50\n\
    10-2,Hex bolt M10 x 40 zinc plated,EA,614141110025,,,2.50\n\
    20-1,Garden hose 25 ft green,EA,614141120017,,,30\n\
    20-2,Garden hose 50 ft green,EA,,,,45\n\
    30-1,Ancient bolt,EA,,discontinued,10-1,\n\
    50-1,Twin one,EA,,,,\n50-2,Twin two,EA,,,,\n";

const CUSTOMERS: &str = "customer,name,group\nACME,Acme,retail\nCORE,Core,retail\nBEST,Best,\nREST,Rest,\n";

const XREFS: &str = "customer,customer_item,item,ship_to,unit,valid_to\n\
    ACME,S-7,10-1,S9,,\nCORE,H-7,10-1,,,\nBEST,G-7,10-1,,,\nBEST,D-7,10-1,,,\nREST,D-7,20-1,,,\nBEST,OLD-1,30-1,,,\n\
    ACME,0047-11,10-1,,,\nACME,0098765,10-1,,,\nACME,88132,10-1,,,\nACME,77100,10-1,,,\nACME,78222,20-1,,,\n\
    ACME,QQ1234,10-1,,,\nACME,440012345678,20-1,,,\nACME,3-11,20-2,,,\n\
    ACME,CASES,20-1,,CA,\nACME,ENDED,20-1,,,2026-01-31\n\
    ACME,TW1234,50-1,,,\nACME,TW1235,50-2,,,\n";

const UNITS: &str = "item,unit,to_unit,factor\n20-2,CA,EA,6\n";

/// A line: its number and what stands beside it, the price, and behind it other segments of its loop.
type Line<'l> = (&'l str, &'l str, &'l str);

/// A site after a night with one order of these lines, all for numbers that nobody has mapped.
fn waiting(lines: &[Line<'_>], profile: &str) -> tempfile::TempDir {
    let site = acme_site();
    for (name, text) in [("items", ITEMS), ("customers", CUSTOMERS), ("item_xref", XREFS), ("uom", UNITS)] {
        write(site.path(), &format!("masters/{name}.csv"), text.as_bytes());
    }
    let path = site.path().join("partners/acme.toml");
    let partner = std::fs::read_to_string(&path).unwrap() + profile;
    std::fs::write(path, partner).unwrap();
    let lines: Vec<String> = (1..)
        .zip(lines)
        .map(|(line, (number, price, more))| format!("PO1*{line}*5*{price}**BP*{number}~\n{more}"))
        .collect();
    let segments = 4 + lines.iter().map(|line| line.matches('~').count()).sum::<usize>();
    let text = order(1, "P-1", "00", 5)
        .replace("PO1*1*5*EA*1.5**BP*A-1~\n", &lines.concat())
        .replace("CTT*1~", &format!("CTT*{}~", lines.len()))
        .replace("SE*5*", &format!("SE*{segments}*"));
    write(site.path(), "inbox/orders/1.edi", text.as_bytes());
    assert_eq!(night(site.path(), &["-q"]), 1);
    site
}

fn suggested(site: &Path, more: &[&str]) -> Vec<Value> {
    let all: &[&str] = if more.contains(&"--min-score") { &[] } else { &["--min-score", "0"] };
    let told = json(site, &[&["xref", "suggest", "--date", NEXT], all, more].concat());
    told.as_array().unwrap().clone()
}

/// What is suggested for a number: of each item the score and the evidence.
fn of(told: &[Value], number: &str) -> Vec<(String, String, Vec<String>)> {
    let row = told.iter().find(|row| row["customer_item"] == number);
    let row = row.unwrap_or_else(|| panic!("{number}: {told:?}"));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    row["suggestions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let evidence = one["evidence"].as_array().unwrap().iter().map(&text).collect();
            (text(&one["item"]), text(&one["score"]), evidence)
        })
        .collect()
}

const FAR: &str = "EA*";

/// The line, the item that comes first, its score, and all that is said of it.
type Row<'r> = (Line<'r>, &'r str, &'r str, &'r [&'r str]);

const EVIDENCE: &[Row<'_>] = &[
    (
        ("X-1*UK*10614141110015", FAR, ""),
        "10-1",
        "0.600",
        &["UK 10614141110015 of the line is the GTIN of a packing of 10-1"],
    ),
    (
        ("10614141120014", FAR, ""),
        "20-1",
        "0.600",
        &["BP 10614141120014 of the line is the GTIN of a packing of 20-1"],
    ),
    (("X-2*VN*101", FAR, ""), "10-1", "0.600", &["VN 101 of the line is our item 10-1 written otherwise"]),
    (("20-2", FAR, ""), "20-2", "0.700", &["BP 20-2 of the line is our own number for it"]),
    (("NW20-2", FAR, ""), "20-2", "0.400", &["BP NW20-2 of the line has our number 20-2 in it"]),
    (("S-7", FAR, ""), "10-1", "0.800", &["mapped to 10-1 at ship-to S9"]),
    (("H-7", FAR, ""), "10-1", "0.700", &["mapped to 10-1 at CORE of the same group"]),
    (("G-7", FAR, ""), "10-1", "0.450", &["mapped to 10-1 at BEST"]),
    (("D-7", FAR, ""), "10-1", "0.225", &["mapped to 10-1 at BEST, and to 1 other item elsewhere"]),
    (("OLD-1", FAR, ""), "10-1", "0.450", &["mapped to 30-1 at BEST, whose place 10-1 takes"]),
    (("4711", FAR, ""), "10-1", "0.750", &["ACME has 0047-11 for 10-1: 4711 written otherwise"]),
    (("98765", FAR, ""), "10-1", "0.750", &["ACME has 0098765 for 10-1: 98765 has lost its leading zeros"]),
    (("88123", FAR, ""), "10-1", "0.350", &["one letter from 88132, which is 10-1"]),
    (("QQ1234-N2", FAR, ""), "10-1", "0.350", &["QQ1234, which is 10-1, with n2 more at one end"]),
    (("55999", FAR, ""), "", "", &[]),
    (("4.40012E+11", FAR, ""), "20-1", "0.600", &["a spreadsheet rounds 440012345678, which is 20-1, to it"]),
    (("11-Mar", FAR, ""), "20-2", "0.750", &["ACME has 3-11 for 20-2: a spreadsheet makes 11-Mar of it"]),
    (("CASES", FAR, ""), "20-1", "0.700", &["ACME has it for 20-1, but for unit CA"]),
    (
        ("77100", "GA*2", ""),
        "10-1",
        "0.700",
        &["ACME has it for 10-1, which holds: the lines wait for something else"],
    ),
    (("ENDED", FAR, ""), "20-1", "0.700", &["ACME has it for 20-1, but only up to 2026-01-31"]),
    (
        ("P-HOSE", "EA*44.5", "PID*F****GRDN HOSE 50FT GRN~\n"),
        "20-2",
        "",
        &["its description has", "the price is within 2 % of ours"],
    ),
    (
        ("P-CASE", "CA*270", "PID*F****GARDEN HOSE 50 FT~\nPO4*6~\n"),
        "20-2",
        "",
        &["its description has", "the price is within 2 % of ours", "a CA of it has as many EA"],
    ),
    (
        ("P-ROUGH", "EA*48", "PID*F****GARDEN HOSE 50 FT GREEN~\n"),
        "20-2",
        "",
        &["its description has 100 % in common: Garden hose 50 ft green", "the price is within 10 % of ours"],
    ),
    // what speaks against an item
    (
        ("S-7*UP*614141999996", "EA*90", "PID*F****PATIO UMBRELLA 9 FT~\n"),
        "10-1",
        "",
        &[
            "mapped to 10-1 at ship-to S9",
            "but the descriptions have little in common: Hex bolt M8 x 40 zinc plated",
            "but UP 614141999996 of the line is not its GTIN",
            "but the descriptions differ in their numbers: 9 against 40, 8",
            "but the price is 90, ours 1.5",
        ],
    ),
    (
        ("NEW-BOLT", FAR, "PID*F****HEX BOLT M8 X 40 ZINC PLATED~\n"),
        "10-1",
        "",
        &["its description has 100 % in common"],
    ),
];

#[test]
fn each_kind_of_evidence_is_told_in_words() {
    // numbers that stand twice would be one cause: the umbrella's line has a site of its own
    let (umbrella, others): (Vec<&Row<'_>>, Vec<&Row<'_>>) =
        EVIDENCE.iter().partition(|((number, ..), ..)| number.contains("614141999996"));
    for rows in [others, umbrella] {
        let lines: Vec<Line<'_>> = rows.iter().map(|(line, ..)| *line).collect();
        let site = waiting(&lines, "");
        let told = suggested(site.path(), &[]);
        let text = run(site.path(), &["xref", "suggest", "--date", NEXT, "--min-score", "0"]);
        let text = String::from_utf8(text.stdout).unwrap();
        for ((line, ..), item, score, evidence) in rows {
            let number = line.split('*').next().unwrap();
            let found = of(&told, number);
            let Some(best) = found.first() else {
                assert_eq!(*item, "", "{number}");
                continue;
            };
            assert_eq!(best.0, *item, "{number}: {found:?}");
            assert!(score.is_empty() || best.1 == *score, "{number}: {found:?}");
            assert_eq!(best.2.len(), evidence.len(), "{number}: {found:?}");
            for words in *evidence {
                assert!(best.2.iter().any(|told| told.starts_with(words)), "{number}: {words}: {found:?}");
            }
            for words in &best.2 {
                assert!(text.contains(&format!("         {words}\n")), "{number}: {words}\n{text}");
            }
        }
    }
}

#[test]
fn the_worklist_has_the_best_suggestion_of_each_cause_in_its_columns() {
    let site = waiting(&[("S-7", "EA*1.5", ""), ("D-7", FAR, ""), ("NOTHING", FAR, "")], "");
    let told = suggested(site.path(), &["--each", "1"]);
    let exported = |more: &[&str]| {
        let path = site.path().join("list.csv");
        let file = path.to_str().unwrap();
        let arguments = [&["worklist", "export", file, "--date", NEXT], more].concat();
        assert_eq!(run(site.path(), &arguments).status.code(), Some(0));
        let mut rows = csv::Reader::from_path(&path).unwrap();
        let header = rows.headers().unwrap().clone();
        let at = |name: &str| header.iter().position(|column| column == name).unwrap();
        let columns = ["customer_item", "suggestion", "suggestion_score", "suggestion_evidence"].map(at);
        rows.records()
            .map(|row| {
                let row = row.unwrap();
                columns.map(|column| row[column].to_owned())
            })
            .collect::<Vec<_>>()
    };
    let rows = exported(&[]);
    assert_eq!(rows.len(), 3);
    for [number, item, score, evidence] in &rows {
        match of(&told, number).first() {
            Some(best) => {
                assert_eq!((item, score, evidence), (&best.0, &best.1, &best.2.join("; ")), "{number}");
            }
            None => assert_eq!((item.as_str(), score.as_str(), evidence.as_str()), ("", "", ""), "{number}"),
        }
    }
    let with = |more: &[&str]| exported(more).iter().filter(|row| !row[1].is_empty()).count();
    assert_eq!((with(&[]), with(&["--min-score", "0.5"]), with(&["--no-suggestions"])), (2, 1, 0));
}

#[test]
fn whose_number_it_is_is_said_by_the_partners_own_list_of_qualifiers() {
    let lines = [("X-1*MG*101", FAR, ""), ("X-2*VN*101", FAR, "")];
    let ours = |qualifier: &str| format!("{qualifier} 101 of the line is our item 10-1 written otherwise");
    let like = |qualifier: &str| format!("{qualifier} 101 of the line is like our item 10-1");
    for (profile, manufacturer, vendor) in
        [("", like("MG"), ours("VN")), ("vendor_item_qualifiers = [\"MG\"]\n", ours("MG"), like("VN"))]
    {
        let site = waiting(&lines, profile);
        let told = suggested(site.path(), &[]);
        for (number, words) in [("X-1", &manufacturer), ("X-2", &vendor)] {
            assert_eq!(&of(&told, number)[0].2[0], words, "{profile} {number}");
        }
    }
}

#[test]
fn equal_scores_stand_by_item_on_any_number_of_threads() {
    let site = waiting(&[("TW1236", FAR, ""), ("D-7", FAR, ""), ("S-7", "EA*1.5", "")], "");
    let told = |threads: &str| {
        let arguments = ["--format", "json", "xref", "suggest", "--date", NEXT, "--min-score", "0"];
        let out = program(site.path()).args(arguments).env("RAYON_NUM_THREADS", threads).output().unwrap();
        assert_eq!(out.status.code(), Some(0));
        out.stdout
    };
    let first = told("1");
    for threads in ["1", "2", "8"] {
        assert_eq!(told(threads), first, "{threads}");
    }
    let rows: Vec<Value> = serde_json::from_slice(&first).unwrap();
    for (number, items) in [("TW1236", ["50-1", "50-2"]), ("D-7", ["10-1", "20-1"])] {
        let found = of(&rows, number);
        let scores: Vec<&str> = found.iter().map(|(_, score, _)| score.as_str()).collect();
        let named: Vec<&str> = found.iter().map(|(item, ..)| item.as_str()).collect();
        assert_eq!((named, scores[0]), (items.to_vec(), scores[1]), "{number}");
    }
}

#[test]
fn one_number_is_asked_for_by_hand_whether_it_waits_or_not() {
    let site = waiting(&[("S-7", "EA*1.5", ""), ("D-7", FAR, "")], "");
    let numbers = |more: &[&str]| -> Vec<(String, u64, usize)> {
        let row = |row: &Value| {
            let found = row["suggestions"].as_array().unwrap().len();
            (row["customer_item"].as_str().unwrap().to_owned(), row["lines"].as_u64().unwrap(), found)
        };
        suggested(site.path(), more).iter().map(row).collect()
    };
    for (arguments, expected) in [
        (&["S-7"][..], &[("S-7", 1, 1)][..]),
        (&["S-7", "--customer", "ACME"], &[("S-7", 1, 1)]),
        (&["S-7", "--customer", "BEST"], &[("S-7", 0, 1)]),
        (&["D-7", "--each", "1"], &[("D-7", 1, 1)]),
        (&["--limit", "1"], &[("S-7", 1, 1)]),
        (&["XX", "--customer", "ACME"], &[("XX", 0, 0)]),
        (&["XX", "--customer", "ACME", "--description", "green garden hose"], &[("XX", 0, 2)]),
        (
            &["XX", "--customer", "ACME", "--description", "green garden hose", "--min-score", "0.9"],
            &[("XX", 0, 0)],
        ),
    ] {
        let found = numbers(arguments);
        let found: Vec<(&str, u64, usize)> =
            found.iter().map(|(number, lines, count)| (number.as_str(), *lines, *count)).collect();
        assert_eq!(found, expected, "{arguments:?}");
    }
    let told = run(site.path(), &["xref", "suggest", "77100", "--customer", "ACME"]);
    assert_eq!(
        String::from_utf8(told.stdout).unwrap(),
        "IN 77100 of ACME, no line waits for it\n  0.700  10-1  Hex bolt M8 x 40 zinc plated\n         \
         ACME has it for 10-1, which holds already\n"
    );
    for (arguments, error) in [
        (&["XX"][..], r#"no line waits for "XX": say whose number it is with --customer"#),
        (&["XX", "--customer", "NOBODY"], r#"unknown customer "NOBODY": customers.csv does not have it"#),
        (&["--min-score", "2"], "a score is a number from 0 to 1 such as 0.35"),
        (&["--description", "hose"], "required arguments were not provided"),
    ] {
        let out = run(site.path(), &[&["xref", "suggest"], arguments].concat());
        assert_eq!(out.status.code(), Some(2), "{arguments:?}");
        let told = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(told.contains(error), "{arguments:?}: {told}");
    }
}
