//! Every report's page of the sample site in a real browser: silent, in every window and colour, each column sorted, each filter
//! counted, on paper with every row. Skipped, with a message, where no Chromium is installed.

use crate::browser::{Browser, installed};
use crate::nights::{fixed_sample, night, run};
use crate::pdf;
use serde_json::{Value, json};
use std::cmp::Ordering;
use std::io::Write as _;
use std::path::Path;

const REPORTS: [&str; 7] =
    ["coverage", "worklist", "sales", "invoiced", "acknowledgments", "ledger", "partners"];

/// A table as the page shows it.
#[derive(Debug, serde::Deserialize)]
struct Shown {
    section: String,
    names: Vec<String>,
    numeric: Vec<bool>,
    rows: Vec<Vec<String>>,
    filter: bool,
}

const TABLES: &str = "[...document.querySelectorAll('section table')].map(table => {
    const heads = [...table.tHead.rows[0].cells];
    return {
      section: table.closest('section').id,
      names: heads.map(head => head.dataset.name),
      numeric: heads.map(head => head.classList.contains('n')),
      rows: [...table.tBodies[0].rows].map(row => [...row.cells].map(cell => cell.textContent)),
      filter: !!table.closest('.table').querySelector('input'),
    };
  })";

#[test]
fn every_report_of_the_sample_site_sorts_filters_prints_and_asks_for_nothing() {
    let Some(chromium) = installed() else {
        let _ = writeln!(std::io::stderr(), "skipped: no Chromium on the PATH, so no page was opened");
        return;
    };
    let site = fixed_sample();
    assert_eq!(night(site.path(), &[]), 1);
    let mut browser = Browser::start(&chromium);
    let mut sorted = 0;
    for name in REPORTS {
        let file = site.path().join(format!("{name}.html"));
        let path = file.to_str().unwrap();
        let out = run(site.path(), &["report", name, "--as", "html", "--out", path]);
        assert!(out.status.success(), "{name}: {}", String::from_utf8_lossy(&out.stderr));
        let length = std::fs::metadata(&file).unwrap().len();
        assert!(length < 700_000, "{name}: {length} bytes");
        sorted += look_at(&mut browser, name, &file);
    }
    assert!(sorted > 100, "only {sorted} columns were sorted");
}

/// Opens a page and uses all of it; how many columns it sorted.
fn look_at(browser: &mut Browser, name: &str, file: &Path) -> usize {
    let url = browser.open(file);
    for (width, scheme) in [(1280, "light"), (400, "light"), (400, "dark"), (1280, "dark")] {
        browser.look(width, scheme);
        fits(browser, &format!("{name}, {width} pixels, {scheme}"));
    }
    let tables: Vec<Shown> = serde_json::from_value(browser.eval(TABLES)).unwrap();
    assert!(!tables.is_empty(), "{name}: nothing to sort");
    let mut sorted = 0;
    for table in &tables {
        for at in 0..table.names.len() {
            sorts(browser, name, table, at);
            sorted += 1;
        }
        if table.filter {
            filters(browser, name, table);
        }
    }
    switches(browser, name);
    prints(browser, name, &tables);
    assert_eq!(browser.complaints(&url), Vec::<String>::new(), "{name}");
    sorted
}

/// The page is never wider than its window, and each chart is drawn inside its place.
fn fits(browser: &mut Browser, of: &str) {
    let page = "[document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth,
        [...document.querySelectorAll('.chart')].filter(chart => {
          const [svg, box] = [chart.querySelector('svg').getBoundingClientRect(), chart.getBoundingClientRect()];
          return svg.width < 200 || svg.width > box.width || svg.height < 60 || !chart.querySelector('text');
        }).map(chart => chart.dataset.figures)]";
    assert_eq!(browser.eval(page), json!([0, []]), "{of}");
}

