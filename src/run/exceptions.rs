//! What waits for a person, said once a root cause.

use crate::documents::message::Message;
use crate::documents::posted_invoice::RejectedInvoice;
use crate::domain::Text;
use crate::domain::diagnostic::{Diagnostic, Location, Rule};
use crate::domain::invoice::{Invoice, InvoiceType, PostedInvoice};
use crate::domain::order::{ItemNumber, OrderLine};
use crate::domain::partner::{OrderSettings, PartnerProfile};
use crate::domain::resolution::{DecidedLine, DecidedOrder, InvalidReason, LineOutcome, LineState};
use crate::domain::rules::business;
use crate::store::ExceptionRow;
use serde_json::{Value, json};

/// One exception for each line that did not find its item and was not let through.
pub(crate) fn lines<'l>(
    order: &'l DecidedOrder,
    order_id: &'l Text,
    settings: &'l OrderSettings,
) -> impl Iterator<Item = ExceptionRow> + 'l {
    let pairs = order.order.lines.iter().zip(&order.lines);
    let waiting = pairs.filter(|(_, decided)| {
        decided.resolution.outcome != LineOutcome::Mapped && decided.state != LineState::Ordered
    });
    waiting.map(|(line, decided)| ExceptionRow {
        kind: "line".into(),
        cause: cause(&order.customer, line, decided, settings),
        partner: order.partner.clone(),
        customer: order.customer.clone(),
        po_number: order.order.po_number.clone(),
        order_id: order_id.clone(),
        line: line.line,
        detail: json!({
            "outcome": decided.resolution.outcome,
            "reason": decided.resolution.reason.map(InvalidReason::as_str),
            "state": decided.state,
            "numbers": line.numbers,
            "description": line.description,
            "candidates": decided.resolution.candidates,
        })
        .to_string(),
        ..ExceptionRow::default()
    })
}

/// Whether a finding is told as an exception of its line, and needs no second word.
pub(crate) fn are_lines(rule: &Rule) -> bool {
    let lines = [
        &business::LINE_UNMAPPED,
        &business::LINE_AMBIGUOUS,
        &business::LINE_CONFLICT,
        &business::LINE_INVALID,
    ];
    lines.iter().any(|line| **line == *rule)
}

/// Lines with one cause share it: this number of this customer, and what is the matter with it, for an invalid line in
/// particular.
fn cause(customer: &Text, line: &OrderLine, decided: &DecidedLine, settings: &OrderSettings) -> Text {
    let number = customer_number(line, settings).cloned().unwrap_or_default();
    let outcome = decided.resolution.outcome.as_str();
    let reason = decided.resolution.reason.map(|reason| format!("/{}", reason.as_str())).unwrap_or_default();
    Text::from(format!("{outcome}/{customer}/{}/{}{reason}", number.qualifier, number.value))
}

/// The customer's own number on the line: the first under a qualifier that the profile prefers, else the first at all.
pub(crate) fn customer_number<'l>(line: &'l OrderLine, settings: &OrderSettings) -> Option<&'l ItemNumber> {
    let mut preferred = settings.customer_item_qualifiers.iter();
    preferred
        .find_map(|qualifier| line.numbers.iter().find(|number| number.qualifier == *qualifier))
        .or_else(|| line.numbers.first())
}

/// So many findings are told of one input or interchange; the others are counted.
const FINDINGS_MAX: usize = 1_000;

/// An object that says what something is about, with the findings about it.
pub(crate) fn telling(mut about: Value, why: &[Diagnostic]) -> Value {
    let told = why.get(..FINDINGS_MAX).unwrap_or(why);
    about["findings"] = json!(told);
    if told.len() < why.len() {
        about["findings_left_out"] = json!(why.len() - told.len());
    }
    about
}

/// An input, or a part of one, that could not be processed.
pub(crate) fn input(name: &str, why: &[Diagnostic], partner: &str) -> ExceptionRow {
    ExceptionRow {
        kind: "input".into(),
        cause: format!("input/{}", why.first().map_or("", |first| first.rule.code)).into(),
        partner: partner.into(),
        detail: telling(json!({"file": name}), why).to_string(),
        ..ExceptionRow::default()
    }
}

