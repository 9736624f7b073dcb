//! Builds the index of a file from its segments, and checks each trailer against its header.

use super::checks::{
    bytes_received, clean, compare_control, compare_count, is_number, locate, tell_repeated_controls, value,
};
use super::scan::Junk;
use super::{FileIndex, Group, Interchange, Isa, Limits, Set, Ta1};
use crate::domain::Text;
use crate::domain::diagnostic::{Diagnostic, Location, Rule, Severity};
use crate::domain::rules::envelope as rules;
use crate::x12::lexer::{Header, HeaderFault, Segment, Separators, text};

/// Takes the segments of a file in order; what is open stands in the three options, outermost first.
#[derive(Debug)]
pub(super) struct Builder {
    limits: Limits,
    index: FileIndex,
    interchange: Option<Interchange>,
    group: Option<Group>,
    set: Option<Set>,
    /// The file begins with GS or ST.
    fragment: bool,
    /// The open group had no GS.
    implicit_group: bool,
    /// Segments between the envelopes, in a row: the first one's place and how many.
    stray: Option<(Location, u64)>,
    /// Interchanges, groups, sets and TA1 segments so far.
    entries: u64,
    full: bool,
    /// The byte after the last segment.
    end: u64,
    last_separators: Option<Separators>,
}

impl Builder {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            index: FileIndex::default(),
            interchange: None,
            group: None,
            set: None,
            fragment: false,
            implicit_group: false,
            stray: None,
            entries: 0,
            full: false,
            end: 0,
            last_separators: None,
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

    /// Whether the limit of entries was passed: nothing more is indexed.
    pub(super) fn is_full(&self) -> bool {
        self.full
    }

    /// Tells of what stood outside any interchange, before one or at the end of the file.
    pub(super) fn junk(&mut self, junk: &Junk, at_end: bool) {
        let nothing_found = at_end && self.index.interchanges.is_empty();
        let (rule, detail): (&'static Rule, _) = match junk.fault {
            Some(HeaderFault::Separators) => {
                (&rules::SEPARATORS_UNUSABLE, "no separator or terminator can be read")
            }
            Some(HeaderFault::NoHeader) => {
                (&rules::NO_INTERCHANGE, "the ISA segment does not have its 16 elements")
            }
            None if nothing_found && junk.bytes == 0 => (&rules::NO_INTERCHANGE, "the file is empty"),
            None if nothing_found => (&rules::NO_INTERCHANGE, ""),
            None if junk.bytes == 0 => return,
            None => (&rules::DATA_OUTSIDE, ""),
        };
        let length = u32::try_from(junk.bytes).unwrap_or(u32::MAX);
        let at = Location { offset: junk.offset, length, ..Location::default() };
        let detail = if detail.is_empty() { format!("{} bytes", junk.bytes) } else { detail.to_owned() };
        let sample = text(&junk.sample);
        self.index.diagnostics.push(Diagnostic::new(rule, at).found(sample.trim()).detail(detail));
    }

    /// An ISA at `offset`. What is still open breaks off here.
    pub(super) fn open(&mut self, header: &Header, offset: u64) {
        self.close_interchange(None);
        if !self.count() {
            return;
        }
        let element = |number: usize| -> Text {
            let value = header.elements.get(number - 1).map(Text::as_str).unwrap_or_default();
            clean(value).into()
        };
        let isa = Isa {
            sender_qualifier: element(5),
            sender: element(6),
            receiver_qualifier: element(7),
            receiver: element(8),
            date: element(9),
            time: element(10),
            version: element(12),
            control: element(13),
            acknowledgment_requested: element(14) == "1",
            usage: element(15),
        };
        let at = Location {
            interchange: isa.control.clone(),
            segment_id: "ISA".into(),
            offset,
            length: u32::try_from(header.length).unwrap_or(u32::MAX),
            ..Location::default()
        };
        let diagnostics = header_findings(header, &isa.control, &at);
        self.begin(Interchange {
            offset,
            length: header.length as u64,
            separators: header.separators,
            wrapped: header.wrapped,
            header: isa,
            ta1: Vec::new(),
            groups: Vec::new(),
            diagnostics,
        });
        self.fragment = false;
        self.end = offset + header.length as u64;
    }

