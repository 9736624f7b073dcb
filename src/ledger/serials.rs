//! A line's quantity and serials to units: every unit has its entry, every serial stays.

use crate::domain::diagnostic::Rule;
use crate::domain::item::SerialTracking;
use crate::domain::money::{parse_decimal, plain};
use crate::domain::rules::business::{SERIAL_COUNT_DIFFERS, SERIAL_QUANTITY_DIFFERS};
use crate::domain::{Decimal, Text};
use std::collections::BTreeSet;

/// Units without a serial that get an entry each; what is above it, or a fraction, is one entry with its quantity.
pub const UNITS_MAX: u32 = 1_000;

/// One entry to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Empty: none was given for it.
    pub serial: Text,
    pub quantity: Decimal,
}

/// A rule that the serials break, and how.
pub type Finding = (&'static Rule, String);

/// The units of `quantity`, which is above 0: those with a serial first, in the order of the document. Blank serials
/// count as none.
pub fn units(tracking: SerialTracking, quantity: Decimal, serials: &[Text]) -> (Vec<Unit>, Option<Finding>) {
    let given: Vec<&str> = serials.iter().map(|serial| serial.trim()).filter(|s| !s.is_empty()).collect();
    match tracking {
        SerialTracking::Multi => with_quantities(quantity, &given),
        SerialTracking::Each => one_each(quantity, &given, true),
        // serials of an item that need not have any are kept as far as they go
        SerialTracking::None => one_each(quantity, &given, false),
    }
}

fn one_each(quantity: Decimal, serials: &[&str], all_needed: bool) -> (Vec<Unit>, Option<Finding>) {
    let mut units: Vec<Unit> =
        serials.iter().map(|serial| Unit { serial: Text::from(*serial), quantity: Decimal::ONE }).collect();
    let rest = quantity.saturating_sub(Decimal::from(serials.len()));
    units.extend(without_serial(rest));
    let mut seen = BTreeSet::new();
    let twice = serials.iter().find(|serial| !seen.insert(**serial));
    let finding = if rest < Decimal::ZERO || (all_needed && rest > Decimal::ZERO) {
        Some(format!("units {}, serials {}", plain(quantity), serials.len()))
    } else {
        twice.map(|serial| format!("serial {serial} is given twice"))
    };
    (units, finding.map(|detail| (&SERIAL_COUNT_DIFFERS, detail)))
}

/// Nothing for a rest that is not above 0.
fn without_serial(rest: Decimal) -> Vec<Unit> {
    let unit = |quantity| Unit { serial: Text::default(), quantity };
    let whole = u32::try_from(rest).ok().filter(|_| rest.fract().is_zero());
    match whole {
        _ if rest <= Decimal::ZERO => Vec::new(),
        Some(count) if count <= UNITS_MAX => (0..count).map(|_| unit(Decimal::ONE)).collect(),
        _ => vec![unit(rest.normalize())],
    }
}

fn with_quantities(quantity: Decimal, serials: &[&str]) -> (Vec<Unit>, Option<Finding>) {
    let mut units = Vec::new();
    let mut unreadable = None;
    let mut sum = Decimal::ZERO;
    for serial in serials {
        let unit = split_quantity(serial).unwrap_or_else(|| {
            unreadable.get_or_insert(*serial);
            Unit { serial: Text::from(*serial), quantity: Decimal::ONE }
        });
        sum = sum.saturating_add(unit.quantity);
        units.push(unit);
    }
    let rest = quantity.saturating_sub(sum);
    if rest > Decimal::ZERO {
        units.push(Unit { serial: Text::default(), quantity: rest.normalize() });
    }
    let finding = if let Some(serial) = unreadable {
        Some(format!("serial {serial:?} is not written SN*QTY and counts as 1"))
    } else if rest.is_zero() {
        None
    } else {
        Some(format!("the line has {}, its serials {}", plain(quantity), plain(sum)))
    };
    (units, finding.map(|detail| (&SERIAL_QUANTITY_DIFFERS, detail)))
}

/// `SN*QTY`; the last asterisk counts, because a serial may hold one.
fn split_quantity(text: &str) -> Option<Unit> {
    let (serial, quantity) = text.rsplit_once('*')?;
    let (serial, quantity) = (serial.trim(), parse_decimal(quantity.trim())?);
    let sound = !serial.is_empty() && quantity > Decimal::ZERO;
    sound.then(|| Unit { serial: Text::from(serial), quantity: quantity.normalize() })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A unit as `serial` or `serial:quantity`, `-` for none.
    fn check(tracking: SerialTracking, quantity: &str, serials: &str, expected: &str, finding: Option<&str>) {
        let given: Vec<Text> =
            if serials.is_empty() { Vec::new() } else { serials.split('|').map(Text::from).collect() };
        let (units, found) = units(tracking, parse_decimal(quantity).unwrap(), &given);
        let shown: Vec<String> = units
            .iter()
            .map(|unit| {
                let serial = if unit.serial.is_empty() { "-" } else { &unit.serial };
                if unit.quantity == Decimal::ONE {
                    serial.to_owned()
                } else {
                    format!("{serial}:{}", plain(unit.quantity))
                }
            })
            .collect();
        assert_eq!(shown.join(" "), expected, "{quantity} {serials}");
        assert_eq!(found.map(|(rule, detail)| format!("{} {detail}", rule.code)).as_deref(), finding);
    }

    #[test]
    fn one_serial_a_unit_and_nothing_is_lost_where_they_differ() {
        for (quantity, serials, expected, finding) in [
            ("3", "A|B|C", "A B C", None),
            ("2", "A| |B", "A B", None),
            ("3", "A", "A - -", Some("E444 units 3, serials 1")),
            ("2", "", "- -", Some("E444 units 2, serials 0")),
            ("1", "A|B", "A B", Some("E444 units 1, serials 2")),
            ("2", "A|A", "A A", Some("E444 serial A is given twice")),
            ("2.5", "A|B", "A B -:0.5", Some("E444 units 2.5, serials 2")),
            ("1002", "A", "A -:1001", Some("E444 units 1002, serials 1")),
        ] {
            check(SerialTracking::Each, quantity, serials, expected, finding);
        }
    }

    #[test]
    fn a_serial_with_a_quantity_is_one_entry_with_it() {
        for (quantity, serials, expected, finding) in [
            ("5", "LOT1*2|LOT2*3", "LOT1:2 LOT2:3", None),
            ("5", "LOT*1*5", "LOT*1:5", None),
            ("5", "LOT1*2", "LOT1:2 -:3", Some("E445 the line has 5, its serials 2")),
            ("5", "LOT1*7", "LOT1:7", Some("E445 the line has 5, its serials 7")),
            ("5", "", "-:5", Some("E445 the line has 5, its serials 0")),
            (
                "2",
                "LOT1|LOT2*1",
                "LOT1 LOT2",
                Some("E445 serial \"LOT1\" is not written SN*QTY and counts as 1"),
            ),
            ("1", "*3", "*3", Some("E445 serial \"*3\" is not written SN*QTY and counts as 1")),
            ("1", "A*-1", "A*-1", Some("E445 serial \"A*-1\" is not written SN*QTY and counts as 1")),
        ] {
            check(SerialTracking::Multi, quantity, serials, expected, finding);
        }
    }

    #[test]
    fn no_tracking_asks_for_no_serial_and_keeps_what_is_given() {
        for (quantity, serials, expected, finding) in [
            ("3", "", "- - -", None),
            ("3", "A", "A - -", None),
            ("1", "A|B", "A B", Some("E444 units 1, serials 2")),
            ("0.25", "", "-:0.25", None),
            ("1001", "", "-:1001", None),
            ("4294967297", "", "-:4294967297", None),
        ] {
            check(SerialTracking::None, quantity, serials, expected, finding);
        }
        let (all, _) = units(SerialTracking::None, Decimal::from(UNITS_MAX), &[]);
        assert_eq!(all.len(), UNITS_MAX as usize);
    }
}
