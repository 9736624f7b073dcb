//! A change among the changes of its order that came before it: the same again, or out of its turn.

use crate::domain::Text;
use crate::domain::change::{ChangeState, OrderChange};
use crate::domain::diagnostic::{Diagnostic, Location};
use crate::domain::rules::changes as rules;
use crate::pipeline::duplicates::differences;

/// A change of the same order that came before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    pub change: OrderChange,
    pub state: ChangeState,
}

/// How a change stands to those before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// It came before: it is answered and not processed.
    Again,
    /// It is new; these speak against applying it now.
    New(Vec<Diagnostic>),
}

/// `earlier` in the order in which they came. A number (BCH05) makes two changes one or two; without numbers the same content is
/// the same change as long as no other one came between.
pub fn known(change: &OrderChange, earlier: &[Earlier]) -> Known {
    let like: Vec<&Earlier> =
        earlier.iter().filter(|before| before.change.document == change.document).collect();
    if let Some(before) = like.iter().rev().find(|before| said_again(&before.change, change)) {
        let last = like.last().is_some_and(|last| said_again(&last.change, change));
        if last || !number(&before.change).is_empty() {
            return Known::Again;
        }
        let detail = format!("the same {} came before, and another one after it", change.name());
        return Known::New(vec![found(&rules::OUT_OF_SEQUENCE, change, detail)]);
    }
    let mut obstacles = Vec::new();
    let reused = |before: &&&Earlier| !number(change).is_empty() && number(&before.change) == number(change);
    if let Some(before) = like.iter().rev().find(reused) {
        let differ: Vec<String> =
            differences(&before.change.order, &change.order).into_iter().map(|d| d.field).take(10).collect();
        let detail = format!("{}; it differs in {}", before.change.name(), named(&differ));
        obstacles.push(found(&rules::NUMBER_REUSED, change, detail));
    } else if let Some(why) = out_of_turn(change, earlier) {
        obstacles.push(found(&rules::OUT_OF_SEQUENCE, change, why));
    }
    Known::New(obstacles)
}

/// Whether two documents ask for the same in the same words. Of orders 00, 06 and 07 are one purpose.
pub fn said_again(before: &OrderChange, now: &OrderChange) -> bool {
    purpose(before) == purpose(now)
        && number(before) == number(now)
        && before.requested == now.requested
        && before.kinds == now.kinds
        && differences(&before.order, &now.order).is_empty()
}

fn purpose(change: &OrderChange) -> &str {
    match change.order.purpose.as_str() {
        "06" | "07" if change.document == "850" => "00",
        purpose => purpose,
    }
}

/// BCH05 without leading zeros; zero itself is a number.
fn number(change: &OrderChange) -> &str {
    let number = change.sequence.trim();
    let trimmed = number.trim_start_matches('0');
    if trimmed.is_empty() && !number.is_empty() { "0" } else { trimmed }
}

fn counted(change: &OrderChange) -> Option<u64> {
    number(change).parse().ok()
}

fn out_of_turn(change: &OrderChange, earlier: &[Earlier]) -> Option<String> {
    if let Some(waits) = earlier.iter().find(|before| before.state == ChangeState::Held) {
        return Some(format!("{} came before and waits", waits.change.name()));
    }
    let done = || earlier.iter().map(|before| &before.change);
    if let Some(now) = counted(change) {
        let last = done().filter_map(counted).max();
        let next = match last {
            None => now <= 1,
            Some(last) => Some(now) == last.checked_add(1),
        };
        if !next {
            let after = last.map_or_else(
                || "it is the first that came".to_owned(),
                |last| format!("the last was {last}"),
            );
            return Some(format!("number {now}: {after}"));
        }
    }
    let last = done().filter_map(|before| before.requested).max();
    match (change.requested, last) {
        (Some(now), Some(last)) if now < last => Some(format!("of {now}: the last change is of {last}")),
        _ => None,
    }
}

