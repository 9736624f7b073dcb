//! The store in one SQLite file: its transactions, each method by the table that it is about.
// Over 500 lines: one method for each of the trait's, of a line or two, and nothing else.

mod audit;
mod billing;
mod changes;
mod copy;
mod decisions;
mod described;
mod held;
mod inputs;
mod invoices;
mod ledger;
mod ledger_seals;
mod masters;
mod open;
mod orders;
mod outputs;
mod proof;
mod records;
mod runs;
mod seals;
mod sent;
mod sync;
mod values;
mod xref_changes;
mod xref_near;
mod xref_rows;
mod xref_search;

use super::{
    AlteredEntry, CauseDecision, Closing, EventRecord, ExceptionRow, HeldFilter, HeldOrder, InterchangeKey,
    InterchangeRow, InvoiceRow, LedgerScope, Micros, OrderRow, OutputRow, PostedDocument, ProvenEntries,
    ReceiptRow, RunRow, SyncCounts, Transaction, UnitRow,
};
use crate::domain::customer_item::CustomerItemEvent;
use crate::domain::item::{Customer, Masters, Xref};
use crate::domain::{Date, Text};
use crate::store::audit::{AuditEvent, AuditFilter};
use crate::store::changes::{ChangeDecision, ChangeHead, OrderChangeRow, OrderVersionRow};
use crate::store::invoices::{BilledLineRow, HeldInvoiceRow, InvoiceDecision};
use crate::store::proof::{FileKind, ListedOutput, OldFile, RowFinding, RunName};
use crate::store::sent::{AcknowledgmentRow, ResendRow, SentFilter, SentRow, SentTo};
use crate::store::xrefs::{
    XrefChange, XrefChangeSet, XrefEffect, XrefFound, XrefHistoryOf, XrefQuery, XrefSignature, XrefVersion,
};
use anyhow::Result;
pub use open::SqliteStore;

/// Dropping it rolls it back.
#[derive(Debug)]
struct SqliteTransaction<'a> {
    sql: rusqlite::Transaction<'a>,
    /// The store's file, for messages.
    name: &'a str,
    /// Sealed rows that were added and not counted in the store yet.
    added: seals::Added,
}

