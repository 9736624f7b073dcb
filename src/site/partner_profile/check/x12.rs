//! What `[x12]` of a profile must keep: a version, separators that can be told from data, a replacement that can be said.

use super::shown;
use crate::domain::partner::{Company, PartnerProfile, Separator};
use crate::site::toml_file::Checker;

/// The version, the time, the separators, and what is written in them.
pub(super) fn check(profile: &PartnerProfile, company: Option<&Company>, checker: &mut Checker<'_>) {
    let x12 = &profile.x12;
    let version = x12.version.as_bytes();
    let known = (6..=12).contains(&version.len())
        && version.starts_with(b"00")
        && version.iter().take(6).all(u8::is_ascii_digit)
        && version.iter().all(u8::is_ascii_alphanumeric);
    checker.expect(known, &["x12", "version"], || {
        format!("{:?}, expected a version of GS08, such as \"004010\" or \"005010\"", x12.version)
    });
    checker.expect(x12.time.is_empty() || is_time(&x12.time), &["x12", "time"], || {
        format!("{:?}, expected a time as HHMM, such as \"0730\", or nothing for the clock", x12.time)
    });
    check_expected(profile, checker);
    let separators = [
        ("element_separator", x12.element_separator),
        ("component_separator", x12.component_separator),
        ("repetition_separator", x12.repetition_separator),
        ("segment_terminator", Separator(x12.segment_terminator.byte)),
    ];
    for (index, (key, separator)) in separators.iter().enumerate() {
        let other = separators.iter().take(index).find(|(_, earlier)| earlier == separator);
        if let Some((other, _)) = other {
            // shown at the key that somebody wrote; the other may be a default
            let (key, other) = if checker.has(&["x12", key]) { (key, other) } else { (other, key) };
            checker.check(
                &["x12", key],
                Some(format!(
                    "{:?} is the {other} too, expected four different characters",
                    shown(*separator)
                )),
            );
        }
        check_clear_of_data(profile, company, (key, *separator), checker);
    }
    check_replacement(profile, &separators.map(|(_, separator)| separator), checker);
}

/// What can be waited for: documents that we send, and a while.
fn check_expected(profile: &PartnerProfile, checker: &mut Checker<'_>) {
    let x12 = &profile.x12;
    let key = ["x12", "acknowledgments_expected"];
    for (index, id) in x12.acknowledgments_expected.iter().enumerate() {
        checker.expect(matches!(id.as_str(), "855" | "865" | "810"), &key, || {
            format!("{id:?}, expected some of \"855\", \"865\" and \"810\": nobody answers an answer")
        });
        let twice = x12.acknowledgments_expected.iter().take(index).any(|other| other == id);
        checker.expect(!twice, &key, || format!("{id:?} stands twice"));
    }
    let hours = x12.acknowledgments_overdue_hours;
    checker.expect((1..=8_760).contains(&hours), &["x12", "acknowledgments_overdue_hours"], || {
        format!("{hours}, expected 1 to 8760 hours")
    });
}

/// What every document says must be free of separators, or none could be sent.
fn check_clear_of_data(
    profile: &PartnerProfile,
    company: Option<&Company>,
    (key, separator): (&str, Separator),
    checker: &mut Checker<'_>,
) {
    let partner = &profile.partner;
    let ours = company.map(|company| [&company.interchange_id, &company.application_id]);
    let ids =
        [&partner.interchange_id, &partner.application_id].into_iter().chain(ours.into_iter().flatten());
    for id in ids.filter(|id| *id != "*" && id.as_bytes().contains(&separator.0)) {
        checker.check(
            &["x12", key],
            Some(format!("{:?} stands in the id {id:?}, expected another character", shown(separator))),
        );
    }
    let prefix = &profile.invoices.number_prefix;
    checker.expect(!prefix.as_bytes().contains(&separator.0), &["invoices", "number_prefix"], || {
        format!("{prefix:?} contains the {key} {:?}, expected none in it", shown(separator))
    });
}

fn check_replacement(profile: &PartnerProfile, separators: &[Separator], checker: &mut Checker<'_>) {
    let x12 = &profile.x12;
    let byte = x12.replacement.0;
    let since_005010 = x12.version.get(..6).is_some_and(|version| version >= "005010");
    let has = |c: char| x12.character_set.has(c, since_005010);
    let in_set = has(char::from(byte));
    checker.expect(in_set && !separators.contains(&Separator(byte)), &["x12", "replacement"], || {
        format!("{:?} separates or is not in the character_set, expected another character", char::from(byte))
    });
    let prefix = &profile.invoices.number_prefix;
    checker.expect(prefix.chars().all(has), &["invoices", "number_prefix"], || {
        format!("{prefix:?}, expected characters of x12.character_set")
    });
}

fn is_time(text: &str) -> bool {
    let digits = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    digits
        && text.get(..2).is_some_and(|hours| hours < "24")
        && text.get(2..).is_some_and(|minutes| minutes < "60")
}
