//! `--as-of`: a day or an instant, on both clocks.

use crate::domain::Date;
use crate::store::Micros;
use anyhow::{Context as _, Result};

/// What was known at an instant, for a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) struct AsOf {
    /// The last instant whose records count.
    pub(in crate::cli) recorded: Micros,
    /// The day for which a row must be valid.
    pub(in crate::cli) day: Date,
}

/// `2026-11-20`, which means the end of that day where the machine is, or an instant such as `2026-11-20T08:00:00Z`.
pub(in crate::cli) fn parse(text: &str) -> Result<AsOf, String> {
    let zone = jiff::tz::TimeZone::system;
    if let Ok(day) = text.parse::<Date>()
        && text.len() == 10
    {
        let end = day.tomorrow().and_then(|next| next.to_zoned(zone()));
        let end = end.map_err(|error| format!("{day} has no end: {error}"))?;
        return Ok(AsOf { recorded: end.timestamp().as_microsecond() - 1, day });
    }
    let instant: jiff::Timestamp = text.parse().map_err(|_| {
        "a day such as 2026-11-20, or an instant such as 2026-11-20T08:00:00Z, is expected".to_owned()
    })?;
    Ok(AsOf { recorded: instant.as_microsecond(), day: instant.to_zoned(zone()).date() })
}

/// Now.
pub(in crate::cli) fn now() -> (Micros, Date) {
    let now = jiff::Timestamp::now();
    (now.as_microsecond(), now.to_zoned(jiff::tz::TimeZone::system()).date())
}

/// The first instant of a day where the machine is.
pub(in crate::cli) fn start_of(day: Date) -> Micros {
    let zoned = day.to_zoned(jiff::tz::TimeZone::system());
    zoned.map_or(Micros::MIN, |zoned| zoned.timestamp().as_microsecond())
}

/// An instant as a person reads it, in the zone of the machine.
pub(in crate::cli) fn readable(instant: Micros) -> String {
    let zoned =
        jiff::Timestamp::from_microsecond(instant).unwrap_or_default().to_zoned(jiff::tz::TimeZone::system());
    zoned.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// Who works here, for signatures that say nothing else.
pub(in crate::cli) fn user() -> Result<String> {
    let names = ["USER", "LOGNAME", "USERNAME"].into_iter().filter_map(|name| std::env::var(name).ok());
    names
        .map(|name| name.trim().to_owned())
        .find(|name| !name.is_empty())
        .context("the system does not say who you are: sign with --by NAME")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_taken_to_its_end_and_an_instant_as_it_is() {
        let day = parse("2026-11-20").unwrap();
        assert_eq!(day.day, Date::constant(2026, 11, 20));
        let next = Date::constant(2026, 11, 21).to_zoned(jiff::tz::TimeZone::system()).unwrap();
        assert_eq!(day.recorded + 1, next.timestamp().as_microsecond());
        assert_eq!(parse("1970-01-01T00:00:01Z").unwrap().recorded, 1_000_000);
        for text in ["", "yesterday", "20.11.2026", "2026-11-31", "2026-11-20T08:00"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
