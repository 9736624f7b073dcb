//! The X12 engine against a bare search for separators and against the crate `edi`, all in one run.
//!
//! `cargo bench --bench x12 -- [FILE] [REPETITIONS]`; 50 MB of made-up orders and 5 repetitions unless told. Every figure
//! is the median; ratios travel between machines, megabytes a second do not.

#![allow(clippy::print_stdout, clippy::float_arithmetic, reason = "a bench prints ratios")]

use itembridge::domain::diagnostic::Diagnostic;
use itembridge::domain::partner::Strictness;
use itembridge::x12::envelope::{FileIndex, Group, Interchange, Limits, Set, scan};
use itembridge::x12::grammar::transaction_set;
use itembridge::x12::lexer::Tokens;
use itembridge::x12::validate::validate;
use rayon::prelude::*;
use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Instant;

const BYTES: usize = 50_000_000;
const SETS_PER_INTERCHANGE: usize = 50;

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| !argument.starts_with('-'));
    let file = arguments.next().map_or_else(orders, |path| std::fs::read(path).unwrap_or_default());
    let repetitions = arguments.next().and_then(|count| count.parse().ok()).unwrap_or(5);
    let bench = Bench { bytes: file.len(), repetitions };
    let limits = Limits::default();
    let index = scan(file.as_slice(), &limits).unwrap_or_default();
    let (sets, lines) = counts(&index);
    println!("{} bytes, {sets} transaction sets, {lines} lines", file.len());

    let bare = bench.time("memchr2_iter over both separators", || {
        black_box(memchr::memchr2_iter(b'*', b'~', &file).count());
    });
    bench.time("memchr_iter over the terminator", || {
        black_box(memchr::memchr_iter(b'~', &file).count());
    });
    let scanned = bench.time("scan: envelopes, counts, places of sets", || {
        black_box(scan(file.as_slice(), &limits).unwrap_or_default());
    });
    let split = bench.time("tokenize with positions", || {
        black_box(
            each_set(&index)
                .map(|(interchange, _, set)| tokens(&file, interchange, set).len())
                .sum::<usize>(),
        );
    });
    let one = bench.time("read + validate, one core", || {
        let index = scan(file.as_slice(), &limits).unwrap_or_default();
        black_box(each_set(&index).map(|(i, g, s)| findings(&file, i, g, s).len()).sum::<usize>());
    });
    let all = bench.time("read + validate, all cores", || {
        let index = scan(file.as_slice(), &limits).unwrap_or_default();
        let sets: Vec<_> = each_set(&index).collect();
        black_box(sets.par_iter().map(|(i, g, s)| findings(&file, i, g, s).len()).sum::<usize>());
    });
    let text = String::from_utf8_lossy(&file);
    let edi = bench.time("crate edi: parse", || {
        black_box(edi::parse(&text).is_ok());
    });

    println!("tokenize / memchr2_iter   {:.2}", bare / split);
    println!("scan / memchr2_iter       {:.2}", bare / scanned);
    println!("read + validate / edi     {:.2}", edi / one);
    println!("all cores / one           {:.2}", one / all);
}

struct Bench {
    bytes: usize,
    repetitions: usize,
}

impl Bench {
    /// The median of several runs in seconds.
    fn time(&self, what: &str, run: impl Fn()) -> f64 {
        let mut seconds: Vec<f64> = (0..self.repetitions.max(1))
            .map(|_| {
                let start = Instant::now();
                run();
                start.elapsed().as_secs_f64()
            })
            .collect();
        seconds.sort_by(f64::total_cmp);
        let median = seconds[seconds.len() / 2];
        #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
        let megabytes = self.bytes as f64 / 1e6;
        println!("{:8.0} MB/s  {what}", megabytes / median);
        median
    }
}

fn each_set(index: &FileIndex) -> impl Iterator<Item = (&Interchange, &Group, &Set)> {
    index.interchanges.iter().flat_map(|interchange| {
        interchange
            .groups
            .iter()
            .flat_map(move |group| group.sets.iter().map(move |set| (interchange, group, set)))
    })
}

fn counts(index: &FileIndex) -> (usize, u64) {
    let lines = each_set(index).map(|(_, _, set)| u64::from(set.lines)).sum();
    (each_set(index).count(), lines)
}

fn tokens<'a>(file: &'a [u8], interchange: &Interchange, set: &Set) -> Tokens<'a> {
    let start = usize::try_from(set.offset).unwrap_or(usize::MAX);
    let length = usize::try_from(set.length).unwrap_or(usize::MAX);
    let bytes = file.get(start..start + length).unwrap_or_default();
    Tokens::new(bytes, interchange.separators, set.offset)
}

fn findings(file: &[u8], interchange: &Interchange, group: &Group, set: &Set) -> Vec<Diagnostic> {
    let tokens = tokens(file, interchange, set);
    let Some(def) = transaction_set(&set.id) else { return Vec::new() };
    validate(def, &tokens, &group.version, &Limits::default(), Strictness::Standard).1
}

/// Orders of fifteen lines, fifty to an interchange, without a fault, from a fixed sequence of pseudo-random numbers.
fn orders() -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = move |range: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % range
    };
    let mut out = String::with_capacity(BYTES + 200_000);
    let mut interchange = 0;
    while out.len() < BYTES {
        interchange += 1;
        let customer = format!("CUST{:05}", interchange % 200);
        let _ = writeln!(
            out,
            "ISA*00*          *00*          *ZZ*{customer:<15}*ZZ*SELLERCO       *260101*0830*U*00401*{interchange:09}*0*P*>~"
        );
        let _ = writeln!(out, "GS*PO*{customer}*SELLERCO*20260101*0830*{interchange}*X*004010~");
        for set in 1..=SETS_PER_INTERCHANGE {
            let lines = 10 + next(11);
            let _ = writeln!(
                out,
                "ST*850*{set:04}~\nBEG*00*SA*PO{interchange:05}{set:03}**20260101~\nREF*DP*066~\nREF*IA*0012345~"
            );
            let _ = writeln!(
                out,
                "PER*BD*JANE DOE*TE*5551230{:04}~\nDTM*002*20260210~\nTD5*O*2*RDWY*M*ROADWAY~",
                next(10_000)
            );
            let _ = writeln!(
                out,
                "N1*BY*RETAILER {customer}*92*{customer}~\nN3*1 CORPORATE DRIVE~\nN4*CHICAGO*IL*60601*US~"
            );
            let _ = writeln!(
                out,
                "N1*ST*STORE {0:04}*92*{0:04}~\nN3*{0} COMMERCE BLVD~\nN4*RENO*NV*89501*US~",
                next(10_000)
            );
            for line in 1..=lines {
                let (item, cents) = (next(5_000), next(20_000) + 1);
                let _ = writeln!(
                    out,
                    "PO1*{line}*{}*EA*{}.{:02}**BP*AA-{item:06}*VN*V{item:06}*UP*0761234{item:05}~\nPID*F****HEAVY DUTY BRACKET {item:03}~",
                    next(50) + 1,
                    cents / 100,
                    cents % 100,
                );
            }
            let _ = writeln!(out, "CTT*{lines}~\nSE*{}*{set:04}~", 15 + 2 * lines);
        }
        let _ = writeln!(out, "GE*{SETS_PER_INTERCHANGE}*{interchange}~\nIEA*1*{interchange:09}~");
    }
    out.into_bytes()
}
