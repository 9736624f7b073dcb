//! What is billed, in whose unit, under which numbers, and what holds an invoice.

// Over 500 lines: one table of cases over one order; splitting it would repeat the order.

mod extremes;
mod preflight;

use super::*;
use crate::domain::item::{Customer, Item};
use crate::domain::order::{OrderLine, Party, PurchaseOrder};
use crate::domain::partner::{
    Action, InvoiceSettings, InvoiceSource, OrderSettings, PartnerIdentity, TermsSettings, Usage, X12Settings,
};
use crate::domain::resolution::{DecidedLine, LineOutcome, Resolution};
use crate::domain::unit::Fraction;
use proptest::prelude::*;

fn decimal(text: &str) -> Decimal {
    Decimal::from_str_exact(text).unwrap()
}

fn number(qualifier: &str, value: &str) -> ItemNumber {
    ItemNumber { qualifier: qualifier.into(), value: value.into() }
}

fn company() -> Company {
    Company {
        name: "Northwind Fasteners".into(),
        interchange_qualifier: "ZZ".into(),
        interchange_id: "NORTHWIND".into(),
        application_id: "NORTHWIND".into(),
        currency: "USD".into(),
        usage: Usage::Production,
        remit_to: vec!["1 Bolt Street".into()],
    }
}

fn profile() -> PartnerProfile {
    let partner =
        PartnerIdentity { id: "acme".into(), customer: "ACME".into(), ..PartnerIdentity::default() };
    PartnerProfile {
        partner,
        x12: X12Settings::default(),
        orders: OrderSettings {
            unit_aliases: [("CA".into(), "CS".into())].into_iter().collect(),
            ..OrderSettings::default()
        },
        invoices: InvoiceSettings::default(),
    }
}

fn catalog() -> Catalog {
    let mut catalog = Catalog::new(Vec::new());
    for (item, unit, gtin) in
        [("10-4410", "EA", "036000291452"), ("10-4411", "EA", "036000291458"), ("10-9000", "CA", "")]
    {
        let description = format!("Bolt {item}").into();
        catalog.add_item(Item {
            item: item.into(),
            description,
            unit: unit.into(),
            gtin: gtin.into(),
            ..Item::default()
        });
    }
    catalog.add_customer(Customer {
        customer: "ACME".into(),
        name: "Acme Stores".into(),
        ..Customer::default()
    });
    catalog
}

/// The cross-reference of these tests: 10-4411 is C-11 to ACME, and its row names no qualifier.
fn cross_reference(customer: &str, _ship_to: &str, item: &str) -> Option<CustomerItemNumber> {
    (customer == "ACME" && item == "10-4411")
        .then(|| CustomerItemNumber { number: number("", "C-11"), xref_id: 9 })
}

/// Line 1: 6 CA of 12 at 3.10. Line 2: 300 EA at 1.999 a hundred, by our own number. Line 3: 24 EA of an item kept in
/// cases of 12, at 0.25.
fn order() -> BilledOrder {
    let line = |line: u32, quantity: &str, unit: &str, price: &str, basis: &str, numbers| OrderLine {
        line,
        po_line_id: format!("0{line}").into(),
        quantity: Some(decimal(quantity)),
        unit: unit.into(),
        unit_text: unit.into(),
        price: Some(decimal(price)),
        price_basis: basis.into(),
        numbers,
        ship_to: "0042".into(),
        ..OrderLine::default()
    };
    let mapped = |item: &str, unit: &str, factor: &str, quantity: &str, price: &str, matched| DecidedLine {
        state: LineState::Ordered,
        resolution: Resolution {
            outcome: LineOutcome::Mapped,
            item: item.into(),
            unit: unit.into(),
            factor: Fraction::parse(factor),
            quantity: Some(decimal(quantity)),
            matched,
            ..Resolution::default()
        },
        unit_price: Some(decimal(price)),
    };
    let lines = vec![
        line(1, "6", "CA", "3.10", "PE", vec![number("UP", "036000291452"), number("BP", "B-200")]),
        line(2, "300", "EA", "1.999", "HP", vec![number("VP", "10-4411")]),
        line(3, "24", "EA", "0.25", "", vec![number("IN", "900")]),
    ];
    let purchase_order = PurchaseOrder {
        po_number: "4711".into(),
        po_date: Some(Date::constant(2026, 3, 1)),
        parties: vec![Party { role: "BY".into(), name: "Acme".into(), ..Party::default() }],
        lines,
        ..PurchaseOrder::default()
    };
    let order = DecidedOrder {
        partner: "acme".into(),
        customer: "ACME".into(),
        order: purchase_order,
        lines: vec![
            mapped("10-4410", "EA", "12", "72", "3.10", number("BP", "B-200")),
            mapped("10-4411", "EA", "1", "300", "0.01999", number("VP", "10-4411")),
            mapped("10-9000", "CA", "1/12", "2", "0.25", number("IN", "900")),
        ],
        currency: "CAD".into(),
        as_of: None,
    };
    BilledOrder { order_id: "O-1".into(), order, billed: BTreeMap::new() }
}

