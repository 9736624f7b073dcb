//! Numbers that lead nowhere, of the kinds that the field sees, each with the item that it truly means, if it is one of ours.

use super::draw::Draw;
use super::families::Stranger;
use super::{Buyer, Scheme, asked_price, row, speech};
use itembridge::domain::gtin::Gtin;
use itembridge::domain::item::{Item, ItemStatus, Masters, Xref, XrefScope};
use itembridge::domain::order::ItemNumber;
use itembridge::domain::{Decimal, Text};
use itembridge::xref::suggest::asked::Question;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Gtin,
    CaseGtin,
    Vendor,
    VendorReplaced,
    VendorWrong,
    ShipTo,
    Group,
    Elsewhere,
    OurNumber,
    Writing,
    LostZeros,
    Typo,
    Ends,
    Spreadsheet,
    Description,
    NotOursNear,
    NotOursFar,
}

impl Kind {
    pub const ALL: [Self; 17] = [
        Self::Gtin,
        Self::CaseGtin,
        Self::Vendor,
        Self::VendorReplaced,
        Self::VendorWrong,
        Self::ShipTo,
        Self::Group,
        Self::Elsewhere,
        Self::OurNumber,
        Self::Writing,
        Self::LostZeros,
        Self::Typo,
        Self::Ends,
        Self::Spreadsheet,
        Self::Description,
        Self::NotOursNear,
        Self::NotOursFar,
    ];

    pub fn words(self) -> &'static str {
        match self {
            Self::Gtin => "GTIN on the line",
            Self::CaseGtin => "GTIN of the case",
            Self::Vendor => "vendor number on the line",
            Self::VendorReplaced => "vendor number of a replaced item",
            Self::VendorWrong => "vendor number of another item",
            Self::ShipTo => "mapped at another ship-to",
            Self::Group => "mapped in the group",
            Self::Elsewhere => "the same number at a stranger",
            Self::OurNumber => "our own number as theirs",
            Self::Writing => "hyphens, blanks, case",
            Self::LostZeros => "leading zeros lost or added",
            Self::Typo => "one letter wrong",
            Self::Ends => "letters added at an end",
            Self::Spreadsheet => "spoilt by a spreadsheet",
            Self::Description => "description, price and pack alone",
            Self::NotOursNear => "none of ours, but like ours",
            Self::NotOursFar => "none of ours, and like none",
        }
    }
}

/// A question with its true answer.
#[derive(Debug)]
pub struct Cause {
    pub kind: Kind,
    pub question: Question,
    /// None: none of ours.
    pub item: Option<Text>,
}

const UNRELATED: &[&str] = &[
    "Office chair mesh back black",
    "Dog food salmon adult 30 lb",
    "Ceramic planter round 12 in terracotta",
    "Bath towel cotton white",
    "Coffee maker 12 cup programmable",
    "Laser printer toner cartridge",
    "Folding table 6 ft",
    "Bird seed wild mix 20 lb",
    "Charcoal grill 22 in",
    "Wall clock 10 in silver",
];

/// The number, and the line but for its numbers.
struct Line<'l> {
    number: String,
    truth: Option<&'l Item>,
    description: String,
    price: Option<Decimal>,
    numbers: Vec<(&'static str, String)>,
}

