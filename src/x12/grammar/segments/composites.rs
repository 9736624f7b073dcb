//! The composites: elements that are made of elements.

use super::Version::V005010;
use super::{SegmentDef, def, m, o, p};

/// A unit of measure, made of up to five units with their powers.
pub(super) static C001: SegmentDef = def(
    "C001",
    &[
        m(355),
        o(1018),
        o(649),
        o(355),
        o(1018),
        o(649),
        o(355),
        o(1018),
        o(649),
        o(355),
        o(1018),
        o(649),
        o(355),
        o(1018),
        o(649),
    ],
    &[],
);

/// What is to be done with paperwork.
pub(super) static C002: SegmentDef = def("C002", &[m(704), o(704), o(704), o(704), o(704)], &[]);

/// A place in a segment: element, component, repetition.
pub(super) static C030: SegmentDef = def("C030", &[m(722), o(1528), o(1686).since(V005010)], &[]);

/// Further references.
pub(super) static C040: SegmentDef =
    def("C040", &[m(128), m(127), o(128), o(127), o(128), o(127)], &[p(&[3, 4]), p(&[5, 6])]);

/// Race or ethnicity; before 005010 the first component alone.
pub(super) static C056: SegmentDef = def("C056", &[o(1109), o(1270), o(1271)], &[p(&[2, 3])]);

/// What a finding is about.
pub(super) static C998: SegmentDef = def("C998", &[m(9999), o(9998)], &[]);

/// The numbers of an element and of a component; before 005010 the first alone.
pub(super) static C999: SegmentDef = def("C999", &[m(725), o(725)], &[]);
