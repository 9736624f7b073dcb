//! The store: what changes, kept in one database. The doc comments of [`Store`] and [`Transaction`] are promises; the
//! conformance test proves them for every implementation.

pub mod invoices;
pub mod lines;
mod packed;
pub mod sqlite;
pub mod xrefs;

use crate::domain::customer_item::CustomerItemEvent;
use crate::domain::item::{Customer, Masters, Xref};
use crate::domain::{Date, Text};
use anyhow::Result;
use invoices::{BilledLineRow, HeldInvoiceRow, InvoiceDecision};
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
    /// Whether a sync of very many rows (over 20,000 new ones) left it to [`Transaction::learn_numbers`] to make them known to
    /// the functions below, which fail until then.
    fn has_numbers_to_learn(&mut self) -> Result<bool>;
    fn learn_numbers(&mut self) -> Result<()>;
    /// Every version of every row, of all customers, covered ones too, by recorded time and then by key.
    fn xref_history(&mut self, of: XrefHistoryOf<'_>) -> Result<Vec<XrefVersion>>;
    /// Looks numbers and descriptions up; see [`XrefQuery`].
    fn find_xrefs(&mut self, query: &XrefQuery<'_>) -> Result<XrefFound>;
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
    /// The open exceptions, oldest first, without those that are ignored on that day and the lines that are rejected and wait
    /// for a release.
    fn undecided_exceptions(&mut self, today: Date) -> Result<Vec<ExceptionRow>>;
    /// The lines of an order that are open and that a person has rejected.
    fn rejected_lines(&mut self, order_id: &str) -> Result<Vec<u32>>;

    // -- control numbers ----------------------------------------------------------------------------------------

    /// Takes `count` consecutive numbers of a sequence and returns the first: 1 for a new sequence. A rolled-back
    /// transaction leaves no gap. Where the numbers would pass `max`, the sequence begins again at 1. Fails unless `count`
    /// is from 1 to `max`.
    fn take_numbers(&mut self, sequence: &str, count: u32, max: u32) -> Result<u32>;

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
    /// Records that this POS sale line was seen, paid or not. Returns true the first time that it is seen paid.
    fn pos_sale_paid_first_time(&mut self, key: &str, paid: bool, run_id: &str) -> Result<bool>;

    // -- outputs ------------------------------------------------------------------------------------------------

    /// Lists a staged output; it is published by a rename from `staged` to `path`, both relative to the site.
    fn stage_output(&mut self, row: &OutputRow) -> Result<()>;
    /// Outputs that are listed and not yet published, in the order in which they were listed.
    fn unpublished(&mut self) -> Result<Vec<OutputRow>>;
    fn mark_published(&mut self, run_id: &str, unit: u32) -> Result<()>;
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunRow {
    /// `YYYYMMDD-NNN`.
    pub run_id: Text,
    /// The business date of the run.
    pub date: Date,
    pub started: Micros,
    pub ended: Option<Micros>,
    pub exit_code: Option<u8>,
    /// JSON; until the run ends its note, empty where there is none.
    pub summary: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnitRow {
    pub unit: u32,
    pub stage: Text,
    /// JSON.
    pub counts: String,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SyncCounts {
    pub added: u64,
    pub changed: u64,
    pub ended: u64,
    /// Rows that the file has once more, with every value the same.
    pub duplicates: u64,
}

/// One input file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReceiptRow {
    pub run_id: Text,
    pub unit: u32,
    /// `orders`, `invoices`, `pos`, `acknowledgments`.
    pub stage: Text,
    /// Path below inbox/, as it came.
    pub name: Text,
    /// SHA-256 of the bytes, in hexadecimal.
    pub digest: Text,
    pub bytes: u64,
    /// Empty where none is known.
    pub partner: Text,
    /// `processed`, `duplicate` or `quarantined`.
    pub state: Text,
    /// Where the input stands while it is worked on, and where it goes, both relative to the site.
    pub work_path: Text,
    pub archive_path: Text,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InterchangeKey {
    /// `qualifier/id`, trimmed.
    pub sender: Text,
    pub receiver: Text,
    /// ISA13 without leading zeros.
    pub control: Text,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InterchangeRow {
    pub key: InterchangeKey,
    /// SHA-256 of the bytes from ISA to IEA, in hexadecimal.
    pub digest: Text,
    pub received: Date,
    pub run_id: Text,
    /// The receipt's name and the bytes of the interchange in that file.
    pub name: Text,
    pub offset: u64,
    pub length: u64,
}

/// One purchase order: one row, its lines as one JSON text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderRow {
    pub order_id: Text,
    pub run_id: Text,
    pub unit: u32,
    pub partner: Text,
    pub customer: Text,
    pub po_number: Text,
    pub release: Text,
    pub po_date: Option<Date>,
    /// The run's date when it came.
    pub received: Date,
    pub currency: Text,
    /// `ordered`, `part_held`, `held`, `rejected`.
    pub state: Text,
    /// The order's header as JSON: a `PurchaseOrder` without its lines, see `store::lines`.
    pub header: String,
    /// JSON array, one array a line: see `store::lines`.
    pub lines: String,
    /// The input it came from, and the bytes of the set in it.
    pub input: Text,
    pub offset: u64,
    pub length: u64,
    /// How many 855 answered it.
    pub answered: u32,
}

/// Which held orders are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeldFilter {
    /// Received on this day or earlier.
    pub until: Date,
    /// Empty: any.
    pub po_number: Text,
    /// Empty: any.
    pub customer: Text,
}

/// An order of which a line waits: who it is, and where its bytes stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeldOrder {
    pub order_id: Text,
    pub partner: Text,
    pub customer: Text,
    pub po_number: Text,
    pub received: Date,
    /// Path below inbox/ of the input it came from, and where the order begins in it.
    pub input: Text,
    pub offset: u64,
    pub length: u64,
    /// The input in the archive, relative to the site; SHA-256 of its bytes, and how many they are.
    pub archive_path: Text,
    pub digest: Text,
    pub bytes: u64,
    /// An open exception says that the bytes in the archive could not be taken up again.
    pub archive_in_doubt: bool,
}

/// How an exception ends.
#[derive(Debug, Clone, Copy)]
pub struct Closing<'c> {
    pub kind: &'c str,
    pub order_id: &'c str,
    /// 0 where the whole document waited.
    pub line: u32,
    pub run_id: &'c str,
    /// `ordered`, `rejected`, `mapped` (its item is known, and something else keeps it), `held` (it waits for another cause
    /// now), `read` (the archive has its bytes again).
    pub closed_as: &'c str,
    pub now: Micros,
}

/// Something that waits for a person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExceptionRow {
    /// `line`, `duplicate_order`, `order_change`, `invoice`, `customer_number`, `input`, `ledger`, `sale`, `archive`.
    pub kind: Text,
    /// The root cause: lines with one cause share it, such as `unmapped/ACME/BP/B-200`.
    pub cause: Text,
    pub run_id: Text,
    pub partner: Text,
    pub customer: Text,
    pub po_number: Text,
    pub order_id: Text,
    /// 0 where the whole document waits.
    pub line: u32,
    /// What a person needs to know, as JSON.
    pub detail: String,
}

