//! `worklist apply`: the decisions of a file into the store, all or nothing, with the refused rows beside the file.

use crate::cli::edited::EditedFile;
use crate::cli::problems::ProblemFile;
use crate::cli::worklist::file::{LAYOUT, protected};
use crate::cli::worklist::judge::{Decided, Decision, Judge};
use crate::cli::worklist::{changes, invoices};
use crate::cli::xref::{instant, open};
use crate::cli::{Format, Shell, release, render};
use crate::domain::item::{Customer, Xref};
use crate::domain::{Date, Text};
use crate::report::causes::{Cause, gather};
use crate::run::Options;
use crate::run::night::Stage;
use crate::run::release::preview::{Preview, preview};
use crate::site::config;
use crate::site::folders::lock;
use crate::store::xrefs::{XrefChange, XrefEffect, XrefSignature, XrefSource, change_xrefs, counting};
use crate::store::{CauseDecision, ExceptionRow, Micros, Transaction};
use crate::xref::import::Known;
use anyhow::Result;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ApplyArgs {
    /// A file of `worklist export` with decisions in it.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Who signs the rows that name nobody; your user name if you say nothing.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// Why, for the rows that give no reason.
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
    /// Say what would be applied and refused, and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Apply the rows that are sound and leave out the others, instead of all or nothing.
    #[arg(long)]
    partial: bool,
    /// The business date, for `ignore_until` and for what a release would send, instead of today.
    #[arg(long, value_name = "DATE")]
    date: Option<Date>,
    /// Wait for a run that is under way, instead of giving up.
    #[arg(long)]
    wait: bool,
}

/// So many refused rows are told; the file has all.
const PROBLEMS_TOLD: usize = 10;

/// Refused rows, by their number.
type Refused = BTreeMap<u64, Vec<String>>;

#[derive(Debug, Default, Serialize)]
struct Told {
    file: String,
    rows: u64,
    mapped: u64,
    rejected: u64,
    ignored: u64,
    /// Invoices that may go out, or are dropped.
    invoices: u64,
    /// Changes of orders that are applied, refused or done by hand.
    changes: u64,
    /// Decisions that stood already.
    unchanged: u64,
    /// Rows without a decision.
    passed_over: u64,
    refused: usize,
    applied: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem_file: Option<String>,
    /// The first of the refused rows.
    problems: Vec<Problem>,
    /// What a release would do now; not there where nothing was applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    release: Option<Preview>,
}

#[derive(Debug, Serialize)]
struct Problem {
    row: u64,
    problem: String,
}

pub(super) fn apply(shell: &Shell, args: &ApplyArgs) -> Result<u8> {
    // a folder that is no site must not become one
    config::load(&shell.site)?;
    let file = EditedFile::read(&args.file, &LAYOUT)?;
    let mut told = decide(shell, args, &file)?;
    if told.applied {
        let options = Options {
            date: args.date,
            only: Some(Stage::Release),
            wait: args.wait,
            store: shell.store.clone(),
            ..Options::default()
        };
        told.release = Some(preview(&shell.site, &options)?);
    }
    match shell.format {
        Format::Json => shell.json(&told)?,
        Format::Text => shell.print(&text(&told, args.dry_run))?,
    }
    Ok(u8::from(told.refused > 0))
}

/// Everything that is done under the site's lock.
fn decide(shell: &Shell, args: &ApplyArgs, file: &EditedFile) -> Result<Told> {
    let by = match &args.by {
        Some(by) => by.trim().to_owned(),
        None => instant::user().unwrap_or_default(),
    };
    let mut lock = lock(&shell.site, args.wait)?;
    lock.note("decisions of a worklist")?;
    let mut store = open(shell)?;
    let (now, day) = instant::now();
    let today = args.date.unwrap_or(day);
    let obstacles = invoices::obstacles(shell, file, store.as_mut(), (today, now))?;
    let mut work = store.begin()?;
    let masters = work.masters_without_xrefs(None)?;
    let known = Known::new(masters.items, &masters.customers);
    let judge = Judge { known: &known, by: &by, reason: &args.reason, today };
    let mut applying = Applying {
        judge: &judge,
        open: Open::read(&mut *work, &masters.customers, today)?,
        origin: args.file.file_name().map_or_else(Text::default, |name| name.to_string_lossy().into()),
        now,
        obstacles,
        seen: BTreeMap::new(),
        xrefs: BTreeMap::new(),
        refused: Refused::new(),
        told: Told::default(),
    };
    applying.take(&mut *work, file)?;
    let Applying { refused, mut told, .. } = applying;
    told.file = args.file.display().to_string();
    told.refused = refused.len();
    let problem = |(row, problems): (&u64, &Vec<String>)| Problem { row: *row, problem: problems.join("; ") };
    told.problems = refused.iter().take(PROBLEMS_TOLD).map(problem).collect();
    if args.dry_run {
        return Ok(told);
    }
    told.applied = refused.is_empty() || args.partial;
    if told.applied {
        work.commit()?;
    }
    let beside = write_refused(&args.file, file, &refused, told.applied)?;
    told.problem_file = beside.map(|path| path.display().to_string());
    Ok(told)
}

