//! One line of an order with the values that a change gives it.

use super::kinds::{Action, Says, Way};
use crate::domain::Decimal;
use crate::domain::money::plain;
use crate::domain::order::OrderLine;
use crate::domain::partner::QuantityMeaning;

/// The line as a code of POC02 asks for it; `asked` is the POC, `code` its code. Fails, in words, where the two contradict one
/// another or the line.
pub(super) fn changed(
    line: &OrderLine,
    asked: &OrderLine,
    code: &str,
    action: Action,
    meaning: QuantityMeaning,
) -> Result<OrderLine, String> {
    let Action::Values { quantity, way, price, date, whole } = action else { return Ok(line.clone()) };
    if let Some(flaw) = asked.flaws.first() {
        return Err(flaw.to_string());
    }
    let mut now = line.clone();
    if whole {
        take_whole(&mut now, asked);
    } else {
        same_unit(line, asked)?;
    }
    now.split_from = asked.split_from.or(line.split_from);
    take_quantity(&mut now, asked, (quantity, way), meaning).map_err(|why| format!("{code}: {why}"))?;
    take_price(&mut now, asked, price).map_err(|why| format!("{code}: {why}"))?;
    match (date, asked.requested_date) {
        (Says::Must, None) => return Err(format!("{code} without a requested date (DTM 002)")),
        (Says::Same, Some(asked)) if Some(asked) != line.requested_date => {
            return Err(format!(
                "{code}: it says nothing of dates, and the requested date is another, {asked}"
            ));
        }
        (_, Some(asked)) => now.requested_date = Some(asked),
        (_, None) => {}
    }
    same_ship_to(line, asked)?;
    same_charges(line, asked)?;
    Ok(now)
}

/// A line that is taken back goes whole: a quantity beside DI is none, nothing, or all of it. One of a part asks for less, and
/// nobody may guess which of the two is meant.
pub(super) fn taken_back(lines: &[&OrderLine], asked: &OrderLine) -> Result<(), String> {
    for line in lines {
        same_unit(line, asked)?;
    }
    let Some(given) = asked.quantity.filter(|given| !given.is_zero()) else {
        return if asked.quantity.is_none() && !asked.quantity_text.is_empty() {
            Err(format!("the quantity {:?} cannot be read", asked.quantity_text))
        } else {
            Ok(())
        };
    };
    let ordered = lines
        .iter()
        .try_fold(Decimal::ZERO, |sum, line| sum.checked_add(line.quantity?))
        .ok_or("the line had no quantity that can be read")?;
    if given == ordered {
        return Ok(());
    }
    Err(format!("it takes back the whole line, {}, and names {}", plain(ordered), plain(given)))
}

/// Numbers, unit and description, where the change has them.
fn take_whole(now: &mut OrderLine, asked: &OrderLine) {
    if !asked.numbers.is_empty() {
        now.numbers.clone_from(&asked.numbers);
    }
    if !asked.unit.is_empty() {
        now.unit.clone_from(&asked.unit);
        now.unit_text.clone_from(&asked.unit_text);
    }
    if !asked.description.is_empty() {
        now.description.clone_from(&asked.description);
    }
    if !asked.pack.is_empty() {
        now.pack.clone_from(&asked.pack);
    }
}

fn same_unit(line: &OrderLine, asked: &OrderLine) -> Result<(), String> {
    if asked.unit.is_empty() || asked.unit == line.unit || asked.unit == line.unit_text {
        return Ok(());
    }
    Err(format!("the line is ordered in {}, the change counts in {}", line.unit, asked.unit))
}

fn same_ship_to(line: &OrderLine, asked: &OrderLine) -> Result<(), String> {
    if asked.ship_to.is_empty() || asked.ship_to == line.ship_to {
        return Ok(());
    }
    Err(format!("the line goes to {:?}, the change to {:?}", line.ship_to, asked.ship_to))
}

/// Allowances, charges and taxes are not in the table of codes that are applied.
fn same_charges(line: &OrderLine, asked: &OrderLine) -> Result<(), String> {
    let same = (asked.charges.is_empty() || asked.charges == line.charges)
        && (asked.taxes.is_empty() || asked.taxes == line.taxes);
    if same { Ok(()) } else { Err("the allowances, charges or taxes of the line are others".to_owned()) }
}

