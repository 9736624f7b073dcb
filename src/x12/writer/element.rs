//! One value as the bytes of its element: its form, its length, its characters.

use crate::domain::diagnostic::{Diagnostic, Location};
use crate::domain::rules::envelope as rules;
use crate::domain::{Date, money};
use crate::x12::elements::expected;
use crate::x12::elements::value::{self, Form};
use crate::x12::grammar::dictionary::{Element, Kind};
use crate::x12::grammar::segments::Field;
use crate::x12::writer::say::Script;
use crate::x12::writer::{Value, has_century};

/// What an element asks of its value: the one place that knows which length holds in which version.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'p> {
    /// None where no table has the segment, or for a component.
    pub(super) field: Option<&'p Field>,
    pub(super) form: Form,
    pub(super) century: bool,
}

impl<'p> Place<'p> {
    pub(super) fn new(field: Option<&'p Field>, version: &str) -> Self {
        Self { field, form: Form::of(version), century: has_century(version) }
    }

    /// Why a value does not fit.
    fn fault(self, bytes: &[u8]) -> Option<String> {
        let element = &self.field?.element;
        let rule = value::fault(bytes, element, self.form)?;
        let asked = expected(rule, element, bytes, self.form.versions);
        Some(if asked.is_empty() { rule.title.to_owned() } else { asked })
    }

    /// Up to how many characters free text may have; a code or a number is never cut.
    pub(super) fn text_max(self) -> usize {
        match self.field {
            Some(Field { element: element @ Element { kind: Kind::AN, .. }, .. }) => {
                element.length(self.form.versions).max.into()
            }
            _ => usize::MAX,
        }
    }
}

/// The bytes of a value, none where it cannot be said; what is lost is among `problems`.
pub(super) fn element_bytes(
    value: &Value<'_>,
    script: Script,
    place: Place<'_>,
    at: &Location,
    problems: &mut Vec<Diagnostic>,
) -> Vec<u8> {
    let Value::Composite(components) = value else {
        return simple_bytes(value, script, place, at, problems);
    };
    let mut pieces = Vec::with_capacity(components.len());
    for (component, value) in (1..).zip(components) {
        let at = Location { component, ..at.clone() };
        pieces.push(simple_bytes(value, script, Place { field: None, ..place }, &at, problems));
    }
    while pieces.last().is_some_and(Vec::is_empty) {
        pieces.pop();
    }
    pieces.join(&script.separators.component)
}

fn simple_bytes(
    value: &Value<'_>,
    script: Script,
    place: Place<'_>,
    at: &Location,
    problems: &mut Vec<Diagnostic>,
) -> Vec<u8> {
    let said = match value {
        Value::Empty => return Vec::new(),
        Value::Free(text) => return free_bytes(text, script, place, at, problems),
        Value::Exact(text) => exact(text, script, place),
        Value::Echo(text) => script
            .echoing()
            .refusal(text)
            .map_or_else(|| Ok((*text).to_owned()), |reason| Err(((*text).to_owned(), reason))),
        Value::Number(number) => shortest(&money::plain(*number), script, place),
        Value::Cents(amount) => money::n2(*amount).map_or_else(
            || Err((money::plain(*amount), "an amount with parts of a cent, or too large".to_owned())),
            |cents| exact(&cents, script, place),
        ),
        Value::Count(count) => exact(&count.to_string(), script, place),
        Value::Date(date) if date.year() < 0 => {
            Err((date.to_string(), "a date before the year 0".to_owned()))
        }
        Value::Date(date) => exact(&day(*date, place.century), script, place),
        Value::Composite(_) => Err((String::new(), "a composite in a composite".to_owned())),
    };
    match said {
        Ok(text) => script.bytes(&text),
        Err((found, reason)) => {
            problems.push(Diagnostic::new(&rules::VALUE_UNSAYABLE, at.clone()).found(&found).detail(reason));
            Vec::new()
        }
    }
}

/// A value as it is, or it and the reason why it cannot be said.
fn exact(text: &str, script: Script, place: Place<'_>) -> Result<String, (String, String)> {
    if text.is_empty() {
        return Ok(String::new());
    }
    let refusal = script.refusal(text).or_else(|| place.fault(&script.bytes(text)));
    refusal.map_or_else(|| Ok(text.to_owned()), |reason| Err((text.to_owned(), reason)))
}

/// A number of type R. The zero before the point counts as a digit and is left out where there is no room for it.
fn shortest(number: &str, script: Script, place: Place<'_>) -> Result<String, (String, String)> {
    let sign = if number.starts_with('-') { "-" } else { "" };
    match number.trim_start_matches('-').strip_prefix("0.") {
        Some(decimals) if place.fault(number.as_bytes()).is_some() => {
            exact(&format!("{sign}.{decimals}"), script, place)
        }
        _ => exact(number, script, place),
    }
}

/// Free text is altered until it fits. What still does not fit, being too short or no such code, is left out where the
/// element may be empty, and stays where it may not.
fn free_bytes(
    text: &str,
    script: Script,
    place: Place<'_>,
    at: &Location,
    problems: &mut Vec<Diagnostic>,
) -> Vec<u8> {
    let said = script.free(text, place.text_max());
    let bytes = script.bytes(&said.text);
    if bytes.is_empty() && !said.lost {
        return bytes;
    }
    let mut note = |detail: String| {
        problems.push(Diagnostic::new(&rules::TEXT_ALTERED, at.clone()).found(text).detail(detail));
    };
    let optional = place.field.is_some_and(|field| !field.must_be_in(place.form.versions));
    if !bytes.is_empty()
        && optional
        && let Some(asked) = place.fault(&bytes)
    {
        note(format!("left out: {asked}"));
        return Vec::new();
    }
    if said.lost {
        note(format!("written as {:?}", said.text));
    }
    bytes
}

/// CCYYMMDD, or YYMMDD before 004010.
pub(super) fn day(date: Date, century: bool) -> String {
    let (year, month, day) = (date.year(), date.month(), date.day());
    if century {
        format!("{year:04}{month:02}{day:02}")
    } else {
        format!("{:02}{month:02}{day:02}", year.rem_euclid(100))
    }
}
