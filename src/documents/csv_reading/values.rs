//! What people write into cells: numbers with a decimal mark of their choice, dates, yes and no.

use crate::domain::money::parse_decimal;
use crate::domain::partner::DecimalMark;
use crate::domain::{Date, Decimal, Text};

/// `1,234.50` or, under a decimal comma, `1.234,50`. The mark between thousands may be left out, but where it stands it
/// must stand between groups of three. Blanks, currency signs, exponents and a plus are no numbers.
pub fn number(text: &str, mark: DecimalMark) -> Option<Decimal> {
    let (point, thousands) = match mark {
        DecimalMark::Point => ('.', ','),
        DecimalMark::Comma => (',', '.'),
    };
    let (minus, unsigned) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (whole, fraction) = match unsigned.split_once(point) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (unsigned, None),
    };
    let digits = ungroup(whole, thousands)?;
    if !is_digits(fraction.unwrap_or_default()) {
        return None;
    }
    match fraction {
        None => parse_decimal(&format!("{minus}{digits}")),
        Some(fraction) => parse_decimal(&format!("{minus}{digits}.{fraction}")),
    }
}

/// The digits of a whole number; None where the groups are not of three. A group that begins with 0 is none:
/// `0,125` under a decimal point is a number with the other mark.
fn ungroup(whole: &str, thousands: char) -> Option<String> {
    let mut groups = whole.split(thousands);
    let first = groups.next().unwrap_or_default();
    let rest: Vec<&str> = groups.collect();
    let grouped = rest.is_empty() || ((1..=3).contains(&first.len()) && !first.starts_with('0'));
    let sound = is_digits(first) && rest.iter().all(|group| group.len() == 3 && is_digits(group));
    (grouped && sound).then(|| whole.replace(thousands, ""))
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A date in the layout's format. Years before 1900 and after 2199 are two-digit years read by a four-digit format.
pub fn date(text: &str, format: &str) -> Option<Date> {
    Date::strptime(format, text).ok().filter(|date| (1900..2200).contains(&date.year()))
}

/// `2026-11-20`.
pub fn iso_date(text: &str) -> Option<Date> {
    (text.len() == 10).then(|| date(text, "%Y-%m-%d")).flatten()
}

/// The day of `2026-11-20`, `2026-11-20T14:03:00` or `2026-11-20 14:03:00`, with an offset or none, as it is written.
pub fn iso_day(text: &str) -> Option<Date> {
    if text.len() == 10 {
        return iso_date(text);
    }
    let pieces = jiff::fmt::temporal::Pieces::parse(text).ok()?;
    pieces.time()?;
    Some(pieces.date()).filter(|date| (1900..2200).contains(&date.year()))
}

/// `A1 | A2`: the texts between bars, without the blank ones.
pub fn list(text: &str) -> Vec<Text> {
    text.split('|').map(str::trim).filter(|part| !part.is_empty()).map(Text::from).collect()
}

/// A running number from 1.
pub fn line_number(text: &str) -> Option<u32> {
    if !is_digits(text) {
        return None;
    }
    text.parse().ok().filter(|line| *line >= 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::plain;

    #[test]
    fn numbers_are_read_by_the_decimal_mark_and_garbage_is_refused() {
        for (text, point, comma) in [
            ("12", Some("12"), Some("12")),
            ("1,234.50", Some("1234.5"), None),
            ("1.234,50", None, Some("1234.5")),
            ("1234.50", Some("1234.5"), None),
            ("1234,50", None, Some("1234.5")),
            ("1,234", Some("1234"), Some("1.234")),
            ("1.234", Some("1.234"), Some("1234")),
            ("0,125", None, Some("0.125")),
            ("0.125", Some("0.125"), None),
            ("12,34", None, Some("12.34")),
            ("1,23,456", None, None),
            ("1,234,567.8", Some("1234567.8"), None),
            ("1234,567.8", None, None),
            (".5", Some("0.5"), None),
            (",5", None, Some("0.5")),
            ("7.", Some("7"), None),
            ("-1,000", Some("-1000"), Some("-1")),
            ("007", Some("7"), Some("7")),
            ("", None, None),
            (".", None, None),
            ("-", None, None),
            ("+1", None, None),
            ("1 234", None, None),
            ("$5", None, None),
            ("5 €", None, None),
            ("1e3", None, None),
            ("12-", None, None),
            ("(5)", None, None),
            ("two", None, None),
            ("1.2.3", None, None),
            ("٣", None, None),
            ("99999999999999999999999999999999", None, None),
        ] {
            assert_eq!(number(text, DecimalMark::Point).map(plain).as_deref(), point, "{text:?} point");
            assert_eq!(number(text, DecimalMark::Comma).map(plain).as_deref(), comma, "{text:?} comma");
        }
    }

    #[test]
    fn dates_are_read_by_the_format_and_two_digit_years_are_not_the_first_century() {
        for (format, text, expected) in [
            ("%m/%d/%Y", "01/05/2026", Some("2026-01-05")),
            ("%m/%d/%Y", "1/5/2026", Some("2026-01-05")),
            ("%m/%d/%Y", "1/5/26", None),
            ("%m/%d/%y", "1/5/26", Some("2026-01-05")),
            ("%d.%m.%Y", "31.12.2026", Some("2026-12-31")),
            ("%d.%m.%Y", "12.31.2026", None),
            ("%Y-%m-%d", "2026-02-30", None),
            ("%Y-%m-%d", "2026-02-03 10:00", None),
            ("%Y%m%d", "20260203", Some("2026-02-03")),
            ("%", "x", None),
        ] {
            let found = date(text, format).map(|date| date.to_string());
            assert_eq!(found.as_deref(), expected, "{format} {text}");
        }
    }

    #[test]
    fn a_day_is_read_from_a_date_or_a_date_time_as_it_is_written() {
        for (text, expected) in [
            ("2026-11-20", Some("2026-11-20")),
            ("2026-11-20T14:03:00", Some("2026-11-20")),
            ("2026-11-20 14:03:00", Some("2026-11-20")),
            ("2026-11-20T14:03", Some("2026-11-20")),
            ("2026-11-20T23:59:00Z", Some("2026-11-20")),
            ("2026-11-20T23:59:00-08:00", Some("2026-11-20")),
            ("2026-11-20T25:00:00", None),
            ("2026-11-20x", None),
            ("11/20/2026", None),
            ("20261120", None),
            ("", None),
        ] {
            assert_eq!(iso_day(text).map(|date| date.to_string()).as_deref(), expected, "{text}");
        }
        assert_eq!(iso_date("2026-11-20T14:03:00"), None);
    }

    #[test]
    fn lists_and_line_numbers() {
        assert_eq!(list(" A1 | A2||").iter().map(Text::as_str).collect::<Vec<_>>(), ["A1", "A2"]);
        assert_eq!(list(""), Vec::<Text>::new());
        for (text, expected) in
            [("1", Some(1)), ("007", Some(7)), ("0", None), ("-1", None), ("+1", None), ("1.0", None)]
        {
            assert_eq!(line_number(text), expected, "{text}");
        }
    }
}
