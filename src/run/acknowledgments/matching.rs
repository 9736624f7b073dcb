//! Which of the interchanges that we sent an acknowledgment speaks of.

use crate::domain::{Date, Text};
use crate::run::sent::address;
use crate::store::sent::{SentGroup, SentRow, SentTo};
use crate::x12::envelope::{Isa, Ta1};

/// Who sends an acknowledgment, to whom, under which usage.
#[derive(Debug, Clone)]
pub(super) struct Addressed<'a> {
    /// `qualifier/id` of ISA05 and ISA06, and of ISA07 and ISA08.
    pub(super) from: Text,
    pub(super) to: Text,
    /// The partner whose profile has these ids; empty: none has.
    pub(super) partner: &'a str,
    /// ISA15.
    pub(super) usage: &'a str,
    /// GS02; empty for a TA1.
    pub(super) application: &'a str,
}

impl<'a> Addressed<'a> {
    pub(super) fn of(header: &'a Isa, partner: &'a str, application: &'a str) -> Self {
        Self {
            from: address(&header.sender_qualifier, &header.sender),
            to: address(&header.receiver_qualifier, &header.receiver),
            partner,
            usage: &header.usage,
            application,
        }
    }

    /// To whom that must have gone of which it speaks.
    pub(super) fn to_whom(&self) -> SentTo<'_> {
        SentTo::Either { receiver: &self.from, partner: self.partner }
    }

    /// Whether what was sent went from the receiver of the acknowledgment to its sender: under the ids of the envelope, or
    /// to the partner whose profile knows the sender.
    fn reverses(&self, row: &SentRow) -> bool {
        row.sender == self.to && (row.receiver == self.from || row.partner == self.partner)
    }

    /// A test's answer says nothing of what was sent for production.
    fn may_speak_of(&self, row: &SentRow) -> bool {
        self.usage != "T" || row.usage == "T"
    }
}

/// What was found, or why nothing was: words that end a sentence.
pub(super) type Match<T> = Result<T, String>;

/// The group that AK101 and AK102 name, among the interchanges that have a group with this number, the newest first. The
/// place of the interchange, and of the group in it.
pub(super) fn find_group(
    sender: &Addressed<'_>,
    functional_id: &str,
    control: u32,
    rows: &[SentRow],
) -> Match<(usize, usize)> {
    let groups = rows.iter().enumerate().flat_map(|(row, sent)| {
        let with_number = sent.groups.iter().enumerate().filter(move |(_, group)| group.control == control);
        with_number.map(move |(group, found)| (row, group, sent, found))
    });
    let ours: Vec<(usize, usize, &SentRow, &SentGroup)> =
        groups.filter(|(_, _, sent, _)| sender.reverses(sent)).collect();
    let fits = |group: &SentGroup| functional_id.is_empty() || group.functional_id == functional_id;
    let mut fitting: Vec<_> =
        ours.iter().filter(|(_, _, sent, group)| fits(group) && sender.may_speak_of(sent)).collect();
    // two profiles of one partner count their groups apart: the application tells them from one another
    let named = |(_, _, _, group): &&&(usize, usize, &SentRow, &SentGroup)| {
        group.application_receiver == sender.application
    };
    if fitting.iter().any(|found| named(&found)) {
        fitting.retain(|found| named(&found));
    }
    if let [(_, _, first, _), rest @ ..] = fitting.as_slice()
        && let Some((_, _, other, _)) = rest.iter().find(|(_, _, other, _)| other.partner != first.partner)
    {
        return Err(format!("it may be {} or {}", first.path, other.path));
    }
    if let Some((row, group, ..)) = fitting.first() {
        return Ok((*row, *group));
    }
    Err(match ours.first() {
        Some((_, _, sent, group)) if fits(group) => {
            format!("{} went out for production, and the answer is a test's", sent.path)
        }
        Some((_, _, sent, group)) => {
            format!("the group with that number, in {}, is {}", sent.path, group.functional_id)
        }
        None => format!("nothing with that number went from {} to {}", sender.to, sender.from),
    })
}

/// The interchange that TA101 to TA103 name, among those with this ISA13, the newest first. The date must be the one on what
/// was sent; of several that have it the time decides, else the newest counts.
pub(super) fn find_interchange(sender: &Addressed<'_>, ta1: &Ta1, rows: &[SentRow]) -> Match<usize> {
    let ours: Vec<(usize, &SentRow)> =
        rows.iter().enumerate().filter(|(_, row)| sender.reverses(row)).collect();
    let on_day: Vec<&(usize, &SentRow)> =
        ours.iter().filter(|(_, row)| says_day(&ta1.date, row.date) && sender.may_speak_of(row)).collect();
    let at_time = on_day.iter().find(|(_, row)| row.time == ta1.time);
    if let Some((row, _)) = at_time.or_else(|| on_day.first()) {
        return Ok(*row);
    }
    Err(match ours.first() {
        Some((_, row)) if says_day(&ta1.date, row.date) => {
            format!("{} went out for production, and the answer is a test's", row.path)
        }
        Some((_, row)) => format!("{} with that number was sent on {}", row.path, row.date),
        None => format!("nothing with that number went from {} to {}", sender.to, sender.from),
    })
}

