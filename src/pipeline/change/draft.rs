//! A change on its way to a plan: which line of it means which line of the order, and what becomes of each.

use super::kinds::{Action, action};
use super::places::Places;
use super::{Plan, values};
use crate::domain::change::{LineChange, LineSide, OrderChange};
use crate::domain::diagnostic::{Diagnostic, Location, Rule};
use crate::domain::money::plain_or_empty;
use crate::domain::order::{OrderLine, PurchaseOrder};
use crate::domain::partner::QuantityMeaning;
use crate::domain::resolution::{DecidedLine, DecidedOrder, LineOutcome, LineState, UnresolvedPolicy};
use crate::domain::rules::changes as rules;
use crate::domain::{Decimal, Text};
use crate::pipeline::decide::{Context, decide};

/// What becomes of a line of the order, and by which line of the change.
#[derive(Debug, Clone)]
enum Fate {
    Same,
    Cancelled(Option<usize>),
    Changed(Box<OrderLine>, usize),
}

pub(super) struct Draft<'d> {
    stored: &'d DecidedOrder,
    change: &'d OrderChange,
    places: Places<'d>,
    /// Lines of the order are held.
    waits: bool,
    /// The highest number of a line.
    last: u32,
    meaning: QuantityMeaning,
    fates: Vec<Fate>,
    /// New lines, with their places in the change.
    added: Vec<(usize, OrderLine)>,
    of_asked: Vec<Option<usize>>,
    /// The heading that the order would have, where the change brings a whole one.
    heading: Option<PurchaseOrder>,
    obstacles: Vec<Diagnostic>,
}

impl<'d> Draft<'d> {
    pub(super) fn new(stored: &'d DecidedOrder, change: &'d OrderChange, meaning: QuantityMeaning) -> Self {
        Self {
            stored,
            change,
            places: Places::new(&stored.order.lines),
            waits: stored.lines.iter().any(|line| line.state == LineState::Held),
            last: stored.order.lines.iter().map(|line| line.line).max().unwrap_or_default(),
            meaning,
            fates: vec![Fate::Same; stored.order.lines.len()],
            added: Vec::new(),
            of_asked: vec![None; change.order.lines.len()],
            heading: None,
            obstacles: Vec::new(),
        }
    }

    /// Something that stands against the change; `asked` is the place of the line of the change that it is about.
    pub(super) fn stop(&mut self, rule: &'static Rule, asked: Option<usize>, detail: String) {
        let line = asked.and_then(|place| self.change.order.lines.get(place));
        let segment_id = if self.change.document == "860" { "POC" } else { "PO1" };
        let at = line.map_or_else(Location::default, |line| Location {
            segment: line.segment,
            segment_id: segment_id.into(),
            offset: line.offset,
            ..Location::default()
        });
        let found = line.map_or("", |line| line.po_line_id.as_str());
        self.obstacles.push(Diagnostic::new(rule, at).found(found).detail(detail));
    }

    /// Every line that is still wanted goes. Lines that the cancellation names must be all of them: one that names some may mean
    /// these alone.
    pub(super) fn cancel(&mut self) {
        let change = self.change;
        for (asked, line) in change.order.lines.iter().enumerate() {
            let found = self.places.find(line, false);
            if let (Some(slot), Some(place)) = (self.of_asked.get_mut(asked), found.first()) {
                *slot = Some(*place);
            }
        }
        let mut named = vec![None; self.fates.len()];
        for (asked, place) in self.of_asked.iter().enumerate().rev() {
            if let Some(slot) = place.and_then(|place| named.get_mut(place)) {
                *slot = Some(asked);
            }
        }
        for (place, asked) in named.into_iter().enumerate() {
            if !self.is_open(place) {
                continue;
            }
            if asked.is_none() && !change.order.lines.is_empty() {
                let detail = format!("the cancellation names lines, and line {} is none of them", place + 1);
                self.stop(&rules::CONTRADICTS_ITSELF, None, detail);
            }
            self.set(place, Fate::Cancelled(asked));
        }
    }

