//! What closes: each trailer checked against its header, and what breaks off without one.

use super::{Builder, OpenInterchange};
use crate::domain::diagnostic::{Diagnostic, Location};
use crate::domain::rules::envelope as rules;
use crate::x12::envelope::checks::{
    compare_control, compare_count, foreign_set, locate, repeated_control, significant, value,
};
use crate::x12::envelope::seen::Sight;
use crate::x12::envelope::{Event, Level, Limits, Set};
use crate::x12::lexer::Segment;

impl Builder {
    /// Ends the open set, if there is one, at its SE and the byte after it, or where it breaks off.
    pub(super) fn close_set(&mut self, trailer: Option<(&Segment<'_>, u64)>) {
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
        // Without its SE, what fills up to the next segment had to be read before the set was known to be over.
        let bytes = set.length.max(self.reached.saturating_sub(set.offset));
        if bytes > set_bytes_max || set.segments > segments_per_set_max {
            let detail = format!("{bytes} bytes, {} segments", set.segments);
            set.diagnostics.push(Diagnostic::new(&rules::SET_TOO_LARGE, self.set_place(&set)).detail(detail));
        }
        self.look_for_repetition(&mut set);
        let kind = self.group.as_ref().map(|group| group.kind.clone()).unwrap_or_default();
        set.diagnostics.extend(foreign_set(&set, &kind, self.base()));
        self.wrapped_set = self.is_wrapped();
        self.events.push_back(Event::Set { set, bytes: None });
    }

    /// Whether the group had the set's control number before.
    fn look_for_repetition(&mut self, set: &mut Set) {
        let base = self.base();
        let Some(group) = &mut self.group else { return };
        group.sets = group.sets.saturating_add(1);
        match group.seen.insert(significant(&set.control)) {
            Sight::New => {}
            Sight::Repeated => set.diagnostics.extend(repeated_control(set, base)),
            Sight::Forgotten => {
                if !std::mem::replace(&mut group.told_forgotten, true) {
                    let diagnostic = Diagnostic::new(&rules::SET_CONTROLS_FORGOTTEN, self.set_place(set))
                        .found(&set.control);
                    set.diagnostics.push(diagnostic);
                }
            }
        }
    }

    /// Ends the open group, if there is one, at its GE or where it breaks off.
    pub(super) fn close_group(&mut self, trailer: Option<&Segment<'_>>) {
        self.close_set(None);
        self.flush_stray();
        let Some(group) = self.group.take() else { return };
        let stated_sets = trailer.and_then(|ge| value(ge, 1).parse().ok());
        let base = Location { group: group.control.clone(), ..self.base() };
        if let Some(ge) = trailer.filter(|_| !group.implicit) {
            let place = |element| locate(base.clone(), ge, element);
            let count = compare_count(ge, 1, group.sets, &rules::GROUP_SET_COUNT, &place);
            let control = compare_control(ge, &group.control, &rules::GROUP_CONTROL_MISMATCH, &place);
            count.into_iter().chain(control).for_each(|diagnostic| self.tell(Level::Group, diagnostic));
        } else if !group.implicit {
            let at = Location { segment_id: "GS".into(), offset: group.offset, length: 2, ..base };
            let detail = format!("breaks off at byte {}", self.end);
            self.tell(Level::Group, Diagnostic::new(&rules::GROUP_TRAILER_MISSING, at).detail(detail));
        }
        if let Some(interchange) = &mut self.interchange {
            interchange.groups = interchange.groups.saturating_add(1);
        }
        self.events.push_back(Event::GroupEnd { stated_sets });
    }

    /// Ends the open interchange, if there is one, at its IEA and the byte after it, or where it breaks off. `too_long` is
    /// the place of an IEA over the limit.
    pub(super) fn close_interchange(
        &mut self,
        trailer: Option<(&Segment<'_>, u64)>,
        too_long: Option<Location>,
    ) {
        self.close_group(None);
        let Some(interchange) = self.interchange.take() else { return };
        let OpenInterchange { control, offset, groups, fragment, unreadable, .. } = interchange;
        let base = Location { interchange: control.clone(), ..Location::default() };
        self.unreadable_before = unreadable;
        if let Some((_, end)) = trailer {
            self.end = end;
        }
        if unreadable {
            return self.events.push_back(Event::InterchangeEnd { length: self.end - offset });
        }
        if let Some((iea, _)) = trailer {
            let place = |element| locate(base.clone(), iea, element);
            // A group without GS is counted, because E111 has told of it.
            if !fragment {
                let count = compare_count(iea, 1, groups, &rules::INTERCHANGE_GROUP_COUNT, &place);
                let control = compare_control(iea, &control, &rules::INTERCHANGE_CONTROL_MISMATCH, &place);
                count.into_iter().chain(control).for_each(|found| self.tell(Level::Interchange, found));
            }
        } else if !fragment && !self.full {
            let at = Location { segment_id: "ISA".into(), offset, length: 3, ..base };
            let detail = format!("breaks off at byte {}", self.end);
            let diagnostic = Diagnostic::new(&rules::INTERCHANGE_TRAILER_MISSING, at).detail(detail);
            self.tell(Level::Interchange, diagnostic);
        }
        if let Some(at) = too_long.filter(|_| !interchange.told_too_long) {
            let diagnostic = self.over_the_limit(at);
            self.tell(Level::Interchange, diagnostic);
        }
        self.events.push_back(Event::InterchangeEnd { length: self.end - offset });
    }
}
