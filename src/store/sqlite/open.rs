//! Opening a store: the file, its schema's versions, who may write.

use super::SqliteTransaction;
use super::seals::Added;
use crate::store::{Store, Transaction};
use crate::world::{self, Act};
use anyhow::{Context, Result, ensure};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};
use std::path::Path;
use std::time::Duration;

/// What brings a store from each version of the schema to the next. Entries are never changed, only added.
const MIGRATIONS: &[&str] = &[
    include_str!("schema.sql"),
    include_str!("schema_2.sql"),
    include_str!("schema_3.sql"),
    include_str!("schema_4.sql"),
    include_str!("schema_5.sql"),
    include_str!("schema_6.sql"),
    include_str!("schema_7.sql"),
    include_str!("schema_8.sql"),
    include_str!("schema_9.sql"),
];

/// How long another process may hold the write lock before we give up.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// Statements that stay prepared; there are about sixty.
const STATEMENTS: usize = 128;

/// A store in one file, or in memory.
#[derive(Debug)]
pub struct SqliteStore {
    connection: Connection,
    /// The file, for messages.
    pub(super) name: String,
}

impl SqliteStore {
    /// Opens the file, which is made if it is not there; its folder must be.
    pub fn open(path: &Path) -> Result<Self> {
        Self::open_with_patience(path, PATIENCE)
    }

    /// [`Self::open`] that waits so long where another process holds the write lock.
    pub fn open_with_patience(path: &Path, patience: Duration) -> Result<Self> {
        let name = path.display().to_string();
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            ensure!(folder.is_dir(), "cannot open the store {name}: there is no folder {}", folder.display());
        }
        let connection = Connection::open(path).with_context(|| format!("cannot open the store {name}"))?;
        let store = Self { connection, name };
        store.prepare(patience, "wal").with_context(|| format!("cannot use {} as a store", store.name))?;
        Ok(store)
    }

    /// A store that ends with its value.
    pub fn in_memory() -> Result<Self> {
        let connection = Connection::open_in_memory().context("cannot open a store in memory")?;
        let store = Self { connection, name: "in memory".to_owned() };
        store.prepare(PATIENCE, "memory").context("cannot use memory as a store")?;
        Ok(store)
    }

    /// How many migrations the store at `path` has had, which is left as it is; 0 where there is none. Fails for what is no
    /// store of ours.
    pub fn schema_version(path: &Path) -> Result<usize> {
        if !path.exists() {
            return Ok(0);
        }
        let name = path.display().to_string();
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let connection = Connection::open_with_flags(path, flags)
            .with_context(|| format!("cannot open the store {name}"))?;
        let store = Self { connection, name };
        store.version().with_context(|| format!("cannot use {} as a store", store.name))
    }

    fn prepare(&self, patience: Duration, journal: &str) -> Result<()> {
        self.connection.set_prepared_statement_cache_capacity(STATEMENTS);
        self.connection.busy_timeout(patience)?;
        // plans do not depend on values: otherwise some statements are prepared anew for each value that is bound
        self.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        // reading the version first: a file that is no database, or is too new, is left as it is
        let version = self.version()?;
        let mode: String =
            self.connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
        ensure!(mode == journal, "its journal mode is {mode}, not {journal}: a network folder, perhaps");
        self.connection.pragma_update(None, "synchronous", "FULL")?;
        self.connection.pragma_update(None, "foreign_keys", true)?;
        // KiB: enough that a night's indexes stay in memory, little beside the night itself
        self.connection.pragma_update(None, "cache_size", -32_768)?;
        if version < MIGRATIONS.len() {
            self.migrate()?;
        }
        Ok(())
    }

    /// How many migrations the store has had. Fails for what is no store, or one of a newer itembridge.
    fn version(&self) -> Result<usize> {
        let version: i64 = self.connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        let version = usize::try_from(version).context("its schema version is negative")?;
        let known = MIGRATIONS.len();
        ensure!(
            version <= known,
            "its schema has version {version} and this itembridge knows {known}: use the newer itembridge that wrote it"
        );
        let tables: i64 =
            self.connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        ensure!(version > 0 || tables == 0, "it is a database of something else");
        Ok(version)
    }

    fn migrate(&self) -> Result<()> {
        self.connection.execute_batch("BEGIN IMMEDIATE").map_err(|error| self.locked(error))?;
        let done = self.migrate_inside();
        let committed = done.and_then(|()| {
            commit(&self.name, || self.connection.execute_batch("COMMIT")).context("cannot commit the schema")
        });
        if committed.is_err() && !self.connection.is_autocommit() {
            self.connection.execute_batch("ROLLBACK")?;
        }
        committed
    }

    fn migrate_inside(&self) -> Result<()> {
        // asked again under the lock: another process may have been here first
        let version = self.version()?;
        for (index, migration) in MIGRATIONS.iter().enumerate().skip(version) {
            self.connection
                .execute_batch(migration)
                .with_context(|| format!("cannot bring its schema to version {}", index + 1))?;
        }
        Ok(self.connection.pragma_update(None, "user_version", i64::try_from(MIGRATIONS.len())?)?)
    }

    fn transaction(
        &mut self,
        behavior: TransactionBehavior,
        reads_only: bool,
    ) -> Result<SqliteTransaction<'_>> {
        self.connection.pragma_update(None, "query_only", reads_only)?;
        let Self { connection, name } = self;
        let sql = connection.transaction_with_behavior(behavior).map_err(|error| locked(name, error))?;
        Ok(SqliteTransaction { sql, name, added: Added::default() })
    }

    /// What [`Store::read`] and [`Store::begin`] give, for copies.
    pub(super) fn snapshot(&mut self) -> Result<rusqlite::Transaction<'_>> {
        Ok(self.transaction(TransactionBehavior::Deferred, true)?.sql)
    }

    pub(super) fn exclusive(&mut self) -> Result<rusqlite::Transaction<'_>> {
        Ok(self.transaction(TransactionBehavior::Immediate, false)?.sql)
    }

    fn locked(&self, error: rusqlite::Error) -> anyhow::Error {
        locked(&self.name, error)
    }
}

fn locked(name: &str, error: rusqlite::Error) -> anyhow::Error {
    let busy = matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked));
    anyhow::Error::new(error).context(if busy {
        format!(
            "the store {name} is held by another process that writes to it; try again when that has ended"
        )
    } else {
        format!("cannot begin a transaction in the store {name}")
    })
}

/// Commits, as a step of the world.
pub(super) fn commit(name: &str, done: impl FnOnce() -> rusqlite::Result<()>) -> Result<()> {
    world::step(Act::Commit, Path::new(name), || done().map_err(std::io::Error::other))
        .with_context(|| format!("cannot commit to the store {name}"))
}

impl Store for SqliteStore {
    fn begin(&mut self) -> Result<Box<dyn Transaction + '_>> {
        Ok(Box::new(self.transaction(TransactionBehavior::Immediate, false)?))
    }

    fn read(&mut self) -> Result<Box<dyn Transaction + '_>> {
        let transaction = self.transaction(TransactionBehavior::Deferred, true)?;
        // SQLite takes its snapshot at the first look, not at BEGIN
        transaction
            .sql
            .query_row("SELECT count(*) FROM master_file", [], |_| Ok(()))
            .context("cannot read the store")?;
        Ok(Box::new(transaction))
    }
}