    /// An 860 under purpose 04: each POC by its code.
    pub(super) fn by_codes(&mut self) {
        let change = self.change;
        for (asked, line) in change.order.lines.iter().enumerate() {
            let code = change.kind(asked);
            match action(code) {
                None => self.stop(&rules::KIND_UNKNOWN, Some(asked), format!("POC02 {code:?}")),
                Some(Action::Add) => self.add(asked, line),
                Some(action) => self.change_line(asked, line, (code, action)),
            }
        }
    }

    fn change_line(&mut self, asked: usize, line: &OrderLine, (code, action): (&str, Action)) {
        let whole = matches!(action, Action::Values { whole: true, .. });
        let found = self.places.find(line, whole);
        if found.is_empty() || (found.len() > 1 && action != Action::Delete) {
            let many = if found.is_empty() { "no line" } else { "several lines" };
            self.stop(&rules::LINE_UNKNOWN, Some(asked), format!("{code}: {many} of the order"));
            return;
        }
        if action == Action::Delete {
            let lines: Vec<&OrderLine> =
                found.iter().filter_map(|place| self.stored.order.lines.get(*place)).collect();
            if let Err(why) = values::taken_back(&lines, line) {
                self.stop(&rules::CONTRADICTS_ITSELF, Some(asked), format!("{code}: {why}"));
            }
        }
        for place in found {
            let Some(before) = self.stored.order.lines.get(place) else { continue };
            if let Some(slot) = self.of_asked.get_mut(asked) {
                *slot = Some(place);
            }
            if action == Action::Delete {
                if self.is_open(place) {
                    self.set(place, Fate::Cancelled(Some(asked)));
                }
                continue;
            }
            match values::changed(before, line, code, action, self.meaning) {
                Ok(now) => self.change_to(place, asked, now),
                Err(why) => self.stop(&rules::CONTRADICTS_ITSELF, Some(asked), why),
            }
        }
    }

    /// The content of the order as the change has it, line for line. Lines that it leaves out are cancelled where the whole is
    /// replaced; otherwise nobody knows what is meant.
    pub(super) fn replace(&mut self, whole: bool) {
        let change = self.change;
        let by_poc = change.document == "860";
        if whole && !by_poc {
            let purpose = self.stored.order.purpose.clone();
            let lines = Vec::new();
            self.heading = Some(PurchaseOrder { purpose, lines, ..change.order.clone() });
        }
        let mut taken = vec![false; self.fates.len()];
        for (asked, line) in change.order.lines.iter().enumerate() {
            if by_poc && change.kind(asked) == "DI" {
                continue;
            }
            // what was taken back or refused before is gone: asked for again it is a new line
            let mut found = self.places.find(line, true);
            found.retain(|place| taken.get(*place) == Some(&false) && self.is_open(*place));
            let place = match found.as_slice() {
                [] => {
                    self.add(asked, line);
                    continue;
                }
                [one] => *one,
                several => {
                    // ship-tos tell apart what an id does not
                    let to = |place: &&usize| {
                        self.stored
                            .order
                            .lines
                            .get(**place)
                            .is_some_and(|known| known.ship_to == line.ship_to)
                    };
                    let Some(place) = several.iter().find(to) else {
                        let detail = "several lines of the order".to_owned();
                        self.stop(&rules::LINE_UNKNOWN, Some(asked), detail);
                        continue;
                    };
                    *place
                }
            };
            if let Some(slot) = taken.get_mut(place) {
                *slot = true;
            }
            self.replace_line(place, asked, by_poc);
        }
        for place in (0..taken.len()).filter(|place| taken.get(*place) == Some(&false)) {
            if !self.is_open(place) {
                continue;
            }
            if whole {
                self.set(place, Fate::Cancelled(None));
            } else {
                let detail = format!("line {} is not in it: is it to stay or to go?", place + 1);
                self.stop(&rules::CONTRADICTS_ITSELF, None, detail);
            }
        }
    }

