//! The cross-reference index against a map of string pairs: load, memory, bare lookups and lines resolved a second.
//!
//! `cargo bench --bench lookup -- [rows] [lookups] [rounds]`; 1,000,000 rows over 200 customers, 10,000,000 lookups and 3
//! rounds unless told. Lookups come in orders of 15 lines of one customer; customers and their numbers are asked Zipf-like
//! (s = 1), scattered over the rows; three of a hundred have no row. The best round counts.

#![allow(
    clippy::print_stdout,
    clippy::float_arithmetic,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a bench draws at random and prints ratios"
)]

use itembridge::domain::item::{Item, Xref, XrefScope};
use itembridge::domain::order::{ItemNumber, OrderLine, PurchaseOrder};
use itembridge::domain::partner::OrderSettings;
use itembridge::domain::resolution::LineOutcome;
use itembridge::domain::{Date, Decimal, Text};
use itembridge::xref::build::IndexBuilder;
use itembridge::xref::index::XrefIndex;
use itembridge::xref::resolve::resolve_order;
use std::collections::HashMap;
use std::hint::black_box;
use std::time::Instant;

const CUSTOMERS: u64 = 200;
const ITEMS: u64 = 50_000;
const LINES_PER_ORDER: usize = 15;
/// Lines are resolved with their trace for so many of the lookups: each is an owned order line.
const LINES_RESOLVED: usize = 1_000_000;
const TODAY: Date = jiff::civil::date(2026, 5, 15);

type Map = HashMap<(String, String), String>;

fn main() {
    let counts: Vec<u64> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let count = |at: usize, default: u64| counts.get(at).copied().unwrap_or(default);
    let (rows, lookups, rounds) = (count(0, 1_000_000), count(1, 10_000_000), count(2, 3));
    let asked = Asked::new(rows, lookups as usize);
    println!("{rows} rows, {lookups} lookups, best of {rounds}");

    let (index, index_memory) = loaded("index", rows, || index(rows));
    println!("index: {} MB by its own count", index.memory_bytes() / 1_000_000);
    let (map, map_memory) = loaded("map of string pairs", rows, || map(rows));
    println!("the index takes {:.2} of the map's memory", index_memory / map_memory);

    let orders: Vec<Order<'_>> = asked.orders().collect();
    for threads in [1, 2] {
        let time = |what: &str, ask: &(dyn Fn(&[Order<'_>]) -> u64 + Sync)| {
            best(&format!("{what}, {threads} threads"), rounds, lookups, || on_threads(threads, &orders, ask))
        };
        let (map_time, from_map) =
            time("map, a key made for each lookup", &|orders| by_new_keys(&map, orders));
        let (kept_time, with_kept) = time("map, one key written anew", &|orders| by_kept_key(&map, orders));
        let (index_time, from_index) = time("index, bare lookup", &|orders| in_index(&index, orders));
        assert_eq!((with_kept, from_index), (from_map, from_map), "all find the same items");
        println!(
            "{threads} threads: the index has {:.2} times the speed of the map, {:.2} times that with a kept key",
            map_time / index_time,
            kept_time / index_time
        );
    }
    drop(map);
    resolve_with_trace(&index, &asked, rounds);
}

/// What is built, and the growth of the process by it in MB.
fn loaded<T>(what: &str, rows: u64, make: impl FnOnce() -> T) -> (T, f64) {
    let before = resident_mb();
    let start = Instant::now();
    let built = make();
    let seconds = start.elapsed().as_secs_f64();
    let grown = resident_mb() - before;
    println!("{what}: loaded in {seconds:.2} s ({:.0} ns a row), {grown:.0} MB", seconds * 1e9 / rows as f64);
    (built, grown)
}

/// The least time of some rounds, and what they gave.
fn best(what: &str, rounds: u64, count: u64, run: impl Fn() -> u64) -> (f64, u64) {
    let mut least = f64::INFINITY;
    let mut given = 0;
    for _ in 0..rounds.max(1) {
        let start = Instant::now();
        given = black_box(run());
        least = least.min(start.elapsed().as_secs_f64());
    }
    let each = least * 1e9 / count as f64;
    println!("{what}: {each:.1} ns each, {:.2} million a second", count as f64 / least / 1e6);
    (least, given)
}

/// What the process has in memory, from Linux; 0 elsewhere.
fn resident_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes: f64 =
        line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0.0);
    kilobytes / 1024.0
}

fn map(rows: u64) -> Map {
    let mut map = Map::new();
    for row in 0..rows {
        map.insert((customer_of(row), number_of(row)), item_of(row));
    }
    map
}

fn index(rows: u64) -> XrefIndex {
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
    index
}

