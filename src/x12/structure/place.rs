//! The walk through a grammar table: open levels on a stack, a cursor and counts for each.

#![allow(clippy::inline_always, reason = "a call for each segment takes longer than what it does")]

use super::{FINDINGS_MAX, Node, Reading, Tree, segment_location, to_u32};
use crate::domain::Text;
use crate::domain::diagnostic::{Diagnostic, Location, Rule, Severity};
use crate::domain::rules::segments as rules;
use crate::x12::grammar::{self, Part, Shape, TransactionSetDef, Versions};
use crate::x12::lexer::{Segment, text};

/// Places one segment after the other.
pub(super) struct Placer<'a> {
    tree: Tree<'a>,
    reading: Reading,
    /// The open levels, the set's own first. As deep as the table is, however deep a document would like to be.
    levels: Vec<Level>,
    /// How often each part of each open level was used: [`Shape::PARTS_MAX`] for each level. A count means something only
    /// where [`Level::used`] says so.
    counts: Vec<u32>,
    /// Mandatory parts that were leapt over, each once, and what stands in their place.
    leapt: Vec<Leapt>,
    stray: Option<Stray>,
    /// An SE that may be the last segment, and where the segment before it ended.
    trailer: Option<Segment<'a>>,
    next: Place,
    folded: Option<Folded>,
    diagnostics: Vec<Diagnostic>,
}

/// Segments whose ids were read in capitals: the first, and how many.
struct Folded {
    at: Location,
    found: Text,
    count: u32,
}

/// The parts of the set or of an open loop.
#[derive(Clone, Copy)]
struct Level {
    /// The loop; None for the set itself.
    part: Option<&'static Part>,
    parts: &'static [Part],
    shape: &'static Shape,
    /// Index of the part that was used last.
    cursor: usize,
    /// Bit n is set where part n was used.
    used: u64,
    /// Index of the node that opened the loop; None for the set itself.
    opener: Option<usize>,
}

/// A mandatory part, by its level's depth and its index there.
struct Leapt {
    depth: usize,
    index: usize,
    place: Place,
}

/// Where a segment that is not there would have begun.
#[derive(Clone, Copy)]
struct Place {
    number: u32,
    offset: u64,
}

/// Segments in a row that fit nowhere.
struct Stray {
    rule: &'static Rule,
    at: Location,
    found: Text,
    count: u32,
}

/// Loops stand hardly deeper in one another.
const DEPTH: usize = 6;

/// The keys of the segments around a set.
const ST: u32 = grammar::key(b"ST");
const SE: u32 = grammar::key(b"SE");

impl<'a> Placer<'a> {
    /// `segments` is how many are expected.
    pub(super) fn new(def: &'static TransactionSetDef, reading: Reading, segments: usize) -> Self {
        // Room for the loops of nearly every document, so that nothing grows on the way.
        let mut levels = Vec::with_capacity(DEPTH);
        let (parts, shape) = (def.body, &def.shape);
        levels.push(Level { part: None, parts, shape, cursor: 0, used: 0, opener: None });
        Self {
            tree: Tree { def, nodes: Vec::with_capacity(segments) },
            reading,
            levels,
            counts: vec![0; DEPTH * Shape::PARTS_MAX],
            leapt: Vec::new(),
            stray: None,
            trailer: None,
            next: Place { number: 1, offset: 0 },
            folded: None,
            diagnostics: Vec::new(),
        }
    }

    pub(super) fn take(&mut self, segment: Segment<'a>) {
        if self.trailer.is_some()
            && let Some(trailer) = self.trailer.take()
        {
            self.stray(&trailer);
        }
        let key = segment.key();
        match self.onward(key) {
            Some((depth, index)) => self.place(segment, depth, index),
            None => self.seek(segment, key),
        }
        if self.trailer.is_none() {
            self.next = Place { number: segment.number.saturating_add(1), offset: segment.end() };
        }
    }

