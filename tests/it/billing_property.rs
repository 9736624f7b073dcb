//! Random orders, partial invoices and credits against a small model of integers: what goes out balances to the cent, never
//! bills more than was ordered without a finding, and is read by our own grammar and by an independent reader.

use itembridge::documents::in810;
use itembridge::domain::catalog::Catalog;
use itembridge::domain::diagnostic::Severity;
use itembridge::domain::invoice::{InvoiceType, PostedInvoice, PostedInvoiceLine, RoundAt, Rounding};
use itembridge::domain::item::Item;
use itembridge::domain::order::{ItemNumber, OrderLine, PurchaseOrder};
use itembridge::domain::partner::{Action, Company, PartnerProfile};
use itembridge::domain::resolution::{DecidedLine, DecidedOrder, LineOutcome, LineState, Resolution};
use itembridge::domain::unit::Fraction;
use itembridge::domain::{Date, Decimal};
use itembridge::pipeline::bill::{BillContext, BilledOrder, Verdict, bill_posted};
use itembridge::x12::writer::{OutboundEnvelope, interchange};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::BTreeMap;
use x12_types::util::Parser;
use x12_types::v004010;

const TODAY: Date = Date::constant(2026, 11, 20);

/// Ordered: quantity in units, price in millionths for so many units.
#[derive(Debug, Clone)]
struct Ordered {
    quantity: i64,
    price: i64,
    basis: &'static str,
    /// Item units in one ordered unit.
    pack: i64,
}

/// An invoice or a credit: of each line so many item units (0: not on it), freight, allowance and tax in cents.
#[derive(Debug, Clone)]
struct Posting {
    credit: bool,
    packs: Vec<i64>,
    by_item: bool,
    cents: (i64, i64, i64),
}

fn divisor(basis: &str) -> i64 {
    match basis {
        "PD" => 12,
        "HP" => 100,
        "TP" => 1000,
        _ => 1,
    }
}

fn orders() -> impl Strategy<Value = Vec<Ordered>> {
    let line =
        (1i64..60, 1i64..50_000_000, select(vec!["", "PE", "PD", "HP", "TP"]), select(vec![1i64, 2, 5, 10]));
    vec(line.prop_map(|(quantity, price, basis, pack)| Ordered { quantity, price, basis, pack }), 1..5)
}

fn postings() -> impl Strategy<Value = Vec<Posting>> {
    let posting = (any::<bool>(), vec(0i64..40, 5), any::<bool>(), (0i64..5000, 0i64..50, 0i64..2000));
    let posting =
        posting.prop_map(|(credit, packs, by_item, cents)| Posting { credit, packs, by_item, cents });
    vec(posting, 1..8)
}

fn profile(action: &str, rounding: Rounding, round: RoundAt) -> PartnerProfile {
    let text = format!(
        "[partner]\nid = \"acme\"\ncustomer = \"ACME\"\ninterchange_qualifier = \"ZZ\"\ninterchange_id = \"ACME\"\n\
         application_id = \"ACME\"\n[invoices]\nterms = {{ percent = \"2\", days = 10, net_days = 30 }}\n\
         [invoices.preflight]\nover_billed = \"{action}\"\nover_credited = \"{action}\"\n"
    );
    let mut profile: PartnerProfile = toml::from_str(&text).unwrap();
    (profile.invoices.rounding, profile.invoices.round) = (rounding, round);
    profile
}

fn company() -> Company {
    toml::from_str(
        "name = \"Northwind\"\ninterchange_qualifier = \"ZZ\"\ninterchange_id = \"NORTHWIND\"\n\
         application_id = \"NORTHWIND\"\ncurrency = \"USD\"\n",
    )
    .unwrap()
}

