//! The resolution chain: all known numbers of a line, in the partner's order, to one outcome with its trace.
//!
//! Every number is resolved by every step that knows its qualifier. The first that leads to an item decides and is named
//! in `via`; the others must lead to the same item after supersession, or the line is in conflict. A number that
//! leads nowhere contradicts nobody.

use crate::domain::gtin::{self, EightDigits};
use crate::domain::money;
use crate::domain::order::{ItemNumber, OrderLine, PurchaseOrder};
use crate::domain::partner::{ChainStep, OrderSettings};
use crate::domain::resolution::{Candidate, InvalidReason, LineOutcome, Resolution, Via};
use crate::domain::unit::Fraction;
use crate::domain::{Date, Decimal, Text};
use crate::xref::forms::Forms;
use crate::xref::index::{Scopes, XrefIndex};
use crate::xref::judge::{Asked, Finding, Scratch, Target, Trace, ask_scopes};
use crate::xref::units::NoFactor;

/// One resolution for each line, in their order. `customer` is the one that was chosen for the order, `as_of` the order's
/// date, or the run's where the order has none.
pub fn resolve_order(
    index: &XrefIndex,
    settings: &OrderSettings,
    customer: &str,
    order: &PurchaseOrder,
    as_of: Date,
) -> Vec<Resolution> {
    let mut resolver = Resolver::new(index, settings, customer, as_of);
    resolver.from_csv = order.from_csv;
    order.lines.iter().map(|line| resolver.line(line)).collect()
}

/// One line of an X12 order.
pub fn resolve_line(
    index: &XrefIndex,
    settings: &OrderSettings,
    customer: &str,
    line: &OrderLine,
    as_of: Date,
) -> Resolution {
    Resolver::new(index, settings, customer, as_of).line(line)
}

/// The ordered unit as we take it: the partner's alias of what was received, unless the reader applied it already.
pub fn ordered_unit<'a>(settings: &'a OrderSettings, line: &'a OrderLine) -> &'a str {
    let aliased = !line.unit_text.is_empty() && line.unit_text != line.unit;
    let alias = if aliased { None } else { settings.unit_aliases.get(&line.unit) };
    alias.unwrap_or(&line.unit)
}

/// What holds for all lines of an order, looked up once.
#[derive(Debug)]
struct Resolver<'a> {
    index: &'a XrefIndex,
    settings: &'a OrderSettings,
    customer: &'a str,
    as_of: Date,
    from_csv: bool,
    forms: Forms,
    ship_to: Text,
    scopes: Scopes,
    scratch: Scratch,
}

/// What the numbers of a line gave so far.
#[derive(Debug, Default)]
struct Verdict<'l> {
    /// Of the number that decides.
    first: Option<Finding<'l>>,
    conflict: bool,
    /// Whether the step at work finds numbers that may contradict the others.
    unsure: bool,
    /// What such steps found; asked at the end, when it is known whether another number decides.
    set_aside: Vec<Finding<'l>>,
    trace: Trace,
    notes: Vec<Text>,
    /// Places of the numbers for which the cross-reference has a row that fits; only kept for match forms.
    exact: Vec<usize>,
}

impl<'a> Resolver<'a> {
    fn new(index: &'a XrefIndex, settings: &'a OrderSettings, customer: &'a str, as_of: Date) -> Self {
        Self {
            index,
            settings,
            customer,
            as_of,
            from_csv: false,
            forms: Forms::of(&settings.match_forms),
            ship_to: Text::default(),
            scopes: index.scopes_of(customer, ""),
            scratch: Scratch::default(),
        }
    }

    fn line(&mut self, line: &OrderLine) -> Resolution {
        if self.ship_to != line.ship_to {
            self.ship_to.clone_from(&line.ship_to);
            self.scopes[0].1 = self.index.ship_to_scope(self.customer, &line.ship_to);
        }
        let mut verdict = Verdict::default();
        let settings = self.settings;
        for step in &settings.chain {
            verdict.unsure = settings.may_contradict.contains(step);
            match step {
                ChainStep::Xref => self.by_xref(line, &mut verdict),
                ChainStep::Vendor => self.by_vendor_number(line, &mut verdict),
                ChainStep::Gtin => self.by_gtin(line, &mut verdict),
                ChainStep::MatchForm => self.by_match_form(line, &mut verdict),
            }
        }
        verdict.hear_set_aside(self.index);
        self.conclude(line, verdict)
    }

