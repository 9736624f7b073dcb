//! Tables for the terminal.

use crate::domain::steers_text;
use crate::report::table::{Cell, Column, Kind, Table};
use clap::builder::styling::{AnsiColor, Style};
use comfy_table::{
    CellAlignment, ColumnConstraint, ContentArrangement, ContentLineStyle, LineStyle, TableStyle, Width,
};
use std::io::IsTerminal as _;

/// A line under the header and nothing else.
const STYLE: TableStyle = TableStyle::new()
    .header_lines(ContentLineStyle::none())
    .header_separator(LineStyle::none().fill('─').junction('─'))
    .content_lines(ContentLineStyle::none());

/// Blanks to the left and right of a cell.
const PADDING: u16 = 2;

/// A column of text is cut no narrower than this, blanks included, while there are numbers that can be left out instead.
const TEXT_MIN: u16 = 12;

/// And never narrower than this.
const TEXT_LEAST: u16 = 7;

/// The findings of `check` in colours: by severity, the marks of the excerpt, and the frame faintly.
pub fn coloured(text: &str) -> String {
    let bold = |color: AnsiColor| color.on_default().bold();
    let mut out = String::with_capacity(text.len() * 2);
    for line in text.lines() {
        let style = match line {
            line if line.starts_with("error[") => bold(AnsiColor::Red),
            line if line.starts_with("warning[") => bold(AnsiColor::Yellow),
            line if line.starts_with("note[") => bold(AnsiColor::Cyan),
            line if line.starts_with("  | ") && line.trim_start_matches([' ', '|']).starts_with('^') => {
                bold(AnsiColor::Red)
            }
            line if line.starts_with(" --> ") || line.starts_with("  = in: ") => Style::new().dimmed(),
            _ => Style::new(),
        };
        out += &format!("{style}{line}{style:#}\n");
    }
    out
}

/// A report as people read it: text to the left, numbers to the right under one decimal point and in groups of three digits, sums at
/// the end. `width` is the terminal's: headings are broken to fit it, long texts are cut, numbers never are, and columns for which
/// there is no room are named in a last line. None leaves every row whole, on one line.
pub fn table(report: &Table, width: Option<u16>) -> String {
    if report.rows.is_empty() {
        return format!("{}\n", report.empty);
    }
    let mut columns: Vec<Laid> =
        report.columns.iter().enumerate().map(|(at, column)| laid(report, at, column)).collect();
    let Some(width) = width else { return lay_out(&columns, None) };
    let left_out = leave_out(&mut columns, width);
    let cut = cut_texts(&mut columns, width);
    let mut out = lay_out(&columns, Some(width));
    let whole = match (left_out.is_empty(), cut) {
        (true, false) => return out,
        (true, true) => "…: cut to fit; --as csv has it whole".to_owned(),
        (false, _) => format!("no room for: {}; --as csv has every column", left_out.join(", ")),
    };
    out.push_str(&whole);
    out.push('\n');
    out
}

/// One column of a report with its cells as people read them.
fn laid(report: &Table, at: usize, column: &Column) -> Laid {
    let all = || report.rows.iter().chain(&report.totals).filter_map(|row| row.get(at));
    let decimals = all().map(decimals).max().unwrap_or_default();
    let cells = |rows: &[Vec<Cell>], none: &str| {
        let cell = |row: &Vec<Cell>| row.get(at).map_or(String::new(), |cell| shown(cell, decimals, none));
        rows.iter().map(cell).collect()
    };
    Laid {
        header: heading(column.name),
        right: column.kind != Kind::Text,
        rows: cells(&report.rows, "-"),
        totals: cells(&report.totals, ""),
        most: None,
    }
}

/// Rows of text under a header, for other commands; the columns at the places in `right` are numbers.
pub fn simple(header: &[&str], rows: &[Vec<String>], right: &[usize], width: Option<u16>) -> String {
    let column = |(at, name): (usize, &&str)| Laid {
        header: (*name).to_owned(),
        right: right.contains(&at),
        rows: rows.iter().map(|row| row.get(at).map_or(String::new(), |cell| harmless(cell))).collect(),
        totals: Vec::new(),
        most: None,
    };
    let columns: Vec<Laid> = header.iter().enumerate().map(column).collect();
    lay_out(&columns, width)
}

