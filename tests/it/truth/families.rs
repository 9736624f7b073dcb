//! The supplier's items: families that differ in a size, a colour or a pack alone, with GTINs in a row.

use super::draw::Draw;
use itembridge::domain::gtin::Gtin;
use itembridge::domain::item::{Item, ItemStatus};
use itembridge::domain::{Decimal, Text};

/// What is made: the words of a description with places for the choices, the choices, and the price in cents of the first.
struct Family {
    text: &'static str,
    choices: &'static [&'static [&'static str]],
    cents: u64,
}

const METRIC: &[&str] = &["M4", "M5", "M6", "M8", "M10", "M12", "M16", "M20"];
const LENGTHS: &[&str] = &["10", "12", "16", "20", "25", "30", "40", "50", "60", "80"];
const INCHES: &[&str] = &["1/4", "5/16", "3/8", "1/2", "5/8", "3/4", "1", "1-1/4", "1-1/2", "2"];
const FINISH: &[&str] = &["zinc plated", "stainless steel A2", "black oxide", "hot dip galvanized"];
const COLOURS: &[&str] = &[
    "white", "black", "red", "blue", "green", "yellow", "orange", "grey", "brown", "ivory", "clear", "silver",
];
const SIZES: &[&str] = &["small", "medium", "large", "X-large", "2X-large"];
const VOLUMES: &[&str] = &["8 oz", "12 oz", "16 oz", "1 qt", "1 gal", "5 gal"];
const WATTS: &[&str] = &["5W", "7W", "9W", "12W", "15W", "18W", "24W"];
const KELVIN: &[&str] = &["2700K warm white", "4000K neutral white", "5000K daylight"];
const PACKS: &[&str] = &["", "2 pack", "10 pack", "box of 100"];

const FAMILIES: &[Family] = &[
    Family { text: "Hex bolt {} x {} {}", choices: &[METRIC, LENGTHS, FINISH], cents: 18 },
    Family { text: "Socket head cap screw {} x {} {}", choices: &[METRIC, LENGTHS, FINISH], cents: 25 },
    Family { text: "Hex nut {} {} {}", choices: &[METRIC, FINISH, PACKS], cents: 9 },
    Family { text: "Flat washer {} {} {}", choices: &[METRIC, FINISH, PACKS], cents: 5 },
    Family { text: "Wood screw countersunk {} in {}", choices: &[INCHES, FINISH], cents: 12 },
    Family { text: "Spray paint gloss {} {}", choices: &[COLOURS, VOLUMES], cents: 599 },
    Family { text: "Exterior acrylic paint satin {} {}", choices: &[COLOURS, VOLUMES], cents: 1_899 },
    Family { text: "Nitrile gloves powder free {} {} {}", choices: &[COLOURS, SIZES, PACKS], cents: 899 },
    Family { text: "Leather work gloves lined {} {}", choices: &[SIZES, COLOURS], cents: 1_299 },
    Family { text: "LED bulb A19 {} {} {}", choices: &[WATTS, KELVIN, PACKS], cents: 349 },
    Family { text: "LED floodlight outdoor {} {}", choices: &[WATTS, KELVIN], cents: 2_999 },
    Family { text: "Garden hose {} in x {} ft {}", choices: &[INCHES, LENGTHS, COLOURS], cents: 2_450 },
    Family { text: "Copper pipe type L {} in x {} ft", choices: &[INCHES, LENGTHS], cents: 1_920 },
    Family {
        text: "Brass ball valve full port {} in {}",
        choices: &[INCHES, &["threaded", "solder"]],
        cents: 1_125,
    },
    Family { text: "Duct tape {} {} in x {} yd", choices: &[COLOURS, &["2", "3"], LENGTHS], cents: 525 },
    Family { text: "Masking tape general purpose {} in x {} yd", choices: &[INCHES, LENGTHS], cents: 275 },
    Family {
        text: "Paint brush angled {} in {}",
        choices: &[INCHES, &["polyester", "nylon", "natural bristle"]],
        cents: 450,
    },
    Family { text: "Twist drill bit cobalt {} in {}", choices: &[INCHES, &["", "set of 10"]], cents: 389 },
    Family {
        text: "Extension cord outdoor {} ft {} gauge {}",
        choices: &[LENGTHS, &["12", "14", "16"], COLOURS],
        cents: 1_850,
    },
    Family { text: "Storage tote with lid {} gal {}", choices: &[LENGTHS, COLOURS], cents: 999 },
    Family {
        text: "Furnace air filter {} x {} x 1 MERV {}",
        choices: &[&["14", "16", "20", "24"], &["20", "24", "25", "30"], &["8", "11", "13"]],
        cents: 780,
    },
    Family {
        text: "Cable tie nylon {} in {} {}",
        choices: &[&["4", "8", "11", "14", "24"], &["natural", "black"], PACKS],
        cents: 199,
    },
    Family { text: "Safety glasses anti fog {} lens {}", choices: &[COLOURS, PACKS], cents: 425 },
    Family {
        text: "Padlock laminated steel {} in {}",
        choices: &[INCHES, &["keyed alike", "keyed different"]],
        cents: 1_049,
    },
    Family { text: "Caulk silicone kitchen and bath {} {}", choices: &[COLOURS, VOLUMES], cents: 649 },
    Family { text: "Trash bags heavy duty {} gal {} {}", choices: &[LENGTHS, COLOURS, PACKS], cents: 1_150 },
];

/// An article that another maker sells: near ours, and none of ours.
#[derive(Debug, Clone)]
pub struct Stranger {
    pub description: String,
    pub price: Decimal,
    pub gtin: String,
}

/// Ours, family by family, and strangers': of each family some choices are not in our range.
pub fn items(draw: &mut Draw, count: usize) -> (Vec<Item>, Vec<Stranger>) {
    let all: usize = FAMILIES.iter().map(|family| texts(family).len()).sum();
    // a large supplier sells the same under several brands
    let brands = (count * 6 / 5).div_ceil(all);
    let (mut items, mut strangers) = (Vec::new(), Vec::new());
    let mut reference = 10_000 + draw.below(20_000);
    for (brand, (family, prefix)) in
        (0..brands).flat_map(|brand| FAMILIES.iter().zip(10..).map(move |one| (brand, one)))
    {
        // neighbours in a family cost much the same
        for (step, text) in (0u64..).zip(texts(family)) {
            reference += 1;
            let price =
                Decimal::new(i64::try_from(family.cents + family.cents * (step % 40) / 12).unwrap(), 2);
            let text = if brand == 0 { text } else { format!("{} {text}", brand_name(brand)) };
            if draw.below((all * brands) as u64) >= count as u64 * 6 / 5 {
                continue;
            }
            if draw.chance(12) {
                let gtin = gtin("0078", reference);
                strangers.push(Stranger { description: text, price, gtin });
                continue;
            }
            items.push(Item {
                item: format!("{prefix}-{reference:05}").into(),
                description: text.into(),
                unit: "EA".into(),
                gtin: if draw.chance(85) { gtin("6141", reference).into() } else { Text::default() },
                price: Some(price),
                ..Item::default()
            });
        }
    }
    discontinue(draw, &mut items);
    (items, strangers)
}

fn brand_name(brand: usize) -> String {
    let (first, second) =
        (["Nor", "Sol", "Tek", "Bru", "Vel"], ["max", "pro", "line", "craft", "ware", "star"]);
    format!("{}{}{}", first[brand % 5], second[brand / 5 % 6], if brand > 30 { "X" } else { "" })
}

/// Some items have a successor, which looks the same.
fn discontinue(draw: &mut Draw, items: &mut Vec<Item>) {
    let mut successors = Vec::new();
    for item in items.iter_mut().filter(|_| draw.chance(4)) {
        let successor = Text::from(format!("{}A", item.item));
        let gtin = gtin("6149", successors.len() as u64 + 1).into();
        successors.push(Item { item: successor.clone(), gtin, ..item.clone() });
        item.status = ItemStatus::Discontinued;
        item.successor = successor;
    }
    items.extend(successors);
}

fn gtin(company: &str, reference: u64) -> String {
    let body: u64 = format!("{company}{:07}", reference % 10_000_000).parse().unwrap();
    Gtin::from_body(body).unwrap().to_string()[2..].to_owned()
}

fn texts(family: &Family) -> Vec<String> {
    let mut texts = vec![family.text.to_owned()];
    for choices in family.choices {
        texts = texts
            .iter()
            .flat_map(|text| choices.iter().map(|choice| text.replacen("{}", choice, 1)))
            .collect();
    }
    texts.iter().map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}
