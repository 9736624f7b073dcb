//! What holds of a store in a file: several processes, strangers' files, readers with a standard tool.

use super::*;

/// A store of version 4, which has nothing in it.
pub(super) fn of_version_4(path: &Path) -> rusqlite::Connection {
    let old = rusqlite::Connection::open(path).unwrap();
    for schema in [
        include_str!("../../src/store/sqlite/schema.sql"),
        include_str!("../../src/store/sqlite/schema_2.sql"),
        include_str!("../../src/store/sqlite/schema_3.sql"),
        include_str!("../../src/store/sqlite/schema_4.sql"),
    ] {
        old.execute_batch(schema).unwrap();
    }
    old.execute_batch("PRAGMA user_version = 4").unwrap();
    old
}

#[test]
fn a_reader_sees_one_instant_and_holds_up_no_writer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let mut writer = impatient(&path);
    let mut reader = impatient(&path);
    let mut view = reader.read().unwrap();
    let mut work = writer.begin().unwrap();
    work.start_run(DAY, 1).unwrap();
    work.commit().unwrap();
    assert_eq!(view.last_runs(1).unwrap(), [], "it sees the store as it stood when it began");
    drop(view);
    assert_eq!(reader.read().unwrap().last_runs(1).unwrap().len(), 1);
}

#[test]
fn a_second_writer_waits_and_then_says_who_is_in_the_way() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let mut first = impatient(&path);
    let work = first.begin().unwrap();
    // opening and reading need no lock
    let mut second = impatient(&path);
    assert_eq!(second.read().unwrap().last_runs(1).unwrap(), []);
    let error = second.begin().err().unwrap().to_string();
    assert_eq!(
        error,
        format!(
            "the store {} is held by another process that writes to it; try again when that has ended",
            path.display()
        )
    );
    drop(work);
    assert!(second.begin().is_ok());
}

fn impatient(path: &Path) -> SqliteStore {
    SqliteStore::open_with_patience(path, Duration::from_millis(20)).unwrap()
}

#[test]
fn text_with_a_nul_is_refused_with_its_place() {
    let mut store = SqliteStore::in_memory().unwrap();
    let mut work = store.begin().unwrap();
    work.start_run(DAY, 1).unwrap();
    let error = work.add_order(&OrderRow { input: "a\0b".into(), ..order("O-1", "A", DAY) }).unwrap_err();
    assert_eq!(error.to_string(), "order O-1, PO number 0047");
    assert_eq!(
        error.root_cause().to_string(),
        r#""a\0b" has a NUL character, which the store does not keep"#
    );
}

#[test]
fn what_is_no_store_of_ours_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("text"), "not a database, but long enough to be looked at as if it were one.")
        .unwrap();
    let stranger = rusqlite::Connection::open(path("stranger")).unwrap();
    stranger.execute_batch("CREATE TABLE t (a)").unwrap();
    drop(SqliteStore::open(&path("newer")).unwrap());
    rusqlite::Connection::open(path("newer")).unwrap().pragma_update(None, "user_version", 99).unwrap();
    for (name, reason) in [
        ("text", "file is not a database"),
        ("stranger", "it is a database of something else"),
        (
            "newer",
            "its schema has version 99 and this itembridge knows 9: use the newer itembridge that wrote it",
        ),
        ("no/folder", "unable to open database file"),
    ] {
        let error = format!("{:#}", SqliteStore::open(&path(name)).err().unwrap());
        assert!(error.contains(reason) && error.contains(name), "{error}");
    }
    let tables: i64 = stranger.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).unwrap();
    assert_eq!(tables, 1);
}

#[test]
fn anyone_with_a_standard_tool_can_read_the_lines() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let mut store = SqliteStore::open(&path).unwrap();
    let mut work = store.begin().unwrap();
    work.start_run(DAY, 1).unwrap();
    let line = r#"[2,"20","10-4410","mapped","ordered","customer","6","CA","72","EA","3.10","B-200","BP",71,"0007","2026-03-09"]"#;
    let held = r#"[3,"","","unmapped","held",null,"1","EA",null,"",null]"#;
    work.add_order(&OrderRow { lines: format!("[{line},{held}]"), ..order("O-1", "A", DAY) }).unwrap();
    work.commit().unwrap();
    let tool = rusqlite::Connection::open(&path).unwrap();
    let mut answer = tool
        .prepare(
            "SELECT concat_ws(' ', order_id, line, po_line_id, item, outcome, state, via, ordered_quantity, ordered_unit,
                 quantity, unit, unit_price, customer_item, customer_item_qualifier, xref_id, ship_to, requested_date)
             FROM order_line ORDER BY line",
        )
        .unwrap();
    let rows: Vec<String> = answer.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(
        rows,
        [
            "O-1 2 20 10-4410 mapped ordered customer 6 CA 72 EA 3.10 B-200 BP 71 0007 2026-03-09",
            "O-1 3   unmapped held 1 EA "
        ]
    );
    let durable: i64 = tool
        .query_row("SELECT count(*) FROM pragma_journal_mode WHERE journal_mode = 'wal'", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(durable, 1);
}
