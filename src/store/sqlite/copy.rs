//! A consistent copy of a store while others write to it, and its rows on their way into another store.

use super::open;
use super::{SqliteStore, described};
use crate::store::copy::{CopySource, CopyTarget, Table, Value};
use anyhow::{Context, Result, bail, ensure};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags, ToSql, Transaction};
use std::path::Path;

/// Made from other tables: they are made anew, not copied.
const DERIVED: &str =
    "name NOT IN ('described', 'described_word') AND name NOT LIKE 'described\\_text%' ESCAPE '\\'
     AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";

impl SqliteStore {
    /// Writes the store as it stands at one instant into a new file, whatever others write meanwhile; it is neither changed nor
    /// brought up to date. The copy is looked through before it counts. Its schema's version.
    pub fn back_up(store: &Path, to: &Path) -> Result<usize> {
        let name = store.display();
        ensure!(store.is_file(), "there is no store {name}");
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
        let source = Connection::open_with_flags(store, flags)
            .with_context(|| format!("cannot open the store {name}"))?;
        source.busy_timeout(open::PATIENCE)?;
        let target = to.to_str().with_context(|| format!("{} is no name for SQLite", to.display()))?;
        source
            .execute("VACUUM INTO $1", [target])
            .with_context(|| format!("cannot copy the store {name}"))?;
        let copy = Connection::open_with_flags(to, OpenFlags::SQLITE_OPEN_READ_ONLY)
            .with_context(|| format!("cannot open the copy {}", to.display()))?;
        let sound: String = copy.pragma_query_value(None, "quick_check", |row| row.get(0))?;
        ensure!(sound == "ok", "the copy of {name} is not sound: {sound}");
        drop(copy);
        let version = Self::schema_version(to)?;
        ensure!(version > 0, "the store {name} is being made just now: there is nothing in it yet");
        Ok(version)
    }

    /// The store as it stands, for a copy of its rows.
    pub fn copy_source(&mut self) -> Result<impl CopySource + '_> {
        Ok(Source { sql: self.snapshot()? })
    }

    /// The store as the target of a copy.
    pub fn copy_target(&mut self) -> Result<Box<dyn CopyTarget + '_>> {
        let name = self.name.clone();
        let sql = self.exclusive()?;
        // a row may come before the one that it refers to
        sql.pragma_update(None, "defer_foreign_keys", true)?;
        Ok(Box::new(Target { sql, name }))
    }
}

struct Source<'s> {
    sql: Transaction<'s>,
}

struct Target<'s> {
    sql: Transaction<'s>,
    /// The store's file, for messages.
    name: String,
}

fn tables(connection: &Connection) -> Result<Vec<Table>> {
    let what = "cannot list the tables of the store";
    let sql = format!("SELECT name FROM sqlite_schema WHERE type = 'table' AND {DERIVED} ORDER BY name");
    let mut statement = connection.prepare(&sql).context(what)?;
    let names = statement.query_map([], |row| row.get::<_, String>(0)).context(what)?;
    let names: Vec<String> = names.collect::<Result<_, _>>().context(what)?;
    let columns = "SELECT name FROM pragma_table_info($1) ORDER BY cid";
    let mut statement = connection.prepare(columns).context(what)?;
    names
        .into_iter()
        .map(|name| {
            let columns = statement.query_map([&name], |row| row.get(0)).context(what)?;
            let columns = columns.collect::<Result<_, _>>().context(what)?;
            Ok(Table { name, columns })
        })
        .collect()
}

impl CopySource for Source<'_> {
    fn tables(&mut self) -> Result<Vec<Table>> {
        tables(&self.sql)
    }

    fn each_row(&mut self, table: &Table, take: &mut dyn FnMut(&[Value]) -> Result<()>) -> Result<()> {
        let what = || format!("cannot read the table {}", table.name);
        let sql = format!("SELECT {} FROM {}", table.columns.join(", "), table.name);
        let mut statement = self.sql.prepare(&sql).with_context(what)?;
        let mut answer = statement.query([]).with_context(what)?;
        let mut values = Vec::with_capacity(table.columns.len());
        while let Some(row) = answer.next().with_context(what)? {
            values.clear();
            for at in 0..table.columns.len() {
                values.push(match row.get_ref(at).with_context(what)? {
                    ValueRef::Null => Value::Null,
                    ValueRef::Integer(whole) => Value::Integer(whole),
                    ValueRef::Text(text) => Value::Text(String::from_utf8(text.to_vec()).with_context(what)?),
                    other => {
                        bail!("the table {} has a value of another kind: {:?}", table.name, other.data_type())
                    }
                });
            }
            take(&values)?;
        }
        Ok(())
    }
}

impl CopyTarget for Target<'_> {
    fn tables(&mut self) -> Result<Vec<Table>> {
        tables(&self.sql)
    }

    fn is_empty(&mut self, table: &Table) -> Result<bool> {
        let sql = format!("SELECT NOT EXISTS (SELECT 1 FROM {})", table.name);
        Ok(self.sql.query_row(&sql, [], |row| row.get(0))?)
    }

    fn add(&mut self, table: &Table, row: &[Value]) -> Result<()> {
        let places: Vec<String> = (1..=row.len()).map(|at| format!("${at}")).collect();
        let (name, columns) = (&table.name, table.columns.join(", "));
        let sql = format!("INSERT INTO {name} ({columns}) VALUES ({})", places.join(", "));
        let what = || format!("cannot copy into the table {name}");
        let mut statement = self.sql.prepare_cached(&sql).with_context(what)?;
        statement.execute(rusqlite::params_from_iter(row)).with_context(what)?;
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<()> {
        self.sql.execute_batch(
            "INSERT OR IGNORE INTO described_unlearnt (recorded, ours) SELECT DISTINCT recorded_from, 1 FROM item;
             INSERT OR IGNORE INTO described_unlearnt (recorded, ours) SELECT DISTINCT recorded_from, 0 FROM item_xref;",
        )?;
        described::learn_unlearnt(&self.sql)?;
        let Self { sql, name } = *self;
        let name = name.as_str();
        open::commit(name, || sql.commit())
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(whole) => ValueRef::Integer(*whole),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}
