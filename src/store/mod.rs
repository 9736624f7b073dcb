//! The store: what changes, kept in one database. The doc comments of [`Store`] and [`Transaction`] are promises; the
//! conformance test proves them for every implementation.

pub mod audit;
pub mod changes;
pub mod copy;
pub mod invoices;
pub mod lines;
mod packed;
pub mod proof;
mod rows;
pub mod sent;
pub mod sqlite;
pub mod xrefs;

use crate::domain::customer_item::CustomerItemEvent;
use crate::domain::item::{Customer, Masters, Xref};
use crate::domain::{Date, Text};
use anyhow::Result;
use audit::{AuditEvent, AuditFilter};
use changes::{ChangeDecision, ChangeHead, OrderChangeRow, OrderVersionRow};
use invoices::{BilledLineRow, HeldInvoiceRow, InvoiceDecision};
use proof::{FileKind, ListedOutput, OldFile, RowFinding, RunName};
pub use rows::{
    AlteredEntry, CauseDecision, Closing, EventRecord, ExceptionRow, HeldFilter, HeldOrder, InterchangeKey,
    InterchangeRow, InvoiceRow, LedgerScope, OrderRow, OutputRow, PostedDocument, ProvenEntries, ReceiptRow,
    RunRow, SyncCounts, UnitRow,
};
use sent::{AcknowledgmentRow, ResendRow, SentFilter, SentRow, SentTo};
use xrefs::{
    XrefChange, XrefChangeSet, XrefEffect, XrefFound, XrefHistoryOf, XrefQuery, XrefSignature, XrefVersion,
};

/// Microseconds since 1970-01-01 UTC.
pub type Micros = i64;

/// A database that holds a site's state. All work happens in transactions; one at a time.
pub trait Store: Send {
    /// Begins a transaction that holds the write lock at once. Dropping it without [`Transaction::commit`] undoes it.
    fn begin(&mut self) -> Result<Box<dyn Transaction + '_>>;
    /// Begins a transaction that sees the store as it stands now, whatever others commit meanwhile, and holds up no writer.
    /// Whatever would write in it fails.
    fn read(&mut self) -> Result<Box<dyn Transaction + '_>>;
}

/// A transaction. What it wrote is durable when `commit` returns, and not there at all before.
pub trait Transaction {
    fn commit(self: Box<Self>) -> Result<()>;

    // -- runs ---------------------------------------------------------------------------------------------------

    /// The run that was begun and not ended, if there is one.
    fn open_run(&mut self) -> Result<Option<RunRow>>;
    /// A new run with the id `YYYYMMDD-NNN` of `date`, NNN counting from 001 within the date.
    fn start_run(&mut self, date: Date, now: Micros) -> Result<RunRow>;
    /// Keeps `note` (JSON) as the summary of a run that is under way: what it must not forget if it is interrupted.
    fn note_run(&mut self, run_id: &str, note: &str) -> Result<()>;
    /// Marks the run as ended; `summary` is its JSON as reports/run-<id>.json has it.
    fn end_run(&mut self, run_id: &str, now: Micros, exit_code: u8, summary: &str) -> Result<()>;
    /// The runs that began last, newest first.
    fn last_runs(&mut self, limit: u32) -> Result<Vec<RunRow>>;

    // -- units of work ------------------------------------------------------------------------------------------

    /// The number of the run's next unit: 1 for its first. Units are numbered without gaps.
    fn next_unit(&mut self, run_id: &str) -> Result<u32>;
    /// Records a unit with what it counted (JSON); the key is (run, unit). Fails unless it is the run's next unit.
    fn add_unit(&mut self, run_id: &str, unit: u32, stage: &str, counts: &str) -> Result<()>;
    /// The counts of the run's committed units, in unit order.
    fn units(&mut self, run_id: &str) -> Result<Vec<UnitRow>>;

    // -- masters ------------------------------------------------------------------------------------------------

