//! A purchase order that came before: the same again, or changed, and in what.

use crate::domain::Text;
use crate::domain::order::PurchaseOrder;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// A field that differs between the order that came first and the one that came now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Where: `po_date`, `lines[2].quantity`.
    pub field: String,
    /// As JSON; null where the first order has no such field.
    pub first: Value,
    pub now: Value,
}

/// At most so many differences are named; a different order would name them all.
const DIFFERENCES_MAX: usize = 50;

/// What differs in content: empty for an identical resend. The purpose code (00, 06 and 07 are taken together), the place
/// in the file and the way in which a quantity or a price is written (`2` and `2.0`) are no content.
pub fn differences(first: &PurchaseOrder, now: &PurchaseOrder) -> Vec<Difference> {
    let mut found = Vec::new();
    match (content(first), content(now)) {
        (Some(first), Some(now)) => compare("", &first, &now, &mut found),
        // what has no JSON form cannot be shown to be the same
        _ => found.push(Difference { field: "order".to_owned(), first: Value::Null, now: Value::Null }),
    }
    found
}

/// SHA-256 of what [`differences`] compares: two orders without a difference have the same. None: it has no JSON form.
pub fn fingerprint(order: &PurchaseOrder) -> Option<[u8; 32]> {
    let text = serde_json::to_vec(&content_of(order)).ok()?;
    Some(Sha256::digest(text).into())
}

fn content(order: &PurchaseOrder) -> Option<Value> {
    serde_json::to_value(content_of(order)).ok()
}

fn content_of(order: &PurchaseOrder) -> PurchaseOrder {
    let mut order = order.clone();
    order.purpose = "00".into();
    for line in &mut order.lines {
        (line.segment, line.offset) = (0, 0);
        if line.quantity.is_some() {
            line.quantity_text = Text::default();
        }
        line.quantity = line.quantity.map(|quantity| quantity.normalize());
        line.price = line.price.map(|price| price.normalize());
    }
    order
}

/// Descends no deeper than the types of a purchase order go.
fn compare(path: &str, first: &Value, now: &Value, found: &mut Vec<Difference>) {
    if found.len() >= DIFFERENCES_MAX || first == now {
        return;
    }
    match (first, now) {
        (Value::Object(a), Value::Object(b)) => {
            for (name, value) in a {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                compare(&path, value, b.get(name).unwrap_or(&Value::Null), found);
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            for index in 0..a.len().max(b.len()) {
                let (first, now) =
                    (a.get(index).unwrap_or(&Value::Null), b.get(index).unwrap_or(&Value::Null));
                compare(&format!("{path}[{}]", index + 1), first, now, found);
            }
        }
        _ => found.push(Difference { field: path.to_owned(), first: first.clone(), now: now.clone() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Decimal;
    use crate::domain::order::OrderLine;

    fn order(quantity: i64) -> PurchaseOrder {
        let line = OrderLine {
            line: 1,
            quantity: Some(Decimal::from(quantity)),
            segment: 9,
            ..OrderLine::default()
        };
        PurchaseOrder {
            purpose: "00".into(),
            po_number: "0047".into(),
            lines: vec![line],
            ..PurchaseOrder::default()
        }
    }

    #[test]
    fn the_purpose_and_the_place_in_the_file_are_no_content() {
        let mut again = order(5);
        again.purpose = "07".into();
        again.lines[0].segment = 12;
        again.lines[0].quantity = Some(Decimal::new(50, 1));
        again.lines[0].quantity_text = "5.0".into();
        assert_eq!(differences(&order(5), &again), []);
        assert_eq!(fingerprint(&order(5)), fingerprint(&again));
    }

    #[test]
    fn names_each_field_that_differs() {
        let mut now = order(6);
        now.lines.push(OrderLine::default());
        now.release = "2".into();
        let fields: Vec<String> = differences(&order(5), &now).into_iter().map(|d| d.field).collect();
        assert_eq!(fields, ["lines[1].quantity", "lines[2]", "release"]);
        assert_ne!(fingerprint(&order(5)), fingerprint(&now));
    }
}
