//! One attempt at an import: every row of the file through the checks and into an open transaction.

use crate::domain::Text;
use crate::domain::item::{Xref, XrefScope};
use crate::site::masters::xref_file::{RowProblems, XrefFile, spreadsheet_damage};
use crate::store::xrefs::{
    XrefChange, XrefChangeSet, XrefCounts, XrefEffect, XrefSignature, XrefSource, XrefVersion, counting,
};
use crate::store::{Micros, Transaction};
use crate::xref::import::{Draft, Known, lost_zeros};
use anyhow::{Result, bail};
use hashbrown::{DefaultHashBuilder, HashMap, HashSet};
use std::collections::BTreeMap;
use std::hash::BuildHasher;
use std::path::Path;

/// With more than so many refused rows it is the wrong file.
const REFUSED_MAX: usize = 100_000;

/// Rows that are refused, by their number.
pub(super) type Refused = BTreeMap<u64, RowProblems>;

/// What an import is asked to do.
#[derive(Debug)]
pub(super) struct Job<'j> {
    pub(super) path: &'j Path,
    pub(super) known: &'j Known,
    pub(super) by: &'j XrefSignature,
    /// The column `customer` whose imported rows the file replaces.
    pub(super) replace: Option<&'j str>,
}

/// What came of an attempt.
#[derive(Debug)]
pub(super) struct Attempt {
    /// The instant at which its changes are recorded.
    pub(super) at: Micros,
    pub(super) rows: u64,
    pub(super) counts: XrefCounts,
    /// Rows that were not applied.
    pub(super) refused: Refused,
    /// Rows that were applied and must not be: they contradict one another, or what stands.
    pub(super) clashes: Refused,
}

/// Applies every row that is sound and not `refused` before.
pub(super) fn attempt(work: &mut dyn Transaction, job: &Job<'_>, refused: &Refused) -> Result<Attempt> {
    let mut import = Import {
        set: work.begin_xref_change(job.by)?,
        job,
        seen: HashMap::new(),
        crowded: HashSet::new(),
        hashers: [DefaultHashBuilder::default(), DefaultHashBuilder::default()],
        refused: refused.clone(),
        clashes: Refused::new(),
    };
    let mut rows = 0;
    let mut file = XrefFile::open(job.path)?;
    while let Some(draft) = file.next_draft()? {
        rows += 1;
        match draft {
            Err(problems) => import.refuse(problems)?,
            Ok(draft) if import.refused.contains_key(&draft.row) => {}
            Ok(draft) => import.take(work, &draft)?,
        }
    }
    if let Some(scope) = job.replace {
        import.end_the_rest(work, scope)?;
    }
    let counts = import.set.counts();
    if counts.added + counts.changed > 0 {
        import.find_clashes(work)?;
    }
    let Import { set, refused, clashes, .. } = import;
    let at = set.at();
    work.end_xref_change(set)?;
    Ok(Attempt { at, rows, counts, refused, clashes })
}

struct Import<'i> {
    job: &'i Job<'i>,
    set: XrefChangeSet,
    /// The first row with each key, by two hashes of the key, and a hash of its values.
    seen: HashMap<(u64, u64), (u64, u64)>,
    /// Hashes of the numbers that have more than one row: only these can contradict.
    crowded: HashSet<u64>,
    hashers: [DefaultHashBuilder; 2],
    refused: Refused,
    clashes: Refused,
}

