//! The proof again: every run from the archive, the store, the facts and what went out; a run after another, a unit after
//! another, so that memory does not grow with the site.
//!
//! - [`finding`]: what is told
//! - `files`: a file against the digest that the store keeps of it
//! - `unit`: one unit: its inputs, its orders, its facts and its counts together
//! - `orders_file`: which row of an orders file was altered
//! - `later`: what releases and changes made of lines since
//! - `versions`: what an order was before it was changed
//! - `invoices`: invoices, billed lines and their facts
//! - `strays`: files that no run wrote

pub(crate) mod documents;
pub(crate) mod files;
pub mod finding;
mod invoices;
mod later;
mod orders_file;
mod strays;
mod unit;
pub(crate) mod versions;
pub(crate) mod walk;

use crate::domain::Text;
use crate::domain::partner::PartnerProfile;
use crate::run::counts::Counts;
use crate::run::verify::files::Files;
use crate::run::verify::finding::{Finding, Proof};
use crate::run::verify::later::Later;
use crate::run::{Options, open_store};
use crate::site::Site;
use crate::site::config::Settings;
use crate::site::folders::{Folders, lock};
use crate::store::proof::{RowFinding, RowTrouble, RunName};
use crate::store::{RunRow, Transaction, UnitRow};
use crate::xref::index::XrefIndex;
use anyhow::{Context as _, Result, bail};
use std::path::Path;

/// So many strange rows of a table are told.
const ROWS_MAX: u32 = 200;

/// What every part of the proof asks for.
struct Desk<'d> {
    settings: &'d Settings,
    profiles: &'d [PartnerProfile],
    folders: &'d Folders,
    /// Without masters: which lines a document has does not depend on them.
    index: &'d XrefIndex,
}

/// One run under proof.
struct RunProof<'r> {
    run: &'r RunRow,
    /// Whether configuration and profiles are those of the run: else a document may read otherwise today, and that proves
    /// nothing.
    same_settings: bool,
}

impl RunProof<'_> {
    fn finding(&self, unit: u32) -> Finding {
        Finding { run_id: self.run.run_id.clone(), unit, ..Finding::default() }
    }
}

/// Proves one run, or all. The site is locked meanwhile; nothing of it is changed. `Err` means that it could not be done.
pub fn verify(site: &Path, options: &Options, run_id: Option<&str>) -> Result<Proof> {
    let Site { mut settings, partners } = crate::site::load(site)?;
    if let Some(location) = &options.store {
        settings.store = location.clone();
    }
    let path = settings.store.sqlite_path(site);
    if !path.exists() {
        bail!("there is no store {}: nothing was committed here", path.display());
    }
    let folders = Folders::open(site)?;
    let mut lock = lock(site, options.wait)?;
    lock.note("a proof")?;
    let mut store = open_store(site, &settings)?;
    let mut tx = store.read()?;
    let (index, _) =
        XrefIndex::build(crate::domain::item::Masters::default(), settings.customer_item_types.clone());
    let desk = Desk { settings: &settings, profiles: &partners, folders: &folders, index: &index };
    let names = tx.run_names()?;
    if let Some(run_id) = run_id
        && names.iter().all(|name| name.run_id != run_id)
    {
        bail!("there is no run {run_id}");
    }
    let today = settings_digest(site)?;
    let mut proof = Proof::default();
    for (at, name) in names.iter().enumerate().filter(|(_, name)| run_id.is_none_or(|id| name.run_id == id)) {
        if !name.ended {
            proof.notes.push(format!(
                "the run {} has not ended: the next run ends it, and then it can be proved",
                name.run_id
            ));
            continue;
        }
        let since = names.get(at..).unwrap_or_default();
        one_run(&desk, tx.as_mut(), &mut proof, since, &today)?;
    }
    if run_id.is_none() {
        of_no_run(tx.as_mut(), &mut proof)?;
        strays::look(&desk, tx.as_mut(), &mut proof, &names)?;
    }
    Ok(proof)
}

/// The digest of what the program, the configuration and the profiles are: kept with a run, because the same bytes may read
/// otherwise under others.
pub(crate) fn settings_digest(site: &Path) -> Result<String> {
    let mut text = format!("itembridge {}\n", env!("CARGO_PKG_VERSION"));
    let mut paths = vec![site.join(crate::site::config::FILE)];
    let folder = site.join("partners");
    if folder.is_dir() {
        let listing = || format!("list {}", folder.display());
        for entry in std::fs::read_dir(&folder).with_context(listing)? {
            paths.push(entry.with_context(listing)?.path());
        }
    }
    paths.sort();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|ending| ending == "toml")) {
        let bytes = std::fs::read(path).with_context(|| format!("read {}", path.display()))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        text += &format!("{name} {}\n", crate::run::source::digest_of(&bytes));
    }
    Ok(crate::run::source::digest_of(text.as_bytes()))
}

