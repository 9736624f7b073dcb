//! `xref import`: files into the cross-reference, all or nothing, with the rows that are refused beside each.

use crate::cli::problems::ProblemFile;
use crate::cli::xref::apply::{Attempt, Job, Refused, attempt};
use crate::cli::xref::{instant, open, preview};
use crate::cli::{Format, Shell, render};
use crate::domain::Date;
use crate::report::table::guarded;
use crate::site::config;
use crate::site::folders::lock;
use crate::site::masters::xref_file::XrefFile;
use crate::store::Store;
use crate::store::xrefs::{XrefCounts, XrefSignature, XrefSource};
use crate::xref::import::Known;
use anyhow::{Context as _, Result, bail};
use serde::Serialize;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ImportArgs {
    /// CSV files; each is taken by itself.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Who signs for it; your user name if you say nothing.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// Why it is done, for the history.
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
    /// Apply the rows that are sound and leave out the others, instead of all or nothing.
    #[arg(long)]
    partial: bool,
    /// The file is all there is to say: what earlier imports said of this customer (a customer, group:NAME or *) and it
    /// does not, ends; and its blanks are blanks.
    #[arg(long, value_name = "CUSTOMER", conflicts_with = "partial")]
    replace: Option<String>,
    /// Change nothing; show which orders, lines and amounts would become something else.
    #[arg(long)]
    preview: bool,
    /// How many days of orders the preview resolves again.
    #[arg(long, value_name = "N", default_value_t = 30, requires = "preview")]
    days: u32,
    /// The last of these days, instead of today.
    #[arg(long, value_name = "DATE", requires = "preview")]
    date: Option<Date>,
    /// Wait for a run that is under way, instead of giving up.
    #[arg(long)]
    wait: bool,
}

/// What is told of one file.
#[derive(Debug, Serialize)]
struct Told {
    file: String,
    rows: u64,
    added: u64,
    changed: u64,
    unchanged: u64,
    ended: u64,
    rejected: usize,
    /// Whether the store has it now.
    applied: bool,
    /// Where the rejected rows are.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem_file: Option<String>,
    /// The first of them.
    problems: Vec<Problem>,
    #[serde(skip_serializing_if = "Option::is_none")]
    preview: Option<preview::Preview>,
}

#[derive(Debug, Serialize)]
struct Problem {
    row: u64,
    problem: String,
}

/// So many problems are told; the file has all.
const PROBLEMS_TOLD: usize = 10;

pub(super) fn import(shell: &Shell, args: &ImportArgs) -> Result<u8> {
    let by = match &args.by {
        Some(by) => by.clone(),
        // nothing is written, so nobody must sign
        None if args.preview => "preview".to_owned(),
        None => instant::user()?,
    };
    // a folder that is no site must not become one
    config::load(&shell.site)?;
    let mut lock = lock(&shell.site, args.wait)?;
    lock.note("an import of cross-references")?;
    let mut store = open(shell)?;
    let known = {
        let masters = store.read()?.masters_without_xrefs(None)?;
        Known::new(masters.items, &masters.customers)
    };
    if known.items.is_empty() {
        bail!(
            "the store has no items yet: a run reads masters/items.csv, and then numbers can be mapped to them"
        );
    }
    let mut told = Vec::new();
    for file in &args.files {
        let by = XrefSignature {
            source: XrefSource::Import,
            decided_by: by.as_str().into(),
            reason: args.reason.as_str().into(),
            origin: file.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned()).into(),
            now: instant::now().0,
        };
        let job = Job { path: file, known: &known, by: &by, replace: args.replace.as_deref() };
        told.push(one(shell, store.as_mut(), &job, args).with_context(|| file.display().to_string())?);
    }
    match shell.format {
        Format::Json => shell.json(&told)?,
        Format::Text => shell.print(&told.iter().map(text).collect::<String>())?,
    }
    Ok(u8::from(told.iter().any(|told| told.rejected > 0)))
}

