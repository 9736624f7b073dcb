//! The store in one SQLite file: opening it, its schema's versions, its transactions.

mod billing;
mod decisions;
mod held;
mod inputs;
mod invoices;
mod masters;
mod orders;
mod outputs;
mod records;
mod runs;
mod sync;
mod values;
mod xref_changes;
mod xref_rows;
mod xref_search;

use super::{
    CauseDecision, Closing, ExceptionRow, HeldFilter, HeldOrder, InterchangeKey, InterchangeRow, InvoiceRow,
    Micros, OrderRow, OutputRow, ReceiptRow, RunRow, Store, SyncCounts, Transaction, UnitRow,
};
use crate::domain::customer_item::CustomerItemEvent;
use crate::domain::item::{Customer, Masters, Xref};
use crate::domain::{Date, Text};
use crate::store::invoices::{BilledLineRow, HeldInvoiceRow, InvoiceDecision};
use crate::store::xrefs::{
    XrefChange, XrefChangeSet, XrefEffect, XrefFound, XrefHistoryOf, XrefQuery, XrefSignature, XrefVersion,
};
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
];

/// How long another process may hold the write lock before we give up.
const PATIENCE: Duration = Duration::from_secs(30);

/// Statements that stay prepared; there are about sixty.
const STATEMENTS: usize = 128;

/// A store in one file, or in memory.
#[derive(Debug)]
pub struct SqliteStore {
    connection: Connection,
    /// The file, for messages.
    name: String,
}

impl SqliteStore {
    /// Opens the file, which is made if it is not there; its folder must be.
    pub fn open(path: &Path) -> Result<Self> {
        Self::open_with_patience(path, PATIENCE)
    }

    /// [`Self::open`] that waits so long where another process holds the write lock.
    pub fn open_with_patience(path: &Path, patience: Duration) -> Result<Self> {
        let name = path.display().to_string();
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
        let end = if done.is_ok() { "COMMIT" } else { "ROLLBACK" };
        self.connection.execute_batch(end)?;
        done
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
        Ok(SqliteTransaction { sql })
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

/// Dropping it rolls it back.
#[derive(Debug)]
struct SqliteTransaction<'a> {
    sql: rusqlite::Transaction<'a>,
}

impl Transaction for SqliteTransaction<'_> {
    fn commit(self: Box<Self>) -> Result<()> {
        self.sql.commit().context("cannot commit to the store")
    }

    fn open_run(&mut self) -> Result<Option<RunRow>> {
        runs::open_run(&self.sql)
    }
    fn start_run(&mut self, date: Date, now: Micros) -> Result<RunRow> {
        runs::start_run(&self.sql, date, now)
    }
    fn note_run(&mut self, run_id: &str, note: &str) -> Result<()> {
        runs::note_run(&self.sql, run_id, note)
    }

    fn end_run(&mut self, run_id: &str, now: Micros, exit_code: u8, summary: &str) -> Result<()> {
        runs::end_run(&self.sql, run_id, now, exit_code, summary)
    }
    fn last_runs(&mut self, limit: u32) -> Result<Vec<RunRow>> {
        runs::last_runs(&self.sql, limit)
    }

    fn next_unit(&mut self, run_id: &str) -> Result<u32> {
        runs::next_unit(&self.sql, run_id)
    }
    fn add_unit(&mut self, run_id: &str, unit: u32, stage: &str, counts: &str) -> Result<()> {
        runs::add_unit(&self.sql, run_id, unit, stage, counts)
    }
    fn units(&mut self, run_id: &str) -> Result<Vec<UnitRow>> {
        runs::units(&self.sql, run_id)
    }

    fn master_digest(&mut self, name: &str) -> Result<Option<Text>> {
        masters::digest(&self.sql, name)
    }
    fn sync_master(&mut self, name: &str, digest: &str, rows: &Masters, now: Micros) -> Result<SyncCounts> {
        masters::sync(&self.sql, name, digest, rows, now)
    }
    fn masters(&mut self, as_of: Option<Micros>) -> Result<Masters> {
        masters::all(&self.sql, as_of)
    }
    fn each_xref(&mut self, as_of: Option<Micros>, take: &mut dyn FnMut(Xref) -> Result<()>) -> Result<()> {
        masters::each_xref(&self.sql, as_of, take)
    }
    fn masters_without_xrefs(&mut self, as_of: Option<Micros>) -> Result<Masters> {
        masters::without_xrefs(&self.sql, as_of)
    }
    fn customer(&mut self, customer: &str, as_of: Option<Micros>) -> Result<Option<Customer>> {
        masters::customer(&self.sql, customer, as_of)
    }

