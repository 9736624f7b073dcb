//! What the documents that we send have in common: parties, units, and the part of an order that X12 can carry.

use crate::domain::Text;
use crate::domain::diagnostic::{Diagnostic, Location, Severity};
use crate::domain::order::{ItemNumber, Party, Reference};
use crate::domain::partner::OrderSettings;
use crate::domain::rules::business::DOCUMENT_SAYS_LESS;
use crate::x12::lexer::Separators;
use crate::x12::writer::{SetWriter, Value};

/// PO107, IT107: element 234 as wide as it is read, and as it is from 006020 on: a number that a customer sent goes back as
/// it came, also where its version says 48.
const ITEM_NUMBER_MAX: usize = 80;
/// PO106 to PO125: ten pairs.
pub(crate) const ITEM_NUMBERS_MAX: usize = 10;
/// REF01 of what a customer wants to see again: order, contract, department, vendor and merchandise references.
const ECHOED_REFERENCES: &[&str] = &["CO", "CT", "DP", "IA", "MR", "VR"];

/// Whether a value can stand in an element as it is.
pub(crate) fn sayable(value: &str, separators: Separators) -> bool {
    value.chars().all(|c| !c.is_control()) && !value.bytes().any(|byte| separators.contains(byte))
}

/// Whether a text is a code of element 355 by its form: two capitals or digits.
pub(crate) fn is_unit_code(unit: &str) -> bool {
    unit.len() == 2 && unit.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// PO103 of an answer: the unit as ordered where it is a code; else the code that the profile's aliases name for it; else the
/// unit as it is; empty where even that cannot be said.
pub(crate) fn unit_echo<'u>(
    unit: &'u str,
    unit_text: &'u str,
    settings: &'u OrderSettings,
    set: &SetWriter,
) -> &'u str {
    if is_unit_code(unit) && set.echoes(unit) {
        return unit;
    }
    let aliased = [unit, unit_text]
        .into_iter()
        .filter_map(|word| settings.unit_aliases.get(word))
        .find(|code| is_unit_code(code) && set.echoes(code));
    match aliased {
        Some(code) => code,
        None if set.echoes(unit) => unit,
        None => "",
    }
}

/// Whether a (qualifier, number) pair can stand in PO106.. as it came.
pub(crate) fn fits(number: &ItemNumber, set: &SetWriter) -> bool {
    let qualifier = number.qualifier.len() == 2 && set.echoes(&number.qualifier);
    let length = number.value.chars().count();
    qualifier && (1..=ITEM_NUMBER_MAX).contains(&length) && set.echoes(&number.value)
}

/// Appends a segment that the document can do without. Where a part of it cannot be said it is left out and noted: half of
/// a reference is another reference.
pub(crate) fn write_optional(
    set: &mut SetWriter,
    segment_id: &str,
    values: &[Value<'_>],
    left_out: &mut Vec<Diagnostic>,
) {
    let Err(problems) = set.try_segment(segment_id, values) else { return };
    for problem in problems.into_iter().filter(|problem| problem.severity == Severity::Error) {
        let at =
            Location { segment_id: segment_id.into(), element: problem.at.element, ..Location::default() };
        let detail = format!("{segment_id} is left out: {}", problem.detail);
        left_out.push(Diagnostic::new(&DOCUMENT_SAYS_LESS, at).found(&problem.found).detail(detail));
    }
}

/// The first of the partner's vendor qualifiers that these numbers leave free.
pub(crate) fn free_vendor_qualifier<'s>(
    settings: &'s OrderSettings,
    numbers: &[ItemNumber],
) -> Option<&'s Text> {
    let used = |qualifier: &Text| numbers.iter().any(|number| number.qualifier == *qualifier);
    settings.vendor_item_qualifiers.iter().find(|qualifier| !used(qualifier))
}

/// The references that go back to the customer.
pub(crate) fn echoed_references(references: &[Reference]) -> impl Iterator<Item = &Reference> {
    references.iter().filter(|reference| ECHOED_REFERENCES.contains(&reference.qualifier.as_str()))
}

/// REF01 and REF02, REF03, as far as they can be said.
pub(crate) fn write_reference(set: &mut SetWriter, reference: &Reference, left_out: &mut Vec<Diagnostic>) {
    if reference.value.is_empty() && reference.description.is_empty() {
        return;
    }
    let Reference { qualifier, value, description } = reference;
    let values = [Value::Echo(qualifier), Value::Echo(value), Value::Free(description)];
    write_optional(set, "REF", &values, left_out);
}

/// N101 to N104. None for a party without name and code: N1 needs one of them.
pub(crate) fn party_name(party: &Party) -> Option<[Value<'_>; 4]> {
    let coded = !party.code_qualifier.is_empty() && !party.code.is_empty();
    if party.name.is_empty() && !coded {
        return None;
    }
    let (qualifier, code) =
        if coded { (party.code_qualifier.as_str(), party.code.as_str()) } else { ("", "") };
    Some([Value::Echo(&party.role), Value::Free(&party.name), Value::Echo(qualifier), Value::Echo(code)])
}

/// N1, and of N3 and N4 what can be said.
pub(crate) fn write_party(set: &mut SetWriter, party: &Party, left_out: &mut Vec<Diagnostic>) {
    let Some(name) = party_name(party) else { return };
    set.segment("N1", &name);
    for texts in party.address.chunks(2).take(2) {
        let texts: Vec<Value<'_>> = texts.iter().map(|text| Value::Free(text)).collect();
        write_optional(set, "N3", &texts, left_out);
    }
    let place = [&party.city, &party.state, &party.postal_code, &party.country];
    if place.iter().any(|text| !text.is_empty()) {
        write_optional(set, "N4", &place.map(|text| Value::Free(text)), left_out);
    }
}

/// The first `max` characters.
pub(crate) fn cut(text: &str, max: usize) -> &str {
    text.char_indices().nth(max).map_or(text, |(end, _)| text.get(..end).unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set() -> SetWriter {
        SetWriter::new(&crate::documents::testing::envelope("004010"), "855", "PR")
    }

    #[test]
    fn a_unit_is_echoed_as_ordered_unless_it_is_no_code() {
        let mut settings = OrderSettings::default();
        settings.unit_aliases.insert("EACH".into(), "EA".into());
        settings.unit_aliases.insert("CS".into(), "CA".into());
        settings.unit_aliases.insert("lot".into(), "a lot".into());
        for (unit, unit_text, expected) in [
            ("CS", "CS", "CS"),
            ("EACH", "EACH", "EA"),
            ("EA", "EACH", "EA"),
            ("Stück", "EACH", "EA"),
            ("Stück", "", "Stück"),
            ("lot", "lot", "lot"),
            ("a*b", "a*b", ""),
            ("", "", ""),
        ] {
            assert_eq!(unit_echo(unit, unit_text, &settings, &set()), expected, "{unit} {unit_text}");
        }
    }

    #[test]
    fn a_number_fits_if_nothing_in_it_separates() {
        let long = "9".repeat(81);
        for (qualifier, value, expected) in [
            ("BP", "B-200", true),
            ("BP", "B>200", false),
            ("BP", "", false),
            ("B", "1", false),
            ("BP", &long[..80], true),
            ("BP", &long, false),
        ] {
            let number = ItemNumber { qualifier: qualifier.into(), value: value.into() };
            assert_eq!(fits(&number, &set()), expected, "{number:?}");
        }
    }

    #[test]
    fn cuts_by_characters() {
        assert_eq!((cut("äöü", 2), cut("ab", 2), cut("", 1)), ("äö", "ab", ""));
    }
}
