//! What a proof and retention ask of a store.

use super::*;
use itembridge::store::proof::{FileKind, OldFile};

/// Everything that the parts before wrote under the first run is as it was committed.
pub(super) fn rows_of_a_run_are_as_they_were_committed(work: &mut dyn Transaction) {
    let mut found = Vec::new();
    work.check_rows(RUN, &mut |row| {
        found.push(row);
        Ok(())
    })
    .unwrap();
    assert_eq!(found, []);
    assert_eq!(work.rows_of_no_run(9).unwrap(), []);
    assert!(work.billed_without_invoice(9).is_ok());
}

pub(super) fn a_run_is_found_unit_by_unit(work: &mut dyn Transaction) {
    let names = work.run_names().unwrap();
    let first = names.iter().find(|name| name.run_id == RUN).unwrap();
    assert_eq!((first.date, first.ended), (DAY, true));
    assert_eq!(work.run(RUN).unwrap().unwrap().exit_code, Some(1));
    assert_eq!(work.run("20990101-001").unwrap(), None);
    let receipts = work.unit_receipts(RUN, 1).unwrap();
    let states: Vec<&str> = receipts.iter().map(|receipt| receipt.state.as_str()).collect();
    assert!(states.starts_with(&["quarantined", "processed"]), "{states:?}");
    for name in ["again.edi", "archive/2026/03/01/0001.edi", "d1"] {
        assert!(!work.receipts_of(name).unwrap().is_empty(), "{name}");
    }
    let mut seen = Vec::new();
    let mut after: Option<itembridge::domain::Text> = None;
    loop {
        let rows = work.unit_orders(RUN, 1, after.as_deref(), 1).unwrap();
        let Some(row) = rows.first() else { break };
        assert_eq!(rows.len(), 1);
        seen.push(row.order_id.clone());
        after = Some(row.order_id.clone());
    }
    let whole: Vec<_> =
        work.unit_orders(RUN, 1, None, 999).unwrap().into_iter().map(|row| row.order_id).collect();
    assert_eq!(seen, whole);
    assert!(!whole.is_empty());
    let mut invoices = 0;
    work.each_run_invoice(RUN, &mut |_| {
        invoices += 1;
        Ok(())
    })
    .unwrap();
    assert!(invoices > 0);
    for (unit, expected) in
        [(1, vec![("outbox/acme/z", false)]), (2, vec![("outbox/acme/a", true), ("outbox/acme/b", true)])]
    {
        let listed = work.unit_outputs(RUN, unit).unwrap();
        let mut listed: Vec<_> = listed.iter().map(|one| (one.output.path.as_str(), one.published)).collect();
        listed.sort_unstable();
        assert_eq!(listed, expected, "unit {unit}");
    }
}

pub(super) fn the_settings_of_a_run_are_kept_unless_they_change(work: &mut dyn Transaction) {
    assert_eq!(work.run_settings(RUN).unwrap(), None);
    for (digest, kept) in [("s1", "s1"), ("s1", "s1"), ("s2", ""), ("s1", "")] {
        work.note_settings(RUN, digest).unwrap();
        assert_eq!(work.run_settings(RUN).unwrap().unwrap(), kept, "{digest}");
    }
}

pub(super) fn a_file_is_noted_before_it_goes_and_is_no_candidate_any_more(work: &mut dyn Transaction) {
    let reports = |work: &mut dyn Transaction, before: Date, after: &str| {
        let files = work.old_files(FileKind::Reports, before, after, 9).unwrap();
        files.into_iter().map(|file| file.path.to_string()).collect::<Vec<_>>()
    };
    let path = format!("reports/run-{RUN}.json");
    let next = Date::constant(2026, 3, 2);
    assert!(!reports(work, DAY, "").contains(&path), "the day itself is kept");
    assert!(reports(work, next, "").contains(&path));
    assert!(!reports(work, next, &path).contains(&path), "from the one behind it on");
    for kind in FileKind::ALL {
        work.old_files(kind, next, "", 9).unwrap();
    }
    let file = OldFile { path: path.as_str().into(), run_id: RUN.into(), ..OldFile::default() };
    for _ in 0..2 {
        work.note_removed(FileKind::Reports, std::slice::from_ref(&file), next).unwrap();
    }
    assert_eq!(work.removing().unwrap(), [path.as_str()]);
    assert!(!reports(work, next, "").contains(&path));
    work.mark_removed(&[path.as_str().into()]).unwrap();
    assert_eq!(work.removing().unwrap(), [path.as_str()], "it could not be taken away");
    work.mark_removed(&[]).unwrap();
    assert!(work.removing().unwrap().is_empty());
    assert_eq!(work.removed(&path, RUN).unwrap(), Some(next));
    assert_eq!(work.removed(&path, "20260301-002").unwrap(), None);
}