/// A cause, and a row that somebody else has for its number. None where the customer has no number of the sort that the kind needs.
pub fn cause(
    draw: &mut Draw,
    kind: Kind,
    buyer: usize,
    buyers: &mut [Buyer],
    masters: &Masters,
    strangers: &[Stranger],
) -> Option<(Cause, Option<Xref>)> {
    let items = &masters.items;
    let mut told = None;
    let sold = |draw: &mut Draw| loop {
        let at = draw.place(items.len());
        if items[at].status == ItemStatus::Active {
            break at;
        }
    };
    let at = sold(draw);
    let mut line = Line {
        number: buyers[buyer].number(Some(&items[at]), draw),
        truth: Some(&items[at]),
        description: items[at].description.to_string(),
        price: items[at].price,
        numbers: Vec::new(),
    };
    match kind {
        Kind::Gtin | Kind::CaseGtin | Kind::Vendor | Kind::VendorReplaced | Kind::VendorWrong => {
            with_numbers(draw, kind, items, at, &mut line)?;
        }
        Kind::ShipTo | Kind::Group | Kind::Elsewhere => {
            told = Some(mapped_elsewhere(draw, kind, buyer, buyers, items, at, &mut line)?);
        }
        Kind::OurNumber => line.number = items[at].item.to_string(),
        Kind::Writing | Kind::LostZeros | Kind::Typo | Kind::Ends | Kind::Spreadsheet => {
            let (known, was) = draw.pick(&buyers[buyer].known).clone();
            line.number = altered(draw, kind, buyers[buyer].scheme, &was)?;
            let mut means = known;
            if kind == Kind::Ends && draw.chance(20) {
                // the letter says another size or colour
                means = (known + 1) % items.len();
            }
            about(&mut line, &items[means]);
        }
        Kind::Description => {}
        Kind::NotOursNear | Kind::NotOursFar => {
            line.truth = None;
            line.number = buyers[buyer].number(None, draw);
            let stranger = draw.pick(strangers);
            line.price = Some(stranger.price);
            line.description.clone_from(&stranger.description);
            if kind == Kind::NotOursFar {
                (*draw.pick(UNRELATED)).clone_into(&mut line.description);
            }
            if draw.chance(50) {
                line.numbers.push(("UP", stranger.gtin.clone()));
            }
        }
    }
    let taken = buyers[buyer].known.iter().any(|(_, number)| *number == line.number);
    (!taken).then(|| (asked(draw, kind, &buyers[buyer], masters, line), told))
}

fn about<'l>(line: &mut Line<'l>, item: &'l Item) {
    line.truth = Some(item);
    line.description = item.description.to_string();
    line.price = item.price;
}

fn with_numbers<'l>(
    draw: &mut Draw,
    kind: Kind,
    items: &'l [Item],
    at: usize,
    line: &mut Line<'l>,
) -> Option<()> {
    let near = &items[(at + 1 + draw.place(3)) % items.len()];
    let item = &items[at];
    let number = match kind {
        // at times somebody scanned the one beside it
        Kind::Gtin if draw.chance(5) && !near.gtin.is_empty() => ("UP", near.gtin.to_string()),
        Kind::Gtin if !item.gtin.is_empty() => ("UP", item.gtin.to_string()),
        Kind::CaseGtin if !item.gtin.is_empty() => {
            let body: u64 = format!("{}0{}", 1 + draw.below(8), &item.gtin[..11]).parse().ok()?;
            ("UK", Gtin::from_body(body)?.to_string())
        }
        Kind::Vendor if draw.chance(15) => ("VN", item.item.replace('-', "")),
        Kind::Vendor if draw.chance(5) => ("VN", near.item.to_string()),
        Kind::Vendor => ("VN", item.item.to_string()),
        Kind::VendorReplaced => {
            let replaced: Vec<&Item> = items.iter().filter(|item| !item.successor.is_empty()).collect();
            let old = *draw.pick(&replaced);
            about(line, items.iter().find(|item| item.item == old.successor)?);
            ("VP", old.item.to_string())
        }
        Kind::VendorWrong => {
            if draw.chance(50) && !item.gtin.is_empty() {
                line.numbers.push(("UP", item.gtin.to_string()));
            }
            let wrong = if draw.chance(70) { near } else { draw.pick(items) };
            ("VN", wrong.item.to_string())
        }
        _ => return None,
    };
    line.numbers.push(number);
    Some(())
}

/// The row of somebody else, or of another ship-to, for this number.
fn mapped_elsewhere<'l>(
    draw: &mut Draw,
    kind: Kind,
    buyer: usize,
    buyers: &[Buyer],
    items: &'l [Item],
    at: usize,
    line: &mut Line<'l>,
) -> Option<Xref> {
    let asks = &buyers[buyer];
    let (scope, right) = match kind {
        Kind::ShipTo => {
            let ship_to = format!("S{}", draw.below(40)).into();
            (XrefScope::ShipTo { customer: asks.customer.clone(), ship_to }, 97)
        }
        Kind::Group => {
            let same = |other: &&Buyer| {
                !other.group.is_empty() && other.group == asks.group && other.customer != asks.customer
            };
            let others: Vec<&Buyer> = buyers.iter().filter(same).collect();
            if others.is_empty() {
                return None;
            }
            (XrefScope::Customer(draw.pick(&others).customer.clone()), 93)
        }
        _ => {
            let strange = |other: &&Buyer| other.group != asks.group || other.group.is_empty();
            let others: Vec<&Buyer> =
                buyers.iter().filter(strange).filter(|other| other.customer != asks.customer).collect();
            // a number that a maker or a buying group gave, or chance
            (XrefScope::Customer(draw.pick(&others).customer.clone()), 45)
        }
    };
    if !draw.chance(right) {
        about(line, &items[(at + 1 + draw.place(items.len() - 1)) % items.len()]);
    }
    Some(row(scope, &line.number, &items[at]))
}