/// The order, with so many of line 1 billed and credited before.
fn after(mut order: BilledOrder, debit: &str, credit: &str) -> BilledOrder {
    order.billed.insert(1, Billed { debit: decimal(debit), credit: decimal(credit) });
    order
}

fn posted_line(line: u32, item: &str, quantity: &str, unit: &str, price: &str) -> PostedInvoiceLine {
    PostedInvoiceLine {
        po_number: "4711".into(),
        line: (line > 0).then_some(line),
        item: item.into(),
        quantity: decimal(quantity),
        unit: unit.into(),
        unit_price: decimal(price),
        row: 1,
        ..PostedInvoiceLine::default()
    }
}

fn posted(lines: Vec<PostedInvoiceLine>) -> PostedInvoice {
    PostedInvoice {
        invoice_number: "I-1".into(),
        invoice_date: Some(Date::constant(2026, 3, 9)),
        customer: "ACME".into(),
        lines,
        ..PostedInvoice::default()
    }
}

fn bill(posted: &PostedInvoice, orders: &[BilledOrder]) -> (BillResult, Vec<&'static str>) {
    bill_under(&profile(), posted, orders)
}

fn context<'a>(company: &'a Company, profile: &'a PartnerProfile, catalog: &'a Catalog) -> BillContext<'a> {
    BillContext {
        company,
        profile,
        catalog,
        customer_item: &cross_reference,
        today: Date::constant(2026, 3, 9),
        released: false,
    }
}

fn bill_under(
    profile: &PartnerProfile,
    posted: &PostedInvoice,
    orders: &[BilledOrder],
) -> (BillResult, Vec<&'static str>) {
    let (company, catalog) = (company(), catalog());
    let context = context(&company, profile, &catalog);
    let (result, diagnostics) = bill_posted(posted, orders, &context);
    (result, diagnostics.iter().map(|found| found.rule.code).collect())
}

fn numbers(line: &InvoiceLine) -> String {
    let pairs: Vec<String> = line.numbers.iter().map(|n| format!("{} {}", n.qualifier, n.value)).collect();
    pairs.join(", ")
}

#[test]
fn a_posted_line_is_billed_in_the_orders_unit_price_basis_and_number() {
    for (line, expected, its_numbers, in_items_unit) in [
        (
            posted_line(1, "10-4410", "6", "CA", "3.10"),
            "01 6 CA 3.1 PE = 18.60",
            "BP B-200, VP 10-4410, UP 036000291452",
            "72 EA",
        ),
        (
            posted_line(1, "10-4410", "72", "EA", "0.2583333"),
            "01 6 CA 3.1 PE = 18.60",
            "BP B-200, VP 10-4410, UP 036000291452",
            "72 EA",
        ),
        (
            posted_line(1, "10-4410", "36", "EA", "0.5"),
            "01 3 CA 6 PE = 18.00",
            "BP B-200, VP 10-4410, UP 036000291452",
            "36 EA",
        ),
        (
            posted_line(2, "10-4411", "250", "EA", "0.01999"),
            "02 250 EA 1.999 HP = 5.00",
            "VP 10-4411, IN C-11, VN 10-4411",
            "250 EA",
        ),
        (
            posted_line(2, "10-4411", "250", "EA", "0.02"),
            "02 250 EA 1.999 HP = 5.00",
            "VP 10-4411, IN C-11, VN 10-4411",
            "250 EA",
        ),
        (posted_line(3, "10-9000", "2", "CA", "3"), "03 24 EA 0.25  = 6.00", "IN 900, VP 10-9000", "2 CA"),
        (
            posted_line(3, "10-9000", "24", "EA", "0.25"),
            "03 24 EA 0.25  = 6.00",
            "IN 900, VP 10-9000",
            "2 CA",
        ),
        // 3.10 for twelve has no end: to the millionth, and the amount is the posted one
        (
            posted_line(3, "10-9000", "2", "CA", "3.10"),
            "03 24 EA 0.258333  = 6.20",
            "IN 900, VP 10-9000",
            "2 CA",
        ),
    ] {
        let (result, _) = bill(&posted(vec![line]), &[order()]);
        assert!(result.verdict == Verdict::Send, "{expected}");
        assert_eq!(result.invoice.proof(), None);
        let line = &result.invoice.lines[0];
        let InvoiceLine { po_line_id, quantity, unit, price, price_basis, amount, .. } = line;
        assert_eq!(format!("{po_line_id} {quantity} {unit} {price} {price_basis} = {amount:.2}"), expected);
        assert_eq!(numbers(line), its_numbers, "{expected}");
        assert_eq!(format!("{} {}", line.item_quantity, line.item_unit), in_items_unit, "{expected}");
    }
}

