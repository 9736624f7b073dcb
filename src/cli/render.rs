//! Tables for the terminal.

use crate::domain::steers_text;
use crate::report::table::{Cell, Kind, Table};
use clap::builder::styling::{AnsiColor, Style};
use comfy_table::{
    CellAlignment, ColumnConstraint, ContentArrangement, ContentLineStyle, LineStyle, TableStyle, Width,
};

/// A line under the header and nothing else.
const STYLE: TableStyle = TableStyle::new()
    .header_lines(ContentLineStyle::none())
    .header_separator(LineStyle::none().fill('─').junction('─'))
    .content_lines(ContentLineStyle::none());

/// Blanks to the left and right of a cell.
const PADDING: u16 = 2;

/// A column of text is broken no narrower than this, blanks included.
const TEXT_MIN: u16 = 12;

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

/// A report as people read it: text to the left, numbers to the right, sums at the end. `width` is the terminal's: text and
/// headings are broken to fit it, numbers never are, and columns of numbers for which there is no room are named in a last
/// line. None leaves every row on one line.
pub fn table(report: &Table, width: Option<u16>) -> String {
    if report.rows.is_empty() {
        return format!("{}\n", report.empty);
    }
    let mut columns: Vec<Laid> = Vec::with_capacity(report.columns.len());
    for (at, column) in report.columns.iter().enumerate() {
        let cells = |rows: &[Vec<Cell>], none: &str| {
            let cell = |row: &Vec<Cell>| row.get(at).map_or(String::new(), |cell| shown(cell, none));
            rows.iter().map(cell).collect()
        };
        let right = column.kind != Kind::Text;
        let header = heading(column.name);
        columns.push(Laid {
            header,
            right,
            rows: cells(&report.rows, "-"),
            totals: cells(&report.totals, ""),
        });
    }
    let left_out = width.map_or(Vec::new(), |width| leave_out(&mut columns, width));
    let mut out = lay_out(&columns, width);
    if !left_out.is_empty() {
        out.push_str(&format!("no room for: {}; --as csv has every column\n", left_out.join(", ")));
    }
    out
}

/// Rows of text under a header, for other commands; the columns at the places in `right` are numbers.
pub fn simple(header: &[&str], rows: &[Vec<String>], right: &[usize], width: Option<u16>) -> String {
    let column = |(at, name): (usize, &&str)| Laid {
        header: (*name).to_owned(),
        right: right.contains(&at),
        rows: rows.iter().map(|row| row.get(at).map_or(String::new(), |cell| harmless(cell))).collect(),
        totals: Vec::new(),
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
}

impl Laid {
    /// The least room that shows it well, blanks included.
    fn room(&self) -> u16 {
        let cells = self.rows.iter().chain(&self.totals).map(|cell| cell.chars().count());
        let words = self.header.split(' ').map(|word| word.chars().count());
        let longest = cells.chain(words).max().unwrap_or_default();
        let room = u16::try_from(longest).unwrap_or(u16::MAX).saturating_add(PADDING);
        if self.right { room } else { room.min(TEXT_MIN) }
    }
}

/// Takes columns of numbers away, the last first, until the others fit, and returns their headings in order.
fn leave_out(columns: &mut Vec<Laid>, width: u16) -> Vec<String> {
    let mut names = Vec::new();
    while columns.iter().map(|column| u32::from(column.room())).sum::<u32>() > u32::from(width) {
        let Some(last) = columns.iter().rposition(|column| column.right) else { break };
        names.push(columns.remove(last).header);
    }
    names.reverse();
    names
}

/// `mapped_pct` is `mapped %`; a heading may break at its blanks.
fn heading(name: &str) -> String {
    name.replace("_pct", " %").replace('_', " ")
}

/// A percentage has both its decimals; `none` stands for what is empty.
fn shown(cell: &Cell, none: &str) -> String {
    match cell {
        Cell::Percent(Some(hundredths)) => {
            let sign = if *hundredths < 0 { "-" } else { "" };
            let hundredths = hundredths.unsigned_abs();
            format!("{sign}{}.{:02}", hundredths / 100, hundredths % 100)
        }
        cell => match cell.plain().as_ref() {
            "" => none.to_owned(),
            text => harmless(text),
        },
    }
}

/// How wide the terminal is that standard output goes to; None where it goes to a file or a pipe, which has no width.
pub fn terminal_width() -> Option<u16> {
    comfy_table::Table::new().width()
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
            if width.is_some() {
                column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(laid.room())));
            }
        }
    }
    let mut out = table.trim_fmt();
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::table::Column;
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
    fn numbers_stand_to_the_right_and_sums_at_the_end() {
        expect![[r#"
             partner                   currency   mapped lines   mapped %    value
            ───────────────────────────────────────────────────────────────────────
             acme [31m                 USD               12345      99.50   1234.5
             north western fasteners   -                     0          -     -0.5

             total                     USD               12345     100.00     1234
        "#]]
        .assert_eq(&table(&report(), None));
    }

    #[test]
    fn a_narrow_terminal_breaks_text_and_headings_but_no_number() {
        expect![[r#"
             partner     currency   mapped   mapped    value
                                     lines        %
            ─────────────────────────────────────────────────
             acme [31m   USD         12345    99.50   1234.5
             north       -               0        -     -0.5
             western
             fasteners

             total       USD         12345   100.00     1234
        "#]]
        .assert_eq(&table(&report(), Some(52)));
        for width in 1..100 {
            let shown = table(&report(), Some(width));
            let lines = shown.lines().filter(|line| !line.starts_with("no room"));
            // two columns of text need their room
            assert!(
                width < 24 || lines.clone().all(|line| line.chars().count() <= usize::from(width)),
                "{shown}"
            );
            assert!(
                shown.contains("12345") || shown.contains("no room for: mapped lines"),
                "{width}\n{shown}"
            );
        }
    }

    #[test]
    fn columns_without_room_are_named() {
        expect![[r#"
             partner          currency   mapped
                                          lines
            ────────────────────────────────────
             acme [31m        USD         12345
             north western    -               0
             fasteners

             total            USD         12345
            no room for: mapped %, value; --as csv has every column
        "#]]
        .assert_eq(&table(&report(), Some(36)));
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
