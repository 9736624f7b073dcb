//! Any bytes: the scan, every set, and the answers to them.

use crate::documents::fa997::{self, GroupAcknowledgment, SetAcknowledgment};
use crate::documents::{acknowledgment, po850, ta1};
use crate::domain::Date;
use crate::domain::diagnostic::{Diagnostic, Rule, Severity};
use crate::domain::partner::Strictness;
use crate::domain::resolution::DecidedOrder;
use crate::domain::rules::{envelope as envelope_rules, segments as segment_rules};
use crate::night;
use crate::pipeline::check::check_set;
use crate::pipeline::process::process_set;
use crate::x12::envelope::{FileIndex, Group, Interchange, Limits, Set, scan};
use crate::x12::grammar::transaction_set;
use crate::x12::lexer::{Separators, Tokens, header, segments, unwrap_lines};
use crate::x12::validate::validate;
use crate::x12::writer::{Conventions, OutboundEnvelope, interchange, ta1_interchange};
use std::io::Read;

/// Larger inputs are left alone: what is bounded by limits is tried with small limits instead.
const BYTES_MAX: usize = 1 << 16;

/// So small that the fuzzer finds both sides of each.
const LIMITS: Limits = Limits {
    segment_bytes_max: 2_000,
    set_bytes_max: 20_000,
    segments_per_set_max: 500,
    sets_per_file_max: 60,
    interchanges_per_file_max: 20,
    envelope_findings_max: 60,
    diagnostics_per_set_max: 20,
    lines_per_order_max: 100,
};

/// What may stand between the sets of an interchange without a word.
const ENVELOPE_IDS: [&[u8]; 9] =
    [b"ISA", b"GS", b"GE", b"IEA", b"TA1", b"TA3", b"ISB", b"ISE", b"ISX"];

/// Segments that fit nowhere.
static STRAY: [&Rule; 3] = [
    &segment_rules::SEGMENT_UNRECOGNIZED,
    &segment_rules::SEGMENT_UNEXPECTED,
    &segment_rules::SEGMENT_NOT_IN_SET,
];

pub fn run(bytes: &[u8]) {
    if bytes.len() > BYTES_MAX {
        return;
    }
    let index = scan(bytes, &LIMITS).expect("bytes in memory can be read");
    assert_eq!(index.length, bytes.len() as u64);
    if bytes.len() < 4_000 {
        let step = 1 + bytes.len() % 97;
        let dripped = scan(Drip { bytes, step }, &LIMITS).expect("bytes in memory can be read");
        assert_eq!(format!("{index:?}"), format!("{dripped:?}"), "the cut of the pieces shows");
    }
    all_inside(&index.diagnostics, bytes);
    ranges_hold(&index, bytes);
    let mut end = 0;
    let mut known = None;
    for interchange in &index.interchanges {
        nothing_lost_outside(&index, bytes, end, interchange.offset);
        end = interchange.offset + interchange.length;
        whole_interchange(interchange, bytes, &mut known);
    }
    nothing_lost_outside(&index, bytes, end, index.length);
}

/// A reader that gives a few bytes at a time.
struct Drip<'a> {
    bytes: &'a [u8],
    step: usize,
}

impl Read for Drip<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.step.min(self.bytes.len()).min(buffer.len());
        let (now, later) = self.bytes.split_at(count);
        buffer[..count].copy_from_slice(now);
        self.bytes = later;
        Ok(count)
    }
}

fn all_inside(found: &[Diagnostic], bytes: &[u8]) {
    for diagnostic in found {
        let end = diagnostic.at.offset + u64::from(diagnostic.at.length);
        assert!(end <= bytes.len() as u64, "a finding outside the file of {}: {diagnostic:?}", bytes.len());
    }
}

/// Interchanges and sets follow one another and do not overlap.
fn ranges_hold(index: &FileIndex, bytes: &[u8]) {
    let mut at = 0;
    for interchange in &index.interchanges {
        assert!(interchange.offset >= at);
        at = interchange.offset;
        for set in interchange.groups.iter().flat_map(|group| &group.sets) {
            assert!(set.offset >= at, "sets overlap");
            at = set.offset + set.length;
        }
        let end = interchange.offset + interchange.length;
        assert!(at <= end && end <= bytes.len() as u64, "a set beyond its interchange");
        at = end;
    }
}

fn range(bytes: &[u8], from: u64, to: u64) -> &[u8] {
    &bytes[usize::try_from(from).unwrap()..usize::try_from(to).unwrap()]
}

/// What stands outside any interchange is told, unless it says nothing.
fn nothing_lost_outside(index: &FileIndex, bytes: &[u8], from: u64, to: u64) {
    let solid = range(bytes, from, to).iter().any(u8::is_ascii_alphanumeric);
    let interchanges = index.interchanges.iter().any(|interchange| !interchange.diagnostics.is_empty());
    assert!(!solid || !index.diagnostics.is_empty() || interchanges, "bytes {from} to {to} are lost");
}