    /// Where nearly every segment goes: onward in an open level, the innermost first, over nothing that must be there.
    #[inline(always)]
    fn onward(&self, key: u32) -> Option<(usize, usize)> {
        let mut depth = self.levels.len();
        for level in self.levels.iter().rev() {
            depth -= 1;
            if let Some(index) = level.find(key, level.cursor, self.reading.versions)
                && level.leapt(index, self.reading.versions) == 0
            {
                return Some((depth, index));
            }
        }
        None
    }

    /// The segments around the set; back, or over what is missing; by its id in capitals, where the partner is read leniently;
    /// by the other versions' tables, with a finding.
    #[cold]
    fn seek(&mut self, segment: Segment<'a>, key: u32) {
        let id = segment.id();
        // The envelope has told of ST and SE, whoever the partner is.
        let envelope = id.eq_ignore_ascii_case(b"ST") || id.eq_ignore_ascii_case(b"SE");
        let lower_case = id.len() <= 3 && id.iter().any(u8::is_ascii_lowercase);
        let folded = lower_case && (self.reading.folds_case || envelope);
        let key = if folded { grammar::key(&id.to_ascii_uppercase()) } else { key };
        match key {
            SE => self.trailer = Some(segment),
            ST if segment.number == 1 => {}
            _ => match self.find(key, self.reading.versions).or_else(|| self.find(key, Versions::ALL)) {
                Some((depth, index)) => {
                    if folded {
                        self.count_folded(&segment);
                    }
                    self.place(segment, depth, index);
                }
                None => self.stray(&segment),
            },
        }
    }

    fn count_folded(&mut self, segment: &Segment<'_>) {
        let first = || Folded { at: segment_location(segment, ""), found: text(segment.id()), count: 0 };
        self.folded.get_or_insert_with(first).count += 1;
    }

    fn report_folded(&mut self) {
        let Some(Folded { at, found, count }) = self.folded.take() else { return };
        let detail = if count == 1 { String::new() } else { format!("{count} segments from here") };
        self.report(Diagnostic::new(&rules::SEGMENT_ID_LOWER_CASE, at).found(&found).detail(detail));
    }

    pub(super) fn finish(mut self) -> (Tree<'a>, Vec<Diagnostic>) {
        self.report_stray();
        self.report_folded();
        let place = match &self.trailer {
            Some(trailer) => Place { number: trailer.number, offset: trailer.offset },
            None => self.next,
        };
        self.close_to(0, place);
        self.diagnostics.sort_by_key(|diagnostic| diagnostic.at.segment);
        (self.tree, self.diagnostics)
    }

    /// The level and the part for a segment id: onward in an open level, the innermost first; else back in one, which is
    /// out of sequence; else onward over a mandatory part, which is then missing.
    fn find(&self, key: u32, versions: Versions) -> Option<(usize, usize)> {
        let mut leap = None;
        for (depth, level) in self.levels.iter().enumerate().rev() {
            let Some(index) = level.find(key, level.cursor, versions) else { continue };
            if level.leapt(index, self.reading.versions) == 0 {
                return Some((depth, index));
            }
            leap = leap.or(Some((depth, index)));
        }
        self.find_back(key, versions).or(leap)
    }

    fn find_back(&self, key: u32, versions: Versions) -> Option<(usize, usize)> {
        let mut levels = self.levels.iter().enumerate().rev();
        levels.find_map(|(depth, level)| {
            let index = level.find(key, 0, versions).filter(|index| *index < level.cursor)?;
            Some((depth, index))
        })
    }