/// Both ways and back, against an order of our own.
fn sorts(browser: &mut Browser, name: &str, table: &Shown, at: usize) {
    let of = format!("{name}, {}, {}", table.section, table.names[at]);
    let click = format!(
        "(() => {{ const table = document.querySelector('#{} table');
           table.tHead.rows[0].cells[{at}].querySelector('button').click();
           return [table.tHead.rows[0].cells[{at}].ariaSort, table.querySelectorAll('[aria-sort]').length,
             [...table.tBodies[0].rows].map(row => [...row.cells].map(cell => cell.textContent))]; }})()",
        table.section
    );
    let first = if table.numeric[at] { "descending" } else { "ascending" };
    let second = if table.numeric[at] { "ascending" } else { "descending" };
    for way in [first, second] {
        let answer = browser.eval(&click);
        assert_eq!((&answer[0], &answer[1]), (&json!(way), &json!(1)), "{of}");
        let rows: Vec<Vec<String>> = serde_json::from_value(answer[2].clone()).unwrap();
        for pair in rows.windows(2) {
            let (before, after) = (pair[0][at].as_str(), pair[1][at].as_str());
            let order = match (before.is_empty(), after.is_empty()) {
                (true, false) => Ordering::Greater,
                (_, true) => Ordering::Less,
                _ if way == "ascending" => compared(before, after, table.numeric[at]),
                _ => compared(after, before, table.numeric[at]),
            };
            assert!(order != Ordering::Greater, "{of}, {way}: {before:?} before {after:?}");
        }
        let (mut shown, mut all) = (rows, table.rows.clone());
        shown.sort();
        all.sort();
        assert_eq!(shown, all, "{of}: the same rows");
    }
    let back = browser.eval(&click);
    assert_eq!(back, json!([null, 0, table.rows]), "{of}: as it was");
}

/// Numbers exactly; text without case, by runs of digits and of others. What orders by language alone is not judged.
fn compared(one: &str, other: &str, numeric: bool) -> Ordering {
    if numeric {
        let whole = |text: &str| text.replace([',', '.'], "").parse::<i128>().unwrap();
        return whole(one).cmp(&whole(other));
    }
    let plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if !plain(one) || !plain(other) {
        return Ordering::Equal;
    }
    runs(one).cmp(&runs(other))
}

/// A dash stands before digits, and these before letters.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Run {
    Dash,
    Digits(u128),
    Letter(char),
}

fn runs(text: &str) -> Vec<Run> {
    let mut runs = Vec::new();
    for c in text.chars() {
        match (c.to_digit(10), runs.last_mut()) {
            (Some(digit), Some(Run::Digits(number))) => *number = *number * 10 + u128::from(digit),
            (Some(digit), _) => runs.push(Run::Digits(digit.into())),
            (None, _) if c == '-' => runs.push(Run::Dash),
            (None, _) => runs.push(Run::Letter(c.to_ascii_lowercase())),
        }
    }
    runs
}

/// The words of each tenth row find the rows that have them, no more and no fewer, and the page says how many.
fn filters(browser: &mut Browser, name: &str, table: &Shown) {
    let type_in = |text: &str| {
        format!(
            "(() => {{ const box = document.querySelector('#{} .table'), input = box.querySelector('input');
               input.value = {}; input.dispatchEvent(new Event('input'));
               return [[...box.querySelectorAll('tbody tr')].filter(row => row.checkVisibility()).length,
                 box.querySelector('[role=status]').textContent]; }})()",
            table.section,
            json!(text)
        )
    };
    let words = |row: &[String]| row.join("\n").to_lowercase();
    for row in table.rows.iter().step_by(10) {
        for cell in row.iter().filter(|cell| !cell.is_empty()).take(3) {
            let wanted: Vec<String> = cell.to_lowercase().split_whitespace().map(str::to_owned).collect();
            let has = |row: &Vec<String>| {
                let (shown, typed) = (words(row), words(row).replace(',', ""));
                wanted.iter().all(|word| shown.contains(word) || typed.contains(word))
            };
            let expected = table.rows.iter().filter(|row| has(row)).count();
            let answer: Value = browser.eval(&type_in(cell));
            let of = format!("{name}, {}, {cell:?}", table.section);
            assert_eq!(answer[0], json!(expected), "{of}");
            let said = answer[1].as_str().unwrap();
            let all = table.rows.len();
            let rows =
                if expected == all { format!("{all} rows") } else { format!("{expected} of {all} rows") };
            assert!(said.starts_with(&rows), "{of}: {said}");
        }
    }
    assert_eq!(browser.eval(&type_in(""))[0], json!(table.rows.len()), "{name}");
}

