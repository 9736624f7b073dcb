//! An independent reader, the crate `x12-types`, finds the same lines in purchase orders that nobody here wrote: as many PO1,
//! with the same quantities and prices.
//!
//! Its 005010 850 reads those of 004010 too, because PO1 is the same. It knows `*` and `~` alone, wants PO102 and PO104 filled,
//! and takes every segment by its place and code lists, so that a set with one that it does not expect is not read at all,
//! or panics it.

use crate::x12_reading::corpus;
use itembridge::documents::po850;
use itembridge::domain::partner::Strictness;
use itembridge::x12::envelope::Limits;
use itembridge::x12::lexer::Tokens;
use itembridge::x12::validate::validate;
use itembridge::x12::{self, TransactionSet};
use x12_types::util::Parser;
use x12_types::v005010::_850;

/// Quantity and price of each PO1, as plain decimals.
type Lines = Vec<(String, String)>;

#[test]
fn orders_of_the_corpus_have_the_same_lines_elsewhere() {
    let Some(corpus) = corpus() else { return };
    let index = std::fs::read_to_string(corpus.join("INDEX.tsv")).unwrap();
    let (mut compared, mut lines, mut unread) = (0, 0, 0);
    for row in index.lines().skip(1) {
        let path = row.split('\t').next().unwrap();
        let bytes = std::fs::read(corpus.join(path)).unwrap();
        for set in x12::read(&bytes).sets().filter(|set| set.set.id == "850") {
            let Some(theirs) = theirs(&set) else {
                unread += 1;
                continue;
            };
            assert_eq!(ours(&set), theirs, "{path} {}", set.set.control);
            lines += theirs.len();
            compared += 1;
        }
    }
    assert_eq!(
        (compared, lines, unread),
        (69, 183, 129),
        "sets that both read, their lines, sets that it does not read"
    );
}

fn ours(set: &TransactionSet<'_>) -> Lines {
    let separators = set.interchange.separators;
    let (version, limits) = (&set.group.version, Limits::default());
    let tokens = Tokens::new(set.bytes(), separators, set.set.offset);
    let (tree, _) = validate(set.def().unwrap(), &tokens, version, &limits, Strictness::Standard);
    let (order, _) = po850::read(&tree);
    // an SDQ makes several lines of one PO1, which then agree in price and come to its quantity
    let lines = order.lines.chunk_by(|a, b| a.segment == b.segment);
    lines
        .map(|line| {
            let split = line[0].split_from.is_some();
            let quantity = if split { line[0].split_from } else { line[0].quantity };
            let plain = |number: Option<itembridge::domain::Decimal>| {
                number.map(|number| number.normalize().to_string()).unwrap_or_default()
            };
            (plain(quantity), plain(line[0].price))
        })
        .collect()
}

/// None where the other reader does not read the set.
fn theirs(set: &TransactionSet<'_>) -> Option<Lines> {
    let text = std::str::from_utf8(set.bytes()).ok()?;
    let (_, order) = std::panic::catch_unwind(|| _850::parse(text).ok()).ok()??;
    let plain = |number: &str| {
        number
            .parse::<itembridge::domain::Decimal>()
            .map(|number| number.normalize().to_string())
            .unwrap_or_default()
    };
    Some(order.loop_po1.iter().map(|line| (plain(&line.po1._02), plain(&line.po1._04))).collect())
}