    /// A file that begins with GS or ST: indexed as an interchange with an error.
    pub(super) fn open_fragment(&mut self, separators: Separators, offset: u64) {
        if !self.count() {
            return;
        }
        let at = Location { offset, length: 2, ..Location::default() };
        let diagnostic =
            Diagnostic::new(&rules::NO_INTERCHANGE, at).detail("the file begins with another segment");
        self.begin(Interchange {
            offset,
            length: 0,
            separators,
            wrapped: false,
            header: Isa::default(),
            ta1: Vec::new(),
            groups: Vec::new(),
            diagnostics: vec![diagnostic],
        });
        self.fragment = true;
        self.end = offset;
    }

    fn begin(&mut self, interchange: Interchange) {
        self.last_separators = Some(interchange.separators);
        self.interchange = Some(interchange);
    }

    /// The next segment of the open interchange, without its terminator; `end` is the byte after that. A segment over the
    /// limit is given as far as the limit.
    pub(super) fn segment(&mut self, bytes: &[u8], offset: u64, end: u64, over_limit: bool) {
        let Some(separators) = self.separators() else { return };
        let segment = Segment::new(bytes, separators, offset, 0);
        let id = segment.id();
        let at = over_limit.then(|| self.place(&segment, 0));
        match id {
            b"ST" => self.open_set(&segment),
            b"SE" if self.set.is_some() => self.close_set(Some((&segment, end))),
            b"GS" => self.open_group(&segment),
            b"GE" if self.group.is_some() => self.close_group(Some(&segment)),
            b"IEA" => self.close_interchange(Some((&segment, end))),
            b"TA1" if self.group.is_none() => self.ta1(&segment),
            // Delivery service, TA3 and syntax extension segments belong between ISA and IEA and carry no document.
            b"ISB" | b"ISE" | b"ISX" | b"TA3" if self.group.is_none() => self.flush_stray(),
            _ => match &mut self.set {
                Some(set) => {
                    set.segments = set.segments.saturating_add(1);
                    set.lines += u32::from(matches!(id, b"PO1" | b"IT1" | b"POC"));
                }
                None => self.stray(&segment),
            },
        }
        self.end = end;
        if let Some(at) = at {
            self.too_long(at);
        }
    }

    /// The segment over the limit went on to here.
    pub(super) fn extend_to(&mut self, end: u64) {
        self.end = end;
    }

    /// The index of a file of this length; what is open breaks off at its end.
    pub(super) fn finish(mut self, length: u64) -> FileIndex {
        self.close_interchange(None);
        self.index.length = length;
        self.index
    }

    /// Counts an entry. False where the limit is passed: the file is told of, and nothing more is indexed.
    fn count(&mut self) -> bool {
        self.entries += 1;
        if self.entries > u64::from(self.limits.sets_per_file_max) && !self.full {
            self.full = true;
            let at = Location { offset: self.end, ..Location::default() };
            let detail = format!("the limit is {}", self.limits.sets_per_file_max);
            let diagnostic = Diagnostic::new(&rules::FILE_TOO_MANY_SETS, at).detail(detail);
            if let Some(interchange) = &mut self.interchange {
                interchange.diagnostics.push(diagnostic.clone());
            }
            self.index.diagnostics.push(diagnostic);
        }
        !self.full
    }

    fn ta1(&mut self, segment: &Segment<'_>) {
        self.flush_stray();
        if !self.count() {
            return;
        }
        let value = |number| value(segment, number);
        let ta1 =
            Ta1 { control: value(1), date: value(2), time: value(3), verdict: value(4), note: value(5) };
        if let Some(interchange) = &mut self.interchange {
            interchange.ta1.push(ta1);
        }
    }