fn named(fields: &[String]) -> String {
    if fields.is_empty() { "its purpose, codes or date".to_owned() } else { fields.join(", ") }
}

fn found(rule: &'static crate::domain::diagnostic::Rule, change: &OrderChange, detail: String) -> Diagnostic {
    let at = Location { segment: 2, segment_id: Text::const_new("BCH"), element: 5, ..Location::default() };
    Diagnostic::new(rule, at).found(&change.sequence).detail(detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::order::{OrderLine, PurchaseOrder};
    use crate::domain::{Date, Decimal};

    fn change(sequence: &str, quantity: i64, day: i8) -> OrderChange {
        let line = OrderLine { quantity: Some(Decimal::from(quantity)), ..OrderLine::default() };
        let order = PurchaseOrder { purpose: "04".into(), lines: vec![line], ..PurchaseOrder::default() };
        OrderChange {
            document: "860".into(),
            sequence: sequence.into(),
            requested: (day > 0).then(|| Date::constant(2026, 11, day)),
            kinds: vec!["QD".into()],
            order,
        }
    }

    #[test]
    fn the_same_again_is_known_and_what_is_out_of_its_turn_is_told() {
        use ChangeState::{Applied, Held, Rejected};
        for (earlier, now, expected) in [
            (vec![], change("1", 5, 0), ""),
            (vec![], change("0", 5, 0), ""),
            (vec![], change("", 5, 0), ""),
            (vec![], change("3", 5, 0), "E602 number 3: it is the first that came"),
            (vec![(change("1", 5, 0), Applied)], change("1", 5, 0), "again"),
            (vec![(change("1", 5, 0), Applied)], change("001", 5, 0), "again"),
            (vec![(change("1", 5, 0), Held)], change("1", 5, 0), "again"),
            (
                vec![(change("1", 5, 0), Applied)],
                change("1", 6, 0),
                "E603 860 04 no 1; it differs in lines[1].quantity",
            ),
            (vec![(change("1", 5, 0), Applied)], change("2", 6, 0), ""),
            (vec![(change("1", 5, 0), Rejected)], change("2", 6, 0), ""),
            (vec![(change("1", 5, 0), Held)], change("2", 6, 0), "E602 860 04 no 1 came before and waits"),
            (vec![(change("1", 5, 0), Applied)], change("3", 6, 0), "E602 number 3: the last was 1"),
            (vec![(change("1", 5, 0), Applied), (change("2", 6, 0), Applied)], change("1", 5, 0), "again"),
            (vec![(change("", 5, 0), Applied)], change("", 5, 0), "again"),
            (
                vec![(change("", 5, 0), Applied), (change("", 6, 0), Applied)],
                change("", 5, 0),
                "E602 the same 860 04 came before, and another one after it",
            ),
            (
                vec![(change("", 5, 20), Applied)],
                change("", 6, 19),
                "E602 of 2026-11-19: the last change is of 2026-11-20",
            ),
            (vec![(change("", 5, 20), Applied)], change("", 5, 21), ""),
            (vec![(change("A", 5, 0), Applied)], change("B", 6, 0), ""),
        ] {
            let earlier: Vec<Earlier> =
                earlier.into_iter().map(|(change, state)| Earlier { change, state }).collect();
            let said = match known(&now, &earlier) {
                Known::Again => "again".to_owned(),
                Known::New(found) => found
                    .iter()
                    .map(|found| format!("{} {}", found.rule.code, found.detail))
                    .collect::<Vec<_>>()
                    .join("; "),
            };
            assert_eq!(said, expected, "{now:?} after {earlier:?}");
        }
    }

    #[test]
    fn an_850_under_07_says_again_what_it_said_under_00() {
        let order = |purpose: &str| {
            OrderChange::of_order(PurchaseOrder { purpose: purpose.into(), ..PurchaseOrder::default() })
        };
        assert!(said_again(&order("00"), &order("07")));
        assert!(!said_again(&order("00"), &order("05")));
    }
}
