//! The ledger's model: random events told by a naive walk, day by day and list by list, against [`settle`], as of every day.

use super::*;
use jiff::civil::date;
use proptest::prelude::*;

const DAYS: i8 = 12;

/// A thing in the model: written as it is compared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Thing {
    owner: String,
    serial: String,
    key: String,
    quantity: u32,
    cover_to: Option<i8>,
    due: Option<i8>,
    room: String,
    ended: Option<(i8, &'static str)>,
    origin: String,
    successor: String,
}

/// One random event: (kind, day, who, whom, serial, other serial, quantity, key of what, a day for cover or service, remainder).
type Drawn = (usize, i8, usize, usize, usize, usize, u32, usize, i8, bool);

const KINDS: [EventKind; 11] = EventKind::ALL;
const OWNERS: [&str; 3] = ["A", "B", "C"];
const SERIALS: [&str; 4] = ["", "#1", "#2", "#3"];

fn is_about_a_key(kind: EventKind, (_, _, _, _, serial, ..): &Drawn) -> bool {
    match kind {
        EventKind::Sold => false,
        // by hand they name their item, by a document they name customer and serial
        EventKind::Credited | EventKind::Returned => *serial == 3,
        _ => true,
    }
}

fn event(at: usize, drawn: &Drawn) -> CustomerItemEvent {
    let (kind, day, who, whom, serial, other, quantity, what, until, remainder) = drawn;
    let kind = KINDS[*kind];
    let target = if is_about_a_key(kind, drawn) { format!("k{what}") } else { String::new() };
    let serial = if kind == EventKind::ReplacedIn { *other } else { *serial };
    CustomerItemEvent {
        key: format!("k{at}").into(),
        kind,
        customer: OWNERS[*who].into(),
        item: "SAW".into(),
        serial: SERIALS[serial].into(),
        quantity: Decimal::from(*quantity),
        date: date(2026, 1, *day),
        target: target.into(),
        to_customer: OWNERS[*whom].into(),
        warranty_end: Some(date(2027, 1, *until)),
        service_due: Some(date(2028, 1, *until)),
        remainder: *remainder,
        extra: [(Text::from("room"), Text::from(format!("{at}")))].into_iter().collect(),
        ..CustomerItemEvent::default()
    }
}

/// The naive ledger: one list, searched from its front for everything.
#[derive(Default)]
struct Naive {
    things: Vec<Thing>,
    unmatched: Vec<(String, u32)>,
    outs: Vec<(String, usize)>,
}

impl Naive {
    fn replay(drawn: &[Drawn], until: i8) -> Self {
        let mut naive = Self::default();
        let never: Vec<usize> =
            drawn.iter().filter(|d| KINDS[d.0] == EventKind::Voided).map(|d| d.7).collect();
        for day in 1..=until {
            for first in [true, false] {
                for (at, drawn) in drawn.iter().enumerate() {
                    let kind = KINDS[drawn.0];
                    if drawn.1 == day && (kind == EventKind::Sold) == first && !never.contains(&at) {
                        naive.tell(at, kind, drawn);
                    }
                }
            }
        }
        naive.things.sort();
        naive
    }

    #[expect(clippy::too_many_lines, reason = "the whole model on one screen, kind by kind")]
    fn tell(&mut self, at: usize, kind: EventKind, drawn: &Drawn) {
        let (_, day, who, whom, serial, other, quantity, what, until, remainder) = *drawn;
        let (key, target) = (format!("k{at}"), format!("k{what}"));
        let fresh = |serial: usize, origin: &str| Thing {
            owner: OWNERS[who].into(),
            serial: SERIALS[serial].into(),
            key: key.clone(),
            quantity,
            cover_to: Some(until),
            due: Some(until),
            room: format!("{at}"),
            ended: None,
            origin: origin.into(),
            successor: String::new(),
        };
        let open = |things: &[Thing]| things.iter().position(|t| t.ended.is_none() && t.key == target);
        let left = match kind {
            EventKind::Sold => {
                self.things.push(fresh(serial, ""));
                0
            }
            EventKind::ReplacedIn => {
                let mut thing = fresh(other, &target);
                if let Some((_, out)) = self.outs.iter().rfind(|(key, _)| *key == target) {
                    self.things[*out].successor.clone_from(&key);
                    if remainder {
                        thing.cover_to = self.things[*out].cover_to;
                    }
                }
                self.things.push(thing);
                0
            }
            EventKind::Credited | EventKind::Returned if !is_about_a_key(kind, drawn) => {
                let mut left = quantity;
                for wanted in [SERIALS[serial], ""] {
                    while left > 0 {
                        let found = self
                            .things
                            .iter()
                            .position(|t| t.ended.is_none() && t.owner == OWNERS[who] && t.serial == wanted);
                        let Some(found) = found else { break };
                        left = self.end(found, left, day, kind).1;
                    }
                }
                left
            }
            EventKind::Voided => 0,
            EventKind::Serviced | EventKind::WarrantySet | EventKind::FieldsSet => {
                let Some(found) = open(&self.things) else { return self.lost(at, quantity) };
                let thing = &mut self.things[found];
                match kind {
                    EventKind::Serviced => thing.due = Some(until),
                    EventKind::WarrantySet => thing.cover_to = Some(until),
                    _ => {}
                }
                thing.room = format!("{at}");
                0
            }
            _ => {
                let Some(found) = open(&self.things) else { return self.lost(at, quantity) };
                let (ended, left) = self.end(found, quantity, day, kind);
                if kind == EventKind::ReplacedOut {
                    self.outs.push((target.clone(), ended));
                }
                if kind == EventKind::Transferred {
                    self.things[ended].successor.clone_from(&key);
                    let mut next = self.things[ended].clone();
                    next.owner = OWNERS[whom].into();
                    (next.key, next.origin) = (key.clone(), target.clone());
                    (next.ended, next.successor) = (None, String::new());
                    self.things.push(next);
                }
                left
            }
        };
        if left > 0 {
            self.lost(at, left);
        }
    }