impl Import<'_> {
    fn take(&mut self, work: &mut dyn Transaction, draft: &Draft) -> Result<()> {
        let Job { known, replace, .. } = *self.job;
        let scope = known.scope(&draft.customer, &draft.ship_to);
        let (wanted, standing) = stand(work, draft, scope.as_ref().ok().cloned(), replace.is_none())?;
        if standing.iter().any(|row| !row.xref.same_key(&wanted)) {
            self.crowded.insert(self.number(&wanted));
        }
        let values = self.values(&wanted);
        let (first, said) = *self.seen.entry(self.key(&wanted)).or_insert((draft.row, values));
        if first != draft.row && said == values {
            return self.refuse_twins(draft, first, true);
        }
        let before = |row: &&XrefVersion| row.recorded_from < self.set.at();
        if counting(&standing).filter(before).any(|row| says(&row.xref, &wanted)) {
            // also a row to an item that is gone: what stands already is nobody's mistake of today
            return self.put(work, draft, wanted, &standing);
        }
        if first != draft.row {
            return self.refuse_twins(draft, first, false);
        }
        let mut problems: Vec<String> = scope.err().into_iter().collect();
        problems.extend(known.item_problem(&draft.item));
        if let Some(replaced) = replace
            && wanted.scope.columns().0 != replaced
        {
            problems.push(format!("a row of another customer than {replaced}, whose rows are replaced"));
        }
        if problems.is_empty() && !standing.iter().any(|row| before(&row)) {
            problems.extend(self.spreadsheet(work, &wanted)?);
        }
        if problems.is_empty() {
            return self.put(work, draft, wanted, &standing);
        }
        self.refuse(RowProblems { row: draft.row, line: draft.line, problems })
    }

    /// A number that nobody had so far, and that looks as if a spreadsheet had changed one.
    fn spreadsheet(&self, work: &mut dyn Transaction, wanted: &Xref) -> Result<Option<String>> {
        let number = &wanted.customer_item;
        if let Some(damage) = spreadsheet_damage(number) {
            return Ok(Some(damage));
        }
        if !lost_zeros(number, &format!("0{number}")) {
            return Ok(None);
        }
        let (customer, _) = wanted.scope.columns();
        let like = work.numbers_like(&customer, number, self.set.at())?;
        let whole = like.into_iter().find(|whole| lost_zeros(number, whole));
        Ok(whole.map(|whole| {
            format!(
                "customer_item {number:?}: {whole} is known; a spreadsheet may have cut its leading zeros"
            )
        }))
    }

    fn put(
        &mut self,
        work: &mut dyn Transaction,
        draft: &Draft,
        wanted: Xref,
        standing: &[XrefVersion],
    ) -> Result<()> {
        let wanted = XrefChange::Put(wanted);
        if work.change_xref(&mut self.set, &wanted)? != XrefEffect::Outranked {
            return Ok(());
        }
        let XrefChange::Put(wanted) = &wanted else { return Ok(()) };
        let decided = counting(standing).find(|row| row.xref.same_key(wanted));
        let who = decided.map_or(String::new(), |row| format!(" by {} ({})", row.decided_by, row.reason));
        let problem = format!("decided otherwise{who}; a decision goes before an import");
        self.refuse(RowProblems { row: draft.row, line: draft.line, problems: vec![problem] })
    }

    /// Of two rows that say the same the second is one too many; of two that differ nobody knows which is meant.
    fn refuse_twins(&mut self, draft: &Draft, first: u64, same: bool) -> Result<()> {
        let problem = if same {
            format!("row {first} says the same already")
        } else {
            format!("row {first} has the same key and other values")
        };
        if !same {
            let other = format!("row {} has the same key and other values", draft.row);
            let problems = RowProblems { row: first, line: 0, problems: vec![other] };
            self.clashes.entry(first).or_insert(problems);
        }
        self.refuse(RowProblems { row: draft.row, line: draft.line, problems: vec![problem] })
    }

    fn refuse(&mut self, problems: RowProblems) -> Result<()> {
        self.refused.insert(problems.row, problems);
        if self.refused.len() > REFUSED_MAX {
            bail!(
                "more than {REFUSED_MAX} rows of {} are refused: is it the right file?",
                self.job.path.display()
            );
        }
        Ok(())
    }

    /// Ends the imported rows of a scope that the file does not have.
    fn end_the_rest(&mut self, work: &mut dyn Transaction, scope: &str) -> Result<()> {
        let mut gone = Vec::new();
        work.each_xref_version(None, &mut |row| {
            let known = self.seen.contains_key(&self.key(&row.xref));
            if row.source == XrefSource::Import && row.xref.scope.columns().0 == scope && !known {
                gone.push(XrefChange::End(row.xref));
            }
            Ok(())
        })?;
        for row in gone {
            work.change_xref(&mut self.set, &row)?;
        }
        Ok(())
    }

    /// Reads the file once more: now that all rows are applied, those that were changed must not make a line ambiguous.
    fn find_clashes(&mut self, work: &mut dyn Transaction) -> Result<()> {
        if self.crowded.is_empty() {
            return Ok(());
        }
        let known = self.job.known;
        let mut file = XrefFile::open(self.job.path)?;
        while let Some(draft) = file.next_draft()? {
            let Ok(draft) = draft else { continue };
            if self.refused.contains_key(&draft.row) {
                continue;
            }
            let scope = known.scope(&draft.customer, &draft.ship_to);
            let scope = scope.unwrap_or_else(|_| as_written(&draft.customer, &draft.ship_to));
            if !self.crowded.contains(&self.hash(&scope, &draft.customer_item)) {
                continue;
            }
            let (wanted, standing) = stand(work, &draft, Some(scope), true)?;
            let rows: Vec<&XrefVersion> = counting(&standing).collect();
            let own = |row: &&&XrefVersion| row.recorded_from == self.set.at() && row.xref.same_key(&wanted);
            let Some(own) = rows.iter().find(own) else { continue };
            let Some(other) = rows.iter().find(|row| known.items.clash(&own.xref, &row.xref)) else {
                continue;
            };
            let problem = clash(own, other, self.set.at());
            let problems = RowProblems { row: draft.row, line: draft.line, problems: vec![problem] };
            self.clashes.insert(draft.row, problems);
            if self.clashes.len() > REFUSED_MAX {
                bail!("more than {REFUSED_MAX} rows of {} contradict what stands", self.job.path.display());
            }
        }
        Ok(())
    }

    fn key(&self, xref: &Xref) -> (u64, u64) {
        let key =
            (&xref.scope, &xref.customer_item, &xref.qualifier, &xref.unit, &xref.item, xref.valid_from);
        let [first, second] = &self.hashers;
        (first.hash_one(key), second.hash_one(key))
    }

    fn number(&self, xref: &Xref) -> u64 {
        self.hash(&xref.scope, &xref.customer_item)
    }

    fn hash(&self, scope: &XrefScope, number: &Text) -> u64 {
        self.hashers[0].hash_one((scope, number))
    }

    fn values(&self, xref: &Xref) -> u64 {
        let Xref { unit_factor, rank, valid_to, active, description, .. } = xref;
        self.hashers[0].hash_one((unit_factor, rank, valid_to, active, description))
    }
}

