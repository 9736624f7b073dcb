//! The names of the data elements that a coordinator meets, by number.

/// By number.
const NAMES: &[(u32, &str)] = &[
    (19, "city"),
    (26, "country"),
    (28, "group control number"),
    (66, "id qualifier"),
    (67, "identification"),
    (76, "invoice number"),
    (81, "weight"),
    (87, "marks"),
    (88, "marks qualifier"),
    (91, "transport method"),
    (92, "purchase order type"),
    (93, "name"),
    (96, "number of included segments"),
    (97, "number of transaction sets"),
    (98, "entity code"),
    (100, "currency"),
    (103, "packaging code"),
    (116, "postal code"),
    (124, "account number"),
    (127, "reference"),
    (128, "reference qualifier"),
    (140, "carrier code"),
    (142, "sender code"),
    (143, "transaction set id"),
    (156, "state or province"),
    (166, "address"),
    (212, "unit price"),
    (234, "product number"),
    (235, "product number qualifier"),
    (236, "price code"),
    (248, "allowance or charge indicator"),
    (324, "purchase order number"),
    (327, "change order number"),
    (328, "release number"),
    (329, "transaction set control number"),
    (330, "quantity ordered"),
    (331, "delivery terms"),
    (333, "terms basis"),
    (336, "terms type"),
    (337, "time"),
    (338, "terms discount percent"),
    (347, "hash total"),
    (349, "description type"),
    (350, "line number"),
    (351, "terms discount days due"),
    (352, "description"),
    (353, "purpose"),
    (354, "number of line items"),
    (355, "unit of measure"),
    (358, "quantity invoiced"),
    (362, "terms discount amount"),
    (364, "contact number"),
    (365, "contact number qualifier"),
    (366, "contact function"),
    (367, "contract number"),
    (370, "terms discount due date"),
    (371, "change reason"),
    (373, "date"),
    (374, "date qualifier"),
    (380, "quantity"),
    (382, "units shipped"),
    (386, "terms net days"),
    (387, "routing"),
    (396, "shipment number"),
    (446, "terms net due date"),
    (479, "group id"),
    (522, "amount qualifier"),
    (559, "agency"),
    (587, "acknowledgment type"),
    (610, "amount"),
    (628, "hierarchy number"),
    (639, "price basis"),
    (640, "transaction type"),
    (648, "price multiplier qualifier"),
    (668, "line status"),
    (670, "change code"),
    (673, "quantity qualifier"),
    (715, "group acknowledgment"),
    (717, "set acknowledgment"),
    (719, "segment position"),
    (721, "segment id"),
    (734, "parent hierarchy number"),
    (735, "hierarchy level"),
    (782, "monetary amount"),
    (933, "text"),
    (1005, "hierarchical structure"),
    (1300, "allowance or charge code"),
];

/// What a data element is for: `unit price` for 212. None for 0 and for what has no name here.
pub(super) fn of(number: u32) -> Option<&'static str> {
    let found = NAMES.binary_search_by_key(&number, |(number, _)| *number).ok()?;
    NAMES.get(found).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x12::grammar::segments::segment_def;

    #[test]
    fn names_are_sorted_and_the_line_of_an_order_has_them() {
        assert!(NAMES.is_sorted_by(|a, b| a.0 < b.0));
        let line = segment_def("PO1").unwrap();
        let names: Vec<_> =
            line.elements.iter().take(7).map(|field| of(field.element.number.into())).collect();
        let expected = [
            "line number",
            "quantity",
            "unit of measure",
            "unit price",
            "price basis",
            "product number qualifier",
            "product number",
        ];
        assert_eq!(names, expected.map(Some));
        assert_eq!(of(0), None);
    }
}