/// As one writes it: the map wants a pair of strings.
fn by_new_keys(map: &Map, orders: &[Order<'_>]) -> u64 {
    let lines = orders.iter().flat_map(|order| order.numbers.iter().map(|number| (order.customer, *number)));
    lines
        .filter_map(|(customer, number)| map.get(&(customer.to_owned(), number.to_owned())))
        .map(|item| sum(item))
        .sum()
}

/// Without the two allocations.
fn by_kept_key(map: &Map, orders: &[Order<'_>]) -> u64 {
    let mut key = (String::new(), String::new());
    let mut all = 0;
    for order in orders {
        order.customer.clone_into(&mut key.0);
        for number in order.numbers {
            (*number).clone_into(&mut key.1);
            all += map.get(&key).map_or(0, |item| sum(item));
        }
    }
    all
}

fn in_index(index: &XrefIndex, orders: &[Order<'_>]) -> u64 {
    let mut items = Vec::new();
    let mut all = 0;
    for order in orders {
        index.desk(order.customer, "").items(order.numbers, &mut items);
        all += items.iter().flatten().map(|item| sum(item)).sum::<u64>();
    }
    all
}

/// Reads what was found.
fn sum(item: &str) -> u64 {
    item.bytes().fold(0, |all, byte| all * 3 + u64::from(byte))
}

fn resolve_with_trace(index: &XrefIndex, asked: &Asked, rounds: u64) {
    let lines = asked.numbers.len().min(LINES_RESOLVED);
    let orders: Vec<(&str, PurchaseOrder)> = asked
        .orders()
        .take(lines / LINES_PER_ORDER)
        .map(|order| {
            let line = |number: &&str| OrderLine {
                quantity: Some(Decimal::ONE),
                unit: "EA".into(),
                numbers: vec![ItemNumber { qualifier: "IN".into(), value: (*number).into() }],
                ..OrderLine::default()
            };
            let lines = order.numbers.iter().map(line).collect();
            (order.customer, PurchaseOrder { lines, ..PurchaseOrder::default() })
        })
        .collect();
    let settings = OrderSettings::default();
    let count = orders.iter().map(|(_, order)| order.lines.len() as u64).sum();
    let (_, mapped) = best("index, line resolved with its trace, 1 threads", rounds, count, || {
        let resolve = |(customer, order): &(&str, PurchaseOrder)| {
            let lines = resolve_order(index, &settings, customer, order, TODAY);
            lines.iter().filter(|line| line.outcome == LineOutcome::Mapped).count() as u64
        };
        orders.iter().map(resolve).sum()
    });
    println!("{mapped} of {count} lines mapped");
}

fn customer_of(row: u64) -> String {
    format!("CUST{:05}", row % CUSTOMERS)
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

/// The lookups, all texts in one place, as an order's bytes are.
struct Asked {
    customers: Vec<String>,
    /// The customer of each order.
    of_order: Vec<usize>,
    numbers: Vec<&'static str>,
}

struct Order<'a> {
    customer: &'a str,
    numbers: &'a [&'a str],
}

impl Asked {
    fn new(rows: u64, lookups: usize) -> Self {
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        let mut random = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        let each = (rows / CUSTOMERS).max(1);
        let mut text = String::new();
        let mut ends = Vec::with_capacity(lookups);
        let mut of_order = Vec::new();
        let mut customer = 0;
        for lookup in 0..lookups {
            if lookup % LINES_PER_ORDER == 0 {
                // the most frequent are no neighbours
                customer = ((zipf(CUSTOMERS, random())) * 7919 + 13) % CUSTOMERS;
                of_order.push(customer as usize);
            }
            let place = (zipf(each, random()) * 7919 + customer * 31) % each;
            let missing = if random() < 0.03 { rows } else { 0 };
            text.push_str(&number_of(missing + place * CUSTOMERS + customer));
            ends.push(text.len());
        }
        // the numbers live as long as the process
        let text: &'static str = text.leak();
        let starts = std::iter::once(0).chain(ends.iter().copied());
        let numbers = starts.zip(&ends).map(|(start, end)| &text[start..*end]).collect();
        Self { customers: (0..CUSTOMERS).map(customer_of).collect(), of_order, numbers }
    }

    fn orders(&self) -> impl Iterator<Item = Order<'_>> {
        let orders = self.numbers.chunks(LINES_PER_ORDER).zip(&self.of_order);
        orders.map(|(numbers, customer)| Order { customer: &self.customers[*customer], numbers })
    }
}

/// The sum of what the threads give, each for its part of the orders.
fn on_threads(threads: usize, orders: &[Order<'_>], ask: &(dyn Fn(&[Order<'_>]) -> u64 + Sync)) -> u64 {
    std::thread::scope(|scope| {
        let parts = orders.chunks(orders.len().div_ceil(threads).max(1));
        let running: Vec<_> = parts.map(|part| scope.spawn(move || ask(part))).collect();
        running.into_iter().map(|thread| thread.join().unwrap_or_default()).sum()
    })
}

/// A rank below `count`; rank r comes about as often as 1 / (r + 1).
fn zipf(count: u64, random: f64) -> u64 {
    ((count as f64).powf(random) as u64).clamp(1, count) - 1
}
