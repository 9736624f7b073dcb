//! The ledger's nightly proof: what was posted against what the ledger has of it, credits that find nothing, serials that two
//! things have. What is mended closes itself.

pub(crate) mod again;

use crate::domain::Text;
use crate::domain::catalog::Catalog;
use crate::domain::customer_item::{CustomerItem, CustomerItemEvent, CustomerItemStatus, EventKind, PosSale};
use crate::domain::diagnostic::{Diagnostic, Location, Rule};
use crate::domain::invoice::InvoiceType;
use crate::domain::rules::ledger::{LEDGER_DANGLING, LEDGER_DIFFERS, LEDGER_UNMATCHED, SERIAL_TAKEN};
use crate::domain::{Date, Decimal};
use crate::ledger::change::described;
use crate::ledger::post::{
    escaped, invoice_key, masters_mend, pos_sale_key, post_invoice, post_sale, unescaped,
};
use crate::ledger::reconcile::{LineProof, PostedLine, looked_for, prove};
use crate::ledger::state::{customer_items, settle};
use crate::run::counts::{Counts, tick};
use crate::run::invoices::StoredInvoice;
use crate::run::night::{Night, Parts, Stage};
use crate::run::unit::Unit;
use crate::store::{Closing, ExceptionRow, LedgerScope, PostedDocument, Transaction};
use anyhow::{Context as _, Result};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Documents and events that are looked at in one go.
const BATCH: u32 = 500;

/// So many things are named that an event may have meant; of so many events of a run those of other customers too.
const SHOWN: usize = 5;
const NEAR_MAX: u64 = 1_000;

/// The kinds of exceptions that this stage makes and closes; `ledger` is posting's own.
const GAP: &str = "ledger_gap";
const UNMATCHED: &str = "ledger_unmatched";
const SERIAL: &str = "ledger_serial";

/// A document, and what its lines come to.
pub(crate) struct Proof {
    /// What its events' keys begin with.
    pub key: Text,
    /// As people call it.
    pub name: Text,
    pub partner: Text,
    pub customer: Text,
    pub lines: Vec<LineProof>,
    /// What posting it once more gives, and says.
    pub events: Vec<CustomerItemEvent>,
    pub problems: Vec<Diagnostic>,
}

impl Proof {
    /// The lines that differ without anybody having been told.
    pub(crate) fn gaps(&self) -> impl Iterator<Item = &LineProof> {
        self.lines.iter().filter(|line| !line.is_made() && !line.is_told())
    }

    pub(crate) fn finding(&self, line: &LineProof) -> Diagnostic {
        finding(&LEDGER_DIFFERS, &self.name, line.words())
    }
}

/// Compares one posted document with what the ledger has of it.
pub(crate) fn prove_document(
    work: &mut dyn Transaction,
    document: &PostedDocument,
    catalog: &Catalog,
    today: Date,
) -> Result<Proof> {
    let reading = || format!("read {} {} of the store", document.source, document.number);
    // what the ledger saw first, it saw in the run that posted it
    let seen = run_date(&document.run_id).unwrap_or(today);
    if document.source == "pos" {
        let sale: PosSale = serde_json::from_str(&document.content).with_context(reading)?;
        let key = pos_sale_key(&sale);
        let events = work.ledger_events_under(&key)?;
        let kind = if sale.quantity < Decimal::ZERO { EventKind::Returned } else { EventKind::Sold };
        let line = PostedLine { line: sale.line, item: sale.item.clone(), quantity: sale.quantity.abs() };
        let (again, problems) = post_sale(&sale, catalog, seen);
        let lines = prove(&sale.customer, &[line], (&events, &again, kind), catalog);
        let name = format!("{}/{}/{}", sale.store, sale.receipt, sale.line).into();
        let (partner, customer) = (Text::default(), sale.customer);
        return Ok(Proof { key, name, partner, customer, lines, events: again, problems });
    }
    let stored: StoredInvoice = serde_json::from_str(&document.content).with_context(reading)?;
    let invoice = stored.invoice;
    let key = invoice_key(&invoice);
    let events = work.ledger_events_under(&key)?;
    let kind = match invoice.kind {
        InvoiceType::Debit => EventKind::Sold,
        InvoiceType::Credit => EventKind::Credited,
    };
    let lines: Vec<PostedLine> = invoice
        .lines
        .iter()
        .zip(1..)
        .map(|(line, number)| PostedLine {
            line: number,
            item: line.item.clone(),
            quantity: line.item_quantity,
        })
        .collect();
    let (again, problems) = post_invoice(&invoice, catalog, seen);
    let lines = prove(&invoice.customer, &lines, (&events, &again, kind), catalog);
    let name = invoice.invoice_number.clone();
    Ok(Proof {
        key,
        name,
        partner: invoice.partner,
        customer: invoice.customer,
        lines,
        events: again,
        problems,
    })
}

