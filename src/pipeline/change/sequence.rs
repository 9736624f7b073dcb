//! A change among the changes of its order that came before it: the same again, or out of its turn.

use crate::domain::change::{ChangeState, OrderChange};
use crate::domain::diagnostic::{Diagnostic, Location};
use crate::domain::rules::changes as rules;
use crate::domain::{Date, Text};
use crate::pipeline::duplicates::{differences, fingerprint};
use sha2::{Digest as _, Sha256};

/// A change of the same order that came before, as much of it as the ones after it are held against: of its lines a digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    pub state: ChangeState,
    document: Text,
    number: Text,
    requested: Option<Date>,
    name: String,
    /// None: what it says cannot be compared, and is nobody's again.
    said: Option<[u8; 32]>,
}

impl Earlier {
    pub fn new(change: &OrderChange, state: ChangeState) -> Self {
        Self {
            state,
            document: change.document.clone(),
            number: number(change).into(),
            requested: change.requested,
            name: change.name(),
            said: said(change),
        }
    }
}

/// How a change stands to those before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// It came before: it is answered and not processed.
    Again,
    /// It is new; these speak against applying it now.
    New(Vec<Diagnostic>),
    /// The one at this place has its number and says something else: [`reused`].
    Reused(usize),
}

/// `earlier` in the order in which they came. A number (BCH05) makes two changes one or two; without numbers the same content is
/// the same change as long as no other one came between.
pub fn known(change: &OrderChange, earlier: &[Earlier]) -> Known {
    let now = Earlier::new(change, ChangeState::Held);
    let like = || earlier.iter().enumerate().rev().filter(|(_, before)| before.document == now.document);
    let again = |before: &Earlier| now.said.is_some() && before.said == now.said;
    if like().any(|(_, before)| again(before)) {
        let last = like().next().is_some_and(|(_, last)| again(last));
        if last || !now.number.is_empty() {
            return Known::Again;
        }
        let detail = format!("the same {} came before, and another one after it", change.name());
        return Known::New(vec![found(&rules::OUT_OF_SEQUENCE, change, detail)]);
    }
    let reused = like().find(|(_, before)| !now.number.is_empty() && before.number == now.number);
    if let Some((place, _)) = reused {
        return Known::Reused(place);
    }
    let why = out_of_turn(&now, earlier);
    Known::New(why.map(|why| found(&rules::OUT_OF_SEQUENCE, change, why)).into_iter().collect())
}

/// What speaks against a change whose number an earlier one with other content has.
pub fn reused(change: &OrderChange, before: &OrderChange) -> Diagnostic {
    let differ: Vec<String> =
        differences(&before.order, &change.order).into_iter().map(|d| d.field).take(10).collect();
    let detail = format!("{}; it differs in {}", before.name(), named(&differ));
    found(&rules::NUMBER_REUSED, change, detail)
}

/// A digest of everything by which two documents ask for the same in the same words. Of orders 00, 06 and 07 are one purpose.
fn said(change: &OrderChange) -> Option<[u8; 32]> {
    let order = fingerprint(&change.order)?;
    let words = (&change.document, purpose(change), number(change), change.requested, &change.kinds, order);
    Some(Sha256::digest(serde_json::to_vec(&words).ok()?).into())
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

fn out_of_turn(now: &Earlier, earlier: &[Earlier]) -> Option<String> {
    if let Some(waits) = earlier.iter().find(|before| before.state == ChangeState::Held) {
        return Some(format!("{} came before and waits", waits.name));
    }
    let counted = |change: &Earlier| change.number.parse::<u64>().ok();
    if let Some(number) = counted(now) {
        let last = earlier.iter().filter_map(counted).max();
        let next = match last {
            None => number <= 1,
            Some(last) => Some(number) == last.checked_add(1),
        };
        if !next {
            let after = last.map_or_else(
                || "it is the first that came".to_owned(),
                |last| format!("the last was {last}"),
            );
            return Some(format!("number {number}: {after}"));
        }
    }
    let last = earlier.iter().filter_map(|before| before.requested).max();
    match (now.requested, last) {
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
            let told = |found: &Diagnostic| format!("{} {}", found.rule.code, found.detail);
            let before: Vec<Earlier> =
                earlier.iter().map(|(change, state)| Earlier::new(change, *state)).collect();
            let said = match known(&now, &before) {
                Known::Again => "again".to_owned(),
                Known::New(found) => found.iter().map(told).collect::<Vec<_>>().join("; "),
                Known::Reused(place) => told(&reused(&now, &earlier[place].0)),
            };
            assert_eq!(said, expected, "{now:?} after {earlier:?}");
        }
    }

    #[test]
    fn an_850_under_07_says_again_what_it_said_under_00() {
        let order = |purpose: &str| {
            OrderChange::of_order(PurchaseOrder { purpose: purpose.into(), ..PurchaseOrder::default() })
        };
        let before = |purpose| [Earlier::new(&order(purpose), ChangeState::Applied)];
        assert_eq!(known(&order("07"), &before("00")), Known::Again);
        assert_eq!(known(&order("05"), &before("00")), Known::New(Vec::new()));
    }
}
