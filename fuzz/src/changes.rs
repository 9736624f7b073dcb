//! What must hold of a change of an order, whatever it asks for: planned against orders of several kinds, told, answered.

use crate::documents::ca865::{self, Answer};
use crate::documents::{change_rows, pr855};
use crate::domain::Decimal;
use crate::domain::change::{ChangeState, LineChange, OrderChange};
use crate::domain::diagnostic::Severity;
use crate::domain::order::PurchaseOrder;
use crate::domain::resolution::{DecidedOrder, LineState};
use crate::night::{TODAY, readable};
use crate::pipeline::change::{Earlier, Known, Plan, known as already, plan};
use crate::pipeline::check::check_set;
use crate::pipeline::decide::{Context, decide};
use crate::x12::envelope::{Limits, scan};
use crate::x12::writer::{OutboundEnvelope, interchange};
use std::collections::BTreeMap;

const STATES: [ChangeState; 4] =
    [ChangeState::Held, ChangeState::Applied, ChangeState::ByHand, ChangeState::Rejected];

/// The change against the last order of its file, against one made from its own lines, and against one without a line.
pub fn asked(context: &Context<'_>, envelope: &OutboundEnvelope, change: &OrderChange, known: Option<&DecidedOrder>) {
    if change.document == "860" {
        assert_eq!(change.kinds.len(), change.order.lines.len(), "each line has its code");
    }
    let kept = serde_json::to_string(change).expect("a change is JSON");
    let read: OrderChange = serde_json::from_str(&kept).expect("a change is read as it was kept");
    assert_eq!(read, *change);
    let earlier = [Earlier::new(&read, ChangeState::Applied)];
    assert_eq!(already(change, &earlier), Known::Again, "what came before is known");
    assert!(matches!(already(change, &[]), Known::New(_)));
    let (own, _) = decide(context, PurchaseOrder { purpose: "00".into(), ..change.order.clone() });
    let empty = DecidedOrder::default();
    for stored in [known, Some(&own), Some(&empty)].into_iter().flatten() {
        let plan = planned(context, stored, change);
        answered(context, envelope, change, &plan);
    }
}

fn planned(context: &Context<'_>, stored: &DecidedOrder, change: &OrderChange) -> Plan {
    let first = stored.order.lines.first().map(|line| (line.line, Decimal::ONE));
    let free = plan(context, stored, change, &BTreeMap::new());
    let billed = plan(context, stored, change, &first.into_iter().collect());
    assert!(billed.obstacles.len() >= free.obstacles.len(), "what is billed lets nothing go");
    assert_eq!(billed.order, free.order);
    consistent(stored, change, &free);
    if free.obstacles.is_empty() {
        goes(context, stored, change, &free);
    }
    free
}

/// Lines, places and the order agree, and what is not touched stays as it was.
fn consistent(stored: &DecidedOrder, change: &OrderChange, plan: &Plan) {
    let (was, now) = (&stored.lines, &plan.order.lines);
    assert_eq!(plan.order.order.lines.len(), now.len(), "each line is decided");
    assert!(now.len() >= was.len(), "no line is lost");
    assert_eq!(plan.lines.len(), plan.touched.len());
    assert!(plan.touched.is_sorted_by(|a, b| a < b), "a line is touched twice");
    assert_eq!(plan.of_asked.len(), change.order.lines.len());
    assert!(plan.of_asked.iter().flatten().all(|place| *place < now.len()), "a place beyond the order");
    for (place, told) in plan.touched.iter().zip(&plan.lines) {
        assert_eq!(told.line, plan.order.order.lines[*place].line);
        assert_eq!(told.before.is_none(), *place >= was.len());
        assert_eq!(told.after.is_none(), now[*place].state == LineState::Cancelled);
    }
    for place in (0..was.len()).filter(|place| plan.touched.binary_search(place).is_err()) {
        assert_eq!(now[place], was[place]);
        assert_eq!(plan.order.order.lines[place], stored.order.lines[place]);
    }
}

/// A change that nothing stands against: every line of it has its place, the ERP hears of every line, and said again it asks for
/// nothing more.
fn goes(context: &Context<'_>, stored: &DecidedOrder, change: &OrderChange, plan: &Plan) {
    // lines without an id are told apart by nothing when they come again
    let mut ids: Vec<_> = change.order.lines.iter().map(|line| &line.po_line_id).collect();
    ids.sort_unstable();
    let told_apart = ids.first().is_none_or(|id| !id.is_empty()) && ids.is_sorted_by(|a, b| a < b);
    let replaces = change.order.purpose == "05" && told_apart;
    for (asked, place) in plan.of_asked.iter().enumerate() {
        let taken_back = change.kind(asked) == "DI" || change.order.purpose == "01";
        assert!(place.is_some() || taken_back, "line {asked} went without a place");
    }
    let ordered = |number: u32| {
        let mut lines = stored.order.lines.iter().zip(&stored.lines);
        lines.any(|(line, decided)| line.line == number && decided.state == LineState::Ordered)
    };
    let heard = |told: &&LineChange| told.after.is_some() || ordered(told.line);
    let rows = change_rows::rows(change, (&plan.order, &plan.lines), ordered, &context.profile.orders, ("o", "r"));
    assert_eq!(rows.len(), plan.lines.iter().filter(heard).count(), "the ERP hears of each line");
    let text = change_rows::csv_rows(&rows);
    let read = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_slice()).into_byte_records().count();
    assert_eq!(read, rows.len(), "a row is a row whatever stands in it");
    if replaces {
        let again = self::plan(context, &plan.order, change, &BTreeMap::new());
        assert!(again.lines.is_empty() || !again.obstacles.is_empty(), "said again it changes {:?}", again.lines);
    }
}

/// In every state, first and again: an answer that our own reader finds nothing wrong with, or the reason why there is none.
fn answered(context: &Context<'_>, envelope: &OutboundEnvelope, change: &OrderChange, plan: &Plan) {
    let item = |place: &Option<usize>| {
        place.and_then(|place| plan.order.lines.get(place)).map(|line| line.resolution.item.clone()).unwrap_or_default()
    };
    let items: Vec<_> = plan.of_asked.iter().map(item).collect();
    for (state, again) in STATES.into_iter().flat_map(|state| [(state, false), (state, true)]) {
        let (set, told) = if change.document == "860" {
            ca865::write(Answer { change, state, items: &items, again }, context.profile, envelope, TODAY)
        } else {
            pr855::write_of_change((change, state), &plan.order, context.profile, envelope, TODAY)
        };
        let Some(set) = set else {
            assert!(told.iter().any(|found| found.severity == Severity::Error), "no answer, and no word why");
            continue;
        };
        readable(envelope, &set);
        let bytes = interchange(envelope, 7, 7, std::slice::from_ref(&set));
        let index = scan(bytes.as_slice(), &Limits::default()).expect("bytes in memory can be read");
        let read = &index.interchanges[0];
        let (group, written) = (&read.groups[0], &read.groups[0].sets[0]);
        let (from, length) = (usize::try_from(written.offset).unwrap(), usize::try_from(written.length).unwrap());
        let piece = &bytes[from..from + length];
        let found = check_set(piece, read.separators, &group.version, written, &Limits::default());
        let errors: Vec<_> = found.iter().filter(|found| found.severity == Severity::Error).collect();
        assert!(errors.is_empty(), "{errors:?}\n{}", String::from_utf8_lossy(&bytes));
    }
}
