//! What the numbers that wait may mean: the causes as questions, and the rows of the cross-reference that they need to see.

use crate::domain::item::Masters;
use crate::domain::partner::{OrderSettings, PartnerProfile};
use crate::domain::resolution::LineOutcome;
use crate::domain::{Date, Text};
use crate::report::causes::Cause;
use crate::store::Transaction;
use crate::xref::suggest::Suggestion;
use crate::xref::suggest::asked::{Asked, Question};
use crate::xref::suggest::catalogue::Catalogue;
use anyhow::Result;
use std::collections::BTreeSet;

/// So many rows of one number, in all its writings, are looked at.
const ROWS_MAX: usize = 500;

/// How suggestions are wanted.
#[derive(Debug, Clone, Copy)]
pub(in crate::cli) struct Wanted {
    /// So many items for each number.
    pub(in crate::cli) most: usize,
    /// Thousandths.
    pub(in crate::cli) score_min: u32,
    /// For which day rows that have ended are no longer the customer's.
    pub(in crate::cli) today: Date,
}

/// What scores less is nearly always wrong, as was measured: benches/README.md.
pub(in crate::cli) const SCORE_MIN: &str = "0.1";

/// A score as it is typed, between 0 and 1, in thousandths.
pub(in crate::cli) fn parse_score(text: &str) -> Result<u32, String> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let score: Option<u32> = match whole {
        "0" | "1" if digits(part) && part.len() <= 3 => {
            format!("{whole}{part:0<3}").parse().ok().filter(|score| *score <= 1000)
        }
        _ => None,
    };
    score.ok_or_else(|| "a score is a number from 0 to 1 such as 0.35".to_owned())
}

/// The qualifiers of the profiles of these partners whose numbers are ours; of those of a customer where no partner is known.
pub(in crate::cli) fn vendor_qualifiers(
    profiles: &[PartnerProfile],
    partners: &BTreeSet<Text>,
    customer: &str,
) -> BTreeSet<Text> {
    let of = |wanted: &dyn Fn(&PartnerProfile) -> bool| {
        let wanted = profiles.iter().filter(|profile| wanted(profile));
        wanted.flat_map(|profile| profile.orders.vendor_item_qualifiers.clone()).collect::<BTreeSet<Text>>()
    };
    let found = of(&|profile| partners.contains(profile.id()));
    let found = if found.is_empty() { of(&|profile| profile.partner.customer == customer) } else { found };
    if found.is_empty() {
        return OrderSettings::default().vendor_item_qualifiers.into_iter().collect();
    }
    found
}

/// What is known of a cause, asked.
pub(in crate::cli) fn question(cause: &Cause, profiles: &[PartnerProfile]) -> Question {
    Question {
        customer: cause.customer.clone(),
        number: cause.number.clone(),
        outcome: LineOutcome::ALL.into_iter().find(|outcome| outcome.as_str() == cause.outcome),
        numbers: cause.numbers.clone(),
        vendor_qualifiers: vendor_qualifiers(profiles, &cause.partners, &cause.customer),
        description: cause.description.clone(),
        units: cause.units.clone(),
        prices: cause.prices.clone(),
        packs: cause.packs.clone(),
    }
}

/// Suggestions for each of the questions, in their order.
pub(in crate::cli) fn suggest(
    work: &mut dyn Transaction,
    masters: Masters,
    questions: Vec<Question>,
    wanted: Wanted,
) -> Result<Vec<Vec<Suggestion>>> {
    if questions.is_empty() {
        return Ok(Vec::new());
    }
    let catalogue = Catalogue::new(masters);
    let mut asked = Asked::new(&catalogue, questions, wanted.today);
    for customer in asked.columns() {
        work.each_xref_of(&customer, None, &mut |row| {
            asked.row(&row);
            Ok(())
        })?;
    }
    for number in asked.wanted() {
        for row in work.xrefs_like(&number, ROWS_MAX)? {
            asked.row(&row);
        }
    }
    Ok(asked.answers(wanted.most, wanted.score_min))
}

/// Suggestions for each of the causes, in their order. Causes that cannot be mapped have none.
pub(in crate::cli) fn for_causes(
    work: &mut dyn Transaction,
    masters: Masters,
    causes: &[Cause],
    profiles: &[PartnerProfile],
    wanted: Wanted,
) -> Result<Vec<Vec<Suggestion>>> {
    let questions = causes.iter().filter(|cause| cause.can_be_mapped());
    let questions = questions.map(|cause| question(cause, profiles)).collect();
    let mut found = suggest(work, masters, questions, wanted)?.into_iter();
    let of = |cause: &Cause| cause.can_be_mapped().then(|| found.next()).flatten().unwrap_or_default();
    Ok(causes.iter().map(of).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_is_typed_as_it_is_shown() {
        for (text, score) in [
            ("0", Some(0)),
            ("1", Some(1000)),
            ("0.35", Some(350)),
            ("0.123", Some(123)),
            ("1.0", Some(1000)),
            ("1.001", None),
            ("0.1234", None),
            ("2", None),
            ("-0.1", None),
            ("35 %", None),
            ("0.", None),
            (".5", None),
            ("", None),
        ] {
            assert_eq!(parse_score(text).ok(), score, "{text}");
        }
    }
}
