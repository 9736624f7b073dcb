//! `ledger import`: what was sold before, from CSV files: all or nothing, once only, every refused row with its reason.

use crate::cli::edited::{EditedFile, FileRow};
use crate::cli::ledger::add::{Judged, counted, judge};
use crate::cli::ledger::import_file::{LAYOUT, Values, passed_over};
use crate::cli::ledger::{Desk, SignArgs, open_desk, refused_by_masters, stale_masters, today};
use crate::cli::problems::ProblemFile;
use crate::cli::xref::instant;
use crate::cli::{Format, Shell, render};
use crate::domain::Text;
use crate::domain::catalog::Catalog;
use crate::domain::customer_item::CustomerItemEvent;
use crate::domain::rules::ledger::LEDGER_AHEAD as AHEAD;
use crate::ledger::change::Signature;
use crate::ledger::post::{HandSale, escaped};
use crate::report::table::guarded;
use crate::site::config;
use anyhow::{Context as _, Result};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub(super) const HELP: &str = "Columns: customer, item and date (of the sale, YYYY-MM-DD), which must be there; serials (| between, SN*QTY for \
lots) or serial, quantity (in the item's own unit; as many as there are serials, or 1), document, line, purchase_date, ship_date, \
po_number, unit_price, warranty_start, warranty_end, service_due; and the extra fields of the types by their names. Others are \
passed over, and named. Comma, semicolon, tab or bar; UTF-8, Latin-1 or UTF-16 with its mark.

A row is known by its customer, document, line, item and serials, or by its day where it has no document: the same file again adds \
nothing. Of rows without serials that are alike in all of that the first, the second and so on of a file are the same ones again.

All or nothing: where a row is refused nothing is added, and FILE.problems.csv beside the file has the refused rows as they were, and \
why.

Exit codes: 0 done, 1 rows were refused, 2 could not run.";

/// So many problems are told; the file has all.
const PROBLEMS_TOLD: usize = 10;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ImportArgs {
    /// CSV files; each is taken by itself.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Who signs for it; your user name if you say nothing.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// Why, for the history.
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
    /// Change nothing; show what would be added.
    #[arg(long)]
    dry_run: bool,
    /// Wait for a run that is under way, instead of giving up.
    #[arg(long)]
    wait: bool,
}

impl ImportArgs {
    /// `ledger add --from FILE`.
    pub(super) fn from_add(file: &Path, sign: &SignArgs) -> Self {
        Self {
            files: vec![file.to_owned()],
            by: sign.by.clone(),
            reason: sign.reason.clone(),
            dry_run: sign.dry_run,
            wait: sign.wait,
        }
    }

    fn signature(&self) -> Result<Signature> {
        let sign = SignArgs {
            by: self.by.clone(),
            reason: self.reason.clone(),
            date: None,
            document: Text::default(),
            dry_run: self.dry_run,
            wait: self.wait,
        };
        sign.signature()
    }
}

/// What is told of one file.
#[derive(Debug, Serialize)]
struct Told {
    file: String,
    rows: usize,
    /// Rows that are new, and the entries that they make.
    added: usize,
    entries: usize,
    unchanged: usize,
    rejected: usize,
    /// Whether the store has it now.
    applied: bool,
    /// Columns that nothing is read from.
    passed_over: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem_file: Option<String>,
    /// The first of them.
    problems: Vec<Problem>,
    /// Whether the masters refuse a row.
    #[serde(skip)]
    by_masters: bool,
}

#[derive(Debug, Clone, Serialize)]
struct Problem {
    row: u64,
    problem: String,
}

pub(super) fn import(shell: &Shell, args: &ImportArgs) -> Result<u8> {
    let signature = args.signature()?;
    let types = config::load(&shell.site)?.customer_item_types;
    let mut fields: Vec<Text> =
        types.iter().flat_map(|kind| &kind.fields).map(|field| field.name.clone()).collect();
    fields.sort_unstable();
    fields.dedup();
    let mut desk = open_desk(shell, args.wait)?;
    let mut told = Vec::new();
    for path in &args.files {
        told.push(
            one(&mut desk, path, &fields, &signature, args.dry_run)
                .with_context(|| path.display().to_string())?,
        );
    }
    let note = if told.iter().any(|told| told.by_masters) { stale_masters(shell)? } else { None };
    match shell.format {
        Format::Json => shell.json(&told)?,
        Format::Text => {
            let said: String = told.iter().map(|told| text(told, args.dry_run)).collect();
            shell.print(&(said + &note.map_or(String::new(), |note| format!("{note}\n"))))?;
        }
    }
    Ok(u8::from(told.iter().any(|told| told.rejected > 0)))
}

