//! A finding about an element: its place, its value, and in words what was expected.

use super::Checked;
use crate::domain::diagnostic::{Diagnostic, Location, Rule};
use crate::x12::grammar::Versions;
use crate::x12::grammar::dictionary::{Element, Kind};
use crate::x12::grammar::segments::{Note, Relation, SegmentDef};
use crate::x12::lexer::{components, text};

/// Of a list of codes so many are said.
const CODES_SAID_MAX: usize = 40;

/// Where in a segment, counted from 1; 0 where it is the whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) element: usize,
    pub(super) component: usize,
    pub(super) repetition: usize,
}

impl Place {
    pub(super) fn element(number: usize) -> Self {
        Self { element: number, ..Self::default() }
    }

    /// The place with this number in a segment, or in the composite that this is.
    pub(super) fn inner(self, number: usize) -> Self {
        match self.element {
            0 => Self::element(number),
            _ => Self { component: number, ..self },
        }
    }

    /// The place after it, on the same level.
    pub(super) fn next(self) -> Self {
        match self.component {
            0 => Self { element: self.element + 1, ..self },
            _ => Self { component: self.component + 1, ..self },
        }
    }
}

impl<'a> Checked<'_, 'a> {
    /// The value at a place, empty where there is none.
    pub(super) fn value(&self, place: Place) -> &'a [u8] {
        let mut value = self.node.segment.element(place.element);
        if let (Some(separator), 1..) = (self.separators.repetition, place.repetition) {
            value = value.split(move |byte| *byte == separator).nth(place.repetition - 1).unwrap_or_default();
        }
        match place.component {
            0 => value,
            number => components(value, self.separators).nth(number - 1).unwrap_or_default(),
        }
    }

    pub(super) fn finding(&self, rule: &'static Rule, place: Place, value: &[u8]) -> Diagnostic {
        let at = Location {
            element: number(place.element),
            component: number(place.component),
            repetition: number(place.repetition),
            reference: self.reference(place),
            offset: self.offset(place),
            length: number(value.len()),
            ..self.node.location()
        };
        Diagnostic::new(rule, at).found(&text(value))
    }

    pub(super) fn is_at(&self, finding: &Diagnostic, place: Place) -> bool {
        finding.at.segment == self.node.segment.number
            && finding.at.element == number(place.element)
            && finding.at.component == number(place.component)
            && finding.at.repetition == number(place.repetition)
    }

    /// X12's number of the data element, or of the component's (AK402); 0 where there is none.
    fn reference(&self, place: Place) -> u32 {
        let versions = self.form.versions;
        let field = self.node.part.segment.elements.get(place.element.wrapping_sub(1));
        let field = match place.component {
            0 => field,
            component => field
                .and_then(|field| field.composite)
                .and_then(|composite| composite.elements.get(component - 1)),
        };
        field.map_or(0, |field| field.number(versions).into())
    }

    /// The byte of the file at which a place begins, or would begin: the end of what it stands in.
    fn offset(&self, place: Place) -> u64 {
        let segment = &self.node.segment;
        let start = segment.element_offset(place.element);
        let whole = Place::element(place.element);
        if place == whole {
            return start;
        }
        let value = segment.element(place.element);
        let part = self.value(place);
        // A part of the value lies in it; what is not there begins at the end of what is.
        match part.as_ptr().addr().checked_sub(value.as_ptr().addr()) {
            Some(inside) if inside <= value.len() && !part.is_empty() => start + inside as u64,
            _ => start + value.len() as u64,
        }
    }
}

/// What a syntax note asks, in words.
pub(super) fn explained(def: &SegmentDef, within: Place, note: &Note, present: u64) -> String {
    let name = |position: &u8| match within.element {
        0 => format!("{}-{position:02}", def.id),
        _ => format!("component {position}"),
    };
    let names = |positions: &[u8]| positions.iter().map(name).collect::<Vec<_>>().join(", ");
    match note.relation {
        Relation::Paired => {
            let there = note.positions.iter().find(|position| present & (1 << **position) != 0);
            format!("{} is there without it", there.map(name).unwrap_or_default())
        }
        Relation::Required => format!("one of {}", names(note.positions)),
        Relation::Exclusive => format!("only one of {}", names(note.positions)),
        Relation::Conditional => format!("{} requires it", name(&note.positions[0])),
        Relation::ListConditional => {
            format!("{} requires one of {}", name(&note.positions[0]), names(&note.positions[1..]))
        }
    }
}

/// What the dictionary asks for, where the rule's title does not say it.
pub(in crate::x12) fn expected(
    rule: &'static Rule,
    element: &Element,
    value: &[u8],
    versions: Versions,
) -> String {
    let unit = if matches!(element.kind, Kind::N(_) | Kind::R) { "digits" } else { "characters" };
    let length = element.length(versions);
    match rule.code {
        "E304" => format!("at least {} {unit}", length.min),
        "E305" if value.last() == Some(&b' ') => {
            format!("at most {} {unit}, and blanks at its end", length.max)
        }
        "E305" => format!("at most {} {unit}", length.max),
        "E306" => character(element.kind, value),
        "E307" => codes(element),
        _ => String::new(),
    }
}

/// What a value of a type is made of, where that is not plain from its character.
fn character(kind: Kind, value: &[u8]) -> String {
    match kind {
        Kind::N(_) if value.contains(&b'.') => "an integer has no point".to_owned(),
        Kind::N(_) => "an integer is digits, perhaps after a minus".to_owned(),
        Kind::R => "a decimal is digits with one point at most, perhaps after a minus".to_owned(),
        _ => "a control character".to_owned(),
    }
}

fn codes(element: &Element) -> String {
    let Some(codes) = element.codes else { return String::new() };
    let count = codes.iter().count();
    let said: Vec<&str> = codes.iter().take(CODES_SAID_MAX).collect();
    match count - said.len() {
        0 => format!("one of {}", said.join(", ")),
        more => format!("one of {} and {more} more", said.join(", ")),
    }
}

/// Lengths and counts beyond 32 bits are cut: the limits of the envelope are far below.
fn number(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
