//! An independent reader, the crate `edi`, reads the same segments and elements out of clean files.
//!
//! Where it is known to differ, and therefore what "clean" leaves out: it takes the separators from bytes 103 to 105 of the
//! file's first ISA and for the whole file, so the header must be 106 bytes and all interchanges alike; it takes any
//! whitespace off segments and elements; it refuses a segment without elements, a TA1, ISB or ISX before GS, and a two-byte character
//! near byte 103; it drops what follows ST03; its strict mode panics on counts that are no numbers and compares control
//! numbers with their zeros, so the loose mode is asked; it knows no positions.

use crate::x12_reading::{all, corpus};
use itembridge::domain::diagnostic::Severity;
use itembridge::x12::envelope::{Interchange, Limits, Set, scan};
use itembridge::x12::lexer::{segments, text};

const SAMPLES: [&str; 3] = [
    "ISA*00*          *00*          *ZZ*BUYER          *ZZ*NORTHWIND      *260309*0130*U*00401*000000905*0*P*>~\n\
     GS*PO*BUYER*NORTHWIND*20260309*0130*12*X*004010~\n\
     ST*850*0001~\nBEG*00*SA*7001**20260309~\nN1*ST**92*0017~\nPO1*1*12*EA*3.10**IN*0044-1*UP*036000291452~\n\
     SDQ*EA*92*0017*6*0018*6~\nCTT*1~\nSE*7*0001~\n\
     ST*850*0002~\nBEG*00*SA*7002**20260309~\nPO1**1*CA*.95**BP*A-100~\nCTT*1~\nSE*5*0002~\nGE*2*12~\nIEA*1*000000905~\n",
    "ISA|00|          |00|          |01|006922827      |ZZ|NORTHWIND      |260309|0130|^|00501|000000001|0|T|:!\
     GS|PO|ACMEPO|NORTHWIND|20260309|0130|1|X|005010!ST|850|000000001!BEG|00|NE|0007||20260309!\
     PO1|1|5|DZ|||SK|X:1|VP|10-4410!SE|4|000000001!GE|1|1!IEA|1|000000001!",
    "ISA*00*          *00*          *ZZ*BUYER          *ZZ*NORTHWIND      *260309*0130*U*00401*000000001*0*P*>\n\
     GS*PO*BUYER*NORTHWIND*20260309*0130*1*X*004010\nST*850*0001\nBEG*00*SA*7001**20260309\nSE*3*0001\nGE*1*1\n\
     IEA*1*000000001\n",
];

/// A set as both readers see it: ST01, ST02, and each segment between ST and SE as its id and elements, blanks taken off.
type Seen = (String, String, Vec<Vec<String>>);

#[test]
fn our_samples_read_the_same_elsewhere() {
    for sample in SAMPLES {
        assert!(agree(sample.as_bytes(), "sample"), "{sample}");
    }
}

#[test]
fn every_order_of_the_sample_site_that_is_clean_reads_the_same_elsewhere() {
    let orders = crate::nights::files(&crate::nights::repository("samples/site/inbox/orders"));
    let orders: Vec<_> = orders.into_iter().filter(|(_, bytes)| bytes.starts_with(b"ISA")).collect();
    let differs: Vec<&str> =
        orders.iter().filter(|(name, bytes)| !agree(bytes, name)).map(|(name, _)| name.as_str()).collect();
    // broken on purpose: there is nothing to compare
    let broken = ["507-broken-and-sound", "509-cut-off", "511-wrong-count"];
    assert_eq!(differs, broken.map(|name| format!("bargainbarn-{name}.edi")));
    assert!(orders.len() >= 18);
}

#[test]
fn clean_files_of_the_corpus_read_the_same_elsewhere() {
    let Some(corpus) = corpus() else { return };
    let table = std::fs::read_to_string(corpus.join("INDEX.tsv")).unwrap();
    let paths = table.lines().skip(1).filter_map(|row| row.split('\t').next());
    let compared = paths.filter(|path| agree(&std::fs::read(corpus.join(path)).unwrap(), path)).count();
    assert!(compared >= 300, "only {compared} files are clean enough to compare");
}

