//! What is drawn of a section: the figures of its chart, as data for the page's script, and one sentence for who cannot see it.

use crate::report::html::figures::{grouped, heading, printable};
use crate::report::page::{Chart, Section};
use crate::report::table::{Cell, Column, Kind, Table, percent};
use anyhow::{Result, bail};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

const BARS_MAX: usize = 30;
const PARETO_MAX: usize = 20;
const LINES_MAX: usize = 8;
const PERIODS_MAX: usize = 400;
const HEAT_ROWS_MAX: usize = 40;
const HEAT_COLUMNS_MAX: usize = 60;
/// Drawings of one section.
const DRAWINGS_MAX: usize = 3;

/// A chart that can be drawn. Values are plain decimals as text; None where there is none.
#[derive(Debug, Serialize)]
pub(super) struct Drawing {
    /// The id of the section, with a number where it has several drawings.
    pub(super) id: String,
    /// What is measured, and of which of the section's drawings this is; empty where its legend says all that.
    #[serde(skip)]
    pub(super) caption: String,
    #[serde(flatten)]
    pub(super) shape: Shape,
    /// For the image's name: what it is of, and its extremes.
    #[serde(skip)]
    pub(super) sentence: String,
    /// What is not drawn, if anything is not.
    #[serde(skip)]
    pub(super) left_out: String,
}

const NOTHING: &str = "Not drawn: no row has a value.";

type Value = Option<String>;

#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(super) enum Shape {
    Trend {
        periods: Vec<String>,
        series: Vec<Line>,
    },
    Pareto {
        name: String,
        percent: bool,
        labels: Vec<String>,
        values: Vec<Value>,
        shares: Vec<Value>,
    },
    Bars {
        name: String,
        percent: bool,
        labels: Vec<String>,
        values: Vec<Value>,
    },
    Heat {
        name: String,
        percent: bool,
        rows: Vec<String>,
        columns: Vec<String>,
        cells: Vec<(usize, usize, String)>,
    },
}

#[derive(Debug, Serialize)]
pub(super) struct Line {
    name: String,
    percent: bool,
    values: Vec<Value>,
}

/// The drawings of a section, or why its figures cannot be drawn. Fails for a chart of columns that the table does not have.
pub(super) fn drawings(section: &Section) -> Result<Result<Vec<Drawing>, String>> {
    let Some(chart) = &section.chart else { return Ok(Ok(Vec::new())) };
    let table = &section.table;
    if table.rows.is_empty() {
        return Ok(Ok(Vec::new()));
    }
    let by = match chart {
        Chart::Bars { by, .. } | Chart::Pareto { by, .. } => {
            by.map(|name| column(section, name)).transpose()?
        }
        Chart::Trend { .. } | Chart::HeatMap { .. } => None,
    };
    let mut drawn = Vec::new();
    let mut why = None;
    for (of, part) in by.map_or_else(|| vec![(String::new(), table.clone())], |by| parts(table, by)) {
        match sketch(section, chart, &part)? {
            Ok(sketch) => drawn.push((of, sketch)),
            Err(reason) => why = why.or(Some(reason)),
        }
    }
    if let (true, Some(why)) = (drawn.is_empty(), why) {
        return Ok(Err(why));
    }
    let all = drawn.len();
    drawn.truncate(DRAWINGS_MAX);
    let shown = drawn.len();
    let drawing = |(at, (of, (shape, sentence, mut left_out))): (usize, (String, Sketched))| {
        let (id, title) = if all == 1 {
            (section.id.to_owned(), section.title.clone())
        } else {
            (format!("{}-{}", section.id, at + 1), format!("{}, {of}", section.title))
        };
        if at + 1 == shown {
            left_out += &first_of(shown, all, "charts, those with the most rows");
        }
        let of = if all == 1 { String::new() } else { of };
        let caption: Vec<String> =
            [measure(section, chart), of].into_iter().filter(|part| !part.is_empty()).collect();
        Drawing { id, caption: caption.join(", "), shape, sentence: format!("{title}. {sentence}"), left_out }
    };
    Ok(Ok(drawn.into_iter().enumerate().map(drawing).collect()))
}

