//! The page of a report in a real browser: it complains of nothing, asks the network for nothing, sorts, filters, changes its
//! colours and prints. Skipped, with a message, where no Chromium is installed. With `REPORT_SHOTS=FOLDER` it leaves pictures.

use crate::browser::{Browser, installed};
use crate::pdf;
use crate::report_sample::{HOSTILE, hostile, large, sample};
use itembridge::report::html::render;
use itembridge::report::page::Report;
use serde_json::{Value, json};
use std::io::Write as _;

/// Opens the report's page, if there is a browser to open it with; afterwards the browser must have had nothing to say, and
/// nothing must have been asked of the network.
fn opened(report: &Report, test: impl FnOnce(&mut Browser)) {
    let Some(program) = installed() else {
        // past the harness, which keeps what tests that pass print
        let _ = writeln!(std::io::stderr(), "skipped: no Chromium on the PATH, so no page was opened");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.html");
    std::fs::write(&file, render(report).unwrap()).unwrap();
    let mut browser = Browser::start(&program);
    let url = browser.open(&file);
    test(&mut browser);
    assert_eq!(browser.complaints(&url), Vec::<String>::new());
}

fn shot(browser: &mut Browser, name: &str) {
    if let Some(folder) = std::env::var_os("REPORT_SHOTS") {
        let folder = std::path::PathBuf::from(folder);
        std::fs::write(folder.join(format!("{name}.png")), browser.screenshot()).unwrap();
    }
}

/// The first cells of the rows that are shown.
fn first_cells(browser: &mut Browser, section: &str) -> Vec<String> {
    let rows = browser.eval(&format!(
        "[...document.querySelectorAll('#{section} tbody tr:not([hidden])')].map(row => row.cells[0].textContent)"
    ));
    serde_json::from_value(rows).unwrap()
}

fn status(browser: &mut Browser, section: &str) -> Value {
    browser.eval(&format!("document.querySelector('#{section} [role=status]').textContent"))
}

// A driver that hears nothing would find every page silent.
#[test]
fn a_page_that_complains_or_asks_for_something_is_noticed() {
    let Some(program) = installed() else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bad.html");
    let page = "<!DOCTYPE html><meta http-equiv=Content-Security-Policy content=\"script-src 'unsafe-inline'\">
        <img src='other.png'><script>console.error('e1'); setTimeout(() => { throw 'e2' }); eval('1')</script>";
    std::fs::write(&file, page).unwrap();
    let mut browser = Browser::start(&program);
    let url = browser.open(&file);
    let complaints = browser.complaints(&url).join("\n");
    for expected in ["e1", "e2", "unsafe-eval", "request: \"file:///", "other.png"] {
        assert!(complaints.contains(expected), "{expected} in {complaints}");
    }
}

#[test]
fn it_opens_in_silence_and_fits_every_window_in_both_colours() {
    opened(&sample(), |browser| {
        for (width, scheme) in [(1280, "light"), (400, "light"), (1280, "dark"), (400, "dark")] {
            browser.look(width, scheme);
            shot(browser, &format!("{width}-{scheme}"));
            let widest = browser.eval("document.scrollingElement.scrollWidth").as_u64().unwrap();
            assert!(widest <= u64::from(width), "{widest} pixels in a window of {width}");
            // of the names beside a Pareto's bars none is cut to less than what tells it from the others
            let cut = browser.eval(
                "[...document.querySelectorAll('[data-figures=unmapped-figures] text')].map(text => text.textContent)
                   .filter(text => text.endsWith('\u{2026}') && text.length < 40)",
            );
            assert_eq!(cut, json!([]), "{width} {scheme}");
            let drawn = browser.eval(
                "[...document.querySelectorAll('.chart')].map(chart => {
                   const svg = chart.querySelector('svg').getBoundingClientRect();
                   const box = chart.getBoundingClientRect();
                   return svg.width > 250 && svg.width <= box.width && svg.height > 150
                     && chart.querySelectorAll('path').length > 10 && chart.querySelectorAll('text').length > 7;
                 })",
            );
            assert_eq!(drawn, json!([true, true, true, true]), "{width} {scheme}");
        }
    });
}