    /// The digest of the masters file (`items`, `customers`, `item_xref`, `item_kits`, `uom`) that was synced last.
    fn master_digest(&mut self, name: &str) -> Result<Option<Text>>;
    /// Makes the current rows that came from masters equal to `rows` (only the list that `name` names is looked at): a new
    /// row begins its recorded time at `now`, a changed one ends the old row and begins a new one (an xref keeps its
    /// `xref_id`), a vanished one ends. Rows that came from decisions are not touched. Keeps the digest. A row that stands
    /// there twice with every value the same is kept once and counted. Recorded time never runs backwards: a `now` before
    /// the last sync of this list counts as the instant of that sync.
    fn sync_master(&mut self, name: &str, digest: &str, rows: &Masters, now: Micros) -> Result<SyncCounts>;
    /// All current rows, or those that were current at `as_of`; each list sorted by its key, rows with one key in the order
    /// of the file. Of rows with one key only those of the strongest source are there. An xref's `xref_id` is set.
    fn masters(&mut self, as_of: Option<Micros>) -> Result<Masters>;
    /// The xrefs of [`Transaction::masters`] one by one in the same order, so that an index of a million needs no second
    /// copy of them. An error of `take` ends the walk and comes back.
    fn each_xref(&mut self, as_of: Option<Micros>, take: &mut dyn FnMut(Xref) -> Result<()>) -> Result<()>;
    /// Those of [`Transaction::each_xref`] that have this in their column `customer` (a customer, `group:NAME`, `*`).
    fn each_xref_of(
        &mut self,
        customer: &str,
        as_of: Option<Micros>,
        take: &mut dyn FnMut(Xref) -> Result<()>,
    ) -> Result<()>;
    /// [`Transaction::masters`] without the xrefs.
    fn masters_without_xrefs(&mut self, as_of: Option<Micros>) -> Result<Masters>;
    /// One customer, as it is or as it was.
    fn customer(&mut self, customer: &str, as_of: Option<Micros>) -> Result<Option<Customer>>;

    // -- the cross-reference by imports and decisions -----------------------------------------------------------