/// The column that a drawing measures, in words; empty where a legend names it.
fn measure(section: &Section, chart: &Chart) -> String {
    let name = match chart {
        Chart::Bars { value, .. } | Chart::HeatMap { value, .. } => *value,
        Chart::Trend { values, .. } if values.len() == 1 => values.first().copied().unwrap_or_default(),
        Chart::Trend { .. } | Chart::Pareto { .. } => "",
    };
    section.table.columns.iter().find(|column| column.name == name).map(heading).unwrap_or_default()
}

/// The rows of each value of a column; the value with the most rows first.
fn parts(table: &Table, by: usize) -> Vec<(String, Table)> {
    let mut parts: BTreeMap<String, Table> = BTreeMap::new();
    for row in &table.rows {
        let part = parts
            .entry(text(row, &[by]))
            .or_insert_with(|| Table { columns: table.columns.clone(), ..Table::default() });
        part.rows.push(row.clone());
    }
    let mut parts: Vec<(String, Table)> = parts.into_iter().collect();
    parts.sort_by_key(|(_, part)| std::cmp::Reverse(part.rows.len()));
    parts
}

fn sketch(section: &Section, chart: &Chart, table: &Table) -> Result<Sketch> {
    Ok(match chart {
        Chart::Trend { period, values, by } => {
            let values = values.iter().map(|name| column(section, name)).collect::<Result<Vec<_>>>()?;
            let by = by.map(|name| column(section, name)).transpose()?;
            trend(table, column(section, period)?, &values, by)
        }
        Chart::Pareto { label, value, share, .. } => {
            let share = share.map(|name| column(section, name)).transpose()?;
            pareto(table, &columns(section, label)?, column(section, value)?, share)
        }
        Chart::Bars { label, value, by } => {
            let value = column(section, value)?;
            // of several drawings, one of nothing but zeros says nothing
            if by.is_some()
                && table.rows.iter().all(|row| number(row, value).is_none_or(|number| number == 0))
            {
                return Ok(Err(NOTHING.to_owned()));
            }
            bars(table, &columns(section, label)?, value)
        }
        Chart::HeatMap { row, column: across, value } => {
            heat(table, column(section, row)?, column(section, across)?, column(section, value)?)
        }
    })
}

/// A shape, its sentence and what it leaves out.
type Sketched = (Shape, String, String);

/// What can be drawn, or why nothing can.
type Sketch = Result<Sketched, String>;

fn column(section: &Section, name: &str) -> Result<usize> {
    match section.table.columns.iter().position(|column| column.name == name) {
        Some(at) => Ok(at),
        None => bail!("the chart of section {} names {name}, which is no column of its table", section.id),
    }
}

fn columns(section: &Section, names: &[&str]) -> Result<Vec<usize>> {
    names.iter().map(|name| column(section, name)).collect()
}

fn trend(table: &Table, period: usize, values: &[usize], by: Option<usize>) -> Sketch {
    let periods: BTreeSet<String> = table.rows.iter().map(|row| text(row, &[period])).collect();
    let passed_over = periods.len().saturating_sub(PERIODS_MAX);
    let periods: Vec<String> = periods.into_iter().skip(passed_over).collect();
    let mut series: Vec<(Line, i128)> = Vec::new();
    for row in &table.rows {
        let Ok(at) = periods.binary_search(&text(row, &[period])) else { continue };
        for value in values {
            let name = line_name(table, row, *value, values.len(), by);
            let found = series.iter().position(|(line, _)| line.name == name).unwrap_or_else(|| {
                let percent = is_percent(table, *value);
                series.push((Line { name, percent, values: vec![None; periods.len()] }, 0));
                series.len() - 1
            });
            let (line, weight) = &mut series[found];
            if line.values[at].is_some() {
                return Err(twice(&format!("{} of {}", line.name, periods[at])));
            }
            line.values[at] = plain(row, *value);
            *weight = weight.saturating_add(number(row, *value).unwrap_or(0));
        }
    }
    if series.iter().all(|(line, _)| line.values.iter().all(Option::is_none)) {
        return Err(NOTHING.to_owned());
    }
    let all = series.len();
    if by.is_some() {
        series
            .sort_by(|(a, a_weight), (b, b_weight)| b_weight.cmp(a_weight).then_with(|| a.name.cmp(&b.name)));
    }
    let series: Vec<Line> = series.into_iter().take(LINES_MAX).map(|(line, _)| line).collect();
    let mut left_out = first_of(series.len(), all, "lines, those with the most");
    if passed_over > 0 {
        left_out += &format!("The first {} periods are not drawn. ", grouped(&passed_over.to_string(), 0));
    }
    let names: Vec<&str> = series.iter().map(|line| line.name.as_str()).collect();
    let span = match periods.as_slice() {
        [only] => format!("for {only} alone"),
        [first, .., last] => format!("from {first} to {last}"),
        [] => String::new(),
    };
    let sentence = format!("Lines {span}: {}.", names.join(", "));
    Ok((Shape::Trend { periods, series }, sentence, left_out))
}