    fn open_group(&mut self, segment: &Segment<'_>) {
        self.close_group(None);
        if !self.count() {
            return;
        }
        let value = |number| value(segment, number);
        let mut group = Group {
            offset: segment.offset,
            functional_id: value(1),
            sender: value(2),
            receiver: value(3),
            date: value(4),
            time: value(5),
            control: value(6),
            agency: value(7),
            version: value(8),
            ..Group::default()
        };
        if !is_number(&group.control) {
            let at = Location { group: group.control.clone(), ..self.place(segment, 6) };
            group.diagnostics.push(Diagnostic::new(&rules::GROUP_CONTROL_INVALID, at).found(&group.control));
        }
        self.group = Some(group);
        self.implicit_group = false;
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
        self.group = Some(Group { offset: segment.offset, ..Group::default() });
        self.implicit_group = true;
        if let Some(interchange) = self.interchange.as_mut().filter(|_| !self.fragment) {
            interchange.diagnostics.push(Diagnostic::new(&rules::GROUP_HEADER_MISSING, at));
        }
    }

    /// Ends the open set, if there is one, at its SE and the byte after it, or where it breaks off.
    fn close_set(&mut self, trailer: Option<(&Segment<'_>, u64)>) {
        let Some(mut set) = self.set.take() else { return };
        if let Some((se, end)) = trailer {
            set.segments = set.segments.saturating_add(1);
            set.length = end - set.offset;
            let place = |element| Location {
                set: set.control.clone(),
                segment: set.segments,
                ..self.place(se, element)
            };
            let count = compare_count(se, 1, set.segments, &rules::SET_SEGMENT_COUNT, &place);
            let control = compare_control(se, &set.control, &rules::SET_CONTROL_MISMATCH, &place);
            set.diagnostics.extend(count.into_iter().chain(control));
        } else {
            set.length = self.end - set.offset;
            let at = self.set_place(&set);
            let detail = format!("breaks off at byte {}", self.end);
            set.diagnostics.push(Diagnostic::new(&rules::SET_TRAILER_MISSING, at).detail(detail));
        }
        let Limits { set_bytes_max, segments_per_set_max, .. } = self.limits;
        if set.length > set_bytes_max || set.segments > segments_per_set_max {
            let detail = format!("{} bytes, {} segments", set.length, set.segments);
            set.diagnostics.push(Diagnostic::new(&rules::SET_TOO_LARGE, self.set_place(&set)).detail(detail));
        }
        if let Some(group) = &mut self.group {
            group.sets.push(set);
        }
    }

    /// Ends the open group, if there is one, at its GE or where it breaks off.
    fn close_group(&mut self, trailer: Option<&Segment<'_>>) {
        self.close_set(None);
        self.flush_stray();
        let Some(mut group) = self.group.take() else { return };
        group.stated_sets = trailer.and_then(|ge| value(ge, 1).parse().ok());
        if let Some(ge) = trailer.filter(|_| !self.implicit_group) {
            let place = |element| Location { group: group.control.clone(), ..self.place(ge, element) };
            let sets = u32::try_from(group.sets.len()).unwrap_or(u32::MAX);
            let count = compare_count(ge, 1, sets, &rules::GROUP_SET_COUNT, &place);
            let control = compare_control(ge, &group.control, &rules::GROUP_CONTROL_MISMATCH, &place);
            group.diagnostics.extend(count.into_iter().chain(control));
        } else if !self.implicit_group {
            let at = Location {
                group: group.control.clone(),
                segment_id: "GS".into(),
                offset: group.offset,
                length: 2,
                ..self.base()
            };
            let detail = format!("breaks off at byte {}", self.end);
            group.diagnostics.push(Diagnostic::new(&rules::GROUP_TRAILER_MISSING, at).detail(detail));
        }
        let base = Location { group: group.control.clone(), ..self.base() };
        tell_repeated_controls(&mut group.sets, &base);
        if let Some(interchange) = &mut self.interchange {
            interchange.groups.push(group);
        }
        self.implicit_group = false;
    }

    /// Ends the open interchange, if there is one, at its IEA and the byte after it, or where it breaks off.
    fn close_interchange(&mut self, trailer: Option<(&Segment<'_>, u64)>) {
        self.close_group(None);
        let Some(mut interchange) = self.interchange.take() else { return };
        let control = interchange.header.control.clone();
        let base = Location { interchange: control.clone(), ..Location::default() };
        if let Some((iea, end)) = trailer {
            interchange.length = end - interchange.offset;
            let place = |element| locate(base.clone(), iea, element);
            // A group without GS is counted, because E111 has told of it.
            let groups = u32::try_from(interchange.groups.len()).unwrap_or(u32::MAX);
            if !self.fragment {
                let count = compare_count(iea, 1, groups, &rules::INTERCHANGE_GROUP_COUNT, &place);
                let control = compare_control(iea, &control, &rules::INTERCHANGE_CONTROL_MISMATCH, &place);
                interchange.diagnostics.extend(count.into_iter().chain(control));
            }
        } else {
            interchange.length = self.end - interchange.offset;
            if !self.fragment && !self.full {
                let at = Location { segment_id: "ISA".into(), offset: interchange.offset, length: 3, ..base };
                let detail = format!("breaks off at byte {}", self.end);
                interchange
                    .diagnostics
                    .push(Diagnostic::new(&rules::INTERCHANGE_TRAILER_MISSING, at).detail(detail));
            }
        }
        self.index.interchanges.push(interchange);
    }

    fn stray(&mut self, segment: &Segment<'_>) {
        let at = self.place(segment, 0);
        self.stray.get_or_insert((at, 0)).1 += 1;
    }

    /// Tells of the segments in a row that stood between the envelopes: they have one cause.
    fn flush_stray(&mut self) {
        let Some((at, count)) = self.stray.take() else { return };
        let detail = if count == 1 { String::new() } else { format!("{count} segments from here") };
        let diagnostic = Diagnostic::new(&rules::SEGMENT_STRAY, at).detail(detail);
        if let Some(list) = self.innermost() {
            list.push(diagnostic);
        }
    }

    fn too_long(&mut self, at: Location) {
        let detail = format!("the limit is {} bytes", self.limits.segment_bytes_max);
        let diagnostic = Diagnostic::new(&rules::SEGMENT_TOO_LONG, at).detail(detail);
        let list = self.innermost();
        if let Some(list) = list.filter(|list| list.iter().all(|known| known.rule != diagnostic.rule)) {
            list.push(diagnostic);
        }
    }

    /// The findings of what is open, innermost first.
    fn innermost(&mut self) -> Option<&mut Vec<Diagnostic>> {
        match (&mut self.set, &mut self.group, &mut self.interchange) {
            (Some(set), _, _) => Some(&mut set.diagnostics),
            (None, Some(group), _) => Some(&mut group.diagnostics),
            (None, None, Some(interchange)) => Some(&mut interchange.diagnostics),
            (None, None, None) => self.index.interchanges.last_mut().map(|last| &mut last.diagnostics),
        }
    }

    /// The control numbers of what is open.
    fn base(&self) -> Location {
        Location {
            interchange: self
                .interchange
                .as_ref()
                .map(|open| open.header.control.clone())
                .unwrap_or_default(),
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

/// What is wrong with an ISA, without a look at anything else. `at` is its place.
fn header_findings(header: &Header, control: &str, at: &Location) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    if !header.separators.are_distinct() {
        // Without composites nothing is lost where ISA16 is the terminator.
        let harmless = header.separators.component == header.separators.segment;
        let mut diagnostic = Diagnostic::new(&rules::SEPARATORS_UNUSABLE, at.clone());
        if harmless {
            diagnostic.severity = Severity::Warning;
        }
        diagnostics.push(diagnostic);
    }
    if !is_number(control) {
        let length = bytes_received(control);
        let offset = at.offset + header.control_at as u64;
        let at = Location { element: 13, offset, length, ..at.clone() };
        diagnostics.push(Diagnostic::new(&rules::INTERCHANGE_CONTROL_INVALID, at).found(control));
    }
    if !header.fixed_width || header.wrapped {
        let mut diagnostic = Diagnostic::new(&rules::INTERCHANGE_HEADER_WIDTH, at.clone());
        if header.fixed_width {
            // Only the line breaks of a fixed record width are too much.
            diagnostic.severity = Severity::Note;
        }
        diagnostics.push(diagnostic);
    }
    diagnostics
}
