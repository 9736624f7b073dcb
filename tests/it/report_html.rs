//! The page of a report as bytes: the same each time, readable without any script, nothing in it but what we wrote.

use crate::report_sample::{HOSTILE, column, hostile, large, sample, text};
use itembridge::report::html::render;
use itembridge::report::page::{Chart, Report, Section};
use itembridge::report::table::{Cell, Kind, Table};

fn with_chart(chart: Chart, rows: Vec<Vec<Cell>>) -> Report {
    let columns =
        vec![column("week", Kind::Text), column("partner", Kind::Text), column("lines", Kind::Count)];
    let table = Table { columns, rows, totals: Vec::new(), empty: "Nothing came.".to_owned() };
    let section =
        Section { id: "s", title: "S".to_owned(), about: "A row.".to_owned(), table, chart: Some(chart) };
    Report { name: "coverage", title: "T".to_owned(), sections: vec![section], ..Report::default() }
}

fn row(week: &str, partner: &str, lines: u64) -> Vec<Cell> {
    vec![text(week), text(partner), Cell::Count(lines)]
}

/// The figures of the one chart.
fn figures(page: &str) -> serde_json::Value {
    let data = page.split("id=\"s-figures\">").nth(1).unwrap().split("</script>").next().unwrap();
    serde_json::from_str(data).unwrap()
}

#[test]
fn the_same_report_gives_the_same_bytes_of_a_bearable_number() {
    let page = render(&sample()).unwrap();
    assert_eq!(page, render(&sample()).unwrap());
    assert!(page.len() < 700_000, "{} bytes", page.len());
}

#[test]
fn everything_that_was_asked_and_found_can_be_read_without_a_script() {
    let page = render(&sample()).unwrap();
    for expected in [
        "<title>How well customer numbers are mapped, 2026-08-24 to 2026-11-22</title>",
        "<dt>partner</dt>\n<dd>all</dd>",
        "<li>Two runs of this period were interrupted and taken up again; their lines count once.</li>",
        "<a href=\"#by-partner\">By partner</a>\n<span class=\"small\">12</span>",
        "<section id=\"by-partner\" aria-labelledby=\"by-partner-title\">",
        "<caption class=\"unseen\">By partner</caption>",
        "<th scope=\"col\" class=\"n p\" data-name=\"lines_pct\">Lines\u{a0}%</th>",
        "<th scope=\"row\" class=\"t\">NORTHWIND INDUSTRIAL</th><td class=\"s\">USD</td><td>91</td>",
        "<td>337,551.50</td>",
        "<p class=\"empty\">Every row was used in this period.</p>",
        concat!("Report coverage of itembridge ", env!("CARGO_PKG_VERSION"), "."),
    ] {
        assert!(page.contains(expected), "{expected}");
    }
    assert_eq!(page.matches("<tbody>").count(), 4);
}

#[test]
fn rows_beyond_the_page_are_counted_and_where_they_are_is_said() {
    let page = render(&large()).unwrap();
    assert_eq!(page.matches("<th scope=\"row\"").count(), 401, "with the total's");
    assert!(page.contains("The first 400 of 1,234 rows are here"));
    assert!(page.contains("itembridge report coverage --section rows --as csv"));
    assert!(page.contains("30 of 1,234 bars, the greatest, are drawn."));
}

#[test]
fn no_text_becomes_markup_or_ends_its_script() {
    let page = render(&hostile()).unwrap();
    let plain = render(&Report { sections: Vec::new(), ..sample() }).unwrap();
    assert!(!plain.contains("echarts"), "nothing is drawn, so nothing draws");
    let (ours, _) = page.split_once("<script>\"use strict\";var echarts").unwrap_or((&page, ""));
    for text in HOSTILE.iter().filter(|text| text.contains('<')) {
        assert!(!ours.contains(text), "{text}");
    }
    // the theme, the tables, the library, its configuration; and the figures of four charts
    assert_eq!(page.matches("<script>").count(), 4);
    assert_eq!(page.matches("<script type=\"application/json\"").count(), 4);
    assert_eq!(page.matches("</script>").count(), 8);
    assert!(page.contains("default-src &#39;none&#39;"));
}

