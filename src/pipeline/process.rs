//! The stages of one document in order: structure, read, resolve, decide, answer.

use crate::documents::fa997::SetAcknowledgment;
use crate::documents::{pc860, po850, pr855};
use crate::domain::Text;
use crate::domain::diagnostic::{Diagnostic, Location, Severity};
use crate::domain::order::PurchaseOrder;
use crate::domain::partner::{AcknowledgeHeld, PartnerProfile};
use crate::domain::resolution::{DecidedOrder, LineState};
use crate::domain::rules::{business, envelope as envelope_rules};
use crate::pipeline::decide::{Context, decide};
use crate::x12::envelope::{Limits, Set};
use crate::x12::lexer::Separators;
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
}

#[derive(Debug, Default)]
pub enum Body {
    /// The set was rejected: so many lines with it.
    #[default]
    Rejected,
    Order(Box<DecidedOrder>),
    /// A change or cancellation of an earlier order: BEG01 01, 04, 05 and the like, or an 860.
    Change(Box<PurchaseOrder>),
    /// A 997 or 999: it is read and never answered.
    Acknowledgment,
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
        diagnostics: set.diagnostics.clone(),
    };
    if matches!(set.id.as_str(), "997" | "999") {
        if let Some(misplaced) = lines_misplaced(&PurchaseOrder::default(), set) {
            // A lost trailer let an order run into the acknowledgment.
            acknowledgment.diagnostics.push(misplaced);
            return Processed { acknowledgment, ..Processed::default() };
        }
        return Processed { acknowledgment, body: Body::Acknowledgment, ..Processed::default() };
    }
    let Some(def) = grammar::transaction_set(&set.id).filter(|def| matches!(def.id, "850" | "860")) else {
        let at = Location {
            segment: 1,
            segment_id: "ST".into(),
            element: 1,
            offset: set.offset,
            ..Location::default()
        };
        acknowledgment
            .diagnostics
            .push(Diagnostic::new(&envelope_rules::SET_NOT_SUPPORTED, at).found(&set.id));
        return Processed { acknowledgment, ..Processed::default() };
    };
    let strictness = context.profile.x12.strictness;
    let (tree, misplaced) =
        validate::validate(def, bytes, separators, set.offset, version, limits, strictness);
    acknowledgment.diagnostics.extend(misplaced);
    if acknowledgment.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        return Processed { acknowledgment, ..Processed::default() };
    }
    if def.id == "860" {
        let order = Box::new(pc860::read(&tree));
        let problems = vec![change(&order, set.offset)];
        return Processed { acknowledgment, body: Body::Change(order), problems, answer: None };
    }
    let (order, unreadable) = po850::read(&tree);
    if let Some(misplaced) = lines_misplaced(&order, set) {
        acknowledgment.diagnostics.push(misplaced);
        return Processed { acknowledgment, problems: unreadable, ..Processed::default() };
    }
    if unreadable.iter().any(|finding| finding.severity == Severity::Error) {
        // Beyond the limit of lines: the order was cut and is no order any more.
        acknowledgment.diagnostics.extend(unreadable);
        return Processed { acknowledgment, ..Processed::default() };
    }
    let mut processed = process_order(context, outbound, order, set.offset);
    processed.acknowledgment = acknowledgment;
    processed.problems.splice(0..0, unreadable);
    processed
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
        let problems = vec![change(&order, offset)];
        return Processed { body: Body::Change(Box::new(order)), problems, ..Processed::default() };
    }
    let (decided, mut problems) = decide(context, order);
    let answer = is_answered(context.profile, outbound, &decided).then(|| {
        let (set, unsaid) = pr855::write(&decided, context.profile, outbound, context.date);
        problems.extend(unsaid);
        set
    });
    Processed { body: Body::Order(Box::new(decided)), problems, answer, ..Processed::default() }
}

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

fn change(order: &PurchaseOrder, offset: u64) -> Diagnostic {
    let at = Location { segment: 2, segment_id: "BEG".into(), offset, ..Location::default() };
    let purpose: &Text = &order.purpose;
    Diagnostic::new(&business::ORDER_CHANGE, at)
        .found(&order.po_number)
        .detail(format!("purpose {purpose} with {} lines", order.received_lines))
}
