//! `check` of a CSV file: what its header says it is, read as the night would read it.

use super::Summary;
use super::output::{Output, Told};
use crate::documents::csv_order::{self, CsvIndex, CsvLimits};
use crate::documents::pos_sale;
use crate::documents::posted_invoice::{Format, Stream};
use crate::domain::diagnostic::{Diagnostic, Severity};
use crate::domain::partner::{CsvLayout, OrderSettings, PartnerProfile, Separator};
use crate::pipeline::check::settle_columns;
use crate::run::Source;
use anyhow::Result;

/// Whether a file that is no X12 may be CSV: UTF-16 by its mark, else a header without control characters. What is damaged
/// further on is told by its place.
pub(super) fn looks_like_csv(head: &[u8]) -> bool {
    let header = head.split(|byte| *byte == b'\n').find(|line| !line.trim_ascii().is_empty());
    head.starts_with(b"\xff\xfe")
        || head.starts_with(b"\xfe\xff")
        || header.is_some_and(|header| !header.iter().any(|byte| *byte < b' ' && !b"\t\r".contains(byte)))
}

/// Whether these are posted invoices as JSON lines.
pub(super) fn looks_like_invoices(head: &[u8]) -> bool {
    Format::of(head) == Format::Json && head.windows(16).any(|piece| piece == b"\"invoice_number\"")
}

/// The header tells what a CSV file is; what it does not tell is taken for orders.
pub(super) fn check(
    source: &Source,
    head: &[u8],
    profile: Option<&PartnerProfile>,
    summary: &mut Summary,
    output: &mut Output<'_>,
) -> Result<()> {
    let header = String::from_utf8_lossy(head);
    let names = header.lines().next().unwrap_or_default().to_lowercase();
    if profile.is_none() && names.contains("invoice_number") {
        return invoices(source, head, summary, output);
    }
    if profile.is_none() && names.contains("receipt") && names.contains("paid") {
        let (sales, mut findings) = pos_sale::survey(source.reader()?)?;
        settle_columns(&mut findings);
        (summary.kind, summary.lines) = ("pos_sales", sales);
        return tell(&findings, source, output);
    }
    summary.kind = "csv_orders";
    let settings = profile.map(|profile| profile.orders.clone()).unwrap_or_default();
    let layout = settings
        .csv
        .clone()
        .unwrap_or_else(|| CsvLayout { delimiter: guess(&names), ..CsvLayout::default() });
    let index = csv_order::scan(source.reader()?, &layout, &CsvLimits::default())?;
    summary.lines = index.rows;
    orders(source, &index, &layout, &settings, output)
}

/// Posted invoices, told as the night would read them: one after the other.
fn invoices(source: &Source, head: &[u8], summary: &mut Summary, output: &mut Output<'_>) -> Result<()> {
    summary.kind = "posted_invoices";
    let format = Format::of(head);
    let (mut stream, mut findings) = Stream::open(source.reader()?, source.reader()?, format)?;
    settle_columns(&mut findings);
    tell(&findings, source, output)?;
    if findings.iter().any(|found| found.severity == Severity::Error) {
        return Ok(());
    }
    while let Some((_, posted)) = stream.next_invoice()? {
        let findings = match posted {
            Ok((_, warnings)) => warnings,
            Err(rejected) => rejected.diagnostics,
        };
        tell(&findings, source, output)?;
    }
    summary.lines = stream.rows();
    Ok(())
}

fn orders(
    source: &Source,
    index: &CsvIndex,
    layout: &CsvLayout,
    settings: &OrderSettings,
    output: &mut Output<'_>,
) -> Result<()> {
    let mut findings = index.diagnostics.clone();
    settle_columns(&mut findings);
    tell(&findings, source, output)?;
    for order in &index.orders {
        let runs = index.runs(order);
        let pieces: Result<Vec<_>> = runs.iter().map(|run| source.read(run.offset, run.length)).collect();
        let pieces = pieces?;
        let pieces: Vec<&[u8]> = pieces.iter().map(AsRef::as_ref).collect();
        tell(&csv_order::read(&index.header, runs, &pieces, layout, settings).1, source, output)?;
    }
    Ok(())
}

pub(super) fn tell(findings: &[Diagnostic], source: &Source, output: &mut Output<'_>) -> Result<()> {
    for finding in findings {
        let mut told = Told::default();
        told.add_from(output.style(), finding, source, None)?;
        output.append(&told)?;
    }
    Ok(())
}

/// The delimiter that the header has most of.
fn guess(header: &str) -> Separator {
    let count = |byte: &u8| header.bytes().filter(|other| other == byte).count();
    Separator(*b",;\t|".iter().max_by_key(|byte| (count(byte), **byte == b',')).unwrap_or(&b','))
}