#[test]
fn a_line_is_found_by_our_number_by_po101_or_by_its_item() {
    let by = |line: Option<u32>, po_line_id: &str, item: &str| PostedInvoiceLine {
        line,
        po_line_id: po_line_id.into(),
        ..posted_line(0, item, "1", "EA", "1")
    };
    let mut twice = order();
    twice.order.order.lines[1].po_line_id = "01".into();
    twice.order.lines[2].resolution.item = "10-4411".into();
    for (line, expected) in [
        (by(Some(2), "01", "10-4411"), Some(2)),
        (by(Some(7), "01", "10-4410"), None),
        (by(None, "01", "10-4411"), Some(2)),
        (by(None, "01", "10-9000"), None),
        (by(None, "03", "10-4411"), Some(3)),
        (by(None, "", "10-4410"), Some(1)),
        (by(None, "", "10-4411"), None),
        (by(None, "09", "10-4410"), None),
    ] {
        let mut diagnostics = Vec::new();
        let orders = [twice.clone()];
        let found = line::find(&posted(vec![]), &line, &orders, &mut diagnostics);
        assert_eq!(found.line.map(|(line, _)| line.line), expected, "{line:?}");
        assert_eq!(diagnostics.iter().any(|told| told.rule.code == "E423"), expected.is_none(), "{line:?}");
    }
}

#[test]
fn an_order_is_found_by_its_id_else_by_customer_and_po_number() {
    let release = |id: &str, items: [&str; 3]| {
        let mut order = order();
        order.order_id = id.into();
        for (line, item) in order.order.lines.iter_mut().zip(items) {
            line.resolution.item = item.into();
        }
        order
    };
    let orders = [release("O-1", ["A", "B", "C"]), release("O-2", ["A", "D", "E"])];
    for (order_id, item, customer, expected) in [
        ("O-2", "A", "ACME", Some("O-2")),
        ("", "E", "ACME", Some("O-2")),
        ("ERP-5", "B", "ACME", Some("O-1")),
        ("", "A", "ACME", None),
        ("O-2", "A", "OTHER", None),
    ] {
        let line = PostedInvoiceLine { order_id: order_id.into(), ..posted_line(0, item, "1", "EA", "1") };
        let invoice = PostedInvoice { customer: customer.into(), ..posted(vec![]) };
        let found = line::find(&invoice, &line, &orders, &mut Vec::new());
        let id = found.line.and(found.order).map(|order| order.order_id.as_str());
        assert_eq!(id, expected, "{order_id} {item} {customer}");
    }
}