fn line_name(table: &Table, row: &[Cell], value: usize, values: usize, by: Option<usize>) -> String {
    let name = table.columns.get(value).map(heading).unwrap_or_default();
    match by.map(|by| text(row, &[by])) {
        Some(by) if values > 1 => format!("{by}, {name}"),
        Some(by) => by,
        None => name,
    }
}

fn pareto(table: &Table, label: &[usize], value: usize, share: Option<usize>) -> Sketch {
    let mut rows: Vec<(&Vec<Cell>, i128)> = table
        .rows
        .iter()
        .filter_map(|row| Some((row, number(row, value)?)))
        .filter(|(_, n)| *n > 0)
        .collect();
    if rows.is_empty() {
        return Err("Not drawn: no value is above zero.".to_owned());
    }
    rows.sort_by_key(|(_, number)| std::cmp::Reverse(*number));
    let whole = rows.iter().fold(0_i128, |sum, (_, number)| sum.saturating_add(*number));
    let mut sum = 0_i128;
    let all = rows.len();
    rows.truncate(PARETO_MAX);
    let mut shares = Vec::new();
    for (row, number) in &rows {
        sum = sum.saturating_add(*number);
        shares.push(match share {
            Some(share) => plain(row, share),
            None => percent(sum, whole).map(|share| Cell::Percent(Some(share)).plain().into_owned()),
        });
    }
    let name = table.columns.get(value).map(heading).unwrap_or_default();
    let drawn = shares.last().cloned().flatten().unwrap_or_default();
    let sentence = format!(
        "Bars of {name}, the greatest first, with the share that they make together: {} rows make {drawn} %.",
        rows.len()
    );
    let left_out = first_of(rows.len(), all, "bars, the greatest");
    let rows: Vec<&Vec<Cell>> = rows.into_iter().map(|(row, _)| row).collect();
    let (labels, values) = labelled(&rows, label, value);
    Ok((
        Shape::Pareto { name, percent: is_percent(table, value), labels, values, shares },
        sentence,
        left_out,
    ))
}

fn bars(table: &Table, label: &[usize], value: usize) -> Sketch {
    if table.rows.iter().all(|row| number(row, value).is_none()) {
        return Err(NOTHING.to_owned());
    }
    let mut rows: Vec<&Vec<Cell>> = table.rows.iter().collect();
    // those without a value come last
    rows.sort_by_key(|row| std::cmp::Reverse(number(row, value)));
    let all = rows.len();
    rows.truncate(BARS_MAX);
    let name = table.columns.get(value).map(heading).unwrap_or_default();
    let (labels, values) = labelled(&rows, label, value);
    let end = |at: Option<usize>, word: &str| {
        let at = at?;
        Some(format!("{word} {} with {}", labels.get(at)?, values.get(at)?.as_ref()?))
    };
    let ends: Vec<String> = [
        end(values.iter().position(Option::is_some), "the greatest is"),
        end(values.iter().rposition(Option::is_some), "the least drawn is"),
    ]
    .into_iter()
    .flatten()
    .collect();
    let sentence = format!("Bars of {name}, the greatest first: {}.", ends.join(", "));
    let left_out = first_of(rows.len(), all, "bars, the greatest");
    Ok((Shape::Bars { name, percent: is_percent(table, value), labels, values }, sentence, left_out))
}

