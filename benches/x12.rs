//! The X12 engine against a bare search for separators and against the crate `edi`, all in one run.
//!
//! `cargo bench --bench x12 -- [FILE] [ROUNDS]`; 50 MB of made-up orders and 9 rounds unless told. A round runs everything
//! once, so that what else the machine does hurts both sides of a ratio; every figure is the median over the rounds. Ratios
//! travel between machines, megabytes a second do not.

#![allow(clippy::print_stdout, clippy::float_arithmetic, reason = "a bench prints ratios")]

use itembridge::domain::Text;
use itembridge::domain::partner::Strictness;
use itembridge::x12::envelope::{Event, FileIndex, Interchange, Limits, Reader, Set, scan};
use itembridge::x12::grammar::transaction_set;
use itembridge::x12::lexer::{Separators, Tokens};
use itembridge::x12::validate::validate;
use rayon::prelude::*;
use std::fmt::Write as _;
use std::hint::black_box;
use std::ops::Range;
use std::time::Instant;

const BYTES: usize = 50_000_000;
const SETS_PER_INTERCHANGE: usize = 50;
/// So many bytes of sets are looked into by all cores while the next are read.
const BATCH_BYTES: usize = 1 << 21;

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| !argument.starts_with('-'));
    let file = arguments.next().map_or_else(orders, |path| std::fs::read(path).unwrap_or_default());
    let repetitions = arguments.next().and_then(|count| count.parse().ok()).unwrap_or(9);
    let limits = Limits::default();
    let index = scan(file.as_slice(), &limits).unwrap_or_default();
    let lines: u64 = each_set(&index).map(|(_, set)| u64::from(set.lines)).sum();
    println!("{} bytes, {} transaction sets, {lines} lines", file.len(), each_set(&index).count());
    let text = String::from_utf8_lossy(&file);
    let bare = || memchr::memchr2_iter(b'*', b'~', &file).count();
    let scanned = || scan(file.as_slice(), &limits).unwrap_or_default().interchanges.len();
    let split = || each_set(&index).map(|(interchange, set)| split(&file, interchange, set)).sum();
    let one = || one_core(&file);
    let all = || all_cores(&file);
    // What two cores of this machine can give at all: nothing is shared but the file.
    let twice = || rayon::join(|| one_core(&file), || one_core(&file)).0;
    let parse = || usize::from(edi::parse(&text).is_ok());
    let rows: [(&str, &dyn Fn() -> usize); 7] = [
        ("memchr2_iter over both separators", &bare),
        ("scan: envelopes, counts, places of sets", &scanned),
        ("tokenize with positions", &split),
        ("crate edi: parse", &parse),
        ("read + validate, one core", &one),
        ("read + validate, all cores", &all),
        ("read + validate, twice at once, each on one core", &twice),
    ];
    let rounds: Vec<[f64; 7]> = (0..repetitions.max(1)).map(|_| rows.map(|(_, run)| seconds(run))).collect();
    for (at, (what, _)) in rows.iter().enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
        let megabytes = file.len() as f64 / 1e6;
        println!("{:8.0} MB/s  {what}", megabytes / median(rounds.iter().map(|round| round[at])));
    }
    let ratio = |what: &str, of: fn(&[f64; 7]) -> f64| {
        println!("{what:26}{:.2}", median(rounds.iter().map(of)));
    };
    ratio("tokenize / memchr2_iter", |round| round[0] / round[2]);
    ratio("scan / memchr2_iter", |round| round[0] / round[1]);
    ratio("read + validate / edi", |round| round[3] / round[4]);
    ratio("all cores / one", |round| round[4] / round[5]);
    ratio("twice at once / one", |round| 2.0 * round[4] / round[6]);
}

fn seconds(run: &dyn Fn() -> usize) -> f64 {
    let start = Instant::now();
    black_box(run());
    start.elapsed().as_secs_f64()
}