/// A score such as `0.985`.
pub fn thousandths(score: u32) -> String {
    format!("{}.{:03}", score / 1000, score % 1000)
}

/// One column, ready to be shown.
struct Laid {
    header: String,
    right: bool,
    rows: Vec<String>,
    totals: Vec<String>,
    /// The room that it gets, blanks included. None: what its numbers need, or what is left for its texts.
    most: Option<u16>,
}

impl Laid {
    fn cells(&self) -> impl Iterator<Item = &String> {
        self.rows.iter().chain(&self.totals)
    }

    /// The room that shows it whole, blanks included.
    fn room(&self) -> u16 {
        let words = self.header.split(' ').map(columns_of);
        let longest = self.cells().map(|cell| columns_of(cell)).chain(words).max().unwrap_or_default();
        longest.saturating_add(PADDING)
    }

    /// The least room that it may get.
    fn least(&self, text: u16) -> u16 {
        if self.right { self.room() } else { self.room().min(text) }
    }
}

/// How many columns of a terminal a text takes: a wide character takes two.
fn columns_of(text: &str) -> u16 {
    if text.is_ascii() {
        return u16::try_from(text.len()).unwrap_or(u16::MAX);
    }
    let mut alone = comfy_table::Table::new();
    alone.add_row([text]);
    alone.column_max_content_widths().first().copied().unwrap_or_default()
}

/// What stands between columns: one blank.
fn between(columns: &[Laid]) -> u32 {
    u32::try_from(columns.len().saturating_sub(1)).unwrap_or(u32::MAX)
}

/// Takes columns away until the others fit, and returns their headings in order: numbers but the first, the last first, then
/// texts but the first.
fn leave_out(columns: &mut Vec<Laid>, width: u16) -> Vec<String> {
    let fits = |columns: &[Laid], text: u16| {
        let rooms = columns.iter().map(|column| u32::from(column.least(text)));
        rooms.sum::<u32>() + between(columns) <= u32::from(width)
    };
    let mut names: Vec<(usize, String)> = Vec::new();
    for (right, text) in [(true, TEXT_MIN), (false, TEXT_LEAST)] {
        while !fits(columns, text) {
            let first = columns.iter().position(|column| column.right == right);
            let last = columns.iter().rposition(|column| column.right == right);
            let Some(last) = last.filter(|_| first != last) else { break };
            // what stood before it is still there
            names.push((last, columns.remove(last).header));
        }
    }
    names.reverse();
    names.into_iter().map(|(_, name)| name).collect()
}

/// Cuts the texts of the widest columns until all columns fit; true if one was cut.
fn cut_texts(columns: &mut [Laid], width: u16) -> bool {
    let numbers: u32 =
        columns.iter().filter(|column| column.right).map(|column| u32::from(column.room())).sum();
    let room = u32::from(width).saturating_sub(numbers + between(columns));
    let rooms: Vec<u16> = columns.iter().filter(|column| !column.right).map(Laid::room).collect();
    let taken = |most: u16| rooms.iter().map(|room| u32::from(*room.min(&most))).sum::<u32>();
    let widest = rooms.iter().copied().max().unwrap_or_default();
    // all columns of text that need more get the same
    let most = (TEXT_LEAST..=widest).rev().find(|most| taken(*most) <= room).unwrap_or(TEXT_LEAST);
    let mut cut = false;
    for column in columns.iter_mut().filter(|column| !column.right) {
        column.most = Some(column.room().min(most));
        for cell in column.rows.iter_mut().chain(&mut column.totals) {
            if columns_of(cell) > most - PADDING {
                *cell = shortened(cell, most - PADDING);
                cut = true;
            }
        }
    }
    cut
}

/// The beginning of a text, and a mark that there was more, in so many columns.
fn shortened(text: &str, columns: u16) -> String {
    let mut out = String::new();
    for character in text.chars() {
        out.push(character);
        if columns_of(&out) >= columns {
            out.pop();
            break;
        }
    }
    out.truncate(out.trim_end().len());
    out + "…"
}

