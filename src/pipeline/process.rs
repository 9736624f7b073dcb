//! The stages of one document in order: structure, read, resolve, decide, answer.

use crate::documents::acknowledgment::{self, Returned};
use crate::documents::fa997::SetAcknowledgment;
use crate::documents::message::{self, Message};
use crate::documents::{pc860, po850, pr855};
use crate::domain::Text;
use crate::domain::change::OrderChange;
use crate::domain::diagnostic::{Diagnostic, Location, Severity};
use crate::domain::order::PurchaseOrder;
use crate::domain::partner::{AcknowledgeHeld, PartnerProfile, Strictness};
use crate::domain::resolution::{DecidedOrder, LineState};
use crate::domain::rules::{business, envelope as envelope_rules};
use crate::pipeline::amounts::Amounts;
use crate::pipeline::decide::{Context, decide};
use crate::x12::envelope::{Limits, Set};
use crate::x12::lexer::{Separators, Tokens, segments, text};
use crate::x12::structure::Tree;
use crate::x12::writer::{OutboundEnvelope, WrittenSet};
use crate::x12::{grammar, validate};

/// What became of one transaction set, or of one CSV order.
#[derive(Debug, Default)]
pub struct Processed {
    /// For the 997; empty for CSV.
    pub acknowledgment: SetAcknowledgment,
    pub body: Body,
    /// What was found that X12 has no answer for: notes, lines that wait.
    pub problems: Vec<Diagnostic>,
    /// The 855, where the partner wants one now.
    pub answer: Option<WrittenSet>,
    /// Why the 855 that the partner wants now cannot be sent.
    pub unanswered: Vec<Diagnostic>,
    /// What an order or a change asks for, as it was read and before anything was decided about it.
    pub read: Amounts,
}

#[derive(Debug, Default)]
pub enum Body {
    /// The set was rejected: so many lines with it.
    #[default]
    Rejected,
    Order(Box<DecidedOrder>),
    /// A change or cancellation of an earlier order: BEG01 01, 04, 05 and the like, or an 860.
    Change(Box<OrderChange>),
    /// A 997 or 999: it is read and never answered.
    Acknowledgment(Box<Returned>),
    /// An 824 or 864: it is accepted, and waits for a person to read it.
    Message(Box<Message>),
}

/// One transaction set of a sound group: placed by its grammar, read, resolved, decided, answered.
pub fn process_set(
    context: &Context<'_>,
    outbound: &OutboundEnvelope,
    bytes: &[u8],
    separators: Separators,
    version: &str,
    set: &Set,
    limits: &Limits,
) -> Processed {
    let mut acknowledgment = SetAcknowledgment {
        id: set.id.clone(),
        control: set.control.clone(),
        convention: convention(bytes, separators),
        diagnostics: set.diagnostics.clone(),
    };
    if set.is_too_large() {
        return Processed { acknowledgment, ..Processed::default() };
    }
    if matches!(set.id.as_str(), "997" | "999") {
        return take_acknowledgment(bytes, separators, set, acknowledgment);
    }
    if message::is_message(&set.id) {
        return take_message(bytes, separators, version, set, limits, acknowledgment);
    }
    let Some(def) = grammar::transaction_set(&set.id).filter(|def| matches!(def.id, "850" | "860")) else {
        let at = Location {
            segment: 1,
            segment_id: "ST".into(),
            element: 1,
            offset: set.offset,
            ..Location::default()
        };
        // An id that is none has been told of: it is not supported for that reason.
        if set.diagnostics.iter().all(|known| *known.rule != envelope_rules::SET_ID_INVALID) {
            acknowledgment
                .diagnostics
                .push(Diagnostic::new(&envelope_rules::SET_NOT_SUPPORTED, at).found(&set.id));
        }
        return Processed { acknowledgment, ..Processed::default() };
    };
    let strictness = context.profile.x12.strictness;
    let tokens = Tokens::new(bytes, separators, set.offset);
    let (tree, misplaced) = validate::validate(def, &tokens, version, limits, strictness);
    acknowledgment.diagnostics.extend(misplaced);
    if acknowledgment.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        return Processed { acknowledgment, ..Processed::default() };
    }
    if def.id == "860" {
        return take_change(context, &tree, (set, limits), acknowledgment);
    }
    let (order, unreadable) = po850::read_limited(&tree, limits);
    if unreadable.iter().any(|finding| finding.severity == Severity::Error) {
        // Beyond the limit of lines: the order was cut and is no order any more, and how many lines it has is not known.
        acknowledgment.diagnostics.extend(unreadable);
        return Processed { acknowledgment, ..Processed::default() };
    }
    if let Some(misplaced) = lines_misplaced(&order, set) {
        acknowledgment.diagnostics.push(misplaced);
        return Processed { acknowledgment, problems: unreadable, ..Processed::default() };
    }
    let mut processed = process_order(context, outbound, order, set.offset);
    processed.acknowledgment = acknowledgment;
    processed.problems.splice(0..0, unreadable);
    processed
}

