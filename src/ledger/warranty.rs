//! When cover begins and ends, and when a customer item is due for service.

use crate::domain::Date;
use crate::domain::customer_item::{CustomerItemType, WarrantyStart};
use jiff::Span;

/// The dates that a document can offer; the ledger itself always knows the day on which it first saw the document.
#[derive(Debug, Clone, Copy)]
pub struct Dates {
    /// Of the invoice; None for a POS sale.
    pub invoice: Option<Date>,
    pub ship: Option<Date>,
    /// Of the order or the POS sale.
    pub purchase: Option<Date>,
    pub first_seen: Date,
}

/// First and last day of cover, both included; None where the type gives no warranty.
pub fn cover(kind: &CustomerItemType, dates: &Dates) -> Option<(Date, Date)> {
    if kind.warranty_months == 0 {
        return None;
    }
    let start = start(kind.warranty_starts, dates);
    Some((start, last_day(start, kind.warranty_months)))
}

/// The day on which the first service is due, counted from the day on which the customer began to own it.
pub fn service_due(kind: &CustomerItemType, owned_from: Date) -> Option<Date> {
    (kind.service_every_months > 0).then(|| plus_months(owned_from, kind.service_every_months))
}

/// The date that the type asks for, or the next one in the order of [`WarrantyStart`] that there is.
fn start(wanted: WarrantyStart, dates: &Dates) -> Date {
    let chain = [
        (WarrantyStart::Invoice, dates.invoice),
        (WarrantyStart::Ship, dates.ship),
        (WarrantyStart::Purchase, dates.purchase),
    ];
    chain
        .into_iter()
        .skip_while(|(step, _)| *step != wanted)
        .find_map(|(_, date)| date)
        .unwrap_or(dates.first_seen)
}

/// The last day of `months` full months that begin on `start`: the day before the same day of the month. Where that
/// month has no such day, its own last day is the last day of cover, so that no customer loses one: twelve months from
/// 29 February end on 28 February.
pub fn last_day(start: Date, months: u32) -> Date {
    let same_day = plus_months(start, months);
    if same_day.day() < start.day() { same_day } else { same_day.yesterday().unwrap_or(same_day) }
}

/// Months added with the day clamped to the month's end; the calendar's last day where it passes that.
fn plus_months(date: Date, months: u32) -> Date {
    let span = Span::new().try_months(months);
    span.and_then(|span| date.checked_add(span)).unwrap_or(Date::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn cover_is_full_months_and_its_last_day_is_included() {
        for (start, months, last) in [
            (date(2026, 11, 21), 24, date(2028, 11, 20)),
            (date(2026, 1, 1), 12, date(2026, 12, 31)),
            (date(2026, 3, 1), 12, date(2027, 2, 28)),
            (date(2027, 3, 1), 12, date(2028, 2, 29)),
            (date(2024, 2, 29), 12, date(2025, 2, 28)),
            (date(2024, 2, 29), 48, date(2028, 2, 28)),
            (date(2026, 1, 31), 1, date(2026, 2, 28)),
            (date(2026, 1, 30), 1, date(2026, 2, 28)),
            (date(2026, 1, 29), 1, date(2026, 2, 28)),
            (date(2026, 1, 28), 1, date(2026, 2, 27)),
            (date(2026, 5, 31), 1, date(2026, 6, 30)),
            (date(2026, 5, 31), 2, date(2026, 7, 30)),
            (date(2026, 1, 1), u32::MAX, date(9999, 12, 30)),
        ] {
            assert_eq!(last_day(start, months), last, "{start} + {months}");
        }
    }

    #[test]
    fn cover_begins_at_the_wanted_date_or_the_next_that_there_is() {
        let [i, s, p, f] = [4, 3, 2, 5].map(|day| date(2026, 11, day));
        let all = Dates { invoice: Some(i), ship: Some(s), purchase: Some(p), first_seen: f };
        let none = Dates { invoice: None, ship: None, purchase: None, first_seen: f };
        for (wanted, dates, expected) in [
            (WarrantyStart::Invoice, all, i),
            (WarrantyStart::Ship, all, s),
            (WarrantyStart::Purchase, all, p),
            (WarrantyStart::FirstSeen, all, f),
            (WarrantyStart::Invoice, Dates { invoice: None, ..all }, s),
            (WarrantyStart::Ship, Dates { ship: None, ..all }, p),
            (WarrantyStart::Ship, Dates { ship: None, purchase: None, ..all }, f),
            (WarrantyStart::Invoice, Dates { purchase: Some(p), ..none }, p),
            (WarrantyStart::Invoice, none, f),
        ] {
            assert_eq!(start(wanted, &dates), expected, "{wanted:?} {dates:?}");
        }
    }

    #[test]
    fn no_months_mean_no_warranty_and_no_service() {
        let f = date(2026, 1, 31);
        let dates = Dates { invoice: Some(f), ship: None, purchase: None, first_seen: f };
        let kind = |warranty_months, service_every_months| CustomerItemType {
            name: "tool".into(),
            warranty_months,
            warranty_starts: WarrantyStart::Invoice,
            service_every_months,
            ..CustomerItemType::default()
        };
        assert_eq!(cover(&kind(0, 0), &dates), None);
        assert_eq!(service_due(&kind(0, 0), f), None);
        assert_eq!(cover(&kind(1, 1), &dates), Some((f, date(2026, 2, 28))));
        assert_eq!(service_due(&kind(1, 1), f), Some(date(2026, 2, 28)));
    }
}