    fn by_xref<'l>(&mut self, line: &'l OrderLine, verdict: &mut Verdict<'l>) {
        let index = self.index;
        for (place, number) in numbers_under(line, &self.settings.customer_item_qualifiers) {
            let units = units(self.settings, line);
            let asked = Asked { index, number, units, as_of: self.as_of, step: None };
            let before = verdict.trace.candidates.len();
            let rows_of = |scope: u32, into: &mut Vec<u32>| index.rows_with(scope, &number.value, into);
            match ask_scopes(&asked, &self.scopes, rows_of, &mut self.scratch, &mut verdict.trace) {
                Some(finding) => {
                    if self.forms.any() {
                        verdict.exact.push(place);
                    }
                    verdict.add(index, finding);
                }
                None if verdict.trace.candidates.len() == before => {
                    verdict.lead_nowhere(Via::Customer, number, NO_ROW);
                }
                None => {}
            }
        }
    }

    fn by_vendor_number<'l>(&self, line: &'l OrderLine, verdict: &mut Verdict<'l>) {
        for (_, number) in numbers_under(line, &self.settings.vendor_item_qualifiers) {
            if let Some(item) = self.index.item_id(&number.value) {
                verdict.lead_to(self.index, Via::Vendor, number, &[item], &AN_ITEM);
            } else {
                verdict.lead_nowhere(Via::Vendor, number, NO_ITEM);
                let note = format!("{} {} is no item of ours", number.qualifier, number.value);
                verdict.notes.push(note.into());
            }
        }
    }

    fn by_gtin<'l>(&self, line: &'l OrderLine, verdict: &mut Verdict<'l>) {
        let eight = if self.from_csv { EightDigits::BothWays } else { EightDigits::ByQualifier };
        for (_, number) in distinct(line).filter(|(_, number)| gtin::is_gtin_qualifier(&number.qualifier)) {
            match gtin::readings(&number.qualifier, &number.value, eight) {
                Ok((first, second)) => {
                    let mut items: Vec<u32> = [Some(first), second]
                        .into_iter()
                        .flatten()
                        .flat_map(|gtin| self.index.gtin_items(gtin))
                        .map(|(_, item)| *item)
                        .collect();
                    items.sort_unstable_by_key(|item| self.index.item_name(*item));
                    items.dedup();
                    if items.is_empty() {
                        verdict.lead_nowhere(Via::Gtin, number, NO_GTIN);
                    } else {
                        verdict.lead_to(self.index, Via::Gtin, number, &items, &A_GTIN);
                    }
                }
                Err(flaw) => {
                    let note = format!("{} {} is no GTIN: {}", number.qualifier, number.value, flaw.as_str());
                    verdict.notes.push(note.into());
                }
            }
        }
    }

    /// Numbers that the cross-reference has as they stand need no other form.
    fn by_match_form<'l>(&mut self, line: &'l OrderLine, verdict: &mut Verdict<'l>) {
        let (index, forms) = (self.index, self.forms);
        if !forms.any() {
            return;
        }
        for (place, number) in numbers_under(line, &self.settings.customer_item_qualifiers) {
            if verdict.exact.contains(&place) {
                continue;
            }
            let units = units(self.settings, line);
            let asked = Asked { index, number, units, as_of: self.as_of, step: Some(Via::MatchForm) };
            let before = verdict.trace.candidates.len();
            let rows_of =
                |scope: u32, into: &mut Vec<u32>| index.rows_like(scope, &number.value, forms, into);
            match ask_scopes(&asked, &self.scopes, rows_of, &mut self.scratch, &mut verdict.trace) {
                Some(finding) => verdict.add(index, finding),
                None if verdict.trace.candidates.len() == before => {
                    verdict.lead_nowhere(Via::MatchForm, number, NO_FORM);
                }
                None => {}
            }
        }
    }

    /// The numbers speak first, then unit, quantity and price basis; a quantity that cannot be ordered makes the line
    /// invalid whatever the numbers say.
    fn conclude(&self, line: &OrderLine, verdict: Verdict<'_>) -> Resolution {
        let Verdict { first, conflict, mut trace, notes, .. } = verdict;
        let mut resolution = Resolution { notes, ..Resolution::default() };
        if let Some(Finding { number, target, others }) = first {
            resolution.matched = number.clone();
            if conflict {
                resolution.outcome = LineOutcome::Conflict;
                trace.say(target.candidate, false, CONTRADICTED);
            } else if !others.is_empty() {
                resolution.outcome = LineOutcome::Ambiguous;
            } else {
                resolution.outcome = LineOutcome::Mapped;
                if let Some(candidate) = trace.candidates.get_mut(target.candidate) {
                    candidate.chosen = true;
                }
                self.map(line, &target, &mut resolution);
            }
        }
        if let Some(flaw) = quantity_flaw(line) {
            resolution.outcome = LineOutcome::Invalid;
            resolution.reason = Some(flaw);
        }
        if resolution.outcome != LineOutcome::Mapped {
            resolution.quantity = None;
        }
        if trace.left_out > 0 {
            resolution.notes.push(format!("{} further candidates are not shown", trace.left_out).into());
        }
        resolution.candidates = trace.candidates;
        resolution
    }

    fn map(&self, line: &OrderLine, target: &Target, resolution: &mut Resolution) {
        let end = self.index.end(target.item);
        resolution.item = self.index.item_name(end.item).into();
        if end.item != target.item {
            resolution.superseded = self.index.item_name(target.item).into();
        }
        resolution.via = Some(target.via);
        resolution.xref_id = target.xref_id;
        let unit = self.index.unit_of(end.item);
        resolution.unit = unit.into();
        let ordered = match ordered_unit(self.settings, line) {
            "" if self.from_csv && target.factor.is_none() => {
                resolution.notes.push(UNIT_LEFT_OUT);
                unit
            }
            ordered => ordered,
        };
        let checked = if end.current {
            self.factor(ordered, target, end.item, unit).and_then(|factor| {
                resolution.factor = Some(factor);
                let in_parts = self.index.takes_fractions(end.item);
                resolution.quantity =
                    line.quantity.map(|quantity| convert(quantity, factor, in_parts)).transpose()?;
                let divisible = money::price_divisor(&line.price_basis, ordered).is_some();
                if line.price.is_none() || divisible { Ok(()) } else { Err(InvalidReason::PriceBasisUnknown) }
            })
        } else {
            Err(InvalidReason::DiscontinuedWithoutSuccessor)
        };
        if let Err(reason) = checked {
            resolution.outcome = LineOutcome::Invalid;
            resolution.reason = Some(reason);
        }
    }

    /// Units of the item in one ordered unit. A row's factor counts in the unit of the item that the row names.
    fn factor(
        &self,
        ordered: &str,
        target: &Target,
        item: u32,
        unit: &str,
    ) -> Result<Fraction, InvalidReason> {
        let (base, from) = match target.factor {
            Some(factor) => (factor, self.index.unit_of(target.item)),
            None if ordered.is_empty() => return Err(InvalidReason::UnitMissing),
            None => (Fraction::ONE, ordered),
        };
        let factor = self.index.factor(item, from, unit).map_err(|failure| match failure {
            NoFactor::NoWay => InvalidReason::UnitUnknown,
            NoFactor::TooLarge => InvalidReason::TooLarge,
        })?;
        base.checked_mul(factor).ok_or(InvalidReason::TooLarge)
    }
}