/// Whether TA102 is this day: YYMMDD, or CCYYMMDD of a partner that writes it so. An empty one says nothing against it.
fn says_day(text: &str, date: Date) -> bool {
    text.is_empty()
        || text == date.strftime("%y%m%d").to_string()
        || text == date.strftime("%Y%m%d").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(partner: &str, receiver: &str, groups: &[(u32, &str, &str)]) -> SentRow {
        let group = |(control, functional_id, application): &(u32, &str, &str)| SentGroup {
            functional_id: (*functional_id).into(),
            control: *control,
            application_receiver: (*application).into(),
            ..SentGroup::default()
        };
        SentRow {
            partner: partner.into(),
            sender: "ZZ/US".into(),
            receiver: receiver.into(),
            usage: "P".into(),
            date: Date::constant(2026, 11, 20),
            time: "0800".into(),
            path: format!("{partner}.edi").into(),
            groups: groups.iter().map(group).collect(),
            ..SentRow::default()
        }
    }

    fn from<'a>(partner: &'a str, application: &'a str) -> Addressed<'a> {
        Addressed { from: "01/THEM".into(), to: "ZZ/US".into(), partner, usage: "P", application }
    }

    #[test]
    fn a_group_is_found_by_its_number_between_the_same_two() {
        let rows = [
            sent("new", "01/THEM", &[(7, "IN", "A"), (8, "PR", "A")]),
            sent("old", "01/OTHER", &[(7, "IN", "A")]),
        ];
        for (partner, kind, control, expected) in [
            ("new", "IN", 7, Ok((0, 0))),
            ("new", "PR", 8, Ok((0, 1))),
            ("", "", 8, Ok((0, 1))),
            ("new", "PR", 7, Err("the group with that number, in new.edi, is IN")),
            ("new", "IN", 9, Err("nothing with that number went from ZZ/US to 01/THEM")),
        ] {
            let found = find_group(&from(partner, "A"), kind, control, &rows);
            assert_eq!(found, expected.map_err(str::to_owned), "{partner} {kind} {control}");
        }
        // the partner's profile knows the sender, whose ids changed since
        assert_eq!(find_group(&from("old", "A"), "IN", 7, &rows[1..]), Ok((0, 0)));
        let foreign = Addressed { to: "ZZ/SOMEBODY".into(), ..from("new", "A") };
        assert!(find_group(&foreign, "IN", 7, &rows).is_err());
    }

    #[test]
    fn two_profiles_of_one_sender_are_told_apart_by_the_application() {
        let rows = [sent("b", "01/THEM", &[(7, "IN", "B")]), sent("a", "01/THEM", &[(7, "IN", "A")])];
        assert_eq!(find_group(&from("", "A"), "IN", 7, &rows), Ok((1, 0)));
        assert_eq!(find_group(&from("", "B"), "IN", 7, &rows), Ok((0, 0)));
        let doubt = find_group(&from("", "C"), "IN", 7, &rows);
        assert_eq!(doubt, Err("it may be b.edi or a.edi".to_owned()));
    }

    #[test]
    fn the_newest_of_the_same_partner_counts() {
        let rows = [sent("a", "01/THEM", &[(7, "IN", "A")]), sent("a", "01/THEM", &[(7, "IN", "A")])];
        assert_eq!(find_group(&from("a", "A"), "IN", 7, &rows), Ok((0, 0)));
    }

    #[test]
    fn a_test_says_nothing_of_production_and_production_speaks_of_a_test() {
        let mut rows = [sent("a", "01/THEM", &[(7, "IN", "A")])];
        let test = Addressed { usage: "T", ..from("a", "A") };
        let refused = Err("a.edi went out for production, and the answer is a test's".to_owned());
        assert_eq!(find_group(&test, "IN", 7, &rows), refused);
        rows[0].usage = "T".into();
        assert_eq!(find_group(&test, "IN", 7, &rows), Ok((0, 0)));
        assert_eq!(find_group(&from("a", "A"), "IN", 7, &rows), Ok((0, 0)));
    }

    #[test]
    fn an_interchange_is_found_by_its_day_and_among_several_by_its_time() {
        let mut rows = [sent("a", "01/THEM", &[]), sent("a", "01/THEM", &[])];
        rows[1].time = "0930".into();
        let ta1 = |date: &str, time: &str| Ta1 { date: date.into(), time: time.into(), ..Ta1::default() };
        for (date, time, expected) in [
            ("261120", "0800", Ok(0)),
            ("261120", "0930", Ok(1)),
            ("20261120", "0930", Ok(1)),
            ("261120", "2359", Ok(0)),
            ("", "", Ok(0)),
            ("261121", "0800", Err("a.edi with that number was sent on 2026-11-20")),
        ] {
            let found = find_interchange(&from("a", ""), &ta1(date, time), &rows);
            assert_eq!(found, expected.map_err(str::to_owned), "{date} {time}");
        }
        assert!(find_interchange(&from("a", ""), &ta1("261120", "0800"), &[]).is_err());
        let test = Addressed { usage: "T", ..from("a", "") };
        assert!(find_interchange(&test, &ta1("261120", "0800"), &rows).is_err());
    }
}