/// The day in a run's id.
fn run_date(run_id: &str) -> Option<Date> {
    let day = run_id.split('-').next().filter(|day| day.len() == 8)?;
    Date::strptime("%Y%m%d", day).ok()
}

/// After the sales of a night: everything that was posted and not compared yet, and what still waits from earlier nights.
pub(crate) fn take(night: &mut Night<'_>) -> Result<()> {
    if night.settings.customer_item_types.is_empty() {
        // nobody is asked today for what is sold without a ledger, nor later, when there is one
        let mut work = night.store.begin()?;
        work.skip_reconciliation()?;
        return work.commit();
    }
    let altered = again::glance(night)?;
    let nothing = !altered && {
        let mut work = night.store.read()?;
        work.unreconciled(1)?.is_empty()
            && work.unchecked_ledger_events(1)?.is_empty()
            && work.open_ledger_exceptions()?.is_empty()
    };
    if nothing {
        return Ok(());
    }
    match look(night)? {
        Some(counts) => night.finish_unit(&counts),
        None => Ok(()),
    }
}

/// None: nothing changed, and nothing was written.
fn look(night: &mut Night<'_>) -> Result<Option<Counts>> {
    let Parts { store, settings, folders, run, index, .. } = night.parts()?;
    let mut unit = Unit::begin(store.begin()?, settings, folders, run, Stage::Ledger, index)?;
    let open = Open::read(unit.tx.open_ledger_exceptions()?);
    let mut desk = Desk { unit, open, changed: false };
    desk.mend()?;
    desk.again()?;
    desk.documents()?;
    desk.new_events()?;
    // a second look that changes nothing writes nothing
    if !desk.changed {
        return Ok(None);
    }
    desk.unit.commit(&[]).map(Some)
}

/// What waits already, by kind and what it is about.
struct Open {
    rows: BTreeMap<(Text, Text, u32), ExceptionRow>,
}

impl Open {
    fn read(rows: Vec<ExceptionRow>) -> Self {
        let keyed = rows.into_iter().map(|row| ((row.kind.clone(), row.order_id.clone(), row.line), row));
        Self { rows: keyed.collect() }
    }

    fn of(&self, kind: &str) -> Vec<&ExceptionRow> {
        self.rows.values().filter(|row| row.kind == kind).collect()
    }

    fn has(&self, kind: &str, about: &str, line: u32) -> bool {
        self.rows.contains_key(&(kind.into(), about.into(), line))
    }
}

struct Desk<'u> {
    unit: Unit<'u>,
    open: Open,
    changed: bool,
}