/// `since` begins with the run.
fn one_run(
    desk: &Desk<'_>,
    tx: &mut dyn Transaction,
    proof: &mut Proof,
    since: &[RunName],
    today: &str,
) -> Result<()> {
    let Some(name) = since.first() else { return Ok(()) };
    let run = tx.run(&name.run_id)?.with_context(|| format!("the run {} is gone", name.run_id))?;
    let same_settings = tx.run_settings(&run.run_id)?.is_some_and(|kept| kept == today);
    let of = RunProof { run: &run, same_settings };
    proof.runs += 1;
    rows(tx, proof, &of)?;
    let mut later = Later::default();
    let mut counts = Counts::default();
    let mut seen = unit::Seen::default();
    for UnitRow { unit, stage, counts: text } in tx.units(&run.run_id)? {
        let Ok(of_unit) = serde_json::from_str::<Counts>(&text) else {
            let row = format!("store: unit {unit}");
            proof.find(
                "altered_row",
                Finding { row, found: "its counts are no JSON".into(), ..of.finding(unit) },
            );
            continue;
        };
        proof.units += 1;
        let mut files = Files::of_unit(desk, tx, proof, &of, (unit, &stage))?;
        unit::prove(desk, tx, proof, &of, (unit, &stage, &of_unit), &mut files, (&mut later, &mut seen))?;
        counts.add(&of_unit);
    }
    if !same_settings && seen.reads_otherwise > 0 {
        proof.notes.push(format!(
            "run {}: {} documents of its inputs read otherwise under today's configuration, profiles or program: they were \
             proved by store and facts alone",
            run.run_id, seen.reads_otherwise
        ));
    }
    invoices::prove(desk, tx, proof, &of, &counts)?;
    files::sent(desk, tx, proof, &of, &counts)?;
    later.explain(desk, tx, proof, since)?;
    summary(desk, tx, proof, &of, &counts)
}

/// Rows of the store against their seals.
fn rows(tx: &mut dyn Transaction, proof: &mut Proof, of: &RunProof<'_>) -> Result<()> {
    tx.check_rows(&of.run.run_id, &mut |found| {
        row(proof, of.finding(0), &found);
        Ok(())
    })
}

fn row(proof: &mut Proof, finding: Finding, found: &RowFinding) {
    let RowFinding { table, row, trouble } = found;
    let name = format!("store: {table} {row}").trim_end().to_owned();
    let finding = Finding { row: name, ..finding };
    match trouble {
        RowTrouble::Altered => proof.find(
            "altered_row",
            Finding {
                expected: "the values that were committed".into(),
                found: "other values: they do not match the row's seal".into(),
                ..finding
            },
        ),
        RowTrouble::Unsealed => {
            proof.find("unknown_row", Finding { found: "a row without a seal".into(), ..finding });
        }
        RowTrouble::Lost => {
            let expected = "an entry that was recorded".into();
            proof.find("missing_row", Finding { expected, ..finding });
        }
        RowTrouble::Count { committed, found } => proof.find(
            if found < committed { "missing_row" } else { "unknown_row" },
            Finding { expected: format!("{committed} rows"), found: format!("{found} rows"), ..finding },
        ),
    }
}

fn of_no_run(tx: &mut dyn Transaction, proof: &mut Proof) -> Result<()> {
    for found in tx.rows_of_no_run(ROWS_MAX)? {
        row(proof, Finding { expected: "a run that the store knows".into(), ..Finding::default() }, &found);
    }
    // what people entered by commands stands under no run
    let by_hand = RunRow { run_id: Text::default(), ..RunRow::default() };
    rows(tx, proof, &RunProof { run: &by_hand, same_settings: true })?;
    for billed in tx.billed_without_invoice(ROWS_MAX)? {
        let row = format!("store: billed_line {billed}");
        proof.find("unknown_row", Finding { row, expected: "its invoice".into(), ..Finding::default() });
    }
    Ok(())
}

/// The sum of the units against the run's own summary, and the summary against its file.
fn summary(
    desk: &Desk<'_>,
    tx: &mut dyn Transaction,
    proof: &mut Proof,
    of: &RunProof<'_>,
    counts: &Counts,
) -> Result<()> {
    let kept: Option<Counts> = serde_json::from_str(&of.run.summary).ok();
    let kept = kept.unwrap_or_default();
    if let Some(sum) = counts.imbalance() {
        proof.find("balance", Finding { row: "store: unit".into(), found: sum, ..of.finding(0) });
    }
    // a run from before an upgrade may have no sums
    let (mut kept, mut counts) = (kept, counts.clone());
    for one in [&mut kept, &mut counts] {
        (one.findings, one.findings_left_out) = (Vec::new(), 0);
    }
    if kept != counts && !of.run.summary.is_empty() {
        let told = |counts: &Counts| serde_json::to_string(counts).unwrap_or_default();
        let row = format!("store: run {}", of.run.run_id);
        let finding = Finding { row, expected: told(&counts), found: told(&kept), ..of.finding(0) };
        proof.find("balance", finding);
    }
    let path = format!("reports/run-{}.json", of.run.run_id);
    let file = desk.folders.path(&path)?;
    if file.exists() {
        let bytes = std::fs::read(&file).with_context(|| format!("read {}", file.display()))?;
        if bytes != of.run.summary.as_bytes() {
            let expected = "the summary that the store keeps of the run".into();
            proof.find("altered_file", Finding { file: path.into(), expected, ..of.finding(0) });
        }
    } else if tx.removed(&path, &of.run.run_id)?.is_some() {
        proof.removed += 1;
    }
    Ok(())
}
