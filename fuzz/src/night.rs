//! What a night does with documents, without its shell: resolved against a few masters, decided, answered, handed on, billed, posted.

use crate::changes;
use crate::documents::{in810, internal_order};
use crate::domain::change::OrderChange;
use crate::domain::customer_item::{CustomerItemType, PosSale};
use crate::domain::diagnostic::Severity;
use crate::domain::invoice::{Invoice, PostedInvoice};
use crate::domain::item::{Customer, Item, Masters, Xref, XrefScope};
use crate::domain::order::{ItemNumber, OrderLine};
use crate::domain::partner::{
    ChangePolicy, Company, InvoiceSettings, OrderSettings, PartnerIdentity, PartnerProfile, X12Settings,
};
use crate::domain::resolution::{DecidedLine, DecidedOrder, LineOutcome, LineState, Resolution, UnresolvedPolicy};
use crate::domain::unit::Fraction;
use crate::domain::{Date, Decimal, Text};
use crate::ledger::post::{post_invoice, post_sale};
use crate::ledger::state::customer_items;
use crate::pipeline::bill::{BillContext, BilledOrder, CustomerItemNumber, Verdict, bill_order, bill_posted, facts};
use crate::pipeline::decide::Context;
use crate::pipeline::process::{Body, Processed};
use crate::x12::envelope::{Limits, scan};
use crate::x12::writer::{OutboundEnvelope, WrittenSet, interchange};
use crate::x12_target::{SEPARATORS, envelope};
use crate::xref::index::XrefIndex;
use std::collections::BTreeMap;
use std::sync::OnceLock;

pub(crate) const TODAY: Date = Date::constant(2026, 11, 20);
const POLICIES: [UnresolvedPolicy; 4] = [
    UnresolvedPolicy::HoldOrder,
    UnresolvedPolicy::HoldLine,
    UnresolvedPolicy::RejectLine,
    UnresolvedPolicy::Accept,
];

struct World {
    company: Company,
    profile: PartnerProfile,
    index: XrefIndex,
}

fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let company = serde_json::from_str(
            r#"{"name":"Northwind","interchange_qualifier":"ZZ","interchange_id":"NORTHWIND","application_id":"NORTHWIND","currency":"USD"}"#,
        );
        let kind: CustomerItemType =
            serde_json::from_str(r#"{"name":"tool","warranty_months":24,"serial_unique":true}"#).expect("a type");
        let (index, _) = XrefIndex::build(masters(), vec![kind]);
        let partner = PartnerIdentity { id: "acme".into(), customer: "ACME".into(), ..PartnerIdentity::default() };
        let mut invoices = InvoiceSettings { hash_total: true, serials: true, carrier: true, ..InvoiceSettings::default() };
        invoices.preflight.late_days = Some(3);
        let mut orders = OrderSettings { acknowledge_order: true, ..OrderSettings::default() };
        (orders.changes.price, orders.changes.cancel) = (ChangePolicy::Apply, ChangePolicy::Apply);
        let profile = PartnerProfile { partner, x12: X12Settings::default(), orders, invoices };
        World { company: company.expect("a company"), profile, index }
    })
}

/// Numbers that the seeds have, so that lines are found as often as not.
fn masters() -> Masters {
    let numbers = ["114-2", "A-1", "B-200", "10-1", "1", "x"];
    let item = |number: &&str| Item {
        item: (*number).into(),
        description: "bolt".into(),
        unit: "EA".into(),
        price: Some(Decimal::ONE),
        customer_item_type: "tool".into(),
        ..Item::default()
    };
    let xref = |(xref_id, number): (i64, &&str)| Xref {
        xref_id,
        scope: if xref_id % 2 == 0 { XrefScope::Everyone } else { XrefScope::Customer("ACME".into()) },
        customer_item: (*number).into(),
        item: (*number).into(),
        qualifier: "".into(),
        unit: "".into(),
        unit_factor: None,
        rank: 1,
        valid_from: None,
        valid_to: None,
        active: true,
        description: "".into(),
    };
    let customer = Customer { customer: "ACME".into(), name: "Acme".into(), ledger: true, ..Customer::default() };
    Masters {
        items: numbers.iter().map(item).collect(),
        customers: vec![customer],
        xrefs: (1..).zip(&numbers).map(xref).collect(),
        ..Masters::default()
    }
}