fn whole_interchange(interchange: &Interchange, bytes: &[u8], known: &mut Option<DecidedOrder>) {
    all_inside(&interchange.diagnostics, bytes);
    let full = interchange.diagnostics.iter().any(|found| *found.rule == envelope_rules::FILE_TOO_MANY_SETS);
    let mut at = interchange.offset;
    for group in &interchange.groups {
        all_inside(&group.diagnostics, bytes);
        let mut answer = GroupAcknowledgment {
            functional_id: group.functional_id.clone(),
            control: group.control.clone(),
            version: group.version.clone(),
            stated_sets: group.stated_sets,
            sets: Vec::new(),
            diagnostics: group.diagnostics.clone(),
        };
        for set in &group.sets {
            nothing_lost_between(interchange, bytes, at, set.offset);
            at = set.offset + set.length;
            let diagnostics = whole_set((interchange, group, set), bytes, known);
            answer.sets.push(SetAcknowledgment {
                id: set.id.clone(),
                control: set.control.clone(),
                diagnostics,
                ..SetAcknowledgment::default()
            });
        }
        // what is unsound gets a TA1 and no 997
        if interchange.is_sound() {
            for separators in [SEPARATORS, OTHER_SEPARATORS] {
                acknowledged(&answer, separators);
            }
        }
    }
    if !full {
        nothing_lost_between(interchange, bytes, at, interchange.offset + interchange.length);
    }
    interchange_answered(interchange);
}

/// Between the sets of an interchange stand envelope segments, or a finding says that there is more.
fn nothing_lost_between(interchange: &Interchange, bytes: &[u8], from: u64, to: u64) {
    // the header is read by its elements, whatever stands in them
    let header = if from == interchange.offset { header_length(range(bytes, from, to)) } else { 0 };
    let mut piece = range(bytes, from + header, to).to_vec();
    if interchange.wrapped {
        unwrap_lines(&mut piece);
    }
    let stray = segments(&piece, interchange.separators, from)
        .find(|segment| !ENVELOPE_IDS.contains(&segment.id()) && segment.bytes().iter().any(u8::is_ascii_alphanumeric));
    let groups = interchange.groups.iter().flat_map(|group| {
        group.diagnostics.iter().chain(group.sets.iter().flat_map(|set| &set.diagnostics))
    });
    let mut told = interchange.diagnostics.iter().chain(groups);
    assert!(stray.is_none() || told.next().is_some(), "{:?} is lost", stray.map(|segment| segment.bytes()));
}

fn header_length(bytes: &[u8]) -> u64 {
    header(bytes).map_or(0, |header| header.length as u64)
}

/// Everything that is found in a set; what its bytes hold agrees with what was counted.
fn whole_set(
    (interchange, group, set): (&Interchange, &Group, &Set),
    bytes: &[u8],
    known: &mut Option<DecidedOrder>,
) -> Vec<Diagnostic> {
    let mut piece = range(bytes, set.offset, set.offset + set.length).to_vec();
    if interchange.wrapped {
        unwrap_lines(&mut piece);
    }
    let separators = interchange.separators;
    let long = set.diagnostics.iter().any(|found| *found.rule == envelope_rules::SEGMENT_TOO_LONG);
    let count = segments(&piece, separators, set.offset).count();
    assert!(long || count == set.segments as usize, "{count} segments, {} counted", set.segments);
    let lines = segments(&piece, separators, set.offset)
        // in lower case too: a line that is not read must be missed
        .filter(|segment| [b"PO1".as_slice(), b"IT1", b"POC"].iter().any(|id| id.eq_ignore_ascii_case(segment.id())))
        .count();
    assert!(long || lines == set.lines as usize, "{lines} lines, {} counted", set.lines);
    every_segment_is_placed_or_told(&piece, separators, group, set, count);
    let found = check_set(&piece, separators, &group.version, set, &LIMITS);
    all_inside(&found, bytes);
    whole_core(&piece, separators, (group, set), bytes, known);
    found
}

/// The set through the stages of a night: read, resolved, decided, answered, handed to the ERP, or matched to what we sent.
fn whole_core(
    piece: &[u8],
    separators: Separators,
    (group, set): (&Group, &Set),
    bytes: &[u8],
    known: &mut Option<DecidedOrder>,
) {
    let envelope = envelope(SEPARATORS);
    night::with_context(set.segments % 4, |context| {
        let processed = process_set(context, &envelope, piece, separators, &group.version, set, &LIMITS);
        all_inside(&processed.acknowledgment.diagnostics, bytes);
        night::judged(context, &envelope, processed, known);
    });
    if matches!(set.id.as_str(), "997" | "999") {
        let _ = acknowledgment::read(separators, segments(piece, separators, set.offset));
    }
}