fn take_quantity(
    now: &mut OrderLine,
    asked: &OrderLine,
    (says, way): (Says, Way),
    meaning: QuantityMeaning,
) -> Result<(), String> {
    let Some(given) = asked.quantity else {
        return match says {
            _ if !asked.quantity_text.is_empty() => {
                Err(format!("the quantity {:?} cannot be read", asked.quantity_text))
            }
            Says::Must => Err("no quantity".to_owned()),
            _ => Ok(()),
        };
    };
    let before = now.quantity.ok_or("the line had no quantity that can be read")?;
    if says == Says::Same {
        return if given == before {
            Ok(())
        } else {
            Err(format!(
                "it says nothing of quantities, and the quantity is {}, not {}",
                plain(given),
                plain(before)
            ))
        };
    }
    let after = match (way, meaning) {
        (Way::Up, QuantityMeaning::Difference) => before.checked_add(given),
        (Way::Down, QuantityMeaning::Difference) => before.checked_sub(given),
        _ => Some(given),
    };
    let after = after.ok_or("the quantity is too large")?;
    let fits = match way {
        Way::Any => true,
        Way::Up => after > before,
        Way::Down => after < before,
    };
    if !fits {
        let wanted = if way == Way::Up { "more" } else { "less" };
        return Err(format!(
            "{wanted} is asked for, and the quantity goes from {} to {}",
            plain(before),
            plain(after)
        ));
    }
    if after <= Decimal::ZERO {
        return Err(format!("the quantity would be {}; DI takes a line back", plain(after)));
    }
    now.quantity = Some(after);
    now.quantity_text = plain(after).into();
    Ok(())
}

fn take_price(now: &mut OrderLine, asked: &OrderLine, says: Says) -> Result<(), String> {
    let Some(price) = asked.price else {
        return if says == Says::Must { Err("no price".to_owned()) } else { Ok(()) };
    };
    let basis = &asked.price_basis;
    let same = now.price == Some(price) && (basis.is_empty() || *basis == now.price_basis);
    if same {
        return Ok(());
    }
    if says == Says::Same {
        let before = now.price.map_or_else(|| "none".to_owned(), |before| priced(before, &now.price_basis));
        return Err(format!(
            "it says nothing of prices, and the price is {}, not {before}",
            priced(price, basis)
        ));
    }
    if basis.is_empty() && !now.price_basis.is_empty() {
        return Err(format!(
            "the price {} has no basis, that of the order has {}",
            plain(price),
            now.price_basis
        ));
    }
    now.price = Some(price);
    now.price_basis.clone_from(basis);
    Ok(())
}