fn decided(ordered: &[Ordered]) -> DecidedOrder {
    let item = |index: usize| format!("I-{index}");
    let lines = ordered.iter().enumerate().map(|(index, line)| OrderLine {
        line: u32::try_from(index + 1).unwrap(),
        po_line_id: format!("{}", (index + 1) * 10).into(),
        quantity: Some(Decimal::from(line.quantity)),
        unit: if line.pack == 1 { "EA".into() } else { "CA".into() },
        price: Some(Decimal::new(line.price, 6)),
        price_basis: line.basis.into(),
        numbers: vec![ItemNumber { qualifier: "BP".into(), value: format!("B-{index}").into() }],
        ..OrderLine::default()
    });
    let resolved = ordered.iter().enumerate().map(|(index, line)| DecidedLine {
        state: LineState::Ordered,
        resolution: Resolution {
            outcome: LineOutcome::Mapped,
            item: item(index).into(),
            unit: "EA".into(),
            factor: Fraction::parse(&line.pack.to_string()),
            quantity: Some(Decimal::from(line.quantity * line.pack)),
            ..Resolution::default()
        },
        unit_price: Some(Decimal::new(line.price, 6) / Decimal::from(divisor(line.basis))),
    });
    DecidedOrder {
        partner: "acme".into(),
        customer: "ACME".into(),
        order: PurchaseOrder {
            po_number: "P1".into(),
            po_date: Some(TODAY),
            lines: lines.collect(),
            ..PurchaseOrder::default()
        },
        lines: resolved.collect(),
        currency: "USD".into(),
        as_of: None,
    }
}

fn posted(number: usize, posting: &Posting, ordered: &[Ordered]) -> PostedInvoice {
    let lines = ordered.iter().zip(&posting.packs).enumerate().filter(|(_, (_, packs))| **packs > 0);
    let lines = lines.map(|(index, (line, packs))| {
        // in the item's unit the price for one of them, as many places as it takes
        let per_unit = Decimal::new(line.price, 6) / Decimal::from(divisor(line.basis));
        let (quantity, unit, price) = if posting.by_item && line.pack != 1 {
            (packs * line.pack, "EA", per_unit / Decimal::from(line.pack))
        } else {
            (*packs, if line.pack == 1 { "EA" } else { "CA" }, per_unit)
        };
        PostedInvoiceLine {
            po_number: "P1".into(),
            line: Some(u32::try_from(index + 1).unwrap()),
            item: format!("I-{index}").into(),
            quantity: Decimal::from(quantity),
            unit: unit.into(),
            unit_price: price.round_dp(12),
            row: 1,
            ..PostedInvoiceLine::default()
        }
    });
    let (freight, allowance, tax) = posting.cents;
    PostedInvoice {
        invoice_number: format!("I-{number}").into(),
        kind: if posting.credit { InvoiceType::Credit } else { InvoiceType::Debit },
        invoice_date: Some(TODAY),
        customer: "ACME".into(),
        lines: lines.collect(),
        tax: Decimal::new(tax, 2),
        freight: Decimal::new(freight, 2),
        allowance: Decimal::new(allowance, 2),
        ..PostedInvoice::default()
    }
}

fn rounded(value: i128, unit: i128, half_even: bool) -> i128 {
    let (whole, rest) = (value / unit, value % unit);
    let up = rest * 2 > unit || (rest * 2 == unit && (!half_even || whole % 2 == 1));
    whole + i128::from(up)
}

/// The total in cents, by integers: millionths times 12000 hold every basis.
fn total(posting: &Posting, ordered: &[Ordered], rounding: Rounding, round: RoundAt) -> i128 {
    let half_even = rounding == Rounding::HalfEven;
    let cent = 10_000 * 12_000;
    let goods: i128 = ordered
        .iter()
        .zip(&posting.packs)
        .map(|(line, packs)| {
            let exact =
                i128::from(*packs) * i128::from(line.price) * 12_000 / i128::from(divisor(line.basis));
            if round == RoundAt::Line { rounded(exact, cent, half_even) * cent } else { exact }
        })
        .sum();
    let (freight, allowance, tax) = posting.cents;
    rounded(goods + i128::from(freight + tax - allowance) * cent, cent, half_even)
}

fn catalog(lines: usize) -> Catalog {
    let mut catalog = Catalog::new(Vec::new());
    for index in 0..lines {
        catalog.add_item(Item { item: format!("I-{index}").into(), unit: "EA".into(), ..Item::default() });
    }
    catalog
}