/// What is open, and what of it nobody has decided.
#[derive(Debug)]
struct Open {
    causes: BTreeMap<Text, Cause>,
    undecided: BTreeSet<Text>,
    rows: Vec<ExceptionRow>,
}

impl Open {
    fn read(work: &mut dyn Transaction, customers: &[Customer], today: Date) -> Result<Self> {
        let open = work.open_exceptions()?;
        let causes = gather(work, &open, customers)?;
        let undecided = work.undecided_exceptions(today)?;
        Ok(Self {
            causes: causes.into_iter().map(|cause| (cause.id.clone(), cause)).collect(),
            undecided: undecided.into_iter().map(|row| row.cause).collect(),
            rows: open,
        })
    }
}

struct Applying<'a> {
    judge: &'a Judge<'a>,
    open: Open,
    origin: Text,
    now: Micros,
    /// Invoices that cannot go out, and why.
    obstacles: BTreeMap<Text, String>,
    /// The row that decided a cause first.
    seen: BTreeMap<Text, u64>,
    /// Rows of the cross-reference that this file asks for, by customer, ship-to and number.
    xrefs: BTreeMap<[Text; 3], Vec<(u64, Xref)>>,
    refused: Refused,
    told: Told,
}

impl Applying<'_> {
    fn take(&mut self, work: &mut dyn Transaction, file: &EditedFile) -> Result<()> {
        let mut sound = Vec::new();
        for row in &file.rows {
            self.told.rows += 1;
            let cause = self.open.causes.get(file.cell(row, "cause"));
            let last = work.cause_decision(file.cell(row, "cause"))?.map(|last| last.terms);
            match self.judge.judge(file, row, cause, last.as_deref()) {
                Ok(None) => self.told.passed_over += 1,
                Err(problems) => {
                    self.refused.insert(row.number, problems);
                }
                Ok(Some(decided)) => sound.push(decided),
            }
        }
        // by signature, so that each change set has one; within it in the order of the file
        let mut changes: BTreeMap<(Text, Text), Vec<XrefChange>> = BTreeMap::new();
        for decided in sound {
            if let Some(problem) = self.problem(work, &decided)? {
                self.refused.insert(decided.row, vec![problem]);
                continue;
            }
            self.decide(work, decided, &mut changes)?;
        }
        for ((decided_by, reason), changes) in changes {
            let by = XrefSignature {
                source: XrefSource::Decision,
                decided_by,
                reason,
                origin: self.origin.clone(),
                now: self.now,
            };
            for effect in change_xrefs(work, &by, &changes)? {
                let count = match effect {
                    XrefEffect::Unchanged => &mut self.told.unchanged,
                    _ => &mut self.told.mapped,
                };
                *count += 1;
            }
        }
        Ok(())
    }

    /// What is wrong with a decision beside what else is decided and what stands.
    fn problem(&mut self, work: &mut dyn Transaction, decided: &Decided) -> Result<Option<String>> {
        let first = *self.seen.entry(decided.cause.clone()).or_insert(decided.row);
        if first != decided.row {
            return Ok(Some(format!("row {first} decides this cause already")));
        }
        if let Decision::Invoice { drop } = decided.decision {
            return invoices::problem(work, &decided.cause, drop, &self.obstacles);
        }
        if let Decision::Change(word) = decided.decision {
            return changes::problem(work, &decided.cause, word, &self.open.rows);
        }
        if !self.open.causes.contains_key(&decided.cause) {
            let last = work.cause_decision(&decided.cause)?;
            let same = last.is_some_and(|last| last.terms == decided.terms);
            return Ok((!same).then(|| "the cause is not open any more: nothing waits for it".to_owned()));
        }
        let Decision::Map(Some(xref)) = &decided.decision else { return Ok(None) };
        let key = place(xref);
        let standing = work.xrefs_of(&key[0], &xref.customer_item, &key[1])?;
        let items = &self.judge.known.items;
        let other = counting(&standing)
            .find(|row| !row.xref.same_key(xref) && items.clash(xref, &row.xref))
            .map(|row| (format!("a row from {}", row.source.as_str()), row.xref.item.clone()));
        let earlier = self.xrefs.entry(key).or_default();
        let other = other.or_else(|| {
            let clashes = |other: &Xref| {
                if xref.same_key(other) {
                    xref.unit_factor != other.unit_factor
                } else {
                    items.clash(xref, other)
                }
            };
            let other = earlier.iter().find(|(_, other)| clashes(other));
            other.map(|(row, other)| (format!("row {row}"), other.item.clone()))
        });
        if let Some((which, item)) = other {
            return Ok(Some(format!(
                "{which} leads {} to {item} with the same standing on a common day: a line would be ambiguous; \
                 end that row, or give it another rank, first",
                xref.customer_item
            )));
        }
        Ok(None)
    }

    fn decide(
        &mut self,
        work: &mut dyn Transaction,
        decided: Decided,
        changes: &mut BTreeMap<(Text, Text), Vec<XrefChange>>,
    ) -> Result<()> {
        if let Decision::Invoice { drop } = decided.decision {
            let new = invoices::decide(work, &decided, drop, self.now)?;
            let count = if new { &mut self.told.invoices } else { &mut self.told.unchanged };
            *count += 1;
            return Ok(());
        }
        if let Decision::Change(word) = decided.decision {
            let new = changes::decide(work, &decided, word, self.now)?;
            let count = if new { &mut self.told.changes } else { &mut self.told.unchanged };
            *count += 1;
            return Ok(());
        }
        let Decided { row, cause, decision, terms, by, reason } = decided;
        let last = work.cause_decision(&cause)?;
        let said = last.is_some_and(|last| last.terms == terms);
        let is_open = self.open.causes.contains_key(&cause);
        let undecided = self.open.undecided.contains(&cause);
        let named = decision.word();
        let ignore_until = if let Decision::Ignore(until) = &decision { Some(*until) } else { None };
        match decision {
            // what was decided so, and has ended since
            _ if !is_open => {
                self.told.unchanged += 1;
                return Ok(());
            }
            Decision::Map(Some(xref)) => self.map(work, row, *xref, (&by, &reason), changes)?,
            // decided above
            Decision::Map(None) | Decision::Invoice { .. } | Decision::Change(_) => {}
            Decision::Reject | Decision::Ignore(_) if said && !undecided => {
                self.told.unchanged += 1;
                return Ok(());
            }
            Decision::Reject => self.told.rejected += 1,
            Decision::Ignore(_) => self.told.ignored += 1,
        }
        if named == "map" && said {
            return Ok(());
        }
        work.add_cause_decision(&CauseDecision {
            cause,
            decision: named.into(),
            terms,
            ignore_until,
            decided_by: by,
            reason,
            recorded: self.now,
        })
    }

    fn map(
        &mut self,
        work: &mut dyn Transaction,
        row: u64,
        mut xref: Xref,
        (by, reason): (&Text, &Text),
        changes: &mut BTreeMap<(Text, Text), Vec<XrefChange>>,
    ) -> Result<()> {
        let key = place(&xref);
        let standing = work.xrefs_of(&key[0], &xref.customer_item, &key[1])?;
        let twin = counting(&standing).find(|row| row.xref.same_key(&xref));
        if let Some(twin) = twin.filter(|twin| !twin.xref.description.is_empty()) {
            xref.description.clone_from(&twin.xref.description);
        }
        let earlier = self.xrefs.entry(key).or_default();
        if earlier.iter().any(|(_, other)| other.same_key(&xref)) {
            // another cause of this file asks for the very row
            self.told.unchanged += 1;
            return Ok(());
        }
        earlier.push((row, xref.clone()));
        changes.entry((by.clone(), reason.clone())).or_default().push(XrefChange::Put(xref));
        Ok(())
    }
}

