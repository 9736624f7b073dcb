//! In which form a report is written, and where to.

use crate::cli::{Format, Shell, render};
use crate::report::page::{Report, Section};
use crate::report::table::Table;
use crate::report::{SectionDef, Wanted};
use crate::site::folders::Replacement;
use anyhow::{Result, bail, ensure};
use std::io::Write as _;
use std::path::PathBuf;

/// Rows of a section that a terminal shows beside the first.
const SHORT_ROWS: usize = 10;

#[derive(Debug, Clone, clap::Args)]
pub(in crate::cli) struct FormArgs {
    /// One section alone, by its name in docs/reports.md; files have the first if you name none.
    #[arg(long, value_name = "ID")]
    pub section: Option<String>,
    /// The form of the result.
    #[arg(long = "as", value_enum, default_value_t = Form::Table)]
    form: Form,
    /// Where to; standard output if you say nothing.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// A table that fits the terminal.
    Table,
    /// For spreadsheets.
    Csv,
    Json,
    Parquet,
    /// One page with every section, which needs nothing else.
    Html,
}

impl FormArgs {
    /// What the form shows if no section is named; `one` is true where a single table was asked for in other words.
    pub(in crate::cli) fn wanted(&self, shell: &Shell, one: bool) -> Wanted<'_> {
        match (&self.section, self.form(shell)) {
            (Some(id), _) => Wanted::Section(id),
            (None, Form::Html) => Wanted::All,
            (None, Form::Table) if !one => Wanted::Short,
            (None, _) => Wanted::First,
        }
    }

    fn form(&self, shell: &Shell) -> Form {
        if shell.format == Format::Json { Form::Json } else { self.form }
    }

    /// Writes a report as it was asked for.
    pub(in crate::cli) fn write(&self, shell: &Shell, report: &Report, all: &[SectionDef]) -> Result<()> {
        let form = self.form(shell);
        let Some(first) = report.sections.first() else { bail!("the report {} has no section", report.name) };
        ensure!(!first.table.columns.is_empty(), "the section {} has no columns", first.id);
        let width = if self.out.is_some() { None } else { render::terminal_width() };
        let bytes = match form {
            Form::Table => as_text(report, all, width).into_bytes(),
            Form::Json => first.table.json()?.into_bytes(),
            Form::Csv => first.table.csv()?,
            Form::Parquet => first.table.parquet()?,
            Form::Html => crate::report::html::render(report)?.into_bytes(),
        };
        let Some(path) = &self.out else {
            return match form {
                Form::Table | Form::Json => shell.print(&String::from_utf8_lossy(&bytes)),
                Form::Csv | Form::Parquet | Form::Html => shell.bytes(&bytes),
            };
        };
        let mut out = Replacement::of(path)?;
        out.write_all(&bytes)?;
        out.finish()?;
        let what = if form == Form::Html {
            format!("{} sections", report.sections.len())
        } else {
            format!("{} rows", first.table.rows.len())
        };
        shell.print(&format!("{}: {what}\n", path.display()))
    }
}

/// The first section whole, of the others the first rows, and which there are beside.
fn as_text(report: &Report, all: &[SectionDef], width: Option<u16>) -> String {
    let mut out = String::new();
    let mut sections = report.sections.iter();
    let Some(first) = sections.next() else { return out };
    if first.table.rows.is_empty() {
        return format!("{}\n", first.table.empty);
    }
    let params: Vec<String> = report.params.iter().map(|(name, value)| format!("{name} {value}")).collect();
    out += &format!("{}: {}\n", first.title.to_lowercase(), params.join("; "));
    out += &render::table(&first.table, width);
    for section in sections {
        out += &short(section, width);
    }
    let shown: Vec<&str> = report.sections.iter().map(|section| section.id).collect();
    let more: Vec<&str> = all.iter().map(|section| section.id).filter(|id| !shown.contains(id)).collect();
    if !more.is_empty() {
        out += &format!("\nmore with --section: {}\n", more.join(", "));
    }
    out
}

fn short(section: &Section, width: Option<u16>) -> String {
    let table = &section.table;
    let rows = table.rows.iter().take(SHORT_ROWS).cloned().collect();
    let mut out = format!("\n{}\n", section.title);
    out += &render::table(&Table { rows, ..table.clone() }, width);
    let left = table.rows.len().saturating_sub(SHORT_ROWS);
    if left > 0 {
        out += &format!("and {left} more: --section {}\n", section.id);
    }
    out
}