/// TDS01, IT1 and SAC of an 810 as the independent reader has them.
fn read_by_another(text: &str) -> (i64, usize, usize) {
    let (rest, read) = v004010::Transmission::<v004010::_810>::parse(text).unwrap();
    assert_eq!(rest, "");
    let invoice = &read.functional_group[0].segments[0];
    (invoice.tds._01.as_i64().unwrap(), invoice.loop_it1.len(), invoice.loop_sac.len())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn what_goes_out_balances_and_nothing_is_billed_over_the_order_without_a_finding(
        ordered in orders(),
        postings in postings(),
        warns in any::<bool>(),
        rounding in select(vec![Rounding::HalfUp, Rounding::HalfEven]),
        round in select(vec![RoundAt::Line, RoundAt::Total]),
    ) {
        let profile = profile(if warns { "warn" } else { "hold" }, rounding, round);
        prop_assert_eq!(profile.invoices.preflight.over_billed == Action::Warn, warns);
        let (company, catalog) = (company(), catalog(ordered.len()));
        let mut order = BilledOrder { order_id: "O-1".into(), order: decided(&ordered), billed: BTreeMap::new() };
        // the model: per line what is billed and credited
        let mut model = vec![(0i64, 0i64); ordered.len()];
        for (number, posting) in postings.iter().enumerate() {
            let invoice = posted(number, posting, &ordered);
            if invoice.lines.is_empty() {
                continue;
            }
            let context = BillContext {
                company: &company,
                profile: &profile,
                catalog: &catalog,
                customer_item: &|_, _, _| None,
                today: TODAY,
                released: false,
            };
            let (result, findings) = bill_posted(&invoice, std::slice::from_ref(&order), &context);
            let code = if posting.credit { "E483" } else { "E426" };
            let told = findings.iter().filter(|found| found.rule.code == code).count();
            let over = ordered.iter().zip(&posting.packs).zip(&model).filter(|((line, packs), (debit, credit))| {
                let over = if posting.credit { credit + **packs > *debit } else { debit - credit + **packs > line.quantity };
                **packs > 0 && over
            });
            let over = over.count();
            prop_assert_eq!(told, over, "{:?}", findings);
            let due = total(posting, &ordered, rounding, round);
            let sent = result.verdict == Verdict::Send;
            let in_the_way = findings.iter().any(|found| found.severity == Severity::Error);
            prop_assert_eq!(sent, !in_the_way);
            prop_assert!(!(sent && over > 0 && !warns), "it went out over the order");
            if !sent {
                // the only other reason is a total below zero
                prop_assert!((over > 0 && !warns) || due < 0, "{:?}", findings);
                continue;
            }
            prop_assert_eq!(result.invoice.proof(), None);
            prop_assert_eq!(result.invoice.total, Decimal::from_i128_with_scale(due, 2));
            for (line, packs) in (1u32..).zip(&posting.packs).take(ordered.len()) {
                let sum = &mut model[line as usize - 1];
                let so_far = order.billed.entry(line).or_default();
                if posting.credit {
                    sum.1 += packs;
                    so_far.credit += Decimal::from(*packs);
                } else {
                    sum.0 += packs;
                    so_far.debit += Decimal::from(*packs);
                }
                let billed: Decimal =
                    result.invoice.lines.iter().filter(|billed| billed.line == line).map(|billed| billed.quantity).sum();
                prop_assert_eq!(billed, Decimal::from(*packs), "in the order's unit");
            }
            let mut envelope = OutboundEnvelope::between(("ZZ", "NORTHWIND"), ("ZZ", "ACME"), "004010", TODAY, "0800");
            envelope.line_breaks = true;
            let (set, problems) = in810::write(&result.invoice, &profile, &envelope);
            prop_assert!(problems.iter().all(|found| found.severity < Severity::Error), "{:?}", problems);
            let bytes = interchange(&envelope, 1, 1, &[set.unwrap()]);
            let charges = usize::from(posting.cents.0 > 0) + usize::from(posting.cents.1 > 0);
            let read = read_by_another(std::str::from_utf8(&bytes).unwrap());
            prop_assert_eq!(read, (i64::try_from(due).unwrap(), invoice.lines.len(), charges));
        }
    }
}