/// What a partner wrote to a person. The cause has its headline, which is what the summary shows.
pub(crate) fn message(profile: &PartnerProfile, message: &Message, file: &str) -> ExceptionRow {
    let headline: String = message.headline.chars().take(80).collect();
    ExceptionRow {
        kind: "message".into(),
        cause: format!("message/{}/{}: {headline}", profile.id(), message.id).into(),
        partner: profile.id().clone(),
        customer: profile.partner.customer.clone(),
        detail: json!({
            "file": file,
            "set": message.id,
            "reference": message.reference,
            "text": message.lines,
            "lines_left_out": message.left_out,
        })
        .to_string(),
        ..ExceptionRow::default()
    }
}

/// An invoice, or a sale, that needs a look.
pub(crate) fn document(
    kind: &str,
    number: &str,
    partner: &str,
    customer: &str,
    why: &[Diagnostic],
) -> ExceptionRow {
    // the error that holds it names the cause, not a note that came before
    let worst = why.iter().rev().max_by_key(|found| found.severity);
    ExceptionRow {
        kind: kind.into(),
        cause: format!("{kind}/{}/{number}", worst.map_or("", |worst| worst.rule.code)).into(),
        partner: partner.into(),
        customer: customer.into(),
        detail: json!({"number": number, "findings": why}).to_string(),
        ..ExceptionRow::default()
    }
}

/// An invoice that does not go out. A credit's cause says so: its number may be an invoice's too.
pub(crate) fn invoice(
    kind: InvoiceType,
    number: &str,
    partner: &str,
    customer: &str,
    why: &[Diagnostic],
) -> ExceptionRow {
    let row = document("invoice", number, partner, customer, why);
    let worst = why.iter().rev().max_by_key(|found| found.severity);
    let said = worst.map(|worst| format!("{number}: {} {}", worst.found, worst.detail));
    let said = said.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    let detail = json!({"number": number, "type": kind.code(), "why": said, "findings": why}).to_string();
    let cause = match kind {
        InvoiceType::Debit => row.cause,
        InvoiceType::Credit => {
            let code = row.cause.split('/').nth(1).unwrap_or_default();
            format!("invoice/{code}/CR {number}").into()
        }
    };
    ExceptionRow { cause, detail, order_id: invoice_key(Some(kind), number), ..row }
}

/// An invoice of which a row cannot be read: nothing of it is billed.
pub(crate) fn rejected_invoice(rejected: &RejectedInvoice) -> ExceptionRow {
    let row = document("invoice", &rejected.invoice_number, "", "", &rejected.diagnostics);
    ExceptionRow { order_id: invoice_key(rejected.kind, &rejected.invoice_number), ..row }
}

/// Under what an exception of kind `invoice` is found again whatever its cause, so that it closes when the invoice goes out;
/// empty where it has no number.
pub(crate) fn invoice_key(kind: Option<InvoiceType>, number: &str) -> Text {
    if number.is_empty() {
        return Text::default();
    }
    format!("{}/{number}", kind.map_or("", InvoiceType::code)).into()
}

/// An item that a customer was billed for under no number of its own.
pub(crate) fn number_lacking(invoice: &Invoice, item: &str, why: &[Diagnostic]) -> ExceptionRow {
    let Invoice { partner, customer, invoice_number, .. } = invoice;
    let ship_to = invoice.parties.iter().find(|party| party.role == "ST").map(|party| &party.code);
    let detail = json!({"number": invoice_number, "item": item, "ship_to": ship_to, "findings": why});
    ExceptionRow {
        kind: "customer_number".into(),
        cause: format!("customer_number/{customer}/{item}").into(),
        partner: partner.clone(),
        customer: customer.clone(),
        detail: detail.to_string(),
        ..ExceptionRow::default()
    }
}

/// What is said of a file in inbox/acknowledgments that acknowledges nothing.
pub(crate) fn no_acknowledgment(name: &str) -> Vec<Diagnostic> {
    vec![Diagnostic::new(&business::NO_ACKNOWLEDGMENT, Location::default()).found(name)]
}

/// An invoice for a customer of whom no partner profile knows.
pub(crate) fn nobody_to_bill(customer: &str, row: u64) -> Diagnostic {
    let at = Location { row, ..Location::default() };
    Diagnostic::new(&business::INVOICE_PARTNER_UNKNOWN, at).found(customer)
}

/// An invoice number that was used before for something else.
pub(crate) fn invoice_number_reused(posted: &PostedInvoice, first_run: &str) -> Diagnostic {
    let line = posted.lines.first();
    let at = Location { row: line.map_or(0, |line| line.row), ..Location::default() };
    Diagnostic::new(&business::INVOICE_NUMBER_REUSED, at)
        .found(&posted.invoice_number)
        .detail(format!("first billed in run {first_run}"))
}