#[test]
fn what_cannot_be_billed_holds_the_invoice_and_what_is_odd_is_told() {
    let other_po =
        PostedInvoiceLine { po_number: "4712".into(), ..posted_line(1, "10-4410", "1", "EA", "1") };
    for (lines, expected, held) in [
        (vec![posted_line(1, "10-4410", "6", "PL", "1")], vec!["E425"], true),
        (vec![posted_line(1, "10-4410", "6", "", "1")], vec!["E425"], true),
        (vec![posted_line(3, "10-9000", "0.0000007", "CA", "3")], vec!["E429"], true),
        (vec![posted_line(1, "10-4410", "7", "EA", "0.10")], vec!["E425"], true),
        // 0.01 a case of 12 is 0.000833 a piece to the millionth, and 10000.00 would become 9996.00
        (vec![posted_line(3, "10-9000", "1000000", "CA", "0.01")], vec!["E425"], true),
        (vec![posted_line(1, "10-4410", "7", "CA", "3.10")], vec!["E426"], true),
        (
            vec![posted_line(1, "10-4410", "4", "CA", "3.10"), posted_line(1, "10-4410", "3", "CA", "3.10")],
            vec!["E426"],
            true,
        ),
        (vec![posted_line(1, "10-4410", "6", "CA", "3.20")], vec!["E480"], false),
        (vec![posted_line(1, "10-4410", "6", "CA", "3.00")], vec!["E481"], false),
        (vec![posted_line(1, "10-4411", "6", "CA", "3.10")], vec!["E427"], false),
        (vec![posted_line(1, "NOBODY'S", "6", "CA", "3.10")], vec!["E424"], true),
        (vec![posted_line(8, "10-4410", "6", "CA", "3.10")], vec!["E423"], true),
        (vec![posted_line(1, "10-4410", "0", "CA", "3.10")], vec!["E429"], true),
        (vec![posted_line(1, "10-4410", "-1", "CA", "3.10")], vec!["E429"], true),
        (vec![posted_line(1, "10-4410", "1", "CA", "-3.10")], vec!["E429"], true),
        (vec![posted_line(1, "10-4410", "6", "CA", "3.10"), other_po], vec!["E422", "E428", "E429"], true),
        (vec![posted_line(1, "10-4410", "6", "CA", "79228162514264337593543950335")], vec!["E429"], true),
    ] {
        let (result, codes) = bill(&posted(lines.clone()), &[order()]);
        assert_eq!((codes, (result.verdict != Verdict::Send)), (expected, held), "{lines:?}");
    }
}

#[test]
fn without_an_order_the_customer_item_comes_from_the_cross_reference() {
    let (result, codes) = bill(
        &posted(vec![posted_line(1, "10-4411", "5", "EA", "2"), posted_line(2, "10-4410", "5", "EA", "2")]),
        &[],
    );
    assert_eq!((codes, (result.verdict != Verdict::Send)), (vec!["E422", "E428"], false));
    let invoice = &result.invoice;
    assert_eq!(numbers(&invoice.lines[0]), "IN C-11, VP 10-4411");
    assert_eq!(invoice.lines[0].xref_id, Some(9));
    assert_eq!(numbers(&invoice.lines[1]), "VP 10-4410, UP 036000291452");
    assert_eq!((&*invoice.po_number, &*invoice.currency, invoice.total), ("4711", "USD", decimal("20.00")));
    let buyer = invoice.parties.iter().find(|party| party.role == "BY").unwrap();
    assert_eq!((&*buyer.name, &*buyer.code_qualifier, &*buyer.code), ("Acme Stores", "91", "ACME"));
    let (result, codes) = bill(&posted(vec![posted_line(1, "10-4411", "5", "CA", "2")]), &[]);
    assert_eq!((codes, (result.verdict != Verdict::Send)), (vec!["E422", "E425"], true));
}

#[test]
fn a_name_that_is_the_orders_unit_and_the_items_is_told_apart_by_the_price() {
    let mut order = order();
    order.order.order.lines[0].unit = "EA".into();
    order.order.order.lines[0].unit_text = "EA".into();
    for (quantity, price, expected) in
        [("72", "0.2583333333", None), ("6", "3.10", Some("6")), ("6", "1", None), ("60", "0.31", Some("5"))]
    {
        if price == "0.31" {
            order.order.lines[0].unit_price = Some(decimal("3.72"));
            order.order.order.lines[0].price = Some(decimal("3.72"));
        }
        let (result, codes) =
            bill(&posted(vec![posted_line(1, "10-4410", quantity, "EA", price)]), &[order.clone()]);
        let billed = result.invoice.lines.first().map(|line| line.quantity.to_string());
        assert_eq!(billed.as_deref(), expected, "{quantity} at {price}: {codes:?}");
    }
}