    fn begin_xref_change(&mut self, by: &XrefSignature) -> Result<XrefChangeSet> {
        xref_changes::begin(&self.sql, by)
    }
    fn change_xref(&mut self, set: &mut XrefChangeSet, change: &XrefChange) -> Result<XrefEffect> {
        xref_changes::change(&self.sql, set, change)
    }
    fn end_xref_change(&mut self, set: XrefChangeSet) -> Result<()> {
        xref_changes::end(&self.sql, &set)
    }
    fn xrefs_of(&mut self, customer: &str, customer_item: &str, ship_to: &str) -> Result<Vec<XrefVersion>> {
        xref_rows::of_number(&self.sql, customer, customer_item, ship_to)
    }
    fn each_xref_version(
        &mut self,
        as_of: Option<Micros>,
        take: &mut dyn FnMut(XrefVersion) -> Result<()>,
    ) -> Result<()> {
        xref_rows::each(&self.sql, as_of, take)
    }
    fn has_numbers_to_learn(&mut self) -> Result<bool> {
        xref_search::has_unlearnt(&self.sql)
    }
    fn learn_numbers(&mut self) -> Result<()> {
        xref_search::learn_unlearnt(&self.sql)
    }
    fn xref_history(&mut self, of: XrefHistoryOf<'_>) -> Result<Vec<XrefVersion>> {
        xref_rows::history(&self.sql, of)
    }
    fn find_xrefs(&mut self, query: &XrefQuery<'_>) -> Result<XrefFound> {
        xref_search::find(&self.sql, query)
    }
    fn numbers_like(&mut self, customer: &str, customer_item: &str, before: Micros) -> Result<Vec<Text>> {
        xref_rows::numbers_like(&self.sql, customer, customer_item, before)
    }
    fn used_xrefs(&mut self, since: Date) -> Result<Vec<i64>> {
        orders::used_xrefs(&self.sql, since)
    }
    fn each_shared_number(&mut self, take: &mut dyn FnMut(&str, &[XrefVersion]) -> Result<()>) -> Result<()> {
        xref_rows::each_shared_number(&self.sql, take)
    }

    fn receipt(&mut self, stage: &str, digest: &str) -> Result<Option<ReceiptRow>> {
        inputs::receipt(&self.sql, stage, digest)
    }
    fn add_receipt(&mut self, receipt: &ReceiptRow) -> Result<()> {
        inputs::add_receipt(&self.sql, receipt)
    }
    fn unarchived(&mut self, run_id: &str) -> Result<Vec<ReceiptRow>> {
        inputs::unarchived(&self.sql, run_id)
    }
    fn mark_archived(&mut self, run_id: &str, unit: u32) -> Result<()> {
        inputs::mark_archived(&self.sql, run_id, unit)
    }

    fn interchange(&mut self, key: &InterchangeKey, since: Date) -> Result<Option<InterchangeRow>> {
        inputs::interchange(&self.sql, key, since)
    }
    fn add_interchange(&mut self, row: &InterchangeRow) -> Result<()> {
        inputs::add_interchange(&self.sql, row)
    }

    fn order_by_po(
        &mut self,
        customer: &str,
        po_number: &str,
        release: &str,
        since: Date,
    ) -> Result<Option<OrderRow>> {
        orders::by_po(&self.sql, customer, po_number, release, since)
    }
    fn order(&mut self, order_id: &str) -> Result<Option<OrderRow>> {
        orders::by_id(&self.sql, order_id)
    }
    fn orders_with_po(&mut self, customer: Option<&str>, po_number: &str) -> Result<Vec<OrderRow>> {
        orders::with_po(&self.sql, customer, po_number)
    }
    fn each_order(&mut self, since: Date, take: &mut dyn FnMut(OrderRow) -> Result<()>) -> Result<()> {
        orders::each(&self.sql, since, take)
    }
    fn add_order(&mut self, row: &OrderRow) -> Result<()> {
        orders::add(&self.sql, row)
    }
    fn held_orders(&mut self, wanted: &HeldFilter) -> Result<Vec<HeldOrder>> {
        held::held_orders(&self.sql, wanted)
    }
    fn update_order(&mut self, row: &OrderRow) -> Result<()> {
        held::update(&self.sql, row)
    }

    fn add_exception(&mut self, row: &ExceptionRow) -> Result<()> {
        orders::add_exception(&self.sql, row)
    }
    fn run_exceptions(&mut self, run_id: &str, limit: u32) -> Result<Vec<ExceptionRow>> {
        orders::run_exceptions(&self.sql, run_id, limit)
    }

