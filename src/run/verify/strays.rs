//! Files in the places of ours that no run wrote: they would be counted, ordered or sent a second time.

use crate::domain::Text;
use crate::run::verify::Desk;
use crate::run::verify::finding::{Finding, Proof};
use crate::store::Transaction;
use crate::store::proof::RunName;
use crate::store::sent::{SentFilter, SentTo};
use anyhow::Result;
use std::collections::BTreeSet;

/// Looks through archive/, facts/, orders/, outbox/ and the kept copies.
pub(super) fn look(
    desk: &Desk<'_>,
    tx: &mut dyn Transaction,
    proof: &mut Proof,
    names: &[RunName],
) -> Result<()> {
    archive(desk, tx, proof, names)?;
    for folder in [crate::facts::ORDER_LINES_DIR, crate::facts::INVOICE_LINES_DIR, "orders"] {
        outputs(desk, tx, proof, folder)?;
    }
    outbox(desk, tx, proof)?;
    kept(desk, tx, proof, names)
}

fn unknown(proof: &mut Proof, path: &str) {
    proof.find("unknown_file", Finding { file: path.into(), ..Finding::default() });
}

/// Inputs in the folder of a day, against the receipts of that day's runs.
fn archive(desk: &Desk<'_>, tx: &mut dyn Transaction, proof: &mut Proof, names: &[RunName]) -> Result<()> {
    for year in desk.folders.folders_in("archive")? {
        for month in desk.folders.folders_in(&year)? {
            for day in desk.folders.folders_in(&month)? {
                let mut known: BTreeSet<Text> = BTreeSet::new();
                let of_day = |name: &&RunName| day == name.date.strftime("archive/%Y/%m/%d").to_string();
                for name in names.iter().filter(of_day) {
                    for unit in tx.units(&name.run_id)? {
                        let receipts = tx.unit_receipts(&name.run_id, unit.unit)?;
                        known.extend(receipts.into_iter().map(|receipt| receipt.archive_path));
                    }
                }
                for path in desk.folders.files_below(&day)? {
                    if !known.contains(path.as_str()) {
                        unknown(proof, &path);
                    }
                }
            }
        }
    }
    Ok(())
}

/// Facts and internal orders: the name tells run and unit. What has no such name is none of ours.
fn outputs(desk: &Desk<'_>, tx: &mut dyn Transaction, proof: &mut Proof, folder: &str) -> Result<()> {
    let mut listed: (Text, u32, BTreeSet<Text>) = Default::default();
    for path in desk.folders.files_below(folder)? {
        let ours: &[&str] = if folder == "orders" { &["orders-", "changes-"] } else { &["run-"] };
        let name = path.rsplit('/').next().unwrap_or_default();
        let rest = ours.iter().find_map(|ours| name.strip_prefix(ours));
        let Some((run_id, unit)) = rest.and_then(run_and_unit) else {
            // reports read every file below facts/
            if folder != "orders" && name.ends_with(".parquet") {
                unknown(proof, &path);
            }
            continue;
        };
        if (listed.0.as_str(), listed.1) != (run_id.as_str(), unit) {
            let outputs = tx.unit_outputs(&run_id, unit)?;
            listed = (run_id, unit, outputs.into_iter().map(|listed| listed.output.path).collect());
        }
        if !listed.2.contains(path.as_str()) {
            unknown(proof, &path);
        }
    }
    Ok(())
}

/// `20261121-001-0007`, `-002` or an ending behind it.
fn run_and_unit(rest: &str) -> Option<(Text, u32)> {
    let stem = rest.split('.').next()?;
    let mut parts = stem.split('-');
    let (day, number, unit) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (digits(day) && digits(number) && digits(unit))
        .then(|| Some((format!("{day}-{number}").into(), unit.parse().ok()?)))?
}

fn outbox(desk: &Desk<'_>, tx: &mut dyn Transaction, proof: &mut Proof) -> Result<()> {
    for path in desk.folders.files_below("outbox")? {
        let name = path.rsplit('/').next().unwrap_or_default();
        let control = name.strip_suffix(".edi").and_then(|stem| stem.rsplit_once('-'));
        let Some((_, control)) = control.filter(|(_, control)| control.len() == 9) else { continue };
        let sent = tx.sent_with_control(control, SentTo::Anybody)?;
        if sent.iter().all(|row| row.path != path) {
            unknown(proof, &path);
        }
    }
    Ok(())
}

fn kept(desk: &Desk<'_>, tx: &mut dyn Transaction, proof: &mut Proof, names: &[RunName]) -> Result<()> {
    for folder in desk.folders.folders_in("state/sent")? {
        let run_id = folder.rsplit('/').next().unwrap_or_default();
        let mut known = BTreeSet::new();
        if names.iter().any(|name| name.run_id == run_id) {
            let filter = SentFilter { run_id: run_id.into(), ..SentFilter::default() };
            tx.each_sent(&filter, &mut |row| {
                known.insert(row.kept);
                Ok(())
            })?;
        }
        for path in desk.folders.files_below(&folder)? {
            if !known.contains(path.as_str()) {
                unknown(proof, &path);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_its_run_and_unit() {
        for (rest, expected) in [
            ("20261121-001-0007.parquet", Some(("20261121-001", 7))),
            ("20261121-001-0007-002.parquet", Some(("20261121-001", 7))),
            ("20261121-001-12345.csv", Some(("20261121-001", 12345))),
            ("20261121-001.csv", None),
            ("a-b-c.csv", None),
            ("", None),
        ] {
            let expected = expected.map(|(run_id, unit)| (Text::from(run_id), unit));
            assert_eq!(run_and_unit(rest), expected, "{rest}");
        }
    }
}