fn heat(table: &Table, row: usize, across: usize, value: usize) -> Sketch {
    let mut rows: Vec<String> = Vec::new();
    for cells in &table.rows {
        let name = text(cells, &[row]);
        if !rows.contains(&name) {
            rows.push(name);
        }
        if rows.len() > HEAT_ROWS_MAX {
            break;
        }
    }
    let more_rows = rows.len() > HEAT_ROWS_MAX;
    rows.truncate(HEAT_ROWS_MAX);
    let columns: BTreeSet<String> = table.rows.iter().map(|cells| text(cells, &[across])).collect();
    let passed_over = columns.len().saturating_sub(HEAT_COLUMNS_MAX);
    let columns: Vec<String> = columns.into_iter().skip(passed_over).collect();
    let mut taken = BTreeSet::new();
    let mut cells = Vec::new();
    for found in &table.rows {
        let (down, along) = (text(found, &[row]), text(found, &[across]));
        let (Some(y), Ok(x)) = (rows.iter().position(|name| *name == down), columns.binary_search(&along))
        else {
            continue;
        };
        if !taken.insert((x, y)) {
            return Err(twice(&format!("{down} and {along}")));
        }
        if let Some(value) = plain(found, value) {
            cells.push((x, y, value));
        }
    }
    if cells.is_empty() {
        return Err(NOTHING.to_owned());
    }
    let name = table.columns.get(value).map(heading).unwrap_or_default();
    let sentence = format!(
        "Heat map of {name}: {} rows, and {} columns from {} to {}.",
        rows.len(),
        columns.len(),
        columns.first().map_or("", String::as_str),
        columns.last().map_or("", String::as_str)
    );
    let mut left_out = String::new();
    if more_rows {
        left_out += &format!("The first {HEAT_ROWS_MAX} rows are drawn. ");
    }
    if passed_over > 0 {
        left_out += &format!("The last {HEAT_COLUMNS_MAX} columns are drawn. ");
    }
    Ok((Shape::Heat { name, percent: is_percent(table, value), rows, columns, cells }, sentence, left_out))
}

fn labelled(rows: &[&Vec<Cell>], label: &[usize], value: usize) -> (Vec<String>, Vec<Value>) {
    rows.iter().map(|row| (text(row, label), plain(row, value))).unzip()
}

fn first_of(drawn: usize, all: usize, what: &str) -> String {
    if drawn == all {
        return String::new();
    }
    format!("{drawn} of {} {what}, are drawn. ", grouped(&all.to_string(), 0))
}

fn twice(what: &str) -> String {
    format!("Not drawn: the table has more than one value for {what}.")
}

fn is_percent(table: &Table, at: usize) -> bool {
    table.columns.get(at).is_some_and(|Column { kind, .. }| *kind == Kind::Percent)
}

/// What stands where there is no name.
const DASH: &str = "\u{2013}";

/// The cells that name something, a dash for one that is empty.
fn text(row: &[Cell], at: &[usize]) -> String {
    let part = |cell: &Cell| {
        let text = printable(&cell.plain());
        if text.trim().is_empty() { DASH.to_owned() } else { text }
    };
    let parts: Vec<String> = at.iter().filter_map(|at| row.get(*at)).map(part).collect();
    if parts.iter().all(|part| part == DASH) { DASH.to_owned() } else { parts.join(" \u{b7} ") }
}

fn number(row: &[Cell], at: usize) -> Option<i128> {
    match row.get(at)? {
        Cell::Text(_) | Cell::Percent(None) => None,
        Cell::Count(count) => Some(i128::from(*count)),
        Cell::Decimal(micros) => Some(*micros),
        Cell::Percent(Some(hundredths)) => Some(i128::from(*hundredths)),
    }
}

fn plain(row: &[Cell], at: usize) -> Value {
    let cell = row.get(at)?;
    number(row, at).map(|_| cell.plain().into_owned())
}
