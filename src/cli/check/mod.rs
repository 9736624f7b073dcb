//! `check`: reads X12 or CSV with no site needed and says what is wrong, where, why, and what to do.

mod csv;
mod output;
mod x12;

use crate::cli::Shell;
use crate::domain::Text;
use crate::domain::partner::PartnerProfile;
use crate::run::looks_like_x12;
use crate::run::{Source, Unpacking};
use crate::site::config::GzLimits;
use crate::site::partner_profile;
use crate::x12::foreign;
use anyhow::Result;
use output::Output;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What --help says beyond the list of options.
const AFTER_HELP: &str = "\
Each finding is shown with its place, the piece of the file, what was found, the likely cause, what to do, and the code of \
the 997. What has one cause is one finding. Of findings of one kind (the same rule at the same element) the first five of a \
file are shown and the rest is one line with their number; --format json lists them all. On a terminal the text is coloured \
unless NO_COLOR is set. Files are read piece by piece, whatever their \
size; a file compressed with gzip is read as its content.

Exit codes: 0 nothing wrong, 1 errors or warnings (notes are told and do not count), 2 a file could not be read.";

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

/// What one file came to. Its findings are told as they are found and not kept.
#[derive(Debug, Default, Serialize)]
struct Summary {
    /// `x12`, `csv_orders`, `posted_invoices`, `pos_sales`, `other`, or `unreadable`.
    kind: &'static str,
    interchanges: u64,
    groups: u64,
    /// Transaction sets by ST01.
    sets: BTreeMap<Text, u64>,
    /// PO1, IT1, POC, or CSV rows.
    lines: u64,
    errors: u64,
    warnings: u64,
    /// Why an unreadable file could not be read.
    #[serde(skip_serializing_if = "String::is_empty")]
    error: String,
}

pub(super) fn check(shell: &Shell, args: &CheckArgs) -> Result<u8> {
    let profile = args.profile.as_deref().map(partner_profile::load_one).transpose()?;
    let mut output = Output::new(shell);
    let mut worst = 0;
    for path in &args.files {
        let file = path.display().to_string();
        output.begin(&file)?;
        let mut summary = Summary::default();
        let code = match one(path, profile.as_ref(), &mut summary, &mut output) {
            Ok(()) => u8::from(output.counts() != (0, 0)),
            Err(error) => {
                output.flush()?;
                tracing::error!("{file}: {error:#}");
                (summary.kind, summary.error) = ("unreadable", format!("{error:#}"));
                2
            }
        };
        output.end(summary)?;
        worst = worst.max(code);
    }
    output.finish()?;
    Ok(worst)
}

fn one(
    path: &Path,
    profile: Option<&PartnerProfile>,
    summary: &mut Summary,
    output: &mut Output<'_>,
) -> Result<()> {
    let (folder, limits) = (std::env::temp_dir(), GzLimits::default());
    let (source, packed) = Source::open_content(path, Unpacking { folder: &folder, limits: &limits })?;
    if let Some(why) = packed {
        summary.kind = "other";
        return csv::tell(&[why], &source, output);
    }
    let head = source.read(0, source.length.min(4_096))?;
    if csv::looks_like_invoices(&head) {
        csv::check(&source, &head, profile, summary, output)
    } else if let Some(kind) = foreign::recognize(&head) {
        summary.kind = "other";
        csv::tell(&[foreign::finding(&head, kind)], &source, output)
    } else if looks_like_x12(&head) || !csv::looks_like_csv(&head) {
        x12::check(&source, summary, output)
    } else {
        csv::check(&source, &head, profile, summary, output)
    }
}
