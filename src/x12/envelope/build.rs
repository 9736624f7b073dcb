//! Segments to events: what opens, and what stands where nothing is open.

mod close;

use super::checks::{counts_as_line, envelope_id, locate, repeated_group, significant, tell_of_group, value};
use super::headers;
use super::outside::Junk;
use super::seen::{Seen, Sight};
use super::{Event, Group, Interchange, Isa, Level, Limits, Set, header};
use crate::domain::Text;
use crate::domain::diagnostic::{Diagnostic, Location, Severity};
use crate::domain::rules::envelope as rules;
use crate::domain::rules::segments::SEGMENT_ID_LOWER_CASE;
use crate::x12::lexer::{Header, Segment, Separators, text};
use std::collections::VecDeque;

/// Takes the segments of a file in order and queues what they mean; what is open stands in the three options, outermost
/// first.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Builder {
    limits: Limits,
    pub(super) events: VecDeque<Event<'static>>,
    interchange: Option<OpenInterchange>,
    group: Option<OpenGroup>,
    set: Option<Set>,
    /// Of the set that closed last.
    wrapped_set: bool,
    /// Segments between the envelopes, in a row: the first one's place and how many.
    stray: Option<(Location, u64)>,
    /// Interchanges, groups, sets and TA1 segments so far.
    entries: u64,
    interchanges: u64,
    /// Findings outside the sets and TA1 segments so far.
    kept: u64,
    any_interchange: bool,
    full: bool,
    /// The byte after the last segment.
    end: u64,
    /// How far the file has been read: what fills stands between `end` and here.
    reached: u64,
    last_separators: Option<Separators>,
    /// Of the interchange before: nothing told where its segments end.
    unreadable_before: bool,
}

/// What an IEA is compared with.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
struct OpenInterchange {
    offset: u64,
    separators: Separators,
    wrapped: bool,
    control: Text,
    groups: u32,
    /// The control numbers of its groups.
    seen: Seen,
    /// Nothing tells where its segments end: what stands in it is passed over.
    unreadable: bool,
    told_lower_case: bool,
    /// The file begins with GS or ST.
    fragment: bool,
    told_too_long: bool,
}

/// What a GE is compared with.
#[derive(Debug, Default)]
struct OpenGroup {
    offset: u64,
    control: Text,
    /// GS01.
    kind: Text,
    sets: u32,
    seen: Seen,
    told_forgotten: bool,
    /// It had no GS.
    implicit: bool,
    told_too_long: bool,
}

