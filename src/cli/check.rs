//! `check`: reads X12 or CSV with no site needed and says what is wrong, where, why, and what to do.

use crate::cli::{Format, Shell};
use crate::documents::csv_order::{self, CsvIndex, CsvLimits};
use crate::documents::{pos_sale, posted_invoice};
use crate::domain::Text;
use crate::domain::diagnostic::{Diagnostic, Severity};
use crate::domain::partner::{CsvLayout, OrderSettings, PartnerProfile};
use crate::pipeline::check::check_set;
use crate::run::Source;
use crate::run::looks_like_x12;
use crate::site::partner_profile;
use crate::x12::envelope::{self, FileIndex, Interchange, Limits};
use crate::x12::excerpt::{self, Context};
use crate::x12::lexer::unwrap_lines;
use anyhow::{Context as _, Result};
use rayon::prelude::*;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// So many sets are in work at once.
const BATCH: usize = 256;
/// Bytes around a finding that its excerpt is cut from.
const AROUND: u64 = 4_096;

#[derive(Debug, clap::Args)]
pub(super) struct CheckArgs {
    /// X12 files, CSV orders, posted invoices or POS sales.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// A partner profile whose CSV layout is used, instead of the contract's own column names.
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,
}

/// What one file came to.
#[derive(Debug, Default, Serialize)]
struct Checked {
    file: String,
    /// `x12`, `csv_orders`, `posted_invoices`, `pos_sales`, or `unreadable`.
    kind: &'static str,
    interchanges: usize,
    groups: usize,
    /// Transaction sets by ST01.
    sets: BTreeMap<Text, u64>,
    /// PO1, IT1, POC, or CSV rows.
    lines: u64,
    errors: usize,
    warnings: usize,
    findings: Vec<Diagnostic>,
}

pub(super) fn check(shell: &Shell, args: &CheckArgs) -> Result<u8> {
    let profile = args.profile.as_deref().map(partner_profile::load_one).transpose()?;
    let (mut worst, mut all) = (0, Vec::new());
    for file in &args.files {
        let code = match one(file, profile.as_ref()) {
            Ok((checked, text)) => {
                let code = u8::from(checked.errors + checked.warnings > 0);
                if shell.format == Format::Text {
                    shell.print(&text)?;
                }
                all.push(checked);
                code
            }
            Err(error) => {
                tracing::error!("{}: {error:#}", file.display());
                all.push(Checked {
                    file: file.display().to_string(),
                    kind: "unreadable",
                    ..Checked::default()
                });
                2
            }
        };
        worst = worst.max(code);
    }
    if shell.format == Format::Json {
        shell.json(&all)?;
    }
    Ok(worst)
}

fn one(path: &Path, profile: Option<&PartnerProfile>) -> Result<(Checked, String)> {
    let source = Source::open(path)?;
    let head = source.read(0, source.length.min(4_096))?;
    let mut checked = Checked { file: path.display().to_string(), ..Checked::default() };
    if looks_like_x12(&head) || !looks_like_text(&head) {
        let index = envelope::scan(source.reader()?, &Limits::default())?;
        check_x12(&mut checked, &source, &index)?;
    } else {
        check_csv(&mut checked, &source, &head, profile)?;
    }
    checked.errors = checked.findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    checked.warnings =
        checked.findings.iter().filter(|finding| finding.severity == Severity::Warning).count();
    let text = text(&checked, &source)?;
    Ok((checked, text))
}

fn check_x12(checked: &mut Checked, source: &Source, index: &FileIndex) -> Result<()> {
    checked.kind = "x12";
    checked.interchanges = index.interchanges.len();
    checked.findings.extend(index.diagnostics.iter().cloned());
    for interchange in &index.interchanges {
        checked.findings.extend(interchange.diagnostics.iter().cloned());
        for group in &interchange.groups {
            checked.groups += 1;
            checked.findings.extend(group.diagnostics.iter().cloned());
            for set in &group.sets {
                *checked.sets.entry(set.id.clone()).or_default() += 1;
                checked.lines += u64::from(set.lines);
            }
            for sets in group.sets.chunks(BATCH) {
                let found: Result<Vec<Vec<Diagnostic>>> =
                    sets.par_iter().map(|set| findings(source, interchange, &group.version, set)).collect();
                checked.findings.extend(found?.into_iter().flatten());
            }
        }
    }
    Ok(())
}

