//! How good suggestions are, by kind of number and by score, on a made-up supplier whose true answers are known; and what they cost.
//!
//! `cargo bench --bench suggest -- [seed...]`: seeds 11, 12 and 13 unless told, which no weight was chosen on; those were chosen on 1 and 2.
//! `cargo bench --bench suggest -- scale [rows]`: 50,000 items, 1,000,000 rows unless told, 2,000 numbers.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a bench prints, and shares its data with the tests"
)]

#[path = "../tests/it/truth/mod.rs"]
mod truth;

use itembridge::domain::item::{Masters, XrefScope};
use itembridge::xref::suggest::asked::Asked;
use itembridge::xref::suggest::catalogue::Catalogue;
use std::time::Instant;
use truth::measure::{Measured, suggested};
use truth::{Size, Truth};

const SIZE: Size = Size { items: 3_000, customers: 16, numbers: 600, causes: 300 };

fn main() {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let numbers: Vec<u64> = arguments.iter().filter_map(|argument| argument.parse().ok()).collect();
    if arguments.iter().any(|argument| argument == "scale") {
        scale(numbers.first().copied().unwrap_or(1_000_000));
        return;
    }
    let seeds = if numbers.is_empty() { vec![11, 12, 13] } else { numbers };
    let mut all = Measured::default();
    for seed in seeds {
        let truth = Truth::new(seed, SIZE);
        let start = Instant::now();
        let found = suggested(&truth);
        println!(
            "seed {seed}: {} items, {} rows, {} numbers in {:.2?}",
            truth.masters.items.len(),
            truth.masters.xrefs.len(),
            truth.causes.len(),
            start.elapsed()
        );
        all.add(&Measured::new(&truth, &found));
    }
    println!("\n{}", all.table());
}

/// The engine alone, without the store.
fn scale(rows: u64) {
    let mut truth = Truth::new(5, Size { items: 50_000, customers: 100, numbers: 400, causes: 122 });
    let known = truth.masters.xrefs.clone();
    let copies = usize::try_from(rows).unwrap().div_ceil(known.len()).max(1);
    for copy in 1..copies {
        truth.masters.xrefs.extend(known.iter().map(|row| {
            let mut row = row.clone();
            // most of the rows are those of the customers that ask
            if copy % 4 == 0 {
                row.scope = XrefScope::Customer(format!("X{copy:03}").into());
            }
            row.customer_item = format!("{}{copy}", row.customer_item).into();
            row
        }));
    }
    let xrefs = std::mem::take(&mut truth.masters.xrefs);
    println!("{} items, {} rows, {} numbers", truth.masters.items.len(), xrefs.len(), truth.causes.len());
    let start = Instant::now();
    let catalogue = Catalogue::new(Masters { xrefs: Vec::new(), ..truth.masters.clone() });
    println!("catalogue: {:.2?}", start.elapsed());
    let start = Instant::now();
    let questions = truth.causes.iter().map(|cause| cause.question.clone()).collect();
    let mut asked = Asked::new(&catalogue, questions, jiff::civil::date(2026, 11, 20));
    println!("our items: {:.2?}", start.elapsed());
    let start = Instant::now();
    for row in &xrefs {
        asked.row(row);
    }
    println!("rows: {:.2?}", start.elapsed());
    let start = Instant::now();
    let found = asked.answers(3, 0);
    println!(
        "answers: {:.2?}, {} with suggestions",
        start.elapsed(),
        found.iter().filter(|one| !one.is_empty()).count()
    );
}