impl Desk<'_> {
    /// Documents that waited for the masters are posted again from the store, and lines that differed are looked at again.
    fn mend(&mut self) -> Result<()> {
        let waiting: BTreeSet<Text> = [self.open.of("ledger"), self.open.of(GAP)]
            .concat()
            .iter()
            .map(|row| row.order_id.clone())
            .collect();
        for key in waiting {
            let Some(document) = self.posted(&key)? else { continue };
            let catalog = self.unit.index.catalog();
            let proof = prove_document(&mut *self.unit.tx, &document, catalog, self.unit.run.date)?;
            if self.open.has("ledger", &key, 0) {
                self.post_again(&key, &proof)?;
            }
            let gaps: BTreeSet<u32> = proof.gaps().map(|line| line.line).collect();
            let closed: Vec<u32> = self
                .open
                .of(GAP)
                .iter()
                .filter(|row| row.order_id == key && !gaps.contains(&row.line))
                .map(|row| row.line)
                .collect();
            for line in closed {
                self.close(GAP, &key, line)?;
            }
        }
        Ok(())
    }

    fn post_again(&mut self, key: &Text, proof: &Proof) -> Result<()> {
        let run = self.unit.run;
        let added = self.unit.tx.add_customer_item_events(&run.run_id, &proof.events, run.started)?;
        self.unit.counts.customer_items_added += u64::from(added);
        self.changed |= added > 0;
        if !proof.problems.iter().any(masters_mend) {
            self.close("ledger", key, 0)?;
        }
        Ok(())
    }

    /// `invoice/DI/4711` or a sale's key.
    fn posted(&mut self, key: &str) -> Result<Option<PostedDocument>> {
        match key.strip_prefix("invoice/").and_then(|rest| rest.split_once('/')) {
            Some((kind, number)) => self.unit.tx.posted_document("invoice", kind, &unescaped(number)),
            None => self.unit.tx.posted_document("pos", "", key),
        }
    }

    /// Everything that was posted since the last proof.
    fn documents(&mut self) -> Result<()> {
        loop {
            let batch = self.unit.tx.unreconciled(BATCH)?;
            if batch.is_empty() {
                return Ok(());
            }
            self.changed = true;
            for document in batch {
                let catalog = self.unit.index.catalog();
                let proof = prove_document(&mut *self.unit.tx, &document, catalog, self.unit.run.date)?;
                self.count(&proof)?;
                self.unit.tx.mark_reconciled(&document)?;
            }
        }
    }

    fn count(&mut self, proof: &Proof) -> Result<()> {
        for line in &proof.lines {
            tick(&mut self.unit.counts.ledger, "lines");
            let state = match (line.is_made(), line.is_told()) {
                (true, _) => "made",
                (false, true) => "told",
                (false, false) => "differ",
            };
            tick(&mut self.unit.counts.ledger, state);
        }
        for line in proof.gaps() {
            if self.open.has(GAP, &proof.key, line.line) {
                continue;
            }
            let finding = proof.finding(line);
            let row = exception(GAP, (&proof.key, line.line), &finding, &proof.name);
            let row =
                ExceptionRow { partner: proof.partner.clone(), customer: proof.customer.clone(), ..row };
            self.unit.add_exception(row)?;
        }
        Ok(())
    }

    /// The events since the last proof: whose ledger they changed is settled, and serials are compared.
    fn new_events(&mut self) -> Result<()> {
        let mut customers: BTreeSet<Text> =
            self.open.of(UNMATCHED).iter().map(|row| row.customer.clone()).collect();
        let mut serials: BTreeSet<Text> = self
            .open
            .of(SERIAL)
            .iter()
            .filter_map(|row| row.order_id.rsplit_once('/').map(|(_, serial)| unescaped(serial).into()))
            .collect();
        loop {
            let batch = self.unit.tx.unchecked_ledger_events(BATCH)?;
            if batch.is_empty() {
                break;
            }
            self.changed = true;
            let keys: Vec<Text> = batch.iter().map(|event| event.key.clone()).collect();
            for event in batch {
                if !event.to_customer.is_empty() {
                    customers.insert(event.to_customer);
                }
                if !event.serial.is_empty() && self.is_unique(&event.customer_item_type) {
                    serials.insert(event.serial);
                }
                customers.insert(event.customer);
            }
            self.unit.tx.mark_ledger_checked(&keys)?;
        }
        for customer in customers {
            self.settle(&customer)?;
        }
        for serial in serials {
            self.compare_serial(&serial)?;
        }
        Ok(())
    }

    fn is_unique(&self, kind: &str) -> bool {
        self.unit.index.catalog().customer_item_type(kind).is_some_and(|kind| kind.serial_unique)
    }

    /// What of a customer's ledger is about nothing waits for a person, who sees what was looked for.
    fn settle(&mut self, customer: &Text) -> Result<()> {
        let events = self.unit.tx.ledger_events(&LedgerScope::Customer(customer))?;
        let (items, lost) = settle(&events, None);
        let lost: Vec<CustomerItemEvent> =
            lost.into_iter().filter(|event| event.customer == *customer).collect();
        let found: Vec<(Text, u32)> = self
            .open
            .of(UNMATCHED)
            .iter()
            .filter(|row| row.customer == *customer && lost.iter().all(|event| event.key != row.order_id))
            .map(|row| (row.order_id.clone(), row.line))
            .collect();
        for (key, line) in found {
            self.close(UNMATCHED, &key, line)?;
        }
        for event in lost {
            if self.open.has(UNMATCHED, &event.key, event.document_line) {
                continue;
            }
            let near = self.near(&event, &items)?;
            let rule = if event.target.is_empty() { &LEDGER_UNMATCHED } else { &LEDGER_DANGLING };
            let found = if event.serial.is_empty() { &event.item } else { &event.serial };
            let name = if event.document.is_empty() { &event.key } else { &event.document };
            let finding = finding(rule, found, looked_for(&event, &near));
            let row = exception(UNMATCHED, (&event.key, event.document_line), &finding, name);
            let row = ExceptionRow { customer: customer.clone(), po_number: event.po_number.clone(), ..row };
            tick(&mut self.unit.counts.ledger, "unmatched");
            self.changed = true;
            self.unit.add_exception(row)?;
        }
        Ok(())
    }

    /// What it may have meant: a few of the customer's, and those of anybody with the serial.
    fn near(&mut self, event: &CustomerItemEvent, items: &[CustomerItem]) -> Result<Vec<CustomerItem>> {
        let alike = |item: &&CustomerItem| {
            item.customer == event.customer
                && item.item == event.item
                && item.status == CustomerItemStatus::Active
        };
        let mut near: Vec<CustomerItem> = items.iter().filter(alike).take(SHOWN).cloned().collect();
        let looked = self.unit.counts.ledger.get("unmatched").copied().unwrap_or_default();
        if !event.serial.is_empty() && looked < NEAR_MAX && self.unit.tx.times_begun(&event.serial)? > 0 {
            let others = self.unit.tx.ledger_events_of_serial(&event.serial)?;
            near.retain(|item| item.serial != event.serial);
            near.extend(customer_items(&others, None).into_iter().filter(|item| item.serial == event.serial));
        }
        Ok(near)
    }

    /// Two things of a type whose serials are unique, owned at one time.
    fn compare_serial(&mut self, serial: &Text) -> Result<()> {
        // nearly every serial is sold once, and needs no look at all that its owner has
        if self.unit.tx.times_begun(serial)? < 2 {
            return Ok(());
        }
        let events = self.unit.tx.ledger_events_of_serial(serial)?;
        let mut by_type: BTreeMap<Text, Vec<CustomerItem>> = BTreeMap::new();
        for item in customer_items(&events, None) {
            if item.serial == *serial && self.is_unique(&item.customer_item_type) {
                by_type.entry(item.customer_item_type.clone()).or_default().push(item);
            }
        }
        for (kind, mut items) in by_type {
            items.retain(|item| item.status == CustomerItemStatus::Active);
            items.sort_by(|a, b| (a.owned_from, &a.key).cmp(&(b.owned_from, &b.key)));
            let about = format!("{}/{}", escaped(&kind), escaped(serial));
            match (items.as_slice(), self.open.has(SERIAL, &about, 0)) {
                ([_, _, ..], true) | ([] | [_], false) => {}
                ([] | [_], true) => self.close(SERIAL, &about, 0)?,
                ([_, .., last], false) => {
                    let shown: Vec<String> = items.iter().take(5).map(described).collect();
                    let finding = finding(&SERIAL_TAKEN, serial, shown.join("; "));
                    let row = exception(SERIAL, (&about, 0), &finding, serial);
                    tick(&mut self.unit.counts.ledger, "serials");
                    self.changed = true;
                    self.unit.add_exception(ExceptionRow { customer: last.customer.clone(), ..row })?;
                }
            }
        }
        Ok(())
    }

    fn close(&mut self, kind: &str, about: &str, line: u32) -> Result<()> {
        let closing = Closing {
            kind,
            order_id: about,
            line,
            run_id: &self.unit.run.run_id,
            closed_as: "mended",
            now: self.unit.run.started,
        };
        let closed = self.unit.tx.close_exceptions(&closing)?;
        if closed > 0 {
            *self.unit.counts.ledger.entry("closed".into()).or_default() += closed;
            self.changed = true;
        }
        Ok(())
    }
}

fn finding(rule: &'static Rule, found: &str, detail: String) -> Diagnostic {
    Diagnostic::new(rule, Location::default()).found(found).detail(detail)
}

/// `about` is what the exception names: it is not told twice while it is open, and closed by it.
fn exception(kind: &str, (about, line): (&str, u32), finding: &Diagnostic, name: &str) -> ExceptionRow {
    ExceptionRow {
        kind: kind.into(),
        cause: format!("ledger/{}/{name}", finding.rule.code).into(),
        order_id: about.into(),
        line,
        detail: json!({"document": name, "findings": [finding]}).to_string(),
        ..ExceptionRow::default()
    }
}