#[test]
fn tax_freight_and_allowance_stand_at_the_header_and_total() {
    let mut invoice = posted(vec![posted_line(1, "10-4410", "6", "CA", "3.10")]);
    (invoice.tax, invoice.freight, invoice.allowance) = (decimal("1.49"), decimal("12.50"), decimal("0.60"));
    let (result, _) = bill(&invoice, &[order()]);
    let charges: Vec<String> = result
        .invoice
        .charges
        .iter()
        .map(|c| format!("{} {} {} {}", c.indicator, c.code, c.amount.unwrap(), c.handling))
        .collect();
    assert_eq!(charges, ["A C310 0.60 02", "C D240 12.50 06"]);
    assert_eq!((result.invoice.tax, result.invoice.total), (Some(decimal("1.49")), decimal("31.99")));
    assert_eq!((&*result.order_id, &*result.invoice.currency), ("O-1", "CAD"));
    for spoiled in [decimal("0.005"), Decimal::MAX] {
        invoice.freight = spoiled;
        let (result, codes) = bill(&invoice, &[order()]);
        assert_eq!((codes, (result.verdict != Verdict::Send)), (vec!["E429"], true), "{spoiled}");
    }
}

#[test]
fn a_credit_is_positive_whatever_sign_the_erp_gives_it_and_has_no_terms() {
    let mut credit = posted(vec![posted_line(1, "10-4410", "-1", "CA", "3.10")]);
    credit.kind = InvoiceType::Credit;
    credit.tax = decimal("-0.25");
    let (result, codes) = bill(&credit, &[after(order(), "6", "0")]);
    assert_eq!((codes, (result.verdict != Verdict::Send)), (vec![], false));
    assert_eq!((result.invoice.lines[0].quantity, result.invoice.total), (Decimal::ONE, decimal("3.35")));
    let mut mixed = credit.clone();
    mixed.lines.push(posted_line(1, "10-4410", "1", "CA", "3.10"));
    assert_eq!(bill(&mixed, &[order()]).1, ["E429"]);
    // a tax of the other sign than the goods is no tax of theirs
    credit.tax = decimal("0.25");
    assert_eq!(bill(&credit, &[order()]).1, ["E429"]);
}

#[test]
fn a_total_below_zero_and_a_line_that_was_billed_as_ordered_hold_the_invoice() {
    let mut low = posted(vec![posted_line(1, "10-4410", "1", "CA", "3.10")]);
    // CS is the code that the profile's alias table has for the unit as ordered
    for (unit, allowance, expected) in [("CA", "3.11", "E429"), ("CA", "3.10", ""), ("CS", "1", "")] {
        low.lines[0].unit = unit.into();
        low.allowance = decimal(allowance);
        assert_eq!(bill(&low, &[order()]).1.concat(), expected);
    }
    let mut profile = profile();
    profile.invoices.from = InvoiceSource::Orders;
    let (mut held, mut without_price) = (order(), order());
    held.order.lines[0].state = LineState::Held;
    without_price.order.order.lines[0].price = None;
    for (kind, order, expected) in [
        (InvoiceType::Debit, order(), "E418"),
        (InvoiceType::Credit, after(order(), "6", "0"), ""),
        // not billed as ordered, and the customer was told that it waits
        (InvoiceType::Debit, held, "E482"),
        (InvoiceType::Debit, without_price, ""),
    ] {
        low.kind = kind;
        assert_eq!(bill_under(&profile, &low, &[order]).1.concat(), expected);
    }
}

#[test]
fn terms_come_from_the_profile_for_a_debit_alone() {
    let mut profile = profile();
    profile.invoices.terms =
        Some(TermsSettings { percent: Some(decimal("2")), days: Some(10), net_days: 30 });
    let terms = header::terms(InvoiceType::Debit, &profile, None, &mut Vec::new()).unwrap();
    assert_eq!(
        (&*terms.kind, &*terms.basis, terms.discount_days, terms.net_days),
        ("08", "3", Some(10), Some(30))
    );
    assert_eq!(header::terms(InvoiceType::Credit, &profile, None, &mut Vec::new()), None);
    profile.invoices.terms = Some(TermsSettings { percent: None, days: Some(10), net_days: 30 });
    let terms = header::terms(InvoiceType::Debit, &profile, None, &mut Vec::new()).unwrap();
    assert_eq!((&*terms.kind, terms.percent, terms.discount_days), ("01", None, None));
}