/// The customer's column, the ship-to and the number of a row.
fn place(xref: &Xref) -> [Text; 3] {
    let (customer, ship_to) = xref.scope.columns();
    [customer.into(), ship_to.into(), xref.customer_item.clone()]
}

/// The refused rows as they were, with what is wrong, in FILE.problems.csv; one that an earlier attempt left goes.
fn write_refused(
    path: &Path,
    file: &EditedFile,
    refused: &Refused,
    applied: bool,
) -> Result<Option<PathBuf>> {
    let beside = ProblemFile::of(path);
    if refused.is_empty() {
        beside.withdraw()?;
        return Ok(None);
    }
    let mut out = beside.begin(file.delimiter, file.header.iter().map(String::as_str))?;
    for row in &file.rows {
        let problems = refused.get(&row.number);
        if beside.has(problems.is_some(), applied) {
            let problem = problems.map(|problems| problems.join("; ")).unwrap_or_default();
            let cells = row.cells.iter().map(String::as_str).chain([problem.as_str()]);
            out.write(cells.map(|cell| protected(cell).into_owned()))?;
        }
    }
    out.finish().map(Some)
}

fn text(told: &Told, dry_run: bool) -> String {
    let mut out = format!(
        "{}: {} rows: {} mapped, {} rejected, {} ignored, {} invoices decided, {} changes decided, {} unchanged, {} without a decision, {} refused\n",
        told.file,
        told.rows,
        told.mapped,
        told.rejected,
        told.ignored,
        told.invoices,
        told.changes,
        told.unchanged,
        told.passed_over,
        told.refused
    );
    if !told.problems.is_empty() {
        let rows: Vec<Vec<String>> =
            told.problems.iter().map(|it| vec![it.row.to_string(), it.problem.clone()]).collect();
        out += &render::simple(&["row", "problem"], &rows, &[0], render::terminal_width());
    }
    match (&told.problem_file, told.applied) {
        (Some(beside), true) => {
            out += &format!("the other rows are applied; mend {beside} and apply it\n");
        }
        (Some(beside), false) => {
            out +=
                &format!("nothing is applied; mend the file ({beside} names every row), or use --partial\n");
        }
        (None, _) if dry_run => out += "nothing was written\n",
        (None, _) => {}
    }
    if let Some(preview) = &told.release {
        out += &release::text(preview);
    }
    out
}