    /// Opens a change set: its instant is `by.now`, or just after the last change or sync if that is not earlier, so that
    /// each instant has one signature. Fails for a signature of the masters, and for one without a name.
    fn begin_xref_change(&mut self, by: &XrefSignature) -> Result<XrefChangeSet>;
    /// Makes one change. Nothing is overwritten: a changed row ends at the set's instant and its next version begins there,
    /// with its `xref_id`. Values that stand already are left as they are, whatever their source. Ending a row that
    /// comes from the masters covers it by an inactive one. Within one set a key is changed once; a second time fails.
    fn change_xref(&mut self, set: &mut XrefChangeSet, change: &XrefChange) -> Result<XrefEffect>;
    /// Closes the change set: keeps its signature unless nothing changed, and lets lookups know the new numbers.
    fn end_xref_change(&mut self, set: XrefChangeSet) -> Result<()>;
    /// All current rows of one number for one `customer` and `ship_to` (columns of `item_xref.csv`), by key, the strongest source
    /// first: also those that are covered by a stronger one.
    fn xrefs_of(&mut self, customer: &str, customer_item: &str, ship_to: &str) -> Result<Vec<XrefVersion>>;
    /// The rows of [`Transaction::each_xref`] with their source, signature and recorded time.
    fn each_xref_version(
        &mut self,
        as_of: Option<Micros>,
        take: &mut dyn FnMut(XrefVersion) -> Result<()>,
    ) -> Result<()>;
    /// Whether a sync or an import of very many rows (over 20,000 new ones) left it to [`Transaction::learn_numbers`] to make their
    /// numbers and descriptions known to the functions below, which fail until then.
    fn has_numbers_to_learn(&mut self) -> Result<bool>;
    fn learn_numbers(&mut self) -> Result<()>;
    /// Every version of every row, of all customers, covered ones too, by recorded time and then by key.
    fn xref_history(&mut self, of: XrefHistoryOf<'_>) -> Result<Vec<XrefVersion>>;
    /// Looks numbers and descriptions up; see [`XrefQuery`].
    fn find_xrefs(&mut self, query: &XrefQuery<'_>) -> Result<XrefFound>;
    /// The current rows of all customers whose number is this one but for case, hyphens, blanks, points, slashes and leading zeros; this
    /// writing first, then by key, at most so many; those that a stronger source covers are left out.
    fn xrefs_like(&mut self, number: &str, limit: usize) -> Result<Vec<Xref>>;
    /// The numbers of one customer that are `customer_item` but for case, hyphens, blanks, points, slashes and leading zeros,
    /// itself left out, that had a row before `before`.
    fn numbers_like(&mut self, customer: &str, customer_item: &str, before: Micros) -> Result<Vec<Text>>;
    /// The `xref_id`s by which lines of orders received on `since` or later were mapped, in order.
    fn used_xrefs(&mut self, since: Date) -> Result<Vec<i64>>;
    /// The numbers that several values of the column `customer` have today, each with its current rows, in their order.
    fn each_shared_number(&mut self, take: &mut dyn FnMut(&str, &[XrefVersion]) -> Result<()>) -> Result<()>;

    // -- inputs -------------------------------------------------------------------------------------------------

    /// The receipt of an earlier input of the same stage with these bytes that was processed.
    fn receipt(&mut self, stage: &str, digest: &str) -> Result<Option<ReceiptRow>>;
    /// The receipt of the input of a run with this path below inbox/, whatever became of it.
    fn receipt_of(&mut self, run_id: &str, name: &str) -> Result<Option<ReceiptRow>>;
    fn add_receipt(&mut self, receipt: &ReceiptRow) -> Result<()>;
    /// The receipts of a run whose input is not in the archive yet, in the order in which they were added.
    fn unarchived(&mut self, run_id: &str) -> Result<Vec<ReceiptRow>>;
    fn mark_archived(&mut self, run_id: &str, unit: u32) -> Result<()>;

    /// An interchange with this sender, receiver and control number (leading zeros aside) received on `since` or later.
    fn interchange(&mut self, key: &InterchangeKey, since: Date) -> Result<Option<InterchangeRow>>;
    fn add_interchange(&mut self, row: &InterchangeRow) -> Result<()>;

    // -- purchase orders ----------------------------------------------------------------------------------------

    /// The newest order with this customer, PO number and release received on `since` or later.
    fn order_by_po(
        &mut self,
        customer: &str,
        po_number: &str,
        release: &str,
        since: Date,
    ) -> Result<Option<OrderRow>>;
    fn order(&mut self, order_id: &str) -> Result<Option<OrderRow>>;
    /// All orders with this PO number, of any customer if `customer` is None, oldest first.
    fn orders_with_po(&mut self, customer: Option<&str>, po_number: &str) -> Result<Vec<OrderRow>>;
    /// The orders received on `since` or later, oldest first. An error of `take` ends the walk and comes back.
    fn each_order(&mut self, since: Date, take: &mut dyn FnMut(OrderRow) -> Result<()>) -> Result<()>;
    /// Fails if the order id is there already.
    fn add_order(&mut self, row: &OrderRow) -> Result<()>;
    /// The orders of which a line waits (`held`, `part_held`), oldest first, so that those of one input stand together.
    fn held_orders(&mut self, wanted: &HeldFilter) -> Result<Vec<HeldOrder>>;
    /// Makes what an order says and what became of it (customer, release, date, currency, state, header, lines, answers)
    /// those of `row`; where it came from stays. Fails for an order id that is not there.
    fn update_order(&mut self, row: &OrderRow) -> Result<()>;

    // -- exceptions ---------------------------------------------------------------------------------------------

    fn add_exception(&mut self, row: &ExceptionRow) -> Result<()>;
    /// The exceptions of one run, oldest first, at most so many.
    fn run_exceptions(&mut self, run_id: &str, limit: u32) -> Result<Vec<ExceptionRow>>;
    /// Open exceptions, oldest first.
    fn open_exceptions(&mut self) -> Result<Vec<ExceptionRow>>;
    /// The orders with an open exception of a line that policy refused, in the order of their ids.
    fn orders_with_refused_lines(&mut self) -> Result<Vec<Text>>;
    /// Closes the open exceptions of one kind about a line of an order, and returns how many there were.
    fn close_exceptions(&mut self, closing: &Closing<'_>) -> Result<u64>;

    /// Keeps what a person decided about a cause; the last decision about it counts. A rejection is for the lines that are open
    /// under the cause now, and for none that come later. Fails without a name or a reason.
    fn add_cause_decision(&mut self, row: &CauseDecision) -> Result<()>;
    /// The last decision about a cause.
    fn cause_decision(&mut self, cause: &str) -> Result<Option<CauseDecision>>;
    /// The open exceptions, oldest first, without those that are ignored on that day and the lines that are rejected or mapped and
    /// wait for a release: of the mapped ones those that are open after the next run come back.
    fn undecided_exceptions(&mut self, today: Date) -> Result<Vec<ExceptionRow>>;
    /// What happened to causes, in the order in which it happened: which exceptions came up in which run, what was decided about
    /// them, how they ended. An error of `take` ends the walk and comes back.
    fn each_audit_event(
        &mut self,
        filter: &AuditFilter,
        take: &mut dyn FnMut(AuditEvent) -> Result<()>,
    ) -> Result<()>;
    /// The lines of an order that are open and that a person has rejected.
    fn rejected_lines(&mut self, order_id: &str) -> Result<Vec<u32>>;

    // -- control numbers ----------------------------------------------------------------------------------------

    /// Takes `count` consecutive numbers of a sequence and returns the first: 1 for a new sequence. A rolled-back
    /// transaction leaves no gap. Where the numbers would pass `max`, the sequence begins again at 1. Fails unless `count`
    /// is from 1 to `max`.
    fn take_numbers(&mut self, sequence: &str, count: u32, max: u32) -> Result<u32>;
    /// Lets a sequence go on where the furthest of it and `others` ended; these are gone then.
    fn join_numbers(&mut self, sequence: &str, others: &[Text]) -> Result<()>;

    // -- changes of orders --------------------------------------------------------------------------------------

    /// Keeps a change that came and returns its `change_id`: changes are numbered in the order in which they are added.
    fn add_order_change(&mut self, row: &OrderChangeRow) -> Result<i64>;
    /// Makes cause, state, order, customer, plan, answers and runs of a change those of `row`. Fails where it is not known.
    fn update_order_change(&mut self, row: &OrderChangeRow) -> Result<()>;
    fn order_change(&mut self, change_id: i64) -> Result<Option<OrderChangeRow>>;
    /// The last 200 changes that a partner sent about a PO number and release, in the order in which they came.
    fn order_changes(&mut self, partner: &str, po_number: &str, release: &str)
    -> Result<Vec<OrderChangeRow>>;
    /// The last 200 of these changes that came before the one with this id, without what they say, in the order in which they came.
    fn change_heads(
        &mut self,
        partner: &str,
        po_number: &str,
        release: &str,
        before: i64,
    ) -> Result<Vec<ChangeHead>>;
    /// The change that waits under a cause.
    fn held_change(&mut self, cause: &str) -> Result<Option<OrderChangeRow>>;
    /// The last change that waited under a cause and waits no longer.
    fn settled_change(&mut self, cause: &str) -> Result<Option<i64>>;
    /// The changes that wait and that this run has not looked at, in the order in which they came.
    fn held_changes_before(&mut self, run_id: &str) -> Result<Vec<i64>>;
    /// Keeps what an order was before a change, as its next version; `version` of the row counts for nothing.
    fn add_order_version(&mut self, row: &OrderVersionRow) -> Result<()>;
    /// What an order was, oldest first; nothing where no change was applied.
    fn order_versions(&mut self, order_id: &str) -> Result<Vec<OrderVersionRow>>;
    /// Keeps what a person decided about a change; the last decision counts. Fails without a name or a reason.
    fn add_change_decision(&mut self, row: &ChangeDecision) -> Result<()>;
    fn change_decision(&mut self, change_id: i64) -> Result<Option<ChangeDecision>>;

    // -- invoices -----------------------------------------------------------------------------------------------

    /// An invoice with this number and type (`DI`, `CR`).
    fn invoice(&mut self, kind: &str, invoice_number: &str) -> Result<Option<InvoiceRow>>;
    fn add_invoice(&mut self, row: &InvoiceRow) -> Result<()>;
    /// Keeps what an invoice bills of an order, in the transaction that adds the invoice. Fails for what is there already.
    fn add_billed_lines(&mut self, order_id: &str, lines: &[BilledLineRow]) -> Result<()>;
    /// What invoices and credits bill of an order, by kind, number and position.
    fn billed_lines(&mut self, order_id: &str) -> Result<Vec<BilledLineRow>>;
    /// An invoice that waits with this number and type.
    fn held_invoice(&mut self, kind: &str, invoice_number: &str) -> Result<Option<HeldInvoiceRow>>;
    /// The invoices that wait and that this run has not looked at, by kind and number.
    fn held_invoices_before(&mut self, run_id: &str) -> Result<Vec<HeldInvoiceRow>>;
    /// Keeps an invoice that waits, in the place of one with its number and type.
    fn put_held_invoice(&mut self, row: &HeldInvoiceRow) -> Result<()>;
    /// It waits no longer; nothing where it did not.
    fn remove_held_invoice(&mut self, kind: &str, invoice_number: &str) -> Result<()>;
    /// Keeps what a person decided about an invoice that waits; the last decision counts. Fails without a name or a reason.
    fn add_invoice_decision(&mut self, row: &InvoiceDecision) -> Result<()>;
    /// The last decision about an invoice.
    fn invoice_decision(&mut self, kind: &str, invoice_number: &str) -> Result<Option<InvoiceDecision>>;
    /// The open exceptions of a kind that is not `line`, oldest first.
    fn open_exceptions_of_kind(&mut self, kind: &str) -> Result<Vec<ExceptionRow>>;
    /// Whether an exception of a kind that is not `line` is open under a cause.
    fn is_open(&mut self, kind: &str, cause: &str) -> Result<bool>;
    /// Closes the open exceptions of a kind that is not `line` under one cause, and returns how many there were.
    fn close_cause(&mut self, cause: (&str, &str), by: (&str, &str), now: Micros) -> Result<u64>;

    // -- the customer-items ledger ------------------------------------------------------------------------------

    /// Adds the events whose key is new and passes over the others. Returns how many were new.
    fn add_customer_item_events(
        &mut self,
        run_id: &str,
        events: &[CustomerItemEvent],
        now: Micros,
    ) -> Result<u32>;
    /// All events in the order in which they were added, of one customer or of all.
    fn customer_item_events(&mut self, customer: Option<&str>) -> Result<Vec<CustomerItemEvent>>;
    /// Everybody who owns or owned something, in the order of their bytes.
    fn ledger_customers(&mut self) -> Result<Vec<Text>>;
    /// The events of a scope, and all others that what it owns depends on (of the customer it came from by a transfer, of the
    /// item that it replaced), in the order in which they were added.
    fn ledger_events(&mut self, scope: &LedgerScope<'_>) -> Result<Vec<CustomerItemEvent>>;
    /// The events that say this serial, in the order in which they were added: who owns and owned what has it follows from
    /// them alone, its cover and what it came from do not. Nothing for an empty serial.
    fn ledger_events_of_serial(&mut self, serial: &str) -> Result<Vec<CustomerItemEvent>>;
    /// The keys of all entries that were taken back.
    fn voided_ledger_keys(&mut self) -> Result<Vec<Text>>;
    /// How many events begin something with this serial: sales and replacements, of whatever item.
    fn times_begun(&mut self, serial: &str) -> Result<u32>;
    /// The events whose key begins with `prefix` and a slash, in the order in which they were added.
    fn ledger_events_under(&mut self, prefix: &str) -> Result<Vec<CustomerItemEvent>>;
    /// When and in which run an event came into the ledger; None for a key that is not there.
    fn ledger_record(&mut self, key: &str) -> Result<Option<EventRecord>>;
    /// Events that were never marked as checked, in the order in which they were added.
    fn unchecked_ledger_events(&mut self, limit: u32) -> Result<Vec<CustomerItemEvent>>;
    fn mark_ledger_checked(&mut self, keys: &[Text]) -> Result<()>;
    /// Looks at up to `limit` entries behind `after` (0: from the first on) and tells those that are not as they were
    /// recorded. One that was recorded by a program that kept no digest is taken as it stands.
    fn prove_ledger_entries(&mut self, after: i64, limit: u32) -> Result<ProvenEntries>;
    /// The same of one entry; None: it is as it was recorded, or was taken back.
    fn altered_ledger_entry(&mut self, key: &str) -> Result<Option<AlteredEntry>>;
    /// Gives the entries up to `last` behind `after` that have no digest theirs.
    fn seal_ledger_entries(&mut self, after: i64, last: i64) -> Result<()>;
    /// So many entries were recorded, lost ones included.
    fn ledger_entries_recorded(&mut self) -> Result<u64>;
    /// Where the nights' look at the entries again stands, and the date of the last; 0 and None before the first.
    fn ledger_round(&mut self) -> Result<(i64, Option<Date>)>;
    fn set_ledger_round(&mut self, after: i64, looked: Date) -> Result<()>;
    /// Keeps the content of a paid POS sale; one whose key is there stays as it is.
    fn add_pos_line(&mut self, key: &str, run_id: &str, content: &str) -> Result<()>;
    /// Posted invoices and paid sales that were never marked as reconciled, invoices first.
    fn unreconciled(&mut self, limit: u32) -> Result<Vec<PostedDocument>>;
    /// One of them, reconciled or not: `invoice`, type and number, or `pos`, nothing and the sale's key.
    fn posted_document(&mut self, source: &str, kind: &str, number: &str) -> Result<Option<PostedDocument>>;
    fn mark_reconciled(&mut self, document: &PostedDocument) -> Result<()>;
    /// Marks everything as reconciled.
    fn skip_reconciliation(&mut self) -> Result<()>;
    /// All posted invoices, then all paid sales, without their content.
    fn posted_documents(&mut self) -> Result<Vec<PostedDocument>>;
    /// The open exceptions of the ledger that name what they are about in `order_id`, oldest first.
    fn open_ledger_exceptions(&mut self) -> Result<Vec<ExceptionRow>>;
    /// Records that this POS sale line was seen, paid or not. Returns true the first time that it is seen paid.
    fn pos_sale_paid_first_time(&mut self, key: &str, paid: bool, run_id: &str) -> Result<bool>;

    // -- outputs ------------------------------------------------------------------------------------------------

    /// Lists a staged output; it is published by a rename from `staged` to `path`, both relative to the site.
    fn stage_output(&mut self, row: &OutputRow) -> Result<()>;
    /// Outputs that are listed and not yet published, in the order in which they were listed.
    fn unpublished(&mut self) -> Result<Vec<OutputRow>>;
    fn mark_published(&mut self, run_id: &str, unit: u32) -> Result<()>;

    // -- what went to partners ----------------------------------------------------------------------------------

    /// Keeps an outbound interchange with its groups; nothing has come back for it, whatever the row says of TA1 and resends.
    fn add_sent(&mut self, row: &SentRow) -> Result<()>;
    /// What was sent under this ISA13 (nine digits), the newest first.
    fn sent_with_control(&mut self, control: &str, to: SentTo<'_>) -> Result<Vec<SentRow>>;
    /// The interchanges that have a group with this GS06, the newest first.
    fn sent_with_group(&mut self, control: u32, to: SentTo<'_>) -> Result<Vec<SentRow>>;
    /// What was sent, oldest first. An error of `take` ends the walk and comes back.
    fn each_sent(&mut self, filter: &SentFilter, take: &mut dyn FnMut(SentRow) -> Result<()>) -> Result<()>;
    /// Makes what is known of an interchange (TA1; states and notes of its groups) that of `row`. Fails where it has other
    /// groups, or another number of documents.
    fn update_sent(&mut self, row: &SentRow) -> Result<()>;
    /// Keeps an acknowledgment. Returns false, and keeps nothing, if one with this key was kept before.
    fn note_acknowledgment(&mut self, row: &AcknowledgmentRow) -> Result<bool>;
    /// Records that an interchange was sent again. Fails without a name.
    fn add_resend(&mut self, row: &ResendRow) -> Result<()>;
    /// The resends of an interchange, oldest first.
    fn resends(&mut self, sent_id: i64) -> Result<Vec<ResendRow>>;
    /// The interchanges for which an acknowledgment was kept, by id, each with the date of the first run that took one.
    fn answered_on(&mut self) -> Result<Vec<(i64, Date)>>;
    /// The date of the last run that took a file of this partner.
    fn last_heard(&mut self, partner: &str) -> Result<Option<Date>>;
    /// The date of the first run that ended.
    fn first_run(&mut self) -> Result<Option<Date>>;

    // -- proof --------------------------------------------------------------------------------------------------

    /// All runs, oldest first.
    fn run_names(&mut self) -> Result<Vec<RunName>>;
    fn run(&mut self, run_id: &str) -> Result<Option<RunRow>>;
    /// The inputs of a unit, in the order in which they were added.
    fn unit_receipts(&mut self, run_id: &str, unit: u32) -> Result<Vec<ReceiptRow>>;
    /// The receipts of inputs with this name below inbox/, this place in the archive, or this digest, oldest first.
    fn receipts_of(&mut self, name: &str) -> Result<Vec<ReceiptRow>>;
    /// The outputs of a unit, resends of them too, in the order in which they were listed.
    fn unit_outputs(&mut self, run_id: &str, unit: u32) -> Result<Vec<ListedOutput>>;
    /// The orders that a unit took, in the order in which they came, from the one behind `after` on; at most so many.
    fn unit_orders(
        &mut self,
        run_id: &str,
        unit: u32,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<OrderRow>>;
    /// Whether an interchange with this key and these bytes was taken, whenever.
    fn knows_interchange(&mut self, key: &InterchangeKey, digest: &str) -> Result<bool>;
    /// Keeps the digest of the settings under which a run works; one that goes on under others has none that is known.
    fn note_settings(&mut self, run_id: &str, digest: &str) -> Result<()>;
    fn run_settings(&mut self, run_id: &str) -> Result<Option<Text>>;
    /// The invoices of a run, by type and number.
    fn each_run_invoice(
        &mut self,
        run_id: &str,
        take: &mut dyn FnMut(InvoiceRow) -> Result<()>,
    ) -> Result<()>;
    /// Compares the rows that stand under a run (units, receipts, orders, exceptions, invoices, outputs, what was sent, ledger
    /// entries) with what was committed: a row that was altered, added or taken away by another hand is found.
    fn check_rows(&mut self, run_id: &str, take: &mut dyn FnMut(RowFinding) -> Result<()>) -> Result<()>;
    /// Such rows under a run that is not there; at most so many a table.
    fn rows_of_no_run(&mut self, limit: u32) -> Result<Vec<RowFinding>>;
    /// Billed lines without their invoice, each in words; at most so many.
    fn billed_without_invoice(&mut self, limit: u32) -> Result<Vec<Text>>;

    // -- retention ----------------------------------------------------------------------------------------------

    /// Files of runs that ended and have a date before `before`, that are not noted as removed and that nothing which waits
    /// needs, by path, from the one after `after` on; at most so many.
    fn old_files(&mut self, kind: FileKind, before: Date, after: &str, limit: u32) -> Result<Vec<OldFile>>;
    /// Notes that these files are about to be removed.
    fn note_removed(&mut self, kind: FileKind, files: &[OldFile], today: Date) -> Result<()>;
    /// Files that were noted and may still be there.
    fn removing(&mut self) -> Result<Vec<Text>>;
    /// All that was noted is gone, but for these.
    fn mark_removed(&mut self, still: &[Text]) -> Result<()>;
    /// The day on which a file of a run was removed.
    fn removed(&mut self, path: &str, run_id: &str) -> Result<Option<Date>>;
}
