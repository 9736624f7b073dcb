//! Files against the digests that the store keeps of them: facts, orders, what went to partners, kept copies.

use crate::domain::Text;
use crate::run::Source;
use crate::run::counts::Counts;
use crate::run::verify::finding::{Finding, Proof};
use crate::run::verify::{Desk, RunProof, orders_file};
use crate::site::config::GzLimits;
use crate::site::folders::Folders;
use crate::store::proof::ListedOutput;
use crate::store::sent::SentFilter;
use crate::store::{ReceiptRow, Transaction};
use anyhow::{Context as _, Result};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// How a file stands to the digest that is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Standing {
    Intact(u64),
    Altered(String),
    Missing,
    Unreadable(String),
}

/// Looks at a file of the site, without following it out of the site.
pub(crate) fn standing(folders: &Folders, path: &str, digest: &str) -> Result<Standing> {
    standing_as(folders, path, digest, |file| {
        let source = Source::open(file)?;
        Ok((source.digest(0, source.length)?, source.length))
    })
}

/// The same of an input in the archive: its receipt bears the digest of what was in it, where it was compressed.
pub(crate) fn input_standing(folders: &Folders, receipt: &ReceiptRow, limits: &GzLimits) -> Result<Standing> {
    standing_as(folders, &receipt.archive_path, &receipt.digest, |file| {
        Source::digest_of_content(file, limits)
    })
}

fn standing_as(
    folders: &Folders,
    path: &str,
    digest: &str,
    read: impl Fn(&Path) -> Result<(String, u64)>,
) -> Result<Standing> {
    let file = folders.path(path)?;
    match file.symlink_metadata() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Standing::Missing),
        Err(error) => return Err(error).with_context(|| format!("look at {}", file.display())),
        Ok(facts) if !facts.is_file() => return Ok(Standing::Unreadable("it is no file".into())),
        Ok(_) => {}
    }
    Ok(match read(&file) {
        Ok((found, length)) if found == digest => Standing::Intact(length),
        Ok((found, _)) => Standing::Altered(found),
        Err(error) => Standing::Unreadable(error.root_cause().to_string()),
    })
}

/// Tells what is the matter with a file that had to be there as it was.
pub(super) fn tell(proof: &mut Proof, finding: Finding, path: &str, digest: &str, standing: Standing) {
    let finding = Finding { file: path.into(), expected: format!("SHA-256 {digest}"), ..finding };
    match standing {
        Standing::Intact(_) => {}
        Standing::Altered(found) => {
            proof.find("altered_file", Finding { found: format!("SHA-256 {found}"), ..finding });
        }
        Standing::Missing => proof.find("missing_file", finding),
        Standing::Unreadable(why) => proof.find("unreadable_file", Finding { found: why, ..finding }),
    }
}

/// The facts of one unit, as far as they are there as they were written.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// Parts of the unit's order lines, in their order.
    pub(super) order_lines: Vec<PathBuf>,
    /// Whether all of them are there.
    pub(super) complete: bool,
}

impl Files {
    /// Looks at every output of the unit.
    pub(super) fn of_unit(
        desk: &Desk<'_>,
        tx: &mut dyn Transaction,
        proof: &mut Proof,
        of: &RunProof<'_>,
        (unit, stage): (u32, &str),
    ) -> Result<Self> {
        let mut files = Self { complete: true, ..Self::default() };
        let mut orders = Vec::new();
        for ListedOutput { output, published } in tx.unit_outputs(&of.run.run_id, unit)? {
            let path = if published { &output.path } else { &output.staged };
            let standing = standing(desk.folders, path, &output.digest)?;
            if let Standing::Intact(_) = standing {
                proof.outputs += 1;
            }
            match output.kind.as_str() {
                "facts" => {
                    let lines = output.path.starts_with(crate::facts::ORDER_LINES_DIR);
                    match standing {
                        Standing::Intact(_) if lines => files.order_lines.push(desk.folders.path(path)?),
                        Standing::Intact(_) => {}
                        Standing::Missing if tx.removed(path, &of.run.run_id)?.is_some() => {
                            proof.removed += 1;
                            files.complete &= !lines;
                        }
                        other => {
                            files.complete &= !lines;
                            tell(proof, of.finding(unit), path, &output.digest, other);
                        }
                    }
                }
                // the ERP, the transport or a person may have taken it
                _ if standing == Standing::Missing => {}
                // people mend what lies there
                "quarantine" => {}
                "orders" => match standing {
                    Standing::Intact(_) => {}
                    other => orders.push((path.clone(), output.digest.clone(), other)),
                },
                _ => tell(proof, of.finding(unit), path, &output.digest, standing),
            }
        }
        for (path, digest, standing) in orders {
            let altered = matches!(standing, Standing::Altered(_));
            tell(proof, of.finding(unit), &path, &digest, standing);
            if altered {
                orders_file::name_rows(desk, tx, proof, of, (unit, stage, &path), &files)?;
            }
        }
        Ok(files)
    }
}

/// What went to partners in the run: the copy that is kept of each, and how many documents of each kind.
pub(super) fn sent(
    desk: &Desk<'_>,
    tx: &mut dyn Transaction,
    proof: &mut Proof,
    of: &RunProof<'_>,
    counts: &Counts,
) -> Result<()> {
    let filter = SentFilter { run_id: of.run.run_id.clone(), ..SentFilter::default() };
    let mut documents: BTreeMap<Text, u64> = BTreeMap::new();
    let mut kept = Vec::new();
    tx.each_sent(&filter, &mut |row| {
        proof.sent += 1;
        let count = if row.kind == "ta1" { 1 } else { row.documents() as u64 };
        *documents.entry(row.kind.clone()).or_default() += count;
        if !row.kept.is_empty() {
            match standing(desk.folders, &row.kept, &row.digest)? {
                Standing::Intact(_) => {}
                other => kept.push((row.kept.clone(), row.digest.clone(), row.unit, other)),
            }
        }
        Ok(())
    })?;
    for (path, digest, unit, standing) in kept {
        if standing == Standing::Missing && tx.removed(&path, &of.run.run_id)?.is_some() {
            proof.removed += 1;
        } else {
            tell(proof, of.finding(unit), &path, &digest, standing);
        }
    }
    let said = |counts: &BTreeMap<Text, u64>| {
        let words: Vec<String> = counts.iter().map(|(kind, count)| format!("{count} of {kind}")).collect();
        if words.is_empty() { "nothing".to_owned() } else { words.join(", ") }
    };
    if documents != counts.documents {
        let (expected, found) = (said(&counts.documents), said(&documents));
        proof.find("balance", Finding { row: "store: sent_group".into(), expected, found, ..of.finding(0) });
    }
    Ok(())
}
