//! The cross-reference index against a map of string pairs: load, memory, and lines resolved a second.
//!
//! `cargo bench --bench lookup -- [rows] [lines]`; 1,000,000 rows over 200 customers and 2,000,000 lines unless told.
//! Most lines ask for the tenth of the rows that is ordered most, three of a hundred for what no row has.

#![allow(clippy::print_stdout, clippy::float_arithmetic, reason = "a bench prints ratios")]

use itembridge::domain::item::{Item, Xref, XrefScope};
use itembridge::domain::order::{ItemNumber, OrderLine, PurchaseOrder};
use itembridge::domain::partner::OrderSettings;
use itembridge::domain::resolution::LineOutcome;
use itembridge::domain::{Date, Decimal, Text};
use itembridge::xref::build::IndexBuilder;
use itembridge::xref::resolve::resolve_order;
use std::collections::HashMap;
use std::time::Instant;

const CUSTOMERS: u64 = 200;
const ITEMS: u64 = 50_000;
const LINES_PER_ORDER: u64 = 15;
const TODAY: Date = jiff::civil::date(2026, 5, 15);

fn main() {
    let counts: Vec<u64> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let rows = counts.first().copied().unwrap_or(1_000_000);
    let lines = counts.get(1).copied().unwrap_or(2_000_000);
    let orders = orders(&asked(rows, lines));

    let start = Instant::now();
    let mut map: HashMap<(String, String), String> = HashMap::new();
    for row in 0..rows {
        map.insert((customer_of(row), number_of(row)), item_of(row));
    }
    report("map of string pairs: load", start, rows);
    let start = Instant::now();
    let mut found = 0;
    for (customer, order) in &orders {
        let key = |line: &OrderLine| (customer.clone(), line.numbers[0].value.to_string());
        found += order.lines.iter().filter(|line| map.contains_key(&key(line))).count();
    }
    let map_time = report("map of string pairs: bare lookup", start, lines);
    drop(map);

    let start = Instant::now();
    let mut builder = IndexBuilder::new(Vec::new());
    for item in 0..ITEMS {
        // item_of meets every item once
        let item = Text::from(item_of(item));
        builder.item(Item { item, unit: "EA".into(), ..Item::default() });
    }
    for row in 0..rows {
        builder.xref(&xref(row));
    }
    let (index, problems) = builder.build();
    assert!(problems.is_empty(), "{problems:?}");
    report("index: load", start, rows);
    println!("index: memory {} MB", index.memory_bytes() / 1_000_000);

    let settings = OrderSettings::default();
    let start = Instant::now();
    let mut mapped = 0;
    for (customer, order) in &orders {
        let resolved = resolve_order(&index, &settings, customer, order, TODAY);
        mapped += resolved.iter().filter(|line| line.outcome == LineOutcome::Mapped).count();
    }
    let index_time = report("index: line resolved with its trace", start, lines);
    println!("one line resolved takes {:.2} times a bare lookup in the map", index_time / map_time);
    assert_eq!(mapped, found);
}

fn report(what: &str, start: Instant, count: u64) -> f64 {
    let seconds = start.elapsed().as_secs_f64();
    let each = start.elapsed().as_nanos() / u128::from(count.max(1));
    println!("{what}: {seconds:.3} s, {each} ns each");
    seconds
}

fn customer_of(row: u64) -> String {
    format!("CUST{:04}", row % CUSTOMERS)
}

fn number_of(row: u64) -> String {
    format!("CI-{row:08}")
}

fn item_of(row: u64) -> String {
    format!("ITEM-{:06}", row * 7 % ITEMS)
}

fn xref(row: u64) -> Xref {
    Xref {
        xref_id: i64::try_from(row).unwrap_or(i64::MAX),
        scope: XrefScope::Customer(customer_of(row).into()),
        customer_item: number_of(row).into(),
        item: item_of(row).into(),
        qualifier: Text::default(),
        unit: Text::default(),
        unit_factor: None,
        rank: 1,
        valid_from: None,
        valid_to: None,
        active: true,
        description: Text::default(),
    }
}

/// (customer, row) of every line, one customer an order, from a fixed sequence of pseudo-random numbers.
fn asked(rows: u64, lines: u64) -> Vec<(u64, u64)> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut customer = 0;
    let row_in = |range: u64, random: u64| random % (range / CUSTOMERS).max(1) * CUSTOMERS;
    (0..lines)
        .map(|line| {
            if line % LINES_PER_ORDER == 0 {
                customer = next() % CUSTOMERS;
            }
            let row = match next() % 100 {
                0..3 => rows + row_in(rows, next()),
                3..90 => row_in(rows / 10, next()),
                _ => row_in(rows, next()),
            };
            (customer, row + customer)
        })
        .collect()
}

fn orders(asked: &[(u64, u64)]) -> Vec<(String, PurchaseOrder)> {
    let size = usize::try_from(LINES_PER_ORDER).unwrap_or(1);
    asked
        .chunks(size)
        .map(|lines| {
            let line = |row: u64| OrderLine {
                quantity: Some(Decimal::ONE),
                unit: "EA".into(),
                numbers: vec![ItemNumber { qualifier: "IN".into(), value: number_of(row).into() }],
                ..OrderLine::default()
            };
            let lines_of = lines.iter().map(|(_, row)| line(*row)).collect();
            (customer_of(lines[0].0), PurchaseOrder { lines: lines_of, ..PurchaseOrder::default() })
        })
        .collect()
}