    /// Gives a segment the part `index` of the level at `depth`; what is open further in closes.
    #[inline(always)]
    fn place(&mut self, segment: Segment<'a>, depth: usize, index: usize) {
        if self.stray.is_some() {
            self.report_stray();
        }
        if self.levels.len() > depth + 1 {
            self.close_to(depth + 1, Place { number: segment.number, offset: segment.offset });
        }
        let versions = self.reading.versions;
        let Some(level) = self.levels.last_mut() else { return };
        let Some(part) = level.parts.get(index) else { return };
        let (before, outer) = (level.cursor, level.part);
        let odd = index < before || level.leapt(index, versions) != 0;
        level.cursor = index;
        let again = level.used & bit(index) != 0;
        level.used |= bit(index);
        if odd {
            self.moved(&segment, before, index);
        }
        if let Some(count) = self.counts.get_mut(depth * Shape::PARTS_MAX + index) {
            *count = if again { count.saturating_add(1) } else { 1 };
            let max = part.max(versions);
            if *count > max && *count - 1 == max {
                self.over_maximum(&segment, part, outer);
            }
        }
        if !part.versions.meets(versions) {
            self.of_another_version(&segment, part, outer);
        }
        let within = if part.children.is_empty() { outer } else { Some(part) };
        if !part.children.is_empty() {
            self.open(part);
        }
        let end = to_u32(self.tree.nodes.len() + 1);
        self.tree.nodes.push(Node { segment, part, within, end });
    }

    /// The cursor of the innermost level has moved back, or over parts that must be there.
    #[cold]
    fn moved(&mut self, segment: &Segment<'_>, before: usize, index: usize) {
        let Some(level) = self.levels.last().copied() else { return };
        if index < before {
            let within = inside(level.parts.get(index), level.part);
            let at = segment_location(segment, grammar::loop_id(within));
            return self.report(Diagnostic::new(&rules::SEGMENT_OUT_OF_SEQUENCE, at));
        }
        let place = Place { number: segment.number, offset: segment.offset };
        let depth = self.levels.len() - 1;
        let came_from = Level { cursor: before, ..level };
        for index in bits(came_from.leapt(index, self.reading.versions)) {
            if self.leapt.iter().all(|leapt| (leapt.depth, leapt.index) != (depth, index)) {
                self.leapt.push(Leapt { depth, index, place });
            }
        }
    }

    #[cold]
    fn of_another_version(
        &mut self,
        segment: &Segment<'_>,
        part: &'static Part,
        level: Option<&'static Part>,
    ) {
        let at = segment_location(segment, grammar::loop_id(inside(Some(part), level)));
        let detail = format!("{} has it, {} does not", part.versions.names(), self.reading.versions.names());
        self.report(Diagnostic::new(&rules::SEGMENT_NOT_IN_SET, at).detail(detail));
    }

    /// Keeps a finding; of warnings only so many, whatever a stranger sends.
    fn report(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < FINDINGS_MAX || diagnostic.severity == Severity::Error {
            self.diagnostics.push(diagnostic);
        }
    }

    #[cold]
    fn over_maximum(&mut self, segment: &Segment<'_>, part: &'static Part, level: Option<&'static Part>) {
        let rule = match part.children {
            [] => &rules::SEGMENT_OVER_MAXIMUM,
            _ => &rules::LOOP_OVER_MAXIMUM,
        };
        let at = segment_location(segment, grammar::loop_id(inside(Some(part), level)));
        self.report(Diagnostic::new(rule, at).detail(format!("at most {}", part.max(self.reading.versions))));
    }

    /// Opens the loop whose opener becomes the next node.
    #[inline]
    fn open(&mut self, part: &'static Part) {
        let (parts, shape, opener) = (part.children, &part.shape, Some(self.tree.nodes.len()));
        self.levels.push(Level { part: Some(part), parts, shape, cursor: 0, used: bit(0), opener });
        let counts = self.levels.len() * Shape::PARTS_MAX;
        if self.counts.len() < counts {
            self.counts.resize(counts, 0);
        }
    }

    /// Closes the innermost levels until `depth` are left. What they lack is missing at `place` at the latest.
    #[inline]
    fn close_to(&mut self, depth: usize, place: Place) {
        while self.levels.len() > depth {
            let Some(level) = self.levels.last() else { return };
            let end = to_u32(self.tree.nodes.len());
            if let Some(opener) = level.opener.and_then(|opener| self.tree.nodes.get_mut(opener)) {
                opener.end = end;
            }
            let lacking = level.lacking(self.reading.versions);
            if lacking != 0 {
                self.missing(lacking, place);
            }
            self.levels.pop();
            if !self.leapt.is_empty() {
                self.leapt.retain(|leapt| leapt.depth < self.levels.len());
            }
        }
    }

