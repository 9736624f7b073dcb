//! The walk through a grammar table: open levels on a stack, a cursor and counts for each.

use super::{FINDINGS_MAX, Node, Reading, Tree, segment_location, to_u32};
use crate::domain::Text;
use crate::domain::diagnostic::{Diagnostic, Location, Rule, Severity};
use crate::domain::rules::segments as rules;
use crate::x12::grammar::{self, Part, TransactionSetDef, Usage, Versions};
use crate::x12::lexer::{Segment, text};

/// Places one segment after the other.
pub(super) struct Placer<'a> {
    tree: Tree<'a>,
    reading: Reading,
    /// The open levels, the set's own first. As deep as the table is, however deep a document would like to be.
    levels: Vec<Level>,
    /// How often each part of each open level was used, level after level.
    used: Vec<u32>,
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
struct Level {
    /// The loop; None for the set itself.
    part: Option<&'static Part>,
    parts: &'static [Part],
    /// Index of the part that was used last.
    cursor: usize,
    /// Index in `used` of the first part.
    used: usize,
    /// Index of the node that opened the loop; None for the set itself.
    opener: Option<usize>,
}

/// A mandatory part, by its index in `used`.
struct Leapt {
    slot: usize,
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

/// The keys of the segments around a set.
const ST: u32 = grammar::key(b"ST");
const SE: u32 = grammar::key(b"SE");

impl<'a> Placer<'a> {
    /// `segments` is how many are expected.
    pub(super) fn new(def: &'static TransactionSetDef, reading: Reading, segments: usize) -> Self {
        Self {
            tree: Tree { def, nodes: Vec::with_capacity(segments) },
            reading,
            levels: vec![Level { part: None, parts: def.body, cursor: 0, used: 0, opener: None }],
            used: vec![0; def.body.len()],
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
        match grammar::key(segment.id()) {
            SE => self.trailer = Some(segment),
            ST if segment.number == 1 => {}
            key => self.seek(segment, key),
        }
        if self.trailer.is_none() {
            let offset = segment.offset + segment.bytes().len() as u64;
            self.next = Place { number: segment.number.saturating_add(1), offset };
        }
    }

    /// Places a segment, or counts it to those that fit nowhere.
    #[inline(always)]
    fn seek(&mut self, segment: Segment<'a>, key: u32) {
        match self.onward(key) {
            Some((depth, index)) => self.place(segment, depth, index),
            None => self.seek_elsewhere(segment, key),
        }
    }

    /// Where nearly every segment goes: onward in an open level, the innermost first, over nothing that must be there.
    #[inline(always)]
    fn onward(&self, key: u32) -> Option<(usize, usize)> {
        let mut depth = self.levels.len();
        while let Some(level) = depth.checked_sub(1).and_then(|depth| self.levels.get(depth)) {
            depth -= 1;
            if level.may_have(key) {
                let start = level.cursor.max(level.first());
                let parts = level.parts.get(start..)?;
                if let Some(found) = position(parts, key, self.reading.versions)
                    && !self.leaps_over(level, start + found)
                {
                    return Some((depth, start + found));
                }
            }
        }
        None
    }

    /// Back, or over what is missing; by its id in capitals, where the partner is read leniently; by the other versions' tables, with a finding.
    #[cold]
    fn seek_elsewhere(&mut self, segment: Segment<'a>, key: u32) {
        let id = segment.id();
        // The envelope has told of ST and SE, whoever the partner is.
        let envelope = id.eq_ignore_ascii_case(b"ST") || id.eq_ignore_ascii_case(b"SE");
        let lower_case = id.len() <= 3 && id.iter().any(u8::is_ascii_lowercase);
        let folded = lower_case && (self.reading.folds_case || envelope);
        let key = if folded { grammar::key(&id.to_ascii_uppercase()) } else { key };
        match self.find(key, self.reading.versions).or_else(|| self.find(key, Versions::ALL)) {
            _ if folded && key == SE => self.trailer = Some(segment),
            Some((depth, index)) => {
                if folded {
                    self.count_folded(&segment);
                }
                self.place(segment, depth, index);
            }
            None if folded && key == ST && segment.number == 1 => {}
            None => self.stray(&segment),
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
        for (depth, level) in self.levels.iter().enumerate().rev().filter(|(_, level)| level.may_have(key)) {
            let start = level.cursor.max(level.first());
            let Some(index) = position(&level.parts[start..], key, versions).map(|found| start + found)
            else {
                continue;
            };
            if !self.leaps_over(level, index) {
                return Some((depth, index));
            }
            leap = leap.or(Some((depth, index)));
        }
        self.find_back(key, versions).or(leap)
    }

    fn find_back(&self, key: u32, versions: Versions) -> Option<(usize, usize)> {
        let mut levels = self.levels.iter().enumerate().rev().filter(|(_, level)| level.may_have(key));
        levels.find_map(|(depth, level)| {
            let parts = level.parts.get(level.first()..level.cursor)?;
            position(parts, key, versions).map(|found| (depth, level.first() + found))
        })
    }

    /// Whether a mandatory part before `index` was never used.
    #[inline]
    fn leaps_over(&self, level: &Level, index: usize) -> bool {
        level.demands() && (level.cursor..index).any(|before| self.lacks(level, before))
    }

    fn lacks(&self, level: &Level, index: usize) -> bool {
        let part = &level.parts[index];
        part.usage == Usage::Mandatory
            && part.versions.meets(self.reading.versions)
            && self.used[level.used + index] == 0
    }

    fn place(&mut self, segment: Segment<'a>, depth: usize, index: usize) {
        if self.stray.is_some() {
            self.report_stray();
        }
        let place = Place { number: segment.number, offset: segment.offset };
        if self.levels.len() > depth + 1 {
            self.close_to(depth + 1, place);
        }
        let level = &self.levels[depth];
        let part = &level.parts[index];
        let loop_id = if part.children.is_empty() { level.loop_id() } else { part.id };
        let (used, cursor) = (level.used, level.cursor);
        let leapt = if level.demands() { cursor..index } else { 0..0 };
        for before in leapt {
            let slot = used + before;
            if self.lacks(&self.levels[depth], before) && self.leapt.iter().all(|leapt| leapt.slot != slot) {
                self.leapt.push(Leapt { slot, place });
            }
        }
        if index < cursor {
            let at = segment_location(&segment, loop_id);
            self.report(Diagnostic::new(&rules::SEGMENT_OUT_OF_SEQUENCE, at));
        }
        if !part.versions.meets(self.reading.versions) {
            let at = segment_location(&segment, loop_id);
            let detail =
                format!("{} has it, {} does not", part.versions.names(), self.reading.versions.names());
            self.report(Diagnostic::new(&rules::SEGMENT_NOT_IN_SET, at).detail(detail));
        }
        self.levels[depth].cursor = index;
        let count = &mut self.used[used + index];
        *count = count.saturating_add(1);
        let max = part.max(self.reading.versions);
        if max != grammar::MANY && *count == max + 1 {
            self.over_maximum(&segment, part, loop_id);
        }
        if !part.children.is_empty() {
            self.open(part);
        }
        let end = to_u32(self.tree.nodes.len() + 1);
        self.tree.nodes.push(Node { segment, id: part.id, part, loop_id, end });
    }

    /// Keeps a finding; of warnings only so many, whatever a stranger sends.
    fn report(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < FINDINGS_MAX || diagnostic.severity == Severity::Error {
            self.diagnostics.push(diagnostic);
        }
    }

    fn over_maximum(&mut self, segment: &Segment<'_>, part: &Part, loop_id: &str) {
        let rule = match part.children {
            [] => &rules::SEGMENT_OVER_MAXIMUM,
            _ => &rules::LOOP_OVER_MAXIMUM,
        };
        let at = segment_location(segment, loop_id);
        self.report(Diagnostic::new(rule, at).detail(format!("at most {}", part.max(self.reading.versions))));
    }

    /// Opens the loop whose opener becomes the next node.
    fn open(&mut self, part: &'static Part) {
        let (used, parts) = (self.used.len(), part.children);
        self.used.resize(used + parts.len(), 0);
        self.used[used] = 1;
        let opener = Some(self.tree.nodes.len());
        self.levels.push(Level { part: Some(part), parts, cursor: 0, used, opener });
    }

    /// Closes the innermost levels until `depth` are left. What they lack is missing at `place` at the latest.
    fn close_to(&mut self, depth: usize, place: Place) {
        while self.levels.len() > depth {
            let Some(level) = self.levels.pop() else { return };
            let parts = if level.demands() { level.parts.len() } else { 0 };
            for index in 0..parts {
                if self.lacks(&level, index) {
                    self.missing(&level, index, place);
                }
            }
            if let Some(opener) = level.opener {
                self.tree.nodes[opener].end = to_u32(self.tree.nodes.len());
            }
            if !self.leapt.is_empty() {
                self.leapt.retain(|leapt| leapt.slot < level.used);
            }
            self.used.truncate(level.used);
        }
    }

    fn missing(&mut self, level: &Level, index: usize, place: Place) {
        let leapt = self.leapt.iter().find(|leapt| leapt.slot == level.used + index);
        let place = leapt.map_or(place, |leapt| leapt.place);
        let part = &level.parts[index];
        let loop_id = if part.children.is_empty() { level.loop_id() } else { part.id };
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
        let loop_id = self.levels.last().map_or("", |level| level.loop_id());
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
    /// The first part that may follow: a loop's opener begins another loop, one level up.
    fn first(&self) -> usize {
        usize::from(self.opener.is_some())
    }

    /// Whether one of its parts may have this [`grammar::key`]; false is certain.
    #[inline]
    fn may_have(&self, key: u32) -> bool {
        self.part.is_none_or(|part| part.own.may_have(key))
    }

    /// Whether a part must be there; the opener of a loop is.
    fn demands(&self) -> bool {
        self.part.is_none_or(|part| part.has_mandatory)
    }

    /// The id of the loop that this level is, empty for the set itself.
    fn loop_id(&self) -> &'static str {
        if self.opener.is_some() { self.parts[0].id } else { "" }
    }
}

fn position(parts: &[Part], key: u32, versions: Versions) -> Option<usize> {
    parts.iter().position(|part| part.key == key && part.versions.meets(versions))
}
