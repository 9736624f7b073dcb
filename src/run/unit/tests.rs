//! A unit whose figures do not prove is not committed, and nothing of it is there.

use super::*;
use crate::domain::Date;
use crate::domain::item::Masters;
use crate::pipeline::amounts::Amounts;
use crate::run::sums::Fate;
use crate::store::Store as _;
use crate::store::sqlite::SqliteStore;

const SITE: &str = "[company]\nname = \"Us\"\ninterchange_qualifier = \"ZZ\"\ninterchange_id = \"US\"\n\
    application_id = \"US\"\ncurrency = \"USD\"\n";

#[test]
fn a_wrong_count_of_lines_quantities_or_values_stops_the_commit() {
    type Spoil = fn(&mut Counts);
    let rows: [(Spoil, Option<&str>); 7] = [
        (|_| {}, None),
        (|counts| counts.lines.ordered += 1, Some("2 lines in, but ordered 3")),
        (|counts| counts.lines.received -= 1, Some("1 lines in, but ordered 2")),
        (|counts| counts.balance.quantities.ordered.0 -= 1, Some("quantity 6 in, but ordered 5.999999")),
        (|counts| counts.balance.quantities.received.0 += 7, Some("quantity 6.000007 in")),
        (
            |counts| counts.balance.values.entry("EUR".into()).or_default().held.0 += 1,
            Some("value EUR 0 in, but ordered 0 + held 0.000001"),
        ),
        (|counts| counts.released.lines += 1, Some("1 lines waited, but ordered 0")),
    ];
    for (spoil, told) in rows {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("itembridge.toml"), SITE).unwrap();
        let settings = crate::site::config::load(folder.path()).unwrap();
        let folders = Folders::open(folder.path()).unwrap();
        folders.create().unwrap();
        let mut store = SqliteStore::in_memory().unwrap();
        let mut tx = store.begin().unwrap();
        let run = tx.start_run(Date::constant(2026, 11, 20), 1).unwrap();
        tx.commit().unwrap();
        let (index, _) = XrefIndex::build(Masters::default(), Vec::new());
        let mut unit =
            Unit::begin(store.begin().unwrap(), &settings, &folders, &run, Stage::Orders, &index).unwrap();
        unit.counts.lines.received = 2;
        unit.counts.lines.ordered = 2;
        let amounts = Amounts { quantity: 6_000_000, value: 30_000_000 };
        unit.counts.balance.add(Fate::Received, amounts, &"USD".into());
        unit.counts.balance.add(Fate::Ordered, amounts, &"USD".into());
        unit.add_exception(ExceptionRow::default()).unwrap();
        spoil(&mut unit.counts);
        let done = unit.commit(&[]);
        let mut tx = store.begin().unwrap();
        let left = (tx.units(&run.run_id).unwrap().len(), tx.open_exceptions().unwrap().len());
        match told {
            None => {
                done.unwrap();
                assert_eq!(left, (1, 1));
            }
            Some(told) => {
                let error = done.unwrap_err().to_string();
                assert!(error.starts_with("E4") && error.contains(told), "{error}");
                assert_eq!(left, (0, 0), "{told}");
            }
        }
    }
}
