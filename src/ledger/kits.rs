//! What is in a kit: its components, through kits within kits, with the quantity of each in one kit.

use crate::domain::catalog::Catalog;
use crate::domain::{Decimal, Text};

/// Kits within kits within a kit.
pub const KIT_LEVELS_MAX: usize = 8;
/// Components of one kit over all levels.
pub const KIT_PARTS_MAX: usize = 500;

/// A component of a kit, at any depth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// From the kit's own component down to this one; never empty. No two parts of a kit have the same path.
    pub path: Vec<Text>,
    /// In one kit, in the component's own unit.
    pub quantity: Decimal,
}

impl Part {
    pub fn item(&self) -> &Text {
        // a path is built with its last element
        self.path.last().unwrap_or(const { &Text::const_new("") })
    }
}

/// All parts of `kit`, each kit's components by name, a nested kit before what is in it; empty for an item that is no kit.
/// The second list says, one sentence each, where the masters lead in a circle, too deep or too far; what stands outside
/// that is in the first list all the same.
pub fn explode(kit: &Text, catalog: &Catalog) -> (Vec<Part>, Vec<String>) {
    let mut parts: Vec<Part> = Vec::new();
    let mut wrong = Vec::new();
    let mut waiting = components(kit, &[], Decimal::ONE, catalog, &mut wrong);
    waiting.reverse();
    while let Some(part) = waiting.pop() {
        if parts.len() == KIT_PARTS_MAX {
            wrong.push(format!("kit {kit} has more than {KIT_PARTS_MAX} components"));
            break;
        }
        let item = part.item().clone();
        let circle = item == *kit || part.path.iter().filter(|step| **step == item).count() > 1;
        if circle {
            wrong.push(format!("kit {kit} leads to {item} within {item} ({})", part.path.join(" > ")));
            continue;
        }
        if part.path.len() == KIT_LEVELS_MAX && !catalog.kit(&item).is_empty() {
            wrong
                .push(format!("kit {kit} has more than {KIT_LEVELS_MAX} levels ({})", part.path.join(" > ")));
        } else {
            let mut inner = components(&item, &part.path, part.quantity, catalog, &mut wrong);
            inner.reverse();
            waiting.append(&mut inner);
        }
        parts.push(part);
    }
    (parts, wrong)
}

/// The direct components of a kit; rows that name the same one are summed.
fn components(
    kit: &Text,
    path: &[Text],
    times: Decimal,
    catalog: &Catalog,
    wrong: &mut Vec<String>,
) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    // the limit holds here too: a kit of a million rows is not built to be cut afterwards
    for row in catalog.kit(kit).iter().take(KIT_PARTS_MAX + 1) {
        let quantity = row.quantity.checked_mul(times).filter(|quantity| *quantity > Decimal::ZERO);
        let Some(quantity) = quantity else {
            wrong.push(format!("kit {kit} holds {} times {} of {}", times, row.quantity, row.component));
            continue;
        };
        match parts.last_mut() {
            Some(last) if *last.item() == row.component => {
                last.quantity = last.quantity.saturating_add(quantity);
            }
            _ => {
                let path = path.iter().chain([&row.component]).cloned().collect();
                parts.push(Part { path, quantity });
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::item::KitComponent;
    use crate::domain::money::{parse_decimal, plain};

    fn check(rows: &[(&str, &str, &str)], kit: &str, expected: &[&str], wrong: &[&str]) {
        let mut catalog = Catalog::default();
        for (kit, component, quantity) in rows {
            catalog.add_kit_component(KitComponent {
                kit: (*kit).into(),
                component: (*component).into(),
                quantity: parse_decimal(quantity).unwrap(),
            });
        }
        let (parts, found) = explode(&kit.into(), &catalog);
        let shown: Vec<String> =
            parts.iter().map(|part| format!("{} {}", part.path.join(">"), plain(part.quantity))).collect();
        assert_eq!(shown, expected);
        assert_eq!(found, wrong);
    }

    #[test]
    fn multiplies_through_kits_within_kits() {
        let rows =
            [("SET", "DRILL", "1"), ("SET", "PACK", "2"), ("PACK", "CELL", "5"), ("PACK", "CASE", "0.5")];
        check(&rows, "SET", &["DRILL 1", "PACK 2", "PACK>CASE 1", "PACK>CELL 10"], &[]);
        check(&rows, "DRILL", &[], &[]);
    }

    #[test]
    fn sums_rows_that_name_one_component() {
        check(&[("SET", "BIT", "1"), ("SET", "BIT", "2")], "SET", &["BIT 3"], &[]);
    }

    #[test]
    fn stops_at_a_circle_and_keeps_the_rest() {
        let rows = [("A", "B", "1"), ("B", "C", "1"), ("C", "B", "1"), ("C", "D", "1"), ("D", "A", "1")];
        let wrong = ["kit A leads to B within B (B > C > B)", "kit A leads to A within A (B > C > D > A)"];
        check(&rows, "A", &["B 1", "B>C 1", "B>C>D 1"], &wrong);
        check(&[("A", "A", "1")], "A", &[], &["kit A leads to A within A (A)"]);
    }

    #[test]
    fn refuses_a_quantity_that_is_not_above_zero() {
        let rows = [("A", "B", "0"), ("A", "C", "1"), ("A", "D", "-1")];
        check(&rows, "A", &["C 1"], &["kit A holds 1 times 0 of B", "kit A holds 1 times -1 of D"]);
    }

    #[test]
    fn is_bounded_in_levels_and_in_components() {
        let mut catalog = Catalog::default();
        let mut add = |kit: String, component: String| {
            catalog.add_kit_component(KitComponent {
                kit: kit.into(),
                component: component.into(),
                quantity: Decimal::ONE,
            });
        };
        for level in 0..KIT_LEVELS_MAX {
            add(format!("L{level}"), format!("L{}", level + 1));
        }
        for number in 0..KIT_PARTS_MAX {
            add("FULL".into(), format!("C{number}"));
            add("OVER".into(), format!("C{number}"));
        }
        add("OVER".into(), "D".into());
        // every level is two of the next: 2^30 parts if nothing stopped it
        for level in 0..30 {
            add(format!("W{level}"), format!("W{}", level + 1));
            add(format!("W{level}"), format!("V{}", level + 1));
            add(format!("V{level}"), format!("W{}", level + 1));
            add(format!("V{level}"), format!("V{}", level + 1));
        }
        for (kit, parts, wrong) in [
            ("L0", KIT_LEVELS_MAX, None),
            ("FULL", KIT_PARTS_MAX, None),
            ("OVER", KIT_PARTS_MAX, Some("kit OVER has more than 500 components")),
        ] {
            let found = explode(&kit.into(), &catalog);
            assert_eq!(found.0.len(), parts, "{kit}");
            assert_eq!(found.1.first().map(String::as_str), wrong, "{kit}");
        }
        let (parts, wrong) = explode(&"W0".into(), &catalog);
        assert!(parts.len() <= KIT_PARTS_MAX && wrong[0].contains("more than 8 levels"), "{wrong:?}");
    }
}