impl Finding<'_> {
    /// Whether one of the items to which this leads is the other's.
    fn may_be(&self, index: &XrefIndex, other: &Self) -> bool {
        let wanted = index.end(other.target.item).item;
        index.end(self.target.item).item == wanted || self.others.contains(&wanted)
    }
}

impl<'l> Verdict<'l> {
    fn add(&mut self, index: &XrefIndex, finding: Finding<'l>) {
        if self.unsure { self.set_aside.push(finding) } else { self.hear(index, finding) }
    }

    /// Numbers that may contradict are heard last: against a number of another kind they count for nothing, alone they decide
    /// like any others.
    fn hear_set_aside(&mut self, index: &XrefIndex) {
        let decided = self.first.is_some();
        for finding in std::mem::take(&mut self.set_aside) {
            match &self.first {
                Some(first) if decided && first.others.is_empty() && !finding.may_be(index, first) => {
                    self.trace.say(finding.target.candidate, false, MAY_CONTRADICT);
                }
                _ => self.hear(index, finding),
            }
        }
    }

    /// The first finding decides; a later one agrees or contradicts.
    fn hear(&mut self, index: &XrefIndex, finding: Finding<'l>) {
        let Some(first) = &self.first else {
            self.first = Some(finding);
            return;
        };
        // where the first is ambiguous the line stays so, whatever else it says
        if !first.others.is_empty() {
            return self.trace.say(finding.target.candidate, false, AFTER_AMBIGUOUS);
        }
        if !finding.may_be(index, first) {
            self.conflict = true;
            return self.trace.say(finding.target.candidate, false, CONTRADICTS);
        }
        let factors = (first.target.factor, finding.target.factor);
        if let (Some(one), Some(other)) = factors
            && one != other
        {
            let (named, number) = (first.number, finding.number);
            let note = format!(
                "{} {} says {other} to the unit, {} {} says {one} and counts",
                number.qualifier, number.value, named.qualifier, named.value
            );
            self.notes.push(note.into());
        }
        self.trace.say(finding.target.candidate, false, AGREES);
    }

    fn lead_nowhere(&mut self, via: Via, number: &ItemNumber, reason: Text) {
        let number = number.clone();
        let item = Text::default();
        self.trace.push(false, Candidate { via, number, item, xref_id: None, chosen: false, reason });
    }