    fn open_exceptions(&mut self) -> Result<Vec<ExceptionRow>> {
        orders::open_exceptions(&self.sql)
    }
    fn orders_with_refused_lines(&mut self) -> Result<Vec<Text>> {
        held::with_refused_lines(&self.sql)
    }
    fn add_cause_decision(&mut self, row: &CauseDecision) -> Result<()> {
        decisions::add(&self.sql, row)
    }
    fn cause_decision(&mut self, cause: &str) -> Result<Option<CauseDecision>> {
        decisions::last(&self.sql, cause)
    }
    fn undecided_exceptions(&mut self, today: Date) -> Result<Vec<ExceptionRow>> {
        decisions::undecided(&self.sql, today)
    }
    fn rejected_lines(&mut self, order_id: &str) -> Result<Vec<u32>> {
        decisions::rejected_lines(&self.sql, order_id)
    }
    fn close_exceptions(&mut self, closing: &Closing<'_>) -> Result<u64> {
        held::close_exceptions(&self.sql, closing)
    }

    fn take_numbers(&mut self, sequence: &str, count: u32, max: u32) -> Result<u32> {
        outputs::take_numbers(&self.sql, sequence, count, max)
    }

    fn invoice(&mut self, kind: &str, invoice_number: &str) -> Result<Option<InvoiceRow>> {
        invoices::invoice(&self.sql, kind, invoice_number)
    }
    fn add_invoice(&mut self, row: &InvoiceRow) -> Result<()> {
        invoices::add(&self.sql, row)
    }
    fn add_billed_lines(&mut self, order_id: &str, lines: &[BilledLineRow]) -> Result<()> {
        billing::add_billed(&self.sql, order_id, lines)
    }
    fn billed_lines(&mut self, order_id: &str) -> Result<Vec<BilledLineRow>> {
        billing::billed(&self.sql, order_id)
    }
    fn held_invoice(&mut self, kind: &str, invoice_number: &str) -> Result<Option<HeldInvoiceRow>> {
        billing::held(&self.sql, kind, invoice_number)
    }
    fn held_invoices_before(&mut self, run_id: &str) -> Result<Vec<HeldInvoiceRow>> {
        billing::held_before(&self.sql, run_id)
    }
    fn put_held_invoice(&mut self, row: &HeldInvoiceRow) -> Result<()> {
        billing::put_held(&self.sql, row)
    }
    fn remove_held_invoice(&mut self, kind: &str, invoice_number: &str) -> Result<()> {
        billing::remove_held(&self.sql, kind, invoice_number)
    }
    fn add_invoice_decision(&mut self, row: &InvoiceDecision) -> Result<()> {
        billing::add_decision(&self.sql, row)
    }
    fn invoice_decision(&mut self, kind: &str, invoice_number: &str) -> Result<Option<InvoiceDecision>> {
        billing::decision(&self.sql, kind, invoice_number)
    }
    fn open_exceptions_of_kind(&mut self, kind: &str) -> Result<Vec<ExceptionRow>> {
        billing::open_of_kind(&self.sql, kind)
    }
    fn is_open(&mut self, kind: &str, cause: &str) -> Result<bool> {
        billing::is_open(&self.sql, kind, cause)
    }
    fn close_cause(&mut self, cause: (&str, &str), by: (&str, &str), now: Micros) -> Result<u64> {
        billing::close_cause(&self.sql, cause, by, now)
    }

    fn add_customer_item_events(
        &mut self,
        run_id: &str,
        events: &[CustomerItemEvent],
        now: Micros,
    ) -> Result<u32> {
        invoices::add_events(&self.sql, run_id, events, now)
    }
    fn customer_item_events(&mut self, customer: Option<&str>) -> Result<Vec<CustomerItemEvent>> {
        invoices::events(&self.sql, customer)
    }
    fn pos_sale_paid_first_time(&mut self, key: &str, paid: bool, run_id: &str) -> Result<bool> {
        invoices::pos_sale_paid_first_time(&self.sql, key, paid, run_id)
    }

    fn stage_output(&mut self, row: &OutputRow) -> Result<()> {
        outputs::stage(&self.sql, row)
    }
    fn unpublished(&mut self) -> Result<Vec<OutputRow>> {
        outputs::unpublished(&self.sql)
    }
    fn mark_published(&mut self, run_id: &str, unit: u32) -> Result<()> {
        outputs::mark_published(&self.sql, run_id, unit)
    }
}