pub fn with_context(policy: u32, take: impl FnOnce(&Context<'_>)) {
    let World { company, profile, index } = world();
    let unresolved = POLICIES[policy as usize % POLICIES.len()];
    take(&Context { company, profile, index, unresolved, date: TODAY });
}

/// Every line is somewhere; the internal rows are those that were ordered; what is answered and billed can be read.
/// `known` is the order that changes are tried on: the last that came.
pub fn judged(
    context: &Context<'_>,
    envelope: &OutboundEnvelope,
    processed: Processed,
    known: &mut Option<DecidedOrder>,
) {
    if let Some(answer) = &processed.answer {
        readable(envelope, answer);
    }
    let order = match processed.body {
        Body::Order(order) => order,
        Body::Change(change) => return changes::asked(context, envelope, &change, known.as_ref()),
        _ => return,
    };
    let mut again = OrderChange::of_order(order.order.clone());
    again.order.purpose = ["00", "01", "04", "05"][order.order.po_number.len() % 4].into();
    changes::asked(context, envelope, &again, known.as_ref());
    *known = Some((*order).clone());
    assert_eq!(order.lines.len(), order.order.lines.len(), "each line is decided");
    let ordered = order.lines.iter().filter(|line| line.state == LineState::Ordered).count();
    let rows = internal_order::rows(&order, &context.profile.orders, "20261120-001-0001-00001", "20261120-001");
    assert_eq!(rows.len(), ordered, "what is ordered goes to the ERP");
    let text = internal_order::csv_rows(&rows);
    let read = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_slice()).into_byte_records().count();
    assert_eq!(read, rows.len(), "a row is a row whatever stands in it");
    let lines = internal_order::jsonl(&rows);
    assert_eq!(lines.iter().filter(|byte| **byte == b'\n').count(), rows.len());
    let part = order.order.lines.iter().map(|line| line.line).collect();
    let billed = BilledOrder { order_id: "O-1".into(), order: *order, billed: BTreeMap::new() };
    let (result, _) = bill_order(&billed, &part, "N-1", TODAY, &bill_context(context));
    if let Some(result) = result {
        invoiced(context, envelope, &result.invoice);
    }
}

fn bill_context<'c>(context: &'c Context<'_>) -> BillContext<'c> {
    BillContext {
        company: context.company,
        profile: context.profile,
        catalog: context.index.catalog(),
        customer_item: &|_, _, _| {
            let number = ItemNumber { qualifier: "BP".into(), value: "A-1".into() };
            Some(CustomerItemNumber { number, xref_id: 1 })
        },
        today: TODAY,
        released: false,
    }
}

fn invoiced(context: &Context<'_>, envelope: &OutboundEnvelope, invoice: &Invoice) {
    let (set, told) = in810::write(invoice, context.profile, envelope);
    assert!(set.is_some() || !told.is_empty(), "refused without a word");
    set.iter().for_each(|set| readable(envelope, set));
    let (events, _) = post_invoice(invoice, context.index.catalog(), TODAY);
    let _ = customer_items(&events, Some(TODAY));
}

/// Our own reader finds nothing wrong with the envelope of what we send.
pub(crate) fn readable(envelope: &OutboundEnvelope, set: &WrittenSet) {
    let bytes = interchange(envelope, 7, 7, std::slice::from_ref(set));
    let index = scan(bytes.as_slice(), &Limits::default()).expect("bytes in memory can be read");
    assert_eq!(index.diagnostics, []);
    assert!(index.interchanges.iter().all(|interchange| interchange.diagnostics.is_empty()));
}

pub fn sold(context: &Context<'_>, sales: &[PosSale]) {
    let mut all = Vec::new();
    for sale in sales {
        let (events, _) = post_sale(sale, context.index.catalog(), TODAY);
        all.extend(events);
    }
    let _ = customer_items(&all, Some(TODAY));
}

/// A posting is held if and only if a finding says why; what goes balances, and what an 810 cannot say has a reason. It is billed
/// without an order, and with one made from it, so that the fuzzer need not guess one.
pub fn billed(context: &Context<'_>, posted: &PostedInvoice) {
    let envelope = envelope(SEPARATORS);
    for orders in [Vec::new(), vec![ordered(posted)]] {
        let (result, found) = bill_posted(posted, &orders, &bill_context(context));
        let held = found.iter().any(|found| found.severity == Severity::Error);
        assert_eq!(held, result.verdict != Verdict::Send, "{found:?}");
        assert!(held || result.invoice.proof().is_none());
        assert_eq!(facts(&result.invoice, "o", "r", TODAY).len(), result.invoice.lines.len());
        invoiced(context, &envelope, &result.invoice);
    }
}

/// An order that has every posted line, at its price, in cases of a dozen where the quantity is of thousandths.
fn ordered(posted: &PostedInvoice) -> BilledOrder {
    let mut order = BilledOrder { order_id: "o".into(), ..BilledOrder::default() };
    order.order.customer = posted.customer.clone();
    for line in &posted.lines {
        order.order.order.po_number = line.po_number.clone();
        let dozen = line.quantity.scale() > 2;
        order.order.order.lines.push(OrderLine {
            line: line.line.unwrap_or_default(),
            po_line_id: line.po_line_id.clone(),
            quantity: Some(line.quantity),
            unit: if dozen { "CA".into() } else { line.unit.clone() },
            price: Some(line.unit_price),
            price_basis: if dozen { "HP".into() } else { Text::default() },
            charges: line.charges.clone(),
            ..OrderLine::default()
        });
        let resolution = Resolution {
            outcome: LineOutcome::Mapped,
            item: line.item.clone(),
            unit: "EA".into(),
            factor: Fraction::parse(if dozen { "12" } else { "1" }),
            quantity: Some(line.quantity),
            ..Resolution::default()
        };
        order.order.lines.push(DecidedLine { state: LineState::Ordered, resolution, unit_price: Some(line.unit_price) });
    }
    order
}
