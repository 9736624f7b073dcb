//! A transaction set placed and judged: structure and elements in one, in document order, within limits.

use crate::domain::diagnostic::{Diagnostic, Location, Severity};
use crate::domain::partner::Strictness;
use crate::domain::rules::elements::SUPERFLUOUS;
use crate::domain::rules::segments::FINDINGS_LEFT_OUT;
use crate::x12::elements;
use crate::x12::envelope::Limits;
use crate::x12::grammar::{TransactionSetDef, Versions, version_note};
use crate::x12::lexer::Tokens;
use crate::x12::structure::{FINDINGS_MAX, Reading, Tree, structure_as};

/// The segments of one set, ST to SE, as a tree, and what is wrong with them. `version` is GS08.
///
/// Where GS08 has no tables of its own, the first finding is a note that says which ones were used.
///
/// Beyond `diagnostics_per_set_max` findings one last line says how many were left out; it is as severe as the worst of
/// them, so that the verdict on the set does not depend on the limit.
pub fn validate<'a>(
    def: &'static TransactionSetDef,
    tokens: &'a Tokens<'_>,
    version: &str,
    limits: &Limits,
    strictness: Strictness,
) -> (Tree<'a>, Vec<Diagnostic>) {
    let reading = Reading { versions: Versions::of(version), folds_case: strictness == Strictness::Lenient };
    let (tree, mut findings) = structure_as(def, reading, tokens.segments());
    findings.extend(elements::check(&tree, version));
    let header = Location {
        segment: 1,
        segment_id: "ST".into(),
        offset: tokens.offset(),
        length: 2,
        ..Location::default()
    };
    findings.extend(version_note(version, header));
    findings.sort_by_key(|finding| (finding.at.segment, finding.at.element));
    if strictness == Strictness::Strict {
        for finding in findings.iter_mut().filter(|finding| strict(finding)) {
            finding.severity = Severity::Error;
        }
    }
    cap(&mut findings, limits.diagnostics_per_set_max as usize);
    (tree, findings)
}

/// Whether a strict partner's set is rejected for it: every warning, and empty elements and blanks that X12 leaves out.
fn strict(finding: &Diagnostic) -> bool {
    finding.severity == Severity::Warning || SUPERFLUOUS.contains(&finding.rule)
}

fn cap(findings: &mut Vec<Diagnostic>, kept: usize) {
    let Some(first) = findings.get(kept) else { return };
    let left_out = &findings[kept..];
    let severity = left_out.iter().map(|finding| finding.severity).max().unwrap_or(Severity::Note);
    let at_least = if findings.len() >= FINDINGS_MAX { "at least " } else { "" };
    let detail = format!("{at_least}{} more from here", left_out.len());
    let closing = Diagnostic::new(&FINDINGS_LEFT_OUT, first.at.clone()).detail(detail);
    findings.truncate(kept);
    findings.push(Diagnostic { severity, ..closing });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x12::grammar::transaction_set;
    use crate::x12::lexer::Separators;

    const SEPARATORS: Separators =
        Separators { element: b'*', component: b'>', repetition: None, segment: b'~' };

    fn codes(text: &str, kept: u32, strictness: Strictness) -> Vec<String> {
        let limits = Limits { diagnostics_per_set_max: kept, ..Limits::default() };
        let def = transaction_set("850").unwrap();
        let tokens = Tokens::new(text.as_bytes(), SEPARATORS, 100);
        let (_, findings) = validate(def, &tokens, "004010", &limits, strictness);
        findings
            .iter()
            .map(|finding| {
                let (code, severity, at) = (finding.rule.code, finding.severity, &finding.at);
                format!("{code} {severity:?} {} {}-{} @{}", at.segment, at.segment_id, at.element, at.offset)
            })
            .collect()
    }

    const ORDER: &str = "ST*850*1~BEG*00*SA*1**20261121~PO1*1*x*EA~PID*F~ZZZ~CTT*y~SE*7*1~";

    #[test]
    fn findings_of_both_kinds_come_in_document_order() {
        assert_eq!(
            codes(ORDER, 100, Strictness::Standard),
            [
                "E306 Warning 3 PO1-2 @137",
                "E302 Warning 4 PID-4 @147",
                "E201 Warning 5 ZZZ-0 @148",
                "E306 Warning 6 CTT-1 @156",
            ]
        );
    }

    #[test]
    fn a_strict_partner_has_no_warnings_but_a_lenient_one_the_usual_ones() {
        assert!(codes(ORDER, 100, Strictness::Strict).iter().all(|line| line.contains(" Error ")));
        assert_eq!(codes(ORDER, 100, Strictness::Lenient), codes(ORDER, 100, Strictness::Standard));
    }

    #[test]
    fn superfluous_separators_and_blanks_reject_only_a_strict_partners_set() {
        let order = "ST*850*1~BEG*00*SA*1**20261121~REF*IA*7 ~PO1*1*1*EA*1**~SE*5*1~";
        assert_eq!(
            codes(order, 100, Strictness::Standard),
            ["E351 Note 3 REF-2 @138", "E350 Note 4 PO1-5 @154"]
        );
        assert!(codes(order, 100, Strictness::Strict).iter().all(|line| line.contains(" Error ")));
    }

    #[test]
    fn a_version_without_tables_is_said_first() {
        let tokens = Tokens::new(ORDER.as_bytes(), SEPARATORS, 100);
        let (def, limits) = (transaction_set("850").unwrap(), Limits::default());
        let (_, findings) = validate(def, &tokens, "006020", &limits, Strictness::Strict);
        let first = findings.first().unwrap();
        assert_eq!((first.rule.code, first.severity, first.at.offset), ("E125", Severity::Note, 100));
    }

    #[test]
    fn beyond_the_limit_one_line_is_as_severe_as_what_it_stands_for() {
        assert_eq!(codes(ORDER, 4, Strictness::Standard).len(), 4);
        let capped = codes(ORDER, 2, Strictness::Standard);
        assert_eq!(capped.len(), 3);
        assert_eq!(capped[2], "E200 Warning 5 ZZZ-0 @148");
        let late = "ST*850*1~BEG*00*SA*1**20261121~ZZZ~CTT*1~SE*5*1~";
        assert_eq!(codes(late, 1, Strictness::Standard)[1], "E200 Error 4 PO1-0 @135");
    }

    #[test]
    fn a_set_of_nothing_but_faults_keeps_few_findings_and_its_verdict() {
        let faults = "REF**~CTT*1~".repeat(FINDINGS_MAX);
        let set = format!("ST*850*1~BEG*00*SA*1**20261121~{faults}SE*5*1~");
        let def = transaction_set("850").unwrap();
        let tokens = Tokens::new(set.as_bytes(), SEPARATORS, 0);
        let (tree, findings) = validate(
            def,
            &tokens,
            "004010",
            &Limits { diagnostics_per_set_max: u32::MAX, ..Limits::default() },
            Strictness::Standard,
        );
        assert_eq!(tree.nodes.len(), 1 + 2 * FINDINGS_MAX);
        assert!(findings.len() <= 2 * FINDINGS_MAX + 2, "{}", findings.len());
        assert!(findings.iter().any(|finding| finding.severity == Severity::Error));
        let closing = codes(&set, 100, Strictness::Standard).pop().unwrap();
        assert!(closing.starts_with("E200 "), "{closing}");
    }
}