/// `mapped_pct` is `mapped %`; a heading may break at its blanks.
fn heading(name: &str) -> String {
    name.replace("_pct", " %").replace('_', " ")
}

/// How many decimals a cell needs; of an amount that has any, at least two.
fn decimals(cell: &Cell) -> usize {
    match cell {
        Cell::Decimal(_) => match cell.plain().split_once('.').map_or(0, |(_, fraction)| fraction.len()) {
            0 => 0,
            digits => digits.max(2),
        },
        Cell::Text(_) | Cell::Count(_) | Cell::Percent(_) => 0,
    }
}

/// A percentage has both its decimals, a decimal as many as its column; `none` stands for what is empty.
fn shown(cell: &Cell, decimals: usize, none: &str) -> String {
    match cell {
        Cell::Percent(Some(hundredths)) => {
            let sign = if *hundredths < 0 { "-" } else { "" };
            let hundredths = hundredths.unsigned_abs();
            format!("{sign}{}.{:02}", hundredths / 100, hundredths % 100)
        }
        Cell::Count(count) => grouped(&count.to_string()),
        Cell::Decimal(_) => {
            let plain = cell.plain();
            let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
            let point = if decimals > 0 { "." } else { "" };
            format!("{}{point}{fraction:0<decimals$}", grouped(whole))
        }
        cell => match cell.plain().as_ref() {
            "" => none.to_owned(),
            text => harmless(text),
        },
    }
}