fn one(desk: &mut Desk, path: &Path, fields: &[Text], signature: &Signature, dry_run: bool) -> Result<Told> {
    let file = EditedFile::read(path, &LAYOUT)?;
    let mut work = desk.store.begin()?;
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    let void = work.voided_ledger_keys()?.into_iter().collect();
    let (mut added, mut entries, mut unchanged, mut by_masters) = (0, 0, 0, false);
    let mut problems: Vec<Problem> = Vec::new();
    let today = today(&mut *work)?;
    for row in &file.rows {
        let (sale, mut wrong) = read(&file, row, fields, signature, &desk.catalog, &mut seen);
        if sale.date > today {
            wrong
                .push(format!("error[{}]: {}: {}, and today is {today}", AHEAD.code, AHEAD.title, sale.date));
        }
        let why = if wrong.is_empty() {
            match judge(&mut *work, &desk.catalog, &void, &sale, true)? {
                Judged::New(events) => {
                    added += 1;
                    entries += put(&mut *work, &events)?;
                    continue;
                }
                Judged::Already(_) => {
                    unchanged += 1;
                    continue;
                }
                Judged::Refused(why) => {
                    by_masters |= why.iter().any(refused_by_masters);
                    why.iter().map(ToString::to_string).collect()
                }
            }
        } else {
            wrong
        };
        problems.push(Problem { row: row.number, problem: why.join("; ") });
    }
    let applied = problems.is_empty() && !dry_run;
    if applied {
        work.commit()?;
    }
    let beside = if dry_run { None } else { write_refused(path, &file, &problems)? };
    Ok(Told {
        file: path.display().to_string(),
        rows: file.rows.len(),
        added,
        entries,
        unchanged,
        rejected: problems.len(),
        applied,
        passed_over: passed_over(&file, fields).into_iter().map(str::to_owned).collect(),
        problem_file: beside.map(|path| path.display().to_string()),
        problems: problems.into_iter().take(PROBLEMS_TOLD).collect(),
        by_masters,
    })
}

/// Into the open transaction, so that later rows of the file see it.
fn put(work: &mut dyn crate::store::Transaction, events: &[CustomerItemEvent]) -> Result<usize> {
    Ok(work.add_customer_item_events("", events, instant::now().0)? as usize)
}

/// The row as a sale, and what cannot be read of it.
fn read(
    file: &EditedFile,
    row: &FileRow,
    fields: &[Text],
    signature: &Signature,
    catalog: &Catalog,
    seen: &mut BTreeMap<String, u32>,
) -> (HandSale, Vec<String>) {
    let mut values = Values::of(file, row);
    let (customer, item) = (values.required("customer"), values.required("item"));
    values.required("date");
    let date = values.date("date").unwrap_or_default();
    let serials = values.serials();
    let quantity = values.amount("quantity").unwrap_or_else(|| counted(catalog, &item, &serials));
    let (document, line) = (values.text("document"), values.line());
    let mut key = format!("import/{}/{}", escaped(&customer), escaped(&document));
    key +=
        &line.map_or_else(|| format!("//{}", escaped(&item)), |line| format!("/{line}/{}", escaped(&item)));
    if document.is_empty() {
        key += &format!("/{date}");
    }
    if serials.is_empty() {
        let nth = seen.entry(key.clone()).or_default();
        *nth += 1;
        key += &format!("/#{nth}");
    } else {
        key += &format!("/{}", escaped(&serials.join("|")));
    }
    let (warranty_start, warranty_end) = (values.date("warranty_start"), values.date("warranty_end"));
    if let (Some(first), Some(last)) = (warranty_start, warranty_end)
        && first > last
    {
        values.problems.push(format!("warranty_end: {last} is before warranty_start {first}"));
    }
    let sale = HandSale {
        source: "import",
        key: key.into(),
        customer,
        item,
        quantity,
        serials,
        unit_price: values.amount("unit_price"),
        date,
        purchase_date: values.date("purchase_date"),
        ship_date: values.date("ship_date"),
        document,
        line: line.unwrap_or_default(),
        po_number: values.text("po_number"),
        warranty_start,
        warranty_end,
        service_due: values.date("service_due"),
        extra: fields.iter().map(|name| (name.clone(), values.text(name))).collect(),
        by: signature.by.clone(),
        reason: signature.reason.clone(),
        row: row.number,
    };
    (sale, values.problems)
}

/// The refused rows as they were, with what is wrong, in FILE.problems.csv; one that an earlier attempt left goes.
fn write_refused(path: &Path, file: &EditedFile, problems: &[Problem]) -> Result<Option<PathBuf>> {
    let beside = ProblemFile::of(path);
    if problems.is_empty() {
        beside.withdraw()?;
        return Ok(None);
    }
    let mut out = beside.begin(file.delimiter, file.header.iter().map(String::as_str))?;
    let mut refused = problems.iter().peekable();
    for row in &file.rows {
        let problem = refused.next_if(|problem| problem.row == row.number);
        if beside.has(problem.is_some(), false) {
            let problem = problem.map_or("", |problem| problem.problem.as_str());
            let cells = row.cells.iter().map(String::as_str).chain([problem]);
            out.write(cells.map(|cell| guarded(cell).into_owned()))?;
        }
    }
    out.finish().map(Some)
}

fn text(told: &Told, dry_run: bool) -> String {
    let Told { file, rows, added, entries, unchanged, rejected, .. } = told;
    let mut out = format!(
        "{file}: {rows} rows: {added} new ({entries} entries), {unchanged} unchanged, {rejected} rejected\n"
    );
    if !told.passed_over.is_empty() {
        out += &format!("columns passed over: {}\n", told.passed_over.join(", "));
    }
    if *rejected > 0 {
        let rows: Vec<Vec<String>> = told
            .problems
            .iter()
            .map(|problem| vec![problem.row.to_string(), problem.problem.clone()])
            .collect();
        out += &render::simple(&["row", "problem"], &rows, &[0], render::terminal_width());
    }
    out + &match &told.problem_file {
        Some(beside) => format!("nothing is added; mend the file ({beside} names every row)\n"),
        None if dry_run => "nothing is added: this was a dry run\n".to_owned(),
        None => String::new(),
    }
}