    /// Tells of the parts of the innermost level that must have been there.
    #[cold]
    fn missing(&mut self, lacking: u64, place: Place) {
        let Some(level) = self.levels.last().copied() else { return };
        for index in bits(lacking) {
            self.missing_part(&level, index, place);
        }
    }

    fn missing_part(&mut self, level: &Level, index: usize, place: Place) {
        let slot = (self.levels.len() - 1, index);
        let leapt = self.leapt.iter().find(|leapt| (leapt.depth, leapt.index) == slot);
        let place = leapt.map_or(place, |leapt| leapt.place);
        let part = &level.parts[index];
        let loop_id = grammar::loop_id(inside(Some(part), level.part));
        let at = Location {
            segment: place.number,
            segment_id: part.id.into(),
            loop_id: loop_id.into(),
            offset: place.offset,
            ..Location::default()
        };
        let mut diagnostic = Diagnostic::new(&rules::SEGMENT_MISSING, at);
        if level.opener.is_some() {
            diagnostic.severity = Severity::Warning;
        }
        self.report(diagnostic);
    }

    /// Counts a segment that fits nowhere to those before it, or begins a new row of them.
    fn stray(&mut self, segment: &Segment<'_>) {
        let end = segment.offset + segment.bytes().len() as u64;
        if let Some(stray) = &mut self.stray {
            stray.count += 1;
            stray.at.length = u32::try_from(end - stray.at.offset).unwrap_or(u32::MAX);
            return;
        }
        let id = segment.id();
        let rule = if !grammar::is_segment_id(id) {
            &rules::SEGMENT_UNRECOGNIZED
        } else if self.tree.def.has(grammar::key(id)) {
            &rules::SEGMENT_UNEXPECTED
        } else {
            &rules::SEGMENT_NOT_IN_SET
        };
        let loop_id = grammar::loop_id(self.levels.last().and_then(|level| level.part));
        let at = segment_location(segment, loop_id);
        self.stray = Some(Stray { rule, at, found: text(segment.bytes()), count: 1 });
    }

    fn report_stray(&mut self) {
        let Some(stray) = self.stray.take() else { return };
        let mut diagnostic = Diagnostic::new(stray.rule, stray.at).found(&stray.found);
        if stray.count > 1 {
            diagnostic = diagnostic.detail(format!("{} segments from here", stray.count));
        }
        self.report(diagnostic);
    }
}

impl Level {
    /// Index of the first part from `start` on that has the key in one of the versions; never the opener of the loop,
    /// which begins another, one level up.
    #[inline(always)]
    fn find(&self, key: u32, start: usize, versions: Versions) -> Option<usize> {
        self.shape.find(self.parts, key, start, versions)
    }

    /// Bit n is set where part n must be there and was not used.
    #[inline(always)]
    fn lacking(&self, versions: Versions) -> u64 {
        self.shape.mandatory(versions) & !self.used
    }

    /// Those of the parts lacking that lie between the cursor and this part, if it lies onward.
    #[inline(always)]
    fn leapt(&self, index: usize, versions: Versions) -> u64 {
        // What lies before the cursor was leapt over before, or is used.
        self.lacking(versions) & (bit(index) - 1) & !(bit(self.cursor) - 1)
    }
}

/// The bit of a part: a level has at most as many as a word has bits.
#[inline(always)]
fn bit(index: usize) -> u64 {
    1 << (index % Shape::PARTS_MAX)
}

/// The places of the bits that are set, in order.
fn bits(mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let index = (word != 0).then_some(word.trailing_zeros() as usize);
        word &= word.wrapping_sub(1);
        index
    })
}

/// The loop that a part of a level stands in: a loop stands in itself.
fn inside(part: Option<&'static Part>, level: Option<&'static Part>) -> Option<&'static Part> {
    part.filter(|part| !part.children.is_empty()).or(level)
}