/// `-1234567` as `-1,234,567`.
fn grouped(whole: &str) -> String {
    let digits = whole.trim_start_matches('-');
    let mut out = whole[..whole.len() - digits.len()].to_owned();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// How wide the terminal is that standard output goes to, by `COLUMNS` if that is set; None where it goes to a file or a pipe, which
/// has no width.
pub fn terminal_width() -> Option<u16> {
    if !std::io::stdout().is_terminal() {
        return None;
    }
    let asked = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    asked.filter(|columns| *columns > 0).or_else(|| comfy_table::Table::new().width())
}

/// A stranger's text cannot steer the terminal.
pub fn harmless(text: &str) -> String {
    let steers = |character: char| character.is_control() || steers_text(character);
    text.chars().map(|character| if steers(character) { ' ' } else { character }).collect()
}

fn lay_out(columns: &[Laid], width: Option<u16>) -> String {
    let mut table = comfy_table::Table::new();
    table.load_style(STYLE).set_header(columns.iter().map(|column| column.header.as_str()));
    let row = |cells: fn(&Laid) -> &Vec<String>, at: usize| -> Vec<String> {
        columns.iter().map(|column| cells(column).get(at).cloned().unwrap_or_default()).collect()
    };
    for at in 0..columns.first().map_or(0, |column| column.rows.len()) {
        table.add_row(row(|column| &column.rows, at));
    }
    let totals = columns.first().map_or(0, |column| column.totals.len());
    if totals > 0 {
        table.add_row(columns.iter().map(|_| ""));
    }
    for at in 0..totals {
        table.add_row(row(|column| &column.totals, at));
    }
    match width {
        Some(width) => table.set_width(width).set_content_arrangement(ContentArrangement::Dynamic),
        None => table.set_content_arrangement(ContentArrangement::Disabled),
    };
    for (at, laid) in columns.iter().enumerate() {
        let Some(column) = table.column_mut(at) else { continue };
        if laid.right {
            column.set_cell_alignment(CellAlignment::Right);
        }
        let room = laid.most.or(laid.right.then(|| laid.room()));
        if let (Some(room), true) = (room, width.is_some()) {
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(room)));
        }
    }
    let mut out = table.trim_fmt();
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    fn report() -> Table {
        let column = |name, kind| Column { name, kind };
        let row = |item: &str, currency: &str, lines, percent, value| {
            vec![
                Cell::Text(item.into()),
                Cell::Text(currency.into()),
                Cell::Count(lines),
                Cell::Percent(percent),
                Cell::Decimal(value),
            ]
        };
        Table {
            columns: vec![
                column("partner", Kind::Text),
                column("currency", Kind::Text),
                column("mapped_lines", Kind::Count),
                column("mapped_pct", Kind::Percent),
                column("value", Kind::Decimal),
            ],
            rows: vec![
                row("acme\u{1b}[31m", "USD", 12_345, Some(9_950), 1_234_500_000),
                row("north western fasteners", "", 0, None, -500_000),
            ],
            totals: vec![row("total", "USD", 12_345, Some(10_000), 1_234_000_000)],
            empty: "no order lines".into(),
        }
    }

    #[test]
    fn numbers_stand_to_the_right_under_one_point_and_sums_at_the_end() {
        expect![[r#"
             partner                   currency   mapped lines   mapped %      value
            ─────────────────────────────────────────────────────────────────────────
             acme [31m                 USD              12,345      99.50   1,234.50
             north western fasteners   -                     0          -      -0.50

             total                     USD              12,345     100.00   1,234.00
        "#]]
        .assert_eq(&table(&report(), None));
    }

    #[test]
    fn a_narrow_terminal_breaks_headings_and_cuts_texts_but_no_number() {
        expect![[r#"
             partner              currency   mapped   mapped      value
                                              lines        %
            ────────────────────────────────────────────────────────────
             acme [31m            USD        12,345    99.50   1,234.50
             north western fas…   -               0        -      -0.50

             total                USD        12,345   100.00   1,234.00
            …: cut to fit; --as csv has it whole
        "#]]
        .assert_eq(&table(&report(), Some(60)));
        for width in 1..100 {
            let shown = table(&report(), Some(width));
            let mut lines =
                shown.lines().filter(|line| !line.starts_with("no room") && !line.starts_with('…'));
            // a text and a number need their room
            assert!(width < 20 || lines.all(|line| columns_of(line) <= width), "{width}\n{shown}");
            assert!(shown.contains("12,345"), "{width}\n{shown}");
        }
    }

    #[test]
    fn columns_without_room_are_named() {
        expect![[r#"
             partner          currency   mapped
                                          lines
            ────────────────────────────────────
             acme [31m        USD        12,345
             north western…   -               0

             total            USD        12,345
            no room for: mapped %, value; --as csv has every column
        "#]]
        .assert_eq(&table(&report(), Some(36)));
        expect![[r#"
             partner       mapped
                            lines
            ──────────────────────
             acme [31m     12,345
             north west…        0

             total         12,345
            no room for: currency, mapped %, value; --as csv has every column
        "#]]
        .assert_eq(&table(&report(), Some(22)));
    }

    #[test]
    fn wide_characters_take_two_columns() {
        let name = |name: &str| vec![Cell::Text(name.into()), Cell::Count(1)];
        let columns =
            vec![Column { name: "customer", kind: Kind::Text }, Column { name: "lines", kind: Kind::Count }];
        let rows = vec![name("株式会社ネジ屋本店"), name("Schröder"), name("École de la vis")];
        let report = Table { columns, rows, ..Table::default() };
        expect![[r#"
             customer         lines
            ────────────────────────
             株式会社ネジ…        1
             Schröder             1
             École de la v…       1
            …: cut to fit; --as csv has it whole
        "#]]
        .assert_eq(&table(&report, Some(24)));
    }

    #[test]
    fn digits_stand_in_groups_of_three() {
        for (plain, expected) in [
            ("0", "0"),
            ("999", "999"),
            ("1000", "1,000"),
            ("-1000", "-1,000"),
            ("-100", "-100"),
            ("1234567", "1,234,567"),
            (
                "170141183460469231731687303715884105727",
                "170,141,183,460,469,231,731,687,303,715,884,105,727",
            ),
        ] {
            assert_eq!(grouped(plain), expected);
        }
    }

    #[test]
    fn no_rows_are_a_sentence() {
        let empty = Table { rows: Vec::new(), totals: Vec::new(), ..report() };
        assert_eq!(table(&empty, Some(80)), "no order lines\n");
    }

    #[test]
    fn simple_tables_take_rows_of_any_length() {
        let rows = [vec!["PO1".to_owned(), "12".to_owned()], vec!["PO\t2".to_owned()]];
        expect![[r#"
             order   lines
            ───────────────
             PO1        12
             PO 2
        "#]]
        .assert_eq(&simple(&["order", "lines"], &rows, &[1], None));
    }
}