/// What a person decided about a cause that waits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CauseDecision {
    pub cause: Text,
    /// `map`, `reject`, `ignore`.
    pub decision: Text,
    /// All that was decided, in one text: two equal decisions have equal terms.
    pub terms: Text,
    /// The last day on which an ignored cause is not shown.
    pub ignore_until: Option<Date>,
    pub decided_by: Text,
    pub reason: Text,
    pub recorded: Micros,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InvoiceRow {
    pub invoice_number: Text,
    /// `DI` or `CR`.
    pub kind: Text,
    pub run_id: Text,
    pub partner: Text,
    pub customer: Text,
    pub po_number: Text,
    pub order_id: Text,
    pub invoice_date: Option<Date>,
    /// Total × 10⁶.
    pub total_micro: i64,
    /// `sent`, `posted` (no 810 goes out), `held`, `refused`.
    pub state: Text,
    /// A `domain::invoice::Invoice` as JSON.
    pub document: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutputRow {
    pub run_id: Text,
    pub unit: u32,
    /// Relative to the site.
    pub staged: Text,
    pub path: Text,
    /// `orders`, `997`, `855`, `810`, `ta1`, `facts`, `quarantine`.
    pub kind: Text,
    pub partner: Text,
    /// ISA13 of an outbound interchange.
    pub control: Text,
    /// SHA-256 of the bytes.
    pub digest: Text,
}
