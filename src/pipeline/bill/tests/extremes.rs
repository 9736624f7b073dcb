//! Whatever numbers a stranger or the ERP sends: no panic, and nothing goes out that does not balance.

use super::*;
use crate::documents::in810;
use crate::domain::invoice::Rounding;
use crate::domain::order::{Charge, Tax, Terms};
use crate::x12::writer::OutboundEnvelope;

/// What fits a decimal and little else.
const NUMBERS: [&str; 14] = [
    "79228162514264337593543950335",
    "-79228162514264337593543950335",
    "39614081257132168796771975168",
    "7922816251426433759354395033.5",
    "9223372036854.775807",
    "9223372036854.78",
    "99999999999999.99",
    "0.0000000000000000000000000001",
    "-0.01",
    "0",
    "0.01",
    "1",
    "3",
    "1000000",
];

fn any_number() -> impl Strategy<Value = Decimal> {
    proptest::sample::select(&NUMBERS[..]).prop_map(decimal)
}

fn any_charge() -> impl Strategy<Value = Charge> {
    let maybe = || proptest::option::of(any_number());
    (0..3usize, maybe(), maybe(), 0..4usize, maybe(), maybe()).prop_map(
        |(indicator, amount, percent, basis, rate, quantity)| Charge {
            indicator: ["A", "C", "N"][indicator].into(),
            code: "C310".into(),
            amount,
            percent,
            percent_basis: ["", "2", "3", "7"][basis].into(),
            rate,
            quantity,
            ..Charge::default()
        },
    )
}

fn any_charges() -> impl Strategy<Value = Vec<Charge>> {
    proptest::collection::vec(any_charge(), 0..3)
}

fn any_taxes() -> impl Strategy<Value = Vec<Tax>> {
    let tax = (0..12usize, proptest::option::of(any_number()), proptest::option::of(any_number()));
    let tax = tax.prop_map(|(kind, amount, percent)| Tax {
        kind: format!("T{kind}").into(),
        amount,
        percent,
        ..Tax::default()
    });
    proptest::collection::vec(tax, 0..14)
}

/// What may go out balances, and its 810 is written or refused with a reason.
fn sound((result, found): (BillResult, Vec<Diagnostic>), profile: &PartnerProfile) {
    let invoice = &result.invoice;
    if result.verdict == Verdict::Send {
        assert_eq!(invoice.proof(), None);
    } else {
        assert!(found.iter().any(|found| found.severity == crate::domain::diagnostic::Severity::Error));
    }
    let date = Date::constant(2026, 11, 21);
    assert_eq!(facts(invoice, "o", "r", date).len(), invoice.lines.len());
    let envelope = OutboundEnvelope::new(&company(), profile, date, &crate::domain::Text::from("0800"), None);
    let (set, told) = in810::write(invoice, profile, &envelope);
    assert!(set.is_some() || !told.is_empty());
}

proptest! {
    #[test]
    fn no_order_that_is_billed_panics(
        lines in proptest::collection::vec((any_number(), any_number(), any_charges(), any_taxes()), 1..5),
        (charges, taxes) in (any_charges(), any_taxes()),
        (percent, before) in (any_number(), any_number()),
        (half_even, total, mapped) in any::<(bool, bool, bool)>(),
    ) {
        let mut billed = order();
        let (line, decided) = (billed.order.order.lines[0].clone(), billed.order.lines[0].clone());
        let numbered = (1..).zip(lines);
        billed.order.order.lines = numbered.map(|(number, (quantity, price, charges, taxes))| OrderLine {
            line: number,
            quantity: Some(quantity),
            price: Some(price),
            charges,
            taxes,
            ..line.clone()
        }).collect();
        let mut decided = decided;
        if !mapped {
            // a policy may let lines go that nobody knows: nothing looked at their quantity then
            decided.resolution = Resolution::default();
        }
        billed.order.lines = vec![decided; billed.order.order.lines.len()];
        (billed.order.order.charges, billed.order.order.taxes) = (charges, taxes);
        billed.order.order.terms =
            vec![Terms { percent: Some(percent), discount_days: Some(10), ..Terms::default() }];
        billed.billed = BTreeMap::from([(1, Billed { debit: before, credit: decimal("3") })]);
        let mut profile = profile();
        profile.invoices.rounding = if half_even { Rounding::HalfEven } else { Rounding::HalfUp };
        profile.invoices.round = if total { RoundAt::Total } else { RoundAt::Line };
        profile.invoices.hash_total = true;
        let (company, catalog) = (company(), catalog());
        let context = context(&company, &profile, &catalog);
        for part in parts(&billed.order, None, &profile) {
            let (result, found) = bill_order(&billed, &part, "1", Date::constant(2026, 11, 21), &context);
            if let Some(result) = result {
                sound((result, found), &profile);
            }
        }
    }

    #[test]
    fn no_posted_invoice_panics(
        lines in proptest::collection::vec((0..4u32, any_number(), any_number(), any_charges()), 1..5),
        (charges, tax, freight, allowance) in (any_charges(), any_number(), any_number(), any_number()),
        (credit, total, known) in any::<(bool, bool, bool)>(),
        (tolerance, before) in (any_number(), any_number()),
    ) {
        let lines = lines.into_iter().map(|(line, quantity, price, charges)| PostedInvoiceLine {
            quantity,
            unit_price: price,
            charges,
            ..posted_line(line, ["10-4410", "10-4410", "10-4411", "10-9000"][line as usize], "1", ["EA", "CA", "EA", "CA"][line as usize], "1")
        });
        let posted = PostedInvoice {
            charges, tax, freight, allowance,
            kind: if credit { InvoiceType::Credit } else { InvoiceType::Debit },
            ..posted(lines.collect())
        };
        let mut profile = profile();
        profile.invoices.round = if total { RoundAt::Total } else { RoundAt::Line };
        profile.invoices.preflight.price_tolerance_percent = tolerance;
        let mut known_order = order();
        known_order.billed = (1..4).map(|line| (line, Billed { debit: before, credit: before })).collect();
        let orders = if known { vec![known_order] } else { Vec::new() };
        let (company, catalog) = (company(), catalog());
        sound(bill_posted(&posted, &orders, &context(&company, &profile, &catalog)), &profile);
    }
}

#[test]
fn quantities_that_no_sum_holds_are_no_reason_to_panic() {
    let mut billed = order();
    for (line, decided) in billed.order.order.lines.iter_mut().zip(&mut billed.order.lines) {
        (line.quantity, line.price) = (Some(Decimal::MAX), Some(Decimal::ZERO));
        decided.resolution = Resolution::default();
    }
    let per_unit = Charge { indicator: "C".into(), rate: Some(decimal("0.01")), ..Charge::default() };
    billed.order.order.charges = vec![per_unit];
    let (company, profile, catalog) = (company(), profile(), catalog());
    let part = (1..=3).collect();
    let context = context(&company, &profile, &catalog);
    let (result, found) = bill_order(&billed, &part, "1", Date::constant(2026, 11, 21), &context);
    let result = result.unwrap();
    assert_eq!((result.invoice.lines.len(), result.invoice.total), (3, Decimal::ZERO));
    assert!(
        found.iter().any(|found| found.rule.code == "E420" && found.detail.contains("too large")),
        "{found:?}"
    );
}