impl Builder {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            events: VecDeque::new(),
            interchange: None,
            group: None,
            set: None,
            wrapped_set: false,
            stray: None,
            entries: 0,
            interchanges: 0,
            kept: 0,
            any_interchange: false,
            full: false,
            end: 0,
            reached: 0,
            last_separators: None,
            unreadable_before: false,
        }
    }

    /// Those of the open interchange; None outside any.
    pub(super) fn separators(&self) -> Option<Separators> {
        self.interchange.as_ref().map(|interchange| interchange.separators)
    }

    /// Those of the interchange before.
    pub(super) fn last_separators(&self) -> Option<Separators> {
        self.last_separators
    }

    pub(super) fn is_wrapped(&self) -> bool {
        self.interchange.as_ref().is_some_and(|interchange| interchange.wrapped)
    }

    pub(super) fn last_set_is_wrapped(&self) -> bool {
        self.wrapped_set
    }

    /// Where the open set began.
    pub(super) fn open_set_offset(&self) -> Option<u64> {
        self.set.as_ref().map(|set| set.offset)
    }

    /// Whether the limit of entries was passed: nothing more is indexed.
    pub(super) fn is_full(&self) -> bool {
        self.full
    }

    /// Tells of what stood outside any interchange, before one or at the end of the file.
    pub(super) fn junk(&mut self, junk: &Junk, at_end: bool) {
        // What a lost terminator made of the rest has one cause, and that was told.
        if self.unreadable_before {
            return;
        }
        if let Some(diagnostic) = junk.finding(at_end && !self.any_interchange) {
            self.tell(Level::File, diagnostic);
        }
    }

    /// An ISA at `offset`. What is still open breaks off here.
    pub(super) fn open(&mut self, header: &Header, offset: u64) {
        self.reached = offset;
        self.close_interchange(None, None);
        if !self.count_interchange() {
            return;
        }
        let isa = headers::isa(header);
        let at = Location {
            interchange: isa.control.clone(),
            segment_id: "ISA".into(),
            offset,
            length: u32::try_from(header.length).unwrap_or(u32::MAX),
            ..Location::default()
        };
        let diagnostics = header::findings(header, &at);
        let interchange = Interchange {
            offset,
            length: header.length as u64,
            separators: header.separators,
            wrapped: header.wrapped,
            header: isa,
            ta1: Vec::new(),
            groups: Vec::new(),
            lines: 0,
            diagnostics,
        };
        self.begin(interchange, false);
        self.end = offset + header.length as u64;
    }

    /// A file that begins with GS or ST: indexed as an interchange with an error.
    pub(super) fn open_fragment(&mut self, separators: Separators, offset: u64) {
        if !self.count_interchange() {
            return;
        }
        let at = Location { offset, length: 2, ..Location::default() };
        let diagnostic =
            Diagnostic::new(&rules::NO_INTERCHANGE, at).detail("the file begins with another segment");
        let interchange = Interchange {
            offset,
            length: 0,
            separators,
            wrapped: false,
            header: Isa::default(),
            ta1: Vec::new(),
            groups: Vec::new(),
            lines: 0,
            diagnostics: vec![diagnostic],
        };
        self.begin(interchange, true);
        self.end = offset;
    }

    fn begin(&mut self, interchange: Interchange, fragment: bool) {
        self.last_separators = Some(interchange.separators);
        self.any_interchange = true;
        self.interchange = Some(OpenInterchange {
            offset: interchange.offset,
            separators: interchange.separators,
            wrapped: interchange.wrapped,
            control: interchange.header.control.clone(),
            groups: 0,
            seen: Seen::default(),
            // what separates elements cannot end segments
            unreadable: interchange.separators.segment == interchange.separators.element,
            told_lower_case: false,
            fragment,
            told_too_long: false,
        });
        self.events.push_back(Event::Interchange(Box::new(interchange)));
    }

    /// Segments of the open set that open and close nothing, of which so many have an id of a line; `end` is the byte after
    /// the last.
    pub(super) fn pass(&mut self, segments: u32, lines: u32, end: u64) {
        if let Some(set) = &mut self.set {
            set.segments = set.segments.saturating_add(segments);
            set.lines = set.lines.saturating_add(lines);
            self.end = end;
        }
    }

    /// The next segment of the open interchange, without its terminator; `end` is the byte after that. A segment over the
    /// limit is given as far as the limit.
    pub(super) fn segment(&mut self, bytes: &[u8], offset: u64, end: u64, over_limit: bool) {
        let Some(separators) = self.separators() else { return };
        let segment = Segment::new(bytes, separators, offset, 0);
        let id = segment.id();
        let too_long = over_limit.then(|| self.place(&segment, 0));
        self.reached = offset;
        let known = envelope_id(id);
        if self.interchange.as_ref().is_some_and(|interchange| interchange.unreadable) && known != b"IEA" {
            self.end = end;
            return;
        }
        if known != id && known != b"ST" {
            self.lower_case(known, &segment);
        }
        match known {
            b"ST" => {
                self.open_set(&segment);
                if known != id {
                    self.lower_case(known, &segment);
                }
            }
            b"SE" if self.set.is_some() => self.close_set(Some((&segment, end))),
            b"GS" => self.open_group(&segment),
            b"GE" if self.group.is_some() => self.close_group(Some(&segment)),
            b"IEA" => return self.close_interchange(Some((&segment, end)), too_long),
            b"TA1" if self.group.is_none() => self.ta1(&segment),
            // Delivery service, TA3 and syntax extension segments belong between ISA and IEA and carry no document.
            b"ISB" | b"ISE" | b"ISX" | b"TA3" if self.group.is_none() => self.flush_stray(),
            _ => match &mut self.set {
                Some(set) => {
                    set.segments = set.segments.saturating_add(1);
                    set.lines = set.lines.saturating_add(u32::from(counts_as_line(id)));
                }
                None => self.stray(&segment),
            },
        }
        self.end = end;
        if let Some(at) = too_long {
            self.too_long(at);
        }
    }

    /// Tells once of a set, and once of the envelope around it, that it is not written in capitals.
    fn lower_case(&mut self, id: &[u8], segment: &Segment<'_>) {
        let found = text(segment.id());
        let at = self.place(segment, 0);
        match (id, &mut self.set, &mut self.interchange) {
            (b"ST" | b"SE", Some(set), _) => {
                let at = if id == b"ST" { Location { segment: 1, ..at } } else { at };
                if set.diagnostics.iter().all(|known| known.rule != &SEGMENT_ID_LOWER_CASE) {
                    let told = Diagnostic::new(&SEGMENT_ID_LOWER_CASE, at).found(&found);
                    set.diagnostics.push(Diagnostic { severity: Severity::Error, ..told });
                }
            }
            (_, _, Some(interchange)) if !interchange.told_lower_case => {
                interchange.told_lower_case = true;
                let told = Diagnostic::new(&rules::ENVELOPE_ID_LOWER_CASE, at).found(&found);
                self.tell(Level::Interchange, Diagnostic { severity: Severity::Error, ..told });
            }
            _ => {}
        }
    }

    /// The segment over the limit went on to here.
    pub(super) fn extend_to(&mut self, end: u64) {
        self.end = end;
    }

    /// The file has this length; what is open breaks off at its end.
    pub(super) fn finish(&mut self, length: u64) {
        self.reached = length;
        self.close_interchange(None, None);
    }

    fn tell(&mut self, level: Level, diagnostic: Diagnostic) {
        self.events.push_back(Event::Finding { level, diagnostic });
        self.count_kept(1);
    }

    /// Counts what stays of a file until all of it has been taken. False where the limit is passed.
    fn count_kept(&mut self, entries: usize) -> bool {
        self.kept += entries as u64;
        if self.kept > u64::from(self.limits.envelope_findings_max) {
            let limit = self.limits.envelope_findings_max;
            self.end_index(format!("the limit is {limit} findings outside the sets and TA1 segments"));
        }
        !self.full
    }

    /// Counts an entry. False where the limit is passed: the file is told of, and nothing more is indexed.
    fn count(&mut self) -> bool {
        self.entries += 1;
        if self.entries > u64::from(self.limits.sets_per_file_max) {
            self.end_index(format!("the limit is {}", self.limits.sets_per_file_max));
        }
        !self.full
    }

    /// The same for an interchange, of which there may be fewer.
    fn count_interchange(&mut self) -> bool {
        self.interchanges += 1;
        if self.interchanges > u64::from(self.limits.interchanges_per_file_max) {
            self.end_index(format!("the limit is {} interchanges", self.limits.interchanges_per_file_max));
        }
        self.count()
    }

    fn end_index(&mut self, detail: String) {
        if std::mem::replace(&mut self.full, true) {
            return;
        }
        let at = Location { offset: self.end, ..Location::default() };
        let diagnostic = Diagnostic::new(&rules::FILE_TOO_MANY_SETS, at).detail(detail);
        if self.interchange.is_some() {
            self.tell(Level::Interchange, diagnostic.clone());
        }
        self.tell(Level::File, diagnostic);
    }

    fn ta1(&mut self, segment: &Segment<'_>) {
        self.flush_stray();
        if !self.count() || !self.count_kept(1) {
            return;
        }
        self.events.push_back(Event::Ta1(Box::new(headers::ta1(segment))));
    }

    fn open_group(&mut self, segment: &Segment<'_>) {
        self.close_group(None);
        if !self.count() {
            return;
        }
        let mut group = headers::group(segment);
        let place = |element| Location { group: group.control.clone(), ..self.place(segment, element) };
        let found = tell_of_group(&group, &place);
        group.diagnostics.extend(found);
        self.begin_group(group, false);
    }

    fn begin_group(&mut self, mut group: Group, implicit: bool) {
        let base = self.base();
        let interchange = self.interchange.as_mut().filter(|_| !implicit);
        if interchange.is_some_and(|open| open.seen.insert(significant(&group.control)) == Sight::Repeated) {
            group.diagnostics.extend(repeated_group(&group, base));
        }
        let (offset, control, kind) = (group.offset, group.control.clone(), group.functional_id.clone());
        self.group = Some(OpenGroup { offset, control, kind, implicit, ..OpenGroup::default() });
        let found = group.diagnostics.len();
        self.events.push_back(Event::Group(Box::new(group)));
        self.count_kept(found);
    }

    fn open_set(&mut self, segment: &Segment<'_>) {
        self.close_set(None);
        self.flush_stray();
        if self.group.is_none() {
            self.open_implicit_group(segment);
        }
        if !self.count() {
            return;
        }
        let mut set = Set {
            offset: segment.offset,
            id: value(segment, 1),
            control: value(segment, 2),
            segments: 1,
            ..Set::default()
        };
        let bad_id = set.id.len() != 3 || !set.id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let bad_control = set.control.is_empty() || set.control.chars().count() > 9;
        let faults = [
            (bad_id, 1, &rules::SET_ID_INVALID, &set.id),
            (bad_control, 2, &rules::SET_CONTROL_INVALID, &set.control),
        ];
        let mut diagnostics = Vec::new();
        for (_, element, rule, found) in faults.into_iter().filter(|fault| fault.0) {
            let at = Location { set: set.control.clone(), segment: 1, ..self.place(segment, element) };
            diagnostics.push(Diagnostic::new(rule, at).found(found));
        }
        set.diagnostics = diagnostics;
        self.set = Some(set);
    }

    fn open_implicit_group(&mut self, segment: &Segment<'_>) {
        let at = self.place(segment, 0);
        if self.interchange.as_ref().is_some_and(|interchange| !interchange.fragment) {
            self.tell(Level::Interchange, Diagnostic::new(&rules::GROUP_HEADER_MISSING, at));
        }
        self.begin_group(Group { offset: segment.offset, ..Group::default() }, true);
    }

    fn stray(&mut self, segment: &Segment<'_>) {
        let at = self.place(segment, 0);
        self.stray.get_or_insert((at, 0)).1 += 1;
    }

    /// Tells of the segments in a row that stood between the envelopes: they have one cause.
    fn flush_stray(&mut self) {
        let Some((at, count)) = self.stray.take() else { return };
        let detail = if count == 1 { String::new() } else { format!("{count} segments from here") };
        let level = if self.group.is_some() { Level::Group } else { Level::Interchange };
        self.tell(level, Diagnostic::new(&rules::SEGMENT_STRAY, at).detail(detail));
    }

    /// Tells of a segment over the limit, once in what is open.
    fn too_long(&mut self, at: Location) {
        let diagnostic = self.over_the_limit(at);
        if let Some(set) = &mut self.set {
            if set.diagnostics.iter().all(|known| known.rule != diagnostic.rule) {
                set.diagnostics.push(diagnostic);
            }
        } else if let Some(group) = &mut self.group {
            if !std::mem::replace(&mut group.told_too_long, true) {
                self.tell(Level::Group, diagnostic);
            }
        } else if let Some(interchange) = &mut self.interchange
            && !std::mem::replace(&mut interchange.told_too_long, true)
        {
            self.tell(Level::Interchange, diagnostic);
        }
    }

    fn over_the_limit(&self, at: Location) -> Diagnostic {
        let detail = format!("the limit is {} bytes", self.limits.segment_bytes_max);
        Diagnostic::new(&rules::SEGMENT_TOO_LONG, at).detail(detail)
    }

    /// The control numbers of what is open.
    fn base(&self) -> Location {
        Location {
            interchange: self.interchange.as_ref().map(|open| open.control.clone()).unwrap_or_default(),
            group: self.group.as_ref().map(|open| open.control.clone()).unwrap_or_default(),
            set: self.set.as_ref().map(|open| open.control.clone()).unwrap_or_default(),
            ..Location::default()
        }
    }

    /// An element of a segment, or the whole segment for 0.
    fn place(&self, segment: &Segment<'_>, element: u32) -> Location {
        let at = locate(self.base(), segment, element);
        Location { segment: self.set.as_ref().map_or(0, |set| set.segments.saturating_add(1)), ..at }
    }

    fn set_place(&self, set: &Set) -> Location {
        let (set, offset) = (set.control.clone(), set.offset);
        Location { set, segment: 1, segment_id: "ST".into(), offset, length: 2, ..self.base() }
    }
}