/// A message for a person is accepted whatever its grammar says of it, because a person can read it; only what leaves in
/// doubt which bytes belong to it rejects it.
fn take_message(
    bytes: &[u8],
    separators: Separators,
    version: &str,
    set: &Set,
    limits: &Limits,
    mut acknowledgment: SetAcknowledgment,
) -> Processed {
    if let Some(misplaced) = lines_misplaced(&PurchaseOrder::default(), set) {
        // A lost trailer let an order run into the message.
        acknowledgment.diagnostics.push(misplaced);
    }
    if acknowledgment.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        return Processed { acknowledgment, ..Processed::default() };
    }
    if let Some(def) = grammar::transaction_set(&set.id) {
        let strictness = Strictness::Standard;
        let tokens = Tokens::new(bytes, separators, set.offset);
        let (_, found) = validate::validate(def, &tokens, version, limits, strictness);
        let lowered = found.into_iter().map(|finding| {
            let severity = finding.severity.min(Severity::Warning);
            Diagnostic { severity, ..finding }
        });
        acknowledgment.diagnostics.extend(lowered);
    }
    let message = message::read(&set.id, segments(bytes, separators, set.offset));
    Processed { acknowledgment, body: Body::Message(Box::new(message)), ..Processed::default() }
}

/// ST03.
fn convention(bytes: &[u8], separators: Separators) -> Text {
    segments(bytes, separators, 0).next().map(|header| text(header.element(3))).unwrap_or_default()
}

/// A line that no PO1 loop took would be lost without a word: the set is refused instead.
pub(super) fn lines_misplaced(order: &PurchaseOrder, set: &Set) -> Option<Diagnostic> {
    if order.received_lines == set.lines {
        return None;
    }
    let at = Location {
        set: set.control.clone(),
        segment: 1,
        segment_id: "ST".into(),
        offset: set.offset,
        ..Location::default()
    };
    let detail = format!("{} lines counted, {} could be placed", set.lines, order.received_lines);
    Some(Diagnostic::new(&business::LINES_MISPLACED, at).detail(detail))
}

/// One order, wherever it was read from: resolved, decided, answered.
pub fn process_order(
    context: &Context<'_>,
    outbound: &OutboundEnvelope,
    order: PurchaseOrder,
    offset: u64,
) -> Processed {
    if !matches!(order.purpose.as_str(), "00" | "06" | "07") {
        let change = OrderChange::of_order(order);
        let problems = vec![told(&change, offset)];
        return changed(context, change, problems);
    }
    let read = Amounts::read(&order, &context.profile.orders);
    let (decided, mut problems) = decide(context, order);
    let (mut answer, mut unanswered) = (None, Vec::new());
    if is_answered(context.profile, outbound, &decided) {
        let (set, unsaid) = pr855::write(&decided, context.profile, outbound, context.date);
        answer = set;
        if answer.is_some() { problems.extend(unsaid) } else { unanswered = unsaid }
    }
    let body = Body::Order(Box::new(decided));
    Processed { body, problems, answer, unanswered, read, ..Processed::default() }
}

/// A change, which a person applies.
/// Whether an order as it stands is answered by an 855 now. A partner without ids to write to, one that orders by CSV
/// alone, gets none.
pub(super) fn is_answered(
    profile: &PartnerProfile,
    outbound: &OutboundEnvelope,
    decided: &DecidedOrder,
) -> bool {
    let orders = &profile.orders;
    let waits = decided.lines.iter().any(|line| line.state == LineState::Held);
    let has_ids = !matches!(outbound.receiver.as_str(), "" | "*");
    orders.acknowledge_order && has_ids && !(waits && orders.acknowledge_held == AcknowledgeHeld::OnRelease)
}

/// An 860: nothing of it may be lost, as of an order.
fn take_acknowledgment(
    bytes: &[u8],
    separators: Separators,
    set: &Set,
    mut acknowledgment: SetAcknowledgment,
) -> Processed {
    if let Some(misplaced) = lines_misplaced(&PurchaseOrder::default(), set) {
        // A lost trailer let an order run into the acknowledgment.
        acknowledgment.diagnostics.push(misplaced);
    }
    if acknowledgment.diagnostics.iter().any(|found| found.severity == Severity::Error) {
        return Processed { acknowledgment, ..Processed::default() };
    }
    let returned = acknowledgment::read(separators, segments(bytes, separators, set.offset));
    let body = Body::Acknowledgment(Box::new(returned));
    Processed { acknowledgment, body, ..Processed::default() }
}

fn take_change(
    context: &Context<'_>,
    tree: &Tree<'_>,
    (set, limits): (&Set, &Limits),
    mut acknowledgment: SetAcknowledgment,
) -> Processed {
    let (change, unreadable) = pc860::read(tree, limits);
    if unreadable.iter().any(|finding| finding.severity == Severity::Error) {
        acknowledgment.diagnostics.extend(unreadable);
        return Processed { acknowledgment, ..Processed::default() };
    }
    if let Some(misplaced) = lines_misplaced(&change.order, set) {
        acknowledgment.diagnostics.push(misplaced);
        return Processed { acknowledgment, problems: unreadable, ..Processed::default() };
    }
    let mut problems = vec![told(&change, set.offset)];
    problems.extend(unreadable);
    Processed { acknowledgment, ..changed(context, change, problems) }
}

fn changed(context: &Context<'_>, change: OrderChange, problems: Vec<Diagnostic>) -> Processed {
    let read = Amounts::read(&change.order, &context.profile.orders);
    Processed { body: Body::Change(Box::new(change)), problems, read, ..Processed::default() }
}

fn told(change: &OrderChange, offset: u64) -> Diagnostic {
    let segment_id = if change.document == "860" { "BCH" } else { "BEG" };
    let at = Location { segment: 2, segment_id: segment_id.into(), offset, ..Location::default() };
    let order = &change.order;
    Diagnostic::new(&business::ORDER_CHANGE, at)
        .found(&order.po_number)
        .detail(format!("purpose {} with {} lines", order.purpose, order.received_lines))
}
