//! A made-up supplier with its customers, whose true answers are known: what suggestions are measured on.
//!
//! Everything follows from a seed, in whole numbers. What is drawn follows what the field sees: families of items that differ in a size or a
//! colour alone, customers that number in series, abbreviate, mistype, keep our old numbers and ask for what we do not sell.

#![allow(dead_code, unreachable_pub, reason = "the tests and the bench use parts of it")]

pub mod causes;
pub mod draw;
pub mod families;
pub mod measure;
pub mod speech;

use causes::Cause;
use draw::Draw;
use itembridge::domain::item::{Customer, Item, ItemStatus, Masters, UnitConversion, Xref, XrefScope};
use itembridge::domain::unit::Fraction;
use itembridge::domain::{Decimal, Text};

/// How much is drawn.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    pub items: usize,
    pub customers: usize,
    /// Of each customer, how many items it has a number for.
    pub numbers: usize,
    /// Of each kind of cause.
    pub causes: usize,
}

/// The supplier, what its cross-reference knows, and numbers whose answer is known to us alone.
#[derive(Debug)]
pub struct Truth {
    pub masters: Masters,
    pub causes: Vec<Cause>,
}

/// A customer: how it numbers, and which of our items it has numbers for.
#[derive(Debug)]
pub struct Buyer {
    pub customer: Text,
    pub group: Text,
    pub scheme: Scheme,
    /// The next number of its series.
    pub next: u64,
    /// Our items by their place, each with the customer's number.
    pub known: Vec<(usize, String)>,
    /// How much it abbreviates.
    pub speech: speech::Manner,
}

/// How a customer makes its item numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Seven digits in a series, the first of them zeros.
    Series,
    /// Department, class, item: `123-45-6789`.
    Departments,
    /// Letters and digits: `QX-48213`.
    Letters,
    /// Twelve digits, most of them the same.
    Long,
    /// Our item number with letters of its own before it.
    OursWithLetters,
}

const SCHEMES: [Scheme; 5] =
    [Scheme::Series, Scheme::Departments, Scheme::Letters, Scheme::Long, Scheme::OursWithLetters];

impl Buyer {
    /// A new number for an item of ours, or for a stranger's.
    pub fn number(&mut self, item: Option<&Item>, draw: &mut Draw) -> String {
        self.next += 1 + draw.below(3);
        let next = self.next;
        match (self.scheme, item) {
            (Scheme::Series, _) => format!("{next:07}"),
            (Scheme::Departments, _) => {
                format!("{:03}-{:02}-{:04}", 60 + next / 900 % 40, next / 90 % 90 + 1, next % 10_000)
            }
            (Scheme::Letters, _) => {
                let letters = ["QX", "AB", "KL", "ZR"];
                format!("{}-{next:05}", draw.pick(&letters))
            }
            (Scheme::Long, _) => format!("4400{:08}", next * 7),
            (Scheme::OursWithLetters, Some(item)) => format!("NW{}", item.item),
            (Scheme::OursWithLetters, None) => format!("NW{next:06}"),
        }
    }
}

impl Truth {
    pub fn new(seed: u64, size: Size) -> Self {
        let mut draw = Draw::new(seed);
        let (items, strangers) = families::items(&mut draw, size.items);
        let mut buyers = buyers(&mut draw, size, &items);
        let mut masters = Masters {
            customers: buyers.iter().map(customer).collect(),
            conversions: conversions(&items),
            items,
            ..Masters::default()
        };
        masters.xrefs = xrefs(&mut draw, &buyers, &masters.items);
        let mut causes = Vec::new();
        for kind in causes::Kind::ALL {
            for _ in 0..size.causes {
                let place = draw.place(buyers.len());
                let cause = causes::cause(&mut draw, kind, place, &mut buyers, &masters, &strangers);
                let Some((cause, told)) = cause else { continue };
                causes.push(cause);
                masters.xrefs.extend(told);
            }
        }
        masters.items.sort_by(|a, b| a.item.cmp(&b.item));
        Self { masters, causes }
    }
}

fn customer(buyer: &Buyer) -> Customer {
    let (customer, group) = (buyer.customer.clone(), buyer.group.clone());
    Customer { name: customer.clone(), customer, group, ledger: true }
}

/// Customers buy whole families rather than single items; some of their numbers are their group's.
fn buyers(draw: &mut Draw, size: Size, items: &[Item]) -> Vec<Buyer> {
    let mut buyers: Vec<Buyer> = Vec::new();
    for place in 0..size.customers {
        let group = place % 4;
        let mut buyer = Buyer {
            customer: format!("C{place:03}").into(),
            group: if group == 3 { Text::default() } else { format!("G{group}").into() },
            scheme: SCHEMES[place % SCHEMES.len()],
            next: 1_000 + draw.below(60_000),
            known: Vec::new(),
            speech: speech::Manner::of(place),
        };
        // two of a group share their numbers
        let shared = buyers.iter().find(|other| !other.group.is_empty() && other.group == buyer.group);
        if let Some(other) = shared.filter(|_| place % 3 != 0) {
            buyer.scheme = other.scheme;
            buyer.next = other.next + 5_000;
            buyer.known = other.known.iter().filter(|_| draw.chance(50)).cloned().collect();
        }
        while buyer.known.len() < size.numbers.min(items.len() / 2) {
            let from = draw.place(items.len());
            for (at, item) in items.iter().enumerate().skip(from).take(12) {
                let sold = item.status == ItemStatus::Active;
                if sold && draw.chance(60) && !buyer.known.iter().any(|(known, _)| *known == at) {
                    let number = buyer.number(Some(item), draw);
                    buyer.known.push((at, number));
                }
            }
        }
        buyers.push(buyer);
    }
    buyers
}

fn xrefs(draw: &mut Draw, buyers: &[Buyer], items: &[Item]) -> Vec<Xref> {
    let mut rows = Vec::new();
    for buyer in buyers {
        for (at, number) in &buyer.known {
            let mut row = row(XrefScope::Customer(buyer.customer.clone()), number, &items[*at]);
            if draw.chance(60) {
                row.description = speech::said(draw, &items[*at].description, buyer.speech).into();
            }
            rows.push(row);
        }
    }
    rows
}

pub fn row(scope: XrefScope, number: &str, item: &Item) -> Xref {
    let none = Text::default;
    Xref {
        xref_id: 0,
        scope,
        customer_item: number.into(),
        item: item.item.clone(),
        qualifier: none(),
        unit: none(),
        unit_factor: None,
        rank: 1,
        valid_from: None,
        valid_to: None,
        active: true,
        description: none(),
    }
}

fn conversions(items: &[Item]) -> Vec<UnitConversion> {
    let per_case = |place: usize| [6, 10, 12, 24, 48, 100][place % 6];
    let row = |(place, item): (usize, &Item)| UnitConversion {
        item: item.item.clone(),
        unit: "CA".into(),
        to_unit: item.unit.clone(),
        factor: Fraction::new(per_case(place / 7), 1).unwrap(),
    };
    items.iter().enumerate().map(row).collect()
}

/// The price for one ordered unit, as the customer has it: most often ours, at times an old one.
pub fn asked_price(draw: &mut Draw, ours: Decimal, factor: Decimal) -> Decimal {
    let cents = (ours * factor * Decimal::ONE_HUNDRED).round();
    let percent = match draw.below(10) {
        0..6 => 100,
        6..8 => 99 + draw.below(3),
        8 => 92 + draw.below(16),
        _ => 60 + draw.below(100),
    };
    (cents * Decimal::from(percent) / Decimal::ONE_HUNDRED).round() / Decimal::ONE_HUNDRED
}
