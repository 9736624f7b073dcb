//! The rows that a store takes and gives: plain values, and what to look for.

use super::Micros;
use crate::domain::customer_item::CustomerItemEvent;
use crate::domain::{Date, Text};

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
    /// `ordered`, `part_held`, `held`, `rejected`, `cancelled`.
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
    /// now), `read` (the archive has its bytes again), `resent` and `accepted` (a document that a partner had rejected),
    /// `mended` (the ledger has what it lacked).
    pub closed_as: &'c str,
    pub now: Micros,
}

/// Something that waits for a person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExceptionRow {
    /// `line`, `duplicate_order`, `order_change`, `invoice`, `customer_number`, `input`, `ledger`, `sale`, `archive`,
    /// `acknowledgment`; `ledger_gap`, `ledger_unmatched` and `ledger_serial`, which the nightly proof makes and closes.
    pub kind: Text,
    /// The root cause: lines with one cause share it, such as `unmapped/ACME/BP/B-200`.
    pub cause: Text,
    pub run_id: Text,
    pub partner: Text,
    pub customer: Text,
    pub po_number: Text,
    /// Of an `acknowledgment` the path in the outbox of what it is about.
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

/// Whose or which events of the ledger are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LedgerScope<'s> {
    Customer(&'s str),
    /// All customers and items that it was ever with.
    Serial(&'s str),
    /// The customer and item of the event with this key.
    Entry(&'s str),
}

/// Ledger entries that were looked at again, in the order in which they were recorded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProvenEntries {
    /// The last of them; 0: there are no more behind them.
    pub last: i64,
    pub looked: u32,
    /// Those that are not as they were recorded.
    pub altered: Vec<AlteredEntry>,
}

/// A ledger entry that is not as it was recorded, and was not taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlteredEntry {
    pub key: Text,
    /// What it says now; None: it is not there any more.
    pub now: Option<CustomerItemEvent>,
}

/// When an event came into the ledger.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventRecord {
    /// Empty: by a command.
    pub run_id: Text,
    pub recorded: Micros,
}

/// A posted invoice, or a paid line of a POS sale.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PostedDocument {
    /// `invoice` or `pos`.
    pub source: Text,
    /// `DI` or `CR` of an invoice.
    pub kind: Text,
    /// The invoice's number, or the sale's key.
    pub number: Text,
    pub run_id: Text,
    /// Its JSON.
    pub content: String,
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