fn median(of: impl Iterator<Item = f64>) -> f64 {
    let mut all: Vec<f64> = of.collect();
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

fn each_set(index: &FileIndex) -> impl Iterator<Item = (&Interchange, &Set)> {
    index.interchanges.iter().flat_map(|interchange| {
        interchange.groups.iter().flat_map(move |group| group.sets.iter().map(move |set| (interchange, set)))
    })
}

/// Segments and elements of a set; what is counted is where they end.
fn split(file: &[u8], interchange: &Interchange, set: &Set) -> usize {
    let start = usize::try_from(set.offset).unwrap_or(usize::MAX);
    let length = usize::try_from(set.length).unwrap_or(usize::MAX);
    let bytes = file.get(start..start + length).unwrap_or_default();
    Tokens::new(bytes, interchange.separators, set.offset).segments().map(|segment| segment.len()).sum()
}

/// What a set is judged by.
#[derive(Clone)]
struct Around {
    separators: Separators,
    version: Text,
}

/// Nodes and findings of a set.
fn judge(around: &Around, set: &Set, bytes: &[u8]) -> usize {
    let Some(def) = transaction_set(&set.id) else { return 0 };
    let tokens = Tokens::new(bytes, around.separators, set.offset);
    let (tree, found) = validate(def, &tokens, &around.version, &Limits::default(), Strictness::Standard);
    tree.nodes.len() + found.len() + set.diagnostics.len()
}

/// The next set of a file, with what it is judged by; the rest of the file is the same to a benchmark.
fn next_set(
    reader: &mut Reader<&[u8]>,
    around: &mut Around,
    take: impl FnOnce(&Around, Set, &[u8]) -> usize,
) -> Option<usize> {
    loop {
        match reader.next_event().ok()?? {
            Event::Interchange(interchange) => around.separators = interchange.separators,
            Event::Group(group) => around.version = group.version,
            Event::Set { set, bytes } => return Some(take(around, set, bytes.unwrap_or_default())),
            _ => {}
        }
    }
}

fn start(file: &[u8]) -> (Reader<&[u8]>, Around) {
    let separators = Separators { element: b'*', component: b'>', repetition: None, segment: b'~' };
    (Reader::new(file, &Limits::default()), Around { separators, version: Text::default() })
}

fn one_core(file: &[u8]) -> usize {
    let (mut reader, mut around) = start(file);
    let mut sum = 0;
    while let Some(found) =
        next_set(&mut reader, &mut around, |around, set, bytes| judge(around, &set, bytes))
    {
        sum += found;
    }
    sum
}

/// Sets one after the other, each with what it is judged by and its place among the bytes.
#[derive(Default)]
struct Batch {
    bytes: Vec<u8>,
    sets: Vec<(Around, Set, Range<usize>)>,
}

/// One thread reads a batch while all that are free look into the one before it.
fn all_cores(file: &[u8]) -> usize {
    let (mut reader, mut around) = start(file);
    let mut read_on = |batch: &mut Batch| {
        batch.bytes.clear();
        batch.sets.clear();
        while batch.bytes.len() < BATCH_BYTES {
            let taken = next_set(&mut reader, &mut around, |around, set, piece| {
                let start = batch.bytes.len();
                batch.bytes.extend_from_slice(piece);
                batch.sets.push((around.clone(), set, start..batch.bytes.len()));
                piece.len()
            });
            if taken.is_none() {
                break;
            }
        }
    };
    let (mut ready, mut next, mut sum) = (Batch::default(), Batch::default(), 0);
    read_on(&mut ready);
    while !ready.sets.is_empty() {
        let ((), found) = rayon::join(
            || read_on(&mut next),
            || {
                let sets = ready.sets.par_iter();
                let found = sets.map(|(around, set, place)| {
                    judge(around, set, ready.bytes.get(place.clone()).unwrap_or_default())
                });
                found.sum::<usize>()
            },
        );
        sum += found;
        std::mem::swap(&mut ready, &mut next);
    }
    sum
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