fn one(shell: &Shell, store: &mut dyn Store, job: &Job<'_>, args: &ImportArgs) -> Result<Told> {
    let mut refused = Refused::new();
    loop {
        let mut work = store.begin()?;
        let Attempt { at, rows, counts, refused: unsound, clashes } = attempt(&mut *work, job, &refused)?;
        let again = args.partial && !clashes.is_empty();
        refused.extend(unsound);
        refused.extend(clashes);
        if again {
            // what was refused was applied: the rest once more without it
            continue;
        }
        let applies = refused.is_empty() || args.partial;
        if args.preview {
            let preview = applies.then(|| {
                let today = args.date.unwrap_or_else(|| instant::now().1);
                preview::preview(shell, &mut *work, at, today, args.days)
            });
            return Ok(tell(job.path, rows, counts, &refused, false, None, preview.transpose()?));
        }
        if applies {
            work.commit()?;
        }
        let beside = write_refused(job.path, &refused, applies)?;
        return Ok(tell(job.path, rows, counts, &refused, applies, beside, None));
    }
}

fn tell(
    path: &Path,
    rows: u64,
    counts: XrefCounts,
    refused: &Refused,
    applied: bool,
    beside: Option<PathBuf>,
    preview: Option<preview::Preview>,
) -> Told {
    let problem = |(row, problems): (&u64, &crate::site::masters::xref_file::RowProblems)| Problem {
        row: *row,
        problem: problems.problems.join("; "),
    };
    Told {
        file: path.display().to_string(),
        rows,
        added: counts.added,
        changed: counts.changed,
        unchanged: counts.unchanged,
        ended: counts.ended,
        rejected: refused.len(),
        applied,
        problem_file: beside.map(|path| path.display().to_string()),
        problems: refused.iter().take(PROBLEMS_TOLD).map(problem).collect(),
        preview,
    }
}

/// The refused rows as they were, with what is wrong, in FILE.problems.csv; one that an earlier attempt left goes.
fn write_refused(path: &Path, refused: &Refused, applied: bool) -> Result<Option<PathBuf>> {
    let beside = ProblemFile::of(path);
    if refused.is_empty() {
        beside.withdraw()?;
        return Ok(None);
    }
    let mut file = XrefFile::open(path)?;
    let mut out = beside.begin(file.delimiter(), file.header())?;
    let mut row = 0;
    while file.next_draft()?.is_some() {
        row += 1;
        let problems = refused.get(&row);
        if beside.has(problems.is_some(), applied) {
            let problem = problems.map(|problems| problems.problems.join("; ")).unwrap_or_default();
            out.write(file.cells().chain([problem.as_str()]).map(|cell| guarded(cell).into_owned()))?;
        }
    }
    out.finish().map(Some)
}

fn text(told: &Told) -> String {
    let mut out = format!(
        "{}: {} rows: {} added, {} changed, {} unchanged, {} ended, {} rejected\n",
        told.file, told.rows, told.added, told.changed, told.unchanged, told.ended, told.rejected
    );
    if told.rejected > 0 {
        let rows: Vec<Vec<String>> = told
            .problems
            .iter()
            .map(|problem| vec![problem.row.to_string(), problem.problem.clone()])
            .collect();
        out += &render::simple(&["row", "problem"], &rows, &[0], render::terminal_width());
        if told.rejected > told.problems.len() {
            out += &format!("and {} rows more\n", told.rejected - told.problems.len());
        }
    }
    out + &match (&told.preview, &told.problem_file) {
        (Some(preview), _) => preview.text(),
        (None, Some(beside)) if told.applied => {
            format!("the other rows are applied; mend {beside} and import it\n")
        }
        (None, Some(beside)) => {
            format!("nothing is applied; mend the file ({beside} names every row), or use --partial\n")
        }
        (None, None) if told.rejected > 0 => "it would not be applied, so nothing would change\n".to_owned(),
        (None, None) => String::new(),
    }
}
