//! The TA1: the answer to an interchange.

use crate::domain::diagnostic::{Answer, Diagnostic, Severity};
use crate::x12::envelope::{Isa, Ta1};

/// The TA1 for an interchange with this header, from the findings about its envelope: TA101 to TA103 echo ISA13, ISA09 and
/// ISA10; TA105 is the code of the gravest finding that has one, the first of equals; TA104 is `R` where a finding is an
/// error, `E` where only a warning has a code, else `A` with note `000`. Notes have no say.
pub fn answer(header: &Isa, diagnostics: &[Diagnostic]) -> Ta1 {
    let noted = |severity: Severity| {
        diagnostics.iter().filter(move |found| found.severity == severity).find_map(|found| {
            match found.rule.answer {
                Answer::Interchange(code) => Some(code),
                _ => None,
            }
        })
    };
    let refused = diagnostics.iter().any(|found| found.severity == Severity::Error);
    let (verdict, note) = match (refused, noted(Severity::Error), noted(Severity::Warning)) {
        // 024: the content is invalid, and X12 has no closer word for it
        (true, error, warning) => ("R", error.or(warning).unwrap_or("024")),
        (false, _, Some(warning)) => ("E", warning),
        (false, _, None) => ("A", "000"),
    };
    Ta1 {
        control: header.control.clone(),
        date: header.date.clone(),
        time: header.time.clone(),
        verdict: verdict.into(),
        note: note.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::diagnostic::Location;
    use crate::domain::rules::{business, envelope, segments};

    #[test]
    fn the_gravest_finding_decides_verdict_and_note() {
        let found = |rule, severity| Diagnostic { severity, ..Diagnostic::new(rule, Location::default()) };
        let trailer = &envelope::INTERCHANGE_TRAILER_MISSING;
        let foreign = &business::RECEIVER_FOREIGN;
        for (diagnostics, expected) in [
            (vec![], ("A", "000")),
            (vec![found(foreign, Severity::Note)], ("A", "000")),
            (vec![found(foreign, Severity::Warning)], ("E", "008")),
            (vec![found(foreign, Severity::Warning), found(trailer, Severity::Error)], ("R", "023")),
            (vec![found(&segments::SEGMENT_MISSING, Severity::Error)], ("R", "024")),
        ] {
            let ta1 = answer(&Isa::default(), &diagnostics);
            assert_eq!((ta1.verdict.as_str(), ta1.note.as_str()), expected, "{diagnostics:?}");
        }
    }

    #[test]
    fn echoes_control_number_date_and_time_as_received() {
        let header =
            Isa { control: "000000905".into(), date: "261121".into(), time: "0930".into(), ..Isa::default() };
        let ta1 = answer(&header, &[]);
        assert_eq!((&*ta1.control, &*ta1.date, &*ta1.time), ("000000905", "261121", "0930"));
    }
}
