//! Since when an acknowledgment is waited for, and whether it is overdue, by the partner's profile.

use crate::domain::Date;
use crate::domain::partner::PartnerProfile;
use crate::store::sent::SentRow;
use jiff::civil::{DateTime, Time};

/// `--date`: a moment where the machine is.
pub(in crate::cli) type Moment = DateTime;

/// `2026-11-20`, which means the end of that day, or `2026-11-20T08:00`.
pub(in crate::cli) fn parse(text: &str) -> Result<Moment, String> {
    if let Ok(day) = text.parse::<Date>()
        && text.len() == 10
    {
        let last = Time::constant(23, 59, 59, 999_999_999);
        return Ok(day.to_datetime(last));
    }
    let moment = text.parse::<DateTime>().ok().filter(|_| text.contains('T'));
    moment.ok_or_else(|| {
        "a day such as 2026-11-20, or a moment such as 2026-11-20T08:00, is expected".to_owned()
    })
}

/// Now, where the machine is.
pub(in crate::cli) fn now() -> Moment {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::system()).datetime()
}

/// Whether the partner acknowledges documents of this kind. One whose profile is gone acknowledges nothing.
pub(in crate::cli) fn is_expected(row: &SentRow, profile: Option<&PartnerProfile>) -> bool {
    profile.is_some_and(|profile| profile.x12.acknowledgments_expected.contains(&row.kind))
}

/// For how many hours an answer is waited for, by the date and time on the document or of its last resend; None where none is.
pub(in crate::cli) fn waits_for(row: &SentRow, profile: Option<&PartnerProfile>, at: Moment) -> Option<i64> {
    if !row.waits() || !is_expected(row, profile) {
        return None;
    }
    let (date, time) = row.last_sent();
    let hour_and_minute = time.get(..2).zip(time.get(2..4));
    let time = hour_and_minute
        .and_then(|(hour, minute)| Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok());
    let since = date.to_datetime(time.unwrap_or_default());
    Some(at.duration_since(since).as_hours())
}

/// Whether that is longer than the partner may take.
pub(in crate::cli) fn is_overdue(row: &SentRow, profile: Option<&PartnerProfile>, at: Moment) -> bool {
    let limit = profile.map_or(i64::MAX, |profile| i64::from(profile.x12.acknowledgments_overdue_hours));
    waits_for(row, profile, at).is_some_and(|hours| hours >= limit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::partner::{InvoiceSettings, OrderSettings, PartnerIdentity, X12Settings};
    use crate::domain::sent::{SentDocument, SentState};
    use crate::store::sent::SentGroup;

    fn profile(expected: &[&str], hours: u32) -> PartnerProfile {
        PartnerProfile {
            partner: PartnerIdentity::default(),
            x12: X12Settings {
                acknowledgments_expected: expected.iter().map(|id| (*id).into()).collect(),
                acknowledgments_overdue_hours: hours,
                ..X12Settings::default()
            },
            orders: OrderSettings::default(),
            invoices: InvoiceSettings::default(),
        }
    }

    fn row(state: SentState, resent: Option<(Date, &str)>) -> SentRow {
        let group = SentGroup {
            documents: vec![SentDocument::default()],
            states: vec![state],
            ..SentGroup::default()
        };
        SentRow {
            kind: "810".into(),
            date: Date::constant(2026, 11, 20),
            time: "0800".into(),
            resent: resent.map(|(date, time)| (date, time.into())),
            groups: vec![group],
            ..SentRow::default()
        }
    }

    #[test]
    fn an_answer_is_overdue_after_the_partners_hours() {
        let both = profile(&["855", "810"], 24);
        for (profile, state, resent, at, overdue) in [
            (Some(&both), SentState::Sent, None, "2026-11-21T07:59", false),
            (Some(&both), SentState::Sent, None, "2026-11-21T08:00", true),
            (Some(&both), SentState::Sent, None, "2026-11-20", false),
            (Some(&both), SentState::Sent, None, "2026-11-21", true),
            (Some(&both), SentState::Accepted, None, "2026-11-30", false),
            (Some(&both), SentState::Rejected, None, "2026-11-30", false),
            (Some(&profile(&["855"], 24)), SentState::Sent, None, "2026-11-30", false),
            (None, SentState::Sent, None, "2026-11-30", false),
            // a resend begins the hours anew
            (Some(&both), SentState::Sent, Some((Date::constant(2026, 11, 29), "2200")), "2026-11-30", true),
            (Some(&both), SentState::Sent, Some((Date::constant(2026, 11, 30), "2200")), "2026-11-30", false),
        ] {
            let moment = parse(at).unwrap();
            assert_eq!(is_overdue(&row(state, resent), profile, moment), overdue, "{state:?} {at}");
        }
    }

    #[test]
    fn what_was_sent_at_no_time_was_sent_at_the_beginning_of_its_day() {
        let both = profile(&["810"], 24);
        let mut sent = row(SentState::Sent, None);
        for time in ["", "8", "x800", "9900", "é80"] {
            sent.time = time.into();
            assert_eq!(waits_for(&sent, Some(&both), parse("2026-11-20T05:30").unwrap()), Some(5), "{time}");
        }
    }

    #[test]
    fn a_moment_is_a_day_to_its_end_or_a_time_of_it() {
        assert_eq!(parse("2026-11-20").unwrap().to_string(), "2026-11-20T23:59:59.999999999");
        assert_eq!(parse("2026-11-20T08:00").unwrap().to_string(), "2026-11-20T08:00:00");
        for text in ["", "yesterday", "20.11.2026", "2026-11-31", "2026-11-20 08:00x", "20261120"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