#[test]
fn charts_say_what_they_draw_and_what_they_leave_out() {
    let trend = |by| Chart::Trend { period: "week", values: vec!["lines"], by };
    let bars = || Chart::Bars { label: vec!["partner"], value: "lines", by: None };
    let heat = || Chart::HeatMap { row: "partner", column: "week", value: "lines" };
    let rows = || vec![row("W2", "A", 5), row("W1", "B", 20), row("W2", "B", 7)];
    let many: Vec<Vec<Cell>> = (0..50).map(|at| row("W1", &format!("P{at:02}"), 100 - at)).collect();
    for (chart, rows, expected) in [
        (trend(Some("partner")), rows(), "S. Lines from W1 to W2: B, A."),
        (trend(Some("partner")), many.clone(), "8 of 50 lines, those with the most, are drawn."),
        (trend(None), rows(), "Not drawn: the table has more than one value for Lines of W2."),
        (
            bars(),
            rows(),
            "S. Bars of Lines, the greatest first: the greatest is B with 20, the least drawn is A with 5.",
        ),
        (heat(), rows(), "S. Heat map of Lines: 2 rows, and 2 columns from W1 to W2."),
        (
            heat(),
            vec![row("W1", "A", 1), row("W1", "A", 2)],
            "Not drawn: the table has more than one value for A and W1.",
        ),
        (heat(), many.clone(), "The first 40 rows are drawn."),
        (
            Chart::Pareto { label: vec!["partner"], value: "lines", share: None, by: None },
            many,
            "the share that they make together: 20 rows make 47.95 %.",
        ),
        (
            Chart::Pareto { label: vec!["partner"], value: "lines", share: None, by: None },
            vec![row("W1", "A", 0)],
            "Not drawn: no value is above zero.",
        ),
        (bars(), Vec::new(), "<p class=\"empty\">Nothing came.</p>"),
    ] {
        let page = render(&with_chart(chart.clone(), rows)).unwrap();
        assert!(page.contains(expected), "{chart:?}: {expected}");
    }
}

#[test]
fn figures_are_exact_and_in_their_order() {
    let rows = vec![row("W2", "A", 30), row("W1", "B", 60), row("W1", "", 10)];
    let pareto = Chart::Pareto { label: vec!["partner", "week"], value: "lines", share: None, by: None };
    assert_eq!(
        figures(&render(&with_chart(pareto, rows.clone())).unwrap()),
        serde_json::json!({
            "id": "s", "kind": "pareto", "name": "Lines", "percent": false,
            "labels": ["B \u{b7} W1", "A \u{b7} W2", "\u{2013} \u{b7} W1"], "values": ["60", "30", "10"], "shares": ["60", "90", "100"]
        })
    );
    let trend = Chart::Trend { period: "week", values: vec!["lines"], by: Some("partner") };
    assert_eq!(
        figures(&render(&with_chart(trend, rows.clone())).unwrap()),
        serde_json::json!({
            "id": "s", "kind": "trend", "periods": ["W1", "W2"],
            "series": [
                {"name": "B", "percent": false, "values": ["60", null]},
                {"name": "A", "percent": false, "values": [null, "30"]},
                {"name": "\u{2013}", "percent": false, "values": ["10", null]}
            ]
        })
    );
    let heat = Chart::HeatMap { row: "partner", column: "week", value: "lines" };
    assert_eq!(
        figures(&render(&with_chart(heat, rows)).unwrap()),
        serde_json::json!({
            "id": "s", "kind": "heat", "name": "Lines", "percent": false, "rows": ["A", "B", "\u{2013}"],
            "columns": ["W1", "W2"], "cells": [[1, 0, "30"], [0, 1, "60"], [0, 2, "10"]]
        })
    );
}

#[test]
fn percentages_of_nothing_are_not_drawn() {
    for chart in [
        Chart::Trend { period: "week", values: vec!["share"], by: None },
        Chart::Bars { label: vec!["week"], value: "share", by: None },
        Chart::HeatMap { row: "week", column: "week", value: "share" },
    ] {
        let mut report = with_chart(chart, vec![vec![text("W1"), Cell::Percent(None)]]);
        report.sections[0].table.columns = vec![column("week", Kind::Text), column("share", Kind::Percent)];
        let page = render(&report).unwrap();
        assert!(page.contains("Not drawn: no row has a value.") && !page.contains("s-figures"));
    }
}

#[test]
fn a_chart_of_a_column_that_is_not_there_is_refused() {
    let chart = Chart::Bars { label: vec!["partner"], value: "colour", by: None };
    let error = render(&with_chart(chart, vec![row("W1", "A", 1)])).unwrap_err().to_string();
    assert_eq!(error, "the chart of section s names colour, which is no column of its table");
}