/// A known number as it comes in.
fn altered(draw: &mut Draw, kind: Kind, scheme: Scheme, known: &str) -> Option<String> {
    Some(match kind {
        Kind::Writing if known.contains('-') => match draw.below(3) {
            0 => known.replace('-', ""),
            1 => known.replace('-', " "),
            _ => known.replace('-', ".").to_lowercase(),
        },
        Kind::Writing => format!("{}-{}", &known[..3], &known[3..]),
        Kind::LostZeros if known.starts_with('0') => known.trim_start_matches('0').to_owned(),
        Kind::LostZeros => format!("00{known}"),
        Kind::Typo => speech::mistyped(draw, known),
        Kind::Ends => match draw.below(5) {
            0 => format!("{known}N"),
            1 => format!("{known}-2"),
            2 => format!("X{known}"),
            3 => format!("{known}{}", draw.below(10)),
            _ => format!("{}{known}", 1 + draw.below(9)),
        },
        Kind::Spreadsheet if scheme == Scheme::Long => {
            let kept = if draw.chance(70) { 6 } else { 3 };
            let (first, next) = (&known[..kept], known.as_bytes()[kept]);
            let first = first.parse::<u64>().ok()? + u64::from(next >= b'5');
            let first = first.to_string();
            format!("{}.{}E+{}", &first[..1], &first[1..], known.len() - 1)
        }
        Kind::Spreadsheet if known.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("{}.0", known.trim_start_matches('0'))
        }
        _ => return None,
    })
}

/// The question, with what the lines say besides, some of it wrong or missing.
fn asked(draw: &mut Draw, kind: Kind, buyer: &Buyer, masters: &Masters, line: Line<'_>) -> Cause {
    let case = draw.chance(20);
    let unit = if case { "CA" } else { "EA" };
    let factor = line.truth.filter(|_| case).and_then(|item| {
        let row = masters.conversions.iter().find(|row| row.item == item.item);
        row.and_then(|row| row.factor.apply(Decimal::ONE))
    });
    let factor = factor.unwrap_or(Decimal::ONE);
    let mut question = Question {
        customer: buyer.customer.clone(),
        number: ItemNumber { qualifier: "IN".into(), value: line.number.as_str().into() },
        vendor_qualifiers: ["VN", "VP"].map(Text::from).into(),
        units: [unit.into()].into(),
        ..Question::default()
    };
    if kind == Kind::Description || draw.chance(85) {
        question.description = speech::said(draw, &line.description, buyer.speech).into();
    }
    if let Some(price) = line.price.filter(|_| draw.chance(90)) {
        question.prices.insert((unit.into(), asked_price(draw, price, factor)));
    }
    if case && draw.chance(60) {
        let pack = if draw.chance(85) { factor } else { Decimal::from(12) };
        question.packs.insert((unit.into(), pack.normalize().to_string().into()));
    }
    let mut numbers = line.numbers;
    if numbers.is_empty() && draw.chance(5) {
        // a barcode of ours that the masters do not have yet
        let body = 614_189_000_000 / 10 + draw.below(100_000);
        numbers.push(("UP", Gtin::from_body(body).unwrap().to_string()[2..].to_owned()));
    }
    let numbers = numbers
        .into_iter()
        .map(|(qualifier, value)| ItemNumber { qualifier: qualifier.into(), value: value.into() });
    question.numbers = numbers.chain([question.number.clone()]).collect();
    Cause { kind, question, item: line.truth.map(|item| item.item.clone()) }
}