#[test]
fn columns_sort_by_keyboard_exactly_and_return() {
    opened(&large(), |browser| {
        let before = first_cells(browser, "rows");
        browser.eval("document.querySelector('#rows thead th:nth-child(3) button').focus()");
        let sorted = "[...document.querySelectorAll('#rows thead th')].map(th => th.ariaSort)";
        browser.key("Enter", 13, "\r");
        assert_eq!(browser.eval(sorted), json!([null, null, "descending"]));
        // two amounts that no float tells apart, a negative one, and none at the end
        let down = first_cells(browser, "rows");
        assert_eq!(&down[..3], ["item 7", "item 3", "item 150"]);
        assert_eq!(down.last().unwrap(), "item 5");
        assert_eq!(status(browser, "rows"), "400 rows, sorted by Value, descending");
        browser.key(" ", 32, " ");
        assert_eq!(browser.eval(sorted), json!([null, null, "ascending"]));
        let up = first_cells(browser, "rows");
        assert_eq!(up[0], "item 5");
        assert_eq!(&up[398..], ["item 3", "item 7"]);
        browser.key("Enter", 13, "\r");
        assert_eq!(browser.eval(sorted), json!([null, null, null]));
        assert_eq!(first_cells(browser, "rows"), before);

        browser.eval("document.querySelector('#rows thead th:nth-child(2) button').click()");
        let down = first_cells(browser, "rows");
        assert_eq!(down.last().unwrap(), "item 9", "what has no percentage comes last");
        browser.eval("document.querySelector('#rows thead th:nth-child(2) button').click()");
        assert_eq!(first_cells(browser, "rows").last().unwrap(), "item 9");

        // by text, numbers in it count as numbers
        browser.eval("document.querySelector('#rows thead th:nth-child(1) button').click()");
        assert_eq!(&first_cells(browser, "rows")[..4], ["item 0", "item 1", "item 2", "item 3"]);
    });
}

#[test]
fn tables_filter_and_give_what_is_shown_as_csv() {
    opened(&large(), |browser| {
        browser.eval(
            "URL.createObjectURL = (blob) => { window.saved = blob.text(); return 'blob:none'; };
             HTMLAnchorElement.prototype.click = function () { window.name_of_file = this.download; }",
        );
        browser.eval("document.querySelector('#rows input').focus()");
        browser.call("Input.insertText", &json!({"text": "ITEM 39"}));
        assert_eq!(first_cells(browser, "rows").len(), 14);
        assert_eq!(status(browser, "rows"), "14 of 400 rows; the totals are of all rows");
        browser.call("Input.insertText", &json!({"text": " 1039.00"}));
        assert_eq!(first_cells(browser, "rows"), ["item 39"], "as one types it, without the thousands apart");
        browser.eval("document.querySelector('#rows .csv').click()");
        let saved = browser.eval("saved");
        assert_eq!(saved, "item,share_pct,value\nitem 39,39.00,1039.00\n");
        assert_eq!(browser.eval("name_of_file"), "coverage-rows.csv");
        browser.eval("const i = document.querySelector('#rows input'); i.value = 'nothing'; i.dispatchEvent(new Event('input'))");
        assert_eq!(first_cells(browser, "rows"), Vec::<String>::new());
        assert_eq!(status(browser, "rows"), "0 of 400 rows; the totals are of all rows");
    });
}