fn switches(browser: &mut Browser, name: &str) {
    let ground = |theme: &str| {
        format!(
            "document.querySelector('.themes input[value={theme}]').click(), getComputedStyle(document.body).backgroundColor"
        )
    };
    let [light, dark] = ["light", "dark"].map(|theme| browser.eval(&ground(theme)));
    assert_ne!(light, dark, "{name}");
}

/// From the dark page: light, without what is clicked, and with every row of every table.
fn prints(browser: &mut Browser, name: &str, tables: &[Shown]) {
    let heights = "dispatchEvent(new Event('beforeprint')),
        [...document.querySelectorAll('.chart')].map(chart => chart.offsetHeight).filter(height => height > 660)";
    assert_eq!(browser.eval(heights), json!([]), "{name}: charts that no sheet across holds");
    browser.eval("dispatchEvent(new Event('afterprint'))");
    let printed = browser.pdf();
    assert!(printed.starts_with(b"%PDF-"), "{name}");
    let squeezed = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    // fonts join some letters
    let paper = squeezed(&pdf::pages(&printed).concat()).replace('\u{fb01}', "fi").replace('\u{fb02}', "fl");
    for control in ["Filter", "Auto", "\u{2195}"] {
        assert!(!paper.contains(control), "{name}: {control} on paper");
    }
    for table in tables {
        for row in &table.rows {
            // a cell that is broken into lines may stand in parts beside others
            for cell in row.iter().filter(|cell| cell.len() < 12 && !cell.contains([' ', '-'])) {
                assert!(paper.contains(&squeezed(cell)), "{name}, {}: {cell:?} of {row:?}", table.section);
            }
        }
    }
}

#[test]
fn what_names_a_row_stays_in_sight_and_a_shade_says_that_there_is_more() {
    let Some(chromium) = installed() else { return };
    let site = fixed_sample();
    assert_eq!(night(site.path(), &[]), 1);
    let file = site.path().join("coverage.html");
    run(site.path(), &["report", "coverage", "--as", "html", "--out", file.to_str().unwrap()]);
    let mut browser = Browser::start(&chromium);
    browser.open(&file);
    for (width, kept) in [(1280, 4), (400, 1)] {
        browser.look(width, "light");
        let places = format!(
            "[...document.querySelector('#coverage tbody tr').cells].slice(0, {}).map(cell => cell.getBoundingClientRect().left)",
            kept + 1
        );
        let scroll = |to: &str| format!("document.querySelector('#coverage .box').scrollLeft = {to}");
        let more = "document.querySelector('#coverage .frame').classList.contains('more')";
        browser.eval(&scroll("0"));
        browser.settle();
        let before: Vec<f64> = serde_json::from_value(browser.eval(&places)).unwrap();
        assert_eq!(browser.eval(more), json!(true), "{width}");
        browser.eval(&scroll("300"));
        browser.settle();
        let after: Vec<f64> = serde_json::from_value(browser.eval(&places)).unwrap();
        assert_eq!(before[..kept], after[..kept], "{width}");
        assert!(after[kept] < before[kept] - 100.0, "{width}: {before:?} {after:?}");
        browser.eval(&scroll("1e6"));
        browser.settle();
        assert_eq!(browser.eval(more), json!(false), "{width}");
    }
}