    fn replace_line(&mut self, place: usize, asked: usize, by_poc: bool) {
        let (Some(before), Some(line)) =
            (self.stored.order.lines.get(place), self.change.order.lines.get(asked))
        else {
            return;
        };
        if let Some(slot) = self.of_asked.get_mut(asked) {
            *slot = Some(place);
        }
        if by_poc {
            let whole = action("RZ").unwrap_or(Action::Add);
            match values::changed(before, line, "05", whole, QuantityMeaning::New) {
                Ok(now) => self.change_to(place, asked, now),
                Err(why) => self.stop(&rules::CONTRADICTS_ITSELF, Some(asked), why),
            }
            return;
        }
        // it keeps its number and its place among the lines of its document
        let OrderLine { line: number, segment, offset, .. } = *before;
        self.change_to(place, asked, OrderLine { line: number, segment, offset, ..line.clone() });
    }

    fn change_to(&mut self, place: usize, asked: usize, now: OrderLine) {
        let Some(before) = self.stored.order.lines.get(place) else { return };
        if content(before) == content(&now) {
            return;
        }
        match self.stored.lines.get(place).map(|line| line.state) {
            Some(LineState::Ordered) => {
                if !matches!(self.fates.get(place), Some(Fate::Same)) {
                    let detail = format!("line {} is changed twice", before.line);
                    self.stop(&rules::CONTRADICTS_ITSELF, Some(asked), detail);
                }
                self.set(place, Fate::Changed(Box::new(now), asked));
            }
            Some(LineState::Held) => {
                self.stop(&rules::ORDER_WAITS, Some(asked), format!("line {} is held", before.line));
                self.set(place, Fate::Changed(Box::new(now), asked));
            }
            Some(state) => {
                let detail = format!("line {} is {}", before.line, state.as_str());
                self.stop(&rules::LINE_GONE, Some(asked), detail);
            }
            None => {}
        }
    }

    fn add(&mut self, asked: usize, line: &OrderLine) {
        let known = &self.stored.order.lines;
        if let Some(flaw) = line.flaws.first() {
            self.stop(&rules::CONTRADICTS_ITSELF, Some(asked), flaw.to_string());
        }
        let id = &line.po_line_id;
        let named = self.places.with_id(id).into_iter().any(|place| self.is_open(place));
        if named && line.split_from.is_none() {
            self.stop(
                &rules::CONTRADICTS_ITSELF,
                Some(asked),
                format!("a line {id:?} is in the order already"),
            );
        }
        if self.waits {
            let detail = "the order has lines that are held".to_owned();
            self.stop(&rules::ORDER_WAITS, Some(asked), detail);
        }
        let number = u32::try_from(self.added.len() + 1).unwrap_or(u32::MAX);
        let mut line =
            OrderLine { line: self.last.saturating_add(number), segment: 0, offset: 0, ..line.clone() };
        if line.ship_to.is_empty() {
            let to = self.stored.order.party("ST").map(|party| party.code.clone());
            line.ship_to = to.unwrap_or_default();
        }
        if let Some(slot) = self.of_asked.get_mut(asked) {
            *slot = Some(known.len() + self.added.len());
        }
        self.added.push((asked, line));
    }

