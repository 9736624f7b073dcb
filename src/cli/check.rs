//! `check`: reads X12 or CSV with no site needed and says what is wrong, where, why, and what to do.

use crate::cli::{Format, Shell};
use crate::documents::csv_order::{self, CsvIndex, CsvLimits};
use crate::documents::{pos_sale, posted_invoice};
use crate::domain::Text;
use crate::domain::diagnostic::{Diagnostic, Severity};
use crate::domain::partner::{CsvLayout, OrderSettings, PartnerProfile};
use crate::pipeline::check::{check_set, settle_columns, settle_envelope};
use crate::run::Source;
use crate::run::looks_like_x12;
use crate::site::partner_profile;
use crate::x12::envelope::{self, FileIndex, Group, Interchange, Limits};
use crate::x12::excerpt::{self, Context, Tally};
use crate::x12::foreign;
use crate::x12::lexer::{Separators, unwrap_lines};
use anyhow::{Context as _, Result};
use rayon::prelude::*;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// So many sets are in work at once.
const BATCH: usize = 256;
/// Bytes around a finding that its excerpt is cut from.
const AROUND: u64 = 4_096;

/// What --help says beyond the list of options.
const AFTER_HELP: &str = "\
Each finding is shown with its place, the piece of the file, what was found, the likely cause, what to do, and the code of
the 997. What has one cause is one finding. Of findings of one kind (the same rule at the same element) the first five of a
file are shown and the rest is one line with their number; --format json lists them all. On a terminal the text is coloured
unless NO_COLOR is set.

Exit codes: 0 clean, 1 findings, 2 unreadable.";

#[derive(Debug, clap::Args)]
#[command(after_long_help = AFTER_HELP)]
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
    /// `x12`, `csv_orders`, `posted_invoices`, `pos_sales`, `other`, or `unreadable`.
    kind: &'static str,
    interchanges: usize,
    groups: usize,
    /// Transaction sets by ST01.
    sets: BTreeMap<Text, u64>,
    /// PO1, IT1, POC, or CSV rows.
    lines: u64,
    errors: usize,
    warnings: usize,
    /// Why an unreadable file could not be read.
    #[serde(skip_serializing_if = "String::is_empty")]
    error: String,
    findings: Vec<Diagnostic>,
    /// Where each interchange begins and how its segments end, for the excerpts.
    #[serde(skip)]
    separators: Vec<(u64, Separators)>,
}

pub(super) fn check(shell: &Shell, args: &CheckArgs) -> Result<u8> {
    let profile = args.profile.as_deref().map(partner_profile::load_one).transpose()?;
    let (mut worst, mut all) = (0, Vec::new());
    for file in &args.files {
        let code = match one(file, profile.as_ref()) {
            Ok((checked, text)) => {
                let code = u8::from(checked.errors + checked.warnings > 0);
                if shell.format == Format::Text {
                    shell.print_findings(&text)?;
                }
                all.push(checked);
                code
            }
            Err(error) => {
                tracing::error!("{}: {error:#}", file.display());
                all.push(Checked {
                    file: file.display().to_string(),
                    kind: "unreadable",
                    error: format!("{error:#}"),
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
    if let Some(kind) = foreign::recognize(&head) {
        checked.kind = "other";
        checked.findings.push(foreign::finding(&head, kind));
    } else if looks_like_x12(&head) || !looks_like_csv(&head) {
        let mut index = envelope::scan(source.reader()?, &Limits::default())?;
        for interchange in &mut index.interchanges {
            let head = source.read(interchange.offset, interchange.length.min(AROUND))?;
            settle_envelope(interchange, &head);
        }
        check_x12(&mut checked, &source, &index)?;
    } else {
        check_csv(&mut checked, &source, &head, profile)?;
        settle_columns(&mut checked.findings);
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
        checked.separators.push((interchange.offset, interchange.separators));
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
                    sets.par_iter().map(|set| findings(source, interchange, group, set)).collect();
                checked.findings.extend(found?.into_iter().flatten());
            }
        }
    }
    Ok(())
}

fn findings(
    source: &Source,
    interchange: &Interchange,
    group: &Group,
    set: &envelope::Set,
) -> Result<Vec<Diagnostic>> {
    let mut bytes = source.read(set.offset, set.length)?;
    if interchange.wrapped {
        unwrap_lines(bytes.to_mut());
    }
    let mut found = check_set(&bytes, interchange.separators, &group.version, set, &Limits::default());
    for finding in &mut found {
        finding.at.interchange.clone_from(&interchange.header.control);
        finding.at.group.clone_from(&group.control);
    }
    Ok(found)
}

/// Whether a file that is no X12 may be CSV: UTF-16 by its mark, else a header without control characters. What is damaged
/// further on is told by its place.
fn looks_like_csv(head: &[u8]) -> bool {
    let header = head.split(|byte| *byte == b'\n').find(|line| !line.trim_ascii().is_empty());
    head.starts_with(b"\xff\xfe")
        || head.starts_with(b"\xfe\xff")
        || header.is_some_and(|header| !header.iter().any(|byte| *byte < b' ' && !b"\t\r".contains(byte)))
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
    let mut tally = Tally::default();
    for finding in checked.findings.iter().filter(|finding| tally.admits(finding)) {
        let at = finding.at.offset;
        let start = at.saturating_sub(AROUND);
        let end = at.saturating_add(u64::from(finding.at.length)).saturating_add(AROUND).min(source.length);
        let bytes = source.read(start, end.saturating_sub(start)).context("read the excerpt")?;
        let before = checked.separators.partition_point(|(offset, _)| *offset <= at);
        let separators = before.checked_sub(1).and_then(|last| checked.separators.get(last));
        let context = Context::around(&bytes, start, at, separators.map(|(_, separators)| *separators));
        out += &excerpt::render(finding, &checked.file, context.filter(|context| !context.is_empty()));
        out.push('\n');
    }
    let rest = tally.rest();
    if !rest.is_empty() {
        out += &(rest + "\n");
    }
    let Checked { file, lines, errors, warnings, .. } = checked;
    let content = match checked.kind {
        "x12" => {
            let mut parts = vec![
                counted(checked.interchanges as u64, "interchange"),
                counted(checked.groups as u64, "group"),
            ];
            parts.extend(checked.sets.iter().map(|(id, count)| format!("{count} x {id}")));
            parts.join(", ")
        }
        "other" => "neither X12 nor CSV".to_owned(),
        kind => kind.replace('_', " "),
    };
    let (lines, errors, warnings) =
        (counted(*lines, "line"), counted(*errors as u64, "error"), counted(*warnings as u64, "warning"));
    out += &format!("{file}: {content}, {lines}: {errors}, {warnings}\n");
    Ok(out)
}

fn counted(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}
