//! What `[invoices]` of a profile must keep.

use super::item_qualifier_problem;
use crate::domain::Decimal;
use crate::domain::partner::{Action, PartnerProfile, Preflight, Requirement, TermsSettings};
use crate::site::toml_file::Checker;

/// `[invoices]` and what stands below it.
pub(super) fn check(profile: &PartnerProfile, checker: &mut Checker<'_>) {
    let invoices = &profile.invoices;
    checker.check(
        &["invoices", "customer_item_qualifier"],
        item_qualifier_problem(&invoices.customer_item_qualifier),
    );
    let prefix = &invoices.number_prefix;
    let printable = prefix.bytes().all(|byte| byte.is_ascii_graphic());
    checker.expect(prefix.len() <= 12 && printable, &["invoices", "number_prefix"], || {
        format!("{prefix:?}, expected up to 12 printable ASCII characters, because BIG02 holds 22 in all")
    });
    if let Some(terms) = &invoices.terms {
        check_terms(terms, checker);
    }
    for (qualifier, value) in &invoices.references {
        let coded = (2..=3).contains(&qualifier.len())
            && qualifier.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        checker.expect(coded && !value.trim().is_empty(), &["invoices", "references"], || {
            format!("{qualifier} = {value:?}, expected REF01 (two or three capitals or digits) and a value")
        });
    }
    if let Some(remit_to) = &invoices.remit_to {
        let pair = remit_to.code_qualifier.is_empty() == remit_to.code.is_empty();
        checker.expect(pair, &["invoices", "remit_to"], || {
            "expected code_qualifier (N103) and code (N104) together, or neither".to_owned()
        });
    }
    check_preflight(&invoices.preflight, checker);
}

fn check_preflight(preflight: &Preflight, checker: &mut Checker<'_>) {
    let path = |key| ["invoices", "preflight", key];
    // what these find cannot be billed: it can only wait or be refused
    let never_sent = [
        ("unknown_line", preflight.unknown_line),
        ("unknown_item", preflight.unknown_item),
        ("wrong_unit", preflight.wrong_unit),
        ("number_reused", preflight.number_reused),
        ("billed_before", preflight.billed_before),
    ];
    for (key, action) in never_sent {
        checker.expect(action != Action::Warn, &path(key), || {
            "\"warn\", expected \"hold\" or \"refuse\": such an invoice cannot go out".to_owned()
        });
    }
    let tolerances = [
        ("price_tolerance_percent", preflight.price_tolerance_percent),
        ("price_tolerance_amount", preflight.price_tolerance_amount),
    ];
    for (key, tolerance) in tolerances {
        checker.expect(tolerance >= Decimal::ZERO, &path(key), || format!("{tolerance}, expected 0 or more"));
    }
    for required in &preflight.required {
        checker.expect(Requirement::parse(required).is_some(), &path("required"), || {
            format!(
                "{required:?}, expected a segment (\"ITD\"), a segment with a code (\"REF*DP\", \"IT1*UP\"), or an element \
                 (\"IT101\", \"N104*ST\")"
            )
        });
    }
}

fn check_terms(terms: &TermsSettings, checker: &mut Checker<'_>) {
    let path = |key| ["invoices", "terms", key];
    if let Some(percent) = terms.percent {
        let normal = percent.normalize();
        let fits = normal >= Decimal::ZERO && normal < Decimal::ONE_HUNDRED && normal.scale() <= 4;
        checker.expect(fits, &path("percent"), || {
            format!("{percent}, expected 0 or more and less than 100, with up to 4 decimals (ITD03)")
        });
        checker.expect(terms.days.is_some(), &path("days"), || {
            "missing key, expected the days of the discount (ITD05), because percent is there".to_owned()
        });
    }
    for (key, days) in [("days", terms.days.unwrap_or(0)), ("net_days", terms.net_days)] {
        checker.expect(days <= 999, &path(key), || format!("{days}, expected 0 to 999 days"));
    }
}