    /// Of what a heading says, all that we bill or ship by. What is not there is not asked for.
    pub(super) fn compare_headings(&mut self) {
        let (was, now) = (&self.stored.order, &self.change.order);
        let to =
            |order: &PurchaseOrder| order.party("ST").map(|party| party.code.clone()).unwrap_or_default();
        let whole = self.heading.is_some();
        let mut differ = Vec::new();
        let mut compare = |what: &'static str, differs: bool| {
            if differs {
                differ.push(what);
            }
        };
        let buyers = [&was.customer, &self.stored.customer];
        compare("customer", !now.customer.is_empty() && !buyers.contains(&&now.customer));
        compare("currency", !now.currency.is_empty() && now.currency != self.stored.currency);
        if !whole {
            compare("date", now.po_date.is_some() && now.po_date != was.po_date);
            compare("ship-to", !to(now).is_empty() && to(now) != to(was));
            compare("terms", !now.terms.is_empty() && now.terms != was.terms);
            compare("charges", !now.charges.is_empty() && now.charges != was.charges);
            compare("taxes", !now.taxes.is_empty() && now.taxes != was.taxes);
            compare("FOB", !now.fob.is_empty() && now.fob != was.fob);
        }
        if !differ.is_empty() {
            self.stop(&rules::HEADING_CHANGED, None, differ.join(", "));
        }
    }

    fn is_open(&self, place: usize) -> bool {
        let state = self.stored.lines.get(place).map(|line| line.state);
        matches!(state, Some(LineState::Ordered | LineState::Held))
    }

    fn set(&mut self, place: usize, fate: Fate) {
        if let Some(slot) = self.fates.get_mut(place) {
            *slot = fate;
        }
    }

    /// Resolves what is new and puts the order together.
    pub(super) fn finish(mut self, context: &Context<'_>) -> Plan {
        if self.places.gave_up() {
            let detail = "too many lines of the order are alike".to_owned();
            self.stop(&rules::LINE_UNKNOWN, None, detail);
        }
        let fates = std::mem::take(&mut self.fates);
        let added = std::mem::take(&mut self.added);
        let changed = fates.iter().enumerate().filter_map(|(place, fate)| match fate {
            Fate::Changed(line, asked) => Some((Some(place), *asked, (**line).clone())),
            _ => None,
        });
        let new = added.into_iter().map(|(asked, line)| (None, asked, line));
        let resolved = self.resolve(context, changed.chain(new).collect());
        let mut order = self.stored.clone();
        if let Some(heading) = self.heading.take() {
            let lines = std::mem::take(&mut order.order.lines);
            order.order = PurchaseOrder { lines, ..heading };
        }
        let mut touched = Vec::new();
        for (place, fate) in fates.iter().enumerate() {
            if let (Fate::Cancelled(asked), Some(decided)) = (fate, order.lines.get_mut(place)) {
                decided.state = LineState::Cancelled;
                touched.push((place, *asked));
            }
        }
        for (place, asked, line, decided) in resolved {
            let place = place.unwrap_or(order.lines.len());
            if place < order.lines.len() {
                if let (Some(slot), Some(was)) =
                    (order.order.lines.get_mut(place), order.lines.get_mut(place))
                {
                    (*slot, *was) = (line, decided);
                }
            } else {
                order.order.lines.push(line);
                order.lines.push(decided);
            }
            touched.push((place, Some(asked)));
        }
        touched.sort_unstable();
        let lines = touched.iter().map(|(place, asked)| self.told(&order, *place, *asked)).collect();
        Plan {
            order,
            lines,
            touched: touched.into_iter().map(|(place, _)| place).collect(),
            of_asked: self.of_asked,
            obstacles: self.obstacles,
        }
    }

    /// Lines as the order's own date resolves them. One that went out must not become another item without a word.
    fn resolve(
        &mut self,
        context: &Context<'_>,
        lines: Vec<(Option<usize>, usize, OrderLine)>,
    ) -> Vec<(Option<usize>, usize, OrderLine, DecidedLine)> {
        if lines.is_empty() {
            return Vec::new();
        }
        let stored = self.stored;
        let asked = PurchaseOrder {
            customer: stored.customer.clone(),
            currency: stored.currency.clone(),
            po_date: stored.as_of,
            lines: lines.iter().map(|(_, _, line)| line.clone()).collect(),
            ..PurchaseOrder::default()
        };
        let (decided, _) = decide(context, asked);
        let mut resolved = Vec::with_capacity(lines.len());
        for ((place, asked, line), mut now) in lines.into_iter().zip(decided.lines) {
            let mapped = now.resolution.outcome == LineOutcome::Mapped;
            let priced = line.price.is_none() || now.unit_price.is_some();
            let accepted = context.policy() == UnresolvedPolicy::Accept && now.state == LineState::Ordered;
            if !((mapped || accepted) && priced) {
                let why =
                    now.resolution.reason.map_or(now.resolution.outcome.as_str(), |reason| reason.as_str());
                let why = if priced { why } else { "unknown price basis" };
                self.stop(&rules::LINE_UNRESOLVED, Some(asked), format!("line {}: {why}", line.line));
            }
            let before = place.and_then(|place| stored.lines.get(place).zip(stored.order.lines.get(place)));
            if let Some((was, before)) = before
                && before.numbers == line.numbers
                && was.state == LineState::Ordered
                && was.resolution.item != now.resolution.item
            {
                let (was, would) = (&was.resolution.item, &now.resolution.item);
                let detail = format!("line {}: it was {was:?} and would be {would:?} now", line.line);
                self.stop(&rules::LINE_UNRESOLVED, Some(asked), detail);
            }
            if let Some((was, _)) = before {
                // the history of the line goes on
                let known = &was.resolution.notes;
                let new = now.resolution.notes.iter().filter(|note| !known.contains(note));
                now.resolution.notes = known.iter().chain(new).cloned().collect();
            }
            now.state = LineState::Ordered;
            resolved.push((place, asked, line, now));
        }
        resolved
    }

    fn told(&self, order: &DecidedOrder, place: usize, asked: Option<usize>) -> LineChange {
        let now = order.order.lines.get(place).zip(order.lines.get(place));
        let before = self.stored.order.lines.get(place).zip(self.stored.lines.get(place));
        let (line, gone) =
            now.map_or((None, false), |(line, decided)| (Some(line), decided.state == LineState::Cancelled));
        let change = match (before.is_some(), gone) {
            (_, true) => "cancelled",
            (true, false) => "changed",
            (false, false) => "added",
        };
        LineChange {
            line: line.map(|line| line.line).unwrap_or_default(),
            po_line_id: line.map(|line| line.po_line_id.clone()).unwrap_or_default(),
            customer_item: line
                .and_then(|line| line.numbers.first())
                .map(|number| number.value.clone())
                .unwrap_or_default(),
            change: change.into(),
            code: asked.map(|asked| Text::from(self.change.kind(asked))).unwrap_or_default(),
            before: before.map(|(line, decided)| side(line, decided)),
            after: now.filter(|_| !gone).map(|(line, decided)| side(line, decided)),
        }
    }
}

fn side(line: &OrderLine, decided: &DecidedLine) -> LineSide {
    let mapped = decided.resolution.outcome == LineOutcome::Mapped;
    LineSide {
        item: if mapped { decided.resolution.item.clone() } else { Text::default() },
        ordered_quantity: plain_or_empty(line.quantity),
        ordered_unit: line.unit.clone(),
        quantity: plain_or_empty(decided.resolution.quantity),
        unit: if mapped { decided.resolution.unit.clone() } else { Text::default() },
        unit_price: plain_or_empty(decided.unit_price),
        requested_date: line.requested_date,
        ship_to: line.ship_to.clone(),
    }
}

/// What of a line is content: not its place, nor how its numbers are written.
fn content(line: &OrderLine) -> OrderLine {
    let plain = |value: Option<Decimal>| value.map(|value| value.normalize());
    OrderLine {
        line: 0,
        segment: 0,
        offset: 0,
        quantity: plain(line.quantity),
        quantity_text: Text::default(),
        unit_text: Text::default(),
        price: plain(line.price),
        split_from: plain(line.split_from),
        ..line.clone()
    }
}
