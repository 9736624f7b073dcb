//! A report as one HTML page that stands alone: tables that are readable as they are, charts, and no request to anywhere.

mod charts;
mod figures;
mod policy;
mod tables;

use crate::markup::Page;
use crate::report::html::charts::{Drawing, drawings};
use crate::report::html::figures::{Figures, grouped, heading};
use crate::report::html::policy::policy;
use crate::report::page::{Report, Section};
use crate::report::table::Cell;
use anyhow::Result;

const STYLE: &str = include_str!("page.css");
/// Columns that fit on a sheet that stands upright.
const COLUMNS_UPRIGHT: usize = 9;
/// Before anything is shown: the theme that was chosen last.
const THEME: &str = include_str!("theme.js");
/// Sorting, filter and CSV of the tables.
const TABLES: &str = include_str!("tables.js");
/// The charting library; vendor/README.md says which and from where.
const ECHARTS: &str = include_str!("vendor/echarts.min.js");
/// How the library draws what [`charts`] hands over.
const CHARTS: &str = include_str!("charts.js");

/// The page. The same report gives the same bytes. Fails for a chart of columns that its table does not have.
pub fn render(report: &Report) -> Result<String> {
    let sketches = report.sections.iter().map(drawings).collect::<Result<Vec<_>>>()?;
    let drawn = sketches.iter().flatten().flatten().count();
    let scripts: &[&'static str] =
        if drawn == 0 { &[THEME, TABLES] } else { &[THEME, TABLES, ECHARTS, CHARTS] };
    let mut page = Page::new(&title(report), &policy(scripts, STYLE), STYLE);
    page.own("script", THEME);
    // on paper, wide tables want the sheet across
    let wide = report.sections.iter().any(|section| section.table.columns.len() > COLUMNS_UPRIGHT);
    page.start("div", &[("class", if wide { "report wide" } else { "report" })]);
    header(&mut page, report);
    page.start("main", &[("id", "main"), ("tabindex", "-1")]);
    if report.sections.is_empty() {
        page.element("p", &[("class", "empty")], "This report has no sections.");
    }
    for (section, sketch) in report.sections.iter().zip(&sketches) {
        write_section(&mut page, report, section, sketch)?;
    }
    page.end();
    page.start("footer", &[]);
    let version = env!("CARGO_PKG_VERSION");
    page.element(
        "p",
        &[],
        &format!("Report {} of itembridge {version}. This page asks nothing of the network.", report.name),
    );
    page.end();
    page.end();
    for script in scripts.iter().skip(1) {
        page.own("script", script);
    }
    Ok(page.finish())
}

/// Name and period, so that tabs and saved files tell one night from another.
fn title(report: &Report) -> String {
    let param = |wanted: &str| {
        report.params.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.as_str())
    };
    match (param("from"), param("to")) {
        (Some(from), Some(to)) => format!("{}, {from} to {to}", report.title),
        _ => report.title.clone(),
    }
}

fn header(page: &mut Page, report: &Report) {
    page.element("a", &[("class", "skip"), ("href", "#main")], "Skip to the report");
    page.start("header", &[]);
    page.start("div", &[("class", "top")]);
    page.element("h1", &[], &report.title);
    themes(page);
    page.end();
    let params: Vec<(&str, String)> =
        report.params.iter().map(|(name, value)| (*name, value.clone())).collect();
    page.facts(&params);
    if !report.notes.is_empty() {
        page.start("ul", &[("class", "notes"), ("aria-label", "Before you read")]);
        for note in &report.notes {
            page.element("li", &[], note);
        }
        page.end();
    }
    page.end();
    key_figures(page, report);
    contents(page, report);
}

/// The sums that a reader wants first: of each row of totals, which is a currency's, the report's key columns.
fn key_figures(page: &mut Page, report: &Report) {
    let Some(Section { table, .. }) = report.sections.first() else { return };
    for row in table.totals.iter().filter(|_| !report.key.is_empty()) {
        let texts = row.iter().filter_map(|cell| if let Cell::Text(text) = cell { Some(text) } else { None });
        let mut of = texts.map(|text| text.trim_start_matches("total").trim()).collect::<String>();
        if of.is_empty() && table.totals.len() > 1 {
            // beside the sums of a currency: what has no amount in any
            "no currency".clone_into(&mut of);
        }
        let name = if of.is_empty() { "Totals".to_owned() } else { format!("Totals, {of}") };
        page.start("div", &[("class", "key"), ("role", "group"), ("aria-label", &name)]);
        if !of.is_empty() {
            page.element("p", &[("class", "of")], &of);
        }
        page.start("dl", &[]);
        for name in &report.key {
            let Some(at) = table.columns.iter().position(|column| column.name == *name) else { continue };
            let (Some(column), Some(cell)) = (table.columns.get(at), row.get(at)) else { continue };
            // as many places in each currency, so that amounts are compared at a glance
            let text = Figures::of(table.totals.iter().filter_map(|row| row.get(at))).text(cell);
            page.start("div", &[]);
            page.element("dt", &[], &heading(column));
            page.element("dd", &[], if text.is_empty() { "\u{2013}" } else { &text });
            page.end();
        }
        page.end();
        page.end();
    }
}

/// The switch. It works with the page's script alone, which shows it.
fn themes(page: &mut Page) {
    page.start("fieldset", &[("class", "themes"), ("hidden", "")]);
    page.element("legend", &[("class", "unseen")], "Colours");
    for (value, text) in [("auto", "Auto"), ("light", "Light"), ("dark", "Dark")] {
        page.start("label", &[]);
        page.void(
            "input",
            &[("type", "radio"), ("name", "theme"), ("value", value), ("autocomplete", "off")],
        );
        page.element("span", &[], text);
        page.end();
    }
    page.end();
}

fn contents(page: &mut Page, report: &Report) {
    page.start("nav", &[("aria-label", "Sections")]);
    page.start("ul", &[]);
    for section in &report.sections {
        page.start("li", &[]);
        page.element("a", &[("href", &format!("#{}", section.id))], &section.title);
        page.element("span", &[("class", "small")], &grouped(&section.table.rows.len().to_string(), 0));
        page.end();
    }
    page.end();
    page.end();
}

fn write_section(
    page: &mut Page,
    report: &Report,
    section: &Section,
    drawings: &Result<Vec<Drawing>, String>,
) -> Result<()> {
    let heading = format!("{}-title", section.id);
    page.start("section", &[("id", section.id), ("aria-labelledby", &heading)]);
    page.element("h2", &[("id", &heading)], &section.title);
    page.element("p", &[("class", "about")], &section.about);
    if let Err(why) = drawings {
        page.element("p", &[("class", "small")], why);
    }
    page.start("div", &[("class", "parts")]);
    for drawing in drawings.iter().flatten() {
        chart(page, drawing)?;
    }
    tables::table(page, report.name, section);
    page.end();
    page.end();
    Ok(())
}

/// The place of a chart, its figures, and in words what it shows; its table stands under it.
fn chart(page: &mut Page, drawing: &Drawing) -> Result<()> {
    let id = format!("{}-figures", drawing.id);
    let name = format!("{} The table below has every figure.", drawing.sentence);
    page.start("figure", &[]);
    if !drawing.caption.is_empty() {
        page.element("p", &[("class", "of")], &drawing.caption);
    }
    page.element(
        "div",
        &[("class", "chart"), ("role", "img"), ("aria-label", &name), ("data-figures", &id)],
        "",
    );
    if !drawing.left_out.is_empty() {
        page.element("figcaption", &[("class", "small")], &drawing.left_out);
    }
    page.data(&id, drawing)?;
    page.end();
    Ok(())
}
