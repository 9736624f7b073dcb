//! What a partner wants to see in every 810 and this one has not.

use crate::domain::Text;
use crate::domain::diagnostic::{Diagnostic, Location};
use crate::domain::partner::Requirement;
use crate::domain::rules::business::INVOICE_LACKS_REQUIRED;
use crate::x12::lexer::{Separators, segments, text};

/// IT106, IT108...: the qualifiers of a line's numbers.
const QUALIFIERS: std::ops::RangeInclusive<usize> = 6..=24;

/// E485 for each requirement that the segments between ST and SE do not meet; of lines the first that lacks it is named.
pub(super) fn missing(body: &[u8], separators: Separators, required: &[Text]) -> Vec<Diagnostic> {
    if required.is_empty() {
        return Vec::new();
    }
    let written: Vec<Vec<Text>> =
        segments(body, separators, 0).map(|segment| segment.elements().map(text).collect()).collect();
    required.iter().filter_map(|wanted| lacks(&written, wanted)).collect()
}

fn lacks(written: &[Vec<Text>], wanted: &Text) -> Option<Diagnostic> {
    let Requirement { segment_id, code, element } = Requirement::parse(wanted)?;
    let of_lines = segment_id == "IT1" && !code.is_empty();
    let named = written.iter().filter(|segment| segment.first() == Some(&segment_id));
    let such: Vec<&Vec<Text>> =
        named.filter(|segment| of_lines || code.is_empty() || segment.get(1) == Some(&code)).collect();
    let meets = |segment: &&Vec<Text>| {
        let filled = |at: usize| segment.get(at).is_some_and(|value| !value.is_empty());
        let numbered = || QUALIFIERS.step_by(2).any(|at| segment.get(at) == Some(&code));
        (element == 0 || filled(element)) && (!of_lines || numbered())
    };
    let at = Location {
        segment_id: segment_id.clone(),
        element: u32::try_from(element).unwrap_or_default(),
        ..Location::default()
    };
    let detail = match such.iter().position(|segment| !meets(segment)) {
        None if !such.is_empty() => return None,
        None => format!("the partner requires {wanted}"),
        Some(first) => format!("the partner requires {wanted}: {segment_id} {} lacks it", first + 1),
    };
    Some(Diagnostic::new(&INVOICE_LACKS_REQUIRED, at).found(wanted).detail(detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_requirement_is_met_by_every_segment_that_it_is_about() {
        let separators = crate::documents::testing::envelope("004010").separators;
        let body = b"BIG*20261120*1~\nREF*IA*V-77~\nN1*ST**92*0042~\nN1*RE*Northwind~\nIT1*1*2*EA*3**BP*B-1*UP*0~\nIT1**2*EA*3**BP*B-2~\n";
        for (wanted, expected) in [
            ("REF", ""),
            ("REF*IA", ""),
            ("REF*DP", "the partner requires REF*DP"),
            ("ITD", "the partner requires ITD"),
            ("N104*ST", ""),
            ("N104", "the partner requires N104: N1 2 lacks it"),
            ("N104*BY", "the partner requires N104*BY"),
            ("IT1*BP", ""),
            ("IT1*UP", "the partner requires IT1*UP: IT1 2 lacks it"),
            ("IT101", "the partner requires IT101: IT1 2 lacks it"),
            ("BIG05", "the partner requires BIG05: BIG 1 lacks it"),
        ] {
            let found = missing(body, separators, &[wanted.into()]);
            let told = found.first().map(|found| found.detail.clone()).unwrap_or_default();
            assert_eq!(told, expected, "{wanted}");
        }
    }
}