/// The row that a draft asks for, and the current rows of its number. A customer that nobody knows is taken as written.
fn stand(
    work: &mut dyn Transaction,
    draft: &Draft,
    scope: Option<XrefScope>,
    blanks_keep: bool,
) -> Result<(Xref, Vec<XrefVersion>)> {
    let scope = scope.unwrap_or_else(|| as_written(&draft.customer, &draft.ship_to));
    let standing = {
        let (customer, ship_to) = scope.columns();
        work.xrefs_of(&customer, &draft.customer_item, ship_to)?
    };
    let plain = draft.over(scope.clone(), None);
    let twins: Vec<&XrefVersion> = counting(&standing).filter(|row| row.xref.same_key(&plain)).collect();
    // where the masters have several rows with this key, the one that the draft repeats
    let twin = twins
        .iter()
        .find(|row| says(&row.xref, &draft.over(scope.clone(), Some(&row.xref))))
        .or_else(|| twins.first())
        .map(|row| &row.xref);
    let wanted = if blanks_keep { draft.over(scope.clone(), twin) } else { plain };
    Ok((wanted, standing))
}

fn as_written(customer: &Text, ship_to: &Text) -> XrefScope {
    if let Some(group) = customer.strip_prefix("group:") {
        XrefScope::Group(group.into())
    } else if ship_to.is_empty() {
        XrefScope::Customer(customer.clone())
    } else {
        XrefScope::ShipTo { customer: customer.clone(), ship_to: ship_to.clone() }
    }
}

/// Whether a row says all that is wanted.
fn says(row: &Xref, wanted: &Xref) -> bool {
    row.same_key(wanted)
        && (row.unit_factor, row.rank, row.valid_to, row.active)
            == (wanted.unit_factor, wanted.rank, wanted.valid_to, wanted.active)
        && row.description == wanted.description
}

fn clash(own: &XrefVersion, other: &XrefVersion, at: Micros) -> String {
    let Xref { item, unit_factor, .. } = &other.xref;
    let factor = unit_factor.map_or(String::new(), |factor| format!(" times {factor}"));
    let from = if other.recorded_from == at {
        "another row of this file".to_owned()
    } else {
        format!("a row from {}", other.source.as_str())
    };
    format!(
        "{from} leads {} to {item}{factor} with the same standing on a common day: a line would be ambiguous; \
         change a rank, a date or a status",
        own.xref.customer_item
    )
}
