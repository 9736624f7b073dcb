//! Weeks, months and spans of days as reports name them.

use crate::domain::{Date, Text};

/// The ISO 8601 week: `2026-W47`.
pub fn week(date: Date) -> Text {
    let week = date.iso_week_date();
    format!("{:04}-W{:02}", week.year(), week.week()).into()
}

/// `2026-11`.
pub fn month(date: Date) -> Text {
    format!("{:04}-{:02}", date.year(), date.month()).into()
}

/// So many days later, or earlier; the first or last day of the calendar where it would go past it.
pub fn days_after(date: Date, days: i32) -> Date {
    date.saturating_add(jiff::Span::new().days(days))
}

/// How many days lie between; 0 for the same day.
pub fn days_between(from: Date, to: Date) -> i32 {
    from.until(to).map_or(0, |span| span.get_days())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_week_belongs_to_the_year_of_its_thursday() {
        for (day, expected_week, expected_month) in [
            (date(2026, 11, 21), "2026-W47", "2026-11"),
            (date(2026, 1, 1), "2026-W01", "2026-01"),
            (date(2027, 1, 3), "2026-W53", "2027-01"),
            (date(2027, 1, 4), "2027-W01", "2027-01"),
            (date(2024, 12, 30), "2025-W01", "2024-12"),
        ] {
            assert_eq!((week(day).as_str(), month(day).as_str()), (expected_week, expected_month), "{day}");
        }
    }

    #[test]
    fn spans_of_days_pass_months_and_stop_at_the_end_of_time() {
        let day = date(2026, 3, 1);
        assert_eq!(days_after(day, -1), date(2026, 2, 28));
        assert_eq!(days_after(day, 31), date(2026, 4, 1));
        assert_eq!(days_after(Date::MIN, -1), Date::MIN);
        assert_eq!(days_between(date(2026, 2, 28), day), 1);
        assert_eq!(days_between(day, date(2026, 2, 28)), -1);
    }
}