fn priced(price: Decimal, basis: &str) -> String {
    format!("{} {basis}", plain(price)).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Date, Text};
    use crate::pipeline::change::kinds::action;

    fn line() -> OrderLine {
        OrderLine {
            quantity: Some(Decimal::from(10)),
            unit: "EA".into(),
            price: Some(Decimal::from(2)),
            requested_date: Some(Date::constant(2026, 12, 1)),
            ..OrderLine::default()
        }
    }

    fn asked(quantity: i64, price: i64, day: i8) -> OrderLine {
        OrderLine {
            quantity: (quantity != 0).then(|| Decimal::from(quantity)),
            price: (price > 0).then(|| Decimal::from(price)),
            requested_date: (day > 0).then(|| Date::constant(2026, 12, day)),
            unit: if quantity == 0 { Text::default() } else { "EA".into() },
            ..OrderLine::default()
        }
    }

    #[test]
    fn each_code_changes_what_it_speaks_of_and_nothing_else() {
        use QuantityMeaning::{Difference, New};
        for (code, meaning, asked, expected) in [
            ("QD", New, asked(6, 0, 0), "6 2 2026-12-01"),
            ("QD", New, asked(6, 2, 1), "6 2 2026-12-01"),
            ("QD", New, asked(12, 0, 0), "QD: less is asked for, and the quantity goes from 10 to 12"),
            ("QD", New, asked(6, 3, 0), "QD: it says nothing of prices, and the price is 3, not 2"),
            ("QD", Difference, asked(6, 0, 0), "4 2 2026-12-01"),
            ("QD", Difference, asked(10, 0, 0), "QD: the quantity would be 0; DI takes a line back"),
            ("QD", New, asked(0, 0, 0), "QD: no quantity"),
            ("QI", New, asked(12, 0, 0), "12 2 2026-12-01"),
            ("QI", Difference, asked(2, 0, 0), "12 2 2026-12-01"),
            ("QI", New, asked(10, 0, 0), "QI: more is asked for, and the quantity goes from 10 to 10"),
            (
                "QI",
                New,
                asked(12, 0, 5),
                "QI: it says nothing of dates, and the requested date is another, 2026-12-05",
            ),
            ("PC", New, asked(10, 3, 0), "10 3 2026-12-01"),
            ("PC", New, asked(0, 0, 0), "PC: no price"),
            ("PC", New, asked(9, 3, 0), "PC: it says nothing of quantities, and the quantity is 9, not 10"),
            ("CT", New, asked(10, 2, 5), "10 2 2026-12-05"),
            ("CT", New, asked(10, 2, 0), "CT without a requested date (DTM 002)"),
            ("PQ", New, asked(20, 3, 0), "20 3 2026-12-01"),
            ("NC", New, asked(10, 2, 1), "10 2 2026-12-01"),
            ("NC", New, asked(11, 2, 1), "NC: it says nothing of quantities, and the quantity is 11, not 10"),
            ("CA", New, asked(5, 0, 0), "5 2 2026-12-01"),
            ("RZ", New, asked(7, 4, 9), "7 4 2026-12-09"),
            ("CA", Difference, asked(5, 0, 0), "5 2 2026-12-01"),
            ("CA", New, asked(-5, 0, 0), "CA: the quantity would be -5; DI takes a line back"),
        ] {
            let said = changed(&line(), &asked, code, action(code).unwrap(), meaning).map_or_else(
                |why| why,
                |now| {
                    let (quantity, price) = (plain(now.quantity.unwrap()), plain(now.price.unwrap()));
                    format!("{quantity} {price} {}", now.requested_date.unwrap())
                },
            );
            assert_eq!(said, expected, "{code}");
        }
    }

    #[test]
    fn a_line_is_taken_back_whole_or_a_person_asks_what_is_meant() {
        let part = |quantity: i64, whole: i64| OrderLine {
            quantity: Some(Decimal::from(quantity)),
            split_from: (whole > 0).then(|| Decimal::from(whole)),
            ..line()
        };
        let unread = OrderLine { quantity_text: "ten".into(), ..asked(0, 0, 0) };
        let in_cases = OrderLine { unit: "CA".into(), ..asked(10, 0, 0) };
        for (lines, asked, expected) in [
            (vec![line()], asked(0, 0, 0), ""),
            (vec![line()], asked(10, 9, 0), ""),
            (vec![line()], OrderLine { quantity: Some(Decimal::ZERO), ..asked(1, 0, 0) }, ""),
            (vec![line()], asked(4, 0, 0), "it takes back the whole line, 10, and names 4"),
            (vec![line()], asked(12, 0, 0), "it takes back the whole line, 10, and names 12"),
            (vec![line()], unread, "the quantity \"ten\" cannot be read"),
            (vec![line()], in_cases, "the line is ordered in EA, the change counts in CA"),
            // ship-tos of one line: both, a part of them, one of them, a part of one
            (vec![part(4, 10), part(6, 10)], asked(10, 0, 0), ""),
            (vec![part(4, 10), part(6, 10)], asked(4, 0, 0), "it takes back the whole line, 10, and names 4"),
            (vec![part(4, 10)], part(4, 10), ""),
            (vec![part(4, 10)], part(4, 4), ""),
            (vec![part(4, 10)], part(3, 10), "it takes back the whole line, 4, and names 3"),
        ] {
            let lines: Vec<&OrderLine> = lines.iter().collect();
            let said = taken_back(&lines, &asked).err().unwrap_or_default();
            assert_eq!(said, expected, "{asked:?}");
        }
    }

    #[test]
    fn a_unit_a_basis_or_a_charge_that_is_another_is_never_passed_over() {
        let with = |change: fn(&mut OrderLine)| {
            let mut asked = asked(6, 0, 0);
            change(&mut asked);
            changed(&line(), &asked, "CA", action("CA").unwrap(), QuantityMeaning::New).unwrap_err()
        };
        assert_eq!(
            with(|line| line.unit = "CA".into()),
            "the line is ordered in EA, the change counts in CA"
        );
        assert_eq!(with(|line| line.ship_to = "S1".into()), "the line goes to \"\", the change to \"S1\"");
        assert_eq!(
            with(|line| line.charges.push(crate::domain::order::Charge::default())),
            "the allowances, charges or taxes of the line are others"
        );
        assert_eq!(with(|line| line.flaws.push("a flaw".into())), "a flaw");
        let mut by_hundred = line();
        by_hundred.price_basis = "HP".into();
        let why = changed(&by_hundred, &asked(0, 3, 0), "PC", action("PC").unwrap(), QuantityMeaning::New);
        assert_eq!(why.unwrap_err(), "PC: the price 3 has no basis, that of the order has HP");
    }

    #[test]
    fn a_replaced_line_may_have_other_numbers_and_another_unit() {
        let mut asked = asked(1, 0, 0);
        asked.unit = "CA".into();
        asked.numbers.push(crate::domain::order::ItemNumber { qualifier: "BP".into(), value: "B-9".into() });
        let now = changed(&line(), &asked, "RZ", action("RZ").unwrap(), QuantityMeaning::New).unwrap();
        assert_eq!((now.unit.as_str(), now.numbers.len()), ("CA", 1));
    }
}