#[test]
fn the_theme_is_switched_by_keyboard_and_kept_where_it_may_be() {
    opened(&sample(), |browser| {
        browser.look(1280, "light");
        let colours = "[getComputedStyle(document.body).backgroundColor,
            getComputedStyle(document.querySelector('.chart text')).fill]";
        let light = browser.eval(colours);
        browser.eval("document.querySelector('.themes input:checked').focus()");
        let chosen = "document.querySelector('.themes input:checked').value";
        assert_eq!(browser.eval(chosen), "auto");
        browser.key("ArrowRight", 39, "");
        assert_eq!(browser.eval(chosen), "light");
        browser.key("ArrowRight", 39, "");
        assert_eq!(browser.eval(chosen), "dark");
        let dark = browser.eval(colours);
        assert!(light[0] != dark[0] && light[1] != dark[1], "{light} {dark}");
        browser.reload();
        assert_eq!((browser.eval(chosen), browser.eval(colours)), (json!("dark"), dark.clone()));
        browser.key("Tab", 9, "");
        // what the browser does where nothing may be kept
        let denied = "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } })";
        browser.call("Page.addScriptToEvaluateOnNewDocument", &json!({"source": denied}));
        browser.reload();
        assert_eq!((browser.eval(chosen), browser.eval(colours)), (json!("auto"), light));
        browser.eval("document.querySelector('.themes input[value=dark]').click()");
        assert_eq!(browser.eval(colours), dark);
    });
}

#[test]
fn on_paper_it_is_light_fits_and_says_the_head_of_a_table_on_each_sheet() {
    opened(&large(), |browser| {
        browser.look(1280, "dark");
        let screen = browser.eval("document.body.innerHTML.length");
        let printed = browser.pdf();
        if let Some(folder) = std::env::var_os("REPORT_SHOTS") {
            std::fs::write(std::path::PathBuf::from(folder).join("large.pdf"), &printed).unwrap();
        }
        let pages = pdf::pages(&printed);
        assert!(pages.len() > 5, "{} sheets", pages.len());
        let (first, others) = pages.split_first().unwrap();
        assert!(first.contains("Rows") && !first.contains("Auto") && !first.contains("Filter"), "{first}");
        for (at, page) in others.iter().enumerate() {
            assert!(!page.contains("item ") || page.contains("Share\u{a0}%"), "sheet {}: {page}", at + 2);
        }
        let rows: usize = pages.iter().map(|page| page.matches("item ").count()).sum();
        // with the names of the bars that are drawn
        assert!((400..450).contains(&rows), "{rows} rows on paper");
        // and on the screen everything is as before
        assert_eq!(browser.eval("document.documentElement.dataset.theme ?? 'auto'"), "auto");
        assert_eq!(browser.eval("document.body.innerHTML.length"), screen);

        let print =
            json!({"media": "print", "features": [{"name": "prefers-color-scheme", "value": "dark"}]});
        browser.call("Emulation.setEmulatedMedia", &print);
        let hidden = "['.themes', 'nav', '.csv', '.tools label'].map(which => document.querySelector(which).checkVisibility())";
        assert_eq!(browser.eval(hidden), json!([false, false, false, false]));
        let ground =
            browser.eval("getComputedStyle(document.documentElement).getPropertyValue('--panel').trim()");
        assert_eq!(ground, "#ffffff");
    });
}