/// Whatever a golden night leaves in an outbox, 997, 855 and 810, is clean by construction. Not compared: a TA1, which has no
/// set; what has letters outside ASCII, because the other reader counts characters; and segments that end with CR and LF,
/// because it takes one character for their end.
#[test]
fn every_document_that_a_golden_night_sends_reads_the_same_elsewhere() {
    let outputs = crate::nights::files(&crate::nights::repository("tests/golden"));
    let sent = outputs.iter().filter(|(path, _)| path.contains("/out/outbox/"));
    let mut compared = std::collections::BTreeMap::new();
    for (path, bytes) in sent {
        let name = path.rsplit('/').next().unwrap();
        let kind = name.split('-').next().unwrap();
        let comparable = kind != "ta1" && bytes.is_ascii() && bytes.get(105) != Some(&b'\r');
        assert_eq!(agree(bytes, path), comparable, "{path}");
        let newer = String::from_utf8_lossy(bytes).contains("*005010~");
        *compared.entry((kind, newer)).or_insert(0) += usize::from(comparable);
    }
    for (kind, older, newer) in [("997", 50, 2), ("855", 30, 1), ("810", 10, 1)] {
        for (newer, least) in [(false, older), (true, newer)] {
            assert!(compared.get(&(kind, newer)).is_some_and(|count| *count >= least), "{compared:?}");
        }
    }
}

/// Compares both readings of a clean file; false where the file is not clean.
fn agree(bytes: &[u8], name: &str) -> bool {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let index = scan(bytes, &Limits::default()).unwrap();
    let errors = all(&index).any(|diagnostic| diagnostic.severity == Severity::Error);
    let Some(first) = index.interchanges.first() else { return false };
    let alike = index
        .interchanges
        .iter()
        .all(|other| (other.separators, other.wrapped, other.ta1.len()) == (first.separators, false, 0));
    let standard = bytes.get(103) == Some(&first.separators.element)
        && bytes.get(105) == Some(&first.separators.segment)
        && bytes.is_ascii();
    if errors || !alike || !standard || first.separators.element == bytes[104] {
        return false;
    }
    let sets: Vec<(&Interchange, &Set)> = index
        .interchanges
        .iter()
        .flat_map(|interchange| {
            interchange.groups.iter().flat_map(|group| &group.sets).map(move |set| (interchange, set))
        })
        .collect();
    let ours: Vec<Seen> = sets.into_iter().map(|(interchange, set)| seen(bytes, interchange, set)).collect();
    if ours.iter().flat_map(|(_, _, segments)| segments).any(|segment| segment.len() < 2) {
        return false;
    }
    let text = std::str::from_utf8(bytes).unwrap();
    let document = match edi::loose_parse(text) {
        Ok(document) => document,
        // ISB, ISE and ISX between ISA and GS.
        Err(error) if format!("{error:?}").contains("no functional groups have been added") => return false,
        Err(error) => panic!("{name}: the other reader refuses it: {error:?}"),
    };
    let theirs: Vec<Seen> = document
        .interchanges
        .iter()
        .flat_map(|interchange| &interchange.functional_groups)
        .flat_map(|group| &group.transactions)
        .map(|set| {
            let segments = set.segments.iter().map(|segment| {
                let id = segment.segment_abbreviation.to_string();
                std::iter::once(id).chain(segment.elements.iter().map(ToString::to_string)).collect()
            });
            let (id, control) = (&set.transaction_code, &set.transaction_set_control_number);
            (id.to_string(), control.to_string(), segments.collect())
        })
        .collect();
    assert_eq!(ours, theirs, "{name}");
    true
}

fn seen(bytes: &[u8], interchange: &Interchange, set: &Set) -> Seen {
    let start = usize::try_from(set.offset).unwrap();
    let piece = &bytes[start..][..usize::try_from(set.length).unwrap()];
    let read: Vec<Vec<String>> = segments(piece, interchange.separators, set.offset)
        .map(|segment| segment.elements().map(|element| text(element).trim().to_owned()).collect())
        .collect();
    let body = read[1..read.len() - 1].to_vec();
    (set.id.to_string(), set.control.to_string(), body)
}