    /// A number that leads to items without a row; more than one that differ after supersession are ambiguous.
    fn lead_to(&mut self, index: &XrefIndex, via: Via, number: &'l ItemNumber, items: &[u32], reason: &Text) {
        let superseded = |item: &&u32| index.end(**item).item != **item;
        let Some(first) = items.iter().find(|item| !superseded(item)).or(items.first()) else { return };
        let end = index.end(*first).item;
        let mut others: Vec<u32> = items.iter().map(|item| index.end(*item).item).collect();
        others.retain(|other| *other != end);
        let mut place = usize::MAX;
        for item in items {
            let reason = match item {
                _ if !others.is_empty() => SHARED_GTIN,
                item if item == first => reason.clone(),
                _ => SUPERSEDED,
            };
            let name = index.item_name(*item).into();
            let number = number.clone();
            let candidate = Candidate { via, number, item: name, xref_id: None, chosen: false, reason };
            let at = self.trace.push(item == first, candidate);
            if item == first {
                place = at;
            }
        }
        let target = Target { via, item: *first, factor: None, xref_id: None, candidate: place };
        self.add(index, Finding { number, target, others });
    }
}

/// The numbers under the given qualifiers, qualifier by qualifier; what the line says twice comes once.
fn numbers_under<'l>(
    line: &'l OrderLine,
    qualifiers: &[Text],
) -> impl Iterator<Item = (usize, &'l ItemNumber)> {
    qualifiers
        .iter()
        .flat_map(|qualifier| distinct(line).filter(move |(_, number)| number.qualifier == *qualifier))
}

fn distinct(line: &OrderLine) -> impl Iterator<Item = (usize, &ItemNumber)> {
    let first = |place: usize, number: &ItemNumber| !line.numbers[..place].contains(number);
    line.numbers.iter().enumerate().filter(move |(place, n)| !n.value.is_empty() && first(*place, n))
}

/// The ordered unit as received and as we take it: a row may name either.
fn units<'a>(settings: &'a OrderSettings, line: &'a OrderLine) -> [&'a str; 2] {
    [&line.unit, ordered_unit(settings, line)]
}

fn quantity_flaw(line: &OrderLine) -> Option<InvalidReason> {
    match line.quantity {
        None if line.quantity_text.trim().is_empty() => Some(InvalidReason::QuantityMissing),
        None => Some(InvalidReason::QuantityUnreadable),
        Some(quantity) if quantity <= Decimal::ZERO => Some(InvalidReason::QuantityNotPositive),
        Some(_) => None,
    }
}

/// A conversion may not make a part of a whole number, unless the item is sold `in_parts`; what was ordered in parts may stay
/// in parts. It is exact in any case.
fn convert(quantity: Decimal, factor: Fraction, in_parts: bool) -> Result<Decimal, InvalidReason> {
    if money::to_micros(quantity).is_none() {
        let too_fine = quantity.normalize().scale() > 6;
        return Err(if too_fine { InvalidReason::QuantityFractional } else { InvalidReason::TooLarge });
    }
    if factor == Fraction::ONE {
        return Ok(quantity.normalize());
    }
    let Some(converted) = factor.apply(quantity) else {
        let fits = quantity.checked_mul(Decimal::from(factor.numerator())).is_some();
        return Err(if fits { InvalidReason::QuantityFractional } else { InvalidReason::TooLarge });
    };
    let breaks = quantity.fract().is_zero() && !converted.fract().is_zero();
    // the store holds millionths
    if converted.scale() > 6 || (breaks && !in_parts) {
        return Err(InvalidReason::QuantityFractional);
    }
    if money::to_micros(converted).is_some() { Ok(converted) } else { Err(InvalidReason::TooLarge) }
}

const NO_ROW: Text =
    Text::const_new("no cross-reference at the ship-to, the customer, its group or everyone");
const NO_ITEM: Text = Text::const_new("no item of ours has this number");
const NO_GTIN: Text = Text::const_new("no item has this GTIN");
const NO_FORM: Text = Text::const_new("no cross-reference in the partner's match forms either");
const AN_ITEM: Text = Text::const_new("an item of ours");
const A_GTIN: Text = Text::const_new("the item with this GTIN");
const SHARED_GTIN: Text = Text::const_new("more than one item has this GTIN");
const SUPERSEDED: Text = Text::const_new("has the same GTIN and was superseded");
const AGREES: Text = Text::const_new("leads to the same item as the number that decides");
const CONTRADICTS: Text = Text::const_new("leads to another item than the first number");
const MAY_CONTRADICT: Text =
    Text::const_new("leads to another item; no conflict by the partner's may_contradict");
const CONTRADICTED: Text = Text::const_new("another number of the line leads to another item");
const AFTER_AMBIGUOUS: Text = Text::const_new("a number before it is ambiguous");
const UNIT_LEFT_OUT: Text = Text::const_new("no unit on the line: taken as the item's own");