fn every_segment_is_placed_or_told(
    piece: &[u8],
    separators: Separators,
    group: &Group,
    set: &Set,
    count: usize,
) {
    let Some(def) = transaction_set(&set.id) else { return };
    let limits = Limits { diagnostics_per_set_max: u32::MAX, ..LIMITS };
    let strictness = [Strictness::Standard, Strictness::Lenient, Strictness::Strict][count % 3];
    let tokens = Tokens::new(piece, separators, set.offset);
    let (tree, found) = validate(def, &tokens, &group.version, &limits, strictness);
    // what only another version has is placed, and told of as well
    let placed_all_the_same = |found: &&Diagnostic| found.detail.contains(" has it, ");
    let strays = found.iter().filter(|found| STRAY.contains(&found.rule) && !placed_all_the_same(found));
    let told: usize = strays
        .map(|found| found.detail.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or(1))
        .sum();
    // ST and SE have no place; an SE is not there where the set breaks off
    let placed = tree.nodes.len() + 1 + told;
    assert!((placed..=placed + 1).contains(&count), "{count} segments, {placed} placed or told: {found:?}");
    let mut last = 0;
    for node in &tree.nodes {
        assert!(node.segment.number > last, "the order of the document stays");
        last = node.segment.number;
    }
    let order = po850::read(&tree);
    if def.id == "850" {
        let openers = tree.top().filter(|(_, node)| node.id() == "PO1").count();
        assert_eq!(order.0.received_lines as usize, openers);
    }
}

pub(crate) const SEPARATORS: Separators = Separators { element: b'*', component: b'>', repetition: Some(b'^'), segment: b'~' };
const OTHER_SEPARATORS: Separators =
    Separators { element: b'|', component: b':', repetition: Some(b'!'), segment: b'\n' };

pub(crate) fn envelope(separators: Separators) -> OutboundEnvelope {
    OutboundEnvelope {
        separators,
        line_breaks: separators.segment == b'~',
        conventions: Conventions::default(),
        sender_qualifier: "ZZ".into(),
        sender: "NORTHWIND".into(),
        receiver_qualifier: "01".into(),
        receiver: "006922827".into(),
        application_sender: "NORTHWIND".into(),
        application_receiver: "ACMEPO".into(),
        version: if separators.segment == b'~' { "004010".into() } else { "005010".into() },
        acknowledgment_requested: false,
        usage: "P".into(),
        date: Date::constant(2026, 3, 9),
        time: "2130".into(),
    }
}

/// The 997 of a group can be said, and our own reader finds no error in it.
fn acknowledged(answer: &GroupAcknowledgment, separators: Separators) {
    let envelope = envelope(separators);
    let (set, problems) = fa997::write(answer, &envelope);
    assert_eq!(problems, [], "a 997 never fails");
    let bytes = interchange(&envelope, 7, 7, std::slice::from_ref(&set));
    let index = scan(bytes.as_slice(), &Limits::default()).expect("bytes in memory can be read");
    let read = sound(&index);
    let written = &read.groups[0].sets[0];
    assert_eq!((written.id.as_str(), written.segments), ("997", set.segments + 2));
    let piece = range(&bytes, written.offset, written.offset + written.length);
    let found = check_set(piece, read.separators, &read.groups[0].version, written, &Limits::default());
    let errors: Vec<&Diagnostic> = found.iter().filter(|found| found.severity == Severity::Error).collect();
    assert!(errors.is_empty(), "{errors:?}\n{}", String::from_utf8_lossy(&bytes));
}

/// The one interchange of a file of ours, without a finding about any envelope.
fn sound(index: &FileIndex) -> &Interchange {
    assert_eq!(index.diagnostics, []);
    assert_eq!(index.interchanges.len(), 1);
    let interchange = &index.interchanges[0];
    assert_eq!(interchange.diagnostics, []);
    for group in &interchange.groups {
        assert_eq!(group.diagnostics, []);
        assert!(group.sets.iter().all(|set| set.diagnostics.is_empty()), "{:?}", group.sets);
    }
    interchange
}

/// The TA1 of an interchange is read back as it was meant.
fn interchange_answered(interchange: &Interchange) {
    let answer = ta1::answer(&interchange.header, &interchange.diagnostics);
    assert_eq!(answer.verdict == "R", !interchange.is_sound());
    let bytes = ta1_interchange(&envelope(SEPARATORS), 7, std::slice::from_ref(&answer));
    let index = scan(bytes.as_slice(), &Limits::default()).expect("bytes in memory can be read");
    let read = sound(&index);
    assert_eq!(read.ta1.len(), 1);
    assert_eq!((&read.ta1[0].verdict, &read.ta1[0].note), (&answer.verdict, &answer.note));
}