#[test]
fn the_ship_to_is_the_billed_lines_own() {
    let ship_to = |order: BilledOrder| {
        let lines =
            vec![posted_line(1, "10-4410", "6", "CA", "3.10"), posted_line(3, "10-9000", "24", "EA", "0.25")];
        let (result, codes) = bill(&posted(lines), &[order]);
        let party = result.invoice.parties.into_iter().find(|party| party.role == "ST");
        (party.map(|party| format!("{}/{}/{}", party.name, party.code_qualifier, party.code)), codes)
    };
    let mut order = order();
    assert_eq!(ship_to(order.clone()), (Some("/92/0042".to_owned()), vec![]));
    order.order.order.parties.push(Party {
        role: "ST".into(),
        name: "Store".into(),
        code_qualifier: "UL".into(),
        code: "0042".into(),
        ..Party::default()
    });
    assert_eq!(ship_to(order.clone()), (Some("Store/UL/0042".to_owned()), vec![]));
    order.order.order.lines[2].ship_to = "0043".into();
    assert_eq!(ship_to(order), (None, vec!["E420"]));
}

#[test]
fn an_order_is_billed_as_accepted_and_what_is_left_out_is_noted() {
    let (company, profile, catalog) = (company(), profile(), catalog());
    let context = context(&company, &profile, &catalog);
    let mut order = order();
    order.order.lines[2].state = LineState::Held;
    order.order.order.lines[0].price = None;
    let (result, diagnostics) =
        bill_order(&order, &(1..=3).collect(), "I-9", Date::constant(2026, 3, 9), &context);
    let result = result.unwrap();
    assert_eq!(diagnostics.iter().map(|found| found.rule.code).collect::<Vec<_>>(), ["E420"]);
    assert_eq!(
        (result.invoice.lines.len(), result.invoice.total, (result.verdict != Verdict::Send)),
        (1, decimal("6.00"), false)
    );
    let facts = facts(&result.invoice, &result.order_id, "20260309-001", Date::constant(2026, 3, 9));
    assert_eq!((facts[0].quantity_micro, facts[0].amount_micro), (300_000_000, 6_000_000));
    assert_eq!((&*facts[0].customer_item_qualifier, &*facts[0].customer_item), ("IN", "C-11"));
    order.order.lines[1].state = LineState::Rejected;
    let (result, _) = bill_order(&order, &(1..=3).collect(), "I-9", Date::constant(2026, 3, 9), &context);
    assert_eq!(result, None);
}

proptest! {
    /// Sums in whole millionths of a cent, by integers, are the independent arithmetic.
    #[test]
    fn any_invoice_balances_and_its_total_is_the_independent_sum(
        lines in prop::collection::vec((1i64..100_000, 0i64..1_000_000, any::<bool>()), 1..30),
        tax in 0i64..100_000,
        freight in 0i64..100_000,
        allowance in 0i64..10_000,
    ) {
        let rows = lines.iter().map(|(quantity, price, own)| PostedInvoiceLine {
            quantity: Decimal::new(*quantity, 0),
            unit_price: Decimal::new(*price, 4),
            ..posted_line(if *own { 1 } else { 2 }, if *own { "10-4410" } else { "10-4411" }, "1", if *own { "CA" } else { "EA" }, "1")
        });
        let mut invoice = posted(rows.collect());
        (invoice.tax, invoice.freight, invoice.allowance) =
            (Decimal::new(tax, 2), Decimal::new(freight, 2), Decimal::new(allowance, 2));
        let mut profile = profile();
        profile.invoices.preflight.over_billed = Action::Warn;
        let (result, _) = bill_under(&profile, &invoice, &[order()]);
        let cents: i64 = lines.iter().map(|(quantity, price, _)| (quantity * price + 50) / 100).sum();
        prop_assert!(result.verdict == Verdict::Send);
        prop_assert_eq!(result.invoice.proof(), None);
        prop_assert_eq!(result.invoice.total, Decimal::new(cents + tax + freight - allowance, 2));
    }
}