    fn lost(&mut self, at: usize, quantity: u32) {
        self.unmatched.push((format!("k{at}"), quantity));
    }

    /// Where the part that ended is, and what is left over. The part that goes on keeps its place in the line.
    fn end(&mut self, at: usize, quantity: u32, day: i8, kind: EventKind) -> (usize, u32) {
        let whole = self.things[at].quantity;
        if whole > quantity {
            let mut part = self.things[at].clone();
            self.things[at].quantity = whole - quantity;
            (part.quantity, part.ended) = (quantity, Some((day, kind.as_str())));
            self.things.push(part);
            return (self.things.len() - 1, 0);
        }
        self.things[at].ended = Some((day, kind.as_str()));
        (at, quantity - whole)
    }
}

fn told(item: &CustomerItem) -> Thing {
    Thing {
        owner: item.customer.to_string(),
        serial: item.serial.to_string(),
        key: item.key.to_string(),
        quantity: u32::try_from(item.quantity).unwrap(),
        cover_to: item.warranty_end.map(Date::day),
        due: item.service_due.map(Date::day),
        room: item.extra["room"].to_string(),
        ended: item.ended.map(|day| (day.day(), item.ended_as.unwrap().as_str())),
        origin: item.origin.to_string(),
        successor: item.successor.to_string(),
    }
}

fn drawn() -> impl Strategy<Value = Drawn> {
    // as many sales as everything else together, and targets among the first keys: most events find something
    let kind = prop_oneof![Just(0usize), 1..KINDS.len()];
    (kind, 1..=DAYS, 0..3usize, 0..3usize, 0..4usize, 0..4usize, 1..5u32, 0..12usize, 1..28i8, any::<bool>())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn the_ledger_says_what_a_naive_walk_says_as_of_every_day(rows in prop::collection::vec(drawn(), 0..24)) {
        let events: Vec<CustomerItemEvent> = rows.iter().enumerate().map(|(at, row)| event(at, row)).collect();
        for day in 0..=DAYS {
            let as_of = date(2026, 1, 1).checked_add(jiff::Span::new().days(i64::from(day) - 1)).unwrap();
            let naive = Naive::replay(&rows, day);
            let (items, unmatched) = settle(&events, Some(as_of));
            let mut things: Vec<Thing> = items.iter().map(told).collect();
            things.sort();
            prop_assert_eq!(things, naive.things, "as of day {}", day);
            let unmatched: Vec<(String, u32)> = unmatched
                .iter()
                .map(|event| (event.key.to_string(), u32::try_from(event.quantity).unwrap()))
                .collect();
            prop_assert_eq!(unmatched, naive.unmatched, "as of day {}", day);
        }
        prop_assert_eq!(settle(&events, None), settle(&events, Some(date(2026, 1, DAYS))));
        // what was recorded later changes no earlier day, unless it voids or is dated there
        let later: Vec<_> = events
            .iter()
            .filter(|event| event.date <= date(2026, 1, 6) || event.kind == EventKind::Voided)
            .cloned()
            .collect();
        prop_assert_eq!(settle(&events, Some(date(2026, 1, 6))), settle(&later, Some(date(2026, 1, 6))));
        prop_assert_eq!(settle(&[events.clone(), events.clone()].concat(), None), settle(&events, None));
    }
}