#[test]
fn no_text_of_a_stranger_is_more_than_text() {
    opened(&hostile(), |browser| {
        browser.look(1280, "light");
        shot(browser, "hostile");
        let shown = browser.eval("document.body.innerText");
        for text in HOSTILE {
            let cells = browser.eval(&format!(
                "[...document.querySelectorAll('td, th')].filter(cell => cell.textContent === {}).length",
                json!(text)
            ));
            assert!(cells.as_u64().unwrap() >= 1, "{text} in {shown}");
        }
        // over every bar, so that each tooltip opens
        let charts: Vec<[f64; 4]> = serde_json::from_value(browser.eval(
            "[...document.querySelectorAll('.chart')].map(chart => {
               const box = chart.getBoundingClientRect();
               return [box.x + scrollX, box.y + scrollY, box.width, box.height];
             })",
        ))
        .unwrap();
        assert_eq!(charts.len(), 4);
        for (at, [x, y, width, height]) in charts.into_iter().enumerate() {
            browser.eval(&format!("scrollTo(0, {y})"));
            let top = y - browser.eval("scrollY").as_f64().unwrap();
            let mut seen = String::new();
            for part in 1..16 {
                let (x, y) = (x + width * 0.62, top + height * f64::from(part) / 16.0);
                browser.call("Input.dispatchMouseEvent", &json!({"type": "mouseMoved", "x": x, "y": y}));
                browser.settle();
                let tip = browser.eval(&format!("document.querySelectorAll('.chart')[{at}].innerText"));
                seen += tip.as_str().unwrap();
            }
            assert!(HOSTILE.iter().any(|text| seen.contains(text)), "chart {at}: no tooltip opened: {seen}");
        }
        assert_eq!(
            browser.eval("document.querySelectorAll('img, svg svg, iframe, object, a[href^=http]').length"),
            0
        );
        assert_eq!(browser.eval("typeof window.hacked"), "undefined");
        let csv = "document.querySelector('#bars tbody tr:nth-child(4) th').textContent";
        assert_eq!(browser.eval(csv), HOSTILE[3]);
        browser.eval(
            "URL.createObjectURL = (blob) => { window.saved = blob.text(); return 'blob:none'; };
             HTMLAnchorElement.prototype.click = () => {}; document.querySelector('#bars .csv').click()",
        );
        let saved = browser.eval("saved");
        assert!(saved.as_str().unwrap().contains("\"'=HYPERLINK(\"\"http"), "{saved}");
    });
}

#[test]
fn everything_that_can_be_used_has_a_name() {
    opened(&sample(), |browser| {
        let tree = browser.call("Accessibility.getFullAXTree", &json!({}));
        let nodes: Vec<(String, String)> = tree["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|node| node["ignored"] == false)
            .map(|node| {
                let text = |key: &str| node[key]["value"].as_str().unwrap_or_default().to_owned();
                (text("role"), text("name"))
            })
            .collect();
        let named = |role: &str| -> Vec<&str> {
            nodes.iter().filter(|(found, _)| found == role).map(|(_, name)| name.as_str()).collect()
        };
        for role in [
            "button",
            "searchbox",
            "image",
            "region",
            "table",
            "link",
            "radio",
            "heading",
            "navigation",
            "columnheader",
        ] {
            let all = named(role);
            assert!(!all.is_empty(), "no {role} in {nodes:?}");
            assert!(all.iter().all(|name| !name.trim().is_empty()), "a {role} without a name: {all:?}");
        }
        assert_eq!(named("radio"), ["Auto", "Light", "Dark"]);
        assert_eq!(
            named("table"),
            ["Week by week", "By partner", "What waits, by value", "Customers by week"]
        );
        assert!(
            named("image")[1]
                .starts_with("By partner. Bars of Lines\u{a0}%, the greatest first: the greatest is")
        );
        assert!(named("button").contains(&"Save the rows shown as CSV: By partner"));
        assert!(named("searchbox").iter().all(|name| name.starts_with("Filter")), "{:?}", named("searchbox"));
    });
}

#[test]
fn the_keyboard_goes_past_the_header_first_then_to_switch_sections_and_tables() {
    opened(&sample(), |browser| {
        browser.eval("document.activeElement.blur(); scrollTo(0, 0)");
        let mut order = Vec::new();
        for _ in 0..9 {
            browser.key("Tab", 9, "");
            order.push(
                browser.eval("`${document.activeElement.tagName} ${document.activeElement.textContent}`"),
            );
        }
        let expected = [
            "A Skip to the report",
            "INPUT ",
            "A Week by week",
            "A By partner",
            "A What waits, by value",
            "A Customers by week",
            "A Rows nobody used",
            "INPUT ",
            "BUTTON CSV",
        ];
        assert_eq!(order, expected);
    });
}