impl Transaction for SqliteTransaction<'_> {
    fn commit(self: Box<Self>) -> Result<()> {
        let Self { sql, name, mut added } = *self;
        added.keep(&sql)?;
        open::commit(name, || sql.commit())
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
        runs::add_unit(&self.sql, run_id, unit, stage, counts)?;
        self.added.count("unit", run_id, 1);
        Ok(())
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
    fn each_xref_of(
        &mut self,
        customer: &str,
        as_of: Option<Micros>,
        take: &mut dyn FnMut(Xref) -> Result<()>,
    ) -> Result<()> {
        masters::each_xref_of(&self.sql, customer, as_of, take)
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
        Ok(xref_search::has_unlearnt(&self.sql)? || described::has_unlearnt(&self.sql)?)
    }
    fn learn_numbers(&mut self) -> Result<()> {
        xref_search::learn_unlearnt(&self.sql)?;
        described::learn_unlearnt(&self.sql)
    }
    fn xref_history(&mut self, of: XrefHistoryOf<'_>) -> Result<Vec<XrefVersion>> {
        xref_rows::history(&self.sql, of)
    }
    fn xrefs_like(&mut self, number: &str, limit: usize) -> Result<Vec<Xref>> {
        xref_near::like(&self.sql, number, limit)
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
    fn receipt_of(&mut self, run_id: &str, name: &str) -> Result<Option<ReceiptRow>> {
        inputs::of_input(&self.sql, run_id, name)
    }
    fn add_receipt(&mut self, receipt: &ReceiptRow) -> Result<()> {
        inputs::add_receipt(&self.sql, receipt)?;
        self.added.count("receipt", &receipt.run_id, 1);
        Ok(())
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
        orders::add(&self.sql, row)?;
        self.added.count("purchase_order", &row.run_id, 1);
        Ok(())
    }
    fn held_orders(&mut self, wanted: &HeldFilter) -> Result<Vec<HeldOrder>> {
        held::held_orders(&self.sql, wanted)
    }
    fn update_order(&mut self, row: &OrderRow) -> Result<()> {
        held::update(&self.sql, row)
    }

    fn add_exception(&mut self, row: &ExceptionRow) -> Result<()> {
        orders::add_exception(&self.sql, row)?;
        self.added.count("exception", &row.run_id, 1);
        Ok(())
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
    fn each_audit_event(
        &mut self,
        filter: &AuditFilter,
        take: &mut dyn FnMut(AuditEvent) -> Result<()>,
    ) -> Result<()> {
        audit::each(&self.sql, filter, take)
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
    fn join_numbers(&mut self, sequence: &str, others: &[Text]) -> Result<()> {
        outputs::join_numbers(&self.sql, sequence, others)
    }

    fn invoice(&mut self, kind: &str, invoice_number: &str) -> Result<Option<InvoiceRow>> {
        invoices::invoice(&self.sql, kind, invoice_number)
    }
    fn add_invoice(&mut self, row: &InvoiceRow) -> Result<()> {
        invoices::add(&self.sql, row)?;
        self.added.count("invoice", &row.run_id, 1);
        Ok(())
    }
    fn add_billed_lines(&mut self, order_id: &str, lines: &[BilledLineRow]) -> Result<()> {
        billing::add_billed(&self.sql, order_id, lines)
    }
    fn billed_lines(&mut self, order_id: &str) -> Result<Vec<BilledLineRow>> {
        billing::billed(&self.sql, order_id)
    }
    fn add_order_change(&mut self, row: &OrderChangeRow) -> Result<i64> {
        let change_id = changes::add(&self.sql, row)?;
        self.added.count("order_change", &row.run_id, 1);
        Ok(change_id)
    }
    fn update_order_change(&mut self, row: &OrderChangeRow) -> Result<()> {
        changes::update(&self.sql, row)
    }
    fn order_change(&mut self, change_id: i64) -> Result<Option<OrderChangeRow>> {
        changes::by_id(&self.sql, change_id)
    }
    fn order_changes(
        &mut self,
        partner: &str,
        po_number: &str,
        release: &str,
    ) -> Result<Vec<OrderChangeRow>> {
        changes::of_order(&self.sql, partner, po_number, release)
    }
    fn change_heads(
        &mut self,
        partner: &str,
        po_number: &str,
        release: &str,
        before: i64,
    ) -> Result<Vec<ChangeHead>> {
        changes::heads(&self.sql, [po_number, partner, release], before)
    }
    fn held_change(&mut self, cause: &str) -> Result<Option<OrderChangeRow>> {
        changes::held_under(&self.sql, cause)
    }
    fn settled_change(&mut self, cause: &str) -> Result<Option<i64>> {
        changes::settled_under(&self.sql, cause)
    }
    fn held_changes_before(&mut self, run_id: &str) -> Result<Vec<i64>> {
        changes::held_before(&self.sql, run_id)
    }
    fn add_order_version(&mut self, row: &OrderVersionRow) -> Result<()> {
        changes::add_version(&self.sql, row)?;
        self.added.count("order_version", &row.run_id, 1);
        Ok(())
    }
    fn order_versions(&mut self, order_id: &str) -> Result<Vec<OrderVersionRow>> {
        changes::versions(&self.sql, order_id)
    }
    fn add_change_decision(&mut self, row: &ChangeDecision) -> Result<()> {
        changes::add_decision(&self.sql, row)
    }
    fn change_decision(&mut self, change_id: i64) -> Result<Option<ChangeDecision>> {
        changes::decision(&self.sql, change_id)
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
        ledger::add_events(&self.sql, run_id, events, now, &mut self.added)
    }
    fn customer_item_events(&mut self, customer: Option<&str>) -> Result<Vec<CustomerItemEvent>> {
        ledger::events(&self.sql, customer)
    }
    fn ledger_customers(&mut self) -> Result<Vec<Text>> {
        ledger::customers(&self.sql)
    }
    fn ledger_events(&mut self, scope: &LedgerScope<'_>) -> Result<Vec<CustomerItemEvent>> {
        ledger::events_of(&self.sql, scope)
    }
    fn ledger_events_of_serial(&mut self, serial: &str) -> Result<Vec<CustomerItemEvent>> {
        ledger::events_of_serial(&self.sql, serial)
    }
    fn voided_ledger_keys(&mut self) -> Result<Vec<Text>> {
        ledger::voided_keys(&self.sql)
    }
    fn times_begun(&mut self, serial: &str) -> Result<u32> {
        ledger::times_begun(&self.sql, serial)
    }
    fn ledger_events_under(&mut self, prefix: &str) -> Result<Vec<CustomerItemEvent>> {
        ledger::events_under(&self.sql, prefix)
    }
    fn ledger_record(&mut self, key: &str) -> Result<Option<EventRecord>> {
        ledger::record(&self.sql, key)
    }
    fn unchecked_ledger_events(&mut self, limit: u32) -> Result<Vec<CustomerItemEvent>> {
        ledger::unchecked(&self.sql, limit)
    }
    fn mark_ledger_checked(&mut self, keys: &[Text]) -> Result<()> {
        ledger::mark_checked(&self.sql, keys)
    }
    fn prove_ledger_entries(&mut self, after: i64, limit: u32) -> Result<ProvenEntries> {
        ledger_seals::prove(&self.sql, after, limit)
    }
    fn altered_ledger_entry(&mut self, key: &str) -> Result<Option<AlteredEntry>> {
        ledger_seals::altered(&self.sql, key)
    }
    fn seal_ledger_entries(&mut self, after: i64, last: i64) -> Result<()> {
        ledger_seals::seal(&self.sql, after, last)
    }
    fn ledger_entries_recorded(&mut self) -> Result<u64> {
        ledger_seals::recorded(&self.sql)
    }
    fn ledger_round(&mut self) -> Result<(i64, Option<Date>)> {
        ledger_seals::round(&self.sql)
    }
    fn set_ledger_round(&mut self, after: i64, looked: Date) -> Result<()> {
        ledger_seals::set_round(&self.sql, after, looked)
    }
    fn add_pos_line(&mut self, key: &str, run_id: &str, content: &str) -> Result<()> {
        ledger::add_pos_line(&self.sql, key, run_id, content)
    }
    fn unreconciled(&mut self, limit: u32) -> Result<Vec<PostedDocument>> {
        ledger::unreconciled(&self.sql, limit)
    }
    fn posted_document(&mut self, source: &str, kind: &str, number: &str) -> Result<Option<PostedDocument>> {
        ledger::posted(&self.sql, source, kind, number)
    }
    fn mark_reconciled(&mut self, document: &PostedDocument) -> Result<()> {
        ledger::mark_reconciled(&self.sql, document)
    }
    fn skip_reconciliation(&mut self) -> Result<()> {
        ledger::skip_reconciliation(&self.sql)
    }
    fn posted_documents(&mut self) -> Result<Vec<PostedDocument>> {
        ledger::posted_documents(&self.sql)
    }
    fn open_ledger_exceptions(&mut self) -> Result<Vec<ExceptionRow>> {
        ledger::open_exceptions(&self.sql)
    }
    fn pos_sale_paid_first_time(&mut self, key: &str, paid: bool, run_id: &str) -> Result<bool> {
        invoices::pos_sale_paid_first_time(&self.sql, key, paid, run_id)
    }

    fn stage_output(&mut self, row: &OutputRow) -> Result<()> {
        outputs::stage(&self.sql, row)?;
        self.added.count("output", &row.run_id, 1);
        Ok(())
    }
    fn unpublished(&mut self) -> Result<Vec<OutputRow>> {
        outputs::unpublished(&self.sql)
    }
    fn mark_published(&mut self, run_id: &str, unit: u32) -> Result<()> {
        outputs::mark_published(&self.sql, run_id, unit)
    }

    fn add_sent(&mut self, row: &SentRow) -> Result<()> {
        sent::add(&self.sql, row)?;
        self.added.count("sent_interchange", &row.run_id, 1);
        Ok(())
    }
    fn sent_with_control(&mut self, control: &str, to: SentTo<'_>) -> Result<Vec<SentRow>> {
        sent::with_control(&self.sql, control, to)
    }
    fn sent_with_group(&mut self, control: u32, to: SentTo<'_>) -> Result<Vec<SentRow>> {
        sent::with_group(&self.sql, control, to)
    }
    fn each_sent(&mut self, filter: &SentFilter, take: &mut dyn FnMut(SentRow) -> Result<()>) -> Result<()> {
        sent::each(&self.sql, filter, take)
    }
    fn update_sent(&mut self, row: &SentRow) -> Result<()> {
        sent::update(&self.sql, row)
    }
    fn note_acknowledgment(&mut self, row: &AcknowledgmentRow) -> Result<bool> {
        sent::note_acknowledgment(&self.sql, row)
    }
    fn add_resend(&mut self, row: &ResendRow) -> Result<()> {
        sent::add_resend(&self.sql, row)
    }
    fn resends(&mut self, sent_id: i64) -> Result<Vec<ResendRow>> {
        sent::resends(&self.sql, sent_id)
    }
    fn answered_on(&mut self) -> Result<Vec<(i64, Date)>> {
        sent::answered_on(&self.sql)
    }
    fn last_heard(&mut self, partner: &str) -> Result<Option<Date>> {
        sent::last_heard(&self.sql, partner)
    }
    fn first_run(&mut self) -> Result<Option<Date>> {
        sent::first_run(&self.sql)
    }

    fn run_names(&mut self) -> Result<Vec<RunName>> {
        proof::run_names(&self.sql)
    }
    fn run(&mut self, run_id: &str) -> Result<Option<RunRow>> {
        proof::run(&self.sql, run_id)
    }
    fn unit_receipts(&mut self, run_id: &str, unit: u32) -> Result<Vec<ReceiptRow>> {
        proof::unit_receipts(&self.sql, run_id, unit)
    }
    fn receipts_of(&mut self, name: &str) -> Result<Vec<ReceiptRow>> {
        proof::receipts_of(&self.sql, name)
    }
    fn unit_outputs(&mut self, run_id: &str, unit: u32) -> Result<Vec<ListedOutput>> {
        proof::unit_outputs(&self.sql, run_id, unit)
    }
    fn unit_orders(
        &mut self,
        run_id: &str,
        unit: u32,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<OrderRow>> {
        proof::unit_orders(&self.sql, (run_id, unit), after, limit)
    }
    fn knows_interchange(&mut self, key: &InterchangeKey, digest: &str) -> Result<bool> {
        proof::knows_interchange(&self.sql, key, digest)
    }
    fn note_settings(&mut self, run_id: &str, digest: &str) -> Result<()> {
        proof::note_settings(&self.sql, run_id, digest)
    }
    fn run_settings(&mut self, run_id: &str) -> Result<Option<Text>> {
        proof::run_settings(&self.sql, run_id)
    }
    fn each_run_invoice(
        &mut self,
        run_id: &str,
        take: &mut dyn FnMut(InvoiceRow) -> Result<()>,
    ) -> Result<()> {
        proof::each_run_invoice(&self.sql, run_id, take)
    }
    fn check_rows(&mut self, run_id: &str, take: &mut dyn FnMut(RowFinding) -> Result<()>) -> Result<()> {
        seals::check(&self.sql, run_id, take)
    }
    fn rows_of_no_run(&mut self, limit: u32) -> Result<Vec<RowFinding>> {
        seals::of_no_run(&self.sql, limit)
    }
    fn billed_without_invoice(&mut self, limit: u32) -> Result<Vec<Text>> {
        proof::billed_without_invoice(&self.sql, limit)
    }

    fn old_files(&mut self, kind: FileKind, before: Date, after: &str, limit: u32) -> Result<Vec<OldFile>> {
        proof::old_files(&self.sql, kind, before, after, limit)
    }
    fn note_removed(&mut self, kind: FileKind, files: &[OldFile], today: Date) -> Result<()> {
        proof::note_removed(&self.sql, kind, files, today)
    }
    fn removing(&mut self) -> Result<Vec<Text>> {
        proof::going(&self.sql)
    }
    fn mark_removed(&mut self, still: &[Text]) -> Result<()> {
        proof::mark_gone(&self.sql, still)
    }
    fn removed(&mut self, path: &str, run_id: &str) -> Result<Option<Date>> {
        proof::removed(&self.sql, path, run_id)
    }
}