fn findings(
    source: &Source,
    interchange: &Interchange,
    version: &str,
    set: &envelope::Set,
) -> Result<Vec<Diagnostic>> {
    let mut bytes = source.read(set.offset, set.length)?;
    if interchange.wrapped {
        unwrap_lines(bytes.to_mut());
    }
    Ok(check_set(&bytes, interchange.separators, version, set, &Limits::default()))
}

fn looks_like_text(head: &[u8]) -> bool {
    !head.is_empty() && !head.iter().any(|byte| *byte < b' ' && !b"\t\r\n".contains(byte))
}

/// The header tells what a CSV file is; what it does not tell is taken for orders.
fn check_csv(
    checked: &mut Checked,
    source: &Source,
    head: &[u8],
    profile: Option<&PartnerProfile>,
) -> Result<()> {
    let header = String::from_utf8_lossy(head);
    let names = header.lines().next().unwrap_or_default().to_lowercase();
    if profile.is_none() && names.contains("invoice_number") {
        let (read, findings) = posted_invoice::read(&source.read(0, source.length)?);
        (checked.kind, checked.lines, checked.findings) = ("posted_invoices", read.rows, findings);
        checked.findings.extend(read.rejected.into_iter().flat_map(|rejected| rejected.diagnostics));
        return Ok(());
    }
    if profile.is_none() && names.contains("receipt") && names.contains("paid") {
        let (sales, findings) = pos_sale::read(&source.read(0, source.length)?);
        (checked.kind, checked.lines, checked.findings) = ("pos_sales", sales.len() as u64, findings);
        return Ok(());
    }
    checked.kind = "csv_orders";
    let settings = profile.map(|profile| profile.orders.clone()).unwrap_or_default();
    let layout = settings
        .csv
        .clone()
        .unwrap_or_else(|| CsvLayout { delimiter: guess(&names), ..CsvLayout::default() });
    let index = csv_order::scan(source.reader()?, &layout, &CsvLimits::default())?;
    check_csv_orders(checked, source, &index, &layout, &settings)
}

fn check_csv_orders(
    checked: &mut Checked,
    source: &Source,
    index: &CsvIndex,
    layout: &CsvLayout,
    settings: &OrderSettings,
) -> Result<()> {
    checked.lines = index.rows;
    checked.findings.extend(index.diagnostics.iter().cloned());
    for order in &index.orders {
        let runs = index.runs(order);
        let pieces: Result<Vec<_>> = runs.iter().map(|run| source.read(run.offset, run.length)).collect();
        let pieces = pieces?;
        let pieces: Vec<&[u8]> = pieces.iter().map(AsRef::as_ref).collect();
        checked.findings.extend(csv_order::read(&index.header, runs, &pieces, layout, settings).1);
    }
    Ok(())
}

/// The delimiter that the header has most of.
fn guess(header: &str) -> crate::domain::partner::Separator {
    let count = |byte: &u8| header.bytes().filter(|other| other == byte).count();
    crate::domain::partner::Separator(
        *b",;\t|".iter().max_by_key(|byte| (count(byte), **byte == b',')).unwrap_or(&b','),
    )
}

/// The findings with their excerpts, then one line that sums the file up.
fn text(checked: &Checked, source: &Source) -> Result<String> {
    let mut out = String::new();
    for finding in &checked.findings {
        let start = finding.at.offset.saturating_sub(AROUND);
        let end = (finding.at.offset + u64::from(finding.at.length) + AROUND).min(source.length);
        let bytes = source.read(start, end.saturating_sub(start)).context("read the excerpt")?;
        out += &excerpt::render(finding, &checked.file, Some(Context { bytes: &bytes, offset: start }));
        out.push('\n');
    }
    let sets: Vec<String> = checked.sets.iter().map(|(id, count)| format!("{count} x {id}")).collect();
    let content = match checked.kind {
        "x12" => format!(
            "{} interchanges, {} groups, sets: {}",
            checked.interchanges,
            checked.groups,
            sets.join(", ")
        ),
        kind => kind.replace('_', " "),
    };
    let Checked { file, lines, errors, warnings, .. } = checked;
    out += &format!("{file}: {content}, {lines} lines: {errors} errors, {warnings} warnings\n");
    Ok(out)
}
